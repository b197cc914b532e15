//! What a plan that is not published would do at once to the people of a store: decided as ever, and nothing of it kept.
//!
//! A census knows where people stand. What happened to them and who they are stands in the database only: who leaves by a
//! rule that is new, and who matches a trigger already.
use super::{Broken, COUNTED, Did, PAGE, Store, Turn, members::answer, sweeps_of};
use crate::{
    calendar::Instant,
    expr::Missing,
    id::{ContactId, SequenceName, TriggerName},
    journey::{Action, Decision, End, Event, Person, Phase, Run, StopReason, World, decide},
    plan::{Border, Enter, Foreseen, Leaver, Plan, Sequence, Standing, Stop, TriggerSource, hour_of},
};
use std::{collections::BTreeMap, sync::Arc};

/// Rounds of questions to history that one decision may take.
const ASKS: usize = 32;

/// `store` need not be able to write.
pub(crate) fn foresee<S: Store>(store: &mut S, old: &Plan, new: &Plan, now: Instant) -> Did<Foreseen> {
    let mut foreseen = Foreseen::default();
    let judged: Vec<(&SequenceName, Vec<&Stop>)> = judged(old, new).collect();
    if !judged.is_empty() {
        let mut turn = store.turn(new)?;
        let world = world(&mut turn, new)?;
        for (name, stops) in judged {
            let left = leavers(&mut turn, new, &world, (name, &stops), now)?;
            foreseen.leave.insert(name.clone(), left);
        }
    }
    let (files, new) = (new, &all_backfilled(new));
    let known: BTreeMap<TriggerName, Arc<str>> =
        old.standing().iter().map(|one| (one.trigger.name.clone(), one.print.clone())).collect();
    let mut turn = store.turn(new)?;
    let sweeps = sweeps_of(new, &known, &turn.sweeps()?, now, Some(ContactId(i64::MAX)));
    let begins = |one: &&Standing| {
        one.trigger.active
            && one.trigger.enrol.is_some()
            && known.get(&one.trigger.name) != Some(&one.print)
            && matches!(
                one.trigger.source,
                TriggerSource::Segment { on: Border::Entry, .. } | TriggerSource::Moment { .. }
            )
    };
    let begins: Vec<&Standing> = new.standing().iter().filter(begins).collect();
    if !begins.is_empty() {
        let mut world = world(&mut turn, new)?;
        world.sweeps = sweeps;
        for standing in begins {
            let taken = files.triggers.get(&standing.trigger.name).is_some_and(|trigger| trigger.backfill);
            let enter = Enter { taken, ..entering(&mut turn, new, &world, standing, now)? };
            foreseen.enter.insert(standing.trigger.name.clone(), enter);
        }
    }
    Ok(foreseen)
}

/// Whether they are taken in is said by the files: how many there are is asked in any case.
fn all_backfilled(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    for trigger in plan.triggers.values_mut().filter(|trigger| trigger.is_standing()) {
        Arc::make_mut(trigger).backfill = true;
    }
    plan.indexed()
}

/// Sequences that have a stop rule today and had it not before.
fn judged<'p>(old: &'p Plan, new: &'p Plan) -> impl Iterator<Item = (&'p SequenceName, Vec<&'p Stop>)> {
    let added = |before: &Sequence, today: &'p Sequence| -> Vec<&'p Stop> {
        let known = |stop: &&Stop| before.stops.iter().any(|old| old.event == stop.event && old.cond == stop.cond);
        today.stops.iter().filter(|stop| !known(stop)).collect()
    };
    new.sequences.iter().filter_map(move |(name, today)| {
        let stops = added(old.sequences.get(name).filter(|_| !today.changed.pin)?, today);
        (!stops.is_empty()).then_some((name, stops))
    })
}

fn world<T: Turn>(turn: &mut T, plan: &Plan) -> Did<World> {
    let mut world = World::default();
    if plan.has_campaigns() {
        world.campaigns.extend(turn.campaigns()?.into_iter().map(|(name, row)| (name, row.standing)));
    }
    if !plan.offers.is_empty() {
        world.redeemed = turn.redeemed()?;
    }
    Ok(world)
}

fn leavers<T: Turn>(
    turn: &mut T,
    plan: &Plan,
    world: &World,
    (name, stops): (&SequenceName, &[&Stop]),
    now: Instant,
) -> Did<Vec<Leaver>> {
    let (mut left, mut after) = (Vec::new(), None);
    loop {
        let page = turn.inside(name, true, after, PAGE)?;
        for (_, person) in turn.people(&page.iter().copied().collect())? {
            let place = |run: &Run| Some(run.sequence.step(run.cursor()?.step)?.name.clone());
            let places: BTreeMap<_, _> = person.runs.iter().map(|run| (run.id, place(run))).collect();
            let decided = supposed(turn, plan, world, person, now)?;
            let by_rule = |end: &End| matches!(end, End::Stopped(StopReason::Rule(why)) if stops.iter().any(|stop| stop.reason == *why));
            let ended = |run: &&Run| {
                let here = run.sequence.name == *name && matches!(&run.phase, Phase::Ended { end, .. } if by_rule(end));
                here && decided.actions.contains(&Action::Ended(run.id))
            };
            let leaver =
                |run: &Run| Leaver { step: places.get(&run.id).cloned().flatten(), entered: hour_of(run.entered) };
            left.extend(decided.person.runs.iter().filter(ended).map(leaver));
        }
        after = page.last().copied();
        if page.len() < PAGE {
            return Ok(left);
        }
    }
}

fn entering<T: Turn>(turn: &mut T, plan: &Plan, world: &World, standing: &Standing, now: Instant) -> Did<Enter> {
    let mut enter = Enter::default();
    let (mut after, mut seen) = (None, 0);
    loop {
        let page = match &standing.segment {
            Some(segment) => turn.members(&segment.cond, now, after, PAGE)?,
            None => turn.contacts(after, PAGE)?,
        };
        for (_, person) in turn.people(&page.iter().copied().collect())? {
            let decided = supposed(turn, plan, world, person, now)?;
            let by = |action: &Action| matches!(action, Action::Entered { by: Some(by), .. } if *by == standing.trigger.name);
            enter.people += u64::from(decided.actions.iter().any(by));
        }
        after = page.last().copied();
        seen += page.len();
        if page.len() < PAGE || seen >= COUNTED {
            enter.more = page.len() >= PAGE;
            return Ok(enter);
        }
    }
}

/// What would be decided about somebody now.
fn supposed<T: Turn>(turn: &mut T, plan: &Plan, world: &World, mut person: Person, now: Instant) -> Did<Decision> {
    let ids = turn.ids()?;
    for _ in 0..ASKS {
        match decide(plan, world, &person, &Event::Due, ids, now) {
            Ok(decision) => return Ok(decision),
            Err(Missing(asks)) => answer(turn, plan, &mut person, asks, now)?,
        }
    }
    Err(Broken::new("a decision kept asking for more history"))
}
