//! How the steps of a sequence follow each other: steps stand in one row, a barrier before the steps of its arms, and every
//! step names the one that comes after it. Knows no run.
use super::{Act, Due, Sequence, Step, StepIx};
use crate::{
    calendar::Span,
    expr::Cond,
    id::{EventKind, StepName},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The arm of the steps that follow when nothing else holds.
pub(crate) const OTHERWISE: &str = "otherwise";
/// The arm of the steps that follow when what was waited for came.
pub(crate) const THEN: &str = "then";

/// Different ways by conditions: the first that holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Branch {
    pub(crate) cases: Vec<Case>,
    pub(crate) otherwise: StepIx,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) cond: Cond,
    pub(crate) entry: StepIx,
}

/// A share of the people, always the same for the same person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) name: Arc<str>,
    pub(crate) weight: u32,
    pub(crate) entry: StepIx,
}

/// Waits for the next such event, or until a condition holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct WaitFor {
    pub(crate) event: Option<EventKind>,
    pub(crate) cond: Option<Cond>,
    pub(crate) up_to: Span,
    pub(crate) then: StepIx,
    pub(crate) otherwise: StepIx,
}

/// What became of a step that is no longer in the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Removed {
    Next,
    Stop,
    Jump(StepName),
}

/// How a step that became overdue by a change of the file is caught up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CatchUp {
    /// Each person at a moment of their own within this time.
    Spread(Span),
    Now,
    Skip,
    /// Those inside keep the time they had.
    Keep,
}

/// What a file says about steps that it no longer has, and about people inside when it changes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Changed {
    /// Old name and new name.
    pub(crate) moved: Vec<(StepName, StepName)>,
    pub(crate) removed: Vec<(StepName, Removed)>,
    pub(crate) catch_up: Option<CatchUp>,
    /// People inside finish the revision that they entered.
    pub(crate) pin: bool,
}

/// A step with the steps of its arms, in the order of [`Act::arms`].
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) step: Step,
    pub(crate) arms: Vec<Vec<Node>>,
}

impl Act {
    /// Names and first steps of the ways that lead on from a barrier; none for other steps.
    pub(crate) fn arms(&self) -> Vec<(Arc<str>, StepIx)> {
        match self {
            Self::Branch(branch) => {
                let cases = branch.cases.iter().enumerate();
                let cases = cases.map(|(at, case)| (Arc::from((at + 1).to_string()), case.entry));
                cases.chain([(Arc::from(OTHERWISE), branch.otherwise)]).collect()
            }
            Self::Split(shares) => shares.iter().map(|share| (share.name.clone(), share.entry)).collect(),
            Self::WaitFor(wait) => vec![(Arc::from(THEN), wait.then), (Arc::from(OTHERWISE), wait.otherwise)],
            _ => Vec::new(),
        }
    }

    /// Is it decided only when nothing of the run is open?
    pub(crate) fn is_barrier(&self) -> bool {
        matches!(self, Self::Branch(_) | Self::Split(_) | Self::WaitFor(_))
    }

    fn lead(&mut self, entries: &[StepIx]) {
        let mut entries = entries.iter().copied();
        let mut next = |entry: &mut StepIx| *entry = entries.next().unwrap_or(*entry);
        match self {
            Self::Branch(branch) => {
                branch.cases.iter_mut().for_each(|case| next(&mut case.entry));
                next(&mut branch.otherwise);
            }
            Self::Split(shares) => shares.iter_mut().for_each(|share| next(&mut share.entry)),
            Self::WaitFor(wait) => {
                next(&mut wait.then);
                next(&mut wait.otherwise);
            }
            _ => {}
        }
    }
}

impl Node {
    fn size(&self) -> usize {
        1 + self.arms.iter().flatten().map(Self::size).sum::<usize>()
    }
}

/// A position far beyond what a file can hold stays a position.
fn ix(at: usize) -> StepIx {
    StepIx(u16::try_from(at).unwrap_or(u16::MAX))
}

/// Puts a list of steps and the steps below them at the end of the row.
fn put(nodes: Vec<Node>, mut above: Option<StepIx>, next: StepIx, row: &mut Vec<Step>) {
    let mut left = nodes.len();
    for Node { mut step, arms } in nodes {
        left -= 1;
        let size = 1 + arms.iter().flatten().map(Node::size).sum::<usize>();
        let here = ix(row.len());
        (step.above, step.next) = (above, if left == 0 { next } else { ix(row.len() + size) });
        let (after, mut first) = (step.next, row.len() + 1);
        let entries: Vec<StepIx> = arms
            .iter()
            .map(|arm| {
                let entry = if arm.is_empty() { after } else { ix(first) };
                first += arm.iter().map(Node::size).sum::<usize>();
                entry
            })
            .collect();
        step.act.lead(&entries);
        row.push(step);
        for arm in arms {
            put(arm, Some(here), after, row);
        }
        above = Some(here);
    }
}

/// Steps in one row, each knowing what comes after it.
pub(crate) fn in_a_row(nodes: Vec<Node>) -> Vec<Step> {
    let end = ix(nodes.iter().map(Node::size).sum());
    let mut row = Vec::new();
    put(nodes, None, end, &mut row);
    row
}

impl Sequence {
    pub(crate) fn step(&self, at: StepIx) -> Option<&Step> {
        self.steps.get(usize::from(at.0))
    }

    /// The step of this name, or the one that it was renamed to.
    pub(crate) fn position(&self, name: &StepName) -> Option<StepIx> {
        let named = |name: &StepName| self.steps.iter().position(|step| step.name == *name).map(ix);
        named(name).or_else(|| named(self.renamed(name)?))
    }

    /// What a step of this name is called today.
    fn renamed(&self, name: &StepName) -> Option<&StepName> {
        self.changed.moved.iter().find(|(from, _)| from == name).map(|(_, to)| to)
    }

    pub(crate) fn name_today<'n>(&'n self, name: &'n StepName) -> &'n StepName {
        self.renamed(name).unwrap_or(name)
    }

    /// What is said about a step that is gone.
    pub(crate) fn removed(&self, name: &StepName) -> Option<&Removed> {
        self.changed.removed.iter().find(|(gone, _)| gone == name).map(|(_, then)| then)
    }

    /// One past the last step.
    pub(crate) fn end(&self) -> StepIx {
        ix(self.steps.len())
    }

    /// Steps that stand in no arm.
    pub(crate) fn outer(&self) -> impl Iterator<Item = StepIx> {
        let first = (!self.steps.is_empty()).then_some(StepIx(0));
        std::iter::successors(first, |at| self.step(*at).map(|step| step.next).filter(|next| *next < self.end()))
    }

    /// The first step of the arm that was taken: the one in which its first step stands today, else the one of its name.
    pub(crate) fn arm(&self, barrier: StepIx, arm: &str, first: Option<&StepName>) -> StepIx {
        let Some(step) = self.step(barrier) else { return self.end() };
        let arms = step.act.arms();
        let holds = || {
            let mut at = self.position(first?)?;
            loop {
                let above = self.step(at)?.above?;
                if above == barrier {
                    return arms.iter().map(|(_, entry)| *entry).find(|entry| *entry == at && at != step.next);
                }
                at = above;
            }
        };
        if first.is_none() {
            return step.next;
        }
        let named = || arms.iter().find(|(name, _)| **name == *arm).map(|(_, entry)| *entry);
        holds().or_else(named).unwrap_or(step.next)
    }

    /// Is this step bound to a moment that can move: by its own key, or because it goes together with one that is? What
    /// comes after a `wait_for` goes together with what was waited for.
    pub(crate) fn bound(&self, at: StepIx) -> Option<&Due> {
        let mut step = self.step(at)?;
        while step.due == Due::Together {
            step = self.step(step.above?).filter(|above| !matches!(above.act, Act::WaitFor(_)))?;
        }
        Some(&step.due).filter(|due| matches!(due, Due::Bound { .. }))
    }
}
