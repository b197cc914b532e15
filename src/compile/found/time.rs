//! Findings about times, windows and order.
use crate::{
    diag::{Finding, Place, catalogue::time as rows},
    document::Text,
    value::Type,
};

pub(in crate::compile) fn too_long(text: &Text) -> Finding {
    Finding::new(&rows::TOO_LONG, &text.place, format!("`{text}` is longer than a hundred years"))
}
pub(in crate::compile) fn unknown_moment(text: &Text, near: Option<&str>) -> Finding {
    let finding = Finding::new(&rows::NO_MOMENT, &text.place, format!("there is no moment `{text}` here"));
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(&text.place, near),
        None => finding.help("a moment is a time or date field of contact, booking or event, or run.entered_at"),
    }
}
pub(in crate::compile) fn no_moment(text: &Text, is: &Type) -> Finding {
    Finding::new(&rows::NO_MOMENT, &text.place, format!("`{text}` is no time and no date, but {is}"))
        .help("a moment is a time or date field of contact, booking or event, or run.entered_at")
}
pub(in crate::compile) fn at_with_exact(at: &Text, key: &Place, span: &str) -> Finding {
    Finding::new(&rows::AT_WITH_EXACT, &at.place, format!("`at` goes with whole days, and `{span}` is none"))
        .label(key, "counts hours and minutes")
        .help("leave out `at`, or count in days: 1d instead of 24h")
}
