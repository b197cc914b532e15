//! Walks a tree beside its description and reports everything that does not fit. Reads no value itself and knows no kind.
use super::{
    found,
    leaf::{Core, FormKind, SECRET, core_type, is_variable, other_reading},
    shape::{Choice, Group, Key, Leaf, Shape, Type, What},
    text::{Style, Text},
    tree::{Map, Node, Scalar, Value},
};
use crate::diag::{Place, Sink, nearest};

/// Words of other programs, and ours.
const FOREIGN: &[(&str, &str)] = &[
    ("on", "event"),
    ("trigger", "event"),
    ("platform", "event"),
    ("metric", "event"),
    ("delay", "wait"),
    ("sleep", "wait"),
    ("filter", "if"),
    ("condition", "if"),
    ("exit", "stop_on"),
    ("unenroll", "stop_on"),
    ("flow", "sequence"),
    ("workflow", "sequence"),
    ("journey", "sequence"),
    ("broadcast", "campaign"),
    ("wait_until", "wait_for"),
    ("wait_for_trigger", "wait_for"),
    ("channel", "via"),
    ("time", "at"),
    ("send_at", "at"),
    ("when", "if"),
    ("language", "locales"),
    ("languages", "locales"),
    ("timezone", "zone"),
    ("time_zone", "zone"),
    ("cron", "every"),
    ("schedule", "every"),
    ("body", "text"),
];

/// Our word for a word of another program.
pub(crate) fn foreign(word: &str) -> Option<&'static str> {
    FOREIGN.iter().find(|(theirs, _)| *theirs == word).map(|(_, ours)| *ours)
}

/// What other tools call a word of this language.
pub(super) fn spellings(ours: &str) -> impl Iterator<Item = &'static str> {
    FOREIGN.iter().filter(move |(_, known)| *known == ours).map(|(theirs, _)| *theirs)
}

/// Checks an object. `kinds` are the objects of the other kinds with the plural of their names, to say where a key belongs.
pub(crate) fn check(
    map: &Map,
    at: &Place,
    shape: &'static Shape,
    kinds: &[(&'static str, &'static Shape)],
    sink: &mut Sink,
) {
    Walk { sink, kinds, above: Vec::new() }.object(map, at, shape);
}

struct Walk<'a> {
    sink: &'a mut Sink,
    kinds: &'a [(&'static str, &'static Shape)],
    above: Vec<&'static Shape>,
}

/// The key a value belongs to, for messages.
#[derive(Clone, Copy)]
struct Of<'a> {
    key: &'a str,
    example: &'a str,
}

impl Walk<'_> {
    fn object(&mut self, map: &Map, at: &Place, shape: &'static Shape) {
        self.above.push(shape);
        let free = shape.keys.iter().map(|key| key.name).filter(|name| map.entry(name).is_none()).collect::<Vec<_>>();
        let mut meant: Vec<&'static str> = Vec::new();
        for (at, entry) in map.entries.iter().enumerate() {
            if map.cut && at + 1 == map.entries.len() && entry.value.is_null() {
                // The syntax error that cut the file stands where the value would be.
                continue;
            }
            match shape.key(&entry.key) {
                // what goes with instructions for a model needs no finding of its own
                Some(key)
                    if key.later
                        && key.name != "write"
                        && shape.key("write").is_some()
                        && map.entry("write").is_some() => {}
                Some(key) if key.later => self.sink.push(found::later(&entry.key.place, &format!("`{}`", key.name))),
                Some(key) => self.value(&entry.value, &entry.key, key.ty, Of { key: key.name, example: key.example }),
                None if is_own(&entry.key) => {}
                None => match shape.open {
                    Some(ty) => self.value(&entry.value, &entry.key, ty, Of { key: &entry.key, example: "a value" }),
                    None => meant.extend(self.unknown(&entry.key, &free, shape)),
                },
            }
        }
        self.missing(map, at, shape, &meant);
        for group in shape.groups {
            self.group(map, at, group, shape, &meant);
        }
        self.above.pop();
    }

    /// `meant` are keys that stand there misspelt, which was said.
    fn missing(&mut self, map: &Map, at: &Place, shape: &'static Shape, meant: &[&'static str]) {
        if map.cut {
            return;
        }
        let lacks = |key: &&Key| key.required && map.entry(key.name).is_none() && !meant.contains(&key.name);
        match shape.keys.iter().filter(lacks).collect::<Vec<_>>().as_slice() {
            [] => {}
            [key] => self.sink.push(found::missing_key(at, shape.name, key.name, key.about, key.example)),
            keys => {
                let keys: Vec<_> = keys.iter().map(|key| (key.name, key.example)).collect();
                self.sink.push(found::missing_keys(at, shape.name, &keys));
            }
        }
        for key in shape.keys.iter().filter(|key| !key.with.is_empty()) {
            let Some(entry) = map.entry(key.name) else { continue };
            if !key.with.iter().any(|with| map.get(with).is_some() || meant.contains(with)) {
                self.sink.push(found::companion(&entry.key, &or_list(key.with)));
            }
        }
    }

    fn group(&mut self, map: &Map, at: &Place, group: &Group, shape: &'static Shape, meant: &[&'static str]) {
        let mut present = map.entries.iter().filter(|entry| group.keys.contains(&&*entry.key));
        let Some(first) = present.next() else {
            if group.needed && !map.cut && !group.keys.iter().any(|key| meant.contains(key)) {
                self.sink.push(match group.what {
                    What::Source | What::Cause => found::no_source(at),
                    What::Effect => found::no_effect(at),
                    What::Awaited => found::waits_for_nothing(at),
                    _ => found::missing_key(
                        at,
                        shape.name,
                        group.keys[0],
                        &format!("one of {}", or_list(group.keys)),
                        "…",
                    ),
                });
            }
            return;
        };
        if !group.what.is_exclusive() {
            return;
        }
        for extra in present {
            self.sink.push(match group.what {
                What::Action => found::several_actions(&extra.key, &first.key),
                What::Time => found::several_times(&extra.key, &first.key),
                What::Source | What::Form | What::Effect | What::Cause | What::Awaited | What::Several => {
                    found::several_forms(&extra.key, &first.key)
                }
            });
        }
    }

    /// `free` are the keys of the object that are not written yet. Returns the one that was surely meant.
    fn unknown(&mut self, key: &Text, free: &[&'static str], shape: &'static Shape) -> Option<&'static str> {
        if let Some(ours) = foreign(key).filter(|ours| free.contains(ours)) {
            let later = shape.key(ours).is_some_and(|known| known.later);
            self.sink.push(if later {
                found::later(&key.place, &format!("`{ours}`, as `{key}` is called here,"))
            } else {
                found::foreign_key(key, ours)
            });
            return Some(ours);
        }
        let above = self.above.iter().rev().skip(1).find(|up| up.key(key).is_some());
        if let Some(up) = above {
            self.sink.push(found::one_level_up(key, up.name));
            return None;
        }
        if self.above.len() == 1 && super::Kind::of(key).is_some() {
            // A second header; it was reported where the header was read.
            return None;
        }
        if shape.key("steps").and_then(|steps| steps.ty.items()?.0.shape()).is_some_and(|step| step.key(key).is_some())
            && !matches!(key.as_str(), "enroll")
        {
            self.sink.push(found::of_a_step(key));
            return None;
        }
        if let Some((kind, _)) = self.kinds.iter().find(|(_, kind)| kind.key(key).is_some()) {
            self.sink.push(found::wrong_kind(key, kind));
            return None;
        }
        let near = nearest(key, free.iter().copied());
        if near.is_none() {
            let below = |candidate: &&Key| candidate.ty.shape().is_some_and(|shape| shape.key(key).is_some());
            let mut under: Vec<&Key> = shape.keys.iter().filter(|key| !key.later).filter(below).collect();
            // the one that stands there is the one that is meant
            under.sort_by_key(|key| free.contains(&key.name));
            if let Some(under) = under.first() {
                let beside_template = !free.contains(&under.name)
                    && under.ty.leaf().is_some()
                    && under.ty.shape().is_some_and(|shape| shape.key("template").is_some());
                self.sink.push(found::one_level_down(key, under.name, beside_template));
                return None;
            }
        }
        let legal: Vec<&str> = shape.keys.iter().filter(|key| !key.later).map(|key| key.name).collect();
        self.sink.push(found::unknown_key(key, shape.name, near, &legal));
        near
    }

    fn value(&mut self, node: &Node, key: &Text, ty: Type, of: Of<'_>) {
        if matches!(ty, Type::Any) || matches!(node.value, Value::Broken) {
            return;
        }
        if node.is_null() {
            let nullable =
                node.scalar().is_some_and(|scalar| !scalar.text.is_empty()) && matches!(ty.leaf(), Some(Leaf::Literal));
            if !nullable {
                self.sink.push(found::empty_value(&key.place, of.key, of.example));
            }
            return;
        }
        match &node.value {
            Value::Scalar(scalar) => match ty.leaf() {
                Some(leaf) => self.leaf(scalar, leaf, of),
                None => self.wrong(node, ty, of),
            },
            Value::List(items) => match ty.items() {
                Some((item, needs_one)) => {
                    if needs_one && items.is_empty() {
                        self.sink.push(found::empty_list(&node.place, of.key));
                    }
                    for entry in items {
                        self.value(entry, key_of(entry, key).as_ref().unwrap_or(key), item, of);
                    }
                }
                None => self.wrong(node, ty, of),
            },
            Value::Broken => {}
            Value::Map(map) => match ty.object() {
                Some(Type::Object(shape)) => {
                    let at = if map.entries.is_empty() { node.place.clone() } else { node.head() };
                    self.object(map, &at, shape);
                }
                Some(Type::Map(named)) => {
                    for entry in &map.entries {
                        if is_own(&entry.key) {
                            continue;
                        }
                        self.name(&entry.key, Leaf::Form(named.key), of);
                        self.value(&entry.value, &entry.key, named.value, Of { key: &entry.key, example: of.example });
                    }
                    if named.single && map.entries.len() != 1 {
                        self.sink.push(found::wrong_type(
                            &node.head(),
                            of.key,
                            "exactly one entry",
                            &count(map.entries.len()),
                        ));
                    }
                }
                Some(_) => {}
                None => self.wrong(node, ty, of),
            },
        }
    }

    /// A key that the author chose.
    fn name(&mut self, key: &Text, leaf: Leaf, of: Of<'_>) {
        let scalar = Scalar { text: key.clone(), null: false, plain: key.style == Style::Plain };
        self.leaf(&scalar, leaf, of);
        if let Some(reading) = other_reading(key).filter(|_| scalar.plain) {
            self.sink.push(found::yaml_1_1(key, reading));
        }
    }

    fn wrong(&mut self, node: &Node, ty: Type, of: Of<'_>) {
        let got = match &node.value {
            Value::Scalar(_) => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) | Value::Broken => "an object",
        };
        let found = found::wrong_type(&node.head(), of.key, &wants(ty), got)
            .help(format!("write `{}: {}`", of.key, of.example));
        self.sink.push(found);
    }

    /// Warns where an older tool reads an unquoted text as something else.
    fn other_reading(&mut self, scalar: &Scalar, leaf: Leaf) {
        let text = match leaf {
            Leaf::Form(form) => form.kind != FormKind::Duration,
            Leaf::Text | Leaf::Markup | Leaf::Setting => true,
            Leaf::Literal => core_type(&scalar.text).is_none(),
            _ => false,
        };
        if let Some(reading) = other_reading(&scalar.text).filter(|_| text && scalar.plain) {
            self.sink.push(found::yaml_1_1(&scalar.text, reading));
        }
    }

    fn leaf(&mut self, scalar: &Scalar, leaf: Leaf, of: Of<'_>) {
        let (text, place) = (&scalar.text, &scalar.text.place);
        let core = scalar.plain.then(|| core_type(text)).flatten();
        self.other_reading(scalar, leaf);
        match leaf {
            Leaf::Text | Leaf::Markup | Leaf::Literal | Leaf::Expression => {
                if text.trim().is_empty() {
                    self.sink.push(found::empty_value(place, of.key, of.example));
                }
            }
            Leaf::Form(form) if (form.reads)(text) => {}
            Leaf::Form(form) => self.sink.push(match form.kind {
                FormKind::Id => found::bad_id(place, text, as_id(text).as_deref()),
                FormKind::Duration if text.parse::<f64>().is_ok() => found::bare_number(place, of.key, text),
                _ => found::bad_form(
                    place,
                    of.key,
                    text,
                    form.wants,
                    super::repair::repaired(text, form.reads).as_deref(),
                ),
            }),
            Leaf::Integer { least, most } => match core {
                Some(Core::Integer(number)) if (least..=most).contains(&number) => {}
                Some(Core::Integer(_)) => self.sink.push(found::out_of_range(place, of.key, least, most)),
                _ => self.number(scalar, of, "a whole number"),
            },
            Leaf::Bool => {
                if !matches!(core, Some(Core::Bool(_))) {
                    self.bool(text, of);
                }
            }
            Leaf::Choice(choices) => self.choice(text, choices, of),
            Leaf::Secret => {
                if !(SECRET.reads)(text) {
                    self.sink.push(found::literal_secret(place, of.key));
                }
            }
            Leaf::Setting => {
                if holds_password(text) {
                    self.sink.push(found::literal_secret(place, of.key));
                }
            }
        }
    }

    fn number(&mut self, scalar: &Scalar, of: Of<'_>, wants: &str) {
        let text = &scalar.text;
        let found = found::wrong_type(&text.place, of.key, wants, &format!("\"{}\"", text.as_str()));
        self.sink.push(match core_type(text) {
            Some(Core::Integer(_)) if !scalar.plain => found.help("remove the quotes").fix(&text.place, text.as_str()),
            _ => found.help(format!("write `{}: {}`", of.key, of.example)),
        });
    }

    fn bool(&mut self, text: &Text, of: Of<'_>) {
        let meant = match &*text.to_ascii_lowercase() {
            "yes" | "on" | "y" | "true" => Some("true"),
            "no" | "off" | "n" | "false" => Some("false"),
            _ => None,
        };
        let found = found::wrong_type(&text.place, of.key, "true or false", &format!("\"{}\"", text.as_str()));
        self.sink.push(match meant {
            Some(meant) => found.help(format!("write `{}: {meant}`", of.key)).fix(&text.place, meant),
            None => found,
        });
    }

    fn choice(&mut self, text: &Text, choices: &[Choice], of: Of<'_>) {
        match choices.iter().find(|choice| choice.word == text.as_str()) {
            Some(choice) if choice.later => {
                self.sink.push(found::later(&text.place, &format!("`{}: {}`", of.key, choice.word)));
            }
            Some(_) => {}
            None => {
                let words: Vec<&str> =
                    choices.iter().filter(|choice| !choice.later).map(|choice| choice.word).collect();
                self.sink.push(found::not_a_choice(
                    &text.place,
                    of.key,
                    text,
                    nearest(text, words.iter().copied()).or_else(|| short_for(text, &words)),
                    &words,
                ));
            }
        }
    }
}

/// An empty entry of a list has no key of its own to point at.
fn key_of(entry: &Node, key: &Text) -> Option<Text> {
    (entry.is_null() && !entry.place.is_empty()).then(|| Text::made(key, Style::Plain, &entry.place))
}

/// `mon` for `Monday`.
fn short_for<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    let text = text.to_lowercase();
    words.iter().copied().find(|word| word.len() > 2 && text.starts_with(word))
}

fn is_own(key: &str) -> bool {
    key.starts_with("x-")
}

fn as_id(text: &str) -> Option<String> {
    let id: String = text
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' })
        .collect();
    let id = id.trim_matches('_').to_owned();
    super::leaf::is_id(&id).then_some(id)
}

/// `scheme://user:password@host`
fn holds_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let host = rest.split('/').next().unwrap_or("");
    host.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) && !is_variable(text)
}

fn count(number: usize) -> String {
    if number == 0 { "none".to_owned() } else { format!("{number}") }
}

fn or_list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// In words: `a duration such as 3d, or an object`.
fn wants(ty: Type) -> String {
    match ty {
        Type::Leaf(leaf) => match leaf {
            Leaf::Text | Leaf::Markup | Leaf::Setting => "a text".to_owned(),
            Leaf::Expression => "a condition".to_owned(),
            Leaf::Form(form) => form.wants.to_owned(),
            Leaf::Integer { .. } => "a whole number".to_owned(),
            Leaf::Bool => "true or false".to_owned(),
            Leaf::Choice(choices) => or_list(&choices.iter().filter(|c| !c.later).map(|c| c.word).collect::<Vec<_>>()),
            Leaf::Secret => SECRET.wants.to_owned(),
            Leaf::Literal => "a single value".to_owned(),
        },
        Type::List(_) | Type::ListOrNone(_) => "a list".to_owned(),
        Type::Map(_) | Type::Any => "an object".to_owned(),
        Type::Object(shape) => {
            format!(
                "an object with {}",
                or_list(&shape.keys.iter().filter(|k| !k.later).take(4).map(|k| k.name).collect::<Vec<_>>())
            )
        }
        Type::Or(types) => types.iter().map(|ty| wants(*ty)).collect::<Vec<_>>().join(", or "),
    }
}
