//! Findings about whom a channel reaches, and when.
use crate::{
    diag::{Finding, Place, catalogue::reach as rows},
    document::Text,
};

/// `38 hours`, `6 days`: rounded up, for people.
fn long(ms: i64) -> String {
    let hours = ms.div_euclid(3_600_000) + i64::from(ms % 3_600_000 > 0);
    if hours > 72 { format!("{} days", (hours + 23) / 24) } else { format!("{hours} hours") }
}

fn when(most: Option<i64>, elsewhere: bool) -> String {
    match most {
        None => "to people who have not written for a long time, or never".to_owned(),
        Some(_) if elsewhere => "to people who wrote on another channel".to_owned(),
        Some(most) => format!("up to {} after the person's last message", long(most)),
    }
}

fn step(id: Option<&Text>) -> String {
    id.map_or_else(|| "this message".to_owned(), |id| format!("`{id}`"))
}

pub(in crate::compile) fn whatsapp_too_late(
    key: &Place,
    id: Option<&Text>,
    most: Option<i64>,
    elsewhere: bool,
) -> Finding {
    let message =
        format!("{} can be due {}, and WhatsApp takes free text for 24 hours only", step(id), when(most, elsewhere));
    Finding::new(&rows::WHATSAPP_TOO_LATE, key, message).help(
        "add an approved template, `whatsapp_template: { name: …, params: […] }`, or another channel to fall back on: `via: [whatsapp, email]` with `send`",
    )
}
pub(in crate::compile) fn instagram_too_late(
    key: &Place,
    id: Option<&Text>,
    most: Option<i64>,
    elsewhere: bool,
) -> Finding {
    let message = format!(
        "{} can be due {}, and Instagram carries messages for 24 hours after theirs only",
        step(id),
        when(most, elsewhere)
    );
    Finding::new(&rows::INSTAGRAM_TOO_LATE, key, message).help(
        "send it with another channel to fall back on, `via: [instagram, email]`, or soon after they wrote: `via: [reply, …]`",
    )
}
pub(in crate::compile) fn only_instagram(place: &Place, id: &Text) -> Finding {
    let message = format!("`{id}` reaches people on Instagram only, and nothing in it asks for another address");
    Finding::new(&rows::ONLY_INSTAGRAM, place, message)
        .help("ask for it while they write: put `{{ booking_link }}` into the first text, or add a `task` for somebody to ask")
}
