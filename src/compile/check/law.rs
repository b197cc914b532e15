//! What marketing has to carry, and whom it must not reach (C02, C04, C05).
use super::Seen;
use crate::{
    compile::found::law,
    diag::{FileId, Place, Sink},
    id::ChannelName,
    plan::{ChannelProvider, Medium},
    record::Purpose,
};

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    staff(seen, sink);
    let mut mails = false;
    for message in seen.messages.iter().filter(|message| message.to_contact && message.purpose == Purpose::Marketing) {
        for channel in message.channels.iter().filter(|channel| Medium::of(channel.as_str()) == Medium::Email) {
            let provider = seen.plan.channels.get(channel).map(|channel| &channel.provider);
            mails |= provider.is_some_and(|provider| *provider != ChannelProvider::Mailbox);
            for text in seen.texts.sent(message, channel) {
                if !text.reads_any(&["unsubscribe_link", "opt_out"]) {
                    sink.push(law::no_unsubscribe(&text.end, text.name, &message.place));
                }
                if !text.reads_any(&["postal_address", "clinic.address"]) {
                    sink.push(law::no_address(&text.end, text.name, &message.place));
                }
            }
        }
    }
    let https = seen.project.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
    if mails && !https && !seen.names.open {
        let place = seen.project.public_url.as_ref().map(|url| url.place.clone());
        sink.push(law::no_https(&place.unwrap_or_else(|| Place::of_file(FileId::from("dripline.yaml")))));
        return;
    }
    // links in letters stay as they are, and what stays in the mailbox may lead to this machine
    let outside = |channel: &ChannelName| {
        let provider = seen.plan.channels.get(channel).map(|channel| &channel.provider);
        Medium::of(channel.as_str()) != Medium::Letter
            && provider.is_some_and(|provider| *provider != ChannelProvider::Mailbox)
    };
    let mut counted = seen.messages.iter().filter(|message| message.channels.iter().any(outside));
    if !https
        && !seen.names.open
        && let Some(track) = counted.find_map(|message| message.track.as_ref())
    {
        sink.push(law::counted_without_https(track));
    }
}

/// Colleagues and hosts never agreed to advertising.
fn staff(seen: &Seen<'_>, sink: &mut Sink) {
    for pair in &seen.sequences {
        for (_, written, runs) in pair.steps() {
            let crate::plan::Act::Message(spec) = &runs.act else { continue };
            if let (Some(to), true, true) =
                (&written.to, spec.to != crate::plan::To::Contact, runs.purpose == Purpose::Marketing)
            {
                sink.push(law::marketing_to_staff(to));
            }
        }
    }
}
