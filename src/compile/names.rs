//! Every id that the files declare, with the place of its declaration. Knows nothing of what a name stands for.
//!
//! Ids of files that could not be read count as declared, so that one broken file does not drown the others.
use super::found;
use crate::{
    diag::{FileId, Place, Sink, SourceMap, nearest},
    document::{Body, Document, Kind, Project, TemplatePath, Text},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a name names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Sort {
    Sequence,
    Trigger,
    Segment,
    Campaign,
    Offer,
    Suite,
    Template,
    Layout,
    Channel,
    Window,
    Group,
    Role,
    Clinic,
    Event,
    Source,
    Funnel,
    Lookup,
}

impl Sort {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Sequence => "sequence",
            Self::Trigger => "trigger",
            Self::Segment => "segment",
            Self::Campaign => "campaign",
            Self::Offer => "offer",
            Self::Suite => "suite",
            Self::Template => "template",
            Self::Layout => "layout",
            Self::Channel => "channel",
            Self::Window => "window",
            Self::Group => "group",
            Self::Role => "role",
            Self::Clinic => "clinic",
            Self::Event => "event",
            Self::Source => "source",
            Self::Funnel => "funnel",
            Self::Lookup => "look-up",
        }
    }

    fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Project => None,
            Kind::Sequence => Some(Self::Sequence),
            Kind::Trigger => Some(Self::Trigger),
            Kind::Segment => Some(Self::Segment),
            Kind::Campaign => Some(Self::Campaign),
            Kind::Offer => Some(Self::Offer),
            Kind::Suite => Some(Self::Suite),
        }
    }

    /// Declared in `dripline.yaml`.
    fn of_project(self) -> bool {
        matches!(
            self,
            Self::Channel
                | Self::Window
                | Self::Group
                | Self::Role
                | Self::Clinic
                | Self::Event
                | Self::Source
                | Self::Funnel
                | Self::Lookup
        )
    }
}

#[derive(Debug, Default)]
pub(crate) struct Names {
    declared: BTreeMap<Sort, BTreeMap<String, Place>>,
    /// Files whose header could not be read: their own name is the best guess of their id.
    guessed: BTreeMap<Sort, BTreeSet<String>>,
    /// The project file is missing or has parts that could not be read: it may declare anything.
    pub(super) open: bool,
}

impl Names {
    pub(super) fn collect(documents: &[Document], sources: &SourceMap, sink: &mut Sink) -> Self {
        let mut names = Self { open: project_is_open(documents, sink), ..Self::default() };
        let mut read: BTreeSet<&FileId> = BTreeSet::new();
        for document in documents {
            let header = document.header.as_ref();
            if let Some((sort, id)) = header.and_then(|header| Some((Sort::of(header.kind)?, header.id.as_ref()?))) {
                names.declare(sort, id, sink);
            }
            if header.is_none_or(|header| header.id.is_some()) {
                read.insert(&document.file);
            }
            match &document.body {
                Body::Project(project) => names.project(project, sink),
                Body::Template(template) => {
                    let place = Place::of_file(document.file.clone());
                    names.declared.entry(Sort::Template).or_default().entry(template.id.clone()).or_insert(place);
                }
                _ => {}
            }
        }
        for (file, _) in sources.files().filter(|(file, _)| !read.contains(file)) {
            names.guess(file);
        }
        names
    }

    fn declare(&mut self, sort: Sort, id: &Text, sink: &mut Sink) {
        let known = self.declared.entry(sort).or_default();
        if let Some(first) = known.get(id.as_str()) {
            sink.push(found::duplicate_id(sort.word(), id, first));
            return;
        }
        known.insert(id.to_string(), id.place.clone());
    }

    fn project(&mut self, project: &Project, sink: &mut Sink) {
        for group in &project.groups {
            self.declare(Sort::Group, group, sink);
        }
        for funnel in &project.funnels {
            self.declare(Sort::Funnel, funnel, sink);
        }
        // keys of one object are unique by themselves
        let mut put = |sort: Sort, id: &Text| {
            self.declared.entry(sort).or_default().entry(id.to_string()).or_insert_with(|| id.place.clone());
        };
        project.channels.iter().for_each(|channel| put(Sort::Channel, &channel.id));
        project.policies.windows.iter().for_each(|window| put(Sort::Window, &window.id));
        project.roles.iter().for_each(|role| put(Sort::Role, &role.id));
        project.sources.iter().for_each(|source| put(Sort::Source, &source.id));
        project.clinics.iter().for_each(|clinic| put(Sort::Clinic, &clinic.id));
        project.lookups.iter().for_each(|lookup| put(Sort::Lookup, &lookup.name));
        project.events.iter().for_each(|event| put(Sort::Event, &event.name));
        for event in crate::record::EVENTS {
            let place = Place::of_file(FileId::from("dripline.yaml"));
            self.declared.entry(Sort::Event).or_default().entry(event.name.to_owned()).or_insert(place);
        }
    }

    fn guess(&mut self, file: &FileId) {
        let path = file.as_str();
        if let Some(layout) = path.strip_prefix("templates/layouts/").and_then(|name| name.strip_suffix(".html")) {
            let place = Place::of_file(file.clone());
            self.declared.entry(Sort::Layout).or_default().insert(layout.to_owned(), place);
            return;
        }
        if let Some(template) = TemplatePath::of(path) {
            self.guessed.entry(Sort::Template).or_default().insert(template.id);
            return;
        }
        let folder = path.split_once('/').map_or("", |(folder, _)| folder);
        let Some(kind) = Kind::ALL.into_iter().find(|kind| !kind.folder().is_empty() && kind.folder() == folder) else {
            return;
        };
        let name = path.rsplit('/').next().unwrap_or(path);
        if let (Some(sort), Some((stem, "yaml" | "yml"))) = (Sort::of(kind), name.rsplit_once('.')) {
            self.guessed.entry(sort).or_default().insert(stem.to_owned());
        }
    }

    pub(crate) fn has(&self, sort: Sort, name: &str) -> bool {
        self.place(sort, name).is_some() || self.guessed.get(&sort).is_some_and(|names| names.contains(name))
    }

    pub(crate) fn place(&self, sort: Sort, name: &str) -> Option<&Place> {
        self.declared.get(&sort)?.get(name)
    }

    /// Whether names of this sort may exist that could not be read.
    pub(crate) fn is_open(&self, sort: Sort) -> bool {
        self.open && sort.of_project()
    }

    pub(crate) fn all(&self, sort: Sort) -> impl Iterator<Item = &str> {
        let declared = self.declared.get(&sort).into_iter().flat_map(BTreeMap::keys);
        declared.chain(self.guessed.get(&sort).into_iter().flatten()).map(String::as_str)
    }

    pub(crate) fn declared(&self, sort: Sort) -> impl Iterator<Item = (&str, &Place)> {
        self.declared.get(&sort).into_iter().flatten().map(|(name, place)| (name.as_str(), place))
    }

    pub(super) fn near(&self, sort: Sort, name: &str) -> Option<&str> {
        nearest(name, self.all(sort))
    }
}

/// Whether `dripline.yaml` is missing, or has findings after which parts of it are not there.
fn project_is_open(documents: &[Document], sink: &Sink) -> bool {
    let project = documents.iter().find(|document| matches!(document.body, Body::Project(_)));
    let Some(project) = project.filter(|project| project.whole) else { return true };
    // a value that is wrong in itself leaves its name declared
    const HARMLESS: &[&str] = &["DL103", "DL104", "DL107", "DL113", "DL119", "DL190"];
    let drops = |code: &str| (code.starts_with("DL0") || code.starts_with("DL1")) && !HARMLESS.contains(&code);
    sink.iter().any(|finding| finding.is_error() && finding.primary.file == project.file && drops(finding.code.0))
}
