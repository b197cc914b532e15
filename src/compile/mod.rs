//! Documents to plan: resolve, check, lower. Knows no file system, no clock and no environment variable.
//!
//! [`read_all`] reads every file of a project, [`compile`] makes the plan of what was read. All findings of a project come
//! out of one run; there is a plan only when none of them is an error. Errors of suites take only their suite away: a test
//! that is broken stops nothing that runs.
mod allow;
mod check;
mod corners;
pub(crate) mod diff;
mod foreign;
mod found;
mod interval;
mod lower;
mod names;
mod requires;
mod scope;
mod starts;
mod suite;
mod texts;
mod values;
mod ways;

use crate::{
    calendar::Instant,
    diag::{FileId, Finding, Place, Sink, SourceMap, catalogue::suites},
    document::{self, Body, Document, Project, Vars},
    id::SegmentName,
    plan::{Plan, Segment, Suite, Trigger},
};
use check::{SequencePair, TriggerPair};
use lower::Lowering;
use names::{Names, Sort};
use scope::Base;
use starts::Starts;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use texts::Texts;
use ways::Ways;

pub(crate) use suite::Fixtures;

/// What a compilation depends on beside the files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings<'a> {
    /// Name of the environment whose bindings apply.
    pub(crate) env: Option<&'a str>,
    /// Version of the program, against `requires`.
    pub(crate) version: &'a str,
    /// The year whose changes of clocks are looked at.
    pub(crate) year: i16,
    /// Against dates in files.
    pub(crate) now: Instant,
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

/// What becomes of the files of a project.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    /// Only when no finding outside of the suites is an error.
    pub(crate) plan: Option<Plan>,
    /// Those without an error, and those that only lack expectations, in the order of their files; none without a plan.
    pub(crate) suites: Vec<Arc<Suite>>,
    /// Sorted by path and place.
    pub(crate) findings: Vec<Finding>,
}

/// The plan of the documents, their suites, and every finding: those that `sink` brings along from reading, and those made
/// here.
pub(crate) fn compile(
    documents: &[Document],
    sources: &SourceMap,
    fixtures: &Fixtures,
    settings: &Settings<'_>,
    mut sink: Sink,
) -> Compiled {
    let registry = check::registry(sources, &mut sink);
    let broken = broken_files(&sink);
    let names = Names::collect(documents, sources, &mut sink);
    let (id, project) = project_of(documents, sources, &mut sink);
    if let Some(text) = &project.requires {
        requires::check(text, settings.version, &mut sink);
    }
    let mut base = Base::new(&project, &names);
    base.offers = offers(documents);
    let base = base;
    let starts = Starts::of(documents);
    let partials = partials(sources);
    let mut work = Lowering::new(&base, &starts, sources, &partials, sink);
    let mut plan = lower::project(&mut work, &id, &project, settings.env);
    work.roles.clone_from(&plan.roles);
    let (mut sequences, triggers, begin) = objects(documents, &mut work, &project, &mut plan);
    plan.segments = segments(documents, &mut work);
    layouts(documents, &mut work);
    let Lowering { used, missed, inline, messages, aliases, mut sink, .. } = work;

    let mut texts = Texts::new(documents, sources, &plan.locales, &broken);
    let reading = texts::check_all(&mut texts, &messages, &base, &Ways::new(documents, &starts, &base), &mut sink);
    keep_events(&mut sequences, reading, &starts);
    mark_offers(&mut sequences, &texts);
    plan.sequences = sequences.iter().map(|pair| (pair.runs.name.clone(), pair.runs.clone())).collect();
    plan.triggers = triggers.iter().map(|pair| (pair.runs.name.clone(), pair.runs.clone())).collect();
    plan.triggers.extend(begin.into_iter().map(|trigger| (trigger.name.clone(), trigger)));
    plan.templates = texts::templates(documents, sources, inline);

    let in_folder = |file: &FileId| {
        let folders = ["sequences/", "triggers/", "segments/", "campaigns/"];
        folders.iter().any(|folder| file.as_str().starts_with(folder))
    };
    let by_sequence = check::BySequence::of(&messages, &sequences);
    let seen = check::Seen {
        settings,
        documents,
        project: &project,
        names: &names,
        base: &base,
        starts: &starts,
        used: &used,
        missed: &missed,
        registry: registry.as_ref(),
        messages: &messages,
        by_sequence,
        aliases: &aliases,
        texts: &texts,
        plan: &plan,
        sequences,
        triggers,
        broken: broken.iter().any(in_folder),
    };
    check::all(&seen, &mut sink);
    let suites = suite::all(&seen, sources, fixtures, &mut sink);
    let findings = allow::apply(documents, rooted(sink.into_findings()));
    judged(documents, plan, suites, findings)
}

/// Errors of suites do not concern the plan, and errors of the plan leave nothing to test.
fn judged(documents: &[Document], plan: Plan, suites: Vec<Arc<Suite>>, findings: Vec<Finding>) -> Compiled {
    let kind = |file: &FileId| {
        let document = documents.iter().find(|document| document.file == *file);
        document.and_then(|document| document.header.as_ref()).map(|header| header.kind)
    };
    let of_suites = |file: &FileId| match kind(file) {
        Some(kind) => kind == document::Kind::Suite,
        None => file.as_str().starts_with("tests/"),
    };
    let broken: BTreeSet<&FileId> =
        findings.iter().filter(|finding| finding.is_error()).map(|finding| &finding.primary.file).collect();
    let plan = broken.iter().all(|file| of_suites(file)).then(|| plan.indexed());
    let lacking = |finding: &&Finding| finding.is_error() && !lacks_expectations(finding, &suites);
    let broken: BTreeSet<&FileId> = findings.iter().filter(lacking).map(|finding| &finding.primary.file).collect();
    let sound = |suite: &Arc<Suite>| plan.is_some() && !broken.contains(&FileId::new(&suite.origin.file));
    let suites = suites.iter().filter(|suite| sound(suite)).cloned().collect();
    Compiled { plan, suites, findings }
}

/// Whether all that is wrong is that a scenario expects nothing yet: it can be played, and what came be written into it.
pub(crate) fn lacks_expectations(finding: &Finding, suites: &[Arc<Suite>]) -> bool {
    // one in which nothing happens has the same code
    let plays = |suite: &Suite| suite.scenarios.iter().all(|scenario| !scenario.when.is_empty());
    let mut here = suites.iter().filter(|suite| *suite.origin.file == *finding.primary.file.as_str());
    finding.code.0 == suites::EMPTY_SCENARIO.code && here.any(|suite| plays(suite))
}

/// One root cause per place: what stands inside a text that could not be read as written says nothing new.
fn rooted(findings: Vec<Finding>) -> Vec<Finding> {
    let roots: Vec<Place> = findings
        .iter()
        .filter(|finding| finding.is_error() && of_shape(finding.code.0) && !finding.primary.is_empty())
        .map(|finding| finding.primary.clone())
        .collect();
    if roots.is_empty() {
        return findings;
    }
    let mut by_file: BTreeMap<FileId, Vec<Place>> = BTreeMap::new();
    for root in roots {
        by_file.entry(root.file.clone()).or_default().push(root);
    }
    let inside = |finding: &Finding| {
        let roots = by_file.get(&finding.primary.file);
        roots.is_some_and(|roots| roots.iter().any(|root| root.contains(&finding.primary)))
    };
    findings.into_iter().filter(|finding| of_shape(finding.code.0) || !inside(finding)).collect()
}

/// Findings of the reader, after which something is not there.
fn of_shape(code: &str) -> bool {
    // DL16x is said of what was read and lacks something that only the compiler can ask for
    code.starts_with("DL0") || (code.starts_with("DL1") && !code.starts_with("DL16"))
}

/// Files of which some part could not be read.
fn broken_files(sink: &Sink) -> BTreeSet<FileId> {
    let broken = sink.iter().filter(|finding| finding.is_error() && of_shape(finding.code.0));
    broken.map(|finding| finding.primary.file.clone()).collect()
}

/// Every sequence and trigger; of two with one id the first.
fn objects<'a>(
    documents: &'a [Document],
    work: &mut Lowering<'a>,
    project: &Project,
    plan: &mut Plan,
) -> (Vec<SequencePair<'a>>, Vec<TriggerPair<'a>>, Vec<Arc<Trigger>>) {
    let (mut sequences, mut triggers): (Vec<SequencePair<'_>>, Vec<TriggerPair<'_>>) = (Vec::new(), Vec::new());
    // what begins campaigns, which no file says by itself
    let mut begin = Vec::new();
    let mut seen = BTreeSet::new();
    for document in documents {
        let Some(id) = document.header.as_ref().and_then(|header| header.id.as_ref()) else { continue };
        match &document.body {
            Body::Sequence(written) => {
                let runs = Arc::new(lower::sequence(work, id, written));
                if seen.insert((Sort::Sequence, id.as_str())) {
                    sequences.push(SequencePair { id, written, runs });
                }
            }
            Body::Trigger(written) => {
                let runs = Arc::new(lower::trigger(work, id, written));
                if seen.insert((Sort::Trigger, id.as_str())) {
                    triggers.push(TriggerPair { written, runs });
                }
            }
            Body::Campaign(written) => {
                let (runs, trigger) = lower::campaign(work, id, written, project, plan);
                if seen.insert((Sort::Sequence, id.as_str())) {
                    sequences.push(SequencePair { id, written: &written.sequence, runs: Arc::new(runs) });
                    begin.push(Arc::new(trigger));
                }
            }
            Body::Offer(written) => {
                let offer = Arc::new(lower::offer(work, id, written, plan));
                plan.offers.entry(offer.name.clone()).or_insert(offer);
            }
            Body::Project(_) | Body::Segment(_) | Body::Template(_) | Body::Suite(_) | Body::Unsupported => {}
        }
    }
    (sequences, triggers, begin)
}

/// Every segment; of two with one id the first.
fn segments(documents: &[Document], work: &mut Lowering<'_>) -> BTreeMap<SegmentName, Arc<Segment>> {
    let mut segments = BTreeMap::new();
    for document in documents {
        let (Some(header), Body::Segment(written)) = (&document.header, &document.body) else { continue };
        let Some(id) = &header.id else { continue };
        if let Some(segment) = lower::segment(work, id, written) {
            segments.entry(segment.name.clone()).or_insert_with(|| Arc::new(segment));
        }
    }
    segments
}

/// What `offer` has, for each offer that the files declare.
fn offers(documents: &[Document]) -> BTreeMap<String, Arc<scope::Slots>> {
    let of = |document: &Document| match (&document.body, document.header.as_ref()?.id.as_ref()) {
        (Body::Offer(offer), Some(id)) => Some((id.to_string(), Arc::new(scope::offer(Some(offer))))),
        _ => None,
    };
    documents.iter().filter_map(of).collect()
}

fn layouts(documents: &[Document], work: &mut Lowering<'_>) {
    for document in documents {
        let Body::Template(template) = &document.body else { continue };
        if let Some(layout) = &template.layout {
            work.known(Sort::Layout, layout);
        }
    }
}

/// A sequence keeps the event that started a run where something reads it: in the run itself, or in one that follows.
fn keep_events(sequences: &mut [SequencePair<'_>], reading: BTreeSet<String>, starts: &Starts) {
    let mut before: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for edge in &starts.edges {
        before.entry(&edge.to).or_default().push(&edge.from);
    }
    let reads = sequences.iter().filter(|pair| pair.runs.uses_event || reading.contains(pair.id.as_str()));
    let mut waiting: Vec<&str> = reads.map(|pair| pair.id.as_str()).collect();
    let mut keep: BTreeSet<&str> = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if keep.insert(id) {
            waiting.extend(before.get(id).into_iter().flatten());
        }
    }
    let keep: BTreeSet<String> = keep.into_iter().map(str::to_owned).collect();
    for pair in sequences.iter_mut().filter(|pair| keep.contains(pair.id.as_str())) {
        Arc::make_mut(&mut pair.runs).uses_event = true;
    }
}

/// Which steps write of the offer: only they need a valid one.
fn mark_offers(sequences: &mut [SequencePair<'_>], texts: &Texts<'_>) {
    for pair in sequences.iter_mut().filter(|pair| pair.runs.offer.is_some()) {
        for step in &mut Arc::make_mut(&mut pair.runs).steps {
            step.offers |= texts.offering.contains(&(pair.id.to_string(), step.name.to_string()));
        }
    }
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
