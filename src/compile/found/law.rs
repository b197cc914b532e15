//! Findings about consent, law and safety.
use crate::{
    diag::{Finding, Place, catalogue::law as rows},
    document::Text,
};

pub(in crate::compile) fn no_unsubscribe(end: &Place, text: &str, step: &Place) -> Finding {
    Finding::new(&rows::NO_UNSUBSCRIBE, end, format!("`{text}` is marketing by e-mail and has no way out"))
        .label(step, "sent as marketing here")
        .help("add a line with `{{ unsubscribe_link }}` or `{{ opt_out }}`")
}
pub(in crate::compile) fn no_address(end: &Place, text: &str, step: &Place) -> Finding {
    Finding::new(&rows::NO_ADDRESS, end, format!("`{text}` is marketing by e-mail and does not say who sends it"))
        .label(step, "sent as marketing here")
        .help("add a line with `{{ postal_address }}`")
}
pub(in crate::compile) fn marketing_to_staff(to: &Text) -> Finding {
    Finding::new(&rows::MARKETING_TO_STAFF, &to.place, format!("`{to}` would get marketing"))
        .help("give the step `purpose: transactional` or `purpose: service`")
}
pub(in crate::compile) fn no_https(place: &Place) -> Finding {
    Finding::new(&rows::NO_HTTPS, place, "marketing by e-mail needs a `public_url` that begins with https://")
        .help("set `public_url` to the address under which this daemon is reached; its unsubscribe links lead there")
}
pub(in crate::compile) fn counted_without_https(track: &Place) -> Finding {
    Finding::new(&rows::NO_HTTPS, track, "counted links need a `public_url` that begins with https://")
        .help("set `public_url` to the address under which this daemon is reached; the links lead there first")
}
pub(in crate::compile) fn unmarking_starts(event: &Text) -> Finding {
    Finding::new(&rows::UNMARKING_STARTS, &event.place, "this also fires when a no-show is taken back")
        .help("add `if: event.no_show`")
}
pub(in crate::compile) fn host_did_not_come(to: &Text) -> Finding {
    Finding::new(
        &rows::UNMARKING_STARTS,
        &to.place,
        format!("`{to}` is for people who did not come, and here the host did not come"),
    )
    .help("write a sequence of its own that apologises")
}
pub(in crate::compile) fn no_show_goes_on(id: &Text, unmarked: bool, booked: bool) -> Finding {
    let when = match (unmarked, booked) {
        (true, true) => "when the no-show is taken back, nor when they book again",
        (true, false) => "when the no-show is taken back",
        _ => "when they book again",
    };
    Finding::new(&rows::NO_SHOW_GOES_ON, &id.place, format!("`{id}` follows up on a no-show and does not stop {when}")).help(
        "add `goal: { event: booking.created }`, and under stop_on `{ event: booking.no_show, if: not event.no_show, reason: unmarked }`",
    )
}
pub(in crate::compile) fn goes_on_without_booking(moment: &Text) -> Finding {
    let message = format!("this run counts from `{moment}` and goes on when the booking is cancelled");
    Finding::new(&rows::GOES_ON_WITHOUT_BOOKING, &moment.place, message)
        .help("write `about: booking`, or add `{ event: booking.cancelled, reason: cancelled }` under stop_on")
}
pub(in crate::compile) fn competing(to: &Text, other: &str, what: &str, first: &Place) -> Finding {
    Finding::new(
        &rows::COMPETING,
        &to.place,
        format!("{what} starts both `{other}` and `{to}`: people would get both at once"),
    )
    .label(first, "the other one")
    .help("put both into one group, give them different priorities, or narrow one trigger with `if`")
}
pub(in crate::compile) fn always_again(reentry: &Text) -> Finding {
    Finding::new(
        &rows::ALWAYS_AGAIN,
        &reentry.place,
        "marketing that may start again at any time, as often as its event comes",
    )
    .help("write `reentry: after 30d`, or `never`")
}
