//! Values and types of the language, shared by records, expressions and plans.
//!
//! A record holds values, an expression computes with them, a plan declares their types: all three sit above
//! this module. Must not know what an expression, a contact or an event is.
use crate::calendar::{CivilDate, Instant, Span};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// Type of a field, a variable or an expression.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Type {
    Text,
    /// Decimal number.
    Number,
    Integer,
    Bool,
    /// A moment: milliseconds since 1970 UTC.
    Time,
    Date,
    Duration,
    Money,
    /// List of texts, numbers or records.
    List(Box<Type>),
    /// One of a closed set of texts.
    Choice(Vec<Arc<str>>),
    /// Name, e-mail, phone, zone, locale and booking_url of somebody.
    Person,
    /// Named parts.
    Record(BTreeMap<Arc<str>, Type>),
    /// Data whose type nobody declared: an event's undeclared fields.
    Any,
}

/// One value. `Missing` is what a field has that nobody filled in; it is not an error until a text needs it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Value {
    #[default]
    Missing,
    Bool(bool),
    Int(i64),
    Num(f64),
    Text(Arc<str>),
    Time(Instant),
    Date(CivilDate),
    Duration(Span),
    /// Minor units (cents) and ISO 4217 code.
    Money(i64, Arc<str>),
    List(Vec<Value>),
    Map(BTreeMap<Arc<str>, Value>),
}

/// Parts of a person.
const PERSON: &[&str] = &["id", "name", "email", "phone", "zone", "locale", "booking_url"];

impl Type {
    /// Type of a part; otherwise the parts there are, which is none for what has no parts.
    pub(crate) fn part(&self, name: &str) -> Result<Self, Vec<String>> {
        match self {
            Self::Record(parts) => {
                parts.get(name).cloned().ok_or_else(|| parts.keys().map(ToString::to_string).collect())
            }
            Self::Person if PERSON.contains(&name) => Ok(Self::Text),
            Self::Person => Err(PERSON.iter().map(ToString::to_string).collect()),
            Self::Any => Ok(Self::Any),
            _ => Err(Vec::new()),
        }
    }
}

impl Value {
    /// `12.50 EUR`, `12 EUR`: an amount with at most two decimals and a currency of three capital letters.
    pub(crate) fn parse_money(text: &str) -> Option<Self> {
        let (amount, currency) = text.trim().split_once(' ')?;
        let currency = currency.trim();
        if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return None;
        }
        let (sign, digits) = amount.strip_prefix('-').map_or((1, amount), |digits| (-1, digits));
        let (whole, cents) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
        if !plain(whole) || !plain(cents) || cents.len() > 2 {
            return None;
        }
        let tenfold = if cents.len() == 1 { 10 } else { 1 };
        let cents = cents.parse::<i64>().ok()? * tenfold;
        let minor = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)?;
        Some(Self::Money(sign * minor, Arc::from(currency)))
    }

    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Arc::from(text.as_ref()))
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(yes) => Some(*yes),
            _ => None,
        }
    }

    pub(crate) fn as_time(&self) -> Option<Instant> {
        match self {
            Self::Time(at) => Some(*at),
            _ => None,
        }
    }

    /// Part of a map; `Missing` when this is no map or has no such part.
    pub(crate) fn part(&self, name: &str) -> &Value {
        const NONE: &Value = &Value::Missing;
        match self {
            Self::Map(parts) => parts.get(name).unwrap_or(NONE),
            _ => NONE,
        }
    }

    /// JSON as a value, without a declared type: texts stay texts, `null` is missing.
    pub(crate) fn from_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Missing,
            Json::Bool(yes) => Self::Bool(*yes),
            Json::Number(number) => {
                number.as_i64().map_or_else(|| Self::Num(number.as_f64().unwrap_or(0.0)), Self::Int)
            }
            Json::String(text) => Self::text(text),
            Json::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Json::Object(parts) => {
                Self::Map(parts.iter().map(|(name, part)| (Arc::from(name.as_str()), Self::from_json(part))).collect())
            }
        }
    }

    /// JSON as a value of a type; nothing when it is not of that type. `null` is missing and fits everywhere.
    pub(crate) fn of_json(json: &serde_json::Value, of: &Type) -> Option<Self> {
        use serde_json::Value as Json;
        let value = match (of, json) {
            (_, Json::Null) => Self::Missing,
            (Type::Time, Json::String(text)) => Self::Time(Instant::parse_rfc3339(text)?),
            (Type::Date, Json::String(text)) => Self::Date(CivilDate::parse(text)?),
            (Type::Duration, Json::String(text)) => Self::Duration(Span::parse(text).ok()?),
            (Type::Money, Json::String(text)) => Self::parse_money(text)?,
            (Type::Choice(words), Json::String(text)) => {
                Self::Text(words.iter().find(|word| ***word == **text)?.clone())
            }
            (Type::List(of), Json::Array(items)) => {
                Self::List(items.iter().map(|item| Self::of_json(item, of)).collect::<Option<_>>()?)
            }
            (Type::Record(of), Json::Object(fields)) => {
                let part = |(name, value): (&String, &Json)| {
                    let (name, of) = of.get_key_value(name.as_str())?;
                    Some((name.clone(), Self::of_json(value, of)?))
                };
                Self::Map(fields.iter().map(part).collect::<Option<_>>()?)
            }
            (Type::Any, _)
            | (Type::Person, Json::Object(_))
            | (Type::Text, Json::String(_))
            | (Type::Bool, Json::Bool(_))
            | (Type::Number, Json::Number(_)) => Self::from_json(json),
            (Type::Integer, Json::Number(number)) => Self::Int(number.as_i64()?),
            _ => return None,
        };
        Some(value)
    }

    /// The reverse of [`Value::from_json`] for outputs: times and dates as text.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Missing => Json::Null,
            Self::Bool(yes) => Json::Bool(*yes),
            Self::Int(number) => Json::from(*number),
            Self::Num(number) => Json::from(*number),
            Self::Text(text) => Json::String(text.to_string()),
            Self::Time(at) => Json::String(at.to_string()),
            Self::Date(date) => Json::String(date.to_string()),
            Self::Duration(span) => Json::String(span.to_string()),
            Self::Money(minor, currency) => {
                Json::String(format!("{}.{:02} {currency}", minor / 100, (minor % 100).abs()))
            }
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Map(parts) => Json::Object(parts.iter().map(|(k, v)| (k.to_string(), v.to_json())).collect()),
        }
    }
}

impl fmt::Display for Value {
    /// As a person would write it; nothing for a missing value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Bool(yes) => write!(f, "{yes}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Num(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::Time(at) => write!(f, "{at}"),
            Self::Date(date) => write!(f, "{date}"),
            Self::Duration(span) => write!(f, "{span}"),
            Self::Money(minor, currency) => write!(f, "{}.{:02} {currency}", minor / 100, (minor % 100).abs()),
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                Ok(())
            }
            Self::Map(_) => f.write_str("{…}"),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Number => f.write_str("number"),
            Self::Integer => f.write_str("integer"),
            Self::Bool => f.write_str("bool"),
            Self::Time => f.write_str("time"),
            Self::Date => f.write_str("date"),
            Self::Duration => f.write_str("duration"),
            Self::Money => f.write_str("money"),
            Self::List(of) => write!(f, "list of {of}"),
            Self::Choice(names) => write!(f, "one of {}", names.join(", ")),
            Self::Person => f.write_str("person"),
            Self::Record(_) => f.write_str("record"),
            Self::Any => f.write_str("any"),
        }
    }
}
