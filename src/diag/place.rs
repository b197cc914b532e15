//! Where something stands: a file and a byte range, and the map from bytes to lines and columns. Reads no files.
use std::{collections::BTreeMap, fmt, ops::Range, sync::Arc};

/// Path of a file relative to the project folder, with `/` between its parts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct FileId(Arc<str>);

impl FileId {
    pub(crate) fn new(path: impl AsRef<str>) -> Self {
        Self(Arc::from(path.as_ref()))
    }
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
impl From<&str> for FileId {
    fn from(path: &str) -> Self {
        Self::new(path)
    }
}
impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Bytes `start..end` of a file. An empty place at 0 stands for the whole file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Place {
    pub(crate) file: FileId,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Place {
    pub(crate) fn new(file: &FileId, range: Range<usize>) -> Self {
        Self { file: file.clone(), start: range.start, end: range.end.max(range.start) }
    }
    /// For findings about a file as such, also about one that is missing.
    pub(crate) fn of_file(file: impl Into<FileId>) -> Self {
        Self { file: file.into(), start: 0, end: 0 }
    }
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.end
    }
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// Line and column of a byte, both counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// The texts of a project; owns what places point into.
#[derive(Clone, Debug, Default)]
pub(crate) struct SourceMap {
    files: BTreeMap<FileId, Source>,
}

#[derive(Clone, Debug)]
struct Source {
    text: Arc<str>,
    lines: Vec<usize>,
}

/// Byte offsets at which the lines of a text start.
pub(crate) fn line_starts(text: &str) -> Vec<usize> {
    let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(breaks).collect()
}

impl Source {
    /// The line a byte is in (from 0) and the text of that line before the byte.
    fn before(&self, offset: usize) -> (usize, &str) {
        let offset = floor(&self.text, offset);
        let line = self.lines.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.lines.get(line).copied().unwrap_or(0);
        (line, self.text.get(start..offset).unwrap_or(""))
    }
}

fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl SourceMap {
    pub(crate) fn insert(&mut self, path: impl Into<FileId>, text: impl Into<Arc<str>>) -> FileId {
        let (file, text) = (path.into(), text.into());
        let lines = line_starts(&text);
        self.files.insert(file.clone(), Source { text, lines });
        file
    }
    pub(crate) fn text(&self, file: &FileId) -> Option<&str> {
        self.files.get(file).map(|source| &*source.text)
    }
    pub(crate) fn files(&self) -> impl Iterator<Item = (&FileId, &str)> {
        self.files.iter().map(|(file, source)| (file, &*source.text))
    }
    /// The text a place covers; nothing when the file is unknown.
    #[cfg(test)]
    pub(crate) fn slice(&self, place: &Place) -> Option<&str> {
        self.text(&place.file)?.get(place.range())
    }
    /// Start of a place; columns count characters, as people do.
    pub(crate) fn start(&self, place: &Place) -> Option<Position> {
        self.position(&place.file, place.start)
    }
    pub(crate) fn end(&self, place: &Place) -> Option<Position> {
        self.position(&place.file, place.end)
    }
    fn position(&self, file: &FileId, offset: usize) -> Option<Position> {
        let (line, before) = self.files.get(file)?.before(offset);
        Some(Position { line: line + 1, column: before.chars().count() + 1 })
    }
    /// Start and end with columns in UTF-16 units, for SARIF and editors.
    pub(crate) fn utf16(&self, place: &Place) -> Option<(Position, Position)> {
        let source = self.files.get(&place.file)?;
        let at = |offset| {
            let (line, before) = source.before(offset);
            Position { line: line + 1, column: before.encode_utf16().count() + 1 }
        };
        Some((at(place.start), at(place.end)))
    }
}
