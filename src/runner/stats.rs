//! What the runner counts, for `/metrics` and for people: plain numbers, nothing personal.
use crate::{
    calendar::Instant,
    engine::{Note, Receipt},
    id::{ChannelName, Epoch},
};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::broadcast;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// Counted since the start; only grow.
        #[derive(Debug, Default)]
        pub(crate) struct Counters { $($(#[$doc])* pub(crate) $name: AtomicU64,)* }

        impl Counters {
            /// Names and values in their order.
            pub(crate) fn read(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name.load(Ordering::Relaxed)),)*]
            }
        }
    };
}

counters! {
    /// Transactions that were committed.
    commits
    deliveries
    orders
    receipts
    ticks
    /// People whose due work was decided.
    people_due
    /// Attempts handed to a channel.
    attempts
    accepted
    refused
    retryable
    unknown
    /// Channels that failed in a way they must not.
    panics
    breakers_opened
    /// Turns that were rolled back and replayed one by one.
    rollbacks
    /// Single items at which a turn fails.
    poisoned
    notes_unheard
    /// Decisions from which too much followed.
    circles
}

/// How it stands now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Gauges {
    pub(crate) epoch: Option<Epoch>,
    pub(crate) plan_version: u32,
    pub(crate) queued: usize,
    pub(crate) in_flight: BTreeMap<ChannelName, u16>,
    pub(crate) breakers_open: Vec<ChannelName>,
    /// The next moment at which something falls due.
    pub(crate) next_wake: Option<Instant>,
    /// People who are left out because every turn with them fails.
    pub(crate) poisoned_people: usize,
    /// Answers that could not be recorded yet.
    pub(crate) unrecorded: usize,
    /// The store does not take writes.
    pub(crate) store_broken: bool,
}

/// What the writer lets others see.
pub(super) struct Shared {
    pub(super) counters: Counters,
    pub(super) gauges: Mutex<Gauges>,
    pub(super) notes: broadcast::Sender<Note>,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self { counters: Counters::default(), gauges: Mutex::default(), notes: broadcast::channel(4_096).0 }
    }

    pub(super) fn gauges(&self) -> Gauges {
        self.gauges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn show(&self, gauges: Gauges) {
        *self.gauges.lock().unwrap_or_else(PoisonError::into_inner) = gauges;
    }

    pub(super) fn tell(&self, notes: Vec<Note>) {
        for note in notes {
            if note.told.goes_round().is_some() {
                count(&self.counters.circles, 1);
            }
            if self.notes.send(note).is_err() {
                count(&self.counters.notes_unheard, 1);
            }
        }
    }

    pub(super) fn answered(&self, receipt: &Receipt) {
        count(&self.counters.receipts, 1);
        count(
            match receipt {
                Receipt::Accepted { .. } => &self.counters.accepted,
                Receipt::NotSent { permanent: true, .. } => &self.counters.refused,
                Receipt::NotSent { .. } => &self.counters.retryable,
                Receipt::Unknown => &self.counters.unknown,
            },
            1,
        );
    }
}

pub(super) fn count(counter: &AtomicU64, by: usize) {
    counter.fetch_add(by as u64, Ordering::Relaxed);
}
