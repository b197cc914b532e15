//! A change of the plan with people inside: what `plan` counts comes true, and nothing passes that was not decided.
use crate::daemon::Daemon;
use crate::project::{PROJECT, change, git, live};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tempfile::TempDir;

const CARE: &str = "sequence: care
category: care_plan
purpose: transactional
reentry: never
steps:
  - id: hello
    email: hello
  - id: second
    wait: 3d
    email: second
  - id: third
    wait: 3d
    email: third
";
const SECOND: &str = "  - id: second\n    wait: 3d\n    email: second\n";
const TRIGGER: &str = "trigger: care\nevent: lead.created\nenroll: care\n";
const PEOPLE: usize = 7;

const FILE: &str = "sequences/care.yaml";

#[track_caller]
fn json_of(folder: &Path, args: &[&str]) -> Value {
    let done = live(folder, &[args, &["--format", "json"]].concat());
    serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{error}: {done:?}"))
}

fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = |name: &str| format!("---\nsubject: {name}\n---\nThis is {name}.\n");
    let files = [
        ("dripline.yaml", PROJECT.to_owned()),
        (FILE, CARE.to_owned()),
        ("triggers/care.yaml", TRIGGER.to_owned()),
        ("templates/hello.md", text("hello")),
        ("templates/second.md", text("second")),
        ("templates/third.md", text("third")),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn mail(person: usize) -> String {
    format!("person{person}@example.com")
}

fn arrive(daemon: &Daemon) {
    for person in 0..PEOPLE {
        let id = format!("lead-{person}");
        let event = json!({
            "specversion": "1.0", "id": id, "source": "/test", "type": "lead.created",
            "data": { "contact": { "email": mail(person), "first_name": "Ana" } },
        });
        let (status, answer) = daemon.event(&id, event.to_string().as_bytes());
        assert_eq!(status, 200, "{answer}");
    }
}

/// Seven people who had the first message and wait for the second.
fn inhabited() -> TempDir {
    let folder = project();
    let daemon = Daemon::start(folder.path());
    arrive(&daemon);
    assert_eq!(daemon.end("-TERM"), Some(0));
    assert_eq!(inside(folder.path(), "second"), PEOPLE as u64);
    folder
}

fn inside(folder: &Path, step: &str) -> u64 {
    let status = json_of(folder, &["status"]);
    let rows = status["inside"].as_array().unwrap().clone();
    rows.iter().filter(|row| row["step"] == step).map(|row| row["people"].as_u64().unwrap()).sum()
}

fn version(folder: &Path) -> u64 {
    let census: Value = serde_json::from_str(&live(folder, &["snapshot", "-"]).out).unwrap();
    census["plan"].as_u64().unwrap()
}

#[test]
fn what_a_plan_counts_comes_true() {
    let home = inhabited();
    let folder = home.path();
    change(folder, FILE, SECOND, "");
    let plan = live(folder, &["plan"]);
    assert_eq!(plan.code, 4, "{}", plan.out);
    assert!(plan.out.contains("blocks[DL601]: sequence care, step second: step removed"), "{}", plan.out);
    assert!(plan.out.contains("- id: second\n          then: stop\n"), "{}", plan.out);
    let saved = live(folder, &["plan", "--out", "next.plan"]);
    assert!(saved.code == 4 && saved.err.contains("cannot be applied before"), "{}", saved.err);
    for args in [&["apply", "--yes"][..], &["apply", "--yes", "--allow", "DL601"], &["apply", "next.plan", "--yes"]] {
        let refused = live(folder, args);
        assert_eq!((refused.code, version(folder)), (4, 1), "{}", refused.err);
        assert!(refused.err.contains("one of the changes blocks"), "{}", refused.err);
    }

    change(folder, FILE, "steps:", "removed: [{ id: second, then: stop }]\nsteps:");
    let plan = json_of(folder, &["plan"]);
    let change = plan["changes"].as_array().unwrap().iter().find(|change| change["step"] == "second").unwrap().clone();
    assert_eq!((&change["gate"], &change["code"]), (&json!("note"), &json!("DL607")), "{change}");
    assert_eq!(change["people"]["at"], json!({ "people": PEOPLE, "what": "end as stopped(removed)" }));
    assert_eq!(plan["volumes"]["messages"], json!({ "before": 2 * PEOPLE, "after": 0 }), "{}", plan["volumes"]);

    let asked = live(folder, &["apply"]);
    assert_eq!((asked.code, version(folder)), (4, 1), "without --yes nothing happens");
    assert!(asked.err.contains("`--yes` publishes it"), "{}", asked.err);
    let applied = live(folder, &["apply", "--yes"]);
    assert_eq!((applied.code, version(folder)), (0, 2), "{}{}", applied.out, applied.err);
    assert_eq!(live(folder, &["-q", "run", "--once"]).code, 0);
    assert_eq!(json_of(folder, &["status"])["active_runs"], 0, "seven were to leave, and seven left");
    let why = live(folder, &["why", &mail(0)]);
    assert!(why.out.contains("stopped (removed)"), "{}", why.out);
}

#[test]
fn a_longer_wait_moves_everybody_by_what_the_plan_says() {
    let home = inhabited();
    let folder = home.path();
    let due = || {
        let census: Value = serde_json::from_str(&live(folder, &["snapshot", "-"]).out).unwrap();
        let groups = census["inside"].as_array().unwrap().clone();
        groups.iter().map(|group| group["due"].as_i64().unwrap()).max().unwrap()
    };
    let before = due();
    change(folder, FILE, "wait: 3d\n    email: second", "wait: 5d\n    email: second");
    let plan = json_of(folder, &["plan"]);
    let shift = plan["changes"][0]["shift"]["hours"].as_object().unwrap().clone();
    let hours: i64 = shift.keys().next().unwrap().parse().unwrap();
    assert_eq!((shift.len(), shift.values().next()), (1, Some(&json!(PEOPLE))), "{plan:#}");
    let waits = || {
        let why = live(folder, &["why", &mail(0)]);
        assert_eq!(why.code, 0, "{}", why.err);
        why.out.contains("a new plan was published and waits for `dripline run`")
    };
    assert!(!waits());
    assert_eq!(live(folder, &["apply", "--yes"]).code, 0);
    assert!(waits(), "the times it shows are of the plan before");
    assert_eq!(json_of(folder, &["why", &mail(0)])["runs"][0]["awaits_plan"], json!(true));
    assert_eq!(live(folder, &["-q", "run", "--once"]).code, 0);
    assert!(!waits());
    assert_eq!((due() - before) / 3_600_000, hours);
}

#[test]
fn a_saved_plan_is_published_as_it_was_looked_at_and_refused_when_it_is_stale() {
    let home = inhabited();
    let folder = home.path();
    change(folder, "templates/third.md", "This is third.", "The third it is.");
    let saved = live(folder, &["plan", "--out", "next.plan"]);
    assert_eq!(saved.code, 0, "{}", saved.err);
    assert!(!fs::read_to_string(folder.join("next.plan")).unwrap().contains("person0"), "nobody's data is in it");
    // what was looked at goes out, whatever the folder says by now
    change(folder, "templates/third.md", "The third it is.", "Something else.");
    let applied = live(folder, &["apply", "next.plan", "--yes"]);
    assert_eq!((applied.code, version(folder)), (0, 2), "{}", applied.err);
    assert!(live(folder, &["plan"]).out.contains("- The third it is."));

    let again = live(folder, &["apply", "next.plan", "--yes"]);
    assert_eq!((again.code, version(folder)), (5, 2), "{}", again.err);
    assert!(again.err.contains("it was made against plan 1, and plan 2 is published"), "{}", again.err);
    // files are edited by hand, and come from elsewhere
    let plan: Value = serde_json::from_str(&fs::read_to_string(folder.join("next.plan")).unwrap()).unwrap();
    for (at, value, code, words) in [
        ("/kind", json!("dripline census"), 3, "its kind is \"dripline census\""),
        ("/format_version", json!(9), 3, "it has format 9, this program reads 1"),
        ("/census/inside/0/people", json!(u64::MAX), 3, "its census: it counts more than"),
        ("/base", json!({ "version": 2, "hash": "0" }), 5, "the plan 2 of this database is another one"),
    ] {
        let mut plan = plan.clone();
        *plan.pointer_mut(at).unwrap() = value;
        fs::write(folder.join("edited.plan"), plan.to_string()).unwrap();
        let refused = live(folder, &["apply", "edited.plan", "--yes"]);
        assert!(refused.code == code && refused.err.contains(words), "{at}: {refused:?}");
    }

    assert_eq!(live(folder, &["plan", "--out", "next.plan"]).code, 0);
    for person in 0..PEOPLE {
        assert_eq!(live(folder, &["stop", "care", &mail(person)]).code, 0);
    }
    let drifted = live(folder, &["apply", "next.plan", "--yes"]);
    assert_eq!((drifted.code, version(folder)), (5, 2), "{}", drifted.err);
    assert!(drifted.err.contains("care / second: 7 then, 0 now"), "{}", drifted.err);
}

#[test]
fn a_gate_wants_its_code_and_a_start_leaves_it_waiting() {
    let home = inhabited();
    let folder = home.path();
    change(folder, "triggers/care.yaml", "enroll", "if: contact.warm\nenroll");
    let plan = live(folder, &["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 2, "a gate does not block: {}", plan.out);
    assert_eq!(live(folder, &["plan", "--expect-no-changes"]).code, 1);
    let refused = live(folder, &["apply", "--yes"]);
    assert_eq!((refused.code, version(folder)), (4, 1), "{}", refused.err);
    assert!(refused.err.contains("`--allow DL611`"), "{}", refused.err);
    let other = live(folder, &["apply", "--yes", "--allow", "DL609"]);
    assert_eq!((other.code, version(folder)), (4, 1), "another code opens nothing");
    assert_eq!(live(folder, &["apply", "--allow", "DL203"]).code, 3);
    // a daemon goes on with what was published
    assert_eq!(live(folder, &["-q", "run", "--once"]).code, 0);
    assert_eq!(version(folder), 1);
    let applied = live(folder, &["apply", "--yes", "--allow", "dl611"]);
    assert_eq!((applied.code, version(folder)), (0, 2), "{}", applied.err);
    assert_eq!(live(folder, &["plan", "--expect-no-changes", "--detailed-exitcode"]).code, 0);
    let nothing = live(folder, &["apply"]);
    assert!(nothing.code == 0 && nothing.out.contains("nothing to publish"), "{nothing:?}");
}

#[test]
fn a_running_daemon_waits_for_a_decision_and_takes_it() {
    let home = project();
    let folder = home.path();
    let mut daemon = Daemon::start(folder);
    arrive(&daemon);
    let metric = |daemon: &Daemon, line: &str| daemon.get("/metrics").1.contains(line);
    // what needs no decision is taken on by itself
    change(folder, "templates/third.md", "This is third.", "The third it is.");
    daemon.line("took the changed files on");
    change(folder, FILE, "wait: 3d\n    email: second", "wait: 3d\n    if: contact.warm\n    email: second");
    let told = daemon.line("DL609");
    assert!(told.contains("step \\\"second\\\"") && told.contains("7 people are there"), "{told}");
    daemon.line("this waits for `dripline apply`");
    assert!(metric(&daemon, "dripline_plan_outdated 1\n") && metric(&daemon, "dripline_plan_version 2\n"));
    let applied = live(folder, &["apply", "--yes", "--allow", "DL609"]);
    assert_eq!(applied.code, 0, "{}{}", applied.out, applied.err);
    assert!(applied.out.contains("published as plan 3"), "{}", applied.out);
    daemon.line("\"published\"");
    assert!(metric(&daemon, "dripline_plan_outdated 0\n") && metric(&daemon, "dripline_plan_version 3\n"));
    let waiting = json_of(folder, &["plan"]);
    assert_eq!(waiting["changes"], json!([]), "the files say what runs");
    assert_eq!(daemon.end("-TERM"), Some(0));
}

#[test]
fn a_rollback_goes_through_the_same_door_and_stays() {
    let home = project();
    let folder = home.path();
    let mut daemon = Daemon::start(folder);
    arrive(&daemon);
    change(folder, FILE, SECOND, "");
    daemon.line("people would lose their place");
    change(folder, FILE, "steps:", "removed: [{ id: second, then: next }]\nsteps:");
    daemon.line("took the changed files on");
    assert_eq!(version(folder), 2);
    // it is taken out of their way, one after the other, and comes back behind them
    let why = |folder| live(folder, &["why", "person0@example.com"]).out;
    assert!((0..2_000).any(|_| !why(folder).contains(" second ")), "{}", why(folder));
    let shown = live(folder, &["rollback"]);
    assert_eq!((shown.code, version(folder)), (4, 2), "{}", shown.err);
    assert!(shown.out.contains("sequence care, step second: step added"), "{}", shown.out);
    let back = live(folder, &["rollback", "--yes"]);
    assert_eq!((back.code, version(folder)), (0, 3), "{}", back.err);
    daemon.line("this plan was taken back");
    assert!(daemon.get("/metrics").1.contains("dripline_plan_outdated 1\n"));
    assert_eq!(daemon.end("-TERM"), Some(0));
    assert_eq!(live(folder, &["-q", "run", "--once"]).code, 0);
    assert_eq!(version(folder), 3, "a start does not bring it again");
    let story = why(folder);
    let second = story.lines().find(|line| line.contains(" second ")).unwrap();
    assert!(second.contains("not part of the run"), "{story}");
    assert_eq!(live(folder, &["rollback", "--to", "9", "--yes"]).code, 3);
    // fixed files are files like others
    change(
        folder,
        FILE,
        "removed: [{ id: second, then: next }]\nsteps:\n  - id: hello\n    email: hello\n",
        &CARE[CARE.find("steps:").unwrap()..CARE.find("  - id: third").unwrap()],
    );
    assert_eq!(live(folder, &["plan", "--expect-no-changes"]).code, 0);
}

#[test]
fn a_pull_request_is_compared_with_a_commit_and_a_census_from_elsewhere() {
    let home = inhabited();
    let folder = home.path();
    assert_eq!(live(folder, &["snapshot", "census.json"]).code, 0);
    let census = fs::read_to_string(folder.join("census.json")).unwrap();
    assert!(!census.contains("person0") && !census.contains("Ana"), "{census}");
    fs::remove_dir_all(folder.join(".dripline")).unwrap();
    git(folder, &["init", "--quiet"]);
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "-m", "first"]);
    change(folder, FILE, "id: second", "id: again");
    let plan = ["plan", "--against", "HEAD", "--census", "census.json"];
    let comment = live(folder, &[&plan[..], &["--format", "markdown"]].concat());
    assert_eq!(comment.code, 4, "{}", comment.err);
    assert!(comment.out.contains("| **0** get it under its new name | **7** have no place |"), "{}", comment.out);
    assert!(comment.out.contains("moved:\n  - { from: second, to: again }"), "{}", comment.out);
    let page = live(folder, &[&plan[..], &["--format", "html"]].concat());
    assert!(page.out.contains("1 decision needed before this can go live"), "{}", page.out);
    let blind = live(folder, &["plan", "--against", "HEAD"]);
    assert!(blind.code == 0 && blind.out.contains("Nobody was counted"), "{blind:?}");
    let now = live(folder, &["plan"]);
    assert!(now.code == 6 && now.err.contains("nothing was published"), "{now:?}");
    change(folder, FILE, "id: again", "id: second");
    assert_eq!(live(folder, &[&plan[..], &["--expect-no-changes"]].concat()).code, 0);
    fs::write(folder.join("census.json"), "{\"format_version\": 9}").unwrap();
    let newer = live(folder, &plan);
    assert!(newer.code == 3 && newer.err.contains("it has format 9"), "{newer:?}");
    let mut huge: Value = serde_json::from_str(&census).unwrap();
    huge["inside"][0]["people"] = json!(u64::MAX);
    fs::write(folder.join("census.json"), huge.to_string()).unwrap();
    let huge = live(folder, &plan);
    assert!(huge.code == 3 && huge.err.contains("is no census: it counts more than"), "{huge:?}");
}

#[test]
fn the_first_plan_can_be_applied_before_anything_ran() {
    let home = project();
    let folder = home.path();
    assert_eq!(live(folder, &["apply"]).code, 4);
    assert!(!folder.join(".dripline").exists());
    let first = live(folder, &["apply", "--yes"]);
    assert!(first.code == 0 && first.out.contains("published as plan 1"), "{first:?}");
    assert_eq!(version(folder), 1);
}
