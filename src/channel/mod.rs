//! Ways out: what takes a permitted message to a provider and says what became of it. One file per provider.
//!
//! A channel consumes a permit that only the engine makes, so nothing is sent that was not written down before, and
//! nothing twice. Must not know a journey, a plan or a store.
mod folder;
mod mailbox;
mod mime;
#[cfg(test)]
mod mime_tests;
mod server;
mod smtp;
#[cfg(test)]
mod smtp_tests;
mod webhook;
#[cfg(test)]
mod webhook_tests;
mod wire;

pub(crate) use smtp::Smtp;
pub(crate) use wire::Reach;

use crate::{
    content::Message,
    engine::{Permit, Receipt},
    id::ChannelName,
};
use std::{collections::BTreeMap, fmt, future::Future, path::PathBuf, pin::Pin, sync::Arc, time::Duration};

/// What is still to come, wherever it runs.
pub(crate) type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What can be found out about an attempt whose answer was lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// Delivered by the commit itself: no answer can be lost.
    Local,
    /// The provider recognises a repeated key for this long.
    Key(Duration),
    /// The provider can be asked.
    #[expect(dead_code, reason = "a class of the contract that no channel of this version has")]
    Lookup,
    /// The provider tells by itself.
    #[expect(dead_code, reason = "a class of the contract that no channel of this version has")]
    Callback,
    /// Nothing: a lost answer stays unknown.
    Blind,
}

/// A way to reach people.
pub(crate) trait Channel: Send + Sync {
    fn class(&self) -> Class;

    /// Attempts that may be under way at once.
    fn slots(&self) -> u16;

    /// Carries out one authorised attempt. Ends by itself within [`DEADLINE`].
    fn send<'a>(&'a self, permit: Permit, message: &'a Message) -> Later<'a, Receipt>;
}

/// An attempt authorised before an opt-out may still complete within this time; no longer.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// The channels of a project that are connected.
pub(crate) type Registry = BTreeMap<ChannelName, Arc<dyn Channel>>;

/// How one channel is connected, its secrets already looked up.
#[derive(Clone, Debug)]
pub(crate) enum Settings {
    Mailbox,
    Folder {
        path: PathBuf,
    },
    Smtp {
        /// `smtp://user:password@host:587` or `smtps://…`.
        url: Hidden,
        /// The sender of messages that name none.
        from: Option<String>,
        slots: u16,
    },
    /// Calls of other programs: secrets and addresses by the names of their variables.
    Webhook {
        secrets: BTreeMap<String, Hidden>,
        addresses: BTreeMap<String, Hidden>,
        reach: Reach,
    },
}

/// A text that no log shows.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hidden(pub(crate) String);

/// What is wrong with the settings of a channel. Says nothing of the secret itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    pub(crate) channel: ChannelName,
    pub(crate) why: String,
}

/// Connects every channel that can be, and says of the others what is wrong with them.
pub(crate) fn build(settings: &BTreeMap<ChannelName, Settings>) -> (Registry, Vec<Fault>) {
    let mut registry = Registry::new();
    let mut faults = Vec::new();
    for (name, settings) in settings {
        let made: Result<Arc<dyn Channel>, String> = match settings {
            Settings::Mailbox => Ok(Arc::new(mailbox::Mailbox)),
            Settings::Folder { path } => Ok(Arc::new(folder::Folder::new(path.clone()))),
            Settings::Smtp { url, from, slots } => {
                Smtp::new(&url.0, from.clone(), *slots).map(|smtp| Arc::new(smtp) as Arc<dyn Channel>)
            }
            Settings::Webhook { secrets, addresses, reach } => {
                webhook::Webhook::new(secrets, addresses, *reach).map(|webhook| Arc::new(webhook) as Arc<dyn Channel>)
            }
        };
        match made {
            Ok(channel) => {
                registry.insert(name.clone(), channel);
            }
            Err(why) => faults.push(Fault { channel: name.clone(), why }),
        }
    }
    (registry, faults)
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "channel {}: {}", self.channel, self.why)
    }
}
