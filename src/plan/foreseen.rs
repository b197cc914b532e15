//! What a plan would do at once to people whom only a database knows: numbers that no census holds. Must not know how they
//! are found.
use crate::{
    calendar::Instant,
    id::{SequenceName, StepName, TriggerName},
};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Foreseen {
    /// People whom rules that are new end at once, because of what happened already; for every sequence with such rules.
    pub(crate) leave: BTreeMap<SequenceName, Vec<Leaver>>,
    /// By triggers that no event sets off and that are new or changed.
    pub(crate) enter: BTreeMap<TriggerName, Enter>,
}

/// Somebody who leaves, as far as a census tells them apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Leaver {
    pub(crate) step: Option<StepName>,
    /// The hour.
    pub(crate) entered: Instant,
}

/// People who match a trigger already when it is published.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Enter {
    /// Those who would be enrolled, after every rule of entry.
    pub(crate) people: u64,
    /// Nobody counted any further.
    pub(crate) more: bool,
    /// They are: it says `backfill`. Else they stay out.
    pub(crate) taken: bool,
}
