//! Into a sequence and out of it: keys, re-entry, groups, ends and exits.
use super::{
    Action, Because, Cursor, End, Gate, Phase, Refusal, RefusedWhy, Run, Sending, StartedBy, StopReason, Wait,
    draft::{Draft, Leaving, View},
    following::Maker,
    gates, planted,
};
use crate::{
    expr::Ask,
    id::{BookingId, EventKind, RunId, SequenceName, TriggerName},
    plan::{About, Exit, Reentry, Sequence, StepIx},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

impl Draft<'_> {
    /// Enrols the person, or records why not.
    pub(super) fn enrol(
        &mut self,
        name: &SequenceName,
        started: Option<Arc<StartedBy>>,
        booking: Option<BookingId>,
        by: Option<&TriggerName>,
    ) {
        let Some(sequence) = self.plan.sequences.get(name).cloned() else { return };
        let booking = (sequence.about == About::Booking).then_some(booking).flatten();
        if !self.is_of_clinics(&sequence, started.as_deref(), booking) {
            let named: Vec<&str> = sequence.clinics.iter().map(crate::id::ClinicName::as_str).collect();
            let because = Because::new(Gate::Condition).with("clinic", named.join(", "));
            return self.refuse(by, name, RefusedWhy::Condition, Some(because));
        }
        if let Err((why, because)) = self.may_enter(&sequence, booking) {
            return self.refuse(by, name, why, because);
        }
        let displaced = match self.in_the_way(&sequence) {
            Ok(displaced) => displaced,
            Err(because) => return self.refuse(by, name, RefusedWhy::Group, Some(because)),
        };
        let maker = by.cloned().map(Maker::Trigger);
        if !self.may_follow(maker.or_else(|| Some(Maker::Sequence(name.clone())))) {
            return self.goes_round(by, Some(name));
        }
        for run in displaced {
            self.end_run(run, End::Stopped(StopReason::Displaced(name.clone())));
        }
        self.enter(&sequence, started, booking, by);
    }

    /// The booking's clinic, else the contact's, else the default.
    fn is_of_clinics(&self, sequence: &Sequence, started: Option<&StartedBy>, booking: Option<BookingId>) -> bool {
        if sequence.clinics.is_empty() {
            return true;
        }
        let booking = booking.or_else(|| started.and_then(|started| started.booking));
        let of_booking = booking.and_then(|id| self.person.bookings.get(&id)?.clinic.clone());
        of_booking
            .map_or_else(|| self.is_of(&sequence.clinics, View::Person), |clinic| sequence.clinics.contains(&clinic))
    }

    pub(super) fn refuse(
        &mut self,
        by: Option<&TriggerName>,
        name: &SequenceName,
        why: RefusedWhy,
        because: Option<Because>,
    ) {
        self.act(Action::Refused(Refusal { trigger: by.cloned(), sequence: Some(name.clone()), why, because }));
    }

    fn may_enter(
        &mut self,
        sequence: &Sequence,
        booking: Option<BookingId>,
    ) -> Result<(), (RefusedWhy, Option<Because>)> {
        if !self.is_on(sequence) {
            return Err((RefusedWhy::Inactive, None));
        }
        if sequence.about == About::Booking {
            let gone = booking.and_then(|id| self.person.bookings.get(&id)).is_none_or(crate::record::Booking::is_gone);
            if gone {
                return Err((RefusedWhy::NoBooking, None));
            }
        }
        let same = |run: &&Run| run.sequence.name == sequence.name && run.booking == booking;
        let known = self.person.runs.iter().filter(same).find(|run| run.is_active());
        if let Some(run) = known.filter(|_| !planted!(SecondRunOfOneKey)) {
            return Err((RefusedWhy::AlreadyIn, Some(Because::new(Gate::Run).with("since", run.entered))));
        }
        if gates::writes_to_contact(&sequence.steps) && self.is_closed(sequence.purpose) {
            return Err((
                RefusedWhy::NoConsent,
                Some(Because::new(Gate::Consent).with("purpose", sequence.purpose.name())),
            ));
        }
        self.judge_reentry(sequence, booking)?;
        self.judge_exclusions(sequence)
    }

    fn judge_reentry(
        &mut self,
        sequence: &Sequence,
        booking: Option<BookingId>,
    ) -> Result<(), (RefusedWhy, Option<Because>)> {
        if sequence.reentry == Reentry::Always || planted!(ReentryNotJudged) {
            return Ok(());
        }
        // an attempt under way may still come to something
        let under_way = |run: &Run| {
            let mut sends = self.person.sends.iter().filter(|send| send.run == Some(run.id));
            sends.any(|send| matches!(send.state, Sending::InFlight(_)) || (send.is_open() && send.tainted))
        };
        let here =
            |run: &&Run| run.sequence.name == sequence.name && run.booking == booking && (run.acted || under_way(run));
        let ended_here = self.person.runs.iter().filter(here).filter_map(|run| match run.phase {
            Phase::Ended { at, .. } => Some(at),
            Phase::Active(_) => None,
        });
        let ended_here = ended_here.max();
        let asked = self.answer(Ask::LastEnd { sequence: sequence.name.clone(), booking });
        let stored = asked.and_then(|answer| answer.as_time());
        let Some(last) = ended_here.max(stored) else { return Ok(()) };
        let because = Because::new(Gate::Reentry).with("last_end", last);
        match sequence.reentry {
            Reentry::After(span) => {
                let from = self.zone.add(last, span);
                if self.now >= from {
                    Ok(())
                } else {
                    Err((RefusedWhy::Reentry, Some(because.with("again_from", from))))
                }
            }
            _ => Err((RefusedWhy::Reentry, Some(because.with("reentry", "never")))),
        }
    }

    /// One sequence of a group at a time: a higher priority ends the running one, a lower or equal one is refused.
    fn in_the_way(&self, sequence: &Sequence) -> Result<Vec<RunId>, Because> {
        let Some(group) = sequence.group.as_ref().filter(|_| !planted!(GroupNotChecked)) else { return Ok(Vec::new()) };
        let inside =
            || self.person.runs.iter().filter(|run| run.is_active() && run.sequence.group.as_ref() == Some(group));
        if let Some(run) = inside().find(|run| run.sequence.priority >= sequence.priority) {
            let (name, priority) = (&run.sequence.name, run.sequence.priority);
            return Err(Because::new(Gate::Group).with("group", group).with("inside", name).with("priority", priority));
        }
        Ok(inside().map(|run| run.id).collect())
    }

    fn enter(
        &mut self,
        sequence: &Arc<Sequence>,
        started: Option<Arc<StartedBy>>,
        booking: Option<BookingId>,
        by: Option<&TriggerName>,
    ) {
        let id = self.ids.run();
        self.born.push((id, self.ids.event, self.told_next));
        let subject = booking.or_else(|| started.as_ref().and_then(|started| started.booking));
        let occurrence = self.generation(subject);
        let (now, first) = (self.now, StepIx(0));
        let cursor = Cursor { step: first, since: now, occurrence, recheck: false, wait: Wait::Settling };
        self.person.runs.push(Run {
            id,
            sequence: sequence.clone(),
            object: None,
            booking,
            entered: now,
            phase: Phase::Active(cursor),
            // which booking a run is about is kept with it; the rest of the event only where something reads it
            started_by: started.filter(|started| {
                sequence.uses_event
                    || (booking.is_none() && started.booking.is_some())
                    || started.is_message()
                    || started.trigger().is_some()
            }),
            acted: false,
            converted: false,
            exited: false,
            arms: BTreeMap::new(),
            stale: false,
            taken: Vec::new(),
            worth: None,
            removed: false,
            before: None,
        });
        self.act(Action::Entered { run: id, by: by.cloned() });
        if self.plan.hears("sequence.entered") {
            self.emit("sequence.entered", of_sequence(sequence), booking, Some(id));
        }
        self.place(id, first, now, None);
    }

    /// Ends a run: what is open and not authorised is cancelled, the group is free; the exit follows.
    pub(super) fn end_run(&mut self, id: RunId, end: End) {
        let now = self.now;
        let Some(run) = self.run_mut(id).filter(|run| run.is_active()) else { return };
        run.phase = Phase::Ended { at: now, end: end.clone() };
        run.converted |= matches!(end, End::Converted(_));
        // a move of the booking makes bound steps due again, and an exit runs once
        let again = matches!(end, End::Completed) && std::mem::replace(&mut run.exited, true);
        let subject = run.subject();
        self.act(Action::Ended(id));
        if !planted!(OpenSendsSurviveTheRun) {
            self.cancel_open(id, &end.cancel(), |_| true);
        }
        if !again {
            let subject = self.converted_by.filter(|_| matches!(end, End::Converted(_))).or(subject);
            self.leaving.push_back(Leaving { run: id, end, subject });
        }
    }

    /// Does the exits of the runs that ended, in the order in which they did. False when there was none.
    pub(super) fn leave(&mut self) -> bool {
        let mut any = false;
        while let Some(leaving) = self.leaving.pop_front() {
            any = true;
            self.leave_one(&leaving);
        }
        any
    }

    fn leave_one(&mut self, Leaving { run: id, end, subject }: &Leaving) {
        let Some(run) = self.run(*id) else { return };
        let (id, sequence, booking, started) = (*id, run.sequence.clone(), run.booking, run.started_by.clone());
        let mut data = of_sequence(&sequence);
        let exit: &Exit = match end {
            End::Completed => &sequence.exits.completed,
            End::Converted(_) => &sequence.exits.converted,
            End::Stopped(StopReason::Displaced(_)) => &sequence.exits.displaced,
            End::Stopped(_) => &sequence.exits.stopped,
        };
        if let End::Stopped(reason) = end {
            data.insert(Arc::from("reason"), Value::Text(reason.name()));
        }
        if let (End::Converted(_), Some(worth)) = (end, &run.worth) {
            data.insert(Arc::from("value"), worth.clone());
        }
        let kind = format!("sequence.{}", end.name());
        let happened = StartedBy { id: None, kind: EventKind::new(&kind), at: self.now, booking: *subject, data };
        self.emit(&kind, happened.data.clone(), booking, Some(id));
        self.do_local(&exit.acts, Some(id), None);
        self.do_aside(&format!("exit.{}", end.name()), Some(id), None, &exit.tasks, &exit.notices);
        if let Some(next) = &exit.enroll {
            // the next sequence may be about the same booking, whatever the first one kept
            let started = started.unwrap_or_else(|| Arc::new(happened));
            self.enrol(next, Some(started), *subject, None);
        }
    }

    /// Ends every active run that `which` picks.
    pub(super) fn end_runs(&mut self, end: &End, which: impl Fn(&Run) -> bool) {
        for id in self.active_runs() {
            if self.run(id).is_some_and(&which) {
                self.end_run(id, end.clone());
            }
        }
    }
}

fn of_sequence(sequence: &Sequence) -> BTreeMap<Arc<str>, Value> {
    let mut data: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    data.insert(Arc::from("sequence"), Value::text(sequence.name.as_str()));
    data.insert(Arc::from("category"), Value::Text(sequence.category.clone()));
    if let Some(group) = &sequence.group {
        data.insert(Arc::from("group"), Value::text(group.as_str()));
    }
    data
}
