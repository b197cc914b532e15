//! Finds a person in texts that nobody took apart: bodies as they came, by address, phone number or a word of theirs. Rather
//! finds too much than too little.
use crate::record::{Identity, IdentityKind};

/// A word shorter than this stands in too many texts.
const SHORTEST: usize = 6;
/// Digits of a phone number without the country, at least.
const LOCAL_DIGITS: usize = 7;

#[derive(Debug, Default)]
pub(super) struct Needles {
    /// Lower-cased.
    words: Vec<String>,
    /// Digits in international form, without the plus sign.
    phones: Vec<String>,
}

impl Needles {
    pub(super) fn add(&mut self, address: &Identity) {
        if address.kind == IdentityKind::Phone || address.value.starts_with('+') {
            self.phones.push(digits(&address.value));
        } else {
            self.add_word(&address.value);
        }
    }

    pub(super) fn add_word(&mut self, word: &str) {
        if word.len() >= SHORTEST {
            self.words.push(word.to_lowercase());
        }
    }

    pub(super) fn are_in(&self, text: &[u8]) -> bool {
        if self.words.is_empty() && self.phones.is_empty() {
            return false;
        }
        let text = String::from_utf8_lossy(text);
        let text = if text.contains('\\') { unescaped(&text) } else { text.into_owned() }.to_lowercase();
        self.words.iter().any(|word| text.contains(word)) || self.is_phone_in(&text)
    }

    fn is_phone_in(&self, text: &str) -> bool {
        let part = |letter: char| letter.is_ascii_digit() || matches!(letter, '+' | ' ' | '-' | '.' | '/' | '(' | ')');
        let mut found = text.split(|letter| !part(letter)).map(digits).filter(|found| found.len() >= LOCAL_DIGITS);
        found.any(|found| self.phones.iter().any(|phone| is_same(phone, &found)))
    }
}

/// Is it this number, with or without its country?
fn is_same(phone: &str, found: &str) -> bool {
    let bare = found.trim_start_matches('0');
    bare == phone || (bare.len() >= LOCAL_DIGITS && phone.ends_with(bare))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The escapes of JSON read as what they stand for.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let code = after.strip_prefix('u').and_then(|hex| u32::from_str_radix(hex.get(..4)?, 16).ok());
        rest = match code {
            Some(code) => {
                // halves of a pair stand for letters that are in no address
                plain.extend(char::from_u32(code));
                &after[5..]
            }
            None => after,
        };
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_found_however_they_are_written() {
        let mut needles = Needles::default();
        needles.add(&Identity::email("ana@example.com").unwrap());
        needles.add(&Identity::phone("+12025550143").unwrap());
        needles.add(&Identity::own("7").unwrap());
        needles.add_word("uid-of-hers");
        for text in [
            r#"{"email":"ANA@Example.com"}"#,
            r#"{"email":"ana\u0040example.com"}"#,
            r#"{"phone":"\u002B1 (202) 555-0143"}"#,
            "phone: 001 202 555 0143",
            "call 202-555-0143 now",
            r#"{"uid":"uid-of-hers"}"#,
        ] {
            assert!(needles.are_in(text.as_bytes()), "{text}");
        }
        for text in ["", r#"{"n":7}"#, "bob@example.com", "+12025550144", "12025550143999", "uid-of-his \\"] {
            assert!(!needles.are_in(text.as_bytes()), "{text}");
        }
        assert!(!Needles::default().are_in(b"anything"));
    }
}
