//! What a file says about steps that it no longer has and about people inside, as written. Knows no step by name.
use super::{
    fields::Fields,
    leaf::{DURATION, ID},
    shape::{Choice, Key, Leaf, Shape, Type},
    text::Text,
};

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Moved {
    pub(crate) from: Option<Text>,
    pub(crate) to: Option<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Removed {
    pub(crate) id: Option<Text>,
    pub(crate) then: Option<Then>,
}

/// Where the people of a removed step go.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Then {
    Next,
    Stop,
    Jump(Text),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum CatchUp {
    Spread(Text),
    Now,
    Skip,
    Keep,
}

// ---- descriptions ----

static SPREAD: Shape = Shape::new(
    "a spread",
    "Catches up over a while, in windows, each person at a moment of their own; so it is, over 24h, unless said.",
    &[Key::new("spread", Type::form(&DURATION), "Each person at a moment of their own within this time.", "24h")
        .required()],
);
const CATCH_UP: &[Choice] = &[
    Choice { word: "now", about: "At the first moment that windows allow.", later: false },
    Choice { word: "skip", about: "What became overdue is left out, as `skipped(late)`.", later: false },
    Choice { word: "keep", about: "People inside keep the time they had; new ones have the new one.", later: false },
];
const CATCH_UP_VALUE: Type = Type::Or(&[Type::Leaf(Leaf::Choice(CATCH_UP)), Type::Object(&SPREAD)]);
static MOVED: Shape = Shape::new(
    "a renamed step",
    "A step that got another id. People who stand at the old one stand at the new one.",
    &[
        Key::new("from", Type::form(&ID), "The id it had.", "touch_2").required(),
        Key::new("to", Type::form(&ID), "The id it has now.", "second_touch").required(),
    ],
);
static JUMP: Shape = Shape::new(
    "a jump",
    "People go on at another step.",
    &[Key::new("jump", Type::form(&ID), "The step at which they go on.", "last_call").required()],
);
const THEN: &[Choice] = &[
    Choice { word: "next", about: "People go on with what came after it.", later: false },
    Choice { word: "stop", about: "The run ends.", later: false },
];
static REMOVED: Shape = Shape::new(
    "a removed step",
    "A step that is no longer in the file, and what becomes of the people who stand at it.",
    &[
        Key::new("id", Type::form(&ID), "The id it had.", "touch_3").required(),
        Key::new(
            "then",
            Type::Or(&[Type::Leaf(Leaf::Choice(THEN)), Type::Object(&JUMP)]),
            "Where they go: next, stop or { jump: id }.",
            "next",
        )
        .required(),
    ],
);
const MOVES: Type = Type::Object(&MOVED);
const REMOVALS: Type = Type::Object(&REMOVED);

pub(crate) const CATCH_UP_KEY: Key = Key::new(
    "catch_up",
    CATCH_UP_VALUE,
    "How steps that became overdue by a change of the file are caught up: now, skip, keep or { spread: 24h }.",
    "{ spread: 24h }",
);
pub(crate) const MOVED_KEY: Key = Key::new(
    "moved",
    Type::ListOrNone(&MOVES),
    "Steps that got another id.",
    "[ { from: touch_2, to: second_touch } ]",
);
pub(crate) const REMOVED_KEY: Key = Key::new(
    "removed",
    Type::ListOrNone(&REMOVALS),
    "Steps that were removed, and where the people who stand there go.",
    "[ { id: touch_3, then: next } ]",
);

// ---- reading ----

impl CatchUp {
    pub(crate) fn read(fields: &Fields<'_>) -> Option<Self> {
        if let Some(spread) = fields.object("catch_up") {
            return spread.text("spread").map(Self::Spread);
        }
        match fields.text("catch_up")?.as_str() {
            "now" => Some(Self::Now),
            "skip" => Some(Self::Skip),
            _ => Some(Self::Keep),
        }
    }
}

pub(crate) fn moved(fields: &Fields<'_>) -> Vec<Moved> {
    let moved = fields.objects("moved").into_iter();
    moved.map(|(moved, _)| Moved { from: moved.text("from"), to: moved.text("to") }).collect()
}

pub(crate) fn removed(fields: &Fields<'_>) -> Vec<Removed> {
    let then = |fields: &Fields<'_>| match fields.object("then") {
        Some(jump) => jump.text("jump").map(Then::Jump),
        None => match fields.text("then")?.as_str() {
            "next" => Some(Then::Next),
            _ => Some(Then::Stop),
        },
    };
    let removed = fields.objects("removed").into_iter();
    removed.map(|(removed, _)| Removed { id: removed.text("id"), then: then(&removed) }).collect()
}
