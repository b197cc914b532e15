//! What a project asks and tells other programs, and what it understands of messages: DL25x, DL26x, DL44x, DL56x.
use super::{names::project, rows};

rows! {
    STOP_WORD: "DL440" "stop-word-as-intent" Error,
        "An intent claims a word by which people opt out.",
        "Whoever answers STOP wants no more messages, in every country by law. It closes the channel before anything else is understood.",
        bad &[("dripline.yaml", project!("intents:\n  not_now: { words: [later, stop] }\n"))],
        good &[("dripline.yaml", project!("intents:\n  not_now: { words: [later, not now] }\n"))];
    WITHOUT_WORDS: "DL443" "intent-without-words" Error,
        "An intent has no words, and the model may not choose it.",
        "No message could ever mean it, and what waits for it would wait for ever.",
        bad &[("dripline.yaml", project!("intents:\n  price: { examples: [\"How much is it?\"] }\n"))],
        good &[("dripline.yaml", project!("intents:\n  price: { model: true }\n"))];
    SHARED_WORDS: "DL441" "words-of-two-intents" Warning,
        "Two intents claim the same words.",
        "A message with these words always means the first of them; the other one never hears of it.",
        bad &[("dripline.yaml", project!("intents:\n  booking: { words: [book, appointment] }\n  moving: { words: [Appointment, move] }\n"))],
        good &[("dripline.yaml", project!("intents:\n  booking: { words: [book, appointment] }\n  moving: { words: [move my appointment, move] }\n"))];
    EXAMPLE_NOT_UNDERSTOOD: "DL442" "example-not-understood" Warning,
        "An example of an intent is not understood as that intent.",
        "Examples are tried at every check, so that a new word somewhere does not quietly change what messages mean.",
        bad &[("dripline.yaml", project!("intents:\n  price:\n    words: [cost]\n    examples: [\"How much is it?\"]\n"))],
        good &[("dripline.yaml", project!("intents:\n  price:\n    words: [cost, how much]\n    examples: [\"How much is it?\"]\n"))];
}
