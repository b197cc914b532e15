//! From rows to a person: contact and touch in one look, runs in another, the rest only where there is some.
use super::{
    SqliteStore, SqliteTurn,
    code::{self, from_json, has},
    names::Names,
};
use crate::{
    calendar::Instant,
    engine::{Did, Place, mark_stale, sort_watches, spec_of},
    id::{
        BookingId, ChannelName, ClinicName, ContactId, Epoch, ObjectId, RunId, SendId, SequenceName, StepName,
        TriggerName,
    },
    journey::{Attempt, Cursor, Person, Phase, Rank, Run, Send, Sending, Spec, Wait, Watch},
    plan::{NotifySpec, StepIx, TaskSpec},
    record::{Contact, Counted, Identity, Touch},
};
use rusqlite::{Connection, Row, params};
use std::sync::Arc;

/// What a trigger or an exit does stands in no sequence: it is stored with the send.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredSpec {
    Task(Arc<TaskSpec>),
    Notify(Arc<NotifySpec>),
}

pub(super) fn text(row: &Row<'_>, at: usize) -> Did<Option<Arc<str>>> {
    Ok(row.get_ref(at)?.as_str_or_null()?.map(Arc::from))
}

pub(super) fn time(row: &Row<'_>, at: usize) -> Did<Option<Instant>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(Instant))
}

pub(super) fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, at: usize) -> Did<Option<T>> {
    row.get_ref(at)?.as_str_or_null()?.map(from_json).transpose()
}

/// `[send, at, purpose, channel, sequence]` of messages that count for caps.
pub(super) type Recent = (i64, i64, i64, i64, Option<i64>);

pub(super) fn subject(id: i64) -> Option<BookingId> {
    (id != 0).then_some(BookingId(id))
}

/// The columns of `contact_load`.
pub(super) fn contact(row: &Row<'_>, id: ContactId, db: &Connection, names: &mut Names) -> Did<Contact> {
    Ok(Contact {
        id,
        clinic: names.opt_text(db, row.get(0)?)?.map(ClinicName::from),
        zone: names.zone(db, row.get(1)?)?,
        locale: names.opt_text(db, row.get(2)?)?,
        email: text(row, 3)?,
        phone: text(row, 4)?,
        score: row.get(5)?,
        warm: row.get(6)?,
        is_test: row.get(7)?,
        created_at: Instant(row.get(8)?),
        last_visit_at: time(row, 9)?,
        next_booking_at: time(row, 10)?,
        erased_at: time(row, 20)?,
        tags: json(row, 11)?.unwrap_or_default(),
        fields: json(row, 12)?.unwrap_or_default(),
    })
}

/// The same columns.
pub(super) fn touch(row: &Row<'_>, db: &Connection, names: &mut Names) -> Did<Touch> {
    let stored: Vec<Recent> = json(row, 18)?.unwrap_or_default();
    let mut recent = Vec::with_capacity(stored.len());
    for (send, at, purpose, channel, sequence) in stored {
        recent.push(Counted {
            send: SendId(send),
            at: Instant(at),
            purpose: code::to_purpose(purpose)?,
            channel: ChannelName::from(names.text(db, channel)?),
            sequence: names.opt_text(db, sequence)?.map(SequenceName::from),
        });
    }
    Ok(Touch {
        last_in: time(row, 14)?,
        last_out: time(row, 15)?,
        last_agent: time(row, 16)?,
        permits: json(row, 17)?.unwrap_or_default(),
        recent,
        windows: json(row, 19)?.unwrap_or_default(),
    })
}

impl SqliteTurn<'_> {
    pub(super) fn load(&mut self, id: ContactId) -> Did<Option<Person>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let (mut person, flags) = {
            let mut statement = db.prepare_cached(sql!("contact_load"))?;
            let mut rows = statement.query(params![id.0])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let mut person = Person::new(contact(row, id, db, names)?);
            person.touch = touch(row, db, names)?.into();
            (person, row.get::<_, i64>(13)?)
        };
        self.seen.has.insert(id, flags);
        #[cfg(test)]
        {
            self.store.loads += 1;
        }
        if flags & has::IDENTITIES != 0 {
            person.identities = self.identities(id)?.into();
        }
        if flags & has::BOOKINGS != 0 {
            let mut statement = self.store.db.prepare_cached(sql!("booking_load"))?;
            let mut rows = statement.query(params![id.0])?;
            while let Some(row) = rows.next()? {
                let booking = from_json(row.get_ref(1)?.as_str()?)?;
                person.bookings.insert(BookingId(row.get(0)?), booking);
            }
        }
        person.runs = self.runs(id)?.into();
        if flags & has::SENDS != 0 {
            person.sends = self.sends(id, &person.runs)?.into();
        }
        if flags & has::WATCHES != 0 {
            person.watches = self.watches(id)?;
        }
        if flags & has::OFFERS != 0 {
            self.load_offers(&mut person)?;
        }
        Ok(Some(person))
    }

    fn identities(&mut self, id: ContactId) -> Did<Vec<Identity>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let mut statement = db.prepare_cached(sql!("identity_load"))?;
        let mut rows = statement.query(params![id.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let value = Arc::from(row.get_ref(1)?.as_str()?);
            let clinic = Some(row.get(2)?).filter(|clinic| *clinic != 0_i64);
            let clinic = names.opt_text(db, clinic)?.map(ClinicName::new);
            found.push(Identity { kind: code::to_identity(row.get(0)?)?, value, clinic });
        }
        Ok(found)
    }

    /// Open runs. One whose sequence is not in the plan is left alone.
    fn runs(&mut self, id: ContactId) -> Did<Vec<Run>> {
        let SqliteStore { db, names, objects, .. } = &mut *self.store;
        let mut statement = db.prepare_cached(sql!("enrolment_load"))?;
        let mut rows = statement.query(params![id.0])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            let name = names.text(db, row.get(1)?)?;
            let run = RunId(row.get(0)?);
            if row.get::<_, Option<i64>>(14)?.is_some() {
                self.seen.ended.insert(run);
            } else {
                self.seen.active.insert(run, row.get(3)?);
            }
            let Some(today) = self.plan.sequences.get(&*name) else { continue };
            let object = row.get::<_, Option<i64>>(2)?.map(ObjectId);
            let current = objects.of(db, names, self.plan, &today.name)?;
            let (own, pinned) = objects.old(db, today, object.filter(|own| Some(*own) != current))?;
            let sequence = pinned.as_ref().unwrap_or(today);
            let flags: i64 = row.get(13)?;
            let mut removed = false;
            let phase = match time(row, 14)? {
                Some(at) => {
                    let why = row.get_ref(17)?.as_str_or_null()?;
                    Phase::Ended { at, end: code::to_end(row.get(15)?, row.get(16)?, why)? }
                }
                None => {
                    let index = row.get(5)?;
                    let step = if object.is_some() && (object == current || pinned.is_some()) {
                        StepIx(index)
                    } else {
                        let step = names.opt_text(db, row.get(4)?)?.map(StepName::from);
                        let place = Place { step, past: flags & code::run::PAST != 0, index };
                        let found = place.find(sequence, own.as_deref());
                        removed = found.removed;
                        found.at
                    };
                    Phase::Active(Cursor {
                        step,
                        since: Instant(row.get(11)?),
                        occurrence: row.get(12)?,
                        recheck: flags & code::run::RECHECK != 0,
                        wait: wait(row)?,
                    })
                }
            };
            let mut run = Run {
                id: run,
                sequence: sequence.clone(),
                object,
                booking: subject(row.get(3)?),
                entered: Instant(row.get(10)?),
                phase,
                started_by: json(row, 18)?.map(Arc::new),
                acted: flags & code::run::ACTED != 0,
                converted: flags & code::run::CONVERTED != 0,
                exited: flags & code::run::EXITED != 0,
                arms: json(row, 19)?.unwrap_or_default(),
                stale: false,
                taken: json(row, 20)?.unwrap_or_default(),
                worth: json(row, 21)?,
                removed,
                before: None,
            };
            if object != current && pinned.is_none() {
                mark_stale(&mut run, own);
            }
            runs.push(run);
        }
        Ok(runs)
    }

    fn sends(&mut self, id: ContactId, runs: &[Run]) -> Did<Vec<Send>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let mut statement = db.prepare_cached(sql!("send_load"))?;
        let mut rows = statement.query(params![id.0])?;
        let mut sends = Vec::new();
        while let Some(row) = rows.next()? {
            let run = row.get::<_, Option<i64>>(1)?.map(RunId);
            let sequence = names.opt_text(db, row.get(2)?)?.map(SequenceName::from);
            let step = StepName::from(names.text(db, row.get(3)?)?);
            let flags: i64 = row.get(17)?;
            // only what no sequence holds has one of its own
            let own: Option<Spec> = json(row, 21)?.map(|stored| match stored {
                StoredSpec::Task(spec) => Spec::Task(spec),
                StoredSpec::Notify(spec) => Spec::Notify(spec),
            });
            let mut send = Send {
                id: SendId(row.get(0)?),
                run,
                sequence,
                step,
                occurrence: row.get(4)?,
                object: row.get::<_, Option<i64>>(5)?.map(ObjectId),
                planned: Instant(row.get(11)?),
                purpose: code::to_purpose(row.get(6)?)?,
                rank: Rank(row.get(9)?),
                priority: row.get(10)?,
                channel: names.opt_text(db, row.get(8)?)?.map(ChannelName::from),
                address: text(row, 19)?,
                spec: own,
                state: sending(row.get(7)?, row.get(12)?, row.get(14)?, row.get(15)?, row.get(18)?)?,
                attempts: row.get(14)?,
                approved_template: flags & code::sending::APPROVED_TEMPLATE != 0,
                prepared: flags & code::sending::PREPARED != 0,
                authorised_at: time(row, 16)?,
                tainted: flags & code::sending::TAINTED != 0,
                because: json(row, 20)?,
                at: Instant(row.get(13)?),
                provider_id: None,
            };
            if send.spec.is_none() && send.run.is_some() && send.sequence.is_some() {
                send.spec = spec_of(self.plan, runs, &send);
            }
            self.seen.purposes.insert(send.id, send.purpose);
            sends.push(send);
        }
        Ok(sends)
    }

    fn watches(&mut self, id: ContactId) -> Did<Vec<Watch>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let mut statement = db.prepare_cached(sql!("watch_load"))?;
        let mut rows = statement.query(params![id.0])?;
        let mut watches = Vec::new();
        while let Some(row) = rows.next()? {
            watches.push(Watch {
                trigger: TriggerName::from(names.text(db, row.get(0)?)?),
                booking: subject(row.get(1)?),
                armed: Instant(row.get(2)?),
                due: Instant(row.get(3)?),
                opening: Arc::new(from_json(row.get_ref(4)?.as_str()?)?),
            });
        }
        sort_watches(&mut watches);
        Ok(watches)
    }
}

/// What an active run waits for; its own moment, also where it is due for another reason.
fn wait(row: &Row<'_>) -> Did<Wait> {
    let due: Option<i64> = row.get(8)?;
    let until: Option<i64> = row.get(9)?;
    code::to_wait(row.get(6)?, row.get(7)?, until.or(due))
}

/// `send.state` and the columns that belong to it.
pub(super) fn sending(state: i64, due: Option<i64>, attempts: u16, epoch: i64, hold: Option<i64>) -> Did<Sending> {
    Ok(match (state, due, hold) {
        (code::state::WAITING, Some(due), _) => Sending::Waiting(Instant(due)),
        (code::state::PREPARING, ..) => Sending::Preparing,
        (code::state::READY, ..) => Sending::Ready,
        (code::state::IN_FLIGHT, ..) => Sending::InFlight(Attempt { number: attempts, epoch: Epoch(epoch) }),
        (code::state::HELD, _, Some(why)) => Sending::Held(code::to_hold(why)?),
        _ => return Err(code::unreadable("state of a send", state)),
    })
}
