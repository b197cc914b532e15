//! Erasure: everything of a person ends at once, and nothing begins for them any more. What stays is a number whose runs are
//! over. Must not know where anything is stored.
use super::{
    Action, Attempt, Cancel, End, Event, Order, Outcome, Receipt, Sending, StopReason, decide::what_it_closes,
    draft::Draft,
};
use crate::{
    calendar::Instant,
    id::{ChannelName, SendId},
    plan::Plan,
    record::{ConsentEntry, ConsentState, Contact, Touch},
};
use std::sync::Arc;

/// The basis of what an erasure closes.
pub(crate) const ERASED: &str = "erased";

/// Where a line of consent may come from. Any other word was told by somebody and may say who.
const BASES: [&str; 8] = ["reply", "link", "import", "event", "provider", "bounce", "operator", ERASED];

impl Draft<'_> {
    /// Decides about an erasure, or about somebody who was erased. False for everybody else, of whom nothing is decided here.
    pub(super) fn erasure(&mut self, event: &Event) -> bool {
        if self.person.contact.erased_at.is_some() {
            if let Event::Received(send, attempt, receipt) = event {
                self.received_for_nobody(*send, *attempt, receipt);
            }
        } else if let Event::Ordered(Order::Erase { actor }) = event {
            self.erase(actor);
        } else {
            return false;
        }
        true
    }

    /// Ends every run, calls off what is open and not under way, and leaves nothing personal. Exits lead on to something,
    /// and there is nobody left to go on: the decision stops here, none is done, and nobody is told.
    fn erase(&mut self, actor: &Arc<str>) {
        self.end_runs(&End::Stopped(StopReason::Erased), |_| true);
        self.call_off();
        let person = &mut self.person;
        person.contact =
            Contact { erased_at: Some(self.now), ..Contact::new(person.contact.id, person.contact.created_at) }.into();
        person.touch = Touch::default().into();
        person.identities.clear();
        person.watches.clear();
        person.bookings.clear();
        person.codes.clear();
        person.redeemed.clear();
        person.openings.clear();
        for run in person.runs.iter_mut() {
            (run.started_by, run.worth) = (None, None);
            run.taken.clear();
        }
        for send in person.sends.iter_mut() {
            (send.address, send.because, send.provider_id) = (None, None, None);
            if let Sending::Closed(Outcome::Failed(fail)) = &mut send.state {
                *fail = fail.without_detail();
            }
        }
        let entry = closing(self.now, actor.clone());
        self.person.touch.permits.fold(&entry);
        self.act(Action::Consent(entry));
        self.act(Action::Erased);
    }

    /// What no run took with it: tasks and notices of triggers, and sends of runs whose sequence is gone.
    fn call_off(&mut self) {
        let open = self.person.sends.iter().filter(|send| send.can_be_called_off());
        let open: Vec<(SendId, bool)> = open.map(|send| (send.id, send.tainted)).collect();
        for (id, tainted) in open {
            let outcome = if tainted { Outcome::Unknown } else { Outcome::Cancelled(Cancel::Ended(Arc::from(ERASED))) };
            self.close(id, outcome, None);
        }
    }

    /// The answer to an attempt that was under way. Its words may name the person, so only what became of it is kept.
    fn received_for_nobody(&mut self, id: SendId, attempt: Attempt, receipt: &Receipt) {
        let now = self.now;
        let Some(send) = self.send_mut(id).filter(|send| send.state == Sending::InFlight(attempt)) else { return };
        let outcome = match receipt {
            Receipt::Accepted { .. } => Outcome::Sent,
            Receipt::NotSent { .. } if !send.tainted => Outcome::Cancelled(Cancel::Ended(Arc::from(ERASED))),
            Receipt::NotSent { .. } | Receipt::Unknown => Outcome::Unknown,
        };
        (send.state, send.at) = (Sending::Closed(outcome), now);
        self.act(Action::Closed(id));
    }

    /// Somebody came with an address of a person who was erased at that moment. Marketing and service are closed as of then,
    /// so that an old list opens nothing, and what they agree to anew does.
    pub(super) fn suppress(&mut self, since: Instant) {
        self.consent(what_it_closes(closing(since, Arc::from("suppression"))));
    }
}

fn closing(at: Instant, actor: Arc<str>) -> ConsentEntry {
    ConsentEntry {
        channel: None,
        purpose: None,
        state: ConsentState::OptedOut,
        basis: Arc::from(ERASED),
        text_version: None,
        source: None,
        actor,
        at,
    }
}

/// What of a line of consent stays as proof: what was said when, without words that came from outside.
pub(crate) fn blank_consent(entry: &mut ConsentEntry, plan: &Plan) {
    if entry.channel.as_ref().is_some_and(|channel| !plan.channels.contains_key(channel)) {
        entry.channel = Some(ChannelName::new(ERASED));
    }
    if !BASES.contains(&&*entry.basis) {
        entry.basis = Arc::from("event");
    }
    entry.text_version = None;
}
