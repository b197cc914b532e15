//! What readers are shown.
use super::OnDisk;
use crate::{
    calendar::Instant,
    engine::{
        DueWhat, Store, Turn,
        conformance::{START, change, closed_send, enrolled, sample_plan},
        parse_public, public_text,
    },
    id::{ChannelName, ContactId, FieldName, SendId},
    journey::{Outcome, Sending},
    record::{Identity, IdentityKind},
    store::Count,
    value::Value,
};

fn people(disk: &mut OnDisk) {
    let plan = sample_plan();
    let known =
        [("Zoë", "ÖZTÜRK", "zoë@example.com", "+4915550001"), ("Ana", "Example", "ana@example.org", "+12025550143")];
    for (who, (first, last, mail, phone)) in (1..).zip(known) {
        change(disk, &plan, who, START, |person, kept, _| {
            person.contact.fields.insert(FieldName::new("first_name"), Value::text(first));
            person.contact.fields.insert(FieldName::new("last_name"), Value::text(last));
            let mail = Identity::new(IdentityKind::Email, mail);
            person.identities = vec![mail, Identity::new(IdentityKind::Phone, phone)].into();
            kept.identities.clone_from(&person.identities);
        });
    }
}

#[test]
fn people_are_found_by_whatever_is_known() {
    let mut disk = OnDisk::new();
    people(&mut disk);
    let mut reader = disk.reader();
    let mut found = |text: &str| -> Vec<i64> { reader.find(text, 9).unwrap().iter().map(|card| card.id.0).collect() };
    assert_eq!(found("özt"), [1], "letters beyond ASCII have a lower case too");
    assert_eq!(found("ZOË öz"), [1]);
    assert_eq!(found("e"), [2], "Zoë has none");
    assert_eq!(found("Zoë@Example.com "), [1]);
    assert_eq!(found("+1 (202) 555-0143"), [2]);
    assert_eq!(found("2"), [2]);
    assert_eq!(found("nobody@example.com"), [0; 0]);
    assert_eq!(found(""), [0; 0]);
    let card = disk.reader().find("1", 9).unwrap().remove(0);
    assert!(card.public.starts_with("con_") && card.public.len() == 30, "{}", card.public);
    assert_eq!(
        disk.reader().find(&card.public.to_uppercase().replace("CON_", "con_"), 9).unwrap(),
        std::slice::from_ref(&card)
    );
    let id = parse_public(&card.public).unwrap();
    assert_eq!(public_text(&id), card.public);
    let stamp = uuid::Uuid::from_bytes(id);
    assert_eq!(stamp.get_version_num(), 7);
    assert_eq!(stamp.get_timestamp().unwrap().to_unix().0, START as u64 / 1000);
}

#[test]
fn numbers_add_up() {
    let plan = sample_plan();
    let mut disk = OnDisk::new();
    disk.publish(&plan, "test", Instant(START)).unwrap();
    for who in 1..=3 {
        let mut turn = disk.store.turn(&plan).unwrap();
        enrolled(&mut turn, &plan, who, START + who);
        turn.commit().unwrap();
    }
    for outcome in [Outcome::Sent, Outcome::Unknown] {
        closed_send(&mut disk, 1, outcome);
    }
    change(&mut disk, &plan, 2, START, |person, kept, ids| {
        let mut waits = crate::engine::conformance::aside(person, ids);
        waits.state = Sending::Waiting(Instant(START + 5));
        kept.new_sends.insert(waits.id);
        person.sends.push(waits);
    });
    let mut reader = disk.reader();
    let status = reader.status(Instant(START + 2)).unwrap();
    assert!(status.adds_up(), "{status:?}");
    assert_eq!((status.contacts, status.active_runs, status.orphaned, status.unknown), (3, 3, 0, 1));
    assert_eq!(status.due_in_a_day, 4);
    assert_eq!(status.oldest_overdue, Some(Instant(START + 1)));
    assert_eq!(status.open_sends.get("waiting"), Some(&1));
    let totals = [Count::Due, Count::Sent, Count::Unknown, Count::Entered].map(|what| status.total(what));
    assert_eq!(totals, [3, 1, 1, 3]);
    assert_eq!(status.census.len(), 1);
    assert_eq!((status.census[0].people, status.census[0].waits), (3, "time"));
    assert_eq!(reader.status(Instant(START)).unwrap().oldest_overdue, None);

    let next: Vec<DueWhat> = reader.next_due(ContactId(2)).unwrap().into_iter().map(|row| row.what).collect();
    assert!(matches!(&next[..], [DueWhat::Run { .. }, DueWhat::Send { send: SendId(3) }]), "{next:?}");
    assert_eq!(reader.unknown().unwrap().len(), 1);
    let days = reader.stats(START / 86_400_000, START / 86_400_000).unwrap();
    assert!(
        days.iter()
            .any(|row| row.what == Count::Sent && row.channel == Some(ChannelName::new("sms")) && row.count == 1)
    );
}

#[test]
fn an_unknown_send_that_proves_sent_moves_in_the_numbers() {
    let plan = sample_plan();
    let mut disk = OnDisk::new();
    let unknown = closed_send(&mut disk, 1, Outcome::Unknown);
    for _ in 0..2 {
        change(&mut disk, &plan, 1, START, |person, kept, _| {
            let mut sent = unknown.clone();
            sent.state = Sending::Closed(Outcome::Sent);
            kept.sends.insert(sent.id);
            person.sends.push(sent);
        });
    }
    let status = disk.reader().status(Instant(START)).unwrap();
    assert!(status.adds_up());
    assert_eq!([Count::Sent, Count::Unknown].map(|what| status.total(what)), [1, 0]);
}

#[test]
fn the_log_turns_its_pages() {
    let mut disk = OnDisk::new();
    for _ in 0..5 {
        closed_send(&mut disk, 1, Outcome::Sent);
    }
    let mut reader = disk.reader();
    let first: Vec<i64> = reader.log(None, 2).unwrap().iter().map(|row| row.send.0).collect();
    let next: Vec<i64> = reader.log(Some(SendId(4)), 9).unwrap().iter().map(|row| row.send.0).collect();
    assert_eq!((first, next), (vec![5, 4], vec![3, 2, 1]));
    assert_eq!(reader.ledger(ContactId(1)).unwrap().len(), 5);
    assert_eq!(reader.by_provider("provider-5").unwrap()[0].send, SendId(5));
    assert!(reader.by_provider("provider-6").unwrap().is_empty());
}

#[test]
fn a_plan_is_read_back_as_it_was_published() {
    let plan = sample_plan();
    let mut disk = OnDisk::new();
    assert!(disk.reader().plan().unwrap().is_none());
    disk.publish(&plan, "test", Instant(START)).unwrap();
    let (version, read) = disk.reader().plan().unwrap().unwrap();
    assert_eq!(version, 1);
    assert_eq!(read, plan);
}

#[test]
fn an_address_finds_the_people_of_every_clinic() {
    let mut disk = OnDisk::new();
    let plan = sample_plan();
    for (who, clinic) in [(1, "kingston"), (2, "north")] {
        let clinic = Some(crate::id::ClinicName::new(clinic));
        change(&mut disk, &plan, who, START, |person, kept, _| {
            person.contact.clinic.clone_from(&clinic);
            let mail = Identity::new(IdentityKind::Email, "ana@example.com");
            person.identities = vec![Identity { clinic: clinic.clone(), ..mail }].into();
            kept.identities.clone_from(&person.identities);
        });
    }
    let found = disk.reader().find("ana@example.com", 9).unwrap();
    let found: Vec<_> = found.iter().map(|card| (card.id.0, card.clinic.as_ref().unwrap().as_str())).collect();
    assert_eq!(found, [(1, "kingston"), (2, "north")]);
}
