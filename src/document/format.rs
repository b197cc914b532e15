//! The canonical form of a file: two spaces, quotes where an older tool would read another value. The meaning and the
//! comments stay, which is checked on every result.
use super::{
    FileId, Vars,
    parse::parse,
    tree::{Comment, Tree},
};
use crate::diag::{Edit, Sink, catalogue::yaml};
use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions};

/// What came of formatting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Formatted {
    /// Canonical already.
    Same,
    Changed(String),
    /// It has syntax errors, or cannot be written otherwise without a change of meaning: left as it is.
    Left,
}

/// Formats a YAML file. Quotes come from the same check that warns about missing ones.
pub(crate) fn format(file: &FileId, source: &str) -> Formatted {
    let mut sink = Sink::new();
    let quoted = apply(source, &quotes(file, source));
    let before = parse(file, &quoted, &mut sink);
    if !before.whole || before.root.is_none() || sink.has_errors() {
        return Formatted::Left;
    }
    let Some(text) = pretty(&quoted).and_then(|once| pretty(&once)) else { return Formatted::Left };
    let mut sink = Sink::new();
    let after = parse(file, &text, &mut sink);
    if !after.whole || sink.has_errors() || !keeps(&before, &after) {
        return Formatted::Left;
    }
    if text == source { Formatted::Same } else { Formatted::Changed(text) }
}

fn pretty(text: &str) -> Option<String> {
    let options = FormatOptions {
        layout: LayoutOptions { print_width: 120, indent_width: 2, ..LayoutOptions::default() },
        language: LanguageOptions {
            trailing_comma: false,
            trim_trailing_whitespaces: true,
            flow_map_prefer_single_line: None,
            ..LanguageOptions::default()
        },
    };
    pretty_yaml::format_text(text, &options).ok()
}

/// Edits that put quotes where a text could be read as something else.
fn quotes(file: &FileId, source: &str) -> Vec<Edit> {
    let mut sink = Sink::new();
    super::read(file, source, &Vars::default(), &mut sink);
    let findings = sink.into_findings().into_iter().filter(|finding| finding.code.0 == yaml::YAML_1_1.code);
    findings.flat_map(|finding| finding.edits).collect()
}

/// Applies edits of one text; where two overlap the first in the file wins.
pub(crate) fn apply(source: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.place.start, edit.place.end));
    let (mut text, mut at) = (String::with_capacity(source.len()), 0);
    for edit in edits {
        let Some(between) = source.get(at..edit.place.start) else { continue };
        if source.get(edit.place.range()).is_none() {
            continue;
        }
        text.push_str(between);
        text.push_str(&edit.text);
        at = edit.place.end;
    }
    text.push_str(source.get(at..).unwrap_or(""));
    text
}

/// Same values and the same comments.
fn keeps(before: &Tree, after: &Tree) -> bool {
    let words = |comments: &[Comment]| comments.iter().map(|comment| comment.text.trim().to_owned()).collect::<Vec<_>>();
    let same = match (&before.root, &after.root) {
        (Some(before), Some(after)) => before.same(after),
        (None, None) => true,
        _ => false,
    };
    same && words(&before.comments) == words(&after.comments)
}
