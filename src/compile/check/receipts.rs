//! Events that a channel never tells (R17), and volumes beyond what a channel carries in a day (R19).
use super::{Seen, SequencePair, TriggerPair, reach::candidates};
use crate::{
    compile::{found::receipts as found, interval::demanded},
    diag::Sink,
    document::Text,
    expr::{Ask, Cond, Word},
    id::ChannelName,
    plan::{Act, Medium, To, Via},
};
use std::collections::BTreeSet;

/// What the channel's providers report: Instagram no delivery, SMS no reading, mail and letters neither.
fn reports(event: &str, medium: Medium) -> bool {
    match event {
        "message.delivered" => matches!(medium, Medium::Whatsapp | Medium::Sms | Medium::Chat),
        "message.read" => matches!(medium, Medium::Whatsapp | Medium::Instagram | Medium::Chat),
        _ => true,
    }
}

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let declared: BTreeSet<ChannelName> = seen.plan.channels.keys().cloned().collect();
    for trigger in &seen.triggers {
        of_trigger(trigger, &declared, sink);
    }
    for pair in &seen.sequences {
        of_sequence(seen, pair, &declared, sink);
    }
}

fn of_trigger(trigger: &TriggerPair<'_>, declared: &BTreeSet<ChannelName>, sink: &mut Sink) {
    let (written, runs) = (trigger.written, &trigger.runs);
    for event in &written.event {
        awaits(event, runs.cond.as_ref(), declared, sink);
    }
    if let (Some(written), Some(runs)) = (&written.without, runs.without())
        && let Some(event) = &written.event
    {
        awaits(event, runs.cond.as_ref(), declared, sink);
    }
    if let Some(text) = &written.if_ {
        asks(text, runs.cond.as_ref(), declared, sink);
    }
}

fn of_sequence(seen: &Seen<'_>, pair: &SequencePair<'_>, declared: &BTreeSet<ChannelName>, sink: &mut Sink) {
    let own = channels(seen, pair);
    let (written, runs) = (pair.written, &pair.runs);
    if let (Some(goal), Some(runs)) = (&written.goal, &runs.goal)
        && let Some(event) = &goal.event
    {
        awaits(event, runs.cond.as_ref(), &own, sink);
    }
    for stop in &written.stop_on {
        let Some(event) = &stop.event else { continue };
        let lowered = runs.stops.iter().find(|runs| runs.event.as_str() == event.as_str());
        awaits(event, lowered.and_then(|stop| stop.cond.as_ref()), &own, sink);
    }
    for (_, written, runs) in pair.steps() {
        if let Some(text) = &written.if_ {
            asks(text, runs.cond.as_ref(), declared, sink);
        }
    }
}

/// Channels on which the sequence writes to people.
fn channels(seen: &Seen<'_>, pair: &SequencePair<'_>) -> BTreeSet<ChannelName> {
    let mut names = BTreeSet::new();
    for (_, _, step) in pair.steps() {
        let Act::Message(spec) = &step.act else { continue };
        if spec.to == To::Contact {
            names.extend(candidates(spec, &seen.plan.policies).into_iter().cloned());
            if spec.via.contains(&Via::Reply) {
                names.extend(seen.plan.channels.keys().cloned());
            }
        }
    }
    names
}

/// An event beside an `event:` key, of messages on these channels or on the one that the condition names.
fn awaits(event: &Text, cond: Option<&Cond>, channels: &BTreeSet<ChannelName>, sink: &mut Sink) {
    let named = cond.and_then(|cond| demanded(cond, "event.channel"));
    let media: BTreeSet<String> =
        named.map_or_else(|| channels.iter().map(ToString::to_string).collect(), |names| names.into_iter().collect());
    if !media.is_empty() && !media.iter().any(|name| reports(event, Medium::of(name))) {
        sink.push(found::never_reported(&event.place, event, &media));
    }
}

/// `count('message.read', channel='sms')` in a condition.
fn asks(text: &Text, cond: Option<&Cond>, declared: &BTreeSet<ChannelName>, sink: &mut Sink) {
    for ask in cond.map(Cond::asks).into_iter().flatten() {
        let (Ask::Count { event, fields, .. } | Ask::Last { event, fields }) = ask else { continue };
        let named = fields.iter().find_map(|(field, word)| match word {
            Word::Text(name) if &**field == "channel" => Some(BTreeSet::from([name.to_string()])),
            _ => None,
        });
        let media = named.unwrap_or_else(|| declared.iter().map(ToString::to_string).collect());
        if !media.is_empty() && !media.iter().any(|name| reports(event.as_str(), Medium::of(name))) {
            sink.push(found::never_reported(&text.place, event.as_str(), &media));
        }
    }
}
