//! A preview as text: what one person gets, in their local time.
use crate::{
    calendar::{Instant, Zone},
    journey::{ARM, Because, Gate, WRITTEN},
    plan::OTHERWISE,
    simulate::{Detail, Entry, Opening, Timeline, Word},
};
use std::fmt::Write as _;

/// Characters of a text that one line shows.
const SNIPPET: usize = 60;

/// The timeline as a person reads it. `full` shows whole texts below their line.
pub(super) fn text(timeline: &Timeline, full: bool) -> String {
    let mut out = format!("{}\n", head(timeline));
    let columns = Columns::of(&[timeline]);
    for (entry, detail) in timeline.entries.iter().zip(&timeline.details) {
        let _ = writeln!(out, "  {}", line(entry, detail, &timeline.zone, columns));
        if full {
            whole(entry, detail, &mut out);
        }
    }
    out.push_str(&stops(timeline));
    out
}

/// Who, what and when.
pub(super) fn head(timeline: &Timeline) -> String {
    let zone = &timeline.zone;
    let start = format!("{} {} {}", day(zone, timeline.start), zone.time_of_day(timeline.start), zone.name());
    format!("{} for {}, {} on {start}", timeline.sequence, name(&timeline.person), opening(timeline))
}

pub(super) fn opening(timeline: &Timeline) -> String {
    match &timeline.opening {
        Opening::Event { event, .. } => event.to_string(),
        Opening::Trigger { trigger } => format!("trigger {trigger}"),
        Opening::Enrolled => "enrolled".to_owned(),
    }
}

pub(super) fn stops(timeline: &Timeline) -> String {
    if timeline.stops.is_empty() {
        return String::new();
    }
    let stops: Vec<String> = timeline.stops.iter().map(|(event, word)| format!("{event} ({word})")).collect();
    format!("  stops at once on: {}\n", stops.join(", "))
}

/// How wide the columns of timelines that stand together are.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    steps: usize,
    channels: usize,
    /// No line lies in another year than the start.
    one_year: bool,
}

impl Columns {
    pub(super) fn of(timelines: &[&Timeline]) -> Self {
        let entries = || timelines.iter().flat_map(|timeline| &timeline.entries);
        let wide = |text: &Option<std::sync::Arc<str>>| text.as_deref().map_or(0, |text| text.chars().count());
        let in_one = |timeline: &&Timeline| {
            let year = |at: Instant| timeline.zone.civil(at).year();
            timeline.entries.iter().all(|entry| year(entry.at) == year(timeline.start))
        };
        Self {
            steps: entries().map(|entry| wide(&entry.step)).max().unwrap_or(0),
            channels: entries().map(|entry| wide(&entry.channel)).max().unwrap_or(0),
            one_year: timelines.iter().all(in_one),
        }
    }
}

/// One entry, without anything before or behind it.
pub(super) fn line(entry: &Entry, detail: &Detail, zone: &Zone, columns: Columns) -> String {
    let Columns { steps, channels, one_year } = columns;
    let date = zone.civil(entry.at).strftime(if one_year { "%a %e %b" } else { "%a %e %b %Y" });
    let when = format!("{date}  {}", zone.time_of_day(entry.at));
    let line = match &entry.step {
        Some(step) => {
            let channel = entry.channel.as_deref().unwrap_or("–");
            format!("{when}  {step:<steps$}  {channel:<channels$}  {}", step_words(entry, detail, zone))
        }
        None => format!("{when}  {}", end_words(entry, zone)),
    };
    line.trim_end().to_owned()
}

/// The whole text below its line.
fn whole(entry: &Entry, detail: &Detail, out: &mut String) {
    let Some(text) = &entry.text else { return };
    if let Some(subject) = &entry.subject {
        let _ = writeln!(out, "      Subject: {}", plain(subject));
    }
    if let Some(template) = detail.message.as_ref().and_then(|message| message.template.as_ref()) {
        let params: Vec<String> = template.params.iter().map(|param| format!("\"{}\"", plain(param))).collect();
        let filled = if params.is_empty() { String::new() } else { format!(" with {}", params.join(", ")) };
        let _ = writeln!(out, "      Template: {} ({}){filled}", template.name, template.language);
    }
    for line in text.lines() {
        let _ = writeln!(out, "{}", format!("      {}", plain(line)).trim_end());
    }
    out.push('\n');
}

/// What somebody is called, in a line: nothing in it can move what stands around it.
pub(super) fn name(label: &str) -> String {
    cut(&plain(label), SNIPPET)
}

/// Text of others in one of ours: letters that steer a terminal, or turn the order of letters around, are taken out.
pub(super) fn plain(text: &str) -> String {
    let turns =
        |char: char| matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    text.chars().filter(|char| !turns(*char)).map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// `Fri 26 Mar 2027`, inside a sentence.
pub(super) fn day(zone: &Zone, at: Instant) -> String {
    zone.civil(at).strftime("%a %-d %b %Y").to_string()
}

pub(super) fn step_words(entry: &Entry, detail: &Detail, zone: &Zone) -> String {
    let way = entry.because.as_ref().filter(|because| because.gate == Gate::Branch && entry.word == Word::Sent);
    if let Some(because) = way {
        return way_taken(entry, because, zone);
    }
    let mut words = match &entry.word {
        Word::Sent => sent(entry),
        Word::Skipped(why) => format!("skipped ({why})"),
        Word::Failed(why) => format!("failed ({why})"),
        Word::Cancelled(why) => format!("cancelled ({why})"),
        Word::Unknown => "unknown".to_owned(),
        _ => String::new(),
    };
    if let (Some(first), Some(last)) = (detail.moved.first(), detail.moved.last().filter(|last| last.to == entry.at)) {
        let from = format!("{} {}", day(zone, first.from), zone.time_of_day(first.from));
        let mut rules: Vec<String> = detail.moved.iter().map(|moved| rule(&moved.because, zone)).collect();
        rules.dedup();
        let _ = write!(words, "  moved from {from} ({})", rules.join(", "));
        if entry.because.as_ref() == Some(&last.because) {
            return noted(words, entry);
        }
    } else if entry.at.since(entry.planned) >= 60_000 {
        let planned = format!("{} {}", day(zone, entry.planned), zone.time_of_day(entry.planned));
        let _ = write!(words, "  planned {planned}");
    }
    if let Some(because) = &entry.because {
        let _ = write!(words, "  [{}]", reason(because, zone));
    }
    noted(words, entry)
}

fn noted(mut words: String, entry: &Entry) -> String {
    if !entry.notes.is_empty() {
        let _ = write!(words, "  ({})", entry.notes.join("; "));
    }
    words.trim_start().to_owned()
}

/// The rule that moved a message, in a few words.
pub(super) fn rule(because: &Because, zone: &Zone) -> String {
    let of = |wanted: &str| because.read.iter().find(|(name, _)| **name == *wanted).map(|(_, value)| value.to_string());
    match (because.gate, of("window"), of("quiet_hours")) {
        (Gate::Window, Some(window), _) => format!("window \"{window}\""),
        (Gate::QuietHours, _, Some(hours)) => format!("quiet hours {hours}"),
        (Gate::Cap, ..) => {
            format!("cap: {} per {}", of("at_most").unwrap_or_default(), of("per").unwrap_or_default())
        }
        _ => of_gate(because, zone),
    }
}

/// Which way the person goes, and since when they waited for it.
fn way_taken(entry: &Entry, because: &Because, zone: &Zone) -> String {
    let since = format!("  waited since {} {}", day(zone, entry.planned), zone.time_of_day(entry.planned));
    let waited = if entry.at.since(entry.planned) >= 60_000 { since } else { String::new() };
    format!("{}{waited}", way(because, zone))
}

/// What decided about a way, as people say it.
fn way(because: &Because, zone: &Zone) -> String {
    let of = |wanted: &str| because.read.iter().find(|(name, _)| **name == *wanted).map(|(_, value)| value.to_string());
    let arm = of("arm").unwrap_or_default();
    if let Some(weight) = of("weight") {
        return format!("goes the way {arm} ({weight} of 100)");
    }
    let asked: Vec<&str> = because.read.iter().filter(|(name, _)| **name == *"if").map(|(_, value)| &**value).collect();
    let values = because.read.iter().filter(|(name, _)| !matches!(&**name, "arm" | "if" | "event" | "up_to"));
    let values: Vec<String> = values.map(|(name, value)| format!("{name}: {}", shown(value, zone))).collect();
    let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
    match (of("event"), of("up_to")) {
        (Some(event), None) => format!("{event} came{values}"),
        (Some(event), Some(up_to)) => format!("{event} did not come within {up_to}"),
        (None, Some(up_to)) => format!("within {up_to} it did not hold: {}{values}", asked.join(", ")),
        (None, None) if arm == OTHERWISE => format!("otherwise, as none holds: {}{values}", asked.join("; ")),
        (None, None) => format!("as this holds: {}{values}", asked.join(", ")),
    }
}

pub(super) fn shown(value: &str, zone: &Zone) -> String {
    match Instant::parse_rfc3339(value) {
        Some(at) => format!("{} {}", day(zone, at), zone.time_of_day(at)),
        None => value.to_owned(),
    }
}

fn sent(entry: &Entry) -> String {
    if let Some(template) = &entry.provider_template {
        return format!("uses the approved template {template}");
    }
    let shown = entry.subject.as_ref().or(entry.text.as_ref());
    shown.map(|text| format!("\"{}\"", snippet(text))).unwrap_or_default()
}

fn snippet(text: &str) -> String {
    cut(&plain(&text.split_whitespace().collect::<Vec<_>>().join(" ")), SNIPPET)
}

pub(super) fn cut(line: &str, most: usize) -> String {
    if line.chars().count() <= most {
        return line.to_owned();
    }
    let cut: String = line.chars().take(most).collect();
    format!("{} …", cut.trim_end())
}

pub(super) fn end_words(entry: &Entry, zone: &Zone) -> String {
    match &entry.word {
        Word::Completed => "completed".to_owned(),
        Word::Converted => "converted".to_owned(),
        Word::Stopped(why) => format!("stopped ({why})"),
        Word::Refused(why) => {
            let because = entry.because.as_ref().map(|because| format!("  [{}]", reason(because, zone)));
            format!("not entered ({why}){}", because.unwrap_or_default())
        }
        Word::Enters { sequence, first: Some(at) } => {
            format!("→ {sequence}, first on {} {}", day(zone, *at), zone.time_of_day(*at))
        }
        Word::Enters { sequence, first: None } => format!("→ {sequence}"),
        Word::Cut => "… the preview ends here, the run does not".to_owned(),
        _ => String::new(),
    }
}

/// The gate and the values it read, in one line; moments as the person's clock shows them.
pub(crate) fn reason(because: &Because, zone: &Zone) -> String {
    let (text, gate) = because.read.iter().cloned().partition::<Vec<_>, _>(|(name, _)| of_text(name));
    let mut words = Vec::new();
    if because.gate != Gate::Text {
        words.push(of_gate(&Because { gate: because.gate, read: gate }, zone));
    }
    words.extend(text.iter().map(|(name, value)| format!("{name} {value}")));
    words.join("; ")
}

/// Which text was taken stands beside what a gate said.
fn of_text(name: &str) -> bool {
    [ARM, WRITTEN].contains(&name)
}

fn of_gate(because: &Because, zone: &Zone) -> String {
    // channels that were passed over on the way to the one that was taken
    if because.gate == Gate::Channel && because.read.iter().all(|(name, _)| **name != *"error") {
        let over: Vec<String> = because.read.iter().map(|(channel, why)| format!("{channel} ({why})")).collect();
        return format!("not by {}", over.join(", "));
    }
    let read: Vec<String> =
        because.read.iter().map(|(name, value)| format!("{name}: {}", shown(value, zone))).collect();
    if because.gate == Gate::Group {
        return group(because);
    }
    if because.gate == Gate::Branch {
        return way(because, zone);
    }
    let gate = gate(because.gate);
    if read.is_empty() { gate.to_owned() } else { format!("{gate}: {}", read.join(", ")) }
}

/// One sequence of a group at a time: which one was in the way.
fn group(because: &Because) -> String {
    let of = |wanted: &str| because.read.iter().find(|(name, _)| **name == *wanted).map(|(_, value)| value.to_string());
    match (of("group"), of("inside"), of("priority")) {
        (Some(group), Some(inside), Some(priority)) => {
            format!("inside {inside}, of the same group {group} and with priority {priority}")
        }
        _ => "group".to_owned(),
    }
}

pub(super) fn gate(gate: Gate) -> &'static str {
    match gate {
        Gate::Run => "run",
        Gate::Condition => "condition",
        Gate::Recipient => "recipient",
        Gate::Consent => "consent",
        Gate::Law => "reply window",
        Gate::Lateness => "lateness",
        Gate::Window => "window",
        Gate::QuietHours => "quiet hours",
        Gate::HandsOff => "hands off",
        Gate::Cap => "cap",
        Gate::Channel => "channel",
        Gate::Group => "group",
        Gate::Reentry => "re-entry",
        Gate::Retry => "retry",
        Gate::Text => "text",
        Gate::Offer => "offer",
        Gate::Branch => "branch",
        Gate::BlastRadius => "blast radius",
    }
}
