//! Findings about what sets triggers off and which sequence they choose.
use crate::{
    calendar::ScheduleFault,
    diag::{Finding, Place, catalogue::start as rows},
    document::Text,
};

pub(in crate::compile) fn no_schedule(text: &Text, fault: &ScheduleFault) -> Finding {
    let message = if *fault.part == *text.trim() {
        format!("`{}` is no schedule", text.as_str())
    } else {
        format!("`{}` in this schedule is not {}", fault.part, fault.wants)
    };
    Finding::new(&rows::NO_SCHEDULE, &text.place, message)
        .help("write days and a time such as `\"mon 09:00\"`, or five cron fields such as `\"0 9 * * mon\"`")
}
pub(in crate::compile) fn never_comes(text: &Text) -> Finding {
    Finding::new(&rows::NEVER_COMES, &text.place, format!("`{}` never comes", text.as_str()))
        .help("the calendar has no such day: 30 February, or 31 in a month of 30 days")
}
pub(in crate::compile) fn no_border(segment: &Text) -> Finding {
    Finding::new(&rows::NO_BORDER, &segment.place, "the trigger does not say when it fires")
        .help("add `on_entry: true` or `on_exit: true`, or `every: \"mon 09:00\"`")
}
pub(in crate::compile) fn border_false(place: &Place) -> Finding {
    Finding::new(&rows::NO_BORDER, place, "`false` here says nothing: the trigger would never fire")
        .help("write `true`, or leave the key out and take `every`")
}
pub(in crate::compile) fn yearly_booking(place: &Place, moment: &Text) -> Finding {
    Finding::new(&rows::YEARLY_BOOKING, place, "a booking does not come again every year")
        .label(&moment.place, "counted from a booking")
        .help("leave out `yearly`, or count from a date of the contact such as contact.birthday")
}
pub(in crate::compile) fn no_funnel_here(word: &Text) -> Finding {
    Finding::new(&rows::NO_FUNNEL_HERE, &word.place, "nothing here says which funnel the person came by")
        .help("`best_of: funnel` goes with `event: lead.created`; otherwise name sequences: `best_of: [one, other]`")
}
pub(in crate::compile) fn nobody_to_choose(place: &Place, from: &str) -> Finding {
    Finding::new(&rows::NOTHING_TO_CHOOSE, place, format!("there is nothing to choose from: no sequence {from}"))
        .help("give sequences `funnels:` or `category:`, or name them: `best_of: [one, other]`")
}
pub(in crate::compile) fn switched_off(place: &Place, id: &str) -> Finding {
    Finding::new(&rows::SWITCHED_OFF, place, format!("`{id}` is switched off, so it is never chosen"))
        .help("switch it on with `active: true`, or take it out of the list")
}
pub(in crate::compile) fn fits_alike(place: &Place, id: &str, other: &str, where_: &Place) -> Finding {
    Finding::new(&rows::FITS_ALIKE, place, format!("`{id}` and `{other}` fit the same people equally well"))
        .label(where_, "the other one")
        .help(
            "give one of them a higher `priority`, or say in `fits` what sets them apart; until then the name decides",
        )
}
pub(in crate::compile) fn only_switched_off(id: &str, place: &Place) -> Finding {
    Finding::new(&rows::ONLY_SWITCHED_OFF, place, format!("every trigger that leads to `{id}` is switched off"))
        .help("switch one on with `active: true`, or switch the sequence off too")
}
pub(in crate::compile) fn upside_down(place: &Place, min: i64, max: i64) -> Finding {
    Finding::new(&rows::NOBODY_FITS, place, format!("no score is at least {min} and at most {max}"))
        .help("the smaller number goes under `min`")
}
pub(in crate::compile) fn no_such_word(word: &Text, field: &str, near: Option<&str>) -> Finding {
    let finding =
        Finding::new(&rows::NOBODY_FITS, &word.place, format!("`contact.{field}` is never `{}`", word.as_str()));
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(&word.place, near),
        None => finding.help(format!("its words stand in dripline.yaml under contact: fields: {field}: one_of")),
    }
}
