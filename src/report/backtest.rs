//! Recorded events through two versions as text and as JSON: totals, people whose messages differ, what was not played. Text
//! out; the page is made next door. Must not know where the events came from.
pub(crate) mod page;
use super::{
    audience::{self, count, moment, short, wrapped},
    timeline,
};
use crate::{
    calendar::{Instant, Zone},
    simulate::{
        audience::grouped,
        backtest::{Change, Difference, Fate, Moved, Pair, Played, Sent, Total},
    },
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

/// Version of the JSON form.
const FORMAT_VERSION: u32 = 1;
/// Characters of a line that belong to what a message was called.
const NAME: usize = 40;
/// Reasons why something was not understood that are told; the others are counted.
const REASONS: usize = 5;

/// Two versions, and what was put into them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backtested<'a> {
    /// What the other version is called.
    pub(crate) against: &'a str,
    /// In whose hours everything is told.
    pub(crate) zone: &'a Zone,
    /// The first and the last thing that happened.
    pub(crate) first: Instant,
    pub(crate) last: Instant,
    pub(crate) before: &'a Played,
    pub(crate) after: &'a Played,
    pub(crate) difference: &'a Difference,
    /// What was recorded and could not be played, by why.
    pub(crate) lost: &'a [(u64, String)],
    /// What somebody should know who reads it.
    pub(crate) notes: &'a [String],
    /// People who are shown, at most.
    pub(crate) most: usize,
}

impl Backtested<'_> {
    fn shown(&self) -> impl Iterator<Item = &Moved> {
        self.difference.people.iter().take(self.most)
    }

    fn hidden(&self) -> usize {
        self.difference.people.len().saturating_sub(self.most)
    }

    /// How much either version could make something of.
    fn played(&self) -> u64 {
        let refused = |fate: &Fate| matches!(fate, Fate::Refused(_));
        let fates = self.before.fates.iter().zip(&self.after.fates);
        fates.filter(|(before, after)| !(refused(before) && refused(after))).count() as u64
    }

    /// How far time went, in words.
    fn until(&self) -> String {
        let until = self.before.until.max(self.after.until);
        let inside = |of: &Played| of.inside + of.held;
        let rest = match (inside(self.before), inside(self.after)) {
            (0, 0) => "nobody is inside any more".to_owned(),
            (before, after) => {
                let runs = count(before, "run is", "runs are");
                format!("{runs} not over at {}, {} now", self.against, grouped(after))
            }
        };
        format!("until {}: {rest}", moment(self.zone, until))
    }
}

pub(crate) fn json(of: &Backtested<'_>) -> Value {
    let difference = of.difference;
    let (before, after) = difference.messages();
    let total = |total: &Total| {
        json!({
            "sequence": total.sequence, "channel": total.channel, "staff": total.staff,
            "before": total.before, "after": total.after, "difference": by(total.before, total.after),
        })
    };
    let shown = of.shown().map(|moved| json!({ "person": label(moved), "messages": moved.pairs }));
    let lost = of.lost.iter().map(|(count, why)| json!({ "count": count, "why": why }));
    json!({
        "format_version": FORMAT_VERSION,
        "against": of.against,
        "zone": of.zone.name(),
        "first": of.first.to_string(),
        "last": of.last.to_string(),
        "differs": !difference.is_empty(),
        "recorded": {
            "played": of.played(),
            "not_played": lost.collect::<Vec<_>>(),
        },
        "before": version(of.before),
        "after": version(of.after),
        "messages": { "before": before, "after": after, "same": difference.same, "changes": changes(difference) },
        "totals": difference.totals.iter().map(total).collect::<Vec<_>>(),
        "people": {
            "all": difference.everybody,
            "reached": difference.reached,
            "differ": difference.people.len(),
            "shown": shown.collect::<Vec<_>>(),
        },
        "notes": of.notes,
    })
}

fn version(of: &Played) -> Value {
    let fates: serde_json::Map<String, Value> =
        fates(of).into_iter().map(|(word, count)| (word.replace(' ', "_"), count.into())).collect();
    json!({
        "events": fates,
        "not_understood": reasons(of).into_iter().map(|(why, count)| json!({ "why": why, "count": count })).collect::<Vec<_>>(),
        "not_sent": of.unsent,
        "until": of.until.to_string(),
        "inside": of.inside,
        "held": of.held,
    })
}

fn changes(of: &Difference) -> serde_json::Map<String, Value> {
    let all = [Change::OnlyBefore, Change::OnlyAfter, Change::Moved, Change::Channel, Change::Text];
    let entry = |change: Change| {
        let name = json!(change).as_str().unwrap_or_default().to_owned();
        (name, of.changes.get(&change).copied().unwrap_or(0).into())
    };
    all.into_iter().map(entry).collect()
}

fn by(before: u64, after: u64) -> i64 {
    after as i64 - before as i64
}

pub(crate) fn text(of: &Backtested<'_>) -> String {
    let mut out = head(of);
    totals(&mut out, of);
    events(&mut out, of);
    unsent(&mut out, of);
    for moved in of.shown() {
        person(&mut out, moved, of);
    }
    match of.hidden() {
        0 => {}
        hidden => {
            let people = count(hidden as u64, "more person whose messages differ", "more people whose messages differ");
            let _ = writeln!(out, "\n… and {people}: `--people {}` shows all", of.difference.people.len());
        }
    }
    out
}

fn head(of: &Backtested<'_>) -> String {
    let mut out = wrapped(&format!("{}, against {}", heard(of), of.against), "");
    out.push_str(&wrapped(&format!("  played on {}", of.until()), "    "));
    for line in lost(of) {
        out.push_str(&wrapped(&format!("  not played: {line}"), "    "));
    }
    for note in of.notes {
        out.push_str(&wrapped(&format!("  {note}"), "    "));
    }
    let _ = writeln!(out, "\n  {}", answer(of));
    let _ = writeln!(out, "  {}", people_words(of));
    let _ = writeln!(out, "  {}", change_words(of.difference));
    out
}

/// What was played, from when to when.
fn heard(of: &Backtested<'_>) -> String {
    let events = count(of.played(), "recorded event", "recorded events");
    let (first, last) = (moment(of.zone, of.first), moment(of.zone, of.last));
    format!("{events} from {first} to {last} {}", of.zone.name())
}

/// The answer in a few words.
fn answer(of: &Backtested<'_>) -> String {
    let (before, after) = of.difference.messages();
    let changed = of.difference.changes.values().sum::<u64>() > 0;
    let by = if before == after {
        if changed { "as many, not the same" } else { "the same" }.to_owned()
    } else {
        difference(before, after)
    };
    format!("{} before, {} after: {by}", count(before, "message", "messages"), grouped(after))
}

fn people_words(of: &Backtested<'_>) -> String {
    let told = of.difference;
    let differ = match told.people.len() {
        0 => "nobody's messages differ".to_owned(),
        1 => "1 person's messages differ".to_owned(),
        several => format!("the messages of {} people differ", grouped(several as u64)),
    };
    format!("{differ}, of {} who got any and {} in all", grouped(told.reached as u64), grouped(told.everybody as u64))
}

fn change_words(of: &Difference) -> String {
    let told = of.changes.iter().map(|(change, count)| format!("{} {}", grouped(*count), counted(*change)));
    let told: Vec<String> = told.chain([format!("{} the same", grouped(of.same))]).collect();
    told.join(", ")
}

/// Behind a number.
fn counted(change: Change) -> &'static str {
    match change {
        Change::Channel => "by another channel",
        Change::Text => "with another text",
        _ => word(change),
    }
}

fn word(change: Change) -> &'static str {
    match change {
        Change::OnlyBefore => "only before",
        Change::OnlyAfter => "only after",
        Change::Moved => "moved",
        Change::Channel => "other channel",
        Change::Text => "other text",
    }
}

fn words(pair: &Pair) -> String {
    let words: Vec<&str> = pair.changes.iter().map(|change| word(*change)).collect();
    if words.is_empty() { "same".to_owned() } else { words.join(", ") }
}

fn difference(before: u64, after: u64) -> String {
    audience::Change { measure: String::new(), before: before as i64, after: after as i64, currency: None }.difference()
}

fn lost(of: &Backtested<'_>) -> Vec<String> {
    of.lost.iter().map(|(count, why)| format!("{} {why}", grouped(*count))).collect()
}

/// Sequence and channel of a total, as columns.
fn spot(of: &Total) -> (String, String) {
    let sequence = of.sequence.as_ref().map_or_else(|| "triggers and exits".to_owned(), ToString::to_string);
    let staff = if of.staff { " (staff)" } else { "" };
    (sequence, format!("{}{staff}", of.channel))
}

/// Before, after, difference.
fn totals_row(before: u64, after: u64) -> [String; 3] {
    [grouped(before), grouped(after), difference(before, after)]
}

fn totals(out: &mut String, of: &Backtested<'_>) {
    if of.difference.totals.is_empty() {
        return;
    }
    out.push('\n');
    let rows = of.difference.totals.iter().map(|total| {
        let (sequence, channel) = spot(total);
        let name = short(&format!("{sequence}, {channel}"), NAME);
        [name, grouped(total.before), grouped(total.after), difference(total.before, total.after)]
    });
    let head = ["messages", "before", "after", "difference"].map(str::to_owned);
    audience::table(out, &std::iter::once(head).chain(rows).collect::<Vec<_>>());
}

/// What became of the events.
fn fates(of: &Played) -> [(&'static str, u64); 5] {
    let mut counts = ["taken in", "came before", "of no use", "about nobody", "not understood"].map(|word| (word, 0));
    for fate in &of.fates {
        let place = match fate {
            Fate::Taken => 0,
            Fate::Repeated => 1,
            Fate::Ignored => 2,
            Fate::Nobody => 3,
            Fate::Refused(_) => 4,
        };
        counts[place].1 += 1;
    }
    counts
}

fn reasons(of: &Played) -> Vec<(Arc<str>, u64)> {
    let mut all: BTreeMap<Arc<str>, u64> = BTreeMap::new();
    for fate in &of.fates {
        if let Fate::Refused(why) = fate {
            *all.entry(why.clone()).or_default() += 1;
        }
    }
    let mut all: Vec<(Arc<str>, u64)> = all.into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    all
}

/// Rows of a table: word, before, after.
fn fate_rows(of: &Backtested<'_>) -> Vec<[String; 4]> {
    let rows = fates(of.before).into_iter().zip(fates(of.after));
    let rows = rows.filter(|((_, before), (_, after))| before + after > 0);
    rows.map(|((word, before), (_, after))| {
        [word.to_owned(), grouped(before), grouped(after), difference(before, after)]
    })
    .collect()
}

fn events(out: &mut String, of: &Backtested<'_>) {
    out.push('\n');
    let head = ["events", "before", "after", "difference"].map(str::to_owned);
    audience::table(out, &std::iter::once(head).chain(fate_rows(of)).collect::<Vec<_>>());
    for line in not_understood(of) {
        out.push_str(&wrapped(&format!("  {line}"), "    "));
    }
}

/// Why events were not understood, by which version.
fn not_understood(of: &Backtested<'_>) -> Vec<String> {
    let (before, after) = (reasons(of.before), reasons(of.after));
    let (both, after): (Vec<_>, Vec<_>) = after.into_iter().partition(|reason| before.contains(reason));
    let before = before.into_iter().filter(|reason| !both.contains(reason)).collect();
    let at = format!("at {}", of.against);
    let each = [("by either version", both.clone()), (at.as_str(), before), ("now", after)];
    let told = each.into_iter().flat_map(|(whose, reasons)| {
        let more = reasons.len().saturating_sub(REASONS);
        let more = (more > 0).then(|| format!("not understood {whose}, for {more} more reasons"));
        let line = |(why, count): (Arc<str>, u64)| {
            format!("not understood {whose}, {}: {}", grouped(count), timeline::plain(&why))
        };
        reasons.into_iter().take(REASONS).map(line).chain(more).collect::<Vec<_>>()
    });
    told.collect()
}

/// Steps that were not sent: word and reason, before, after.
fn unsent_rows(of: &Backtested<'_>) -> Vec<[String; 4]> {
    let words: BTreeSet<&Arc<str>> = of.before.unsent.keys().chain(of.after.unsent.keys()).collect();
    let count = |played: &Played, word: &Arc<str>| played.unsent.get(word).copied().unwrap_or(0);
    let rows = words.into_iter().map(|word| {
        let (before, after) = (count(of.before, word), count(of.after, word));
        [word.replace('_', " "), grouped(before), grouped(after), difference(before, after)]
    });
    rows.collect()
}

fn unsent(out: &mut String, of: &Backtested<'_>) {
    let rows = unsent_rows(of);
    if rows.is_empty() {
        return;
    }
    out.push('\n');
    let head = ["steps not sent", "before", "after", "difference"].map(str::to_owned);
    audience::table(out, &std::iter::once(head).chain(rows).collect::<Vec<_>>());
}

/// The name, else as much of an address as tells people apart and reaches nobody.
fn label(of: &Moved) -> String {
    let hidden = || {
        let address = of.identities.first()?;
        let value: Vec<char> = address.value.chars().collect();
        let at = value.iter().position(|sign| *sign == '@');
        Some(match at {
            Some(at) => format!("{}…{}", value.first()?, value[at..].iter().collect::<String>()),
            None => format!(
                "{} …{}",
                address.kind.name(),
                value[value.len().saturating_sub(2)..].iter().collect::<String>()
            ),
        })
    };
    let label = of.name.as_deref().map(str::to_owned).or_else(hidden);
    timeline::name(&label.unwrap_or_else(|| "somebody without a name".to_owned()))
}

/// `no_show_recovery / last_call`.
fn name(sent: &Sent) -> String {
    let staff = if sent.staff { " (staff)" } else { "" };
    match &sent.sequence {
        Some(sequence) => format!("{sequence} / {}{staff}", sent.step),
        None => format!("{}{staff}", sent.step),
    }
}

fn day(zone: &Zone, at: Instant, years: bool) -> String {
    zone.civil(at).strftime(if years { "%a %e %b %Y %H:%M" } else { "%a %e %b %H:%M" }).to_string()
}

/// Both lists side by side.
fn person(out: &mut String, moved: &Moved, of: &Backtested<'_>) {
    let year = |at: Instant| of.zone.civil(at).year();
    let sent = || moved.pairs.iter().flat_map(|pair| pair.before.iter().chain(&pair.after));
    let years = sent().any(|sent| year(sent.at) != year(of.first));
    let side = |sent: &Option<Sent>| {
        sent.as_ref()
            .map_or_else(|| "–".to_owned(), |sent| format!("{}  {}", day(of.zone, sent.at, years), sent.channel))
    };
    let rows: Vec<[String; 4]> = moved
        .pairs
        .iter()
        .map(|pair| {
            let called = pair.after.as_ref().or(pair.before.as_ref()).map(name).unwrap_or_default();
            [words(pair), side(&pair.before), side(&pair.after), called]
        })
        .collect();
    let head = [String::new(), of.against.to_owned(), "now".to_owned(), String::new()];
    let all = || std::iter::once(&head).chain(&rows);
    let wide = |at: usize| all().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let (first, second, third) = (wide(0), wide(1), wide(2));
    let _ = writeln!(out, "\n{}", label(moved));
    for row in all() {
        let line = format!("  {:first$}  {:second$}  {:third$}  {}", row[0], row[1], row[2], row[3]);
        let _ = writeln!(out, "{}", line.trim_end());
    }
}
