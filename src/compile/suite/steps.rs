//! Steps by their ids, what can be expected of them, and the reasons that things have.
use super::Work;
use crate::{
    compile::{found::suite as told, names::Sort},
    diag::nearest,
    document::{Style, Text},
    id::{SequenceName, StepName},
    journey::{RefusedWhy, Skip},
    plan::{Act, Approve, Body, Sequence, Step},
};
use std::collections::BTreeSet;

/// Why sends fail.
const FAILED: &[&str] = &["permanent", "attempts", "lookup", "render"];
/// Why sends are held, and the gates that let them wait for another moment.
const HELD: &[&str] = &[
    "approval",
    "restore",
    "catch_up",
    "breaker",
    "blast_radius",
    "poison",
    "clock",
    "plan_format",
    "paused",
    "window",
    "quiet_hours",
    "hands_off",
    "cap",
    "channel",
    "retry",
];
/// Why runs end that no file says.
const STOPPED: &[&str] = &[
    "goal_late",
    "late",
    "booking_gone",
    "opted_out",
    "erased",
    "displaced",
    "merged",
    "campaign_ended",
    "retired",
    "removed",
    "operator",
];

/// What a step has to do for what is said of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Does {
    Anything,
    Message,
    /// A text that a model writes and somebody looks at.
    Written,
    Task,
    Webhook,
}

impl Does {
    fn fits(self, step: &Step) -> bool {
        match (self, &step.act) {
            (Self::Anything, _) | (Self::Message, Act::Message(_)) | (Self::Task, Act::Task(_)) => true,
            (Self::Written, Act::Message(message)) => {
                matches!(&message.body, Body::Write(write) if write.approve != Approve::Never)
            }
            (Self::Webhook, Act::Webhook(_)) => true,
            _ => false,
        }
    }

    /// What is said of a step that does not.
    fn misses(self) -> (&'static str, &'static str) {
        match self {
            Self::Anything | Self::Message => ("sends no message", "take a step that sends a message to the person"),
            Self::Written => ("has no text that waits for somebody", "take a step with `write` and `approve`"),
            Self::Task => ("makes no task", "take a step with `task`"),
            Self::Webhook => ("calls no other program", "take a step with `webhook`"),
        }
    }
}

impl<'a> Work<'a> {
    pub(super) fn is_under_test(&self, sequence: &SequenceName) -> bool {
        self.under.is_empty() || self.under.contains(sequence)
    }

    /// `expected`: it has to be a step of what is under test.
    pub(super) fn step(&mut self, text: &Text, does: Does, expected: bool) -> Option<(SequenceName, StepName)> {
        let (sequence, step) = match text.split_once('.') {
            Some((sequence, _)) => (self.named(text, sequence)?, text.within(sequence.len() + 1)),
            None => (self.only(text)?, text.clone()),
        };
        let Some(found) = sequence.steps.iter().find(|known| known.name.as_str() == step.as_str()) else {
            self.unknown_step(&step, Some(sequence));
            return None;
        };
        if expected && !self.is_under_test(&sequence.name) {
            self.sink.push(told::not_under_test(&step, sequence.name.as_str()));
        } else if !does.fits(found) {
            let (what, help) = does.misses();
            self.sink.push(told::step_of_another_kind(text, what, help));
        }
        Some((sequence.name.clone(), found.name.clone()))
    }

    /// The sequence before the dot.
    fn named(&mut self, text: &Text, sequence: &str) -> Option<&'a Sequence> {
        let name = Text::made(sequence, Style::Plain, &text.inside(0..sequence.len()));
        if !self.seen.names.has(Sort::Campaign, sequence) && !self.known(Sort::Sequence, &name) {
            return None;
        }
        self.seen.plan.sequences.get(sequence).map(|sequence| &**sequence)
    }

    /// The one sequence that has such a step: of those under test, else of all.
    fn only(&mut self, step: &Text) -> Option<&'a Sequence> {
        let seen = self.seen;
        let has = |sequence: &&Sequence| sequence.steps.iter().any(|known| known.name.as_str() == step.as_str());
        let (inside, outside): (Vec<&Sequence>, Vec<&Sequence>) = seen
            .plan
            .sequences
            .values()
            .map(|sequence| &**sequence)
            .filter(has)
            .partition(|sequence| self.is_under_test(&sequence.name));
        let candidates = if inside.is_empty() { outside } else { inside };
        match candidates.as_slice() {
            [one] => Some(one),
            [] => {
                self.unknown_step(step, None);
                None
            }
            several => {
                let names: Vec<&str> = several.iter().map(|sequence| sequence.name.as_str()).collect();
                self.sink.push(told::ambiguous_step(step, &names));
                None
            }
        }
    }

    fn unknown_step(&mut self, step: &Text, of: Option<&Sequence>) {
        // what could not be read may have it
        if self.seen.broken {
            return;
        }
        let all = self.seen.plan.sequences.values().map(|sequence| &**sequence);
        let among: Vec<&Sequence> = match of {
            Some(one) => vec![one],
            None => all.filter(|sequence| self.is_under_test(&sequence.name)).collect(),
        };
        let within = match among.as_slice() {
            [one] => format!("`{}`", one.name),
            _ if self.under.is_empty() => "no sequence of the project".to_owned(),
            _ => "nothing under test".to_owned(),
        };
        let near = nearest(step, among.iter().flat_map(|sequence| &sequence.steps).map(|step| step.name.as_str()));
        let finding = told::unknown_step(step, &within, near);
        self.sink.push(finding);
    }

    // ---- reasons ----

    pub(super) fn reason(&mut self, reason: &Text, word: &str, of: Option<&SequenceName>) {
        let all = self.reasons(word, of);
        if self.seen.broken || all.contains(reason.as_str()) {
            return;
        }
        let near = nearest(reason, all.iter().map(String::as_str)).map(str::to_owned);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        self.sink.push(told::unknown_reason(reason, &word.replace('_', " "), near.as_deref(), &all));
    }

    fn reasons(&self, word: &str, of: Option<&SequenceName>) -> BTreeSet<String> {
        let fixed: Vec<&str> = match word {
            "skipped" => Skip::ALL.iter().map(|skip| skip.name()).collect(),
            "failed" => FAILED.to_vec(),
            "held" => HELD.to_vec(),
            "not_entered" => {
                // a story that goes round is stopped, and the other one enrols all the same
                let never = [RefusedWhy::UnknownFunnel, RefusedWhy::Endless];
                let all = RefusedWhy::ALL.iter().filter(|why| !never.contains(why));
                all.map(|why| why.name()).collect()
            }
            "cancelled" => STOPPED.iter().copied().chain(["moved", "completed", "converted"]).collect(),
            _ => STOPPED.to_vec(),
        };
        let mut all: BTreeSet<String> = fixed.into_iter().map(str::to_owned).collect();
        if matches!(word, "cancelled" | "stopped") {
            let sequence = of.and_then(|name| self.seen.plan.sequences.get(name));
            if let Some(sequence) = sequence {
                all.extend(sequence.stops.iter().map(|stop| stop.reason.to_string()));
                all.extend(sequence.steps.iter().filter_map(|step| match &step.act {
                    Act::Stop(reason) => Some(reason.to_string()),
                    _ => None,
                }));
            }
        }
        all
    }
}
