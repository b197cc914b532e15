//! Messages with several texts: everybody keeps the arm they got, and the shares are equal.
use super::{
    super::{ARM, WRITTEN},
    build::*,
    stage::*,
};
use crate::{
    engine::Told,
    id::{ContactId, StepName, TemplateName},
    plan::{Approve, Body, Variants, WriteSpec},
};
use std::{collections::BTreeMap, sync::Arc};

fn arms(names: &[&str]) -> Body {
    let arms = names.iter().map(|name| (Arc::from(*name), TemplateName::new("hello"))).collect();
    Body::Variants(Variants { arms, test: None })
}

fn several(name: &str, names: &[&str]) -> S {
    let body = arms(names);
    say(name).spec(move |spec| spec.body = body.clone())
}

fn arm_of(stage: &mut Stage, who: ContactId, step: &str) -> Option<Arc<str>> {
    stage.look(who).runs.iter().find_map(|run| run.arms.get(&StepName::new(step)).cloned())
}

/// What the outcome of a step says beside a gate.
fn said(stage: &Stage, step: &str, name: &str) -> Vec<String> {
    let told = stage.notes.iter().filter_map(|note| match &note.told {
        Told::Outcome { step: of, because, .. } if of.as_str() == step => because.as_ref(),
        _ => None,
    });
    let read = told.flat_map(|because| because.read.iter());
    read.filter(|(known, _)| **known == *name).map(|(_, value)| value.to_string()).collect()
}

#[test]
fn an_arm_is_chosen_once_told_and_kept() {
    let steps = seq("a").step(several("one", &["calm", "bold"])).step(say("two").wait("30d"));
    let mut stage = Stage::new(plan().with(steps).on(on("lead.created", "a")).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    let arm = arm_of(&mut stage, ANA, "one").expect("an arm");
    assert_eq!(said(&stage, "one", ARM), [arm.to_string()]);
    assert!(["calm", "bold"].contains(&&*arm));
}

#[test]
fn a_send_that_was_moved_keeps_its_arm_and_another_contact_number_does_not_change_it() {
    let steps = seq("a").step(several("one", &["a", "b", "c", "d", "e"]));
    let mut stage = Stage::new(plan().with(steps).on(on("lead.created", "a")).ready(), "2027-06-01 12:00");
    stage.script.extend([Answer::Refuse, Answer::Refuse]);
    stage.happens("lead.created");
    let first = arm_of(&mut stage, ANA, "one").expect("an arm");
    stage.until("2027-06-02 12:00");
    assert_eq!(stage.left.len(), 3);
    assert!(stage.left.iter().all(|left| left.text == stage.left[0].text));
    // what a merge leaves of the other record is the run as it stands, arms and all
    let others: Vec<ContactId> = (2..40).map(ContactId).collect();
    let share = |who: &ContactId| super::super::arms::share(&"a".into(), &StepName::new("one"), *who, 5);
    assert!(others.iter().any(|who| ["a", "b", "c", "d", "e"][share(who)] != &*first), "the number decides");
    assert_eq!(said(&stage, "one", ARM), [first.to_string()]);
}

#[test]
fn shares_are_equal_and_steps_are_drawn_apart() {
    let share = |step: &str, who: i64| super::super::arms::share(&"a".into(), &StepName::new(step), ContactId(who), 3);
    let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for who in 0..9_000 {
        *counts.entry((share("one", who), share("two", who))).or_default() += 1;
    }
    // nine cells of a thousand each: five standard deviations are 150
    assert_eq!(counts.len(), 9);
    assert!(counts.values().all(|count| count.abs_diff(1_000) < 150), "{counts:?}");
}

#[test]
fn an_arm_that_is_gone_is_drawn_anew() {
    let steps = |names: &[&str]| {
        let waits = several("one", names).wait("1d");
        plan().with(seq("a").step(waits)).on(on("lead.created", "a")).ready()
    };
    let mut stage = Stage::new(steps(&["x"]), "2027-06-01 12:00");
    stage.happens("lead.created");
    stage.publish(steps(&["y", "z"]));
    stage.until("2027-06-03 12:00");
    let arm = said(&stage, "one", ARM);
    assert!(arm == ["y"] || arm == ["z"], "{arm:?}");
}

#[test]
fn without_a_model_the_fallback_goes_out_and_says_so() {
    let request = WriteSpec {
        instructions: Arc::from("Say hello"),
        subject: None,
        objective: None,
        facts: Vec::new(),
        must_include: vec![Arc::from("booking_link")],
        never: Vec::new(),
        max_chars: 400,
        approve: Approve::First(20),
        fallback: TemplateName::new("hello"),
    };
    let body = Body::Write(Arc::new(request));
    let steps = seq("a").step(say("one").spec(move |spec| spec.body = body.clone()));
    let mut stage = Stage::new(plan().with(steps).on(on("lead.created", "a")).ready(), "2027-06-01 12:00");
    stage.happens("lead.created");
    assert_eq!(stage.left.len(), 1);
    assert_eq!(said(&stage, "one", WRITTEN), ["by the fallback: no model"]);
}
