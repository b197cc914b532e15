//! The same event into two marketing sequences with nothing that says which one goes first (S02).
use super::{Seen, SequencePair};
use crate::{
    compile::{found::law, starts::targets},
    diag::{Place, Sink},
    plan::{About, Reentry},
    record::Purpose,
};
use std::collections::BTreeMap;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    again_and_again(seen, sink);
    let marketing: BTreeMap<&str, &SequencePair<'_>> = seen
        .sequences
        .iter()
        .filter(|pair| pair.runs.purpose == Purpose::Marketing && pair.runs.active && pair.writes())
        .map(|pair| (pair.id.as_str(), pair))
        .collect();
    // only triggers that certainly fire together are compared: same event, same wait, same condition
    let mut first: BTreeMap<(String, String, String), (&str, &Place)> = BTreeMap::new();
    for trigger in seen.triggers.iter().filter(|trigger| trigger.runs.active) {
        let without = &trigger.written.without;
        let waits = without.as_ref().map_or_else(String::new, |without| {
            let word = |text: &Option<crate::document::Text>| text.as_ref().map_or(String::new(), ToString::to_string);
            format!("{} {} {}", word(&without.event), word(&without.within), word(&without.if_))
        });
        let cond = trigger.written.if_.as_ref().map_or_else(String::new, ToString::to_string);
        let Some(target) = targets(trigger.written).first().copied().filter(|_| targets(trigger.written).len() == 1)
        else {
            continue;
        };
        let Some(here) = marketing.get(target.as_str()) else { continue };
        for event in &trigger.written.event {
            let key = (event.to_string(), waits.clone(), cond.clone());
            let Some((other, place)) = first.get(&key).copied() else {
                first.insert(key, (target.as_str(), &target.place));
                continue;
            };
            let Some(there) = marketing.get(other).filter(|there| there.id.as_str() != here.id.as_str()) else {
                continue;
            };
            let ranked = here.runs.priority != there.runs.priority;
            let grouped = here.runs.group.is_some() && here.runs.group == there.runs.group;
            if !ranked && !grouped {
                sink.push(law::competing(target, other, event, place));
            }
        }
    }
}

/// Marketing that may start anew at any time.
fn again_and_again(seen: &Seen<'_>, sink: &mut Sink) {
    for pair in seen.sequences.iter().filter(|pair| pair.writes()) {
        let runs = &pair.runs;
        let endless =
            runs.about == About::Contact && runs.purpose == Purpose::Marketing && runs.reentry == Reentry::Always;
        if let (true, Some(reentry)) = (endless, &pair.written.reentry) {
            sink.push(law::always_again(reentry));
        }
    }
}
