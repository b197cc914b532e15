//! The rules of the edges (consent and law, reach, triggers, structure) against the codes and tests that hold them: the table
//! is `tests/edges_rules.txt`, one line a rule. Knows no rule.
use crate::source;
use std::{fs, path::PathBuf};

struct Rule {
    id: String,
    severity: String,
    codes: Vec<String>,
    bad: String,
    good: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rules() -> Vec<Rule> {
    let text = fs::read_to_string(root().join("tests/edges_rules.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [id, severity, codes, bad, good, about] = cells[..] else { panic!("six cells: {line}") };
            assert!(!about.is_empty(), "{line}");
            let codes = codes.split_whitespace().filter(|code| *code != "-").map(str::to_owned).collect();
            Rule { id: id.to_owned(), severity: severity.to_owned(), codes, bad: bad.to_owned(), good: good.to_owned() }
        })
        .collect()
}

/// Code, severity, and whether it has a bad and a good example.
fn row(code: &str) -> Option<(String, bool, bool)> {
    let folder = root().join("src/diag/catalogue");
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let Some(at) = text.find(&format!("\"{code}\" \"")) else { continue };
        let rest = &text[at..];
        let head = rest.lines().next().unwrap();
        let severity = if head.contains("\" Error,") { "E" } else { "W" };
        let end = rest.find(";\n").unwrap_or(rest.len());
        let has =
            |word: &str| rest[..end].contains(&format!("{word} &[(")) || rest[..end].contains(&format!("{word} &[\n"));
        return Some((severity.to_owned(), has("bad"), has("good")));
    }
    None
}

/// Why the case does not show what it should, if so.
fn missing(rule: &Rule, case: &str, bad: bool, sources: &source::Sources) -> Option<String> {
    if case == "row" {
        let code = rule.codes.first()?;
        let (_, has_bad, has_good) = row(code)?;
        return (if bad { !has_bad } else { !has_good }).then(|| format!("{code} has no such example"));
    }
    if let Some(name) = case.strip_prefix("test:") {
        let found = sources.values().any(|text| text.contains(&format!("fn {name}(")));
        return (!found).then(|| format!("there is no test {name}"));
    }
    let Some(name) = case.strip_prefix("case:") else { return Some(format!("`{case}` is no case")) };
    let folder = root().join(if bad { "tests/cases/err" } else { "tests/cases/ok" });
    if !bad {
        return (!folder.join(format!("{name}.yaml")).exists()).then(|| format!("there is no case {name}"));
    }
    let Ok(found) = fs::read_to_string(folder.join(format!("{name}.txt"))) else {
        return Some(format!("there is no case {name}"));
    };
    let told = rule.codes.iter().any(|code| found.contains(&format!(" {code} ")));
    (!told).then(|| format!("{name} is not about {:?}", rule.codes))
}

#[test]
fn every_rule_is_held_by_a_code_and_shown_by_cases() {
    let mut sources = source::rust_files("src");
    sources.extend(source::rust_files("tests"));
    let (mut wrong, mut open) = (Vec::new(), Vec::new());
    for rule in rules() {
        if [&rule.bad, &rule.good].contains(&&"open".to_owned()) {
            open.push(rule.id.clone());
            continue;
        }
        for code in &rule.codes {
            match row(code) {
                None => wrong.push(format!("{}: there is no code {code}", rule.id)),
                Some((severity, ..)) if severity != rule.severity && rule.codes.len() == 1 => {
                    wrong.push(format!("{}: {code} has another severity", rule.id));
                }
                Some(_) => {}
            }
        }
        if rule.codes.is_empty() && !rule.bad.starts_with("test:") {
            wrong.push(format!("{}: neither a code nor a test that nothing can break it", rule.id));
        }
        for (case, bad) in [(&rule.bad, true), (&rule.good, false)] {
            wrong.extend(missing(&rule, case, bad, &sources).map(|why| format!("{}: {why}", rule.id)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(open.is_empty(), "{} rules are open: {open:?}", open.len());
}

#[test]
fn the_table_has_every_rule_once() {
    let wanted = [("C", 24), ("R", 21), ("T", 13), ("S", 16)];
    let wanted = wanted.iter().flat_map(|(letter, last)| (1..=*last).map(move |at| format!("{letter}{at:02}")));
    let known: Vec<String> = rules().into_iter().map(|rule| rule.id).collect();
    assert_eq!(known, wanted.collect::<Vec<_>>());
    assert!(rules().iter().all(|rule| matches!(rule.severity.as_str(), "E" | "W")));
}
