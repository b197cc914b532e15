//! The findings of this module, each made by a function that says what was found. Decides nothing.
use super::text::Text;
use crate::diag::{
    Finding, Place,
    catalogue::{law, names, shape, yaml},
    quoted_list,
};

/// The text in quotation marks that YAML reads back as the same text.
pub(crate) fn quoted(text: &str) -> String {
    if text.contains('"') || text.contains('\\') {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// Long texts are cut in messages.
fn brief(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    if line.chars().count() > 60 || line.len() < text.len() {
        format!("{}…", line.chars().take(60).collect::<String>())
    } else {
        line.to_owned()
    }
}

// ---- DL0xx ----

pub(crate) fn not_text(place: &Place, why: &str) -> Finding {
    Finding::new(&yaml::NOT_TEXT, place, format!("this file is not text in UTF-8: {why}"))
        .help("save it again with the encoding UTF-8")
}
pub(crate) fn syntax(place: &Place, message: &str, help: Option<&str>) -> Finding {
    let found = Finding::new(&yaml::SYNTAX, place, format!("this is not valid YAML: {message}"));
    match help {
        Some(help) => found.help(help),
        None => found,
    }
}
pub(crate) fn unclosed(place: &Place, open: char) -> Finding {
    syntax(
        place,
        &format!("`{open}` is never closed"),
        Some("close it, or put the text in quotes if the bracket is part of it"),
    )
}
pub(crate) fn unexpected_character(place: &Place, letter: char) -> Finding {
    let message = format!("`{}` cannot start a value", letter.escape_default());
    syntax(place, &message, Some("put the text in quotes"))
}
pub(crate) fn text_after_quote(place: &Place, value: &str) -> Finding {
    syntax(place, "a text that begins with a quotation mark ends with it", Some("put the whole text in other quotes"))
        .suggest(place, quoted(value))
}
pub(crate) fn merge_conflict(place: &Place) -> Finding {
    syntax(
        place,
        "two versions of this file were merged, and what differs still stands here twice",
        Some("keep one of the two parts, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>"),
    )
}
pub(crate) fn no_space_after_colon(place: &Place, written: &str) -> Finding {
    let (key, value) = written.split_once(':').unwrap_or((written, ""));
    let meant = format!("{key}: {}", value.trim_start_matches(|c: char| c.is_whitespace()));
    syntax(place, "a space is missing after the colon", Some(&format!("write `{meant}`"))).suggest(place, meant)
}
pub(crate) fn tab(place: &Place) -> Finding {
    let width = 2 * place.range().len().max(1);
    Finding::new(&yaml::TAB, place, "a tab stands where YAML needs spaces")
        .help("replace the tab by spaces; most editors can do it for the whole file")
        .fix(place, " ".repeat(width))
}
pub(crate) fn bare_template(place: &Place, value: &str) -> Finding {
    Finding::new(&yaml::BARE_TEMPLATE, place, format!("`{}` needs quotes: an opening brace starts a map", brief(value)))
        .help("put the whole text in quotes")
        .fix(place, quoted(value))
}
pub(crate) fn colon_in_text(place: &Place, key: &str, value: &str) -> Finding {
    let message = format!("the text of `{key}` has a colon and a space in it, so it needs quotes: `{}`", brief(value));
    Finding::new(&yaml::COLON_IN_TEXT, place, message).help("put the whole text in quotes").fix(place, quoted(value))
}
pub(crate) fn duplicate_key(key: &Text, first: &Place) -> Finding {
    Finding::new(&yaml::DUPLICATE_KEY, &key.place, format!("`{key}` stands twice in the same object"))
        .here("again here")
        .label(first, "first here")
        .help("keep one of the two")
}
pub(crate) fn yaml_1_1(text: &Text, reading: &str) -> Finding {
    let message = format!("`{text}` is a text here, but {reading} in tools that follow YAML 1.1");
    Finding::new(&yaml::YAML_1_1, &text.place, message).help("quote it").fix(&text.place, quoted(text))
}
pub(crate) fn split_expression(place: &Place, key: &Text, value: &str) -> Finding {
    let message = format!("the comma in the expression of `{key}` ends the value inside {{ }}");
    Finding::new(&yaml::SPLIT_EXPRESSION, place, message)
        .help("put the expression in quotes, or write the object over several lines without braces")
        .fix(place, quoted(value))
}
pub(crate) fn quote_in_expression(place: &Place, value: &str) -> Finding {
    let message = if value.starts_with(['\'', '"']) {
        "an expression that begins with a quotation mark needs quotes around all of it"
    } else {
        "an expression with brackets needs quotes inside { }"
    };
    Finding::new(&yaml::QUOTE_IN_EXPRESSION, place, message)
        .help("put the expression in quotes, or write the object over several lines without braces")
        .fix(place, quoted(value))
}
pub(crate) fn too_big(place: &Place, how: &str) -> Finding {
    Finding::new(&yaml::TOO_BIG, place, format!("this file {how}")).help("split it into several files")
}
pub(crate) fn unknown_anchor(place: &Place, name: &str) -> Finding {
    Finding::new(&yaml::UNKNOWN_ANCHOR, place, format!("no anchor `&{name}` stands above this alias"))
        .help(format!("write `&{name}` at the value that is repeated; a text that begins with * needs quotes"))
}
pub(crate) fn anchor_in_itself(place: &Place, name: &str) -> Finding {
    Finding::new(&yaml::UNKNOWN_ANCHOR, place, format!("`*{name}` stands inside the value that it repeats"))
        .help("an alias can only repeat a value that is complete above it")
}
pub(crate) fn merge(place: &Place) -> Finding {
    Finding::new(&yaml::MERGE, place, "`<<` copies the keys of an object, and this is none")
        .help("write `<<: *name` with an anchor on an object")
}
pub(crate) fn tag(place: &Place) -> Finding {
    Finding::new(&yaml::TAG, place, "YAML tags are not part of the language")
        .help("remove the tag; a text that begins with ! needs quotes")
}
pub(crate) fn several_documents(place: &Place) -> Finding {
    Finding::new(&yaml::SEVERAL_DOCUMENTS, place, "`---` starts a second document in the same file")
        .help("move what follows into a file of its own")
}
pub(crate) fn key_is_no_text(place: &Place) -> Finding {
    Finding::new(&yaml::KEY_IS_NO_TEXT, place, "a key is a name, not a list or an object")
        .help("a text with brackets or braces needs quotes")
}
pub(crate) fn two_markers(place: &Place) -> Finding {
    Finding::new(&yaml::TWO_MARKERS, place, "`${ … }` and `{{ … }}` stand in the same text")
        .help("in texts write `{{ vars.name }}` instead of `${vars.name}`")
}
pub(crate) fn unknown_variable(place: &Place, name: &str, near: Option<&str>) -> Finding {
    let found = Finding::new(&names::UNKNOWN_VARIABLE, place, format!("the project has no variable `{name}`"));
    match near {
        Some(near) => found.help(format!("did you mean `${{vars.{near}}}`?")),
        None => found.help(format!("declare it in dripline.yaml: `vars: {{ {name}: … }}`")),
    }
}
pub(crate) fn bad_variable(place: &Place, inner: &str) -> Finding {
    let message = format!("`${{{}}}` is no variable", brief(inner));
    Finding::new(&names::UNKNOWN_VARIABLE, place, message).help("write `${vars.name}`")
}

// ---- DL1xx ----

pub(crate) fn unknown_key(key: &Text, of: &str, near: Option<&str>, legal: &[&str]) -> Finding {
    let found = Finding::new(&shape::UNKNOWN_KEY, &key.place, format!("`{key}` is not a key of {of}"));
    match near {
        Some(near) => found.help(format!("did you mean `{near}`?")).suggest(&key.place, near),
        None => found.help(format!("{of} has the keys {}", quoted_list(legal.iter().copied(), 12))),
    }
}
pub(crate) fn foreign_key(key: &Text, ours: &str) -> Finding {
    Finding::new(&shape::FOREIGN_KEY, &key.place, format!("`{key}` is called `{ours}` here"))
        .help(format!("write `{ours}`"))
        .suggest(&key.place, ours)
}
pub(crate) fn one_level_up(key: &Text, up: &str) -> Finding {
    Finding::new(&shape::WRONG_LEVEL, &key.place, format!("`{key}` belongs one level up"))
        .help(format!("`{key}` is a key of {up}: move it out, to the column of the keys there"))
}
pub(crate) fn one_level_down(key: &Text, under: &str, beside_template: bool) -> Finding {
    let finding = Finding::new(&shape::WRONG_LEVEL, &key.place, format!("`{key}` belongs under `{under}`"));
    if beside_template && matches!(key.as_str(), "subject" | "text" | "html") {
        return finding.help(format!(
            "a template has its own {key} in its file; without a template write `{under}: {{ subject: …, text: … }}`"
        ));
    }
    finding.help(format!("write `{under}: {{ {key}: … }}`"))
}
pub(crate) fn of_a_step(key: &Text) -> Finding {
    Finding::new(&shape::WRONG_LEVEL, &key.place, format!("`{key}` belongs to a step"))
        .help(format!("move `{key}` into the step it is about, under `steps`"))
}
pub(crate) fn wrong_kind(key: &Text, kind: &str) -> Finding {
    Finding::new(&shape::WRONG_KIND, &key.place, format!("`{key}` belongs to {kind}"))
        .help(format!("move it to the file of the {} it is about", kind.trim_end_matches('s')))
}
pub(crate) fn wrong_type(place: &Place, key: &str, wants: &str, got: &str) -> Finding {
    Finding::new(&shape::WRONG_TYPE, place, format!("`{key}` takes {wants}, not {got}"))
}
pub(crate) fn missing_key(place: &Place, of: &str, key: &str, about: &str, example: &str) -> Finding {
    Finding::new(&shape::MISSING_KEY, place, format!("{of} {} `{key}`: {}", needs(of), lower_first(about)))
        .help(format!("add `{key}: {example}`"))
}
pub(crate) fn missing_keys(place: &Place, of: &str, keys: &[(&str, &str)]) -> Finding {
    let names: Vec<String> = keys.iter().map(|(key, _)| format!("`{key}`")).collect();
    let lines: Vec<String> = keys.iter().map(|(key, example)| format!("`{key}: {example}`")).collect();
    Finding::new(&shape::MISSING_KEY, place, format!("{of} {} {}", needs(of), names.join(" and ")))
        .help(format!("add {}", lines.join(" and ")))
}
pub(crate) fn not_a_choice(place: &Place, key: &str, value: &str, near: Option<&str>, all: &[&str]) -> Finding {
    let message = format!("`{key}` cannot be \"{}\"", brief(value));
    let found = Finding::new(&shape::NOT_A_CHOICE, place, message);
    match near {
        Some(near) => found.help(format!("did you mean `{near}`?")).suggest(place, near),
        None => found.help(format!("it is one of {}", quoted_list(all.iter().copied(), 12))),
    }
}
pub(crate) fn bare_number(place: &Place, key: &str, number: &str) -> Finding {
    Finding::new(&shape::BARE_NUMBER, place, format!("`{key}: {number}` — {number} what?"))
        .help(format!("write a unit: `{number}m` for minutes, `{number}h` for hours, `{number}d` for days"))
}
pub(crate) fn several_actions(extra: &Text, first: &Text) -> Finding {
    Finding::new(
        &shape::SEVERAL_ACTIONS,
        &extra.place,
        format!("this step already does `{first}`, so `{extra}` is too much"),
    )
    .label(&first.place, "the first action")
    .help("make two steps of it; a step without a time key is due together with the one above")
}
pub(crate) fn several_times(extra: &Text, first: &Text) -> Finding {
    Finding::new(&shape::SEVERAL_TIMES, &extra.place, format!("`{first}` already says when the step is due"))
        .label(&first.place, "the first time key")
        .help("keep one of wait, day, before, after")
}
pub(crate) fn several_forms(extra: &Text, first: &Text) -> Finding {
    Finding::new(&shape::SEVERAL_FORMS, &extra.place, format!("`{extra}` cannot stand beside `{first}`"))
        .label(&first.place, "the first of the two")
        .help("keep one of them")
}
pub(crate) fn bad_id(place: &Place, id: &str, near: Option<&str>) -> Finding {
    let message = format!("\"{}\" cannot be an id", brief(id));
    let found = Finding::new(&shape::BAD_ID, place, message)
        .help("ids are small letters, digits and underscores, start with a letter, and have at most 64 characters");
    match near {
        Some(near) => found.suggest(place, near),
        None => found,
    }
}
pub(crate) fn no_header(place: &Place, kinds: &[&str]) -> Finding {
    Finding::new(&shape::NO_HEADER, place, "this file does not say what it is").help(format!(
        "start it with one of {} and an id, for example `sequence: welcome`",
        quoted_list(kinds.iter().copied(), 12)
    ))
}
pub(crate) fn unknown_header(key: &Text, near: &str) -> Finding {
    Finding::new(&shape::NO_HEADER, &key.place, format!("`{key}` is no kind of file"))
        .help(format!("did you mean `{near}`?"))
        .suggest(&key.place, near)
}
pub(crate) fn empty_value(place: &Place, key: &str, example: &str) -> Finding {
    Finding::new(&shape::EMPTY_VALUE, place, format!("`{key}` has no value"))
        .help(format!("write one, for example `{key}: {example}`, or remove the key"))
}
pub(crate) fn out_of_range(place: &Place, key: &str, least: i64, most: i64) -> Finding {
    let range = if most == i64::MAX { format!("at least {least}") } else { format!("between {least} and {most}") };
    Finding::new(&shape::OUT_OF_RANGE, place, format!("`{key}` is {range}"))
}
pub(crate) fn wrong_folder(place: &Place, kind: &str, folder: &str, actual: &str) -> Finding {
    Finding::new(&shape::WRONG_FOLDER, place, format!("this is a {kind}, but it stands in {actual}/"))
        .help(format!("move the file to {folder}/"))
}
pub(crate) fn wrong_project_file(place: &Place) -> Finding {
    Finding::new(&shape::WRONG_FOLDER, place, "the project stands in dripline.yaml at the root")
        .help("rename the file to dripline.yaml and move it to the root of the folder")
}
pub(crate) fn empty_list(place: &Place, key: &str) -> Finding {
    Finding::new(&shape::EMPTY_LIST, place, format!("`{key}` is empty")).help("add an entry, or remove the key")
}
pub(crate) fn header_not_first(key: &Text) -> Finding {
    Finding::new(&shape::HEADER_NOT_FIRST, &key.place, format!("`{key}` comes first in the file"))
        .help("move this line to the top, so that everyone sees what the file is")
}
pub(crate) fn several_headers(extra: &Text, first: &Text) -> Finding {
    Finding::new(
        &shape::SEVERAL_HEADERS,
        &extra.place,
        format!("this file is a {first}; it cannot be a {extra} as well"),
    )
    .label(&first.place, "the first header")
    .help("move one of the two into a file of its own")
}
pub(crate) fn bad_form(place: &Place, key: &str, value: &str, wants: &str, meant: Option<&str>) -> Finding {
    let finding = Finding::new(&shape::BAD_FORM, place, format!("`{key}` takes {wants}, not \"{}\"", brief(value)));
    let Some(meant) = meant else { return finding };
    let meant = if meant.contains(':') { quoted(meant) } else { meant.to_owned() };
    finding.help(format!("did you mean `{meant}`?")).suggest(place, meant)
}
pub(crate) fn companion(key: &Text, needs: &str) -> Finding {
    Finding::new(&shape::COMPANION, &key.place, format!("`{key}` has no effect without {needs}"))
        .help(format!("remove `{key}`, or add {needs}"))
}
pub(crate) fn no_source(place: &Place) -> Finding {
    Finding::new(&shape::NO_SOURCE, place, "this trigger does not say what sets it off")
        .help("add `event: lead.created`, or the event that it waits for")
}
pub(crate) fn no_effect(place: &Place) -> Finding {
    Finding::new(&shape::NO_EFFECT, place, "this trigger fires, and then nothing happens")
        .help("add `enroll: a_sequence` or `do: [ … ]`")
}
pub(crate) fn waits_for_nothing(place: &Place) -> Finding {
    Finding::new(&shape::WAITS_FOR_NOTHING, place, "this `wait_for` does not say what it waits for")
        .help("add `event: booking.created`, or the condition that has to hold: `if: has_booking()`")
}
pub(crate) fn later(place: &Place, what: &str) -> Finding {
    Finding::new(
        &shape::NOT_SUPPORTED_YET,
        place,
        format!("{what} is part of the language, but this version cannot run it yet"),
    )
    .help("remove it, or wait for a version that can")
}

// ---- DL5xx ----

/// Never repeats the value: a secret must not reach a terminal or a log.
pub(crate) fn literal_secret(place: &Place, key: &str) -> Finding {
    Finding::new(&law::LITERAL_SECRET, place, format!("`{key}` holds a secret itself")).help(
        "put the secret into an environment variable and write its NAME_IN_CAPITALS here, or `file:/run/secrets/name`",
    )
}

/// After the name of an object, which may be in the plural.
fn needs(of: &str) -> &'static str {
    if of.ends_with(" hours") || of.ends_with(" rules") { "need" } else { "needs" }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let text: String = letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default();
    text.trim_end_matches('.').to_owned()
}
