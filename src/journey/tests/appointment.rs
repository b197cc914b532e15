//! What begins and ends by our own record.
use super::{build::*, stage::*};
use crate::{
    engine::Told,
    journey::Watch,
    plan::{LateThen, Plan},
    record::{BookingStatus, NewsKind, Purpose},
};
use std::sync::Arc;

/// A word at the beginning and one at the end, whatever becomes of them.
fn words() -> Plan {
    plan()
        .with(seq("a").reentry(crate::plan::Reentry::Always).purpose(Purpose::Service).step(say("thanks")))
        .with(seq("b").reentry(crate::plan::Reentry::Always).purpose(Purpose::Service).step(say("welcome")))
}

fn both() -> Arc<Plan> {
    words().on(on("booking.ended", "a")).on(on("booking.started", "b")).ready()
}

fn end() -> Arc<Plan> {
    words().on(on("booking.ended", "a")).ready()
}

/// `ended 2027-06-03 19:00` for each watch of an appointment.
fn awaited(stage: &mut Stage) -> Vec<String> {
    let watches = stage.look(ANA).watches;
    let own = watches.iter().filter(|watch| Watch::appointment(&watch.trigger).is_some());
    own.map(|watch| format!("{} {}", watch.trigger.as_str().replace("@booking.", ""), stage.show(watch.due))).collect()
}

fn told(stage: &Stage, name: &str) -> usize {
    stage.told(|told| matches!(told, Told::Happened { kind, .. } if kind.as_str() == name))
}

fn status(stage: &mut Stage) -> BookingStatus {
    stage.look(ANA).bookings.values().next().unwrap().status()
}

#[test]
fn an_appointment_begins_and_ends_at_its_time() {
    let mut stage = Stage::new(both(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    assert_eq!(awaited(&mut stage), ["ended 2027-06-03 19:00", "started 2027-06-03 18:00"]);
    stage.until("2027-06-03 18:30");
    assert_eq!((awaited(&mut stage).len(), status(&mut stage)), (1, BookingStatus::Accepted));
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.ledger(), ["b.welcome 2027-06-03 18:00 sent", "a.thanks 2027-06-03 19:00 sent"]);
    assert_eq!((awaited(&mut stage).len(), status(&mut stage)), (0, BookingStatus::Ended));
    let person = stage.look(ANA);
    assert_eq!(person.contact.last_visit_at, Some(civil(&stage.zone, "2027-06-03 18:00")));
    let kinds: Vec<_> = stage.store.events(ANA).iter().map(|event| (event.kind.to_string(), event.at)).collect();
    let at = |time| civil(&stage.zone, time);
    assert!(kinds.contains(&("booking.ended".to_owned(), at("2027-06-03 19:00"))), "{kinds:?}");
}

#[test]
fn nothing_is_awaited_where_nobody_hears_of_it() {
    let plan = words().on(on("booking.created", "a")).ready();
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    assert!(stage.look(ANA).watches.is_empty());
}

#[test]
fn it_follows_a_move() {
    for uid in ["u1", "u2"] {
        let mut stage = Stage::new(both(), "2027-06-01 12:00");
        stage.books("u1", "2027-06-03 18:00");
        stage.moves("u1", uid, "2027-06-07 10:00");
        assert_eq!(awaited(&mut stage), ["ended 2027-06-07 11:00", "started 2027-06-07 10:00"], "{uid}");
        stage.until("2027-06-30 12:00");
        assert_eq!(stage.ledger(), ["b.welcome 2027-06-07 10:00 sent", "a.thanks 2027-06-07 11:00 sent"], "{uid}");
    }
}

#[test]
fn one_that_moves_after_it_ended_ends_again() {
    let mut stage = Stage::new(end(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-03 20:00");
    stage.moves("u1", "u1", "2027-06-07 10:00");
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["a.thanks 2027-06-03 19:00 sent", "a.thanks 2027-06-07 11:00 sent"]);
}

#[test]
fn what_is_cancelled_refused_or_only_asked_for_does_not_end() {
    for kind in [NewsKind::Cancelled, NewsKind::Rejected] {
        let mut stage = Stage::new(both(), "2027-06-01 12:00");
        stage.books("u1", "2027-06-03 18:00");
        stage.about_booking(kind, "u1");
        assert!(awaited(&mut stage).is_empty());
        stage.until("2027-06-30 12:00");
        assert!(stage.ledger().is_empty());
    }
    let mut stage = Stage::new(both(), "2027-06-01 12:00");
    let start = civil(&stage.zone, "2027-06-03 18:00");
    stage.news(of_booking(booked(NewsKind::Requested, "u1", stage.now, Some(start))));
    assert!(awaited(&mut stage).is_empty());
    stage.until("2027-06-02 12:00");
    stage.books("u1", "2027-06-03 18:00");
    assert_eq!(awaited(&mut stage).len(), 2, "accepted at last");
}

#[test]
fn a_provider_that_tells_it_later_repeats_it() {
    let mut stage = Stage::new(both(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    let start = civil(&stage.zone, "2027-06-03 18:00");
    for bare in [false, true] {
        for (kind, minutes) in [(NewsKind::Started, 1), (NewsKind::Ended, 61)] {
            stage.until_instant(start.plus_ms(minutes * 60_000));
            let told = booked(kind, "u1", stage.now, Some(start).filter(|_| !bare));
            stage.news(of_booking(told));
        }
    }
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["b.welcome 2027-06-03 18:00 sent", "a.thanks 2027-06-03 19:00 sent"]);
    assert_eq!((told(&stage, "booking.started"), told(&stage, "booking.ended")), (1, 1));
}

#[test]
fn a_provider_that_tells_it_first_is_believed() {
    for bare in [false, true] {
        let mut stage = Stage::new(both(), "2027-06-01 12:00");
        stage.books("u1", "2027-06-03 18:00");
        let start = civil(&stage.zone, "2027-06-03 18:00");
        for (kind, minutes) in [(NewsKind::Started, -2), (NewsKind::Ended, 40)] {
            stage.until_instant(start.plus_ms(minutes * 60_000));
            stage.news(of_booking(booked(kind, "u1", stage.now, Some(start).filter(|_| !bare))));
        }
        assert!(awaited(&mut stage).is_empty());
        stage.until("2027-06-30 12:00");
        assert_eq!(stage.ledger(), ["b.welcome 2027-06-03 17:58 sent", "a.thanks 2027-06-03 18:40 sent"], "{bare}");
        assert_eq!((told(&stage, "booking.started"), told(&stage, "booking.ended")), (1, 1));
    }
}

#[test]
fn both_at_the_same_moment_are_one() {
    // the provider's news are read before the clock is looked at, and the other way round
    for first in [true, false] {
        let mut stage = Stage::new(both(), "2027-06-01 12:00");
        stage.books("u1", "2027-06-03 18:00");
        stage.until("2027-06-03 18:59");
        stage.sleep_until("2027-06-03 19:00");
        if !first {
            stage.wake();
        }
        let start = civil(&stage.zone, "2027-06-03 18:00");
        stage.news(of_booking(booked(NewsKind::Ended, "u1", stage.now, Some(start))));
        stage.until("2027-06-30 12:00");
        assert_eq!(told(&stage, "booking.ended"), 1, "{first}");
        assert_eq!(stage.runs(), ["b completed", "a completed"]);
    }
}

#[test]
fn while_nobody_is_awake_it_happens_once_and_at_its_time() {
    let after = seq("a")
        .about_booking()
        .step(say("at_once").after("booking.end", "10m").late("1h", LateThen::Skip))
        .step(say("later").after("booking.end", "1d"));
    let plan = plan().with(after).on(on("booking.ended", "a")).ready();
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.sleep_until("2027-06-04 08:00");
    stage.wake();
    let events = stage.store.events(ANA);
    let ended: Vec<_> = events.iter().filter(|event| event.kind.as_str() == "booking.ended").collect();
    assert_eq!(ended.iter().map(|event| stage.show(event.at)).collect::<Vec<_>>(), ["2027-06-03 19:00"]);
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["a.at_once 2027-06-04 08:00 skipped(late)", "a.later 2027-06-04 19:00 sent"]);
}

#[test]
fn what_happened_after_it_is_seen_after_it_even_when_nobody_was_awake() {
    let talk = seq("a").goal("message.received", None, true).step(say("later").wait("5d"));
    let mut stage = Stage::new(plan().with(talk).on(on("booking.ended", "a")).ready(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.sleep_until("2027-06-04 08:00");
    stage.writes("email");
    assert_eq!(stage.runs(), ["a converted"]);
}

#[test]
fn a_watch_begins_with_it_and_is_over_in_its_turn() {
    let quiet = without(on("booking.ended", "a"), "message.received", "2h");
    let mut stage = Stage::new(words().on(quiet).ready(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.ledger(), ["a.thanks 2027-06-03 21:00 sent"]);
    let quiet = without(on("booking.created", "a"), "booking.ended", "10d");
    let mut stage = Stage::new(words().on(quiet).ready(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.sleep_until("2027-06-20 12:00");
    stage.wake();
    assert!(stage.ledger().is_empty(), "it ended before the ten days were over: {:?}", stage.ledger());
}

#[test]
fn runs_hear_of_it() {
    let waits = seq("w")
        .about_booking()
        .step(wait_for("over", Some("booking.ended"), None, "30d", vec![say("after")], vec![]))
        .step(say("last").wait("1h"));
    let stops = seq("s").about_booking().stop_on("booking.started", None, "began").step(say("never").wait("20d"));
    let plan = plan().with(waits).with(stops).on(on("booking.created", "w")).on(on("booking.created", "s")).ready();
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-10 12:00");
    let sent = stage.left.iter().map(|left| stage.show(left.at)).collect::<Vec<_>>();
    assert_eq!(sent, ["2027-06-03 19:00", "2027-06-03 20:00"]);
    let mut runs = stage.runs();
    runs.sort();
    assert_eq!(runs, ["s stopped(began)", "w completed"]);
}

#[test]
fn who_did_not_come_is_told_apart_by_the_status() {
    let came = only_if(on("booking.ended", "a"), "booking.status != 'no_show'");
    let mut stage = Stage::new(words().on(came).ready(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-03 18:20");
    stage.about_booking(NewsKind::NoShow(true), "u1");
    stage.until("2027-06-30 12:00");
    assert_eq!((told(&stage, "booking.ended"), status(&mut stage)), (1, BookingStatus::NoShow));
    assert_eq!(stage.refused(), ["a condition"]);
}

#[test]
fn an_appointment_that_is_over_when_it_becomes_known_is_no_news() {
    let mut stage = Stage::new(both(), "2027-06-01 12:00");
    stage.books("u1", "2027-05-01 18:00");
    stage.books("u2", "2027-06-01 11:30");
    assert_eq!(awaited(&mut stage), ["ended 2027-06-01 12:30"], "the second one is under way");
    stage.until("2027-06-02 12:00");
    assert_eq!(stage.ledger(), ["a.thanks 2027-06-01 12:30 sent"]);
    // and what a provider tells of it counts all the same
    let start = civil(&stage.zone, "2027-05-01 18:00");
    stage.news(of_booking(booked(NewsKind::Ended, "u1", stage.now, Some(start))));
    assert_eq!(stage.ledger().len(), 2);
}

#[test]
fn other_news_of_an_overdue_one_leave_it_due() {
    let mut stage = Stage::new(both(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.sleep_until("2027-06-03 23:00");
    let mut paid = booked(NewsKind::Paid, "u1", stage.now, None);
    paid.at = civil(&stage.zone, "2027-06-03 17:00");
    stage.news(of_booking(paid));
    stage.wake();
    assert_eq!((told(&stage, "booking.started"), told(&stage, "booking.ended")), (1, 1));
}

#[test]
fn of_two_records_that_are_one_appointment_one_ends() {
    let mut stage = Stage::new(end(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-13 18:00");
    stage.now = stage.now.plus_ms(60_000);
    stage.books("u2", "2027-06-14 18:00");
    assert_eq!(awaited(&mut stage).len(), 2);
    stage.now = stage.now.plus_ms(60_000);
    stage.moves("u1", "u2", "2027-06-14 18:00");
    assert_eq!(awaited(&mut stage), ["ended 2027-06-14 19:00"]);
    stage.until("2027-06-30 12:00");
    assert_eq!(told(&stage, "booking.ended"), 1);
}

#[test]
fn a_plan_that_begins_or_ceases_to_hear_of_it_has_it_from_the_next_look_on() {
    let deaf = words().on(on("lead.created", "b")).ready();
    let mut stage = Stage::new(deaf.clone(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.publish(words().on(on("lead.created", "b")).on(on("booking.ended", "a")).ready());
    stage.happens("lead.created");
    assert_eq!(awaited(&mut stage), ["ended 2027-06-03 19:00"]);
    stage.publish(deaf);
    stage.until("2027-06-30 12:00");
    assert_eq!((awaited(&mut stage).len(), told(&stage, "booking.ended")), (0, 0));
}
