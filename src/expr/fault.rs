//! What can be wrong with an expression or a template, as data, and the one home of its wording.
//!
//! Must not know files: a place is a byte range inside the scalar or template.
use crate::value::Type;
use std::{fmt, ops::Range};

/// One mistake and where it stands, in bytes of the text that was checked.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Fault {
    pub(crate) at: Range<usize>,
    pub(crate) kind: FaultKind,
}

/// Everything that can be wrong. Lists of candidates are what would have been right there.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum FaultKind {
    Empty,
    /// `hint` is the word that was probably meant (`and` for `&&`).
    Syntax {
        detail: String,
        hint: Option<&'static str>,
    },
    TooComplex,
    UnknownRoot {
        name: String,
        candidates: Vec<String>,
    },
    UnknownField {
        of: String,
        name: String,
        candidates: Vec<String>,
    },
    /// A part is asked of something that has none: `contact.score.x`.
    NoParts {
        of: String,
        is: Type,
        name: String,
    },
    UnknownFunction {
        name: String,
        candidates: Vec<String>,
    },
    UnknownFilter {
        name: String,
        candidates: Vec<String>,
    },
    UnknownTest {
        name: String,
    },
    /// A quoted id that nothing in the project has.
    UnknownId {
        what: NameKind,
        name: String,
        candidates: Vec<String>,
    },
    /// A construct that this language leaves out.
    NotSupported {
        what: &'static str,
    },
    Argument {
        function: String,
        problem: ArgumentProblem,
    },
    /// A place that asks yes or no got something else.
    NotACondition {
        is: Type,
    },
    WrongTypes {
        sign: &'static str,
        left: Type,
        right: Type,
    },
    /// `x in y` where `y` holds nothing.
    NotAList {
        is: Type,
    },
    /// A value was wanted for a field of another type.
    WrongResult {
        wanted: Type,
        is: Type,
    },
    ImpossibleChoice {
        of: String,
        value: String,
        choices: Vec<String>,
    },
    MoneyWithoutUnit,
    /// `x == none`: missing values compare with nothing.
    ComparedWithNone,
    /// A quoted text that cannot be read as what it is compared with.
    BadLiteral {
        wanted: Type,
        text: String,
    },
    AlwaysTrue,
    /// `literal`: somebody wrote `false`, probably to switch something off.
    AlwaysFalse {
        literal: bool,
    },
    /// A text uses a value that may be missing, without `default` and outside `if`.
    MaybeMissing {
        path: String,
    },
    /// A text would print a list, a record or a yes/no.
    NotPrintable {
        what: String,
        is: Type,
    },
    Forbidden {
        what: &'static str,
    },
    UnknownPartial {
        name: String,
        candidates: Vec<String>,
    },
    /// Stands in a text that a program reads.
    ForPeople {
        what: String,
    },
}

/// What quoted ids may name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum NameKind {
    Sequence,
    Campaign,
    Segment,
    Event,
    BookingKind,
    BookingStatus,
    Clinic,
    Tag,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum ArgumentProblem {
    Missing(&'static str),
    TooMany {
        at_most: usize,
    },
    UnknownName {
        name: String,
        candidates: Vec<String>,
    },
    Twice(String),
    /// Ids, event names and durations inside expressions are quoted text, not computed.
    NotQuoted(String),
    WrongType {
        name: String,
        wanted: &'static str,
        is: Type,
    },
    BadSpan(String),
}

impl Fault {
    pub(crate) fn new(at: Range<usize>, kind: FaultKind) -> Self {
        Self { at, kind }
    }
}

/// The candidate that was probably meant: at most a third of the letters differ.
pub(crate) fn nearest<'a>(name: &str, candidates: &'a [String]) -> Option<&'a str> {
    let lower = name.to_lowercase();
    candidates
        .iter()
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate.as_str()))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

fn meant(name: &str, candidates: &[String]) -> Option<String> {
    if let Some(near) = nearest(name, candidates) {
        return Some(format!("did you mean `{near}`?"));
    }
    match candidates.len() {
        0 => None,
        1..=12 => Some(format!("known here: {}", candidates.join(", "))),
        more => Some(format!("known here: {} and {} more", candidates[..10].join(", "), more - 10)),
    }
}

impl FaultKind {
    /// What is wrong, in one line without a full stop.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Empty => "an expression is missing here".to_owned(),
            Self::Syntax { detail, .. } => format!("cannot read this expression: {detail}"),
            Self::TooComplex => "this is too long or too deeply nested".to_owned(),
            Self::UnknownRoot { name, .. } => format!("`{name}` is not known here"),
            Self::UnknownField { of, name, .. } => format!("`{of}` has no field `{name}`"),
            Self::NoParts { of, is, name } => format!("`{of}` is {} and has no part `{name}`", a(is)),
            Self::UnknownFunction { name, .. } => format!("unknown function `{name}`"),
            Self::UnknownFilter { name, .. } => format!("unknown filter `{name}`"),
            Self::UnknownTest { name } => format!("unknown test `is {name}`"),
            Self::UnknownId { what, name, .. } => format!("there is no {what} `{name}`"),
            Self::NotSupported { what } => format!("{what} is not part of this language"),
            Self::Argument { function, problem } => format!("`{function}`: {problem}"),
            Self::NotACondition { is } => format!("a condition is needed here, this is {}", a(is)),
            Self::WrongTypes { sign, left, right } => format!("`{sign}` between {} and {}", a(left), a(right)),
            Self::NotAList { is } => format!("`in` needs a list or a text on its right, this is {}", a(is)),
            Self::WrongResult { wanted, is } => format!("{} is needed here, this is {}", a(wanted), a(is)),
            Self::ImpossibleChoice { of, value, .. } => format!("`{of}` is never '{value}'"),
            Self::MoneyWithoutUnit => "money is compared with a bare number".to_owned(),
            Self::ComparedWithNone => "a missing value never equals anything".to_owned(),
            Self::BadLiteral { wanted, text } => format!("'{text}' is not {}", a(wanted)),
            Self::AlwaysTrue => "this is always true".to_owned(),
            Self::AlwaysFalse { .. } => "this is always false".to_owned(),
            Self::MaybeMissing { path } => format!("`{path}` may be missing"),
            Self::NotPrintable { what, is } => format!("`{what}` is {} and cannot be put into a text", a(is)),
            Self::Forbidden { what } => format!("templates cannot use {what}"),
            Self::UnknownPartial { name, .. } => format!("there is no partial `{name}`"),
            Self::ForPeople { what } => format!("{what} is for texts that people read, and data is read by programs"),
        }
    }

    /// What to write instead, where that is known.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Syntax { hint, detail } => hint.map(|word| format!("write `{word}`")).or_else(|| syntax_help(detail)),
            Self::UnknownRoot { name, candidates } if ["null", "nil", "undefined", "None"].contains(&name.as_str()) => {
                let _ = candidates;
                Some("write `x is none` or `x is defined`".to_owned())
            }
            Self::UnknownRoot { name, candidates } => root_help(name, candidates),
            Self::UnknownField { name, candidates, .. }
            | Self::UnknownFunction { name, candidates }
            | Self::UnknownFilter { name, candidates }
            | Self::UnknownId { name, candidates, .. }
            | Self::UnknownPartial { name, candidates } => meant(name, candidates),
            Self::UnknownTest { name } if name.eq_ignore_ascii_case("null") || name == "None" => {
                Some("write `is none` or `is not none`".to_owned())
            }
            Self::UnknownTest { .. } => Some("known tests: `is defined`, `is none`".to_owned()),
            Self::ImpossibleChoice { value, choices, .. } => meant(value, choices),
            Self::Argument { problem, .. } => problem.help(),
            Self::NotACondition { is: Type::Text | Type::Choice(_) } => {
                Some("compare it (`x == 'value'`) or ask `x is defined`".to_owned())
            }
            Self::NotACondition { is: Type::List(_) } => Some("ask `length(x) > 0` or `'value' in x`".to_owned()),
            Self::NotACondition { .. } => Some("compare it, or ask `x is defined`".to_owned()),
            Self::WrongTypes { left, right, .. } => type_help(left, right),
            Self::MoneyWithoutUnit => Some("write the amount with its currency: `'50 EUR'`".to_owned()),
            Self::ComparedWithNone => Some("write `x is none` or `x is defined`".to_owned()),
            Self::BadLiteral { wanted, .. } => literal_help(wanted),
            Self::AlwaysFalse { literal: true } => Some("to switch something off, use `active: false`".to_owned()),
            Self::MaybeMissing { path } if path == "postal_address" => {
                Some("give every clinic its `address` in dripline.yaml".to_owned())
            }
            Self::MaybeMissing { path } if path == "booking_link" => {
                Some("give every clinic its `booking_url` in dripline.yaml".to_owned())
            }
            Self::MaybeMissing { path } => {
                Some(format!("write `{{{{ {path} | default('…') }}}}` or put it inside `{{% if {path} %}}`"))
            }
            Self::ForPeople { .. } => Some(
                "give the value itself, which keeps its type, with `{ value: … }`; the messages put it into words"
                    .to_owned(),
            ),
            Self::NotPrintable { is: Type::List(_), .. } => {
                Some("loop over it: `{% for item in list %}{{ item }}{% endfor %}`, or use `| join(', ')`".to_owned())
            }
            Self::NotPrintable { is: Type::Bool, .. } => Some("write `{% if x %}…{% else %}…{% endif %}`".to_owned()),
            Self::NotPrintable { is: Type::Time | Type::Date, .. } => {
                Some("say how to show it: `| datetime`, `| date` or `| time`".to_owned())
            }
            Self::NotPrintable { is: Type::Money, .. } => Some("say how to show it: `| money`".to_owned()),
            _ => None,
        }
    }
}

/// What to write instead of things that other template languages have.
fn syntax_help(detail: &str) -> Option<String> {
    let help = if detail.starts_with("unexpected end of input, expected end of block")
        || detail.contains("end of input") && detail.contains("endif")
    {
        "every `{% if … %}` and `{% for … %}` needs its `{% endif %}` or `{% endfor %}`"
    } else if detail.starts_with("unexpected `:`") {
        "a filter takes its value in brackets: `| default('there')`"
    } else if detail.starts_with("unexpected `}`, expected `:`") {
        "conditions are written without braces: `contact.warm`"
    } else if detail.starts_with("unexpected `}`, expected end of variable") {
        "close it with two braces: `}}`"
    } else if detail.starts_with("unknown statement unless") {
        "write `{% if not … %}` and `{% endif %}`"
    } else if detail.starts_with("unknown statement") {
        "templates know `{% if … %}`, `{% for … %}`, `{% set … %}` and `{% include … %}`"
    } else if detail.starts_with("unexpected end of input, expected `)`") {
        "close the bracket"
    } else {
        return None;
    };
    Some(help.to_owned())
}

/// Fields of the contact that other programs offer without their root.
const OF_CONTACTS: &[&str] = &[
    "first_name",
    "last_name",
    "name",
    "email",
    "phone",
    "address",
    "locale",
    "status",
    "temperature",
    "score",
    "tags",
    "stage",
    "warm",
];

fn root_help(name: &str, candidates: &[String]) -> Option<String> {
    if nearest(name, candidates).is_some() {
        return meant(name, candidates);
    }
    let field = name.to_lowercase();
    if let Some(field) = OF_CONTACTS.iter().find(|known| known.replace('_', "") == field.replace('_', "")) {
        return Some(format!("write `contact.{field}`"));
    }
    if name == "booking" {
        return Some("write `about: booking` in the sequence, or start it by an event of a booking".to_owned());
    }
    let known = meant(name, candidates)?;
    Some(format!("a text needs quotes: `'{name}'`; {known}"))
}

/// A type as a person says it.
pub(super) fn a(kind: &Type) -> String {
    match kind {
        Type::Integer => "an integer".to_owned(),
        Type::Bool => "a yes or no".to_owned(),
        Type::Money => "an amount of money".to_owned(),
        Type::List(of) => format!("a list ({of})"),
        Type::Choice(_) | Type::Any => kind.to_string(),
        _ => format!("a {kind}"),
    }
}

fn type_help(left: &Type, right: &Type) -> Option<String> {
    let pair =
        |one: fn(&Type) -> bool, other: fn(&Type) -> bool| (one(left) && other(right)) || (one(right) && other(left));
    let number = |kind: &Type| matches!(kind, Type::Number | Type::Integer);
    let text = |kind: &Type| matches!(kind, Type::Text | Type::Choice(_));
    if pair(number, text) {
        return Some("write the number without quotes".to_owned());
    }
    if pair(|kind| *kind == Type::Time, |kind| *kind == Type::Date) {
        return Some("turn the time into a date first: `date(x)`".to_owned());
    }
    if pair(|kind| *kind == Type::Time, number) {
        return Some("count with `days_since(x)`, `hours_since(x)` or `days_until(x)`".to_owned());
    }
    if pair(|kind| *kind == Type::Bool, text) {
        return Some("write `true` or `false` without quotes".to_owned());
    }
    if matches!(left, Type::List(_)) || matches!(right, Type::List(_)) {
        return Some("ask whether a list holds something: `'value' in x`".to_owned());
    }
    None
}

fn literal_help(wanted: &Type) -> Option<String> {
    Some(
        match wanted {
            Type::Date => "write a date as '2026-12-01'",
            Type::Time => "write a moment as '2026-12-01 14:00' or with its offset",
            Type::Duration => "write a length of time as '3d', '24h' or '1d 4h'",
            Type::Money => "write an amount with its currency: '50 EUR'",
            _ => return None,
        }
        .to_owned(),
    )
}

impl ArgumentProblem {
    fn help(&self) -> Option<String> {
        match self {
            Self::UnknownName { name, candidates } => meant(name, candidates),
            Self::NotQuoted(_) => Some("write it in quotes".to_owned()),
            Self::BadSpan(_) => literal_help(&Type::Duration),
            _ => None,
        }
    }
}

impl fmt::Display for ArgumentProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "the argument `{name}` is missing"),
            Self::TooMany { at_most: 0 } => f.write_str("takes no arguments"),
            Self::TooMany { at_most: 1 } => f.write_str("takes one argument without a name"),
            Self::TooMany { at_most } => write!(f, "takes at most {at_most} arguments without a name"),
            Self::UnknownName { name, .. } => write!(f, "has no argument `{name}`"),
            Self::Twice(name) => write!(f, "the argument `{name}` is given twice"),
            Self::NotQuoted(name) => write!(f, "`{name}` has to be a quoted text or a plain value, not a computed one"),
            Self::WrongType { name, wanted, is } => write!(f, "`{name}` has to be {wanted}, this is {}", a(is)),
            Self::BadSpan(text) => write!(f, "'{text}' is no length of time"),
        }
    }
}

impl fmt::Display for NameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sequence => "sequence",
            Self::Campaign => "campaign",
            Self::Segment => "segment",
            Self::Event => "event",
            Self::BookingKind => "booking kind",
            Self::BookingStatus => "booking status",
            Self::Clinic => "clinic",
            Self::Tag => "tag",
        })
    }
}
