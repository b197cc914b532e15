//! What falls due in the next days to those who are inside now, under the old and under the new plan; and a few of them as
//! examples. People who are still to enter are not in it, and where the way is open every arm gets its share.
use super::{
    people::{Scene, Spot, ahead, spot, writes},
    timing::{Base, Landing, allowed, bound_of, planned},
};
use crate::{
    calendar::{Instant, Span},
    id::{ChannelName, SequenceName},
    plan::{Act, CatchUp, Group, Plan, Sequence, Step, StepIx, Via, Waits, hash_of, hour_of},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Days ahead.
const DAYS: u32 = 7;
const SAMPLES: usize = 5;
/// Steps looked at for one group: many barriers in a row have too many ways.
const VISITS: usize = 500;
/// Messages are counted in thousandths: a share of a person goes each way.
const WHOLE: u64 = 1_000;
/// Points over which what is caught up is spread.
const SPREAD: u64 = 24;

/// Before the change and after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Volume {
    pub(crate) before: u64,
    pub(crate) after: u64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) sequence: SequenceName,
    pub(crate) channel: ChannelName,
    pub(crate) messages: Volume,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Hour {
    pub(crate) at: Instant,
    pub(crate) messages: u64,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Volumes {
    pub(crate) days: u32,
    pub(crate) messages: Volume,
    /// Only what has any.
    pub(crate) lines: Vec<Line>,
    pub(crate) hours: BTreeMap<i64, Volume>,
    pub(crate) busiest_before: Option<Hour>,
    pub(crate) busiest_after: Option<Hour>,
    /// In millionths, by currency; channels without a price cost nothing here.
    pub(crate) cost: BTreeMap<String, Volume>,
}

/// One step of an example.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Point {
    pub(crate) at: Instant,
    pub(crate) step: String,
}

/// Somebody who is inside, without anything that says who.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) sequence: SequenceName,
    pub(crate) step: Option<String>,
    pub(crate) entered: Instant,
    /// How many are alike.
    pub(crate) people: u64,
    pub(crate) before: Vec<Point>,
    pub(crate) after: Vec<Point>,
    /// What becomes of them where no step tells it.
    pub(crate) verdict: Option<&'static str>,
}

/// A walk along one revision.
struct Walk<'a> {
    plan: &'a Plan,
    sequence: &'a Sequence,
    now: Instant,
    until: Instant,
    /// Every arm gets its share; else only the likeliest is taken.
    all: bool,
}

type Seen<'s> = dyn FnMut(&Step, Instant, u64) + 's;

impl Walk<'_> {
    fn walk(&self, from: (StepIx, Instant), entered: Instant, share: u64, quiet_first: bool, seen: &mut Seen<'_>) {
        let bound = bound_of(&self.plan.zone, self.sequence, from.0, from.1);
        let mut open = vec![(from.0, from.1, share, quiet_first)];
        let mut visits = 0;
        while let Some((at, due, share, quiet)) = open.pop() {
            visits += 1;
            let Some(step) = self.sequence.step(at).filter(|_| visits <= VISITS && share > 0) else { continue };
            let is_bound = self.sequence.bound(at).is_some();
            let over = is_bound && due.plus_ms(3_600_000) <= self.now;
            let due = if is_bound { due } else { due.max(hour_of(self.now)) };
            if due > self.until || !self.sequence.active {
                continue;
            }
            if writes(&step.act) && step.active && !over && !quiet {
                seen(step, due, share);
            }
            for (next, since, share) in self.ways(step, due, share) {
                let base = Base { since, entered, bound };
                if let Some(due) = planned(self.plan, self.sequence, next, base) {
                    open.push((next, due, share, false));
                }
            }
        }
    }

    fn ways(&self, step: &Step, due: Instant, share: u64) -> Vec<(StepIx, Instant, u64)> {
        let ways = match &step.act {
            Act::Branch(branch) => {
                let entries: Vec<StepIx> =
                    branch.cases.iter().map(|case| case.entry).chain([branch.otherwise]).collect();
                let each = share / entries.len() as u64;
                entries.into_iter().rev().map(|entry| (entry, due, each)).collect()
            }
            Act::Split(shares) => {
                let total: u64 = shares.iter().map(|share| u64::from(share.weight)).sum();
                let of = |weight: u32| (share * u64::from(weight)).checked_div(total).unwrap_or(0);
                shares.iter().map(|one| (one.entry, due, of(one.weight))).collect()
            }
            Act::WaitFor(wait) => vec![(wait.otherwise, self.plan.zone.add(due, wait.up_to), share)],
            Act::Stop(_) => Vec::new(),
            _ => vec![(step.next, due, share)],
        };
        if self.all || ways.len() < 2 {
            return ways;
        }
        let likely = ways.into_iter().max_by_key(|(_, _, share)| *share);
        likely.map(|(at, since, _)| (at, since, share)).into_iter().collect()
    }
}

/// When a group is at its step by the plan that was published.
fn now_due(scene: &Scene<'_>, sequence: &Sequence, at: StepIx, group: &Group) -> Option<Instant> {
    match group.waits {
        Waits::Time => group.due,
        Waits::Event => {
            // what is waited for is taken not to come
            let up_to = match sequence.step(at).map(|step| &step.act) {
                Some(Act::WaitFor(wait)) => wait.up_to,
                _ => Span::ZERO,
            };
            group.due.map(|until| scene.old.zone.sub(until, up_to))
        }
        Waits::Outcome => {
            let base = Base { since: scene.now, entered: group.entered, bound: None };
            planned(scene.old, sequence, at, base)
        }
        Waits::Open => Some(scene.now),
        Waits::Settling | Waits::Held => None,
    }
}

fn before(scene: &Scene<'_>, group: &Group, old: &Sequence, all: bool, days: u32, share: u64, seen: &mut Seen<'_>) {
    let Spot::At(at) = spot(group.step.as_ref(), old, None) else { return };
    let Some(due) = now_due(scene, old, at, group) else { return };
    let until = scene.now.plus_ms(i64::from(days) * 86_400_000);
    let walk = Walk { plan: scene.old, sequence: old, now: scene.now, until, all };
    walk.walk((at, due), group.entered, share, false, seen);
}

fn after(
    scene: &Scene<'_>,
    group: &Group,
    (old, new, changed): (&Sequence, &Sequence, bool),
    all: bool,
    days: u32,
    share: u64,
    seen: &mut Seen<'_>,
) {
    let landing = scene.land(group, old, new, changed);
    let Spot::At(at) = landing.spot else { return };
    let until = scene.now.plus_ms(i64::from(days) * 86_400_000);
    // who is pinned goes on as before; the texts and rules are the new ones
    let sequence = if changed && new.changed.pin { old } else { new };
    let walk = Walk { plan: scene.new, sequence, now: scene.now, until, all };
    let due = landing.due.or_else(|| now_due(scene, new, at, group).filter(|_| group.waits != Waits::Time));
    let Some(due) = due else { return };
    if !landing.overdue {
        return walk.walk((at, due), group.entered, share, false, seen);
    }
    match new.changed.catch_up.unwrap_or(CatchUp::Spread(Span::exact(86_400_000))) {
        CatchUp::Spread(span) if all => {
            let step = span.nominal_ms() / SPREAD as i64;
            for part in 0..SPREAD {
                let at_moment = scene.now.plus_ms(step * part as i64);
                let due = new.step(at).map_or(at_moment, |step| allowed(scene.new, new, step, at_moment));
                walk.walk((at, due), group.entered, share / SPREAD, false, seen);
            }
        }
        CatchUp::Skip => walk.walk((at, scene.now), group.entered, share, true, seen),
        CatchUp::Spread(_) | CatchUp::Now | CatchUp::Keep => {
            let due = new.step(at).map_or(scene.now, |step| allowed(scene.new, new, step, scene.now));
            walk.walk((at, due), group.entered, share, false, seen);
        }
    }
}

fn channel_of(plan: &Plan, step: &Step) -> ChannelName {
    let Act::Message(spec) = &step.act else { return ChannelName::new("none") };
    let preferred = || plan.policies.preferred.first().cloned();
    let first = match spec.via.first() {
        Some(Via::Channel(name)) => Some(name.clone()),
        Some(Via::Preferred | Via::Reply) | None => preferred(),
    };
    first.unwrap_or_else(|| ChannelName::new("preferred"))
}

#[derive(Default)]
struct Tally {
    hours: BTreeMap<i64, (u64, u64)>,
    lines: BTreeMap<(SequenceName, ChannelName), (u64, u64)>,
}

fn people(of: u64) -> u64 {
    (of + WHOLE / 2) / WHOLE
}

fn pair((before, after): (u64, u64)) -> Volume {
    Volume { before: people(before), after: people(after) }
}

pub(super) fn volumes(scene: &Scene<'_>) -> Volumes {
    let mut tally = Tally::default();
    for name in scene.sequences_inside() {
        let (old, new) = (scene.old.sequences.get(name), scene.new.sequences.get(name));
        let changed = old.map(hash_of) != new.map(hash_of);
        for group in scene.groups(name.as_str()) {
            let share = group.people * WHOLE;
            if let Some(old) = old {
                before(scene, group, old, true, DAYS, share, &mut |step, at, share| {
                    tally.hours.entry(hour_of(at).0).or_default().0 += share;
                    tally.lines.entry((name.clone(), channel_of(scene.old, step))).or_default().0 += share;
                });
            }
            if let Some(new) = new {
                let old = old.unwrap_or(new);
                after(scene, group, (old, new, changed), true, DAYS, share, &mut |step, at, share| {
                    tally.hours.entry(hour_of(at).0).or_default().1 += share;
                    tally.lines.entry((name.clone(), channel_of(scene.new, step))).or_default().1 += share;
                });
            }
        }
    }
    summed(scene, &tally)
}

fn summed(scene: &Scene<'_>, tally: &Tally) -> Volumes {
    let sum = tally.lines.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let busiest = |of: fn(&(u64, u64)) -> u64| {
        let found = tally.hours.iter().max_by_key(|(at, count)| (of(count), std::cmp::Reverse(**at)));
        found
            .filter(|(_, count)| of(count) > 0)
            .map(|(at, count)| Hour { at: Instant(*at), messages: people(of(count)) })
    };
    let mut cost: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for ((_, channel), count) in &tally.lines {
        let price = |plan: &Plan| plan.channels.get(channel).and_then(|channel| channel.cost.clone());
        if let Some(price) = price(scene.old) {
            cost.entry(price.currency.to_string()).or_default().0 += price.millionths * people(count.0);
        }
        if let Some(price) = price(scene.new) {
            cost.entry(price.currency.to_string()).or_default().1 += price.millionths * people(count.1);
        }
    }
    let line = |((sequence, channel), count): (&(SequenceName, ChannelName), &(u64, u64))| Line {
        sequence: sequence.clone(),
        channel: channel.clone(),
        messages: pair(*count),
    };
    Volumes {
        days: DAYS,
        messages: pair(sum),
        lines: tally.lines.iter().map(line).filter(|line| line.messages != Volume::default()).collect(),
        hours: tally.hours.iter().map(|(at, count)| (*at, pair(*count))).collect(),
        busiest_before: busiest(|count| count.0),
        busiest_after: busiest(|count| count.1),
        cost: cost.into_iter().map(|(name, (before, after))| (name, Volume { before, after })).collect(),
    }
}

/// Examples from sequences that changed: those first for whom most changes, of each step one.
pub(super) fn samples(scene: &Scene<'_>) -> Vec<Sample> {
    let mut found: Vec<(u8, Sample)> = Vec::new();
    let mut seen = BTreeSet::new();
    for name in scene.sequences_inside() {
        let (Some(old), Some(new)) = (scene.old.sequences.get(name), scene.new.sequences.get(name)) else { continue };
        if hash_of(old) == hash_of(new) {
            continue;
        }
        let mut groups = scene.groups(name.as_str()).to_vec();
        groups.sort_by_key(|group| std::cmp::Reverse(group.people));
        for group in groups {
            let landing = scene.land(group, old, new, true);
            let weight = weight(group, &landing);
            if seen.insert((name.clone(), group.step.clone(), weight)) {
                found.push((weight, sample(scene, group, (old, new), &landing)));
            }
        }
    }
    found.sort_by_key(|(weight, sample)| (std::cmp::Reverse(*weight), std::cmp::Reverse(sample.people)));
    found.into_iter().map(|(_, sample)| sample).take(SAMPLES).collect()
}

/// How much changes for a group.
fn weight(group: &Group, landing: &Landing) -> u8 {
    match landing.spot {
        Spot::Lost => 5,
        Spot::Leaves => 4,
        _ if landing.overdue => 3,
        _ if landing.due.is_some() && landing.due != group.due => 2,
        Spot::At(_) => 1,
        Spot::Done => 0,
    }
}

fn sample(scene: &Scene<'_>, group: &Group, (old, new): (&Sequence, &Sequence), landing: &Landing) -> Sample {
    let (mut was, mut is) = (Vec::new(), Vec::new());
    let far = 400;
    before(scene, group, old, false, far, WHOLE, &mut |step, at, _| {
        was.push(Point { at, step: step.name.to_string() });
    });
    after(scene, group, (old, new, true), false, far, WHOLE, &mut |step, at, _| {
        is.push(Point { at, step: step.name.to_string() });
    });
    let verdict = match landing.spot {
        Spot::Lost => Some("undecided: their step is gone"),
        Spot::Leaves => Some("leave: stopped(removed)"),
        Spot::Done => Some("everything has fallen due"),
        Spot::At(at) if is.is_empty() && ahead(new, at).is_empty() => Some("nothing more is sent"),
        Spot::At(_) => None,
    };
    Sample {
        sequence: group.sequence.clone(),
        step: group.step.as_ref().map(ToString::to_string),
        entered: group.entered,
        people: group.people,
        before: was,
        after: is,
        verdict,
    }
}
