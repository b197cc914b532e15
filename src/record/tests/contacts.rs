//! What a contact learns, shows and takes.
use crate::{
    calendar::{Instant, Zone},
    id::{ContactId, FieldName},
    record::{
        CONTACT_FIELDS, Contact, EVENTS, Identity, IdentityKind, Who, built_in, carries_booking, contact_field,
        split_name,
    },
    value::Value,
};
use std::sync::Arc;

fn contact() -> Contact {
    Contact::new(ContactId(7), Instant(1000))
}

fn who(email: &str, first: &str) -> Who {
    Who {
        identities: Identity::email(email).into_iter().chain(Identity::phone("+4915550100123")).collect(),
        first_name: Some(Arc::from(first)),
        zone: Zone::parse("Europe/Berlin"),
        ..Who::default()
    }
}

#[test]
fn a_contact_learns_what_it_does_not_know() {
    let mut ana = contact();
    let changed: Vec<String> = ana.learn(&who("Ana@Example.com", "Ana")).iter().map(ToString::to_string).collect();
    assert_eq!(changed, ["email", "phone", "first_name", "zone"]);
    assert_eq!(ana.learn(&who("other@example.com", "Anna")), []);
    assert_eq!(ana.email.as_deref(), Some("ana@example.com"));
    assert_eq!(ana.full_name().as_deref(), Some("Ana"));
    ana.fields.insert("first_name".into(), Value::text(""));
    assert_eq!(ana.learn(&who("x@example.com", "Anna")), [FieldName::new("first_name")], "an empty name is none");
}

#[test]
fn a_test_mark_is_never_taken_back_by_a_delivery() {
    let mut ana = contact();
    let marked = |is_test| Who { is_test, ..Who::default() };
    assert_eq!(ana.learn(&marked(Some(false))), []);
    assert_eq!(ana.learn(&marked(Some(true))), [FieldName::new("is_test")]);
    assert_eq!(ana.learn(&marked(Some(false))), []);
    assert!(ana.is_test);
}

#[test]
fn a_phone_tells_the_zone_until_the_person_does() {
    let mut ben = contact();
    assert_eq!(ben.local_zone(), None);
    ben.phone = Some(Arc::from("+18765550143"));
    assert_eq!(ben.local_zone(), Zone::parse("America/Jamaica"));
    ben.zone = Zone::parse("Europe/Berlin");
    assert_eq!(ben.local_zone(), Zone::parse("Europe/Berlin"));
}

#[test]
fn what_is_set_is_what_is_read() {
    let mut ana = contact();
    for (name, value) in [
        ("email", Value::text("ana@example.com")),
        ("phone", Value::text("+4915550100123")),
        ("locale", Value::text("de")),
        ("zone", Value::text("Europe/Berlin")),
        ("clinic", Value::text("mitte")),
        ("score", Value::Int(-3)),
        ("warm", Value::Bool(true)),
        ("is_test", Value::Bool(true)),
        ("last_visit_at", Value::Time(Instant(5))),
        ("next_booking_at", Value::Time(Instant(6))),
        ("tags", Value::List(vec![Value::text("a"), Value::text("b")])),
        ("first_name", Value::text("Ana")),
        ("procedure", Value::text("botox")),
    ] {
        let field = FieldName::new(name);
        assert!(ana.set(&field, value.clone()), "{name}");
        assert_eq!(ana.field(name), value, "{name}");
        assert!(!ana.set(&field, value), "{name}: the same again changes nothing");
        assert!(ana.set(&field, Value::Missing), "{name}: can be cleared");
        assert!(!ana.set(&field, Value::Missing), "{name}");
    }
    assert_eq!(ana, contact(), "cleared as if nothing had been");
}

#[test]
fn what_does_not_fit_stays_out() {
    let mut ana = contact();
    ana.learn(&who("ana@example.com", "Ana"));
    let before = ana.clone();
    for (name, value) in [
        ("email", Value::text("no address")),
        ("email", Value::Int(1)),
        ("phone", Value::text("0155 501")),
        ("zone", Value::text("Berlin")),
        ("zone", Value::Bool(true)),
        ("score", Value::text("5")),
        ("warm", Value::text("yes")),
        ("tags", Value::text("vip")),
        ("last_visit_at", Value::text("yesterday")),
        ("id", Value::text("9")),
        ("created_at", Value::Time(Instant(9))),
        ("last_inbound_at", Value::Time(Instant(9))),
    ] {
        assert!(!ana.set(&FieldName::new(name), value), "{name}");
    }
    assert_eq!(ana, before);
}

#[test]
fn a_name_is_kept_as_its_parts() {
    let mut ana = contact();
    let name = FieldName::new("name");
    assert!(ana.set(&name, Value::text("Ana Maria  Petrescu")));
    assert_eq!(ana.field("first_name"), Value::text("Ana Maria"));
    assert_eq!(ana.field("last_name"), Value::text("Petrescu"));
    assert_eq!(ana.field("name"), Value::text("Ana Maria Petrescu"));
    assert!(ana.set(&name, Value::text("Ana")));
    assert_eq!((ana.field("name"), ana.field("last_name")), (Value::text("Ana"), Value::Missing));
    assert_eq!(split_name("  "), (None, None));
}

#[test]
fn identities_are_normalised_or_refused() {
    for (text, email) in [
        (" Ana@Example.COM ", Some("ana@example.com")),
        ("a@b", Some("a@b")),
        ("ana", None),
        ("@example.com", None),
        ("ana@", None),
        ("a@b@example.com", None),
        ("a@example.com,b@example.com", None),
        ("Ana <ana@example.com>", None),
        ("a@example.com\r\nBcc: b@example.com", None),
    ] {
        assert_eq!(Identity::email(text).map(|one| one.value).as_deref(), email, "{text}");
    }
    for (text, valid) in [("+4915550100123", true), ("4915550100123", false), ("+0123456789", false), ("+1", false)] {
        assert_eq!(Identity::phone(text).is_some(), valid, "{text}");
    }
    assert_eq!(Identity::own(" p-1 ").map(|one| one.value).as_deref(), Some("p-1"));
    assert_eq!(Identity::own("\u{0}"), None);
    for kind in IdentityKind::ALL {
        assert_eq!(IdentityKind::parse(kind.name()), Some(kind));
    }
}

#[test]
fn the_catalogue_answers_by_name() {
    for (name, of, _) in CONTACT_FIELDS {
        assert_eq!(contact_field(name), Some(*of));
    }
    assert_eq!(contact_field("procedure"), None);
    for event in EVENTS {
        assert_eq!(built_in(event.name), Some(event));
        assert_eq!(carries_booking(event.name), event.name.starts_with("booking."));
        for field in event.fields {
            assert_eq!(event.field(field.name), Some(field));
        }
    }
    assert!(!carries_booking("booking.by_hand"), "an event of one's own carries no booking");
}
