//! What a finding is: code, severity, place, help; the catalogue of codes, the source map and the sink that collects.
//!
//! Findings are made by named factory functions in the module that finds them (`document::found`, …). Must not know
//! documents, plans or output formats.
pub(crate) mod catalogue;
mod finding;
mod nearest;
mod place;
mod sink;

pub(crate) use catalogue::Row;
pub(crate) use finding::{Edit, Finding, Severity};
pub(crate) use nearest::{nearest, quoted_list};
pub(crate) use place::{FileId, Place, Position, SourceMap, line_starts};
pub(crate) use sink::Sink;

#[cfg(test)]
mod tests;
