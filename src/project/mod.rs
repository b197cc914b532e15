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
#[cfg_attr(not(test), expect(unused_imports, reason = "suites are run by their command"))]
pub(crate) use load::version;
pub(crate) use load::{Loaded, compiled, load};
pub(crate) use watch::{Patience, watch};

#[cfg(test)]
mod tests;
