//! What tests read: the full ledger and everything that was kept.
use super::{
    MemoryStore,
    shelf::{Look, StoredRun, StoredSend},
};
use crate::{
    engine::{AttemptRow, LedgerRow, LinkRow, MailboxRow, Place, QuarantineRow, RefusalRow, RunPhase, RunRow, TaskRow},
    id::{ContactId, SendId},
    journey::{Happening, Phase},
    record::ConsentEntry,
};
use std::sync::Arc;

impl MemoryStore {
    /// Every step that fell due, oldest first.
    pub(crate) fn ledger(&self) -> Vec<LedgerRow> {
        let all = self.shelves.iter().flat_map(|(id, shelf)| shelf.sends.values().map(|send| ledger_row(*id, send)));
        let mut rows: Vec<LedgerRow> = all.collect();
        rows.sort_by_key(|row| row.send);
        rows
    }

    /// Every run, also those that ended, oldest first.
    pub(crate) fn runs(&self) -> Vec<RunRow> {
        let all = self.shelves.iter().flat_map(|(id, shelf)| shelf.runs.values().map(|run| run_row(*id, run)));
        let mut rows: Vec<RunRow> = all.collect();
        rows.sort_by_key(|row| row.id);
        rows
    }

    pub(crate) fn events(&self, who: ContactId) -> Vec<Happening> {
        let events = self.shelves.get(&who).into_iter().flat_map(|shelf| &shelf.events);
        let mut events: Vec<Happening> = events.map(|event| Happening::clone(event)).collect();
        events.sort_by_key(|event| event.id);
        events
    }

    pub(crate) fn consents(&self, who: ContactId) -> Vec<ConsentEntry> {
        self.shelves.get(&who).map_or_else(Vec::new, |shelf| shelf.consents.clone())
    }

    pub(crate) fn refusals(&self) -> Vec<RefusalRow> {
        self.shelves.values().flat_map(|shelf| &shelf.refusals).map(|row| RefusalRow::clone(row)).collect()
    }

    pub(crate) fn tasks(&self) -> Vec<TaskRow> {
        let mut rows: Vec<TaskRow> =
            self.shelves.values().flat_map(|shelf| &shelf.tasks).map(|row| TaskRow::clone(row)).collect();
        rows.sort_by_key(|row| row.task.send);
        rows
    }

    /// Messages of mailbox channels, oldest first.
    pub(crate) fn mailbox(&self) -> Vec<MailboxRow> {
        let mut rows: Vec<MailboxRow> =
            self.shelves.values().flat_map(|shelf| &shelf.mailbox).map(|row| MailboxRow::clone(row)).collect();
        rows.sort_by_key(|row| row.send);
        rows
    }

    pub(crate) fn attempts(&self) -> Vec<AttemptRow> {
        let all = self.shelves.values().flat_map(|shelf| shelf.attempts.values());
        let mut rows: Vec<AttemptRow> = all.cloned().collect();
        rows.sort_by_key(|row| (row.send, row.number));
        rows
    }

    /// Where a counted link leads.
    pub(crate) fn link(&self, send: SendId, number: u16) -> Option<LinkRow> {
        let (contact, shelf) = self.shelves.iter().find(|(_, shelf)| shelf.links.contains_key(&send))?;
        let of = &shelf.sends.get(&send)?.send;
        Some(LinkRow {
            send,
            number,
            contact: *contact,
            url: Arc::from(shelf.links.get(&send)?.get(usize::from(number))?.as_str()),
            channel: of.channel.clone(),
            sequence: of.sequence.clone(),
            step: of.step.clone(),
        })
    }

    pub(crate) fn quarantine(&self) -> Vec<QuarantineRow> {
        let rows = self.deliveries.iter().filter_map(|(id, received)| {
            let why = received.quarantined.clone()?;
            Some(QuarantineRow { delivery: *id, source: received.source.clone(), received_at: received.at, why })
        });
        rows.collect()
    }
}

fn ledger_row(contact: ContactId, stored: &StoredSend) -> LedgerRow {
    let send = stored.send.clone();
    LedgerRow {
        send: send.id,
        contact,
        run: send.run,
        sequence: send.sequence,
        step: send.step,
        occurrence: send.occurrence,
        what: stored.what,
        purpose: send.purpose,
        planned: send.planned,
        state: send.state,
        channel: send.channel,
        attempts: send.attempts,
        authorised_at: send.authorised_at,
        because: send.because,
        at: send.at,
    }
}

fn run_row(contact: ContactId, stored: &StoredRun) -> RunRow {
    let run = &stored.run;
    let phase = match &run.phase {
        Phase::Active(cursor) => {
            RunPhase::Active { step: Place::of(&run.sequence, cursor.step).next(), wait: cursor.wait }
        }
        Phase::Ended { at, end } => RunPhase::Ended { at: *at, end: end.clone() },
    };
    RunRow {
        id: run.id,
        contact,
        sequence: run.sequence.name.clone(),
        booking: run.booking,
        entered: run.entered,
        phase,
        occurrence: run.cursor().map_or(0, |cursor| cursor.occurrence),
        acted: run.acted,
        converted: run.converted,
        open: stored.open,
        orphaned: run.is_active() && stored.look == Look::Never,
        started_by: run.started_by.clone(),
        taken: run.taken.clone(),
        worth: run.worth.clone(),
    }
}
