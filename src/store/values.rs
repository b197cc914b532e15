//! Tags, fields and bookings once more, as rows and columns that conditions about many people can read.
//!
//! Follows from what is stored elsewhere and holds nothing of its own.
use super::{code::from_json, names::Names};
use crate::{
    calendar::CivilDate,
    engine::Did,
    id::{ContactId, FieldName},
    record::{Booking, Contact},
    value::Value,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The form of these rows. Another number in a file: they are made again.
const FORM: &str = "1";

/// The field under which tags stand.
pub(super) const TAGS: &str = "tags";

pub(super) mod kind {
    pub(in crate::store) const BOOL: i64 = 1;
    pub(in crate::store) const INT: i64 = 2;
    pub(in crate::store) const NUM: i64 = 3;
    pub(in crate::store) const TEXT: i64 = 4;
    pub(in crate::store) const TIME: i64 = 5;
    pub(in crate::store) const DATE: i64 = 6;
    pub(in crate::store) const DURATION: i64 = 7;
    pub(in crate::store) const MONEY: i64 = 8;
    pub(in crate::store) const LIST: i64 = 9;
    pub(in crate::store) const MAP: i64 = 10;
}

/// Days since 1970.
pub(super) fn days(date: CivilDate) -> i64 {
    let start = jiff::civil::date(1970, 1, 1);
    date.0.since(start).map_or(0, |span| i64::from(span.get_days()))
}

/// Writes the rows of a person anew. `known` says that some may be there.
pub(super) fn put(db: &Connection, names: &mut Names, contact: &Contact, known: bool) -> Did<()> {
    rows(db, names, contact.id, &contact.tags, &contact.fields, known)
}

fn rows(
    db: &Connection,
    names: &mut Names,
    who: ContactId,
    tags: &BTreeSet<Arc<str>>,
    fields: &BTreeMap<FieldName, Value>,
    known: bool,
) -> Did<()> {
    if known {
        db.prepare_cached(sql!("value_drop"))?.execute(params![who.0])?;
    }
    if !tags.is_empty() {
        let field = names.id(db, TAGS)?;
        for (place, tag) in (1..).zip(tags) {
            one(db, who, field, place, &Value::Text(tag.clone()))?;
        }
    }
    for (name, value) in fields {
        let field = names.id(db, name.as_str())?;
        one(db, who, field, 0, value)?;
        if let Value::List(items) = value {
            for (place, item) in (1..).zip(items) {
                one(db, who, field, place, item)?;
            }
        }
    }
    Ok(())
}

fn one(db: &Connection, who: ContactId, field: i64, place: i64, value: &Value) -> Did<()> {
    let length = |length: usize| Some(i64::try_from(length).unwrap_or(i64::MAX));
    let (kind, text, whole, real): (i64, Option<&str>, Option<i64>, Option<f64>) = match value {
        Value::Missing => return Ok(()),
        Value::Bool(yes) => (kind::BOOL, None, Some(i64::from(*yes)), None),
        Value::Int(number) => (kind::INT, None, Some(*number), None),
        Value::Num(number) => (kind::NUM, None, None, Some(*number)),
        Value::Text(text) => (kind::TEXT, Some(text), length(text.chars().count()), None),
        Value::Time(at) => (kind::TIME, None, Some(at.0), None),
        Value::Date(date) => (kind::DATE, None, Some(days(*date)), None),
        Value::Duration(span) => (kind::DURATION, None, Some(span.nominal_ms()), None),
        Value::Money(minor, unit) => (kind::MONEY, Some(unit), Some(*minor), None),
        Value::List(items) => (kind::LIST, None, length(items.len()), None),
        Value::Map(_) => (kind::MAP, None, None, None),
    };
    db.prepare_cached(sql!("value_put"))?.execute(params![who.0, field, place, kind, text, whole, real])?;
    Ok(())
}

/// Makes all of them, in a file of an older form or of before there were any.
pub(super) fn catch_up(db: &Connection, names: &mut Names) -> Did<()> {
    let form: Option<String> = db.query_row(sql!("meta_get"), params!["values"], |row| row.get(0)).optional()?;
    if form.as_deref() == Some(FORM) {
        return Ok(());
    }
    db.execute_batch("BEGIN IMMEDIATE")?;
    let done = everybody(db, names).and_then(|()| {
        db.execute(sql!("meta_set"), params!["values", FORM])?;
        Ok(db.execute_batch("COMMIT")?)
    });
    if done.is_ok() {
        names.committed();
    } else {
        names.rolled_back();
        // a failure here means that SQLite has rolled back by itself
        let _ = db.execute_batch("ROLLBACK");
    }
    done
}

fn everybody(db: &Connection, names: &mut Names) -> Did<()> {
    let mut people = db.prepare(sql!("value_source"))?;
    let mut found = people.query([])?;
    while let Some(row) = found.next()? {
        let tags: Option<&str> = row.get_ref(1)?.as_str_or_null()?;
        let fields: Option<&str> = row.get_ref(2)?.as_str_or_null()?;
        let tags = tags.map(from_json).transpose()?.unwrap_or_default();
        let fields = fields.map(from_json).transpose()?.unwrap_or_default();
        rows(db, names, ContactId(row.get(0)?), &tags, &fields, true)?;
    }
    let mut bookings = db.prepare(sql!("booking_bodies"))?;
    let mut found = bookings.query([])?;
    while let Some(row) = found.next()? {
        let booking: Booking = from_json(row.get_ref(1)?.as_str()?)?;
        let clinic = booking.clinic.as_ref().map(crate::id::ClinicName::as_str);
        let row = params![row.get::<_, i64>(0)?, booking.kind.as_deref(), booking.host.email.as_deref(), clinic];
        db.prepare_cached(sql!("booking_describe"))?.execute(row)?;
    }
    Ok(())
}
