//! The steps of a sequence in two revisions: added, removed, renamed, in another order, changed. Knows nothing beyond one
//! sequence.
use super::{
    Change, Gate, Kind, Row,
    people::{Scene, Three},
    propose,
    timing::{is_later, same_time},
};
use crate::{
    diag::catalogue::change as rows,
    id::StepName,
    plan::{Act, Body, Due, Group, MessageSpec, Moment, OTHERWISE, Removed, Sequence, Step, StepIx, hash_of},
};
use std::{collections::BTreeSet, sync::Arc};

/// One sequence in both revisions.
pub(super) struct Both<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) old: &'a Sequence,
    pub(super) new: &'a Sequence,
}

/// A step of both revisions.
struct Pair<'a> {
    was: (StepIx, &'a Step),
    is: (StepIx, &'a Step),
}

fn numbered(sequence: &Sequence) -> impl Iterator<Item = (StepIx, &Step)> {
    (0..).map(StepIx).zip(&sequence.steps)
}

pub(super) fn kind_of(sequence: &Sequence) -> Kind {
    if sequence.campaign.is_some() { Kind::Campaign } else { Kind::Sequence }
}

impl<'a> Both<'a> {
    pub(super) fn steps(&self, out: &mut Vec<Change>) {
        let found = |(at, step): (StepIx, &'a Step)| {
            let now = self.new.position(&step.name)?;
            Some(Pair { was: (at, step), is: (now, self.new.step(now)?) })
        };
        let pairs: Vec<Pair<'a>> = numbered(self.old).filter_map(found).collect();
        let known: BTreeSet<StepIx> = pairs.iter().map(|pair| pair.is.0).collect();
        let added: Vec<(StepIx, &Step)> = numbered(self.new).filter(|(at, _)| !known.contains(at)).collect();
        let mut renamed = BTreeSet::new();
        for (at, step) in numbered(self.old).filter(|(_, step)| self.new.position(&step.name).is_none()) {
            self.removed(at, step, &added, &mut renamed, out);
        }
        for (at, step) in added.iter().filter(|(_, step)| !renamed.contains(&step.name)) {
            out.push(self.added(*at, step));
        }
        self.lost(out);
        self.order(&pairs, out);
        for pair in &pairs {
            self.pair(pair, out);
        }
    }

    fn change(&self, row: Row, gate: Gate, code: &crate::diag::Row, what: impl Into<String>) -> Change {
        Change::new(row, gate, code, (kind_of(self.new), self.new.name.as_str()), what)
    }

    /// A gate that nobody has to open where nobody is concerned.
    fn gate_for(&self, people: Option<&Three>) -> Gate {
        let concerned = people.map_or(0, Three::concerned);
        if self.scene.concerns(concerned) { Gate::Ask } else { Gate::Note }
    }

    // --- added, removed, renamed ----------------------------------------------------------------------------------------

    fn added(&self, at: StepIx, step: &Step) -> Change {
        let people = self.scene.three(self.new, at).map(|three| three.says("get it", "wait there", "never get it"));
        let lines = describe(step);
        self.change(Row::StepAdded, Gate::Note, &rows::STEP_ADDED, "step added")
            .step(&step.name)
            .at(&step.origin)
            .lines([], lines)
            .people(people)
    }

    fn removed(
        &self,
        at: StepIx,
        step: &Step,
        added: &[(StepIx, &'a Step)],
        renamed: &mut BTreeSet<StepName>,
        out: &mut Vec<Change>,
    ) {
        let there = self.scene.at(&self.new.name, &step.name);
        let three = self.scene.three(self.old, at);
        let undecided = self.scene.concerns(there);
        // without a census nobody can say that people are there
        let gate = if self.scene.census.is_none() { Gate::Ask } else { Gate::Block };
        if let Some(said) = self.new.removed(&step.name) {
            let row = if there > 0 { Row::StepRemovedPeople } else { Row::StepRemovedEmpty };
            let goes = match said {
                Removed::Next => "go on to what follows".to_owned(),
                Removed::Stop => "end as stopped(removed)".to_owned(),
                Removed::Jump(to) => format!("go to {to}"),
            };
            let shift = self.shift(|group| group.step.as_ref() == Some(&step.name));
            let change =
                self.change(row, Gate::Note, &rows::STEP_REMOVED, "step removed, as `removed` says").shift(shift);
            return out.push(self.gone(change, step, three, &goes));
        }
        let left: Vec<&Step> =
            added.iter().map(|(_, step)| *step).filter(|step| !renamed.contains(&step.name)).collect();
        let twin = propose::renamed((self.scene.old, step), self.scene.new, &left);
        if let Some(twin) = twin {
            renamed.insert(twin.name.clone());
            let what = format!("its id is \"{}\" now", twin.name);
            let gate = if undecided { gate } else { Gate::Note };
            let mut change = self.change(Row::IdChanged, gate, &rows::RENAMED, what);
            if undecided {
                let mut answers = vec![propose::moved(self.new, &step.name, &twin.name, there)];
                answers.extend(propose::removed(self.old, self.new, &step.name, there));
                change = change.decide("Say that it is the same step, or what people there do", answers);
            }
            let mut change = self.gone(change, step, three, "have no place");
            if let Some(people) = &mut change.people {
                "get it under its new name".clone_into(&mut people.before.what);
            }
            return out.push(change);
        }
        if !undecided {
            let change =
                self.change(Row::StepRemovedEmpty, Gate::Note, &rows::STEP_REMOVED, "step removed, nobody is there");
            return out.push(self.gone(change, step, three, ""));
        }
        let answers = propose::removed(self.old, self.new, &step.name, there);
        let change = self
            .change(Row::StepRemovedPeople, gate, &rows::STEP_GONE, "step removed")
            .decide("Say what people there do", answers);
        out.push(self.gone(change, step, three, "have no place"));
    }

    fn gone(&self, change: Change, step: &Step, three: Option<Three>, at: &str) -> Change {
        let people = three.map(|three| three.says("pass over it", at, "nothing changes"));
        change.step(&step.name).at(&self.new.origin).lines(describe(step), []).people(people)
    }

    /// People at steps that neither revision has: they are on one that is older still.
    fn lost(&self, out: &mut Vec<Change>) {
        let groups = self.scene.groups(self.new.name.as_str()).iter();
        let names: BTreeSet<&StepName> = groups.filter_map(|group| group.step.as_ref()).collect();
        let unknown = |name: &&StepName| {
            let gone = |sequence: &Sequence| sequence.position(name).is_none();
            gone(self.old) && gone(self.new) && self.new.removed(name).is_none()
        };
        for name in names.into_iter().filter(unknown) {
            let people = self.scene.at(&self.new.name, name);
            let answers = propose::removed(self.old, self.new, name, people);
            let change = self
                .change(Row::StepRemovedPeople, Gate::Block, &rows::STEP_GONE, "no revision at hand has this step")
                .step(name)
                .at(&self.new.origin)
                .people(Some(Three::of(0, people, 0).says("", "have no place", "")))
                .decide("Say what people there do", answers);
            out.push(change);
        }
    }

    // --- order ----------------------------------------------------------------------------------------------------------

    fn order(&self, pairs: &[Pair<'_>], out: &mut Vec<Change>) {
        let above = |sequence: &Sequence, at: StepIx, known: &BTreeSet<&StepName>| -> Vec<(StepName, Arc<str>)> {
            arms_above(sequence, at).into_iter().filter(|(name, _)| known.contains(name)).collect()
        };
        let names: BTreeSet<&StepName> = pairs.iter().flat_map(|pair| [&pair.was.1.name, &pair.is.1.name]).collect();
        let today = |way: Vec<(StepName, Arc<str>)>| -> Vec<(StepName, Arc<str>)> {
            way.into_iter().map(|(name, arm)| (self.new.name_today(&name).clone(), arm)).collect()
        };
        let kept = longest_rising(&pairs.iter().map(|pair| pair.is.0).collect::<Vec<_>>());
        let moved: Vec<&Pair<'_>> = pairs
            .iter()
            .enumerate()
            .filter(|(place, pair)| {
                let arm_was = today(above(self.old, pair.was.0, &names));
                !kept.contains(place) || arm_was != above(self.new, pair.is.0, &names)
            })
            .map(|(_, pair)| pair)
            .collect();
        if moved.is_empty() {
            return;
        }
        let list = |sequence: &Sequence| -> String {
            sequence.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let which: Vec<String> = moved.iter().map(|pair| format!("\"{}\"", pair.is.1.name)).collect();
        let people = self
            .scene
            .whole(self.new)
            .map(|three| three.says("go forward from where they are; nothing repeats", "", "nothing changes"));
        let what = format!("other order: {} moved", which.join(", "));
        out.push(
            self.change(Row::OrderChanged, Gate::Note, &rows::ORDER_CHANGED, what)
                .at(&self.new.origin)
                .lines([list(self.old)], [list(self.new)])
                .people(people),
        );
    }

    // --- a step of both -------------------------------------------------------------------------------------------------

    fn pair(&self, pair: &Pair<'_>, out: &mut Vec<Change>) {
        let (was, is) = (pair.was.1, pair.is.1);
        let from = out.len();
        if was.name != is.name {
            let what = format!("renamed to \"{}\", as `moved` says", is.name);
            let three = self.three(pair, "get it", "wait on for it under its new name", "nothing changes");
            out.push(self.change(Row::IdChanged, Gate::Note, &rows::RENAMED, what).people(three));
        }
        if was.due != is.due {
            out.push(self.timed(pair, due_line(&was.due), due_line(&is.due)));
        } else if was.window != is.window {
            let line =
                |step: &Step| [step.window.as_ref().map_or("no window".to_owned(), |name| format!("window: {name}"))];
            let shift = self.shift_at(pair);
            let change = self.change(Row::Times, Gate::Note, &rows::TIMES_CHANGED, "its window is another one");
            out.push(change.lines(line(was), line(is)).shift(shift).people(self.re_slotted(pair)));
        }
        let cond = |step: &Step| step.cond.as_ref().map(|cond| format!("if: {}", cond.text()));
        if cond(was) != cond(is) {
            out.push(self.judged(pair, "its condition changed", cond(was), cond(is)));
        }
        if was.active != is.active {
            let line = |step: &Step| Some(format!("active: {}", step.active));
            let what = if is.active { "switched on" } else { "switched off" };
            out.push(self.judged(pair, what, line(was), line(is)));
        }
        if was.purpose != is.purpose && (was.purpose, is.purpose) != (self.old.purpose, self.new.purpose) {
            let line = |step: &Step| [format!("purpose: {}", step.purpose.name())];
            let three =
                self.three(pair, "are judged by the new purpose", "are judged by the new purpose", "nothing changes");
            let gate = self.gate_for(three.as_ref());
            let change = self.change(Row::Reach, gate, &rows::REACH_CHANGED, "its purpose changed");
            out.push(change.lines(line(was), line(is)).people(three));
        }
        self.act(pair, out);
        self.details(pair, out);
        for change in &mut out[from..] {
            change.step = Some(is.name.to_string());
            (change.file, change.line) = (is.origin.file.to_string(), is.origin.line);
        }
    }

    /// Everything about a step that moves nobody.
    fn details(&self, pair: &Pair<'_>, out: &mut Vec<Change>) {
        let parts = |step: &Step| {
            [
                ("late", hash_of(&step.late)),
                ("retries", hash_of(&step.retries)),
                ("on_unknown", hash_of(&step.on_unknown)),
                ("once", hash_of(&step.once)),
                ("with", hash_of(&step.with)),
                ("title", hash_of(&step.title)),
            ]
        };
        let (was, is) = (parts(pair.was.1), parts(pair.is.1));
        let other: Vec<&str> = was.iter().zip(&is).filter(|(a, b)| a.1 != b.1).map(|(a, _)| a.0).collect();
        if !other.is_empty() {
            let what = format!("{} changed", other.join(", "));
            out.push(self.change(Row::Setting, Gate::Note, &rows::SETTING_CHANGED, what));
        }
    }

    fn timed(&self, pair: &Pair<'_>, was: String, is: String) -> Change {
        let shift = self.shift_at(pair);
        let later =
            is_later((self.scene.old, self.old, pair.was.0), (self.scene.new, self.new, pair.is.0), self.scene.now);
        // a moment that cannot be compared is judged by what it does to those who wait
        let later =
            later.unwrap_or_else(|| shift.as_ref().is_some_and(|shift| shift.earlier() == 0 && shift.overdue == 0));
        let overdue = shift.as_ref().map_or(0, |shift| shift.overdue);
        let change = if later {
            let three = self.three(pair, "get it later", "wait longer", "nothing changes");
            self.change(Row::WaitLonger, Gate::Note, &rows::LATER, "it is due later").people(three)
        } else {
            let at =
                if overdue > 0 { format!("{overdue} of them overdue at once") } else { "get it earlier".to_owned() };
            let three = self.three(pair, "get it earlier", &at, "nothing changes");
            self.change(Row::WaitShorter, Gate::Note, &rows::EARLIER, "it is due earlier").people(three)
        };
        change.lines([was], [is]).shift(shift)
    }

    fn judged(&self, pair: &Pair<'_>, what: &str, was: Option<String>, is: Option<String>) -> Change {
        let three = self.three(pair, "are judged when they arrive", "are judged when it falls due", "nothing changes");
        let gate = self.gate_for(three.as_ref());
        self.change(Row::Condition, gate, &rows::CONDITION_CHANGED, what).lines(was, is).people(three)
    }

    fn act(&self, pair: &Pair<'_>, out: &mut Vec<Change>) {
        let lines = |step: &Step| describe_act(&step.act);
        match (&pair.was.1.act, &pair.is.1.act) {
            (Act::Branch(was), Act::Branch(is)) => {
                let conds = |branch: &crate::plan::Branch| -> Vec<String> {
                    branch.cases.iter().map(|case| format!("if: {}", case.cond.text())).collect()
                };
                if conds(was) != conds(is) {
                    let mut change = self.judged(pair, "its ways have other conditions", None, None);
                    (change.was, change.is) = (conds(was), conds(is));
                    out.push(change);
                }
            }
            (Act::Split(was), Act::Split(is)) => {
                let shares = |shares: &[crate::plan::Share]| -> Vec<String> {
                    shares.iter().map(|share| format!("{}: {}", share.name, share.weight)).collect()
                };
                if shares(was) != shares(is) {
                    out.push(self.shares(pair, shares(was), shares(is)));
                }
            }
            (Act::WaitFor(was), Act::WaitFor(is)) => {
                let waits = |wait: &crate::plan::WaitFor| {
                    let event = wait.event.as_ref().map(|event| format!("event: {event}"));
                    let cond = wait.cond.as_ref().map(|cond| format!("if: {}", cond.text()));
                    [event, cond].into_iter().flatten().collect::<Vec<_>>()
                };
                if waits(was) != waits(is) {
                    let mut change = self.judged(pair, "it waits for something else", None, None);
                    (change.was, change.is) = (waits(was), waits(is));
                    out.push(change);
                }
                if was.up_to != is.up_to {
                    let longer = was.up_to.nominal_ms() < is.up_to.nominal_ms();
                    let (row, code, what) = if longer {
                        (Row::WaitLonger, &rows::LATER, "it waits longer")
                    } else {
                        (Row::WaitShorter, &rows::EARLIER, "it waits less long")
                    };
                    let three = self.three(
                        pair,
                        "wait as it says now",
                        "wait as it says now, from when they came",
                        "nothing changes",
                    );
                    let line = |span| [format!("up_to: {span}")];
                    let here = |step: &StepName| self.new.position(step) == Some(pair.is.0);
                    let shift = self.shift(|group| group.step.as_ref().is_some_and(here));
                    out.push(
                        self.change(row, Gate::Note, code, what)
                            .lines(line(was.up_to), line(is.up_to))
                            .shift(shift)
                            .people(three),
                    );
                }
            }
            (Act::Message(was), Act::Message(is)) => self.message(pair, was, is, out),
            (was, is) if hash_of(was) != hash_of(is) => {
                out.push(self.says_otherwise(pair, "it does something else", lines(pair.was.1), lines(pair.is.1)));
            }
            _ => {}
        }
    }

    fn message(&self, pair: &Pair<'_>, was: &MessageSpec, is: &MessageSpec, out: &mut Vec<Change>) {
        if let (Body::Variants(a), Body::Variants(b)) = (&was.body, &is.body)
            && a != b
        {
            let arms = |variants: &crate::plan::Variants| -> Vec<String> {
                variants.arms.iter().map(|(name, text)| format!("{name}: {text}")).collect()
            };
            out.push(self.shares(pair, arms(a), arms(b)));
        }
        // a text written in the step has the step's name: another name is no other text
        let rest = |spec: &MessageSpec| {
            let body = match &spec.body {
                Body::Inline(_) => "inline".to_owned(),
                Body::Variants(_) => "variants".to_owned(),
                body => hash_of(body),
            };
            let parts = (&spec.to, &spec.via, &spec.whatsapp_template, &spec.reply_to, spec.ics, &spec.appointment);
            (body, hash_of(&parts))
        };
        if rest(was) != rest(is) {
            let what = if was.via == is.via { "its message is another one" } else { "it goes another way" };
            out.push(self.says_otherwise(pair, what, describe_act(&pair.was.1.act), describe_act(&pair.is.1.act)));
        }
    }

    fn shares(&self, pair: &Pair<'_>, was: Vec<String>, is: Vec<String>) -> Change {
        let three = self.three(
            pair,
            "are shared out anew",
            "are shared out anew, unless they are in an arm",
            "stay in their arm",
        );
        self.change(Row::Shares, Gate::Note, &rows::SHARES_CHANGED, "its shares changed").lines(was, is).people(three)
    }

    fn says_otherwise(&self, pair: &Pair<'_>, what: &str, was: Vec<String>, is: Vec<String>) -> Change {
        let prepared = self.scene.prepared(&self.new.name, &pair.was.1.name);
        let past = if prepared > 0 {
            format!("never resent; {prepared} prepared already go out as they are")
        } else {
            "never resent".to_owned()
        };
        let three = self.three(pair, "get the new one", "get the new one", &past);
        self.change(Row::Text, Gate::Note, &rows::TEXT_CHANGED, what).lines(was, is).people(three)
    }

    fn three(&self, pair: &Pair<'_>, before: &str, at: &str, past: &str) -> Option<Three> {
        self.scene.three(self.new, pair.is.0).map(|three| three.says(before, at, past))
    }

    fn re_slotted(&self, pair: &Pair<'_>) -> Option<Three> {
        self.three(pair, "get it at a moment that the new one allows", "are moved to one", "nothing changes")
    }

    fn shift(&self, at: impl Fn(&Group) -> bool) -> Option<super::Shift> {
        self.scene.shift(self.old, self.new, at, true)
    }

    fn shift_at(&self, pair: &Pair<'_>) -> Option<super::Shift> {
        debug_assert!(!same_time(pair.was.1, pair.is.1), "nothing moves");
        self.shift(|group| group.step.as_ref().is_some_and(|step| self.new.position(step) == Some(pair.is.0)))
    }
}

/// Barriers above a step and the arm of each in which it stands, outermost last.
fn arms_above(sequence: &Sequence, mut at: StepIx) -> Vec<(StepName, Arc<str>)> {
    let mut found = Vec::new();
    while let Some(above) = sequence.step(at).and_then(|step| step.above) {
        let barrier = sequence.step(above);
        let arms = barrier.map(|step| (step.name.clone(), step.act.arms()));
        if let Some((name, arms)) = arms
            && let Some((arm, _)) =
                arms.into_iter().find(|(_, entry)| *entry == at && barrier.is_some_and(|b| b.next != at))
        {
            found.push((name, arm));
        }
        at = above;
    }
    found
}

/// Places of a longest rising run of numbers.
fn longest_rising(of: &[StepIx]) -> BTreeSet<usize> {
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(of.len());
    for (place, at) in of.iter().enumerate() {
        let before = (0..place).filter(|other| of[*other] < *at).max_by_key(|other| best[*other].0);
        best.push((1 + before.map_or(0, |other| best[other].0), before));
    }
    let mut kept = BTreeSet::new();
    let mut at = (0..of.len()).max_by_key(|place| (best[*place].0, std::cmp::Reverse(*place)));
    while let Some(place) = at {
        kept.insert(place);
        at = best[place].1;
    }
    kept
}

/// A step in a few lines, as a file would say it.
fn describe(step: &Step) -> Vec<String> {
    let due = (step.due != Due::Together).then(|| due_line(&step.due));
    let cond = step.cond.as_ref().map(|cond| format!("if: {}", cond.text()));
    due.into_iter().chain(cond).chain(describe_act(&step.act)).collect()
}

fn describe_act(act: &Act) -> Vec<String> {
    match act {
        Act::Message(spec) => {
            let via: Vec<&str> = spec.via.iter().map(via_word).collect();
            let body = match &spec.body {
                Body::Template(name) => format!("send: {name}"),
                Body::Inline(_) => "send: a text written in the step".to_owned(),
                Body::Variants(_) => "variants".to_owned(),
                Body::Write(_) => "write".to_owned(),
            };
            vec![body, format!("via: [{}]", via.join(", "))]
        }
        Act::Task(task) => vec![format!("task: {}", task.title)],
        Act::Notify(notify) => vec![format!("notify: {}", notify.text)],
        Act::Webhook(call) => vec![format!("webhook: {}", call.url.shown())],
        Act::Local(_) => vec!["changes of our own records".to_owned()],
        Act::Enroll(name) => vec![format!("enroll: {name}")],
        Act::Stop(reason) => vec![format!("stop: {reason}")],
        Act::Nothing => Vec::new(),
        Act::Branch(branch) => {
            let cases = branch.cases.iter().map(|case| format!("if: {}", case.cond.text()));
            cases.chain([OTHERWISE.to_owned()]).collect()
        }
        Act::Split(shares) => shares.iter().map(|share| format!("{}: {}", share.name, share.weight)).collect(),
        Act::WaitFor(wait) => vec![format!("wait_for: up_to {}", wait.up_to)],
    }
}

fn via_word(via: &crate::plan::Via) -> &str {
    match via {
        crate::plan::Via::Reply => "reply",
        crate::plan::Via::Preferred => "preferred",
        crate::plan::Via::Channel(name) => name.as_str(),
    }
}

pub(super) fn due_line(due: &Due) -> String {
    let timed = |text: String, at: &Option<crate::calendar::TimeOfDay>| match at {
        Some(at) => format!("{text}, at: \"{at}\""),
        None => text,
    };
    match due {
        Due::Together => "with the step before".to_owned(),
        Due::Wait { span, at } => timed(format!("wait: {span}"), at),
        Due::Day { day, at } => timed(format!("day: {day}"), at),
        Due::Bound { moment, before, span, at } => {
            let moment = match moment {
                Moment::RunEntered => "run.entered_at".to_owned(),
                Moment::Contact(field) => format!("contact.{field}"),
                Moment::Booking(field) => format!("booking.{field}"),
                Moment::Event(field) => format!("event.{field}"),
            };
            let word = if *before { "before" } else { "after" };
            timed(format!("{word}: {{ {moment}: {span} }}"), at)
        }
    }
}
