//! `dripline compile`: the execution plan as JSON.
use super::{CliError, Exit, Session};
use crate::{diag::Finding, plan, report::findings};
use serde_json::json;

/// Print the execution plan as JSON
///
/// The plan is what runs: resolved, with all defaults, without comments and secrets. Equal plans have equal hashes.
/// Findings go to standard error; with errors there is no plan.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline compile > plan.json
  dripline compile --hash             only the hash, to compare two states of a folder")]
pub(super) struct Args {
    /// Print only the hash of the plan
    #[arg(long)]
    hash: bool,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let root = session.project_root()?;
    let project = session.load(&root);
    let shown: Vec<Finding> =
        project.findings.into_iter().filter(|finding| finding.is_error() || !session.globals.quiet).collect();
    session.err.write_all(findings::full(&shown, &project.sources).as_bytes())?;
    let Some(compiled) = project.plan else {
        session.note(findings::summary(&shown))?;
        return Ok(Exit::Findings);
    };
    if args.hash {
        writeln!(session.out, "{}", compiled.hash())?;
        return Ok(Exit::Fine);
    }
    let document = json!({ "format_version": plan::FORMAT, "hash": compiled.hash(), "plan": compiled });
    writeln!(session.out, "{document:#}")?;
    Ok(Exit::Fine)
}
