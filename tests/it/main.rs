//! The one integration test binary.
#![expect(clippy::disallowed_methods, reason = "these tests read the files of the project")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop, in its builders too")]

mod cases;
mod cli;
mod daemon;
mod demo;
mod hostile;
mod layers;
mod previews;
mod readme;
mod run;
mod source;
mod tidy;
