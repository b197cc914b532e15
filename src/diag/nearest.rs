//! The name somebody probably meant. Knows only words.

/// The candidate nearest to `word`, when it is near enough to be worth saying: a third of the letters may differ.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.chars().count() > 80 {
        return None;
    }
    let flat = |text: &str| text.to_lowercase().replace(['-', ' ', '_'], "");
    let typed = flat(word);
    let bound = (typed.chars().count().max(3)) / 3;
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (strsim::osa_distance(&typed, &flat(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= bound && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

/// `"a"`, `"b"` and 3 more: at most `most` of the words.
pub(crate) fn quoted_list<'a>(words: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    let shown: Vec<String> = words.iter().take(most).map(|word| format!("`{word}`")).collect();
    match words.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
