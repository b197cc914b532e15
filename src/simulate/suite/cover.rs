//! Which places of a project a story can come to. Counts nothing itself.
use super::{Coverage, Seen, Spot, SpotKind};
use crate::{
    id::SequenceName,
    journey::{Skip, StopReason},
    plan::{About, Act, Body, Origin, Plan, Sequence},
};
use std::sync::Arc;

impl Coverage {
    /// Every place of these sequences, not come to yet.
    pub(crate) fn of_plan(plan: &Plan, wanted: impl Fn(&SequenceName) -> bool) -> Self {
        let mut coverage = Self::default();
        for sequence in plan.sequences.values().filter(|sequence| wanted(&sequence.name)) {
            coverage.add(sequence);
        }
        coverage.skips = Skip::ALL.into_iter().map(|skip| (Arc::from(skip.name()), 0)).collect();
        coverage
    }

    fn add(&mut self, sequence: &Sequence) {
        let mut put = |kind, name: String, origin: &Origin| {
            let spot = Spot { sequence: sequence.name.clone(), kind, name: Arc::from(name) };
            self.spots.insert(spot, Seen { times: 0, origin: origin.clone() });
        };
        for step in &sequence.steps {
            if !step.active {
                continue;
            }
            put(SpotKind::Step, step.name.to_string(), &step.origin);
            if step.cond.is_some() {
                put(SpotKind::Arm, format!("{}/if", step.name), &step.origin);
                put(SpotKind::Arm, format!("{}/if not", step.name), &step.origin);
            }
            for (arm, _) in step.act.arms() {
                put(SpotKind::Arm, format!("{}/{arm}", step.name), &step.origin);
            }
            if let Act::Message(spec) = &step.act
                && let Body::Variants(variants) = &spec.body
            {
                for (arm, _) in &variants.arms {
                    put(SpotKind::Arm, format!("{}/{arm}", step.name), &step.origin);
                }
            }
        }
        put(SpotKind::Exit, "completed".to_owned(), &sequence.origin);
        if sequence.goal.as_ref().is_some_and(|goal| goal.stop) {
            put(SpotKind::Exit, "converted".to_owned(), &sequence.origin);
        }
        for stop in &sequence.stops {
            put(SpotKind::Exit, stop.reason.to_string(), &sequence.origin);
        }
        if sequence.about == About::Booking {
            put(SpotKind::Exit, StopReason::BookingGone.name().to_string(), &sequence.origin);
        }
        for step in &sequence.steps {
            if let Act::Stop(reason) = &step.act {
                put(SpotKind::Exit, reason.to_string(), &step.origin);
            }
        }
    }
}
