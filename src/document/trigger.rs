//! A trigger as written.
use super::{
    action::{self, DO, Local},
    fields::Fields,
    leaf::{DURATION, EVENT, Form, FormKind, ID, TIME},
    sequence::Category,
    shape::{Group, Key, Leaf, Named, Shape, Type, What},
    step::Bound,
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
    pub(crate) segment: Option<Text>,
    pub(crate) on_entry: Option<Spanned<bool>>,
    pub(crate) on_exit: Option<Spanned<bool>>,
    pub(crate) before: Option<Bound>,
    pub(crate) after: Option<Bound>,
    pub(crate) at: Option<Text>,
    pub(crate) yearly: Option<Spanned<bool>>,
    pub(crate) every: Option<Text>,
    pub(crate) limit: Option<Limit>,
    pub(crate) backfill: Option<Spanned<bool>>,
    pub(crate) clinic: Vec<Text>,
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
pub(crate) struct Limit {
    pub(crate) people: Option<Spanned<i64>>,
    pub(crate) per: Option<Text>,
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
    /// The one that fits best; `otherwise` when none fits.
    BestOf {
        place: Place,
        among: Option<Among>,
        otherwise: Option<Text>,
    },
}

/// What to choose from.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Among {
    Funnel(Text),
    These(Vec<Text>),
    Category(Spanned<Category>),
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
const IDS: Type = Type::form(&ID);
static FUNNEL_WORD: Form = Form {
    wants: "funnel, a list of sequences, or a category",
    pattern: "^funnel$",
    reads: |text| text == "funnel",
    kind: FormKind::Other,
};
static OF_CATEGORY: Shape = Shape::new(
    "a category to choose from",
    "All sequences of one category.",
    &[Key::new(
        "category",
        Type::Leaf(Leaf::Choice(Category::CHOICES)),
        "Sequences of this category are compared.",
        "warm_lead",
    )
    .required()],
);
static FIELD_MOMENT: Form = Form {
    wants: "a time or date field of the contact or of a booking, such as contact.birthday",
    pattern: "^(contact|booking)\\.[a-z_][a-z0-9_]*$",
    reads: |text| {
        let field = text.strip_prefix("contact.").or_else(|| text.strip_prefix("booking."));
        field.is_some_and(|field| {
            field.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
                && field.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        })
    },
    kind: FormKind::Other,
};
static MOMENT: Named = Named { key: &FIELD_MOMENT, value: Type::form(&DURATION), single: true };
static LIMIT: Shape = Shape::new(
    "a limit",
    "How many people the trigger may enrol in a time. Those beyond it have their turn when the time is over.",
    &[
        Key::new("people", Type::integer(1, 10_000_000), "The most people.", "500").required(),
        Key::new("per", Type::form(&DURATION), "In what time.", "1d").required(),
    ],
);
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
        Key::new(
            "best_of",
            Type::Or(&[Type::form(&FUNNEL_WORD), Type::List(&IDS), Type::Object(&OF_CATEGORY)]),
            "The sequence that fits the person best: of the event's funnel, of a list, or of a category. Every part of its `fits` has to hold; most parts win, then the narrower score, then priority.",
            "funnel",
        ),
        Key::new("otherwise", Type::form(&ID), "The sequence when none of them fits.", "default_welcome"),
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
        Key::new(
            "segment",
            Type::form(&ID),
            "The segment it is about: with on_entry or on_exit, or beside every.",
            "not_seen_for_90_days",
        ),
        Key::new(
            "on_entry",
            Type::BOOL,
            "true: fires once when somebody begins to belong to the segment, not for those who belong to it already.",
            "true",
        )
        .with(&["segment"]),
        Key::new(
            "on_exit",
            Type::BOOL,
            "true: fires once when somebody no longer belongs to the segment.",
            "true",
        )
        .with(&["segment"]),
        Key::new(
            "before",
            Type::Map(&MOMENT),
            "Fires that long before what a date or time field says, once per value. A date is its 00:00; when the field changes, the moment moves.",
            "{ contact.birthday: 7d }",
        ),
        Key::new(
            "after",
            Type::Map(&MOMENT),
            "Fires that long after what a date or time field says, once per value. Moments that are over by more than a day when the value becomes known do not count.",
            "{ contact.last_visit_at: 6mo }",
        ),
        Key::new(
            "at",
            Type::form(&TIME),
            "Time of day by the person's clock, with before and after in whole days.",
            "\"10:00\"",
        )
        .with(&["before", "after"]),
        Key::new(
            "yearly",
            Type::BOOL,
            "true: every year again on the day of the field; 29 February becomes the 28th in other years.",
            "true",
        )
        .with(&["before", "after"]),
        Key::new(
            "every",
            Type::TEXT,
            "Fires for everybody, or for the people of segment, at these times by each person's clock: days and a time, or five fields of cron.",
            "\"mon 09:00\"",
        ),
        Key::new(
            "limit",
            Type::Object(&LIMIT),
            "How many people it may enrol in a time; stands in for policies.blast_radius.",
            "{ people: 500, per: 1d }",
        ),
        Key::new(
            "backfill",
            Type::BOOL,
            "true: also those who match already when the trigger is published.",
            "true",
        )
        .with(&["segment", "before", "after"]),
        Key::new(
            "clinic",
            Type::Or(&[Type::form(&ID), Type::List(&IDS)]),
            "Only people of this clinic, or of these: the booking's clinic, else the contact's, else the first.",
            "kingston",
        ),
    ],
)
.groups(&[
    Group { keys: &["event", "before", "after", "every"], what: What::Source, needed: false },
    Group { keys: &["event", "segment"], what: What::Source, needed: false },
    Group { keys: &["before", "segment"], what: What::Source, needed: false },
    Group { keys: &["after", "segment"], what: What::Source, needed: false },
    Group { keys: &["every", "on_entry", "on_exit"], what: What::Source, needed: false },
    Group { keys: &["event", "segment", "before", "after", "every"], what: What::Cause, needed: true },
    Group { keys: &["do", "enroll"], what: What::Effect, needed: true },
]);

// ---- reading ----

impl Trigger {
    pub(crate) fn read(map: &Map) -> Self {
        let fields = Fields::new(map, &TRIGGER);
        let bound = |key: &str| {
            let (moment, by) = fields.named_texts(key).into_iter().next()?;
            Some(Bound { moment, by })
        };
        Self {
            title: fields.text("title"),
            description: fields.text("description"),
            owner: fields.text("owner"),
            active: fields.bool("active"),
            event: fields.texts("event"),
            without: without(&fields),
            segment: fields.text("segment"),
            on_entry: fields.bool("on_entry"),
            on_exit: fields.bool("on_exit"),
            before: bound("before"),
            after: bound("after"),
            at: fields.text("at"),
            yearly: fields.bool("yearly"),
            every: fields.text("every"),
            limit: fields
                .object("limit")
                .map(|limit| Limit { people: limit.integer("people"), per: limit.text("per") }),
            backfill: fields.bool("backfill"),
            clinic: fields.texts("clinic"),
            if_: fields.text("if"),
            do_: fields.objects("do").iter().flat_map(|(item, _)| action::locals(item)).collect(),
            enroll: enroll(&fields),
            unsupported: TRIGGER.keys.iter().any(|key| key.later && fields.has(key.name)),
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
    let place = fields.node("enroll")?.head();
    let otherwise = choice.text("otherwise");
    if choice.has("best_of") {
        let among = match choice.object("best_of") {
            Some(of) => of.choice("category", Category::of).map(Among::Category),
            None => match choice.node("best_of")?.list() {
                Some(_) => Some(Among::These(choice.texts("best_of"))),
                None => choice.text("best_of").map(Among::Funnel),
            },
        };
        return Some(Enroll::BestOf { place, among, otherwise });
    }
    let cases = choice.objects("first_of").into_iter().map(|(case, place)| Case {
        place,
        if_: case.text("if"),
        sequence: case.text("sequence"),
    });
    Some(Enroll::FirstOf { place, cases: cases.collect(), otherwise })
}
