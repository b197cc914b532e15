//! What two versions sent, side by side: which people are the same, which messages belong together, what differs. Pure
//! bookkeeping, in whose words it is told is not known here.
use super::{Played, Sent, Somebody};
use crate::{
    id::{ChannelName, ContactId, SequenceName, StepName},
    record::Identity,
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How a message of one version stands to the other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    OnlyBefore,
    OnlyAfter,
    Moved,
    Channel,
    Text,
}

/// A message of both versions, or of one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Pair {
    pub(crate) before: Option<Sent>,
    pub(crate) after: Option<Sent>,
    /// Empty where nothing differs.
    pub(crate) changes: Vec<Change>,
}

/// Messages of one sequence by one channel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Total {
    pub(crate) sequence: Option<SequenceName>,
    pub(crate) channel: ChannelName,
    pub(crate) staff: bool,
    pub(crate) before: u64,
    pub(crate) after: u64,
}

/// Somebody whose messages differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Moved {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) pairs: Vec<Pair>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Difference {
    pub(crate) totals: Vec<Total>,
    /// In the order of their numbers.
    pub(crate) people: Vec<Moved>,
    /// Everybody, and those who got anything in either version.
    pub(crate) everybody: usize,
    pub(crate) reached: usize,
    /// Pairs of messages by what differs; of several, each counts.
    pub(crate) changes: BTreeMap<Change, u64>,
    pub(crate) same: u64,
}

impl Difference {
    pub(crate) fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    pub(crate) fn messages(&self) -> (u64, u64) {
        self.totals.iter().fold((0, 0), |(before, after), total| (before + total.before, after + total.after))
    }
}

impl Pair {
    /// Where it stands among the others: at its moment in the later version.
    fn at(&self) -> Option<crate::calendar::Instant> {
        self.after.as_ref().or(self.before.as_ref()).map(|sent| sent.at)
    }
}

pub(crate) fn compare(before: &Played, after: &Played) -> Difference {
    let mut told = Difference { totals: totals(before, after), ..Difference::default() };
    for (old, new) in people(before, after) {
        told.everybody += 1;
        let sent = |somebody: Option<&Somebody>| somebody.map(|somebody| somebody.sent.clone()).unwrap_or_default();
        let pairs = pairs(sent(old), sent(new));
        told.reached += usize::from(!pairs.is_empty());
        told.same += pairs.iter().filter(|pair| pair.changes.is_empty()).count() as u64;
        for change in pairs.iter().flat_map(|pair| &pair.changes) {
            *told.changes.entry(*change).or_default() += 1;
        }
        if pairs.iter().all(|pair| pair.changes.is_empty()) {
            continue;
        }
        let Some(somebody) = new.or(old) else { continue };
        told.people.push(Moved { name: somebody.name.clone(), identities: somebody.identities.clone(), pairs });
    }
    told
}

fn totals(before: &Played, after: &Played) -> Vec<Total> {
    type Key = (bool, Option<SequenceName>, ChannelName);
    let mut counts: BTreeMap<Key, (u64, u64)> = BTreeMap::new();
    for (played, is_after) in [(before, false), (after, true)] {
        for sent in played.people.values().flat_map(|somebody| &somebody.sent) {
            // what goes to the practice stands below
            let count = counts.entry((sent.staff, sent.sequence.clone(), sent.channel.clone())).or_default();
            *(if is_after { &mut count.1 } else { &mut count.0 }) += 1;
        }
    }
    let total = |((staff, sequence, channel), (before, after))| Total { sequence, channel, staff, before, after };
    counts.into_iter().map(total).collect()
}

/// The same person before and after, as far as there was one.
type Twin<'a> = (Option<&'a Somebody>, Option<&'a Somebody>);

/// Who is the same in both versions: whoever shares an identifier. Without any, the number tells.
fn people<'a>(before: &'a Played, after: &'a Played) -> Vec<Twin<'a>> {
    let mut known: BTreeMap<&Identity, ContactId> = BTreeMap::new();
    for (id, somebody) in &before.people {
        known.extend(somebody.identities.iter().map(|identity| (identity, *id)));
    }
    let mut taken: BTreeSet<ContactId> = BTreeSet::new();
    let mut told: BTreeMap<(ContactId, bool), Twin<'a>> = BTreeMap::new();
    for (id, somebody) in &after.people {
        let same_number =
            before.people.get(id).filter(|old| old.identities.is_empty() && somebody.identities.is_empty());
        let found = somebody.identities.iter().filter_map(|identity| known.get(identity).copied());
        let found = found.chain(same_number.map(|_| *id)).find(|old| !taken.contains(old));
        taken.extend(found);
        told.insert((*id, true), (found.and_then(|old| before.people.get(&old)), Some(somebody)));
    }
    for (id, somebody) in before.people.iter().filter(|(id, _)| !taken.contains(id)) {
        told.insert((*id, false), (Some(somebody), None));
    }
    told.into_values().collect()
}

type Spot = (bool, Option<SequenceName>, StepName);

fn spot(sent: &Sent) -> Spot {
    (sent.staff, sent.sequence.clone(), sent.step.clone())
}

/// Messages of the same step belong together: those of the same moment first, the others in their order.
pub(super) fn pairs(before: Vec<Sent>, after: Vec<Sent>) -> Vec<Pair> {
    let mut old: BTreeMap<Spot, Vec<Sent>> = BTreeMap::new();
    for sent in before {
        old.entry(spot(&sent)).or_default().push(sent);
    }
    let mut found: Vec<(Option<Sent>, Sent)> = Vec::new();
    let mut open: Vec<Sent> = Vec::new();
    for new in after {
        let left = old.get_mut(&spot(&new));
        let same = left.and_then(|left| {
            let exact = left.iter().position(|old| old.at == new.at && old.channel == new.channel);
            exact.or_else(|| left.iter().position(|old| old.at == new.at)).map(|at| left.remove(at))
        });
        match same {
            Some(same) => found.push((Some(same), new)),
            None => open.push(new),
        }
    }
    for new in open {
        let left = old.get_mut(&spot(&new)).filter(|left| !left.is_empty());
        found.push((left.map(|left| left.remove(0)), new));
    }
    let both = found.into_iter().map(|(before, after)| Pair {
        changes: before.as_ref().map_or_else(|| vec![Change::OnlyAfter], |before| changes(before, &after)),
        before,
        after: Some(after),
    });
    let gone = old.into_values().flatten();
    let gone = gone.map(|before| Pair { before: Some(before), after: None, changes: vec![Change::OnlyBefore] });
    let mut pairs: Vec<Pair> = both.chain(gone).collect();
    pairs.sort_by_key(Pair::at);
    pairs
}

fn changes(before: &Sent, after: &Sent) -> Vec<Change> {
    let differs = [
        (Change::Moved, before.at != after.at),
        (Change::Channel, before.channel != after.channel),
        (Change::Text, before.subject != after.subject || before.text != after.text),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(change, _)| change).collect()
}
