//! The mailbox: messages stay in the database, delivered by the commit that authorised them.
//!
//! The engine does all of it. The channel is here so that a project may register it like any other.
use super::{Channel, Class, Later};
use crate::{
    content::Message,
    engine::{Permit, Receipt},
};
use std::sync::Arc;

pub(super) struct Mailbox;

impl Channel for Mailbox {
    fn class(&self) -> Class {
        Class::Local
    }

    fn slots(&self) -> u16 {
        0
    }

    fn send<'a>(&'a self, permit: Permit, _message: &'a Message) -> Later<'a, Receipt> {
        Box::pin(async move { Receipt::Accepted { provider_id: Arc::from(format!("snd_{}", permit.send)) } })
    }
}
