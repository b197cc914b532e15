//! The memory store: the same port without a disk, for preview, simulation and tests.
//!
//! Everything of one person stands on their shelf; a turn keeps the shelves it touched as they were and puts them back
//! when it is dropped. Must not know SQL or files.
mod campaign;
mod erase;
mod history;
#[cfg(test)]
mod read;
mod replan;
mod shelf;
mod sweep;
#[cfg(test)]
mod tests;
mod undo;

use super::{
    Broken, CampaignRow, Changes, Did, Erased, InFlight, Key, PAGE, Published, Replan, Store, Turn, WATCH_RANK,
    is_aside, mark_stale, sift, sort_watches, spec_of, sweeps_of,
};
use crate::{
    calendar::Instant,
    content::Message,
    expr::{Ask, Cond},
    id::{
        BookingId, ChannelName, ContactId, DedupeKey, DeliveryId, Epoch, ObjectId, OfferName, SendId, SequenceName,
        SourceName, TriggerName,
    },
    journey::{Ids, Mark, Pace, Person, Rank, Sending, Sweep, Watch},
    plan::{Plan, Sequence, TemplateText, hash_of},
    record::{Booking, Delivery, Identity, Parsed},
    value::Value,
};
use shelf::{Shelf, Waiting};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use undo::Undo;

pub(crate) struct MemoryStore {
    key: Key,
    shelves: BTreeMap<ContactId, Arc<Shelf>>,
    bookings: BTreeMap<BookingId, Arc<Booking>>,
    identities: BTreeMap<Identity, ContactId>,
    uids: BTreeMap<(SourceName, Arc<str>), BookingId>,
    known: BTreeMap<(SourceName, DedupeKey), DeliveryId>,
    deliveries: BTreeMap<DeliveryId, Received>,
    /// Bytes of open sends.
    contents: BTreeMap<SendId, Message>,
    /// What falls due: rank, moment, whom it concerns.
    queue: BTreeSet<(u8, Instant, ContactId)>,
    ready: BTreeSet<(ChannelName, Rank, Instant, SendId, ContactId)>,
    numbers: Numbers,
    /// Hash of every published plan; its version is its place, from 1.
    plans: Vec<String>,
    /// The first plan, of which nobody has asked for a hash yet: most stories publish one, and hashing takes longer than they.
    unread: Option<Arc<Plan>>,
    /// Revisions by name and hash; without a name the rest of a project.
    objects: BTreeMap<(Option<SequenceName>, String), ObjectId>,
    /// Revision of each sequence that was asked for last.
    current: BTreeMap<SequenceName, (Arc<Sequence>, Option<ObjectId>)>,
    /// Triggers without an event as they were published last, and where the rounds over everybody stand.
    swept: BTreeMap<TriggerName, Arc<str>>,
    sweeps: BTreeMap<TriggerName, Sweep>,
    /// What was published last, and how far the people inside have been looked at since.
    published: Published,
    replans: BTreeMap<SequenceName, Replan>,
    /// Revisions of sequences, while they are in the plan or somebody stands on them.
    revisions: BTreeMap<ObjectId, Arc<Sequence>>,
    /// Texts of the plan that was published last.
    texts: Vec<TemplateText>,
    paces: BTreeMap<TriggerName, Pace>,
    campaigns: BTreeMap<SequenceName, CampaignRow>,
    /// Codes that were given out, and to whom.
    codes: BTreeMap<(OfferName, String), ContactId>,
    redeemed: BTreeMap<OfferName, u64>,
    /// Keyed hashes of addresses of people who were erased, and when.
    suppressed: BTreeMap<[u8; 32], Instant>,
    undo: Vec<Undo>,
    touched: BTreeSet<ContactId>,
    /// Shelves are not kept as they were: see [`MemoryStore::unforgiving`].
    unforgiving: bool,
}

/// Last numbers given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Numbers {
    ids: Ids,
    contact: i64,
    booking: i64,
    delivery: i64,
    epoch: i64,
}

#[derive(Clone, Debug)]
struct Received {
    #[cfg_attr(not(test), expect(dead_code, reason = "part of the books, which tests read"))]
    source: SourceName,
    #[cfg_attr(not(test), expect(dead_code, reason = "part of the books, which tests read"))]
    at: Instant,
    quarantined: Option<String>,
}

pub(crate) struct MemoryTurn<'s> {
    store: &'s mut MemoryStore,
    plan: &'s Plan,
    before: Numbers,
    committed: bool,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// A store that signs with a key known to everybody: nothing in it leaves the process.
    pub(crate) fn new() -> Self {
        Self::with_key(Key([0; 32]))
    }

    pub(crate) fn with_key(key: Key) -> Self {
        Self {
            key,
            shelves: BTreeMap::new(),
            bookings: BTreeMap::new(),
            identities: BTreeMap::new(),
            uids: BTreeMap::new(),
            known: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            contents: BTreeMap::new(),
            queue: BTreeSet::new(),
            ready: BTreeSet::new(),
            numbers: Numbers::default(),
            plans: Vec::new(),
            unread: None,
            objects: BTreeMap::new(),
            current: BTreeMap::new(),
            swept: BTreeMap::new(),
            sweeps: BTreeMap::new(),
            published: Published::default(),
            replans: BTreeMap::new(),
            revisions: BTreeMap::new(),
            texts: Vec::new(),
            paces: BTreeMap::new(),
            campaigns: BTreeMap::new(),
            codes: BTreeMap::new(),
            redeemed: BTreeMap::new(),
            suppressed: BTreeMap::new(),
            undo: Vec::new(),
            touched: BTreeSet::new(),
            unforgiving: false,
        }
    }

    /// For those who give the store up when a turn fails: it cannot be taken back then, and costs less.
    pub(crate) fn unforgiving(self) -> Self {
        Self { unforgiving: true, ..self }
    }

    /// One in which nobody is yet and the same plan is published; the number of the first person is the one behind `before`.
    pub(crate) fn emptied(&self, before: i64) -> Self {
        Self {
            numbers: Numbers { contact: before, epoch: self.numbers.epoch, ..Numbers::default() },
            plans: self.plans.clone(),
            unread: self.unread.clone(),
            objects: self.objects.clone(),
            current: self.current.clone(),
            swept: self.swept.clone(),
            unforgiving: self.unforgiving,
            ..Self::with_key(self.key.clone())
        }
    }

    /// The number of the next new person, so that they have the same in two stores in which not the same happens. A number that
    /// is taken stays with its person.
    pub(crate) fn seat(&mut self, next: ContactId) {
        self.numbers.contact = next.0 - 1;
    }

    /// Begins the rounds of triggers without an event over everybody who is here, as publishing does.
    pub(crate) fn begin_rounds(&mut self, plan: &Plan, now: Instant) {
        let last = self.shelves.last_key_value().map(|(id, _)| *id);
        self.sweeps = sweeps_of(plan, &BTreeMap::new(), &BTreeMap::new(), now, last);
    }

    /// Steps that fell due so far.
    pub(crate) fn steps_due(&self) -> i64 {
        self.numbers.ids.send
    }

    /// What a send came to: the message in the mailbox, the task on the list, the bytes that wait.
    pub(crate) fn kept_message(&self, send: SendId) -> Option<Message> {
        let kept = self.shelves.values().find(|shelf| shelf.sends.contains_key(&send))?;
        let mailed = kept.mailbox.iter().find(|row| row.send == send).map(|row| row.message.clone());
        let task = || {
            let row = kept.tasks.iter().find(|row| row.task.send == send)?;
            let text = row.task.notes.clone().unwrap_or_default();
            Some(Message { subject: Some(row.task.title.clone()), text, ..Message::default() })
        };
        mailed.or_else(task).or_else(|| self.contents.get(&send).cloned())
    }

    /// The stored revision that the plan's sequence is; `None` when it was never published.
    fn object(&mut self, plan: &Plan, name: &SequenceName) -> Option<ObjectId> {
        let sequence = plan.sequences.get(name)?;
        if self.current.is_empty() && self.objects.is_empty() {
            return None;
        }
        if let Some((known, object)) = self.current.get(name)
            && Arc::ptr_eq(known, sequence)
        {
            return *object;
        }
        self.read();
        let object = self.objects.get(&(Some(name.clone()), hash_of(sequence))).copied();
        self.current.insert(name.clone(), (sequence.clone(), object));
        object
    }

    fn version(&self) -> u32 {
        u32::try_from(self.plans.len() + usize::from(self.unread.is_some())).unwrap_or(u32::MAX)
    }

    /// Hashes the first plan, now that there is another one to tell it from. Its objects get the numbers that they have.
    fn read(&mut self) {
        let Some(first) = self.unread.take() else { return };
        self.plans.push(first.hash());
        self.keep_objects(&first);
        self.published.terms = Some(first.terms());
    }

    fn keep_objects(&mut self, plan: &Plan) -> BTreeMap<SequenceName, ObjectId> {
        let mut rest = plan.clone();
        rest.sequences.clear();
        self.keep(None, hash_of(&rest));
        let of = |(name, sequence): (&SequenceName, &Arc<Sequence>)| {
            (name.clone(), self.keep(Some(name), hash_of(sequence)))
        };
        plan.sequences.iter().map(of).collect()
    }

    /// The number of this very object, given now when it is new.
    fn keep(&mut self, name: Option<&SequenceName>, hash: String) -> ObjectId {
        let next = ObjectId(i64::try_from(self.objects.len()).unwrap_or(i64::MAX) + 1);
        *self.objects.entry((name.cloned(), hash)).or_insert(next)
    }

    /// Puts a shelf back in its place, and what is due of it into the queues.
    fn put(&mut self, id: ContactId, shelf: Option<Arc<Shelf>>) {
        let Some(shelf) = shelf else { return };
        self.waits(id, Waiting::of(&shelf));
        let old = self.shelves.insert(id, shelf);
        debug_assert!(old.is_none(), "a shelf is taken before it is put");
    }

    /// Takes a shelf out, and what is due of it out of the queues.
    fn take(&mut self, id: ContactId) -> Option<Arc<Shelf>> {
        let shelf = self.shelves.remove(&id)?;
        self.no_longer(id, Waiting::of(&shelf));
        Some(shelf)
    }

    fn waits(&mut self, id: ContactId, what: Waiting) {
        self.queue.extend(what.wakes.into_iter().map(|(rank, at)| (rank, at, id)));
        self.ready.extend(what.ready.into_iter().map(|(channel, rank, at, send)| (channel, rank, at, send, id)));
    }

    fn no_longer(&mut self, id: ContactId, what: Waiting) {
        for (rank, at) in what.wakes {
            self.queue.remove(&(rank, at, id));
        }
        for (channel, rank, at, send) in what.ready {
            self.ready.remove(&(channel, rank, at, send, id));
        }
    }
}

impl Store for MemoryStore {
    type Turn<'s> = MemoryTurn<'s>;

    fn turn<'s>(&'s mut self, plan: &'s Plan) -> Did<MemoryTurn<'s>> {
        let before = self.numbers;
        Ok(MemoryTurn { store: self, plan, before, committed: false })
    }

    fn publish(&mut self, plan: &Plan, _actor: &str, now: Instant) -> Did<u32> {
        let objects = if self.plans.is_empty() && self.unread.is_none() {
            self.unread = Some(Arc::new(plan.clone()));
            // the rest of the project is the first object
            plan.sequences.keys().cloned().zip((2..).map(ObjectId)).collect()
        } else {
            self.read();
            let hash = plan.hash();
            if self.plans.last() == Some(&hash) {
                return Ok(self.version());
            }
            self.plans.push(hash);
            self.keep_objects(plan)
        };
        self.current.clear();
        for (name, object) in &objects {
            let Some(sequence) = plan.sequences.get(name) else { continue };
            self.revisions.entry(*object).or_insert_with(|| sequence.clone());
            self.current.insert(name.clone(), (sequence.clone(), Some(*object)));
        }
        let last = self.shelves.last_key_value().map(|(id, _)| *id);
        self.sweeps = sweeps_of(plan, &self.swept, &self.sweeps, now, last);
        self.swept =
            plan.standing().iter().map(|standing| (standing.trigger.name.clone(), standing.print.clone())).collect();
        self.begin_replans(plan, objects, now);
        let everybody: Vec<ContactId> = self.shelves.keys().copied().collect();
        for id in everybody {
            let Some(mut shelf) = self.take(id) else { continue };
            Arc::make_mut(&mut shelf).revised(&plan.sequences);
            self.put(id, Some(shelf));
        }
        Ok(self.version())
    }

    fn begin_epoch(&mut self) -> Did<Epoch> {
        self.numbers.epoch += 1;
        Ok(Epoch(self.numbers.epoch))
    }

    fn in_flight(&self, before: Epoch) -> Did<Vec<InFlight>> {
        let all = self.shelves.iter().flat_map(|(contact, shelf)| {
            shelf.open_sends().filter_map(|send| match send.state {
                Sending::InFlight(attempt) => Some(InFlight { contact: *contact, send: send.id, attempt }),
                _ => None,
            })
        });
        let mut found: Vec<InFlight> = all.filter(|found| found.attempt.epoch < before).collect();
        found.sort_by_key(|found| found.send);
        Ok(found)
    }

    fn next_wake(&self) -> Did<Option<Instant>> {
        let first = |rank: u8| {
            let from = (rank, Instant(i64::MIN), ContactId(i64::MIN));
            self.queue.range(from..).next().filter(|(of, ..)| *of == rank).map(|(_, at, _)| *at)
        };
        let campaigns = self.campaigns.values().filter(|row| row.standing == crate::journey::Standing::Launched);
        let campaigns = campaigns.filter_map(|row| row.next_at);
        let sweeps = self.sweeps.values().map(|sweep| sweep.due).filter(|due| *due != Watch::NEVER);
        let replans = self.replans.values().map(|replan| replan.since);
        Ok((0..=WATCH_RANK).filter_map(first).chain(campaigns).chain(sweeps).chain(replans).min())
    }

    fn key(&self) -> Key {
        self.key.clone()
    }
}

impl Turn for MemoryTurn<'_> {
    fn ids(&mut self) -> Did<Ids> {
        Ok(self.store.numbers.ids)
    }

    fn new_contact(&mut self) -> Did<ContactId> {
        loop {
            self.store.numbers.contact += 1;
            let next = ContactId(self.store.numbers.contact);
            if !self.store.shelves.contains_key(&next) {
                return Ok(next);
            }
        }
    }

    fn new_booking(&mut self) -> Did<BookingId> {
        self.store.numbers.booking += 1;
        Ok(BookingId(self.store.numbers.booking))
    }

    fn accept(&mut self, delivery: &Delivery) -> Did<Option<DeliveryId>> {
        let key = (delivery.source.clone(), delivery.dedupe.clone());
        if self.store.known.contains_key(&key) {
            return Ok(None);
        }
        self.store.numbers.delivery += 1;
        let id = DeliveryId(self.store.numbers.delivery);
        let quarantined = match &delivery.parsed {
            Parsed::Quarantined(why) => Some(why.clone()),
            _ => None,
        };
        self.store.known.insert(key.clone(), id);
        let received = Received { source: delivery.source.clone(), at: delivery.received_at, quarantined };
        self.store.deliveries.insert(id, received);
        self.store.undo.push(Undo::Delivery(id, key));
        Ok(Some(id))
    }

    fn quarantine(&mut self, delivery: DeliveryId, why: &str) -> Did<()> {
        let Some(received) = self.store.deliveries.get_mut(&delivery) else {
            return Err(Broken::new(format!("delivery {delivery} is not in the store")));
        };
        self.store.undo.push(Undo::Quarantine(delivery, received.quarantined.clone()));
        received.quarantined.get_or_insert_with(|| why.to_owned());
        Ok(())
    }

    fn find_contact(&mut self, identity: &Identity) -> Did<Option<ContactId>> {
        let all = &self.store.identities;
        let shared = Identity { clinic: None, ..identity.clone() };
        let known = all.get(identity).or_else(|| all.get(&shared)).copied();
        if known.is_some() || identity.clinic.is_some() {
            return Ok(known);
        }
        let same = all.range(&shared..).take_while(|(of, _)| of.kind == shared.kind && of.value == shared.value);
        Ok(same.map(|(_, who)| *who).min())
    }

    fn find_booking(&mut self, source: &SourceName, uid: &str) -> Did<Option<Booking>> {
        let id = self.store.uids.get(&(source.clone(), Arc::from(uid)));
        Ok(id.and_then(|id| self.store.bookings.get(id)).map(|booking| Booking::clone(booking)))
    }

    fn people(&mut self, who: &BTreeSet<ContactId>) -> Did<BTreeMap<ContactId, Person>> {
        let mut people = BTreeMap::new();
        for id in who {
            if let Some(shelf) = self.store.shelves.get(id).cloned() {
                people.insert(*id, self.person(&shelf));
            }
        }
        Ok(people)
    }

    fn answer(&mut self, who: ContactId, ask: &Ask, since: Option<Instant>) -> Did<Value> {
        Ok(self.store.shelves.get(&who).map_or(Value::Missing, |shelf| shelf.answer(ask, since)))
    }

    fn due(&mut self, now: Instant, limit: usize) -> Did<Vec<ContactId>> {
        let mut due = Vec::new();
        let mut seen = BTreeSet::new();
        for rank in 0..=WATCH_RANK {
            let from = (rank, Instant(i64::MIN), ContactId(i64::MIN));
            let items = self.store.queue.range(from..=(rank, now, ContactId(i64::MAX)));
            for (.., who) in items {
                if due.len() >= limit {
                    return Ok(due);
                }
                if seen.insert(*who) {
                    due.push(*who);
                }
            }
        }
        Ok(due)
    }

    fn ready(&mut self, channel: &ChannelName, limit: usize) -> Did<Vec<(ContactId, SendId)>> {
        let from = (channel.clone(), Rank(0), Instant(i64::MIN), SendId(i64::MIN), ContactId(i64::MIN));
        let items = self.store.ready.range(from..).take_while(|(of, ..)| of == channel).take(limit);
        Ok(items.map(|(.., send, who)| (*who, *send)).collect())
    }

    fn members(&mut self, cond: &Cond, now: Instant, after: Option<ContactId>, limit: usize) -> Did<Vec<ContactId>> {
        let from = after.map_or(i64::MIN, |after| after.0.saturating_add(1));
        let everybody: Vec<ContactId> = self.store.shelves.range(ContactId(from)..).map(|(id, _)| *id).collect();
        let (plan, mut members) = (self.plan, Vec::new());
        for who in everybody.chunks(PAGE) {
            members.extend(sift(self, plan, cond, who, now, limit - members.len())?);
            if members.len() >= limit {
                break;
            }
        }
        Ok(members)
    }

    fn contacts(&mut self, after: Option<ContactId>, limit: usize) -> Did<Vec<ContactId>> {
        Ok(self.people_behind(after, limit))
    }

    fn marks(&mut self, trigger: &TriggerName, after: Option<ContactId>, limit: usize) -> Did<Vec<(ContactId, Mark)>> {
        Ok(self.marks_of(trigger, after, limit))
    }

    fn sweeps(&mut self) -> Did<BTreeMap<TriggerName, Sweep>> {
        Ok(self.store.sweeps.clone())
    }

    fn keep_sweep(&mut self, trigger: &TriggerName, sweep: Sweep) -> Did<()> {
        self.put_sweep(trigger, sweep);
        Ok(())
    }

    fn replans(&mut self) -> Did<BTreeMap<SequenceName, Replan>> {
        Ok(self.store.replans.clone())
    }

    fn keep_replan(&mut self, sequence: &SequenceName, replan: Option<Replan>) -> Did<()> {
        self.put_replan(sequence, replan);
        Ok(())
    }

    fn inside(
        &mut self,
        sequence: &SequenceName,
        all: bool,
        after: Option<ContactId>,
        limit: usize,
    ) -> Did<Vec<ContactId>> {
        Ok(self.people_inside(sequence, all, after, limit))
    }

    fn content(&mut self, send: SendId) -> Did<Option<Message>> {
        Ok(self.store.contents.get(&send).cloned())
    }

    fn paces(&mut self) -> Did<BTreeMap<TriggerName, Pace>> {
        Ok(self.store.paces.clone())
    }

    fn keep_pace(&mut self, trigger: &TriggerName, pace: Pace) -> Did<()> {
        let old = self.store.paces.insert(trigger.clone(), pace);
        self.store.undo.push(Undo::Pace(trigger.clone(), old));
        Ok(())
    }

    fn campaigns(&mut self) -> Did<BTreeMap<SequenceName, CampaignRow>> {
        Ok(self.store.campaigns.clone())
    }

    fn set_campaign(&mut self, name: &SequenceName, row: &CampaignRow, what: Option<&str>) -> Did<()> {
        let old = self.store.campaigns.insert(name.clone(), row.clone());
        self.store.undo.push(Undo::Campaign(name.clone(), old));
        if what.is_some() {
            self.recall(name, row.changed_at);
        }
        Ok(())
    }

    fn redeemed(&mut self) -> Did<BTreeMap<OfferName, u64>> {
        Ok(self.store.redeemed.clone())
    }

    fn issue(&mut self, who: ContactId, offer: &OfferName, code: &str, _now: Instant) -> Did<bool> {
        self.give(who, offer, code)
    }

    fn erase(&mut self, who: ContactId, now: Instant) -> Did<Erased> {
        self.forget(who, now);
        Ok(Vec::new())
    }

    fn suppressed(&mut self, identity: &Identity) -> Did<Option<Instant>> {
        let known = self.store.key.suppressed_as(identity);
        Ok(known.iter().filter_map(|hash| self.store.suppressed.get(hash).copied()).max())
    }

    fn record(&mut self, changes: &Changes<'_>) -> Did<()> {
        self.write(changes)
    }

    fn commit(mut self) -> Did<()> {
        self.committed = true;
        self.store.undo.clear();
        self.store.touched.clear();
        Ok(())
    }
}

impl MemoryTurn<'_> {
    fn person(&mut self, shelf: &Shelf) -> Person {
        let mut runs = Vec::new();
        for stored in shelf.runs.values().filter(|stored| stored.open) {
            let Some(today) = self.plan.sequences.get(&stored.run.sequence.name) else { continue };
            let mut run = stored.run.clone();
            let object = self.store.object(self.plan, &today.name);
            let own = run.object.filter(|own| Some(*own) != object);
            let own = own.and_then(|own| self.store.revisions.get(&own).cloned());
            let pinned = own.as_ref().filter(|_| today.changed.pin);
            let sequence = pinned.unwrap_or(today);
            if !Arc::ptr_eq(&run.sequence, sequence) {
                if let crate::journey::Phase::Active(cursor) = &mut run.phase {
                    let found = super::Place::of(&run.sequence, cursor.step).find(sequence, Some(&run.sequence));
                    (cursor.step, run.removed) = (found.at, found.removed);
                }
                run.sequence = sequence.clone();
            }
            run.stale = false;
            let recalled = matches!(stored.look, shelf::Look::At(_));
            if recalled || (run.object != object && pinned.is_none()) {
                mark_stale(&mut run, own);
            }
            runs.push(run);
        }
        let mut sends = Vec::new();
        for send in shelf.open_sends() {
            let mut send = send.clone();
            if !is_aside(&send) && send.sequence.is_some() {
                send.spec = spec_of(self.plan, &runs, &send);
            }
            sends.push(send);
        }
        let mut watches: Vec<_> = shelf.watches.values().cloned().collect();
        sort_watches(&mut watches);
        let booking = |id: &BookingId| Some((*id, Booking::clone(self.store.bookings.get(id)?)));
        Person {
            contact: shelf.contact.clone(),
            identities: shelf.identities.clone(),
            touch: shelf.touch.clone(),
            runs: runs.into(),
            sends: sends.into(),
            watches,
            codes: shelf.codes.clone(),
            redeemed: shelf.redeemed.clone(),
            bookings: shelf.bookings.iter().filter_map(booking).collect::<BTreeMap<_, _>>().into(),
            answers: BTreeMap::new(),
            openings: BTreeMap::new(),
        }
    }
}

impl Drop for MemoryTurn<'_> {
    fn drop(&mut self) {
        if !self.committed {
            self.store.numbers = self.before;
            self.store.roll_back();
        }
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").field("people", &self.shelves.len()).finish_non_exhaustive()
    }
}
