//! What the writer needs of a store: the engine's turn over it, and its few questions.
//!
//! One implementation over every store; tests have another that fails when they say so.
use crate::{
    calendar::Instant,
    engine::{
        Broken, COUNTED, Did, Effects, InFlight, Limits, Loaded, Store, Turn, Work, World, next_page, next_round,
        to_backfill, turn,
    },
    id::{ChannelName, ContactId, Epoch, SendId},
};
use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

pub(super) trait Core: Send {
    fn turn(&mut self, loaded: &Loaded, world: &World, work: Vec<Work>, limits: Limits, now: Instant) -> Did<Effects>;
    fn publish(&mut self, loaded: &Loaded, actor: &str, now: Instant) -> Did<u32>;
    fn begin_epoch(&mut self) -> Did<Epoch>;
    fn in_flight(&self, before: Epoch) -> Did<Vec<InFlight>>;
    fn next_wake(&self) -> Did<Option<Instant>>;
    fn due(&mut self, loaded: &Loaded, now: Instant, limit: usize) -> Did<Vec<ContactId>>;
    fn ready(&mut self, loaded: &Loaded, channel: &ChannelName, limit: usize) -> Did<Vec<(ContactId, SendId)>>;
    /// Whom the page of a round over everybody that is due takes; `None` when none is.
    fn round(&mut self, loaded: &Loaded, now: Instant, limit: usize) -> Did<Option<BTreeSet<ContactId>>>;
}

pub(super) struct Home<S>(pub(super) S);

impl<S: Store + Send> Core for Home<S> {
    fn turn(&mut self, loaded: &Loaded, world: &World, work: Vec<Work>, limits: Limits, now: Instant) -> Did<Effects> {
        // a panic is a defect of ours; it must not take the other people's work with it. The open transaction is dropped
        // while the stack unwinds, so nothing of the turn has happened
        catch_unwind(AssertUnwindSafe(|| turn(&mut self.0, loaded, world, work, limits, now)))
            .unwrap_or_else(|_| Err(Broken::new("the turn panicked")))
    }

    fn publish(&mut self, loaded: &Loaded, actor: &str, now: Instant) -> Did<u32> {
        let version = self.0.publish(&loaded.plan, actor, now)?;
        let found = to_backfill(&mut self.0.turn(&loaded.plan)?, &loaded.plan, now)?;
        for (trigger, people) in found {
            let more = people > COUNTED;
            let people = people.min(COUNTED);
            tracing::warn!(%trigger, people, more, "backfill: people who match already are about to be taken in");
        }
        Ok(version)
    }

    fn begin_epoch(&mut self) -> Did<Epoch> {
        self.0.begin_epoch()
    }

    fn in_flight(&self, before: Epoch) -> Did<Vec<InFlight>> {
        self.0.in_flight(before)
    }

    fn next_wake(&self) -> Did<Option<Instant>> {
        self.0.next_wake()
    }

    fn due(&mut self, loaded: &Loaded, now: Instant, limit: usize) -> Did<Vec<ContactId>> {
        self.0.turn(&loaded.plan)?.due(now, limit)
    }

    fn ready(&mut self, loaded: &Loaded, channel: &ChannelName, limit: usize) -> Did<Vec<(ContactId, SendId)>> {
        self.0.turn(&loaded.plan)?.ready(channel, limit)
    }
    fn round(&mut self, loaded: &Loaded, now: Instant, limit: usize) -> Did<Option<BTreeSet<ContactId>>> {
        let mut turn = self.0.turn(&loaded.plan)?;
        let replans = turn.replans()?;
        if let Some(page) = next_page(&mut turn, &replans, limit)? {
            return Ok(Some(page.who));
        }
        let sweeps = turn.sweeps()?;
        Ok(next_round(&mut turn, &loaded.plan, &sweeps, now, limit)?.map(|round| round.who))
    }
}
