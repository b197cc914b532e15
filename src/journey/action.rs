//! A decision is data: what changed, in order, each with its reason.
use super::{Attempt, Because, Happening, Ids, Person, Redemption};
use crate::{
    calendar::Instant,
    id::{BookingId, FieldName, RunId, SendId, SequenceName, TriggerName},
    record::ConsentEntry,
};

/// The person as they are afterwards, and how it came to that.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Decision {
    pub(crate) person: Person,
    pub(crate) actions: Vec<Action>,
    pub(crate) ids: Ids,
}

/// One change. The new state stands in the decision's person; an action says which part of it and why.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Action {
    /// An event that the history keeps, because something in the plan may ask for it.
    Note(Happening),
    Entered {
        run: RunId,
        by: Option<TriggerName>,
    },
    Refused(Refusal),
    /// A trigger without an event fired.
    Struck {
        trigger: TriggerName,
        booking: Option<BookingId>,
    },
    /// The run's cursor moved.
    Moved(RunId),
    /// The run did something outward: it counts for re-entry.
    Acted(RunId),
    /// The person got an arm of an experiment.
    Assigned(RunId),
    Ended(RunId),
    /// A goal was reached after the run had ended otherwise.
    ConvertedLate(RunId),
    /// A step fell due: the ledger row.
    Began(SendId),
    Prepare(SendId),
    /// Bytes are stored; waits for a slot.
    Ready(SendId),
    Deferred(SendId, Instant, Because),
    Authorised(SendId, Attempt),
    /// The send has its outcome.
    Closed(SendId),
    /// The person is to be forgotten: everything else that is stored of them goes now.
    Erased,
    /// An offer was used.
    Redeemed(Redemption),
    ContactChanged(Vec<FieldName>),
    /// The record of a booking learned something by itself.
    BookingChanged(BookingId),
    TouchChanged,
    Consent(ConsentEntry),
    Armed {
        trigger: TriggerName,
        booking: Option<BookingId>,
        due: Instant,
    },
    Disarmed {
        trigger: TriggerName,
        booking: Option<BookingId>,
    },
}

/// A non-event is recorded too.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Refusal {
    pub(crate) trigger: Option<TriggerName>,
    pub(crate) sequence: Option<SequenceName>,
    pub(crate) why: RefusedWhy,
    pub(crate) because: Option<Because>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum RefusedWhy {
    AlreadyIn,
    Reentry,
    Group,
    Condition,
    NoConsent,
    BlastRadius,
    /// The sequence is switched off.
    Inactive,
    /// A sequence about bookings, and the event has none, or one that is gone.
    NoBooking,
    /// The event names a funnel that the project does not have: what stands under `otherwise` is taken.
    UnknownFunnel,
    /// Too much followed from one decision: it went in a circle, and nothing further was taken on.
    Endless,
}

impl RefusedWhy {
    pub(crate) const ALL: [Self; 10] = [
        Self::AlreadyIn,
        Self::Reentry,
        Self::Group,
        Self::Condition,
        Self::NoConsent,
        Self::BlastRadius,
        Self::Inactive,
        Self::NoBooking,
        Self::UnknownFunnel,
        Self::Endless,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AlreadyIn => "already_in",
            Self::Reentry => "reentry",
            Self::Group => "group",
            Self::Condition => "condition",
            Self::NoConsent => "no_consent",
            Self::BlastRadius => "blast_radius",
            Self::Inactive => "inactive",
            Self::NoBooking => "no_booking",
            Self::UnknownFunnel => "unknown_funnel",
            Self::Endless => "endless",
        }
    }
}
