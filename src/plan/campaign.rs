//! What a sequence that is a campaign has beside its steps: when it runs, at what times its messages go, whom it leaves
//! out, what it costs. Whom it reaches stands in the trigger that begins it.
use crate::{
    calendar::{Instant, Slots, Span},
    id::ClinicName,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Campaign {
    /// When people are taken in; at launch without it.
    pub(crate) start: Option<Instant>,
    /// The last moment of it.
    pub(crate) end: Option<Instant>,
    pub(crate) slots: Slots,
    /// Whoever comes to fit later is taken in too.
    pub(crate) daily: bool,
    /// Leaves out people who got a marketing or service message in that time.
    pub(crate) contacted_within: Option<Span>,
    /// Leaves out people who entered another campaign in that time.
    pub(crate) other_within: Option<Span>,
    /// Intents by the answer they count as.
    pub(crate) responses: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    pub(crate) cost: Cost,
    pub(crate) clinics: Vec<ClinicName>,
}

/// Amounts in millionths of the currency: one e-mail costs less than a cent.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Cost {
    pub(crate) currency: Option<Arc<str>>,
    pub(crate) fixed: i64,
    /// By channel, each message.
    pub(crate) each: BTreeMap<Arc<str>, i64>,
}

impl Campaign {
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.end.is_some_and(|end| end <= now)
    }
}
