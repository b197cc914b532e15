//! What people may mean in their messages, as written under `intents:`. Knows no message.
use super::{
    fields::Fields,
    leaf::ID,
    shape::{Key, Named, Shape, Type},
    text::{Spanned, Text},
};

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Intent {
    pub(crate) name: Text,
    pub(crate) words: Vec<Text>,
    pub(crate) examples: Vec<Text>,
    pub(crate) model: Option<Spanned<bool>>,
}

const TEXTS: Type = Type::TEXT;

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
        Key::new("signals", Type::Any, "What it says about the person's preferences.", "{ price_sensitivity: up }")
            .later(),
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
        })
        .collect()
}
