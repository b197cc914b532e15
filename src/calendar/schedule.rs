//! Repeating times of a calendar: `mon 09:00`, or the five fields of cron. Civil time only; whose zone it is read in is
//! somebody else's matter.
use super::{CivilDate, CivilTime, Instant, Span, TimeOfDay, Weekday, Zone};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// Four years and a leap year that the calendar leaves out: after so many days nothing comes any more.
const HORIZON_DAYS: u32 = 8 * 366 + 1;

/// Times of day on certain days, for ever.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Schedule {
    text: Arc<str>,
    /// Bits of minutes, hours, days of the month, months and days of the week (Sunday is 0).
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Days of the month and of the week are both named: either is enough, as cron has always read it.
    either: bool,
}

/// Why a text is no schedule: the part that is wrong, and what it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ScheduleFault {
    pub(crate) part: String,
    pub(crate) wants: &'static str,
}

const FORM: &str = "days and a time such as \"mon 09:00\", or five cron fields such as \"0 9 * * mon\"";
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What one field of cron may hold.
struct Field {
    least: u32,
    most: u32,
    names: &'static [&'static str],
    wants: &'static str,
}

const MINUTE: Field = Field { least: 0, most: 59, names: &[], wants: "a minute from 0 to 59" };
const HOUR: Field = Field { least: 0, most: 23, names: &[], wants: "an hour from 0 to 23" };
const DAY: Field = Field { least: 1, most: 31, names: &[], wants: "a day of the month from 1 to 31" };
const MONTH: Field = Field { least: 1, most: 12, names: &MONTHS, wants: "a month from 1 to 12, or jan to dec" };
const WEEKDAY: Field = Field { least: 0, most: 7, names: &WEEKDAYS, wants: "a day of the week, mon to sun or 0 to 7" };

impl Schedule {
    pub(crate) fn parse(text: &str) -> Result<Self, ScheduleFault> {
        let lower = text.trim().to_ascii_lowercase();
        let parts: Vec<&str> = lower.split_whitespace().collect();
        let of = |fields: [&str; 5]| -> Result<Self, ScheduleFault> {
            let [minute, hour, day, month, weekday] = fields;
            let weekdays = bits(weekday, &WEEKDAY)?;
            Ok(Self {
                text: Arc::from(text.trim()),
                minutes: bits(minute, &MINUTE)?,
                hours: bits(hour, &HOUR)?,
                days: bits(day, &DAY)?,
                months: bits(month, &MONTH)?,
                // 7 is Sunday too
                weekdays: (weekdays | weekdays >> 7) & 0x7f,
                either: day != "*" && weekday != "*",
            })
        };
        match parts.as_slice() {
            [minute, hour, day, month, weekday] if !lower.contains(':') => of([minute, hour, day, month, weekday]),
            [days @ .., time] if time.contains(':') => {
                let time = TimeOfDay::parse(time)
                    .ok_or_else(|| fault(time, "a time of day with two digits each, such as 09:00"))?;
                let days: Vec<&str> = days.iter().map(|day| day.trim_end_matches(',')).collect();
                let days = if days.is_empty() { "*".to_owned() } else { days.join(",") };
                of([&time.minute().to_string(), &time.hour().to_string(), "*", "*", &days])
            }
            _ => Err(fault(text.trim(), FORM)),
        }
    }

    /// The first of its times after `after`; `None` when none comes.
    pub(crate) fn next(&self, after: CivilTime) -> Option<CivilTime> {
        let today = CivilDate(after.date());
        (0..HORIZON_DAYS).map(|days| today.plus(Span::days(days))).filter(|date| self.is_on(*date)).find_map(|date| {
            let times = (0..24 * 60_u16).filter_map(|minute| {
                let (hour, minute) = (minute / 60, minute % 60);
                (has(self.hours, u32::from(hour)) && has(self.minutes, u32::from(minute)))
                    .then(|| TimeOfDay::new(hour, minute))
                    .flatten()
            });
            times.map(|time| time.on(date)).find(|civil| *civil > after)
        })
    }

    /// The same as a moment by the clock of that zone, after `now` and after the civil time it came last.
    pub(crate) fn next_in(&self, zone: &Zone, now: Instant, last: Option<CivilTime>) -> Option<(CivilTime, Instant)> {
        let mut from = zone.civil(now).max(last.unwrap_or(CivilTime::MIN));
        loop {
            let civil = self.next(from)?;
            let at = zone.instant(civil);
            // a time that the change to summer time leaves out comes an hour later, and so may be over
            if at > now {
                return Some((civil, at));
            }
            from = civil;
        }
    }

    /// Is it due at this civil time?
    pub(crate) fn meets(&self, civil: CivilTime) -> bool {
        let time = TimeOfDay::of(civil);
        self.is_on(CivilDate(civil.date()))
            && has(self.hours, u32::from(time.hour()))
            && has(self.minutes, u32::from(time.minute()))
    }

    fn is_on(&self, date: CivilDate) -> bool {
        let day = has(self.days, u32::try_from(date.0.day()).unwrap_or(0));
        let sunday = |weekday: Weekday| match weekday {
            Weekday::Sun => 0,
            other => Weekday::ALL.iter().position(|one| *one == other).map_or(0, |at| at as u32 + 1),
        };
        let weekday = has(self.weekdays, sunday(date.weekday()));
        has(self.months, u32::try_from(date.0.month()).unwrap_or(0))
            && if self.either { day || weekday } else { day && weekday }
    }
}

fn has(bits: u64, at: u32) -> bool {
    bits >> at & 1 == 1
}

fn fault(part: &str, wants: &'static str) -> ScheduleFault {
    ScheduleFault { part: part.to_owned(), wants }
}

/// `*`, `*/15`, `1-5`, `mon,wed`, `0-30/10`.
fn bits(text: &str, field: &Field) -> Result<u64, ScheduleFault> {
    let wrong = || fault(text, field.wants);
    let number = |part: &str| -> Option<u32> {
        let named = || field.names.iter().position(|name| *name == part).and_then(|at| u32::try_from(at).ok());
        let value = part.parse().ok().or_else(|| named().map(|at| at + field.least))?;
        (field.least..=field.most).contains(&value).then_some(value)
    };
    let mut all = 0;
    for item in text.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0).ok_or_else(wrong)?),
            None => (item, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (field.least, field.most),
            Some((from, to)) => (number(from).ok_or_else(wrong)?, number(to).ok_or_else(wrong)?),
            None => {
                let one = number(range).ok_or_else(wrong)?;
                (one, if item.contains('/') { field.most } else { one })
            }
        };
        // fri-mon goes over the end of the week
        let to = if to < from && field.names.len() == 7 { to + 7 } else { to };
        if to < from {
            return Err(wrong());
        }
        for value in (from..=to).step_by(step) {
            all |= 1_u64 << if value > field.most { value - 7 } else { value };
        }
    }
    Ok(all)
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        schedule.text.to_string()
    }
}

impl TryFrom<String> for Schedule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|fault| format!("\"{}\" is not {}", fault.part, fault.wants))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn civil(text: &str) -> CivilTime {
        text.parse().unwrap()
    }

    fn next(schedule: &str, after: &str) -> String {
        let schedule = Schedule::parse(schedule).unwrap();
        schedule.next(civil(after)).map_or_else(|| "never".to_owned(), |found| found.to_string())
    }

    #[test]
    fn days_and_a_time_or_five_fields() {
        // 1 January 2026 is a Thursday
        assert_eq!(next("mon 09:00", "2026-01-01T10:00"), "2026-01-05T09:00:00");
        assert_eq!(next("mon, thu 09:00", "2026-01-01T08:59"), "2026-01-01T09:00:00");
        assert_eq!(next("fri-mon 09:00", "2026-01-03T09:00"), "2026-01-04T09:00:00");
        assert_eq!(next("09:00", "2026-01-01T09:00"), "2026-01-02T09:00:00");
        assert_eq!(next("*/20 9-10 * * *", "2026-01-01T09:41"), "2026-01-01T10:00:00");
        assert_eq!(next("0 9 1 * *", "2026-01-01T10:00"), "2026-02-01T09:00:00");
        assert_eq!(next("0 9 13 * fri", "2026-01-03T10:00"), "2026-01-09T09:00:00", "the 13th or any Friday");
        assert_eq!(next("0 9 29 feb *", "2026-01-01T10:00"), "2028-02-29T09:00:00");
        assert_eq!(next("0 9 * * 7", "2026-01-01T10:00"), "2026-01-04T09:00:00", "7 is Sunday");
        assert_eq!(next("0 0 31 2 *", "2026-01-01T10:00"), "never");
    }

    #[test]
    fn what_is_no_schedule_names_its_part() {
        let wrong = |text: &str| Schedule::parse(text).unwrap_err().part;
        assert_eq!(wrong("monday 09:00"), "monday");
        assert_eq!(wrong("mon 9:00"), "9:00");
        assert_eq!(wrong("60 9 * * *"), "60");
        assert_eq!(wrong("0 9 * *"), "0 9 * *");
        assert_eq!(wrong("0 9 * * 1-x"), "1-x");
        assert_eq!(wrong("0 9 31-1 * *"), "31-1");
    }

    #[test]
    fn a_time_that_summer_time_leaves_out_comes_an_hour_later_and_once() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let schedule = Schedule::parse("02:30").unwrap();
        let before = zone.instant(civil("2026-03-29T01:00"));
        let (first, at) = schedule.next_in(&zone, before, None).unwrap();
        assert_eq!(zone.civil(at).to_string(), "2026-03-29T03:30:00");
        let (_, then) = schedule.next_in(&zone, at, Some(first)).unwrap();
        assert_eq!(zone.civil(then).to_string(), "2026-03-30T02:30:00");
        // between the time as written and the time at which it comes
        let within = zone.instant(civil("2026-03-29T03:10"));
        let (_, found) = schedule.next_in(&zone, within, None).unwrap();
        assert_eq!(zone.civil(found).to_string(), "2026-03-30T02:30:00");
    }

    #[test]
    fn a_time_that_comes_twice_counts_once() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let schedule = Schedule::parse("02:30").unwrap();
        let before = zone.instant(civil("2026-10-25T01:00"));
        let (first, at) = schedule.next_in(&zone, before, None).unwrap();
        let (_, then) = schedule.next_in(&zone, at, Some(first)).unwrap();
        assert_eq!(zone.date(then).to_string(), "2026-10-26");
    }

    #[test]
    fn a_schedule_is_stored_as_it_was_written() {
        let schedule = Schedule::parse("Mon 09:00").unwrap();
        let stored = serde_json::to_string(&schedule).unwrap();
        assert_eq!(stored, "\"Mon 09:00\"");
        assert_eq!(serde_json::from_str::<Schedule>(&stored).unwrap(), schedule);
    }
}
