//! What a change of the plan, or an end that no event told, does to the runs that are inside: times computed anew, what
//! became overdue caught up, new stop rules judged, open sends judged again. Must not know why the plan changed, or when.
use super::{
    Action, Because, Cursor, End, Gate, Happening, Hold, Outcome, Phase, Run, Send, Sending, Skip, StopReason, Wait,
    draft::{Draft, View},
    fall_due, planted,
    schedule::{self, is_message_to_contact},
};
use crate::{
    calendar::{Clear, Instant, Span},
    expr::Ask,
    id::{BookingId, EventId, EventKind, RunId, SendId, SequenceName},
    plan::{CatchUp, Sequence, Step, Stop},
    value::Value,
};
use std::collections::BTreeMap;

/// Within this time what a change made overdue goes out, where a sequence does not say otherwise.
const SPREAD: Span = Span { months: 0, days: 0, ms: 24 * 3_600_000 };
const MINUTE_MS: i64 = 60_000;
/// Tries for a moment of one's own in which windows are open.
const TRIES: u64 = 64;

impl Draft<'_> {
    /// The plan changed: runs of this sequence are looked at anew, also those whose own revision is the same.
    pub(super) fn replanned(&mut self, sequence: &SequenceName) {
        if planted!(HoursNotRecomputed) {
            return;
        }
        for run in self.person.runs.iter_mut().filter(|run| run.is_active() && run.sequence.name == *sequence) {
            run.stale = true;
        }
    }

    /// What no event of its own tells: the plan changed under a run, or what a run waits for is over already. Nothing is
    /// left active without something pending.
    pub(super) fn heal(&mut self) {
        let over = |send: SendId| self.send(send).is_none_or(|send| !send.is_open());
        let ill = |run: &&Run| {
            let stuck = |cursor: &Cursor| match cursor.wait {
                Wait::ForOutcome(send) => over(send),
                Wait::Held(Hold::Paused) => self.is_on(&run.sequence),
                Wait::Settling | Wait::Quiet => self.is_quiet(run.id),
                _ => false,
            };
            run.is_active() && (run.stale || run.removed || run.cursor().is_some_and(stuck))
        };
        let ill: Vec<RunId> = self.person.runs.iter().filter(ill).map(|run| run.id).collect();
        if planted!(OutcomeLost) {
            return;
        }
        for id in ill {
            self.heal_run(id);
        }
    }

    fn heal_run(&mut self, id: RunId) {
        let Some(run) = self.run_mut(id) else { return };
        let (stale, before) = (std::mem::take(&mut run.stale), run.before.take());
        let sequence = run.sequence.clone();
        if self.is_left(id) || before.is_some_and(|before| self.leaves_now(id, &before)) {
            return;
        }
        let Some(old) = self.run(id).and_then(|run| run.cursor().copied()) else { return };
        if !self.heal_barrier(id, &sequence, old) {
            let awaited = match old.wait {
                Wait::ForOutcome(send) => Some(send),
                _ => None,
            };
            self.place(id, old.step, old.since, awaited);
        }
        if stale {
            if !planted!(OverdueByTheChangeIsLate) {
                self.catch_up(id, old.wait);
            }
            self.judge_open(id);
        }
    }

    // --- what became overdue --------------------------------------------------------------------------------------------

    /// What the old plan had overdue stays late. An unbound step whose moment passed through nobody's lateness is caught
    /// up: after a pause from the first allowed moment on, after a change as its sequence says.
    fn catch_up(&mut self, id: RunId, old: Wait) {
        let past = |wait: Wait| matches!(wait, Wait::Until(at) | Wait::Awaiting(at) if at <= self.now);
        let Some(run) = self.run(id) else { return };
        let (sequence, Some(cursor)) = (run.sequence.clone(), run.cursor().copied()) else { return };
        // a barrier that was due waits for nothing but its sends
        if past(old) || old == Wait::Quiet || !past(cursor.wait) || sequence.bound(cursor.step).is_some() {
            return;
        }
        let Some(step) = sequence.step(cursor.step) else { return };
        let had = match old {
            Wait::Until(at) | Wait::Awaiting(at) => Some(at),
            _ => None,
        };
        let how = sequence.changed.catch_up.unwrap_or(CatchUp::Spread(SPREAD));
        let at = match how {
            _ if old == Wait::Held(Hold::Paused) => self.now,
            CatchUp::Now => self.now,
            CatchUp::Spread(_) if planted!(EverybodyAtOnce) => self.now,
            CatchUp::Skip if !step.act.is_barrier() => return self.skip_overdue(id),
            CatchUp::Skip => self.now,
            CatchUp::Keep => had.unwrap_or(self.now),
            // never later than it would have been without the change
            CatchUp::Spread(span) => {
                let own = self.moment_of_own(id, step, span);
                had.filter(|_| !planted!(LaterThanBefore)).map_or(own, |had| had.min(own))
            }
        };
        let at = if planted!(SpreadIntoTheNight) { at } else { self.first_allowed(&sequence, step, at) };
        if let Some(Phase::Active(cursor)) = self.run_mut(id).map(|run| &mut run.phase) {
            cursor.wait = match cursor.wait {
                Wait::Awaiting(_) => Wait::Awaiting(at),
                _ => Wait::Until(at),
            };
        }
        self.act(Action::Moved(id));
    }

    fn first_allowed(&self, sequence: &Sequence, step: &Step, at: Instant) -> Instant {
        let free = || self.free_moment(at, sequence, step).unwrap_or(at);
        let at = if is_message_to_contact(step) { free() } else { at };
        // what is to come after the end of a campaign ends with it
        let end = sequence.campaign.as_ref().and_then(|campaign| campaign.end);
        end.map_or(at, |end| at.min(end))
    }

    /// A moment within this time that hangs on the run alone, while windows are open: the same however often it is asked.
    fn moment_of_own(&self, id: RunId, step: &Step, span: Span) -> Instant {
        let within = (self.zone.add(self.now, span).since(self.now) / MINUTE_MS).max(1).unsigned_abs();
        let closed = Clear { window: None, quiet: None };
        let rules = if is_message_to_contact(step) { schedule::clear(&self.plan.policies, step) } else { closed };
        let nth = |nth: u64| {
            let minutes = mixed(id.0.unsigned_abs().wrapping_add(nth.wrapping_mul(0x9E37_79B9_7F4A_7C15))) % within;
            self.now.plus_ms(i64::try_from(minutes).unwrap_or(0) * MINUTE_MS)
        };
        let first = nth(0);
        let tries = if planted!(SpreadIntoTheNight) { 1 } else { TRIES };
        (0..tries).map(nth).find(|at| rules.allows(self.zone.civil(*at))).unwrap_or(first)
    }

    /// Leaves out what a change made overdue: each with its line in the ledger, and what follows counts from now.
    fn skip_overdue(&mut self, id: RunId) {
        while let Some(run) = self.run(id) {
            let (sequence, Some(cursor)) = (run.sequence.clone(), run.cursor().copied()) else { return };
            let Wait::Until(planned) = cursor.wait else { return };
            let Some(step) = sequence.step(cursor.step) else { return };
            if planned > self.now || step.act.is_barrier() || sequence.bound(cursor.step).is_some() {
                return;
            }
            let send = self.begin(id, &sequence, cursor.step, 0, planned);
            let because = Because::new(Gate::Lateness).with("planned", planned).with("catch_up", "skip");
            self.close(send, Outcome::Skipped(Skip::Late), Some(because));
            self.place(id, step.next, planned, Some(send));
        }
    }

    // --- who leaves -----------------------------------------------------------------------------------------------------

    /// A stop rule that the run's revision did not have is judged by what happened since the run began. True when it ended.
    fn leaves_now(&mut self, id: RunId, before: &Sequence) -> bool {
        let Some(run) = self.run(id).filter(|run| run.is_active()) else { return false };
        let (sequence, entered) = (run.sequence.clone(), run.entered);
        let known = |stop: &Stop| {
            let same = |old: &Stop| old.event == stop.event && old.cond == stop.cond;
            before.stops.iter().any(same) && !planted!(OldRulesJudgedAgain)
        };
        if planted!(NewRulesNotJudged) {
            return false;
        }
        for stop in sequence.stops.iter().filter(|stop| !known(stop)) {
            for event in self.since(entered, &stop.event) {
                let Some(run) = self.run(id) else { return true };
                let seen = event.by_run != Some(id) && super::happen::concerns(run, &event);
                if seen && self.holds(stop.cond.as_ref(), View::Rule(id, &event)) {
                    self.end_run(id, End::Stopped(StopReason::Rule(stop.reason.clone())));
                    return true;
                }
            }
        }
        false
    }

    /// Events of a kind after that moment. When somebody wrote last is known of everybody, whoever listened then.
    fn since(&mut self, after: Instant, kind: &EventKind) -> Vec<Happening> {
        let answer = self.answer(Ask::Since { event: kind.clone(), after });
        let Some(Value::List(rows)) = answer else { return Vec::new() };
        let happening = |at: Instant, id: i64| Happening {
            id: EventId(id),
            kind: kind.clone(),
            at,
            booking: None,
            data: BTreeMap::new(),
            delivery: None,
            by_run: None,
        };
        let event = |row: &Value| {
            let Value::Map(row) = row else { return None };
            let number = |name: &str| match row.get(name) {
                Some(Value::Int(number)) => Some(*number),
                _ => None,
            };
            let data = match row.get("data") {
                Some(Value::Map(data)) => data.clone(),
                _ => BTreeMap::new(),
            };
            Some(Happening {
                booking: number("booking").map(BookingId),
                by_run: number("by_run").map(RunId),
                data,
                ..happening(row.get("at")?.as_time()?, number("id")?)
            })
        };
        let mut events: Vec<Happening> = rows.iter().filter_map(event).collect();
        if let Some(at) = self.person.touch.last_in.filter(|at| *at > after)
            && events.is_empty()
            && kind.as_str() == "message.received"
        {
            events.push(happening(at, 0));
        }
        events
    }

    // --- what is open ---------------------------------------------------------------------------------------------------

    /// Sends that were never attempted are judged anew: what a pause, hours or a cap held back may go, what waits for a slot
    /// may have lost its channel or its leave. Bytes that are written stay as they are.
    fn judge_open(&mut self, run: RunId) {
        let now = self.now;
        let hangs = |because: &Because| {
            use Gate::{BlastRadius, Cap, Channel, HandsOff, Lateness, QuietHours, Run, Window};
            matches!(because.gate, Run | Window | QuietHours | HandsOff | Cap | Channel | Lateness | BlastRadius)
        };
        let open = |send: &&Send| {
            send.run == Some(run)
                && !send.is_aside()
                && match send.state {
                    Sending::Waiting(at) => at > now && send.because.as_ref().is_some_and(hangs),
                    Sending::Ready => true,
                    _ => false,
                }
        };
        let open = |send: &&Send| open(send) && !planted!(OpenSendsForgotten);
        let open: Vec<SendId> = self.person.sends.iter().filter(open).map(|send| send.id).collect();
        for id in open {
            self.repurpose(id);
            self.try_send(id);
        }
    }

    /// A send that was never attempted has the purpose that its step has today.
    fn repurpose(&mut self, id: SendId) {
        let Some(send) = self.send(id).filter(|send| send.attempts == 0) else { return };
        let found = send.run.and_then(|run| self.run(run)).and_then(|run| {
            let at = run.sequence.position(&send.step)?;
            let purpose = run.sequence.step(at)?.purpose;
            Some((purpose, fall_due::rank(purpose, run.sequence.bound(at).is_some()), run.sequence.priority))
        });
        let (Some((purpose, rank, priority)), Some(send)) = (found, self.send_mut(id)) else { return };
        // who may read it and how to be rid of it stands in its text
        if planted!(PurposeStays) {
            return;
        }
        send.prepared &= send.purpose == purpose;
        (send.purpose, send.rank, send.priority) = (purpose, rank, priority);
    }
}

/// Spreads neighbouring numbers over all of them.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
