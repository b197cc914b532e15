//! Golden findings: the mistakes people make, and what they are told.
use super::{codes, told};

/// Steps of a sequence, and the code of the finding they give.
pub(super) const STRUCTURE: &[(&str, &str)] = &[
    ("  - { id: a, email: x, sms: y }\n", "DL108"),
    ("  - { id: a, wait: 1d, after: { booking.end: 1h }, email: x }\n", "DL109"),
    ("  - { id: a, wait: 90, email: x }\n", "DL107"),
    ("  - { id: a, wait: \"90\", email: x }\n", "DL107"),
    ("  - { id: a, wait: soon, email: x }\n", "DL119"),
    ("  - { id: a, day: \"4\", email: x }\n", "DL102"),
    ("  - { id: a, day: -1, email: x }\n", "DL113"),
    ("  - { id: a, at: \"10:00\", email: x }\n", "DL120"),
    ("  - { id: a, active: yes, email: x }\n", "DL102"),
    ("  - { id: a, email: { subject: Hi } }\n", "DL103"),
    ("  - { id: a, email: { template: x, text: y } }\n", "DL123"),
    ("  - { id: a, before: { booking.start: 1h, booking.end: 2h }, email: x }\n", "DL102"),
    ("  - { id: a, before: { start: 1h }, email: x }\n", "DL119"),
    ("  - { id: a, tag: vip }\n", "DL102"),
    ("  - { id: a, score: {} }\n", "DL103"),
    ("  - { id: A-1, email: x }\n", "DL110"),
    ("  - { email: x }\n", "DL103"),
    ("  - id: a\n    branch: []\n", "DL190"),
    ("  - { id: a, email: { variants: { a: x } } }\n", "DL190"),
    ("  - { id: a, purpose: advert, email: x }\n", "DL104"),
    ("  - just text\n", "DL102"),
    ("  - { id: a, email: x, late: { then: skip } }\n", "DL103"),
    ("  - { id: a, email: x, subject: Hi }\n", "DL105"),
    ("  - { id: a, email: x, delay: 3d }\n", "DL115"),
    ("  - { id: a, email: x, emial: y }\n", "DL101"),
    ("  - { id: a, email: x, priority: 5 }\n", "DL105"),
    ("  - { id: a, notify: { to: x } }\n", "DL103"),
    ("  - { id: a, emit: { event: Big.News } }\n", "DL119"),
];

pub(super) fn with_steps(steps: &str) -> String {
    format!("sequence: a\npurpose: service\nreentry: never\nsteps:\n{steps}")
}

#[test]
fn each_mistake_in_a_step_is_one_finding() {
    for (steps, code) in STRUCTURE {
        assert_eq!(codes("sequences/a.yaml", &with_steps(steps)), [*code], "{steps}");
    }
}

fn step(line: &str) -> String {
    told("sequences/a.yaml", &with_steps(&format!("  - id: a\n    {line}\n")))
}

#[test]
fn templates_without_quotes() {
    insta::assert_snapshot!(step("notify: { to: x, text: {{ contact.name }} }"), @"");
    insta::assert_snapshot!(step("notify:\n      to: x\n      text: {{ contact.name }}"), @"");
    insta::assert_snapshot!(step("notify:\n      to: x\n      text: {{ contact.name }} wrote"), @"");
    insta::assert_snapshot!(step("notify: { to: x, text: {{ contact.name }} wrote }"), @"");
}

#[test]
fn colons_tabs_and_quotes() {
    insta::assert_snapshot!(step("title: Re: hello # why"), @"");
    insta::assert_snapshot!(step("title:\tHello"), @"");
    insta::assert_snapshot!(step("tag:\n\t\tadd: x"), @"");
    insta::assert_snapshot!(step("if: 'vip' in contact.tags"), @"");
    insta::assert_snapshot!(step("title: \"Hi\" there"), @"");
}

#[test]
fn expressions_inside_braces() {
    let case = |text: &str| {
        let text = format!("trigger: a\nevent: lead.created\nenroll: {{ first_of: [ {text} ], otherwise: b }}\n");
        told("triggers/a.yaml", &text)
    };
    insta::assert_snapshot!(case("{ if: has_booking(kind='a', from=now()), sequence: b }"), @"");
    insta::assert_snapshot!(case("{ if: contact.source in ['a', 'b'], sequence: b }"), @"");
    insta::assert_snapshot!(case("{ if: 'a' == contact.source, sequence: b }"), @"");
    let block = "trigger: a\nevent: lead.created\nenroll:\n  first_of:\n    - { if: contact.source in ['a'], sequence: b }\n";
    insta::assert_snapshot!(told("triggers/a.yaml", block), @"");
}

#[test]
fn words_that_older_tools_read_otherwise() {
    for word in ["no", "On", "y", "+4915550000001", "1e3", "12:30", "010", "0x1F", "1_000", "true", "1.10"] {
        assert_eq!(codes("sequences/a.yaml", &with_steps(&format!("  - {{ id: a, email: x, title: {word} }}\n"))), ["DL007"], "{word}");
    }
    for word in ["2026-12-01", "2027", "-5", "north", "\"no\"", "1.5", "v1", "10:70x"] {
        let found = codes("sequences/a.yaml", &with_steps(&format!("  - {{ id: a, email: x, title: {word} }}\n")));
        assert!(found.is_empty(), "{word}: {found:?}");
    }
    insta::assert_snapshot!(step("day: 1\n    at: 10:00\n    email: x"), @"");
}

#[test]
fn syntax_errors_in_plain_words() {
    for (text, part) in [
        ("sequence: \"a\nb: c\n", "quotation mark"),
        ("sequence: a\nmeta: [1, 2\n", "never closed"),
        ("sequence: a\nmeta: { a: 1\n", "never closed"),
        ("sequence: a\nmeta: 1\n  b: 2\n", "colon"),
        ("sequence: a\nsteps:\n  - id: a\n - id: b\n", "indented"),
        ("sequence: a\ntitle: @home\n", "cannot start a value"),
        ("sequence: a\ntitle: \"a\\qb\"\n", "backslash"),
        ("sequence: a\npurpose\n", "key and a colon"),
    ] {
        let told = told("sequences/a.yaml", text);
        assert!(told.contains(part) && told.contains("DL002"), "{text:?} gave {told}");
    }
}

#[test]
fn keys_in_the_wrong_place_say_where_they_belong() {
    insta::assert_snapshot!(step("reentry: never\n    email: x"), @"");
    insta::assert_snapshot!(step("template: x"), @"");
    insta::assert_snapshot!(step("merge_by: [x]\n    email: x"), @"");
    insta::assert_snapshot!(told("sequences/a.yaml", "flow: a\npurpose: marketing\n"), @"");
    insta::assert_snapshot!(told("sequences/a.yaml", "sequnce: a\npurpose: marketing\n"), @"");
    insta::assert_snapshot!(told("sequences/a.yaml", ""), @"");
    insta::assert_snapshot!(told("sequences/a.yaml", "- a\n"), @"");
}

#[test]
fn secrets_are_never_repeated() {
    let text = "project: a\nzone: UTC\nsources: { own: { provider: events, secret: hunter2 } }\nchannels: { email: { provider: smtp, url: \"smtp://me:hunter3@mail.example\" } }\n";
    let told = told("dripline.yaml", text);
    assert_eq!(told.matches("DL501").count(), 2, "{told}");
    assert!(!told.contains("hunter"), "{told}");
}
