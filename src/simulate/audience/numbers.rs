//! What came of a simulation, as numbers that add up: the pure data that texts, JSON and pages show.
use super::{
    Ask, ChannelLimits, Entry, People,
    tally::{Fate, Kind, QUARTER_MS, Steps, Tally},
};
use crate::{
    calendar::{CivilDate, Instant, Span},
    engine::campaign_of,
    id::{ChannelName, SequenceName, StepName},
    plan::Plan,
};
use serde::{Serialize, Serializer};
use std::{collections::BTreeMap, sync::Arc};

/// The days of a chart; what lies behind is added to the last one.
const DAYS: usize = 400;

#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Numbers {
    pub(crate) about: About,
    /// Steps that fell due, by what became of them.
    pub(crate) totals: Totals,
    /// Messages that reached people.
    pub(crate) messages: u64,
    /// People who got at least one.
    pub(crate) reached: u64,
    pub(crate) cost: Vec<CostLine>,
    /// By currency, in millionths.
    pub(crate) cost_total: BTreeMap<Arc<str>, i64>,
    /// Channels that carried messages, in the order of the columns below.
    pub(crate) channels: Vec<ChannelName>,
    pub(crate) media: Vec<&'static str>,
    pub(crate) days: Vec<Day>,
    pub(crate) peak: Option<Peak>,
    /// Messages by weekday, Monday first, and hour.
    pub(crate) week: Vec<Vec<u64>>,
    pub(crate) pressure: Pressure,
    pub(crate) rules: Vec<Bitten>,
    pub(crate) sequences: Vec<Ends>,
    pub(crate) steps: Vec<StepLine>,
    pub(crate) limits: Vec<LimitLine>,
    /// What people did, and how often.
    pub(crate) did: Vec<Reason>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct About {
    pub(crate) sequences: Vec<SequenceName>,
    pub(crate) people: usize,
    pub(crate) invented: bool,
    pub(crate) entry: String,
    #[serde(serialize_with = "moment")]
    pub(crate) start: Instant,
    #[serde(serialize_with = "moment")]
    pub(crate) until: Instant,
    pub(crate) zone: crate::calendar::Zone,
    pub(crate) seed: u64,
    pub(crate) rendered: bool,
    /// What people are taken to do.
    pub(crate) assumed: Vec<String>,
}

fn moment<S: Serializer>(at: &Instant, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(at)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Totals {
    pub(crate) due: u64,
    pub(crate) sent: u64,
    pub(crate) skipped: u64,
    pub(crate) failed: u64,
    pub(crate) cancelled: u64,
    pub(crate) held: u64,
    pub(crate) unknown: u64,
    pub(crate) waiting: u64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct CostLine {
    /// A channel, or `fixed` costs of a campaign.
    pub(crate) what: Arc<str>,
    pub(crate) messages: u64,
    /// Millionths of the currency; nothing where prices differ.
    pub(crate) each: i64,
    pub(crate) currency: Arc<str>,
    pub(crate) amount: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Day {
    pub(crate) date: CivilDate,
    /// By channel.
    pub(crate) messages: Vec<u64>,
    pub(crate) all: u64,
}

/// The busiest hour, and the hours of the busiest day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Peak {
    pub(crate) date: CivilDate,
    pub(crate) hour: usize,
    pub(crate) messages: u64,
    pub(crate) day: CivilDate,
    /// By hour and channel.
    pub(crate) hours: Vec<Vec<u64>>,
}

/// People by the messages that they got: `(messages, people)`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Pressure {
    pub(crate) in_all: Vec<(u64, u64)>,
    pub(crate) most_in_seven_days: Vec<(u64, u64)>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Bitten {
    pub(crate) gate: crate::journey::Gate,
    pub(crate) rule: Arc<str>,
    pub(crate) moved: u64,
    pub(crate) skipped: u64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Reason {
    pub(crate) why: Arc<str>,
    pub(crate) count: u64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Ends {
    pub(crate) sequence: SequenceName,
    pub(crate) entered: u64,
    pub(crate) completed: u64,
    pub(crate) converted: u64,
    pub(crate) stopped: Vec<Reason>,
    pub(crate) inside: u64,
    /// Who was to come in and did not.
    pub(crate) refused: Vec<Reason>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct StepLine {
    /// None for what triggers and exits do.
    pub(crate) sequence: Option<SequenceName>,
    pub(crate) step: StepName,
    pub(crate) due: u64,
    pub(crate) sent: Vec<(Arc<str>, u64)>,
    pub(crate) skipped: Vec<Reason>,
    pub(crate) failed: Vec<Reason>,
    pub(crate) cancelled: Vec<Reason>,
    pub(crate) unknown: u64,
}

/// A channel against what its provider lets it carry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct LimitLine {
    pub(crate) channel: ChannelName,
    pub(crate) per_second: Option<u64>,
    pub(crate) busiest_second: u64,
    /// The longest that a message would wait for its second.
    pub(crate) longest_wait_seconds: u64,
    pub(crate) per_day: Option<u64>,
    pub(crate) busiest_day: Option<(CivilDate, u64)>,
    pub(crate) days_over: usize,
    /// The day on which everything beyond the limits would have gone out.
    pub(crate) caught_up: Option<CivilDate>,
}

impl Totals {
    /// Every step that fell due has one outcome, or still waits for it.
    pub(crate) fn add_up(&self) -> bool {
        let parts = [self.sent, self.skipped, self.failed, self.cancelled, self.held, self.unknown, self.waiting];
        self.due == parts.iter().sum::<u64>()
    }
}

/// `12.50 EUR` of millionths, to the cent.
pub(crate) fn money(millionths: i64, currency: &str) -> String {
    price((millionths + 5_000 * millionths.signum()) / 10_000 * 10_000, currency)
}

/// The same with parts of a cent where there are any.
pub(crate) fn price(millionths: i64, currency: &str) -> String {
    let (whole, part) = (millionths / 1_000_000, (millionths % 1_000_000).abs());
    let part = format!("{part:06}");
    let kept = part.trim_end_matches('0').len().max(2);
    let text = format!("{}.{}", grouped(whole.unsigned_abs()), &part[..kept]);
    format!("{text} {currency}").trim_end().to_owned()
}

/// `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub(super) fn of(plan: &Plan, ask: &Ask, tally: Tally) -> Numbers {
    let steps = Steps::of(plan);
    let channels = channels(plan, &tally);
    let (days, hours, week) = by_time(ask, &tally, &channels);
    let cost = costs(plan, ask, &tally);
    let mut cost_total: BTreeMap<Arc<str>, i64> = BTreeMap::new();
    for line in &cost {
        *cost_total.entry(line.currency.clone()).or_default() += line.amount;
    }
    let messages = tally.quarters.values().sum();
    let reached = tally.got.iter().filter(|(got, _)| **got > 0).map(|(_, people)| people).sum();
    let medium = |name: &ChannelName| plan.channels.get(name).map_or("chat", |channel| medium_class(channel.medium));
    Numbers {
        about: about(ask),
        totals: totals(&tally),
        messages,
        reached,
        cost,
        cost_total,
        media: channels.iter().map(medium).collect(),
        peak: peak(&days, &hours, channels.len()),
        days,
        week,
        pressure: Pressure {
            in_all: tally.got.iter().map(|(got, people)| (*got, *people)).collect(),
            most_in_seven_days: tally.in_seven_days.iter().map(|(got, people)| (*got, *people)).collect(),
        },
        rules: rules(&tally),
        sequences: sequences(ask, &tally),
        steps: step_lines(plan, ask, &steps, &tally),
        limits: ask.limits.iter().map(|(name, limits)| limit(ask, name, limits, &tally)).collect(),
        did: tally.did.iter().map(|(why, count)| Reason { why: why.clone(), count: *count }).collect(),
        channels,
    }
}

fn about(ask: &Ask) -> About {
    let over = if ask.over == Span::ZERO { String::new() } else { format!(" over {}", ask.over) };
    let named: Vec<&str> = ask.enrolled.iter().map(SequenceName::as_str).collect();
    let mut ways = Vec::new();
    if let Entry::Event(what) = &ask.entry {
        ways.push(format!("{}{over}", what.event));
    }
    if !named.is_empty() {
        ways.push(format!("enrolled into {}{over}", named.join(", ")));
    }
    if !ask.launched.is_empty() {
        let launched: Vec<&str> = ask.launched.iter().map(SequenceName::as_str).collect();
        ways.push(format!("launch of {}", launched.join(", ")));
    }
    About {
        sequences: ask.enrolled.iter().chain(&ask.launched).cloned().collect(),
        people: ask.people.len(),
        invented: matches!(ask.people, People::Invented(_)),
        entry: ways.join(", "),
        start: ask.start,
        until: ask.until,
        zone: ask.zone.clone(),
        seed: ask.seed,
        rendered: ask.render,
        assumed: ask.does.iter().filter(|does| does.chance > 0).map(ToString::to_string).collect(),
    }
}

/// The class by which pages colour a medium.
fn medium_class(medium: crate::plan::Medium) -> &'static str {
    use crate::plan::Medium;
    match medium {
        Medium::Email => "email",
        Medium::Sms => "sms",
        Medium::Whatsapp => "whatsapp",
        Medium::Instagram => "instagram",
        Medium::Letter => "letter",
        Medium::Chat => "link",
    }
}

fn totals(tally: &Tally) -> Totals {
    let mut totals = Totals { due: tally.due, held: tally.held, waiting: tally.waiting, ..Totals::default() };
    for fate in tally.steps.values() {
        totals.sent += fate.sent;
        totals.unknown += fate.unknown;
        totals.skipped += fate.skipped.values().sum::<u64>();
        totals.failed += fate.failed.values().sum::<u64>();
        totals.cancelled += fate.cancelled.values().sum::<u64>();
    }
    totals
}

/// Those that carried messages: first in the order in which they are preferred.
fn channels(plan: &Plan, tally: &Tally) -> Vec<ChannelName> {
    let carried = |name: &ChannelName| tally.quarters.keys().any(|(_, by)| by == name);
    let preferred = plan.policies.preferred.iter();
    let others = plan.channels.keys().filter(|name| !plan.policies.preferred.contains(name));
    preferred.chain(others).filter(|name| carried(name)).cloned().collect()
}

type Hours = BTreeMap<(CivilDate, usize), Vec<u64>>;

/// Quarters of an hour as days, hours and weekdays of the zone.
fn by_time(ask: &Ask, tally: &Tally, channels: &[ChannelName]) -> (Vec<Day>, Hours, Vec<Vec<u64>>) {
    let (mut hours, mut week) = (Hours::new(), vec![vec![0; 24]; 7]);
    let mut sums: BTreeMap<CivilDate, Vec<u64>> = BTreeMap::new();
    for ((quarter, channel), count) in &tally.quarters {
        let at = Instant(quarter * QUARTER_MS);
        let (date, hour) = (ask.zone.date(at), usize::from(ask.zone.time_of_day(at).hour()));
        let Some(column) = channels.iter().position(|name| name == channel) else { continue };
        hours.entry((date, hour)).or_insert_with(|| vec![0; channels.len()])[column] += count;
        sums.entry(date).or_insert_with(|| vec![0; channels.len()])[column] += count;
        week[date.weekday() as usize][hour] += count;
    }
    let mut days = Vec::new();
    let (Some(first), Some(last)) = (sums.first_key_value(), sums.last_key_value()) else {
        return (days, hours, week);
    };
    let (mut date, last) = (*first.0, *last.0);
    while date <= last && days.len() < DAYS {
        let messages = sums.get(&date).cloned().unwrap_or_else(|| vec![0; channels.len()]);
        days.push(Day { date, all: messages.iter().sum(), messages });
        date = date.plus(Span::days(1));
    }
    (days, hours, week)
}

fn peak(days: &[Day], hours: &Hours, columns: usize) -> Option<Peak> {
    // the first of several alike
    let mut busiest: Option<(&(CivilDate, usize), u64)> = None;
    for (key, messages) in hours {
        let all = messages.iter().sum();
        if busiest.is_none_or(|(_, most)| all > most) {
            busiest = Some((key, all));
        }
    }
    let ((date, hour), messages) = busiest?;
    let day = days.iter().rev().max_by_key(|day| day.all)?.date;
    let of = |hour| hours.get(&(day, hour)).cloned().unwrap_or_else(|| vec![0; columns]);
    Some(Peak { date: *date, hour: *hour, messages, day, hours: (0..24).map(of).collect() })
}

/// What channels charge, and what campaigns cost beside.
fn costs(plan: &Plan, ask: &Ask, tally: &Tally) -> Vec<CostLine> {
    let mut lines: BTreeMap<(Arc<str>, Arc<str>, i64), u64> = BTreeMap::new();
    for ((sequence, _, channel), fate) in &tally.steps {
        let Some(channel) = channel.as_ref().and_then(|name| plan.channels.get(name)) else { continue };
        let campaign = sequence.as_ref().and_then(|name| campaign_of(plan, name)).map(|campaign| &campaign.cost);
        let own = campaign.and_then(|cost| Some((*cost.each.get(channel.name.as_str())?, cost.currency.clone()?)));
        let price = channel.cost.as_ref().map(|price| (price.millionths as i64, price.currency.clone()));
        let (Some((each, currency)), true) = (own.or(price), fate.sent > 0) else { continue };
        *lines.entry((Arc::from(channel.name.as_str()), currency, each)).or_default() += fate.sent;
    }
    let line = |((what, currency, each), messages): ((Arc<str>, Arc<str>, i64), u64)| CostLine {
        what,
        messages,
        each,
        currency,
        amount: each.saturating_mul(messages as i64),
    };
    let mut all: Vec<CostLine> = lines.into_iter().map(line).collect();
    for name in &ask.launched {
        let cost = campaign_of(plan, name).map(|campaign| &campaign.cost);
        let Some((cost, currency)) = cost.and_then(|cost| Some((cost, cost.currency.clone()?))) else { continue };
        if cost.fixed > 0 {
            let what = Arc::from(format!("{name}, fixed"));
            all.push(CostLine { what, messages: 0, each: 0, currency, amount: cost.fixed });
        }
    }
    all
}

/// What bites most comes first.
fn rules(tally: &Tally) -> Vec<Bitten> {
    let of = |(rule, bite): (&super::tally::Rule, &super::tally::Bite)| Bitten {
        gate: rule.gate,
        rule: rule.words.clone(),
        moved: bite.moved,
        skipped: bite.skipped,
    };
    let mut rules: Vec<Bitten> = tally.rules.iter().map(of).collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.moved + rule.skipped));
    rules
}

fn reasons(of: &BTreeMap<Arc<str>, u64>) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = of.iter().map(|(why, count)| Reason { why: why.clone(), count: *count }).collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    reasons
}

/// Those that were asked for come first.
fn sequences(ask: &Ask, tally: &Tally) -> Vec<Ends> {
    let mut all: Vec<Ends> = tally.left.iter().map(ends).collect();
    all.sort_by_key(|ends| !is_asked(ask, &ends.sequence));
    all
}

fn is_asked(ask: &Ask, name: &SequenceName) -> bool {
    ask.enrolled.contains(name) || ask.launched.contains(name)
}

fn ends((sequence, left): (&SequenceName, &super::tally::Left)) -> Ends {
    let mut refused: BTreeMap<Arc<str>, u64> = BTreeMap::new();
    for ((why, words), count) in &left.refused {
        let words = if words.is_empty() { Arc::from(*why) } else { Arc::from(format!("{why}: {words}")) };
        *refused.entry(words).or_default() += count;
    }
    Ends {
        sequence: sequence.clone(),
        entered: left.entered,
        completed: left.completed,
        converted: left.converted,
        stopped: reasons(&left.stopped),
        inside: left.inside,
        refused: reasons(&refused),
    }
}

/// One line for each step that fell due, in the order of the plan: what was asked for first.
fn step_lines(plan: &Plan, ask: &Ask, steps: &Steps, tally: &Tally) -> Vec<StepLine> {
    let mut lines: BTreeMap<(Option<&SequenceName>, usize, &StepName), StepLine> = BTreeMap::new();
    for ((sequence, step, channel), fate) in &tally.steps {
        let at = sequence.as_ref().and_then(|name| plan.sequences.get(name)?.position(step));
        let at = at.map_or(usize::MAX, |at| usize::from(at.0));
        let line = lines.entry((sequence.as_ref(), at, step)).or_insert_with(|| StepLine {
            sequence: sequence.clone(),
            step: step.clone(),
            due: 0,
            sent: Vec::new(),
            skipped: Vec::new(),
            failed: Vec::new(),
            cancelled: Vec::new(),
            unknown: 0,
        });
        fold(line, fate, by(steps, sequence.as_ref(), step, channel.as_ref()));
    }
    let mut lines: Vec<StepLine> = lines.into_values().collect();
    lines.sort_by_key(|line| !line.sequence.as_ref().is_some_and(|name| is_asked(ask, name)));
    lines
}

/// By what it went: a channel, with a word where that is not the person's.
fn by(steps: &Steps, sequence: Option<&SequenceName>, step: &StepName, channel: Option<&ChannelName>) -> Arc<str> {
    match (channel, steps.kind(sequence, step)) {
        (Some(channel), Kind::Notice) => Arc::from(format!("{channel} (staff)")),
        (Some(channel), _) => Arc::from(channel.as_str()),
        (None, _) => Arc::from("done"),
    }
}

fn fold(line: &mut StepLine, fate: &Fate, by: Arc<str>) {
    let add = |own: &mut Vec<Reason>, more: &BTreeMap<Arc<str>, u64>| -> u64 {
        for (why, count) in more {
            match own.iter_mut().find(|reason| reason.why == *why) {
                Some(reason) => reason.count += count,
                None => own.push(Reason { why: why.clone(), count: *count }),
            }
        }
        more.values().sum()
    };
    line.due += fate.sent + fate.unknown;
    line.unknown += fate.unknown;
    if fate.sent > 0 {
        line.sent.push((by, fate.sent));
    }
    line.due += add(&mut line.skipped, &fate.skipped);
    line.due += add(&mut line.failed, &fate.failed);
    line.due += add(&mut line.cancelled, &fate.cancelled);
}

/// What would happen at the provider: nothing is held back by limits here, so what is too much is shown as a queue.
fn limit(ask: &Ask, name: &ChannelName, limits: &ChannelLimits, tally: &Tally) -> LimitLine {
    let mut line = LimitLine {
        channel: name.clone(),
        per_second: limits.per_second,
        busiest_second: 0,
        longest_wait_seconds: 0,
        per_day: limits.per_day,
        busiest_day: None,
        days_over: 0,
        caught_up: None,
    };
    let mut days: BTreeMap<CivilDate, u64> = BTreeMap::new();
    let (mut queue, mut before) = (0_u64, i64::MIN);
    for ((_, second), count) in tally.seconds.range((name.clone(), i64::MIN)..=(name.clone(), i64::MAX)) {
        *days.entry(ask.zone.date(Instant(second * 1_000))).or_default() += count;
        line.busiest_second = line.busiest_second.max(*count);
        if let Some(rate) = limits.per_second.filter(|rate| *rate > 0) {
            let passed = second.saturating_sub(before).max(0) as u64;
            queue = queue.saturating_sub(rate.saturating_mul(passed)) + count;
            line.longest_wait_seconds = line.longest_wait_seconds.max(queue.saturating_sub(1) / rate);
            before = *second;
        }
    }
    line.busiest_day = days.iter().rev().max_by_key(|(_, count)| **count).map(|(date, count)| (*date, *count));
    let (Some(first), Some(last)) = (days.first_key_value(), days.last_key_value()) else { return line };
    let (mut date, last) = (*first.0, *last.0);
    let mut left = 0_u64;
    // beyond the last message only what is left has to go
    for _ in 0..DAYS * 10 {
        let Some(most) = limits.on(date) else { break };
        let here = days.get(&date).copied().unwrap_or(0);
        line.days_over += usize::from(here > most);
        let was_over = left > 0;
        left = (left + here).saturating_sub(most);
        if left == 0 && (was_over || here > most) {
            line.caught_up = Some(date);
        } else if left > 0 {
            line.caught_up = None;
        }
        if date >= last && left == 0 {
            break;
        }
        date = date.plus(Span::days(1));
    }
    line
}

impl ChannelLimits {
    /// How many on that day.
    fn on(&self, date: CivilDate) -> Option<u64> {
        let warm = self.warm_up.as_ref().and_then(|(start, days)| {
            let day = date.0.since(start.0).ok()?.get_days();
            days.get(usize::try_from(day).ok()?).copied()
        });
        warm.or(self.per_day)
    }
}
