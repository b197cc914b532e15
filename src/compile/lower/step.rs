//! Steps into the plan: when, whether, what.
use super::{AliasUse, Lowering, MessageUse, arc, purpose, type_at};
use crate::{
    calendar::Span,
    compile::{
        found,
        names::Sort,
        scope::{Presence, View},
    },
    document::{
        self, Text,
        action::Message,
        step::{self as doc, Action, LateUpTo, Timing},
    },
    id::{ChannelName, FieldName, SequenceName, StepName, WindowName},
    plan::{
        Act, Due, Late, LateThen, MessageSpec, Moment, OnUnknown, Retries, Step, StepIx, To, Via, WhatsappTemplate,
        in_a_row,
    },
    record::Purpose,
    value::Type,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

const RETRIES: u16 = 3;
const RETRY_DELAY: Span = Span::exact(5 * 60_000);

impl<'a> Lowering<'a> {
    /// One step of the plan for each step of the file, in its order: those of a way stand behind their barrier.
    pub(super) fn steps(&mut self, id: &Text, sequence: &document::Sequence, view: &View<'a>) -> Vec<Step> {
        let mut seen: BTreeMap<&str, &Text> = BTreeMap::new();
        for name in sequence.steps.all().into_iter().filter_map(|step| step.id.as_ref()) {
            match seen.get(name.as_str()) {
                Some(first) => self.sink.push(found::duplicate_step(name, &first.place)),
                None => drop(seen.insert(name, name)),
            }
        }
        in_a_row(self.nodes(id, sequence, &sequence.steps, view))
    }

    pub(super) fn step(&mut self, id: &Text, sequence: &document::Sequence, step: &doc::Step, view: &View<'a>) -> Step {
        let name = step.id.as_ref().map_or("@", |name| name.as_str());
        let own = step.purpose.as_ref().or(sequence.purpose.as_ref());
        let purpose = own.map_or(Purpose::Marketing, |of| purpose(of.value));
        if let Some(window) = &step.window {
            self.known(Sort::Window, window);
        }
        let window = step.window.as_ref().or(sequence.window.as_ref());
        let late = step.late.as_ref().or(sequence.late.as_ref());
        let (with, answered) = self.answers(step, view);
        let before = std::mem::take(&mut self.named);
        let cond = step.if_.as_ref().and_then(|text| self.cond(text, &answered));
        let act = self.act(id, step, purpose, &answered);
        let named = std::mem::replace(&mut self.named, before);
        for (alias, _) in &step.with {
            let (sequence, used) = (id.to_string(), named.contains(alias.as_str()));
            self.aliases.push(AliasUse { sequence, step: name.to_owned(), alias: alias.clone(), used });
        }
        Step {
            name: StepName::new(name),
            title: step.title.as_ref().map(arc),
            active: step.active.as_ref().is_none_or(|active| active.value),
            due: self.due(&step.timing, view),
            cond,
            act,
            with,
            late: late.and_then(|late| self.late(late, view)),
            window: window.filter(|name| self.names.has(Sort::Window, name)).map(|name| WindowName::new(name.as_str())),
            purpose,
            once: step.once.as_ref().is_some_and(|once| once.value),
            retries: self.retries(step.retries.as_ref(), sequence.retries.as_ref()),
            on_unknown: match step.on_unknown.as_ref().map(|unknown| unknown.value) {
                Some(doc::OnUnknown::Resend) => OnUnknown::Resend,
                // the receiver knows a repetition by its id
                _ if matches!(step.action.as_ref().map(|action| &action.value), Some(Action::Webhook(_))) => {
                    OnUnknown::Resend
                }
                Some(doc::OnUnknown::Hold) | None => OnUnknown::Hold,
            },
            offers: false,
            next: StepIx(0),
            above: None,
            origin: self.origin(&step.place),
        }
    }

    // ---- when ----

    fn due(&mut self, timing: &Timing, view: &View<'a>) -> Due {
        let at = timing.at.as_ref().and_then(Self::time);
        if let Some(span) = &timing.wait {
            return self.span(span).map_or(Due::Together, |span| Due::Wait { span, at });
        }
        if let Some(day) = &timing.day {
            return Due::Day { day: u32::try_from(day.value).unwrap_or(0), at };
        }
        for (bound, before) in [(&timing.before, true), (&timing.after, false)] {
            let Some(bound) = bound else { continue };
            let (moment, span) = (self.moment(&bound.moment, view), self.span(&bound.by));
            if let (Some(moment), Some(span)) = (moment, span) {
                return Due::Bound { moment, before, span, at };
            }
        }
        Due::Together
    }

    pub(super) fn moment(&mut self, text: &Text, view: &View<'a>) -> Option<Moment> {
        let (root, rest) = text.split_once('.')?;
        let missing = root == "booking" && view.booking == Presence::No
            || text.starts_with("event.booking")
                && view.event.as_ref().is_none_or(|event| event.booking == Presence::No);
        let open = view.event.as_ref().is_some_and(|event| event.open);
        if missing && !open {
            self.sink.push(found::no_booking_here(text, text));
            return None;
        }
        match type_at(view, text) {
            Some(Type::Time | Type::Date | Type::Any) => {}
            Some(other) => {
                self.sink.push(found::no_moment(text, &other));
                return None;
            }
            None => {
                let near = self.near_moment(text, view);
                self.sink.push(found::unknown_moment(text, near.as_deref()));
                return None;
            }
        }
        Some(match root {
            "run" => Moment::RunEntered,
            "contact" => Moment::Contact(FieldName::new(rest)),
            "booking" => Moment::Booking(FieldName::new(rest)),
            _ => {
                self.reads.start = true;
                Moment::Event(Arc::from(rest))
            }
        })
    }

    fn near_moment(&self, text: &Text, view: &View<'a>) -> Option<String> {
        let moments = |root: &str, slots: &crate::compile::scope::Slots| -> Vec<String> {
            let times = slots.iter().filter(|(_, slot)| matches!(slot.of, Type::Time | Type::Date));
            times.map(|(name, _)| format!("{root}.{name}")).collect()
        };
        let mut all = moments("contact", &self.base.contact);
        if view.booking != Presence::No {
            all.extend(moments("booking", &self.base.booking));
        }
        if let Some(event) = &view.event {
            all.extend(moments("event", &event.fields));
        }
        all.push("run.entered_at".to_owned());
        crate::diag::nearest(text, all.iter().map(String::as_str)).map(str::to_owned)
    }

    fn late(&mut self, late: &doc::Late, view: &View<'a>) -> Option<Late> {
        let up_to = match late.up_to.as_ref()? {
            LateUpTo::For(span) => Ok(self.span(span)?),
            LateUpTo::Moment(moment) => Err(self.moment(moment, view)?),
        };
        let then = match late.then.as_ref().map(|then| then.value) {
            Some(doc::LateThen::NextWindow) => LateThen::NextWindow,
            Some(doc::LateThen::Stop) => LateThen::Stop,
            Some(doc::LateThen::Skip) | None => LateThen::Skip,
        };
        Some(Late { up_to, then })
    }

    /// Each key of its own: the step's, else the sequence's, else the default.
    fn retries(&mut self, step: Option<&doc::Retries>, sequence: Option<&doc::Retries>) -> Retries {
        let of = |retries: Option<&doc::Retries>| retries.and_then(|retries| Some(retries.max.as_ref()?.value));
        let max = of(step).or(of(sequence)).and_then(|max| u16::try_from(max).ok()).unwrap_or(RETRIES);
        let delay =
            step.and_then(|retries| retries.delay.as_ref()).or(sequence.and_then(|retries| retries.delay.as_ref()));
        let delay = delay.and_then(|delay| self.span(delay)).unwrap_or(RETRY_DELAY);
        Retries { max, delay }
    }

    // ---- what ----

    fn act(&mut self, id: &Text, step: &doc::Step, purpose: Purpose, view: &View<'a>) -> Act {
        let Some(action) = &step.action else { return Act::Nothing };
        match &action.value {
            Action::Message { channel, message } => {
                let spec = self.message(id, step, channel.as_ref(), message, purpose, view);
                spec.map_or(Act::Nothing, |spec| Act::Message(Arc::new(spec)))
            }
            Action::Local(document::action::Local::Task(task)) => Act::Task(Arc::new(self.task(task, view))),
            Action::Local(document::action::Local::Notify(notify)) => {
                self.notify(notify, view).map_or(Act::Nothing, |spec| Act::Notify(Arc::new(spec)))
            }
            Action::Local(local) => {
                let acts = self.local(local, view);
                if acts.is_empty() { Act::Nothing } else { Act::Local(acts) }
            }
            Action::Webhook(webhook) => {
                self.webhook(id, step, webhook, view).map_or(Act::Nothing, |spec| Act::Webhook(Arc::new(spec)))
            }
            Action::Enroll(to) => {
                self.known(Sort::Sequence, to);
                Act::Enroll(SequenceName::new(to.as_str()))
            }
            Action::Stop(reason) => Act::Stop(arc(reason)),
            Action::Branch(branch) => self.branch(branch, view),
            Action::Split(split) => Self::split(split),
            Action::WaitFor(wait) => self.wait_for(wait, view),
            Action::Unsupported => Act::Nothing,
        }
    }

    fn message(
        &mut self,
        id: &Text,
        step: &doc::Step,
        channel: Option<&Text>,
        message: &Message,
        purpose: Purpose,
        view: &View<'a>,
    ) -> Option<MessageSpec> {
        let via = self.via(step, channel);
        let to = match &step.to {
            Some(to) => self.recipient(to, view)?,
            None => To::Contact,
        };
        let channels = self.reachable(&via);
        if let Some(text) = &step.to {
            self.reached(text, &to, &channels);
        }
        let track = step.track.as_ref().is_some_and(|track| track.value) && to == To::Contact;
        let ics = self.attached(step, &channels, view);
        let appointment = step.appointment.as_ref().and_then(|offered| self.offered(offered, view));
        let body = self.body(id, step, message, &channels, view);
        let texts = [&message.subject, &message.text, &message.html];
        for (place, template) in Self::templates_of(message) {
            let texts = if template.is_some() { Vec::new() } else { texts.into_iter().flatten().cloned().collect() };
            self.messages.push(MessageUse {
                sequence: id.to_string(),
                step: step.id.as_ref().map_or_else(String::new, ToString::to_string),
                place,
                template,
                has_subject: message.subject.is_some(),
                view: view.as_text(),
                channels: channels.clone(),
                purpose,
                to_contact: to == To::Contact,
                track: step.track.as_ref().filter(|_| track).map(|track| track.place.clone()),
                texts,
            });
        }
        let body = body?;
        Some(MessageSpec {
            to,
            via,
            body,
            whatsapp_template: step.whatsapp_template.as_ref().and_then(|template| self.whatsapp(template, view)),
            reply_to: step.reply_to.as_ref().map(|text| self.markup(text, view)),
            ics,
            appointment,
            track,
        })
    }

    /// Channels in order; names that nobody declares are reported and left out.
    fn via(&mut self, step: &doc::Step, channel: Option<&Text>) -> Vec<Via> {
        if let Some(channel) = channel {
            self.known(Sort::Channel, channel);
            return vec![Via::Channel(ChannelName::new(channel.as_str()))];
        }
        let mut via = Vec::new();
        for name in &step.via {
            match name.as_str() {
                "reply" => via.push(Via::Reply),
                "preferred" => via.push(Via::Preferred),
                other if self.known(Sort::Channel, name) => via.push(Via::Channel(ChannelName::new(other))),
                _ => {}
            }
        }
        if via.is_empty() { vec![Via::Preferred] } else { via }
    }

    /// Every channel on which such a message can go out.
    fn reachable(&self, via: &[Via]) -> BTreeSet<ChannelName> {
        let mut channels = BTreeSet::new();
        let all = || self.names.all(Sort::Channel).map(ChannelName::new);
        for via in via {
            match via {
                Via::Channel(channel) => drop(channels.insert(channel.clone())),
                // a person may state any channel as the preferred one, and write to us on any
                Via::Preferred | Via::Reply => channels.extend(all()),
            }
        }
        channels.retain(|channel| self.names.has(Sort::Channel, channel.as_str()));
        channels
    }

    fn whatsapp(&mut self, template: &doc::WhatsappTemplate, view: &View<'a>) -> Option<WhatsappTemplate> {
        let params = template.params.iter().map(|param| self.markup(param, view)).collect();
        Some(WhatsappTemplate {
            name: arc(template.name.as_ref()?),
            language: template.language.as_ref().map(arc),
            params,
        })
    }
}
