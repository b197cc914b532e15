//! A decision in the making: the person as they become, the actions so far, and what still has to be looked at.
//!
//! Every change goes through here, so that the state and the list of actions cannot disagree.
use super::{
    Action, Because, Cancel, Decision, End, Happening, Ids, Outcome, Person, Phase, Run, RunFacts, Send, Sending,
    World, following::Following,
};
use crate::{
    calendar::{Instant, Zone},
    expr::{Ask, Cond, Formula, Missing},
    id::{BookingId, EventId, EventKind, RunId, SendId},
    plan::Plan,
    record::Purpose,
    value::Value,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// Steps and sends that one decision takes up; what is left stays due and is taken up by the next turn.
const TAKEN_UP: usize = 10_000;

pub(super) struct Draft<'a> {
    pub(super) plan: &'a Plan,
    pub(super) world: &'a World,
    pub(super) now: Instant,
    pub(super) zone: Zone,
    pub(super) person: Person,
    pub(super) ids: Ids,
    /// The booking that reached a goal: what an exit's sequence about bookings is about.
    pub(super) converted_by: Option<BookingId>,
    /// Runs that ended and whose exits are still to be done.
    pub(super) leaving: VecDeque<Leaving>,
    /// Runs entered here, and the newest event then: a run does not see what was before it. The last is one that has a
    /// number already and is told only afterwards.
    pub(super) born: Vec<(RunId, i64, Option<EventId>)>,
    /// What is to be told when the appointments before it are.
    pub(super) told_next: Option<EventId>,
    pub(super) following: Following,
    pub(super) actions: Vec<Action>,
    queue: VecDeque<Happening>,
    missing: BTreeSet<Ask>,
}

/// From where a condition looks.
#[derive(Clone, Copy)]
pub(super) enum View<'e> {
    /// A step: `event` is what started the run.
    Run(RunId),
    /// A send of a run, which may stand at a later step by now.
    Send(SendId),
    /// A trigger: `event` is what happens now.
    Event(&'e Happening),
    /// A goal or stop rule of a run: the event now, the run's own booking.
    Rule(RunId, &'e Happening),
    Person,
}

impl<'a> Draft<'a> {
    pub(super) fn new(plan: &'a Plan, world: &'a World, person: &Person, ids: Ids, now: Instant) -> Self {
        Self {
            plan,
            world,
            now,
            zone: person.zone(plan),
            person: person.clone(),
            ids,
            converted_by: None,
            leaving: VecDeque::new(),
            born: Vec::new(),
            told_next: None,
            following: Following::default(),
            actions: Vec::new(),
            queue: VecDeque::new(),
            missing: BTreeSet::new(),
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Works through what follows from the event: steps and sends that are due, exits, events of our own.
    pub(super) fn finish(mut self) -> Result<Decision, Missing> {
        loop {
            self.settle();
            if self.leave() || self.look_again() {
                continue;
            }
            if let Some(next) = self.queue.pop_front() {
                self.spread(&next);
            } else if !self.stand() {
                break;
            }
        }
        self.await_appointments();
        if self.missing.is_empty() {
            Ok(Decision { person: self.person, actions: self.actions, ids: self.ids })
        } else {
            Err(Missing(self.missing))
        }
    }

    /// The decision as it stands, without looking at what else is due.
    pub(super) fn stop_here(self) -> Decision {
        Decision { person: self.person, actions: self.actions, ids: self.ids }
    }

    /// Takes up everything that is due at this very moment, until nothing is: by purpose, priority, due time, id.
    fn settle(&mut self) {
        for _ in 0..TAKEN_UP {
            let runs = self.person.runs.iter().filter(|run| self.is_due(run.wake())).map(Due::run);
            let sends = self.person.sends.iter().filter(|send| self.is_due(send.wake())).map(Due::send);
            let moved = match runs.chain(sends).min() {
                Some(Due { run: Some(run), .. }) => self.fall_due(run),
                Some(Due { send: Some(send), .. }) => {
                    self.try_send(send);
                    true
                }
                _ => false,
            };
            if !moved {
                break;
            }
        }
    }

    fn is_due(&self, wake: Option<Instant>) -> bool {
        wake.is_some_and(|at| at <= self.now)
    }

    /// An event of our own making. It is worked through after the present one, and kept when the plan hears it.
    pub(super) fn emit(
        &mut self,
        kind: &str,
        data: BTreeMap<Arc<str>, Value>,
        booking: Option<BookingId>,
        by_run: Option<RunId>,
    ) {
        if !self.plan.hears(kind) {
            return;
        }
        let kind = EventKind::new(kind);
        let id = self.ids.event();
        let event = Happening { id, kind, at: self.now, booking, data, delivery: None, by_run };
        self.act(Action::Note(event.clone()));
        let maker = by_run.and_then(|run| self.maker_of(run));
        if self.may_follow(maker) {
            self.queue.push_back(event);
        } else {
            self.goes_round(None, None);
        }
    }

    /// Does the condition hold? Without one it does. What only history can answer is noted as missing.
    pub(super) fn holds(&mut self, cond: Option<&Cond>, view: View<'_>) -> bool {
        let Some(cond) = cond else { return true };
        let asked = cond.eval(&self.facts(view));
        self.taken(asked).unwrap_or(false)
    }

    pub(super) fn value(&mut self, formula: &Formula, view: View<'_>) -> Value {
        let asked = formula.eval(&self.facts(view));
        self.taken(asked).unwrap_or_default()
    }

    pub(super) fn facts<'f>(&'f self, view: View<'f>) -> RunFacts<'f> {
        let (plan, person, now) = (self.plan, &self.person, self.now);
        match view {
            View::Run(id) => match self.run(id) {
                Some(run) => RunFacts::of_run(plan, person, run, now),
                None => RunFacts::of_person(plan, person, now),
            },
            View::Send(id) => match self.send(id) {
                Some(send) => RunFacts::of_send(plan, person, send, now),
                None => RunFacts::of_person(plan, person, now),
            },
            View::Event(event) => RunFacts::of_event(plan, person, None, event, now),
            View::Rule(id, event) => RunFacts::of_event(plan, person, self.run(id), event, now),
            View::Person => RunFacts::of_person(plan, person, now),
        }
    }

    fn taken<T>(&mut self, asked: Result<T, Missing>) -> Option<T> {
        match asked {
            Ok(answer) => Some(answer),
            Err(Missing(asks)) => {
                self.missing.extend(asks);
                None
            }
        }
    }

    /// An answer of the history that gates need; noted as missing when it was not loaded.
    pub(super) fn answer(&mut self, ask: Ask) -> Option<Value> {
        let known = self.person.answers.get(&ask).cloned();
        if known.is_none() {
            self.missing.insert(ask);
        }
        known
    }

    pub(super) fn run(&self, id: RunId) -> Option<&Run> {
        self.person.run(id)
    }

    pub(super) fn run_mut(&mut self, id: RunId) -> Option<&mut Run> {
        self.person.runs.iter_mut().find(|run| run.id == id)
    }

    pub(super) fn send(&self, id: SendId) -> Option<&Send> {
        self.person.send(id)
    }

    pub(super) fn send_mut(&mut self, id: SendId) -> Option<&mut Send> {
        self.person.sends.iter_mut().find(|send| send.id == id)
    }

    /// Runs that are active, in the order in which work of one person is decided.
    pub(super) fn active_runs(&self) -> Vec<RunId> {
        let mut runs: Vec<&Run> = self.person.runs.iter().filter(|run| run.is_active()).collect();
        runs.sort_by_key(|run| (run.sequence.purpose, -run.sequence.priority, run.id));
        runs.into_iter().map(|run| run.id).collect()
    }

    /// Ends a send. A terminal outcome is never changed again.
    pub(super) fn close(&mut self, id: SendId, outcome: Outcome, because: Option<Because>) {
        let now = self.now;
        if self.send(id).is_none_or(|send| !send.is_open()) {
            return;
        }
        let Some(send) = self.send_mut(id) else { return };
        send.state = Sending::Closed(outcome.clone());
        send.at = now;
        if because.is_some() {
            send.because = because;
        }
        let run = send.run;
        let outward = send.channel.is_some() && matches!(outcome, Outcome::Sent | Outcome::Unknown);
        self.act(Action::Closed(id));
        let fresh = run.filter(|run| outward && self.run(*run).is_some_and(|run| !run.acted));
        if let Some(run) = fresh.and_then(|run| self.run_mut(run)) {
            run.acted = true;
            let run = run.id;
            self.act(Action::Acted(run));
        }
        self.after_close(id, &outcome);
        if let Some(run) = run {
            self.outcome_came(run, id);
        }
    }

    /// Cancels what of a run is open and not under way. What may have gone out already can only stay unknown.
    pub(super) fn cancel_open(&mut self, run: RunId, why: &Cancel, only: impl Fn(&Send) -> bool) {
        let open: Vec<(SendId, bool)> = self
            .person
            .sends
            .iter()
            .filter(|send| send.run == Some(run) && send.can_be_called_off() && !send.is_aside() && only(send))
            .map(|send| (send.id, send.tainted))
            .collect();
        for (id, tainted) in open {
            let outcome = if tainted { Outcome::Unknown } else { Outcome::Cancelled(why.clone()) };
            self.close(id, outcome, None);
        }
    }

    pub(super) fn is_active(&self, run: RunId) -> bool {
        self.run(run).is_some_and(|run| matches!(run.phase, Phase::Active(_)))
    }
}

/// A run or a send that is due, in the order in which due work of one person is decided.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    purpose: Purpose,
    priority: Reverse<i32>,
    at: Option<Instant>,
    run: Option<RunId>,
    send: Option<SendId>,
}

impl Due {
    fn run(run: &Run) -> Self {
        let step = run.cursor().and_then(|cursor| run.sequence.step(cursor.step));
        let purpose = step.map_or(run.sequence.purpose, |step| step.purpose);
        Self { purpose, priority: Reverse(run.sequence.priority), at: run.wake(), run: Some(run.id), send: None }
    }

    fn send(send: &Send) -> Self {
        let at = Some(send.planned);
        Self { purpose: send.purpose, priority: Reverse(send.priority), at, run: None, send: Some(send.id) }
    }
}

/// A run that ended and whose exit is still to be done: when the group is free, or taken by who displaced it.
pub(super) struct Leaving {
    pub(super) run: RunId,
    pub(super) end: End,
    pub(super) subject: Option<BookingId>,
}
