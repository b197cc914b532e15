//! When what people wait for falls due under the old and under the new plan: to the hour, in the project's zone, from what
//! a census knows. Decides nothing.
use super::people::{Scene, Spot, spot, writes};
use crate::{
    calendar::{Clear, Instant, Span, TimeOfDay, Zone, next_clear},
    plan::{Act, CapThen, CatchUp, Due, Group, Moment, Plan, Sequence, Step, StepIx, Waits, hour_of},
};
use serde::Serialize;
use std::collections::BTreeMap;

const HOUR_MS: i64 = 3_600_000;

/// Rounds after which slots and quiet hours of a campaign are taken to have no moment in common.
const ROUNDS: u32 = 32;

/// How far due times move. Everybody who waits there and does not leave is in `hours`, is spread, is skipped, or is unknown.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Shift {
    /// People by hours; negative is earlier. What is caught up is in it with the moment at which it goes out.
    pub(crate) hours: BTreeMap<i64, u64>,
    /// Those whose new moment is over already, however they are caught up.
    pub(crate) overdue: u64,
    /// Of them those who are spread: each gets it at a moment of their own, from now on until the last of them.
    pub(crate) spread: u64,
    pub(crate) until: Option<Instant>,
    /// Of them those who never get it.
    pub(crate) skipped: u64,
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
    /// `None` where nothing is due by the clock, or nobody can say. Of what is spread the first moment; of what is skipped
    /// the one that is over.
    pub(super) due: Option<Instant>,
    /// Over already by the change, and not left where it was.
    pub(super) caught: Option<Caught>,
}

/// How something is caught up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Caught {
    Now,
    Skipped,
    /// At a moment of their own until then.
    Spread(Instant),
}

/// Within this time what a change made overdue goes out, where a sequence does not say otherwise.
const SPREAD: Span = Span { months: 0, days: 0, ms: 24 * 3_600_000 };

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
        self.overdue += if landing.caught.is_some() { people } else { 0 };
        match (landing.caught, landing.due) {
            (Some(Caught::Skipped), _) => self.skipped += people,
            (Some(Caught::Spread(until)), _) => {
                self.spread += people;
                self.until = self.until.max(Some(until));
            }
            (_, Some(due)) => {
                let hours = hour_of(due).since(hour_of(from)) / HOUR_MS;
                *self.hours.entry(hours).or_default() += people;
            }
            (_, None) => self.unknown += people,
        }
    }
    pub(super) fn join(&mut self, other: Self) {
        for (hours, people) in other.hours {
            *self.hours.entry(hours).or_default() += people;
        }
        self.overdue += other.overdue;
        self.spread += other.spread;
        self.until = self.until.max(other.until);
        self.skipped += other.skipped;
        self.unknown += other.unknown;
    }
}

/// Window and quiet hours that hold for a step.
pub(super) fn rules<'p>(plan: &'p Plan, step: &Step) -> Clear<'p> {
    let window = step.window.as_ref().and_then(|name| plan.policies.windows.get(name));
    let quiet = plan.policies.quiet_hours.as_ref();
    let quiet = quiet.filter(|quiet| quiet.purposes.contains(&step.purpose) && quiet.then == CapThen::Wait);
    Clear { window, quiet: quiet.map(|quiet| quiet.hours) }
}

/// What a step counts from, when the one before it had been planned for that moment and is done only now.
pub(super) fn counted_from(zone: &Zone, step: &Step, planned: Instant, now: Instant) -> Instant {
    match step.due {
        Due::Wait { span, .. } if span.is_whole_days() => zone.at_time(now, zone.time_of_day(planned)),
        Due::Wait { .. } => now,
        _ => planned,
    }
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
        let pin = new.changed.pin;
        let to = if pin { old } else { new };
        let spot = spot(group.step.as_ref(), to, Some(old));
        let landing = |due, caught| Landing { spot, due, caught };
        let Spot::At(at) = spot else { return landing(None, None) };
        if group.waits == Waits::Held && to.active {
            return self.back(group, to, at);
        }
        if group.waits == Waits::Settling && !pin && changed {
            return self.on_again(group, to, at);
        }
        let Some(was) = group.due.filter(|_| has_time(group)) else { return landing(None, None) };
        // hours, zones and channels are of the project and count for everybody; else only who stands on another revision
        // is looked at
        if !self.terms && (pin || !changed) {
            return landing(Some(was), None);
        }
        let before = group.step.as_ref().and_then(|step| old.position(step));
        let bound = before.and_then(|before| bound_of(&self.old.zone, old, before, was));
        let base = Base { since: group.since, entered: group.entered, bound };
        let (is, thought) = match awaited(group, to, at) {
            Some(up_to) => {
                let before = before.and_then(|before| awaited(group, old, before));
                let of = |zone: &Zone, up_to| zone.add(group.since, up_to);
                (Some(of(&self.new.zone, up_to)), before.map(|up_to| of(&self.old.zone, up_to)))
            }
            None => (planned(self.new, to, at, base), before.and_then(|before| planned(self.old, old, before, base))),
        };
        let due = match (is, thought) {
            // hours hide minutes, and people live in other zones: what changed is the difference
            (Some(is), Some(thought)) if hour_of(thought) != was => Some(was.plus_ms(is.since(thought))),
            (is, _) => is,
        };
        let due = due.map(hour_of);
        let is_over = |at: Instant| at.plus_ms(HOUR_MS) <= self.now;
        let overdue = due.is_some_and(is_over) && !is_over(was) && to.bound(at).is_none();
        if overdue { self.caught_up(to, at, Some(was), landing(due, None)) } else { landing(due, None) }
    }

    /// What a change made overdue, as the journey catches it up.
    fn caught_up(&self, to: &Sequence, at: StepIx, had: Option<Instant>, landing: Landing) -> Landing {
        let barrier = to.step(at).is_some_and(|step| step.act.is_barrier());
        let goes = |at_moment| Landing { due: Some(hour_of(at_moment)), ..landing };
        match to.changed.catch_up.unwrap_or(CatchUp::Spread(SPREAD)) {
            CatchUp::Skip if !barrier => Landing { caught: Some(Caught::Skipped), ..landing },
            CatchUp::Now | CatchUp::Skip => {
                Landing { caught: Some(Caught::Now), ..goes(self.first_allowed(to, at, self.now)) }
            }
            CatchUp::Keep => goes(self.first_allowed(to, at, had.unwrap_or(self.now))),
            // never later than it would have been without the change
            CatchUp::Spread(span) => {
                let last = self.new.zone.add(self.now, span);
                let last = had.map_or(last, |had| last.min(had.plus_ms(HOUR_MS)));
                let until = self.first_allowed(to, at, last);
                Landing { caught: Some(Caught::Spread(until)), ..goes(self.first_allowed(to, at, self.now)) }
            }
        }
    }

    /// Everything had fallen due, and now there is more: it counts from the last.
    fn on_again(&self, group: &Group, to: &Sequence, at: StepIx) -> Landing {
        let base = Base { since: group.since, entered: group.entered, bound: None };
        let due = planned(self.new, to, at, base).map(hour_of);
        let landing = Landing { spot: Spot::At(at), due, caught: None };
        let overdue = due.is_some_and(|due| due.plus_ms(HOUR_MS) <= self.now);
        if overdue { self.caught_up(to, at, None, landing) } else { landing }
    }

    /// Whoever rested goes on: passed times become the first allowed moment.
    fn back(&self, group: &Group, to: &Sequence, at: StepIx) -> Landing {
        let spot = Spot::At(at);
        let base = Base { since: group.since, entered: group.entered, bound: None };
        let Some(due) = planned(self.new, to, at, base).map(hour_of) else {
            return Landing { spot, due: None, caught: None };
        };
        if due.plus_ms(HOUR_MS) > self.now {
            return Landing { spot, due: Some(due), caught: None };
        }
        let due = Some(hour_of(self.first_allowed(to, at, self.now)));
        Landing { spot, due, caught: Some(Caught::Now) }
    }

    /// The first moment at which what is caught up may go; what is no message may always.
    fn first_allowed(&self, to: &Sequence, at: StepIx, moment: Instant) -> Instant {
        let step = to.step(at).filter(|step| writes(&step.act));
        let free = step.map_or(moment, |step| allowed(self.new, to, step, moment));
        let end = to.campaign.as_ref().and_then(|campaign| campaign.end);
        end.map_or(free, |end| free.min(end))
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
            if matches!(landing.spot, Spot::Leaves | Spot::Done) {
                continue;
            }
            match group.due.filter(|_| has_time(group)) {
                Some(from) => shift.add(from, &landing, group.people),
                None => shift.unknown += group.people,
            }
        }
        self.census.map(|_| shift)
    }
}

/// Does the clock end what the group waits for?
fn has_time(group: &Group) -> bool {
    matches!(group.waits, Waits::Time | Waits::Event)
}

/// How long those who wait for an event at a step wait for it.
pub(super) fn awaited(group: &Group, sequence: &Sequence, at: StepIx) -> Option<Span> {
    match &sequence.step(at)?.act {
        Act::WaitFor(wait) if group.waits == Waits::Event => Some(wait.up_to),
        _ => None,
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
    pub(super) fn resumed(&self, old: &Sequence, new: &Sequence) -> Option<Shift> {
        self.census.filter(|_| new.active)?;
        let mut shift = Shift::default();
        for group in self.groups(new.name.as_str()).iter().filter(|group| group.waits == Waits::Held) {
            let landing = self.land(group, old, new, true);
            match (landing.caught, landing.due) {
                (Some(_), _) => shift.overdue += group.people,
                (None, Some(_)) => *shift.hours.entry(0).or_default() += group.people,
                (None, None) => shift.unknown += group.people,
            }
        }
        Some(shift)
    }
}
