//! Taking back what a turn did, newest first.
use super::{MemoryStore, shelf::Shelf};
use crate::{
    calendar::Instant,
    content::Message,
    engine::{CampaignRow, Replan},
    id::{BookingId, ContactId, DedupeKey, DeliveryId, OfferName, SendId, SequenceName, SourceName, TriggerName},
    journey::{Pace, Sweep},
    record::{Booking, Identity},
};
use std::{collections::BTreeMap, sync::Arc};

/// What stood there before; `None` when nothing did.
pub(super) enum Undo {
    Shelf(ContactId, Option<Arc<Shelf>>),
    Booking(BookingId, Option<Arc<Booking>>),
    Identity(Identity),
    /// It was taken away.
    Nobody(Identity, ContactId),
    Suppressed([u8; 32], Option<Instant>),
    Uid((SourceName, Arc<str>), Option<BookingId>),
    Content(SendId, Option<Message>),
    Delivery(DeliveryId, (SourceName, DedupeKey)),
    Quarantine(DeliveryId, Option<String>),
    Pace(TriggerName, Option<Pace>),
    Campaign(SequenceName, Option<CampaignRow>),
    Code((OfferName, String)),
    Redeemed(OfferName, Option<u64>),
    Sweep(TriggerName, Option<Sweep>),
    Replan(SequenceName, Option<Replan>),
}

impl MemoryStore {
    pub(super) fn roll_back(&mut self) {
        for undo in std::mem::take(&mut self.undo).into_iter().rev() {
            match undo {
                Undo::Shelf(id, shelf) => {
                    self.take(id);
                    self.put(id, shelf);
                }
                Undo::Booking(id, Some(booking)) => {
                    self.bookings.insert(id, booking);
                }
                Undo::Booking(id, None) => {
                    self.bookings.remove(&id);
                }
                Undo::Identity(identity) => {
                    self.identities.remove(&identity);
                }
                Undo::Nobody(identity, contact) => {
                    self.identities.insert(identity, contact);
                }
                Undo::Suppressed(hash, at) => back(&mut self.suppressed, hash, at),
                Undo::Uid(uid, Some(booking)) => {
                    self.uids.insert(uid, booking);
                }
                Undo::Uid(uid, None) => {
                    self.uids.remove(&uid);
                }
                Undo::Replan(sequence, old) => back(&mut self.replans, sequence, old),
                Undo::Content(send, Some(message)) => {
                    self.contents.insert(send, message);
                }
                Undo::Content(send, None) => {
                    self.contents.remove(&send);
                }
                Undo::Delivery(id, key) => {
                    self.deliveries.remove(&id);
                    self.known.remove(&key);
                }
                Undo::Pace(trigger, pace) => back(&mut self.paces, trigger, pace),
                Undo::Campaign(name, row) => back(&mut self.campaigns, name, row),
                Undo::Code(code) => {
                    self.codes.remove(&code);
                }
                Undo::Redeemed(offer, old) => back(&mut self.redeemed, offer, old),
                Undo::Sweep(trigger, old) => back(&mut self.sweeps, trigger, old),
                Undo::Quarantine(id, why) => {
                    if let Some(received) = self.deliveries.get_mut(&id) {
                        received.quarantined = why;
                    }
                }
            }
        }
        self.touched.clear();
    }
}

fn back<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, old: Option<V>) {
    match old {
        Some(old) => map.insert(key, old),
        None => map.remove(&key),
    };
}
