//! Rounds over everybody for triggers that no event sets off: a page and what it leads to in one commit.
//!
//! The first round after a publication takes everybody who was there. Later ones compare who belongs to the segment, which
//! the store tells as a set, with who is remembered to be inside, and load those only who are on the other side.
use super::{Did, Turn, desk::Desk, replan};
use crate::{
    calendar::Instant,
    expr::Cond,
    id::{ContactId, TriggerName},
    journey::{Event, Mark, Sweep, Watch},
    plan::{Border, Plan, Standing, TriggerSource},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The next people of a round, and where it stands once they are done.
pub(crate) struct Round {
    pub(crate) trigger: TriggerName,
    pub(crate) who: BTreeSet<ContactId>,
    next: Sweep,
}

/// What a round is about, and whom it compares.
struct Span<'a> {
    name: &'a TriggerName,
    sweep: Sweep,
    now: Instant,
    limit: usize,
}

/// The page that is due, of the round that has waited longest.
pub(crate) fn next_round<T: Turn>(
    turn: &mut T,
    plan: &Plan,
    sweeps: &BTreeMap<TriggerName, Sweep>,
    now: Instant,
    limit: usize,
) -> Did<Option<Round>> {
    let due = sweeps.iter().filter(|(_, sweep)| sweep.is_due(now));
    let due = due.filter_map(|(name, sweep)| Some((sweep.due, of(plan, name)?, *sweep)));
    let Some((_, standing, sweep)) = due.min_by_key(|(due, standing, _)| (*due, standing.trigger.name.clone())) else {
        return Ok(None);
    };
    let span = Span { name: &standing.trigger.name, sweep, now, limit };
    let moving = moving(standing);
    let (who, after) = match (&standing.trigger.source, &standing.segment) {
        (TriggerSource::Segment { .. }, Some(segment)) => span.crossers(turn, &segment.cond)?,
        (TriggerSource::Segment { .. }, None) => (BTreeSet::new(), None),
        _ => span.everybody(turn)?,
    };
    let next = sweep.went_to(after, moving, now);
    Ok(Some(Round { trigger: span.name.clone(), who, next }))
}

fn of<'p>(plan: &'p Plan, name: &TriggerName) -> Option<&'p Standing> {
    plan.standing().iter().find(|standing| standing.trigger.active && standing.trigger.name == *name)
}

/// Does time alone move people over the border?
fn moving(standing: &Standing) -> bool {
    let segment =
        standing.segment.as_ref().filter(|_| matches!(standing.trigger.source, TriggerSource::Segment { .. }));
    segment.is_some_and(|segment| segment.cond.moves_with_time())
}

impl Span<'_> {
    /// Everybody who was there, in the order of their numbers.
    fn everybody<T: Turn>(&self, turn: &mut T) -> Did<(BTreeSet<ContactId>, Option<ContactId>)> {
        let page = turn.contacts(self.sweep.after, self.limit)?;
        let end = page.last().copied().filter(|end| page.len() >= self.limit && *end < self.sweep.last);
        Ok((page.into_iter().filter(|who| *who <= self.sweep.last).collect(), end))
    }

    /// Those who belong to the segment without being remembered as inside, and the other way round.
    fn crossers<T: Turn>(&self, turn: &mut T, cond: &Cond) -> Did<(BTreeSet<ContactId>, Option<ContactId>)> {
        let members = turn.members(cond, self.now, self.sweep.after, self.limit)?;
        let marks = turn.marks(self.name, self.sweep.after, self.limit)?;
        let full = |len: usize, last: Option<ContactId>| last.filter(|_| len >= self.limit);
        let ends = [full(members.len(), members.last().copied()), full(marks.len(), marks.last().map(|(who, _)| *who))];
        // as far as both lists reach
        let end = ends.into_iter().flatten().min();
        let within = |who: &ContactId| end.is_none_or(|end| *who <= end);
        let members: BTreeSet<ContactId> = members.into_iter().filter(within).collect();
        let marks: BTreeMap<ContactId, Mark> = marks.into_iter().filter(|(who, _)| within(who)).collect();
        if self.sweep.first {
            let known = marks.into_keys().chain(members).filter(|who| *who <= self.sweep.last);
            return Ok((known.collect(), end.filter(|end| *end < self.sweep.last)));
        }
        let left = marks.iter().filter(|(who, mark)| **mark == Mark::Inside && !members.contains(who));
        let came = members.iter().filter(|who| !marks.contains_key(who));
        Ok((left.map(|(who, _)| *who).chain(came.copied()).collect(), end))
    }
}

/// Takes the page that is due, if any: who is inside comes before who may enter. People at whom turns fail are left for
/// later. How many it took, and whether there is more.
pub(super) fn take<T: Turn>(desk: &mut Desk<'_, T>, limit: usize, without: &BTreeSet<ContactId>) -> Did<(usize, bool)> {
    let (loaded, now) = (desk.loaded, desk.now);
    let due = |desk: &Desk<'_, T>| {
        desk.world.sweeps.iter().any(|(name, sweep)| sweep.is_due(now) && of(&loaded.plan, name).is_some())
    };
    if let Some((people, more)) = replan::take(desk, limit, without)? {
        return Ok((people, more || due(desk)));
    }
    let round = next_round(&mut desk.turn, &loaded.plan, &desk.world.sweeps, now, limit)?;
    let Some(round) = round else { return Ok((0, false)) };
    desk.call_in(&round.who)?;
    for who in &round.who {
        if without.contains(who) {
            let (person, kept) = desk.person(*who)?;
            let watch = Watch::to_sweep(&round.trigger, now);
            person.watches.retain(|known| known.trigger != watch.trigger || known.booking.is_some());
            person.watches.push(watch);
            kept.watches.insert((round.trigger.clone(), None));
        } else {
            desk.decide(*who, Event::Due)?;
        }
    }
    desk.turn.keep_sweep(&round.trigger, round.next)?;
    desk.world.sweeps.insert(round.trigger, round.next);
    Ok((round.who.len(), due(desk)))
}

/// The rounds after a plan was published: those of triggers that are as they were go on where they stand, new and changed
/// ones begin, and those of triggers that are gone or rest end.
pub(crate) fn sweeps_of(
    plan: &Plan,
    known: &BTreeMap<TriggerName, Arc<str>>,
    sweeps: &BTreeMap<TriggerName, Sweep>,
    now: Instant,
    last: Option<ContactId>,
) -> BTreeMap<TriggerName, Sweep> {
    let active = plan.standing().iter().filter(|standing| standing.trigger.active);
    let round = |standing: &Standing| {
        let same = known.get(&standing.trigger.name) == Some(&standing.print);
        let under_way = sweeps.get(&standing.trigger.name).filter(|_| same).copied();
        under_way.unwrap_or_else(|| Sweep::begin(now, last))
    };
    active.map(|standing| (standing.trigger.name.clone(), round(standing))).collect()
}

/// So many are counted before a backfill; beyond them it is said that there are more.
pub(crate) const COUNTED: usize = 10_000;

/// Triggers that are about to take also those who belong to their segment already, and how many these are, at most one
/// more than [`COUNTED`]. Clinics and `if` may leave fewer.
pub(crate) fn to_backfill<T: Turn>(turn: &mut T, plan: &Plan, now: Instant) -> Did<Vec<(TriggerName, usize)>> {
    let sweeps = turn.sweeps()?;
    let mut found = Vec::new();
    for standing in plan.standing().iter().filter(|standing| standing.trigger.active && standing.trigger.backfill) {
        let Some(sweep) = sweeps.get(&standing.trigger.name).filter(|sweep| sweep.first) else { continue };
        let TriggerSource::Segment { on: Border::Entry, .. } = &standing.trigger.source else { continue };
        let Some(segment) = &standing.segment else { continue };
        let people = turn.members(&segment.cond, now, sweep.after, COUNTED + 1)?;
        found.push((standing.trigger.name.clone(), people.len()));
    }
    Ok(found)
}
