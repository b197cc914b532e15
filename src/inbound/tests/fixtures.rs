//! Recorded requests and a project to receive them.
use crate::{
    calendar::{Instant, Zone},
    id::{EventKind, FieldName, SourceName},
    inbound::{Headers, Rejected, receive},
    plan::{EventDecl, FieldDecl, MapTo, Plan, Secret, Source, SourceProvider},
    record::{Delivery, News, Parsed},
    value::Type,
};
use serde_json::Value as Json;
use std::{collections::BTreeMap, sync::Arc};

macro_rules! files {
    ($($path:literal)*) => {
        pub(crate) const FILES: &[(&str, &[u8])] =
            &[$(($path, include_bytes!(concat!("../../../tests/fixtures/", $path)))),*];
    };
}

files! {
    "calcom/booking_cancelled_ben.json"
    "calcom/booking_cancelled_reschedule_requested.json"
    "calcom/booking_created_ana.json"
    "calcom/booking_created_ana_second.json"
    "calcom/booking_created_ben.json"
    "calcom/booking_created_fynn.json"
    "calcom/booking_paid_elif.json"
    "calcom/booking_payment_initiated_elif.json"
    "calcom/booking_rejected_dario.json"
    "calcom/booking_requested_dario.json"
    "calcom/booking_rescheduled_ana.json"
    "calcom/custom_template.json"
    "calcom/form_submitted.json"
    "calcom/form_submitted_no_event.json"
    "calcom/guests_video_no_show.json"
    "calcom/hosts_video_no_show.json"
    "calcom/meeting_ended_empty.json"
    "calcom/meeting_ended_flat_ana.json"
    "calcom/meeting_ended_legacy_row.json"
    "calcom/meeting_started_flat_ana.json"
    "calcom/no_show_marked_ana.json"
    "calcom/no_show_marked_fynn.json"
    "calcom/no_show_unmarked_fynn.json"
    "calcom/ooo_created.json"
    "calcom/ping.json"
    "calcom/ping_no_secret_header.json"
    "calcom/recording_ready.json"
    "events_api/cloudevent.json"
    "events_api/segment_identify.json"
    "events_api/segment_track.json"
    "outgoing/sequence_completed.json"
}

pub(crate) const SECRET: &str = "cal-test-secret-lindenhof-01";
pub(crate) const EVENTS_SECRET: &str = "whsec_ZHJpcGxpbmUtdGVzdC1ldmVudHMtaW4tMzJieXRlcyE=";

pub(crate) fn body(file: &str) -> &'static [u8] {
    FILES.iter().find(|(name, _)| *name == file).unwrap_or_else(|| panic!("no fixture {file}")).1
}

/// What the index says of a fixture.
pub(crate) fn index() -> Vec<Json> {
    let index: Json = serde_json::from_str(include_str!("../../../tests/fixtures/INDEX.json")).unwrap();
    index["files"].as_array().unwrap().clone()
}

fn entry(file: &str) -> Json {
    index().into_iter().find(|entry| entry["file"] == file).unwrap_or_else(|| panic!("{file} is not in the index"))
}

pub(crate) fn headers(file: &str) -> Headers {
    let entry = entry(file);
    Headers::new(entry["headers"].as_object().unwrap().iter().map(|(name, value)| (name, value.as_str().unwrap())))
}

pub(crate) fn received_at(file: &str) -> Instant {
    Instant::parse_rfc3339(entry(file)["received_at"].as_str().unwrap()).unwrap()
}

/// A fixture of Cal.com with its recorded headers.
pub(crate) fn receive_file(file: &str) -> Result<Delivery, Rejected> {
    receive(&plan(), &"cal".into(), &headers(file), body(file), &[SECRET], received_at(file))
}

/// A body of our own, signed.
pub(crate) fn receive_cal(plan: &Plan, body: &str) -> Result<Delivery, Rejected> {
    let headers = crate::inbound::sign(SourceProvider::Calcom, SECRET, "", Instant(0), body.as_bytes()).unwrap();
    receive(plan, &"cal".into(), &Headers::new(headers), body.as_bytes(), &[SECRET], at("2026-11-20T12:00:00Z"))
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// The one piece of news of a delivery.
pub(crate) fn news(delivery: &Delivery) -> &News {
    match &delivery.parsed {
        Parsed::News(news) if news.len() == 1 => &news[0],
        other => panic!("expected one piece of news, got {other:?}"),
    }
}

fn field(of: Type) -> FieldDecl {
    FieldDecl { of, default: None, label: None, sensitive: None }
}

fn source(provider: SourceProvider) -> Source {
    Source {
        provider,
        secret: Secret::Variable("SECRET".into()),
        kinds: BTreeMap::new(),
        map: BTreeMap::new(),
        clinic: None,
        link: None,
    }
}

/// A practice in Berlin with a Cal.com source `cal`, an events source `own` and a few fields.
pub(crate) fn plan() -> Plan {
    let text = |text: &str| Arc::<str>::from(text);
    let mut cal = source(SourceProvider::Calcom);
    cal.kinds = [("7001", "intro"), ("8002", "intro"), ("7003", "nutrition")].map(|(k, v)| (text(k), text(v))).into();
    let map = [
        (MapTo::Contact("heard_from".into()), "responses.how-did-you-hear"),
        (MapTo::Contact("procedure".into()), "responses.procedure"),
        (MapTo::Booking("procedure".into()), "responses.procedure"),
        (MapTo::Booking("is_test".into()), "metadata.test"),
    ];
    cal.map = map.map(|(to, path)| (to, text(path))).into();
    let choice = Type::Choice([text("botox"), text("filler")].into());
    let fields: [(FieldName, FieldDecl); 5] = [
        ("heard_from".into(), field(Type::Text)),
        ("procedure".into(), field(choice)),
        ("visits".into(), field(Type::Integer)),
        ("interests".into(), field(Type::List(Box::new(Type::Text)))),
        ("birthday".into(), field(Type::Date)),
    ];
    let lapsed = EventDecl { fields: [(text("last_visit"), Type::Date)].into() };
    let lead = EventDecl { fields: [(text("landing_page"), Type::Text)].into() };
    let events: [(EventKind, EventDecl); 2] = [("patient.lapsed".into(), lapsed), ("lead.created".into(), lead)];
    let sources: [(SourceName, Source); 2] = [("cal".into(), cal), ("own".into(), source(SourceProvider::Events))];
    let mut plan = Plan::bare("lindenhof", Zone::parse("Europe/Berlin").unwrap());
    plan.locales = vec![text("de")];
    (plan.fields, plan.events, plan.sources) = (fields.into(), events.into(), sources.into());
    plan.indexed()
}

/// What a request came to, in one line a test can compare.
pub(crate) fn told(result: &Result<Delivery, Rejected>) -> String {
    let delivery = match result {
        Ok(delivery) => delivery,
        Err(rejected) => return format!("{}", rejected.status()),
    };
    let news = match &delivery.parsed {
        Parsed::News(_) => news(delivery),
        Parsed::Ignored(what) => return format!("ignored: {what}"),
        Parsed::Quarantined(why) => return format!("quarantined: {why}"),
    };
    let mut parts = vec![format!("{} at {}", news.kind, news.at)];
    let who = news.who.iter().flat_map(|who| {
        let identities = who.identities.iter().map(|identity| identity.value.to_string());
        let named = [&who.first_name, &who.last_name, &who.locale].into_iter().flatten().map(ToString::to_string);
        identities.chain(named).chain(who.zone.iter().map(|zone| zone.name().to_owned())).collect::<Vec<_>>()
    });
    parts.push(format!("who [{}]", who.collect::<Vec<_>>().join(", ")));
    if let Some(booking) = &news.booking {
        assert_eq!(news.kind, booking.kind.event(), "the news and its booking speak of different events");
        parts.push(format!("uid {}", booking.uid));
        let previous = booking.previous_uid.as_ref().map(|uid| format!("was {uid}"));
        let times = [("start", booking.start), ("end", booking.end), ("booked", booking.booked_at)];
        let times = times.into_iter().filter_map(|(name, at)| Some(format!("{name} {}", at?)));
        let texts = [("kind", &booking.booking_kind), ("in", &booking.location), ("video", &booking.video_url)];
        let texts = texts.into_iter().filter_map(|(name, text)| Some(format!("{name} {}", text.as_ref()?)));
        let price = booking.price.as_ref().map(|(minor, currency)| format!("price {minor} {currency}"));
        let host = booking.host.as_ref().and_then(|host| host.email.as_ref()).map(|email| format!("host {email}"));
        parts.extend(previous.into_iter().chain(times).chain(texts).chain(price).chain(host));
    }
    let data: Vec<String> = news.data.iter().map(|(name, value)| format!("{name}={}", value.to_json())).collect();
    if !data.is_empty() {
        parts.push(format!("data {{{}}}", data.join(", ")));
    }
    let fields: Vec<String> = news.contact.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if !fields.is_empty() {
        parts.push(format!("contact {{{}}}", fields.join(", ")));
    }
    parts.push(delivery.remarks.join("; "));
    parts.join(" | ").trim_end_matches(" | ").to_owned()
}
