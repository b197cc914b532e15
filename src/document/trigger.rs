//! A trigger as written.
use super::{
    action::{self, DO, Local},
    fields::Fields,
    leaf::{DURATION, EVENT, ID},
    shape::{Group, Key, Shape, Type, What},
    text::{Spanned, Text},
    tree::Map,
};
use crate::diag::Place;

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Trigger {
    pub(crate) title: Option<Text>,
    pub(crate) description: Option<Text>,
    pub(crate) owner: Option<Text>,
    pub(crate) active: Option<Spanned<bool>>,
    /// Any of these.
    pub(crate) event: Vec<Text>,
    pub(crate) without: Option<Without>,
    pub(crate) if_: Option<Text>,
    pub(crate) do_: Vec<Spanned<Local>>,
    pub(crate) enroll: Option<Enroll>,
    /// Uses a source or target that this version cannot run, which was reported.
    pub(crate) unsupported: bool,
}

/// Fires when it has not happened in that time.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Without {
    pub(crate) place: Place,
    pub(crate) event: Option<Text>,
    pub(crate) within: Option<Text>,
    pub(crate) if_: Option<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Enroll {
    Sequence(Text),
    /// The first case that holds; `otherwise` when none does.
    FirstOf {
        place: Place,
        cases: Vec<Case>,
        otherwise: Option<Text>,
    },
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Case {
    pub(crate) place: Place,
    pub(crate) if_: Option<Text>,
    pub(crate) sequence: Option<Text>,
}

// ---- descriptions ----

const EVENTS: Type = Type::form(&EVENT);
static WITHOUT: Shape = Shape::new(
    "a missing event",
    "The trigger fires when this has not happened in that time.",
    &[
        Key::new("event", Type::form(&EVENT), "The event that must not happen.", "message.received").required(),
        Key::new("within", Type::form(&DURATION), "How long to wait for it.", "48h").required(),
        Key::new("if", Type::EXPRESSION, "Only events for which this holds count.", "event.channel == 'whatsapp'"),
    ],
);
static CASE: Shape = Shape::new(
    "a case",
    "A sequence for those for whom the condition holds.",
    &[
        Key::new("if", Type::EXPRESSION, "For whom.", "booking.procedure == 'botox'").required(),
        Key::new("sequence", Type::form(&ID), "The sequence they enter.", "botox_care").required(),
    ],
);
const CASES: Type = Type::Object(&CASE);
static ENROLL: Shape = Shape::new(
    "a choice of sequences",
    "Which sequence people enter, by conditions.",
    &[
        Key::new(
            "first_of",
            Type::List(&CASES),
            "Cases in order; the first that holds wins.",
            "[ { if: contact.warm, sequence: warm_lead_nurture } ]",
        ),
        Key::new("best_of", Type::Any, "The sequence that fits best.", "funnel").later(),
        Key::new("otherwise", Type::form(&ID), "The sequence when no case holds.", "default_welcome"),
    ],
)
.groups(&[Group { keys: &["first_of", "best_of"], what: What::Form, needed: true }]);
const DOS: Type = Type::Object(&DO);

pub(crate) static TRIGGER: Shape = Shape::new(
    "a trigger",
    "What happens when something happens: who enters which sequence, and what is done at once.",
    &[
        Key::new("trigger", Type::form(&ID), "Id of the trigger.", "went_quiet").required(),
        Key::new("title", Type::TEXT, "A name for people.", "Went quiet"),
        Key::new(
            "description",
            Type::TEXT,
            "What it is for, for your colleagues.",
            "Starts the nurture after two quiet days.",
        ),
        Key::new("owner", Type::TEXT, "Who looks after it.", "ana@example.com"),
        Key::new("active", Type::BOOL, "false: the trigger does not fire.", "false"),
        Key::new(
            "event",
            Type::Or(&[Type::form(&EVENT), Type::List(&EVENTS)]),
            "The event, or a list of events, that sets it off.",
            "booking.no_show",
        ),
        Key::new(
            "without",
            Type::Object(&WITHOUT),
            "Fires only when this has not happened in that time.",
            "{ event: message.received, within: 48h }",
        )
        .with(&["event"]),
        Key::new("if", Type::EXPRESSION, "Fires only when this holds.", "contact.warm"),
        Key::new("do", Type::List(&DOS), "Local actions, done at once.", "[ { tag: { add: quiet } } ]"),
        Key::new(
            "enroll",
            Type::Or(&[Type::form(&ID), Type::Object(&ENROLL)]),
            "The sequence the person enters.",
            "warm_lead_nurture",
        ),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
        Key::new("segment", Type::Any, "The segment whose members it is about.", "not_seen_for_90_days").later(),
        Key::new("on_entry", Type::Any, "Fires when somebody enters the segment.", "true").later(),
        Key::new("on_exit", Type::Any, "Fires when somebody leaves the segment.", "true").later(),
        Key::new("before", Type::Any, "Fires before a moment.", "{ contact.birthday: 7d }").later(),
        Key::new("after", Type::Any, "Fires after a moment.", "{ contact.last_visit_at: 6mo }").later(),
        Key::new("at", Type::Any, "Time of day of before and after.", "\"10:00\"").later(),
        Key::new("yearly", Type::Any, "Every year again.", "true").later(),
        Key::new("every", Type::Any, "Fires at fixed times.", "\"mon 09:00\"").later(),
        Key::new("limit", Type::Any, "How many people it may enrol.", "{ people: 500, per: 1d }").later(),
        Key::new("backfill", Type::Any, "Also enrols those who match already.", "true").later(),
        Key::new("clinic", Type::Any, "The clinic or clinics it belongs to.", "kingston").later(),
    ],
)
.groups(&[
    Group { keys: &["event", "segment", "before", "after", "every"], what: What::Source, needed: true },
    Group { keys: &["do", "enroll"], what: What::Effect, needed: true },
]);

// ---- reading ----

impl Trigger {
    pub(crate) fn read(map: &Map) -> Self {
        let fields = Fields::new(map, &TRIGGER);
        let enroll = enroll(&fields);
        let best_of = fields.object("enroll").is_some_and(|enroll| enroll.has("best_of"));
        Self {
            title: fields.text("title"),
            description: fields.text("description"),
            owner: fields.text("owner"),
            active: fields.bool("active"),
            event: fields.texts("event"),
            without: without(&fields),
            if_: fields.text("if"),
            do_: fields.objects("do").iter().flat_map(|(item, _)| action::locals(item)).collect(),
            enroll,
            unsupported: best_of || TRIGGER.keys.iter().any(|key| key.later && fields.has(key.name)),
        }
    }
}

fn without(fields: &Fields<'_>) -> Option<Without> {
    let without = fields.object("without")?;
    Some(Without {
        place: fields.node("without")?.head(),
        event: without.text("event"),
        within: without.text("within"),
        if_: without.text("if"),
    })
}

fn enroll(fields: &Fields<'_>) -> Option<Enroll> {
    let Some(choice) = fields.object("enroll") else { return fields.text("enroll").map(Enroll::Sequence) };
    let cases = choice.objects("first_of").into_iter().map(|(case, place)| Case {
        place,
        if_: case.text("if"),
        sequence: case.text("sequence"),
    });
    Some(Enroll::FirstOf {
        place: fields.node("enroll")?.head(),
        cases: cases.collect(),
        otherwise: choice.text("otherwise"),
    })
}
