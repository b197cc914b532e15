//! `dripline test`: the suites of the project on a virtual clock, and what came of them in every form.
mod accept;
mod houses;
mod jobs;

use super::{CliError, Exit, Format, Session, check, files};
use crate::{
    calendar::Zone,
    compile::lacks_expectations,
    diag::{FileId, Finding},
    plan::{Plan, Suite, suite::What},
    project::{self, Loaded},
    report::{findings, suite as report},
    simulate::suite::Ran,
};
use jobs::Job;
use regex::Regex;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Run the scenario tests of the project
///
/// Plays every scenario of the suites in tests/ with the daemon's own decisions on a virtual clock: offline, without
/// secrets, and the same each time. What fails is shown beside what was expected, with the gate that moved, skipped or
/// stopped it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline test
  dripline test tests/no_show.yaml --run \"booking ends it\" --trace
  dripline test --coverage=90             fails when less is seen
  dripline test --accept                  expects from now on what happens now
  dripline test --format github --report junit=tests.xml --report html=tests.html

Formats: full (default), json, junit, html, github (annotations; the whole list goes to the job's
summary). Coverage counts steps, arms and exits of what the suites have under test. --accept keeps
expectations that hold as they are written, replaces the others by what came (without their
comments, and what they said of texts), writes those of a scenario that has none, and shows the
change; it never accepts a broken rule of `always`.
Scenarios with a restart or a deploy run on a database in a temporary folder, all others in
memory.")]
pub(super) struct Args {
    /// Only suites in these files and folders
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Only scenarios whose name matches this regular expression
    #[arg(long, value_name = "REGEX", value_parser = pattern)]
    run: Option<Regex>,
    /// Show what of the project was seen and what is missing; exit with 1 below so many per cent
    #[arg(long, value_name = "MIN", num_args = 0..=1, require_equals = true, value_parser = clap::value_parser!(u8).range(0..=100))]
    #[expect(clippy::option_option, reason = "left out, given alone, given with a number")]
    coverage: Option<Option<u8>>,
    /// Write what happened into the suites as what is expected
    #[arg(long)]
    accept: bool,
    /// Decides what chance would: codes of offers, the order of --shuffle
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Run the scenarios in an order that the seed decides; they know nothing of each other, and this shows it
    #[arg(long)]
    shuffle: bool,
    /// Show every line of every story
    #[arg(long)]
    trace: bool,
}

fn pattern(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it is too big".to_owned(),
        other => other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    })
}

pub(super) const FORMATS: &[Format] = &[Format::Full, Format::Json, Format::Junit, Format::Html, Format::Github];

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(FORMATS)?;
    let root = session.project_root()?;
    let paths = session.inside(&root, &args.paths)?;
    let project = session.load(&root);
    let broken = in_the_way(&project, &paths, args.accept);
    let plan = match &project.plan {
        Some(plan) if broken.is_empty() => plan.clone(),
        _ => return stopped(&broken, &project, &root, format, session),
    };
    let chosen = chosen(args, &project, &paths)?;
    let versions = versions(&chosen, &root, session)?;
    let house =
        jobs::Houses { plan: &plan, versions: &versions, seed: args.seed, shuffle: args.shuffle, now: session.now() };
    let ran = jobs::run(&house, &chosen, session)?;
    hinted(&project, &paths, session)?;
    if args.accept {
        return accept::run(args, &root, &ran, session);
    }
    told(args, format, &root, (&plan, &ran), session)
}

/// Errors of the project, and those of the suites that were asked for: other suites may be broken. That a scenario expects
/// nothing yet is no error where its expectations are to be written.
fn in_the_way(project: &Loaded, paths: &[String], accept: bool) -> Vec<Finding> {
    let matters = |finding: &&Finding| {
        let file = finding.primary.file.as_str();
        let chosen = project.plan.is_none() || files::is_chosen(file, paths);
        finding.is_error() && chosen && !(accept && lacks_expectations(finding, &project.suites))
    };
    project.findings.iter().filter(matters).cloned().collect()
}

/// What does not stop a suite may still be why it is red.
fn hinted(project: &Loaded, paths: &[String], session: &mut Session<'_>) -> Result<(), CliError> {
    let of_suites = |finding: &&Finding| {
        let file = finding.primary.file.as_str();
        file.starts_with("tests/") && files::is_chosen(file, paths) && !finding.is_error()
    };
    let warnings = project.findings.iter().filter(of_suites).count();
    if warnings > 0 {
        let (what, them) = if warnings == 1 { ("warning", "it") } else { ("warnings", "them") };
        session.note(format!("{warnings} {what} about the suites: `dripline check` shows {them}"))?;
    }
    Ok(())
}

/// Mistakes stand where the results would: a CI server that reads a form shows them.
fn stopped(
    broken: &[Finding],
    project: &Loaded,
    root: &Path,
    format: Format,
    session: &mut Session<'_>,
) -> Result<Exit, CliError> {
    let prefix = project::prefix(root).unwrap_or_default();
    let files: Vec<&FileId> = project.sources.files().map(|(file, _)| file).collect();
    let report = findings::Report { findings: broken, sources: &project.sources, files: &files, prefix: &prefix };
    match format {
        Format::Full | Format::Html => {
            session.err.write_all(findings::full(broken, &project.sources).as_bytes())?;
        }
        format => session.out.write_all(check::written(format, &report).as_bytes())?,
    }
    for to in session.globals.reports.clone() {
        files::write(&session.path(&to.file), &check::plain(&check::written(to.format, &report)))?;
    }
    session.out.flush()?;
    session.note(format!("{}; nothing was run", findings::summary(broken)))?;
    Ok(Exit::Findings)
}

/// Suites and scenarios that were asked for, in the order of their files.
fn chosen(args: &Args, project: &Loaded, paths: &[String]) -> Result<Vec<Job>, CliError> {
    let suites: Vec<&Arc<Suite>> =
        project.suites.iter().filter(|suite| files::is_chosen(&suite.origin.file, paths)).collect();
    let named = |name: &str| args.run.as_ref().is_none_or(|run| run.is_match(name));
    let of_suite = |suite: &&Arc<Suite>| -> Vec<Job> {
        let scenarios = suite.scenarios.iter().enumerate().filter(|(_, scenario)| named(&scenario.name));
        scenarios.map(|(scenario, _)| Job { suite: (*suite).clone(), scenario }).collect()
    };
    let jobs: Vec<Job> = suites.iter().flat_map(of_suite).collect();
    if !jobs.is_empty() {
        return Ok(jobs);
    }
    Err(match (project.suites.is_empty(), suites.is_empty()) {
        (true, _) => CliError::usage("this project has no suites")
            .help("a suite is a file in tests/ that begins with `suite: ID`; `dripline explain suite` tells its keys"),
        (_, true) => CliError::usage("there is no suite in what was named").help(format!(
            "suites are in {}",
            project.suites.iter().map(|suite| &*suite.origin.file).collect::<Vec<_>>().join(", ")
        )),
        _ => {
            let names =
                suites.iter().flat_map(|suite| &suite.scenarios).map(|scenario| format!("\"{}\"", scenario.name));
            let names: Vec<String> = names.take(10).collect();
            let help = if names.is_empty() {
                "the suites have no scenarios".to_owned()
            } else {
                format!("there are: {}", names.join(", "))
            };
            CliError::usage("no scenario matches").help(help)
        }
    })
}

/// The projects that `deploy` names.
fn versions(jobs: &[Job], root: &Path, session: &Session<'_>) -> Result<BTreeMap<Arc<str>, Arc<Plan>>, CliError> {
    let mut versions = BTreeMap::new();
    for when in jobs.iter().flat_map(|job| &job.suite.scenarios[job.scenario].when) {
        let What::Deploy(version) = &when.what else { continue };
        if versions.contains_key(version) {
            continue;
        }
        let at = format!("{}:{} deploys \"{version}\"", when.origin.file, when.origin.line);
        let loaded = session.version(root, version).map_err(|error| {
            CliError::usage(format!("{at}, and there is no such version: {error}"))
                .help("write a folder such as fixtures/next (below tests/) with a dripline.yaml, or a commit, branch or tag of git")
        })?;
        let Some(plan) = loaded.plan else {
            let errors: Vec<Finding> = loaded.findings.into_iter().filter(Finding::is_error).collect();
            return Err(CliError::usage(format!("{at}, and that version has {}", findings::summary(&errors))).help(
                if root.join("tests").join(&**version).is_dir() {
                    format!("`dripline -C tests/{version} check` shows them")
                } else {
                    "`dripline check` shows them where that version is checked out".to_owned()
                },
            ));
        };
        versions.insert(version.clone(), plan);
    }
    Ok(versions)
}

fn told(
    args: &Args,
    format: Format,
    root: &Path,
    (plan, ran): (&Plan, &[Ran]),
    session: &mut Session<'_>,
) -> Result<Exit, CliError> {
    let prefix = project::prefix(root).unwrap_or_default();
    let coverage = report::Asked { table: args.coverage.is_some(), least: args.coverage.flatten() };
    let report = report::Report { ran, trace: args.trace, each: session.verbose(), coverage, prefix: &prefix };
    let text = written(format, &report, plan, args, session)?;
    session.out.write_all(text.as_bytes())?;
    for to in session.globals.reports.clone() {
        let text = written(to.format, &report, plan, args, session)?;
        files::write(&session.path(&to.file), &anstream::adapter::strip_str(&text).to_string())?;
    }
    if format == Format::Github
        && let Some(summary) = (session.env)("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty())
    {
        files::append(Path::new(&summary), &report::summary_page(&report))?;
    }
    session.out.flush()?;
    session.note(report::summary(&report))?;
    let failed = report.count().failed > 0 || report.covers_too_little();
    Ok(if failed { Exit::Findings } else { Exit::Fine })
}

fn written(
    format: Format,
    report: &report::Report<'_>,
    plan: &Plan,
    args: &Args,
    session: &Session<'_>,
) -> Result<String, CliError> {
    Ok(match format {
        Format::Json => format!("{:#}\n", report::json(report)),
        Format::Junit => report::junit(report),
        Format::Github => report::github(report),
        Format::Html => report::html(report, plan, command(args), made(report, session))
            .map_err(|error| CliError::from(anyhow::Error::from(error)))?,
        _ => report::text(report),
    })
}

/// The command line that made a document.
fn command(args: &Args) -> String {
    let mut words = vec!["dripline test".to_owned()];
    words.extend(args.paths.iter().map(|path| report::argument(&path.to_string_lossy())));
    words.extend(args.run.iter().map(|run| format!("--run {}", report::argument(run.as_str()))));
    match args.coverage {
        Some(Some(least)) => words.push(format!("--coverage={least}")),
        Some(None) => words.push("--coverage".to_owned()),
        None => {}
    }
    words.push("--format html".to_owned());
    words.join(" ")
}

/// On the clock of the first suite.
fn made(report: &report::Report<'_>, session: &Session<'_>) -> String {
    let zone = report.ran.first().map_or_else(|| Zone::UTC, |ran| ran.suite.zone.clone());
    let now = session.now();
    format!("{} {}", zone.civil(now).strftime("%a %-d %b %Y %H:%M"), zone.name())
}
