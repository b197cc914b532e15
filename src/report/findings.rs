//! Findings for people (rustc's look), for editors (one line each) and for programs (JSON). Finds nothing itself.
//!
//! Columns count characters from 1, in all formats but SARIF. JSON also has UTF-16 columns, which is what the language
//! server protocol and SARIF count. Formats that others have defined are one file each below.
mod github;
mod gitlab;
mod junit;
mod markdown;
mod sarif;

pub(crate) use github::{PER_STEP, data, github, property};
pub(crate) use gitlab::gitlab;
pub(crate) use junit::{junit, xml};
pub(crate) use markdown::{cell, markdown};
pub(crate) use sarif::sarif;

use crate::{
    diag::{Edit, FileId, Finding, Place, Position, Severity, SourceMap, catalogue, catalogue::law},
    id,
};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, ops::Range};

/// What a format tells of: findings, the files that were looked at, and their texts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report<'a> {
    pub(crate) findings: &'a [Finding],
    pub(crate) sources: &'a SourceMap,
    pub(crate) files: &'a [&'a FileId],
    /// Path from the repository's root to the project, with `/` at its end; empty when they are the same. Services that
    /// show findings beside a change know paths of the repository only.
    pub(crate) prefix: &'a str,
}

impl Report<'_> {
    fn path(&self, finding: &Finding) -> String {
        self.path_of(&finding.primary.file)
    }
    fn path_of(&self, file: &FileId) -> String {
        format!("{}{file}", self.prefix)
    }
    /// The kebab-case name of the finding's code.
    fn name(&self, finding: &Finding) -> &'static str {
        catalogue::find(finding.code.0).map_or("", |row| row.name)
    }
}

/// Version of the JSON form.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// Long lines of source are cut to this, whatever the terminal: the same input gives the same bytes.
const WIDTH: usize = 140;

/// The whole story of each finding, a blank line between two.
pub(crate) fn full(findings: &[Finding], sources: &SourceMap) -> String {
    let masked = without_secrets(findings, sources);
    let sources = masked.as_ref().unwrap_or(sources);
    let shown: Vec<String> = findings.iter().map(|finding| one(finding, sources)).collect();
    shown.join("\n\n") + if shown.is_empty() { "" } else { "\n" }
}

/// `path:line:col: CODE message`. A finding about a whole file stands at 1:1.
pub(crate) fn concise(findings: &[Finding], sources: &SourceMap) -> String {
    let report = Report { findings, sources, files: &[], prefix: "" };
    findings.iter().map(|finding| line(finding, &report) + "\n").collect()
}

fn line(finding: &Finding, report: &Report<'_>) -> String {
    let start = report.sources.start(&finding.primary);
    let Position { line, column } = start.unwrap_or(Position { line: 1, column: 1 });
    let message = finding.message.replace('\n', " ");
    format!("{}:{line}:{column}: {} {message}", report.path(finding), finding.code)
}

/// One JSON object a line, each with the format's version: for programs that read as it comes.
pub(crate) fn jsonl(findings: &[Finding], sources: &SourceMap) -> String {
    let line = |finding: &Finding| {
        let mut object = object(finding, sources);
        if let Value::Object(parts) = &mut object {
            parts.shift_insert(0, "format_version".to_owned(), FORMAT_VERSION.into());
        }
        format!("{object}\n")
    };
    findings.iter().map(line).collect()
}

/// A name for each finding that stays when lines move: of its code, file and message, and which of several alike it is.
fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<(&str, &FileId, &str), u32> = BTreeMap::new();
    let print = |finding: &'_ Finding, nth: u32| {
        let text = format!("{}\n{}\n{}\n{nth}", finding.code, finding.primary.file, finding.message);
        id::hex(&Sha256::digest(text.as_bytes()))
    };
    let mut prints = Vec::with_capacity(findings.len());
    for finding in findings {
        let nth = seen.entry((finding.code.0, &finding.primary.file, &finding.message)).or_default();
        prints.push(print(finding, *nth));
        *nth += 1;
    }
    prints
}

/// `{format_version, findings, summary}`; `files` is how many were looked at.
pub(crate) fn json(findings: &[Finding], sources: &SourceMap, files: usize) -> Value {
    let count = Count::of(findings);
    json!({
        "format_version": FORMAT_VERSION,
        "findings": findings.iter().map(|finding| object(finding, sources)).collect::<Vec<_>>(),
        "summary": { "files": files, "errors": count.errors, "warnings": count.warnings, "fixable": count.fixable },
    })
}

/// How many findings there are of what weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Count {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    /// Those with safe edits only.
    pub(crate) fixable: usize,
}

impl Count {
    pub(crate) fn of(findings: &[Finding]) -> Self {
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        let fixable = findings.iter().filter(|finding| is_fixable(finding)).count();
        Self { errors, warnings: findings.len() - errors, fixable }
    }
}

/// Can be put right without asking.
pub(crate) fn is_fixable(finding: &Finding) -> bool {
    !finding.edits.is_empty() && finding.edits.iter().all(|edit| edit.safe)
}

/// `3 errors, 1 warning in 2 files`, and how many can be put right.
pub(crate) fn summary(findings: &[Finding]) -> String {
    let Count { errors, warnings, .. } = Count::of(findings);
    let mut files: Vec<&FileId> = findings.iter().map(|finding| &finding.primary.file).collect();
    files.sort_unstable();
    files.dedup();
    let counts = [counted(errors, "error"), counted(warnings, "warning")];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    if counts.is_empty() {
        return "no findings".to_owned();
    }
    format!("{} in {}", counts.join(", "), counted(files.len(), "file").unwrap_or_default())
}

/// `1 file`, `2 files`; nothing for none.
fn counted(number: usize, word: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        more => Some(format!("{more} {word}s")),
    }
}

/// Output ends in logs that others read, so that a secret found in a file must not be shown with its line.
fn without_secrets(findings: &[Finding], sources: &SourceMap) -> Option<SourceMap> {
    let secrets = findings.iter().filter(|finding| finding.code.0 == law::LITERAL_SECRET.code);
    let mut masked: Option<SourceMap> = None;
    for Place { file, start, end } in secrets.map(|finding| &finding.primary) {
        let known = masked.as_ref().unwrap_or(sources);
        let Some(text) = known.text(file) else { continue };
        let (Some(before), Some(after)) = (text.get(..*start), text.get(*end..)) else { continue };
        let text = format!("{before}{}{after}", "*".repeat(end - start));
        masked.get_or_insert_with(|| sources.clone()).insert(file.clone(), text);
    }
    masked
}

fn one(finding: &Finding, sources: &SourceMap) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut main = Group::with_title(level.primary_title(finding.message.as_str()).id(finding.code.0));
    for (file, marks) in marks(finding) {
        main = match annotated(file, sources, &marks) {
            Some(picture) => main.element(picture),
            None => main.element(Origin::path(file.as_str())),
        };
    }
    let mut groups = vec![main];
    groups.extend(help(finding, sources));
    Renderer::styled().term_width(WIDTH).render(&groups)
}

/// One underlined place.
struct Mark<'a> {
    place: &'a Place,
    label: String,
    primary: bool,
}

/// What to underline in which file, the file of the primary place first.
fn marks(finding: &Finding) -> Vec<(&FileId, Vec<Mark<'_>>)> {
    let here: Vec<&str> = of_place(finding, &finding.primary);
    let primary = Mark { place: &finding.primary, label: here.join("; "), primary: true };
    let mut files: Vec<(&FileId, Vec<Mark<'_>>)> = vec![(&finding.primary.file, vec![primary])];
    for (place, label) in finding.labels.iter().filter(|(place, _)| *place != finding.primary) {
        let mark = Mark { place, label: label.clone(), primary: false };
        match files.iter_mut().find(|(file, _)| **file == place.file) {
            Some((_, marks)) => marks.push(mark),
            None => files.push((&place.file, vec![mark])),
        }
    }
    files
}

fn of_place<'a>(finding: &'a Finding, place: &Place) -> Vec<&'a str> {
    finding.labels.iter().filter(|(at, _)| at == place).map(|(_, label)| label.as_str()).collect()
}

fn is_whole_file(place: &Place) -> bool {
    place.start == 0 && place.is_empty()
}

/// The lines that some ranges touch: what is around them is not shown, and texts can be long.
struct Lines<'a> {
    text: &'a str,
    /// Number of the first of them.
    first: usize,
    /// Bytes before it.
    before: usize,
}

impl<'a> Lines<'a> {
    /// Nothing when the file is unknown.
    fn around(
        file: &FileId,
        sources: &'a SourceMap,
        ranges: impl Iterator<Item = Range<usize>> + Clone,
    ) -> Option<Self> {
        let text = sources.text(file)?;
        let from = ranges.clone().map(|range| within(text, range).start).min().unwrap_or(0);
        let to = ranges.map(|range| within(text, range).end).max().unwrap_or(0);
        let before = text[..from].rfind('\n').map_or(0, |at| at + 1);
        let after = text[to..].find('\n').map_or(text.len(), |at| to + at + 1);
        let first = sources.start(&Place::new(file, before..before))?.line;
        Some(Self { text: &text[before..after], first, before })
    }
    fn snippet<T: Clone>(&self, file: &'a FileId) -> Snippet<'a, T> {
        Snippet::source(self.text).line_start(self.first).path(file.as_str())
    }
    fn range(&self, range: Range<usize>) -> Range<usize> {
        within(self.text, range.start.saturating_sub(self.before)..range.end.saturating_sub(self.before))
    }
}

/// Nothing when there is nothing to underline: the file is unknown, or meant as a whole.
fn annotated<'a>(
    file: &'a FileId,
    sources: &'a SourceMap,
    marks: &[Mark<'a>],
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let shown = || marks.iter().filter(|mark| !is_whole_file(mark.place));
    shown().next()?;
    let lines = Lines::around(file, sources, shown().map(|mark| mark.place.range()))?;
    let mark = |mark: &Mark<'a>| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let label = (!mark.label.is_empty()).then(|| mark.label.clone());
        kind.span(lines.range(mark.place.range())).label(label)
    };
    Some(lines.snippet(file).annotations(shown().map(mark)))
}

/// The range as far as it is inside the text and between characters: the text may have changed since.
fn within(text: &str, range: Range<usize>) -> Range<usize> {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    floor(range.start)..floor(range.end).max(floor(range.start))
}

/// The help, with what the edits would change.
fn help<'a>(finding: &'a Finding, sources: &'a SourceMap) -> Option<Group<'a>> {
    let mut by_file: BTreeMap<&FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in &finding.edits {
        by_file.entry(&edit.place.file).or_default().push(edit);
    }
    let patched: Vec<_> = by_file
        .into_iter()
        .filter_map(|(file, edits)| {
            let lines = Lines::around(file, sources, edits.iter().map(|edit| edit.place.range()))?;
            let patch = |edit: &&'a Edit| Patch::new(lines.range(edit.place.range()), edit.text.as_str());
            Some(lines.snippet(file).patches(edits.iter().map(patch)))
        })
        .collect();
    let title = match &finding.help {
        Some(help) => help.as_str(),
        None if patched.is_empty() => return None,
        None => "write",
    };
    Some(Level::HELP.secondary_title(title).elements(patched))
}

fn object(finding: &Finding, sources: &SourceMap) -> Value {
    let label = |(at, text): &(Place, String)| json!({ "place": place(at, sources), "text": text });
    let edit = |edit: &Edit| json!({ "place": place(&edit.place, sources), "text": edit.text, "safe": edit.safe });
    json!({
        "code": finding.code.0,
        "name": catalogue::find(finding.code.0).map(|row| row.name),
        "severity": finding.severity.word(),
        "message": finding.message,
        "place": place(&finding.primary, sources),
        "labels": finding.labels.iter().map(label).collect::<Vec<_>>(),
        "help": finding.help,
        "edits": finding.edits.iter().map(edit).collect::<Vec<_>>(),
    })
}

/// A whole file has neither start nor end.
fn place(place: &Place, sources: &SourceMap) -> Value {
    let file = place.file.as_str();
    let positions = sources.start(place).zip(sources.end(place)).zip(sources.utf16(place));
    let Some(((start, end), (start16, end16))) = positions.filter(|_| !is_whole_file(place)) else {
        return json!({ "file": file });
    };
    let point = |offset: usize, at: Position, at16: Position| json!({ "line": at.line, "column": at.column, "utf16_column": at16.column, "offset": offset });
    json!({ "file": file, "start": point(place.start, start, start16), "end": point(place.end, end, end16) })
}

#[cfg(test)]
#[path = "findings_tests.rs"]
mod tests;
