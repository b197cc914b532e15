//! Who of a handful of people a condition holds for: what every store falls back on, and what its own way has to agree with.
use super::{Broken, Did, Turn};
use crate::{
    calendar::Instant,
    expr::{Ask, Cond, Missing},
    id::ContactId,
    journey::{Person, RunFacts},
    plan::Plan,
};
use std::collections::BTreeSet;

/// People that are loaded together.
pub(crate) const PAGE: usize = 256;

/// Rounds of questions to history that one condition may take; segments that ask for segments take some.
const ASKS: usize = 32;

/// Those of them for whom the condition holds, in their order, at most `limit`.
pub(crate) fn sift<T: Turn>(
    turn: &mut T,
    plan: &Plan,
    cond: &Cond,
    who: &[ContactId],
    now: Instant,
    limit: usize,
) -> Did<Vec<ContactId>> {
    let mut people = turn.people(&who.iter().copied().collect())?;
    let mut members = Vec::new();
    for id in who {
        if members.len() >= limit {
            break;
        }
        let Some(person) = people.get_mut(id).filter(|person| person.contact.erased_at.is_none()) else { continue };
        if holds(turn, plan, cond, person, now)? {
            members.push(*id);
        }
    }
    Ok(members)
}

fn holds<T: Turn>(turn: &mut T, plan: &Plan, cond: &Cond, person: &mut Person, now: Instant) -> Did<bool> {
    for _ in 0..ASKS {
        match cond.eval(&RunFacts::of_person(plan, person, now)) {
            Ok(holds) => return Ok(holds),
            Err(Missing(asks)) => answer(turn, plan, person, asks, now)?,
        }
    }
    Err(Broken::new("a condition kept asking for more history"))
}

pub(super) fn answer<T: Turn>(
    turn: &mut T,
    plan: &Plan,
    person: &mut Person,
    asks: BTreeSet<Ask>,
    now: Instant,
) -> Did<()> {
    let zone = person.zone(plan);
    for ask in asks {
        let since = match &ask {
            Ask::Count { within, .. } | Ask::WasSent { within, .. } => within.map(|span| zone.sub(now, span)),
            _ => None,
        };
        let value = turn.answer(person.contact.id, &ask, since)?;
        person.answers.insert(ask, value);
    }
    Ok(())
}
