//! What people may mean in their messages, as written under `intents:`. Knows no message.
use super::{
    fields::Fields,
    leaf::ID,
    shape::{Key, Leaf, Named, Shape, Type, choices},
    text::{Spanned, Text},
};

choices! {
    /// Which way a preference moves.
    Signal {
        Up "up" "More of it.",
        Down "down" "Less of it.",
    }
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Intent {
    pub(crate) name: Text,
    pub(crate) words: Vec<Text>,
    pub(crate) examples: Vec<Text>,
    pub(crate) model: Option<Spanned<bool>>,
    /// Preferences, and which way they move.
    pub(crate) signals: Vec<(&'static str, Signal)>,
}

const TEXTS: Type = Type::TEXT;

const WAY: Type = Type::Leaf(Leaf::Choice(Signal::CHOICES));
static SIGNALS: Shape = Shape::new(
    "what an intent says of preferences",
    "Preferences of the person, and which way the message moves them.",
    &[
        Key::new("price_sensitivity", WAY, "How much the price matters to the person.", "up"),
        Key::new("length", WAY, "How long the person likes messages to be.", "down"),
    ],
);

static INTENT: Shape = Shape::new(
    "an intent",
    "What somebody may mean. Messages are judged by words, in whatever order the words stand; the longest match wins.",
    &[
        Key::new(
            "words",
            Type::List(&TEXTS),
            "Words and phrases that show it, in every language people write in. Capitals make no difference, and a word has to stand alone: `book` is not in `booklet`.",
            "[book, appointment, how much]",
        ),
        Key::new(
            "examples",
            Type::List(&TEXTS),
            "Messages that mean it. `check` tries each of them.",
            "[\"Can I book a consultation?\"]",
        ),
        Key::new(
            "signals",
            Type::Object(&SIGNALS),
            "What such a message says about the person's preferences. This version checks it and learns nothing from it yet, and `run` says so when it starts.",
            "{ price_sensitivity: up }",
        ),
        Key::new(
            "model",
            Type::BOOL,
            "true: the model may choose it when no words fit. Without a model the words alone decide.",
            "true",
        ),
    ],
);
static INTENTS: Named = Named { key: &ID, value: Type::Object(&INTENT), single: false };

pub(super) const KEY: Key = Key::new(
    "intents",
    Type::Map(&INTENTS),
    "What people may mean in their messages. A message that means one of them makes `contact.intent` happen.",
    "{ price: { words: [cost, price, how much] } }",
);

pub(super) fn read(fields: &Fields<'_>) -> Vec<Intent> {
    let intents = fields.named_objects("intents").into_iter();
    intents
        .map(|(name, intent)| Intent {
            name,
            words: intent.texts("words"),
            examples: intent.texts("examples"),
            model: intent.bool("model"),
            signals: signals(&intent),
        })
        .collect()
}

fn signals(intent: &Fields<'_>) -> Vec<(&'static str, Signal)> {
    let Some(signals) = intent.object("signals") else { return Vec::new() };
    let keys = SIGNALS.keys.iter();
    keys.filter_map(|key| Some((key.name, signals.choice(key.name, Signal::of)?.value))).collect()
}
