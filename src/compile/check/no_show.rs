//! What runs around no-shows and bookings have to listen to (T04, T05, T06).
use super::{Seen, SequencePair, TriggerPair};
use crate::{
    compile::{found::law, names::Sort, starts::targets},
    diag::Sink,
    expr::Cond,
    plan::{About, Due, Moment},
};
use std::collections::BTreeMap;

const NO_SHOW: &str = "booking.no_show";

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let mut sequences: BTreeMap<&str, &TriggerPair<'_>> = BTreeMap::new();
    for trigger in seen.triggers.iter().filter(|trigger| hears(trigger, NO_SHOW)) {
        let to = targets(trigger.written);
        // a condition that could not be read was reported; what it asks is not known
        let unread = trigger.written.if_.is_some() && trigger.runs.cond.is_none();
        let event = trigger.written.event.iter().find(|event| **event == NO_SHOW);
        let silent = to.is_empty() || unread || asks(trigger.runs.cond.as_ref());
        if let Some(event) = event.filter(|_| !silent) {
            sink.push(law::unmarking_starts(event));
        }
        sequences.extend(to.iter().map(|to| (to.as_str(), trigger)));
    }
    for trigger in seen.triggers.iter().filter(|trigger| hears(trigger, "booking.host_no_show")) {
        // also one that nothing else starts tells by what ends it that it is for guests who stayed away
        let unmarked = |to: &str| {
            seen.pair(to).is_some_and(|pair| pair.runs.stops.iter().any(|stop| stop.event.as_str() == NO_SHOW))
        };
        let of_guests = |to: &str| sequences.contains_key(to) || unmarked(to);
        for to in targets(trigger.written).into_iter().filter(|to| of_guests(to.as_str())) {
            sink.push(law::host_did_not_come(to));
        }
    }
    for pair in seen.sequences.iter().filter(|pair| is_read(seen, pair)) {
        if sequences.contains_key(pair.id.as_str()) && pair.writes() {
            stops(pair, sink);
        }
        cancelled(pair, sink);
    }
}

fn hears(trigger: &TriggerPair<'_>, event: &str) -> bool {
    trigger.written.event.iter().any(|name| *name == event)
}

/// Whether the condition looks at the mark itself.
fn asks(cond: Option<&Cond>) -> bool {
    cond.is_some_and(|cond| cond.paths().iter().any(|path| path.to_string() == "event.no_show"))
}

/// Whether everything that can end a run of it could be read.
fn is_read(seen: &Seen<'_>, pair: &SequencePair<'_>) -> bool {
    let (written, runs) = (pair.written, &pair.runs);
    let known = runs.stops.iter().map(|stop| &stop.event).chain(runs.goal.iter().map(|goal| &goal.event));
    written.goal.is_some() == runs.goal.is_some()
        && written.stop_on.len() == runs.stops.len()
        && known.into_iter().all(|event| seen.names.has(Sort::Event, event.as_str()))
}

/// A run that a no-show started ends when the mark is taken back and when there is a new booking.
fn stops(pair: &SequencePair<'_>, sink: &mut Sink) {
    let runs = &pair.runs;
    let unmarked = runs.stops.iter().any(|stop| stop.event.as_str() == NO_SHOW);
    let goal = runs.goal.as_ref().filter(|goal| goal.stop);
    let ends = |event: &str| {
        goal.is_some_and(|goal| goal.event.as_str() == event)
            || runs.stops.iter().any(|stop| stop.event.as_str() == event)
    };
    if !unmarked || !ends("booking.created") {
        sink.push(law::no_show_goes_on(pair.id, !unmarked, !ends("booking.created")));
    }
}

/// A run about a contact does not end by itself when the booking that it counts from is gone.
fn cancelled(pair: &SequencePair<'_>, sink: &mut Sink) {
    let ends = |event: &str| pair.runs.stops.iter().any(|stop| stop.event.as_str() == event);
    if pair.runs.about == About::Booking || ends("booking.cancelled") {
        return;
    }
    for (_, written, runs) in pair.steps() {
        let Due::Bound { moment: Moment::Booking(_), .. } = &runs.due else { continue };
        let bound = written.timing.before.as_ref().or(written.timing.after.as_ref());
        if let Some(bound) = bound {
            sink.push(law::goes_on_without_booking(&bound.moment));
            return;
        }
    }
}
