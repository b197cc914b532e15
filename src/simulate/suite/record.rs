//! The book of a story: what the engine noted, as lines, and how the people changed. Judges nothing.
use super::{Coverage, Line, LineWord, Spot, SpotKind, deliver::EDITED, stage::bare};
use crate::{
    calendar::{Instant, Zone},
    content::Message,
    engine::{Note, Told},
    id::{ContactId, RunId, SendId, SequenceName, StepName},
    journey::{ARM, Because, End, Gate, Outcome, Person, Skip},
    plan::{Act, Body, NotifySpec, Origin, Plan, Step, To, suite::When},
    record::{ConsentState, Contact},
};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Clone, Debug)]
pub(super) struct Book {
    pub(super) lines: Vec<Line>,
    names: BTreeMap<ContactId, Arc<str>>,
    zones: BTreeMap<ContactId, Zone>,
    known: BTreeMap<ContactId, Contact>,
    /// How each person was from when on.
    pub(super) states: Vec<(Instant, Arc<str>, Contact)>,
    /// The step at which each person stands in each sequence, and until when.
    pub(super) stands: BTreeMap<(Arc<str>, SequenceName), (StepName, Option<Instant>)>,
    pub(super) coverage: Coverage,
    zone: Zone,
}

/// What somebody who plays a story has to know of a note.
pub(super) enum Seen {
    Began(RunId, SequenceName),
    Over(RunId),
    Asked(Arc<str>),
    /// A text that a model would write; index of its line.
    Written(usize),
}

impl Book {
    pub(super) fn new(zone: Zone, coverage: Coverage) -> Self {
        Self {
            lines: Vec::new(),
            names: BTreeMap::new(),
            zones: BTreeMap::new(),
            known: BTreeMap::new(),
            states: Vec::new(),
            stands: BTreeMap::new(),
            coverage,
            zone,
        }
    }

    pub(super) fn name(&self, who: ContactId) -> Option<Arc<str>> {
        self.names.get(&who).cloned()
    }

    /// Somebody comes into view; a person that the suite does not name gets a number.
    pub(super) fn meets(&mut self, id: ContactId, name: Option<Arc<str>>, person: &Person, plan: &Plan) {
        self.zones.insert(id, person.zone(plan));
        if !self.names.contains_key(&id) {
            let name = name.unwrap_or_else(|| Arc::from(format!("contact {}", id.0)));
            self.states.push((Instant(i64::MIN), name.clone(), Contact::clone(&person.contact)));
            self.names.insert(id, name);
            self.known.insert(id, Contact::clone(&person.contact));
        }
    }

    /// What changed of the person since they were looked at last.
    pub(super) fn differs(&mut self, id: ContactId, now: &Contact, at: Instant) {
        let (Some(before), Some(name)) = (self.known.get(&id), self.name(id)) else { return };
        let mut words = Vec::new();
        words.extend(now.tags.difference(&before.tags).cloned().map(LineWord::Tagged));
        words.extend(before.tags.difference(&now.tags).cloned().map(LineWord::Untagged));
        if before.score != now.score {
            words.push(LineWord::Scored(now.score));
        }
        if before != now {
            self.states.push((at, name, now.clone()));
            self.known.insert(id, now.clone());
        }
        for word in words {
            let line = Line { who: self.name(id), ..bare(at, self.zone_of(id), word) };
            self.lines.push(line);
        }
    }

    /// Something of the story itself.
    pub(super) fn did(&mut self, at: Instant, who: Option<ContactId>, number: usize, when: &When) {
        let zone = who.map_or_else(|| self.zone.clone(), |who| self.zone_of(who));
        let who = who.and_then(|who| self.name(who)).or_else(|| when.who.clone());
        self.lines.push(Line { who, origin: Some(when.origin.clone()), ..bare(at, zone, LineWord::Did(number)) });
    }

    fn zone_of(&self, id: ContactId) -> Zone {
        self.zones.get(&id).cloned().unwrap_or_else(|| self.zone.clone())
    }

    /// What a note says, and what of it concerns the one who plays.
    pub(super) fn notes(
        &mut self,
        note: &Note,
        plan: &Plan,
        message: impl FnOnce(SendId) -> Option<Message>,
    ) -> Vec<Seen> {
        let who = self.name(note.contact);
        let zone = self.zone_of(note.contact);
        let blank = |word| Line { who: who.clone(), ..bare(note.at, zone.clone(), word) };
        let mut seen = Vec::new();
        let line = match &note.told {
            Told::Happened { kind, .. } if kind.as_str() == EDITED => return seen,
            Told::Happened { kind, .. } => blank(LineWord::Happened(kind.clone())),
            Told::Entered { run, sequence, by, .. } => {
                seen.push(Seen::Began(*run, sequence.clone()));
                let origin = by.as_ref().and_then(|by| plan.triggers.get(by)).map(|trigger| trigger.origin.clone());
                Line { sequence: Some(sequence.clone()), origin, ..blank(LineWord::Entered { by: by.clone() }) }
            }
            Told::Refused { trigger, sequence, why, because } => {
                let origin = trigger.as_ref().and_then(|by| plan.triggers.get(by)).map(|found| found.origin.clone());
                let word = LineWord::NotEntered(Arc::from(why.name()));
                Line { sequence: sequence.clone(), because: because.clone(), origin, ..blank(word) }
            }
            Told::Ended { run, sequence, end } => {
                seen.push(Seen::Over(*run));
                self.ended(sequence, end);
                self.stands.retain(|(name, of), _| Some(name) != who.as_ref() || of != sequence);
                let word = match end {
                    End::Completed => LineWord::Completed,
                    End::Converted(_) => LineWord::Converted,
                    End::Stopped(reason) => LineWord::Stopped(reason.name()),
                };
                let origin = plan.sequences.get(sequence).map(|found| found.origin.clone());
                Line { sequence: Some(sequence.clone()), origin, ..blank(word) }
            }
            Told::Next { sequence, step, at, .. } => {
                if let (Some(who), Some(step)) = (who, step) {
                    self.stands.insert((who, sequence.clone()), (step.clone(), *at));
                }
                return seen;
            }
            Told::Deferred { sequence, step, until, because, .. } => {
                let (sequence, origin) = (sequence.clone(), origin(plan, sequence.as_ref(), step));
                let (step, because) = (Some(step.clone()), Some(because.clone()));
                Line { sequence, step, because, origin, ..blank(LineWord::Deferred(*until)) }
            }
            Told::Authorised { sequence, step, channel, attempt, .. } if *attempt > 1 => Line {
                sequence: sequence.clone(),
                step: Some(step.clone()),
                channel: channel.clone(),
                origin: origin(plan, sequence.as_ref(), step),
                ..blank(LineWord::Attempt { number: *attempt, answer: "tried again" })
            },
            Told::Consent { channel, state: ConsentState::OptedOut, .. } => {
                Line { channel: channel.clone(), ..blank(LineWord::Consent) }
            }
            Told::Outcome { send, .. } => {
                let Some(line) = self.came_to(note, plan, blank(LineWord::Sent), &mut seen) else { return seen };
                match message(*send) {
                    Some(message) => Line {
                        subject: message.subject.as_deref().map(Arc::from),
                        text: Some(Arc::from(message.text.as_str())),
                        ..line
                    },
                    None => line,
                }
            }
            _ => return seen,
        };
        self.lines.push(line);
        seen
    }

    /// The line of an outcome.
    fn came_to(&mut self, note: &Note, plan: &Plan, blank: Line, seen: &mut Vec<Seen>) -> Option<Line> {
        let Told::Outcome { sequence, step, planned, channel, outcome, because, .. } = &note.told else { return None };
        let of = sequence.as_ref().and_then(|of| plan.sequences.get(of));
        let found = of.and_then(|of| of.step(of.position(step)?));
        let line = Line {
            planned: Some(*planned).filter(|planned| *planned != note.at),
            sequence: sequence.clone(),
            step: Some(step.clone()),
            channel: channel.clone(),
            to: found.and_then(staff),
            because: because.clone(),
            origin: origin(plan, sequence.as_ref(), step),
            word: self.word(plan, sequence.as_ref(), step, found, outcome, because.as_ref()),
            ..blank
        };
        self.outcome(line, found, outcome, because.as_ref(), seen)
    }

    /// Counts what a step came to. `None` for steps that are changes of the record: those have lines of their own.
    fn outcome(
        &mut self,
        line: Line,
        step: Option<&Step>,
        outcome: &Outcome,
        because: Option<&Because>,
        seen: &mut Vec<Seen>,
    ) -> Option<Line> {
        if let Outcome::Skipped(skip) = outcome {
            *self.coverage.skips.entry(Arc::from(skip.name())).or_default() += 1;
        }
        let (Some(step), Some(sequence)) = (step, line.sequence.clone()) else { return Some(line) };
        seen.extend(step.with.values().cloned().map(Seen::Asked));
        let mut cover = |kind, name: String| {
            let spot = Spot { sequence: sequence.clone(), kind, name: Arc::from(name) };
            if let Some(seen) = self.coverage.spots.get_mut(&spot) {
                seen.times += 1;
            }
        };
        match outcome {
            Outcome::Sent => {
                cover(SpotKind::Step, step.name.to_string());
                if step.cond.is_some() {
                    cover(SpotKind::Arm, format!("{}/if", step.name));
                }
                let arm = because.and_then(|because| because.read.iter().find(|(name, _)| &**name == ARM));
                if let Some((_, arm)) = arm {
                    cover(SpotKind::Arm, format!("{}/{arm}", step.name));
                }
            }
            Outcome::Skipped(Skip::Condition) => cover(SpotKind::Arm, format!("{}/if not", step.name)),
            _ => {}
        }
        match &step.act {
            Act::Message(spec) if matches!(spec.body, Body::Write(_)) => seen.push(Seen::Written(self.lines.len())),
            Act::Local(_) | Act::Nothing | Act::Enroll(_) | Act::Stop(_) if *outcome == Outcome::Sent => return None,
            _ => {}
        }
        Some(line)
    }

    fn word(
        &self,
        plan: &Plan,
        sequence: Option<&SequenceName>,
        name: &StepName,
        step: Option<&Step>,
        outcome: &Outcome,
        because: Option<&Because>,
    ) -> LineWord {
        let reason = || outcome.reason().unwrap_or_else(|| Arc::from(""));
        match outcome {
            Outcome::Sent => {}
            Outcome::Skipped(_) => return LineWord::Skipped(reason()),
            Outcome::Failed(_) => return LineWord::Failed(reason()),
            Outcome::Cancelled(_) => return LineWord::Cancelled(reason()),
            Outcome::Unknown => return LineWord::Unknown,
        }
        match step.map(|step| &step.act) {
            Some(Act::Task(_)) => LineWord::Task,
            Some(Act::Notify(spec)) => LineWord::Notified(recipient(&spec.to)),
            Some(Act::Webhook(_)) => LineWord::Webhook,
            Some(Act::Branch(_) | Act::Split(_) | Act::WaitFor(_)) => {
                let arm = because.filter(|because| because.gate == Gate::Branch);
                let arm = arm.and_then(|because| because.read.iter().find(|(name, _)| &**name == ARM));
                LineWord::Took(arm.map_or_else(|| Arc::from(""), |(_, arm)| arm.clone()))
            }
            Some(_) => LineWord::Sent,
            None => aside(plan, sequence, name),
        }
    }

    fn ended(&mut self, sequence: &SequenceName, end: &End) {
        let name: Arc<str> = match end {
            End::Completed => Arc::from("completed"),
            End::Converted(_) => Arc::from("converted"),
            End::Stopped(reason) => reason.name(),
        };
        let spot = Spot { sequence: sequence.clone(), kind: SpotKind::Exit, name };
        if let Some(seen) = self.coverage.spots.get_mut(&spot) {
            seen.times += 1;
        }
    }
}

/// What a trigger or an exit did beside the steps: `trigger.NAME.task.1`, `exit.completed.notify.1`.
fn aside(plan: &Plan, sequence: Option<&SequenceName>, name: &StepName) -> LineWord {
    let parts: Vec<&str> = name.as_str().split('.').collect();
    let [of, whose, what, number] = parts[..] else { return LineWord::Sent };
    if what == "task" {
        return LineWord::Task;
    }
    let exits = || Some(&plan.sequences.get(sequence?)?.exits);
    let notices: Option<&[NotifySpec]> = match (of, whose) {
        ("trigger", name) => plan.triggers.get(name).map(|trigger| &trigger.notices[..]),
        (_, "completed") => exits().map(|exits| &exits.completed.notices[..]),
        (_, "converted") => exits().map(|exits| &exits.converted.notices[..]),
        _ => exits().map(|exits| &exits.stopped.notices[..]),
    };
    let spec = number.parse::<usize>().ok().and_then(|number| notices?.get(number.checked_sub(1)?));
    LineWord::Notified(spec.map_or_else(|| Arc::from(name.as_str()), |spec| recipient(&spec.to)))
}

/// Who of the practice gets the message of a step, if it is not the person.
fn staff(step: &Step) -> Option<Arc<str>> {
    match &step.act {
        Act::Message(spec) if spec.to != To::Contact => Some(recipient(&spec.to)),
        _ => None,
    }
}

fn recipient(to: &To) -> Arc<str> {
    match to {
        To::Contact => Arc::from("contact"),
        To::BookingHost => Arc::from("booking.host"),
        To::Role(role) => Arc::from(format!("role:{role}")),
        To::Address(address) => address.clone(),
    }
}

fn origin(plan: &Plan, sequence: Option<&SequenceName>, step: &StepName) -> Option<Origin> {
    let sequence = plan.sequences.get(sequence?)?;
    let step = sequence.step(sequence.position(step)?);
    step.map(|step| step.origin.clone())
}
