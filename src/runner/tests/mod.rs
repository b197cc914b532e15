//! A store of a few lines, a clock that stands still and hands that only collect: the shell without its surroundings.
use super::{
    carrier::Carry,
    clock::Clock,
    core::Core,
    inbox::{Asked, Inbox, Landed},
    stats::Shared,
    writer::{Parts, Writer},
};
use crate::{
    calendar::Instant,
    channel::{Channel, Class, Later, Registry},
    content::Message,
    engine::{
        Attempt, Broken, Did, Done, Effect, Effects, InFlight, Key, Limits, Loaded, Order, Permit, Receipt, Work, World,
    },
    id::{ChannelName, ContactId, DedupeKey, Epoch, SendId, SequenceName, SourceName},
    plan::Plan,
    record::{Delivery, Parsed},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::oneshot;

mod control;
mod engine;
mod lock;
mod shell;
mod slots;
mod writer;

pub(super) fn email() -> ChannelName {
    ChannelName::new("email")
}

/// Every contact has one send of the same number; an order or the clock makes it ready, a slot authorises it.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelf {
    pub(super) epoch: i64,
    pub(super) published: Vec<String>,
    pub(super) due: BTreeMap<ContactId, Instant>,
    pub(super) ready: BTreeSet<ContactId>,
    pub(super) flying: BTreeSet<ContactId>,
    pub(super) recorded: Vec<(SendId, Receipt)>,
    pub(super) lost: Vec<InFlight>,
    /// The most attempts that were ever under way.
    pub(super) most: usize,
}

/// What the tests see and change of it.
#[derive(Debug, Default)]
pub(super) struct Backdoor {
    pub(super) shelf: Shelf,
    /// Work and free slots of each turn that was tried.
    pub(super) turns: Vec<(Vec<Work>, BTreeMap<ChannelName, u16>)>,
    /// Turns that touch these people fail.
    pub(super) poison: BTreeSet<ContactId>,
    /// These people stay due whatever is done.
    pub(super) stuck: BTreeSet<ContactId>,
    pub(super) broken: bool,
}

#[derive(Clone, Default)]
pub(super) struct FakeCore(pub(super) Arc<Mutex<Backdoor>>);

impl FakeCore {
    pub(super) fn open(&self) -> MutexGuard<'_, Backdoor> {
        self.0.lock().unwrap()
    }
}

impl Backdoor {
    fn touch(&mut self, who: ContactId) -> Did<()> {
        if self.poison.contains(&who) { Err(Broken::new(format!("contact {who} is broken"))) } else { Ok(()) }
    }

    fn fall_due(&mut self, who: ContactId) -> Did<()> {
        self.touch(who)?;
        if !self.stuck.contains(&who) && self.shelf.due.remove(&who).is_some() {
            self.shelf.ready.insert(who);
        }
        Ok(())
    }

    fn authorise(&mut self, who: ContactId, free: &mut u16, effects: &mut Vec<Effect>) -> Did<()> {
        self.touch(who)?;
        if *free > 0 && self.shelf.ready.remove(&who) {
            *free -= 1;
            self.shelf.flying.insert(who);
            self.shelf.most = self.shelf.most.max(self.shelf.flying.len());
            let message = Message { to: "ana@example.com".to_owned(), ..Message::default() };
            effects.push(Effect::Send { channel: email(), permit: Permit::for_test(SendId(who.0), who, 1), message });
        }
        Ok(())
    }

    fn one(&mut self, work: Work, free: &mut u16, limits: Limits, now: Instant) -> Did<(Done, Vec<Effect>)> {
        let mut effects = Vec::new();
        let done = match work {
            Work::Delivered(_) | Work::Campaign { .. } => Done::Ignored,
            Work::Ordered(who, _) => {
                self.touch(who)?;
                self.shelf.ready.insert(who);
                self.authorise(who, free, &mut effects)?;
                Done::Carried
            }
            Work::Received { contact, send, receipt, .. } => {
                self.touch(contact)?;
                self.shelf.flying.remove(&contact);
                self.shelf.recorded.push((send, receipt));
                Done::Carried
            }
            Work::Tick => {
                let due = self.due(now, limits.people);
                for who in &due {
                    self.fall_due(*who)?;
                }
                for who in self.shelf.ready.clone() {
                    self.authorise(who, free, &mut effects)?;
                }
                Done::Ticked { people: due.len(), more: due.len() >= limits.people }
            }
            Work::Due(who) => {
                self.fall_due(who)?;
                self.authorise(who, free, &mut effects)?;
                Done::Carried
            }
            Work::Round(_) => Done::Carried,
            Work::Slot(who, _) => {
                self.authorise(who, free, &mut effects)?;
                Done::Carried
            }
        };
        Ok((done, effects))
    }

    fn due(&self, now: Instant, limit: usize) -> Vec<ContactId> {
        self.shelf.due.iter().filter(|(_, at)| **at <= now).map(|(who, _)| *who).take(limit).collect()
    }
}

impl Core for FakeCore {
    fn turn(&mut self, _: &Loaded, world: &World, work: Vec<Work>, limits: Limits, now: Instant) -> Did<Effects> {
        let mut door = self.open();
        door.turns.push((work.clone(), world.slots.clone()));
        if door.broken {
            return Err(Broken::new("disk full"));
        }
        let before = door.shelf.clone();
        let mut free = world.slots.get(&email()).copied().unwrap_or(0);
        let mut all = Effects { effects: Vec::new(), done: Vec::new(), notes: Vec::new() };
        for item in work {
            match door.one(item, &mut free, limits, now) {
                Ok((done, effects)) => {
                    all.done.push(done);
                    all.effects.extend(effects);
                }
                Err(why) => {
                    door.shelf = before;
                    return Err(why);
                }
            }
        }
        Ok(all)
    }

    fn publish(&mut self, _: &Loaded, actor: &str, _: Instant) -> Did<u32> {
        let mut door = self.open();
        if door.broken {
            return Err(Broken::new("disk full"));
        }
        door.shelf.published.push(actor.to_owned());
        Ok(door.shelf.published.len() as u32)
    }

    fn begin_epoch(&mut self) -> Did<Epoch> {
        let mut door = self.open();
        door.shelf.epoch += 1;
        Ok(Epoch(door.shelf.epoch))
    }

    fn in_flight(&self, before: Epoch) -> Did<Vec<InFlight>> {
        Ok(self.open().shelf.lost.iter().filter(|lost| lost.attempt.epoch < before).cloned().collect())
    }

    fn next_wake(&self) -> Did<Option<Instant>> {
        Ok(self.open().shelf.due.values().min().copied())
    }

    fn due(&mut self, _: &Loaded, now: Instant, limit: usize) -> Did<Vec<ContactId>> {
        let door = self.open();
        if door.broken { Err(Broken::new("disk full")) } else { Ok(door.due(now, limit)) }
    }

    fn ready(&mut self, _: &Loaded, _: &ChannelName, limit: usize) -> Did<Vec<(ContactId, SendId)>> {
        Ok(self.open().shelf.ready.iter().take(limit).map(|who| (*who, SendId(who.0))).collect())
    }

    fn round(&mut self, _: &Loaded, _: Instant, _: usize) -> Did<Option<BTreeSet<ContactId>>> {
        Ok(None)
    }
}

/// Keeps what it was given.
#[derive(Clone, Default)]
pub(super) struct Hands(pub(super) Arc<Mutex<Vec<Permit>>>);

impl Carry for Hands {
    fn carry(&mut self, _: ChannelName, permit: Permit, _: Message) {
        self.0.lock().unwrap().push(permit);
    }

    fn connect(&mut self, registry: Registry) -> BTreeMap<ChannelName, u16> {
        registry.iter().map(|(name, channel)| (name.clone(), channel.slots())).collect()
    }
}

/// Stands still until it is set.
pub(super) struct StillClock(Mutex<Instant>);

impl StillClock {
    pub(super) fn at(ms: i64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Instant(ms))))
    }

    pub(super) fn set(&self, ms: i64) {
        *self.0.lock().unwrap() = Instant(ms);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }

    fn real_delay(&self, until: Instant) -> Duration {
        Duration::from_millis(u64::try_from(until.since(self.now())).unwrap_or(0))
    }
}

type Answering = dyn Fn(&Permit) -> Later<'static, Receipt> + Send + Sync;

/// Answers as it is told.
pub(super) struct FakeChannel {
    slots: u16,
    receipt: Box<Answering>,
}

impl Channel for FakeChannel {
    fn class(&self) -> Class {
        Class::Blind
    }

    fn slots(&self) -> u16 {
        self.slots
    }

    fn send<'a>(&'a self, permit: Permit, _: &'a Message) -> Later<'a, Receipt> {
        (self.receipt)(&permit)
    }
}

pub(super) fn registry(
    slots: u16,
    receipt: impl Fn(&Permit) -> Later<'static, Receipt> + Send + Sync + 'static,
) -> Registry {
    let channel: Arc<dyn Channel> = Arc::new(FakeChannel { slots, receipt: Box::new(receipt) });
    Registry::from([(email(), channel)])
}

pub(super) fn accepted() -> Receipt {
    Receipt::Accepted { provider_id: "4F9D".into() }
}

pub(super) fn retryable() -> Receipt {
    Receipt::NotSent { retry_after_ms: None, permanent: false, why: "connect: no connection".into() }
}

pub(super) fn loaded() -> Arc<Loaded> {
    let plan: Plan = serde_json::from_value(serde_json::json!({
        "format": 1, "project": "practice", "zone": "Europe/Berlin", "locales": ["en"], "public_url": null, "vars": {},
        "clinics": [], "merge_by": [], "fields": {}, "events": {}, "sources": {}, "channels": {},
        "policies": {
            "preferred": [], "windows": {}, "quiet_hours": null, "caps": [], "consent": {}, "late": {}, "hands_off": null,
            "blast_radius": { "people": 1, "messages_per_hour": 1 }, "test_recipients": []
        },
        "groups": [], "roles": {}, "sequences": {}, "triggers": {}, "templates": []
    }))
    .unwrap();
    Arc::new(Loaded::new(Arc::new(plan), Key([7; 32])))
}

pub(super) fn delivery() -> Delivery {
    Delivery {
        source: SourceName::new("cal"),
        dedupe: DedupeKey::new("1"),
        received_at: Instant(0),
        raw: Arc::from(&b"{}"[..]),
        parsed: Parsed::Ignored("ping"),
        remarks: Vec::new(),
    }
}

pub(super) fn enrol() -> Order {
    Order::Enrol(SequenceName::new("welcome"))
}

pub(super) fn lost(number: i64) -> InFlight {
    let attempt = Attempt { number: 1, epoch: Epoch(0) };
    InFlight { contact: ContactId(number), send: SendId(number), attempt }
}
