//! A contact, how they are identified, and what was last exchanged with them.
use super::{Permits, Purpose, zone_of_phone};
use crate::{
    calendar::{Instant, Zone},
    id::{ChannelName, ClinicName, ContactId, FieldName, SendId, SequenceName},
    value::Value,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A person. Built-in fields that gates and due times read are typed; the rest and the project's own are in `fields`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Contact {
    pub(crate) id: ContactId,
    pub(crate) clinic: Option<ClinicName>,
    pub(crate) zone: Option<Zone>,
    pub(crate) locale: Option<Arc<str>>,
    /// Lower-cased; the strongest address of its kind.
    pub(crate) email: Option<Arc<str>>,
    /// E.164.
    pub(crate) phone: Option<Arc<str>>,
    pub(crate) score: i64,
    pub(crate) warm: bool,
    pub(crate) is_test: bool,
    pub(crate) tags: BTreeSet<Arc<str>>,
    pub(crate) created_at: Instant,
    pub(crate) last_visit_at: Option<Instant>,
    pub(crate) next_booking_at: Option<Instant>,
    /// Everything personal was taken away then: only a number is left, and nothing begins for it any more.
    pub(crate) erased_at: Option<Instant>,
    /// `first_name last_name address source status temperature stage preferred_channel` and the project's own fields.
    pub(crate) fields: BTreeMap<FieldName, Value>,
}

/// What every gate asks: last exchange, consent folded, messages that count for caps, conversation windows.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Touch {
    pub(crate) last_in: Option<Instant>,
    pub(crate) last_out: Option<Instant>,
    /// A human agent wrote last at.
    pub(crate) last_agent: Option<Instant>,
    pub(crate) permits: Permits,
    /// Authorised messages, oldest first, at most the longest cap window.
    pub(crate) recent: Vec<Counted>,
    /// Last inbound message per conversation channel, for the 24 h rule.
    pub(crate) windows: BTreeMap<ChannelName, Instant>,
}

/// One authorised message, as caps and `was_sent` count it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Counted {
    pub(crate) send: SendId,
    pub(crate) at: Instant,
    pub(crate) purpose: Purpose,
    pub(crate) channel: ChannelName,
    pub(crate) sequence: Option<SequenceName>,
}

/// What kind of identifier a text is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IdentityKind {
    Phone,
    Email,
    Chatwoot,
    Whatsapp,
    Instagram,
    /// The project's own key, from the events API.
    Own,
}

/// One identifier: phone in E.164, e-mail lower-cased, others as the provider writes them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Identity {
    pub(crate) kind: IdentityKind,
    pub(crate) value: Arc<str>,
    /// Whose person it names, where every clinic has people of its own; without one the same person in every clinic.
    pub(crate) clinic: Option<ClinicName>,
}

/// What a delivery says about a person, already normalised.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Who {
    /// Somebody of our own records: it was their link. Goes before every identifier.
    pub(crate) known: Option<ContactId>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) first_name: Option<Arc<str>>,
    pub(crate) last_name: Option<Arc<str>>,
    pub(crate) zone: Option<Zone>,
    pub(crate) locale: Option<Arc<str>>,
    pub(crate) is_test: Option<bool>,
}

impl IdentityKind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Phone, Self::Email, Self::Chatwoot, Self::Whatsapp, Self::Instagram, Self::Own];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Chatwoot => "chatwoot",
            Self::Whatsapp => "whatsapp",
            Self::Instagram => "instagram",
            Self::Own => "own",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Longest id of a sender's own, in bytes.
const MAX_OWN: usize = 512;

/// Longest e-mail address: 64 before the `@` and 255 behind it (RFC 5321, 4.5.3.1).
const MAX_EMAIL: usize = 320;

impl Identity {
    pub(crate) fn new(kind: IdentityKind, value: impl Into<Arc<str>>) -> Self {
        Self { kind, value: value.into(), clinic: None }
    }

    /// E-mail, trimmed and lower-cased; `None` unless there is one `@` with something on both sides, and nothing that
    /// separates addresses or ends a header line.
    pub(crate) fn email(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.split_once('@')?;
        let apart = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '@' | ',' | ';' | '<' | '>' | '"');
        let plain = !local.is_empty() && !domain.is_empty() && !local.contains(apart) && !domain.contains(apart);
        let plain = plain && text.len() <= MAX_EMAIL;
        plain.then(|| Self::new(IdentityKind::Email, text.to_lowercase()))
    }

    /// Phone already in E.164: a plus sign and 7 to 15 digits, the first of which is no zero.
    pub(crate) fn phone(e164: &str) -> Option<Self> {
        let digits = e164.strip_prefix('+')?;
        let plain = (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|digit| digit.is_ascii_digit());
        plain.then(|| Self::new(IdentityKind::Phone, e164))
    }

    /// The project's own key for a person, trimmed.
    pub(crate) fn own(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = !text.is_empty() && text.len() <= MAX_OWN && !text.contains(char::is_control);
        plain.then(|| Self::new(IdentityKind::Own, text))
    }
}

impl Who {
    pub(crate) fn identity(&self, kind: IdentityKind) -> Option<&Arc<str>> {
        self.identities.iter().find(|identity| identity.kind == kind).map(|identity| &identity.value)
    }
}

impl Contact {
    pub(crate) fn new(id: ContactId, created_at: Instant) -> Self {
        Self {
            id,
            clinic: None,
            zone: None,
            locale: None,
            email: None,
            phone: None,
            score: 0,
            warm: false,
            is_test: false,
            tags: BTreeSet::new(),
            created_at,
            last_visit_at: None,
            next_booking_at: None,
            erased_at: None,
            fields: BTreeMap::new(),
        }
    }

    /// Fills what is still unknown from what a delivery says; what is known stays. Returns the names of changed fields.
    pub(crate) fn learn(&mut self, who: &Who) -> Vec<FieldName> {
        let mut changed = Vec::new();
        let mut fill = |slot: &mut Option<Arc<str>>, news: Option<&Arc<str>>, name: &str| {
            if slot.is_none() && news.is_some() {
                *slot = news.cloned();
                changed.push(FieldName::new(name));
            }
        };
        fill(&mut self.email, who.identity(IdentityKind::Email), "email");
        fill(&mut self.phone, who.identity(IdentityKind::Phone), "phone");
        fill(&mut self.locale, who.locale.as_ref(), "locale");
        for (name, news) in [("first_name", &who.first_name), ("last_name", &who.last_name)] {
            let field = FieldName::new(name);
            let known = self.fields.get(&field).and_then(Value::as_text).is_some_and(|text| !text.is_empty());
            if let (Some(text), false) = (news, known) {
                self.fields.insert(field.clone(), Value::Text(text.clone()));
                changed.push(field);
            }
        }
        if self.zone.is_none() && who.zone.is_some() {
            self.zone.clone_from(&who.zone);
            changed.push(FieldName::new("zone"));
        }
        // a mark that guards against messages to the outside is only taken back by hand
        if who.is_test == Some(true) && !self.is_test {
            self.is_test = true;
            changed.push(FieldName::new("is_test"));
        }
        changed
    }

    /// The zone the person lives in: the one they gave, else that of their phone number where it tells one.
    pub(crate) fn local_zone(&self) -> Option<Zone> {
        self.zone.clone().or_else(|| zone_of_phone(self.phone.as_deref()?))
    }

    /// The name to show: first and last name, as far as known.
    pub(crate) fn full_name(&self) -> Option<String> {
        let part = |name: &str| self.fields.get(name).and_then(Value::as_text).filter(|text| !text.is_empty());
        match (part("first_name"), part("last_name")) {
            (None, None) => part("name").map(str::to_owned),
            (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
        }
    }

    /// A built-in or own field as an expression reads it. `last_inbound_at` and `last_outbound_at` come from [`Touch`].
    pub(crate) fn field(&self, name: &str) -> Value {
        let text = |slot: &Option<Arc<str>>| slot.as_ref().map_or(Value::Missing, |text| Value::Text(text.clone()));
        let time = |slot: Option<Instant>| slot.map_or(Value::Missing, Value::Time);
        match name {
            "id" => Value::text(format!("{}", self.id)),
            "email" => text(&self.email),
            "phone" => text(&self.phone),
            "locale" => text(&self.locale),
            "zone" => self.zone.as_ref().map_or(Value::Missing, |zone| Value::text(zone.name())),
            "clinic" => self.clinic.as_ref().map_or(Value::Missing, |clinic| Value::text(clinic.as_str())),
            "score" => Value::Int(self.score),
            "warm" => Value::Bool(self.warm),
            "is_test" => Value::Bool(self.is_test),
            "tags" => Value::List(self.tags.iter().map(|tag| Value::Text(tag.clone())).collect()),
            "created_at" => Value::Time(self.created_at),
            "last_visit_at" => time(self.last_visit_at),
            "next_booking_at" => time(self.next_booking_at),
            "name" => self.full_name().map_or(Value::Missing, Value::text),
            other => self.fields.get(other).cloned().unwrap_or_default(),
        }
    }

    /// Sets a field by name, a missing value clears it. Typed built-in fields go to their slots; a value that does not
    /// fit its slot, and fields that are worked out (`id created_at last_inbound_at last_outbound_at`), stay as they
    /// are. Returns whether anything changed.
    pub(crate) fn set(&mut self, name: &FieldName, value: Value) -> bool {
        let before = self.field(name.as_str());
        if before == value {
            return false;
        }
        self.put(name, value);
        before != self.field(name.as_str())
    }

    fn put(&mut self, name: &FieldName, value: Value) {
        let clear = value.is_missing();
        match (name.as_str(), &value) {
            ("id" | "created_at" | "last_inbound_at" | "last_outbound_at", _) => {}
            ("name", _) => self.put_name(value.as_text().unwrap_or_default()),
            ("email", Value::Text(text)) => {
                self.email = Identity::email(text).map(|identity| identity.value).or(self.email.take());
            }
            ("phone", Value::Text(text)) => {
                self.phone = Identity::phone(text).map(|identity| identity.value).or(self.phone.take());
            }
            ("locale", Value::Text(text)) => self.locale = Some(text.clone()),
            ("zone", Value::Text(text)) => self.zone = Zone::parse(text).or(self.zone.take()),
            ("clinic", Value::Text(text)) => self.clinic = Some(ClinicName::new(text)),
            ("score", Value::Int(score)) => self.score = *score,
            ("warm", Value::Bool(warm)) => self.warm = *warm,
            ("is_test", Value::Bool(is_test)) => self.is_test = *is_test,
            ("last_visit_at", Value::Time(at)) => self.last_visit_at = Some(*at),
            ("next_booking_at", Value::Time(at)) => self.next_booking_at = Some(*at),
            ("tags", Value::List(tags)) => {
                self.tags = tags.iter().filter_map(Value::as_text).map(Arc::from).collect();
            }
            ("email", _) if clear => self.email = None,
            ("phone", _) if clear => self.phone = None,
            ("locale", _) if clear => self.locale = None,
            ("zone", _) if clear => self.zone = None,
            ("clinic", _) if clear => self.clinic = None,
            ("score", _) if clear => self.score = 0,
            ("warm", _) if clear => self.warm = false,
            ("is_test", _) if clear => self.is_test = false,
            ("last_visit_at", _) if clear => self.last_visit_at = None,
            ("next_booking_at", _) if clear => self.next_booking_at = None,
            ("tags", _) if clear => self.tags.clear(),
            (slot, _) if TYPED.contains(&slot) => {}
            _ if clear => {
                self.fields.remove(name);
            }
            _ => {
                self.fields.insert(name.clone(), value);
            }
        }
    }

    /// `name` is shown from its parts, so it is kept as its parts.
    fn put_name(&mut self, name: &str) {
        let (first, last) = split_name(name);
        for (field, part) in [("first_name", first), ("last_name", last), ("name", None)] {
            match part {
                Some(text) => self.fields.insert(FieldName::new(field), Value::Text(text)),
                None => self.fields.remove(field),
            };
        }
    }
}

/// Fields that have a slot of their own in [`Contact`].
const TYPED: &[&str] = &[
    "email",
    "phone",
    "locale",
    "zone",
    "clinic",
    "score",
    "warm",
    "is_test",
    "last_visit_at",
    "next_booking_at",
    "tags",
];

/// First and last name of a full one: the last word is the last name, a single word the first.
pub(crate) fn split_name(name: &str) -> (Option<Arc<str>>, Option<Arc<str>>) {
    let name = name.trim();
    match name.rsplit_once(char::is_whitespace) {
        Some((first, last)) => (Some(Arc::from(first.trim_end())), Some(Arc::from(last))),
        None if name.is_empty() => (None, None),
        None => (Some(Arc::from(name)), None),
    }
}

/// The built-in fields of a contact with their types, in the order the reference prints them. The third part says
/// whether the value is always there.
pub(crate) const CONTACT_FIELDS: &[(&str, BuiltInType, bool)] = &[
    ("id", BuiltInType::Text, true),
    ("first_name", BuiltInType::Text, false),
    ("last_name", BuiltInType::Text, false),
    ("name", BuiltInType::Text, false),
    ("email", BuiltInType::Text, false),
    ("phone", BuiltInType::Text, false),
    ("address", BuiltInType::Text, false),
    ("locale", BuiltInType::Text, false),
    ("zone", BuiltInType::Text, false),
    ("source", BuiltInType::Text, false),
    ("status", BuiltInType::Text, false),
    ("temperature", BuiltInType::Text, false),
    ("score", BuiltInType::Integer, true),
    ("tags", BuiltInType::Texts, true),
    ("stage", BuiltInType::Text, false),
    ("warm", BuiltInType::Bool, true),
    ("clinic", BuiltInType::Text, false),
    ("created_at", BuiltInType::Time, true),
    ("last_inbound_at", BuiltInType::Time, false),
    ("last_outbound_at", BuiltInType::Time, false),
    ("last_visit_at", BuiltInType::Time, false),
    ("next_booking_at", BuiltInType::Time, false),
    ("preferred_channel", BuiltInType::Text, false),
    ("is_test", BuiltInType::Bool, true),
];

/// Declared type of a built-in field of the contact.
pub(crate) fn contact_field(name: &str) -> Option<BuiltInType> {
    CONTACT_FIELDS.iter().find(|(field, ..)| *field == name).map(|(_, of, _)| *of)
}

/// Types of built-in fields, as a constant table can hold them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BuiltInType {
    Text,
    Texts,
    Integer,
    Number,
    Bool,
    Time,
    Money,
    Any,
}

impl BuiltInType {
    pub(crate) fn to_type(self) -> crate::value::Type {
        use crate::value::Type;
        match self {
            Self::Text => Type::Text,
            Self::Texts => Type::List(Box::new(Type::Text)),
            Self::Integer => Type::Integer,
            Self::Number => Type::Number,
            Self::Bool => Type::Bool,
            Self::Time => Type::Time,
            Self::Money => Type::Money,
            Self::Any => Type::Any,
        }
    }
}
