//! Findings about what comes of times, caps and ways together.
use crate::{
    diag::{Finding, Place, catalogue::over_time as rows},
    document::Text,
};

/// `at most 4 messages in 7d`
fn limit(at_most: u32, per: &str) -> String {
    let noun = if at_most == 1 { "message" } else { "messages" };
    format!("at most {at_most} {noun} in {per}")
}
pub(in crate::compile) fn over(
    (step, place): (&str, &Place),
    at_most: u32,
    per: &str,
    skips: bool,
    cap: &Place,
) -> Finding {
    let comes = if skips { "never goes out" } else { "always goes out later than it says" };
    Finding::new(&rows::OVER, place, format!("`{step}` {comes}: the cap lets through {}", limit(at_most, per)))
        .label(cap, "the cap")
}
pub(in crate::compile) fn may_be_over((step, place): (&str, &Place), at_most: u32, per: &str, cap: &Place) -> Finding {
    Finding::new(
        &rows::MAY_BE_OVER,
        place,
        format!("some people never get `{step}`: the cap lets through {}", limit(at_most, per)),
    )
    .label(cap, "the cap")
    .help("put it some days later, or write `then: wait` in the cap")
}
pub(in crate::compile) fn over_together(
    cap: &Place,
    at_most: u32,
    per: &str,
    shares: &[(&str, usize)],
    sum: usize,
) -> Finding {
    let named: Vec<String> = shares.iter().map(|(name, most)| format!("`{name}` {most}")).collect();
    let message = format!(
        "{} together can be {sum} messages in {per}, and the cap lets through {at_most}: the rest never goes out",
        named.join(", ")
    );
    Finding::new(&rows::OVER_TOGETHER, cap, message)
        .help("give the sequences one `group`, so that a person is in one of them at a time, or write `then: wait`")
}
pub(in crate::compile) fn hours_for_days(wait: &Text, days: u64) -> Finding {
    Finding::new(
        &rows::HOURS_FOR_DAYS,
        &wait.place,
        format!("`{wait}` counts hours, and a day can have 23 or 25 of them"),
    )
    .help(format!("write `{days}d` to keep the time of day, whatever the clocks do"))
    .suggest(&wait.place, format!("{days}d"))
}
pub(in crate::compile) fn never_in_time(at: &Text, late: &str, held: &Place, opens: &str) -> Finding {
    let message =
        format!("at {} nothing may go out until {opens} at the earliest, and after {late} it is too late", at.as_str());
    Finding::new(&rows::NEVER_IN_TIME, &at.place, message)
        .label(held, "holds it")
        .help("take a time when messages may go out, or a longer `late`")
}
pub(in crate::compile) fn always_quiet(at: &Text, quiet: &Place) -> Finding {
    Finding::new(
        &rows::ALWAYS_QUIET,
        &at.place,
        format!("at {} are quiet hours, which leave messages out", at.as_str()),
    )
    .label(quiet, "then: skip")
    .help("take a time outside the quiet hours, or write `then: wait` there")
}
pub(in crate::compile) fn goal_before_wait(waits: &Text, goal: &Text, step: &str) -> Finding {
    let message =
        format!("`{step}` waits for `{waits}`, which is the goal: the run ends by it, and nobody goes on to `then`");
    Finding::new(&rows::GOAL_BEFORE_WAIT, &waits.place, message)
        .label(&goal.place, "the goal")
        .help("put what stands under `then` into `exits: { converted: … }`, or write `stop: false` in the goal")
}
pub(in crate::compile) fn goal_before_stop(stop: &Text, goal: &Text) -> Finding {
    let message = format!("this never stops the run: `{stop}` is the goal, and the run ends converted by it");
    Finding::new(&rows::GOAL_BEFORE_STOP, &stop.place, message)
        .label(&goal.place, "the goal")
        .help("take it out, or add an `if` to the goal that tells which of these events count as success")
}
pub(in crate::compile) fn asked_again(text: &Text, first: &Place, holds: bool) -> Finding {
    let (row, is) = if holds { (&rows::HOLDS_HERE, "always true") } else { (&rows::FAILS_HERE, "never true") };
    Finding::new(row, &text.place, format!("`{text}` is {is} here: the way to this step asks it already"))
        .label(first, if holds { "asked here" } else { "asked here: this step is on the other way" })
        .help(if holds { "take the condition out" } else { "take the step out, or put it on the other way" })
}
