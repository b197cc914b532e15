//! Where a person's health must not be read by others, and who has to say that a machine writes (C19, C23).
use super::Seen;
use crate::{
    compile::{
        found::rules,
        lower::MessageUse,
        starts::targets,
        texts::{self, Part, Sent},
    },
    diag::Sink,
    document::project::Sensitivity,
    plan::Medium,
};
use std::collections::{BTreeMap, BTreeSet};

/// Countries in which a machine that chats has to say so: the European Union (AI Act, Art. 50) and California.
const DISCLOSE: &[&str] = &[
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "US",
];
const SAYS_SO: &[&str] = &["automat", "assistant", "assistent", "bot", "machine", "maschin"];

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let health: Vec<String> = seen
        .project
        .fields
        .iter()
        .filter(|field| field.sensitive.as_ref().is_some_and(|of| of.value == Sensitivity::Health))
        .map(|field| format!("contact.{}", field.name))
        .collect();
    for message in seen.messages.iter().filter(|_| !health.is_empty()) {
        for channel in &message.channels {
            for text in seen.texts.sent(message, channel) {
                for field in &health {
                    exposed(&text, message, Medium::of(channel.as_str()), field, sink);
                }
            }
        }
    }
    disclosed(seen, sink);
}

/// Texts that a phone shows while it is locked, that stand in lists of mails, or that servers on the way write down.
fn exposed(text: &Sent<'_>, message: &MessageUse<'_>, medium: Medium, field: &str, sink: &mut Sink) {
    let open = match medium {
        Medium::Sms => Some("an SMS"),
        Medium::Whatsapp => Some("WhatsApp, which phones show while they are locked"),
        Medium::Email | Medium::Instagram | Medium::Letter | Medium::Chat => None,
    };
    if let Some(place) = open.filter(|_| text.reads(field)) {
        sink.push(rules::health(&text.end, field, place, &message.place));
        return;
    }
    for (part, written) in &text.parts {
        let read = || texts::check(written, &message.view, &BTreeSet::new()).paths.contains(field);
        match part {
            Part::Subject if read() => sink.push(rules::health(&written.place, field, "a subject", &message.place)),
            Part::Preheader if read() => sink.push(rules::health(&written.place, field, "a preheader", &message.place)),
            Part::Body => {
                if let Some(range) = in_address(written, field) {
                    sink.push(rules::health(&written.inside(range), field, "an address of the web", &message.place));
                }
            }
            Part::Subject | Part::Preheader => {}
        }
    }
}

/// Where the field stands inside an address: behind `://`, before anything that ends one outside of `{{ … }}`.
fn in_address(text: &str, field: &str) -> Option<std::ops::Range<usize>> {
    let mut from = 0;
    while let Some(start) = text[from..].find("://").map(|at| from + at) {
        let mut depth = 0_i32;
        let mut end = text.len();
        for (at, letter) in text[start..].char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ')' | '"' | '\'' | '>' | '\n' | ' ' if depth == 0 => {
                    end = start + at;
                    break;
                }
                _ => {}
            }
        }
        if let Some(at) = text[start..end].find(field) {
            return Some(start + at..start + at + field.len());
        }
        from = end.max(start + 3);
    }
    None
}

/// Answers to what people write in chats.
fn disclosed(seen: &Seen<'_>, sink: &mut Sink) {
    if !seen.plan.countries.iter().any(|country| DISCLOSE.contains(&&**country)) {
        return;
    }
    let mut first: BTreeMap<&str, bool> = BTreeMap::new();
    for trigger in seen.triggers.iter().filter(|trigger| trigger.runs.active) {
        if trigger.written.event.iter().any(|event| *event == "message.received" || *event == "contact.intent") {
            first.extend(targets(trigger.written).into_iter().map(|to| (to.as_str(), true)));
        }
    }
    for message in seen.messages.iter().filter(|message| message.to_contact) {
        // the first message that goes out says it for the run
        if first.insert(&message.sequence, false) != Some(true) {
            continue;
        }
        for channel in &message.channels {
            if !matches!(Medium::of(channel.as_str()), Medium::Whatsapp | Medium::Instagram | Medium::Chat) {
                continue;
            }
            for text in seen.texts.sent(message, channel) {
                let says = |part: &str| SAYS_SO.iter().any(|word| part.to_lowercase().contains(word));
                if !text.parts.iter().any(|(_, part)| says(part)) {
                    sink.push(rules::undisclosed(&text.end, text.name, &message.place));
                }
            }
        }
    }
}
