//! Rounds over everybody in the database: where each stands, and what is remembered of the people they compare.
use super::{
    SqliteStore, SqliteTurn,
    code::{self, from_json, to_json},
};
use crate::{
    calendar::Instant,
    engine::{Did, sweeps_of},
    id::{ContactId, TriggerName},
    journey::{Mark, Sweep},
    plan::Plan,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::{collections::BTreeMap, sync::Arc};

pub(super) fn all(db: &Connection) -> Did<BTreeMap<TriggerName, Sweep>> {
    let mut statement = db.prepare_cached(sql!("meta_sweeps"))?;
    let mut rows = statement.query([])?;
    let mut sweeps = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (key, value) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        let trigger = key.strip_prefix("sweep:").unwrap_or(key);
        sweeps.insert(TriggerName::new(trigger), from_json(value)?);
    }
    Ok(sweeps)
}

fn keep(db: &Connection, trigger: &TriggerName, sweep: Sweep) -> Did<()> {
    db.prepare_cached(sql!("meta_set"))?.execute(params![format!("sweep:{trigger}"), to_json(&sweep)?])?;
    Ok(())
}

/// When the next page is due.
pub(super) fn next(db: &Connection) -> Did<Option<i64>> {
    let due = all(db)?.into_values().map(|sweep| sweep.due).min();
    Ok(due.filter(|due| *due != crate::journey::Watch::NEVER).map(|due| due.0))
}

/// A plan was published: however many people there are, only where the rounds stand is written.
pub(super) fn publish(store: &mut SqliteStore, plan: &Plan, now: Instant) -> Did<()> {
    let db = &store.db;
    let known: Option<String> = db.query_row(sql!("meta_get"), params!["standing"], |row| row.get(0)).optional()?;
    let known: BTreeMap<TriggerName, Arc<str>> = known.map_or_else(|| Ok(BTreeMap::new()), |text| from_json(&text))?;
    if plan.standing().is_empty() && known.is_empty() {
        return Ok(());
    }
    let last: Option<i64> = db.query_row(sql!("contact_last"), [], |row| row.get(0))?;
    let sweeps = sweeps_of(plan, &known, &all(db)?, now, last.map(ContactId));
    db.execute(sql!("meta_sweeps_drop"), [])?;
    for (trigger, sweep) in &sweeps {
        keep(db, trigger, *sweep)?;
    }
    let prints: BTreeMap<&TriggerName, &Arc<str>> =
        plan.standing().iter().map(|standing| (&standing.trigger.name, &standing.print)).collect();
    db.execute(sql!("meta_set"), params!["standing", to_json(&prints)?])?;
    Ok(())
}

impl SqliteTurn<'_> {
    pub(super) fn put_sweep(&mut self, trigger: &TriggerName, sweep: Sweep) -> Did<()> {
        keep(&self.store.db, trigger, sweep)
    }

    pub(super) fn people_behind(&self, after: Option<ContactId>, limit: usize) -> Did<Vec<ContactId>> {
        let mut statement = self.store.db.prepare_cached(sql!("contact_page"))?;
        let rows = statement.query_map(params![behind(after), size(limit)], |row| Ok(ContactId(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn marks_of(
        &mut self,
        trigger: &TriggerName,
        after: Option<ContactId>,
        limit: usize,
    ) -> Did<Vec<(ContactId, Mark)>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let Some(trigger) = names.known(db, trigger.as_str())? else { return Ok(Vec::new()) };
        let mut statement = db.prepare_cached(sql!("watch_marks"))?;
        let mut rows = statement.query(params![trigger, behind(after), size(limit)])?;
        let mut marks = Vec::new();
        while let Some(row) = rows.next()? {
            let mark = if row.get::<_, i64>(1)? == code::mark::INSIDE { Mark::Inside } else { Mark::PutOff };
            marks.push((ContactId(row.get(0)?), mark));
        }
        Ok(marks)
    }
}

fn behind(after: Option<ContactId>) -> i64 {
    after.map_or(i64::MIN, |after| after.0)
}

fn size(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
