//! Carries out effects: one task for each attempt, with a deadline, and an answer in every case.
use super::{
    inbox::{Inbox, Landed},
    stats::{Shared, count},
};
use crate::{
    channel::{Class, DEADLINE, Registry},
    content::Message,
    engine::{Permit, Receipt},
    id::ChannelName,
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::runtime::Handle;

/// Takes attempts out of the writer's hands.
pub(super) trait Carry: Send {
    fn carry(&mut self, channel: ChannelName, permit: Permit, message: Message);

    /// The channels from now on; gives back what each can take.
    fn connect(&mut self, registry: Registry) -> BTreeMap<ChannelName, u16>;
}

pub(super) struct Carrier {
    runtime: Handle,
    registry: Registry,
    inbox: Arc<Inbox>,
    shared: Arc<Shared>,
}

/// An attempt under way. However its task ends, also by a panic or with the runtime, an answer reaches the writer.
struct Flight {
    inbox: Arc<Inbox>,
    landed: Option<Landed>,
}

impl Carrier {
    pub(super) fn new(runtime: Handle, inbox: Arc<Inbox>, shared: Arc<Shared>) -> Self {
        Self { runtime, registry: Registry::new(), inbox, shared }
    }
}

impl Carry for Carrier {
    fn carry(&mut self, name: ChannelName, permit: Permit, message: Message) {
        let mut flight = Flight::new(self.inbox.clone(), &name, &permit);
        let Some(channel) = self.registry.get(&name).cloned() else {
            let why = Arc::from("the channel is not connected");
            return flight.answer(Receipt::NotSent { retry_after_ms: None, permanent: false, why });
        };
        let shared = self.shared.clone();
        self.runtime.spawn(async move {
            let mut attempt = tokio::spawn(async move { channel.send(permit, &message).await });
            match tokio::time::timeout(DEADLINE, &mut attempt).await {
                Ok(Ok(receipt)) => flight.answer(receipt),
                // nobody knows how far it came
                Ok(Err(ended)) if ended.is_panic() => {
                    count(&shared.counters.panics, 1);
                    tracing::error!(channel = name.as_str(), "a channel panicked: the attempt is unknown");
                }
                Ok(Err(_)) => {}
                Err(_) => attempt.abort(),
            }
        });
    }

    fn connect(&mut self, registry: Registry) -> BTreeMap<ChannelName, u16> {
        self.registry = registry;
        let outward = self.registry.iter().filter(|(_, channel)| channel.class() != Class::Local);
        outward.map(|(name, channel)| (name.clone(), channel.slots().max(1))).collect()
    }
}

impl Flight {
    fn new(inbox: Arc<Inbox>, channel: &ChannelName, permit: &Permit) -> Self {
        let landed = Landed {
            channel: Some(channel.clone()),
            contact: permit.contact,
            send: permit.send,
            attempt: permit.attempt,
            receipt: Receipt::Unknown,
        };
        Self { inbox, landed: Some(landed) }
    }

    fn answer(&mut self, receipt: Receipt) {
        if let Some(landed) = self.landed.as_mut() {
            landed.receipt = receipt;
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let Some(landed) = self.landed.take() {
            self.inbox.land(landed);
        }
    }
}
