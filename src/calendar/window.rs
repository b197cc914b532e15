//! Windows, quiet hours, and the first moment that all of them allow.
use super::{Instant, TimeOfDay, Weekday, Zone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Sending is allowed on these days between these times; `from` = `to` is the whole day, `from` > `to` runs over midnight
/// and belongs to the day on which it began.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Window {
    pub(crate) days: BTreeSet<Weekday>,
    pub(crate) from: TimeOfDay,
    pub(crate) to: TimeOfDay,
}

/// Sending is forbidden from `from` until `to`, over midnight when `from` > `to`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Quiet {
    pub(crate) from: TimeOfDay,
    pub(crate) to: TimeOfDay,
}

/// What the first allowed moment has to satisfy.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clear<'a> {
    pub(crate) window: Option<&'a Window>,
    pub(crate) quiet: Option<Quiet>,
}

/// The first moment at or after `at` that the window and the quiet hours allow in that zone; `None` when there is none
/// within 15 days (the two never overlap).
pub(crate) fn next_clear(_at: Instant, _zone: &Zone, _rules: Clear<'_>) -> Option<Instant> {
    None
}
