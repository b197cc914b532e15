//! Triggers that no event sets off: dates, schedules, segments, and how many people they take at once.
use super::{build::*, stage::*};
use crate::{
    calendar::{CivilDate, Schedule},
    id::{ClinicName, ContactId, FieldName, SegmentName},
    plan::{Border, Limit, Moment, Origin, Plan, Segment, Trigger, TriggerSource},
    value::Value,
};
use std::sync::Arc;

fn hello() -> Plan {
    plan().with(seq("a").step(say("hello")))
}

fn from(source: TriggerSource) -> Trigger {
    Trigger { name: "t".into(), source, ..on("nothing", "a") }
}

fn dated(field: &str, before: bool, by: &str, at: Option<&str>, yearly: bool) -> Trigger {
    let field = match field.split_once('.').unwrap() {
        ("booking", name) => Moment::Booking(FieldName::new(name)),
        (_, name) => Moment::Contact(FieldName::new(name)),
    };
    from(TriggerSource::Moment { field, before, span: span(by), at: at.map(time), yearly })
}

fn every(schedule: &str) -> Trigger {
    from(TriggerSource::Every { schedule: Schedule::parse(schedule).unwrap(), segment: None })
}

fn vip(mut plan: Plan, text: &str) -> Plan {
    let name = SegmentName::new("vip");
    let segment = Segment { name: name.clone(), title: None, cond: cond(text), origin: Origin::default() };
    plan.segments.insert(name, Arc::new(segment));
    plan
}

fn crossing(on: Border) -> Trigger {
    from(TriggerSource::Segment { segment: SegmentName::new("vip"), on })
}

fn date(text: &str) -> Value {
    Value::Date(CivilDate::parse(text).unwrap())
}

fn set(stage: &mut Stage, field: &str, value: Value) {
    let mut news = of_person("ana", stage.now);
    news.contact.insert(FieldName::new(field), value);
    stage.news(news);
}

fn of_person(name: &str, at: crate::calendar::Instant) -> crate::record::News {
    crate::record::News {
        kind: "told".into(),
        at,
        who: Some(who(name)),
        booking: None,
        data: Default::default(),
        contact: Default::default(),
    }
}

// --- dates ------------------------------------------------------------------------------------------------------------

#[test]
fn a_date_fires_once_per_value_and_follows_it() {
    let trigger = dated("contact.recall_on", false, "6mo", Some("10:00"), false);
    let mut stage = Stage::new(hello().on(trigger).ready(), "2027-01-10 12:00");
    set(&mut stage, "recall_on", date("2027-01-05"));
    stage.until("2027-03-01 12:00");
    set(&mut stage, "recall_on", date("2027-02-20"));
    stage.until("2027-08-20 10:00");
    assert_eq!(stage.ledger(), ["a.hello 2027-08-20 10:00 sent"], "it moved with its field");
    set(&mut stage, "recall_on", date("2027-02-20"));
    stage.until("2028-02-01 12:00");
    assert_eq!(stage.ledger().len(), 1, "the same value does not fire again");
    set(&mut stage, "recall_on", date("2028-01-31"));
    stage.until("2029-01-01 12:00");
    assert_eq!(stage.ledger()[1], "a.hello 2028-07-31 10:00 sent");
}

#[test]
fn a_moment_that_was_over_long_ago_when_it_became_known_does_not_count() {
    let mut stage =
        Stage::new(hello().on(dated("contact.recall_on", false, "1d", None, false)).ready(), "2027-01-10 12:00");
    set(&mut stage, "recall_on", date("2027-01-01"));
    assert!(stage.runs().is_empty());
    set(&mut stage, "recall_on", date("2027-01-09"));
    assert_eq!(stage.runs(), ["a completed"], "over by no more than a day");
}

#[test]
fn a_birthday_comes_every_year_and_on_the_28th_where_there_is_no_29th() {
    let trigger = dated("contact.birthday", true, "7d", Some("10:00"), true);
    let mut stage = Stage::new(hello().on(trigger).ready(), "2027-01-10 12:00");
    set(&mut stage, "birthday", date("1992-02-29"));
    stage.until("2030-01-01 12:00");
    let days = ["a.hello 2027-02-21 10:00 sent", "a.hello 2028-02-22 10:00 sent", "a.hello 2029-02-21 10:00 sent"];
    assert_eq!(stage.ledger(), days);
}

#[test]
fn after_a_downtime_what_was_armed_fires_and_what_was_before_its_moment_does_not() {
    let late = dated("contact.recall_on", false, "1d", None, false);
    let before = Trigger { name: "early".into(), ..dated("contact.recall_on", true, "1d", None, false) };
    let before = Trigger { enrol: on("x", "b").enrol, ..before };
    let plan = hello().with(seq("b").step(say("soon"))).on(late).on(before);
    let mut stage = Stage::new(plan.ready(), "2027-01-10 12:00");
    set(&mut stage, "recall_on", date("2027-01-20"));
    stage.sleep_until("2027-01-28 09:00");
    stage.wake();
    assert_eq!(stage.ledger(), ["a.hello 2027-01-28 09:00 sent"]);
}

#[test]
fn the_zone_of_the_person_is_the_one_that_counts_also_when_they_move() {
    let trigger = dated("contact.recall_on", false, "0d", Some("10:00"), false);
    let mut stage = Stage::new(hello().on(trigger).ready(), "2027-01-10 12:00");
    set(&mut stage, "recall_on", date("2027-02-01"));
    set(&mut stage, "zone", Value::text("America/New_York"));
    stage.until("2027-03-01 12:00");
    assert_eq!(stage.ledger(), ["a.hello 2027-02-01 16:00 sent"], "ten in New York is four in Berlin");
}

#[test]
fn each_appointment_has_its_own_moment_and_a_moved_one_a_new_one() {
    let trigger = dated("booking.start", true, "2d", Some("10:00"), false);
    let mut stage = Stage::new(hello().on(trigger).ready(), "2027-01-10 12:00");
    stage.books("one", "2027-02-10 15:00");
    stage.books("two", "2027-02-20 15:00");
    stage.until("2027-02-01 12:00");
    stage.moves("one", "one_b", "2027-02-14 15:00");
    stage.until("2027-03-01 12:00");
    assert_eq!(stage.ledger(), ["a.hello 2027-02-12 10:00 sent", "a.hello 2027-02-18 10:00 sent"]);
}

// --- schedules --------------------------------------------------------------------------------------------------------

#[test]
fn a_schedule_comes_by_the_persons_clock_also_where_clocks_change() {
    let mut stage = Stage::new(hello().on(every("sun 02:30")).ready(), "2027-03-16 12:00");
    stage.happens("anything");
    stage.until("2027-04-05 12:00");
    let days = ["a.hello 2027-03-21 02:30 sent", "a.hello 2027-03-28 03:30 sent", "a.hello 2027-04-04 02:30 sent"];
    assert_eq!(stage.ledger(), days);
}

#[test]
fn a_schedule_does_not_come_twice_for_a_person_who_flies_west() {
    let mut stage = Stage::new(hello().on(every("mon 09:00")).ready(), "2027-06-01 12:00");
    stage.happens("anything");
    stage.until("2027-06-07 09:30");
    set(&mut stage, "zone", Value::text("America/New_York"));
    stage.until("2027-06-15 12:00");
    assert_eq!(stage.ledger(), ["a.hello 2027-06-07 09:00 sent", "a.hello 2027-06-14 15:00 sent"]);
}

#[test]
fn after_a_downtime_a_schedule_comes_once() {
    let mut stage = Stage::new(hello().on(every("09:00")).ready(), "2027-06-01 12:00");
    stage.happens("anything");
    stage.sleep_until("2027-06-05 10:00");
    stage.wake();
    stage.until("2027-06-06 10:00");
    assert_eq!(stage.ledger(), ["a.hello 2027-06-05 10:00 sent", "a.hello 2027-06-06 09:00 sent"]);
}

// --- segments ---------------------------------------------------------------------------------------------------------

#[test]
fn the_border_of_a_segment_is_crossed_once_each_time() {
    let plan = vip(hello(), "contact.score >= 10").with(seq("b").step(say("bye")));
    let exit = Trigger { name: "out".into(), enrol: on("x", "b").enrol, ..crossing(Border::Exit) };
    let mut stage = Stage::new(plan.on(crossing(Border::Entry)).on(exit).ready(), "2027-06-01 12:00");
    let mut seen = Vec::new();
    for score in [5, 10, 12, 3, 2, 30] {
        set(&mut stage, "score", Value::Int(score));
        seen.push(stage.runs().len());
    }
    assert_eq!(seen, [0, 1, 1, 2, 2, 3], "{:?}", stage.runs());
}

#[test]
fn what_time_alone_changes_is_seen_within_the_hour() {
    let plan = vip(hello(), "days_since(contact.last_visit_at) >= 90");
    let mut stage = Stage::new(plan.on(crossing(Border::Entry)).ready(), "2027-06-01 12:00");
    let visit = stage.now;
    set(&mut stage, "last_visit_at", Value::Time(visit));
    stage.until("2027-09-30 12:00");
    let ledger = stage.ledger();
    assert!(ledger.len() == 1 && ledger[0].starts_with("a.hello 2027-08-30"), "{ledger:?}");
}

#[test]
fn who_belonged_to_it_before_does_not_enter_unless_that_is_asked_for() {
    for (backfill, runs) in [(false, 0), (true, 1)] {
        let mut stage = Stage::new(hello().ready(), "2027-06-01 12:00");
        set(&mut stage, "score", Value::Int(50));
        let trigger = Trigger { backfill, ..crossing(Border::Entry) };
        stage.publish(vip(hello(), "contact.score >= 10").on(trigger.clone()).ready());
        assert_eq!(stage.runs().len(), runs, "backfill: {backfill}");
        // another condition takes nobody twice
        stage.publish(vip(hello(), "contact.score >= 20").on(trigger).ready());
        assert_eq!(stage.runs().len(), runs, "backfill: {backfill}");
    }
}

// --- those who are there ----------------------------------------------------------------------------------------------

#[test]
fn a_new_trigger_arms_those_who_are_there_and_backfill_takes_those_whose_moment_is_over() {
    for (backfill, sent) in [(false, 0), (true, 1)] {
        let mut stage = Stage::new(hello().ready(), "2027-06-01 12:00");
        set(&mut stage, "recall_on", date("2026-01-01"));
        let trigger = Trigger { backfill, ..dated("contact.recall_on", false, "6mo", None, false) };
        stage.publish(hello().on(trigger).ready());
        assert_eq!(stage.ledger().len(), sent, "backfill: {backfill}");
        stage.until("2028-06-01 12:00");
        assert_eq!(stage.ledger().len(), sent, "backfill: {backfill}");
    }
}

#[test]
fn switched_off_it_rests_and_switched_on_it_takes_nobody_late() {
    let trigger = || dated("contact.recall_on", false, "1d", None, false);
    let off = Trigger { active: false, ..trigger() };
    let mut stage = Stage::new(hello().on(trigger()).ready(), "2027-06-01 12:00");
    set(&mut stage, "recall_on", date("2027-06-10"));
    stage.publish(hello().on(off).ready());
    stage.until("2027-06-20 12:00");
    stage.publish(hello().on(trigger()).ready());
    stage.until("2027-06-30 12:00");
    assert!(stage.runs().is_empty());
}

// --- how many, and of which clinic ------------------------------------------------------------------------------------

fn crowd(plan: Plan, people: i64) -> Stage {
    let mut stage = Stage::empty(Arc::new(hello().indexed()), "2027-06-01 12:00");
    for id in 1..=people {
        stage.person(ContactId(id), &format!("p{id}"), |person, _| {
            person.contact.set(&FieldName::new("score"), Value::Int(50));
        });
    }
    stage.publish(vip(plan, "contact.score >= 10").ready());
    stage
}

#[test]
fn a_limit_takes_so_many_in_its_time_and_everybody_in_the_end() {
    let limit = Some(Limit { people: 2, per: span("1d") });
    let trigger = Trigger { backfill: true, limit, ..crossing(Border::Entry) };
    let mut stage = crowd(hello().on(trigger), 5);
    assert_eq!(stage.ledger().len(), 2);
    stage.until("2027-06-02 11:00");
    assert_eq!(stage.ledger().len(), 2);
    stage.until("2027-06-02 13:00");
    assert_eq!(stage.ledger().len(), 4);
    stage.until("2027-06-10 13:00");
    assert_eq!(stage.ledger().len(), 5, "nobody is missed and nobody twice");
    assert!(stage.refused().is_empty(), "{:?}", stage.refused());
}

#[test]
fn beyond_the_blast_radius_people_are_held_and_that_is_said_once() {
    let mut plan = hello().on(Trigger { backfill: true, ..crossing(Border::Entry) });
    plan.policies.blast_radius.people = Some(3);
    let mut stage = crowd(plan, 5);
    assert_eq!(stage.ledger().len(), 3);
    assert_eq!(stage.refused(), ["a blast_radius", "a blast_radius"]);
    stage.until("2027-06-01 20:00");
    assert_eq!(stage.refused().len(), 2);
    stage.until("2027-06-03 13:00");
    assert_eq!(stage.ledger().len(), 5);
}

#[test]
fn triggers_and_sequences_of_a_clinic_take_its_people_only() {
    let mut plan = hello().with({
        let mut b = seq("b").step(say("there"));
        b.0.clinics = vec![ClinicName::new("south")];
        b
    });
    let mut south = plan.clinics[0].clone();
    south.id = ClinicName::new("south");
    plan.clinics.push(south);
    let here = Trigger { clinics: vec![ClinicName::new("south")], ..on("lead.created", "a") };
    let plan = plan.on(here).on(on("lead.created", "b"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    assert!(stage.runs().is_empty());
    assert_eq!(stage.refused(), ["b condition"], "the trigger is no news, the sequence is");
    set(&mut stage, "clinic", Value::text("south"));
    stage.happens("lead.created");
    assert_eq!(stage.runs().len(), 2);
}
