//! Zone rules and the step between civil time and instants.
//!
//! A gap (clocks go forward) shifts by the length of the gap, an overlap takes the first of the two: jiff's
//! "compatible" rule, and ours.
use super::{CivilDate, CivilTime, Instant, Span, TimeOfDay};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, sync::LazyLock};

/// A zone with a name of the IANA database; the rules come with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Zone(TimeZone);

static RULES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Name of the zone rules in use, for plans and logs.
pub(crate) fn rules_version() -> String {
    format!("bundled {}", jiff_rules_version())
}

fn jiff_rules_version() -> &'static str {
    // the bundled database does not tell its release; the crate's version stands for it
    "tzdb"
}

impl Zone {
    pub(crate) const UTC: Self = Self(TimeZone::UTC);

    /// A zone by its IANA name; abbreviations like `CET+1` and offsets are refused.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        RULES.get(name).ok().map(Self)
    }

    pub(crate) fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// All names, for nearest-match help.
    pub(crate) fn names() -> Vec<String> {
        RULES.available().map(|name| name.to_string()).collect()
    }

    pub(crate) fn civil(&self, at: Instant) -> CivilTime {
        self.0.to_datetime(at.timestamp())
    }

    pub(crate) fn date(&self, at: Instant) -> CivilDate {
        CivilDate(self.civil(at).date())
    }

    pub(crate) fn time_of_day(&self, at: Instant) -> TimeOfDay {
        let civil = self.civil(at);
        TimeOfDay::new(civil.hour().unsigned_abs().into(), civil.minute().unsigned_abs().into())
            .unwrap_or_else(|| unreachable!("jiff keeps hours below 24 and minutes below 60"))
    }

    /// Civil time as an instant; a gap shifts forward by its length, an overlap takes the first.
    pub(crate) fn instant(&self, civil: CivilTime) -> Instant {
        match self.0.to_ambiguous_timestamp(civil).compatible() {
            Ok(stamp) => Instant(stamp.as_millisecond()),
            Err(_) if civil.year() > 0 => Instant(jiff::Timestamp::MAX.as_millisecond()),
            Err(_) => Instant(jiff::Timestamp::MIN.as_millisecond()),
        }
    }

    /// Seconds east of UTC at that moment.
    pub(crate) fn offset_seconds(&self, at: Instant) -> i32 {
        self.0.to_offset(at.timestamp()).seconds()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Self::parse(&name).ok_or_else(|| serde::de::Error::custom(format!("unknown zone {name}")))
    }
}

impl Zone {
    /// That long after `at`: months and days on the calendar of this zone, then the exact part.
    pub(crate) fn add(&self, at: Instant, span: Span) -> Instant {
        if span.months == 0 && span.days == 0 {
            return at.plus_ms(i64::try_from(span.ms).unwrap_or(i64::MAX));
        }
        let civil = self.civil(at);
        let moved = jiff::Span::new().months(span.months).days(span.days);
        let civil = civil.checked_add(moved).unwrap_or(CivilTime::MAX);
        self.instant(civil).plus_ms(i64::try_from(span.ms).unwrap_or(i64::MAX))
    }

    /// That long before `at`: the exact part first, then days and months back on the calendar of this zone.
    pub(crate) fn sub(&self, at: Instant, span: Span) -> Instant {
        let at = at.plus_ms(-i64::try_from(span.ms).unwrap_or(i64::MAX));
        if span.months == 0 && span.days == 0 {
            return at;
        }
        let moved = jiff::Span::new().months(span.months).days(span.days);
        self.instant(self.civil(at).checked_sub(moved).unwrap_or(CivilTime::MIN))
    }

    /// The same civil day as `at`, at that time of day.
    pub(crate) fn at_time(&self, at: Instant, time: TimeOfDay) -> Instant {
        let (hour, minute) = (i8::try_from(time.hour()).unwrap_or(0), i8::try_from(time.minute()).unwrap_or(0));
        self.instant(self.civil(at).date().at(hour, minute, 0, 0))
    }

    /// Midnight at the start of that civil day.
    pub(crate) fn start_of(&self, date: CivilDate) -> Instant {
        self.instant(date.0.at(0, 0, 0, 0))
    }
}
