//! `check` for other programs: every format holds what the service that reads it documents, whatever is in the files.
use crate::project::{dripline, moment, put};
use dripline::run_in_process;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path, process::Command};
use tempfile::TempDir;

const PROJECT: &str = "project: example\nzone: Europe/Berlin\nchannels:\n  email: { provider: mailbox }\n";
const TRIGGER: &str = "trigger: hello\nevent: lead.created\nenroll: hello\n";
/// A key, a window and a comment of a hostile author.
const SEQUENCE: &str = "sequence: hello\npurpose: service\nreentry: never\nsteps:\n  - id: a\n    # 👍 größer\n    \
                        title: \"👍 <b>|`@all`\"\n    windov: \"]]>&\\u0007::error::x%0A\"\n    email: { subject: Hi, text: Hello }\n";

fn project(sequence: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "dripline.yaml", PROJECT);
    put(folder.path(), "triggers/hello.yaml", TRIGGER);
    put(folder.path(), "sequences/hello.yaml", sequence);
    folder
}

/// A project with `number` unknown keys and one warning.
fn broken(number: usize) -> TempDir {
    let keys: Vec<String> = (0..number).map(|n| format!("    unknown_key_{n}: 1\n")).collect();
    let keys = keys.concat();
    let steps = format!("steps:\n  - id: a\n    email: {{ subject: Hi, text: Hello }}\n{keys}");
    let folder = project(&format!("sequence: hello\npurpose: service\nreentry: never\n{steps}"));
    put(folder.path(), "triggers/hello.yaml", &format!("{TRIGGER}title: no\n"));
    folder
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn jsonl_has_one_object_a_line_with_the_version() {
    let folder = broken(3);
    let checked = dripline(folder.path(), &["check", "--format", "jsonl"]);
    assert_eq!(checked.code, 1);
    let lines: Vec<Value> = checked.out.lines().map(json).collect();
    assert_eq!(lines.len(), 4, "{}", checked.out);
    assert!(lines.iter().all(|line| line["format_version"] == 1 && line["code"].is_string()));
}

#[test]
fn annotations_keep_to_githubs_limits_and_nothing_of_a_file_is_a_command() {
    let folder = broken(60);
    let summary = folder.path().join("summary.md");
    let env = BTreeMap::from([("GITHUB_STEP_SUMMARY".to_owned(), summary.display().to_string())]);
    let checked = run_in_process(&["check", "--format", "github"], folder.path(), &env, moment());
    let lines: Vec<&str> = checked.out.lines().collect();
    let of = |kind: &str| lines.iter().filter(|line| line.starts_with(kind)).count();
    assert_eq!((of("::error "), of("::warning "), of("::notice ")), (10, 1, 1), "{}", checked.out);
    assert!(lines[0].starts_with("::error file=sequences/hello.yaml,line=7,endLine=7,col=5,endColumn=18,title=DL"));
    assert_eq!(lines[11], "::notice title=dripline::and 50 more findings: the job's summary lists all of them");
    let whole = fs::read_to_string(summary).unwrap();
    assert_eq!(whole.matches("unknown\\_key\\_").count(), 60, "{whole}");

    let hostile = dripline(project(SEQUENCE).path(), &["check", "--format", "github"]);
    for line in hostile.out.lines() {
        assert!(line.starts_with("::error file=") || line.starts_with("::warning file="), "{line}");
        assert_eq!(line.matches('\u{7}').count(), 0);
    }
}

#[test]
fn gitlab_fingerprints_stay_when_lines_move() {
    let before = json(&dripline(broken(3).path(), &["check", "--format", "gitlab"]).out);
    let folder = broken(3);
    let text = fs::read_to_string(folder.path().join("sequences/hello.yaml")).unwrap();
    put(folder.path(), "sequences/hello.yaml", &format!("# a line more\n{text}"));
    let after = json(&dripline(folder.path(), &["check", "--format", "gitlab"]).out);
    let prints = |report: &Value| -> Vec<String> {
        report.as_array().unwrap().iter().map(|one| one["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(prints(&before), prints(&after));
    let distinct: std::collections::BTreeSet<String> = prints(&before).into_iter().collect();
    assert_eq!(distinct.len(), 4);
    assert_eq!(after[1]["location"]["path"], "sequences/hello.yaml");
    assert_eq!(after[1]["severity"], "major");
}

#[test]
fn sarif_counts_utf16_and_holds_the_rules_it_names() {
    let sarif = json(&dripline(project(SEQUENCE).path(), &["check", "--format", "sarif"]).out);
    let run = &sarif["runs"][0];
    assert_eq!((&sarif["version"], &run["columnKind"]), (&json("\"2.1.0\""), &json("\"utf16CodeUnits\"")));
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[at]["id"], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64() >= Some(1), "{result}");
    }
    let folder = project(
        "sequence: hello\npurpose: service\nreentry: never\nsteps: [ { title: 👍👍, id: a, x: 1, email: { subject: Hi, text: Hello } } ]\n",
    );
    let sarif = json(&dripline(folder.path(), &["check", "--format", "sarif"]).out);
    let region = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    // two characters beyond the basic plane count twice
    assert_eq!(region["startColumn"], 32, "{sarif:#}");
}

#[test]
fn junit_is_well_formed_whatever_a_file_says_and_counts_each_clean_file() {
    let checked = dripline(project(SEQUENCE).path(), &["check", "--format", "junit"]);
    assert!(checked.out.chars().all(|char| char == '\n' || !char.is_control()), "{:?}", checked.out);
    assert!(!checked.out.contains("]]>&"), "{}", checked.out);
    assert!(checked.out.contains("tests=\"3\" failures=\"1\""), "{}", checked.out);
    let clean =
        dripline(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clinic"), &["check", "--format", "junit"]);
    assert_eq!(clean.code, 0);
    assert!(clean.out.contains("failures=\"0\"") && clean.out.contains("name=\"examples/clinic/dripline.yaml\""));
}

#[test]
fn markdown_fits_a_comment_and_no_markup_of_a_file_takes_effect() {
    let many = dripline(broken(2_000).path(), &["check", "--format", "markdown"]);
    assert!(many.out.chars().count() < 65_536);
    assert!(many.out.contains("more: `dripline check` shows all of them"), "{}", &many.out[many.out.len() - 200..]);
    let hostile = dripline(project(SEQUENCE).path(), &["check", "--format", "markdown"]);
    assert!(hostile.out.lines().filter(|line| line.starts_with("| ")).all(|line| line.matches(" | ").count() == 2));
    let clean =
        dripline(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clinic"), &["check", "--format", "markdown"]);
    assert_eq!(clean.out, "### ✅ dripline check: no findings\n");
}

#[test]
fn reports_are_written_beside_the_result_and_refused_where_nobody_writes_them() {
    let folder = broken(1);
    let args = [
        "check",
        "--format",
        "concise",
        "--report",
        "sarif=out/a.sarif",
        "--report",
        "junit=b.xml",
        "--report",
        "full=c.txt",
    ];
    let checked = dripline(folder.path(), &args);
    assert_eq!((checked.code, checked.out.lines().count()), (1, 2), "{checked:?}");
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!(json(&read("out/a.sarif"))["version"], "2.1.0");
    assert!(read("b.xml").starts_with("<?xml"));
    assert!(read("c.txt").starts_with("error[") && !read("c.txt").contains('\u{1b}'), "{}", read("c.txt"));
    let refused = dripline(folder.path(), &["compile", "--report", "sarif=x"]);
    assert_eq!(refused.code, 3);
    assert!(refused.err.contains("this command writes no reports"), "{}", refused.err);
    let odd = dripline(folder.path(), &["check", "--report", "pdf=x"]);
    assert!(odd.code == 3 && odd.err.contains("the formats are full, concise"), "{}", odd.err);
}

fn git(folder: &Path, args: &[&str]) {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args([
        "-c",
        "user.name=Test",
        "-c",
        "user.email=test@example.com",
        "-c",
        "init.defaultBranch=main",
    ]);
    let done = git.args(args).env_remove("GIT_DIR").output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn since_a_commit_only_new_findings_count_also_under_a_new_name() {
    let repository = tempfile::tempdir().unwrap();
    let folder = repository.path().join("journeys");
    let old = broken(2);
    for file in ["dripline.yaml", "triggers/hello.yaml", "sequences/hello.yaml"] {
        put(&folder, file, &fs::read_to_string(old.path().join(file)).unwrap());
    }
    git(repository.path(), &["init", "--quiet"]);
    git(repository.path(), &["add", "."]);
    git(repository.path(), &["commit", "--quiet", "-m", "first"]);
    let same = dripline(&folder, &["check", "--since", "HEAD"]);
    assert_eq!((same.code, same.out.as_str()), (0, ""), "{same:?}");

    let text = fs::read_to_string(folder.join("sequences/hello.yaml")).unwrap();
    fs::remove_file(folder.join("sequences/hello.yaml")).unwrap();
    put(&folder, "sequences/later/hello.yaml", &format!("# moved\n{text}    wyndow: x\n"));
    git(repository.path(), &["add", "."]);
    let new = dripline(&folder, &["check", "--since", "HEAD", "--format", "concise"]);
    assert_eq!(new.code, 1);
    assert_eq!(new.out.lines().count(), 1, "{}", new.out);
    assert!(
        new.out.starts_with("journeys/") || new.out.starts_with("sequences/later/hello.yaml:10:5: "),
        "{}",
        new.out
    );
    let annotated = dripline(&folder, &["check", "--since", "HEAD", "--format", "github"]);
    assert!(annotated.out.contains("file=journeys/sequences/later/hello.yaml,line=10"), "{}", annotated.out);

    let gone = dripline(&folder, &["check", "--since", "v9"]);
    assert!(gone.code == 3 && gone.err.contains("git knows no commit `v9`"), "{}", gone.err);
    let option = dripline(&folder, &["check", "--since=--output=x"]);
    assert!(option.code == 3 && option.err.contains("git knows no commit"), "{}", option.err);
    let nowhere = dripline(broken(1).path(), &["check", "--since", "HEAD"]);
    assert!(nowhere.code == 3 && nowhere.err.contains("is in no git repository"), "{}", nowhere.err);
}

#[test]
fn a_watch_checks_again_when_a_file_is_saved() {
    use std::io::{BufRead, BufReader};
    let folder = project(
        "sequence: hello\npurpose: service\nreentry: never\nsteps:\n  - id: a\n    email: { subject: Hi, text: Hello }\n",
    );
    let mut watch = Command::new(env!("CARGO_BIN_EXE_dripline"))
        .args(["check", "--watch", "--format", "concise"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(watch.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(told.by_ref().any(|line| line.ends_with("waiting for changes, Ctrl-C ends")));
    let text = fs::read_to_string(folder.path().join("sequences/hello.yaml")).unwrap();
    put(folder.path(), "sequences/hello.yaml", &format!("{text}    bogus: 1\n"));
    let mut found = BufReader::new(watch.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(found.any(|line| line.starts_with("sequences/hello.yaml:7:5: DL101 ")));
    watch.kill().unwrap();
    watch.wait().unwrap();
}
