//! `dripline rollback`: publishes an earlier plan again, through the same door as any other.
use super::{
    CliError, Exit, Session,
    apply::{self, judged},
    change::{Base, ROLLBACK},
    daemon,
    desk::{Place, broken},
    order,
};
use crate::runner::Publication;
use std::sync::Arc;

/// Publish the plan from before again
///
/// It goes the way of every change: who is inside is counted, and what has to be decided is asked. The files stay as they
/// are, and are not taken on again by themselves until they change or somebody applies them.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline rollback                       says what it would do
  dripline rollback --yes
  dripline rollback --to 12 --yes

Exit codes: 4 when something blocks or waits for --allow or --yes.
Formats: full (default), json.")]
pub(super) struct Args {
    /// Publish it without asking
    #[arg(long)]
    yes: bool,
    /// Let a gate or a choice pass; may be given several times
    #[arg(long, value_name = "CODE", value_parser = apply::code)]
    allow: Vec<String>,
    /// The version to go back to [default: the one before]
    #[arg(long, value_name = "VERSION")]
    to: Option<u32>,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = order::format(session)?;
    let database = args.place.path(session)?;
    let mut reader = daemon::read(&database)?;
    let base = Base::read(&mut reader, session.now())?
        .ok_or_else(|| CliError::environment("nothing was published to this database yet"))?;
    let editions = reader.editions().map_err(broken)?;
    let known: Vec<u32> = editions.iter().map(|edition| edition.version).filter(|one| *one != base.version).collect();
    let Some(version) = args.to.or(known.first().copied()) else {
        return Err(CliError::usage(format!("plan {} is the first: there is none before it", base.version)));
    };
    let missing = || {
        let known: Vec<String> = known.iter().map(ToString::to_string).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        CliError::usage(format!("there is no plan {version} that this program can read"))
            .help(format!("beside plan {} there are: {known}", base.version))
    };
    let plan = reader.plan_at(version).map_err(broken)?.ok_or_else(missing)?;
    let beside = base.beside(Arc::new(plan), session.now());
    let against = format!("plan {} → {version} again", base.version);
    if let Some(exit) = judged(session, &beside, &base, &against, (&args.allow, args.yes), format)? {
        return Ok(exit);
    }
    let what = Publication::Version(version);
    let now = order::publish(session, &database, &beside.plan, what, base.version, ROLLBACK)?;
    session.note("the files still say what was taken back: put them back as well")?;
    apply::published(session, now, &beside.changes)
}
