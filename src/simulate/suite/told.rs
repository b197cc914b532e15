//! What came of a suite: data for reports. Holds no text that is only for people to read, and judges nothing.
use crate::{
    calendar::{Instant, Zone},
    id::{ChannelName, EventKind, SequenceName, StepName, TriggerName},
    journey::Because,
    plan::{Origin, Suite},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// One suite, all its cases.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    pub(crate) suite: Arc<Suite>,
    pub(crate) seed: u64,
    pub(crate) cases: Vec<Case>,
    pub(crate) coverage: Coverage,
}

/// One scenario, at one start and in one zone.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// Index into the suite's scenarios.
    pub(crate) scenario: usize,
    /// Which of `each`: start and zone in words; none for a scenario that runs once.
    pub(crate) variation: Option<Arc<str>>,
    pub(crate) start: Instant,
    pub(crate) zone: Zone,
    /// How far the virtual clock went.
    pub(crate) until: Instant,
    /// Expected and got, side by side.
    pub(crate) rows: Vec<Row>,
    pub(crate) breaches: Vec<Breach>,
    /// Everything that happened, in order.
    pub(crate) lines: Vec<Line>,
}

/// One line of the two columns.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Row {
    /// Index into the scenario's `then`.
    pub(crate) expected: Option<usize>,
    /// Indexes into the case's lines.
    pub(crate) got: Vec<usize>,
    /// What a person's fields were at the moment that is asked for, where `state` is expected.
    pub(crate) read: Vec<(Arc<str>, Value)>,
    pub(crate) verdict: Verdict,
    pub(crate) why_not: Option<WhyNot>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    Same,
    /// Something of the kind came, but not as expected: what differs, such as `at`, `via`, `subject`.
    Differs(Vec<&'static str>),
    /// Nothing of the kind came.
    Missing,
    /// It came, and nothing expected it.
    Unexpected,
    /// It came `got` times.
    Count {
        wanted: u32,
        got: u32,
    },
}

/// What moved, skipped or stopped the thing that was expected.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum WhyNot {
    /// The step ended otherwise: index of its line.
    Ended(usize),
    /// It was moved and is still to come then.
    Moved { until: Instant, because: Because },
    /// The run was over before: index of the line that ended it.
    RunOver(usize),
    /// The person was never inside; index of the refusal, where there is one.
    NeverEntered(Option<usize>),
    /// The run is still on its way: the step at which it stands, and until when.
    StandsAt { step: StepName, until: Option<Instant> },
    /// There is nobody of whom it could be true.
    Nothing,
}

/// What must not be in any story.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Breach {
    /// A rule of `always` (its index) does not hold at this line; `since` is the line that it counts from.
    Always { rule: usize, line: usize, since: Option<usize> },
    /// A step asked for model-written text, and the suite forbids it.
    ModelAsked { line: usize },
    /// The payload of `when` (its index) was refused, or was about somebody else than `for` says.
    Intake { when: usize, why: Arc<str> },
    /// The story went round without end at one moment: the triggers, sequences and steps that repeat, in their order.
    Loops { at: Instant, round: Vec<Arc<str>> },
    /// Machinery failed.
    Broken(Arc<str>),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Line {
    pub(crate) at: Instant,
    /// When the plan meant it to, where that differs.
    pub(crate) planned: Option<Instant>,
    /// Name of the person in the suite; none where it concerns nobody.
    pub(crate) who: Option<Arc<str>>,
    /// The person's zone.
    pub(crate) zone: Zone,
    pub(crate) sequence: Option<SequenceName>,
    pub(crate) step: Option<StepName>,
    pub(crate) word: LineWord,
    pub(crate) channel: Option<ChannelName>,
    /// To whom a message went that did not go to the person: `role:front_desk`, `booking.host` or an address.
    pub(crate) to: Option<Arc<str>>,
    pub(crate) subject: Option<Arc<str>>,
    pub(crate) text: Option<Arc<str>>,
    pub(crate) because: Option<Because>,
    /// Where the step or the trigger stands.
    pub(crate) origin: Option<Origin>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum LineWord {
    /// Something of `when` (its index), or an event that came of it.
    Happened(EventKind),
    Did(usize),
    Sent,
    Skipped(Arc<str>),
    Failed(Arc<str>),
    Cancelled(Arc<str>),
    Unknown,
    /// A send moved to a later moment.
    Deferred(Instant),
    /// An attempt that did not succeed, or not surely.
    Attempt {
        number: u16,
        answer: &'static str,
    },
    Entered {
        by: Option<TriggerName>,
    },
    NotEntered(Arc<str>),
    Completed,
    Converted,
    Stopped(Arc<str>),
    Task,
    Notified(Arc<str>),
    Tagged(Arc<str>),
    Untagged(Arc<str>),
    Scored(i64),
    Webhook,
    /// A barrier was passed by this arm.
    Took(Arc<str>),
    /// The person wants no more messages, on this channel or on any.
    Consent,
}

/// What of the project a suite has seen.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Coverage {
    pub(crate) spots: BTreeMap<Spot, Seen>,
    /// How often steps were skipped, by reason. Reasons that never came up are in it with 0.
    pub(crate) skips: BTreeMap<Arc<str>, u32>,
}

/// A place of the project that a story can come to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Spot {
    pub(crate) sequence: SequenceName,
    pub(crate) kind: SpotKind,
    /// A step; `step/arm` for arms; `completed`, `converted`, or the reason of a stop for exits.
    pub(crate) name: Arc<str>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum SpotKind {
    /// Ended `sent` once.
    Step,
    /// Ways of branches, shares of splits, arms of variants, and the two sides of an `if`.
    Arm,
    Exit,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Seen {
    pub(crate) times: u32,
    pub(crate) origin: Origin,
}

impl Ran {
    pub(crate) fn passed(&self) -> bool {
        !self.cases.is_empty() && self.cases.iter().all(Case::passed)
    }
}

impl Breach {
    /// The story cannot go on after it.
    pub(crate) fn stops(&self) -> bool {
        matches!(self, Self::Loops { .. } | Self::Broken(_))
    }
}

impl Case {
    pub(crate) fn passed(&self) -> bool {
        self.breaches.is_empty() && self.rows.iter().all(|row| row.verdict == Verdict::Same)
    }
}

impl Coverage {
    /// Adds what another suite of the same project has seen.
    pub(crate) fn join(&mut self, other: &Self) {
        for (spot, seen) in &other.spots {
            let here = self.spots.entry(spot.clone()).or_insert_with(|| Seen { times: 0, origin: seen.origin.clone() });
            here.times += seen.times;
        }
        for (reason, times) in &other.skips {
            *self.skips.entry(reason.clone()).or_default() += times;
        }
    }

    /// Seen and all, of one kind.
    pub(crate) fn of(&self, kind: SpotKind) -> (usize, usize) {
        let all = self.spots.iter().filter(|(spot, _)| spot.kind == kind);
        let seen = all.clone().filter(|(_, seen)| seen.times > 0).count();
        (seen, all.count())
    }
}
