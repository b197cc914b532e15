//! Who fits a condition, a page of people at a time: the condition as one statement, and whoever it cannot tell one by one.
//!
//! The statement is portable: placeholders with numbers, no engine's own functions, no JSON. It agrees with the evaluation
//! in memory on every row; where a person's zone decides it tells within limits, and whoever stands between them is
//! loaded and evaluated ([`Reach`]).
mod clock;
mod cond;
mod read;
mod sql;

use super::SqliteTurn;
use crate::{
    calendar::Instant,
    engine::{Did, PAGE, sift},
    expr::Cond,
    id::ContactId,
    plan::Plan,
};
use rusqlite::{params_from_iter, types::Value as Bound};
use sql::{Bindings, Pred, TRUE};
use std::collections::BTreeSet;

/// Candidates that are looked at together at least, where not all of them may fit.
const FEW: usize = 32;

/// The first number of a value of the condition: before it stand the last person of the page before, and the limit.
const FIRST: usize = 3;

/// How far a statement goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reach {
    /// Whom it finds fits.
    Exact,
    /// Everybody who fits is found, and of each it says whether they surely do; the others have to be looked at.
    Superset,
}

/// A condition about people as SQL.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) text: String,
    pub(super) values: Vec<Bound>,
    pub(super) reach: Reach,
}

/// The hand that writes a condition as SQL.
struct Asking<'a> {
    plan: &'a Plan,
    now: Instant,
    binds: Bindings,
    depth: u8,
}

/// The condition over all people, for somebody who evaluates at that moment.
pub(super) fn statement(plan: &Plan, cond: &Cond, now: Instant) -> Statement {
    let mut asking = Asking { plan, now, binds: Bindings::from(FIRST), depth: 0 };
    let pred = asking.pred(cond.tree());
    let reach = if pred.is_exact() { Reach::Exact } else { Reach::Superset };
    let Pred { may, must } = pred;
    let sure = if reach == Reach::Exact { TRUE.to_owned() } else { must };
    let text = format!(
        "SELECT c.id, {sure} FROM contact c WHERE c.id > ?1 AND c.erased_at IS NULL AND {may} ORDER BY c.id LIMIT ?2"
    );
    let (text, values) = asking.binds.used(&text);
    Statement { text, values, reach }
}

impl SqliteTurn<'_> {
    pub(super) fn who_fits(
        &mut self,
        cond: &Cond,
        now: Instant,
        after: Option<ContactId>,
        limit: usize,
    ) -> Did<Vec<ContactId>> {
        let (plan, mut members) = (self.plan, Vec::new());
        let statement = statement(plan, cond, now);
        let mut after = after.map_or(i64::MIN, |after| after.0);
        while members.len() < limit {
            let rest = limit - members.len();
            let page = if statement.reach == Reach::Exact { rest } else { rest.clamp(FEW, PAGE) };
            let found = self.candidates(&statement, after, page)?;
            let Some((last, _)) = found.last() else { break };
            after = last.0;
            let open: Vec<ContactId> = found.iter().filter(|(_, sure)| !sure).map(|(who, _)| *who).collect();
            let fit: BTreeSet<ContactId> = sift(self, plan, cond, &open, now, usize::MAX)?.into_iter().collect();
            let fits = found.iter().filter(|(who, sure)| *sure || fit.contains(who)).map(|(who, _)| *who);
            members.extend(fits.take(rest));
            if found.len() < page {
                break;
            }
        }
        Ok(members)
    }

    pub(super) fn candidates(&self, statement: &Statement, after: i64, limit: usize) -> Did<Vec<(ContactId, bool)>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let ends = [Bound::Integer(after), Bound::Integer(limit)];
        let mut prepared = self.store.db.prepare_cached(&statement.text)?;
        let values = params_from_iter(ends.iter().chain(&statement.values));
        let rows = prepared.query_map(values, |row| Ok((ContactId(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
