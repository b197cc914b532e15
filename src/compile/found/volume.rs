//! Findings about how much a channel carries, and for how long its provider keeps a message.
use crate::diag::{Finding, Place, catalogue::volume as rows};

/// `8000`, `1`: with its word.
pub(in crate::compile) fn many(number: i64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

pub(in crate::compile) fn outlives(place: &Place, channel: &str, validity: &str, step: (&str, &Place)) -> Finding {
    let (name, at) = step;
    let message = format!(
        "the provider may keep a message of `{channel}` for {validity}, and `{name}` is never free to arrive for that long: in the queue it would be carried into quiet hours or out of its window"
    );
    Finding::new(&rows::OUTLIVES_ITS_HOURS, place, message)
        .label(at, "could never go")
        .help("say a shorter time for the channel, such as `validity: 1h`, or let the hours of the message be longer")
}

/// What is planned for one channel and day.
pub(in crate::compile) struct Planned<'a> {
    pub(in crate::compile) channel: &'a str,
    /// Messages, or people where the provider counts those: one and several.
    pub(in crate::compile) what: (&'static str, &'static str),
    pub(in crate::compile) day: String,
    pub(in crate::compile) planned: i64,
    /// `winter`: 4000 people × 1 message.
    pub(in crate::compile) parts: Vec<(String, &'a Place)>,
    /// What `messages_per_hour` lets through on that day, where that is less.
    pub(in crate::compile) paced: Option<i64>,
}

pub(in crate::compile) fn too_many_a_day(
    of: &Planned<'_>,
    carries: i64,
    limit: &Place,
    warm_up: bool,
) -> Option<Finding> {
    let (_, place) = of.parts.first()?;
    let parts: Vec<&str> = of.parts.iter().map(|(part, _)| part.as_str()).collect();
    let paced = of.paced.map(|paced| format!(", of which `messages_per_hour` lets {paced} go"));
    let message = format!(
        "`{}` carries {} a day{}, and {} are planned {}: {}{}",
        of.channel,
        many(carries, of.what.0, of.what.1),
        if warm_up { " in its warm-up" } else { "" },
        of.planned,
        of.day,
        parts.join(" + "),
        paced.unwrap_or_default(),
    );
    let mut finding = Finding::new(&rows::MORE_THAN_IT_CARRIES, place, message).label(limit, "carries this many");
    for (part, place) in of.parts.iter().skip(1) {
        finding = finding.label(place, part.clone());
    }
    Some(finding.help("spread the people over more days or channels, or correct what is expected or the limit"))
}
pub(in crate::compile) fn too_many_at_once(
    expected: &Place,
    (people, step, channel): (i64, &str, &str),
    (goes, shuts): (&str, &str),
    (per_second, fit): (i64, i64),
    limit: &Place,
) -> Finding {
    let message = format!(
        "`{step}` goes to {people} people by `{channel}` on {goes}, and at {per_second} a second only {fit} of them are reached before {shuts}"
    );
    Finding::new(&rows::MORE_THAN_IT_CARRIES, expected, message)
        .label(limit, "carries this many")
        .help("let it go earlier in the day, spread the people over more days or channels, or correct what is expected or the limit")
}
