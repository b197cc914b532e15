//! What a finding is: code, severity, place, help; the catalogue of codes, the source map and the sink that collects.
//!
//! Findings are made by named factory functions in the module that finds them (`document::found`, …). Must not know
//! documents, plans or output formats.
pub(crate) mod catalogue;
mod finding;
mod nearest;
mod place;
mod sink;

#[allow(unused_imports, reason = "until every layer is connected")]
pub(crate) use catalogue::Row;
#[allow(unused_imports, reason = "until every layer is connected")]
pub(crate) use finding::{Code, Edit, Finding, Severity};
#[allow(unused_imports, reason = "until every layer is connected")]
pub(crate) use nearest::{nearest, quoted_list};
#[allow(unused_imports, reason = "until every layer is connected")]
pub(crate) use place::{FileId, Place, Position, SourceMap, line_starts};
#[allow(unused_imports, reason = "until every layer is connected")]
pub(crate) use sink::Sink;

#[cfg(test)]
mod tests;
