//! When a step falls due: from civil intent to an instant, late and anew whenever what it hangs on changes.
use super::{
    Cancel, Cursor, End, Hold, Outcome, Phase, Run, Send, Sending, Wait,
    draft::{Draft, View},
    planted,
};
use crate::{
    calendar::{Clear, Instant, Span, TimeOfDay, Zone, next_clear, next_shut},
    expr::{Ask, Facts},
    id::{BookingId, FieldName, RunId, SendId, StepName},
    plan::{Act, CapThen, Due, Moment, Policies, QuietHours, Sequence, Step, StepIx, To},
    record::Purpose,
    value::Value,
};
use std::{collections::BTreeSet, sync::Arc};

/// An outcome that came later than this after the planned moment is what a `wait` counts from.
pub(super) const PUNCTUAL_MS: i64 = 60_000;

impl Draft<'_> {
    /// Puts a run's cursor at a step and says what it waits for. `since` is what a `wait` counts from; `before` the send
    /// of the step before, whose outcome overrules that.
    pub(super) fn place(&mut self, id: RunId, at: StepIx, since: Instant, before: Option<SendId>) {
        let Some(run) = self.run(id) else { return };
        let Some(old) = run.cursor().copied() else { return };
        let sequence = run.sequence.clone();
        let (at, recheck, before) = if old.recheck && !planted!(DoneStepsRepeat) {
            let undone = self.first_undone(id, &sequence, at, old.occurrence);
            (undone.at, undone.more, before.filter(|_| undone.at == at))
        } else {
            (at, false, before)
        };
        let waits = sequence.step(at).is_some_and(|step| matches!(step.due, Due::Wait { .. }));
        let before = before.filter(|_| waits);
        let open = before.filter(|send| self.send(*send).is_some_and(Send::is_open));
        let since = before.and_then(|send| self.counted_from(&sequence, at, send)).unwrap_or(since);
        let wait = match (sequence.step(at), open) {
            (None, _) => Wait::Settling,
            (Some(_), _) if !self.is_on(&sequence) => Wait::Held(Hold::Paused),
            (Some(_), Some(send)) => Wait::ForOutcome(send),
            // a moment that nobody filled in: the step falls due at once and is skipped with that reason
            (Some(_), None) => {
                let planned = self.planned(id, &sequence, at, since).unwrap_or(self.now);
                // what is to come after the end of a campaign ends with it
                let end = sequence.campaign.as_ref().and_then(|campaign| campaign.end);
                Wait::Until(end.map_or(planned, |end| planned.min(end)))
            }
        };
        if let Some(run) = self.run_mut(id) {
            run.phase = Phase::Active(Cursor { step: at, since, occurrence: old.occurrence, recheck, wait });
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
        let raw = match &step.due {
            Due::Bound { moment, before, span, at } => {
                let bound = self.moment(id, moment)?;
                timed(zone, if *before { zone.sub(bound, *span) } else { zone.add(bound, *span) }, *at)
            }
            due => written(due, since, entered, zone)?,
        };
        let free = sequence.bound(at).is_none() && is_message_to_contact(step);
        if free && super::campaign::has_slots(sequence, step) {
            return Some(self.free_moment(raw, sequence, step).unwrap_or(raw));
        }
        let rules = clear(&self.plan.policies, step);
        let answers = matches!(&step.act, Act::Message(spec) if self.is_answer(Some(id), spec, raw));
        let rules = if answers { Clear { quiet: None, ..rules } } else { rules };
        Some(if free { next_clear(raw, zone, rules).unwrap_or(raw) } else { raw })
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
            Wait::ForOutcome(awaited) if awaited == send && !planted!(OutcomeLost) => {
                self.place(id, cursor.step, cursor.since, Some(send));
            }
            Wait::Settling => self.complete_if_settled(id),
            Wait::Quiet if self.is_quiet(id) => self.place(id, cursor.step, cursor.since, None),
            _ => {}
        }
    }

    /// A `wait` counts from the planned moment of the step before, or from its outcome where that came over a minute
    /// later; in whole days the planned time of day is kept. `None` while the outcome is open.
    fn counted_from(&self, sequence: &Sequence, at: StepIx, send: SendId) -> Option<Instant> {
        let sent = self.send(send).filter(|send| !send.is_open())?;
        if sent.at.since(sent.planned) <= PUNCTUAL_MS {
            return Some(sent.planned);
        }
        let whole_days = match sequence.step(at)?.due {
            Due::Wait { span, .. } => span.is_whole_days(),
            _ => false,
        };
        Some(if whole_days { self.zone.at_time(sent.at, self.zone.time_of_day(sent.planned)) } else { sent.at })
    }

    // --- what hangs on something that changed ---------------------------------------------------------------------------

    /// Fields of the contact changed: what waits for a moment or a zone that hangs on them is computed anew.
    pub(super) fn retime(&mut self, changed: &[FieldName]) {
        let zone = changed.iter().any(|field| matches!(field.as_str(), "zone" | "phone" | "clinic"));
        self.zone = self.person.zone(self.plan);
        let hangs = |run: &&Run| {
            let Some(cursor) = run.cursor() else { return false };
            let later = matches!(cursor.wait, Wait::Until(at) if at > self.now);
            let moved = || match run.sequence.step(cursor.step).and_then(|_| run.sequence.bound(cursor.step)) {
                Some(Due::Bound { moment: Moment::Contact(field), .. }) => changed.contains(field),
                _ => false,
            };
            later && (zone || moved())
        };
        let runs: Vec<RunId> = self.person.runs.iter().filter(hangs).map(|run| run.id).collect();
        for id in runs {
            self.again(id);
        }
    }

    /// Computes the moment of the next step anew.
    fn again(&mut self, id: RunId) {
        if let Some(cursor) = self.run(id).and_then(|run| run.cursor().copied()) {
            self.place(id, cursor.step, cursor.since, None);
        }
    }

    /// Something about a booking changed: its runs follow when it moved, and what hangs on it is computed anew. `moved`:
    /// completed runs may have something to come again.
    pub(super) fn booking_changed(&mut self, booking: BookingId, moved: bool) {
        let generation = self.generation(Some(booking));
        let about: Vec<RunId> =
            self.person.runs.iter().filter(|run| run.subject() == Some(booking)).map(|run| run.id).collect();
        for id in about {
            match self.run(id).map(|run| (run.cursor().copied(), run.sequence.clone())) {
                Some((Some(cursor), sequence)) if cursor.occurrence != generation => {
                    self.move_run(id, &sequence, cursor, generation);
                }
                Some((Some(Cursor { wait: Wait::Until(at), step, .. }), sequence))
                    if at > self.now && sequence.step(step).is_some() && follows_booking(&sequence, step) =>
                {
                    self.again(id);
                }
                Some((None, sequence)) if moved => self.reopen(id, &sequence, generation),
                _ => {}
            }
        }
    }

    pub(super) fn generation(&self, booking: Option<BookingId>) -> u16 {
        booking.and_then(|id| self.person.bookings.get(&id)).map_or(0, |booking| booking.generation)
    }

    /// The booking moved: bound steps are due anew, sends for the old time end, others never repeat.
    fn move_run(&mut self, id: RunId, sequence: &Sequence, old: Cursor, occurrence: u16) {
        let moves = (0..sequence.steps.len()).any(|at| follows_booking(sequence, StepIx(at as u16)));
        // neither goes on nor completes by what is cancelled now
        let wait = if moves { Wait::Until(Instant(i64::MAX)) } else { old.wait };
        if let Some(run) = self.run_mut(id) {
            run.phase = Phase::Active(Cursor { occurrence, wait, ..old });
        }
        if !moves {
            return self.act(super::Action::Moved(id));
        }
        if !planted!(MovedForgotten) {
            self.cancel_open(id, &Cancel::Moved, |send| {
                send.occurrence != occurrence
                    && sequence.position(&send.step).is_some_and(|at| follows_booking(sequence, at))
            });
        }
        self.replace(id, old, occurrence);
    }

    fn replace(&mut self, id: RunId, old: Cursor, occurrence: u16) {
        let first = Cursor { step: StepIx(0), occurrence, recheck: true, wait: Wait::Settling, ..old };
        if let Some(run) = self.run_mut(id) {
            run.phase = Phase::Active(first);
        }
        self.place(id, StepIx(0), old.since, None);
        // back where it stood: what it waited for there still counts
        let here = self.run(id).and_then(Run::cursor).filter(|cursor| cursor.step == old.step).copied();
        match (here, old.wait) {
            (Some(cursor), Wait::ForOutcome(send)) => self.place(id, cursor.step, cursor.since, Some(send)),
            (Some(cursor), Wait::Awaiting(_) | Wait::Quiet) => {
                if let Some(run) = self.run_mut(id) {
                    run.phase = Phase::Active(Cursor { wait: old.wait, since: old.since, ..cursor });
                }
            }
            _ => {}
        }
    }

    /// A completed run with a bound step that is still to come after a move is taken up again.
    fn reopen(&mut self, id: RunId, sequence: &Sequence, occurrence: u16) {
        let Some(run) = self.run(id) else { return };
        let Phase::Ended { at, end: End::Completed } = &run.phase else { return };
        let old = Cursor { step: StepIx(0), since: *at, occurrence, recheck: true, wait: Wait::Settling };
        let gone =
            run.subject().and_then(|id| self.person.bookings.get(&id)).is_none_or(crate::record::Booking::is_gone);
        let taken = self.person.runs.iter().any(|other| {
            let same_key = other.sequence.name == sequence.name && other.booking == run.booking;
            let same_group = sequence.group.is_some() && other.sequence.group == sequence.group;
            other.is_active() && (same_key || same_group)
        });
        if taken || gone || (super::gates::writes_to_contact(&sequence.steps) && self.is_closed(sequence.purpose)) {
            return;
        }
        let next = self.first_undone(id, sequence, StepIx(0), occurrence).at;
        if sequence.step(next).is_some() && follows_booking(sequence, next) {
            self.replace(id, old, occurrence);
        }
    }

    /// The first step from `from` on that this run has not done for this occurrence.
    fn first_undone(&mut self, id: RunId, sequence: &Sequence, from: StepIx, occurrence: u16) -> Undone {
        let Some(done) = self.done(id) else { return Undone { at: from, more: true } };
        let mut at = from;
        while let Some(step) = sequence.step(at) {
            let before = done.iter().any(|(name, _)| *name == step.name);
            let over = if self.run(id).is_some_and(|run| run.has_taken(at)) {
                true
            } else if follows_booking(sequence, at) && !step.once {
                done.contains(&(step.name.clone(), occurrence)) || (before && self.is_past(id, sequence, at))
            } else {
                before
            };
            if !over {
                break;
            }
            at = self.run(id).map_or(step.next, |run| run.after(at));
        }
        let rest = sequence.steps.get(usize::from(at.0) + 1..).unwrap_or_default();
        Undone { at, more: rest.iter().any(|step| done.iter().any(|(name, _)| *name == step.name)) }
    }

    /// New time plus own `late` is over: a step that went out for the old time is not due again.
    fn is_past(&self, id: RunId, sequence: &Sequence, at: StepIx) -> bool {
        let (Some(step), Some(planned)) = (sequence.step(at), self.planned(id, sequence, at, self.now)) else {
            return true;
        };
        if step.late.is_none() { planned < self.now } else { self.deadline(id, sequence, at, planned) < self.now }
    }

    /// Steps with a row in the ledger, as (step, occurrence); `None` while the history was not asked. What a move
    /// cancelled was not done.
    fn done(&mut self, run: RunId) -> Option<BTreeSet<(StepName, u16)>> {
        let sequence = self.run(run)?.sequence.clone();
        let today = |step: &StepName| sequence.name_today(step).clone();
        let Value::List(rows) = self.answer(Ask::Done { run })? else { return Some(BTreeSet::new()) };
        let stored = rows.iter().filter_map(|row| {
            let (step, occurrence) = row.as_text()?.rsplit_once('#')?;
            Some((today(&StepName::new(step)), occurrence.parse().ok()?))
        });
        let here = |send: &&Send| send.run == Some(run);
        let key = |send: &Send| (today(&send.step), send.occurrence);
        let moved = |send: &&Send| send.state == Sending::Closed(Outcome::Cancelled(Cancel::Moved));
        let mut done: BTreeSet<(StepName, u16)> = stored.collect();
        done.extend(self.person.sends.iter().filter(here).map(key));
        for send in self.person.sends.iter().filter(here).filter(moved) {
            done.remove(&key(send));
        }
        Some(done)
    }

    /// A run is completed when all steps have fallen due and none of its sends is open.
    pub(super) fn complete_if_settled(&mut self, id: RunId) {
        let settled = self.run(id).and_then(|run| run.cursor()).is_some_and(|cursor| cursor.wait == Wait::Settling);
        let open = self.person.sends.iter().any(|send| is_open_step(send, id));
        if settled && (!open || planted!(CompletedTooEarly)) {
            self.end_run(id, End::Completed);
        }
    }

    /// The next opening of window and quiet hours after now: the coming one when it is closed, else the one after the
    /// present opening. `None` when they never close.
    pub(super) fn next_opening(&self, step: &Step) -> Option<Instant> {
        let (rules, zone, now) = (clear(&self.plan.policies, step), &self.zone, self.now);
        if !rules.allows(zone.civil(now)) {
            return next_clear(now, zone, rules);
        }
        let closes = next_shut(now, zone, rules)?;
        next_clear(closes, zone, rules)
    }
}

/// When a step is due as its file says it, before windows and quiet hours; `None` for one that is bound to a moment.
pub(crate) fn written(due: &Due, since: Instant, entered: Instant, zone: &Zone) -> Option<Instant> {
    match due {
        Due::Together => Some(since),
        Due::Wait { span, at } => Some(timed(zone, zone.add(since, *span), *at)),
        Due::Day { day, at } => Some(timed(zone, zone.add(entered, Span::days(*day)), *at)),
        Due::Bound { .. } => None,
    }
}

fn timed(zone: &Zone, moment: Instant, time: Option<TimeOfDay>) -> Instant {
    time.map_or(moment, |time| zone.at_time(moment, time))
}

/// Where a run goes on, and whether later steps have been done before.
#[derive(Clone, Copy)]
struct Undone {
    at: StepIx,
    more: bool,
}

pub(super) fn is_open_step(send: &Send, run: RunId) -> bool {
    send.run == Some(run) && send.is_open() && !send.is_aside()
}

/// Is this step due anew when the booking moves? When it was made never changes.
pub(super) fn follows_booking(sequence: &Sequence, at: StepIx) -> bool {
    let moves = |moment: &Moment| matches!(moment, Moment::Booking(field) if field.as_str() != "created_at");
    matches!(sequence.bound(at), Some(Due::Bound { moment, .. }) if moves(moment))
}

/// Messages to the person wait for windows, quiet hours and caps; everything else does not.
pub(super) fn is_message_to_contact(step: &Step) -> bool {
    matches!(&step.act, Act::Message(spec) if spec.to == To::Contact)
}

/// Window and quiet hours that hold for a step.
pub(super) fn clear<'a>(policies: &'a Policies, step: &Step) -> Clear<'a> {
    let window = step.window.as_ref().and_then(|name| policies.windows.get(name));
    let waits = quiet(policies, step.purpose).filter(|quiet| quiet.then == CapThen::Wait);
    Clear { window, quiet: waits.map(|quiet| quiet.hours) }
}

pub(super) fn quiet(policies: &Policies, purpose: Purpose) -> Option<&QuietHours> {
    policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&purpose) && !planted!(QuietHoursIgnored))
}
