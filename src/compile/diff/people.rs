//! Who stands where: the groups of a census in the old and in the new revision of their sequence, and for a step who is
//! before, at and past it. Computes no times.
use crate::{
    calendar::Instant,
    id::{SequenceName, StepName},
    plan::{Act, Census, Group, Plan, Removed, Sequence, StepIx, Waits},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// People of one of the three groups, and what becomes of them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Some3 {
    pub(crate) people: u64,
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

/// Both plans, the census, and what is asked of them again and again.
pub(super) struct Scene<'a> {
    pub(super) old: &'a Plan,
    pub(super) new: &'a Plan,
    pub(super) census: Option<&'a Census>,
    pub(super) now: Instant,
    groups: BTreeMap<SequenceName, Vec<&'a Group>>,
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
        let some = |people| Some3 { people, what: String::new() };
        Self { before: some(before), at: some(at), past: some(past) }
    }
}

impl<'a> Scene<'a> {
    pub(super) fn new(old: &'a Plan, new: &'a Plan, census: Option<&'a Census>, now: Instant) -> Self {
        let mut groups: BTreeMap<SequenceName, Vec<&Group>> = BTreeMap::new();
        for group in census.into_iter().flat_map(|census| &census.inside) {
            groups.entry(group.sequence.clone()).or_default().push(group);
        }
        Self { old, new, census, now, groups }
    }

    pub(super) fn groups(&self, sequence: &str) -> &[&'a Group] {
        self.groups.get(sequence).map_or(&[], Vec::as_slice)
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
        let mut counts = (0, 0, 0);
        for (spot, people) in self.spots(sequence) {
            match spot {
                Spot::At(at) if at == step => counts.1 += people,
                Spot::At(at) if ahead(sequence, at).contains(&step) => counts.0 += people,
                _ => counts.2 += people,
            }
        }
        self.counted(Three::of(counts.0, counts.1, counts.2))
    }

    /// Everybody inside, as those whom something concerns that is no step.
    pub(super) fn whole(&self, sequence: &Sequence) -> Option<Three> {
        let done = |(spot, people): (Spot, u64)| if spot == Spot::Done { (0, people) } else { (people, 0) };
        let counts = self.spots(sequence).into_iter().map(done);
        let (open, over) = counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        self.counted(Three::of(open, 0, over))
    }

    /// How many stand where in this revision, whichever one they are on.
    pub(super) fn spots(&self, sequence: &Sequence) -> Vec<(Spot, u64)> {
        let mut by_step: BTreeMap<Option<&StepName>, u64> = BTreeMap::new();
        for group in self.groups(sequence.name.as_str()) {
            *by_step.entry(group.step.as_ref()).or_default() += group.people;
        }
        let old = self.old.sequences.get(&sequence.name);
        by_step.into_iter().map(|(step, people)| (spot(step, sequence, old.map(|old| &**old)), people)).collect()
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
    let Some(name) = step else { return Spot::Done };
    let place = |at: StepIx| if at < sequence.end() { Spot::At(at) } else { Spot::Done };
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

/// Does the step write to the person?
pub(super) fn writes(act: &Act) -> bool {
    matches!(act, Act::Message(spec) if spec.to == crate::plan::To::Contact)
}

/// Is it due by the clock?
pub(super) fn is_timed(group: &Group) -> bool {
    matches!(group.waits, Waits::Time)
}
