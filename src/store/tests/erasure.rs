//! Erasure on a disk: the data map against the tables, and the bytes of the file.
use super::OnDisk;
use crate::{
    calendar::{CivilDate, Instant, Span},
    engine::{
        Kept, Store, Turn,
        conformance::{START, change, erase, sample_plan, somebody_whole},
    },
    id::{ChannelName, ContactId, DedupeKey, DeliveryId, FieldName, OfferName, SendId, SourceName},
    journey::{Person, Redemption},
    plan::Plan,
    record::{ConsentEntry, ConsentState, Delivery, Identity, Parsed},
    value::Value,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

const NOW: i64 = START + 86_400_000;
/// Its eight bytes are a word.
const COUNT: i64 = i64::from_be_bytes(*b"\0canary!");

/// One line of the map: table, columns, what becomes of them.
fn map() -> Vec<(String, Vec<String>, String)> {
    let text = include_str!("../data_map.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [table, columns, export, erase, retention] = cells[..] else { panic!("five cells: {line}") };
            assert!(["yes", "no"].contains(&export) && !retention.is_empty(), "{line}");
            assert!(["deleted", "blanked", "replaced", "kept", "none"].contains(&erase), "{line}");
            (table.to_owned(), columns.split(' ').map(str::to_owned).collect(), erase.to_owned())
        })
        .collect()
}

fn names(disk: &OnDisk, text: &str) -> Vec<String> {
    let mut statement = disk.store.db.prepare(text).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// A new table or column has to say what it holds of people before it can be used.
#[test]
fn every_table_and_column_has_a_row_in_the_data_map() {
    let disk = OnDisk::new();
    let mut told: BTreeSet<(String, String)> = BTreeSet::new();
    for (table, columns, _) in map() {
        let columns = if columns == ["*"] { columns_of(&disk, &table) } else { columns };
        for column in columns {
            assert!(told.insert((table.clone(), column.clone())), "{table}.{column} stands there twice");
        }
    }
    let tables = names(&disk, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    let known =
        tables.iter().flat_map(|table| columns_of(&disk, table).into_iter().map(move |column| (table.clone(), column)));
    let known: BTreeSet<(String, String)> = known.collect();
    assert_eq!(told.difference(&known).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not in the tables");
    assert_eq!(known.difference(&told).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not in the data map");
}

fn columns_of(disk: &OnDisk, table: &str) -> Vec<String> {
    names(disk, &format!("SELECT name FROM pragma_table_info('{table}')"))
}

fn values() -> Vec<(&'static str, Value)> {
    let item = |number: i64| Value::text(format!("canary item {number}"));
    let nested = BTreeMap::from([(Arc::from("canary_key"), Value::text("canary inside"))]);
    vec![
        ("first_name", Value::text("Canary-Ana")),
        ("last_name", Value::text("O'Canary")),
        ("address", Value::text("canary street 5")),
        ("own_text", Value::text("canary ".repeat(900))),
        ("own_list", Value::List((0..40).map(item).collect())),
        ("own_map", Value::Map(nested)),
        ("own_number", Value::Int(COUNT)),
        ("own_real", Value::Num(f64::from_bits(COUNT as u64))),
        ("own_money", Value::Money(COUNT, Arc::from("canary money"))),
        ("own_date", Value::Date(CivilDate::parse("1977-07-07").unwrap())),
        ("own_time", Value::Time(Instant(COUNT))),
        ("own_span", Value::Duration(Span::exact(COUNT as u64))),
        ("own_truth", Value::Bool(true)),
        ("canary_field", Value::text("x")),
    ]
}

fn delivery(number: usize, parsed: Parsed, raw: &str) -> Delivery {
    Delivery {
        source: SourceName::new("cal"),
        dedupe: DedupeKey::new(format!("k{number}")),
        received_at: Instant(START),
        raw: Arc::from(raw.as_bytes()),
        parsed,
        remarks: vec!["canary remark about canary@example.com".to_owned()],
    }
}

/// As they came: taken in, of no use, not understood.
fn delivered(disk: &mut OnDisk, plan: &Plan) -> Option<DeliveryId> {
    let mut turn = disk.store.turn(plan).unwrap();
    let news = turn.accept(&delivery(1, Parsed::News(Vec::new()), r#"{"said":"canary, as it came"}"#)).unwrap();
    let raw = r#"{"ping":"canary","to":"CANARY\u0040example.com"}"#;
    turn.accept(&delivery(2, Parsed::Ignored("ping"), raw)).unwrap();
    let odd = Parsed::Quarantined("no form: canary@example.com".to_owned());
    turn.accept(&delivery(3, odd, r#"{"canary":1,"phone":"(202) 555-0177"}"#)).unwrap();
    turn.commit().unwrap();
    news
}

fn described(person: &mut Person, kept: &mut Kept) {
    let contact = &mut person.contact;
    contact.fields.extend(values().into_iter().map(|(name, value)| (FieldName::new(name), value)));
    contact.tags.extend([Arc::from("canary tag")]);
    (contact.score, contact.locale) = (COUNT, Some(Arc::from("canary-locale")));
    contact.email = Some(Arc::from("canary@example.com"));
    person.identities = vec![
        Identity::email("canary@example.com").unwrap(),
        Identity::phone("+12025550177").unwrap(),
        Identity::own("canary-own-id").unwrap(),
    ]
    .into();
    kept.identities.clone_from(&person.identities);
}

/// Somebody with canaries in every place that a person's words can come to.
fn canary(disk: &mut OnDisk, who: i64) {
    let plan = sample_plan();
    let news = delivered(disk, &plan);
    change(disk, &plan, who, START, |person, kept, ids| {
        somebody_whole(&plan, person, kept, ids);
        described(person, kept);
        kept.events[0].delivery = news;
        kept.events[0].data.insert(Arc::from("canary_key"), Value::text("canary told"));
        let consent = ConsentEntry {
            channel: Some(ChannelName::new("canary-channel")),
            purpose: None,
            state: ConsentState::OptedIn,
            basis: Arc::from("canary at the desk"),
            text_version: Some(Arc::from("canary text")),
            source: None,
            actor: Arc::from("event"),
            at: Instant(START),
        };
        person.touch.permits.fold(&consent);
        person.touch.windows.insert(ChannelName::new("canary-window"), Instant(START));
        kept.consents.push(consent);
        for booking in person.bookings.values_mut() {
            booking.uids.push(Arc::from("canary-booking-uid"));
            booking.fields.insert(FieldName::new("notes"), Value::text("canary asked"));
        }
        let mut message = crate::content::Message::default();
        (message.text, message.to) = ("Dear canary ".repeat(1_000), "canary@example.com".to_owned());
        message.links = vec!["https://example.com/?for=canary".to_owned()];
        kept.contents.insert(SendId(6), message.clone());
        for send in person.sends.iter_mut() {
            send.address = Some(Arc::from("canary@example.com"));
            send.because = Some(crate::journey::Because::new(crate::journey::Gate::Law).with("read", "canary"));
        }
        for run in person.runs.iter_mut() {
            let started = run.started_by.as_mut().map(Arc::make_mut).unwrap();
            started.data.insert(Arc::from("canary_key"), Value::text("canary began"));
            run.worth = Some(Value::text("canary worth"));
        }
        for task in &mut kept.tasks {
            (task.title, task.notes) = ("Call canary".to_owned(), Some("canary notes".to_owned()));
        }
        kept.attempts[0].3 = Arc::from("550 no such user canary@example.com");
        kept.redemptions.push(Redemption {
            event: kept.events[0].id,
            offer: OfferName::new("gift"),
            code: Arc::from("canary-code"),
            at: Instant(START),
            value: Value::text("canary value"),
        });
    });
    let mut turn = disk.store.turn(&plan).unwrap();
    assert!(turn.issue(ContactId(who), &OfferName::new("gift"), "canary-gift", Instant(START)).unwrap());
    turn.commit().unwrap();
    // a message that went to a mailbox
    change(disk, &plan, who, START + 1, |person, kept, ids| {
        let mut send = crate::engine::conformance::aside(person, ids);
        send.channel = Some(ChannelName::new("mail"));
        send.state = crate::journey::Sending::Closed(crate::journey::Outcome::Sent);
        send.provider_id = Some(Arc::from("canary-provider-id"));
        let text = "Dear canary, as sent".to_owned();
        kept.contents.insert(send.id, crate::content::Message { text, ..Default::default() });
        kept.mailbox.insert(send.id);
        kept.new_sends.insert(send.id);
        person.sends.push(send);
    });
}

fn others(disk: &mut OnDisk, who: std::ops::RangeInclusive<i64>) {
    let plan = sample_plan();
    for who in who {
        change(disk, &plan, who, START, |person, kept, _| {
            let text = format!("somebody {who} ").repeat(usize::try_from(who % 70).unwrap());
            person.contact.fields.insert(FieldName::new("own_text"), Value::text(text));
            kept.identities.push(Identity::email(&format!("p{who}@example.com")).unwrap());
            person.identities = kept.identities.clone().into();
        });
    }
}

/// Rows around them grow and shrink, so that pages are split and joined, and bits of rows lie about.
fn churn(disk: &mut OnDisk) {
    let plan = sample_plan();
    for round in 0..6_i64 {
        let mut turn = disk.store.turn(&plan).unwrap();
        for who in 1..=220_i64 {
            crate::engine::conformance::record(&mut turn, who, START + 2, |person, kept, _| {
                let size = usize::try_from((who * 37 + round * 101) % 160).unwrap();
                let text = if who == 1 { "canary " } else { "somebody " }.repeat(size);
                person.contact.fields.insert(FieldName::new("own_text"), Value::text(text));
                kept.contact = true;
            });
        }
        turn.commit().unwrap();
    }
}

/// The bytes of the file and of its log, lower-cased.
fn bytes(disk: &OnDisk) -> Vec<u8> {
    let mut all = Vec::new();
    for ending in ["", "-wal", "-shm"] {
        let path = format!("{}{ending}", disk.path.display());
        all.extend(std::fs::read(path).unwrap_or_default());
    }
    all.make_ascii_lowercase();
    all
}

fn traces(disk: &OnDisk) -> Vec<String> {
    let all = bytes(disk);
    let places = all.windows(6).enumerate().filter(|(_, found)| found == b"canary").map(|(at, _)| at);
    let near = |at: usize| String::from_utf8_lossy(&all[at.saturating_sub(30)..(at + 30).min(all.len())]).into_owned();
    let mut found: Vec<String> = places.map(near).collect();
    let number = COUNT.to_string();
    found.extend(all.windows(number.len()).filter(|found| *found == number.as_bytes()).map(|_| number.clone()));
    found.extend(all.windows(7).filter(|found| found == b"5550177").map(|_| "the phone".to_owned()));
    found
}

#[test]
fn an_erased_person_is_in_no_byte_of_the_file() {
    let mut disk = OnDisk::new();
    let plan = sample_plan();
    disk.publish(&plan, "test", Instant(START)).unwrap();
    others(&mut disk, 100..=160);
    canary(&mut disk, 1);
    // pages fill up around them, and are split
    others(&mut disk, 2..=99);
    others(&mut disk, 161..=220);
    churn(&mut disk);
    disk.store.checkpointer().unwrap().truncate().unwrap();
    assert!(traces(&disk).len() > 100, "the canaries are there before");
    let mut turn = disk.store.turn(&plan).unwrap();
    assert!(erase(&mut turn, &plan, 1, NOW));
    turn.commit().unwrap();
    let found = traces(&disk);
    assert!(found.is_empty(), "{} traces: {:#?}", found.len(), &found[..found.len().min(20)]);
    the_map_is_true(&disk);
    let status = disk.reader().status(Instant(NOW)).unwrap();
    assert!(status.adds_up(), "{status:?}");
    assert_eq!((status.contacts, status.active_runs, status.quarantined), (219, 0, 0));
    assert!(
        disk.reader().find("1", 9).unwrap().is_empty()
            && disk.reader().find("canary@example.com", 9).unwrap().is_empty()
    );
}

/// What the map says is deleted or blanked is.
fn the_map_is_true(disk: &OnDisk) {
    let whose = |table: &str| match table {
        "contact" => "id = 1",
        "outcome" => "enrolment_id IN (SELECT id FROM enrolment WHERE contact_id = 1) OR contact_id = 1",
        // only they have any
        "attempt" | "booking_uid" | "delivery" => "1",
        _ => "contact_id = 1",
    };
    let count = |text: &str| disk.store.db.query_row(text, [], |row| row.get::<_, i64>(0)).unwrap();
    for (table, columns, erase) in map() {
        let rows = |more: &str| count(&format!("SELECT count(*) FROM {table} WHERE ({}) {more}", whose(&table)));
        match &*erase {
            "deleted" => assert_eq!(rows(""), 0, "{table}"),
            "blanked" => {
                assert!(rows("") > 0, "nothing shows that {table} is blanked");
                for column in columns {
                    assert_eq!(rows(&format!("AND {column} IS NOT NULL")), 0, "{table}.{column}");
                }
            }
            _ => {}
        }
    }
}

/// While somebody reads the log cannot be emptied; with the next commit it is.
#[test]
fn a_reader_delays_the_emptying_of_the_log() {
    let mut disk = OnDisk::new();
    let plan = sample_plan();
    disk.publish(&plan, "test", Instant(START)).unwrap();
    canary(&mut disk, 1);
    let reader = disk.reader();
    reader.db.execute_batch("BEGIN; SELECT count(*) FROM contact").unwrap();
    let mut turn = disk.store.turn(&plan).unwrap();
    assert!(erase(&mut turn, &plan, 1, NOW));
    turn.commit().unwrap();
    assert!(!traces(&disk).is_empty(), "the reader still sees the person");
    reader.db.execute_batch("COMMIT").unwrap();
    others(&mut disk, 2..=2);
    assert_eq!(traces(&disk).len(), 0);
}

/// A name that others use stays, one that was only theirs goes, and an erasure that is rolled back gives it back.
#[test]
fn names_that_came_with_a_person_go_with_them() {
    let mut disk = OnDisk::new();
    let plan = sample_plan();
    let locale = |disk: &mut OnDisk, who: i64, locale: &str| {
        change(disk, &plan, who, START, |person, kept, _| {
            person.contact.locale = Some(Arc::from(locale));
            kept.contact = true;
        });
    };
    locale(&mut disk, 1, "de-canary");
    locale(&mut disk, 2, "de-AT");
    locale(&mut disk, 3, "de-AT");
    let mut turn = disk.store.turn(&plan).unwrap();
    assert!(erase(&mut turn, &plan, 1, NOW) && erase(&mut turn, &plan, 2, NOW));
    drop(turn);
    locale(&mut disk, 4, "de-canary");
    let load = |disk: &mut OnDisk, who: i64| {
        let mut turn = disk.store.turn(&plan).unwrap();
        turn.people(&BTreeSet::from([ContactId(who)])).unwrap().remove(&ContactId(who)).unwrap().contact.locale.clone()
    };
    assert_eq!(load(&mut disk, 1).as_deref(), Some("de-canary"));
    let mut turn = disk.store.turn(&plan).unwrap();
    for who in [1, 2, 4] {
        assert!(erase(&mut turn, &plan, who, NOW));
    }
    turn.commit().unwrap();
    assert_eq!(traces(&disk).len(), 0);
    assert_eq!(load(&mut disk, 3).as_deref(), Some("de-AT"));
    locale(&mut disk, 5, "de-canary");
    assert_eq!(load(&mut disk, 5).as_deref(), Some("de-canary"));
}
