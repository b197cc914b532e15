//! Dates, times and amounts as people of a language write them.
//!
//! German and English; any other language gets English words with the 24-hour clock, which everybody can read.
//! Must not know templates.
use crate::calendar::{CivilDate, Instant, Zone};

const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYS_DE: [&str; 7] = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    German,
    English,
    Other,
}

fn language(locale: &str) -> Language {
    match locale.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase().as_str() {
        "de" => Language::German,
        "en" => Language::English,
        _ => Language::Other,
    }
}

fn name<'a>(names: &[&'a str], from_one: i8) -> &'a str {
    usize::try_from(from_one).ok().and_then(|at| names.get(at.wrapping_sub(1))).copied().unwrap_or("")
}

/// `Thursday, 3 December` · `Donnerstag, 3. Dezember`.
pub(crate) fn date(date: CivilDate, locale: &str) -> String {
    let (weekday, day, month) = (date.0.weekday().to_monday_one_offset(), date.0.day(), date.0.month());
    if language(locale) == Language::German {
        format!("{}, {day}. {}", name(&DAYS_DE, weekday), name(&MONTHS_DE, month))
    } else {
        format!("{}, {day} {}", name(&DAYS_EN, weekday), name(&MONTHS_EN, month))
    }
}

/// `2:00 pm` · `14:00 Uhr` · `14:00`.
pub(crate) fn time(at: Instant, zone: &Zone, locale: &str) -> String {
    let time = zone.time_of_day(at);
    let (hour, minute) = (time.hour(), time.minute());
    match language(locale) {
        Language::German => format!("{hour}:{minute:02} Uhr"),
        Language::English => {
            let half = if hour < 12 { "am" } else { "pm" };
            format!("{}:{minute:02} {half}", if hour % 12 == 0 { 12 } else { hour % 12 })
        }
        Language::Other => format!("{hour:02}:{minute:02}"),
    }
}

/// `Thursday, 3 December, 2:00 pm`.
pub(crate) fn datetime(at: Instant, zone: &Zone, locale: &str) -> String {
    format!("{}, {}", date(zone.date(at), locale), time(at, zone, locale))
}

fn grouped(whole: u64, mark: char) -> String {
    let digits = whole.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

/// `€1,250.50` · `1.250,50 €`; full amounts without decimals.
pub(crate) fn amount(minor: i64, currency: &str, locale: &str) -> String {
    let (whole, cents) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    let sign = if minor < 0 { "-" } else { "" };
    let symbol = match currency {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        _ => "",
    };
    let german = language(locale) == Language::German;
    let (group, point) = if german { ('.', ',') } else { (',', '.') };
    let number = if cents == 0 { grouped(whole, group) } else { format!("{}{point}{cents:02}", grouped(whole, group)) };
    match symbol {
        "" => format!("{sign}{number} {currency}"),
        _ if german => format!("{sign}{number} {symbol}"),
        _ => format!("{sign}{symbol}{number}"),
    }
}

/// A decimal number without a tail of zeros.
pub(super) fn decimal(number: f64, locale: &str) -> String {
    let text = format!("{number}");
    if language(locale) == Language::German { text.replace('.', ",") } else { text }
}
