//! The YAML tree of one file: every key and value with its place. Knows no key of the language.
use super::text::Text;
use crate::diag::Place;

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Map),
    /// What could not be read and was reported: an alias of nothing, a list cut off before its first entry, an unknown variable.
    Broken,
}

#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: Text,
    /// Nothing stands there, or an unquoted `null` or `~`.
    pub(crate) null: bool,
    /// Without quotes, so that `true` and `5` are no texts.
    pub(crate) plain: bool,
}

/// Entries in file order, own keys first, then those copied by `<<`. Keys are unique.
#[derive(Clone, Debug)]
pub(crate) struct Map {
    pub(crate) entries: Vec<Entry>,
    /// Written with braces.
    pub(crate) flow: bool,
    /// Cut short by a syntax error: what is missing may stand in the part that could not be read.
    pub(crate) cut: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Text,
    pub(crate) value: Node,
    /// Copied by a merge key.
    pub(crate) merged: bool,
}

impl Map {
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key == key)
    }
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }
}

impl Node {
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }
    pub(crate) fn list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }
    pub(crate) fn map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }
    pub(crate) fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.null)
    }
    /// A short place to point at: the first key of a map instead of all its lines.
    pub(crate) fn head(&self) -> Place {
        match &self.value {
            Value::Map(map) => map
                .entries
                .iter()
                .find(|entry| !entry.merged)
                .map_or_else(|| self.place.clone(), |e| e.key.place.clone()),
            Value::List(items) if !items.is_empty() => items[0].head(),
            _ => self.place.clone(),
        }
    }
    /// Same meaning, whatever the layout. A quoted `5` differs from `5`.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(a), Value::Scalar(b)) => {
                let typed = |s: &Scalar| s.plain && super::leaf::core_type(&s.text).is_some();
                a.null == b.null && *a.text == *b.text && typed(a) == typed(b)
            }
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Value::Map(a), Value::Map(b)) => {
                a.entries.len() == b.entries.len()
                    && a.entries.iter().zip(&b.entries).all(|(a, b)| *a.key == *b.key && a.value.same(&b.value))
            }
            _ => false,
        }
    }
}

/// A comment, without its `#`.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) place: Place,
    pub(crate) text: String,
}

/// What could be read of a file.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) root: Option<Node>,
    pub(crate) comments: Vec<Comment>,
    /// False when a syntax error or a limit ended the reading early.
    pub(crate) whole: bool,
}
