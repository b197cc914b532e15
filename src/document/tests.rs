use super::{
    action::{Local, Purpose, Score},
    step::Action,
    tree::{Node, Value},
    *,
};
use crate::diag::{FileId, Finding, Sink, SourceMap, catalogue};
use proptest::prelude::*;
use std::{collections::BTreeMap, fmt::Write};

mod traps;

fn read_at(path: &str, text: &str) -> (Option<Document>, Vec<Finding>) {
    let mut sink = Sink::new();
    let document = read(&FileId::from(path), text, &Vars::default(), &mut sink);
    (document, sink.into_findings())
}

/// `line:column code message` of each finding, with its help and edits on lines of their own.
fn told(path: &str, text: &str) -> String {
    let mut map = SourceMap::default();
    map.insert(path, text);
    let (_, findings) = read_at(path, text);
    let mut told = String::new();
    for finding in &findings {
        let at = map.start(&finding.primary).unwrap();
        writeln!(told, "{}:{} {} {}", at.line, at.column, finding.code, finding.message).unwrap();
        for (place, label) in &finding.labels {
            let at = map.start(place).unwrap();
            writeln!(told, "    {}:{} {label}", at.line, at.column).unwrap();
        }
        if let Some(help) = &finding.help {
            writeln!(told, "    help: {help}").unwrap();
        }
        for edit in &finding.edits {
            writeln!(told, "    edit: {:?} -> {:?}", map.slice(&edit.place).unwrap(), edit.text).unwrap();
        }
    }
    told
}

fn codes(path: &str, text: &str) -> Vec<&'static str> {
    read_at(path, text).1.iter().map(|finding| finding.code.0).collect()
}

fn sequence(text: &str) -> Box<Sequence> {
    let (document, findings) = read_at("sequences/a.yaml", text);
    assert!(findings.is_empty(), "{findings:#?}");
    match document.unwrap().body {
        Body::Sequence(sequence) => sequence,
        other => panic!("{other:?}"),
    }
}

/// Findings of a whole project, read as `project` reads it: the project file first, for its variables.
fn project_findings(files: &BTreeMap<&str, &str>) -> Vec<Finding> {
    let mut sink = Sink::new();
    let mut vars = Vars::default();
    for (path, text) in files {
        let document = read(&FileId::from(*path), text, &vars, &mut sink);
        vars = document.and_then(|document| document.vars()).unwrap_or(vars);
    }
    sink.into_findings()
}

/// Codes that this module finds; those of other ranges are tested where they are found.
fn is_ours(code: &str) -> bool {
    // what an object lacks that only makes sense beside others is found by the compiler
    let of_reader =
        code.starts_with("DL0") || (code.starts_with("DL1") && !code.starts_with("DL16") && !code.starts_with("DL14"));
    of_reader || matches!(code, "DL201" | "DL501")
}

#[test]
fn rows_behave_as_their_examples_say() {
    let mut wrong = String::new();
    for row in catalogue::all().into_iter().filter(|row| is_ours(row.code)) {
        for (files, expected) in [(row.bad, vec![row.code]), (row.good, Vec::new())] {
            if files.is_empty() {
                continue;
            }
            let findings = project_findings(&catalogue::over_base(files));
            let found: Vec<&str> = findings.iter().map(|finding| finding.code.0).collect();
            if found != expected {
                writeln!(wrong, "{} gave {findings:#?}", row.code).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_base_project_is_silent() {
    assert_eq!(project_findings(&catalogue::over_base(&[])), []);
}

const FULL: &str = r#"sequence: no_show_recovery
title: No-show recovery
category: reactivation
purpose: marketing
about: contact
reentry: after 30d
group: recovery
priority: 60
goal: { event: booking.created, within: 30d }
stop_on:
  - { event: message.received, reason: replied }
  - event: booking.no_show
    if: not event.no_show and event.booking.uid == booking.uid
    reason: unmarked
window: daytime
retries: { max: 3, delay: 15m }
exits:
  completed: { enroll: monthly_drip }
  converted: { tag: { add: won_back } }
steps:
  - id: sorry_we_missed_you
    day: 1
    at: "10:00"
    send: no_show/sorry
  - id: reminder
    before: { booking.start: 24h }
    late: { up_to: booking.start, then: stop }
    sms: { text: "See you, {{ contact.first_name | default('you') }}" }
  - { id: points, score: { add: -3 } }
  - id: fields
    set: { warm: true, interests: { add: [botox] }, last_touch: { value: now() }, note: null }
  - { id: pause_here, wait: 2d }
"#;

#[test]
fn a_sequence_is_read_in_full() {
    let sequence = sequence(FULL);
    assert_eq!(sequence.purpose.as_ref().unwrap().value, Purpose::Marketing);
    assert_eq!(sequence.reentry.as_deref(), Some("after 30d"));
    assert_eq!(sequence.goal.as_ref().unwrap().within.as_deref(), Some("30d"));
    assert_eq!(sequence.stop_on[1].reason.as_deref(), Some("unmarked"));
    assert!(matches!(&sequence.exits.completed[0].value, Local::Enroll(id) if *id == "monthly_drip"));
    let steps = &sequence.steps;
    assert_eq!(steps[0].timing.day.as_ref().unwrap().value, 1);
    assert_eq!(steps[0].timing.at.as_deref(), Some("10:00"));
    let bound = steps[1].timing.before.as_ref().unwrap();
    assert_eq!((&*bound.moment, &*bound.by), ("booking.start", "24h"));
    let Some(Action::Message { channel, message }) = steps[1].action.as_ref().map(|action| &action.value) else {
        panic!()
    };
    assert_eq!(channel.as_deref(), Some("sms"));
    assert!(message.text.as_ref().unwrap().starts_with("See you"));
    assert!(
        matches!(&steps[2].action.as_ref().unwrap().value, Action::Local(Local::Score(Score::Add(n))) if n.value == -3)
    );
    let Action::Local(Local::Set(set)) = &steps[3].action.as_ref().unwrap().value else { panic!() };
    assert_eq!(set.len(), 4);
    assert!(steps[4].action.is_none(), "a step without an action is a pure delay");
}

#[test]
fn places_inside_expressions_point_into_the_file() {
    let sequence = sequence(FULL);
    let expression = sequence.stop_on[1].if_.clone().unwrap();
    let at = expression.find("event.booking").unwrap();
    assert_eq!(&FULL[expression.inside(at..at + 13).range()], "event.booking");
}

#[test]
fn places_inside_quoted_folded_and_literal_texts_point_into_the_file() {
    for (written, word) in [
        ("'it''s {{ name }} here'", "name"),
        ("\"tab\\there \\u00e9 {{ name }}\"", "name"),
        ("|\n        first\n        second {{ name }}", "name"),
        (">\n        first\n        second {{ name }}\n\n        third", "name"),
        ("plain text\n        over lines", "lines"),
    ] {
        let text = format!(
            "sequence: a\npurpose: service\nreentry: never\nsteps:\n  - id: b\n    notify:\n      to: x\n      text: {written}\n"
        );
        let sequence = sequence(&text);
        let Action::Local(Local::Notify(notify)) = &sequence.steps[0].action.as_ref().unwrap().value else { panic!() };
        let value = notify.text.clone().unwrap();
        let at = value.find(word).unwrap();
        assert_eq!(&text[value.inside(at..at + word.len()).range()], word, "{written}");
    }
}

#[test]
fn anchors_aliases_and_merge_keys_work_inside_a_file() {
    let text = "sequence: a\npurpose: service\nreentry: never\nmeta:\n  usual: &usual { window: daytime, late: 2h }\nsteps:\n  - { <<: *usual, id: b, email: x }\n  - { <<: [*usual], late: 3h, id: c, email: x }\n";
    let sequence = sequence(text);
    assert_eq!(sequence.steps[0].window.as_deref(), Some("daytime"));
    let late = sequence.steps[1].late.as_ref().unwrap();
    assert!(matches!(&late.up_to, Some(step::LateUpTo::For(span)) if *span == "3h"), "own keys win: {late:?}");
}

#[test]
fn variables_keep_their_types_and_unknown_ones_are_found() {
    let project = "project: p\nzone: Europe/Berlin\nvars: { day: 4, hour: \"10:00\" }\n";
    let good = "sequence: a\ntitle: \"day ${vars.day}\"\npurpose: service\nreentry: never\nsteps:\n  - { id: b, day: \"${vars.day}\", at: \"${vars.hour}\", email: x }\n";
    let findings = project_findings(&BTreeMap::from([("dripline.yaml", project), ("sequences/a.yaml", good)]));
    assert_eq!(findings, []);
    let bad = good.replace("title: \"day ${vars.day}\"", "title: \"day ${vars.dya}\"");
    let findings = project_findings(&BTreeMap::from([("dripline.yaml", project), ("sequences/a.yaml", &*bad)]));
    assert_eq!(findings.len(), 1);
    assert_eq!(&bad[findings[0].primary.range()], "${vars.dya}");
    assert_eq!(findings[0].help.as_deref(), Some("did you mean `${vars.day}`?"));
}

#[test]
fn a_project_uses_its_own_variables_and_a_broken_one_causes_no_follow_ups() {
    let project = "project: p\nzone: \"${vars.zone}\"\nvars: { zone: Europe/Berlin, days: [mon, tue] }\npolicies:\n  windows:\n    w: { days: \"${vars.days}\", from: \"09:00\", to: \"10:00\" }\n";
    let (document, findings) = read_at("dripline.yaml", project);
    assert_eq!(findings, []);
    let Body::Project(project) = document.unwrap().body else { panic!() };
    assert_eq!(project.zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(project.policies.windows[0].days.len(), 2);
    let user = "sequence: a\npurpose: service\nreentry: \"after ${vars.gap}\"\nsteps: [ { id: b, wait: \"${vars.gap}\", email: x } ]\n";
    let (broken, _) = read_at("dripline.yaml", "project: p\nzone: UTC\nvars: { a: 1 }\nlocales: [en\n");
    let mut sink = Sink::new();
    read(&FileId::from("sequences/a.yaml"), user, &broken.unwrap().vars().unwrap(), &mut sink);
    assert_eq!(sink.into_findings(), []);
}

#[test]
fn a_template_gives_head_body_and_what_its_name_says() {
    let text = "---\nsubject: \"Hi {{ contact.first_name }}\"\n---\nBody {{ booking_link }}\n";
    let (document, findings) = read_at("templates/no_show/sorry.email.de.md", text);
    assert_eq!(findings, []);
    let Body::Template(template) = document.unwrap().body else { panic!() };
    assert_eq!(
        (&*template.id, template.channel.as_deref(), template.locale.as_deref()),
        ("no_show/sorry", Some("email"), Some("de"))
    );
    assert_eq!(&*template.body, "Body {{ booking_link }}\n");
    assert_eq!(&text[template.body.inside(8..20).range()], "booking_link");
    assert_eq!(&text[template.subject.as_ref().unwrap().inside(6..13).range()], "contact");
    assert!(read_at("templates/layouts/plain.html", "<html>").0.is_none());
    let told = told("templates/a.md", "---\nsubjcet: Hi\n---\nBody\n");
    assert_eq!(
        told,
        "2:1 DL101 `subjcet` is not a key of the head of a template\n    help: did you mean `subject`?\n    edit: \"subjcet\" -> \"subject\"\n"
    );
}

#[test]
fn allow_comments_cover_their_line() {
    let text = "sequence: a # dripline: allow DL801 because it is known\npurpose: service\n# dripline: allow DL312\n\nreentry: never\nsteps: [ { id: b, email: x } ]\n";
    let (document, findings) = read_at("sequences/a.yaml", text);
    assert_eq!(findings, []);
    let allows = document.unwrap().allows;
    assert_eq!((&*allows[0].code, allows[0].reason.as_deref()), ("DL801", Some("it is known")));
    assert_eq!(&text[allows[0].covers.range()], "sequence: a ");
    assert_eq!((&*allows[1].code, allows[1].reason.as_deref()), ("DL312", None));
    assert_eq!(&text[allows[1].covers.range()], "reentry: never");
}

// ---- limits ----

#[test]
fn an_alias_bomb_is_a_finding_and_stays_small() {
    let mut text = String::from("sequence: a\nmeta:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(text, "  a{level}: &a{level} [{aliases}]").unwrap();
    }
    let mut sink = Sink::new();
    let tree = parse::parse(&FileId::from("sequences/a.yaml"), &text, &mut sink);
    let found = sink.into_findings();
    assert_eq!(found[0].code.0, "DL010");
    assert!(count(&tree.root.unwrap()) <= parse::MAX_NODES);
}

fn count(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(_) | Value::Broken => 1,
        Value::List(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Map(map) => 1 + map.entries.iter().map(|entry| count(&entry.value)).sum::<usize>(),
    }
}

#[test]
fn depth_size_and_number_of_values_are_bounded() {
    let deep = format!("sequence: a\nmeta: {}{}\n", "[".repeat(200), "]".repeat(200));
    assert_eq!(codes("sequences/a.yaml", &deep), ["DL010"]);
    let many = format!("sequence: a\nmeta: [{}]\n", "x, ".repeat(30_000));
    assert_eq!(codes("sequences/a.yaml", &many), ["DL010"]);
    let large = format!("sequence: a\nmeta: \"{}\"\n", "x".repeat(2_000_000));
    let (document, findings) = read_at("sequences/a.yaml", &large);
    assert_eq!(findings.len(), 1, "{:?}", findings[0].code);
    assert_eq!(document.unwrap().header.unwrap().id.as_deref(), Some("a"), "the id is saved");
}

#[test]
fn an_anchor_inside_itself_is_a_finding() {
    assert_eq!(
        codes(
            "sequences/a.yaml",
            "sequence: a\nmeta: &m { again: *m }\npurpose: service\nreentry: never\nsteps: [ { id: b, email: x } ]\n"
        ),
        ["DL011"]
    );
}

#[test]
fn a_broken_file_keeps_its_id_and_what_stands_above() {
    let (document, findings) = read_at(
        "sequences/a.yaml",
        "purpose: marketing\npriority: high\nsteps:\n  - id: one\n    email: \"x\n\nsequence: late_header\n",
    );
    let document = document.unwrap();
    assert!(!document.whole);
    assert_eq!(document.header.unwrap().id.as_deref(), Some("late_header"));
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.0).collect();
    assert_eq!(codes, ["DL102", "DL002"], "what was read is checked; what is missing is not");
    let Body::Sequence(sequence) = document.body else { panic!() };
    assert_eq!(sequence.steps[0].id.as_deref(), Some("one"));
}

#[test]
fn long_values_on_one_line_are_fine() {
    let long = "word ".repeat(2_000);
    let text = format!(
        "sequence: a\ntitle: {long}\ndescription: \"{long}\"\nmeta: [{long}, \"{long}\"]\npurpose: service\nreentry: never\nsteps: [ {{ id: b, email: x, if: \"{long}\" }} ]\n"
    );
    assert_eq!(codes("sequences/a.yaml", &text), Vec::<&str>::new());
}

/// Work grows with the size of a file, not with its square: each of these would take minutes otherwise.
#[test]
fn hostile_files_are_read_in_little_time() {
    let half = parse::MAX_BYTES / 2;
    let many = |piece: &str| piece.repeat(half / piece.len());
    let keys = (0..15_000).map(|at| format!("k{at}: v")).collect::<Vec<_>>().join("\n");
    for text in [
        format!("a: {}", many("b: ")),
        format!("sequence: a\n{keys}"),
        format!("sequence: a\nmeta: {{ {}}}\n", "a(, ".repeat(9_000)),
        format!("[{}", many("{")),
        many("{{ a }} "),
        many("'"),
        many("- &a x\n"),
        many("#\n"),
        format!("sequence: a\ntitle: \"{}\"\n", many("${vars.x}")),
    ] {
        read_at("sequences/a.yaml", &text);
    }
}

#[test]
fn comments_by_the_hundred_are_fine() {
    let text = format!(
        "# c\nsequence: a\n{}purpose: service\nreentry: never\nsteps: [ {{ id: b, email: x }} ]\n",
        "# c\n".repeat(500)
    );
    assert_eq!(codes("sequences/a.yaml", &text), Vec::<&str>::new());
}

// ---- schemas ----

fn is_yaml(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == "yaml")
}

/// The schema rejects a file exactly when the reader finds its structure wrong.
#[test]
fn schema_and_reader_agree_on_every_example() {
    let schemas: BTreeMap<&str, jsonschema::Validator> = PUBLISHED
        .into_iter()
        .map(|kind| (kind, jsonschema::draft7::new(&schema(kind, Draft::Seven).unwrap()).unwrap()))
        .collect();
    let mut wrong = String::new();
    let (mut accepted, mut rejected) = (0, 0);
    let mut corpus: Vec<(&str, String)> = catalogue::all()
        .into_iter()
        .flat_map(|row| row.bad.iter().chain(row.good))
        .chain(catalogue::BASE)
        .map(|(path, text)| (*path, (*text).to_owned()))
        .collect();
    corpus.push(("sequences/full.yaml", FULL.to_owned()));
    corpus.extend(traps::STRUCTURE.iter().map(|(text, _)| ("sequences/a.yaml", traps::with_steps(text))));
    for (path, text) in &corpus {
        let mut sink = Sink::new();
        let tree = parse::parse(&FileId::from(*path), text, &mut sink);
        if !sink.is_empty() || !is_yaml(path) {
            continue;
        }
        let Some(header) = read_at(path, text).0.and_then(|document| document.header) else { continue };
        let Some(validator) = schemas.get(header.kind.word()) else { continue };
        // Variables are filled in before the reader looks; the schema sees them as they stand.
        if text.contains("${") {
            continue;
        }
        let found = codes(path, text);
        let structural = found
            .iter()
            .any(|code| (code.starts_with("DL1") && !matches!(*code, "DL114" | "DL117")) || *code == "DL501");
        let valid = validator.is_valid(&schema::json(&tree.root.unwrap()));
        *if valid { &mut accepted } else { &mut rejected } += 1;
        if valid == structural {
            writeln!(wrong, "schema says {valid}, reader says {found:?}:\n{text}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(accepted > 10 && rejected > 20, "{accepted} accepted, {rejected} rejected");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "compares with, and on demand writes, the committed files")]
fn published_schemas_are_fresh() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for kind in PUBLISHED {
        let path = folder.join(format!("{kind}.schema.json"));
        let text = format!("{:#}\n", schema(kind, Draft::Seven).unwrap());
        if std::env::var_os("DRIPLINE_UPDATE").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(published == text, "{} is stale: run the tests with DRIPLINE_UPDATE=1", path.display());
    }
}

/// Examples in descriptions are what people copy.
#[test]
fn every_example_of_a_key_fits_its_key() {
    let mut wrong = String::new();
    let mut names: BTreeMap<&str, *const shape::Shape> = BTreeMap::new();
    for root in [&project::PROJECT, &sequence::SEQUENCE, &trigger::TRIGGER, &template::FRONT_MATTER, &suite::SUITE] {
        schema::walk(root, &mut Vec::new(), &mut |shape, key| {
            let known = names.entry(shape.name).or_insert(std::ptr::from_ref(shape));
            assert!(std::ptr::eq(*known, shape), "two objects are called {}", shape.name);
            assert!(key.about.ends_with('.') && key.about.len() > 8, "{}: {}", key.name, key.about);
            let file = FileId::from("a.yaml");
            let mut sink = Sink::new();
            let tree = parse::parse(&file, &format!("{}: {}\n", key.name, key.example), &mut sink);
            let map = tree.root.as_ref().and_then(|root| root.map()).unwrap();
            let only: &'static [shape::Key] = Box::leak(Box::new([shape::Key { with: &[], later: false, ..*key }]));
            let lone: &'static shape::Shape = Box::leak(Box::new(shape::Shape::new("a test", "A test.", only)));
            check::check(map, &Place::of_file("a.yaml"), lone, &[], &mut sink);
            for finding in sink.into_findings() {
                writeln!(wrong, "{}.{}: {} {}", shape.name, key.name, key.example, finding.message).unwrap();
            }
        });
    }
    assert!(wrong.is_empty(), "{wrong}");
}

// ---- format ----

#[test]
fn format_is_stable_keeps_comments_and_quotes_doubtful_words() {
    let text = "# head\nsequence:   a   # which\ntitle:    no\npurpose: service\nreentry: never\nsteps:\n- {id: b,   email: x}\n- id: c\n  day:   1\n  at:   10:00\n  email:   z\n";
    let file = FileId::from("sequences/a.yaml");
    let Formatted::Changed(once) = format(&file, text) else { panic!("nothing changed") };
    insta::assert_snapshot!(once, @r#"
    # head
    sequence: a # which
    title: "no"
    purpose: service
    reentry: never
    steps:
      - { id: b, email: x }
      - id: c
        day: 1
        at: "10:00"
        email: z
    "#);
    assert_eq!(format(&file, &once), Formatted::Same);
    assert_eq!(format(&file, "sequence: \"a"), Formatted::Left);
}

#[test]
fn format_spreads_objects_whose_condition_is_more_than_a_comparison() {
    let text = "trigger: a\nevent: lead.created\nenroll: { first_of: [ { if: \"has_booking(kind='x', from=now())\", sequence: b }, { if: contact.warm, sequence: c } ], otherwise: d }\n";
    let file = FileId::from("triggers/a.yaml");
    let Formatted::Changed(once) = format(&file, text) else { panic!("nothing changed") };
    insta::assert_snapshot!(once, @r##"
    trigger: a
    event: lead.created
    enroll:
      first_of:
        - if: "has_booking(kind='x', from=now())"
          sequence: b
        - { if: contact.warm, sequence: c }
      otherwise: d
    "##);
    assert_eq!(format(&file, &once), Formatted::Same);
    let simple = "trigger: a\nevent: lead.created\nenroll: { first_of: [{ if: contact.score > 5, sequence: c }], otherwise: d }\n";
    assert_eq!(format(&file, simple), Formatted::Same);
    let listed = "sequence: a\npurpose: service\nreentry: never\nsteps:\n  - { id: b, if: contact.warm and contact.score > 3, email: &e x } # why\n  - { id: c, email: *e }\n";
    let Formatted::Changed(once) = format(&FileId::from("sequences/a.yaml"), listed) else { panic!("nothing changed") };
    insta::assert_snapshot!(once, @r##"
    sequence: a
    purpose: service
    reentry: never
    steps:
      - id: b
        if: contact.warm and contact.score > 3
        email: &e x # why
      - { id: c, email: *e }
    "##);
}

#[test]
fn every_good_file_has_a_stable_form() {
    let files = catalogue::all().into_iter().flat_map(|row| row.good).chain(catalogue::BASE);
    for (path, text) in files.filter(|(path, _)| is_yaml(path)) {
        let file = FileId::from(*path);
        match format(&file, text) {
            Formatted::Changed(once) => assert_eq!(format(&file, &once), Formatted::Same, "{once}"),
            Formatted::Same => {}
            Formatted::Left => panic!("left: {text}"),
        }
    }
}

// ---- anything at all ----

/// Text that looks like YAML of this language, mistakes included.
fn yamlish() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "sequence: a\n",
        "trigger: b\n",
        "project: c\n",
        "steps:\n",
        "  - id: x\n",
        "    email: y\n",
        "    if: ",
        "{{ a }}",
        "{ ",
        " }",
        "[",
        "]",
        ", ",
        ": ",
        "- ",
        "'",
        "\"",
        "&a ",
        "*a",
        "<<: ",
        "|\n",
        ">\n",
        "\t",
        "\n",
        "  ",
        "${vars.x}",
        "# c\n",
        "---\n",
        "!t ",
        "? ",
        "no",
        "10:00",
        "é",
        "\u{feff}",
        "day: 1\n",
        "when: has_booking(kind='a', b)",
        "%YAML 1.2\n",
        "\r\n",
        "\u{0}",
        "...\n",
        "set: { a: null }\n",
        "vars: { x: [1] }\n",
        "\\",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn survives(text: &str) {
    for path in ["dripline.yaml", "sequences/a.yaml", "triggers/a.yaml", "templates/a.md"] {
        let (document, findings) = read_at(path, text);
        for finding in &findings {
            let within = finding.primary.end <= text.len() && text.get(finding.primary.range()).is_some();
            assert!(within, "{finding:?} points outside of {text:?}");
        }
        drop(document);
    }
    let file = FileId::from("sequences/a.yaml");
    if let Formatted::Changed(once) = format(&file, text) {
        assert_ne!(format(&file, &once), Formatted::Left, "{text:?}");
    }
}

#[test]
fn a_tab_in_a_block_before_a_letter_of_two_bytes_panics_nothing() {
    survives("|\n\r\n\t|\né");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_panics_on_yamlish_text(text in yamlish()) {
        survives(&text);
    }
    #[test]
    fn nothing_panics_on_any_text(text in "(?s).{0,200}") {
        survives(&text);
    }
    #[test]
    fn nothing_panics_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut sink = Sink::new();
        if let Some(text) = decode(&FileId::from("sequences/a.yaml"), bytes, &mut sink) {
            survives(&text);
        }
    }
    #[test]
    fn a_flipped_letter_in_a_good_file_never_panics(at in 0..FULL.len(), letter in any::<char>()) {
        let mut text = FULL.to_owned();
        if text.is_char_boundary(at) {
            text.insert(at, letter);
            survives(&text);
        }
    }
}
