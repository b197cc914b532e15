//! What a trigger without an event waits for, and what it chooses from: schedules that never come, choices without an
//! option, sequences that fit the same people.
use super::{Seen, SequencePair};
use crate::{
    calendar::CivilDate,
    compile::{found::start, names::Sort},
    diag::{Place, Sink},
    document::trigger::{Among, Enroll},
    plan::{self, TriggerSource},
};
use std::collections::BTreeMap;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    schedules(seen, sink);
    if !seen.starts.open && !seen.broken {
        choices(seen, sink);
        alike(seen, sink);
    }
}

fn schedules(seen: &Seen<'_>, sink: &mut Sink) {
    let from = CivilDate::parse(&format!("{:04}-01-01", seen.settings.year));
    let Some(from) = from.map(|date| crate::calendar::TimeOfDay::MIDNIGHT.on(date)) else { return };
    for trigger in &seen.triggers {
        if let (Some(every), TriggerSource::Every { schedule, .. }) = (&trigger.written.every, &trigger.runs.source)
            && schedule.next(from).is_none()
        {
            sink.push(start::never_comes(every));
        }
    }
}

fn choices(seen: &Seen<'_>, sink: &mut Sink) {
    let by: BTreeMap<&str, &SequencePair<'_>> = seen.sequences.iter().map(|pair| (pair.id.as_str(), pair)).collect();
    for trigger in &seen.triggers {
        let Some(Enroll::BestOf { place, among: Some(among), .. }) = &trigger.written.enroll else { continue };
        match among {
            Among::These(names) => {
                for name in names.iter().filter(|name| by.get(name.as_str()).is_some_and(|pair| !pair.runs.active)) {
                    sink.push(start::switched_off(&name.place, name));
                }
            }
            Among::Funnel(word) if !active(seen).any(|pair| !pair.runs.funnels.is_empty()) => {
                sink.push(start::nobody_to_choose(&word.place, "names a funnel"));
            }
            Among::Category(of) if !active(seen).any(|pair| *pair.runs.category == *of.value.word()) => {
                let from = format!("has `category: {}`", of.value.word());
                sink.push(start::nobody_to_choose(place, &from));
            }
            Among::Funnel(_) | Among::Category(_) => {}
        }
    }
}

fn active<'s>(seen: &'s Seen<'_>) -> impl Iterator<Item = &'s SequencePair<'s>> {
    seen.sequences.iter().filter(|pair| pair.runs.active)
}

/// Two sequences of a funnel that fit the same people as well, so that only their names decide.
fn alike(seen: &Seen<'_>, sink: &mut Sink) {
    let chosen = seen
        .triggers
        .iter()
        .any(|trigger| matches!(&trigger.written.enroll, Some(Enroll::BestOf { among: Some(Among::Funnel(_)), .. })));
    for funnel in seen.names.all(Sort::Funnel).filter(|_| chosen) {
        let inside: Vec<&SequencePair<'_>> =
            active(seen).filter(|pair| pair.runs.funnels.iter().any(|name| **name == *funnel)).collect();
        for (at, pair) in inside.iter().enumerate() {
            let same = |other: &&&SequencePair<'_>| same_fit(&pair.runs, &other.runs);
            if let Some(other) = inside[..at].iter().find(same) {
                let place = pair.written.fits.as_ref().map_or(&pair.id.place, |fits| &fits.place);
                sink.push(start::fits_alike(place, pair.id, other.id, fits_of(other)));
            }
        }
    }
}

fn fits_of<'a>(pair: &SequencePair<'a>) -> &'a Place {
    pair.written.fits.as_ref().map_or(&pair.id.place, |fits| &fits.place)
}

/// Certain only where both say the same kind of parts, and these have somebody in common.
fn same_fit(one: &plan::Sequence, other: &plan::Sequence) -> bool {
    let (a, b) = (&one.fits, &other.fits);
    let meet = |a: &[std::sync::Arc<str>], b: &[std::sync::Arc<str>]| {
        a.is_empty() || b.is_empty() || a.iter().any(|word| b.contains(word))
    };
    let end = |range: Option<plan::ScoreRange>| {
        range.map_or((i64::MIN, i64::MAX), |range| (range.min.unwrap_or(i64::MIN), range.max.unwrap_or(i64::MAX)))
    };
    let ((low, high), (from, to)) = (end(a.score), end(b.score));
    let clinics =
        one.clinics.is_empty() || other.clinics.is_empty() || one.clinics.iter().any(|id| other.clinics.contains(id));
    one.priority == other.priority
        && a.stated() == b.stated()
        && a.width() == b.width()
        && a.cond == b.cond
        && clinics
        && low.max(from) <= high.min(to)
        && meet(&a.sources, &b.sources)
        && meet(&a.statuses, &b.statuses)
        && meet(&a.temperatures, &b.temperatures)
}
