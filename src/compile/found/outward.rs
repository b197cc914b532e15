//! Findings about what a project asks, tells and understands.
use crate::{
    content::AddressFault,
    diag::{Finding, Place, catalogue::outward as rows},
    document::Text,
};

// ---- intents ----

pub(in crate::compile) fn stop_word(word: &Text) -> Finding {
    Finding::new(&rows::STOP_WORD, &word.place, format!("`{word}` is how people opt out"))
        .help("take it out: an opt-out is understood by itself, and ends the messages")
}
pub(in crate::compile) fn without_words(intent: &Text) -> Finding {
    Finding::new(&rows::WITHOUT_WORDS, &intent.place, format!("no message can mean `{intent}`"))
        .help("add `words: [ … ]`, or `model: true` to let the model choose it")
}
pub(in crate::compile) fn shared_words(word: &Text, first: &Text, of: &Text) -> Finding {
    Finding::new(&rows::SHARED_WORDS, &word.place, format!("`{word}` belongs to the intent `{of}` already"))
        .label(&first.place, "claimed here")
        .help(format!("take it out of one of them; as it is such a message means `{of}`"))
}
pub(in crate::compile) fn not_understood(example: &Text, intent: &Text, as_: Option<&str>) -> Finding {
    let (message, help) = match as_ {
        Some(other) => (
            format!("this example of `{intent}` is understood as `{other}`"),
            format!("give `{intent}` a longer phrase that stands in the example: the longest match wins"),
        ),
        None => (
            format!("none of the words of `{intent}` stands in this example"),
            format!("add a word of the example to the words of `{intent}`"),
        ),
    };
    Finding::new(&rows::EXAMPLE_NOT_UNDERSTOOD, &example.place, message).help(help)
}

// ---- other programs ----

pub(in crate::compile) fn address(url: &Text, fault: AddressFault) -> Finding {
    let (message, help) = match fault {
        AddressFault::NotHttps => (
            format!("`{url}` is no https address"),
            "begin it with https://, or name the environment variable that holds it",
        ),
        AddressFault::NoHost => (format!("`{url}` names no host"), "write it as https://crm.example.com/hooks"),
        AddressFault::Private => (
            format!("`{url}` is in your own network"),
            "use the address under which the program is reached from outside, or name the environment variable that holds it",
        ),
        AddressFault::Templated => (
            format!("the host of `{url}` comes out of a template"),
            "write the host itself: what people type must not decide where data goes",
        ),
        AddressFault::Login => (
            "this address carries a user or password".to_owned(),
            "write the NAME of an environment variable that holds the whole address",
        ),
    };
    Finding::new(&rows::UNSAFE_ADDRESS, &url.place, message).help(help)
}
pub(in crate::compile) fn templated_address(url: &Text) -> Finding {
    Finding::new(&rows::UNSAFE_ADDRESS, &url.place, "the address of a webhook is always the same one")
        .help("take the `{{ … }}` out of it and tell it in the body, which is signed")
}
pub(in crate::compile) fn event_type(kind: &Text) -> Finding {
    Finding::new(&rows::EVENT_TYPE, &kind.place, format!("`{kind}` is no kind of event that receivers take"))
        .help("use letters, digits and underscores, with dots between, such as `lead.cooled_down`")
}
pub(in crate::compile) fn told_sensitive(text: &Text, path: &str) -> Finding {
    Finding::new(&rows::TOLD_SENSITIVE, &text.place, format!("`{path}` is sensitive, and this program may not see it"))
        .help(format!("leave it out, or allow it beside the address: `may_see: [{path}]`"))
}
pub(in crate::compile) fn history_told(text: &Text) -> Finding {
    Finding::new(&rows::HISTORY_TOLD, &text.place, "questions to the history cannot be told to other programs")
        .help("put the answer into a field with `set` in a step before, and tell the field")
}
pub(in crate::compile) fn reserved_channel(id: &Text) -> Finding {
    Finding::new(&rows::RESERVED_CHANNEL, &id.place, format!("no channel can be called `{id}`"))
        .help("`task` and `webhook` are the program's own ways; give it another name")
}

// ---- calendar files ----

pub(in crate::compile) fn attach_without_mail(place: &Place) -> Finding {
    Finding::new(&rows::ATTACH_WITHOUT_MAIL, place, "only e-mails can carry a calendar file")
        .help("send the step with `email`, or take `attach` out")
}
pub(in crate::compile) fn attach_without_booking(place: &Place) -> Finding {
    Finding::new(&rows::ATTACH_WITHOUT_BOOKING, place, "no run of this sequence has an appointment to attach")
        .help("write `about: booking`, or start the sequence by an event of a booking")
}

// ---- appointments ----

pub(in crate::compile) fn no_free_time(slot: &Text, near: Option<&str>) -> Finding {
    let message = format!("`{slot}` is neither `first` nor in an answer that this step asks for");
    let finding = Finding::new(&rows::NO_FREE_TIME, &slot.place, message);
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(&slot.place, near),
        None => finding.help("write `slot: first`, or ask for a time: `with: { slot: … }` and `slot: slot.start`"),
    }
}
pub(in crate::compile) fn not_a_free_time(slot: &Text, alias: &str) -> Finding {
    Finding::new(&rows::NO_FREE_TIME, &slot.place, format!("`{slot}` is no time that can be booked"))
        .help(format!("name a part of the answer that is a time, such as `{alias}.start`"))
}
pub(in crate::compile) fn unknown_host(host: &Text) -> Finding {
    Finding::new(&rows::UNKNOWN_HOST, &host.place, format!("there is no field `{host}` here"))
        .help("write `booking.host`, another field, or the name of the person; or take `host` out")
}
pub(in crate::compile) fn nowhere_to_book(end: &Place, text: &str, step: &Place) -> Finding {
    let message = format!("`{text}` offers an appointment and does not say where to book it");
    Finding::new(&rows::NOWHERE_TO_BOOK, end, message)
        .label(step, "sent here")
        .help("add `{{ booking_link }}`: this version books nothing by itself")
}

// ---- look-ups ----

pub(in crate::compile) fn alias_taken(alias: &Text) -> Finding {
    Finding::new(&rows::ALIAS_TAKEN, &alias.place, format!("`{alias}` means something already"))
        .help("give the answer another name, such as `slot` or `found`")
}
pub(in crate::compile) fn unused_alias(alias: &Text) -> Finding {
    Finding::new(&rows::UNUSED_ALIAS, &alias.place, format!("nothing in this step uses `{alias}`")).help(format!(
        "use it in the condition or the text, such as `{alias}.…`, or take it out: the question costs time"
    ))
}
pub(in crate::compile) fn unknown_kind(kind: &Text, near: Option<&str>) -> Finding {
    let message = format!("no source knows appointments of the kind `{kind}`");
    let finding = Finding::new(&rows::UNKNOWN_KIND, &kind.place, message);
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(&kind.place, near),
        None => finding.help(format!("declare it under a source: `kinds: {{ {kind}: [123] }}`")),
    }
}
pub(in crate::compile) fn not_a_slot(name: &Text) -> Finding {
    Finding::new(&rows::NO_SUCH_ANSWER, &name.place, format!("a free time has no `{name}`"))
        .help("it has `start: time` and `url: text`")
}
pub(in crate::compile) fn slot_of_what(provider: &Place) -> Finding {
    Finding::new(&rows::NO_SUCH_ANSWER, provider, "a free time of which kind of appointment?")
        .help("add `event_type:` with one of the kinds of your source")
}
pub(in crate::compile) fn long_timeout(timeout: &Text) -> Finding {
    Finding::new(&rows::LONG_TIMEOUT, &timeout.place, format!("{timeout} is too long to wait for an answer"))
        .help("write at most 20s; a question that fails is asked again")
}
pub(in crate::compile) fn poll_without_api(poll: &Text) -> Finding {
    Finding::new(&rows::POLL_WITHOUT_API, &poll.place, "nobody can be asked for missed bookings")
        .help("add `api: { url: \"https://api.cal.example.com\", key: CALCOM_API_KEY }`")
}
