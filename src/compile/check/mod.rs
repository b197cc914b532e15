//! Checks of what concerns several objects, or several steps of one. One file per check, one line below.
//!
//! A check reads the documents beside what became of them, reports, and changes nothing.
mod appointments;
mod approved;
mod bookings;
mod campaign;
mod chosen;
mod clocks;
mod competing;
mod data;
mod flow;
mod goals;
mod grounds;
mod held;
mod hours;
mod intents;
mod law;
mod lookups;
mod loops;
mod messages;
mod no_show;
mod offer;
mod order;
mod phones;
mod privacy;
mod promotion;
mod queues;
mod reach;
mod receipts;
mod reminders;
mod renders;
mod repeated;
mod segments;
mod senders;
mod touches;
mod unused;
mod updates;
mod variants;
mod volume;
mod walk;
mod windows;

use super::{
    Settings,
    lower::{AliasUse, MessageUse},
    names::{Names, Sort},
    scope::Base,
    starts::Starts,
    texts::Texts,
};
use crate::{
    diag::Sink,
    document::{self, Document, Step, Text, registry::Registry},
    plan::{self, Plan},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub(super) use approved::registry;

/// Every check, in no particular order: findings are sorted by place.
const CHECKS: &[fn(&Seen<'_>, &mut Sink)] = &[
    appointments::check,
    approved::check,
    bookings::check,
    chosen::check,
    campaign::check,
    clocks::check,
    competing::check,
    data::check,
    intents::check,
    lookups::check,
    flow::check,
    held::check,
    hours::check,
    law::check,
    loops::check,
    messages::check,
    no_show::check,
    offer::check,
    order::check,
    reach::check,
    receipts::check,
    reminders::check,
    renders::check,
    repeated::check,
    segments::check,
    goals::check,
    grounds::check,
    phones::check,
    privacy::check,
    promotion::check,
    queues::check,
    senders::check,
    touches::check,
    unused::check,
    variants::check,
    volume::check,
    windows::check,
];

/// Everything that a check may look at.
pub(super) struct Seen<'a> {
    pub(super) settings: &'a Settings<'a>,
    pub(super) documents: &'a [Document],
    pub(super) project: &'a document::Project,
    pub(super) names: &'a Names,
    pub(super) base: &'a Base<'a>,
    pub(super) starts: &'a Starts,
    /// Names that something refers to.
    pub(super) used: &'a BTreeSet<(Sort, String)>,
    /// Sorts of which some name is not known, so that what is unused cannot be told.
    pub(super) missed: &'a BTreeSet<Sort>,
    /// The committed list of WhatsApp templates.
    pub(super) registry: Option<&'a Registry>,
    pub(super) messages: &'a [MessageUse<'a>],
    pub(super) by_sequence: BySequence<'a>,
    pub(super) aliases: &'a [AliasUse],
    pub(super) texts: &'a Texts<'a>,
    /// Also with errors beside it.
    pub(super) plan: &'a Plan,
    pub(super) sequences: Vec<SequencePair<'a>>,
    pub(super) triggers: Vec<TriggerPair<'a>>,
    /// Whether parts of sequences or triggers could not be read.
    pub(super) broken: bool,
}

/// Where things of a sequence stand: a look over all of them for each would take its square.
pub(super) struct BySequence<'a> {
    messages: BTreeMap<&'a str, Vec<&'a MessageUse<'a>>>,
    pairs: BTreeMap<&'a str, usize>,
}

impl<'a> BySequence<'a> {
    pub(super) fn of(messages: &'a [MessageUse<'a>], sequences: &[SequencePair<'a>]) -> Self {
        let mut of: BTreeMap<&str, Vec<&MessageUse<'_>>> = BTreeMap::new();
        for message in messages {
            of.entry(&message.sequence).or_default().push(message);
        }
        let pairs = sequences.iter().enumerate().map(|(at, pair)| (pair.id.as_str(), at)).collect();
        Self { messages: of, pairs }
    }
}

impl<'a> Seen<'a> {
    /// The messages of a sequence, in the order of its steps.
    pub(super) fn messages_of(&self, sequence: &str) -> impl Iterator<Item = &'a MessageUse<'a>> {
        self.by_sequence.messages.get(sequence).into_iter().flatten().copied()
    }

    pub(super) fn pair(&self, sequence: &str) -> Option<&SequencePair<'a>> {
        self.sequences.get(*self.by_sequence.pairs.get(sequence)?)
    }
}

/// A sequence as written and as it runs; their steps are in step.
pub(super) struct SequencePair<'a> {
    pub(super) id: &'a Text,
    pub(super) written: &'a document::Sequence,
    pub(super) runs: Arc<plan::Sequence>,
}

pub(super) struct TriggerPair<'a> {
    pub(super) written: &'a document::Trigger,
    pub(super) runs: Arc<plan::Trigger>,
}

impl SequencePair<'_> {
    /// Active steps as written and as they run, with their index.
    pub(super) fn steps(&self) -> impl Iterator<Item = (usize, &Step, &plan::Step)> {
        let both = self.written.steps.all().into_iter().zip(&self.runs.steps).enumerate();
        both.map(|(at, (written, runs))| (at, written, runs)).filter(|(_, _, runs)| runs.active)
    }

    /// Whether some step writes to the contact.
    pub(super) fn writes(&self) -> bool {
        self.steps().any(|(_, _, step)| writes(step))
    }
}

/// Whether the step is a message to the contact, which windows and quiet hours hold.
pub(super) fn writes(step: &plan::Step) -> bool {
    matches!(&step.act, plan::Act::Message(spec) if spec.to == plan::To::Contact)
}

pub(super) fn all(seen: &Seen<'_>, sink: &mut Sink) {
    for check in CHECKS {
        check(seen, sink);
    }
}
