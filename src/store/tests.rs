mod agree;
mod cost;
mod erasure;
mod files;
mod inside;
mod reading;
mod rounds;

use super::{Reader, SqliteStore};
use crate::{
    calendar::Instant,
    engine::{
        AttemptRow, Did, InFlight, Key, LedgerRow, LinkRow, MailboxRow, MemoryStore, QuarantineRow, RefusalRow, RunRow,
        Store, TaskRow,
        conformance::{self, Home, Op, conforms},
    },
    id::{ContactId, Epoch, SendId},
    journey::Happening,
    plan::Plan,
    record::ConsentEntry,
};
use proptest::prelude::*;
use std::path::PathBuf;

/// A real file in a folder of its own.
pub(crate) struct OnDisk {
    pub(super) store: SqliteStore,
    pub(super) path: PathBuf,
    _folder: tempfile::TempDir,
}

impl OnDisk {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dripline.db");
        let store = SqliteStore::open(&path, [7; 32], Instant(0)).unwrap();
        Self { store, path, _folder: folder }
    }

    /// For stories that no end of a machine is part of.
    pub(crate) fn quick() -> Self {
        let disk = Self::new();
        disk.store.db.pragma_update(None, "synchronous", "OFF").unwrap();
        disk
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::open(&self.path).unwrap()
    }

    fn of_all<T>(&self, ask: impl Fn(&mut Reader, ContactId) -> Did<Vec<T>>) -> Vec<T> {
        let mut reader = self.reader();
        let everybody = reader.cards(None, u32::MAX).unwrap();
        everybody.iter().flat_map(|card| ask(&mut reader, card.id).unwrap()).collect()
    }
}

impl Store for OnDisk {
    type Turn<'s> = super::SqliteTurn<'s>;

    fn turn<'s>(&'s mut self, plan: &'s Plan) -> Did<Self::Turn<'s>> {
        self.store.turn(plan)
    }
    fn publish(&mut self, plan: &Plan, actor: &str, now: Instant) -> Did<u32> {
        self.store.publish(plan, actor, now)
    }
    fn begin_epoch(&mut self) -> Did<Epoch> {
        self.store.begin_epoch()
    }
    fn in_flight(&self, before: Epoch) -> Did<Vec<InFlight>> {
        self.store.in_flight(before)
    }
    fn next_wake(&self) -> Did<Option<Instant>> {
        self.store.next_wake()
    }
    fn key(&self) -> Key {
        self.store.key()
    }
}

impl Home for OnDisk {
    fn ledger(&self) -> Vec<LedgerRow> {
        let mut rows = self.reader().log(None, u32::MAX).unwrap();
        rows.reverse();
        rows
    }
    fn runs(&self) -> Vec<RunRow> {
        let mut rows = self.of_all(Reader::runs);
        rows.sort_by_key(|row| row.id);
        rows
    }
    fn mailbox(&self) -> Vec<MailboxRow> {
        let mut rows = self.reader().mailbox(None, u32::MAX).unwrap();
        rows.reverse();
        rows
    }
    fn tasks(&self) -> Vec<TaskRow> {
        let mut rows = self.of_all(Reader::tasks_of);
        rows.sort_by_key(|row| row.task.send);
        rows
    }
    fn refusals(&self) -> Vec<RefusalRow> {
        self.of_all(Reader::refusals)
    }
    fn attempts(&self) -> Vec<AttemptRow> {
        let mut reader = self.reader();
        let sends: Vec<_> = self.ledger().into_iter().map(|row| row.send).collect();
        sends.into_iter().flat_map(|send| reader.attempts(send).unwrap()).collect()
    }
    fn quarantine(&self) -> Vec<QuarantineRow> {
        let mut rows = self.reader().quarantine(u32::MAX).unwrap();
        rows.sort_by_key(|row| row.delivery);
        rows
    }
    fn events(&self, who: ContactId) -> Vec<Happening> {
        self.reader().events(who).unwrap()
    }
    fn consents(&self, who: ContactId) -> Vec<ConsentEntry> {
        self.reader().consents(who).unwrap()
    }
    fn link(&self, send: SendId, number: u16) -> Option<LinkRow> {
        self.reader().link(send, number).unwrap()
    }
}

conforms!(OnDisk::new());

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 600, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_tell_the_same_story(ops in proptest::collection::vec(any::<Op>(), 1..60)) {
        let mut disk = OnDisk::new();
        conformance::play(&mut MemoryStore::new(), &mut disk, &ops);
        let mut reader = disk.reader();
        let status = reader.status(Instant(0)).unwrap();
        assert!(status.adds_up(), "{status:?}");
    }
}
