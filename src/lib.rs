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

pub use cli::Outcome;
use std::{collections::BTreeMap, ffi::OsString, path::Path, time::SystemTime};

/// Runs one command of the process (the first argument is the program's name) and returns its exit code.
pub fn main_with(args: impl IntoIterator<Item = OsString>) -> u8 {
    cli::of_process(args)
}

/// Runs one command (without the program's name) inside another program: what tests and embedders use.
///
/// `cwd` stands for the current folder, `env` for the environment variables, `now` for the clock; nothing of the real ones
/// is read. Commands read and write the files they are told to.
pub fn run_in_process(args: &[&str], cwd: &Path, env: &BTreeMap<String, String>, now: SystemTime) -> Outcome {
    cli::in_process(args, cwd, env, now)
}
