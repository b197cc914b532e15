//! `dripline advance`: lets the next step of one person fall due now.
use super::{
    CliError, Exit, Session, desk,
    order::{self, Wish},
    people,
};
use serde_json::json;

/// Let the next step of one person fall due now
///
/// Its conditions, windows, consent and caps hold as always.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline advance no_show_recovery ana@example.com

Formats: full (default), json.")]
pub(super) struct Args {
    #[command(flatten)]
    wanted: people::Wanted,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    order::format(session)?;
    let (mut desk, sequence, card) = args.wanted.find(session)?;
    people::inside(&mut desk, &card, &sequence)?;
    order::give(session, &desk, card.id, &Wish::Advance(sequence.clone()))?;
    let zone = desk.zone_of(&card)?;
    let run = people::active(&mut desk, &card, &sequence)?;
    let (step, due) = run.as_ref().map_or((None, None), people::step);
    let next = run.and_then(|run| people::next(&run, &zone));
    let next = next.unwrap_or_else(|| "nothing is left to come".to_owned());
    let text = format!("{} moved on in {sequence}: {next}", desk::name(&card));
    let parts = json!({ "contact": card.public, "sequence": sequence.as_str(), "next": step, "due": due });
    order::tell(session, &text, &parts)?;
    Ok(Exit::Fine)
}
