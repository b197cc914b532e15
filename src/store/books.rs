//! What only tests read: rows of every table that nothing shows yet, and sums that must hold. Must not write.
use super::{Count, OpenError, Reader, Status, code, load, names::Names, open, reader::ledger_row, status};
use crate::{
    calendar::Instant,
    engine::{AttemptRow, Did, LedgerRow, QuarantineRow, Task, TaskRow},
    id::{
        BookingId, ChannelName, ContactId, DeliveryId, EventId, EventKind, RunId, SendId, SequenceName, SourceName,
        StepName,
    },
    journey::Happening,
};
use rusqlite::{Connection, Row, params};
use std::{path::Path, sync::Arc};

/// One number of a day; days count from 1970, UTC.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct StatRow {
    pub(crate) day: i64,
    pub(crate) sequence: Option<SequenceName>,
    pub(crate) step: Option<StepName>,
    pub(crate) what: Count,
    pub(crate) channel: Option<ChannelName>,
    pub(crate) count: i64,
}

impl Status {
    /// *due = sent + skipped + failed + cancelled + unknown + open* holds at every commit.
    pub(crate) fn adds_up(&self) -> bool {
        let closed = [Count::Sent, Count::Skipped, Count::Failed, Count::Cancelled, Count::Unknown];
        let closed: i64 = closed.into_iter().map(|what| self.total(what)).sum();
        let open: u64 = self.open_sends.values().sum();
        self.total(Count::Due) == closed + i64::try_from(open).unwrap_or(i64::MAX)
    }
}

impl Reader {
    /// Sends whose answer was lost and could not be found out.
    pub(crate) fn unknown(&mut self) -> Did<Vec<LedgerRow>> {
        self.all(sql!("read_unknown"), params![], ledger_row)
    }

    /// The send that a provider calls so. More than one only if two providers use the same id.
    pub(crate) fn by_provider(&mut self, id: &str) -> Did<Vec<LedgerRow>> {
        self.all(sql!("read_by_provider"), params![code::short_hash(&[id])], ledger_row)
    }

    pub(crate) fn attempts(&mut self, send: SendId) -> Did<Vec<AttemptRow>> {
        self.all(sql!("read_attempts"), params![send.0], |row, db, names| {
            Ok(AttemptRow {
                send: SendId(row.get(0)?),
                number: row.get(1)?,
                at: Instant(row.get(2)?),
                result: names.text(db, row.get(3)?)?,
                detail: Arc::from(row.get_ref(4)?.as_str()?),
            })
        })
    }

    pub(crate) fn events(&mut self, who: ContactId) -> Did<Vec<Happening>> {
        self.all(sql!("read_events"), params![who.0], |row, db, names| {
            Ok(Happening {
                id: EventId(row.get(0)?),
                kind: EventKind::new(names.text(db, row.get(1)?)?),
                at: Instant(row.get(2)?),
                booking: row.get::<_, Option<i64>>(3)?.map(BookingId),
                data: load::json(row, 6)?.unwrap_or_default(),
                delivery: row.get::<_, Option<i64>>(4)?.map(DeliveryId),
                by_run: row.get::<_, Option<i64>>(5)?.map(RunId),
            })
        })
    }

    pub(crate) fn tasks_of(&mut self, who: ContactId) -> Did<Vec<TaskRow>> {
        self.all(sql!("read_tasks_contact"), params![who.0], task_row)
    }

    /// Deliveries to be looked at, newest first.
    pub(crate) fn quarantine(&mut self, limit: u32) -> Did<Vec<QuarantineRow>> {
        self.all(sql!("read_quarantine"), params![limit], |row, db, names| {
            Ok(QuarantineRow {
                delivery: DeliveryId(row.get(0)?),
                source: SourceName::new(names.text(db, row.get(1)?)?),
                received_at: Instant(row.get(2)?),
                why: row.get(3)?,
            })
        })
    }

    /// A consistent copy of the whole database, made by SQLite itself while the writer goes on.
    pub(crate) fn copy(&self, to: &Path) -> Result<(), OpenError> {
        open::copy(&self.db, to)
    }

    /// Everybody, by number; `after` is the last of the page above.
    pub(crate) fn cards(&mut self, after: Option<ContactId>, limit: u32) -> Did<Vec<status::Card>> {
        self.all(sql!("read_cards"), params![after.map_or(0, |contact| contact.0), limit], status::card)
    }

    /// Counts of the days from `from` to `to`.
    pub(crate) fn stats(&mut self, from: i64, to: i64) -> Did<Vec<StatRow>> {
        let named = |id: i64| (id != 0).then_some(id);
        self.all(sql!("read_stats"), params![from, to], |row, db, names| {
            Ok(StatRow {
                day: row.get(0)?,
                sequence: names.opt_text(db, named(row.get(1)?))?.map(SequenceName::new),
                step: names.opt_text(db, named(row.get(2)?))?.map(StepName::new),
                what: Count::of(row.get(3)?).ok_or_else(|| code::unreadable("number", 0))?,
                channel: names.opt_text(db, named(row.get(4)?))?.map(ChannelName::new),
                count: row.get(5)?,
            })
        })
    }
}

fn task_row(row: &Row<'_>, _: &Connection, _: &mut Names) -> Did<TaskRow> {
    let task = Task {
        send: SendId(row.get(3)?),
        title: row.get(4)?,
        notes: row.get(5)?,
        assign: load::text(row, 6)?,
        due: load::time(row, 7)?,
    };
    Ok(TaskRow { contact: ContactId(row.get(0)?), at: Instant(row.get(1)?), done_at: load::time(row, 2)?, task })
}
