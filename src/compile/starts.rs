//! Which events can start a run of each sequence: those of its triggers, and those of the sequences that lead on to it.
//!
//! Reads documents only. Decides nothing.
use crate::document::{Body, Document, Kind, Sequence, Trigger, action::Local, step::Action, trigger::Enroll};
use std::collections::{BTreeMap, BTreeSet};

/// What leads to one sequence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// Events that can have started a run, also of a sequence before this one.
    pub(crate) events: BTreeSet<String>,
    /// Sequences whose exits or steps enrol here.
    pub(crate) from: BTreeSet<String>,
    pub(crate) by_trigger: bool,
}

/// One arrow between two sequences.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Starts {
    by: BTreeMap<String, Start>,
    pub(crate) edges: Vec<Edge>,
    /// A trigger or sequence could not be read: it may lead anywhere.
    pub(crate) open: bool,
}

impl Starts {
    pub(super) fn of(documents: &[Document]) -> Self {
        let mut starts = Self::default();
        for document in documents {
            let Some(header) = &document.header else { continue };
            let id = header.id.as_ref().map_or("", |id| id.as_str());
            match &document.body {
                Body::Trigger(trigger) => {
                    starts.open |= !document.whole || trigger.unsupported || trigger.event.is_empty();
                    starts.trigger(trigger);
                }
                Body::Sequence(sequence) => {
                    starts.open |= !document.whole;
                    starts.sequence(id, sequence);
                }
                Body::Unsupported => starts.open |= matches!(header.kind, Kind::Trigger | Kind::Sequence),
                Body::Project(_) | Body::Segment(_) | Body::Template(_) => {}
            }
        }
        starts.spread();
        starts
    }

    pub(crate) fn get(&self, sequence: &str) -> Start {
        self.by.get(sequence).cloned().unwrap_or_default()
    }

    fn trigger(&mut self, trigger: &Trigger) {
        for target in targets(trigger) {
            let start = self.by.entry(target.to_string()).or_default();
            start.by_trigger = true;
            start.events.extend(trigger.event.iter().map(ToString::to_string));
        }
    }

    fn sequence(&mut self, id: &str, sequence: &Sequence) {
        let exits = &sequence.exits;
        let exits = [&exits.completed, &exits.converted, &exits.stopped, &exits.displaced].into_iter().flatten();
        let exits = exits.filter_map(|local| match &local.value {
            Local::Enroll(to) => Some(to),
            _ => None,
        });
        let steps = sequence.steps.iter().filter_map(|step| match &step.action.as_ref()?.value {
            Action::Enroll(to) => Some(to),
            _ => None,
        });
        for to in exits.chain(steps) {
            self.by.entry(to.to_string()).or_default().from.insert(id.to_owned());
            self.edges.push(Edge { from: id.to_owned(), to: to.to_string() });
        }
    }

    /// A run hands the event that started it on to the next sequence.
    fn spread(&mut self) {
        let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for edge in &self.edges {
            next.entry(&edge.from).or_default().push(&edge.to);
        }
        let mut waiting: Vec<String> = self.by.keys().cloned().collect();
        while let Some(name) = waiting.pop() {
            let Some(events) = self.by.get(&name).map(|start| start.events.clone()) else { continue };
            for to in next.get(name.as_str()).into_iter().flatten() {
                let start = self.by.entry((*to).to_owned()).or_default();
                let before = start.events.len();
                start.events.extend(events.iter().cloned());
                if start.events.len() > before {
                    waiting.push((*to).to_owned());
                }
            }
        }
    }
}

/// Every sequence that a trigger can enrol into.
pub(crate) fn targets(trigger: &Trigger) -> Vec<&crate::document::Text> {
    match &trigger.enroll {
        None => Vec::new(),
        Some(Enroll::Sequence(to)) => vec![to],
        Some(Enroll::FirstOf { cases, otherwise, .. }) => {
            cases.iter().filter_map(|case| case.sequence.as_ref()).chain(otherwise).collect()
        }
    }
}
