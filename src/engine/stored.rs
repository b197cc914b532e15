//! What every store has to agree on: where a run stands by name, when an ended run may be let go, what a send carries.
//!
//! Two homes that answered these differently would decide differently. Must not know how anything is kept.
use super::SendKind;
use crate::{
    calendar::Instant,
    expr::Word,
    id::StepName,
    journey::{End, Happening, Outcome, Person, Phase, Run, Send, Sending, Spec, Watch},
    plan::{Act, Plan, Removed, Sequence, StepIx, To},
    record::{Booking, Counted},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// A completed run about an appointment is taken up again when the appointment moves, until this long after it.
const REOPEN_MS: i64 = 30 * 86_400_000;

/// Watches come after every run and send.
pub(crate) const WATCH_RANK: u8 = 4;

/// Where a run stands, so that it can be found again in another revision of its sequence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// The next step; when all have fallen due, the last one.
    pub(crate) step: Option<StepName>,
    /// All steps have fallen due.
    pub(crate) past: bool,
    pub(crate) index: u16,
}

impl Place {
    pub(crate) fn of(sequence: &Sequence, at: StepIx) -> Self {
        let next = sequence.step(at);
        // what stands in an arm was not come by by everybody
        let last = || sequence.outer().last().and_then(|at| sequence.step(at));
        let step = next.or_else(last).map(|step| step.name.clone());
        Self { step, past: next.is_none(), index: at.0 }
    }

    /// The same place in this revision, for an active run. After a step that is gone comes what followed it in the
    /// revision `old`, where the file does not say otherwise.
    pub(crate) fn find(&self, sequence: &Sequence, old: Option<&Sequence>) -> Found {
        let at = |at: StepIx| Found { at, removed: false };
        let end = sequence.end();
        let Some(name) = &self.step else { return at(StepIx(self.index.min(end.0))) };
        match sequence.position(name) {
            Some(known) if self.past => return at(sequence.step(known).map_or(end, |step| step.next)),
            Some(known) => return at(known),
            None if self.past => return at(StepIx(self.index.min(end.0))),
            None => {}
        }
        let next = || old.and_then(|old| followed(name, old, sequence)).unwrap_or(StepIx(self.index.min(end.0)));
        match sequence.removed(name) {
            Some(Removed::Stop) => Found { at: next(), removed: true },
            Some(Removed::Jump(to)) => at(sequence.position(to).unwrap_or_else(next)),
            Some(Removed::Next) | None => at(next()),
        }
    }

    /// The next step, for people.
    pub(crate) fn next(&self) -> Option<StepName> {
        self.step.clone().filter(|_| !self.past)
    }
}

/// Where a run stands in another revision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub(crate) at: StepIx,
    /// Its step was removed, and the file says that people there leave.
    pub(crate) removed: bool,
}

/// The first step after this one in the old revision that the new one still has.
fn followed(name: &StepName, old: &Sequence, new: &Sequence) -> Option<StepIx> {
    let mut at = old.step(old.position(name)?)?.next;
    while let Some(step) = old.step(at) {
        if let Some(known) = new.position(&step.name) {
            return Some(known);
        }
        at = step.next;
    }
    Some(new.end())
}

/// Until when an ended run is still looked at: a goal may count late, a moved appointment may take it up again, an
/// attempt may be under way. `None` when it is over.
pub(crate) fn stays_open(run: &Run, person: &Person, plan: &Plan, now: Instant) -> bool {
    let Phase::Ended { at, end } = &run.phase else { return true };
    if person.sends.iter().any(|send| send.run == Some(run.id) && send.is_open()) {
        return true;
    }
    if person.contact.erased_at.is_some() {
        return false;
    }
    let within = run.sequence.goal.as_ref().and_then(|goal| goal.within).filter(|_| !run.converted);
    let goal = within.map(|span| person.zone(plan).add(run.entered, span));
    let booking = run.booking.filter(|_| *end == End::Completed).and_then(|id| person.bookings.get(&id));
    let moved = booking
        .filter(|booking| !booking.is_gone())
        .map(|booking| booking.end.or(booking.start).unwrap_or(*at).max(*at).plus_ms(REOPEN_MS));
    goal.max(moved).is_some_and(|until| until >= now)
}

/// What a trigger or an exit does stands in no sequence, also where it belongs to a run: what it carries is stored with
/// it. Names of steps have no dot.
pub(crate) fn is_aside(send: &Send) -> bool {
    send.run.is_none() || send.step.as_str().contains('.')
}

/// What a step's send carries by the revision that its run is on.
pub(crate) fn spec_of(plan: &Plan, runs: &[Run], send: &Send) -> Option<Spec> {
    let run = runs.iter().find(|run| Some(run.id) == send.run).map(|run| &run.sequence);
    let (sequence, step) = (run.or_else(|| plan.sequences.get(send.sequence.as_ref()?))?, &send.step);
    match &sequence.step(sequence.position(step)?)?.act {
        Act::Message(spec) => Some(Spec::Message(spec.clone())),
        Act::Task(spec) => Some(Spec::Task(spec.clone())),
        Act::Notify(spec) => Some(Spec::Notify(spec.clone())),
        Act::Webhook(spec) => Some(Spec::Webhook(spec.clone())),
        _ => None,
    }
}

/// A run of a stored revision as the plan of today knows it. One whose revision is another one is looked at anew, and
/// steps that it has done are passed over.
pub(crate) fn mark_stale(run: &mut Run, before: Option<Arc<Sequence>>) {
    (run.stale, run.before) = (true, before);
    if let Phase::Active(cursor) = &mut run.phase {
        cursor.recheck = true;
    }
}

/// Do these fields of an event hold these literals?
pub(crate) fn matches(data: &BTreeMap<Arc<str>, Value>, fields: &[(Arc<str>, Word)]) -> bool {
    fields.iter().all(|(name, word)| word.is(data.get(name).unwrap_or(&Value::Missing)))
}

/// Does this run finish the revision that it entered, while its sequence goes on with another one?
pub(crate) fn is_pinned(plan: &Plan, run: &Run) -> bool {
    let other = |today: &Arc<Sequence>| today.changed.pin && !Arc::ptr_eq(today, &run.sequence);
    run.object.is_some() && plan.sequences.get(&run.sequence.name).is_some_and(other)
}

/// An event as an answer of the history carries it.
pub(crate) fn as_value(event: &Happening) -> Value {
    let some = |name: &str, number: Option<i64>| number.map(|number| (Arc::from(name), Value::Int(number)));
    let always = [
        (Arc::from("id"), Value::Int(event.id.0)),
        (Arc::from("at"), Value::Time(event.at)),
        (Arc::from("data"), Value::Map(event.data.clone())),
    ];
    let booking = some("booking", event.booking.map(|booking| booking.0));
    let by_run = some("by_run", event.by_run.map(|run| run.0));
    Value::Map(always.into_iter().chain(booking).chain(by_run).collect())
}

/// Watches in the order in which every store hands them out.
pub(crate) fn sort_watches(watches: &mut [Watch]) {
    watches.sort_by(|a, b| (&a.trigger, a.booking).cmp(&(&b.trigger, b.booking)));
}

/// Every uid that a booking ever had.
pub(crate) fn uids(booking: &Booking) -> impl Iterator<Item = &Arc<str>> {
    booking.uids.iter()
}

impl SendKind {
    pub(crate) fn of(send: &Send) -> Self {
        match &send.spec {
            Some(Spec::Message(spec)) if spec.to == To::Contact => Self::Message,
            Some(Spec::Message(_) | Spec::Notify(_) | Spec::Webhook(_)) => Self::Notice,
            Some(Spec::Task(_)) => Self::Task,
            None if send.channel.is_some() => Self::Message,
            None => Self::Local,
        }
    }
}

/// A public id: version 7 of a UUID's shape, ordered by the moment the contact was made, the rest not to be guessed.
pub(crate) fn public_id(created_at: Instant, secret: [u8; 16]) -> [u8; 16] {
    let mut id = secret;
    let ms = u64::try_from(created_at.0).unwrap_or(0).to_be_bytes();
    id[..6].copy_from_slice(&ms[2..]);
    id[6] = 0x70 | (id[6] & 0x0f);
    id[8] = 0x80 | (id[8] & 0x3f);
    id
}

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// `con_` and 26 letters and digits (RFC 4648 base 32, lower case, without padding).
pub(crate) fn public_text(id: &[u8; 16]) -> String {
    let number = u128::from_be_bytes(*id);
    // 26 groups of five bits are 130: two zero bits are appended, as the encoding pads
    let digit = |at: u32| {
        let shift = 128_i32 - 5 * (i32::try_from(at).unwrap_or(0) + 1);
        let bits = if shift >= 0 { number >> shift } else { number << -shift };
        char::from(BASE32[(bits & 31) as usize])
    };
    std::iter::once("con_".to_owned()).chain((0..26).map(|at| digit(at).to_string())).collect()
}

/// The reverse of [`public_text`]; upper case is taken too.
pub(crate) fn parse_public(text: &str) -> Option<[u8; 16]> {
    let digits = text.strip_prefix("con_").filter(|digits| digits.len() == 26)?;
    let mut number: u128 = 0;
    for (at, digit) in digits.bytes().enumerate() {
        let value = BASE32.iter().position(|known| *known == digit.to_ascii_lowercase())? as u128;
        number = if at < 25 { (number << 5) | value } else { (number << 3) | (value >> 2) };
    }
    let id = number.to_be_bytes();
    (public_text(&id) == text.to_ascii_lowercase()).then_some(id)
}

/// The messages that a cap may still count; older ones need not be kept.
pub(crate) fn still_counted<'a>(recent: &'a [Counted], plan: &Plan, now: Instant) -> &'a [Counted] {
    const DAY_MS: i64 = 86_400_000;
    let longest = plan.policies.caps.iter().map(|cap| cap.per.nominal_ms()).max().unwrap_or(0);
    // days are civil and a plan's caps may grow: two days and a week are on the safe side
    let from = now.plus_ms(-(longest + 2 * DAY_MS).max(7 * DAY_MS));
    let old = recent.iter().take_while(|counted| counted.at < from).count();
    &recent[old..]
}

/// A text was written and is known not to have gone out: nobody has its links.
pub(crate) fn keeps_no_links(send: &Send) -> bool {
    let gone = matches!(send.state, Sending::Closed(Outcome::Sent | Outcome::Unknown));
    send.prepared && !send.tainted && !send.is_open() && !gone
}
