//! The ways through a sequence, and the moments of its messages on each of them: the arithmetic of a run without a person.
//! Reports nothing.
//!
//! People enter at any hour, so a way is walked for entries spread over a week. All of it happens in a zone whose clocks
//! never change: what is told is a rule of the file, not of one Sunday in March.
use crate::{
    calendar::{CivilDate, Clear, Instant, Slots, Span, TimeOfDay, Zone, next_clear},
    plan::{Act, CapThen, Due, Plan, Sequence, Step, StepIx, To},
};

/// Ways looked at: a sequence of many branches one after the other has more than anybody could walk.
const MOST_WAYS: usize = 64;
/// Hours between two entries.
const EVERY_HOURS: i64 = 4;
/// Send times that are tried until one lies where messages may go.
const MOST_SLOTS: usize = 64;
const HOUR: i64 = 3_600_000;

/// One way through a sequence.
pub(super) type Way = Vec<Part>;

#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Step(StepIx),
    /// A wait for something: `up_to` to its end, or anything up to that.
    Awaits {
        up_to: Span,
        to_its_end: bool,
    },
}

/// A message to the person.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    pub(super) at: StepIx,
    pub(super) moment: Instant,
    /// No condition, and nothing of an unknown moment before it.
    pub(super) sure: bool,
}

/// How somebody goes: when they enter, and whether what is waited for comes at the last moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    entered: Instant,
    late: bool,
}

/// Every way from the first step to an end, the first ones where there are too many.
pub(super) fn ways(sequence: &Sequence) -> Vec<Way> {
    let mut done: Vec<Way> = Vec::new();
    let mut open: Vec<(StepIx, Way)> = vec![(StepIx(0), Vec::new())];
    while let Some((mut at, mut way)) = open.pop() {
        if done.len() >= MOST_WAYS {
            break;
        }
        while let Some(step) = sequence.step(at) {
            let mut next = step.next;
            if step.active {
                way.push(Part::Step(at));
                if matches!(step.act, Act::Stop(_)) && step.cond.is_none() {
                    break;
                }
                let mut turns = turns(step).into_iter();
                if let Some((first, part)) = turns.next() {
                    for (entry, part) in turns.chain(step.cond.is_some().then_some((step.next, None))) {
                        let way = way.iter().copied().chain(part).collect();
                        open.push((entry, way));
                    }
                    way.extend(part);
                    next = first;
                }
            }
            if next <= at {
                break;
            }
            at = next;
        }
        done.push(way);
    }
    done
}

/// Where the ways of a barrier begin, and what is waited for before.
fn turns(step: &Step) -> Vec<(StepIx, Option<Part>)> {
    if let Act::WaitFor(wait) = &step.act {
        let awaits = |to_its_end| Some(Part::Awaits { up_to: wait.up_to, to_its_end });
        return vec![(wait.then, awaits(false)), (wait.otherwise, awaits(true))];
    }
    step.act.arms().into_iter().map(|(_, entry)| (entry, None)).collect()
}

/// What holds for every walk.
pub(super) struct Walker<'a> {
    plan: &'a Plan,
    zone: Zone,
    monday: Instant,
}

impl<'a> Walker<'a> {
    pub(super) fn new(plan: &'a Plan) -> Option<Self> {
        let zone = Zone::parse("UTC")?;
        // 2024 began on a Monday
        let monday = zone.start_of(CivilDate::parse("2024-01-01")?);
        Some(Self { plan, zone, monday })
    }

    pub(super) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Entries all over a week; each twice where the way waits for something.
    pub(super) fn entries(&self, way: &Way) -> Vec<Entry> {
        let waits = way.iter().any(|part| matches!(part, Part::Awaits { to_its_end: false, .. }));
        let hours = (0..7 * 24 / EVERY_HOURS).map(|count| self.monday.plus_ms(count * EVERY_HOURS * HOUR));
        let both = hours.flat_map(|entered| [Entry { entered, late: false }, Entry { entered, late: true }]);
        both.filter(|entry| waits || !entry.late).collect()
    }

    /// The messages of the way for that entry, in order. What hangs on a bound moment is at no known distance and left out.
    pub(super) fn touches(&self, sequence: &Sequence, way: &Way, entry: Entry) -> Vec<Touch> {
        let mut since = Some(entry.entered);
        let mut sure = true;
        let mut touches = Vec::new();
        for part in way {
            let at = match part {
                Part::Step(at) => *at,
                Part::Awaits { up_to, to_its_end } => {
                    let whole = *to_its_end || entry.late;
                    since = since.map(|since| if whole { self.zone.add(since, *up_to) } else { since });
                    continue;
                }
            };
            let Some(step) = sequence.step(at) else { continue };
            sure &= !matches!(step.due, Due::Bound { .. });
            let Some(due) = self.due(step, entry.entered, since) else {
                since = None;
                continue;
            };
            let held = self.held(sequence, step, due);
            since = Some(held.unwrap_or(due));
            if let (Some(moment), true) = (held, is_touch(step)) {
                touches.push(Touch { at, moment, sure: sure && step.cond.is_none() });
            }
        }
        touches
    }

    fn due(&self, step: &Step, entered: Instant, since: Option<Instant>) -> Option<Instant> {
        let timed = |moment: Instant, time: Option<TimeOfDay>| time.map_or(moment, |at| self.zone.at_time(moment, at));
        match &step.due {
            Due::Together => since,
            Due::Wait { span, at } => Some(timed(self.zone.add(since?, *span), *at)),
            Due::Day { day, at } => {
                let due = timed(self.zone.add(entered, Span::days(*day)), *at);
                Some(since.map_or(due, |since| due.max(since)))
            }
            Due::Bound { .. } => None,
        }
    }

    /// When a step due then happens; `None` where it never does.
    fn held(&self, sequence: &Sequence, step: &Step, due: Instant) -> Option<Instant> {
        if !is_touch(step) {
            return Some(due);
        }
        let policies = &self.plan.policies;
        let window = step.window.as_ref().and_then(|name| policies.windows.get(name));
        let quiet = policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&step.purpose));
        let waits = quiet.filter(|quiet| quiet.then == CapThen::Wait).map(|quiet| quiet.hours);
        let rules = Clear { window, quiet: waits };
        let at = match &sequence.campaign {
            Some(campaign) => self.in_slot(&campaign.slots, rules, due)?,
            None => next_clear(due, &self.zone, rules)?,
        };
        let skipped =
            quiet.is_some_and(|quiet| quiet.then == CapThen::Skip && quiet.hours.forbids(self.zone.civil(at)));
        (!skipped).then_some(at)
    }

    /// The first moment that the send times of a campaign, window and quiet hours allow.
    fn in_slot(&self, slots: &Slots, rules: Clear<'_>, due: Instant) -> Option<Instant> {
        let mut at = due;
        for _ in 0..MOST_SLOTS {
            let slot = slots.next(at, &self.zone)?;
            at = next_clear(slot, &self.zone, rules)?;
            if at == slot {
                return Some(at);
            }
        }
        None
    }
}

/// Messages to the person are what caps count.
fn is_touch(step: &Step) -> bool {
    matches!(&step.act, Act::Message(spec) if spec.to == To::Contact)
}
