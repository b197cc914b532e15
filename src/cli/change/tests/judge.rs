//! Every number of a plan beside what the people did. Where the plan says "at most" or "about", what came stays within it.
use super::{
    case::Case,
    people::{Became, change as now, due, stood_at},
};
use crate::{
    calendar::Instant,
    compile::diff::{Change, Changes, Gate, Row, Sample, Shift, Some3, Three},
    engine::{LedgerRow, RunPhase, RunRow},
    id::StepName,
    journey::{End, Outcome, Sending, StopReason, Wait},
    plan::{Act, Plan, Sequence, To, hour_of},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

const HOUR: i64 = 3_600_000;
const WEEK: i64 = 7 * 24 * HOUR;

/// What a plan says, in a few lines.
pub(super) fn told(case: &Case, changes: &Changes) -> String {
    let mut text = format!("== {}\n", case.name);
    for change in &changes.changes {
        let step = change.step.as_ref().map_or(String::new(), |step| format!(".{step}"));
        let _ = write!(text, "{} {} {}{step}: {}", change.gate.word(), change.code, change.object, change.what);
        if let Some(people) = &change.people {
            let most = if people.before.at_most { "<=" } else { "" };
            let _ = write!(text, " | {most}{} {} {}", people.before.people, people.at.people, people.past.people);
        }
        if let Some(shift) = &change.shift {
            let Shift { hours, overdue, spread, skipped, unknown, .. } = shift;
            let hours: Vec<String> = hours.iter().map(|(hours, people)| format!("{hours}h {people}")).collect();
            let _ = write!(text, " | moves [{}]", hours.join(", "));
            let all = [("overdue", overdue), ("spread", spread), ("skipped", skipped), ("unknown", unknown)];
            for (word, people) in all.into_iter().filter(|(_, people)| **people > 0) {
                let _ = write!(text, " {word} {people}");
            }
        }
        if let Some(leave) = change.leave {
            let _ = write!(text, " | leave {leave}");
        }
        if let Some(enter) = change.enter {
            let _ = write!(text, " | match {}{}", enter.people, if enter.taken { ", taken in" } else { "" });
        }
        text.push('\n');
    }
    let volumes = &changes.volumes;
    let about = if volumes.about { "about " } else { "" };
    let (is, most) = (volumes.messages, volumes.most);
    let _ = writeln!(text, "messages {about}{} → {}, at most {} → {}\n", is.before, is.after, most.before, most.after);
    text
}

struct Judge<'a> {
    case: &'a Case,
    control: &'a Became,
    became: Option<&'a Became>,
    old: &'a Plan,
    new: &'a Plan,
    faults: Vec<String>,
}

pub(super) fn judge(
    case: &Case,
    changes: &Changes,
    control: &Became,
    became: Option<&Became>,
    [old, new]: &[Arc<Plan>; 2],
) -> Vec<String> {
    let mut judge = Judge { case, control, became, old, new, faults: Vec::new() };
    judge.gates(changes);
    for (name, people) in &changes.inside {
        let inside = control.inside.iter().filter(|run| run.sequence == *name).count();
        judge.equal(&format!("inside {name}"), *people, inside as u64);
    }
    for change in &changes.changes {
        judge.people(change);
        judge.answers(change);
    }
    if let Some(became) = became {
        judge.nobody_is_lost(became);
        for change in &changes.changes {
            judge.shift(change, became);
            judge.foreseen(change, became);
        }
        judge.reads(became);
        judge.volumes(changes, became);
        for sample in &changes.samples {
            judge.sample(changes, sample, became);
        }
    }
    judge.faults
}

fn is_sent(row: &LedgerRow) -> bool {
    row.state == Sending::Closed(Outcome::Sent)
}

/// Is the line one of a message to the person? `plans`: the old and the new one, in which who is pinned does not stand.
fn writes([old, new]: [&Plan; 2], row: &LedgerRow) -> bool {
    let step = row.sequence.as_ref().and_then(|name| {
        let sequence = new.sequences.get(name)?;
        let sequence = if sequence.changed.pin { old.sequences.get(name)? } else { sequence };
        sequence.step(sequence.position(&row.step)?)
    });
    step.is_some_and(|step| matches!(&step.act, Act::Message(spec) if spec.to == To::Contact))
}

impl Judge<'_> {
    fn equal(&mut self, what: &str, said: u64, came: u64) {
        if said != came {
            self.faults.push(format!("{what}: the plan says {said}, {came} came"));
        }
    }

    fn bound(&mut self, what: &str, some: &Some3, came: u64) {
        if some.at_most {
            if came > some.people {
                self.faults.push(format!("{what}: the plan says at most {}, {came} came", some.people));
            }
        } else {
            self.equal(what, some.people, came);
        }
    }

    /// What has to be decided is decided, and the row of the case is among the changes.
    fn gates(&mut self, changes: &Changes) {
        let rows: Vec<Row> = changes.changes.iter().map(|change| change.row).collect();
        if !rows.iter().any(|row| super::name(*row) == self.case.row) {
            self.faults.push(format!("no change of the row {} among {rows:?}", self.case.row));
        }
        let waiting: Vec<&str> = changes.waiting(&self.case.allow).map(|change| change.code).collect();
        if self.case.blocks != waiting.iter().any(|_| true) {
            self.faults.push(format!("waits for a decision: {waiting:?}"));
        }
        if self.case.blocks && changes.count(Gate::Block) == 0 {
            self.faults.push("it does not block".to_owned());
        }
        let all: Vec<&str> = changes.waiting(&[]).map(|change| change.code).collect();
        for code in self.case.allow.iter().filter(|code| !all.contains(&code.as_str())) {
            self.faults.push(format!("{code} need not be allowed"));
        }
        // one cause, one finding
        let says = |row: Row| changes.changes.iter().any(|change| change.row == row);
        let again = ["removed changed", "moved changed", "retired changed", "catch_up changed"];
        let again = changes.changes.iter().filter(|change| again.contains(&change.what.as_str()));
        for change in again.filter(|_| says(Row::StepRemovedPeople) || says(Row::IdChanged) || says(Row::WaitShorter)) {
            self.faults.push(format!("told twice: {}", change.what));
        }
    }

    // --- before, at and past --------------------------------------------------------------------------------------------

    fn people(&mut self, change: &Change) {
        let Some(three) = &change.people else { return };
        let what = format!("{} {}{}", change.code, change.object, change.step.as_deref().unwrap_or_default());
        let steps: BTreeSet<&str> = change.step.iter().map(String::as_str).collect();
        let about: BTreeSet<&str> = self.case.about.iter().map(String::as_str).collect();
        let both = self.became.map(|became| (became, false));
        let control = Some((self.control, false));
        let (of, steps) = match change.row {
            Row::StepRemovedEmpty | Row::StepRemovedPeople => (control, steps),
            Row::IdChanged if change.what.starts_with("its id") => (control, steps),
            Row::Switched if !self.case.rests => (both.map(|(of, _)| (of, true)), BTreeSet::new()),
            Row::Switched | Row::OrderChanged | Row::SequenceDeleted | Row::Entries | Row::SequenceAdded => {
                (Some((self.control, true)), BTreeSet::new())
            }
            Row::Condition | Row::Reach | Row::Times if change.step.is_none() && about.is_empty() => {
                (Some((self.control, true)), BTreeSet::new())
            }
            Row::Reach if change.what == "removed" => (control, about),
            _ if change.step.is_none() => (both, about),
            _ => (both, steps),
        };
        let Some((of, whole)) = of else { return };
        if three.at.what.starts_with("finish the revision") {
            return self.pinned(&what, three);
        }
        let came = self.three(change, of, &steps, whole);
        if change.decision.is_some() && change.row == Row::SequenceDeleted {
            return self.equal(&what, three.at.people, came.total());
        }
        self.bound(&format!("{what} before"), &three.before, came.before.people);
        if three.before.at_most {
            self.equal(&format!("{what}, all"), three.total(), came.total());
        } else {
            self.equal(&format!("{what} past"), three.past.people, came.past.people);
        }
        self.equal(&format!("{what} at"), three.at.people, came.at.people);
    }

    /// Everybody gets what they would have got; what the hours of the project did is told with these.
    fn pinned(&mut self, what: &str, three: &Three) {
        let Some(became) = self.became else { return };
        self.equal(what, three.total(), became.inside.len() as u64);
        let list = |of: &Became| -> Vec<_> {
            let line = |row: &LedgerRow| {
                (row.run, row.step.clone(), row.planned, row.state.clone(), of.texts.get(&row.send.0).cloned())
            };
            of.rows.iter().map(line).collect()
        };
        if list(became) != list(self.control) {
            self.faults.push(format!("{what}: not everybody finishes what they entered"));
        }
    }

    /// The people of a change as what then fell due to them tells: who gets it next, who gets it later, who never does.
    fn three(&self, change: &Change, of: &Became, steps: &BTreeSet<&str>, whole: bool) -> Three {
        let mut three = Three::default();
        let concerned = |run: &&RunRow| match change.kind {
            crate::compile::diff::Kind::Sequence | crate::compile::diff::Kind::Campaign => {
                run.sequence.as_str() == change.object
            }
            _ => true,
        };
        for run in of.inside.iter().filter(concerned) {
            let rows = of.of(run);
            let is_such = |row: &&LedgerRow| steps.contains(row.step.as_str());
            // who stands in an arm of nothing but a barrier comes to it without a line of its own
            let some = if whole {
                if rows.is_empty() { &mut three.past } else { &mut three.before }
            } else if rows.first().is_some_and(is_such) {
                &mut three.at
            } else if rows.iter().any(is_such) {
                &mut three.before
            } else {
                &mut three.past
            };
            some.people += 1;
        }
        three
    }

    /// Answers say how many they concern, and these stand there.
    fn answers(&mut self, change: &Change) {
        let Some(decision) = &change.decision else { return };
        let there = match change.row {
            Row::StepRemovedPeople | Row::IdChanged | Row::SequenceDeleted => {
                change.people.as_ref().map_or(0, |people| people.at.people)
            }
            _ => change.shift.as_ref().map_or(0, |shift| shift.overdue),
        };
        for answer in &decision.answers {
            let said = answer.effect.split(' ').next().and_then(|word| word.parse().ok());
            let said: u64 = if answer.effect.starts_with("one person") { 1 } else { said.unwrap_or(0) };
            self.equal(&format!("answer {}", answer.yaml.trim()), said, there);
        }
        if let Some(total) = decision.demand.split(" would be due at once").next().and_then(|n| n.parse().ok()) {
            self.equal("due at once", total, there);
        }
    }

    // --- due times ------------------------------------------------------------------------------------------------------

    fn shift(&mut self, change: &Change, became: &Became) {
        let Some(shift) = &change.shift else { return };
        if change.row == Row::Switched {
            return self.resumed(shift, became);
        }
        let sequence = self.new.sequences.get(change.object.as_str());
        let today = |step: &str| match sequence {
            Some(sequence) => sequence.name_today(&StepName::new(step)).to_string(),
            None => step.to_owned(),
        };
        let is_there = |run: &&RunRow| match (stood_at(run), &change.step) {
            (None, _) => false,
            (Some(at), Some(step)) => at == step || today(at) == *step,
            (Some(at), None) => self.case.about.iter().any(|step| *step == today(at)),
        };
        let there: Vec<&RunRow> = became.inside.iter().filter(is_there).collect();
        let (mut hours, mut unknown, mut skipped, mut moments) = (BTreeMap::new(), 0, 0, Vec::new());
        for run in there {
            let rows = became.of(run);
            // the line of what was waited for is written when that is over, and planned for when it began
            let waited = rows.iter().filter(|row| stood_at(run) != Some(row.step.as_str()) || !awaits(run));
            let Some(first) = waited.copied().next() else { continue };
            let skips = first.because.as_ref().is_some_and(|because| format!("{because:?}").contains("catch_up"));
            match due(run) {
                None => unknown += 1,
                Some(_) if skips => skipped += 1,
                Some(due) => {
                    *hours.entry(hour_of(first.planned).since(hour_of(due)) / HOUR).or_insert(0_u64) += 1;
                    moments.push((first.planned, due));
                }
            }
        }
        self.equal("unknown moments", shift.unknown, unknown);
        self.equal("skipped", shift.skipped, skipped);
        // those who are spread come whenever they do, and nobody later than was said or than before
        let came: u64 = hours.values().sum();
        let said: u64 = shift.hours.values().sum();
        self.equal("moved or spread", said + shift.spread, came);
        for (by, people) in &shift.hours {
            let came = hours.get(by).copied().unwrap_or(0);
            if came < *people || (came > *people && shift.spread == 0) {
                self.faults.push(format!("{by} hours: the plan says {people}, {came} came: {hours:?}"));
            }
        }
        if let Some(until) = shift.until {
            let within = |(at, had): &&(Instant, Instant)| {
                *at >= change_hour() && *at <= until && (at <= had || at.since(*had) < HOUR)
            };
            let spread = moments.iter().filter(within).count() as u64;
            if spread < shift.spread {
                self.faults.push(format!("spread until {until}: the plan says {}, {spread} came", shift.spread));
            }
        }
        // what is caught up at once goes out at once
        let at_once = moments.iter().filter(|(at, _)| *at == now()).count() as u64;
        let caught = shift.overdue - shift.spread - shift.skipped;
        if self.case.decision == "now" && self.new.policies.windows.is_empty() {
            self.equal("caught up at once", caught, at_once);
        }
    }

    fn resumed(&mut self, shift: &Shift, became: &Became) {
        let firsts: Vec<Instant> = became
            .inside
            .iter()
            .filter(|run| stood_at(run).is_some())
            .filter_map(|run| Some(became.of(run).first()?.planned))
            .collect();
        let at_once = firsts.iter().filter(|at| **at == now()).count() as u64;
        self.equal("due at once", shift.overdue, at_once);
        self.equal("due as before", shift.hours.values().sum(), firsts.len() as u64 - at_once);
    }

    // --- who leaves and who enters --------------------------------------------------------------------------------------

    fn foreseen(&mut self, change: &Change, became: &Became) {
        if let Some(leave) = change.leave {
            let ended = |run: &&RunRow| {
                let was = became.inside.iter().any(|one| one.id == run.id);
                let rule = |end: &End| matches!(end, End::Stopped(StopReason::Rule(_)));
                was && matches!(&run.phase, RunPhase::Ended { end, .. } if rule(end))
            };
            let ended = became.at_once.iter().filter(ended).count() as u64;
            self.equal("leave at once", leave, ended);
        }
        if let Some(enter) = change.enter {
            let known: BTreeSet<_> = self.control.ended.iter().map(|run| run.id).collect();
            let came = became.ended.iter().filter(|run| !known.contains(&run.id)).count() as u64;
            self.equal("taken in", if enter.taken { enter.people } else { 0 }, came);
        }
    }

    // --- whatever changes -----------------------------------------------------------------------------------------------

    /// Everybody comes to one end or rests, nothing goes out twice, nobody goes back.
    fn nobody_is_lost(&mut self, became: &Became) {
        for run in &became.ended {
            let over = matches!(run.phase, RunPhase::Ended { .. });
            if over == (self.case.rests && became.inside.iter().any(|one| one.id == run.id) && self.rests(run)) {
                self.faults.push(format!("{:?} is lost: {:?}", run.contact, run.phase));
            }
        }
        let (mut sent, mut texts) = (BTreeSet::new(), 0);
        for row in &became.all {
            let sequence = row.sequence.as_ref().and_then(|name| self.new.sequences.get(name));
            let today = sequence.map_or(row.step.clone(), |sequence| sequence.name_today(&row.step).clone());
            if !sent.insert((row.run, today)) {
                self.faults.push(format!("{:?} twice: {}", row.contact, row.step));
            }
            if !matches!(row.state, Sending::Closed(_)) {
                self.faults.push(format!("{:?} open: {} {:?}", row.contact, row.step, row.state));
            }
        }
        for texts_of_one in became.texts.values() {
            texts += usize::from(texts_of_one.len() > 1);
        }
        self.equal("messages that left twice", 0, texts as u64);
        for run in &became.inside {
            let of = |plan: &Plan| plan.sequences.get(&run.sequence).cloned();
            let (old, new) = (of(self.old), of(self.new));
            let pinned = new.as_ref().is_some_and(|new| new.changed.pin);
            let Some(sequence): Option<Arc<Sequence>> = (if pinned { old } else { new }) else { continue };
            let places: Vec<_> = became.of(run).iter().map(|row| sequence.position(&row.step)).collect();
            if !places.windows(2).all(|pair| pair[0] < pair[1]) {
                self.faults.push(format!("{:?} goes back: {places:?}", run.contact));
            }
        }
    }

    fn rests(&self, run: &RunRow) -> bool {
        // whose steps had all fallen due has nothing to rest for
        let inside = self.control.inside.iter().find(|one| one.id == run.id);
        inside.is_some_and(|run| stood_at(run).is_some())
    }

    fn reads(&mut self, became: &Became) {
        let Some((step, words)) = &self.case.reads else { return };
        for row in became.all.iter().filter(|row| row.step.as_str() == step && is_sent(row)) {
            let after = became.rows.iter().any(|one| one.send == row.send);
            let read = became.texts.get(&row.send.0).is_some_and(|texts| texts.iter().any(|text| text.contains(words)));
            if after != read {
                self.faults
                    .push(format!("{:?} got {step} after the change: {after}, and reads the new: {read}", row.contact));
            }
        }
    }

    // --- volumes --------------------------------------------------------------------------------------------------------

    /// Messages of the week to those who were inside.
    fn week<'b>(&self, of: &'b Became, plans: [&Plan; 2]) -> Vec<&'b LedgerRow> {
        let until = now().plus_ms(WEEK);
        let inside: BTreeSet<_> = of.inside.iter().map(|run| Some(run.id)).collect();
        let such = |row: &&LedgerRow| {
            let writes = writes(plans, row);
            row.planned <= until && inside.contains(&row.run) && is_sent(row) && writes
        };
        of.rows.iter().filter(such).collect()
    }

    fn volumes(&mut self, changes: &Changes, became: &Became) {
        let volumes = &changes.volumes;
        let (before, after) = (self.week(self.control, [self.old; 2]), self.week(became, [self.old, self.new]));
        let (was, is) = (before.len() as u64, after.len() as u64);
        if was > volumes.most.before || is > volumes.most.after {
            self.faults.push(format!("at most {:?}: {was} and {is} came", volumes.most));
        }
        if volumes.about {
            return;
        }
        self.equal("messages before", volumes.messages.before, was);
        self.equal("messages after", volumes.messages.after, is);
        let mut hours: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
        for row in before {
            hours.entry(hour_of(row.planned).0).or_default().0 += 1;
        }
        for row in &after {
            hours.entry(hour_of(row.planned).0).or_default().1 += 1;
        }
        let said: BTreeMap<i64, (u64, u64)> =
            volumes.hours.iter().map(|(at, volume)| (*at, (volume.before, volume.after))).collect();
        if said != hours {
            let list = |of: &BTreeMap<i64, (u64, u64)>| {
                let lines: Vec<String> = of.iter().map(|(at, n)| format!("\n    {} {n:?}", Instant(*at))).collect();
                lines.concat()
            };
            self.faults.push(format!("by hours the plan says{}\n  and came{}", list(&said), list(&hours)));
        }
        for line in &volumes.lines {
            if line.about {
                continue;
            }
            let of = |row: &&&LedgerRow| {
                row.sequence.as_ref() == Some(&line.sequence) && row.channel.as_ref() == Some(&line.channel)
            };
            let came = after.iter().filter(of).count() as u64;
            self.equal(&format!("{} by {}", line.sequence, line.channel), line.messages.after, came);
        }
    }

    fn sample(&mut self, changes: &Changes, sample: &Sample, became: &Became) {
        if sample.spread || changes.volumes.about {
            return;
        }
        let alike = |run: &&RunRow| {
            run.sequence == sample.sequence
                && stood_at(run) == sample.step.as_deref()
                && hour_of(run.entered) == sample.entered
        };
        let timeline = |of: &Became, plans: [&Plan; 2], run: &RunRow| -> Vec<(Instant, String)> {
            let rows = of.of(run).into_iter();
            let rows = rows.filter(|row| is_sent(row) && writes(plans, row));
            rows.map(|row| (hour_of(row.planned), row.step.to_string())).collect()
        };
        let said = |points: &[crate::compile::diff::Point]| -> Vec<(Instant, String)> {
            points.iter().map(|point| (hour_of(point.at), point.step.clone())).collect()
        };
        for run in became.inside.iter().filter(alike) {
            let pairs = [
                ("before", said(&sample.before), timeline(self.control, [self.old; 2], run)),
                ("after", said(&sample.after), timeline(became, [self.old, self.new], run)),
            ];
            for (word, said, came) in pairs {
                if said != came {
                    self.faults
                        .push(format!("example {word}: {:?}: the plan says {said:?}, came {came:?}", run.contact));
                }
            }
        }
    }
}

fn awaits(run: &RunRow) -> bool {
    matches!(&run.phase, RunPhase::Active { wait: Wait::Awaiting(_), .. })
}

/// Hours are all that a plan knows.
fn change_hour() -> Instant {
    hour_of(now())
}
