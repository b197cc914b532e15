//! `dripline snapshot`: writes the census.
use super::{
    CliError, Exit, Session, daemon,
    desk::{Place, broken},
    files,
};
use std::path::PathBuf;

/// Write the census: who is where, in numbers
///
/// Counts by sequence, step, kind of wait and hour, without anybody's data: it may be kept beside the code, so that
/// `dripline plan --census FILE` can say elsewhere what a change does to the people inside.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline snapshot census.json
  dripline snapshot -                     to standard output")]
pub(super) struct Args {
    /// Where to write it; `-` is standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let mut reader = daemon::read(&args.place.path(session)?)?;
    let census = reader.census(session.now()).map_err(broken)?;
    if args.file.as_os_str() == "-" {
        session.out.write_all(census.to_json().as_bytes())?;
        return Ok(Exit::Fine);
    }
    files::write(&session.path(&args.file), &census.to_json())?;
    let sequences: std::collections::BTreeSet<_> = census.inside.iter().map(|group| &group.sequence).collect();
    session.note(format!("{} people inside {} sequences", census.total(), sequences.len()))?;
    Ok(Exit::Fine)
}
