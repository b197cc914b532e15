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
    /// The address does not exist: nothing is sent there for any purpose. Says nothing about what the person wants.
    Suppressed,
    /// It does again, or there is another one.
    Reachable,
}

/// What a project demands for a purpose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsentLevel {
    /// Nothing but the absence of an opt-out that covers channel and purpose.
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
    /// Where it came from: `reply`, `link`, `import`, `event`, `provider`, `bounce`.
    pub(crate) basis: Arc<str>,
    pub(crate) text_version: Option<Arc<str>>,
    pub(crate) source: Option<SourceName>,
    pub(crate) actor: Arc<str>,
    pub(crate) at: Instant,
}

/// The ledger folded: per channel and purpose the newest moment of each state, so that the order in which lines arrive
/// does not matter.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Permits(Vec<Line>);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
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
    /// The word that files and `why` use.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Soft => "soft",
            Self::OptIn => "opt_in",
            Self::DoubleOptIn => "double_opt_in",
        }
    }
}

/// Answers that mean no more messages. "Cancel" is none of them: people cancel appointments with it.
const STOP_WORDS: [&str; 14] = [
    "stop",
    "stopp",
    "stopall",
    "stop all",
    "unsubscribe",
    "quit",
    "end",
    "revoke",
    "optout",
    "opt out",
    "opt-out",
    "abmelden",
    "abbestellen",
    "austragen",
];

/// Whether an answer is a stop word and nothing else: in a sentence the word may mean anything.
pub(crate) fn is_stop_word(text: &str) -> bool {
    let bare = text.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
    STOP_WORDS.contains(&bare.split_whitespace().collect::<Vec<_>>().join(" ").as_str())
}

/// Whether what a provider calls this bounce means that the address will never work: `hard` or `permanent`, or the class
/// 5.1 of RFC 3463. A mailbox that is full (5.2.2), what may pass (4.x) and what a policy refuses (5.7) are none.
pub(crate) fn is_hard_bounce(class: &str) -> bool {
    let bare: String = class.trim().to_lowercase().replace(['_', '-', ' '], "");
    matches!(&*bare, "hard" | "permanent" | "hardbounce" | "5.1") || bare.starts_with("5.1.")
}

impl Permits {
    /// Takes a line of the ledger in. An older line than the one known for the same channel, purpose and state changes
    /// nothing.
    pub(crate) fn fold(&mut self, entry: &ConsentEntry) {
        self.take(&Line(entry.channel.clone(), entry.purpose, entry.state, entry.at));
    }

    fn take(&mut self, line: &Line) {
        let key = |line: &Line| (line.0.clone(), line.1, line.2);
        match self.0.binary_search_by(|known| key(known).cmp(&key(line))) {
            Ok(place) => self.0[place].3 = self.0[place].3.max(line.3),
            Err(place) => self.0.insert(place, line.clone()),
        }
    }

    /// What lines together say: the newest closes or opens, of two at the same moment the stricter stays, and a
    /// confirmation holds until somebody opts out.
    fn state<'a>(lines: impl Iterator<Item = &'a Line>) -> Option<ConsentState> {
        let (mut out, mut agreed, mut confirmed) = (None, None, None);
        for line in lines {
            let slot = match line.2 {
                ConsentState::OptedOut => &mut out,
                ConsentState::OptedIn => &mut agreed,
                ConsentState::Confirmed => &mut confirmed,
                ConsentState::Suppressed | ConsentState::Reachable => continue,
            };
            *slot = (*slot).max(Some(line.3));
        }
        if out.is_some() && out >= agreed.max(confirmed) {
            Some(ConsentState::OptedOut)
        } else if confirmed > out {
            Some(ConsentState::Confirmed)
        } else {
            agreed.map(|_| ConsentState::OptedIn)
        }
    }

    /// What holds for this channel and purpose now, by all lines that speak of them.
    pub(crate) fn now(&self, channel: &ChannelName, purpose: Purpose) -> Option<ConsentState> {
        Self::state(self.0.iter().filter(|line| {
            line.0.as_ref().is_none_or(|name| name == channel) && line.1.is_none_or(|named| named == purpose)
        }))
    }

    /// May this purpose use this channel? `engaged`: the person wrote to us or booked.
    pub(crate) fn verdict(
        &self,
        level: ConsentLevel,
        channel: &ChannelName,
        purpose: Purpose,
        engaged: bool,
    ) -> Verdict {
        let state = self.now(channel, purpose);
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

    /// Whether the address of this channel was said not to exist, and nothing newer says otherwise.
    pub(crate) fn is_suppressed(&self, channel: &ChannelName) -> bool {
        let newest = |state: ConsentState| {
            let said = self.0.iter().filter(|line| line.2 == state && line.0.as_ref() == Some(channel));
            said.map(|line| line.3).max()
        };
        let suppressed = newest(ConsentState::Suppressed);
        suppressed.is_some() && suppressed > newest(ConsentState::Reachable)
    }

    pub(crate) fn is_opted_out(&self, channel: &ChannelName, purpose: Purpose) -> bool {
        self.now(channel, purpose) == Some(ConsentState::OptedOut)
    }
}
