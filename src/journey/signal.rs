//! What providers say about an address: a complaint is an opt-out, an address that does not exist gets no more messages.
//! Must not know which provider said it, or how.
use super::{Happening, draft::Draft};
use crate::{
    id::{ChannelName, FieldName},
    plan::Medium,
    record::{ConsentEntry, ConsentState, is_hard_bounce},
    value::Value,
};
use std::sync::Arc;

/// Who stands behind what a provider says.
const PROVIDER: &str = "provider";
pub(super) const BOUNCE: &str = "bounce";

impl Draft<'_> {
    /// Marked as spam: nobody takes that back by writing on, so it closes the channel for everything, and marketing and
    /// service everywhere.
    pub(super) fn complained(&mut self, event: &Happening, channel: Option<ChannelName>) {
        self.opt_out(self.said(event, channel, ConsentState::OptedOut, PROVIDER));
    }

    /// Only what will never arrive: a full mailbox, or a policy against us, says nothing about the address.
    pub(super) fn bounced(&mut self, event: &Happening, channel: Option<ChannelName>) {
        let hard = event.data.get("class").and_then(Value::as_text).is_some_and(is_hard_bounce);
        if let Some(channel) = channel.filter(|channel| hard && !self.is_suppressed(channel)) {
            self.consent(vec![self.said(event, Some(channel), ConsentState::Suppressed, BOUNCE)]);
        }
    }

    /// Somebody wrote from there, or confirmed it: it works.
    pub(super) fn answered_from(&mut self, event: &Happening, channel: Option<&ChannelName>) {
        if let Some(channel) = channel.filter(|channel| self.is_suppressed(channel)) {
            self.consent(vec![self.said(event, Some(channel.clone()), ConsentState::Reachable, "reply")]);
        }
    }

    /// What is suppressed is the address, and this is another one.
    pub(super) fn addresses_changed(&mut self, changed: &[FieldName]) {
        let field = |medium: Medium| match medium {
            Medium::Email => Some("email"),
            Medium::Sms | Medium::Whatsapp => Some("phone"),
            Medium::Letter => Some("address"),
            Medium::Instagram | Medium::Chat => None,
        };
        let other = |medium| field(medium).is_some_and(|field| changed.iter().any(|name| name.as_str() == field));
        let channels = self.plan.channels.values().filter(|channel| other(channel.medium));
        let entries: Vec<ConsentEntry> = channels
            .filter(|channel| self.is_suppressed(&channel.name))
            .map(|channel| ConsentEntry {
                channel: Some(channel.name.clone()),
                purpose: None,
                state: ConsentState::Reachable,
                basis: Arc::from("event"),
                text_version: None,
                source: None,
                actor: Arc::from("event"),
                at: self.now,
            })
            .collect();
        if !entries.is_empty() {
            self.consent(entries);
        }
    }

    fn is_suppressed(&self, channel: &ChannelName) -> bool {
        self.person.touch.permits.is_suppressed(channel)
    }

    fn said(&self, event: &Happening, channel: Option<ChannelName>, state: ConsentState, basis: &str) -> ConsentEntry {
        let actor = if state == ConsentState::Reachable { "contact" } else { PROVIDER };
        ConsentEntry {
            channel,
            purpose: None,
            state,
            basis: Arc::from(basis),
            text_version: None,
            source: None,
            actor: Arc::from(actor),
            at: event.at.min(self.now),
        }
    }
}
