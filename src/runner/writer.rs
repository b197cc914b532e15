//! The one writer: groups what came in, runs a turn over it, and only after the commit answers, sends and tells.
//!
//! A cycle is one step without waiting, so tests drive it by hand; the thread around it only waits between cycles.
use super::{
    Refused, Swapped,
    carrier::Carry,
    clock::Clock,
    core::Core,
    inbox::{Asked, Batch, Errand, Inbox, Landed, Pause},
    slots::Slots,
    stats::{Gauges, Shared, count},
};
use crate::{
    calendar::Instant,
    engine::{Broken, Did, Done, Effect, Effects, Limits, Loaded, Receipt, Work, World},
    id::{ContactId, Epoch},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::sync::oneshot;

/// Items of one commit.
pub(super) const GROUP: usize = 1_000;
/// An idle database is looked at this often, in case the clock was moved.
pub(super) const SAFETY_LOOK: Duration = Duration::from_secs(30);
/// Until a thing that did not work is tried again.
pub(super) const RETRY: Duration = Duration::from_secs(1);
/// Silent waits after which people at whom turns failed get another chance.
const FORGIVE_AFTER: u32 = 20;
/// So many people, and turns fail with every one of them: then it is the store and not these people.
const ILL_FROM: usize = 3;
/// After so many there is no need to try the rest.
const ILL_AFTER: usize = 16;

pub(super) struct Writer<C, K> {
    core: C,
    carry: K,
    clock: Arc<dyn Clock>,
    inbox: Arc<Inbox>,
    shared: Arc<Shared>,
    loaded: Arc<Loaded>,
    limits: Limits,
    epoch: Epoch,
    plan_version: u32,
    slots: Slots,
    tick: Ticking,
    /// As of the last turn.
    next_wake: Option<Instant>,
    /// Answers whose recording failed: kept, because nobody else knows them.
    unrecorded: Vec<Landed>,
    /// People left out of ticks, because a turn fails with them.
    poisoned: BTreeSet<ContactId>,
    silences: u32,
    /// The store does not take writes: nothing is authorised until it does again.
    ill: bool,
    stopping: Vec<oneshot::Sender<()>>,
    idle: Vec<oneshot::Sender<Result<(), Refused>>>,
    on_commit: Box<dyn FnMut() + Send>,
}

/// When the clock is to be looked at.
#[derive(Debug, Default)]
struct Ticking {
    /// There may be more: a page was full, or slots became free.
    wanted: bool,
    /// Orders went first last time: now the clock has its turn too.
    passed_over: bool,
    /// What was still due after the last tick; the same again means that nothing moves.
    left: Option<(Instant, usize)>,
    stuck: bool,
}

/// One piece of work in a group, with whoever waits for it.
enum Item {
    Asked(Asked),
    Landed(Landed),
    Clock(Work),
}

/// Closes the inbox for good.
struct Ending(Arc<Inbox>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// What a writer is made of.
pub(super) struct Parts<C, K> {
    pub(super) core: C,
    pub(super) carry: K,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) shared: Arc<Shared>,
    pub(super) loaded: Arc<Loaded>,
    pub(super) limits: Limits,
    pub(super) on_commit: Box<dyn FnMut() + Send>,
}

impl<C: Core, K: Carry> Writer<C, K> {
    /// Begins a life of the process: a new epoch, the plan published, and every attempt of an earlier life whose answer is
    /// not recorded made known as unknown, before anything is authorised.
    pub(super) fn open(parts: Parts<C, K>, actor: &str) -> Did<Self> {
        let Parts { mut core, carry, clock, inbox, shared, loaded, limits, on_commit } = parts;
        let now = clock.now();
        let epoch = core.begin_epoch()?;
        let plan_version = core.publish(&loaded, actor, now)?;
        let lost = core.in_flight(epoch)?;
        let mut writer = Self {
            core,
            carry,
            clock,
            inbox,
            shared,
            loaded,
            limits,
            epoch,
            plan_version,
            slots: Slots::default(),
            tick: Ticking { wanted: true, ..Ticking::default() },
            next_wake: None,
            unrecorded: Vec::new(),
            poisoned: BTreeSet::new(),
            silences: 0,
            ill: false,
            stopping: Vec::new(),
            idle: Vec::new(),
            on_commit,
        };
        // every outward channel of today is blind: nothing can tell what became of these
        let lost = lost.into_iter().map(|lost| Landed {
            channel: None,
            contact: lost.contact,
            send: lost.send,
            attempt: lost.attempt,
            receipt: Receipt::Unknown,
        });
        let mut items: Vec<Item> = lost.map(Item::Landed).collect();
        while !items.is_empty() {
            let rest = items.split_off(items.len().min(GROUP));
            writer.run(std::mem::replace(&mut items, rest), now);
        }
        writer.show();
        Ok(writer)
    }

    /// Works until it is told to stop; gives back those who wait for the end.
    pub(super) fn live(mut self) -> Vec<oneshot::Sender<()>> {
        // however this ends, nobody waits for ever
        let inbox = Ending(self.inbox.clone());
        let mut pause = Pause::No;
        while pause != Pause::Ended {
            let batch = inbox.0.wait(pause, GROUP);
            pause = self.cycle(batch);
        }
        std::mem::take(&mut self.stopping)
    }

    /// One step: errands, then a turn over what came and what is due.
    pub(super) fn cycle(&mut self, batch: Batch) -> Pause {
        let Batch { errands, asked, landed, silent } = batch;
        for errand in errands {
            self.errand(errand);
        }
        let now = self.clock.now();
        if silent {
            self.silence();
        }
        let mut items: Vec<Item> = asked.into_iter().map(Item::Asked).collect();
        let orders = !items.is_empty();
        // something prepared may wait for the slots that these answers set free
        self.tick.wanted |= landed.iter().any(|landed| landed.channel.is_some());
        items.extend(landed.into_iter().map(Item::Landed));
        if silent || !self.stopping.is_empty() {
            items.extend(std::mem::take(&mut self.unrecorded).into_iter().map(Item::Landed));
        }
        // orders are answered by people and providers who wait: they do not wait for a page of due work, but once
        let due = self.wants_tick(now);
        let tick = due && (!orders || self.tick.passed_over);
        self.tick.passed_over = due && !tick;
        if tick {
            items.extend(self.clock_items(now).into_iter().map(Item::Clock));
        }
        if !items.is_empty() {
            self.run(items, now);
        }
        self.pause()
    }

    // --- errands ------------------------------------------------------------------------------------------------------

    fn errand(&mut self, errand: Errand) {
        match errand {
            Errand::Swap { loaded, actor, reply } => {
                let swapped = self.swap(loaded, &actor);
                // whoever asked sees the version that runs
                self.show();
                drop(reply.send(swapped));
            }
            Errand::Connect(registry) => {
                let capacities = self.carry.connect(registry);
                self.slots.connect(&capacities);
                self.tick.wanted = true;
            }
            Errand::Idle(reply) => self.idle.push(reply),
            Errand::Stop(reply) => {
                self.inbox.close();
                self.stopping.push(reply);
            }
            Errand::Wake => self.tick.stuck = false,
        }
    }

    fn swap(&mut self, loaded: Arc<Loaded>, actor: &str) -> Swapped {
        let version = self.core.publish(&loaded, actor, self.clock.now()).map_err(|why| Refused::failed(&why))?;
        (self.loaded, self.plan_version) = (loaded, version);
        self.poisoned.clear();
        self.tick = Ticking { wanted: true, ..Ticking::default() };
        Ok(version)
    }

    /// Nothing came for a while: what did not work is tried again.
    fn silence(&mut self) {
        self.tick.stuck = false;
        self.tick.wanted |= self.ill;
        self.look();
        self.silences += 1;
        if self.silences >= FORGIVE_AFTER {
            self.silences = 0;
            self.tick.wanted |= !self.poisoned.is_empty();
            self.poisoned.clear();
        }
    }

    // --- the clock ----------------------------------------------------------------------------------------------------

    fn wants_tick(&mut self, now: Instant) -> bool {
        self.tick.wanted |= self.slots.offer(now);
        self.stopping.is_empty() && !self.tick.stuck && (self.tick.wanted || self.is_due(now))
    }

    fn is_due(&self, now: Instant) -> bool {
        self.next_wake.is_some_and(|at| at <= now)
    }

    /// A tick; or what it consists of, when people have to be left out.
    fn clock_items(&mut self, now: Instant) -> Vec<Work> {
        if self.poisoned.is_empty() {
            return vec![Work::Tick];
        }
        let parts = self.tick_in_parts(now).unwrap_or_else(|_| vec![Work::Tick]);
        // nobody but those who are left out: nothing to do until they get another chance
        self.tick.stuck = parts.is_empty();
        parts
    }

    fn tick_in_parts(&mut self, now: Instant) -> Did<Vec<Work>> {
        let loaded = self.loaded.clone();
        let due = self.core.due(&loaded, now, self.limits.people.saturating_add(self.poisoned.len()))?;
        let due = due.into_iter().filter(|who| !self.poisoned.contains(who)).take(self.limits.people);
        let mut parts: Vec<Work> = due.map(Work::Due).collect();
        for (channel, free) in self.ahead(&[], now).free(now) {
            let ready = self.core.ready(&loaded, &channel, usize::from(free) + self.poisoned.len())?;
            let ready = ready.into_iter().filter(|(who, _)| !self.poisoned.contains(who)).take(usize::from(free));
            parts.extend(ready.map(|(who, send)| Work::Slot(who, send)));
        }
        if let Some(who) = self.core.round(&loaded, now, self.limits.people)? {
            parts.extend(who.into_iter().filter(|who| !self.poisoned.contains(who)).map(Work::Due));
            parts.push(Work::Round(self.poisoned.clone()));
        }
        self.tick.wanted = false;
        Ok(parts)
    }

    /// After a tick: is there more, or does the same stay due however often it is looked at?
    fn ticked(&mut self, people: usize, more: bool, now: Instant) {
        count(&self.shared.counters.ticks, 1);
        count(&self.shared.counters.people_due, people);
        self.tick.wanted = more;
        let left = self.next_wake.filter(|at| *at <= now && !more).map(|at| (at, people));
        self.tick.stuck = left.is_some() && left == self.tick.left;
        self.tick.left = left;
        if self.tick.stuck && self.poisoned.is_empty() {
            tracing::warn!(people, "people stay due however often they are looked at");
        }
    }

    fn look(&mut self) {
        match self.core.next_wake() {
            Ok(at) => self.next_wake = at,
            Err(why) => self.fell_ill(&why),
        }
    }

    // --- turns --------------------------------------------------------------------------------------------------------

    /// One transaction over all of it. When that fails, nothing has happened, and each piece gets a transaction of its own.
    fn run(&mut self, items: Vec<Item>, now: Instant) {
        match self.attempt(&items, now) {
            Ok(effects) => self.settle(items, effects, now),
            Err(why) => {
                count(&self.shared.counters.rollbacks, 1);
                match <[Item; 1]>::try_from(items) {
                    Ok([item]) => self.give_up(item, &why, now),
                    Err(items) => self.one_by_one(items, now),
                }
            }
        }
    }

    fn one_by_one(&mut self, items: Vec<Item>, now: Instant) {
        let (mut failed, mut went_well) = (0, false);
        let poisoned_before = self.poisoned.clone();
        for item in items {
            let of_clock = matches!(item, Item::Clock(_));
            // the rest of what is due stays due
            if of_clock && !went_well && failed >= ILL_AFTER {
                break;
            }
            match self.attempt(std::slice::from_ref(&item), now) {
                Ok(effects) => {
                    went_well = true;
                    self.settle(vec![item], effects, now);
                }
                Err(why) => {
                    failed += usize::from(of_clock);
                    self.give_up(item, &why, now);
                }
            }
        }
        if !went_well && failed >= ILL_FROM {
            // nobody is blamed for what the store does to all
            self.poisoned = poisoned_before;
            self.fell_ill(&Broken::new("every turn failed"));
        }
    }

    /// A single piece at which a turn fails.
    fn give_up(&mut self, item: Item, why: &Broken, now: Instant) {
        match item {
            Item::Asked(asked) => {
                count(&self.shared.counters.poisoned, 1);
                tracing::error!(%why, "an order could not be carried out");
                drop(asked.reply.send(Err(Refused::failed(why))));
            }
            Item::Landed(landed) => {
                tracing::error!(%why, send = landed.send.0, "an answer could not be recorded: kept and tried again");
                if let Some(channel) = &landed.channel {
                    self.slots.landed(channel, &landed.receipt, now);
                }
                // counted once: its slot is free, whatever becomes of the record
                self.unrecorded.push(Landed { channel: None, ..landed });
            }
            Item::Clock(Work::Due(who) | Work::Slot(who, _)) => {
                count(&self.shared.counters.poisoned, 1);
                tracing::error!(%why, contact = who.0, "a turn fails with this person: left out for now");
                self.poisoned.insert(who);
            }
            // somebody was found out just now: the page goes on without them
            Item::Clock(Work::Round(without)) if without != self.poisoned => self.tick.wanted = true,
            Item::Clock(Work::Round(_)) => self.fell_ill(why),
            Item::Clock(_) => match self.tick_in_parts(now) {
                Ok(parts) if !parts.is_empty() => self.one_by_one(parts.into_iter().map(Item::Clock).collect(), now),
                Ok(_) | Err(_) => self.fell_ill(why),
            },
        }
    }

    fn fell_ill(&mut self, why: &Broken) {
        if !self.ill {
            tracing::error!(%why, "the store does not take writes: nothing is sent until it does");
        }
        self.ill = true;
        self.tick.wanted = true;
    }

    fn attempt(&mut self, items: &[Item], now: Instant) -> Did<Effects> {
        let work = items.iter().map(Item::work).collect();
        let ahead = self.ahead(items, now);
        let world = World { epoch: self.epoch, slots: ahead.free(now), broken: ahead.broken(now), ..World::default() };
        let effects = self.core.turn(&self.loaded, &world, work, self.limits, now)?;
        if effects.done.len() == items.len() { Ok(effects) } else { Err(Broken::new("a turn lost track of its work")) }
    }

    /// The slots as they will be when the answers among these are recorded: what the same turn may authorise.
    fn ahead(&self, items: &[Item], now: Instant) -> Slots {
        if self.ill || !self.stopping.is_empty() {
            return Slots::default();
        }
        let mut ahead = self.slots.clone();
        for item in items {
            if let Item::Landed(Landed { channel: Some(channel), receipt, .. }) = item {
                ahead.landed(channel, receipt, now);
            }
        }
        ahead
    }

    /// After the commit: slots, effects, answers, news.
    fn settle(&mut self, items: Vec<Item>, effects: Effects, now: Instant) {
        let Effects { effects, done, notes } = effects;
        count(&self.shared.counters.commits, 1);
        let healed = std::mem::take(&mut self.ill);
        let mut ticked = None;
        let mut parts = 0;
        for (item, done) in items.into_iter().zip(done) {
            match item {
                Item::Asked(asked) => self.answer(asked, done),
                Item::Landed(landed) => self.land(&landed, now),
                Item::Clock(_) => match done {
                    Done::Ticked { people, more } => ticked = Some((people, more)),
                    _ => parts += 1,
                },
            }
        }
        for Effect::Send { channel, permit, message } in effects {
            count(&self.shared.counters.attempts, 1);
            self.slots.took(&channel);
            self.carry.carry(channel, permit, message);
        }
        self.shared.tell(notes);
        self.look();
        if parts > 0 {
            let (people, more) = ticked.unwrap_or_default();
            ticked = Some((parts + people, more || parts >= self.limits.people));
        }
        if let Some((people, more)) = ticked {
            self.ticked(people, more, now);
        }
        // this turn could authorise nothing yet
        self.tick.wanted |= healed;
        (self.on_commit)();
    }

    fn answer(&self, asked: Asked, done: Done) {
        let counters = &self.shared.counters;
        let counter = if matches!(asked.work, Work::Delivered(_)) { &counters.deliveries } else { &counters.orders };
        count(counter, 1);
        // whoever asked may have gone; what was asked is done all the same
        drop(asked.reply.send(Ok(done)));
    }

    fn land(&mut self, landed: &Landed, now: Instant) {
        self.shared.answered(&landed.receipt);
        if let Some(channel) = &landed.channel
            && self.slots.landed(channel, &landed.receipt, now)
        {
            count(&self.shared.counters.breakers_opened, 1);
            tracing::warn!(channel = channel.as_str(), "the channel keeps failing: left alone for a while");
        }
    }

    // --- rest ---------------------------------------------------------------------------------------------------------

    fn pause(&mut self) -> Pause {
        let now = self.clock.now();
        self.show();
        let empty = self.inbox.queued() == 0;
        if !self.stopping.is_empty() {
            // an answer that cannot be recorded is unknown at the next start
            return if empty && !self.slots.is_flying() { Pause::Ended } else { Pause::For(SAFETY_LOOK) };
        }
        if self.ill {
            self.tell_idle(&Err(Refused::Failed(Arc::from("the store does not take writes"))));
            return Pause::For(RETRY);
        }
        let due = self.wants_tick(now);
        if empty && !due && !self.slots.is_flying() {
            self.tell_idle(&Ok(()));
        }
        if due {
            return Pause::No;
        }
        if self.tick.stuck || !self.unrecorded.is_empty() {
            return Pause::For(RETRY);
        }
        let wakes = [self.next_wake, self.slots.next_offer()];
        let until = wakes.into_iter().flatten().min().map(|at| self.clock.real_delay(at));
        Pause::For(until.unwrap_or(SAFETY_LOOK).min(SAFETY_LOOK))
    }

    fn tell_idle(&mut self, how: &Result<(), Refused>) {
        for waiting in self.idle.drain(..) {
            drop(waiting.send(how.clone()));
        }
    }

    fn show(&self) {
        self.shared.show(Gauges {
            epoch: Some(self.epoch),
            plan_version: self.plan_version,
            queued: self.inbox.queued(),
            in_flight: self.slots.flying(),
            breakers_open: self.slots.open(),
            next_wake: self.next_wake,
            poisoned_people: self.poisoned.len(),
            unrecorded: self.unrecorded.len(),
            store_broken: self.ill,
        });
    }
}

impl Item {
    fn work(&self) -> Work {
        match self {
            Self::Asked(asked) => asked.work.clone(),
            Self::Landed(landed) => Work::Received {
                contact: landed.contact,
                send: landed.send,
                attempt: landed.attempt,
                receipt: landed.receipt.clone(),
            },
            Self::Clock(work) => work.clone(),
        }
    }
}
