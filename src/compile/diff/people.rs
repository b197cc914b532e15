//! Who stands where: the groups of a census in the old and in the new revision of their sequence, and for a step who is
//! before, at and past it. Computes no times.
use crate::{
    calendar::Instant,
    id::{SequenceName, StepName},
    plan::{Act, Census, Foreseen, Group, Plan, Removed, Sequence, StepIx},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What people do who are pinned.
pub(super) const FINISH: &str = "finish the revision that they entered";

/// People of one of the three groups, and what becomes of them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Some3 {
    pub(crate) people: u64,
    /// Some of them may go another way.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) at_most: bool,
    pub(crate) what: String,
}

/// The three groups of a change.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Three {
    pub(crate) before: Some3,
    pub(crate) at: Some3,
    pub(crate) past: Some3,
}

/// Where a group stands in a revision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Spot {
    At(StepIx),
    /// Everything has fallen due.
    Done,
    /// They leave: the file says so of the step that is gone.
    Leaves,
    /// Nobody says.
    Lost,
}

/// People at one step.
pub(super) struct Stand {
    pub(super) spot: Spot,
    pub(super) people: u64,
    /// Steps of this revision that they had, wherever these stand now.
    pub(super) had: BTreeSet<StepIx>,
    /// What followed their step in the revision before, where theirs is gone.
    pub(super) next: Option<StepIx>,
}

/// What tells those who leave from each other.
pub(super) type LeaverKey = (Option<StepName>, Instant);

/// Both plans, the census, and what is asked of them again and again.
pub(super) struct Scene<'a> {
    pub(super) old: &'a Plan,
    pub(super) new: &'a Plan,
    pub(super) census: Option<&'a Census>,
    pub(super) now: Instant,
    /// What holds for all sequences changed: hours, zones, caps, channels.
    pub(super) terms: bool,
    groups: BTreeMap<SequenceName, Vec<&'a Group>>,
    foreseen: Option<&'a Foreseen>,
}

impl Three {
    pub(super) fn says(mut self, before: &str, at: &str, past: &str) -> Self {
        before.clone_into(&mut self.before.what);
        at.clone_into(&mut self.at.what);
        past.clone_into(&mut self.past.what);
        self
    }

    /// Those for whom it is still to come.
    pub(crate) fn concerned(&self) -> u64 {
        self.before.people + self.at.people
    }

    pub(crate) fn total(&self) -> u64 {
        self.concerned() + self.past.people
    }

    pub(super) fn of(before: u64, at: u64, past: u64) -> Self {
        let some = |people| Some3 { people, ..Some3::default() };
        Self { before: some(before), at: some(at), past: some(past) }
    }
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        (old, new): (&'a Plan, &'a Plan),
        census: Option<&'a Census>,
        foreseen: Option<&'a Foreseen>,
        now: Instant,
    ) -> Self {
        let mut groups: BTreeMap<SequenceName, Vec<&Group>> = BTreeMap::new();
        for group in census.into_iter().flat_map(|census| &census.inside) {
            groups.entry(group.sequence.clone()).or_default().push(group);
        }
        Self { old, new, census, now, terms: old.terms() != new.terms(), groups, foreseen }
    }

    pub(super) fn groups(&self, sequence: &str) -> &[&'a Group] {
        self.groups.get(sequence).map_or(&[], Vec::as_slice)
    }

    /// How many of a group leave at once; `None` when rules that are new may end them and nobody looked. `taken`: those of
    /// the sequence who were told of another group.
    pub(super) fn leavers(&self, group: &Group, new: &Sequence, taken: &mut BTreeMap<LeaverKey, u64>) -> Option<u64> {
        let Some(foreseen) = self.foreseen else {
            let old = self.old.sequences.get(&new.name).filter(|_| !new.changed.pin);
            let known = |stop: &crate::plan::Stop| {
                old.is_none_or(|old| old.stops.iter().any(|was| was.event == stop.event && was.cond == stop.cond))
            };
            return new.stops.iter().all(known).then_some(0);
        };
        let Some(leave) = foreseen.leave.get(&group.sequence) else { return Some(0) };
        let alike = leave.iter().filter(|one| one.step == group.step && one.entered == group.entered).count() as u64;
        let told = taken.entry((group.step.clone(), group.entered)).or_default();
        let left = (alike - *told).min(group.people);
        *told += left;
        Some(left)
    }

    pub(super) fn sequences_inside(&self) -> impl Iterator<Item = &SequenceName> {
        self.groups.keys()
    }

    pub(super) fn inside(&self, sequence: &str) -> u64 {
        self.groups(sequence).iter().map(|group| group.people).sum()
    }

    /// Nobody was counted, or somebody is concerned: what has to be asked is asked.
    pub(super) fn concerns(&self, people: u64) -> bool {
        self.census.is_none() || people > 0
    }

    /// Is anybody known at all? Without a census that has to be supposed.
    pub(super) fn knows_anybody(&self) -> bool {
        self.census.is_none_or(|census| census.people > 0)
    }

    fn counted(&self, three: Three) -> Option<Three> {
        self.census.map(|_| three)
    }

    /// Who is before, at and past a step of this revision.
    pub(super) fn three(&self, sequence: &Sequence, step: StepIx) -> Option<Three> {
        let (mut counts, mut at_most) = ((0, 0, 0), false);
        for Stand { spot, people, had, next } in self.spots(sequence) {
            match spot {
                // nobody said yet where they go: what follows is to come, unless they are sent elsewhere
                Spot::Lost
                    if next.is_some_and(|next| next == step || ahead(sequence, next).contains(&step))
                        && !had.contains(&step) =>
                {
                    counts.0 += people;
                    at_most |= people > 0;
                }
                Spot::At(at) if at == step && !had.contains(&step) => counts.1 += people,
                Spot::At(at) if ahead(sequence, at).contains(&step) && !had.contains(&step) => {
                    counts.0 += people;
                    at_most |= people > 0 && !is_sure(sequence, at, step);
                }
                _ => counts.2 += people,
            }
        }
        let mut three = Three::of(counts.0, counts.1, counts.2);
        three.before.at_most = at_most;
        self.counted(three)
    }

    /// Everybody inside, as those whom something concerns that is no step.
    pub(super) fn whole(&self, sequence: &Sequence) -> Option<Three> {
        let done = |stand: Stand| if stand.spot == Spot::Done { (0, stand.people) } else { (stand.people, 0) };
        let counts = self.spots(sequence).into_iter().map(done);
        let (open, over) = counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        self.counted(Three::of(open, 0, over))
    }

    /// How many stand where in this revision, whichever one they are on.
    pub(super) fn spots(&self, sequence: &Sequence) -> Vec<Stand> {
        let mut by_step: BTreeMap<Option<&StepName>, u64> = BTreeMap::new();
        for group in self.groups(sequence.name.as_str()) {
            *by_step.entry(group.step.as_ref()).or_default() += group.people;
        }
        let old = self.old.sequences.get(&sequence.name).map(|old| &**old);
        let stand = |(step, people)| {
            let had = old.map_or_else(BTreeSet::new, |old| had(step, old, sequence));
            let next = step.and_then(|name| followed(name, old?, sequence));
            Stand { spot: spot(step, sequence, old), people, had, next }
        };
        by_step.into_iter().map(stand).collect()
    }

    /// Those at a step by its name in the old files.
    pub(super) fn at(&self, sequence: &SequenceName, step: &StepName) -> u64 {
        let here = self.groups(sequence.as_str()).iter().filter(|group| group.step.as_ref() == Some(step));
        here.map(|group| group.people).sum()
    }

    /// Messages of a step that fell due and have their bytes.
    pub(super) fn prepared(&self, sequence: &SequenceName, step: &StepName) -> u64 {
        let open = self.census.into_iter().flat_map(|census| &census.open);
        let of = open.filter(|open| open.prepared && open.sequence == *sequence && open.step == *step);
        of.map(|open| open.messages).sum()
    }
}

/// Where people whose next step has this name stand in this revision; a step that is gone is looked for as the engine
/// does: by what the file says, else by what followed it in the revision before.
pub(super) fn spot(step: Option<&StepName>, sequence: &Sequence, old: Option<&Sequence>) -> Spot {
    let had = old.map_or_else(BTreeSet::new, |old| had(step, old, sequence));
    let mut spot = found(step, sequence, old);
    while let Spot::At(at) = spot
        && had.contains(&at)
    {
        let next = sequence.step(at).map_or(sequence.end(), |step| step.next);
        spot = if next < sequence.end() { Spot::At(next) } else { Spot::Done };
    }
    spot
}

fn found(step: Option<&StepName>, sequence: &Sequence, old: Option<&Sequence>) -> Spot {
    let place = |at: StepIx| if at < sequence.end() { Spot::At(at) } else { Spot::Done };
    let Some(name) = step else {
        // after the last one comes what follows it today
        let last = old.and_then(|old| old.step(old.outer().last()?));
        let known = last.and_then(|last| sequence.step(sequence.position(&last.name)?));
        return known.map_or(Spot::Done, |last| place(last.next));
    };
    if let Some(at) = sequence.position(name) {
        return Spot::At(at);
    }
    let next = || old.and_then(|old| followed(name, old, sequence)).map_or(Spot::Done, place);
    match sequence.removed(name) {
        Some(Removed::Stop) => Spot::Leaves,
        Some(Removed::Jump(to)) => sequence.position(to).map_or_else(next, place),
        Some(Removed::Next) => next(),
        None => Spot::Lost,
    }
}

/// Steps of this revision that people whose next step has this name in the old one had before: nothing repeats.
pub(super) fn had(step: Option<&StepName>, old: &Sequence, sequence: &Sequence) -> BTreeSet<StepIx> {
    let at = step.map_or(Some(old.end()), |name| old.position(name));
    let before = at.into_iter().flat_map(|at| old.steps.iter().take(usize::from(at.0)));
    before.filter_map(|step| sequence.position(&step.name)).collect()
}

/// The first step after this one in the old revision that the new one still has.
pub(super) fn followed(name: &StepName, old: &Sequence, new: &Sequence) -> Option<StepIx> {
    let mut at = old.step(old.position(name)?)?.next;
    while let Some(step) = old.step(at) {
        if let Some(known) = new.position(&step.name) {
            return Some(known);
        }
        at = step.next;
    }
    Some(new.end())
}

/// Every step that may still come to people who stand at this one.
pub(super) fn ahead(sequence: &Sequence, from: StepIx) -> BTreeSet<StepIx> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        let Some(step) = sequence.step(at) else { continue };
        let ways = step.act.arms().into_iter().map(|(_, entry)| entry).chain([step.next]);
        open.extend(ways.filter(|way| *way < sequence.end() && seen.insert(*way)));
    }
    // steps only lead forward: whoever stands here has it before them no more
    seen.remove(&from);
    seen
}

/// Does every way from here lead to that step?
pub(super) fn is_sure(sequence: &Sequence, from: StepIx, step: StepIx) -> bool {
    let arms = |at: StepIx| -> BTreeSet<StepIx> {
        let above = |at: &StepIx| sequence.step(*at).and_then(|step| step.above);
        let chain = std::iter::successors(Some(at), above);
        // the first of an arm: what stands above it has it among its ways, and goes on elsewhere
        chain
            .filter(|at| {
                let above = above(at).and_then(|above| sequence.step(above));
                above.is_some_and(|above| above.next != *at && above.act.arms().iter().any(|(_, entry)| entry == at))
            })
            .collect()
    };
    let ends = |at: &StepIx| *at < step && sequence.step(*at).is_some_and(|step| matches!(step.act, Act::Stop(_)));
    arms(step).is_subset(&arms(from)) && !ahead(sequence, from).iter().chain([&from]).any(ends)
}

/// Does the step write to the person?
pub(super) fn writes(act: &Act) -> bool {
    matches!(act, Act::Message(spec) if spec.to == crate::plan::To::Contact)
}
