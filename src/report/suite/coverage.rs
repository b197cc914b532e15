//! What of the project the suites have seen: numbers by kind, and what is missing with its place.
use super::words;
use crate::{
    id::SequenceName,
    simulate::suite::{Coverage, Seen, Spot, SpotKind},
};

/// In the order in which they are shown.
pub(super) const KINDS: [(SpotKind, &str); 3] =
    [(SpotKind::Step, "steps"), (SpotKind::Arm, "arms"), (SpotKind::Exit, "exits")];

/// One kind of places of one sequence.
#[derive(Clone, Debug)]
pub(super) struct Kind<'a> {
    pub(super) name: &'static str,
    pub(super) seen: usize,
    pub(super) all: usize,
    pub(super) missing: Vec<(&'a Spot, &'a Seen)>,
}

/// Kinds without any places are left out.
pub(super) fn kinds<'a>(coverage: &'a Coverage, sequence: &SequenceName) -> Vec<Kind<'a>> {
    let of = |(kind, name): (SpotKind, &'static str)| {
        let all = coverage.spots.iter().filter(|(spot, _)| spot.kind == kind && spot.sequence == *sequence);
        let missing: Vec<_> = all.clone().filter(|(_, seen)| seen.times == 0).collect();
        let all = all.count();
        Kind { name, seen: all - missing.len(), all, missing }
    };
    KINDS.into_iter().map(of).filter(|kind| kind.all > 0).collect()
}

pub(super) fn sequences(coverage: &Coverage) -> Vec<&SequenceName> {
    let mut names: Vec<&SequenceName> = coverage.spots.keys().map(|spot| &spot.sequence).collect();
    names.dedup();
    names
}

/// Reasons that came up, and those that never did.
pub(super) fn reasons(coverage: &Coverage) -> (usize, Vec<String>) {
    let never = coverage.skips.iter().filter(|(_, times)| **times == 0);
    let never: Vec<String> = never.map(|(reason, _)| words::clean(reason)).collect();
    (coverage.skips.len() - never.len(), never)
}

/// Of steps, arms and exits: rounded down, so that 100 means all. Nothing where there is nothing to see. Reasons for skips
/// do not count: which of them a project can meet at all is not known.
pub(crate) fn percent(coverage: &Coverage) -> Option<u32> {
    let all = coverage.spots.len();
    let seen = coverage.spots.values().filter(|seen| seen.times > 0).count();
    (all > 0).then(|| u32::try_from(seen * 100 / all).unwrap_or(100))
}

/// `steps 5 of 5, arms 2 of 2, exits 4 of 5: 91 %`.
pub(super) fn line(coverage: &Coverage) -> Option<String> {
    let counted = KINDS.into_iter().map(|(kind, name)| (name, coverage.of(kind)));
    let parts: Vec<String> =
        counted.filter(|(_, (_, all))| *all > 0).map(|(name, (seen, all))| format!("{name} {seen} of {all}")).collect();
    Some(format!("{}: {} %", parts.join(", "), percent(coverage)?))
}
