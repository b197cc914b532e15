//! The canonical form of a file: two spaces, quotes where an older tool would read another value. The meaning and the
//! comments stay, which is checked on every result.
use super::{
    FileId, Vars,
    parse::parse,
    tree::{Comment, Entry, Map, Node, Tree, Value},
};
use crate::diag::{Edit, Place, Sink, catalogue::yaml};
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
    if !before.whole || before.root.is_none() || sink.has_errors() || is_tabbed(source) {
        return Formatted::Left;
    }
    let spread = apply(&quoted, &Spread { source: &quoted, comments: &before.comments }.edits(&before));
    let Some(text) = pretty(&spread).and_then(|once| pretty(&once)) else { return Formatted::Left };
    let mut sink = Sink::new();
    let after = parse(file, &text, &mut sink);
    if !after.whole || sink.has_errors() || !keeps(&before, &after) {
        return Formatted::Left;
    }
    if text == source { Formatted::Same } else { Formatted::Changed(text) }
}

/// Is a line indented by a tab? The printer counts such a line's indentation wrongly, and may cut a letter in two.
fn is_tabbed(source: &str) -> bool {
    let tabbed = |line: &str| line.trim_start_matches(' ').starts_with('\t') && !line.trim().is_empty();
    source.lines().any(tabbed)
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

/// Writes objects in braces over several lines where their `if` is more than a simple comparison.
struct Spread<'a> {
    source: &'a str,
    comments: &'a [Comment],
}

impl Spread<'_> {
    fn edits(&self, tree: &Tree) -> Vec<Edit> {
        let mut edits = Vec::new();
        if let Some(root) = &tree.root {
            self.walk(root, &mut edits);
        }
        edits
    }

    fn walk(&self, node: &Node, edits: &mut Vec<Edit>) {
        match &node.value {
            Value::Map(map) if !map.flow => {
                // What an alias repeats stands elsewhere and is written there.
                for entry in map.entries.iter().filter(|entry| node.place.contains(&entry.value.place) && !entry.merged)
                {
                    if self.spreads(&entry.value) {
                        let indent = self.column(&entry.key.place) + 2;
                        let text = format!("\n{}{}", " ".repeat(indent), self.block(&entry.value, indent));
                        edits.push(Edit { place: entry.value.place.clone(), text, safe: true });
                    } else {
                        self.walk(&entry.value, edits);
                    }
                }
            }
            Value::List(items) if !self.in_brackets(node) => {
                for item in items.iter().filter(|item| node.place.contains(&item.place)) {
                    if self.spreads(item) {
                        let text = self.block(item, self.column(&item.place));
                        edits.push(Edit { place: item.place.clone(), text, safe: true });
                    } else {
                        self.walk(item, edits);
                    }
                }
            }
            _ => {}
        }
    }

    fn column(&self, place: &Place) -> usize {
        let before = self.source.get(..place.start).unwrap_or("");
        before.chars().rev().take_while(|letter| *letter != '\n').count()
    }

    fn in_brackets(&self, node: &Node) -> bool {
        self.source.as_bytes().get(node.place.start) == Some(&b'[')
    }

    /// In braces or brackets, without comments, and with such an `if` somewhere inside.
    fn spreads(&self, node: &Node) -> bool {
        let flow = matches!(&node.value, Value::Map(Map { flow: true, .. })) || self.in_brackets(node);
        flow && holds(node) && {
            let after = self.comments.partition_point(|comment| comment.place.start < node.place.start);
            self.comments.get(after).is_none_or(|comment| comment.place.start >= node.place.end)
        }
    }

    /// The node over several lines; the first stands behind `indent` letters already.
    fn block(&self, node: &Node, indent: usize) -> String {
        let pad = format!("\n{}", " ".repeat(indent));
        match &node.value {
            Value::Map(map) if holds(node) => {
                let lines: Vec<String> = map.entries.iter().map(|entry| self.entry(entry, indent)).collect();
                lines.join(&pad)
            }
            Value::List(items) if holds(node) => {
                let lines: Vec<String> =
                    items.iter().map(|item| format!("- {}", self.block(item, indent + 2))).collect();
                lines.join(&pad)
            }
            _ => self.source.get(node.place.range()).unwrap_or("").to_owned(),
        }
    }

    fn entry(&self, Entry { key, value, .. }: &Entry, indent: usize) -> String {
        let name = self.source.get(key.place.range()).unwrap_or("");
        // An anchor may stand between the colon and the value.
        let between = self.source.get(key.place.end..value.place.start).unwrap_or("");
        let anchor = between.trim_start().trim_start_matches(':').trim();
        let line = format!("{name}: {anchor}");
        if holds(value) {
            let indent = indent + 2;
            return format!("{}\n{}{}", line.trim_end(), " ".repeat(indent), self.block(value, indent));
        }
        let gap = if anchor.is_empty() { "" } else { " " };
        format!("{line}{gap}{}", self.block(value, indent)).trim_end().to_owned()
    }
}

/// Whether an object with an `if` that is more than a simple comparison stands here or below.
fn holds(node: &Node) -> bool {
    let complex = |text: &str| [" and ", " or ", "(", "["].iter().any(|sign| text.contains(sign));
    match &node.value {
        Value::Map(map) => map.entries.iter().any(|entry| match entry.value.scalar() {
            Some(scalar) => &*entry.key == "if" && complex(&scalar.text),
            None => holds(&entry.value),
        }),
        Value::List(items) => items.iter().any(holds),
        Value::Scalar(_) | Value::Broken => false,
    }
}

/// Same values and the same comments.
fn keeps(before: &Tree, after: &Tree) -> bool {
    let words =
        |comments: &[Comment]| comments.iter().map(|comment| comment.text.trim().to_owned()).collect::<Vec<_>>();
    let same = match (&before.root, &after.root) {
        (Some(before), Some(after)) => before.same(after),
        (None, None) => true,
        _ => false,
    };
    same && words(&before.comments) == words(&after.comments)
}
