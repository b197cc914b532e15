//! YAML as written: spanned tree, one file per kind, schemas, formatting. Knows nothing of what a document means.
//!
//! [`read`] turns one file into a [`Document`] and reports everything that does not fit: syntax, unknown keys, wrong types,
//! missing keys, words outside a set, parts of the language that this version cannot run. What was reported is simply
//! missing in the document, so that later passes need not report it again.
pub(crate) mod action;
pub(crate) mod bindings;
pub(crate) mod campaign;
pub(crate) mod changed;
mod check;
pub(crate) mod expectations;
pub(crate) mod fields;
pub(crate) mod flow;
mod format;
mod found;
pub(crate) mod intent;
mod leaf;
pub(crate) mod limits;
pub(crate) mod lookup;
pub(crate) mod offer;
mod outline;
pub(crate) mod outward;
mod parse;
pub(crate) mod project;
pub(crate) mod registry;
mod repair;
mod schema;
pub(crate) mod segment;
pub(crate) mod sequence;
mod shape;
pub(crate) mod step;
pub(crate) mod suite;
mod syntax;
pub(crate) mod template;
pub(crate) mod text;
pub(crate) mod tree;
pub(crate) mod trigger;
pub(crate) mod upkeep;
mod vars;
pub(crate) mod webhook;
pub(crate) mod written;

use crate::diag::{FileId, Place, Sink, nearest};
pub(crate) use campaign::Campaign;
pub(crate) use fields::Literal;
pub(crate) use format::{Formatted, apply, format};
pub(crate) use leaf::is_id;
pub(crate) use offer::Offer;
pub(crate) use outline::outline;
pub(crate) use parse::{MAX_BYTES, parse};
pub(crate) use project::Project;
pub(crate) use schema::{Draft, KeyReference, PUBLISHED, keys, reference, schema};
pub(crate) use segment::Segment;
pub(crate) use sequence::Sequence;
pub(crate) use step::Step;
pub(crate) use suite::Suite;
pub(crate) use template::{Template, TemplatePath};
pub(crate) use text::{Spanned, Style, Text};
pub(crate) use trigger::Trigger;
pub(crate) use vars::Vars;

use shape::Shape;
use tree::{Comment, Entry, Map, Tree};

/// The kinds of YAML files, by the key of their first line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    Project,
    Sequence,
    Trigger,
    Segment,
    Campaign,
    Offer,
    Suite,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] =
        [Self::Project, Self::Sequence, Self::Trigger, Self::Segment, Self::Campaign, Self::Offer, Self::Suite];

    /// The key that starts a file of this kind.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Sequence => "sequence",
            Self::Trigger => "trigger",
            Self::Segment => "segment",
            Self::Campaign => "campaign",
            Self::Offer => "offer",
            Self::Suite => "suite",
        }
    }
    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
    /// Where files of this kind stand; the project stands at the root.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Project => "",
            Self::Sequence => "sequences",
            Self::Trigger => "triggers",
            Self::Segment => "segments",
            Self::Campaign => "campaigns",
            Self::Offer => "offers",
            Self::Suite => "tests",
        }
    }
    fn shape(self) -> Option<&'static Shape> {
        match self {
            Self::Project => Some(&project::PROJECT),
            Self::Sequence => Some(&sequence::SEQUENCE),
            Self::Trigger => Some(&trigger::TRIGGER),
            Self::Segment => Some(&segment::SEGMENT),
            Self::Campaign => Some(&campaign::CAMPAIGN),
            Self::Offer => Some(&offer::OFFER),
            Self::Suite => Some(&suite::SUITE),
        }
    }
}

/// Where files with this published schema stand; nothing for parts of files.
pub(crate) fn folder_of(schema: &str) -> Option<&'static str> {
    Kind::of(schema).map(Kind::folder)
}

/// One file, as far as it could be read.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) file: FileId,
    /// Kind and id; `None` for templates, whose path is their id.
    pub(crate) header: Option<Header>,
    /// False when a syntax error or a limit ended the reading early: what is missing may stand in the rest of the file.
    pub(crate) whole: bool,
    pub(crate) body: Body,
    /// `# dripline: allow DL312 because …`
    pub(crate) allows: Vec<Allow>,
}

impl Document {
    /// The variables for reading the other files; those of a project file.
    #[cfg(test)]
    pub(crate) fn vars(&self) -> Option<Vars> {
        let Body::Project(project) = &self.body else { return None };
        let vars = Vars::new(&project.vars);
        Some(if self.whole { vars } else { vars.or_more() })
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    /// `None` when it is no id, which was reported.
    pub(crate) id: Option<Text>,
    /// Place of the header key.
    pub(crate) place: Place,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Project(Box<Project>),
    Sequence(Box<Sequence>),
    Trigger(Box<Trigger>),
    Segment(Box<Segment>),
    Campaign(Box<Campaign>),
    Offer(Box<Offer>),
    Suite(Box<Suite>),
    Template(Box<Template>),
    /// A kind that this version cannot run (reported), or a file of which only the header could be saved.
    Unsupported,
}

/// A suppression comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Allow {
    pub(crate) place: Place,
    pub(crate) code: String,
    /// Missing when nothing stands after `because`.
    pub(crate) reason: Option<String>,
    /// The line (bytes) it speaks of: its own when something stands before it, else the next that is no comment.
    pub(crate) covers: Place,
}

/// Text of a file from its bytes; a finding when they are no UTF-8.
pub(crate) fn decode(file: &FileId, bytes: Vec<u8>, sink: &mut Sink) -> Option<String> {
    let place = Place::of_file(file.clone());
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        sink.push(found::not_text(&place, "it is UTF-16"));
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            sink.push(found::not_text(&Place::new(file, at..at), &format!("byte {} is not", at + 1)));
            None
        }
    }
}

/// Reads one file of a project. The project file comes first, for its variables; without it they are
/// `Vars::default().or_more()`. `None` for files that are none of ours: no YAML and no message text.
pub(crate) fn read(file: &FileId, source: &str, vars: &Vars, sink: &mut Sink) -> Option<Document> {
    let path = file.as_str();
    if let Some(path) = TemplatePath::of(path) {
        let (template, whole) = template::read(file, path, source, sink);
        let body = Body::Template(Box::new(template));
        return Some(Document { file: file.clone(), header: None, whole, body, allows: Vec::new() });
    }
    let yaml = |path: &str| path.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "yaml" | "yml"));
    if path.starts_with("templates/") || !yaml(path) {
        return None;
    }
    let mut tree = parse::parse(file, source, sink);
    let allows = allows(source, &tree.comments);
    let header = header(file, source, &tree, sink)?;
    if let Some(root) = &mut tree.root {
        // The project may use its own variables.
        let own = (header.kind == Kind::Project).then(|| project::own_vars(root, tree.whole));
        own.as_ref().unwrap_or(vars).fill(root, sink);
    }
    place_of_kind(file, &header, sink);
    let body = body(&tree, header.kind, &header, sink);
    Some(Document { file: file.clone(), header: Some(header), whole: tree.whole, body, allows })
}

fn body(tree: &Tree, kind: Kind, header: &Header, sink: &mut Sink) -> Body {
    let Some(shape) = kind.shape() else {
        sink.push(found::later(&header.place, &format!("`{}`", kind.word())));
        return Body::Unsupported;
    };
    let Some(map) = tree.root.as_ref().and_then(|root| root.map()) else { return Body::Unsupported };
    let others: Vec<(&'static str, &'static Shape)> = Kind::ALL
        .into_iter()
        .filter(|other| *other != kind)
        .filter_map(|other| Some((plural(other), other.shape()?)))
        .collect();
    check::check(map, &header.place, shape, &others, sink);
    match kind {
        Kind::Project => Body::Project(Box::new(Project::read(map))),
        Kind::Sequence => Body::Sequence(Box::new(Sequence::read(map))),
        Kind::Trigger => Body::Trigger(Box::new(Trigger::read(map))),
        Kind::Segment => Body::Segment(Box::new(Segment::read(map))),
        Kind::Campaign => Body::Campaign(Box::new(Campaign::read(map, &header.place))),
        Kind::Offer => Body::Offer(Box::new(Offer::read(map))),
        Kind::Suite => Body::Suite(Box::new(Suite::read(map))),
    }
}

fn plural(kind: Kind) -> &'static str {
    if kind == Kind::Project { "the project" } else { kind.folder() }
}

/// Kind and id of a file, from its tree or, when that is broken, from its lines.
fn header(file: &FileId, source: &str, tree: &Tree, sink: &mut Sink) -> Option<Header> {
    let map = tree.root.as_ref().and_then(|root| root.map());
    let found =
        map.and_then(|map| map.entries.iter().find(|entry| Kind::of(&entry.key).is_some() && is_header(map, entry)));
    if let (Some(map), Some(entry)) = (map, found) {
        order(map, entry, sink);
        let kind = Kind::of(&entry.key)?;
        let id = entry.value.scalar().filter(|scalar| leaf::is_id(&scalar.text)).map(|scalar| scalar.text.clone());
        return Some(Header { kind, id, place: entry.key.place.clone() });
    }
    if !tree.whole {
        return salvage(file, source);
    }
    let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    let first = map.and_then(|map| map.entries.first());
    let meant = first.and_then(|first| {
        let ours = check::foreign(&first.key).filter(|ours| words.contains(ours));
        Some((first, ours.or_else(|| nearest(&first.key, words.iter().copied()))?))
    });
    sink.push(match meant {
        Some((first, near)) => found::unknown_header(&first.key, near),
        None => found::no_header(
            &first.map_or_else(|| Place::of_file(file.clone()), |first| first.key.place.clone()),
            &words,
        ),
    });
    None
}

/// A trigger has keys that name other kinds (`segment: id`), and so may others; the header then is the first of them.
fn is_header(map: &Map, entry: &Entry) -> bool {
    let kinds: Vec<&Entry> = map.entries.iter().filter(|entry| Kind::of(&entry.key).is_some()).collect();
    kinds.len() < 2
        || kinds.iter().position(|kind| std::ptr::eq(*kind, entry)).is_some_and(|at| {
            let owns = |kind: &Entry| {
                let others = kinds.iter().filter(|other| !std::ptr::eq(**other, kind));
                let shape = Kind::of(&kind.key).and_then(Kind::shape);
                shape.is_some_and(|shape| others.clone().all(|other| shape.key(&other.key).is_some()))
            };
            owns(entry) || (at == 0 && !kinds.iter().any(|kind| owns(kind)))
        })
}

fn order(map: &Map, header: &Entry, sink: &mut Sink) {
    let own = map.entries.iter().find(|entry| !entry.merged);
    if own.is_some_and(|first| first.key.place != header.key.place) {
        sink.push(found::header_not_first(&header.key));
    }
    let shape = Kind::of(&header.key).and_then(Kind::shape);
    for entry in &map.entries {
        let known = shape.is_some_and(|shape| shape.key(&entry.key).is_some());
        if entry.key.place != header.key.place && Kind::of(&entry.key).is_some() && !known {
            sink.push(found::several_headers(&entry.key, &header.key));
        }
    }
}

/// `sequence: id` at the start of a line, so that other files do not miss the id of a broken one.
fn salvage(file: &FileId, source: &str) -> Option<Header> {
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let written = line.split_once(':').and_then(|(word, rest)| Some((Kind::of(word)?, word, rest)));
        if let Some((kind, word, rest)) = written {
            let value = rest.split(" #").next().unwrap_or("").trim();
            let start = at + word.len() + 1 + rest.find(value).unwrap_or(0);
            let bare = value.trim_matches(['"', '\'']);
            let place = Place::new(file, start..start + value.len());
            let id = leaf::is_id(bare).then(|| fields::plain(bare, &place));
            return Some(Header { kind, id, place: Place::new(file, at..at + word.len()) });
        }
        at += line.len();
    }
    None
}

fn place_of_kind(file: &FileId, header: &Header, sink: &mut Sink) {
    let folder = file.as_str().split_once('/').map_or("", |(folder, _)| folder);
    if header.kind == Kind::Project {
        if file.as_str() != "dripline.yaml" {
            sink.push(found::wrong_project_file(&header.place));
        }
        return;
    }
    let other = Kind::ALL.iter().any(|kind| !kind.folder().is_empty() && kind.folder() == folder);
    if other && folder != header.kind.folder() {
        sink.push(found::wrong_folder(&header.place, header.kind.word(), header.kind.folder(), folder));
    }
}

fn allows(source: &str, comments: &[Comment]) -> Vec<Allow> {
    comments.iter().filter_map(|comment| allow(source, comment)).collect()
}

fn allow(source: &str, comment: &Comment) -> Option<Allow> {
    let rest = comment.text.trim().strip_prefix("dripline:")?.trim().strip_prefix("allow")?;
    let (code, reason) = rest.split_once("because").map_or((rest, None), |(code, reason)| (code, Some(reason.trim())));
    let line_start = source.get(..comment.place.start)?.rfind('\n').map_or(0, |at| at + 1);
    let alone = source.get(line_start..comment.place.start)?.trim().is_empty();
    let covers = if alone { next_line(source, comment.place.end) } else { line_start..comment.place.start };
    Some(Allow {
        place: comment.place.clone(),
        code: code.trim().to_owned(),
        reason: reason.filter(|reason| !reason.is_empty()).map(str::to_owned),
        covers: Place::new(&comment.place.file, covers),
    })
}

/// The next line that is neither empty nor a comment.
fn next_line(source: &str, from: usize) -> std::ops::Range<usize> {
    let mut at = from + source.get(from..).and_then(|rest| rest.find('\n')).map_or(0, |at| at + 1);
    for line in source.get(at..).unwrap_or("").split_inclusive('\n') {
        if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            return at..at + line.trim_end().len();
        }
        at += line.len();
    }
    at..at
}

#[cfg(test)]
mod tests;
