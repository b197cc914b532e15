//! Why something that was expected did not come: what moved, skipped or stopped it.
use super::{LineWord, WhyNot, judge::Evidence};
use crate::{
    id::{SequenceName, StepName},
    plan::suite::{Expected, Then},
};

/// Looks for the reason in the story. `instead` is the line that came in its place.
pub(super) fn not(evidence: &Evidence<'_>, then: &Then, instead: Option<usize>) -> Option<WhyNot> {
    match &then.what {
        Expected::Sent { step, .. }
        | Expected::Skipped { step, .. }
        | Expected::Failed { step, .. }
        | Expected::Cancelled { step, .. }
        | Expected::Held { step, .. }
        | Expected::Task(step)
        | Expected::Webhook(step) => Some(of_step(evidence, then, step, instead)),
        Expected::Entered(sequence) => Some(never_entered(evidence, then, sequence)),
        Expected::Completed(sequence) | Expected::Converted(sequence) | Expected::Stopped { sequence, .. } => {
            Some(of_run(evidence, then, sequence))
        }
        _ => None,
    }
}

fn of_step(evidence: &Evidence<'_>, then: &Then, step: &StepName, instead: Option<usize>) -> WhyNot {
    let lines = &evidence.book.lines;
    let ours = |at: &usize| {
        let line = &lines[*at];
        let of = then.sequence.is_none() || then.sequence == line.sequence;
        of && line.step.as_ref() == Some(step) && (then.who.is_none() || line.who == then.who)
    };
    // a move before the outcome says more than the outcome
    let moved = (0..lines.len()).rev().filter(ours).find_map(|at| match (&lines[at].word, &lines[at].because) {
        (LineWord::Deferred(until), Some(because)) => Some(WhyNot::Moved { until: *until, because: because.clone() }),
        _ => None,
    });
    let ended = (0..lines.len()).filter(ours).find(|at| Some(*at) != instead && is_outcome(&lines[*at].word));
    match (ended.or(instead), moved) {
        (_, Some(moved)) if instead.is_some() => moved,
        (Some(at), _) => WhyNot::Ended(at),
        (None, Some(moved)) => moved,
        (None, None) => match &then.sequence {
            Some(sequence) => of_run(evidence, then, sequence),
            None => WhyNot::Nothing,
        },
    }
}

fn is_outcome(word: &LineWord) -> bool {
    matches!(
        word,
        LineWord::Sent
            | LineWord::Skipped(_)
            | LineWord::Failed(_)
            | LineWord::Cancelled(_)
            | LineWord::Unknown
            | LineWord::Task
            | LineWord::Webhook
            | LineWord::Notified(_)
    )
}

fn of_run(evidence: &Evidence<'_>, then: &Then, sequence: &SequenceName) -> WhyNot {
    let lines = &evidence.book.lines;
    let ours = |at: &usize| {
        let line = &lines[*at];
        line.sequence.as_ref() == Some(sequence) && (then.who.is_none() || line.who == then.who)
    };
    let over = |word: &LineWord| matches!(word, LineWord::Completed | LineWord::Converted | LineWord::Stopped(_));
    if let Some(at) = (0..lines.len()).rev().filter(ours).find(|at| over(&lines[*at].word)) {
        return WhyNot::RunOver(at);
    }
    let mut standing = evidence.book.stands.iter();
    let stands = standing.find(|((who, of), _)| of == sequence && then.who.as_ref().is_none_or(|name| name == who));
    if let Some((_, (step, until))) = stands {
        return WhyNot::StandsAt { step: step.clone(), until: *until };
    }
    never_entered(evidence, then, sequence)
}

fn never_entered(evidence: &Evidence<'_>, then: &Then, sequence: &SequenceName) -> WhyNot {
    let lines = evidence.book.lines.iter();
    let refused = lines.enumerate().rev().find(|(_, line)| {
        matches!(line.word, LineWord::NotEntered(_))
            && line.sequence.as_ref().is_none_or(|of| of == sequence)
            && (then.who.is_none() || line.who == then.who)
    });
    WhyNot::NeverEntered(refused.map(|(at, _)| at))
}
