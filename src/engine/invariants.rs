//! What must always hold, judged from the books alone: the oracle of the simulator, and of a check on live data. Where it
//! says more, what a carrier saw is held against the books.
//!
//! Pure functions over rows. They know the rules from the plan, and deliberately nothing of how decisions are made.
use super::{LedgerRow, Note, RunPhase, RunRow, SendKind, Told};
use crate::{
    calendar::{Instant, Span, Zone},
    id::{BookingId, ChannelName, ContactId, EventKind, RunId, SendId},
    journey::{Happening, Outcome, Sending, Wait},
    plan::{About, Act, Due, Moment, OnUnknown, Plan, Reentry, Sequence, Step, StepIx, To, Via},
    record::{Booking, ConsentEntry, Permits, Purpose, built_in},
    value::Value,
};
use std::collections::{BTreeMap, BTreeSet};

/// All that is written down.
#[derive(Clone, Copy)]
pub(crate) struct Books<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) ledger: &'a [LedgerRow],
    pub(crate) runs: &'a [RunRow],
    pub(crate) people: &'a BTreeMap<ContactId, Page>,
    /// Nothing is due or under way: what should have happened has.
    pub(crate) at_rest: bool,
}

/// What is written down about one person beside their runs.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) zone: Zone,
    pub(crate) consents: Vec<ConsentEntry>,
    pub(crate) bookings: BTreeMap<BookingId, Booking>,
    pub(crate) events: Vec<Happening>,
}

/// One attempt, as the carrier saw it.
#[derive(Clone, Debug)]
pub(crate) struct Carried {
    pub(crate) at: Instant,
    pub(crate) contact: ContactId,
    pub(crate) send: SendId,
    pub(crate) key: String,
    pub(crate) channel: ChannelName,
    /// An approved template of the provider instead of a text.
    pub(crate) approved: bool,
    /// It really went out.
    pub(crate) delivered: bool,
    /// The provider said that it took it.
    pub(crate) accepted: bool,
    /// The answer was lost.
    pub(crate) lost: bool,
}

/// Something that must not be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Breach {
    /// Number of the invariant.
    pub(crate) of: u8,
    pub(crate) what: String,
}

/// News that come later than this after what they tell are not held against a watch.
const TOLD_LATE_MS: i64 = 60_000;

type Breaches = Vec<Breach>;

fn breach(of: u8, what: impl Into<String>) -> Breach {
    Breach { of, what: what.into() }
}

/// Everything that the books say against themselves.
pub(crate) fn check(books: &Books<'_>) -> Breaches {
    let rules = [opt_outs, closed_purposes, caps, pending, rest, attempts, moments, keys, rows, ways, barriers];
    rules.iter().flat_map(|rule| rule(books)).collect()
}

/// Everything that a carrier and the journal of turns say against the books.
pub(crate) fn witness(books: &Books<'_>, journal: &[Note], carried: &[Carried]) -> Breaches {
    let mut found = deliveries(books, carried);
    found.extend(reply_windows(books, carried));
    found.extend(journal_of_runs(books, journal));
    found
}

impl Books<'_> {
    fn zone(&self, who: ContactId) -> &Zone {
        self.people.get(&who).map_or(&self.plan.zone, |page| &page.zone)
    }

    fn step(&self, row: &LedgerRow) -> Option<(&Sequence, StepIx, &Step)> {
        let sequence = self.plan.sequences.get(row.sequence.as_ref()?)?;
        let at = sequence.position(&row.step)?;
        Some((sequence, at, sequence.step(at)?))
    }

    fn run(&self, id: RunId) -> Option<&RunRow> {
        self.runs.binary_search_by_key(&id, |run| run.id).ok().map(|at| &self.runs[at])
    }

    /// The booking that a step of a run hangs on, if it is still at the occurrence of the row.
    fn booking(&self, row: &LedgerRow) -> Option<&Booking> {
        let run = self.run(row.run?)?;
        let id = run.booking.or_else(|| run.started_by.as_ref()?.booking)?;
        self.people.get(&row.contact)?.bookings.get(&id).filter(|booking| booking.generation == row.occurrence)
    }
}

/// Handed over, under way, or maybe.
fn may_have_gone(row: &LedgerRow) -> bool {
    matches!(row.state, Sending::InFlight(_) | Sending::Closed(Outcome::Sent | Outcome::Unknown))
}

fn is_open(row: &LedgerRow) -> bool {
    row.outcome().is_none()
}

fn is_step(row: &LedgerRow) -> bool {
    !row.step.as_str().contains('.')
}

// --- 2: opt-outs ----------------------------------------------------------------------------------------------------------

fn opt_outs(books: &Books<'_>) -> Breaches {
    let messages = books.ledger.iter().filter(|row| row.what == SendKind::Message);
    let closed = messages.filter(|row| {
        let (Some(at), Some(channel), Some(page)) = (row.authorised_at, &row.channel, books.people.get(&row.contact))
        else {
            return false;
        };
        let mut permits = Permits::default();
        page.consents.iter().filter(|entry| entry.at < at).for_each(|entry| permits.fold(entry));
        permits.is_opted_out(channel, row.purpose)
    });
    closed.map(|row| breach(2, format!("send {} was authorised after an opt-out", row.send))).collect()
}

fn closed_purposes(books: &Books<'_>) -> Breaches {
    let active = books.runs.iter().filter(|run| matches!(run.phase, RunPhase::Active { .. }));
    let closed = active.filter(|run| {
        let (Some(sequence), Some(page)) = (books.plan.sequences.get(&run.sequence), books.people.get(&run.contact))
        else {
            return false;
        };
        let mut permits = Permits::default();
        page.consents.iter().for_each(|entry| permits.fold(entry));
        let writes = sequence.steps.iter().any(is_message);
        writes && books.plan.channels.keys().all(|name| permits.is_opted_out(name, sequence.purpose))
    });
    closed.map(|run| breach(2, format!("run {} goes on after an opt-out of its purpose", run.id))).collect()
}

fn is_message(step: &Step) -> bool {
    matches!(&step.act, Act::Message(spec) if spec.to == To::Contact)
}

// --- 3: caps --------------------------------------------------------------------------------------------------------------

fn caps(books: &Books<'_>) -> Breaches {
    let mut sent: BTreeMap<ContactId, Vec<(Instant, Purpose)>> = BTreeMap::new();
    for row in books.ledger.iter().filter(|row| row.what == SendKind::Message && may_have_gone(row)) {
        sent.entry(row.contact).or_default().extend(row.authorised_at.map(|at| (at, row.purpose)));
    }
    let mut found = Vec::new();
    for (who, mut sent) in sent {
        sent.sort_unstable();
        let zone = books.zone(who);
        for cap in &books.plan.policies.caps {
            let of: Vec<Instant> =
                sent.iter().filter(|(_, purpose)| cap.purposes.contains(purpose)).map(|(at, _)| *at).collect();
            for (index, at) in of.iter().enumerate() {
                let counts = |before: &&Instant| leaves(zone, cap.per, **before) > *at;
                if of[..=index].iter().filter(counts).count() > cap.at_most as usize {
                    found.push(breach(3, format!("contact {who}: more than {} per {} at {at}", cap.at_most, cap.per)));
                }
            }
        }
    }
    found
}

fn leaves(zone: &Zone, per: Span, sent: Instant) -> Instant {
    if per.is_whole_days() { zone.add(zone.start_of(zone.date(sent)), per) } else { zone.add(sent, per) }
}

// --- 4: nothing is left ---------------------------------------------------------------------------------------------------

fn pending(books: &Books<'_>) -> Breaches {
    let mut open: BTreeMap<RunId, Vec<&LedgerRow>> = BTreeMap::new();
    for row in books.ledger.iter().filter(|row| is_open(row) && is_step(row)) {
        if let Some(run) = row.run {
            open.entry(run).or_default().push(row);
        }
    }
    let none = Vec::new();
    let mut found = Vec::new();
    for run in books.runs {
        let open = open.get(&run.id).unwrap_or(&none);
        let wrong = match &run.phase {
            RunPhase::Active { wait: Wait::Settling | Wait::Quiet, .. } if open.is_empty() => "waits for nothing",
            RunPhase::Active { wait: Wait::ForOutcome(send), .. } if !open.iter().any(|row| row.send == *send) => {
                "waits for an outcome that is there"
            }
            RunPhase::Ended { end: crate::journey::End::Completed, .. } if !open.is_empty() => {
                "completed with open sends"
            }
            RunPhase::Ended { .. } if open.iter().any(|row| matches!(row.state, Sending::Ready)) => {
                "ended and left a send to go out"
            }
            _ => continue,
        };
        found.push(breach(4, format!("run {} {wrong}", run.id)));
    }
    let moved = books.ledger.iter().filter(|row| is_for_an_old_time(books, row));
    found.extend(moved.map(|row| breach(2, format!("send {} waits for a time that is no more", row.send))));
    // a run is complete when nothing of it is open, so completing calls nothing off
    let called_off = |row: &&LedgerRow| matches!(row.outcome(), Some(Outcome::Cancelled(crate::journey::Cancel::Ended(why))) if **why == *"completed");
    let called_off = books.ledger.iter().filter(called_off);
    found.extend(called_off.map(|row| breach(4, format!("send {} was called off by completing", row.send))));
    let stuck = books.ledger.iter().filter(|row| row.state == Sending::Preparing);
    found.extend(stuck.map(|row| breach(4, format!("send {} is left preparing", row.send))));
    found
}

/// Is it to go out for a time from which its booking has moved on? An attempt that may have gone out waits on.
fn is_for_an_old_time(books: &Books<'_>, row: &LedgerRow) -> bool {
    let waits = matches!(row.state, Sending::Waiting(_) | Sending::Ready) && row.attempts == 0;
    let Some(run) = row.run.and_then(|run| books.run(run)).filter(|_| waits) else { return false };
    let Some((sequence, at, _)) = books.step(row) else { return false };
    let follows = |moment: &Moment| matches!(moment, Moment::Booking(field) if field.as_str() != "created_at");
    let bound = matches!(sequence.bound(at), Some(Due::Bound { moment, .. }) if follows(moment));
    bound && matches!(run.phase, RunPhase::Active { .. }) && run.occurrence != row.occurrence
}

/// When time has passed by everything, every step has its outcome and every run its end.
fn rest(books: &Books<'_>) -> Breaches {
    if !books.at_rest {
        return Vec::new();
    }
    let sends = books.ledger.iter().filter(|row| is_open(row));
    let sends = sends.map(|row| breach(4, format!("send {} has no outcome: {:?}", row.send, row.state)));
    let held = |wait: &Wait| matches!(wait, Wait::Held(_));
    let runs = books.runs.iter().filter(|run| matches!(&run.phase, RunPhase::Active { wait, .. } if !held(wait)));
    sends.chain(runs.map(|run| breach(4, format!("run {} has no end: {:?}", run.id, run.phase)))).collect()
}

// --- 5: attempts ----------------------------------------------------------------------------------------------------------

fn attempts(books: &Books<'_>) -> Breaches {
    let max = |row: &LedgerRow| books.step(row).map_or(3, |(.., step)| step.retries.max.max(1));
    let over = books.ledger.iter().filter(|row| row.attempts > max(row));
    over.map(|row| breach(5, format!("send {} had {} attempts", row.send, row.attempts))).collect()
}

// --- 7: moments -----------------------------------------------------------------------------------------------------------

fn moments(books: &Books<'_>) -> Breaches {
    let mut found = Vec::new();
    for row in books.ledger.iter().filter(|row| row.what == SendKind::Message && is_step(row)) {
        let (Some(at), Some((sequence, place, step))) = (row.authorised_at, books.step(row)) else { continue };
        let zone = books.zone(row.contact);
        if at < row.planned {
            found.push(breach(7, format!("send {} was authorised before it was planned", row.send)));
        }
        if latest(books, row, sequence, place, step).is_some_and(|latest| at > latest) {
            found.push(breach(7, format!("send {} was authorised too late: {at}", row.send)));
        }
        let civil = zone.civil(at);
        let window = step.window.as_ref().and_then(|name| books.plan.policies.windows.get(name));
        if window.is_some_and(|window| !window.allows(civil)) {
            found.push(breach(7, format!("send {} was authorised outside its window", row.send)));
        }
        let quiet = books.plan.policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&step.purpose));
        let answers = may_answer(books, row, step);
        if quiet.is_some_and(|quiet| quiet.hours.forbids(civil)) && !answers {
            found.push(breach(7, format!("send {} was authorised in quiet hours", row.send)));
        }
    }
    found
}

/// The last moment for a send, as far as the books still tell it.
fn latest(books: &Books<'_>, row: &LedgerRow, sequence: &Sequence, at: StepIx, step: &Step) -> Option<Instant> {
    let zone = books.zone(row.contact);
    let field = |name: &str| books.booking(row).and_then(|booking| booking.field(name).as_time());
    let own = match &step.late {
        Some(late) => match &late.up_to {
            Ok(span) => Some(zone.add(row.planned, *span)),
            Err(Moment::Booking(name)) => field(name.as_str()),
            Err(_) => None,
        },
        None => Some(zone.add(row.planned, books.plan.policies.late(step.purpose))),
    };
    let moment = match sequence.bound(at) {
        Some(Due::Bound { moment: Moment::Booking(name), before: true, .. }) => field(name.as_str()),
        _ => None,
    };
    let before = moment.map(|moment| moment.plus_ms(-1));
    own.into_iter().chain(before).min()
}

/// Half an hour after the person wrote, an answer may go out at night.
fn may_answer(books: &Books<'_>, row: &LedgerRow, step: &Step) -> bool {
    let started = row.run.and_then(|run| books.run(run)).and_then(|run| run.started_by.as_ref());
    let replies = matches!(&step.act, Act::Message(spec) if spec.via.contains(&Via::Reply));
    replies || started.is_some_and(|started| started.is_message())
}

// --- 8, 13: keys ----------------------------------------------------------------------------------------------------------

fn keys(books: &Books<'_>) -> Breaches {
    let mut seen = BTreeSet::new();
    let active = books.runs.iter().filter(|run| matches!(run.phase, RunPhase::Active { .. }));
    let twice = active.filter(|run| !seen.insert((&run.sequence, run.contact, run.booking)));
    twice.map(|run| breach(8, format!("run {} is the second one of its key", run.id))).collect()
}

/// Every step of a run has one row for each occurrence, and every row is in exactly one state.
fn rows(books: &Books<'_>) -> Breaches {
    let mut seen = BTreeSet::new();
    let keyed = books.ledger.iter().filter_map(|row| Some((row, (row.run?, &row.step, row.occurrence))));
    let twice = keyed.filter(|(_, key)| !seen.insert(*key));
    twice.map(|(row, _)| breach(13, format!("send {} is a second row for its step", row.send))).collect()
}

// --- 14: ways -------------------------------------------------------------------------------------------------------------

/// What stands in a way of a barrier fell due only for those who took it.
fn ways(books: &Books<'_>) -> Breaches {
    let wrong = books.ledger.iter().filter(|row| {
        let (Some((sequence, mut at, _)), Some(run)) = (books.step(row), row.run.and_then(|run| books.run(run))) else {
            return false;
        };
        while let Some(above) = sequence.step(at).and_then(|step| step.above) {
            let Some(barrier) = sequence.step(above) else { return false };
            let inside = at != barrier.next && barrier.act.arms().iter().any(|(_, entry)| *entry == at);
            let taken = run.taken.iter().find(|taken| taken.step == barrier.name);
            let way = taken.map(|taken| sequence.arm(above, &taken.arm, taken.first.as_ref()));
            if inside && way != Some(at) {
                return true;
            }
            at = above;
        }
        false
    });
    wrong.map(|row| breach(14, format!("send {} stands in a way that was not taken", row.send))).collect()
}

/// A barrier is decided when nothing of its run is open.
fn barriers(books: &Books<'_>) -> Breaches {
    let decided = books.ledger.iter().filter(|row| {
        row.because.as_ref().is_some_and(|because| because.gate == crate::journey::Gate::Branch)
            && books.step(row).is_some_and(|(.., step)| step.act.is_barrier())
    });
    let early = decided.filter(|row| {
        let mut above =
            books.ledger.iter().filter(|other| other.run == row.run && other.send < row.send && is_step(other));
        above.any(|other| is_open(other) || other.at > row.at)
    });
    early.map(|row| breach(14, format!("send {} was decided while others were open", row.send))).collect()
}

// --- 1, 6, 9: what the carrier saw ----------------------------------------------------------------------------------------

fn deliveries(books: &Books<'_>, carried: &[Carried]) -> Breaches {
    let rows: BTreeMap<SendId, &LedgerRow> = books.ledger.iter().map(|row| (row.send, row)).collect();
    let mut by_key: BTreeMap<&str, Vec<&Carried>> = BTreeMap::new();
    for one in carried {
        by_key.entry(&one.key).or_default().push(one);
    }
    let mut found = Vec::new();
    for (key, attempts) in by_key {
        let Some(row) = rows.get(&attempts[0].send).filter(|row| row.authorised_at.is_some()) else {
            found.push(breach(6, format!("{key} went out without a row")));
            continue;
        };
        let delivered = attempts.iter().filter(|one| one.delivered).count();
        let resend = books.step(row).is_some_and(|(.., step)| step.on_unknown == OnUnknown::Resend);
        let allowed = if resend { 1 + attempts.iter().filter(|one| one.lost).count() } else { 1 };
        if delivered > allowed {
            found.push(breach(1, format!("send {} went out {delivered} times", row.send)));
        }
        let closed = row.outcome();
        if delivered > 0 && closed.is_some_and(|outcome| !matches!(outcome, Outcome::Sent | Outcome::Unknown)) {
            found.push(breach(9, format!("send {} went out and is recorded as {closed:?}", row.send)));
        }
        if closed == Some(&Outcome::Sent) && !attempts.iter().any(|one| one.accepted) {
            found.push(breach(9, format!("send {} is recorded as sent and was never accepted", row.send)));
        }
    }
    found
}

/// Free text on WhatsApp and Instagram within 24 hours of the person's last message there.
fn reply_windows(books: &Books<'_>, carried: &[Carried]) -> Breaches {
    let lawful = |one: &&Carried| {
        let bound = books.plan.channels.get(&one.channel).is_some_and(|channel| channel.medium.has_reply_window());
        let wrote = |event: &Happening| {
            event.kind.as_str() == "message.received"
                && event.data.get("channel").and_then(Value::as_text) == Some(one.channel.as_str())
                && event.at <= one.at
                && one.at.since(event.at) < 24 * 3_600_000
        };
        !bound || one.approved || books.people.get(&one.contact).is_some_and(|page| page.events.iter().any(wrote))
    };
    let against = carried.iter().filter(|one| !lawful(one));
    against.map(|one| breach(7, format!("send {} left against its channel's law", one.send))).collect()
}

// --- 2, 8: the order of what was committed --------------------------------------------------------------------------------

/// What a run is at one point of the journal.
struct Life<'a> {
    row: &'a RunRow,
    ended: Option<Instant>,
    acted: bool,
}

fn journal_of_runs(books: &Books<'_>, journal: &[Note]) -> Breaches {
    let mut lives: BTreeMap<RunId, Life<'_>> = BTreeMap::new();
    let rows: BTreeMap<SendId, &LedgerRow> = books.ledger.iter().map(|row| (row.send, row)).collect();
    let mut found = Vec::new();
    let mut to_end: BTreeMap<RunId, ContactId> = BTreeMap::new();
    for note in journal {
        match &note.told {
            Told::Happened { kind, .. } if is_outside(kind.as_str()) => {
                found.extend(still_there(&to_end, note.contact));
                to_end.retain(|_, who| *who != note.contact);
                let ends = |life: &&Life<'_>| life.ended.is_none() && ends_by(books, life.row, kind);
                let mine = lives.values().filter(|life| life.row.contact == note.contact);
                to_end.extend(mine.filter(ends).map(|life| (life.row.id, note.contact)));
            }
            Told::Entered { run, by, .. } => {
                let Some(row) = books.run(*run) else { continue };
                found.extend(may_have_entered(books, &lives, row, note.at));
                let trigger = by.as_ref().and_then(|name| books.plan.triggers.get(name));
                if let Some(without) = trigger.and_then(|trigger| trigger.without())
                    && awaited_came(books, note, &trigger.map_or_else(Vec::new, |t| t.events().to_vec()), without)
                {
                    found.push(breach(8, format!("run {run} entered although the awaited event had come")));
                }
                lives.insert(*run, Life { row, ended: None, acted: false });
            }
            // a moved appointment takes a completed run up again
            Told::Next { run, .. } => {
                lives.entry(*run).and_modify(|life| life.ended = None);
            }
            Told::Ended { run, .. } => {
                to_end.remove(run);
                lives.entry(*run).and_modify(|life| life.ended = Some(note.at));
            }
            Told::Outcome { run: Some(run), channel: Some(_), outcome: Outcome::Sent | Outcome::Unknown, .. } => {
                lives.entry(*run).and_modify(|life| life.acted = true);
            }
            Told::Authorised { send, .. } => {
                let row = rows.get(send).filter(|row| is_step(row));
                let run = row.and_then(|row| row.run).and_then(|run| lives.get(&run));
                if run.is_some_and(|life| life.ended.is_some()) {
                    found.push(breach(2, format!("send {send} was authorised after its run had ended")));
                }
            }
            _ => {}
        }
    }
    found.extend(to_end.values().collect::<BTreeSet<_>>().into_iter().flat_map(|who| still_there(&to_end, *who)));
    found
}

/// Told from outside; our own events are made in the middle of decisions, those of the clock among them.
fn is_outside(kind: &str) -> bool {
    let own = ["message.sent", "message.failed", "booking.started", "booking.ended"];
    !own.contains(&kind) && built_in(kind).is_none_or(|event| !event.internal)
}

fn still_there(to_end: &BTreeMap<RunId, ContactId>, who: ContactId) -> Breaches {
    let left = to_end.iter().filter(|(_, of)| **of == who);
    left.map(|(run, _)| breach(2, format!("run {run} goes on after what ends it"))).collect()
}

/// Does such an event end the run whatever it carries?
fn ends_by(books: &Books<'_>, run: &RunRow, kind: &EventKind) -> bool {
    let Some(sequence) = books.plan.sequences.get(&run.sequence) else { return false };
    let goal = sequence.goal.iter().any(|goal| goal.stop && goal.cond.is_none() && goal.event == *kind);
    let stop = sequence.stops.iter().any(|stop| stop.cond.is_none() && stop.event == *kind);
    sequence.about == About::Contact && (goal || stop)
}

fn may_have_entered(books: &Books<'_>, lives: &BTreeMap<RunId, Life<'_>>, row: &RunRow, at: Instant) -> Breaches {
    let Some(sequence) = books.plan.sequences.get(&row.sequence) else { return Vec::new() };
    let mut found = Vec::new();
    let others = || lives.values().filter(|life| life.row.contact == row.contact);
    let group = |name| books.plan.sequences.get(name).and_then(|sequence| sequence.group.as_ref());
    for life in others().filter(|life| life.ended.is_none()) {
        if sequence.group.is_some() && group(&life.row.sequence) == sequence.group.as_ref() {
            found.push(breach(8, format!("run {} entered a group that run {} was in", row.id, life.row.id)));
        }
    }
    let same = others().filter(|life| life.row.sequence == row.sequence && life.row.booking == row.booking);
    let last = same.filter(|life| life.acted).filter_map(|life| life.ended).max();
    let allowed = match (sequence.reentry, last) {
        (_, None) | (Reentry::Always, _) => true,
        (Reentry::Never, Some(_)) => false,
        (Reentry::After(span), Some(last)) => at >= books.zone(row.contact).add(last, span),
    };
    if !allowed {
        found.push(breach(8, format!("run {} entered again too early", row.id)));
    }
    found
}

/// Did the awaited event come between the opening of the watch that fired and its end?
fn awaited_came(books: &Books<'_>, note: &Note, opens: &[EventKind], without: &crate::plan::Without) -> bool {
    let (Some(page), zone) = (books.people.get(&note.contact), books.zone(note.contact)) else { return false };
    let over = |event: &&Happening| zone.add(event.at, without.within) <= note.at;
    let opening =
        page.events.iter().filter(|event| opens.contains(&event.kind)).filter(over).map(|event| event.at).max();
    let Some(opening) = opening.filter(|_| without.cond.is_none()) else { return false };
    // what was told only when the time was over could not be known
    let end = zone.add(opening, without.within).plus_ms(-TOLD_LATE_MS);
    page.events.iter().any(|event| event.kind == without.event && opening < event.at && event.at < end)
}
