//! The events API: one CloudEvent in JSON a request, signed by Standard Webhooks.
use super::{Given, Headers, Rejected, signature};
use crate::{calendar::Instant, record::Delivery};

pub(super) fn verify(secrets: &[&str], headers: &Headers, raw: &[u8], now: Instant) -> bool {
    signature::verify_standard(secrets, headers, raw, now)
}

pub(super) fn sign(secret: &str, id: &str, at: Instant, body: &[u8]) -> Option<Vec<(&'static str, String)>> {
    signature::sign_standard(&[secret], id, at, body).map(Vec::from)
}

pub(super) fn read(given: &Given) -> Result<Delivery, Rejected> {
    let _ = given;
    Err(Rejected::Invalid(String::new()))
}
