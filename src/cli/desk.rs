//! What commands about a running project share: where its database is, whom an argument names, words for times and states.
//! Reads only; decides nothing.
use super::{CliError, Session, daemon};
use crate::{
    calendar::{Instant, Zone},
    engine::{Broken, LedgerRow},
    id::SendId,
    journey::{Because, End, Hold, Sending, StopReason, Wait},
    plan::Plan,
    report,
    store::{Card, Reader},
};
use std::path::PathBuf;

/// Where the database is.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Place {
    /// The database [default: .dripline/dripline.db in the project]
    #[arg(long, value_name = "FILE")]
    pub(super) db: Option<PathBuf>,
}

/// The database as it is now, and the plan that was published last.
pub(super) struct Desk {
    pub(super) reader: Reader,
    pub(super) plan: Plan,
    pub(super) database: PathBuf,
}

/// People that one word may mean before it is called too vague.
const SEVERAL: u32 = 6;

impl Place {
    pub(super) fn path(&self, session: &Session<'_>) -> Result<PathBuf, CliError> {
        match &self.db {
            Some(path) => Ok(session.path(path)),
            None => Ok(session.project_root()?.join(".dripline/dripline.db")),
        }
    }

    pub(super) fn open(&self, session: &Session<'_>) -> Result<Desk, CliError> {
        let database = self.path(session)?;
        let reader = daemon::read(&database)?;
        let published = reader.plan().map_err(broken)?;
        let (_, plan) = published.ok_or_else(|| {
            CliError::environment("nothing was published to this database yet").help("`dripline run` does")
        })?;
        Ok(Desk { reader, plan: plan.indexed(), database })
    }
}

impl Desk {
    /// The one person that a public id, number, address or name means.
    pub(super) fn find(&mut self, text: &str) -> Result<Card, CliError> {
        let mut found = self.reader.find(text, SEVERAL).map_err(broken)?;
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(CliError::usage(format!("nobody is known as \"{text}\""))
                .help("a name, an e-mail address, a phone number, or an id as `con_…`")),
            count => {
                let several = if count >= SEVERAL as usize { "many" } else { "several" };
                let of = |card: &Card| card.clinic.as_ref().map(|clinic| format!("  ({clinic})")).unwrap_or_default();
                let lines: Vec<String> =
                    found.iter().map(|card| format!("\n  {}  {}{}", card.public, name(card), of(card))).collect();
                Err(CliError::usage(format!("{several} people are known as \"{text}\":{}", lines.concat()))
                    .help("name one by its id"))
            }
        }
    }

    /// The zone in which a person lives.
    pub(super) fn zone_of(&mut self, card: &Card) -> Result<Zone, CliError> {
        let contact = self.reader.contact(card.id).map_err(broken)?;
        let own = contact.and_then(|contact| contact.local_zone());
        let clinic = || self.plan.clinics.iter().find(|clinic| Some(&clinic.id) == card.clinic.as_ref());
        let clinics = || clinic().unwrap_or(self.plan.default_clinic()).zone.clone();
        Ok(own.or_else(clinics).unwrap_or_else(|| self.plan.zone.clone()))
    }
}

pub(super) fn broken(broken: Broken) -> CliError {
    CliError::environment("the database could not be read").because(anyhow::anyhow!(broken.to_string()))
}

/// The person's name, else what else is known of them.
pub(super) fn name(card: &Card) -> String {
    let known = [&card.name, &card.email, &card.phone];
    known.into_iter().flatten().next().map_or_else(|| card.public.clone(), ToString::to_string)
}

/// `Mon  9 Nov 2026  09:20`: of one width, so that columns stand.
pub(super) fn moment(zone: &Zone, at: Instant) -> String {
    zone.civil(at).strftime("%a %e %b %Y  %H:%M").to_string()
}

/// `Mon 9 Nov 2026 09:20`.
pub(super) fn inline(zone: &Zone, at: Instant) -> String {
    zone.civil(at).strftime("%a %-d %b %Y %H:%M").to_string()
}

/// `snd_12`.
pub(super) fn send(id: SendId) -> String {
    format!("snd_{}", id.0)
}

/// `snd_12` or `12`.
pub(super) fn parse_send(text: &str) -> Result<SendId, String> {
    let number = text.strip_prefix("snd_").unwrap_or(text).parse::<i64>().ok().filter(|number| *number > 0);
    number.map(SendId).ok_or_else(|| "the id of a message is like snd_12".to_owned())
}

/// What became of a step, in a word or two.
pub(super) fn state(row: &LedgerRow, zone: &Zone) -> String {
    match &row.state {
        Sending::Closed(crate::journey::Outcome::Sent)
            if row.because.as_ref().is_some_and(|because| because.gate == crate::journey::Gate::Branch) =>
        {
            "decided".to_owned()
        }
        Sending::Closed(outcome) => match outcome.reason() {
            Some(reason) => format!("{} ({reason})", outcome.name()),
            None => outcome.name().to_owned(),
        },
        Sending::Waiting(until) => format!("waiting until {}", inline(zone, *until)),
        Sending::Preparing => "being prepared".to_owned(),
        Sending::Ready => "ready, waits for the channel".to_owned(),
        Sending::InFlight(attempt) => format!("under way, attempt {}", attempt.number),
        Sending::Held(hold) => format!("held ({})", held(*hold)),
    }
}

/// One word for machines.
pub(super) fn state_name(row: &LedgerRow) -> &'static str {
    match &row.state {
        Sending::Closed(outcome) => outcome.name(),
        Sending::Waiting(_) => "waiting",
        Sending::Preparing => "preparing",
        Sending::Ready => "ready",
        Sending::InFlight(_) => "in_flight",
        Sending::Held(_) => "held",
    }
}

pub(super) fn held(hold: Hold) -> &'static str {
    match hold {
        Hold::Restore => "restore",
        Hold::CatchUp => "catch_up",
        Hold::Breaker => "breaker",
        Hold::BlastRadius => "blast_radius",
        Hold::Poison => "poison",
        Hold::Clock => "clock",
        Hold::PlanFormat => "plan_format",
        Hold::Paused => "paused",
    }
}

/// What an active run waits for.
pub(super) fn wait(wait: Wait, zone: &Zone) -> String {
    match wait {
        Wait::Until(at) => format!("due on {}", inline(zone, at)),
        Wait::ForOutcome(id) => format!("waits for the outcome of {}", send(id)),
        Wait::Settling => "all steps have fallen due, a message is still open".to_owned(),
        Wait::Held(hold) => format!("held ({})", held(hold)),
        Wait::Quiet => "due, and a message is still open".to_owned(),
        Wait::Awaiting(until) => format!("waits until {}", inline(zone, until)),
    }
}

/// How a run ended.
pub(super) fn end(end: &End) -> String {
    match end {
        End::Completed => "completed".to_owned(),
        End::Converted(_) => "converted".to_owned(),
        End::Stopped(StopReason::Displaced(by)) => format!("stopped (displaced by {by})"),
        End::Stopped(reason) => format!("stopped ({})", reason.name()),
    }
}

/// The gate and what it read, or nothing.
pub(super) fn because(because: Option<&Because>, zone: &Zone) -> Option<String> {
    because.map(|because| report::reason(because, zone))
}

/// The same for machines.
pub(super) fn because_json(because: Option<&Because>) -> serde_json::Value {
    because.map_or(serde_json::Value::Null, |because| serde_json::json!(because))
}
