//! What a message means, by the words of the project's intents: the same words give the same answer, in every language.
//!
//! Must not know who wrote, or what follows from it.
use crate::{plan::Intent, record::is_stop_word};
use std::{cmp::Reverse, sync::Arc};

/// What was understood.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Meant {
    pub(crate) intent: Arc<str>,
    /// 1 when the words speak for nothing else; less when words of other intents stand in the message too.
    pub(crate) confidence: f64,
}

/// The intent with the longest match; of two equally long ones that which the project names first. A stop word means that
/// and nothing else.
pub(crate) fn understand(intents: &[Intent], text: &str) -> Option<Meant> {
    if intents.is_empty() || is_stop_word(text) {
        return None;
    }
    let said = words(text);
    let longest = |intent: &Intent| intent.words.iter().map(|phrase| matched(&said, &words(phrase))).max().unwrap_or(0);
    let found: Vec<(usize, usize)> =
        intents.iter().map(longest).enumerate().filter(|(_, length)| *length > 0).collect();
    let (at, length) = found.iter().copied().min_by_key(|(at, length)| (Reverse(*length), *at))?;
    let all: usize = found.iter().map(|(_, length)| length).sum();
    Some(Meant { intent: intents[at].name.clone(), confidence: length as f64 / all as f64 })
}

/// Letters of the phrase when its words stand in the message, side by side; else 0.
fn matched(said: &[String], phrase: &[String]) -> usize {
    let stands = !phrase.is_empty() && said.windows(phrase.len()).any(|here| here == phrase);
    if stands { phrase.iter().map(|word| word.chars().count()).sum() } else { 0 }
}

/// The words of a text without capitals. Languages that write without spaces give one word for each sign.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for sign in text.chars().flat_map(folded) {
        if stands_alone(sign) {
            words.push(sign.to_string());
            open = false;
        } else if !belongs_to_word(sign) {
            open = false;
        } else if let (true, Some(word)) = (open, words.last_mut()) {
            word.push(sign);
        } else {
            words.push(sign.to_string());
            open = true;
        }
    }
    words
}

/// Without capitals; `ß` is written `SS` in capitals, so it is `ss` here.
fn folded(sign: char) -> impl Iterator<Item = char> {
    let sharp = matches!(sign, 'ß' | 'ẞ');
    let twice = if sharp { &['s', 's'][..] } else { &[] };
    // the second half of a capital I with a dot is no sign of its own
    let lower = sign.to_lowercase().filter(|low| *low != '\u{307}').take(if sharp { 0 } else { 3 });
    twice.iter().copied().chain(lower)
}

fn belongs_to_word(sign: char) -> bool {
    let mark = ('\u{300}'..='\u{36f}').contains(&sign);
    // vowel signs and the like of the scripts of India
    let indic = ('\u{900}'..='\u{dff}').contains(&sign) && !matches!(sign, '\u{964}' | '\u{965}');
    sign.is_alphanumeric() || mark || indic
}

/// Thai, Lao, Khmer, Burmese, Chinese, Japanese, Korean: a word begins anywhere.
fn stands_alone(sign: char) -> bool {
    matches!(
        sign,
        '\u{e01}'..='\u{e4e}'
            | '\u{e81}'..='\u{ece}'
            | '\u{1000}'..='\u{1049}'
            | '\u{1780}'..='\u{17d3}'
            | '\u{3041}'..='\u{30ff}'
            | '\u{3400}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7af}'
            | '\u{20000}'..='\u{323af}'
    )
}
