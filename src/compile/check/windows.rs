//! Steps whose window and quiet hours leave no moment (S03), or never their time of day.
use super::{Seen, writes};
use crate::{
    calendar::{CivilDate, Clear, Quiet, TimeOfDay, Window, next_clear},
    compile::found::time,
    diag::Sink,
    id::WindowName,
    plan::Step,
    record::Purpose,
};
use std::collections::BTreeMap;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let mut open: BTreeMap<(Option<WindowName>, Purpose), bool> = BTreeMap::new();
    for pair in &seen.sequences {
        for (_, written, runs) in pair.steps().filter(|(_, _, runs)| writes(runs)) {
            let key = (runs.window.clone(), runs.purpose);
            let opens = *open.entry(key).or_insert_with(|| opens(seen, runs));
            let window = written.window.as_ref().or(pair.written.window.as_ref());
            let quiet = seen.project.policies.quiet_hours.as_ref();
            if !opens {
                let place = window.map(|window| &window.place).or(quiet.map(|quiet| &quiet.place));
                sink.push(time::never_open(place.unwrap_or(&written.place), window, runs.purpose.name()));
                continue;
            }
            let (Some(at), Some(window)) = (&written.timing.at, window) else { continue };
            let lowered = runs.window.as_ref().and_then(|name| seen.plan.policies.windows.get(name));
            let (Some(wanted), Some(lowered)) = (TimeOfDay::parse(at), lowered) else { continue };
            if !ever(lowered, wanted) {
                sink.push(time::outside_window(at, window, &lowered.from.to_string(), &lowered.to.to_string()));
            }
        }
    }
}

fn quiet(seen: &Seen<'_>, purpose: Purpose) -> Option<Quiet> {
    let quiet = seen.plan.policies.quiet_hours.as_ref()?;
    quiet.purposes.contains(&purpose).then_some(quiet.hours)
}

fn opens(seen: &Seen<'_>, step: &Step) -> bool {
    let window = step.window.as_ref().and_then(|name| seen.plan.policies.windows.get(name));
    let rules = Clear { window, quiet: quiet(seen, step.purpose) };
    let Some(day) = CivilDate::parse(&format!("{:04}-01-01", seen.settings.year)) else { return true };
    next_clear(seen.plan.zone.start_of(day), &seen.plan.zone, rules).is_some()
}

/// Whether the window holds that time on any day.
fn ever(window: &Window, at: TimeOfDay) -> bool {
    // 2024 began on a Monday
    let days = (1..=7_u8).filter_map(|day| CivilDate::parse(&format!("2024-01-{day:02}")));
    days.into_iter().any(|day| window.allows(at.on(day)))
}
