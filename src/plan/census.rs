//! Who is where, as numbers: what a change of the plan is judged against. Nobody's data is in it, so it may leave the
//! machine that has the database. Must not know how it is counted.
use crate::{
    calendar::Instant,
    id::{ChannelName, SequenceName, StepName},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the file form.
pub(crate) const CENSUS_FORMAT: u32 = 1;

const HOUR_MS: i64 = 3_600_000;

/// More than there are people: a mistake of whoever wrote it.
const MOST: u64 = 1_000_000_000_000;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Census {
    pub(crate) format_version: u32,
    pub(crate) taken_at: Instant,
    /// Version of the plan that was published last; 0 when none was.
    pub(crate) plan: u32,
    /// Everybody who is known, inside or not.
    pub(crate) people: u64,
    pub(crate) inside: Vec<Group>,
    pub(crate) open: Vec<Open>,
}

/// People inside a sequence who cannot be told apart. Times are whole hours.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) sequence: SequenceName,
    /// The next step; `None` when all have fallen due.
    pub(crate) step: Option<StepName>,
    pub(crate) waits: Waits,
    /// Number of the stored revision that the due time was computed with.
    pub(crate) revision: Option<i64>,
    pub(crate) due: Option<Instant>,
    /// What a `wait` counts from.
    pub(crate) since: Instant,
    pub(crate) entered: Instant,
    pub(crate) people: u64,
}

/// What a run waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Waits {
    Time,
    Outcome,
    /// All steps have fallen due, a message is open.
    Settling,
    Held,
    /// A barrier is due, a message is open.
    Open,
    Event,
}

/// Messages that fell due and are not out yet.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    pub(crate) sequence: SequenceName,
    pub(crate) step: StepName,
    pub(crate) channel: Option<ChannelName>,
    /// Their bytes are stored: they go out as they are.
    pub(crate) prepared: bool,
    pub(crate) messages: u64,
}

/// Why a text is no census.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum CensusFault {
    Unreadable(String),
    Format(u32),
}

/// How many stand at a step, then and now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Drift {
    pub(crate) sequence: SequenceName,
    pub(crate) step: Option<StepName>,
    pub(crate) then: u64,
    pub(crate) now: u64,
}

impl Waits {
    pub(crate) const ALL: [Self; 6] = [Self::Time, Self::Outcome, Self::Settling, Self::Held, Self::Open, Self::Event];
}

/// The hour in which a moment lies.
pub(crate) fn hour_of(at: Instant) -> Instant {
    Instant(at.0.div_euclid(HOUR_MS).saturating_mul(HOUR_MS))
}

impl Census {
    /// Reads the file form.
    pub(crate) fn parse(text: &str) -> Result<Self, CensusFault> {
        let unreadable = |error: serde_json::Error| CensusFault::Unreadable(error.to_string());
        let json: serde_json::Value = serde_json::from_str(text).map_err(unreadable)?;
        let version = json.get("format_version").and_then(serde_json::Value::as_u64);
        match version.and_then(|version| u32::try_from(version).ok()) {
            Some(CENSUS_FORMAT) => {
                let census: Self = serde_json::from_value(json).map_err(unreadable)?;
                census.sound().map_err(CensusFault::Unreadable)?;
                Ok(census)
            }
            Some(other) => Err(CensusFault::Format(other)),
            None => Err(CensusFault::Unreadable("it has no format_version".to_owned())),
        }
    }

    /// Counts that can be counted on: files are written by hand as well, and sums of theirs must fit.
    pub(crate) fn sound(&self) -> Result<(), String> {
        let counts = self.inside.iter().map(|group| group.people).chain(self.open.iter().map(|open| open.messages));
        let sum = counts.fold(self.people, u64::saturating_add);
        if sum > MOST { Err(format!("it counts more than {MOST} people and messages")) } else { Ok(()) }
    }

    pub(crate) fn to_json(&self) -> String {
        format!("{}\n", serde_json::to_string_pretty(self).unwrap_or_default())
    }

    /// Groups of one sequence.
    pub(crate) fn of<'c>(&'c self, sequence: &'c SequenceName) -> impl Iterator<Item = &'c Group> {
        self.inside.iter().filter(move |group| group.sequence == *sequence)
    }

    pub(crate) fn count(&self, sequence: &SequenceName) -> u64 {
        self.of(sequence).map(|group| group.people).sum()
    }

    pub(crate) fn total(&self) -> u64 {
        self.inside.iter().map(|group| group.people).sum()
    }

    /// Steps at which many more or fewer stand than then: by more than five, and by more than a tenth of those who were
    /// inside.
    pub(crate) fn drifted_to(&self, now: &Self) -> Vec<Drift> {
        let (then, now_at) = (self.by_step(), now.by_step());
        let places: std::collections::BTreeSet<_> = then.keys().chain(now_at.keys()).collect();
        let drift = |place: &(SequenceName, Option<StepName>)| {
            let at = |counts: &BTreeMap<(SequenceName, Option<StepName>), u64>| counts.get(place).copied().unwrap_or(0);
            let (sequence, step) = place.clone();
            Drift { sequence, step, then: at(&then), now: at(&now_at) }
        };
        let beyond = |drift: &Drift| {
            let moved = drift.then.abs_diff(drift.now);
            moved > 5 && moved > self.count(&drift.sequence) / 10
        };
        places.into_iter().map(drift).filter(beyond).collect()
    }

    fn by_step(&self) -> BTreeMap<(SequenceName, Option<StepName>), u64> {
        let mut counts = BTreeMap::new();
        for group in &self.inside {
            *counts.entry((group.sequence.clone(), group.step.clone())).or_default() += group.people;
        }
        counts
    }
}
