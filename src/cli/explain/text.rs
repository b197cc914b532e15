//! The reference for people.
use super::{List, Topic};
use crate::{
    diag::{Row, Severity, catalogue},
    document::{self, KeyReference},
    expr::{FUNCTIONS, Signature},
    record::{BuiltIn, EVENTS, Guarantee, carries_booking},
};
use clap::builder::styling::Style;

const BOLD: Style = Style::new().bold();

/// What is promised about sending, one promise each.
pub(super) const GUARANTEE: &[&str] = &[
    "Every step that falls due ends in exactly one recorded outcome with a reason: sent, skipped, failed, cancelled, or unknown. Nothing is dropped silently.",
    "Every event changes state exactly once, however often its delivery is repeated and in whatever order deliveries arrive.",
    "Nothing is sent without a record that was stored before the attempt began.",
    "Nothing is sent twice, unless you ask for it (on_unknown: resend). An attempt whose answer was lost is looked up at the provider where that is possible; otherwise it is shown as unknown and not repeated.",
    "Once an opt-out, a booking, a cancellation or an erasure is stored, no new attempt begins for what it ends. An attempt that had begun before may still finish, within 30 seconds.",
    "After a crash or a restart everything goes on from the last stored state; what fell due meanwhile is treated by your rules for lateness.",
];

/// Prose is broken at this column, with `indent` before every line but the first.
const WIDTH: usize = 96;

fn prose(text: &str, indent: &str) -> String {
    let (mut lines, mut length) = (String::new(), 0);
    for word in text.split_whitespace() {
        let wide = word.chars().count();
        if length > 0 && length + 1 + wide > WIDTH {
            lines.push('\n');
            lines.push_str(indent);
            length = indent.len();
        } else if length > 0 {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += wide;
    }
    lines
}

pub(super) fn of(topic: &Topic) -> String {
    match topic {
        Topic::Finding(row) => finding(row),
        Topic::Function(row) => function(row),
        Topic::Event(row) => event(row),
        Topic::Key(places) => places.iter().map(key).collect::<Vec<_>>().join("\n"),
        Topic::Kind(of, keys) => kind(of, keys),
        Topic::Guarantee => guarantee(),
        Topic::List(list) => self::list(*list),
    }
}

fn finding(row: &Row) -> String {
    let (summary, why) = (prose(row.summary, ""), prose(row.why, ""));
    let mut text = format!("{BOLD}{} {}{BOLD:#} ({})\n\n{summary}\n{why}\n", row.code, row.name, row.severity.word());
    examples("Wrong", row.bad, &mut text);
    examples("Right", row.good, &mut text);
    if row.severity == Severity::Warning {
        text.push_str(&format!("\nWhere it is meant, say why:\n\n    # dripline: allow {} because …\n", row.code));
    }
    text
}

fn examples(title: &str, files: catalogue::Files, text: &mut String) {
    for (path, source) in files {
        text.push_str(&format!("\n{title}, {path}:\n\n"));
        for line in source.lines() {
            text.push_str(format!("    {line}").trim_end());
            text.push('\n');
        }
    }
}

fn function(row: &Signature) -> String {
    let description = prose(row.description, "");
    format!("{BOLD}{}{BOLD:#} gives {}\n\n{description}\n\n    {}\n", row.usage, row.gives, row.example)
}

fn event(row: &BuiltIn) -> String {
    let mut text = format!("{BOLD}{}{BOLD:#}\n\n{}\n", row.name, row.summary);
    if row.internal {
        text.push_str("Only dripline itself makes it; it cannot be sent in.\n");
    }
    if carries_booking(row.name) {
        text.push_str("The appointment is `booking`.\n");
    }
    if !row.fields.is_empty() {
        text.push('\n');
    }
    for field in row.fields {
        let there = if field.there == Guarantee::Maybe { ", may be missing" } else { "" };
        text.push_str(&format!("    event.{:<20} {}{there}\n", field.name, field.of.to_type()));
    }
    text
}

fn key(place: &KeyReference) -> String {
    let required = if place.required { ", required" } else { "" };
    let mut text = format!("{BOLD}{}{BOLD:#} of {}{required}\n\n{}\n", place.key, place.of, prose(place.about, ""));
    if place.later {
        text.push_str("This version cannot run it yet.\n");
    }
    text.push_str(&format!("\n    {}: {}\n", place.key, place.example));
    if !place.words.is_empty() {
        text.push('\n');
    }
    for (word, about) in &place.words {
        text.push_str(&format!("    {word:<20} {about}\n"));
    }
    text
}

/// A line each, with the first sentence; `dripline explain KEY` has the rest.
fn kind(of: &str, keys: &[KeyReference]) -> String {
    let row = |key: &KeyReference| {
        let about = key.about.split_once(". ").map_or(key.about, |(first, _)| first).trim_end_matches('.');
        format!("    {:<20} {about}{}\n", key.key, if key.required { " (required)" } else { "" })
    };
    let rows: String = keys.iter().map(row).collect();
    format!("{BOLD}Keys of {of}{BOLD:#}, each explained by `dripline explain KEY`\n\n{rows}")
}

fn guarantee() -> String {
    let mut text = format!("{BOLD}What dripline promises{BOLD:#}\n");
    for promise in GUARANTEE {
        text.push_str(&format!("\n- {}\n", prose(promise, "  ")));
    }
    text
}

fn list(list: List) -> String {
    let row = |name: &str, about: &str| format!("  {name:<26} {about}\n");
    match list {
        List::Codes => {
            let of = |found: &Row| {
                format!("  {} {:<7} {:<26} {}\n", found.code, found.severity.word(), found.name, found.summary)
            };
            catalogue::all().into_iter().map(of).collect()
        }
        List::Events => EVENTS.iter().map(|event| row(event.name, event.summary)).collect(),
        List::Functions => FUNCTIONS.iter().map(function).collect::<Vec<_>>().join("\n"),
        List::Keys => document::keys().into_iter().map(keys_row).collect(),
        List::Topics => format!(
            "{BOLD}dripline explain WORD{BOLD:#}, where WORD is one of:\n\n{}",
            [
                row(
                    "codes",
                    &format!("all {} findings; then a code such as DL107, or its name", catalogue::all().len())
                ),
                row("events", &format!("all {} built-in events; then one such as booking.no_show", EVENTS.len())),
                row(
                    "functions",
                    &format!("all {} functions of conditions; then one such as has_booking", FUNCTIONS.len())
                ),
                row("keys", &format!("all {} keys of the files; then one such as reentry", document::keys().len())),
                row("guarantee", "what is promised about sending"),
            ]
            .concat()
        ),
    }
}

fn keys_row(name: &'static str) -> String {
    let places: Vec<&str> = document::reference(name).iter().map(|place| place.of).collect();
    format!("  {name:<26} of {}\n", places.join(", "))
}
