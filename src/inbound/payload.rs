//! Reading values out of JSON: paths, the wrappers that form builders put around answers, and declared types.
//!
//! Must not know which provider sent the JSON.
use crate::{
    calendar::{CivilDate, Instant, Span, TimeOfDay, Zone},
    value::{Type, Value},
};
use serde_json::Value as Json;
use std::sync::Arc;

/// Why a value does not fit its type; the value itself is not part of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Misfit {
    /// Outside the closed set.
    NotOneOf,
    /// Should have been this.
    Expected(&'static str),
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotOneOf => f.write_str("the value is none of those declared by one_of"),
            Self::Expected(what) => write!(f, "expected {what}"),
        }
    }
}

/// Text at a path of keys, trimmed; nothing when it is blank or no text.
pub(super) fn text(json: &Json, path: &[&str]) -> Option<Arc<str>> {
    let found = path.iter().try_fold(json, |json, key| json.get(key))?;
    found.as_str().map(str::trim).filter(|text| !text.is_empty()).map(Arc::from)
}

/// What stands at a dotted path. Wrappers on the way are opened where the path does not name their parts.
pub(super) fn at_path(root: &Json, path: &str) -> Option<Json> {
    let path = if root.get("payload").is_none() { path.strip_prefix("payload.").unwrap_or(path) } else { path };
    descend(root, path, 0)
}

fn descend(json: &Json, path: &str, opened: u8) -> Option<Json> {
    if path.is_empty() {
        return Some(json.clone());
    }
    // a key may hold dots itself
    if let Some(whole) = json.get(path) {
        return Some(whole.clone());
    }
    let (key, rest) = path.split_once('.').unwrap_or((path, ""));
    let part = match json {
        Json::Array(items) => key.parse::<usize>().ok().and_then(|ix| items.get(ix)),
        _ => json.get(key),
    };
    match part {
        Some(part) => descend(part, rest, opened),
        None if opened < 4 => descend(unwrap_once(json)?, path, opened + 1),
        None => None,
    }
}

/// Content of `{ label, value }`, `{ optionValue, value }`, `{ value, response }` or `{ label, id }`; `None` for what is
/// no wrapper.
fn unwrap_once(json: &Json) -> Option<&Json> {
    const NOTHING: &Json = &Json::Null;
    let parts = json.as_object()?;
    let typed = |name: &str| parts.get(name).filter(|part| part.as_str().is_some_and(|text| !text.trim().is_empty()));
    if let Some(response) = parts.get("response") {
        return Some(response);
    }
    if let Some(value) = parts.get("value") {
        return Some(typed("optionValue").unwrap_or(value));
    }
    if parts.contains_key("id") && parts.len() == 2 {
        return parts.get("label");
    }
    // a hidden or unfilled answer has its label and nothing else
    (parts.contains_key("label") && parts.keys().all(|key| matches!(key.as_str(), "label" | "isHidden" | "type")))
        .then_some(NOTHING)
}

/// The answer inside its wrappers; `Null` for one that nobody gave.
pub(super) fn open(json: &Json) -> Json {
    let mut json = json;
    for _ in 0..4 {
        match unwrap_once(json) {
            Some(inner) => json = inner,
            None => break,
        }
    }
    match json {
        Json::String(text) if text.trim().is_empty() => Json::Null,
        Json::String(text) => Json::String(text.trim().to_owned()),
        Json::Array(items) if items.is_empty() => Json::Null,
        Json::Array(items) => Json::Array(items.iter().map(open_item).collect()),
        other => other.clone(),
    }
}

fn open_item(json: &Json) -> Json {
    let opened = unwrap_once(json).unwrap_or(json);
    opened.as_str().map_or_else(|| opened.clone(), |text| Json::String(text.trim().to_owned()))
}

/// An opened value as its declared type; `null` is missing in every type. Civil times are read in `zone`.
pub(super) fn typed(json: &Json, of: &Type, zone: &Zone) -> Result<Value, Misfit> {
    if json.is_null() {
        return Ok(Value::Missing);
    }
    // a question with one answer may come as a list of one
    let single = !matches!(of, Type::List(_) | Type::Any | Type::Text);
    if let Some([only]) = json.as_array().filter(|_| single).map(Vec::as_slice) {
        return typed(only, of, zone);
    }
    let text = json.as_str();
    match of {
        Type::Any => Ok(Value::from_json(json)),
        Type::Text => as_text(json).ok_or(Misfit::Expected("text")).map(Value::text),
        Type::Number => number(json).map(Value::Num).ok_or(Misfit::Expected("a number")),
        Type::Integer => integer(json).map(Value::Int).ok_or(Misfit::Expected("a whole number")),
        Type::Bool => truth(json).map(Value::Bool).ok_or(Misfit::Expected("true or false")),
        Type::Time => text
            .and_then(|text| time(text, zone))
            .map(Value::Time)
            .ok_or(Misfit::Expected("a time like 2027-03-26T18:30:00+01:00")),
        Type::Date => {
            let date = text.and_then(|text| date(text, zone));
            date.map(Value::Date).ok_or(Misfit::Expected("a date like 2027-03-26"))
        }
        Type::Duration => {
            let span = text.and_then(|text| Span::parse(text).ok());
            span.map(Value::Duration).ok_or(Misfit::Expected("a duration like 3d"))
        }
        Type::Money => money(json).ok_or(Misfit::Expected("money like 12.50 EUR")),
        Type::Choice(names) => choice(as_text(json).ok_or(Misfit::Expected("text"))?, names),
        Type::List(of) => {
            let one = std::slice::from_ref(json);
            let items = json.as_array().map_or(one, Vec::as_slice);
            items.iter().map(|item| typed(item, of, zone)).collect::<Result<_, _>>().map(Value::List)
        }
        Type::Person => json.as_object().map(|_| Value::from_json(json)).ok_or(Misfit::Expected("an object")),
        Type::Record(parts) => {
            let object = json.as_object().ok_or(Misfit::Expected("an object"))?;
            let part = |(name, json): (&String, &Json)| {
                let of = parts.get(name.as_str()).unwrap_or(&Type::Any);
                Ok((Arc::from(name.as_str()), typed(json, of, zone)?))
            };
            object.iter().map(part).collect::<Result<_, _>>().map(Value::Map)
        }
    }
}

fn as_text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(yes) => Some(yes.to_string()),
        Json::Array(items) => {
            let parts: Option<Vec<String>> =
                items.iter().map(|item| if item.is_array() { None } else { as_text(item) }).collect();
            parts.map(|parts| parts.join(", "))
        }
        _ => None,
    }
}

fn number(json: &Json) -> Option<f64> {
    let text = json.as_str().map(str::trim);
    // one comma and no point is the decimal sign of half the world
    let point = text.map(|text| if text.contains('.') { text.to_owned() } else { text.replacen(',', ".", 1) });
    let plain = |text: &String| text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
    json.as_f64().or_else(|| point.filter(plain)?.parse().ok()).filter(|number: &f64| number.is_finite())
}

fn integer(json: &Json) -> Option<i64> {
    let exact = |number: f64| (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(number as i64);
    json.as_i64().or_else(|| json.as_f64().and_then(exact)).or_else(|| json.as_str()?.trim().parse().ok())
}

fn truth(json: &Json) -> Option<bool> {
    if let Some(number) = json.as_i64() {
        return [(0, false), (1, true)].into_iter().find(|(known, _)| *known == number).map(|(_, yes)| yes);
    }
    match json.as_str().map(|text| text.trim().to_lowercase()).as_deref() {
        Some("true" | "yes" | "ja" | "on" | "1") => Some(true),
        Some("false" | "no" | "nein" | "off" | "0") => Some(false),
        _ => json.as_bool(),
    }
}

/// RFC 3339, `YYYY-MM-DD HH:MM`, or a date at its 00:00.
pub(super) fn time(text: &str, zone: &Zone) -> Option<Instant> {
    let text = text.trim();
    if let Some(at) = Instant::parse_rfc3339(text) {
        return Some(at);
    }
    match text.split_once([' ', 'T']) {
        Some((date, time)) => {
            let midnight = zone.start_of(CivilDate::parse(date)?);
            Some(zone.at_time(midnight, TimeOfDay::parse(time)?))
        }
        None => CivilDate::parse(text).map(|date| zone.start_of(date)),
    }
}

fn date(text: &str, zone: &Zone) -> Option<CivilDate> {
    CivilDate::parse(text.trim()).or_else(|| time(text, zone).map(|at| zone.date(at)))
}

/// `12.50 EUR`, or `{ amount, currency }` in major units.
fn money(json: &Json) -> Option<Value> {
    let (amount, currency) = match json {
        Json::String(text) => {
            let (amount, currency) = text.trim().split_once(' ')?;
            (amount.to_owned(), currency.trim().to_owned())
        }
        Json::Object(parts) => (as_text(parts.get("amount")?)?, parts.get("currency")?.as_str()?.to_owned()),
        _ => return None,
    };
    let (whole, part) = amount.split_once('.').unwrap_or((&amount, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    if !digits(whole) || !digits(part) || part.len() > 2 || !is_currency(&currency) {
        return None;
    }
    let cents: i64 = format!("{part:0<2}").parse().ok()?;
    let minor = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)?;
    Some(Value::Money(sign * minor, Arc::from(currency.to_uppercase())))
}

/// Three letters, in any case.
pub(super) fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_alphabetic())
}

/// The declared spelling: exact, else without regard to case.
fn choice(text: String, names: &[Arc<str>]) -> Result<Value, Misfit> {
    let folded = text.trim().to_lowercase();
    let exact = names.iter().find(|name| ***name == *text);
    let known = exact.or_else(|| names.iter().find(|name| name.to_lowercase() == folded));
    known.map(|name| Value::Text(name.clone())).ok_or(Misfit::NotOneOf)
}
