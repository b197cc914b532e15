//! dripline: journeys as code.
#![allow(dead_code, unused_imports, reason = "removed once every layer is connected")]

mod api;
mod calendar;
mod channel;
mod cli;
mod compile;
mod content;
mod diag;
mod document;
mod engine;
mod expr;
mod id;
mod inbound;
mod journey;
mod plan;
mod project;
mod record;
mod report;
mod runner;
mod simulate;
mod store;
mod value;

/// Runs one command and returns its exit code.
pub fn main_with(_args: impl IntoIterator<Item = std::ffi::OsString>) -> u8 {
    0
}
