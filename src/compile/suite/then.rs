//! What has to come of a scenario, resolved.
use super::{Scene, Work, arc, steps::Does};
use crate::{
    compile::{
        found::{self, suite::not_of_a_state},
        names::Sort,
    },
    diag::nearest,
    document::{
        Text,
        suite::{self as doc, Expect, OfSequence, OfStep},
    },
    id::{ChannelName, SequenceName, TriggerName},
    plan::suite::{Expected, TextIs, Then, Timing},
};
use std::sync::Arc;

impl Work<'_> {
    /// When each has to come, and those that could be resolved.
    pub(super) fn expectations(&mut self, written: &[doc::Then], scene: &Scene) -> (Vec<Timing>, Vec<Then>) {
        let timings: Vec<Timing> = written.iter().map(|then| self.timing(then, scene)).collect();
        let then = written.iter().zip(&timings).filter_map(|(then, timing)| self.then(then, timing.clone(), scene));
        let then = then.collect();
        (timings, then)
    }

    fn then(&mut self, then: &doc::Then, timing: Timing, scene: &Scene) -> Option<Then> {
        // how often something comes, or that it does not, may be said of everybody
        let of_all = (then.never || then.exactly.is_some()) && then.who.is_none() && scene.names().len() > 1;
        let who = if of_all { None } else { self.who(then.who.as_ref(), scene, &then.place, false) };
        let via = then.via.as_ref().map(|via| self.channel(via));
        let (sequence, what) = match then.what.as_ref()? {
            Expect::Step(of, step) => self.of_step(then, *of, step, via)?,
            Expect::Sequence(of, name) => {
                let sequence = self.sequence(name);
                let has_reasons = matches!(of, OfSequence::NotEntered | OfSequence::Stopped);
                if let Some(because) = then.because.as_ref().filter(|_| has_reasons) {
                    self.reason(because, of.word(), Some(&sequence));
                }
                let because = then.because.as_ref().map(arc);
                let what = match of {
                    OfSequence::Entered => Expected::Entered(sequence),
                    OfSequence::NotEntered => Expected::NotEntered { sequence, because },
                    OfSequence::Completed => Expected::Completed(sequence),
                    OfSequence::Converted => Expected::Converted(sequence),
                    OfSequence::Stopped => Expected::Stopped { sequence, because },
                };
                (None, what)
            }
            Expect::Notified(to) => (None, Expected::Notified(self.recipient(to)?)),
            Expect::Tagged(tag) => (None, Expected::Tagged(arc(tag))),
            Expect::Scored(score) => (None, Expected::Scored(score.value)),
            Expect::State(fields) => {
                self.one_moment(then);
                (None, Expected::State(self.contact_fields(fields, &[])))
            }
        };
        Some(Then {
            origin: self.origin(&then.place),
            written: Arc::from(then.written.as_str()),
            who,
            timing,
            never: then.never,
            exactly: then.exactly.as_ref().and_then(|count| u32::try_from(count.value).ok()),
            sequence,
            what,
        })
    }

    /// Fields are asked for at one moment: a span of time, or a number, says nothing about them.
    fn one_moment(&mut self, then: &doc::Then) {
        let spans = [("within", &then.within), ("not_before", &then.not_before), ("after", &then.after)];
        for (key, written) in spans {
            if let Some(written) = written {
                self.sink.push(not_of_a_state(&written.place, key));
            }
        }
        if let Some(count) = &then.exactly {
            self.sink.push(not_of_a_state(&count.place, "exactly"));
        }
    }

    fn of_step(
        &mut self,
        then: &doc::Then,
        of: OfStep,
        step: &Text,
        via: Option<ChannelName>,
    ) -> Option<(Option<SequenceName>, Expected)> {
        if of == OfStep::Task && self.makes_tasks(step) {
            return Some((None, Expected::TaskOf(TriggerName::new(step.as_str()))));
        }
        let does = match of {
            OfStep::Sent | OfStep::Held => Does::Message,
            OfStep::Task => Does::Task,
            OfStep::Webhook => Does::Webhook,
            OfStep::Skipped | OfStep::Failed | OfStep::Cancelled => Does::Anything,
        };
        let found = self.step(step, does, true);
        let has_reasons = matches!(of, OfStep::Skipped | OfStep::Failed | OfStep::Cancelled | OfStep::Held);
        if let Some(because) = then.because.as_ref().filter(|_| has_reasons) {
            self.reason(because, of.word(), found.as_ref().map(|(sequence, _)| sequence));
        }
        let (sequence, step) = found?;
        let because = then.because.as_ref().map(arc);
        let what = match of {
            OfStep::Sent => Expected::Sent {
                step,
                via,
                subject: then.subject.as_ref().map(text),
                text: then.text.as_ref().map(text),
            },
            OfStep::Skipped => Expected::Skipped { step, because },
            OfStep::Failed => Expected::Failed { step, because },
            OfStep::Cancelled => Expected::Cancelled { step, because },
            OfStep::Held => Expected::Held { step, because },
            OfStep::Task => Expected::Task(step),
            OfStep::Webhook => Expected::Webhook(step),
        };
        Some((Some(sequence), what))
    }

    /// Is this a trigger whose `do:` makes tasks, and no step?
    fn makes_tasks(&self, name: &Text) -> bool {
        let mut sequences = self.seen.plan.sequences.values();
        let a_step = sequences.any(|sequence| sequence.steps.iter().any(|step| step.name.as_str() == name.as_str()));
        !a_step && self.seen.plan.triggers.get(name.as_str()).is_some_and(|trigger| !trigger.tasks.is_empty())
    }

    /// `role:front_desk`, `booking.host` or an address.
    fn recipient(&mut self, to: &Text) -> Option<Arc<str>> {
        if to.starts_with("role:") {
            let role = to.within("role:".len());
            return self.known(Sort::Role, &role).then(|| arc(to));
        }
        if to.as_str() == "booking.host" || to.contains('@') || crate::record::Identity::phone(to).is_some() {
            return Some(arc(to));
        }
        let roles: Vec<String> = self.seen.names.all(Sort::Role).map(|role| format!("role:{role}")).collect();
        let meant = roles.iter().find(|role| role.strip_prefix("role:") == Some(to.as_str())).map(String::as_str);
        let near = meant.or_else(|| nearest(to, roles.iter().map(String::as_str).chain(["booking.host"])));
        self.sink.push(found::no_recipient(to, near));
        None
    }
}

fn text(written: &doc::TextIs) -> TextIs {
    TextIs {
        is: written.is.as_ref().map(arc),
        has: written.has.iter().map(arc).collect(),
        lacks: written.lacks.iter().map(arc).collect(),
    }
}
