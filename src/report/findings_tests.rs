use super::*;
use crate::diag::catalogue::{law, shape, yaml};
use anstream::adapter::strip_str;

const SEQUENCE: &str =
    "sequence: a\ntitel: Größe 👍 für alle\nsteps:\n  - id: first\n    email: hello\n  - id: first\n    delay: 3\n";

fn sources() -> SourceMap {
    let mut sources = SourceMap::default();
    sources.insert("sequences/a.yaml", SEQUENCE);
    sources.insert("dripline.yaml", "project: p\nsecret: hunter2 # hunter2\n");
    sources
}

/// The `nth` place where `word` stands.
fn place(file: &str, word: &str, nth: usize) -> Place {
    let sources = sources();
    let text = sources.text(&file.into()).unwrap();
    let (at, _) = text.match_indices(word).nth(nth).unwrap();
    Place::new(&file.into(), at..at + word.len())
}

fn in_a(word: &str, nth: usize) -> Place {
    place("sequences/a.yaml", word, nth)
}

fn shown(finding: Finding) -> String {
    strip_str(&full(&[finding], &sources())).to_string()
}

#[test]
fn several_places_of_one_file_are_one_picture() {
    let finding = Finding::new(&shape::BAD_ID, &in_a("first", 1), "step id \"first\" is used twice")
        .here("used again here")
        .label(&in_a("first", 0), "first used here")
        .help("step ids are people's positions, so they must be unique in a sequence");
    insta::assert_snapshot!(shown(finding), @r#"
    error[DL110]: step id "first" is used twice
     --> sequences/a.yaml:6:9
      |
    4 |   - id: first
      |         ----- first used here
    5 |     email: hello
    6 |   - id: first
      |         ^^^^^ used again here
      |
    help: step ids are people's positions, so they must be unique in a sequence
    "#);
}

#[test]
fn edits_are_shown_as_a_diff() {
    let finding = Finding::new(&shape::FOREIGN_KEY, &in_a("delay", 0), "`delay` is called `wait` here")
        .suggest(&in_a("delay", 0), "wait");
    insta::assert_snapshot!(shown(finding), @r#"
    error[DL115]: `delay` is called `wait` here
     --> sequences/a.yaml:7:5
      |
    7 |     delay: 3
      |     ^^^^^
      |
    help: write
      |
    7 -     delay: 3
    7 +     wait: 3
      |
    "#);
}

#[test]
fn other_files_follow_the_primary_one() {
    let finding = Finding::new(&yaml::DUPLICATE_KEY, &in_a("hello", 0), "nobody knows `hello`")
        .label(&place("dripline.yaml", "project", 0), "the project")
        .label(&in_a("sequence", 0), "in this sequence");
    insta::assert_snapshot!(shown(finding), @r#"
    error[DL006]: nobody knows `hello`
     --> sequences/a.yaml:5:12
      |
    1 | sequence: a
      | -------- in this sequence
    ...
    5 |     email: hello
      |            ^^^^^
      |
     ::: dripline.yaml:1:1
      |
    1 | project: p
      | ------- the project
    "#);
}

#[test]
fn a_whole_file_has_no_picture_also_when_it_is_missing() {
    let finding = Finding::new(&shape::NO_HEADER, &Place::of_file("triggers/gone.yaml"), "the file is missing")
        .label(&in_a("steps", 0), "named here");
    insta::assert_snapshot!(shown(finding), @r#"
    error[DL111]: the file is missing
     --> triggers/gone.yaml
      |
     ::: sequences/a.yaml:3:1
      |
    3 | steps:
      | ----- named here
    "#);
}

#[test]
fn a_secret_is_not_repeated() {
    let secret = place("dripline.yaml", "hunter2", 0);
    let finding = Finding::new(&law::LITERAL_SECRET, &secret, "`secret` holds a secret itself");
    let text = shown(finding);
    assert!(text.contains("secret: ******* # hunter2"), "only the value is masked: {text}");
    assert_eq!(text.matches('^').count(), "hunter2".len());
}

#[test]
fn places_that_the_text_no_longer_has_are_no_reason_to_stop() {
    let inside_a_character = SEQUENCE.find('ö').unwrap() + 1;
    for range in [9_000..9_001, inside_a_character..inside_a_character + 1, 40..9_000, SEQUENCE.len()..SEQUENCE.len()] {
        let place = Place::new(&"sequences/a.yaml".into(), range);
        let finding = Finding::new(&yaml::SYNTAX, &place, "broken").label(&place, "here").fix(&place, "x");
        assert!(shown(finding).contains("sequences/a.yaml"));
    }
}

#[test]
fn colours_are_in_the_text_and_carry_no_information() {
    let finding = Finding::new(&yaml::SYNTAX, &in_a("steps", 0), "broken");
    let text = full(&[finding], &sources());
    assert!(text.contains("\u{1b}["));
    assert!(strip_str(&text).to_string().starts_with("error[DL002]: broken\n"));
}

#[test]
fn concise_is_one_line_each_and_counts_characters() {
    let far = in_a("für", 0);
    let findings = [
        Finding::new(&yaml::YAML_1_1, &far, "two\nlines"),
        Finding::new(&shape::NO_HEADER, &Place::of_file("triggers/gone.yaml"), "missing"),
    ];
    let expected = "sequences/a.yaml:2:16: DL007 two lines\ntriggers/gone.yaml:1:1: DL111 missing\n";
    assert_eq!(concise(&findings, &sources()), expected);
}

#[test]
fn json_has_both_kinds_of_columns_and_null_for_nothing() {
    let far = in_a("für", 0);
    let findings = [
        Finding::new(&yaml::YAML_1_1, &far, "quote it").here("this").fix(&far, "\"für\""),
        Finding::new(&shape::NO_HEADER, &Place::of_file("triggers/gone.yaml"), "missing"),
    ];
    let json = json(&findings, &sources(), 7);
    assert_eq!(json["format_version"], 1);
    assert_eq!(json["summary"], json!({ "files": 7, "errors": 1, "warnings": 1, "fixable": 1 }));
    let first = &json["findings"][0];
    assert_eq!((&first["code"], &first["name"]), (&json!("DL007"), &json!("yaml-1-1")));
    assert_eq!(first["severity"], "warning");
    let start = json!({ "line": 2, "column": 16, "utf16_column": 17, "offset": far.start });
    assert_eq!(first["place"]["start"], start);
    assert_eq!(first["labels"][0]["text"], "this");
    assert_eq!(first["edits"][0]["safe"], true);
    assert_eq!(first["help"], Value::Null);
    assert_eq!(json["findings"][1]["place"], json!({ "file": "triggers/gone.yaml" }));
}

#[test]
fn the_summary_counts() {
    let error = || Finding::new(&yaml::SYNTAX, &in_a("steps", 0), "x");
    let warning = || Finding::new(&yaml::YAML_1_1, &place("dripline.yaml", "project", 0), "x");
    assert_eq!(summary(&[]), "no findings");
    assert_eq!(summary(&[error()]), "1 error in 1 file");
    assert_eq!(summary(&[error(), warning(), warning()]), "1 error, 2 warnings in 2 files");
}
