//! Evaluation of a checked tree against the facts about one person.
//!
//! Two-valued: a missing value is never equal, never less, never greater; only `!=` and `is none` hold for it. The SQL made
//! from the same tree has to agree on every row. Must not know a store or a clock.
use super::ask::{Ask, BookingQuery, Facts, Missing};
use super::functions::Function;
use super::syntax::{Arith, Comparison};
use super::tree::{BookingAsk, Cond, Expr, Formula};
use crate::calendar::{CivilDate, Instant, Zone};
use crate::value::Value;
use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

type Asked<T> = Result<T, Missing>;

impl Cond {
    /// Whether it holds; `Missing` names the answers that have to be loaded first.
    pub(crate) fn eval(&self, facts: &dyn Facts) -> Result<bool, Missing> {
        holds(self.tree(), facts)
    }
}

impl Formula {
    /// Its value, which may be `Value::Missing`; `Err(Missing)` names the answers that have to be loaded first.
    pub(crate) fn eval(&self, facts: &dyn Facts) -> Result<Value, Missing> {
        value(self.tree(), facts)
    }
}

impl Expr {}

/// Both, so that everything that is missing is asked for at once.
fn both<A, B>(left: Asked<A>, right: Asked<B>) -> Asked<(A, B)> {
    match (left, right) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(mut left), Err(right)) => {
            left.0.extend(right.0);
            Err(left)
        }
        (Err(missing), Ok(_)) | (Ok(_), Err(missing)) => Err(missing),
    }
}

fn all<T>(items: impl Iterator<Item = Asked<T>>) -> Asked<Vec<T>> {
    let mut done = Ok(Vec::new());
    for item in items {
        done = both(done, item).map(|(mut done, item)| {
            done.push(item);
            done
        });
    }
    done
}

fn holds(expr: &Expr, facts: &dyn Facts) -> Asked<bool> {
    match expr {
        Expr::Not(of) => Ok(!holds(of, facts)?),
        Expr::And(items) => until(items, facts, false),
        Expr::Or(items) => until(items, facts, true),
        Expr::Compare(sign, left, right) => {
            let (left, right) = both(value(left, facts), value(right, facts))?;
            Ok(compares(*sign, &left, &right))
        }
        Expr::In(item, list) => {
            let (item, list) = both(value(item, facts), value(list, facts))?;
            Ok(match &list {
                Value::List(items) => items.iter().any(|other| compares(Comparison::Eq, &item, other)),
                Value::Text(text) => item.as_text().is_some_and(|part| text.contains(part)),
                _ => false,
            })
        }
        Expr::Within(part, text) => {
            let (part, text) = both(value(part, facts), value(text, facts))?;
            Ok(part.as_text().zip(text.as_text()).is_some_and(|(part, text)| text.contains(part)))
        }
        Expr::Present(of) => Ok(!value(of, facts)?.is_missing()),
        Expr::HasTag(tag) => Ok(facts.has_tag(tag)),
        Expr::InSequence(sequence) => Ok(facts.in_sequence(sequence)),
        Expr::HasBooking(ask) => Ok(query(ask, facts)?.is_some_and(|query| facts.has_booking(&query))),
        Expr::Truth(of) => Ok(value(of, facts)? == Value::Bool(true)),
        other => Ok(value(other, facts)? == Value::Bool(true)),
    }
}

/// Stops at the first term that decides, even when another term lacks its answer: no term has an effect.
fn until(items: &[Expr], facts: &dyn Facts, decides: bool) -> Asked<bool> {
    let mut lacking = BTreeSet::new();
    for item in items {
        match holds(item, facts) {
            Ok(held) if held == decides => return Ok(decides),
            Ok(_) => {}
            Err(missing) => lacking.extend(missing.0),
        }
    }
    if lacking.is_empty() { Ok(!decides) } else { Err(Missing(lacking)) }
}

fn value(expr: &Expr, facts: &dyn Facts) -> Asked<Value> {
    Ok(match expr {
        Expr::Const(value) => value.clone(),
        Expr::Civil(civil) => Value::Time(facts.zone().instant(*civil)),
        Expr::Path(path) => facts.get(path.parts()),
        Expr::List(items) => Value::List(all(items.iter().map(|item| value(item, facts)))?),
        Expr::Arith(sign, left, right) => {
            let (left, right) = both(value(left, facts), value(right, facts))?;
            arith(*sign, &left, &right, facts.zone())
        }
        Expr::Join(left, right) => {
            let (left, right) = both(value(left, facts), value(right, facts))?;
            if left.is_missing() || right.is_missing() { Value::Missing } else { Value::text(format!("{left}{right}")) }
        }
        Expr::Call(function, args) => call(*function, &all(args.iter().map(|arg| value(arg, facts)))?, facts),
        Expr::Ask(ask) => answer(ask, facts)?,
        Expr::Truth(_)
        | Expr::Not(_)
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Compare(..)
        | Expr::In(..)
        | Expr::Within(..)
        | Expr::Present(_)
        | Expr::HasTag(_)
        | Expr::InSequence(_)
        | Expr::HasBooking(_) => Value::Bool(holds(expr, facts)?),
    })
}

fn answer(ask: &Ask, facts: &dyn Facts) -> Asked<Value> {
    if let Ask::InSegment { segment } = ask {
        return facts.in_segment(segment).map(Value::Bool);
    }
    facts.answer(ask).ok_or_else(|| Missing(BTreeSet::from([ask.clone()])))
}

fn compares(sign: Comparison, left: &Value, right: &Value) -> bool {
    fits(sign, compare(left, right))
}

/// Whether values of that order are what the sign says; without an order they are only unequal.
pub(super) fn fits(sign: Comparison, order: Option<Ordering>) -> bool {
    match sign {
        Comparison::Eq => order == Some(Ordering::Equal),
        Comparison::Ne => order != Some(Ordering::Equal),
        Comparison::Lt => order == Some(Ordering::Less),
        Comparison::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Comparison::Gt => order == Some(Ordering::Greater),
        Comparison::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

/// Order of two values of one kind; `None` when one is missing or they are of different kinds.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Num(left), Value::Num(right)) => left.partial_cmp(right),
        (Value::Int(left), Value::Num(right)) => int_and_num(*left, *right),
        (Value::Num(left), Value::Int(right)) => int_and_num(*right, *left).map(Ordering::reverse),
        // UTF-8 keeps the order of code points
        (Value::Text(left), Value::Text(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
        (Value::Time(left), Value::Time(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::Duration(left), Value::Duration(right)) => Some(left.nominal_ms().cmp(&right.nominal_ms())),
        (Value::Money(left, unit), Value::Money(right, other)) if unit == other => Some(left.cmp(right)),
        _ => None,
    }
}

/// Exact, also beyond 2^53.
fn int_and_num(int: i64, num: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if num.is_nan() {
        None
    } else if num >= LIMIT {
        Some(Ordering::Less)
    } else if num < -LIMIT {
        Some(Ordering::Greater)
    } else {
        let whole = num.trunc();
        Some(int.cmp(&(whole as i64)).then_with(|| 0.0_f64.partial_cmp(&(num - whole)).unwrap_or(Ordering::Equal)))
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Num(number) => Some(*number),
        _ => None,
    }
}

pub(super) fn arith(sign: Arith, left: &Value, right: &Value, zone: &Zone) -> Value {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) if sign != Arith::Div => match sign {
            Arith::Add => left.checked_add(*right),
            Arith::Sub => left.checked_sub(*right),
            Arith::Mul => left.checked_mul(*right),
            Arith::Rem | Arith::Div => left.checked_rem(*right),
        }
        .map_or(Value::Missing, Value::Int),
        (Value::Money(left, unit), Value::Money(right, other)) if unit == other => match sign {
            Arith::Add => left.checked_add(*right),
            Arith::Sub => left.checked_sub(*right),
            _ => None,
        }
        .map_or(Value::Missing, |minor| Value::Money(minor, unit.clone())),
        (Value::Time(at), Value::Duration(span)) => match sign {
            Arith::Add => Value::Time(zone.add(*at, *span)),
            Arith::Sub => Value::Time(zone.sub(*at, *span)),
            _ => Value::Missing,
        },
        (Value::Date(date), Value::Duration(span)) => {
            let whole = i64::try_from(span.ms / 86_400_000).unwrap_or(0);
            let moved = jiff::Span::new().months(span.months).days(i64::from(span.days) + whole);
            match sign {
                Arith::Add => date.0.checked_add(moved),
                _ => date.0.checked_sub(moved),
            }
            .map_or(Value::Missing, |date| Value::Date(CivilDate(date)))
        }
        (Value::Money(minor, unit), factor) => match number(factor) {
            Some(factor) if sign == Arith::Mul => money(*minor as f64 * factor, unit),
            Some(factor) if sign == Arith::Div => money(*minor as f64 / factor, unit),
            _ => Value::Missing,
        },
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => finite(match sign {
                Arith::Add => left + right,
                Arith::Sub => left - right,
                Arith::Mul => left * right,
                Arith::Div => left / right,
                Arith::Rem => left % right,
            }),
            _ => Value::Missing,
        },
    }
}

fn finite(number: f64) -> Value {
    if number.is_finite() { Value::Num(number) } else { Value::Missing }
}

fn money(minor: f64, unit: &Arc<str>) -> Value {
    let rounded = minor.round();
    if rounded.abs() < 9.0e15 { Value::Money(rounded as i64, unit.clone()) } else { Value::Missing }
}

fn day(value: &Value, zone: &Zone) -> Option<CivilDate> {
    match value {
        Value::Time(at) => Some(zone.date(*at)),
        Value::Date(date) => Some(*date),
        _ => None,
    }
}

fn moment(value: &Value, zone: &Zone) -> Option<Instant> {
    match value {
        Value::Time(at) => Some(*at),
        Value::Date(date) => Some(zone.start_of(*date)),
        _ => None,
    }
}

fn days_between(from: CivilDate, to: CivilDate) -> Value {
    from.0.until(to.0).map_or(Value::Missing, |span| Value::Int(i64::from(span.get_days())))
}

pub(super) fn call(function: Function, args: &[Value], facts: &dyn Facts) -> Value {
    let (zone, now) = (facts.zone(), facts.now());
    let first = args.first().unwrap_or(&Value::Missing);
    let text = |change: fn(&str) -> String| first.as_text().map(|text| Value::text(change(text)));
    let result = match function {
        Function::Now => Some(Value::Time(now)),
        Function::DaysSince => day(first, zone).map(|day| days_between(day, zone.date(now))),
        Function::DaysUntil => day(first, zone).map(|day| days_between(zone.date(now), day)),
        Function::HoursSince => moment(first, zone).map(|at| Value::Int(now.since(at).div_euclid(3_600_000))),
        Function::Date => day(first, zone).map(Value::Date),
        Function::Weekday => day(first, zone).map(|day| Value::text(day.weekday().name())),
        Function::Hour => moment(first, zone).map(|at| Value::Int(i64::from(zone.time_of_day(at).hour()))),
        Function::Lower => text(str::to_lowercase),
        Function::Upper => text(str::to_uppercase),
        Function::Trim => text(|text| text.trim().to_owned()),
        Function::Length => match first {
            Value::Text(text) => i64::try_from(text.chars().count()).ok().map(Value::Int),
            Value::List(items) => i64::try_from(items.len()).ok().map(Value::Int),
            _ => None,
        },
        Function::Default if first.is_missing() => args.get(1).cloned(),
        Function::Default => Some(first.clone()),
        // these are nodes of their own
        Function::HasTag
        | Function::InSegment
        | Function::InSequence
        | Function::HasBooking
        | Function::Count
        | Function::Last
        | Function::WasSent => None,
    };
    result.unwrap_or(Value::Missing)
}

/// The query; `None` when an argument that was given has no value, which no booking fits.
fn query(ask: &BookingAsk, facts: &dyn Facts) -> Asked<Option<BookingQuery>> {
    let given: Vec<(&str, Value)> = all(ask.given().map(|(name, arg)| value(arg, facts).map(|value| (name, value))))?;
    let mut query = BookingQuery {
        kind: None,
        host: None,
        clinic: None,
        from: None,
        to: None,
        status: ["accepted", "ended"].into_iter().map(Arc::from).collect(),
    };
    for (name, value) in given {
        let text = || match &value {
            Value::Text(text) => Some(text.clone()),
            Value::Map(_) => value.part("email").as_text().map(Arc::from),
            _ => None,
        };
        let understood = match name {
            "kind" => text().map(|text| query.kind = Some(text)),
            "host" => text().map(|text| query.host = Some(text)),
            "clinic" => text().map(|text| query.clinic = Some(text)),
            "from" => moment(&value, facts.zone()).map(|at| query.from = Some(at)),
            "to" => moment(&value, facts.zone()).map(|at| query.to = Some(at)),
            _ => {
                let one = text().map(|text| vec![Value::Text(text)]);
                let list = if let Value::List(items) = &value { Some(items.clone()) } else { one };
                list.map(|list| {
                    query.status = list.iter().filter_map(|item| item.as_text().map(Arc::from)).collect();
                })
            }
        };
        if understood.is_none() {
            return Ok(None);
        }
    }
    Ok(Some(query))
}
