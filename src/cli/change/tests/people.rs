//! The people of every case: before, at and past every place of the sequence when the plan changes; and what becomes of
//! them, with the change and without it. Decisions are those of the production turn, over a real database.
use super::case::{Case, Project, plan};
use crate::{
    calendar::{Instant, Zone},
    cli::change::Base,
    compile::diff::Changes,
    engine::{LedgerRow, RunPhase, RunRow, conformance::Home},
    id::ContactId,
    journey::{
        Wait,
        tests::stage::{Stage, civil},
    },
    plan::Plan,
    store::tests::OnDisk,
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

pub(super) const CHANGE: &str = "2027-06-16 12:30";
/// Nothing leaves from here on until the change.
const STUCK: &str = "2027-06-16 11:40";
const END: &str = "2027-12-31 12:00";

/// Who entered when; without a time never.
const PEOPLE: &[(&str, &str)] = &[
    // all over
    ("gus", "2027-05-07 09:00"),
    // all steps fell due, the last message is open
    ("eva", "2027-05-28 11:50"),
    // wait for the last
    ("dan", "2027-05-31 16:15"),
    // wait for the third
    ("cyn", "2027-06-02 18:30"),
    ("col", "2027-06-04 09:45"),
    // waits for the third, but the second is open
    ("fay", "2027-06-05 11:50"),
    // wait for the second: the first of them has waited longest
    ("ben", "2027-06-05 16:00"),
    ("bob", "2027-06-07 11:00"),
    ("bea", "2027-06-09 20:15"),
    ("bud", "2027-06-11 14:45"),
    ("bia", "2027-06-13 08:00"),
    ("bix", "2027-06-15 10:00"),
    // wait for the first
    ("amy", "2027-06-15 20:00"),
    ("abe", "2027-06-16 06:30"),
    ("ada", "2027-06-16 06:45"),
    // never entered
    ("una", ""),
    ("ugo", ""),
    ("ute", ""),
];

/// Who wrote, and when: bob, bia and dan since they entered; abe before.
const WROTE: &[(&str, &str)] = &[
    ("bob", "2027-06-10 09:00"),
    ("dan", "2027-06-10 10:00"),
    ("abe", "2027-06-14 10:00"),
    ("bia", "2027-06-15 11:00"),
];

/// Whom a segment of the cases has.
const VIP: &[&str] = &["una", "ute", "bea", "gus"];

/// What the people did from the change on.
pub(super) struct Became {
    /// Runs that were open at the change, as they stood.
    pub(super) inside: Vec<RunRow>,
    /// What fell due after it, in order.
    pub(super) rows: Vec<LedgerRow>,
    /// Everything that ever fell due.
    pub(super) all: Vec<LedgerRow>,
    /// All runs right after the plan was published, and at the end.
    pub(super) at_once: Vec<RunRow>,
    pub(super) ended: Vec<RunRow>,
    /// Texts by the number of their line.
    pub(super) texts: BTreeMap<i64, Vec<String>>,
}

pub(super) fn change() -> Instant {
    civil(&Zone::parse("Europe/Berlin").unwrap(), CHANGE)
}

/// The sequence of a case is switched off from here on until the change, where its people rested.
const REST: &str = "2027-06-12 09:00";

fn stage(files: &Project, name: &str, stuck: bool) -> Stage<OnDisk> {
    let before = plan(files, change(), name);
    let awake = files.iter().map(|(path, text)| (path.clone(), text.replace("active: false\nsteps", "steps")));
    let mut stage = Stage::over(OnDisk::quick(), plan(&awake.collect(), change(), name), PEOPLE[0].1);
    for (at, (name, _)) in (1..).zip(PEOPLE) {
        stage.person(ContactId(at), name, |person, _| {
            if VIP.contains(name) {
                person.contact.tags.insert(Arc::from("vip"));
            }
        });
    }
    let entries = PEOPLE.iter().filter(|(_, at)| !at.is_empty()).map(|(name, at)| (*at, *name, "lead.created"));
    let wrote = WROTE.iter().map(|(name, at)| (*at, *name, "message.received"));
    let mut story: Vec<(&str, &str, &str)> = entries.chain(wrote).collect();
    story.sort_unstable();
    let slots = stage.world.slots.clone();
    for (at, who, kind) in story {
        if at > REST && *stage.loaded.plan != *before {
            stage.until(REST);
            stage.publish(before.clone());
        }
        stage.until(at);
        stage.happens_to(who, kind, &[("text", Value::text("Hello?"))]);
    }
    stage.until(STUCK);
    if stuck {
        stage.world.slots.clear();
    }
    stage.until(CHANGE);
    stage.world.slots = slots;
    stage
}

fn lived(mut stage: Stage<OnDisk>, publish: Option<Arc<Plan>>) -> Became {
    let is_open = |run: &RunRow| matches!(run.phase, RunPhase::Active { .. });
    let inside = stage.store.runs().into_iter().filter(is_open).collect();
    let last = stage.store.ledger().iter().map(|row| row.send).max();
    if let Some(plan) = publish {
        for name in plan.channels.keys() {
            stage.world.slots.insert(name.clone(), 100);
        }
        stage.publish(plan);
    }
    stage.settle();
    let at_once = stage.store.runs();
    stage.until(END);
    let all = stage.store.ledger();
    let mut texts: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for left in &stage.left {
        texts.entry(left.send.0).or_default().push(left.text.clone());
    }
    let rows = all.iter().filter(|row| Some(row.send) > last).cloned().collect();
    Became { inside, rows, all, at_once, ended: stage.store.runs(), texts }
}

/// What would have become of them without any change.
pub(super) fn unchanged(case: &Case) -> Became {
    lived(stage(&case.before(), &case.name, !case.flows), None)
}

/// What the plan says beforehand, and what became of them when it was published.
pub(super) fn changed(case: &Case) -> (Changes, Option<Became>, [Arc<Plan>; 2]) {
    let after = plan(&case.after(), change(), &case.name);
    let stage = stage(&case.before(), &case.name, !case.flows);
    let base = Base::read(&mut stage.store.reader(), change()).unwrap().unwrap();
    let beside = base.beside(after, change());
    let became = (!case.blocks).then(|| lived(stage, Some(beside.plan.clone())));
    (beside.changes, became, [base.plan.clone(), beside.plan])
}

impl Became {
    /// What fell due to a run, in order.
    pub(super) fn of(&self, run: &RunRow) -> Vec<&LedgerRow> {
        self.rows.iter().filter(|row| row.run == Some(run.id)).collect()
    }
}

/// When the step that a run stood at was due, where the clock decided it.
pub(super) fn due(run: &RunRow) -> Option<Instant> {
    match &run.phase {
        RunPhase::Active { wait: Wait::Until(at) | Wait::Awaiting(at), .. } => Some(*at),
        _ => None,
    }
}

pub(super) fn stood_at(run: &RunRow) -> Option<&str> {
    match &run.phase {
        RunPhase::Active { step, .. } => step.as_ref().map(crate::id::StepName::as_str),
        RunPhase::Ended { .. } => None,
    }
}
