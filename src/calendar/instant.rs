//! Points in time and dates: an instant is what a store keeps, a date is what a person means.
use super::Span;
use jiff::civil;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// Milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Instant(pub(crate) i64);

/// Date and time of day without a zone.
pub(crate) type CivilTime = civil::DateTime;

/// A calendar date without a zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct CivilDate(pub(crate) civil::Date);

/// Day of the week, Monday first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Instant {
    pub(crate) fn plus(self, exact: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(exact.as_millis()).unwrap_or(i64::MAX)))
    }

    pub(crate) fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to here; negative when `earlier` is later.
    pub(crate) fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// RFC 3339 with any offset, as providers send it.
    pub(crate) fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|stamp| Self(stamp.as_millisecond()))
    }

    pub(crate) fn timestamp(self) -> jiff::Timestamp {
        // clamping before the conversion would not do: the last second of the range is refused as milliseconds
        let end = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(end)
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC, to the second unless there are milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp())
    }
}

impl CivilDate {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let strict = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        strict.then(|| text.parse().ok().map(Self)).flatten()
    }

    /// That long after this day on the calendar; an exact part counts as far as it makes whole days of 24 hours.
    pub(crate) fn plus(self, span: Span) -> Self {
        let days = i64::from(span.days).saturating_add(i64::try_from(span.ms / 86_400_000).unwrap_or(i64::MAX));
        Self(span.calendar(days).and_then(|moved| self.0.checked_add(moved).ok()).unwrap_or(civil::Date::MAX))
    }

    pub(crate) fn weekday(self) -> Weekday {
        Weekday::ALL[usize::try_from(self.0.weekday().to_monday_zero_offset()).unwrap_or(0)]
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Weekday {
    pub(crate) const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// `mon` … `sun`, as files write it.
    pub(crate) fn name(self) -> &'static str {
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][self as usize]
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.name() == text)
    }
}
