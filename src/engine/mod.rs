//! The store port, the memory store and the turn: work in, one transaction, effects out. No async, no IO of its own.
//!
//! `preview`, `simulate`, `test` and the daemon all run the same [`turn`]; they differ in the store, in who carries out
//! effects, and in where `now` comes from. Must not know SQL, HTTP, YAML or a provider.
mod accept;
mod campaign;
mod changes;
#[cfg(test)]
pub(crate) mod conformance;
mod desk;
mod foresee;
#[cfg(test)]
mod invariants;
mod members;
mod memory;
mod note;
mod outward;
mod permit;
mod port;
mod prepare;
mod replan;
mod rows;
mod stored;
mod sweep;
#[cfg(test)]
mod system_tests;
mod turn;

pub(crate) use campaign::{CampaignOrder, CampaignRow, CampaignStatus, campaign_of};
pub(crate) use changes::{Changes, Kept, Task};
pub(crate) use foresee::foresee;
#[cfg(test)]
pub(crate) use invariants::{Books, Breach, Carried, Page, check, witness};
pub(crate) use members::{PAGE, sift};
pub(crate) use memory::MemoryStore;
pub(crate) use note::{Note, Told};
pub(crate) use outward::{SIGNED_WITH, name_of};
pub(crate) use permit::{Key, Permit};
pub(crate) use port::{Broken, Did, Erased, InFlight, Store, Turn};
pub(crate) use prepare::Loaded;
pub(crate) use replan::{Published, Replan, next_page, replans_of};
#[cfg(test)]
pub(crate) use rows::QuarantineRow;
pub(crate) use rows::{
    AttemptRow, DueRow, DueWhat, LedgerRow, LinkRow, MailboxRow, RefusalRow, RunPhase, RunRow, SendKind, TaskRow,
};
pub(crate) use stored::{
    Place, WATCH_RANK, as_value, is_aside, is_pinned, keeps_no_links, mark_stale, matches, parse_public, public_id,
    public_text, sort_watches, spec_of, stays_open, still_counted, uids,
};
pub(crate) use sweep::{COUNTED, next_round, sweeps_of, to_backfill};
pub(crate) use turn::{Done, Effect, Effects, Limits, Work, turn, turn_answered};

/// Words of the journey that stand in the engine's own signatures: who carries out effects needs no more of it.
pub(crate) use crate::journey::{Attempt, Order, Receipt, World};
