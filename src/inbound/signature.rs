//! Signatures of requests over their raw bytes: verification in constant time, and the signing side of the same schemes.
//!
//! Must not know what a body means: it is checked before anything reads it.
use super::Headers;
use crate::{calendar::Instant, id::hex};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Header of Cal.com's signature: lower-case hexadecimal HMAC-SHA256 of the body.
pub(crate) const CALCOM_HEADER: &str = "x-cal-signature-256";
/// Headers of Standard Webhooks.
pub(crate) const ID_HEADER: &str = "webhook-id";
pub(crate) const TIMESTAMP_HEADER: &str = "webhook-timestamp";
pub(crate) const SIGNATURE_HEADER: &str = "webhook-signature";

/// How far a signed timestamp may be from now, in seconds.
const TOLERANCE: u64 = 300;
/// Signatures in one header that are looked at; more are an attack on our time.
const MAX_SIGNATURES: usize = 16;
/// Smallest key of Standard Webhooks that is worth the name.
const MIN_KEY: usize = 16;

fn hmac(key: &[u8], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(mac)
}

/// Is the body signed with one of these secrets? Without a usable secret nothing is.
pub(crate) fn verify_calcom<S: AsRef<str>>(secrets: &[S], headers: &Headers, body: &[u8]) -> bool {
    let Some(digest) = headers.get(CALCOM_HEADER).and_then(lower_hex) else { return false };
    let signed = |secret: &S| {
        let key = secret.as_ref().as_bytes();
        !key.is_empty() && hmac(key, &[body]).is_some_and(|mac| mac.verify_slice(&digest).is_ok())
    };
    secrets.iter().any(signed)
}

/// Is the request signed by Standard Webhooks (`v1`) with one of these secrets, less than five minutes from `now`?
pub(crate) fn verify_standard<S: AsRef<str>>(secrets: &[S], headers: &Headers, body: &[u8], now: Instant) -> bool {
    let (Some(id), Some(stamp), Some(list)) =
        (headers.get(ID_HEADER), headers.get(TIMESTAMP_HEADER), headers.get(SIGNATURE_HEADER))
    else {
        return false;
    };
    // a dot would let parts move between id, timestamp and body
    if id.is_empty() || id.contains('.') || !is_near(stamp, now) {
        return false;
    }
    let digests: Vec<Vec<u8>> = list
        .split(' ')
        .take(MAX_SIGNATURES)
        .filter_map(|entry| STANDARD.decode(entry.strip_prefix("v1,")?).ok())
        .collect();
    secrets.iter().filter_map(|secret| standard_key(secret.as_ref())).any(|key| {
        let parts: [&[u8]; 5] = [id.as_bytes(), b".", stamp.as_bytes(), b".", body];
        digests.iter().any(|digest| hmac(&key, &parts).is_some_and(|mac| mac.verify_slice(digest).is_ok()))
    })
}

/// Whole seconds since 1970, written plainly, close enough to `now`.
fn is_near(stamp: &str, now: Instant) -> bool {
    let plain = !stamp.is_empty() && stamp.bytes().all(|digit| digit.is_ascii_digit());
    let seconds = plain.then(|| stamp.parse::<i64>().ok()).flatten();
    seconds.is_some_and(|seconds| seconds.abs_diff(now.0.div_euclid(1000)) <= TOLERANCE)
}

/// Key of a `whsec_…` secret. Text without the prefix is refused, so that a wrong secret is noticed when it is set.
fn standard_key(secret: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(secret.trim().strip_prefix("whsec_")?).ok()?;
    (key.len() >= MIN_KEY).then_some(key)
}

/// Can this text sign Standard Webhooks at all? For checks before a daemon starts.
pub(crate) fn is_standard_secret(secret: &str) -> bool {
    standard_key(secret).is_some()
}

/// Value of [`CALCOM_HEADER`] for a body.
pub(crate) fn sign_calcom(secret: &str, body: &[u8]) -> String {
    hmac(secret.as_bytes(), &[body]).map_or_else(String::new, |mac| hex(&mac.finalize().into_bytes()))
}

/// Headers of Standard Webhooks for a body; `None` for a secret that is no `whsec_…`. Several secrets give several
/// signatures, the way a key is changed without a gap.
pub(crate) fn sign_standard<S: AsRef<str>>(
    secrets: &[S],
    id: &str,
    at: Instant,
    body: &[u8],
) -> Option<[(&'static str, String); 3]> {
    let stamp = at.0.div_euclid(1000).to_string();
    let parts: [&[u8]; 5] = [id.as_bytes(), b".", stamp.as_bytes(), b".", body];
    let sign = |secret: &S| {
        let mac = hmac(&standard_key(secret.as_ref())?, &parts)?;
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    let signatures: Vec<String> = secrets.iter().map(sign).collect::<Option<_>>()?;
    let list = (!signatures.is_empty()).then(|| signatures.join(" "))?;
    Some([(ID_HEADER, id.to_owned()), (TIMESTAMP_HEADER, stamp), (SIGNATURE_HEADER, list)])
}

/// Exactly 32 bytes in lower-case hexadecimal, nothing around them.
fn lower_hex(text: &str) -> Option<[u8; 32]> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}
