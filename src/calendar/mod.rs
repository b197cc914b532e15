//! Instants, civil time, spans, zones, windows and the next allowed moment.
//!
//! Owns every rule of time of the program. Must not know a clock: `now` is always an argument.
mod instant;
mod offsets;
mod schedule;
mod slots;
mod span;
#[cfg(test)]
mod tests;
mod window;
mod zone;

pub(crate) use instant::{CivilDate, CivilTime, Instant, Weekday};
pub(crate) use schedule::{Schedule, ScheduleFault};
pub(crate) use slots::Slots;
pub(crate) use span::{Span, SpanFault, TimeOfDay};
pub(crate) use window::{Clear, Quiet, Window, next_clear, next_clear_for, next_shut};
pub(crate) use zone::{Zone, prefer_system, rules_version};
