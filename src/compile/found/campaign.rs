//! Findings about campaigns and offers.
use crate::{
    diag::{
        Finding, Place,
        catalogue::{campaigns as rows, expressions, offers},
    },
    document::Text,
    value::Type,
};

// ---- offers ----

pub(in crate::compile) fn unbound_offer(place: &Place) -> Finding {
    Finding::new(&offers::UNBOUND_OFFER, place, "no offer is bound here, so there is no `offer`")
        .help("name the offer in the sequence or campaign that sends this: `offer: winter20`")
}
pub(in crate::compile) fn unlimited_offer(place: &Place, offer: &str, lacks: &[&str]) -> Finding {
    let lacks: Vec<String> = lacks.iter().map(|key| format!("`{key}`")).collect();
    Finding::new(&offers::UNLIMITED_OFFER, place, format!("the offer `{offer}` states no {}", lacks.join(", no "))).help(
        "say until when and how often it can be redeemed: `valid: { until: 2027-01-15 }`, `limits: { per_contact: 1, total: 300 }`",
    )
}
pub(in crate::compile) fn few_codes(pattern: &Text, codes: u64) -> Finding {
    Finding::new(
        &offers::FEW_CODES,
        &pattern.place,
        format!("`{}` makes only {codes} different codes", pattern.as_str()),
    )
    .help("write at least five question marks, so that codes neither run out nor can be guessed")
}
pub(in crate::compile) fn same_code(code: &Text, offer: &str, first: &Place) -> Finding {
    Finding::new(&offers::SAME_CODE, &code.place, format!("the offer `{offer}` has the code `{}` too", code.as_str()))
        .label(first, "the other one")
        .help("a code tells which offer was redeemed, so it belongs to one")
}
pub(in crate::compile) fn offer_ends_before(
    place: &Place,
    step: &str,
    goes: &str,
    until: &Text,
    offer: &str,
) -> Finding {
    let message = format!("`{step}` goes on {goes} at the earliest, and the offer `{offer}` is over by then");
    Finding::new(&offers::OFFER_ENDS_BEFORE, place, message)
        .label(&until.place, "valid until then")
        .help("let the offer run longer, send the message earlier, or leave the offer out of it")
}
pub(in crate::compile) fn offer_is_over(until: &Text, offer: &str) -> Finding {
    Finding::new(
        &offers::OFFER_IS_OVER,
        &until.place,
        format!("the offer `{offer}` was valid until {}, which is past", until.as_str()),
    )
    .help("messages that name it do not go out any more: give it a new date, or take it out of them")
}

// ---- campaigns ----

pub(in crate::compile) fn no_such_date(text: &Text) -> Finding {
    Finding::new(&rows::NO_SUCH_DATE, &text.place, format!("there is no `{}` on the calendar", text.as_str()))
        .help("dates are year, month and day: 2027-01-15")
}
pub(in crate::compile) fn id_of_a_sequence(id: &str, place: &Place, sequence: &Place) -> Finding {
    Finding::new(&rows::CAMPAIGN_AND_SEQUENCE, place, format!("`{id}` is a campaign and a sequence"))
        .label(sequence, "the sequence")
        .help("a campaign is a sequence to people and statistics, so their ids are shared: rename one")
}
pub(in crate::compile) fn unknown_stage(stage: &Text, near: Option<&str>) -> Finding {
    let message = format!("`{}` is no stage of the project", stage.as_str());
    let finding = Finding::new(&expressions::IMPOSSIBLE_CHOICE, &stage.place, message);
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(&stage.place, near),
        None => finding.help("the stages stand in dripline.yaml under contact, fields, stage, one_of"),
    }
}
pub(in crate::compile) fn unknown_intent(intent: &Text) -> Finding {
    Finding::new(&rows::UNKNOWN_INTENT, &intent.place, format!("there is no intent `{}`", intent.as_str()))
        .help(format!("declare it in dripline.yaml: `intents: {{ {}: {{ words: [..] }} }}`", intent.as_str()))
}
pub(in crate::compile) fn no_worth(text: &Text, is: &Type) -> Finding {
    Finding::new(
        &expressions::WRONG_TYPES,
        &text.place,
        format!("`{}` is {is}, and what a success is worth is money or a number", text.as_str()),
    )
    .help("name a field that holds an amount, such as `event.booking.price`")
}
pub(in crate::compile) fn two_currencies(amount: &Text, known: &str) -> Finding {
    Finding::new(
        &rows::COSTS_DISAGREE,
        &amount.place,
        format!("`{}` is another currency than {known} above", amount.as_str()),
    )
    .help(format!("state every cost in {known}, so that they can be added up"))
}
pub(in crate::compile) fn too_fine(amount: &Text) -> Finding {
    Finding::new(
        &rows::COSTS_DISAGREE,
        &amount.place,
        format!("`{}` is no amount that can be counted", amount.as_str()),
    )
    .help("costs have at most six decimals: `0.002 EUR`")
}
pub(in crate::compile) fn cost_without_message(channel: &Text) -> Finding {
    Finding::new(
        &rows::COST_WITHOUT_MESSAGE,
        &channel.place,
        format!("no message of this campaign goes by `{channel}`"),
    )
    .help("take the line out, or send something on that channel")
}
pub(in crate::compile) fn no_slot(place: &Place, message: &str) -> Finding {
    Finding::new(
        &rows::NO_SLOT,
        place,
        format!("`{message}` can never go: no send time lies inside its days, its window and outside quiet hours"),
    )
    .help("take a send time in the window and outside quiet hours, or other days")
}
pub(in crate::compile) fn after_end(place: &Place, message: &str, goes: &str, end: &Text, always: bool) -> Finding {
    if always {
        return Finding::new(
            &rows::AFTER_END,
            place,
            format!("`{message}` goes on {goes} at the earliest, after the campaign has ended"),
        )
        .label(&end.place, "the end")
        .help("end the campaign later, or wait less before this message");
    }
    Finding::new(
        &rows::MAY_BE_AFTER_END,
        place,
        format!("`{message}` goes at the last send time before the end, on {goes}"),
    )
    .label(&end.place, "the end")
    .help("moved by a cap it would fall after the end and not go at all: end the campaign a few days later")
}
pub(in crate::compile) fn end_before_start(end: &Text, start: &Text) -> Finding {
    Finding::new(&rows::END_BEFORE_START, &end.place, format!("it ends on {} before it starts", end.as_str()))
        .label(&start.place, "the start")
        .help("let the end be later than the start")
}
pub(in crate::compile) fn past(end: &Text, id: &str) -> Finding {
    Finding::new(&rows::SCHEDULE_PAST, &end.place, format!("the campaign `{id}` ended on {}", end.as_str()))
        .help("it cannot be launched any more: give it new dates, or take the file out")
}
