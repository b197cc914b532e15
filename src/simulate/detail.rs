//! What stands behind the lines of a timeline: where a step is written, what moved it, what the gates that it passed read,
//! and the message as it leaves.
//!
//! Nothing is decided here: the engine has decided, and this reads the same facts once more. Must not know how they are shown.
use super::{
    Driver,
    preview::{message, moment},
};
use crate::{
    calendar::{Clear, Instant, Quiet, Weekday, Window, Zone},
    content::{Message, sms},
    engine::{MemoryStore, Told},
    id::{ChannelName, RunId, SendId},
    journey::{Because, Gate, Outcome, Person, RunFacts, condition_read, written},
    plan::{Act, Cap, CapThen, Medium, MessageSpec, Origin, Plan, Price, Sequence, Step, To},
};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// Later than that is moved.
const MINUTE_MS: i64 = 60_000;

#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub(crate) struct Detail {
    /// Where the step is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Origin>,
    /// In the order in which they came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) moved: Vec<Move>,
    /// Gates that a message to the person passed, and what they read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) passed: Vec<Because>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<Shown>,
}

/// From one moment to a later one, by this rule.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Move {
    #[serde(serialize_with = "moment")]
    pub(crate) from: Instant,
    #[serde(serialize_with = "moment")]
    pub(crate) to: Instant,
    pub(crate) because: Because,
}

/// As what a message is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Email,
    Sms,
    Whatsapp,
    Instagram,
    Letter,
    Chat,
    Task,
    Notice,
    Webhook,
}

/// A message as it leaves; its subject and text stand in the entry.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) kind: Kind,
    pub(crate) to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preheader: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) html: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) template: Option<Approved>,
    /// Names of the files that go with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachments: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sms: Option<Parts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<Price>,
    /// Who is to do a task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assign: Option<Arc<str>>,
}

/// A template that the provider has approved, filled.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Approved {
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) params: Vec<String>,
}

/// How the network counts a text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Parts {
    pub(crate) alphabet: &'static str,
    pub(crate) characters: usize,
    pub(crate) segments: usize,
}

/// What stands behind the line that the so-many-th note became.
pub(super) fn of(driver: &Driver<MemoryStore>, sequence: Option<&Sequence>, note: usize, zone: &Zone) -> Detail {
    let told = driver.notes.get(note).map(|note| &note.told);
    let (Some(Told::Outcome { send, run, step, channel, outcome, .. }), Some(sequence)) = (told, sequence) else {
        return Detail::default();
    };
    let Some(step) = sequence.steps.iter().find(|known| known.name == *step) else { return Detail::default() };
    let plan = driver.plan();
    let passed = match (&step.act, channel) {
        (Act::Message(spec), Some(channel)) if *outcome == Outcome::Sent && spec.to == To::Contact => {
            let note = authorised(driver, *send, note);
            let at = driver.notes[note].at;
            let run = (*run).unwrap_or_default();
            let read = driver.before(note).map(|person| Read { plan, person, step, zone, at, run, channel });
            read.map(|read| read.all(spec)).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    Detail {
        place: Some(step.origin.clone()),
        moved: moves(driver, sequence, step, note, zone),
        passed,
        message: message(driver, *send).map(|message| shown(plan, step, channel.as_ref(), message)),
    }
}

/// The note that let it go out, which is where its gates were asked last.
fn authorised(driver: &Driver<MemoryStore>, of: SendId, outcome: usize) -> usize {
    let notes = driver.notes[..=outcome].iter();
    let is_it = |told: &Told| matches!(told, Told::Authorised { send, .. } if *send == of);
    notes.rev().position(|note| is_it(&note.told)).map_or(outcome, |back| outcome - back)
}

// --- what moved it ----------------------------------------------------------------------------------------------------

fn moves(driver: &Driver<MemoryStore>, sequence: &Sequence, step: &Step, note: usize, zone: &Zone) -> Vec<Move> {
    let Told::Outcome { send, run, planned, .. } = &driver.notes[note].told else { return Vec::new() };
    let mut moves: Vec<Move> = Vec::new();
    let mut stands = *planned;
    let push = |moves: &mut Vec<Move>, from: Instant, to: Instant, because: Because| {
        if to.since(from) >= MINUTE_MS {
            moves.push(Move { from, to, because });
        }
    };
    for told in driver.notes[..note].iter().map(|note| &note.told) {
        match told {
            Told::Next { run: of, step: Some(next), at: Some(at), since, entered, .. }
                if Some(*of) == *run && *next == step.name && !step.act.is_barrier() =>
            {
                moves.clear();
                stands = *at;
                let bound = sequence.position(next).is_some_and(|at| sequence.bound(at).is_some());
                let meant = written(&step.due, *since, *entered, zone).filter(|_| !bound);
                let rule = meant.and_then(|meant| rule(driver.plan(), sequence, step, zone, meant));
                if let (Some(meant), Some(rule)) = (meant, rule) {
                    push(&mut moves, meant, *at, rule);
                }
            }
            Told::Deferred { send: of, until, because, .. } if of == send => {
                push(&mut moves, stands, *until, because.clone());
                stands = *until;
            }
            _ => {}
        }
    }
    moves
}

/// What does not let a message go at its written moment. That one of a campaign goes at the next of its send times is no
/// move: it is how campaigns are written.
fn rule(plan: &Plan, sequence: &Sequence, step: &Step, zone: &Zone, at: Instant) -> Option<Because> {
    let civil = zone.civil(at);
    let shut = |window: &&Window| !Clear { window: Some(window), quiet: None }.allows(civil);
    let window = step.window.as_ref().and_then(|name| Some((name, plan.policies.windows.get(name)?)));
    if let Some((name, window)) = window.filter(|(_, window)| shut(window)) {
        return Some(Because::new(Gate::Window).with("window", name).with("open", open(window)));
    }
    let quiet = plan.policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&step.purpose));
    match quiet.filter(|quiet| quiet.then == CapThen::Wait && quiet.hours.forbids(civil)) {
        Some(quiet) => Some(Because::new(Gate::QuietHours).with("quiet_hours", hours(quiet.hours))),
        None => sequence.campaign.is_none().then(|| Because::new(Gate::Window)),
    }
}

/// `Mon–Sat 09:00–19:00`.
fn open(window: &Window) -> String {
    let mut parts: Vec<(Weekday, Weekday)> = Vec::new();
    for day in Weekday::ALL.into_iter().filter(|day| window.days.contains(day)) {
        match parts.last_mut() {
            Some((_, last)) if *last as usize + 1 == day as usize => *last = day,
            _ => parts.push((day, day)),
        }
    }
    let name = |day: Weekday| {
        let (first, rest) = day.name().split_at(1);
        format!("{}{rest}", first.to_uppercase())
    };
    let part = |(from, to): &(Weekday, Weekday)| {
        if from == to { name(*from) } else { format!("{}–{}", name(*from), name(*to)) }
    };
    let days: Vec<String> = parts.iter().map(part).collect();
    let times =
        if window.from == window.to { "all day".to_owned() } else { format!("{}–{}", window.from, window.to) };
    format!("{} {times}", days.join(", "))
}

fn hours(quiet: Quiet) -> String {
    format!("{}–{}", quiet.from, quiet.to)
}

// --- what the gates read ----------------------------------------------------------------------------------------------

/// A message to the person at the moment when it was let go.
struct Read<'a> {
    plan: &'a Plan,
    /// As they were then.
    person: &'a Person,
    step: &'a Step,
    zone: &'a Zone,
    at: Instant,
    run: RunId,
    channel: &'a ChannelName,
}

impl Read<'_> {
    fn all(&self, spec: &MessageSpec) -> Vec<Because> {
        let policies = &self.plan.policies;
        let purpose = self.step.purpose;
        let mut read = Vec::new();
        read.extend(self.condition());
        read.push(self.consent());
        read.extend(self.law(spec));
        if let Some(span) = policies.hands_off {
            let agent = self.person.touch.last_agent.map_or_else(|| "never".to_owned(), |at| at.to_string());
            read.push(Because::new(Gate::HandsOff).with("agent_wrote", agent).with("within", span));
        }
        let caps = policies.caps.iter().filter(|cap| cap.purposes.contains(&purpose));
        read.extend(caps.map(|cap| self.cap(cap)));
        let window = self.step.window.as_ref().and_then(|name| Some((name, policies.windows.get(name)?)));
        if let Some((name, window)) = window {
            read.push(Because::new(Gate::Window).with("window", name).with("open", open(window)));
        }
        let quiet = policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&purpose));
        read.extend(quiet.map(|quiet| Because::new(Gate::QuietHours).with("quiet_hours", hours(quiet.hours))));
        read
    }

    fn condition(&self) -> Option<Because> {
        let cond = self.step.cond.as_ref()?;
        let facts = match self.person.run(self.run) {
            Some(run) => RunFacts::of_run(self.plan, self.person, run, self.at),
            None => RunFacts::of_person(self.plan, self.person, self.at),
        };
        Some(condition_read(cond, &facts))
    }

    fn consent(&self) -> Because {
        let purpose = self.step.purpose;
        let state = self.person.touch.permits.now(self.channel, purpose);
        let state = state.map_or_else(|| "none".to_owned(), |state| format!("{state:?}").to_lowercase());
        let because = Because::new(Gate::Consent).with("channel", self.channel).with("purpose", purpose.name());
        because.with("demanded", self.plan.policies.consent(purpose).name()).with("state", state)
    }

    fn law(&self, spec: &MessageSpec) -> Option<Because> {
        let channel = self.plan.channels.get(self.channel).filter(|channel| channel.medium.has_reply_window())?;
        let last = self.person.touch.windows.get(&channel.name);
        let said = last.map_or_else(|| "never".to_owned(), ToString::to_string);
        let because = Because::new(Gate::Law).with("last_inbound", said);
        Some(match &spec.whatsapp_template {
            Some(template) => because.with("approved_template", &template.name),
            None => because,
        })
    }

    /// How many of the messages that count were sent before.
    fn cap(&self, cap: &Cap) -> Because {
        let leaves = |sent: Instant| {
            let from = if cap.per.is_whole_days() { self.zone.start_of(self.zone.date(sent)) } else { sent };
            self.zone.add(from, cap.per)
        };
        let counts = self.person.touch.recent.iter().filter(|sent| cap.purposes.contains(&sent.purpose));
        let sent = counts.filter(|sent| sent.at < self.at && leaves(sent.at) > self.at).count();
        Because::new(Gate::Cap).with("sent", sent).with("at_most", cap.at_most).with("per", cap.per)
    }
}

// --- the message ------------------------------------------------------------------------------------------------------

fn shown(plan: &Plan, step: &Step, channel: Option<&ChannelName>, message: Message) -> Shown {
    let channel = channel.and_then(|name| plan.channels.get(name));
    let kind = match &step.act {
        Act::Task(_) => Kind::Task,
        Act::Notify(_) => Kind::Notice,
        Act::Webhook(_) => Kind::Webhook,
        _ => match channel.map(|channel| channel.medium) {
            Some(Medium::Email) => Kind::Email,
            Some(Medium::Sms) => Kind::Sms,
            Some(Medium::Whatsapp) => Kind::Whatsapp,
            Some(Medium::Instagram) => Kind::Instagram,
            Some(Medium::Letter) => Kind::Letter,
            Some(Medium::Chat) | None => Kind::Chat,
        },
    };
    let sms = (kind == Kind::Sms).then(|| sms::length(&message.text));
    let assign = match &step.act {
        Act::Task(spec) => spec.assign.clone(),
        _ => None,
    };
    Shown {
        kind,
        preheader: message.html.as_deref().and_then(preheader),
        to: message.to,
        from: message.from,
        reply_to: message.reply_to,
        html: message.html,
        headers: message.headers,
        template: message.provider_template.map(|template| Approved {
            name: template.name,
            language: template.language,
            params: template.params,
        }),
        attachments: message.attachments.into_iter().map(|attachment| attachment.name).collect(),
        sms: sms.map(|length| Parts {
            alphabet: length.alphabet.name(),
            characters: length.units,
            segments: length.segments,
        }),
        cost: channel.and_then(|channel| channel.cost.clone()),
        assign,
    }
}

/// The line that mail programs show beside the subject: what the layout hides in its `preheader`.
fn preheader(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("class=\"preheader\"")?;
    let (text, _) = rest.split_once('>')?.1.split_once('<')?;
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&#x2f;", "/")];
    let text = entities.iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign));
    let text = text.replace("&amp;", "&");
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}
