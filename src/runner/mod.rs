//! The async shell around the engine: one writer thread that owns the store, tasks that carry out effects, timers, the
//! plan's exchange by message, the lock and the local socket of the daemon.
//!
//! Must not know YAML, the compiler, SQL or a provider: a new plan arrives ready to run.
mod carrier;
mod clock;
mod control;
mod core;
mod handle;
mod inbox;
mod lock;
mod publication;
mod slots;
mod stats;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use clock::{Clock, FastClock, WallClock};
pub(crate) use control::{Control, Request, Response, ask, socket_path};
pub(crate) use handle::{RunnerHandle, Setup, start};
pub(crate) use lock::{Lock, LockFault, acquire};
pub(crate) use publication::{Publication, Wanted};

use crate::engine::Broken;
use std::sync::Arc;

/// Why something that was asked of the runner was not done. Nothing of it has happened.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the daemon is stopping")]
    Stopping,
    #[error("{0}")]
    Failed(Arc<str>),
}

/// The version under which a plan was published.
pub(crate) type Swapped = Result<u32, Refused>;

impl Refused {
    fn failed(why: &Broken) -> Self {
        Self::Failed(Arc::from(why.to_string()))
    }
}
