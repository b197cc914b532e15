//! `dripline campaign`: launches, pauses, resumes and calls off a campaign. Files never say how a campaign stands.
use super::{
    CliError, Exit, Session,
    desk::{self, Desk, Place, broken},
    order::{self, Decision},
};
use crate::{
    engine::{CampaignOrder, CampaignRow, CampaignStatus, campaign_of},
    id::SequenceName,
    plan::Campaign,
};
use clap::Subcommand;
use serde_json::json;

/// Launch, pause, resume or call off a campaign
///
/// Every order is kept with who gave it. Editing the file of a launched campaign changes what is still to come.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline campaign launch winter_comeback
  dripline campaign pause winter_comeback

Formats: full (default), json.")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Let it run: people are taken in at its start, or now when that has come
    Launch(Launch),
    /// Hold everything that is still to come, until it is resumed
    Pause(Named),
    /// Go on after a pause
    Resume(Named),
    /// End it for everybody inside; what has not gone out never does
    Cancel(Named),
}

#[derive(clap::Args, Debug)]
struct Named {
    /// The campaign
    #[arg(value_name = "ID")]
    campaign: String,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args, Debug)]
struct Launch {
    #[command(flatten)]
    named: Named,
    /// Launch it without asking
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    order::format(session)?;
    let (named, what) = match &args.what {
        What::Launch(launch) => (&launch.named, CampaignOrder::Launch),
        What::Pause(named) => (named, CampaignOrder::Pause),
        What::Resume(named) => (named, CampaignOrder::Resume),
        What::Cancel(named) => (named, CampaignOrder::Cancel),
    };
    let mut desk = named.place.open(session)?;
    let name = SequenceName::new(&named.campaign);
    let campaign = find(&desk, &name)?.clone();
    let row = desk.reader.campaigns().map_err(broken)?.remove(&name);
    let status = status_of(&mut desk, &name, &campaign, row.as_ref(), session)?;
    if !what.may_follow(status) {
        return Err(CliError::usage(format!("{name} is {} and cannot be {}", status.word(), done(what))));
    }
    if what == CampaignOrder::Launch {
        if campaign.is_over(session.now()) {
            return Err(CliError::usage(format!("the time of {name} is over")).help("give it another schedule.end"));
        }
        let text = preface(&mut desk, &name, &campaign)?;
        if !matches!(&args.what, What::Launch(launch) if launch.yes) {
            writeln!(session.out, "{text}\nnothing was done; `--yes` launches it")?;
            return Ok(Exit::Blocked);
        }
        writeln!(session.err, "{text}")?;
    }
    order::decide(session, &desk, &Decision { name: name.clone(), order: what })?;
    let told = json!({ "campaign": name.as_str(), "was": status.word(), "order": what.word() });
    order::tell(session, &format!("{name} was {}", done(what)), &told)?;
    Ok(Exit::Fine)
}

fn done(order: CampaignOrder) -> &'static str {
    match order {
        CampaignOrder::Launch => "launched",
        CampaignOrder::Pause => "paused",
        CampaignOrder::Resume => "resumed",
        CampaignOrder::Cancel => "called off",
    }
}

fn find<'d>(desk: &'d Desk, name: &SequenceName) -> Result<&'d Campaign, CliError> {
    campaign_of(&desk.plan, name).ok_or_else(|| {
        let campaigns = desk.plan.sequences.values().filter(|sequence| sequence.campaign.is_some());
        let known: Vec<&str> = campaigns.map(|sequence| sequence.name.as_str()).collect();
        let told = CliError::usage(format!("no campaign `{name}` was published"));
        if known.is_empty() { told } else { told.help(format!("there are {}", known.join(", "))) }
    })
}

/// How it stands, for people.
pub(super) fn status_of(
    desk: &mut Desk,
    name: &SequenceName,
    campaign: &Campaign,
    row: Option<&CampaignRow>,
    session: &Session<'_>,
) -> Result<CampaignStatus, CliError> {
    let empty = row.is_some() && desk.reader.is_empty(name).map_err(broken)?;
    Ok(CampaignStatus::of(campaign, row, empty, session.now()))
}

/// What is about to happen.
fn preface(desk: &mut Desk, name: &SequenceName, campaign: &Campaign) -> Result<String, CliError> {
    let people = desk.reader.people().map_err(broken)?;
    let zone = &desk.plan.zone;
    let when = |at: Option<crate::calendar::Instant>, none: &str| {
        at.map_or_else(|| none.to_owned(), |at| desk::inline(zone, at))
    };
    let (start, end) = (when(campaign.start, "now"), when(campaign.end, "everybody has been through it"));
    Ok(format!("{name}: takes people in from {start}, until {end}; {people} people are known"))
}
