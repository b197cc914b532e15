//! Triggers that no event sets off, as the journey and the stores look at them at every turn.
use super::{Limit, Plan, Segment, Trigger, TriggerSource, hash_of};
use crate::{calendar::Span, id::TriggerName};
use std::sync::Arc;

/// One such trigger with its segment.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Standing {
    pub(crate) trigger: Arc<Trigger>,
    pub(crate) segment: Option<Arc<Segment>>,
    /// Tells one source from another: when it changes, the people are looked at anew.
    pub(crate) print: Arc<str>,
}

impl Standing {
    pub(super) fn all(plan: &Plan) -> Vec<Self> {
        let standing = plan.triggers.values().filter(|trigger| trigger.is_standing());
        standing.map(|trigger| Self::of(plan, trigger)).collect()
    }

    fn of(plan: &Plan, trigger: &Arc<Trigger>) -> Self {
        let segment = match &trigger.source {
            TriggerSource::Segment { segment, .. } => plan.segments.get(segment),
            TriggerSource::Every { segment, .. } => segment.as_ref().and_then(|name| plan.segments.get(name)),
            _ => None,
        };
        let mut print = hash_of(&(&trigger.source, segment.map(|segment| &segment.cond), trigger.active));
        print.truncate(16);
        Self { trigger: trigger.clone(), segment: segment.cloned(), print: Arc::from(print) }
    }

    /// Concerns the people of a segment only.
    pub(crate) fn names_segment(&self) -> bool {
        matches!(self.trigger.source, TriggerSource::Segment { .. } | TriggerSource::Every { segment: Some(_), .. })
    }
}

impl Plan {
    /// Triggers that no event sets off, also those that are switched off.
    pub(crate) fn standing(&self) -> &[Standing] {
        &self.index.standing
    }

    /// How many people a trigger may enrol in which time: its own limit, else the blast radius where no event names the
    /// people.
    pub(crate) fn limit_of(&self, trigger: &Trigger) -> Option<Limit> {
        let radius = || self.policies.blast_radius.people.filter(|_| trigger.is_standing());
        trigger.limit.or_else(|| Some(Limit { people: radius()?, per: Span::exact(24 * 3_600_000) }))
    }

    /// Are any enrolments or messages counted?
    pub(crate) fn has_paces(&self) -> bool {
        self.index.paced
    }
}

/// How long messages are counted together against `blast_radius.messages_per_hour`.
pub(crate) const MESSAGES_WINDOW: Span = Span { months: 0, days: 0, ms: 3_600_000 };

/// Under which name they are counted: no trigger can be called so.
pub(crate) fn messages_pace() -> TriggerName {
    TriggerName::new("blast_radius.messages")
}
