//! The answers to what has to be decided, as they are written into the files. Decides nothing.
use super::{Answer, people::followed};
use crate::{
    id::{SequenceName, StepName},
    plan::{Act, Body, Plan, Sequence, Step, hash_of},
};

/// How alike two steps are taken to be: what they say and do counts more than when.
const ALIKE: u32 = 3;

fn answer(file: &str, yaml: String, effect: String) -> Answer {
    Answer { file: file.to_owned(), yaml, effect }
}

fn many(people: u64, one: &str, more: &str) -> String {
    if people == 1 { format!("one person {one}") } else { format!("{people} people {more}") }
}

/// That the step lives on under another name.
pub(super) fn moved(new: &Sequence, from: &StepName, to: &StepName, people: u64) -> Answer {
    let effect = format!("{} for {to} at the same time", many(people, "waits on", "wait on"));
    answer(&new.origin.file, format!("moved:\n  - {{ from: {from}, to: {to} }}\n"), effect)
}

/// What people do whose step is gone.
pub(super) fn removed(old: &Sequence, new: &Sequence, step: &StepName, people: u64) -> Vec<Answer> {
    let written = |then: &str| format!("removed:\n  - id: {step}\n    then: {then}\n");
    let file = &new.origin.file;
    let next = followed(step, old, new).and_then(|at| new.step(at));
    let next_effect = match next {
        Some(next) => format!("{} for {}", many(people, "waits", "wait"), next.name),
        None => many(people, "completes the sequence", "complete the sequence"),
    };
    let mut answers = vec![
        answer(file, written("next"), next_effect),
        answer(file, written("stop"), format!("{} as stopped(removed)", many(people, "ends", "end"))),
    ];
    let last = new.outer().last().and_then(|at| new.step(at));
    if let Some(last) = last.filter(|last| next.is_some_and(|next| next.name != last.name)) {
        let effect = format!("{} to {}", many(people, "goes", "go"), last.name);
        answers.insert(1, answer(file, written(&format!("{{ jump: {} }}", last.name)), effect));
    }
    answers
}

/// What people do whose sequence is gone.
pub(super) fn retired(sequence: &SequenceName, people: u64) -> Vec<Answer> {
    let written = |how: &str| format!("retired: {{ {sequence}: {how} }}\n");
    vec![
        answer("dripline.yaml", written("finish"), format!("{} the rest", many(people, "gets", "get"))),
        answer("dripline.yaml", written("stop"), many(people, "leaves", "leave")),
    ]
}

/// How what became overdue is caught up.
pub(super) fn catch_up(new: &Sequence, people: u64) -> Vec<Answer> {
    let written = |how: &str| format!("catch_up: {how}\n");
    let file = &new.origin.file;
    let all = many(people, "gets", "get");
    vec![
        answer(file, written("{ spread: 24h }"), format!("{all} it within a day, inside windows")),
        answer(file, written("now"), format!("{all} it at the first allowed moment")),
        answer(file, written("skip"), format!("{} it over", many(people, "passes", "pass"))),
        answer(file, written("keep"), format!("{all} it when it was due")),
    ]
}

/// The step among `added` that says or does what this one did, when one does.
pub(super) fn renamed<'s>(old: (&Plan, &Step), new: &Plan, added: &[&'s Step]) -> Option<&'s Step> {
    let mut scored: Vec<(u32, &Step)> = added.iter().map(|step| (alike(old.0, old.1, new, step), *step)).collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    match scored.as_slice() {
        [(first, step), rest @ ..] if *first >= ALIKE && rest.first().is_none_or(|(second, _)| second < first) => {
            Some(step)
        }
        _ => None,
    }
}

fn alike(old: &Plan, was: &Step, new: &Plan, is: &Step) -> u32 {
    if std::mem::discriminant(&was.act) != std::mem::discriminant(&is.act) {
        return 0;
    }
    let same_text = match (says(old, &was.act), says(new, &is.act)) {
        (Some(was), Some(is)) => was == is,
        _ => hash_of(&was.act) == hash_of(&is.act),
    };
    3 * u32::from(same_text)
        + 2 * u32::from(was.due == is.due)
        + u32::from(was.cond == is.cond && was.title == is.title)
}

/// The texts of a message, wherever they are kept.
fn says(plan: &Plan, act: &Act) -> Option<Vec<String>> {
    let Act::Message(spec) = act else { return None };
    let names: Vec<_> = match &spec.body {
        Body::Template(name) | Body::Inline(name) => vec![name],
        Body::Variants(variants) => variants.arms.iter().map(|(_, name)| name).collect(),
        Body::Write(write) => return Some(vec![hash_of(&**write)]),
    };
    let texts = plan.templates.iter().filter(|text| names.contains(&&text.name));
    Some(texts.map(|text| format!("{:?}\u{0}{}", text.subject, text.body)).collect())
}
