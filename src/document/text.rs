//! Values with the place they were written at, and the way from a position inside a text back to the file.
use crate::diag::{FileId, Place};
use std::{fmt, ops::Range, sync::Arc};

/// A value and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

impl<T> Spanned<T> {
    pub(crate) fn new(value: T, place: &Place) -> Self {
        Self { value, place: place.clone() }
    }
}

/// How a scalar was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Style {
    Plain,
    Quoted,
    Block,
}

/// A scalar as written: names, expressions, durations, templated texts. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Text {
    value: Arc<str>,
    pub(crate) place: Place,
    pub(crate) style: Style,
    /// Pairs (offset in the value, offset in the file) where the two start to run in step; empty when they never do.
    steps: Arc<[(usize, usize)]>,
}

impl Text {
    /// `place` covers the scalar in `source`: with its quotes, without a block header.
    pub(crate) fn written(value: &str, style: Style, place: &Place, source: &str) -> Self {
        let raw = source.get(place.range()).unwrap_or("");
        let steps = align(value, style, raw, place.start);
        Self { value: Arc::from(value), place: place.clone(), style, steps: steps.into() }
    }

    /// A part of a file taken as it is, such as a template body.
    pub(crate) fn verbatim(value: &str, file: &FileId, start: usize) -> Self {
        let place = Place::new(file, start..start + value.len());
        Self { value: Arc::from(value), place, style: Style::Block, steps: Arc::from([(0, start)]) }
    }

    /// A value that stands nowhere word by word (after a variable was filled in): positions inside it are the whole place.
    pub(crate) fn made(value: &str, style: Style, place: &Place) -> Self {
        Self { value: Arc::from(value), place: place.clone(), style, steps: Arc::from([]) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.value
    }

    /// Place of the bytes `range` of the value, for findings about a part of it.
    pub(crate) fn inside(&self, range: Range<usize>) -> Place {
        let start = self.offset(range.start);
        let end = match range.end.checked_sub(1) {
            Some(last) if range.end > range.start => self.offset(last).map(|at| at + 1),
            _ => start,
        };
        match (start, end) {
            (Some(start), Some(end)) if start <= end => Place::new(&self.place.file, start..end.min(self.place.end)),
            _ => self.place.clone(),
        }
    }

    /// The text from that byte on, such as what stands behind a prefix.
    pub(crate) fn within(&self, from: usize) -> Self {
        let place = self.inside(from..self.value.len());
        let steps = self.steps.iter().filter(|(value, _)| *value > from).map(|(value, file)| (value - from, *file));
        let first = self.offset(from).map(|file| (0, file));
        let steps: Vec<(usize, usize)> = first.into_iter().chain(steps).collect();
        let value = Arc::from(self.value.get(from..).unwrap_or(""));
        Self { value, place, style: self.style, steps: steps.into() }
    }

    fn offset(&self, at: usize) -> Option<usize> {
        let after = self.steps.partition_point(|(value, _)| *value <= at);
        let (value, file) = self.steps.get(after.checked_sub(1)?)?;
        Some(file + (at - value))
    }
}

impl std::ops::Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.value
    }
}
impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        &*self.value == other
    }
}
impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        &*self.value == *other
    }
}
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{}..{}", &*self.value, self.place.start, self.place.end)
    }
}
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}

/// Walks value and source side by side; folding, indentation and escapes are where they fall out of step.
fn align(value: &str, style: Style, raw: &str, start: usize) -> Vec<(usize, usize)> {
    let skip = match style {
        // The place of a block starts at its first letter.
        Style::Plain | Style::Block => 0,
        Style::Quoted => 1,
    };
    if raw.get(skip..skip + value.len()) == Some(value) {
        return vec![(0, start + skip)];
    }
    let mut steps: Vec<(usize, usize)> = Vec::new();
    let mut note = |at: usize, to: usize| {
        if steps.last().is_none_or(|(value, file)| to + value != file + at) {
            steps.push((at, to));
        }
    };
    let space = |from: usize| {
        let rest = raw.get(from..).unwrap_or("");
        from + (rest.len() - rest.trim_start().len())
    };
    let mut to = skip;
    for (at, letter) in value.char_indices() {
        let here = |to: usize| raw.get(to..).unwrap_or("").chars().next();
        if here(to) != Some(letter) && !letter.is_whitespace() && here(to).is_some_and(char::is_whitespace) {
            to = space(to);
        }
        match here(to) {
            Some(found) if found == letter => {
                note(at, start + to);
                to += letter.len_utf8() + usize::from(letter == '\'' && raw[to..].starts_with("''"));
            }
            Some(found) if letter.is_whitespace() && found.is_whitespace() => {
                note(at, start + to);
                to = space(to);
            }
            Some('\\') => {
                note(at, start + to);
                to += match raw.get(to + 1..).and_then(|rest| rest.chars().next()) {
                    Some('x') => 4,
                    Some('u') => 6,
                    Some('U') => 10,
                    Some(other) => 1 + other.len_utf8(),
                    None => 1,
                };
            }
            _ => return Vec::new(),
        }
    }
    steps
}
