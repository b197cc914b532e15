//! A segment as it is asked: a condition about one person. Who is in it is never stored.
use super::Origin;
use crate::{
    expr::{Ask, Cond},
    id::{EventKind, SegmentName},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Segment {
    pub(crate) name: SegmentName,
    pub(crate) title: Option<Arc<str>>,
    /// Also that the person belongs to one of its clinics.
    pub(crate) cond: Cond,
    pub(crate) origin: Origin,
}

impl Segment {
    /// Events that the condition asks the history about.
    pub(crate) fn heard(&self) -> BTreeSet<EventKind> {
        let asks = self.cond.asks().iter();
        asks.filter_map(|ask| match ask {
            Ask::Count { event, .. } | Ask::Last { event, .. } => Some(event.clone()),
            _ => None,
        })
        .collect()
    }
}
