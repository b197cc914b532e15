//! How far a trigger that no event sets off has been looked at for everybody, and what of each person tells the next round.
//!
//! After its publication everybody who was there then is looked at once. Where time alone moves people over the border of
//! a segment a round follows every hour, and it takes those who are on the other side only. Must not know pages of a store.
use super::Watch;
use crate::{calendar::Instant, id::ContactId};
use serde::{Deserialize, Serialize};

/// Where the rounds over everybody stand for one trigger.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Sweep {
    /// When the trigger was published as it is.
    pub(crate) since: Instant,
    /// The last of those who were there then.
    pub(crate) last: ContactId,
    /// Everybody up to here is done in this round.
    pub(crate) after: Option<ContactId>,
    /// The round after the publication.
    pub(crate) first: bool,
    /// When this round is due; [`Watch::NEVER`] when none follows.
    pub(crate) due: Instant,
}

/// What is remembered of somebody where rounds look at those who cross.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mark {
    Inside,
    /// There was no room: has a moment of its own.
    PutOff,
}

impl Sweep {
    const EVERY_MS: i64 = 3_600_000;

    /// Begins with the publication of a trigger.
    pub(crate) fn begin(now: Instant, last: Option<ContactId>) -> Self {
        Self { since: now, last: last.unwrap_or(ContactId(0)), after: None, first: true, due: now }
    }

    /// Was somebody there when the trigger was published, and are they still to be looked at?
    pub(super) fn waits_for(&self, who: ContactId) -> bool {
        self.first && who <= self.last && self.after.is_none_or(|after| who > after)
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.due <= now
    }

    /// After a page; `None` ends the round.
    pub(crate) fn went_to(self, after: Option<ContactId>, again: bool, now: Instant) -> Self {
        if after.is_some() {
            return Self { after, ..self };
        }
        let next = self.due.plus_ms(Self::EVERY_MS);
        let next = if next > now { next } else { now.plus_ms(Self::EVERY_MS) };
        Self { after: None, first: false, due: if again { next } else { Watch::NEVER }, ..self }
    }
}
