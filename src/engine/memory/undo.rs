//! Taking back what a turn did, newest first.
use super::{MemoryStore, shelf::Shelf};
use crate::{
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
                Undo::Pace(trigger, Some(pace)) => {
                    self.paces.insert(trigger, pace);
                }
                Undo::Pace(trigger, None) => {
                    self.paces.remove(&trigger);
                }
                Undo::Campaign(name, Some(row)) => {
                    self.campaigns.insert(name, row);
                }
                Undo::Campaign(name, None) => {
                    self.campaigns.remove(&name);
                }
                Undo::Code(code) => {
                    self.codes.remove(&code);
                }
                Undo::Redeemed(offer, Some(count)) => {
                    self.redeemed.insert(offer, count);
                }
                Undo::Redeemed(offer, None) => {
                    self.redeemed.remove(&offer);
                }
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
