//! Findings about expressions and texts with `{{ … }}`.
use crate::{
    diag::{
        Finding, Place, Row,
        catalogue::{expressions as rows, segments},
    },
    document::Text,
    expr::{ArgumentProblem, Fault, FaultKind, NameKind, nearest},
};
use std::collections::BTreeSet;

/// A fault of an expression or a text, at its exact place.
pub(in crate::compile) fn fault(text: &Text, fault: &Fault) -> Finding {
    let place = text.inside(fault.at.clone());
    if matches!(&fault.kind, FaultKind::UnknownRoot { name, .. } if name == "offer") {
        return super::campaign::unbound_offer(&place);
    }
    let mut finding = Finding::new(row(&fault.kind), &place, fault.kind.message());
    if let Some(help) = fault.kind.help() {
        finding = finding.help(help);
    }
    match near(&fault.kind) {
        Some(near) => finding.suggest(&place, near),
        None => finding,
    }
}

/// A fault of a text in the data of an event, where only values and filters can stand.
pub(in crate::compile) fn data_fault(text: &Text, found: &Fault) -> Finding {
    let finding = fault(text, found);
    match &found.kind {
        FaultKind::MaybeMissing { path } => finding.help(format!("write `{{{{ {path} | default('…') }}}}`")),
        FaultKind::NotPrintable { .. } => finding.help("give the value itself: `{ value: … }`"),
        _ => finding,
    }
}

fn row(kind: &FaultKind) -> &'static Row {
    match kind {
        FaultKind::Empty | FaultKind::Syntax { .. } => &rows::BAD_EXPRESSION,
        FaultKind::UnknownRoot { .. } | FaultKind::UnknownField { .. } | FaultKind::NoParts { .. } => {
            &rows::UNKNOWN_PATH
        }
        FaultKind::UnknownFunction { .. } | FaultKind::UnknownFilter { .. } | FaultKind::UnknownTest { .. } => {
            &rows::UNKNOWN_FUNCTION
        }
        FaultKind::UnknownId { what: NameKind::Segment, .. } => &segments::UNKNOWN_SEGMENT,
        FaultKind::UnknownId { .. } => &rows::UNKNOWN_ID,
        FaultKind::Argument { .. } => &rows::BAD_ARGUMENT,
        FaultKind::NotACondition { .. }
        | FaultKind::WrongTypes { .. }
        | FaultKind::NotAList { .. }
        | FaultKind::WrongResult { .. }
        | FaultKind::MoneyWithoutUnit
        | FaultKind::ComparedWithNone
        | FaultKind::BadLiteral { .. } => &rows::WRONG_TYPES,
        FaultKind::TooComplex | FaultKind::NotSupported { .. } => &rows::NOT_PART,
        FaultKind::ImpossibleChoice { .. } => &rows::IMPOSSIBLE_CHOICE,
        FaultKind::AlwaysTrue | FaultKind::AlwaysFalse { .. } => &rows::ALWAYS,
        FaultKind::MaybeMissing { .. } => &rows::MAYBE_MISSING,
        FaultKind::NotPrintable { .. } => &rows::NOT_PRINTABLE,
        FaultKind::Forbidden { .. } | FaultKind::ForPeople { .. } => &rows::FORBIDDEN,
        FaultKind::UnknownPartial { .. } => &rows::UNKNOWN_PARTIAL,
    }
}

fn near(kind: &FaultKind) -> Option<String> {
    let (name, candidates) = match kind {
        FaultKind::UnknownRoot { name, candidates }
        | FaultKind::UnknownField { name, candidates, .. }
        | FaultKind::UnknownFunction { name, candidates }
        | FaultKind::UnknownFilter { name, candidates } => (name, candidates),
        FaultKind::Argument { problem: ArgumentProblem::UnknownName { name, candidates }, .. } => (name, candidates),
        _ => return None,
    };
    nearest(name, candidates).map(str::to_owned)
}

/// A fault of a template, with the step that makes it one.
pub(in crate::compile) fn template_fault(text: &Text, found: &Fault, step: &Place, what: &str) -> Finding {
    fault(text, found).label(step, format!("{what} uses this text"))
}

/// `channel (language)`, each.
fn pairs(pairs: &BTreeSet<(String, String)>, between: &str) -> String {
    let words: Vec<String> = pairs.iter().map(|(one, other)| format!("`{one}`{between}`{other}`")).collect();
    words.join(", ")
}

pub(in crate::compile) fn no_variant(
    place: &Place,
    template: &str,
    lacking: &BTreeSet<(String, String)>,
    steps: &str,
) -> Finding {
    let message = format!("the template `{template}` has no text for {}", pairs(lacking, " in "));
    let first = lacking.first().map_or("sms", |(channel, _)| channel.as_str());
    let ending = if matches!(first, "email" | "letter") { "md" } else { "txt" };
    Finding::new(&rows::NO_VARIANT, place, message).help(format!(
        "write templates/{template}.{first}.{ending}, or a templates/{template}.md, which serves every channel and language that has no file of its own (a `send` may use every declared channel); needed by {steps}"
    ))
}
pub(in crate::compile) fn untranslated(
    place: &Place,
    template: &str,
    lacking: &BTreeSet<(String, String)>,
    steps: &str,
) -> Finding {
    let message = format!("the template `{template}` is not translated: readers get {}", pairs(lacking, " → "));
    let first = lacking.first().map_or("de", |(locale, _)| locale.as_str());
    Finding::new(&rows::UNTRANSLATED, place, message)
        .help(format!("write templates/{template}.{first}.md; needed by {steps}"))
}
pub(in crate::compile) fn no_subject(place: &Place, file: &str, step: &Place, text: bool) -> Finding {
    let finding = Finding::new(&rows::NO_SUBJECT, place, format!("`{file}` is sent as an e-mail and has no subject"))
        .label(step, "sent here");
    if text {
        return finding.help("a .txt file has no head for a subject: write a .md file beside it, for e-mail");
    }
    finding.help("add a head with the subject: a line with `---`, `subject: …`, and another line with `---`")
}
pub(in crate::compile) fn layout_without_content(place: &Place) -> Finding {
    Finding::new(&rows::NO_CONTENT, place, "this layout never shows the text it is put around")
        .help("write `{{ content }}` where the text belongs")
}
pub(in crate::compile) fn no_inline_subject(place: &Place) -> Finding {
    Finding::new(&rows::NO_SUBJECT, place, "this text is sent as an e-mail and has no subject")
        .help("add `subject: …` beside `text`")
}
