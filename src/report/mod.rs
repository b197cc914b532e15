//! Findings, timelines and statistics as text, JSON, Markdown and HTML: text out, no IO.
//!
//! Texts carry ANSI colours; whoever writes them to a place without colours takes them out. Must not know files, streams,
//! stores or arguments.
pub(crate) mod audience;
pub(crate) mod backtest;
pub(crate) mod diff;
pub(crate) mod findings;
pub(crate) mod page;
pub(crate) mod plan;
pub(crate) mod preview;
pub(crate) mod suite;
mod timeline;

pub(crate) use timeline::reason;
