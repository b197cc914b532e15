//! States of runs and sends. The types exclude what must not be: an ended run has no cursor, an unknown attempt no
//! failure.
use crate::{
    calendar::Instant,
    id::{BookingId, ChannelName, Epoch, EventId, EventKind, ObjectId, RunId, SendId, SequenceName, StepName},
    plan::{MessageSpec, NotifySpec, Sequence, StepIx, TaskSpec, WebhookSpec},
    record::Purpose,
    value::Value,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// One enrolment: a person (or one of their bookings) inside a sequence.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Run {
    pub(crate) id: RunId,
    pub(crate) sequence: Arc<Sequence>,
    /// Revision of the sequence that the run's due time was computed with; `None` until a store has given it one.
    pub(crate) object: Option<ObjectId>,
    pub(crate) booking: Option<BookingId>,
    pub(crate) entered: Instant,
    pub(crate) phase: Phase,
    /// The event that started it, kept when the sequence reads `event.*`.
    pub(crate) started_by: Option<Arc<StartedBy>>,
    /// Did something outward: counts for re-entry.
    pub(crate) acted: bool,
    /// Conversion was counted.
    pub(crate) converted: bool,
    /// The exit `completed` ran: it does not run again when a moved booking takes the run up once more.
    pub(crate) exited: bool,
    /// Which arm of an experiment the person got at a step: chosen once, kept whatever becomes of the person.
    pub(crate) arms: BTreeMap<StepName, Arc<str>>,
    /// The sequence changed since the due time was computed.
    pub(crate) stale: bool,
    /// The revision it stood on until now, while it is stale.
    pub(crate) before: Option<Arc<Sequence>>,
    /// Ways that were taken at barriers, in the order in which they were.
    pub(crate) taken: Vec<Taken>,
    /// What its conversion was worth.
    pub(crate) worth: Option<Value>,
    /// The step it stood at was removed, and the file says that people there leave.
    pub(crate) removed: bool,
}

/// A way that a run took, which no later change of the file and no move of a booking changes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub(crate) step: StepName,
    /// Number of the case, name of the share, `then` or `otherwise`.
    pub(crate) arm: Arc<str>,
    /// Its first step then, by which it is found again; an empty way has none.
    pub(crate) first: Option<StepName>,
}

/// The event that started a run, as texts and conditions see it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct StartedBy {
    pub(crate) id: Option<EventId>,
    pub(crate) kind: EventKind,
    pub(crate) at: Instant,
    pub(crate) booking: Option<BookingId>,
    pub(crate) data: BTreeMap<Arc<str>, Value>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Phase {
    Active(Cursor),
    Ended { at: Instant, end: End },
}

/// Where an active run stands.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Cursor {
    /// The next step to fall due; one past the last when all have.
    pub(crate) step: StepIx,
    /// The moment that the next step's `wait` counts from: planned moment or outcome of the step before, or entry.
    pub(crate) since: Instant,
    /// The booking's generation that bound steps are due for.
    pub(crate) occurrence: u16,
    /// After a move or a change of the plan: steps already done for this occurrence are passed over.
    pub(crate) recheck: bool,
    pub(crate) wait: Wait,
}

/// The one thing that an active run waits for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Wait {
    Until(Instant),
    /// A `wait` counts from the outcome of the step before.
    ForOutcome(SendId),
    /// All steps have fallen due; sends are still open.
    Settling,
    Held(Hold),
    /// A barrier that is due: sends are still open.
    Quiet,
    /// What a `wait_for` waits for, or this moment.
    Awaiting(Instant),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum End {
    Completed,
    Converted(Option<EventId>),
    Stopped(StopReason),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StopReason {
    /// The author's reason, of `stop_on` or a `stop` step.
    Rule(Arc<str>),
    GoalLate,
    Late,
    BookingGone,
    OptedOut,
    Erased,
    Displaced(SequenceName),
    Merged,
    /// The campaign's time is over.
    CampaignEnded,
    Removed,
    Operator(Arc<str>),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Hold {
    Restore,
    CatchUp,
    Breaker,
    BlastRadius,
    Poison,
    Clock,
    PlanFormat,
    /// `active: false`, or paused by an operator.
    Paused,
}

/// One step that fell due: the ledger row, and while it is open the send.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Send {
    pub(crate) id: SendId,
    pub(crate) run: Option<RunId>,
    pub(crate) sequence: Option<SequenceName>,
    /// The step's name; for what a trigger or an exit does, its name.
    pub(crate) step: StepName,
    pub(crate) occurrence: u16,
    pub(crate) object: Option<ObjectId>,
    /// The moment it was due by the plan.
    pub(crate) planned: Instant,
    pub(crate) purpose: Purpose,
    pub(crate) rank: Rank,
    pub(crate) priority: i32,
    /// `None` for steps that send nothing.
    pub(crate) channel: Option<ChannelName>,
    pub(crate) address: Option<Arc<str>>,
    /// What to prepare; `None` once a stored send has its bytes and its step is no longer in the plan.
    pub(crate) spec: Option<Spec>,
    pub(crate) state: Sending,
    pub(crate) attempts: u16,
    /// Outside the reply window: the approved template of the spec is sent instead of the text.
    pub(crate) approved_template: bool,
    /// Bytes are stored: a retry sends the same.
    pub(crate) prepared: bool,
    pub(crate) authorised_at: Option<Instant>,
    /// An attempt's answer was lost and the author asked to send again.
    pub(crate) tainted: bool,
    pub(crate) because: Option<Because>,
    /// When the outcome was recorded.
    pub(crate) at: Instant,
    pub(crate) provider_id: Option<Arc<str>>,
}

/// What a send carries.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Spec {
    Message(Arc<MessageSpec>),
    Task(Arc<TaskSpec>),
    Notify(Arc<NotifySpec>),
    Webhook(Arc<WebhookSpec>),
}

/// Order of work after downtime: reminders first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Rank(pub(crate) u8);

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Sending {
    Waiting(Instant),
    Preparing,
    Ready,
    InFlight(Attempt),
    Held(Hold),
    Closed(Outcome),
}

/// One authorised try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Attempt {
    pub(crate) number: u16,
    /// Start number of the process that made it.
    pub(crate) epoch: Epoch,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Outcome {
    Sent,
    Skipped(Skip),
    Failed(Fail),
    Cancelled(Cancel),
    /// The answer was lost and cannot be found out: not repeated, listed.
    Unknown,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Skip {
    Inactive,
    Condition,
    NoAddress,
    TestGuard,
    NoConsent,
    Suppressed,
    ChannelOff,
    ChannelLaw,
    Late,
    NoMoment,
    Cap,
    Held,
    Refused,
    Removed,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fail {
    Permanent(Arc<str>),
    Attempts(Arc<str>),
    Lookup(Arc<str>),
    Render(Arc<str>),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cancel {
    Moved,
    /// The run ended, as this says.
    Ended(Arc<str>),
}

/// Why: the deciding gate and the values it read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Because {
    pub(crate) gate: Gate,
    pub(crate) read: Vec<(Arc<str>, Arc<str>)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gate {
    Run,
    Condition,
    Recipient,
    Consent,
    Law,
    Lateness,
    Window,
    QuietHours,
    HandsOff,
    Cap,
    Channel,
    Group,
    Reentry,
    Retry,
    /// Which text was taken: the arm of an experiment, or a fallback.
    Text,
    Offer,
    /// Which way a run took, and why.
    Branch,
    /// Too many messages of the whole project in one hour.
    BlastRadius,
}

impl Run {
    pub(crate) fn cursor(&self) -> Option<&Cursor> {
        match &self.phase {
            Phase::Active(cursor) => Some(cursor),
            Phase::Ended { .. } => None,
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        matches!(self.phase, Phase::Active(_))
    }

    /// The booking it is about, or for a run about the contact the one that started it.
    pub(crate) fn subject(&self) -> Option<BookingId> {
        self.booking.or_else(|| self.started_by.as_ref().and_then(|started| started.booking))
    }

    /// Order of the next step among what is due.
    pub(crate) fn rank(&self) -> Rank {
        let next = self.cursor().and_then(|cursor| Some((cursor.step, self.sequence.step(cursor.step)?)));
        match next {
            Some((at, step)) => super::fall_due::rank(step.purpose, self.sequence.bound(at).is_some()),
            None => super::fall_due::rank(self.sequence.purpose, false),
        }
    }

    /// When the clock has to look at this run.
    pub(crate) fn wake(&self) -> Option<Instant> {
        match self.cursor()?.wait {
            Wait::Until(at) | Wait::Awaiting(at) => Some(at),
            // whatever else it waits for, at the end of its campaign it ends
            _ => self.sequence.campaign.as_ref().and_then(|campaign| campaign.end),
        }
    }
}

impl Send {
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.state, Sending::Closed(_))
    }

    /// Does the blast radius hold it back? First attempts of messages to the person do, but for transactional ones.
    pub(crate) fn is_held_back(&self) -> bool {
        let to_contact = matches!(&self.spec, Some(Spec::Message(spec)) if spec.to == crate::plan::To::Contact);
        to_contact && self.purpose != Purpose::Transactional && self.attempts <= 1
    }

    /// When the clock has to look at this send.
    pub(crate) fn wake(&self) -> Option<Instant> {
        match self.state {
            Sending::Waiting(at) => Some(at),
            _ => None,
        }
    }

    /// What a trigger or an exit does: no step of the run, and it does not end with it.
    pub(crate) fn is_aside(&self) -> bool {
        // names of steps have no dot
        self.step.as_str().contains('.')
    }

    /// While no attempt is under way a send can be called off.
    pub(crate) fn can_be_called_off(&self) -> bool {
        !matches!(self.state, Sending::InFlight(_) | Sending::Closed(_))
    }
}

impl Because {
    pub(crate) fn new(gate: Gate) -> Self {
        Self { gate, read: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.read.push((Arc::from(name), Arc::from(value.to_string())));
        self
    }
}

impl StopReason {
    /// The word that files, `why` and events use.
    pub(crate) fn name(&self) -> Arc<str> {
        Arc::from(match self {
            Self::Rule(reason) => return reason.clone(),
            Self::GoalLate => "goal_late",
            Self::Late => "late",
            Self::BookingGone => "booking_gone",
            Self::OptedOut => "opted_out",
            Self::Erased => "erased",
            Self::Displaced(_) => "displaced",
            Self::Merged => "merged",
            Self::CampaignEnded => "campaign_ended",
            Self::Removed => "removed",
            Self::Operator(_) => "operator",
        })
    }
}

impl Skip {
    pub(crate) const ALL: [Self; 14] = [
        Self::Inactive,
        Self::Condition,
        Self::NoAddress,
        Self::TestGuard,
        Self::NoConsent,
        Self::Suppressed,
        Self::ChannelOff,
        Self::ChannelLaw,
        Self::Late,
        Self::NoMoment,
        Self::Cap,
        Self::Held,
        Self::Refused,
        Self::Removed,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Condition => "condition",
            Self::NoAddress => "no_address",
            Self::TestGuard => "test_guard",
            Self::NoConsent => "no_consent",
            Self::Suppressed => "suppressed",
            Self::ChannelOff => "channel_off",
            Self::ChannelLaw => "channel_law",
            Self::Late => "late",
            Self::NoMoment => "no_moment",
            Self::Cap => "cap",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Removed => "removed",
        }
    }
}

impl Fail {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Permanent(_) => "permanent",
            Self::Attempts(_) => "attempts",
            Self::Lookup(_) => "lookup",
            Self::Render(_) => "render",
        }
    }

    /// The same without the words of whoever refused.
    pub(crate) fn without_detail(&self) -> Self {
        let none = Arc::from("");
        match self {
            Self::Permanent(_) => Self::Permanent(none),
            Self::Attempts(_) => Self::Attempts(none),
            Self::Lookup(_) => Self::Lookup(none),
            Self::Render(_) => Self::Render(none),
        }
    }

    pub(crate) fn detail(&self) -> &Arc<str> {
        match self {
            Self::Permanent(why) | Self::Attempts(why) | Self::Lookup(why) | Self::Render(why) => why,
        }
    }
}

impl Outcome {
    /// `sent`, `skipped`, `failed`, `cancelled` or `unknown`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Skipped(_) => "skipped",
            Self::Failed(_) => "failed",
            Self::Cancelled(_) => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    /// The reason in parentheses, where there is one.
    pub(crate) fn reason(&self) -> Option<Arc<str>> {
        match self {
            Self::Sent | Self::Unknown => None,
            Self::Skipped(skip) => Some(Arc::from(skip.name())),
            Self::Failed(fail) => Some(Arc::from(fail.name())),
            Self::Cancelled(Cancel::Moved) => Some(Arc::from("moved")),
            Self::Cancelled(Cancel::Ended(why)) => Some(why.clone()),
        }
    }
}

impl End {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Converted(_) => "converted",
            Self::Stopped(_) => "stopped",
        }
    }

    /// Why a send that was still open ended with the run.
    pub(crate) fn cancel(&self) -> Cancel {
        Cancel::Ended(match self {
            Self::Completed => Arc::from("completed"),
            Self::Converted(_) => Arc::from("converted"),
            Self::Stopped(reason) => reason.name(),
        })
    }
}
