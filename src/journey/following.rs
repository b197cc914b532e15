//! How much may follow from one decision, and what is said when it goes in a circle. Must not know what it is that follows.
use super::{Action, Because, Gate, Refusal, RefusedWhy, draft::Draft};
use crate::id::{RunId, SequenceName, TriggerName};
use std::{collections::VecDeque, fmt};

/// Enrolments and events of our own that one decision may lead to. Beyond it sequences enrol into each other, or triggers
/// set each other off, without a wait: no further ones are taken on, and that is recorded.
pub(crate) const FOLLOWING: u32 = 1_000;

/// As many of the last makers are looked at for the circle.
const TRAIL: usize = 100;
/// Of a longer circle the rest is only counted.
const SHOWN: usize = 12;

#[derive(Default)]
pub(super) struct Following {
    count: u32,
    /// Whose actions are being done.
    by: Option<Maker>,
    trail: VecDeque<Maker>,
    told: bool,
}

/// Who made something follow.
#[derive(Clone, PartialEq)]
pub(super) enum Maker {
    Trigger(TriggerName),
    Sequence(SequenceName),
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trigger(name) => write!(f, "trigger {name}"),
            Self::Sequence(name) => write!(f, "sequence {name}"),
        }
    }
}

impl Draft<'_> {
    /// Does something in the name of a trigger or a sequence.
    pub(super) fn as_maker<T>(&mut self, maker: Maker, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.following.by.replace(maker);
        let done = act(self);
        self.following.by = before;
        done
    }

    pub(super) fn maker_of(&self, run: RunId) -> Option<Maker> {
        self.run(run).map(|run| Maker::Sequence(run.sequence.name.clone()))
    }

    /// May one more thing follow from this decision? Made by who is named, else by whose actions are being done.
    pub(super) fn may_follow(&mut self, maker: Option<Maker>) -> bool {
        let following = &mut self.following;
        following.trail.extend(maker.or_else(|| following.by.clone()));
        while following.trail.len() > TRAIL {
            following.trail.pop_front();
        }
        following.count += 1;
        following.count <= FOLLOWING
    }

    /// Records, once in a decision, that nothing further follows.
    pub(super) fn goes_round(&mut self, trigger: Option<&TriggerName>, sequence: Option<&SequenceName>) {
        if std::mem::replace(&mut self.following.told, true) {
            return;
        }
        let made = match &self.following.by {
            Some(Maker::Trigger(name)) => Some(name.clone()),
            _ => None,
        };
        let because = self.circle();
        self.act(Action::Refused(Refusal {
            trigger: trigger.cloned().or(made),
            sequence: sequence.cloned(),
            why: RefusedWhy::Endless,
            because: Some(because),
        }));
    }

    /// Who made the last of what followed: each once, in the order in which they came.
    fn circle(&self) -> Because {
        let mut round: Vec<&Maker> = Vec::new();
        for maker in &self.following.trail {
            if !round.contains(&maker) {
                round.push(maker);
            }
        }
        let mut because = Because::new(Gate::Run).with("followed", FOLLOWING);
        for maker in round.iter().take(SHOWN) {
            because = because.with(ROUND, maker);
        }
        match round.len().saturating_sub(SHOWN) {
            0 => because,
            more => because.with("more", more),
        }
    }
}

/// The name under which a reason lists those who go round.
pub(crate) const ROUND: &str = "round";
