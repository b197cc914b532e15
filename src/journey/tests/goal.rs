//! Conversion and what else ends a run.
use super::{build::*, stage::*};
use crate::{engine::Told, id::SequenceName, plan::Plan, record::NewsKind, value::Value};
use std::sync::Arc;

fn with(sequence: Seq) -> Arc<Plan> {
    let sequence = sequence.exits(|exits| {
        exits.converted.acts = vec![add_tag("converted")];
        exits.stopped.acts = vec![add_tag("stopped")];
        exits.completed.acts = vec![add_tag("completed")];
    });
    plan().with(sequence).on(on("lead.created", "a")).ready()
}

fn long() -> Seq {
    seq("a").step(say("one")).step(say("two").wait("10d"))
}

#[track_caller]
fn story(sequence: Seq, at: &str, runs: &str, tag: &str) -> Stage {
    let mut stage = Stage::new(with(sequence), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until(at);
    stage.books("u1", "2027-07-13 18:00");
    assert_eq!(stage.runs(), [runs]);
    let tags: Vec<String> = stage.look(ANA).contact.tags.iter().map(ToString::to_string).collect();
    assert_eq!(tags.join(" "), tag);
    stage
}

#[test]
fn the_goal_ends_the_run_and_cancels_what_is_open() {
    let mut stage = Stage::new(
        with(seq("a").step(say("one").retries(3, "1h")).goal("booking.created", None, true)),
        "2027-06-01 12:00",
    );
    stage.script.push_back(Answer::Refuse);
    stage.happens("lead.created");
    stage.books("u1", "2027-07-13 18:00");
    assert_eq!(stage.runs(), ["a converted"]);
    assert_eq!(stage.ledger(), ["a.one 2027-06-01 12:00 cancelled(converted)"]);
}

#[test]
fn the_goal_within_its_time_converts_and_later_stops_with_goal_late() {
    let sequence = || long().goal("booking.created", Some("5d"), true);
    story(sequence(), "2027-06-06 12:00", "a converted", "converted");
    story(sequence(), "2027-06-06 12:01", "a stopped(goal_late)", "stopped");
}

#[test]
fn a_goal_that_does_not_stop_counts_once_and_the_run_goes_on() {
    let mut stage = story(long().goal("booking.created", None, false), "2027-06-02 12:00", "a active", "");
    stage.books("u2", "2027-07-14 18:00");
    assert_eq!(stage.told(|told| matches!(told, Told::ConvertedLate { .. })), 1);
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.runs(), ["a completed"]);
}

#[test]
fn a_conversion_counts_until_within_also_after_the_run_ended_otherwise() {
    for (at, counted) in [("2027-06-11 12:00", 1), ("2027-06-21 12:01", 0)] {
        let sequence = seq("a").step(say("one")).goal("booking.created", Some("20d"), true);
        let stage = story(sequence, at, "a completed", "completed");
        assert_eq!(stage.told(|told| matches!(told, Told::ConvertedLate { .. })), counted, "{at}");
    }
}

#[test]
fn a_stop_has_its_reason_and_its_condition() {
    let sequence = || {
        long().stop_on("message.received", Some("event.text == 'no'"), "refused").stop_on(
            "message.received",
            None,
            "replied",
        )
    };
    for (text, reason) in [("no", "refused"), ("yes", "replied")] {
        let mut stage = Stage::new(with(sequence()), "2027-06-01 12:00");
        stage.happens("lead.created");
        stage.happens_with("message.received", &[("channel", Value::text("email")), ("text", Value::text(text))]);
        assert_eq!(stage.runs(), [format!("a stopped({reason})")]);
    }
}

#[test]
fn the_goal_is_judged_before_the_stops() {
    let sequence = long().goal("booking.created", None, true).stop_on("booking.created", None, "booked");
    story(sequence, "2027-06-02 12:00", "a converted", "converted");
}

#[test]
fn in_a_run_about_a_booking_events_mean_its_own_booking_but_a_new_one_means_any() {
    let sequence = seq("a")
        .about_booking()
        .step(say("one").after("booking.end", "3d"))
        .goal("booking.created", None, true)
        .stop_on("booking.no_show", Some("event.no_show"), "no_show");
    let plan = plan().with(sequence).on(on("booking.ended", "a")).ready();
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.books("other", "2027-06-02 13:00");
    stage.books("own", "2027-06-01 13:00");
    stage.sleep_until("2027-06-01 14:00");
    stage.about_booking(NewsKind::Ended, "own");
    stage.about_booking(NewsKind::NoShow(true), "other");
    assert_eq!(stage.runs(), ["a active"]);
    stage.books("next", "2027-06-08 13:00");
    assert_eq!(stage.runs(), ["a converted"]);
}

#[test]
fn after_conversion_the_next_journey_is_about_the_booking_that_was_made() {
    let first = seq("first").step(say("one").wait("3d")).goal("booking.created", None, true).exits(|exits| {
        exits.converted.enroll = Some(SequenceName::new("next"));
    });
    let next = seq("next").about_booking().step(say("hour_before").before("booking.start", "1h"));
    let mut stage =
        Stage::new(plan().with(first).with(next).on(on("lead.created", "first")).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["next.hour_before 2027-06-03 17:00 sent"]);
}
