//! Guesses what somebody meant who wrote a scalar the way another program, or a person, writes it. Every guess is held against
//! the form that is asked for. Knows no key.

/// The first reading of `text` that has the form.
pub(crate) fn repaired(text: &str, reads: fn(&str) -> bool) -> Option<String> {
    if text.len() > 80 {
        return None;
    }
    let bare = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '“' | '”' | '„' | '‘' | '’' | '"' | '\''));
    let lower = bare.to_lowercase();
    let guesses = [
        Some(bare.to_owned()),
        time(&lower),
        duration(&lower),
        duration(&lower).map(|span| format!("after {span}")),
        Some(format!("after {}", lower.trim_start_matches("after").trim_start_matches([':', ' ']))),
        language(&lower),
        region(bare),
        Some(without_file(bare)),
        Some(lower.clone()),
        Some(bare.to_uppercase()),
    ];
    guesses.into_iter().flatten().find(|guess| guess != text && reads(guess))
}

/// `9:00`, `10am`, `6 pm`, `18.30`, `10h`.
fn time(text: &str) -> Option<String> {
    let (text, late) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(text), _) => (text, Some(false)),
        (_, Some(text)) => (text, Some(true)),
        _ => (text.trim_end_matches(['h', ' ']), None),
    };
    let text = text.trim().replace('.', ":");
    let (hour, minute) = match text.split_once(':') {
        Some((hour, minute)) => (hour, minute.get(..2)?.parse::<u8>().ok()?),
        None => (text.as_str(), 0),
    };
    let hour: u8 = hour.parse().ok()?;
    let hour = match late {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(late) => hour % 12 + if late { 12 } else { 0 },
        None => hour,
    };
    (hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

/// `P3D`, `PT36H`, `5mins`, `2 hrs`, `1 year`, `day`.
fn duration(text: &str) -> Option<String> {
    let text = text.strip_prefix("pt").or_else(|| text.strip_prefix('p')).unwrap_or(text).trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u32 = if digits == 0 { 1 } else { text[..digits].parse().ok()? };
    let (number, unit) = match text[digits..].trim() {
        "s" | "sec" | "secs" | "second" => (number, "s"),
        "m" | "min" | "mins" | "minute" => (number, "m"),
        "h" | "hr" | "hrs" | "hour" => (number, "h"),
        "d" | "day" | "daily" => (number, "d"),
        "w" | "wk" | "wks" | "week" | "weekly" => (number, "w"),
        "mo" | "mon" | "mos" | "month" | "monthly" => (number, "mo"),
        "y" | "yr" | "yrs" | "year" | "years" => (number.checked_mul(12)?, "mo"),
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

fn language(name: &str) -> Option<String> {
    let code = match name {
        "english" => "en",
        "german" | "deutsch" => "de",
        "french" | "français" => "fr",
        "spanish" | "español" => "es",
        "italian" | "italiano" => "it",
        "portuguese" | "português" => "pt",
        "dutch" | "nederlands" => "nl",
        "polish" | "polski" => "pl",
        "turkish" | "türkçe" => "tr",
        _ => return None,
    };
    Some(code.to_owned())
}

/// `de_DE`, `de-de`.
fn region(text: &str) -> Option<String> {
    let (language, region) = text.split_once(['_', '-'])?;
    Some(format!("{}-{}", language.to_lowercase(), region.to_uppercase()))
}

/// The id of `templates/no_show/sorry.email.md`.
fn without_file(text: &str) -> String {
    let text = text.strip_prefix("./").unwrap_or(text);
    let text = text.strip_prefix("templates/").unwrap_or(text);
    let name = text.rfind('/').map_or(0, |at| at + 1);
    let end = text[name..].find('.').map_or(text.len(), |dot| name + dot);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests;
