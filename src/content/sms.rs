//! What a text costs as SMS: its alphabet, its length, its segments (GSM 03.38, 3GPP TS 23.038).
//!
//! One letter that the old alphabet has not makes the whole text UCS-2, with 70 letters a segment instead of 160. Must not
//! know templates or channels.

/// The default alphabet, escape and control letters apart.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Letters that are sent as two.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// Letters of programs and pens, and what a keyboard has for them.
const INSTEAD: &[(char, &str)] = &[
    ('\u{2018}', "'"),
    ('\u{2019}', "'"),
    ('\u{201a}', "'"),
    ('\u{201c}', "\""),
    ('\u{201d}', "\""),
    ('\u{201e}', "\""),
    ('\u{ab}', "\""),
    ('\u{bb}', "\""),
    ('\u{2010}', "-"),
    ('\u{2011}', "-"),
    ('\u{2012}', "-"),
    ('\u{2013}', "-"),
    ('\u{2014}', "-"),
    ('\u{2212}', "-"),
    ('\u{2022}', "-"),
    ('\u{b7}', "-"),
    ('\u{2026}', "..."),
    ('\u{a0}', " "),
    ('\u{202f}', " "),
    ('\u{2009}', " "),
    ('\u{200b}', ""),
    ('\u{feff}', ""),
    ('\t', " "),
    ('`', "'"),
    ('\u{b4}', "'"),
    ('\u{d7}', "x"),
    ('\u{2192}', "->"),
    ('\u{a9}', "(c)"),
    ('\u{ae}', "(R)"),
    ('\u{2122}', "(TM)"),
    ('\u{bd}', "1/2"),
    ('\u{b0}', " degrees"),
    ('ç', "c"),
    ('á', "a"),
    ('â', "a"),
    ('ê', "e"),
    ('ë', "e"),
    ('í', "i"),
    ('î', "i"),
    ('ï', "i"),
    ('ó', "o"),
    ('ô', "o"),
    ('ú', "u"),
    ('û', "u"),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Alphabet {
    Gsm7,
    Ucs2,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Length {
    pub(crate) alphabet: Alphabet,
    /// Letters as the network counts them.
    pub(crate) units: usize,
    pub(crate) segments: usize,
}

impl Alphabet {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    /// Units of a text that is alone, and of each part of a longer one.
    fn room(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }
}

/// How many letters of the old alphabet it takes; none where it has no such letter.
fn width(letter: char) -> Option<usize> {
    if letter.is_ascii_alphanumeric() || letter == ' ' || BASIC.contains(letter) {
        return Some(1);
    }
    EXTENDED.contains(letter).then_some(2)
}

/// Length and segments of a text. What takes two units is never cut in the middle.
pub(crate) fn length(text: &str) -> Length {
    let alphabet = if foreign(text).is_none() { Alphabet::Gsm7 } else { Alphabet::Ucs2 };
    let widths = || {
        text.chars()
            .map(|letter| width(letter).filter(|_| alphabet == Alphabet::Gsm7).unwrap_or_else(|| letter.len_utf16()))
    };
    let units: usize = widths().sum();
    let (alone, part) = alphabet.room();
    if units <= alone {
        return Length { alphabet, units, segments: usize::from(units > 0) };
    }
    let (mut segments, mut used) = (1, 0);
    for wide in widths() {
        if used + wide > part {
            (segments, used) = (segments + 1, 0);
        }
        used += wide;
    }
    Length { alphabet, units, segments }
}

/// The first letter that the old alphabet has not, and where it stands.
pub(crate) fn foreign(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|(_, letter)| width(*letter).is_none())
}

/// What to write instead of a letter that the old alphabet has not, when the text stays the same for its reader. Nothing for
/// signs and pictures; `None` for letters of other scripts.
pub(crate) fn instead(letter: char) -> Option<&'static str> {
    if let Some((_, plain)) = INSTEAD.iter().find(|(known, _)| *known == letter) {
        return Some(plain);
    }
    (!letter.is_alphabetic()).then_some("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (Alphabet, usize, usize) {
        let length = length(text);
        (length.alphabet, length.units, length.segments)
    }

    #[test]
    fn segments_are_counted_as_the_network_does() {
        use Alphabet::*;
        assert_eq!(told(""), (Gsm7, 0, 0));
        assert_eq!(told(&"a".repeat(160)), (Gsm7, 160, 1));
        assert_eq!(told(&"a".repeat(161)), (Gsm7, 161, 2));
        assert_eq!(told(&"a".repeat(306)), (Gsm7, 306, 2));
        assert_eq!(told(&"a".repeat(307)), (Gsm7, 307, 3));
        assert_eq!(told(&"ß".repeat(160)), (Gsm7, 160, 1));
        assert_eq!(told(&"€".repeat(80)), (Gsm7, 160, 1));
        assert_eq!(told(&"{".repeat(81)), (Gsm7, 162, 2));
        assert_eq!(told(&"я".repeat(70)), (Ucs2, 70, 1));
        assert_eq!(told(&"я".repeat(71)), (Ucs2, 71, 2));
        assert_eq!(told(&format!("{}’", "a".repeat(70))), (Ucs2, 71, 2));
        assert_eq!(told(&"😀".repeat(35)), (Ucs2, 70, 1));
    }

    #[test]
    fn what_takes_two_units_is_not_cut() {
        // 153 units hold 76 pairs and one place that stays empty
        assert_eq!(length(&"€".repeat(153)).segments, 3);
        // 67 hold 33 pairs
        assert_eq!(length(&"😀".repeat(67)).segments, 3);
        assert_eq!(length(&"😀".repeat(66)).segments, 2);
    }

    #[test]
    fn the_letter_that_costs_is_named_with_its_place() {
        assert_eq!(foreign("It’s"), Some((2, '\u{2019}')));
        assert_eq!(foreign("Grüße für 5 € [ok]"), None);
        assert_eq!(instead('\u{2019}'), Some("'"));
        assert_eq!(instead('😀'), Some(""));
        assert_eq!(instead('я'), None);
        assert!(INSTEAD.iter().all(|(letter, plain)| width(*letter).is_none() && foreign(plain).is_none()));
    }
}
