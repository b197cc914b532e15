//! Previews as a page: what each person gets as they see it, and behind each line why.
use super::{
    Previewed, Previews,
    compare::{self, Change},
    glance::{self, Glance},
};
use crate::{
    calendar::{Instant, Zone},
    journey::Because,
    report::{
        diff,
        page::{self, Head},
        timeline as words,
    },
    simulate::{Detail, Entry, Kind, Move, Shown, Timeline, Word},
};
use serde::Serialize;
use std::collections::BTreeMap;

const DAY_MS: i64 = 24 * 3_600_000;

/// # Errors
/// A template that does not fill is a fault of ours.
pub(crate) fn html(previews: &Previews, command: String, made: String) -> Result<String, minijinja::Error> {
    let people: Vec<Person> = previews.people.iter().map(|person| Person::of(person, previews)).collect();
    let what = previews.people.first().map_or_else(String::new, |first| first.now.sequence.to_string());
    let title = match previews.people.as_slice() {
        [_] => format!("Preview of {what}"),
        several => format!("Preview of {what} for {} people", several.len()),
    };
    let head = Head { title, verb: "preview", command, made };
    page::document("preview.html", &head, Page { people, plan: previews.plan.chars().take(12).collect() })
}

#[derive(Serialize)]
struct Page {
    people: Vec<Person>,
    plan: String,
}

#[derive(Serialize)]
struct Person {
    title: String,
    name: String,
    lead: String,
    zone: String,
    numbers: Vec<(String, String)>,
    glance: Option<Glance>,
    days: Vec<Day>,
    /// State, its shape, word, event.
    stops: Vec<(&'static str, &'static str, String, String)>,
    facts: Vec<(String, String)>,
    versus: Option<Versus>,
    /// Said instead of a comparison.
    is_new: Option<String>,
}

#[derive(Serialize)]
struct Day {
    date: String,
    note: String,
    events: Vec<Event>,
}

/// One line of a timeline.
#[derive(Serialize, Default)]
struct Event {
    class: &'static str,
    icon: &'static str,
    iso: String,
    time: String,
    /// As in the drawing above.
    number: Option<usize>,
    title: String,
    channel: Option<Channel>,
    /// Name of the state and its word.
    state: Option<(&'static str, String)>,
    why: String,
    moved: Vec<Moved>,
    message: Option<Message>,
    /// Gate, verdict, what it read.
    gates: Vec<(&'static str, &'static str, String)>,
    place: Option<String>,
}

#[derive(Serialize)]
struct Channel {
    icon: &'static str,
    word: String,
}

#[derive(Serialize)]
struct Moved {
    from: String,
    to: String,
    rule: String,
    opens: Option<String>,
}

#[derive(Serialize)]
struct Message {
    /// Which piece of the template shows it.
    look: &'static str,
    headers: Vec<(&'static str, String)>,
    html: Option<String>,
    /// Of the frame: nothing in the page can measure it.
    height: usize,
    lines: Vec<Vec<String>>,
    foot: Vec<String>,
    raw: Option<String>,
}

#[derive(Serialize)]
struct Versus {
    against: String,
    summary: String,
    rows: Vec<VersusRow>,
}

#[derive(Serialize)]
struct VersusRow {
    mark: &'static str,
    name: String,
    changes: String,
    before: Option<Side>,
    after: Option<Side>,
    same: bool,
    /// Sign and line.
    text: Vec<(char, String)>,
}

/// Cells of one version, each with whether it differs.
#[derive(Serialize)]
struct Side {
    time: (String, bool),
    channel: (String, bool),
    outcome: (String, bool),
}

impl Person {
    fn of(person: &Previewed, previews: &Previews) -> Self {
        let now = &person.now;
        let name = words::name(&now.person);
        let zone = zone_words(now);
        let titled = now.title.as_deref().map_or_else(|| now.sequence.to_string(), words::plain);
        let start = format!("{} at {}", words::day(&now.zone, now.start), now.zone.time_of_day(now.start));
        let versus = previews.against.as_deref().zip(person.before.as_ref());
        let is_new = previews.against.as_deref().filter(|_| person.before.is_none());
        Self {
            title: format!("{titled} for {name}"),
            lead: format!("{}, {} on {start}.", now.sequence, words::opening(now)),
            zone,
            numbers: numbers(now),
            glance: glance::of(now),
            days: days(now),
            stops: now.stops.iter().map(|(event, word)| stop(event.as_str(), word)).collect(),
            facts: facts(now, &name),
            versus: versus.map(|(against, before)| Versus::of(before, now, against)),
            is_new: is_new.map(words::plain),
            name,
        }
    }
}

/// `America/Jamaica (UTC−5)`; both offsets where clocks change on the way.
fn zone_words(of: &Timeline) -> String {
    let offset = |at: Instant| {
        let minutes = of.zone.offset_seconds(at) / 60;
        let (sign, minutes) = if minutes < 0 { ("−", -minutes) } else { ("+", minutes) };
        let rest = if minutes % 60 == 0 { String::new() } else { format!(":{:02}", minutes % 60) };
        format!("UTC{sign}{}{rest}", minutes / 60)
    };
    let (first, last) =
        (offset(of.start), of.entries.last().map_or_else(|| offset(of.start), |entry| offset(entry.at)));
    let offsets = if first == last { first } else { format!("{first}, later {last}") };
    format!("{} ({offsets})", of.zone.name())
}

fn numbers(of: &Timeline) -> Vec<(String, String)> {
    let plural = |count: usize, one: &str, many: &str| if count == 1 { one.to_owned() } else { many.to_owned() };
    let to_person = |(entry, detail): &(&Entry, &Detail)| {
        let kind = detail.message.as_ref().map(|message| message.kind);
        entry.word == Word::Sent && kind.is_some_and(|kind| !matches!(kind, Kind::Task | Kind::Notice | Kind::Webhook))
    };
    let lines = || of.entries.iter().zip(&of.details);
    let messages = lines().filter(to_person).count();
    let skipped = lines().filter(|(entry, _)| matches!(entry.word, Word::Skipped(_))).count();
    let moved = lines().filter(|(_, detail)| !detail.moved.is_empty()).count();
    let last = of.entries.last();
    let days = last.map_or(0, |last| last.at.since(of.start).max(0) / DAY_MS);
    let span = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    let mut numbers = vec![
        (messages.to_string(), format!("{} in {span}", plural(messages, "message", "messages"))),
        (skipped.to_string(), "skipped".to_owned()),
        (moved.to_string(), "moved by a rule".to_owned()),
    ];
    if let Some(cost) = cost(of) {
        numbers.push((cost, "cost of channels".to_owned()));
    }
    if let Some(last) = last {
        let words = match last.word {
            Word::Cut => "shown until then; it goes on",
            Word::Refused(_) => "does not enter",
            _ => "ends, as it is supposed here",
        };
        numbers.push((short_day(&of.zone, last.at), words.to_owned()));
    }
    numbers
}

fn cost(of: &Timeline) -> Option<String> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, detail) in of.entries.iter().zip(&of.details).filter(|(entry, _)| entry.word == Word::Sent) {
        let Some(price) = detail.message.as_ref().and_then(|message| message.cost.as_ref()) else { continue };
        *sums.entry(&price.currency).or_default() += price.millionths;
    }
    let told: Vec<String> = sums.into_iter().map(|(currency, sum)| money(sum, currency)).collect();
    (!told.is_empty()).then(|| told.join(" + "))
}

fn money(millionths: u64, currency: &str) -> String {
    let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    let zeros = text.bytes().rev().take_while(|byte| *byte == b'0').count().min(4);
    format!("{} {currency}", &text[..text.len() - zeros])
}

fn short_day(zone: &Zone, at: Instant) -> String {
    zone.civil(at).strftime("%a %-d %b").to_string()
}

fn stop(event: &str, word: &str) -> (&'static str, &'static str, String, String) {
    let (class, icon) = if word == "converted" { ("converted", "s-converted") } else { ("cancelled", "s-cancelled") };
    (class, icon, word.replace('_', " "), event.to_owned())
}

fn facts(of: &Timeline, name: &str) -> Vec<(String, String)> {
    let mut facts = vec![("who".to_owned(), name.to_owned()), ("zone".to_owned(), of.zone.name().to_owned())];
    let value = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    facts.extend(
        of.fields.iter().map(|(field, told)| (words::plain(field), words::cut(&words::plain(&value(told)), 200))),
    );
    facts.extend(of.what_if.iter().map(|what| {
        (
            "what if".to_owned(),
            format!("{} on {} {}", what.event, short_day(&of.zone, what.at), of.zone.time_of_day(what.at)),
        )
    }));
    facts
}

/// Lines in days, with how the person came in before them.
fn days(of: &Timeline) -> Vec<Day> {
    let zone = &of.zone;
    let mut events: Vec<(Instant, Event)> = vec![(of.start, entry_event(of))];
    events.extend(of.what_if.iter().map(|what| (what.at, supposed(of, what.at, what.event.as_str()))));
    let entries = of.entries.iter().zip(&of.details).zip(glance::numbers(of));
    events.extend(entries.map(|((entry, detail), number)| (entry.at, Event { number, ..event(entry, detail, of) })));
    events.sort_by_key(|(at, _)| *at);
    let years = |at: Instant| zone.civil(at).year();
    let one_year = of.entries.iter().all(|entry| years(entry.at) == years(of.start));
    let mut days: Vec<Day> = Vec::new();
    for (at, event) in events {
        let date = zone.civil(at).strftime(if one_year { "%a %-d %b" } else { "%a %-d %b %Y" }).to_string();
        match days.last_mut() {
            Some(day) if day.date == date => day.events.push(event),
            _ => {
                let after = zone.start_of(zone.date(at)).since(zone.start_of(zone.date(of.start)));
                // a day of a change of clocks has an hour more or less
                let note = format!("day {}", (after + DAY_MS / 2) / DAY_MS);
                days.push(Day { date, note, events: vec![event] });
            }
        }
    }
    days
}

fn at_time(zone: &Zone, at: Instant) -> (String, String) {
    (at.to_string(), zone.time_of_day(at).to_string())
}

fn entry_event(of: &Timeline) -> Event {
    let (iso, time) = at_time(&of.zone, of.start);
    let why = match &of.opening {
        crate::simulate::Opening::Event { event, trigger } => format!("By {event}, trigger {trigger}."),
        crate::simulate::Opening::Trigger { trigger } => format!("Trigger {trigger}, which no event sets off."),
        crate::simulate::Opening::Enrolled => {
            "Put in by hand: no event of a single trigger leads here at once.".to_owned()
        }
    };
    let refused = of.entries.first().is_some_and(|entry| matches!(entry.word, Word::Refused(_)));
    let title = if refused { "Would enter".to_owned() } else { format!("Enters {}", of.sequence) };
    Event { icon: "enter", iso, time, title, why, ..Event::default() }
}

fn supposed(of: &Timeline, at: Instant, event: &str) -> Event {
    let (iso, time) = at_time(&of.zone, at);
    Event {
        icon: "reply",
        iso,
        time,
        title: event.to_owned(),
        why: "Supposed to happen.".to_owned(),
        ..Event::default()
    }
}

fn event(entry: &Entry, detail: &Detail, of: &Timeline) -> Event {
    let zone = &of.zone;
    let (iso, time) = at_time(zone, entry.at);
    let (class, icon, state) = state(&entry.word);
    let title = match (&entry.step, &entry.word) {
        (Some(step), _) => step.to_string(),
        (None, Word::Completed) => "Completed".to_owned(),
        (None, Word::Converted) => "Converted".to_owned(),
        (None, Word::Stopped(why)) => format!("Stopped: {}", why.replace('_', " ")),
        (None, Word::Refused(_)) => "Does not enter".to_owned(),
        (None, Word::Cut) => "The preview ends here".to_owned(),
        (None, _) => words::end_words(entry, zone),
    };
    let why = match &entry.word {
        Word::Sent if entry.step.is_some() => planned_why(entry, detail, zone),
        Word::Skipped(why) | Word::Failed(why) | Word::Cancelled(why) | Word::Refused(why) => {
            let because = entry.because.as_ref().map(|because| words::reason(because, zone));
            format!("{}.", because.filter(|because| !because.is_empty()).unwrap_or_else(|| why.replace('_', " ")))
        }
        Word::Cut => "The run goes on.".to_owned(),
        _ => String::new(),
    };
    let notes = entry.notes.iter().map(|note| format!(" {note}."));
    let passed = detail.passed.iter().map(|because| gate(because, "passed", zone));
    let decided = entry.because.iter().filter(|_| !matches!(entry.word, Word::Sent) || detail.passed.is_empty());
    let verdict = state.map_or("", |(_, word)| word);
    Event {
        class,
        icon,
        iso,
        time,
        number: None,
        title,
        channel: entry.channel.as_ref().map(|name| channel(name, detail.message.as_ref())),
        state: state.map(|(name, word)| (name, word.to_owned())),
        why: sentence(&words::plain(&format!("{why}{}", notes.collect::<String>()))),
        moved: detail.moved.iter().map(|moved| Moved::of(moved, zone)).collect(),
        message: detail.message.as_ref().filter(|_| entry.text.is_some()).map(|message| Message::of(entry, message)),
        gates: decided.map(|because| gate(because, verdict, zone)).chain(passed).collect(),
        place: detail.place.as_ref().map(|place| format!("{}:{}", place.file, place.line)),
    }
}

/// With a capital letter at its start.
fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Class, icon of the rail, and the state with its word.
fn state(word: &Word) -> (&'static str, &'static str, Option<(&'static str, &'static str)>) {
    match word {
        Word::Sent => ("waiting", "s-waiting", Some(("waiting", "planned"))),
        Word::Skipped(_) => ("skipped", "s-skipped", Some(("skipped", "skipped"))),
        Word::Failed(_) => ("failed", "s-failed", Some(("failed", "failed"))),
        Word::Cancelled(_) => ("cancelled", "s-cancelled", Some(("cancelled", "cancelled"))),
        Word::Unknown => ("unknown", "s-unknown", Some(("unknown", "unknown"))),
        Word::Refused(_) => ("held", "stop", Some(("held", "refused"))),
        Word::Converted => ("converted", "s-converted", Some(("converted", "converted"))),
        Word::Stopped(_) => ("cancelled", "s-cancelled", Some(("cancelled", "stopped"))),
        Word::Completed | Word::Enters { .. } => ("", "flow", None),
        Word::Cut => ("", "next", None),
    }
}

fn planned_why(entry: &Entry, detail: &Detail, zone: &Zone) -> String {
    let because = entry.because.as_ref().map(|because| words::reason(because, zone));
    let because = because.filter(|words| !words.is_empty());
    let template = detail.message.as_ref().and_then(|message| message.template.as_ref());
    let template = template.map(|template| format!("approved template {} ({})", template.name, template.language));
    let late = entry.at.since(entry.planned) >= 60_000 && detail.moved.is_empty();
    let on_time = if detail.moved.is_empty() && !late && detail.message.is_some() { "On time" } else { "" };
    let late = late.then(|| format!("since {} {}", short_day(zone, entry.planned), zone.time_of_day(entry.planned)));
    let first = (!on_time.is_empty()).then(|| on_time.to_owned());
    let parts: Vec<String> = [first, late, template, because].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!("{}.", parts.join("; ")) }
}

fn gate(because: &Because, verdict: &'static str, zone: &Zone) -> (&'static str, &'static str, String) {
    let read = because.read.iter().map(|(name, value)| format!("{name}: {}", words::shown(value, zone)));
    (words::gate(because.gate), verdict, words::plain(&read.collect::<Vec<_>>().join(" · ")))
}

fn channel(name: &str, message: Option<&Shown>) -> Channel {
    let icon = match message.map(|message| message.kind) {
        Some(Kind::Email) => "c-email",
        Some(Kind::Sms) => "c-sms",
        Some(Kind::Whatsapp) => "c-whatsapp",
        Some(Kind::Instagram) => "c-instagram",
        Some(Kind::Letter) => "c-letter",
        Some(Kind::Task) => "c-task",
        Some(Kind::Notice) => "info",
        Some(Kind::Webhook) => "next",
        Some(Kind::Chat) | None => "reply",
    };
    Channel { icon, word: name.to_owned() }
}

impl Moved {
    fn of(moved: &Move, zone: &Zone) -> Self {
        let at = |at: Instant| format!("{} {}", short_day(zone, at), zone.time_of_day(at));
        let opens = moved.because.read.iter().find(|(name, _)| **name == *"open");
        Self {
            from: at(moved.from),
            to: at(moved.to),
            rule: words::rule(&moved.because, zone),
            opens: opens.map(|(_, value)| value.to_string()),
        }
    }
}

impl Message {
    fn of(entry: &Entry, shown: &Shown) -> Self {
        let text = entry.text.as_deref().unwrap_or_default();
        let (look, raw) = match shown.kind {
            Kind::Sms => ("sms", None),
            Kind::Whatsapp | Kind::Instagram | Kind::Chat => ("wa", None),
            Kind::Webhook => ("raw", Some(pretty(text))),
            Kind::Email | Kind::Letter | Kind::Task | Kind::Notice => ("mail", None),
        };
        let paragraphs: Vec<Vec<String>> = text
            .split("\n\n")
            .map(|paragraph| paragraph.lines().map(|line| controlled(line.trim_end())).collect::<Vec<_>>())
            .filter(|lines: &Vec<String>| lines.iter().any(|line| !line.is_empty()))
            .collect();
        let high = |line: &str| if line.is_empty() { 14 } else { 24 * (1 + line.chars().count() / 66) };
        let height: usize = 70 + text.lines().map(high).sum::<usize>();
        Self {
            look,
            headers: headers(entry, shown),
            html: shown.html.clone(),
            height: height.clamp(160, 720),
            lines: paragraphs,
            foot: foot(shown),
            raw,
        }
    }
}

/// Whatever steers is shown as a sign of its own; letters of all scripts stay.
fn controlled(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}

fn pretty(text: &str) -> String {
    let read: Option<serde_json::Value> = serde_json::from_str(text).ok();
    read.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}

fn headers(entry: &Entry, shown: &Shown) -> Vec<(&'static str, String)> {
    let subject = match shown.kind {
        Kind::Task => "Task",
        Kind::Notice => "Notice",
        _ => "Subject",
    };
    let to = match shown.kind {
        Kind::Webhook => "Calls",
        _ => "To",
    };
    let all = [
        ("From", shown.from.clone().filter(|_| shown.kind == Kind::Email)),
        (to, Some(shown.to.clone())),
        ("For", shown.assign.as_ref().map(ToString::to_string)),
        ("Reply to", shown.reply_to.clone()),
        (subject, entry.subject.clone()),
        ("Preview", shown.preheader.clone()),
        ("Attached", (!shown.attachments.is_empty()).then(|| shown.attachments.join(", "))),
    ];
    let said = all.into_iter().filter_map(|(name, value)| Some((name, controlled(&value?))));
    said.filter(|(_, value)| !value.is_empty()).collect()
}

fn foot(shown: &Shown) -> Vec<String> {
    let mut foot = Vec::new();
    if let Some(parts) = &shown.sms {
        let plural = if parts.segments == 1 { "" } else { "s" };
        foot.push(format!("{} characters · {} · {} segment{plural}", parts.characters, parts.alphabet, parts.segments));
    }
    if let Some(template) = &shown.template {
        let params: Vec<String> = template.params.iter().map(|param| format!("“{}”", controlled(param))).collect();
        let params = if params.is_empty() { String::new() } else { format!(" · {}", params.join(", ")) };
        foot.push(format!("template {} · {}{params}", template.name, template.language));
    }
    foot.extend(shown.cost.as_ref().map(|cost| money(cost.millionths, &cost.currency)));
    foot
}

impl Versus {
    fn of(before: &Timeline, now: &Timeline, against: &str) -> Self {
        let rows = compare::rows(before, now);
        let summary = compare::summary(&rows);
        let rows = rows.iter().map(|row| VersusRow::of(row, before, now)).collect();
        Self { against: words::plain(against), summary, rows }
    }
}

impl VersusRow {
    fn of(row: &compare::Row, before: &Timeline, now: &Timeline) -> Self {
        let changed = |change: Change| row.changes.contains(&change);
        let side = |of: &Timeline, at: usize| {
            let (entry, detail) = (&of.entries[at], &of.details[at]);
            let channel = entry.channel.as_deref().unwrap_or_default().to_owned();
            let outcome = match &entry.step {
                Some(_) => words::step_words(entry, detail, &of.zone),
                None => words::end_words(entry, &of.zone),
            };
            let whole = changed(Change::New) || changed(Change::Gone);
            Side {
                time: (
                    format!("{} {}", words::day(&of.zone, entry.at), of.zone.time_of_day(entry.at)),
                    whole || changed(Change::Time),
                ),
                channel: (channel, changed(Change::Channel)),
                outcome: (outcome, changed(Change::Outcome)),
            }
        };
        let entry = row.after.map(|at| &now.entries[at]).or_else(|| row.before.map(|at| &before.entries[at]));
        let text = match (row.before, row.after) {
            (Some(old), Some(new)) if changed(Change::Text) => {
                let (old, new) = (compare::written(&before.entries[old]), compare::written(&now.entries[new]));
                diff::changed(&old, &new).into_iter().map(|(sign, line)| (sign, controlled(&line))).collect()
            }
            _ => Vec::new(),
        };
        let changes: Vec<&str> = row.changes.iter().map(|change| change.word()).collect();
        Self {
            mark: if row.changes.is_empty() { "check" } else { "edit" },
            name: entry.and_then(|entry| entry.step.as_deref()).unwrap_or("the end").to_owned(),
            changes: changes.join(", "),
            before: row.before.map(|at| side(before, at)),
            after: row.after.map(|at| side(now, at)),
            same: row.changes.is_empty(),
            text,
        }
    }
}
