//! The catalogue of findings: one row per code, one file per range of codes. Rows are the reference that `explain` prints
//! and their examples are executed by a test. Must not know how anything is found.
use super::Severity;
use std::collections::BTreeMap;

pub(crate) mod change;
pub(crate) mod expressions;
pub(crate) mod law;
pub(crate) mod names;
pub(crate) mod project;
pub(crate) mod shape;
pub(crate) mod style;
pub(crate) mod suites;
pub(crate) mod time;
pub(crate) mod yaml;

/// One code. `bad` and `good` are tiny example files which are laid over [`BASE`] (same path: replaced; new path: added):
/// the bad one yields exactly this code, the good one nothing. A row without examples cannot be shown in a project
/// folder (it needs a database, another version, bytes that are no text) and is tested where it is found.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) code: &'static str,
    /// Kebab-case name, as frozen as the code.
    pub(crate) name: &'static str,
    pub(crate) severity: Severity,
    pub(crate) summary: &'static str,
    pub(crate) why: &'static str,
    pub(crate) bad: Files,
    pub(crate) good: Files,
}

/// Path and text of each file.
pub(crate) type Files = &'static [(&'static str, &'static str)];

/// Declares rows as statics (`&yaml::TAB`) together with the list of them, so that no row can be forgotten.
macro_rules! rows {
    ($( $name:ident: $code:literal $kebab:literal $severity:ident, $summary:literal, $why:literal, bad $bad:expr, good $good:expr; )*) => {
        $( pub(crate) static $name: $crate::diag::catalogue::Row = $crate::diag::catalogue::Row {
            code: $code,
            name: $kebab,
            severity: $crate::diag::Severity::$severity,
            summary: $summary,
            why: $why,
            bad: $bad,
            good: $good,
        }; )*
        pub(super) static ROWS: &[&$crate::diag::catalogue::Row] = &[$( &$name ),*];
    };
}
pub(crate) use rows;

/// A minimal project without findings, under every example of a row.
pub(crate) const BASE: Files = &[
    ("dripline.yaml", BASE_PROJECT),
    ("sequences/welcome.yaml", BASE_SEQUENCE),
    ("triggers/welcome.yaml", BASE_TRIGGER),
    ("templates/welcome.md", BASE_TEMPLATE),
];

pub(crate) const BASE_PROJECT: &str = r#"project: example
requires: ">=0.1, <0.2"
zone: Europe/Berlin
locales: [en]
public_url: "https://drip.example.com"
clinics:
  main: { name: Example Clinic, address: "Hauptstr. 1, 10115 Berlin", booking_url: "https://cal.example.com/intro" }
contact:
  merge_by: [phone, email]
sources:
  own: { provider: events, secret: EVENTS_SECRET }
channels:
  email: { provider: mailbox }
policies:
  preferred: [email]
"#;
pub(crate) const BASE_SEQUENCE: &str = r#"sequence: welcome
category: warm_lead
purpose: marketing
reentry: never
goal: { event: booking.created }
steps:
  - id: hello
    email: welcome
  - id: again
    day: 3
    at: "10:00"
    email: welcome
"#;
pub(crate) const BASE_TRIGGER: &str = "trigger: welcome\nevent: lead.created\nenroll: welcome\n";
pub(crate) const BASE_TEMPLATE: &str = r#"---
subject: Welcome
---
Hello {{ contact.first_name | default("there") }},

book your first visit here: {{ booking_link }}

{{ unsubscribe_link }}

{{ postal_address }}
"#;

/// Files of the base project with `files` laid over them.
pub(crate) fn over_base(files: Files) -> BTreeMap<&'static str, &'static str> {
    BASE.iter().chain(files).copied().collect()
}

/// Every row, sorted by code.
pub(crate) fn all() -> Vec<&'static Row> {
    let ranges = [
        yaml::ROWS,
        shape::ROWS,
        names::ROWS,
        time::ROWS,
        expressions::ROWS,
        law::ROWS,
        change::ROWS,
        suites::ROWS,
        style::ROWS,
        project::ROWS,
    ];
    let mut rows: Vec<&'static Row> = ranges.into_iter().flatten().copied().collect();
    rows.sort_by_key(|row| row.code);
    rows
}

/// The row of a code (`DL101`, also lower case) or of a kebab-case name.
pub(crate) fn find(word: &str) -> Option<&'static Row> {
    all().into_iter().find(|row| row.code.eq_ignore_ascii_case(word) || row.name == word)
}
