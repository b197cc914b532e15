//! An offer as written: a code with what it is worth, until when and how often.
use super::{
    fields::Fields,
    leaf::{Form, FormKind, ID},
    shape::{Group, Key, Shape, Type, What},
    text::{Spanned, Text},
    tree::Map,
};

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Offer {
    pub(crate) title: Option<Text>,
    pub(crate) details: Option<Text>,
    /// One code for everybody.
    pub(crate) code: Option<Text>,
    /// One code per contact; every `?` becomes a letter or a digit.
    pub(crate) generate: Option<Text>,
    /// `20%`, `20 EUR`.
    pub(crate) value: Option<Text>,
    pub(crate) from: Option<Text>,
    pub(crate) until: Option<Text>,
    /// Limits that the file does not state, well or badly written.
    pub(crate) lacks: Vec<&'static str>,
    pub(crate) per_contact: Option<Spanned<i64>>,
    pub(crate) total: Option<Spanned<i64>>,
    pub(crate) clinic: Vec<Text>,
}

// ---- descriptions ----

/// A date or an instant.
pub(crate) static WHEN: Form = Form {
    wants: "a date such as 2027-01-15, or a date and time such as 2027-01-15 18:00",
    pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$",
    reads: is_when,
    kind: FormKind::Other,
};
static CODE: Form = Form {
    wants: "a code of letters, digits and dashes such as WINTER20",
    pattern: "^[A-Za-z0-9_.-]{1,64}$",
    reads: |text| (1..=64).contains(&text.len()) && text.bytes().all(is_of_code),
    kind: FormKind::Other,
};
static PATTERN: Form = Form {
    wants: "a pattern with question marks such as \"W-??????\"",
    pattern: "^[A-Za-z0-9_.-]*\\?[A-Za-z0-9_.?-]*$",
    reads: |text| text.len() <= 64 && text.contains('?') && text.bytes().all(|byte| byte == b'?' || is_of_code(byte)),
    kind: FormKind::Other,
};
static WORTH: Form = Form {
    wants: "a share such as 20%, or an amount such as 20 EUR",
    pattern: "^[0-9]+(\\.[0-9]{1,2})? ?(%|[A-Z]{3})$",
    reads: is_worth,
    kind: FormKind::Other,
};
pub(crate) const CLINICS: Type = Type::Or(&[Type::form(&ID), Type::List(&Type::form(&ID))]);

fn is_of_code(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// Digits where the picture has `d`, everything else as it stands.
fn looks_like(text: &str, picture: &str) -> bool {
    text.len() == picture.len()
        && text.bytes().zip(picture.bytes()).all(
            |(have, want)| {
                if want == b'd' { have.is_ascii_digit() } else { have == want }
            },
        )
}

fn is_when(text: &str) -> bool {
    let (Some(date), rest) = (text.get(..10), text.get(10..).unwrap_or("")) else { return false };
    let Some(time) = rest.strip_prefix([' ', 'T']) else { return rest.is_empty() && looks_like(date, "dddd-dd-dd") };
    let (clock, zone) = time.find(['Z', '+', '-']).map_or((time, ""), |at| time.split_at(at));
    let zoned = zone.is_empty() || zone == "Z" || looks_like(&zone[1..], "dd:dd");
    looks_like(date, "dddd-dd-dd") && (looks_like(clock, "dd:dd") || looks_like(clock, "dd:dd:dd")) && zoned
}

/// The number of a worth, and its unit: `%` or a currency.
pub(crate) fn worth(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|end| *end > 0)?;
    let (number, unit) = (&text[..end], text[end..].trim_start());
    let (whole, cents) = number.split_once('.').map_or((number, None), |(whole, cents)| (whole, Some(cents)));
    let cents = cents.is_none_or(|cents| (1..=2).contains(&cents.len()) && !cents.contains('.'));
    let unit_fits = unit == "%" || (unit.len() == 3 && unit.bytes().all(|b| b.is_ascii_uppercase()));
    (!whole.is_empty() && cents && unit_fits).then_some((number, unit))
}

fn is_worth(text: &str) -> bool {
    worth(text).is_some()
}

static VALID: Shape = Shape::new(
    "a validity",
    "From when and until when the offer can be redeemed.",
    &[
        Key::new(
            "from",
            Type::form(&WHEN),
            "From when it is valid, by the clinic's clock; a date means its 00:00.",
            "2026-12-01",
        ),
        Key::new(
            "until",
            Type::form(&WHEN),
            "Until when it is valid, by the clinic's clock; a date means its last minute. Messages with the offer do not go out later.",
            "2027-01-15",
        ),
    ],
);
static LIMITS: Shape = Shape::new(
    "limits",
    "How often the offer can be redeemed. Messages with it do not go out any more when it is used up.",
    &[
        Key::new("per_contact", Type::integer(1, 1000), "How often one person can redeem it.", "1"),
        Key::new("total", Type::integer(1, 100_000_000), "How often it can be redeemed in all.", "300"),
    ],
);

pub(crate) static OFFER: Shape = Shape::new(
    "an offer",
    "A code with what it is worth, until when, and how often.",
    &[
        Key::new("offer", Type::form(&ID), "Id of the offer. Sequences and campaigns name it.", "winter20").required(),
        Key::new("title", Type::TEXT, "What it is, in one line; `offer.title` in texts.", "20 % off your next treatment")
            .required(),
        Key::new(
            "details",
            Type::TEXT,
            "The small print; `offer.details` in texts.",
            "Valid for one visit until mid-January.",
        ),
        Key::new("code", Type::form(&CODE), "One code for everybody; `offer.code` in texts.", "WINTER20"),
        Key::new(
            "generate",
            Type::form(&PATTERN),
            "A code of their own for every contact: each ? becomes a letter or a digit. It is made when the first message with it goes out, and stays the same.",
            "\"W-??????\"",
        ),
        Key::new("value", Type::form(&WORTH), "What it is worth: a share or an amount.", "20%"),
        Key::new("valid", Type::Object(&VALID), "From when and until when it is valid.", "{ until: 2027-01-15 }"),
        Key::new(
            "limits",
            Type::Object(&LIMITS),
            "How often it can be redeemed, by person and in all.",
            "{ per_contact: 1, total: 300 }",
        ),
        Key::new("clinic", CLINICS, "The clinic or clinics it belongs to; dates are by the first one's clock.", "kingston"),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
    ],
)
.groups(&[Group { keys: &["code", "generate"], what: What::Form, needed: true }]);

// ---- reading ----

impl Offer {
    pub(crate) fn read(map: &Map) -> Self {
        let fields = Fields::new(map, &OFFER);
        let valid = fields.object("valid");
        let limits = fields.object("limits");
        Self {
            title: fields.text("title"),
            details: fields.text("details"),
            code: fields.text("code"),
            generate: fields.text("generate"),
            value: fields.text("value"),
            from: valid.as_ref().and_then(|valid| valid.text("from")),
            until: valid.as_ref().and_then(|valid| valid.text("until")),
            lacks: lacks(valid.as_ref(), limits.as_ref()),
            per_contact: limits.as_ref().and_then(|limits| limits.integer("per_contact")),
            total: limits.as_ref().and_then(|limits| limits.integer("total")),
            clinic: fields.texts("clinic"),
        }
    }
}

fn lacks(valid: Option<&Fields<'_>>, limits: Option<&Fields<'_>>) -> Vec<&'static str> {
    let states = |object: Option<&Fields<'_>>, key: &str| object.is_some_and(|object| object.has(key));
    let stated = [
        ("valid.until", states(valid, "until")),
        ("limits.per_contact", states(limits, "per_contact")),
        ("limits.total", states(limits, "total")),
    ];
    stated.into_iter().filter(|(_, stated)| !stated).map(|(key, _)| key).collect()
}
