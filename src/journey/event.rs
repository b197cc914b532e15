//! Events: the only door through which anything reaches a run.
use super::{Attempt, Fail, StartedBy};
use crate::{
    calendar::Instant,
    id::{
        BookingId, ChannelName, DeliveryId, EventId, EventKind, FieldName, RunId, SendId, SequenceName, SourceName,
        TriggerName,
    },
    record::Purpose,
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Event {
    /// Something happened outside, or in our own records.
    Happened(Happening),
    /// The record learned something without an event of its own: fields of the contact, a part of a booking.
    Changed { fields: Vec<FieldName>, booking: Option<BookingId> },
    /// The clock: whatever of this person is due now.
    Due,
    /// The rules that hold for everybody in this sequence changed: times, hours, channels.
    Replanned(SequenceName),
    /// A text was rendered and stored, or could not be.
    Prepared(SendId, Result<(), Fail>),
    /// The channel can take this send now: authorise it or not.
    Slot(SendId),
    /// The channel's answer to an attempt.
    Received(SendId, Attempt, Receipt),
    /// A person's order.
    Ordered(Order),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Happening {
    pub(crate) id: EventId,
    pub(crate) kind: EventKind,
    pub(crate) at: Instant,
    pub(crate) booking: Option<BookingId>,
    pub(crate) data: BTreeMap<Arc<str>, Value>,
    pub(crate) delivery: Option<DeliveryId>,
    /// The run that made it: it does not see its own event.
    pub(crate) by_run: Option<RunId>,
}

/// A channel's answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Receipt {
    Accepted {
        provider_id: Arc<str>,
    },
    /// Known not to have gone out.
    NotSent {
        retry_after_ms: Option<u64>,
        permanent: bool,
        why: Arc<str>,
    },
    /// The answer was lost: maybe it went out.
    Unknown,
}

/// What somebody of the practice, or the person by a link, asked for.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Order {
    Enrol(SequenceName),
    /// The person is of a campaign's audience.
    TakeIn {
        sequence: SequenceName,
        by: Option<TriggerName>,
    },
    /// Lets the next step of the person's run fall due now.
    Advance(SequenceName),
    Stop {
        sequence: SequenceName,
        actor: Arc<str>,
    },
    /// Two records turned out to be one appointment.
    BookingMerged {
        gone: BookingId,
        kept: BookingId,
    },
    /// Closes what is named. Nothing named: marketing and service everywhere. A reply word or a provider's signal
    /// (`basis` `reply`, `provider`) closes its channel for every purpose, and marketing and service everywhere.
    OptOut {
        channel: Option<ChannelName>,
        purpose: Option<Purpose>,
        basis: Arc<str>,
        source: Option<SourceName>,
        actor: Arc<str>,
    },
    /// Ends everything at once; what is personal of them goes with it.
    Erase {
        actor: Arc<str>,
    },
    /// One of their addresses belonged to somebody who was erased then: what was agreed to before counts no more.
    Suppressed {
        since: Instant,
    },
}

impl StartedBy {
    /// Did the person write? Then what follows soon is an answer.
    pub(crate) fn is_message(&self) -> bool {
        matches!(self.kind.as_str(), "message.received" | "contact.intent")
    }
}

impl Happening {
    pub(crate) fn started(&self) -> StartedBy {
        StartedBy {
            id: Some(self.id).filter(|id| id.0 != 0),
            kind: self.kind.clone(),
            at: self.at,
            booking: self.booking,
            data: self.data.clone(),
        }
    }
}
