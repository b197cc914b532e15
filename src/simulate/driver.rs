//! Time that jumps from one due moment to the next, and channels that accept whatever they are given.
use crate::{
    calendar::Instant,
    content::Message,
    engine::{Broken, Changes, Did, Done, Effect, Kept, Limits, Loaded, Note, Store, Turn, Work, turn},
    id::{ChannelName, SendId},
    journey::{Person, Receipt, WEBHOOKS, World},
    plan::Plan,
};
use std::{collections::BTreeMap, sync::Arc};

/// Turns in a row at one moment; beyond it something wakes itself without end.
const ROUNDS: usize = 10_000;

pub(crate) struct Driver<S> {
    pub(crate) store: S,
    loaded: Loaded,
    world: World,
    pub(crate) now: Instant,
    pub(crate) notes: Vec<Note>,
    /// What left through channels that are not local.
    pub(crate) left: BTreeMap<SendId, (ChannelName, Message)>,
}

impl<S: Store> Driver<S> {
    pub(crate) fn new(mut store: S, plan: Arc<Plan>, now: Instant) -> Did<Self> {
        store.publish(&plan, "simulation", now)?;
        let epoch = store.begin_epoch()?;
        let ways = plan.channels.keys().cloned().chain([ChannelName::new(WEBHOOKS)]);
        let slots = ways.map(|name| (name, u16::MAX)).collect();
        let loaded = Loaded::new(plan, store.key());
        let world = World { epoch, slots, ..World::default() };
        Ok(Self { store, loaded, world, now, notes: Vec::new(), left: BTreeMap::new() })
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.loaded.plan
    }

    /// Puts a person in as they are, without any event: what was before the story begins.
    pub(crate) fn seed(&mut self, person: &Person, kept: &Kept) -> Did<()> {
        let mut turn = self.store.turn(&self.loaded.plan)?;
        // their numbers are taken from now on
        let mut free = turn.new_contact()? == person.contact.id;
        for booking in &kept.bookings {
            free &= turn.new_booking()? == *booking;
        }
        if !free {
            return Err(Broken::new("a story begins with the first person and the first appointments of a store"));
        }
        let ids = turn.ids()?;
        turn.record(&Changes { person, kept, ids, now: self.now })?;
        turn.commit()
    }

    /// Does work at the present moment, and everything that it makes due at once.
    pub(crate) fn work(&mut self, work: Work) -> Did<Done> {
        let mut done = self.turn(vec![work])?;
        self.settle()?;
        Ok(done.pop().unwrap_or(Done::Carried))
    }

    /// Lets time pass until the given moment.
    pub(crate) fn run_until(&mut self, until: Instant, mut enough: impl FnMut(&[Note]) -> bool) -> Did<()> {
        while let Some(wake) = self.store.next_wake()?.filter(|wake| *wake <= until) {
            self.now = self.now.max(wake);
            self.settle()?;
            if enough(&self.notes) {
                return Ok(());
            }
        }
        self.now = self.now.max(until);
        Ok(())
    }

    fn settle(&mut self) -> Did<()> {
        for _ in 0..ROUNDS {
            if self.store.next_wake()?.is_none_or(|wake| wake > self.now) {
                return Ok(());
            }
            self.turn(vec![Work::Tick])?;
        }
        Err(Broken::new(format!("work at {} makes itself due again without end", self.now)))
    }

    fn turn(&mut self, work: Vec<Work>) -> Did<Vec<Done>> {
        let asked = turn(&mut self.store, &self.loaded, &self.world, work, Limits::default(), self.now)?;
        self.notes.extend(asked.notes);
        let mut answers = Vec::new();
        for Effect::Send { channel, permit, message } in asked.effects {
            self.left.insert(permit.send, (channel, message));
            answers.push(Work::Received {
                contact: permit.contact,
                send: permit.send,
                attempt: permit.attempt,
                receipt: Receipt::Accepted { provider_id: Arc::from(permit.key.0) },
            });
        }
        if !answers.is_empty() {
            self.turn(answers)?;
        }
        Ok(asked.done)
    }
}
