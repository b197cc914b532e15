//! `dripline status`: who is where, and is anything stuck.
use super::{
    CliError, Exit, Format, Session,
    desk::{self, Desk, Place, broken},
};
use crate::{
    calendar::Instant,
    id::StepName,
    store::{Count, Status},
};
use serde_json::json;
use std::collections::BTreeMap;

/// Say who is where, what is due, and what is stuck
///
/// Reads the database; a daemon may run beside it or not.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline status
  dripline status --format json

Formats: full (default), json.")]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
}

const OUTCOMES: [Count; 5] = [Count::Sent, Count::Skipped, Count::Failed, Count::Cancelled, Count::Unknown];

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(&[Format::Full, Format::Json])?;
    let mut desk = args.place.open(session)?;
    let now = session.now();
    let status = desk.reader.status(now).map_err(broken)?;
    let campaigns = campaigns(&mut desk, session)?;
    let text = if format == Format::Json { json(&status, &campaigns) } else { full(&desk, &status, &campaigns, now) };
    session.out.write_all(text.as_bytes())?;
    Ok(Exit::Fine)
}

/// Active runs by sequence, and in it by step.
fn by_sequence(status: &Status) -> BTreeMap<&str, BTreeMap<&str, u64>> {
    let mut sequences: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for row in &status.census {
        let step = row.step.as_ref().map_or("", |step| step.as_str());
        *sequences.entry(row.sequence.as_str()).or_default().entry(step).or_default() += row.people;
    }
    sequences
}

/// Every campaign of the plan, and how it stands.
fn campaigns(desk: &mut Desk, session: &Session<'_>) -> Result<BTreeMap<String, &'static str>, CliError> {
    let rows = desk.reader.campaigns().map_err(broken)?;
    let plan = desk.plan.sequences.values();
    let planned: Vec<_> = plan.filter_map(|found| Some((found.name.clone(), found.campaign.clone()?))).collect();
    let mut told = BTreeMap::new();
    for (name, campaign) in planned {
        let status = super::campaign::status_of(desk, &name, &campaign, rows.get(&name), session)?;
        told.insert(name.as_str().to_owned(), status.word());
    }
    Ok(told)
}

fn full(desk: &Desk, status: &Status, campaigns: &BTreeMap<String, &str>, now: Instant) -> String {
    let zone = &desk.plan.zone;
    let held = status.open_sends.get("held").copied().unwrap_or(0);
    let open: u64 = status.open_sends.values().sum();
    let outcomes: Vec<String> = OUTCOMES
        .into_iter()
        .filter(|what| status.total(*what) > 0)
        .map(|what| format!("{} {}", status.total(what), what.name()))
        .collect();
    let overdue = status.oldest_overdue.map_or("nothing".to_owned(), |at| {
        format!("since {} ({} minutes)", desk::inline(zone, at), now.since(at) / 60_000)
    });
    let outcomes = if outcomes.is_empty() { "none yet".to_owned() } else { outcomes.join(", ") };
    let mut lines = vec![
        format!("people             {}", status.contacts),
        format!("due within 24 h    {}", status.due_in_a_day),
        format!("overdue            {overdue}"),
        format!("open messages      {open}, of these {held} held"),
        format!("outcomes           {outcomes}"),
        format!("to be looked at    {} unknown, {} in quarantine", status.unknown, status.quarantined),
        format!("inside sequences   {}", status.active_runs),
    ];
    let sequences = by_sequence(status);
    let names = sequences.keys().chain(sequences.values().flat_map(BTreeMap::keys));
    let wide = names.map(|name| name.len()).max().unwrap_or(0) + 2;
    for (sequence, steps) in &sequences {
        lines.push(format!("  {sequence:<wide$} {:>5}", steps.values().sum::<u64>()));
        for (step, people) in steps {
            let step = if step.is_empty() { "(all steps done)" } else { step };
            lines.push(format!("    {step:<wide$} {people:>3}"));
        }
    }
    if !campaigns.is_empty() {
        lines.push("campaigns".to_owned());
        let wide = campaigns.keys().map(String::len).max().unwrap_or(0) + 2;
        lines.extend(campaigns.iter().map(|(name, status)| format!("  {name:<wide$} {status}")));
    }
    if status.orphaned > 0 {
        lines.push(format!("held, because their sequence is not in the plan: {}", status.orphaned));
    }
    lines.join("\n") + "\n"
}

fn json(status: &Status, campaigns: &BTreeMap<String, &str>) -> String {
    let totals: BTreeMap<&str, i64> = Count::ALL.into_iter().map(|what| (what.name(), status.total(what))).collect();
    let inside: Vec<serde_json::Value> = status
        .census
        .iter()
        .map(|row| {
            let step = row.step.as_ref().map(StepName::as_str);
            let (sequence, orphaned) = (row.sequence.as_str(), row.orphaned);
            json!({ "sequence": sequence, "step": step, "waits": row.waits, "people": row.people, "orphaned": orphaned })
        })
        .collect();
    let told = json!({
        "format_version": 1,
        "people": status.contacts,
        "active_runs": status.active_runs,
        "orphaned_runs": status.orphaned,
        "due_within_24h": status.due_in_a_day,
        "oldest_overdue": status.oldest_overdue.map(|at| at.to_string()),
        "open_sends": status.open_sends,
        "totals": totals,
        "unknown": status.unknown,
        "quarantined": status.quarantined,
        "inside": inside,
        "campaigns": campaigns,
    });
    format!("{told:#}\n")
}
