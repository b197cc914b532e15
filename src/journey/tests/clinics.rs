//! Clinics with people of their own: whom an address names, and whom an opt-out concerns.
use super::{build::*, stage::*};
use crate::{
    engine::Work,
    id::{ClinicName, ContactId, EventKind, FieldName, SourceName},
    plan::{Clinic, Plan, Secret, Source, SourceProvider},
    record::{Delivery, Identity, News, Parsed, Purpose},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

const OTHER: ContactId = ContactId(2);

fn project(per_clinic: bool) -> Plan {
    let mut plan =
        plan().with(seq("a").purpose(Purpose::Service).step(say("one").wait("1d"))).on(on("lead.created", "a"));
    plan.per_clinic = per_clinic;
    let ids = ["kingston", "north"];
    plan.clinics =
        ids.iter().map(|id| Clinic { id: ClinicName::new(id), ..plan.clinics[0].clone() }).collect::<Vec<_>>();
    for id in ids {
        let source = Source {
            provider: SourceProvider::Events,
            secret: Secret::Variable(Arc::from("SECRET")),
            kinds: BTreeMap::new(),
            map: BTreeMap::new(),
            clinic: Some(ClinicName::new(id)),
            link: None,
        };
        plan.sources.insert(SourceName::new(id), source);
    }
    plan
}

/// News of Ana's address from the source of a clinic; `named` is the clinic that it gives for her.
fn tells(stage: &mut Stage, source: &str, kind: &str, data: &[(&str, &str)], named: Option<&str>) {
    let news = News {
        kind: EventKind::new(kind),
        at: stage.now,
        who: Some(who("ana")),
        booking: None,
        data: data.iter().map(|(name, text)| (Arc::from(*name), Value::text(text))).collect(),
        contact: named.map(|clinic| (FieldName::new("clinic"), Value::text(clinic))).into_iter().collect(),
    };
    let delivery = Delivery {
        source: SourceName::new(source),
        dedupe: format!("{source}-{kind}-{named:?}").as_str().into(),
        received_at: stage.now,
        raw: Arc::from(&b"{}"[..]),
        parsed: Parsed::News(vec![news]),
        remarks: Vec::new(),
    };
    stage.work(vec![Work::Delivered(delivery)]);
}

fn clinic_of(stage: &mut Stage, who: ContactId) -> Option<String> {
    stage.look(who).contact.clinic.as_ref().map(ToString::to_string)
}

#[test]
fn an_address_is_another_person_in_each_clinic() {
    let mut stage = Stage::empty(project(true).ready(), "2027-06-01 12:00");
    for source in ["kingston", "north"] {
        tells(&mut stage, source, "lead.created", &[], None);
    }
    assert_eq!(stage.runs().len(), 2);
    assert_eq!(clinic_of(&mut stage, ANA).as_deref(), Some("kingston"));
    assert_eq!(clinic_of(&mut stage, OTHER).as_deref(), Some("north"));
    // both have the address: it is nobody's alone
    for who in [ANA, OTHER] {
        assert_eq!(stage.look(who).contact.email.as_deref(), Some("ana@example.test"));
    }
}

#[test]
fn with_shared_identities_it_is_the_same_person() {
    let mut stage = Stage::empty(project(false).ready(), "2027-06-01 12:00");
    for source in ["kingston", "north"] {
        tells(&mut stage, source, "lead.created", &[], None);
    }
    assert_eq!(stage.store.events(ANA).len(), 2);
    assert_eq!(stage.runs().len(), 1);
}

#[test]
fn a_stop_reply_concerns_the_person_of_the_clinic_that_it_reached() {
    let mut stage = Stage::empty(project(true).ready(), "2027-06-01 12:00");
    for source in ["kingston", "north"] {
        tells(&mut stage, source, "lead.created", &[], None);
    }
    tells(&mut stage, "north", "message.received", &[("channel", "sms"), ("text", "STOP")], None);
    stage.until("2027-06-10 12:00");
    let left: Vec<_> = stage.left.iter().map(|left| left.contact).collect();
    assert_eq!(left, [ANA], "who wrote to the other clinic gets nothing more of it");
}

#[test]
fn news_that_name_a_clinic_are_about_its_people() {
    let mut stage = Stage::empty(project(true).ready(), "2027-06-01 12:00");
    tells(&mut stage, "kingston", "lead.created", &[], None);
    tells(&mut stage, "kingston", "lead.created", &[], Some("north"));
    assert_eq!(clinic_of(&mut stage, ANA).as_deref(), Some("kingston"), "nobody moves");
    assert_eq!(clinic_of(&mut stage, OTHER).as_deref(), Some("north"));
    // a clinic that is none says nothing
    tells(&mut stage, "kingston", "lead.created", &[], Some("nowhere"));
    assert_eq!(stage.store.events(ANA).len(), 2);
    assert_eq!(clinic_of(&mut stage, ANA).as_deref(), Some("kingston"));
}

#[test]
fn who_was_known_before_stays_the_same_person_in_every_clinic() {
    let mut stage = Stage::new(project(true).ready(), "2027-06-01 12:00");
    for source in ["kingston", "north"] {
        tells(&mut stage, source, "lead.created", &[], None);
    }
    assert_eq!(stage.store.events(ANA).len(), 2);
    let mail = Identity::email("ana@example.test").unwrap();
    assert!(stage.look(ANA).identities.contains(&mail));
}
