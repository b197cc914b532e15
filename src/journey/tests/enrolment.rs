//! Into a sequence and out of it.
use super::{build::*, stage::*};
use crate::{
    id::SequenceName,
    journey::Order,
    plan::{Exit, Reentry},
    record::{NewsKind, Purpose},
    value::Value,
};

fn after(text: &str) -> Reentry {
    Reentry::After(span(text))
}

#[test]
fn nobody_is_in_a_sequence_twice() {
    let plan = plan().with(seq("a").step(say("one").wait("3d"))).on(on("lead.created", "a")).ready();
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.happens("lead.created");
    assert_eq!(stage.runs(), ["a active"]);
    assert_eq!(stage.refused(), ["a already_in"]);
}

#[test]
fn a_run_about_bookings_is_one_per_booking() {
    let plan = plan()
        .with(seq("a").about_booking().step(say("one").before("booking.start", "1h")))
        .on(on("booking.created", "a"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.books("u2", "2027-06-04 18:00");
    assert_eq!(stage.runs(), ["a active", "a active"]);
    stage.happens("lead.created");
    stage.enrol("a");
    // by hand: the coming booking, in which the person is already
    assert_eq!(stage.refused(), ["a already_in"]);
}

#[test]
fn a_sequence_about_bookings_needs_one_that_is_not_gone() {
    let plan = plan().with(seq("a").about_booking().step(say("one"))).on(on("booking.cancelled", "a"));
    let mut stage = Stage::new(plan.on(on("lead.created", "a")).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.books("u1", "2027-06-03 18:00");
    stage.about_booking(NewsKind::Cancelled, "u1");
    assert_eq!(stage.refused(), ["a no_booking", "a no_booking"]);
}

#[test]
fn reentry_is_judged_against_the_end_of_the_last_run() {
    for (reentry, at, expected) in [
        (Reentry::Never, "2028-06-01 12:00", 1),
        (Reentry::Always, "2027-06-01 12:01", 2),
        (after("30d"), "2027-07-01 11:59", 1),
        (after("30d"), "2027-07-01 12:00", 2),
    ] {
        let plan = plan().with(seq("a").reentry(reentry).step(say("one"))).on(on("lead.created", "a")).ready();
        let mut stage = Stage::new(plan, "2027-06-01 12:00");
        stage.happens("lead.created");
        stage.until(at);
        stage.happens("lead.created");
        assert_eq!(stage.runs().len(), expected, "{reentry:?} {at}");
        assert_eq!(stage.refused().len(), 2 - expected, "{reentry:?} {at}");
    }
}

#[test]
fn a_run_that_did_nothing_outward_does_not_count_for_reentry() {
    let sequence = |step: S| seq("a").reentry(Reentry::Never).step(step).stop_on("message.received", None, "replied");
    for (step, answers, again) in [
        (say("one").wait("1d"), vec![], true),
        (tag("one", "x"), vec![], true),
        (say("one"), vec![Answer::Never], true),
        (say("one"), vec![Answer::Accept], false),
        (say("one"), vec![Answer::Lost], false),
        (task("one"), vec![], false),
    ] {
        let name = format!("{:?} {answers:?}", step.0.act);
        let plan = plan().with(sequence(step)).on(on("lead.created", "a")).ready();
        let mut stage = Stage::new(plan, "2027-06-01 12:00");
        stage.script.extend(answers);
        stage.happens("lead.created");
        stage.writes("email");
        stage.happens("lead.created");
        assert_eq!(stage.runs().len() == 2, again, "{name}: {:?}", stage.runs());
    }
}

#[test]
fn what_was_authorised_in_a_later_turn_counts_for_reentry_too() {
    let sequence = seq("a").reentry(Reentry::Never).step(say("zero").off()).step(say("one"));
    let mut stage = Stage::new(plan().with(sequence).on(on("lead.created", "a")).ready(), "2027-06-01 12:00");
    let slots = std::mem::take(&mut stage.world.slots);
    stage.happens("lead.created");
    assert_eq!(stage.ledger()[1], "a.one 2027-06-01 12:00 ready");
    stage.world.slots = slots;
    stage.wake();
    stage.happens("lead.created");
    assert_eq!(stage.refused(), ["a reentry"]);
}

#[test]
fn in_a_group_the_higher_priority_takes_over_and_a_lower_or_equal_one_is_refused() {
    for (priority, runs, refused) in [
        (40, vec!["low active"], vec!["high group"]),
        (50, vec!["low active"], vec!["high group"]),
        (60, vec!["low stopped(displaced)", "high active"], vec![]),
    ] {
        let plan = plan()
            .with(seq("low").group("g", 50).step(say("one").wait("1d")))
            .with(seq("high").group("g", priority).step(say("one").wait("1d")))
            .on(on("lead.created", "low"))
            .on(on("form.submitted", "high"));
        let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
        stage.happens("lead.created");
        stage.happens("form.submitted");
        assert_eq!((stage.runs(), stage.refused()), (texts(&runs), texts(&refused)), "{priority}");
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

#[test]
fn a_displaced_run_takes_its_own_exit_and_never_two_are_in_the_group() {
    let low = seq("low").group("g", 10).step(say("one").wait("1d")).exits(|exits| {
        exits.displaced = Exit {
            acts: vec![add_tag("displaced")],
            enroll: Some(SequenceName::new("third")),
            ..exits.displaced.clone()
        };
        exits.stopped = Exit { acts: vec![add_tag("stopped")], ..exits.stopped.clone() };
    });
    for (priority, runs) in [
        (15, vec!["low stopped(displaced)", "high active"]),
        (30, vec!["low stopped(displaced)", "high stopped(displaced)", "third active"]),
    ] {
        let plan = plan()
            .with(low.clone())
            .with(seq("high").group("g", 20).step(say("one").wait("1d")))
            .with(seq("third").group("g", priority).step(say("one").wait("1d")))
            .on(on("lead.created", "low"))
            .on(on("form.submitted", "high"));
        let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
        stage.happens("lead.created");
        stage.happens("form.submitted");
        assert_eq!(stage.runs(), texts(&runs), "{priority}");
        let tags = stage.look(ANA).contact.tags.clone();
        assert!(tags.contains("displaced") && !tags.contains("stopped"));
    }
}

#[test]
fn exits_run_after_the_group_is_free() {
    let first = seq("first").group("g", 50).step(say("one")).exits(|exits| {
        exits.completed.enroll = Some(SequenceName::new("drip"));
        exits.completed.notices = vec![notice(), notice()];
    });
    let plan = plan()
        .with(first)
        .with(seq("drip").group("g", 10).step(say("one").wait("30d")))
        .on(on("lead.created", "first"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    assert_eq!(stage.runs(), ["first completed", "drip active"]);
    assert_eq!(stage.ledger().len(), 3, "{:?}", stage.ledger());
    assert!(stage.ledger().iter().all(|row| row.ends_with("sent")), "{:?}", stage.ledger());
}

#[test]
fn an_exits_notice_waits_for_a_slot_and_survives_the_run() {
    let first = seq("first").step(tag("one", "x")).exits(|exits| exits.completed.notices = vec![notice()]);
    let mut stage = Stage::new(plan().with(first).on(on("lead.created", "first")).ready(), "2027-06-01 12:00");
    let slots = std::mem::take(&mut stage.world.slots);
    stage.happens("lead.created");
    assert_eq!(stage.runs(), ["first completed"]);
    stage.script.push_back(Answer::Refuse);
    stage.world.slots = slots;
    stage.wake();
    stage.until("2027-06-02 12:00");
    let notice = &stage.ledger()[1];
    assert!(notice.starts_with("first.exit.completed.notify.1") && notice.ends_with("sent"), "{notice}");
    assert_eq!(stage.left.len(), 2);
}

#[test]
fn a_triggers_texts_read_its_event_and_wait_for_a_slot() {
    let mut trigger = on("lead.created", "");
    let mut notice = notice();
    notice.text = "Wants {{ event.wanted }}".into();
    trigger.notices.push(notice);
    let mut stage = Stage::new(plan().on(trigger).ready(), "2027-06-01 12:00");
    let slots = std::mem::take(&mut stage.world.slots);
    stage.happens_with("lead.created", &[("wanted", Value::text("botox"))]);
    stage.world.slots = slots;
    stage.wake();
    assert_eq!(stage.left[0].text.trim(), "Wants botox");
    assert_eq!(stage.ledger().len(), 1);
    assert!(stage.ledger()[0].ends_with("sent"));
}

#[test]
fn sequences_that_enrol_into_each_other_without_a_wait_come_to_a_halt() {
    let back = |next: &str| {
        let next = SequenceName::new(next);
        move |exits: &mut crate::plan::Exits| exits.completed.enroll = Some(next)
    };
    let plan = plan().with(seq("a").exits(back("b"))).with(seq("b").step(tag("x", "x")).exits(back("a")));
    let mut stage = Stage::new(plan.on(on("lead.created", "a")).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    assert_eq!(stage.refused().last().map(String::as_str).map(|text| &text[2..]), Some("endless"));
    assert!(stage.runs().iter().all(|run| run.ends_with("completed")));
}

#[test]
fn a_filled_text_is_part_of_the_event_that_others_judge() {
    let asked = |data: &[(&str, &str)]| crate::plan::Local::Emit {
        event: crate::id::EventKind::new("lead.created"),
        data: data.iter().map(|(name, text)| (std::sync::Arc::from(*name), filled(text))).collect(),
    };
    let said = asked(&[("text", "{{ contact.score }} points of {{ contact.source | default('somebody') }}")]);
    let plan = plan().with(seq("a").step(say("one"))).with(seq("b").step(say("one")));
    let plan = plan.on(doing(on("form.submitted", ""), vec![said]));
    let plan = plan.on(only_if(on("lead.created", "a"), "event.text == '0 points of somebody'"));
    let plan = plan.on(only_if(on("lead.created", "b"), "event.text != '0 points of somebody'"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("form.submitted");
    assert_eq!(stage.runs().len(), 1, "{:?}", stage.runs());
    assert!(stage.runs()[0].starts_with("a "), "{:?}", stage.runs());
}

#[test]
fn events_that_call_each_other_come_to_a_halt() {
    let plan = plan().on(doing(on("lead.created", ""), vec![emit("form.submitted")]));
    let plan = plan.on(doing(on("form.submitted", ""), vec![emit("lead.created")]));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    assert!(stage.store.events(ANA).len() < 2_000);
}

#[test]
fn a_sequence_that_is_off_lets_nobody_in() {
    let plan = plan().with(seq("a").off().step(say("one"))).on(on("lead.created", "a")).ready();
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.happens("lead.created");
    assert_eq!((stage.runs(), stage.refused()), (vec![], vec!["a inactive".to_owned()]));
}

#[test]
fn enrolments_of_one_event_go_by_priority_then_name_after_what_it_stops() {
    let stops = crate::plan::Local::StopSequences(None);
    let plan = plan()
        .with(seq("old").group("g", 90).step(say("one").wait("1d")))
        .with(seq("low").group("g", 10).step(say("one").wait("1d")))
        .with(seq("high").group("g", 20).step(say("one").wait("1d")))
        .on(on("form.submitted", "old"))
        .on(on("lead.created", "low"))
        .on(doing(on("lead.created", "high"), vec![stops]));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("form.submitted");
    stage.happens("lead.created");
    assert_eq!(stage.runs(), ["old stopped(stop_sequences)", "high active"]);
    assert_eq!(stage.refused(), ["low group"]);
}

#[test]
fn a_run_does_not_see_what_started_it_nor_what_came_before_it_in_the_same_decision() {
    let sequence = seq("a").step(say("one").wait("1d")).stop_on("lead.created", None, "again").stop_on(
        "contact.updated",
        None,
        "changed",
    );
    let trigger = doing(on("lead.created", "a"), vec![add_tag("lead")]);
    let mut stage = Stage::new(plan().with(sequence).on(trigger).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    assert_eq!(stage.runs(), ["a active"]);
    stage.happens("lead.created");
    // the second one ends it, and lets the person in anew
    assert_eq!(stage.runs(), ["a stopped(again)", "a active"]);
}

#[test]
fn stop_by_hand_and_stop_as_a_step() {
    let plan = plan()
        .with(seq("a").step(say("one").wait("1d")))
        .with(seq("b").step(stop("one", "enough")).step(say("two")))
        .on(on("lead.created", "a"))
        .on(on("lead.created", "b"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.order(Order::Stop { sequence: SequenceName::new("a"), actor: "desk".into() });
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.runs(), ["a stopped(operator)", "b stopped(enough)"]);
    assert_eq!(stage.ledger(), ["b.one 2027-06-01 12:00 sent"]);
}

#[test]
fn an_enroll_step_flows_on_with_the_same_booking() {
    let plan = plan()
        .with(seq("a").about_booking().step(enroll("one", "b")))
        .with(seq("b").about_booking().purpose(Purpose::Transactional).step(say("one").before("booking.start", "1h")))
        .on(on("booking.created", "a"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.books("u1", "2027-06-03 18:00");
    stage.until("2027-06-10 12:00");
    assert_eq!(stage.ledger()[1], "b.one 2027-06-03 17:00 sent");
}

#[test]
fn a_run_is_completed_when_its_last_send_has_its_outcome() {
    let plan = plan().with(seq("a").step(say("one"))).on(on("lead.created", "a")).ready();
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.script.extend([Answer::Refuse, Answer::Refuse]);
    stage.happens("lead.created");
    assert_eq!(stage.runs(), ["a active"]);
    stage.until("2027-06-02 12:00");
    assert_eq!(stage.runs(), ["a completed"]);
}
