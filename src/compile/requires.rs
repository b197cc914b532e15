//! `requires: ">=0.1, <0.2"` against the version of the program.
use super::found;
use crate::{diag::Sink, document::Text};

type Version = [u64; 3];

pub(super) fn check(text: &Text, version: &str, sink: &mut Sink) {
    match allows(text, version) {
        Some(true) => {}
        Some(false) => sink.push(found::requires(text, version)),
        None => sink.push(found::bad_requires(text)),
    }
}

/// `None` when the text does not say which versions.
fn allows(text: &str, version: &str) -> Option<bool> {
    let version = parse(version)?;
    let mut all = true;
    for part in text.split(',').map(str::trim) {
        let digits = part.find(|c: char| c.is_ascii_digit())?;
        let (sign, wanted) = part.split_at(digits);
        let wanted = parse(wanted)?;
        all &= match sign.trim() {
            ">=" => version >= wanted,
            ">" => version > wanted,
            "<=" => version <= wanted,
            "<" => version < wanted,
            "=" | "==" | "" => version == wanted,
            _ => return None,
        };
    }
    Some(all)
}

/// `0.1` is `0.1.0`; what stands behind a dash or plus does not count.
fn parse(text: &str) -> Option<Version> {
    let plain = text.trim().split(['-', '+']).next()?;
    let mut version = [0; 3];
    for (at, part) in plain.split('.').enumerate() {
        *version.get_mut(at)? = part.parse().ok()?;
    }
    Some(version)
}
