//! `dripline apply`: publishes a plan that somebody looked at.
use super::{
    CliError, Exit, Format, Session,
    change::{Base, Beside},
    desk::Place,
    order,
    plan::{compiled, told, written},
    saved::{Compared, Saved, Spool, absolute},
};
use crate::{
    compile::diff::{Changes, Gate},
    plan::Plan,
    runner::Publication,
};
use std::{path::PathBuf, sync::Arc};

/// Publish a plan
///
/// Without a file it is the project in the folder. A saved plan is published as it was looked at, and refused when another
/// one was published since or the people are elsewhere. The daemon goes on with it at once; without one the database is
/// written for it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline apply                          says what it would do
  dripline apply --yes
  dripline apply next.plan --yes --allow DL611

Exit codes: 4 when something blocks or waits for --allow or --yes; 5 when the saved plan is stale.
Formats: full (default), json.")]
pub(super) struct Args {
    /// A plan that `dripline plan --out` saved
    #[arg(value_name = "PLANFILE")]
    saved: Option<PathBuf>,
    /// Publish it without asking
    #[arg(long)]
    yes: bool,
    /// Let a gate or a choice pass; may be given several times
    #[arg(long, value_name = "CODE", value_parser = code)]
    allow: Vec<String>,
    #[command(flatten)]
    place: Place,
}

/// A code that may be allowed.
pub(super) fn code(text: &str) -> Result<String, String> {
    let row = crate::diag::catalogue::find(text).filter(|row| row.code.starts_with("DL6"));
    row.map(|row| row.code.to_owned()).ok_or_else(|| "the codes of changes begin with DL6".to_owned())
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = order::format(session)?;
    let database = args.place.path(session)?;
    let base = Base::of(&database, session.now())?;
    let root = session.project_root()?;
    let (plan, file) = match &args.saved {
        Some(path) => {
            let path = session.path(path);
            let saved = Saved::read(&path)?;
            if let Some(stale) = saved.stale(base.as_ref()) {
                return Err(stale.told());
            }
            (saved.plan(session, base.as_ref().map(|base| &*base.plan))?, Some(path))
        }
        None => match compiled(session, &root)? {
            Some(plan) => (plan, None),
            None => return Ok(Exit::Findings),
        },
    };
    let Some(base) = base else { return first(args, session, &database, plan) };
    let beside = base.beside(plan, session.now());
    let against = format!("plan {}", base.version);
    if let Some(exit) = judged(session, &beside, &base, &against, (&args.allow, args.yes), format)? {
        return Ok(exit);
    }
    let (path, spool) = match file {
        Some(path) => (path, None),
        None => {
            let compared = Compared { version: Some(base.version), hash: base.hash.clone() };
            let saved = Saved::of(&beside.plan, compared, None, session);
            let spool = Spool::beside(&database, &saved)?;
            (spool.path().to_owned(), Some(spool))
        }
    };
    let path = absolute(&path)?;
    let version = order::publish(session, &database, &beside.plan, Publication::Saved(path), base.version, "")?;
    drop(spool);
    published(session, version, &beside.changes)
}

/// The plan in words; then whether it may go. `None`: it may.
pub(super) fn judged(
    session: &mut Session<'_>,
    beside: &Beside,
    base: &Base,
    against: &str,
    (allowed, yes): (&[String], bool),
    format: Format,
) -> Result<Option<Exit>, CliError> {
    if beside.same {
        let told = serde_json::json!({ "published": false, "plan": base.version });
        order::tell(session, &format!("plan {} says the same: nothing to publish", base.version), &told)?;
        return Ok(Some(Exit::Fine));
    }
    let told = told(session, &beside.changes, &beside.plan, against, Some(&base.census));
    let text = written(&told, format)?;
    let waiting: Vec<&str> = codes(beside, allowed);
    if waiting.is_empty() && yes {
        // what was decided goes to the log of whoever applies; the result is the version
        if format == Format::Full {
            session.out.write_all(text.as_bytes())?;
        }
        return Ok(None);
    }
    session.out.write_all(text.as_bytes())?;
    let blocks = beside.changes.count(Gate::Block);
    if blocks > 0 {
        let block =
            if blocks == 1 { "one of the changes blocks".to_owned() } else { format!("{blocks} of the changes block") };
        session.note(format!("nothing was done: {block}, see what to write"))?;
    } else if waiting.is_empty() {
        session.note("nothing was done; `--yes` publishes it")?;
    } else {
        let allow: Vec<String> = waiting.iter().map(|code| format!("--allow {code}")).collect();
        session.note(format!("nothing was done: somebody has to decide; `{}` lets it pass", allow.join(" ")))?;
    }
    Ok(Some(Exit::Blocked))
}

/// Codes that are still closed, each once.
fn codes<'b>(beside: &'b Beside, allowed: &'b [String]) -> Vec<&'b str> {
    let mut codes: Vec<&str> = beside.changes.waiting(allowed).map(|change| change.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Nothing was published yet: nobody can be inside.
fn first(
    args: &Args,
    session: &mut Session<'_>,
    database: &std::path::Path,
    plan: Arc<Plan>,
) -> Result<Exit, CliError> {
    if !args.yes {
        let sequences = plan.sequences.len();
        session.note(format!(
            "the first plan of this database: {sequences} sequences, nobody inside; `--yes` publishes it"
        ))?;
        return Ok(Exit::Blocked);
    }
    let version = order::publish(session, database, &plan, Publication::Version(0), 0, "")?;
    let told = serde_json::json!({ "published": true, "plan": version });
    order::tell(session, &format!("published as plan {version}"), &told)?;
    Ok(Exit::Fine)
}

pub(super) fn published(session: &mut Session<'_>, version: u32, changes: &Changes) -> Result<Exit, CliError> {
    let told = serde_json::json!({ "published": true, "plan": version, "changes": changes.changes.len() });
    order::tell(session, &format!("published as plan {version}"), &told)?;
    Ok(Exit::Fine)
}
