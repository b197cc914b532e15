//! Changes of the contact that set themselves off again, at one moment and for ever (S01).
//!
//! What they do to a person of whom nothing is known is played: a constant that is set again, or a tag that is there
//! already, changes nothing and ends it, whatever else sets it off. Only what is done in every case is played, so that who
//! goes round here would go round.
use super::{
    Seen, TriggerPair,
    loops::{Deed, Graph},
};
use crate::{
    calendar::{Instant, Zone},
    compile::found::time,
    diag::{Place, Sink},
    document::{Spanned, action::Local as Written},
    expr::{Ask, BookingQuery, Cond, Expr, Facts, Formula, Path},
    id::{ClinicName, ContactId, FieldName},
    journey::{FOLLOWING, Person, RunFacts},
    plan::{Border, Enrol, Local, Plan, ScoreChange, SetTo, TriggerSource},
    record::Contact,
    value::{Type, Value},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

const UPDATED: &str = "contact.updated";
/// Clinics for whose people it is played: what differs between them are the rules that name one.
const CLINICS: usize = 50;

/// What sets deeds off.
enum Root<'a> {
    Updated(Option<&'a Cond>),
    Crossed(&'a Cond, Border),
}

/// What happens in every case when that is so.
struct Play<'a> {
    root: Root<'a>,
    deeds: Vec<&'a Deed<'a>>,
}

/// The rules of the project by what leads to them.
struct Rules<'a> {
    seen: &'a Seen<'a>,
    endless: &'a BTreeSet<&'a str>,
    graph: &'a Graph<'a>,
    of_triggers: &'a BTreeMap<&'a str, Deed<'a>>,
    of_sequences: &'a BTreeMap<&'a str, Vec<Deed<'a>>>,
    on: BTreeMap<&'a str, Vec<&'a TriggerPair<'a>>>,
}

pub(super) fn check<'a>(
    seen: &'a Seen<'a>,
    endless: &'a BTreeSet<&'a str>,
    graph: &'a Graph<'a>,
    of_sequences: &'a BTreeMap<&'a str, Vec<Deed<'a>>>,
    sink: &mut Sink,
) {
    let of_triggers: BTreeMap<&str, Deed<'_>> =
        seen.triggers.iter().map(|pair| (pair.runs.name.as_str(), Deed::of_trigger(pair))).collect();
    let mut rules = Rules { seen, endless, graph, of_triggers: &of_triggers, of_sequences, on: BTreeMap::new() };
    for pair in seen.triggers.iter().filter(|pair| pair.runs.active) {
        if let TriggerSource::Events { events, without: None } = &pair.runs.source {
            for event in events {
                rules.on.entry(event.as_str()).or_default().push(pair);
            }
        }
    }
    let clinics: BTreeSet<Option<ClinicName>> =
        seen.plan.clinics.iter().take(CLINICS).map(|clinic| Some(clinic.id.clone())).collect();
    let mut told: BTreeSet<&Place> = BTreeSet::new();
    for clinic in &clinics {
        let plays = rules.plays(clinic.as_ref());
        // somebody changed everything about the person, or they crossed the border of one segment
        let crossed = (0..plays.len()).filter(|at| matches!(plays[*at].root, Root::Crossed(..))).map(Some);
        for (field, places) in
            [None].into_iter().chain(crossed).flat_map(|first| without_end(seen.plan, clinic.as_ref(), &plays, first))
        {
            let Some((first, others)) = places.split_first() else { continue };
            if told.insert(first) {
                sink.push(time::changes_without_end(first, &field, others));
            }
        }
    }
}

impl<'a> Rules<'a> {
    fn plays(&self, clinic: Option<&ClinicName>) -> Vec<Play<'a>> {
        let mut plays = Vec::new();
        for pair in self.seen.triggers.iter().filter(|pair| pair.runs.active && of(&pair.runs.clinics, clinic)) {
            let trigger = &*pair.runs;
            // what could not be read says nothing
            let readable = pair.written.if_.is_some() == trigger.cond.is_some();
            let decided = readable && trigger.cond.as_ref().is_none_or(is_decided);
            let root = match &trigger.source {
                TriggerSource::Events { events, without: None } if events.iter().any(|of| of.as_str() == UPDATED) => {
                    Root::Updated(trigger.cond.as_ref())
                }
                TriggerSource::Segment { segment, on } if trigger.cond.is_none() => {
                    let found = self.seen.plan.segments.get(segment).filter(|found| is_decided(&found.cond));
                    let Some(found) = found else { continue };
                    Root::Crossed(&found.cond, *on)
                }
                _ => continue,
            };
            if decided {
                plays.push(Play { root, deeds: self.all_of(pair, clinic) });
            }
        }
        plays
    }

    /// What a trigger does, and what follows from it without a condition and without a wait.
    fn all_of(&self, root: &'a TriggerPair<'a>, clinic: Option<&ClinicName>) -> Vec<&'a Deed<'a>> {
        let mut deeds = Vec::new();
        let mut been: BTreeSet<String> = BTreeSet::new();
        let mut ways: Vec<String> = self.ways_of(root, &mut deeds);
        while let Some(node) = ways.pop() {
            if !been.insert(node.clone()) {
                continue;
            }
            if let Some(event) = node.strip_prefix("event ").filter(|event| *event != UPDATED) {
                let here = self.on.get(event).into_iter().flatten();
                for pair in here.filter(|pair| pair.written.if_.is_none() && of(&pair.runs.clinics, clinic)) {
                    ways.extend(self.ways_of(pair, &mut deeds));
                }
            } else if let Some(name) = node.strip_prefix("sequence ") {
                let found = self.seen.plan.sequences.get(name).filter(|found| of(&found.clinics, clinic));
                if found.is_some() {
                    deeds.extend(self.of_sequences.get(name).into_iter().flatten());
                    ways.extend(self.graph.get(&node).into_iter().flatten().map(|(to, _)| to.clone()));
                }
            }
        }
        deeds
    }

    fn ways_of(&self, pair: &'a TriggerPair<'a>, deeds: &mut Vec<&'a Deed<'a>>) -> Vec<String> {
        deeds.extend(self.of_triggers.get(pair.runs.name.as_str()));
        let emitted = pair.runs.acts.iter().filter_map(|act| match act {
            Local::Emit { event, .. } => Some(format!("event {event}")),
            _ => None,
        });
        let enrolled = match &pair.runs.enrol {
            Some(Enrol::One(to)) if self.endless.contains(to.as_str()) => Some(format!("sequence {to}")),
            _ => None,
        };
        emitted.chain(enrolled).collect()
    }
}

fn of(clinics: &[ClinicName], clinic: Option<&ClinicName>) -> bool {
    clinics.is_empty() || clinic.is_some_and(|clinic| clinics.contains(clinic))
}

/// Whether the person's own fields, and which of them changed, decide it.
fn is_decided(cond: &Cond) -> bool {
    cond.asks().is_empty() && is_known(cond.paths(), cond.tree())
}

fn is_known(paths: &BTreeSet<Path>, tree: &Expr) -> bool {
    let known = |path: &Path| match path.parts() {
        [root, ..] if &**root == "contact" => true,
        [root, part] => matches!((&**root, &**part), ("event", "fields") | ("clinic", "id")),
        _ => false,
    };
    let mut alone = true;
    tree.visit(&mut |part| alone &= !matches!(part, Expr::InSequence(_) | Expr::HasBooking(_) | Expr::Ask(_)));
    alone && paths.iter().all(known)
}

// --- the play -----------------------------------------------------------------------------------------------------------

/// Fields that change for ever, each with the places that change it. `first` is the border that is crossed.
fn without_end<'a>(
    plan: &Plan,
    clinic: Option<&ClinicName>,
    plays: &[Play<'a>],
    first: Option<usize>,
) -> Vec<(String, Vec<&'a Place>)> {
    let acts: usize = plays.iter().flat_map(|play| &play.deeds).map(|deed| deed.acts.len()).sum();
    let enough = FOLLOWING as usize + 2 * acts;
    let mut stage = Stage::new(plan, clinic);
    let mut inside: Vec<bool> = Vec::new();
    for (at, play) in plays.iter().enumerate() {
        inside.push(match play.root {
            Root::Crossed(_, on) if first == Some(at) => on == Border::Entry,
            Root::Crossed(cond, _) => stage.holds(cond, &[]),
            Root::Updated(_) => false,
        });
    }
    for (at, play) in plays.iter().enumerate() {
        if first.map_or(matches!(play.root, Root::Updated(_)), |first| first == at) {
            stage.does(play, 0);
        }
    }
    for turn in 1..=enough {
        if let Some(fields) = stage.queue.pop_front() {
            let meant = |play: &&Play<'_>| match play.root {
                Root::Updated(cond) => cond.is_none_or(|cond| stage.holds(cond, &fields)),
                Root::Crossed(..) => false,
            };
            let meant: Vec<&Play<'_>> = plays.iter().filter(meant).collect();
            for play in meant {
                stage.does(play, turn);
            }
            continue;
        }
        let mut crossed = false;
        for (play, inside) in plays.iter().zip(&mut inside) {
            let Root::Crossed(cond, on) = play.root else { continue };
            let was = std::mem::replace(inside, stage.holds(cond, &[]));
            if was != *inside && *inside == (on == Border::Entry) {
                crossed = true;
                stage.does(play, turn);
            }
        }
        if !crossed && stage.queue.is_empty() {
            return Vec::new();
        }
    }
    // what changed last in the first half has come to rest
    let lasting = stage.changed.into_iter().filter(|(_, last)| *last > enough / 2);
    let mut found: BTreeMap<String, Vec<&Place>> = BTreeMap::new();
    for ((field, place), _) in lasting {
        found.entry(field).or_default().push(place);
    }
    found.into_iter().collect()
}

struct Stage<'a, 'p> {
    plan: &'p Plan,
    person: Person,
    now: Instant,
    queue: VecDeque<Vec<FieldName>>,
    /// When each place changed a field last.
    changed: BTreeMap<(String, &'a Place), usize>,
}

impl<'a, 'p> Stage<'a, 'p> {
    fn new(plan: &'p Plan, clinic: Option<&ClinicName>) -> Self {
        let now = Instant(0);
        let mut contact = Contact::new(ContactId(0), now);
        for (field, declared) in &plan.fields {
            let zero = match &declared.of {
                Type::Integer => Value::Int(0),
                Type::Number => Value::Num(0.0),
                _ => Value::Missing,
            };
            contact.set(field, declared.default.clone().unwrap_or(zero));
        }
        contact.clinic = clinic.cloned();
        Self { plan, person: Person::new(contact), now, queue: VecDeque::new(), changed: BTreeMap::new() }
    }

    fn holds(&self, cond: &Cond, fields: &[FieldName]) -> bool {
        cond.eval(&self.facts(fields)).unwrap_or(false)
    }

    fn facts(&self, fields: &[FieldName]) -> Changed<'_> {
        let fields = Value::List(fields.iter().map(|field| Value::text(field.as_str())).collect());
        Changed { of: RunFacts::of_person(self.plan, &self.person, self.now), fields }
    }

    fn does(&mut self, play: &Play<'a>, turn: usize) {
        for deed in &play.deeds {
            let mut changed = Vec::new();
            for act in &deed.acts {
                changed.extend(self.act(act));
            }
            for field in &changed {
                let places = deed.places.iter().filter(|(name, _)| **name == *field.as_str());
                for (name, place) in places {
                    self.changed.insert((name.clone(), place), turn);
                }
            }
            if !changed.is_empty() {
                self.queue.push_back(changed);
            }
        }
    }

    /// The field that the act changed, as the engine does it; none where that is not known.
    fn act(&mut self, act: &Local) -> Option<FieldName> {
        let contact = &mut self.person.contact;
        match act {
            Local::Tag { add, remove } => {
                let before = contact.tags.clone();
                contact.tags.extend(add.iter().cloned());
                contact.tags.retain(|tag| !remove.contains(tag));
                (contact.tags != before).then(|| FieldName::new("tags"))
            }
            Local::Score(change) => {
                let score = match change {
                    ScoreChange::Add(points) => contact.score.saturating_add(*points),
                    ScoreChange::Set(points) => *points,
                };
                (std::mem::replace(&mut contact.score, score) != score).then(|| FieldName::new("score"))
            }
            Local::Set(field, to) => {
                let value = self.value(field, to)?;
                self.person.contact.set(field, value).then(|| field.clone())
            }
            Local::Emit { .. } | Local::StopSequences(_) => None,
        }
    }

    fn value(&self, field: &FieldName, to: &SetTo) -> Option<Value> {
        match to {
            SetTo::Value(value) => Some(value.clone()),
            SetTo::Formula(formula) => {
                let known = |formula: &Formula| formula.asks().is_empty() && is_known(formula.paths(), formula.tree());
                known(formula).then(|| formula.eval(&self.facts(&[])).ok()).flatten()
            }
            SetTo::List { add, remove } => Some(SetTo::listed(self.person.contact.field(field.as_str()), add, remove)),
        }
    }
}

/// A person whose fields have just changed.
struct Changed<'a> {
    of: RunFacts<'a>,
    fields: Value,
}

impl Facts for Changed<'_> {
    fn now(&self) -> Instant {
        self.of.now()
    }

    fn zone(&self) -> &Zone {
        self.of.zone()
    }

    fn get(&self, path: &[Arc<str>]) -> Value {
        match path {
            [root, part] if &**root == "event" && &**part == "fields" => self.fields.clone(),
            _ => self.of.get(path),
        }
    }

    fn has_tag(&self, tag: &str) -> bool {
        self.of.has_tag(tag)
    }

    fn in_sequence(&self, _: &str) -> bool {
        false
    }

    fn has_booking(&self, _: &BookingQuery) -> bool {
        false
    }

    fn answer(&self, _: &Ask) -> Option<Value> {
        None
    }
}

impl<'a> Deed<'a> {
    fn of_trigger(pair: &'a TriggerPair<'a>) -> Self {
        Self { acts: pair.runs.acts.clone(), places: places(&pair.written.do_) }
    }
}

/// Which fields these actions change, and where that is written.
pub(super) fn places(written: &[Spanned<Written>]) -> Vec<(String, &Place)> {
    written.iter().flat_map(|local| place_of(&local.value, &local.place)).collect()
}

pub(super) fn place_of<'a>(local: &'a Written, place: &'a Place) -> Vec<(String, &'a Place)> {
    match local {
        Written::Tag(_) => vec![("tags".to_owned(), place)],
        Written::Score(_) => vec![("score".to_owned(), place)],
        Written::Set(fields) => fields
            .iter()
            .map(|set| {
                let name = set.field.as_str();
                (name.strip_prefix("contact.").unwrap_or(name).to_owned(), &set.field.place)
            })
            .collect(),
        _ => Vec::new(),
    }
}
