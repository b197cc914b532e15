//! Explains a syntax error in the words of somebody who writes files, with the usual traps recognised by their line.
use super::{found, parse::boundary};
use crate::diag::{FileId, Finding, Place, line_starts};
use granit_parser::{ErrorKind, ScanError};

/// The line of the error: where it starts in the file, its text, and the error's byte.
struct Spot<'a> {
    file: &'a FileId,
    start: usize,
    line: &'a str,
    at: usize,
}

/// A value on a line: where it starts and its text without a trailing comment.
struct Written<'a> {
    key: &'a str,
    start: usize,
    value: &'a str,
}

pub(crate) fn explain(file: &FileId, source: &str, error: &ScanError) -> Finding {
    let at = boundary(source, error.marker().byte_offset());
    let lines = line_starts(source);
    let index = lines.partition_point(|start| *start <= at).saturating_sub(1);
    let spot = |index: usize| {
        let start = lines.get(index).copied().unwrap_or(0);
        let end = lines.get(index + 1).copied().unwrap_or(source.len());
        Spot { file, start, line: source.get(start..end).unwrap_or("").trim_end(), at }
    };
    let here = spot(index);
    if let Some(marker) = lines.iter().position(|start| source[*start..].starts_with("<<<<<<< ")) {
        let marker = spot(marker);
        return found::merge_conflict(&marker.place(marker.start..marker.start + marker.line.len()));
    }
    // A value that goes wrong is often noticed only at the start of the line after it.
    let above = (0..index).rev().map(spot).find(|spot| !spot.line.trim().is_empty());
    if is_open_quote(error.kind())
        && let Some(opened) =
            (index.saturating_sub(MOST_LINES)..=index).rev().map(spot).find_map(|spot| open_quote(&spot))
    {
        return plain_at(&opened, error);
    }
    // a text goes on over the lines below it, until one of them has a colon
    let colon = matches!(
        error.kind(),
        ErrorKind::MappingValueNotAllowed
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
            | ErrorKind::ExpectedBlockMappingKey
    );
    if colon && let Some(found) = (index.saturating_sub(MOST_LINES)..=index).map(spot).find_map(|spot| no_space(&spot))
    {
        return found;
    }
    if let Some(found) = trap(&here, error.kind()) {
        return found;
    }
    if matches!(error.kind(), ErrorKind::TabInPlainScalar | ErrorKind::TabNotAllowed)
        && let Some(found) =
            (index + 1..lines.len()).take(MOST_LINES).map(spot).find_map(|spot| trap(&spot, error.kind()))
    {
        return found;
    }
    if here.line.get(..at.saturating_sub(here.start)).is_none_or(|before| before.trim().is_empty()) {
        return above.and_then(|above| trap(&above, error.kind())).unwrap_or_else(|| plain(&here, error));
    }
    plain(&here, error)
}

/// How far from the error its cause is looked for.
const MOST_LINES: usize = 8;

fn is_open_quote(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnclosedQuotedScalar
            | ErrorKind::DocumentIndicatorInQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
    )
}

/// The value of this line that begins with a quotation mark and goes on below.
fn open_quote(spot: &Spot<'_>) -> Option<Place> {
    if spot.line.len() > LONG_LINE {
        return None;
    }
    let opened = written(spot.line).into_iter().find(|written| {
        let mark = written.value.chars().next().filter(|mark| matches!(mark, '\'' | '"'));
        mark.is_some_and(|mark| written.value.matches(mark).count() % 2 == 1)
    })?;
    Some(spot.place(spot.start + opened.start..spot.start + opened.start + opened.value.len()))
}

/// `day:3`, or with a space that YAML does not know.
fn no_space(spot: &Spot<'_>) -> Option<Finding> {
    let indent = spot.line.len() - spot.line.trim_start_matches([' ', '-']).len();
    let written = &spot.line[indent..];
    let (key, value) = written.split_once(':')?;
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let is_value = !value.is_empty() && !value.starts_with([' ', '/']) && !value.contains(": ");
    let place = spot.place(spot.start + indent..spot.start + spot.line.len());
    (is_key && is_value).then(|| found::no_space_after_colon(&place, written))
}

/// Nobody writes longer lines by hand, and looking through them would take its time.
const LONG_LINE: usize = 2_000;

fn trap(spot: &Spot<'_>, kind: &ErrorKind) -> Option<Finding> {
    if spot.line.len() > LONG_LINE {
        return None;
    }
    let indent = spot.line.len() - spot.line.trim_start().len();
    if let Some(tab) = spot.line[..indent].find('\t') {
        let end = tab + spot.line[tab..].len() - spot.line[tab..].trim_start_matches('\t').len();
        return Some(found::tab(&spot.place(spot.start + tab..spot.start + end)));
    }
    if matches!(kind, ErrorKind::TabInPlainScalar | ErrorKind::TabNotAllowed | ErrorKind::InvalidMappingValueWhitespace)
    {
        let tab = spot.line.find('\t')?;
        return Some(found::tab(&spot.place(spot.start + tab..spot.start + tab + 1)));
    }
    written(spot.line).iter().find_map(|written| value_trap(spot, written, kind))
}

fn value_trap(spot: &Spot<'_>, written: &Written<'_>, kind: &ErrorKind) -> Option<Finding> {
    let flow = spot.line[..written.start].contains('{');
    let value = if flow { until_brace(written.value) } else { written.value };
    let start = spot.start + written.start;
    let place = spot.place(start..start + value.len());
    let expression = matches!(written.key, "if" | "where" | "value");
    if value.starts_with("{{") {
        return Some(found::bare_template(&place, value));
    }
    let quoted = value.starts_with(['\'', '"']);
    if expression && ((quoted && !is_one_quoted(value)) || (flow && !quoted && value.contains('['))) {
        return Some(found::quote_in_expression(&place, value));
    }
    if quoted && !is_one_quoted(value) && value[1..].contains(&value[..1]) && !value.ends_with([',', '}', ']']) {
        return Some(found::text_after_quote(&place, value));
    }
    let colon = matches!(
        kind,
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement | ErrorKind::SimpleKeyExpected
    );
    if colon
        && !written.key.is_empty()
        && !value.starts_with(['\'', '"', '[', '{', '|', '>', '&', '*'])
        && value.contains(": ")
    {
        return Some(found::colon_in_text(&place, written.key, value));
    }
    None
}

/// Up to the comma or brace that ends a value inside `{ }`.
fn until_brace(value: &str) -> &str {
    let (mut depth, mut quote) = (0_i32, None);
    for (at, letter) in value.char_indices() {
        match (quote, letter) {
            (Some(mark), letter) if letter == mark => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (None, '}') if depth > 0 => depth -= 1,
            (None, '}') => return value[..at].trim_end(),
            (None, ',') if depth <= 0 => return value[..at].trim_end(),
            _ => {}
        }
    }
    value
}

fn is_one_quoted(value: &str) -> bool {
    let Some(mark) = value.chars().next() else { return false };
    value.len() > 1 && value.ends_with(mark) && !value[1..value.len() - 1].contains(mark)
}

/// Every `key: value` of a line, the outer one first.
fn written(line: &str) -> Vec<Written<'_>> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(colon) = line.get(from..).and_then(|rest| rest.find(": ")) {
        let colon = from + colon;
        let before = &line[..colon];
        let key_start = before.rfind([' ', '{', ',', '\t']).map_or(0, |at| at + 1);
        let rest = &line[colon + 1..];
        let start = colon + 1 + (rest.len() - rest.trim_start().len());
        let value = line.get(start..).unwrap_or("");
        let value = value.find(" #").map_or(value, |at| &value[..at]).trim_end();
        all.push(Written { key: &before[key_start..], start, value });
        from = colon + 2;
    }
    if let Some(dash) = line.trim_start().strip_prefix("- ") {
        let start = line.len() - dash.trim_start().len();
        all.push(Written { key: "", start, value: line[start..].trim_end() });
    }
    all
}

impl Spot<'_> {
    fn place(&self, range: std::ops::Range<usize>) -> Place {
        Place::new(self.file, range)
    }
}

/// Everything without a trap of its own: one sentence, and the place down to the end of the word.
fn plain(spot: &Spot<'_>, error: &ScanError) -> Finding {
    let rest = spot.line.get(spot.at.saturating_sub(spot.start)..).unwrap_or("");
    let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
    plain_at(&spot.place(spot.at..spot.at + word), error)
}

fn plain_at(place: &Place, error: &ScanError) -> Finding {
    let (message, help) = match error.kind() {
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::DocumentIndicatorInQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent => {
            ("a quotation mark is never closed", Some("close the quotation mark at the end of the text"))
        }
        ErrorKind::UnclosedFlowCollection { open } | ErrorKind::MismatchedFlowCollectionEnd { open, .. } => {
            return found::unclosed(place, *open);
        }
        ErrorKind::UnexpectedEofFlowSequence => return found::unclosed(place, '['),
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            return found::unclosed(place, '{');
        }
        ErrorKind::MisplacedFlowCollectionEnd => ("a bracket closes that was never opened", None),
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => (
            "a comma or the closing bracket is missing here",
            Some("separate the parts with commas; a text with commas or brackets needs quotes"),
        ),
        ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::InvalidFlowScalarIndent => (
            "this line is indented differently from the lines it belongs to",
            Some("keys of one object start in the same column; what belongs to a key stands further right"),
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey | ErrorKind::ExpectedNodeContent => {
            ("a key and a colon are expected here", Some("write `key: value`, with a space after the colon"))
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            ("a colon is not possible here", Some("put the text in quotes, or check the indentation of the line"))
        }
        ErrorKind::UnexpectedCharacter { character } => return found::unexpected_character(place, *character),
        ErrorKind::RecursionLimitExceeded => return found::too_big(place, "is nested deeper than 64 levels"),
        ErrorKind::UnknownQuotedScalarEscape => (
            "a backslash inside double quotes starts an escape, and this one does not exist",
            Some("use single quotes, or write two backslashes"),
        ),
        _ => return found::syntax(place, &error.info(), None),
    };
    found::syntax(place, message, help)
}
