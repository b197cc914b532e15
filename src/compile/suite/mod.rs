//! Suites against the plan: every name in them is found, `like` is filled in. They become no part of the plan. Plays
//! nothing, and changes nothing of what it looks at.
mod around;
mod data;
mod moments;
mod steps;
mod then;
mod when;

use super::{
    check::Seen,
    found::{self, suite as told},
    names::Sort,
};
use crate::{
    calendar::{CivilTime, Zone},
    diag::{FileId, Place, Sink, SourceMap, nearest},
    document::{
        Body, Text,
        suite::{self as doc, ModelUse, Others},
    },
    id::{ChannelName, SequenceName, TriggerName},
    plan::{
        Origin, suite as plan,
        suite::{Actor, Suite},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What stands below `tests/fixtures`, byte by byte.
pub(crate) type Fixtures = BTreeMap<FileId, Arc<[u8]>>;

/// Every suite; of two with one id the first.
pub(super) fn all(seen: &Seen<'_>, sources: &SourceMap, fixtures: &Fixtures, sink: &mut Sink) -> Vec<Arc<Suite>> {
    let mut work = Work {
        seen,
        sources,
        fixtures,
        sink,
        zone: seen.plan.zone.clone(),
        under: BTreeSet::new(),
        used: BTreeSet::new(),
    };
    let (mut suites, mut names, mut whole) = (Vec::new(), BTreeSet::new(), true);
    for document in seen.documents {
        let Some(header) = &document.header else { continue };
        match (&document.body, &header.id) {
            (Body::Suite(written), Some(id)) => {
                let suite = work.suite(id, written);
                whole &= document.whole;
                if names.insert(id.to_string()) {
                    suites.push(Arc::new(suite));
                }
            }
            (Body::Suite(_), None) => whole = false,
            (Body::Unsupported, _) if header.kind == crate::document::Kind::Suite => whole = false,
            _ => {}
        }
    }
    if whole {
        for file in fixtures.keys().filter(|file| !work.used.contains(*file)) {
            work.sink.push(told::unused_fixture(file));
        }
    }
    suites
}

/// The hand that resolves suites, one after the other.
struct Work<'a> {
    seen: &'a Seen<'a>,
    sources: &'a SourceMap,
    fixtures: &'a Fixtures,
    sink: &'a mut Sink,
    /// The suite's.
    zone: Zone,
    /// Sequences under test; everything when it is empty.
    under: BTreeSet<SequenceName>,
    /// Fixtures that some suite plays.
    used: BTreeSet<FileId>,
}

/// What the moments and names of one scenario are read against.
#[derive(Clone, Default)]
struct Scene {
    start: Option<CivilTime>,
    /// Its starts differ.
    swept: bool,
    people: Vec<(Actor, Place)>,
}

impl Scene {
    fn names(&self) -> Vec<&str> {
        self.people.iter().map(|(actor, _)| &*actor.name).collect()
    }
}

/// A scenario once it is resolved, with the scene that those like it begin from.
#[derive(Clone)]
struct Played {
    scenario: plan::Scenario,
    scene: Scene,
}

enum State {
    /// On the way to it: who comes here again runs in a circle.
    Begun,
    Done(Box<Played>),
}

impl Work<'_> {
    fn origin(&self, place: &Place) -> Origin {
        let line = self.sources.start(place).map_or(1, |position| position.line);
        Origin { file: Arc::from(place.file.as_str()), line: u32::try_from(line).unwrap_or(u32::MAX) }
    }

    fn suite(&mut self, id: &Text, written: &doc::Suite) -> Suite {
        let project = self.seen.plan.zone.clone();
        self.zone = written.zone.as_ref().and_then(|zone| self.zone_of(zone)).unwrap_or(project);
        let triggers = self.under_test(&written.under_test);
        let start = written.start.as_ref().and_then(|start| self.civil(start));
        let people = self.people(&written.around.people);
        let world = self.around(&written.around);
        let scene = Scene { start, swept: false, people };
        self.strangers(&scene.people);
        let always = written.always.iter().filter_map(|rule| self.always(rule)).collect();
        let scenarios = self.scenarios(written, &scene);
        if scenarios.is_empty() && written.scenarios_at.is_some() && written.scenarios.is_empty() {
            self.sink.push(told::no_scenarios(written.scenarios_at.as_ref().unwrap_or(&id.place)));
        }
        Suite {
            name: arc(id),
            title: written.title.as_ref().map(arc),
            origin: self.origin(&id.place),
            under_test: self.under.clone(),
            triggers_under_test: triggers,
            start: start.unwrap_or_default(),
            zone: self.zone.clone(),
            model_forbidden: written.model.as_ref().is_some_and(|model| model.value == ModelUse::Forbid),
            lookups: world.lookups,
            faults: world.faults,
            lookup_faults: world.lookup_faults,
            people: scene.people.into_iter().map(|(actor, _)| actor).collect(),
            always,
            scenarios,
        }
    }

    /// Which triggers are under test; the sequences are noted.
    fn under_test(&mut self, subjects: &[Text]) -> BTreeSet<TriggerName> {
        let seen = self.seen;
        let mut triggers = BTreeSet::new();
        self.under.clear();
        for subject in subjects {
            let Some((kind, id)) = subject.split_once('/') else { continue };
            let sort = match kind {
                "trigger" => Sort::Trigger,
                "campaign" => Sort::Campaign,
                _ => Sort::Sequence,
            };
            if !seen.names.has(sort, id) {
                let near = seen.names.near(sort, id).map(|near| format!("{kind}/{near}"));
                let other = [Sort::Sequence, Sort::Campaign, Sort::Trigger]
                    .into_iter()
                    .find(|other| seen.names.has(*other, id));
                let near = other.map(|other| format!("{}/{id}", other.word())).or(near);
                self.sink.push(told::unknown_subject(subject, near.as_deref()));
            }
            if sort == Sort::Trigger {
                triggers.insert(TriggerName::new(id));
            } else {
                // what does not exist is noted too, so that its steps are not taken for those of others
                self.under.insert(SequenceName::new(id));
            }
        }
        triggers
    }

    fn zone_of(&mut self, name: &Text) -> Option<Zone> {
        let zone = Zone::parse(name);
        if zone.is_none() {
            let near = data::near_zone(name);
            self.sink.push(found::unknown_zone(name, near.as_deref()));
        }
        zone
    }

    /// A name of the project, used by nothing but a test.
    fn known(&mut self, sort: Sort, name: &Text) -> bool {
        let names = self.seen.names;
        let known = names.has(sort, name);
        if !known && !names.is_open(sort) {
            self.sink.push(found::unknown(sort, name, names.near(sort, name)));
        }
        known
    }

    fn sequence(&mut self, name: &Text) -> SequenceName {
        if !self.seen.names.has(Sort::Campaign, name) {
            self.known(Sort::Sequence, name);
        }
        SequenceName::new(name.as_str())
    }

    fn channel(&mut self, name: &Text) -> ChannelName {
        self.known(Sort::Channel, name);
        ChannelName::new(name.as_str())
    }

    /// The person that something is about. `needed` tells when nobody is not enough.
    fn who(&mut self, name: Option<&Text>, scene: &Scene, at: &Place, needed: bool) -> Option<Arc<str>> {
        let all = scene.names();
        match (name, all.as_slice()) {
            (Some(name), all) if all.contains(&name.as_str()) => Some(arc(name)),
            (Some(name), all) => {
                self.sink.push(told::unknown_person(name, nearest(name, all.iter().copied()), all));
                None
            }
            (None, [one]) => Some(Arc::from(*one)),
            (None, []) if !needed => None,
            (None, all) => {
                self.sink.push(told::whose(at, all));
                None
            }
        }
    }

    // ---- scenarios ----

    fn scenarios(&mut self, written: &doc::Suite, scene: &Scene) -> Vec<plan::Scenario> {
        let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, scenario) in written.scenarios.iter().enumerate() {
            let Some(name) = &scenario.name else { continue };
            match by_name.get(name.as_str()).and_then(|first| written.scenarios[*first].name.as_ref()) {
                Some(first) => self.sink.push(told::same_scenario(name, &first.place)),
                None => drop(by_name.insert(name, at)),
            }
        }
        let mut played = BTreeMap::new();
        (0..written.scenarios.len())
            .filter_map(|at| self.scenario(at, &written.scenarios, &by_name, scene, &mut played))
            .map(|played| played.scenario)
            .collect()
    }

    /// The scenario at that place in the file; nothing for one that is like itself.
    fn scenario(
        &mut self,
        at: usize,
        all: &[doc::Scenario],
        by_name: &BTreeMap<&str, usize>,
        suite: &Scene,
        played: &mut BTreeMap<usize, State>,
    ) -> Option<Played> {
        match played.get(&at) {
            Some(State::Done(done)) => return Some((**done).clone()),
            Some(State::Begun) => return None,
            None => drop(played.insert(at, State::Begun)),
        }
        let written = &all[at];
        let mut like = None;
        if let Some(name) = &written.like {
            match by_name.get(name.as_str()) {
                Some(other) => {
                    like = self.scenario(*other, all, by_name, suite, played);
                    if like.is_none() {
                        self.sink.push(told::circle(name));
                    }
                }
                None => {
                    let names: Vec<&str> = by_name.keys().copied().collect();
                    let near = nearest(name, names.iter().copied());
                    self.sink.push(told::unknown_scenario(name, near, &names));
                }
            }
        }
        let done = self.play(written, like, suite);
        played.insert(at, State::Done(Box::new(done.clone())));
        Some(done)
    }

    fn play(&mut self, written: &doc::Scenario, like: Option<Played>, suite: &Scene) -> Played {
        if written.lacks_when {
            self.sink.push(told::empty_scenario(&written.place, "when"));
        } else if written.lacks_then {
            self.sink.push(told::empty_scenario(&written.place, "then"));
        }
        let like = like.map(|like| (like.scenario, like.scene));
        let own_start = written.start.as_ref().and_then(|start| self.civil(start));
        let (other, mut scene) = like.map_or_else(|| (None, suite.clone()), |(other, scene)| (Some(other), scene));
        let world = self.around(&written.around);
        let own = self.people(&written.around.people);
        let each = written.each.as_ref().map(|each| self.each(each));
        let each = each.or_else(|| other.as_ref().map(|other| other.each.clone())).unwrap_or_default();
        scene.start = own_start.or(scene.start);
        scene.swept = each.start.is_some();
        join(&mut scene.people, own.clone());
        self.strangers(&scene.people);

        let mut when = self.before(other.as_ref(), written.like.as_ref(), &scene);
        when.extend(written.when.iter().filter_map(|when| self.when(when, &scene)));
        if let Some(start) = scene.start {
            let (start, zone) = (self.zone.instant(start), &self.zone);
            when.sort_by_key(|when| when.at.first(start, zone));
        }
        let (timings, then) = self.expectations(&written.then, &scene);
        self.order(&written.then, &timings, &scene);

        let other = other.as_ref();
        let mut people: Vec<(Actor, Place)> = other
            .map(|other| other.people.iter().map(|actor| (actor.clone(), written.place.clone())).collect())
            .unwrap_or_default();
        join(&mut people, own);
        let mut faults = other.map(|other| other.faults.clone()).unwrap_or_default();
        faults.extend(world.faults);
        let mut lookups = other.map(|other| other.lookups.clone()).unwrap_or_default();
        lookups.extend(world.lookups);
        let mut lookup_faults = other.map(|other| other.lookup_faults.clone()).unwrap_or_default();
        lookup_faults.extend(world.lookup_faults);
        let scenario = plan::Scenario {
            name: written.name.as_ref().map_or_else(|| Arc::from("unnamed"), arc),
            origin: self.origin(written.name.as_ref().map_or(&written.place, |name| &name.place)),
            start: own_start.or_else(|| other.and_then(|other| other.start)),
            people: people.into_iter().map(|(actor, _)| actor).collect(),
            faults,
            lookup_faults,
            lookups,
            each,
            when,
            then,
            others_allowed: written.others.as_ref().is_some_and(|others| others.value == Others::Allowed),
        };
        Played { scenario, scene }
    }

    /// What happens in the scenario that this one is like.
    fn before(&mut self, other: Option<&plan::Scenario>, like: Option<&Text>, scene: &Scene) -> Vec<plan::When> {
        let (Some(other), Some(like)) = (other, like) else { return Vec::new() };
        for when in &other.when {
            let plan::At::Civil(civil) = when.at else { continue };
            if let Some(start) = scene.start.filter(|start| scene.swept || civil < *start) {
                self.sink.push(told::inherited_before_start(like, &moments::shown(start), when.origin.line));
            }
        }
        other.when.clone()
    }
}

/// One of the same name takes the place of the one before.
fn join(people: &mut Vec<(Actor, Place)>, own: Vec<(Actor, Place)>) {
    people.retain(|(actor, _)| !own.iter().any(|(new, _)| new.name == actor.name));
    people.extend(own);
}

fn arc(text: &Text) -> Arc<str> {
    Arc::from(text.as_str())
}
