use super::*;
use crate::compile::diff::{Decision, Kind, Row, Three, Unchanged};
use std::collections::BTreeMap;

const NOW: Instant = Instant(1_790_000_000_000);

fn change(gate: Gate, object: &str, step: &str) -> Change {
    Change {
        row: Row::Text,
        gate,
        code: "DL610",
        kind: Kind::Sequence,
        object: object.to_owned(),
        step: Some(step.to_owned()),
        what: "text <b>changed</b> for @everybody".to_owned(),
        was: vec!["Hello.".to_owned()],
        is: vec!["``` Good day.".to_owned()],
        people: Some(Three::default()),
        shift: None,
        leave: None,
        enter: None,
        decision: None,
        file: format!("sequences/{object}.yaml"),
        line: 3,
    }
}

fn all(changes: Vec<Change>) -> Changes {
    Changes {
        changes,
        inside: BTreeMap::new(),
        counted: true,
        volumes: Volumes::default(),
        samples: Vec::new(),
        unchanged: Unchanged::default(),
    }
}

fn with<T>(changes: &Changes, show: impl FnOnce(&Told<'_>) -> T) -> T {
    let zone = Zone::parse("Europe/Berlin").unwrap();
    show(&Told {
        changes,
        zone: &zone,
        project: "example",
        against: "plan 41".to_owned(),
        counted_at: Some(NOW),
        inside: 0,
        made: NOW,
        command: "dripline plan".to_owned(),
    })
}

#[test]
fn a_huge_change_fits_into_one_comment() {
    let objects = 400;
    let long = "ü".repeat(300);
    let mut changes = Vec::new();
    for object in 0..objects {
        for step in 0..20 {
            let gate = if object == 0 { Gate::Block } else { Gate::Note };
            let mut one = change(gate, &format!("sequence_{object}"), &format!("step_{step}_{long}"));
            one.is = vec![long.clone(); 12];
            one.decision = Some(Decision { demand: long.clone(), answers: Vec::new() });
            changes.push(one);
        }
    }
    let changes = all(changes);
    let text = with(&changes, markdown);
    assert!(text.encode_utf16().count() < 65_536, "{}", text.len());
    assert!(text.encode_utf16().count() > 40_000, "the room is used: {}", text.len());
    assert!(text.contains("sequence_0"), "what is dangerous is never cut away");
    assert!(text.contains("more of this sequence") && text.contains("**and "), "what is cut is counted");
    assert_eq!(text.matches("<details").count(), text.matches("</details>").count());
    let shown = text.matches("<summary>").count();
    let more: usize = text.split("**and ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert_eq!(shown * 20 + more, objects * 20);
}

#[test]
fn words_of_others_stay_words_in_every_format() {
    let changes = all(vec![change(Gate::Note, "welcome", "hello")]);
    let text = with(&changes, markdown);
    assert!(text.contains("&lt;b&gt;") && !text.contains("<b>changed") && !text.contains("@everybody"), "{text}");
    assert!(text.contains("````diff\n- Hello.\n+ ``` Good day.\n````"), "a fence that nothing closes: {text}");
    let page = with(&changes, html).unwrap();
    assert!(page.contains("&lt;b&gt;changed") && !page.contains("<b>changed"), "{page}");
}

#[test]
fn a_page_shows_every_change_its_people_and_what_to_write() {
    let mut first = change(Gate::Block, "welcome", "hello");
    let mut people = Three::default();
    (people.before.people, people.at.people, people.past.people) = (214, 37, 96);
    first.people = Some(people);
    first.shift = Some(Shift { hours: BTreeMap::from([(-48, 64), (0, 3), (12, 4)]), overdue: 64, ..Shift::default() });
    first.decision = Some(Decision {
        demand: "Say what people there do".to_owned(),
        answers: vec![crate::compile::diff::Answer {
            file: "sequences/welcome.yaml".to_owned(),
            yaml: "removed:\n  - { id: hello, then: next }\n".to_owned(),
            effect: "37 people wait for again".to_owned(),
        }],
    });
    let changes = all(vec![first, change(Gate::Ask, "other", "one"), change(Gate::Note, "other", "two")]);
    let page = with(&changes, html).unwrap();
    for part in [
        "<h1>2 decisions needed before this can go live</h1>",
        "<b>214</b> before",
        "<b>37</b> at",
        "width=\"10.66%\"",
        "<ins>+   - { id: hello, then: next }</ins>",
        "--allow DL610",
        "−2 d",
        "Exit code now: 4, blocked",
        "id=\"c3\"",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    for outside in [" style=", "<script", "http://", "https://", " src="] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn nothing_to_say_is_said_shortly() {
    let nothing = all(Vec::new());
    assert!(with(&nothing, text).starts_with("\u{1b}[1mNothing changes\u{1b}[0m\nAgainst plan 41."));
    assert!(with(&nothing, markdown).starts_with("### Nothing changes\n"));
    assert!(with(&nothing, html).is_ok());
}
