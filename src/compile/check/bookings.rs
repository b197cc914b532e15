//! Sequences about bookings that are entered where there is none.
use super::{Seen, SequencePair, TriggerPair};
use crate::{
    compile::{found, scope::Presence, starts::targets},
    diag::Sink,
    document::{Text, action::Local, step::Action},
    plan::{About, Moment, TriggerSource},
};
use std::collections::BTreeMap;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let about: BTreeMap<&str, About> = seen.sequences.iter().map(|pair| (pair.id.as_str(), pair.runs.about)).collect();
    let needs_one = |to: &Text| about.get(to.as_str()) == Some(&About::Booking);
    let has_none = |event: &str| {
        let seen = seen.base.events([event], false);
        seen.booking == Presence::No && !seen.open
    };
    for trigger in &seen.triggers {
        if let Some(source) = knows_no_booking(trigger) {
            for to in targets(trigger.written).into_iter().filter(|to| needs_one(to)) {
                sink.push(found::never_about_a_booking(to, source));
            }
        }
        let Some(event) = trigger.written.event.iter().find(|event| has_none(event)) else { continue };
        for to in targets(trigger.written).into_iter().filter(|to| needs_one(to)) {
            sink.push(found::never_about_a_booking(to, event));
        }
    }
    if seen.starts.open {
        return;
    }
    for pair in seen.sequences.iter().filter(|pair| pair.runs.about == About::Contact) {
        let events = seen.starts.get(pair.id).events;
        let Some(event) =
            events.iter().find(|event| has_none(event)).filter(|_| events.iter().all(|event| has_none(event)))
        else {
            continue;
        };
        for to in leads_on(pair).into_iter().filter(|to| needs_one(to)) {
            sink.push(found::never_about_a_booking(to, event));
        }
    }
}

/// What sets the trigger off, when nothing of it can be about a booking.
fn knows_no_booking(trigger: &TriggerPair<'_>) -> Option<&'static str> {
    match &trigger.runs.source {
        TriggerSource::Segment { .. } => Some("segment"),
        TriggerSource::Every { .. } => Some("every"),
        TriggerSource::Moment { field: Moment::Contact(_), before: true, .. } => Some("before"),
        TriggerSource::Moment { field: Moment::Contact(_), .. } => Some("after"),
        _ => None,
    }
}

/// Where steps and exits of a sequence enrol, except at conversion, which may bring a booking of its own.
fn leads_on<'a>(pair: &SequencePair<'a>) -> Vec<&'a Text> {
    let exits = &pair.written.exits;
    let exits = [&exits.completed, &exits.stopped, &exits.displaced].into_iter().flatten();
    let exits = exits.filter_map(|local| match &local.value {
        Local::Enroll(to) => Some(to),
        _ => None,
    });
    let steps = pair.written.steps.all().into_iter().filter_map(|step| match &step.action.as_ref()?.value {
        Action::Enroll(to) => Some(to),
        _ => None,
    });
    exits.chain(steps).collect()
}
