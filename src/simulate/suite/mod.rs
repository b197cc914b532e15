//! Scenario tests on a virtual clock, over the production turn: the same decisions, texts and rows as the daemon's. Must not
//! know files, a clock or how a failure is shown.
mod always;
mod cover;
mod deliver;
mod judge;
mod record;
mod stage;
mod told;
mod why;

pub(crate) use told::{Breach, Case, Coverage, Line, LineWord, Ran, Row, Seen, Spot, SpotKind, Verdict, WhyNot};

use crate::{
    calendar::{CivilTime, Instant, Zone},
    engine::{Did, Key, Store},
    plan::{
        Plan,
        suite::{Scenario, Suite},
    },
};
use judge::{Evidence, judge};
use stage::{Ready, Setting};
use std::{collections::BTreeMap, sync::Arc};

/// Where the stores of stories come from.
pub(crate) trait House {
    type Store: Store;

    /// An empty one.
    fn fresh(&mut self) -> Did<Self::Store>;

    /// Closes a store and opens it again: what it holds has survived.
    fn reopen(&mut self, store: Self::Store) -> Did<Self::Store>;
}

/// Stores in memory. Nothing of them survives a process, so that a restart only begins a new life over the same one.
pub(crate) struct Memory(Key);

/// What a suite is run against.
#[derive(Clone, Copy)]
pub(crate) struct Project<'a> {
    pub(crate) plan: &'a Arc<Plan>,
    /// What `deploy` names.
    pub(crate) versions: &'a BTreeMap<Arc<str>, Arc<Plan>>,
    pub(crate) seed: u64,
}

/// Runs one scenario of a suite at each of its starts and zones.
pub(crate) fn run<H: House>(house: &mut H, project: &Project<'_>, suite: &Arc<Suite>, scenario: usize) -> Ran {
    let tested = |name: &crate::id::SequenceName| suite.under_test.is_empty() || suite.under_test.contains(name);
    let spots = Coverage::of_plan(project.plan, tested);
    let mut ran = Ran { suite: suite.clone(), seed: project.seed, cases: Vec::new(), coverage: spots.clone() };
    let Some(found) = suite.scenarios.get(scenario) else { return ran };
    let ready = Ready::of(project.plan);
    for (variation, start, zone) in variations(suite, found) {
        let (plan, versions) = (project.plan, project.versions);
        let setting = Setting { suite, scenario: found, plan, versions, start, zone, ready: &ready, spots: &spots };
        let mut played = stage::play(house, &setting);
        let evidence = Evidence {
            suite,
            scenario: found,
            plan,
            book: &played.book,
            start,
            zone: &setting.zone,
            until: played.until,
            stopped: played.breaches.iter().any(Breach::stops),
        };
        let (rows, breaches) = judge(&evidence);
        played.breaches.extend(breaches);
        ran.coverage.join(&played.book.coverage);
        ran.cases.push(Case {
            scenario,
            variation,
            start,
            zone: setting.zone.clone(),
            until: played.until,
            rows,
            breaches: played.breaches,
            lines: played.book.lines,
        });
    }
    ran
}

/// The starts and zones of a scenario; one without words where it runs once.
fn variations(suite: &Suite, scenario: &Scenario) -> Vec<(Option<Arc<str>>, Instant, Zone)> {
    let civil = scenario.start.unwrap_or(suite.start);
    let zones = if scenario.each.zones.is_empty() { vec![suite.zone.clone()] } else { scenario.each.zones.clone() };
    let mut all = Vec::new();
    for zone in zones {
        let first = zone.instant(civil);
        let Some((every, long)) = scenario.each.start else {
            let variation = (!scenario.each.zones.is_empty()).then(|| words(&zone, first));
            all.push((variation, first, zone));
            continue;
        };
        let past = zone.add(first, long);
        let mut at = first;
        while at < past {
            all.push((Some(words(&zone, at)), at, zone.clone()));
            let next = zone.add(at, every);
            if next <= at {
                break;
            }
            at = next;
        }
    }
    all
}

fn words(zone: &Zone, at: Instant) -> Arc<str> {
    let civil: CivilTime = zone.civil(at);
    Arc::from(format!("{} {}", civil.strftime("%Y-%m-%d %H:%M"), zone.name()))
}

impl Memory {
    /// The seed decides what chance would: codes of offers.
    pub(crate) fn new(seed: u64) -> Self {
        Self(key(seed))
    }
}

/// The secret of a store that a seed makes, the same in every house.
pub(crate) fn key(seed: u64) -> Key {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_be_bytes());
    Key(key)
}
