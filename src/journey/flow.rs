//! Barriers: which way a run takes at `branch`, `split` and `wait_for`. A way that was taken is kept with the run.
use super::{
    Action, Because, Cursor, End, Gate, Happening, Outcome, Phase, Run, Skip, StopReason, Taken, Wait,
    draft::{Draft, View},
    planted,
    schedule::{PUNCTUAL_MS, follows_booking, is_open_step},
};
use crate::{
    calendar::Instant,
    expr::Cond,
    id::{ContactId, RunId},
    plan::{Act, Branch, OTHERWISE, Sequence, Share, StepIx, THEN, WaitFor},
};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A way that is taken, and why.
struct Way {
    arm: Arc<str>,
    entry: StepIx,
    because: Because,
}

impl Draft<'_> {
    /// Is nothing of the run under way?
    pub(super) fn is_quiet(&self, id: RunId) -> bool {
        !self.person.sends.iter().any(|send| is_open_step(send, id))
    }

    /// A barrier falls due: it is decided once nothing of the run is open.
    pub(super) fn meet(&mut self, id: RunId, sequence: &Arc<Sequence>, cursor: Cursor, planned: Instant) {
        if !self.is_quiet(id) && !planted!(BarrierIgnoresSends) {
            return self.hold_at(id, Cursor { wait: Wait::Quiet, ..cursor });
        }
        let at = cursor.step;
        let Some(step) = sequence.step(at) else { return };
        if let Some((skip, because)) = self.passed_over(id, sequence, at, planned) {
            let send = self.begin(id, sequence, at, self.occurrence(sequence, cursor), planned);
            match skip {
                Skip::Late => self.too_late(id, send, because, step),
                skip => self.close(send, Outcome::Skipped(skip), Some(because)),
            }
            if self.is_active(id) {
                self.place(id, step.next, planned, Some(send));
            }
            return;
        }
        match &step.act {
            Act::Branch(branch) => {
                let way = self.case(id, branch);
                self.take(id, sequence, cursor, planned, way);
            }
            Act::Split(shares) => {
                if let Some(way) = self.share(sequence, at, shares) {
                    self.take(id, sequence, cursor, planned, way);
                }
            }
            Act::WaitFor(wait) => self.begin_waiting(id, wait, cursor, planned),
            _ => {}
        }
    }

    /// Why a barrier is not come to at all: switched off, its moment gone, its `if` false, too late.
    fn passed_over(&mut self, id: RunId, sequence: &Sequence, at: StepIx, planned: Instant) -> Option<(Skip, Because)> {
        let step = sequence.step(at)?;
        if !step.active {
            return Some((Skip::Inactive, Because::new(Gate::Run)));
        }
        if let Some(because) = self.judge_bond(id, sequence, at) {
            return Some((Skip::NoMoment, because));
        }
        if let Some(cond) = step.cond.as_ref()
            && !self.holds(Some(cond), View::Run(id))
        {
            return Some((Skip::Condition, self.condition_read(cond, View::Run(id))));
        }
        let late = sequence.bound(at).and_then(|_| self.late_by_now(id, sequence, at, planned));
        late.map(|because| (Skip::Late, because))
    }

    fn occurrence(&self, sequence: &Sequence, cursor: Cursor) -> u16 {
        if follows_booking(sequence, cursor.step) { cursor.occurrence } else { 0 }
    }

    /// Takes a way: the ledger says which and why, the run keeps it, and the first step of it comes next.
    fn take(&mut self, id: RunId, sequence: &Arc<Sequence>, cursor: Cursor, planned: Instant, way: Way) {
        let Some(step) = sequence.step(cursor.step) else { return };
        let send = self.begin(id, sequence, cursor.step, self.occurrence(sequence, cursor), planned);
        let first = sequence.step(way.entry).filter(|_| way.entry != step.next).map(|first| first.name.clone());
        if let Some(run) = self.run_mut(id) {
            run.taken.retain(|taken| taken.step != step.name);
            run.taken.push(Taken { step: step.name.clone(), arm: way.arm, first });
        }
        self.close(send, Outcome::Sent, Some(way.because));
        // what follows a wait counts from the moment that the wait was over
        let (due, before) = match (&step.act, cursor.wait) {
            (Act::WaitFor(_), Wait::Awaiting(until)) => (until.min(self.now), None),
            (Act::WaitFor(_), _) => (planned, None),
            _ => (planned, Some(send)),
        };
        let since = if self.now.since(due) <= PUNCTUAL_MS { due } else { self.now };
        self.place(id, way.entry, since, before);
    }

    fn hold_at(&mut self, id: RunId, cursor: Cursor) {
        if let Some(run) = self.run_mut(id) {
            run.phase = Phase::Active(cursor);
        }
        self.act(Action::Moved(id));
    }

    // --- branch and split -----------------------------------------------------------------------------------------------

    fn case(&mut self, id: RunId, branch: &Branch) -> Way {
        let view = View::Run(id);
        for (at, case) in branch.cases.iter().enumerate() {
            if self.holds(Some(&case.cond), view) {
                let arm: Arc<str> = Arc::from((at + 1).to_string());
                let because = self.read(Because::new(Gate::Branch).with("arm", &arm), &case.cond, view);
                return Way { arm, entry: case.entry, because };
            }
        }
        let because = Because::new(Gate::Branch).with("arm", OTHERWISE);
        let because = branch.cases.iter().fold(because, |because, case| self.read(because, &case.cond, view));
        Way { arm: Arc::from(OTHERWISE), entry: branch.otherwise, because }
    }

    /// Adds a condition and what it read, each value once.
    fn read(&self, because: Because, cond: &Cond, view: View<'_>) -> Because {
        self.condition_read(cond, view).read.into_iter().fold(because, |mut because, (name, value)| {
            if !because.read.contains(&(name.clone(), value.clone())) {
                because.read.push((name, value));
            }
            because
        })
    }

    /// The same share for the same person each time; one split says nothing about another.
    fn share(&self, sequence: &Sequence, at: StepIx, shares: &[Share]) -> Option<Way> {
        let total: u64 = shares.iter().map(|share| u64::from(share.weight)).sum();
        let place = place(sequence, at, self.person.contact.id).checked_rem(total)?;
        let mut until = 0;
        let share = shares.iter().find(|share| {
            until += u64::from(share.weight);
            place < until
        })?;
        let because = Because::new(Gate::Branch).with("arm", &share.name).with("weight", share.weight);
        Some(Way { arm: share.name.clone(), entry: share.entry, because })
    }

    // --- wait_for -------------------------------------------------------------------------------------------------------

    fn begin_waiting(&mut self, id: RunId, wait: &WaitFor, cursor: Cursor, planned: Instant) {
        let since = if self.now.since(planned) <= PUNCTUAL_MS { planned } else { self.now };
        let until = self.zone.add(since, wait.up_to);
        // whether a condition holds already is seen at the end of every decision
        self.hold_at(id, Cursor { since, wait: Wait::Awaiting(until), ..cursor });
    }

    /// The event reaches the `wait_for` that the run stands at. True when it was the one that was waited for.
    pub(super) fn hear(&mut self, id: RunId, event: &Happening) -> bool {
        let Some(Run { sequence, .. }) = self.run(id) else { return false };
        let sequence = sequence.clone();
        let cursor = |draft: &Self| draft.run(id).and_then(|run| run.cursor().copied());
        let Some(mut here) = cursor(self) else { return false };
        let Some(Act::WaitFor(wait)) = sequence.step(here.step).map(|step| &step.act) else { return false };
        if wait.event.as_ref() != Some(&event.kind) {
            return false;
        }
        // its time came and the clock was not asked yet
        if let Wait::Until(at) = here.wait
            && at <= event.at.min(self.now)
            && sequence.active
            && self.is_quiet(id)
        {
            self.meet(id, &sequence, here, at);
            let Some(now) = cursor(self) else { return false };
            here = now;
        }
        let Wait::Awaiting(until) = here.wait else { return false };
        if event.at.min(self.now) > until || !self.holds(wait.cond.as_ref(), View::Rule(id, event)) {
            return false;
        }
        let because = Because::new(Gate::Branch).with("arm", THEN).with("event", &event.kind);
        let because = match &wait.cond {
            Some(cond) => self.read(because, cond, View::Rule(id, event)),
            None => because,
        };
        self.take(id, &sequence, here, here.since, Way { arm: Arc::from(THEN), entry: wait.then, because });
        true
    }

    /// Runs that wait for a condition go on when it holds by now. False when none did.
    pub(super) fn look_again(&mut self) -> bool {
        let mut any = false;
        for id in self.active_runs() {
            let Some(run) = self.run(id) else { continue };
            let (sequence, Some(cursor)) = (run.sequence.clone(), run.cursor().copied()) else { continue };
            let (Wait::Awaiting(_), Some(Act::WaitFor(wait))) =
                (cursor.wait, sequence.step(cursor.step).map(|step| &step.act))
            else {
                continue;
            };
            any |= wait.event.is_none() && self.holds_by_now(id, &sequence, cursor, wait);
        }
        any
    }

    fn holds_by_now(&mut self, id: RunId, sequence: &Arc<Sequence>, cursor: Cursor, wait: &WaitFor) -> bool {
        let Some(cond) = wait.cond.as_ref().filter(|_| self.is_active(id)) else { return false };
        if !self.holds(Some(cond), View::Run(id)) {
            return false;
        }
        let because = self.read(Because::new(Gate::Branch).with("arm", THEN), cond, View::Run(id));
        self.take(id, sequence, cursor, cursor.since, Way { arm: Arc::from(THEN), entry: wait.then, because });
        true
    }

    /// The time of a `wait_for` is over.
    pub(super) fn wait_is_over(&mut self, id: RunId, sequence: &Arc<Sequence>, cursor: Cursor) -> bool {
        let Some(Act::WaitFor(wait)) = sequence.step(cursor.step).map(|step| &step.act) else {
            self.place(id, cursor.step, cursor.since, None);
            return true;
        };
        if wait.event.is_none() && self.holds_by_now(id, sequence, cursor, wait) {
            return true;
        }
        let because = Because::new(Gate::Branch).with("arm", OTHERWISE).with("up_to", wait.up_to);
        let because = match (&wait.event, &wait.cond) {
            (Some(event), _) => because.with("event", event),
            (None, Some(cond)) => self.read(because, cond, View::Run(id)),
            (None, None) => because,
        };
        let way = Way { arm: Arc::from(OTHERWISE), entry: wait.otherwise, because };
        self.take(id, sequence, cursor, cursor.since, way);
        true
    }

    // --- what changed -----------------------------------------------------------------------------------------------------

    /// A run that stands at a barrier is looked at anew after a change of the plan or of what was open. False when it
    /// stands at none, or the barrier is another thing now.
    pub(super) fn heal_barrier(&mut self, id: RunId, sequence: &Arc<Sequence>, old: Cursor) -> bool {
        let act = sequence.step(old.step).map(|step| &step.act);
        match (old.wait, act) {
            (Wait::Awaiting(_), Some(Act::WaitFor(wait))) => {
                let until = self.zone.add(old.since, wait.up_to);
                self.hold_at(id, Cursor { wait: Wait::Awaiting(until), ..old });
                true
            }
            (Wait::Quiet, Some(act)) if act.is_barrier() && !self.is_quiet(id) => {
                self.act(Action::Moved(id));
                true
            }
            _ => false,
        }
    }

    /// The step that a run stood at was removed, and the file says that its people leave.
    pub(super) fn is_left(&mut self, id: RunId) -> bool {
        let left = self.run(id).is_some_and(|run| run.is_active() && run.removed);
        if left {
            self.end_run(id, End::Stopped(StopReason::Removed));
        }
        left
    }
}

impl Run {
    /// What comes after a step that this run has done: at a barrier the first step of the way that it took.
    pub(super) fn after(&self, at: StepIx) -> StepIx {
        let Some(step) = self.sequence.step(at) else { return self.sequence.end() };
        let name = |taken: &&Taken| *self.sequence.name_today(&taken.step) == step.name;
        match self.taken.iter().find(name).filter(|_| step.act.is_barrier()) {
            Some(taken) => self.sequence.arm(at, &taken.arm, taken.first.as_ref()),
            None => step.next,
        }
    }

    /// Did it take a way at this step?
    pub(super) fn has_taken(&self, at: StepIx) -> bool {
        self.sequence.step(at).is_some_and(|step| {
            step.act.is_barrier() && self.taken.iter().any(|taken| *self.sequence.name_today(&taken.step) == step.name)
        })
    }
}

fn place(sequence: &Sequence, at: StepIx, contact: ContactId) -> u64 {
    let mut hash = Sha256::new();
    let step = sequence.step(at).map_or("", |step| step.name.as_str());
    for part in [sequence.name.as_str(), step] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.update(contact.0.to_be_bytes());
    let digest = hash.finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first)
}
