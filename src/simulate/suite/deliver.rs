//! What happens in a story, as the deliveries that a provider or a program would send. Judges nothing.
use crate::{
    calendar::{Instant, Span, TimeOfDay, Zone},
    id::{ChannelName, EventKind, FieldName, SourceName},
    inbound::{self, Headers},
    journey::Person,
    plan::Plan,
    record::{
        Booking, BookingNews, Delivery, Guarantee, Host, Identity, IdentityKind, News, NewsKind, Parsed, Who, built_in,
        carries_booking,
    },
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// Where the events of a story come from that name no source.
const SOURCE: &str = "suite";
/// With what the harness signs: long enough for every scheme, and known to everybody.
const SECRET: &str = "whsec_ZHJpcGxpbmUtc3VpdGUtZHJpcGxpbmUtc3VpdGUtMzI=";
/// Changes of a record by hand: no trigger can hear it.
pub(super) const EDITED: &str = "suite.edited";
const MINUTE_MS: i64 = 60_000;

/// What a story says of an event.
pub(super) struct Told<'a> {
    pub(super) kind: &'a EventKind,
    pub(super) data: &'a BTreeMap<Arc<str>, Value>,
    pub(super) booking: &'a BTreeMap<Arc<str>, Value>,
    /// Tells this delivery from every other of the story.
    pub(super) number: usize,
    pub(super) zone: &'a Zone,
    pub(super) at: Instant,
}

/// An event about somebody.
///
/// # Errors
/// A booking's event about somebody who has none.
pub(super) fn event(person: &Person, told: &Told<'_>) -> Result<Delivery, Arc<str>> {
    let (mut source, mut news) = (SourceName::new(SOURCE), None);
    if carries_booking(told.kind.as_str()) {
        let latest = latest(person, told.booking);
        if let Some(booking) = &latest {
            source = booking.source.clone();
        }
        news = Some(booking_news(told, latest)?);
    }
    let mut data = told.data.clone();
    for field in built_in(told.kind.as_str()).map_or(&[][..], |event| event.fields) {
        if field.there == Guarantee::Always && !data.contains_key(field.name) {
            data.extend(usual(field.name, news.as_ref()).map(|value| (Arc::from(field.name), value)));
        }
    }
    Ok(delivery(person, told, source, news, data, BTreeMap::new()))
}

/// Fields of the record that somebody changes by hand.
pub(super) fn edit(person: &Person, fields: BTreeMap<FieldName, Value>, number: usize, at: Instant) -> Delivery {
    let (kind, none) = (EventKind::new(EDITED), BTreeMap::new());
    let told = Told { kind: &kind, data: &none, booking: &none, number, zone: &Zone::UTC, at };
    delivery(person, &told, SourceName::new(SOURCE), None, BTreeMap::new(), fields)
}

/// Bytes of a provider, signed as it does.
///
/// # Errors
/// Why they were not taken.
pub(super) fn webhook(
    plan: &Plan,
    source: &SourceName,
    bytes: &[u8],
    number: usize,
    at: Instant,
) -> Result<Delivery, Arc<str>> {
    let of = plan.sources.get(source).ok_or_else(|| Arc::from(format!("there is no source \"{source}\"")))?;
    let signed = inbound::sign(of.provider, SECRET, &format!("suite-{number}"), at, bytes);
    let headers = Headers::new(signed.unwrap_or_default());
    inbound::receive(plan, source, &headers, bytes, &[SECRET], at).map_err(|rejected| Arc::from(rejected.to_string()))
}

/// The person's identifiers among the fields of a row: addresses, and names at providers.
pub(super) fn identities(fields: &BTreeMap<FieldName, Value>) -> Vec<Identity> {
    let text = |name: &str| fields.get(name).and_then(Value::as_text);
    let kinds = IdentityKind::ALL.into_iter();
    kinds
        .filter_map(|kind| match (kind, text(kind.name())?) {
            (IdentityKind::Email, text) => Identity::email(text),
            (IdentityKind::Phone, text) => Identity::phone(text),
            (kind, text) => Some(Identity::new(kind, text)),
        })
        .collect()
}

fn delivery(
    person: &Person,
    told: &Told<'_>,
    source: SourceName,
    booking: Option<BookingNews>,
    data: BTreeMap<Arc<str>, Value>,
    contact: BTreeMap<FieldName, Value>,
) -> Delivery {
    let who = Who { identities: person.identities.to_vec(), ..Who::default() };
    let news = News { kind: told.kind.clone(), at: told.at, who: Some(who), booking, data, contact };
    Delivery {
        source,
        dedupe: format!("suite-{}", told.number).into(),
        received_at: told.at,
        raw: Arc::from(&b""[..]),
        parsed: Parsed::News(vec![news]),
        remarks: Vec::new(),
    }
}

/// What an event always has and a story need not say.
fn usual(name: &str, booking: Option<&BookingNews>) -> Option<Value> {
    Some(match name {
        "no_show" => Value::Bool(true),
        "reschedule_requested" => Value::Bool(false),
        "class" => Value::text("hard"),
        "previous_uid" => Value::text(&**booking?.previous_uid.as_ref()?),
        _ => return None,
    })
}

/// The booking that the story names, else the newest one.
fn latest<'p>(person: &'p Person, said: &BTreeMap<Arc<str>, Value>) -> Option<&'p Booking> {
    match said.get("uid").and_then(Value::as_text) {
        Some(uid) => person.bookings.values().find(|booking| booking.uids.iter().any(|known| **known == *uid)),
        None => person.bookings.values().next_back(),
    }
}

fn booking_news(told: &Told<'_>, latest: Option<&Booking>) -> Result<BookingNews, Arc<str>> {
    let no_show = told.data.get("no_show").and_then(Value::as_bool).unwrap_or(true);
    let kind = NewsKind::of_event(told.kind.as_str(), no_show)
        .ok_or_else(|| Arc::from(format!("\"{}\" is no news of a booking", told.kind)))?;
    let said = |name: &str| told.booking.get(name).and_then(Value::as_text).map(Arc::<str>::from);
    let own = || Arc::from(format!("suite-booking-{}", told.number));
    let week = || {
        let day = told.zone.add(told.at, Span::days(7));
        told.zone.at_time(day, TimeOfDay::new(10, 0).unwrap_or(TimeOfDay::MIDNIGHT))
    };
    let mut news = match (kind, latest) {
        (NewsKind::Created | NewsKind::Requested, _) => {
            let uid = said("uid").unwrap_or_else(own);
            let host = Host {
                name: Some(Arc::from("Dr. Example")),
                email: Some(Arc::from("host@example.com")),
                ..Host::default()
            };
            BookingNews { start: Some(week()), host: Some(host), ..BookingNews::bare(kind, uid, told.at) }
        }
        (_, None) => return Err(Arc::from("this person has no booking")),
        (NewsKind::Rescheduled, Some(known)) => BookingNews {
            previous_uid: known.uids.last().cloned(),
            previous_start: known.start,
            start: Some(week()),
            ..BookingNews::bare(kind, own(), told.at)
        },
        (_, Some(known)) => BookingNews::bare(kind, known.uids.last().cloned().unwrap_or_else(own), told.at),
    };
    for (name, value) in told.booking {
        match (&**name, value) {
            ("uid", _) => {}
            ("start", Value::Time(at)) => news.start = Some(*at),
            ("end", Value::Time(at)) => news.end = Some(*at),
            ("kind", Value::Text(text)) => news.booking_kind = Some(text.clone()),
            ("title", Value::Text(text)) => news.title = Some(text.clone()),
            ("zone", Value::Text(text)) => news.zone = Zone::parse(text),
            ("location", Value::Text(text)) => news.location = Some(text.clone()),
            ("video_url", Value::Text(text)) => news.video_url = Some(text.clone()),
            ("is_test", Value::Bool(is_test)) => news.is_test = Some(*is_test),
            _ => {
                news.fields.insert(FieldName::new(name), value.clone());
            }
        }
    }
    if let (Some(start), None) = (news.start, news.end) {
        news.end = Some(start.plus_ms(60 * MINUTE_MS));
    }
    Ok(news)
}

/// The kind of event, and what it tells, of something that a person does with a message of ours.
pub(super) fn of_message(
    kind: &'static str,
    channel: &ChannelName,
    more: &[(&str, Value)],
) -> (EventKind, BTreeMap<Arc<str>, Value>) {
    let mut data = BTreeMap::from([(Arc::from("channel"), Value::text(channel.as_str()))]);
    data.extend(more.iter().map(|(name, value)| (Arc::from(*name), value.clone())));
    (EventKind::new(kind), data)
}
