//! `dripline test` in process: what it runs, how it ends, what it writes.
use crate::project::{PROJECT, dripline, moment};
use dripline::{Outcome, run_in_process};
use serde_json::Value;
use std::{collections::BTreeMap, fs};
use tempfile::TempDir;

const SEQUENCE: &str = "sequence: welcome\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  \
                        - id: hello\n    email: welcome\n  - id: again\n    wait: 2d\n    email: welcome\n";
const TRIGGER: &str = "trigger: welcome\nevent: lead.created\nenroll: welcome\n";
const TEMPLATE: &str = "---\nsubject: Welcome\n---\nHello,\n\n{{ unsubscribe_link }}\n\n{{ postal_address }}\n";
const SUITE: &str = "suite: welcome
under_test: [sequence/welcome]
start: 2027-03-26 09:00
zone: Europe/Berlin # across the change to summer time
people:
  ana: { first_name: Ana, email: ana@example.test, consent: [email] }
scenarios:
  - name: both messages
    when:
      - { at: 0m, event: lead.created, for: ana }
    then:
      - { at: 0m, sent: hello, via: email } # at once
      - { at: 2d, sent: again }
      - { at: 2d, completed: welcome }
  - name: a booking ends it
    when:
      - { at: 0m, event: lead.created, for: ana }
      - { at: 1d, event: booking.created, for: ana }
    then:
      - { sent: hello }
      - { at: 1d, converted: welcome }
      - { never: { sent: again } }
";

/// The suite with a scenario that is wrong twice: another channel of thought, and a day too early.
fn failing() -> String {
    SUITE.replace("- { at: 2d, sent: again }", "- { at: 1d, sent: again }")
}

fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let base = [
        ("dripline.yaml", PROJECT),
        ("sequences/welcome.yaml", SEQUENCE),
        ("triggers/welcome.yaml", TRIGGER),
        ("templates/welcome.md", TEMPLATE),
    ];
    for (path, text) in base.iter().chain(files) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn with_suite(suite: &str) -> TempDir {
    project(&[("tests/welcome.yaml", suite)])
}

fn test(folder: &TempDir, args: &[&str]) -> Outcome {
    let args: Vec<&str> = ["test"].iter().chain(args).copied().collect();
    dripline(folder.path(), &args)
}

#[test]
fn what_passes_is_a_line_each() {
    let done = test(&with_suite(SUITE), &[]);
    let out = "welcome  tests/welcome.yaml  2 ok\n  ok    both messages\n  ok    a booking ends it\n";
    assert!(done.code == 0 && done.out.starts_with(out), "{done:?}");
    assert_eq!(done.err, "2 scenarios pass, seed 1\n");
    let quiet = test(&with_suite(SUITE), &["-q"]);
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
}

#[test]
fn without_a_scenario_to_run_it_could_not_run() {
    let cases: [(TempDir, &[&str], &str); 5] = [
        (project(&[]), &[], "this project has no suites"),
        (
            with_suite(SUITE),
            &["--run", "nobody"],
            "no scenario matches\nhelp: there are: \"both messages\", \"a booking ends it\"",
        ),
        (
            with_suite(SUITE),
            &["sequences"],
            "there is no suite in what was named\nhelp: suites are in tests/welcome.yaml",
        ),
        (with_suite(SUITE), &["tests/none.yaml"], "there is no tests/none.yaml"),
        (with_suite(SUITE), &["--run", "("], "unclosed group"),
    ];
    for (folder, args, words) in cases {
        let done = test(&folder, args);
        assert!(done.code == 3 && done.out.is_empty() && done.err.contains(words), "{done:?}");
    }
}

#[test]
fn a_failure_says_why_and_its_command_runs_it_alone() {
    let folder = with_suite(&failing());
    let done = test(&folder, &[]);
    assert_eq!(done.code, 1, "{done:?}");
    assert_eq!(done.err, "1 of 2 scenarios fails, seed 1\n");
    for part in ["  FAIL  both messages\n", "tests/welcome.yaml:13", "Sun 28 Mar 09:00", "+1d, Sat 27 Mar 09:00"] {
        assert!(done.out.contains(part), "{part} is not in {}", done.out);
    }
    let command = done.out.lines().find_map(|line| line.strip_prefix("  run only this: dripline ")).unwrap();
    let words: Vec<String> = command
        .split('"')
        .enumerate()
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let again = dripline(folder.path(), &words);
    assert_eq!((again.code, again.err.as_str()), (1, "1 of 1 scenario fails, seed 1\n"), "{again:?}");
}

#[test]
fn the_same_run_gives_the_same_bytes_in_any_order() {
    let folder = with_suite(&failing());
    let all = |args: &[&str]| test(&folder, &[args, &["--trace", "--coverage"]].concat()).out;
    assert_eq!(all(&[]), all(&[]));
    assert_eq!(all(&[]), all(&["--shuffle"]));
}

#[test]
fn every_form_can_be_asked_for() {
    let folder = with_suite(&failing());
    let done = test(
        &folder,
        &[
            "--format",
            "json",
            "--report",
            "junit=out/a.xml",
            "--report",
            "html=out/a.html",
            "--report",
            "full=out/a.txt",
        ],
    );
    assert_eq!(done.code, 1);
    let told: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!((&told["summary"]["cases"], &told["summary"]["failed"]), (&2.into(), &1.into()));
    let written = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    assert!(written("a.xml").contains("tests=\"2\" failures=\"1\""));
    assert!(written("a.txt").contains("FAIL  both messages") && !written("a.txt").contains('\u{1b}'));
    let page = written("a.html");
    assert!(page.contains("<h1>1 of 2 scenarios fails</h1>") && page.contains("made Thu 25 Mar 2027"), "{page}");

    let annotated = test(&folder, &["--format", "github"]);
    assert!(
        annotated.out.starts_with("::error file=tests/welcome.yaml,line=13,title=both messages::"),
        "{}",
        annotated.out
    );
    let summary = folder.path().join("summary.md");
    let env = BTreeMap::from([("GITHUB_STEP_SUMMARY".to_owned(), summary.display().to_string())]);
    run_in_process(&["test", "--format", "github"], folder.path(), &env, moment());
    assert!(fs::read_to_string(summary).unwrap().starts_with("### ❌ dripline test: 1 of 2 scenarios fails, seed 1\n"));

    for (args, words) in [
        (["check", "--report", "html=x.html"], "this command does not write the format `html`"),
        (["test", "--report", "sarif=x.sarif"], "this command does not write the format `sarif`"),
        (["status", "--report", "junit=x.xml"], "this command writes no reports"),
    ] {
        let refused = dripline(folder.path(), &args);
        assert!(refused.code == 3 && refused.err.contains(words), "{refused:?}");
    }
}

#[test]
fn too_little_coverage_fails_and_says_what_is_missing() {
    let folder = with_suite(SUITE);
    let table = test(&folder, &["--coverage"]);
    assert!(table.code == 0 && table.out.contains("\ncoverage  "), "{table:?}");
    let ends = test(&folder, &["--run", "booking", "--coverage=100"]);
    assert_eq!(ends.code, 1, "{ends:?}");
    assert!(
        ends.out.contains("steps          1 of 2    missing:\n      again  sequences/welcome.yaml:8\n"),
        "{}",
        ends.out
    );
    assert!(ends.err.contains("% were asked for") || ends.err.contains("100 % were asked for"), "{}", ends.err);
    assert_eq!(test(&folder, &["--run", "booking", "--coverage=1"]).code, 0);
    assert_eq!(test(&folder, &["--coverage=101"]).code, 3);
}

#[test]
fn what_came_can_be_accepted() {
    let folder = with_suite(&failing());
    let read = || fs::read_to_string(folder.path().join("tests/welcome.yaml")).unwrap();
    let done = test(&folder, &["--accept"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(
        done.out.contains(
            "-      - { at: 1d, sent: again }\n+      - { at: \"2027-03-28 09:00\", sent: again, via: email }\n"
        ),
        "{}",
        done.out
    );
    assert_eq!(done.err, "accepted what came of 1 scenario in tests/welcome.yaml\n");
    let expected =
        failing().replace("{ at: 1d, sent: again }", "{ at: \"2027-03-28 09:00\", sent: again, via: email }");
    assert_eq!(read(), expected, "comments and everything else stay");
    assert_eq!(test(&folder, &[]).code, 0);
    let nothing = test(&folder, &["--accept"]);
    assert_eq!((nothing.code, nothing.err.as_str()), (0, "every expectation holds; nothing to accept\n"));
    assert_eq!(read(), expected);
}

#[test]
fn what_must_never_be_is_not_accepted() {
    let broken =
        failing().replace("scenarios:", "always:\n  - no_sends: { between: [\"08:00\", \"10:00\"] }\nscenarios:");
    let folder = with_suite(&broken);
    let done = test(&folder, &["--accept"]);
    assert_eq!((done.code, done.out.as_str()), (1, ""), "{done:?}");
    assert!(
        done.err.contains("\"both messages\" was not accepted: this must always hold and does not: "),
        "{}",
        done.err
    );
    assert_eq!(fs::read_to_string(folder.path().join("tests/welcome.yaml")).unwrap(), broken);

    // a sweep begins at many moments: days from the start fit all of them
    let sweep = "  - name: each\n    each: { start: { every: 1d, for: 3d } }\n    when: [{ at: 0m, event: lead.created }]\n    \
                 then: [{ at: 3d, sent: again }]\n";
    let folder = with_suite(&format!("{SUITE}{sweep}"));
    let done = test(&folder, &["--accept", "--run", "each"]);
    assert!(done.code == 0 && done.err.contains("accepted what came of 1 scenario in"), "{done:?}");
    assert!(done.out.contains("+    then:\n+      - { at: day 2, sent: again, via: email }\n"), "{}", done.out);
}

#[test]
fn what_is_broken_stops_only_what_it_concerns() {
    let broken = project(&[
        ("tests/welcome.yaml", SUITE),
        ("sequences/welcome.yaml", "sequence: welcome\nsteps: [{ idd: x }]\n"),
    ]);
    let done = test(&broken, &[]);
    assert!(done.code == 1 && done.out.is_empty() && done.err.contains("nothing was run"), "{done:?}");
    let beside =
        project(&[("tests/welcome.yaml", SUITE), ("tests/other.yaml", "suite: other\nstartt: x\nscenarios: []\n")]);
    assert_eq!(test(&beside, &[]).code, 1);
    let done = test(&beside, &["tests/welcome.yaml"]);
    assert_eq!(done.code, 0, "{done:?}");
}

#[test]
fn a_restart_and_a_deploy_are_survived_on_disk() {
    let with = |what: &str| {
        SUITE.replacen("for: ana }\n    then:", &format!("for: ana }}\n      - {{ at: 1d, {what} }}\n    then:"), 1)
    };
    let restarted = test(&with_suite(&with("restart: true")), &["--run", "both"]);
    assert_eq!(restarted.code, 0, "{restarted:?}");
    // the new version sends the second message a day later
    let next = SEQUENCE.replace("wait: 2d", "wait: 3d");
    let files = [
        ("tests/welcome.yaml", &*with("deploy: fixtures/next").replace("at: 2d", "at: 3d")),
        ("tests/fixtures/next/dripline.yaml", PROJECT),
        ("tests/fixtures/next/sequences/welcome.yaml", &next),
        ("tests/fixtures/next/triggers/welcome.yaml", TRIGGER),
        ("tests/fixtures/next/templates/welcome.md", TEMPLATE),
    ];
    let deployed = test(&project(&files), &["--run", "both"]);
    assert_eq!(deployed.code, 0, "{deployed:?}");
    let nowhere = test(&with_suite(&with("deploy: nowhere")), &["--run", "both"]);
    assert!(nowhere.code == 3 && nowhere.err.contains("deploys \"nowhere\""), "{nowhere:?}");
}

/// A mail with a slot in it: none goes where nothing is free, and that nobody can tell is something else.
const SLOT: &str = "sequence: welcome
purpose: service
reentry: never
steps:
  - id: slots
    with: { slot: next_free_slot }
    if: slot.start is defined
    email: welcome
  - id: more_slots
    wait: 1d
    with: { slot: next_free_slot }
    if: slot.start is defined
    email: welcome
";

#[test]
fn a_lookup_that_fails_is_a_failure_and_never_read_as_nothing() {
    let lookups =
        "lookups:\n  next_free_slot: { get: \"https://match.example.com/slots\", returns: { start: time } }\n";
    let project_file = format!("{PROJECT}{lookups}");
    let run = |faults: &str, first: &str, second: &str| {
        let suite = format!(
            "suite: welcome
start: 2027-03-26 09:00
people:
  ana: {{ first_name: Ana, email: ana@example.test, consent: [email] }}
{faults}
scenarios:
  - name: slots
    when: [ {{ at: 0m, event: lead.created }} ]
    then: [ {{ at: 0m, {first} }}, {{ at: 1d, {second} }} ]
"
        );
        let files =
            [("dripline.yaml", &*project_file), ("sequences/welcome.yaml", SLOT), ("tests/welcome.yaml", &*suite)];
        test(&project(&files), &[])
    };
    let (sent, failed) = ("sent: slots", "failed: slots, because: lookup");
    for (faults, first, second) in [
        ("faults: { next_free_slot: ok }", sent, "sent: more_slots"),
        ("faults: { next_free_slot: [timeout, ok] }", failed, "sent: more_slots"),
        ("faults: { next_free_slot: [ok, http_500] }", sent, "failed: more_slots, because: lookup"),
        ("faults: { next_free_slot: refuse }", failed, "failed: more_slots, because: lookup"),
        (
            "lookups: { next_free_slot: none }",
            "skipped: slots, because: condition",
            "skipped: more_slots, because: condition",
        ),
    ] {
        let done = run(faults, first, second);
        assert_eq!(done.code, 0, "{faults}: {done:?}");
    }
    let nothing = "skipped: slots, because: condition";
    assert_eq!(run("faults: { next_free_slot: refuse }", nothing, "failed: more_slots").code, 1);
}

#[test]
fn faults_that_no_story_plays_are_findings() {
    for of in ["disk", "model"] {
        let suite = SUITE.replace("people:\n", &format!("faults: {{ {of}: refuse }}\npeople:\n"));
        let done = test(&with_suite(&suite), &[]);
        assert!(done.code == 1 && done.err.contains(&format!("this version plays no faults of the {of}")), "{done:?}");
    }
}

#[test]
fn fields_that_are_other_than_expected_are_shown_as_they_were() {
    let state = "      - { at: 2d, completed: welcome }\n      - { at: 3d, state: { first_name: Bea, warm: false } }\n";
    let suite = SUITE.replace("      - { at: 2d, completed: welcome }\n", state);
    let done = test(&with_suite(&suite), &[]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(
        done.out.contains("✗ +3d, Mon 29 Mar 09:00  state           state first_name = Ana, warm = false"),
        "{}",
        done.out
    );
    let json = test(&with_suite(&suite), &["--format", "json"]);
    let told: Value = serde_json::from_str(&json.out).unwrap();
    let rows = told["suites"][0]["cases"][0]["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["verdict"] == "differs").unwrap();
    assert_eq!(row["read"][0], serde_json::json!({ "name": "first_name", "value": "Ana" }));
}

#[test]
fn a_trace_tells_an_event_once_and_no_names_where_one_person_is_meant() {
    // the person of the scenario stands in for that of the suite
    let own = "  - name: both messages\n    people: { ana: { first_name: Ana, email: anna@example.test, consent: [email] } }\n";
    let suite = failing().replace("  - name: both messages\n", own);
    let done = test(&with_suite(&suite), &["--trace"]);
    assert_eq!(done.out.matches("event lead.created").count(), 2, "{}", done.out);
    assert!(!done.out.contains("for ana"), "{}", done.out);
}

#[test]
fn a_page_shows_how_often_stories_went_where_and_what_none_came_to() {
    let page = |suite: &str, more: &[&str]| {
        let done = test(&with_suite(suite), &[&["--coverage", "--format", "html"], more].concat());
        done.out.split_once("stories went where").expect("the graph").1.to_owned()
    };
    let boxes = |page: &str| -> Vec<String> {
        let of = |part: &str, tag: &str| {
            part.split_once(&format!("<{tag}>")).unwrap().1.split('<').next().unwrap().to_owned()
        };
        let parts = page.split("<div class=\"note ").skip(1);
        parts
            .map(|part| format!("{} {} {}", part.split('"').next().unwrap(), of(part, "code"), of(part, "b")))
            .collect()
    };
    let both = page(SUITE, &[]);
    assert_eq!(boxes(&both), ["sent entered 2×", "sent hello 2×", "sent again 1×"]);
    assert!(both.contains("completed 1×") && both.contains("converted 1×"), "{both}");
    let one = page(SUITE, &["--run", "a booking"]);
    assert_eq!(boxes(&one), ["sent entered 1×", "sent hello 1×", "failed again never"]);
    assert!(one.contains("completed never"), "{one}");
}

/// Scenarios that expect nothing yet, each written in another way.
const NO_THEN: &str = "suite: welcome
under_test: [sequence/welcome]
start: 2027-03-26 09:00
people:
  ana: { first_name: Ana, email: ana@example.test, consent: [email] }
scenarios:
    # what comes is written below
    - name: both messages   # of a lead
      when:
          - { at: 0m, event: lead.created } # at once
    - name: a booking ends it
      when: [ { at: 0m, event: lead.created }, { at: 1d, event: booking.created } ]
      then: []   # to be written
    - { name: one line, when: [ { at: 0m, event: lead.created }, { at: 1h, opt_out: all } ] }
    - name: like the first
      like: both messages
";

#[test]
fn the_first_expectations_are_written_by_what_came() {
    let folder = with_suite(NO_THEN);
    let read = || fs::read_to_string(folder.path().join("tests/welcome.yaml")).unwrap();
    let refused = test(&folder, &[]);
    assert_eq!((refused.code, read().as_str()), (1, NO_THEN), "{refused:?}");
    assert!(refused.err.matches("error[DL703]").count() == 4 && refused.err.contains("test --accept"), "{refused:?}");

    let done = test(&folder, &["--accept"]);
    assert_eq!((done.code, done.err.as_str()), (0, "accepted what came of 4 scenarios in tests/welcome.yaml\n"));
    let messages = "      then:
        - { at: \"2027-03-26 09:00\", entered: welcome }
        - { at: \"2027-03-26 09:00\", sent: hello, via: email }
        - { at: \"2027-03-28 09:00\", sent: again, via: email }
        - { at: \"2027-03-28 09:00\", completed: welcome }
";
    let booked = "      then: # to be written
        - { at: \"2027-03-26 09:00\", entered: welcome }
        - { at: \"2027-03-26 09:00\", sent: hello, via: email }
        - { at: \"2027-03-27 09:00\", converted: welcome }
";
    let line = ", then: [{ at: \"2027-03-26 09:00\", entered: welcome }, { at: \"2027-03-26 09:00\", sent: hello, via: email }, { at: \"2027-03-26 10:00\", stopped: welcome, because: opted_out }] }\n";
    let expected = NO_THEN
        .replace(" # at once\n", &format!(" # at once\n{messages}"))
        .replace("      then: []   # to be written\n", booked)
        .replace("opt_out: all } ] }\n", &format!("opt_out: all }} ]{line}"))
        .replace("      like: both messages\n", &format!("      like: both messages\n{messages}"));
    assert_eq!(read(), expected, "comments and indentation stay");
    assert_eq!(test(&folder, &[]).code, 0);
    let nothing = test(&folder, &["--accept"]);
    assert_eq!((nothing.code, nothing.err.as_str()), (0, "every expectation holds; nothing to accept\n"));
    assert_eq!(read(), expected);
}

#[test]
fn a_scenario_in_which_nothing_happens_or_comes_is_not_accepted() {
    let none = NO_THEN.replace("      like: both messages\n", "      then: [ { sent: hello } ]\n");
    let folder = with_suite(&none);
    let done = test(&folder, &["--accept"]);
    assert!(done.code == 1 && done.err.contains("nothing happens in this scenario"), "{done:?}");
    assert_eq!(fs::read_to_string(folder.path().join("tests/welcome.yaml")).unwrap(), none);

    let quiet = "suite: welcome\nstart: 2027-03-26 09:00\npeople: { ana: { email: ana@example.test } }\nscenarios:\n  - name: \
                 nothing comes\n    when: [ { at: 0m, set: { first_name: Ana } } ]\n";
    let folder = with_suite(quiet);
    let done = test(&folder, &["--accept"]);
    assert!(done.code == 1 && done.err.contains("nothing came that could be expected"), "{done:?}");
    assert_eq!(fs::read_to_string(folder.path().join("tests/welcome.yaml")).unwrap(), quiet);
}

#[test]
fn mistakes_stand_where_the_results_would() {
    let folder = with_suite(&SUITE.replace("sent: again", "sent: agian"));
    let of = |format: &str| test(&folder, &["--format", format]);
    let github = of("github");
    assert!(github.code == 1 && github.out.starts_with("::error file=tests/welcome.yaml"), "{github:?}");
    let json: Value = serde_json::from_str(&of("json").out).unwrap();
    assert_eq!(json["findings"][0]["code"], "DL712", "{json:#}");
    assert!(of("junit").out.contains("<failure"), "{:?}", of("junit"));
    let text = of("full");
    assert!(text.out.is_empty() && text.err.contains("DL712") && text.err.ends_with("nothing was run\n"), "{text:?}");
}

#[test]
fn warnings_about_suites_are_counted_beside_what_they_may_explain() {
    // that night clocks go from two to three
    let folder = with_suite(&SUITE.replace("start: 2027-03-26 09:00", "start: 2027-03-28 02:30"));
    let done = test(&folder, &[]);
    assert!(done.err.contains("1 warning about the suites: `dripline check` shows it"), "{done:?}");
    assert!(!test(&with_suite(SUITE), &[]).err.contains("warning"));
}
