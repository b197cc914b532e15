//! A trigger into the plan.
use super::{Lowering, arc};
use crate::{
    calendar::Schedule,
    compile::{
        found::{start, time},
        names::Sort,
        scope::{EventView, Presence, View},
    },
    document::{
        self, Text,
        step::Bound,
        trigger::{Among as From, Case, Enroll},
    },
    id::{ClinicName, SegmentName, SequenceName, TriggerName},
    plan::{Among, Border, Enrol, Limit, Moment, Trigger, TriggerSource, Without},
};
use std::{collections::BTreeSet, sync::Arc};

pub(in crate::compile) fn trigger(work: &mut Lowering<'_>, id: &Text, trigger: &document::Trigger) -> Trigger {
    let origin = work.origin(&id.place);
    let view = work.seen_by(trigger);
    let source = work.source_of(trigger);
    let cond = trigger.if_.as_ref().and_then(|text| work.cond(text, &view));
    for clinic in &trigger.clinic {
        work.known(Sort::Clinic, clinic);
    }
    let done = work.locals(&trigger.do_, &view);
    let enrol = trigger.enroll.as_ref().and_then(|enroll| work.enrol(enroll, &view));
    let limit = trigger.limit.as_ref().and_then(|limit| {
        let people = u32::try_from(limit.people.as_ref()?.value).ok()?;
        Some(Limit { people, per: work.span(limit.per.as_ref()?)? })
    });
    let reads = std::mem::take(&mut work.reads);
    Trigger {
        name: TriggerName::new(id.as_str()),
        active: trigger.active.as_ref().is_none_or(|active| active.value),
        source,
        cond,
        clinics: trigger.clinic.iter().map(|clinic| ClinicName::new(clinic.as_str())).collect(),
        backfill: trigger.backfill.as_ref().is_some_and(|backfill| backfill.value),
        limit,
        acts: done.acts,
        tasks: done.tasks,
        notices: done.notices,
        enrol,
        heard: reads.heard,
        origin,
    }
}

impl<'a> Lowering<'a> {
    /// What conditions and texts of a trigger can name.
    fn seen_by(&mut self, trigger: &document::Trigger) -> View<'a> {
        let bound = [&trigger.before, &trigger.after].into_iter().flatten().next();
        if let Some(bound) = bound.filter(|bound| bound.moment.starts_with("booking.")) {
            let _ = bound;
            let event = EventView { fields: Default::default(), booking: Presence::Always, open: false };
            return View { booking: Presence::Always, ..self.base.view() }.with_event(&Arc::new(event));
        }
        let names: BTreeSet<String> = trigger.event.iter().map(ToString::to_string).collect();
        let standing = bound.is_some() || trigger.every.is_some() || trigger.segment.is_some();
        if standing && !trigger.unsupported && names.is_empty() {
            return self.base.view();
        }
        let open = trigger.unsupported || names.is_empty();
        let event = self.events_view(names, open);
        View { booking: event.booking, ..self.base.view() }.with_event(&event)
    }

    /// A trigger whose source could not be read is one without events.
    fn source_of(&mut self, trigger: &document::Trigger) -> TriggerSource {
        let moment = match (&trigger.before, &trigger.after) {
            (Some(bound), _) => self.counted(trigger, bound, true),
            (None, Some(bound)) => self.counted(trigger, bound, false),
            (None, None) => None,
        };
        if let Some(moment) = moment {
            return moment;
        }
        let segment = trigger.segment.as_ref().map(|name| {
            self.known(Sort::Segment, name);
            SegmentName::new(name.as_str())
        });
        if let Some(every) = &trigger.every {
            match Schedule::parse(every) {
                Ok(schedule) => return TriggerSource::Every { schedule, segment },
                Err(fault) => self.sink.push(start::no_schedule(every, &fault)),
            }
        } else if let (Some(segment), Some(written)) = (segment, &trigger.segment) {
            return TriggerSource::Segment { segment, on: self.border(trigger, written) };
        }
        let events = trigger.event.iter().map(|event| self.event(event)).collect();
        let without = trigger.without.as_ref().and_then(|without| {
            let within = without.within.as_ref().and_then(|span| self.span(span));
            let seen = self.event_view(without.event.as_ref());
            let view = View { booking: seen.booking, ..self.base.view() }.with_event(&seen);
            let cond = without.if_.as_ref().and_then(|text| self.cond(text, &view));
            Some(Without { event: self.event(without.event.as_ref()?), cond, within: within? })
        });
        TriggerSource::Events { events, without }
    }

    fn border(&mut self, trigger: &document::Trigger, segment: &Text) -> Border {
        for key in [&trigger.on_entry, &trigger.on_exit].into_iter().flatten().filter(|key| !key.value) {
            self.sink.push(start::border_false(&key.place));
        }
        match (&trigger.on_entry, &trigger.on_exit) {
            (None, None) => {
                self.sink.push(start::no_border(segment));
                Border::Entry
            }
            (Some(_), _) => Border::Entry,
            (None, Some(_)) => Border::Exit,
        }
    }

    fn counted(&mut self, trigger: &document::Trigger, bound: &Bound, before: bool) -> Option<TriggerSource> {
        let view = View { booking: Presence::Always, ..self.base.view() };
        let field = self.moment(&bound.moment, &view)?;
        let span = self.span(&bound.by)?;
        let at = trigger.at.as_ref().and_then(Self::time);
        if let Some(written) = trigger.at.as_ref().filter(|_| !span.takes_time()) {
            self.sink.push(time::at_with_exact(written, &bound.by.place, &span.to_string()));
        }
        let yearly = trigger.yearly.as_ref().filter(|yearly| yearly.value);
        if let Some(yearly) = yearly.filter(|_| matches!(field, Moment::Booking(_))) {
            self.sink.push(start::yearly_booking(&yearly.place, &bound.moment));
        }
        Some(TriggerSource::Moment { field, before, span, at, yearly: yearly.is_some() })
    }

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
            Enroll::BestOf { among, otherwise, .. } => {
                let among = match among.as_ref()? {
                    From::Funnel(word) => {
                        self.has_funnel(word, view);
                        Among::Funnel
                    }
                    From::These(names) => Among::These(names.iter().map(|name| self.target(name)).collect()),
                    From::Category(category) => Among::Category(Arc::from(category.value.word())),
                };
                let otherwise = otherwise.as_ref().map(|name| self.target(name));
                Some(Enrol::BestOf { among, otherwise })
            }
        }
    }

    /// `best_of: funnel` reads the funnel of the event.
    fn has_funnel(&mut self, word: &Text, view: &View<'a>) {
        let known = view.event.as_ref().is_some_and(|event| event.open || event.fields.contains_key("funnel"));
        if !known {
            self.sink.push(start::no_funnel_here(word));
        }
    }

    fn target(&mut self, name: &Text) -> SequenceName {
        self.known(Sort::Sequence, name);
        SequenceName::from(&*arc(name))
    }
}
