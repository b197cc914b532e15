//! What looking anew at the people inside asks of the memory store, and the revisions that they stand on.
use super::{MemoryStore, MemoryTurn, Shelf, Undo};
use crate::{
    calendar::Instant,
    engine::{Published, Replan, replans_of},
    id::{ContactId, ObjectId, SequenceName},
    plan::{Plan, Sequence},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

impl MemoryStore {
    /// A plan was published with these revisions: rounds over the people of those that changed begin, and revisions that
    /// nobody stands on any more are let go.
    pub(super) fn begin_replans(&mut self, plan: &Plan, sequences: BTreeMap<SequenceName, ObjectId>, now: Instant) {
        let terms = self.unread.is_none().then(|| plan.terms());
        let today = Published { sequences, terms };
        let runs = || self.shelves.values().flat_map(|shelf| shelf.runs.values());
        let inside: BTreeSet<SequenceName> =
            runs().filter(|stored| stored.run.is_active()).map(|stored| stored.run.sequence.name.clone()).collect();
        let used: BTreeSet<ObjectId> =
            runs().filter(|stored| stored.open).filter_map(|stored| stored.run.object).collect();
        self.revisions.retain(|object, _| used.contains(object) || today.sequences.values().any(|one| one == object));
        let current: BTreeSet<ObjectId> = today.sequences.values().copied().collect();
        let pinned = |one: &Sequence| plan.sequences.get(&one.name).is_some_and(|today| today.changed.pin);
        let old = self.revisions.iter_mut().filter(|(object, _)| !current.contains(*object));
        for (_, sequence) in old.filter(|(_, one)| pinned(one) && one.texts.is_empty()) {
            let texts = sequence.texts_among(&self.texts);
            Arc::make_mut(sequence).texts = texts;
        }
        self.texts.clone_from(&plan.templates);
        self.replans = replans_of(plan, &self.published, &today, &self.replans, &inside, now);
        self.published = today;
    }
}

impl MemoryTurn<'_> {
    pub(super) fn put_replan(&mut self, sequence: &SequenceName, replan: Option<Replan>) {
        let old = match replan {
            Some(replan) => self.store.replans.insert(sequence.clone(), replan),
            None => self.store.replans.remove(sequence),
        };
        self.store.undo.push(Undo::Replan(sequence.clone(), old));
    }

    pub(super) fn people_inside(
        &mut self,
        sequence: &SequenceName,
        all: bool,
        after: Option<ContactId>,
        limit: usize,
    ) -> Vec<ContactId> {
        let object = self.store.object(self.plan, sequence);
        let stands = |shelf: &Shelf| {
            let mut runs = shelf.runs.values().map(|stored| &stored.run);
            runs.any(|run| run.is_active() && run.sequence.name == *sequence && (all || run.object != object))
        };
        let behind = self.store.behind(after).filter(|(_, shelf)| stands(shelf));
        behind.map(|(who, _)| *who).take(limit).collect()
    }
}
