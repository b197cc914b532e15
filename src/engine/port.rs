//! The port to a store, in verbs of the engine's life. Two homes implement it: memory and SQLite; one conformance suite
//! runs over both.
use super::{CampaignRow, Changes, Key, Replan};
use crate::{
    calendar::Instant,
    content::Message,
    expr::{Ask, Cond},
    id::{
        BookingId, ChannelName, ContactId, DeliveryId, Epoch, OfferName, SendId, SequenceName, SourceName, TriggerName,
    },
    journey::{Attempt, Ids, Mark, Pace, Person, Sweep},
    plan::Plan,
    record::{Booking, Delivery, Identity},
    value::Value,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Machinery that failed: a disk, a lock, a corrupt row. Never a user's mistake.
#[derive(Debug)]
pub(crate) struct Broken(pub(crate) Box<dyn std::error::Error + Send + Sync>);

pub(crate) type Did<T> = Result<T, Broken>;

/// An attempt whose answer is not recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct InFlight {
    pub(crate) contact: ContactId,
    pub(crate) send: SendId,
    pub(crate) attempt: Attempt,
}

/// What an erasure took away: the table, and how many rows of it.
pub(crate) type Erased = Vec<(String, u64)>;

/// A home of durable state. Every change goes through a [`Turn`].
pub(crate) trait Store {
    type Turn<'s>: Turn
    where
        Self: 's;

    /// Opens the one writing transaction. Dropped without [`Turn::commit`], nothing has happened.
    /// `plan` resolves names of sequences: a stored run continues on the plan's revision of its sequence.
    fn turn<'s>(&'s mut self, plan: &'s Plan) -> Did<Self::Turn<'s>>;

    /// Makes the plan the current one: numbers it, keeps its objects, begins a round over the people of each sequence that
    /// changed, and one over everybody for each trigger without an event that is new or changed. Returns the version;
    /// publishing an equal plan again returns the same.
    fn publish(&mut self, plan: &Plan, actor: &str, now: Instant) -> Did<u32>;

    /// Begins a life of the process: everything authorised under an older epoch and not recorded is unknown.
    fn begin_epoch(&mut self) -> Did<Epoch>;

    /// Attempts of older epochs without a recorded answer.
    fn in_flight(&self, before: Epoch) -> Did<Vec<InFlight>>;

    /// The next moment at which something falls due; `None` when nothing waits.
    fn next_wake(&self) -> Did<Option<Instant>>;

    /// The instance's secret: made once, never leaves the store but to sign.
    fn key(&self) -> Key;

    /// [`Turn::members`] in a turn of its own, which writes nothing.
    #[cfg(test)]
    fn members(
        &mut self,
        plan: &Plan,
        cond: &Cond,
        now: Instant,
        after: Option<ContactId>,
        limit: usize,
    ) -> Did<Vec<ContactId>> {
        let mut turn = self.turn(plan)?;
        let members = turn.members(cond, now, after, limit)?;
        turn.commit()?;
        Ok(members)
    }
}

/// One transaction.
pub(crate) trait Turn {
    /// Next free numbers, as of the last recorded change.
    fn ids(&mut self) -> Did<Ids>;
    fn new_contact(&mut self) -> Did<ContactId>;
    fn new_booking(&mut self) -> Did<BookingId>;

    /// Stores the raw delivery; `None` when one with this key of this source is known already.
    fn accept(&mut self, delivery: &Delivery) -> Did<Option<DeliveryId>>;
    /// Keeps a delivery that was accepted, but concerned nobody, on the list of those to be looked at.
    fn quarantine(&mut self, delivery: DeliveryId, why: &str) -> Did<()>;
    /// Whom it names: of a clinic its own person, else whom it names in every clinic. Without a clinic the one of every
    /// clinic, else the first that a clinic got to know.
    fn find_contact(&mut self, identity: &Identity) -> Did<Option<ContactId>>;
    /// The booking that has, or had, this uid.
    fn find_booking(&mut self, source: &SourceName, uid: &str) -> Did<Option<Booking>>;

    /// Everything that a decision may look at, for each of these people. Sets `Run::stale` where the run's stored revision
    /// is not the plan's, unless the plan's says that those inside finish the revision they entered: they get that one.
    fn people(&mut self, who: &BTreeSet<ContactId>) -> Did<BTreeMap<ContactId, Person>>;
    /// What only history can answer. `since` is the start of the question's `within`.
    fn answer(&mut self, who: ContactId, ask: &Ask, since: Option<Instant>) -> Did<Value>;

    /// People with a run, a send or a watch that is due; reminders first. At most `limit`.
    fn due(&mut self, now: Instant, limit: usize) -> Did<Vec<ContactId>>;
    /// Sends that are prepared and wait for a slot of this channel, by rank and planned moment.
    fn ready(&mut self, channel: &ChannelName, limit: usize) -> Did<Vec<(ContactId, SendId)>>;
    /// The next people, in the order of their numbers, for whom the condition holds at that moment: at most `limit` of
    /// those behind `after`. Fewer than `limit` means that there are no more. Sees what this turn has recorded.
    ///
    /// The condition is about the person alone, as a segment's is: it knows no event, no run and no booking in view.
    fn members(&mut self, cond: &Cond, now: Instant, after: Option<ContactId>, limit: usize) -> Did<Vec<ContactId>>;

    /// The next people in the order of their numbers, as pages of `members` are.
    fn contacts(&mut self, after: Option<ContactId>, limit: usize) -> Did<Vec<ContactId>>;
    /// Who is remembered as inside the segment of this trigger, or put off; in pages as well.
    fn marks(&mut self, trigger: &TriggerName, after: Option<ContactId>, limit: usize) -> Did<Vec<(ContactId, Mark)>>;
    /// Where the rounds over everybody stand.
    fn sweeps(&mut self) -> Did<BTreeMap<TriggerName, Sweep>>;
    fn keep_sweep(&mut self, trigger: &TriggerName, sweep: Sweep) -> Did<()>;

    /// Sequences that changed while somebody was inside, and how far their people have been looked at.
    fn replans(&mut self) -> Did<BTreeMap<SequenceName, Replan>>;
    /// `None` ends it.
    fn keep_replan(&mut self, sequence: &SequenceName, replan: Option<Replan>) -> Did<()>;
    /// The next people with an active run of the sequence, as pages of `contacts` are; not `all`: only those whose run
    /// stands on another revision than the plan's.
    fn inside(
        &mut self,
        sequence: &SequenceName,
        all: bool,
        after: Option<ContactId>,
        limit: usize,
    ) -> Did<Vec<ContactId>>;

    /// The stored bytes of an open send.
    fn content(&mut self, send: SendId) -> Did<Option<Message>>;

    /// How many people each limited trigger has enrolled lately.
    fn paces(&mut self) -> Did<BTreeMap<TriggerName, Pace>>;
    fn keep_pace(&mut self, trigger: &TriggerName, pace: Pace) -> Did<()>;
    /// Every campaign that somebody launched.
    fn campaigns(&mut self) -> Did<BTreeMap<SequenceName, CampaignRow>>;
    /// Keeps how a campaign stands. When it was ordered also who ordered what, and everybody inside is looked at anew.
    fn set_campaign(&mut self, name: &SequenceName, row: &CampaignRow, what: Option<&str>) -> Did<()>;
    /// How often each offer was used.
    fn redeemed(&mut self) -> Did<BTreeMap<OfferName, u64>>;
    /// Gives somebody a code of an offer; false, and nothing given, when another person has it. Who has one keeps it.
    fn issue(&mut self, who: ContactId, offer: &OfferName, code: &str, now: Instant) -> Did<bool>;

    /// Deletes or blanks everything personal of one person, also what no decision ever looks at, and keeps keyed hashes of
    /// their addresses. Their runs whose sequence is in no plan end; the others are for `record` to write, as decided. Says
    /// what was taken away, in words for people; a store that writes nothing down may have nothing to say.
    fn erase(&mut self, who: ContactId, now: Instant) -> Did<Erased>;
    /// When somebody with this address was erased.
    fn suppressed(&mut self, identity: &Identity) -> Did<Option<Instant>>;

    /// Writes what changed of one person: the only writer of runs, sends, ledger, caps, statistics. May be called several
    /// times for the same person in one turn; rows already written are written again in their new state.
    fn record(&mut self, changes: &Changes<'_>) -> Did<()>;

    fn commit(self) -> Did<()>;
}

impl Broken {
    pub(crate) fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for Broken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}
