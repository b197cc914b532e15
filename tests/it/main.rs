//! The one integration test binary.
#![expect(clippy::disallowed_methods, reason = "these tests read the files of the project")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop, in its builders too")]

mod backtest;
mod bindings;
mod books;
mod campaign;
mod cases;
mod cli;
mod clicks;
mod clinics;
mod daemon;
mod demo;
mod edges_rules;
mod editor;
mod erase;
mod formats;
mod hostile;
mod inside;
mod kill;
mod layers;
mod lives;
mod loops;
mod messages;
mod mutations;
mod plan;
mod preview_pages;
mod previews;
mod project;
mod readme;
mod run;
mod signals;
mod simulate;
mod sink;
mod smtp;
mod source;
mod starting;
mod suites;
mod supposed;
mod themes;
mod tidy;
mod triggers;
mod yaml_suite;
