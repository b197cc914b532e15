//! Ways that nobody goes, steps that nobody gets to (S01), weights (S06), and names of steps that are gone.
use super::Seen;
use crate::{
    compile::found::flow as found,
    diag::{Place, Sink, nearest},
    document::{
        self, Step, Text,
        changed::Then,
        flow::{Branch, Split, Steps},
        step::Action,
    },
};
use std::collections::BTreeMap;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for pair in &seen.sequences {
        for step in pair.written.steps.all() {
            match step.action.as_ref().map(|action| (&action.value, &action.place)) {
                Some((Action::Branch(branch), place)) => of_branch(branch, step, place, sink),
                Some((Action::Split(split), place)) => of_split(split, step, place, sink),
                _ => {}
            }
        }
        unreachable(&pair.written.steps, sink);
        gone(pair.written, sink);
    }
}

fn leads_nowhere(step: &Step) -> bool {
    step.arms().into_iter().all(|arm| arm.is_empty())
}

fn of_branch(branch: &Branch, step: &Step, place: &Place, sink: &mut Sink) {
    if leads_nowhere(step) && !branch.cases.is_empty() {
        sink.push(found::nothing_to_do(place, "branch"));
    }
    let mut asked: BTreeMap<&str, &Place> = BTreeMap::new();
    for text in branch.cases.iter().filter_map(|case| case.if_.as_ref()) {
        match asked.get(text.trim()) {
            Some(first) => sink.push(found::same_condition(text, first)),
            None => drop(asked.insert(text.trim(), &text.place)),
        }
    }
}

fn of_split(split: &Split, step: &Step, place: &Place, sink: &mut Sink) {
    let weights: Option<Vec<i64>> = split.arms.iter().map(|arm| Some(arm.weight.as_ref()?.value)).collect();
    // a weight that could not be read was reported
    let Some(weights) = weights else { return };
    let sum: i64 = weights.iter().sum();
    if sum != 100 && !weights.is_empty() {
        return sink.push(found::weights(&split.place, sum));
    }
    if weights.len() < 2 {
        return sink.push(found::one_way(&split.place));
    }
    for arm in split.arms.iter().filter(|arm| arm.weight.as_ref().is_some_and(|weight| weight.value == 0)) {
        sink.push(found::nobody_goes(&arm.name));
    }
    if leads_nowhere(step) {
        sink.push(found::nothing_to_do(place, "split"));
    }
}

/// Reports the first step of each list that nobody gets to. Says where the list ends the run in any case.
fn unreachable<'a>(steps: &'a Steps, sink: &mut Sink) -> Option<&'a Place> {
    let mut end: Option<&Place> = None;
    for step in &steps.0 {
        if let (Some(stop), Some(id)) = (end, &step.id) {
            sink.push(found::unreachable(id, stop));
            return end;
        }
        let ends = step.arms().into_iter().map(|arm| unreachable(arm, sink)).collect::<Vec<_>>();
        let certain = step.if_.is_none() && step.active.as_ref().is_none_or(|active| active.value);
        let action = step.action.as_ref().filter(|_| certain);
        end = match action.map(|action| &action.value) {
            Some(Action::Stop(_)) => action.map(|action| &action.place),
            Some(Action::Branch(_) | Action::Split(_) | Action::WaitFor(_)) if ends.iter().all(Option::is_some) => {
                ends.first().copied().flatten()
            }
            _ => None,
        };
    }
    end
}

/// `moved` and `removed` are about steps that are gone, and lead to steps that are there.
fn gone(written: &document::Sequence, sink: &mut Sink) {
    let steps: BTreeMap<&str, &Text> =
        written.steps.all().into_iter().filter_map(|step| step.id.as_ref()).map(|id| (id.as_str(), id)).collect();
    let mut told: BTreeMap<&str, &Place> = BTreeMap::new();
    let moved = written.moved.iter().filter_map(|moved| Some((moved.from.as_ref()?, "moved")));
    let removed = written.removed.iter().filter_map(|removed| Some((removed.id.as_ref()?, "removed")));
    for (name, key) in moved.chain(removed) {
        if let Some(step) = steps.get(name.as_str()) {
            sink.push(found::still_there(name, key, &step.place));
        }
        match told.get(name.as_str()) {
            Some(first) => sink.push(found::told_twice(name, first)),
            None => drop(told.insert(name.as_str(), &name.place)),
        }
    }
    let moved = written.moved.iter().filter_map(|moved| Some((moved.to.as_ref()?, "moved")));
    let removed = written.removed.iter().filter_map(|removed| match removed.then.as_ref()? {
        Then::Jump(to) => Some((to, "jump")),
        Then::Next | Then::Stop => None,
    });
    for (name, key) in moved.chain(removed).filter(|(name, _)| !steps.contains_key(name.as_str())) {
        sink.push(found::no_such_step(name, key, nearest(name, steps.keys().copied())));
    }
}
