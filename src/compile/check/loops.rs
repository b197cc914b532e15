//! Circles without a wait: a person would go round for ever in one moment (S01).
//!
//! Only arrows without a condition count, so that what is found happens in every case. A run that did nothing outward does
//! not count for `reentry`, so a sequence that writes to nobody can be entered again whatever it says there.
use super::{Seen, SequencePair, TriggerPair, updates};
use crate::{
    compile::found::time,
    diag::{Place, Sink},
    document::{
        action::{Local, StopSequences},
        step::{Action, Step},
        trigger::Enroll,
    },
    plan::{self, Act, Due, Reentry},
    record::Purpose,
};
use std::collections::{BTreeMap, BTreeSet};

/// `sequence x` or `event y`, and the places of the arrows that leave it.
pub(super) type Graph<'a> = BTreeMap<String, Vec<(String, &'a Place)>>;

/// What is done to the record in one go, and where each field of it is written.
pub(super) struct Deed<'a> {
    pub(super) acts: Vec<plan::Local>,
    pub(super) places: Vec<(String, &'a Place)>,
}

impl<'a> Deed<'a> {
    fn of_step(local: &'a Local, written: &'a Step, runs: &plan::Step) -> Option<Self> {
        let (Act::Local(acts), Some(action)) = (&runs.act, &written.action) else { return None };
        Some(Self { acts: acts.clone(), places: updates::place_of(local, &action.place) })
    }
}

/// What a run does at the moment at which it begins, if it ends at that moment: it would do it again when it began again.
type Deeds<'a> = BTreeMap<&'a str, Vec<Deed<'a>>>;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let endless: BTreeSet<&str> = seen
        .sequences
        .iter()
        .filter(|pair| pair.runs.active && (is_endless(pair.runs.reentry) || is_inward(pair)))
        .map(|pair| pair.id.as_str())
        .collect();
    let mut graph = Graph::new();
    let peers: BTreeMap<&str, &plan::Sequence> =
        seen.sequences.iter().map(|pair| (pair.id.as_str(), &*pair.runs)).collect();
    let mut deeds = Deeds::new();
    for pair in seen.sequences.iter().filter(|pair| pair.runs.active) {
        sequence(pair, &endless, &peers, &mut graph, &mut deeds);
    }
    for trigger in seen.triggers.iter().filter(|trigger| trigger.runs.active) {
        trigger_arrows(trigger, &endless, &mut graph);
    }
    for (nodes, place) in circles(&graph) {
        sink.push(time::circle(place, &nodes));
    }
    updates::check(seen, &endless, &graph, &deeds, sink);
}

fn is_endless(reentry: Reentry) -> bool {
    match reentry {
        Reentry::Always => true,
        Reentry::After(span) => span.is_zero(),
        Reentry::Never => false,
    }
}

/// Whether nothing of it reaches anybody.
fn is_inward(pair: &SequencePair<'_>) -> bool {
    let outward = |act: &Act| matches!(act, Act::Message(_) | Act::Task(_) | Act::Notify(_) | Act::Webhook(_));
    let exits = &pair.runs.exits;
    let exits = [&exits.completed, &exits.converted, &exits.stopped, &exits.displaced];
    !pair.runs.steps.iter().any(|step| outward(&step.act))
        && exits.into_iter().all(|exit| exit.tasks.is_empty() && exit.notices.is_empty())
}

/// Whether a message to the person goes out at the moment at which it is due: nothing has to be agreed to, no hours and no
/// cap hold it.
fn is_never_held(step: &plan::Step) -> bool {
    let to_contact = matches!(&step.act, Act::Message(spec) if spec.to == plan::To::Contact);
    to_contact && step.purpose == Purpose::Transactional && step.window.is_none()
}

/// What becomes of a run one of whose steps enrols there.
enum Meets {
    /// Both go on.
    Apart,
    /// The person is inside already, or in one of the group that stays.
    Refused,
    /// The other one is stronger in the group.
    Displaced,
}

fn meets(runs: &plan::Sequence, to: &plan::Sequence) -> Meets {
    match (&runs.group, &to.group) {
        _ if runs.name == to.name => Meets::Refused,
        (Some(own), Some(other)) if own == other && to.priority > runs.priority => Meets::Displaced,
        (Some(own), Some(other)) if own == other => Meets::Refused,
        _ => Meets::Apart,
    }
}

fn sequence<'a>(
    pair: &SequencePair<'a>,
    endless: &BTreeSet<&str>,
    peers: &BTreeMap<&str, &plan::Sequence>,
    graph: &mut Graph<'a>,
    deeds: &mut Deeds<'a>,
) {
    let from = format!("sequence {}", pair.id.as_str());
    let mut done: Vec<Deed<'a>> = Vec::new();
    let mut writes: Option<&'a Place> = None;
    let mut arrow = |to: String, place: &'a Place| graph.entry(from.clone()).or_default().push((to, place));
    arrow("event sequence.entered".to_owned(), &pair.id.place);
    // what stands below a barrier happens to some only, or later
    let outer = pair.runs.outer().filter_map(|at| pair.runs.step(at));
    let mut end = ("event sequence.completed", &pair.written.exits.completed);
    for (written, runs) in pair.written.steps.0.iter().zip(outer) {
        let at_once = match &runs.due {
            Due::Together => written.timing.key.is_none(),
            Due::Day { day: 0, at: None } => true,
            Due::Wait { span, at } => span.is_zero() && at.is_none(),
            Due::Day { .. } | Due::Bound { .. } => false,
        };
        if !at_once {
            return;
        }
        if !runs.active {
            continue;
        }
        if written.if_.is_some() {
            // what comes after ways that are taken or not is not certain
            if runs.act.is_barrier() {
                return;
            }
            continue;
        }
        match written.action.as_ref().map(|action| &action.value) {
            Some(Action::Enroll(to)) if endless.contains(to.as_str()) => {
                let meets = peers.get(to.as_str()).map_or(Meets::Refused, |to| meets(&pair.runs, to));
                if !matches!(meets, Meets::Refused) {
                    arrow(format!("sequence {to}"), &to.place);
                }
                if matches!(meets, Meets::Displaced) {
                    // the stronger one is inside then, and lets nobody back before it ends
                    return;
                }
            }
            Some(Action::Local(Local::Emit(emit))) => {
                if let Some(event) = &emit.event {
                    arrow(format!("event {event}"), &event.place);
                }
            }
            Some(Action::Local(local)) => done.extend(Deed::of_step(local, written, runs)),
            Some(Action::Stop(_)) => {
                end = ("event sequence.stopped", &pair.written.exits.stopped);
                break;
            }
            Some(Action::Branch(_) | Action::Split(_) | Action::WaitFor(_)) => return,
            Some(Action::Message { .. }) if is_never_held(runs) => writes = writes.or(Some(&written.place)),
            _ => {}
        }
    }
    arrow(end.0.to_owned(), &pair.id.place);
    if let Some(place) = writes {
        arrow("event message.sent".to_owned(), place);
    }
    let exit = if end.0.ends_with("stopped") { &pair.runs.exits.stopped } else { &pair.runs.exits.completed };
    // while a message is under way the run is not over
    done.retain(|_| is_inward(pair));
    done.push(Deed { acts: exit.acts.clone(), places: updates::places(end.1) });
    deeds.insert(pair.id.as_str(), done);
    for local in end.1 {
        match &local.value {
            Local::Enroll(to) if endless.contains(to.as_str()) => arrow(format!("sequence {to}"), &to.place),
            Local::Emit(emit) => {
                if let Some(event) = &emit.event {
                    arrow(format!("event {event}"), &event.place);
                }
            }
            _ => {}
        }
    }
}

fn trigger_arrows<'a>(trigger: &TriggerPair<'a>, endless: &BTreeSet<&str>, graph: &mut Graph<'a>) {
    let written = trigger.written;
    if written.without.is_some() || written.if_.is_some() {
        return;
    }
    for event in &written.event {
        let mut arrow =
            |to: String, place: &'a Place| graph.entry(format!("event {event}")).or_default().push((to, place));
        if let Some(Enroll::Sequence(to)) = written.enroll.as_ref().filter(|to| leads_on(to, endless)) {
            arrow(format!("sequence {to}"), &to.place);
        }
        for local in &written.do_ {
            match &local.value {
                Local::Emit(emit) => {
                    if let Some(name) = &emit.event {
                        arrow(format!("event {name}"), &name.place);
                    }
                }
                // whoever has just entered is inside
                Local::StopSequences(StopSequences::All(place)) if event.as_str() == "sequence.entered" => {
                    arrow("event sequence.stopped".to_owned(), place);
                }
                _ => {}
            }
        }
    }
}

fn leads_on(enroll: &Enroll, endless: &BTreeSet<&str>) -> bool {
    matches!(enroll, Enroll::Sequence(to) if endless.contains(to.as_str()))
}

/// The circles of a graph, each once: its nodes and the arrow that closes it. A walk in depth with an explicit stack.
fn circles<'a>(graph: &Graph<'a>) -> Vec<(Vec<String>, &'a Place)> {
    let mut found = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in graph.keys() {
        if done.contains(start.as_str()) {
            continue;
        }
        // nodes of the current way with the index of the next arrow
        let mut way: Vec<(&str, usize)> = vec![(start, 0)];
        while let Some((node, next)) = way.last_mut() {
            let arrows = graph.get(*node).map_or(&[][..], Vec::as_slice);
            let Some((to, place)) = arrows.get(*next) else {
                done.insert(node);
                way.pop();
                continue;
            };
            *next += 1;
            if let Some(from) = way.iter().position(|(node, _)| node == to) {
                found.push((way[from..].iter().map(|(node, _)| (*node).to_owned()).collect(), *place));
            } else if !done.contains(to.as_str()) {
                way.push((to, 0));
            }
        }
    }
    found
}
