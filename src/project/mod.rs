//! A project folder and what it compiles to. Knows no database, no channel and no clock.
#![expect(clippy::disallowed_methods, reason = "this module is the one that reads project folders")]
mod files;
mod found;
mod load;

pub(crate) use files::{Files, MAX_FILES, find_root};
pub(crate) use load::{Loaded, compiled, load};

#[cfg(test)]
mod tests;
