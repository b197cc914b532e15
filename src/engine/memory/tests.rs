use super::MemoryStore;
use crate::{
    engine::{
        AttemptRow, LedgerRow, LinkRow, MailboxRow, QuarantineRow, RefusalRow, RunRow, TaskRow,
        conformance::{Home, conforms},
    },
    id::{ContactId, SendId},
    journey::Happening,
    record::ConsentEntry,
};

impl Home for MemoryStore {
    fn ledger(&self) -> Vec<LedgerRow> {
        self.ledger()
    }
    fn runs(&self) -> Vec<RunRow> {
        self.runs()
    }
    fn mailbox(&self) -> Vec<MailboxRow> {
        self.mailbox()
    }
    fn tasks(&self) -> Vec<TaskRow> {
        self.tasks()
    }
    fn refusals(&self) -> Vec<RefusalRow> {
        self.refusals()
    }
    fn attempts(&self) -> Vec<AttemptRow> {
        self.attempts()
    }
    fn quarantine(&self) -> Vec<QuarantineRow> {
        self.quarantine()
    }
    fn events(&self, who: ContactId) -> Vec<Happening> {
        self.events(who)
    }
    fn consents(&self, who: ContactId) -> Vec<ConsentEntry> {
        self.consents(who)
    }
    fn link(&self, send: SendId, number: u16) -> Option<LinkRow> {
        self.link(send, number)
    }
}

conforms!(MemoryStore::new());
