//! Promotion in messages that are none, and confirmations of opt-outs (C07, C15).
use super::{Seen, SequencePair, writes};
use crate::{
    compile::{found::rules, starts::targets},
    diag::Sink,
    document::Text,
    plan::Due,
    record::Purpose,
};
use std::collections::BTreeSet;

/// Words that make a message an advertisement, in lower case.
const MARKERS: &[&str] = &[
    "% off",
    "percent off",
    "discount",
    "voucher",
    "coupon",
    "promo code",
    "special offer",
    "limited offer",
    "buy now",
    "rabatt",
    "gutschein",
    "sonderangebot",
    "sonderaktion",
    "save up to",
    "jetzt sparen",
    "save $",
    "save €",
    "save £",
    "spare €",
];
/// A confirmation goes out within this time.
const SOON: u64 = 300_000;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for message in seen.messages.iter().filter(|message| message.to_contact && message.purpose != Purpose::Marketing) {
        for text in message.channels.iter().flat_map(|channel| seen.texts.sent(message, channel)) {
            if text.reads_root("offer") {
                sink.push(rules::promotion(&text.end, "an offer", message.purpose.name(), &message.place));
                continue;
            }
            for (_, part) in &text.parts {
                let found = MARKERS.iter().find_map(|marker| Some((marker, find(part, marker)?)));
                if let Some((marker, at)) = found {
                    let place = part.inside(at..at + marker.len());
                    sink.push(rules::promotion(
                        &place,
                        &format!("\"{marker}\""),
                        message.purpose.name(),
                        &message.place,
                    ));
                }
            }
        }
    }
    let confirming: BTreeSet<&str> = seen
        .triggers
        .iter()
        .filter(|trigger| {
            trigger.runs.active && trigger.written.event.iter().any(|event| *event == "contact.opted_out")
        })
        .flat_map(|trigger| targets(trigger.written))
        .map(Text::as_str)
        .collect();
    for pair in seen.sequences.iter().filter(|pair| confirming.contains(pair.id.as_str())) {
        confirmation(pair, sink);
    }
}

/// Without regard to case, and not inside another word.
fn find(text: &str, marker: &str) -> Option<usize> {
    // lower case must not move anything: other letters cannot be part of a marker
    let lower = text.to_ascii_lowercase();
    let word = marker.starts_with(|c: char| c.is_ascii_alphabetic());
    lower
        .match_indices(marker)
        .map(|(at, _)| at)
        .find(|at| !word || !lower[..*at].chars().next_back().is_some_and(char::is_alphanumeric))
}

/// Who opted out gets one message about it, at once, which sells nothing.
fn confirmation(pair: &SequencePair<'_>, sink: &mut Sink) {
    let mut messages = 0;
    let mut late = false;
    for (_, written, runs) in pair.steps() {
        late |= match &runs.due {
            Due::Together => false,
            Due::Wait { span, at } => span.days > 0 || span.months > 0 || span.ms > SOON || at.is_some(),
            Due::Day { .. } | Due::Bound { .. } => true,
        };
        if !writes(runs) {
            continue;
        }
        messages += 1;
        let why = if runs.purpose == Purpose::Marketing {
            "is marketing"
        } else if messages > 1 {
            "is a second message"
        } else if late {
            "goes out more than five minutes later"
        } else {
            continue;
        };
        let place = written.id.as_ref().map_or(&pair.id.place, |id| &id.place);
        sink.push(rules::after_opt_out(place, why));
    }
}
