//! Broken and sound projects as data: each case of `tests/cases/err` and `tests/cases/ok` is laid over `tests/cases/base` and
//! checked. `DRIPLINE_UPDATE=1` stores the findings. Knows no finding.
//!
//! A case maps paths to what is different there: a text replaces the file, a map replaces words in it (`{ old: new }`),
//! `null` takes the file away.
use crate::project::dripline;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Stems of the files with this ending in a folder of cases.
fn stems(folder: &Path, ending: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let chosen = files.filter(|path| path.extension().is_some_and(|it| it == ending));
    chosen.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The base project with the case laid over it.
pub(crate) fn lay(case: &str, into: &Path) {
    crate::project::copy(&root().join("tests/cases/base"), into);
    let changes: BTreeMap<String, Value> = serde_yaml::from_str(case).unwrap_or_else(|error| panic!("{error}: {case}"));
    for (path, change) in changes {
        let file = into.join(&path);
        let text = match change {
            Value::Null => {
                fs::remove_file(file).unwrap();
                continue;
            }
            Value::String(text) => text,
            Value::Object(words) => words.iter().fold(fs::read_to_string(&file).unwrap(), |text, (old, new)| {
                assert!(text.contains(old), "{path} of the base has no {old:?}");
                text.replacen(old, new.as_str().unwrap(), 1)
            }),
            other => panic!("{path}: {other}"),
        };
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}

/// Every case, broken and sound, by its name.
pub(crate) fn all() -> Vec<(String, String)> {
    let cases = ["err", "ok"].into_iter().flat_map(|folder| {
        let folder = root().join("tests/cases").join(folder);
        stems(&folder, "yaml").into_iter().map(move |name| folder.join(format!("{name}.yaml")))
    });
    cases.map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

/// Exit code, and the findings as `concise` tells them, each with its help below it.
fn findings(case: &str) -> (u8, String) {
    let folder = tempfile::tempdir().unwrap();
    lay(case, folder.path());
    let check = |format: &str| dripline(folder.path(), &["check", "--format", format]);
    let (lines, full) = (check("concise"), check("json"));
    let full: Value = serde_json::from_str(&full.out).unwrap_or_else(|error| panic!("{error}: {full:?}"));
    let full = full["findings"].as_array().unwrap();
    assert_eq!(lines.out.lines().count(), full.len(), "one line a finding: {}", lines.out);
    let mut told = String::new();
    for (line, finding) in lines.out.lines().zip(full) {
        writeln!(told, "{line}").unwrap();
        if let Some(help) = finding["help"].as_str() {
            writeln!(told, "    help: {help}").unwrap();
        }
    }
    (lines.code, told)
}

#[test]
fn every_broken_project_gives_its_findings() {
    let folder = root().join("tests/cases/err");
    let update = std::env::var("DRIPLINE_UPDATE").is_ok();
    let mut wrong = Vec::new();
    let cases = stems(&folder, "yaml");
    for name in &cases {
        let (_, now) = findings(&fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap());
        if now.is_empty() {
            wrong.push(format!("{name} is broken, and nothing is found"));
        }
        let path = folder.join(format!("{name}.txt"));
        if update {
            fs::write(&path, &now).unwrap();
        }
        let known = fs::read_to_string(&path).unwrap_or_default();
        if known != now {
            wrong.push(format!("{name}\n--- stored\n{known}--- now\n{now}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(stems(&folder, "txt"), cases, "one list of findings for each case");
}

#[test]
fn no_sound_project_gives_a_finding() {
    let folder = root().join("tests/cases/ok");
    let mut wrong = String::new();
    for name in stems(&folder, "yaml") {
        let (code, found) = findings(&fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap());
        if (code, found.as_str()) != (0, "") {
            writeln!(wrong, "{name}: {code}\n{found}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
