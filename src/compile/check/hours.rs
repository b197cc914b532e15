//! Hours where calendar days are meant (S05): two days later at the same time is `2d`, whatever the clocks do between.
//!
//! Only what a step waits is looked at. Distances from an appointment, lateness, caps and limits are hours on purpose.
use super::Seen;
use crate::{compile::found::over_time as found, diag::Sink, plan::Due};

const DAY_MS: u64 = 86_400_000;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for pair in &seen.sequences {
        for (_, written, runs) in pair.steps() {
            let (Some(wait), Due::Wait { span, at: None }) = (&written.timing.wait, &runs.due) else { continue };
            let hours_only = span.days == 0 && span.months == 0 && span.ms > 0;
            if hours_only && span.ms.is_multiple_of(DAY_MS) {
                sink.push(found::hours_for_days(wait, span.ms / DAY_MS));
            }
        }
    }
}
