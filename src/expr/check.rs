//! From nodes to the typed tree: names, types, arguments, choices.
//!
//! Every mistake becomes a fault with its place, and checking goes on; a part that cannot be typed is left out without
//! follow-up faults. Must not know where a scope comes from.
mod args;
mod compare;
mod text;

pub(crate) use text::parse_text;

use super::constant;
use super::fault::{Fault, FaultKind};
use super::functions::{self, FUNCTIONS, Function};
use super::scope::Scope;
use super::syntax::{self, Arith, Node, NodeKind};
use super::tree::{Cond, Expr, Formula, Path};
use crate::value::{Type, Value};
use std::sync::Arc;

/// A value and its type, or nothing after a fault.
type Typed = Option<(Expr, Type)>;

struct Checker<'a> {
    text: &'a str,
    scope: &'a dyn Scope,
    faults: Vec<Fault>,
}

/// A condition. It is there whenever its tree could be typed, also beside suspicious findings (always true, …).
pub(crate) fn parse_and_check(text: &str, scope: &dyn Scope) -> (Option<Cond>, Vec<Fault>) {
    let mut checker = Checker { text, scope, faults: Vec::new() };
    let tree = checker.parsed().and_then(|node| checker.cond(&node));
    (tree.map(|tree| Cond::new(text, tree)), checker.faults)
}

/// A value expression. With `wanted` its value has to fit that type, and quoted texts are read as it.
pub(crate) fn parse_value(text: &str, wanted: Option<&Type>, scope: &dyn Scope) -> (Option<Formula>, Vec<Fault>) {
    let mut checker = Checker { text, scope, faults: Vec::new() };
    let typed = checker.parsed().and_then(|node| {
        let typed = checker.value(&node)?;
        match wanted {
            Some(wanted) => checker.as_wanted(&node, typed, wanted),
            None => Some(typed),
        }
    });
    (typed.map(|(tree, gives)| Formula::new(text, tree, gives)), checker.faults)
}

/// The type of a node inside a text, with the same faults that a condition would get.
pub(crate) fn check_value(text: &str, node: &Node, scope: &dyn Scope) -> (Option<Type>, Vec<Fault>) {
    let mut checker = Checker { text, scope, faults: Vec::new() };
    let typed = checker.value(node);
    (typed.map(|(_, kind)| kind), checker.faults)
}

impl Checker<'_> {
    fn parsed(&mut self) -> Option<Node> {
        syntax::expression(self.text).map_err(|fault| self.faults.push(fault)).ok()
    }

    fn fault<T>(&mut self, node: &Node, kind: FaultKind) -> Option<T> {
        self.faults.push(Fault::new(node.at.clone(), kind));
        None
    }

    fn slice(&self, node: &Node) -> String {
        self.text.get(node.at.clone()).unwrap_or_default().to_owned()
    }

    /// A place that asks yes or no.
    fn cond(&mut self, node: &Node) -> Option<Expr> {
        match &node.kind {
            NodeKind::And(terms) => self.terms(terms, true),
            NodeKind::Or(terms) => self.terms(terms, false),
            NodeKind::Not(of) => self.cond(of).map(negated),
            _ => {
                let (tree, kind) = self.value(node)?;
                if !matches!(kind, Type::Bool | Type::Any) {
                    return self.fault(node, FaultKind::NotACondition { is: kind });
                }
                if let Some(always) = constant::fold(&tree) {
                    self.always(node.at.clone(), always, matches!(tree, Expr::Const(_)));
                }
                Some(if decides(&tree) { tree } else { Expr::Truth(Box::new(tree)) })
            }
        }
    }

    fn always(&mut self, at: std::ops::Range<usize>, value: bool, literal: bool) {
        let kind = if value { FaultKind::AlwaysTrue } else { FaultKind::AlwaysFalse { literal } };
        self.faults.push(Fault::new(at, kind));
    }

    fn terms(&mut self, terms: &[Node], is_and: bool) -> Option<Expr> {
        let checked: Vec<Option<Expr>> = terms.iter().map(|term| self.cond(term)).collect();
        'found: for (first, one) in checked.iter().enumerate() {
            for (second, other) in checked.iter().enumerate().skip(first + 1) {
                let (Some(one), Some(other)) = (one, other) else { continue };
                if if is_and { constant::contradict(one, other) } else { constant::cover(one, other) } {
                    self.always(terms[first].at.start..terms[second].at.end, !is_and, false);
                    break 'found;
                }
            }
        }
        let checked = checked.into_iter().collect::<Option<Vec<_>>>()?;
        Some(if is_and { Expr::And(checked) } else { Expr::Or(checked) })
    }

    fn value(&mut self, node: &Node) -> Typed {
        let constant = |value, kind| Some((Expr::Const(value), kind));
        match &node.kind {
            NodeKind::None => constant(Value::Missing, Type::Any),
            NodeKind::Bool(yes) => constant(Value::Bool(*yes), Type::Bool),
            NodeKind::Int(number) => constant(Value::Int(*number), Type::Integer),
            NodeKind::Num(number) => constant(Value::Num(*number), Type::Number),
            NodeKind::Text(text) => constant(Value::text(text), Type::Text),
            NodeKind::Name(_) | NodeKind::Part(..) | NodeKind::Item(..) => self.path(node),
            NodeKind::List(items) => self.list(items),
            NodeKind::Not(_) | NodeKind::And(_) | NodeKind::Or(_) => self.cond(node).map(|tree| (tree, Type::Bool)),
            NodeKind::Compare(sign, left, right) => self.comparison(node, *sign, left, right),
            NodeKind::In(item, list) => self.membership(node, item, list),
            NodeKind::Neg(of) => {
                let zero = Node { at: of.at.clone(), kind: NodeKind::Int(0) };
                self.arithmetic(node, Arith::Sub, &zero, of)
            }
            NodeKind::Arith(sign, left, right) => self.arithmetic(node, *sign, left, right),
            NodeKind::Join(left, right) => self.join(left, right),
            NodeKind::Call(callee, args) => self.function(node, callee, args),
            NodeKind::Filter { name, name_at, of, args } => self.filter(node, (name, name_at), of.as_deref(), args),
            NodeKind::Test { name, name_at, of, args } => {
                let of = self.value(of);
                let present = |of| Expr::Present(Box::new(of));
                match name.as_str() {
                    "defined" if args.is_empty() => of.map(|(of, _)| (present(of), Type::Bool)),
                    "none" | "undefined" if args.is_empty() => of.map(|(of, _)| (negated(present(of)), Type::Bool)),
                    _ => {
                        self.faults.push(Fault::new(name_at.clone(), FaultKind::UnknownTest { name: name.clone() }));
                        None
                    }
                }
            }
            NodeKind::IfElse { .. } => self.fault(node, FaultKind::NotSupported { what: "an inline `if`" }),
            NodeKind::Map(_) => self.fault(node, FaultKind::NotSupported { what: "a map" }),
            NodeKind::Foreign(what) => self.fault(node, FaultKind::NotSupported { what }),
        }
    }

    fn list(&mut self, items: &[Node]) -> Typed {
        let typed: Vec<Typed> = items.iter().map(|item| self.value(item)).collect();
        let typed = typed.into_iter().collect::<Option<Vec<_>>>()?;
        let kind = typed.first().map_or(Type::Any, |(_, kind)| kind.clone());
        Some((Expr::List(typed.into_iter().map(|(item, _)| item).collect()), Type::List(Box::new(kind))))
    }

    fn join(&mut self, left: &Node, right: &Node) -> Typed {
        let (one, other) = (self.value(left), self.value(right));
        let mut fits = true;
        for (node, typed) in [(left, &one), (right, &other)] {
            if let Some((_, is @ (Type::List(_) | Type::Record(_) | Type::Person))) = typed {
                let what = self.slice(node);
                fits = self.fault::<()>(node, FaultKind::NotPrintable { what, is: is.clone() }).is_some();
            }
        }
        let ((one, _), (other, _)) = (one?, other?);
        fits.then(|| (Expr::Join(Box::new(one), Box::new(other)), Type::Text))
    }

    /// `contact.stage`, `event.fields['x']`.
    fn path(&mut self, node: &Node) -> Typed {
        let mut parts = Vec::new();
        if let Err(what) = parts_of(node, &mut parts) {
            return self.fault(node, FaultKind::NotSupported { what });
        }
        let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
        match self.scope.resolve(&names) {
            Ok(kind) => Some((Expr::Path(Path::new(names)), kind)),
            Err(unknown) => {
                let at = unknown.at.min(parts.len().saturating_sub(1));
                let (name, place) = parts[at].clone();
                let of = names[..at].join(".");
                let kind = match unknown.no_parts {
                    Some(is) if at > 0 => FaultKind::NoParts { of, is, name },
                    _ if at == 0 => FaultKind::UnknownRoot { name, candidates: unknown.candidates },
                    _ => FaultKind::UnknownField { of, name, candidates: unknown.candidates },
                };
                self.faults.push(Fault::new(place, kind));
                None
            }
        }
    }

    fn function(&mut self, node: &Node, callee: &Node, args: &[syntax::Arg]) -> Typed {
        let NodeKind::Name(name) = &callee.kind else {
            return self.fault(node, FaultKind::NotSupported { what: "a method call" });
        };
        match functions::call(name) {
            Some(row) => self.apply(node, row, None, args),
            None => {
                for arg in args {
                    self.value(&arg.value);
                }
                let candidates = callable(|row| row.call);
                self.fault(callee, FaultKind::UnknownFunction { name: name.clone(), candidates })
            }
        }
    }

    fn filter(
        &mut self,
        node: &Node,
        (name, name_at): (&String, &std::ops::Range<usize>),
        of: Option<&Node>,
        args: &[syntax::Arg],
    ) -> Typed {
        match functions::as_filter(name) {
            Some(row) => self.apply(node, row, of, args),
            None => {
                of.and_then(|of| self.value(of));
                let candidates = callable(|row| row.filter);
                let kind = FaultKind::UnknownFilter { name: name.clone(), candidates };
                self.faults.push(Fault::new(name_at.clone(), kind));
                None
            }
        }
    }

    fn as_wanted(&mut self, node: &Node, (tree, is): (Expr, Type), wanted: &Type) -> Typed {
        let (tree, is) = self.coerced(node, (tree, is), wanted)?;
        let fits = match (wanted, &is) {
            (Type::Any, _) | (_, Type::Any) => true,
            (Type::Choice(choices), Type::Text) => {
                if let Expr::Const(Value::Text(text)) = &tree {
                    self.possible(node, "this field", text, choices);
                }
                true
            }
            (Type::Text, Type::Choice(_)) | (Type::Choice(_), Type::Choice(_)) => true,
            (Type::Number, Type::Integer) => true,
            (Type::List(_), Type::List(_)) => true,
            (wanted, is) => wanted == is,
        };
        if fits {
            return Some((tree, is));
        }
        self.fault(node, FaultKind::WrongResult { wanted: wanted.clone(), is })
    }

    fn possible(&mut self, node: &Node, of: &str, value: &str, choices: &[Arc<str>]) {
        if !choices.iter().any(|choice| **choice == *value) {
            let choices = choices.iter().map(ToString::to_string).collect();
            self.fault::<()>(node, FaultKind::ImpossibleChoice { of: of.to_owned(), value: value.to_owned(), choices });
        }
    }
}

fn negated(tree: Expr) -> Expr {
    match tree {
        Expr::Not(of) => *of,
        other => Expr::Not(Box::new(other)),
    }
}

/// Whether the node is true or false by itself, never missing.
fn decides(tree: &Expr) -> bool {
    matches!(
        tree,
        Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Compare(..)
            | Expr::In(..)
            | Expr::Within(..)
            | Expr::Present(_)
            | Expr::HasTag(_)
            | Expr::InSequence(_)
            | Expr::HasBooking(_)
            | Expr::Const(Value::Bool(_))
    )
}

fn callable(wanted: fn(&functions::Signature) -> bool) -> Vec<String> {
    FUNCTIONS.iter().filter(|row| wanted(row)).map(|row| row.name.to_owned()).collect()
}

/// The parts of a path with their places; otherwise what stands there instead.
pub(crate) fn parts_of(node: &Node, parts: &mut Vec<(String, std::ops::Range<usize>)>) -> Result<(), &'static str> {
    match &node.kind {
        NodeKind::Name(name) => parts.push((name.clone(), node.at.clone())),
        NodeKind::Part(of, name) => {
            parts_of(of, parts)?;
            parts.push((name.clone(), node.at.end.saturating_sub(name.len())..node.at.end));
        }
        NodeKind::Item(of, item) => match &item.kind {
            NodeKind::Text(name) if !name.is_empty() && !name.contains('.') => {
                parts_of(of, parts)?;
                parts.push((name.clone(), item.at.clone()));
            }
            _ => return Err("an index like x[0]"),
        },
        _ => return Err("a part of a computed value"),
    }
    Ok(())
}

fn result_of(function: Function) -> Type {
    match function {
        Function::Now | Function::Last => Type::Time,
        Function::DaysSince | Function::HoursSince | Function::DaysUntil => Type::Integer,
        Function::Hour | Function::Length | Function::Count => Type::Integer,
        Function::Date => Type::Date,
        Function::Weekday => {
            Type::Choice(crate::calendar::Weekday::ALL.into_iter().map(|day| Arc::from(day.name())).collect())
        }
        Function::Lower | Function::Upper | Function::Trim => Type::Text,
        Function::HasTag | Function::InSegment | Function::InSequence => Type::Bool,
        Function::HasBooking | Function::WasSent => Type::Bool,
        Function::Default => Type::Any,
    }
}
