//! What happened, written as expectations: what still holds stays as its author wrote it, the rest is replaced by what came.
//! A scenario that expects nothing yet gets everything that its sequences under test did. Writes no file.
use super::words;
use crate::{
    calendar::{Instant, Zone},
    plan::suite::Scenario,
    simulate::suite::{Case, Line, LineWord, Ran, Verdict, WhyNot},
};
use std::collections::BTreeSet;

/// One expectation of the new list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Item {
    /// The so-many-th of those that are there, as it is written.
    Keep(usize),
    New(String),
}

/// Why a scenario cannot be accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    /// Something that must never be: in words.
    Breach(String),
    /// Its cases came out differently, so that no list fits them all.
    CasesDiffer,
    /// Nothing came that could be expected.
    NothingCame,
}

/// The expectations of a scenario as they would have to be; nothing where they are right already.
pub(crate) fn accepted(ran: &Ran, index: usize) -> Option<Result<Vec<Item>, Refusal>> {
    let scenario = ran.suite.scenarios.get(index)?;
    let cases: Vec<&Case> = ran.cases.iter().filter(|case| case.scenario == index).collect();
    let wrong = cases.iter().any(|case| !case.passed());
    if cases.is_empty() || !(wrong || scenario.then.is_empty()) {
        return None;
    }
    let breach = cases.iter().find_map(|case| Some(words::breach(case.breaches.first()?, ran, case).0));
    if let Some(breach) = breach {
        return Some(Err(Refusal::Breach(breach)));
    }
    Some(list(ran, scenario, &cases))
}

fn list(ran: &Ran, scenario: &Scenario, cases: &[&Case]) -> Result<Vec<Item>, Refusal> {
    // dates first, as people write them; a sweep begins at many, so days, and then no times at all
    for timing in [Times::Dates, Times::Days, Times::None] {
        if cases.len() > 1 && timing == Times::Dates {
            continue;
        }
        let mut lists = cases.iter().map(|case| items(ran, scenario, case, timing));
        let first = lists.next().unwrap_or_default();
        if lists.all(|other| other == first) {
            return if first.is_empty() { Err(Refusal::NothingCame) } else { Ok(first) };
        }
    }
    Err(Refusal::CasesDiffer)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Times {
    Dates,
    Days,
    None,
}

fn items(ran: &Ran, scenario: &Scenario, case: &Case, times: Times) -> Vec<Item> {
    // of what is kept, the lines that it speaks of are spoken for
    let kept = || case.rows.iter().filter(|row| row.verdict == Verdict::Same && row.expected.is_some());
    let mut spoken: BTreeSet<usize> = kept().flat_map(|row| row.got.iter().copied()).collect();
    // each with the line it stands at: expectations have an order
    let mut found: Vec<(usize, Item)> = Vec::new();
    let mut last = 0;
    for row in &case.rows {
        if let (Verdict::Same, Some(index)) = (&row.verdict, row.expected) {
            last = row.got.first().copied().unwrap_or(last);
            found.push((last, Item::Keep(index)));
            continue;
        }
        for at in &row.got {
            if let Some(text) = case.lines.get(*at).and_then(|line| written(line, ran, scenario, case, times))
                && spoken.insert(*at)
            {
                found.push((*at, Item::New(text)));
                last = *at;
            }
        }
        // the thing it was about came out otherwise: that is what happens now
        if let Some(WhyNot::Ended(at) | WhyNot::RunOver(at)) = row.why_not
            && let Some(text) = case.lines.get(at).and_then(|line| written(line, ran, scenario, case, times))
            && spoken.insert(at)
        {
            found.push((at, Item::New(text)));
        }
    }
    if scenario.then.is_empty() {
        let of_test = |line: &Line| {
            let under = &ran.suite.under_test;
            line.sequence.as_ref().is_some_and(|sequence| under.is_empty() || under.contains(sequence))
        };
        for (at, line) in case.lines.iter().enumerate().filter(|(_, line)| of_test(line)) {
            if let Some(text) = written(line, ran, scenario, case, times)
                && spoken.insert(at)
            {
                found.push((at, Item::New(text)));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, item)| item).collect()
}

/// One expectation; nothing for lines that none can name.
fn written(line: &Line, ran: &Ran, scenario: &Scenario, case: &Case, times: Times) -> Option<String> {
    let step = step(line, ran);
    let sequence = line.sequence.as_ref().map(|sequence| scalar(sequence.as_str()));
    let mut because = None;
    let (key, value) = match &line.word {
        LineWord::Sent => ("sent", step?),
        LineWord::Skipped(why) => {
            because = Some(why);
            ("skipped", step?)
        }
        LineWord::Failed(why) => {
            because = Some(why);
            ("failed", step?)
        }
        LineWord::Cancelled(why) => {
            because = Some(why);
            ("cancelled", step?)
        }
        LineWord::Entered { .. } => ("entered", sequence?),
        LineWord::NotEntered(why) => {
            because = Some(why);
            ("not_entered", sequence?)
        }
        LineWord::Completed => ("completed", sequence?),
        LineWord::Converted => ("converted", sequence?),
        LineWord::Stopped(why) => {
            because = Some(why);
            ("stopped", sequence?)
        }
        LineWord::Task => ("task", step?),
        LineWord::Notified(whom) => ("notified", scalar(whom)),
        LineWord::Tagged(tag) => ("tagged", scalar(tag)),
        LineWord::Scored(score) => ("scored", score.to_string()),
        LineWord::Webhook => ("webhook", step?),
        LineWord::Happened(_)
        | LineWord::Did(_)
        | LineWord::Unknown
        | LineWord::Deferred(_)
        | LineWord::Attempt { .. }
        | LineWord::Untagged(_)
        | LineWord::Took(_)
        | LineWord::Consent => return None,
    };
    let mut parts: Vec<String> = at(line.at, case, times).map(|at| format!("at: {at}")).into_iter().collect();
    parts.push(format!("{key}: {value}"));
    if let (LineWord::Sent, Some(channel)) = (&line.word, &line.channel) {
        parts.push(format!("via: {}", scalar(channel.as_str())));
    }
    parts.extend(because.map(|why| format!("because: {}", scalar(why))));
    if ran.suite.people.len() + scenario.people.len() > 1 {
        parts.extend(line.who.as_deref().map(|who| format!("for: {}", scalar(who))));
    }
    Some(format!("{{ {} }}", parts.join(", ")))
}

/// With its sequence where several under test have a step of this id.
fn step(line: &Line, ran: &Ran) -> Option<String> {
    Some(scalar(&words::named(line.step.as_ref()?.as_str(), line.sequence.as_ref(), ran)))
}

/// On the suite's own clock, which is what an expectation is read by.
fn at(at: Instant, case: &Case, times: Times) -> Option<String> {
    let zone: &Zone = &case.zone;
    match times {
        Times::None => None,
        Times::Days => {
            let days = zone.date(case.start).0.until(zone.date(at).0).ok()?.get_days();
            Some(format!("day {days}"))
        }
        Times::Dates => {
            let minute = Instant(at.0.div_euclid(60_000) * 60_000);
            let civil = zone.civil(minute);
            // in the hour that comes twice a date means the first of both
            if zone.instant(civil) == minute {
                return Some(format!("\"{}\"", civil.strftime("%Y-%m-%d %H:%M")));
            }
            Some(format!("{}m", at.since(case.start).max(0) / 60_000))
        }
    }
}

/// A text as YAML: bare where that is surely read as the same text.
fn scalar(text: &str) -> String {
    let bare = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !matches!(text, "no" | "yes" | "on" | "off" | "true" | "false" | "null" | "y" | "n");
    if bare { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
