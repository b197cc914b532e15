//! Into a sequence and out of it: keys, re-entry, groups, ends and exits.
use super::{
    Action, Because, Cancel, Cursor, End, Gate, Happening, Phase, Refusal, RefusedWhy, Run, Sending, StartedBy,
    StopReason, Wait,
    draft::{Draft, View},
    gates,
};
use crate::{
    expr::Ask,
    id::{BookingId, RunId, SequenceName, TriggerName},
    plan::{About, Enrol, Exit, Reentry, Sequence, StepIx},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

impl Draft<'_> {
    /// The sequence that a trigger's `enroll` means for this event, if any.
    pub(super) fn choose(&mut self, enrol: &Enrol, event: &Happening) -> Option<SequenceName> {
        match enrol {
            Enrol::One(name) => Some(name.clone()),
            Enrol::FirstOf { options, otherwise } => {
                for (cond, name) in options {
                    if self.holds(Some(cond), View::Event(event)) {
                        return Some(name.clone());
                    }
                }
                otherwise.clone()
            }
        }
    }

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
        if let Err((why, because)) = self.may_enter(&sequence, booking) {
            return self.refuse(by, name, why, because);
        }
        if let Err(because) = self.make_room(&sequence) {
            return self.refuse(by, name, RefusedWhy::Group, Some(because));
        }
        self.enter(&sequence, started, booking, by);
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
        if !sequence.active {
            return Err((RefusedWhy::Inactive, None));
        }
        if sequence.about == About::Booking {
            let gone = booking.and_then(|id| self.person.bookings.get(&id)).is_none_or(crate::record::Booking::is_gone);
            if gone {
                return Err((RefusedWhy::NoBooking, None));
            }
        }
        let same = |run: &&Run| run.sequence.name == sequence.name && run.booking == booking;
        if let Some(run) = self.person.runs.iter().filter(same).find(|run| run.is_active()) {
            return Err((RefusedWhy::AlreadyIn, Some(Because::new(Gate::Run).with("since", run.entered))));
        }
        if gates::writes_to_contact(&sequence.steps) && self.is_closed(sequence.purpose) {
            return Err((
                RefusedWhy::NoConsent,
                Some(Because::new(Gate::Consent).with("purpose", sequence.purpose.name())),
            ));
        }
        self.judge_reentry(sequence, booking)
    }

    fn judge_reentry(
        &mut self,
        sequence: &Sequence,
        booking: Option<BookingId>,
    ) -> Result<(), (RefusedWhy, Option<Because>)> {
        if sequence.reentry == Reentry::Always {
            return Ok(());
        }
        let here = |run: &&Run| run.sequence.name == sequence.name && run.booking == booking && run.acted;
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
    fn make_room(&mut self, sequence: &Sequence) -> Result<(), Because> {
        let Some(group) = &sequence.group else { return Ok(()) };
        let inside: Vec<(RunId, i32, SequenceName)> = self
            .person
            .runs
            .iter()
            .filter(|run| run.is_active() && run.sequence.group.as_ref() == Some(group))
            .map(|run| (run.id, run.sequence.priority, run.sequence.name.clone()))
            .collect();
        if let Some((_, priority, name)) = inside.iter().find(|(_, priority, _)| *priority >= sequence.priority) {
            return Err(Because::new(Gate::Group).with("group", group).with("inside", name).with("priority", priority));
        }
        for (run, ..) in inside {
            self.end_run(run, End::Stopped(StopReason::Displaced(sequence.name.clone())));
        }
        Ok(())
    }

    fn enter(
        &mut self,
        sequence: &Arc<Sequence>,
        started: Option<Arc<StartedBy>>,
        booking: Option<BookingId>,
        by: Option<&TriggerName>,
    ) {
        let id = self.ids.run();
        let occurrence = booking.and_then(|id| self.person.bookings.get(&id)).map_or(0, |booking| booking.generation);
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
            started_by: started
                .filter(|started| sequence.uses_event || (booking.is_none() && started.booking.is_some())),
            acted: false,
            converted: false,
            exited: false,
            stale: false,
        });
        self.act(Action::Entered { run: id, by: by.cloned() });
        self.emit("sequence.entered", of_sequence(sequence), booking, Some(id));
        self.place(id, first, now, None);
    }

    /// Ends a run: what is open and not authorised is cancelled, the group is free, then the exit's actions run.
    pub(super) fn end_run(&mut self, id: RunId, end: End) {
        let now = self.now;
        let Some(run) = self.run_mut(id).filter(|run| run.is_active()) else { return };
        let (sequence, booking) = (run.sequence.clone(), run.booking);
        run.phase = Phase::Ended { at: now, end: end.clone() };
        run.converted |= matches!(end, End::Converted(_));
        // a move of the booking makes bound steps due again, and an exit runs once
        let reopened = matches!(end, End::Completed) && std::mem::replace(&mut run.exited, true);
        self.act(Action::Ended(id));
        self.cancel_open(id, &end.cancel(), |send| !matches!(send.state, Sending::Closed(_)));
        if reopened {
            return;
        }
        let mut data = of_sequence(&sequence);
        let exit: &Exit = match &end {
            End::Completed => &sequence.exits.completed,
            End::Converted(_) => &sequence.exits.converted,
            End::Stopped(StopReason::Displaced(_)) => &sequence.exits.displaced,
            End::Stopped(_) => &sequence.exits.stopped,
        };
        if let End::Stopped(reason) = &end {
            data.insert(Arc::from("reason"), Value::Text(reason.name()));
        }
        self.emit(&format!("sequence.{}", end.name()), data, booking, Some(id));
        self.do_local(&exit.acts, Some(id), None);
        self.do_aside(&format!("exit.{}", end.name()), Some(id), &exit.tasks, &exit.notices);
        if let Some(next) = &exit.enroll {
            let started = self.run(id).and_then(|run| run.started_by.clone());
            let subject = booking.or_else(|| started.as_ref().and_then(|started| started.booking));
            let subject = match &end {
                End::Converted(_) => self.converted_by.or(subject),
                _ => subject,
            };
            self.enrol(next, started, subject, None);
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

    /// Sends of an occurrence that is over: the booking moved.
    pub(super) fn cancel_moved(&mut self, id: RunId) {
        let Some(run) = self.run(id) else { return };
        let sequence = run.sequence.clone();
        let bound = |step: &crate::id::StepName| sequence.position(step).is_some_and(|at| sequence.bound(at).is_some());
        self.cancel_open(id, &Cancel::Moved, |send| bound(&send.step));
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
