//! Bookings that move, are cancelled, merge.
use super::{build::*, stage::*};
use crate::{
    plan::{LateThen, Plan},
    record::{NewsKind, Purpose},
};
use std::sync::Arc;

fn reminders() -> Seq {
    seq("a")
        .about_booking()
        .purpose(Purpose::Transactional)
        .step(say("thanks"))
        .step(say("day_before").before("booking.start", "24h").late("1h", LateThen::Skip))
        .step(say("with_it"))
        .step(say("hour_before").before("booking.start", "1h"))
        .step(say("after").after("booking.end", "2h"))
}

fn with(sequence: Seq) -> Arc<Plan> {
    plan().with(sequence).on(on("booking.created", "a")).ready()
}

#[test]
fn bound_steps_go_out_around_the_appointment() {
    let mut stage = Stage::new(with(reminders()), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-10 12:00");
    assert_eq!(
        stage.ledger(),
        [
            "a.thanks 2027-06-01 12:00 sent",
            "a.day_before 2027-06-02 18:00 sent",
            "a.with_it 2027-06-02 18:00 sent",
            "a.hour_before 2027-06-03 17:00 sent",
            "a.after 2027-06-03 21:00 sent",
        ]
    );
    assert_eq!(stage.runs(), ["a completed"]);
}

#[test]
fn a_move_makes_bound_steps_due_again_and_others_never_repeat() {
    for uid in ["u1", "u2"] {
        let mut stage = Stage::new(with(reminders()), "2027-06-01 12:00");
        stage.books("u1", "2027-06-03 18:00");
        stage.until("2027-06-02 20:00");
        stage.moves("u1", uid, "2027-06-07 18:00");
        stage.until("2027-06-10 12:00");
        assert_eq!(
            stage.ledger(),
            [
                "a.thanks 2027-06-01 12:00 sent",
                "a.day_before 2027-06-02 18:00 sent",
                "a.with_it 2027-06-02 18:00 sent",
                "a.day_before#1 2027-06-06 18:00 sent",
                "a.with_it#1 2027-06-06 18:00 sent",
                "a.hour_before#1 2027-06-07 17:00 sent",
                "a.after#1 2027-06-07 21:00 sent",
            ],
            "{uid}"
        );
        assert_eq!(stage.runs(), ["a completed"]);
    }
}

#[test]
fn once_is_not_repeated() {
    let step = say("day_before").before("booking.start", "24h").once();
    let sequence = seq("a").about_booking().step(step).step(say("hour_before").before("booking.start", "1h"));
    let mut stage = Stage::new(with(sequence), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-02 20:00");
    stage.moves("u1", "u2", "2027-06-07 18:00");
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.ledger(), ["a.day_before 2027-06-02 18:00 sent", "a.hour_before#1 2027-06-07 17:00 sent"]);
}

#[test]
fn a_send_for_the_old_time_ends_cancelled_moved_unless_authorised() {
    let sequence =
        || seq("a").about_booking().step(say("day_before").before("booking.start", "24h").late("9h", LateThen::Skip));
    // refused once and waiting for its retry
    let mut stage = Stage::new(with(sequence()), "2027-06-01 12:00");
    stage.script.push_back(Answer::Refuse);
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-02 18:01");
    stage.moves("u1", "u2", "2027-06-07 18:00");
    stage.until("2027-06-10 12:00");
    assert_eq!(
        stage.ledger(),
        ["a.day_before 2027-06-02 18:01 cancelled(moved)", "a.day_before#1 2027-06-06 18:00 sent"]
    );
    // under way: it completes, and is due again for the new time
    let mut stage = Stage::new(with(sequence()), "2027-06-01 12:00");
    stage.script.push_back(Answer::Silence);
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-02 18:01");
    stage.moves("u1", "u2", "2027-06-07 18:00");
    let first = stage.left[0].clone();
    stage.answered(&first, receipt(Answer::Accept, "x").unwrap());
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.ledger(), ["a.day_before 2027-06-02 18:01 sent", "a.day_before#1 2027-06-06 18:00 sent"]);
    // under way and refused: no further attempt for the old time
    let mut stage = Stage::new(with(sequence()), "2027-06-01 12:00");
    stage.script.push_back(Answer::Silence);
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-02 18:01");
    stage.moves("u1", "u2", "2027-06-07 18:00");
    let first = stage.left[0].clone();
    stage.answered(&first, receipt(Answer::Refuse, "").unwrap());
    stage.until("2027-06-10 12:00");
    assert_eq!(
        stage.ledger(),
        ["a.day_before 2027-06-02 18:01 cancelled(moved)", "a.day_before#1 2027-06-06 18:00 sent"]
    );
}

#[test]
fn a_once_step_that_was_cancelled_by_the_move_still_goes_out() {
    let step = say("day_before").before("booking.start", "24h").once().late("9h", LateThen::Skip);
    let mut stage = Stage::new(with(seq("a").about_booking().step(step)), "2027-06-01 12:00");
    stage.script.push_back(Answer::Refuse);
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-02 18:01");
    stage.moves("u1", "u2", "2027-06-07 18:00");
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.ledger()[1], "a.day_before#1 2027-06-06 18:00 sent");
}

#[test]
fn a_completed_run_reopens_and_its_exit_does_not_repeat() {
    let sequence = seq("a")
        .about_booking()
        .step(say("hour_before").before("booking.start", "1h"))
        .exits(|exits| exits.completed.tasks = vec![call()]);
    let mut stage = Stage::new(with(sequence), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-03 17:30");
    assert_eq!(stage.runs(), ["a completed"]);
    stage.moves("u1", "u2", "2027-06-07 18:00");
    assert_eq!(stage.runs(), ["a active"]);
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.runs(), ["a completed"]);
    assert_eq!(
        stage.ledger(),
        [
            "a.hour_before 2027-06-03 17:00 sent",
            "a.exit.completed.task.1 2027-06-03 17:00 sent",
            "a.hour_before#1 2027-06-07 17:00 sent",
        ]
    );
}

fn call() -> crate::plan::TaskSpec {
    crate::plan::TaskSpec { title: "Call".into(), notes: None, assign: None, due: None }
}

#[test]
fn a_completed_run_without_anything_to_come_stays_completed() {
    let mut stage = Stage::new(with(seq("a").about_booking().step(say("thanks"))), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.moves("u1", "u2", "2027-06-07 18:00");
    assert_eq!((stage.runs(), stage.ledger().len()), (vec!["a completed".to_owned()], 1));
    assert_eq!(stage.told(|told| matches!(told, crate::engine::Told::Ended { .. })), 1);
}

#[test]
fn a_settling_run_does_not_complete_by_the_move_itself() {
    let sequence = seq("a")
        .about_booking()
        .step(say("day_before").before("booking.start", "24h").late("9h", LateThen::Skip))
        .exits(|exits| exits.completed.acts = vec![add_tag("done")]);
    let mut stage = Stage::new(with(sequence), "2027-06-01 12:00");
    stage.script.push_back(Answer::Refuse);
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-02 18:01");
    stage.moves("u1", "u2", "2027-06-07 18:00");
    assert_eq!(stage.runs(), ["a active"]);
    assert!(stage.look(ANA).contact.tags.is_empty());
}

#[test]
fn a_step_whose_new_time_is_past_is_not_due_again() {
    let mut stage = Stage::new(with(reminders()), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-02 20:00");
    // the day before the new time is two hours ago, and an hour is its own late
    stage.moves("u1", "u2", "2027-06-03 17:30");
    stage.until("2027-06-10 12:00");
    let ledger = stage.ledger();
    assert!(!ledger.iter().any(|row| row.starts_with("a.day_before#1")), "{ledger:?}");
    assert!(ledger.contains(&"a.hour_before#1 2027-06-03 16:30 sent".to_owned()), "{ledger:?}");
}

#[test]
fn what_hangs_on_the_making_of_a_booking_does_not_move_with_it() {
    let sequence = seq("a")
        .about_booking()
        .purpose(Purpose::Transactional)
        .step(say("thanks").after("booking.created_at", "1h"))
        .step(say("hour_before").before("booking.start", "1h"));
    let mut stage = Stage::new(with(sequence), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-01 13:30");
    stage.moves("u1", "u2", "2027-06-07 18:00");
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.ledger(), ["a.thanks 2027-06-01 13:00 sent", "a.hour_before#1 2027-06-07 17:00 sent"]);
}

#[test]
fn a_wait_after_what_was_done_keeps_counting_from_there() {
    let sequence = seq("a")
        .about_booking()
        .step(say("one"))
        .step(say("two").wait("2d"))
        .step(say("hour_before").before("booking.start", "1h"));
    let mut stage = Stage::new(with(sequence), "2027-06-01 12:00");
    stage.books("u1", "2027-06-05 18:00");
    stage.until("2027-06-02 20:00");
    stage.moves("u1", "u2", "2027-06-07 18:00");
    stage.until("2027-06-10 12:00");
    assert_eq!(
        stage.ledger(),
        ["a.one 2027-06-01 12:00 sent", "a.two 2027-06-03 12:00 sent", "a.hour_before#1 2027-06-07 17:00 sent"]
    );
}

#[test]
fn a_move_keeps_what_a_step_waits_for() {
    let sequence = seq("a")
        .about_booking()
        .step(say("one"))
        .step(say("two").wait("2h"))
        .step(say("end").after("booking.end", "1h"));
    let mut stage = Stage::new(with(sequence), "2027-06-01 12:00");
    stage.script.push_back(Answer::Silence);
    stage.books("u1", "2027-06-05 18:00");
    stage.until("2027-06-01 16:00");
    stage.moves("u1", "u2", "2027-06-07 18:00");
    assert_eq!(stage.ledger().len(), 1);
    let first = stage.left[0].clone();
    stage.answered(&first, receipt(Answer::Accept, "x").unwrap());
    stage.until("2027-06-02 12:00");
    assert_eq!(stage.ledger()[1], "a.two 2027-06-01 18:00 sent");
}

#[test]
fn a_cancelled_or_rejected_booking_ends_its_run_unless_a_stop_names_it() {
    for (kind, stop, expected) in [
        (NewsKind::Cancelled, None, "a stopped(booking_gone)"),
        (NewsKind::Rejected, None, "a stopped(booking_gone)"),
        (NewsKind::Cancelled, Some("booking.uid == 'other'"), "a active"),
        (NewsKind::Cancelled, Some("booking.uid == 'u1'"), "a stopped(by_rule)"),
        (NewsKind::NoShow(true), None, "a active"),
    ] {
        let mut sequence = seq("a").about_booking().step(say("hour_before").before("booking.start", "1h"));
        if stop.is_some() {
            sequence = sequence.stop_on("booking.cancelled", stop, "by_rule");
        }
        let mut stage = Stage::new(with(sequence), "2027-06-01 12:00");
        stage.books("u1", "2027-06-05 18:00");
        stage.books("u2", "2027-06-06 18:00");
        stage.about_booking(kind, "u1");
        assert_eq!(stage.runs(), [expected, "a active"], "{kind:?} {stop:?}");
    }
}

#[test]
fn a_contact_run_bound_to_the_booking_that_started_it_moves_and_skips_with_it() {
    let steps = || {
        seq("a")
            .purpose(Purpose::Transactional)
            .step(say("one").before("booking.start", "1h"))
            .step(say("two").after("booking.end", "1h"))
    };
    let mut stage = Stage::new(with(steps()), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.moves("u1", "u2", "2027-06-05 18:00");
    stage.until("2027-06-05 17:30");
    stage.about_booking(NewsKind::Cancelled, "u2");
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.ledger(), ["a.one#1 2027-06-05 17:00 sent", "a.two#1 2027-06-05 20:00 skipped(no_moment)"]);
}

/// Every order of these deliveries ends in the same runs and the same things to come.
#[test]
fn every_order_and_repetition_of_booking_news_ends_the_same() {
    let plan = with(reminders());
    let make = |stage: &Stage, index: usize| {
        let at = |minutes: i64| stage.now.plus_ms((minutes - 10) * 60_000);
        let start = |text: &str| Some(civil(&stage.zone, text));
        match index {
            0 => booked(NewsKind::Created, "u1", at(0), start("2027-06-13 18:00")),
            1 => {
                let mut told = booked(NewsKind::Rescheduled, "u2", at(1), start("2027-06-14 18:00"));
                told.previous_uid = Some("u1".into());
                told
            }
            _ => {
                let mut told = booked(NewsKind::Rescheduled, "u3", at(2), start("2027-06-15 18:00"));
                told.previous_uid = Some("u2".into());
                told
            }
        }
    };
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut ends = std::collections::BTreeSet::new();
    for order in orders {
        let mut stage = Stage::new(plan.clone(), "2027-06-01 12:00");
        for index in order.iter().chain(&order) {
            let news = of_booking(make(&stage, *index));
            stage.delivered(&index.to_string(), news);
        }
        stage.until("2027-06-30 12:00");
        let ledger: Vec<String> = stage.ledger().iter().map(|row| row.replace("#2", "").replace("#1", "")).collect();
        ends.insert((stage.runs(), ledger));
    }
    assert_eq!(ends.len(), 1, "{ends:#?}");
    let (runs, ledger) = ends.into_iter().next().unwrap();
    assert_eq!(runs, ["a completed"]);
    assert_eq!(ledger[3], "a.hour_before 2027-06-15 17:00 sent");
}

/// That it was once made, told late, is no new appointment for the run that its cancellation or no-show began.
#[test]
fn the_making_of_a_booking_told_last_does_not_end_what_its_end_began() {
    for (kind, named) in [(NewsKind::Cancelled, "booking.cancelled"), (NewsKind::NoShow(true), "booking.no_show")] {
        let stops = seq("s").stop_on("booking.created", None, "booked").step(say("late").wait("2h"));
        let wins = seq("g").goal("booking.created", None, true).step(say("late").wait("2h"));
        let plan = plan().with(stops).with(wins).on(on(named, "s")).on(on(named, "g")).ready();
        for order in [[0, 1], [1, 0]] {
            let mut stage = Stage::new(plan.clone(), "2027-06-01 12:00");
            let told = |index| match index {
                0 => booked(NewsKind::Created, "u1", stage.now.plus_ms(-600_000), Some(stage.now)),
                _ => booked(kind, "u1", stage.now.plus_ms(-60_000), None),
            };
            for (index, news) in order.map(|index| (index, told(index))) {
                stage.delivered(&index.to_string(), of_booking(news));
            }
            stage.until("2027-06-02 12:00");
            let mut runs = stage.runs();
            runs.sort();
            assert_eq!(runs, ["g completed", "s completed"], "{named} {order:?}");
        }
        // another appointment is one
        let mut stage = Stage::new(plan, "2027-06-01 12:00");
        stage.delivered("end", of_booking(booked(kind, "u1", stage.now, None)));
        stage.books("u2", "2027-06-03 18:00");
        let mut runs = stage.runs();
        runs.sort();
        assert_eq!(runs, ["g converted", "s stopped(booked)"], "{named}");
    }
}

#[test]
fn two_records_that_are_one_appointment_keep_the_older_run() {
    // the move from u1 to u2 comes last; until then both look like appointments of their own
    let mut stage = Stage::new(with(reminders()), "2027-06-01 12:00");
    stage.books("u1", "2027-06-13 18:00");
    stage.now = stage.now.plus_ms(60_000);
    stage.books("u2", "2027-06-14 18:00");
    assert_eq!(stage.runs(), ["a active", "a active"]);
    stage.now = stage.now.plus_ms(60_000);
    stage.moves("u1", "u2", "2027-06-14 18:00");
    assert_eq!(stage.runs(), ["a active", "a stopped(merged)"]);
    stage.until("2027-06-30 12:00");
    assert_eq!(stage.runs(), ["a completed", "a stopped(merged)"]);
    assert_eq!(stage.left.iter().filter(|left| left.text.contains("hour_before")).count(), 1);
}
