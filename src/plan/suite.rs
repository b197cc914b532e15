//! Scenario tests, resolved: every name in them is known to the plan they were compiled against. They are no part of the
//! plan, so that writing a test changes no hash. Knows no clock and runs nothing.
use super::{Origin, Supposed};
use crate::{
    calendar::{CivilTime, Instant, Span, TimeOfDay, Zone},
    id::{ChannelName, EventKind, FieldName, SequenceName, SourceName, StepName, TriggerName},
    record::Purpose,
    value::Value,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Suite {
    pub(crate) name: Arc<str>,
    pub(crate) title: Option<Arc<str>>,
    pub(crate) origin: Origin,
    /// Whose coverage counts, and whose sends `always` and the exhaustive rule watch. Nothing named means everything.
    pub(crate) under_test: BTreeSet<SequenceName>,
    pub(crate) triggers_under_test: BTreeSet<TriggerName>,
    pub(crate) start: CivilTime,
    /// Of the suite's times, and of people who name none.
    pub(crate) zone: Zone,
    /// A step that would ask a model makes the scenario fail.
    pub(crate) model_forbidden: bool,
    /// In the order of the calls; the last repeats.
    pub(crate) lookups: BTreeMap<Arc<str>, Vec<Supposed>>,
    /// Attempt by attempt; the last repeats.
    pub(crate) faults: BTreeMap<ChannelName, Vec<Fault>>,
    /// Of look-ups, call by call; the last repeats. Never `LostAnswer`.
    pub(crate) lookup_faults: BTreeMap<Arc<str>, Vec<Fault>>,
    pub(crate) people: Vec<Actor>,
    pub(crate) always: Vec<Always>,
    pub(crate) scenarios: Vec<Scenario>,
}

/// Somebody of a suite, as they are before it begins.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Actor {
    pub(crate) name: Arc<str>,
    pub(crate) origin: Origin,
    pub(crate) fields: BTreeMap<FieldName, Value>,
    /// Confirmed opt-ins, by channel.
    pub(crate) consent: Vec<ChannelName>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: Arc<str>,
    pub(crate) origin: Origin,
    /// In place of the suite's.
    pub(crate) start: Option<CivilTime>,
    /// Beside the suite's; one of the same name replaces it.
    pub(crate) people: Vec<Actor>,
    pub(crate) faults: BTreeMap<ChannelName, Vec<Fault>>,
    /// What it says of a look-up replaces what the suite says of it.
    pub(crate) lookup_faults: BTreeMap<Arc<str>, Vec<Fault>>,
    pub(crate) lookups: BTreeMap<Arc<str>, Vec<Supposed>>,
    /// The same story at other times and places. Empty: once, as written.
    pub(crate) each: Each,
    /// In the order of their moments; those of `like` come first.
    pub(crate) when: Vec<When>,
    pub(crate) then: Vec<Then>,
    /// Between the first and the last expectation other things may be sent.
    pub(crate) others_allowed: bool,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Each {
    /// Every so often, for so long, from the scenario's start.
    pub(crate) start: Option<(Span, Span)>,
    pub(crate) zones: Vec<Zone>,
}

/// A moment of a story.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum At {
    Civil(CivilTime),
    /// The so-many-th calendar day after the start: the whole day.
    Day(u32),
    /// So long after the start.
    After(Span),
}

/// Something that happens.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct When {
    pub(crate) at: At,
    pub(crate) origin: Origin,
    /// `None` where it concerns nobody alone, such as a restart, or where the payload says whom.
    pub(crate) who: Option<Arc<str>>,
    /// Whose step it is, where it names one.
    pub(crate) sequence: Option<SequenceName>,
    pub(crate) what: What,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum What {
    Event {
        kind: EventKind,
        data: BTreeMap<Arc<str>, Value>,
        /// Fields of the booking that it is about: `start`, `end`, `uid`, `kind` …
        booking: BTreeMap<Arc<str>, Value>,
    },
    /// Raw bytes, signed by the harness with a secret of its own.
    Webhook {
        fixture: Arc<str>,
        bytes: Arc<[u8]>,
        source: SourceName,
    },
    /// Without a channel: that of the last message to the person.
    Reply {
        text: Arc<str>,
        channel: Option<ChannelName>,
    },
    /// A link of the last message of this step.
    Click(StepName),
    /// The last message of this step came back for good.
    Bounce(StepName),
    Complain(StepName),
    /// By the link: `None` is everything.
    OptOut(Option<ChannelName>),
    Enroll(SequenceName),
    Advance(SequenceName),
    Stop(SequenceName),
    Approve(StepName),
    Refuse(StepName),
    Set(BTreeMap<FieldName, Value>),
    Tag {
        add: Vec<Arc<str>>,
        remove: Vec<Arc<str>>,
    },
    /// People of a file, as rows of fields.
    Import {
        fixture: Arc<str>,
        rows: Vec<BTreeMap<FieldName, Value>>,
    },
    Launch(SequenceName),
    Restart,
    /// From here on another version of the project: a folder or a version in git.
    Deploy(Arc<str>),
    /// The wall clock jumps.
    Clock(Span),
}

/// What a channel answers to an attempt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Fault {
    Ok,
    /// No answer in time: known not to have gone out.
    Timeout,
    Http429,
    Http500,
    /// Refused for good.
    Refuse,
    /// It went out, and the answer never came.
    LostAnswer,
}

/// What has to come of it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Then {
    pub(crate) origin: Origin,
    /// As it is written, on one line: for reports.
    pub(crate) written: Arc<str>,
    pub(crate) who: Option<Arc<str>>,
    pub(crate) timing: Timing,
    /// At no time of the story, or of `timing`.
    pub(crate) never: bool,
    pub(crate) exactly: Option<u32>,
    /// Whose step it is, where it names one.
    pub(crate) sequence: Option<SequenceName>,
    pub(crate) what: Expected,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Timing {
    pub(crate) at: Option<At>,
    pub(crate) within: Option<Span>,
    pub(crate) by: Option<At>,
    pub(crate) not_before: Option<At>,
    pub(crate) after: Option<At>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Expected {
    Sent {
        step: StepName,
        via: Option<ChannelName>,
        subject: Option<TextIs>,
        text: Option<TextIs>,
    },
    Skipped {
        step: StepName,
        because: Option<Arc<str>>,
    },
    Failed {
        step: StepName,
        because: Option<Arc<str>>,
    },
    Cancelled {
        step: StepName,
        because: Option<Arc<str>>,
    },
    Held {
        step: StepName,
        because: Option<Arc<str>>,
    },
    Entered(SequenceName),
    /// A trigger or an order that wanted to enrol, and did not.
    NotEntered {
        sequence: SequenceName,
        because: Option<Arc<str>>,
    },
    Completed(SequenceName),
    Converted(SequenceName),
    Stopped {
        sequence: SequenceName,
        because: Option<Arc<str>>,
    },
    /// The task of this step.
    Task(StepName),
    /// A task that this trigger makes.
    TaskOf(TriggerName),
    /// `role:front_desk`, `booking.host` or an address.
    Notified(Arc<str>),
    Tagged(Arc<str>),
    Scored(i64),
    /// The call of this step.
    Webhook(StepName),
    /// Fields of the person as they are then.
    State(BTreeMap<FieldName, Value>),
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct TextIs {
    pub(crate) is: Option<Arc<str>>,
    pub(crate) has: Vec<Arc<str>>,
    pub(crate) lacks: Vec<Arc<str>>,
}

/// What has to hold all the time, over the sends of what is under test.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Always {
    pub(crate) origin: Origin,
    pub(crate) written: Arc<str>,
    pub(crate) rule: Rule,
    pub(crate) channel: Option<ChannelName>,
    pub(crate) purpose: Option<Purpose>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Rule {
    /// In the person's own time; the second may be the next day.
    NoSendsBetween(TimeOfDay, TimeOfDay),
    /// To the person whom the event concerned.
    NoSendsAfter(Vec<EventKind>),
    AtMost {
        messages: u32,
        per: Span,
    },
}

impl At {
    /// The first moment that is meant; for a day its midnight.
    pub(crate) fn first(self, start: Instant, zone: &Zone) -> Instant {
        match self {
            Self::Civil(civil) => zone.instant(civil),
            Self::Day(days) => zone.start_of(zone.date(start).plus(Span::days(days))),
            Self::After(span) => zone.add(start, span),
        }
    }

    /// The first moment that is not meant any more: times are met to the minute.
    pub(crate) fn past(self, start: Instant, zone: &Zone) -> Instant {
        match self {
            Self::Civil(_) | Self::After(_) => self.first(start, zone).plus_ms(60_000),
            Self::Day(days) => Self::Day(days.saturating_add(1)).first(start, zone),
        }
    }
}

impl Fault {
    pub(crate) const ALL: [(Self, &'static str); 6] = [
        (Self::Ok, "ok"),
        (Self::Timeout, "timeout"),
        (Self::Http429, "http_429"),
        (Self::Http500, "http_500"),
        (Self::Refuse, "refuse"),
        (Self::LostAnswer, "lost_answer"),
    ];
}
