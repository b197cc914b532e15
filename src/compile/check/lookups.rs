//! Names of answers that a step asks for and does not use.
use super::Seen;
use crate::{compile::found::outward as found, diag::Sink};

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for asked in seen.aliases.iter().filter(|asked| !asked.used) {
        let mut of_step = seen.messages_of(&asked.sequence).filter(|message| message.step == asked.step);
        let read = of_step.any(|message| {
            let sent = |channel| seen.texts.sent(message, channel);
            message.channels.iter().flat_map(sent).any(|text| text.reads_root(&asked.alias))
        });
        if !read {
            sink.push(found::unused_alias(&asked.alias));
        }
    }
}
