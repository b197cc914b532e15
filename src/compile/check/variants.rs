//! Files of texts that nobody can ever get: for a channel that is not declared, or a language that the project does not write.
use super::Seen;
use crate::{
    compile::{found::message as found, names::Sort, texts::Filed},
    diag::{Place, Sink, nearest},
};

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    if seen.names.open {
        return;
    }
    let language = |locale: &str| locale.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
    let written = |locale: &str| seen.plan.locales.iter().any(|known| language(known) == language(locale));
    for files in seen.texts.files() {
        let strange = |channel: Option<&str>| channel.is_some_and(|channel| !seen.names.has(Sort::Channel, channel));
        let foreign = |locale: Option<&str>| locale.is_some_and(|locale| !written(locale));
        if files.iter().all(|filed| strange(filed.channel) || foreign(filed.locale)) {
            // that nobody can get the template is said where it is used
            continue;
        }
        for Filed { file, channel, locale } in files {
            let place = Place::of_file(file.clone());
            if let Some(channel) = channel.filter(|channel| strange(Some(channel))) {
                let near = nearest(channel, seen.names.all(Sort::Channel));
                sink.push(found::no_such_channel(&place, file.as_str(), channel, near));
            } else if let Some(locale) = locale.filter(|locale| foreign(Some(locale))) {
                sink.push(found::unwritten(&place, file.as_str(), locale));
            }
        }
    }
    for clinic in &seen.project.clinics {
        if let Some(locale) = clinic.locale.as_ref().filter(|locale| !written(locale)) {
            sink.push(found::unread_language(locale, seen.plan.default_locale()));
        }
    }
}
