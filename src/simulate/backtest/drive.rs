//! One version of a project through everything that was recorded. People come in as they do in production, time jumps from
//! one due moment to the next, and every channel takes what it is given. Compares nothing.
use super::{BacktestFault, Fate, Named, Past, Played, Recorded, Sent, Somebody, Tape};
use crate::{
    calendar::{Instant, Span},
    engine::{Changes, Done, MemoryStore, Note, Store, Told, Turn, Work},
    id::{ContactId, DedupeKey, EventKind, SourceName},
    inbound::{self, Headers},
    journey::{Outcome, Sending, WEBHOOKS},
    plan::{Plan, Secret, Source, SourceProvider},
    record::{Delivery, News, Parsed, Who},
    simulate::{
        Driver,
        audience::{Kind, Steps},
        driver::outward,
        supposed,
    },
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// Where events of a file come in when the project has no source for them.
const SOURCE: &str = "backtest";
/// Share of the way, in thousandths, that the recorded part is; what follows of it is the rest.
const RECORDED: u64 = 800;

struct Stage {
    plan: Arc<Plan>,
    driver: Driver<MemoryStore>,
    steps: Steps,
    events: SourceName,
    played: Played,
}

/// Plays everything, then lets time pass until nothing is due, at most for `length` after the last of it. `progress` is told
/// how much is done, in thousandths.
pub(crate) fn play(
    plan: &Arc<Plan>,
    tape: &Tape,
    length: Span,
    progress: &mut dyn FnMut(u32),
) -> Result<Played, BacktestFault> {
    let (Some(first), Some(last)) = (tape.recorded.first(), tape.recorded.last()) else {
        return Err(BacktestFault::Nothing);
    };
    let (plan, events) = prepared(plan);
    let driver = Driver::new(MemoryStore::new(), plan.clone(), first.at)?;
    let steps = Steps::of(&plan);
    let mut stage = Stage { plan, driver, steps, events, played: Played::begun(first.at) };
    stage.seat(tape)?;
    let all = tape.recorded.len() as u64;
    for (done, recorded) in tape.recorded.iter().enumerate() {
        stage.pass(recorded.at)?;
        let fate = stage.happen(recorded)?;
        stage.played.fates.push(fate);
        stage.listen();
        progress((done as u64 * RECORDED / all) as u32);
    }
    let until = stage.plan.zone.add(last.at, length);
    stage.pass(until)?;
    progress(1_000);
    stage.close(until)
}

/// Nothing is asked of anybody, every message leaves, and events of a file have a source to come in by.
fn prepared(plan: &Arc<Plan>) -> (Arc<Plan>, SourceName) {
    let plan = supposed::examples(&outward(plan));
    let known = plan.sources.iter().find(|(_, source)| source.provider == SourceProvider::Events);
    if let Some((name, _)) = known {
        let name = name.clone();
        return (plan, name);
    }
    let name = SourceName::new(SOURCE);
    let source = Source {
        provider: SourceProvider::Events,
        secret: Secret::Variable(Arc::from("BACKTEST")),
        kinds: BTreeMap::new(),
        map: BTreeMap::new(),
        clinic: None,
        link: None,
    };
    let mut plan = Plan::clone(&plan);
    plan.sources.insert(name.clone(), source);
    (Arc::new(plan), name)
}

impl Stage {
    /// Puts everybody in who was there before.
    fn seat(&mut self, tape: &Tape) -> Result<(), BacktestFault> {
        let now = self.driver.now;
        for (id, known) in &tape.people {
            let (person, kept) = known.clone().person(*id);
            let mut turn = self.driver.store.turn(&self.plan)?;
            let ids = turn.ids()?;
            turn.record(&Changes { person: &person, kept: &kept, ids, now })?;
            turn.commit()?;
            self.met(*id);
        }
        if !self.plan.standing().is_empty() {
            self.driver.store.begin_rounds(&self.plan, now);
        }
        Ok(())
    }

    fn met(&mut self, who: ContactId) {
        let nobody = || Somebody { name: None, identities: Vec::new(), sent: Vec::new() };
        self.played.people.entry(who).or_insert_with(nobody);
    }

    /// Lets time pass.
    fn pass(&mut self, until: Instant) -> Result<(), BacktestFault> {
        while let Some(wake) = self.driver.next_wake()?.filter(|wake| *wake <= until) {
            self.driver.now = self.driver.now.max(wake);
            self.driver.settle()?;
            self.listen();
        }
        Ok(())
    }

    fn happen(&mut self, recorded: &Recorded) -> Result<Fate, BacktestFault> {
        self.driver.now = self.driver.now.max(recorded.at);
        self.driver.store.seat(recorded.seat);
        let work = match &recorded.what {
            Past::Request { source, body } => {
                let source = source.as_ref().unwrap_or(&self.events);
                match inbound::receive_trusted(&self.plan, source, &Headers::default(), body, recorded.at) {
                    Ok(delivery) => return self.deliver(delivery),
                    Err(rejected) => return Ok(Fate::Refused(Arc::from(rejected.to_string()))),
                }
            }
            Past::Clicked { who, data } => {
                let delivery = clicked(who, data, recorded);
                return if self.knows(who)? { self.deliver(delivery) } else { Ok(Fate::Nobody) };
            }
            Past::Ordered(who, order) if self.knows(who)? => Work::Ordered(who.id, order.clone()),
            Past::Ordered(..) => return Ok(Fate::Nobody),
            Past::Campaign { name, order, actor } => {
                Work::Campaign { name: name.clone(), order: *order, actor: actor.clone() }
            }
        };
        Ok(match self.driver.work(work)? {
            Done::Ignored => Fate::Ignored,
            _ => Fate::Taken,
        })
    }

    fn deliver(&mut self, delivery: Delivery) -> Result<Fate, BacktestFault> {
        let not_understood = match &delivery.parsed {
            Parsed::Quarantined(why) => Some(Arc::from(why.as_str())),
            _ => None,
        };
        Ok(match self.driver.work(Work::Delivered(delivery))? {
            Done::Seen => Fate::Repeated,
            Done::Ignored => Fate::Ignored,
            Done::Quarantined => not_understood.map_or(Fate::Nobody, Fate::Refused),
            _ => Fate::Taken,
        })
    }

    /// Is the person of this number the one who is meant?
    fn knows(&mut self, who: &Named) -> Result<bool, BacktestFault> {
        let person = self.driver.person(who.id)?;
        let shared = |identities: &[_]| who.identities.iter().any(|identity| identities.contains(identity));
        Ok(person.is_some_and(|person| who.identities.is_empty() || shared(&person.identities)))
    }

    /// Writes down what was told since the last time.
    fn listen(&mut self) {
        for note in std::mem::take(&mut self.driver.notes) {
            self.met(note.contact);
            self.note(&note);
        }
        self.driver.left.clear();
    }

    fn note(&mut self, note: &Note) {
        let Told::Outcome { send, sequence, step, channel, outcome, .. } = &note.told else { return };
        let Outcome::Sent = outcome else {
            let word = match outcome {
                Outcome::Skipped(_) => "skipped",
                Outcome::Failed(_) => "failed",
                Outcome::Cancelled(_) => "cancelled",
                _ => "unknown",
            };
            let why = outcome.reason().map_or_else(|| word.to_owned(), |why| format!("{word}: {why}"));
            *self.played.unsent.entry(Arc::from(why)).or_default() += 1;
            return;
        };
        let (Some(channel), Some((_, message))) = (channel, self.driver.left.get(send)) else { return };
        if channel.as_str() == WEBHOOKS {
            return;
        }
        let sent = Sent {
            at: note.at,
            sequence: sequence.clone(),
            step: step.clone(),
            channel: channel.clone(),
            staff: self.steps.kind(sequence.as_ref(), step) != Kind::Message,
            subject: message.subject.as_deref().map(Arc::from),
            text: Arc::from(self.driver.as_written(*send, message)),
        };
        if let Some(somebody) = self.played.people.get_mut(&note.contact) {
            somebody.sent.push(sent);
        }
    }

    /// Who they all are by now, and what is left.
    fn close(mut self, until: Instant) -> Result<Played, BacktestFault> {
        let due = self.driver.next_wake()?;
        self.played.until = if due.is_some() { until } else { self.driver.now };
        let everybody: Vec<ContactId> = self.played.people.keys().copied().collect();
        for id in everybody {
            let Some(person) = self.driver.person(id)? else { continue };
            let held = person.sends.iter().filter(|send| matches!(send.state, Sending::Held(_)));
            self.played.held += held.count() as u64;
            self.played.inside += person.runs.iter().filter(|run| run.cursor().is_some()).count() as u64;
            if let Some(somebody) = self.played.people.get_mut(&id) {
                somebody.name = person.contact.full_name().map(Arc::from);
                somebody.identities = person.identities.to_vec();
            }
        }
        Ok(self.played)
    }
}

fn clicked(who: &Named, data: &BTreeMap<Arc<str>, Value>, recorded: &Recorded) -> Delivery {
    let news = News {
        kind: EventKind::new("message.clicked"),
        at: recorded.at,
        who: Some(Who { known: Some(who.id), ..Who::default() }),
        booking: None,
        data: data.clone(),
        contact: BTreeMap::new(),
    };
    Delivery {
        source: SourceName::new(SOURCE),
        dedupe: DedupeKey::from(format!("click|{}|{}", who.id, recorded.at.0)),
        received_at: recorded.at,
        raw: Arc::from(&b""[..]),
        parsed: Parsed::News(vec![news]),
        remarks: Vec::new(),
    }
}
