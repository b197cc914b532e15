//! `dripline stop`: takes one person out of a sequence.
use super::{
    CliError, Exit, Session, desk,
    order::{self, Wish},
    people,
};
use serde_json::json;

/// Take one person out of a sequence
///
/// What is under way may still go out; nothing else of this sequence does.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline stop no_show_recovery ana@example.com

Formats: full (default), json.")]
pub(super) struct Args {
    #[command(flatten)]
    wanted: people::Wanted,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    order::format(session)?;
    let (mut desk, sequence, card) = args.wanted.find(session)?;
    people::inside(&mut desk, &card, &sequence)?;
    order::give(session, &desk, card.id, &Wish::Stop(sequence.clone()))?;
    let text = format!("{} left {sequence}", desk::name(&card));
    order::tell(session, &text, &json!({ "contact": card.public, "sequence": sequence.as_str() }))?;
    Ok(Exit::Fine)
}
