//! Golden findings: the mistakes people make, and what they are told.
use super::{codes, told};

/// Steps of a sequence, and the code of the finding they give.
pub(super) const STRUCTURE: &[(&str, &str)] = &[
    ("  - { id: a, email: x, sms: z }\n", "DL108"),
    ("  - { id: a, wait: 1d, after: { booking.end: 1h }, email: x }\n", "DL109"),
    ("  - { id: a, wait: 90, email: x }\n", "DL107"),
    ("  - { id: a, wait: \"90\", email: x }\n", "DL107"),
    ("  - { id: a, wait: soon, email: x }\n", "DL119"),
    ("  - { id: a, day: \"4\", email: x }\n", "DL102"),
    ("  - { id: a, day: -1, email: x }\n", "DL113"),
    ("  - { id: a, at: \"10:00\", email: x }\n", "DL120"),
    ("  - { id: a, active: yes, email: x }\n", "DL102"),
    ("  - { id: a, email: { subject: Hi } }\n", "DL103"),
    ("  - { id: a, email: { template: x, text: z } }\n", "DL123"),
    ("  - { id: a, before: { booking.start: 1h, booking.end: 2h }, email: x }\n", "DL102"),
    ("  - { id: a, before: { start: 1h }, email: x }\n", "DL119"),
    ("  - { id: a, tag: vip }\n", "DL102"),
    ("  - { id: a, score: {} }\n", "DL103"),
    ("  - { id: A-1, email: x }\n", "DL110"),
    ("  - { email: x }\n", "DL103"),
    ("  - id: a\n    branch: []\n", "DL116"),
    ("  - { id: a, email: { variants: { a: x }, test: { by: goals, method: fixed } } }\n", "DL104"),
    ("  - { id: a, purpose: advert, email: x }\n", "DL104"),
    ("  - just text\n", "DL102"),
    ("  - { id: a, email: x, late: { then: skip } }\n", "DL103"),
    ("  - { id: a, email: x, subject: Hi }\n", "DL105"),
    ("  - { id: a, email: x, delay: 3d }\n", "DL115"),
    ("  - { id: a, email: x, emial: z }\n", "DL101"),
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
    insta::assert_snapshot!(step("notify: { to: x, text: {{ contact.name }} }"), @r##"
    6:28 DL004 `{{ contact.name }}` needs quotes: an opening brace starts a map
        help: put the whole text in quotes
        edit: "{{ contact.name }}" -> "\"{{ contact.name }}\""
    "##);
    insta::assert_snapshot!(step("notify:\n      to: x\n      text: {{ contact.name }}"), @r##"
    8:13 DL004 `{{ contact.name }}` needs quotes: an opening brace starts a map
        help: put the whole text in quotes
        edit: "{{ contact.name }}" -> "\"{{ contact.name }}\""
    "##);
    insta::assert_snapshot!(step("notify:\n      to: x\n      text: {{ contact.name }} wrote"), @r##"
    8:13 DL004 `{{ contact.name }} wrote` needs quotes: an opening brace starts a map
        help: put the whole text in quotes
        edit: "{{ contact.name }} wrote" -> "\"{{ contact.name }} wrote\""
    "##);
    insta::assert_snapshot!(step("notify: { to: x, text: {{ contact.name }} wrote }"), @r##"
    6:28 DL004 `{{ contact.name }} wrote` needs quotes: an opening brace starts a map
        help: put the whole text in quotes
        edit: "{{ contact.name }} wrote" -> "\"{{ contact.name }} wrote\""
    "##);
}

#[test]
fn colons_tabs_and_quotes() {
    insta::assert_snapshot!(step("title: Re: hello # why"), @r##"
    6:12 DL005 the text of `title` has a colon and a space in it, so it needs quotes: `Re: hello`
        help: put the whole text in quotes
        edit: "Re: hello" -> "\"Re: hello\""
    "##);
    insta::assert_snapshot!(step("title:\tHello"), @"");
    insta::assert_snapshot!(step("tag:\n\t\tadd: x"), @r##"
    7:1 DL003 a tab stands where YAML needs spaces
        help: replace the tab by spaces; most editors can do it for the whole file
        edit: "\t\t" -> "    "
    "##);
    insta::assert_snapshot!(step("if: 'vip' in contact.tags"), @r##"
    6:9 DL009 an expression that begins with a quotation mark needs quotes around all of it
        help: put the expression in quotes, or write the object over several lines without braces
        edit: "'vip' in contact.tags" -> "\"'vip' in contact.tags\""
    "##);
    insta::assert_snapshot!(step("title: \"Hi\" there"), @r##"
    6:12 DL002 this is not valid YAML: a text that begins with a quotation mark ends with it
        help: put the whole text in other quotes
        edit: "\"Hi\" there" -> "'\"Hi\" there'"
    "##);
}

#[test]
fn expressions_inside_braces() {
    let case = |text: &str| {
        let text = format!("trigger: a\nevent: lead.created\nenroll: {{ first_of: [ {text} ], otherwise: b }}\n");
        told("triggers/a.yaml", &text)
    };
    insta::assert_snapshot!(case("{ if: has_booking(kind='a', from=now()), sequence: b }"), @r##"
    3:29 DL008 the comma in the expression of `if` ends the value inside { }
        help: put the expression in quotes, or write the object over several lines without braces
        edit: "has_booking(kind='a', from=now())" -> "\"has_booking(kind='a', from=now())\""
    "##);
    insta::assert_snapshot!(case("{ if: contact.source in ['a', 'b'], sequence: b }"), @r##"
    3:29 DL009 an expression with brackets needs quotes inside { }
        help: put the expression in quotes, or write the object over several lines without braces
        edit: "contact.source in ['a', 'b']" -> "\"contact.source in ['a', 'b']\""
    "##);
    insta::assert_snapshot!(case("{ if: 'a' == contact.source, sequence: b }"), @r##"
    3:29 DL009 an expression that begins with a quotation mark needs quotes around all of it
        help: put the expression in quotes, or write the object over several lines without braces
        edit: "'a' == contact.source" -> "\"'a' == contact.source\""
    "##);
    let block =
        "trigger: a\nevent: lead.created\nenroll:\n  first_of:\n    - { if: contact.source in ['a'], sequence: b }\n";
    insta::assert_snapshot!(told("triggers/a.yaml", block), @r##"
    5:13 DL009 an expression with brackets needs quotes inside { }
        help: put the expression in quotes, or write the object over several lines without braces
        edit: "contact.source in ['a']" -> "\"contact.source in ['a']\""
    "##);
}

#[test]
fn words_that_older_tools_read_otherwise() {
    for word in ["no", "On", "y", "+4915550000001", "1e3", "12:30", "010", "0x1F", "1_000", "true", "1.10"] {
        assert_eq!(
            codes("sequences/a.yaml", &with_steps(&format!("  - {{ id: a, email: x, title: {word} }}\n"))),
            ["DL007"],
            "{word}"
        );
    }
    for word in ["2026-12-01", "2027", "-5", "north", "\"no\"", "1.5", "v1", "10:70x"] {
        let found = codes("sequences/a.yaml", &with_steps(&format!("  - {{ id: a, email: x, title: {word} }}\n")));
        assert!(found.is_empty(), "{word}: {found:?}");
    }
    insta::assert_snapshot!(step("day: 1\n    at: 10:00\n    email: x"), @r##"
    7:9 DL007 `10:00` is a text here, but a number counted in sixties in tools that follow YAML 1.1
        help: quote it
        edit: "10:00" -> "\"10:00\""
    "##);
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
    insta::assert_snapshot!(step("reentry: never\n    email: x"), @r##"
    6:5 DL105 `reentry` belongs one level up
        help: `reentry` is a key of a sequence: move it out, to the column of the keys there
    "##);
    insta::assert_snapshot!(step("template: x"), @r##"
    6:5 DL105 `template` belongs under `send`
        help: write `send: { template: … }`
    "##);
    insta::assert_snapshot!(step("merge_by: [x]\n    email: x"), @r##"
    6:5 DL101 `merge_by` is not a key of a step
        help: a step has the keys `id`, `title`, `active`, `wait`, `day`, `before`, `after`, `at`, `if`, `window`, `purpose`, `late` and 32 more
    "##);
    insta::assert_snapshot!(told("sequences/a.yaml", "flow: a\npurpose: marketing\n"), @r##"
    1:1 DL111 `flow` is no kind of file
        help: did you mean `sequence`?
        edit: "flow" -> "sequence"
    "##);
    insta::assert_snapshot!(told("sequences/a.yaml", "sequnce: a\npurpose: marketing\n"), @r##"
    1:1 DL111 `sequnce` is no kind of file
        help: did you mean `sequence`?
        edit: "sequnce" -> "sequence"
    "##);
    insta::assert_snapshot!(told("sequences/a.yaml", ""), @r##"
    1:1 DL111 this file does not say what it is
        help: start it with one of `project`, `sequence`, `trigger`, `segment`, `campaign`, `offer`, `suite` and an id, for example `sequence: welcome`
    "##);
    insta::assert_snapshot!(told("sequences/a.yaml", "- a\n"), @r##"
    1:1 DL111 this file does not say what it is
        help: start it with one of `project`, `sequence`, `trigger`, `segment`, `campaign`, `offer`, `suite` and an id, for example `sequence: welcome`
    "##);
}

#[test]
fn secrets_are_never_repeated() {
    let text = "project: a\nzone: UTC\nsources: { own: { provider: events, secret: hunter2 } }\nchannels: { email: { provider: smtp, url: \"smtp://me:hunter3@mail.example\" } }\n";
    let told = told("dripline.yaml", text);
    assert_eq!(told.matches("DL501").count(), 2, "{told}");
    assert!(!told.contains("hunter"), "{told}");
}
