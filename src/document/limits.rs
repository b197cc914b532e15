//! What a channel may carry, as written: so many messages a day and a second, and fewer while a sender is new.
//! Knows no number of any provider.
use super::{
    fields::{Fields, any_text},
    leaf::{Form, FormKind},
    shape::{Key, Shape, Type},
    text::{Spanned, Text},
    tree::Node,
};
use crate::diag::Place;

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Limits {
    pub(crate) place: Place,
    pub(crate) per_day: Option<Spanned<i64>>,
    pub(crate) per_second: Option<Spanned<i64>>,
    pub(crate) warm_up: Option<WarmUp>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct WarmUp {
    pub(crate) start: Text,
    /// For the first day, the second, and so on.
    pub(crate) per_day: Vec<Spanned<i64>>,
}

// ---- descriptions ----

const MOST: i64 = 1_000_000_000;
const COUNT: Type = Type::integer(1, MOST);
static DATE: Form = Form {
    wants: "a date such as 2027-01-15",
    pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    reads: |text| {
        let sign = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
        text.len() == 10 && text.bytes().enumerate().all(sign)
    },
    kind: FormKind::Other,
};
static WARM_UP: Shape = Shape::new(
    "a warm-up",
    "How much a new sender may carry on its first days, until mailbox providers know it.",
    &[
        Key::new("start", Type::form(&DATE), "The first day of it.", "2027-01-11").required(),
        Key::new(
            "per_day",
            Type::List(&COUNT),
            "Messages on the first day, the second, and so on; afterwards `per_day` of the limits holds.",
            "[50, 100, 200, 400, 800]",
        )
        .required(),
    ],
);
pub(super) static LIMITS: Shape = Shape::new(
    "the limits",
    "What the provider lets this sender carry. `check` warns when campaigns with `expected` people, or triggers with a `limit`, plan more; nothing is held back by them.",
    &[
        Key::new(
            "per_day",
            COUNT,
            "Messages a day; for WhatsApp the people a day that your tier lets you write to.",
            "1000",
        ),
        Key::new("per_second", Type::integer(1, 1_000_000), "Messages a second.", "80"),
        Key::new(
            "warm_up",
            Type::Object(&WARM_UP),
            "Fewer a day while the sender is new.",
            "{ start: 2027-01-11, per_day: [50, 100, 200] }",
        ),
    ],
);
/// The key of campaigns and segments.
pub(super) const EXPECTED: Key = Key::new(
    "expected",
    Type::integer(1, 100_000_000),
    "About how many people you expect. `check` compares the messages with the limits of the channels; nobody is left out by it.",
    "4000",
);

// ---- reading ----

impl Limits {
    pub(super) fn read(channel: &Fields<'_>) -> Option<Self> {
        let fields = channel.object("limits")?;
        Some(Self {
            place: channel.node("limits")?.head(),
            per_day: fields.integer("per_day"),
            per_second: fields.integer("per_second"),
            warm_up: fields.object("warm_up").and_then(|warm_up| {
                let count = |node: &Node| Some(Spanned::new(any_text(node)?.parse().ok()?, &node.place));
                let per_day = warm_up.items("per_day").into_iter().filter_map(count).collect();
                Some(WarmUp { start: warm_up.text("start")?, per_day })
            }),
        })
    }
}
