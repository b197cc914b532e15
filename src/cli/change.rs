//! Which changes of the files must not reach the people inside by themselves. Compares names with a census; decides nothing
//! about anybody.
use crate::{
    diag::{FileId, Finding, Place, catalogue::change as rows, nearest},
    id::{SequenceName, StepName},
    plan::Plan,
    store::CensusRow,
};
use std::collections::BTreeMap;

/// People whose position the new plan does not know, as findings: one for each step or sequence.
pub(super) fn undecided(plan: &Plan, census: &[CensusRow]) -> Vec<Finding> {
    let mut people: BTreeMap<(&SequenceName, Option<&StepName>), u64> = BTreeMap::new();
    for row in census {
        let step = row.step.as_ref();
        match plan.sequences.get(&row.sequence) {
            None => *people.entry((&row.sequence, None)).or_default() += row.people,
            Some(sequence) => {
                let lost = |step: &StepName| sequence.position(step).is_none() && sequence.removed(step).is_none();
                if step.is_some_and(lost) {
                    *people.entry((&row.sequence, step)).or_default() += row.people;
                }
            }
        }
    }
    people
        .into_iter()
        .map(|((sequence, step), people)| match step {
            Some(step) => step_gone(plan, sequence, step, people),
            None => sequence_gone(plan, sequence, people),
        })
        .collect()
}

fn step_gone(plan: &Plan, sequence: &SequenceName, step: &StepName, people: u64) -> Finding {
    let found = plan.sequences.get(sequence);
    let file = found.map_or("dripline.yaml", |sequence| &sequence.origin.file);
    let wait = waits(people);
    let message = format!("step \"{step}\" of \"{sequence}\" is gone, and {wait} at it");
    let steps = found.into_iter().flat_map(|sequence| sequence.steps.iter().map(|step| step.name.as_str()));
    Finding::new(&rows::STEP_GONE, &Place::of_file(FileId::from(file)), message).help(help(step.as_str(), steps))
}

fn sequence_gone(plan: &Plan, sequence: &SequenceName, people: u64) -> Finding {
    let message = format!("sequence \"{sequence}\" is gone, and {} inside", waits(people));
    let names = plan.sequences.keys().map(SequenceName::as_str);
    let back = help(sequence.as_str(), names);
    Finding::new(&rows::SEQUENCE_GONE, &Place::of_file(FileId::from("dripline.yaml")), message).help(format!(
        "{back}. Or write into dripline.yaml `retired: {{ {sequence}: finish }}`: they get the rest; with `stop` they leave"
    ))
}

fn waits(people: u64) -> String {
    if people == 1 { "one person waits".to_owned() } else { format!("{people} people wait") }
}

fn help<'a>(gone: &str, names: impl Iterator<Item = &'a str>) -> String {
    let renamed = nearest(gone, names).map_or(String::new(), |near| format!(" (was it renamed to \"{near}\"?)"));
    format!("put \"{gone}\" back until nobody waits there{renamed}; `dripline status` shows who is where")
}
