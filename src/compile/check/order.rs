//! Steps that are always due before the one above, and times of day beside hours and minutes.
use super::Seen;
use crate::{
    calendar::{Span, TimeOfDay},
    compile::found::time,
    diag::Sink,
    document::{Step, Text, flow::Steps},
    plan::{self, Due, Moment},
};

const DAY: i64 = 86_400_000;
/// What a change of clocks can move.
const SLACK: i64 = 3_600_000;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for pair in &seen.sequences {
        for (_, written, runs) in pair.steps() {
            at_goes_with_days(written, &runs.due, sink);
        }
        let mut runs = pair.runs.steps.iter();
        let start = Range { earliest: 0, latest: DAY };
        order(&pair.written.steps, &mut runs, Vec::new(), start, sink);
    }
}

fn at_goes_with_days(written: &Step, due: &Due, sink: &mut Sink) {
    let (Some(at), Some(key)) = (&written.timing.at, &written.timing.key) else { return };
    let span = match due {
        Due::Wait { span, .. } | Due::Bound { span, .. } => span,
        Due::Together | Due::Day { .. } => return,
    };
    if !span.takes_time() {
        sink.push(time::at_with_exact(at, key, &span.to_string()));
    }
}

/// Earliest and latest moment of a step, in milliseconds: unbound ones from the midnight before entry, bound ones from
/// their moment.
#[derive(Clone, Copy)]
struct Range {
    earliest: i64,
    latest: i64,
}

/// The step that a later one is compared with.
#[derive(Clone)]
struct Above<'a> {
    place: &'a crate::diag::Place,
    name: &'a str,
    moment: Option<Moment>,
    range: Range,
}

/// The steps of one list; what stands in a way of a barrier comes after what is above the barrier, and before nothing.
fn order<'a>(
    steps: &'a Steps,
    lowered: &mut std::slice::Iter<'a, plan::Step>,
    mut above: Vec<Above<'a>>,
    mut unbound: Range,
    sink: &mut Sink,
) {
    for written in &steps.0 {
        let Some(runs) = lowered.next() else { return };
        if runs.active {
            one(written, runs, &mut above, &mut unbound, sink);
        }
        for arm in written.arms() {
            order(arm, lowered, above.clone(), unbound, sink);
        }
    }
}

/// `above`: where the last step with that kind of time stands, from entry and per moment.
fn one<'a>(written: &'a Step, runs: &plan::Step, above: &mut Vec<Above<'a>>, unbound: &mut Range, sink: &mut Sink) {
    let (moment, range) = match &runs.due {
        Due::Together => return,
        Due::Wait { span, at } => {
            // after a bound step nothing is known about the distance from entry
            let Some(range) = waited(*unbound, *span, *at) else { return };
            *unbound = range;
            (None, range)
        }
        Due::Day { day, at } => (None, on_day(i64::from(*day), *at)),
        Due::Bound { moment, before, span, at } => (Some(moment.clone()), bound(*before, *span, *at)),
    };
    let is_wait = matches!(runs.due, Due::Wait { .. });
    let earlier = above.iter().rev().find(|above| !is_wait && before(moment.as_ref(), range, above));
    if let (Some(earlier), Some(key)) = (earlier, &written.timing.key) {
        sink.push(time::before_the_one_above(key, name(written), earlier.name, earlier.place));
    }
    if moment.is_none() {
        *unbound = Range { earliest: range.earliest.max(unbound.earliest), latest: i64::MAX };
    }
    let place = written.timing.key.as_ref().unwrap_or(&written.place);
    above.push(Above { place, name: name(written), moment, range });
}

fn name(step: &Step) -> &str {
    step.id.as_ref().map_or("", Text::as_str)
}

/// Whether a step in `range` is due before the one above in every case.
fn before(moment: Option<&Moment>, range: Range, above: &Above<'_>) -> bool {
    if moment == above.moment.as_ref() {
        return range.latest < above.range.earliest;
    }
    // an appointment ends after it starts
    let of =
        |moment: Option<&Moment>, name: &str| matches!(moment, Some(Moment::Booking(field)) if field.as_str() == name);
    of(moment, "start") && of(above.moment.as_ref(), "end") && range.latest <= 0 && above.range.earliest >= 0
}

fn time_of(at: TimeOfDay) -> i64 {
    i64::from(at.minute_of_day()) * 60_000
}

/// Days and months as far as they count at least; a month has 28 days or more.
fn least(span: Span) -> i64 {
    let days = i64::from(span.days) + 28 * i64::from(span.months);
    days * DAY + i64::try_from(span.ms).unwrap_or(i64::MAX / 4)
}

fn waited(from: Range, span: Span, at: Option<TimeOfDay>) -> Option<Range> {
    let earliest = from.earliest + least(span) - if span.ms > 0 { SLACK.min(least(span)) } else { 0 };
    let earliest = match at {
        Some(at) => earliest.div_euclid(DAY) * DAY + time_of(at),
        None => earliest,
    };
    Some(Range { earliest, latest: i64::MAX })
}

fn on_day(day: i64, at: Option<TimeOfDay>) -> Range {
    match at {
        Some(at) => Range { earliest: day * DAY + time_of(at), latest: day * DAY + time_of(at) },
        None => Range { earliest: day * DAY, latest: (day + 1) * DAY - 1 },
    }
}

/// Offset from the moment. A time of day moves it within its day, and months differ in length.
fn bound(before: bool, span: Span, at: Option<TimeOfDay>) -> Range {
    let most = |days: i64| days * i64::from(span.months) * DAY;
    let rest = i64::from(span.days) * DAY + i64::try_from(span.ms).unwrap_or(i64::MAX / 4);
    let (least, most) = (rest + most(28), rest + most(31));
    let (earliest, latest) = if before { (-most, -least) } else { (least, most) };
    match at {
        Some(_) => Range { earliest: earliest - DAY + 1, latest: latest + DAY - 1 },
        None => Range { earliest, latest },
    }
}
