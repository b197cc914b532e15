//! Findings, timelines and statistics as text and JSON: text out, no IO.
//!
//! Owns words and layout of every output. Must not know files, terminals or stores.
mod diff;
pub(crate) mod findings;
mod timeline;

pub(crate) use diff::diff;
pub(crate) use timeline::{reason, timeline};
