//! Answers of look-ups in previews: nobody is asked, so they are made up or said by who looks.
use super::PreviewFault;
use crate::{
    id::{SequenceName, StepName},
    journey::Outcome,
    plan::{Act, Appointment, Plan, Sequence, Supposed},
};
use std::{collections::BTreeMap, sync::Arc};

/// The plan in which every look-up answers with example values: for stories of many people.
pub(super) fn examples(plan: &Arc<Plan>) -> Arc<Plan> {
    if plan.lookups.is_empty() {
        return plan.clone();
    }
    let mut plan = Plan::clone(plan);
    plan.supposed = plan.lookups.keys().map(|name| (name.clone(), Supposed::Example)).collect();
    Arc::new(plan)
}

/// The plan with an answer for each look-up: what was said, else an example.
pub(super) fn answers(
    plan: &Arc<Plan>,
    sequence: &SequenceName,
    said: &[(String, Supposed)],
) -> Result<Arc<Plan>, PreviewFault> {
    let asks = plan.sequences.get(sequence).map(|sequence| asks(sequence)).unwrap_or_default();
    let mut supposed: BTreeMap<Arc<str>, Supposed> =
        plan.lookups.keys().map(|name| (name.clone(), Supposed::Example)).collect();
    for (name, answer) in said {
        let meant = asks.iter().filter(|(alias, lookup)| **alias == **name || **lookup == **name);
        let meant: Vec<&Arc<str>> = meant.map(|(_, lookup)| lookup).collect();
        if meant.is_empty() {
            let known = asks.iter().flat_map(|(alias, lookup)| [alias.to_string(), lookup.to_string()]).collect();
            return Err(PreviewFault::NoLookup { name: name.clone(), known });
        }
        supposed.extend(meant.into_iter().map(|lookup| (lookup.clone(), answer.clone())));
    }
    if supposed.is_empty() {
        return Ok(plan.clone());
    }
    let mut plan = Plan::clone(plan);
    plan.supposed = supposed;
    Ok(Arc::new(plan))
}

/// Every name of an answer in a sequence, with its look-up.
fn asks(sequence: &Sequence) -> Vec<(Arc<str>, Arc<str>)> {
    let with = sequence.steps.iter().flat_map(|step| &step.with);
    with.map(|(alias, lookup)| (alias.clone(), lookup.clone())).collect()
}

/// What a line of a step says beside its outcome.
pub(super) fn notes(plan: &Plan, sequence: &SequenceName, step: &StepName, outcome: &Outcome) -> Vec<String> {
    let step = plan.sequences.get(sequence).and_then(|of| of.steps.iter().find(|known| known.name == *step));
    let Some(step) = step else { return Vec::new() };
    let mut notes = Vec::new();
    if let (Outcome::Sent, Act::Message(spec)) = (outcome, &step.act) {
        notes.extend(spec.appointment.as_ref().map(offered));
    }
    for lookup in step.with.values() {
        let how = match plan.supposed.get(lookup) {
            Some(Supposed::Answer(_)) => "the answer that you gave",
            Some(Supposed::Nothing) => "it finds nothing",
            Some(Supposed::Failure) => "it fails",
            Some(Supposed::Example) | None => "example values",
        };
        notes.push(format!("look-up {lookup}: {how}"));
    }
    notes
}

fn offered(offered: &Appointment) -> String {
    let slot = offered.slot.as_ref().map_or_else(|| "the first free time".to_owned(), |slot| format!("at {slot}"));
    let host = offered.host.as_ref().map(|host| format!(" with {host}")).unwrap_or_default();
    format!("offers an appointment {}{host}, {slot}, by its link", offered.kind)
}
