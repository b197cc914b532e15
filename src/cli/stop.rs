//! `dripline stop`: takes one person out of a sequence.
use super::{
    CliError, Exit, Session, desk,
    order::{self, Wish},
    people,
};

/// Take one person out of a sequence
///
/// What is under way may still go out; nothing else of this sequence does.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline stop no_show_recovery ana@example.com")]
pub(super) struct Args {
    #[command(flatten)]
    wanted: people::Wanted,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let (mut desk, sequence, card) = args.wanted.find(session)?;
    people::inside(&mut desk, &card, &sequence)?;
    order::give(session, &desk, card.id, &Wish::Stop(sequence.clone()))?;
    writeln!(session.out, "{} left {sequence}", desk::name(&card))?;
    Ok(Exit::Fine)
}
