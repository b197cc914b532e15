//! What phones ask of marketing: sender and way out, hours, words that carriers act on (C06, C12, C16, C17).
use super::{Seen, SequencePair, writes};
use crate::{
    calendar::{CivilDate, Clear, TimeOfDay},
    compile::{found::rules, lower::MessageUse, texts::Sent},
    diag::Sink,
    document::Text,
    plan::{Due, Medium, Step},
    record::Purpose,
};

/// Dated, with what each row follows from.
const HOURS: &str = include_str!("../data/phone_hours.txt");
const STOP_WORDS: &[&str] = &["STOP", "END", "CANCEL", "QUIT", "UNSUBSCRIBE", "STOPALL", "REVOKE", "OPTOUT"];
const RESUME_WORDS: &[&str] = &["START", "YES", "UNSTOP"];
/// Words that ask for an answer, in the languages of the examples.
const ASKS: &[&str] =
    &["reply", "text", "answer", "send", "respond", "antworte", "antworten", "schreib", "schreiben", "sende", "senden"];
/// What a stop word is for.
const MEANS_OUT: &[&str] = &[
    "opt out",
    "opt-out",
    "unsubscribe",
    "no more",
    "stop receiving",
    "stop these",
    "stop getting",
    "stop messages",
    "to stop",
    "to end",
    "abmelden",
    "abbestellen",
    "keine nachrichten",
    "keine weiteren",
    "nicht mehr",
];
/// The way out and the sender are said again after so many days.
const REPEAT: u32 = 30;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for pair in &seen.sequences {
        introduced(seen, pair, sink);
        let mut told = false;
        for (_, written, runs) in pair.steps().filter(|(_, _, runs)| writes(runs) && runs.purpose == Purpose::Marketing)
        {
            let Some(message) = of_step(seen, pair, written.id.as_ref()) else { continue };
            if !told && reaches(message, &[Medium::Sms, Medium::Whatsapp]) {
                told = hours(seen, pair, written.id.as_ref(), runs, sink);
            }
        }
    }
    for message in seen.messages.iter().filter(|message| message.to_contact) {
        for channel in message.channels.iter().filter(|channel| Medium::of(channel.as_str()) == Medium::Sms) {
            for text in seen.texts.sent(message, channel) {
                keywords(&text, message, sink);
            }
        }
    }
}

fn of_step<'s, 'a>(seen: &'s Seen<'a>, pair: &SequencePair<'_>, step: Option<&Text>) -> Option<&'s MessageUse<'a>> {
    let step = step?;
    seen.messages_of(pair.id).find(|message| message.to_contact && message.step == step.as_str())
}

fn reaches(message: &MessageUse<'_>, media: &[Medium]) -> bool {
    message.channels.iter().any(|channel| media.contains(&Medium::of(channel.as_str())))
}

/// An SMS a month after the first says again who writes and how to end it.
fn introduced(seen: &Seen<'_>, pair: &SequencePair<'_>, sink: &mut Sink) {
    let mut last: Option<u32> = None;
    let mut today = 0;
    for (_, written, runs) in pair.steps() {
        match &runs.due {
            Due::Day { day, .. } => today = *day,
            Due::Wait { span, .. } => today += span.days + 30 * span.months,
            Due::Together | Due::Bound { .. } => {}
        }
        if !writes(runs) || runs.purpose != Purpose::Marketing {
            continue;
        }
        let Some(message) = of_step(seen, pair, written.id.as_ref()) else { continue };
        let sms: Vec<_> =
            message.channels.iter().filter(|channel| Medium::of(channel.as_str()) == Medium::Sms).collect();
        if sms.is_empty() || last.is_some_and(|day| today < day + REPEAT) {
            continue;
        }
        // the first of a run is judged with the other texts of a message
        if last.replace(today).is_none() {
            continue;
        }
        for text in sms.into_iter().flat_map(|channel| seen.texts.sent(message, channel)) {
            let (sender, out) =
                (names_sender(seen, &text), text.reads("opt_out") || words(&text).any(|word| word == "STOP"));
            if !sender || !out {
                sink.push(rules::unintroduced(&text.end, text.name, &message.place, !sender, !out));
            }
        }
    }
}

fn names_sender(seen: &Seen<'_>, text: &Sent<'_>) -> bool {
    let names = seen.plan.clinics.iter().map(|clinic| clinic.name.to_lowercase());
    let named = |name: &String| text.parts.iter().any(|(_, part)| part.to_lowercase().contains(name.as_str()));
    text.reads("clinic.name") || text.reads("postal_address") || names.into_iter().any(|name| named(&name))
}

fn words<'t>(text: &'t Sent<'_>) -> impl Iterator<Item = &'t str> {
    text.parts.iter().flat_map(|(_, part)| part.split(|c: char| !c.is_alphanumeric()))
}

// ---- hours ----

/// The hours of the strictest country, with what they follow from.
fn allowed(seen: &Seen<'_>) -> Option<(TimeOfDay, TimeOfDay, String)> {
    let mut hours: Option<(TimeOfDay, TimeOfDay, String)> = None;
    let own = seen.project.policies.phone_hours.as_ref();
    for line in HOURS.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [country, from, to, source, _] = cells[..] else { continue };
        let (Some(from), Some(to)) = (TimeOfDay::parse(from), TimeOfDay::parse(to)) else { continue };
        let holds = country == "*" || (own.is_none() && seen.plan.countries.iter().any(|one| **one == *country));
        if holds && hours.as_ref().is_none_or(|(first, last, _)| from > *first || to < *last) {
            hours = Some((from, to, source.to_owned()));
        }
    }
    let (first, last, source) = hours?;
    match own.and_then(|(from, to)| Some((TimeOfDay::parse(from)?, TimeOfDay::parse(to)?))) {
        Some((from, to)) => Some((from.max(first), to.min(last), source)),
        None => Some((first, last, source)),
    }
}

/// Whether the step may go out at a time at which phones are left alone.
fn hours(seen: &Seen<'_>, pair: &SequencePair<'_>, step: Option<&Text>, runs: &Step, sink: &mut Sink) -> bool {
    let Some((from, to, source)) = allowed(seen) else { return false };
    let window = runs.window.as_ref().and_then(|name| seen.plan.policies.windows.get(name));
    if runs.window.is_some() && window.is_none() {
        return false;
    }
    let quiet = seen.plan.policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&runs.purpose));
    let rules_of = Clear { window, quiet: quiet.map(|quiet| quiet.hours) };
    // 2024 began on a Monday; quarters of an hour are enough, because every border is one
    let days = (1..=7_u8).filter_map(|day| CivilDate::parse(&format!("2024-01-{day:02}")));
    let quarter = |quarter: u16| TimeOfDay::parse(&format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15));
    let slots = pair.runs.campaign.as_ref().map(|campaign| &campaign.slots.times).filter(|times| !times.is_empty());
    let times: Vec<TimeOfDay> = match slots {
        Some(slots) => slots.iter().copied().collect(),
        None => (0..96_u16).filter_map(quarter).collect(),
    };
    let wrong = days
        .flat_map(|day| times.iter().map(move |time| (day, *time)))
        .find(|(day, time)| (*time < from || *time >= to) && rules_of.allows(time.on(*day)));
    let Some((_, time)) = wrong else { return false };
    let place = step.map_or(&pair.id.place, |step| &step.place);
    sink.push(rules::phone_hours(place, &time.to_string(), &from.to_string(), &to.to_string(), &source));
    true
}

// ---- words that carriers act on ----

fn keywords(text: &Sent<'_>, message: &MessageUse<'_>, sink: &mut Sink) {
    for (_, part) in &text.parts {
        for sentence in part.split_inclusive(['.', '!', '?', '\n']) {
            let lower = sentence.to_lowercase();
            let asked: Vec<&str> =
                sentence.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
            let after = asked.iter().position(|word| ASKS.contains(&word.to_lowercase().as_str()));
            let Some(after) = after else { continue };
            let start = sentence.as_ptr() as usize - part.as_str().as_ptr() as usize;
            let place = part.inside(start..start + sentence.trim_end().len());
            for word in asked.iter().skip(after + 1) {
                if STOP_WORDS.contains(word) && !MEANS_OUT.iter().any(|out| lower.contains(out)) {
                    sink.push(rules::stop_word(&place, word, &message.place));
                } else if RESUME_WORDS.contains(word) {
                    sink.push(rules::resume_word(&place, word, &message.place));
                }
            }
        }
    }
}
