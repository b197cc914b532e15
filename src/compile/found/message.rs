//! Findings about messages: experiments, texts by a model, what a text becomes on its channel. Decides nothing.
use crate::{
    diag::{Finding, Place, catalogue::message as rows, quoted_list},
    document::Text,
};

// ---- experiments ----

pub(in crate::compile) fn one_arm(place: &Place, count: usize) -> Finding {
    let has = if count == 0 { "no template" } else { "only one template" };
    Finding::new(&rows::ONE_ARM, place, format!("`variants` has {has}: there is nothing to compare"))
        .help("write two or more, `variants: { a: …, b: … }`, or the one template without `variants`")
}
pub(in crate::compile) fn same_arm(template: &Text, first: &Text) -> Finding {
    let message = format!("two arms send the same template `{template}`: they cannot differ");
    Finding::new(&rows::SAME_ARM, &template.place, message)
        .label(&first.place, "first named here")
        .help("write another template for this arm, or remove the arm")
}
pub(in crate::compile) fn unmeasured(place: &Place) -> Finding {
    Finding::new(&rows::UNMEASURED, place, "`variants` without `test`: nobody compares what came of them")
        .help("add `test: { by: goal, method: fixed, per_arm: 900 }` beside it")
}
pub(in crate::compile) fn no_number(place: &Place) -> Finding {
    Finding::new(&rows::NO_NUMBER, place, "a test by `fixed` does not say how many people each arm gets")
        .help("add `per_arm: 900`, or use `method: always_valid`, which may be read at any time")
}
pub(in crate::compile) fn small_test(
    place: &Place,
    per_arm: i64,
    base: &str,
    seen: Option<&str>,
    enough: u32,
) -> Finding {
    let message = match seen {
        Some(seen) => format!(
            "with {per_arm} people per arm the test sees nothing smaller than a rise from {base} to {seen} (80 % power)"
        ),
        None => format!("with {per_arm} people per arm no rise from {base} is large enough to be seen (80 % power)"),
    };
    Finding::new(&rows::SMALL_TEST, place, message).help(format!(
        "{enough} per arm would see a doubling; with fewer people choose the better text by judgement and leave the test out"
    ))
}

// ---- texts by a model ----

pub(in crate::compile) fn write_incomplete(place: &Place, lacks: &[&str]) -> Finding {
    let what = quoted_list(lacks.iter().copied(), 9);
    let how: Vec<&str> = lacks
        .iter()
        .map(|key| match *key {
            "max_chars" => "`max_chars: 400`",
            "approve" => "`approve: first 20`",
            _ => "`fallback: …`, the reviewed template that goes out when the model fails",
        })
        .collect();
    Finding::new(&rows::WRITE_INCOMPLETE, place, format!("a text by a model lacks {what}"))
        .help(format!("add {}", how.join(", ")))
}
pub(in crate::compile) fn no_model(place: &Place) -> Finding {
    Finding::new(&rows::NO_MODEL, place, "a model is to write this text, and the project names none").help(
        "declare it in dripline.yaml: `model: { provider: openai, url: MODEL_URL, key: MODEL_KEY, name: small-1, timeout: 30s, spend: { at_most: 5 EUR, per: 1d } }`",
    )
}
pub(in crate::compile) fn unknown_fact(fact: &Text, near: Option<&str>) -> Finding {
    let finding = Finding::new(&rows::UNKNOWN_FACT, &fact.place, format!("there is no field `{fact}` here"));
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(&fact.place, near),
        None => finding
            .help("facts are fields such as contact.procedure or booking.kind, `conversation.last_5`, or `prefers`"),
    }
}
/// `inside` a text; else the text is the path.
pub(in crate::compile) fn unseen_fact(text: &Text, path: &str, inside: bool) -> Finding {
    let at = inside.then(|| text.find(path)).flatten();
    let place = at.map_or_else(|| text.place.clone(), |at| text.inside(at..at + path.len()));
    Finding::new(&rows::UNSEEN_FACT, &place, format!("`{path}` would be sent to the model, which may not see it"))
        .help(format!("add it to `model.may_see` in dripline.yaml if that is agreed: `may_see: [{path}]`"))
}
pub(in crate::compile) fn words_of_contact(text: &Text, path: &str) -> Finding {
    let at = text.find(path);
    let place = at.map_or_else(|| text.place.clone(), |at| text.inside(at..at + path.len()));
    let message = format!("`{path}` holds words that other people typed, and here they would be orders to the model");
    Finding::new(&rows::WORDS_OF_CONTACT, &place, message)
        .help(format!("tell it apart from the instructions: `facts: [{path}]`"))
}
pub(in crate::compile) fn nothing_to_include(place: &Place) -> Finding {
    Finding::new(&rows::NOTHING_TO_INCLUDE, place, "a text by a model has no placeholder that it must hold")
        .help("add `must_include: [booking_link]`: links are filled in by the program, never written by the model")
}
pub(in crate::compile) fn unknown_placeholder(name: &Text, near: Option<&str>, known: &[String]) -> Finding {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let finding = Finding::new(&rows::UNKNOWN_PLACEHOLDER, &name.place, format!("there is no placeholder `{name}`"));
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(&name.place, near),
        None => finding.help(format!("there are {}", quoted_list(known, 9))),
    }
}
pub(in crate::compile) fn no_money(text: &Text) -> Finding {
    Finding::new(&rows::NO_MONEY, &text.place, format!("`{text}` is no amount")).help("write it as `5 EUR`")
}
pub(in crate::compile) fn unguarded(place: &Place, what: &str, help: &str) -> Finding {
    Finding::new(&rows::UNGUARDED, place, format!("a model writes to people whose health fields are kept, and {what}"))
        .help(help)
}

// ---- what a text becomes ----

pub(in crate::compile) fn corner(place: &Place, whom: &str, why: &str, step: &Place) -> Finding {
    Finding::new(&rows::CORNER, place, format!("for {whom} {why}"))
        .label(step, "sent here")
        .help("write something for everybody: `default('…')`, or an `{% else %}`")
}
pub(in crate::compile) fn costly_letter(
    place: &Place,
    letter: char,
    instead: &str,
    cheap: usize,
    dear: usize,
) -> Finding {
    let name = u32::from(letter);
    let message = format!("`{letter}` (U+{name:04X}) makes this SMS {} instead of {}", parts(dear), parts(cheap));
    let finding = Finding::new(&rows::COSTLY_LETTER, place, message);
    if instead.is_empty() {
        return finding.help("leave it out: without it more letters fit into each part");
    }
    finding.help(format!("write `{instead}` instead: more letters fit into each part")).suggest(place, instead)
}
fn parts(count: usize) -> String {
    if count == 1 { "one part".to_owned() } else { format!("{count} parts") }
}
pub(in crate::compile) fn long_sms(
    place: &Place,
    length: crate::content::sms::Length,
    most: usize,
    channel: &str,
    step: &Place,
) -> Finding {
    let message = format!(
        "as SMS this text can take {} ({} letters of {}), and `{channel}` may send {}",
        parts(length.segments),
        length.units,
        length.alphabet.name(),
        parts(most)
    );
    Finding::new(&rows::LONG_SMS, place, message).label(step, "sent here").help(format!(
        "shorten it, write a shorter text for this channel, or allow it in dripline.yaml: `segments: {}` at the channel",
        length.segments
    ))
}
pub(in crate::compile) fn anonymous_sms(place: &Place, lacks: &[&str], step: &Place) -> Finding {
    let message = format!("the first marketing SMS of a sequence does not say {}", lacks.join(" nor "));
    Finding::new(&rows::ANONYMOUS_SMS, place, message)
        .label(step, "sent here")
        .help("add `{{ clinic.name }}` and `{{ opt_out }}`")
}

// ---- what stands in a text, and where it comes from ----

/// The way on which a value is not sure to be there.
pub(in crate::compile) fn on_the_way(mut finding: Finding, words: &str, start: &Place, event: &str) -> Finding {
    finding.message.push_str(&format!(": `{event}` does not always tell it, on the way {words}"));
    finding.label(start, format!("`{event}` starts it here"))
}
pub(in crate::compile) fn foreign(place: &Place, written: &str, ours: Option<&str>) -> Finding {
    let message = format!("`{written}` is a placeholder of another tool: it would go out as it stands");
    let finding = Finding::new(&rows::FOREIGN, place, message);
    match ours {
        Some(ours) => finding.help(format!("write `{ours}`")).suggest(place, ours),
        None => finding.help("write a field as `{{ contact.first_name | default('there') }}`, or remove it"),
    }
}
pub(in crate::compile) fn empty_template(place: &Place, step: Option<&Place>) -> Finding {
    let place = Place::of_file(place.file.clone());
    let message = format!("`{}` has no text: nobody would get anything", place.file.as_str());
    let finding = Finding::new(&rows::EMPTY_TEMPLATE, &place, message).help("write the text, or remove the file");
    match step {
        Some(step) => finding.label(step, "sent here"),
        None => finding,
    }
}
pub(in crate::compile) fn silent_picture(place: &Place) -> Finding {
    Finding::new(&rows::SILENT_PICTURE, place, "a picture has no words for people who do not see it")
        .help("say what it shows: `![our front door](…)`, or `alt=\"\"` for a mere ornament in HTML")
}
pub(in crate::compile) fn no_such_channel(place: &Place, file: &str, channel: &str, near: Option<&str>) -> Finding {
    let message = format!("`{file}` is for the channel `{channel}`, which is not declared: nobody can get it");
    let finding = Finding::new(&rows::UNREACHABLE_TEXT, place, message);
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`? Rename the file")),
        None => finding.help(format!(
            "declare it in dripline.yaml under channels: `{channel}: {{ provider: mailbox }}`, or remove the file"
        )),
    }
}
pub(in crate::compile) fn unwritten(place: &Place, file: &str, locale: &str) -> Finding {
    let message = format!("`{file}` is in `{locale}`, which is none of the project's languages: nobody can get it");
    Finding::new(&rows::UNREACHABLE_TEXT, place, message)
        .help(format!("add `{locale}` to `locales` in dripline.yaml, or remove the file"))
}
pub(in crate::compile) fn unread_language(locale: &Text, default: &str) -> Finding {
    let message =
        format!("people of this clinic read `{locale}`, and the project writes no texts in it: they get `{default}`");
    Finding::new(&rows::UNREAD_LANGUAGE, &locale.place, message)
        .help(format!("add `{locale}` to `locales`; then every missing text is found"))
}
