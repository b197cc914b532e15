//! Letting an audience live: people come in, time jumps from one due moment to the next, messages are answered. The
//! decisions are those of the production turn.
//!
//! People who share nothing (no pace, no limited offer) are simulated a page at a time, so that memory does not grow with
//! the audience; the result is the same. Must not know how anything is counted or shown.
use super::{
    Ask, AudienceFault, Entry,
    chance::Chance,
    conduct::{self, Deed},
    tally::{Count, Reached, Steps, Tally},
};
use crate::{
    calendar::{Instant, Zone},
    engine::{CampaignOrder, Changes, Done, MemoryStore, Store, Turn, Work},
    id::{BookingId, ChannelName, ContactId},
    journey::{Order, Person, Sending},
    plan::{About, Plan},
    record::{Booking, BookingNews, Delivery, Parsed, Who},
    simulate::{
        Driver, What,
        driver::outward,
        example::{self, ExampleFault},
        preview::leads_to,
        supposed,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// People who are simulated together where nothing binds them: so few that what is known of them stays close at hand.
const PAGE: usize = 32;
/// Work of one turn.
const BATCH: usize = 1_000;
/// The uid of example bookings, which is made each person's own.
const EXAMPLE: &str = "example-booking";

/// How it is worked through, which changes no number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) page: usize,
    /// Whether channels answer within the turn that sends.
    pub(super) at_once: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self { page: PAGE, at_once: true }
    }
}

/// Something that is going to happen to somebody.
enum Happens {
    Enters,
    Does(Deed, ChannelName),
}

struct Part<'a> {
    plan: &'a Arc<Plan>,
    ask: &'a Ask,
    chance: Chance,
    driver: &'a mut Driver<MemoryStore>,
    count: Count<'a>,
    agenda: BTreeMap<(Instant, u64), (ContactId, Happens)>,
    /// Number of the last entry of the agenda.
    agreed: u64,
    /// Who they are, as far as deliveries name them.
    known: BTreeMap<ContactId, Person>,
    done: BTreeSet<(ContactId, Deed)>,
}

/// Does anything make one person's messages hang on another's?
fn is_bound(plan: &Plan) -> bool {
    plan.has_paces() || plan.offers.values().any(|offer| offer.total.is_some())
}

/// Simulates everybody. `progress` is told how much is done, in thousandths.
pub(super) fn all(
    plan: &Arc<Plan>,
    ask: &Ask,
    manner: Manner,
    progress: &mut dyn FnMut(u32),
) -> Result<Tally, AudienceFault> {
    let plan = &supposed::examples(&if ask.render { outward(plan) } else { plan.clone() });
    let mut driver = Driver::new(MemoryStore::new().unforgiving(), plan.clone(), ask.start)?.without_texts();
    if !ask.render {
        driver = driver.counting();
    }
    if manner.at_once {
        driver = driver.answering_at_once();
    }
    let empty = driver.store.emptied(0);
    let steps = Steps::of(plan);
    let limited: BTreeSet<ChannelName> = ask.limits.keys().cloned().collect();
    let people = ask.people.len();
    let page = if is_bound(plan) { people.max(1) } else { manner.page };
    let mut tally = Tally::default();
    let mut from = 0;
    while from < people {
        let to = (from + page).min(people);
        driver.store = empty.emptied(from as i64);
        driver.now = ask.start;
        let part = Part {
            plan,
            ask,
            chance: Chance::of(ask.seed),
            driver: &mut driver,
            count: Count::new(plan, &steps, &limited),
            agenda: BTreeMap::new(),
            agreed: 0,
            known: BTreeMap::new(),
            done: BTreeSet::new(),
        };
        let (base, share) = (from as u64 * 1_000 / people as u64, (to - from) as u64);
        let mut told = |part: u32| progress((base + share * u64::from(part) / people as u64) as u32);
        tally.add(part.live(from + 1, to, &mut told)?);
        from = to;
    }
    progress(1_000);
    Ok(tally)
}

impl Part<'_> {
    /// The people with these numbers, from the first moment to the last.
    fn live(mut self, from: usize, to: usize, progress: &mut dyn FnMut(u32)) -> Result<Tally, AudienceFault> {
        self.seed(from, to)?;
        self.open()?;
        let length = self.ask.until.since(self.ask.start).max(1);
        let mut told = 0;
        loop {
            let agreed = self.agenda.first_key_value().map(|((at, _), _)| *at);
            let next = agreed.into_iter().chain(self.driver.store.next_wake()?).min();
            let Some(next) = next.filter(|next| *next <= self.ask.until) else { break };
            self.driver.now = self.driver.now.max(next);
            self.happen()?;
            self.driver.settle()?;
            self.listen();
            let part = (self.driver.now.since(self.ask.start) * 1_000 / length).clamp(0, 1_000) as u32;
            if part >= told + 10 {
                told = part;
                progress(part);
            }
        }
        self.close(from, to)
    }

    /// Puts everybody in as they are before the story begins.
    fn seed(&mut self, from: usize, to: usize) -> Result<(), AudienceFault> {
        let (plan, ask) = (self.plan.clone(), self.ask);
        let zone = ask.zone.clone();
        let mut turn = self.driver.store.turn(&plan)?;
        for number in from..=to {
            let id = turn.new_contact()?;
            debug_assert_eq!(id.0, number as i64);
            let (mut person, mut kept) = ask.people.person(&plan, id, self.chance, ask.start);
            let own = person.zone(&plan);
            let at = enters_at(ask, self.chance, id);
            if let Some(booking) = booking_before(&plan, ask, &own, at) {
                let booking = own_booking(&booking, turn.new_booking()?, id, &own, at);
                kept.bookings.insert(booking.id);
                person.bookings.insert(booking.id, booking);
            }
            let ids = turn.ids()?;
            turn.record(&Changes { person: &person, kept: &kept, ids, now: ask.start })?;
            if !matches!(ask.entry, Entry::Launched) || !ask.enrolled.is_empty() {
                self.agreed += 1;
                self.agenda.insert((at, self.agreed), (id, Happens::Enters));
            }
            if person.contact.zone.is_some() || own != zone {
                self.count.zones.insert(id, own);
            } else {
                self.count.zones.insert(id, zone.clone());
            }
            if matches!(ask.entry, Entry::Event(_)) || !ask.does.is_empty() {
                self.known.insert(id, person);
            }
        }
        turn.commit()?;
        if !plan.standing().is_empty() {
            self.driver.store.begin_rounds(&plan, ask.start);
        }
        Ok(())
    }

    /// Campaigns are launched at the first moment.
    fn open(&mut self) -> Result<(), AudienceFault> {
        for name in &self.ask.launched {
            let order = CampaignOrder::Launch;
            let done =
                self.driver.turn(vec![Work::Campaign { name: name.clone(), order, actor: Arc::from("simulation") }])?;
            if done != [Done::Carried] {
                return Err(AudienceFault::NotLaunched(name.clone()));
            }
        }
        Ok(())
    }

    /// What the agenda has for now, in its order.
    fn happen(&mut self) -> Result<(), AudienceFault> {
        let now = self.driver.now;
        let mut work = Vec::new();
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            let (who, what) = entry.remove();
            match what {
                Happens::Enters => self.enter(who, &mut work)?,
                Happens::Does(deed, channel) => work.extend(self.deed(who, deed, &channel)?),
            }
            if work.len() >= BATCH {
                self.driver.turn(std::mem::take(&mut work))?;
                self.listen();
            }
        }
        if !work.is_empty() {
            self.driver.turn(work)?;
        }
        Ok(())
    }

    fn enter(&mut self, who: ContactId, work: &mut Vec<Work>) -> Result<(), AudienceFault> {
        let ask = self.ask;
        if let Entry::Event(event) = &ask.entry {
            let delivery = self.delivery(who, event, true)?;
            work.extend(delivery.map(Work::Delivered));
        }
        let orders = ask.enrolled.iter().map(|name| Work::Ordered(who, Order::Enrol(name.clone())));
        work.extend(orders);
        Ok(())
    }

    fn deed(&mut self, who: ContactId, deed: Deed, channel: &ChannelName) -> Result<Option<Work>, AudienceFault> {
        if deed.is_once() && !self.done.insert((who, deed.clone())) {
            return Ok(None);
        }
        *self.count.tally.did.entry(Arc::from(deed.word())).or_default() += 1;
        let event = |kind: &str, data: BTreeMap<String, serde_json::Value>| What {
            event: crate::id::EventKind::new(kind),
            data,
            after: crate::calendar::Span::ZERO,
        };
        let by = || serde_json::Value::from(channel.as_str());
        let what = match &deed {
            Deed::OptOut => {
                let order = Order::OptOut {
                    channel: None,
                    purpose: None,
                    basis: Arc::from("link"),
                    source: None,
                    actor: Arc::from("contact"),
                };
                return Ok(Some(Work::Ordered(who, order)));
            }
            Deed::Reply => event(
                "message.received",
                [("channel".to_owned(), by()), ("text".to_owned(), "an answer".into())].into(),
            ),
            Deed::Book => event("booking.created", BTreeMap::new()),
            Deed::Event(kind) if kind.as_str().starts_with("message.") => {
                event(kind.as_str(), [("channel".to_owned(), by())].into())
            }
            Deed::Event(kind) => event(kind.as_str(), BTreeMap::new()),
        };
        Ok(self.delivery(who, &what, false)?.map(Work::Delivered))
    }

    /// What a provider would tell of it, with names of this person's own.
    fn delivery(&self, who: ContactId, what: &What, opens: bool) -> Result<Option<Delivery>, ExampleFault> {
        let Some(person) = self.known.get(&who) else { return Ok(None) };
        let zone = self.count.zones.get(&who).unwrap_or(&self.ask.zone);
        let mut delivery = example::delivery(self.plan, person, what, zone, self.driver.now, opens)?;
        delivery.dedupe = format!("{}-{who}-{}", what.event, self.driver.now.0).into();
        if let Parsed::News(news) = &mut delivery.parsed {
            for news in news {
                // the person is known: two that share an address are still two
                news.who = Some(Who { known: Some(who), ..Who::default() });
                if let Some(booking) = &mut news.booking {
                    own_names(booking, who);
                }
            }
        }
        Ok(Some(delivery))
    }

    /// Counts what was done, and puts on the agenda what people do about it.
    fn listen(&mut self) {
        for note in std::mem::take(&mut self.driver.notes) {
            let Some(Reached { message, channel }) = self.count.note(&note) else { continue };
            if let Some((deed, at)) = conduct::after(&self.ask.does, self.ask.seed, &message) {
                self.agreed += 1;
                let does = Happens::Does(deed.clone(), channel.clone());
                self.agenda.insert((at, self.agreed), (message.who, does));
            }
        }
    }

    fn close(mut self, from: usize, to: usize) -> Result<Tally, AudienceFault> {
        self.listen();
        let due = self.driver.store.steps_due() as u64;
        let (mut waiting, mut held) = (0, 0);
        if due != self.count.tally.closed() {
            for number in from..=to {
                let Some(person) = self.driver.person(ContactId(number as i64))? else { continue };
                for send in person.sends.iter().filter(|send| send.is_open()) {
                    *(if matches!(send.state, Sending::Held(_)) { &mut held } else { &mut waiting }) += 1;
                }
            }
        }
        let mut tally = self.count.close((to + 1 - from) as u64);
        (tally.due, tally.waiting, tally.held) = (due, waiting, held);
        Ok(tally)
    }
}

/// The appointment that somebody has when they come in, where what brings them in is about one.
fn booking_before(plan: &Plan, ask: &Ask, zone: &Zone, at: Instant) -> Option<Booking> {
    if let Entry::Event(event) = &ask.entry {
        return example::booking_before(&event.event, zone, at);
    }
    let mut enrolled = ask.enrolled.iter().filter_map(|name| plan.sequences.get(name));
    let about = enrolled.find(|sequence| sequence.about == About::Booking)?;
    let event = leads_to(plan, about).map(|(what, _)| what.event);
    Some(example::booking_of(event.as_ref(), zone, at))
}

/// When somebody comes in: all at the start, or spread over the time that was asked for.
fn enters_at(ask: &Ask, chance: Chance, who: ContactId) -> Instant {
    let over = ask.over.nominal_ms();
    let late = chance.number(who.0 as u64).name("enters").below(over.max(0) as u64 + 1);
    ask.start.plus_ms(late as i64)
}

fn own_booking(example: &Booking, id: BookingId, who: ContactId, zone: &Zone, at: Instant) -> Booking {
    let start = example.start.unwrap_or(at);
    let mut news = example::booking_news(zone, at, start);
    own_names(&mut news, who);
    Booking::from_news(id, who, example.source.clone(), &news).0
}

/// Uids are told apart by the person's number.
fn own_names(news: &mut BookingNews, who: ContactId) {
    let own_name = format!("{EXAMPLE}-{who}");
    for uid in [Some(&mut news.uid), news.previous_uid.as_mut()].into_iter().flatten() {
        *uid = Arc::from(uid.replace(EXAMPLE, &own_name));
    }
}
