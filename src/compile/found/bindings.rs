//! Findings about sources, channels, alerts and sequences that are no more.
use crate::{
    diag::{Finding, Place, catalogue::bindings as rows, quoted_list},
    document::Text,
};

/// `needs` are keys with an example each.
pub(in crate::compile) fn needs(of: &str, place: &Place, provider: &str, needs: &[(&str, &str)]) -> Finding {
    let keys: Vec<String> = needs.iter().map(|(key, _)| format!("`{key}`")).collect();
    let lines: Vec<String> = needs.iter().map(|(key, example)| format!("`{key}: {example}`")).collect();
    let message = format!("{of} with `provider: {provider}` needs {}", keys.join(" and "));
    Finding::new(&rows::PROVIDER_NEEDS, place, message).help(format!("add {}", lines.join(" and ")))
}
pub(in crate::compile) fn not_read(place: &Place, key: &str, provider: &str, readers: &str) -> Finding {
    Finding::new(&rows::NOT_READ, place, format!("`provider: {provider}` does not read `{key}`"))
        .help(format!("remove it; it is for `provider:` {readers}"))
}
pub(in crate::compile) fn only_sms(validity: &Text, channel: &str) -> Finding {
    Finding::new(&rows::NOT_READ, &validity.place, format!("`{channel}` does not read `validity`"))
        .help("remove it; it is for SMS")
}
pub(in crate::compile) fn wrong_medium(place: &Place, provider: &str, channel: &str, carries: &[&str]) -> Finding {
    let message = format!("`provider: {provider}` cannot carry the channel `{channel}`");
    Finding::new(&rows::WRONG_MEDIUM, place, message).help(format!("it carries {}", carries.join(", ")))
}
pub(in crate::compile) fn no_chats(source: &Text, provider: &str) -> Finding {
    let message = format!("`{source}` has `provider: {provider}`, through which nothing can be written");
    Finding::new(&rows::UNKNOWN_SOURCE, &source.place, message).help("name a source with `provider: chatwoot`")
}
pub(in crate::compile) fn outside(folder: &Text) -> Finding {
    Finding::new(&rows::OUTSIDE, &folder.place, format!("`{folder}` does not lie in the project"))
        .help("write a path from the project's root, such as `letters`")
}
pub(in crate::compile) fn not_https(url: &Text) -> Finding {
    Finding::new(&rows::NOT_HTTPS, &url.place, "messages about people go over https only")
        .help("write an address that begins with https://, or the NAME of the variable that holds it")
}
pub(in crate::compile) fn alerts_of_nothing(to: &Text) -> Finding {
    Finding::new(&rows::ALERTS_OF_NOTHING, &to.place, format!("`{to}` is to be told, and nothing says of what"))
        .help("add `skipped_over: 30%`, `errors_over: 20` or `nothing_sent: 2h`")
}
pub(in crate::compile) fn without_clinic(source: &Text) -> Finding {
    Finding::new(&rows::WITHOUT_CLINIC, &source.place, format!("the source `{source}` does not say whose people it tells of"))
        .help("add `clinic: …`: with `identities: per_clinic` every clinic has people of its own, so it has a source of its own too")
}
pub(in crate::compile) fn nobody(to: &Text, roles: &[&str]) -> Finding {
    let finding = Finding::new(&rows::NOBODY, &to.place, format!("`{to}` is nobody to tell"));
    match roles {
        [] => finding.help("write an e-mail address, or `role:` with a role of the project"),
        roles => finding.help(format!(
            "write an e-mail address, or `role:` with one of {}",
            quoted_list(roles.iter().copied(), 12)
        )),
    }
}
pub(in crate::compile) fn not_retired(sequence: &Text, place: &Place) -> Finding {
    Finding::new(&rows::NOT_RETIRED, &sequence.place, format!("`{sequence}` is retired here and still has its file"))
        .label(place, "its file")
        .help("remove the file, or remove this line; `active: false` in the file stops new people from entering")
}
pub(in crate::compile) fn unknown_country(country: &Text) -> Finding {
    let finding = Finding::new(&rows::UNKNOWN_COUNTRY, &country.place, format!("there is no country `{country}`"));
    match country.as_str() {
        "UK" | "EN" => finding.help("did you mean `GB`?").suggest(&country.place, "GB"),
        _ => finding.help("write its two letters by ISO 3166, such as DE, AT, JM or US"),
    }
}
