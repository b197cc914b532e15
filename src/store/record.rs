//! Writing what a turn changed of one person: each row once, in its final state.
use super::{
    SqliteStore, SqliteTurn,
    code::{self, has, to_json},
    load::Recent,
    stat::Count,
    values,
};
use crate::{
    engine::{Broken, Changes, Did, Place, is_pinned, public_id, stays_open, still_counted, uids},
    id::{BookingId, ContactId},
    journey::{Happening, Mark, Person, Phase, Refusal, Run},
    record::{Contact, Touch},
};
use rusqlite::{OptionalExtension, params};

impl SqliteTurn<'_> {
    pub(super) fn write(&mut self, changes: &Changes<'_>) -> Did<()> {
        let (person, kept) = (changes.person, changes.kept);
        let contact = person.contact.id;
        if kept.is_new {
            self.put_contact(&person.contact, changes)?;
        } else if kept.contact {
            self.set_contact(&person.contact, changes)?;
        }
        self.write_touch(changes)?;
        for identity in &kept.identities {
            let SqliteStore { db, names, .. } = &mut *self.store;
            let clinic = names.opt(db, identity.clinic.as_ref().map(crate::id::ClinicName::as_str))?.unwrap_or(0);
            let key = params![contact.0, code::identity(identity.kind), &*identity.value, clinic];
            db.prepare_cached(sql!("identity_put"))?.execute(key)?;
        }
        self.write_bookings(changes)?;
        self.write_runs(changes)?;
        self.write_sends(changes)?;
        self.write_watches(changes)?;
        self.write_redemptions(changes)?;
        for event in &kept.events {
            self.put_event(contact, event)?;
        }
        self.write_consents(changes)?;
        for refusal in &kept.refusals {
            self.put_refusal(changes, refusal)?;
        }
        let numbers = &mut self.store.numbers;
        numbers.contact = numbers.contact.max(contact.0);
        numbers.ids.run = numbers.ids.run.max(changes.ids.run);
        numbers.ids.send = numbers.ids.send.max(changes.ids.send);
        numbers.ids.event = numbers.ids.event.max(changes.ids.event);
        Ok(())
    }

    // --- who ----------------------------------------------------------------------------------------------------------

    fn put_contact(&mut self, contact: &Contact, changes: &Changes<'_>) -> Did<()> {
        let SqliteStore { db, names, key, .. } = &mut *self.store;
        let public = public_id(contact.created_at, key.public(contact.id));
        let clinic = names.opt(db, contact.clinic.as_ref().map(crate::id::ClinicName::as_str))?;
        let zone = names.opt(db, contact.zone.as_ref().map(crate::calendar::Zone::name))?;
        let locale = names.opt(db, contact.locale.as_deref())?;
        let (tags, fields) = lists(contact)?;
        db.prepare_cached(sql!("contact_put"))?.execute(params![
            contact.id.0,
            public,
            clinic,
            zone,
            locale,
            contact.email.as_deref(),
            contact.phone.as_deref(),
            contact.full_name(),
            contact.score,
            contact.warm,
            contact.is_test,
            contact.created_at.0,
            changes.now.0,
            contact.last_visit_at.map(|at| at.0),
            contact.next_booking_at.map(|at| at.0),
            tags,
            fields,
        ])?;
        values::put(db, names, contact, false)
    }

    fn set_contact(&mut self, contact: &Contact, changes: &Changes<'_>) -> Did<()> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let clinic = names.opt(db, contact.clinic.as_ref().map(crate::id::ClinicName::as_str))?;
        let zone = names.opt(db, contact.zone.as_ref().map(crate::calendar::Zone::name))?;
        let locale = names.opt(db, contact.locale.as_deref())?;
        let (tags, fields) = lists(contact)?;
        let known = db.prepare_cached(sql!("value_known"))?.query_row(params![contact.id.0], |row| {
            let same = |at: usize, now: &Option<String>| {
                Ok::<_, rusqlite::Error>(row.get_ref(at)?.as_str_or_null()? == now.as_deref())
            };
            Ok(same(0, &tags)? && same(1, &fields)?)
        });
        if !known.optional()?.unwrap_or(false) {
            values::put(db, names, contact, true)?;
        }
        db.prepare_cached(sql!("contact_set"))?.execute(params![
            contact.id.0,
            clinic,
            zone,
            locale,
            contact.email.as_deref(),
            contact.phone.as_deref(),
            contact.full_name(),
            contact.score,
            contact.warm,
            contact.is_test,
            changes.now.0,
            contact.last_visit_at.map(|at| at.0),
            contact.next_booking_at.map(|at| at.0),
            tags,
            fields,
        ])?;
        Ok(())
    }

    /// The narrow row, where it changed or other tables got their first row of this person.
    fn write_touch(&mut self, changes: &Changes<'_>) -> Did<()> {
        let (person, kept) = (changes.person, changes.kept);
        let contact = person.contact.id;
        let flags = flags(person);
        let known = self.seen.has.insert(contact, flags);
        let written = if kept.is_new || kept.touch {
            let recent = self.recent(&person.touch, changes)?;
            let Touch { last_in, last_out, last_agent, permits, windows, .. } = &*person.touch;
            let permits = (*permits != crate::record::Permits::default()).then(|| to_json(permits)).transpose()?;
            let windows = (!windows.is_empty()).then(|| to_json(windows)).transpose()?;
            let [last_in, last_out, last_agent] = [last_in, last_out, last_agent].map(|at| at.map(|at| at.0));
            let text = if kept.is_new { sql!("touch_put") } else { sql!("touch_set") };
            let row = params![contact.0, flags, last_in, last_out, last_agent, permits, recent, windows];
            self.store.db.prepare_cached(text)?.execute(row)?
        } else if known == Some(flags) {
            1
        } else {
            self.store.db.prepare_cached(sql!("touch_has"))?.execute(params![contact.0, flags])?
        };
        if written == 0 {
            return Err(Broken::new(format!("contact {contact} is not in the store")));
        }
        Ok(())
    }

    fn recent(&mut self, touch: &Touch, changes: &Changes<'_>) -> Did<Option<String>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let mut rows: Vec<Recent> = Vec::new();
        for counted in still_counted(&touch.recent, self.plan, changes.now) {
            let channel = names.id(db, counted.channel.as_str())?;
            let sequence = names.opt(db, counted.sequence.as_ref().map(crate::id::SequenceName::as_str))?;
            rows.push((counted.send.0, counted.at.0, code::purpose(counted.purpose), channel, sequence));
        }
        (!rows.is_empty()).then(|| to_json(&rows)).transpose()
    }

    fn write_consents(&mut self, changes: &Changes<'_>) -> Did<()> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        for entry in &changes.kept.consents {
            let channel = names.opt(db, entry.channel.as_ref().map(crate::id::ChannelName::as_str))?;
            let source = names.opt(db, entry.source.as_ref().map(crate::id::SourceName::as_str))?;
            db.prepare_cached(sql!("consent_put"))?.execute(params![
                changes.person.contact.id.0,
                channel,
                entry.purpose.map(code::purpose),
                code::consent(entry.state),
                &*entry.basis,
                entry.text_version.as_deref(),
                source,
                &*entry.actor,
                entry.at.0,
            ])?;
        }
        Ok(())
    }

    // --- what happened ------------------------------------------------------------------------------------------------

    fn put_event(&mut self, contact: ContactId, event: &Happening) -> Did<()> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let kind = names.id(db, event.kind.as_str())?;
        let data = (!event.data.is_empty()).then(|| to_json(&event.data)).transpose()?;
        db.prepare_cached(sql!("event_put"))?.execute(params![
            event.id.0,
            contact.0,
            kind,
            event.at.0,
            event.booking.map(|booking| booking.0),
            event.delivery.map(|delivery| delivery.0),
            event.by_run.map(|run| run.0),
            data,
        ])?;
        Ok(())
    }

    fn write_bookings(&mut self, changes: &Changes<'_>) -> Did<()> {
        let SqliteStore { db, names, numbers, .. } = &mut *self.store;
        for (gone, stays) in &changes.kept.merged {
            db.prepare_cached(sql!("booking_uid_move"))?.execute(params![gone.0, stays.0])?;
            db.prepare_cached(sql!("booking_drop"))?.execute(params![gone.0])?;
        }
        for id in &changes.kept.bookings {
            let Some(booking) = changes.person.bookings.get(id) else { continue };
            numbers.booking = numbers.booking.max(id.0);
            db.prepare_cached(sql!("booking_put"))?.execute(params![
                id.0,
                booking.contact.0,
                code::booking(booking.status()),
                booking.generation,
                booking.start.map(|at| at.0),
                to_json(booking)?,
                booking.kind.as_deref(),
                booking.host.email.as_deref(),
                booking.clinic.as_ref().map(crate::id::ClinicName::as_str),
            ])?;
            let source = names.id(db, booking.source.as_str())?;
            for uid in uids(booking) {
                db.prepare_cached(sql!("booking_uid_put"))?.execute(params![&**uid, source, id.0])?;
            }
        }
        Ok(())
    }

    fn write_watches(&mut self, changes: &Changes<'_>) -> Did<()> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let contact = changes.person.contact.id.0;
        for (trigger, booking) in &changes.kept.watches {
            let number = names.id(db, trigger.as_str())?;
            let subject = subject(*booking);
            let armed = |watch: &&crate::journey::Watch| watch.trigger == *trigger && watch.booking == *booking;
            match changes.person.watches.iter().find(armed) {
                Some(watch) => {
                    let opening = to_json(&watch.opening)?;
                    let mark = watch.mark().map(|mark| match mark {
                        Mark::Inside => code::mark::INSIDE,
                        Mark::PutOff => code::mark::PUT_OFF,
                    });
                    let row = params![contact, number, subject, watch.armed.0, watch.due.0, opening, mark];
                    db.prepare_cached(sql!("watch_put"))?.execute(row)?;
                }
                None => {
                    db.prepare_cached(sql!("watch_drop"))?.execute(params![contact, number, subject])?;
                }
            }
        }
        Ok(())
    }

    fn put_refusal(&mut self, changes: &Changes<'_>, refusal: &Refusal) -> Did<()> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        let trigger = names.opt(db, refusal.trigger.as_ref().map(crate::id::TriggerName::as_str))?;
        let sequence = names.opt(db, refusal.sequence.as_ref().map(crate::id::SequenceName::as_str))?;
        let because = refusal.because.as_ref().map(to_json).transpose()?;
        let (contact, now) = (changes.person.contact.id, changes.now);
        let row = params![contact.0, now.0, trigger, sequence, code::refused(refusal.why), because];
        db.prepare_cached(sql!("refusal_put"))?.execute(row)?;
        self.stats.add(now, Count::Refused.code(), sequence, 0, None, 1);
        Ok(())
    }

    // --- runs ---------------------------------------------------------------------------------------------------------

    fn write_runs(&mut self, changes: &Changes<'_>) -> Did<()> {
        let (person, kept) = (changes.person, changes.kept);
        let named = kept.runs.iter().chain(&kept.new_runs);
        // those that end make room for others with the same key
        let mut runs: Vec<&Run> = named.filter_map(|id| person.run(*id)).collect();
        runs.sort_by_key(|run| run.is_active());
        for run in runs {
            self.write_run(changes, run)?;
        }
        let written = |run: &Run| kept.runs.contains(&run.id) || kept.new_runs.contains(&run.id);
        for run in person.runs.iter().filter(|run| !run.is_active() && !written(run)) {
            if !stays_open(run, person, self.plan, changes.now) {
                self.store.db.prepare_cached(sql!("enrolment_close"))?.execute(params![run.id.0])?;
            }
        }
        Ok(())
    }

    fn write_run(&mut self, changes: &Changes<'_>, run: &Run) -> Did<()> {
        let row = self.row_of(changes, run)?;
        let sequence = self.store.names.id(&self.store.db, run.sequence.name.as_str())?;
        let subject = subject(run.booking);
        let stays =
            run.is_active() && self.seen.active.get(&run.id) == Some(&subject) && booking_of_opening(run).is_none();
        if run.is_active() {
            self.seen.active.insert(run.id, subject);
        } else {
            self.seen.active.remove(&run.id);
        }
        let SqliteStore { db, .. } = &mut *self.store;
        if changes.kept.new_runs.contains(&run.id) {
            let started_by = run.started_by.as_ref().map(to_json).transpose()?;
            db.prepare_cached(sql!("enrolment_put"))?.execute(params![
                run.id.0,
                sequence,
                row.object,
                changes.person.contact.id.0,
                subject,
                row.step,
                row.index,
                row.wait.0,
                row.wait.1,
                row.due,
                row.until,
                run.rank().0,
                run.entered.0,
                row.since,
                row.occurrence,
                row.flags,
                row.open,
                row.ended_at,
                row.end.0,
                row.end.1,
                row.end.2,
                started_by,
                row.taken,
                row.worth,
            ])?;
            self.stats.add(changes.now, Count::Entered.code(), Some(sequence), 0, None, 1);
        } else if !self.move_run(run, &row, (!stays).then_some(subject))? {
            return Err(Broken::new(format!("run {} is not in the store", run.id)));
        }
        if !run.arms.is_empty() {
            self.store.db.prepare_cached(sql!("enrolment_arms"))?.execute(params![run.id.0, to_json(&run.arms)?])?;
        }
        self.count_end(changes, run, sequence);
        Ok(())
    }

    /// `subject` where more than its place may have changed. False when there is no such run.
    fn move_run(&mut self, run: &Run, row: &RunRow, subject: Option<i64>) -> Did<bool> {
        let db = &self.store.db;
        let RunRow { object, step, index, wait, due, until, since, occurrence, flags, taken, worth, .. } = row;
        let rank = run.rank().0;
        let written = match subject {
            None => db.prepare_cached(sql!("enrolment_move"))?.execute(params![
                run.id.0, object, step, index, wait.0, wait.1, due, until, rank, since, occurrence, flags, taken,
                worth,
            ])?,
            Some(subject) => db.prepare_cached(sql!("enrolment_set"))?.execute(params![
                run.id.0,
                object,
                subject,
                step,
                index,
                wait.0,
                wait.1,
                due,
                until,
                rank,
                since,
                occurrence,
                flags,
                row.open,
                row.ended_at,
                row.end.0,
                row.end.1,
                row.end.2,
                booking_of_opening(run).map(to_json).transpose()?,
                taken,
                worth,
            ])?,
        };
        Ok(written > 0)
    }

    fn count_end(&mut self, changes: &Changes<'_>, run: &Run, sequence: i64) {
        let count = match &run.phase {
            // completed runs alone are taken up again
            Phase::Active(_) => {
                if self.seen.ended.remove(&run.id) {
                    self.stats.add(changes.now, Count::Completed.code(), Some(sequence), 0, None, -1);
                }
                return;
            }
            Phase::Ended { end, .. } => match end {
                crate::journey::End::Completed => Count::Completed,
                crate::journey::End::Converted(_) => Count::Converted,
                crate::journey::End::Stopped(_) => Count::Stopped,
            },
        };
        if self.seen.ended.insert(run.id) {
            self.stats.add(changes.now, count.code(), Some(sequence), 0, None, 1);
        }
    }

    fn row_of(&mut self, changes: &Changes<'_>, run: &Run) -> Did<RunRow> {
        let SqliteStore { db, names, objects, .. } = &mut *self.store;
        // a run that was not looked at yet stays on its old revision, and due
        let waits = run.stale && run.is_active();
        let object = if waits || is_pinned(self.plan, run) {
            run.object
        } else {
            objects.of(db, names, self.plan, &run.sequence.name)?
        };
        let mut row = RunRow {
            object: object.map(|object| object.0),
            open: stays_open(run, changes.person, self.plan, changes.now),
            flags: flag(run.acted, code::run::ACTED)
                | flag(run.converted, code::run::CONVERTED)
                | flag(run.exited, code::run::EXITED),
            taken: (!run.taken.is_empty()).then(|| to_json(&run.taken)).transpose()?,
            worth: run.worth.as_ref().map(to_json).transpose()?,
            ..RunRow::default()
        };
        match &run.phase {
            Phase::Active(cursor) => {
                let place = Place::of(&run.sequence, cursor.step);
                row.step = names.opt(db, place.step.as_ref().map(crate::id::StepName::as_str))?;
                row.index = place.index;
                row.flags |= flag(place.past, code::run::PAST) | flag(cursor.recheck, code::run::RECHECK);
                row.wait = code::wait(&cursor.wait);
                let wake = run.wake().map(|at| at.0);
                (row.due, row.until) = if waits { (Some(changes.now.0), wake) } else { (wake, None) };
                row.since = cursor.since.0;
                row.occurrence = cursor.occurrence;
            }
            Phase::Ended { at, end } => {
                row.wait = (9, None);
                row.ended_at = Some(at.0);
                let (end, by, why) = code::end(end)?;
                row.end = (Some(end), by, why);
            }
        }
        Ok(row)
    }
}

/// The columns of `enrolment` that move.
#[derive(Default)]
struct RunRow {
    object: Option<i64>,
    step: Option<i64>,
    index: u16,
    wait: (i64, Option<i64>),
    due: Option<i64>,
    until: Option<i64>,
    since: i64,
    occurrence: u16,
    flags: i64,
    open: bool,
    ended_at: Option<i64>,
    end: (Option<i64>, Option<i64>, Option<String>),
    taken: Option<String>,
    worth: Option<String>,
}

pub(super) fn flag(yes: bool, bit: i64) -> i64 {
    if yes { bit } else { 0 }
}

fn subject(booking: Option<BookingId>) -> i64 {
    booking.map_or(0, |booking| booking.0)
}

/// Which tables have rows of this person.
fn flags(person: &Person) -> i64 {
    flag(!person.identities.is_empty(), has::IDENTITIES)
        | flag(!person.bookings.is_empty(), has::BOOKINGS)
        | flag(!person.watches.is_empty(), has::WATCHES)
        | flag(person.sends.iter().any(crate::journey::Send::is_open), has::SENDS)
        | flag(!person.codes.is_empty() || !person.redeemed.is_empty(), has::OFFERS)
}

fn lists(contact: &Contact) -> Did<(Option<String>, Option<String>)> {
    let tags = (!contact.tags.is_empty()).then(|| to_json(&contact.tags)).transpose()?;
    let fields = (!contact.fields.is_empty()).then(|| to_json(&contact.fields)).transpose()?;
    Ok((tags, fields))
}

/// What started a run about the contact and names a booking: that may turn out to be another and is then named anew.
fn booking_of_opening(run: &Run) -> Option<&std::sync::Arc<crate::journey::StartedBy>> {
    run.started_by.as_ref().filter(|started| run.booking.is_none() && started.booking.is_some())
}
