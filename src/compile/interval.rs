//! How long ago somebody last wrote to us when a step of a run goes out: at least and at most, over every way in.
//!
//! Arithmetic over plans: knows no document, reports nothing and decides nothing. What it cannot bound is `None`, so that
//! whatever it calls safe is safe; bounds count the longest month, both changes of clocks, windows, quiet hours, lateness.
use crate::{
    calendar::{Clear, Instant, Span, TimeOfDay, Zone, next_clear},
    expr::{Comparison, Cond, Expr, Function},
    plan::{Act, Due, LateThen, Moment, Policies, Sequence, Step, StepIx, To, Via},
    value::Value,
};

/// Events that are the person's own words.
pub(crate) const WROTE: &[&str] = &["message.received", "contact.intent"];
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// An answer this soon after the person's own message skips quiet hours.
const CONVERSATION: i64 = HOUR / 2;
/// A Monday at midnight, UTC: windows are the same in every week.
const MONDAY: Instant = Instant(1_704_067_200_000);

/// Milliseconds since somebody last wrote; `most` is missing when nothing bounds it, as when they may never have written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Since {
    pub(crate) least: i64,
    pub(crate) most: Option<i64>,
}

/// A step's moments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Passage {
    /// When it is planned.
    pub(crate) planned: Since,
    /// When it can still go out.
    pub(crate) sent: Since,
    pub(crate) wrote: Wrote,
}

/// Their last message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wrote {
    /// Before the run, as it was entered.
    Start,
    /// While the run waited for it, on one of these channels; `None`: any.
    Again(Option<Vec<String>>),
}

impl Since {
    pub(crate) const NOW: Self = Self { least: 0, most: Some(0) };
    /// Maybe never.
    pub(crate) const UNKNOWN: Self = Self { least: 0, most: None };

    pub(crate) fn after(span: Span) -> Self {
        Self { least: least(span), most: Some(most(span)) }
    }

    /// One or the other.
    pub(crate) fn or(self, other: Self) -> Self {
        let most = self.most.zip(other.most).map(|(one, other)| one.max(other));
        Self { least: self.least.min(other.least), most }
    }

    /// The later of both.
    pub(crate) fn latest(self, other: Self) -> Self {
        let most = self.most.zip(other.most).map(|(one, other)| one.max(other));
        Self { least: self.least.max(other.least), most }
    }

    fn plus(self, least: i64, most: Option<i64>) -> Self {
        let sum = self.most.zip(most).map(|(one, more)| one.saturating_add(more));
        Self { least: self.least.saturating_add(least).max(0), most: sum }
    }

    /// Whether it can be longer than `span` milliseconds.
    pub(crate) fn can_exceed(self, span: i64) -> bool {
        self.most.is_none_or(|most| most > span)
    }
}

fn least(span: Span) -> i64 {
    let days = i64::from(span.days) + 28 * i64::from(span.months);
    let slack = if days > 0 { HOUR } else { 0 };
    (days.saturating_mul(DAY) + exact(span) - slack).max(0)
}

fn most(span: Span) -> i64 {
    let days = i64::from(span.days) + 31 * i64::from(span.months);
    let slack = if days > 0 { HOUR } else { 0 };
    days.saturating_mul(DAY).saturating_add(exact(span)).saturating_add(slack)
}

fn exact(span: Span) -> i64 {
    i64::try_from(span.ms).unwrap_or(i64::MAX / 4)
}

/// Where a person stands when a step comes up.
#[derive(Clone, PartialEq, Debug)]
struct Stand {
    entered: Since,
    /// What a `wait` counts from.
    from: Since,
    /// The step cannot be before this.
    above: Since,
    wrote: Wrote,
}

impl Stand {
    fn or(self, other: Self) -> Self {
        let wrote = if self.wrote == other.wrote { self.wrote } else { Wrote::Again(None) };
        Self {
            entered: self.entered.or(other.entered),
            from: self.from.or(other.from),
            above: self.above.or(other.above),
            wrote,
        }
    }
}

/// Every step of a run that was entered that long after the person's last message. `answers`: a message of the person
/// started it. Steps stand in a row, and what follows a step stands below it.
pub(crate) fn along(sequence: &Sequence, policies: &Policies, entered: Since, answers: bool) -> Vec<Passage> {
    let start = Stand { entered, from: entered, above: entered, wrote: Wrote::Start };
    let mut stands: Vec<Option<Stand>> = vec![None; sequence.steps.len()];
    if let Some(first) = stands.first_mut() {
        *first = Some(start.clone());
    }
    let mut passages = Vec::new();
    for (at, step) in sequence.steps.iter().enumerate() {
        let stand = stands[at].take().unwrap_or_else(|| start.clone());
        let passage = passage(sequence, at, policies, &stand, answers);
        for (to, next) in leads(step, &passage, &stand) {
            if let Some(known) = stands.get_mut(usize::from(to.0)) {
                *known = Some(known.take().map_or_else(|| next.clone(), |other| other.or(next.clone())));
            }
        }
        passages.push(passage);
    }
    passages
}

fn passage(sequence: &Sequence, at: usize, policies: &Policies, stand: &Stand, answers: bool) -> Passage {
    let step = &sequence.steps[at];
    let wrote = stand.wrote.clone();
    if !step.active {
        return Passage { planned: stand.above, sent: stand.above, wrote };
    }
    let raw = raw(step, stand.entered, stand.from).latest(stand.above);
    let writes = matches!(&step.act, Act::Message(spec) if spec.to == To::Contact);
    let bound = u16::try_from(at).is_ok_and(|at| sequence.bound(StepIx(at)).is_some());
    let planned = if writes && !bound {
        let in_talk = is_answer(step, answers) && !raw.can_exceed(CONVERSATION);
        raw.plus(0, Some(held(step, policies, in_talk)))
    } else {
        raw
    };
    let sent = if writes { planned.plus(0, lateness(step, policies)) } else { planned };
    Passage { planned, sent, wrote }
}

/// The steps that can come next, and how people come to them.
fn leads(step: &Step, passage: &Passage, stand: &Stand) -> Vec<(StepIx, Stand)> {
    let on = Stand { from: passage.sent, above: passage.planned, ..stand.clone() };
    match &step.act {
        _ if !step.active => vec![(step.next, stand.clone())],
        Act::WaitFor(wait) => {
            let over = passage.planned.plus(least(wait.up_to), Some(most(wait.up_to)));
            let late = Stand { from: over, above: over, ..on.clone() };
            let came = match &wait.event {
                // they wrote just now, after entry
                Some(event) if WROTE.contains(&event.as_str()) => Stand {
                    entered: Since::NOW,
                    from: Since::NOW,
                    above: Since::NOW,
                    wrote: Wrote::Again(wait.cond.as_ref().and_then(|cond| demanded(cond, "event.channel"))),
                },
                _ => {
                    let early = passage.planned.or(over);
                    Stand { from: early, above: early, ..on }
                }
            };
            vec![(wait.then, came), (wait.otherwise, late)]
        }
        act if act.is_barrier() => act.arms().into_iter().map(|(_, entry)| (entry, on.clone())).collect(),
        _ => vec![(step.next, on)],
    }
}

fn is_answer(step: &Step, answers: bool) -> bool {
    match &step.act {
        Act::Message(spec) => answers || spec.via.contains(&Via::Reply),
        _ => false,
    }
}

fn raw(step: &Step, entered: Since, from: Since) -> Since {
    let timed = |since: Since, at: Option<TimeOfDay>| if at.is_some() { since.plus(-DAY, Some(DAY)) } else { since };
    let plus = |since: Since, span: Span| since.plus(least(span), Some(most(span)));
    match &step.due {
        // never before the step above, which is what it goes together with
        Due::Together => Since { least: 0, most: Some(0) },
        Due::Wait { span, at } => timed(plus(from, *span), *at),
        Due::Day { day, at } => timed(plus(entered, Span::days(*day)), *at),
        Due::Bound { moment: Moment::RunEntered, before: false, span, at } => timed(plus(entered, *span), *at),
        Due::Bound { .. } => Since::UNKNOWN,
    }
}

/// How long after its moment the step may still go out.
fn lateness(step: &Step, policies: &Policies) -> Option<i64> {
    // a day more or less an hour is a day to whoever writes `late: 1d`
    let nominal = |span: Span| Some(span.nominal_ms());
    match &step.late {
        None => nominal(policies.late(step.purpose)),
        Some(late) if late.then == LateThen::NextWindow => None,
        Some(late) => late.up_to.as_ref().ok().copied().and_then(nominal),
    }
}

/// The longest that window and quiet hours can hold a message of this step back.
pub(crate) fn held(step: &Step, policies: &Policies, in_talk: bool) -> i64 {
    let window = step.window.as_ref().and_then(|name| policies.windows.get(name));
    let quiet = policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&step.purpose) && !in_talk);
    let rules = Clear { window, quiet: quiet.map(|quiet| quiet.hours) };
    let at = match &step.due {
        Due::Day { at, .. } | Due::Wait { at, .. } => *at,
        Due::Together | Due::Bound { .. } => None,
    };
    // the wait is longest where something closes: at an edge, or at the midnight that begins a closed day
    let edges = window.map(|window| [window.from, window.to]).into_iter().flatten();
    let edges = edges.chain(quiet.map(|quiet| [quiet.hours.from, quiet.hours.to]).into_iter().flatten());
    let times: Vec<TimeOfDay> = match at {
        Some(at) => vec![at],
        None => edges.chain([TimeOfDay::MIDNIGHT]).collect(),
    };
    let moments = times
        .iter()
        .flat_map(|time| (0..7).map(move |day| MONDAY.plus_ms(day * DAY + i64::from(time.minute_of_day()) * 60_000)));
    let longest = moments.filter_map(|at| Some(next_clear(at, &Zone::UTC, rules)?.since(at))).max().unwrap_or(0);
    if longest > 0 { longest + HOUR } else { 0 }
}

/// The most hours since the last message under which a condition lets anybody through: `hours_since(contact.last_inbound_at) < 20`.
pub(crate) fn bounded_by(cond: &Cond) -> Option<i64> {
    bound_of(cond.tree())
}

fn bound_of(tree: &Expr) -> Option<i64> {
    match tree {
        Expr::And(parts) => parts.iter().filter_map(bound_of).min(),
        Expr::Or(parts) => parts.iter().map(bound_of).collect::<Option<Vec<_>>>()?.into_iter().max(),
        Expr::Compare(Comparison::Lt | Comparison::Le, left, right) => hours(left, right),
        Expr::Compare(Comparison::Gt | Comparison::Ge, left, right) => hours(right, left),
        _ => None,
    }
}

fn hours(call: &Expr, number: &Expr) -> Option<i64> {
    let Expr::Call(Function::HoursSince, args) = call else { return None };
    let [Expr::Path(path)] = args.as_slice() else { return None };
    let hours = match number {
        Expr::Const(Value::Int(hours)) => hours.saturating_mul(HOUR),
        _ => return None,
    };
    (path.to_string() == "contact.last_inbound_at").then_some(hours)
}

/// Values that a condition demands of a path: `event.channel == 'whatsapp'`, `event.channel in [..]`. `None`: any.
pub(crate) fn demanded(cond: &Cond, path: &str) -> Option<Vec<String>> {
    demanded_of(cond.tree(), path)
}

fn demanded_of(tree: &Expr, path: &str) -> Option<Vec<String>> {
    let is_it = |expr: &Expr| matches!(expr, Expr::Path(read) if read.to_string() == path);
    let text = |expr: &Expr| match expr {
        Expr::Const(Value::Text(text)) => Some(text.to_string()),
        _ => None,
    };
    match tree {
        Expr::And(parts) => parts.iter().find_map(|part| demanded_of(part, path)),
        Expr::Or(parts) => {
            let each = parts.iter().map(|part| demanded_of(part, path)).collect::<Option<Vec<_>>>()?;
            Some(each.into_iter().flatten().collect())
        }
        Expr::Compare(Comparison::Eq, left, right) if is_it(left) => text(right).map(|text| vec![text]),
        Expr::Compare(Comparison::Eq, left, right) if is_it(right) => text(left).map(|text| vec![text]),
        Expr::In(item, list) if is_it(item) => match &**list {
            Expr::List(items) => items.iter().map(text).collect(),
            Expr::Const(Value::List(items)) => items.iter().map(|item| item.as_text().map(str::to_owned)).collect(),
            _ => None,
        },
        _ => None,
    }
}

/// Where a step stands on the calendar, counted from entry or from a moment.
#[derive(Clone, PartialEq, Debug)]
struct Spot {
    from: Option<Moment>,
    /// Whole days from there.
    days: i64,
    clock: Clock,
    /// Hours and minutes on top.
    exact: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Clock {
    /// The time of day of entry, or of the moment.
    Same,
    At(i64),
}

impl Spot {
    fn then(&self, due: &Due) -> Self {
        let entry = |moment: Option<Moment>| Self { from: moment, days: 0, clock: Clock::Same, exact: 0 };
        match due {
            Due::Together => self.clone(),
            Due::Wait { span, at } => self.later(*span, *at),
            Due::Day { day, at } => entry(None).later(Span::days(*day), *at),
            Due::Bound { moment, before: false, span, at } => entry(Some(moment.clone())).later(*span, *at),
            Due::Bound { moment, before: true, span, .. } => {
                let days = -i64::from(span.days) - 31 * i64::from(span.months);
                Self { days, exact: -exact(*span), ..entry(Some(moment.clone())) }
            }
        }
    }

    fn later(&self, span: Span, at: Option<TimeOfDay>) -> Self {
        let days = self.days + i64::from(span.days) + 28 * i64::from(span.months);
        let moved = Self { days, exact: self.exact.saturating_add(exact(span)), ..self.clone() };
        match at {
            // hours on top may already have reached the next day, or not
            Some(at) => Self {
                days: days + moved.exact.div_euclid(DAY),
                clock: Clock::At(i64::from(at.minute_of_day()) * 60_000),
                exact: 0,
                ..moved
            },
            None => moved,
        }
    }
}

/// The shortest planned time between two steps of one run; `None` when nothing says it.
pub(crate) fn apart(sequence: &Sequence, first: usize, second: usize) -> Option<i64> {
    let start = Spot { from: None, days: 0, clock: Clock::Same, exact: 0 };
    // where each step stands at the earliest, and whether it can follow the first
    let mut spots: Vec<Option<Spot>> = vec![None; sequence.steps.len()];
    let mut follows = vec![false; sequence.steps.len()];
    for (at, step) in sequence.steps.iter().enumerate() {
        let above = spots[at].clone().unwrap_or_else(|| start.clone());
        let here = if step.active { above.then(&step.due) } else { above };
        let after = match &step.act {
            Act::WaitFor(wait) => vec![(wait.then, here.clone()), (wait.otherwise, here.later(wait.up_to, None))],
            act if act.is_barrier() => act.arms().into_iter().map(|(_, entry)| (entry, here.clone())).collect(),
            _ => vec![(step.next, here.clone())],
        };
        for (to, spot) in after {
            let to = usize::from(to.0);
            if let (Some(known), Some(follow)) = (spots.get_mut(to), follows.get(at).copied()) {
                let earlier =
                    known.take().filter(|known| known.days * DAY + known.exact <= spot.days * DAY + spot.exact);
                *known = Some(earlier.unwrap_or(spot));
                follows[to] |= follow || at == first;
            }
        }
        spots[at] = Some(here);
    }
    if !follows.get(second).copied().unwrap_or(false) {
        return None;
    }
    let (first, second) = (spots.get(first)?.as_ref()?, spots.get(second)?.as_ref()?);
    let clocks = match (first.clock, second.clock) {
        (Clock::Same, Clock::Same) => 0,
        (Clock::At(one), Clock::At(other)) => other - one,
        (Clock::Same, Clock::At(other)) => other - (DAY - 60_000),
        (Clock::At(one), Clock::Same) => -one,
    };
    (first.from == second.from).then(|| (second.days - first.days) * DAY + second.exact - first.exact + clocks)
}
