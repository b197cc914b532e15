//! Findings about what channels report.
use crate::diag::{Finding, Place, catalogue::data as rows};
use std::collections::BTreeSet;

pub(in crate::compile) fn never_reported(place: &Place, event: &str, channels: &BTreeSet<String>) -> Finding {
    let names: Vec<String> = channels.iter().map(|name| format!("`{name}`")).collect();
    let message = format!("{} never tells that a message was {}", names.join(", "), word(event));
    Finding::new(&rows::NEVER_REPORTED, place, message)
        .help("wait for something that people do: `message.received`, `message.clicked`, `booking.created`")
}

pub(in crate::compile) fn uncounted(by: &Place) -> Finding {
    Finding::new(&rows::NEVER_REPORTED, by, "clicks decide here, and links of this message are not counted")
        .help("give the step `track: true`, or let the test go by `reply` or `goal`")
}

fn word(event: &str) -> &str {
    event.strip_prefix("message.").unwrap_or(event)
}

pub(in crate::compile) fn opens(place: &Place, event: &str) -> Finding {
    let message =
        format!("there is no event `{event}`: machines open most mails, so an opening says nothing about a person");
    Finding::new(&rows::OPENS, place, message)
        .help("use `message.clicked` or `message.received`, which people do themselves")
}
