//! Arguments of functions and filters against their rows in the table.
use super::{Checker, Typed, result_of};
use crate::calendar::Span;
use crate::expr::ask::{Ask, Word};
use crate::expr::fault::{ArgumentProblem as Problem, Fault, FaultKind, NameKind};
use crate::expr::functions::{Function, Parameter, Signature, Wants};
use crate::expr::syntax::{Arg, Node, NodeKind};
use crate::expr::tree::{BookingAsk, Expr};
use crate::value::{Type, Value};
use std::{collections::BTreeMap, sync::Arc};

/// Arguments by the name of their parameter; further ones are fields of an event.
#[derive(Default)]
struct Bound<'n> {
    known: BTreeMap<&'static str, &'n Node>,
    fields: Vec<(&'n str, &'n Node)>,
}

impl Checker<'_> {
    /// A function or filter with what it was given.
    pub(super) fn apply(&mut self, node: &Node, row: &'static Signature, of: Option<&Node>, args: &[Arg]) -> Typed {
        let before = self.faults.len();
        let bound = self.bind(node, row, of, args);
        let tree = match row.function {
            Function::HasBooking => self.has_booking(row, &bound),
            Function::HasTag => self.name(row, &bound, &[NameKind::Tag]).map(Expr::HasTag),
            Function::InSequence => {
                // a campaign is run as a sequence of its name
                self.name(row, &bound, &[NameKind::Sequence, NameKind::Campaign]).map(Expr::InSequence)
            }
            Function::InSegment => {
                self.name(row, &bound, &[NameKind::Segment]).map(|segment| Expr::Ask(Ask::InSegment { segment }))
            }
            Function::WasSent => {
                let what = self.name(row, &bound, &[NameKind::Sequence, NameKind::Campaign]);
                let within = self.span(row, &bound);
                what.map(|what| Expr::Ask(Ask::WasSent { what, within }))
            }
            Function::Count | Function::Last => self.history(row, &bound),
            Function::Default => return self.default(node, row, &bound),
            function => self.plain(row, &bound).map(|args| Expr::Call(function, args)),
        };
        (self.faults.len() == before).then_some((tree?, result_of(row.function)))
    }

    fn problem<T>(&mut self, node: &Node, row: &Signature, problem: Problem) -> Option<T> {
        self.fault(node, FaultKind::Argument { function: row.name.to_owned(), problem })
    }

    /// Where the name of an argument stands: right before its value.
    fn named(&self, name: &str, value: &Node) -> Node {
        let start = self.text[..value.at.start].rfind(name).unwrap_or(value.at.start);
        Node { at: start..start + name.len(), kind: NodeKind::None }
    }

    fn bind<'n>(
        &mut self,
        node: &'n Node,
        row: &'static Signature,
        of: Option<&'n Node>,
        args: &'n [Arg],
    ) -> Bound<'n> {
        let mut bound = Bound::default();
        let mut places = row.parameters.iter().filter(|parameter| parameter.positional);
        let at_most = row.parameters.iter().filter(|parameter| parameter.positional).count();
        let positional = of.into_iter().chain(args.iter().filter(|arg| arg.name.is_none()).map(|arg| &arg.value));
        for value in positional {
            match places.next() {
                Some(parameter) => {
                    bound.known.insert(parameter.name, value);
                }
                None => {
                    let at_most = at_most.saturating_sub(usize::from(of.is_some()));
                    self.problem::<()>(value, row, Problem::TooMany { at_most });
                }
            }
        }
        for arg in args {
            let Some(name) = &arg.name else { continue };
            match row.parameters.iter().find(|parameter| parameter.name == name) {
                Some(parameter) if bound.known.contains_key(parameter.name) => {
                    self.problem::<()>(&self.named(name, &arg.value), row, Problem::Twice(name.clone()));
                }
                Some(parameter) => {
                    bound.known.insert(parameter.name, &arg.value);
                }
                None if row.fields && bound.fields.iter().any(|(field, _)| field == name) => {
                    self.problem::<()>(&self.named(name, &arg.value), row, Problem::Twice(name.clone()));
                }
                None if row.fields => bound.fields.push((name, &arg.value)),
                None => {
                    let candidates = row.parameters.iter().map(|parameter| parameter.name.to_owned()).collect();
                    self.problem::<()>(
                        &self.named(name, &arg.value),
                        row,
                        Problem::UnknownName { name: name.clone(), candidates },
                    );
                }
            }
        }
        for parameter in row.parameters.iter().filter(|parameter| parameter.needed) {
            if !bound.known.contains_key(parameter.name) {
                self.problem::<()>(node, row, Problem::Missing(parameter.name));
            }
        }
        bound
    }

    /// A value that fits what the parameter wants.
    fn argument(&mut self, row: &Signature, parameter: &Parameter, node: &Node) -> Typed {
        let (mut tree, mut is) = self.value(node)?;
        if parameter.wants == Wants::Moment {
            (tree, is) = self.coerced(node, (tree, is), &Type::Time)?;
        }
        let (fits, wanted) = match parameter.wants {
            Wants::Moment => (matches!(is, Type::Time | Type::Date | Type::Any), "a time or date"),
            Wants::Text => (matches!(is, Type::Text | Type::Choice(_) | Type::Any), "a text"),
            Wants::Host => (matches!(is, Type::Text | Type::Person | Type::Any), "a person or an e-mail address"),
            Wants::Sized => {
                (matches!(is, Type::Text | Type::Choice(_) | Type::List(_) | Type::Any), "a text or a list")
            }
            Wants::Texts => {
                (matches!(is, Type::Text | Type::Choice(_) | Type::List(_) | Type::Any), "a text or a list of texts")
            }
            Wants::Anything | Wants::Name | Wants::Span => (true, ""),
        };
        if fits {
            return Some((tree, is));
        }
        self.problem(node, row, Problem::WrongType { name: parameter.name.to_owned(), wanted, is })
    }

    fn plain(&mut self, row: &'static Signature, bound: &Bound<'_>) -> Option<Vec<Expr>> {
        let mut args = Vec::new();
        for parameter in row.parameters {
            let node = bound.known.get(parameter.name)?;
            args.push(self.argument(row, parameter, node)?.0);
        }
        Some(args)
    }

    /// `x | default(y)`: both of one type, or `y` readable as the type of `x`.
    fn default(&mut self, node: &Node, row: &'static Signature, bound: &Bound<'_>) -> Typed {
        let (one, other) = (bound.known.get("x")?, bound.known.get("y"));
        let value = self.value(one);
        let instead = self.value(other?);
        let ((tree, is), instead) = (value?, instead?);
        let (instead, kind) = self.coerced(other?, instead, &is)?;
        let gives = match (&is, &kind) {
            (is, kind) if is == kind => is.clone(),
            (Type::Any, kind) => kind.clone(),
            (is, Type::Any) => is.clone(),
            (Type::Choice(_), Type::Text) | (Type::Text, Type::Choice(_)) => Type::Text,
            (Type::Integer, Type::Number) | (Type::Number, Type::Integer) => Type::Number,
            (Type::List(_), Type::List(_)) => is.clone(),
            _ => return self.fault(node, FaultKind::WrongTypes { sign: "default", left: is, right: kind }),
        };
        Some((Expr::Call(row.function, vec![tree, instead]), gives))
    }

    /// The quoted name a function is about, checked against what exists.
    fn name(&mut self, row: &Signature, bound: &Bound<'_>, kinds: &[NameKind]) -> Option<Arc<str>> {
        let parameter = row.parameters.first()?;
        let node = *bound.known.get(parameter.name)?;
        let NodeKind::Text(name) = &node.kind else {
            return self.problem(node, row, Problem::NotQuoted(parameter.name.to_owned()));
        };
        self.exists(node, name, kinds);
        Some(Arc::from(name.as_str()))
    }

    fn exists(&mut self, node: &Node, name: &str, kinds: &[NameKind]) {
        // a sort of which any name may exist, or one that has this name
        if kinds.iter().any(|kind| self.scope.knows(*kind, name) != Some(false)) {
            return;
        }
        let candidates: Vec<String> = kinds.iter().filter_map(|kind| self.scope.names(*kind)).flatten().collect();
        let what = kinds.first().copied().unwrap_or(NameKind::Sequence);
        self.fault::<()>(node, FaultKind::UnknownId { what, name: name.to_owned(), candidates });
    }

    fn span(&mut self, row: &Signature, bound: &Bound<'_>) -> Option<Span> {
        let node = *bound.known.get("within")?;
        let NodeKind::Text(text) = &node.kind else {
            return self.problem(node, row, Problem::NotQuoted("within".to_owned()));
        };
        match Span::parse(text) {
            Ok(span) if !span.is_zero() => Some(span),
            _ => self.problem(node, row, Problem::BadSpan(text.clone())),
        }
    }

    fn history(&mut self, row: &'static Signature, bound: &Bound<'_>) -> Option<Expr> {
        let event = self.name(row, bound, &[NameKind::Event]);
        let within = self.span(row, bound);
        let declared = event.as_deref().and_then(|event| self.scope.event_fields(event));
        let mut fields = Vec::new();
        for (name, node) in &bound.fields {
            if let Some(declared) = &declared {
                let Some(kind) = declared.get(*name) else {
                    let candidates = declared.keys().map(ToString::to_string).collect();
                    self.problem::<()>(
                        &self.named(name, node),
                        row,
                        Problem::UnknownName { name: (*name).to_owned(), candidates },
                    );
                    continue;
                };
                self.field_fits(row, name, node, kind);
            }
            let Some((tree, _)) = self.value(node) else { continue };
            match Word::of(&tree) {
                Some(word) => fields.push((Arc::from(*name), word)),
                None => drop(self.problem::<()>(node, row, Problem::NotQuoted((*name).to_owned()))),
            }
        }
        fields.sort();
        let event = crate::id::EventKind::new(event?);
        Some(Expr::Ask(match row.function {
            Function::Count => Ask::Count { event, within, fields },
            _ => Ask::Last { event, fields },
        }))
    }

    fn field_fits(&mut self, row: &Signature, name: &str, node: &Node, kind: &Type) {
        let (is, fits) = match &node.kind {
            NodeKind::Text(text) => {
                if let Type::Choice(choices) = kind {
                    self.possible(node, name, text, choices);
                }
                (Type::Text, matches!(kind, Type::Text | Type::Choice(_) | Type::Any))
            }
            NodeKind::Bool(_) => (Type::Bool, matches!(kind, Type::Bool | Type::Any)),
            NodeKind::Int(_) => (Type::Integer, matches!(kind, Type::Integer | Type::Number | Type::Any)),
            _ => return,
        };
        if !fits {
            let wanted = match kind {
                Type::Bool => "true or false",
                Type::Integer | Type::Number => "a number",
                _ => "a text",
            };
            self.problem::<()>(node, row, Problem::WrongType { name: name.to_owned(), wanted, is });
        }
    }

    fn has_booking(&mut self, row: &'static Signature, bound: &Bound<'_>) -> Option<Expr> {
        let mut ask = BookingAsk::default();
        for parameter in row.parameters {
            let Some(node) = bound.known.get(parameter.name) else { continue };
            let Some((tree, _)) = self.argument(row, parameter, node) else { continue };
            let kind = match parameter.name {
                "kind" => Some(NameKind::BookingKind),
                "clinic" => Some(NameKind::Clinic),
                "status" => Some(NameKind::BookingStatus),
                _ => None,
            };
            if let Some(kind) = kind {
                self.all_exist(node, &tree, kind);
            }
            let place = match parameter.name {
                "kind" => &mut ask.kind,
                "host" => &mut ask.host,
                "clinic" => &mut ask.clinic,
                "from" => &mut ask.from,
                "to" => &mut ask.to,
                _ => &mut ask.status,
            };
            *place = Some(tree);
        }
        Some(Expr::HasBooking(Box::new(ask)))
    }

    /// Quoted names in an argument, alone or in a list.
    fn all_exist(&mut self, node: &Node, tree: &Expr, kind: NameKind) {
        match (&node.kind, tree) {
            (NodeKind::List(items), _) => {
                for item in items {
                    if let NodeKind::Text(name) = &item.kind {
                        self.exists(item, name, &[kind]);
                    } else {
                        let problem = Problem::NotQuoted("status".to_owned());
                        let kind = FaultKind::Argument { function: "has_booking".to_owned(), problem };
                        self.faults.push(Fault::new(item.at.clone(), kind));
                    }
                }
            }
            (_, Expr::Const(Value::Text(name))) => self.exists(node, name, &[kind]),
            _ => {}
        }
    }
}
