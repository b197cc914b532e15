//! Segments that lead back to themselves: who is in them could never be told.
use super::Seen;
use crate::{
    compile::{found::segment, names::Sort},
    diag::Sink,
    expr::Ask,
    id::SegmentName,
    plan::Plan,
};
use std::collections::BTreeSet;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let plan = seen.plan;
    let mut told: BTreeSet<&SegmentName> = BTreeSet::new();
    for name in plan.segments.keys() {
        let Some(way) = circle(plan, name).filter(|_| !told.contains(name)) else { continue };
        // the circle is told once, at the first of its segments
        told.extend(way.iter().copied());
        if let Some(place) = seen.names.place(Sort::Segment, name.as_str()) {
            let names: Vec<&str> = way.iter().map(|name| name.as_str()).collect();
            sink.push(segment::circle(place, &names));
        }
    }
}

/// The way from a segment back to itself. A walk in depth with an explicit stack.
fn circle<'a>(plan: &'a Plan, start: &'a SegmentName) -> Option<Vec<&'a SegmentName>> {
    let mut done: BTreeSet<&SegmentName> = BTreeSet::new();
    let mut way: Vec<(&SegmentName, Vec<&SegmentName>)> = vec![(start, asked(plan, start))];
    while let Some((_, next)) = way.last_mut() {
        let Some(to) = next.pop() else {
            way.pop();
            continue;
        };
        if to == start {
            return Some(way.iter().map(|(name, _)| *name).collect());
        }
        if done.insert(to) {
            way.push((to, asked(plan, to)));
        }
    }
    None
}

/// Segments that a segment's condition asks for.
fn asked<'a>(plan: &'a Plan, name: &SegmentName) -> Vec<&'a SegmentName> {
    let asks = plan.segments.get(name).into_iter().flat_map(|segment| segment.cond.asks());
    let named = asks.filter_map(|ask| match ask {
        Ask::InSegment { segment } => plan.segments.get_key_value::<str>(segment).map(|(name, _)| name),
        _ => None,
    });
    named.collect()
}
