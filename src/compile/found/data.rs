//! Findings about what providers really tell.
use crate::{
    diag::{Finding, Place, catalogue::data as rows, quoted_list},
    document::Text,
};

pub(in crate::compile) fn inside_payload(path: &Text) -> Finding {
    let rest = path.strip_prefix("payload.").unwrap_or(path);
    Finding::new(&rows::NO_SUCH_PATH, &path.place, "paths begin inside `payload`")
        .help(format!("write `{rest}`"))
        .fix(&path.place, rest)
}
pub(in crate::compile) fn no_part(path: &Text, root: &str, near: Option<&str>) -> Finding {
    let message = format!("Cal.com sends no `{root}` with a booking");
    let finding = Finding::new(&rows::NO_SUCH_PATH, &path.inside(0..root.len()), message);
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(&path.inside(0..root.len()), near),
        None => finding.help("answers to questions of the form stand under `responses`: `responses.procedure`"),
    }
}
pub(in crate::compile) fn only_in(path: &Text, root: &str, events: &[&str]) -> Finding {
    let message = format!(
        "Cal.com sends `{root}` with {} only, and nothing here listens to that",
        quoted_list(events.iter().copied(), 4)
    );
    Finding::new(&rows::NO_SUCH_PATH, &path.place, message).help("leave it out, or write a trigger for that event")
}
pub(in crate::compile) fn may_not_have_come(place: &Place, id: Option<&Text>) -> Finding {
    let step = id.map_or_else(|| "this message".to_owned(), |id| format!("`{id}`"));
    let message = format!("{step} goes out when the time of the appointment is over, also to people who did not come");
    Finding::new(&rows::MAY_NOT_HAVE_COME, place, message).help(
        "add `if: booking.status != 'no_show'`, or under stop_on `{ event: booking.no_show, if: event.no_show, reason: no_show }`",
    )
}
pub(in crate::compile) fn host_may_have_cancelled(event: &Text) -> Finding {
    let message = "this also starts when the practice cancelled, or asked for another time";
    Finding::new(&rows::HOST_CANCELLED, &event.place, message)
        .help("add `if: event.by != 'host' and not event.reschedule_requested`")
}
pub(in crate::compile) fn own_messages_stop(event: &Text) -> Finding {
    Finding::new(&rows::REPLIES, &event.place, "this ends the run at any message of ours, also at its own")
        .help("for replies write `message.received`; for messages of colleagues add `if: event.by == 'person'`")
}
pub(in crate::compile) fn replies_elsewhere(place: &Text, channels: &[&str]) -> Finding {
    let message = format!(
        "this run also writes on {}, and a reply there does not stop it",
        quoted_list(channels.iter().copied(), 4)
    );
    Finding::new(&rows::REPLIES, &place.place, message)
        .help("leave the channel out of the condition: a message that came in is one of the person's, on any channel")
}
pub(in crate::compile) fn needs_a_number(first: &Text, channel: &Text) -> Finding {
    let message = "people who write on WhatsApp under a user name have no number, and would never be recognised";
    Finding::new(&rows::NEEDS_A_NUMBER, &first.place, message)
        .label(&channel.place, "WhatsApp is used here")
        .help("add `whatsapp` to `merge_by`")
}
