//! The ways on which a run can come to a sequence: trigger, sequence, exit, sequence. For findings that name them.
//!
//! Reads documents only. Decides nothing.
use super::{
    scope::{Base, Presence},
    starts::{Starts, targets},
};
use crate::{
    diag::Place,
    document::{Body, Document, Sequence, Text, action::Local},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A trigger that leads into a sequence.
struct Opening<'a> {
    trigger: &'a str,
    events: Vec<&'a str>,
    place: &'a Place,
}

/// How runs come to each sequence.
pub(super) struct Ways<'a> {
    base: &'a Base<'a>,
    openings: BTreeMap<&'a str, Vec<Opening<'a>>>,
    before: BTreeMap<&'a str, Vec<&'a str>>,
    sequences: BTreeMap<&'a str, &'a Sequence>,
}

/// A way on which something is missing.
pub(super) struct Way {
    /// `trigger x (event) → a → exit completed → b`
    pub(super) words: String,
    /// Where it begins.
    pub(super) start: Place,
    pub(super) event: String,
}

impl<'a> Ways<'a> {
    pub(super) fn new(documents: &'a [Document], starts: &'a Starts, base: &'a Base<'a>) -> Self {
        let mut ways = Self { base, openings: BTreeMap::new(), before: BTreeMap::new(), sequences: BTreeMap::new() };
        for edge in &starts.edges {
            ways.before.entry(&edge.to).or_default().push(&edge.from);
        }
        for document in documents {
            let id = document.header.as_ref().and_then(|header| header.id.as_ref());
            match (&document.body, id) {
                (Body::Sequence(sequence), Some(id)) => drop(ways.sequences.insert(id.as_str(), sequence)),
                (Body::Trigger(trigger), Some(id)) => {
                    for target in targets(trigger) {
                        ways.openings.entry(target.as_str()).or_default().push(Opening {
                            trigger: id.as_str(),
                            events: trigger.event.iter().map(Text::as_str).collect(),
                            place: &target.place,
                        });
                    }
                }
                _ => {}
            }
        }
        ways
    }

    /// The shortest way to a sequence on which `event.…` or `booking.…` is not sure to be there.
    pub(super) fn without(&self, sequence: &str, path: &str) -> Option<Way> {
        let parts: Vec<&str> = path.split('.').collect();
        if !matches!(parts.first(), Some(&("event" | "booking"))) {
            return None;
        }
        let mut seen = BTreeSet::from([sequence]);
        let mut waiting = VecDeque::from([vec![sequence]]);
        // what is missing on every way is no matter of ways
        let (mut lacking, mut sure) = (None, false);
        while let Some(way) = waiting.pop_front() {
            let first = *way.last()?;
            for opening in self.openings.get(first).into_iter().flatten() {
                for event in &opening.events {
                    if self.tells(event, &parts) {
                        sure = true;
                    } else if lacking.is_none() {
                        let words = self.words(opening, event, &way);
                        lacking = Some(Way { words, start: opening.place.clone(), event: (*event).to_owned() });
                    }
                }
            }
            for before in self.before.get(first).into_iter().flatten() {
                if seen.insert(before) {
                    waiting.push_back(way.iter().chain([before]).copied().collect());
                }
            }
        }
        lacking.filter(|_| sure)
    }

    /// Whether every such event has it.
    fn tells(&self, event: &str, parts: &[&str]) -> bool {
        let view = self.base.events([event], false);
        match parts {
            ["event", "booking", rest @ ..] | ["booking", rest @ ..] => {
                let sure = |name: &str| self.base.booking.get(name).is_some_and(|slot| slot.always);
                view.booking == Presence::Always && rest.first().is_none_or(|name| sure(name))
            }
            ["event", name, ..] => view.fields.get(*name).is_some_and(|slot| slot.always),
            _ => true,
        }
    }

    fn words(&self, opening: &Opening<'_>, event: &str, way: &[&str]) -> String {
        let mut words = format!("trigger `{}` ({event})", opening.trigger);
        let mut from: Option<&str> = None;
        for name in way.iter().rev() {
            if let Some(exit) = from.and_then(|from| self.exit(from, name)) {
                words.push_str(&format!(" → exit {exit}"));
            }
            words.push_str(&format!(" → `{name}`"));
            from = Some(name);
        }
        words
    }

    /// The exit by which one sequence leads to the next; a step does otherwise.
    fn exit(&self, from: &str, to: &str) -> Option<&'static str> {
        let exits = &self.sequences.get(from)?.exits;
        let all = [
            ("completed", &exits.completed),
            ("converted", &exits.converted),
            ("stopped", &exits.stopped),
            ("displaced", &exits.displaced),
        ];
        let leads = |local: &Local| matches!(local, Local::Enroll(next) if *next.as_str() == *to);
        all.into_iter().find(|(_, locals)| locals.iter().any(|local| leads(&local.value))).map(|(name, _)| name)
    }
}
