//! A text with `{{ … }}` as a value expression: its pieces joined, for places that compute and do not write to people.
//!
//! Only interpolations can be carried. Whether a value may be missing is for the check of texts; must not know messages.
use super::{Checker, Fault, FaultKind, Formula};
use crate::{
    expr::{
        scope::Scope,
        syntax::{self, Node, Stmt},
        tree::Expr,
    },
    value::{Type, Value},
};

/// The text as an expression that gives it, filled in. What only texts for people can do is a fault.
pub(crate) fn parse_text(source: &str, scope: &dyn Scope) -> (Option<Formula>, Vec<Fault>) {
    let body = match syntax::template(source) {
        Ok(body) => body,
        Err(fault) => return (None, vec![fault]),
    };
    let mut checker = Checker { text: source, scope, faults: Vec::new() };
    let pieces: Vec<Option<Expr>> = body.iter().map(|stmt| checker.piece(stmt)).collect();
    let pieces: Option<Vec<Expr>> = pieces.into_iter().collect();
    let tree = pieces.map(|pieces| joined(&pieces));
    (tree.map(|tree| Formula::new(source, tree, Type::Text)), checker.faults)
}

/// Halved again and again: a long text must not make a deep tree.
fn joined(pieces: &[Expr]) -> Expr {
    match pieces {
        [] => Expr::Const(Value::text("")),
        [one @ Expr::Const(Value::Text(_))] => one.clone(),
        // what is no text becomes one by being joined
        [one] => Expr::Join(Box::new(Expr::Const(Value::text(""))), Box::new(one.clone())),
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            Expr::Join(Box::new(joined(left)), Box::new(joined(right)))
        }
    }
}

impl Checker<'_> {
    fn piece(&mut self, stmt: &Stmt) -> Option<Expr> {
        match stmt {
            Stmt::Raw(at) => Some(Expr::Const(Value::text(self.text.get(at.clone()).unwrap_or_default()))),
            Stmt::Emit(node) => self.shown(node),
            _ => {
                let at = self.text.find("{%").unwrap_or(0);
                let end = self.text[at..].find("%}").map_or(self.text.len(), |end| at + end + 2);
                let what = format!("`{}`", &self.text[at..end]);
                self.faults.push(Fault::new(at..end, FaultKind::ForPeople { what }));
                None
            }
        }
    }

    /// A value that has one form as text, whoever reads it.
    fn shown(&mut self, node: &Node) -> Option<Expr> {
        let before = self.faults.len();
        let typed = self.value(node);
        for fault in &mut self.faults[before..] {
            if let FaultKind::UnknownFilter { name, .. } = &fault.kind {
                fault.kind = FaultKind::ForPeople { what: format!("the filter `{name}`") };
            }
        }
        let (tree, is) = typed?;
        let what = self.slice(node);
        match is {
            Type::Text | Type::Choice(_) | Type::Integer | Type::Any => Some(tree),
            Type::List(_) | Type::Record(_) | Type::Person | Type::Bool => {
                self.fault(node, FaultKind::NotPrintable { what, is })
            }
            // these are written as their reader writes them
            Type::Number | Type::Time | Type::Date | Type::Duration | Type::Money => {
                self.fault(node, FaultKind::ForPeople { what: format!("`{what}`, {},", crate::expr::fault::a(&is)) })
            }
        }
    }
}
