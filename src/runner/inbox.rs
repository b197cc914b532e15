//! What waits for the writer: orders from outside, answers of channels, errands of the process itself.
//!
//! Room for orders is bounded by permits that each of them carries; answers are bounded by the channels' slots.
use super::{Refused, Swapped};
use crate::{
    channel::Registry,
    engine::{Attempt, Done, Loaded, Receipt, Work},
    id::{ChannelName, ContactId, SendId},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// Somebody waits for what becomes of it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) work: Work,
    pub(super) reply: oneshot::Sender<Result<Done, Refused>>,
    pub(super) room: Option<OwnedSemaphorePermit>,
}

/// A channel's answer to an attempt.
#[derive(Clone, Debug)]
pub(super) struct Landed {
    /// `None` for attempts of an earlier life of the process.
    pub(super) channel: Option<ChannelName>,
    pub(super) contact: ContactId,
    pub(super) send: SendId,
    pub(super) attempt: Attempt,
    pub(super) receipt: Receipt,
}

/// What concerns the runner itself.
pub(super) enum Errand {
    Swap {
        loaded: Arc<Loaded>,
        actor: Arc<str>,
        reply: oneshot::Sender<Swapped>,
    },
    Connect(Registry),
    /// Answered when nothing is left to do now.
    Idle(oneshot::Sender<Result<(), Refused>>),
    Stop(oneshot::Sender<()>),
    /// Look at the clock again.
    Wake,
}

/// What the writer takes on at once.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) errands: Vec<Errand>,
    pub(super) asked: Vec<Asked>,
    pub(super) landed: Vec<Landed>,
    /// Nothing came: the wait ran out.
    pub(super) silent: bool,
}

/// Until when to wait for more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pause {
    No,
    For(Duration),
    /// The writer is done.
    Ended,
}

#[derive(Default)]
pub(super) struct Inbox {
    lanes: Mutex<Lanes>,
    bell: Condvar,
}

#[derive(Default)]
struct Lanes {
    errands: VecDeque<Errand>,
    asked: VecDeque<Asked>,
    landed: VecDeque<Landed>,
    /// No more orders.
    closed: bool,
    /// Nobody reads any more.
    ended: bool,
}

impl Lanes {
    fn is_empty(&self) -> bool {
        self.errands.is_empty() && self.asked.is_empty() && self.landed.is_empty()
    }
}

impl Inbox {
    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Dropping what is refused tells the one who waits.
    pub(super) fn ask(&self, asked: Asked) {
        let mut lanes = self.lanes();
        if !lanes.closed {
            lanes.asked.push_back(asked);
            self.bell.notify_one();
        }
    }

    pub(super) fn land(&self, landed: Landed) {
        let mut lanes = self.lanes();
        if !lanes.ended {
            lanes.landed.push_back(landed);
            self.bell.notify_one();
        }
    }

    pub(super) fn run(&self, errand: Errand) {
        let mut lanes = self.lanes();
        if !lanes.ended {
            lanes.errands.push_back(errand);
            self.bell.notify_one();
        }
    }

    pub(super) fn close(&self) {
        self.lanes().closed = true;
    }

    /// Whoever still waits is told by the drop of what they sent.
    pub(super) fn end(&self) {
        let left = {
            let mut lanes = self.lanes();
            let left = std::mem::take(&mut *lanes);
            (lanes.closed, lanes.ended) = (true, true);
            left
        };
        drop(left);
    }

    pub(super) fn queued(&self) -> usize {
        let lanes = self.lanes();
        lanes.asked.len() + lanes.landed.len()
    }

    /// Everything that is there, at most `limit` orders; waits when nothing is.
    pub(super) fn wait(&self, pause: Pause, limit: usize) -> Batch {
        let mut lanes = self.lanes();
        if let Pause::For(longest) = pause {
            let waited = self.bell.wait_timeout_while(lanes, longest, |lanes| lanes.is_empty());
            lanes = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let silent = matches!(pause, Pause::For(_)) && lanes.is_empty();
        let orders = lanes.asked.len().min(limit);
        let answers = lanes.landed.len().min(limit.saturating_sub(orders).max(1));
        let asked: Vec<Asked> = lanes
            .asked
            .drain(..orders)
            .map(|mut asked| {
                // taken: its place in the queue is free again
                asked.room = None;
                asked
            })
            .collect();
        Batch {
            errands: lanes.errands.drain(..).collect(),
            asked,
            landed: lanes.landed.drain(..answers).collect(),
            silent,
        }
    }
}
