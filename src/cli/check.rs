//! `dripline check`: every finding of the project.
use super::{CliError, Exit, Format, Session, files};
use crate::{diag::Finding, report::findings};
use clap::ValueEnum;
use std::path::PathBuf;

/// Show everything that is wrong with the project
///
/// Reads the whole project, offline and without secrets, and prints every finding at once. Silent when there is none.
/// `dripline explain CODE` tells more about a finding.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline check
  dripline check sequences/no_show.yaml --format concise
  dripline check --deny warnings          for continuous integration
  dripline check --format json > findings.json

Formats: full (default), concise (path:line:col: CODE message), json.
Columns count characters from 1; json has UTF-16 columns and byte offsets as well.")]
pub(super) struct Args {
    /// Show only what is in these files and folders; the whole project is read all the same
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Exit with 1 for warnings as well
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Deny {
    Warnings,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(&[Format::Full, Format::Concise, Format::Json])?;
    let root = session.project_root()?;
    let project = session.load(&root);
    let chosen = session.inside(&root, &args.paths)?;
    let is_chosen = |file: &str| files::is_chosen(file, &chosen);
    let found: Vec<Finding> =
        project.findings.into_iter().filter(|finding| is_chosen(finding.primary.file.as_str())).collect();
    let text = match format {
        Format::Full => findings::full(&found, &project.sources),
        Format::Concise => findings::concise(&found, &project.sources),
        Format::Json => {
            let files = project.sources.files().filter(|(file, _)| is_chosen(file.as_str())).count();
            format!("{:#}\n", findings::json(&found, &project.sources, files))
        }
    };
    session.out.write_all(text.as_bytes())?;
    if !found.is_empty() || session.verbose() {
        session.out.flush()?;
        session.note(findings::summary(&found))?;
    }
    let denied = found.iter().any(Finding::is_error) || (args.deny.is_some() && !found.is_empty());
    Ok(if denied { Exit::Findings } else { Exit::Fine })
}
