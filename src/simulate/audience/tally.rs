//! Counting what a simulation did, note by note: one tally for each part of an audience, added up at the end. Decides
//! nothing, and knows no channel's limits and no price.
use super::conduct;
use crate::{
    calendar::{Clear, Instant, Zone, next_clear},
    engine::{Note, Told},
    id::{ChannelName, ContactId, RunId, SendId, SequenceName, StepName},
    journey::{Because, End, Gate, Outcome},
    plan::{Act, Due, Plan, To},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub(super) const QUARTER_MS: i64 = 15 * 60_000;
const WEEK_MS: i64 = 7 * 24 * 3_600_000;

/// What a step is to the person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    /// A message to the person.
    Message,
    /// A message to somebody of the practice.
    Notice,
    Other,
}

/// A rule that moved or skipped something: its gate and its own words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Rule {
    pub(super) gate: Gate,
    pub(super) words: Arc<str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Bite {
    pub(super) moved: u64,
    pub(super) skipped: u64,
}

/// Steps that fell due, by what became of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Fate {
    pub(super) sent: u64,
    pub(super) skipped: BTreeMap<Arc<str>, u64>,
    pub(super) failed: BTreeMap<Arc<str>, u64>,
    pub(super) cancelled: BTreeMap<Arc<str>, u64>,
    pub(super) unknown: u64,
}

/// People of one sequence, by how they left it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Left {
    pub(super) entered: u64,
    pub(super) completed: u64,
    pub(super) converted: u64,
    pub(super) stopped: BTreeMap<Arc<str>, u64>,
    pub(super) inside: u64,
    pub(super) refused: BTreeMap<(&'static str, Arc<str>), u64>,
}

/// Where a step stands: its sequence (none for what triggers and exits do), name and channel.
pub(super) type Spot = (Option<SequenceName>, StepName, Option<ChannelName>);

/// Everything that adds up over parts of an audience.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Tally {
    /// Counted by the store, not by the notes: both have to agree.
    pub(super) due: u64,
    pub(super) waiting: u64,
    pub(super) held: u64,
    pub(super) steps: BTreeMap<Spot, Fate>,
    /// Messages to people by quarter of an hour and channel.
    pub(super) quarters: BTreeMap<(i64, ChannelName), u64>,
    /// By second, for channels with limits.
    pub(super) seconds: BTreeMap<(ChannelName, i64), u64>,
    pub(super) rules: BTreeMap<Rule, Bite>,
    pub(super) left: BTreeMap<SequenceName, Left>,
    /// People by the number of messages that they got, and by the most in seven days.
    pub(super) got: BTreeMap<u64, u64>,
    pub(super) in_seven_days: BTreeMap<u64, u64>,
    /// What people did, by its word.
    pub(super) did: BTreeMap<Arc<str>, u64>,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.due += other.due;
        self.waiting += other.waiting;
        self.held += other.held;
        for (spot, fate) in other.steps {
            let own = self.steps.entry(spot).or_default();
            own.sent += fate.sent;
            own.unknown += fate.unknown;
            sum(&mut own.skipped, fate.skipped);
            sum(&mut own.failed, fate.failed);
            sum(&mut own.cancelled, fate.cancelled);
        }
        for (sequence, left) in other.left {
            let own = self.left.entry(sequence).or_default();
            own.entered += left.entered;
            own.completed += left.completed;
            own.converted += left.converted;
            own.inside += left.inside;
            sum(&mut own.stopped, left.stopped);
            sum(&mut own.refused, left.refused);
        }
        for (rule, bite) in other.rules {
            let own = self.rules.entry(rule).or_default();
            own.moved += bite.moved;
            own.skipped += bite.skipped;
        }
        sum(&mut self.quarters, other.quarters);
        sum(&mut self.seconds, other.seconds);
        sum(&mut self.got, other.got);
        sum(&mut self.in_seven_days, other.in_seven_days);
        sum(&mut self.did, other.did);
    }

    /// Steps with an outcome.
    pub(super) fn closed(&self) -> u64 {
        let all = |reasons: &BTreeMap<Arc<str>, u64>| reasons.values().sum::<u64>();
        let fates = self.steps.values();
        fates.map(|f| f.sent + f.unknown + all(&f.skipped) + all(&f.failed) + all(&f.cancelled)).sum()
    }
}

fn sum<K: Ord>(own: &mut BTreeMap<K, u64>, other: BTreeMap<K, u64>) {
    for (key, count) in other {
        *own.entry(key).or_default() += count;
    }
}

/// What the plan says of a step.
struct Known {
    kind: Kind,
    /// Of messages whose moment windows and quiet hours move.
    due: Option<Due>,
    window: Option<crate::id::WindowName>,
}

/// What the plan says of all steps: made once for an audience.
pub(crate) struct Steps {
    known: BTreeMap<SequenceName, BTreeMap<StepName, Known>>,
    quiet: Option<Arc<str>>,
}

impl Steps {
    pub(crate) fn of(plan: &Plan) -> Self {
        let steps = |sequence: &crate::plan::Sequence| {
            let slotted = sequence.campaign.as_ref().is_some_and(|campaign| !campaign.slots.is_any());
            let of = |step: &crate::plan::Step| {
                let kind = match &step.act {
                    Act::Message(spec) if spec.to == To::Contact => Kind::Message,
                    Act::Message(_) | Act::Notify(_) => Kind::Notice,
                    _ => Kind::Other,
                };
                let free = kind == Kind::Message && !slotted && !matches!(step.due, Due::Bound { .. });
                (step.name.clone(), Known { kind, due: free.then(|| step.due.clone()), window: step.window.clone() })
            };
            sequence.steps.iter().map(of).collect()
        };
        let known = plan.sequences.iter().map(|(name, sequence)| (name.clone(), steps(sequence))).collect();
        let quiet = plan
            .policies
            .quiet_hours
            .as_ref()
            .map(|quiet| quiet_words(&format!("{}–{}", quiet.hours.from, quiet.hours.to)));
        Self { known, quiet }
    }

    fn of_step(&self, sequence: Option<&SequenceName>, step: &StepName) -> Option<&Known> {
        self.known.get(sequence?)?.get(step)
    }

    pub(crate) fn kind(&self, sequence: Option<&SequenceName>, step: &StepName) -> Kind {
        self.of_step(sequence, step).map_or(Kind::Other, |known| known.kind)
    }
}

/// A run that has not ended.
struct Inside {
    entered: Instant,
    /// Which run of this person in this sequence.
    number: u32,
    /// The step that waits, its moment, and the rule that put it there.
    moved: Option<(StepName, Instant, Rule)>,
}

/// A message that reached its channel.
pub(super) struct Reached<'n> {
    pub(super) message: conduct::Message<'n>,
    pub(super) channel: &'n ChannelName,
}

/// The count of one part of an audience while it runs.
pub(super) struct Count<'a> {
    plan: &'a Plan,
    steps: &'a Steps,
    /// Channels of which every second counts.
    limited: &'a BTreeSet<ChannelName>,
    pub(super) zones: BTreeMap<ContactId, Zone>,
    pub(super) tally: Tally,
    runs: BTreeMap<RunId, Inside>,
    numbers: BTreeMap<(ContactId, SequenceName), u32>,
    /// Rules that moved a send that is still open.
    deferred: BTreeMap<SendId, BTreeSet<Rule>>,
    reached: BTreeMap<ContactId, Vec<Instant>>,
}

impl<'a> Count<'a> {
    pub(super) fn new(plan: &'a Plan, steps: &'a Steps, limited: &'a BTreeSet<ChannelName>) -> Self {
        Self {
            plan,
            steps,
            limited,
            zones: BTreeMap::new(),
            tally: Tally::default(),
            runs: BTreeMap::new(),
            numbers: BTreeMap::new(),
            deferred: BTreeMap::new(),
            reached: BTreeMap::new(),
        }
    }

    /// Counts one note; a message that reached somebody is told, because people answer.
    pub(super) fn note<'n>(&mut self, note: &'n Note) -> Option<Reached<'n>> {
        match &note.told {
            Told::Entered { run, sequence, .. } => {
                let number = self.numbers.entry((note.contact, sequence.clone())).or_default();
                *number += 1;
                self.runs.insert(*run, Inside { entered: note.at, number: *number, moved: None });
                let left = self.left(sequence);
                left.entered += 1;
                left.inside += 1;
            }
            Told::Ended { run, sequence, end } if self.runs.remove(run).is_some() => {
                let left = self.left(sequence);
                left.inside -= 1;
                match end {
                    End::Completed => left.completed += 1,
                    End::Converted(_) => left.converted += 1,
                    End::Stopped(reason) => *left.stopped.entry(reason.name()).or_default() += 1,
                }
            }
            Told::Refused { sequence: Some(sequence), why, because, .. } => {
                // who is in, or was, needs no more words
                let telling = because.as_ref().filter(|of| !matches!(of.gate, Gate::Run | Gate::Reentry));
                let words = telling.map_or_else(|| Arc::from(""), words);
                *self.left(sequence).refused.entry((why.name(), words)).or_default() += 1;
            }
            Told::Next { run, sequence, step: Some(step), at: Some(at), since, .. } => {
                let moved = self.moved(note.contact, *run, (sequence, step), *at, *since);
                if let Some(inside) = self.runs.get_mut(run) {
                    inside.moved = moved.map(|rule| (step.clone(), *at, rule));
                }
            }
            Told::Deferred { send, because, .. } => {
                self.deferred.entry(*send).or_default().insert(Rule::of(because));
            }
            Told::Outcome { .. } => return self.outcome(note),
            _ => {}
        }
        None
    }

    fn left(&mut self, sequence: &SequenceName) -> &mut Left {
        if !self.tally.left.contains_key(sequence) {
            self.tally.left.insert(sequence.clone(), Left::default());
        }
        self.tally.left.entry(sequence.clone()).or_default()
    }

    fn outcome<'n>(&mut self, note: &'n Note) -> Option<Reached<'n>> {
        let Told::Outcome { send, run, sequence, step, planned, channel, outcome, because } = &note.told else {
            return None;
        };
        let inside = run.and_then(|run| self.runs.get_mut(&run));
        let (number, moved) = match inside {
            Some(inside) => (inside.number, inside.moved.take_if(|(name, at, _)| name == step && at == planned)),
            None => (0, None),
        };
        let mut bitten = self.deferred.remove(send).unwrap_or_default();
        bitten.extend(moved.map(|(.., rule)| rule));
        for rule in bitten {
            self.tally.rules.entry(rule).or_default().moved += 1;
        }
        let fate = self.tally.steps.entry((sequence.clone(), step.clone(), channel.clone())).or_default();
        let reason = || outcome.reason().unwrap_or_default();
        match outcome {
            Outcome::Sent => fate.sent += 1,
            Outcome::Unknown => fate.unknown += 1,
            Outcome::Failed(_) => *fate.failed.entry(reason()).or_default() += 1,
            Outcome::Cancelled(_) => *fate.cancelled.entry(reason()).or_default() += 1,
            Outcome::Skipped(_) => {
                *fate.skipped.entry(reason()).or_default() += 1;
                if let Some(because) = because {
                    self.tally.rules.entry(Rule::of(because)).or_default().skipped += 1;
                }
            }
        }
        let (Outcome::Sent, Some(channel), Some(sequence)) = (outcome, channel, sequence) else { return None };
        if self.steps.kind(Some(sequence), step) != Kind::Message {
            return None;
        }
        *self.tally.quarters.entry((note.at.0.div_euclid(QUARTER_MS), channel.clone())).or_default() += 1;
        if self.limited.contains(channel) {
            *self.tally.seconds.entry((channel.clone(), note.at.0.div_euclid(1_000))).or_default() += 1;
        }
        self.reached.entry(note.contact).or_default().push(note.at);
        let message = conduct::Message { who: note.contact, sequence, step, run: number, at: note.at };
        Some(Reached { message, channel })
    }

    /// The rule because of which a step waits longer than its own words say.
    fn moved(
        &self,
        who: ContactId,
        run: RunId,
        (sequence, step): (&SequenceName, &StepName),
        at: Instant,
        since: Instant,
    ) -> Option<Rule> {
        let known = self.steps.of_step(Some(sequence), step)?;
        let (due, zone) = (known.due.as_ref()?, self.zones.get(&who)?);
        if known.window.is_none() && self.steps.quiet.is_none() {
            return None;
        }
        let timed = |moment, time: &Option<_>| time.map_or(moment, |time| zone.at_time(moment, time));
        let raw = match due {
            Due::Together => since,
            Due::Wait { span, at } => timed(zone.add(since, *span), at),
            Due::Day { day, at } => {
                let entered = self.runs.get(&run)?.entered;
                timed(zone.add(entered, crate::calendar::Span::days(*day)), at)
            }
            Due::Bound { .. } => return None,
        };
        if at <= raw {
            return None;
        }
        let named = known.window.as_ref();
        let window = named.and_then(|name| self.plan.policies.windows.get(name));
        let shut = next_clear(raw, zone, Clear { window, quiet: None }).is_some_and(|open| open > raw);
        match named.filter(|_| shut) {
            Some(name) => Some(Rule { gate: Gate::Window, words: Arc::from(format!("window {name}")) }),
            None => Some(Rule { gate: Gate::QuietHours, words: self.steps.quiet.clone()? }),
        }
    }

    /// The whole count, once nothing more happens.
    pub(super) fn close(mut self, people: u64) -> Tally {
        let reached = std::mem::take(&mut self.reached);
        let none = people - reached.len() as u64;
        if none > 0 {
            *self.tally.got.entry(0).or_default() += none;
            *self.tally.in_seven_days.entry(0).or_default() += none;
        }
        for at in reached.into_values() {
            *self.tally.got.entry(at.len() as u64).or_default() += 1;
            *self.tally.in_seven_days.entry(most_in_seven_days(&at)).or_default() += 1;
        }
        self.tally
    }
}

/// The most of these moments, in their order, that lie within seven days.
fn most_in_seven_days(at: &[Instant]) -> u64 {
    let mut from = 0;
    let mut most = 0;
    for (to, last) in at.iter().enumerate() {
        while last.since(at[from]) >= WEEK_MS {
            from += 1;
        }
        most = most.max(to + 1 - from);
    }
    most as u64
}

impl Rule {
    fn of(because: &Because) -> Self {
        Self { gate: because.gate, words: words(because) }
    }
}

fn quiet_words(hours: &str) -> Arc<str> {
    Arc::from(format!("quiet hours {hours}"))
}

/// What decided, in words that are the same for everybody: no moment and no value of a person.
fn words(because: &Because) -> Arc<str> {
    let read = |name: &str| because.read.iter().find(|(known, _)| **known == *name).map(|(_, value)| &**value);
    let text = |name: &str| read(name).unwrap_or_default();
    let first = because.read.first().map_or("", |(name, _)| &**name);
    Arc::from(match because.gate {
        Gate::Window => match read("window") {
            Some(window) => format!("window {window}"),
            None if read("booking.status").is_some() => format!("appointment {}", text("booking.status")),
            None => "window".to_owned(),
        },
        Gate::QuietHours => return quiet_words(text("quiet_hours")),
        Gate::Cap => format!("cap of {} in {}", text("at_most"), text("per")),
        Gate::BlastRadius => format!("blast radius of {} messages an hour", text("messages_per_hour")),
        Gate::HandsOff => "hands off while staff writes".to_owned(),
        Gate::Consent => match read("channel") {
            Some(channel) => format!("consent to {} by {channel}: {}", text("purpose"), text("state")),
            None => format!("consent to {}", text("purpose")),
        },
        Gate::Condition => match (read("if"), read("exclude")) {
            (Some(cond), _) => format!("if: {cond}"),
            (None, Some(exclude)) => format!("exclude {exclude} {}", text("within")).trim_end().to_owned(),
            (None, None) => format!("condition on {first}"),
        },
        Gate::Recipient if first == "is_test" => "a test person".to_owned(),
        Gate::Recipient => format!("no address for {first}"),
        Gate::Law => format!("reply window of {}", text("channel")),
        Gate::Lateness => "too late".to_owned(),
        Gate::Channel => format!("channel {first}"),
        Gate::Group => format!("group {}", text("group")),
        Gate::Offer => format!("offer {}", text("offer")),
        Gate::Reentry => "re-entry".to_owned(),
        Gate::Run => format!("run: {first}"),
        Gate::Retry => "retry".to_owned(),
        Gate::Text => "text".to_owned(),
        Gate::Branch => "branch".to_owned(),
    })
}
