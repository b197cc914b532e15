//! Windows, quiet hours, and the first moment that all of them allow.
//!
//! Both are read off the wall clock of the person: in the hour that happens twice in autumn they hold both times, and a
//! border inside the hour that is left out in spring takes effect where the clock jumps. Must not know purposes or caps.
use super::{CivilDate, CivilTime, Instant, Span, TimeOfDay, Weekday, Zone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far ahead a moment is looked for: two weeks hold every weekday twice, one day more makes up for clock changes.
const REACH_MS: i64 = 15 * 86_400_000;

/// Sending is allowed on these days between these times; `from` = `to` is the whole day, `from` > `to` runs over midnight
/// and belongs to the day on which it began.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Window {
    pub(crate) days: BTreeSet<Weekday>,
    pub(crate) from: TimeOfDay,
    pub(crate) to: TimeOfDay,
}

/// Sending is forbidden from `from` until `to`, over midnight when `from` > `to`; `from` = `to` is the whole day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Quiet {
    pub(crate) from: TimeOfDay,
    pub(crate) to: TimeOfDay,
}

/// What the first allowed moment has to satisfy.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clear<'a> {
    pub(crate) window: Option<&'a Window>,
    pub(crate) quiet: Option<Quiet>,
}

impl Window {
    /// Whether a clock that shows `civil` is inside.
    pub(crate) fn allows(&self, civil: CivilTime) -> bool {
        let today = self.opens_on(CivilDate(civil.date()));
        let time = TimeOfDay::of(civil);
        if self.from == self.to {
            return today;
        }
        if self.from < self.to {
            return today && self.from <= time && time < self.to;
        }
        let began_yesterday = || civil.date().yesterday().is_ok_and(|date| self.opens_on(CivilDate(date)));
        (today && time >= self.from) || (time < self.to && began_yesterday())
    }

    fn opens_on(&self, date: CivilDate) -> bool {
        self.days.contains(&date.weekday())
    }

    /// The next opening after `civil`, of a window that is closed then; `None` for one without days.
    fn next_opening(&self, civil: CivilTime) -> Option<CivilTime> {
        let opens = if self.from == self.to { TimeOfDay::MIDNIGHT } else { self.from };
        let mut date = civil.date();
        // today's opening may have passed, so the same weekday of next week is looked at too
        for _ in 0..8 {
            let opening = opens.on(CivilDate(date));
            if self.opens_on(CivilDate(date)) && opening > civil {
                return Some(opening);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }
}

impl Quiet {
    /// Whether a clock that shows `civil` is inside.
    pub(crate) fn forbids(self, civil: CivilTime) -> bool {
        let time = TimeOfDay::of(civil);
        match self.from.cmp(&self.to) {
            std::cmp::Ordering::Equal => true,
            std::cmp::Ordering::Less => self.from <= time && time < self.to,
            std::cmp::Ordering::Greater => time >= self.from || time < self.to,
        }
    }

    /// The end of the quiet hours in which `civil` lies; `None` when they never end.
    fn end(self, civil: CivilTime) -> Option<CivilTime> {
        if self.from == self.to {
            return None;
        }
        let end = self.to.on(CivilDate(civil.date()));
        if end > civil { Some(end) } else { Some(self.to.on(CivilDate(civil.date().tomorrow().ok()?))) }
    }
}

impl Clear<'_> {
    /// Whether window and quiet hours both allow a clock that shows `civil`.
    pub(crate) fn allows(self, civil: CivilTime) -> bool {
        self.window.is_none_or(|window| window.allows(civil)) && !self.quiet.is_some_and(|quiet| quiet.forbids(civil))
    }

    /// A wall clock time before which nothing can be allowed, for a clock that shows the forbidden time `civil`.
    fn not_before(self, civil: CivilTime) -> Option<CivilTime> {
        let opening = match self.window {
            Some(window) if !window.allows(civil) => Some(window.next_opening(civil)?),
            _ => None,
        };
        let quiet_end = match self.quiet {
            Some(quiet) if quiet.forbids(civil) => Some(quiet.end(civil)?),
            _ => None,
        };
        opening.max(quiet_end)
    }

    /// The first time after `civil` at which something may close; `None` when nothing ever does.
    fn next_border(self, civil: CivilTime) -> Option<CivilTime> {
        // a window that is open all day closes at a midnight
        let window = self.window.into_iter().flat_map(|window| [window.to, TimeOfDay::MIDNIGHT]);
        let borders = window.chain(self.quiet.map(|quiet| quiet.from));
        let tomorrow = civil.date().tomorrow().ok()?;
        borders
            .map(|time| (time.on(CivilDate(civil.date())), time.on(CivilDate(tomorrow))))
            .map(|(today, next)| if today > civil { today } else { next })
            .min()
    }
}

/// The first moment at or after `at` that the window and the quiet hours allow in that zone; `None` when there is none
/// within 15 days (the two never overlap).
pub(crate) fn next_clear(at: Instant, zone: &Zone, rules: Clear<'_>) -> Option<Instant> {
    let mut now = at;
    loop {
        let civil = zone.civil(now);
        if rules.allows(civil) {
            return Some(now);
        }
        // the clock runs evenly up to the next change of offset, so that is as far as one step may go
        let target = rules.not_before(civil)?;
        let even = now.plus(target.duration_since(civil).unsigned_abs());
        now = zone.next_change(now).map_or(even, |change| change.min(even));
        if now.since(at) > REACH_MS {
            return None;
        }
    }
}

/// The first moment from `at` on that the rules forbid; `None` when they forbid none within 15 days.
pub(crate) fn next_shut(at: Instant, zone: &Zone, rules: Clear<'_>) -> Option<Instant> {
    let mut now = at;
    loop {
        let civil = zone.civil(now);
        if !rules.allows(civil) {
            return Some(now);
        }
        let border = rules.next_border(civil)?;
        let even = now.plus(border.duration_since(civil).unsigned_abs());
        now = zone.next_change(now).map_or(even, |change| change.min(even));
        if now.since(at) > REACH_MS {
            return None;
        }
    }
}

/// The first moment at or after `at` from which on the rules allow everything for so long; `None` when they are never open
/// that long.
pub(crate) fn next_clear_for(at: Instant, zone: &Zone, rules: Clear<'_>, long: Span) -> Option<Instant> {
    let mut now = at;
    loop {
        now = next_clear(now, zone, rules)?;
        match next_shut(now, zone, rules) {
            Some(shut) if shut < zone.add(now, long) => now = shut,
            _ => return Some(now),
        }
        if now.since(at) > REACH_MS {
            return None;
        }
    }
}
