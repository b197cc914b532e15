//! `dripline log`: the latest outcomes over everybody.
use super::{
    CliError, Exit, Format, Session,
    desk::{self, Place, broken},
};
use crate::{
    engine::LedgerRow,
    id::{ChannelName, SequenceName},
};
use serde_json::json;

/// Show what fell due last, and what became of it
///
/// The newest line stands at the bottom. People appear as numbers; `why` takes them.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline log
  dripline log --limit 500 --format json

Formats: full (default), json.")]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// So many lines
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(&[Format::Full, Format::Json])?;
    let mut desk = args.place.open(session)?;
    let mut rows = desk.reader.log(None, args.limit).map_err(broken)?;
    rows.reverse();
    if format == Format::Json {
        let lines: Vec<serde_json::Value> = rows.iter().map(json).collect();
        writeln!(session.out, "{:#}", json!({ "format_version": 1, "log": lines }))?;
        return Ok(Exit::Fine);
    }
    if rows.is_empty() {
        session.note("nothing has fallen due yet")?;
    }
    let zone = desk.plan.zone.clone();
    let wide = |of: &dyn Fn(&LedgerRow) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (sequences, steps) = (wide(&|row| sequence(row).len()), wide(&|row| row.step.as_str().len()));
    for row in &rows {
        let (when, who) = (desk::moment(&zone, row.at), row.contact.0);
        let (sequence, step, state) = (sequence(row), row.step.as_str(), desk::state(row, &zone));
        let channel = row.channel.as_ref().map_or("", |channel| channel.as_str());
        let line = format!("{when}  {who:>6}  {sequence:<sequences$}  {step:<steps$}  {channel:<9}  {state}");
        writeln!(session.out, "{}", line.trim_end())?;
    }
    Ok(Exit::Fine)
}

fn sequence(row: &LedgerRow) -> &str {
    row.sequence.as_ref().map_or("–", |sequence| sequence.as_str())
}

/// One line of the ledger.
pub(super) fn json(row: &LedgerRow) -> serde_json::Value {
    json!({
        "send": desk::send(row.send),
        "contact": row.contact.0,
        "run": row.run.map(|run| run.0),
        "sequence": row.sequence.as_ref().map(SequenceName::as_str),
        "step": row.step.as_str(),
        "occurrence": row.occurrence,
        "kind": row.what.name(),
        "purpose": row.purpose.name(),
        "planned": row.planned.to_string(),
        "at": row.at.to_string(),
        "state": desk::state_name(row),
        "reason": row.outcome().and_then(crate::journey::Outcome::reason),
        "channel": row.channel.as_ref().map(ChannelName::as_str),
        "attempts": row.attempts,
        "authorised": row.authorised_at.map(|at| at.to_string()),
        "because": desk::because_json(row.because.as_ref()),
    })
}
