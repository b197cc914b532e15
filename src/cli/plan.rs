//! `dripline plan`: what a change does to the people who are inside now.
use super::{
    CliError, Exit, Format, Session,
    change::Base,
    desk::Place,
    files,
    saved::{self, Compared, Saved},
};
use crate::{
    compile::diff::{self, Changes, Gate},
    plan::{Census, Plan},
    project,
    report::{self, findings, plan::Told},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Show what a change does to the people inside
///
/// Compares the project with the plan that is published, or with a commit, and counts for each change who is before, at
/// and past it. Sends nothing and changes nothing.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline plan
  dripline plan --out next.plan                        to be looked at, and applied as it is
  dripline plan --against origin/main --census census.json --format markdown
  dripline plan --expect-no-changes                    in a nightly job

Exit codes: 4 when something blocks; 2 with --detailed-exitcode when there are changes; 1 with
--expect-no-changes.
Formats: full (default), json, markdown, html.")]
pub(super) struct Args {
    /// What to compare with: `live` is what the database has; else a commit, or a file of `dripline compile`
    #[arg(long, value_name = "live|GITREF|FILE", default_value = "live")]
    against: String,
    /// Count the people from this file of `dripline snapshot`, not from the database
    #[arg(long, value_name = "FILE")]
    census: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// Save the plan, to be applied as it is
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// End with 2 when there are changes
    #[arg(long)]
    detailed_exitcode: bool,
    /// End with 1 when there are changes
    #[arg(long)]
    expect_no_changes: bool,
}

pub(super) const FORMATS: [Format; 4] = [Format::Full, Format::Json, Format::Markdown, Format::Html];

/// What a project is compared with.
struct Old {
    /// In words.
    name: String,
    plan: Arc<Plan>,
    compared: Compared,
    census: Option<Census>,
    /// The database that has it.
    base: Option<Base>,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(&FORMATS)?;
    let root = session.project_root()?;
    let Some(plan) = compiled(session, &root)? else { return Ok(Exit::Findings) };
    let old = against(args, session, &root)?;
    let plan = diff::carry(plan, Some(&old.plan));
    let changes = match &old.base {
        Some(base) => base.changes(&plan, session.now()),
        None => diff::diff(&old.plan, &plan, old.census.as_ref(), None, session.now()),
    };
    if let Some(path) = &args.out {
        let saved = Saved::of(&plan, old.compared.clone(), old.census.clone(), session);
        files::write(&session.path(path), &saved.to_json())?;
        let path = path.display();
        session.note(if changes.count(Gate::Block) > 0 {
            format!("saved in {path} to be looked at; it cannot be applied before what blocks is decided")
        } else {
            format!("saved in {path}; `dripline apply {path}` publishes it")
        })?;
    }
    let mut told = told(session, &changes, &plan, &old.name, old.census.as_ref());
    told.command = command(args);
    session.out.write_all(written(&told, format)?.as_bytes())?;
    Ok(exit(args, &changes))
}

fn exit(args: &Args, changes: &Changes) -> Exit {
    if changes.count(Gate::Block) > 0 {
        Exit::Blocked
    } else if args.expect_no_changes && !changes.is_empty() {
        Exit::Findings
    } else if args.detailed_exitcode && !changes.is_empty() {
        Exit::Changes
    } else {
        Exit::Fine
    }
}

/// As it would be typed again; without paths of this machine's database.
fn command(args: &Args) -> String {
    let census = if args.census.is_some() { " --census FILE" } else { "" };
    format!("dripline plan --against {}{census}", args.against)
}

/// The project in the folder; with errors they are told and there is none.
pub(super) fn compiled(session: &mut Session<'_>, root: &Path) -> Result<Option<Arc<Plan>>, CliError> {
    let loaded = session.load(root);
    if loaded.plan.is_none() {
        let errors: Vec<_> = loaded.findings.into_iter().filter(crate::diag::Finding::is_error).collect();
        session.err.write_all(findings::full(&errors, &loaded.sources).as_bytes())?;
        session.note(findings::summary(&errors))?;
    }
    Ok(loaded.plan)
}

pub(super) fn told<'a>(
    session: &Session<'_>,
    changes: &'a Changes,
    plan: &'a Plan,
    against: &str,
    census: Option<&Census>,
) -> Told<'a> {
    Told {
        changes,
        zone: &plan.zone,
        project: &plan.project,
        against: against.to_owned(),
        counted_at: census.map(|census| census.taken_at),
        inside: census.map_or(0, Census::total),
        made: session.now(),
        command: "dripline apply".to_owned(),
    }
}

pub(super) fn written(told: &Told<'_>, format: Format) -> Result<String, CliError> {
    match format {
        Format::Json => Ok(report::plan::json(told)),
        Format::Markdown => Ok(report::plan::markdown(told)),
        Format::Html => report::plan::html(told).map_err(|error| anyhow::Error::from(error).into()),
        _ => Ok(report::plan::text(told)),
    }
}

fn against(args: &Args, session: &Session<'_>, root: &Path) -> Result<Old, CliError> {
    let own = args.census.as_ref().map(|path| saved::census(&session.path(path))).transpose()?;
    let database = args.place.path(session)?;
    let asked = args.against.as_str();
    if asked == "live" {
        let missing = || {
            CliError::environment("nothing was published to compare with")
                .help("`dripline run` publishes; `--against GITREF --census FILE` compares without a database")
        };
        let base = Base::of(&database, session.now())?.ok_or_else(missing)?;
        let compared = Compared { version: Some(base.version), hash: base.hash.clone() };
        let name = format!("plan {}", base.version);
        let (plan, counted) = (base.plan.clone(), base.census.clone());
        // who is counted elsewhere is not looked for here
        let base = Some(base).filter(|_| own.is_none());
        return Ok(Old { name, plan, compared, census: own.or(Some(counted)), base });
    }
    // who is inside may be asked of the database also where the plan is another one
    let counted = match own {
        Some(own) => Some(own),
        None => Base::of(&database, session.now())?.map(|base| base.census),
    };
    let path = session.path(Path::new(asked));
    let plan = if path.is_file() { of_file(session, &path)? } else { of_commit(session, root, asked)? };
    let compared = Compared { version: None, hash: plan.hash() };
    Ok(Old { name: asked.to_owned(), plan, compared, census: counted, base: None })
}

/// A plan that `compile` printed, or one that was saved.
fn of_file(session: &Session<'_>, path: &Path) -> Result<Arc<Plan>, CliError> {
    #[derive(serde::Deserialize)]
    struct Compiled {
        plan: Plan,
    }
    let text = files::read(path)?.unwrap_or_default();
    match serde_json::from_str::<Compiled>(&text) {
        Ok(compiled) => Ok(Arc::new(compiled.plan.indexed())),
        Err(_) => Saved::read(path)?.plan(session, None),
    }
}

fn of_commit(session: &Session<'_>, root: &Path, reference: &str) -> Result<Arc<Plan>, CliError> {
    let past = project::at(root, reference).map_err(super::check::past)?;
    let loaded = session.loaded(past.files);
    loaded.plan.ok_or_else(|| {
        CliError::usage(format!("the project at `{reference}` has errors: there is nothing to compare with"))
            .help(format!("`dripline check --since {reference}` shows only what is new"))
    })
}
