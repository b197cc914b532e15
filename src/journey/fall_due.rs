//! A step falls due: its ledger row is written, it is judged and done, and the run moves on.
use super::{
    Action, Because, End, Fail, Gate, Happening, Hold, Outcome, Phase, Rank, RunFacts, Send, Sending, Skip, Spec,
    StopReason, Wait,
    draft::{Draft, View},
    planted,
    schedule::follows_booking,
};
use crate::{
    calendar::Instant,
    expr::Cond,
    id::{ChannelName, RunId, SendId, StepName},
    plan::{Act, Due, Moment, NotifySpec, Sequence, Step, StepIx, Supposed, TaskSpec, To},
    record::Purpose,
};
use std::sync::Arc;

/// The channel that tasks are put on: our own list, in the same database.
pub(crate) const TASKS: &str = "task";
/// The channel of calls of other programs.
pub(crate) const WEBHOOKS: &str = "webhook";

impl Draft<'_> {
    /// Lets the step at the run's cursor fall due. False when nothing moved.
    pub(super) fn fall_due(&mut self, id: RunId) -> bool {
        let Some(run) = self.run(id) else { return false };
        let Some(cursor) = run.cursor().copied() else { return false };
        let sequence = run.sequence.clone();
        let planned = match cursor.wait {
            Wait::Until(planned) => planned,
            Wait::Awaiting(_) => return self.wait_is_over(id, &sequence, cursor),
            _ => return false,
        };
        if !self.is_on(&sequence) {
            return self.hold_run(id, Hold::Paused);
        }
        let Some(step) = sequence.step(cursor.step) else {
            self.place(id, cursor.step, cursor.since, None);
            return true;
        };
        if step.act.is_barrier() {
            self.meet(id, &sequence, cursor, planned);
            return true;
        }
        let occurrence = if follows_booking(&sequence, cursor.step) { cursor.occurrence } else { 0 };
        let send = self.begin(id, &sequence, cursor.step, occurrence, planned);
        if planted!(StepBegunTwice) && sequence.steps.len() > 2 {
            let again = self.begin(id, &sequence, cursor.step, occurrence, planned);
            self.do_step(id, &sequence, step, cursor.step, again);
        }
        self.do_step(id, &sequence, step, cursor.step, send);
        if self.is_active(id) {
            self.place(id, step.next, planned, Some(send));
        }
        true
    }

    fn hold_run(&mut self, id: RunId, hold: Hold) -> bool {
        if let Some(Phase::Active(cursor)) = self.run_mut(id).map(|run| &mut run.phase) {
            cursor.wait = Wait::Held(hold);
        }
        self.act(Action::Moved(id));
        true
    }

    /// The ledger row of a step that falls due.
    pub(super) fn begin(
        &mut self,
        run: RunId,
        sequence: &Sequence,
        at: StepIx,
        occurrence: u16,
        planned: Instant,
    ) -> SendId {
        let step = &sequence.steps[usize::from(at.0)];
        let bound = sequence.bound(at).is_some();
        let spec = match &step.act {
            Act::Message(spec) => Some(Spec::Message(spec.clone())),
            Act::Task(spec) => Some(Spec::Task(spec.clone())),
            Act::Notify(spec) => Some(Spec::Notify(spec.clone())),
            Act::Webhook(spec) => Some(Spec::Webhook(spec.clone())),
            _ => None,
        };
        let send = Send {
            run: Some(run),
            sequence: Some(sequence.name.clone()),
            occurrence,
            purpose: step.purpose,
            rank: rank(step.purpose, bound),
            priority: sequence.priority,
            spec,
            ..self.blank(step.name.clone(), planned)
        };
        self.open(send)
    }

    /// A send that belongs to no step: what a trigger or an exit does.
    fn begin_aside(&mut self, name: &str, run: Option<RunId>, event: Option<&Happening>, spec: Spec) {
        let sequence = run.and_then(|run| self.run(run)).map(|run| run.sequence.name.clone());
        let send = Send {
            run,
            sequence,
            purpose: Purpose::Transactional,
            rank: rank(Purpose::Transactional, false),
            spec: Some(spec),
            ..self.blank(StepName::new(name), self.now)
        };
        let id = self.open(send);
        if let Some(event) = event {
            self.person.openings.insert(id, Arc::new(event.started()));
        }
        self.try_send(id);
    }

    fn blank(&self, step: StepName, planned: Instant) -> Send {
        Send {
            id: SendId(0),
            run: None,
            sequence: None,
            step,
            occurrence: 0,
            object: None,
            planned,
            purpose: Purpose::Marketing,
            rank: Rank(3),
            priority: 50,
            channel: None,
            address: None,
            spec: None,
            state: Sending::Preparing,
            attempts: 0,
            prepared: false,
            approved_template: false,
            authorised_at: None,
            tainted: false,
            because: None,
            at: self.now,
            provider_id: None,
        }
    }

    fn open(&mut self, send: Send) -> SendId {
        let id = self.ids.send();
        self.person.sends.push(Send { id, ..send });
        self.act(Action::Began(id));
        id
    }

    fn do_step(&mut self, run: RunId, sequence: &Sequence, step: &Step, at: StepIx, send: SendId) {
        if !step.active {
            return self.close(send, Outcome::Skipped(Skip::Inactive), Some(Because::new(Gate::Run)));
        }
        if let Some(because) = self.judge_bond(run, sequence, at) {
            return self.close(send, Outcome::Skipped(Skip::NoMoment), Some(because));
        }
        if let Some(lookup) = self.unanswered(step) {
            let because = Because::new(Gate::Retry).with("look-up", &lookup);
            return self.close(send, Outcome::Failed(Fail::Lookup(lookup)), Some(because));
        }
        if let Some(because) = self.judge_condition(send, step) {
            return self.close(send, Outcome::Skipped(Skip::Condition), Some(because));
        }
        if sequence.bound(at).is_some()
            && !matches!(&step.act, Act::Message(spec) if spec.to == To::Contact)
            && let Some(because) = self.judge_lateness(run, sequence, at, send)
        {
            return self.too_late(run, send, because, step);
        }
        match &step.act {
            Act::Message(_) | Act::Task(_) | Act::Notify(_) | Act::Webhook(_) => self.try_send(send),
            Act::Local(acts) => {
                self.do_local(acts, Some(run), None);
                self.close(send, Outcome::Sent, None);
            }
            Act::Enroll(name) => {
                self.close(send, Outcome::Sent, None);
                let (started, booking) =
                    self.run(run).map_or((None, None), |run| (run.started_by.clone(), run.subject()));
                self.enrol(name, started, booking, None);
            }
            Act::Stop(reason) => {
                self.close(send, Outcome::Sent, None);
                self.end_run(run, End::Stopped(StopReason::Rule(reason.clone())));
            }
            // barriers are met before they are begun
            Act::Nothing | Act::Branch(_) | Act::Split(_) | Act::WaitFor(_) => self.close(send, Outcome::Sent, None),
        }
    }

    /// What a bound step hangs on has to be known, and its booking must not be gone. A run that the cancellation itself
    /// started knows what it hangs on.
    pub(super) fn judge_bond(&self, run: RunId, sequence: &Sequence, at: StepIx) -> Option<Because> {
        let Some(Due::Bound { moment, .. }) = sequence.bound(at) else { return None };
        if self.moment(run, moment).is_none() {
            return Some(Because::new(Gate::Window).with("moment", format!("{moment:?} is not known")));
        }
        let run = self.run(run)?;
        let of_gone = |kind: &str| matches!(kind, "booking.cancelled" | "booking.rejected");
        let knows = run.started_by.as_ref().is_some_and(|started| of_gone(started.kind.as_str()));
        let booking = run.subject().filter(|_| matches!(moment, Moment::Booking(_)) && !knows)?;
        let gone = self.person.bookings.get(&booking).filter(|booking| booking.is_gone())?;
        Some(Because::new(Gate::Window).with("booking.status", gone.status().name()))
    }

    /// A look-up of the step that fails. One that nobody answers fails too: silence is not "nothing was found".
    fn unanswered(&self, step: &Step) -> Option<Arc<str>> {
        let fails = |lookup: &&Arc<str>| matches!(self.plan.supposed.get(*lookup), None | Some(Supposed::Failure));
        step.with.values().find(fails).cloned()
    }

    /// `if` of a step; the values it read when it does not hold.
    pub(super) fn judge_condition(&mut self, send: SendId, step: &Step) -> Option<Because> {
        let cond = step.cond.as_ref()?;
        if self.holds(Some(cond), View::Send(send)) {
            return None;
        }
        Some(self.condition_read(cond, View::Send(send)))
    }

    pub(super) fn condition_read(&self, cond: &Cond, view: View<'_>) -> Because {
        condition_read(cond, &self.facts(view))
    }

    /// Tasks and notices of a trigger or an exit. Each has a name of its own: a run has one row per step.
    pub(super) fn do_aside(
        &mut self,
        name: &str,
        run: Option<RunId>,
        event: Option<&Happening>,
        tasks: &[TaskSpec],
        notices: &[NotifySpec],
    ) {
        for (at, task) in tasks.iter().enumerate() {
            self.begin_aside(&format!("{name}.task.{}", at + 1), run, event, Spec::Task(Arc::new(task.clone())));
        }
        for (at, notice) in notices.iter().enumerate() {
            self.begin_aside(&format!("{name}.notify.{}", at + 1), run, event, Spec::Notify(Arc::new(notice.clone())));
        }
    }

    /// The text of a send was rendered and stored, or could not be.
    pub(super) fn prepared(&mut self, id: SendId, result: Result<(), Fail>) {
        let Some(send) = self.send_mut(id).filter(|send| send.state == Sending::Preparing) else { return };
        match result {
            Ok(()) => {
                send.prepared = true;
                send.state = Sending::Ready;
                self.act(Action::Ready(id));
            }
            Err(fail) => {
                let because = Because::new(Gate::Channel).with("error", fail.detail());
                self.close(id, Outcome::Failed(fail), Some(because));
            }
        }
    }

    pub(super) fn task_channel() -> ChannelName {
        ChannelName::new(TASKS)
    }
}

/// A condition and the values it read.
pub(crate) fn condition_read(cond: &Cond, facts: &RunFacts<'_>) -> Because {
    let because = Because::new(Gate::Condition).with("if", cond.text());
    cond.paths().iter().fold(because, |because, path| {
        let value = crate::expr::Facts::get(facts, path.parts());
        let value = if value.is_missing() { "missing".to_owned() } else { value.to_string() };
        because.with(&path.to_string(), value)
    })
}

/// 0 bound and transactional, then transactional, service, marketing.
pub(super) fn rank(purpose: Purpose, bound: bool) -> Rank {
    Rank(match purpose {
        Purpose::Transactional if bound => 0,
        Purpose::Transactional => 1,
        Purpose::Service => 2,
        Purpose::Marketing => 3,
    })
}
