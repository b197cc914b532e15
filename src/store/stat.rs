//! Numbers, added up over a turn and written once a commit, in the same transaction as what they count.
use crate::{calendar::Instant, engine::Did};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// What is counted; `due` equals the outcomes plus what is open, at every commit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Count {
    Due,
    Sent,
    Skipped,
    Failed,
    Cancelled,
    Unknown,
    Entered,
    Completed,
    Converted,
    Stopped,
    Refused,
}

impl Count {
    pub(crate) const ALL: [Self; 11] = [
        Self::Due,
        Self::Sent,
        Self::Skipped,
        Self::Failed,
        Self::Cancelled,
        Self::Unknown,
        Self::Entered,
        Self::Completed,
        Self::Converted,
        Self::Stopped,
        Self::Refused,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Sent => "sent",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
            Self::Entered => "entered",
            Self::Completed => "completed",
            Self::Converted => "converted",
            Self::Stopped => "stopped",
            Self::Refused => "refused",
        }
    }

    /// `stat.what`; the first six are `outcome.status`.
    pub(super) fn code(self) -> i64 {
        self as i64
    }

    pub(super) fn of(code: i64) -> Option<Self> {
        usize::try_from(code).ok().and_then(|at| Self::ALL.get(at)).copied()
    }
}

/// Where something is counted: numbers of names, 0 where it has none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Place {
    day: i64,
    sequence: i64,
    step: i64,
    what: i64,
    channel: i64,
}

#[derive(Debug, Default)]
pub(super) struct Stats(BTreeMap<Place, i64>);

impl Stats {
    pub(super) fn add(
        &mut self,
        now: Instant,
        what: i64,
        sequence: Option<i64>,
        step: i64,
        channel: Option<i64>,
        by: i64,
    ) {
        let place = Place {
            day: now.0.div_euclid(86_400_000),
            sequence: sequence.unwrap_or(0),
            step,
            what,
            channel: channel.unwrap_or(0),
        };
        *self.0.entry(place).or_default() += by;
    }

    pub(super) fn save(self, db: &Connection) -> Did<()> {
        for (place, count) in self.0.into_iter().filter(|(_, count)| *count != 0) {
            let Place { day, sequence, step, what, channel } = place;
            db.prepare_cached(sql!("stat_add"))?.execute(params![day, sequence, step, what, channel, count])?;
        }
        Ok(())
    }
}
