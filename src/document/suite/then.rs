//! What has to come of a story, as written: one thing, to whom, when and how.
use super::{
    MOMENT, STEP,
    data::{self, Data},
    when::FIELDS,
};
use crate::{
    diag::Place,
    document::{
        fields::Fields,
        leaf::{DURATION, ID, NAME},
        shape::{Group, Key, Shape, Type, What},
        text::{Spanned, Text},
        tree::Node,
    },
};

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Then {
    /// The first key.
    pub(crate) place: Place,
    /// On one line.
    pub(crate) written: String,
    pub(crate) never: bool,
    pub(crate) who: Option<Text>,
    pub(crate) at: Option<Text>,
    pub(crate) within: Option<Text>,
    pub(crate) by: Option<Text>,
    pub(crate) not_before: Option<Text>,
    pub(crate) after: Option<Text>,
    pub(crate) exactly: Option<Spanned<i64>>,
    pub(crate) via: Option<Text>,
    pub(crate) subject: Option<TextIs>,
    pub(crate) text: Option<TextIs>,
    pub(crate) because: Option<Text>,
    pub(crate) what: Option<Expect>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Expect {
    Step(OfStep, Text),
    Sequence(OfSequence, Text),
    Notified(Text),
    Tagged(Text),
    Scored(Spanned<i64>),
    State(Vec<(Text, Data)>),
}

/// What can be expected of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OfStep {
    Sent,
    Skipped,
    Failed,
    Cancelled,
    Held,
    Task,
    Webhook,
}

/// What can be expected of a sequence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OfSequence {
    Entered,
    NotEntered,
    Completed,
    Converted,
    Stopped,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct TextIs {
    pub(crate) is: Option<Text>,
    pub(crate) has: Vec<Text>,
    pub(crate) lacks: Vec<Text>,
}

const STEPS: &[(&str, OfStep)] = &[
    ("sent", OfStep::Sent),
    ("skipped", OfStep::Skipped),
    ("failed", OfStep::Failed),
    ("cancelled", OfStep::Cancelled),
    ("held", OfStep::Held),
    ("task", OfStep::Task),
    ("webhook", OfStep::Webhook),
];
const SEQUENCES: &[(&str, OfSequence)] = &[
    ("entered", OfSequence::Entered),
    ("not_entered", OfSequence::NotEntered),
    ("completed", OfSequence::Completed),
    ("converted", OfSequence::Converted),
    ("stopped", OfSequence::Stopped),
];

impl OfStep {
    pub(crate) fn word(self) -> &'static str {
        STEPS.iter().find(|(_, of)| *of == self).map_or("", |(word, _)| word)
    }
}

impl OfSequence {
    pub(crate) fn word(self) -> &'static str {
        SEQUENCES.iter().find(|(_, of)| *of == self).map_or("", |(word, _)| word)
    }
}

const WORDS: Type = Type::TEXT;
const SOME_WORDS: Type = Type::Or(&[Type::TEXT, Type::List(&WORDS)]);
static TEXT_IS: Shape = Shape::new(
    "expected words",
    "What a text is, has in it, or must not have in it.",
    &[
        Key::new("is", Type::TEXT, "The whole text.", "See you tomorrow"),
        Key::new("has", SOME_WORDS, "Words that stand in it; all of them.", "[missed, Ana]"),
        Key::new("lacks", SOME_WORDS, "Words that do not stand in it; none of them.", "None"),
    ],
)
.groups(&[Group { keys: &["is", "has", "lacks"], what: What::Several, needed: true }]);
const TEXT_VALUE: Type = Type::Or(&[Type::TEXT, Type::Object(&TEXT_IS)]);

const REASONS: &[&str] = &["skipped", "failed", "cancelled", "held", "stopped", "not_entered"];
const THINGS_OR_NEVER: &[&str] = &[
    "sent",
    "skipped",
    "failed",
    "cancelled",
    "held",
    "entered",
    "not_entered",
    "completed",
    "converted",
    "stopped",
    "task",
    "notified",
    "tagged",
    "scored",
    "webhook",
    "state",
    "never",
];
const THINGS: &[&str] = match THINGS_OR_NEVER.split_last() {
    Some((_, things)) => things,
    None => &[],
};

macro_rules! step {
    ($name:literal, $about:literal) => {
        Key::new($name, Type::form(&STEP), $about, "last_call")
    };
}
macro_rules! sequence {
    ($name:literal, $about:literal) => {
        Key::new($name, Type::form(&ID), $about, "no_show_recovery")
    };
}

const SENT: Key = step!(
    "sent",
    "The message of this step goes out. Where several sequences under test have such a step, write sequence.step."
);
const SKIPPED: Key = step!("skipped", "This step is left out; `because` says why.");
const FAILED: Key = step!("failed", "This step fails.");
const CANCELLED: Key = step!("cancelled", "What this step had prepared is called off.");
const HELD: Key =
    step!("held", "The message of this step is held back, or waits for another moment: quiet hours, a window, a cap.");
const TASK: Key = step!("task", "The task of this step is made.");
const WEBHOOK: Key = step!("webhook", "The call of this step is made.");
const ENTERED: Key = sequence!("entered", "The person enters this sequence.");
const NOT_ENTERED: Key = sequence!(
    "not_entered",
    "Something would have put the person into this sequence, and did not; `because` says why."
);
const COMPLETED: Key = sequence!("completed", "The person came to the end of this sequence.");
const CONVERTED: Key = sequence!("converted", "The person reached the goal of this sequence.");
const STOPPED: Key = sequence!("stopped", "The person left this sequence before its end; `because` says why.");
const NOTIFIED: Key = Key::new(
    "notified",
    Type::TEXT,
    "Somebody of the practice is told something: role:front_desk, booking.host or an address.",
    "role:front_desk",
);
const TAGGED: Key = Key::new("tagged", Type::TEXT, "The person gets this tag.", "vip");
const SCORED: Key = Key::new("scored", Type::integer(-1_000_000, 1_000_000), "The score becomes this.", "45");
const STATE: Key = Key::new("state", Type::Map(&FIELDS), "Fields of the person are like this then.", "{ warm: true }");
const BECAUSE: Key = Key::new(
    "because",
    Type::form(&ID),
    "The reason that is recorded, such as no_consent, cap or condition; the reason of `stop_on` for `stopped`.",
    "no_consent",
)
.with(REASONS);
const VIA: Key = Key::new("via", Type::form(&NAME), "The channel on which it goes.", "email").with(&["sent"]);
const SUBJECT: Key =
    Key::new("subject", TEXT_VALUE, "The subject of the mail: all of it, or what it has or lacks.", "{ has: missed }")
        .with(&["sent"]);
const TEXT: Key =
    Key::new("text", TEXT_VALUE, "The text: all of it, or what it has or lacks.", "{ has: Ana, lacks: None }")
        .with(&["sent"]);

static NEVER: Shape = Shape::new(
    "what must not come",
    "One thing that must not come; `for` and the times stand beside `never`.",
    &[
        SENT,
        SKIPPED,
        FAILED,
        CANCELLED,
        HELD,
        ENTERED,
        NOT_ENTERED,
        COMPLETED,
        CONVERTED,
        STOPPED,
        TASK,
        NOTIFIED,
        TAGGED,
        SCORED,
        WEBHOOK,
        STATE,
        BECAUSE,
        VIA,
        SUBJECT,
        TEXT,
    ],
)
.groups(&[Group { keys: THINGS, what: What::Form, needed: true }]);

pub(super) static THEN: Shape = Shape::new(
    "an expectation",
    "One thing that has to come of the story.",
    &[
        Key::new(
            "at",
            Type::form(&MOMENT),
            "When, to the minute: a date and time by the suite's clock, `day N` (at any time of that day), or a duration from the start.",
            "day 4",
        ),
        Key::new("within", Type::form(&DURATION), "So much before or after `at` is fine as well.", "2h").with(&["at"]),
        Key::new("by", Type::form(&MOMENT), "At this moment at the latest.", "day 7"),
        Key::new("not_before", Type::form(&MOMENT), "At this moment at the earliest.", "day 1"),
        Key::new("after", Type::form(&MOMENT), "Later than this moment.", "2d"),
        Key::new("exactly", Type::integer(1, 10_000), "So many times.", "2"),
        Key::new("for", Type::form(&ID), "Of whom; may be left out where there is one person.", "ana"),
        SENT,
        VIA,
        SUBJECT,
        TEXT,
        SKIPPED,
        FAILED,
        CANCELLED,
        HELD,
        ENTERED,
        NOT_ENTERED,
        COMPLETED,
        CONVERTED,
        STOPPED,
        BECAUSE,
        TASK,
        NOTIFIED,
        TAGGED,
        SCORED,
        WEBHOOK,
        STATE,
        Key::new(
            "never",
            Type::Object(&NEVER),
            "This does not come: in the whole story, or in the time that stands beside it.",
            "{ sent: pick_a_new_time }",
        ),
    ],
)
.groups(&[
    Group { keys: THINGS_OR_NEVER, what: What::Form, needed: true },
    Group { keys: &["never", "exactly"], what: What::Form, needed: false },
    Group { keys: &["after", "not_before"], what: What::Form, needed: false },
]);

impl Then {
    pub(super) fn read(node: &Node) -> Option<Self> {
        let fields = Fields::new(node.map()?, &THEN);
        let never = fields.object("never");
        let told = never.as_ref().unwrap_or(&fields);
        Some(Self {
            place: node.head(),
            written: data::on_one_line(node),
            never: never.is_some(),
            who: fields.text("for"),
            at: fields.text("at"),
            within: fields.text("within"),
            by: fields.text("by"),
            not_before: fields.text("not_before"),
            after: fields.text("after"),
            exactly: fields.integer("exactly"),
            via: told.text("via"),
            subject: text_is(told, "subject"),
            text: text_is(told, "text"),
            because: told.text("because"),
            what: expect(told),
        })
    }
}

fn expect(fields: &Fields<'_>) -> Option<Expect> {
    let key = fields.map.entries.iter().map(|entry| &entry.key).find(|key| THINGS.contains(&key.as_str()))?;
    if let Some((word, of)) = STEPS.iter().find(|(word, _)| **word == **key) {
        return Some(Expect::Step(*of, fields.text(word)?));
    }
    if let Some((word, of)) = SEQUENCES.iter().find(|(word, _)| **word == **key) {
        return Some(Expect::Sequence(*of, fields.text(word)?));
    }
    Some(match key.as_str() {
        "notified" => Expect::Notified(fields.text(key)?),
        "tagged" => Expect::Tagged(fields.text(key)?),
        "scored" => Expect::Scored(fields.integer(key)?),
        "state" => Expect::State(fields.node(key).and_then(data::entries)?),
        _ => return None,
    })
}

fn text_is(fields: &Fields<'_>, key: &str) -> Option<TextIs> {
    match fields.object(key) {
        Some(parts) => Some(TextIs { is: parts.text("is"), has: parts.texts("has"), lacks: parts.texts("lacks") }),
        None => fields.text(key).map(|is| TextIs { is: Some(is), ..TextIs::default() }),
    }
}
