//! What was expected, what came and why, in words: one wording for every form of a report. No control character of a
//! project or of a person comes through.
use crate::{
    calendar::{Instant, Zone},
    id::{SequenceName, StepName},
    plan::{
        Origin,
        suite::{At, Expected, TextIs, Then, Timing, What, When},
    },
    report::timeline,
    simulate::suite::{Breach, Case, Line, LineWord, Ran, Row, SpotKind, Verdict, WhyNot},
    value::Value,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// Characters of a text that one line shows.
const SNIPPET: usize = 60;
/// Characters of a name, a reason or a message: what is longer is no help.
const LONGEST: usize = 300;

/// One cell of the two columns.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(super) struct Told {
    /// `Tue 30 Mar 18:30`, `day 4, Tue 30 Mar`, `never`; empty where the moment does not matter.
    pub(super) when: String,
    pub(super) what: String,
    pub(super) more: String,
}

/// What moved, skipped or stopped it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Why {
    /// `why not` for what did not come, `why` for what did, `from` where only the place is known.
    pub(super) asked: &'static str,
    pub(super) words: String,
    pub(super) place: Option<Origin>,
    /// Gate and values, where one decided.
    pub(super) gate: Option<&'static str>,
    pub(super) read: Vec<(String, String)>,
}

/// On one line, not endless, nothing that moves a cursor or turns the direction of writing.
pub(super) fn clean(text: &str) -> String {
    cut(text, LONGEST)
}

/// Moves a cursor or turns the direction of writing, and shows nothing itself.
pub(super) fn hides(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

fn cut(text: &str, most: usize) -> String {
    let shown = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if hides(c) => '\u{fffd}',
        c => c,
    };
    // more than this is cut anyway
    let line: String = text.chars().take(most * 4).map(shown).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let cut: String = line.chars().take(most).collect();
    format!("{} …", cut.trim_end())
}

fn quoted(text: &str) -> String {
    format!("“{}”", cut(text, SNIPPET))
}

pub(super) fn place(origin: &Origin) -> String {
    format!("{}:{}", clean(&origin.file), origin.line)
}

// --- times --------------------------------------------------------------------------------------------------------------

/// `Tue 30 Mar 18:30`; with the year where it is not the one of the start, with the zone where it is another.
pub(super) fn moment(at: Instant, zone: &Zone, case: &Case) -> String {
    let other = if *zone == case.zone { String::new() } else { format!(" {}", zone.name()) };
    format!("{} {}{other}", day(at, zone, case), zone.time_of_day(at))
}

fn day(at: Instant, zone: &Zone, case: &Case) -> String {
    let one_year = zone.civil(at).year() == case.zone.civil(case.start).year();
    zone.civil(at).strftime(if one_year { "%a %-d %b" } else { "%a %-d %b %Y" }).to_string()
}

/// `Fri 26 Mar 2027 18:30 Europe/Berlin (UTC+1, from Sun 28 Mar UTC+2)`.
pub(super) fn start(case: &Case) -> String {
    let (zone, at) = (&case.zone, case.start);
    let day = zone.civil(at).strftime("%a %-d %b %Y");
    let mut offsets = offset(zone, at);
    let changed = |change: &Instant| *change <= case.until && zone.offset_seconds(*change) != zone.offset_seconds(at);
    if let Some(change) = zone.next_change(at).filter(changed) {
        offsets.push_str(&format!(", from {} {}", self::day(change, zone, case), offset(zone, change)));
    }
    format!("{day} {} {} ({offsets})", zone.time_of_day(at), zone.name())
}

fn offset(zone: &Zone, at: Instant) -> String {
    let seconds = zone.offset_seconds(at);
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// `7 d`, `3 h`: how far the virtual clock went.
pub(super) fn length(case: &Case) -> String {
    let minutes = case.until.since(case.start).max(0) / 60_000;
    match (minutes / 1_440, minutes / 60) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h"),
        (days, _) => format!("{days} d"),
    }
}

fn at(at: At, case: &Case) -> String {
    let first = at.first(case.start, &case.zone);
    match at {
        At::Civil(_) => moment(first, &case.zone, case),
        At::After(span) if span.is_zero() => moment(first, &case.zone, case),
        At::Day(days) => format!("day {days}, {}", day(first, &case.zone, case)),
        At::After(span) => format!("+{span}, {}", moment(first, &case.zone, case)),
    }
}

fn timing(timing: &Timing, case: &Case) -> String {
    let mut words = Vec::new();
    words.extend(timing.at.map(|moment| at(moment, case)));
    words.extend(timing.within.map(|span| format!("within {span}")));
    words.extend(timing.not_before.map(|moment| format!("not before {}", at(moment, case))));
    words.extend(timing.after.map(|moment| format!("after {}", at(moment, case))));
    words.extend(timing.by.map(|moment| format!("by {}", at(moment, case))));
    words.join(", ")
}

// --- what was expected --------------------------------------------------------------------------------------------------

/// More than one person can be meant, so that names are needed.
fn several(ran: &Ran, case: &Case) -> bool {
    let own = ran.suite.scenarios.get(case.scenario).map_or(&[][..], |scenario| &scenario.people);
    let names: BTreeSet<&str> = ran.suite.people.iter().chain(own).map(|actor| &*actor.name).collect();
    names.len() > 1
}

/// A step by its name; with its sequence where several under test have a step of that name.
pub(super) fn named(step: &str, sequence: Option<&SequenceName>, ran: &Ran) -> String {
    let spots = ran.coverage.spots.keys().filter(|spot| spot.kind == SpotKind::Step && *spot.name == *step);
    match sequence {
        Some(sequence) if spots.count() > 1 => format!("{sequence}.{step}"),
        _ => step.to_owned(),
    }
}

pub(super) fn expected(then: &Then, ran: &Ran, case: &Case) -> Told {
    let (what, mut more) = of_expected(then, ran);
    if let Some(count) = then.exactly {
        more.push(if count == 1 { "exactly once".to_owned() } else { format!("exactly {count} times") });
    }
    if several(ran, case) {
        more.extend(then.who.as_deref().map(|who| format!("for {}", clean(who))));
    }
    let when = timing(&then.timing, case);
    let when = match (then.never, when.is_empty()) {
        (true, true) => "never".to_owned(),
        (true, false) => format!("never {when}"),
        (false, _) => when,
    };
    Told { when, what: clean(&what), more: more.join(", ") }
}

fn of_expected(then: &Then, ran: &Ran) -> (String, Vec<String>) {
    let because = |because: &Option<std::sync::Arc<str>>| -> Vec<String> {
        because.iter().map(|because| format!("because {}", clean(because))).collect()
    };
    let of = |step: &StepName| named(step.as_str(), then.sequence.as_ref(), ran);
    match &then.what {
        Expected::Sent { step, via, subject, text } => {
            let mut more: Vec<String> = via.iter().map(|via| format!("via {via}")).collect();
            more.extend(subject.iter().flat_map(|subject| text_is("subject", subject)));
            more.extend(text.iter().flat_map(|text| text_is("text", text)));
            (format!("sent {}", of(step)), more)
        }
        Expected::Skipped { step, because: why } => (format!("skipped {}", of(step)), because(why)),
        Expected::Failed { step, because: why } => (format!("failed {}", of(step)), because(why)),
        Expected::Cancelled { step, because: why } => (format!("cancelled {}", of(step)), because(why)),
        Expected::Held { step, because: why } => (format!("held {}", of(step)), because(why)),
        Expected::Entered(sequence) => (format!("entered {sequence}"), Vec::new()),
        Expected::NotEntered { sequence, because: why } => (format!("not entered {sequence}"), because(why)),
        Expected::Completed(sequence) => (format!("completed {sequence}"), Vec::new()),
        Expected::Converted(sequence) => (format!("converted {sequence}"), Vec::new()),
        Expected::Stopped { sequence, because: why } => (format!("stopped {sequence}"), because(why)),
        Expected::Task(step) => (format!("task {}", of(step)), Vec::new()),
        Expected::TaskOf(trigger) => (format!("task {trigger}"), Vec::new()),
        Expected::Notified(whom) => (format!("notified {whom}"), Vec::new()),
        Expected::Tagged(tag) => (format!("tagged {tag}"), Vec::new()),
        Expected::Scored(score) => (format!("scored {score}"), Vec::new()),
        Expected::Webhook(step) => (format!("webhook {}", of(step)), Vec::new()),
        Expected::State(fields) => (state(fields.iter().map(|(name, value)| (name.as_str(), value))), Vec::new()),
    }
}

fn state<'a>(fields: impl Iterator<Item = (&'a str, &'a Value)>) -> String {
    let fields: Vec<String> = fields.map(|(name, value)| format!("{name} = {value}")).collect();
    format!("state {}", fields.join(", "))
}

fn text_is(of: &str, text: &TextIs) -> Vec<String> {
    let is = text.is.iter().map(|is| format!("{of} is {}", quoted(is)));
    let has = text.has.iter().map(|has| format!("{of} has {}", quoted(has)));
    let lacks = text.lacks.iter().map(|lacks| format!("{of} lacks {}", quoted(lacks)));
    is.chain(has).chain(lacks).collect()
}

// --- what came ----------------------------------------------------------------------------------------------------------

/// What the fields were that were asked for.
pub(super) fn read(row: &Row) -> Option<Told> {
    let fields = row.read.iter().map(|(name, value)| (&**name, value));
    (!row.read.is_empty()).then(|| Told { what: clean(&state(fields)), ..Told::default() })
}

pub(super) fn got(line: &Line, ran: &Ran, case: &Case) -> Told {
    let step = line.step.as_ref().map_or_else(String::new, |step| named(step.as_str(), line.sequence.as_ref(), ran));
    let sequence = line.sequence.as_ref().map_or("", |sequence| sequence.as_str());
    let (what, mut more) = of_line(line, &step, sequence, ran, case);
    if several(ran, case) {
        more.extend(line.who.as_deref().map(|who| format!("for {}", clean(who))));
    }
    if let Some(planned) = line.planned.filter(|planned| line.at.since(*planned) >= 60_000) {
        more.push(format!("planned {}", moment(planned, &line.zone, case)));
    }
    Told { when: moment(line.at, &line.zone, case), what: clean(what.trim_end()), more: more.join(", ") }
}

fn of_line(line: &Line, step: &str, sequence: &str, ran: &Ran, case: &Case) -> (String, Vec<String>) {
    let because = |why: &str| vec![format!("because {}", clean(why))];
    match &line.word {
        LineWord::Happened(event) => (format!("event {event}"), Vec::new()),
        LineWord::Did(index) => {
            let scenario = ran.suite.scenarios.get(case.scenario);
            (scenario.and_then(|scenario| scenario.when.get(*index)).map(did).unwrap_or_default(), Vec::new())
        }
        LineWord::Sent => {
            let mut more: Vec<String> = line.channel.iter().map(|channel| format!("via {channel}")).collect();
            more.extend(line.subject.as_ref().or(line.text.as_ref()).map(|text| quoted(text)));
            (format!("sent {step}"), more)
        }
        LineWord::Skipped(why) => (format!("skipped {step}"), because(why)),
        LineWord::Failed(why) => (format!("failed {step}"), because(why)),
        LineWord::Cancelled(why) => (format!("cancelled {step}"), because(why)),
        LineWord::Unknown => (format!("unknown {step}"), Vec::new()),
        LineWord::Deferred(until) => (format!("moved {step} to {}", moment(*until, &line.zone, case)), Vec::new()),
        LineWord::Attempt { number, answer } => (format!("attempt {number} of {step}: {answer}"), Vec::new()),
        LineWord::Entered { by } => {
            (format!("entered {sequence}"), by.iter().map(|by| format!("by trigger {by}")).collect())
        }
        LineWord::NotEntered(why) => (format!("not entered {sequence}"), because(why)),
        LineWord::Completed => (format!("completed {sequence}"), Vec::new()),
        LineWord::Converted => (format!("converted {sequence}"), Vec::new()),
        LineWord::Stopped(why) => (format!("stopped {sequence}"), because(why)),
        LineWord::Task => (format!("task {step}"), line.subject.iter().map(|title| quoted(title)).collect()),
        LineWord::Notified(whom) => (format!("notified {whom}"), Vec::new()),
        LineWord::Tagged(tag) => (format!("tagged {tag}"), Vec::new()),
        LineWord::Untagged(tag) => (format!("untagged {tag}"), Vec::new()),
        LineWord::Scored(score) => (format!("scored {score}"), Vec::new()),
        LineWord::Webhook => (format!("webhook {step}"), Vec::new()),
        LineWord::Took(arm) => (format!("{step} goes the way {arm}"), Vec::new()),
        LineWord::Consent => {
            let channel = line.channel.as_ref().map_or_else(String::new, |channel| format!(" for {channel}"));
            (format!("opted out{channel}"), Vec::new())
        }
    }
}

/// The lines of a story without those that only say again that an event of the story happened.
pub(super) fn story<'a>(ran: &'a Ran, case: &'a Case) -> impl Iterator<Item = &'a Line> {
    let when = ran.suite.scenarios.get(case.scenario).map_or(&[][..], |scenario| &scenario.when);
    let told = move |line: &Line| {
        let LineWord::Happened(event) = &line.word else { return false };
        case.lines.iter().any(|other| {
            let LineWord::Did(index) = other.word else { return false };
            let same =
                when.get(index).is_some_and(|when| matches!(&when.what, What::Event { kind, .. } if kind == event));
            same && other.at == line.at && other.who == line.who
        })
    };
    case.lines.iter().filter(move |line| !told(line))
}

/// What the story does.
fn did(when: &When) -> String {
    match &when.what {
        What::Event { kind, .. } => format!("event {kind}"),
        What::Webhook { fixture, source, .. } => format!("webhook {fixture} from {source}"),
        What::Reply { text, channel } => {
            let by = channel.as_ref().map_or_else(String::new, |channel| format!(" by {channel}"));
            format!("reply{by} {}", quoted(text))
        }
        What::Click(step) => format!("click in {step}"),
        What::Bounce(step) => format!("bounce of {step}"),
        What::Complain(step) => format!("complaint about {step}"),
        What::OptOut(None) => "opt-out from everything".to_owned(),
        What::OptOut(Some(channel)) => format!("opt-out from {channel}"),
        What::Enroll(sequence) => format!("enroll into {sequence}"),
        What::Advance(sequence) => format!("advance in {sequence}"),
        What::Stop(sequence) => format!("stop {sequence}"),
        What::Approve(step) => format!("approve {step}"),
        What::Refuse(step) => format!("refuse {step}"),
        What::Set(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            format!("set {}", fields.join(", "))
        }
        What::Tag { add, remove } => {
            let add = add.iter().map(|tag| format!("+{tag}"));
            let tags: Vec<String> = add.chain(remove.iter().map(|tag| format!("-{tag}"))).collect();
            format!("tag {}", tags.join(" "))
        }
        What::Import { fixture, rows } => format!("import {fixture}, {}", counted(rows.len(), "person", "people")),
        What::Launch(campaign) => format!("launch {campaign}"),
        What::Restart => "restart".to_owned(),
        What::Deploy(version) => format!("deploy {version}"),
        What::Clock(span) => format!("the clock jumps by {span}"),
    }
}

pub(super) fn counted(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

// --- why ----------------------------------------------------------------------------------------------------------------

/// What is wrong with a line of the two columns; nothing when it is right.
pub(super) fn verdict(row: &Row) -> String {
    match &row.verdict {
        Verdict::Same => String::new(),
        Verdict::Differs(what) => format!("other than expected: {}", what.join(", ")),
        Verdict::Missing => "it never came".to_owned(),
        Verdict::Unexpected => "nothing expected it".to_owned(),
        Verdict::Count { wanted: 0, got } => format!("it came {}, and never should", times(*got)),
        Verdict::Count { wanted, got } => format!("it came {} instead of {}", times(*got), times(*wanted)),
    }
}

fn times(count: u32) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

/// Why a line of the two columns is as it is.
pub(super) fn why(row: &Row, ran: &Ran, case: &Case) -> Option<Why> {
    let then = row.expected.and_then(|index| ran.suite.scenarios.get(case.scenario)?.then.get(index));
    let step = then.and_then(|then| step_of(&then.what));
    let Some(why_not) = &row.why_not else {
        // what came says why it came, and stands beside: only what decided is told, and where it is written
        let line = row.got.iter().find_map(|index| case.lines.get(*index)).filter(|_| row.verdict != Verdict::Same)?;
        let gate = line.because.as_ref().map(|because| by_gate(because, &line.zone)).unwrap_or_default();
        let asked = if gate.gate.is_some() { "why" } else { "from" };
        let why = Why { asked, words: String::new(), place: line.origin.clone(), ..gate };
        return (why.place.is_some() || why.gate.is_some()).then_some(why);
    };
    let why = of_why_not(why_not, step, ran, case)?;
    Some(Why { asked: "why not", ..why })
}

fn of_why_not(why_not: &WhyNot, step: Option<&str>, ran: &Ran, case: &Case) -> Option<Why> {
    Some(match why_not {
        WhyNot::Ended(index) | WhyNot::RunOver(index) | WhyNot::NeverEntered(Some(index)) => {
            let line = case.lines.get(*index)?;
            let words = match why_not {
                WhyNot::RunOver(_) => "the run was over before: ",
                WhyNot::NeverEntered(_) => "the person was never inside: ",
                _ => "",
            };
            let ended = of_what_came(line, ran, case);
            Why { words: format!("{words}{}", ended.words), ..ended }
        }
        WhyNot::Moved { until, because } => Why {
            words: format!("moved to {}, still to come then", moment(*until, &case.zone, case)),
            place: step.and_then(|step| origin_of(step, ran, case)),
            ..by_gate(because, &case.zone)
        },
        WhyNot::NeverEntered(None) => Why {
            words: "the person was never inside, and nothing tried to enrol them".to_owned(),
            place: step.and_then(|step| origin_of(step, ran, case)),
            ..Why::default()
        },
        WhyNot::StandsAt { step, until } => {
            let until = until.map_or_else(String::new, |until| format!(" until {}", moment(until, &case.zone, case)));
            let words = format!("when the story ends the run stands at {step}{until}");
            Why { words, place: origin_of(step.as_str(), ran, case), ..Why::default() }
        }
        WhyNot::Nothing => Why { words: "there is nobody of whom it could be true".to_owned(), ..Why::default() },
    })
}

fn of_what_came(line: &Line, ran: &Ran, case: &Case) -> Why {
    let Told { when, what, more } = got(line, ran, case);
    let more = if more.is_empty() { more } else { format!(", {more}") };
    let gate = line.because.as_ref().map(|because| by_gate(because, &line.zone)).unwrap_or_default();
    Why { words: format!("{when} {what}{more}"), place: line.origin.clone(), ..gate }
}

fn by_gate(because: &crate::journey::Because, zone: &Zone) -> Why {
    let read = because.read.iter().map(|(name, value)| (clean(name), clean(&timeline::shown(value, zone))));
    Why { gate: Some(timeline::gate(because.gate)), read: read.collect(), ..Why::default() }
}

/// The gate and what it read, on one line.
pub(super) fn gate_line(why: &Why) -> Option<String> {
    let gate = why.gate?;
    let read: Vec<String> = why.read.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    Some(if read.is_empty() { gate.to_owned() } else { format!("{gate}, {}", read.join(", ")) })
}

fn step_of(what: &Expected) -> Option<&str> {
    match what {
        Expected::Sent { step, .. }
        | Expected::Skipped { step, .. }
        | Expected::Failed { step, .. }
        | Expected::Cancelled { step, .. }
        | Expected::Held { step, .. }
        | Expected::Task(step)
        | Expected::Webhook(step) => Some(step.as_str()),
        _ => None,
    }
}

/// Where a step stands, as far as the story or the coverage knows.
fn origin_of(step: &str, ran: &Ran, case: &Case) -> Option<Origin> {
    let told = case.lines.iter().find(|line| line.step.as_ref().is_some_and(|of| of.as_str() == step));
    let covered = || ran.coverage.spots.iter().find(|(spot, _)| *spot.name == *step).map(|(_, seen)| &seen.origin);
    told.and_then(|line| line.origin.as_ref()).or_else(covered).cloned()
}

/// What must not be in any story, in a sentence, and where the rule stands.
pub(super) fn breach(breach: &Breach, ran: &Ran, case: &Case) -> (String, Option<Origin>) {
    let line = |index: &usize| {
        case.lines.get(*index).map_or_else(String::new, |line| {
            let Told { when, what, more } = got(line, ran, case);
            format!("{when} {what}{}", if more.is_empty() { more } else { format!(", {more}") })
        })
    };
    match breach {
        Breach::Always { rule, line: index, since } => {
            let always = ran.suite.always.get(*rule);
            let written = always.map_or_else(String::new, |always| clean(&always.written));
            let since = since.as_ref().map_or_else(String::new, |since| format!(", after {}", line(since)));
            let words = format!("this must always hold and does not: {written}: {}{since}", line(index));
            (words, always.map(|always| always.origin.clone()))
        }
        Breach::ModelAsked { line: index } => {
            let origin = case.lines.get(*index).and_then(|line| line.origin.clone());
            (format!("a model was asked for text, which the suite forbids: {}", line(index)), origin)
        }
        Breach::Intake { when, why } => {
            let of = ran.suite.scenarios.get(case.scenario).and_then(|scenario| scenario.when.get(*when));
            let what = of.map(did).unwrap_or_default();
            (format!("{}: {}", clean(&what), clean(why)), of.map(|of| of.origin.clone()))
        }
        Breach::Loops { at, round } => {
            let when = moment(*at, &case.zone, case);
            let round = clean(&round.join(" → "));
            (format!("{when} the story goes round without end at this moment, and was stopped: {round}"), None)
        }
        Breach::Broken(why) => (format!("something went wrong inside dripline: {}", clean(why)), None),
    }
}
