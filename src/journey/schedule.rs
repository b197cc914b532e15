//! When a step falls due: from civil intent to an instant, late and anew whenever what it hangs on changes.
use super::{
    Cursor, Hold, Phase, Send, Sending, Wait,
    draft::{Draft, View},
};
use crate::{
    calendar::{Clear, Instant, TimeOfDay, next_clear},
    expr::{Ask, Facts},
    id::{RunId, SendId, StepName},
    plan::{Act, Due, Moment, Policies, Sequence, Step, StepIx, To},
    record::Purpose,
    value::Value,
};
use std::{collections::BTreeSet, sync::Arc};

/// An outcome that came later than this after the planned moment is what a `wait` counts from.
const PUNCTUAL_MS: i64 = 60_000;

impl Draft<'_> {
    /// Puts a run's cursor at a step and says what it waits for. `since` is what a `wait` counts from; `before` the send
    /// of the step before, while it is open.
    pub(super) fn place(&mut self, id: RunId, at: StepIx, since: Instant, before: Option<SendId>) {
        let Some(run) = self.run(id) else { return };
        let Some(old) = run.cursor().copied() else { return };
        let sequence = run.sequence.clone();
        let at = if old.recheck { self.first_undone(id, &sequence, at, old.occurrence) } else { at };
        let open = before.filter(|send| self.send(*send).is_some_and(Send::is_open));
        let wait = match (sequence.step(at), open) {
            (None, _) => Wait::Settling,
            (Some(_), _) if !sequence.active => Wait::Held(Hold::Paused),
            (Some(step), Some(send)) if matches!(step.due, Due::Wait { .. }) => Wait::ForOutcome(send),
            // a moment that nobody filled in: the step falls due at once and is skipped with that reason
            (Some(_), _) => Wait::Until(self.planned(id, &sequence, at, since).unwrap_or(self.now)),
        };
        let cursor = Cursor { step: at, since, wait, ..old };
        if let Some(run) = self.run_mut(id) {
            run.phase = Phase::Active(cursor);
        }
        self.act(super::Action::Moved(id));
        if wait == Wait::Settling {
            self.complete_if_settled(id);
        }
    }

    /// The planned moment of a step; `None` when the moment it is bound to is not known.
    pub(super) fn planned(&self, id: RunId, sequence: &Sequence, at: StepIx, since: Instant) -> Option<Instant> {
        let step = sequence.step(at)?;
        let zone = &self.zone;
        let entered = self.run(id)?.entered;
        let timed = |moment: Instant, time: Option<TimeOfDay>| time.map_or(moment, |time| zone.at_time(moment, time));
        let raw = match &step.due {
            Due::Together => since,
            Due::Wait { span, at } => timed(zone.add(since, *span), *at),
            Due::Day { day, at } => timed(zone.add(entered, crate::calendar::Span::days(*day)), *at),
            Due::Bound { moment, before, span, at } => {
                let bound = self.moment(id, moment)?;
                timed(if *before { zone.sub(bound, *span) } else { zone.add(bound, *span) }, *at)
            }
        };
        let free = sequence.bound(at).is_none() && is_message_to_contact(step);
        Some(if free { next_clear(raw, zone, clear(&self.plan.policies, step)).unwrap_or(raw) } else { raw })
    }

    /// The instant that a moment means for this run now.
    pub(super) fn moment(&self, id: RunId, moment: &Moment) -> Option<Instant> {
        let path: [Arc<str>; 2] = match moment {
            Moment::RunEntered => return self.run(id).map(|run| run.entered),
            Moment::Contact(field) => [Arc::from("contact"), Arc::from(field.as_str())],
            Moment::Booking(field) => [Arc::from("booking"), Arc::from(field.as_str())],
            Moment::Event(field) => [Arc::from("event"), field.clone()],
        };
        match self.facts(View::Run(id)).get(&path) {
            Value::Time(at) => Some(at),
            Value::Date(date) => Some(self.zone.start_of(date)),
            Value::Text(text) => Instant::parse_rfc3339(&text),
            _ => None,
        }
    }

    /// The outcome of a send came: a run that waits for it goes on, a settling one may be complete.
    pub(super) fn outcome_came(&mut self, id: RunId, send: SendId) {
        let Some(cursor) = self.run(id).and_then(|run| run.cursor().copied()) else { return };
        match cursor.wait {
            Wait::ForOutcome(awaited) if awaited == send => {
                let since = self.counted_from(id, cursor.step, send).unwrap_or(cursor.since);
                self.place(id, cursor.step, since, None);
            }
            Wait::Settling => self.complete_if_settled(id),
            _ => {}
        }
    }

    /// A `wait` counts from the planned moment of the step before, or from its outcome where that came over a minute
    /// later; in whole days the planned time of day is kept.
    fn counted_from(&self, id: RunId, at: StepIx, send: SendId) -> Option<Instant> {
        let sent = self.send(send)?;
        if sent.at.since(sent.planned) <= PUNCTUAL_MS {
            return Some(sent.planned);
        }
        let whole_days = match self.run(id)?.sequence.step(at)?.due {
            Due::Wait { span, .. } => span.is_whole_days(),
            _ => false,
        };
        Some(if whole_days { self.zone.at_time(sent.at, self.zone.time_of_day(sent.planned)) } else { sent.at })
    }

    /// A booking moved, or the plan changed: bound steps are due anew, others never repeat.
    pub(super) fn replace(&mut self, id: RunId, occurrence: u16) {
        let Some(run) = self.run_mut(id) else { return };
        let since = run.cursor().map_or(run.entered, |cursor| cursor.since);
        run.phase = Phase::Active(Cursor { step: StepIx(0), since, occurrence, recheck: true, wait: Wait::Settling });
        self.place(id, StepIx(0), since, None);
    }

    /// The first step from `from` on that this run has not done for this occurrence.
    fn first_undone(&mut self, id: RunId, sequence: &Sequence, from: StepIx, occurrence: u16) -> StepIx {
        let Some(done) = self.done(id) else { return from };
        let mut at = from;
        while let Some(step) = sequence.step(at) {
            let bound = sequence.bound(at).is_some();
            let before = done.iter().any(|(name, _)| *name == step.name);
            let now = if bound && !step.once {
                done.contains(&(step.name.clone(), occurrence)) || (before && self.is_past(id, sequence, at))
            } else {
                before
            };
            if !now {
                break;
            }
            at = StepIx(at.0 + 1);
        }
        at
    }

    /// New time plus own `late` is over: a step that went out for the old time is not due again.
    fn is_past(&self, id: RunId, sequence: &Sequence, at: StepIx) -> bool {
        let (Some(step), Some(planned)) = (sequence.step(at), self.planned(id, sequence, at, self.now)) else {
            return true;
        };
        self.deadline(id, step, planned) < self.now
    }

    /// Steps with a row in the ledger, as (step, occurrence); `None` while the history was not asked.
    fn done(&mut self, run: RunId) -> Option<BTreeSet<(StepName, u16)>> {
        let Value::List(rows) = self.answer(Ask::Done { run })? else { return Some(BTreeSet::new()) };
        let stored = rows.iter().filter_map(|row| {
            let (step, occurrence) = row.as_text()?.rsplit_once('#')?;
            Some((StepName::new(step), occurrence.parse().ok()?))
        });
        let here = self.person.sends.iter().filter(|send| send.run == Some(run));
        Some(stored.chain(here.map(|send| (send.step.clone(), send.occurrence))).collect())
    }

    /// A run is completed when all steps have fallen due and none of its sends is open.
    pub(super) fn complete_if_settled(&mut self, id: RunId) {
        let settled = self.run(id).and_then(|run| run.cursor()).is_some_and(|cursor| cursor.wait == Wait::Settling);
        let open = |send: &Send| send.run == Some(id) && !matches!(send.state, Sending::Closed(_));
        if settled && !self.person.sends.iter().any(open) {
            self.end_run(id, super::End::Completed);
        }
    }
}

/// Messages to the person wait for windows, quiet hours and caps; everything else does not.
pub(super) fn is_message_to_contact(step: &Step) -> bool {
    matches!(&step.act, Act::Message(spec) if spec.to == To::Contact)
}

/// Window and quiet hours that hold for a step.
pub(super) fn clear<'a>(policies: &'a Policies, step: &Step) -> Clear<'a> {
    let window = step.window.as_ref().and_then(|name| policies.windows.get(name));
    Clear { window, quiet: quiet(policies, step.purpose) }
}

pub(super) fn quiet(policies: &Policies, purpose: Purpose) -> Option<crate::calendar::Quiet> {
    policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&purpose)).map(|quiet| quiet.hours)
}
