//! Campaigns: ids shared with sequences, send times that never fit, messages after the end, costs and intents of nothing.
use super::{Seen, SequencePair, writes};
use crate::{
    calendar::{Clear, Instant, Slots, Zone},
    compile::{found::campaign as found, names::Sort},
    diag::{Place, Sink},
    document::{self, Body, Text},
    plan::{Campaign, Due, Step, Via},
};

/// Slots that are tried until one lies where its message may go: two weeks hold every weekday twice.
const REACH_MS: i64 = 15 * 86_400_000;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for (id, place) in seen.names.declared(Sort::Campaign) {
        if let Some(sequence) = seen.names.place(Sort::Sequence, id) {
            sink.push(found::id_of_a_sequence(id, place, sequence));
        }
    }
    for document in seen.documents {
        let (Body::Campaign(written), Some(id)) =
            (&document.body, document.header.as_ref().and_then(|it| it.id.as_ref()))
        else {
            continue;
        };
        let pair = seen.sequences.iter().find(|pair| std::ptr::eq(pair.written, &raw const written.sequence));
        let Some(pair) = pair else { continue };
        let Some(runs) = pair.runs.campaign.clone() else { continue };
        schedule(seen, id, written, &runs, sink);
        messages(seen, pair, written, &runs, sink);
        costs(pair, written, sink);
        let known = |intent: &Text| seen.plan.intents.iter().any(|known| *known.name == **intent);
        let intents = written.responses.iter().flat_map(|(_, intents)| intents);
        for intent in intents.filter(|intent| !known(intent) && !seen.names.open) {
            sink.push(found::unknown_intent(intent));
        }
    }
}

fn schedule(seen: &Seen<'_>, id: &Text, written: &document::Campaign, runs: &Campaign, sink: &mut Sink) {
    let Some((end, ends)) = written.schedule.end.as_ref().zip(runs.end) else { return };
    match written.schedule.start.as_ref().zip(runs.start) {
        Some((start, starts)) if ends <= starts => sink.push(found::end_before_start(end, start)),
        _ if ends <= seen.settings.now => sink.push(found::past(end, id)),
        _ => {}
    }
}

/// When each message goes at the earliest, by the clock of the clinic.
fn messages(seen: &Seen<'_>, pair: &SequencePair<'_>, written: &document::Campaign, runs: &Campaign, sink: &mut Sink) {
    for goes in earliest(seen, pair, runs) {
        let (step, place) = (&goes.step.name, goes.place);
        let Some(at) = goes.at else {
            let times = written.schedule.send_times.first().map(|time| time.place.clone());
            let days = written.schedule.days.first().map(|day| day.place.clone());
            sink.push(found::no_slot(&times.or(days).unwrap_or_else(|| place.clone()), step.as_str()));
            continue;
        };
        let (Some((end, ends)), Some(starts)) = (written.schedule.end.as_ref().zip(runs.end), runs.start) else {
            continue;
        };
        if ends <= starts {
            continue;
        }
        let next = || fits(seen, goes.step, &runs.slots, at.plus_ms(60_000), &goes.zone);
        if at > ends {
            sink.push(found::after_end(place, step.as_str(), &shown(at, &goes.zone), end, true));
        } else if !runs.slots.is_any() && next().is_none_or(|next| next > ends) {
            sink.push(found::after_end(place, step.as_str(), &shown(at, &goes.zone), end, false));
        }
    }
}

/// A message and the earliest moment at which it can go.
pub(super) struct Goes<'a> {
    pub(super) step: &'a Step,
    pub(super) place: &'a Place,
    /// `None` when it never can.
    pub(super) at: Option<Instant>,
    pub(super) zone: Zone,
}

/// Counted from the start of the campaign; from now for one that starts with its launch.
pub(super) fn earliest<'a>(seen: &Seen<'a>, pair: &'a SequencePair<'a>, runs: &Campaign) -> Vec<Goes<'a>> {
    let clinic = runs.clinics.first().and_then(|id| seen.plan.clinics.iter().find(|clinic| clinic.id == *id));
    let clinic = clinic.or(seen.plan.clinics.first());
    let zone = clinic.and_then(|clinic| clinic.zone.clone()).unwrap_or_else(|| seen.plan.zone.clone());
    let mut since = runs.start.unwrap_or(seen.settings.now);
    let mut all = Vec::new();
    for (_, written, step) in pair.steps() {
        let raw = match &step.due {
            Due::Wait { span, .. } => zone.add(since, *span),
            _ => since,
        };
        let at = if writes(step) { fits(seen, step, &runs.slots, raw, &zone) } else { Some(raw) };
        since = at.unwrap_or(raw);
        all.push(Goes { step, place: &written.place, at, zone: zone.clone() });
    }
    all
}

/// The first slot that window and quiet hours of the step allow.
fn fits(seen: &Seen<'_>, step: &Step, slots: &Slots, from: Instant, zone: &Zone) -> Option<Instant> {
    let window = step.window.as_ref().and_then(|name| seen.plan.policies.windows.get(name));
    let quiet = seen.plan.policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&step.purpose));
    let rules = Clear { window, quiet: quiet.map(|quiet| quiet.hours) };
    let mut at = from;
    while at.since(from) <= REACH_MS {
        at = slots.next(at, zone)?;
        if rules.allows(zone.civil(at)) {
            return Some(at);
        }
        // without times of its own any minute may be the one
        at = if slots.times.is_empty() { crate::calendar::next_clear(at, zone, rules)? } else { at.plus_ms(60_000) };
    }
    None
}

fn costs(pair: &SequencePair<'_>, written: &document::Campaign, sink: &mut Sink) {
    let mut by: Vec<&str> = Vec::new();
    for (_, _, step) in pair.steps() {
        let crate::plan::Act::Message(spec) = &step.act else { continue };
        for via in &spec.via {
            match via {
                Via::Channel(channel) => by.push(channel.as_str()),
                // it may go by any of them
                Via::Preferred | Via::Reply => return,
            }
        }
    }
    for (channel, _) in written.cost.iter().filter(|(channel, _)| channel.as_str() != "fixed") {
        if !by.contains(&channel.as_str()) {
            sink.push(found::cost_without_message(channel));
        }
    }
}

pub(super) fn shown(at: Instant, zone: &Zone) -> String {
    let civil = zone.civil(at);
    format!("{} {}", civil.date(), crate::calendar::TimeOfDay::of(civil))
}
