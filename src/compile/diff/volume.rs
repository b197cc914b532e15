//! What falls due in the next days to those who are inside now, under the old and under the new plan; and a few of them as
//! examples. People who are still to enter are not in it, and where the way is open every arm gets its share.
use super::{
    people::{Scene, Spot, ahead, had, spot, writes},
    timing::{Base, Caught, Landing, allowed, awaited, bound_of, counted_from, planned},
};
use crate::{
    calendar::Instant,
    id::{ChannelName, SequenceName},
    plan::{Act, CapThen, Group, Moment, Plan, Sequence, Share, Step, StepIx, Via, Waits, hash_of, hour_of},
    record::ConsentLevel,
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
    /// Some of them may go another way.
    pub(crate) about: bool,
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
    /// They are what is to be expected: each way of a branch gets its share, and not everybody may be reached.
    pub(crate) about: bool,
    /// More cannot come, whichever ways people take.
    pub(crate) most: Volume,
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
    /// Each gets it at a moment of their own: the times after are the first that are possible.
    pub(crate) spread: bool,
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
    /// Steps that these people had: they do not repeat.
    had: BTreeSet<StepIx>,
    /// Something that is not known moves all of it.
    vague: bool,
}

/// Where a walk begins.
#[derive(Clone, Copy)]
enum From {
    At(StepIx, Instant),
    /// Waits there for an event, until that moment.
    Waiting(StepIx, Instant),
    /// Was to have it at that moment, and passes over it.
    Skipped(StepIx, Instant),
}

/// A place of a walk.
#[derive(Clone, Copy)]
struct Visit {
    at: StepIx,
    due: Instant,
    /// Of the people, in thousandths.
    share: u64,
    /// All of them come here, and then.
    sure: bool,
}

/// A message that comes to a group.
struct Comes<'s> {
    step: &'s Step,
    at: Instant,
    share: u64,
    /// All of them get it: nothing but what they do themselves can keep it from them.
    sure: bool,
}

type Seen<'s> = dyn FnMut(&Comes<'_>) + 's;

impl Walk<'_> {
    fn walk(&self, from: From, entered: Instant, share: u64, seen: &mut Seen<'_>) {
        let (From::At(at, due) | From::Waiting(at, due) | From::Skipped(at, due)) = from;
        let bound = bound_of(&self.plan.zone, self.sequence, at, due);
        let whole = Visit { at, due, share, sure: !self.vague };
        let mut open = match from {
            From::At(..) => vec![whole],
            From::Waiting(..) => self.next(self.ways_of_wait(whole, due), entered, bound),
            From::Skipped(..) => self.behind(whole, entered).into_iter().collect(),
        };
        let mut visits = 0;
        while let Some(visit) = open.pop() {
            visits += 1;
            let Some(step) = self.sequence.step(visit.at).filter(|_| visits <= VISITS) else { continue };
            let is_bound = self.sequence.bound(visit.at).is_some();
            let over = is_bound && visit.due.plus_ms(3_600_000) <= self.now;
            let due = if is_bound { visit.due } else { visit.due.max(hour_of(self.now)) };
            if due > self.until || !self.sequence.active {
                continue;
            }
            if writes(&step.act) && step.active && !over {
                seen(&Comes { step, at: due, share: visit.share, sure: visit.sure && self.is_sure(step) });
            }
            open.extend(self.next(self.ways(step, Visit { due, ..visit }), entered, bound));
        }
    }

    /// Does everybody get it who comes to it, as far as files can tell?
    fn is_sure(&self, step: &Step) -> bool {
        let policies = &self.plan.policies;
        let capped = policies.caps.iter().any(|cap| cap.purposes.contains(&step.purpose));
        let quiet = policies.quiet_hours.as_ref();
        let skips = quiet.is_some_and(|quiet| quiet.then != CapThen::Wait && quiet.purposes.contains(&step.purpose));
        let free = policies.consent(step.purpose) == ConsentLevel::None;
        step.cond.is_none() && free && !capped && !skips
    }

    /// The places with their moments. What hangs on a moment that nobody knows may come at any time.
    fn next(&self, ways: Vec<Visit>, entered: Instant, bound: Option<(&Moment, Instant)>) -> Vec<Visit> {
        let behind = |mut way: Visit| {
            while self.had.contains(&way.at) {
                let Some(step) = self.sequence.step(way.at) else { break };
                way.at = step.next;
            }
            way
        };
        let timed =
            |way: Visit| match planned(self.plan, self.sequence, way.at, Base { since: way.due, entered, bound }) {
                Some(due) => Visit { due, ..way },
                None => Visit { share: 0, sure: false, ..way },
            };
        ways.into_iter().map(behind).map(timed).collect()
    }

    /// Where those go on who pass over a step: so do all that are over with it.
    fn behind(&self, from: Visit, entered: Instant) -> Option<Visit> {
        let (zone, mut at, mut since) = (&self.plan.zone, from.at, from.due);
        loop {
            at = self.sequence.step(at)?.next;
            let next = self.sequence.step(at)?;
            since = counted_from(zone, next, since, self.now);
            let due = planned(self.plan, self.sequence, at, Base { since, entered, bound: None })?;
            if due > self.now || next.act.is_barrier() || self.sequence.bound(at).is_some() {
                return Some(Visit { at, due, ..from });
            }
            since = due;
        }
    }

    /// What is waited for is taken not to come; it may come at once.
    fn ways_of_wait(&self, from: Visit, until: Instant) -> Vec<Visit> {
        let Some(Act::WaitFor(wait)) = self.sequence.step(from.at).map(|step| &step.act) else { return Vec::new() };
        let comes = Visit { at: wait.then, due: self.now.max(from.due.min(until)), share: 0, sure: false };
        let rest = Visit { at: wait.otherwise, due: until, sure: false, ..from };
        if self.all { vec![comes, rest] } else { vec![rest] }
    }

    fn ways(&self, step: &Step, from: Visit) -> Vec<Visit> {
        let ways = match &step.act {
            Act::Branch(branch) => {
                let entries: Vec<StepIx> =
                    branch.cases.iter().map(|case| case.entry).chain([branch.otherwise]).collect();
                let share = from.share / entries.len() as u64;
                entries.into_iter().rev().map(|at| Visit { at, share, sure: false, ..from }).collect()
            }
            Act::Split(shares) => {
                let total: u64 = shares.iter().map(|share| u64::from(share.weight)).sum();
                let of = |weight: u32| (from.share * u64::from(weight)).checked_div(total).unwrap_or(0);
                let way = |one: &Share| Visit { at: one.entry, share: of(one.weight), sure: false, ..from };
                shares.iter().map(way).collect()
            }
            Act::WaitFor(wait) => self.ways_of_wait(from, self.plan.zone.add(from.due, wait.up_to)),
            Act::Stop(_) => Vec::new(),
            _ => vec![Visit { at: step.next, ..from }],
        };
        if self.all || ways.len() < 2 {
            return ways;
        }
        ways.into_iter().max_by_key(|way| way.share).into_iter().collect()
    }
}

/// When a group that no clock holds is at its step.
fn now_due(scene: &Scene<'_>, plan: &Plan, sequence: &Sequence, at: StepIx, group: &Group) -> Option<Instant> {
    match group.waits {
        Waits::Time | Waits::Event => group.due,
        Waits::Outcome => {
            // what is open is taken to go out now
            let since = counted_from(&plan.zone, sequence.step(at)?, group.since, scene.now);
            planned(plan, sequence, at, Base { since, entered: group.entered, bound: None })
        }
        Waits::Open => Some(scene.now),
        Waits::Settling | Waits::Held => None,
    }
}

fn start(group: &Group, sequence: &Sequence, at: StepIx, due: Instant) -> From {
    if awaited(group, sequence, at).is_some() { From::Waiting(at, due) } else { From::At(at, due) }
}

fn before(scene: &Scene<'_>, group: &Group, old: &Sequence, all: bool, days: u32, share: u64, seen: &mut Seen<'_>) {
    let Spot::At(at) = spot(group.step.as_ref(), old, None) else { return };
    let Some(due) = now_due(scene, scene.old, old, at, group) else { return };
    let until = scene.now.plus_ms(i64::from(days) * 86_400_000);
    let walk = Walk { plan: scene.old, sequence: old, now: scene.now, until, all, had: BTreeSet::new(), vague: false };
    walk.walk(start(group, old, at, due), group.entered, share, seen);
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
    // who is pinned goes on as before; the hours are the new ones
    let sequence = if new.changed.pin { old } else { new };
    let had = had(group.step.as_ref(), old, sequence);
    // what is open is judged anew, and may be moved
    let vague = scene.terms && group.waits == Waits::Outcome;
    let walk = Walk { plan: scene.new, sequence, now: scene.now, until, all, had, vague };
    let timed = matches!(group.waits, Waits::Time | Waits::Event);
    let due = landing.due.or_else(|| now_due(scene, scene.new, sequence, at, group).filter(|_| !timed));
    let Some(due) = due else { return };
    match landing.caught {
        Some(Caught::Spread(last)) if all => {
            let step = last.since(scene.now).max(0) / SPREAD as i64;
            for part in 0..SPREAD {
                let moment = scene.now.plus_ms(step * part as i64);
                let due = sequence.step(at).map_or(moment, |step| allowed(scene.new, sequence, step, moment));
                walk.walk(start(group, sequence, at, due), group.entered, share / SPREAD, &mut |comes| {
                    seen(&Comes { sure: false, ..*comes });
                });
            }
        }
        Some(Caught::Skipped) => walk.walk(From::Skipped(at, due), group.entered, share, seen),
        _ => walk.walk(start(group, sequence, at, due), group.entered, share, seen),
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
    about: bool,
    most: (u64, u64),
    hours: BTreeMap<i64, (u64, u64)>,
    lines: BTreeMap<(SequenceName, ChannelName), (u64, u64)>,
    /// Lines of messages that have another way beside the first.
    ways: BTreeSet<(SequenceName, ChannelName)>,
}

impl Tally {
    fn goes(&mut self, (name, plan): (&SequenceName, &Plan), comes: &Comes<'_>) -> &mut (u64, u64) {
        let line = (name.clone(), channel_of(plan, comes.step));
        let only = |via: &Via| match via {
            Via::Channel(_) => true,
            Via::Preferred => plan.policies.preferred.len() == 1,
            Via::Reply => false,
        };
        if !matches!(&comes.step.act, Act::Message(spec) if spec.via.len() == 1 && spec.via.iter().all(only)) {
            self.ways.insert(line.clone());
        }
        self.lines.entry(line).or_default()
    }
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
        let mut gone = BTreeMap::new();
        for group in scene.groups(name.as_str()) {
            let share = group.people * WHOLE;
            // nobody gets a step twice, whichever ways lead to it
            let mut steps = BTreeSet::new();
            if let Some(old) = old {
                before(scene, group, old, true, DAYS, share, &mut |comes| {
                    tally.about |= !comes.sure;
                    tally.most.0 += if steps.insert(comes.step.name.clone()) { group.people } else { 0 };
                    tally.hours.entry(hour_of(comes.at).0).or_default().0 += comes.share;
                    tally.goes((name, scene.old), comes).0 += comes.share;
                });
            }
            steps.clear();
            if let Some(new) = new {
                let old = old.unwrap_or(new);
                let leave = scene.leavers(group, new, &mut gone);
                let stay = group.people - leave.unwrap_or(0);
                after(scene, group, (old, new, changed), true, DAYS, stay * WHOLE, &mut |comes| {
                    tally.about |= !comes.sure || leave.is_none();
                    tally.most.1 += if steps.insert(comes.step.name.clone()) { stay } else { 0 };
                    tally.hours.entry(hour_of(comes.at).0).or_default().1 += comes.share;
                    tally.goes((name, scene.new), comes).1 += comes.share;
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
        about: tally.ways.contains(&(sequence.clone(), channel.clone())),
    };
    Volumes {
        days: DAYS,
        messages: pair(sum),
        about: tally.about,
        most: Volume { before: tally.most.0, after: tally.most.1 },
        lines: tally.lines.iter().map(line).filter(|line| line.messages != Volume::default()).collect(),
        hours: tally
            .hours
            .iter()
            .filter(|(_, count)| **count != (0, 0))
            .map(|(at, count)| (*at, pair(*count)))
            .collect(),
        busiest_before: busiest(|count| count.0),
        busiest_after: busiest(|count| count.1),
        cost: cost.into_iter().map(|(name, (before, after))| (name, Volume { before, after })).collect(),
    }
}

/// Examples from sequences that changed: those first for whom most changes, of each step one.
pub(super) fn samples(scene: &Scene<'_>) -> Vec<Sample> {
    let mut found: Vec<(u8, Sample)> = Vec::new();
    let mut gone = BTreeMap::new();
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
            let leaves = scene.leavers(group, new, &mut gone).is_some_and(|leave| leave >= group.people);
            let weight = if leaves { 4 } else { weight };
            if seen.insert((name.clone(), group.step.clone(), weight)) {
                let mut sample = sample(scene, group, (old, new), &landing);
                if leaves {
                    sample.after.clear();
                    sample.verdict = Some("leave at once: what ends them happened already");
                }
                found.push((weight, sample));
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
        _ if landing.caught.is_some() => 3,
        _ if landing.due.is_some() && landing.due != group.due => 2,
        Spot::At(_) => 1,
        Spot::Done => 0,
    }
}

fn sample(scene: &Scene<'_>, group: &Group, (old, new): (&Sequence, &Sequence), landing: &Landing) -> Sample {
    let (mut was, mut is) = (Vec::new(), Vec::new());
    let far = 400;
    let point = |comes: &Comes<'_>| Point { at: comes.at, step: comes.step.name.to_string() };
    before(scene, group, old, false, far, WHOLE, &mut |comes| was.push(point(comes)));
    after(scene, group, (old, new, true), false, far, WHOLE, &mut |comes| is.push(point(comes)));
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
        spread: matches!(landing.caught, Some(Caught::Spread(_))),
        verdict,
    }
}
