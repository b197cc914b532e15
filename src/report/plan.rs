//! A change of the plan and what it does, as text, JSON, Markdown and HTML. Judges nothing: what is dangerous was decided
//! where the plans were compared.
mod markdown;
mod page;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use markdown::markdown;
pub(crate) use page::html;
pub(crate) use text::text;

use crate::{
    calendar::{Instant, Zone},
    compile::diff::{Change, Changes, Gate, Sample, Shift, Some3, Volumes},
};
use serde_json::json;

/// The changes, and what they were found with.
pub(crate) struct Told<'a> {
    pub(crate) changes: &'a Changes,
    pub(crate) zone: &'a Zone,
    pub(crate) project: &'a str,
    /// What it was compared with, in words.
    pub(crate) against: String,
    pub(crate) counted_at: Option<Instant>,
    /// Everybody inside, also where nothing changed.
    pub(crate) inside: u64,
    pub(crate) made: Instant,
    pub(crate) command: String,
}

/// The whole as JSON.
pub(crate) fn json(told: &Told<'_>) -> String {
    let changes = told.changes;
    let count = |gate| changes.count(gate);
    let document = json!({
        "format_version": 1,
        "project": told.project,
        "against": told.against,
        "counted_at": told.counted_at.map(|at| at.to_string()),
        "people_inside": told.inside,
        "blocks": count(Gate::Block),
        "gates": count(Gate::Ask),
        "choices": count(Gate::Choice),
        "notes": count(Gate::Note),
        "changes": changes.changes,
        "inside": changes.inside,
        "volumes": changes.volumes,
        "samples": changes.samples,
        "unchanged": changes.unchanged,
    });
    format!("{document:#}\n")
}

impl Told<'_> {
    /// `Mon 7 Dec 10:00`.
    fn moment(&self, at: Instant) -> String {
        self.zone.civil(at).strftime("%a %-d %b %H:%M").to_string()
    }

    /// `Mon 7 Dec 2026 10:00 Europe/Berlin`.
    fn whole_moment(&self, at: Instant) -> String {
        format!("{} {}", self.zone.civil(at).strftime("%a %-d %b %Y %H:%M"), self.zone)
    }

    /// The answer in one line.
    fn answer(&self) -> String {
        let changes = self.changes;
        let (blocks, gates) = (changes.count(Gate::Block), changes.count(Gate::Ask) + changes.count(Gate::Choice));
        match (blocks, gates) {
            _ if changes.is_empty() => "Nothing changes".to_owned(),
            (0, 0) => "This can go live as it is".to_owned(),
            (0, gates) => format!("{} before this can go live", needed(gates)),
            (blocks, gates) => format!("{} before this can go live", needed(blocks + gates)),
        }
    }

    /// `1 blocks, 2 gates, 3 notes`.
    fn counts(&self) -> String {
        let said = [
            (Gate::Block, "block", "blocks"),
            (Gate::Ask, "gate", "gates"),
            (Gate::Choice, "choice", "choices"),
            (Gate::Note, "note", "notes"),
        ];
        let said = said.into_iter().filter_map(|(gate, one, more)| {
            let count = self.changes.count(gate);
            (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { more }))
        });
        said.collect::<Vec<_>>().join(", ")
    }

    /// Whom the comparison is about.
    fn about(&self) -> String {
        let inside: Vec<String> = self
            .changes
            .inside
            .iter()
            .filter(|(_, people)| **people > 0)
            .map(|(name, people)| format!("{people} inside {name}"))
            .collect();
        match self.counted_at {
            None => format!("Against {}. Nobody was counted: give a census to see whom it concerns.", self.against),
            Some(at) if inside.is_empty() => {
                format!("Against {}. Nobody is inside what changes; counted {}.", self.against, self.whole_moment(at))
            }
            Some(at) => {
                format!("Against {}. People: {}; counted {}.", self.against, inside.join(", "), self.whole_moment(at))
            }
        }
    }

    fn unchanged(&self) -> String {
        let unchanged = self.changes.unchanged;
        let parts = [
            (unchanged.sequences, "sequence"),
            (unchanged.triggers, "trigger"),
            (unchanged.segments, "segment"),
            (unchanged.offers, "offer"),
        ];
        let said = parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| counted(*count as u64, word));
        said.collect::<Vec<_>>().join(", ")
    }
}

fn needed(count: usize) -> String {
    if count == 1 { "1 decision needed".to_owned() } else { format!("{count} decisions needed") }
}

fn counted(count: u64, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// `sequence warm_lead, step hello: step removed`.
fn headline(change: &Change) -> String {
    let step = change.step.as_ref().map_or(String::new(), |step| format!(", step {step}"));
    format!("{} {}{step}: {}", change.kind.word(), change.object, change.what)
}

fn place(change: &Change) -> String {
    match (change.file.is_empty(), change.line) {
        (true, _) => String::new(),
        (false, 0) => change.file.clone(),
        (false, line) => format!("{}:{line}", change.file),
    }
}

/// The three groups with their words; groups in which nobody is are left out unless all are.
fn groups(change: &Change) -> Vec<(&'static str, u64, String)> {
    let Some(people) = &change.people else { return Vec::new() };
    let all = [("before", &people.before), ("at", &people.at), ("past", &people.past)];
    if people.total() == 0 {
        return Vec::new();
    }
    let what = |some: &Some3| if some.at_most { format!("at most: {}", some.what) } else { some.what.clone() };
    all.into_iter().map(|(word, some)| (word, some.people, what(some))).collect()
}

/// `64 people 48 h earlier, 4 people 12 h later`.
fn shift_line(told: &Told<'_>, shift: &Shift) -> Option<String> {
    let line = |(hours, people): (&i64, &u64)| {
        let way = if *hours < 0 { "earlier" } else { "later" };
        format!("{} {} {way}", counted_people(*people), span(hours.unsigned_abs()))
    };
    let mut lines: Vec<String> = shift.hours.iter().filter(|(hours, _)| **hours != 0).take(6).map(line).collect();
    let more = shift.hours.keys().filter(|hours| **hours != 0).count().saturating_sub(6);
    if more > 0 {
        lines.push(format!("and {more} other shifts"));
    }
    if shift.overdue > 0 {
        lines.push(format!("{} overdue at once", counted_people(shift.overdue)));
    }
    if let Some(until) = shift.until.filter(|_| shift.spread > 0) {
        lines.push(format!("{} spread until {}", counted_people(shift.spread), told.moment(until)));
    }
    if shift.skipped > 0 {
        lines.push(format!("{} pass over it", counted_people(shift.skipped)));
    }
    if shift.unknown > 0 && !lines.is_empty() {
        lines.push(format!("{} by a moment of their own", counted_people(shift.unknown)));
    }
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// What was looked for in the database, for those whom a census cannot tell.
fn foreseen(change: &Change) -> Vec<(&'static str, String)> {
    let leave = change.leave.map(|people| ("leave", format!("{} at once", counted_people(people))));
    let enter = change.enter.map(|enter| {
        let more = if enter.more { "more than " } else { "" };
        let goes = if enter.taken { "taken in" } else { "stay out: `backfill: true` on a new trigger takes them in" };
        ("enter", format!("{more}{} match already, {goes}", counted_people(enter.people)))
    });
    leave.into_iter().chain(enter).collect()
}

/// `at most 20 → 15`, where the files alone do not decide it.
fn messages(volumes: &Volumes) -> String {
    let (is, most) = (volumes.messages, volumes.most);
    let line = format!("{} → {}", is.before, is.after);
    match (volumes.about, is == most) {
        (false, _) => line,
        (true, true) => format!("at most {line}"),
        (true, false) => format!("about {line}, at most {} → {}", most.before, most.after),
    }
}

/// Of whom the numbers of the next days are. Who is undecided would look like a saving.
fn ahead_of(changes: &Changes) -> String {
    let undecided = match changes.undecided() {
        0 => String::new(),
        people => format!("; {} without a place, counted before and not after", counted_people(people)),
    };
    format!("for those who are inside now, if they do nothing{undecided}")
}

fn counted_people(people: u64) -> String {
    if people == 1 { "one person".to_owned() } else { format!("{people} people") }
}

fn span(hours: u64) -> String {
    if hours.is_multiple_of(24) { format!("{} d", hours / 24) } else { format!("{hours} h") }
}

/// `31.20 → 29.96 USD`.
fn costs(volumes: &Volumes) -> Option<String> {
    let amount = |millionths: u64| format!("{}.{:02}", millionths / 1_000_000, millionths % 1_000_000 / 10_000);
    let line = |(currency, cost): (&String, &crate::compile::diff::Volume)| {
        format!("{} → {} {currency}", amount(cost.before), amount(cost.after))
    };
    let about = if volumes.about || volumes.lines.iter().any(|line| line.about) { "about " } else { "" };
    let lines = || volumes.cost.iter().map(line).collect::<Vec<_>>().join(", ");
    (!volumes.cost.is_empty()).then(|| format!("{about}{}", lines()))
}

/// `Fri 4 Dec 10:00: 41 → Mon 7 Dec 09:00: 44`.
fn busiest(told: &Told<'_>) -> Option<String> {
    let volumes = &told.changes.volumes;
    let hour = |hour: &crate::compile::diff::Hour| format!("{} ({})", told.moment(hour.at), hour.messages);
    match (&volumes.busiest_before, &volumes.busiest_after) {
        (None, None) => None,
        (before, after) => {
            let said = |one: &Option<crate::compile::diff::Hour>| one.as_ref().map_or("none".to_owned(), hour);
            Some(format!("{} → {}", said(before), said(after)))
        }
    }
}

/// Whom an example stands for, without saying who.
fn example(told: &Told<'_>, sample: &Sample) -> String {
    let days = told.made.since(sample.entered) / 86_400_000;
    let step = sample.step.as_ref().map_or("after all steps".to_owned(), |step| format!("at {step}"));
    let alike = if sample.people > 1 { format!(", like {} others", sample.people - 1) } else { String::new() };
    format!("{} {step}, inside for {}{alike}", sample.sequence, counted(u64::try_from(days).unwrap_or(0), "day"))
}

/// The steps of one side of an example.
fn timeline(told: &Told<'_>, points: &[crate::compile::diff::Point]) -> String {
    let line = |point: &crate::compile::diff::Point| format!("{} {}", told.moment(point.at), point.step);
    let mut lines: Vec<String> = points.iter().take(4).map(line).collect();
    if points.len() > 4 {
        lines.push(format!("and {} more", points.len() - 4));
    }
    if lines.is_empty() { "nothing".to_owned() } else { lines.join(" · ") }
}
