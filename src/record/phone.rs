//! Phone numbers in E.164, the region a number is read in, and the zone a number tells.
//!
//! Must not know whose number it is.
use crate::calendar::Zone;
use phonenumber::{Mode, country::Id};
use std::sync::Arc;

/// Longest text that is looked at as a number.
const MAX_TEXT: usize = 64;

/// A number in E.164; one without country code is read in `region`. `None` when it is no number that can exist.
pub(crate) fn e164(text: &str, region: Option<Region>) -> Option<Arc<str>> {
    let text = text.trim();
    // the parser also reads letters as keys; a text with letters is a remark, not a number
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}');
    if text.is_empty() || text.len() > MAX_TEXT || !text.chars().all(plain) {
        return None;
    }
    let international = text.strip_prefix("00").map(|rest| format!("+{rest}"));
    let number = phonenumber::parse(region.map(|region| region.0), international.as_deref().unwrap_or(text)).ok()?;
    let known = phonenumber::is_valid(&number);
    known.then(|| Arc::from(number.format().mode(Mode::E164).to_string()))
}

/// A country as numbering plans know it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Region(Id);

impl Region {
    /// By its two letters.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        code.parse().ok().map(Self)
    }

    /// The country that a zone lies in, for the zones of the table.
    pub(crate) fn of_zone(zone: &Zone) -> Option<Self> {
        let name = zone.name();
        let one = ONE_ZONE.iter().find(|(_, known)| *known == name).map(|(code, _)| *code);
        let code = one.or_else(|| SEVERAL_ZONES.iter().find(|(_, zones)| zones.contains(&name)).map(|(code, _)| *code));
        code.and_then(Self::parse)
    }

    /// Every zone that tells a region.
    #[cfg(test)]
    pub(crate) fn zones() -> impl Iterator<Item = &'static str> {
        let several = SEVERAL_ZONES.iter().flat_map(|(_, zones)| zones.iter().copied());
        ONE_ZONE.iter().map(|(_, zone)| *zone).chain(several)
    }
}

/// The zone of a number, where its region has exactly one.
pub(crate) fn zone_of_phone(e164: &str) -> Option<Zone> {
    if !e164.starts_with('+') || e164.len() > MAX_TEXT {
        return None;
    }
    let number = phonenumber::parse(None, e164).ok()?;
    let region = number.country().id()?;
    let (_, zone) = ONE_ZONE.iter().find(|(code, _)| *code == region.as_ref())?;
    Zone::parse(zone)
}

/// Countries whose people share one clock (an exclave of a few villages does not count).
const ONE_ZONE: &[(&str, &str)] = &[
    ("AE", "Asia/Dubai"),
    ("AG", "America/Antigua"),
    ("AT", "Europe/Vienna"),
    ("BB", "America/Barbados"),
    ("BD", "Asia/Dhaka"),
    ("BE", "Europe/Brussels"),
    ("BG", "Europe/Sofia"),
    ("BS", "America/Nassau"),
    ("CH", "Europe/Zurich"),
    ("CO", "America/Bogota"),
    ("CR", "America/Costa_Rica"),
    ("CZ", "Europe/Prague"),
    ("DE", "Europe/Berlin"),
    ("DK", "Europe/Copenhagen"),
    ("DO", "America/Santo_Domingo"),
    ("EE", "Europe/Tallinn"),
    ("EG", "Africa/Cairo"),
    ("FI", "Europe/Helsinki"),
    ("FR", "Europe/Paris"),
    ("GB", "Europe/London"),
    ("GD", "America/Grenada"),
    ("GH", "Africa/Accra"),
    ("GR", "Europe/Athens"),
    ("GY", "America/Guyana"),
    ("HK", "Asia/Hong_Kong"),
    ("HR", "Europe/Zagreb"),
    ("HT", "America/Port-au-Prince"),
    ("HU", "Europe/Budapest"),
    ("IE", "Europe/Dublin"),
    ("IL", "Asia/Jerusalem"),
    ("IN", "Asia/Kolkata"),
    ("IS", "Atlantic/Reykjavik"),
    ("IT", "Europe/Rome"),
    ("JM", "America/Jamaica"),
    ("JP", "Asia/Tokyo"),
    ("KE", "Africa/Nairobi"),
    ("KR", "Asia/Seoul"),
    ("KY", "America/Cayman"),
    ("LB", "Asia/Beirut"),
    ("LC", "America/St_Lucia"),
    ("LT", "Europe/Vilnius"),
    ("LU", "Europe/Luxembourg"),
    ("LV", "Europe/Riga"),
    ("MT", "Europe/Malta"),
    ("NG", "Africa/Lagos"),
    ("NL", "Europe/Amsterdam"),
    ("NO", "Europe/Oslo"),
    ("PA", "America/Panama"),
    ("PE", "America/Lima"),
    ("PH", "Asia/Manila"),
    ("PK", "Asia/Karachi"),
    ("PL", "Europe/Warsaw"),
    ("QA", "Asia/Qatar"),
    ("RO", "Europe/Bucharest"),
    ("RS", "Europe/Belgrade"),
    ("SA", "Asia/Riyadh"),
    ("SE", "Europe/Stockholm"),
    ("SG", "Asia/Singapore"),
    ("SI", "Europe/Ljubljana"),
    ("SK", "Europe/Bratislava"),
    ("TH", "Asia/Bangkok"),
    ("TR", "Europe/Istanbul"),
    ("TT", "America/Port_of_Spain"),
    ("UY", "America/Montevideo"),
    ("VC", "America/St_Vincent"),
    ("VN", "Asia/Ho_Chi_Minh"),
    ("ZA", "Africa/Johannesburg"),
];

/// Countries with several clocks: their zones tell the country, their numbers tell no zone.
const SEVERAL_ZONES: &[(&str, &[&str])] = &[
    ("AU", &["Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane", "Australia/Adelaide", "Australia/Perth"]),
    ("BR", &["America/Sao_Paulo", "America/Bahia", "America/Fortaleza", "America/Manaus"]),
    ("CA", &["America/Toronto", "America/Vancouver", "America/Edmonton", "America/Winnipeg", "America/Halifax"]),
    ("ES", &["Europe/Madrid", "Atlantic/Canary"]),
    ("MX", &["America/Mexico_City", "America/Cancun", "America/Tijuana", "America/Monterrey"]),
    ("NZ", &["Pacific/Auckland", "Pacific/Chatham"]),
    ("PT", &["Europe/Lisbon", "Atlantic/Azores", "Atlantic/Madeira"]),
    (
        "US",
        &[
            "America/New_York",
            "America/Chicago",
            "America/Denver",
            "America/Phoenix",
            "America/Los_Angeles",
            "America/Anchorage",
            "Pacific/Honolulu",
            "America/Detroit",
        ],
    ),
];
