//! What a file is called: kind, id and the words for people. Judges nothing.
use super::{Kind, parse::parse, tree::Node};
use crate::diag::{FileId, Sink};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Outline {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
}

/// Nothing when the file cannot be read as far as its header.
pub(crate) fn outline(file: &FileId, text: &str) -> Option<Outline> {
    let tree = parse(file, text, &mut Sink::new());
    let map = tree.root.as_ref()?.map()?;
    let text = |key: &str| map.get(key).and_then(Node::scalar).map(|scalar| scalar.text.to_string());
    let kind = map.entries.iter().find_map(|entry| Kind::of(&entry.key))?;
    Some(Outline { kind, id: text(kind.word())?, title: text("title"), description: text("description") })
}
