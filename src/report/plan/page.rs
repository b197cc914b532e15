//! Changes as a page that stands alone: every number and place of the template is made here, ready to be written.
use super::{Told, ahead_of, costs, foreseen, groups, headline, messages, place, shift_line, span};
use crate::{
    calendar::{Instant, Span},
    compile::diff::{Change, Gate, Hour, Sample, Shift, Volume},
    report::page::{Head, document},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Of the charts, without the words below.
const HEIGHT: u64 = 128;
/// Changes on one page; more are counted.
const MOST: usize = 200;

pub(crate) fn html(told: &Told<'_>) -> Result<String, minijinja::Error> {
    let changes = told.changes;
    let head = Head {
        title: format!("{} · plan", told.answer()),
        verb: "plan",
        command: told.command.clone(),
        made: told.whole_moment(told.made),
    };
    let cards: Vec<Value> =
        changes.changes.iter().take(MOST).enumerate().map(|(at, change)| card(told, at + 1, change)).collect();
    let mut codes: Vec<&str> =
        changes.waiting(&[]).filter(|change| change.gate != Gate::Block).map(|change| change.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let allow = codes.iter().fold(String::new(), |allow, code| format!("{allow} --allow {code}"));
    let page = json!({
        "answer": told.answer(),
        "about": told.about(),
        "against": told.against,
        "states": states(told),
        "numbers": numbers(told),
        "cards": cards,
        "more": changes.changes.len().saturating_sub(MOST),
        "volume": volume(told),
        "samples": changes.samples.iter().map(|one| sample(told, one)).collect::<Vec<_>>(),
        "undecided": changes.undecided(),
        "counted": changes.counted,
        "apply": format!("dripline plan --out next.plan\ndripline apply next.plan --yes{allow}"),
        "blocks": changes.blocks().count(),
        "waiting": changes.waiting(&[]).count(),
        "unchanged": told.unchanged(),
    });
    document("plan.html", &head, page)
}

/// Class of a state and the words for it.
fn state(gate: Gate) -> (&'static str, &'static str) {
    match gate {
        Gate::Block => ("failed", "s-failed"),
        Gate::Ask => ("held", "warn"),
        Gate::Choice => ("held", "s-held"),
        Gate::Note => ("skipped", "info"),
    }
}

fn states(told: &Told<'_>) -> Vec<Value> {
    let all = [Gate::Block, Gate::Ask, Gate::Choice, Gate::Note];
    let said = all.into_iter().filter_map(|gate| {
        let count = told.changes.count(gate);
        let (class, icon) = state(gate);
        let words = match (gate, count) {
            (Gate::Block, count) => format!("{count} blocks"),
            (gate, 1) => format!("1 {}", gate.word()),
            (gate, count) => format!("{count} {}s", gate.word()),
        };
        (count > 0).then(|| json!({ "class": class, "icon": icon, "words": words }))
    });
    said.collect()
}

fn numbers(told: &Told<'_>) -> Vec<(String, String)> {
    let changes = told.changes;
    if !changes.counted {
        return Vec::new();
    }
    let shifts = || changes.changes.iter().filter_map(|change| change.shift.as_ref());
    let mut numbers = vec![
        (changes.undecided().to_string(), "people undecided".to_owned()),
        (shifts().map(Shift::earlier).sum::<u64>().to_string(), "people get it earlier".to_owned()),
        (shifts().map(Shift::later).sum::<u64>().to_string(), "people get it later".to_owned()),
        (messages(&changes.volumes), format!("messages, next {} days", changes.volumes.days)),
    ];
    if let Some(costs) = costs(&changes.volumes) {
        numbers.push((costs, format!("cost, next {} days", changes.volumes.days)));
    }
    numbers.extend(busiest(told));
    numbers
}

/// Messages of the busiest hour before and after, and which hours these are.
fn busiest(told: &Told<'_>) -> Option<(String, String)> {
    let volumes = &told.changes.volumes;
    let (before, after) = (volumes.busiest_before.as_ref(), volumes.busiest_after.as_ref());
    let when: Vec<String> = [before, after].into_iter().flatten().map(|hour| told.moment(hour.at)).collect();
    let when = match when.as_slice() {
        [] => return None,
        [before, after] if before != after => format!("{before} → {after}"),
        [one, ..] => one.clone(),
    };
    let messages = |hour: Option<&Hour>| hour.map_or(0, |hour| hour.messages);
    Some((format!("{} → {}", messages(before), messages(after)), format!("busiest hour, {when}")))
}

fn card(told: &Told<'_>, number: usize, change: &Change) -> Value {
    let (class, icon) = state(change.gate);
    let decision = change.decision.as_ref().map(|decision| {
        let answers: Vec<Value> = decision
            .answers
            .iter()
            .map(|answer| {
                let lines: Vec<&str> = answer.yaml.trim_end().lines().collect();
                json!({ "file": answer.file, "lines": lines, "effect": answer.effect })
            })
            .collect();
        json!({ "demand": decision.demand, "answers": answers })
    });
    json!({
        "number": number,
        "class": class,
        "icon": icon,
        "gate": change.gate.word(),
        "headline": headline(change),
        "code": change.code,
        "place": place(change),
        "was": change.was,
        "is": change.is,
        "groups": meter(change, class),
        "shift": change.shift.as_ref().and_then(|shift| shift_line(told, shift)),
        "foreseen": foreseen(change).into_iter().map(|(word, line)| format!("{word}: {line}")).collect::<Vec<_>>(),
        "chart": change.shift.as_ref().and_then(shifted),
        "decision": decision,
        "allow": matches!(change.gate, Gate::Ask | Gate::Choice),
    })
}

/// The three groups, each with its part of the bar in percent.
fn meter(change: &Change, class: &str) -> Vec<Value> {
    let total = change.people.as_ref().map_or(0, crate::compile::diff::Three::total).max(1);
    let mut from = 0;
    let classes = ["waiting", if change.gate == Gate::Note { "held" } else { class }, ""];
    groups(change)
        .into_iter()
        .zip(classes)
        .map(|((word, people, what), class)| {
            let (x, width) = (percent(from, total), percent(people, total));
            from += people;
            json!({ "word": word, "people": people, "what": what, "class": class, "x": x, "width": width })
        })
        .collect()
}

/// To a hundredth of a percent.
fn percent(part: u64, of: u64) -> String {
    let hundredths = part.saturating_mul(10_000) / of.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Bars side by side, as high as their numbers.
fn bars(of: &[(String, u64)]) -> Vec<Value> {
    let (highest, many) = (of.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1), of.len().max(1) as u64);
    let bar = |(at, (label, count)): (usize, &(String, u64))| {
        let height = count * (HEIGHT - 20) / highest;
        let at = at as u64;
        json!({
            "label": label,
            "count": count,
            "x": percent(at * 10 + 1, many * 10),
            "middle": percent(at * 10 + 5, many * 10),
            "width": percent(8, many * 10),
            "y": HEIGHT - height,
            "height": height,
        })
    };
    of.iter().enumerate().map(bar).collect()
}

/// How far due times move; at most nine bars.
fn shifted(shift: &Shift) -> Option<Vec<Value>> {
    let mut sums: BTreeMap<i64, u64> = BTreeMap::new();
    let (first, last) = (shift.hours.keys().next()?, shift.hours.keys().next_back()?);
    if !shift.moves() {
        return None;
    }
    // whole steps of so many hours that nine of them are enough
    let step = ((last - first) / 8 + 1).max(1);
    for (hours, people) in &shift.hours {
        *sums.entry(hours.div_euclid(step) * step).or_default() += people;
    }
    let label = |hours: i64| match hours {
        0 => "0 h".to_owned(),
        hours if hours < 0 => format!("−{}", span(hours.unsigned_abs())),
        hours => format!("+{}", span(hours.unsigned_abs())),
    };
    // of one bar alone the sentence says as much
    let sums: Vec<(String, u64)> = sums.into_iter().map(|(hours, people)| (label(hours), people)).collect();
    (sums.len() > 1).then(|| bars(&sums))
}

/// Two bars beside each other for each day, on one scale.
fn pairs(of: &[(String, u64, u64)]) -> Vec<Value> {
    let highest = of.iter().map(|(_, before, after)| *before.max(after)).max().unwrap_or(0).max(1);
    let many = of.len().max(1) as u64;
    let bar = |(at, (label, before, after)): (usize, &(String, u64, u64))| {
        let at = at as u64;
        let (was, is) = (before * (HEIGHT - 20) / highest, after * (HEIGHT - 20) / highest);
        json!({
            "label": label,
            "before": { "count": before, "x": percent(at * 20 + 2, many * 20), "y": HEIGHT - was, "height": was },
            "after": { "count": after, "x": percent(at * 20 + 10, many * 20), "y": HEIGHT - is, "height": is },
            "middle": percent(at * 20 + 10, many * 20),
            "width": percent(7, many * 20),
        })
    };
    of.iter().enumerate().map(bar).collect()
}

/// By day: a chart and a table of what is before and after the change. Days on which nothing goes are in it.
fn volume(told: &Told<'_>) -> Option<Value> {
    let hours = &told.changes.volumes.hours;
    if hours.is_empty() {
        return None;
    }
    // by what stands first in order: the day's start
    let mut days: BTreeMap<i64, (Volume, Volume)> = BTreeMap::new();
    for (at, volume) in hours {
        let day = told.zone.start_of(told.zone.date(Instant(*at)));
        let (sum, most) = days.entry(day.0).or_default();
        sum.before += volume.before;
        sum.after += volume.after;
        most.before = most.before.max(volume.before);
        most.after = most.after.max(volume.after);
    }
    if let (Some((first, _)), Some((last, _))) = (days.first_key_value(), days.last_key_value()) {
        let (first, last) = (*first, *last);
        let mut day = first;
        while day < last {
            days.entry(day).or_default();
            day = told.zone.add(Instant(day), Span::days(1)).0;
        }
    }
    let name = |at: &i64| told.zone.civil(Instant(*at)).strftime("%a %-d %b").to_string();
    let chart: Vec<(String, u64, u64)> = days.iter().map(|(at, (sum, _))| (name(at), sum.before, sum.after)).collect();
    let rows: Vec<Value> = days
        .iter()
        .map(|(at, (sum, most))| {
            let most = format!("{} → {}", most.before, most.after);
            json!({ "day": name(at), "before": sum.before, "after": sum.after, "most": most })
        })
        .collect();
    let messages = told.changes.volumes.messages;
    Some(
        json!({ "bars": pairs(&chart), "rows": rows, "before": messages.before, "after": messages.after, "whose": ahead_of(told.changes) }),
    )
}

fn sample(told: &Told<'_>, sample: &Sample) -> Value {
    let next = |points: &[crate::compile::diff::Point]| {
        points.first().map(|point| format!("{} {}", told.moment(point.at), point.step))
    };
    let (before, after) = (next(&sample.before), next(&sample.after));
    let said = sample.verdict.filter(|_| after.is_none()).map(str::to_owned);
    json!({
        "sequence": sample.sequence,
        "step": sample.step,
        "people": sample.people,
        "same": before == after && said.is_none(),
        "before": before.unwrap_or_else(|| "nothing".to_owned()),
        "after": said.or(after).unwrap_or_else(|| "nothing".to_owned()),
    })
}
