//! Previews as Markdown for a comment on a pull request: a table for each person, texts folded below it.
//!
//! Texts stand in fences that no text can close, and in tables nothing of a value takes effect. Stays under the 65,536
//! characters of a comment on GitHub: texts that do not fit are counted.
use super::{
    Previewed, Previews,
    compare::{self, Change, Row},
};
use crate::{
    report::{diff, findings::cell, timeline},
    simulate::{Detail, Entry, Shown, Timeline, Word},
};

/// Room for the closing line below GitHub's limit.
const MOST: usize = 65_000;

pub(crate) fn markdown(previews: &Previews) -> String {
    let mut out = Bounded::default();
    for person in &previews.people {
        match (&previews.against, &person.before) {
            (Some(against), Some(before)) => compared(before, &person.now, against, &mut out),
            (against, _) => alone(person, against.as_deref(), &mut out),
        }
    }
    out.done()
}

/// A text that is cut between its parts.
#[derive(Default)]
struct Bounded {
    text: String,
    size: usize,
    left_out: usize,
}

impl Bounded {
    fn push(&mut self, part: &str) {
        let size = part.chars().count();
        if self.size + size > MOST {
            self.left_out += 1;
            return;
        }
        self.size += size;
        self.text.push_str(part);
    }

    fn done(mut self) -> String {
        match self.left_out {
            0 => {}
            1 => self.text.push_str("\n… and one part more: `dripline preview` shows all of it.\n"),
            parts => {
                let more = format!("\n… and {parts} parts more: `dripline preview` shows all of them.\n");
                self.text.push_str(&more);
            }
        }
        self.text
    }
}

fn head(timeline: &Timeline) -> String {
    let zone = &timeline.zone;
    let start = format!("{} {}", timeline::day(zone, timeline.start), zone.time_of_day(timeline.start));
    format!(
        "### {} for {}\n\n{} on {start} {}\n\n",
        cell(timeline.sequence.as_str()),
        cell(&timeline::name(&timeline.person)),
        cell(&timeline::opening(timeline)),
        zone.name()
    )
}

fn alone(person: &Previewed, against: Option<&str>, out: &mut Bounded) {
    let now = &person.now;
    let mut table = head(now);
    if let Some(against) = against {
        table.push_str(&format!("New: {} has no such sequence.\n\n", cell(against)));
    }
    table.push_str("| when | step | channel | what |\n|---|---|---|---|\n");
    for (entry, detail) in now.entries.iter().zip(&now.details) {
        let [when, step, channel, what] = columns(entry, detail, now);
        table.push_str(&format!("| {when} | {step} | {channel} | {what} |\n"));
    }
    if !now.stops.is_empty() {
        table.push_str(&format!("\n{}\n", cell(timeline::stops(now).trim())));
    }
    table.push('\n');
    out.push(&table);
    for (entry, detail) in now.entries.iter().zip(&now.details) {
        if let (Some(step), Some(text)) = (&entry.step, &entry.text) {
            out.push(&folded(step, &whole(entry, detail.message.as_ref(), text), ""));
        }
    }
}

fn columns(entry: &Entry, detail: &Detail, of: &Timeline) -> [String; 4] {
    let zone = &of.zone;
    let when = format!("{} {}", timeline::day(zone, entry.at), zone.time_of_day(entry.at));
    let what = match &entry.step {
        Some(_) => timeline::step_words(entry, detail, zone),
        None => timeline::end_words(entry, zone),
    };
    let mark = match &entry.word {
        Word::Sent => "",
        Word::Skipped(_) | Word::Cancelled(_) => "⊘ ",
        Word::Failed(_) | Word::Refused(_) => "✖ ",
        Word::Unknown => "? ",
        Word::Converted => "★ ",
        _ => "",
    };
    let name = |name: &Option<std::sync::Arc<str>>| name.as_deref().map_or_else(|| "–".to_owned(), cell);
    [when, name(&entry.step), name(&entry.channel), format!("{mark}{}", cell(&what))]
}

/// Headers and text, as a mail program would print them.
fn whole(entry: &Entry, message: Option<&Shown>, text: &str) -> String {
    let mut out = String::new();
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            out.push_str(&format!("{name}: {}\n", timeline::plain(value)));
        }
    };
    put("From", message.and_then(|message| message.from.as_deref()));
    put("To", message.map(|message| message.to.as_str()));
    put("Subject", entry.subject.as_deref());
    put("Preview", message.and_then(|message| message.preheader.as_deref()));
    if let Some(template) = message.and_then(|message| message.template.as_ref()) {
        put("Template", Some(&format!("{} ({}) {}", template.name, template.language, template.params.join(" · "))));
    }
    if let Some(parts) = message.and_then(|message| message.sms.as_ref()) {
        let plural = if parts.segments == 1 { "" } else { "s" };
        let said = format!("{} characters, {}, {} segment{plural}", parts.characters, parts.alphabet, parts.segments);
        put("Length", Some(&said));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&text.lines().map(timeline::plain).collect::<Vec<_>>().join("\n"));
    out
}

/// A folded block in a fence that is longer than any inside.
fn folded(summary: &str, text: &str, language: &str) -> String {
    let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    // a block of HTML, in which Markdown's own signs mean nothing
    let summary = summary.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<details><summary>{summary}</summary>\n\n{fence}{language}\n{text}\n{fence}\n\n</details>\n\n")
}

fn compared(before: &Timeline, now: &Timeline, against: &str, out: &mut Bounded) {
    let rows = compare::rows(before, now);
    let mut table = head(now);
    table.push_str(&format!("Compared with {}: **{}**.\n\n", cell(against), compare::summary(&rows)));
    table.push_str(&format!("| | step | {} | now | differs |\n|---|---|---|---|---|\n", cell(against)));
    for row in &rows {
        table.push_str(&compared_row(row, before, now));
    }
    table.push('\n');
    out.push(&table);
    for row in rows.iter().filter(|row| row.changes.contains(&Change::Text)) {
        let (Some(old), Some(new)) = (row.before, row.after) else { continue };
        let (old, new) = (&before.entries[old], &now.entries[new]);
        let lines = diff::changed(&compare::written(old), &compare::written(new));
        let lines: Vec<String> = lines.iter().map(|(sign, line)| format!("{sign}{}", timeline::plain(line))).collect();
        out.push(&folded(new.step.as_deref().unwrap_or("text"), &lines.join("\n"), "diff"));
    }
}

fn compared_row(row: &Row, before: &Timeline, now: &Timeline) -> String {
    let of = |timeline: &Timeline, at: usize| columns(&timeline.entries[at], &timeline.details[at], timeline);
    let (old, new) = (row.before.map(|at| of(before, at)), row.after.map(|at| of(now, at)));
    let step = new.as_ref().or(old.as_ref()).map(|[_, step, ..]| step.clone()).unwrap_or_default();
    let told = |columns: &Option<[String; 4]>| match columns {
        Some([when, _, channel, what]) => format!("{when}<br>{channel} {what}"),
        None => "–".to_owned(),
    };
    let mark = match row.changes.first() {
        None => "",
        Some(Change::New) => "➕",
        Some(Change::Gone) => "➖",
        Some(_) => "✎",
    };
    let words: Vec<&str> = row.changes.iter().map(|change| change.word()).collect();
    let (old, new) = if row.changes.is_empty() { ("same".to_owned(), told(&new)) } else { (told(&old), told(&new)) };
    format!("| {mark} | {step} | {old} | {new} | {} |\n", words.join(", "))
}
