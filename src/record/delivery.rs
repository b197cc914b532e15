//! What a provider told us, verified and normalised: the only form in which the outside reaches the engine.
use super::{BookingNews, Who};
use crate::{
    calendar::Instant,
    id::{DedupeKey, EventKind, FieldName, SourceName},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// One request of a provider, verified.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Delivery {
    pub(crate) source: SourceName,
    /// Provider's id of the delivery, or one built from what the provider repeats.
    pub(crate) dedupe: DedupeKey,
    pub(crate) received_at: Instant,
    /// The body as it came, byte for byte.
    pub(crate) raw: Arc<[u8]>,
    pub(crate) parsed: Parsed,
    /// Things that were off but did not stop the intake: a value outside `one_of`, a phone number that is none.
    /// Words of ours about names of fields, never a person's values.
    pub(crate) remarks: Vec<String>,
}

/// What the body turned out to be.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Parsed {
    News(Vec<News>),
    /// Known and of no use to us: a ping, a recording.
    Ignored(&'static str),
    /// Signed, but not understood: kept, listed, can be replayed.
    Quarantined(String),
}

/// One thing that happened.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct News {
    pub(crate) kind: EventKind,
    /// When it happened by the provider's own clock.
    pub(crate) at: Instant,
    /// Whom it concerns; `None` when only the booking's uid tells.
    pub(crate) who: Option<Who>,
    pub(crate) booking: Option<BookingNews>,
    pub(crate) data: BTreeMap<Arc<str>, Value>,
    /// Fields of the contact that the source maps from its payload.
    pub(crate) contact: BTreeMap<FieldName, Value>,
}
