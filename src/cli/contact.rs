//! `dripline contact`: what the practice does with the record of one person.
use super::{
    CliError, Exit, Session,
    desk::{self, Desk, Place, broken},
    order::{self, Wish},
};
use crate::{
    engine::{Done, RunPhase},
    store::{Card, WRITTEN_ANEW},
};
use clap::Subcommand;
use serde_json::json;
use std::path::Path;

/// Erase a person
///
/// Every order is kept with who gave it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline contact erase ana@example.com
  dripline contact erase con_ahg3s5bvpf3qvbzl3tpmdpkvym --yes

Formats: full (default), json.")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Erase(Erase),
}

/// Delete everything personal of somebody, for good
///
/// Every sequence ends for them, what waits is called off, and all that is stored of them goes: their fields, addresses,
/// bookings, events and webhooks as they came, messages, tasks. What stays says nobody's name: how many steps went out, and a
/// keyed hash of their addresses. Should they come back with one of them, marketing and service stay closed until they agree
/// anew. A message that is under way may still arrive. Backups and copies are yours to delete.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline contact erase ana@example.com          say what would go
  dripline contact erase ana@example.com --yes

Formats: full (default), json.")]
struct Erase {
    /// Name, e-mail, phone or id
    contact: String,
    /// Erase without asking
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let What::Erase(args) = &args.what;
    order::format(session)?;
    let mut desk = args.place.open(session)?;
    let card = desk.find(&args.contact)?;
    if !args.yes {
        let text = preface(&mut desk, &card)?;
        writeln!(session.out, "{text}\nnothing was done; `--yes` erases them for good")?;
        return Ok(Exit::Blocked);
    }
    let Done::Erased(rows) = order::give(session, &desk, card.id, &Wish::Erase)? else {
        return Err(CliError::environment("they were erased already: nothing was done"));
    };
    let told: Vec<String> = rows.iter().map(|(table, count)| format!("{count} {table}")).collect();
    let mut text = format!("{} was erased; rows deleted or blanked: {}", card.public, told.join(", "));
    let copies = copies(&desk.database);
    text += "\nbackups are yours to delete, they still hold this person";
    if !copies.is_empty() {
        text += &format!("; so do the copies beside the database: {}", copies.join(", "));
    }
    if is_large(&desk.database) {
        text += "\nthe file is too large to be written anew while others wait: bits of what was deleted may lie in it until you";
        text += " stop the daemon and run VACUUM on it";
    }
    let rows: serde_json::Map<String, serde_json::Value> =
        rows.into_iter().map(|(table, count)| (table, count.into())).collect();
    order::tell(session, &text, &json!({ "contact": card.public, "erased": rows, "copies": copies }))?;
    Ok(Exit::Fine)
}

/// Whom it is about, and what ends.
fn preface(desk: &mut Desk, card: &Card) -> Result<String, CliError> {
    let runs = desk.reader.runs(card.id).map_err(broken)?;
    let inside = runs.iter().filter(|run| matches!(run.phase, RunPhase::Active { .. })).count();
    let plural = if inside == 1 { "" } else { "s" };
    Ok(format!("{} ({}): everything stored of them goes, {inside} open run{plural} end", desk::name(card), card.public))
}

#[expect(clippy::disallowed_methods, reason = "it looks at the size of the database")]
fn is_large(database: &Path) -> bool {
    std::fs::metadata(database).is_ok_and(|file| file.len() > WRITTEN_ANEW)
}

/// Copies of the database that were made before it was brought to a newer version.
#[expect(clippy::disallowed_methods, reason = "it looks beside the database")]
fn copies(database: &Path) -> Vec<String> {
    let (Some(folder), Some(name)) = (database.parent(), database.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    let mut copies: Vec<String> = names.filter(|file| file.starts_with(&format!("{name}.v"))).collect();
    copies.sort();
    copies
}
