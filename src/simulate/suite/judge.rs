//! Expected and got, side by side. Expectations stand in order; between the first and the last nothing else may be sent.
use super::{Breach, Line, LineWord, Row, Verdict, always, record::Book, why};
use crate::{
    calendar::{Instant, Span, Zone},
    id::{FieldName, SequenceName, StepName},
    plan::{
        Plan,
        suite::{Expected, Scenario, Suite, TextIs, Then, Timing},
    },
    record::Purpose,
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// What the judges look at.
pub(super) struct Evidence<'a> {
    pub(super) suite: &'a Suite,
    pub(super) scenario: &'a Scenario,
    pub(super) plan: &'a Plan,
    pub(super) book: &'a Book,
    pub(super) start: Instant,
    pub(super) zone: &'a Zone,
    pub(super) until: Instant,
    /// It was stopped: what came without being expected says nothing then.
    pub(super) stopped: bool,
}

/// Compares a played story with what was expected of it.
pub(super) fn judge(evidence: &Evidence<'_>) -> (Vec<Row>, Vec<Breach>) {
    let lines = &evidence.book.lines;
    let mut taken = vec![false; lines.len()];
    let mut rows: Vec<Row> = Vec::new();
    let mut reached = evidence.start;
    for (number, then) in evidence.scenario.then.iter().enumerate() {
        let row = |got, verdict, why_not| Row { expected: Some(number), got, read: Vec::new(), verdict, why_not };
        if let Expected::State(wanted) = &then.what {
            rows.push(evidence.state(number, then, wanted));
            continue;
        }
        let meets = |at: usize| evidence.differences(then, &lines[at]).is_empty();
        if then.never {
            let got: Vec<usize> =
                (0..lines.len()).filter(|at| evidence.is_about(then, &lines[*at]) && meets(*at)).collect();
            let verdict = if got.is_empty() { Verdict::Same } else { Verdict::Unexpected };
            rows.push(row(got, verdict, None));
            continue;
        }
        let open = |at: &usize| !taken[*at] && evidence.is_about(then, &lines[*at]);
        if let Some(wanted) = then.exactly {
            let got: Vec<usize> = (0..lines.len()).filter(open).filter(|at| meets(*at)).collect();
            let many = u32::try_from(got.len()).unwrap_or(u32::MAX);
            for at in &got {
                taken[*at] = true;
            }
            let verdict = if many == wanted { Verdict::Same } else { Verdict::Count { wanted, got: many } };
            rows.push(row(got, verdict, None));
            continue;
        }
        let candidates: Vec<usize> = (0..lines.len()).filter(open).filter(|at| lines[*at].at >= reached).collect();
        if let Some(at) = candidates.iter().copied().find(|at| meets(*at)) {
            taken[at] = true;
            reached = lines[at].at;
            rows.push(row(vec![at], Verdict::Same, None));
        } else if let Some(at) = candidates.into_iter().min_by_key(|at| evidence.differences(then, &lines[*at]).len()) {
            taken[at] = true;
            let differs = evidence.differences(then, &lines[at]);
            rows.push(row(vec![at], Verdict::Differs(differs), why::not(evidence, then, Some(at))));
        } else {
            rows.push(row(Vec::new(), Verdict::Missing, why::not(evidence, then, None)));
        }
    }
    if !evidence.scenario.others_allowed && !evidence.stopped {
        evidence.others(&mut rows, &taken);
    }
    (rows, always::breaches(evidence))
}

impl Evidence<'_> {
    /// Is the line of the kind that is expected, whatever else differs?
    pub(super) fn is_about(&self, then: &Then, line: &Line) -> bool {
        if then.who.is_some() && then.who != line.who {
            return false;
        }
        let of_step = |step| {
            let same = then.sequence.is_none() || then.sequence == line.sequence;
            same && line.step.as_ref() == Some(step)
        };
        let of = |sequence| line.sequence.as_ref() == Some(sequence);
        match (&then.what, &line.word) {
            (Expected::Sent { step, .. }, LineWord::Sent) => of_step(step),
            (Expected::Skipped { step, .. }, LineWord::Skipped(_))
            | (Expected::Failed { step, .. }, LineWord::Failed(_))
            | (Expected::Cancelled { step, .. }, LineWord::Cancelled(_))
            | (Expected::Held { step, .. }, LineWord::Deferred(_))
            | (Expected::Task(step), LineWord::Task)
            | (Expected::Webhook(step), LineWord::Webhook) => of_step(step),
            (Expected::Entered(sequence), LineWord::Entered { .. })
            | (Expected::NotEntered { sequence, .. }, LineWord::NotEntered(_))
            | (Expected::Completed(sequence), LineWord::Completed)
            | (Expected::Converted(sequence), LineWord::Converted)
            | (Expected::Stopped { sequence, .. }, LineWord::Stopped(_)) => of(sequence),
            (Expected::TaskOf(trigger), LineWord::Task) => {
                let made = |step: &StepName| {
                    step.as_str()
                        .strip_prefix("trigger.")?
                        .strip_prefix(trigger.as_str())?
                        .strip_prefix('.')
                        .map(|_| ())
                };
                line.step.as_ref().and_then(made).is_some()
            }
            (Expected::Notified(to), LineWord::Notified(who)) => to == who,
            (Expected::Notified(to), LineWord::Sent) => line.to.as_ref() == Some(to),
            (Expected::Tagged(tag), LineWord::Tagged(got)) => tag == got,
            (Expected::Scored(_), LineWord::Scored(_)) => true,
            _ => false,
        }
    }

    /// In what a line of the right kind differs from what is expected.
    fn differences(&self, then: &Then, line: &Line) -> Vec<&'static str> {
        let mut differs = self.late(&then.timing, line.at);
        let mut check = |name: &'static str, same: bool| {
            if !same {
                differs.push(name);
            }
        };
        match &then.what {
            Expected::Sent { via, subject, text, .. } => {
                check("via", via.is_none() || *via == line.channel);
                check("subject", subject.as_ref().is_none_or(|wanted| holds(wanted, line.subject.as_ref())));
                check("text", text.as_ref().is_none_or(|wanted| holds(wanted, line.text.as_ref())));
            }
            Expected::Skipped { because, .. }
            | Expected::Failed { because, .. }
            | Expected::Cancelled { because, .. }
            | Expected::Held { because, .. }
            | Expected::NotEntered { because, .. }
            | Expected::Stopped { because, .. } => {
                check("because", because.as_ref().is_none_or(|because| reason(line).as_ref() == Some(because)));
            }
            Expected::Scored(wanted) => check("score", line.word == LineWord::Scored(*wanted)),
            _ => {}
        }
        differs
    }

    /// Which words about time do not hold at that moment.
    fn late(&self, timing: &Timing, at: Instant) -> Vec<&'static str> {
        let (start, zone) = (self.start, self.zone);
        let slack = timing.within.unwrap_or(Span::ZERO);
        // a civil time is met to the minute
        let minute = |at: Instant| Instant(at.0.div_euclid(60_000) * 60_000);
        let mut differs = Vec::new();
        if let Some(wanted) = timing.at {
            let (first, past) = (wanted.first(start, zone), wanted.past(start, zone));
            let early = zone.sub(minute(first), slack);
            if at < early || at >= zone.add(past.max(minute(past)), slack) {
                differs.push("at");
            }
        }
        if timing.by.is_some_and(|by| at >= by.past(start, zone)) {
            differs.push("by");
        }
        if timing.not_before.is_some_and(|from| at < minute(from.first(start, zone))) {
            differs.push("not_before");
        }
        if timing.after.is_some_and(|after| at < after.past(start, zone)) {
            differs.push("after");
        }
        differs
    }

    /// The person's fields at the moment that is asked for, else at the end.
    fn state(&self, number: usize, then: &Then, wanted: &BTreeMap<FieldName, Value>) -> Row {
        let asked =
            then.timing.at.or(then.timing.by).map_or(self.until, |at| at.past(self.start, self.zone).plus_ms(-1));
        let only = self.book.states.first().map(|(_, name, _)| name);
        let who = then.who.as_ref().or(only);
        let known = self.book.states.iter().rev().find(|(at, name, _)| *at <= asked && Some(name) == who);
        let row = |read, verdict| Row { expected: Some(number), got: Vec::new(), read, verdict, why_not: None };
        let Some((_, _, contact)) = known else { return row(Vec::new(), Verdict::Missing) };
        let read: Vec<(Arc<str>, Value)> =
            wanted.keys().map(|field| (Arc::from(field.as_str()), contact.field(field.as_str()))).collect();
        let differs = wanted.values().zip(&read).any(|(wanted, (_, got))| got != wanted);
        row(read, if differs == then.never { Verdict::Same } else { Verdict::Differs(vec!["state"]) })
    }

    pub(super) fn purpose(&self, sequence: &SequenceName, step: &StepName) -> Option<Purpose> {
        let sequence = self.plan.sequences.get(sequence)?;
        sequence.step(sequence.position(step)?).map(|step| step.purpose)
    }

    pub(super) fn is_tested(&self, line: &Line) -> bool {
        let tested = &self.suite.under_test;
        line.sequence.as_ref().is_some_and(|of| tested.is_empty() || tested.contains(of))
    }

    /// Adds what was sent between the first and the last expectation and that nothing expected, in its place.
    fn others(&self, rows: &mut Vec<Row>, taken: &[bool]) {
        let lines = &self.book.lines;
        let matched = || {
            let positive = rows.iter().filter(|row| row.verdict != Verdict::Unexpected);
            positive.flat_map(|row| &row.got).map(|at| lines[*at].at)
        };
        let (Some(first), Some(last)) = (matched().min(), matched().max()) else { return };
        let reported: Vec<usize> = rows.iter().flat_map(|row| row.got.iter().copied()).collect();
        for (at, line) in lines.iter().enumerate() {
            let other = line.word == LineWord::Sent && self.is_tested(line) && !taken[at] && !reported.contains(&at);
            if !other || line.at < first || line.at > last {
                continue;
            }
            let place = rows.iter().rposition(|row| row.got.iter().any(|got| lines[*got].at <= line.at));
            let row =
                Row { expected: None, got: vec![at], read: Vec::new(), verdict: Verdict::Unexpected, why_not: None };
            rows.insert(place.map_or(0, |place| place + 1), row);
        }
    }
}

/// The reason that a line gives.
fn reason(line: &Line) -> Option<Arc<str>> {
    match &line.word {
        LineWord::Skipped(why)
        | LineWord::Failed(why)
        | LineWord::Cancelled(why)
        | LineWord::NotEntered(why)
        | LineWord::Stopped(why) => Some(why.clone()),
        LineWord::Deferred(_) => serde_json::to_value(line.because.as_ref()?.gate).ok()?.as_str().map(Arc::from),
        _ => None,
    }
}

fn holds(wanted: &TextIs, got: Option<&Arc<str>>) -> bool {
    let got = got.map(|got| &**got).unwrap_or_default();
    wanted.is.as_deref().is_none_or(|text| got.trim() == text.trim())
        && wanted.has.iter().all(|part| got.contains(&**part))
        && !wanted.lacks.iter().any(|part| got.contains(&**part))
}
