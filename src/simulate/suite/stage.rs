//! One case on the virtual clock: the people are put in, what the story says happens at its time, and everything that came
//! of it is written down as lines. Judges nothing.
use super::{
    Breach, Coverage, House, Line, LineWord, deliver,
    record::{Book, Seen},
};
use crate::{
    calendar::{Instant, Span, Zone},
    content::Templates,
    engine::{CampaignOrder, Did, Done, Kept, Loaded, MemoryStore, Work},
    id::{ChannelName, ContactId, EventKind, FieldName, RunId, SequenceName, StepName},
    journey::{Order, Person, Receipt},
    plan::{
        Act, Plan, Supposed,
        suite::{Actor, At, Fault, Scenario, Suite, Then, What, When},
    },
    record::{ConsentEntry, ConsentState, Contact, Parsed, Purpose},
    simulate::driver::{Driver, outward},
    value::Value,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A story that says no end is cut so long after the last thing that happens in it.
const HORIZON: Span = Span { months: 13, days: 0, ms: 0 };
/// So long after its last moment a story goes on, for what must not come.
const AFTERWARDS: Span = Span::days(1);
/// Turns at one moment; beyond it something wakes itself without end.
const ROUNDS: usize = 2_000;
/// A provider that asks us to wait.
const RETRY_AFTER_MS: u64 = 60_000;

/// An event and what it tells.
type Told = (EventKind, BTreeMap<Arc<str>, Value>);

/// Which case of a scenario is played.
pub(super) struct Setting<'a> {
    pub(super) suite: &'a Suite,
    pub(super) scenario: &'a Scenario,
    pub(super) plan: &'a Arc<Plan>,
    pub(super) versions: &'a BTreeMap<Arc<str>, Arc<Plan>>,
    pub(super) start: Instant,
    pub(super) zone: Zone,
    pub(super) ready: &'a Ready,
    /// What can be come to, not counted yet.
    pub(super) spots: &'a Coverage,
}

/// The plan as stories play it, with its texts compiled: once for all cases of a scenario.
pub(super) struct Ready {
    plan: Arc<Plan>,
    templates: Arc<Templates>,
}

impl Ready {
    pub(super) fn of(plan: &Arc<Plan>) -> Self {
        let plan = outward(plan);
        let templates = Loaded::texts_of(&plan);
        Self { plan, templates }
    }
}

/// Everything that came of a case.
pub(super) struct Played {
    pub(super) book: Book,
    pub(super) breaches: Vec<Breach>,
    pub(super) until: Instant,
}

pub(super) struct Stage<'a, H: House> {
    setting: &'a Setting<'a>,
    house: &'a mut H,
    /// Gone only while the process restarts.
    driver: Option<Driver<H::Store>>,
    cast: BTreeMap<Arc<str>, ContactId>,
    /// Notes that were looked at.
    looked: usize,
    book: Book,
    breaches: Vec<Breach>,
    /// How often each look-up was asked.
    asked: BTreeMap<Arc<str>, usize>,
    /// Runs under test that are not over, and whether there ever was one.
    open: BTreeSet<RunId>,
    began: bool,
}

/// Plays a case. What fails in the machinery is a breach of the case, so that the others still run.
pub(super) fn play<H: House>(house: &mut H, setting: &Setting<'_>) -> Played {
    let mut stage = match Stage::new(house, setting) {
        Ok(stage) => stage,
        Err(broken) => {
            let breaches = vec![Breach::Broken(Arc::from(broken.to_string()))];
            return Played {
                book: Book::new(setting.zone.clone(), Coverage::default()),
                breaches,
                until: setting.start,
            };
        }
    };
    if let Err(broken) = stage.story() {
        stage.breaches.push(Breach::Broken(Arc::from(broken.to_string())));
    }
    // a restart that failed leaves none
    let until = stage.driver.as_ref().map_or(setting.start, |driver| driver.now);
    Played { book: stage.book, breaches: stage.breaches, until }
}

impl<'a, H: House> Stage<'a, H> {
    fn new(house: &'a mut H, setting: &'a Setting<'a>) -> Did<Self> {
        let store = house.fresh()?;
        let Ready { plan, templates } = setting.ready;
        let driver = Driver::with(store, plan.clone(), templates.clone(), setting.start)?.answering(answers(setting));
        let book = Book::new(setting.zone.clone(), setting.spots.clone());
        let mut stage = Self {
            setting,
            house,
            driver: Some(driver),
            cast: BTreeMap::new(),
            looked: 0,
            book,
            breaches: Vec::new(),
            asked: BTreeMap::new(),
            open: BTreeSet::new(),
            began: false,
        };
        stage.seat()?;
        stage.suppose();
        Ok(stage)
    }

    fn driver(&mut self) -> &mut Driver<H::Store> {
        self.driver.as_mut().unwrap_or_else(|| unreachable!("a restart puts the driver back"))
    }

    fn now(&mut self) -> Instant {
        self.driver().now
    }

    // --- people -------------------------------------------------------------------------------------------------------

    fn seat(&mut self) -> Did<()> {
        let own = &self.setting.scenario.people;
        let replaced = |actor: &&Actor| !own.iter().any(|other| other.name == actor.name);
        let people: Vec<Actor> = self.setting.suite.people.iter().filter(replaced).chain(own).cloned().collect();
        for (at, actor) in people.iter().enumerate() {
            let id = ContactId(i64::try_from(at).unwrap_or(i64::MAX) + 1);
            let (person, kept) = person(actor, id, self.setting);
            self.driver().seed(&person, &kept)?;
            self.book.meets(id, Some(actor.name.clone()), &person, self.setting.plan);
            self.cast.insert(actor.name.clone(), id);
        }
        // they were there before: triggers that no event sets off have looked at each of them
        let seated: Vec<ContactId> = self.cast.values().copied().collect();
        for id in seated {
            self.turn(Work::Due(id))?;
        }
        Ok(())
    }

    // --- time ---------------------------------------------------------------------------------------------------------

    fn story(&mut self) -> Did<()> {
        let Setting { scenario, start, zone, .. } = self.setting;
        let mut happening: Vec<(Instant, usize, &When)> =
            scenario.when.iter().enumerate().map(|(at, when)| (when.at.first(*start, zone), at, when)).collect();
        happening.sort_by_key(|(at, number, _)| (*at, *number));
        self.settle()?;
        for (at, number, when) in &happening {
            self.pass(*at, |_| false)?;
            self.happens(*number, when)?;
            if self.is_over() {
                return Ok(());
            }
        }
        let last = happening.last().map_or(*start, |(at, ..)| *at);
        let (asked, open_ended) = self.asked_until();
        let end = if open_ended { zone.add(last, HORIZON) } else { zone.add(asked.max(last), AFTERWARDS) };
        // a story that waits for the first run to begin is not over
        self.pass(end.max(asked), |stage| open_ended && stage.began && stage.open.is_empty() && stage.now() >= asked)
    }

    /// Until when the expectations ask, and whether one of them names no end.
    fn asked_until(&self) -> (Instant, bool) {
        let Setting { scenario, start, zone, .. } = self.setting;
        let mut until = *start;
        // what is to be written down first is looked at to its end
        let mut open_ended = scenario.then.is_empty();
        for Then { timing, .. } in &scenario.then {
            let past = |at: At| at.past(*start, zone);
            let within = timing.within.unwrap_or(Span::ZERO);
            let end = timing.at.map(|at| zone.add(past(at), within)).or_else(|| timing.by.map(past));
            open_ended |= end.is_none();
            for at in [end, timing.after.map(past), timing.not_before.map(past)].into_iter().flatten() {
                until = until.max(at);
            }
        }
        (until, open_ended)
    }

    fn pass(&mut self, until: Instant, enough: impl Fn(&mut Self) -> bool) -> Did<()> {
        while !self.is_over() && !enough(self) {
            let Some(wake) = self.driver().next_wake()?.filter(|wake| *wake <= until) else {
                let driver = self.driver();
                driver.now = driver.now.max(until);
                return Ok(());
            };
            let driver = self.driver();
            driver.now = driver.now.max(wake);
            self.settle()?;
        }
        Ok(())
    }

    /// Everything that is due at the present moment.
    fn settle(&mut self) -> Did<()> {
        let first = self.looked;
        for _ in 0..ROUNDS {
            if self.is_over() {
                return Ok(());
            }
            let now = self.now();
            if self.driver().next_wake()?.is_none_or(|wake| wake > now) {
                return Ok(());
            }
            self.turn(Work::Tick)?;
        }
        self.goes_round(first);
        Ok(())
    }

    /// A turn, and what came of it as lines.
    fn turn(&mut self, work: Work) -> Did<Done> {
        let first = self.looked;
        let (mut done, ended) = self.driver().turns(vec![work])?;
        self.look()?;
        if !ended {
            self.goes_round(first);
        }
        Ok(done.pop().unwrap_or(Done::Carried))
    }

    /// What repeats in the lines since then.
    fn goes_round(&mut self, first: usize) {
        if self.is_over() {
            return;
        }
        let at = self.now();
        let lines = self.book.lines.iter().rev().take(ROUNDS.min(self.looked - first));
        let mut round: Vec<Arc<str>> = Vec::new();
        for line in lines {
            let name = match (&line.word, &line.sequence, &line.step) {
                (LineWord::Entered { by: Some(trigger) }, ..) => format!("trigger {trigger}"),
                (_, Some(sequence), Some(step)) => format!("{sequence}/{step}"),
                _ => continue,
            };
            if !round.iter().any(|known| **known == *name) {
                round.push(Arc::from(name));
            }
        }
        round.reverse();
        self.breaches.push(Breach::Loops { at, round });
    }

    fn is_over(&self) -> bool {
        self.breaches.iter().any(Breach::stops)
    }

    fn work(&mut self, work: Work) -> Did<Done> {
        let done = self.turn(work)?;
        self.settle()?;
        Ok(done)
    }

    // --- what happens -------------------------------------------------------------------------------------------------

    fn happens(&mut self, number: usize, when: &When) -> Did<()> {
        let at = self.now();
        let who = when.who.as_ref().and_then(|name| self.cast.get(name).copied());
        self.book.did(at, who, number, when);
        let told = match (&when.what, who) {
            (What::Restart, _) => return self.restart(),
            (What::Deploy(version), _) => return self.deploy(number, version),
            (What::Clock(jump), _) => {
                let zone = self.setting.zone.clone();
                self.driver().now = zone.add(at, *jump);
                return self.settle();
            }
            (What::Launch(campaign), _) => {
                let (name, order) = (campaign.clone(), CampaignOrder::Launch);
                return self.work(Work::Campaign { name, order, actor: Arc::from("suite") }).map(|_| ());
            }
            (What::Webhook { source, bytes, .. }, who) => self.webhook(number, source, bytes, who)?,
            (What::Import { rows, .. }, _) => self.import(number, rows)?,
            (what, Some(who)) => self.personal(number, what, who)?,
            (_, None) => Err(Arc::from("it is not said who")),
        };
        if let Err(why) = told {
            self.breaches.push(Breach::Intake { when: number, why });
        }
        Ok(())
    }

    /// Something that one person does, or that is done to them.
    fn personal(&mut self, number: usize, what: &What, who: ContactId) -> Did<Result<(), Arc<str>>> {
        let order = match what {
            What::OptOut(channel) => Some(Order::OptOut {
                channel: channel.clone(),
                purpose: None,
                basis: Arc::from("link"),
                source: None,
                actor: Arc::from("contact"),
            }),
            What::Enroll(sequence) => Some(Order::Enrol(sequence.clone())),
            What::Advance(sequence) => Some(Order::Advance(sequence.clone())),
            What::Stop(sequence) => Some(Order::Stop { sequence: sequence.clone(), actor: Arc::from("suite") }),
            _ => None,
        };
        if let Some(order) = order {
            self.work(Work::Ordered(who, order))?;
            return Ok(Ok(()));
        }
        let Some(person) = self.driver().person(who)? else { return Ok(Err(Arc::from("nobody is there any more"))) };
        let (at, zone, none) = (self.now(), self.setting.zone.clone(), BTreeMap::new());
        let (kind, data) = match what {
            What::Event { kind, data, booking } => {
                let told = deliver::Told { kind, data, booking, number, zone: &zone, at };
                return match deliver::event(&person, &told) {
                    Ok(delivery) => self.work(Work::Delivered(delivery)).map(|done| taken(&done)),
                    Err(why) => Ok(Err(why)),
                };
            }
            What::Set(fields) => return self.edit(&person, fields.clone(), number),
            What::Tag { add, remove } => {
                let mut tags = person.contact.tags.clone();
                tags.extend(add.iter().cloned());
                tags.retain(|tag| !remove.contains(tag));
                let tags = Value::List(tags.into_iter().map(Value::Text).collect());
                return self.edit(&person, [(FieldName::new("tags"), tags)].into(), number);
            }
            _ => match self.of_message(what, who) {
                Ok(told) => told,
                Err(why) => return Ok(Err(why)),
            },
        };
        let told = deliver::Told { kind: &kind, data: &data, booking: &none, number, zone: &zone, at };
        match deliver::event(&person, &told) {
            Ok(delivery) => self.work(Work::Delivered(delivery)).map(|done| taken(&done)),
            Err(why) => Ok(Err(why)),
        }
    }

    /// What a person, or a provider, does with a message that was sent.
    fn of_message(&self, what: &What, who: ContactId) -> Result<Told, Arc<str>> {
        let sent = |step: Option<&StepName>| {
            let lines = self.book.lines.iter().rev();
            let name = self.book.name(who);
            lines
                .filter(|line| line.word == LineWord::Sent && line.who == name)
                .find(|line| step.is_none_or(|step| line.step.as_ref() == Some(step)))
        };
        let of = |step: &StepName| {
            let line =
                sent(Some(step)).ok_or_else(|| Arc::<str>::from(format!("no message of \"{step}\" was sent yet")))?;
            let channel = line.channel.clone().ok_or_else(|| Arc::<str>::from("it went by no channel"))?;
            Ok::<_, Arc<str>>((line, channel))
        };
        Ok(match what {
            What::Reply { text, channel } => {
                let last = || sent(None).and_then(|line| line.channel.clone());
                let first = || self.setting.plan.policies.preferred.first().cloned();
                let channel = channel.clone().or_else(last).or_else(first);
                let channel = channel.ok_or_else(|| Arc::<str>::from("say by which channel: nothing was sent yet"))?;
                deliver::of_message("message.received", &channel, &[("text", Value::text(&**text))])
            }
            What::Click(step) => {
                let (line, channel) = of(step)?;
                if !self.counts_links(line) {
                    return Err(Arc::from(format!("links of \"{step}\" are not counted: it has no `track: true`")));
                }
                let link = line.text.as_deref().and_then(first_link);
                let link = link.ok_or_else(|| Arc::<str>::from(format!("the message of \"{step}\" has no link")))?;
                let names =
                    [line.sequence.as_ref().map(SequenceName::as_str), line.step.as_ref().map(StepName::as_str)];
                let mut data = vec![("link", Value::text(link))];
                data.extend(
                    ["sequence", "step"]
                        .into_iter()
                        .zip(names)
                        .filter_map(|(key, name)| Some((key, Value::text(name?)))),
                );
                deliver::of_message("message.clicked", &channel, &data)
            }
            What::Bounce(step) => deliver::of_message("message.bounced", &of(step)?.1, &[]),
            What::Complain(step) => deliver::of_message("message.complained", &of(step)?.1, &[]),
            What::Approve(step) | What::Refuse(step) => {
                return Err(Arc::from(format!("nothing of \"{step}\" waits for an approval")));
            }
            _ => return Err(Arc::from("this cannot happen to a person")),
        })
    }

    fn counts_links(&self, line: &Line) -> bool {
        let plan = self.setting.plan;
        let found = || {
            let sequence = plan.sequences.get(line.sequence.as_ref()?)?;
            sequence.step(sequence.position(line.step.as_ref()?)?)
        };
        found().is_some_and(|step| matches!(&step.act, Act::Message(spec) if spec.track))
    }

    fn edit(
        &mut self,
        person: &Person,
        fields: BTreeMap<FieldName, Value>,
        number: usize,
    ) -> Did<Result<(), Arc<str>>> {
        let at = self.now();
        let delivery = deliver::edit(person, fields, number, at);
        self.work(Work::Delivered(delivery)).map(|done| taken(&done))
    }

    fn webhook(
        &mut self,
        number: usize,
        source: &crate::id::SourceName,
        bytes: &[u8],
        who: Option<ContactId>,
    ) -> Did<Result<(), Arc<str>>> {
        let at = self.now();
        let plan = self.driver().plan().clone();
        let delivery = match deliver::webhook(&plan, source, bytes, number, at) {
            Ok(delivery) => delivery,
            Err(why) => return Ok(Err(why)),
        };
        if let Parsed::Quarantined(why) = &delivery.parsed {
            return Ok(Err(Arc::from(format!("it was not understood: {why}"))));
        }
        let done = self.work(Work::Delivered(delivery))?;
        Ok(match (done, who) {
            (Done::Accepted(them), Some(who)) if !them.contains(&who) => {
                let names: Vec<String> =
                    them.iter().filter_map(|id| self.book.name(*id)).map(|name| name.to_string()).collect();
                Err(Arc::from(format!("it was about {}", names.join(", "))))
            }
            (done, _) => taken(&done),
        })
    }

    fn import(&mut self, number: usize, rows: &[BTreeMap<FieldName, Value>]) -> Did<Result<(), Arc<str>>> {
        for (row, fields) in rows.iter().enumerate() {
            let mut person = Person::new(Contact::new(ContactId(0), self.now()));
            person.identities = deliver::identities(fields).into();
            if person.identities.is_empty() {
                return Ok(Err(Arc::from(format!("row {} names no e-mail and no phone", row + 1))));
            }
            // each row is a delivery of its own
            let number = number.saturating_mul(1_000_000).saturating_add(row + 1_000_000);
            if let Err(why) = self.edit(&person, fields.clone(), number)? {
                return Ok(Err(why));
            }
        }
        Ok(Ok(()))
    }

    fn restart(&mut self) -> Did<()> {
        if let Some(driver) = self.driver.take() {
            let house = &mut *self.house;
            self.driver = Some(driver.restart(|store| house.reopen(store))?);
        }
        self.look()?;
        self.settle()
    }

    fn deploy(&mut self, number: usize, version: &Arc<str>) -> Did<()> {
        match self.setting.versions.get(version) {
            Some(plan) => {
                let plan = outward(plan);
                self.driver().publish(plan)?;
                self.suppose();
                self.settle()
            }
            None => {
                let why = Arc::from(format!("there is no version \"{version}\""));
                self.breaches.push(Breach::Intake { when: number, why });
                Ok(())
            }
        }
    }

    // --- what came of it ----------------------------------------------------------------------------------------------

    /// Writes down what the last turn did.
    fn look(&mut self) -> Did<()> {
        let Some(driver) = self.driver.as_mut() else { return Ok(()) };
        let plan = driver.plan().clone();
        let new: Vec<_> = driver.notes[self.looked..].to_vec();
        self.looked = driver.notes.len();
        // the engine stopped it there: what the story expects afterwards would be judged by half of it
        let stopped = new.iter().find_map(|note| Some(Breach::Loops { at: note.at, round: note.told.goes_round()? }));
        let mut met = BTreeSet::new();
        let tested = &self.setting.suite.under_test;
        for note in &new {
            if met.insert(note.contact)
                && let Some(person) = driver.person(note.contact)?
            {
                self.book.meets(note.contact, None, &person, &plan);
            }
            let message = |send| {
                let (_, message) = driver.left.get(&send)?;
                Some(crate::content::Message { text: driver.as_written(send, message), ..message.clone() })
            };
            for seen in self.book.notes(note, &plan, message) {
                match seen {
                    Seen::Began(run, sequence) if tested.is_empty() || tested.contains(&sequence) => {
                        self.open.insert(run);
                        self.began = true;
                    }
                    Seen::Over(run) => {
                        self.open.remove(&run);
                    }
                    Seen::Asked(lookup) => *self.asked.entry(lookup).or_default() += 1,
                    Seen::Written(line) if self.setting.suite.model_forbidden => {
                        self.breaches.push(Breach::ModelAsked { line });
                    }
                    Seen::Began(..) | Seen::Written(_) => {}
                }
            }
        }
        for id in met {
            if let Some(person) = self.driver().person(id)? {
                let at = self.now();
                self.book.differs(id, &person.contact, at);
            }
        }
        self.breaches.extend(stopped.filter(|_| !self.is_over()));
        self.suppose();
        Ok(())
    }

    /// What each look-up answers next.
    fn suppose(&mut self) {
        let Setting { suite, scenario, .. } = self.setting;
        let plan = self.driver().plan().clone();
        let said = |name: &Arc<str>| scenario.lookups.get(name).or_else(|| suite.lookups.get(name));
        let faults = |name: &Arc<str>| scenario.lookup_faults.get(name).or_else(|| suite.lookup_faults.get(name));
        let next = |name: &Arc<str>| {
            let asked = self.asked.get(name).copied().unwrap_or(0);
            if faults(name)
                .and_then(|faults| faults.get(asked).or(faults.last()))
                .is_some_and(|fault| *fault != Fault::Ok)
            {
                return Some(Supposed::Failure);
            }
            let answers = said(name)?;
            answers.get(asked).or(answers.last()).cloned()
        };
        let names = plan.lookups.keys();
        let supposed = names.map(|name| (name.clone(), next(name).unwrap_or(Supposed::Example))).collect();
        self.driver().suppose(supposed);
    }
}

/// Whether a delivery reached somebody.
fn taken(done: &Done) -> Result<(), Arc<str>> {
    match done {
        Done::Quarantined => Err(Arc::from("it is about nobody that is known")),
        _ => Ok(()),
    }
}

/// The first address in a text.
fn first_link(text: &str) -> Option<&str> {
    let at = text.find("https://").or_else(|| text.find("http://"))?;
    text[at..].split(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | ']' | '"')).next()
}

/// What channels answer, as the faults of the case say: by attempt, the last repeats.
fn answers(setting: &Setting<'_>) -> crate::simulate::driver::Answer {
    let mut faults = setting.suite.faults.clone();
    faults.extend(setting.scenario.faults.clone());
    let mut tried: BTreeMap<ChannelName, usize> = BTreeMap::new();
    Box::new(move |channel, permit| {
        let tried = tried.entry(channel.clone()).or_default();
        let fault = faults.get(channel).and_then(|faults| faults.get(*tried).or(faults.last()));
        *tried += 1;
        let refused =
            |retry_after_ms, permanent, why| Receipt::NotSent { retry_after_ms, permanent, why: Arc::from(why) };
        match fault.copied().unwrap_or(Fault::Ok) {
            Fault::Ok => Receipt::Accepted { provider_id: Arc::from(permit.key.0.as_str()) },
            Fault::Timeout => refused(None, false, "no connection in time"),
            Fault::Http429 => refused(Some(RETRY_AFTER_MS), false, "too many requests (429)"),
            Fault::Http500 => refused(None, false, "error of the provider (500)"),
            Fault::Refuse => refused(None, true, "refused"),
            Fault::LostAnswer => Receipt::Unknown,
        }
    })
}

/// Somebody of a suite, as the store holds them before the story.
fn person(actor: &Actor, id: ContactId, setting: &Setting<'_>) -> (Person, Kept) {
    let before = setting.start.plus_ms(-90 * 24 * 3_600_000);
    let mut contact = Contact::new(id, before);
    contact.set(&FieldName::new("zone"), Value::text(setting.zone.name()));
    let identities = deliver::identities(&actor.fields);
    let stored = |name: &FieldName| !matches!(name.as_str(), "whatsapp" | "instagram" | "chatwoot" | "own");
    for (field, value) in actor.fields.iter().filter(|(name, _)| stored(name)) {
        contact.set(field, value.clone());
    }
    let mut person = Person::new(contact);
    let mut consents = Vec::new();
    for (channel, purpose) in
        actor.consent.iter().flat_map(|channel| [(channel, Purpose::Marketing), (channel, Purpose::Service)])
    {
        let entry = ConsentEntry {
            channel: Some(channel.clone()),
            purpose: Some(purpose),
            state: ConsentState::Confirmed,
            basis: Arc::from("suite"),
            text_version: None,
            source: None,
            actor: Arc::from("suite"),
            at: before,
        };
        person.touch.permits.fold(&entry);
        consents.push(entry);
    }
    person.identities = identities.clone().into();
    (person, Kept { is_new: true, contact: true, touch: true, identities, consents, ..Kept::default() })
}

/// A line that only says that something happened.
pub(super) fn bare(at: Instant, zone: Zone, word: LineWord) -> Line {
    Line {
        at,
        planned: None,
        who: None,
        zone,
        sequence: None,
        step: None,
        word,
        channel: None,
        to: None,
        subject: None,
        text: None,
        because: None,
        origin: None,
    }
}

impl House for super::Memory {
    type Store = MemoryStore;

    fn fresh(&mut self) -> Did<MemoryStore> {
        Ok(MemoryStore::with_key(self.0.clone()))
    }

    fn reopen(&mut self, store: MemoryStore) -> Did<MemoryStore> {
        Ok(store)
    }
}
