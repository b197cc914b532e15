//! What happened, in lines that people read: when, who or what, and why. Words and layout only.
use crate::{
    calendar::{Instant, Zone},
    engine::{Note, Told},
    id::ChannelName,
    journey::{Because, End, Outcome, RefusedWhy},
    record::ConsentState,
    report,
};
use clap::builder::styling::{AnsiColor, Style};

/// Characters of a message that a line shows.
const SNIPPET: usize = 44;
/// Widths of the day and of what the line is about.
const DAY: usize = 10;
const ABOUT: usize = 27;

/// Puts lines together: the day stands where it changes, the time likewise.
#[derive(Default)]
pub(super) struct Teller {
    day: String,
    time: String,
}

/// One thing that happened, without its moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    pub(super) mark: char,
    pub(super) about: String,
    pub(super) words: String,
}

impl Teller {
    pub(super) fn line(&mut self, zone: &Zone, at: Instant, line: &Line) -> String {
        let (day, time) = (day(zone, at), zone.time_of_day(at).to_string());
        let new_day = day != self.day;
        let shown_day = if new_day { day.as_str() } else { "" };
        let shown_time = if new_day || time != self.time { time.as_str() } else { "" };
        let Line { mark, about, words } = line;
        let gap = if new_day && !self.day.is_empty() { "\n" } else { "" };
        let (bold, color) = (Style::new().bold(), color(*mark));
        let text = format!("{about:<ABOUT$}  {words}");
        let text = text.trim_end();
        let line = format!("{gap}{bold}{shown_day:<DAY$}{bold:#}  {shown_time:<5}  {color}{mark}{color:#} {text}");
        (self.day, self.time) = (day, time);
        line
    }
}

/// The mark says the same as its colour.
fn color(mark: char) -> Style {
    let color = match mark {
        '✓' => AnsiColor::Green,
        '→' => AnsiColor::Cyan,
        '■' | '▸' => AnsiColor::Magenta,
        '?' => AnsiColor::Red,
        _ => return Style::new().dimmed(),
    };
    Style::new().fg_color(Some(color.into()))
}

/// `Mon 2 Nov`.
pub(super) fn day(zone: &Zone, at: Instant) -> String {
    zone.civil(at).strftime("%a %-d %b").to_string()
}

fn when(zone: &Zone, at: Instant) -> String {
    format!("{} {}", day(zone, at), zone.time_of_day(at))
}

/// A request and its answer.
pub(super) fn request(path: &str, what: &str, status: u16, word: &str) -> Line {
    let answer = match word {
        "seen" => "200 seen before: nothing changes".to_owned(),
        _ => format!("{status} {word}"),
    };
    Line { mark: '→', about: format!("POST {path}"), words: format!("{what:<26} {answer}") }
}

/// The line for a note; `None` for what only machines want to know. `text` is the message of a send.
pub(super) fn of(note: &Note, zone: &Zone, name: &str, text: Option<&str>) -> Option<Line> {
    let line = |mark, about: &str, words: String| Some(Line { mark, about: about.to_owned(), words });
    match &note.told {
        Told::NewContact => line('+', name, "is somebody new".to_owned()),
        Told::Consent { purpose, state, channel, .. } => {
            line('·', name, consent(*state, *purpose, channel.as_ref().map(ChannelName::as_str)))
        }
        Told::Entered { sequence, by, .. } => {
            let by = by.as_ref().map_or("by the end of another sequence".to_owned(), |by| format!("by trigger {by}"));
            line('▸', sequence.as_str(), format!("{} enters, {by}", first_word(name)))
        }
        Told::Next { sequence, step: Some(step), at: Some(at), .. } if *at > note.at => {
            line('·', sequence.as_str(), format!("next: {step} on {}", when(zone, *at)))
        }
        // a trigger that leads nowhere keeps nobody out
        Told::Refused { sequence: Some(sequence), why, because, .. } => {
            line('·', sequence.as_str(), refused(name, *why, because.as_ref()))
        }
        Told::Ended { sequence, end, .. } => line('■', sequence.as_str(), ended(name, end)),
        Told::ConvertedLate { sequence } => line('■', sequence.as_str(), "reached its goal after all".to_owned()),
        Told::Deferred { step, until, because, .. } => line(
            '·',
            step.as_str(),
            format!("moved to {}, because of {}", when(zone, *until), report::reason(because, zone)),
        ),
        Told::Outcome { step, channel, outcome, because, .. } => {
            let channel = channel.as_ref().map(ChannelName::as_str);
            outcome_line(step.as_str(), channel, outcome, because.as_ref(), text)
        }
        _ => None,
    }
}

fn consent(state: ConsentState, purpose: Option<&str>, channel: Option<&str>) -> String {
    let what = purpose.unwrap_or("every message");
    let on = channel.map_or(String::new(), |channel| format!(" on {channel}"));
    match state {
        ConsentState::OptedIn | ConsentState::Confirmed => format!("agrees to {what}{on}"),
        ConsentState::OptedOut => format!("wants no more {what}{on}"),
        ConsentState::Suppressed => format!("gets no more{on}: the address does not exist"),
        ConsentState::Reachable => format!("can be written to again{on}"),
    }
}

/// What was read when it was decided; where nothing was, the condition itself.
fn read(because: Option<&Because>) -> String {
    let Some(because) = because else { return String::new() };
    let values: Vec<String> = because
        .read
        .iter()
        .filter(|(name, _)| &**name != "if")
        .map(|(name, value)| format!("{name} is {value}"))
        .collect();
    let condition = because.read.iter().find(|(name, _)| &**name == "if").map(|(_, text)| text.to_string());
    match condition {
        _ if !values.is_empty() => format!(": {}", values.join(", ")),
        Some(condition) => format!(": {condition}"),
        None => String::new(),
    }
}

fn refused(name: &str, why: RefusedWhy, because: Option<&Because>) -> String {
    let (who, told) = (first_word(name), read(because));
    let why = match why {
        // the values say it
        RefusedWhy::Condition if !told.is_empty() => return format!("{who} stays out{told}"),
        RefusedWhy::AlreadyIn => "is in it already",
        RefusedWhy::Reentry => "was in it not long ago",
        RefusedWhy::Group => "is in a sequence of the same group",
        RefusedWhy::Condition => "not the case",
        RefusedWhy::NoConsent => "has not agreed to such messages",
        RefusedWhy::BlastRadius => "more people at once than allowed",
        RefusedWhy::Inactive => "it is switched off",
        RefusedWhy::NoBooking => "there is no appointment",
        RefusedWhy::UnknownFunnel => "nobody knows this funnel",
        RefusedWhy::Endless => "it would go round for ever",
    };
    format!("{who} stays out, {why}{told}")
}

fn ended(name: &str, end: &End) -> String {
    let who = first_word(name);
    match end {
        End::Completed => format!("{who} went through all of it"),
        End::Converted(_) => format!("{who} booked: converted, the rest is cancelled"),
        End::Stopped(reason) => format!("{who} leaves: {}", reason.name()),
    }
}

fn outcome_line(
    step: &str,
    channel: Option<&str>,
    outcome: &Outcome,
    because: Option<&Because>,
    text: Option<&str>,
) -> Option<Line> {
    let (mark, words) = match outcome {
        // what stays inside our own records is told by what it does
        Outcome::Sent if channel.is_none() => return None,
        Outcome::Sent => {
            let text = text.map_or(String::new(), |text| format!("\"{}\"", snippet(text)));
            ('✓', format!("{:<9} {text}", channel.unwrap_or_default()))
        }
        Outcome::Unknown => ('?', "unknown: the answer was lost".to_owned()),
        other => {
            let reason = other.reason().map_or(String::new(), |reason| format!(" ({reason})"));
            ('–', format!("{}{reason}{}", other.name(), read(because)))
        }
    };
    // what a trigger does by itself is named after it
    let trigger = step.strip_prefix("trigger.").and_then(|rest| rest.split('.').next());
    let about = trigger.map_or_else(|| step.to_owned(), |trigger| format!("trigger {trigger}"));
    Some(Line { mark, about, words })
}

/// Does this line look ahead? Such lines stand below what happened at the same moment.
pub(super) fn looks_ahead(note: &Note) -> bool {
    matches!(note.told, Told::Next { .. })
}

fn first_word(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

/// The first words of a text, on one line.
pub(super) fn snippet(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SNIPPET {
        return line;
    }
    let cut: String = line.chars().take(SNIPPET).collect();
    let whole_words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{whole_words} …")
}
