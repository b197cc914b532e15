//! Questions to other programs, as written under `lookups:` and named in `with:`. Knows no program.
use super::{
    fields::{Fields, text},
    leaf::{DURATION, ID, NAME},
    project::FieldType,
    shape::{Group, Key, Leaf, Named, Shape, Type, What, choices},
    text::{Spanned, Text},
};

choices! {
    LookupProvider {
        CalcomSlots "calcom.slots" "The next free time of a kind of appointment at Cal.com: gives `start` and `url`.",
    }
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Lookup {
    pub(crate) name: Text,
    pub(crate) provider: Option<Spanned<LookupProvider>>,
    pub(crate) get: Option<Text>,
    pub(crate) event_type: Option<Text>,
    pub(crate) host: Option<Text>,
    pub(crate) headers: Vec<(Text, Text)>,
    pub(crate) returns: Vec<(Text, Returned)>,
    pub(crate) timeout: Option<Text>,
    pub(crate) cache: Option<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Returned {
    One(Option<FieldType>),
    /// Several things with these parts.
    List(Vec<(Text, Option<FieldType>)>),
}

const FIELD: Type = Type::Leaf(Leaf::Choice(FieldType::CHOICES));
static PARTS: Named = Named { key: &ID, value: FIELD, single: false };
static LIST: Shape = Shape::new(
    "a list that is returned",
    "Several things with the same parts; texts go through them with `{% for %}`.",
    &[Key::new(
        "list",
        Type::Map(&PARTS),
        "The parts of each of them, and what they hold.",
        "{ name: text, url: text }",
    )
    .required()],
);
static RETURNS: Named = Named { key: &ID, value: Type::Or(&[FIELD, Type::Object(&LIST)]), single: false };
static HEADERS: Named = Named { key: &NAME, value: Type::SECRET, single: false };
static LOOKUP: Shape = Shape::new(
    "a look-up",
    "A question to another program, asked when a step is due that names it in `with`. This version checks look-ups and does not ask them yet: `run` refuses a project whose steps need one. An answer of \"nothing\" leaves the fields empty; a question that fails is asked again as the step's `retries` say, and then the step fails.",
    &[
        Key::new("provider", Type::Leaf(Leaf::Choice(LookupProvider::CHOICES)), "A question that is built in.", "calcom.slots"),
        Key::new(
            "get",
            Type::MARKUP,
            "The https address that is asked, or the NAME of the variable that holds it. Its path and query may be templated.",
            "\"https://match.example.com/api?patient={{ contact.id }}\"",
        ),
        Key::new("event_type", Type::form(&ID), "The kind of appointment, as the source's `kinds` name it.", "full_session")
            .with(&["provider"]),
        Key::new("host", Type::TEXT, "Whose calendar: booking.host, or everybody's unless said.", "booking.host").with(&["provider"]),
        Key::new(
            "headers",
            Type::Map(&HEADERS),
            "Headers of the request; each value is the name of an environment variable.",
            "{ Authorization: MATCH_TOKEN }",
        )
        .with(&["get"]),
        Key::new(
            "returns",
            Type::Map(&RETURNS),
            "What the answer holds, and of what type. Every field may be empty.",
            "{ start: time, url: text }",
        )
        .required(),
        Key::new("timeout", Type::form(&DURATION), "How long to wait for the answer, at most 20s; 5s unless said.", "5s"),
        Key::new(
            "cache",
            Type::form(&DURATION),
            "How long an answer to the same question is taken again. It is not kept over a restart.",
            "10m",
        ),
    ],
)
.groups(&[Group { keys: &["provider", "get"], what: What::Form, needed: true }]);
static LOOKUPS: Named = Named { key: &ID, value: Type::Object(&LOOKUP), single: false };
static WITH: Named = Named { key: &ID, value: Type::form(&ID), single: false };

pub(super) const KEY: Key = Key::new(
    "lookups",
    Type::Map(&LOOKUPS),
    "Questions to other programs that steps may ask.",
    "{ alternatives: { get: MATCH_URL, returns: { found: text } } }",
);
pub(super) const WITH_KEY: Key = Key::new(
    "with",
    Type::Map(&WITH),
    "Look-ups that are asked when the step is due. Its condition and texts use the answer by the name before the colon.",
    "{ slot: next_free_slot }",
);

pub(super) fn read(fields: &Fields<'_>) -> Vec<Lookup> {
    let lookups = fields.named_objects("lookups").into_iter();
    lookups
        .map(|(name, lookup)| Lookup {
            name,
            provider: lookup.choice("provider", LookupProvider::of),
            get: lookup.text("get"),
            event_type: lookup.text("event_type"),
            host: lookup.text("host"),
            headers: lookup.named_texts("headers"),
            returns: lookup
                .named("returns")
                .into_iter()
                .filter_map(|(name, node, ty)| Some((name, returned(node, ty)?)))
                .collect(),
            timeout: lookup.text("timeout"),
            cache: lookup.text("cache"),
        })
        .collect()
}

fn returned(node: &super::tree::Node, ty: Type) -> Option<Returned> {
    match node.map() {
        None => Some(Returned::One(FieldType::of(&text(node, ty)?))),
        Some(map) => {
            let parts = Fields::new(map, ty.shape()?).named_texts("list").into_iter();
            Some(Returned::List(parts.map(|(name, of)| (name, FieldType::of(&of))).collect()))
        }
    }
}
