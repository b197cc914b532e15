//! What a change of the plan does to the people who are inside: two plans and a census in, one entry for each changed
//! object out, with who stands before, at and past it, and what has to be decided. Knows no store, no clock and no words
//! of any output; changes nothing.
mod carry;
mod entries;
mod messages;
mod people;
mod propose;
mod rules;
mod sequence;
mod steps;
mod timing;
mod volume;

pub(crate) use carry::carry;
pub(crate) use people::{Some3, Three};
pub(crate) use timing::Shift;
pub(crate) use volume::{Hour, Point, Sample, Volume, Volumes};

use crate::{
    calendar::Instant,
    diag::{FileId, Finding, Place, catalogue},
    id::SequenceName,
    plan::{Census, Enter, Foreseen, Origin, Plan, TriggerSource},
};
use people::Scene;
use serde::Serialize;
use std::collections::BTreeMap;

/// What stands between a change and the people inside; higher is more dangerous.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gate {
    /// Nothing to decide.
    Note,
    /// It may be done in several ways: one is to be chosen.
    Choice,
    /// It may go when somebody allows it by its code.
    #[serde(rename = "gate")]
    Ask,
    /// It cannot go before the files say more.
    Block,
}

/// Row of the table of changes that an entry is judged by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Row {
    Text,
    WaitLonger,
    WaitShorter,
    StepAdded,
    StepRemovedEmpty,
    StepRemovedPeople,
    IdChanged,
    OrderChanged,
    Condition,
    Entries,
    Times,
    Reach,
    Shares,
    SequenceDeleted,
    // what the table has no row for, because nobody inside is concerned
    SequenceAdded,
    Switched,
    Offer,
    Setting,
}

/// A thing with a name in the project.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Sequence,
    Campaign,
    Trigger,
    Segment,
    Template,
    Channel,
    Policy,
    Offer,
    Project,
}

/// One change.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Change {
    pub(crate) row: Row,
    pub(crate) gate: Gate,
    pub(crate) code: &'static str,
    pub(crate) kind: Kind,
    pub(crate) object: String,
    /// The step, where it is one.
    pub(crate) step: Option<String>,
    /// What changed, without the names of object and step.
    pub(crate) what: String,
    /// Lines as they were and as they are.
    pub(crate) was: Vec<String>,
    pub(crate) is: Vec<String>,
    /// `None`: nobody counted them.
    pub(crate) people: Option<Three>,
    pub(crate) shift: Option<Shift>,
    /// Of those before and at it: who leaves at once, as far as somebody looked.
    pub(crate) leave: Option<u64>,
    /// Who matches already, as far as somebody looked.
    pub(crate) enter: Option<Enter>,
    pub(crate) decision: Option<Decision>,
    pub(crate) file: String,
    pub(crate) line: u32,
}

/// What has to be decided, and how each answer is written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Decision {
    pub(crate) demand: String,
    pub(crate) answers: Vec<Answer>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Answer {
    pub(crate) file: String,
    pub(crate) yaml: String,
    pub(crate) effect: String,
}

/// Everything that a change of the plan does.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Changes {
    /// Dangerous first.
    pub(crate) changes: Vec<Change>,
    /// People inside changed sequences.
    pub(crate) inside: BTreeMap<SequenceName, u64>,
    /// Somebody counted the people.
    pub(crate) counted: bool,
    pub(crate) volumes: Volumes,
    pub(crate) samples: Vec<Sample>,
    pub(crate) unchanged: Unchanged,
}

/// How many objects are equal in content: nobody inside them is touched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Unchanged {
    pub(crate) sequences: usize,
    pub(crate) triggers: usize,
    pub(crate) segments: usize,
    pub(crate) offers: usize,
}

#[cfg(test)]
impl Row {
    pub(crate) const ALL: [Self; Self::Setting as usize + 1] = [
        Self::Text,
        Self::WaitLonger,
        Self::WaitShorter,
        Self::StepAdded,
        Self::StepRemovedEmpty,
        Self::StepRemovedPeople,
        Self::IdChanged,
        Self::OrderChanged,
        Self::Condition,
        Self::Entries,
        Self::Times,
        Self::Reach,
        Self::Shares,
        Self::SequenceDeleted,
        Self::SequenceAdded,
        Self::Switched,
        Self::Offer,
        Self::Setting,
    ];
}

impl Gate {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Choice => "choice",
            Self::Ask => "gate",
            Self::Block => "blocks",
        }
    }
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sequence => "sequence",
            Self::Campaign => "campaign",
            Self::Trigger => "trigger",
            Self::Segment => "segment",
            Self::Template => "text",
            Self::Channel => "channel",
            Self::Policy => "policy",
            Self::Offer => "offer",
            Self::Project => "project",
        }
    }
}

/// Compares two plans. `new` has what it retires already carried over from `old`. What is foreseen is of the same moment as
/// the census.
pub(crate) fn diff(
    old: &Plan,
    new: &Plan,
    census: Option<&Census>,
    foreseen: Option<&Foreseen>,
    now: Instant,
) -> Changes {
    let scene = Scene::new((old, new), census, foreseen, now);
    let mut changes = Vec::new();
    let names: std::collections::BTreeSet<&SequenceName> = old.sequences.keys().chain(new.sequences.keys()).collect();
    for name in &names {
        sequence::compare(&scene, name, &mut changes);
    }
    sequence::strangers(&scene, &mut changes);
    messages::compare(&scene, &mut changes);
    entries::compare(&scene, &mut changes);
    rules::compare(&scene, &mut changes);
    choices(&scene, &mut changes);
    if let Some(foreseen) = foreseen {
        foresee(foreseen, new, &mut changes);
    }
    changes.sort_by(|a, b| {
        let key = |change: &Change| (std::cmp::Reverse(change.gate), change.kind, change.object.clone(), change.row);
        key(a).cmp(&key(b)).then(a.step.cmp(&b.step))
    });
    let touched: std::collections::BTreeSet<&str> = changes
        .iter()
        .filter(|change| matches!(change.kind, Kind::Sequence | Kind::Campaign))
        .map(|change| change.object.as_str())
        .collect();
    let inside = touched.iter().map(|name| (SequenceName::new(name), scene.inside(name))).collect();
    let volumes = volume::volumes(&scene);
    let samples = volume::samples(&scene);
    let unchanged = unchanged(old, new);
    Changes { changes, inside, counted: census.is_some(), volumes, samples, unchanged }
}

/// Adds what a database foresaw to the changes that it follows from.
fn foresee(foreseen: &Foreseen, new: &Plan, changes: &mut [Change]) {
    for change in changes {
        let by_segment = |trigger: &crate::plan::Trigger| match &trigger.source {
            TriggerSource::Segment { segment, .. } => segment.as_str() == change.object,
            _ => false,
        };
        let triggers = new.triggers.values().filter(|trigger| match change.kind {
            Kind::Trigger => trigger.name.as_str() == change.object,
            Kind::Segment => !change.was.is_empty() && by_segment(trigger),
            _ => false,
        });
        let enter = triggers.filter_map(|trigger| foreseen.enter.get(&trigger.name)).copied();
        change.enter = enter.reduce(|a, b| Enter {
            people: a.people + b.people,
            more: a.more || b.more,
            taken: a.taken || b.taken,
        });
        if change.row == Row::Condition && change.step.is_none() {
            change.leave = foreseen.leave.get(change.object.as_str()).map(|leave| leave.len() as u64);
        }
    }
}

/// What is overdue at once by all changes together has to fit into the blast radius, or somebody says how it is caught up.
fn choices(scene: &Scene<'_>, changes: &mut [Change]) {
    let open = |change: &Change| {
        let sequence = scene.new.sequences.get(change.object.as_str());
        let rows = matches!(change.row, Row::WaitShorter | Row::StepRemovedPeople | Row::Switched);
        let chosen = |sequence: &crate::plan::Sequence| sequence.changed.catch_up.is_some() || sequence.changed.pin;
        rows && sequence.is_some_and(|sequence| change.row == Row::Switched || !chosen(sequence))
    };
    let overdue = |change: &Change| change.shift.as_ref().map_or(0, |shift| shift.overdue);
    let total: u64 = changes.iter().filter(|change| open(change)).map(overdue).sum();
    let radius = scene.new.policies.blast_radius;
    let beyond = |limit: Option<u32>, count: u64| limit.is_some_and(|limit| count > u64::from(limit));
    if !beyond(radius.people, total) && !beyond(radius.messages_per_hour, total.div_ceil(24)) {
        return;
    }
    let limit = radius.people.map_or_else(
        || format!("{} messages an hour", radius.messages_per_hour.unwrap_or_default()),
        |people| format!("{people} people"),
    );
    for change in changes.iter_mut().filter(|change| open(change) && overdue(change) > 0) {
        let Some(sequence) = scene.new.sequences.get(change.object.as_str()) else { continue };
        change.gate = change.gate.max(Gate::Choice);
        change.code = catalogue::change::EARLIER.code;
        if change.decision.is_none() {
            let demand =
                format!("{total} would be due at once, and the blast radius is {limit}: say how they are caught up");
            // who rested goes on at the first allowed moment, whatever `catch_up` says
            let answers = match change.row {
                Row::Switched => Vec::new(),
                _ => propose::catch_up(sequence, overdue(change)),
            };
            change.decision = Some(Decision { demand, answers });
        }
    }
}

fn unchanged(old: &Plan, new: &Plan) -> Unchanged {
    use crate::plan::hash_of;
    fn equal<K: Ord, V: Serialize>(old: &BTreeMap<K, V>, new: &BTreeMap<K, V>) -> usize {
        let same = |(name, one): &(&K, &V)| new.get(name).is_some_and(|other| hash_of(one) == hash_of(other));
        old.iter().filter(same).count()
    }
    Unchanged {
        sequences: equal(&old.sequences, &new.sequences),
        triggers: equal(&old.triggers, &new.triggers),
        segments: equal(&old.segments, &new.segments),
        offers: equal(&old.offers, &new.offers),
    }
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(crate) fn count(&self, gate: Gate) -> usize {
        self.changes.iter().filter(|change| change.gate == gate).count()
    }

    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.gate == Gate::Block)
    }

    /// What may not go unasked and is not among the codes that somebody allowed.
    pub(crate) fn waiting<'c>(&'c self, allowed: &'c [String]) -> impl Iterator<Item = &'c Change> {
        let allowed = move |change: &Change| allowed.iter().any(|code| code.eq_ignore_ascii_case(change.code));
        self.changes.iter().filter(move |change| match change.gate {
            Gate::Note => false,
            Gate::Block => true,
            Gate::Choice | Gate::Ask => !allowed(change),
        })
    }

    /// People whose place the new plan does not know.
    pub(crate) fn undecided(&self) -> u64 {
        self.blocks().filter_map(|change| change.people.as_ref()).map(|people| people.at.people).sum()
    }
}

impl Change {
    /// As a finding, where findings are shown: in the log and before the daemon starts.
    pub(crate) fn finding(&self) -> Finding {
        let row = catalogue::find(self.code).unwrap_or(&catalogue::change::SETTING_CHANGED);
        let file = if self.file.is_empty() { "dripline.yaml" } else { &self.file };
        let mut told = Finding::new(row, &Place::of_file(FileId::from(file)), self.sentence());
        if let Some(decision) = &self.decision {
            let answers: Vec<String> = decision
                .answers
                .iter()
                .map(|answer| format!("`{}`: {}", in_a_line(&answer.yaml), answer.effect))
                .collect();
            told = told.help(format!("{}. {}", decision.demand, answers.join("; or ")).trim().to_owned());
        }
        told
    }

    /// `sequence "a", step "b": what changed, and whom it concerns`.
    pub(crate) fn sentence(&self) -> String {
        let step = self.step.as_ref().map_or(String::new(), |step| format!(", step \"{step}\""));
        let people = match &self.people {
            Some(people) if people.at.people == 1 => "; one person is there".to_owned(),
            Some(people) if people.at.people > 0 => format!("; {} people are there", people.at.people),
            _ => String::new(),
        };
        format!("{} \"{}\"{step}: {}{people}", self.kind.word(), self.object, self.what)
    }

    fn new(row: Row, gate: Gate, code: &catalogue::Row, of: (Kind, &str), what: impl Into<String>) -> Self {
        Self {
            row,
            gate,
            code: code.code,
            kind: of.0,
            object: of.1.to_owned(),
            step: None,
            what: what.into(),
            was: Vec::new(),
            is: Vec::new(),
            people: None,
            shift: None,
            leave: None,
            enter: None,
            decision: None,
            file: String::new(),
            line: 0,
        }
    }
    fn at(mut self, origin: &Origin) -> Self {
        (self.file, self.line) = (origin.file.to_string(), origin.line);
        self
    }
    fn step(mut self, name: impl ToString) -> Self {
        self.step = Some(name.to_string());
        self
    }
    fn lines(mut self, was: impl IntoIterator<Item = String>, is: impl IntoIterator<Item = String>) -> Self {
        (self.was, self.is) = (was.into_iter().collect(), is.into_iter().collect());
        self
    }
    fn people(mut self, people: Option<Three>) -> Self {
        self.people = people;
        self
    }
    fn shift(mut self, shift: Option<Shift>) -> Self {
        self.shift = shift;
        self
    }
    fn decide(mut self, demand: impl Into<String>, answers: Vec<Answer>) -> Self {
        self.decision = Some(Decision { demand: demand.into(), answers });
        self
    }
}

/// A list under a key, as it may stand in a line.
fn in_a_line(yaml: &str) -> String {
    let Some((key, items)) = yaml.trim_end().split_once("\n  - ") else { return yaml.trim_end().to_owned() };
    let item = |item: &str| match item.lines().map(str::trim).collect::<Vec<_>>().as_slice() {
        [only] => (*only).to_owned(),
        keys => format!("{{ {} }}", keys.join(", ")),
    };
    format!("{key} [{}]", items.split("\n  - ").map(item).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests;
