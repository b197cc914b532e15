//! Two simulations side by side, measure by measure: the version before and this one.
use crate::simulate::audience::{Numbers, grouped, money};
use serde::Serialize;
use std::collections::BTreeMap;

/// One measure. Amounts of money are in millionths.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Change {
    pub(crate) measure: String,
    pub(crate) before: i64,
    pub(crate) after: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<String>,
}

type Measure = fn(&Numbers) -> u64;

/// Every measure that either of them has, in the order in which a person asks.
pub(crate) fn compare(before: &Numbers, after: &Numbers) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut put = |measure: String, before: u64, after: u64| {
        changes.push(Change { measure, before: before as i64, after: after as i64, currency: None });
    };
    let each: [(&str, Measure); 9] = [
        ("messages", |of| of.messages),
        ("people reached", |of| of.reached),
        ("busiest hour", |of| of.peak.as_ref().map_or(0, |peak| peak.messages)),
        ("busiest day", |of| of.days.iter().map(|day| day.all).max().unwrap_or(0)),
        ("most in seven days", |of| of.pressure.most_in_seven_days.last().map_or(0, |(most, _)| *most)),
        ("steps due", |of| of.totals.due),
        ("skipped", |of| of.totals.skipped),
        ("failed", |of| of.totals.failed),
        ("cancelled", |of| of.totals.cancelled),
    ];
    for (measure, of) in each {
        put(measure.to_owned(), of(before), of(after));
    }
    for (measure, (old, new)) in both(channels(before), channels(after)) {
        put(format!("by {measure}"), old, new);
    }
    for (measure, (old, new)) in both(ends(before), ends(after)) {
        put(measure, old, new);
    }
    for (measure, (old, new)) in both(rules(before), rules(after)) {
        put(measure, old, new);
    }
    let of_cost = |of: &Numbers| of.cost_total.iter().map(|(key, amount)| (key.to_string(), *amount as u64)).collect();
    let costs = both(of_cost(before), of_cost(after)).into_iter().map(|(currency, (old, new))| Change {
        measure: "cost".to_owned(),
        before: old as i64,
        after: new as i64,
        currency: Some(currency),
    });
    let costs: Vec<Change> = costs.collect();
    changes.splice(2..2, costs);
    changes
}

type Measures = Vec<(String, u64)>;

/// In the order of the later one; what only the other has comes behind.
fn both(before: Measures, after: Measures) -> Vec<(String, (u64, u64))> {
    let old: BTreeMap<String, u64> = before.iter().cloned().collect();
    let named = |name: &String| after.iter().any(|(other, _)| other == name);
    let gone: Measures = before.iter().filter(|(name, _)| !named(name)).cloned().collect();
    let kept = after.iter().map(|(name, new)| (name.clone(), (old.get(name).copied().unwrap_or(0), *new)));
    kept.chain(gone.into_iter().map(|(name, count)| (name, (count, 0)))).collect()
}

fn channels(of: &Numbers) -> Measures {
    let sum = |at: usize| of.days.iter().map(|day| day.messages[at]).sum();
    of.channels.iter().enumerate().map(|(at, name)| (name.to_string(), sum(at))).collect()
}

fn ends(of: &Numbers) -> Measures {
    let mut all = Measures::new();
    for sequence in &of.sequences {
        let lines = super::end_lines(sequence).into_iter();
        all.extend(lines.map(|(word, count)| (format!("{}: {word}", sequence.sequence), count)));
        let refused = sequence.refused.iter().map(|reason| reason.count).sum::<u64>();
        if refused > 0 {
            all.push((format!("{}: not taken in", sequence.sequence), refused));
        }
    }
    all
}

fn rules(of: &Numbers) -> Measures {
    let mut all = Measures::new();
    for rule in &of.rules {
        for (word, count) in [("moved", rule.moved), ("skipped", rule.skipped)] {
            if count > 0 {
                all.push((format!("{word} by {}", rule.rule), count));
            }
        }
    }
    all
}

impl Change {
    /// Measure, before, after, difference.
    pub(super) fn row(&self) -> [String; 4] {
        let shown = |count: i64| match &self.currency {
            Some(currency) => money(count, currency),
            None => grouped(count.unsigned_abs()),
        };
        [super::short(&self.measure, 36), shown(self.before), shown(self.after), self.difference()]
    }

    /// `+12 (+3 %)`.
    pub(crate) fn difference(&self) -> String {
        let by = self.after - self.before;
        if by == 0 {
            return "0".to_owned();
        }
        let sign = if by < 0 { "−" } else { "+" };
        let shown = match &self.currency {
            Some(_) => money(by.abs(), ""),
            None => grouped(by.unsigned_abs()),
        };
        let percent = (by.abs() * 100 + self.before / 2).checked_div(self.before).unwrap_or(0);
        let percent = if self.before > 0 { format!(" ({sign}{percent} %)") } else { String::new() };
        format!("{sign}{shown}{percent}")
    }
}
