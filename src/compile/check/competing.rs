//! The same event, border, date or schedule into two marketing sequences with nothing that says which one goes first (S02).
use super::{Seen, SequencePair};
use crate::{
    compile::{found::law, starts::targets},
    diag::{Place, Sink},
    document::Trigger,
    plan::{About, Border, Reentry, TriggerSource},
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
    // only triggers that certainly fire together are compared: the same source, wait, clinics and condition
    let mut first: BTreeMap<(String, String, String), (&str, &Place)> = BTreeMap::new();
    for trigger in seen.triggers.iter().filter(|trigger| trigger.runs.active) {
        let without = &trigger.written.without;
        let waits = without.as_ref().map_or_else(String::new, |without| {
            let word = |text: &Option<crate::document::Text>| text.as_ref().map_or(String::new(), ToString::to_string);
            format!("{} {} {}", word(&without.event), word(&without.within), word(&without.if_))
        });
        let cond = trigger.written.if_.as_ref().map_or_else(String::new, ToString::to_string);
        let cond = format!("{:?} {cond}", trigger.runs.clinics);
        let Some(target) = targets(trigger.written).first().copied().filter(|_| targets(trigger.written).len() == 1)
        else {
            continue;
        };
        let Some(here) = marketing.get(target.as_str()) else { continue };
        for (source, what) in sources(trigger.written, &trigger.runs.source) {
            let key = (source, waits.clone(), cond.clone());
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
                sink.push(law::competing(target, other, &what, place));
            }
        }
    }
}

/// Everything that sets a trigger off, to be compared and to be said.
fn sources(written: &Trigger, runs: &TriggerSource) -> Vec<(String, String)> {
    let moment = || {
        let (word, bound) = written.before.as_ref().map(|bound| ("before", bound)).or_else(|| {
            let after = written.after.as_ref()?;
            Some(("after", after))
        })?;
        Some(format!("the moment {} {word} `{}`", bound.by, bound.moment))
    };
    let what = match runs {
        TriggerSource::Events { .. } => {
            return written.event.iter().map(|event| (event.to_string(), format!("`{event}`"))).collect();
        }
        TriggerSource::Segment { segment, on: Border::Entry } => Some(format!("entering the segment `{segment}`")),
        TriggerSource::Segment { segment, on: Border::Exit } => Some(format!("leaving the segment `{segment}`")),
        TriggerSource::Moment { .. } => moment(),
        TriggerSource::Every { .. } => written.every.as_ref().map(|every| format!("the schedule `{every}`")),
        TriggerSource::Campaign { .. } => None,
    };
    what.map(|what| (format!("{runs:?}"), what)).into_iter().collect()
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
