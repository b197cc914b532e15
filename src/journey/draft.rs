//! A decision in the making: the person as they become, the actions so far, and what still has to be looked at.
//!
//! Every change goes through here, so that the state and the list of actions cannot disagree.
use super::{
    Action, Because, Cancel, Decision, Happening, Ids, Outcome, Person, Phase, Run, RunFacts, Send, Sending, World,
};
use crate::{
    calendar::{Instant, Zone},
    expr::{Ask, Cond, Facts, Formula, Missing},
    id::{BookingId, EventKind, RunId, SendId},
    plan::Plan,
    value::Value,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// Internal events that one decision may work through: beyond it two sequences enrol into each other without a wait,
/// which the compiler refuses; the rest stays due and is taken up by the next turn.
const ROUNDS: usize = 256;

pub(super) struct Draft<'a> {
    pub(super) plan: &'a Plan,
    pub(super) world: &'a World,
    pub(super) now: Instant,
    pub(super) zone: Zone,
    pub(super) person: Person,
    pub(super) ids: Ids,
    /// The booking that reached a goal: what an exit's sequence about bookings is about.
    pub(super) converted_by: Option<BookingId>,
    actions: Vec<Action>,
    queue: VecDeque<Happening>,
    missing: BTreeSet<Ask>,
}

/// From where a condition looks.
#[derive(Clone, Copy)]
pub(super) enum View<'e> {
    /// A step: `event` is what started the run.
    Run(RunId),
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
            actions: Vec::new(),
            queue: VecDeque::new(),
            missing: BTreeSet::new(),
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Works through the events that this decision itself made, then closes it.
    pub(super) fn finish(mut self) -> Result<Decision, Missing> {
        for _ in 0..ROUNDS {
            self.settle();
            let Some(next) = self.queue.pop_front() else { break };
            self.happen(&next);
        }
        if self.missing.is_empty() {
            Ok(Decision { person: self.person, actions: self.actions, ids: self.ids })
        } else {
            Err(Missing(self.missing))
        }
    }

    /// Lets everything that is due at this very moment fall due, until nothing is.
    fn settle(&mut self) {
        for _ in 0..ROUNDS {
            let due = self.person.runs.iter().filter(|run| run.wake().is_some_and(|at| at <= self.now));
            let Some(next) = due.min_by_key(|run| run_order(run)).map(|run| run.id) else { break };
            if !self.fall_due(next) {
                break;
            }
        }
    }

    /// An event of our own making. It is worked through after the present one, and kept when the plan hears it.
    pub(super) fn emit(
        &mut self,
        kind: &str,
        data: BTreeMap<Arc<str>, Value>,
        booking: Option<BookingId>,
        by_run: Option<RunId>,
    ) {
        let kind = EventKind::new(kind);
        if !self.plan.hears(&kind) {
            return;
        }
        let id = self.ids.event();
        let event = Happening { id, kind, at: self.now, booking, data, delivery: None, by_run };
        self.act(Action::Note(event.clone()));
        self.queue.push_back(event);
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
        let Some(send) = self.send_mut(id).filter(|send| send.is_open()) else { return };
        send.state = Sending::Closed(outcome.clone());
        send.at = now;
        if because.is_some() {
            send.because = because;
        }
        let run = send.run;
        self.act(Action::Closed(id));
        self.after_close(id, &outcome);
        if let Some(run) = run {
            self.outcome_came(run, id);
        }
    }

    /// Cancels what of a run is open and not yet authorised.
    pub(super) fn cancel_open(&mut self, run: RunId, why: &Cancel, only: impl Fn(&Send) -> bool) {
        let open: Vec<SendId> = self
            .person
            .sends
            .iter()
            .filter(|send| send.run == Some(run) && send.can_be_cancelled() && only(send))
            .map(|send| send.id)
            .collect();
        for id in open {
            self.close(id, Outcome::Cancelled(why.clone()), None);
        }
    }

    pub(super) fn is_active(&self, run: RunId) -> bool {
        self.run(run).is_some_and(|run| matches!(run.phase, Phase::Active(_)))
    }
}

/// Purpose, priority, due time, id: the order in which due work of one person is decided.
fn run_order(run: &Run) -> (crate::record::Purpose, i32, Option<Instant>, RunId) {
    let step = run.cursor().and_then(|cursor| run.sequence.step(cursor.step));
    let purpose = step.map_or(run.sequence.purpose, |step| step.purpose);
    (purpose, -run.sequence.priority, run.wake(), run.id)
}
