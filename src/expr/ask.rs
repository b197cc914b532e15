//! What an expression may have to ask: facts at hand, and questions that only history can answer.
//!
//! Must not know where the answers are kept.
use crate::calendar::{Instant, Span, Zone};
use crate::id::{BookingId, EventKind, RunId, SequenceName};
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, sync::Arc};

/// A question that only history can answer. Whoever evaluates loads the answers first, keyed by this.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ask {
    /// How many such events the person has had: an `Int`.
    Count { event: EventKind, within: Option<Span>, fields: Vec<(Arc<str>, Word)> },
    /// When the last such event was: a `Time`, or `Missing` when there was none.
    Last { event: EventKind, fields: Vec<(Arc<str>, Word)> },
    /// Whether a message of that sequence or campaign was handed over, is being sent or is unknown: a `Bool`.
    WasSent { what: Arc<str>, within: Option<Span> },
    /// Whether the person is in that segment: a `Bool`. Evaluated from the segment's condition, not loaded.
    InSegment { segment: Arc<str> },
    /// When the last counting run of that sequence ended: a `Time` or `Missing`. For re-entry; no expression asks it.
    LastEnd { sequence: SequenceName, booking: Option<BookingId> },
    /// When a marketing or service message last went to the person: a `Time` or `Missing`. For campaigns; no expression
    /// asks it.
    LastContact,
    /// When the person last entered one of these: a `Time` or `Missing`. For campaigns; no expression asks it.
    LastEntry { sequences: Vec<SequenceName> },
    /// Which steps of a run have a row in the ledger: a `List` of texts `step#occurrence`. After a booking moved.
    Done { run: RunId },
    /// Events of a kind after a moment, oldest first: a `List` of `Map`s with `id`, `at`, `data`, and where there are some
    /// `booking` and `by_run`. After a change of the plan; no expression asks it.
    Since { event: EventKind, after: Instant },
}

/// A literal that an ask compares a field with.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Word {
    Bool(bool),
    Int(i64),
    Text(Arc<str>),
}

/// Which bookings `has_booking` looks for, beside the run's own one. `None` means any.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BookingQuery {
    pub(crate) kind: Option<Arc<str>>,
    /// E-mail address of the host, or the host's id.
    pub(crate) host: Option<Arc<str>>,
    pub(crate) clinic: Option<Arc<str>>,
    /// Start at or after.
    pub(crate) from: Option<Instant>,
    /// Start before.
    pub(crate) to: Option<Instant>,
    /// Any of these.
    pub(crate) status: BTreeSet<Arc<str>>,
}

/// What is known about one person at one moment.
pub(crate) trait Facts {
    fn now(&self) -> Instant;
    /// The zone of the person.
    fn zone(&self) -> &Zone;
    /// Value of a path like `contact.score`; `Missing` when nobody filled it in.
    fn get(&self, path: &[Arc<str>]) -> Value;
    fn has_tag(&self, tag: &str) -> bool;
    fn in_sequence(&self, sequence: &str) -> bool;
    /// Whether a booking of the person, except the run's own, fits.
    fn has_booking(&self, query: &BookingQuery) -> bool;
    /// `None` when the answer was not loaded: the evaluation is then unusable and says what to load.
    fn answer(&self, ask: &Ask) -> Option<Value>;
    /// Whether the person is in that segment now. `Missing` names what its own condition asks of history.
    fn in_segment(&self, segment: &Arc<str>) -> Result<bool, Missing> {
        let ask = Ask::InSegment { segment: segment.clone() };
        match self.answer(&ask) {
            Some(answer) => Ok(answer == Value::Bool(true)),
            None => Err(Missing(BTreeSet::from([ask]))),
        }
    }
}

/// Questions whose answers were not at hand: load them and evaluate again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Missing(pub(crate) BTreeSet<Ask>);

impl Word {
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Bool(yes) => Value::Bool(*yes),
            Self::Int(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text.clone()),
        }
    }

    /// Whether a field holds this literal; a whole decimal number equals its integer.
    pub(crate) fn is(&self, value: &Value) -> bool {
        super::eval::compare(&self.value(), value) == Some(std::cmp::Ordering::Equal)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(yes) => write!(f, "{yes}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "'{text}'"),
        }
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = |f: &mut fmt::Formatter<'_>, fields: &[(Arc<str>, Word)]| {
            fields.iter().try_for_each(|(name, word)| write!(f, ", {name}={word}"))
        };
        match self {
            Self::Count { event, within, fields: list } => {
                write!(f, "count('{event}'")?;
                within.iter().try_for_each(|span| write!(f, ", within='{span}'"))?;
                fields(f, list)?;
            }
            Self::Last { event, fields: list } => {
                write!(f, "last('{event}'")?;
                fields(f, list)?;
            }
            Self::WasSent { what, within } => {
                write!(f, "was_sent('{what}'")?;
                within.iter().try_for_each(|span| write!(f, ", within='{span}'"))?;
            }
            Self::InSegment { segment } => write!(f, "in_segment('{segment}'")?,
            Self::LastEnd { sequence, booking } => {
                write!(f, "last_end('{sequence}'")?;
                booking.iter().try_for_each(|booking| write!(f, ", booking={booking}"))?;
            }
            Self::Done { run } => write!(f, "done('{run}'")?,
            Self::Since { event, after } => write!(f, "since('{event}', after='{after}'")?,
            Self::LastContact => f.write_str("last_contact(")?,
            Self::LastEntry { sequences } => {
                let names: Vec<&str> = sequences.iter().map(SequenceName::as_str).collect();
                write!(f, "last_entry('{}'", names.join("', '"))?;
            }
        }
        f.write_str(")")
    }
}
