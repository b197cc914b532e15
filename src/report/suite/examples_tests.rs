//! Suites that ran, made by hand: what the tests of all forms tell of.
use crate::{
    calendar::{CivilTime, Instant, Span, TimeOfDay, Zone},
    id::{ChannelName, EventKind, SequenceName, StepName, TriggerName},
    journey::{Because, Gate},
    plan::{
        Origin, Suite,
        suite::{Actor, Always, At, Each, Expected, Rule, Scenario, TextIs, Then, Timing, What, When},
    },
    simulate::suite::{Breach, Case, Coverage, Line, LineWord, Ran, Row, Seen, Spot, SpotKind, Verdict, WhyNot},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub(super) const SUITE: &str = "tests/no_show.yaml";
const STEPS: &str = "sequences/no_show_recovery.yaml";

pub(super) fn origin(file: &str, line: u32) -> Origin {
    Origin { file: Arc::from(file), line }
}

pub(super) fn berlin() -> Zone {
    Zone::parse("Europe/Berlin").unwrap()
}

pub(super) fn civil(text: &str) -> CivilTime {
    text.parse().unwrap()
}

pub(super) fn at(text: &str) -> Instant {
    berlin().instant(civil(text))
}

pub(super) fn then(line: u32, timing: Timing, what: Expected) -> Then {
    Then {
        origin: origin(SUITE, line),
        written: Arc::from("{ … }"),
        who: None,
        timing,
        never: false,
        exactly: None,
        sequence: None,
        what,
    }
}

pub(super) fn sent(step: &str) -> Expected {
    Expected::Sent { step: StepName::new(step), via: None, subject: None, text: None }
}

pub(super) fn on(moment: At) -> Timing {
    Timing { at: Some(moment), ..Timing::default() }
}

pub(super) fn line(when: &str, step: Option<&str>, word: LineWord) -> Line {
    Line {
        at: at(when),
        planned: None,
        who: Some(Arc::from("ana")),
        zone: berlin(),
        sequence: Some(SequenceName::new("no_show_recovery")),
        step: step.map(StepName::new),
        word,
        channel: None,
        to: None,
        subject: None,
        text: None,
        because: None,
        origin: step.map(|_| origin(STEPS, 14)),
    }
}

pub(super) fn sent_line(when: &str, step: &str, channel: &str, subject: &str) -> Line {
    Line {
        channel: Some(ChannelName::new(channel)),
        subject: Some(Arc::from(subject)),
        ..line(when, Some(step), LineWord::Sent)
    }
}

pub(super) fn row(expected: Option<usize>, got: &[usize], verdict: Verdict) -> Row {
    Row { expected, got: got.to_vec(), read: Vec::new(), verdict, why_not: None }
}

pub(super) fn because(gate: Gate, read: &[(&str, &str)]) -> Because {
    Because { gate, read: read.iter().map(|(name, value)| (Arc::from(*name), Arc::from(*value))).collect() }
}

fn actor(name: &str) -> Actor {
    Actor { name: Arc::from(name), origin: origin(SUITE, 6), fields: BTreeMap::new(), consent: Vec::new() }
}

pub(super) fn scenario(name: &str, line: u32, then: Vec<Then>) -> Scenario {
    Scenario {
        name: Arc::from(name),
        origin: origin(SUITE, line),
        start: None,
        people: Vec::new(),
        faults: BTreeMap::new(),
        lookup_faults: BTreeMap::new(),
        lookups: BTreeMap::new(),
        each: Each::default(),
        when: vec![When {
            at: At::After(Span::default()),
            origin: origin(SUITE, line + 1),
            who: Some(Arc::from("ana")),
            sequence: None,
            what: What::Reply { text: Arc::from("Sorry! Can I come on Monday?"), channel: None },
        }],
        then,
        others_allowed: false,
    }
}

pub(super) fn suite(scenarios: Vec<Scenario>) -> Suite {
    Suite {
        name: Arc::from("no_show"),
        title: None,
        origin: origin(SUITE, 1),
        under_test: BTreeSet::from([SequenceName::new("no_show_recovery")]),
        triggers_under_test: BTreeSet::new(),
        start: civil("2027-03-26T18:30"),
        zone: berlin(),
        model_forbidden: false,
        lookups: BTreeMap::new(),
        faults: BTreeMap::new(),
        lookup_faults: BTreeMap::new(),
        people: vec![actor("ana")],
        always: vec![Always {
            origin: origin(SUITE, 9),
            written: Arc::from("no_sends: { between: [\"20:00\", \"08:00\"] }"),
            rule: Rule::NoSendsBetween(TimeOfDay::parse("20:00").unwrap(), TimeOfDay::parse("08:00").unwrap()),
            channel: None,
            purpose: None,
        }],
        scenarios,
    }
}

pub(super) fn case(scenario: usize, rows: Vec<Row>, lines: Vec<Line>) -> Case {
    Case {
        scenario,
        variation: None,
        start: at("2027-03-26T18:30"),
        zone: berlin(),
        until: at("2027-04-02T18:30"),
        rows,
        breaches: Vec::new(),
        lines,
    }
}

pub(super) fn ran(suite: Suite, cases: Vec<Case>) -> Ran {
    Ran { suite: Arc::new(suite), seed: 1, cases, coverage: Coverage::default() }
}

pub(super) fn coverage() -> Coverage {
    let spot = |kind, name: &str, times, line| {
        let spot = Spot { sequence: SequenceName::new("no_show_recovery"), kind, name: Arc::from(name) };
        (spot, Seen { times, origin: origin(STEPS, line) })
    };
    Coverage {
        spots: BTreeMap::from([
            spot(SpotKind::Step, "sorry_we_missed_you", 24, 9),
            spot(SpotKind::Step, "new_time_mail", 14, 14),
            spot(SpotKind::Step, "last_call", 0, 20),
            spot(SpotKind::Arm, "way/by_sms", 9, 12),
            spot(SpotKind::Arm, "way/by_mail", 14, 12),
            spot(SpotKind::Exit, "completed", 12, 1),
            spot(SpotKind::Exit, "displaced", 0, 1),
        ]),
        skips: [("cap", 3), ("no_consent", 0), ("late", 0)].map(|(name, times)| (Arc::from(name), times)).into(),
    }
}

/// A reply, a message as expected, one that a cap skipped, one that came in spite of `never`, and one that nobody expected.
pub(super) fn failing() -> Ran {
    let touches = vec![
        then(
            21,
            on(At::Civil(civil("2027-03-27T10:00"))),
            Expected::Sent {
                step: StepName::new("sorry_we_missed_you"),
                via: Some(ChannelName::new("email")),
                subject: Some(TextIs { has: vec![Arc::from("missed")], ..TextIs::default() }),
                text: None,
            },
        ),
        then(22, on(At::Day(4)), sent("new_time_mail")),
        Then { never: true, ..then(23, Timing::default(), sent("last_call")) },
        then(24, on(At::Day(7)), Expected::Completed(SequenceName::new("no_show_recovery"))),
    ];
    let ends = vec![then(33, on(At::After(Span::days(2))), Expected::Converted(SequenceName::new("no_show_recovery")))];
    let suite = suite(vec![
        scenario("three touches, nobody answers", 18, touches),
        scenario("booking ends it", 30, ends.clone()),
        scenario("summer time, every hour of the week", 40, ends),
    ]);
    let skipped = Line {
        because: Some(because(Gate::Cap, &[("at_most", "1 in 1d"), ("spring_news", "2027-03-30T07:00:00Z")])),
        ..line("2027-03-30T18:30", Some("new_time_mail"), LineWord::Skipped(Arc::from("cap")))
    };
    let lines = vec![
        Line { step: None, sequence: None, ..line("2027-03-26T18:30", None, LineWord::Did(0)) },
        line("2027-03-26T18:30", None, LineWord::Entered { by: Some(TriggerName::new("no_show")) }),
        sent_line("2027-03-27T10:00", "sorry_we_missed_you", "email", "We missed you yesterday"),
        skipped,
        sent_line("2027-04-02T18:30", "last_call", "email", "Shall we close your file?"),
        line("2027-04-02T18:30", None, LineWord::Completed),
        sent_line("2027-04-02T19:00", "goodbye", "email", "Goodbye"),
    ];
    let rows = vec![
        row(Some(0), &[2], Verdict::Same),
        Row { why_not: Some(WhyNot::Ended(3)), ..row(Some(1), &[], Verdict::Missing) },
        row(Some(2), &[4], Verdict::Count { wanted: 0, got: 1 }),
        row(Some(3), &[5], Verdict::Same),
        row(None, &[6], Verdict::Unexpected),
    ];
    let converted = || {
        let lines = vec![line("2027-03-28T18:30", None, LineWord::Converted)];
        case(1, vec![row(Some(0), &[0], Verdict::Same)], lines)
    };
    let sweep = |hour: usize| {
        let variation = Some(Arc::from(format!("start Sat 27 Mar {hour:02}:30")));
        Case { scenario: 2, variation, ..converted() }
    };
    let mut cases = vec![case(0, rows, lines), converted()];
    cases.extend((0..3).map(sweep));
    cases[0].breaches.push(Breach::Always { rule: 0, line: 4, since: None });
    Ran { coverage: coverage(), ..ran(suite, cases) }
}

/// Every text that a project or a person can bring, as bad as it gets.
pub(super) fn hostile() -> Ran {
    let bad = "<script>alert(1)</script> \u{1b}[31mred\u{1b}[0m \u{202e}drow ]]> ::error::x%0A\n::warning::y ```";
    let long = "very long ".repeat(2_000);
    let name = format!("{bad} {long}");
    let mut suite =
        suite(vec![scenario(&name, 3, vec![then(5, Timing::default(), Expected::Notified(Arc::from(bad)))])]);
    suite.name = Arc::from(bad);
    suite.always[0].written = Arc::from(bad);
    let text = |text: &str| Some(Arc::from(text));
    let came = Line {
        subject: text(bad),
        text: text(&long),
        who: text(bad),
        because: Some(because(Gate::Condition, &[("if", bad), (bad, &long)])),
        ..line("2027-03-27T10:00", Some("step"), LineWord::Skipped(Arc::from(bad)))
    };
    let mail = Line { subject: text(bad), ..sent_line("2027-03-27T11:00", "step", "email", bad) };
    let unbroken = sent_line("2027-03-27T12:00", "step", "email", &"w".repeat(5_000));
    let rows = vec![
        Row { why_not: Some(WhyNot::Ended(0)), ..row(Some(0), &[], Verdict::Missing) },
        row(None, &[1, 2], Verdict::Unexpected),
    ];
    let mut case = case(0, rows, vec![came, mail, unbroken]);
    case.variation = text(bad);
    case.breaches = vec![
        Breach::Intake { when: 0, why: Arc::from(bad) },
        Breach::Broken(Arc::from(long.as_str())),
        Breach::Loops { at: at("2027-03-27T12:00"), round: vec![Arc::from("trigger a"), Arc::from("a/b")] },
        Breach::Always { rule: 0, line: 1, since: Some(0) },
    ];
    case.lines.push(Line { step: None, ..line("2027-03-28T12:00", None, LineWord::Happened(EventKind::new("x.y"))) });
    Ran { coverage: coverage(), ..ran(suite, vec![case]) }
}
