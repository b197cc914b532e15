//! Documents to plan: resolve, check, lower. Knows no file system, no clock and no environment variable.
//!
//! [`read_all`] reads every file of a project, [`compile`] makes the plan of what was read. All findings of a project come
//! out of one run; there is a plan only when none of them is an error.
mod found;
mod lower;
mod names;
mod requires;
mod scope;
mod starts;
mod texts;
mod values;

use crate::{
    diag::{FileId, Finding, Sink, SourceMap},
    document::{self, Body, Document, Project, Vars},
    plan::Plan,
};
use lower::Lowering;
use names::Names;
use scope::Base;
use starts::Starts;
use std::{collections::BTreeSet, sync::Arc};

/// What a compilation depends on beside the files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings<'a> {
    /// Name of the environment whose bindings apply.
    pub(crate) env: Option<&'a str>,
    /// Version of the program, against `requires`.
    pub(crate) version: &'a str,
    /// The year whose changes of clocks are looked at.
    pub(crate) year: i16,
}

const PROJECT: &str = "dripline.yaml";

/// Reads every file; the project first, because its variables stand in the others.
pub(crate) fn read_all(sources: &SourceMap, sink: &mut Sink) -> Vec<Document> {
    let mut documents = Vec::new();
    let mut vars = Vars::default();
    let project = FileId::from(PROJECT);
    if let Some(text) = sources.text(&project) {
        documents.extend(document::read(&project, text, &vars, sink));
        if let Some(Document { body: Body::Project(project), .. }) = documents.first() {
            vars = Vars::new(&project.vars);
        }
    }
    for (file, text) in sources.files().filter(|(file, _)| **file != project) {
        documents.extend(document::read(file, text, &vars, sink));
    }
    documents
}

/// The plan of the documents, and every finding: those that `sink` brings along from reading, and those made here.
pub(crate) fn compile(
    documents: &[Document],
    sources: &SourceMap,
    settings: &Settings<'_>,
    mut sink: Sink,
) -> (Option<Plan>, Vec<Finding>) {
    let names = Names::collect(documents, sources, &mut sink);
    let (id, project) = project_of(documents, sources, &mut sink);
    if let Some(text) = &project.requires {
        requires::check(text, settings.version, &mut sink);
    }
    let base = Base::new(&project, &names);
    let starts = Starts::of(documents);
    let partials = partials(sources);
    let mut work = Lowering::new(&base, &starts, sources, &partials, &mut sink);
    work.preferred = project.policies.preferred.iter().map(|channel| channel.as_str().into()).collect();
    let mut plan = lower::project(&mut work, &id, &project, settings.env);
    for document in documents {
        let Some(id) = document.header.as_ref().and_then(|header| header.id.as_ref()) else { continue };
        match &document.body {
            Body::Sequence(sequence) => {
                let lowered = lower::sequence(&mut work, id, sequence);
                plan.sequences.entry(lowered.name.clone()).or_insert_with(|| Arc::new(lowered));
            }
            Body::Trigger(trigger) => {
                let lowered = lower::trigger(&mut work, id, trigger);
                plan.triggers.entry(lowered.name.clone()).or_insert_with(|| Arc::new(lowered));
            }
            Body::Project(_) | Body::Template(_) | Body::Unsupported => {}
        }
    }
    plan.templates = texts::templates(documents, sources, std::mem::take(&mut work.inline));
    let failed = sink.has_errors();
    ((!failed).then(|| plan.indexed()), sink.into_findings())
}

/// The project, or an empty one beside a finding.
fn project_of(documents: &[Document], sources: &SourceMap, sink: &mut Sink) -> (String, Project) {
    let found = documents.iter().find_map(|document| match &document.body {
        Body::Project(project) if document.file.as_str() == PROJECT => Some((document, project)),
        _ => None,
    });
    let Some((document, project)) = found else {
        if sources.text(&FileId::from(PROJECT)).is_none() {
            sink.push(found::no_project());
        }
        return ("project".to_owned(), Project::default());
    };
    let id = document.header.as_ref().and_then(|header| header.id.as_ref());
    (id.map_or_else(|| "project".to_owned(), ToString::to_string), (**project).clone())
}

/// Names that texts can include.
fn partials(sources: &SourceMap) -> BTreeSet<String> {
    let paths = sources.files().filter_map(|(file, _)| file.as_str().strip_prefix("templates/partials/"));
    paths.filter_map(|name| Some(name.rsplit_once('.')?.0.to_owned())).collect()
}

#[cfg(test)]
mod tests;
