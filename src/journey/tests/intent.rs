//! What messages mean, and that a message and its meaning are judged as one.
use super::{
    build::{self, PlanWith, on, say, seq},
    stage::Stage,
};
use crate::{
    journey::{End, StopReason, understand},
    plan::{Intent, Plan},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

fn intent(name: &str, words: &[&str]) -> Intent {
    Intent {
        name: Arc::from(name),
        words: words.iter().map(|word| Arc::from(*word)).collect(),
        model: false,
        signals: BTreeMap::new(),
    }
}

fn intents() -> Vec<Intent> {
    vec![
        intent("booking", &["book", "Termin", "cita", "预约", "जाना", "STRASSE", "записаться"]),
        intent("price", &["cost", "how much", "book prices"]),
    ]
}

fn meant(text: &str) -> Option<String> {
    understand(&intents(), text).map(|meant| meant.intent.to_string())
}

#[test]
fn words_stand_alone_in_any_language_and_any_case() {
    for text in [
        "Can I BOOK?",
        "book",
        "¿Tiene una cita?",
        "Ich hätte gern einen termin.",
        "我想预约",
        "मुझे जाना है",
        "straße",
        "Хочу ЗАПИСАТЬСЯ на завтра",
        "book’s",
    ] {
        assert_eq!(meant(text).as_deref(), Some("booking"), "{text}");
    }
    for text in ["the booklet", "Facebook", "Terminal", "citation", "", "how is much", "jānā", "!?"] {
        assert_eq!(meant(text), None, "{text}");
    }
}

#[test]
fn the_longest_match_wins_and_says_how_sure_it_is() {
    assert_eq!(meant("what are the book prices").as_deref(), Some("price"));
    assert_eq!(meant("How   much?").as_deref(), Some("price"));
    let both = understand(&intents(), "what does a Termin cost").unwrap();
    assert_eq!((&*both.intent, both.confidence), ("booking", 0.6));
    assert!(understand(&intents(), "book a Termin").unwrap().confidence > 0.99);
    let first = [intent("one", &["same"]), intent("two", &["same"])];
    assert_eq!(&*understand(&first, "same").unwrap().intent, "one", "of two equal ones the first");
}

fn plan() -> Plan {
    let mut plan = build::plan();
    plan.intents = intents();
    plan
}

fn writes(stage: &mut Stage, text: &str) {
    stage.happens_with("message.received", &[("channel", Value::text("sms")), ("text", Value::text(text))]);
}

#[test]
fn a_message_makes_its_meaning_happen_in_the_same_turn() {
    let quotes = seq("quotes").step(say("later").wait("3d"));
    let plan = plan().with(quotes).on(on("contact.intent", "quotes")).ready();
    let mut stage = Stage::new(plan, "2027-03-02 10:00");
    writes(&mut stage, "good morning");
    assert!(stage.look(super::stage::ANA).runs.is_empty(), "no words of an intent");
    writes(&mut stage, "How much is it?");
    let person = stage.look(super::stage::ANA);
    assert_eq!(person.runs.len(), 1);
    assert!(person.runs[0].is_active());
}

#[test]
fn the_run_that_a_meaning_starts_is_not_stopped_by_its_message() {
    let quotes = seq("quotes").stop_on("message.received", None, "replied").step(say("later").wait("3d"));
    let plan = plan().with(quotes).on(on("contact.intent", "quotes")).ready();
    let mut stage = Stage::new(plan, "2027-03-02 10:00");
    writes(&mut stage, "How much is it?");
    assert!(stage.look(super::stage::ANA).runs[0].is_active());
    writes(&mut stage, "Hello?");
    assert!(!stage.look(super::stage::ANA).runs.iter().any(super::super::Run::is_active), "a later one stops it");
}

#[test]
fn a_goal_by_meaning_wins_over_a_stop_by_the_same_message() {
    let nurture = seq("nurture")
        .goal("contact.intent", None, true)
        .stop_on("message.received", None, "replied")
        .step(say("later").wait("3d"));
    let plan = plan().with(nurture).on(on("lead.created", "nurture")).ready();
    for (text, end) in [("book me in", "converted"), ("no idea", "stopped")] {
        let mut stage = Stage::new(plan.clone(), "2027-03-02 10:00");
        stage.happens("lead.created");
        writes(&mut stage, text);
        let ends: Vec<String> = ends(&stage).iter().map(|end| end.name().to_owned()).collect();
        assert_eq!(ends, [end], "{text}");
    }
}

#[test]
fn a_stop_word_means_nothing_else() {
    let mut plan = plan();
    plan.intents.push(intent("pause", &["stop"]));
    let plan = plan.with(seq("s").step(say("later").wait("3d"))).on(on("contact.intent", "s")).ready();
    let mut stage = Stage::new(plan, "2027-03-02 10:00");
    writes(&mut stage, "STOP");
    assert!(stage.look(super::stage::ANA).runs.is_empty());
}

fn ends(stage: &Stage) -> Vec<End> {
    let told = stage.notes.iter().filter_map(|note| match &note.told {
        crate::engine::Told::Ended { end, .. } => Some(end.clone()),
        _ => None,
    });
    told.filter(|end| *end != End::Stopped(StopReason::Merged)).collect()
}
