//! The suites of the examples: they pass and see every step and exit, and each of a list of deliberate mistakes is noticed
//! by the scenario, or by the finding, that the list names.
use crate::project::copy;
use dripline::run_in_process;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
    time::SystemTime,
};
use tempfile::TempDir;

pub(crate) const EXAMPLES: [&str; 4] = ["clinic", "coach", "practice", "therapy"];
/// How many mistakes the list has at least.
const LEAST: usize = 90;

struct Mutation {
    line: usize,
    project: String,
    file: String,
    find: String,
    put: String,
    noticed: Noticed,
}

enum Noticed {
    Finding(String),
    Scenario { suite: String, name: String },
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn mutations() -> Vec<Mutation> {
    let text = fs::read_to_string(root().join("tests/mutations.txt")).unwrap();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|(at, line)| {
            let cells: Vec<&str> = line.split(" | ").collect();
            let [project, file, find, put, noticed] = cells[..] else { panic!("line {}: five cells", at + 1) };
            let noticed = match noticed.strip_prefix("test: ") {
                Some(case) => {
                    let (suite, name) = case.split_once(" / ").unwrap();
                    Noticed::Scenario { suite: suite.to_owned(), name: name.to_owned() }
                }
                None => Noticed::Finding(noticed.to_owned()),
            };
            let owned = |text: &str| text.replace("\\n", "\n");
            let (project, file) = (project.to_owned(), file.to_owned());
            Mutation { line: at + 1, project, file, find: owned(find), put: owned(put), noticed }
        })
        .collect()
}

pub(crate) fn run(project: &Path, args: &[&str]) -> dripline::Outcome {
    run_in_process(args, project, &BTreeMap::new(), SystemTime::UNIX_EPOCH)
}

/// A name as an expression that matches it alone.
pub(crate) fn exactly(name: &str) -> String {
    let escaped: String =
        name.chars().map(|c| if c.is_alphanumeric() || c == ' ' { c.to_string() } else { format!("\\{c}") }).collect();
    format!("^{escaped}$")
}

/// What is wrong about it; nothing when it was noticed as the list says.
fn unnoticed(mutation: &Mutation) -> Option<String> {
    let folder = TempDir::new().unwrap();
    copy(&root().join("examples").join(&mutation.project), folder.path());
    let file = folder.path().join(&mutation.file);
    let text = fs::read_to_string(&file).unwrap();
    let said = |what: String| Some(format!("line {}: {what}", mutation.line));
    if text.matches(&mutation.find).count() != 1 {
        return said(format!("{} has {:?} not once", mutation.file, mutation.find));
    }
    fs::write(&file, text.replacen(&mutation.find, &mutation.put, 1)).unwrap();
    match &mutation.noticed {
        Noticed::Finding(code) => {
            let done = run(folder.path(), &["check", "--format", "concise"]);
            let found = done.out.contains(&format!(" {code} "));
            if found { None } else { said(format!("no {code}, but\n{}{}", done.out, done.err)) }
        }
        Noticed::Scenario { suite, name } => {
            let suite = format!("tests/{suite}.yaml");
            let done = run(folder.path(), &["test", &suite, "--run", &exactly(name), "--format", "json"]);
            if done.code == 1 && done.out.contains("\"failed\"") {
                None
            } else {
                said(format!("{name}: exit {}\n{}{}", done.code, done.out, done.err))
            }
        }
    }
}

#[test]
fn each_deliberate_mistake_is_noticed() {
    let all = mutations();
    assert!(all.len() >= LEAST, "only {} mistakes", all.len());
    let wrong: Vec<String> = thread::scope(|scope| {
        let parts: Vec<_> = all
            .chunks(all.len().div_ceil(2))
            .map(|part| scope.spawn(|| part.iter().filter_map(unnoticed).collect::<Vec<String>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[test]
fn suites_of_the_examples_pass_and_see_every_step_and_exit() {
    for example in EXAMPLES {
        let done = run(&root().join("examples").join(example), &["test", "--coverage=100"]);
        assert_eq!(done.code, 0, "{example}:\n{}{}", done.out, done.err);
        let checked = run(&root().join("examples").join(example), &["check"]);
        assert!(checked.code == 0 && checked.out.is_empty(), "{example}:\n{}{}", checked.out, checked.err);
    }
}
