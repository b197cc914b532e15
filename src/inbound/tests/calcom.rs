//! Cal.com's recorded bodies, each against what it has to come to, and the shapes that no recording shows.
use super::fixtures::{
    FILES, SECRET, at, body, headers, index, news, plan, receive_cal, receive_file, received_at, told,
};
use crate::{
    id::FieldName,
    inbound::{Headers, Rejected, receive, receive_trusted},
    plan::MapTo,
    record::{NewsKind, Parsed},
    value::Value,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// File and what it comes to, in the order of the index.
const TOLD: &[(&str, &str)] = &[
    (
        "calcom/booking_cancelled_ben.json",
        "booking.cancelled at 2026-11-25T17:02:09.412Z | \
         who [ben.okafor@example.org, Ben, Okafor, en, America/Jamaica] | uid 7Naob7PFKm9LMGJjtUpKQ6 | \
         start 2026-12-01T15:00:00Z | end 2026-12-01T15:30:00Z | kind intro | \
         host marcia@bluemountain.example.org | \
         data {by=\"attendee\", reason=\"Travelling that week\", reschedule_requested=false}",
    ),
    (
        "calcom/booking_cancelled_reschedule_requested.json",
        "booking.cancelled at 2026-11-20T09:00:00Z | \
         who [cora.blake@example.org, +12025550118, Cora, Blake, en, America/Jamaica] | \
         uid 774F8ToBQikCwTxJCW4b6H | start 2026-11-24T19:00:00Z | end 2026-11-24T19:30:00Z | kind intro | \
         host marcia@bluemountain.example.org | \
         data {by=\"host\", reason=\"Host is ill, please pick a new time\", reschedule_requested=true}",
    ),
    (
        "calcom/booking_created_ana.json",
        "booking.created at 2026-11-16T09:12:03.114Z | \
         who [ana.petrescu@example.com, +4915550100123, Ana, Petrescu, de, Europe/Berlin] | \
         uid 3aH17DHc5Bzj7nnKK1t9ox | start 2026-11-24T09:00:00Z | end 2026-11-24T09:45:00Z | kind intro | \
         in Lindenhofstr. 4, Berlin | host jana.lindner@praxis-lindenhof.example.com | \
         contact {heard_from=Empfehlung}",
    ),
    (
        "calcom/booking_created_ana_second.json",
        "booking.created at 2026-11-27T08:05:44.9Z | \
         who [ana.petrescu@example.com, +4915550100123, Ana, Petrescu, de, Europe/Berlin] | \
         uid UjBQSVF5LAn3BP6uiCGZT6 | start 2026-12-03T10:00:00Z | end 2026-12-03T10:45:00Z | kind intro | \
         in Lindenhofstr. 4, Berlin | host jana.lindner@praxis-lindenhof.example.com",
    ),
    (
        "calcom/booking_created_ben.json",
        "booking.created at 2026-11-19T22:10:15.33Z | \
         who [ben.okafor@example.org, Ben, Okafor, en, America/Jamaica] | uid 7Naob7PFKm9LMGJjtUpKQ6 | \
         start 2026-12-01T15:00:00Z | end 2026-12-01T15:30:00Z | kind intro | \
         video https://video.example.org/room-ben | host marcia@bluemountain.example.org",
    ),
    (
        "calcom/booking_created_fynn.json",
        "booking.created at 2026-11-17T07:00:00.222Z | \
         who [fynn.albers@example.com, +4915550100156, Fynn, Albers, de, Europe/Berlin] | \
         uid foTt9JQgEBt674mJUQRmdK | start 2026-11-23T08:00:00Z | end 2026-11-23T08:45:00Z | kind intro | \
         in Lindenhofstr. 4, Berlin | host jana.lindner@praxis-lindenhof.example.com",
    ),
    (
        "calcom/booking_paid_elif.json",
        "booking.paid at 2026-11-21T16:24:40.007Z | \
         who [elif.kaya@example.com, Elif, Kaya, de, Europe/Berlin] | uid aK1jGrfAB1ew6ncETrMMp2 | \
         start 2026-12-02T13:00:00Z | end 2026-12-02T13:45:00Z | kind nutrition | in Lindenhofstr. 4, Berlin | \
         price 9500 EUR | host jana.lindner@praxis-lindenhof.example.com | data {payment_id=611}",
    ),
    (
        "calcom/booking_payment_initiated_elif.json",
        "booking.payment_initiated at 2026-11-21T16:20:00.41Z | \
         who [elif.kaya@example.com, Elif, Kaya, de, Europe/Berlin] | uid aK1jGrfAB1ew6ncETrMMp2 | \
         start 2026-12-02T13:00:00Z | end 2026-12-02T13:45:00Z | kind nutrition | in Lindenhofstr. 4, Berlin | \
         price 9500 EUR | host jana.lindner@praxis-lindenhof.example.com | data {payment_id=611}",
    ),
    (
        "calcom/booking_rejected_dario.json",
        "booking.rejected at 2026-11-20T12:00:31.001Z | \
         who [dario.wendt@example.com, Dario, Wendt, de, Europe/Berlin] | uid nubvPED5CnLF67vzGcTRNz | \
         start 2026-11-30T08:00:00Z | end 2026-11-30T08:45:00Z | kind intro | in Lindenhofstr. 4, Berlin | \
         host jana.lindner@praxis-lindenhof.example.com | data {reason=\"Kein freier Raum\"}",
    ),
    (
        "calcom/booking_requested_dario.json",
        "booking.requested at 2026-11-20T10:11:12.131Z | \
         who [dario.wendt@example.com, +4915550100188, Dario, Wendt, de, Europe/Berlin] | \
         uid nubvPED5CnLF67vzGcTRNz | start 2026-11-30T08:00:00Z | end 2026-11-30T08:45:00Z | kind intro | \
         in Lindenhofstr. 4, Berlin | host jana.lindner@praxis-lindenhof.example.com",
    ),
    (
        "calcom/booking_rescheduled_ana.json",
        "booking.rescheduled at 2026-11-18T14:40:11.02Z | \
         who [ana.petrescu@example.com, +4915550100123, Ana, Petrescu, de, Europe/Berlin] | \
         uid ywUg2u8waHcNUucN46exwA | was 3aH17DHc5Bzj7nnKK1t9ox | start 2026-11-26T13:30:00Z | \
         end 2026-11-26T14:15:00Z | kind intro | in Lindenhofstr. 4, Berlin | \
         host jana.lindner@praxis-lindenhof.example.com | \
         data {by=\"attendee\", previous_start=\"2026-11-24T09:00:00Z\", previous_uid=\"3aH17DHc5Bzj7nnKK1t9ox\"}",
    ),
    ("calcom/custom_template.json", "422"),
    (
        "calcom/form_submitted.json",
        "form.submitted at 2026-11-20T18:00:00Z | who [greta.holm@example.com, +4915550100144, Greta, Holm] | \
         data {answers={\"Anliegen\":[\"Ernaehrung\"],\"email\":\"greta.holm@example.com\",\"name\":\"Greta Holm\",\"phone\":\"+4915550100144\"}, form=\"Anfrage\"}",
    ),
    (
        "calcom/form_submitted_no_event.json",
        "form.abandoned at 2026-11-20T18:15:01Z | who [greta.holm@example.com, +4915550100144, Greta, Holm] | \
         data {answers={\"Anliegen\":[\"Ernaehrung\"],\"email\":\"greta.holm@example.com\",\"name\":\"Greta Holm\",\"phone\":\"+4915550100144\"}, form=\"Anfrage\"}",
    ),
    (
        "calcom/guests_video_no_show.json",
        "booking.no_show at 2026-11-24T19:05:04.32Z | \
         who [cora.blake@example.org, Cora, Blake, en, America/Jamaica] | uid F3CnSSsiaz9u8PeJ1yTrcp | \
         start 2026-11-24T19:00:00Z | end 2026-11-24T19:30:00Z | kind intro | data {no_show=true}",
    ),
    (
        "calcom/hosts_video_no_show.json",
        "booking.host_no_show at 2026-11-24T20:05:03.1Z | \
         who [ben.okafor@example.org, Ben, Okafor, en, America/Jamaica] | uid z9gDZD17Sr54x8d8ci1c5C | \
         start 2026-11-24T20:00:00Z | end 2026-11-24T20:30:00Z | kind intro | \
         host marcia@bluemountain.example.org",
    ),
    ("calcom/meeting_ended_empty.json", "quarantined: the body is empty: no trigger name"),
    (
        "calcom/meeting_ended_flat_ana.json",
        "booking.ended at 2026-11-26T14:15:00Z | \
         who [ana.petrescu@example.com, +4915550100123, Ana, Petrescu, de, Europe/Berlin] | \
         uid ywUg2u8waHcNUucN46exwA | start 2026-11-26T13:30:00Z | end 2026-11-26T14:15:00Z | \
         booked 2026-11-18T14:40:10.5Z | kind intro | in Lindenhofstr. 4, Berlin | \
         host jana.lindner@praxis-lindenhof.example.com",
    ),
    (
        "calcom/meeting_ended_legacy_row.json",
        "booking.ended at 2026-11-19T10:45:00Z | who [elif.kaya@example.com, Elif, Kaya] | \
         uid o9SWNGs4XoqgpNurV3Mqb9 | start 2026-11-19T10:00:00Z | end 2026-11-19T10:45:00Z | \
         booked 2026-10-30T06:00:00Z | kind intro | in Lindenhofstr. 4, Berlin | \
         host jana.lindner@praxis-lindenhof.example.com",
    ),
    (
        "calcom/meeting_started_flat_ana.json",
        "booking.started at 2026-11-26T13:30:00Z | \
         who [ana.petrescu@example.com, +4915550100123, Ana, Petrescu, de, Europe/Berlin] | \
         uid ywUg2u8waHcNUucN46exwA | start 2026-11-26T13:30:00Z | end 2026-11-26T14:15:00Z | \
         booked 2026-11-18T14:40:10.5Z | kind intro | in Lindenhofstr. 4, Berlin | \
         host jana.lindner@praxis-lindenhof.example.com",
    ),
    (
        "calcom/no_show_marked_ana.json",
        "booking.no_show at 2026-11-26T14:31:20.774Z | who [ana.petrescu@example.com] | \
         uid ywUg2u8waHcNUucN46exwA | data {no_show=true}",
    ),
    (
        "calcom/no_show_marked_fynn.json",
        "booking.no_show at 2026-11-23T08:50:00Z | who [fynn.albers@example.com] | uid foTt9JQgEBt674mJUQRmdK | \
         data {no_show=true}",
    ),
    (
        "calcom/no_show_unmarked_fynn.json",
        "booking.no_show at 2026-11-23T08:54:31.663Z | who [fynn.albers@example.com] | \
         uid foTt9JQgEBt674mJUQRmdK | data {no_show=false}",
    ),
    ("calcom/ooo_created.json", "ignored: a host is out of office"),
    ("calcom/ping.json", "ignored: a ping"),
    ("calcom/ping_no_secret_header.json", "401"),
    ("calcom/recording_ready.json", "ignored: a recording is ready"),
];

#[test]
fn every_recorded_body_comes_to_what_the_index_expects() {
    let indexed: Vec<String> = index().iter().map(|entry| entry["file"].as_str().unwrap().to_owned()).collect();
    let ours: Vec<&str> = TOLD.iter().map(|(file, _)| *file).collect();
    assert_eq!(indexed.iter().filter(|file| file.starts_with("calcom/")).collect::<Vec<_>>(), ours);
    for (file, expected) in TOLD {
        let result = receive_file(file);
        assert_eq!(told(&result), *expected, "{file}");
        if let Ok(delivery) = result {
            assert_eq!(&*delivery.raw, body(file), "{file}: the raw body is kept");
            let again = receive_trusted(&plan(), &"cal".into(), &Headers::default(), body(file), received_at(file));
            assert_eq!(again, Ok(delivery), "{file}: a replay says the same");
        }
    }
}

#[test]
fn a_custom_template_is_refused_with_a_hint_and_kept() {
    let Err(Rejected::CustomTemplate(kept)) = receive_file("calcom/custom_template.json") else { panic!("was taken") };
    assert_eq!(&*kept.raw, body("calcom/custom_template.json"));
    assert!(matches!(kept.parsed, Parsed::Quarantined(_)));
    assert!(Rejected::CustomTemplate(kept).to_string().contains("Remove the template"));
}

#[test]
fn no_other_file_is_taken_with_a_signature_of_another() {
    let foreign = headers("calcom/booking_created_ana.json");
    for (file, raw) in FILES.iter().filter(|(file, _)| *file != "calcom/booking_created_ana.json") {
        let result = receive(&plan(), &"cal".into(), &foreign, raw, &[SECRET], at("2026-11-20T12:00:00Z"));
        assert_eq!(result, Err(Rejected::Unauthorised), "{file}");
    }
}

#[test]
fn sources_and_sizes_are_checked_first() {
    let now = at("2026-11-20T12:00:00Z");
    let unknown = receive(&plan(), &"nobody".into(), &Headers::default(), b"{}", &[SECRET], now);
    assert_eq!(unknown.map_err(|rejected| rejected.status()), Err(404));
    let large = vec![b' '; crate::inbound::MAX_BODY + 1];
    let result = receive(&plan(), &"cal".into(), &Headers::default(), &large, &[SECRET], now);
    assert_eq!(result.map_err(|rejected| rejected.status()), Err(413));
}

#[test]
fn what_is_signed_and_not_understood_is_kept() {
    for (raw, expected) in [
        ("false", "quarantined: the body is no object: a custom payload template broke on a value"),
        ("[]", "quarantined: the body is no JSON object"),
        ("content=A+new+event", "quarantined: the body is not JSON: a custom payload template may be set"),
        (r#"{"triggerEvent":"BOOKING_TELEPORTED","payload":{}}"#, "quarantined: the trigger name is unknown"),
        (r#"{"triggerEvent":"BOOKING_CREATED","payload":{}}"#, "quarantined: the booking has no uid"),
        (
            r#"{"triggerEvent":"BOOKING_NO_SHOW_UPDATED","payload":{"attendees":[]}}"#,
            "quarantined: the mark names no booking",
        ),
        (
            r#"{"triggerEvent":"BOOKING_NO_SHOW_UPDATED","payload":{"bookingUid":"x","attendees":[]}}"#,
            "quarantined: the mark does not say whether it is set",
        ),
        (
            r#"{"triggerEvent":"FORM_SUBMITTED","email":"root@example.com","payload":{"responses":{}}}"#,
            "quarantined: the form names neither e-mail nor phone",
        ),
        (
            r#"{"triggerEvent":"AFTER_GUESTS_CAL_VIDEO_NO_SHOW","payload":{"bookingId":7,"webhook":{}}}"#,
            "quarantined: the booking has no uid",
        ),
    ] {
        assert_eq!(told(&receive_cal(&plan(), raw)), expected, "{raw}");
    }
}

#[test]
fn the_test_button_comes_with_any_trigger_name() {
    for trigger in ["BOOKING_CREATED", "MEETING_ENDED", "FORM_SUBMITTED", "BOOKING_NO_SHOW_UPDATED", "PING"] {
        let nested = json!({ "triggerEvent": trigger, "payload": { "type": "Test", "title": "Test trigger event" } });
        let flat = json!({ "triggerEvent": trigger, "type": "Test", "title": "Test trigger event" });
        for body in [nested, flat] {
            let told = told(&receive_cal(&plan(), &body.to_string()));
            assert!(told.starts_with("ignored: "), "{trigger}: {told}");
        }
    }
}

#[test]
fn every_trigger_name_is_known() {
    let names = "BOOKING_CREATED BOOKING_RESCHEDULED BOOKING_REQUESTED BOOKING_CANCELLED BOOKING_REJECTED \
                 BOOKING_PAYMENT_INITIATED BOOKING_PAID BOOKING_NO_SHOW_UPDATED FORM_SUBMITTED \
                 FORM_SUBMITTED_NO_EVENT MEETING_STARTED MEETING_ENDED RECORDING_READY \
                 RECORDING_TRANSCRIPTION_GENERATED INSTANT_MEETING OOO_CREATED AFTER_HOSTS_CAL_VIDEO_NO_SHOW \
                 AFTER_GUESTS_CAL_VIDEO_NO_SHOW DELEGATION_CREDENTIAL_ERROR WRONG_ASSIGNMENT_REPORT PING";
    for name in names.split_whitespace() {
        let body = json!({ "triggerEvent": name, "payload": {} }).to_string();
        assert_ne!(told(&receive_cal(&plan(), &body)), "quarantined: the trigger name is unknown", "{name}");
    }
}

fn json_of(file: &str) -> Json {
    serde_json::from_slice(body(file)).unwrap()
}

#[test]
fn nested_and_flat_meetings_are_one_delivery() {
    let flat = json_of("calcom/meeting_ended_flat_ana.json");
    let mut inside = flat.clone();
    inside.as_object_mut().unwrap().remove("triggerEvent");
    let nested = json!({ "triggerEvent": "MEETING_ENDED", "createdAt": "2026-11-26T14:15:03Z", "payload": inside });
    let (flat, nested) =
        (receive_cal(&plan(), &flat.to_string()).unwrap(), receive_cal(&plan(), &nested.to_string()).unwrap());
    assert_eq!(flat.dedupe, nested.dedupe);
    assert_eq!(flat.parsed, nested.parsed);
}

#[test]
fn keys_tell_deliveries_apart_and_repetitions_together() {
    let key = |body: &Json| receive_cal(&plan(), &body.to_string()).unwrap().dedupe;
    let created = json_of("calcom/booking_created_ana.json");
    let mut noted = created.clone();
    noted["payload"]["additionalNotes"] = "other".into();
    assert_eq!(key(&created), key(&noted), "the same news with another note is a repetition");
    let mut later = created.clone();
    later["createdAt"] = "2026-11-16T09:12:04.114Z".into();
    assert_ne!(key(&created), key(&later));
    let mark = json_of("calcom/no_show_marked_fynn.json");
    for (path, value) in [("noShow", json!(false)), ("email", json!("other@example.com"))] {
        let mut other = mark.clone();
        other["payload"]["attendees"][0][path] = value;
        assert_ne!(key(&mark), key(&other), "{path}");
    }
    let mut ended = json_of("calcom/meeting_ended_flat_ana.json");
    let first = key(&ended);
    ended["createdAt"] = "2026-11-18T14:40:11Z".into();
    assert_eq!(first, key(&ended), "a meeting's createdAt is that of the booking");
    assert!(!format!("{:?}", key(&mark)).contains('@'), "a key holds no address");
}

#[test]
fn answers_are_mapped_opened_and_typed() {
    let procedure = |answer: Json| {
        let mut body = json_of("calcom/booking_created_ana.json");
        body["payload"]["responses"]["procedure"] = answer;
        let delivery = receive_cal(&plan(), &body.to_string()).unwrap();
        let news = news(&delivery);
        let booking = news.booking.as_ref().unwrap();
        assert_eq!(news.contact.get("procedure"), booking.fields.get("procedure"));
        (news.contact.get("procedure").map(ToString::to_string), delivery.remarks)
    };
    let fits = |answer: Json| assert_eq!(procedure(answer.clone()), (Some("botox".to_owned()), vec![]), "{answer}");
    fits(json!("botox"));
    fits(json!({ "label": "Procedure", "value": "Botox", "isHidden": false }));
    fits(json!({ "label": "Procedure", "value": ["botox"], "isHidden": false }));
    fits(json!({ "label": "Procedure", "value": { "optionValue": "", "value": "botox" } }));
    fits(json!({ "label": "Procedure", "value": { "optionValue": "botox", "value": "other" } }));
    let missing = |answer: Json| assert_eq!(procedure(answer.clone()), (None, vec![]), "{answer}");
    missing(json!({ "label": "Procedure", "isHidden": true }));
    missing(json!({ "label": "Procedure", "value": "" }));
    missing(json!({ "label": "Procedure", "value": [] }));
    missing(json!(null));
    let (value, remarks) = procedure(json!({ "label": "Procedure", "value": "secret wish" }));
    assert_eq!(value, None);
    assert_eq!(remarks.len(), 2, "{remarks:?}");
    assert!(remarks.iter().all(|remark| remark.contains("procedure") && !remark.contains("wish")), "{remarks:?}");
}

#[test]
fn a_mapped_phone_identifies_and_a_wrong_one_is_a_remark() {
    let mut plan = plan();
    let source = plan.sources.get_mut("cal").unwrap();
    source.map.insert(MapTo::Contact(FieldName::new("phone")), "responses.mobile".into());
    let mut body = json_of("calcom/booking_created_ben.json");
    body["payload"]["responses"]["mobile"] = json!({ "label": "Mobile", "value": "876 555 0143" });
    let delivery = receive_cal(&plan, &body.to_string()).unwrap();
    let phone = Value::text("+18765550143");
    assert_eq!(news(&delivery).contact.get("phone"), Some(&phone), "read in the zone of the attendee");
    let who = news(&delivery).who.as_ref().unwrap();
    assert_eq!(who.identity(crate::record::IdentityKind::Phone).map(|phone| &**phone), Some("+18765550143"));

    body["payload"]["responses"]["mobile"]["value"] = "12".into();
    body["payload"]["smsReminderNumber"] = "ask my assistant".into();
    let delivery = receive_cal(&plan, &body.to_string()).unwrap();
    assert_eq!(delivery.remarks, ["the phone number is none", "contact.phone: expected phone"]);
    assert_eq!(news(&delivery).who.as_ref().unwrap().identities.len(), 1);
}

#[test]
fn an_address_made_of_a_number_is_no_address() {
    let mut body = json_of("calcom/booking_created_fynn.json");
    body["payload"]["attendees"][0]["email"] = "4915550100156@sms.cal.com".into();
    body["payload"]["responses"]["email"]["value"] = "4915550100156@sms.cal.com".into();
    let delivery = receive_cal(&plan(), &body.to_string()).unwrap();
    let who = news(&delivery).who.as_ref().unwrap();
    let values: Vec<&str> = who.identities.iter().map(|identity| &*identity.value).collect();
    assert_eq!(values, ["+4915550100156"]);
}

#[test]
fn who_moved_or_cancelled_is_told_by_address() {
    for (by, side) in [
        (json!("Ben.Okafor@example.org"), Some("attendee")),
        (json!("marcia@bluemountain.example.org"), Some("host")),
        (json!("robot@example.org"), Some("system")),
        (json!(""), None),
        (json!(null), None),
    ] {
        let mut body = json_of("calcom/booking_cancelled_ben.json");
        body["payload"]["cancelledBy"] = by.clone();
        let delivery = receive_cal(&plan(), &body.to_string()).unwrap();
        assert_eq!(news(&delivery).data.get("by").and_then(Value::as_text), side, "{by}");
    }
}

#[test]
fn the_first_attendee_is_followed_and_the_others_counted() {
    let mut body = json_of("calcom/booking_created_ana.json");
    let guest = json!({ "email": "guest@example.com", "name": "A Guest", "timeZone": "Europe/Berlin" });
    body["payload"]["attendees"].as_array_mut().unwrap().extend([guest.clone(), guest]);
    let delivery = receive_cal(&plan(), &body.to_string()).unwrap();
    assert_eq!(delivery.remarks, ["attendees: 2 beside the first are not followed"]);
    assert!(told(&Ok(delivery)).contains("who [ana.petrescu@example.com,"));
}

#[test]
fn places_links_and_prices_are_only_what_a_person_can_use() {
    let booking = |change: &[(&str, Json)]| {
        let mut body = json_of("calcom/booking_created_ana.json");
        for (key, value) in change {
            body["payload"][key] = value.clone();
        }
        news(&receive_cal(&plan(), &body.to_string()).unwrap()).booking.clone().unwrap()
    };
    let page = "https://termin.praxis-lindenhof.example.com";
    let uid = "3aH17DHc5Bzj7nnKK1t9ox";
    let plain = booking(&[]);
    assert_eq!(plain.price, None, "0 usd is what stands where no price was set");
    assert_eq!(plain.reschedule_url.as_deref(), Some(format!("{page}/reschedule/{uid}").as_str()));
    assert_eq!(plain.cancel_url.as_deref(), Some(format!("{page}/booking/{uid}?cancel=true").as_str()));
    assert_eq!(plain.host.unwrap().booking_url.as_deref(), Some(format!("{page}/jana-lindner").as_str()));
    let closed = booking(&[("disableRescheduling", json!(true)), ("disableCancelling", json!(true))]);
    assert_eq!((closed.reschedule_url, closed.cancel_url), (None, None));
    assert_eq!(booking(&[("uid", json!("a/../b"))]).cancel_url, None);
    assert_eq!(booking(&[("bookerUrl", json!("javascript:alert(1)"))]).cancel_url, None);
    for place in ["integrations:daily", "inPerson", "phone", ""] {
        assert_eq!(booking(&[("location", json!(place))]).location, None, "{place}");
    }
    let link = booking(&[("location", json!("https://video.example.org/r"))]);
    assert_eq!((link.location, link.video_url.as_deref()), (None, Some("https://video.example.org/r")));
    let paid = booking(&[("price", json!(9500)), ("currency", json!("eur"))]);
    assert_eq!(paid.price, Some((9500, "EUR".into())));
    let own = booking(&[("metadata", json!({ "test": "true" }))]);
    assert_eq!(own.is_test, Some(true), "booking.is_test is mapped");
    assert_eq!(booking(&[("eventTypeId", json!(1))]).booking_kind.as_deref(), Some("erstgespraech"));
    let titled = booking(&[("eventTypeId", json!(1)), ("type", json!("Erstgespraech"))]);
    assert_eq!(titled.booking_kind, None, "a title is no slug");
    assert_eq!(booking(&[("endTime", json!(null))]).end, plain.end, "start and length give the end");
}

#[test]
fn a_broken_clock_is_remarked_and_the_receipt_stands_for_it() {
    let mut body = json_of("calcom/booking_created_ana.json");
    body["createdAt"] = "yesterday".into();
    let delivery = receive_cal(&plan(), &body.to_string()).unwrap();
    assert_eq!(news(&delivery).at, delivery.received_at);
    assert_eq!(delivery.remarks.len(), 1);
    body["payload"]["startTime"] = "soon".into();
    let delivery = receive_cal(&plan(), &body.to_string()).unwrap();
    assert!(delivery.remarks.contains(&"startTime is no time".to_owned()));
    assert_eq!(news(&delivery).booking.as_ref().unwrap().start, None);
}

#[test]
fn event_names_lead_back_to_kinds() {
    for absent in [true, false] {
        for (_, text) in TOLD.iter().filter(|(_, text)| text.starts_with("booking.")) {
            let name = text.split(' ').next().unwrap();
            let kind = NewsKind::of_event(name, absent).unwrap();
            assert_eq!(kind.event().as_str(), name);
        }
    }
    assert_eq!(NewsKind::of_event("booking.lost", true), None);
}

/// Any JSON, with the keys that the reader looks for.
fn any_json() -> impl Strategy<Value = Json> {
    let key = proptest::sample::select(vec![
        "triggerEvent",
        "payload",
        "uid",
        "attendees",
        "email",
        "responses",
        "value",
        "response",
        "label",
        "createdAt",
        "startTime",
        "endTime",
        "optionValue",
        "metadata",
        "organizer",
        "location",
        "noShow",
        "price",
        "length",
        "type",
    ]);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,20}".prop_map(Json::from),
        proptest::sample::select(vec!["BOOKING_CREATED", "MEETING_ENDED", "FORM_SUBMITTED", "2026-11-16T09:12:03Z"])
            .prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            proptest::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_bring_it_down(raw in any::<Vec<u8>>()) {
        let _ = receive_trusted(&plan(), &"cal".into(), &Headers::default(), &raw, at("2026-11-20T12:00:00Z"));
    }

    #[test]
    fn no_json_brings_it_down(
        inside in any_json(),
        file in proptest::sample::select(TOLD.iter().map(|(file, _)| *file).collect::<Vec<_>>()),
        place in any::<prop::sample::Index>(),
        whole in any_json(),
    ) {
        let mut changed = json_of(file);
        let root = if changed.get("payload").is_some() { &mut changed["payload"] } else { &mut changed };
        if let Some(parts) = root.as_object_mut().filter(|parts| !parts.is_empty()) {
            let key = parts.keys().nth(place.index(parts.len())).unwrap().clone();
            parts.insert(key, inside);
        }
        for body in [changed, whole] {
            let raw = body.to_string();
            let _ = receive_trusted(&plan(), &"cal".into(), &Headers::default(), raw.as_bytes(), at("2026-11-20T12:00:00Z"));
        }
    }
}
