//! Opened links: what is wrapped, what stays, and what follows from `message.clicked`.
use super::{build::*, stage::*};
use crate::{
    id::{ContactId, EventKind, FieldName, SendId},
    plan::{Plan, To},
    record::{News, Who},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

const BODY: &str = "Look: https://clinic.example/offers?a=1&b=2 or <https://clinic.example/b>\n\n{{ booking_link }}\n\n\
                    {{ contact.note }}\n\n{{ opt_out }}";

fn project() -> Plan {
    let mut plan = plan();
    plan.public_url = Some(Arc::from("https://drip.example.com/"));
    let mut text = plan.templates[0].clone();
    text.body = Arc::from(BODY);
    plan.templates = vec![text];
    plan.clinics[0].booking_url = Some(Arc::from("https://clinic.example/book"));
    plan
}

fn tracked(name: &str) -> S {
    say(name).spec(|spec| spec.track = true)
}

fn stage(plan: Plan, note: &str) -> Stage {
    let mut stage = Stage::empty(plan.ready(), "2027-06-01 12:00");
    stage.person(ANA, "ana", |person, _| {
        person.contact.set(&FieldName::new("note"), Value::text(note));
    });
    stage
}

/// What the API makes of an opened link.
fn clicks(stage: &mut Stage, send: SendId, number: u16) {
    let row = stage.store.link(send, number).expect("a counted link");
    let data = [
        ("channel", row.channel.unwrap().to_string()),
        ("link", row.url.to_string()),
        ("sequence", row.sequence.unwrap().to_string()),
        ("step", row.step.to_string()),
    ];
    let news = News {
        kind: EventKind::new("message.clicked"),
        at: stage.now,
        who: Some(Who { known: Some(row.contact), ..Who::default() }),
        booking: None,
        data: data.map(|(name, text)| (Arc::from(name), Value::text(text))).into_iter().collect(),
        contact: BTreeMap::new(),
    };
    stage.delivered(&format!("{send}-{number}"), news);
}

#[test]
fn links_of_a_tracked_message_lead_over_our_own_address() {
    let mut stage = stage(project().with(seq("a").step(tracked("one"))), "nothing");
    stage.enrol("a");
    let (send, text) = (stage.left[0].send, stage.left[0].text.clone());
    let token = |number| format!("https://drip.example.com/c/{}", stage.loaded.key.click(send, number));
    assert!(text.starts_with(&format!("Look: {} or {}", token(0), token(1))), "{text}");
    assert!(!text.contains("clinic.example"), "{text}");
    let way_out = format!("Unsubscribe: https://drip.example.com/u/{}", stage.loaded.key.unsubscribe(ANA).0);
    assert!(text.ends_with(&way_out), "a way out is never wrapped: {text}");
    assert_eq!(&*stage.store.link(send, 0).unwrap().url, "https://clinic.example/offers?a=1&b=2");
    assert_eq!(&*stage.store.link(send, 1).unwrap().url, "https://clinic.example/b");
    assert_eq!(&*stage.store.link(send, 2).unwrap().url, "https://clinic.example/book");
    assert_eq!(stage.store.link(send, 3), None);
}

#[test]
fn without_track_and_for_others_links_stay_as_they_are() {
    let host = To::Address(Arc::from("host@example.test"));
    let steps = seq("a").step(say("one")).step(tracked("two").to(host));
    let mut stage = stage(project().with(steps), "nothing");
    stage.enrol("a");
    assert_eq!(stage.left.len(), 2);
    for left in &stage.left {
        assert!(left.text.contains("https://clinic.example/offers?a=1&b=2"), "{}", left.text);
        assert!(!left.text.contains("/c/"), "{}", left.text);
        assert_eq!(stage.store.link(left.send, 0), None);
    }
}

#[test]
fn nobody_gets_a_link_of_ours_to_wherever_they_like() {
    let typed = "https://evil.example/login and https://clinic.example/b and me@clinic.example";
    let mut stage = stage(project().with(seq("a").step(tracked("one"))), typed);
    stage.enrol("a");
    let text = &stage.left[0].text;
    assert!(text.contains("https://evil.example/login"), "{text}");
    let row = stage.store.link(stage.left[0].send, 0).unwrap();
    assert_eq!(&*row.url, "https://clinic.example/offers?a=1&b=2", "a host that the practice names is its own");
    let next = stage.store.link(stage.left[0].send, 1).unwrap();
    assert_eq!(&*next.url, "https://clinic.example/book", "an address that they wrote themselves is left to them");
}

#[test]
fn an_opened_link_starts_ends_and_is_waited_for() {
    let clicked = Some("message.clicked");
    let waits = wait_for("opened", clicked, None, "5d", vec![tag("yes", "opened")], vec![tag("no", "quiet")]);
    let plan = project()
        .with(seq("a").step(tracked("one")).step(waits))
        .with(
            seq("b")
                .stop_on("message.clicked", None, "opened")
                .step(tracked("first").wait("1d"))
                .step(say("second").wait("30d")),
        )
        .with(seq("c").goal("message.clicked", None, true).step(say("third").wait("30d")))
        .with(seq("d").step(say("thanks")))
        .on(on("message.clicked", "d"));
    let mut stage = stage(plan, "nothing");
    for name in ["a", "b", "c"] {
        stage.enrol(name);
    }
    let send = stage.left[0].send;
    clicks(&mut stage, send, 0);
    assert_eq!(stage.runs(), ["a completed", "b stopped(opened)", "c converted", "d completed"]);
    assert!(stage.look(ANA).contact.tags.contains("opened"));
    clicks(&mut stage, send, 0);
    assert_eq!(stage.runs().len(), 4, "the same link again is no news");
    clicks(&mut stage, send, 1);
    assert_eq!(stage.runs().len(), 5, "another link is");
    let events = stage.store.events(ANA);
    let of: Vec<_> = events.iter().filter(|event| event.kind.as_str() == "message.clicked").collect();
    assert_eq!(of.len(), 2);
    assert_eq!(of[0].data.get("step"), Some(&Value::text("one")));
    assert_eq!(of[0].data.get("sequence"), Some(&Value::text("a")));
}

#[test]
fn news_about_nobody_are_kept_to_be_looked_at() {
    let mut stage = stage(project().with(seq("a").step(say("one"))).on(on("message.clicked", "a")), "nothing");
    let news = News {
        kind: EventKind::new("message.clicked"),
        at: stage.now,
        who: Some(Who { known: Some(ContactId(99)), ..Who::default() }),
        booking: None,
        data: BTreeMap::new(),
        contact: BTreeMap::new(),
    };
    stage.delivered("99-0", news);
    assert_eq!(stage.runs(), Vec::<String>::new());
    assert_eq!(stage.store.quarantine().len(), 1);
}

#[test]
fn a_repeated_attempt_carries_the_same_links() {
    let mut stage = stage(project().with(seq("a").step(tracked("one"))), "nothing");
    stage.script.extend([Answer::Refuse, Answer::Accept]);
    stage.enrol("a");
    stage.until("2027-06-02 12:00");
    assert_eq!(stage.left.len(), 2);
    assert_eq!(stage.left[0].text, stage.left[1].text);
    assert!(stage.store.link(stage.left[0].send, 0).is_some());
}

#[test]
fn plans_without_counted_links_keep_their_hash() {
    let spec = serde_json::to_string(&message(&["email"])).unwrap();
    assert!(!spec.contains("track"), "{spec}");
}
