//! What follows from one decision, and where that ends.
use super::{build::*, stage::*};
use crate::{
    journey::{FOLLOWING, RefusedWhy},
    plan::{Local, ScoreChange, Trigger},
    value::Value,
};

fn more(trigger: Trigger) -> Trigger {
    doing(trigger, vec![Local::Score(ScoreChange::Add(1))])
}

/// Trigger, reason and what was read, of each refusal.
fn refusals(stage: &Stage) -> Vec<(String, RefusedWhy, Vec<String>)> {
    let rows = stage.store.refusals();
    let told = |row: &crate::engine::RefusalRow| {
        let trigger = row.refusal.trigger.as_ref().map(ToString::to_string).unwrap_or_default();
        let read = row.refusal.because.iter().flat_map(|because| &because.read);
        (trigger, row.refusal.why, read.map(|(name, value)| format!("{name} {value}")).collect())
    };
    rows.iter().map(told).collect()
}

#[test]
fn a_change_that_sets_itself_off_is_stopped_and_that_is_recorded_once() {
    let plan = plan().on(more(on("contact.updated", ""))).on(doing(on("lead.created", ""), vec![add_tag("new")]));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    let round = vec![format!("followed {FOLLOWING}"), "round trigger contact_updated_".to_owned()];
    assert_eq!(refusals(&stage), [("contact_updated_".to_owned(), RefusedWhy::Endless, round)]);
    assert_eq!(stage.look(ANA).contact.score, i64::from(FOLLOWING));
    assert_eq!(stage.notes.iter().filter(|note| note.told.goes_round().is_some()).count(), 1);
}

#[test]
fn sequences_that_enrol_into_each_other_are_named() {
    let mut ping = seq("ping").step(tag("one", "x"));
    let mut pong = seq("pong").step(tag("one", "y"));
    ping.0.exits.completed.enroll = Some(crate::id::SequenceName::new("pong"));
    pong.0.exits.completed.enroll = Some(crate::id::SequenceName::new("ping"));
    let plan = plan().with(ping).with(pong).on(on("lead.created", "ping"));
    let mut stage = Stage::new(plan.ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    let [(_, RefusedWhy::Endless, read)] = &refusals(&stage)[..] else { panic!("{:?}", refusals(&stage)) };
    assert!(read.contains(&"round sequence ping".to_owned()) && read.contains(&"round sequence pong".to_owned()));
}

#[test]
fn what_is_set_again_to_the_same_value_ends_by_itself() {
    let again = doing(
        on("contact.updated", ""),
        vec![add_tag("seen"), set("warm", Value::Bool(true)), Local::Score(ScoreChange::Set(7))],
    );
    let plan = plan().on(again).on(doing(on("lead.created", ""), vec![add_tag("new")])).ready();
    let mut stage = Stage::new(plan, "2027-06-01 12:00");
    stage.happens("lead.created");
    assert_eq!(refusals(&stage), []);
}
