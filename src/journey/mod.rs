//! The heart: one person, one event, one decision.
//!
//! `decide` is a pure function from what is known about a person and one event to a decision: the person as they are
//! afterwards and the list of actions, each with its reason. Nothing else may change a run. Must not know a clock, SQL,
//! HTTP, YAML, how a text is rendered or how a message travels.
mod action;
mod appointment;
mod arms;
mod campaign;
mod change;
mod choose;
mod decide;
mod draft;
mod enrol;
mod erase;
mod event;
mod facts;
mod fall_due;
mod flow;
mod following;
mod gates;
mod happen;
mod intent;
mod local;
mod person;
pub(crate) mod planted;
mod schedule;
mod sending;
mod shared;
mod signal;
mod standing;
mod state;
mod sweep;
#[cfg(test)]
pub(crate) mod tests;

use planted::planted;

pub(crate) use action::{Action, Decision, Refusal, RefusedWhy};
pub(crate) use arms::{ARM, WRITTEN};
pub(crate) use campaign::{Redemption, Standing};
pub(crate) use decide::decide;
pub(crate) use erase::{ERASED, blank_consent};
pub(crate) use event::{Event, Happening, Order, Receipt};
pub(crate) use facts::RunFacts;
pub(crate) use fall_due::{TASKS, WEBHOOKS, condition_read};
pub(crate) use following::{FOLLOWING, ROUND};
pub(crate) use intent::{understand, words};
pub(crate) use person::{Ids, Pace, Person, Watch, World};
pub(crate) use schedule::written;
pub(crate) use shared::Shared;
pub(crate) use state::{
    Attempt, Because, Cancel, Cursor, End, Fail, Gate, Hold, Outcome, Phase, Rank, Run, Send, Sending, Skip, Spec,
    StartedBy, StopReason, Taken, Wait,
};
pub(crate) use sweep::{Mark, Sweep};
