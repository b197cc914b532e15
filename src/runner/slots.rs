//! How many attempts each channel can take now, and when a channel that keeps failing is left alone.
//!
//! Pure: time is an argument. A slot is taken when an attempt is authorised and free again when its answer is recorded, so
//! that a killed process leaves at most as many unknown attempts as there are slots.
use crate::{calendar::Instant, engine::Receipt, id::ChannelName};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Known failures in a row that open the breaker.
pub(super) const FAILURES: u16 = 5;
const FIRST_REST: Duration = Duration::from_secs(30);
const LONGEST_REST: Duration = Duration::from_mins(15);
/// A short outage delays messages; a longer one lets them take another channel.
pub(super) const FALL_BACK_AFTER: Duration = Duration::from_mins(10);

#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    rows: BTreeMap<ChannelName, Row>,
}

#[derive(Clone, Debug, Default)]
struct Row {
    capacity: u16,
    flying: u16,
    breaker: Breaker,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Breaker {
    failures: u16,
    open: Option<Open>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Open {
    since: Instant,
    until: Instant,
    rest: Duration,
    /// The one attempt that finds out whether the channel works again was made possible.
    offered: bool,
}

impl Slots {
    /// Channels and how much each can take; one that is gone keeps its row until its attempts are answered.
    pub(super) fn connect(&mut self, capacities: &BTreeMap<ChannelName, u16>) {
        for row in self.rows.values_mut() {
            row.capacity = 0;
        }
        for (name, capacity) in capacities {
            self.rows.entry(name.clone()).or_default().capacity = *capacity;
        }
        self.rows.retain(|_, row| row.capacity > 0 || row.flying > 0);
    }

    /// What each channel can take now.
    pub(super) fn free(&self, now: Instant) -> BTreeMap<ChannelName, u16> {
        let free = self.rows.iter().map(|(name, row)| {
            let free = row.capacity.saturating_sub(row.flying);
            let free = match row.breaker.open {
                Some(open) if now < open.until || row.flying > 0 => 0,
                Some(_) => free.min(1),
                None => free,
            };
            (name.clone(), free)
        });
        free.filter(|(_, free)| *free > 0).collect()
    }

    /// Channels that have been failing for so long that messages look for another one.
    pub(super) fn broken(&self, now: Instant) -> BTreeSet<ChannelName> {
        let long = |open: &Open| now < open.until && now >= open.since.plus(FALL_BACK_AFTER);
        let broken = self.rows.iter().filter(|(_, row)| row.breaker.open.as_ref().is_some_and(long));
        broken.map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn open(&self) -> Vec<ChannelName> {
        self.rows.iter().filter(|(_, row)| row.breaker.open.is_some()).map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn took(&mut self, channel: &ChannelName) {
        let row = self.rows.entry(channel.clone()).or_default();
        row.flying = row.flying.saturating_add(1);
    }

    /// The answer is recorded. Says whether the breaker opened by it.
    pub(super) fn landed(&mut self, channel: &ChannelName, receipt: &Receipt, now: Instant) -> bool {
        let Some(row) = self.rows.get_mut(channel) else { return false };
        row.flying = row.flying.saturating_sub(1);
        let was_open = row.breaker.open.is_some();
        row.breaker.tell(receipt, now);
        let opened = !was_open && row.breaker.open.is_some();
        self.rows.retain(|_, row| row.capacity > 0 || row.flying > 0);
        opened
    }

    pub(super) fn flying(&self) -> BTreeMap<ChannelName, u16> {
        self.rows.iter().map(|(name, row)| (name.clone(), row.flying)).collect()
    }

    pub(super) fn is_flying(&self) -> bool {
        self.rows.values().any(|row| row.flying > 0)
    }

    /// Whether a channel that rested can be tried again: true once for each rest.
    pub(super) fn offer(&mut self, now: Instant) -> bool {
        let mut any = false;
        for open in self.rows.values_mut().filter_map(|row| row.breaker.open.as_mut()) {
            if now >= open.until && !open.offered {
                (open.offered, any) = (true, true);
            }
        }
        any
    }

    /// When the next rest ends.
    pub(super) fn next_offer(&self) -> Option<Instant> {
        let open = self.rows.values().filter_map(|row| row.breaker.open);
        open.filter(|open| !open.offered).map(|open| open.until).min()
    }
}

impl Breaker {
    fn tell(&mut self, receipt: &Receipt, now: Instant) {
        match receipt {
            // a refusal for good is an answer too: the provider works
            Receipt::Accepted { .. } | Receipt::NotSent { permanent: true, .. } => *self = Self::default(),
            Receipt::NotSent { .. } | Receipt::Unknown => self.fail(now),
        }
    }

    fn fail(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.open = match self.open {
            // answers to attempts from before the rest say nothing new
            Some(open) if now < open.until => Some(open),
            Some(open) => {
                let rest = (open.rest * 2).min(LONGEST_REST);
                Some(Open { until: now.plus(rest), rest, offered: false, ..open })
            }
            None if self.failures < FAILURES => None,
            None => Some(Open { since: now, until: now.plus(FIRST_REST), rest: FIRST_REST, offered: false }),
        };
    }
}
