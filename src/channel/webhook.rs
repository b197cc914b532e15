//! Calls of other programs, signed as Standard Webhooks ask for it: one id over all attempts, the time of each attempt.
//!
//! The receiver recognises a repetition by the id, so a lost answer is no reason to give up.
#![expect(clippy::disallowed_methods, reason = "each attempt is signed with its own time")]
use super::{
    Channel, Class, Hidden, Later,
    wire::{Call, Lost, Reach, Reply, Wire},
};
use crate::{
    content::Message,
    engine::{Permit, Receipt, SIGNED_WITH},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use hyper::Method;
use sha2::Sha256;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const SLOTS: u16 = 8;
const WITHIN: Duration = Duration::from_secs(20);
/// How long receivers have to remember an id: the longest series of attempts.
const REMEMBERED: Duration = Duration::from_hours(72);
/// Sizes of keys that Standard Webhooks allow.
const KEY: std::ops::RangeInclusive<usize> = 24..=64;

pub(super) struct Webhook {
    wire: Wire,
    secrets: BTreeMap<String, Vec<Vec<u8>>>,
    addresses: BTreeMap<String, Hidden>,
}

impl Webhook {
    /// `secrets` by their names; several in one, the newest first, sign together while a secret is exchanged.
    pub(super) fn new(
        secrets: &BTreeMap<String, Hidden>,
        addresses: &BTreeMap<String, Hidden>,
        reach: Reach,
    ) -> Result<Self, String> {
        let mut keys = BTreeMap::new();
        for (name, texts) in secrets {
            let read: Option<Vec<Vec<u8>>> = texts.0.split_whitespace().map(key).collect();
            let usable = read.filter(|keys| !keys.is_empty());
            let wanted = || format!("{name} must hold a Standard Webhooks secret: whsec_ and base64 of 24 to 64 bytes");
            keys.insert(name.clone(), usable.ok_or_else(wanted)?);
        }
        Ok(Self { wire: Wire::new(reach)?, secrets: keys, addresses: addresses.clone() })
    }

    fn call(&self, permit: &Permit, message: &Message) -> Result<Call, &'static str> {
        let secret = message.headers.get(SIGNED_WITH).and_then(|name| self.secrets.get(name));
        let keys = secret.ok_or("its secret is not at hand")?;
        let url = self.addresses.get(&message.to).map_or(&message.to, |hidden| &hidden.0).clone();
        let id = format!("msg_{}", permit.key.0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).to_string();
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-signature", sign(keys, &id, &now, &message.text)),
            ("webhook-id", id),
            ("webhook-timestamp", now),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        Ok(Call { method: Method::POST, url, headers, body: message.text.clone() })
    }
}

fn key(secret: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    KEY.contains(&key.len()).then_some(key)
}

fn sign(keys: &[Vec<u8>], id: &str, stamp: &str, body: &str) -> String {
    let signature = |key: &Vec<u8>| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        mac.update(format!("{id}.{stamp}.{body}").as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    keys.iter().filter_map(signature).collect::<Vec<_>>().join(" ")
}

impl Channel for Webhook {
    fn class(&self) -> Class {
        Class::Key(REMEMBERED)
    }

    fn slots(&self) -> u16 {
        SLOTS
    }

    fn send<'a>(&'a self, permit: Permit, message: &'a Message) -> Later<'a, Receipt> {
        Box::pin(async move {
            let call = match self.call(&permit, message) {
                Ok(call) => call,
                Err(why) => return not_sent(false, why, None),
            };
            match self.wire.call(call, WITHIN).await {
                Ok(reply) => answered(&reply, &permit),
                Err(Lost::Refused(why)) => not_sent(true, why, None),
                Err(Lost::NotSent(why)) => not_sent(false, &why, None),
                Err(Lost::Unknown(why)) => {
                    tracing::debug!(why, "no answer to a webhook");
                    Receipt::Unknown
                }
            }
        })
    }
}

fn answered(reply: &Reply, permit: &Permit) -> Receipt {
    match reply.status {
        200..=299 => Receipt::Accepted { provider_id: Arc::from(format!("msg_{}", permit.key.0)) },
        // it moved or wants no more of these: nobody follows, and nobody asks again
        300..=399 => not_sent(true, "it answers with another address, which is not followed", None),
        410 => not_sent(true, "it wants no more calls (410)", None),
        status => not_sent(false, &format!("it answered {status}"), reply.retry_after_ms),
    }
}

fn not_sent(permanent: bool, why: &str, retry_after_ms: Option<u64>) -> Receipt {
    Receipt::NotSent { retry_after_ms, permanent, why: Arc::from(why) }
}
