//! One transaction: work in, then due things, effects out after the commit.
use super::{CampaignOrder, Did, Erased, Loaded, Note, Permit, Store, accept::Intake, campaign, desk::Desk, sweep};
use crate::{
    calendar::Instant,
    content::Message,
    id::{ChannelName, ContactId, SendId, SequenceName},
    journey::{Attempt, Event, Order, Receipt, World},
    record::Delivery,
};
use std::{collections::BTreeSet, sync::Arc};

/// Something to be done in a turn.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// A provider told us something.
    Delivered(Delivery),
    Ordered(ContactId, Order),
    /// Somebody decided about a campaign.
    Campaign {
        name: SequenceName,
        order: CampaignOrder,
        actor: Arc<str>,
    },
    /// A channel answered an attempt.
    Received {
        contact: ContactId,
        send: SendId,
        attempt: Attempt,
        receipt: Receipt,
    },
    /// The clock: whatever is due, and whatever is prepared and now has a slot.
    Tick,
    /// What a tick does for one person and for one send, so that a person at whom a tick fails can be left out.
    Due(ContactId),
    Slot(ContactId, SendId),
    /// The page of a round that is due, without those at whom turns fail.
    Round(BTreeSet<ContactId>),
}

/// What became of a piece of work; in the order of the work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Done {
    /// Taken in: whom it concerned.
    Accepted(Vec<ContactId>),
    /// A repetition: nothing happened.
    Seen,
    Ignored,
    /// Kept, but not understood, or about nobody.
    Quarantined,
    /// An order or an answer was taken in.
    Carried,
    /// Somebody was erased; what was taken away.
    Erased(Erased),
    /// How many people were due, and whether there may be more.
    Ticked {
        people: usize,
        more: bool,
    },
}

/// What has to be done outside, now that it is written.
#[derive(PartialEq, Debug)]
pub(crate) enum Effect {
    Send { channel: ChannelName, permit: Permit, message: Message },
}

#[derive(Debug)]
pub(crate) struct Effects {
    pub(crate) effects: Vec<Effect>,
    pub(crate) done: Vec<Done>,
    pub(crate) notes: Vec<Note>,
}

/// How much one turn takes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// People whose due work is decided in one commit.
    pub(crate) people: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { people: 1_000 }
    }
}

/// Does the work in one transaction. Nothing of it has happened when this fails.
pub(crate) fn turn<S: Store>(
    store: &mut S,
    loaded: &Loaded,
    world: &World,
    work: Vec<Work>,
    limits: Limits,
    now: Instant,
) -> Did<Effects> {
    let mut desk = Desk::new(store.turn(&loaded.plan)?, loaded, world, now)?;
    let done = work_off(&mut desk, work, limits)?;
    let (effects, notes) = desk.close()?;
    Ok(Effects { effects, done, notes })
}

/// The same where nothing leaves and a failure is the end of everything: what channels answer is taken in before the commit,
/// so that everybody is loaded and written once for all that happens to them at one moment. Answers lead to further
/// messages at most so often; what is left then is among the effects.
pub(crate) fn turn_answered<S: Store>(
    store: &mut S,
    loaded: &Loaded,
    world: &World,
    work: Vec<Work>,
    now: Instant,
    answers: usize,
    answer: &mut dyn FnMut(Effect) -> Work,
) -> Did<Effects> {
    let mut desk = Desk::new(store.turn(&loaded.plan)?, loaded, world, now)?;
    let done = work_off(&mut desk, work, Limits::default())?;
    for _ in 0..answers {
        let effects = std::mem::take(&mut desk.effects);
        if effects.is_empty() {
            break;
        }
        work_off(&mut desk, effects.into_iter().map(&mut *answer).collect(), Limits::default())?;
    }
    let (effects, notes) = desk.close()?;
    Ok(Effects { effects, done, notes })
}

fn work_off<T: super::Turn>(desk: &mut Desk<'_, T>, work: Vec<Work>, limits: Limits) -> Did<Vec<Done>> {
    let known = work.iter().filter_map(Work::contact).collect::<BTreeSet<_>>();
    desk.call_in(&known)?;
    let mut done = Vec::with_capacity(work.len());
    for item in work {
        done.push(match item {
            Work::Delivered(delivery) => match desk.take_in(&delivery)? {
                Intake::Accepted(who) => Done::Accepted(who),
                Intake::Seen => Done::Seen,
                Intake::Ignored => Done::Ignored,
                Intake::Quarantined => Done::Quarantined,
            },
            Work::Ordered(contact, order) => {
                desk.decide(contact, Event::Ordered(order))?;
                desk.erased.take().map_or(Done::Carried, Done::Erased)
            }
            Work::Campaign { name, order, actor } => campaign::order(desk, &name, order, &actor)?,
            Work::Received { contact, send, attempt, receipt } => {
                desk.received(contact, send, attempt, &receipt)?;
                desk.decide(contact, Event::Received(send, attempt, receipt))?;
                Done::Carried
            }
            Work::Tick => tick(desk, limits)?,
            Work::Round(without) => {
                let (people, more) = sweep::take(desk, limits.people, &without)?;
                Done::Ticked { people, more }
            }
            Work::Due(contact) => {
                desk.decide(contact, Event::Due)?;
                Done::Carried
            }
            Work::Slot(contact, send) => {
                if desk.has_slot(contact, send)? {
                    desk.decide(contact, Event::Slot(send))?;
                }
                Done::Carried
            }
        });
    }
    Ok(done)
}

fn tick<T: super::Turn>(desk: &mut Desk<'_, T>, limits: Limits) -> Did<Done> {
    let due = desk.turn.due(desk.now, limits.people)?;
    desk.call_in(&due.iter().copied().collect())?;
    for who in &due {
        desk.decide(*who, Event::Due)?;
    }
    for (channel, slots) in desk.free() {
        let ready = desk.turn.ready(&channel, slots.min(limits.people))?;
        desk.call_in(&ready.iter().map(|(who, _)| *who).collect())?;
        for (who, send) in ready {
            if desk.has_slot(who, send)? {
                desk.decide(who, Event::Slot(send))?;
            }
        }
    }
    // who is inside comes before who enters
    let entering = campaign::sweep(desk, limits.people)?;
    let people = due.len() + entering.0;
    // rounds over everybody take what room is left
    let room = limits.people.saturating_sub(people);
    if room == 0 || entering.1 {
        return Ok(Done::Ticked { people, more: true });
    }
    let round = sweep::take(desk, room, &BTreeSet::new())?;
    Ok(Done::Ticked { people: people + round.0, more: round.1 })
}

impl Work {
    fn contact(&self) -> Option<ContactId> {
        match self {
            Self::Ordered(contact, _)
            | Self::Received { contact, .. }
            | Self::Due(contact)
            | Self::Slot(contact, _) => Some(*contact),
            Self::Delivered(_) | Self::Campaign { .. } | Self::Tick | Self::Round(_) => None,
        }
    }
}
