//! Consent: an append-only ledger folded into what is permitted now, per channel and purpose.
use crate::{
    calendar::Instant,
    id::{ChannelName, SourceName},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Why a message is sent; consent, quiet hours and caps hang on it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    Transactional,
    Service,
    Marketing,
}

/// What a person said, for one channel (or all) and one purpose (or all).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsentState {
    /// Agreed once: a form, a spoken word, an import.
    OptedIn,
    /// Agreed and confirmed from the address itself.
    Confirmed,
    OptedOut,
}

/// What a project demands for a purpose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsentLevel {
    /// Nothing but the absence of an opt-out of this very channel.
    None,
    /// The person wrote or booked, and did not opt out.
    Soft,
    OptIn,
    DoubleOptIn,
}

/// One line of the ledger. `None` as channel or purpose means every one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ConsentEntry {
    pub(crate) channel: Option<ChannelName>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) state: ConsentState,
    /// Where it came from: `reply`, `link`, `import`, `event`, `provider`.
    pub(crate) basis: Arc<str>,
    pub(crate) text_version: Option<Arc<str>>,
    pub(crate) source: Option<SourceName>,
    pub(crate) actor: Arc<str>,
    pub(crate) at: Instant,
}

/// The ledger folded: the newest line per channel and purpose.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Permits(Vec<Line>);

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Line(Option<ChannelName>, Option<Purpose>, ConsentState, Instant);

/// Answer of [`Permits::verdict`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    Allowed,
    OptedOut,
    /// Nobody opted out, but what the project demands was never given.
    NotGiven,
}

impl Purpose {
    pub(crate) const ALL: [Self; 3] = [Self::Transactional, Self::Service, Self::Marketing];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Transactional => "transactional",
            Self::Service => "service",
            Self::Marketing => "marketing",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }
}

impl ConsentLevel {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::None,
            "soft" => Self::Soft,
            "opt_in" => Self::OptIn,
            "double_opt_in" => Self::DoubleOptIn,
            _ => return None,
        })
    }
}

impl Permits {
    /// Takes a line of the ledger in. An older line than the one known for the same channel and purpose changes nothing;
    /// of two at the same moment the stricter stays.
    pub(crate) fn fold(&mut self, entry: &ConsentEntry) {
        let same = |line: &&mut Line| line.0 == entry.channel && line.1 == entry.purpose;
        match self.0.iter_mut().find(same) {
            Some(line)
                if (line.3, line.2 == ConsentState::OptedOut) > (entry.at, entry.state == ConsentState::OptedOut) => {}
            Some(line) => (line.2, line.3) = (entry.state, entry.at),
            None => self.0.push(Line(entry.channel.clone(), entry.purpose, entry.state, entry.at)),
        }
    }

    /// The newest line that speaks of this channel and purpose; of two at the same moment the stricter.
    fn newest(&self, channel: &ChannelName, purpose: Purpose) -> Option<ConsentState> {
        let speaks = |line: &&Line| {
            line.0.as_ref().is_none_or(|name| name == channel) && line.1.is_none_or(|named| named == purpose)
        };
        self.0.iter().filter(speaks).max_by_key(|line| (line.3, line.2 == ConsentState::OptedOut)).map(|line| line.2)
    }

    /// May this purpose use this channel? `engaged`: the person wrote to us or booked.
    pub(crate) fn verdict(
        &self,
        level: ConsentLevel,
        channel: &ChannelName,
        purpose: Purpose,
        engaged: bool,
    ) -> Verdict {
        let state = self.newest(channel, purpose);
        if state == Some(ConsentState::OptedOut) {
            return Verdict::OptedOut;
        }
        let given = match level {
            ConsentLevel::None => true,
            ConsentLevel::Soft => engaged || state.is_some(),
            ConsentLevel::OptIn => state.is_some(),
            ConsentLevel::DoubleOptIn => state == Some(ConsentState::Confirmed),
        };
        if given { Verdict::Allowed } else { Verdict::NotGiven }
    }

    pub(crate) fn is_opted_out(&self, channel: &ChannelName, purpose: Purpose) -> bool {
        self.newest(channel, purpose) == Some(ConsentState::OptedOut)
    }
}
