//! How a person says no, in the words of the channel. Must not know who they are.
use crate::plan::Medium;

/// How a person says no: a link in mail and chat, the stop word in SMS, the address in letters.
pub(crate) fn opt_out(medium: Option<Medium>, locale: &str, link: &str) -> String {
    let german = locale.starts_with("de");
    match (medium, german) {
        (Some(Medium::Sms), true) => "Keine Nachrichten mehr? Antworten Sie STOP.".to_owned(),
        (Some(Medium::Sms), false) => "Reply STOP to opt out.".to_owned(),
        (Some(Medium::Letter), true) => format!("Keine Post mehr: {link}"),
        (Some(Medium::Letter), false) => format!("No more letters: {link}"),
        (_, true) => format!("Abmelden: {link}"),
        (_, false) => format!("Unsubscribe: {link}"),
    }
}
