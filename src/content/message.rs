//! A finished message as plain data: what a channel hands over, byte for byte, also when it tries again.
//!
//! Must not know how it was made or which provider takes it.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Message {
    /// Address in the form of its channel: e-mail address, E.164 number, provider id, postal address.
    pub(crate) to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) html: Option<String>,
    /// Further headers of an e-mail, such as `List-Unsubscribe`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) headers: BTreeMap<String, String>,
    /// A provider's template instead of free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) provider_template: Option<ProviderTemplate>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachments: Vec<Attachment>,
    /// Where its counted links lead, by their numbers. No part of what goes out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) links: Vec<String>,
}

/// A message template that the provider has approved, with its filled parameters.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct ProviderTemplate {
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) params: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Attachment {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) body: String,
}

impl Message {}
