//! People inside sequences that changed: how far they have been looked at since the plan was published, and who comes next.
use super::{
    SqliteStore, SqliteTurn,
    code::{from_json, to_json},
    names::Names,
};
use crate::{
    calendar::Instant,
    engine::{Did, Published, Replan, replans_of},
    id::{ContactId, ObjectId, SequenceName},
    plan::Plan,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};

const TERMS: &str = "terms";

pub(super) fn all(db: &Connection) -> Did<BTreeMap<SequenceName, Replan>> {
    let mut statement = db.prepare_cached(sql!("meta_replans"))?;
    let mut rows = statement.query([])?;
    let mut replans = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (key, value) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        let sequence = key.strip_prefix("replan:").unwrap_or(key);
        replans.insert(SequenceName::new(sequence), from_json(value)?);
    }
    Ok(replans)
}

fn keep(db: &Connection, sequence: &SequenceName, replan: Option<Replan>) -> Did<()> {
    let key = format!("replan:{sequence}");
    match replan {
        Some(replan) => db.prepare_cached(sql!("meta_set"))?.execute(params![key, to_json(&replan)?])?,
        None => db.prepare_cached(sql!("meta_drop"))?.execute(params![key])?,
    };
    Ok(())
}

/// When the next page is due: as soon as there is one.
pub(super) fn next(db: &Connection) -> Did<Option<i64>> {
    Ok(all(db)?.into_values().map(|replan| replan.since.0).min())
}

/// What the plan with this manifest had.
pub(super) fn published(db: &Connection, manifest: Option<&str>) -> Did<Published> {
    let terms = db.query_row(sql!("meta_get"), params![TERMS], |row| row.get(0)).optional()?;
    let mut sequences = BTreeMap::new();
    if let Some(manifest) = manifest {
        let mut statement = db.prepare_cached(sql!("plan_sequences"))?;
        let mut rows = statement.query(params![manifest])?;
        while let Some(row) = rows.next()? {
            sequences.insert(SequenceName::new(row.get_ref(0)?.as_str()?), ObjectId(row.get(1)?));
        }
    }
    Ok(Published { sequences, terms })
}

/// A plan was published: however many people there are inside, only where the rounds stand is written. Runs whose sequence
/// is gone wait for it to come back.
pub(super) fn publish(
    store: &mut SqliteStore,
    plan: &Plan,
    before: &Published,
    sequences: BTreeMap<SequenceName, ObjectId>,
    now: Instant,
) -> Did<()> {
    let SqliteStore { db, names, .. } = &mut *store;
    let today = Published { sequences, terms: Some(plan.terms()) };
    let inside = inside(db, names)?;
    for (name, id) in &inside {
        match today.sequences.get(name) {
            Some(_) if before.sequences.contains_key(name) => {}
            Some(_) => {
                db.prepare_cached(sql!("enrolment_settle"))?.execute(params![id])?;
            }
            None => {
                db.prepare_cached(sql!("enrolment_orphan"))?.execute(params![id])?;
            }
        }
    }
    let inside: BTreeSet<SequenceName> = inside.into_keys().collect();
    let known = all(db)?;
    let replans = replans_of(plan, before, &today, &known, &inside, now);
    for name in known.keys().filter(|name| !replans.contains_key(*name)) {
        keep(db, name, None)?;
    }
    for (name, replan) in &replans {
        keep(db, name, Some(*replan))?;
    }
    db.prepare_cached(sql!("meta_set"))?.execute(params![TERMS, today.terms])?;
    Ok(())
}

/// Sequences that somebody is in.
fn inside(db: &Connection, names: &mut Names) -> Did<BTreeMap<SequenceName, i64>> {
    let ids: BTreeSet<i64> = {
        let mut statement = db.prepare_cached(sql!("enrolment_sequences"))?;
        statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    ids.into_iter().map(|id| Ok((SequenceName::from(names.text(db, id)?), id))).collect()
}

impl SqliteTurn<'_> {
    pub(super) fn all_replans(&self) -> Did<BTreeMap<SequenceName, Replan>> {
        all(&self.store.db)
    }

    pub(super) fn put_replan(&mut self, sequence: &SequenceName, replan: Option<Replan>) -> Did<()> {
        keep(&self.store.db, sequence, replan)
    }

    pub(super) fn people_inside(
        &mut self,
        sequence: &SequenceName,
        all: bool,
        after: Option<ContactId>,
        limit: usize,
    ) -> Did<Vec<ContactId>> {
        let SqliteStore { db, names, objects, .. } = &mut *self.store;
        let Some(name) = names.known(db, sequence.as_str())? else { return Ok(Vec::new()) };
        let object = objects.of(db, names, self.plan, sequence)?.map(|object| object.0);
        let (after, limit) = (after.map_or(i64::MIN, |after| after.0), i64::try_from(limit).unwrap_or(i64::MAX));
        let who = |row: &rusqlite::Row<'_>| Ok(ContactId(row.get(0)?));
        let found: Result<Vec<ContactId>, _> = if all {
            db.prepare_cached(sql!("enrolment_inside"))?.query_map(params![name, after, limit], who)?.collect()
        } else {
            let stale = params![name, after, limit, object];
            db.prepare_cached(sql!("enrolment_inside_stale"))?.query_map(stale, who)?.collect()
        };
        Ok(found?)
    }
}
