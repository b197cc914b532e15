//! Small integers for closed lists, and JSON for what is not asked by column. A number never changes its meaning.
use crate::{
    engine::{Broken, Did, SendKind},
    id::{EventId, SendId},
    journey::{Cancel, End, Fail, Hold, Outcome, RefusedWhy, Skip, StopReason, Wait},
    record::{BookingStatus, ConsentState, IdentityKind, Purpose},
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Bits of `enrolment.flags`.
pub(super) mod run {
    pub(crate) const RECHECK: i64 = 1;
    pub(crate) const ACTED: i64 = 2;
    pub(crate) const CONVERTED: i64 = 4;
    pub(crate) const EXITED: i64 = 8;
    /// All steps have fallen due; the named step is the last one.
    pub(crate) const PAST: i64 = 16;
}

/// Bits of `send.flags`.
pub(super) mod sending {
    pub(crate) const APPROVED_TEMPLATE: i64 = 1;
    pub(crate) const PREPARED: i64 = 2;
    pub(crate) const TAINTED: i64 = 4;
}

/// Bits of `touch.has`: tables that have no row of a person are not asked.
pub(super) mod has {
    pub(crate) const IDENTITIES: i64 = 1;
    pub(crate) const BOOKINGS: i64 = 2;
    pub(crate) const WATCHES: i64 = 4;
    pub(crate) const SENDS: i64 = 8;
    /// Codes of offers, or offers used.
    pub(crate) const OFFERS: i64 = 16;
}

/// `watch.mark`.
pub(super) mod mark {
    pub(crate) const INSIDE: i64 = 0;
    pub(crate) const PUT_OFF: i64 = 1;
}

/// `outcome.status`.
pub(super) mod status {
    pub(crate) const OPEN: i64 = 0;
    pub(crate) const SENT: i64 = 1;
    pub(crate) const SKIPPED: i64 = 2;
    pub(crate) const FAILED: i64 = 3;
    pub(crate) const CANCELLED: i64 = 4;
    pub(crate) const UNKNOWN: i64 = 5;
}

/// `send.state`.
pub(super) mod state {
    pub(crate) const WAITING: i64 = 0;
    pub(crate) const PREPARING: i64 = 1;
    pub(crate) const READY: i64 = 2;
    pub(crate) const IN_FLIGHT: i64 = 3;
    pub(crate) const HELD: i64 = 4;
}

/// `plan_object.kind`.
pub(super) mod object {
    pub(crate) const PROJECT: i64 = 0;
    pub(crate) const SEQUENCE: i64 = 1;
    /// A file that the plan was made of; its name is the path.
    pub(crate) const FILE: i64 = 2;
}

pub(super) fn unreadable(what: &str, code: i64) -> Broken {
    Broken::new(format!("the database holds an unknown {what}: {code}"))
}

fn nth<T: Copy>(all: &[T], code: i64, what: &str) -> Did<T> {
    usize::try_from(code).ok().and_then(|at| all.get(at)).copied().ok_or_else(|| unreadable(what, code))
}

fn place<T: PartialEq>(all: &[T], of: &T) -> i64 {
    all.iter().position(|known| known == of).map_or(-1, |at| at as i64)
}

pub(super) fn purpose(of: Purpose) -> i64 {
    place(&Purpose::ALL, &of)
}

pub(super) fn to_purpose(code: i64) -> Did<Purpose> {
    nth(&Purpose::ALL, code, "purpose")
}

pub(super) fn identity(of: IdentityKind) -> i64 {
    place(&IdentityKind::ALL, &of)
}

pub(super) fn to_identity(code: i64) -> Did<IdentityKind> {
    nth(&IdentityKind::ALL, code, "kind of identifier")
}

pub(super) fn kind(of: SendKind) -> i64 {
    place(&SendKind::ALL, &of)
}

pub(super) fn to_kind(code: i64) -> Did<SendKind> {
    nth(&SendKind::ALL, code, "kind of step")
}

pub(super) fn booking(of: BookingStatus) -> i64 {
    place(&BookingStatus::ALL, &of)
}

pub(super) fn refused(of: RefusedWhy) -> i64 {
    place(&RefusedWhy::ALL, &of)
}

pub(super) fn to_refused(code: i64) -> Did<RefusedWhy> {
    nth(&RefusedWhy::ALL, code, "reason of a refusal")
}

const CONSENT: [ConsentState; 5] = [
    ConsentState::OptedIn,
    ConsentState::Confirmed,
    ConsentState::OptedOut,
    ConsentState::Suppressed,
    ConsentState::Reachable,
];

pub(super) fn consent(of: ConsentState) -> i64 {
    place(&CONSENT, &of)
}

pub(super) fn to_consent(code: i64) -> Did<ConsentState> {
    nth(&CONSENT, code, "state of consent")
}

const HOLDS: [Hold; 8] = [
    Hold::Restore,
    Hold::CatchUp,
    Hold::Breaker,
    Hold::BlastRadius,
    Hold::Poison,
    Hold::Clock,
    Hold::PlanFormat,
    Hold::Paused,
];

pub(super) fn hold(of: Hold) -> i64 {
    place(&HOLDS, &of)
}

pub(super) fn to_hold(code: i64) -> Did<Hold> {
    nth(&HOLDS, code, "hold")
}

/// `enrolment.wait` and `wait_for`; the moment of the first and the last stands in `due_at`.
pub(super) fn wait(of: &Wait) -> (i64, Option<i64>) {
    match of {
        Wait::Until(_) => (0, None),
        Wait::ForOutcome(send) => (1, Some(send.0)),
        Wait::Settling => (2, None),
        Wait::Held(why) => (3, Some(hold(*why))),
        Wait::Quiet => (4, None),
        Wait::Awaiting(_) => (5, None),
    }
}

pub(super) fn to_wait(code: i64, wait_for: Option<i64>, due: Option<i64>) -> Did<Wait> {
    Ok(match (code, wait_for, due) {
        (0, _, Some(due)) => Wait::Until(crate::calendar::Instant(due)),
        (1, Some(send), _) => Wait::ForOutcome(SendId(send)),
        (2, ..) => Wait::Settling,
        (3, Some(why), _) => Wait::Held(to_hold(why)?),
        (4, ..) => Wait::Quiet,
        (5, _, Some(until)) => Wait::Awaiting(crate::calendar::Instant(until)),
        _ => return Err(unreadable("wait of a run", code)),
    })
}

/// `enrolment.ended_as`, `ended_by`, `ended_why`.
pub(super) fn end(of: &End) -> Did<(i64, Option<i64>, Option<String>)> {
    Ok(match of {
        End::Completed => (0, None, None),
        End::Converted(event) => (1, event.map(|event| event.0), None),
        End::Stopped(why) => (2, None, Some(to_json(why)?)),
    })
}

pub(super) fn to_end(code: i64, by: Option<i64>, why: Option<&str>) -> Did<End> {
    Ok(match (code, why) {
        (0, _) => End::Completed,
        (1, _) => End::Converted(by.map(EventId)),
        (2, Some(why)) => End::Stopped(from_json::<StopReason>(why)?),
        _ => return Err(unreadable("end of a run", code)),
    })
}

/// `outcome.status`, `reason`, `detail`.
pub(super) fn outcome(of: &Outcome) -> (i64, i64, Option<Arc<str>>) {
    match of {
        Outcome::Sent => (status::SENT, 0, None),
        Outcome::Skipped(skip) => (status::SKIPPED, place(&Skip::ALL, skip), None),
        Outcome::Failed(fail) => {
            let reason = match fail {
                Fail::Permanent(_) => 0,
                Fail::Attempts(_) => 1,
                Fail::Lookup(_) => 2,
                Fail::Render(_) => 3,
            };
            (status::FAILED, reason, Some(fail.detail().clone()))
        }
        Outcome::Cancelled(Cancel::Moved) => (status::CANCELLED, 0, None),
        Outcome::Cancelled(Cancel::Ended(why)) => (status::CANCELLED, 1, Some(why.clone())),
        Outcome::Unknown => (status::UNKNOWN, 0, None),
    }
}

/// `None` for a row that is open.
pub(super) fn to_outcome(code: i64, reason: i64, detail: Option<Arc<str>>) -> Did<Option<Outcome>> {
    let detail = detail.unwrap_or_else(|| Arc::from(""));
    Ok(Some(match (code, reason) {
        (status::OPEN, _) => return Ok(None),
        (status::SENT, _) => Outcome::Sent,
        (status::SKIPPED, _) => Outcome::Skipped(nth(&Skip::ALL, reason, "reason of a skip")?),
        (status::FAILED, 0) => Outcome::Failed(Fail::Permanent(detail)),
        (status::FAILED, 1) => Outcome::Failed(Fail::Attempts(detail)),
        (status::FAILED, 2) => Outcome::Failed(Fail::Lookup(detail)),
        (status::FAILED, 3) => Outcome::Failed(Fail::Render(detail)),
        (status::CANCELLED, 0) => Outcome::Cancelled(Cancel::Moved),
        (status::CANCELLED, _) => Outcome::Cancelled(Cancel::Ended(detail)),
        (status::UNKNOWN, _) => Outcome::Unknown,
        _ => return Err(unreadable("outcome", code)),
    }))
}

pub(super) fn to_json(of: &impl Serialize) -> Did<String> {
    serde_json::to_string(of).map_err(Broken::new)
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Did<T> {
    serde_json::from_str(text).map_err(Broken::new)
}

/// 8 bytes of a hash as an integer: a narrow key for long texts.
pub(super) fn short_hash(parts: &[&str]) -> i64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}
