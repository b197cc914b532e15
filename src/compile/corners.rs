//! People who do not exist: the values that a text would be filled with for somebody of whom nothing is known, for somebody
//! with a hostile name, and for the longest usual ones. Knows no template and reports nothing.
use super::scope::View;
use crate::{
    calendar::{CivilDate, Instant, Span},
    content::{Reader, Values, opt_out},
    expr::Scope,
    plan::{Clinic, Medium, Plan},
    value::{Type, Value},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Who is imagined.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Corner {
    /// Only what is guaranteed: no name, no phone.
    Bare,
    /// Everything is there, and every text is written from right to left, with a picture and markup, in eighty letters.
    Hostile,
    /// Everything is there and as long as is usual.
    Longest,
}

/// The name that nobody should be able to break a message with.
pub(super) const HOSTILE: &str =
    "مريم עדי \u{1F469}\u{200D}\u{1F680} <b>Ana</b> \"O'Hara\" & <script>1</script> Wolfeschlegelsteinhausenbe";

/// Letters that values of fields are taken to have at most. Nobody is refused for more: it is what the check counts with.
const USUAL: &[(&str, usize)] = &[
    ("first_name", 16),
    ("last_name", 20),
    ("name", 32),
    ("email", 40),
    ("phone", 16),
    ("address", 60),
    ("title", 40),
    ("location", 60),
    ("code", 16),
];
/// Everything else that is text; addresses of pages.
const OTHER: usize = 30;
const LINK: usize = 80;
/// The tail of a counted link: two numbers and 20 letters.
const CLICK: &str = "1ffffff-0-0123456789abcdef0123";
/// The tail of a link that closes a channel: a number, a dash and 32 letters.
const TOKEN: &str = "1fffff-0123456789abcdef0123456789abcdef";

/// The values of one text for one imagined person on a channel.
pub(super) fn values(
    corner: Corner,
    paths: &BTreeSet<String>,
    view: &View<'_>,
    plan: &Plan,
    medium: Medium,
    locale: &str,
) -> Values {
    let mut roots: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    let links = Links { corner, plan, medium, locale };
    for path in paths {
        let parts: Vec<&str> = path.split('.').collect();
        let missing = corner == Corner::Bare && view.nullable(&parts);
        let value = match (missing, view.resolve(&parts)) {
            (true, _) | (_, Err(_)) => Value::Missing,
            (false, Ok(of)) => links.own(&parts).unwrap_or_else(|| links.sample(&of, &parts)),
        };
        put(&mut roots, &parts, value);
    }
    Values::new(roots)
}

pub(super) fn reader(plan: &Plan, locale: &str) -> Reader {
    Reader { locale: locale.to_owned(), zone: plan.zone.clone() }
}

/// Whether the value at a path can be typed by anybody.
pub(super) fn typed_by_people(path: &str, view: &View<'_>) -> bool {
    let parts: Vec<&str> = path.split('.').collect();
    ["contact", "booking", "event"].contains(&parts[0])
        && matches!(view.resolve(&parts), Ok(Type::Text | Type::Any | Type::List(_) | Type::Record(_) | Type::Person))
}

fn put(at: &mut BTreeMap<Arc<str>, Value>, parts: &[&str], value: Value) {
    let [first, rest @ ..] = parts else { return };
    if rest.is_empty() {
        // a part of it may have been named before
        at.entry(Arc::from(*first)).or_insert(value);
        return;
    }
    let below = at.entry(Arc::from(*first)).or_insert_with(|| Value::Map(BTreeMap::new()));
    if let Value::Map(below) = below {
        put(below, rest, value);
    }
}

fn base(plan: &Plan) -> &str {
    plan.public_url.as_deref().unwrap_or("http://127.0.0.1:8420").trim_end_matches('/')
}

/// A text with its links as long as counted ones are.
pub(super) fn counted(plan: &Plan, text: &str) -> String {
    let base = base(plan);
    let own = format!("{base}/u/");
    let (stays, instead) = (|address: &str| address.starts_with(&own), |_| format!("{base}/c/{CLICK}"));
    crate::content::Links::new(&stays, &instead).text(text)
}

struct Links<'a> {
    corner: Corner,
    plan: &'a Plan,
    medium: Medium,
    locale: &'a str,
}

impl Links<'_> {
    /// What the project itself says: the longest of what it can be.
    fn own(&self, parts: &[&str]) -> Option<Value> {
        let of = |text: fn(&Clinic) -> Option<Arc<str>>| {
            let all = self.plan.clinics.iter().filter_map(text);
            all.max_by_key(|text| text.chars().count()).map(Value::Text)
        };
        let link = format!("{}/u/{TOKEN}", base(self.plan));
        match parts {
            ["unsubscribe_link" | "preferences_link"] => Some(Value::text(link)),
            ["opt_out"] => Some(Value::text(opt_out(Some(self.medium), self.locale, &link))),
            ["booking_link"] | ["clinic", "booking_url"] => of(|clinic| clinic.booking_url.clone()),
            ["clinic", "name"] => of(|clinic| Some(clinic.name.clone())),
            ["clinic", "address"] => of(|clinic| clinic.address.clone()),
            ["clinic", "phone"] => of(|clinic| clinic.phone.clone()),
            ["postal_address"] => {
                let all = self.plan.clinics.iter();
                let all = all.filter_map(|clinic| Some(format!("{}, {}", clinic.name, clinic.address.as_ref()?)));
                all.max_by_key(|text| text.chars().count()).map(Value::text)
            }
            ["clinic", field] => self
                .plan
                .clinics
                .iter()
                .filter_map(|clinic| clinic.fields.get(*field))
                .max_by_key(|value| value.to_string().len())
                .cloned(),
            ["vars", name] => self.plan.vars.get(*name).cloned(),
            _ => None,
        }
    }

    fn sample(&self, of: &Type, parts: &[&str]) -> Value {
        let last = parts.last().copied().unwrap_or_default();
        match of {
            Type::Text | Type::Any => self.text(last),
            Type::Number => Value::Num(1234.5),
            Type::Integer => Value::Int(1234),
            Type::Bool => Value::Bool(true),
            // long days in both languages: a Wednesday in September
            Type::Time => Instant::parse_rfc3339("2026-09-23T20:30:00Z").map_or(Value::Missing, Value::Time),
            Type::Date => CivilDate::parse("2026-09-23").map_or(Value::Missing, Value::Date),
            Type::Duration => Value::Duration(Span::days(14)),
            Type::Money => Value::Money(123_450, Arc::from("EUR")),
            Type::Choice(words) => words
                .iter()
                .max_by_key(|word| word.chars().count())
                .map_or(Value::Missing, |word| Value::Text(word.clone())),
            Type::List(item) => Value::List(vec![self.sample(item, parts), self.sample(item, parts)]),
            Type::Person => {
                let names = ["name", "email", "phone", "zone", "locale", "booking_url"];
                Value::Map(names.into_iter().map(|name| (Arc::from(name), self.text(name))).collect())
            }
            Type::Record(parts) => {
                Value::Map(parts.iter().map(|(name, of)| (name.clone(), self.sample(of, &[name]))).collect())
            }
        }
    }

    fn text(&self, field: &str) -> Value {
        let link = field.ends_with("url") || field.ends_with("link");
        if self.corner == Corner::Hostile && !link {
            return Value::text(HOSTILE);
        }
        let long = USUAL.iter().find(|(name, _)| *name == field).map_or(OTHER, |(_, long)| *long);
        if link {
            return Value::text(format!("https://example.com/{}", "n".repeat(LINK - 20)));
        }
        Value::text("n".repeat(long))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hostile_name_has_eighty_letters() {
        assert_eq!(HOSTILE.chars().count(), 80);
    }
}
