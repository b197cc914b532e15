//! `dripline enroll`: puts one person into a sequence.
use super::{
    CliError, Exit, Session,
    desk::{self, broken},
    order::{self, Wish},
    people,
};

/// Put one person into a sequence
///
/// The same rules hold as for triggers: whoever is inside already, or was not long ago, stays out, and the answer says why.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline enroll no_show_recovery ana@example.com")]
pub(super) struct Args {
    #[command(flatten)]
    wanted: people::Wanted,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let (mut desk, sequence, card) = args.wanted.find(session)?;
    let refused_before = desk.reader.refusals(card.id).map_err(broken)?.len();
    let before = people::active(&mut desk, &card, &sequence)?.map(|run| run.id);
    order::give(session, &desk, card.id, &Wish::Enrol(sequence.clone()))?;
    let refusals = desk.reader.refusals(card.id).map_err(broken)?;
    if let Some(refused) = refusals.get(refused_before..).and_then(<[_]>::last) {
        let because = desk::because(refused.refusal.because.as_ref()).map_or(String::new(), |why| format!(", {why}"));
        let why = refused.refusal.why.name();
        writeln!(session.out, "{} did not enter {sequence}: {why}{because}", desk::name(&card))?;
        return Ok(Exit::Blocked);
    }
    let zone = desk.zone_of(&card)?;
    let run = people::active(&mut desk, &card, &sequence)?.filter(|run| Some(run.id) != before);
    let next = run.and_then(|run| people::next(&run, &zone)).map_or(String::new(), |next| format!(": {next}"));
    writeln!(session.out, "{} entered {sequence}{next}", desk::name(&card))?;
    Ok(Exit::Fine)
}
