//! What names mean in one place of a project.
//!
//! Must not know where names come from: the compiler fills a scope for each step, trigger, segment and text.
use super::fault::NameKind;
use crate::value::Type;
use std::{collections::BTreeMap, sync::Arc};

/// A path stops being known at its part `at`; `candidates` would have been known there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unknown {
    pub(crate) at: usize,
    pub(crate) candidates: Vec<String>,
    /// Type of what stands before the unknown part, when it is something without parts.
    pub(crate) no_parts: Option<Type>,
}

/// Type of the part that `path` names from its part `from` on, inside something of type `of`.
pub(crate) fn part_of(of: &Type, path: &[&str], from: usize) -> Result<Type, Unknown> {
    let mut current = of.clone();
    for (at, name) in path.iter().enumerate().skip(from) {
        current = current.part(name).map_err(|candidates| {
            let no_parts = candidates.is_empty().then(|| current.clone());
            Unknown { at, candidates, no_parts }
        })?;
    }
    Ok(current)
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
}
