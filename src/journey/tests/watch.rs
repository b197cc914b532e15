//! Absence as a trigger.
use super::{build::*, stage::*};
use crate::{plan::Plan, record::NewsKind, value::Value};
use std::sync::Arc;

fn quiet() -> Plan {
    plan().with(seq("a").step(say("hello")).goal("message.received", None, true)).with(seq("b").step(say("one")))
}

fn went_quiet() -> crate::plan::Trigger {
    without(on("lead.created", "a"), "message.received", "48h")
}

#[test]
fn it_fires_when_the_awaited_event_has_not_happened_in_time() {
    let mut stage = Stage::new(quiet().on(went_quiet()).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["a.hello 2027-06-03 12:00 sent"]);
}

#[test]
fn the_awaited_event_disarms_it() {
    let mut stage = Stage::new(quiet().on(went_quiet()).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until("2027-06-03 11:59");
    stage.writes("email");
    stage.until("2027-06-30 12:00");
    assert!(stage.runs().is_empty());
}

#[test]
fn an_awaited_event_after_its_time_does_not_undo_it_even_when_nobody_was_awake() {
    let mut stage = Stage::new(quiet().on(went_quiet()).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.sleep_until("2027-06-03 12:30");
    stage.writes("email");
    assert_eq!(stage.runs(), ["a completed"]);
}

#[test]
fn a_new_opening_restarts_it() {
    let mut stage = Stage::new(quiet().on(went_quiet()).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until("2027-06-02 12:00");
    stage.happens("lead.created");
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["a.hello 2027-06-04 12:00 sent"]);
}

#[test]
fn its_condition_is_judged_when_the_time_is_over_with_the_opening_event() {
    let trigger = only_if(went_quiet(), "contact.warm and event.wanted == 'botox'");
    let mut stage = Stage::new(
        quiet().on(trigger).on(doing(on("form.submitted", ""), vec![set("warm", Value::Bool(true))])).ready(),
        "2027-06-01 12:00",
    );
    stage.happens_with("lead.created", &[("wanted", Value::text("botox"))]);
    stage.until("2027-06-02 12:00");
    stage.happens("form.submitted");
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.runs().len(), 1);
    let mut stage = Stage::new(quiet().on(only_if(went_quiet(), "contact.warm")).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until("2027-06-30 12:00");
    assert_eq!((stage.runs().len(), stage.refused()), (0, vec!["a condition".to_owned()]));
}

#[test]
fn bookings_have_a_watch_each_and_only_the_same_one_disarms_it() {
    let trigger = without(on("booking.created", "b"), "booking.paid", "24h");
    let mut stage = Stage::new(quiet().on(trigger).ready(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-13 18:00");
    stage.until("2027-06-01 13:00");
    stage.books("u2", "2027-06-14 18:00");
    stage.about_booking(NewsKind::Paid, "u2");
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["b.one 2027-06-02 12:00 sent"]);
}

#[test]
fn what_we_sent_opens_a_watch() {
    let plan =
        quiet().on(on("lead.created", "b")).on(without(on("message.sent", "a"), "message.received", "48h")).ready();
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until("2027-06-03 12:00");
    assert_eq!(stage.runs(), ["b completed", "a completed"]);
}

#[test]
fn a_trigger_that_is_off_neither_arms_nor_fires() {
    let mut off = went_quiet();
    off.active = false;
    let mut stage = Stage::new(quiet().on(off.clone()).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    assert!(stage.look(ANA).watches.is_empty());
    let mut stage = Stage::new(quiet().on(went_quiet()).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    let plan: Arc<Plan> = quiet().on(off).ready();
    stage.publish(plan);
    stage.until("2027-06-30 12:00");
    assert!(stage.runs().is_empty() && stage.look(ANA).watches.is_empty());
}

#[test]
fn the_end_of_a_run_about_a_booking_waits_for_any_new_booking() {
    let plan = plan()
        .with(seq("around").about_booking().step(say("hello")))
        .with(seq("b").step(say("one")))
        .on(on("booking.created", "around"))
        .on(without(on("sequence.completed", "b"), "booking.created", "30d"));
    let plan = plan.ready();
    // nothing booked in time: one watch although two bookings' runs completed
    let mut stage = Stage::new(plan.clone(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-13 18:00");
    stage.until("2027-06-20 12:00");
    let kept: Vec<_> = stage.look(ANA).watches.iter().map(|watch| watch.booking).collect();
    assert_eq!(kept, [None]);
    stage.until("2027-06-30 12:00");
    // another booking disarms it, although it is not the one of the run
    stage.books("u2", "2027-07-13 18:00");
    assert_eq!(stage.look(ANA).watches.len(), 1, "and its own run arms it anew");
    stage.until("2027-07-20 12:00");
    assert!(stage.runs().iter().all(|run| !run.starts_with("b ")), "{:?}", stage.runs());
    stage.until("2027-08-20 12:00");
    assert_eq!(stage.runs().iter().filter(|run| run.starts_with("b ")).count(), 1, "{:?}", stage.runs());
}
