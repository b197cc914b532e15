//! A whole audience on the virtual clock, before anybody gets a message: what goes out when, what it costs, which rules
//! bite, where people end. The decisions are the daemon's; the same seed gives the same bytes. Must not know files, git or
//! how numbers are shown.
mod chance;
mod conduct;
mod drive;
mod numbers;
mod people;
mod population;
mod rows;
mod tally;
#[cfg(test)]
mod tests;

pub(crate) use conduct::{Deed, Does, DoesFault};
pub(crate) use numbers::{CostLine, Ends, LimitLine, Numbers, Reason, StepLine, grouped, money, price};
pub(crate) use people::{Invented, Known, People};
pub(crate) use population::{Population, zones};
pub(crate) use rows::{Row, RowFault, known};
pub(super) use tally::{Kind, Steps};

use super::{What, example::ExampleFault};
use crate::{
    calendar::{CivilDate, Instant, Span, Zone},
    engine::Broken,
    id::{ChannelName, SequenceName},
    plan::Plan,
};
use std::{collections::BTreeMap, sync::Arc};

/// What to simulate.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) people: People,
    /// Everybody is enrolled into these.
    pub(crate) enrolled: Vec<SequenceName>,
    /// Campaigns take in whom they mean.
    pub(crate) launched: Vec<SequenceName>,
    pub(crate) entry: Entry,
    pub(crate) start: Instant,
    pub(crate) until: Instant,
    /// People come in one by one over this time.
    pub(crate) over: Span,
    pub(crate) does: Vec<Does>,
    pub(crate) seed: u64,
    /// Whether messages are written, or only counted.
    pub(crate) render: bool,
    /// In whose hours numbers are told.
    pub(crate) zone: Zone,
    pub(crate) limits: BTreeMap<ChannelName, ChannelLimits>,
}

/// How people come in, beside the sequences that they are enrolled into.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Enrolled,
    Launched,
    /// This happens to everybody.
    Event(What),
}

/// What a provider lets a channel carry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ChannelLimits {
    pub(crate) per_second: Option<u64>,
    pub(crate) per_day: Option<u64>,
    /// First day of a warm-up, and messages of its days.
    pub(crate) warm_up: Option<(CivilDate, Vec<u64>)>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum AudienceFault {
    #[error("the campaign \"{0}\" cannot be launched: it is over")]
    NotLaunched(SequenceName),
    #[error(transparent)]
    Example(#[from] ExampleFault),
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// Simulates an audience. `progress` is told how much is done, in thousandths.
pub(crate) fn simulate(plan: &Arc<Plan>, ask: &Ask, progress: &mut dyn FnMut(u32)) -> Result<Numbers, AudienceFault> {
    let numbers = numbers::of(plan, ask, drive::all(plan, ask, drive::Manner::default(), progress)?);
    // counted twice, by the store and by what was told: a difference would be a mistake of the program
    if !numbers.totals.add_up() {
        return Err(Broken::new(format!("the numbers do not add up: {:?}", numbers.totals)).into());
    }
    Ok(numbers)
}
