//! What a turn did, in words that people can be told: for logs, `demo`, `preview`. Names and reasons, no personal data.
use crate::{
    calendar::Instant,
    id::{BookingId, ChannelName, ContactId, EventKind, FieldName, RunId, SendId, SequenceName, StepName, TriggerName},
    journey::{Action, Because, End, Outcome, Person, ROUND, RefusedWhy, Sending, Wait},
    record::{ConsentState, IdentityKind},
};
use std::sync::Arc;

/// One line about one person.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Note {
    pub(crate) at: Instant,
    pub(crate) contact: ContactId,
    pub(crate) told: Told,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Told {
    /// A delivery was understood.
    Happened {
        kind: EventKind,
        at: Instant,
    },
    /// A contact was made.
    NewContact,
    /// A delivery named an identifier that belongs to somebody else: it stays with them.
    HeldByAnother {
        kind: IdentityKind,
        holder: ContactId,
    },
    Entered {
        run: RunId,
        sequence: SequenceName,
        by: Option<TriggerName>,
        booking: Option<BookingId>,
    },
    Refused {
        trigger: Option<TriggerName>,
        sequence: Option<SequenceName>,
        why: RefusedWhy,
        because: Option<Because>,
    },
    /// The next step of a run and when it falls due.
    Next {
        run: RunId,
        sequence: SequenceName,
        step: Option<StepName>,
        at: Option<Instant>,
        /// What a `wait` and a `day` count from.
        since: Instant,
        entered: Instant,
    },
    Ended {
        run: RunId,
        sequence: SequenceName,
        end: End,
    },
    ConvertedLate {
        sequence: SequenceName,
    },
    Deferred {
        send: SendId,
        sequence: Option<SequenceName>,
        step: StepName,
        until: Instant,
        because: Because,
    },
    Authorised {
        send: SendId,
        sequence: Option<SequenceName>,
        step: StepName,
        channel: Option<ChannelName>,
        attempt: u16,
    },
    /// The one outcome of a step that fell due.
    Outcome {
        send: SendId,
        run: Option<RunId>,
        sequence: Option<SequenceName>,
        step: StepName,
        planned: Instant,
        channel: Option<ChannelName>,
        outcome: Outcome,
        because: Option<Because>,
    },
    Changed(Vec<FieldName>),
    Consent {
        channel: Option<ChannelName>,
        purpose: Option<&'static str>,
        state: ConsentState,
        basis: Arc<str>,
    },
    Armed {
        trigger: TriggerName,
        due: Instant,
    },
    Disarmed {
        trigger: TriggerName,
    },
    /// With this one a trigger has enrolled, or messages have begun to go out, as many as may: the others wait until then.
    LimitReached {
        /// `None` stands for the messages of the whole project.
        trigger: Option<TriggerName>,
        most: u32,
        until: Instant,
    },
    /// A trigger without an event fired.
    Struck {
        trigger: TriggerName,
    },
}

impl Told {
    /// Those who went round at one moment until it was stopped, where it says so.
    pub(crate) fn goes_round(&self) -> Option<Vec<Arc<str>>> {
        let Self::Refused { why: RefusedWhy::Endless, because, .. } = self else { return None };
        let read = because.iter().flat_map(|because| &because.read);
        Some(read.filter(|(name, _)| &**name == ROUND).map(|(_, maker)| maker.clone()).collect())
    }

    /// The words for an action; `None` for those that are steps of others.
    pub(super) fn of(action: &Action, person: &Person) -> Option<Self> {
        match action {
            Action::Note(event) => Some(Self::Happened { kind: event.kind.clone(), at: event.at }),
            Action::Entered { run, by } => {
                let found = person.run(*run)?;
                let sequence = found.sequence.name.clone();
                Some(Self::Entered { run: *run, sequence, by: by.clone(), booking: found.booking })
            }
            Action::Refused(refusal) => Some(Self::Refused {
                trigger: refusal.trigger.clone(),
                sequence: refusal.sequence.clone(),
                why: refusal.why,
                because: refusal.because.clone(),
            }),
            Action::Moved(id) => {
                let run = person.run(*id)?;
                let cursor = run.cursor()?;
                let step = run.sequence.step(cursor.step).map(|step| step.name.clone());
                let at = match cursor.wait {
                    Wait::Until(at) | Wait::Awaiting(at) => Some(at),
                    _ => None,
                };
                let sequence = run.sequence.name.clone();
                Some(Self::Next { run: *id, sequence, step, at, since: cursor.since, entered: run.entered })
            }
            Action::Ended(id) => {
                let run = person.run(*id)?;
                match &run.phase {
                    crate::journey::Phase::Ended { end, .. } => {
                        Some(Self::Ended { run: *id, sequence: run.sequence.name.clone(), end: end.clone() })
                    }
                    crate::journey::Phase::Active(_) => None,
                }
            }
            Action::ConvertedLate(id) => Some(Self::ConvertedLate { sequence: person.run(*id)?.sequence.name.clone() }),
            Action::Deferred(id, until, because) => {
                let send = person.send(*id)?;
                let (sequence, step) = (send.sequence.clone(), send.step.clone());
                Some(Self::Deferred { send: *id, sequence, step, until: *until, because: because.clone() })
            }
            Action::Authorised(id, attempt) => {
                let send = person.send(*id)?;
                let (sequence, step, channel) = (send.sequence.clone(), send.step.clone(), send.channel.clone());
                Some(Self::Authorised { send: *id, sequence, step, channel, attempt: attempt.number })
            }
            Action::Closed(id) => Self::outcome(*id, person),
            Action::ContactChanged(fields) => Some(Self::Changed(fields.clone())),
            Action::Consent(entry) => Some(Self::Consent {
                channel: entry.channel.clone(),
                purpose: entry.purpose.map(crate::record::Purpose::name),
                state: entry.state,
                basis: entry.basis.clone(),
            }),
            Action::Struck { trigger, .. } => Some(Self::Struck { trigger: trigger.clone() }),
            Action::Armed { trigger, due, .. } => Some(Self::Armed { trigger: trigger.clone(), due: *due }),
            Action::Disarmed { trigger, .. } => Some(Self::Disarmed { trigger: trigger.clone() }),
            Action::Erased
            | Action::Redeemed(_)
            | Action::Began(_)
            | Action::Acted(_)
            | Action::Assigned(_)
            | Action::Prepare(_)
            | Action::Ready(_)
            | Action::BookingChanged(_)
            | Action::TouchChanged => None,
        }
    }

    fn outcome(id: SendId, person: &Person) -> Option<Self> {
        let send = person.send(id)?;
        let Sending::Closed(outcome) = &send.state else { return None };
        Some(Self::Outcome {
            send: id,
            run: send.run,
            sequence: send.sequence.clone(),
            step: send.step.clone(),
            planned: send.planned,
            channel: send.channel.clone(),
            outcome: outcome.clone(),
            because: send.because.clone(),
        })
    }
}
