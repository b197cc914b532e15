//! Taking away everything personal of one person.
use super::{MemoryTurn, shelf::Shelf, undo::Undo};
use crate::{
    calendar::Instant,
    id::{BookingId, ContactId, SendId},
    journey::{End, Outcome, Phase, Sending, StopReason, blank_consent},
    plan::Plan,
    record::{Contact, Identity, Touch},
};
use std::collections::BTreeSet;

impl MemoryTurn<'_> {
    pub(super) fn forget(&mut self, who: ContactId, now: Instant) {
        let Some(shelf) = self.store.shelves.get(&who).cloned() else { return };
        self.suppress(&shelf, now);
        for identity in shelf.identities.iter() {
            self.store.identities.remove(identity);
            self.store.undo.push(Undo::Nobody(identity.clone(), who));
        }
        self.forget_bookings(&shelf.bookings);
        for delivery in shelf.events.iter().filter_map(|event| event.delivery) {
            if let Some(received) = self.store.deliveries.get_mut(&delivery) {
                self.store.undo.push(Undo::Quarantine(delivery, received.quarantined.take()));
            }
        }
        let sends: Vec<SendId> = shelf.sends.keys().copied().collect();
        for send in sends {
            self.keep_content(send, None);
        }
        let plan = self.plan;
        self.change(who, |shelf| shelf.blank(now, plan));
    }

    fn suppress(&mut self, shelf: &Shelf, now: Instant) {
        let contact = &shelf.contact;
        let clinic = contact.clinic.clone().filter(|_| self.plan.per_clinic);
        let email = contact.email.as_deref().and_then(Identity::email);
        let phone = contact.phone.as_deref().and_then(Identity::phone);
        let told = [email, phone].into_iter().flatten().map(|told| Identity { clinic: clinic.clone(), ..told });
        for identity in shelf.identities.iter().cloned().chain(told) {
            for hash in self.store.key.suppression(&identity) {
                let old = self.store.suppressed.insert(hash, now);
                self.store.undo.push(Undo::Suppressed(hash, old));
            }
        }
    }

    fn forget_bookings(&mut self, gone: &BTreeSet<BookingId>) {
        for id in gone {
            let old = self.store.bookings.remove(id);
            self.store.undo.push(Undo::Booking(*id, old));
        }
        let uids = self.store.uids.iter().filter(|(_, of)| gone.contains(of));
        let uids: Vec<_> = uids.map(|(uid, of)| (uid.clone(), *of)).collect();
        for (uid, of) in uids {
            self.store.uids.remove(&uid);
            self.store.undo.push(Undo::Uid(uid, Some(of)));
        }
    }
}

impl Shelf {
    /// Runs of sequences that are in the plan are left as they stand: what becomes of them is decided and recorded.
    fn blank(&mut self, now: Instant, plan: &Plan) {
        self.contact =
            Contact { erased_at: Some(now), ..Contact::new(self.contact.id, self.contact.created_at) }.into();
        self.touch = Touch::default().into();
        self.identities.clear();
        self.bookings.clear();
        self.watches.clear();
        self.events.clear();
        self.refusals.clear();
        self.tasks.clear();
        self.mailbox.clear();
        self.attempts.clear();
        self.links.clear();
        self.codes.clear();
        self.redeemed.clear();
        self.consents.iter_mut().for_each(|entry| blank_consent(entry, plan));
        for stored in self.runs.values_mut() {
            let run = &mut stored.run;
            (run.started_by, run.worth) = (None, None);
            run.taken.clear();
            if run.is_active() && !plan.sequences.contains_key(&run.sequence.name) {
                run.phase = Phase::Ended { at: now, end: End::Stopped(StopReason::Erased) };
            }
            stored.open &= run.is_active();
        }
        for stored in self.sends.values_mut() {
            let send = &mut stored.send;
            (send.address, send.because, send.provider_id) = (None, None, None);
            if let Sending::Closed(Outcome::Failed(fail)) = &mut send.state {
                *fail = fail.without_detail();
            }
        }
    }
}
