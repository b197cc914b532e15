//! Fixed times of day on fixed days, by the clock of a person: when the messages of a campaign go.
use super::{CivilDate, Instant, Span, TimeOfDay, Weekday, Zone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Every weekday is among eight days in a row, today's twice.
const REACH_DAYS: u32 = 8;

/// Times of day and days; without times any moment of the days is one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Slots {
    pub(crate) times: BTreeSet<TimeOfDay>,
    /// Empty: every day.
    pub(crate) days: BTreeSet<Weekday>,
}

impl Slots {
    /// The first slot that is not before `at`; `at` itself where any moment of the day is one. A time that the clocks leave
    /// out that day comes later by the length of the gap.
    pub(crate) fn next(&self, at: Instant, zone: &Zone) -> Option<Instant> {
        let today = zone.date(at);
        (0..=REACH_DAYS).map(|days| today.plus(Span::days(days))).filter(|day| self.is_on(*day)).find_map(|day| {
            if self.times.is_empty() {
                return Some(if day == today { at } else { zone.start_of(day) });
            }
            self.times.iter().map(|time| zone.on(day, *time)).filter(|slot| *slot >= at).min()
        })
    }

    /// Whether nothing is fixed.
    pub(crate) fn is_any(&self) -> bool {
        self.times.is_empty() && self.days.is_empty()
    }

    fn is_on(&self, day: CivilDate) -> bool {
        self.days.is_empty() || self.days.contains(&day.weekday())
    }
}
