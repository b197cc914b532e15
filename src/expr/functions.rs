//! The table of functions and filters: what is checked against is also what the printed reference shows.
//!
//! Must not know how a function is evaluated.
use serde::{Deserialize, Serialize};

/// A function or filter of the language.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Function {
    Now,
    DaysSince,
    HoursSince,
    DaysUntil,
    Date,
    Weekday,
    Hour,
    Lower,
    Upper,
    Trim,
    Length,
    Default,
    HasTag,
    InSegment,
    InSequence,
    HasBooking,
    Count,
    Last,
    WasSent,
}

/// What an argument has to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wants {
    /// A time or a date.
    Moment,
    Text,
    /// A text or a list.
    Sized,
    Anything,
    /// A quoted name.
    Name,
    /// A quoted length of time.
    Span,
    /// A text, or a person whose e-mail address is taken.
    Host,
    /// A text or a list of texts.
    Texts,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) wants: Wants,
    pub(crate) needed: bool,
    /// May be given without its name.
    pub(crate) positional: bool,
}

/// One row of the reference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signature {
    pub(crate) function: Function,
    pub(crate) name: &'static str,
    /// As printed: `days_since(t)`.
    pub(crate) usage: &'static str,
    pub(crate) gives: &'static str,
    pub(crate) description: &'static str,
    pub(crate) example: &'static str,
    pub(crate) parameters: &'static [Parameter],
    /// Further `field=value` arguments are fields of the event.
    pub(crate) fields: bool,
    /// `name(x)` is legal.
    pub(crate) call: bool,
    /// `x | name` is legal.
    pub(crate) filter: bool,
}

const fn needs(name: &'static str, wants: Wants) -> Parameter {
    Parameter { name, wants, needed: true, positional: true }
}

const fn may(name: &'static str, wants: Wants) -> Parameter {
    Parameter { name, wants, needed: false, positional: false }
}

const MOMENT: &[Parameter] = &[needs("t", Wants::Moment)];
const TEXT: &[Parameter] = &[needs("x", Wants::Text)];

const fn row(
    function: Function,
    name: &'static str,
    usage: &'static str,
    gives: &'static str,
    parameters: &'static [Parameter],
    description: &'static str,
    example: &'static str,
) -> Signature {
    Signature {
        function,
        name,
        usage,
        gives,
        description,
        example,
        parameters,
        fields: false,
        call: true,
        filter: false,
    }
}

const fn filter(row: Signature, also_call: bool) -> Signature {
    Signature { filter: true, call: also_call, ..row }
}

const fn with_fields(row: Signature) -> Signature {
    Signature { fields: true, ..row }
}

/// Every function and filter, in the order of the reference.
pub(crate) const FUNCTIONS: &[Signature] = &[
    row(Function::Now, "now", "now()", "time", &[], "The moment of the decision.", "booking.start > now()"),
    row(
        Function::DaysSince,
        "days_since",
        "days_since(t)",
        "integer",
        MOMENT,
        "Calendar days from the day of `t` to today in the person's zone: 0 is today, yesterday is 1.",
        "days_since(contact.last_visit_at) >= 90",
    ),
    row(
        Function::HoursSince,
        "hours_since",
        "hours_since(t)",
        "integer",
        MOMENT,
        "Whole hours that have passed since `t`; negative when `t` is still to come.",
        "hours_since(contact.last_inbound_at) < 24",
    ),
    row(
        Function::DaysUntil,
        "days_until",
        "days_until(t)",
        "integer",
        MOMENT,
        "Calendar days from today to the day of `t` in the person's zone: tomorrow is 1.",
        "days_until(booking.start) <= 2",
    ),
    row(
        Function::Date,
        "date",
        "date(t)",
        "date",
        MOMENT,
        "The calendar day of a moment in the person's zone.",
        "date(booking.start) == date(now())",
    ),
    row(
        Function::Weekday,
        "weekday",
        "weekday(t)",
        "one of mon, tue, wed, thu, fri, sat, sun",
        MOMENT,
        "The day of the week in the person's zone.",
        "weekday(now()) in ['sat', 'sun']",
    ),
    row(
        Function::Hour,
        "hour",
        "hour(t)",
        "integer",
        &[needs("t", Wants::Moment)],
        "The hour of the day, 0 to 23, in the person's zone.",
        "hour(booking.start) < 12",
    ),
    filter(
        row(
            Function::Lower,
            "lower",
            "lower(x)",
            "text",
            TEXT,
            "The text in small letters.",
            "lower(contact.source) == 'web form'",
        ),
        true,
    ),
    filter(
        row(
            Function::Upper,
            "upper",
            "x | upper",
            "text",
            TEXT,
            "The text in capital letters.",
            "contact.locale | upper == 'DE'",
        ),
        false,
    ),
    filter(
        row(
            Function::Trim,
            "trim",
            "x | trim",
            "text",
            TEXT,
            "The text without blanks at its ends.",
            "contact.name | trim != ''",
        ),
        false,
    ),
    filter(
        row(
            Function::Length,
            "length",
            "length(x)",
            "integer",
            &[needs("x", Wants::Sized)],
            "Letters of a text or items of a list.",
            "length(contact.tags) > 0",
        ),
        true,
    ),
    filter(
        row(
            Function::Default,
            "default",
            "x | default(y)",
            "as x",
            &[needs("x", Wants::Anything), needs("y", Wants::Anything)],
            "`y` where `x` is missing.",
            "contact.score | default(0) < 10",
        ),
        false,
    ),
    row(
        Function::HasTag,
        "has_tag",
        "has_tag('tag')",
        "bool",
        &[needs("tag", Wants::Name)],
        "Whether the person carries the tag.",
        "has_tag('vip')",
    ),
    row(
        Function::InSegment,
        "in_segment",
        "in_segment('id')",
        "bool",
        &[needs("id", Wants::Name)],
        "Whether the person is in the segment now.",
        "in_segment('speaks_german')",
    ),
    row(
        Function::InSequence,
        "in_sequence",
        "in_sequence('id')",
        "bool",
        &[needs("id", Wants::Name)],
        "Whether the person is inside the sequence now.",
        "not in_sequence('no_show_recovery')",
    ),
    row(
        Function::HasBooking,
        "has_booking",
        "has_booking(kind=, host=, clinic=, from=, to=, status=)",
        "bool",
        &[
            may("kind", Wants::Text),
            may("host", Wants::Host),
            may("clinic", Wants::Text),
            may("from", Wants::Moment),
            may("to", Wants::Moment),
            may("status", Wants::Texts),
        ],
        "Whether the person has another booking that fits, beside the one this run is about. It starts at or after `from` \
         and before `to`; without `status` it is `accepted` or `ended`.",
        "has_booking(kind='full_session', from=now())",
    ),
    with_fields(row(
        Function::Count,
        "count",
        "count('event', within='7d', field=value)",
        "integer",
        &[needs("event", Wants::Name), may("within", Wants::Span)],
        "How many such events the person had, in that time and with those fields.",
        "count('booking.no_show', within='6mo') >= 2",
    )),
    with_fields(row(
        Function::Last,
        "last",
        "last('event', field=value)",
        "time",
        &[needs("event", Wants::Name)],
        "When the last such event was; missing when there was none.",
        "days_since(last('booking.cancelled', by='attendee')) < 7",
    )),
    row(
        Function::WasSent,
        "was_sent",
        "was_sent('sequence_or_campaign', within='72h')",
        "bool",
        &[needs("id", Wants::Name), may("within", Wants::Span)],
        "Whether a message of that sequence or campaign went to the person in that time; unknown outcomes count.",
        "not was_sent('winter_comeback', within='72h')",
    ),
];

impl Function {
    pub(crate) fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|row| row.function == self).map_or("", |row| row.name)
    }
}

/// The row of a function that may be called by that name.
pub(super) fn call(name: &str) -> Option<&'static Signature> {
    FUNCTIONS.iter().find(|row| row.call && row.name == name)
}

/// The row of a filter of that name.
pub(super) fn as_filter(name: &str) -> Option<&'static Signature> {
    FUNCTIONS.iter().find(|row| row.filter && row.name == name)
}
