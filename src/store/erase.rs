//! Erasure: takes everything personal of one person out of every table, and keeps what nobody can read them from.
//!
//! Goes by tables, never by the names of fields, so a project's own fields need no word here. What each table holds of a
//! person and what becomes of it stands in `data_map.txt`, which a test holds against the tables. Whoever is erased here was
//! decided about elsewhere.
use super::{SqliteStore, SqliteTurn, code, named, stat::Count};
use crate::{
    calendar::Instant,
    engine::{Did, Erased},
    id::{ClinicName, ContactId},
    journey::{ERASED, StopReason},
    record::{Identity, IdentityKind},
};
use named::Needles;
use rusqlite::{Connection, params};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// Tables whose rows of one person go, and those that keep a row without anything personal. Rows that say which others are
/// theirs come last.
const STATEMENTS: &[(&str, &str)] = &[
    ("delivery", sql!("erase_deliveries")),
    ("event", sql!("erase_events")),
    ("booking_uid", sql!("erase_booking_uids")),
    ("booking", sql!("erase_bookings")),
    ("watch", sql!("erase_watches")),
    ("refusal", sql!("erase_refusals")),
    ("attempt", sql!("erase_attempts")),
    ("outcome", sql!("erase_outcomes")),
    ("send", sql!("erase_sends")),
    ("message", sql!("erase_messages")),
    ("link", sql!("erase_links")),
    ("task", sql!("erase_tasks")),
    ("redemption", sql!("erase_redemptions")),
    ("contact_value", sql!("value_drop")),
    ("enrolment", sql!("erase_runs")),
    ("consent", sql!("erase_consents")),
    ("identity", sql!("erase_identities")),
    ("touch", sql!("erase_touch")),
];

/// Files up to a quarter of a gigabyte are written anew after an erasure; larger ones would stop everything for too long.
pub(crate) const WRITTEN_ANEW: u64 = 256 * 1024 * 1024;

/// How long the commit of an erasure waits for readers who still look at the log.
const PATIENCE: Duration = Duration::from_secs(1);

impl SqliteTurn<'_> {
    pub(super) fn forget(&mut self, who: ContactId, now: Instant) -> Did<Erased> {
        let names = self.names_of(who)?;
        let needles = self.needles_of(who)?;
        self.suppress(who, now)?;
        self.spend_codes(who)?;
        self.end_orphans(who, now)?;
        self.blank_channels(who)?;
        let mut erased = Vec::new();
        for (table, text) in STATEMENTS {
            let rows = self.store.db.prepare_cached(text)?.execute(params![who.0])?;
            erased.push(((*table).to_owned(), rows as u64));
        }
        erased[0].1 += erase_bodies(&self.store.db, &needles)?;
        let SqliteStore { db, names: known, key, .. } = &mut *self.store;
        let row = params![who.0, key.public_of_erased(who), now.0];
        let rows = db.prepare_cached(sql!("erase_contact"))?.execute(row)?;
        erased.push(("contact".to_owned(), rows as u64));
        for id in names {
            if !db.prepare_cached(sql!("name_used"))?.query_row(params![id], |row| row.get::<_, bool>(0))? {
                known.blank(db, id)?;
            }
        }
        erased.retain(|(_, rows)| *rows > 0);
        Ok(erased)
    }

    fn names_of(&self, who: ContactId) -> Did<Vec<i64>> {
        let mut statement = self.store.db.prepare_cached(sql!("erase_names"))?;
        let rows = statement.query_map(params![who.0], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn addresses_of(&mut self, who: ContactId) -> Did<BTreeSet<Identity>> {
        let per_clinic = self.plan.per_clinic;
        let SqliteStore { db, names, .. } = &mut *self.store;
        let mut statement = db.prepare_cached(sql!("erase_addresses"))?;
        let [email, phone] = [IdentityKind::Email, IdentityKind::Phone].map(code::identity);
        let mut rows = statement.query(params![who.0, email, phone, per_clinic])?;
        let mut found = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let value = Arc::from(row.get_ref(1)?.as_str()?);
            let clinic = Some(row.get(2)?).filter(|clinic| *clinic != 0_i64);
            let clinic = names.opt_text(db, clinic)?.map(ClinicName::from);
            found.insert(Identity { kind: code::to_identity(row.get(0)?)?, value, clinic });
        }
        Ok(found)
    }

    /// What tells that a stored body is about this person, also where it came to nothing.
    fn needles_of(&mut self, who: ContactId) -> Did<Needles> {
        let mut needles = Needles::default();
        for address in self.addresses_of(who)? {
            needles.add(&address);
        }
        let mut statement = self.store.db.prepare_cached(sql!("erase_uids"))?;
        let mut rows = statement.query(params![who.0])?;
        while let Some(row) = rows.next()? {
            needles.add_word(row.get_ref(0)?.as_str()?);
        }
        Ok(needles)
    }

    fn suppress(&mut self, who: ContactId, now: Instant) -> Did<()> {
        for address in self.addresses_of(who)? {
            for hash in self.store.key.suppression(&address) {
                self.store.db.prepare_cached(sql!("suppression_put"))?.execute(params![hash, now.0])?;
            }
        }
        Ok(())
    }

    fn spend_codes(&mut self, who: ContactId) -> Did<()> {
        let SqliteStore { db, names, key, .. } = &mut *self.store;
        let mut statement = db.prepare_cached(sql!("offer_code_load"))?;
        let rows = statement.query_map(params![who.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let codes: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
        for (offer, code) in codes {
            let spent = key.spent_code(&names.text(db, offer)?, &code);
            db.prepare_cached(sql!("erase_code"))?.execute(params![who.0, offer, spent])?;
        }
        Ok(())
    }

    /// A line of consent may name a channel that only its teller knew.
    fn blank_channels(&mut self, who: ContactId) -> Did<()> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let mut statement = db.prepare_cached(sql!("erase_channels"))?;
        let rows = statement.query_map(params![who.0], |row| row.get(0))?;
        let channels: Vec<i64> = rows.collect::<Result<_, _>>()?;
        for channel in channels {
            if !self.plan.channels.contains_key(&*names.text(db, channel)?) {
                let none = names.id(db, ERASED)?;
                db.prepare_cached(sql!("erase_channel"))?.execute(params![who.0, channel, none])?;
            }
        }
        Ok(())
    }

    /// Runs of sequences that are in no plan are never loaded, so nothing could be decided about them.
    fn end_orphans(&mut self, who: ContactId, now: Instant) -> Did<()> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let mut statement = db.prepare_cached(sql!("erase_active"))?;
        let rows = statement.query_map(params![who.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let active: Vec<(i64, i64)> = rows.collect::<Result<_, _>>()?;
        let why = code::to_json(&StopReason::Erased)?;
        for (run, sequence) in active {
            if !self.plan.sequences.contains_key(&*names.text(db, sequence)?) {
                db.prepare_cached(sql!("erase_orphan"))?.execute(params![run, now.0, why])?;
                self.stats.add(now, Count::Stopped.code(), Some(sequence), 0, None, 1);
            }
        }
        Ok(())
    }
}

/// Bodies about which nothing was decided: of no use, not understood, or overtaken by newer ones. They are found by what they
/// say. Reads all of them.
fn erase_bodies(db: &Connection, needles: &Needles) -> Did<u64> {
    let mut found = Vec::new();
    let mut statement = db.prepare_cached(sql!("delivery_bodies"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(1)?.as_bytes_or_null()?.unwrap_or_default();
        let told = [row.get_ref(2)?.as_bytes_or_null()?, row.get_ref(3)?.as_bytes_or_null()?];
        if needles.are_in(body) || told.into_iter().flatten().any(|text| needles.are_in(text)) {
            found.push(row.get::<_, i64>(0)?);
        }
    }
    for delivery in &found {
        db.prepare_cached(sql!("erase_delivery"))?.execute(params![delivery])?;
    }
    Ok(found.len() as u64)
}

impl SqliteStore {
    /// Moves the log into the file and empties it: it still holds pages as they were. Where a reader is in the way it is
    /// tried again with the next commit.
    ///
    /// Deleted rows are overwritten, but where a page was split before, bits of them may lie between its rows: right after
    /// an erasure a file that is not too large is written anew.
    pub(super) fn empty_log(&mut self, anew: bool) {
        let usual = Duration::from_secs(5);
        let wait = if anew { PATIENCE } else { Duration::ZERO };
        if anew && self.size().is_ok_and(|size| size <= WRITTEN_ANEW) {
            // without room for it the rows are gone all the same
            drop(self.db.execute_batch("VACUUM"));
        }
        let emptied = self
            .db
            .busy_timeout(wait)
            .and_then(|()| self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)));
        // what was committed is committed, whatever becomes of the log
        self.log_holds_erased = !matches!(emptied, Ok(0)) || self.db.busy_timeout(usual).is_err();
    }

    fn size(&self) -> Did<u64> {
        let ask = |name: &str| self.db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        Ok((ask("page_count")? * ask("page_size")?).unsigned_abs())
    }
}
