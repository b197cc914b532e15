//! What one turn changed of one person, as a store has to write it: final states, each row once.
use crate::{
    calendar::Instant,
    content::Message,
    id::{BookingId, RunId, SendId, TriggerName},
    journey::{ERASED, Happening, Ids, Person, Redemption, Refusal},
    record::{ConsentEntry, Identity},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The person as they are now, and which parts are to be written.
#[derive(Debug)]
pub(crate) struct Changes<'a> {
    pub(crate) person: &'a Person,
    pub(crate) kept: &'a Kept,
    pub(crate) ids: Ids,
    pub(crate) now: Instant,
}

/// Which parts of a person changed since they were loaded or last recorded.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Kept {
    /// The contact itself is new.
    pub(crate) is_new: bool,
    pub(crate) contact: bool,
    pub(crate) touch: bool,
    pub(crate) identities: Vec<Identity>,
    pub(crate) bookings: BTreeSet<BookingId>,
    /// A booking that turned out to be another: (gone, kept).
    pub(crate) merged: Vec<(BookingId, BookingId)>,
    /// Runs and sends to insert; the ones in `runs` and `sends` exist and are to be updated.
    pub(crate) new_runs: BTreeSet<RunId>,
    pub(crate) runs: BTreeSet<RunId>,
    pub(crate) new_sends: BTreeSet<SendId>,
    pub(crate) sends: BTreeSet<SendId>,
    /// Bytes of sends that were prepared in this turn.
    pub(crate) contents: BTreeMap<SendId, Message>,
    /// Attempts that ended other than accepted: (send, number, result word, detail).
    pub(crate) attempts: Vec<(SendId, u16, Arc<str>, Arc<str>)>,
    pub(crate) watches: BTreeSet<(TriggerName, Option<BookingId>)>,
    pub(crate) events: Vec<Happening>,
    pub(crate) consents: Vec<ConsentEntry>,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) redemptions: Vec<Redemption>,
    /// A code was given out, and stands in its table already.
    pub(crate) codes: bool,
    /// Delivered by the commit itself: messages of mailbox channels.
    pub(crate) mailbox: BTreeSet<SendId>,
    pub(crate) tasks: Vec<Task>,
}

/// An entry on somebody's list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Task {
    pub(crate) send: SendId,
    pub(crate) title: String,
    pub(crate) notes: Option<String>,
    pub(crate) assign: Option<Arc<str>>,
    pub(crate) due: Option<Instant>,
}

impl Kept {
    /// What is still to be written of somebody who was erased: where their runs and sends stand, and what was closed.
    pub(crate) fn without_personal(&self) -> Self {
        let consents = self.consents.iter().filter(|entry| &*entry.basis == ERASED).cloned().collect();
        Self {
            contact: true,
            touch: true,
            new_runs: self.new_runs.clone(),
            runs: self.runs.clone(),
            new_sends: self.new_sends.clone(),
            sends: self.sends.clone(),
            consents,
            ..Self::default()
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
