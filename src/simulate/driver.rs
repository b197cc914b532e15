//! Time that jumps from one due moment to the next, and channels that accept whatever they are given.
use crate::{
    calendar::Instant,
    content::{Message, Templates},
    engine::{
        Broken, Changes, Did, Done, Effect, Kept, Limits, Loaded, Note, Permit, Store, Turn, Work, turn, turn_answered,
    },
    id::{ChannelName, ContactId, SendId},
    journey::{Person, Receipt, WEBHOOKS, World},
    plan::{ChannelProvider, Plan, Secret, Supposed},
};
use std::{collections::BTreeMap, ops::Range, sync::Arc};

/// Turns in a row at one moment; beyond it something wakes itself without end.
const ROUNDS: usize = 10_000;
/// Answers of channels in a row that lead to further messages at one moment.
const ANSWERS: usize = 1_000;

/// What a channel answers to an attempt.
pub(super) type Answer = Box<dyn FnMut(&ChannelName, &Permit) -> Receipt>;

pub(crate) struct Driver<S> {
    pub(crate) store: S,
    loaded: Loaded,
    world: World,
    answer: Answer,
    pub(crate) now: Instant,
    pub(crate) notes: Vec<Note>,
    /// What left through channels that are not local, where somebody reads it.
    pub(crate) left: BTreeMap<SendId, (ChannelName, Message)>,
    keeps_left: bool,
    /// Answers are taken in by the turn that sends.
    at_once: bool,
    watched: Option<ContactId>,
    seen: Vec<Seen>,
}

/// Somebody as a turn found them, which is what its gates read.
struct Seen {
    /// Places of the turn's notes among all.
    notes: Range<usize>,
    person: Person,
}

impl<S: Store> Driver<S> {
    pub(crate) fn new(store: S, plan: Arc<Plan>, now: Instant) -> Did<Self> {
        let templates = Loaded::texts_of(&plan);
        Self::with(store, plan, templates, now)
    }

    /// The same for many stories of one plan, whose texts are compiled once.
    pub(super) fn with(mut store: S, plan: Arc<Plan>, templates: Arc<Templates>, now: Instant) -> Did<Self> {
        store.publish(&plan, ACTOR, now)?;
        let world = World { epoch: store.begin_epoch()?, slots: slots(&plan), ..World::default() };
        let loaded = Loaded::with(plan, store.key(), templates);
        let (answer, notes, left): (Answer, _, _) = (Box::new(accept), Vec::new(), BTreeMap::new());
        Ok(Self {
            store,
            loaded,
            world,
            answer,
            now,
            notes,
            left,
            keeps_left: true,
            at_once: false,
            watched: None,
            seen: Vec::new(),
        })
    }

    /// Keeps how somebody stood before each turn that did something.
    pub(super) fn watch(&mut self, who: ContactId) {
        self.watched = Some(who);
    }

    /// The watched person as the turn found them that told the so-many-th note.
    pub(super) fn before(&self, note: usize) -> Option<&Person> {
        self.seen.iter().find(|seen| seen.notes.contains(&note)).map(|seen| &seen.person)
    }

    /// Nobody reads the messages that leave.
    pub(super) fn without_texts(mut self) -> Self {
        self.keeps_left = false;
        self
    }

    /// Messages are counted and not written.
    pub(super) fn counting(mut self) -> Self {
        self.loaded.counting = true;
        self
    }

    /// What channels answer is taken in by the turn that sends, where neither campaigns nor rounds stand in between: the
    /// same comes of it, and everybody is loaded once.
    pub(super) fn answering_at_once(mut self) -> Self {
        self.at_once = !self.loaded.plan.has_campaigns() && self.loaded.plan.standing().is_empty();
        self
    }

    /// Channels that do not always take what they are given.
    pub(super) fn answering(mut self, answer: Answer) -> Self {
        self.answer = answer;
        self
    }

    pub(super) fn plan(&self) -> &Arc<Plan> {
        &self.loaded.plan
    }

    /// Another version of the plan from here on.
    pub(super) fn publish(&mut self, plan: Arc<Plan>) -> Did<()> {
        self.store.publish(&plan, ACTOR, self.now)?;
        self.world.slots = slots(&plan);
        self.loaded = Loaded::new(plan, self.store.key());
        Ok(())
    }

    /// The process ends here and begins anew over what the store holds: attempts without an answer are unknown.
    pub(super) fn restart(self, reopen: impl FnOnce(S) -> Did<S>) -> Did<Self> {
        let Self { store, mut loaded, mut world, answer, now, notes, left, keeps_left, at_once, watched, seen } = self;
        let mut store = reopen(store)?;
        loaded = Loaded::with(loaded.plan, store.key(), loaded.templates);
        world.epoch = store.begin_epoch()?;
        let lost = store.in_flight(world.epoch)?;
        let mut driver = Self { store, loaded, world, answer, now, notes, left, keeps_left, at_once, watched, seen };
        for lost in lost {
            let (contact, send, attempt) = (lost.contact, lost.send, lost.attempt);
            driver.work(Work::Received { contact, send, attempt, receipt: Receipt::Unknown })?;
        }
        Ok(driver)
    }

    /// Somebody as the store knows them now.
    pub(super) fn person(&mut self, who: ContactId) -> Did<Option<Person>> {
        let mut turn = self.store.turn(&self.loaded.plan)?;
        Ok(turn.people(&[who].into())?.remove(&who))
    }

    /// What look-ups answer from here on.
    pub(super) fn suppose(&mut self, supposed: BTreeMap<Arc<str>, Supposed>) {
        if self.loaded.plan.supposed != supposed {
            Arc::make_mut(&mut self.loaded.plan).supposed = supposed;
        }
    }

    /// The next moment at which something falls due.
    pub(super) fn next_wake(&self) -> Did<Option<Instant>> {
        self.store.next_wake()
    }

    /// The text with its counted links leading where they end: a token tells a reader nothing.
    pub(super) fn as_written(&self, send: SendId, message: &Message) -> String {
        self.loaded.uncounted(send, message)
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

    /// Everything that is due at the present moment.
    pub(super) fn settle(&mut self) -> Did<()> {
        for _ in 0..ROUNDS {
            if self.store.next_wake()?.is_none_or(|wake| wake > self.now) {
                return Ok(());
            }
            self.turn(vec![Work::Tick])?;
        }
        Err(self.without_end())
    }

    fn without_end(&self) -> Broken {
        Broken::new(format!("work at {} makes itself due again without end", self.now))
    }

    /// One turn, with the answers of channels to what it sends, and what comes of them.
    pub(super) fn turn(&mut self, work: Vec<Work>) -> Did<Vec<Done>> {
        let (done, ended) = self.turns(work)?;
        if ended { Ok(done) } else { Err(self.without_end()) }
    }

    /// The same; false when what came of the answers had no end, and the last of them are not told.
    pub(super) fn turns(&mut self, work: Vec<Work>) -> Did<(Vec<Done>, bool)> {
        if self.at_once {
            return self.turn_at_once(work);
        }
        let (done, mut answers) = self.one_turn(work)?;
        for _ in 0..ANSWERS {
            if answers.is_empty() {
                return Ok((done, true));
            }
            answers = self.one_turn(answers)?.1;
        }
        Ok((done, false))
    }

    fn turn_at_once(&mut self, work: Vec<Work>) -> Did<(Vec<Done>, bool)> {
        let Self { store, loaded, world, answer, left, keeps_left, .. } = self;
        let mut take = |effect| received(effect, answer, keeps_left.then_some(&mut *left));
        let asked = turn_answered(store, loaded, world, work, self.now, ANSWERS, &mut take)?;
        self.notes.extend(asked.notes);
        Ok((asked.done, asked.effects.is_empty()))
    }

    fn one_turn(&mut self, work: Vec<Work>) -> Did<(Vec<Done>, Vec<Work>)> {
        let before = self.watched.map(|who| self.person(who)).transpose()?.flatten();
        let asked = turn(&mut self.store, &self.loaded, &self.world, work, Limits::default(), self.now)?;
        let notes = self.notes.len()..self.notes.len() + asked.notes.len();
        self.notes.extend(asked.notes);
        self.seen.extend(before.filter(|_| !notes.is_empty()).map(|person| Seen { notes, person }));
        let Self { answer, left, keeps_left, .. } = self;
        let mut take = |effect| received(effect, answer, keeps_left.then_some(&mut *left));
        Ok((asked.done, asked.effects.into_iter().map(&mut take).collect()))
    }
}

/// The channel takes what is sent, and answers.
fn received(effect: Effect, answer: &mut Answer, left: Option<&mut BTreeMap<SendId, (ChannelName, Message)>>) -> Work {
    let Effect::Send { channel, permit, message } = effect;
    let receipt = answer(&channel, &permit);
    if let Some(left) = left {
        left.insert(permit.send, (channel, message));
    }
    Work::Received { contact: permit.contact, send: permit.send, attempt: permit.attempt, receipt }
}

/// Channels of the built-in mailbox carry messages like all others: they leave, and are answered.
pub(super) fn outward(plan: &Arc<Plan>) -> Arc<Plan> {
    let mut plan = Plan::clone(plan);
    for channel in plan.channels.values_mut() {
        if channel.provider == ChannelProvider::Mailbox {
            channel.provider = ChannelProvider::Smtp { url: Secret::Variable(Arc::from("SIMULATION")) };
        }
    }
    plan.keeps_webhooks = false;
    Arc::new(plan)
}

/// Who publishes here.
const ACTOR: &str = "simulation";

fn accept(_: &ChannelName, permit: &Permit) -> Receipt {
    Receipt::Accepted { provider_id: Arc::from(permit.key.0.as_str()) }
}

/// Every channel takes as much as comes.
fn slots(plan: &Plan) -> BTreeMap<ChannelName, u16> {
    let ways = plan.channels.keys().cloned().chain([ChannelName::new(WEBHOOKS)]);
    ways.map(|name| (name, u16::MAX)).collect()
}
