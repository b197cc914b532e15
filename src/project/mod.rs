//! Folder to documents to plan: load, watch. Knows no store.
mod watch;
#[cfg(test)]
mod watch_tests;

pub(crate) use watch::{Patience, Watch, watch};
