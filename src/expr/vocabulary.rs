//! A scope for tests, without a compiler to fill it.
use super::{NameKind, Scope, Unknown, part_of};
use crate::value::Type;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A scope as plain data: roots by name, guaranteed paths, known names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) roots: BTreeMap<Arc<str>, Type>,
    /// Dotted paths that always have a value, such as `contact.id`.
    pub(crate) certain: BTreeSet<String>,
    pub(crate) names: BTreeMap<NameKind, BTreeSet<String>>,
    pub(crate) events: BTreeMap<String, BTreeMap<Arc<str>, Type>>,
}

impl Scope for Vocabulary {
    fn resolve(&self, path: &[&str]) -> Result<Type, Unknown> {
        let Some(first) = path.first().and_then(|root| self.roots.get(*root)) else {
            let candidates = self.roots.keys().map(ToString::to_string).collect();
            return Err(Unknown { at: 0, candidates, no_parts: None });
        };
        part_of(first, path, 1)
    }

    fn nullable(&self, path: &[&str]) -> bool {
        !self.certain.contains(&path.join("."))
    }

    fn names(&self, kind: NameKind) -> Option<Vec<String>> {
        self.names.get(&kind).map(|names| names.iter().cloned().collect())
    }

    fn event_fields(&self, event: &str) -> Option<BTreeMap<Arc<str>, Type>> {
        self.events.get(event).cloned()
    }
}
