//! One person's shelf, and how the changes of a turn are put on it.
use super::{MemoryTurn, Undo};
use crate::{
    calendar::Instant,
    content::Message,
    engine::{
        AttemptRow, Broken, Changes, Did, MailboxRow, RefusalRow, SendKind, TaskRow, WATCH_RANK, is_pinned,
        keeps_no_links, stays_open, still_counted, uids,
    },
    id::{BookingId, ChannelName, ContactId, ObjectId, OfferName, RunId, SendId, SequenceName, TriggerName},
    journey::{Happening, Outcome, Phase, Rank, Run, Send, Sending, Shared, Watch},
    plan::Sequence,
    record::{ConsentEntry, Contact, Identity, Touch},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Everything of one person.
#[derive(Clone)]
pub(super) struct Shelf {
    pub(super) contact: Shared<Contact>,
    pub(super) identities: Shared<Vec<Identity>>,
    pub(super) touch: Shared<Touch>,
    pub(super) bookings: BTreeSet<BookingId>,
    pub(super) runs: BTreeMap<RunId, StoredRun>,
    /// The ledger: one for every step that fell due.
    pub(super) sends: BTreeMap<SendId, StoredSend>,
    pub(super) watches: BTreeMap<(TriggerName, Option<BookingId>), Watch>,
    pub(super) events: Vec<Arc<Happening>>,
    pub(super) consents: Vec<ConsentEntry>,
    pub(super) refusals: Vec<Arc<RefusalRow>>,
    pub(super) tasks: Vec<Arc<TaskRow>>,
    pub(super) mailbox: Vec<Arc<MailboxRow>>,
    pub(super) attempts: BTreeMap<(SendId, u16), AttemptRow>,
    /// Where counted links lead.
    pub(super) links: BTreeMap<SendId, Vec<String>>,
    /// Codes of offers that are this person's own.
    pub(super) codes: BTreeMap<OfferName, Arc<str>>,
    pub(super) redeemed: BTreeMap<OfferName, u32>,
}

#[derive(Clone)]
pub(super) struct StoredRun {
    pub(super) run: Run,
    pub(super) open: bool,
    /// When to look at a run whose sequence changed, whatever it waits for.
    pub(super) look: Look,
}

/// Does a run wait for its own moment, or was that overruled?
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Look {
    Own,
    At(Instant),
    /// Its sequence is not in the plan.
    Never,
}

#[derive(Clone)]
pub(super) struct StoredSend {
    pub(super) send: Send,
    pub(super) what: SendKind,
}

impl StoredRun {
    fn wake(&self) -> Option<Instant> {
        match self.look {
            _ if !self.run.is_active() => None,
            Look::Own => self.run.wake(),
            Look::At(at) => Some(at),
            Look::Never => None,
        }
    }
}

/// What the clock and the channels have to look at.
#[derive(PartialEq, Default)]
pub(super) struct Waiting {
    pub(super) wakes: Vec<(u8, Instant)>,
    pub(super) ready: Vec<(ChannelName, Rank, Instant, SendId)>,
}

impl Waiting {
    pub(super) fn of(shelf: &Shelf) -> Self {
        Self { wakes: shelf.wakes().collect(), ready: shelf.ready().collect() }
    }
}

impl Shelf {
    fn new(contact: Shared<Contact>) -> Self {
        Self {
            contact,
            identities: Shared::default(),
            touch: Shared::default(),
            bookings: BTreeSet::new(),
            runs: BTreeMap::new(),
            sends: BTreeMap::new(),
            watches: BTreeMap::new(),
            events: Vec::new(),
            consents: Vec::new(),
            refusals: Vec::new(),
            tasks: Vec::new(),
            mailbox: Vec::new(),
            attempts: BTreeMap::new(),
            links: BTreeMap::new(),
            codes: BTreeMap::new(),
            redeemed: BTreeMap::new(),
        }
    }

    pub(super) fn open_sends(&self) -> impl Iterator<Item = &Send> {
        self.sends.values().map(|stored| &stored.send).filter(|send| send.is_open())
    }

    /// What the clock has to look at.
    fn wakes(&self) -> impl Iterator<Item = (u8, Instant)> {
        let runs = self.runs.values().filter_map(|stored| Some((stored.run.rank().0, stored.wake()?)));
        let sends = self.open_sends().filter_map(|send| Some((send.rank.0, send.wake()?)));
        runs.chain(sends)
            .chain(self.watches.values().filter(|watch| watch.due != Watch::NEVER).map(|watch| (WATCH_RANK, watch.due)))
    }

    fn ready(&self) -> impl Iterator<Item = (ChannelName, Rank, Instant, SendId)> {
        let ready = self.open_sends().filter(|send| send.state == Sending::Ready);
        ready.filter_map(|send| Some((send.channel.clone()?, send.rank, send.planned, send.id)))
    }

    /// A plan was published: runs without a sequence wait until it is back.
    pub(super) fn revised(&mut self, sequences: &BTreeMap<SequenceName, Arc<Sequence>>) {
        for stored in self.runs.values_mut().filter(|stored| stored.run.is_active()) {
            stored.look = match (sequences.contains_key(&stored.run.sequence.name), stored.look) {
                (false, _) => Look::Never,
                (true, Look::Never) => Look::Own,
                (true, look) => look,
            };
        }
    }

    fn put_run(&mut self, run: &Run, object: Option<ObjectId>, now: Instant) -> Did<()> {
        let mut run = run.clone();
        let mut look = Look::Own;
        if run.stale && run.is_active() {
            // not looked at yet: it stays on its old revision and due
            look = Look::At(now);
        } else {
            run.object = object;
        }
        (run.stale, run.before) = (false, None);
        let same = |other: &&StoredRun| {
            other.run.id != run.id
                && other.run.is_active()
                && other.run.sequence.name == run.sequence.name
                && other.run.booking == run.booking
        };
        if let Some(other) = run.is_active().then(|| self.runs.values().find(same)).flatten() {
            return Err(Broken::new(format!("runs {} and {} have the same key", other.run.id, run.id)));
        }
        self.runs.insert(run.id, StoredRun { run, open: true, look });
        Ok(())
    }

    /// A terminal outcome never changes, except unknown to sent.
    fn put_send(&mut self, send: &Send, what: SendKind) {
        let keeps = |known: &Send| match &known.state {
            Sending::Closed(Outcome::Unknown) => send.state != Sending::Closed(Outcome::Sent),
            Sending::Closed(_) => true,
            _ => false,
        };
        match self.sends.get_mut(&send.id) {
            Some(known) if keeps(&known.send) => {}
            Some(known) => {
                let object = known.send.object;
                known.send = Send { object, ..send.clone() };
            }
            None => {
                self.sends.insert(send.id, StoredSend { send: send.clone(), what });
            }
        }
    }
}

impl MemoryTurn<'_> {
    pub(super) fn write(&mut self, changes: &Changes<'_>) -> Did<()> {
        let id = changes.person.contact.id;
        let old = self.store.shelves.remove(&id);
        let before = old.as_deref().map(Waiting::of).unwrap_or_default();
        if !self.store.unforgiving && self.store.touched.insert(id) {
            self.store.undo.push(Undo::Shelf(id, old.clone()));
        }
        let mut shelf = match old {
            Some(shelf) if !changes.kept.is_new => shelf,
            None if changes.kept.is_new => Arc::new(Shelf::new(changes.person.contact.clone())),
            known => {
                self.store.shelves.extend(known.map(|known| (id, known)));
                return Err(Broken::new(format!("contact {id} is to be written as new or known, but is not")));
            }
        };
        let done = self.fill(Arc::make_mut(&mut shelf), changes);
        let after = Waiting::of(&shelf);
        self.store.shelves.insert(id, shelf);
        if before != after {
            self.store.no_longer(id, before);
            self.store.waits(id, after);
        }
        let numbers = &mut self.store.numbers;
        numbers.contact = numbers.contact.max(id.0);
        numbers.ids.run = numbers.ids.run.max(changes.ids.run);
        numbers.ids.send = numbers.ids.send.max(changes.ids.send);
        numbers.ids.event = numbers.ids.event.max(changes.ids.event);
        done
    }

    fn fill(&mut self, shelf: &mut Shelf, changes: &Changes<'_>) -> Did<()> {
        let (person, kept, now) = (changes.person, changes.kept, changes.now);
        let contact = person.contact.id;
        if kept.contact {
            shelf.contact = person.contact.clone();
        }
        if kept.touch || kept.is_new {
            shelf.touch = person.touch.clone();
            let counted = still_counted(&person.touch.recent, self.plan, now);
            if counted.len() < person.touch.recent.len() {
                shelf.touch.recent = counted.to_vec();
            }
        }
        for identity in &kept.identities {
            self.identify(contact, identity)?;
            shelf.identities.push(identity.clone());
        }
        self.write_bookings(shelf, changes);
        self.write_runs(shelf, changes)?;
        self.write_sends(shelf, changes);
        for (send, number, result, detail) in &kept.attempts {
            let (result, detail) = (result.clone(), detail.clone());
            shelf
                .attempts
                .insert((*send, *number), AttemptRow { send: *send, number: *number, at: now, result, detail });
        }
        self.write_redemptions(shelf, changes);
        for key in &kept.watches {
            match person.watches.iter().find(|watch| (&watch.trigger, watch.booking) == (&key.0, key.1)) {
                Some(watch) => shelf.watches.insert(key.clone(), watch.clone()),
                None => shelf.watches.remove(key),
            };
        }
        shelf.events.extend(kept.events.iter().cloned().map(Arc::new));
        shelf.consents.extend(kept.consents.iter().cloned());
        let refusal = |refusal: &crate::journey::Refusal| RefusalRow { contact, at: now, refusal: refusal.clone() };
        shelf.refusals.extend(kept.refusals.iter().map(refusal).map(Arc::new));
        let task = |task: &crate::engine::Task| TaskRow { contact, at: now, done_at: None, task: task.clone() };
        shelf.tasks.extend(kept.tasks.iter().map(task).map(Arc::new));
        // an ended run is let go when nothing can come of it any more
        for run in person.runs.iter().filter(|run| !stays_open(run, person, self.plan, now)) {
            if let Some(stored) = shelf.runs.get_mut(&run.id) {
                stored.open = false;
            }
        }
        Ok(())
    }

    fn identify(&mut self, contact: ContactId, identity: &Identity) -> Did<()> {
        if let Some(other) = self.store.identities.get(identity) {
            return Err(Broken::new(format!("an identifier of contact {contact} belongs to contact {other}")));
        }
        self.store.undo.push(Undo::Identity(identity.clone()));
        self.store.identities.insert(identity.clone(), contact);
        Ok(())
    }

    fn write_bookings(&mut self, shelf: &mut Shelf, changes: &Changes<'_>) {
        for (gone, stays) in &changes.kept.merged {
            shelf.bookings.remove(gone);
            let old = self.store.bookings.remove(gone);
            self.store.undo.push(Undo::Booking(*gone, old));
            let moved: Vec<_> =
                self.store.uids.iter().filter(|(_, of)| *of == gone).map(|(uid, _)| uid.clone()).collect();
            for uid in moved {
                let old = self.store.uids.insert(uid.clone(), *stays);
                self.store.undo.push(Undo::Uid(uid, old));
            }
        }
        for id in &changes.kept.bookings {
            let Some(booking) = changes.person.bookings.get(id) else { continue };
            shelf.bookings.insert(*id);
            self.store.numbers.booking = self.store.numbers.booking.max(id.0);
            let old = self.store.bookings.insert(*id, Arc::new(booking.clone()));
            self.store.undo.push(Undo::Booking(*id, old));
            for uid in uids(booking) {
                let uid = (booking.source.clone(), uid.clone());
                let old = self.store.uids.insert(uid.clone(), *id);
                self.store.undo.push(Undo::Uid(uid, old));
            }
        }
    }

    fn write_runs(&mut self, shelf: &mut Shelf, changes: &Changes<'_>) -> Did<()> {
        let (person, kept) = (changes.person, changes.kept);
        let named = kept.runs.iter().chain(&kept.new_runs);
        // those that end make room first
        let mut runs: Vec<&Run> = named.filter_map(|id| person.run(*id)).collect();
        runs.sort_by_key(|run| matches!(run.phase, Phase::Active(_)));
        for run in runs {
            let today = self.store.object(self.plan, &run.sequence.name);
            let object = if is_pinned(self.plan, run) { run.object } else { today };
            shelf.put_run(run, object, changes.now)?;
        }
        Ok(())
    }

    fn write_sends(&mut self, shelf: &mut Shelf, changes: &Changes<'_>) {
        let (person, kept) = (changes.person, changes.kept);
        for (send, message) in &kept.contents {
            // what is closed by now needs its bytes no more
            if person.send(*send).is_some_and(Send::is_open) {
                self.keep_content(*send, Some(message.clone()));
            }
            if !message.links.is_empty() {
                shelf.links.insert(*send, message.links.clone());
            }
        }
        for id in kept.new_sends.iter().chain(&kept.sends) {
            let Some(send) = person.send(*id) else { continue };
            let mut send = send.clone();
            if let Some(name) = &send.sequence {
                let run = send.run.and_then(|run| person.run(run)).filter(|run| is_pinned(self.plan, run));
                let today = self.store.object(self.plan, name);
                send.object = run.map_or(today, |run| run.object);
            }
            shelf.put_send(&send, SendKind::of(&send));
            if send.is_open() {
                continue;
            }
            if keeps_no_links(&send) {
                shelf.links.remove(id);
            }
            let content = || kept.contents.get(id).or_else(|| self.store.contents.get(id)).cloned();
            let content = kept.mailbox.contains(id).then(content).flatten();
            if self.store.contents.contains_key(id) {
                self.keep_content(*id, None);
            }
            if let (Some(channel), Some(message)) = (&send.channel, content) {
                let contact = person.contact.id;
                let row = MailboxRow { send: *id, contact, channel: channel.clone(), at: send.at, message };
                shelf.mailbox.push(Arc::new(row));
            }
        }
    }

    pub(super) fn keep_content(&mut self, send: SendId, message: Option<Message>) {
        let old = match message {
            Some(message) => self.store.contents.insert(send, message),
            None => self.store.contents.remove(&send),
        };
        if !self.store.unforgiving {
            self.store.undo.push(Undo::Content(send, old));
        }
    }
}
