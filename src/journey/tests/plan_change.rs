//! The plan changes while people are inside.
use super::{build::*, stage::*};
use crate::{plan::Plan, record::Purpose};
use std::sync::Arc;

fn with(steps: Vec<S>) -> Arc<Plan> {
    plan().with(steps.into_iter().fold(seq("a"), Seq::step)).on(on("lead.created", "a")).ready()
}

fn off(steps: Vec<S>) -> Arc<Plan> {
    plan().with(steps.into_iter().fold(seq("a").off(), Seq::step)).on(on("lead.created", "a")).ready()
}

#[track_caller]
fn change(before: Vec<S>, at: &str, after: Vec<S>, expected: &[&str]) {
    let mut stage = Stage::new(with(before), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.until(at);
    stage.publish(with(after));
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), expected);
    assert_eq!(stage.runs(), ["a completed"]);
}

#[test]
fn a_longer_wait_moves_the_due_time_from_the_steps_entry() {
    change(
        vec![say("one"), say("two").wait("3d")],
        "2027-06-02 12:00",
        vec![say("one"), say("two").wait("5d")],
        &["a.one 2027-06-01 12:00 sent", "a.two 2027-06-06 12:00 sent"],
    );
}

#[test]
fn a_step_added_ahead_runs_and_one_added_behind_never() {
    change(
        vec![say("one"), say("three").wait("3d")],
        "2027-06-02 12:00",
        vec![say("zero"), say("one"), say("three").wait("3d"), say("four").wait("1d")],
        &["a.one 2027-06-01 12:00 sent", "a.three 2027-06-04 12:00 sent", "a.four 2027-06-05 12:00 sent"],
    );
}

#[test]
fn a_step_removed_ahead_is_passed_over_and_nothing_repeats() {
    change(
        vec![say("one"), say("two").wait("3d"), say("three").wait("3d")],
        "2027-06-02 12:00",
        vec![say("one"), say("three").wait("3d")],
        &["a.one 2027-06-01 12:00 sent", "a.three 2027-06-04 12:00 sent"],
    );
}

#[test]
fn another_order_repeats_nothing() {
    change(
        vec![say("one"), say("two").wait("1d"), say("three").wait("1d")],
        "2027-06-02 18:00",
        vec![say("three").wait("1d"), say("one").wait("1d"), say("two").wait("1d"), say("four").wait("1d")],
        &[
            "a.one 2027-06-01 12:00 sent",
            "a.two 2027-06-02 12:00 sent",
            "a.three 2027-06-03 12:00 sent",
            "a.four 2027-06-04 12:00 sent",
        ],
    );
}

#[test]
fn a_pause_lets_nothing_fall_due_and_on_resume_passed_times_become_the_first_allowed_moment() {
    let steps = || vec![say("one").wait("1d"), say("two").wait("1d")];
    let mut stage = Stage::new(with(steps()), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.publish(off(steps()));
    stage.until("2027-06-10 12:00");
    assert_eq!((stage.ledger(), stage.runs()), (vec![], vec!["a active".to_owned()]));
    stage.publish(with(steps()));
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["a.one 2027-06-10 12:00 sent", "a.two 2027-06-11 12:00 sent"]);
}

#[test]
fn stops_work_in_a_pause() {
    let mut stage = Stage::new(with(vec![say("one").wait("1d")]), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.publish(off(vec![say("one").wait("1d")]));
    stage.until("2027-06-10 12:00");
    stage.opts_out(None, None, "link");
    assert_eq!(stage.runs(), ["a stopped(opted_out)"]);
}

#[test]
fn what_waits_when_a_pause_begins_waits_on_and_ends_by_its_late() {
    let steps = || vec![say("one").retries(3, "1h")];
    for (resume, expected) in [
        ("2027-06-01 18:00", "a.one 2027-06-01 18:00 sent"),
        ("2027-06-05 18:00", "a.one 2027-06-02 12:00 skipped(held)"),
    ] {
        let mut stage = Stage::new(with(steps()), "2027-06-01 12:00");
        stage.script.push_back(Answer::Refuse);
        stage.happens("lead.created");
        stage.publish(off(steps()));
        stage.until(resume);
        stage.publish(with(steps()));
        stage.until("2027-06-30 12:00");
        assert_eq!(stage.ledger()[0].replace(":00.001", ":00"), expected);
    }
}

#[test]
fn a_sequence_that_left_the_plan_keeps_its_people_until_it_is_back() {
    let steps = || vec![say("one").wait("1d")];
    let mut stage = Stage::new(with(steps()), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.publish(plan().ready());
    stage.until("2027-06-10 12:00");
    assert_eq!((stage.ledger(), stage.runs()), (vec![], vec!["a active".to_owned()]));
    stage.publish(with(steps()));
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.runs(), ["a completed"]);
}

#[test]
fn a_stop_of_the_new_plan_is_judged_by_the_new_plan() {
    let mut stage = Stage::new(with(vec![say("one").wait("1d")]), "2027-06-01 12:00");
    stage.happens("lead.created");
    let sequence = seq("a").step(say("one").wait("1d")).stop_on("message.received", None, "replied");
    stage.publish(plan().with(sequence).ready());
    stage.writes("email");
    assert_eq!(stage.runs(), ["a stopped(replied)"]);
}

#[test]
fn a_run_that_waits_for_an_outcome_goes_on_over_a_change() {
    let mut stage = Stage::new(with(vec![say("one"), say("two").wait("1d")]), "2027-06-01 12:00");
    stage.script.push_back(Answer::Silence);
    stage.happens("lead.created");
    stage.publish(with(vec![say("one"), say("two").wait("2d")]));
    let first = stage.left[0].clone();
    stage.answered(&first, receipt(Answer::Accept, "x").unwrap());
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger()[1], "a.two 2027-06-03 12:00 sent");
}

#[test]
fn a_purpose_that_changed_is_judged_for_what_is_still_to_come() {
    let mut stage = Stage::new(with(vec![say("one").wait("1d")]), "2027-06-01 12:00");
    stage.happens("lead.created");
    let sequence = seq("a").purpose(Purpose::Service).step(say("one").wait("1d"));
    stage.publish(plan().with(sequence).ready());
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.store.ledger()[0].purpose, Purpose::Service);
}
