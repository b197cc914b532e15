//! What providers really tell: paths in payloads (T02), appointments that only look over (T07), cancellations by the host
//! (T08), replies that count (T11), people without a number (T13).
use super::{Seen, SequencePair, TriggerPair, reach::candidates};
use crate::{
    compile::{found::data as found, interval::demanded, starts::targets},
    diag::{Sink, nearest},
    document::{Text, bindings::SourceProvider},
    expr::Cond,
    id::ChannelName,
    plan::{Act, Due, Enrol, Medium, Moment, To, Via},
};
use std::collections::BTreeSet;

/// Bookings as Cal.com nests them in these events.
const NESTED: &[&str] = &[
    "booking.requested",
    "booking.created",
    "booking.rescheduled",
    "booking.cancelled",
    "booking.rejected",
    "booking.payment_initiated",
    "booking.paid",
];
/// Parts of Cal.com's payload that every booking has.
const PARTS: &[&str] = &[
    "additionalNotes",
    "appsStatus",
    "assignmentReason",
    "attendees",
    "attendeesList",
    "bookingId",
    "conferenceData",
    "currency",
    "customInputs",
    "destinationCalendar",
    "endTime",
    "eventDescription",
    "eventTitle",
    "eventTypeId",
    "hideCalendarEventDetails",
    "hideCalendarNotes",
    "hideOrganizerEmail",
    "iCalSequence",
    "iCalUID",
    "id",
    "length",
    "location",
    "metadata",
    "oneTimePassword",
    "organizer",
    "price",
    "recurrence",
    "recurringEvent",
    "requiresConfirmation",
    "responses",
    "seatsPerTimeSlot",
    "seatsShowAttendees",
    "seatsShowAvailabilityCount",
    "smsReminderNumber",
    "startTime",
    "status",
    "subscriberEmail",
    "team",
    "title",
    "type",
    "uid",
    "userFieldsResponses",
    "videoCallData",
    "rescheduledBy",
];
/// Parts that only some events have.
const SOME: &[(&str, &[&str])] = &[
    ("cancellationReason", &["booking.cancelled"]),
    ("cancelledBy", &["booking.cancelled"]),
    ("requestReschedule", &["booking.cancelled"]),
    ("rejectionReason", &["booking.rejected"]),
    ("rescheduleId", &["booking.rescheduled"]),
    ("rescheduleUid", &["booking.rescheduled"]),
    ("rescheduleStartTime", &["booking.rescheduled"]),
    ("rescheduleEndTime", &["booking.rescheduled"]),
    ("paymentId", &["booking.payment_initiated", "booking.paid"]),
    ("paymentData", &["booking.payment_initiated", "booking.paid"]),
    ("bookingUid", &["booking.no_show", "booking.host_no_show"]),
    ("message", &["booking.no_show", "booking.host_no_show"]),
    ("participants", &["booking.no_show", "booking.host_no_show"]),
    ("noShowHost", &["booking.host_no_show"]),
    ("hostEmail", &["booking.host_no_show"]),
    ("formId", &["form.submitted", "form.abandoned"]),
    ("formName", &["form.submitted", "form.abandoned"]),
    ("teamId", &["form.submitted", "form.abandoned"]),
];

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    paths(seen, sink);
    for trigger in &seen.triggers {
        by_host(seen, trigger, sink);
    }
    for pair in &seen.sequences {
        after_the_end(seen, pair, sink);
        replies(seen, pair, sink);
    }
    identities(seen, sink);
}

// ---- paths in payloads (T02) ----

fn paths(seen: &Seen<'_>, sink: &mut Sink) {
    for source in &seen.project.sources {
        if source.provider.as_ref().is_none_or(|provider| provider.value != SourceProvider::Calcom) {
            continue;
        }
        for (_, path) in &source.map {
            let root = path.split('.').next().unwrap_or("");
            if root == "payload" {
                sink.push(found::inside_payload(path));
            } else if let Some((_, events)) = SOME.iter().find(|(part, _)| *part == root) {
                if !events.iter().any(|event| heard(seen, event)) {
                    sink.push(found::only_in(path, root, events));
                }
            } else if !PARTS.contains(&root) {
                let known = PARTS.iter().chain(SOME.iter().map(|(part, _)| part)).copied();
                sink.push(found::no_part(path, root, nearest(root, known)));
            }
        }
    }
}

/// Whether something in the project reacts to the event.
fn heard(seen: &Seen<'_>, event: &str) -> bool {
    let triggers = seen.triggers.iter().any(|trigger| {
        let awaited = trigger.runs.without().map(|without| &without.event);
        trigger.runs.events().iter().chain(awaited).any(|name| name.as_str() == event)
    });
    triggers
        || seen.broken
        || seen.sequences.iter().any(|pair| {
            let goal = pair.runs.goal.iter().map(|goal| &goal.event);
            let about = pair.runs.about == crate::plan::About::Booking && NESTED.contains(&event);
            about || goal.chain(pair.runs.stops.iter().map(|stop| &stop.event)).any(|name| name.as_str() == event)
        })
}

// ---- appointments that only look over (T07) ----

fn mentions(cond: Option<&Cond>, paths: &[&str]) -> bool {
    cond.is_some_and(|cond| cond.paths().iter().any(|path| paths.contains(&path.to_string().as_str())))
}

const CAME: &[&str] = &["booking.status", "event.booking.status", "event.no_show"];

fn after_the_end(seen: &Seen<'_>, pair: &SequencePair<'_>, sink: &mut Sink) {
    if pair.runs.stops.iter().any(|stop| stop.event.as_str() == "booking.no_show") {
        return;
    }
    let started: Vec<&TriggerPair<'_>> = seen
        .triggers
        .iter()
        .filter(|trigger| trigger.runs.events().iter().any(|event| event.as_str() == "booking.ended"))
        .filter(|trigger| targets(trigger.written).iter().any(|to| **to == pair.id.as_str()))
        .collect();
    let guarded = !started.is_empty() && started.iter().all(|trigger| mentions(trigger.runs.cond.as_ref(), CAME));
    if guarded {
        return;
    }
    for (_, written, runs) in pair.steps() {
        let Act::Message(spec) = &runs.act else { continue };
        let bound = matches!(&runs.due, Due::Bound { moment: Moment::Booking(field), before: false, .. } if field.as_str() == "end");
        if spec.to == To::Contact && (bound || !started.is_empty()) && !mentions(runs.cond.as_ref(), CAME) {
            let place = written.timing.key.as_ref().unwrap_or(&written.place);
            sink.push(found::may_not_have_come(place, written.id.as_ref()));
            return;
        }
    }
}

// ---- cancellations by the host (T08) ----

fn by_host(seen: &Seen<'_>, trigger: &TriggerPair<'_>, sink: &mut Sink) {
    const ASKS: &[&str] = &["event.by", "event.reschedule_requested"];
    let Some(event) = trigger.written.event.iter().find(|event| **event == "booking.cancelled") else { return };
    let to = targets(trigger.written);
    let writes = seen.sequences.iter().any(|pair| pair.writes() && to.iter().any(|to| **to == pair.id.as_str()));
    let cases = match &trigger.runs.enrol {
        Some(Enrol::FirstOf { options, .. }) => options.iter().any(|(cond, _)| mentions(Some(cond), ASKS)),
        _ => false,
    };
    let unread = trigger.written.if_.is_some() && trigger.runs.cond.is_none();
    if writes && !cases && !unread && !mentions(trigger.runs.cond.as_ref(), ASKS) {
        sink.push(found::host_may_have_cancelled(event));
    }
}

// ---- replies that count (T11) ----

fn replies(seen: &Seen<'_>, pair: &SequencePair<'_>, sink: &mut Sink) {
    let mut writes: BTreeSet<&ChannelName> = BTreeSet::new();
    for (_, _, step) in pair.steps() {
        let Act::Message(spec) = &step.act else { continue };
        if spec.to == To::Contact {
            writes.extend(candidates(spec, &seen.plan.policies));
            if spec.via.contains(&Via::Reply) {
                writes.extend(seen.plan.channels.keys());
            }
        }
    }
    let replies: Vec<_> = pair.runs.stops.iter().filter(|stop| stop.event.as_str() == "message.received").collect();
    let narrow = |stop: &&&crate::plan::Stop| stop.cond.as_ref().and_then(|cond| demanded(cond, "event.channel"));
    let heard: BTreeSet<String> = replies.iter().filter_map(|stop| narrow(&stop)).flatten().collect();
    let all_narrow = !replies.is_empty() && replies.iter().all(|stop| narrow(&stop).is_some());
    for (written, runs) in pair.written.stop_on.iter().zip(&pair.runs.stops) {
        let Some(event) = &written.event else { continue };
        if pair.written.stop_on.len() != pair.runs.stops.len() {
            return;
        }
        if *event == "message.sent" && !mentions(runs.cond.as_ref(), &["event.by"]) {
            sink.push(found::own_messages_stop(event));
        } else if *event == "message.received" && all_narrow {
            let deaf =
                |name: &&&ChannelName| !heard.contains(name.as_str()) && Medium::of(name.as_str()) != Medium::Letter;
            let deaf: Vec<&str> = writes.iter().filter(deaf).map(|name| name.as_str()).collect();
            if !deaf.is_empty() {
                let place: &Text = written.if_.as_ref().unwrap_or(event);
                sink.push(found::replies_elsewhere(place, &deaf));
                return;
            }
        }
    }
}

// ---- people without a number (T13) ----

fn identities(seen: &Seen<'_>, sink: &mut Sink) {
    let whatsapp = seen.project.channels.iter().find(|channel| Medium::of(&channel.id) == Medium::Whatsapp);
    let known = |kind: &str| seen.project.merge_by.iter().any(|word| *word == kind);
    if let (Some(channel), Some(first)) = (whatsapp, seen.project.merge_by.first())
        && !known("whatsapp")
        && !known("chatwoot")
    {
        sink.push(found::needs_a_number(first, &channel.id));
    }
}
