//! When a step is due: waits, days, bound moments, windows, changes of clocks, lateness.
use super::{build::*, stage::*};
use crate::{
    calendar::{Weekday, Zone},
    plan::{LateThen, Plan},
    record::Purpose,
};
use std::sync::Arc;

fn one(steps: Vec<S>) -> Arc<Plan> {
    let sequence = steps.into_iter().fold(seq("a"), Seq::step);
    plan().with(sequence).on(on("lead.created", "a")).ready()
}

#[track_caller]
fn ends(plan: Arc<Plan>, start: &str, until: &str, expected: &[&str]) {
    let mut stage = Stage::new(plan, start);
    stage.happens("lead.created");
    stage.until(until);
    assert_eq!(stage.ledger(), expected);
}

#[test]
fn day_0_is_the_day_of_entry_and_10_oclock_stays_10_oclock_over_the_spring_change_in_berlin() {
    let steps = vec![say("zero").day(0), say("one").day(1).at("10:00"), say("four").day(4).at("10:00")];
    ends(
        one(steps),
        "2027-03-26 18:30",
        "2027-04-10 00:00",
        &["a.zero 2027-03-26 18:30 sent", "a.one 2027-03-27 10:00 sent", "a.four 2027-03-30 10:00 sent"],
    );
}

#[test]
fn ten_oclock_stays_over_the_autumn_change_in_berlin() {
    let steps = vec![say("one").day(1).at("10:00"), say("two").wait("1d"), say("three").wait("24h")];
    ends(
        one(steps),
        "2027-10-29 18:30",
        "2027-11-10 00:00",
        &["a.one 2027-10-30 10:00 sent", "a.two 2027-10-31 10:00 sent", "a.three 2027-11-01 10:00 sent"],
    );
    let steps = vec![say("exact").wait("24h"), say("civil").wait("1d")];
    ends(
        one(steps),
        "2027-10-30 12:00",
        "2027-11-10 00:00",
        &["a.exact 2027-10-31 11:00 sent", "a.civil 2027-11-01 11:00 sent"],
    );
}

#[test]
fn a_time_in_the_gap_of_spring_shifts_by_the_length_of_the_gap() {
    let steps = vec![say("one").day(1).at("02:30")];
    ends(one(steps), "2027-03-27 10:00", "2027-04-10 00:00", &["a.one 2027-03-28 03:30 sent"]);
}

#[test]
fn jamaica_has_no_summer_time() {
    let sequence = seq("a").step(say("one").day(1).at("10:00")).step(say("two").wait("24h"));
    let mut plan = plan().with(sequence).on(on("lead.created", "a"));
    plan.zone = Zone::parse("America/Jamaica").unwrap();
    ends(
        plan.ready(),
        "2027-03-13 18:30",
        "2027-04-10 00:00",
        &["a.one 2027-03-14 10:00 sent", "a.two 2027-03-15 10:00 sent"],
    );
}

#[test]
fn the_zone_of_the_person_counts_and_a_change_of_it_moves_what_is_due() {
    let mut stage = Stage::new(one(vec![say("one").day(2).at("10:00")]), "2027-06-01 12:00");
    stage.happens("lead.created");
    let news = crate::record::News {
        kind: crate::id::EventKind::new("form.submitted"),
        at: stage.now,
        who: Some(who("ana")),
        booking: None,
        data: std::collections::BTreeMap::new(),
        contact: std::collections::BTreeMap::from([(
            crate::id::FieldName::new("zone"),
            crate::value::Value::text("America/Jamaica"),
        )]),
    };
    stage.news(news);
    stage.until("2027-06-10 00:00");
    // ten in Kingston is five in the afternoon in Berlin
    assert_eq!(stage.ledger(), ["a.one 2027-06-03 17:00 sent"]);
}

#[test]
fn steps_without_time_go_together_and_do_not_wait_for_delivery() {
    let mut stage = Stage::new(one(vec![say("one"), say("two"), tag("three", "x")]), "2027-06-01 12:00");
    stage.script.extend([Answer::Silence, Answer::Silence]);
    stage.happens("lead.created");
    assert_eq!(
        stage.ledger(),
        ["a.one 2027-06-01 12:00 in flight", "a.two 2027-06-01 12:00 in flight", "a.three 2027-06-01 12:00 sent"]
    );
    assert_eq!(stage.runs(), ["a active"]);
}

#[test]
fn wait_counts_from_the_planned_moment_or_from_an_outcome_over_a_minute_later() {
    let steps = vec![say("one"), say("two").wait("2h"), say("three").wait("1d")];
    let mut stage = Stage::new(one(steps), "2027-06-01 12:00");
    stage.script.push_back(Answer::Silence);
    stage.happens("lead.created");
    let first = stage.left[0].clone();
    stage.now = stage.now.plus_ms(50_000);
    stage.answered(&first, receipt(Answer::Accept, "x").unwrap());
    // two is due at 14:00 sharp; its answer comes at 15:10, three is due a day after, at the planned time of day
    stage.script.push_back(Answer::Silence);
    stage.until("2027-06-01 15:10");
    let second = stage.left[1].clone();
    assert_eq!(stage.show(second.at), "2027-06-01 14:00");
    stage.answered(&second, receipt(Answer::Accept, "y").unwrap());
    stage.until("2027-06-05 00:00");
    assert_eq!(stage.ledger()[2], "a.three 2027-06-02 14:00 sent");
}

#[test]
fn an_exact_wait_counts_from_the_late_outcome_itself() {
    let mut stage = Stage::new(one(vec![say("one"), say("two").wait("2h")]), "2027-06-01 12:00");
    stage.script.push_back(Answer::Silence);
    stage.happens("lead.created");
    stage.until("2027-06-01 12:30");
    let first = stage.left[0].clone();
    stage.answered(&first, receipt(Answer::Never, "").unwrap());
    stage.until("2027-06-05 00:00");
    assert_eq!(stage.ledger(), ["a.one 2027-06-01 12:30 failed(permanent)", "a.two 2027-06-01 14:30 sent"]);
}

#[test]
fn wait_counts_from_the_outcome_also_when_the_step_fell_due_in_downtime() {
    let mut stage = Stage::new(one(vec![tag("one", "x").wait("1h"), say("two").wait("2h")]), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.sleep_until("2027-06-01 18:00");
    stage.wake();
    stage.until("2027-06-02 12:00");
    assert_eq!(stage.ledger()[1], "a.two 2027-06-01 20:00 sent");
}

#[test]
fn the_planned_time_of_an_unbound_step_includes_window_and_quiet_hours() {
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let sequence = seq("a").step(say("one").day(1).at("21:00").window("daytime")).step(say("two").wait("1h"));
    let plan = plan().with(sequence).on(on("lead.created", "a")).window("daytime", &days, "09:00", "19:00");
    // Friday 21:00 → Monday 9:00; one hour on, no quiet hours are declared
    let mut stage = Stage::new(plan.ready(), "2027-06-03 12:00");
    stage.happens("lead.created");
    stage.until("2027-06-20 00:00");
    assert_eq!(stage.ledger(), ["a.one 2027-06-07 09:00 sent", "a.two 2027-06-07 10:00 sent"]);
    assert_eq!(stage.gates("one"), []);
    let quiet = one_quiet();
    ends(quiet, "2027-06-03 12:00", "2027-06-20 00:00", &["a.one 2027-06-04 08:00 sent"]);
}

fn one_quiet() -> Arc<Plan> {
    plan().with(seq("a").step(say("one").wait("10h"))).on(on("lead.created", "a")).quiet("20:00", "08:00").ready()
}

#[test]
fn a_step_to_staff_waits_for_no_window() {
    let step = say("one").wait("10h").to(crate::plan::To::Address(Arc::from("desk@example.test")));
    let plan = plan().with(seq("a").step(step)).on(on("lead.created", "a")).quiet("20:00", "08:00").ready();
    ends(plan, "2027-06-03 12:00", "2027-06-20 00:00", &["a.one 2027-06-03 22:00 sent"]);
}

#[test]
fn after_downtime_late_decides() {
    // marketing: one day; service: four hours
    for (purpose, back, expected) in [
        (Purpose::Marketing, "2027-06-02 11:59", "sent"),
        (Purpose::Marketing, "2027-06-02 14:01", "skipped(late)"),
        (Purpose::Service, "2027-06-01 17:59", "sent"),
        (Purpose::Service, "2027-06-01 18:01", "skipped(late)"),
        (Purpose::Transactional, "2027-06-02 13:59", "sent"),
    ] {
        let sequence = seq("a").purpose(purpose).step(say("one").wait("2h"));
        let mut stage = Stage::new(plan().with(sequence).on(on("lead.created", "a")).ready(), "2027-06-01 12:00");
        stage.happens("lead.created");
        stage.sleep_until(back);
        stage.wake();
        assert!(stage.ledger()[0].ends_with(expected), "{purpose:?} {back}: {:?}", stage.ledger());
    }
}

#[test]
fn a_late_unbound_step_counts_from_the_first_allowed_moment() {
    // due at 21:00, allowed from 8:00: at 11:59 four hours are not over
    let sequence = seq("a").purpose(Purpose::Service).step(say("one").wait("9h"));
    let plan = plan().with(sequence).on(on("lead.created", "a")).quiet("20:00", "08:00").ready();
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.sleep_until("2027-06-02 11:59");
    stage.wake();
    assert_eq!(stage.ledger(), ["a.one 2027-06-02 11:59 sent"]);
}

#[test]
fn late_then_stop_ends_the_run() {
    let steps = vec![say("one").wait("2h").late("1h", LateThen::Stop), say("two").wait("1d")];
    let mut stage = Stage::new(one(steps), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.sleep_until("2027-06-01 15:01");
    stage.wake();
    assert_eq!(stage.ledger(), ["a.one 2027-06-01 15:01 skipped(late)"]);
    assert_eq!(stage.runs(), ["a stopped(late)"]);
}

#[test]
fn late_then_next_window_goes_out_at_the_next_opening() {
    let all = Weekday::ALL;
    let step = || say("one").day(1).at("10:00").window("daytime").late("2h", LateThen::NextWindow);
    let plan = || plan().with(seq("a").step(step())).on(on("lead.created", "a"));
    let with = || plan().window("daytime", &all, "09:00", "19:00").ready();
    for (back, expected) in [
        ("2027-06-02 11:00", "a.one 2027-06-02 11:00 sent"),
        ("2027-06-02 13:00", "a.one 2027-06-03 09:00 sent"),
        ("2027-06-02 23:00", "a.one 2027-06-03 09:00 sent"),
    ] {
        let mut stage = Stage::new(with(), "2027-06-01 12:00");
        stage.happens("lead.created");
        stage.sleep_until(back);
        stage.wake();
        stage.until("2027-06-10 00:00");
        assert_eq!(stage.ledger(), [expected], "{back}");
    }
}

#[test]
fn late_up_to_a_moment() {
    let step = say("one").before("booking.start", "24h").late_until("booking.start");
    let plan = plan().with(seq("a").about_booking().step(step)).on(on("booking.created", "a")).ready();
    let mut stage = Stage::new(plan.clone(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-01 18:00");
    assert_eq!(stage.ledger(), ["a.one 2027-06-01 12:00 sent"]);
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.sleep_until("2027-06-03 18:00");
    stage.wake();
    assert_eq!(stage.ledger(), ["a.one 2027-06-03 18:00 skipped(late)"]);
}

#[test]
fn a_bound_step_that_is_past_at_entry_is_skipped_unless_it_has_its_own_late() {
    let steps = |step: S| plan().with(seq("a").about_booking().step(step)).on(on("booking.created", "a")).ready();
    let reminder = || say("one").before("booking.start", "24h").purpose(Purpose::Transactional);
    let mut stage = Stage::new(steps(reminder()), "2027-06-01 12:00");
    stage.books("u1", "2027-06-02 11:00");
    assert_eq!(stage.ledger(), ["a.one 2027-06-01 12:00 skipped(late)"]);
    let mut stage = Stage::new(steps(reminder().late("2h", LateThen::Skip)), "2027-06-01 12:00");
    stage.books("u1", "2027-06-02 11:00");
    assert_eq!(stage.ledger(), ["a.one 2027-06-01 12:00 sent"]);
}

#[test]
fn a_before_step_and_its_companions_never_go_out_at_or_after_the_moment() {
    let sequence = seq("a")
        .about_booking()
        .purpose(Purpose::Transactional)
        .step(say("one").before("booking.start", "1h").late("5h", LateThen::Skip))
        .step(say("two").late("5h", LateThen::Skip));
    let plan = plan().with(sequence).on(on("booking.created", "a")).ready();
    for (back, expected) in [("2027-06-03 17:59", "sent"), ("2027-06-03 18:00", "skipped(late)")] {
        let mut stage = Stage::new(plan.clone(), "2027-06-01 12:00");
        stage.books("u1", "2027-06-03 18:00");
        stage.sleep_until(back);
        stage.wake();
        assert_eq!(stage.ledger(), [format!("a.one {back} {expected}"), format!("a.two {back} {expected}")]);
    }
}

#[test]
fn a_moment_that_nobody_filled_in_skips_the_step() {
    let steps = vec![say("one").after("contact.last_visit_at", "6mo"), say("two").wait("1h")];
    ends(
        one(steps),
        "2027-06-01 12:00",
        "2027-06-05 00:00",
        &["a.one 2027-06-01 12:00 skipped(no_moment)", "a.two 2027-06-01 13:00 sent"],
    );
}

#[test]
fn months_keep_the_day_and_the_time() {
    let steps = vec![say("one").wait("1mo").at("10:00"), say("two").wait("1mo").at("10:00")];
    ends(
        one(steps),
        "2027-01-31 18:30",
        "2027-05-10 00:00",
        &["a.one 2027-02-28 10:00 sent", "a.two 2027-03-28 10:00 sent"],
    );
}

#[test]
fn advance_lets_the_next_step_fall_due_now() {
    let mut stage = Stage::new(one(vec![say("one").wait("3d"), say("two").wait("3d")]), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.order(crate::journey::Order::Advance(crate::id::SequenceName::new("a")));
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.ledger(), ["a.one 2027-06-01 12:00 sent", "a.two 2027-06-04 12:00 sent"]);
}

#[test]
fn an_inactive_step_is_skipped_and_the_run_goes_on() {
    ends(
        one(vec![say("one").off(), say("two").when("contact.warm")]),
        "2027-06-01 12:00",
        "2027-06-05 00:00",
        &["a.one 2027-06-01 12:00 skipped(inactive)", "a.two 2027-06-01 12:00 skipped(condition)"],
    );
}
