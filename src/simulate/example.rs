//! The example contact and example events of previews: invented, reachable on every channel, in a world where nothing
//! else happens.
use crate::{
    calendar::{Instant, Span, TimeOfDay, Zone},
    engine::Kept,
    expr::nearest,
    id::{BookingId, ContactId, EventKind, FieldName, SourceName},
    journey::Person,
    plan::Plan,
    record::{
        Booking, BookingNews, BuiltInType, ConsentEntry, ConsentState, Contact, Delivery, EVENTS, Guarantee, Host,
        Identity, IdentityKind, News, NewsKind, Parsed, Purpose, Who, built_in, carries_booking,
    },
    value::{Type, Value},
};
use std::{collections::BTreeMap, sync::Arc};

const CONTACT: ContactId = ContactId(1);
const BOOKING: BookingId = BookingId(1);
const UID: &str = "example-booking";
const MINUTE: i64 = 60_000;

/// A person of a preview.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Example {
    pub(crate) label: String,
    pub(crate) fields: BTreeMap<String, serde_json::Value>,
}

/// What happens in a preview, and when.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct What {
    pub(crate) event: EventKind,
    pub(crate) data: BTreeMap<String, serde_json::Value>,
    pub(crate) after: Span,
}

/// A mistake in what the user gave for a preview.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum ExampleFault {
    #[error("contact field \"{field}\": {why}")]
    Field { field: String, why: String },
    #[error("there is no event \"{name}\"{}", near.as_ref().map(|near| format!(", did you mean \"{near}\"?")).unwrap_or_default())]
    Event { name: String, near: Option<String> },
    #[error("\"{0}\" is not of the form EVENT at +5d")]
    WhatIf(String),
}

impl Default for Example {
    fn default() -> Self {
        Self { label: "Ana (example contact)".to_owned(), fields: BTreeMap::new() }
    }
}

impl What {
    /// `booking.created at +5d`.
    pub(crate) fn parse(text: &str) -> Result<Self, ExampleFault> {
        let wrong = || ExampleFault::WhatIf(text.to_owned());
        let (event, after) = text.split_once(" at ").ok_or_else(wrong)?;
        let after = Span::parse(after.trim().strip_prefix('+').ok_or_else(wrong)?).map_err(|_| wrong())?;
        Ok(Self { event: EventKind::new(event.trim()), data: BTreeMap::new(), after })
    }
}

impl Example {
    /// The person before the story begins: known, reachable, agreed to everything, never written to.
    pub(crate) fn person(&self, plan: &Plan, start: Instant) -> Result<(Person, Kept), ExampleFault> {
        let mut contact = Contact::new(CONTACT, start.plus_ms(-90 * 24 * 60 * MINUTE));
        contact.set(&FieldName::new("first_name"), Value::text("Ana"));
        contact.set(&FieldName::new("last_name"), Value::text("Example"));
        contact.set(&FieldName::new("email"), Value::text("ana@example.com"));
        contact.set(&FieldName::new("phone"), Value::text("+12025550147"));
        for (field, value) in &self.fields {
            let value = self::field(plan, field, value)?;
            contact.set(&FieldName::new(field), value);
        }
        let mut person = Person::new(contact);
        let mut consents = Vec::new();
        for purpose in [Purpose::Marketing, Purpose::Service] {
            let entry = ConsentEntry {
                channel: None,
                purpose: Some(purpose),
                state: ConsentState::Confirmed,
                basis: Arc::from("example"),
                text_version: None,
                source: None,
                actor: Arc::from("preview"),
                at: person.contact.created_at,
            };
            person.touch.permits.fold(&entry);
            consents.push(entry);
        }
        let mut identities: Vec<Identity> = Vec::new();
        identities.extend(person.contact.email.as_deref().and_then(Identity::email));
        identities.extend(person.contact.phone.as_deref().and_then(Identity::phone));
        identities.push(Identity::new(IdentityKind::Instagram, "ana.example"));
        person.identities = identities.clone().into();
        let kept = Kept { is_new: true, contact: true, touch: true, identities, consents, ..Kept::default() };
        Ok((person, kept))
    }
}

/// What the field of a contact holds.
pub(super) fn type_of(plan: &Plan, field: &str) -> Option<Type> {
    let built_in = crate::record::CONTACT_FIELDS.iter().find(|(name, ..)| *name == field);
    plan.fields.get(field).map(|decl| decl.of.clone()).or(built_in.map(|(_, of, _)| of.to_type()))
}

/// A value for the field of a contact.
pub(super) fn field(plan: &Plan, field: &str, value: &serde_json::Value) -> Result<Value, ExampleFault> {
    let wrong = |why: String| ExampleFault::Field { field: field.to_owned(), why };
    let of = type_of(plan, field).ok_or_else(|| wrong("contacts have no such field".to_owned()))?;
    let value = Value::from_json(value);
    let fits = match (&of, &value) {
        (_, Value::Missing) | (Type::Any, _) | (Type::Bool, Value::Bool(_)) | (Type::Integer, Value::Int(_)) => true,
        (Type::Number, Value::Int(_) | Value::Num(_)) | (Type::List(_), Value::List(_)) => true,
        (Type::Choice(names), Value::Text(text)) => names.contains(text),
        (Type::Text, Value::Text(text)) if field == "zone" && Zone::parse(text).is_none() => {
            return Err(wrong(format!("there is no zone \"{text}\"")));
        }
        (Type::Text, Value::Text(_)) => true,
        (Type::Time, Value::Text(text)) => {
            let time = Instant::parse_rfc3339(text).map(Value::Time);
            return time.ok_or_else(|| wrong(format!("\"{text}\" is no time")));
        }
        (Type::Date, Value::Text(text)) => {
            let date = crate::calendar::CivilDate::parse(text);
            return date.map(Value::Date).ok_or_else(|| wrong(format!("\"{text}\" is no date")));
        }
        _ => false,
    };
    if fits { Ok(value) } else { Err(wrong(format!("\"{value}\" is not {of}"))) }
}

/// The booking that an event other than its making needs: it began an hour before, or begins in a week.
pub(crate) fn booking_before(event: &EventKind, zone: &Zone, at: Instant) -> Option<Booking> {
    if !carries_booking(event.as_str()) || matches!(event.as_str(), "booking.created" | "booking.requested") {
        return None;
    }
    let over = matches!(event.as_str(), "booking.no_show" | "booking.ended" | "booking.host_no_show");
    let start = match event.as_str() {
        _ if over => at.plus_ms(-60 * MINUTE),
        "booking.started" => at,
        _ => in_a_week(zone, at),
    };
    Some(booking_at(zone, at, start))
}

/// The booking that a sequence about bookings needs which people are put into by hand: as its first trigger's event has
/// it, else one in a week.
pub(super) fn booking_of(event: Option<&EventKind>, zone: &Zone, at: Instant) -> Booking {
    let told = event.and_then(|event| booking_before(event, zone, at));
    told.unwrap_or_else(|| booking_at(zone, at, in_a_week(zone, at)))
}

/// A booking of the example person that was made two weeks before.
pub(super) fn booking_at(zone: &Zone, at: Instant, start: Instant) -> Booking {
    Booking::from_news(BOOKING, CONTACT, source(), &booking_news(zone, at, start)).0
}

/// How it was made.
pub(super) fn booking_news(zone: &Zone, at: Instant, start: Instant) -> BookingNews {
    let mut news = told(NewsKind::Created, at.plus_ms(-14 * 24 * 60 * MINUTE), start);
    news.zone = Some(zone.clone());
    news
}

fn in_a_week(zone: &Zone, at: Instant) -> Instant {
    let day = zone.add(at, Span::days(7));
    zone.at_time(day, TimeOfDay::new(10, 0).unwrap_or(TimeOfDay::MIDNIGHT))
}

fn told(kind: NewsKind, at: Instant, start: Instant) -> BookingNews {
    BookingNews {
        start: Some(start),
        end: Some(start.plus_ms(60 * MINUTE)),
        title: Some(Arc::from("Appointment")),
        host: Some(Host {
            name: Some(Arc::from("Dr. Example")),
            email: Some(Arc::from("host@example.com")),
            ..Host::default()
        }),
        ..BookingNews::bare(kind, Arc::from(UID), at)
    }
}

fn source() -> SourceName {
    SourceName::new("preview")
}

/// The delivery of an event: what it guarantees is filled in, yes-or-no fields with yes, texts with their name.
pub(crate) fn delivery(
    plan: &Plan,
    person: &Person,
    what: &What,
    zone: &Zone,
    at: Instant,
    opens: bool,
) -> Result<Delivery, ExampleFault> {
    let kind = what.event.clone();
    let declared = plan.events.get(&kind);
    if built_in(kind.as_str()).is_none() && declared.is_none() {
        let own = plan.events.keys().map(|name| name.as_str().to_owned());
        let names: Vec<String> = EVENTS.iter().map(|event| event.name.to_owned()).chain(own).collect();
        let near = nearest(kind.as_str(), &names).map(str::to_owned);
        return Err(ExampleFault::Event { name: kind.to_string(), near });
    }
    let mut data: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for field in built_in(kind.as_str()).map_or(&[][..], |event| event.fields) {
        if field.there == Guarantee::Always {
            data.insert(Arc::from(field.name), example_value(field.name, field.of, plan));
        }
    }
    for (name, value) in &what.data {
        data.insert(Arc::from(name.as_str()), Value::from_json(value));
    }
    let no_show = data.get("no_show").and_then(Value::as_bool).unwrap_or(true);
    let booking = NewsKind::of_event(kind.as_str(), no_show).map(|kind| news_of(kind, opens, zone, at));
    let who = Who { identities: person.identities.to_vec(), ..Who::default() };
    let news = News { kind, at, who: Some(who), booking, data, contact: BTreeMap::new() };
    Ok(Delivery {
        source: source(),
        dedupe: format!("{}@{}", what.event, at.0).into(),
        received_at: at,
        raw: Arc::from(&b""[..]),
        parsed: Parsed::News(vec![news]),
        remarks: Vec::new(),
    })
}

fn news_of(kind: NewsKind, opens: bool, zone: &Zone, at: Instant) -> BookingNews {
    match kind {
        NewsKind::Created | NewsKind::Requested if opens => told(kind, at, in_a_week(zone, at)),
        NewsKind::Created | NewsKind::Requested => {
            BookingNews { uid: Arc::from(format!("{UID}-{}", at.0)), ..told(kind, at, in_a_week(zone, at)) }
        }
        NewsKind::Rescheduled => BookingNews {
            uid: Arc::from(format!("{UID}-{}", at.0)),
            previous_uid: Some(Arc::from(UID)),
            ..told(kind, at, in_a_week(zone, at))
        },
        _ => BookingNews::bare(kind, Arc::from(UID), at),
    }
}

fn example_value(name: &str, of: BuiltInType, plan: &Plan) -> Value {
    match of {
        BuiltInType::Bool => Value::Bool(true),
        BuiltInType::Integer | BuiltInType::Number => Value::Int(1),
        BuiltInType::Text if name == "channel" => {
            plan.policies.preferred.first().map_or(Value::text("email"), |channel| Value::text(channel.as_str()))
        }
        BuiltInType::Text => Value::text(format!("example {name}")),
        _ => Value::Missing,
    }
}
