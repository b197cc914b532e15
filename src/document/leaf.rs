//! What single scalars look like: ids, durations, times of day, and which of them older YAML tools read otherwise.
//! Says whether a text has the form, not what it means.

/// A form of text.
#[derive(Debug)]
pub(crate) struct Form {
    /// With its article: `a duration such as 3d`.
    pub(crate) wants: &'static str,
    /// The same as `reads`, for editors.
    pub(crate) pattern: &'static str,
    pub(crate) reads: fn(&str) -> bool,
    pub(crate) kind: FormKind,
}

/// Forms with findings of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FormKind {
    Id,
    Duration,
    Other,
}

const fn form(wants: &'static str, pattern: &'static str, reads: fn(&str) -> bool) -> Form {
    Form { wants, pattern, reads, kind: FormKind::Other }
}

pub(crate) static ID: Form = Form {
    wants: "an id of small letters, digits and underscores",
    pattern: "^[a-z][a-z0-9_]{0,63}$",
    reads: is_id,
    kind: FormKind::Id,
};
pub(crate) static DURATION: Form = Form {
    wants: "a duration such as 90s, 15m, 24h, 3d, 2w, 1mo or 1d 4h",
    pattern: "^([0-9]+ ?(s|m|h|d|w|mo|seconds?|minutes?|hours?|days?|weeks?|months?) ?)+$",
    reads: is_duration,
    kind: FormKind::Duration,
};
pub(crate) static TIME: Form = form("a time of day such as \"10:00\"", "^([01][0-9]|2[0-3]):[0-5][0-9]$", is_time);
pub(crate) static EVENT: Form =
    form("the name of an event such as booking.created", "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$", is_dotted);
pub(crate) static PATH: Form =
    form("a field such as contact.procedure", "^[A-Za-z_][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*$", is_path);
pub(crate) static MOMENT: Form = form(
    "a time or date field such as booking.start",
    "^(contact|booking|event|run)\\.[a-z_][a-z0-9_]*(\\.[a-z_][a-z0-9_]*)*$",
    |text| is_dotted(text) && ["contact.", "booking.", "event.", "run."].iter().any(|root| text.starts_with(root)),
);
pub(crate) static REENTRY: Form = form(
    "never, always, or after and a duration such as `after 30d`",
    "^(never|always|after ([0-9]+ ?(s|m|h|d|w|mo|seconds?|minutes?|hours?|days?|weeks?|months?) ?)+)$",
    |text| matches!(text, "never" | "always") || text.strip_prefix("after ").is_some_and(is_duration),
);
pub(crate) static LOCALE: Form = form("a language such as en or de-AT", "^[a-z]{2,3}(-[A-Z]{2})?$", is_locale);
pub(crate) static TEMPLATE: Form =
    form("the id of a template such as no_show/sorry", "^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", |text| {
        text.split('/')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'))
    });
pub(crate) static NAME: Form =
    form("a name of letters, digits, dots, dashes and underscores", "^[A-Za-z0-9_*][A-Za-z0-9_.*-]*$", |text| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '*')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'*'))
    });
pub(crate) static SECRET: Form =
    form("the NAME of an environment variable, or file:/run/secrets/name", "^([A-Z][A-Z0-9_]*|file:/.+)$", |text| {
        is_variable(text) || text.strip_prefix("file:/").is_some_and(|path| !path.is_empty() && !path.contains('\n'))
    });

pub(crate) static MONEY: Form =
    form("an amount with its currency such as 0.04 USD", "^[0-9]{1,12}(\\.[0-9]{1,6})? [A-Z]{3}$", is_money);
pub(crate) static PERCENT: Form = form("a part of a hundred such as 30%", "^([0-9]|[1-9][0-9]|100)%$", |text| {
    text.strip_suffix('%').is_some_and(|number| {
        number.len() <= 3 && number.parse::<u8>().is_ok_and(|part| part <= 100 && part.to_string() == number)
    })
});
pub(crate) static COUNTRY: Form = form("the two capital letters of a country such as DE", "^[A-Z]{2}$", |text| {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
});

pub(crate) fn is_id(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Name of an environment variable.
pub(crate) fn is_variable(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_money(text: &str) -> bool {
    let Some((amount, currency)) = text.split_once(' ') else { return false };
    let (whole, part) = amount.split_once('.').map_or((amount, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    currency.len() == 3
        && currency.bytes().all(|b| b.is_ascii_uppercase())
        && digits(whole, 12)
        && part.is_none_or(|part| digits(part, 6))
}

fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    }) && !text.starts_with('_')
}

fn is_path(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'))
}

fn is_time(text: &str) -> bool {
    let Some((hour, minute)) = text.split_once(':') else { return false };
    let two = |part: &str, most: u8| {
        part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u8>().is_ok_and(|n| n <= most)
    };
    two(hour, 23) && two(minute, 59)
}

pub(crate) fn is_locale(text: &str) -> bool {
    let (language, region) = text.split_once('-').map_or((text, None), |(l, r)| (l, Some(r)));
    (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && region.is_none_or(|r| r.len() == 2 && r.bytes().all(|b| b.is_ascii_uppercase()))
}

const UNITS: &[&str] = &[
    "s", "m", "h", "d", "w", "mo", "second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week",
    "weeks", "month", "months",
];

fn is_duration(text: &str) -> bool {
    let mut rest = text;
    loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        rest = &rest[digits..];
        rest = rest.strip_prefix(' ').unwrap_or(rest);
        let unit = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_lowercase()).len();
        if digits == 0 || !UNITS.contains(&&rest[..unit]) {
            return false;
        }
        rest = &rest[unit..];
        rest = rest.strip_prefix(' ').unwrap_or(rest);
        if rest.is_empty() {
            return true;
        }
    }
}

/// What an unquoted scalar is in the core schema of YAML 1.2, when it is no text.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Core {
    Bool(bool),
    Integer(i64),
    Number(f64),
}

pub(crate) fn core_type(text: &str) -> Option<Core> {
    match text {
        "true" | "True" | "TRUE" => return Some(Core::Bool(true)),
        "false" | "False" | "FALSE" => return Some(Core::Bool(false)),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.parse().map_or_else(|_| Core::Number(text.parse().unwrap_or(f64::MAX)), Core::Integer));
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return i64::from_str_radix(octal, 8).ok().filter(|_| !octal.starts_with('+')).map(Core::Integer);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().filter(|_| !hex.starts_with('+')).map(Core::Integer);
    }
    let special = digits.strip_prefix('.').unwrap_or("");
    if matches!(special, "inf" | "Inf" | "INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(Core::Number(f64::INFINITY));
    }
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.bytes().any(|b| b.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    if numeric { text.parse().ok().map(Core::Number) } else { None }
}

/// What tools that follow YAML 1.1 (or the types of 1.2) make of an unquoted text, when that is not the same text.
pub(crate) fn other_reading(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    if matches!(&*lower, "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false") {
        return Some("a truth value");
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        // A whole number that prints as it was written loses nothing.
        let same = text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
        return if same { None } else { Some("a number") };
    }
    if digits.contains(':') && digits.split(':').all(|part| part.len() <= 2 && part.parse::<u8>().is_ok_and(|n| n < 60))
    {
        return Some("a number counted in sixties");
    }
    let underscored = text.replace('_', "");
    match core_type(&underscored) {
        Some(Core::Number(number)) if number.to_string() == text => None,
        Some(Core::Integer(_) | Core::Number(_)) => Some("a number"),
        _ if digits.starts_with("0b") && digits[2..].bytes().all(|b| matches!(b, b'0' | b'1' | b'_')) => {
            Some("a number")
        }
        _ => None,
    }
}
