//! Conditions that cannot go both ways: contradictions and tautologies between the terms of one `and` or `or`.
//!
//! Sound but small: it says only what is certain for every person, with missing values in mind.
use super::eval::{compare, fits};
use super::syntax::Comparison;
use super::tree::Expr;
use crate::value::Value;
use std::cmp::Ordering;

/// The value that a comparison of constants has.
pub(super) fn fold(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::Const(Value::Bool(yes)) => Some(*yes),
        Expr::Compare(sign, left, right) => match (&**left, &**right) {
            (Expr::Const(left), Expr::Const(right)) => Some(fits(*sign, compare(left, right))),
            _ => None,
        },
        Expr::In(_, list) => matches!(&**list, Expr::List(items) if items.is_empty()).then_some(false),
        Expr::Not(of) => fold(of).map(|held| !held),
        _ => None,
    }
}

/// What one term says about one subject.
enum Claim<'a> {
    OneOf(Vec<&'a Value>),
    Bound(Comparison, &'a Value),
    Not(&'a Value),
    Present,
    Absent,
}

fn claim(term: &Expr) -> Option<(&Expr, Claim<'_>)> {
    match term {
        Expr::Compare(sign, left, right) => {
            let (sign, subject, constant) = match (&**left, &**right) {
                (Expr::Const(_), Expr::Const(_)) => return None,
                (subject, Expr::Const(value)) => (*sign, subject, value),
                (Expr::Const(value), subject) => (flipped(*sign), subject, value),
                _ => return None,
            };
            Some((
                subject,
                match sign {
                    Comparison::Eq => Claim::OneOf(vec![constant]),
                    Comparison::Ne => Claim::Not(constant),
                    _ => Claim::Bound(sign, constant),
                },
            ))
        }
        Expr::In(item, list) => match &**list {
            Expr::List(items) => {
                let values = items.iter().map(|item| if let Expr::Const(value) = item { Some(value) } else { None });
                Some((&**item, Claim::OneOf(values.collect::<Option<_>>()?)))
            }
            _ => None,
        },
        Expr::Present(of) => Some((&**of, Claim::Present)),
        Expr::Not(of) => match &**of {
            Expr::Present(of) => Some((&**of, Claim::Absent)),
            _ => None,
        },
        _ => None,
    }
}

fn flipped(sign: Comparison) -> Comparison {
    match sign {
        Comparison::Lt => Comparison::Gt,
        Comparison::Le => Comparison::Ge,
        Comparison::Gt => Comparison::Lt,
        Comparison::Ge => Comparison::Le,
        same => same,
    }
}

fn negates(one: &Expr, other: &Expr) -> bool {
    matches!(one, Expr::Not(of) if **of == *other) || matches!(other, Expr::Not(of) if **of == *one)
}

/// Both terms can never hold together.
pub(super) fn contradict(one: &Expr, other: &Expr) -> bool {
    if negates(one, other) {
        return true;
    }
    let (Some((subject, left)), Some((same, right))) = (claim(one), claim(other)) else { return false };
    if subject != same {
        return false;
    }
    match (&left, &right) {
        (Claim::OneOf(values), Claim::OneOf(others)) => {
            !values.iter().any(|value| others.iter().any(|other| compare(value, other) == Some(Ordering::Equal)))
        }
        (Claim::OneOf(values), Claim::Not(other)) | (Claim::Not(other), Claim::OneOf(values)) => {
            values.iter().all(|value| compare(value, other) == Some(Ordering::Equal))
        }
        (Claim::OneOf(values), Claim::Bound(sign, limit)) | (Claim::Bound(sign, limit), Claim::OneOf(values)) => {
            !values.iter().any(|value| fits(*sign, compare(value, limit)))
        }
        (Claim::Bound(sign, limit), Claim::Bound(against, other)) => empty((*sign, limit), (*against, other)),
        (Claim::Absent, Claim::OneOf(_) | Claim::Bound(..) | Claim::Present)
        | (Claim::OneOf(_) | Claim::Bound(..) | Claim::Present, Claim::Absent) => true,
        _ => false,
    }
}

fn empty(one: (Comparison, &Value), other: (Comparison, &Value)) -> bool {
    let is_upper = |sign| matches!(sign, Comparison::Lt | Comparison::Le);
    let (upper, lower) = match (is_upper(one.0), is_upper(other.0)) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        _ => return false,
    };
    match compare(upper.1, lower.1) {
        Some(Ordering::Less) => true,
        Some(Ordering::Equal) => upper.0 == Comparison::Lt || lower.0 == Comparison::Gt,
        _ => false,
    }
}

/// One of both terms always holds.
pub(super) fn cover(one: &Expr, other: &Expr) -> bool {
    if negates(one, other) {
        return true;
    }
    match (claim(one), claim(other)) {
        (Some((subject, Claim::Not(left))), Some((same, Claim::Not(right)))) => {
            subject == same && compare(left, right).is_some_and(|order| order != Ordering::Equal)
        }
        _ => false,
    }
}
