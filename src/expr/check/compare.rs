//! Types of comparisons, membership and arithmetic; quoted texts become what they are compared with.
use super::{Checker, Typed};
use crate::calendar::{CivilDate, CivilTime, Instant, Span};
use crate::expr::fault::FaultKind;
use crate::expr::syntax::{Arith, Comparison, Node, NodeKind};
use crate::expr::tree::Expr;
use crate::value::{Type, Value};

/// Kinds of values that can be compared with each other.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Class {
    Number,
    Text,
    Bool,
    Time,
    Date,
    Duration,
    Money,
    Any,
    /// Lists, records, persons: nothing compares with them.
    Compound,
}

fn class(kind: &Type) -> Class {
    match kind {
        Type::Number | Type::Integer => Class::Number,
        Type::Text | Type::Choice(_) => Class::Text,
        Type::Bool => Class::Bool,
        Type::Time => Class::Time,
        Type::Date => Class::Date,
        Type::Duration => Class::Duration,
        Type::Money => Class::Money,
        Type::Any => Class::Any,
        Type::List(_) | Type::Person | Type::Record(_) => Class::Compound,
    }
}

fn comparable(left: &Type, right: &Type, ordered: bool) -> bool {
    let (one, other) = (class(left), class(right));
    if one == Class::Compound || other == Class::Compound {
        return false;
    }
    let unordered = |kind: &Type| matches!(kind, Type::Bool | Type::Choice(_));
    if ordered && (unordered(left) || unordered(right)) {
        return false;
    }
    one == other || one == Class::Any || other == Class::Any
}

/// A quoted text read as a value of that type: `None` when it cannot be, `Some(None)` when it stays a text.
fn literal(text: &str, wanted: &Type) -> Option<Option<(Expr, Type)>> {
    let constant = |value: Value, kind| Some(Some((Expr::Const(value), kind)));
    match wanted {
        Type::Date => constant(Value::Date(CivilDate::parse(text)?), Type::Date),
        Type::Duration => constant(Value::Duration(Span::parse(text).ok()?), Type::Duration),
        Type::Money => constant(Value::parse_money(text)?, Type::Money),
        Type::Time => {
            if let Some(at) = Instant::parse_rfc3339(text) {
                return constant(Value::Time(at), Type::Time);
            }
            let civil = civil(text)?;
            Some(Some((Expr::Civil(civil), Type::Time)))
        }
        _ => Some(None),
    }
}

/// `2026-12-01` (its 00:00) or `2026-12-01 14:00`.
fn civil(text: &str) -> Option<CivilTime> {
    if let Some(date) = CivilDate::parse(text) {
        return Some(date.0.at(0, 0, 0, 0));
    }
    let (date, time) = text.split_once([' ', 'T'])?;
    let time = crate::calendar::TimeOfDay::parse(time)?;
    let (hour, minute) = (i8::try_from(time.hour()).ok()?, i8::try_from(time.minute()).ok()?);
    Some(CivilDate::parse(date)?.0.at(hour, minute, 0, 0))
}

impl Checker<'_> {
    /// Reads a quoted text as the type of what it meets.
    pub(super) fn coerced(&mut self, node: &Node, (tree, is): (Expr, Type), wanted: &Type) -> Typed {
        let Expr::Const(Value::Text(text)) = &tree else { return Some((tree, is)) };
        match literal(text, wanted) {
            Some(Some(typed)) => Some(typed),
            Some(None) => Some((tree, is)),
            None => {
                let text = text.to_string();
                self.fault(node, FaultKind::BadLiteral { wanted: wanted.clone(), text })
            }
        }
    }

    fn both(&mut self, left: &Node, right: &Node) -> Option<((Expr, Type), (Expr, Type))> {
        let (one, other) = (self.value(left), self.value(right));
        let (one, other) = (one?, other?);
        let (left_type, right_type) = (one.1.clone(), other.1.clone());
        let (one, other) = (self.coerced(left, one, &right_type), self.coerced(right, other, &left_type));
        Some((one?, other?))
    }

    pub(super) fn comparison(&mut self, node: &Node, sign: Comparison, left: &Node, right: &Node) -> Typed {
        if matches!(left.kind, NodeKind::None) || matches!(right.kind, NodeKind::None) {
            let other = if matches!(left.kind, NodeKind::None) { right } else { left };
            self.value(other);
            return self.fault(node, FaultKind::ComparedWithNone);
        }
        let ((one, left_type), (other, right_type)) = self.both(left, right)?;
        let ordered = !matches!(sign, Comparison::Eq | Comparison::Ne);
        if !comparable(&left_type, &right_type, ordered) {
            return self.incomparable(node, sign.sign(), left_type, right_type);
        }
        self.choice(left, &left_type, right, &other);
        self.choice(right, &right_type, left, &one);
        Some((Expr::Compare(sign, Box::new(one), Box::new(other)), Type::Bool))
    }

    fn incomparable<T>(&mut self, node: &Node, sign: &'static str, left: Type, right: Type) -> Option<T> {
        let classes = (class(&left), class(&right));
        if matches!(classes, (Class::Money, Class::Number) | (Class::Number, Class::Money)) {
            return self.fault(node, FaultKind::MoneyWithoutUnit);
        }
        self.fault(node, FaultKind::WrongTypes { sign, left, right })
    }

    /// A literal that a choice can never be.
    fn choice(&mut self, of: &Node, kind: &Type, literal: &Node, tree: &Expr) {
        if let (Type::Choice(choices), Expr::Const(Value::Text(text))) = (kind, tree) {
            let of = self.slice(of);
            self.possible(literal, &of, text, choices);
        }
    }

    pub(super) fn membership(&mut self, node: &Node, item: &Node, list: &Node) -> Typed {
        let subject = self.value(item);
        if let NodeKind::List(items) = &list.kind {
            return self.one_of(item, subject, items);
        }
        let (list_tree, list_type) = self.value(list)?;
        let (subject, is) = subject?;
        match &list_type {
            Type::List(of) => {
                let (subject, is) = self.coerced(item, (subject, is), of)?;
                if !comparable(&is, of, false) {
                    return self.incomparable(node, "in", is, list_type.clone());
                }
                self.choice(list, of, item, &subject);
                Some((Expr::In(Box::new(subject), Box::new(list_tree)), Type::Bool))
            }
            Type::Any => Some((Expr::In(Box::new(subject), Box::new(list_tree)), Type::Bool)),
            Type::Text | Type::Choice(_) if matches!(class(&is), Class::Text | Class::Any) => {
                Some((Expr::Within(Box::new(subject), Box::new(list_tree)), Type::Bool))
            }
            Type::Text | Type::Choice(_) => self.incomparable(node, "in", is, list_type),
            _ => self.fault(list, FaultKind::NotAList { is: list_type }),
        }
    }

    /// `x in ['a', 'b']`.
    fn one_of(&mut self, item: &Node, subject: Typed, items: &[Node]) -> Typed {
        let mut trees = Vec::new();
        let mut whole = true;
        for other in items {
            let Some(typed) = self.value(other) else {
                whole = false;
                continue;
            };
            let Some((tree, is)) = &subject else { continue };
            let Some((value, kind)) = self.coerced(other, typed, is) else {
                whole = false;
                continue;
            };
            if comparable(is, &kind, false) {
                self.choice(item, is, other, &value);
                self.choice(other, &kind, item, tree);
                trees.push(value);
            } else {
                whole = self.incomparable::<()>(other, "in", is.clone(), kind).is_some();
            }
        }
        let (subject, _) = subject?;
        whole.then(|| (Expr::In(Box::new(subject), Box::new(Expr::List(trees))), Type::Bool))
    }

    pub(super) fn arithmetic(&mut self, node: &Node, sign: Arith, left: &Node, right: &Node) -> Typed {
        let (one, other) = (self.value(left), self.value(right));
        let ((one, left_type), mut other) = (one?, other?);
        let moves = matches!(sign, Arith::Add | Arith::Sub);
        if moves && matches!(left_type, Type::Time | Type::Date) {
            other = self.coerced(right, other, &Type::Duration)?;
        } else if left_type == Type::Money {
            other = self.coerced(right, other, &Type::Money)?;
        }
        let (other, right_type) = other;
        let gives = match (class(&left_type), class(&right_type)) {
            (Class::Number, Class::Number)
                if sign != Arith::Div && left_type == Type::Integer && right_type == Type::Integer =>
            {
                Type::Integer
            }
            (Class::Number, Class::Number) => Type::Number,
            (Class::Money, Class::Money) if moves => Type::Money,
            (Class::Money, Class::Number) if matches!(sign, Arith::Mul | Arith::Div) => Type::Money,
            (Class::Money, Class::Number) => return self.fault(node, FaultKind::MoneyWithoutUnit),
            (Class::Time, Class::Duration) if moves => Type::Time,
            (Class::Date, Class::Duration) if moves => Type::Date,
            (Class::Any, Class::Any | Class::Number) | (Class::Number, Class::Any) => Type::Number,
            _ => {
                let kind = FaultKind::WrongTypes { sign: sign.sign(), left: left_type, right: right_type };
                return self.fault(node, kind);
            }
        };
        Some((Expr::Arith(sign, Box::new(one), Box::new(other)), gives))
    }
}
