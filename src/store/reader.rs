//! Reading, on a connection of its own: what `why`, `status`, pages and the API show. Never waits for the writer.
use super::{
    code, load,
    names::Names,
    open::{self, OpenError, VERSION},
    publish,
};
use crate::{
    calendar::Instant,
    engine::{
        AttemptRow, Broken, Did, LedgerRow, MailboxRow, QuarantineRow, RefusalRow, RunPhase, RunRow, Task, TaskRow,
    },
    id::{
        BookingId, ChannelName, ClinicName, ContactId, DeliveryId, EventId, EventKind, RunId, SendId, SequenceName,
        SourceName, StepName, TriggerName,
    },
    journey::{Happening, Refusal, Sending, Watch},
    plan::Plan,
    record::{Booking, ConsentEntry, Contact},
};
use rusqlite::{Connection, OpenFlags, Row, ToSql, params};
use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

/// A connection that only reads. Each question sees one consistent state.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(super) db: Connection,
    pub(super) names: Names,
}

impl Reader {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        if !path.exists() {
            return Err(OpenError::Missing);
        }
        open::no_folder(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags)?;
        db.busy_timeout(Duration::from_secs(5))?;
        db.pragma_update(None, "temp_store", "MEMORY")?;
        open::prepare(&db)?;
        let found = open::version(&db)?;
        if found > VERSION {
            return Err(OpenError::Newer { found, known: VERSION });
        }
        if found < VERSION {
            return Err(OpenError::Older { found, known: VERSION });
        }
        Ok(Self { db, names: Names::default() })
    }

    /// All rows of a statement, each made into what it means.
    pub(super) fn all<T>(
        &mut self,
        text: &str,
        params: &[&dyn ToSql],
        mut make: impl FnMut(&Row<'_>, &Connection, &mut Names) -> Did<T>,
    ) -> Did<Vec<T>> {
        let Self { db, names } = self;
        let mut statement = db.prepare_cached(text)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(make(row, db, names)?);
        }
        Ok(found)
    }

    // --- the ledger ---------------------------------------------------------------------------------------------------

    /// Every step of one person that fell due, oldest first.
    pub(crate) fn ledger(&mut self, who: ContactId) -> Did<Vec<LedgerRow>> {
        self.all(sql!("read_ledger"), params![who.0], ledger_row)
    }

    /// The latest lines over everybody, newest first; `before` is the last line of the page above.
    pub(crate) fn log(&mut self, before: Option<SendId>, limit: u32) -> Did<Vec<LedgerRow>> {
        let before = before.map_or(i64::MAX, |send| send.0);
        self.all(sql!("read_log"), params![before, limit], ledger_row)
    }

    pub(crate) fn line(&mut self, send: SendId) -> Did<Option<LedgerRow>> {
        Ok(self.all(sql!("read_line"), params![send.0], ledger_row)?.pop())
    }

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

    // --- one person ---------------------------------------------------------------------------------------------------

    pub(crate) fn contact(&mut self, who: ContactId) -> Did<Option<Contact>> {
        let found = self.all(sql!("read_contact"), params![who.0], |row, db, names| load::contact(row, who, db, names));
        Ok(found?.pop())
    }

    /// All runs of one person, also those that ended, oldest first.
    pub(crate) fn runs(&mut self, who: ContactId) -> Did<Vec<RunRow>> {
        let known = self.published()?;
        self.all(sql!("read_runs"), params![who.0], |row, db, names| run_row(row, db, names, known.as_ref()))
    }

    /// Active runs of a sequence, by contact; `after` is the last contact of the page above.
    pub(crate) fn inside(&mut self, sequence: &SequenceName, after: Option<ContactId>, limit: u32) -> Did<Vec<RunRow>> {
        let known = self.published()?;
        let Some(sequence) = self.names.known(&self.db, sequence.as_str())? else { return Ok(Vec::new()) };
        let after = after.map_or(0, |contact| contact.0);
        self.all(sql!("read_runs_inside"), params![sequence, after, limit], |row, db, names| {
            run_row(row, db, names, known.as_ref())
        })
    }

    pub(crate) fn watches(&mut self, who: ContactId) -> Did<Vec<Watch>> {
        let mut watches = self.all(sql!("watch_load"), params![who.0], |row, db, names| {
            Ok(Watch {
                trigger: TriggerName::new(names.text(db, row.get(0)?)?),
                booking: load::subject(row.get(1)?),
                armed: Instant(row.get(2)?),
                due: Instant(row.get(3)?),
                opening: Arc::new(code::from_json(row.get_ref(4)?.as_str()?)?),
            })
        })?;
        crate::engine::sort_watches(&mut watches);
        Ok(watches)
    }

    pub(crate) fn bookings(&mut self, who: ContactId) -> Did<Vec<Booking>> {
        self.all(sql!("read_bookings"), params![who.0], |row, _, _| code::from_json(row.get_ref(0)?.as_str()?))
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

    pub(crate) fn refusals(&mut self, who: ContactId) -> Did<Vec<RefusalRow>> {
        self.all(sql!("read_refusals"), params![who.0], |row, db, names| {
            let refusal = Refusal {
                trigger: names.opt_text(db, row.get(1)?)?.map(TriggerName::new),
                sequence: names.opt_text(db, row.get(2)?)?.map(SequenceName::new),
                why: code::to_refused(row.get(3)?)?,
                because: load::json(row, 4)?,
            };
            Ok(RefusalRow { contact: who, at: Instant(row.get(0)?), refusal })
        })
    }

    pub(crate) fn consents(&mut self, who: ContactId) -> Did<Vec<ConsentEntry>> {
        self.all(sql!("read_consents"), params![who.0], |row, db, names| {
            Ok(ConsentEntry {
                channel: names.opt_text(db, row.get(0)?)?.map(ChannelName::new),
                purpose: row.get::<_, Option<i64>>(1)?.map(code::to_purpose).transpose()?,
                state: code::to_consent(row.get(2)?)?,
                basis: Arc::from(row.get_ref(3)?.as_str()?),
                text_version: load::text(row, 4)?,
                source: names.opt_text(db, row.get(5)?)?.map(SourceName::new),
                actor: Arc::from(row.get_ref(6)?.as_str()?),
                at: Instant(row.get(7)?),
            })
        })
    }

    // --- messages and tasks -------------------------------------------------------------------------------------------

    /// The latest messages of mailbox channels, newest first; `before` is the last of the page above.
    pub(crate) fn mailbox(&mut self, before: Option<SendId>, limit: u32) -> Did<Vec<MailboxRow>> {
        let before = before.map_or(i64::MAX, |send| send.0);
        self.all(sql!("read_mailbox"), params![before, limit], mailbox_row)
    }

    pub(crate) fn message(&mut self, send: SendId) -> Did<Option<MailboxRow>> {
        Ok(self.all(sql!("read_message"), params![send.0], mailbox_row)?.pop())
    }

    pub(crate) fn mailbox_of(&mut self, who: ContactId) -> Did<Vec<MailboxRow>> {
        self.all(sql!("read_mailbox_contact"), params![who.0], mailbox_row)
    }

    /// Open tasks, the most pressing first.
    pub(crate) fn tasks(&mut self, limit: u32) -> Did<Vec<TaskRow>> {
        self.all(sql!("read_tasks"), params![limit], task_row)
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

    /// A delivery as it came: source, time, body.
    pub(crate) fn delivery(&mut self, id: DeliveryId) -> Did<Option<(SourceName, Instant, Vec<u8>)>> {
        let found = self.all(sql!("read_delivery"), params![id.0], |row, db, names| {
            let source = SourceName::new(names.text(db, row.get(0)?)?);
            let body = row.get_ref(2)?.as_bytes_or_null()?.unwrap_or_default().to_vec();
            Ok((source, Instant(row.get(1)?), body))
        });
        Ok(found?.pop())
    }

    /// A consistent copy of the whole database, made by SQLite itself while the writer goes on.
    pub(crate) fn copy(&self, to: &Path) -> Result<(), OpenError> {
        open::copy(&self.db, to)
    }

    // --- plans --------------------------------------------------------------------------------------------------------

    /// The plan that was published last, with its version.
    pub(crate) fn plan(&self) -> Did<Option<(u32, Plan)>> {
        publish::read(&self.db)
    }

    /// Names of the sequences of the plan that was published last, by number; `None` when there is no plan.
    pub(super) fn published(&mut self) -> Did<Option<BTreeSet<i64>>> {
        let manifest = self.all(sql!("plan_latest"), params![], |row, _, _| Ok(row.get::<_, String>(2)?))?.pop();
        let Some(manifest) = manifest else { return Ok(None) };
        let known = self.all(sql!("read_plan_sequences"), params![manifest], |row, _, _| Ok(row.get(0)?))?;
        Ok(Some(known.into_iter().collect()))
    }
}

fn ledger_row(row: &Row<'_>, db: &Connection, names: &mut Names) -> Did<LedgerRow> {
    let detail = load::text(row, 11)?;
    let state = match (code::to_outcome(row.get(9)?, row.get(10)?, detail)?, row.get::<_, Option<i64>>(17)?) {
        (Some(outcome), _) => Sending::Closed(outcome),
        (None, Some(state)) => {
            let epoch = row.get::<_, Option<i64>>(19)?.unwrap_or(0);
            load::sending(state, row.get(18)?, row.get(14)?, epoch, row.get(20)?)?
        }
        (None, None) => return Err(Broken::new("an open line of the ledger has no send")),
    };
    Ok(LedgerRow {
        send: SendId(row.get(0)?),
        contact: ContactId(row.get(1)?),
        run: row.get::<_, Option<i64>>(2)?.map(RunId),
        sequence: names.opt_text(db, row.get(3)?)?.map(SequenceName::new),
        step: StepName::new(names.text(db, row.get(4)?)?),
        occurrence: row.get(5)?,
        what: code::to_kind(row.get(6)?)?,
        purpose: code::to_purpose(row.get(7)?)?,
        planned: Instant(row.get(8)?),
        state,
        channel: names.opt_text(db, row.get(13)?)?.map(ChannelName::new),
        attempts: row.get(14)?,
        authorised_at: load::time(row, 15)?,
        because: load::json(row, 16)?,
        at: Instant(row.get(12)?),
    })
}

fn run_row(row: &Row<'_>, db: &Connection, names: &mut Names, known: Option<&BTreeSet<i64>>) -> Did<RunRow> {
    let flags: i64 = row.get(11)?;
    let sequence: i64 = row.get(2)?;
    let phase = match load::time(row, 13)? {
        Some(at) => {
            let why = row.get_ref(16)?.as_str_or_null()?;
            RunPhase::Ended { at, end: code::to_end(row.get(14)?, row.get(15)?, why)? }
        }
        None => {
            let past = flags & code::run::PAST != 0;
            let step = names.opt_text(db, row.get(5)?)?.filter(|_| !past).map(StepName::new);
            let moment = row.get::<_, Option<i64>>(9)?.or(row.get(8)?);
            RunPhase::Active { step, wait: code::to_wait(row.get(6)?, row.get(7)?, moment)? }
        }
    };
    let is_active = matches!(phase, RunPhase::Active { .. });
    Ok(RunRow {
        id: RunId(row.get(0)?),
        contact: ContactId(row.get(1)?),
        sequence: SequenceName::new(names.text(db, sequence)?),
        booking: load::subject(row.get(3)?),
        entered: Instant(row.get(4)?),
        phase,
        occurrence: row.get(10)?,
        acted: flags & code::run::ACTED != 0,
        converted: flags & code::run::CONVERTED != 0,
        open: row.get(12)?,
        orphaned: is_active && known.is_some_and(|known| !known.contains(&sequence)),
        started_by: load::json(row, 17)?.map(Arc::new),
    })
}

fn mailbox_row(row: &Row<'_>, db: &Connection, names: &mut Names) -> Did<MailboxRow> {
    Ok(MailboxRow {
        send: SendId(row.get(0)?),
        contact: ContactId(row.get(1)?),
        channel: ChannelName::new(names.text(db, row.get(2)?)?),
        at: Instant(row.get(3)?),
        message: serde_json::from_slice(row.get_ref(4)?.as_blob()?).map_err(Broken::new)?,
    })
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
