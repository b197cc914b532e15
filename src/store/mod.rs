//! SQLite: migrations, statements, and the engine's port over them. The only module that knows SQL.
//!
//! One connection writes, in turns; readers and checkpoints have their own. The file is never opened by anything but
//! SQLite: closing another descriptor of it would drop SQLite's locks. Must not know a provider, HTTP or YAML.
#![expect(clippy::disallowed_methods, reason = "the store is part of the shell: it owns its files")]

/// One statement of `sql/`.
macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!("sql/", $name, ".sql"))
    };
}

#[cfg(test)]
mod books;
mod campaign;
mod census;
mod code;
mod erase;
mod history;
mod ledger;
mod load;
mod named;
mod names;
mod open;
mod publish;
mod reader;
mod record;
mod recorded;
mod replan;
mod segment;
mod stat;
mod status;
mod sweep;
#[cfg(test)]
pub(crate) mod tests;
mod turn;
mod values;

pub(crate) use erase::WRITTEN_ANEW;
pub(crate) use open::OpenError;
pub(crate) use reader::Reader;
pub(crate) use recorded::{RecordedDelivery, RecordedOrder};
pub(crate) use stat::Count;
pub(crate) use status::{Card, Status};
pub(crate) use turn::SqliteTurn;

use crate::{
    calendar::Instant,
    engine::{Broken, Did, InFlight, Key, Store},
    id::{ContactId, Epoch, SendId},
    journey::{Attempt, Ids},
    plan::Plan,
};
use names::Names;
use publish::Objects;
use rusqlite::{Connection, params};
use std::path::PathBuf;

/// The durable home of everything. One at a time per file, in one process.
#[derive(Debug)]
pub(crate) struct SqliteStore {
    db: Connection,
    path: PathBuf,
    names: Names,
    objects: Objects,
    numbers: Numbers,
    key: Key,
    /// Somebody was erased, and the log still holds what they were.
    log_holds_erased: bool,
    /// How many people were loaded.
    #[cfg(test)]
    loads: usize,
    /// Held until the store is dropped, or the process dies; a store without it cannot write.
    lock: Option<open::Lock>,
}

/// Last numbers given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Numbers {
    ids: Ids,
    contact: i64,
    booking: i64,
    delivery: i64,
    epoch: i64,
}

impl Numbers {
    fn load(db: &Connection) -> Did<Self> {
        Ok(db.query_row(sql!("number_get"), [], |row| {
            let ids = Ids { run: row.get(0)?, send: row.get(1)?, event: row.get(2)? };
            Ok(Self { ids, contact: row.get(3)?, booking: row.get(4)?, delivery: row.get(5)?, epoch: row.get(6)? })
        })?)
    }

    fn save(&self, db: &Connection) -> Did<()> {
        let Self { ids, contact, booking, delivery, epoch } = self;
        db.prepare_cached(sql!("number_put"))?
            .execute(params![ids.run, ids.send, ids.event, contact, booking, delivery, epoch])?;
        Ok(())
    }
}

impl Store for SqliteStore {
    type Turn<'s> = SqliteTurn<'s>;

    fn turn<'s>(&'s mut self, plan: &'s Plan) -> Did<SqliteTurn<'s>> {
        SqliteTurn::begin(self, plan)
    }

    fn publish(&mut self, plan: &Plan, actor: &str, now: Instant) -> Did<u32> {
        self.whole(|store| publish::publish(store, plan, actor, now))
    }

    fn begin_epoch(&mut self) -> Did<Epoch> {
        self.whole(|store| {
            store.numbers.epoch += 1;
            store.numbers.save(&store.db)?;
            Ok(Epoch(store.numbers.epoch))
        })
    }

    fn in_flight(&self, before: Epoch) -> Did<Vec<InFlight>> {
        let mut statement = self.db.prepare_cached(sql!("send_in_flight"))?;
        let rows = statement.query_map(params![before.0], |row| {
            let attempt = Attempt { number: row.get(2)?, epoch: Epoch(row.get(3)?) };
            Ok(InFlight { contact: ContactId(row.get(0)?), send: SendId(row.get(1)?), attempt })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn next_wake(&self) -> Did<Option<Instant>> {
        let mut first: Option<i64> = None;
        let mut ask = |text: &str, rank: Option<u8>| -> Did<()> {
            let mut statement = self.db.prepare_cached(text)?;
            let at: Option<i64> = match rank {
                Some(rank) => statement.query_row(params![rank], |row| row.get(0))?,
                None => statement.query_row([], |row| row.get(0))?,
            };
            first = match (first, at) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            Ok(())
        };
        for rank in 0..turn::RANKS {
            ask(sql!("enrolment_next"), Some(rank))?;
            ask(sql!("send_next"), Some(rank))?;
        }
        ask(sql!("watch_next"), None)?;
        ask(sql!("campaign_next"), None)?;
        let rounds = sweep::next(&self.db)?.into_iter().chain(replan::next(&self.db)?);
        Ok(first.into_iter().chain(rounds).min().map(Instant))
    }

    fn key(&self) -> Key {
        self.key.clone()
    }
}

impl SqliteStore {
    /// Does something in a transaction of its own.
    fn whole<T>(&mut self, work: impl FnOnce(&mut Self) -> Did<T>) -> Did<T> {
        let before = self.numbers;
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let done = work(self).and_then(|value| {
            self.db.execute_batch("COMMIT")?;
            Ok(value)
        });
        if done.is_ok() {
            self.names.committed();
        } else {
            self.undo(before);
        }
        done
    }

    /// Takes back what was not committed, also from memory.
    fn undo(&mut self, before: Numbers) {
        if !self.db.is_autocommit() {
            // a failure here means that SQLite has rolled back by itself
            let _ = self.db.execute_batch("ROLLBACK");
        }
        self.names.rolled_back();
        self.objects.forget();
        self.numbers = before;
    }
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(error)
    }
}

impl From<rusqlite::types::FromSqlError> for Broken {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::new(error)
    }
}
