//! Reading, on a connection of its own: what `why`, `status`, pages and the API show. Never waits for the writer.
use super::{
    code, load,
    names::Names,
    open::{self, OpenError, VERSION},
    publish, replan,
};
use crate::{
    calendar::Instant,
    engine::{Broken, Did, LedgerRow, LinkRow, MailboxRow, RefusalRow, Replan, RunPhase, RunRow},
    id::{ChannelName, ClinicName, ContactId, RunId, SendId, SequenceName, SourceName, StepName, TriggerName},
    journey::{Refusal, Sending, Watch},
    plan::Plan,
    record::{ConsentEntry, Contact, Identity, Touch},
};
use rusqlite::{Connection, OpenFlags, Row, ToSql, params};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

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

    /// The file that is read.
    pub(crate) fn path(&self) -> PathBuf {
        self.db.path().map(PathBuf::from).unwrap_or_default()
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

    // --- one person ---------------------------------------------------------------------------------------------------

    pub(crate) fn contact(&mut self, who: ContactId) -> Did<Option<Contact>> {
        let found = self.all(sql!("read_contact"), params![who.0], |row, db, names| load::contact(row, who, db, names));
        Ok(found?.pop())
    }

    /// Everybody as they are outside of every sequence, in the order of their numbers: whom a simulation is about.
    pub(crate) fn everybody(&mut self) -> Did<Vec<(Contact, Vec<Identity>, Touch)>> {
        let ids =
            self.all(sql!("contact_page"), params![i64::MIN, i64::MAX], |row, _, _| Ok(ContactId(row.get(0)?)))?;
        let mut people = Vec::with_capacity(ids.len());
        for who in ids {
            let found = self.all(sql!("contact_load"), params![who.0], |row, db, names| {
                Ok((load::contact(row, who, db, names)?, load::touch(row, db, names)?))
            });
            let identities = self.all(sql!("identity_load"), params![who.0], |row, db, names| {
                let clinic = names.opt_text(db, Some(row.get(2)?).filter(|clinic| *clinic != 0_i64))?;
                let value = Arc::from(row.get_ref(1)?.as_str()?);
                Ok(Identity { kind: code::to_identity(row.get(0)?)?, value, clinic: clinic.map(ClinicName::new) })
            })?;
            people.extend(found?.pop().map(|(contact, touch)| (contact, identities, touch)));
        }
        Ok(people)
    }

    /// All runs of one person, also those that ended, oldest first.
    pub(crate) fn runs(&mut self, who: ContactId) -> Did<Vec<RunRow>> {
        let known = self.published()?;
        self.all(sql!("read_runs"), params![who.0], |row, db, names| run_row(row, db, names, known.as_ref()))
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

    // --- messages -----------------------------------------------------------------------------------------------------

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

    /// Where a counted link leads.
    pub(crate) fn link(&mut self, send: SendId, number: u16) -> Did<Option<LinkRow>> {
        let found = self.all(sql!("read_link"), params![send.0, number], |row, db, names| {
            Ok(LinkRow {
                send,
                number,
                contact: ContactId(row.get(0)?),
                url: Arc::from(row.get_ref(1)?.as_str()?),
                channel: names.opt_text(db, row.get(2)?)?.map(ChannelName::new),
                sequence: names.opt_text(db, row.get(4)?)?.map(SequenceName::new),
                step: StepName::new(names.text(db, row.get(3)?)?),
            })
        });
        Ok(found?.pop())
    }

    /// Sequences whose plan changed and whose people have not all been looked at since.
    pub(crate) fn replans(&self) -> Did<BTreeMap<SequenceName, Replan>> {
        replan::all(&self.db)
    }

    // --- plans --------------------------------------------------------------------------------------------------------

    /// The plan that was published last, with its version.
    pub(crate) fn plan(&self) -> Did<Option<(u32, Plan)>> {
        publish::read(&self.db)
    }

    /// A plan that was published, by its version.
    pub(crate) fn plan_at(&self, version: u32) -> Did<Option<Plan>> {
        publish::at(&self.db, version)
    }

    /// Every plan that was published, newest first.
    pub(crate) fn editions(&self) -> Did<Vec<publish::Edition>> {
        publish::editions(&self.db)
    }

    /// Names of the sequences of the plan that was published last, by number; `None` when there is no plan.
    pub(super) fn published(&mut self) -> Did<Option<BTreeSet<i64>>> {
        let manifest = self.all(sql!("plan_latest"), params![], |row, _, _| Ok(row.get::<_, String>(2)?))?.pop();
        let Some(manifest) = manifest else { return Ok(None) };
        let known = self.all(sql!("read_plan_sequences"), params![manifest], |row, _, _| Ok(row.get(0)?))?;
        Ok(Some(known.into_iter().collect()))
    }
}

pub(super) fn ledger_row(row: &Row<'_>, db: &Connection, names: &mut Names) -> Did<LedgerRow> {
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
        taken: load::json(row, 18)?.unwrap_or_default(),
        worth: load::json(row, 19)?,
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
