//! One person in one sequence, as orders about them need it. Reads only.
use super::{
    CliError, Session,
    desk::{self, Desk, Place, broken},
};
use crate::{
    calendar::Zone,
    diag::nearest,
    engine::{RunPhase, RunRow},
    id::SequenceName,
    journey::Wait,
    store::Card,
};

/// Whom an order is about, and which sequence.
#[derive(clap::Args, Debug)]
pub(super) struct Wanted {
    /// The sequence
    sequence: String,
    /// Name, e-mail, phone or id
    contact: String,
    #[command(flatten)]
    place: Place,
}

impl Wanted {
    pub(super) fn find(&self, session: &Session<'_>) -> Result<(Desk, SequenceName, Card), CliError> {
        let mut desk = self.place.open(session)?;
        let sequence = sequence(&desk, &self.sequence)?;
        let card = desk.find(&self.contact)?;
        Ok((desk, sequence, card))
    }
}

/// A sequence of the published plan.
fn sequence(desk: &Desk, name: &str) -> Result<SequenceName, CliError> {
    let sequence = SequenceName::new(name);
    if desk.plan.sequences.contains_key(&sequence) {
        return Ok(sequence);
    }
    let error = CliError::usage(format!("there is no sequence \"{name}\" in the plan that runs"));
    Err(match nearest(name, desk.plan.sequences.keys().map(SequenceName::as_str)) {
        Some(near) => error.help(format!("did you mean \"{near}\"?")),
        None => error,
    })
}

/// The person's newest active run of this sequence.
pub(super) fn active(desk: &mut Desk, card: &Card, sequence: &SequenceName) -> Result<Option<RunRow>, CliError> {
    let runs = desk.reader.runs(card.id).map_err(broken)?;
    let active = |run: &RunRow| run.sequence == *sequence && matches!(run.phase, RunPhase::Active { .. });
    Ok(runs.into_iter().rev().find(active))
}

/// The same; it is a mistake when there is none.
pub(super) fn inside(desk: &mut Desk, card: &Card, sequence: &SequenceName) -> Result<RunRow, CliError> {
    let found = active(desk, card, sequence)?;
    found.ok_or_else(|| {
        CliError::usage(format!("{} is not inside {sequence}", desk::name(card)))
            .help(format!("`dripline why {}` says where they are", card.public))
    })
}

/// The same for programs: step and moment.
pub(super) fn step(run: &RunRow) -> (Option<String>, Option<String>) {
    match &run.phase {
        RunPhase::Active { step, wait } => {
            let due = if let Wait::Until(at) | Wait::Awaiting(at) = wait { Some(at.to_string()) } else { None };
            (step.as_ref().map(ToString::to_string), due)
        }
        RunPhase::Ended { .. } => (None, None),
    }
}

/// The next step of an active run and when it falls due.
pub(super) fn next(run: &RunRow, zone: &Zone) -> Option<String> {
    match &run.phase {
        RunPhase::Active { step: Some(step), wait } => Some(format!("next is {step}, {}", desk::wait(*wait, zone))),
        RunPhase::Active { step: None, wait } => Some(desk::wait(*wait, zone)),
        RunPhase::Ended { .. } => None,
    }
}
