//! Filters of texts: the table that checks them, the reference that prints them, and what they do.
//!
//! A closed set: a filter that is not here does not exist, so a typing mistake is found when a project is checked and not
//! when a message is due. Must not know templates.
use super::render::{Reader, RenderFault};
use super::values::{Budget, READER, Special, fault, is_missing, shown};
use super::words;
use minijinja::value::Value as Engine;
use minijinja::{Environment, Error, State};

/// What goes in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Takes {
    Anything,
    /// A time or a date.
    Moment,
    Money,
    /// Whatever has a text form.
    Printable,
    List,
    /// A text or a list.
    Sized,
}

/// One filter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextFilter {
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    /// Fewest and most arguments in brackets.
    pub(crate) arguments: (usize, usize),
    #[expect(dead_code, reason = "for the printed reference")]
    pub(crate) description: &'static str,
    #[expect(dead_code, reason = "for the printed reference")]
    pub(crate) example: &'static str,
}

const fn row(
    name: &'static str,
    takes: Takes,
    arguments: (usize, usize),
    description: &'static str,
    example: &'static str,
) -> TextFilter {
    TextFilter { name, takes, arguments, description, example }
}

/// Every filter of texts.
pub(crate) const FILTERS: &[TextFilter] = &[
    row(
        "default",
        Takes::Anything,
        (1, 1),
        "What to write where the value is missing.",
        "{{ contact.first_name | default('there') }}",
    ),
    row("date", Takes::Moment, (0, 0), "Thursday, 3 December", "{{ booking.start | date }}"),
    row("time", Takes::Moment, (0, 0), "2:00 pm, in the reader's zone", "{{ booking.start | time }}"),
    row("datetime", Takes::Moment, (0, 0), "Thursday, 3 December, 2:00 pm", "{{ booking.start | datetime }}"),
    row("money", Takes::Money, (0, 0), "€49", "{{ booking.price | money }}"),
    row("first_word", Takes::Printable, (0, 0), "The first word of a name.", "{{ contact.name | first_word }}"),
    row("lower", Takes::Printable, (0, 0), "In small letters.", "{{ contact.source | lower }}"),
    row("upper", Takes::Printable, (0, 0), "In capital letters.", "{{ offer.code | upper }}"),
    row("capitalize", Takes::Printable, (0, 0), "With a capital at its start.", "{{ contact.procedure | capitalize }}"),
    row("trim", Takes::Printable, (0, 0), "Without blanks at its ends.", "{{ contact.name | trim }}"),
    row("length", Takes::Sized, (0, 0), "Letters of a text or items of a list.", "{{ contact.tags | length }}"),
    row(
        "join",
        Takes::List,
        (0, 1),
        "The items of a list with a text between.",
        "{{ contact.interests | join(', ') }}",
    ),
    row(
        "urlencode",
        Takes::Printable,
        (0, 0),
        "For use inside a link.",
        "https://x.example/?n={{ contact.name | urlencode }}",
    ),
];

/// The row of a filter.
pub(super) fn find(name: &str) -> Option<&'static TextFilter> {
    FILTERS.iter().find(|row| row.name == name)
}

/// Filter put around values that stand where a link leads; not for authors.
pub(super) const LINK: &str = "_link";

/// Looks up who reads.
pub(super) fn with_budget<T>(
    state: &State<'_, '_>,
    then: impl FnOnce(&Budget) -> Result<T, Error>,
) -> Result<T, Error> {
    let found = state.lookup(READER);
    match found.as_ref().and_then(|value| value.downcast_object_ref::<Budget>()) {
        Some(budget) => then(budget),
        None => Err(fault(RenderFault::Broken { detail: "a text without a reader".to_owned() })),
    }
}

fn text(state: &State<'_, '_>, value: &Engine, change: impl FnOnce(&str) -> String) -> Result<String, Error> {
    with_budget(state, |budget| shown(value, &budget.reader).map(|text| change(&text)))
}

fn moment(
    state: &State<'_, '_>,
    value: &Engine,
    look: impl FnOnce(&Special, &Reader) -> Option<String>,
) -> Result<String, Error> {
    with_budget(state, |budget| {
        let special = value.downcast_object_ref::<Special>();
        match special.and_then(|special| look(special, &budget.reader)) {
            Some(text) => Ok(text),
            // names the missing value, or says what cannot be shown
            None if is_missing(value) => shown(value, &budget.reader),
            None => Err(fault(RenderFault::NotPrintable { what: value.kind().to_string() })),
        }
    })
}

fn add_people(env: &mut Environment<'_>) {
    env.add_filter("date", |state: &State<'_, '_>, value: &Engine| {
        moment(state, value, |special, reader| match special {
            Special::Time(at) => Some(words::date(reader.zone.date(*at), &reader.locale)),
            Special::Date(date) => Some(words::date(*date, &reader.locale)),
            _ => None,
        })
    });
    env.add_filter("time", |state: &State<'_, '_>, value: &Engine| {
        moment(state, value, |special, reader| match special {
            Special::Time(at) => Some(words::time(*at, &reader.zone, &reader.locale)),
            _ => None,
        })
    });
    env.add_filter("datetime", |state: &State<'_, '_>, value: &Engine| {
        moment(state, value, |special, reader| match special {
            Special::Time(at) => Some(words::datetime(*at, &reader.zone, &reader.locale)),
            Special::Date(date) => Some(words::date(*date, &reader.locale)),
            _ => None,
        })
    });
    env.add_filter("money", |state: &State<'_, '_>, value: &Engine| {
        moment(state, value, |special, reader| match special {
            Special::Money(minor, currency) => Some(words::amount(*minor, currency, &reader.locale)),
            _ => None,
        })
    });
}

/// Adds the filters; nothing else is known to the engine.
pub(super) fn add_all(env: &mut Environment<'_>) {
    add_people(env);
    env.add_filter(
        "default",
        |value: &Engine, other: &Engine| {
            if is_missing(value) { other.clone() } else { value.clone() }
        },
    );
    env.add_filter("first_word", |state: &State<'_, '_>, value: &Engine| {
        text(state, value, |text| text.split_whitespace().next().unwrap_or("").to_owned())
    });
    env.add_filter("lower", |state: &State<'_, '_>, value: &Engine| text(state, value, str::to_lowercase));
    env.add_filter("upper", |state: &State<'_, '_>, value: &Engine| text(state, value, str::to_uppercase));
    env.add_filter("trim", |state: &State<'_, '_>, value: &Engine| text(state, value, |text| text.trim().to_owned()));
    env.add_filter("capitalize", |state: &State<'_, '_>, value: &Engine| {
        text(state, value, |text| {
            let mut letters = text.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        })
    });
    env.add_filter("length", |state: &State<'_, '_>, value: &Engine| {
        if is_missing(value) {
            return with_budget(state, |budget| shown(value, &budget.reader)).map(Engine::from);
        }
        match value.as_str() {
            Some(text) => Ok(Engine::from(text.chars().count())),
            None => value
                .len()
                .map(Engine::from)
                .ok_or_else(|| fault(RenderFault::NotPrintable { what: format!("the length of a {}", value.kind()) })),
        }
    });
    env.add_filter("join", |state: &State<'_, '_>, value: &Engine, mark: Option<String>| {
        with_budget(state, |budget| {
            if is_missing(value) {
                return shown(value, &budget.reader);
            }
            let mark = mark.unwrap_or_default();
            let mut joined = String::new();
            for (index, item) in value.try_iter()?.enumerate() {
                let item = shown(&item, &budget.reader)?;
                budget.spend(item.len() + mark.len())?;
                if index > 0 {
                    joined.push_str(&mark);
                }
                joined.push_str(&item);
            }
            Ok(joined)
        })
    });
    env.add_filter("urlencode", |state: &State<'_, '_>, value: &Engine| {
        text(state, value, |text| {
            text.bytes().fold(String::new(), |mut done, byte| {
                if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                    done.push(char::from(byte));
                } else {
                    done.push_str(&format!("%{byte:02X}"));
                }
                done
            })
        })
    });
    env.add_filter(LINK, |state: &State<'_, '_>, value: &Engine| {
        let link = text(state, value, |text| text.trim().to_owned())?;
        if harmless(&link) { Ok(link) } else { Err(fault(RenderFault::UnsafeLink)) }
    });
    env.add_test("defined", |value: &Engine| !is_missing(value));
    env.add_test("undefined", |value: &Engine| is_missing(value));
    env.add_test("none", |value: &Engine| is_missing(value));
}

/// Leads to a page, a mail or a call, or stays on the page: never runs code.
fn harmless(link: &str) -> bool {
    let Some(end) = link.find([':', '/', '?', '#']) else { return true };
    let scheme = link[..end].to_ascii_lowercase();
    !link[end..].starts_with(':')
        || ["http", "https", "mailto", "tel", "sms", "cid", "webcal"].contains(&scheme.as_str())
}
