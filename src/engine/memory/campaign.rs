//! Campaigns as somebody ordered them, codes that were given out, and offers that were used.
use super::{
    MemoryTurn,
    shelf::{Look, Shelf},
    undo::Undo,
};
use crate::{
    calendar::Instant,
    engine::{Broken, Changes, Did},
    id::{ContactId, OfferName, SequenceName},
};
use std::sync::Arc;

impl MemoryTurn<'_> {
    /// Everybody inside is looked at now, as if the sequence had changed.
    pub(super) fn recall(&mut self, name: &SequenceName, now: Instant) {
        let inside = |shelf: &Shelf| {
            shelf.runs.values().any(|stored| stored.run.is_active() && stored.run.sequence.name == *name)
        };
        let who: Vec<ContactId> =
            self.store.shelves.iter().filter(|(_, shelf)| inside(shelf)).map(|(id, _)| *id).collect();
        for id in who {
            self.change(id, |shelf| {
                let runs = shelf.runs.values_mut();
                for stored in runs.filter(|stored| stored.run.is_active() && stored.run.sequence.name == *name) {
                    stored.look = Look::At(now);
                }
            });
        }
    }

    /// Changes a shelf in its place; it is put back when the turn is dropped.
    pub(super) fn change(&mut self, id: ContactId, how: impl FnOnce(&mut Shelf)) {
        let Some(mut shelf) = self.store.take(id) else { return };
        if self.store.touched.insert(id) {
            self.store.undo.push(Undo::Shelf(id, Some(shelf.clone())));
        }
        how(Arc::make_mut(&mut shelf));
        self.store.put(id, Some(shelf));
    }

    pub(super) fn give(&mut self, who: ContactId, offer: &OfferName, code: &str) -> Did<bool> {
        if !self.store.shelves.contains_key(&who) {
            return Err(Broken::new(format!("contact {who} is not in the store")));
        }
        let key = (offer.clone(), code.to_owned());
        let has_one = self.store.shelves.get(&who).is_some_and(|shelf| shelf.codes.contains_key(offer));
        if has_one || self.store.codes.contains_key(&key) {
            return Ok(false);
        }
        self.store.codes.insert(key.clone(), who);
        self.store.undo.push(Undo::Code(key));
        self.change(who, |shelf| {
            shelf.codes.insert(offer.clone(), Arc::from(code));
        });
        Ok(true)
    }

    pub(super) fn write_redemptions(&mut self, shelf: &mut Shelf, changes: &Changes<'_>) {
        for used in &changes.kept.redemptions {
            *shelf.redeemed.entry(used.offer.clone()).or_default() += 1;
            let old = self.store.redeemed.get(&used.offer).copied();
            self.store.redeemed.insert(used.offer.clone(), old.unwrap_or(0) + 1);
            self.store.undo.push(Undo::Redeemed(used.offer.clone(), old));
        }
    }
}
