//! A stage for stories: a memory store, time that jumps, a carrier that answers as it is told, and what both saw.
use super::super::{Attempt, Order, Person, Receipt, World};
use crate::{
    calendar::{CivilTime, Instant, TimeOfDay, Zone},
    engine::{
        Changes, Effect, Kept, Limits, Loaded, MemoryStore, Note, RunPhase, Told, Turn, Work, conformance::Home, turn,
    },
    id::{ChannelName, ContactId, EventKind, FieldName, SendId, SequenceName, SourceName},
    journey::{End, Outcome, Sending},
    plan::Plan,
    record::{
        BookingNews, ConsentEntry, ConsentState, Contact, Delivery, Identity, IdentityKind, News, NewsKind, Parsed,
        Purpose, Who,
    },
    value::Value,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

pub(crate) const ANA: ContactId = ContactId(1);

/// How the carrier answers an attempt.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Answer {
    Accept,
    Refuse,
    RefuseFor(u64),
    Never,
    /// The answer is lost, but the message went out.
    Lost,
    /// The answer is lost, and so is the message.
    Vanish,
    /// No answer yet: the story says when.
    Silence,
}

/// An attempt that left the engine.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Left {
    pub(crate) at: Instant,
    pub(crate) contact: ContactId,
    pub(crate) send: SendId,
    pub(crate) attempt: Attempt,
    pub(crate) key: String,
    pub(crate) channel: ChannelName,
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) approved: bool,
    pub(crate) answer: Answer,
}

pub(crate) struct Stage<H = MemoryStore> {
    pub(crate) store: H,
    pub(crate) loaded: Loaded,
    pub(crate) world: World,
    pub(crate) now: Instant,
    pub(crate) zone: Zone,
    pub(crate) notes: Vec<Note>,
    pub(crate) left: Vec<Left>,
    /// What the carrier says next; afterwards it accepts.
    pub(crate) script: VecDeque<Answer>,
    pub(crate) deliveries: usize,
}

impl Stage {
    /// Everybody is who they are by default: Ana, with an address on every channel.
    pub(crate) fn new(plan: Arc<Plan>, start: &str) -> Self {
        let mut stage = Self::empty(plan, start);
        stage.person(ANA, "ana", |_, _| {});
        stage
    }

    pub(crate) fn empty(plan: Arc<Plan>, start: &str) -> Self {
        Self::over(MemoryStore::new(), plan, start)
    }
}

impl<H: Home> Stage<H> {
    /// Over a store of one's own; nobody is there yet.
    pub(crate) fn over(mut store: H, plan: Arc<Plan>, start: &str) -> Self {
        let zone = plan.zone.clone();
        let now = civil(&zone, start);
        store.publish(&plan, "test", now).unwrap();
        let epoch = store.begin_epoch().unwrap();
        let ways = plan.channels.keys().cloned().chain([ChannelName::new(crate::journey::WEBHOOKS)]);
        let slots = ways.map(|name| (name, 100)).collect();
        let world = World { epoch, slots, ..World::default() };
        let loaded = Loaded::new(plan, store.key());
        let (notes, left, script) = (Vec::new(), Vec::new(), VecDeque::new());
        Self { store, loaded, world, now, zone, notes, left, script, deliveries: 0 }
    }

    pub(crate) fn person(&mut self, id: ContactId, name: &str, with: impl FnOnce(&mut Person, &mut Vec<ConsentEntry>)) {
        let mut contact = Contact::new(id, self.now);
        contact.set(&FieldName::new("email"), Value::text(format!("{name}@example.test")));
        contact.set(&FieldName::new("phone"), Value::text(format!("+4915550000{:03}", id.0)));
        contact.zone = Some(self.zone.clone());
        let mut person = Person::new(contact);
        let mut consents = Vec::new();
        with(&mut person, &mut consents);
        let contact = &person.contact;
        let identities = [
            contact.email.as_deref().and_then(Identity::email),
            contact.phone.as_deref().and_then(Identity::phone),
            Some(Identity::new(IdentityKind::Instagram, name)),
        ];
        person.identities = identities.into_iter().flatten().collect::<Vec<_>>().into();
        for entry in &consents {
            person.touch.permits.fold(entry);
        }
        let identities = person.identities.to_vec();
        let kept = Kept { is_new: true, contact: true, touch: true, identities, consents, ..Kept::default() };
        let mut turn = self.store.turn(&self.loaded.plan).unwrap();
        let ids = turn.ids().unwrap();
        turn.record(&Changes { person: &person, kept: &kept, ids, now: self.now }).unwrap();
        turn.commit().unwrap();
    }

    /// The person as the next decision will see them.
    pub(crate) fn look(&mut self, who: ContactId) -> Person {
        let mut turn = self.store.turn(&self.loaded.plan).unwrap();
        turn.people(&BTreeSet::from([who])).unwrap().remove(&who).unwrap()
    }

    // --- what happens ---------------------------------------------------------------------------------------------------

    pub(crate) fn happens(&mut self, kind: &str) {
        self.happens_with(kind, &[]);
    }

    pub(crate) fn happens_with(&mut self, kind: &str, data: &[(&str, Value)]) {
        self.happens_to("ana", kind, data);
    }

    /// Something happens to another person.
    pub(crate) fn happens_to(&mut self, name: &str, kind: &str, data: &[(&str, Value)]) {
        let data = data.iter().map(|(name, value)| (Arc::from(*name), value.clone())).collect();
        let (kind, who) = (EventKind::new(kind), Some(who(name)));
        self.news(News { kind, at: self.now, who, booking: None, data, contact: BTreeMap::new() });
    }

    pub(crate) fn writes(&mut self, channel: &str) {
        self.happens_with("message.received", &[("channel", Value::text(channel)), ("text", Value::text("Hello?"))]);
    }

    pub(crate) fn news(&mut self, news: News) {
        self.deliveries += 1;
        let dedupe = format!("{}", self.deliveries);
        self.delivered(&dedupe, news);
    }

    /// A delivery with a key of its own, so that it can be repeated.
    pub(crate) fn delivered(&mut self, dedupe: &str, news: News) {
        let delivery = Delivery {
            source: SourceName::new("cal"),
            dedupe: dedupe.into(),
            received_at: self.now,
            raw: Arc::from(&b"{}"[..]),
            parsed: Parsed::News(vec![news]),
            remarks: Vec::new(),
        };
        self.work(vec![Work::Delivered(delivery)]);
    }

    pub(crate) fn books(&mut self, uid: &str, start: &str) {
        let start = civil(&self.zone, start);
        let told = booked(NewsKind::Created, uid, self.now, Some(start));
        self.news(of_booking(told));
    }

    pub(crate) fn moves(&mut self, from: &str, uid: &str, start: &str) {
        let start = civil(&self.zone, start);
        let mut told = booked(NewsKind::Rescheduled, uid, self.now, Some(start));
        told.previous_uid = (from != uid).then(|| Arc::from(from));
        self.news(of_booking(told));
    }

    pub(crate) fn about_booking(&mut self, kind: NewsKind, uid: &str) {
        let told = booked(kind, uid, self.now, None);
        self.news(of_booking(told));
    }

    pub(crate) fn order(&mut self, order: Order) {
        self.work(vec![Work::Ordered(ANA, order)]);
    }

    pub(crate) fn enrol(&mut self, sequence: &str) {
        self.order(Order::Enrol(SequenceName::new(sequence)));
    }

    pub(crate) fn opts_out(&mut self, channel: Option<&str>, purpose: Option<Purpose>, basis: &str) {
        self.order(Order::OptOut {
            channel: channel.map(ChannelName::new),
            purpose,
            basis: Arc::from(basis),
            source: None,
            actor: Arc::from("ana"),
        });
    }

    pub(crate) fn answered(&mut self, left: &Left, receipt: Receipt) {
        let (contact, send, attempt) = (left.contact, left.send, left.attempt);
        self.work(vec![Work::Received { contact, send, attempt, receipt }]);
    }

    /// The process dies and starts again: what was under way is unknown.
    pub(crate) fn restart(&mut self) {
        let epoch = self.store.begin_epoch().unwrap();
        self.world.epoch = epoch;
        let lost = self.store.in_flight(epoch).unwrap();
        let work = lost.into_iter().map(|lost| Work::Received {
            contact: lost.contact,
            send: lost.send,
            attempt: lost.attempt,
            receipt: Receipt::Unknown,
        });
        self.work(work.collect());
    }

    pub(crate) fn publish(&mut self, plan: Arc<Plan>) {
        self.store.publish(&plan, "test", self.now).unwrap();
        self.loaded = Loaded::new(plan, self.store.key());
        self.settle();
    }

    // --- time -----------------------------------------------------------------------------------------------------------

    /// Lets time pass, as the daemon does: awake whenever something is due.
    pub(crate) fn until(&mut self, time: &str) {
        let until = civil(&self.zone, time);
        self.until_instant(until);
    }

    pub(crate) fn store_wake(&self) -> Option<Instant> {
        self.store.next_wake().unwrap()
    }

    pub(crate) fn until_instant(&mut self, until: Instant) {
        let mut rounds = 0;
        while let Some(wake) = self.store.next_wake().unwrap().filter(|wake| *wake <= until) {
            self.now = self.now.max(wake);
            self.settle();
            rounds += 1;
            assert!(rounds < 5_000, "time does not pass: {:?}", self.store.ledger());
        }
        self.now = self.now.max(until);
    }

    /// Time passes while nobody is awake.
    pub(crate) fn sleep_until(&mut self, time: &str) {
        self.now = self.now.max(civil(&self.zone, time));
    }

    /// Wakes up and does what is due.
    pub(crate) fn wake(&mut self) {
        self.settle();
    }

    pub(crate) fn settle(&mut self) {
        for _ in 0..200 {
            self.work(vec![Work::Tick]);
            if self.store.next_wake().unwrap().is_none_or(|wake| wake > self.now) {
                return;
            }
        }
        let runs = self.look(ANA).runs;
        panic!("what is due at {} stays due: {runs:#?}", self.now);
    }

    pub(crate) fn work(&mut self, work: Vec<Work>) {
        let mut work = work;
        loop {
            let done = turn(&mut self.store, &self.loaded, &self.world, work, Limits::default(), self.now).unwrap();
            self.notes.extend(done.notes);
            work = done.effects.into_iter().filter_map(|effect| self.carry(effect)).collect();
            if work.is_empty() {
                return;
            }
        }
    }

    fn carry(&mut self, effect: Effect) -> Option<Work> {
        let Effect::Send { channel, permit, message } = effect;
        let answer = self.script.pop_front().unwrap_or(Answer::Accept);
        let receipt = receipt(answer, &permit.key.0);
        if receipt.is_none()
            && let Some(free) = self.world.slots.get_mut(&channel)
        {
            *free = free.saturating_sub(1);
        }
        self.left.push(Left {
            at: self.now,
            contact: permit.contact,
            send: permit.send,
            attempt: permit.attempt,
            key: permit.key.0.clone(),
            channel,
            to: message.to,
            text: message.text,
            approved: message.provider_template.is_some(),
            answer,
        });
        let (contact, send, attempt) = (permit.contact, permit.send, permit.attempt);
        receipt.map(|receipt| Work::Received { contact, send, attempt, receipt })
    }

    // --- what became of it ----------------------------------------------------------------------------------------------

    /// `sequence.step 2027-03-27 10:00 sent`, by the time of the outcome; open ones with their state.
    pub(crate) fn ledger(&self) -> Vec<String> {
        let rows = self.store.ledger();
        rows.iter()
            .map(|row| {
                let sequence = row.sequence.as_ref().map_or("-", SequenceName::as_str);
                let what = match &row.state {
                    Sending::Closed(outcome) => match (outcome, outcome.reason()) {
                        (Outcome::Cancelled(crate::journey::Cancel::Ended(why)), _) => format!("cancelled({why})"),
                        (_, Some(reason)) => format!("{}({reason})", outcome.name()),
                        _ => outcome.name().to_owned(),
                    },
                    Sending::Waiting(at) => format!("waits for {}", self.show(*at)),
                    Sending::Preparing => "preparing".to_owned(),
                    Sending::Ready => "ready".to_owned(),
                    Sending::InFlight(_) => "in flight".to_owned(),
                    Sending::Held(_) => "held".to_owned(),
                };
                let again = if row.occurrence == 0 { String::new() } else { format!("#{}", row.occurrence) };
                format!("{sequence}.{}{again} {} {what}", row.step, self.show(row.at))
            })
            .collect()
    }

    /// `sequence active`, `sequence completed`, `sequence stopped(replied)`.
    pub(crate) fn runs(&self) -> Vec<String> {
        let rows = self.store.runs();
        rows.iter().map(|row| format!("{} {}", row.sequence, phase(&row.phase))).collect()
    }

    /// What was refused: `sequence reason`.
    pub(crate) fn refused(&self) -> Vec<String> {
        let rows = self.store.refusals();
        let name = |name: &Option<SequenceName>| name.as_ref().map_or("-".to_owned(), ToString::to_string);
        rows.iter().map(|row| format!("{} {}", name(&row.refusal.sequence), row.refusal.why.name())).collect()
    }

    pub(crate) fn gates(&self, step: &str) -> Vec<crate::journey::Gate> {
        let rows = self.store.ledger();
        let rows = rows.iter().filter(|row| row.step.as_str() == step);
        rows.filter_map(|row| row.because.as_ref().map(|because| because.gate)).collect()
    }

    pub(crate) fn show(&self, at: Instant) -> String {
        let civil = self.zone.civil(at);
        let seconds = if civil.second() == 0 { String::new() } else { format!(":{:02}", civil.second()) };
        format!("{} {}{seconds}", civil.date(), TimeOfDay::of(civil))
    }

    pub(crate) fn told(&self, which: impl Fn(&Told) -> bool) -> usize {
        self.notes.iter().filter(|note| which(&note.told)).count()
    }
}

pub(crate) fn receipt(answer: Answer, id: &str) -> Option<Receipt> {
    let refused = |retry_after_ms, permanent| Receipt::NotSent { retry_after_ms, permanent, why: Arc::from("refused") };
    match answer {
        Answer::Accept => Some(Receipt::Accepted { provider_id: Arc::from(id) }),
        Answer::Refuse => Some(refused(None, false)),
        Answer::RefuseFor(ms) => Some(refused(Some(ms), false)),
        Answer::Never => Some(refused(None, true)),
        Answer::Lost | Answer::Vanish => Some(Receipt::Unknown),
        Answer::Silence => None,
    }
}

pub(crate) fn phase(phase: &RunPhase) -> String {
    match phase {
        RunPhase::Active { .. } => "active".to_owned(),
        RunPhase::Ended { end: End::Stopped(reason), .. } => format!("stopped({})", reason.name()),
        RunPhase::Ended { end, .. } => end.name().to_owned(),
    }
}

pub(crate) fn civil(zone: &Zone, text: &str) -> Instant {
    let civil: CivilTime = text.replace(' ', "T").parse().unwrap_or_else(|_| panic!("{text} is no time"));
    zone.instant(civil)
}

pub(crate) fn who(name: &str) -> Who {
    Who { identities: Identity::email(&format!("{name}@example.test")).into_iter().collect(), ..Who::default() }
}

pub(crate) fn booked(kind: NewsKind, uid: &str, at: Instant, start: Option<Instant>) -> BookingNews {
    let mut told = BookingNews::bare(kind, Arc::from(uid), at);
    told.start = start;
    told.end = start.map(|start| start.plus_ms(3_600_000));
    told
}

pub(crate) fn of_booking(told: BookingNews) -> News {
    let data = match told.kind {
        NewsKind::NoShow(absent) => BTreeMap::from([(Arc::from("no_show"), Value::Bool(absent))]),
        _ => BTreeMap::new(),
    };
    News {
        kind: told.kind.event(),
        at: told.at,
        who: Some(who("ana")),
        booking: Some(told),
        data,
        contact: BTreeMap::new(),
    }
}

pub(crate) fn agreed(purpose: Purpose, state: ConsentState, at: Instant) -> ConsentEntry {
    ConsentEntry {
        channel: None,
        purpose: Some(purpose),
        state,
        basis: Arc::from("form"),
        text_version: None,
        source: None,
        actor: Arc::from("test"),
        at,
    }
}
