//! Findings about links, senders and subjects.
use crate::{
    diag::{Finding, Place, catalogue::senders as rows},
    document::Text,
};

pub(in crate::compile) fn filtered_link(place: &Place, host: &str, why: &str, step: &Place) -> Finding {
    Finding::new(
        &rows::FILTERED_LINK,
        place,
        format!("`{host}` {why}, and carriers drop text messages with such links"),
    )
    .label(step, "sent as SMS")
    .help("use a link on a domain of your own")
}
pub(in crate::compile) fn free_mail(from: &Text, domain: &str) -> Finding {
    let message = format!("mail from `{domain}` that a server of yours sends is refused: the domain is not yours");
    Finding::new(&rows::SENDER_NOT_VERIFIED, &from.place, message)
        .help("send from a domain of your own, and set up SPF, DKIM and DMARC for it")
}
pub(in crate::compile) fn not_verified(from: &Text, domain: &str, verified: &Place) -> Finding {
    Finding::new(&rows::SENDER_NOT_VERIFIED, &from.place, format!("`{domain}` is not among the verified domains"))
        .label(verified, "verified here")
        .help(format!(
            "set up SPF, DKIM and DMARC for it and add it: `verified: [{domain}]`, or send from a verified one"
        ))
}
pub(in crate::compile) fn nothing_verified(from: &Text, channel: &str, domain: &str) -> Finding {
    let message = format!("nothing says that mail from `{domain}` is signed (SPF, DKIM, DMARC)");
    Finding::new(&rows::SENDER_NOT_DECLARED, &from.place, message)
        .help(format!("when it is set up, say so under channels, `{channel}`: `verified: [{domain}]`"))
}
pub(in crate::compile) fn nobody_answers(from: &Text, step: &Place) -> Finding {
    Finding::new(&rows::NOBODY_ANSWERS, &from.place, format!("answers to `{from}` reach nobody"))
        .label(step, "this message has no `reply_to`")
        .help("send from an address that somebody reads, or give each message `reply_to: hello@example.com`")
}
pub(in crate::compile) fn pretends(place: &Place, word: &str, step: &Place) -> Finding {
    let message = format!("a subject that begins with `{word}` pretends to be an answer or a forwarded mail");
    Finding::new(&rows::PRETENDS_TO_ANSWER, place, message).label(step, "used here").help("leave it out")
}
