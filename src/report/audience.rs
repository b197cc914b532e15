//! A simulated audience as text and as JSON, and beside it another version of the project with the same people and the
//! same luck. Text out; the page is made next door.
mod compare;
pub(crate) mod page;

pub(crate) use compare::{Change, compare};

use crate::{
    calendar::{CivilDate, Instant, Zone},
    simulate::audience::{Ends, Numbers, Reason, StepLine, grouped, money, price},
};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Version of the JSON form.
const FORMAT_VERSION: u32 = 1;
const WIDTH: usize = 80;
/// A chart of more days than these is told in weeks.
const DAYS: usize = 31;
const BAR: usize = 24;
/// Lines of a list that is cut.
const LINES: usize = 20;

/// What was simulated, and the version that it is compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Simulated<'a> {
    pub(crate) now: &'a Numbers,
    pub(crate) against: Option<(&'a str, &'a Numbers)>,
}

pub(crate) fn json(of: &Simulated<'_>) -> Value {
    let mut out = json!({ "format_version": FORMAT_VERSION, "result": of.now });
    if let (Some((reference, before)), Some(map)) = (of.against, out.as_object_mut()) {
        let changes = compare(before, of.now);
        map.insert("against".to_owned(), json!({ "reference": reference, "result": before, "changes": changes }));
    }
    out
}

pub(crate) fn text(of: &Simulated<'_>) -> String {
    let numbers = of.now;
    let mut out = head(numbers);
    if let Some((reference, before)) = of.against {
        against(&mut out, reference, before, numbers);
    }
    days(&mut out, numbers);
    week(&mut out, numbers);
    ends(&mut out, numbers);
    rules(&mut out, numbers);
    steps(&mut out, numbers);
    pressure(&mut out, numbers);
    cost(&mut out, numbers);
    limits(&mut out, numbers);
    out
}

/// What it is about, and the answer.
fn head(of: &Numbers) -> String {
    let about = &of.about;
    let people = people_words(of);
    let mut out = wrapped(
        &format!(
            "{people}, {} on {} {}, until {}; seed {}{}",
            about.entry,
            moment(&about.zone, about.start),
            about.zone.name(),
            date(about.zone.date(about.until)),
            about.seed,
            if about.rendered { "" } else { "; messages counted, not written" },
        ),
        "",
    );
    if !about.assumed.is_empty() {
        out.push_str(&wrapped(&format!("assumed: {}", about.assumed.join("; ")), "  "));
    }
    let total: Vec<String> = of.cost_total.iter().map(|(currency, amount)| money(*amount, currency)).collect();
    let total = if total.is_empty() { String::new() } else { format!(", {}", total.join(" + ")) };
    let messages = count(of.messages, "message", "messages");
    let _ = writeln!(out, "\n  {messages} to {}{total}", count(of.reached, "person", "people"));
    if let Some(peak) = &of.peak {
        let hour = format!("{} {:02}:00", date(peak.date), peak.hour);
        let _ = writeln!(out, "  busiest hour: {} on {hour}", grouped(peak.messages));
    }
    let parts: Vec<String> = parts(of)
        .into_iter()
        .filter(|(_, part)| *part > 0)
        .map(|(word, part)| format!("{} {word}", grouped(part)))
        .collect();
    let sum = if parts.is_empty() { "nothing".to_owned() } else { parts.join(" + ") };
    out.push_str(&wrapped(&format!("  steps that fell due: {} = {sum}", grouped(of.totals.due)), "    "));
    if !of.did.is_empty() {
        let did: Vec<String> = of.did.iter().map(|did| format!("{} {}", grouped(did.count), did.why)).collect();
        let _ = writeln!(out, "  people did: {}", did.join(", "));
    }
    out
}

pub(super) fn people_words(of: &Numbers) -> String {
    let people = count(of.about.people as u64, "person", "people");
    if of.about.invented { people.replacen(' ', " invented ", 1) } else { people }
}

/// Outcomes by their words: they add up to what fell due.
pub(super) fn parts(of: &Numbers) -> [(&'static str, u64); 7] {
    let totals = &of.totals;
    [
        ("sent", totals.sent),
        ("skipped", totals.skipped),
        ("failed", totals.failed),
        ("cancelled", totals.cancelled),
        ("held", totals.held),
        ("unknown", totals.unknown),
        ("waiting", totals.waiting),
    ]
}

fn against(out: &mut String, reference: &str, before: &Numbers, now: &Numbers) {
    let changes = compare(before, now);
    let _ = writeln!(out, "\nAgainst {reference}, the same people and the same luck");
    let mut rows = vec![[String::new(), short(reference, 16), "this".to_owned(), "change".to_owned()]];
    let differ = |change: &&Change| change.before != change.after;
    rows.extend(changes.iter().filter(differ).map(Change::row));
    if rows.len() == 1 {
        let _ = writeln!(out, "  nothing differs");
        return;
    }
    table(out, &rows);
}

/// `short…`.
pub(super) fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(most - 1).collect::<String>())
    }
}

fn days(out: &mut String, of: &Numbers) {
    if of.days.is_empty() {
        return;
    }
    let weekly = of.days.len() > DAYS;
    let _ = writeln!(out, "\nMessages a {}", if weekly { "week" } else { "day" });
    let mut rows = vec![vec![String::new(), String::new()]];
    rows[0].extend(of.channels.iter().map(ToString::to_string));
    rows[0].push("all".to_owned());
    let lines: Vec<(CivilDate, Vec<u64>)> =
        if weekly { weeks(of) } else { of.days.iter().map(|day| (day.date, day.messages.clone())).collect() };
    let sums: Vec<u64> = lines.iter().map(|(_, messages)| messages.iter().sum()).collect();
    let most = sums.iter().copied().max().unwrap_or(0);
    for ((first, messages), all) in lines.iter().zip(&sums) {
        let mut row = vec![date_short(*first), bar(*all, most)];
        row.extend(messages.iter().map(|count| grouped(*count)));
        row.push(grouped(*all));
        rows.push(row);
    }
    table(out, &rows);
}

/// Weeks from Monday on, by channel.
pub(super) fn weeks(of: &Numbers) -> Vec<(CivilDate, Vec<u64>)> {
    let mut weeks: Vec<(CivilDate, Vec<u64>)> = Vec::new();
    for day in &of.days {
        match weeks.last_mut().filter(|_| day.date.weekday() as usize > 0) {
            Some((_, sums)) => sums.iter_mut().zip(&day.messages).for_each(|(sum, count)| *sum += count),
            None => weeks.push((day.date, day.messages.clone())),
        }
    }
    weeks
}

pub(super) const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const LEVELS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

fn week(out: &mut String, of: &Numbers) {
    let most = of.week.iter().flatten().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    let _ = writeln!(out, "\nBusiest hours of the week, {}; █ is {}", of.about.zone.name(), grouped(most));
    let hours: String = (0..24).map(|hour| if hour % 3 == 0 { format!("{hour:02} ") } else { String::new() }).collect();
    let _ = writeln!(out, "       {}", hours.trim_end());
    for (day, hours) in WEEKDAYS.iter().zip(&of.week) {
        let level = |count: &u64| LEVELS[if *count == 0 { 0 } else { (count * 8).div_ceil(most) as usize }];
        let cells: String = hours.iter().map(level).collect();
        let _ = writeln!(out, "  {day}  {cells}  {}", grouped(hours.iter().sum()));
    }
}

fn ends(out: &mut String, of: &Numbers) {
    for sequence in of.sequences.iter().filter(|sequence| is_told(of, sequence)) {
        let _ = writeln!(out, "\nWhere people end: {}", sequence.sequence);
        let mut rows = Vec::new();
        for (word, count) in end_lines(sequence) {
            rows.push(vec![word, grouped(count), share(count, sequence.entered), bar(count, sequence.entered)]);
        }
        table(out, &rows);
        for reason in sequence.refused.iter().take(LINES) {
            let line = format!("  not taken in, {}: {}", reason.why, grouped(reason.count));
            out.push_str(&wrapped(&line, "    "));
        }
    }
}

/// What nobody entered is no news, unless it was asked for.
pub(super) fn is_told(of: &Numbers, sequence: &Ends) -> bool {
    sequence.entered > 0 || of.about.sequences.contains(&sequence.sequence)
}

/// Everybody who came in, by how they ended: these add up to those who entered.
pub(super) fn end_lines(of: &Ends) -> Vec<(String, u64)> {
    let mut lines = vec![("entered".to_owned(), of.entered)];
    let mut put = |word: String, count: u64| {
        if count > 0 {
            lines.push((word, count));
        }
    };
    put("completed".to_owned(), of.completed);
    put("converted".to_owned(), of.converted);
    of.stopped.iter().for_each(|reason| put(format!("stopped ({})", reason.why), reason.count));
    put("still inside".to_owned(), of.inside);
    lines
}

fn rules(out: &mut String, of: &Numbers) {
    if of.rules.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nRules that bite");
    let mut rows = vec![vec![String::new(), "moved".to_owned(), "skipped".to_owned()]];
    for rule in of.rules.iter().take(LINES) {
        rows.push(vec![short(&rule.rule, 54), grouped(rule.moved), grouped(rule.skipped)]);
    }
    table(out, &rows);
    more(out, of.rules.len());
}

fn more(out: &mut String, all: usize) {
    if all > LINES {
        let _ = writeln!(out, "  and {} more", all - LINES);
    }
}

fn steps(out: &mut String, of: &Numbers) {
    let mut last = None;
    for line in &of.steps {
        if last != Some(&line.sequence) {
            let name = line.sequence.as_ref().map_or("what triggers and exits do".to_owned(), ToString::to_string);
            let _ = writeln!(out, "\nSteps: {name}");
            last = Some(&line.sequence);
        }
        let text = format!("  {}: {} = {}", line.step, grouped(line.due), step_words(line).join(" + "));
        out.push_str(&wrapped(&text, "      "));
    }
}

/// What became of a step: these add up to how often it fell due.
pub(super) fn step_words(of: &StepLine) -> Vec<String> {
    let mut words: Vec<String> = of.sent.iter().map(|(by, count)| format!("{} {by}", grouped(*count))).collect();
    let mut put = |word: &str, reasons: &[Reason]| {
        words.extend(reasons.iter().map(|reason| format!("{} {word} ({})", grouped(reason.count), reason.why)));
    };
    put("skipped", &of.skipped);
    put("failed", &of.failed);
    put("cancelled", &of.cancelled);
    if of.unknown > 0 {
        words.push(format!("{} unknown", grouped(of.unknown)));
    }
    words
}

fn pressure(out: &mut String, of: &Numbers) {
    let _ = writeln!(out, "\nMessages a person");
    let most = of.pressure.in_all.iter().map(|(_, people)| *people).max().unwrap_or(0);
    let mut rows = Vec::new();
    for (messages, people) in of.pressure.in_all.iter().take(LINES) {
        rows.push(vec![
            messages.to_string(),
            grouped(*people),
            share(*people, of.about.people as u64),
            bar(*people, most),
        ]);
    }
    table(out, &rows);
    more(out, of.pressure.in_all.len());
    if let Some((most, people)) = of.pressure.most_in_seven_days.last().filter(|(most, _)| *most > 0) {
        let _ = writeln!(out, "  at most {most} in seven days, for {}", count(*people, "person", "people"));
    }
}

fn cost(out: &mut String, of: &Numbers) {
    if of.cost.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nCost");
    let mut rows = vec![vec![String::new(), "messages".to_owned(), "each".to_owned(), "cost".to_owned()]];
    for line in &of.cost {
        let (messages, each) = match line.messages {
            0 => (String::new(), String::new()),
            messages => (grouped(messages), price(line.each, "")),
        };
        rows.push(vec![line.what.to_string(), messages, each, money(line.amount, &line.currency)]);
    }
    table(out, &rows);
}

fn limits(out: &mut String, of: &Numbers) {
    for line in &of.limits {
        let _ = writeln!(out, "\nLimits of {}", line.channel);
        for text in limit_words(line) {
            out.push_str(&wrapped(&format!("  {text}"), "    "));
        }
    }
}

pub(super) fn limit_words(line: &crate::simulate::audience::LimitLine) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(rate) = line.per_second {
        let wait = match line.longest_wait_seconds {
            0 => "none waits for another".to_owned(),
            seconds => format!("the last one waits {}", crate::calendar::Span::exact(seconds * 1_000)),
        };
        words.push(format!("{rate} a second: {} at most are due in one, {wait}", grouped(line.busiest_second)));
    }
    if let Some((day, most)) = line.busiest_day {
        let limit =
            line.per_day.map_or_else(|| "while it warms up".to_owned(), |limit| format!("{} a day", grouped(limit)));
        if line.per_day.is_some() || line.days_over > 0 {
            let over = match (line.days_over, line.caught_up) {
                (0, _) => "never too many".to_owned(),
                (over, Some(until)) => {
                    format!("too many on {}, worked off by {}", count(over as u64, "day", "days"), date(until))
                }
                (over, None) => format!("too many on {}", count(over as u64, "day", "days")),
            };
            words.push(format!("{limit}: {} at most, on {}; {over}", grouped(most), date(day)));
        }
    }
    words
}

// --- words ------------------------------------------------------------------------------------------------------------

pub(super) fn count(of: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(of), if of == 1 { one } else { many })
}

/// `12.3 %`.
pub(super) fn share(part: u64, of: u64) -> String {
    if of == 0 {
        return String::new();
    }
    let tenths = (part * 1_000 + of / 2) / of;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn bar(part: u64, most: u64) -> String {
    if part == 0 || most == 0 {
        return String::new();
    }
    let eighths = ((part * BAR as u64 * 8).div_ceil(most)) as usize;
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{rest}", "█".repeat(eighths / 8))
}

pub(super) fn date(of: CivilDate) -> String {
    of.0.strftime("%a %-d %b %Y").to_string()
}

fn date_short(of: CivilDate) -> String {
    of.0.strftime("%a %e %b").to_string()
}

pub(super) fn moment(zone: &Zone, at: Instant) -> String {
    format!("{} {}", date(zone.date(at)), zone.time_of_day(at))
}

/// Columns side by side: texts to the left, numbers to the right, within the width of a terminal.
pub(super) fn table<R: AsRef<[String]>>(out: &mut String, rows: &[R]) {
    let columns = rows.iter().map(|row| row.as_ref().len()).max().unwrap_or(0);
    let cell = |row: &R, at: usize| row.as_ref().get(at).map_or(0, |text| text.chars().count());
    let widths: Vec<usize> = (0..columns).map(|at| rows.iter().map(|row| cell(row, at)).max().unwrap_or(0)).collect();
    let number = |at: usize| {
        let filled = |row: &&R| row.as_ref().get(at).is_some_and(|text| !text.is_empty());
        rows.iter()
            .rev()
            .find(filled)
            .is_some_and(|row| row.as_ref()[at].starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '−')))
    };
    let right: Vec<bool> = (0..columns).map(|at| at > 0 && number(at)).collect();
    for row in rows {
        let mut line = String::from(" ");
        for (at, text) in row.as_ref().iter().enumerate() {
            let space = " ".repeat(widths[at].saturating_sub(text.chars().count()));
            let _ = if right[at] { write!(line, " {space}{text}") } else { write!(line, " {text}{space}") };
            line.push(' ');
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// Lines of at most the width of a terminal; those after the first begin with `inner`.
pub(super) fn wrapped(text: &str, inner: &str) -> String {
    let lead: String = text.chars().take_while(|c| *c == ' ').collect();
    let (mut out, mut line) = (String::new(), lead.clone());
    let mut begun = false;
    for word in text.split_whitespace() {
        if begun && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(out, "{line}");
            inner.clone_into(&mut line);
            begun = false;
        }
        if begun {
            line.push(' ');
        }
        line.push_str(word);
        begun = true;
    }
    let _ = writeln!(out, "{line}");
    out
}
