//! Checks a template before it can run: names, types, filters, and values that may be missing.
//!
//! Flow-sensitive: inside `{% if x %}` the value of `x` is there. Must not know which runs reach a text: the scope says what
//! all of them guarantee.
use super::filters::{self, Takes};
use crate::expr::{
    Arg, Arith, Comparison, Fault, FaultKind, NameKind, Node, NodeKind, Scope, Stmt, Unknown, check_value, part_of,
    parts_of, template,
};
use crate::value::Type;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What a template was found to be.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Checked {
    /// With byte ranges of the source.
    pub(crate) faults: Vec<Fault>,
    /// Dotted names it reads, without its own loop variables: `contact.first_name`, `unsubscribe_link`.
    pub(crate) paths: BTreeSet<String>,
    pub(crate) partials: BTreeSet<String>,
}

/// Checks one template text (a body, a subject, a preheader) against what every run guarantees there.
pub(crate) fn check(source: &str, scope: &dyn Scope, partials: &BTreeSet<String>) -> Checked {
    let mut walker = Walker { source, scope, partials, found: Checked::default(), local: Local::default() };
    match template(source) {
        Ok(body) => walker.body(&body),
        Err(fault) => walker.found.faults.push(fault),
    }
    walker.found
}

/// Names made by the template itself, and what is certain at one place.
#[derive(Clone, Default)]
struct Local {
    names: BTreeMap<String, (Type, bool)>,
    certain: BTreeSet<String>,
    in_set: bool,
}

struct Walker<'a> {
    source: &'a str,
    scope: &'a dyn Scope,
    partials: &'a BTreeSet<String>,
    found: Checked,
    local: Local,
}

/// The scope of the place with the template's own names before it.
struct Layered<'a> {
    local: &'a Local,
    scope: &'a dyn Scope,
}

impl Scope for Layered<'_> {
    fn resolve(&self, path: &[&str]) -> Result<Type, Unknown> {
        let Some((first, _)) = path.first().and_then(|name| self.local.names.get(*name)) else {
            return self.scope.resolve(path).map_err(|mut unknown| {
                if unknown.at == 0 {
                    unknown.candidates.extend(self.local.names.keys().cloned());
                }
                unknown
            });
        };
        part_of(first, path, 1)
    }

    fn nullable(&self, path: &[&str]) -> bool {
        if self.local.certain.contains(&path.join(".")) {
            return false;
        }
        match path.first().and_then(|name| self.local.names.get(*name)) {
            Some((_, nullable)) if path.len() == 1 => *nullable,
            Some(_) => path.first() != Some(&"loop"),
            None => self.scope.nullable(path),
        }
    }

    fn names(&self, kind: NameKind) -> Option<Vec<String>> {
        self.scope.names(kind)
    }

    fn event_fields(&self, event: &str) -> Option<BTreeMap<Arc<str>, Type>> {
        self.scope.event_fields(event)
    }
}

/// Type of a value and whether it may be missing; nothing after a fault.
type Typed = Option<(Type, bool)>;

impl Walker<'_> {
    fn fault<T>(&mut self, node: &Node, kind: FaultKind) -> Option<T> {
        self.found.faults.push(Fault::new(node.at.clone(), kind));
        None
    }

    fn slice(&self, node: &Node) -> String {
        self.source.get(node.at.clone()).unwrap_or_default().to_owned()
    }

    fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    /// Runs inside a block: what is named or certain there is forgotten after it.
    fn inside(&mut self, certain: Vec<String>, then: impl FnOnce(&mut Self)) {
        let before = self.local.clone();
        self.local.certain.extend(certain);
        then(self);
        self.local = before;
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Raw(_) => {}
            Stmt::Emit(node) => self.emit(node),
            Stmt::If { test, then, otherwise } => {
                self.cond(test);
                let (yes, no) = (guards(test, true), guards(test, false));
                self.inside(yes, |this| this.body(then));
                self.inside(no, |this| this.body(otherwise));
            }
            Stmt::For { target, over, only, body, otherwise } => {
                self.each(target, over, only.as_ref(), body);
                self.inside(Vec::new(), |this| this.body(otherwise));
            }
            Stmt::With { names, body } => self.inside(Vec::new(), |this| {
                for (name, value) in names {
                    this.set(name, value);
                }
                this.body(body);
            }),
            Stmt::Set { name, value } => self.set(name, value),
            Stmt::SetBlock { name, body } => {
                self.inside(Vec::new(), |this| this.body(body));
                self.local.names.insert(name.clone(), (Type::Text, false));
            }
            Stmt::FilterBlock { filter, .. } => {
                self.fault::<()>(filter, FaultKind::Forbidden { what: "`filter` blocks" });
            }
            Stmt::Include(name) => self.include(name),
            Stmt::Extends(node) => {
                self.fault::<()>(node, FaultKind::Forbidden { what: "`extends`" });
            }
            Stmt::Block { body, .. } => {
                let what = "`block`; a layout has `{{ content }}`";
                self.found.faults.push(Fault::new(0..0, FaultKind::Forbidden { what }));
                self.body(body);
            }
            Stmt::Foreign { what, at } => {
                self.found.faults.push(Fault::new(at.clone(), FaultKind::Forbidden { what }));
            }
        }
    }

    fn include(&mut self, node: &Node) {
        let NodeKind::Text(name) = &node.kind else {
            self.fault::<()>(node, FaultKind::Forbidden { what: "`include` with a computed name" });
            return;
        };
        if self.partials.contains(name) {
            self.found.partials.insert(name.clone());
            return;
        }
        let candidates = self.partials.iter().cloned().collect();
        self.fault::<()>(node, FaultKind::UnknownPartial { name: name.clone(), candidates });
    }

    fn each(&mut self, target: &[String], over: &Node, only: Option<&Node>, body: &[Stmt]) {
        let item = match self.expr(over) {
            Some((Type::List(item), _)) => Some(*item),
            Some((Type::Any, _)) => Some(Type::Any),
            Some((is, _)) => self.fault(over, FaultKind::NotAList { is }),
            None => None,
        };
        let [name] = target else {
            self.fault::<()>(over, FaultKind::Forbidden { what: "a loop with several names" });
            return;
        };
        self.inside(Vec::new(), |this| {
            let about =
                [("index", Type::Integer), ("first", Type::Bool), ("last", Type::Bool), ("length", Type::Integer)];
            let about = about.into_iter().map(|(name, kind)| (Arc::from(name), kind)).collect();
            this.local.names.insert("loop".to_owned(), (Type::Record(about), false));
            // an item whose list could not be typed is anything: no faults that follow from the first
            this.local.names.insert(name.clone(), (item.unwrap_or(Type::Any), false));
            if let Some(only) = only {
                this.cond(only);
                this.local.certain.extend(guards(only, true));
            }
            this.body(body);
        });
    }

    fn set(&mut self, name: &str, value: &Node) {
        let before = std::mem::replace(&mut self.local.in_set, true);
        let typed = self.expr(value);
        self.local.in_set = before;
        self.local.names.insert(name.to_owned(), typed.unwrap_or((Type::Any, false)));
    }

    fn emit(&mut self, node: &Node) {
        let Some(is) = self.needed(node) else { return };
        if matches!(is, Type::List(_) | Type::Record(_) | Type::Person | Type::Bool) {
            let what = self.slice(node);
            self.fault::<()>(node, FaultKind::NotPrintable { what, is });
        }
    }

    /// A value that has to be there.
    fn needed(&mut self, node: &Node) -> Option<Type> {
        let (is, nullable) = self.expr(node)?;
        if nullable {
            let path = self.slice(node);
            self.fault::<()>(node, FaultKind::MaybeMissing { path });
        }
        Some(is)
    }

    /// A place that asks yes or no: any value will do, a missing one is no.
    fn cond(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::And(terms) | NodeKind::Or(terms) => {
                let holds = matches!(node.kind, NodeKind::And(_));
                let before = self.local.clone();
                for term in terms {
                    self.cond(term);
                    self.local.certain.extend(guards(term, holds));
                }
                self.local = before;
            }
            NodeKind::Not(of) => self.cond(of),
            _ => {
                self.expr(node);
            }
        }
    }

    fn expr(&mut self, node: &Node) -> Typed {
        match &node.kind {
            NodeKind::None => Some((Type::Any, true)),
            NodeKind::Bool(_) => Some((Type::Bool, false)),
            NodeKind::Int(_) => Some((Type::Integer, false)),
            NodeKind::Num(_) => Some((Type::Number, false)),
            NodeKind::Text(_) => Some((Type::Text, false)),
            NodeKind::Name(_) | NodeKind::Part(..) | NodeKind::Item(..) => self.path(node),
            NodeKind::List(items) => {
                let kinds: Vec<_> = items.iter().map(|item| self.needed(item)).collect();
                let first = kinds.into_iter().next().flatten().unwrap_or(Type::Any);
                Some((Type::List(Box::new(first)), false))
            }
            NodeKind::And(_) | NodeKind::Or(_) | NodeKind::Not(_) => {
                self.cond(node);
                Some((Type::Bool, false))
            }
            NodeKind::Compare(sign, left, right) => {
                let ordered = !matches!(sign, Comparison::Eq | Comparison::Ne);
                self.compare(node, left, right, ordered).map(|_| (Type::Bool, false))
            }
            NodeKind::In(left, right) => self.compare(node, left, right, false).map(|_| (Type::Bool, false)),
            NodeKind::Arith(Arith::Mul, ..) => self.fault(node, FaultKind::Forbidden { what: "`*`" }),
            NodeKind::Arith(_, left, right) => {
                if self.local.in_set {
                    return self.fault(node, FaultKind::Forbidden { what: "arithmetic inside `set`" });
                }
                self.compare(node, left, right, true).map(|kind| (kind, false))
            }
            NodeKind::Neg(of) => self.needed(of).map(|kind| (kind, false)),
            NodeKind::Join(left, right) => {
                if self.local.in_set {
                    let what = "`~` inside `set`; write `{% set x %}…{% endset %}`";
                    return self.fault(node, FaultKind::Forbidden { what });
                }
                let (one, other) = (self.needed(left), self.needed(right));
                one.and(other).map(|_| (Type::Text, false))
            }
            NodeKind::Filter { name, name_at, of, args } => self.filter(node, (name, name_at), of.as_deref(), args),
            NodeKind::Test { name, name_at, of, args } => {
                if !["defined", "undefined", "none"].contains(&name.as_str()) || !args.is_empty() {
                    self.found.faults.push(Fault::new(name_at.clone(), FaultKind::UnknownTest { name: name.clone() }));
                    return None;
                }
                self.expr(of).map(|_| (Type::Bool, false))
            }
            NodeKind::IfElse { test, then, otherwise } => self.choice(test, then, otherwise.as_deref()),
            NodeKind::Call(..) => self.fault(node, FaultKind::Forbidden { what: "functions" }),
            NodeKind::Map(_) => self.fault(node, FaultKind::Forbidden { what: "a map" }),
            NodeKind::Foreign(what) => self.fault(node, FaultKind::Forbidden { what }),
        }
    }

    fn choice(&mut self, test: &Node, then: &Node, otherwise: Option<&Node>) -> Typed {
        self.cond(test);
        let before = self.local.clone();
        self.local.certain.extend(guards(test, true));
        let one = self.expr(then);
        self.local = before.clone();
        self.local.certain.extend(guards(test, false));
        let other = otherwise.map(|other| self.expr(other));
        self.local = before;
        match (one?, other) {
            // without `else` the value is missing when the test fails
            ((kind, _), None) => Some((kind, true)),
            ((kind, nullable), Some(other)) => {
                let (second, also) = other?;
                Some((if kind == second { kind } else { Type::Text }, nullable || also))
            }
        }
    }

    /// A path of the scope: its faults, its type, and that it was read.
    fn path(&mut self, node: &Node) -> Typed {
        let layered = Layered { local: &self.local, scope: self.scope };
        let (kind, faults) = check_value(self.source, node, &layered);
        let mut parts = Vec::new();
        let known = parts_of(node, &mut parts).is_ok();
        let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
        let nullable = layered.nullable(&names);
        self.found.faults.extend(faults);
        let kind = kind?;
        if known && !self.local.names.contains_key(names[0]) {
            self.found.paths.insert(names.join("."));
        }
        Some((kind, nullable))
    }

    /// Comparisons and arithmetic: typed by the one expression language where both sides belong to it.
    fn compare(&mut self, node: &Node, left: &Node, right: &Node, needed: bool) -> Option<Type> {
        let before = self.found.faults.len();
        let (one, other) = if needed {
            (self.needed(left), self.needed(right))
        } else {
            (self.expr(left).map(|(kind, _)| kind), self.expr(right).map(|(kind, _)| kind))
        };
        let (one, other) = (one?, other?);
        for (kind, quoted) in [(&one, right), (&other, left)] {
            let special = matches!(kind, Type::Time | Type::Date | Type::Duration | Type::Money);
            if special && matches!(quoted.kind, NodeKind::Text(_)) {
                let what = "a comparison of a time, date or amount with a quoted text; decide it in the step's `if`";
                return self.fault(node, FaultKind::Forbidden { what });
            }
        }
        if self.found.faults.len() > before || !(plain(left) && plain(right)) {
            return Some(Type::Any);
        }
        let layered = Layered { local: &self.local, scope: self.scope };
        let (kind, faults) = check_value(self.source, node, &layered);
        self.found.faults.extend(faults);
        kind
    }

    fn filter(
        &mut self,
        node: &Node,
        (name, name_at): (&String, &std::ops::Range<usize>),
        of: Option<&Node>,
        args: &[Arg],
    ) -> Typed {
        let Some(row) = filters::find(name) else {
            let candidates = filters::FILTERS.iter().map(|row| row.name.to_owned()).collect();
            let kind = FaultKind::UnknownFilter { name: name.clone(), candidates };
            self.found.faults.push(Fault::new(name_at.clone(), kind));
            of.and_then(|of| self.expr(of));
            return None;
        };
        let given: Vec<Typed> = args.iter().map(|arg| self.expr(&arg.value)).collect();
        if let Some(problem) = arguments(row, args) {
            self.fault::<()>(node, FaultKind::Argument { function: name.clone(), problem });
        }
        if row.takes == Takes::Anything {
            let (kind, _) = of.and_then(|of| self.expr(of))?;
            let (instead, nullable) = given.into_iter().next().flatten()?;
            return Some((if kind == Type::Any { instead } else { kind }, nullable));
        }
        let Some(of) = of else { return Some((Type::Text, false)) };
        let is = self.needed(of)?;
        if !takes(row.takes, &is) {
            let what = format!("{} | {name}", self.slice(of));
            return self.fault(node, FaultKind::NotPrintable { what, is });
        }
        Some((if row.takes == Takes::Sized { Type::Integer } else { Type::Text }, false))
    }
}

fn arguments(row: &filters::TextFilter, args: &[Arg]) -> Option<crate::expr::ArgumentProblem> {
    use crate::expr::ArgumentProblem as Problem;
    if let Some(name) = args.iter().find_map(|arg| arg.name.clone()) {
        return Some(Problem::UnknownName { name, candidates: Vec::new() });
    }
    let (fewest, at_most) = row.arguments;
    if args.len() < fewest {
        return Some(Problem::Missing("value"));
    }
    (args.len() > at_most).then_some(Problem::TooMany { at_most })
}

fn takes(takes: Takes, is: &Type) -> bool {
    match (takes, is) {
        (_, Type::Any) | (Takes::Anything, _) => true,
        (Takes::Moment, is) => matches!(is, Type::Time | Type::Date),
        (Takes::Money, is) => *is == Type::Money,
        (Takes::Printable, is) => !matches!(is, Type::List(_) | Type::Record(_) | Type::Person | Type::Bool),
        (Takes::List, is) => matches!(is, Type::List(_)),
        (Takes::Sized, is) => matches!(is, Type::List(_) | Type::Text | Type::Choice(_)),
    }
}

/// Names and literals only, which the expression language types on its own.
fn plain(node: &Node) -> bool {
    match &node.kind {
        NodeKind::None | NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Num(_) | NodeKind::Text(_) => true,
        NodeKind::Name(_) | NodeKind::Part(..) | NodeKind::Item(..) => true,
        NodeKind::List(items) => items.iter().all(plain),
        _ => false,
    }
}

fn dotted(node: &Node) -> Option<String> {
    let mut parts = Vec::new();
    parts_of(node, &mut parts).ok()?;
    Some(parts.into_iter().map(|(name, _)| name).collect::<Vec<_>>().join("."))
}

/// Paths that have a value when the test comes out as `holds`.
fn guards(test: &Node, holds: bool) -> Vec<String> {
    let one = |node: &Node| dotted(node).into_iter().collect();
    match (&test.kind, holds) {
        (NodeKind::Not(of), _) => guards(of, !holds),
        (NodeKind::And(terms), true) | (NodeKind::Or(terms), false) => {
            terms.iter().flat_map(|term| guards(term, holds)).collect()
        }
        (NodeKind::Test { name, of, .. }, true) if name == "defined" => one(of),
        (NodeKind::Test { name, of, .. }, false) if name != "defined" => one(of),
        (NodeKind::Compare(Comparison::Eq, left, right), true) => {
            [left, right].into_iter().filter_map(|of| dotted(of)).collect()
        }
        (NodeKind::Compare(Comparison::Ne, left, right), false) => {
            [left, right].into_iter().filter_map(|of| dotted(of)).collect()
        }
        (NodeKind::In(left, _), true) => one(left),
        (NodeKind::Name(_) | NodeKind::Part(..) | NodeKind::Item(..), true) => one(test),
        _ => Vec::new(),
    }
}
