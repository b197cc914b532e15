//! Which sequence a trigger means for this person, and whom triggers and sequences are for.
use super::{
    Action, Because, Gate, Happening, Refusal, RefusedWhy,
    draft::{Draft, View},
};
use crate::{
    id::{ClinicName, SequenceName, TriggerName},
    plan::{Among, Enrol, Sequence},
    value::Value,
};
use std::{cmp::Reverse, sync::Arc};

impl Draft<'_> {
    /// The sequence that a trigger's `enroll` means for this event, if any.
    pub(super) fn choose(&mut self, by: &TriggerName, enrol: &Enrol, event: &Happening) -> Option<SequenceName> {
        match enrol {
            Enrol::One(name) => Some(name.clone()),
            Enrol::FirstOf { options, otherwise } => {
                for (cond, name) in options {
                    if self.holds(Some(cond), View::Event(event)) {
                        return Some(name.clone());
                    }
                }
                otherwise.clone()
            }
            Enrol::BestOf { among, otherwise } => {
                let eligible = self.eligible(by, among, event);
                self.best(eligible, event).or_else(|| otherwise.clone())
            }
        }
    }

    fn eligible(&mut self, by: &TriggerName, among: &Among, event: &Happening) -> Vec<Arc<Sequence>> {
        let all = || self.plan.sequences.values();
        match among {
            Among::These(names) => names.iter().filter_map(|name| self.plan.sequences.get(name)).cloned().collect(),
            Among::Category(category) => all().filter(|found| found.category == *category).cloned().collect(),
            Among::Funnel => {
                let funnel = event.data.get("funnel").and_then(Value::as_text).unwrap_or_default();
                if !self.plan.funnels.iter().any(|known| **known == *funnel) {
                    self.act(Action::Refused(Refusal {
                        trigger: Some(by.clone()),
                        sequence: None,
                        why: RefusedWhy::UnknownFunnel,
                        because: Some(Because::new(Gate::Condition).with("event.funnel", funnel)),
                    }));
                    return Vec::new();
                }
                all().filter(|found| found.funnels.iter().any(|name| **name == *funnel)).cloned().collect()
            }
        }
    }

    /// Of those that fit in every stated part: most stated parts, then the narrower score, then priority, then id.
    fn best(&mut self, eligible: Vec<Arc<Sequence>>, event: &Happening) -> Option<SequenceName> {
        let fitting = eligible.into_iter().filter(|sequence| sequence.active && self.fits(sequence, event));
        let best = fitting.min_by_key(|sequence| {
            (Reverse(sequence.fits.stated()), sequence.fits.width(), Reverse(sequence.priority), sequence.name.clone())
        });
        best.map(|sequence| sequence.name.clone())
    }

    fn fits(&mut self, sequence: &Sequence, event: &Happening) -> bool {
        let (fits, contact) = (&sequence.fits, &self.person.contact);
        let among = |words: &[Arc<str>], field: &str| {
            let value = || contact.field(field);
            words.is_empty() || value().as_text().is_some_and(|value| words.iter().any(|word| **word == *value))
        };
        let score = fits.score.is_none_or(|range| {
            range.min.is_none_or(|min| contact.score >= min) && range.max.is_none_or(|max| contact.score <= max)
        });
        score
            && among(&fits.sources, "source")
            && among(&fits.statuses, "status")
            && among(&fits.temperatures, "temperature")
            && self.is_of(&sequence.clinics, View::Event(event))
            && self.holds(fits.cond.as_ref(), View::Person)
    }

    /// Is the person, or the booking in view, of one of these clinics? Of any when none is named.
    pub(super) fn is_of(&self, clinics: &[ClinicName], view: View<'_>) -> bool {
        clinics.is_empty() || clinics.contains(&self.facts(view).clinic().id)
    }
}
