//! A segment as written: a named condition about people.
use super::{
    fields::Fields,
    leaf::ID,
    limits::EXPECTED,
    shape::{Key, Shape, Type},
    text::{Spanned, Text},
    tree::Map,
};

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Segment {
    pub(crate) title: Option<Text>,
    pub(crate) description: Option<Text>,
    pub(crate) owner: Option<Text>,
    pub(crate) where_: Option<Text>,
    /// People of any of these; empty means of every clinic.
    pub(crate) clinic: Vec<Text>,
    pub(crate) expected: Option<Spanned<i64>>,
}

// ---- descriptions ----

const IDS: Type = Type::form(&ID);

pub(crate) static SEGMENT: Shape = Shape::new(
    "a segment",
    "People who have something in common. Who is in it is worked out anew each time; nobody is put in or taken out by hand.",
    &[
        Key::new("segment", Type::form(&ID), "Id of the segment.", "not_seen_for_90_days").required(),
        Key::new(
            "where",
            Type::EXPRESSION,
            "Who is in it: a condition about the person. There is no `event`, `booking` or `run` here.",
            "days_since(contact.last_visit_at) >= 90 and not has_booking(from=now())",
        )
        .required(),
        Key::new("title", Type::TEXT, "A name for people.", "Not seen for 90 days"),
        Key::new("description", Type::TEXT, "What it is for, for your colleagues.", "For the winter campaign."),
        Key::new("owner", Type::TEXT, "Who looks after it.", "ana@example.com"),
        Key::new(
            "clinic",
            Type::Or(&[Type::form(&ID), Type::List(&IDS)]),
            "Only people of this clinic, or of one of these. Who names no clinic belongs to the first one of the project.",
            "kingston",
        ),
        EXPECTED,
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
    ],
);

// ---- reading ----

impl Segment {
    pub(crate) fn read(map: &Map) -> Self {
        let fields = Fields::new(map, &SEGMENT);
        Self {
            title: fields.text("title"),
            description: fields.text("description"),
            owner: fields.text("owner"),
            where_: fields.text("where"),
            clinic: fields.texts("clinic"),
            expected: fields.integer("expected"),
        }
    }
}
