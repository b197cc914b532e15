//! What names mean in one place of a project.
//!
//! Must not know where names come from: the compiler fills a scope for each step, trigger, segment and text.
use super::fault::NameKind;
use crate::value::Type;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A path stops being known at its part `at`; `candidates` would have been known there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unknown {
    pub(crate) at: usize,
    pub(crate) candidates: Vec<String>,
    /// Type of what stands before the unknown part, when it is something without parts.
    pub(crate) no_parts: Option<Type>,
}

/// What can be named in one place.
pub(crate) trait Scope {
    /// Type of a path such as `contact.stage`, `booking.host.email`, `event.no_show`, `vars.x`.
    fn resolve(&self, path: &[&str]) -> Result<Type, Unknown>;

    /// Whether the value may be missing there. Conditions do not care; texts need `default` or an `if`.
    fn nullable(&self, path: &[&str]) -> bool;

    /// All names of that kind; `None` when they are not known here and any name has to be accepted.
    fn names(&self, kind: NameKind) -> Option<Vec<String>>;

    /// Whether such a name exists; `None` as with `names`. Asked first, because a project may have thousands of names.
    fn knows(&self, kind: NameKind, name: &str) -> Option<bool> {
        self.names(kind).map(|names| names.iter().any(|known| known == name))
    }

    /// Fields of an event; `None` when the event or its fields are not known.
    fn event_fields(&self, event: &str) -> Option<BTreeMap<Arc<str>, Type>>;

    /// Whether `in_segment` can be answered.
    fn segments(&self) -> bool {
        false
    }
}

/// A scope as plain data: roots by name, guaranteed paths, known names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) roots: BTreeMap<Arc<str>, Type>,
    /// Dotted paths that always have a value, such as `contact.id`.
    pub(crate) certain: BTreeSet<String>,
    pub(crate) names: BTreeMap<NameKind, BTreeSet<String>>,
    pub(crate) events: BTreeMap<String, BTreeMap<Arc<str>, Type>>,
    pub(crate) segments: bool,
}

impl Scope for Vocabulary {
    fn resolve(&self, path: &[&str]) -> Result<Type, Unknown> {
        let Some(first) = path.first().and_then(|root| self.roots.get(*root)) else {
            let candidates = self.roots.keys().map(ToString::to_string).collect();
            return Err(Unknown { at: 0, candidates, no_parts: None });
        };
        let mut current = first.clone();
        for (at, part) in path.iter().enumerate().skip(1) {
            current = current.part(part).map_err(|candidates| {
                let no_parts = candidates.is_empty().then(|| current.clone());
                Unknown { at, candidates, no_parts }
            })?;
        }
        Ok(current)
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

    fn segments(&self) -> bool {
        self.segments
    }
}
