//! Findings about ways through a sequence, and about steps that it no longer has.
use crate::{
    diag::{
        Finding, Place,
        catalogue::{names, time},
    },
    document::Text,
};

pub(in crate::compile) fn weights(place: &Place, sum: i64) -> Finding {
    Finding::new(&names::WEIGHTS, place, format!("the weights of this split add up to {sum}, not to 100"))
        .help("a weight is how many of a hundred people go that way: change them until they add up to 100")
}
pub(in crate::compile) fn one_way(place: &Place) -> Finding {
    Finding::new(&names::NO_ARM, place, "this split has only one way").help(
        "add another one; an empty one, `nothing: { weight: 50, steps: [] }`, shows what happens without the steps",
    )
}
pub(in crate::compile) fn nobody_goes(arm: &Text) -> Finding {
    Finding::new(&names::NO_ARM, &arm.place, format!("nobody goes the way `{arm}`: its weight is 0"))
        .help("give it a weight, or remove it")
}
pub(in crate::compile) fn nothing_to_do(place: &Place, what: &str) -> Finding {
    Finding::new(&time::NOTHING_TO_DO, place, format!("whichever way this {what} goes, nothing happens there"))
        .help("put steps into one of its ways, or remove it")
}
pub(in crate::compile) fn unreachable(step: &Text, stop: &Place) -> Finding {
    Finding::new(&time::UNREACHABLE_STEP, &step.place, format!("nobody gets to `{step}`"))
        .label(stop, "the run ends here in any case")
        .help("remove it, or put it further up")
}
pub(in crate::compile) fn same_condition(again: &Text, first: &Place) -> Finding {
    Finding::new(&time::NEVER_TAKEN, &again.place, format!("nobody goes this way: `{again}` is asked above already"))
        .label(first, "whoever it holds for goes this way")
        .help("change the condition, or remove this way")
}
pub(in crate::compile) fn still_there(name: &Text, key: &str, step: &Place) -> Finding {
    Finding::new(&names::STILL_THERE, &name.place, format!("`{key}` names `{name}`, and the sequence has that step"))
        .label(step, "the step")
        .help("remove the entry, or the step")
}
pub(in crate::compile) fn no_such_step(name: &Text, key: &str, near: Option<&str>) -> Finding {
    let message = format!("`{key}` leads to `{name}`, and the sequence has no such step");
    let finding = Finding::new(&names::NO_SUCH_STEP, &name.place, message);
    match near {
        Some(_) => super::meant(finding, &name.place, near),
        None => finding.help("name a step that the sequence has"),
    }
}
pub(in crate::compile) fn told_twice(name: &Text, first: &Place) -> Finding {
    Finding::new(&names::TOLD_TWICE, &name.place, format!("two entries say what became of `{name}`"))
        .label(first, "the first one")
        .help("keep one of them")
}
