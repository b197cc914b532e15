//! Gates: may this message go, on which channel, and when? Judged when a step falls due and again at authorisation.
use super::{Because, Gate, RunFacts, Send, Skip, Spec, draft::Draft, schedule};
use crate::{
    calendar::{Clear, Instant, Span, next_clear},
    id::{ChannelName, RunId, SendId},
    plan::{Act, Cap, CapThen, Channel, Due, Late, LateThen, Medium, MessageSpec, NotifySpec, Step, To, Via},
    record::{IdentityKind, Purpose, Verdict},
};
use std::sync::Arc;

/// Rounds of "next allowed moment" until window, quiet hours, hands-off and caps agree.
const MOMENTS: usize = 32;
/// WhatsApp and Instagram: free text only this long after the person's last message.
const REPLY_WINDOW_MS: i64 = 24 * 3_600_000;
/// An answer within half an hour of the person's own message skips quiet hours.
const CONVERSATION_MS: i64 = 30 * 60_000;

/// What the gates say.
pub(super) enum Judged {
    Go(Way),
    Later(Instant, Because),
    Skip(Skip, Because),
    /// Too late, and the step's `late` says that the run ends then.
    Stop(Because),
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

impl Draft<'_> {
    pub(super) fn judge(&mut self, id: SendId) -> Judged {
        let Some(send) = self.send(id).cloned() else {
            return Judged::Skip(Skip::Removed, Because::new(Gate::Run));
        };
        match &send.spec {
            Some(Spec::Task(_)) => Judged::Go(Way {
                channel: Self::task_channel(),
                address: Arc::from(""),
                approved_template: false,
                passed_over: None,
            }),
            Some(Spec::Notify(spec)) => self.judge_notice(&send, spec),
            Some(Spec::Message(spec)) => self.judge_message(&send, &spec.clone()),
            None => Judged::Skip(Skip::Removed, Because::new(Gate::Run).with("step", &send.step)),
        }
    }

    fn judge_message(&mut self, send: &Send, spec: &MessageSpec) -> Judged {
        let sequence = send.run.and_then(|run| self.run(run)).map(|run| run.sequence.clone());
        let step = sequence.as_ref().and_then(|sequence| sequence.steps.iter().find(|step| step.name == send.step));
        if let (Some(run), Some(step)) = (send.run, step) {
            if !step.active {
                return Judged::Skip(Skip::Inactive, Because::new(Gate::Run));
            }
            if let Some(because) = self.judge_condition(run, step) {
                return Judged::Skip(Skip::Condition, because);
            }
        }
        let way = match self.pick_channel(send, spec) {
            Ok(way) => way,
            Err((skip, because)) => return Judged::Skip(skip, because),
        };
        if spec.to != To::Contact {
            return Judged::Go(way);
        }
        match step {
            Some(step) => self.judge_moment(send, step, way),
            None => Judged::Go(way),
        }
    }

    // --- 3: channel ---------------------------------------------------------------------------------------------------

    fn pick_channel(&self, send: &Send, spec: &MessageSpec) -> Result<Way, (Skip, Because)> {
        let mut first: Option<(Skip, Because)> = None;
        let mut over: Option<Because> = None;
        for name in self.candidates(send, spec) {
            match self.try_channel(send, spec, &name) {
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

    /// Channel names in the order in which the message tries them.
    fn candidates(&self, send: &Send, spec: &MessageSpec) -> Vec<ChannelName> {
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
    ) -> Result<(Arc<str>, bool), (Skip, Because)> {
        let off = |why: &str| (Skip::ChannelOff, Because::new(Gate::Channel).with(name.as_str(), why));
        let channel = self.plan.channels.get(name).ok_or_else(|| off("not declared"))?;
        if self.world.broken.contains(name) {
            return Err(off("breaker open"));
        }
        let address = self
            .address(send, &spec.to, channel)
            .ok_or_else(|| (Skip::NoAddress, Because::new(Gate::Recipient).with(name.as_str(), "no address")))?;
        if self.person.contact.is_test && !self.is_test_recipient(&address) {
            return Err((Skip::TestGuard, Because::new(Gate::Recipient).with("is_test", "true")));
        }
        if spec.to == To::Contact {
            self.judge_consent(send.purpose, name)?;
            return Ok((address, self.law(spec, channel)?));
        }
        Ok((address, false))
    }

    pub(super) fn address(&self, send: &Send, to: &To, channel: &Channel) -> Option<Arc<str>> {
        match to {
            To::Address(address) => Some(address.clone()),
            To::Role(role) => self.plan.roles.get(role)?.addresses.get(&channel.name).cloned(),
            To::BookingHost => {
                let run = send.run.and_then(|run| self.run(run))?;
                let facts = RunFacts::of_run(self.plan, &self.person, run, self.now);
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
        self.plan.policies.test_recipients.iter().any(|pattern| match pattern.strip_prefix('*') {
            Some(end) => address.to_lowercase().ends_with(&end.to_lowercase()),
            None => **pattern == *address,
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
            Verdict::OptedOut => Err((Skip::NoConsent, because("opted out"))),
            Verdict::NotGiven => Err((Skip::NoConsent, because("not given").with("demanded", format!("{level:?}")))),
        }
    }

    /// Free text outside the reply window needs an approved template, else the next channel is tried.
    fn law(&self, spec: &MessageSpec, channel: &Channel) -> Result<bool, (Skip, Because)> {
        if !channel.medium.has_reply_window() {
            return Ok(false);
        }
        let last = self.person.touch.windows.get(&channel.name);
        if last.is_some_and(|last| self.now.since(*last) < REPLY_WINDOW_MS) {
            return Ok(false);
        }
        if channel.medium == Medium::Whatsapp && spec.whatsapp_template.is_some() {
            return Ok(true);
        }
        let said = last.map_or_else(|| "never".to_owned(), ToString::to_string);
        Err((Skip::ChannelLaw, Because::new(Gate::Law).with("channel", &channel.name).with("last_inbound", said)))
    }

    fn judge_notice(&self, send: &Send, spec: &NotifySpec) -> Judged {
        let named = spec.via.iter().cloned();
        let others = self.plan.channels.keys().filter(|_| spec.via.is_none()).cloned();
        for name in named.chain(others) {
            let Some(channel) = self.plan.channels.get(&name) else { continue };
            if let Some(address) = self.address(send, &spec.to, channel) {
                return Judged::Go(Way { channel: name, address, approved_template: false, passed_over: None });
            }
        }
        Judged::Skip(Skip::NoAddress, Because::new(Gate::Recipient).with("to", format!("{:?}", spec.to)))
    }

    // --- 4: moment ----------------------------------------------------------------------------------------------------

    fn judge_moment(&self, send: &Send, step: &Step, way: Way) -> Judged {
        let Some(run) = send.run else { return Judged::Go(way) };
        if let Some(because) = self.judge_lateness(run, step, send.id) {
            return self.late_says(step, because);
        }
        let deadline = self.deadline(run, step, send.planned);
        let mut at = self.now;
        let mut why: Option<Because> = None;
        for _ in 0..MOMENTS {
            match self.next_moment(send, step, at) {
                Ok(None) if at == self.now => return Judged::Go(way),
                Ok(None) if at > deadline => {
                    let because = why.unwrap_or_else(|| Because::new(Gate::Lateness));
                    return self.late_says(step, because.with("next", at).with("latest", deadline));
                }
                Ok(None) => return Judged::Later(at, why.unwrap_or_else(|| Because::new(Gate::Window))),
                Ok(Some((next, because))) => (at, why) = (next, Some(because)),
                Err(because) => return Judged::Skip(Skip::Cap, because),
            }
        }
        Judged::Skip(Skip::NoMoment, why.unwrap_or_else(|| Because::new(Gate::Window)))
    }

    fn late_says(&self, step: &Step, because: Because) -> Judged {
        match step.late.as_ref().map(|late| late.then) {
            None | Some(LateThen::Skip) => Judged::Skip(Skip::Late, because),
            Some(LateThen::Stop) => Judged::Stop(because),
            Some(LateThen::NextWindow) => {
                match next_clear(self.now, &self.zone, schedule::clear(&self.plan.policies, step)) {
                    Some(at) if at > self.now => Judged::Later(at, because),
                    _ => Judged::Skip(Skip::Late, because),
                }
            }
        }
    }

    /// What moves the message on from `at`; `None` when nothing does.
    fn next_moment(&self, send: &Send, step: &Step, at: Instant) -> Result<Option<(Instant, Because)>, Because> {
        let mut rules = schedule::clear(&self.plan.policies, step);
        if self.is_answer(send, at) {
            rules.quiet = None;
        }
        for (gate, rule) in [
            (Gate::Window, Clear { window: rules.window, quiet: None }),
            (Gate::QuietHours, Clear { window: None, quiet: rules.quiet }),
        ] {
            match next_clear(at, &self.zone, rule) {
                Some(next) if next > at => return Ok(Some((next, self.because_of(gate, step)))),
                Some(_) => {}
                None => return Ok(Some((at.plus_ms(1), self.because_of(gate, step)))),
            }
        }
        if let Some(span) = self.plan.policies.hands_off.filter(|_| send.purpose != Purpose::Transactional)
            && let Some(agent) = self.person.touch.last_agent
        {
            let free = self.zone.add(agent, span);
            if free > at {
                return Ok(Some((free, Because::new(Gate::HandsOff).with("agent_wrote", agent))));
            }
        }
        self.caps(send, at)
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

    fn is_answer(&self, send: &Send, at: Instant) -> bool {
        let started = send.run.and_then(|run| self.run(run)).and_then(|run| run.started_by.as_ref());
        let by_message = started.is_some_and(|by| matches!(by.kind.as_str(), "message.received" | "contact.intent"));
        by_message && self.person.touch.last_in.is_some_and(|last| at.since(last) <= CONVERSATION_MS)
    }

    fn caps(&self, send: &Send, at: Instant) -> Result<Option<(Instant, Because)>, Because> {
        let mut latest: Option<(Instant, Because)> = None;
        for cap in self.plan.policies.caps.iter().filter(|cap| cap.purposes.contains(&send.purpose)) {
            let Some(free) = self.cap_free(cap, send.id, at) else { continue };
            let because = Because::new(Gate::Cap).with("at_most", cap.at_most).with("per", cap.per);
            if cap.then == CapThen::Skip {
                return Err(because);
            }
            if latest.as_ref().is_none_or(|(known, _)| free > *known) {
                latest = Some((free, because));
            }
        }
        Ok(latest)
    }

    /// The first moment at which the cap lets one more through; `None` when it does now.
    fn cap_free(&self, cap: &Cap, own: SendId, at: Instant) -> Option<Instant> {
        let counted: Vec<Instant> = self
            .person
            .touch
            .recent
            .iter()
            .filter(|sent| sent.send != own && cap.purposes.contains(&sent.purpose))
            .filter(|sent| self.leaves(cap.per, sent.at) > at)
            .map(|sent| sent.at)
            .collect();
        let over = counted.len().checked_sub(cap.at_most as usize)?;
        counted.get(over).map(|sent| self.leaves(cap.per, *sent))
    }

    /// When a message sent then stops counting: civil days count today, exact spans roll.
    fn leaves(&self, per: Span, sent: Instant) -> Instant {
        if per.is_whole_days() {
            self.zone.add(self.zone.start_of(self.zone.date(sent)), per)
        } else {
            self.zone.add(sent, per)
        }
    }

    // --- lateness -----------------------------------------------------------------------------------------------------

    /// The last moment at which the step may still go out.
    pub(super) fn deadline(&self, run: RunId, step: &Step, planned: Instant) -> Instant {
        let policy = || self.zone.add(planned, self.plan.policies.late(step.purpose));
        let own = |late: &Late| match &late.up_to {
            Ok(span) => self.zone.add(planned, *span),
            Err(moment) => self.moment(run, moment).unwrap_or(planned),
        };
        let deadline = step.late.as_ref().map_or_else(policy, own);
        match &step.due {
            Due::Bound { moment, before: true, .. } => {
                self.moment(run, moment).map_or(deadline, |moment| deadline.min(moment.plus_ms(-1)))
            }
            _ => deadline,
        }
    }

    /// Too late? The values that say so.
    pub(super) fn judge_lateness(&self, run: RunId, step: &Step, send: SendId) -> Option<Because> {
        let planned = self.send(send)?.planned;
        let deadline = self.deadline(run, step, planned);
        let known_from = self.known_from(run);
        let past_at_entry = matches!(step.due, Due::Bound { .. }) && step.late.is_none() && planned < known_from;
        (self.now > deadline || past_at_entry).then(|| {
            let because = Because::new(Gate::Lateness).with("planned", planned).with("now", self.now);
            if past_at_entry { because.with("known_from", known_from) } else { because.with("latest", deadline) }
        })
    }

    /// Since when the moment that bound steps hang on has been known: entry, or the last move of the booking.
    fn known_from(&self, run: RunId) -> Instant {
        let Some(run) = self.run(run) else { return self.now };
        let moved = run.booking.and_then(|id| self.person.bookings.get(&id)).filter(|booking| booking.generation > 0);
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
