//! Moments of suites: what they mean by the suite's clock, and whether they can be met.
use super::{Scene, Work};
use crate::{
    calendar::{CivilDate, CivilTime, Instant, Span, TimeOfDay},
    compile::{found, found::suite as told},
    diag::Place,
    document::{
        Text,
        suite::{self as doc, day},
    },
    plan::suite::{At, Each, Timing},
};

/// More stories than these take longer than anybody waits.
const MOST_VARIATIONS: u64 = 10_000;

/// `2027-03-26 18:30`, where the calendar has it.
pub(super) fn civil(text: &str) -> Option<CivilTime> {
    let date = CivilDate::parse(text.get(..10)?)?;
    let rest = text.get(10..)?.strip_prefix([' ', 'T'])?;
    Some(TimeOfDay::parse(rest)?.on(date))
}

pub(super) fn shown(civil: CivilTime) -> String {
    civil.strftime("%Y-%m-%d %H:%M").to_string()
}

impl Work<'_> {
    pub(super) fn civil(&mut self, text: &Text) -> Option<CivilTime> {
        let Some(civil) = civil(text) else {
            self.sink.push(told::no_such_moment(text));
            return None;
        };
        let stands = self.zone.civil(self.zone.instant(civil));
        if stands != civil {
            self.sink.push(told::in_the_gap(text, self.zone.name(), &shown(stands)));
        }
        Some(civil)
    }

    pub(super) fn span(&mut self, text: &Text) -> Option<Span> {
        let span = Span::parse(text);
        if span.is_err() {
            self.sink.push(found::too_long(text));
        }
        span.ok()
    }

    pub(super) fn at(&mut self, text: &Text, scene: &Scene) -> Option<At> {
        if let Some(day) = day(text) {
            return Some(At::Day(day));
        }
        if !text.contains(':') {
            return self.span(text).map(At::After);
        }
        let civil = self.civil(text)?;
        if scene.swept {
            self.sink.push(told::fixed_in_sweep(text));
        } else if let Some(start) = scene.start.filter(|start| civil < *start) {
            self.sink.push(told::before_start(text, &shown(start)));
        }
        Some(At::Civil(civil))
    }

    /// When an expectation has to be met; tells where no moment is left.
    pub(super) fn timing(&mut self, then: &doc::Then, scene: &Scene) -> Timing {
        let mut at = |text: &Option<Text>| text.as_ref().and_then(|text| self.at(text, scene));
        let mut timing = Timing {
            at: at(&then.at),
            within: None,
            by: at(&then.by),
            not_before: at(&then.not_before),
            after: at(&then.after),
        };
        timing.within = then.within.as_ref().and_then(|text| self.span(text));
        let Some(start) = scene.start.map(|start| self.zone.instant(start)) else { return timing };
        let (first, past) = (|at: At| at.first(start, &self.zone), |at: At| at.past(start, &self.zone));
        let low = timing.not_before.map(first).or(timing.after.map(past));
        let high = timing.by.map(past);
        if let (Some(low), Some(high), Some(by)) = (low, high, &then.by) {
            if high <= low {
                self.sink.push(told::impossible_time(by, "is over before the earliest moment that is said here"));
            }
        } else if let (Some(at), Some(text)) = (timing.at, &then.at) {
            let slack = timing.within.unwrap_or(Span::ZERO);
            let (from, to) =
                (self.zone.sub(at.first(start, &self.zone), slack), self.zone.add(at.past(start, &self.zone), slack));
            if low.is_some_and(|low| to <= low) {
                self.sink.push(told::impossible_time(text, "is earlier than the earliest moment that is said here"));
            } else if high.is_some_and(|high| from >= high) {
                self.sink.push(told::impossible_time(text, "is later than the latest moment that is said here"));
            }
        }
        timing
    }

    /// Expectations stand in the order in which they come.
    pub(super) fn order(&mut self, then: &[doc::Then], timings: &[Timing], scene: &Scene) {
        let Some(start) = scene.start.map(|start| self.zone.instant(start)) else { return };
        let mut latest: Option<(Instant, &Place)> = None;
        for (then, timing) in then.iter().zip(timings).filter(|(then, _)| !then.never) {
            let (Some(at), Some(text)) = (timing.at, &then.at) else { continue };
            let slack = timing.within.unwrap_or(Span::ZERO);
            let past = self.zone.add(at.past(start, &self.zone), slack);
            let first = self.zone.sub(at.first(start, &self.zone), slack);
            if let Some((_, before)) = latest.filter(|(latest, _)| past <= *latest) {
                self.sink.push(told::out_of_order(text, before));
            }
            if latest.is_none_or(|(latest, _)| first > latest) {
                latest = Some((first, &text.place));
            }
        }
    }

    pub(super) fn each(&mut self, each: &doc::Each) -> Each {
        let start = match (&each.every, &each.for_) {
            (Some(every), Some(for_)) => self.span(every).zip(self.span(for_)),
            _ => None,
        };
        let zones: Vec<_> = each.zones.iter().filter_map(|zone| self.zone_of(zone)).collect();
        let starts = start.map(|(every, for_)| {
            let every = u64::try_from(every.nominal_ms()).unwrap_or(0);
            (every > 0).then(|| u64::try_from(for_.nominal_ms()).unwrap_or(u64::MAX).div_ceil(every))
        });
        let places = u64::try_from(zones.len()).unwrap_or(u64::MAX).max(1);
        match starts {
            Some(None) => self.sink.push(told::too_many_variations(&each.place, None, MOST_VARIATIONS)),
            starts => {
                let count = starts.flatten().unwrap_or(1).saturating_mul(places);
                if count > MOST_VARIATIONS {
                    self.sink.push(told::too_many_variations(&each.place, Some(count), MOST_VARIATIONS));
                }
            }
        }
        Each { start, zones }
    }
}
