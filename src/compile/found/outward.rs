//! Findings about what a project asks, tells and understands.
use crate::{
    diag::{Finding, catalogue::outward as rows},
    document::Text,
};

// ---- intents ----

pub(in crate::compile) fn stop_word(word: &Text) -> Finding {
    Finding::new(&rows::STOP_WORD, &word.place, format!("`{word}` is how people opt out"))
        .help("take it out: an opt-out is understood by itself, and ends the messages")
}
pub(in crate::compile) fn without_words(intent: &Text) -> Finding {
    Finding::new(&rows::WITHOUT_WORDS, &intent.place, format!("no message can mean `{intent}`"))
        .help("add `words: [ … ]`, or `model: true` to let the model choose it")
}
pub(in crate::compile) fn shared_words(word: &Text, first: &Text, of: &Text) -> Finding {
    Finding::new(&rows::SHARED_WORDS, &word.place, format!("`{word}` belongs to the intent `{of}` already"))
        .label(&first.place, "claimed here")
        .help(format!("take it out of one of them; as it is such a message means `{of}`"))
}
pub(in crate::compile) fn not_understood(example: &Text, intent: &Text, as_: Option<&str>) -> Finding {
    let (message, help) = match as_ {
        Some(other) => (
            format!("this example of `{intent}` is understood as `{other}`"),
            format!("give `{intent}` a longer phrase that stands in the example: the longest match wins"),
        ),
        None => (
            format!("none of the words of `{intent}` stands in this example"),
            format!("add a word of the example to the words of `{intent}`"),
        ),
    };
    Finding::new(&rows::EXAMPLE_NOT_UNDERSTOOD, &example.place, message).help(help)
}
