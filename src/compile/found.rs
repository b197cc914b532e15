//! The findings of this module, each made by a function that says what was found. Decides nothing.
pub(super) mod approved;
pub(super) mod bindings;
pub(super) mod campaign;
pub(super) mod data;
pub(super) mod flow;
pub(super) mod law;
pub(super) mod message;
pub(super) mod outward;
pub(super) mod over_time;
pub(super) mod reach;
pub(super) mod receipts;
pub(super) mod rules;
pub(super) mod segment;
pub(super) mod senders;
pub(super) mod start;
pub(super) mod suite;
pub(super) mod texts;
pub(super) mod time;
pub(super) mod volume;

pub(super) use texts::{data_fault, fault};
pub(super) use time::{no_moment, too_long, unknown_moment};

use super::names::Sort;
use super::values::{Misfit, words};
use crate::{
    diag::{
        FileId, Finding, Place,
        catalogue::{
            bindings as bind_rows, law as law_rows, names, offers, outward as outward_rows, project, segments, shape,
            start as start_rows, style,
        },
        quoted_list,
    },
    document::{Allow, Literal, Text},
    value::Type,
};

/// `did you mean …?` with the edit, when there is a nearest name.
fn meant(finding: Finding, place: &Place, near: Option<&str>) -> Finding {
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).suggest(place, near),
        None => finding,
    }
}

// ---- names ----

pub(super) fn duplicate_id(kind: &str, id: &Text, first: &Place) -> Finding {
    Finding::new(&names::DUPLICATE_ID, &id.place, format!("{kind} id `{id}` is used twice"))
        .here("used again here")
        .label(first, "first used here")
        .help("ids are how files, people and statistics refer to it, so they are unique")
}
pub(super) fn duplicate_step(id: &Text, first: &Place) -> Finding {
    Finding::new(&names::DUPLICATE_ID, &id.place, format!("step id `{id}` is used twice"))
        .here("used again here")
        .label(first, "first used here")
        .help("step ids are people's positions, so they must be unique in a sequence")
}

pub(super) fn unknown(sort: Sort, name: &Text, near: Option<&str>) -> Finding {
    let word = sort.word();
    let (row, instead) = match sort {
        Sort::Channel => return unknown_channel(name, near),
        Sort::Group => (&names::UNKNOWN_GROUP, format!("declare it in dripline.yaml: `groups: [{name}]`")),
        Sort::Window => (
            &names::UNKNOWN_WINDOW,
            format!(
                "declare it in dripline.yaml under policies: `windows: {{ {name}: {{ from: \"09:00\", to: \"19:00\" }} }}`"
            ),
        ),
        Sort::Role => (
            &names::UNKNOWN_ROLE,
            format!("declare it in dripline.yaml: `roles: {{ {name}: {{ email: desk@example.com }} }}`"),
        ),
        Sort::Event if is_opening(name) => return receipts::opens(&name.place, name),
        Sort::Event => (
            &names::UNKNOWN_EVENT,
            format!("declare events of your own in dripline.yaml: `events: {{ {name}: {{}} }}`"),
        ),
        Sort::Offer => (&offers::UNKNOWN_OFFER, format!("write it: offers/{name}.yaml")),
        Sort::Template if name.starts_with("templates/") => {
            (&names::UNKNOWN_TEMPLATE, format!("leave out the folder: `{}`", &name["templates/".len()..]))
        }
        Sort::Template => (&names::UNKNOWN_TEMPLATE, format!("write it: templates/{name}.md")),
        Sort::Lookup => (
            &outward_rows::UNKNOWN_LOOKUP,
            format!("declare it in dripline.yaml: `lookups: {{ {name}: {{ get: \"https://…\", returns: {{ … }} }} }}`"),
        ),
        Sort::Layout => (&names::UNKNOWN_LAYOUT, format!("write it: templates/layouts/{name}.html")),
        Sort::Segment => (&segments::UNKNOWN_SEGMENT, format!("write it: segments/{name}.yaml")),
        Sort::Clinic => (
            &segments::UNKNOWN_CLINIC,
            format!("declare it in dripline.yaml: `clinics: {{ {name}: {{ name: Example Clinic }} }}`"),
        ),
        Sort::Source => (
            &bind_rows::UNKNOWN_SOURCE,
            format!("declare it in dripline.yaml: `sources: {{ {name}: {{ provider: chatwoot, … }} }}`"),
        ),
        Sort::Funnel => (&start_rows::UNKNOWN_FUNNEL, format!("declare it in dripline.yaml: `funnels: [{name}]`")),
        _ => (&names::UNKNOWN_SEQUENCE, format!("write it: sequences/{name}.yaml")),
    };
    let finding = Finding::new(row, &name.place, format!("there is no {word} `{name}`"));
    if near.is_some() { meant(finding, &name.place, near) } else { finding.help(instead) }
}

/// `message.opened`, `email.open` and the like.
fn is_opening(event: &str) -> bool {
    let last = event.rsplit(['.', '_']).next().unwrap_or(event);
    matches!(last, "open" | "opened" | "opens")
}

fn unknown_channel(name: &Text, near: Option<&str>) -> Finding {
    let finding = Finding::new(&names::UNKNOWN_CHANNEL, &name.place, format!("no channel `{name}` is declared"));
    let declare = format!("declare it in dripline.yaml under channels: `{name}: {{ provider: mailbox }}`");
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`? Otherwise {declare}")).suggest(&name.place, near),
        None => finding.help(declare),
    }
}
pub(super) fn notice_without_mail(place: &Place) -> Finding {
    Finding::new(&names::UNKNOWN_CHANNEL, place, "notices go out by e-mail, and no channel `email` is declared")
        .help("declare it in dripline.yaml under channels: `email: { provider: mailbox }`, or name another channel with `via`")
}
pub(super) fn unknown_field(field: &Text, near: Option<&str>) -> Finding {
    let finding = Finding::new(&names::UNKNOWN_FIELD, &field.place, format!("the contact has no field `{field}`"));
    let name = field.strip_prefix("contact.").unwrap_or(field);
    match near {
        Some(_) => meant(finding, &field.place, near),
        None => finding.help(format!("declare it in dripline.yaml under contact: `fields: {{ {name}: text }}`")),
    }
}
pub(super) fn unmappable(field: &Text, near: Option<&str>) -> Finding {
    let finding = Finding::new(&names::UNKNOWN_FIELD, &field.place, format!("nothing can be mapped to `{field}`"));
    match near {
        Some(_) => meant(finding, &field.place, near),
        None => finding.help("the left side is `contact.` with a field of the contact, or `booking.` with any name"),
    }
}
pub(super) fn unknown_event_field(field: &Text, event: &Text, near: Option<&str>) -> Finding {
    let finding =
        Finding::new(&names::UNKNOWN_FIELD, &field.place, format!("the event `{event}` has no field `{field}`"));
    match near {
        Some(_) => meant(finding, &field.place, near),
        None => finding
            .help(format!("declare it in dripline.yaml: `events: {{ {event}: {{ fields: {{ {field}: text }} }} }}`")),
    }
}
pub(super) fn kept_field(field: &Text, why: &str) -> Finding {
    Finding::new(&names::KEPT_FIELD, &field.place, format!("`{field}` cannot be set: {why}"))
}
pub(super) fn unknown_zone(zone: &Text, near: Option<&str>) -> Finding {
    let finding = Finding::new(&names::UNKNOWN_ZONE, &zone.place, format!("there is no time zone `{zone}`"));
    match near {
        Some(_) => meant(finding, &zone.place, near),
        None => finding.help("a zone is named after a city, such as Europe/Berlin or America/New_York"),
    }
}
pub(super) fn unknown_identifier(word: &Text, near: Option<&str>, all: &[&str]) -> Finding {
    let finding =
        Finding::new(&names::UNKNOWN_IDENTIFIER, &word.place, format!("people cannot be recognised by `{word}`"));
    match near {
        Some(_) => meant(finding, &word.place, near),
        None => finding.help(format!("it is one of {}", quoted_list(all.iter().copied(), 12))),
    }
}
pub(super) fn unknown_environment(env: &str, near: Option<&str>, all: &[&str]) -> Finding {
    let place = Place::of_file(FileId::from("dripline.yaml"));
    let finding =
        Finding::new(&project::UNKNOWN_ENVIRONMENT, &place, format!("the project has no environment `{env}`"));
    match (near, all) {
        (Some(near), _) => finding.help(format!("did you mean `{near}`?")),
        (None, []) => finding.help(format!("declare it in dripline.yaml: `environments: {{ {env}: {{ channels: {{ \"*\": {{ provider: mailbox }} }} }} }}`")),
        (None, all) => finding.help(format!("it has {}", quoted_list(all.iter().copied(), 12))),
    }
}
pub(super) fn no_recipient(to: &Text, near: Option<&str>) -> Finding {
    let finding = Finding::new(&names::NO_RECIPIENT, &to.place, format!("`{to}` is nobody to write to"));
    match near {
        Some(_) => meant(finding, &to.place, near),
        None => finding.help("write `contact`, `booking.host`, `role:` with a role of the project, or an address"),
    }
}
pub(super) fn notice_to_contact(to: &Text) -> Finding {
    Finding::new(&names::NO_RECIPIENT, &to.place, "a notice is for your own people; contacts never see it")
        .help("to write to the contact, use `send` or a channel such as `email`")
}
pub(super) fn task_for_contact(to: &Text) -> Finding {
    Finding::new(&names::NO_RECIPIENT, &to.place, "a task is for your own people; contacts never see it")
        .help("assign it to `booking.host`, to `role:` with a role of the project, or to an address")
}
pub(super) fn unreached(to: &Text, channels: &[&str]) -> Finding {
    let channels = quoted_list(channels.iter().copied(), 6);
    Finding::new(&names::NO_RECIPIENT, &to.place, format!("`{}` has no address on {channels}", to.as_str()))
        .help("give the role an `email` or a `phone` in dripline.yaml, or take another channel")
}
pub(super) fn never_about_a_booking(to: &Text, event: &str) -> Finding {
    let message = format!("`{to}` has a run for each booking, and `{event}` has no booking: nobody would enter");
    Finding::new(&names::NO_BOOKING, &to.place, message)
        .help("enrol by an event of a booking, or write `about: contact` in the sequence")
}
pub(super) fn no_booking_here(text: &Text, what: &str) -> Finding {
    Finding::new(&names::NO_BOOKING, &text.place, format!("there is no booking here, so no `{what}`"))
        .help("write `about: booking` in the sequence, or start it by an event of a booking")
}
pub(super) fn internal_event(name: &Text) -> Finding {
    Finding::new(&names::INTERNAL_EVENT, &name.place, format!("only the program itself makes `{name}` happen"))
        .help("emit an event of your own, declared under events: in dripline.yaml")
}

// ---- declarations ----

pub(super) fn choice_without_words(place: &Place, field: &Text) -> Finding {
    Finding::new(&names::BAD_FIELD, place, format!("the choice `{field}` has no words"))
        .help("add `one_of` with its words")
}
pub(super) fn field_without_type(field: &Text) -> Finding {
    Finding::new(&names::BAD_FIELD, &field.place, format!("the field `{field}` has no type"))
        .help("add `type`, or `one_of` with its words")
}
pub(super) fn changed_built_in(place: &Place, field: &Text, before: &Type, of: &Type) -> Finding {
    Finding::new(&names::BAD_FIELD, place, format!("`{field}` is built in as {before} and cannot become {of}"))
        .help("a built-in text may be narrowed with `one_of`; for anything else use a field with a name of your own")
}
pub(super) fn misfit(literal: &Literal, field: &str, of: &Type, misfit: &Misfit) -> Finding {
    let place = literal.place();
    let finding = Finding::new(&names::MISFIT, place, format!("`{field}` is {}, and this is not", described(of)));
    match misfit {
        Misfit::Word(Some(near)) => meant(finding, place, Some(near)),
        Misfit::Word(None) => {
            finding.help(format!("it is one of {}", quoted_list(words(of).iter().map(|word| &**word), 12)))
        }
        Misfit::Type => match of {
            Type::Time => finding.help("write a moment as \"2026-12-01T14:00:00+01:00\", or `{ value: now() }`"),
            Type::Date => finding.help("write a date as \"2026-12-01\""),
            Type::Money => finding.help("write an amount with its currency: \"50 EUR\""),
            Type::Duration => finding.help("write a length of time as 3d, 24h or 1d 4h"),
            Type::List(_) => finding.help("write a list: `[a, b]`, or `{ add: [a] }`"),
            _ => finding,
        },
    }
}
fn described(of: &Type) -> String {
    match of {
        Type::Choice(_) => "one of a few words".to_owned(),
        Type::Integer => "a whole number".to_owned(),
        Type::Bool => "true or false".to_owned(),
        Type::Money => "an amount of money".to_owned(),
        Type::List(_) => "a list".to_owned(),
        other => format!("a {other}"),
    }
}
pub(super) fn not_a_list(field: &Text, of: &Type) -> Finding {
    Finding::new(&names::MISFIT, &field.place, format!("`{field}` is {}, so nothing can be added to it", described(of)))
        .help("give it a value, or make it a list under contact: fields: in dripline.yaml")
}
pub(super) fn text_for(text: &Text, field: &str, of: &Type) -> Finding {
    let message = format!("`{field}` is {}, and a text with `{{{{ … }}}}` is always a text", described(of));
    Finding::new(&names::MISFIT, &text.place, message).help("write an expression: `{ value: … }`")
}
pub(super) fn smtp_without_url(place: &Place) -> Finding {
    Finding::new(&shape::MISSING_KEY, place, "a channel with `provider: smtp` needs `url`")
        .help("add `url: SMTP_URL`, the name of the environment variable with the address of the mail server")
}
pub(super) fn no_address(from: &Text) -> Finding {
    Finding::new(&shape::BAD_FORM, &from.place, format!("`from` takes a sender with an e-mail address, not \"{from}\""))
        .help("write for example `from: \"Oshun <hello@example.com>\"`")
}
pub(super) fn literal_address(url: &Text) -> Finding {
    Finding::new(
        &law_rows::LITERAL_SECRET,
        &url.place,
        "the address of a mail server is never written into a file, because it carries a password",
    )
    .help("write the NAME of the environment variable that holds it, such as SMTP_URL")
}

// ---- unused ----

pub(super) fn unused(row: &'static crate::diag::Row, sort: Sort, name: &str, place: &Place) -> Finding {
    Finding::new(row, place, format!("nothing uses the {} `{name}`", sort.word())).help("remove it, or use it")
}
pub(super) fn unreachable(id: &str, place: &Place) -> Finding {
    Finding::new(&names::UNREACHABLE, place, format!("nothing leads to the sequence `{id}`"))
        .help(format!("write a trigger with `enroll: {id}`; people can still be enrolled by hand"))
}

// ---- the folder ----

pub(super) fn no_project() -> Finding {
    Finding::new(
        &project::NO_PROJECT,
        &Place::of_file(FileId::from("dripline.yaml")),
        "there is no `dripline.yaml` here",
    )
    .help("`dripline init` makes one")
}
pub(super) fn requires(text: &Text, version: &str) -> Finding {
    Finding::new(&project::REQUIRES, &text.place, format!("these files are for dripline {text}, and this is {version}"))
        .help("use another version of the program, or change `requires`")
}
pub(super) fn bad_requires(text: &Text) -> Finding {
    Finding::new(&project::REQUIRES, &text.place, format!("`{text}` does not say which versions"))
        .help("write for example \">=0.1, <0.2\"")
}

// ---- suppression comments ----

pub(super) fn unused_allow(allow: &Allow) -> Finding {
    Finding::new(&style::UNUSED_ALLOW, &allow.place, format!("there is no {} here to allow", allow.code))
        .help("remove the comment")
}
pub(super) fn allow_without_reason(allow: &Allow) -> Finding {
    Finding::new(&style::ALLOW_WITHOUT_REASON, &allow.place, format!("{} is allowed without a reason", allow.code))
        .help(format!("write why: `# dripline: allow {} because …`", allow.code))
}
pub(super) fn allow_without_code(allow: &Allow) -> Finding {
    Finding::new(&style::BAD_ALLOW, &allow.place, format!("`{}` is no code of a finding", allow.code))
        .help("write for example `# dripline: allow DL304 because …`")
}
pub(super) fn not_allowable(place: &Place, code: &str) -> Finding {
    Finding::new(&style::BAD_ALLOW, place, format!("{code} cannot be allowed: without a repair nothing could run"))
        .help("repair it, and remove the comment")
}
