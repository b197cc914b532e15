//! Goals that come before what waits for the same event: an open run sees an event as its goal first.
use super::Seen;
use crate::{
    compile::found::over_time,
    diag::Sink,
    document::{Text, step::Action},
    plan::{Act, Sequence},
};

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for pair in seen.sequences.iter().filter(|pair| pair.runs.active) {
        let Some(written) = &pair.written.goal else { continue };
        let Some(event) = written.event.as_ref().filter(|_| ends(&pair.runs)) else { continue };
        // one without a condition takes every such event, and one with the same takes those that the other would
        let first = |if_: Option<&Text>| match &written.if_ {
            None => true,
            Some(goal) => if_.is_some_and(|if_| if_.as_str().trim() == goal.as_str().trim()),
        };
        for stop in &pair.written.stop_on {
            if let Some(named) = stop.event.as_ref().filter(|named| named.as_str() == event.as_str())
                && first(stop.if_.as_ref())
            {
                sink.push(over_time::goal_before_stop(named, event));
            }
        }
        for (_, step, runs) in pair.steps() {
            let (Some(Action::WaitFor(waits)), Act::WaitFor(_)) = (step.action.as_ref().map(|of| &of.value), &runs.act)
            else {
                continue;
            };
            if let Some(named) = waits.event.as_ref().filter(|named| named.as_str() == event.as_str())
                && first(waits.if_.as_ref())
                && !waits.then.0.is_empty()
            {
                sink.push(over_time::goal_before_wait(named, event, runs.name.as_str()));
            }
        }
    }
}

/// Whether the goal ends the run. What could not be read says nothing.
fn ends(runs: &Sequence) -> bool {
    runs.goal.as_ref().is_some_and(|goal| goal.stop)
}
