//! What the database knows about one person, put in order. No words.
use crate::{
    calendar::Zone,
    cli::{
        CliError,
        desk::{self, Desk, broken},
        log,
    },
    diag::nearest,
    engine::{DueRow, DueWhat, LedgerRow, RefusalRow, RunPhase, RunRow},
    id::{ChannelName, SequenceName, StepName, TriggerName},
    journey::Watch,
    plan::{Plan, Step},
    record::ConsentEntry,
    store::Card,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

pub(super) struct Story {
    pub(super) card: Card,
    pub(super) zone: Zone,
    pub(super) plan: Plan,
    pub(super) consents: Vec<ConsentEntry>,
    pub(super) chapters: Vec<Chapter>,
    /// What triggers did outside of any sequence.
    pub(super) aside: Vec<LedgerRow>,
    pub(super) refusals: Vec<RefusalRow>,
    pub(super) due: Vec<DueRow>,
    /// The step that is asked about, and sequences that have it and that the person never entered.
    pub(super) asked: Option<(StepName, Vec<SequenceName>)>,
}

/// One enrolment.
pub(super) struct Chapter {
    pub(super) run: RunRow,
    pub(super) rows: Vec<LedgerRow>,
    /// Steps without a row: they have not fallen due.
    pub(super) missing: Vec<StepName>,
    /// Another plan was published, and this run has not been looked at since: its times are those of the plan before.
    pub(super) awaits_plan: bool,
}

impl Story {
    pub(super) fn read(desk: &mut Desk, contact: &str, step: Option<&str>) -> Result<Self, CliError> {
        let card = desk.find(contact)?;
        let zone = desk.zone_of(&card)?;
        let asked = step.map(|step| known(&desk.plan, step)).transpose()?;
        let ledger = desk.reader.ledger(card.id).map_err(broken)?;
        let runs = desk.reader.runs(card.id).map_err(broken)?;
        let about = |row: &&LedgerRow| asked.as_ref().is_none_or(|step| row.step == *step);
        let aside = ledger.iter().filter(|row| row.run.is_none()).filter(about).cloned().collect();
        let entered: BTreeSet<SequenceName> = runs.iter().map(|run| run.sequence.clone()).collect();
        let mut chapters: Vec<Chapter> =
            runs.into_iter().filter_map(|run| chapter(desk, run, &ledger, asked.as_ref())).collect();
        let replans = desk.reader.replans().map_err(broken)?;
        for chapter in &mut chapters {
            let round =
                replans.get(&chapter.run.sequence).filter(|_| matches!(chapter.run.phase, RunPhase::Active { .. }));
            chapter.awaits_plan = round.is_some_and(|round| round.after.is_none_or(|after| card.id > after));
        }
        let never = asked.map(|step| {
            let has =
                |name: &&SequenceName| desk.plan.sequences[*name].position(&step).is_some() && !entered.contains(*name);
            let never: Vec<SequenceName> = desk.plan.sequences.keys().filter(has).cloned().collect();
            (step, never)
        });
        let concerns = |sequence: Option<&SequenceName>| match (&never, sequence) {
            (None, _) => true,
            (Some((step, _)), Some(name)) => desk.plan.sequences.get(name).is_some_and(|s| s.position(step).is_some()),
            (Some(_), None) => false,
        };
        let mut refusals = desk.reader.refusals(card.id).map_err(broken)?;
        refusals.retain(|row| concerns(row.refusal.sequence.as_ref()));
        let mut due = desk.reader.next_due(card.id).map_err(broken)?;
        due.retain(|row| match &row.what {
            DueWhat::Run { sequence, .. } => concerns(Some(sequence)),
            _ => never.is_none(),
        });
        let consents = desk.reader.consents(card.id).map_err(broken)?;
        let plan = desk.plan.clone();
        Ok(Self { card, zone, plan, consents, chapters, aside, refusals, due, asked: never })
    }

    pub(super) fn step(&self, sequence: &SequenceName, step: &StepName) -> Option<&Step> {
        let sequence = self.plan.sequences.get(sequence)?;
        sequence.step(sequence.position(step)?)
    }

    /// Does this step stand above that one?
    pub(super) fn is_before(&self, sequence: &SequenceName, step: &StepName, that: &StepName) -> bool {
        let place = |step| self.plan.sequences.get(sequence).and_then(|sequence| sequence.position(step));
        place(step).zip(place(that)).is_some_and(|(step, that)| step < that)
    }

    pub(super) fn json(&self) -> Json {
        let place = |sequence: &SequenceName, step: &StepName| {
            self.step(sequence, step).map(|step| json!({ "file": step.origin.file, "line": step.origin.line }))
        };
        let row = |row: &LedgerRow| {
            let mut line = log::json(row);
            line["place"] = json!(row.sequence.as_ref().and_then(|sequence| place(sequence, &row.step)));
            line
        };
        let runs: Vec<Json> = self
            .chapters
            .iter()
            .map(|chapter| {
                let run = &chapter.run;
                json!({
                    "run": run.id.0,
                    "sequence": run.sequence.as_str(),
                    "booking": run.booking.map(|booking| booking.0),
                    "entered": run.entered.to_string(),
                    "phase": phase(run),
                    "steps": chapter.rows.iter().map(row).collect::<Vec<_>>(),
                    "awaits_plan": chapter.awaits_plan,
                    "not_fallen_due": chapter.missing.iter().map(StepName::as_str).collect::<Vec<_>>(),
                })
            })
            .collect();
        let refusals: Vec<Json> = self.refusals.iter().map(refusal).collect();
        let consents: Vec<Json> = self.consents.iter().map(consent).collect();
        let due: Vec<Json> = self.due.iter().map(due).collect();
        json!({
            "format_version": 1,
            "contact": { "id": self.card.public, "number": self.card.id.0, "zone": self.zone.name() },
            "consents": consents,
            "runs": runs,
            "outside_sequences": self.aside.iter().map(row).collect::<Vec<_>>(),
            "not_entered": refusals,
            "next": due,
        })
    }
}

/// A step of the plan, whichever sequence has it.
fn known(plan: &Plan, step: &str) -> Result<StepName, CliError> {
    let names = || plan.sequences.values().flat_map(|sequence| sequence.steps.iter().map(|step| step.name.as_str()));
    if names().any(|name| name == step) {
        return Ok(StepName::new(step));
    }
    let error = CliError::usage(format!("no sequence has a step \"{step}\""));
    Err(match nearest(step, names()) {
        Some(near) => error.help(format!("did you mean \"{near}\"?")),
        None => error,
    })
}

fn chapter(desk: &Desk, run: RunRow, ledger: &[LedgerRow], asked: Option<&StepName>) -> Option<Chapter> {
    let wanted = |step: &StepName| asked.is_none_or(|asked| asked == step);
    let rows: Vec<LedgerRow> =
        ledger.iter().filter(|row| row.run == Some(run.id) && wanted(&row.step)).cloned().collect();
    let steps = desk.plan.sequences.get(&run.sequence).map_or(&[][..], |sequence| &sequence.steps);
    let missing = |step: &&Step| wanted(&step.name) && !rows.iter().any(|row| row.step == step.name);
    let missing: Vec<StepName> = steps.iter().filter(missing).map(|step| step.name.clone()).collect();
    (asked.is_none() || !rows.is_empty() || !missing.is_empty()).then_some(Chapter {
        run,
        rows,
        missing,
        awaits_plan: false,
    })
}

fn phase(run: &RunRow) -> Json {
    match &run.phase {
        RunPhase::Active { step, wait } => {
            let until = match wait {
                crate::journey::Wait::Until(at) | crate::journey::Wait::Awaiting(at) => Some(at.to_string()),
                _ => None,
            };
            json!({ "active": { "next_step": step.as_ref().map(StepName::as_str), "due": until } })
        }
        RunPhase::Ended { at, end } => json!({ "ended": { "at": at.to_string(), "how": desk::end(end) } }),
    }
}

fn refusal(row: &RefusalRow) -> Json {
    json!({
        "at": row.at.to_string(),
        "trigger": row.refusal.trigger.as_ref().map(TriggerName::as_str),
        "sequence": row.refusal.sequence.as_ref().map(SequenceName::as_str),
        "why": row.refusal.why.name(),
        "because": desk::because_json(row.refusal.because.as_ref()),
    })
}

fn consent(entry: &ConsentEntry) -> Json {
    json!({
        "at": entry.at.to_string(),
        "channel": entry.channel.as_ref().map(ChannelName::as_str),
        "purpose": entry.purpose.map(crate::record::Purpose::name),
        "state": entry.state,
        "basis": entry.basis,
        "actor": entry.actor,
    })
}

fn due(row: &DueRow) -> Json {
    let what = match &row.what {
        DueWhat::Run { run, sequence, step } => {
            json!({ "run": run.0, "sequence": sequence.as_str(), "step": step.as_ref().map(StepName::as_str) })
        }
        DueWhat::Send { send } => json!({ "send": desk::send(*send) }),
        DueWhat::Watch { trigger, .. } if Watch::appointment(trigger).is_some() => {
            json!({ "event": trigger.as_str().trim_start_matches('@') })
        }
        DueWhat::Watch { trigger, .. } => json!({ "trigger": trigger.as_str() }),
    };
    json!({ "at": row.at.to_string(), "what": what })
}
