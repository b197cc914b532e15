//! What the analysis of reply windows calls safe is never refused for its channel's law, whatever the clock.
use crate::{
    calendar::{Instant, Span},
    compile::{self, Settings},
    diag::{Sink, SourceMap},
    id::{EventKind, SequenceName},
    plan::Plan,
    simulate::{Example, Preview, What, Word, preview},
};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

const PROJECT: &str = "project: example\nrequires: \">=0.1, <0.2\"\nzone: ZONE\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  whatsapp: { provider: mailbox }\n  email: { provider: mailbox }\npolicies:\n  preferred: [email]\n";
const TRIGGER: &str = "trigger: talk\nevent: message.received\nif: event.channel == 'whatsapp'\nenroll: talk\n";

fn compiled(zone: &str, policies: &str, sequence: &str) -> Option<Arc<Plan>> {
    compiled_on("whatsapp", zone, policies, sequence)
}

fn compiled_on(channel: &str, zone: &str, policies: &str, sequence: &str) -> Option<Arc<Plan>> {
    let mut sources = SourceMap::default();
    let project = PROJECT.replace("ZONE", zone).replace("whatsapp", channel);
    sources.insert("dripline.yaml", format!("{project}{policies}"));
    sources.insert("triggers/talk.yaml", TRIGGER.replace("whatsapp", channel));
    sources.insert("sequences/talk.yaml", sequence);
    let mut sink = Sink::new();
    let documents = compile::read_all(&sources, &mut sink);
    let settings = Settings {
        env: None,
        version: env!("CARGO_PKG_VERSION"),
        year: 2027,
        now: crate::calendar::Instant(1_790_000_000_000),
    };
    let compile::Compiled { plan, findings, .. } =
        compile::compile(&documents, &sources, &compile::Fixtures::new(), &settings, sink);
    let others: Vec<String> = findings
        .iter()
        // what windows and caps never let through is said elsewhere
        .filter(|finding| {
            let code = finding.code.0;
            finding.is_error() && !code.starts_with("DL3") && !matches!(code, "DL550" | "DL525")
        })
        .map(|finding| format!("{} {}", finding.code, finding.message))
        .collect();
    assert!(others.is_empty(), "{others:?}\n{policies}{sequence}");
    plan.map(Arc::new)
}

fn time() -> impl Strategy<Value = String> {
    (0..24_u8, prop::sample::select(vec![0_u8, 30])).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"))
}

fn step() -> impl Strategy<Value = String> {
    let due = prop_oneof![
        3 => Just(String::new()),
        4 => (1..14_u8).prop_map(|hours| format!("wait: {hours}h, ")),
        1 => (1..600_u16).prop_map(|minutes| format!("wait: {minutes}m, ")),
        1 => time().prop_map(|at| format!("day: 0, at: \"{at}\", ")),
        1 => time().prop_map(|at| format!("wait: 1d, at: \"{at}\", ")),
    ];
    let late = prop_oneof![2 => Just(String::new()), 3 => (0..12_u8).prop_map(|hours| format!("late: {hours}h, "))];
    let act = prop_oneof![
        4 => Just("whatsapp: { text: Hello }"),
        1 => Just("email: { subject: Hello, text: \"Hello {{ opt_out }} {{ postal_address }}\" }"),
        1 => Just("tag: { add: x }"),
    ];
    let window = prop_oneof![3 => Just(""), 1 => Just("window: open, ")];
    (due, late, window, act).prop_map(|(due, late, window, act)| format!("{due}{late}{window}{act}"))
}

fn policies() -> impl Strategy<Value = String> {
    let window = (time(), time(), prop::sample::select(vec!["", "days: [mon, tue, wed, thu, fri], "]));
    let quiet = prop::option::of((time(), time()));
    let cap = prop::option::of((1..3_u8, prop::sample::select(vec!["1d", "3h", "24h"])));
    (window, quiet, cap).prop_map(|((from, to, days), quiet, cap)| {
        let mut text = format!("  windows:\n    open: {{ {days}from: \"{from}\", to: \"{to}\" }}\n");
        if let Some((from, to)) = quiet.filter(|(from, to)| from != to) {
            text.push_str(&format!("  quiet_hours: {{ from: \"{from}\", to: \"{to}\" }}\n"));
        }
        if let Some((at_most, per)) = cap {
            text.push_str(&format!("  caps: [ {{ at_most: {at_most}, per: {per}, for: [marketing, service] }} ]\n"));
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_analysis_calls_safe_is_never_refused_for_the_reply_window(
        zone in prop::sample::select(vec!["Europe/Berlin", "America/Jamaica", "Asia/Kathmandu"]),
        policies in policies(),
        steps in prop::collection::vec(step(), 1..4),
        purpose in prop::sample::select(vec!["service", "transactional", "marketing"]),
        // the weeks of both changes of clocks are among them
        minute in prop_oneof![0..(370 * 1_440_i64), (83 * 1_440..91 * 1_440_i64), (299 * 1_440..307 * 1_440_i64)],
    ) {
        let mut text = format!("sequence: talk\npurpose: {purpose}\nreentry: after 1d\nsteps:\n");
        for (at, step) in steps.iter().enumerate() {
            text.push_str(&format!("  - {{ id: s{at}, {step} }}\n"));
        }
        let Some(plan) = compiled(zone, &policies, &text) else { return Ok(()) };
        let data: BTreeMap<String, serde_json::Value> =
            [("channel".to_owned(), "whatsapp".into()), ("text".to_owned(), "hello".into())].into();
        let start = Instant(1_798_761_600_000).plus_ms(minute * 60_000);
        let event = What { event: EventKind::new("message.received"), data, after: Span::ZERO };
        let ask = Preview {
            sequence: SequenceName::new("talk"),
            contact: Example::default(),
            event: Some(event),
            what_if: Vec::new(),
            lookups: Vec::new(),
            start,
        };
        let told = preview(&plan, &ask).unwrap();
        let refused: Vec<_> = told
            .entries
            .iter()
            .filter(|entry| matches!(&entry.word, Word::Skipped(why) if **why == *"channel_law"))
            .collect();
        prop_assert!(refused.is_empty(), "{policies}{text}{start}: {refused:?}");
    }
}

/// A talk on a chat of the project, with one step, and what is told of it after one message of the person.
fn told(step: &str, head: &str, channel: &str, what_if: Vec<What>) -> Vec<(Word, Option<Arc<str>>)> {
    let text = format!("sequence: talk\npurpose: service\nreentry: after 1d\n{head}steps:\n  - {{ id: s0, {step} }}\n");
    let plan = compiled_on(channel, "Europe/Berlin", "", &text).unwrap_or_else(|| panic!("{text}"));
    let data = [("channel".to_owned(), channel.into()), ("text".to_owned(), "hello".into())].into();
    let ask = Preview {
        sequence: SequenceName::new("talk"),
        contact: Example::default(),
        event: Some(What { event: EventKind::new("message.received"), data, after: Span::ZERO }),
        what_if,
        lookups: Vec::new(),
        start: Instant(1_798_761_600_000),
    };
    preview(&plan, &ask).unwrap().entries.into_iter().map(|entry| (entry.word, entry.channel)).collect()
}

#[test]
fn safe_answers_go_out_on_the_chat_and_late_ones_are_found() {
    let late = "sequence: talk\npurpose: service\nreentry: after 1d\nsteps:\n  - { id: s0, wait: 21h, whatsapp: { text: Hello } }\n";
    assert!(compiled("Europe/Berlin", "", late).is_none());
    let told = told("wait: 19h, whatsapp: { text: Hello }", "", "whatsapp", Vec::new());
    assert_eq!(told[0], (Word::Sent, Some(Arc::from("whatsapp"))));
}

/// R09: there is no key for Meta's tag of human agents or for Chatwoot's seven days, and after a day another channel goes.
#[test]
fn nothing_answers_for_a_human_being_after_a_day() {
    let words = ["human_agent", "message_tag", "messaging_type", "tag_type", "reply_window"];
    assert!(crate::document::keys().iter().all(|key| !words.contains(key)));
    let step = "wait: 25h, via: [instagram, email], send: { subject: Hello, text: Hello }";
    assert_eq!(told(step, "", "instagram", Vec::new())[0], (Word::Sent, Some(Arc::from("email"))));
    let soon = "wait: 2h, via: [instagram, email], send: { subject: Hello, text: Hello }";
    assert_eq!(told(soon, "", "instagram", Vec::new())[0], (Word::Sent, Some(Arc::from("instagram"))));
}

/// T10: what colleagues write and what we send is `message.sent`; a private note is no event at all.
#[test]
fn only_what_the_person_wrote_is_a_reply() {
    let at = |event: &str, more: &[(&str, &str)]| {
        let data = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        vec![What { event: EventKind::new(event), data, after: Span::exact(3_600_000) }]
    };
    let step = "wait: 5h, email: { subject: Hello, text: Hello }";
    let stop = "stop_on: [ { event: message.received, reason: replied } ]\n";
    let by_us = at("message.sent", &[("channel", "whatsapp"), ("by", "person"), ("purpose", "service")]);
    assert_eq!(told(step, stop, "whatsapp", by_us)[0].0, Word::Sent);
    let by_them = at("message.received", &[("channel", "whatsapp"), ("text", "yes?")]);
    assert_eq!(told(step, stop, "whatsapp", by_them)[0].0, Word::Stopped(Arc::from("replied")));
    assert!(crate::record::EVENTS.iter().all(|event| !event.name.contains("note") && !event.name.contains("private")));
}
