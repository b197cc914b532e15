//! A trigger as it runs: which event, what must not happen, whom it enrols.
use super::{Local, NotifySpec, Origin, TaskSpec};
use crate::{
    calendar::Span,
    expr::Cond,
    id::{EventKind, SequenceName, TriggerName},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Trigger {
    pub(crate) name: TriggerName,
    pub(crate) active: bool,
    /// Not empty.
    pub(crate) events: Vec<EventKind>,
    pub(crate) without: Option<Without>,
    pub(crate) cond: Option<Cond>,
    pub(crate) acts: Vec<Local>,
    pub(crate) tasks: Vec<TaskSpec>,
    pub(crate) notices: Vec<NotifySpec>,
    pub(crate) enrol: Option<Enrol>,
    /// Events that conditions ask the history about.
    pub(crate) heard: BTreeSet<EventKind>,
    pub(crate) origin: Origin,
}

/// Fires when this event has not happened in that time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Without {
    pub(crate) event: EventKind,
    pub(crate) cond: Option<Cond>,
    pub(crate) within: Span,
}

/// Whom to enrol where.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Enrol {
    One(SequenceName),
    /// The first whose condition holds.
    FirstOf {
        options: Vec<(Cond, SequenceName)>,
        otherwise: Option<SequenceName>,
    },
}
