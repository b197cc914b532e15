//! Plans in the database: numbered, kept, and the runs of sequences that changed marked to be looked at.
use super::{SqliteStore, code, names::Names};
use crate::{
    calendar::Instant,
    engine::{Broken, Did},
    id::{ObjectId, SequenceName},
    plan::{FORMAT, Plan, Sequence, hash_of},
};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Which stored revision each sequence of the plan at hand is.
#[derive(Debug, Default)]
pub(super) struct Objects {
    current: BTreeMap<SequenceName, (Arc<Sequence>, Option<ObjectId>)>,
}

impl Objects {
    /// `None` when the sequence is not in the plan, or in no published one.
    pub(super) fn of(
        &mut self,
        db: &Connection,
        names: &mut Names,
        plan: &Plan,
        name: &SequenceName,
    ) -> Did<Option<ObjectId>> {
        let Some(sequence) = plan.sequences.get(name) else { return Ok(None) };
        if let Some((known, object)) = self.current.get(name)
            && Arc::ptr_eq(known, sequence)
        {
            return Ok(*object);
        }
        let object = match names.known(db, name.as_str())? {
            Some(id) => find(db, code::object::SEQUENCE, id, &bytes(&hash_of(sequence))?)?,
            None => None,
        };
        self.current.insert(name.clone(), (sequence.clone(), object));
        Ok(object)
    }

    pub(super) fn forget(&mut self) {
        self.current.clear();
    }
}

fn find(db: &Connection, kind: i64, name: i64, hash: &[u8]) -> Did<Option<ObjectId>> {
    let mut statement = db.prepare_cached(sql!("object_find"))?;
    Ok(statement.query_row(params![kind, name, hash], |row| row.get(0)).optional()?.map(ObjectId))
}

/// A hash in hexadecimal as bytes.
fn bytes(hex: &str) -> Did<Vec<u8>> {
    let pair = |at: usize| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(pair).collect();
    bytes.ok_or_else(|| Broken::new("a hash is not hexadecimal"))
}

/// The number of this very object, stored now when it is new.
fn keep(store: &mut SqliteStore, kind: i64, name: &str, of: &impl Serialize) -> Did<ObjectId> {
    let SqliteStore { db, names, .. } = store;
    let (name, hash) = (names.id(db, name)?, bytes(&hash_of(of))?);
    if let Some(known) = find(db, kind, name, &hash)? {
        return Ok(known);
    }
    db.prepare_cached(sql!("object_put"))?.execute(params![kind, name, hash, FORMAT, code::to_json(of)?])?;
    Ok(ObjectId(db.last_insert_rowid()))
}

type Latest = Option<(u32, Vec<u8>, String)>;

fn latest(db: &Connection) -> Did<Latest> {
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    Ok(db.query_row(sql!("plan_latest"), [], row).optional()?)
}

pub(super) fn publish(store: &mut SqliteStore, plan: &Plan, actor: &str, now: Instant) -> Did<u32> {
    let hash = bytes(&plan.hash())?;
    let last = latest(&store.db)?;
    if let Some((version, _, _)) = last.as_ref().filter(|(_, known, _)| *known == hash) {
        return Ok(*version);
    }
    let mut rest = plan.clone();
    rest.sequences.clear();
    let mut manifest = vec![keep(store, code::object::PROJECT, &plan.project, &rest)?];
    let mut objects = BTreeMap::new();
    for (name, sequence) in &plan.sequences {
        let object = keep(store, code::object::SEQUENCE, name.as_str(), sequence)?;
        manifest.push(object);
        objects.insert(store.names.id(&store.db, name.as_str())?, object);
    }
    let version = last.map_or(1, |(version, ..)| version + 1);
    let db = &store.db;
    db.prepare_cached(sql!("plan_put"))?.execute(params![version, hash, now.0, actor, code::to_json(&manifest)?])?;
    mark(db, &objects, now)?;
    super::sweep::publish(store, plan, now)?;
    store.objects.forget();
    Ok(version)
}

/// Runs on another revision are due to be looked at; those whose sequence is gone wait for it to come back.
fn mark(db: &Connection, objects: &BTreeMap<i64, ObjectId>, now: Instant) -> Did<()> {
    let inside: BTreeSet<i64> = {
        let mut statement = db.prepare_cached(sql!("enrolment_sequences"))?;
        statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    for sequence in inside {
        match objects.get(&sequence) {
            Some(object) => {
                db.prepare_cached(sql!("enrolment_settle"))?.execute(params![sequence, object.0])?;
                db.prepare_cached(sql!("enrolment_revise"))?.execute(params![sequence, object.0, now.0])?;
            }
            None => {
                db.prepare_cached(sql!("enrolment_orphan"))?.execute(params![sequence])?;
            }
        }
    }
    Ok(())
}

/// A stored revision of a sequence; `None` when it is of another format.
pub(super) fn revision(db: &Connection, object: ObjectId) -> Did<Option<Sequence>> {
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, u32>(1)?, row.get::<_, String>(2)?));
    let found = db.prepare_cached(sql!("object_get"))?.query_row(params![object.0], row).optional()?;
    let body = found.filter(|(format, _)| *format == FORMAT).map(|(_, body)| body);
    body.map(|body| code::from_json(&body)).transpose()
}

/// The plan that was published last, with its version; `None` when there is none, or one of another format.
pub(super) fn read(db: &Connection) -> Did<Option<(u32, Plan)>> {
    let Some((version, _, manifest)) = latest(db)? else { return Ok(None) };
    let mut plan: Option<Plan> = None;
    let mut sequences = BTreeMap::new();
    for id in code::from_json::<Vec<ObjectId>>(&manifest)? {
        let row =
            |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, u32>(1)?, row.get::<_, String>(2)?));
        let (kind, format, body) = db.query_row(sql!("object_get"), params![id.0], row)?;
        if format != FORMAT {
            return Ok(None);
        }
        if kind == code::object::PROJECT {
            plan = Some(code::from_json(&body)?);
        } else {
            let sequence: Sequence = code::from_json(&body)?;
            sequences.insert(sequence.name.clone(), Arc::new(sequence));
        }
    }
    Ok(plan.map(|mut plan| {
        plan.sequences = sequences;
        (version, plan.indexed())
    }))
}
