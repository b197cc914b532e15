//! Findings about segments.
use crate::{
    diag::{Finding, Place, catalogue::segments as rows},
    document::Text,
    expr::{Fault, FaultKind},
};

/// A fault of a segment's condition: what only runs and events know has another word here.
pub(in crate::compile) fn fault(text: &Text, fault: &Fault) -> Finding {
    let finding = super::fault(text, fault);
    match &fault.kind {
        FaultKind::UnknownRoot { name, .. } if name == "booking" => {
            finding.help("a segment is about a person: ask for bookings with `has_booking(…)`")
        }
        FaultKind::UnknownRoot { name, .. } if name == "event" => finding
            .help("a segment is about a person: ask for what happened with `count('…', within='7d')` or `last('…')`"),
        FaultKind::UnknownRoot { name, .. } if name == "run" => {
            finding.help("a segment is about a person: ask for runs with `in_sequence('…')`")
        }
        _ => finding,
    }
}

pub(in crate::compile) fn circle(place: &Place, names: &[&str]) -> Finding {
    let first = names.first().copied().unwrap_or_default();
    let message = match names {
        [_] => format!("the segment `{first}` asks for itself"),
        _ => {
            let way: Vec<String> = names.iter().chain([&first]).map(|name| format!("`{name}`")).collect();
            format!("segments ask for each other in a circle: {}", way.join(" → "))
        }
    };
    Finding::new(&rows::SEGMENT_CIRCLE, place, message)
        .help("take `in_segment` out of one of them, and write there what is meant")
}
