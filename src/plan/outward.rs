//! What the project asks and tells other programs, and what it understands of messages.
use super::Secret;
use crate::{
    expr::Formula,
    value::{Type, Value},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// What somebody may mean, and the words that show it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) name: Arc<str>,
    pub(crate) words: Vec<Arc<str>>,
    /// The model may choose it when no words fit.
    pub(crate) model: bool,
    /// Preferences that it moves up (`true`) or down. Nothing learns from them yet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) signals: BTreeMap<Arc<str>, bool>,
}

/// A time with somebody that a message offers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Appointment {
    pub(crate) kind: Arc<str>,
    pub(crate) host: Option<Arc<str>>,
    /// A time in the answer of a look-up; the first free one unless said.
    pub(crate) slot: Option<Arc<str>>,
}

/// A signed call of another program.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct WebhookSpec {
    pub(crate) url: Address,
    /// What the receiver sees as the kind of event.
    pub(crate) kind: Arc<str>,
    pub(crate) body: BTreeMap<Arc<str>, BodyPart>,
    pub(crate) secret: Secret,
}

/// Of another program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Address {
    Url(Arc<str>),
    /// The variable that holds it.
    Named(Secret),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BodyPart {
    /// Templated.
    Text(Arc<str>),
    Value(Value),
    Formula(Formula),
}

impl Address {
    /// The address, or the name of its variable: what may be shown.
    pub(crate) fn shown(&self) -> Arc<str> {
        match self {
            Self::Url(url) => url.clone(),
            Self::Named(Secret::Variable(name)) => name.clone(),
            Self::Named(Secret::File(path)) => Arc::from(format!("file:{path}")),
        }
    }
}

/// A question to another program.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Lookup {
    pub(crate) ask: Question,
    pub(crate) returns: BTreeMap<Arc<str>, Type>,
    pub(crate) timeout_ms: u64,
    pub(crate) cache_ms: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Question {
    Get {
        /// Templated behind its host.
        url: Address,
        headers: BTreeMap<Arc<str>, Secret>,
    },
    /// The next free time of a kind of appointment.
    Slots { kind: Arc<str>, of_host: bool },
}
