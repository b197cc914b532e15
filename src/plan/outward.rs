//! What the project asks and tells other programs, and what it understands of messages.
use super::Secret;
use crate::{
    calendar::{CivilDate, Instant, Span, TimeOfDay, Zone},
    expr::Formula,
    value::{Type, Value},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// What somebody may mean, and the words that show it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) name: Arc<str>,
    pub(crate) words: Vec<Arc<str>>,
    /// The model may choose it when no words fit.
    pub(crate) model: bool,
    /// Preferences that it moves up (`true`) or down. Nothing learns from them yet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) signals: BTreeMap<Arc<str>, bool>,
}

/// A time with somebody that a message offers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Appointment {
    pub(crate) kind: Arc<str>,
    pub(crate) host: Option<Arc<str>>,
    /// A time in the answer of a look-up; the first free one unless said.
    pub(crate) slot: Option<Arc<str>>,
}

/// A signed call of another program.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct WebhookSpec {
    pub(crate) url: Address,
    /// What the receiver sees as the kind of event.
    pub(crate) kind: Arc<str>,
    pub(crate) body: BTreeMap<Arc<str>, BodyPart>,
    pub(crate) secret: Secret,
}

/// Of another program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Address {
    Url(Arc<str>),
    /// The variable that holds it.
    Named(Secret),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BodyPart {
    /// Templated.
    Text(Arc<str>),
    Value(Value),
    Formula(Formula),
}

impl Address {
    /// The address, or the name of its variable: what may be shown.
    pub(crate) fn shown(&self) -> Arc<str> {
        match self {
            Self::Url(url) => url.clone(),
            Self::Named(Secret::Variable(name)) => name.clone(),
            Self::Named(Secret::File(path)) => Arc::from(format!("file:{path}")),
        }
    }
}

/// A question to another program.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Lookup {
    pub(crate) ask: Question,
    pub(crate) returns: BTreeMap<Arc<str>, Type>,
    pub(crate) timeout_ms: u64,
    pub(crate) cache_ms: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Question {
    Get {
        /// Templated behind its host.
        url: Address,
        headers: BTreeMap<Arc<str>, Secret>,
    },
    /// The next free time of a kind of appointment.
    Slots { kind: Arc<str>, of_host: bool },
}

/// What a look-up is taken to answer where nobody is asked.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Supposed {
    /// Invented, of the declared types.
    Example,
    /// The fields are there and hold nothing.
    Nothing,
    Failure,
    Answer(Value),
}

impl Lookup {
    /// An invented answer: times are two days ahead at ten, links lead to example.com.
    pub(crate) fn example(&self, now: Instant, zone: &Zone) -> Value {
        let day = zone.start_of(zone.date(zone.add(now, Span::days(2))));
        let time = zone.at_time(day, TimeOfDay::new(10, 0).unwrap_or(TimeOfDay::MIDNIGHT));
        parts(&self.returns, &Invented { time, date: zone.date(time), number: 0 })
    }
}

struct Invented {
    time: Instant,
    date: CivilDate,
    /// Of an entry of a list; 0 outside of lists.
    number: i64,
}

fn parts(of: &BTreeMap<Arc<str>, Type>, invented: &Invented) -> Value {
    Value::Map(of.iter().map(|(name, of)| (name.clone(), invent(name, of, invented))).collect())
}

fn invent(name: &str, of: &Type, invented: &Invented) -> Value {
    let number = invented.number;
    match of {
        Type::Text | Type::Any => {
            let is_link = ["url", "link"].iter().any(|part| name.contains(part));
            let behind =
                if number == 0 { String::new() } else { format!("{}{number}", if is_link { "/" } else { " " }) };
            Value::text(format!("{}{name}{behind}", if is_link { "https://example.com/" } else { "example " }))
        }
        Type::Number => Value::Num(1.5),
        Type::Integer => Value::Int(number.max(1)),
        Type::Bool => Value::Bool(true),
        Type::Time => Value::Time(invented.time),
        Type::Date => Value::Date(invented.date),
        Type::Duration => Value::Duration(Span::days(1)),
        Type::Money => Value::Money(5000, Arc::from("EUR")),
        Type::Choice(words) => words.first().map_or(Value::Missing, Value::text),
        Type::List(of) => {
            let entry = |number| invent(name, of, &Invented { number, ..*invented });
            Value::List(vec![entry(1), entry(2)])
        }
        Type::Record(of) => parts(of, invented),
        Type::Person => Value::Missing,
    }
}
