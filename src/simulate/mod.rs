//! The virtual-time driver over the engine: previews, audiences and suites.
//!
//! The decisions are the daemon's: only the store, the carrier of effects and the source of `now` differ. Must not know
//! a clock or how a timeline is printed.
pub(crate) mod audience;
pub(crate) mod backtest;
mod detail;
mod driver;
mod example;
mod preview;
mod standing;
pub(crate) mod suite;
mod supposed;

pub(crate) use detail::{Detail, Kind, Move, Shown};
pub(crate) use driver::Driver;
pub(crate) use example::{Example, What};
#[cfg(test)]
pub(crate) use preview::play;
pub(crate) use preview::{Entry, Opening, Preview, PreviewFault, Timeline, Word, preview};
