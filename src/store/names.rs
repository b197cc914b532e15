//! Names as small integers: sequences, steps, channels, zones and the like. What a dropped turn added is forgotten again.
use crate::{
    calendar::Zone,
    engine::{Broken, Did},
};
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

#[derive(Debug, Default)]
pub(super) struct Names {
    ids: BTreeMap<Arc<str>, i64>,
    texts: BTreeMap<i64, Arc<str>>,
    zones: BTreeMap<i64, Zone>,
    /// Added since the last commit.
    fresh: Vec<i64>,
    /// Blanked since the last commit.
    blanked: Vec<(i64, Arc<str>)>,
}

impl Names {
    pub(super) fn load(db: &Connection) -> Did<Self> {
        let mut names = Self::default();
        let mut all = db.prepare(sql!("name_all"))?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            names.keep(row.get(0)?, Arc::from(row.get_ref(1)?.as_str()?));
        }
        Ok(names)
    }

    fn keep(&mut self, id: i64, text: Arc<str>) {
        self.ids.insert(text.clone(), id);
        self.texts.insert(id, text);
    }

    /// The number of a name, given now when it has none.
    pub(super) fn id(&mut self, db: &Connection, text: &str) -> Did<i64> {
        if let Some(id) = self.ids.get(text) {
            return Ok(*id);
        }
        db.prepare_cached(sql!("name_put"))?.execute(params![text])?;
        let id = db.last_insert_rowid();
        self.keep(id, Arc::from(text));
        self.fresh.push(id);
        Ok(id)
    }

    pub(super) fn opt(&mut self, db: &Connection, text: Option<&str>) -> Did<Option<i64>> {
        text.map(|text| self.id(db, text)).transpose()
    }

    /// The number of a name if it has one: what was never written down cannot be found.
    pub(super) fn known(&mut self, db: &Connection, text: &str) -> Did<Option<i64>> {
        if let Some(id) = self.ids.get(text) {
            return Ok(Some(*id));
        }
        let id = db.prepare_cached(sql!("name_find"))?.query_row(params![text], |row| row.get(0)).optional()?;
        if let Some(id) = id {
            self.keep(id, Arc::from(text));
        }
        Ok(id)
    }

    pub(super) fn text(&mut self, db: &Connection, id: i64) -> Did<Arc<str>> {
        if let Some(text) = self.texts.get(&id) {
            return Ok(text.clone());
        }
        let text: Option<String> =
            db.prepare_cached(sql!("name_get"))?.query_row(params![id], |row| row.get(0)).optional()?;
        let text = Arc::<str>::from(text.ok_or_else(|| Broken::new(format!("name {id} is not in the database")))?);
        self.keep(id, text.clone());
        Ok(text)
    }

    pub(super) fn opt_text(&mut self, db: &Connection, id: Option<i64>) -> Did<Option<Arc<str>>> {
        id.map(|id| self.text(db, id)).transpose()
    }

    /// A zone by the number of its name. One that the rules no longer know is none.
    pub(super) fn zone(&mut self, db: &Connection, id: Option<i64>) -> Did<Option<Zone>> {
        let Some(id) = id else { return Ok(None) };
        if let Some(zone) = self.zones.get(&id) {
            return Ok(Some(zone.clone()));
        }
        let zone = Zone::parse(&self.text(db, id)?);
        if let (Some(zone), Entry::Vacant(slot)) = (&zone, self.zones.entry(id)) {
            slot.insert(zone.clone());
        }
        Ok(zone)
    }

    /// Takes the text of a name away; its number stays taken.
    pub(super) fn blank(&mut self, db: &Connection, id: i64) -> Did<()> {
        let text = self.text(db, id)?;
        db.prepare_cached(sql!("name_blank"))?.execute(params![id])?;
        self.ids.remove(&text);
        self.texts.remove(&id);
        self.zones.remove(&id);
        self.blanked.push((id, text));
        Ok(())
    }

    pub(super) fn committed(&mut self) {
        self.blanked.clear();
        self.fresh.clear();
    }

    pub(super) fn rolled_back(&mut self) {
        for (id, text) in std::mem::take(&mut self.blanked) {
            self.keep(id, text);
        }
        for id in self.fresh.drain(..) {
            self.zones.remove(&id);
            if let Some(text) = self.texts.remove(&id) {
                self.ids.remove(&text);
            }
        }
    }
}
