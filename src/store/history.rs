//! Answers that only history gives, by the rows that were kept.
use super::{SqliteStore, SqliteTurn};
use crate::{
    calendar::Instant,
    engine::{Did, as_value, matches},
    expr::{Ask, Word},
    id::{BookingId, ContactId, EventId, EventKind, RunId},
    journey::Happening,
    value::Value,
};
use rusqlite::params;
use std::{collections::BTreeMap, sync::Arc};

impl SqliteTurn<'_> {
    pub(super) fn ask_history(&mut self, who: ContactId, ask: &Ask, since: Option<Instant>) -> Did<Value> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        match ask {
            Ask::Count { event, fields, .. } => self.count(who, event, fields, since),
            Ask::Last { event, fields } => self.last(who, event, fields),
            Ask::WasSent { what, .. } => {
                let Some(sequence) = names.known(db, what)? else { return Ok(Value::Bool(false)) };
                let mut statement = db.prepare_cached(sql!("outcome_was_sent"))?;
                let since = since.map(|since| since.0);
                Ok(Value::Bool(statement.query_row(params![who.0, sequence, since], |row| row.get(0))?))
            }
            // nobody is in a segment that nothing fills
            Ask::InSegment { .. } => Ok(Value::Bool(false)),
            Ask::LastEnd { sequence, booking } => {
                let Some(sequence) = names.known(db, sequence.as_str())? else { return Ok(Value::Missing) };
                let subject = booking.map_or(0, |booking| booking.0);
                let mut statement = db.prepare_cached(sql!("enrolment_last_end"))?;
                let at: Option<i64> = statement.query_row(params![who.0, sequence, subject], |row| row.get(0))?;
                Ok(time(at))
            }
            Ask::LastContact => {
                let mut statement = db.prepare_cached(sql!("outcome_last_contact"))?;
                let at: Option<i64> = statement.query_row(params![who.0], |row| row.get(0))?;
                Ok(time(at))
            }
            Ask::LastEntry { sequences } => Ok(time(self.last_entry(who, sequences)?)),
            Ask::Since { event, after } => self.since(who, event, *after),
            Ask::Done { run } => {
                let mut statement = db.prepare_cached(sql!("outcome_done"))?;
                let mut rows = statement.query(params![run.0])?;
                let mut done = Vec::new();
                while let Some(row) = rows.next()? {
                    let step = names.text(db, row.get(0)?)?;
                    done.push(Value::text(format!("{step}#{}", row.get::<_, u16>(1)?)));
                }
                Ok(Value::List(done))
            }
        }
    }

    fn count(
        &mut self,
        who: ContactId,
        event: &EventKind,
        fields: &[(Arc<str>, Word)],
        since: Option<Instant>,
    ) -> Did<Value> {
        if !fields.is_empty() {
            let such = self.such(who, event, fields, since)?;
            return Ok(Value::Int(i64::try_from(such.len()).unwrap_or(i64::MAX)));
        }
        let SqliteStore { db, names, .. } = &mut *self.store;
        let Some(kind) = names.known(db, event.as_str())? else { return Ok(Value::Int(0)) };
        let since = since.map_or(i64::MIN, |since| since.0);
        let mut statement = db.prepare_cached(sql!("event_count"))?;
        Ok(Value::Int(statement.query_row(params![who.0, kind, since], |row| row.get(0))?))
    }

    fn last(&mut self, who: ContactId, event: &EventKind, fields: &[(Arc<str>, Word)]) -> Did<Value> {
        if !fields.is_empty() {
            return Ok(time(self.such(who, event, fields, None)?.into_iter().max()));
        }
        let SqliteStore { db, names, .. } = &mut *self.store;
        let Some(kind) = names.known(db, event.as_str())? else { return Ok(Value::Missing) };
        let mut statement = db.prepare_cached(sql!("event_last"))?;
        Ok(time(statement.query_row(params![who.0, kind], |row| row.get(0))?))
    }

    fn since(&mut self, who: ContactId, event: &EventKind, after: Instant) -> Did<Value> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let Some(kind) = names.known(db, event.as_str())? else { return Ok(Value::List(Vec::new())) };
        let mut statement = db.prepare_cached(sql!("event_since"))?;
        let mut rows = statement.query(params![who.0, kind, after.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(as_value(&Happening {
                id: EventId(row.get(0)?),
                kind: event.clone(),
                at: Instant(row.get(1)?),
                booking: row.get::<_, Option<i64>>(2)?.map(BookingId),
                data: super::load::json(row, 4)?.unwrap_or_default(),
                delivery: None,
                by_run: row.get::<_, Option<i64>>(3)?.map(RunId),
            }));
        }
        Ok(Value::List(found))
    }

    /// Moments of the events whose data hold the literals.
    fn such(
        &mut self,
        who: ContactId,
        event: &EventKind,
        fields: &[(Arc<str>, Word)],
        since: Option<Instant>,
    ) -> Did<Vec<i64>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let Some(kind) = names.known(db, event.as_str())? else { return Ok(Vec::new()) };
        let mut statement = db.prepare_cached(sql!("event_data"))?;
        let mut rows = statement.query(params![who.0, kind, since.map_or(i64::MIN, |since| since.0)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let data: BTreeMap<Arc<str>, Value> = super::load::json(row, 1)?.unwrap_or_default();
            if matches(&data, fields) {
                found.push(row.get(0)?);
            }
        }
        Ok(found)
    }
}

fn time(at: Option<i64>) -> Value {
    at.map_or(Value::Missing, |at| Value::Time(Instant(at)))
}
