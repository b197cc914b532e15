//! What a store tells to those who only read: rows as plain data, the same from every store. Must not know how they are
//! kept.
use super::Task;
use crate::{
    calendar::Instant,
    content::Message,
    id::{BookingId, ChannelName, ContactId, RunId, SendId, SequenceName, StepName},
    journey::{Because, End, Outcome, Rank, Refusal, Sending, StartedBy, Taken, Wait},
    record::Purpose,
    value::Value,
};
use std::sync::Arc;

/// One line of the ledger: a step that fell due, and what became of it so far.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct LedgerRow {
    /// Grows in the order in which steps fell due.
    pub(crate) send: SendId,
    pub(crate) contact: ContactId,
    pub(crate) run: Option<RunId>,
    pub(crate) sequence: Option<SequenceName>,
    pub(crate) step: StepName,
    pub(crate) occurrence: u16,
    pub(crate) what: SendKind,
    pub(crate) purpose: Purpose,
    pub(crate) planned: Instant,
    pub(crate) state: Sending,
    pub(crate) channel: Option<ChannelName>,
    pub(crate) attempts: u16,
    pub(crate) authorised_at: Option<Instant>,
    pub(crate) because: Option<Because>,
    /// When it was written, or when its outcome was.
    pub(crate) at: Instant,
}

/// What a step does, as far as statistics and `was_sent` tell it apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum SendKind {
    /// Inside our own records.
    Local,
    /// A message to the person.
    Message,
    /// A message to somebody else: a host, a role, an address.
    Notice,
    Task,
}

/// A message of a mailbox channel, as it would have gone out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct MailboxRow {
    pub(crate) send: SendId,
    pub(crate) contact: ContactId,
    pub(crate) channel: ChannelName,
    pub(crate) at: Instant,
    pub(crate) message: Message,
}

/// A counted link of a message: where it leads, and whose it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LinkRow {
    pub(crate) send: SendId,
    /// Its place among the links of the message.
    pub(crate) number: u16,
    pub(crate) contact: ContactId,
    pub(crate) url: Arc<str>,
    pub(crate) channel: Option<ChannelName>,
    pub(crate) sequence: Option<SequenceName>,
    pub(crate) step: StepName,
}

/// One enrolment, open or over.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct RunRow {
    pub(crate) id: RunId,
    pub(crate) contact: ContactId,
    pub(crate) sequence: SequenceName,
    pub(crate) booking: Option<BookingId>,
    pub(crate) entered: Instant,
    pub(crate) phase: RunPhase,
    pub(crate) occurrence: u16,
    pub(crate) acted: bool,
    pub(crate) converted: bool,
    /// Still looked at when something happens to the person.
    pub(crate) open: bool,
    /// Its sequence is not in the published plan.
    pub(crate) orphaned: bool,
    pub(crate) started_by: Option<Arc<StartedBy>>,
    /// Ways taken at barriers.
    pub(crate) taken: Vec<Taken>,
    /// What its conversion was worth.
    pub(crate) worth: Option<Value>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum RunPhase {
    /// The next step, `None` when all have fallen due.
    Active {
        step: Option<StepName>,
        wait: Wait,
    },
    Ended {
        at: Instant,
        end: End,
    },
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct RefusalRow {
    pub(crate) contact: ContactId,
    pub(crate) at: Instant,
    pub(crate) refusal: Refusal,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TaskRow {
    pub(crate) contact: ContactId,
    pub(crate) at: Instant,
    pub(crate) done_at: Option<Instant>,
    pub(crate) task: Task,
}

/// An attempt that ended other than accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct AttemptRow {
    pub(crate) send: SendId,
    pub(crate) number: u16,
    pub(crate) at: Instant,
    pub(crate) result: Arc<str>,
    pub(crate) detail: Arc<str>,
}

/// A delivery that somebody has to look at.
#[cfg(test)]
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct QuarantineRow {
    pub(crate) delivery: crate::id::DeliveryId,
    pub(crate) source: crate::id::SourceName,
    pub(crate) received_at: Instant,
    pub(crate) why: String,
}

/// A step that will fall due, or a send that waits.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct DueRow {
    pub(crate) contact: ContactId,
    pub(crate) at: Instant,
    pub(crate) rank: Rank,
    pub(crate) what: DueWhat,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum DueWhat {
    Run { run: RunId, sequence: SequenceName, step: Option<StepName> },
    Send { send: SendId },
    Watch { trigger: crate::id::TriggerName, booking: Option<BookingId> },
}

impl LedgerRow {
    /// `None` while it is open.
    pub(crate) fn outcome(&self) -> Option<&Outcome> {
        match &self.state {
            Sending::Closed(outcome) => Some(outcome),
            _ => None,
        }
    }
}

impl SendKind {
    pub(crate) const ALL: [Self; 4] = [Self::Local, Self::Message, Self::Notice, Self::Task];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Message => "message",
            Self::Notice => "notice",
            Self::Task => "task",
        }
    }
}
