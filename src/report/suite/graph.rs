//! A sequence as a graph of what suites have seen: its steps from above to below, ways beside each other, exits at the end.
use super::words::{self, clean};
use crate::{
    id::SequenceName,
    plan::{Act, Body, Due, Medium, Moment, Plan, Sequence, Step, StepIx, Via},
    simulate::suite::{Coverage, LineWord, Ran, Spot, SpotKind},
};
use serde::Serialize;
use std::{collections::BTreeSet, sync::Arc};

#[derive(Serialize)]
pub(super) struct Graph {
    /// What brings people in.
    entry: Node,
    nodes: Vec<Node>,
    /// Name and how often.
    exits: Vec<(String, u32)>,
}

#[derive(Serialize)]
struct Node {
    icon: &'static str,
    name: String,
    when: String,
    times: u32,
    place: String,
    /// Sides of a condition, texts of an experiment: name and how often.
    sides: Vec<(String, u32)>,
    arms: Vec<Arm>,
}

#[derive(Serialize)]
struct Arm {
    name: String,
    times: u32,
    nodes: Vec<Node>,
}

/// Nothing for a sequence that the plan of today does not have.
pub(super) fn of(name: &SequenceName, plan: &Plan, ran: &[Ran], coverage: &Coverage) -> Option<Graph> {
    let sequence = plan.sequences.get(name)?;
    let seen = Looker { sequence, plan, coverage };
    let exits = coverage.spots.iter().filter(|(spot, _)| spot.sequence == *name && spot.kind == SpotKind::Exit);
    Some(Graph {
        entry: entry(name, ran),
        nodes: seen.list(StepIx(0), seen.end()),
        exits: exits.map(|(spot, seen)| (clean(&spot.name), seen.times)).collect(),
    })
}

/// Everybody who came in, and by which triggers.
fn entry(name: &SequenceName, ran: &[Ran]) -> Node {
    let cases = ran.iter().flat_map(|ran| &ran.cases);
    let entered = cases.flat_map(|case| &case.lines).filter(|line| line.sequence.as_ref() == Some(name));
    let mut times = 0;
    let mut triggers: BTreeSet<String> = BTreeSet::new();
    for line in entered {
        if let LineWord::Entered { by } = &line.word {
            times += 1;
            triggers.extend(by.as_ref().map(ToString::to_string));
        }
    }
    let when = match triggers.len() {
        0 => String::new(),
        _ => format!("by {}", triggers.into_iter().collect::<Vec<_>>().join(", ")),
    };
    Node {
        icon: "enter",
        name: "entered".to_owned(),
        when: clean(&when),
        times,
        place: String::new(),
        sides: Vec::new(),
        arms: Vec::new(),
    }
}

struct Looker<'a> {
    sequence: &'a Sequence,
    plan: &'a Plan,
    coverage: &'a Coverage,
}

impl Looker<'_> {
    fn end(&self) -> StepIx {
        StepIx(u16::try_from(self.sequence.steps.len()).unwrap_or(u16::MAX))
    }

    fn times(&self, kind: SpotKind, name: &str) -> u32 {
        let spot = Spot { sequence: self.sequence.name.clone(), kind, name: Arc::from(name) };
        self.coverage.spots.get(&spot).map_or(0, |seen| seen.times)
    }

    /// Steps of one list, up to where it leads. Steps stand behind each other, those of ways behind their barrier.
    fn list(&self, from: StepIx, until: StepIx) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut at = from;
        while at < until
            && let Some(step) = self.sequence.step(at)
        {
            if step.active {
                nodes.push(self.node(step));
            }
            at = step.next.max(StepIx(at.0 + 1));
        }
        nodes
    }

    fn icon(&self, step: &Step) -> &'static str {
        match &step.act {
            Act::Message(spec) => match spec.via.first() {
                Some(Via::Channel(name)) => {
                    self.plan.channels.get(name).map_or("reply", |channel| medium(channel.medium))
                }
                _ => "reply",
            },
            Act::Task(_) => "c-task",
            Act::Notify(_) => "info",
            Act::Webhook(_) => "next",
            Act::Local(_) | Act::Nothing => "check",
            Act::Enroll(_) => "enter",
            Act::Stop(_) => "stop",
            Act::Branch(_) | Act::Split(_) => "flow",
            Act::WaitFor(_) => "s-waiting",
        }
    }

    fn node(&self, step: &Step) -> Node {
        let arm = |name: &str| self.times(SpotKind::Arm, &format!("{}/{name}", step.name));
        let mut sides: Vec<&str> = if step.cond.is_some() { vec!["if", "if not"] } else { Vec::new() };
        let variants: Vec<Arc<str>> = variants(step);
        sides.extend(variants.iter().map(|name| &**name));
        Node {
            icon: self.icon(step),
            name: clean(step.name.as_str()),
            when: when(&step.due),
            times: self.times(SpotKind::Step, step.name.as_str()),
            place: words::place(&step.origin),
            sides: sides.into_iter().map(|side| (clean(side), arm(side))).collect(),
            arms: step
                .act
                .arms()
                .into_iter()
                .map(|(name, entry)| Arm { times: arm(&name), name: way(&name), nodes: self.list(entry, step.next) })
                .collect(),
        }
    }
}

/// Ways of a branch have numbers only.
fn way(name: &str) -> String {
    if name.bytes().all(|byte| byte.is_ascii_digit()) { format!("way {name}") } else { clean(name) }
}

fn medium(medium: Medium) -> &'static str {
    match medium {
        Medium::Email => "c-email",
        Medium::Sms => "c-sms",
        Medium::Whatsapp => "c-whatsapp",
        Medium::Instagram => "c-instagram",
        Medium::Letter => "c-letter",
        Medium::Chat => "reply",
    }
}

fn variants(step: &Step) -> Vec<Arc<str>> {
    match &step.act {
        Act::Message(spec) => match &spec.body {
            Body::Variants(variants) => variants.arms.iter().map(|(name, _)| name.clone()).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// When it falls due, in words.
fn when(due: &Due) -> String {
    let at = |at: &Option<crate::calendar::TimeOfDay>| at.map_or_else(String::new, |at| format!(" {at}"));
    match due {
        Due::Together => String::new(),
        Due::Wait { span, at: time } => format!("after {span}{}", at(time)),
        Due::Day { day, at: time } => format!("day {day}{}", at(time)),
        Due::Bound { moment, before, span, at: time } => {
            let moment = match moment {
                Moment::RunEntered => "entry".to_owned(),
                Moment::Contact(field) => format!("contact.{field}"),
                Moment::Booking(field) => format!("booking.{field}"),
                Moment::Event(field) => format!("event.{field}"),
            };
            let side = if *before { "before" } else { "after" };
            let span = if span.is_zero() { "at".to_owned() } else { format!("{span} {side}") };
            format!("{span} {moment}{}", at(time))
        }
    }
}
