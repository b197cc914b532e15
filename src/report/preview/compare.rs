//! Which lines of two timelines belong together, and what differs between them.
use crate::simulate::{Entry, Timeline, Word};
use serde::Serialize;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    /// Only the new version has it.
    New,
    /// Only the other version had it.
    Gone,
    Time,
    Channel,
    /// Sent, skipped …, or where an end leads.
    Outcome,
    Text,
}

/// A line of both versions, or of one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Row {
    /// Place among the entries of the other version.
    pub(super) before: Option<usize>,
    pub(super) after: Option<usize>,
    /// Empty where nothing differs.
    pub(super) changes: Vec<Change>,
}

impl Change {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Time => "time",
            Self::Channel => "channel",
            Self::Outcome => "outcome",
            Self::Text => "text",
        }
    }
}

/// Every line in the order of time: where a line of both versions moved, at its new place.
pub(super) fn rows(before: &Timeline, after: &Timeline) -> Vec<Row> {
    let mut left: Vec<usize> = (0..before.entries.len()).collect();
    let mut rows: Vec<Row> = Vec::new();
    for (at, new) in after.entries.iter().enumerate() {
        let pair = left.iter().position(|old| same_line(&before.entries[*old], new)).map(|found| left.remove(found));
        let changes = pair.map_or_else(|| vec![Change::New], |old| changes(&before.entries[old], new));
        rows.push(Row { before: pair, after: Some(at), changes });
    }
    for old in left {
        let time = before.entries[old].at;
        let moment = |row: &Row| {
            row.after.map_or_else(|| row.before.map(|at| before.entries[at].at), |at| Some(after.entries[at].at))
        };
        let place = rows.iter().position(|row| moment(row).is_some_and(|at| at > time)).unwrap_or(rows.len());
        rows.insert(place, Row { before: Some(old), after: None, changes: vec![Change::Gone] });
    }
    rows
}

/// Steps are the same by their name; of ends a sequence has one, whatever it says.
fn same_line(old: &Entry, new: &Entry) -> bool {
    let leads = |entry: &Entry| matches!(entry.word, Word::Enters { .. });
    match (&old.step, &new.step) {
        (Some(old), Some(new)) => old == new,
        (None, None) => leads(old) == leads(new),
        _ => false,
    }
}

fn changes(old: &Entry, new: &Entry) -> Vec<Change> {
    let differs = [
        (Change::Time, old.at != new.at),
        (Change::Channel, old.channel != new.channel || old.provider_template != new.provider_template),
        (Change::Outcome, old.word != new.word),
        (Change::Text, old.subject != new.subject || old.text != new.text),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(change, _)| change).collect()
}

/// Subject and text as lines, for a comparison.
pub(super) fn written(entry: &Entry) -> String {
    let subject = entry.subject.iter().map(|subject| format!("Subject: {subject}\n"));
    subject.chain(entry.text.clone()).collect()
}

/// `2 of 6 lines differ`.
pub(super) fn summary(rows: &[Row]) -> String {
    let differ = rows.iter().filter(|row| !row.changes.is_empty()).count();
    match differ {
        0 => "nothing differs".to_owned(),
        1 => format!("1 of {} lines differs", rows.len()),
        _ => format!("{differ} of {} lines differ", rows.len()),
    }
}
