//! Whether the words of intents can be told apart, and mean what their examples say.
use super::Seen;
use crate::{
    compile::found::outward as found,
    diag::Sink,
    document::Text,
    journey::{understand, words},
    record::is_stop_word,
};
use std::collections::BTreeMap;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let mut claimed: BTreeMap<Vec<String>, (&Text, &Text)> = BTreeMap::new();
    for intent in &seen.project.intents {
        let by_model = intent.model.as_ref().is_some_and(|model| model.value);
        if intent.words.is_empty() && !by_model {
            sink.push(found::without_words(&intent.name));
        }
        for word in &intent.words {
            if is_stop_word(word) {
                sink.push(found::stop_word(word));
                continue;
            }
            match claimed.get(&words(word)) {
                Some((first, of)) if of.as_str() != intent.name.as_str() => {
                    sink.push(found::shared_words(word, first, of));
                }
                Some(_) => {}
                None => drop(claimed.insert(words(word), (word, &intent.name))),
            }
        }
    }
    for intent in &seen.project.intents {
        let by_model = intent.model.as_ref().is_some_and(|model| model.value);
        for example in &intent.examples {
            let meant = understand(&seen.plan.intents, example).map(|meant| meant.intent);
            let right = meant.as_deref().map_or(by_model, |meant| *meant == *intent.name.as_str());
            if !right && (by_model || !intent.words.is_empty()) {
                sink.push(found::not_understood(example, &intent.name, meant.as_deref()));
            }
        }
    }
}
