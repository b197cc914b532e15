//! The catalogue of findings: one row per code, one file per range of codes. Rows are the reference that `explain` prints
//! and their examples are executed by a test. Must not know how anything is found.
use super::Severity;

pub(crate) mod approved;
pub(crate) mod backtest;
#[cfg(test)]
mod base;
pub(crate) mod bindings;
pub(crate) mod campaigns;
pub(crate) mod change;
pub(crate) mod data;
pub(crate) mod expressions;
pub(crate) mod law;
pub(crate) mod message;
pub(crate) mod names;
pub(crate) mod offers;
pub(crate) mod outward;
pub(crate) mod over_time;
pub(crate) mod project;
pub(crate) mod reach;
pub(crate) mod rules;
pub(crate) mod segments;
pub(crate) mod senders;
pub(crate) mod shape;
pub(crate) mod start;
pub(crate) mod style;
pub(crate) mod suites;
pub(crate) mod time;
pub(crate) mod volume;
pub(crate) mod yaml;

#[cfg(test)]
pub(crate) use base::{BASE, BASE_PROJECT, BASE_SEQUENCE, over_base};

/// One code. `bad` and `good` are tiny example files which are laid over a base project (same path: replaced; new path: added):
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

/// Every row, sorted by code.
pub(crate) fn all() -> Vec<&'static Row> {
    let ranges = [
        yaml::ROWS,
        shape::ROWS,
        names::ROWS,
        segments::ROWS,
        start::ROWS,
        time::ROWS,
        over_time::ROWS,
        expressions::ROWS,
        law::ROWS,
        rules::ROWS,
        outward::ROWS,
        message::ROWS,
        bindings::ROWS,
        approved::ROWS,
        reach::ROWS,
        senders::ROWS,
        volume::ROWS,
        data::ROWS,
        campaigns::ROWS,
        offers::ROWS,
        change::ROWS,
        suites::ROWS,
        backtest::ROWS,
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
