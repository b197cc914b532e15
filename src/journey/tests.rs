//! The rules of journeys, each through the same turns as the daemon's.
pub(crate) mod build;
pub(crate) mod stage;

mod appointment;
mod booking;
mod campaign;
mod choose;
mod clicks;
mod clinics;
mod consent;
mod enrolment;
mod erasure;
mod flow;
mod following;
mod goal;
pub(crate) mod inside;
mod intent;
mod limits;
mod moment;
mod order;
mod outward;
mod plan_change;
mod sending;
mod signal;
mod standing;
mod variants;
mod watch;
