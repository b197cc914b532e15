//! `dripline backtest`: recorded events through two versions of the project.
mod tape;

use super::{CliError, Exit, Format, Session, check, files, simulate};
use crate::{
    calendar::{Instant, Span},
    diag::{Finding, Place, catalogue::backtest as codes},
    plan::Plan,
    project::{self, GitError},
    report::{
        backtest::{self as report, Backtested},
        findings,
    },
    simulate::backtest::{self, BacktestFault, Fate, Played},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tape::Heard;

/// Compare what two versions of the project send to recorded events
///
/// Everything that was recorded happens again, to the project as it was and as it is: people come in by the same events at the
/// same moments, and time runs on until nobody waits any more. Every channel takes what it is given. Nothing is sent and
/// nothing is written.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline backtest --events events.jsonl
  dripline backtest --events .dripline/dripline.db --against main
  dripline backtest --events june.jsonl --against ../before --for 30d --people 5
  dripline backtest --events june.jsonl --format html > backtest.html

A file has one JSON object a line: a CloudEvent as `/v1/events` takes it, with its `time`,
  {\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/shop\",\"type\":\"lead.created\",
   \"time\":\"2027-03-26T18:30:00+01:00\",\"subject\":\"ana@example.com\",\"data\":{}}
or a request of a provider as it came to a source of the project:
  {\"source\":\"cal\",\"received_at\":\"2027-03-26T18:30:00+01:00\",
   \"body\":{\"triggerEvent\":\"BOOKING_CREATED\", …}}
A database of dripline (.db) has what came to its daemon; its people are there from the start.

Exit codes: 1 when lines of the file cannot be played; 2 with --detailed-exitcode when anything
would be sent differently.
Formats: full (default), json, html.")]
pub(super) struct Args {
    /// A file with recorded events (.jsonl), or a database of dripline (.db)
    #[arg(long, value_name = "FILE|DB")]
    events: PathBuf,
    /// What to compare with: a commit, branch or tag, or a folder with another version; else HEAD
    #[arg(long, value_name = "GITREF|FOLDER")]
    against: Option<String>,
    /// How much time passes at most after the last event
    #[arg(long = "for", value_name = "TIME", value_parser = simulate::span, default_value = "90d")]
    length: Span,
    /// How many of the people whose messages differ are shown
    #[arg(long, value_name = "N", default_value = "20")]
    people: usize,
    /// End with 2 when anything would be sent differently
    #[arg(long)]
    detailed_exitcode: bool,
}

pub(super) const FORMATS: &[Format] = &[Format::Full, Format::Json, Format::Html];

/// Fewer events than these are played before anybody wonders.
const MANY: usize = 5_000;
/// Findings that are shown; the others are counted.
const TOLD: usize = 100;
/// What it is compared with unless it is said.
const HEAD: &str = "HEAD";

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(FORMATS)?;
    let root = session.project_root()?;
    let project = session.load(&root);
    let Some(plan) = simulate::compiled(project.plan.clone(), &project, None, session)? else {
        return Ok(Exit::Findings);
    };
    let against = args.against.clone().unwrap_or_else(|| HEAD.to_owned());
    let Some(past) = version(args, &root, &against, session)? else { return Ok(Exit::Findings) };
    let mut heard = tape::read(&args.events, session)?;
    if heard.tape.recorded.is_empty() {
        return nothing(&heard.findings, &heard, args, session);
    }
    let before = played(&past, &heard, args, &format!("playing at {against}"), session)?;
    let after = played(&plan, &heard, args, "playing now", session)?;
    let findings = findings_of(&mut heard, &before, &after, &against);
    let is_used = |played: &Played| played.fates.iter().any(|fate| !matches!(fate, Fate::Refused(_)));
    if !is_used(&before) && !is_used(&after) {
        return nothing(&findings, &heard, args, session);
    }
    let difference = backtest::compare(&before, &after);
    let moment = |recorded: Option<&backtest::Recorded>| recorded.map_or(Instant(0), |recorded| recorded.at);
    let told = Backtested {
        against: &against,
        zone: &plan.zone,
        first: moment(heard.tape.recorded.first()),
        last: moment(heard.tape.recorded.last()),
        before: &before,
        after: &after,
        difference: &difference,
        lost: &heard.lost,
        notes: &heard.notes,
        most: args.people,
    };
    tell(&findings, &heard, session)?;
    session.out.write_all(written(format, &told, args, session.now())?.as_bytes())?;
    for to in session.globals.reports.clone() {
        files::write(&session.path(&to.file), &written(to.format, &told, args, session.now())?)?;
    }
    Ok(if findings.iter().any(Finding::is_error) {
        Exit::Findings
    } else if args.detailed_exitcode && !difference.is_empty() {
        Exit::Changes
    } else {
        Exit::Fine
    })
}

fn written(format: Format, of: &Backtested<'_>, args: &Args, made: Instant) -> Result<String, CliError> {
    Ok(match format {
        Format::Json => format!("{:#}\n", report::json(of)),
        Format::Html => report::page::html(of, &command(args), made)
            .map_err(|error| CliError::usage("the page could not be written").because(error))?,
        _ => report::text(of),
    })
}

/// The other version: a folder, else a commit. With errors they are told and there is none.
fn version(args: &Args, root: &Path, named: &str, session: &mut Session<'_>) -> Result<Option<Arc<Plan>>, CliError> {
    let folder = session.path(Path::new(named));
    let reference = named.to_owned();
    if args.against.is_some() && folder.join("dripline.yaml").is_file() {
        let past = session.load(&folder);
        return simulate::compiled(past.plan.clone(), &past, Some(&reference), session);
    }
    let past = project::at(root, named).map_err(|error| match (&error, &args.against) {
        (GitError::NoRepository | GitError::NoGit(_), None) => {
            CliError::usage("there is nothing to compare with: the project is in no git repository")
                .help("`--against FOLDER` names a folder with another version of it")
        }
        (GitError::UnknownCommit(_), None) => {
            CliError::usage("there is nothing to compare with: git has no commit yet")
                .help("commit the project, or name a folder with another version of it: `--against FOLDER`")
        }
        (GitError::UnknownCommit(_) | GitError::NoRepository, Some(asked)) => {
            CliError::usage(format!("\"{asked}\" is neither a commit nor a folder with a dripline.yaml"))
                .help("`--against main` compares with a branch, `--against ../before` with a folder")
        }
        _ => check::past(error),
    })?;
    let past = session.loaded(past.files);
    simulate::compiled(past.plan.clone(), &past, Some(&reference), session)
}

fn played(
    plan: &Arc<Plan>,
    heard: &Heard,
    args: &Args,
    what: &str,
    session: &mut Session<'_>,
) -> Result<Played, CliError> {
    let quiet = session.globals.quiet || heard.tape.recorded.len() < MANY;
    let mut tell = simulate::progress(what.to_owned(), quiet, session.err);
    backtest::play(plan, &heard.tape, args.length, &mut tell).map_err(|fault| match fault {
        BacktestFault::Nothing => CliError::usage(fault.to_string()),
        BacktestFault::Broken(cause) => CliError::usage(format!("the story could not be played: {cause}")),
    })
}

/// Lines that cannot be read, and those that one version or both do not understand, in the order of the file.
fn findings_of(heard: &mut Heard, before: &Played, after: &Played, against: &str) -> Vec<Finding> {
    let mut findings = heard.findings.clone();
    let Some(file) = &heard.file else { return findings };
    for ((recorded, before), after) in heard.tape.recorded.iter().zip(&before.fates).zip(&after.fates) {
        let Some(place) = recorded.line.and_then(|line| heard.places.get(line - 1)) else { continue };
        let place = Place::new(file, place.clone());
        findings.extend(match (before, after) {
            (Fate::Refused(_), Fate::Refused(why)) => {
                Some(Finding::new(&codes::UNREADABLE_EVENT, &place, format!("this event cannot be played: {why}")))
            }
            (Fate::Refused(why), _) => {
                let message = format!("only this version understands the event; at {against}: {why}");
                Some(Finding::new(&codes::EVENT_OF_ONE_VERSION, &place, message))
            }
            (_, Fate::Refused(why)) => {
                let message = format!("only the version at {against} understands the event; now: {why}");
                Some(Finding::new(&codes::EVENT_OF_ONE_VERSION, &place, message))
            }
            _ => None,
        });
    }
    findings.sort_by_key(|finding| finding.primary.start);
    let errors = findings.iter().filter(|finding| finding.is_error()).count() as u64;
    if errors > 0 {
        let lines = if errors == 1 { "line that cannot be played" } else { "lines that cannot be played" };
        heard.lost.push((errors, format!("{lines} (DL740)")));
    }
    findings
}

fn tell(findings: &[Finding], heard: &Heard, session: &mut Session<'_>) -> Result<(), CliError> {
    if findings.is_empty() {
        return Ok(());
    }
    let told = findings.get(..TOLD).unwrap_or(findings);
    // a line each, and nothing of the line itself: it is about somebody
    session.err.write_all(findings::concise(told, &heard.sources).as_bytes())?;
    let more = findings.len() - told.len();
    let more = if more > 0 { format!("; {more} are not shown") } else { String::new() };
    session.note(format!("{}{more}", findings::summary(findings)))
}

/// Like a suite that matches nothing: a comparison of nothing must not look like one of something.
fn nothing(findings: &[Finding], heard: &Heard, args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    tell(findings, heard, session)?;
    let lost: Vec<String> = heard.lost.iter().map(|(count, why)| format!("{count} {why}")).collect();
    let lost = if lost.is_empty() { String::new() } else { format!(": {}", lost.join(", ")) };
    Err(CliError::usage(format!("there is no event in {} that can be played{lost}", args.events.display()))
        .help("one JSON object a line, or a database of dripline; `dripline backtest --help` shows both"))
}

/// The command line that makes this report again.
fn command(args: &Args) -> String {
    let file = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // where a file lies on somebody's machine is nobody's business
    let mut words = vec![format!("dripline backtest --events {}", quoted(&file(&args.events)))];
    words.extend(args.against.iter().map(|against| format!("--against {}", quoted(against))));
    if args.length != Span::days(90) {
        words.push(format!("--for {}", args.length));
    }
    words.push("--format html".to_owned());
    words.join(" ")
}

fn quoted(text: &str) -> String {
    if text.contains(' ') { format!("\"{text}\"") } else { text.to_owned() }
}
