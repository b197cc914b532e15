//! What is due at the same time goes by purpose, priority, due time, id.
use super::{build::*, stage::*};
use crate::record::Purpose;

#[test]
fn due_work_of_one_person_goes_by_purpose_priority_and_due_time() {
    let wait = |name: &str, wait: &str| say(name).wait(wait);
    let plan = plan()
        .with(seq("a_marketing").priority(90).step(wait("one", "1h")))
        .with(seq("b_low").purpose(Purpose::Service).priority(10).step(wait("one", "1h")))
        .with(seq("c_later").purpose(Purpose::Service).priority(20).step(wait("one", "2h")))
        .with(seq("d_sooner").purpose(Purpose::Service).priority(20).step(wait("one", "1h")))
        .with(seq("e_first").purpose(Purpose::Transactional).priority(1).step(wait("one", "3h")));
    let names = ["a_marketing", "b_low", "c_later", "d_sooner", "e_first"];
    let plan = names.iter().fold(plan, |plan, name| plan.on(on("lead.created", name)));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.sleep_until("2027-06-01 15:30");
    stage.wake();
    let rows = stage.store.ledger();
    let order: Vec<&str> = rows.iter().map(|row| row.sequence.as_ref().unwrap().as_str()).collect();
    assert_eq!(order, ["e_first", "d_sooner", "c_later", "b_low", "a_marketing"]);
    let left: Vec<_> = stage.left.iter().map(|left| left.send).collect();
    assert_eq!(left, rows.iter().map(|row| row.send).collect::<Vec<_>>());
}

#[test]
fn a_waiting_send_takes_its_turn_among_the_runs() {
    // the marketing send of the first sequence waits for its retry and comes due with a service step
    let plan = plan()
        .with(seq("a").step(say("one").retries(3, "1h")))
        .with(seq("b").purpose(Purpose::Service).step(say("one").wait("2h")))
        .on(on("lead.created", "a"))
        .on(on("lead.created", "b"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.script.push_back(Answer::Refuse);
    stage.happens("lead.created");
    stage.sleep_until("2027-06-01 15:30");
    stage.wake();
    let texts: Vec<u16> = stage.left.iter().map(|left| left.attempt.number).collect();
    // first the service step's first attempt, then the second one of the other
    assert_eq!(texts, [1, 1, 2]);
}

#[test]
fn the_last_free_slot_goes_to_the_more_important() {
    let plan = plan()
        .with(seq("a").step(say("one")))
        .with(seq("b").purpose(Purpose::Transactional).step(say("one")))
        .on(on("lead.created", "a"))
        .on(on("lead.created", "b"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.world.slots.insert(crate::id::ChannelName::new("email"), 1);
    stage.script.push_back(Answer::Silence);
    stage.happens("lead.created");
    assert_eq!(stage.ledger()[0], "b.one 2027-06-01 12:00 in flight");
    assert_eq!(stage.ledger()[1], "a.one 2027-06-01 12:00 ready");
}
