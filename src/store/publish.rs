//! Plans in the database: numbered, kept, and the revisions of their sequences that people stand on.
use super::{SqliteStore, code, names::Names};
use crate::{
    calendar::Instant,
    engine::{Broken, Did},
    id::{self, ObjectId, SequenceName},
    plan::{FORMAT, Plan, Sequence, hash_of},
};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// Which stored revision each sequence of the plan at hand is.
#[derive(Debug, Default)]
pub(super) struct Objects {
    current: BTreeMap<SequenceName, (Arc<Sequence>, Option<ObjectId>)>,
    /// Other revisions, as they were read; `None` for those of another format.
    revisions: BTreeMap<ObjectId, Option<Arc<Sequence>>>,
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

    /// A stored revision; `None` when it is of another format.
    fn revision(&mut self, db: &Connection, object: ObjectId) -> Did<Option<Arc<Sequence>>> {
        if let Some(known) = self.revisions.get(&object) {
            return Ok(known.clone());
        }
        let found = revision(db, object)?.map(Arc::new);
        self.revisions.insert(object, found.clone());
        Ok(found)
    }

    /// Another revision than today's that a run stands on, and the same where it finishes that.
    pub(super) fn old(&mut self, db: &Connection, today: &Sequence, own: Option<ObjectId>) -> Did<(Old, Old)> {
        let Some(object) = own else { return Ok((None, None)) };
        let own = self.revision(db, object)?;
        let pinned = if today.changed.pin { self.finished(db, object)? } else { None };
        Ok((own, pinned))
    }

    /// A stored revision with its texts, for those who finish it: its own, else those of the last plan that had it.
    fn finished(&mut self, db: &Connection, object: ObjectId) -> Did<Option<Arc<Sequence>>> {
        let Some(mut found) = self.revision(db, object)? else { return Ok(None) };
        if found.texts.is_empty() {
            let of_plan = |row: &rusqlite::Row<'_>| Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?));
            let known = db.prepare_cached(sql!("plan_of_object"))?.query_row(params![object.0], of_plan).optional()?;
            let body = known.filter(|(format, _)| *format == FORMAT).map(|(_, body)| body);
            let plan: Option<Plan> = body.map(|body| code::from_json(&body)).transpose()?;
            let texts = plan.map(|plan| found.texts_among(&plan.templates)).unwrap_or_default();
            Arc::make_mut(&mut found).texts = texts;
            self.revisions.insert(object, Some(found.clone()));
        }
        Ok(Some(found))
    }

    pub(super) fn forget(&mut self) {
        self.current.clear();
        self.revisions.clear();
    }
}

type Old = Option<Arc<Sequence>>;

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
    let before = super::replan::published(&store.db, last.as_ref().map(|(.., manifest)| &**manifest))?;
    let mut objects = BTreeMap::new();
    for (name, sequence) in &plan.sequences {
        let object = keep(store, code::object::SEQUENCE, name.as_str(), sequence)?;
        manifest.push(object);
        objects.insert(name.clone(), object);
    }
    for (path, text) in &plan.files {
        manifest.push(keep(store, code::object::FILE, path, text)?);
    }
    let version = last.map_or(1, |(version, ..)| version + 1);
    let row = params![version, hash, now.0, actor, code::to_json(&manifest)?];
    store.db.prepare_cached(sql!("plan_put"))?.execute(row)?;
    super::replan::publish(store, plan, &before, objects, now)?;
    super::sweep::publish(store, plan, now)?;
    store.objects.forget();
    Ok(version)
}

/// A stored revision of a sequence; `None` when it is of another format.
fn revision(db: &Connection, object: ObjectId) -> Did<Option<Sequence>> {
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, u32>(1)?, row.get::<_, String>(2)?));
    let found = db.prepare_cached(sql!("object_get"))?.query_row(params![object.0], row).optional()?;
    let body = found.filter(|(format, _)| *format == FORMAT).map(|(_, body)| body);
    body.map(|body| code::from_json(&body)).transpose()
}

/// One published plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Edition {
    pub(crate) version: u32,
    /// In hexadecimal.
    pub(crate) hash: String,
    pub(crate) at: Instant,
    pub(crate) actor: String,
}

/// Every plan that was published, newest first.
pub(super) fn editions(db: &Connection) -> Did<Vec<Edition>> {
    let mut statement = db.prepare_cached(sql!("plan_editions"))?;
    let edition = |row: &rusqlite::Row<'_>| {
        let hash: Vec<u8> = row.get(1)?;
        Ok(Edition { version: row.get(0)?, hash: id::hex(&hash), at: Instant(row.get(2)?), actor: row.get(3)? })
    };
    Ok(statement.query_map([], edition)?.collect::<Result<_, _>>()?)
}

/// The plan that was published last, with its version; `None` when there is none, or one of another format.
pub(super) fn read(db: &Connection) -> Did<Option<(u32, Plan)>> {
    let Some((version, _, manifest)) = latest(db)? else { return Ok(None) };
    Ok(made_of(db, &manifest)?.map(|plan| (version, plan)))
}

/// The plan of that version; `None` when there is none, or one of another format.
pub(super) fn at(db: &Connection, version: u32) -> Did<Option<Plan>> {
    let row = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let manifest = db.query_row(sql!("plan_manifest"), params![version], row).optional()?;
    Ok(manifest.map(|manifest| made_of(db, &manifest)).transpose()?.flatten())
}

fn made_of(db: &Connection, manifest: &str) -> Did<Option<Plan>> {
    let mut plan: Option<Plan> = None;
    let (mut sequences, mut files) = (BTreeMap::new(), BTreeMap::new());
    for id in code::from_json::<Vec<ObjectId>>(manifest)? {
        let row = |row: &rusqlite::Row<'_>| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, u32>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
        };
        let (kind, format, body, name) = db.query_row(sql!("object_get"), params![id.0], row)?;
        if kind == code::object::FILE {
            let path = db.query_row(sql!("name_get"), params![name], |row| row.get::<_, String>(0))?;
            files.insert(Arc::from(path), code::from_json::<Arc<str>>(&body)?);
            continue;
        }
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
        (plan.sequences, plan.files) = (sequences, files);
        plan.indexed()
    }))
}
