//! Chats that are open for a day only: WhatsApp and Instagram outside 24 hours (R01, R08), and ways that end in them (R10).
use super::{Seen, SequencePair};
use crate::{
    compile::{
        found::reach,
        interval::{self, Passage, Since, WROTE, Wrote},
        starts::targets,
    },
    diag::Sink,
    document::Step,
    id::ChannelName,
    plan::{Act, Medium, MessageSpec, Policies, To, Via},
};
use std::collections::BTreeSet;

/// WhatsApp and Instagram carry free text this long after the person's last message.
const WINDOW: i64 = 24 * 3_600_000;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let closes = |name: &ChannelName| Medium::of(name.as_str()).has_reply_window();
    if !seen.plan.channels.keys().any(closes) {
        return;
    }
    for pair in seen.sequences.iter().filter(|_| !seen.starts.open) {
        let Some(way) = ways(seen, pair, &mut BTreeSet::new()) else { continue };
        let passages = interval::along(&pair.runs, &seen.plan.policies, way.since, way.by_message);
        for (at, written, runs) in pair.steps() {
            let (Act::Message(spec), Some(passage)) = (&runs.act, passages.get(at)) else { continue };
            if spec.to == To::Contact {
                let guard = runs.cond.as_ref().and_then(interval::bounded_by);
                let sent = guarded(passage, guard);
                let reach = Reach { seen, way: &way, spec, sent, wrote: &passage.wrote, guarded: guard.is_some() };
                reach.check(written, sink);
            }
        }
        dead_end(seen, pair, sink);
    }
}

fn guarded(passage: &Passage, guard: Option<i64>) -> Since {
    let least = passage.sent.least;
    match (guard, passage.sent.most) {
        (Some(guard), most) => Since { least, most: Some(most.map_or(guard, |most| most.min(guard))) },
        (None, most) => Since { least, most },
    }
}

/// How people come into a sequence.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) since: Since,
    /// Channels on which they wrote last; `None`: any.
    channels: Option<BTreeSet<ChannelName>>,
    /// Their own message starts every run.
    pub(super) by_message: bool,
}

impl Way {
    const UNKNOWN: Self = Self { since: Since::UNKNOWN, channels: None, by_message: false };

    fn or(self, other: Self) -> Self {
        let channels = self.channels.zip(other.channels).map(|(one, other)| one.union(&other).cloned().collect());
        let by_message = self.by_message && other.by_message;
        Self { since: self.since.or(other.since), channels, by_message }
    }
}

/// Every way into a sequence as one; `None` when nothing leads there. `above` are the sequences that it is asked for.
pub(super) fn ways(seen: &Seen<'_>, pair: &SequencePair<'_>, above: &mut BTreeSet<String>) -> Option<Way> {
    if !above.insert(pair.id.to_string()) {
        // a circle: it brings nobody in who did not come another way, but later
        return Some(Way::UNKNOWN);
    }
    let here = |trigger: &&super::TriggerPair<'_>| targets(trigger.written).iter().any(|to| **to == pair.id.as_str());
    let triggers = seen.triggers.iter().filter(here).map(triggered);
    let others = seen.starts.get(pair.id).from;
    let others: Vec<Way> = seen
        .sequences
        .iter()
        .filter(|other| others.contains(other.id.as_str()))
        .map(|other| led_on(seen, other, pair, above))
        .collect();
    above.remove(pair.id.as_str());
    triggers.chain(others).reduce(Way::or)
}

fn triggered(trigger: &super::TriggerPair<'_>) -> Way {
    let runs = &trigger.runs;
    let cond = runs.cond.as_ref();
    let guard = cond.and_then(interval::bounded_by).map(|most| Since { least: 0, most: Some(most) });
    let wrote = !runs.events().is_empty() && runs.events().iter().all(|event| WROTE.contains(&event.as_str()));
    if !wrote {
        return Way { since: guard.unwrap_or(Since::UNKNOWN), ..Way::UNKNOWN };
    }
    let channels = cond.and_then(|cond| interval::demanded(cond, "event.channel"));
    Way {
        since: runs.without().map_or(Since::NOW, |without| Since::after(without.within)),
        channels: channels.map(|names| names.into_iter().map(ChannelName::new).collect()),
        by_message: true,
    }
}

/// The way from a sequence that enrols into this one.
fn led_on(seen: &Seen<'_>, from: &SequencePair<'_>, to: &SequencePair<'_>, above: &mut BTreeSet<String>) -> Way {
    let runs = &from.runs;
    let exits = [&runs.exits.converted, &runs.exits.stopped, &runs.exits.displaced];
    let is_to = |name: &crate::id::SequenceName| name.as_str() == to.id.as_str();
    if exits.iter().any(|exit| exit.enroll.as_ref().is_some_and(is_to)) {
        return Way::UNKNOWN;
    }
    let Some(way) = ways(seen, from, above) else { return Way::UNKNOWN };
    let passages = interval::along(runs, &seen.plan.policies, way.since, way.by_message);
    let steps = runs.steps.iter().zip(&passages).filter_map(|(step, passage)| match &step.act {
        Act::Enroll(name) if step.active && is_to(name) => Some(passage.sent),
        _ => None,
    });
    let completed = runs.exits.completed.enroll.as_ref().is_some_and(is_to);
    let end = completed.then(|| passages.iter().map(|passage| passage.sent).fold(way.since, Since::latest));
    let since = steps.chain(end).reduce(Since::or).unwrap_or(Since::UNKNOWN);
    Way { since, ..way }
}

/// One message to a contact.
struct Reach<'a> {
    seen: &'a Seen<'a>,
    way: &'a Way,
    spec: &'a MessageSpec,
    sent: Since,
    wrote: &'a Wrote,
    /// The step's own condition looks at when they wrote last.
    guarded: bool,
}

impl Reach<'_> {
    fn check(&self, step: &Step, sink: &mut Sink) {
        let Some(key) = step.action.as_ref().map(|action| &action.place) else { return };
        let mut tried: Vec<&ChannelName> = Vec::new();
        for via in &self.spec.via {
            match via {
                Via::Reply if self.reply_carries() => return,
                Via::Reply => tried.extend(self.seen.plan.channels.keys()),
                Via::Channel(name) => tried.push(name),
                Via::Preferred => tried.extend(&self.seen.plan.policies.preferred),
            }
        }
        // a reply goes back on one channel; the others are tried only where they are named
        let named = candidates(self.spec, &self.seen.plan.policies);
        if named.iter().any(|name| self.carries(name)) {
            return;
        }
        let closed = |medium: Medium| tried.iter().any(|name| Medium::of(name.as_str()) == medium);
        let elsewhere = !self.sent.can_exceed(WINDOW);
        if closed(Medium::Whatsapp) && self.spec.whatsapp_template.is_none() {
            sink.push(reach::whatsapp_too_late(key, step.id.as_ref(), self.sent.most, elsewhere));
        } else if closed(Medium::Instagram) {
            sink.push(reach::instagram_too_late(key, step.id.as_ref(), self.sent.most, elsewhere));
        }
    }

    /// Whether the message surely can go out on this channel.
    fn carries(&self, name: &ChannelName) -> bool {
        let medium = Medium::of(name.as_str());
        if !self.seen.plan.channels.contains_key(name) {
            // not declared, which was said, or bound to a provider that could not be read
            return true;
        }
        if !medium.has_reply_window() || medium == Medium::Whatsapp && self.spec.whatsapp_template.is_some() {
            return true;
        }
        !self.sent.can_exceed(WINDOW) && (self.guarded || self.wrote_only_on(name))
    }

    /// Whether their last message surely came in on this channel.
    fn wrote_only_on(&self, name: &ChannelName) -> bool {
        let writable = |name: &&ChannelName| Medium::of(name.as_str()) != Medium::Letter;
        let only = || self.seen.plan.channels.keys().filter(writable).all(|channel| channel == name);
        match (self.wrote, &self.way.channels) {
            (Wrote::Again(Some(channels)), _) => channels.iter().all(|channel| channel == name.as_str()),
            (Wrote::Again(None), _) => only(),
            (Wrote::Start, Some(channels)) => channels.iter().all(|channel| channel == name),
            (Wrote::Start, None) => self.way.by_message && only(),
        }
    }

    /// Whether an answer on the channel of their message surely can go out.
    fn reply_carries(&self) -> bool {
        // where a message started the run, an answer goes back on its channel, wherever they wrote since
        let known = match self.wrote {
            Wrote::Start => self.way.by_message,
            Wrote::Again(_) if self.way.by_message => {
                self.way.channels.iter().flatten().any(|name| self.wrote_only_on(name))
            }
            Wrote::Again(_) => true,
        };
        let in_time = !self.sent.can_exceed(WINDOW) && (known || self.guarded);
        let free = |name: &ChannelName| {
            let medium = Medium::of(name.as_str());
            !medium.has_reply_window() || medium == Medium::Whatsapp && self.spec.whatsapp_template.is_some()
        };
        let open = || match &self.way.channels {
            Some(channels) if self.way.by_message => channels.iter().all(free),
            _ => self.seen.plan.channels.keys().all(free),
        };
        in_time || open()
    }
}

/// Channels that a message names, in order: its own, or those of the project's preference.
pub(super) fn candidates<'a>(spec: &'a MessageSpec, policies: &'a Policies) -> Vec<&'a ChannelName> {
    let mut names = Vec::new();
    for via in &spec.via {
        match via {
            Via::Channel(name) => names.push(name),
            Via::Preferred => names.extend(&policies.preferred),
            Via::Reply => {}
        }
    }
    names
}

/// A series that can only be read on Instagram ends when nobody answers: it has to ask for another address.
fn dead_end(seen: &Seen<'_>, pair: &SequencePair<'_>, sink: &mut Sink) {
    let mut first = None;
    for (_, written, runs) in pair.steps() {
        let Act::Message(spec) = &runs.act else {
            if captures(&runs.act) {
                return;
            }
            continue;
        };
        if spec.to != To::Contact {
            continue;
        }
        let names = candidates(spec, &seen.plan.policies);
        let instagram = |name: &&ChannelName| Medium::of(name.as_str()) == Medium::Instagram;
        if spec.via.contains(&Via::Reply) || names.is_empty() || !names.iter().all(instagram) {
            return;
        }
        first = first.or(written.action.as_ref().map(|action| &action.place));
    }
    let offers = seen.messages_of(pair.id).any(|message| {
        let mut sent = message.channels.iter().flat_map(|channel| seen.texts.sent(message, channel));
        sent.any(|text| text.reads_any(&["booking_link", "preferences_link"]))
    });
    if let Some(place) = first.filter(|_| !offers) {
        sink.push(reach::only_instagram(place, pair.id));
    }
}

/// Whether somebody asks them, or another address is put down.
fn captures(act: &Act) -> bool {
    match act {
        Act::Task(_) => true,
        Act::Local(acts) => acts.iter().any(|act| match act {
            crate::plan::Local::Set(field, _) => matches!(field.as_str(), "email" | "phone" | "address"),
            _ => false,
        }),
        _ => false,
    }
}
