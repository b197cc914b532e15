//! What steps, triggers and exits do, as written: messages, tags, scores, fields, tasks, notices, events. Knows no name.
use super::{
    fields::{Fields, Literal, any_text, text},
    leaf::{self, EVENT, ID, PATH, TEMPLATE},
    shape::{Group, Key, Leaf, Named, Shape, Type, What, choices},
    text::{Spanned, Text},
    tree::{Node, Value},
    written::{self, Variants, Write},
};
use crate::diag::Place;

choices! {
    /// Why people are written to; consent, quiet hours and caps hang on it.
    Purpose {
        Transactional "transactional" "Part of something the person asked for, such as a confirmation. Needs no consent and waits for no quiet hours.",
        Service "service" "Help with something the person started, such as a follow-up after a visit.",
        Marketing "marketing" "Everything that advertises. Needs consent, keeps quiet hours, counts for caps.",
    }
}

/// A template, or a text written in place.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Message {
    /// The value: the template id, or the object.
    pub(crate) place: Place,
    pub(crate) template: Option<Text>,
    pub(crate) subject: Option<Text>,
    pub(crate) text: Option<Text>,
    pub(crate) html: Option<Text>,
    pub(crate) variants: Option<Variants>,
    pub(crate) write: Option<Box<Write>>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Task {
    pub(crate) place: Place,
    pub(crate) title: Option<Text>,
    pub(crate) notes: Option<Text>,
    pub(crate) assign: Option<Text>,
    pub(crate) due: Option<Due>,
}

/// When a task is due.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Due {
    After(Text),
    Expression(Text),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Score {
    Add(Spanned<i64>),
    Set(Spanned<i64>),
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Tag {
    pub(crate) add: Vec<Text>,
    pub(crate) remove: Vec<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct SetField {
    /// Without `contact.` in front.
    pub(crate) field: Text,
    pub(crate) to: SetTo,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum SetTo {
    Value(Literal),
    /// For lists: `{ add: [..], remove: [..] }`.
    Change {
        add: Vec<Literal>,
        remove: Vec<Literal>,
    },
    Expression(Text),
    /// `null`: the field is emptied.
    Clear(Place),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Notify {
    pub(crate) place: Place,
    pub(crate) to: Option<Text>,
    pub(crate) text: Option<Text>,
    pub(crate) via: Option<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Emit {
    pub(crate) place: Place,
    pub(crate) event: Option<Text>,
    pub(crate) data: Vec<(Text, DataValue)>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum DataValue {
    /// A text is templated.
    Value(Literal),
    Expression(Text),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum StopSequences {
    All(Place),
    These(Vec<Text>),
}

/// An action that touches nothing but our own records.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Local {
    Tag(Tag),
    Score(Score),
    Set(Vec<SetField>),
    Task(Task),
    Notify(Notify),
    Emit(Emit),
    /// Only in `exits`.
    Enroll(Text),
    /// Only in triggers.
    StopSequences(StopSequences),
}

// ---- descriptions ----

const TEXTS: Type = Type::TEXT;
const IDS: Type = Type::form(&ID);
const LITERALS: Type = Type::LITERAL;
const ONE_OR_MORE_TEXTS: Type = Type::Or(&[Type::TEXT, Type::List(&TEXTS)]);
const ONE_OR_MORE_LITERALS: Type = Type::Or(&[Type::LITERAL, Type::List(&LITERALS)]);

pub(crate) static MESSAGE: Shape = Shape::new(
    "a message",
    "A template, or a text written in place.",
    &[
        Key::new(
            "template",
            Type::form(&TEMPLATE),
            "The template, as its path under templates/ without language and ending.",
            "no_show/sorry",
        ),
        Key::new(
            "subject",
            Type::MARKUP,
            "Subject line of an e-mail written in place.",
            "\"See you on {{ booking.start | date }}\"",
        ),
        Key::new(
            "text",
            Type::MARKUP,
            "The text itself, instead of a template.",
            "\"Hi {{ contact.first_name | default('there') }}\"",
        ),
        Key::new("html", Type::MARKUP, "HTML for e-mails beside the text.", "\"<p>Hi</p>\"").with(&["text"]),
        written::VARIANTS_KEY,
        written::TEST_KEY,
        written::WRITE_KEY,
        written::OBJECTIVE_KEY,
        written::FACTS_KEY,
        written::MUST_INCLUDE_KEY,
        written::NEVER_KEY,
        written::MAX_CHARS_KEY,
        written::APPROVE_KEY,
        written::FALLBACK_KEY,
    ],
)
.groups(&[Group { keys: &["template", "text", "write", "variants"], what: What::Form, needed: true }]);

/// A template id or a message object.
pub(crate) const MESSAGE_VALUE: Type = Type::Or(&[Type::form(&TEMPLATE), Type::Object(&MESSAGE)]);

static DUE_VALUE: Shape = Shape::new(
    "a computed moment",
    "A moment that an expression gives.",
    &[Key::new("value", Type::EXPRESSION, "The moment, as an expression.", "booking.start").required()],
);
static TASK: Shape = Shape::new(
    "a task",
    "Work for a person. The step is done when the task is made; `task.done` follows when somebody has done it.",
    &[
        Key::new(
            "title",
            Type::MARKUP,
            "What is to be done, in a few words.",
            "\"Call {{ contact.first_name | default('them') }}\"",
        )
        .required(),
        Key::new(
            "notes",
            Type::MARKUP,
            "What helps to do it.",
            "\"They asked about {{ contact.procedure | default('a visit') }}\"",
        ),
        Key::new("assign", Type::TEXT, "Who does it: role:front_desk, booking.host or an address.", "role:front_desk"),
        Key::new(
            "due",
            Type::Or(&[Type::form(&leaf::DURATION), Type::Object(&DUE_VALUE)]),
            "How long there is time for it.",
            "4h",
        ),
    ],
);
static SCORE: Shape = Shape::new(
    "a score change",
    "Changes the score of the contact.",
    &[
        Key::new("add", Type::integer(-1_000_000, 1_000_000), "Points to add; below zero to take away.", "5"),
        Key::new("set", Type::integer(-1_000_000, 1_000_000), "The new score.", "40"),
    ],
)
.groups(&[Group { keys: &["add", "set"], what: What::Form, needed: true }]);
static TAG: Shape = Shape::new(
    "a tag change",
    "Adds tags to the contact and takes tags away.",
    &[
        Key::new("add", ONE_OR_MORE_TEXTS, "Tag or tags to add.", "vip"),
        Key::new("remove", ONE_OR_MORE_TEXTS, "Tag or tags to take away.", "[cold, waiting]"),
    ],
);
static SET_CHANGE: Shape = Shape::new(
    "a change of a field",
    "A computed value, or entries of a list.",
    &[
        Key::new("value", Type::EXPRESSION, "The new value, as an expression.", "now()"),
        Key::new("add", ONE_OR_MORE_LITERALS, "Entries to add to a list.", "[botox]"),
        Key::new("remove", ONE_OR_MORE_LITERALS, "Entries to take out of a list.", "[filler]"),
    ],
);
static SET: Named = Named {
    key: &PATH,
    value: Type::Or(&[Type::LITERAL, Type::List(&LITERALS), Type::Object(&SET_CHANGE)]),
    single: false,
};
static NOTIFY: Shape = Shape::new(
    "a notice",
    "Tells your own people something; contacts never see it.",
    &[
        Key::new("to", Type::TEXT, "A role of the project, booking.host, or an address.", "role:front_desk").required(),
        Key::new("text", Type::MARKUP, "What to say.", "\"{{ contact.name | default('Somebody') }} asks for a call\"")
            .required(),
        Key::new("via", Type::form(&ID), "The channel; e-mail unless said.", "email"),
    ],
);
pub(crate) static DATA_VALUE: Shape = Shape::new(
    "a computed value",
    "A value that an expression gives.",
    &[Key::new("value", Type::EXPRESSION, "The value, as an expression.", "contact.score").required()],
);
static DATA: Named = Named { key: &PATH, value: Type::Or(&[Type::LITERAL, Type::Object(&DATA_VALUE)]), single: false };
static EMIT: Shape = Shape::new(
    "an event to emit",
    "Makes an event of your own happen, which triggers and sequences can wait for.",
    &[
        Key::new(
            "event",
            Type::form(&EVENT),
            "Name of the event, declared under events: in the project.",
            "lead.qualified",
        )
        .required(),
        Key::new(
            "data",
            Type::Map(&DATA),
            "Its fields: texts (templated), numbers, or { value: expression }.",
            "{ reason: score }",
        ),
    ],
);

pub(crate) const TAG_KEY: Key =
    Key::new("tag", Type::Object(&TAG), "Adds tags to the contact and takes tags away.", "{ add: vip }");
pub(crate) const SCORE_KEY: Key =
    Key::new("score", Type::Object(&SCORE), "Changes the score of the contact.", "{ add: 5 }");
pub(crate) const SET_KEY: Key = Key::new("set", Type::Map(&SET), "Sets fields of the contact.", "{ warm: true }");
pub(crate) const TASK_KEY: Key = Key::new(
    "task",
    Type::Object(&TASK),
    "Makes a task for a person.",
    "{ title: Call them, assign: \"role:front_desk\", due: 4h }",
);
pub(crate) const NOTIFY_KEY: Key = Key::new(
    "notify",
    Type::Object(&NOTIFY),
    "Tells your own people something.",
    "{ to: \"role:front_desk\", text: A new lead }",
);
pub(crate) const EMIT_KEY: Key =
    Key::new("emit", Type::Object(&EMIT), "Makes an event of your own happen.", "{ event: lead.qualified }");

pub(crate) static EXIT: Shape = Shape::new(
    "an exit",
    "What happens when the run ends in this way.",
    &[
        Key::new("enroll", Type::form(&ID), "The sequence the person enters next.", "monthly_drip"),
        TAG_KEY,
        SCORE_KEY,
        SET_KEY,
        TASK_KEY,
        NOTIFY_KEY,
        EMIT_KEY,
    ],
);
pub(crate) static DO: Shape = Shape::new(
    "an action",
    "One thing the trigger does.",
    &[
        TAG_KEY,
        SCORE_KEY,
        SET_KEY,
        TASK_KEY,
        NOTIFY_KEY,
        EMIT_KEY,
        Key::new(
            "stop_sequences",
            Type::Or(&[Type::Leaf(Leaf::Choice(ALL)), Type::List(&IDS)]),
            "Ends the runs of these sequences, or of all.",
            "[warm_lead_nurture]",
        ),
    ],
)
.groups(&[Group {
    keys: &["tag", "score", "set", "task", "notify", "emit", "stop_sequences"],
    what: What::Form,
    needed: true,
}]);
const ALL: &[super::shape::Choice] =
    &[super::shape::Choice { word: "all", about: "Every sequence the person is in.", later: false }];

// ---- reading ----

impl Message {
    pub(crate) fn read(node: &Node) -> Option<Self> {
        let mut message = Self {
            place: node.head(),
            template: None,
            subject: None,
            text: None,
            html: None,
            variants: None,
            write: None,
        };
        match &node.value {
            Value::Scalar(_) => message.template = text(node, MESSAGE_VALUE),
            Value::Map(map) => {
                let fields = Fields::new(map, &MESSAGE);
                message.template = fields.text("template");
                message.subject = fields.text("subject");
                message.text = fields.text("text");
                message.html = fields.text("html");
                message.variants = Variants::read(&fields);
                message.write = Write::read(&fields).map(Box::new);
            }
            Value::List(_) | Value::Broken => return None,
        }
        Some(message)
    }
}

/// The local actions of an object, in file order; each with the place of its key.
pub(crate) fn locals(fields: &Fields<'_>) -> Vec<Spanned<Local>> {
    let entries = fields.map.entries.iter();
    entries.filter_map(|entry| Some(Spanned::new(local(fields, &entry.key)?, &entry.key.place))).collect()
}

/// One local action; `key` is a key of the object.
pub(crate) fn local(fields: &Fields<'_>, key: &str) -> Option<Local> {
    fields.shape.key(key)?;
    Some(match key {
        "tag" => {
            let tag = fields.object(key)?;
            Local::Tag(Tag { add: tag.texts("add"), remove: tag.texts("remove") })
        }
        "score" => {
            let score = fields.object(key)?;
            Local::Score(score.integer("add").map(Score::Add).or_else(|| score.integer("set").map(Score::Set))?)
        }
        "set" => Local::Set(fields.named(key).into_iter().filter_map(set_field).collect()),
        "task" => Local::Task(task(fields, key)?),
        "notify" => {
            let notify = fields.object(key)?;
            let place = fields.node(key)?.head();
            Local::Notify(Notify { place, to: notify.text("to"), text: notify.text("text"), via: notify.text("via") })
        }
        "emit" => Local::Emit(emit(fields, key)?),
        "enroll" => Local::Enroll(fields.text(key)?),
        "stop_sequences" => match fields.node(key)?.list() {
            Some(_) => Local::StopSequences(StopSequences::These(fields.texts(key))),
            None => Local::StopSequences(StopSequences::All(fields.text(key)?.place)),
        },
        _ => return None,
    })
}

fn task(fields: &Fields<'_>, key: &str) -> Option<Task> {
    let task = fields.object(key)?;
    let due = match task.object("due") {
        Some(due) => due.text("value").map(Due::Expression),
        None => task.text("due").map(Due::After),
    };
    Some(Task {
        place: fields.node(key)?.head(),
        title: task.text("title"),
        notes: task.text("notes"),
        assign: task.text("assign"),
        due,
    })
}

fn emit(fields: &Fields<'_>, key: &str) -> Option<Emit> {
    let emit = fields.object(key)?;
    let data = emit.named("data").into_iter().filter_map(|(name, node, ty)| {
        let value = match node.map() {
            Some(map) => DataValue::Expression(Fields::new(map, ty.shape()?).text("value")?),
            None => DataValue::Value(Literal::read(node)?),
        };
        Some((name, value))
    });
    Some(Emit { place: fields.node(key)?.head(), event: emit.text("event"), data: data.collect() })
}

fn set_field((field, node, ty): (Text, &Node, Type)) -> Option<SetField> {
    let to = match &node.value {
        Value::Scalar(scalar) if scalar.null && !scalar.text.is_empty() => SetTo::Clear(node.place.clone()),
        Value::Map(map) => {
            let change = Fields::new(map, ty.shape()?);
            let literals = |key: &str| change.items(key).into_iter().filter_map(Literal::read).collect();
            match change.node("value").and_then(any_text) {
                Some(expression) => SetTo::Expression(expression),
                None => SetTo::Change { add: literals("add"), remove: literals("remove") },
            }
        }
        _ => SetTo::Value(Literal::read(node)?),
    };
    Some(SetField { field, to })
}
