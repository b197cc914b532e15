//! The one door: event × state. One leaf file per concern; this one only says who is asked.
use super::{Decision, End, Event, Ids, Order, Person, StopReason, World, draft::Draft};
use crate::{
    calendar::Instant,
    expr::Missing,
    id::{BookingId, FieldName, RunId},
    plan::Plan,
    record::{ConsentEntry, ConsentState, Purpose},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// Decides what one event means for one person. Pure: equal arguments give equal decisions.
///
/// # Errors
/// The questions that only history can answer and whose answers were not in `person.answers`: load them and ask again.
pub(crate) fn decide(
    plan: &Plan,
    world: &World,
    person: &Person,
    event: &Event,
    ids: Ids,
    now: Instant,
) -> Result<Decision, Missing> {
    let mut draft = Draft::new(plan, world, person, ids, now);
    if draft.erasure(event) {
        return Ok(draft.stop_here());
    }
    draft.end_campaigns();
    if let Event::Replanned(sequence) = event {
        draft.replanned(sequence);
    }
    draft.heal();
    match event {
        Event::Happened(event) => draft.happen(event),
        Event::Changed { fields, booking } => draft.changed(fields, *booking),
        // runs and sends that are due are taken up in `finish`, as those are that become due by what happens here
        Event::Due | Event::Replanned(_) => draft.watches_over(now),
        Event::Prepared(send, result) => draft.prepared(*send, result.clone()),
        Event::Slot(send) => draft.slot(*send),
        Event::Received(send, attempt, receipt) => draft.received(*send, *attempt, receipt.clone()),
        Event::Ordered(order) => draft.order(order),
    }
    draft.finish()
}

impl Draft<'_> {
    fn changed(&mut self, fields: &[FieldName], booking: Option<BookingId>) {
        if !fields.is_empty() {
            self.fields_changed(fields);
        }
        if let Some(booking) = booking {
            self.refresh_visits();
            self.booking_changed(booking, true);
        }
    }

    fn order(&mut self, order: &Order) {
        match order {
            Order::Enrol(sequence) => {
                let booking = self.next_booking();
                self.enrol(sequence, None, booking, None);
            }
            Order::TakeIn { sequence, by } => self.enrol(sequence, None, None, by.as_ref()),
            Order::Advance(sequence) => self.advance(sequence),
            Order::Stop { sequence, actor } => {
                let end = End::Stopped(StopReason::Operator(actor.clone()));
                self.end_runs(&end, |run| run.sequence.name == *sequence);
            }
            Order::BookingMerged { gone, kept } => self.booking_merged(*gone, *kept),
            Order::OptOut { channel, purpose, basis, source, actor } => {
                let entry = ConsentEntry {
                    channel: channel.clone(),
                    purpose: *purpose,
                    state: ConsentState::OptedOut,
                    basis: basis.clone(),
                    text_version: None,
                    source: source.clone(),
                    actor: actor.clone(),
                    at: self.now,
                };
                self.opt_out(entry);
            }
            Order::Suppressed { since } => self.suppress(*since),
            // decided before anything else is looked at
            Order::Erase { .. } => {}
        }
    }

    /// Closes what the entry names and what goes with it, ends what has become impossible, and says so.
    pub(super) fn opt_out(&mut self, entry: ConsentEntry) {
        let mut data = BTreeMap::from([(Arc::from("basis"), Value::Text(entry.basis.clone()))]);
        if let Some(channel) = &entry.channel {
            data.insert(Arc::from("channel"), Value::text(channel.as_str()));
        }
        if let Some(purpose) = entry.purpose {
            data.insert(Arc::from("purpose"), Value::text(purpose.name()));
        }
        self.consent(what_it_closes(entry));
        self.emit("contact.opted_out", data, None, None);
    }

    /// The coming appointment, else the last one.
    fn next_booking(&self) -> Option<BookingId> {
        let there = || self.person.bookings.values().filter(|booking| !booking.is_gone());
        let coming = there().filter(|booking| booking.start.is_some_and(|start| start >= self.now));
        let coming = coming.min_by_key(|booking| booking.start);
        coming.or_else(|| there().max_by_key(|booking| booking.start)).map(|booking| booking.id)
    }

    /// Runs and watches about the record that is gone go on with the one that stays; of two runs of a sequence the older
    /// stays.
    fn booking_merged(&mut self, gone: BookingId, kept: BookingId) {
        let about: Vec<RunId> =
            self.person.runs.iter().filter(|run| run.subject() == Some(gone)).map(|run| run.id).collect();
        let mine = self.person.bookings.contains_key(&kept);
        for id in about {
            let Some(run) = self.run(id) else { continue };
            let (name, key) = (run.sequence.name.clone(), (run.entered, run.id));
            if run.is_active() && run.booking == Some(gone) {
                let same = |other: &&super::Run| {
                    other.is_active() && other.booking == Some(kept) && other.sequence.name == name
                };
                let rival = self.person.runs.iter().find(same).map(|other| (other.entered, other.id));
                if !mine || rival.is_some_and(|rival| rival < key) {
                    self.end_run(id, End::Stopped(StopReason::Merged));
                } else if let Some((_, younger)) = rival {
                    self.end_run(younger, End::Stopped(StopReason::Merged));
                }
            }
            self.repoint(id, gone, kept);
        }
        let watches = self.person.watches.iter().filter(|watch| watch.booking == Some(gone)).cloned();
        for mut watch in watches.collect::<Vec<_>>() {
            self.disarm_one(&watch.trigger, Some(gone));
            if !self.person.watches.iter().any(|known| known.trigger == watch.trigger && known.booking == Some(kept)) {
                watch.booking = Some(kept);
                Arc::make_mut(&mut watch.opening).booking = Some(kept);
                self.arm_one(watch);
            }
        }
        self.booking_changed(kept, true);
    }

    fn repoint(&mut self, id: RunId, gone: BookingId, kept: BookingId) {
        let Some(run) = self.run_mut(id) else { return };
        if run.booking == Some(gone) {
            run.booking = Some(kept);
        }
        if let Some(started) = &mut run.started_by
            && started.booking == Some(gone)
        {
            Arc::make_mut(started).booking = Some(kept);
        }
        self.act(super::Action::Moved(id));
    }

    /// The next step falls due now, whatever its time.
    fn advance(&mut self, sequence: &crate::id::SequenceName) {
        let now = self.now;
        for id in self.active_runs() {
            let Some(run) = self.run_mut(id).filter(|run| run.sequence.name == *sequence) else { continue };
            if let super::Phase::Active(cursor) = &mut run.phase
                && matches!(cursor.wait, super::Wait::Until(_) | super::Wait::ForOutcome(_) | super::Wait::Awaiting(_))
            {
                cursor.wait = match cursor.wait {
                    super::Wait::Awaiting(_) => super::Wait::Awaiting(now),
                    _ => super::Wait::Until(now),
                };
                self.act(super::Action::Moved(id));
            }
        }
    }
}

/// What an opt-out closes: what it names, or marketing and service everywhere. A reply word or a provider's signal closes
/// its channel for every purpose, and marketing and service everywhere.
pub(super) fn what_it_closes(named: ConsentEntry) -> Vec<ConsentEntry> {
    let everywhere = |purpose: Purpose| ConsentEntry { channel: None, purpose: Some(purpose), ..named.clone() };
    let both = [everywhere(Purpose::Marketing), everywhere(Purpose::Service)];
    match (&named.channel, named.purpose) {
        (None, None) => both.to_vec(),
        (Some(_), None) if matches!(&*named.basis, "reply" | "provider") => [named].into_iter().chain(both).collect(),
        _ => vec![named],
    }
}
