//! The people of one turn: loaded once, decided about as often as the work demands, written once.
use super::{Changes, Did, Effect, Erased, Kept, Loaded, Note, Permit, Told, Turn, port::Broken};
use crate::{
    calendar::{Instant, Span},
    expr::{Ask, Missing},
    id::{ChannelName, ContactId, SendId, SequenceName, TriggerName},
    journey::{
        Action, Attempt, Event, Fail, Ids, Outcome, Pace, Person, Receipt, Run, Send, Sending, Spec, World, decide,
    },
    plan::{MESSAGES_WINDOW, fill, messages_pace},
    value::Value,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// Decisions that one event may lead to.
const ROUNDS: usize = 10_000;

/// Rounds of "load what was missing and decide again" for one event. Each loads something new, so this is only a fence.
const ASKS: usize = 32;

/// Tries for a code that nobody has yet.
const CODES: u32 = 1_000;

pub(super) struct Desk<'a, T> {
    pub(super) turn: T,
    pub(super) loaded: &'a Loaded,
    pub(super) world: World,
    pub(super) now: Instant,
    pub(super) ids: Ids,
    people: Vec<(Person, Kept)>,
    /// Where each of them sits, and who was looked for last: work goes person by person.
    seats: BTreeMap<ContactId, usize>,
    last: Option<(ContactId, usize)>,
    /// Triggers that enrolled somebody in this turn and are counted.
    paced: BTreeSet<TriggerName>,
    pub(super) effects: Vec<Effect>,
    pub(super) notes: Vec<Note>,
    /// What the last erasure took away.
    pub(super) erased: Option<Erased>,
}

/// What has to follow from a decision at once.
struct Follows {
    events: VecDeque<Event>,
    /// Sends with bytes, on channels that could take them.
    ready: BTreeSet<SendId>,
}

impl<'a, T: Turn> Desk<'a, T> {
    pub(super) fn new(mut turn: T, loaded: &'a Loaded, world: &World, now: Instant) -> Did<Self> {
        let ids = turn.ids()?;
        let mut world = world.clone();
        if loaded.plan.has_campaigns() {
            let rows = turn.campaigns()?.into_iter();
            world.campaigns.extend(rows.map(|(name, row)| (name, row.standing)));
        }
        if !loaded.plan.offers.is_empty() {
            world.redeemed = turn.redeemed()?;
        }
        if loaded.plan.has_paces() {
            world.paces = turn.paces()?;
        }
        if !loaded.plan.standing().is_empty() {
            world.sweeps = turn.sweeps()?;
        }
        Ok(Self {
            turn,
            loaded,
            world,
            paced: BTreeSet::new(),
            now,
            ids,
            people: Vec::new(),
            seats: BTreeMap::new(),
            last: None,
            effects: Vec::new(),
            notes: Vec::new(),
            erased: None,
        })
    }

    /// Loads those who are not here yet, all at once.
    pub(super) fn call_in(&mut self, who: &BTreeSet<ContactId>) -> Did<()> {
        let missing: BTreeSet<ContactId> = who.iter().filter(|id| !self.seats.contains_key(id)).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        for (id, person) in self.turn.people(&missing)? {
            self.sit(id, person, Kept::default());
        }
        Ok(())
    }

    pub(super) fn seat_new(&mut self, person: Person, kept: Kept) {
        self.sit(person.contact.id, person, kept);
    }

    fn sit(&mut self, id: ContactId, person: Person, kept: Kept) {
        let seat = *self.seats.entry(id).or_insert(self.people.len());
        match self.people.get_mut(seat) {
            Some(known) => *known = (person, kept),
            None => self.people.push((person, kept)),
        }
    }

    /// The place of somebody who is here.
    fn seat_of(&mut self, who: ContactId) -> Option<usize> {
        if let Some((_, seat)) = self.last.filter(|(last, _)| *last == who) {
            return Some(seat);
        }
        let seat = *self.seats.get(&who)?;
        self.last = Some((who, seat));
        Some(seat)
    }

    pub(super) fn person(&mut self, who: ContactId) -> Did<&mut (Person, Kept)> {
        let mut seat = self.seat_of(who);
        if seat.is_none() {
            self.call_in(&BTreeSet::from([who]))?;
            seat = self.seat_of(who);
        }
        seat.and_then(|seat| self.people.get_mut(seat))
            .ok_or_else(|| Broken::new(format!("contact {who} is not in the store")))
    }

    /// Is there such a person, and were they not erased?
    pub(super) fn knows(&mut self, who: ContactId) -> Did<bool> {
        self.call_in(&BTreeSet::from([who]))?;
        let seat = self.seat_of(who).and_then(|seat| self.people.get(seat));
        Ok(seat.is_some_and(|seat| seat.0.contact.erased_at.is_none()))
    }

    /// Lets somebody at whom turns fail be due by themselves for a run whose sequence changed.
    pub(super) fn look_again(&mut self, who: ContactId, sequence: &SequenceName) -> Did<()> {
        let pinned = self.loaded.plan.sequences.get(sequence).is_some_and(|sequence| sequence.changed.pin);
        let (person, kept) = self.person(who)?;
        let of = |run: &&mut Run| run.is_active() && run.sequence.name == *sequence && !pinned;
        for run in person.runs.iter_mut().filter(of) {
            (run.stale, run.object) = (true, run.object.filter(|_| run.stale));
            kept.runs.insert(run.id);
        }
        Ok(())
    }

    pub(super) fn told(&mut self, contact: ContactId, told: Told) {
        self.notes.push(Note { at: self.now, contact, told });
    }

    /// Decides about one event and everything that follows from it at once: rendering, authorisation, local delivery.
    pub(super) fn decide(&mut self, who: ContactId, event: Event) -> Did<()> {
        let mut follows = Follows { events: VecDeque::from([event]), ready: BTreeSet::new() };
        for _ in 0..ROUNDS {
            let Some(event) = self.next(who, &mut follows)? else { return Ok(()) };
            let actions = self.decide_one(who, &event)?;
            for action in actions {
                self.follow(who, action, &mut follows)?;
            }
        }
        // a circle that the compiler should have refused: what is ready stays ready, and the next tick takes it up
        follows.ready.clear();
        while let Some(event) = self.next(who, &mut follows)? {
            let actions = self.decide_one(who, &event)?;
            for action in actions {
                self.follow(who, action, &mut follows)?;
            }
            follows.ready.clear();
        }
        Ok(())
    }

    /// What follows next. Slots come last: only when every text is written is it known who goes first.
    fn next(&mut self, who: ContactId, follows: &mut Follows) -> Did<Option<Event>> {
        if let Some(event) = follows.events.pop_front() {
            return Ok(Some(event));
        }
        let person = &self.person(who)?.0;
        let order = |send: &crate::journey::Send| (send.purpose, Reverse(send.priority), send.planned, send.id);
        let ready = person.sends.iter().filter(|send| follows.ready.contains(&send.id)).min_by_key(|send| order(send));
        let Some(first) = ready.map(|send| send.id) else { return Ok(None) };
        follows.ready.remove(&first);
        Ok(Some(Event::Slot(first)))
    }

    fn decide_one(&mut self, who: ContactId, event: &Event) -> Did<Vec<Action>> {
        for _ in 0..ASKS {
            self.person(who)?;
            let Some(seat) = self.seat_of(who).and_then(|seat| self.people.get_mut(seat)) else { continue };
            match decide(&self.loaded.plan, &self.world, &seat.0, event, self.ids, self.now) {
                Ok(decision) => {
                    self.ids = decision.ids;
                    seat.0 = decision.person;
                    seat.0.answers.clear();
                    return Ok(decision.actions);
                }
                Err(Missing(asks)) => self.answer(who, asks)?,
            }
        }
        Err(Broken::new("a decision kept asking for more history"))
    }

    /// Loads what a decision missed. What this turn did already has to be in the history first.
    fn answer(&mut self, who: ContactId, asks: BTreeSet<Ask>) -> Did<()> {
        self.write(who)?;
        for ask in asks {
            let since = match &ask {
                Ask::Count { within, .. } | Ask::WasSent { within, .. } => within.map(|span| self.before(who, span)),
                _ => None,
            };
            let value: Value = self.turn.answer(who, &ask, since.transpose()?)?;
            self.person(who)?.0.answers.insert(ask, value);
        }
        Ok(())
    }

    fn before(&mut self, who: ContactId, span: Span) -> Did<Instant> {
        let (now, loaded) = (self.now, self.loaded);
        Ok(self.person(who)?.0.zone(&loaded.plan).sub(now, span))
    }

    /// Notes what an action changed, and says what has to follow at once.
    fn follow(&mut self, who: ContactId, action: Action, follows: &mut Follows) -> Did<()> {
        if let Some(told) = Told::of(&action, &self.person(who)?.0) {
            self.told(who, told);
        }
        let kept = &mut self.person(who)?.1;
        match action {
            Action::Note(event) => kept.events.push(event),
            Action::Entered { run, by } => {
                kept.new_runs.insert(run);
                self.entered(who, by);
            }
            Action::Struck { .. } => {}
            Action::Erased => self.erase(who)?,
            Action::Refused(refusal) => kept.refusals.push(refusal),
            Action::Moved(run)
            | Action::Acted(run)
            | Action::Assigned(run)
            | Action::Ended(run)
            | Action::ConvertedLate(run) => {
                if !kept.new_runs.contains(&run) {
                    kept.runs.insert(run);
                }
            }
            Action::Began(send) => {
                kept.new_sends.insert(send);
            }
            Action::Deferred(send, ..) => kept.touch_send(send),
            Action::Prepare(send) => {
                kept.touch_send(send);
                let prepared = self.prepare(who, send)?;
                follows.events.push_back(prepared);
            }
            Action::Ready(send) => {
                kept.touch_send(send);
                if self.has_slot(who, send)? {
                    follows.ready.insert(send);
                }
            }
            Action::Authorised(send, _) => {
                kept.touch_send(send);
                self.count_message(who, send)?;
                self.authorised(who, send)?;
            }
            Action::Closed(send) => {
                kept.touch_send(send);
                self.closed(who, send)?;
            }
            Action::Redeemed(used) => {
                let offer = used.offer.clone();
                kept.redemptions.push(used);
                *self.world.redeemed.entry(offer).or_default() += 1;
            }
            Action::ContactChanged(_) => kept.contact = true,
            Action::BookingChanged(booking) => {
                kept.bookings.insert(booking);
            }
            Action::TouchChanged => kept.touch = true,
            Action::Consent(entry) => kept.consents.push(entry),
            Action::Armed { trigger, booking, .. } | Action::Disarmed { trigger, booking } => {
                kept.watches.insert((trigger, booking));
            }
        }
        Ok(())
    }

    /// Everything stored goes, then what is left of the person is written: the next work of this turn must not find them.
    fn erase(&mut self, who: ContactId) -> Did<()> {
        let kept = &mut self.person(who)?.1;
        let is_new = std::mem::take(&mut kept.is_new);
        *kept = kept.without_personal();
        if is_new {
            kept.is_new = true;
            self.write(who)?;
        }
        self.erased = Some(self.turn.erase(who, self.now)?);
        self.write(who)
    }

    /// Counts the enrolments of triggers that are limited.
    fn entered(&mut self, who: ContactId, by: Option<TriggerName>) {
        let plan = &self.loaded.plan;
        let Some((by, limit)) = by.and_then(|by| Some((by.clone(), plan.limit_of(plan.triggers.get(&by)?)?))) else {
            return;
        };
        let pace = self.count(by.clone(), limit.per);
        if pace.people == limit.people {
            let until = self.loaded.plan.zone.add(pace.since, limit.per);
            self.told(who, Told::LimitReached { trigger: Some(by), most: limit.people, until });
        }
    }

    /// Counts one more under a name; a new window begins when the old one is over. Returns the window so far.
    fn count(&mut self, by: TriggerName, per: Span) -> Pace {
        let fresh = Pace { since: self.now, people: 0 };
        let pace = self.world.paces.entry(by.clone()).or_insert(fresh);
        if self.loaded.plan.zone.add(pace.since, per) <= self.now {
            *pace = fresh;
        }
        pace.people = pace.people.saturating_add(1);
        let pace = *pace;
        self.paced.insert(by);
        pace
    }

    /// Counts the first attempts of messages that the blast radius may hold back.
    fn count_message(&mut self, who: ContactId, id: SendId) -> Did<()> {
        let Some(most) = self.loaded.plan.policies.blast_radius.messages_per_hour else { return Ok(()) };
        if !self.person(who)?.0.send(id).is_some_and(Send::is_held_back) {
            return Ok(());
        }
        let pace = self.count(messages_pace(), MESSAGES_WINDOW);
        // said once a window: what waits says itself why
        if pace.people == most {
            let until = self.loaded.plan.zone.add(pace.since, MESSAGES_WINDOW);
            self.told(who, Told::LimitReached { trigger: None, most, until });
        }
        Ok(())
    }

    /// Renders a send and keeps its bytes.
    fn prepare(&mut self, who: ContactId, id: SendId) -> Did<Event> {
        let (now, loaded) = (self.now, self.loaded);
        if let Err(fail) = self.give_code(who, id)? {
            return Ok(Event::Prepared(id, Err(fail)));
        }
        let (person, kept) = self.person(who)?;
        let result = match loaded.prepare(person, id, now) {
            Ok(message) => {
                kept.contents.insert(id, message);
                Ok(())
            }
            Err(fail) => Err(fail),
        };
        Ok(Event::Prepared(id, result))
    }

    /// A person gets their own code of an offer when the first text with it is written, and keeps it. The same bytes come
    /// out for the same person; where another one has that code already the next try counts.
    fn give_code(&mut self, who: ContactId, id: SendId) -> Did<Result<(), Fail>> {
        let (now, loaded) = (self.now, self.loaded);
        let person = &self.person(who)?.0;
        let Some((offer, pattern)) = loaded.code_for(person, id) else { return Ok(Ok(())) };
        // what is to be written first is the person: a code belongs to somebody
        self.write(who)?;
        for attempt in 0..CODES {
            let code = fill(&pattern, &loaded.key.offer_code(offer.as_str(), who, attempt));
            if self.turn.issue(who, &offer, &code, now)? {
                let (person, kept) = self.person(who)?;
                person.codes.insert(offer, Arc::from(code));
                kept.codes = true;
                return Ok(Ok(()));
            }
        }
        Ok(Err(Fail::Render(Arc::from(format!("the offer {offer} has no code left")))))
    }

    fn channel_of(&mut self, who: ContactId, send: SendId) -> Did<Option<ChannelName>> {
        Ok(self.person(who)?.0.send(send).and_then(|send| send.channel.clone()))
    }

    /// Channels that can take something now, and how much: those with free slots, and our own lists.
    pub(super) fn free(&self) -> Vec<(ChannelName, usize)> {
        if self.world.held.is_some() {
            return Vec::new();
        }
        let slots = self.world.slots.iter().filter(|(_, free)| **free > 0);
        let slots = slots.map(|(name, free)| (name.clone(), usize::from(*free)));
        let tasks = ChannelName::new(crate::journey::TASKS);
        let ours = self.loaded.plan.channels.values().filter(|channel| channel.is_local());
        let kept = self.loaded.plan.keeps_webhooks.then(|| ChannelName::new(crate::journey::WEBHOOKS));
        let ours = ours.map(|channel| channel.name.clone()).chain([tasks]).chain(kept).map(|name| (name, usize::MAX));
        ours.chain(slots).collect::<BTreeMap<_, _>>().into_iter().collect()
    }

    pub(super) fn has_slot(&mut self, who: ContactId, send: SendId) -> Did<bool> {
        let Some(channel) = self.channel_of(who, send)? else { return Ok(false) };
        Ok(self.loaded.is_local(&channel) || self.world.slots.get(&channel).is_some_and(|free| *free > 0))
    }

    /// The attempt is written; its effect is handed out after the commit. Local channels need none.
    fn authorised(&mut self, who: ContactId, id: SendId) -> Did<()> {
        let Some(channel) = self.channel_of(who, id)? else { return Ok(()) };
        if self.loaded.is_local(&channel) {
            return Ok(());
        }
        if let Some(free) = self.world.slots.get_mut(&channel) {
            *free = free.saturating_sub(1);
        }
        // prepared in this turn and not written yet, else stored
        let message = match self.person(who)?.1.contents.get(&id).cloned() {
            Some(message) => Some(message),
            None => self.turn.content(id)?,
        };
        let message = message.ok_or_else(|| Broken::new(format!("send {id} has no stored bytes")))?;
        let Some(Sending::InFlight(attempt)) = self.person(who)?.0.send(id).map(|send| send.state.clone()) else {
            return Ok(());
        };
        let permit = Permit::new(id, who, self.loaded.key.send_key(id), attempt);
        self.effects.push(Effect::Send { channel, permit, message });
        Ok(())
    }

    fn closed(&mut self, who: ContactId, id: SendId) -> Did<()> {
        let loaded = self.loaded;
        let (person, kept) = self.person(who)?;
        let Some(send) = person.send(id).cloned() else { return Ok(()) };
        if send.state != Sending::Closed(Outcome::Sent) {
            return Ok(());
        }
        match (&send.spec, &send.channel) {
            (Some(Spec::Task(_)), _) => {
                let content = kept.contents.get(&id).cloned();
                if let Some(task) = content.and_then(|message| loaded.task(person, &send, &message)) {
                    kept.tasks.push(task);
                }
            }
            (_, Some(channel)) if loaded.is_local(channel) => {
                kept.mailbox.insert(id);
            }
            _ => {}
        }
        Ok(())
    }

    /// The channel's answer, noted as an attempt where it is not simply accepted.
    pub(super) fn received(&mut self, who: ContactId, send: SendId, attempt: Attempt, receipt: &Receipt) -> Did<()> {
        let kept = self.person(who)?;
        // an answer that comes twice, or to an attempt that was given up, changes nothing
        if kept.0.send(send).is_none_or(|send| send.state != Sending::InFlight(attempt)) {
            return Ok(());
        }
        // its words may name them
        if kept.0.contact.erased_at.is_some() {
            return Ok(());
        }
        let (word, detail) = match receipt {
            Receipt::Accepted { .. } => return Ok(()),
            Receipt::NotSent { permanent: true, why, .. } => ("permanent", why.clone()),
            Receipt::NotSent { why, .. } => ("not_sent", why.clone()),
            Receipt::Unknown => ("unknown", "the answer was lost".into()),
        };
        kept.1.attempts.push((send, attempt.number, word.into(), detail));
        Ok(())
    }

    /// Writes what changed of one person so far.
    pub(super) fn write(&mut self, who: ContactId) -> Did<()> {
        let (now, ids) = (self.now, self.ids);
        let seat = self.seat_of(who).and_then(|seat| self.people.get_mut(seat));
        let Some((person, kept)) = seat else { return Ok(()) };
        if kept.is_empty() {
            return Ok(());
        }
        self.turn.record(&Changes { person, kept, ids, now })?;
        *kept = Kept::default();
        Ok(())
    }

    /// Writes everybody, commits, and only then lets the effects out.
    pub(super) fn close(mut self) -> Did<(Vec<Effect>, Vec<Note>)> {
        let who: Vec<ContactId> = self.seats.keys().copied().collect();
        for id in who {
            self.write(id)?;
        }
        for by in &self.paced {
            if let Some(pace) = self.world.paces.get(by) {
                self.turn.keep_pace(by, *pace)?;
            }
        }
        self.turn.commit()?;
        Ok((self.effects, self.notes))
    }
}

impl Kept {
    fn touch_send(&mut self, send: SendId) {
        if !self.new_sends.contains(&send) {
            self.sends.insert(send);
        }
    }
}
