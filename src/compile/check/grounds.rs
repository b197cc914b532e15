//! On what ground marketing reaches people (C08, C09, C11, C24).
use super::{Seen, SequencePair};
use crate::{
    compile::{found::rules, lower::MessageUse},
    diag::Sink,
    document::{project::ConsentRule, sequence::Basis},
    plan::Medium,
    record::{ConsentLevel, Purpose},
};

/// Advertising by electronic mail needs express consent there, and a confirmed one is the accepted proof of it.
const DOUBLE: &[&str] = &["DE", "AT"];

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let level = seen.plan.policies.consent(Purpose::Marketing);
    let rule = seen.project.policies.consent.iter().find(|(of, _)| of.value.word() == "marketing");
    if let Some((_, rule)) = rule.filter(|(_, rule)| rule.value == ConsentRule::Nothing) {
        sink.push(rules::no_gate(&rule.place));
    }
    for pair in &seen.sequences {
        if let Some(basis) = &pair.written.basis
            && basis.value == Basis::Treatment
            && pair.steps().any(|(_, _, step)| step.purpose == Purpose::Marketing && super::writes(step))
        {
            sink.push(rules::treatment(&basis.place, pair.id));
        }
    }
    for message in marketing(seen) {
        let Some(pair) = seen.pair(&message.sequence) else { continue };
        let on = |of: &[Medium]| message.channels.iter().find(|channel| of.contains(&Medium::of(channel.as_str())));
        if let (Some((_, rule)), Some(channel), ConsentLevel::Soft) =
            (rule, on(&[Medium::Sms, Medium::Whatsapp, Medium::Instagram]), level)
        {
            sink.push(rules::soft_on_phone(&rule.place, channel.as_str(), &message.place));
        }
        double(seen, pair, message, level, sink);
        objection(seen, pair, message, sink);
    }
}

fn marketing<'s, 'a>(seen: &'s Seen<'a>) -> impl Iterator<Item = &'s MessageUse<'a>> {
    seen.messages.iter().filter(|message| message.to_contact && message.purpose == Purpose::Marketing)
}

fn basis(pair: &SequencePair<'_>) -> Option<Basis> {
    pair.written.basis.as_ref().map(|basis| basis.value)
}

fn double(seen: &Seen<'_>, pair: &SequencePair<'_>, message: &MessageUse<'_>, level: ConsentLevel, sink: &mut Sink) {
    let electronic = message.channels.iter().any(|channel| Medium::of(channel.as_str()) != Medium::Letter);
    if level == ConsentLevel::DoubleOptIn || basis(pair) == Some(Basis::ExistingCustomers) || !electronic {
        return;
    }
    // where people may be is only known where somebody said it
    let said = seen.project.countries.iter().chain(seen.project.clinics.iter().flat_map(|clinic| &clinic.countries));
    if let Some(country) = said.into_iter().find(|country| DOUBLE.contains(&country.as_str())) {
        sink.push(rules::double_opt_in(&pair.id.place, pair.id, country));
    }
}

/// Who buys from you and is written to without having agreed is told in every message how to object.
fn objection(seen: &Seen<'_>, pair: &SequencePair<'_>, message: &MessageUse<'_>, sink: &mut Sink) {
    if basis(pair) != Some(Basis::ExistingCustomers) {
        return;
    }
    for channel in &message.channels {
        for text in seen.texts.sent(message, channel) {
            if !text.reads_any(&["opt_out", "unsubscribe_link", "preferences_link"]) {
                sink.push(rules::no_objection(&text.end, text.name, &message.place));
            }
        }
    }
}
