//! Recorded events through two versions of a project: what each would have sent, and what differs. The decisions are the
//! daemon's own, on the virtual clock. Must not know files, databases, git or how a difference is shown.
mod compare;
mod drive;
mod lines;
#[cfg(test)]
mod tests;

pub(crate) use compare::{Change, Difference, Moved, Pair, Total, compare};
pub(crate) use drive::play;
pub(crate) use lines::{LineFault, read};

use super::audience::Known;
use crate::{
    calendar::Instant,
    engine::{Broken, CampaignOrder},
    id::{ChannelName, ContactId, SequenceName, SourceName, StepName},
    journey::Order,
    record::Identity,
    value::Value,
};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// Everything that was recorded, in the order in which it happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    /// Who was there before the first of it, each under their own number.
    pub(crate) people: Vec<(ContactId, Known)>,
    pub(crate) recorded: Vec<Recorded>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Recorded {
    pub(crate) at: Instant,
    /// Of the file it stands in.
    pub(crate) line: Option<usize>,
    /// The number of somebody who is new by it: the same in both versions, since shares of people hang on it.
    pub(crate) seat: ContactId,
    pub(crate) what: Past,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Past {
    /// Bytes as they came. Without a source they are an event for the events API.
    Request {
        source: Option<SourceName>,
        body: Arc<[u8]>,
    },
    /// Somebody opened a counted link.
    Clicked {
        who: Named,
        data: BTreeMap<Arc<str>, Value>,
    },
    Ordered(Named, Order),
    Campaign {
        name: SequenceName,
        order: CampaignOrder,
        actor: Arc<str>,
    },
}

/// Somebody by their number, and by identifiers that have to be theirs.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Named {
    pub(crate) id: ContactId,
    pub(crate) identities: Vec<Identity>,
}

/// What a version did with something recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    Taken,
    /// It came before.
    Repeated,
    /// Understood, and of no use.
    Ignored,
    /// It is about nobody who is known.
    Nobody,
    /// Refused, or kept without being understood.
    Refused(Arc<str>),
}

/// Something that was sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Sent {
    #[serde(serialize_with = "super::preview::moment")]
    pub(crate) at: Instant,
    /// Of steps; what triggers and exits send has none.
    pub(crate) sequence: Option<SequenceName>,
    pub(crate) step: StepName,
    pub(crate) channel: ChannelName,
    /// It went to the practice, not to the person.
    pub(crate) staff: bool,
    pub(crate) subject: Option<Arc<str>>,
    pub(crate) text: Arc<str>,
}

/// Somebody, as far as a comparison has to know them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Somebody {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) sent: Vec<Sent>,
}

/// One version's way through the tape.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    /// For each thing recorded.
    pub(crate) fates: Vec<Fate>,
    pub(crate) people: BTreeMap<ContactId, Somebody>,
    /// Steps that ended without being sent, by their word and reason.
    pub(crate) unsent: BTreeMap<Arc<str>, u64>,
    /// How far the clock went.
    pub(crate) until: Instant,
    /// Runs that were not over then, and messages that wait for somebody's decision.
    pub(crate) inside: u64,
    pub(crate) held: u64,
}

impl Played {
    fn begun(at: Instant) -> Self {
        let (people, unsent) = (BTreeMap::new(), BTreeMap::new());
        Self { fates: Vec::new(), people, unsent, until: at, inside: 0, held: 0 }
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum BacktestFault {
    #[error("nothing was recorded")]
    Nothing,
    #[error(transparent)]
    Broken(#[from] Broken),
}
