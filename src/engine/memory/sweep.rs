//! What rounds over everybody ask of the memory store.
use super::{MemoryStore, MemoryTurn, Undo};
use crate::{
    id::{ContactId, TriggerName},
    journey::{Mark, Sweep},
};

impl MemoryStore {
    pub(super) fn behind(
        &self,
        after: Option<ContactId>,
    ) -> impl Iterator<Item = (&ContactId, &super::Arc<super::Shelf>)> {
        let from = after.map_or(i64::MIN, |after| after.0.saturating_add(1));
        self.shelves.range(ContactId(from)..)
    }
}

impl MemoryTurn<'_> {
    pub(super) fn people_behind(&self, after: Option<ContactId>, limit: usize) -> Vec<ContactId> {
        let there = self.store.behind(after).filter(|(_, shelf)| shelf.contact.erased_at.is_none());
        there.map(|(who, _)| *who).take(limit).collect()
    }

    pub(super) fn marks_of(
        &self,
        trigger: &TriggerName,
        after: Option<ContactId>,
        limit: usize,
    ) -> Vec<(ContactId, Mark)> {
        let key = (trigger.clone(), None);
        let marked = self.store.behind(after).filter_map(|(who, shelf)| Some((*who, shelf.watches.get(&key)?.mark()?)));
        marked.take(limit).collect()
    }

    pub(super) fn put_sweep(&mut self, trigger: &TriggerName, sweep: Sweep) {
        let old = self.store.sweeps.insert(trigger.clone(), sweep);
        self.store.undo.push(Undo::Sweep(trigger.clone(), old));
    }
}
