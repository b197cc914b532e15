//! Findings about times, windows and order.
use crate::{
    diag::{Finding, Place, catalogue::time as rows},
    document::Text,
    value::Type,
};

pub(in crate::compile) fn too_long(text: &Text) -> Finding {
    Finding::new(&rows::TOO_LONG, &text.place, format!("`{text}` is longer than a hundred years"))
}
pub(in crate::compile) fn unknown_moment(text: &Text, near: Option<&str>) -> Finding {
    let finding = Finding::new(&rows::NO_MOMENT, &text.place, format!("there is no moment `{text}` here"));
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(&text.place, near),
        None => finding.help("a moment is a time or date field of contact, booking or event, or run.entered_at"),
    }
}
pub(in crate::compile) fn no_moment(text: &Text, is: &Type) -> Finding {
    Finding::new(&rows::NO_MOMENT, &text.place, format!("`{text}` is no time and no date, but {is}"))
        .help("a moment is a time or date field of contact, booking or event, or run.entered_at")
}
pub(in crate::compile) fn at_with_exact(at: &Text, key: &Place, span: &str) -> Finding {
    Finding::new(&rows::AT_WITH_EXACT, &at.place, format!("`at` goes with whole days, and `{span}` is none"))
        .label(key, "counts hours and minutes")
        .help("leave out `at`, or count in days: 1d instead of 24h")
}
pub(in crate::compile) fn before_the_one_above(key: &Place, step: &str, above: &str, place: &Place) -> Finding {
    Finding::new(
        &rows::BEFORE_THE_ONE_ABOVE,
        key,
        format!("`{step}` is always due before `{above}`, which stands above it"),
    )
    .label(place, "due later")
    .help("steps fall due in the order of the file: put this one further up")
}
pub(in crate::compile) fn may_be_past(place: &Place, step: &str) -> Finding {
    Finding::new(
        &rows::MAY_BE_PAST,
        place,
        format!("`{step}` can be past already when somebody enters, and does not say what then"),
    )
    .help("add `late: 1h` (still send it that long after its time), or `late: 0m` to leave it out then")
}
pub(in crate::compile) fn before_entry(place: &Place) -> Finding {
    Finding::new(&rows::MAY_BE_PAST, place, "a time before entry is always past").help("use `after`, `wait` or `day`")
}
pub(in crate::compile) fn left_out(at: &Text, day: &str, zone: &str, shown: &str) -> Finding {
    let message = format!("on {day} the clocks of {zone} leave out {}", at.as_str());
    Finding::new(&rows::LEFT_OUT, &at.place, message)
        .help(format!("on that day the step is due at {shown}; take another time to be sure"))
}
pub(in crate::compile) fn left_out_by(place: &Place, at: &str, day: &str, zone: &str, shown: &str) -> Finding {
    Finding::new(&rows::LEFT_OUT, place, format!("on {day} the clocks of {zone} leave out {at}"))
        .help(format!("on that day it comes at {shown}; take another time to be sure"))
}
pub(in crate::compile) fn never_open(place: &Place, window: Option<&Text>, purpose: &str) -> Finding {
    let message = match window {
        Some(window) => format!("the window `{window}` and the quiet hours leave no moment for {purpose} messages"),
        None => format!("the quiet hours leave no moment for {purpose} messages"),
    };
    Finding::new(&rows::NEVER_OPEN, place, message).help("widen the window, or shorten the quiet hours")
}
pub(in crate::compile) fn outside_window(at: &Text, window: &Text, from: &str, to: &str) -> Finding {
    let message = format!("`{}` is never inside the window `{window}`, which is open from {from} to {to}", at.as_str());
    Finding::new(&rows::OUTSIDE_WINDOW, &at.place, message)
        .label(&window.place, "the window")
        .help("every message of this step would wait until the window opens: take a time inside it")
}
pub(in crate::compile) fn changes_without_end(place: &Place, field: &str, others: &[&Place]) -> Finding {
    let message = format!("this changes `{field}` for ever: the change sets it off again at the same moment");
    let finding = Finding::new(&rows::CIRCLE, place, message);
    let help = if others.is_empty() {
        "let another event than `contact.updated` set it off, or add an `if` that ends it"
    } else {
        "set it in one of these places only, or add an `if` that ends it"
    };
    others.iter().fold(finding, |finding, other| finding.label(other, "changes it back")).help(help)
}
pub(in crate::compile) fn circle(place: &Place, nodes: &[String]) -> Finding {
    let way: Vec<String> = nodes.iter().chain(nodes.first()).map(|node| format!("`{node}`")).collect();
    Finding::new(&rows::CIRCLE, place, format!("this closes a circle without a wait: {}", way.join(" → ")))
        .help("add a `wait`, a condition, or `reentry: after …`")
}
