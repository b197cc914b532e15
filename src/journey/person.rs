//! What `decide` may look at: one person, and the little of the world that is not personal.
use super::{Run, Send, Shared, Standing, StartedBy, Sweep};
use crate::{
    calendar::{Instant, Zone},
    expr::Ask,
    id::{BookingId, ChannelName, Epoch, EventId, OfferName, RunId, SendId, SequenceName, TriggerName},
    plan::Plan,
    record::{Booking, Contact, Identity, Touch},
    value::Value,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Everything about one person that a decision needs. `answers` holds what a first try said was missing. Every decision
/// makes a copy: what seldom changes is shared.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Person {
    pub(crate) contact: Shared<Contact>,
    pub(crate) identities: Shared<Vec<Identity>>,
    pub(crate) touch: Shared<Touch>,
    /// Open runs: active, or ended with something still to come.
    pub(crate) runs: Shared<Vec<Run>>,
    /// Open sends, and those closed in this turn.
    pub(crate) sends: Shared<Vec<Send>>,
    pub(crate) watches: Vec<Watch>,
    pub(crate) bookings: Shared<BTreeMap<BookingId, Booking>>,
    pub(crate) answers: BTreeMap<Ask, Value>,
    /// Codes of offers that are this person's own.
    pub(crate) codes: BTreeMap<OfferName, Arc<str>>,
    /// How often they used each offer.
    pub(crate) redeemed: BTreeMap<OfferName, u32>,
    /// What the texts of a trigger's tasks and notices read. Not stored: they are prepared in the turn that makes them.
    pub(crate) openings: BTreeMap<SendId, Arc<StartedBy>>,
}

/// An armed absence trigger: one per trigger and subject.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Watch {
    pub(crate) trigger: TriggerName,
    pub(crate) booking: Option<BookingId>,
    pub(crate) armed: Instant,
    pub(crate) due: Instant,
    /// The event that armed it: `event` in the trigger's `if`.
    pub(crate) opening: Arc<StartedBy>,
}

/// What is not personal.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct World {
    /// Start number of the process that decides.
    pub(crate) epoch: Epoch,
    /// Attempts that each channel can take now; a channel that is not named takes none. Local channels need no slot.
    pub(crate) slots: BTreeMap<ChannelName, u16>,
    /// Channels whose breaker is open.
    pub(crate) broken: BTreeSet<ChannelName>,
    /// Campaigns that somebody launched, and how they stand.
    pub(crate) campaigns: BTreeMap<SequenceName, Standing>,
    /// How often each offer was used, by anybody.
    pub(crate) redeemed: BTreeMap<OfferName, u64>,
    /// Nothing may be sent: a restored copy, a jump of the clock.
    pub(crate) held: Option<super::Hold>,
    /// How many people each trigger that is limited has enrolled lately.
    pub(crate) paces: BTreeMap<TriggerName, Pace>,
    /// How far each trigger that no event sets off has been looked at for everybody.
    pub(crate) sweeps: BTreeMap<TriggerName, Sweep>,
}

/// How many since when.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Pace {
    pub(crate) since: Instant,
    pub(crate) people: u32,
}

/// Next free numbers. Both stores hand out the same ones for the same history.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Ids {
    pub(crate) run: i64,
    pub(crate) send: i64,
    pub(crate) event: i64,
}

impl Ids {
    pub(crate) fn run(&mut self) -> RunId {
        self.run += 1;
        RunId(self.run)
    }
    pub(crate) fn send(&mut self) -> SendId {
        self.send += 1;
        SendId(self.send)
    }
    pub(crate) fn event(&mut self) -> EventId {
        self.event += 1;
        EventId(self.event)
    }
}

impl Person {
    /// A person of whom only the contact is known.
    pub(crate) fn new(contact: Contact) -> Self {
        Self {
            contact: contact.into(),
            identities: Shared::default(),
            touch: Shared::default(),
            runs: Shared::default(),
            sends: Shared::default(),
            watches: Vec::new(),
            bookings: Shared::default(),
            answers: BTreeMap::new(),
            codes: BTreeMap::new(),
            redeemed: BTreeMap::new(),
            openings: BTreeMap::new(),
        }
    }

    /// The person's zone: given or told by their phone number, else their clinic's, else the project's.
    pub(crate) fn zone(&self, plan: &Plan) -> Zone {
        if let Some(zone) = self.contact.local_zone() {
            return zone;
        }
        let clinic = self.contact.clinic.as_ref().and_then(|id| plan.clinics.iter().find(|clinic| clinic.id == *id));
        clinic.unwrap_or(plan.default_clinic()).zone.clone().unwrap_or_else(|| plan.zone.clone())
    }

    pub(crate) fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.iter().find(|run| run.id == id)
    }

    pub(crate) fn send(&self, id: SendId) -> Option<&Send> {
        self.sends.iter().find(|send| send.id == id)
    }
}
