//! Requests as providers send them, from raw bytes to deliveries.
mod calcom;
mod events;
pub(crate) mod fixtures;
mod phones;
mod signatures;

pub(crate) use fixtures::{body, plan, received_at};
