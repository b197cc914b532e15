//! Phone numbers in E.164, the region a number is read in, and the zone a number tells.
//!
//! Must not know whose number it is.
use crate::calendar::Zone;
use phonenumber::{Mode, country::Id};
use std::sync::{Arc, LazyLock, OnceLock};

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
        country_of(zone).and_then(Self::parse)
    }

    /// Every zone that tells a region.
    #[cfg(test)]
    pub(crate) fn zones() -> impl Iterator<Item = &'static str> {
        let several = SEVERAL_ZONES.iter().flat_map(|(_, zones)| zones.iter().copied());
        ONE_ZONE.iter().map(|(_, zone, _)| *zone).chain(several)
    }
}

/// The two letters of the country that a zone lies in, for the zones of the table.
pub(crate) fn country_of(zone: &Zone) -> Option<&'static str> {
    let name = zone.name();
    let one = ONE_ZONE.iter().find(|(_, known, _)| *known == name).map(|(code, ..)| *code);
    one.or_else(|| SEVERAL_ZONES.iter().find(|(_, zones)| zones.contains(&name)).map(|(code, _)| *code))
}

/// Each region of the table with the digits its numbers begin with.
#[cfg(test)]
pub(crate) fn prefixes() -> impl Iterator<Item = (&'static str, &'static str)> {
    ONE_ZONE.iter().flat_map(|(code, _, prefixes)| prefixes.iter().map(|prefix| (*code, *prefix)))
}

/// The zone of a number, where its region has exactly one. Numbers were judged when they came in; here the digits they begin
/// with are enough, because every decision about somebody without a zone asks.
pub(crate) fn zone_of_phone(e164: &str) -> Option<Zone> {
    let digits = e164.strip_prefix('+').filter(|digits| digits.len() >= 7 && digits.len() <= 15)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let begins = |long: usize| ZONES.get(place(digits.get(..long)?))?.as_ref();
    let (name, zone) = PREFIXES.into_iter().find_map(begins)?;
    zone.get_or_init(|| Zone::parse(name)).clone()
}

/// How long prefixes are: none begins with another.
const PREFIXES: [usize; 3] = [2, 3, 4];

/// A zone by its name, read when it is first asked for.
type Named = (&'static str, OnceLock<Option<Zone>>);

/// The table by prefix: every decision about somebody asks for their zone.
static ZONES: LazyLock<Vec<Option<Named>>> = LazyLock::new(|| {
    let mut all: Vec<Option<Named>> = (0..20_000).map(|_| None).collect();
    for (_, zone, prefixes) in ONE_ZONE {
        for prefix in *prefixes {
            if let Some(entry) = all.get_mut(place(prefix)) {
                *entry = Some((*zone, OnceLock::new()));
            }
        }
    }
    all
});

/// Up to four digits as a number of their own: 49 and 049 are two.
fn place(digits: &str) -> usize {
    digits.bytes().fold(1, |number, digit| number * 10 + usize::from(digit & 15))
}

/// Region, zone and the digits of its numbers: countries whose people share one clock (an exclave of a few villages does not count).
const ONE_ZONE: &[(&str, &str, &[&str])] = &[
    ("AE", "Asia/Dubai", &["971"]),
    ("AG", "America/Antigua", &["1268"]),
    ("AT", "Europe/Vienna", &["43"]),
    ("BB", "America/Barbados", &["1246"]),
    ("BD", "Asia/Dhaka", &["880"]),
    ("BE", "Europe/Brussels", &["32"]),
    ("BG", "Europe/Sofia", &["359"]),
    ("BS", "America/Nassau", &["1242"]),
    ("CH", "Europe/Zurich", &["41"]),
    ("CO", "America/Bogota", &["57"]),
    ("CR", "America/Costa_Rica", &["506"]),
    ("CZ", "Europe/Prague", &["420"]),
    ("DE", "Europe/Berlin", &["49"]),
    ("DK", "Europe/Copenhagen", &["45"]),
    ("DO", "America/Santo_Domingo", &["1809", "1829", "1849"]),
    ("EE", "Europe/Tallinn", &["372"]),
    ("EG", "Africa/Cairo", &["20"]),
    ("FI", "Europe/Helsinki", &["358"]),
    ("FR", "Europe/Paris", &["33"]),
    ("GB", "Europe/London", &["44"]),
    ("GD", "America/Grenada", &["1473"]),
    ("GH", "Africa/Accra", &["233"]),
    ("GR", "Europe/Athens", &["30"]),
    ("GY", "America/Guyana", &["592"]),
    ("HK", "Asia/Hong_Kong", &["852"]),
    ("HR", "Europe/Zagreb", &["385"]),
    ("HT", "America/Port-au-Prince", &["509"]),
    ("HU", "Europe/Budapest", &["36"]),
    ("IE", "Europe/Dublin", &["353"]),
    ("IL", "Asia/Jerusalem", &["972"]),
    ("IN", "Asia/Kolkata", &["91"]),
    ("IS", "Atlantic/Reykjavik", &["354"]),
    ("IT", "Europe/Rome", &["39"]),
    ("JM", "America/Jamaica", &["1876", "1658"]),
    ("JP", "Asia/Tokyo", &["81"]),
    ("KE", "Africa/Nairobi", &["254"]),
    ("KR", "Asia/Seoul", &["82"]),
    ("KY", "America/Cayman", &["1345"]),
    ("LB", "Asia/Beirut", &["961"]),
    ("LC", "America/St_Lucia", &["1758"]),
    ("LT", "Europe/Vilnius", &["370"]),
    ("LU", "Europe/Luxembourg", &["352"]),
    ("LV", "Europe/Riga", &["371"]),
    ("MT", "Europe/Malta", &["356"]),
    ("NG", "Africa/Lagos", &["234"]),
    ("NL", "Europe/Amsterdam", &["31"]),
    ("NO", "Europe/Oslo", &["47"]),
    ("PA", "America/Panama", &["507"]),
    ("PE", "America/Lima", &["51"]),
    ("PH", "Asia/Manila", &["63"]),
    ("PK", "Asia/Karachi", &["92"]),
    ("PL", "Europe/Warsaw", &["48"]),
    ("QA", "Asia/Qatar", &["974"]),
    ("RO", "Europe/Bucharest", &["40"]),
    ("RS", "Europe/Belgrade", &["381"]),
    ("SA", "Asia/Riyadh", &["966"]),
    ("SE", "Europe/Stockholm", &["46"]),
    ("SG", "Asia/Singapore", &["65"]),
    ("SI", "Europe/Ljubljana", &["386"]),
    ("SK", "Europe/Bratislava", &["421"]),
    ("TH", "Asia/Bangkok", &["66"]),
    ("TR", "Europe/Istanbul", &["90"]),
    ("TT", "America/Port_of_Spain", &["1868"]),
    ("UY", "America/Montevideo", &["598"]),
    ("VC", "America/St_Vincent", &["1784"]),
    ("VN", "Asia/Ho_Chi_Minh", &["84"]),
    ("ZA", "Africa/Johannesburg", &["27"]),
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
