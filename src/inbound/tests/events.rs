//! The events API: what it takes, what it refuses and with which words.
use super::fixtures::{EVENTS_SECRET, at, body, news, plan, received_at, told};
use crate::{
    calendar::Instant,
    inbound::{Headers, Rejected, receive, receive_trusted, sign},
    plan::SourceProvider,
    record::{Delivery, EVENTS, NewsKind},
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const NOW: &str = "2026-11-29T09:00:02Z";

fn send(raw: &[u8]) -> Result<Delivery, Rejected> {
    let now = at(NOW);
    let mut headers = sign(SourceProvider::Events, EVENTS_SECRET, "msg_1", now, raw).unwrap();
    headers.push(("Content-Type", "application/cloudevents+json; charset=utf-8".to_owned()));
    receive(&plan(), &"own".into(), &Headers::new(headers), raw, &[EVENTS_SECRET], now)
}

fn event(of: &str, data: Json) -> Json {
    json!({
        "specversion": "1.0", "id": "ce-1", "source": "/crm", "type": of, "subject": "c_01",
        "time": "2026-11-29T10:00:00+01:00", "data": data
    })
}

fn sent(event: &Json) -> Result<Delivery, Rejected> {
    send(event.to_string().as_bytes())
}

/// The words with which it is refused.
fn refused(event: &Json) -> String {
    match sent(event) {
        Err(rejected @ Rejected::Invalid(_)) => rejected.to_string(),
        other => panic!("should have been refused: {other:?}"),
    }
}

#[test]
fn recorded_bodies_come_to_what_the_index_expects() {
    let file = "events_api/cloudevent.json";
    assert_eq!(received_at(file), at(NOW));
    assert_eq!(
        told(&send(body(file))),
        "patient.lapsed at 2026-11-29T09:00:00Z | who [ana.petrescu@example.com] | \
         data {email=\"ana.petrescu@example.com\", last_visit=\"2026-05-02\"}"
    );
    // bodies of /v1/track and /v1/identify are no CloudEvents
    for file in ["events_api/segment_identify.json", "events_api/segment_track.json"] {
        assert_eq!(told(&send(body(file))), "422", "{file}");
    }
}

#[test]
fn unsigned_stale_and_foreign_requests_are_refused() {
    let raw = body("events_api/cloudevent.json");
    let now = at(NOW);
    let headers =
        |at: Instant, secret: &str| Headers::new(sign(SourceProvider::Events, secret, "msg_1", at, raw).unwrap());
    let other = "whsec_ZHJpcGxpbmUtdGVzdC1zZWNyZXQtb25lLTMyYnl0ZSE=";
    for headers in [Headers::default(), headers(now.plus_ms(-301_000), EVENTS_SECRET), headers(now, other)] {
        let result = receive(&plan(), &"own".into(), &headers, raw, &[EVENTS_SECRET], now);
        assert_eq!(result, Err(Rejected::Unauthorised));
    }
    // a token stands for the signature
    assert!(receive_trusted(&plan(), &"own".into(), &Headers::default(), raw, now).is_ok());
}

#[test]
fn the_longest_end_of_the_type_names_the_event() {
    for (of, kind) in [
        ("com.example.patient.lapsed", "patient.lapsed"),
        ("patient.lapsed", "patient.lapsed"),
        ("com.example.lead.created", "lead.created"),
    ] {
        assert_eq!(news(&sent(&event(of, json!({}))).unwrap()).kind.as_str(), kind, "{of}");
    }
    let hint = refused(&event("com.example.patient.lapse", json!({})));
    assert!(hint.contains("did you mean \"patient.lapsed\"?"), "{hint}");
    let hint = refused(&event("zzz", json!({})));
    assert!(!hint.contains("did you mean"), "{hint}");
}

#[test]
fn events_of_the_program_itself_are_refused() {
    for internal in EVENTS.iter().filter(|event| event.internal) {
        let hint = refused(&event(&format!("com.example.{}", internal.name), json!({})));
        assert!(hint.contains("made by the program itself"), "{hint}");
    }
    let groups = ["sequence.", "campaign.", "approval."];
    let open = EVENTS.iter().filter(|event| groups.iter().any(|group| event.name.starts_with(group)));
    assert!(open.clone().count() > 5 && open.clone().all(|event| event.internal));
}

#[test]
fn people_are_named_by_subject_or_data() {
    let who = |subject: Json, data: Json| {
        let mut event = event("patient.lapsed", data);
        event["subject"] = subject;
        let delivery = sent(&event).unwrap();
        let who = news(&delivery).who.clone().unwrap();
        let mut all: Vec<String> =
            who.identities.iter().map(|one| format!("{}:{}", one.kind.name(), one.value)).collect();
        all.extend([who.first_name, who.last_name].into_iter().flatten().map(|name| name.to_string()));
        all.join(" ")
    };
    assert_eq!(who(json!("Ana@Example.com"), json!({})), "email:ana@example.com");
    assert_eq!(who(json!("+49 155 50100123"), json!({})), "phone:+4915550100123");
    assert_eq!(who(json!("patient-17"), json!({})), "own:patient-17");
    assert_eq!(who(json!(null), json!({ "phone": "0155 50100123" })), "phone:+4915550100123");
    let described =
        json!({ "email": "ana@example.com", "contact": { "name": "Ana Petrescu", "phone": "+1 876 555 0123" } });
    assert_eq!(who(json!("p1"), described), "own:p1 phone:+18765550123 email:ana@example.com Ana Petrescu");
    let zone = json!({ "contact": { "phone": "876 555 0123", "zone": "America/Jamaica", "id": "j-1" } });
    assert_eq!(who(json!(null), zone), "phone:+18765550123 own:j-1");

    let mut nobody = event("patient.lapsed", json!({ "phone": "12" }));
    nobody["subject"] = json!("");
    assert!(refused(&nobody).contains("names nobody"));
}

#[test]
fn fields_of_the_person_are_typed_by_their_declaration() {
    let contact = json!({
        "visits": "3", "interests": "botox", "birthday": "1990-02-28", "procedure": "Botox", "locale": "de",
        "score": 40, "is_test": true
    });
    let delivery = sent(&event("patient.lapsed", json!({ "contact": contact }))).unwrap();
    let fields: Vec<String> =
        news(&delivery).contact.iter().map(|(name, value)| format!("{name}={}", value.to_json())).collect();
    assert_eq!(
        fields,
        ["birthday=\"1990-02-28\"", "interests=[\"botox\"]", "procedure=\"botox\"", "score=40", "visits=3"]
    );
    let who = news(&delivery).who.as_ref().unwrap();
    assert_eq!((who.locale.as_deref(), who.is_test), (Some("de"), Some(true)));
    assert_eq!(delivery.remarks, Vec::<String>::new());

    let contact = json!({ "procedure": "laser", "unheard_of": 1, "created_at": "2020-01-01" });
    let delivery = sent(&event("patient.lapsed", json!({ "contact": contact }))).unwrap();
    assert!(news(&delivery).contact.is_empty());
    assert_eq!(delivery.remarks.len(), 3, "{:?}", delivery.remarks);
    for (contact, place) in [
        (json!({ "visits": "many" }), "data.contact.visits: expected a whole number"),
        (json!({ "birthday": "28.2.1990" }), "data.contact.birthday: expected a date"),
        (json!({ "zone": "Berlin" }), "data.contact.zone"),
        (json!("Ana"), "data.contact"),
    ] {
        let hint = refused(&event("patient.lapsed", json!({ "contact": contact })));
        assert!(hint.starts_with(place), "{hint}");
    }
}

#[test]
fn data_is_typed_by_the_declaration_and_the_rest_is_kept() {
    let delivery = sent(&event("patient.lapsed", json!({ "last_visit": "2026-05-02", "mood": { "a": [1] } }))).unwrap();
    assert!(told(&Ok(delivery)).ends_with("data {last_visit=\"2026-05-02\", mood={\"a\":[1]}}"));
    let hint = refused(&event("patient.lapsed", json!({ "last_visit": "in May" })));
    assert_eq!(hint, "data.last_visit: expected a date like 2027-03-26");
    let redeemed = sent(&event("offer.redeemed", json!({ "code": "W1", "value": "12.50 EUR" }))).unwrap();
    assert!(told(&Ok(redeemed)).contains("value=\"12.50 EUR\""));
    assert_eq!(refused(&event("offer.redeemed", json!({}))), "data.code is missing");
}

#[test]
fn opting_out_carries_channel_and_purpose() {
    let out = sent(&event("contact.opted_out", json!({ "channel": "sms", "purpose": "marketing" }))).unwrap();
    assert!(told(&Ok(out)).ends_with("data {channel=\"sms\", purpose=\"marketing\"}"));
    assert!(sent(&event("contact.opted_in", json!({}))).is_ok());
    let hint = refused(&event("contact.opted_out", json!({ "purpose": "adverts" })));
    assert!(hint.contains("transactional, service, marketing"), "{hint}");
}

#[test]
fn a_calendar_of_ones_own_may_tell_of_bookings() {
    let booking = json!({
        "uid": "b-2", "previous_uid": "b-1", "start": "2026-12-01T10:00:00-05:00", "end": "2026-12-01 16:00",
        "kind": "intro", "zone": "America/Jamaica", "price": "95.00 EUR", "procedure": "filler",
        "host": { "name": "Marcia", "email": "Marcia@example.org" }, "room": 3
    });
    let delivery = sent(&event("booking.rescheduled", json!({ "booking": booking, "by": "host" }))).unwrap();
    let told = told(&Ok(delivery.clone()));
    assert!(told.contains("uid b-2 | was b-1 | start 2026-12-01T15:00:00Z | end 2026-12-01T15:00:00Z | kind intro"));
    assert!(
        told.contains("price 9500 EUR | host marcia@example.org | data {by=\"host\", previous_uid=\"b-1\"}"),
        "{told}"
    );
    let news = news(&delivery).booking.as_ref().unwrap();
    assert_eq!(news.fields.len(), 2);

    let mark = json!({ "booking": { "uid": "b-2" }, "no_show": false });
    let delivery = sent(&event("booking.no_show", mark)).unwrap();
    assert_eq!(super::fixtures::news(&delivery).booking.as_ref().unwrap().kind, NewsKind::NoShow(false));
    let mut by_uid = event("booking.cancelled", json!({ "booking": { "uid": "b-2" } }));
    by_uid.as_object_mut().unwrap().remove("subject");
    assert_eq!(super::fixtures::news(&sent(&by_uid).unwrap()).who, None, "the uid tells whom it concerns");
    assert!(refused(&event("booking.created", json!({}))).starts_with("data.booking.uid"));
    let hint = refused(&event("booking.created", json!({ "booking": { "uid": "b", "start": "soon" } })));
    assert!(hint.starts_with("data.booking.start: expected a time"), "{hint}");
}

#[test]
fn the_outer_form_is_checked() {
    let with = |key: &str, value: Json| {
        let mut event = event("patient.lapsed", json!({}));
        event[key] = value;
        event
    };
    for (key, value) in [
        ("specversion", json!("0.3")),
        ("specversion", json!(null)),
        ("id", json!("")),
        ("id", json!(7)),
        ("source", json!("x".repeat(600))),
        ("type", json!(null)),
        ("datacontenttype", json!("text/xml")),
        ("data_base64", json!("e30=")),
        ("data", json!([1])),
        ("time", json!("2026-11-29 10:00")),
    ] {
        assert!(refused(&with(key, value.clone())).starts_with(key), "{key}: {value}");
    }
    for raw in ["", "{", "[]", "7", "\u{0}"] {
        assert_eq!(send(raw.as_bytes()).map_err(|rejected| rejected.status()), Err(400), "{raw}");
    }
    let now = at(NOW);
    let raw = b"[]";
    let batch = Headers::new([("Content-Type", "application/cloudevents-batch+json")]);
    let result = receive_trusted(&plan(), &"own".into(), &batch, raw, now);
    assert!(matches!(result, Err(Rejected::Invalid(hint)) if hint.starts_with("one event a request")));
}

#[test]
fn source_and_id_make_the_key() {
    let key = |source: &str, id: &str| {
        let mut event = event("patient.lapsed", json!({}));
        (event["source"], event["id"]) = (source.into(), id.into());
        sent(&event).unwrap().dedupe
    };
    assert_eq!(key("/a", "1"), key("/a", "1"));
    let different = [key("/a", "1"), key("/a", "2"), key("/a\",\"1", "2")];
    let unique: std::collections::BTreeSet<_> = different.iter().collect();
    assert_eq!(unique.len(), different.len());
}

#[test]
fn times_of_the_future_are_not_believed() {
    let mut event = event("patient.lapsed", json!({}));
    event["time"] = "2027-11-29T10:00:00+01:00".into();
    let delivery = sent(&event).unwrap();
    assert_eq!(news(&delivery).at, at(NOW));
    assert_eq!(delivery.remarks.len(), 1);
    event.as_object_mut().unwrap().remove("time");
    assert_eq!(news(&sent(&event).unwrap()).at, at(NOW));
}

proptest! {
    #[test]
    fn no_event_brings_it_down(
        of in proptest::sample::select(EVENTS.iter().map(|event| event.name).chain(["patient.lapsed"]).collect::<Vec<_>>()),
        subject in ".{0,40}",
        time in ".{0,30}",
        name in "[a-z_]{1,12}",
        value in ".{0,40}",
        raw in any::<Vec<u8>>(),
    ) {
        let data = json!({ &name: value, "booking": { "uid": value, &name: value }, "contact": { &name: value } });
        let mut event = event(of, data);
        event["subject"] = subject.into();
        let _ = sent(&event);
        event["time"] = time.into();
        let _ = sent(&event);
        let _ = receive_trusted(&plan(), &"own".into(), &Headers::default(), &raw, at(NOW));
    }
}
