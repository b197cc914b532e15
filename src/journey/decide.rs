//! The one door: event × state. One leaf file per concern; this one only says who is asked.
use super::{Decision, End, Event, Ids, Order, Person, Sending, StopReason, World, draft::Draft};
use crate::{
    calendar::Instant,
    expr::Missing,
    id::SendId,
    plan::Plan,
    record::{ConsentEntry, ConsentState, Purpose},
};
use std::sync::Arc;

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
    match event {
        Event::Happened(event) => draft.happen(event),
        Event::Due => draft.due(),
        Event::Prepared(send, result) => draft.prepared(*send, result.clone()),
        Event::Slot(send) => draft.slot(*send),
        Event::Received(send, attempt, receipt) => draft.received(*send, *attempt, receipt.clone()),
        Event::Ordered(order) => draft.order(order),
    }
    draft.finish()
}

impl Draft<'_> {
    /// Everything of this person that is due: runs first (by purpose, priority, time, id), then sends, then watches.
    fn due(&mut self) {
        self.resume_stale();
        // runs that are due fall due in `finish`, as those do that become due by what happens here
        let mut sends: Vec<(Purpose, i32, Instant, SendId)> = self
            .person
            .sends
            .iter()
            .filter(|send| send.wake().is_some_and(|at| at <= self.now))
            .map(|send| (send.purpose, -send.priority, send.planned, send.id))
            .collect();
        sends.sort_unstable();
        for (.., id) in sends {
            // closed meanwhile by what an earlier one led to
            if self.send(id).is_some_and(|send| matches!(send.state, Sending::Waiting(_))) {
                self.try_send(id);
            }
        }
        self.watches_due();
    }

    /// Runs whose sequence changed under them: their next step and its time are computed anew.
    fn resume_stale(&mut self) {
        let stale: Vec<_> =
            self.person.runs.iter().filter(|run| run.stale && run.is_active()).map(|run| run.id).collect();
        for id in stale {
            if let Some(run) = self.run_mut(id) {
                run.stale = false;
            }
            let Some(cursor) = self.run(id).and_then(|run| run.cursor().copied()) else { continue };
            let waiting = match cursor.wait {
                super::Wait::ForOutcome(send) => Some(send),
                _ => None,
            };
            self.place(id, cursor.step, cursor.since, waiting);
        }
    }

    fn order(&mut self, order: &Order) {
        match order {
            Order::Enrol(sequence) => {
                let next = self.person.bookings.values().filter(|booking| !booking.is_gone());
                let booking = next.max_by_key(|booking| booking.start).map(|booking| booking.id);
                self.enrol(sequence, None, booking, None);
            }
            Order::Advance(sequence) => self.advance(sequence),
            Order::Stop { sequence, actor } => {
                let end = End::Stopped(StopReason::Operator(actor.clone()));
                self.end_runs(&end, |run| run.sequence.name == *sequence);
            }
            Order::BookingMerged { gone, kept } => self.booking_merged(*gone, *kept),
            Order::OptOut { channel, purpose, basis, source, actor } => {
                let entry = |purpose: Option<Purpose>| ConsentEntry {
                    channel: channel.clone(),
                    purpose,
                    state: ConsentState::OptedOut,
                    basis: basis.clone(),
                    text_version: None,
                    source: source.clone(),
                    actor: actor.clone(),
                    at: self.now,
                };
                let entries = match (channel, purpose) {
                    (None, None) => vec![entry(Some(Purpose::Marketing)), entry(Some(Purpose::Service))],
                    _ => vec![entry(*purpose)],
                };
                self.consent(entries);
                self.emit(
                    "contact.opted_out",
                    std::collections::BTreeMap::from([(Arc::from("basis"), crate::value::Value::Text(basis.clone()))]),
                    None,
                    None,
                );
            }
        }
    }

    /// Runs about the record that is gone go on with the one that stays; of two runs of a sequence the older stays.
    fn booking_merged(&mut self, gone: crate::id::BookingId, kept: crate::id::BookingId) {
        for id in self.active_runs() {
            let Some(run) = self.run(id).filter(|run| run.booking == Some(gone)) else { continue };
            let name = run.sequence.name.clone();
            let same =
                |other: &super::Run| other.is_active() && other.booking == Some(kept) && other.sequence.name == name;
            if self.person.runs.iter().any(same) {
                self.end_run(id, End::Stopped(StopReason::Merged));
                continue;
            }
            let generation = self.person.bookings.get(&kept).map_or(0, |booking| booking.generation);
            if let Some(run) = self.run_mut(id) {
                run.booking = Some(kept);
            }
            self.replace(id, generation);
        }
    }

    /// The next step falls due now, whatever its time.
    fn advance(&mut self, sequence: &crate::id::SequenceName) {
        let now = self.now;
        for id in self.active_runs() {
            let Some(run) = self.run_mut(id).filter(|run| run.sequence.name == *sequence) else { continue };
            if let super::Phase::Active(cursor) = &mut run.phase
                && matches!(cursor.wait, super::Wait::Until(_) | super::Wait::ForOutcome(_))
            {
                cursor.wait = super::Wait::Until(now);
                self.act(super::Action::Moved(id));
            }
        }
    }
}
