//! Findings about the rules of law and carriers.
use crate::{
    diag::{Finding, Place, catalogue::rules as rows},
    document::Text,
};

pub(in crate::compile) fn unintroduced(end: &Place, text: &str, step: &Place, sender: bool, out: bool) -> Finding {
    let (lacks, help) = match (sender, out) {
        (true, true) => ("neither who writes nor how to end it", "add `{{ clinic.name }}` and `{{ opt_out }}`"),
        (true, false) => ("not who writes", "add `{{ clinic.name }}`"),
        _ => ("not how to end it", "add `{{ opt_out }}`"),
    };
    Finding::new(&rows::UNINTRODUCED, end, format!("`{text}` is the first marketing SMS for a month, and says {lacks}"))
        .label(step, "sent as marketing here")
        .help(help)
}
pub(in crate::compile) fn promotion(place: &Place, what: &str, purpose: &str, step: &Place) -> Finding {
    Finding::new(&rows::PROMOTION, place, format!("{what} makes a {purpose} message an advertisement"))
        .label(step, format!("sent as {purpose} here"))
        .help("take it out, or give the step `purpose: marketing`")
}
pub(in crate::compile) fn no_gate(place: &Place) -> Finding {
    Finding::new(&rows::NO_GATE, place, "marketing would go to people who never agreed to anything")
        .help("write `marketing: opt_in`, or `double_opt_in`")
}
pub(in crate::compile) fn soft_on_phone(place: &Place, channel: &str, step: &Place) -> Finding {
    Finding::new(
        &rows::NO_GATE,
        place,
        format!("marketing on `{channel}` needs the person's agreement, not only that they wrote or booked"),
    )
    .label(step, "sent as marketing here")
    .help("write `marketing: opt_in`, or take channels that are no phones")
}
pub(in crate::compile) fn double_opt_in(place: &Place, id: &Text, country: &Text) -> Finding {
    let message = format!("`{id}` may reach people in {country}, who have to confirm their agreement to marketing");
    Finding::new(&rows::DOUBLE_OPT_IN, place, message).label(&country.place, "people may be here").help(
        "write `consent: { marketing: double_opt_in }` under policies, or `basis: existing_customers` in a sequence for people who bought from you",
    )
}
pub(in crate::compile) fn no_objection(end: &Place, text: &str, step: &Place) -> Finding {
    Finding::new(
        &rows::NO_OBJECTION,
        end,
        format!("`{text}` goes to existing customers and does not say how to object"),
    )
    .label(step, "sent here")
    .help("add a line with `{{ opt_out }}`")
}
pub(in crate::compile) fn treatment(place: &Place, id: &Text) -> Finding {
    Finding::new(&rows::TREATMENT, place, format!("`{id}` is marketing, and a treatment is no ground for that"))
        .help("write `basis: consent`, or make it what belongs to the treatment: `purpose: service`")
}
pub(in crate::compile) fn phone_hours(place: &Place, time: &str, from: &str, to: &str, source: &str) -> Finding {
    let message = format!("marketing could reach phones at {time}, and only {from} to {to} is allowed ({source})");
    Finding::new(&rows::PHONE_HOURS, place, message)
        .help(format!("add `quiet_hours: {{ from: \"{to}\", to: \"{from}\" }}` under policies, or give the sequence a `window` inside these hours"))
}
pub(in crate::compile) fn after_opt_out(place: &Place, why: &str) -> Finding {
    Finding::new(&rows::AFTER_OPT_OUT, place, format!("somebody has just opted out, and this {why}"))
        .help("one message within five minutes may confirm it; leave out the rest")
}
pub(in crate::compile) fn stop_word(place: &Place, word: &str, step: &Place) -> Finding {
    Finding::new(
        &rows::STOP_WORD,
        place,
        format!("`{word}` as an answer ends every SMS to this person: carriers act on it themselves"),
    )
    .label(step, "sent by SMS here")
    .help("ask for another word, such as `reply C to change it`")
}
pub(in crate::compile) fn resume_word(place: &Place, word: &str, step: &Place) -> Finding {
    Finding::new(
        &rows::RESUME_WORD,
        place,
        format!("`{word}` as an answer also lifts an opt-out: carriers act on it themselves"),
    )
    .label(step, "sent by SMS here")
    .help("ask for another word, such as `reply OK`")
}
pub(in crate::compile) fn health(place: &Place, field: &str, what: &str, step: &Place) -> Finding {
    Finding::new(&rows::HEALTH, place, format!("`{field}` is about the person's health and would stand in {what}"))
        .label(step, "sent here")
        .help("say it without the field there; the text of an e-mail may name it")
}
pub(in crate::compile) fn undisclosed(end: &Place, text: &str, step: &Place) -> Finding {
    Finding::new(&rows::UNDISCLOSED, end, format!("`{text}` answers a chat and does not say that a machine answers"))
        .label(step, "sent here")
        .help("say it in the first answer, for example \"This is an automatic answer of our practice.\"")
}
