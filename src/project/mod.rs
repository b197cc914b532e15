//! A project folder and what it compiles to; and a watch over its files. Knows no database, no channel and no clock.
#![expect(clippy::disallowed_methods, reason = "this module is the one that reads project folders")]
mod files;
mod found;
mod git;
mod load;
mod watch;
#[cfg(test)]
mod watch_tests;

pub(crate) use files::{Files, find_root};
pub(crate) use git::{GitError, at, prefix};
pub(crate) use load::{Loaded, compiled, load, version};
pub(crate) use watch::{Patience, watch};

#[cfg(test)]
mod tests;
