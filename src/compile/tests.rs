use super::*;
use crate::diag::{Row, catalogue};

const SETTINGS: Settings<'static> =
    Settings { env: None, version: "0.1.0", year: 2027, now: crate::calendar::Instant(1_790_000_000_000) };

/// A project of these files laid over the base of the catalogue.
fn over(files: &[(&str, &str)]) -> (Option<Plan>, Vec<Finding>, SourceMap) {
    let (made, sources) = made(files);
    (made.plan, made.findings, sources)
}

/// The same with its suites.
fn made(files: &[(&str, &str)]) -> (Compiled, SourceMap) {
    let (mut sources, mut fixtures) = (SourceMap::default(), Fixtures::new());
    for (path, text) in catalogue::BASE.iter().copied().chain(files.iter().copied()) {
        if path.starts_with("tests/fixtures/") {
            fixtures.insert(FileId::from(path), Arc::from(text.as_bytes()));
        } else {
            sources.insert(path, text);
        }
    }
    let mut sink = Sink::new();
    let documents = read_all(&sources, &mut sink);
    (compile(&documents, &sources, &fixtures, &SETTINGS, sink), sources)
}

fn listed(findings: &[Finding], sources: &SourceMap) -> String {
    let line = |finding: &Finding| {
        let at = sources.start(&finding.primary).map_or_else(String::new, |at| format!("{}:{}", at.line, at.column));
        format!("  {}:{at}: {} {}", finding.primary.file, finding.code, finding.message)
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn verdicts(row: &Row) -> Vec<String> {
    let mut wrong = Vec::new();
    if !row.bad.is_empty() {
        let (_, findings, sources) = over(row.bad);
        let exact = !findings.is_empty() && findings.iter().all(|finding| finding.code.0 == row.code);
        if !exact {
            wrong.push(format!("{} bad example yields:\n{}", row.code, listed(&findings, &sources)));
        }
    }
    if !row.good.is_empty() {
        let (_, findings, sources) = over(row.good);
        if !findings.is_empty() {
            wrong.push(format!("{} good example yields:\n{}", row.code, listed(&findings, &sources)));
        }
    }
    wrong
}

#[test]
fn the_base_project_has_no_findings_and_a_plan() {
    let (plan, findings, sources) = over(&[]);
    assert!(findings.is_empty(), "\n{}\n", listed(&findings, &sources));
    assert!(plan.is_some());
}

#[test]
fn every_row_of_the_catalogue_does_what_its_examples_say() {
    let wrong: Vec<String> = catalogue::all().into_iter().flat_map(verdicts).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

mod broken;
mod lowered;
mod places;
mod rules;
mod suites;
