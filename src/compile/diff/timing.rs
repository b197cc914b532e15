//! When what people wait for falls due under the old and under the new plan: to the hour, in the project's zone, from what
//! a census knows. Decides nothing.
use super::people::{Scene, Spot, is_timed, spot, writes};
use crate::{
    calendar::{Clear, Instant, Span, TimeOfDay, Zone, next_clear},
    plan::{CapThen, CatchUp, Due, Group, Moment, Plan, Sequence, Step, StepIx, hour_of},
};
use serde::Serialize;
use std::collections::BTreeMap;

const HOUR_MS: i64 = 3_600_000;

/// Rounds after which slots and quiet hours of a campaign are taken to have no moment in common.
const ROUNDS: u32 = 32;

/// How far due times move.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Shift {
    /// People by hours; negative is earlier.
    pub(crate) hours: BTreeMap<i64, u64>,
    /// Of them those whose new moment is over already.
    pub(crate) overdue: u64,
    /// Their moment hangs on something that a census does not hold.
    pub(crate) unknown: u64,
}

/// What a due time counts from.
#[derive(Clone, Copy)]
pub(super) struct Base<'a> {
    pub(super) since: Instant,
    pub(super) entered: Instant,
    /// A moment that is known.
    pub(super) bound: Option<(&'a Moment, Instant)>,
}

/// What becomes of what a group waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Landing {
    pub(super) spot: Spot,
    /// `None` where nothing is due by the clock, or nobody can say.
    pub(super) due: Option<Instant>,
    /// Over already by the change.
    pub(super) overdue: bool,
}

impl Shift {
    pub(crate) fn earlier(&self) -> u64 {
        self.hours.iter().filter(|(hours, _)| **hours < 0).map(|(_, people)| people).sum()
    }
    pub(crate) fn later(&self) -> u64 {
        self.hours.iter().filter(|(hours, _)| **hours > 0).map(|(_, people)| people).sum()
    }
    pub(crate) fn moves(&self) -> bool {
        self.earlier() + self.later() > 0
    }
    pub(super) fn add(&mut self, from: Instant, landing: &Landing, people: u64) {
        match landing.due {
            Some(due) => {
                let hours = hour_of(due).since(hour_of(from)) / HOUR_MS;
                *self.hours.entry(hours).or_default() += people;
                self.overdue += if landing.overdue { people } else { 0 };
            }
            None => self.unknown += people,
        }
    }
}

/// Window and quiet hours that hold for a step.
pub(super) fn rules<'p>(plan: &'p Plan, step: &Step) -> Clear<'p> {
    let window = step.window.as_ref().and_then(|name| plan.policies.windows.get(name));
    let quiet = plan.policies.quiet_hours.as_ref();
    let quiet = quiet.filter(|quiet| quiet.purposes.contains(&step.purpose) && quiet.then == CapThen::Wait);
    Clear { window, quiet: quiet.map(|quiet| quiet.hours) }
}

/// The planned moment of a step; `None` when what it is bound to is not known.
pub(super) fn planned(plan: &Plan, sequence: &Sequence, at: StepIx, base: Base<'_>) -> Option<Instant> {
    let (zone, step) = (&plan.zone, sequence.step(at)?);
    let timed = |moment: Instant, time: Option<TimeOfDay>| time.map_or(moment, |time| zone.at_time(moment, time));
    let raw = match &step.due {
        Due::Together => base.since,
        Due::Wait { span, at } => timed(zone.add(base.since, *span), *at),
        Due::Day { day, at } => timed(zone.add(base.entered, Span::days(*day)), *at),
        Due::Bound { moment, before, span, at } => {
            let bound = match (moment, base.bound) {
                (Moment::RunEntered, _) => base.entered,
                (moment, Some((known, bound))) if known == moment => bound,
                _ => return None,
            };
            timed(if *before { zone.sub(bound, *span) } else { zone.add(bound, *span) }, *at)
        }
    };
    let free = sequence.bound(at).is_none() && writes(&step.act);
    Some(if free { allowed(plan, sequence, step, raw) } else { raw })
}

/// The first moment from `at` on at which the step may go out.
pub(super) fn allowed(plan: &Plan, sequence: &Sequence, step: &Step, at: Instant) -> Instant {
    let clear = rules(plan, step);
    let slots = sequence.campaign.as_ref().map(|campaign| &campaign.slots).filter(|slots| !slots.is_any());
    let Some(slots) = slots else { return next_clear(at, &plan.zone, clear).unwrap_or(at) };
    let mut found = at;
    for _ in 0..ROUNDS {
        let Some(slot) = slots.next(found, &plan.zone) else { return at };
        let Some(next) = next_clear(slot, &plan.zone, clear) else { return at };
        if next == slot {
            return slot;
        }
        found = next;
    }
    at
}

/// The moment that a bound step hangs on, from when it is due.
pub(super) fn bound_of<'s>(
    zone: &Zone,
    sequence: &'s Sequence,
    at: StepIx,
    due: Instant,
) -> Option<(&'s Moment, Instant)> {
    match sequence.bound(at)? {
        Due::Bound { moment, before, span, .. } => {
            Some((moment, if *before { zone.add(due, *span) } else { zone.sub(due, *span) }))
        }
        _ => None,
    }
}

/// Is the step of one revision due as the step of the other is?
pub(super) fn same_time(old: &Step, new: &Step) -> bool {
    old.due == new.due && old.window == new.window && old.purpose == new.purpose
}

impl Scene<'_> {
    /// Where a group stands under the new plan, and when what it waits for is due; `old` as it was published.
    pub(super) fn land(&self, group: &Group, old: &Sequence, new: &Sequence, changed: bool) -> Landing {
        if !changed || new.changed.pin {
            return self.land_unchanged(group, new);
        }
        let spot = spot(group.step.as_ref(), new, Some(old));
        let (Spot::At(at), Some(was)) = (spot, group.due.filter(|_| is_timed(group))) else {
            return Landing { spot, due: None, overdue: false };
        };
        let before = group.step.as_ref().and_then(|step| old.position(step));
        let bound = before.and_then(|before| bound_of(&self.old.zone, old, before, was));
        let base = Base { since: group.since, entered: group.entered, bound };
        let is = planned(self.new, new, at, base);
        let thought = before.and_then(|before| planned(self.old, old, before, base));
        let due = match (is, thought) {
            (Some(is), Some(thought)) if hour_of(thought) != was => Some(was.plus_ms(is.since(thought))),
            (is, _) => is,
        };
        let due = due.map(hour_of);
        let is_over = |at: Instant| at.plus_ms(HOUR_MS) <= self.now;
        let overdue = due.is_some_and(is_over) && !is_over(was) && new.bound(at).is_none();
        if overdue && new.changed.catch_up == Some(CatchUp::Keep) {
            return Landing { spot, due: Some(was), overdue: false };
        }
        Landing { spot, due, overdue }
    }

    /// A run whose sequence stayed keeps its due time; then windows and quiet hours of the new plan hold.
    fn land_unchanged(&self, group: &Group, new: &Sequence) -> Landing {
        let spot = spot(group.step.as_ref(), new, Some(new));
        let due = group.due.filter(|_| is_timed(group));
        let due = match (spot, due) {
            (Spot::At(at), Some(due)) => {
                let step = new.step(at).filter(|step| new.bound(at).is_none() && writes(&step.act));
                Some(step.map_or(due, |step| hour_of(allowed(self.new, new, step, due).max(due))))
            }
            (_, due) => due,
        };
        Landing { spot, due, overdue: false }
    }

    /// How far the due times of those who wait at a step move.
    pub(super) fn shift(
        &self,
        old: &Sequence,
        new: &Sequence,
        at: impl Fn(&Group) -> bool,
        changed: bool,
    ) -> Option<Shift> {
        let mut shift = Shift::default();
        for group in self.groups(new.name.as_str()).iter().filter(|group| at(group)) {
            let landing = self.land(group, old, new, changed);
            match group.due.filter(|_| is_timed(group)) {
                Some(from) => shift.add(from, &landing, group.people),
                None => shift.unknown += group.people,
            }
        }
        self.census.map(|_| shift)
    }
}

/// Is a step later in this revision than in that one, counted from the same moments? `None` when nobody can say.
pub(super) fn is_later(old: (&Plan, &Sequence, StepIx), new: (&Plan, &Sequence, StepIx), now: Instant) -> Option<bool> {
    let moment = match (old.1.bound(old.2), new.1.bound(new.2)) {
        (Some(Due::Bound { moment: a, .. }), Some(Due::Bound { moment: b, .. })) if a == b => Some(a),
        (None, None) => None,
        _ => return None,
    };
    let base = Base { since: now, entered: now, bound: moment.map(|moment| (moment, now)) };
    Some(planned(new.0, new.1, new.2, base)? >= planned(old.0, old.1, old.2, base)?)
}

impl Scene<'_> {
    /// What those who were held by a switch have before them when it is on again.
    pub(super) fn resumed(&self, new: &Sequence) -> Option<Shift> {
        self.census.filter(|_| new.active)?;
        let mut shift = Shift::default();
        for group in self.groups(new.name.as_str()) {
            let Spot::At(at) = spot(group.step.as_ref(), new, None) else { continue };
            let base = Base { since: group.since, entered: group.entered, bound: None };
            match planned(self.new, new, at, base) {
                Some(due) if due.plus_ms(HOUR_MS) <= self.now => shift.overdue += group.people,
                Some(_) => *shift.hours.entry(0).or_default() += group.people,
                None => shift.unknown += group.people,
            }
        }
        Some(shift)
    }
}
