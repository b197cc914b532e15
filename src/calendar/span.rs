//! Lengths of time: civil parts (months, days) and an exact part are kept apart, because a day is not 24 hours.
use super::{CivilDate, CivilTime};
use serde::{Deserialize, Serialize};
use std::fmt;

/// `1mo 3d 4h`: calendar months, then calendar days, then exact milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) months: u32,
    pub(crate) days: u32,
    pub(crate) ms: u64,
}

/// Why a text is no length of time; the message belongs to whoever reports it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum SpanFault {
    Empty,
    /// A bare number: "90 what?".
    NoUnit(String),
    UnknownUnit(String),
    /// The unit stands without a number, or the number is not a whole one.
    NoNumber(String),
    TooLong,
}

/// Minute of the day, 0..1440.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct TimeOfDay(u16);

const UNITS: &[(&str, u64, u64, u64)] = &[
    // unit, months, days, milliseconds
    ("s", 0, 0, 1_000),
    ("m", 0, 0, 60_000),
    ("h", 0, 0, 3_600_000),
    ("d", 0, 1, 0),
    ("w", 0, 7, 0),
    ("mo", 1, 0, 0),
    ("second", 0, 0, 1_000),
    ("minute", 0, 0, 60_000),
    ("hour", 0, 0, 3_600_000),
    ("day", 0, 1, 0),
    ("week", 0, 7, 0),
    ("month", 1, 0, 0),
];

impl Span {
    pub(crate) const ZERO: Self = Self { months: 0, days: 0, ms: 0 };

    pub(crate) const fn exact(ms: u64) -> Self {
        Self { months: 0, days: 0, ms }
    }

    pub(crate) const fn days(days: u32) -> Self {
        Self { months: 0, days, ms: 0 }
    }

    pub(crate) fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// Whole calendar days (or months) only.
    pub(crate) fn is_whole_days(self) -> bool {
        self.ms == 0 && (self.days > 0 || self.months > 0)
    }

    /// Whether a time of day may stand beside it: `0d` is that very day.
    pub(crate) fn takes_time(self) -> bool {
        self.ms == 0
    }

    /// Milliseconds when a day counts as 24 hours and a month as 30 days: for comparing lengths, never for due times.
    pub(crate) fn nominal_ms(self) -> i64 {
        let days = i64::from(self.days) + 30 * i64::from(self.months);
        i64::try_from(self.ms).unwrap_or(i64::MAX).saturating_add(days.saturating_mul(86_400_000))
    }

    /// The months of this span and that many days for the calendar; `None` beyond what a calendar holds.
    pub(super) fn calendar(self, days: i64) -> Option<jiff::Span> {
        jiff::Span::new().try_months(self.months).ok()?.try_days(days).ok()
    }

    /// `90s`, `15m`, `24h`, `3d`, `2w`, `1mo`, `1d 4h`, `3 days`.
    pub(crate) fn parse(text: &str) -> Result<Self, SpanFault> {
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(SpanFault::Empty);
        }
        let mut span = Self::ZERO;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (number, after) = rest.split_at(digits);
            let after = after.trim_start();
            let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
            let (unit, next) = after.split_at(letters);
            if number.is_empty() {
                return Err(SpanFault::NoNumber(rest.to_owned()));
            }
            if unit.is_empty() {
                return Err(if next.is_empty() {
                    SpanFault::NoUnit(number.to_owned())
                } else {
                    SpanFault::NoNumber(rest.to_owned())
                });
            }
            let count: u64 = number.parse().map_err(|_| SpanFault::TooLong)?;
            let lower = unit.to_ascii_lowercase();
            let singular = lower.strip_suffix('s').filter(|s| s.len() > 2).unwrap_or(&lower);
            let Some((_, months, days, ms)) = UNITS.iter().find(|(name, ..)| *name == singular) else {
                return Err(SpanFault::UnknownUnit(unit.to_owned()));
            };
            span = span.add_units(count, *months, *days, *ms).ok_or(SpanFault::TooLong)?;
            rest = next.trim_start();
        }
        Ok(span)
    }

    fn add_units(self, count: u64, months: u64, days: u64, ms: u64) -> Option<Self> {
        let months = u64::from(self.months).checked_add(count.checked_mul(months)?)?;
        let days = u64::from(self.days).checked_add(count.checked_mul(days)?)?;
        let ms = self.ms.checked_add(count.checked_mul(ms)?)?;
        // a hundred years: beyond it a due time is a slip of the pen
        let within = months <= 1_200 && days <= 36_600 && ms <= 36_600 * 86_400_000;
        within.then_some(Self { months: u32::try_from(months).ok()?, days: u32::try_from(days).ok()?, ms })
    }
}

impl fmt::Display for Span {
    /// The shortest text that [`Span::parse`] reads back to the same span.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.months > 0 {
            parts.push(format!("{}mo", self.months));
        }
        match self.days {
            0 => {}
            days if days % 7 == 0 && days >= 14 => parts.push(format!("{}w", days / 7)),
            days => parts.push(format!("{days}d")),
        }
        let mut ms = self.ms;
        for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
            if ms / size > 0 {
                parts.push(format!("{}{unit}", ms / size));
                ms %= size;
            }
        }
        if parts.is_empty() { f.write_str("0s") } else { f.write_str(&parts.join(" ")) }
    }
}

impl TimeOfDay {
    pub(crate) const fn new(hour: u16, minute: u16) -> Option<Self> {
        if hour < 24 && minute < 60 { Some(Self(hour * 60 + minute)) } else { None }
    }

    pub(crate) const MIDNIGHT: Self = Self(0);

    /// The minute that a clock showing `civil` is in.
    pub(crate) fn of(civil: CivilTime) -> Self {
        Self(u16::from(civil.hour().unsigned_abs()) * 60 + u16::from(civil.minute().unsigned_abs()))
    }

    /// This time of that day, as a clock shows it.
    pub(crate) fn on(self, date: CivilDate) -> CivilTime {
        let part = |number: u16| i8::try_from(number).unwrap_or(0);
        date.0.at(part(self.hour()), part(self.minute()), 0, 0)
    }

    /// Strict `HH:MM`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let two =
            |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?;
        Self::new(two(hour)?, two(minute)?)
    }

    pub(crate) fn minute_of_day(self) -> u16 {
        self.0
    }

    pub(crate) fn hour(self) -> u16 {
        self.0 / 60
    }

    pub(crate) fn minute(self) -> u16 {
        self.0 % 60
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour(), self.minute())
    }
}
