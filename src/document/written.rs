//! Messages with several texts, and texts that a model writes, as written. Knows no template, field or placeholder.
use super::{
    fields::Fields,
    leaf::{DURATION, FormKind, ID, PATH, TEMPLATE},
    shape::{Key, Leaf, Named, Shape, Type, choices},
    text::{Spanned, Text},
};
use crate::diag::Place;

choices! {
    TestBy {
        Goal "goal" "By people who reach the goal of the sequence.",
        Reply "reply" "By people who answer.",
        Click "click" "By people who click on a link; needs `track: true`.",
    }
}
choices! {
    TestMethod {
        Fixed "fixed" "Judged once, when every arm has its number of people. Looking earlier finds winners that are none.",
        AlwaysValid "always_valid" "May be looked at any time; needs more people for the same answer.",
    }
}
choices! {
    /// What a written text is for.
    Objective {
        Info "info" "Tells something the person asked for.",
        SocialProof "social_proof" "Tells what others say.",
        Offer "offer" "Offers something.",
        Education "education" "Explains something.",
        Nudge "nudge" "Reminds gently.",
    }
}
choices! {
    ModelProvider {
        Openai "openai" "Everything that speaks like OpenAI's chat completions.",
        Anthropic "anthropic" "Anthropic's messages.",
        Ollama "ollama" "A model on a machine of your own.",
    }
}

/// `variants:` and `test:` of a message.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Variants {
    /// The key.
    pub(crate) place: Place,
    /// Arm and template, in file order.
    pub(crate) arms: Vec<(Text, Text)>,
    pub(crate) test: Option<Test>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Test {
    pub(crate) place: Place,
    pub(crate) by: Option<Spanned<TestBy>>,
    pub(crate) method: Option<Spanned<TestMethod>>,
    pub(crate) per_arm: Option<Spanned<i64>>,
}

/// `write:` of a message and the keys beside it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Write {
    /// The key.
    pub(crate) place: Place,
    pub(crate) instructions: Text,
    pub(crate) objective: Option<Spanned<Objective>>,
    pub(crate) facts: Vec<Text>,
    /// Keys beside it that are needed and do not stand there.
    pub(crate) lacks: Vec<&'static str>,
    pub(crate) must_include: Vec<Text>,
    pub(crate) never: Vec<Text>,
    pub(crate) max_chars: Option<Spanned<i64>>,
    pub(crate) approve: Option<Text>,
    pub(crate) fallback: Option<Text>,
}

/// `model:` of the project.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Model {
    pub(crate) place: Place,
    pub(crate) provider: Option<Spanned<ModelProvider>>,
    pub(crate) url: Option<Text>,
    pub(crate) key: Option<Text>,
    pub(crate) name: Option<Text>,
    pub(crate) timeout: Option<Text>,
    pub(crate) may_see: Vec<Text>,
    pub(crate) at_most: Option<Text>,
    pub(crate) per: Option<Text>,
}

static ARMS: Named = Named { key: &ID, value: Type::form(&TEMPLATE), single: false };
static TEST: Shape = Shape::new(
    "a test",
    "How the variants are compared. It only reports: everybody keeps the text they got.",
    &[
        Key::new("by", Type::Leaf(Leaf::Choice(TestBy::CHOICES)), "What counts as success.", "goal").required(),
        Key::new("method", Type::Leaf(Leaf::Choice(TestMethod::CHOICES)), "When the result may be read.", "fixed")
            .required(),
        Key::new(
            "per_arm",
            Type::integer(2, 1_000_000),
            "How many people each arm gets before `fixed` is judged.",
            "900",
        ),
    ],
);
static APPROVE: super::leaf::Form = super::leaf::Form {
    wants: "always, never, risky, or first and a number such as `first 20`",
    pattern: "^(always|never|risky|first [1-9][0-9]{0,5})$",
    reads: |text| {
        let number = |text: &str| text.len() <= 6 && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
        matches!(text, "always" | "never" | "risky")
            || text.strip_prefix("first ").is_some_and(|count| !count.is_empty() && number(count))
    },
    kind: FormKind::Other,
};
static FACT: super::leaf::Form = super::leaf::Form {
    wants: "a field such as contact.procedure, conversation.last_5 or prefers",
    pattern: "^[A-Za-z_][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*$",
    reads: |text| (PATH.reads)(text),
    kind: FormKind::Other,
};
const FACTS: Type = Type::form(&FACT);
const WORDS: Type = Type::TEXT;

pub(crate) const VARIANTS_KEY: Key = Key::new(
    "variants",
    Type::Map(&ARMS),
    "Several templates on equal shares of people; everybody keeps theirs.",
    "{ calm: winter/first, bold: winter/first_bold }",
);
pub(crate) const TEST_KEY: Key = Key::new(
    "test",
    Type::Object(&TEST),
    "How the variants are compared.",
    "{ by: goal, method: fixed, per_arm: 900 }",
)
.with(&["variants"]);
pub(crate) const WRITE_KEY: Key = Key::new(
    "write",
    Type::MARKUP,
    "Instructions from which a model writes the text. Without a model the fallback goes out.",
    "Explain in plain words how long the treatment lasts",
);
pub(crate) const OBJECTIVE_KEY: Key =
    Key::new("objective", Type::Leaf(Leaf::Choice(Objective::CHOICES)), "What the written text is for.", "education")
        .with(&["write"]);
pub(crate) const FACTS_KEY: Key =
    Key::new("facts", Type::List(&FACTS), "What the model is told about the person.", "[contact.first_name]")
        .with(&["write"]);
pub(crate) const MUST_INCLUDE_KEY: Key = Key::new(
    "must_include",
    Type::List(&FACTS),
    "Placeholders that the model has to place and the program fills.",
    "[booking_link]",
)
.with(&["write"]);
pub(crate) const NEVER_KEY: Key =
    Key::new("never", Type::List(&WORDS), "What the model must not write about.", "[prices, medical_promises]")
        .with(&["write"]);
pub(crate) const MAX_CHARS_KEY: Key =
    Key::new("max_chars", Type::integer(20, 20_000), "Longest text the model may write.", "400").with(&["write"]);
pub(crate) const APPROVE_KEY: Key = Key::new(
    "approve",
    Type::form(&APPROVE),
    "Who looks at written texts before they go out: always, never, risky, or the first so many.",
    "first 20",
)
.with(&["write"]);
pub(crate) const FALLBACK_KEY: Key = Key::new(
    "fallback",
    Type::form(&TEMPLATE),
    "The reviewed template that goes out when the model fails any check.",
    "warm/why_it_works",
)
.with(&["write"]);

static SPEND: Shape = Shape::new(
    "a limit of costs",
    "The most that the model may cost in a time.",
    &[
        Key::new("at_most", Type::TEXT, "An amount with its currency.", "5 EUR").required(),
        Key::new("per", Type::form(&DURATION), "In this time.", "1d").required(),
    ],
);
static MODEL: Shape = Shape::new(
    "the model",
    "Who writes texts from instructions. What it writes is checked, and a reviewed template is there for when it fails.",
    &[
        Key::new("provider", Type::Leaf(Leaf::Choice(ModelProvider::CHOICES)), "How the model is spoken to.", "openai")
            .required(),
        Key::new("url", Type::SETTING, "Its address, or the name of the variable with it.", "MODEL_URL"),
        Key::new("key", Type::SECRET, "Name of the environment variable with the key.", "MODEL_KEY"),
        Key::new("name", Type::TEXT, "Which model.", "small-1").required(),
        Key::new("timeout", Type::form(&DURATION), "How long to wait for a text.", "30s").required(),
        Key::new(
            "may_see",
            Type::ListOrNone(&FACTS),
            "Fields that may be sent to the model, beside first name, language, clinic and variables.",
            "[contact.procedure]",
        ),
        Key::new("spend", Type::Object(&SPEND), "The most that it may cost.", "{ at_most: 5 EUR, per: 1d }").required(),
    ],
);
pub(crate) const MODEL_KEY: Key = Key::new(
    "model",
    Type::Object(&MODEL),
    "The model that writes texts.",
    "{ provider: openai, url: MODEL_URL, key: MODEL_KEY, name: small-1, timeout: 30s, spend: { at_most: 5 EUR, per: 1d } }",
);

impl Variants {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let place = fields.key("variants")?;
        let test = fields.object("test").map(|test| Test {
            place: fields.node("test").map_or_else(|| place.clone(), super::tree::Node::head),
            by: test.choice("by", TestBy::of),
            method: test.choice("method", TestMethod::of),
            per_arm: test.integer("per_arm"),
        });
        Some(Self { place, arms: fields.named_texts("variants"), test })
    }
}

impl Write {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        Some(Self {
            place: fields.key("write")?,
            instructions: fields.text("write")?,
            objective: fields.choice("objective", Objective::of),
            facts: fields.texts("facts"),
            lacks: ["max_chars", "approve", "fallback"].into_iter().filter(|key| !fields.has(key)).collect(),
            must_include: fields.texts("must_include"),
            never: fields.texts("never"),
            max_chars: fields.integer("max_chars"),
            approve: fields.text("approve"),
            fallback: fields.text("fallback"),
        })
    }
}

impl Model {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let place = fields.key("model")?;
        let model = fields.object("model")?;
        let spend = model.object("spend");
        Some(Self {
            place,
            provider: model.choice("provider", ModelProvider::of),
            url: model.text("url"),
            key: model.text("key"),
            name: model.text("name"),
            timeout: model.text("timeout"),
            may_see: model.texts("may_see"),
            at_most: spend.as_ref().and_then(|spend| spend.text("at_most")),
            per: spend.as_ref().and_then(|spend| spend.text("per")),
        })
    }
}
