//! Something happened: open runs see it first, then watches, then triggers.
use super::{
    Action, End, Happening, Refusal, RefusedWhy, Run, StopReason, Watch,
    decide::what_it_closes,
    draft::{Draft, View},
    following::Maker,
    intent::understand,
    planted,
};
use crate::{
    calendar::Instant,
    expr::Ask,
    id::{BookingId, ChannelName, EventId, EventKind, RunId, TriggerName},
    plan::{About, Trigger, Without},
    record::{ConsentEntry, ConsentState, Purpose, carries_booking, is_stop_word},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// Who enters where, and the event by which.
type Entering<'e> = (Arc<Trigger>, crate::id::SequenceName, &'e Happening);

impl Draft<'_> {
    /// Something happened outside, or in our own records.
    pub(super) fn happen(&mut self, event: &Happening) {
        let before = self.told_next.replace(event.id);
        self.appointments_over(event.at.min(self.now));
        self.told_next = before;
        self.take_in(event);
        match self.meant(event) {
            Some(intent) => self.spread_as_one(&[event, &intent]),
            None => self.spread(event),
        }
    }

    /// Open runs see an event first, then watches, then triggers. An event of our own making changed the record already.
    pub(super) fn spread(&mut self, event: &Happening) {
        self.spread_as_one(&[event]);
    }

    /// A message and what it means are judged as one: what the one starts is not stopped by the other.
    fn spread_as_one(&mut self, events: &[&Happening]) {
        for id in self.active_runs() {
            let unseen = |event: &&Happening| event.by_run != Some(id) && !self.was_before(id, event);
            let seen: Vec<&Happening> = events.iter().copied().filter(unseen).collect();
            if self.is_active(id) {
                self.judge_run(id, &seen);
            }
        }
        for event in events {
            self.count_late_conversions(event);
            if let Some(booking) = event.booking.filter(|_| carries_booking(event.kind.as_str())) {
                self.booking_changed(booking, event.kind.as_str() == "booking.rescheduled");
            }
        }
        self.leave();
        let mut entering = Vec::new();
        for event in events {
            // what was not awaited any longer when this happened
            self.watches_over(event.at.min(self.now));
            self.disarm(event);
        }
        for event in events {
            let triggers: Vec<Arc<Trigger>> = self.plan.triggers_on(&event.kind).to_vec();
            self.fire(&triggers, event, &mut entering);
        }
        self.enter_all(entering);
    }

    /// What the words of a message say that it is about: an event beside it.
    fn meant(&mut self, event: &Happening) -> Option<Happening> {
        let kind = EventKind::new("contact.intent");
        if event.kind.as_str() != "message.received" || !self.plan.hears(kind.as_str()) {
            return None;
        }
        let text = event.data.get("text").and_then(Value::as_text).filter(|text| !is_stop_word(text))?;
        let understood = understand(&self.plan.intents, text);
        // who tells us of the message may know what it is about
        let told = event.data.get("intent").and_then(Value::as_text).map(Arc::<str>::from);
        let (intent, confidence) = match (told, understood) {
            (Some(told), Some(meant)) if told == meant.intent => (told, Some(meant.confidence)),
            (Some(told), _) => (told, None),
            (None, Some(meant)) => (meant.intent, Some(meant.confidence)),
            (None, None) => return None,
        };
        let mut data = BTreeMap::from([(Arc::from("intent"), Value::Text(intent))]);
        data.extend(confidence.map(|confidence| (Arc::from("confidence"), Value::Num(confidence))));
        for name in ["text", "channel"] {
            data.extend(event.data.get(name).map(|value| (Arc::from(name), value.clone())));
        }
        let id = self.ids.event();
        let meant = Happening { id, kind, data, by_run: None, ..event.clone() };
        self.act(Action::Note(meant.clone()));
        Some(meant)
    }

    /// A run does not see the event that started it, nor what this decision made before it.
    fn was_before(&self, run: RunId, event: &Happening) -> bool {
        let before = |newest: i64, next: Option<EventId>| event.id.0 <= newest && next != Some(event.id);
        self.born.iter().any(|(born, newest, next)| *born == run && before(*newest, *next))
    }

    /// What the event means for the record itself, before any rule of the project.
    fn take_in(&mut self, event: &Happening) {
        let channel = event.data.get("channel").and_then(Value::as_text).map(ChannelName::new);
        match event.kind.as_str() {
            "message.received" => {
                // a provider's clock may run ahead, but nobody wrote in the future
                let at = event.at.min(self.now);
                let touch = &mut self.person.touch;
                touch.last_in = touch.last_in.max(Some(at));
                let named = channel.clone();
                self.answered_from(event, named.as_ref());
                let touch = &mut self.person.touch;
                if let Some(channel) = channel {
                    let last = touch.windows.entry(channel).or_insert(at);
                    *last = (*last).max(at);
                }
                self.act(Action::TouchChanged);
                let said = event.data.get("text").and_then(Value::as_text);
                if said.is_some_and(is_stop_word) {
                    self.stop_word(event, named);
                }
            }
            "message.sent" if event.data.get("by").and_then(Value::as_text) == Some("person") => {
                let (touch, at) = (&mut self.person.touch, event.at.min(self.now));
                touch.last_agent = touch.last_agent.max(Some(at));
                touch.last_out = touch.last_out.max(Some(at));
                self.act(Action::TouchChanged);
            }
            "offer.redeemed" => self.redeem(event),
            "contact.opted_out" | "contact.opted_in" => self.take_consent(event, channel),
            "message.complained" => self.complained(event, channel),
            "message.bounced" => self.bounced(event, channel),
            kind if carries_booking(kind) => self.refresh_visits(),
            _ => {}
        }
    }

    /// Every short message tells people to answer so: it closes the channel, and marketing and service everywhere.
    fn stop_word(&mut self, event: &Happening, channel: Option<ChannelName>) {
        self.opt_out(ConsentEntry {
            channel,
            purpose: None,
            state: ConsentState::OptedOut,
            basis: Arc::from("reply"),
            text_version: None,
            source: None,
            actor: Arc::from("contact"),
            at: event.at.min(self.now),
        });
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
        if state == ConsentState::Confirmed {
            self.answered_from(event, channel.as_ref());
        }
        let entry = ConsentEntry {
            channel,
            purpose,
            state,
            basis: event.data.get("basis").and_then(Value::as_text).map_or_else(|| Arc::from("event"), Arc::from),
            text_version: event.data.get("text_version").and_then(Value::as_text).map(Arc::from),
            source: None,
            actor: Arc::from("event"),
            at: event.at.min(self.now),
        };
        self.consent(what_it_closes(entry));
    }

    /// Writes consent and ends what has become impossible, in the same decision.
    pub(super) fn consent(&mut self, entries: Vec<ConsentEntry>) {
        for entry in entries {
            self.person.touch.permits.fold(&entry);
            self.act(Action::Consent(entry));
        }
        self.act(Action::TouchChanged);
        if planted!(OptOutLeavesRuns) {
            return;
        }
        let closed: Vec<Purpose> = Purpose::ALL.into_iter().filter(|purpose| self.is_closed(*purpose)).collect();
        self.end_runs(&End::Stopped(StopReason::OptedOut), |run| {
            closed.contains(&run.sequence.purpose) && super::gates::writes_to_contact(&run.sequence.steps)
        });
    }

    // --- open runs ----------------------------------------------------------------------------------------------------

    /// Goals first, then what the run waits for, then what stops it.
    fn judge_run(&mut self, id: RunId, events: &[&Happening]) {
        let reached = events.iter().any(|event| self.judge_goal(id, event));
        let concerned = |draft: &Self, event: &Happening| draft.run(id).is_some_and(|run| concerns(run, event));
        let heard = !reached && events.iter().any(|event| concerned(self, event) && self.hear(id, event));
        for event in events {
            if !reached && !heard && self.is_active(id) {
                self.judge_stops(id, event);
            }
        }
    }

    /// True when the run ended by it.
    fn judge_goal(&mut self, id: RunId, event: &Happening) -> bool {
        let Some(run) = self.run(id).filter(|run| concerns(run, event)) else { return false };
        let sequence = run.sequence.clone();
        let Some(goal) = sequence.goal.as_ref().filter(|goal| goal.event == event.kind) else { return false };
        let holds = self.holds(goal.cond.as_ref(), View::Rule(id, event));
        holds && !planted!(GoalIgnored) && self.reach_goal(id, goal.stop, event)
    }

    fn judge_stops(&mut self, id: RunId, event: &Happening) {
        let Some(run) = self.run(id) else { return };
        let (sequence, own) = (run.sequence.clone(), run.booking);
        let concerned = concerns(run, event) && !planted!(StopIgnored);
        for stop in sequence.stops.iter().filter(|stop| concerned && stop.event == event.kind) {
            if self.holds(stop.cond.as_ref(), View::Rule(id, event)) {
                return self.end_run(id, End::Stopped(StopReason::Rule(stop.reason.clone())));
            }
        }
        let gone = matches!(event.kind.as_str(), "booking.cancelled" | "booking.rejected");
        let named = || sequence.stops.iter().any(|stop| stop.event == event.kind);
        if gone && own.is_some() && own == event.booking && !named() {
            self.end_run(id, End::Stopped(StopReason::BookingGone));
        }
    }

    /// Conversion. True when the run ended.
    fn reach_goal(&mut self, id: RunId, stop: bool, event: &Happening) -> bool {
        let Some(run) = self.run(id) else { return false };
        let within = run.sequence.goal.as_ref().and_then(|goal| goal.within);
        let counts = within.is_none_or(|span| event.at <= self.zone.add(run.entered, span));
        self.converted_by = event.booking;
        if counts
            && let Some(worth) = self.worth(id, event)
            && let Some(run) = self.run_mut(id)
        {
            run.worth.get_or_insert(worth);
        }
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

    /// What the goal says that the conversion is worth.
    fn worth(&mut self, id: RunId, event: &Happening) -> Option<Value> {
        let formula = self.run(id)?.sequence.goal.as_ref()?.value.clone()?;
        Some(self.value(&formula, View::Rule(id, event))).filter(|worth| !worth.is_missing())
    }

    /// Until `within` a conversion counts even after the run ended otherwise.
    fn count_late_conversions(&mut self, event: &Happening) {
        let counts = |run: &&Run| {
            let goal = run.sequence.goal.as_ref().filter(|goal| goal.event == event.kind);
            let until = goal.and_then(|goal| goal.within).map(|span| self.zone.add(run.entered, span));
            let in_time = until.is_some_and(|until| run.entered <= event.at && event.at <= until);
            !run.is_active() && !run.converted && in_time && concerns(run, event)
        };
        let ended: Vec<RunId> = self.person.runs.iter().filter(counts).map(|run| run.id).collect();
        for id in ended {
            let cond = self.run(id).and_then(|run| run.sequence.goal.as_ref()?.cond.clone());
            if !self.holds(cond.as_ref(), View::Rule(id, event)) {
                continue;
            }
            let worth = self.worth(id, event);
            if let Some(run) = self.run_mut(id) {
                (run.converted, run.worth) = (true, worth);
            }
            self.act(Action::ConvertedLate(id));
        }
    }

    // --- watches and triggers -----------------------------------------------------------------------------------------

    /// The awaited event came: the watch is over.
    fn disarm(&mut self, event: &Happening) {
        for trigger in self.plan.watches_on(&event.kind).to_vec() {
            let Some(without) = trigger.without() else { continue };
            // if both are about a booking it has to be the same
            let subject = event.booking.filter(|_| carries_booking(event.kind.as_str()));
            let meant = |watch: &Watch| {
                watch.trigger == trigger.name
                    && (watch.booking.is_none() || subject.is_none() || watch.booking == subject)
            };
            let armed: Vec<Option<BookingId>> =
                self.person.watches.iter().filter(|watch| meant(watch)).map(|watch| watch.booking).collect();
            for booking in armed {
                if self.holds(without.cond.as_ref(), View::Event(event)) && !planted!(WatchNotDisarmed) {
                    self.disarm_one(&trigger.name, booking);
                }
            }
        }
    }

    fn fire<'e>(&mut self, triggers: &[Arc<Trigger>], event: &'e Happening, entering: &mut Vec<Entering<'e>>) {
        for trigger in triggers.iter().filter(|trigger| trigger.active) {
            if !self.is_of(&trigger.clinics, View::Event(event)) {
                continue;
            }
            if let Some(without) = trigger.without() {
                self.arm(&trigger.name, without, event);
            } else if self.holds(trigger.cond.as_ref(), View::Event(event)) {
                self.do_trigger(trigger, event, entering);
            } else {
                self.not_matched(trigger, event);
            }
        }
    }

    pub(super) fn do_trigger<'e>(
        &mut self,
        trigger: &Arc<Trigger>,
        event: &'e Happening,
        entering: &mut Vec<Entering<'e>>,
    ) {
        let maker = Maker::Trigger(trigger.name.clone());
        self.as_maker(maker, |draft| draft.do_local(&trigger.acts, None, Some(event)));
        let name = format!("trigger.{}", trigger.name);
        self.do_aside(&name, None, Some(event), &trigger.tasks, &trigger.notices);
        if let Some(name) = trigger.enrol.as_ref().and_then(|enrol| self.choose(&trigger.name, enrol, event)) {
            entering.push((trigger.clone(), name, event));
        }
    }

    /// Enrolments of one event go by priority, then id.
    pub(super) fn enter_all(&mut self, mut entering: Vec<Entering<'_>>) {
        // those that the triggers stopped have left
        self.leave();
        let priority =
            |name: &crate::id::SequenceName| self.plan.sequences.get(name).map_or(0, |found| -found.priority);
        entering.sort_by_key(|(_, name, _)| (priority(name), name.clone()));
        for (trigger, name, event) in entering {
            self.enrol(&name, Some(Arc::new(event.started())), event.booking, Some(&trigger.name));
        }
    }

    pub(super) fn not_matched(&mut self, trigger: &Trigger, event: &Happening) {
        let sequence = match &trigger.enrol {
            Some(crate::plan::Enrol::One(name)) => Some(name.clone()),
            _ => None,
        };
        let because = trigger.cond.as_ref().map(|cond| self.condition_read(cond, View::Event(event)));
        self.act(Action::Refused(Refusal {
            trigger: Some(trigger.name.clone()),
            sequence,
            why: RefusedWhy::Condition,
            because,
        }));
    }

    /// A new matching event restarts the watch: one per trigger and booking for what happens to a booking, else one per
    /// trigger, also when a message or the end of a sequence came from a run about a booking. News come in any order: one that is older than what the watch began with,
    /// or than the awaited event, opens nothing.
    fn arm(&mut self, trigger: &TriggerName, without: &Without, event: &Happening) {
        let subject = event.booking.filter(|_| carries_booking(event.kind.as_str()));
        let newer = |watch: &Watch| watch.trigger == *trigger && watch.booking == subject && watch.armed > event.at;
        if self.person.watches.iter().any(newer) {
            return;
        }
        if event.at < self.now && subject.is_none() && without.cond.is_none() {
            let asked = self.answer(Ask::Last { event: without.event.clone(), fields: Vec::new() });
            if asked.and_then(|last| last.as_time()).is_some_and(|last| last > event.at) {
                return;
            }
        }
        let due = self.zone.add(event.at, without.within).max(self.now);
        let opening = Arc::new(event.started());
        self.arm_one(Watch { trigger: trigger.clone(), booking: subject, armed: event.at, due, opening });
    }

    pub(super) fn arm_one(&mut self, watch: Watch) {
        self.person.watches.retain(|known| known.trigger != watch.trigger || known.booking != watch.booking);
        self.act(Action::Armed { trigger: watch.trigger.clone(), booking: watch.booking, due: watch.due });
        self.person.watches.push(watch);
    }

    pub(super) fn disarm_one(&mut self, trigger: &TriggerName, booking: Option<BookingId>) {
        self.person.watches.retain(|known| known.trigger != *trigger || known.booking != booking);
        self.act(Action::Disarmed { trigger: trigger.clone(), booking });
    }

    /// Belongs to a trigger that no event sets off, which is looked at when everything else is done.
    fn stands(&self, watch: &Watch) -> bool {
        let trigger = self.plan.triggers.get(&watch.trigger);
        watch.is_standing() && trigger.is_some_and(|trigger| trigger.is_standing())
    }

    fn next_over(&self, by: Instant) -> Option<Watch> {
        let over = self.person.watches.iter().filter(|watch| watch.due <= by && !self.stands(watch));
        over.min_by_key(|watch| (watch.due, &watch.trigger, watch.booking)).cloned()
    }

    /// Watches whose time was over by then: the awaited event did not happen, or an appointment began or ended. One after
    /// the other: what an appointment makes happen may be what another one awaits.
    pub(super) fn watches_over(&mut self, by: Instant) {
        while let Some(watch) = self.next_over(by) {
            self.disarm_one(&watch.trigger, watch.booking);
            if let Some(kind) = Watch::appointment(&watch.trigger) {
                self.tell_appointment(&watch, kind);
                continue;
            }
            let Some(trigger) = self.plan.triggers.get(&watch.trigger).cloned().filter(|trigger| trigger.active) else {
                continue;
            };
            if watch.is_standing() {
                continue;
            }
            let event = Happening {
                id: watch.opening.id.unwrap_or(EventId(0)),
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
                self.enter_all(entering);
            } else {
                self.not_matched(&trigger, &event);
            }
        }
    }
}

/// In booking runs `booking.*` means the run's own booking, except `booking.created`, which means any of the person's. News
/// come in any order: what was told late of a booking does not end what younger news of it began.
pub(super) fn concerns(run: &Run, event: &Happening) -> bool {
    if !carries_booking(event.kind.as_str()) {
        return true;
    }
    if run.sequence.about != About::Booking {
        let begun = run.started_by.as_ref().filter(|started| started.booking.is_some());
        return !begun.is_some_and(|started| started.booking == event.booking && event.at < started.at);
    }
    if event.kind.as_str() == "booking.created" {
        return event.booking != run.booking;
    }
    event.booking == run.booking
}
