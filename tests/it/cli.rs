//! Commands in process: exit codes, streams, and that what they write is what they promise.
use crate::project::{PROJECT, dripline};
use dripline::Outcome;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const SEQUENCE: &str = "sequence: welcome\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  \
                        - id: hello\n    email: welcome\n";
const TRIGGER: &str = "trigger: welcome\nevent: lead.created\nenroll: welcome\n";
const TEMPLATE: &str = "---\nsubject: Welcome\n---\nHello,\n\n{{ unsubscribe_link }}\n\n{{ postal_address }}\n";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn clinic() -> PathBuf {
    repository().join("examples/clinic")
}

/// A folder with the small project and `files` laid over it.
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

#[track_caller]
fn quiet_success(outcome: &Outcome) {
    assert_eq!((outcome.code, outcome.out.as_str(), outcome.err.as_str()), (0, "", ""));
}

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.out).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
}

#[test]
fn help_and_version_are_answers() {
    let help = dripline(repository(), &["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    for line in ["    2  changes present (plan --detailed-exitcode only)", "  130  interrupted"] {
        assert!(help.out.contains(line), "{}", help.out);
    }
    let version = dripline(repository(), &["--version"]);
    assert_eq!((version.code, version.out), (0, format!("dripline {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn every_command_has_help_with_examples() {
    let help = dripline(repository(), &["--help"]).out;
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.contains(&"check") && commands.len() >= 6, "{help}");
    for command in commands {
        let help = dripline(repository(), &[command, "--help"]);
        assert_eq!(help.code, 0, "{command}");
        assert!(help.out.contains(&format!("Examples:\n  dripline {command}")), "{command}: {}", help.out);
    }
}

#[test]
fn usage_errors_end_with_3() {
    for args in [
        &[][..],
        &["chekc"],
        &["check", "--nonsense"],
        &["check", "--format", "xml"],
        &["explain", "DL101", "--format", "concise"],
        &["check", "--now", "tomorrow"],
        &["check", "-q", "-v"],
        &["completions", "cmd"],
        &["schema", "sequenc"],
        &["schema", "--check", "--out", "-"],
    ] {
        let outcome = dripline(&clinic(), args);
        assert_eq!((outcome.code, outcome.out.as_str()), (3, ""), "{args:?}");
        assert!(!outcome.err.is_empty(), "{args:?}");
    }
    assert!(dripline(&clinic(), &["chekc"]).err.contains("check"), "the nearest command is named");
}

#[test]
fn a_missing_project_is_an_error_with_help() {
    let empty = tempfile::tempdir().unwrap();
    for args in [&["check"][..], &["compile"], &["fmt", "--check"]] {
        let outcome = dripline(empty.path(), args);
        assert_eq!((outcome.code, outcome.out.as_str()), (3, ""), "{args:?}");
        assert!(outcome.err.starts_with("error: there is no dripline.yaml in "), "{}", outcome.err);
        assert!(outcome.err.contains("\nhelp: a project is a folder with a dripline.yaml; `-C DIR` says where it is"));
    }
    let outcome = dripline(empty.path(), &["-C", "gone", "check"]);
    assert_eq!(outcome.code, 3);
    assert!(outcome.err.contains("there is no folder") && outcome.err.contains("gone"), "{}", outcome.err);
}

#[test]
fn a_clean_project_is_met_with_silence() {
    let folder = project(&[]);
    quiet_success(&dripline(folder.path(), &["check"]));
    quiet_success(&dripline(folder.path(), &["validate", "--deny", "warnings"]));
    quiet_success(&dripline(&folder.path().join("sequences"), &["check"]));
    quiet_success(&dripline(Path::new("/"), &["check", "-C", &folder.path().display().to_string()]));
    let verbose = dripline(folder.path(), &["check", "-v"]);
    assert_eq!((verbose.code, verbose.out.as_str(), verbose.err.as_str()), (0, "", "no findings\n"));
}

#[test]
fn all_findings_come_at_once_in_every_format() {
    let folder = project(&[
        (
            "sequences/extra.yaml",
            "sequence: extra\ntitel: Größe\npurpose: marketing\nreentry: never\nsteps:\n  - id: a\n    delay: 3d\n    email: welcome\n",
        ),
        ("triggers/extra.yaml", "trigger: extra\nevent: form.submitted\nenrol: extra\n"),
    ]);
    let full = dripline(folder.path(), &["check"]);
    assert_eq!(full.code, 1);
    assert!(
        full.out.contains("error[DL101]: `titel` is not a key of a sequence\n --> sequences/extra.yaml:2:1\n"),
        "{}",
        full.out
    );
    assert!(full.out.contains("help: did you mean `title`?\n"), "{}", full.out);
    assert!(!full.out.contains('\u{1b}'), "no colours for pipes");

    let concise = dripline(folder.path(), &["check", "--format", "concise"]);
    let lines: Vec<&str> = concise.out.lines().collect();
    assert!(lines.contains(&"sequences/extra.yaml:2:1: DL101 `titel` is not a key of a sequence"), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("sequences/extra.yaml:7:5: DL115 ")), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("triggers/extra.yaml:3:1: DL101 ")), "{lines:?}");
    assert!(concise.err.starts_with(&format!("{} errors", lines.len())), "{}", concise.err);

    let json = json(&dripline(folder.path(), &["check", "--format", "json"]));
    assert_eq!(json["format_version"], 1);
    assert_eq!(json["findings"].as_array().unwrap().len(), lines.len());
    assert_eq!(json["summary"]["errors"], lines.len());
    let first = &json["findings"][0];
    assert_eq!((first["code"].as_str(), first["severity"].as_str()), (Some("DL101"), Some("error")));
    assert_eq!(first["place"]["start"]["line"], 2);
    assert_eq!(first["edits"][0]["text"], "title");
}

#[test]
fn paths_choose_what_is_shown() {
    let folder = project(&[
        (
            "sequences/extra.yaml",
            "sequence: extra\ntitel: x\npurpose: marketing\nreentry: never\nsteps:\n  - id: a\n    email: welcome\n",
        ),
        ("triggers/extra.yaml", "trigger: extra\nevent: form.submitted\nenrol: extra\n"),
    ]);
    let shown = |folder: &Path, args: &[&str]| dripline(folder, &[&["check", "--format", "concise"], args].concat());
    let of_triggers = shown(folder.path(), &["triggers"]);
    assert!(of_triggers.out.lines().all(|line| line.starts_with("triggers/extra.yaml:")), "{}", of_triggers.out);
    assert_eq!(of_triggers.code, 1);
    let from_below = shown(&folder.path().join("triggers"), &["extra.yaml"]);
    assert_eq!(from_below, of_triggers, "paths start from the current folder");
    quiet_success(&shown(folder.path(), &["templates", "dripline.yaml"]));
    assert_eq!(shown(folder.path(), &["gone.yaml"]).code, 3);
    assert_eq!(shown(folder.path(), &[&repository().display().to_string()]).code, 3, "outside of the project");
}

#[test]
fn warnings_fail_only_when_denied() {
    let folder = project(&[("triggers/welcome.yaml", "event: lead.created\ntrigger: welcome\nenroll: welcome\n")]);
    let told = dripline(folder.path(), &["check"]);
    assert_eq!((told.code, told.err.as_str()), (0, "1 warning in 1 file\n"));
    assert!(told.out.starts_with("warning[DL117]"), "{}", told.out);
    assert_eq!(dripline(folder.path(), &["check", "--deny", "warnings"]).code, 1);
    assert_eq!(dripline(folder.path(), &["check", "-q"]).err, "");
}

#[test]
fn safe_edits_are_shown_or_written() {
    let quoted = TRIGGER.replace("lead.created\n", "lead.created\ntitle: \"no\"\n");
    let folder = project(&[("triggers/welcome.yaml", &quoted.replace('"', ""))]);
    let path = folder.path().join("triggers/welcome.yaml");
    let told = dripline(folder.path(), &["check"]);
    assert_eq!((told.code, told.err.as_str()), (0, "1 warning in 1 file; `--fix` puts 1 of them right\n"));
    let shown = dripline(folder.path(), &["check", "--diff"]);
    assert_eq!(shown.code, 1);
    assert!(shown.out.ends_with("-title: no\n+title: \"no\"\n enroll: welcome\n"), "{}", shown.out);
    quiet_success(&dripline(folder.path(), &["check", "--diff", "sequences"]));
    quiet_success(&dripline(folder.path(), &["check", "--diff", "--ignore", "yaml-1-1"]));

    let fixed = dripline(folder.path(), &["check", "--fix"]);
    assert_eq!((fixed.code, fixed.out.as_str(), fixed.err.as_str()), (0, "", "fixed triggers/welcome.yaml\n"));
    assert_eq!(fs::read_to_string(&path).unwrap(), quoted);
    quiet_success(&dripline(folder.path(), &["check", "--diff"]));
}

#[test]
fn a_guess_is_not_written() {
    let typo = "trigger: welcome\nevent: lead.created\nenrol: welcome\n";
    let folder = project(&[("triggers/welcome.yaml", typo)]);
    assert_eq!(dripline(folder.path(), &["check", "--fix"]).code, 1);
    assert_eq!(fs::read_to_string(folder.path().join("triggers/welcome.yaml")).unwrap(), typo);
}

#[test]
fn findings_are_chosen_by_code_beginning_or_name() {
    let folder =
        project(&[("triggers/welcome.yaml", "event: lead.created\ntrigger: welcome\nenroll: welcome\ntitle: no\n")]);
    let codes = |args: &[&str]| -> Vec<String> {
        let outcome = dripline(folder.path(), &[&["check", "--format", "concise"], args].concat());
        outcome.out.lines().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&[]), ["DL117", "DL007"]);
    assert_eq!(codes(&["--select", "DL0"]), ["DL007"]);
    assert_eq!(codes(&["--select", "dl117,yaml-1-1"]), ["DL117", "DL007"]);
    assert_eq!(codes(&["--select", "DL", "--ignore", "header-not-first"]), ["DL007"]);
    let unknown = dripline(folder.path(), &["check", "--ignore", "header-not-fist"]);
    assert_eq!(unknown.code, 3);
    assert!(unknown.err.contains("did you mean `header-not-first`?"), "{}", unknown.err);
}

#[test]
fn colours_come_when_asked_for() {
    let folder = project(&[("triggers/welcome.yaml", "trigger: welcome\n")]);
    for args in [&["check", "--color", "always"][..], &["check", "--color=always"]] {
        assert!(dripline(folder.path(), args).out.contains('\u{1b}'));
    }
    let usage = dripline(folder.path(), &["--color", "always", "chekc"]);
    assert!(usage.err.contains('\u{1b}'));
}

#[test]
fn a_command_can_run_twice_and_gives_the_same() {
    let folder = project(&[("triggers/welcome.yaml", "trigger: welcome\n")]);
    assert_eq!(dripline(folder.path(), &["check"]), dripline(folder.path(), &["check"]));
}

#[test]
fn every_code_can_be_explained() {
    let all = json(&dripline(repository(), &["explain", "codes", "--format", "json"]));
    let codes: Vec<&str> = all["entries"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect();
    assert!(codes.len() > 40);
    for code in codes {
        for args in [&["explain", code][..], &["explain", code, "--format", "json"]] {
            let outcome = dripline(repository(), args);
            assert_eq!((outcome.code, outcome.err.as_str()), (0, ""), "{args:?}");
            assert!(outcome.out.contains(code));
        }
    }
}

#[test]
fn everything_on_a_list_can_be_explained() {
    for (list, name) in [("events", "name"), ("functions", "name"), ("keys", "key")] {
        let all = json(&dripline(repository(), &["explain", list, "--format", "json"]));
        assert_eq!(all["format_version"], 1);
        // `events` is a key of the project as well, and comes along
        let names: Vec<&str> = all["entries"].as_array().unwrap().iter().filter_map(|it| it[name].as_str()).collect();
        assert!(names.len() > 10, "{list}");
        for name in names {
            let outcome = dripline(repository(), &["explain", name]);
            assert_eq!(outcome.code, 0, "{name}");
            assert!(outcome.out.contains(name), "{name}: {}", outcome.out);
        }
    }
}

#[test]
fn the_reference_says_what_is_asked_for() {
    let explained = |word: &str| dripline(repository(), &["explain", word]).out;
    assert!(explained("bare-number").starts_with("DL107 bare-number (error)\n\nA duration has no unit.\n"));
    assert!(explained("dl107").contains("        wait: 3d\n"), "the right example");
    // the word of a kind of file is also its first key; who asks means the file
    for kind in ["a sequence", "a trigger", "a segment", "a campaign", "a suite", "an offer", "the project"] {
        let told = explained(kind.split_once(' ').unwrap().1);
        assert!(told.contains(&format!("\nKeys of {kind}, ")), "{kind}: {told}");
    }
    let suite = explained("suite");
    assert!(suite.contains("    scenarios ") && suite.contains("    under_test "), "{suite}");
    assert!(explained("has_booking()").contains("has_booking(kind='full_session', from=now())"));
    assert!(explained("booking.cancelled").contains("    event.reschedule_requested bool\n"));
    assert!(explained("reentry").contains("    reentry: after 30d\n"));
    assert!(explained("default").contains("x | default(y)") && explained("default").contains(" of a field"), "both");
    assert!(explained("guarantee").contains("exactly one recorded outcome"));
    let topics = dripline(repository(), &["explain"]);
    assert_eq!(topics.code, 0);
    assert!(topics.out.contains("  events ") && topics.out.contains("  guarantee "), "{}", topics.out);
}

#[test]
fn an_unknown_word_gets_the_nearest() {
    for (word, near) in [("DL10l", "DL101"), ("boking.created", "booking.created"), ("re-entry", "reentry")] {
        let outcome = dripline(repository(), &["explain", word]);
        assert_eq!((outcome.code, outcome.out.as_str()), (3, ""), "{word}");
        assert!(outcome.err.contains(&format!("did you mean `{near}`?")), "{word}: {}", outcome.err);
    }
    assert!(!dripline(repository(), &["explain", "quantumflux"]).err.contains("did you mean"));
}

#[test]
fn committed_schemas_are_fresh_and_stale_ones_are_told() {
    quiet_success(&dripline(repository(), &["schema", "--check"]));
    let folder = project(&[]);
    let missing = dripline(folder.path(), &["schema", "--check"]);
    assert_eq!(missing.code, 1);
    assert!(missing.out.lines().all(|line| line.ends_with(".schema.json: missing")), "{}", missing.out);
    assert_eq!(dripline(folder.path(), &["schema", "-q"]), Outcome { code: 0, out: String::new(), err: String::new() });
    quiet_success(&dripline(folder.path(), &["schema", "--check"]));
    quiet_success(&dripline(folder.path(), &["schema"]));

    let path = folder.path().join("schemas/trigger.schema.json");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("trigger", "triggre")).unwrap();
    let stale = dripline(folder.path(), &["schema", "--check"]);
    assert_eq!(stale.code, 1);
    assert!(stale.out.ends_with("trigger.schema.json: stale\n"), "{}", stale.out);
    quiet_success(&dripline(folder.path(), &["schema", "sequence", "--check"]));
}

#[test]
fn one_schema_can_go_to_standard_output() {
    let shown = dripline(repository(), &["schema", "sequence", "--out", "-"]);
    assert_eq!(shown.out, fs::read_to_string(repository().join("schemas/sequence.schema.json")).unwrap());
}

#[test]
fn the_examples_are_formatted() {
    quiet_success(&dripline(&clinic(), &["fmt", "--check"]));
}

#[test]
fn the_examples_have_no_findings() {
    quiet_success(&dripline(&clinic(), &["check", "--deny", "warnings"]));
}

#[test]
fn formatting_shows_a_diff_or_writes_and_then_has_nothing_to_do() {
    let untidy = "trigger:   welcome # the first\nevent: lead.created\nenroll: welcome\n";
    let folder = project(&[("triggers/welcome.yaml", untidy)]);
    let path = folder.path().join("triggers/welcome.yaml");
    let checked = dripline(folder.path(), &["fmt", "--check"]);
    assert_eq!(checked.code, 1);
    let expected = "--- triggers/welcome.yaml\n+++ triggers/welcome.yaml\n@@ -1,3 +1,3 @@\n-trigger:   welcome # the first\n\
                    +trigger: welcome # the first\n event: lead.created\n enroll: welcome\n";
    assert_eq!(checked.out, expected);
    assert_eq!(fs::read_to_string(&path).unwrap(), untidy, "--check writes nothing");

    assert_eq!(dripline(folder.path(), &["fmt", "sequences"]).err, "", "other files were chosen");
    let written = dripline(folder.path(), &["fmt"]);
    assert_eq!((written.code, written.err.as_str()), (0, "formatted triggers/welcome.yaml\n"));
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "trigger: welcome # the first\nevent: lead.created\nenroll: welcome\n"
    );
    quiet_success(&dripline(folder.path(), &["fmt", "--check"]));
    let left: Vec<_> = fs::read_dir(folder.path().join("triggers")).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing is left beside the file");
}

#[test]
fn formatting_leaves_broken_files_alone() {
    let broken = "trigger: welcome\nevent: [lead.created\n";
    let folder = project(&[("triggers/welcome.yaml", broken)]);
    let outcome = dripline(folder.path(), &["fmt"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.starts_with("triggers/welcome.yaml: left as it is"), "{}", outcome.err);
    assert_eq!(fs::read_to_string(folder.path().join("triggers/welcome.yaml")).unwrap(), broken);
}

#[cfg(unix)]
#[test]
fn formatting_keeps_permissions_and_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let untidy = "trigger:   welcome\nevent: lead.created\nenroll: welcome\n";
    let folder = project(&[("triggers/welcome.yaml", TRIGGER), ("kept/real.yaml", untidy)]);
    let (real, link) = (folder.path().join("kept/real.yaml"), folder.path().join("triggers/welcome.yaml"));
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    fs::remove_file(&link).unwrap();
    symlink(&real, &link).unwrap();
    assert_eq!(dripline(folder.path(), &["fmt"]).code, 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), TRIGGER);
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_plan_is_printed_with_its_hash() {
    let folder = project(&[]);
    let outcome = dripline(folder.path(), &["compile"]);
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));
    let plan = json(&outcome);
    assert_eq!(plan["format_version"], 1);
    assert!(plan["plan"]["sequences"]["welcome"].is_object(), "{plan:#}");
    let hash = dripline(folder.path(), &["compile", "--hash"]).out;
    assert_eq!(plan["hash"].as_str(), Some(hash.trim_end()));

    fs::write(folder.path().join("triggers/welcome.yaml"), format!("{TRIGGER}# a comment\n")).unwrap();
    assert_eq!(dripline(folder.path(), &["compile", "--hash"]).out, hash, "a comment that moves no line is no change");
    fs::write(folder.path().join("triggers/welcome.yaml"), TRIGGER.replace("lead.created", "form.submitted")).unwrap();
    assert_ne!(dripline(folder.path(), &["compile", "--hash"]).out, hash);
}

#[test]
fn there_is_no_plan_with_errors() {
    let folder = project(&[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nenrol: welcome\n")]);
    let outcome = dripline(folder.path(), &["compile"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (1, ""));
    assert!(outcome.err.contains("error[DL101]"), "{}", outcome.err);
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = dripline(repository(), &["completions", shell]);
        assert_eq!((script.code, script.err.as_str()), (0, ""), "{shell}");
        assert!(script.out.contains("validate") || script.out.contains("check"), "{shell}");
    }
}

#[test]
fn every_row_of_the_catalogue_can_be_shown_or_says_nothing_to_show() {
    let all = json(&dripline(repository(), &["explain", "codes", "--format", "json"]));
    for row in all["entries"].as_array().unwrap() {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        assert!(text("summary").len() > 10 && text("why").len() > 20, "{row:#}");
        let files = |key: &str| row[key].as_array().unwrap().len();
        assert!(files("good") == 0 || files("bad") > 0, "{}: a right example needs its wrong one", text("code"));
    }
}
