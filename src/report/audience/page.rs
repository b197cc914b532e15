//! The page of a simulated audience: positions and words for its template. Bars stand at percent of the width, so that
//! text is never scaled.
use super::{
    Simulated, WEEKDAYS, compare, count, date, end_lines, is_told, limit_words, moment, parts, people_words, share,
    step_words, weeks,
};
use crate::{
    calendar::{CivilDate, Instant},
    report::page::{Head, document},
    simulate::audience::{Ends, Numbers, grouped, money, price},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A chart of more days than these shows weeks.
const DAYS: usize = 62;
/// Lines of a table that is cut.
const LINES: usize = 40;
const TOP: f64 = 14.0;
const AXIS: f64 = 168.0;

#[derive(Serialize)]
struct View {
    heading: String,
    sentence: String,
    meta: Vec<(&'static str, String)>,
    warnings: Vec<Warning>,
    kpis: Vec<(String, String)>,
    zone: String,
    days: Option<Chart>,
    hours: Option<Chart>,
    busiest_day: String,
    heat: Option<Heat>,
    ends: Vec<Group>,
    against: Option<String>,
    changes: Vec<[String; 4]>,
    alike: usize,
    rules: Vec<Vec<String>>,
    sum: String,
    steps: Vec<StepRow>,
    pressure: Vec<Line>,
    most: String,
    cost: Vec<[String; 4]>,
    total: String,
    limits: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Warning {
    head: String,
    text: String,
}

#[derive(Serialize)]
struct Way {
    class: String,
    hatched: bool,
    words: String,
}

#[derive(Serialize)]
struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct Chart {
    name: String,
    said: String,
    lines: Vec<GridLine>,
    bars: Vec<Bar>,
    ticks: Vec<Tick>,
    ways: Vec<Way>,
    table: Table,
}

#[derive(Serialize)]
struct GridLine {
    y: String,
    text_y: String,
    text: String,
}

#[derive(Serialize)]
struct Bar {
    class: String,
    hatched: bool,
    x: String,
    width: String,
    y: String,
    height: String,
}

#[derive(Serialize)]
struct Tick {
    x: String,
    middle: bool,
    text: String,
}

#[derive(Serialize)]
struct Heat {
    said: String,
    rows: Vec<HeatRow>,
    ticks: Vec<Tick>,
    ways: Vec<Way>,
    table: Table,
}

#[derive(Serialize)]
struct HeatRow {
    day: &'static str,
    y: usize,
    text_y: usize,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    class: &'static str,
    text_class: &'static str,
    x: String,
    width: String,
    middle: String,
    hour: String,
    count: String,
    text: String,
}

#[derive(Serialize)]
struct Group {
    name: String,
    lines: Vec<Line>,
    refused: Vec<(String, String)>,
    refused_count: String,
}

#[derive(Serialize)]
struct Line {
    state: &'static str,
    words: String,
    count: String,
    share: String,
    width: String,
}

#[derive(Serialize)]
struct StepRow {
    step: String,
    sequence: String,
    due: String,
    words: Vec<String>,
}

/// The whole document. `command` made it, at `made`.
pub(crate) fn html(of: &Simulated<'_>, command: &str, made: Instant) -> Result<String, minijinja::Error> {
    let numbers = of.now;
    let zone = &numbers.about.zone;
    let heading = heading(numbers);
    let head = Head {
        title: format!("Simulation: {heading}"),
        verb: "simulate",
        command: command.to_owned(),
        made: format!("{} {}", moment(zone, made), zone.name()),
    };
    document("simulate.html", &head, view(of, heading))
}

/// The answer in a few words.
fn heading(of: &Numbers) -> String {
    let messages = count(of.messages, "message", "messages");
    let total = total(of);
    let cost = if total.is_empty() { String::new() } else { format!(" for {total}") };
    format!("{messages} to {}{cost}", count(of.reached, "person", "people"))
}

fn total(of: &Numbers) -> String {
    let all: Vec<String> = of.cost_total.iter().map(|(currency, amount)| money(*amount, currency)).collect();
    all.join(" + ")
}

fn view(of: &Simulated<'_>, heading: String) -> View {
    let numbers = of.now;
    let about = &numbers.about;
    let zone = about.zone.name().to_owned();
    let changes = of.against.map(|(_, before)| compare(before, numbers)).unwrap_or_default();
    let differ: Vec<[String; 4]> =
        changes.iter().filter(|change| change.before != change.after).map(super::Change::row).collect();
    let words: Vec<String> = parts(numbers)
        .into_iter()
        .filter(|(_, part)| *part > 0)
        .map(|(word, part)| format!("{} {word}", grouped(part)))
        .collect();
    let most = numbers.pressure.most_in_seven_days.last().map_or(0, |(most, _)| *most);
    let everybody = about.people as u64;
    let in_all = &numbers.pressure.in_all;
    let most_people = in_all.iter().map(|(_, people)| *people).max().unwrap_or(0);
    View {
        heading,
        sentence: sentence(numbers),
        meta: meta(of),
        warnings: warnings(numbers),
        kpis: kpis(numbers),
        days: days(numbers),
        hours: hours(numbers),
        busiest_day: numbers.peak.as_ref().map(|peak| date(peak.day)).unwrap_or_default(),
        heat: heat(numbers),
        ends: numbers.sequences.iter().filter(|ends| is_told(numbers, ends)).map(group).collect(),
        against: of.against.map(|(reference, _)| reference.to_owned()),
        alike: changes.len() - differ.len(),
        changes: differ,
        rules: rules(of),
        sum: format!("{} = {}", grouped(numbers.totals.due), words.join(" + ")),
        steps: numbers.steps.iter().map(step).collect(),
        pressure: in_all
            .iter()
            .take(LINES)
            .map(|(messages, people)| line("waiting", messages.to_string(), *people, everybody, most_people))
            .collect(),
        most: format!("at most {most} in seven days"),
        cost: numbers.cost.iter().map(cost).collect(),
        total: total(numbers),
        limits: numbers.limits.iter().map(|of| (of.channel.to_string(), limit_words(of).join("; "))).collect(),
        zone,
    }
}

fn sentence(of: &Numbers) -> String {
    let about = &of.about;
    let assumed = match about.assumed.len() {
        0 => "Nobody answers, books or opts out.".to_owned(),
        _ => format!("Assumed: {}.", about.assumed.join("; ")),
    };
    let (start, until) = (moment(&about.zone, about.start), date(about.zone.date(about.until)));
    format!(
        "{}: {}. From {start} to {until} at the latest, {}. {assumed}",
        people_words(of),
        about.entry,
        about.zone.name()
    )
}

fn meta(of: &Simulated<'_>) -> Vec<(&'static str, String)> {
    let about = &of.now.about;
    let mut meta = vec![("seed", about.seed.to_string())];
    meta.push(("messages", if about.rendered { "written".to_owned() } else { "counted, not written".to_owned() }));
    meta.extend(of.against.map(|(reference, _)| ("compared with", reference.to_owned())));
    let did: Vec<String> = of.now.did.iter().map(|did| format!("{} {}", grouped(did.count), did.why)).collect();
    if !did.is_empty() {
        meta.push(("people did", did.join(", ")));
    }
    meta
}

/// What has to be decided before this goes out.
fn warnings(of: &Numbers) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let failed = of.totals.failed;
    if failed > 0 {
        let text = "The table of steps says which ones, and why.".to_owned();
        warnings.push(Warning { head: format!("{} would fail.", count(failed, "step", "steps")), text });
    }
    for line in of.limits.iter().filter(|line| line.days_over > 0 || line.longest_wait_seconds > 3_600) {
        let head = format!("{} carries more than its provider lets it.", line.channel);
        warnings.push(Warning { head, text: format!("{}.", limit_words(line).join("; ")) });
    }
    warnings
}

fn kpis(of: &Numbers) -> Vec<(String, String)> {
    let mut kpis = vec![(grouped(of.messages), "messages".to_owned())];
    let total = total(of);
    if !total.is_empty() {
        kpis.push((total, "cost".to_owned()));
    }
    if let Some(peak) = &of.peak {
        kpis.push((grouped(peak.messages), format!("busiest hour, {} {:02}:00", date(peak.date), peak.hour)));
    }
    let converted: u64 = of.sequences.iter().map(|ends| ends.converted).sum();
    kpis.push((grouped(converted), "converted, assumed".to_owned()));
    let moved: u64 = of.rules.iter().map(|rule| rule.moved).sum();
    kpis.push((grouped(moved), "times moved by rules".to_owned()));
    kpis.push((grouped(of.totals.skipped), "steps skipped".to_owned()));
    kpis
}

// --- charts -----------------------------------------------------------------------------------------------------------

fn ways(of: &Numbers) -> Vec<Way> {
    let columns = of.channels.iter().zip(&of.media);
    let way = |(name, medium): (_, &&str)| Way {
        class: format!("k-{medium}"),
        hatched: matches!(*medium, "sms" | "instagram"),
        words: format!("{name}"),
    };
    columns.map(way).collect()
}

fn days(of: &Numbers) -> Option<Chart> {
    if of.days.is_empty() {
        return None;
    }
    let weekly = of.days.len() > DAYS;
    let daily = || of.days.iter().map(|day| (day.date, day.messages.clone())).collect();
    let columns: Vec<(CivilDate, Vec<u64>)> = if weekly { weeks(of) } else { daily() };
    let each = columns.len().div_ceil(8).max(1);
    let label = |at: usize, date: &CivilDate| at.is_multiple_of(each).then(|| date.0.strftime("%-d %b").to_string());
    let named: Vec<Column> = columns
        .iter()
        .enumerate()
        .map(|(at, (day, messages))| Column { name: date(*day), tick: label(at, day), messages })
        .collect();
    let unit = if weekly { "week" } else { "day" };
    Some(chart(of, format!("Messages a {unit}"), unit, &named))
}

fn hours(of: &Numbers) -> Option<Chart> {
    let peak = of.peak.as_ref()?;
    let used = |messages: &&Vec<u64>| messages.iter().sum::<u64>() > 0;
    let first = peak.hours.iter().position(|hour| used(&hour))?;
    let last = peak.hours.iter().rposition(|hour| used(&hour))?;
    // some room around, so that a single hour is no wall
    let (first, last) = (first.saturating_sub(2), (last + 2).min(23));
    let each = (last - first + 1).div_ceil(8).max(1);
    let named: Vec<Column> = (first..=last)
        .map(|hour| Column {
            name: format!("{hour:02}:00"),
            tick: (hour - first).is_multiple_of(each).then(|| format!("{hour:02}:00")),
            messages: &peak.hours[hour],
        })
        .collect();
    Some(chart(of, "Busiest day by hour".to_owned(), "hour", &named))
}

struct Column<'a> {
    name: String,
    tick: Option<String>,
    messages: &'a [u64],
}

fn chart(of: &Numbers, name: String, unit: &str, columns: &[Column<'_>]) -> Chart {
    let sums: Vec<u64> = columns.iter().map(|column| column.messages.iter().sum()).collect();
    let most = sums.iter().copied().max().unwrap_or(0).max(1);
    let step = nice(most);
    let top = most.div_ceil(step) * step;
    let at = |count: u64| AXIS - 1.0 - (count as f64 / top as f64) * (AXIS - 1.0 - TOP);
    let last = top / step;
    let lines = (1..=last).map(|line| {
        let y = at(line * step);
        let words = if line == last { format!(" messages a {unit}") } else { String::new() };
        GridLine { y: tenth(y), text_y: tenth(y - 4.0), text: format!("{}{words}", grouped(line * step)) }
    });
    let each = 100.0 / columns.len() as f64;
    let ways = ways(of);
    let mut bars = Vec::new();
    let mut ticks = Vec::new();
    for (number, column) in columns.iter().enumerate() {
        let left = number as f64 * each;
        let mut below = 0;
        for (count, way) in column.messages.iter().zip(&ways).filter(|(count, _)| **count > 0) {
            let (bottom, top) = (at(below), at(below + count));
            let gap = if below > 0 { 1.0 } else { 0.0 };
            bars.push(Bar {
                class: way.class.clone(),
                hatched: way.hatched,
                x: hundredth(each.mul_add(0.11, left)),
                width: hundredth(each * 0.78),
                y: tenth(top),
                height: tenth((bottom - top - gap).max(0.8)),
            });
            below += count;
        }
        if let Some(text) = &column.tick {
            let (x, middle) = if number == 0 { (0.0, false) } else { (left + each / 2.0, true) };
            ticks.push(Tick { x: hundredth(x), middle, text: text.clone() });
        }
    }
    let busiest = sums.iter().position(|sum| *sum == most).map_or("", |at| &columns[at].name);
    let mut head = vec![unit.to_owned()];
    head.extend(of.channels.iter().map(ToString::to_string));
    head.push("all".to_owned());
    let row = |(column, sum): (&Column<'_>, &u64)| {
        let counts = column.messages.iter().chain([sum]).map(|count| grouped(*count));
        std::iter::once(column.name.clone()).chain(counts).collect()
    };
    Chart {
        said: format!("{name} by channel; most on {busiest}: {}", grouped(most)),
        lines: lines.collect(),
        bars,
        ticks,
        ways,
        table: Table { head, rows: columns.iter().zip(&sums).map(row).collect() },
        name,
    }
}

/// A round number of which three or four make up the whole.
fn nice(most: u64) -> u64 {
    let mut size = 1;
    loop {
        for step in [1, 2, 5] {
            if step * size * 4 >= most {
                return step * size;
            }
        }
        size *= 10;
    }
}

fn heat(of: &Numbers) -> Option<Heat> {
    let most = of.week.iter().flatten().copied().max().filter(|most| *most > 0)?;
    let used = |hour: usize| of.week.iter().any(|day| day[hour] > 0);
    let hours: Vec<usize> = ((0..24).find(|hour| used(*hour))?..=(0..24).rfind(|hour| used(*hour))?).collect();
    let each = (100.0 - 11.0) / hours.len() as f64;
    let left = |at: usize| (at as f64).mul_add(each, 11.0);
    let levels = levels(most);
    let cell = |(at, hour): (usize, &usize), count: u64| {
        let level = levels.iter().filter(|from| count >= **from).count();
        Cell {
            class: ["k-sunk", "h1", "h2", "h3", "h4", "h5"][level],
            text_class: ["", "", "f", "f", "h5t", "h5t"][level],
            x: hundredth(left(at)),
            width: hundredth(each - 0.25),
            middle: hundredth(left(at) + each / 2.0),
            hour: format!("{hour:02}:00"),
            count: grouped(count),
            // many hours leave no room for numbers: the table below has them
            text: if count > 0 && hours.len() <= 14 { grouped(count) } else { String::new() },
        }
    };
    let rows = WEEKDAYS.iter().zip(&of.week).enumerate().map(|(number, (day, counts))| HeatRow {
        day,
        y: 1 + 26 * number,
        text_y: 17 + 26 * number,
        cells: hours.iter().enumerate().map(|(at, hour)| cell((at, hour), counts[*hour])).collect(),
    });
    let apart = hours.len().div_ceil(8).max(1);
    let ticks = hours.iter().enumerate().step_by(apart).map(|(at, hour)| Tick {
        x: hundredth(left(at) + each / 2.0),
        middle: true,
        text: format!("{hour:02}"),
    });
    let mut ways = Vec::new();
    for (at, from) in levels.iter().enumerate() {
        let words = match levels.get(at + 1) {
            Some(next) if next - from > 1 => format!("{} to {}", grouped(*from), grouped(next - 1)),
            Some(_) => grouped(*from),
            None => format!("{} and more", grouped(*from)),
        };
        ways.push(Way { class: format!("h{}", at + 1), hatched: false, words });
    }
    let mut head = vec!["hour".to_owned()];
    head.extend(WEEKDAYS.map(str::to_owned));
    let row = |hour: &usize| {
        std::iter::once(format!("{hour:02}:00")).chain(of.week.iter().map(|day| grouped(day[*hour]))).collect()
    };
    Some(Heat {
        said: format!(
            "Messages by weekday and hour; the darkest stands for {} and more",
            grouped(levels[levels.len() - 1])
        ),
        rows: rows.collect(),
        ticks: ticks.collect(),
        ways,
        table: Table { head, rows: hours.iter().map(row).collect() },
    })
}

/// Where colours begin, the faintest first.
fn levels(most: u64) -> Vec<u64> {
    let mut levels: Vec<u64> = vec![1, most / 50, most / 20, most / 5, most / 2];
    levels.retain(|from| *from > 0);
    levels.dedup();
    levels
}

// --- tables -----------------------------------------------------------------------------------------------------------

fn group(of: &Ends) -> Group {
    let lines = end_lines(of).into_iter();
    let state = |words: &str| match words {
        "entered" => "waiting",
        "completed" => "sent",
        "converted" => "converted",
        "still inside" => "waiting",
        _ => "cancelled",
    };
    let refused: u64 = of.refused.iter().map(|reason| reason.count).sum();
    Group {
        name: of.sequence.to_string(),
        lines: lines.map(|(words, count)| line(state(&words), words, count, of.entered, of.entered)).collect(),
        refused: of.refused.iter().take(LINES).map(|of| (of.why.to_string(), grouped(of.count))).collect(),
        refused_count: grouped(refused),
    }
}

fn line(state: &'static str, words: String, count: u64, all: u64, widest: u64) -> Line {
    let width = if widest == 0 { 0.0 } else { count as f64 * 100.0 / widest as f64 };
    Line { state, words, count: grouped(count), share: share(count, all), width: tenth(width) }
}

fn rules(of: &Simulated<'_>) -> Vec<Vec<String>> {
    let before: BTreeMap<_, _> = of
        .against
        .into_iter()
        .flat_map(|(_, before)| &before.rules)
        .map(|rule| ((rule.gate, &rule.rule), (rule.moved, rule.skipped)))
        .collect();
    let row = |rule: &str, old: Option<(u64, u64)>, now: (u64, u64)| match old {
        Some(old) => vec![rule.to_owned(), grouped(old.0), grouped(now.0), grouped(old.1), grouped(now.1)],
        None => vec![rule.to_owned(), grouped(now.0), grouped(now.1)],
    };
    let compared = of.against.is_some();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for rule in &of.now.rules {
        let old = before.get(&(rule.gate, &rule.rule)).copied().unwrap_or((0, 0));
        rows.push(row(&rule.rule, compared.then_some(old), (rule.moved, rule.skipped)));
    }
    for ((gate, rule), old) in &before {
        if !of.now.rules.iter().any(|now| now.gate == *gate && now.rule == **rule) {
            rows.push(row(rule, Some(*old), (0, 0)));
        }
    }
    rows.truncate(LINES);
    rows
}

fn step(of: &crate::simulate::audience::StepLine) -> StepRow {
    StepRow {
        step: of.step.to_string(),
        sequence: of.sequence.as_ref().map_or("triggers and exits".to_owned(), ToString::to_string),
        due: grouped(of.due),
        words: step_words(of),
    }
}

fn cost(of: &crate::simulate::audience::CostLine) -> [String; 4] {
    let (messages, each) = match of.messages {
        0 => (String::new(), String::new()),
        messages => (grouped(messages), price(of.each, "")),
    };
    [of.what.to_string(), messages, each, money(of.amount, &of.currency)]
}

fn tenth(number: f64) -> String {
    format!("{number:.1}")
}

fn hundredth(number: f64) -> String {
    format!("{number:.2}")
}
