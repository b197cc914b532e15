//! `dripline test --accept`: what happened becomes what is expected. Only expectations are rewritten, and only when the file
//! still reads; what must never be is never accepted.
use super::{Args, jobs};
use crate::{
    cli::{CliError, Exit, Session, files},
    diag::{FileId, Finding},
    document::{
        self, Formatted,
        expectations::{Expectation, expect},
    },
    plan::Suite,
    report::{
        diff, findings,
        suite::accept::{Item, Refusal, accepted},
    },
    simulate::suite::Ran,
};
use std::path::Path;

pub(super) fn run(args: &Args, root: &Path, ran: &[Ran], session: &mut Session<'_>) -> Result<Exit, CliError> {
    // names of scenarios that stay as they are
    let mut refused: Vec<String> = Vec::new();
    let mut written: Vec<(FileId, String)> = Vec::new();
    for ran in ran {
        let file = FileId::new(&ran.suite.origin.file);
        let path = root.join(file.as_str());
        let Some(before) = files::read(&path)? else { continue };
        let (after, accepted) = rewritten(&file, &before, ran, &mut refused, session)?;
        if after == before {
            continue;
        }
        session.out.write_all(diff::unified(file.as_str(), &before, &after).as_bytes())?;
        files::write(&path, &after)?;
        let scenarios = if accepted == 1 { "1 scenario".to_owned() } else { format!("{accepted} scenarios") };
        session.note(format!("accepted what came of {scenarios} in {file}"))?;
        written.push((file, before));
    }
    session.out.flush()?;
    if written.is_empty() {
        if refused.is_empty() {
            session.note("every expectation holds; nothing to accept")?;
        }
        return Ok(if refused.is_empty() { Exit::Fine } else { Exit::Findings });
    }
    let failing = again(args, root, &written, &refused, session)?;
    Ok(if failing || !refused.is_empty() { Exit::Findings } else { Exit::Fine })
}

/// The text of a suite with what happened as what is expected, and for how many scenarios.
fn rewritten(
    file: &FileId,
    before: &str,
    ran: &Ran,
    refused: &mut Vec<String>,
    session: &mut Session<'_>,
) -> Result<(String, usize), CliError> {
    let (mut text, mut count) = (before.to_owned(), 0);
    for (index, scenario) in ran.suite.scenarios.iter().enumerate() {
        let Some(list) = accepted(ran, index) else { continue };
        let edit = list.map_err(|refusal| why(&refusal)).and_then(|list| {
            let list: Vec<Expectation> = list.into_iter().map(expectation).collect();
            expect(file, &text, &scenario.name, &list)
                .ok_or_else(|| "its `then` is not written in a way that can be changed".to_owned())
        });
        match edit {
            Ok(edit) => {
                text = document::apply(&text, &[edit]);
                count += 1;
            }
            Err(why) => {
                refused.push(scenario.name.to_string());
                let Suite { origin, .. } = &*ran.suite;
                session.note(format!(
                    "{}:{}: \"{}\" was not accepted: {why}",
                    origin.file, scenario.origin.line, scenario.name
                ))?;
            }
        }
    }
    match document::format(file, &text) {
        Formatted::Left => Err(CliError::usage(format!("{file} would not read any more, so it was left as it is"))),
        // a file in its canonical form stays in it, and no other is put into it
        Formatted::Changed(formatted) if document::format(file, before) == Formatted::Same => Ok((formatted, count)),
        _ => Ok((text, count)),
    }
}

fn expectation(item: Item) -> Expectation {
    match item {
        Item::Keep(index) => Expectation::Keep(index),
        Item::New(text) => Expectation::New(text),
    }
}

fn why(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Breach(words) => words.clone(),
        Refusal::CasesDiffer => "its cases came out differently, so no list of expectations fits them all".to_owned(),
        Refusal::NothingCame => "nothing came that could be expected".to_owned(),
    }
}

/// The new files are read and run again; one that does not read is put back as it was. Whether something still fails.
fn again(
    args: &Args,
    root: &Path,
    written: &[(FileId, String)],
    refused: &[String],
    session: &mut Session<'_>,
) -> Result<bool, CliError> {
    let project = session.load(root);
    let is_new = |file: &FileId| written.iter().any(|(of, _)| of == file);
    let broken = |finding: &&Finding| finding.is_error() && is_new(&finding.primary.file);
    let broken: Vec<Finding> = project.findings.iter().filter(broken).cloned().collect();
    let plan = match &project.plan {
        Some(plan) if broken.is_empty() => plan.clone(),
        _ => {
            for (file, before) in written {
                files::write(&root.join(file.as_str()), before)?;
            }
            session.err.write_all(findings::full(&broken, &project.sources).as_bytes())?;
            session.note("the new expectations do not read, so the files were put back as they were")?;
            return Ok(true);
        }
    };
    let paths: Vec<String> = written.iter().map(|(file, _)| file.as_str().to_owned()).collect();
    let jobs = super::chosen(args, &project, &paths)?;
    let versions = super::versions(&jobs, root, session)?;
    let houses = jobs::Houses { plan: &plan, versions: &versions, seed: args.seed, shuffle: false, now: session.now() };
    let mut failing = Vec::new();
    for ran in jobs::run(&houses, &jobs, session)? {
        let failed = ran.cases.iter().filter(|case| !case.passed());
        let names = failed.filter_map(|case| Some(ran.suite.scenarios.get(case.scenario)?.name.to_string()));
        failing.extend(names.filter(|name| !refused.contains(name)));
    }
    failing.dedup();
    for name in &failing {
        session.note(format!("\"{name}\" still fails"))?;
    }
    Ok(!failing.is_empty())
}
