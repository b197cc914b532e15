//! A trigger into the plan.
use super::{Lowering, arc};
use crate::{
    compile::{names::Sort, scope::View},
    document::{
        self, Text,
        trigger::{Case, Enroll},
    },
    id::{SequenceName, TriggerName},
    plan::{Enrol, Trigger, TriggerSource, Without},
};
use std::collections::BTreeSet;

pub(in crate::compile) fn trigger(work: &mut Lowering<'_>, id: &Text, trigger: &document::Trigger) -> Trigger {
    let origin = work.origin(&id.place);
    let events = trigger.event.iter().map(|event| work.event(event)).collect();
    let names: BTreeSet<String> = trigger.event.iter().map(ToString::to_string).collect();
    let open = trigger.unsupported || names.is_empty();
    let event = work.events_view(names, open);
    let view = View { booking: event.booking, ..work.base.view() }.with_event(&event);
    let without = trigger.without.as_ref().and_then(|without| {
        let within = without.within.as_ref().and_then(|span| work.span(span));
        let seen = work.event_view(without.event.as_ref());
        let view = View { booking: seen.booking, ..work.base.view() }.with_event(&seen);
        let cond = without.if_.as_ref().and_then(|text| work.cond(text, &view));
        Some(Without { event: work.event(without.event.as_ref()?), cond, within: within? })
    });
    let cond = trigger.if_.as_ref().and_then(|text| work.cond(text, &view));
    let done = work.locals(&trigger.do_, &view);
    let enrol = trigger.enroll.as_ref().and_then(|enroll| work.enrol(enroll, &view));
    let reads = std::mem::take(&mut work.reads);
    Trigger {
        name: TriggerName::new(id.as_str()),
        active: trigger.active.as_ref().is_none_or(|active| active.value),
        source: TriggerSource::Events { events, without },
        cond,
        acts: done.acts,
        tasks: done.tasks,
        notices: done.notices,
        enrol,
        heard: reads.heard,
        origin,
    }
}

impl<'a> Lowering<'a> {
    fn enrol(&mut self, enroll: &Enroll, view: &View<'a>) -> Option<Enrol> {
        match enroll {
            Enroll::Sequence(name) => Some(Enrol::One(self.target(name))),
            Enroll::FirstOf { cases, otherwise, .. } => {
                let mut options = Vec::new();
                for Case { if_, sequence, .. } in cases {
                    let cond = if_.as_ref().and_then(|text| self.cond(text, view));
                    let target = sequence.as_ref().map(|name| self.target(name));
                    options.extend(cond.zip(target));
                }
                let otherwise = otherwise.as_ref().map(|name| self.target(name));
                Some(Enrol::FirstOf { options, otherwise })
            }
        }
    }

    fn target(&mut self, name: &Text) -> SequenceName {
        self.known(Sort::Sequence, name);
        SequenceName::from(&*arc(name))
    }
}
