//! Which events can start a run of each sequence: those of its triggers, and those of the sequences that lead on to it.
//!
//! Reads documents only. Decides nothing.
use crate::document::{
    Body, Document, Kind, Sequence, Trigger,
    action::Local,
    step::Action,
    trigger::{Among, Enroll},
};
use std::collections::{BTreeMap, BTreeSet};

/// What leads to one sequence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// Events that can have started a run, also of a sequence before this one.
    pub(crate) events: BTreeSet<String>,
    /// Sequences whose exits or steps enrol here.
    pub(crate) from: BTreeSet<String>,
    pub(crate) by_trigger: bool,
    /// Such a trigger is not switched off.
    pub(crate) by_active: bool,
    /// A run can begin without any event.
    pub(crate) bare: bool,
    /// A run can begin without any event, but with a booking.
    pub(crate) bare_booking: bool,
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
    /// What triggers that take the best choose from.
    choices: Vec<Choice>,
}

/// A sequence as those see it that choose by funnel or category.
#[derive(Clone, Debug)]
struct Choice {
    id: String,
    category: &'static str,
    in_funnel: bool,
}

impl Starts {
    pub(super) fn of(documents: &[Document]) -> Self {
        let mut starts = Self { choices: choices(documents), ..Self::default() };
        for document in documents {
            let Some(header) = &document.header else { continue };
            let id = header.id.as_ref().map_or("", |id| id.as_str());
            match &document.body {
                Body::Trigger(trigger) => {
                    starts.open |= !document.whole || trigger.unsupported;
                    starts.trigger(trigger);
                }
                Body::Sequence(sequence) => {
                    starts.open |= !document.whole;
                    starts.sequence(id, sequence);
                }
                Body::Unsupported => starts.open |= matches!(header.kind, Kind::Trigger | Kind::Sequence),
                // nothing happens to the person that starts it
                Body::Campaign(campaign) => {
                    starts.campaign(id, &campaign.sequence, document.whole);
                }
                Body::Project(_) | Body::Segment(_) | Body::Template(_) | Body::Offer(_) | Body::Suite(_) => {}
            }
        }
        starts.spread();
        starts
    }

    pub(crate) fn get(&self, sequence: &str) -> Start {
        self.by.get(sequence).cloned().unwrap_or_default()
    }

    fn trigger(&mut self, trigger: &Trigger) {
        let booking = [&trigger.before, &trigger.after].into_iter().flatten().any(|b| b.moment.starts_with("booking."));
        for target in self.reached(trigger) {
            let start = self.by.entry(target).or_default();
            start.by_trigger = true;
            start.by_active |= trigger.active.as_ref().is_none_or(|active| active.value);
            start.bare |= trigger.event.is_empty() && !booking;
            start.bare_booking |= trigger.event.is_empty() && booking;
            start.events.extend(trigger.event.iter().map(ToString::to_string));
        }
    }

    /// Every sequence that a trigger can enrol into, also those that it finds by funnel or category.
    pub(crate) fn reached(&self, trigger: &Trigger) -> Vec<String> {
        let named = targets(trigger).into_iter().map(ToString::to_string);
        let found = |choice: &&Choice| match &trigger.enroll {
            Some(Enroll::BestOf { among: Some(Among::Funnel(_)), .. }) => choice.in_funnel,
            Some(Enroll::BestOf { among: Some(Among::Category(of)), .. }) => choice.category == of.value.word(),
            _ => false,
        };
        named.chain(self.choices.iter().filter(found).map(|choice| choice.id.clone())).collect()
    }

    fn campaign(&mut self, id: &str, sequence: &Sequence, whole: bool) {
        self.open |= !whole;
        let start = self.by.entry(id.to_owned()).or_default();
        (start.by_trigger, start.by_active) = (true, true);
        self.sequence(id, sequence);
    }

    fn sequence(&mut self, id: &str, sequence: &Sequence) {
        let exits = &sequence.exits;
        let exits = [&exits.completed, &exits.converted, &exits.stopped, &exits.displaced].into_iter().flatten();
        let exits = exits.filter_map(|local| match &local.value {
            Local::Enroll(to) => Some(to),
            _ => None,
        });
        let steps = sequence.steps.all().into_iter().filter_map(|step| match &step.action.as_ref()?.value {
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
            let Some(from) = self.by.get(&name).cloned() else { continue };
            for to in next.get(name.as_str()).into_iter().flatten() {
                let start = self.by.entry((*to).to_owned()).or_default();
                let before = (start.events.len(), start.bare, start.bare_booking);
                start.events.extend(from.events.iter().cloned());
                start.bare |= from.bare;
                start.bare_booking |= from.bare_booking;
                if (start.events.len(), start.bare, start.bare_booking) != before {
                    waiting.push((*to).to_owned());
                }
            }
        }
    }
}

fn choices(documents: &[Document]) -> Vec<Choice> {
    let read = |document: &Document| {
        let Body::Sequence(sequence) = &document.body else { return None };
        let id = document.header.as_ref()?.id.as_ref()?.to_string();
        let category = sequence.category.as_ref().map_or("custom", |category| category.value.word());
        Some(Choice { id, category, in_funnel: !sequence.funnels.is_empty() })
    };
    documents.iter().filter_map(read).collect()
}

/// Every sequence that a trigger names.
pub(crate) fn targets(trigger: &Trigger) -> Vec<&crate::document::Text> {
    match &trigger.enroll {
        None => Vec::new(),
        Some(Enroll::Sequence(to)) => vec![to],
        Some(Enroll::FirstOf { cases, otherwise, .. }) => {
            cases.iter().filter_map(|case| case.sequence.as_ref()).chain(otherwise).collect()
        }
        Some(Enroll::BestOf { among, otherwise, .. }) => {
            let named = match among {
                Some(Among::These(names)) => names.as_slice(),
                _ => &[],
            };
            named.iter().chain(otherwise).collect()
        }
    }
}
