//! Gates: may this message go, on which channel, and when? Judged when a step falls due and again at authorisation.
use super::{
    Action, Because, Cancel, Gate, Pace, Phase, Run, RunFacts, Send, Skip, Spec, draft::Draft, planted, schedule,
};
use crate::{
    calendar::{Clear, Instant, Span, Zone, next_clear, next_clear_for, next_shut},
    id::{ChannelName, RunId, SendId, StepName},
    plan::{
        Act, Cap, CapThen, Channel, Due, Late, LateThen, MESSAGES_WINDOW, Medium, MessageSpec, NotifySpec, QuietHours,
        Sequence, Step, StepIx, To, Via, messages_pace,
    },
    record::{IdentityKind, Purpose, Verdict},
};
use std::{collections::BTreeSet, sync::Arc};

/// Rounds of "next allowed moment" until window, quiet hours, hands-off and caps agree.
const MOMENTS: usize = 32;
/// WhatsApp and Instagram: free text only this long after the person's last message.
const REPLY_WINDOW_MS: i64 = 24 * 3_600_000;
/// Authorised messages are remembered at least this long, for caps that a later plan may have.
const KEPT_FOR: Span = Span { months: 0, days: 31, ms: 0 };
/// An answer within half an hour of the person's own message skips quiet hours.
const CONVERSATION_MS: i64 = 30 * 60_000;

const DAY_MS: i64 = 24 * 3_600_000;
/// A channel whose breaker is open is asked again after this long.
const BROKEN_MS: i64 = 60_000;
/// What a reason says when the provider might keep the message beyond its hours.
const VALIDITY: &str = "validity";

/// What the gates say.
pub(super) enum Judged {
    Go(Way),
    Later(Instant, Because),
    /// Too late, and the step's `late` says that it goes out at the next opening then: planned anew.
    NextWindow(Instant, Because),
    Skip(Skip, Because),
    /// Too late, and the step's `late` says that the run ends then.
    Stop(Because),
    /// The run is over.
    Over(Cancel),
}

/// The channel that won.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Way {
    pub(super) channel: ChannelName,
    pub(super) address: Arc<str>,
    pub(super) approved_template: bool,
    /// Channels before it that did not pass.
    pub(super) passed_over: Option<Because>,
}

/// Where a send comes from: its run's sequence and step, as the plan of today has them.
struct Origin {
    run: RunId,
    sequence: Arc<Sequence>,
    at: StepIx,
}

impl Origin {
    fn step(&self) -> &Step {
        &self.sequence.steps[usize::from(self.at.0)]
    }
}

impl Draft<'_> {
    pub(super) fn judge(&mut self, id: SendId) -> Judged {
        // held on to: judging may note what is missing, but changes no send
        let sends = self.person.sends.clone();
        let Some(send) = sends.iter().find(|send| send.id == id) else {
            return Judged::Skip(Skip::Removed, Because::new(Gate::Run));
        };
        let from = match self.origin(send) {
            Ok(from) => from,
            Err(judged) => return judged,
        };
        match &send.spec {
            Some(Spec::Task(_)) => Judged::Go(Way {
                channel: Self::task_channel(),
                address: Arc::from(""),
                approved_template: false,
                passed_over: None,
            }),
            Some(Spec::Notify(spec)) => self.judge_notice(send, spec),
            Some(Spec::Webhook(spec)) => self.judge_webhook(send, &spec.url.shown(), from.as_ref()),
            Some(Spec::Message(spec)) => self.judge_message(send, spec, from.as_ref()),
            // what a trigger or an exit does is no step: its bytes are all there is
            None => match (&send.channel, &send.address) {
                (Some(channel), Some(address)) if send.is_aside() && send.prepared => {
                    let (channel, address) = (channel.clone(), address.clone());
                    Judged::Go(Way { channel, address, approved_template: false, passed_over: None })
                }
                _ => Judged::Skip(Skip::Removed, Because::new(Gate::Run).with("step", &send.step)),
            },
        }
    }

    /// Gates 1: the run is active and its step exists and is switched on. `None` for what is no step.
    fn origin(&self, send: &Send) -> Result<Option<Origin>, Judged> {
        let Some(run) = send.run.filter(|_| !send.is_aside()) else { return Ok(None) };
        let removed = || Judged::Skip(Skip::Removed, Because::new(Gate::Run).with("step", &send.step));
        let found = self.run(run).ok_or_else(removed)?;
        if let Phase::Ended { end, .. } = &found.phase
            && !planted!(OpenSendsSurviveTheRun)
        {
            return Err(Judged::Over(end.cancel()));
        }
        let at = self.step_of(found, &send.step).ok_or_else(removed)?;
        let now = found.cursor().map_or(send.occurrence, |cursor| cursor.occurrence);
        if schedule::follows_booking(&found.sequence, at) && now != send.occurrence && !planted!(MovedForgotten) {
            return Err(Judged::Over(Cancel::Moved));
        }
        let from = Origin { run, sequence: found.sequence.clone(), at };
        if !from.step().active {
            return Err(Judged::Skip(Skip::Inactive, Because::new(Gate::Run)));
        }
        if !self.is_on(&from.sequence) {
            return Err(self.paused(&from, send));
        }
        Ok(Some(from))
    }

    /// A step by its name. The one that fell due last is the usual one, so it is looked at first.
    fn step_of(&self, run: &Run, name: &StepName) -> Option<StepIx> {
        let last = run.cursor().and_then(|cursor| cursor.step.0.checked_sub(1)).map(StepIx);
        let is_it = |at: &StepIx| run.sequence.step(*at).is_some_and(|step| step.name == *name);
        last.filter(is_it).or_else(|| run.sequence.position(name))
    }

    /// Nothing of a sequence that is switched off goes out. It waits until it is on again, or until it is too late.
    fn paused(&self, from: &Origin, send: &Send) -> Judged {
        let because = Because::new(Gate::Run).with("sequence", "switched off");
        let end = self.deadline(from.run, &from.sequence, from.at, send.planned);
        if self.now > end { Judged::Skip(Skip::Held, because) } else { Judged::Later(end.plus_ms(1), because) }
    }

    fn judge_message(&mut self, send: &Send, spec: &MessageSpec, from: Option<&Origin>) -> Judged {
        if let Some(judged) = self.judge_again(send, from) {
            return judged;
        }
        let way = match self.pick_channel(send, spec) {
            Ok(way) => way,
            // but for a breaker it would go out
            Err((_, because)) if self.pick_among(send, spec, &BTreeSet::new()).is_ok() => {
                return self.wait_for_channel(send, from, because);
            }
            Err((skip, because)) => return Judged::Skip(skip, because),
        };
        match from {
            Some(from) if spec.to == To::Contact => match self.judge_moment(send, from, way) {
                Judged::Go(way) => self.hold_back(send, from).unwrap_or(Judged::Go(way)),
                other => other,
            },
            _ => Judged::Go(way),
        }
    }

    /// Beyond the messages that may begin to go out in one hour a message waits for the next one, until it is too late.
    /// Reminders and confirmations go on: a campaign gone wrong has to stop, an appointment has not.
    fn hold_back(&self, send: &Send, from: &Origin) -> Option<Judged> {
        let most = self.plan.policies.blast_radius.messages_per_hour?;
        if send.purpose == Purpose::Transactional || send.attempts > 0 {
            return None;
        }
        let ends = |pace: &Pace| self.plan.zone.add(pace.since, MESSAGES_WINDOW);
        let open = |pace: &&Pace| ends(pace) > self.now;
        let pace = self.world.paces.get(&messages_pace()).filter(open);
        let pace = pace.copied().unwrap_or(Pace { since: self.now, people: 0 });
        // what this very decision has let go is not counted yet
        let here = |action: &&Action| match action {
            Action::Authorised(id, _) => self.send(*id).is_some_and(Send::is_held_back),
            _ => false,
        };
        let here = self.actions.iter().filter(here).count();
        if pace.people.saturating_add(here as u32) < most {
            return None;
        }
        let again = ends(&pace);
        let because = Because::new(Gate::BlastRadius).with("messages_per_hour", most);
        let end = self.deadline(from.run, &from.sequence, from.at, send.planned);
        if self.now > end {
            return Some(Judged::Skip(Skip::Held, because));
        }
        let again = self.to_slot(again, &from.sequence, from.step());
        Some(Judged::Later(again.min(end.plus_ms(1)), because))
    }

    /// A call of another program: nobody's consent, and no hours.
    fn judge_webhook(&mut self, send: &Send, to: &Arc<str>, from: Option<&Origin>) -> Judged {
        if let Some(judged) = self.judge_again(send, from) {
            return judged;
        }
        let channel = ChannelName::new(super::WEBHOOKS);
        if self.world.broken.contains(&channel) {
            let because = Because::new(Gate::Channel).with(channel.as_str(), "breaker open");
            return self.wait_for_channel(send, from, because);
        }
        Judged::Go(Way { channel, address: to.clone(), approved_template: false, passed_over: None })
    }

    /// Gates 2 of what has fallen due before.
    fn judge_again(&mut self, send: &Send, from: Option<&Origin>) -> Option<Judged> {
        let from = from?;
        if let Some(because) = self.judge_condition(send.id, from.step()) {
            return Some(Judged::Skip(Skip::Condition, because));
        }
        if let Some((skip, because)) = self.judge_offer(&from.sequence, from.step()) {
            return Some(Judged::Skip(skip, because));
        }
        let because = self.judge_bond(from.run, &from.sequence, from.at)?;
        Some(Judged::Skip(Skip::NoMoment, because))
    }

    /// The breaker opens again by itself: the message waits for it until it is too late.
    fn wait_for_channel(&self, send: &Send, from: Option<&Origin>, because: Because) -> Judged {
        let end = from.map(|from| self.deadline(from.run, &from.sequence, from.at, send.planned));
        let again = self.now.plus_ms(BROKEN_MS);
        let again = match from.filter(|_| send.attempts == 0) {
            Some(from) => self.to_slot(again, &from.sequence, from.step()),
            None => again,
        };
        match end {
            Some(end) if self.now > end => Judged::Skip(Skip::Held, because),
            Some(end) => Judged::Later(again.min(end.plus_ms(1)), because),
            None => Judged::Later(again, because),
        }
    }

    // --- 3: channel ---------------------------------------------------------------------------------------------------

    fn pick_channel(&self, send: &Send, spec: &MessageSpec) -> Result<Way, (Skip, Because)> {
        self.pick_among(send, spec, &self.world.broken)
    }

    fn pick_among(
        &self,
        send: &Send,
        spec: &MessageSpec,
        broken: &BTreeSet<ChannelName>,
    ) -> Result<Way, (Skip, Because)> {
        let mut first: Option<(Skip, Because)> = None;
        let mut over: Option<Because> = None;
        for name in self.candidates(send, spec) {
            match self.try_channel(send, spec, &name, broken) {
                Ok((address, approved_template)) => {
                    return Ok(Way { channel: name, address, approved_template, passed_over: over });
                }
                Err((skip, because)) => {
                    let so_far = over.take().unwrap_or_else(|| Because::new(Gate::Channel));
                    over = Some(so_far.with(name.as_str(), skip.name()));
                    first.get_or_insert((skip, because));
                }
            }
        }
        Err(first.unwrap_or((Skip::ChannelOff, Because::new(Gate::Channel).with("channels", "none declared"))))
    }

    /// Channel names in the order in which the message tries them. Once an attempt was made its bytes belong to its
    /// channel.
    fn candidates(&self, send: &Send, spec: &MessageSpec) -> Vec<ChannelName> {
        if let (Some(channel), true) = (&send.channel, send.attempts > 0) {
            return vec![channel.clone()];
        }
        let mut names: Vec<ChannelName> = Vec::new();
        let mut push = |name: &ChannelName| {
            if !names.contains(name) {
                names.push(name.clone());
            }
        };
        for via in &spec.via {
            match via {
                Via::Channel(name) => push(name),
                Via::Reply => {
                    if let Some(name) = self.reply_channel(send) {
                        push(&name);
                    }
                }
                Via::Preferred => {
                    if let Some(stated) = self.person.contact.field("preferred_channel").as_text() {
                        push(&ChannelName::new(stated));
                    }
                    self.plan.policies.preferred.iter().for_each(&mut push);
                }
            }
        }
        names
    }

    /// The channel of the message that started the run, else of the last inbound one.
    fn reply_channel(&self, send: &Send) -> Option<ChannelName> {
        let started = send.run.and_then(|run| self.run(run)).and_then(|run| run.started_by.as_ref());
        let said = started.and_then(|started| started.data.get("channel")).and_then(|value| value.as_text());
        let last = || self.person.touch.windows.iter().max_by_key(|(_, at)| **at).map(|(name, _)| name.clone());
        said.map(ChannelName::new).or_else(last)
    }

    fn try_channel(
        &self,
        send: &Send,
        spec: &MessageSpec,
        name: &ChannelName,
        broken: &BTreeSet<ChannelName>,
    ) -> Result<(Arc<str>, bool), (Skip, Because)> {
        let off = |why: &str| (Skip::ChannelOff, Because::new(Gate::Channel).with(name.as_str(), why));
        let channel = self.plan.channels.get(name).ok_or_else(|| off("not declared"))?;
        if broken.contains(name) {
            return Err(off("breaker open"));
        }
        let address = self
            .address(send, &spec.to, channel)
            .ok_or_else(|| (Skip::NoAddress, Because::new(Gate::Recipient).with(name.as_str(), "no address")))?;
        self.guard_tests(send, &address)?;
        if spec.to == To::Contact {
            if self.person.touch.permits.is_suppressed(name) {
                let because = Because::new(Gate::Recipient).with("channel", name).with("state", "suppressed");
                return Err((Skip::Suppressed, because));
            }
            self.judge_consent(send.purpose, name)?;
            return Ok((address, self.law(spec, channel)?));
        }
        Ok((address, false))
    }

    /// Test people and test bookings reach nobody but the recipients that are named for tests.
    fn guard_tests(&self, send: &Send, address: &str) -> Result<(), (Skip, Because)> {
        let facts = || RunFacts::of_send(self.plan, &self.person, send, self.now);
        let of_test = || !self.person.bookings.is_empty() && facts().booking().is_some_and(|booking| booking.is_test);
        let is_test = self.person.contact.is_test || of_test();
        if is_test && !self.is_test_recipient(address) {
            return Err((Skip::TestGuard, Because::new(Gate::Recipient).with("is_test", "true")));
        }
        Ok(())
    }

    pub(super) fn address(&self, send: &Send, to: &To, channel: &Channel) -> Option<Arc<str>> {
        match to {
            To::Address(address) => Some(address.clone()),
            To::Role(role) => self.plan.roles.get(role)?.addresses.get(&channel.name).cloned(),
            To::BookingHost => {
                let facts = RunFacts::of_send(self.plan, &self.person, send, self.now);
                let host = &facts.booking()?.host;
                match channel.medium {
                    Medium::Email => host.email.clone(),
                    Medium::Sms | Medium::Whatsapp => host.phone.clone(),
                    _ => None,
                }
            }
            To::Contact => {
                let contact = &self.person.contact;
                let identity = |kind: IdentityKind| {
                    self.person
                        .identities
                        .iter()
                        .find(|identity| identity.kind == kind)
                        .map(|found| found.value.clone())
                };
                match channel.medium {
                    Medium::Email => contact.email.clone(),
                    Medium::Sms => contact.phone.clone(),
                    Medium::Whatsapp => identity(IdentityKind::Whatsapp).or_else(|| contact.phone.clone()),
                    Medium::Instagram => identity(IdentityKind::Instagram),
                    Medium::Letter => contact.field("address").as_text().map(Arc::from),
                    Medium::Chat => identity(IdentityKind::Chatwoot),
                }
            }
        }
    }

    fn is_test_recipient(&self, address: &str) -> bool {
        let address = address.to_lowercase();
        self.plan.policies.test_recipients.iter().any(|pattern| match pattern.to_lowercase().strip_prefix('*') {
            Some(end) => address.ends_with(end),
            None => pattern.to_lowercase() == address,
        })
    }

    fn judge_consent(&self, purpose: Purpose, channel: &ChannelName) -> Result<(), (Skip, Because)> {
        let level = self.plan.policies.consent(purpose);
        let engaged = self.person.touch.last_in.is_some() || !self.person.bookings.is_empty();
        let because = |state: &str| {
            Because::new(Gate::Consent).with("channel", channel).with("purpose", purpose.name()).with("state", state)
        };
        match self.person.touch.permits.verdict(level, channel, purpose, engaged) {
            Verdict::Allowed => Ok(()),
            Verdict::OptedOut if planted!(OptOutIgnoredAtAuthorisation) => Ok(()),
            Verdict::OptedOut => Err((Skip::NoConsent, because("opted out"))),
            Verdict::NotGiven => Err((Skip::NoConsent, because("not given").with("demanded", level.name()))),
        }
    }

    /// Free text outside the reply window needs an approved template, else the next channel is tried.
    fn law(&self, spec: &MessageSpec, channel: &Channel) -> Result<bool, (Skip, Because)> {
        if !channel.medium.has_reply_window() {
            return Ok(false);
        }
        let last = self.person.touch.windows.get(&channel.name);
        if last.is_some_and(|last| self.now.since(*last) < REPLY_WINDOW_MS) || planted!(WindowOfReplyIgnored) {
            return Ok(false);
        }
        if channel.medium == Medium::Whatsapp && spec.whatsapp_template.is_some() {
            return Ok(true);
        }
        let said = last.map_or_else(|| "never".to_owned(), ToString::to_string);
        Err((Skip::ChannelLaw, Because::new(Gate::Law).with("channel", &channel.name).with("last_inbound", said)))
    }

    fn judge_notice(&self, send: &Send, spec: &NotifySpec) -> Judged {
        let mut first = None;
        for name in self.notice_channels(send, spec) {
            let Some(channel) = self.plan.channels.get(&name) else { continue };
            let Some(address) = self.address(send, &spec.to, channel) else { continue };
            let guarded = self.guard_tests(send, &address).err();
            let broken = self.world.broken.contains(&name).then(|| {
                let because = Because::new(Gate::Channel).with(name.as_str(), "breaker open");
                (Skip::ChannelOff, because)
            });
            match guarded.or(broken) {
                None => {
                    return Judged::Go(Way { channel: name, address, approved_template: false, passed_over: None });
                }
                Some(reason) => {
                    first.get_or_insert(reason);
                }
            }
        }
        match first {
            Some((Skip::ChannelOff, because)) => self.wait_for_channel(send, None, because),
            Some((skip, because)) => Judged::Skip(skip, because),
            None => Judged::Skip(Skip::NoAddress, Because::new(Gate::Recipient).with("to", format!("{:?}", spec.to))),
        }
    }

    fn notice_channels(&self, send: &Send, spec: &NotifySpec) -> Vec<ChannelName> {
        if let (Some(channel), true) = (&send.channel, send.attempts > 0) {
            return vec![channel.clone()];
        }
        match &spec.via {
            Some(named) => vec![named.clone()],
            None => self.plan.channels.keys().cloned().collect(),
        }
    }

    // --- 4: moment ----------------------------------------------------------------------------------------------------

    fn judge_moment(&self, send: &Send, from: &Origin, way: Way) -> Judged {
        let step = from.step();
        let retried = planted!(LatenessIgnoredAtRetry) && send.attempts > 0;
        if let Some(because) = self.judge_lateness(from.run, &from.sequence, from.at, send.id).filter(|_| !retried) {
            return self.late_says(from, because);
        }
        let deadline = self.deadline(from.run, &from.sequence, from.at, send.planned);
        // a first try that something moves takes the next slot of its campaign, and is on time there
        let slots = send.attempts == 0 && super::campaign::has_slots(&from.sequence, step);
        let latest = self.latest(from.run, &from.sequence, from.at);
        let validity = self.plan.channels.get(&way.channel).and_then(|channel| channel.validity);
        let mut at = self.now;
        let mut why: Option<Because> = None;
        // so is one that comes too shortly before its hours end
        let mut queued = false;
        for _ in 0..MOMENTS {
            match self.next_moment(send, step, at, validity) {
                Ok(None) if at == self.now => return Judged::Go(way),
                Ok(None) if (slots || queued) && step.late.is_none() && latest.is_none_or(|latest| at <= latest) => {
                    return Judged::NextWindow(at, why.unwrap_or_else(|| Because::new(Gate::Window)));
                }
                Ok(None) if at > deadline => {
                    let because = why.unwrap_or_else(|| Because::new(Gate::Lateness));
                    return self.late_says(from, because.with("next", at).with("latest", deadline));
                }
                Ok(None) => return Judged::Later(at, why.unwrap_or_else(|| Because::new(Gate::Window))),
                Ok(Some((next, because))) => {
                    queued |= send.attempts == 0 && because.read.iter().any(|(name, _)| **name == *VALIDITY);
                    at = if slots { self.to_slot(next, &from.sequence, step) } else { next };
                    why = Some(because);
                }
                Err((skip, because)) => return Judged::Skip(skip, because),
            }
        }
        Judged::Skip(Skip::NoMoment, why.unwrap_or_else(|| Because::new(Gate::Window)))
    }

    fn late_says(&self, from: &Origin, because: Because) -> Judged {
        let step = from.step();
        match step.late.as_ref().map(|late| late.then) {
            None | Some(LateThen::Skip) => Judged::Skip(Skip::Late, because),
            Some(LateThen::Stop) => Judged::Stop(because),
            Some(LateThen::NextWindow) => {
                // never at or after the moment that a step is before
                let opening = self.next_opening(step);
                let latest = self.latest(from.run, &from.sequence, from.at);
                match opening.filter(|at| *at > self.now && latest.is_none_or(|latest| *at <= latest)) {
                    Some(at) => Judged::NextWindow(at, because),
                    None => Judged::Skip(Skip::Late, because),
                }
            }
        }
    }

    /// What moves the message on from `at`; `None` when nothing does.
    fn next_moment(
        &self,
        send: &Send,
        step: &Step,
        at: Instant,
        validity: Option<Span>,
    ) -> Result<Option<(Instant, Because)>, (Skip, Because)> {
        let policies = &self.plan.policies;
        let window = step.window.as_ref().and_then(|name| policies.windows.get(name));
        let answers = matches!(&send.spec, Some(Spec::Message(spec)) if self.is_answer(send.run, spec, at));
        let quiet = schedule::quiet(policies, step.purpose).filter(|_| !answers);
        let hours = quiet.map(|quiet| quiet.hours);
        let rules =
            [(Gate::Window, Clear { window, quiet: None }), (Gate::QuietHours, Clear { window: None, quiet: hours })];
        let open = Clear { window, quiet: hours }.allows(self.zone.civil(at));
        for (gate, rule) in rules.into_iter().filter(|_| !open) {
            match next_clear(at, &self.zone, rule) {
                Some(next) if next > at => {
                    let because = self.because_of(gate, step);
                    return match quiet.filter(|quiet| gate == Gate::QuietHours && quiet.then == CapThen::Skip) {
                        Some(_) => Err((Skip::NoMoment, because)),
                        None => Ok(Some((next, because))),
                    };
                }
                Some(_) => {}
                None => return Err((Skip::NoMoment, self.because_of(gate, step))),
            }
        }
        if let Some(validity) = validity
            && let Some(moved) = self.until_kept(step, at, quiet, validity)?
        {
            return Ok(Some(moved));
        }
        if let Some(span) = policies.hands_off.filter(|_| send.purpose != Purpose::Transactional)
            && let Some(agent) = self.person.touch.last_agent
        {
            let free = self.zone.add(agent, span);
            if free > at {
                return Ok(Some((free, Because::new(Gate::HandsOff).with("agent_wrote", agent))));
            }
        }
        self.caps(send, at).map_err(|because| (Skip::Cap, because))
    }

    /// The provider may keep the message for so long: it has to be out of the queue before its hours end.
    fn until_kept(
        &self,
        step: &Step,
        at: Instant,
        quiet: Option<&QuietHours>,
        validity: Span,
    ) -> Result<Option<(Instant, Because)>, (Skip, Because)> {
        let window = step.window.as_ref().and_then(|name| self.plan.policies.windows.get(name));
        let rules = Clear { window, quiet: quiet.map(|quiet| quiet.hours) };
        let next = next_clear_for(at, &self.zone, rules, validity);
        if next == Some(at) {
            return Ok(None);
        }
        let shut = next_shut(at, &self.zone, rules).map(|shut| self.zone.civil(shut));
        let quiet = quiet.filter(|quiet| shut.is_some_and(|shut| quiet.hours.forbids(shut)));
        let gate = if quiet.is_some() { Gate::QuietHours } else { Gate::Window };
        let because = self.because_of(gate, step).with(VALIDITY, validity);
        match next.filter(|_| quiet.is_none_or(|quiet| quiet.then == CapThen::Wait)) {
            Some(next) => Ok(Some((next, because))),
            None => Err((Skip::NoMoment, because)),
        }
    }

    fn because_of(&self, gate: Gate, step: &Step) -> Because {
        let policies = &self.plan.policies;
        match (gate, &step.window, &policies.quiet_hours) {
            (Gate::Window, Some(name), _) => Because::new(gate).with("window", name),
            (Gate::QuietHours, _, Some(quiet)) => {
                Because::new(gate).with("quiet_hours", format!("{}–{}", quiet.hours.from, quiet.hours.to))
            }
            _ => Because::new(gate),
        }
    }

    /// An answer: the run was started by a message of the person, or the message goes where they wrote last.
    pub(super) fn is_answer(&self, run: Option<RunId>, spec: &MessageSpec, at: Instant) -> bool {
        let started = run.and_then(|run| self.run(run)).and_then(|run| run.started_by.as_ref());
        (spec.via.contains(&Via::Reply) || started.is_some_and(|started| started.is_message()))
            && self.person.touch.last_in.is_some_and(|last| at.since(last) <= CONVERSATION_MS)
    }

    fn caps(&self, send: &Send, at: Instant) -> Result<Option<(Instant, Because)>, Because> {
        let mut latest: Option<(Instant, Because)> = None;
        for cap in self.plan.policies.caps.iter().filter(|cap| cap.purposes.contains(&send.purpose)) {
            let because = || Because::new(Gate::Cap).with("at_most", cap.at_most).with("per", cap.per);
            if cap.at_most == 0 {
                return Err(because());
            }
            let Some(free) = self.cap_free(cap, send.id, at) else { continue };
            if cap.then == CapThen::Skip {
                return Err(because());
            }
            if latest.as_ref().is_none_or(|(known, _)| free > *known) {
                latest = Some((free, because()));
            }
        }
        Ok(latest)
    }

    /// The first moment at which the cap lets one more through; `None` when it does now.
    fn cap_free(&self, cap: &Cap, own: SendId, at: Instant) -> Option<Instant> {
        let recent = &self.person.touch.recent;
        let others = recent.iter().filter(|sent| sent.send != own && cap.purposes.contains(&sent.purpose));
        let counts = others.filter(|sent| counts(&self.zone, cap.per, sent.at, at));
        if counts.clone().count() < cap.at_most as usize {
            return None;
        }
        let mut leaves: Vec<Instant> = counts.map(|sent| leaves(&self.zone, cap.per, sent.at)).collect();
        leaves.sort_unstable();
        let over = leaves.len().checked_sub(cap.at_most as usize)?;
        leaves.get(over).copied()
    }

    /// Forgets what no cap counts any more.
    pub(super) fn forget_counted(&mut self) {
        let caps = self.plan.policies.caps.iter().map(|cap| cap.per);
        // the longest first: it is the one that keeps most of them
        let spans: Vec<Span> = [KEPT_FOR].into_iter().chain(caps).collect();
        let over = |at: Instant| !spans.iter().any(|span| counts(&self.zone, *span, at, self.now));
        let gone = self.person.touch.recent.iter().take_while(|sent| over(sent.at)).count();
        self.person.touch.recent.drain(..gone);
    }

    // --- lateness -----------------------------------------------------------------------------------------------------

    /// The last moment at which the step may still go out.
    pub(super) fn deadline(&self, run: RunId, sequence: &Sequence, at: StepIx, planned: Instant) -> Instant {
        let Some(step) = sequence.step(at) else { return planned };
        let policy = || self.zone.add(planned, self.plan.policies.late(step.purpose));
        let own = |late: &Late| match &late.up_to {
            Ok(span) => self.zone.add(planned, *span),
            Err(moment) => self.moment(run, moment).unwrap_or(planned),
        };
        let deadline = step.late.as_ref().map_or_else(policy, own);
        self.latest(run, sequence, at).map_or(deadline, |latest| deadline.min(latest))
    }

    /// A `before` step, and what goes together with one, never goes out at or after its moment.
    fn latest(&self, run: RunId, sequence: &Sequence, at: StepIx) -> Option<Instant> {
        match sequence.bound(at) {
            Some(Due::Bound { moment, before: true, .. }) if !planted!(ReminderAfterItsMoment) => {
                Some(self.moment(run, moment)?.plus_ms(-1))
            }
            _ => None,
        }
    }

    /// Too late? The values that say so.
    pub(super) fn judge_lateness(&self, run: RunId, sequence: &Sequence, at: StepIx, send: SendId) -> Option<Because> {
        self.late_by_now(run, sequence, at, self.send(send)?.planned)
    }

    /// Too late for what was planned then?
    pub(super) fn late_by_now(&self, run: RunId, sequence: &Sequence, at: StepIx, planned: Instant) -> Option<Because> {
        let deadline = self.deadline(run, sequence, at, planned);
        let known_from = self.known_from(run, sequence, at);
        let own = sequence.step(at)?.late.is_some();
        let past_at_entry = sequence.bound(at).is_some() && !own && planned < known_from;
        (self.now > deadline || past_at_entry).then(|| {
            let because = Because::new(Gate::Lateness).with("planned", planned).with("now", self.now);
            if past_at_entry { because.with("known_from", known_from) } else { because.with("latest", deadline) }
        })
    }

    /// Since when the moment that bound steps hang on has been known: entry, or the last move of the booking.
    fn known_from(&self, run: RunId, sequence: &Sequence, at: StepIx) -> Instant {
        let Some(run) = self.run(run) else { return self.now };
        let moved = run
            .subject()
            .filter(|_| schedule::follows_booking(sequence, at))
            .and_then(|id| self.person.bookings.get(&id))
            .filter(|booking| booking.generation > 0);
        moved.map_or(run.entered, |booking| booking.moved_at().unwrap_or(run.entered).max(run.entered))
    }

    /// Is the person closed to this purpose on every channel of the project?
    pub(super) fn is_closed(&self, purpose: Purpose) -> bool {
        !self.plan.channels.is_empty()
            && self.plan.channels.keys().all(|name| self.person.touch.permits.is_opted_out(name, purpose))
    }
}

/// Does a sequence send anything to the person at all?
pub(super) fn writes_to_contact(steps: &[Step]) -> bool {
    steps.iter().any(|step| matches!(&step.act, Act::Message(spec) if spec.to == To::Contact))
}

/// Does a message sent then still count at that moment? Far from the border no calendar has to be asked.
pub(super) fn counts(zone: &Zone, per: Span, sent: Instant, at: Instant) -> bool {
    let since = at.since(sent);
    let long = |days_of_month: i64| {
        let days = i64::from(per.months) * days_of_month + i64::from(per.days);
        days.saturating_mul(DAY_MS).saturating_add(i64::try_from(per.ms).unwrap_or(i64::MAX))
    };
    // civil days begin up to a day before, and clocks are changed by no more than a day
    if since >= long(31).saturating_add(DAY_MS) {
        return false;
    }
    since < long(28) - 2 * DAY_MS || leaves(zone, per, sent) > at
}

/// When a message sent then stops counting: civil days count today, exact spans roll.
pub(super) fn leaves(zone: &Zone, per: Span, sent: Instant) -> Instant {
    if per.is_whole_days() { zone.add(zone.start_of(zone.date(sent)), per) } else { zone.add(sent, per) }
}
