//! What the rest of the program holds of the runner: questions and orders, answered after the commit.
use super::{
    Refused, Swapped,
    carrier::Carrier,
    clock::Clock,
    core::{Core, Home},
    inbox::{Asked, Errand, Inbox},
    publication::{Desk, Publication, Wanted},
    stats::{Gauges, Shared},
    writer::{Parts, Writer},
};
use crate::{
    channel::Registry,
    engine::{Broken, CampaignOrder, Did, Done, Limits, Loaded, Note, Order, Store, Work},
    id::{ContactId, SequenceName},
    record::Delivery,
};
use std::{
    sync::{Arc, mpsc as threads},
    thread,
};
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot, watch};

/// Orders that may wait at once; more of them wait outside.
const ROOM: usize = 10_000;

/// What a runner is started with.
pub(crate) struct Setup<S> {
    pub(crate) store: S,
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) channels: Registry,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: Limits,
    /// Who publishes the plan that it starts with.
    pub(crate) actor: String,
    /// Called on a thread of its own after so many commits, and once at the end.
    pub(crate) checkpoint: Option<(u32, Box<dyn Fn() + Send>)>,
}

#[derive(Clone)]
pub(crate) struct RunnerHandle {
    inbox: Arc<Inbox>,
    room: Arc<Semaphore>,
    shared: Arc<Shared>,
    stop_asked: Arc<watch::Sender<bool>>,
    publications: Desk,
}

/// Counters since the start, and how it stands now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stats {
    pub(crate) counters: Vec<(&'static str, u64)>,
    pub(crate) gauges: Gauges,
}

/// Starts the writer. To be called inside the runtime that is to carry out the sends.
pub(crate) fn start<S: Store + Send + 'static>(setup: Setup<S>) -> Did<RunnerHandle> {
    let Setup { store, loaded, channels, clock, limits, actor, checkpoint } = setup;
    start_over(Setup { store: Home(store), loaded, channels, clock, limits, actor, checkpoint })
}

pub(super) fn start_over<C: Core + 'static>(setup: Setup<C>) -> Did<RunnerHandle> {
    let runtime = tokio::runtime::Handle::try_current().map_err(Broken::new)?;
    let (inbox, shared) = (Arc::new(Inbox::default()), Arc::new(Shared::new()));
    let (on_commit, checkpoints) = checkpointing(setup.checkpoint)?;
    let parts = Parts {
        core: setup.store,
        carry: Carrier::new(runtime, inbox.clone(), shared.clone()),
        clock: setup.clock,
        inbox: inbox.clone(),
        shared: shared.clone(),
        loaded: setup.loaded,
        limits: setup.limits,
        on_commit,
    };
    let writer = Writer::open(parts, &setup.actor)?;
    inbox.run(Errand::Connect(setup.channels));
    let body = move || {
        let waiting = writer.live();
        // the store is closed by now; the last checkpoint is on its own connection
        if let Some(checkpoints) = checkpoints {
            drop(checkpoints.join());
        }
        for waiting in waiting {
            // whoever waited may have gone
            let _ = waiting.send(());
        }
    };
    thread::Builder::new().name("writer".to_owned()).spawn(body).map_err(Broken::new)?;
    let stop_asked = Arc::new(watch::Sender::new(false));
    Ok(RunnerHandle { inbox, room: Arc::new(Semaphore::new(ROOM)), shared, stop_asked, publications: Desk::default() })
}

type OnCommit = Box<dyn FnMut() + Send>;

/// A thread that makes checkpoints while the writer goes on; it ends with the writer, after a last one.
fn checkpointing(wished: Option<(u32, Box<dyn Fn() + Send>)>) -> Did<(OnCommit, Option<thread::JoinHandle<()>>)> {
    let Some((every, checkpoint)) = wished else { return Ok((Box::new(|| {}), None)) };
    let (bell, rings) = threads::sync_channel::<()>(1);
    let body = move || {
        while rings.recv().is_ok() {
            checkpoint();
        }
        checkpoint();
    };
    let thread = thread::Builder::new().name("checkpoint".to_owned()).spawn(body).map_err(Broken::new)?;
    let mut commits = 0;
    let on_commit = move || {
        commits += 1;
        if commits >= every.max(1) {
            commits = 0;
            // one that is under way is enough
            let _ = bell.try_send(());
        }
    };
    Ok((Box::new(on_commit), Some(thread)))
}

impl RunnerHandle {
    /// Takes in what a provider told us; answered when it is committed.
    pub(crate) async fn deliver(&self, delivery: Delivery) -> Result<Done, Refused> {
        self.ask(Work::Delivered(delivery)).await
    }

    pub(crate) async fn order(&self, contact: ContactId, order: Order) -> Result<Done, Refused> {
        self.ask(Work::Ordered(contact, order)).await
    }

    /// Somebody decided about a campaign. `Done::Ignored`: it stands otherwise.
    pub(crate) async fn campaign(
        &self,
        name: SequenceName,
        order: CampaignOrder,
        actor: Arc<str>,
    ) -> Result<Done, Refused> {
        self.ask(Work::Campaign { name, order, actor }).await
    }

    async fn ask(&self, work: Work) -> Result<Done, Refused> {
        let room = self.room.clone().acquire_owned().await.map_err(|_| Refused::Stopping)?;
        let (reply, answer) = oneshot::channel();
        self.inbox.ask(Asked { work, reply, room: Some(room) });
        answer.await.unwrap_or(Err(Refused::Stopping))
    }

    /// Publishes a plan and works with it from the next turn on.
    pub(crate) async fn swap(&self, loaded: Arc<Loaded>, actor: &str) -> Swapped {
        let (reply, answer) = oneshot::channel();
        self.inbox.run(Errand::Swap { loaded, actor: Arc::from(actor), reply });
        answer.await.unwrap_or(Err(Refused::Stopping))
    }

    /// Plans that somebody wishes to be published come out here from now on.
    pub(crate) fn publications(&self) -> mpsc::UnboundedReceiver<Wanted> {
        self.publications.open()
    }

    /// Asks whoever owns the daemon to publish a plan.
    pub(crate) async fn publish(&self, what: Publication, base: u32, actor: Arc<str>) -> Result<u32, String> {
        self.publications.ask(what, base, actor).await
    }

    /// Exchanges the channels; attempts under way end on the old ones.
    pub(crate) fn connect(&self, channels: Registry) {
        self.inbox.run(Errand::Connect(channels));
    }

    /// Takes no more orders, authorises nothing more, waits for attempts under way and records their answers. Resolves when
    /// the store is closed.
    pub(crate) async fn stop(&self) {
        let (reply, answer) = oneshot::channel();
        self.inbox.run(Errand::Stop(reply));
        // an error means that it has ended already
        drop(answer.await);
    }

    /// Resolves when nothing is due now, nothing is under way and nothing waits.
    pub(crate) async fn until_idle(&self) -> Result<(), Refused> {
        let (reply, answer) = oneshot::channel();
        self.inbox.run(Errand::Idle(reply));
        answer.await.unwrap_or(Err(Refused::Stopping))
    }

    /// Looks at the clock now: to be called after it was moved.
    pub(crate) fn wake(&self) {
        self.inbox.run(Errand::Wake);
    }

    /// Somebody wishes the whole daemon to end; whoever owns it listens with [`Self::stop_asked`].
    pub(crate) fn ask_to_stop(&self) {
        self.stop_asked.send_replace(true);
    }

    pub(crate) async fn stop_asked(&self) {
        let mut asked = self.stop_asked.subscribe();
        // the sender lives as long as this handle
        drop(asked.wait_for(|asked| *asked).await);
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats { counters: self.shared.counters.read(), gauges: self.shared.gauges() }
    }

    #[cfg(test)]
    pub(crate) fn counters(&self) -> &super::stats::Counters {
        &self.shared.counters
    }

    /// What turns did, from now on. Whoever listens too slowly misses the oldest.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Note> {
        self.shared.notes.subscribe()
    }
}
