//! `dripline fmt`: files in their canonical form.
use super::{CliError, Exit, Session, files};
use crate::{
    diag::FileId,
    document::{self, Formatted},
    report::diff,
};
use std::path::PathBuf;

/// Write the files in their canonical form, comments kept
///
/// A file with syntax errors is left alone and named; `dripline check` says what is wrong with it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline fmt
  dripline fmt sequences/
  dripline fmt --check                shows what would change; exit code 1 when something would")]
pub(super) struct Args {
    /// Only these files and folders
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Write nothing; show what would change
    #[arg(long)]
    check: bool,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let root = session.project_root()?;
    let project = session.load(&root);
    let chosen = session.inside(&root, &args.paths)?;
    let authored =
        project.sources.files().filter(|(file, _)| is_yaml(file) && files::is_chosen(file.as_str(), &chosen));
    let (mut changed, mut left) = (0, 0);
    for (file, text) in authored {
        match document::format(file, text) {
            Formatted::Same => {}
            Formatted::Left => {
                left += 1;
                session.note(format!("{file}: left as it is, it cannot be read as YAML without errors"))?;
            }
            Formatted::Changed(new) if args.check => {
                changed += 1;
                session.out.write_all(diff::unified(file.as_str(), text, &new).as_bytes())?;
            }
            Formatted::Changed(new) => {
                changed += 1;
                files::write(&root.join(file.as_str()), &new)?;
                session.note(format!("formatted {file}"))?;
            }
        }
    }
    let failed = left > 0 || (args.check && changed > 0);
    Ok(if failed { Exit::Findings } else { Exit::Fine })
}

/// Fixtures of suites are raw payloads, kept to the byte.
fn is_yaml(file: &FileId) -> bool {
    let path = file.as_str();
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    matches!(ending, Some("yaml" | "yml")) && !path.starts_with("templates/") && !path.starts_with("tests/fixtures/")
}
