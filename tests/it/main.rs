//! The one integration test binary.
#![expect(clippy::disallowed_methods, reason = "these tests read the files of the project")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop, in its builders too")]

mod books;
mod cli;
mod daemon;
mod kill;
mod layers;
mod previews;
mod readme;
mod sink;
mod source;
mod tidy;
