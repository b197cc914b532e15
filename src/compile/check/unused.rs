//! What is declared and used by nothing.
use super::Seen;
use crate::{
    compile::{found, names::Sort},
    diag::{
        Sink,
        catalogue::{names as rows, segments, start},
    },
    document::Text,
};

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    if seen.broken || seen.names.open {
        // what uses it may stand in the part that could not be read
        return;
    }
    let rows = [
        (Sort::Window, &rows::UNUSED_WINDOW),
        (Sort::Group, &rows::UNUSED_GROUP),
        (Sort::Funnel, &start::UNUSED_FUNNEL),
        (Sort::Template, &rows::UNUSED_TEMPLATE),
        (Sort::Segment, &segments::UNUSED_SEGMENT),
        (Sort::Lookup, &crate::diag::catalogue::outward::UNUSED_LOOKUP),
    ];
    for (sort, row) in rows.into_iter().filter(|(sort, _)| !seen.missed.contains(sort)) {
        for (name, place) in seen.names.declared(sort) {
            if !seen.used.contains(&(sort, name.to_owned())) {
                sink.push(found::unused(row, sort, name, place));
            }
        }
    }
    if seen.starts.open || seen.missed.contains(&Sort::Sequence) {
        return;
    }
    for pair in seen.sequences.iter().filter(|pair| pair.runs.active) {
        let id: &Text = pair.id;
        let start = seen.starts.get(id);
        if !start.by_trigger && !start.from.iter().any(|from| *from != **id) {
            sink.push(found::unreachable(id, &id.place));
        } else if start.by_trigger && !start.by_active && start.from.is_empty() {
            sink.push(found::start::only_switched_off(id, &id.place));
        }
    }
}
