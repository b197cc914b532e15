//! What the project asks and tells other programs, and what it understands, into the plan.
use super::arc;
use crate::{document::Project, plan::Intent};

pub(super) fn intents(project: &Project) -> Vec<Intent> {
    let intents = project.intents.iter();
    intents
        .map(|intent| Intent {
            name: arc(&intent.name),
            words: intent.words.iter().map(arc).collect(),
            model: intent.model.as_ref().is_some_and(|model| model.value),
        })
        .collect()
}
