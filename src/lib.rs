//! dripline: journeys as code. Follow-up sequences in YAML, checked like a program, run durably over SQLite.
//!
//! # The map
//!
//! One crate, a library and a thin binary. Every module lists in its first lines what it owns and what it must not know.
//! A module uses lower layers only, as listed here; a test holds the table. Pure modules take time, randomness and files as
//! arguments, so that the same input gives the same bytes.
//!
//! | layer | module | owns | may use | pure |
//! |---|---|---|---|---|
//! | 0 | `id` | names and keys as types of their own | | yes |
//! | 0 | `diag` | a finding, its place, the catalogue of codes | | yes |
//! | 0 | `calendar` | instants, civil time, spans, zones, windows | id | yes |
//! | 1 | `value` | values and types that expressions, fields and events share | calendar, id | yes |
//! | 1 | `record` | people, consent, bookings, the catalogue of events | value, calendar, id | yes |
//! | 1 | `expr` | the one expression language: parse, check, evaluate | value, diag, calendar, id | yes |
//! | 1 | `document` | YAML as written: spanned tree, kinds of files, schemas, formatting | diag | yes |
//! | 2 | `plan` | what is executed: resolved, defaulted, hashed | record, expr, value, calendar, id | yes |
//! | 3 | `journey` | the heart: states, events, gates, `decide` | plan, record, expr, value, calendar, id | yes |
//! | 3 | `content` | templates, rendering, messages | plan, record, expr, value, calendar, id | yes |
//! | 3 | `inbound` | bytes of providers to verified deliveries | plan, record, value, calendar, id | yes |
//! | 4 | `compile` | documents to plan: resolve, check, lower | document, journey, content, plan, expr, record, value, diag, calendar, id | yes |
//! | 4 | `engine` | the port of a store; a turn: work in, one transaction, effects out | journey, content, plan, record, expr, value, calendar, id | yes |
//! | 5 | `simulate` | the engine in virtual time: previews, suites | engine, inbound, journey, content, plan, record, expr, value, calendar, id | yes |
//! | 5 | `store` | SQLite: migrations and statements | engine, journey, content, plan, record, expr, value, calendar, id | |
//! | 5 | `channel` | sending and asking, one file per provider | engine, content, value, calendar, id | |
//! | 6 | `runner` | the async shell: effects, polls, timers | engine, channel, inbound, content, plan, record, value, calendar, id | |
//! | 6 | `project` | folder to documents to plan | compile, document, plan, diag, id | |
//! | 6 | `report` | findings, timelines, numbers as text and JSON | simulate, compile, journey, plan, record, value, diag, calendar, id | yes |
//! | 7 | `api` | HTTP: webhooks, REST, pages | runner, project, store, engine, inbound, report, compile, journey, plan, record, value, diag, calendar, id | |
//! | 8 | `cli` | arguments to settings, one file per command, the wiring | all | |
//!
//! # What is absent
//!
//! - `journey` knows no clock, no SQL, no HTTP and no YAML: a decision is a function of its arguments.
//! - `runner` knows neither `compile` nor `document`. A change of the files is compiled by `project`, and `cli` hands the
//!   finished plan to the running engine, so a bad edit cannot reach the people inside.
//! - `channel` does not know `journey`, and sends only against a permit, which only `engine` makes: nothing goes out that was
//!   not authorised, and nothing that talks to the world can move a run.
//! - `store` and `simulate` are two homes of the same turn, so a preview shows what will happen.
//! - `report` writes nothing: it returns texts.
//!
//! # The way of one datum
//!
//! Text → `document` → `plan`. Bytes of a request → `inbound` → a turn of `engine`: accept, decide, apply → one commit →
//! effects → a message → its receipt → another turn.

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
