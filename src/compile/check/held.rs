//! Times of day at which a message is never let through before it is too late (S03).
//!
//! Only what happens on every day of the week is reported, so only steps that say their time of day.
use super::{Seen, writes};
use crate::{
    calendar::{CivilDate, Clear, Instant, TimeOfDay, Zone, next_clear},
    compile::found::over_time as found,
    diag::Sink,
    plan::{Act, CapThen, Due, LateThen, Step, Via},
};

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let Some(week) = Week::new() else { return };
    // messages of campaigns keep to send times of their own
    for pair in seen.sequences.iter().filter(|pair| pair.runs.campaign.is_none()) {
        for (_, written, runs) in pair.steps().filter(|(_, _, runs)| writes(runs)) {
            let (Some(at), Some((time, bound))) = (&written.timing.at, time_of(runs)) else { continue };
            let days: Option<Vec<Day>> = week.at(time).map(|planned| day(seen, &week.zone, runs, planned)).collect();
            // where nothing is ever open there is another finding
            let Some(days) = days else { continue };
            let quiet = seen.project.policies.quiet_hours.as_ref().map(|quiet| &quiet.place);
            if let (true, Some(quiet)) = (days.iter().all(|day| day.left_out), quiet) {
                sink.push(found::always_quiet(at, quiet));
                continue;
            }
            let Some(late) = late(seen, runs).filter(|_| bound) else { continue };
            let too_late = |day: &Day| day.left_out || day.opens > week.zone.add(day.planned, late);
            if !days.iter().all(too_late) {
                continue;
            }
            let Some(first) = days.iter().min_by_key(|day| day.opens.since(day.planned)) else { continue };
            let window = written.window.as_ref().or(pair.written.window.as_ref()).map(|window| &window.place);
            let opens = week.zone.time_of_day(first.opens).to_string();
            if let Some(held) = window.or(quiet) {
                sink.push(found::never_in_time(at, &late.to_string(), held, &opens));
            }
        }
    }
}

/// The time of day that a step says, and whether its lateness counts from there and not from the next opening.
fn time_of(step: &Step) -> Option<(TimeOfDay, bool)> {
    // an answer does not wait for quiet hours
    if matches!(&step.act, Act::Message(spec) if spec.via.contains(&Via::Reply)) {
        return None;
    }
    match step.due {
        Due::Wait { at, .. } | Due::Day { at, .. } => Some((at?, false)),
        Due::Bound { at, .. } => Some((at?, true)),
        Due::Together => None,
    }
}

/// How late it may go out; `None` where that is not known beforehand, or where it then waits for the next opening.
fn late(seen: &Seen<'_>, step: &Step) -> Option<crate::calendar::Span> {
    match &step.late {
        None => Some(seen.plan.policies.late(step.purpose)),
        Some(late) if late.then == LateThen::NextWindow => None,
        Some(late) => late.up_to.clone().ok(),
    }
}

/// One day on which the step is planned.
struct Day {
    planned: Instant,
    opens: Instant,
    /// Quiet hours leave it out.
    left_out: bool,
}

fn day(seen: &Seen<'_>, zone: &Zone, step: &Step, planned: Instant) -> Option<Day> {
    let policies = &seen.plan.policies;
    let window = step.window.as_ref().and_then(|name| policies.windows.get(name));
    let quiet = policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&step.purpose));
    let waits = quiet.filter(|quiet| quiet.then == CapThen::Wait).map(|quiet| quiet.hours);
    let opens = next_clear(planned, zone, Clear { window, quiet: waits })?;
    let left_out = quiet.is_some_and(|quiet| quiet.then == CapThen::Skip && quiet.hours.forbids(zone.civil(opens)));
    Some(Day { planned, opens, left_out })
}

/// A week without a change of clocks.
struct Week {
    zone: Zone,
    monday: CivilDate,
}

impl Week {
    fn new() -> Option<Self> {
        Some(Self { zone: Zone::parse("UTC")?, monday: CivilDate::parse("2024-01-01")? })
    }

    fn at(&self, time: TimeOfDay) -> impl Iterator<Item = Instant> {
        (0..7).map(move |day| self.zone.on(self.monday.plus(crate::calendar::Span::days(day)), time))
    }
}
