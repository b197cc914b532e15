//! An offer as it runs: its code, what it is worth, until when and how often.
use super::Origin;
use crate::{
    calendar::Instant,
    id::{ClinicName, OfferName},
    value::Value,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) name: OfferName,
    pub(crate) title: Arc<str>,
    pub(crate) details: Option<Arc<str>>,
    pub(crate) code: OfferCode,
    pub(crate) value: Option<Worth>,
    pub(crate) valid_from: Option<Instant>,
    /// The last moment at which it can be redeemed.
    pub(crate) valid_until: Option<Instant>,
    /// Redemptions by one person.
    pub(crate) per_contact: Option<u32>,
    /// Redemptions in all.
    pub(crate) total: Option<u32>,
    pub(crate) clinics: Vec<ClinicName>,
    pub(crate) origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OfferCode {
    /// The same for everybody.
    Fixed(Arc<str>),
    /// One per contact: every `?` becomes a letter or a digit.
    Generated(Arc<str>),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Worth {
    /// In hundredths of a percent.
    Share(u32),
    /// Minor units and currency.
    Amount(i64, Arc<str>),
}

/// Letters and digits that nobody takes for another: no 0 and O, no 1, I and L.
const SIGNS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

impl OfferCode {
    /// How many codes the pattern has; `None` for one that is the same for everybody.
    pub(crate) fn many(&self) -> Option<u64> {
        match self {
            Self::Fixed(_) => None,
            Self::Generated(pattern) => {
                let free = u32::try_from(pattern.matches('?').count()).unwrap_or(u32::MAX);
                Some((SIGNS.len() as u64).checked_pow(free).unwrap_or(u64::MAX))
            }
        }
    }

    /// Could this be a code of the offer? Case and spaces around it do not matter to people.
    pub(crate) fn fits(&self, code: &str) -> bool {
        let code = code.trim();
        match self {
            Self::Fixed(own) => own.eq_ignore_ascii_case(code),
            Self::Generated(pattern) => {
                let same = |(want, have): (u8, u8)| match want {
                    b'?' => SIGNS.contains(&have.to_ascii_uppercase()),
                    _ => want.eq_ignore_ascii_case(&have),
                };
                pattern.len() == code.len() && pattern.bytes().zip(code.bytes()).all(same)
            }
        }
    }
}

/// Fills the places of a pattern from random bytes.
pub(crate) fn fill(pattern: &str, random: &[u8]) -> String {
    let mut random = random.iter().copied().cycle();
    let sign = |letter: char| match letter {
        '?' => {
            // sixteen bits over 31 signs are even enough
            let two = u32::from(random.next().unwrap_or(0)) << 8 | u32::from(random.next().unwrap_or(0));
            char::from(SIGNS[two as usize % SIGNS.len()])
        }
        other => other,
    };
    pattern.chars().map(sign).collect()
}

impl Offer {
    /// What texts and conditions read. `code` is the person's own where each has one.
    pub(crate) fn to_value(&self, code: Option<&Arc<str>>) -> Value {
        let code = match &self.code {
            OfferCode::Fixed(code) => Some(code),
            OfferCode::Generated(_) => code,
        };
        let mut parts = BTreeMap::from([(Arc::from("title"), Value::Text(self.title.clone()))]);
        let texts = [("code", code), ("details", self.details.as_ref())];
        for (name, text) in texts {
            if let Some(text) = text {
                parts.insert(Arc::from(name), Value::Text(text.clone()));
            }
        }
        if let Some(until) = self.valid_until {
            parts.insert(Arc::from("valid_until"), Value::Time(until));
        }
        Value::Map(parts)
    }
}
