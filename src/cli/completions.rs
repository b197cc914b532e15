//! `dripline completions`: the shell's completion script, from the definition of the arguments.
use super::{CliError, Exit, Session, definition};
use clap_complete::Shell;

/// Completion script for a shell
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline completions bash > ~/.local/share/bash-completion/completions/dripline
  dripline completions fish > ~/.config/fish/completions/dripline.fish")]
pub(super) struct Args {
    shell: Shell,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definition(), "dripline", &mut script);
    session.out.write_all(&script)?;
    Ok(Exit::Fine)
}
