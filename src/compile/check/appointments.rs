//! Messages that offer an appointment: whoever reads one has to be able to book it.
use super::Seen;
use crate::{compile::found::outward as found, diag::Sink};

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for pair in &seen.sequences {
        for (_, written, _) in pair.steps() {
            let (Some(offered), Some(step)) = (&written.appointment, &written.id) else { continue };
            // a free time brings the link to its own booking
            let own = offered.slot.as_ref().and_then(|slot| slot.split_once('.'));
            let own = own.map_or_else(String::new, |(alias, _)| format!("{alias}.url"));
            let of_step = seen.messages_of(pair.id).filter(|message| message.step == **step);
            for message in of_step {
                for text in message.channels.iter().flat_map(|channel| seen.texts.sent(message, channel)) {
                    if !text.reads_any(&["booking_link", &own]) {
                        sink.push(found::nowhere_to_book(&text.end, text.name, &message.place));
                    }
                }
            }
        }
    }
}
