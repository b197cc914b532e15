//! Findings about approved WhatsApp templates and the list of them.
use crate::{
    diag::{Finding, Place, catalogue::approved as rows},
    document::{
        Text,
        registry::{REGISTRY, Registered},
    },
};

pub(in crate::compile) fn no_registry(name: &Text, language: Option<&str>, params: usize) -> Finding {
    let holes: Vec<String> = (1..=params).map(|at| format!("{{{{{at}}}}}")).collect();
    let body = if holes.is_empty() { "…".to_owned() } else { format!("… {}", holes.join(" … ")) };
    let example = format!(
        r#"[ {{ "name": "{name}", "language": "{}", "category": "MARKETING", "status": "APPROVED", "body": "{body}" }} ]"#,
        language.unwrap_or("en")
    );
    let message = format!("nothing says whether WhatsApp knows `{name}`: there is no {REGISTRY}");
    Finding::new(&rows::NOT_REGISTERED, &name.place, message)
        .help(format!("write into {REGISTRY} what the provider lists: {example}"))
}
pub(in crate::compile) fn not_registered(name: &Text, near: Option<&str>) -> Finding {
    let finding = Finding::new(
        &rows::NOT_REGISTERED,
        &name.place,
        format!("{REGISTRY} has no template `{name}`, so WhatsApp would refuse it"),
    );
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(&name.place, near),
        None => finding.help("submit it to the provider, and copy the provider's list into the file"),
    }
}
pub(in crate::compile) fn no_language(place: &Place, name: &Text, wanted: &str, has: &[String]) -> Finding {
    let message = format!("`{name}` is not registered in `{wanted}`");
    Finding::new(&rows::NOT_REGISTERED, place, message).help(format!(
        "it is registered in {}; name one of them with `language`, or submit it in `{wanted}`",
        has.iter().map(|language| format!("`{}`", language.replace('_', "-"))).collect::<Vec<_>>().join(", ")
    ))
}
pub(in crate::compile) fn not_approved(place: &Place, name: &Text, entry: &Registered) -> Finding {
    let status = entry.status.as_ref().map_or("unknown", Text::as_str);
    let label = entry.status.as_ref().map_or(&entry.name.place, |status| &status.place);
    Finding::new(&rows::NOT_REGISTERED, place, format!("`{name}` in `{}` is {status}, not APPROVED", entry.language))
        .label(label, "as the provider lists it")
        .help("use an approved template, or copy the provider's list again when it is approved")
}
pub(in crate::compile) fn parameters(place: &Place, name: &Text, given: usize, takes: usize) -> Finding {
    let word = |count: usize| if count == 1 { "1 parameter".to_owned() } else { format!("{count} parameters") };
    let message = format!("`{name}` takes {}, and the step gives {}", word(takes), word(given));
    Finding::new(&rows::PARAMETERS, place, message)
        .label(&name.place, "its placeholders: header, body, then buttons")
        .help(format!("write `params` with {takes} texts, in that order"))
}
pub(in crate::compile) fn may_be_empty(param: &Text) -> Finding {
    Finding::new(&rows::BAD_PARAMETER, &param.place, "this parameter can be empty, and WhatsApp refuses it then")
        .help("say what stands there otherwise: `{{ contact.first_name | default('there') }}`")
}
pub(in crate::compile) fn not_one_line(place: &Place, what: &str) -> Finding {
    let message = format!("a parameter has {what}, and WhatsApp takes one line without tabs or four spaces in a row");
    Finding::new(&rows::BAD_PARAMETER, place, message).help("put line breaks into the template itself")
}
pub(in crate::compile) fn too_long(place: &Place, what: &str, letters: usize) -> Finding {
    let message = format!("{what} has at least {letters} characters, and WhatsApp takes 1,024");
    Finding::new(&rows::BAD_PARAMETER, place, message).help("shorten it")
}
pub(in crate::compile) fn blocked_in_america(place: &Place, declared: bool) -> Finding {
    let message =
        "this marketing template does not reach numbers of the United States, and there is no other way to them";
    let mut finding = Finding::new(&rows::BLOCKED_IN_AMERICA, place, message).help(
        "fall back on another channel: `via: [whatsapp, email]` with `send`; or say under `countries` that nobody is there",
    );
    if !declared {
        finding.severity = crate::diag::Severity::Warning;
    }
    finding
}
pub(in crate::compile) fn utility_promotes(place: &Place, name: &Text, marker: &str) -> Finding {
    let message = format!("`{name}` is listed as UTILITY and advertises: `{}`", marker.trim());
    Finding::new(&rows::UTILITY_PROMOTES, place, message)
        .help("take the advertising out, or submit the template as MARKETING")
}
pub(in crate::compile) fn too_close(place: &Place, names: (&str, &str), first: &Place, apart: i64) -> Finding {
    let hours = apart / 3_600_000;
    let message = format!(
        "`{}` can go out {hours} hours after `{}`, and WhatsApp withholds a second marketing template within 24 hours",
        names.1, names.0
    );
    Finding::new(&rows::TOO_CLOSE, place, message)
        .label(first, "the first one")
        .help("leave a day between them, or take the template off one of the two")
}
