//! After a plan was published: the people inside the sequences that changed are looked at anew, a page and where it stands
//! in one commit, behind everything that is due. Who falls due or hears of something before their page is reached is looked
//! at then: what a person stands on is seen whenever they are loaded.
use super::{Did, Turn, desk::Desk};
use crate::{
    calendar::Instant,
    id::{ContactId, ObjectId, SequenceName},
    journey::Event,
    plan::Plan,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How far the people of one sequence have been looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Replan {
    /// When the plan was published.
    pub(crate) since: Instant,
    /// Everybody up to here is done.
    pub(crate) after: Option<ContactId>,
    /// Also those whose own revision is the one of today: hours, caps or channels changed for all.
    pub(crate) all: bool,
}

/// The next people of a sequence that changed; `more` where another page follows.
pub(crate) struct Page {
    pub(crate) who: BTreeSet<ContactId>,
    sequence: SequenceName,
    next: Option<Replan>,
    all: bool,
}

pub(crate) fn next_page<T: Turn>(
    turn: &mut T,
    replans: &BTreeMap<SequenceName, Replan>,
    limit: usize,
) -> Did<Option<Page>> {
    let Some((sequence, replan)) = replans.iter().min_by_key(|(name, replan)| (replan.since, *name)) else {
        return Ok(None);
    };
    let who = turn.inside(sequence, replan.all, replan.after, limit)?;
    let next = who.last().copied().filter(|_| who.len() >= limit).map(|last| Replan { after: Some(last), ..*replan });
    Ok(Some(Page { who: who.into_iter().collect(), sequence: sequence.clone(), next, all: replan.all }))
}

/// Takes a page, if there is one. People at whom turns fail are due by themselves from now on. How many it took, and
/// whether there is more.
pub(super) fn take<T: Turn>(
    desk: &mut Desk<'_, T>,
    limit: usize,
    without: &BTreeSet<ContactId>,
) -> Did<Option<(usize, bool)>> {
    let mut replans = desk.turn.replans()?;
    let Some(page) = next_page(&mut desk.turn, &replans, limit)? else { return Ok(None) };
    desk.call_in(&page.who)?;
    for who in &page.who {
        if without.contains(who) {
            desk.look_again(*who, &page.sequence)?;
        } else if page.all {
            desk.decide(*who, Event::Replanned(page.sequence.clone()))?;
        } else {
            desk.decide(*who, Event::Due)?;
        }
    }
    desk.turn.keep_replan(&page.sequence, page.next)?;
    match page.next {
        Some(next) => replans.insert(page.sequence, next),
        None => replans.remove(&page.sequence),
    };
    Ok(Some((page.who.len(), !replans.is_empty())))
}

/// What was published: the number of each sequence's revision, and a print of what holds for all of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Published {
    pub(crate) sequences: BTreeMap<SequenceName, ObjectId>,
    pub(crate) terms: Option<String>,
}

/// Whose people are to be looked at after a publication. A round under way that nothing changed for goes on where it
/// stands; one of a sequence that is gone ends, as nobody decides about its people. `inside`: sequences that somebody is in.
pub(crate) fn replans_of(
    plan: &Plan,
    before: &Published,
    today: &Published,
    under_way: &BTreeMap<SequenceName, Replan>,
    inside: &BTreeSet<SequenceName>,
    now: Instant,
) -> BTreeMap<SequenceName, Replan> {
    // of a database that knows no print nothing is known to have changed
    let terms = before.terms.is_some() && before.terms != today.terms;
    let replan = |(name, object): (&SequenceName, &ObjectId)| {
        let known = under_way.get(name);
        let changed = before.sequences.get(name) != Some(object);
        let pinned = plan.sequences.get(name).is_some_and(|sequence| sequence.changed.pin);
        // who finishes an older revision rests with those on the new one, and goes on with them
        let all = terms || pinned || known.is_some_and(|known| known.all);
        let replan = if terms || changed { Some(Replan { since: now, after: None, all }) } else { known.copied() };
        Some((name.clone(), replan?))
    };
    today.sequences.iter().filter(|(name, _)| inside.contains(*name)).filter_map(replan).collect()
}
