//! Something happened: open runs see it first, then watches, then triggers.
use super::{
    Action, End, Happening, Phase, Refusal, RefusedWhy, Run, StopReason, Watch,
    draft::{Draft, View},
};
use crate::{
    id::{BookingId, ChannelName, RunId, TriggerName},
    plan::{About, Trigger},
    record::{ConsentEntry, ConsentState, Purpose, carries_booking},
    value::Value,
};
use std::sync::Arc;

impl Draft<'_> {
    pub(super) fn happen(&mut self, event: &Happening) {
        self.take_in(event);
        let runs = self.active_runs();
        for id in runs {
            if event.by_run != Some(id) && self.is_active(id) {
                self.judge_run(id, event);
            }
        }
        self.count_late_conversions(event);
        self.disarm(event);
        let triggers: Vec<Arc<Trigger>> = self.plan.triggers_on(&event.kind).to_vec();
        self.fire(&triggers, event);
    }

    /// What the event means for the record itself, before any rule of the project.
    fn take_in(&mut self, event: &Happening) {
        let channel = event.data.get("channel").and_then(Value::as_text).map(ChannelName::new);
        match event.kind.as_str() {
            "message.received" => {
                let touch = &mut self.person.touch;
                touch.last_in = touch.last_in.max(Some(event.at));
                if let Some(channel) = channel {
                    let last = touch.windows.entry(channel).or_insert(event.at);
                    *last = (*last).max(event.at);
                }
                self.act(Action::TouchChanged);
            }
            "message.sent" if event.data.get("by").and_then(Value::as_text) == Some("person") => {
                self.person.touch.last_agent = self.person.touch.last_agent.max(Some(event.at));
                self.act(Action::TouchChanged);
            }
            "contact.opted_out" | "contact.opted_in" => self.take_consent(event, channel),
            kind if carries_booking(kind) => self.refresh_visits(),
            _ => {}
        }
    }

    fn take_consent(&mut self, event: &Happening, channel: Option<ChannelName>) {
        let out = event.kind.as_str() == "contact.opted_out";
        let confirmed = event.data.get("confirmed").and_then(Value::as_bool).unwrap_or(false);
        let purpose = event.data.get("purpose").and_then(Value::as_text).and_then(Purpose::parse);
        let state = match (out, confirmed) {
            (true, _) => ConsentState::OptedOut,
            (false, true) => ConsentState::Confirmed,
            (false, false) => ConsentState::OptedIn,
        };
        let entry = |channel: Option<ChannelName>, purpose: Option<Purpose>| ConsentEntry {
            channel,
            purpose,
            state,
            basis: event.data.get("basis").and_then(Value::as_text).map_or_else(|| Arc::from("event"), Arc::from),
            text_version: event.data.get("text_version").and_then(Value::as_text).map(Arc::from),
            source: None,
            actor: Arc::from("event"),
            at: event.at,
        };
        // nothing named: marketing and service everywhere, what a person needs for an appointment stays
        let entries = match (&channel, purpose) {
            (None, None) => vec![entry(None, Some(Purpose::Marketing)), entry(None, Some(Purpose::Service))],
            _ => vec![entry(channel, purpose)],
        };
        self.consent(entries);
    }

    /// Writes consent and ends what has become impossible, in the same decision.
    pub(super) fn consent(&mut self, entries: Vec<ConsentEntry>) {
        for entry in entries {
            self.person.touch.permits.fold(&entry);
            self.act(Action::Consent(entry));
        }
        self.act(Action::TouchChanged);
        let closed: Vec<Purpose> = Purpose::ALL.into_iter().filter(|purpose| self.is_closed(*purpose)).collect();
        self.end_runs(&End::Stopped(StopReason::OptedOut), |run| {
            closed.contains(&run.sequence.purpose) && super::gates::writes_to_contact(&run.sequence.steps)
        });
    }

    // --- open runs ----------------------------------------------------------------------------------------------------

    fn judge_run(&mut self, id: RunId, event: &Happening) {
        let Some(run) = self.run(id) else { return };
        let (sequence, own) = (run.sequence.clone(), run.booking);
        let concerns = concerns(run, event);
        if concerns && let Some(goal) = sequence.goal.as_ref().filter(|goal| goal.event == event.kind) {
            let holds = self.holds(goal.cond.as_ref(), View::Rule(id, event));
            if holds && self.reach_goal(id, goal.stop, event) {
                return;
            }
        }
        for stop in sequence.stops.iter().filter(|stop| concerns && stop.event == event.kind) {
            if self.holds(stop.cond.as_ref(), View::Rule(id, event)) {
                return self.end_run(id, End::Stopped(StopReason::Rule(stop.reason.clone())));
            }
        }
        if own.is_some() && own == event.booking {
            self.own_booking(id, event, sequence.stops.iter().any(|stop| stop.event == event.kind));
        }
    }

    /// Conversion. True when the run ended.
    fn reach_goal(&mut self, id: RunId, stop: bool, event: &Happening) -> bool {
        let Some(run) = self.run(id) else { return false };
        let within = run.sequence.goal.as_ref().and_then(|goal| goal.within);
        let counts = within.is_none_or(|span| event.at <= self.zone.add(run.entered, span));
        self.converted_by = event.booking;
        match (counts, stop) {
            (true, true) => self.end_run(id, End::Converted(Some(event.id))),
            (false, true) => self.end_run(id, End::Stopped(StopReason::GoalLate)),
            (true, false) => {
                if let Some(run) = self.run_mut(id).filter(|run| !run.converted) {
                    run.converted = true;
                    self.act(Action::ConvertedLate(id));
                }
            }
            (false, false) => {}
        }
        stop
    }

    /// What a booking's own news mean for the run about it.
    fn own_booking(&mut self, id: RunId, event: &Happening, named: bool) {
        match event.kind.as_str() {
            "booking.cancelled" | "booking.rejected" if !named => {
                self.end_run(id, End::Stopped(StopReason::BookingGone));
            }
            "booking.rescheduled" => {
                let booking = event.booking.and_then(|booking| self.person.bookings.get(&booking));
                let generation = booking.map_or(0, |booking| booking.generation);
                self.cancel_moved(id);
                self.replace(id, generation);
            }
            _ => {}
        }
    }

    /// Until `within` a conversion counts even after the run ended otherwise; a completed run about a booking that moves
    /// is taken up again.
    fn count_late_conversions(&mut self, event: &Happening) {
        let ended: Vec<RunId> = self.person.runs.iter().filter(|run| !run.is_active()).map(|run| run.id).collect();
        for id in ended {
            let Some(run) = self.run(id).cloned() else { continue };
            let Phase::Ended { at, end } = &run.phase else { continue };
            let again = *end == End::Completed && run.booking.is_some() && run.booking == event.booking;
            if again && event.kind.as_str() == "booking.rescheduled" {
                self.reopen(id, event.booking);
                continue;
            }
            let Some(goal) = run.sequence.goal.clone().filter(|goal| goal.event == event.kind && !run.converted) else {
                continue;
            };
            let counts =
                goal.within.is_some_and(|span| event.at <= self.zone.add(run.entered, span)) && event.at >= *at;
            if counts && concerns(&run, event) && self.holds(goal.cond.as_ref(), View::Rule(id, event)) {
                if let Some(run) = self.run_mut(id) {
                    run.converted = true;
                }
                self.act(Action::ConvertedLate(id));
            }
        }
    }

    fn reopen(&mut self, id: RunId, booking: Option<BookingId>) {
        let generation = booking.and_then(|id| self.person.bookings.get(&id)).map_or(0, |booking| booking.generation);
        self.replace(id, generation);
    }

    // --- watches and triggers -----------------------------------------------------------------------------------------

    /// The awaited event came: the watch is over.
    fn disarm(&mut self, event: &Happening) {
        for trigger in self.plan.watches_on(&event.kind).to_vec() {
            let Some(without) = &trigger.without else { continue };
            let meant = |watch: &Watch| {
                watch.trigger == trigger.name
                    && (watch.opening.booking.is_none()
                        || event.booking.is_none()
                        || watch.opening.booking == event.booking)
            };
            let armed: Vec<Option<BookingId>> =
                self.person.watches.iter().filter(|watch| meant(watch)).map(|watch| watch.booking).collect();
            for booking in armed {
                if self.holds(without.cond.as_ref(), View::Event(event)) {
                    self.person.watches.retain(|watch| watch.trigger != trigger.name || watch.booking != booking);
                    self.act(Action::Disarmed { trigger: trigger.name.clone(), booking });
                }
            }
        }
    }

    fn fire(&mut self, triggers: &[Arc<Trigger>], event: &Happening) {
        let mut entering: Vec<(Arc<Trigger>, crate::id::SequenceName)> = Vec::new();
        for trigger in triggers.iter().filter(|trigger| trigger.active) {
            if let Some(without) = &trigger.without {
                let due = self.zone.add(event.at, without.within).max(self.now);
                self.arm(&trigger.name, event, due);
            } else if self.holds(trigger.cond.as_ref(), View::Event(event)) {
                self.do_trigger(trigger, event, &mut entering);
            } else {
                self.not_matched(trigger);
            }
        }
        self.enter_all(entering, event);
    }

    fn do_trigger(
        &mut self,
        trigger: &Arc<Trigger>,
        event: &Happening,
        entering: &mut Vec<(Arc<Trigger>, crate::id::SequenceName)>,
    ) {
        self.do_local(&trigger.acts, None, Some(event));
        self.do_aside(&format!("trigger.{}", trigger.name), None, &trigger.tasks, &trigger.notices);
        if let Some(name) = trigger.enrol.as_ref().and_then(|enrol| self.choose(enrol, event)) {
            entering.push((trigger.clone(), name));
        }
    }

    /// Enrolments of one event go by priority, then id.
    fn enter_all(&mut self, mut entering: Vec<(Arc<Trigger>, crate::id::SequenceName)>, event: &Happening) {
        let priority =
            |name: &crate::id::SequenceName| self.plan.sequences.get(name).map_or(0, |found| -found.priority);
        entering.sort_by_key(|(_, name)| (priority(name), name.clone()));
        for (trigger, name) in entering {
            self.enrol(&name, Some(Arc::new(event.started())), event.booking, Some(&trigger.name));
        }
    }

    fn not_matched(&mut self, trigger: &Trigger) {
        let sequence = match &trigger.enrol {
            Some(crate::plan::Enrol::One(name)) => Some(name.clone()),
            _ => None,
        };
        let source = trigger.cond.as_ref().map_or("", |cond| cond.text());
        let because = Some(super::Because::new(super::Gate::Condition).with("if", source));
        self.act(Action::Refused(Refusal {
            trigger: Some(trigger.name.clone()),
            sequence,
            why: RefusedWhy::Condition,
            because,
        }));
    }

    /// A new matching event restarts the watch.
    fn arm(&mut self, trigger: &TriggerName, event: &Happening, due: crate::calendar::Instant) {
        let booking = event.booking;
        self.person.watches.retain(|watch| watch.trigger != *trigger || watch.booking != booking);
        let opening = Arc::new(event.started());
        self.person.watches.push(Watch { trigger: trigger.clone(), booking, armed: event.at, due, opening });
        self.act(Action::Armed { trigger: trigger.clone(), booking, due });
    }

    /// Watches whose time is over: the awaited event did not happen.
    pub(super) fn watches_due(&mut self) {
        let mut due: Vec<Watch> = self.person.watches.iter().filter(|watch| watch.due <= self.now).cloned().collect();
        due.sort_by(|a, b| (a.due, &a.trigger, a.booking).cmp(&(b.due, &b.trigger, b.booking)));
        for watch in due {
            self.person.watches.retain(|known| known.trigger != watch.trigger || known.booking != watch.booking);
            self.act(Action::Disarmed { trigger: watch.trigger.clone(), booking: watch.booking });
            let Some(trigger) = self.plan.triggers.get(&watch.trigger).cloned().filter(|trigger| trigger.active) else {
                continue;
            };
            let event = Happening {
                id: watch.opening.id.unwrap_or(crate::id::EventId(0)),
                kind: watch.opening.kind.clone(),
                at: watch.opening.at,
                booking: watch.opening.booking,
                data: watch.opening.data.clone(),
                delivery: None,
                by_run: None,
            };
            if self.holds(trigger.cond.as_ref(), View::Event(&event)) {
                let mut entering = Vec::new();
                self.do_trigger(&trigger, &event, &mut entering);
                self.enter_all(entering, &event);
            } else {
                self.not_matched(&trigger);
            }
        }
    }
}

/// In booking runs `booking.*` means the run's own booking, except `booking.created`, which means any of the person's.
fn concerns(run: &Run, event: &Happening) -> bool {
    let of_booking = run.sequence.about == About::Booking && carries_booking(event.kind.as_str());
    if !of_booking {
        return true;
    }
    if event.kind.as_str() == "booking.created" {
        return event.booking != run.booking;
    }
    event.booking == run.booking
}
