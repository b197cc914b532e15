//! SMS that a provider may keep for longer than they may arrive (R21). Where the hours are long enough the engine sees to it
//! that nothing is handed over too late; where they never are, the message could never go.
use super::{Seen, reach::candidates, volume::declared, writes};
use crate::{
    calendar::{CivilDate, Clear, Zone, next_clear, next_clear_for},
    compile::found::volume as found,
    diag::Sink,
    id::ChannelName,
    plan::Act,
};
use std::collections::BTreeSet;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let (Some(zone), Some(day)) = (Zone::parse("UTC"), CivilDate::parse("2024-01-01")) else { return };
    let (from, policies) = (zone.start_of(day), &seen.plan.policies);
    let mut told: BTreeSet<&ChannelName> = BTreeSet::new();
    for pair in &seen.sequences {
        for (_, written, runs) in pair.steps().filter(|(_, _, runs)| writes(runs)) {
            let Act::Message(spec) = &runs.act else { continue };
            let window = runs.window.as_ref().and_then(|name| policies.windows.get(name));
            let quiet = policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&runs.purpose));
            let rules = Clear { window, quiet: quiet.map(|quiet| quiet.hours) };
            // hours that leave no moment at all are told as such
            if (runs.window.is_some() && window.is_none()) || next_clear(from, &zone, rules).is_none() {
                continue;
            }
            for name in candidates(spec, policies) {
                let Some(channel) = seen.plan.channels.get(name) else { continue };
                let Some(validity) = channel.validity else { continue };
                if next_clear_for(from, &zone, rules, validity).is_some() || !told.insert(name) {
                    continue;
                }
                let said = declared(seen, name, |channel| channel.validity.as_ref().map(|validity| &validity.place));
                let provider =
                    declared(seen, name, |channel| channel.provider.as_ref().map(|provider| &provider.place));
                let id = written.id.as_ref().map_or("", |id| id.as_str());
                if let Some(place) = said.or(provider) {
                    sink.push(found::outlives(place, name.as_str(), &validity.to_string(), (id, &written.place)));
                }
            }
        }
    }
}
