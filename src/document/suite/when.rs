//! What happens in a story, as written: a moment, one thing, and to whom.
use super::{
    FIXTURE, MOMENT, STEP,
    data::{self, Data},
};
use crate::{
    diag::Place,
    document::{
        action::TAG_KEY,
        fields::Fields,
        leaf::{DURATION, EVENT, ID, NAME, PATH},
        shape::{Group, Key, Named, Shape, Type, What},
        text::{Spanned, Text},
        tree::Node,
    },
};

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct When {
    /// The first key.
    pub(crate) place: Place,
    pub(crate) at: Option<Text>,
    pub(crate) who: Option<Text>,
    pub(crate) verb: Option<Verb>,
    /// The key of the verb.
    pub(crate) verb_at: Place,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Verb {
    Event {
        kind: Text,
        data: Vec<(Text, Data)>,
        booking: Vec<(Text, Data)>,
    },
    Webhook {
        fixture: Text,
        from: Option<Text>,
    },
    Reply {
        text: Text,
        channel: Option<Text>,
    },
    Click(Text),
    Bounce(Text),
    Complain(Text),
    /// A channel, or `all`.
    OptOut(Text),
    Enroll(Text),
    Advance(Text),
    Stop(Text),
    Approve(Text),
    Refuse(Text),
    Set(Vec<(Text, Data)>),
    Tag {
        add: Vec<Text>,
        remove: Vec<Text>,
    },
    Import(Text),
    Launch(Text),
    Restart(Spanned<bool>),
    Deploy(Text),
    Clock(Text),
}

static REPLY: Shape = Shape::new(
    "a reply",
    "What the person writes, and where.",
    &[
        Key::new("text", Type::TEXT, "What they write.", "\"Yes please\"").required(),
        Key::new("channel", Type::form(&NAME), "Where; the channel of the last message to them unless said.", "sms"),
    ],
);
const LITERALS: Type = Type::LITERAL;
/// Fields of a person with values.
pub(super) static FIELDS: Named =
    Named { key: &PATH, value: Type::Or(&[Type::LITERAL, Type::ListOrNone(&LITERALS)]), single: false };

const VERBS: &[&str] = &[
    "event", "webhook", "reply", "click", "bounce", "complain", "opt_out", "enroll", "advance", "stop", "approve",
    "refuse", "set", "tag", "import", "launch", "restart", "deploy", "clock",
];

macro_rules! step {
    ($name:literal, $about:literal) => {
        Key::new($name, Type::form(&STEP), $about, "last_call")
    };
}

pub(super) static WHEN: Shape = Shape::new(
    "something that happens",
    "One thing that happens in the story.",
    &[
        Key::new(
            "at",
            Type::form(&MOMENT),
            "When: a date and time by the suite's clock, `day N` after the start at its time of day, or a duration from the start.",
            "2d",
        )
        .required(),
        Key::new("for", Type::form(&ID), "To whom; may be left out where there is one person. Beside `webhook`: who it has to be about.", "ana"),
        Key::new("event", Type::form(&EVENT), "An event of the project or a built-in one.", "booking.created"),
        Key::new("data", Type::Map(&data::DATA), "The event's own fields.", "{ funnel: web_form }").with(&["event"]),
        Key::new(
            "booking",
            Type::Map(&data::DATA),
            "Fields of the booking. `booking.created` without them makes one in seven days at 10:00 for one hour; other events are about the person's latest booking.",
            "{ kind: intro, start: 2027-04-02 10:00 }",
        )
        .with(&["event"]),
        Key::new(
            "webhook",
            Type::form(&FIXTURE),
            "A file with what a provider sends, byte by byte; it is signed on the way.",
            "fixtures/cal_no_show.json",
        ),
        Key::new("from", Type::form(&ID), "The source that sends it; may be left out where the project has one.", "cal")
            .with(&["webhook"]),
        Key::new(
            "reply",
            Type::Or(&[Type::TEXT, Type::Object(&REPLY)]),
            "The person writes, on the channel of the last message to them unless said.",
            "\"Yes please\"",
        ),
        step!("click", "The person opens a link in the last message of this step."),
        step!("bounce", "The last message of this step comes back for good: its address does not exist."),
        step!("complain", "The person marks the last message of this step as spam."),
        Key::new("opt_out", Type::form(&NAME), "The person wants no more messages on this channel, or `all`.", "all"),
        Key::new("enroll", Type::form(&ID), "Somebody of the practice puts the person into this sequence.", "welcome"),
        Key::new("advance", Type::form(&ID), "Somebody of the practice moves the person on in this sequence.", "welcome"),
        Key::new("stop", Type::form(&ID), "Somebody of the practice takes the person out of this sequence.", "welcome"),
        step!("approve", "Somebody approves the text that a model wrote for this step.").later(),
        step!("refuse", "Somebody refuses the text that a model wrote for this step.").later(),
        Key::new("set", Type::Map(&FIELDS), "Fields of the contact get other values.", "{ warm: true }"),
        TAG_KEY,
        Key::new(
            "import",
            Type::form(&FIXTURE),
            "People of a file come in: a CSV file with a line of field names, or JSON with a list of objects.",
            "fixtures/people.csv",
        ),
        Key::new("launch", Type::form(&ID), "This campaign is launched.", "winter_comeback"),
        Key::new("restart", Type::BOOL, "The program stops and starts again.", "true"),
        Key::new(
            "deploy",
            Type::TEXT,
            "From here on another version of the project: a folder below tests/, or a commit, branch or tag.",
            "HEAD~1",
        ),
        Key::new("clock", Type::form(&DURATION), "The clock of the machine jumps ahead by this.", "2h"),
    ],
)
.groups(&[Group { keys: VERBS, what: What::Form, needed: true }]);

impl When {
    pub(super) fn read(node: &Node) -> Option<Self> {
        let map = node.map()?;
        let fields = Fields::new(map, &WHEN);
        let key = map.entries.iter().map(|entry| &entry.key).find(|key| VERBS.contains(&key.as_str()));
        Some(Self {
            place: node.head(),
            at: fields.text("at"),
            who: fields.text("for"),
            verb: key.and_then(|key| verb(&fields, key)),
            verb_at: key.map_or_else(|| node.head(), |key| key.place.clone()),
        })
    }
}

fn verb(fields: &Fields<'_>, key: &str) -> Option<Verb> {
    let text = || fields.text(key);
    let entries = |key: &str| fields.node(key).and_then(data::entries).unwrap_or_default();
    Some(match key {
        "event" => Verb::Event { kind: text()?, data: entries("data"), booking: entries("booking") },
        "webhook" => Verb::Webhook { fixture: text()?, from: fields.text("from") },
        "reply" => match fields.object(key) {
            Some(reply) => Verb::Reply { text: reply.text("text")?, channel: reply.text("channel") },
            None => Verb::Reply { text: text()?, channel: None },
        },
        "click" => Verb::Click(text()?),
        "bounce" => Verb::Bounce(text()?),
        "complain" => Verb::Complain(text()?),
        "opt_out" => Verb::OptOut(text()?),
        "enroll" => Verb::Enroll(text()?),
        "advance" => Verb::Advance(text()?),
        "stop" => Verb::Stop(text()?),
        "approve" => Verb::Approve(text()?),
        "refuse" => Verb::Refuse(text()?),
        "set" => Verb::Set(entries(key)),
        "tag" => {
            let tag = fields.object(key)?;
            Verb::Tag { add: tag.texts("add"), remove: tag.texts("remove") }
        }
        "import" => Verb::Import(text()?),
        "launch" => Verb::Launch(text()?),
        "restart" => Verb::Restart(fields.bool(key)?),
        "deploy" => Verb::Deploy(text()?),
        "clock" => Verb::Clock(text()?),
        _ => return None,
    })
}
