//! Published and own vectors, rotation, and forgeries.
use super::fixtures::{SECRET, at, body};
use crate::{
    calendar::Instant,
    inbound::{
        Headers,
        signature::{sign_calcom, sign_standard, verify_calcom, verify_standard},
    },
};
use proptest::prelude::*;
use serde_json::Value as Json;

const NEW: &str = "whsec_ZHJpcGxpbmUtdGVzdC1zZWNyZXQtb25lLTMyYnl0ZSE=";
const OLD: &str = "whsec_ZHJpcGxpbmUtdGVzdC1zZWNyZXQtT0xELTMyYnl0ZSE=";

#[test]
fn every_vector_gives_its_verdict() {
    let vectors: Json = serde_json::from_str(include_str!("../../../tests/fixtures/signatures/vectors.json")).unwrap();
    let vectors = vectors["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 19, "vectors are missing");
    for vector in vectors {
        let name = &vector["name"];
        let headers = vector["headers"].as_object().unwrap();
        let headers = Headers::new(headers.iter().map(|(name, value)| (name, value.as_str().unwrap())));
        let raw = vector["body"].as_str().map_or_else(|| body(vector["body_file"].as_str().unwrap()), str::as_bytes);
        let secrets = [vector["secret"].as_str().unwrap()];
        let valid = match vector["scheme"].as_str().unwrap() {
            "calcom-hmac-sha256-hex" => verify_calcom(&secrets, &headers, raw),
            "standard-webhooks-v1" => {
                verify_standard(&secrets, &headers, raw, Instant(vector["now"].as_i64().unwrap() * 1000))
            }
            other => panic!("{name}: unknown scheme {other}"),
        };
        assert_eq!(valid, vector["valid"].as_bool().unwrap(), "{name}: {}", vector["why"]);
    }
}

#[test]
fn what_we_sign_verifies_with_either_secret_while_a_key_changes() {
    let now = at("2026-11-20T12:00:00Z");
    let signed = sign_standard(&[NEW, OLD], "msg_1", now, b"{}").unwrap();
    let headers = Headers::new(signed);
    for secrets in [&[NEW][..], &[OLD], &["whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", OLD]] {
        assert!(verify_standard(secrets, &headers, b"{}", now));
    }
    assert!(!verify_standard::<&str>(&[], &headers, b"{}", now));
    let headers = Headers::new([("X-Cal-Signature-256", sign_calcom(SECRET, b"{}"))]);
    assert!(verify_calcom(&["other", SECRET], &headers, b"{}"));
    assert!(!verify_calcom::<&str>(&[], &headers, b"{}"));
}

#[test]
fn a_missing_secret_opens_nothing() {
    let headers = Headers::new([("x-cal-signature-256", sign_calcom("", b"{}"))]);
    assert!(!verify_calcom(&[""], &headers, b"{}"));
    assert_eq!(sign_standard(&["plain text"], "m", Instant(0), b""), None);
    assert_eq!(sign_standard(&["whsec_"], "m", Instant(0), b""), None);
    assert_eq!(sign_standard::<&str>(&[], "m", Instant(0), b""), None);
}

#[test]
fn tolerance_ends_after_five_minutes_on_both_sides() {
    let signed_at = at("2026-11-20T12:00:00Z");
    let headers = Headers::new(sign_standard(&[NEW], "m", signed_at, b"x").unwrap());
    for (seconds, accepted) in [(0, true), (300, true), (301, false), (-300, true), (-301, false)] {
        let now = signed_at.plus_ms(seconds * 1000);
        assert_eq!(verify_standard(&[NEW], &headers, b"x", now), accepted, "{seconds} s");
    }
}

/// Small generator with a fixed seed: the same forgeries at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    /// One byte changed, put in or taken out, so that the text differs.
    fn mutate(&mut self, bytes: &[u8], alphabet: &[u8]) -> Vec<u8> {
        loop {
            let mut changed = bytes.to_vec();
            let place = self.below(bytes.len());
            let byte = alphabet[self.below(alphabet.len())];
            match self.below(3) {
                0 => changed[place] = byte,
                1 => changed.insert(place, byte),
                _ => {
                    changed.remove(place);
                }
            }
            if changed != bytes {
                return changed;
            }
        }
    }
}

const TEXT: &[u8] = b"0123456789abcdefABCDEFghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ+/=._-,";

#[test]
fn ten_thousand_forgeries_are_refused() {
    let mut dice = Dice(20_261_120);
    let all: Vec<u8> = (0..=255).collect();
    let raw = body("calcom/booking_created_ana.json");
    let digest = sign_calcom(SECRET, raw);
    let now = at("2026-11-20T12:00:00Z");
    let [(_, id), (_, stamp), (_, signature)] = sign_standard(&[NEW], "msg_1", now, raw).unwrap();
    let standard = |id: &str, stamp: &str, signature: &str| {
        Headers::new([("webhook-id", id), ("webhook-timestamp", stamp), ("webhook-signature", signature)])
    };
    assert!(verify_calcom(&[SECRET], &Headers::new([("x-cal-signature-256", &digest)]), raw));
    assert!(verify_standard(&[NEW], &standard(&id, &stamp, &signature), raw, now));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    for round in 0..10_000 {
        let accepted = match round % 6 {
            0 => verify_calcom(&[SECRET], &Headers::new([("x-cal-signature-256", &digest)]), &dice.mutate(raw, &all)),
            1 => {
                let forged = text(dice.mutate(digest.as_bytes(), TEXT));
                verify_calcom(&[SECRET], &Headers::new([("x-cal-signature-256", forged)]), raw)
            }
            2 => verify_standard(&[NEW], &standard(&id, &stamp, &signature), &dice.mutate(raw, &all), now),
            3 => {
                let forged = text(dice.mutate(signature.as_bytes(), TEXT));
                verify_standard(&[NEW], &standard(&id, &stamp, &forged), raw, now)
            }
            4 => verify_standard(
                &[NEW],
                &standard(&text(dice.mutate(id.as_bytes(), TEXT)), &stamp, &signature),
                raw,
                now,
            ),
            _ => {
                let forged = text(dice.mutate(stamp.as_bytes(), b"0123456789"));
                verify_standard(&[NEW], &standard(&id, &forged, &signature), raw, now)
            }
        };
        assert!(!accepted, "forgery {round} was taken");
    }
}

proptest! {
    #[test]
    fn no_header_brings_verification_down(values in proptest::array::uniform4(".{0,80}"), raw in any::<Vec<u8>>()) {
        let [id, stamp, signature, secret] = values;
        let headers = Headers::new([
            ("webhook-id", &id), ("webhook-timestamp", &stamp),
            ("webhook-signature", &signature), ("x-cal-signature-256", &signature),
        ]);
        prop_assert!(!verify_standard(&[&secret, NEW], &headers, &raw, Instant(0)));
        prop_assert!(!verify_calcom(&[&secret, SECRET], &headers, &raw));
    }
}
