//! `dripline enroll`: puts one person into a sequence.
use super::{
    CliError, Exit, Session,
    desk::{self, broken},
    order::{self, Wish},
    people,
};
use serde_json::json;

/// Put one person into a sequence
///
/// The same rules hold as for triggers: whoever is inside already, or was not long ago, stays out, and the answer says why.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline enroll no_show_recovery ana@example.com

Exit code 4 when they stay out. Formats: full (default), json.")]
pub(super) struct Args {
    #[command(flatten)]
    wanted: people::Wanted,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    order::format(session)?;
    let (mut desk, sequence, card) = args.wanted.find(session)?;
    let refused_before = desk.reader.refusals(card.id).map_err(broken)?.len();
    let before = people::active(&mut desk, &card, &sequence)?.map(|run| run.id);
    order::give(session, &desk, card.id, &Wish::Enrol(sequence.clone()))?;
    let refusals = desk.reader.refusals(card.id).map_err(broken)?;
    if let Some(refused) = refusals.get(refused_before..).and_then(<[_]>::last) {
        let because = refused.refusal.because.as_ref();
        let why = refused.refusal.why.name();
        let zone = desk.zone_of(&card)?;
        let read = desk::because(because, &zone).map_or(String::new(), |read| format!(" ({read})"));
        let text = format!("{} did not enter {sequence}: {why}{read}", desk::name(&card));
        let because = desk::because_json(because);
        let parts = json!({ "contact": card.public, "sequence": sequence.as_str(), "entered": false, "why": why, "because": because });
        order::tell(session, &text, &parts)?;
        return Ok(Exit::Blocked);
    }
    let zone = desk.zone_of(&card)?;
    let run = people::active(&mut desk, &card, &sequence)?.filter(|run| Some(run.id) != before);
    let id = run.as_ref().map(|run| run.id.0);
    let next = run.and_then(|run| people::next(&run, &zone)).map_or(String::new(), |next| format!(": {next}"));
    let text = format!("{} entered {sequence}{next}", desk::name(&card));
    let parts = json!({ "contact": card.public, "sequence": sequence.as_str(), "entered": true, "run": id });
    order::tell(session, &text, &parts)?;
    Ok(Exit::Fine)
}
