//! One send from falling due to its outcome: waiting → preparing → ready → in flight → closed.
use super::{
    Action, Attempt, Because, Cancel, End, Fail, Gate, Outcome, Phase, Receipt, Send, Sending, Skip, Spec, StopReason,
    draft::Draft,
    gates::{Judged, Way},
    planted,
    schedule::follows_booking,
};
use crate::{
    calendar::Instant,
    id::{ChannelName, RunId, SendId},
    plan::{OnUnknown, Retries, Step, To},
    record::Counted,
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// Retries wait at most this long.
const LONGEST_RETRY_MS: i64 = 6 * 3_600_000;
/// A provider may ask for more, but not for ever.
const LONGEST_WISH_MS: i64 = 7 * 24 * 3_600_000;

impl Draft<'_> {
    /// Judges a send and takes it as far as it may go now: prepared, waiting for a later moment, or closed.
    pub(super) fn try_send(&mut self, id: SendId) {
        match self.judge(id) {
            Judged::Go(way) => self.go(id, way),
            other => self.not_now(id, other),
        }
    }

    fn go(&mut self, id: SendId, way: Way) {
        let Some(send) = self.send_mut(id) else { return };
        let same = send.goes(&way);
        // once an attempt was made the bytes stay the same, whatever would be written today
        if send.prepared && (same || send.attempts > 0) {
            send.state = Sending::Ready;
            self.choose_text(id);
            self.act(Action::Ready(id));
            return;
        }
        send.channel = Some(way.channel);
        send.address = Some(way.address);
        send.approved_template = way.approved_template;
        send.because = way.passed_over.or(send.because.take());
        send.prepared = false;
        send.state = Sending::Preparing;
        self.choose_text(id);
        self.act(Action::Prepare(id));
    }

    /// Anything but go.
    fn not_now(&mut self, id: SendId, judged: Judged) {
        match judged {
            Judged::Go(_) => {}
            Judged::Later(at, because) => self.defer(id, at, because),
            Judged::NextWindow(at, because) => {
                if let Some(send) = self.send_mut(id) {
                    send.planned = at;
                }
                self.defer(id, at, because);
            }
            // an attempt whose answer was lost may have gone out: it can only end sent or unknown
            Judged::Skip(..) | Judged::Stop(_) | Judged::Over(_) if self.send(id).is_some_and(|send| send.tainted) => {
                self.close(id, Outcome::Unknown, None);
            }
            Judged::Over(why) => self.close(id, Outcome::Cancelled(why), None),
            Judged::Skip(skip, because) => self.close(id, Outcome::Skipped(skip), Some(because)),
            Judged::Stop(because) => {
                let run = self.send(id).and_then(|send| send.run);
                self.close(id, Outcome::Skipped(Skip::Late), Some(because));
                if let Some(run) = run {
                    self.end_run(run, End::Stopped(StopReason::Late));
                }
            }
        }
    }

    fn defer(&mut self, id: SendId, at: Instant, because: Because) {
        if let Some(send) = self.send_mut(id) {
            send.state = Sending::Waiting(at);
            // moved and never attempted: written anew when its time comes
            send.prepared &= send.attempts > 0;
            send.because = Some(because.clone());
        }
        self.act(Action::Deferred(id, at, because));
    }

    /// A bound step that is past, as its `late` says.
    pub(super) fn too_late(&mut self, run: RunId, id: SendId, because: Because, step: &Step) {
        self.close(id, Outcome::Skipped(Skip::Late), Some(because));
        if step.late.as_ref().is_some_and(|late| late.then == crate::plan::LateThen::Stop) {
            self.end_run(run, End::Stopped(StopReason::Late));
        }
    }

    /// The channel can take the send now: gates on fresh facts, then the attempt is written before anything leaves.
    pub(super) fn slot(&mut self, id: SendId) {
        if self.send(id).is_none_or(|send| send.state != Sending::Ready) || self.world.held.is_some() {
            return;
        }
        let channel = self.send(id).and_then(|send| send.channel.clone());
        if !channel.is_some_and(|channel| self.has_slot(&channel)) {
            return;
        }
        let way = match self.judge(id) {
            Judged::Go(way) => way,
            other => return self.not_now(id, other),
        };
        let Some(send) = self.send(id) else { return };
        if send.attempts == 0 && !send.goes(&way) {
            return self.go(id, way);
        }
        self.authorise(id);
    }

    /// Delivering on our own lists needs none; on others an attempt needs a free one.
    fn has_slot(&self, channel: &ChannelName) -> bool {
        self.is_local(channel)
            || self.world.slots.get(channel).is_some_and(|free| *free > 0)
            || planted!(SlotsNotCounted)
    }

    fn is_local(&self, channel: &ChannelName) -> bool {
        channel.as_str() == super::TASKS
            || (self.plan.keeps_webhooks && channel.as_str() == super::WEBHOOKS)
            || self.plan.channels.get(channel).is_some_and(crate::plan::Channel::is_local)
    }

    fn authorise(&mut self, id: SendId) {
        let (now, epoch) = (self.now, self.world.epoch);
        let Some(send) = self.send_mut(id) else { return };
        send.attempts += 1;
        send.authorised_at = Some(now);
        let attempt = Attempt { number: send.attempts, epoch };
        send.state = Sending::InFlight(attempt);
        let (purpose, channel, sequence) = (send.purpose, send.channel.clone(), send.sequence.clone());
        let to_contact = is_to_contact(send);
        self.act(Action::Authorised(id, attempt));
        if let (Some(channel), true, false) = (channel.clone(), to_contact, planted!(CapNotReserved)) {
            let counted = Counted { send: id, at: now, purpose, channel, sequence };
            self.person.touch.recent.retain(|known| known.send != id);
            self.person.touch.recent.push(counted);
            self.forget_counted();
            self.act(Action::TouchChanged);
        }
        if channel.is_some_and(|channel| self.is_local(&channel)) {
            // the message is stored in the same commit: delivering it cannot fail on its own
            self.received(id, attempt, Receipt::Accepted { provider_id: Arc::from(format!("snd_{id}")) });
        }
    }

    /// The answer to an attempt. An answer to another attempt than the one under way changes nothing.
    pub(super) fn received(&mut self, id: SendId, attempt: Attempt, receipt: Receipt) {
        let Some(send) = self.send(id) else { return };
        if send.state != Sending::InFlight(attempt) && !(planted!(LateReceiptTaken) && send.is_open()) {
            return;
        }
        let (retries, on_unknown) = self.manners(id);
        match receipt {
            Receipt::Accepted { provider_id } => {
                if let Some(send) = self.send_mut(id) {
                    send.provider_id = Some(provider_id);
                }
                self.close(id, Outcome::Sent, None);
            }
            Receipt::NotSent { retry_after_ms, permanent, why } => {
                self.not_sent(id, retries, retry_after_ms, permanent, why);
            }
            Receipt::Unknown
                if (on_unknown == OnUnknown::Resend || planted!(RetryAfterUnknown))
                    && self.goes_on(id)
                    && !self.is_moved(id)
                    && attempt.number < retries.max =>
            {
                if let Some(send) = self.send_mut(id) {
                    send.tainted = true;
                }
                let at = self.retry_at(id, retries, None);
                self.defer(id, at, Because::new(Gate::Retry).with("answer", "lost"));
            }
            Receipt::Unknown => {
                if planted!(UnknownForgottenByCaps) {
                    self.person.touch.recent.retain(|known| known.send != id);
                    self.act(Action::TouchChanged);
                }
                self.close(id, Outcome::Unknown, Some(Because::new(Gate::Retry).with("answer", "lost")));
            }
        }
    }

    fn not_sent(&mut self, id: SendId, retries: Retries, after: Option<u64>, permanent: bool, why: Arc<str>) {
        let Some(send) = self.send(id) else { return };
        let (attempts, tainted) = (send.attempts, send.tainted);
        let because = Because::new(Gate::Retry).with("attempt", attempts).with("error", &why);
        if planted!(FailureRecordedAsSent) {
            return self.close(id, Outcome::Sent, None);
        }
        let last = permanent || (attempts >= retries.max.max(1) && !planted!(RetriesWithoutEnd));
        if tainted && last {
            return self.close(id, Outcome::Unknown, Some(because));
        }
        if !tainted {
            // known not to have gone out: it does not count for caps
            self.person.touch.recent.retain(|known| known.send != id);
            self.act(Action::TouchChanged);
        }
        if last {
            let fail = if permanent { Fail::Permanent(why) } else { Fail::Attempts(why) };
            return self.close(id, Outcome::Failed(fail), Some(because));
        }
        if !self.goes_on(id) {
            if tainted {
                return self.close(id, Outcome::Unknown, Some(because));
            }
            let run = self.send(id).and_then(|send| send.run).and_then(|run| self.run(run));
            let why = match run.map(|run| &run.phase) {
                Some(Phase::Ended { end, .. }) => end.cancel(),
                _ => Cancel::Ended(Arc::from("ended")),
            };
            return self.close(id, Outcome::Cancelled(why), Some(because));
        }
        // sends for the old time end with the move, the authorised ones when they turn out not to have gone out
        if self.is_moved(id) && !planted!(MovedForgotten) {
            let outcome = if tainted { Outcome::Unknown } else { Outcome::Cancelled(Cancel::Moved) };
            return self.close(id, outcome, Some(because));
        }
        let at = self.retry_at(id, retries, after);
        self.defer(id, at, because);
    }

    /// May there be another attempt: is its run still active? What is no step goes on by itself.
    fn goes_on(&self, id: SendId) -> bool {
        let send = self.send(id).filter(|send| !send.is_aside());
        send.and_then(|send| send.run).is_none_or(|run| self.is_active(run) || planted!(OpenSendsSurviveTheRun))
    }

    /// Is it for a time from which the booking has moved on?
    fn is_moved(&self, id: SendId) -> bool {
        let Some(send) = self.send(id) else { return false };
        let Some(run) = send.run.and_then(|run| self.run(run)) else { return false };
        let follows = || run.sequence.position(&send.step).is_some_and(|at| follows_booking(&run.sequence, at));
        run.cursor().is_some_and(|cursor| cursor.occurrence != send.occurrence) && follows()
    }

    /// Retries and what to do with a lost answer, as the step says today.
    fn manners(&self, id: SendId) -> (Retries, OnUnknown) {
        let step = self.send(id).and_then(|send| {
            let run = self.run(send.run?)?;
            run.sequence.step(run.sequence.position(&send.step)?)
        });
        step.map_or((Retries { max: 3, delay: crate::calendar::Span::exact(300_000) }, OnUnknown::Hold), |step| {
            (step.retries, step.on_unknown)
        })
    }

    /// Exponential from the step's delay up to six hours, with a jitter that hangs on the send alone, so that a replay
    /// ends at the same moment. The provider's own wish is honoured.
    fn retry_at(&self, id: SendId, retries: Retries, after_ms: Option<u64>) -> Instant {
        let attempts = self.send(id).map_or(1, |send| send.attempts.max(1));
        let base = retries.delay.nominal_ms().max(1_000);
        let doubled = base.saturating_mul(1_i64 << u32::from((attempts - 1).min(20))).min(LONGEST_RETRY_MS);
        let mixed =
            (id.0.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32).wrapping_add(u64::from(attempts) * 7919);
        let jitter = i64::try_from(mixed % 1_000).unwrap_or(0) * doubled / 10_000;
        let wished = after_ms.map_or(0, |ms| i64::try_from(ms).unwrap_or(i64::MAX).min(LONGEST_WISH_MS));
        self.now.plus_ms((doubled + jitter).min(LONGEST_RETRY_MS).max(wished))
    }

    /// What an outcome means for the person and for triggers.
    pub(super) fn after_close(&mut self, id: SendId, outcome: &Outcome) {
        let sends = self.person.sends.clone();
        let Some(send) = sends.iter().find(|send| send.id == id) else { return };
        let (Some(channel), true) = (&send.channel, is_to_contact(send)) else { return };
        let kind = match outcome {
            Outcome::Sent => "message.sent",
            Outcome::Failed(_) => "message.failed",
            _ => return,
        };
        if matches!(outcome, Outcome::Sent) {
            self.person.touch.last_out = Some(self.now);
            self.act(Action::TouchChanged);
        }
        if !self.plan.hears(kind) {
            return;
        }
        let mut data: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        data.insert(Arc::from("channel"), Value::text(channel.as_str()));
        data.insert(Arc::from("purpose"), Value::text(send.purpose.name()));
        data.insert(Arc::from("by"), Value::text("sequence"));
        data.insert(Arc::from("step"), Value::text(send.step.as_str()));
        if let Some(sequence) = &send.sequence {
            data.insert(Arc::from("sequence"), Value::text(sequence.as_str()));
        }
        let booking = send.run.and_then(|run| self.run(run)).and_then(super::Run::subject);
        if let Outcome::Failed(fail) = outcome {
            data.insert(Arc::from("reason"), Value::text(fail.name()));
        }
        self.emit(kind, data, booking, send.run);
    }
}

/// Only messages to the person count for caps, consent and "last outgoing".
fn is_to_contact(send: &Send) -> bool {
    match &send.spec {
        Some(Spec::Message(spec)) => spec.to == To::Contact,
        Some(Spec::Task(_) | Spec::Notify(_) | Spec::Webhook(_)) => false,
        // a stored send whose step left the plan was a message to the person
        None => !send.is_aside(),
    }
}

impl Send {
    /// Is it made out to this channel and address already?
    fn goes(&self, way: &Way) -> bool {
        self.channel.as_ref() == Some(&way.channel)
            && self.approved_template == way.approved_template
            && self.address.as_ref() == Some(&way.address)
    }
}
