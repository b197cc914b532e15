//! Previews of one or several people, alone or against another version of the project, in every format.
//!
//! What differs between two versions is found once, in `compare`; the formats only show it. Must not know how a timeline
//! came about.
mod compare;
mod glance;
mod html;
mod json;
mod markdown;
mod text;

pub(crate) use html::html;
pub(crate) use json::json;
pub(crate) use markdown::markdown;
pub(crate) use text::text;

use crate::simulate::Timeline;

/// What a preview shows.
#[derive(Debug)]
pub(crate) struct Previews {
    pub(crate) people: Vec<Previewed>,
    /// What the other version is called; `None` without a comparison.
    pub(crate) against: Option<String>,
    /// The plan that was played: its hash.
    pub(crate) plan: String,
    /// Whole texts below their lines, where a format has them not anyway.
    pub(crate) full: bool,
}

/// One person's way, and what it was in the other version.
#[derive(Debug)]
pub(crate) struct Previewed {
    pub(crate) now: Timeline,
    /// `None` without a comparison, or where the other version has no such sequence.
    pub(crate) before: Option<Timeline>,
}
