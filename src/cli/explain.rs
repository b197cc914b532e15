//! `dripline explain`: the reference, offline.
use super::{CliError, Exit, Session};

/// Explain a code, key, function or event
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// What to explain
    word: Option<String>,
}

pub(super) fn run(_args: &Args, _session: &mut Session<'_>) -> Result<Exit, CliError> {
    Ok(Exit::Fine)
}
