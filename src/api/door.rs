//! What requests need of the daemon behind them. The runner is one such door; tests have another.
use super::Figure;
use crate::{
    calendar::Instant,
    engine::Done,
    id::{ChannelName, ClinicName, ContactId, SequenceName, StepName},
    journey::Order,
    record::Delivery,
};
use std::{future::Future, pin::Pin, sync::Arc};

/// What is still to come.
pub(crate) type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Nothing was written: the sender may try again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Busy(pub(crate) String);

/// Whom an unsubscribe link leads to, as far as its page needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Reachable {
    pub(crate) contact: ContactId,
    pub(crate) locale: Option<Arc<str>>,
    pub(crate) clinic: Option<ClinicName>,
}

/// What a counted link was sent as: where it leads, and in which message it stood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Opened {
    pub(crate) contact: ContactId,
    /// Names the link, always the same.
    pub(crate) name: String,
    pub(crate) url: Arc<str>,
    pub(crate) channel: Option<ChannelName>,
    pub(crate) sequence: Option<SequenceName>,
    pub(crate) step: StepName,
}

pub(crate) trait Door: Send + Sync {
    fn now(&self) -> Instant;

    /// Answers after the commit.
    fn deliver(&self, delivery: Delivery) -> Later<'_, Result<Done, Busy>>;

    /// Answers after the commit.
    fn order(&self, contact: ContactId, order: Order) -> Later<'_, Result<(), Busy>>;

    /// Whose link this is; `None` when it is none of ours.
    fn open_link<'a>(&'a self, token: &'a str) -> Later<'a, Result<Option<Reachable>, Busy>>;

    /// Where this counted link leads; `None` when it is none of ours.
    fn open_click<'a>(&'a self, token: &'a str) -> Later<'a, Result<Option<Opened>, Busy>>;

    /// Can work be taken in? Says why not.
    fn ready(&self) -> Result<(), String>;

    /// Counters and gauges of the moment. No personal data, no label that a request could choose.
    fn figures(&self) -> Vec<Figure>;
}
