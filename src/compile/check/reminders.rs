//! Reminders that can be past already when somebody enters (T09).
use super::Seen;
use crate::{
    compile::found::time,
    diag::Sink,
    plan::{Due, StepIx},
};

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for pair in &seen.sequences {
        for (at, written, runs) in pair.steps() {
            if written.timing.key.is_some() && runs.due == Due::Together {
                // its time could not be read
                continue;
            }
            let Some(at) = u16::try_from(at).ok().map(StepIx) else { continue };
            let Some(Due::Bound { moment, before: true, span, .. }) = pair.runs.bound(at) else { continue };
            if *moment == crate::plan::Moment::RunEntered && !span.is_zero() {
                let place = written.timing.key.as_ref().unwrap_or(&written.place);
                sink.push(time::before_entry(place));
            } else if runs.late.is_none() && written.late.is_none() {
                let bound = written.timing.before.as_ref();
                let place = bound.map_or(&written.place, |bound| &bound.moment.place);
                sink.push(time::may_be_past(place, written.id.as_ref().map_or("", |id| id.as_str())));
            }
        }
    }
}
