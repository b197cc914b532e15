//! Scenario tests on a virtual clock, over the production turn. Must not know files, a clock or how a failure is shown.
mod told;

pub(crate) use told::{Breach, Case, Coverage, Line, LineWord, Ran, Row, Seen, Spot, SpotKind, Verdict, WhyNot};
