//! A trigger as it runs: what sets it off, for whom, and whom it enrols where.
use super::{Local, Moment, NotifySpec, Origin, TaskSpec};
use crate::{
    calendar::{Schedule, Span, TimeOfDay},
    expr::Cond,
    id::{CampaignName, ClinicName, EventKind, SegmentName, SequenceName, TriggerName},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Trigger {
    pub(crate) name: TriggerName,
    pub(crate) active: bool,
    pub(crate) source: TriggerSource,
    pub(crate) cond: Option<Cond>,
    /// Only people of these clinics; of all when empty.
    #[serde(default)]
    pub(crate) clinics: Vec<ClinicName>,
    /// Also those who match when the trigger is published.
    #[serde(default)]
    pub(crate) backfill: bool,
    /// The most people that it enrols in that time, instead of the blast radius.
    #[serde(default)]
    pub(crate) limit: Option<Limit>,
    pub(crate) acts: Vec<Local>,
    pub(crate) tasks: Vec<TaskSpec>,
    pub(crate) notices: Vec<NotifySpec>,
    pub(crate) enrol: Option<Enrol>,
    /// Events that conditions ask the history about.
    pub(crate) heard: BTreeSet<EventKind>,
    pub(crate) origin: Origin,
}

/// What sets a trigger off.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TriggerSource {
    /// Any of these happens. Not empty.
    Events { events: Vec<EventKind>, without: Option<Without> },
    /// Somebody begins or ceases to match.
    Segment { segment: SegmentName, on: Border },
    /// That long before or after what a field of the contact or of a booking holds.
    Moment { field: Moment, before: bool, span: Span, at: Option<TimeOfDay>, yearly: bool },
    /// At fixed times by the person's clock, for everybody or for those of a segment.
    Every { schedule: Schedule, segment: Option<SegmentName> },
    /// The campaign was launched and its start has come.
    Campaign { campaign: CampaignName },
}

/// So many people in that time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Limit {
    pub(crate) people: u32,
    pub(crate) per: Span,
}

/// Which way somebody crosses the border of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Border {
    Entry,
    Exit,
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
    /// The one that fits the person best.
    BestOf {
        among: Among,
        otherwise: Option<SequenceName>,
    },
}

/// Sequences to choose from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Among {
    /// Those that name the event's funnel.
    Funnel,
    These(Vec<SequenceName>),
    Category(Arc<str>),
}

impl Trigger {
    /// No event sets it off: something is kept of it for every person.
    pub(crate) fn is_standing(&self) -> bool {
        matches!(
            self.source,
            TriggerSource::Segment { .. } | TriggerSource::Moment { .. } | TriggerSource::Every { .. }
        )
    }

    /// Events that set it off, or begin its watch.
    pub(crate) fn events(&self) -> &[EventKind] {
        match &self.source {
            TriggerSource::Events { events, .. } => events,
            _ => &[],
        }
    }

    /// What must not happen.
    pub(crate) fn without(&self) -> Option<&Without> {
        match &self.source {
            TriggerSource::Events { without, .. } => without.as_ref(),
            _ => None,
        }
    }
}
