//! `dripline init`: a project to start from.
use super::{CliError, Exit, Session, files, scaffold};
use crate::{diag::nearest, document};
use std::path::{Path, PathBuf};

/// Make a project to start from
///
/// One sequence with its trigger, texts and a suite, the schemas, and settings for editors, commits and CI.
///
/// Writes only files that are not there yet and changes none. The new project runs at once, with the built-in mailbox.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline init                       in the current folder
  dripline init journeys
  dripline init journeys --example clinic
  dripline init --list                the complete projects that can be unpacked")]
pub(super) struct Args {
    /// The folder; it is made when it is not there
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Unpack a complete project instead of the small one
    #[arg(long, value_name = "NAME")]
    example: Option<String>,
    /// Make nothing; list the complete projects
    #[arg(long, conflicts_with_all = ["dir", "example"])]
    list: bool,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    if args.list {
        for name in scaffold::examples() {
            writeln!(session.out, "{name}")?;
        }
        return Ok(Exit::Fine);
    }
    let root = args.dir.as_ref().map_or_else(|| session.folder(), |dir| session.path(dir));
    let project = match &args.example {
        Some(name) => scaffold::example(name).ok_or_else(|| unknown(name))?,
        None => scaffold::starter(&id_of(&root)),
    };
    let all: Vec<(String, String)> = project.into_iter().chain(scaffold::surroundings()).collect();
    let taken: Vec<&str> =
        all.iter().map(|(path, _)| path.as_str()).filter(|path| files::is_there(&root.join(path))).collect();
    if let Some(project) = taken.iter().find(|path| **path == files::PROJECT_FILE) {
        let help = "`dripline new` adds to a project, `dripline check` looks at it";
        return Err(CliError::usage(format!("there is a {project} in {} already", root.display())).help(help));
    }
    for (path, text) in all.iter().filter(|(path, _)| !taken.contains(&path.as_str())) {
        files::write(&root.join(path), &scaffold::with_modeline(path, text))?;
        writeln!(session.out, "made {path}")?;
    }
    files::make_executable(&root.join(".githooks/pre-commit"))?;
    for path in taken {
        session.note(format!("left {path} as it was"))?;
    }
    next(args, session)?;
    Ok(Exit::Fine)
}

fn next(args: &Args, session: &mut Session<'_>) -> Result<(), CliError> {
    session.note("\nnext:")?;
    if let Some(dir) = &args.dir {
        session.note(format!("  cd {}", dir.display()))?;
    }
    for (command, what) in [
        ("dripline check", "shows every mistake; silent when there is none"),
        ("dripline test", "plays the scenarios in tests/ on a virtual clock"),
        ("dripline library", "ready sequences to copy"),
        ("git config core.hooksPath .githooks", "checks before every commit"),
    ] {
        session.note(format!("  {command:<36} {what}"))?;
    }
    Ok(())
}

/// The folder's name as an id.
fn id_of(root: &Path) -> String {
    let name = root.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let id: String = name.chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' }).collect();
    let id = id.trim_start_matches(|c: char| !c.is_ascii_lowercase()).trim_end_matches('_');
    let id: String = id.chars().take(64).collect();
    if document::is_id(&id) { id } else { "practice".to_owned() }
}

fn unknown(name: &str) -> CliError {
    let names = scaffold::examples();
    let near = nearest(name, names.iter().copied()).map(|near| format!("did you mean `{near}`? "));
    let help = format!("{}there are: {}", near.unwrap_or_default(), names.join(", "));
    CliError::usage(format!("there is no example `{name}`")).help(help)
}
