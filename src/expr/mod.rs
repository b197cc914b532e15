//! The one expression language: parse, check, evaluate.
//!
//! Owns conditions (`if`, `where`), value expressions (`value`), their typed tree and every word about mistakes in them.
//! Must not know SQL, plans or files: names come through a [`Scope`], facts through [`Facts`].
mod ask;
mod check;
mod constant;
mod eval;
mod fault;
mod fixed;
mod functions;
mod scope;
mod syntax;
mod tree;
#[cfg(test)]
mod vocabulary;

pub(crate) use ask::{Ask, BookingQuery, Facts, Missing, Word};
pub(crate) use check::{check_value, parse_and_check, parse_text, parse_value, parts_of};
pub(crate) use fault::{ArgumentProblem, Fault, FaultKind, NameKind, nearest};
pub(crate) use functions::{FUNCTIONS, Function, Signature};
pub(crate) use scope::{Scope, Unknown, part_of};
pub(crate) use syntax::{Arg, Arith, Comparison, Node, NodeKind, Stmt, pieces, template};
pub(crate) use tree::{BookingAsk, Cond, Expr, Formula, Path};
#[cfg(test)]
pub(crate) use vocabulary::Vocabulary;

#[cfg(test)]
mod tests;
