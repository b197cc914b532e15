//! A suite as written: people, what happens to them, and what has to come of it. Knows no step, event or field.
mod data;
mod people;
mod then;
mod when;

pub(crate) use data::Data;
pub(crate) use people::Person;
pub(crate) use then::{Expect, OfSequence, OfStep, TextIs, Then};
pub(crate) use when::{Verb, When};

use super::{
    fields::Fields,
    leaf::{DURATION, EVENT, Form, FormKind, ID, NAME, TIME},
    shape::{Group, Key, Leaf, Named, Shape, Type, What, choices},
    text::{Spanned, Text},
    tree::{Map, Node},
};
use crate::diag::Place;
use people::PEOPLE;

choices! {
    /// What becomes of steps that would ask a model for a text.
    ModelUse {
        Forbid "forbid" "A step that would ask a model makes the scenario fail.",
        Stub "stub" "A text that names the step stands for the model's.",
        Recorded "recorded" "Texts that were recorded before." later,
    }
}
choices! {
    Fault {
        Ok "ok" "It works.",
        Timeout "timeout" "No answer comes in time, and it is known that nothing went out.",
        Http429 "http_429" "Too many requests: try later.",
        Http500 "http_500" "The provider is broken for a while.",
        Refuse "refuse" "Refused for good.",
        LostAnswer "lost_answer" "It went out, but the answer never came.",
    }
}
choices! {
    Others {
        Allowed "allowed" "Other messages may go between the first and the last expectation.",
        Forbidden "forbidden" "Between the first and the last expectation nothing else may go.",
    }
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Suite {
    pub(crate) title: Option<Text>,
    /// `sequence/id`, `campaign/id`, `trigger/id`.
    pub(crate) under_test: Vec<Text>,
    pub(crate) start: Option<Text>,
    pub(crate) zone: Option<Text>,
    pub(crate) model: Option<Spanned<ModelUse>>,
    pub(crate) around: Around,
    pub(crate) always: Vec<Always>,
    pub(crate) scenarios: Vec<Scenario>,
    /// The key `scenarios`.
    pub(crate) scenarios_at: Option<Place>,
}

/// What a suite and each of its scenarios can say of the world.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Around {
    pub(crate) people: Vec<Person>,
    pub(crate) faults: Vec<(Text, Vec<Spanned<Fault>>)>,
    pub(crate) lookups: Vec<(Text, Vec<Answer>)>,
}

/// What a look-up answers.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Answer {
    /// `none`, `error` or `example`.
    Word(Text),
    Fields(Vec<(Text, Data)>),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Always {
    pub(crate) place: Place,
    /// On one line.
    pub(crate) written: String,
    pub(crate) rule: Option<Rule>,
    pub(crate) channel: Option<Text>,
    pub(crate) purpose: Option<Spanned<super::action::Purpose>>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Rule {
    /// The key and the two times.
    Between(Place, Vec<Text>),
    After(Vec<Text>),
    AtMost {
        messages: Option<Spanned<i64>>,
        per: Option<Text>,
    },
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Scenario {
    pub(crate) place: Place,
    pub(crate) name: Option<Text>,
    pub(crate) like: Option<Text>,
    pub(crate) start: Option<Text>,
    pub(crate) around: Around,
    pub(crate) each: Option<Each>,
    /// Says nothing of what happens, and is like no other.
    pub(crate) lacks_when: bool,
    pub(crate) lacks_then: bool,
    pub(crate) when: Vec<When>,
    pub(crate) then: Vec<Then>,
    pub(crate) others: Option<Spanned<Others>>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Each {
    pub(crate) place: Place,
    pub(crate) every: Option<Text>,
    pub(crate) for_: Option<Text>,
    pub(crate) zones: Vec<Text>,
}

// ---- forms ----

/// `sequence/no_show_recovery`
static SUBJECT: Form = Form {
    wants: "a kind and an id such as sequence/no_show_recovery",
    pattern: "^(sequence|campaign|trigger)/[a-z][a-z0-9_]{0,63}$",
    reads: |text| {
        let parts = text.split_once('/');
        parts.is_some_and(|(kind, id)| matches!(kind, "sequence" | "campaign" | "trigger") && super::is_id(id))
    },
    kind: FormKind::Other,
};
/// A moment by the suite's clock.
static CIVIL: Form = Form {
    wants: "a date and a time such as 2027-03-26 18:30",
    pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}$",
    reads: is_civil,
    kind: FormKind::Other,
};
static MOMENT: Form = Form {
    wants: "a moment: 2027-03-27 10:00, day 4, or a duration from the start such as 2d 4h",
    pattern: "^([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}|day (0|[1-9][0-9]{0,3})|([0-9]+ ?(s|m|h|d|w|mo|seconds?|minutes?|hours?|days?|weeks?|months?) ?)+)$",
    reads: |text| is_civil(text) || day(text).is_some() || (DURATION.reads)(text),
    kind: FormKind::Duration,
};
/// `last_call`, or `no_show_recovery.last_call` where several sequences have such a step.
static STEP: Form = Form {
    wants: "the id of a step such as last_call, or sequence.step",
    pattern: "^([a-z][a-z0-9_]{0,63}\\.)?[a-z][a-z0-9_]{0,63}$",
    reads: |text| text.split_once('.').map_or_else(|| super::is_id(text), |(a, b)| super::is_id(a) && super::is_id(b)),
    kind: FormKind::Other,
};
static FIXTURE: Form = Form {
    wants: "a file below tests/fixtures such as fixtures/cal_no_show.json",
    pattern: "^fixtures/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$",
    reads: |text| {
        let fits =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
        text.strip_prefix("fixtures/").is_some_and(|path| path.split('/').all(fits))
    },
    kind: FormKind::Other,
};

fn is_civil(text: &str) -> bool {
    let digits = |at: std::ops::Range<usize>| text.as_bytes()[at].iter().all(u8::is_ascii_digit);
    text.is_ascii()
        && text.len() == 16
        && [(4, "-"), (7, "-"), (13, ":")].iter().all(|(at, mark)| text.get(*at..at + 1) == Some(mark))
        && matches!(text.as_bytes()[10], b' ' | b'T')
        && [0..4, 5..7, 8..10, 11..13, 14..16].into_iter().all(digits)
}

/// The number of `day 4`.
pub(crate) fn day(text: &str) -> Option<u32> {
    let number = text.strip_prefix("day ")?;
    let plain = number.len() <= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|day: &u32| plain && day.to_string() == number)
}

// ---- descriptions ----

const FAULT: Type = Type::Leaf(Leaf::Choice(Fault::CHOICES));
static FAULTS: Named = Named { key: &NAME, value: Type::Or(&[FAULT, Type::List(&FAULT)]), single: false };
static ANSWER_WORD: Form = Form {
    wants: "none, error, example, or an object with the fields of the answer",
    pattern: "^(none|error|example)$",
    reads: |text| matches!(text, "none" | "error" | "example"),
    kind: FormKind::Other,
};
const ANSWER: Type = Type::Or(&[Type::form(&ANSWER_WORD), Type::Map(&data::DATA)]);
static LOOKUPS: Named = Named {
    key: &ID,
    value: Type::Or(&[Type::form(&ANSWER_WORD), Type::Map(&data::DATA), Type::List(&ANSWER)]),
    single: false,
};

const FAULTS_KEY: Key = Key::new(
    "faults",
    Type::Map(&FAULTS),
    "What goes wrong outside: for a channel or a look-up what each attempt comes to; the last repeats.",
    "{ sms: [timeout, ok] }",
);
const LOOKUPS_KEY: Key = Key::new(
    "lookups",
    Type::Map(&LOOKUPS),
    "What look-ups answer, in the order of the calls; the last repeats. `none` finds nothing, `error` fails, `example` is invented (the same as saying nothing).",
    "{ next_free_slot: [none, { start: 2027-03-30 10:00, url: \"https://cal.example.com/x\" }] }",
);
const PEOPLE_KEY: Key = Key::new(
    "people",
    Type::Map(&PEOPLE),
    "Who takes part, by names that `for` uses, as they are before it begins.",
    "{ ana: { first_name: Ana, email: ana@example.test, consent: [email] } }",
);

const TIMES: Type = Type::form(&TIME);
const EVENTS: Type = Type::form(&EVENT);
static NO_SENDS: Shape = Shape::new(
    "a time without messages",
    "When nothing may be sent.",
    &[
        Key::new(
            "between",
            Type::List(&TIMES),
            "From the first to the second time of day, by the person's clock; the second may be on the next day.",
            "[\"20:00\", \"08:00\"]",
        ),
        Key::new(
            "after",
            Type::Or(&[EVENTS, Type::List(&EVENTS)]),
            "Once one of these events concerned the person.",
            "[booking.created, contact.opted_out]",
        ),
    ],
)
.groups(&[Group { keys: &["between", "after"], what: What::Form, needed: true }]);
static AT_MOST: Shape = Shape::new(
    "a most",
    "How many messages one person may get in a time.",
    &[
        Key::new("messages", Type::integer(0, 10_000), "The most messages.", "1").required(),
        Key::new("per", Type::form(&DURATION), "In this time: days are days of the person, hours roll.", "1d")
            .required(),
        Key::new(
            "purpose",
            Type::Leaf(Leaf::Choice(super::action::Purpose::CHOICES)),
            "Only messages of this purpose count.",
            "marketing",
        ),
        Key::new("channel", Type::form(&NAME), "Only messages on this channel count.", "email"),
    ],
);
static ALWAYS: Shape = Shape::new(
    "a rule of a suite",
    "What holds in every scenario, over the messages of what is under test.",
    &[
        Key::new(
            "no_sends",
            Type::Object(&NO_SENDS),
            "When nothing may be sent.",
            "{ between: [\"20:00\", \"08:00\"] }",
        ),
        Key::new(
            "at_most",
            Type::Object(&AT_MOST),
            "How many messages one person may get.",
            "{ messages: 1, purpose: marketing, per: 1d }",
        ),
        Key::new(
            "purpose",
            Type::Leaf(Leaf::Choice(super::action::Purpose::CHOICES)),
            "Only messages of this purpose.",
            "marketing",
        )
        .with(&["no_sends"]),
        Key::new("channel", Type::form(&NAME), "Only messages on this channel.", "email").with(&["no_sends"]),
    ],
)
.groups(&[Group { keys: &["no_sends", "at_most"], what: What::Form, needed: true }]);
const RULES: Type = Type::Object(&ALWAYS);

static EACH_START: Shape = Shape::new(
    "a row of starts",
    "The story begins again and again, each time a little later.",
    &[
        Key::new("every", Type::form(&DURATION), "How far apart the starts are.", "1h").required(),
        Key::new("for", Type::form(&DURATION), "From the scenario's start so long.", "7d").required(),
    ],
);
const ZONES: Type = Type::TEXT;
static EACH: Shape = Shape::new(
    "a row of variations",
    "The same story at other times and in other places; each of them has to pass.",
    &[
        Key::new("start", Type::Object(&EACH_START), "At these starts.", "{ every: 1h, for: 7d }"),
        Key::new(
            "zone",
            Type::Or(&[Type::TEXT, Type::List(&ZONES)]),
            "In these time zones, in place of the suite's.",
            "[Europe/Berlin, America/New_York]",
        ),
    ],
)
.groups(&[Group { keys: &["start", "zone"], what: What::Several, needed: true }]);

const WHENS: Type = Type::Object(&when::WHEN);
const THENS: Type = Type::Object(&then::THEN);
static SCENARIO: Shape = Shape::new(
    "a scenario",
    "One story: what happens, and what has to come of it.",
    &[
        Key::new("name", Type::TEXT, "What it shows, in a few words; unique in the suite.", "nobody answers")
            .required(),
        Key::new(
            "like",
            Type::TEXT,
            "Name of another scenario: its start, people, faults, look-ups and variations hold here too unless said otherwise, and what happens there happens first. What it expects is not taken over.",
            "nobody answers",
        ),
        Key::new("start", Type::form(&CIVIL), "When it begins, in place of the suite's start.", "2027-03-26 18:30"),
        PEOPLE_KEY,
        FAULTS_KEY,
        LOOKUPS_KEY,
        Key::new(
            "each",
            Type::Object(&EACH),
            "Plays it at many starts and in several zones.",
            "{ start: { every: 1h, for: 7d } }",
        ),
        Key::new(
            "when",
            Type::ListOrNone(&WHENS),
            "What happens, each thing with its moment.",
            "[ { at: 0m, event: booking.no_show, for: ana } ]",
        ),
        Key::new(
            "then",
            Type::ListOrNone(&THENS),
            "What comes of it, in this order. Between the first and the last nothing else is sent unless `others: allowed`.",
            "[ { at: day 1, sent: sorry_we_missed_you } ]",
        ),
        Key::new(
            "others",
            Type::Leaf(Leaf::Choice(Others::CHOICES)),
            "Whether other messages may go in between; forbidden unless said.",
            "allowed",
        ),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
    ],
);
const SCENARIOS: Type = Type::Object(&SCENARIO);
const SUBJECTS: Type = Type::form(&SUBJECT);

pub(crate) static SUITE: Shape = Shape::new(
    "a suite",
    "Stories that show what the project does: who, what happens, and what has to come of it. The whole project runs on a clock of its own.",
    &[
        Key::new("suite", Type::form(&ID), "Id of the suite.", "no_show").required(),
        Key::new("title", Type::TEXT, "A name for people.", "Nobody came"),
        Key::new("description", Type::TEXT, "What it is for, for your colleagues.", "The recovery after a no-show."),
        Key::new("owner", Type::TEXT, "Who looks after it.", "ana@example.com"),
        Key::new(
            "under_test",
            Type::Or(&[SUBJECTS, Type::List(&SUBJECTS)]),
            "Whose steps count as covered, and whose messages `always` and `then` watch: sequence/id, campaign/id, trigger/id. Everything unless said.",
            "[sequence/no_show_recovery]",
        ),
        Key::new(
            "start",
            Type::form(&CIVIL),
            "When the stories begin, by the suite's clock; never the clock of the machine.",
            "2027-03-26 18:30",
        )
        .required(),
        Key::new(
            "zone",
            Type::TEXT,
            "Time zone of the suite's times, and of people who name none; the project's unless said.",
            "Europe/Berlin",
        ),
        Key::new(
            "model",
            Type::Leaf(Leaf::Choice(ModelUse::CHOICES)),
            "What becomes of steps that would ask a model for a text; stub unless said.",
            "forbid",
        ),
        LOOKUPS_KEY,
        PEOPLE_KEY,
        Key::new(
            "always",
            Type::List(&RULES),
            "What holds in every scenario.",
            "[ { no_sends: { between: [\"20:00\", \"08:00\"] } } ]",
        ),
        FAULTS_KEY,
        Key::new(
            "scenarios",
            Type::ListOrNone(&SCENARIOS),
            "The stories.",
            "[ { name: nobody answers, when: [ { at: 0m, event: booking.no_show } ], then: [ { at: day 1, sent: sorry_we_missed_you } ] } ]",
        )
        .required(),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
    ],
);

// ---- reading ----

impl Suite {
    pub(crate) fn read(map: &Map) -> Self {
        let fields = Fields::new(map, &SUITE);
        Self {
            title: fields.text("title"),
            under_test: fields.texts("under_test"),
            start: fields.text("start"),
            zone: fields.text("zone"),
            model: fields.choice("model", ModelUse::of),
            around: around(&fields),
            always: nodes(&fields, "always").filter_map(always).collect(),
            scenarios: nodes(&fields, "scenarios").filter_map(scenario).collect(),
            scenarios_at: fields.key("scenarios"),
        }
    }
}

fn nodes<'a>(fields: &Fields<'a>, key: &str) -> impl Iterator<Item = &'a Node> + use<'a> {
    fields.items(key).into_iter()
}

fn around(fields: &Fields<'_>) -> Around {
    let faults = fields.named("faults").into_iter().map(|(name, node, _)| {
        let one = |node: &Node| {
            let scalar = node.scalar()?;
            Fault::of(&scalar.text).map(|fault| Spanned::new(fault, &scalar.text.place))
        };
        let faults = node.list().unwrap_or(std::slice::from_ref(node)).iter().filter_map(one).collect();
        (name, faults)
    });
    let lookups = fields.named("lookups").into_iter().map(|(name, node, _)| {
        let answers = node.list().unwrap_or(std::slice::from_ref(node)).iter().filter_map(answer).collect();
        (name, answers)
    });
    Around { people: people::read(fields), faults: faults.collect(), lookups: lookups.collect() }
}

fn answer(node: &Node) -> Option<Answer> {
    match data::entries(node) {
        Some(fields) => Some(Answer::Fields(fields)),
        None => super::fields::text(node, ANSWER).map(Answer::Word),
    }
}

fn always(node: &Node) -> Option<Always> {
    let fields = Fields::new(node.map()?, &ALWAYS);
    let most = fields.object("at_most");
    let rule = match (fields.object("no_sends"), &most) {
        (Some(none), _) => match none.key("between") {
            Some(at) => Some(Rule::Between(at, none.texts("between"))),
            None if none.has("after") => Some(Rule::After(none.texts("after"))),
            None => None,
        },
        (None, Some(most)) => Some(Rule::AtMost { messages: most.integer("messages"), per: most.text("per") }),
        (None, None) => None,
    };
    let narrowed = most.as_ref().unwrap_or(&fields);
    Some(Always {
        place: node.head(),
        written: data::on_one_line(node),
        rule,
        channel: narrowed.text("channel"),
        purpose: narrowed.choice("purpose", super::action::Purpose::of),
    })
}

fn scenario(node: &Node) -> Option<Scenario> {
    let map = node.map()?;
    let fields = Fields::new(map, &SCENARIO);
    let each = fields.object("each").map(|each| {
        let start = each.object("start");
        Each {
            place: fields.key("each").unwrap_or_else(|| node.head()),
            every: start.as_ref().and_then(|start| start.text("every")),
            for_: start.as_ref().and_then(|start| start.text("for")),
            zones: each.texts("zone"),
        }
    });
    let lacks = |key: &str| !map.cut && fields.node(key).is_none_or(|node| node.list().is_some_and(<[_]>::is_empty));
    Some(Scenario {
        place: node.head(),
        name: fields.text("name"),
        like: fields.text("like"),
        start: fields.text("start"),
        around: around(&fields),
        each,
        lacks_when: lacks("when") && !fields.has("like"),
        lacks_then: lacks("then"),
        when: nodes(&fields, "when").filter_map(When::read).collect(),
        then: nodes(&fields, "then").filter_map(Then::read).collect(),
        others: fields.choice("others", Others::of),
    })
}
