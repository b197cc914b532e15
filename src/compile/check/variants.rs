//! Files of texts that nobody can ever get: for a channel that is not declared, or a language that the project does not write.
use super::Seen;
use crate::{
    compile::{found::message as found, names::Sort},
    diag::{Place, Sink, nearest},
};

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    if seen.names.open {
        return;
    }
    let language = |locale: &str| locale.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
    let written = |locale: &str| seen.plan.locales.iter().any(|known| language(known) == language(locale));
    for (file, channel, locale) in seen.texts.files() {
        if let Some(channel) = channel.filter(|channel| !seen.names.has(Sort::Channel, channel)) {
            let near = nearest(channel, seen.names.all(Sort::Channel));
            sink.push(found::no_such_channel(&Place::of_file(file.clone()), file.as_str(), channel, near));
        } else if let Some(locale) = locale.filter(|locale| !written(locale)) {
            sink.push(found::unwritten(&Place::of_file(file.clone()), file.as_str(), locale));
        }
    }
    for clinic in &seen.project.clinics {
        if let Some(locale) = clinic.locale.as_ref().filter(|locale| !written(locale)) {
            sink.push(found::unread_language(locale, seen.plan.default_locale()));
        }
    }
}
