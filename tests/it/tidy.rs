//! Habits of the code that no compiler holds: sizes, descriptions, names, reasons, nothing left behind.
use crate::source::{self, Sources};
use std::collections::BTreeSet;

const MAX_LINES: usize = 800;
const NAMELESS: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc", "manager", "processor"];

/// Marks of unfinished work; put together here so that this file does not hold them itself.
const LEFT_BEHIND: &[&str] = &[concat!("to", "do!("), concat!("db", "g!("), concat!("FIX", "ME")];

fn all_sources() -> Sources {
    let mut sources = source::rust_files("src");
    assert!(sources.contains_key("src/lib.rs"), "the sources were not found");
    sources.extend(source::rust_files("tests"));
    sources
}

#[track_caller]
fn nothing(breaches: Vec<String>) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

fn too_long(sources: &Sources) -> Vec<String> {
    let lines = sources.iter().map(|(path, text)| (path, text.lines().count()));
    lines.filter(|(_, count)| *count > MAX_LINES).map(|(path, count)| format!("{path}: {count} lines")).collect()
}

fn undescribed(sources: &Sources) -> Vec<String> {
    let described = |text: &str| text.starts_with("//! ") || text.starts_with("//!\n");
    let missing = sources.iter().filter(|(path, text)| !source::is_unit_test(path) && !described(text));
    missing.map(|(path, _)| format!("{path}: does not start with `//!` and what it owns")).collect()
}

fn left_behind(sources: &Sources) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources {
        for (number, line) in text.lines().enumerate() {
            let marks = LEFT_BEHIND.iter().filter(|mark| line.contains(**mark));
            found.extend(marks.map(|mark| format!("{path}:{}: {mark}", number + 1)));
        }
    }
    found
}

fn nameless(sources: &Sources) -> Vec<String> {
    let without_ending = |path: &String| path.trim_end_matches(".rs").to_owned();
    let bad = |path: &String| without_ending(path).split('/').any(|part| NAMELESS.contains(&part));
    sources.keys().filter(|path| bad(path)).map(|path| format!("{path}: a name that says nothing")).collect()
}

/// Test files are exempt from the layers, so nothing but tests may call itself one.
fn disguised(sources: &Sources) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (number, line) in lines.iter().enumerate() {
            let name = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';'));
            let is_test = name.is_some_and(|name| name == "tests" || name.ends_with("_tests"));
            let mut attributes = lines[..number].iter().rev().take_while(|above| above.starts_with("#["));
            let guarded = attributes.any(|above| *above == "#[cfg(test)]");
            if is_test && !guarded {
                found.push(format!("{path}:{}: `{line}` without #[cfg(test)] above it", number + 1));
            }
        }
    }
    found
}

/// Dependencies without a comment above. One comment may head lines of one family: `tracing`, `tracing-subscriber`.
fn unreasoned(manifest: &str) -> Vec<String> {
    let family = |name: &str| name.split(['-', '_']).next().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    let mut in_dependencies = false;
    let mut reason_for: Option<String> = None;
    let mut comment = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
            (reason_for, comment) = (None, false);
        } else if line.starts_with('#') {
            comment = true;
        } else if let (true, Some((name, _))) = (in_dependencies, line.split_once('=')) {
            let name = name.trim();
            if comment {
                reason_for = Some(family(name));
            } else if reason_for.as_deref() != Some(&family(name)) {
                found.push(format!("Cargo.toml: `{name}` has no reason in the line above it"));
            }
            comment = false;
        } else {
            (reason_for, comment) = (None, false);
        }
    }
    found
}

/// Golden files that no test can reach: their folder is not mentioned in any test, or they are the output of an input that
/// is gone. What lies in a project's folder belongs to that project.
fn unused_golden(golden: &[String], tests: &Sources) -> Vec<String> {
    let mentioned = |text: &str| tests.values().any(|test| test.contains(text));
    let inputs: BTreeSet<&str> = golden.iter().filter_map(|path| path.strip_suffix(".yaml")).collect();
    let projects: Vec<&str> = golden.iter().filter_map(|path| path.strip_suffix("dripline.yaml")).collect();
    let mut found = Vec::new();
    for path in golden {
        let (folder, name) = path.rsplit_once('/').unwrap_or_default();
        let stem = name.split('.').next().unwrap_or_default();
        let first_folders: Vec<&str> = path.split('/').skip(1).take(2).collect();
        let has_input = inputs.contains(format!("{folder}/{stem}").as_str());
        let in_project = projects.iter().any(|project| path.starts_with(project));
        // the test of previews holds its folder against the examples' sequences itself
        if mentioned(name) || path.starts_with("tests/cases/previews/") {
            continue;
        }
        if !mentioned(&first_folders.join("/")) {
            found.push(format!("{path}: no test mentions it or its folder"));
        } else if !has_input && !in_project {
            found.push(format!("{path}: output without an input"));
        }
    }
    found
}

/// Serde attributes that lose places and messages of what people write.
fn lossy_serde(sources: &Sources) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources.iter().filter(|(path, _)| path.starts_with("src/document/")) {
        let tokens = source::tokens(text);
        for (at, _) in tokens.iter().enumerate().filter(|(_, (_, token))| token == "serde") {
            if tokens.get(at + 1).is_none_or(|(_, next)| next != "(") {
                continue;
            }
            let inside: Vec<&(usize, String)> = tokens[at + 1..].iter().take_while(|(_, token)| token != "]").collect();
            let has = |name: &str| inside.iter().find(|(_, token)| token == name).map(|(line, _)| *line);
            let internally = if has("content").is_none() { has("tag") } else { None };
            for (line, what) in
                [(has("flatten"), "flatten"), (has("untagged"), "untagged"), (internally, "an internal tag")]
            {
                found.extend(line.map(|line| format!("{path}:{line}: serde's {what} loses places and messages")));
            }
        }
    }
    found
}

#[test]
fn source_files_are_short() {
    nothing(too_long(&all_sources()));
    let long = Sources::from([("src/a.rs".to_owned(), "\n".repeat(MAX_LINES + 1))]);
    assert_eq!(too_long(&long), ["src/a.rs: 801 lines"]);
}

#[test]
fn functions_are_short() {
    // clippy counts them; this holds the setting
    assert!(source::file(".clippy.toml").contains("too-many-lines-threshold = 70"));
    assert!(source::file("Cargo.toml").contains("too_many_lines = \"deny\""));
}

#[test]
fn modules_say_what_they_own() {
    nothing(undescribed(&all_sources()));
    let silent = Sources::from([("src/a.rs".to_owned(), "use b;\n//! late".to_owned())]);
    assert_eq!(undescribed(&silent).len(), 1);
}

#[test]
fn nothing_unfinished_is_left_behind() {
    nothing(left_behind(&all_sources()));
    for mark in LEFT_BEHIND {
        let left = Sources::from([("src/a.rs".to_owned(), format!("fn f() {{\n    {mark}\n}}"))]);
        assert_eq!(left_behind(&left), [format!("src/a.rs:2: {mark}")]);
    }
}

#[test]
fn modules_have_names_that_say_something() {
    nothing(nameless(&all_sources()));
    let bad = ["src/util.rs", "src/engine/helpers/mod.rs", "tests/it/common.rs"];
    let sources: Sources = bad.iter().map(|path| ((*path).to_owned(), String::new())).collect();
    assert_eq!(nameless(&sources).len(), bad.len());
}

#[test]
fn only_tests_call_themselves_tests() {
    nothing(disguised(&source::rust_files("src")));
    let text =
        "mod tests;\nmod a;\n#[cfg(test)]\nmod b_tests;\nmod c_tests;\n#[cfg(test)]\n#[path = \"d.rs\"]\nmod tests;";
    let sources = Sources::from([("src/a.rs".to_owned(), text.to_owned())]);
    let lines: Vec<String> = disguised(&sources).iter().map(|found| found[..10].to_owned()).collect();
    assert_eq!(lines, ["src/a.rs:1", "src/a.rs:5"]);
}

#[test]
fn dependencies_have_reasons() {
    let manifest = source::file("Cargo.toml");
    assert!(manifest.contains("[dependencies]"));
    nothing(unreasoned(&manifest));
    let planted = "[dependencies]\n# logs\ntracing = \"0\"\ntracing-subscriber = \"0\"\nsurprise = \"1\"\n\n\
                   [dev-dependencies]\nanother = { version = \"1\" }\n[profile.dev]\ndebug = 1";
    let names = ["surprise", "another"].map(|name| format!("Cargo.toml: `{name}` has no reason in the line above it"));
    assert_eq!(unreasoned(planted), names);
}

#[test]
fn golden_files_are_used() {
    let tests = all_sources().into_iter().filter(|(path, _)| path != "tests/it/tidy.rs").collect();
    nothing(unused_golden(&source::paths("tests/cases"), &tests));

    let door = Sources::from([("tests/it/cases.rs".to_owned(), "each(\"cases/ok\"); read(\"odd.json\")".to_owned())]);
    let golden = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
    let used = ["tests/cases/ok/a.yaml", "tests/cases/ok/a.out", "tests/cases/ok/b/dripline.yaml"];
    let with_template = [&used[..], &["tests/cases/ok/b/templates/hello.md", "tests/cases/far/odd.json"]].concat();
    assert_eq!(unused_golden(&golden(&with_template[1..2]), &door).len(), 1, "an output without an input");
    let orphan = [&used[..], &["tests/cases/ok/gone.out"]].concat();
    assert_eq!(unused_golden(&golden(&orphan), &door), ["tests/cases/ok/gone.out: output without an input"]);
    let lone = ["tests/cases/err/a.yaml"];
    assert_eq!(unused_golden(&golden(&lone), &door), ["tests/cases/err/a.yaml: no test mentions it or its folder"]);
    assert_eq!(unused_golden(&golden(&with_template), &door), Vec::<String>::new());
}

#[test]
fn authored_types_keep_places_and_messages() {
    nothing(lossy_serde(&all_sources()));
    let text = "#[serde(rename_all = \"snake_case\")]\n#[serde(\n    default,\n    flatten\n)]\n#[serde(untagged)]\n\
                #[serde(tag = \"kind\")]\n#[serde(tag = \"t\", content = \"c\")]\n// #[serde(flatten)]\nuse serde::de;";
    let sources = Sources::from([
        ("src/document/a.rs".to_owned(), text.to_owned()),
        ("src/plan/a.rs".to_owned(), text.to_owned()),
    ]);
    let lines: Vec<String> =
        lossy_serde(&sources).iter().map(|found| found.split(": ").next().unwrap().to_owned()).collect();
    assert_eq!(lines, ["src/document/a.rs:4", "src/document/a.rs:6", "src/document/a.rs:7"]);
}
