//! The published schemas (draft-07) from the same descriptions that the reader uses, for editors and other tools.
//! Pure: returns values, writes nothing.
use super::{
    Kind, campaign, check,
    leaf::{Core, Form, SECRET, core_type},
    offer,
    parse::parse,
    project, registry, segment, sequence,
    shape::{Choice, Group, Key, Leaf, Named, Shape, Type, What},
    suite, template,
    tree::{self, Node},
    trigger,
};
use crate::diag::{FileId, Sink};
use serde_json::{Map, Value, json};

/// Stem of each file under `schemas/`; `template` is the head of a template.
pub(crate) const PUBLISHED: [&str; 9] =
    ["project", "sequence", "trigger", "segment", "campaign", "offer", "suite", "template", WHATSAPP];
/// The committed list of WhatsApp templates.
const WHATSAPP: &str = "whatsapp";

/// A variable may stand for any single value.
const VARIABLE: &str = "^\\$\\{ ?vars\\.[a-z][a-z0-9_]* ?\\}$";

/// Which version of JSON Schema is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Draft {
    /// What editors read.
    Seven,
    /// 2020-12.
    Newest,
}

/// The schema of a kind, by its word; nothing for kinds that this version cannot run.
pub(crate) fn schema(kind: &str, draft: Draft) -> Option<Value> {
    let mut schema = draft_07(kind)?;
    if draft == Draft::Newest {
        newest(&mut schema, true);
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    }
    Some(schema)
}

/// Between the two drafts only words differ, as far as we use them. `keywords` tells whether the keys of this object are
/// words of the schema language; otherwise they are names.
fn newest(schema: &mut Value, keywords: bool) {
    const NAMES: &[&str] = &["properties", "patternProperties", "$defs", "dependentSchemas"];
    const DATA: &[&str] = &["examples", "defaultSnippets", "enum", "const", "default"];
    match schema {
        Value::Object(parts) => {
            let old = std::mem::take(parts);
            for (key, mut value) in old {
                let key = match key.as_str() {
                    "definitions" if keywords => "$defs".to_owned(),
                    "dependencies" if keywords => "dependentSchemas".to_owned(),
                    _ => key,
                };
                match &mut value {
                    Value::String(target) if keywords && key == "$ref" => {
                        *target = target.replacen("#/definitions/", "#/$defs/", 1);
                    }
                    _ if keywords && DATA.contains(&key.as_str()) => {}
                    value => newest(value, !(keywords && NAMES.contains(&key.as_str()))),
                }
                parts.insert(key, value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| newest(item, true)),
        _ => {}
    }
}

fn draft_07(kind: &str) -> Option<Value> {
    let shape = shape_of(kind)?;
    let mut definitions = Map::new();
    let mut root =
        if kind == WHATSAPP { value(registry::FILE, &mut definitions) } else { object(shape, &mut definitions) };
    let mut head = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": format!("dripline {kind}"),
    });
    if let (Some(head), Some(root)) = (head.as_object_mut(), root.as_object_mut()) {
        head.append(root);
        definitions.sort_keys();
        if !definitions.is_empty() {
            head.insert("definitions".to_owned(), Value::Object(definitions));
        }
    }
    Some(head)
}

fn shape_of(kind: &str) -> Option<&'static Shape> {
    match Kind::of(kind) {
        Some(Kind::Project) => Some(&project::PROJECT),
        Some(Kind::Sequence) => Some(&sequence::SEQUENCE),
        Some(Kind::Trigger) => Some(&trigger::TRIGGER),
        Some(Kind::Segment) => Some(&segment::SEGMENT),
        Some(Kind::Campaign) => Some(&campaign::CAMPAIGN),
        Some(Kind::Offer) => Some(&offer::OFFER),
        Some(Kind::Suite) => Some(&suite::SUITE),
        _ if kind == "template" => Some(&template::FRONT_MATTER),
        _ if kind == WHATSAPP => Some(&registry::REGISTERED),
        _ => None,
    }
}

/// One key of the language, for the printed reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct KeyReference {
    pub(crate) key: &'static str,
    /// The object it stands in, with its article.
    pub(crate) of: &'static str,
    pub(crate) about: &'static str,
    pub(crate) example: &'static str,
    pub(crate) required: bool,
    /// This version cannot run it.
    pub(crate) later: bool,
    /// Words it takes, with what they mean.
    pub(crate) words: Vec<(&'static str, &'static str)>,
}

/// Every place where a key of this name may stand.
pub(crate) fn reference(key: &str) -> Vec<KeyReference> {
    let mut found = Vec::new();
    let mut seen: Vec<&'static str> = Vec::new();
    for kind in PUBLISHED {
        if let Some(shape) = shape_of(kind) {
            walk(shape, &mut seen, &mut |shape, described| {
                if described.name == key {
                    found.push(KeyReference {
                        key: described.name,
                        of: shape.name,
                        about: described.about,
                        example: described.example,
                        required: described.required,
                        later: described.later,
                        words: words(described.ty),
                    });
                }
            });
        }
    }
    found
}

/// Every key of the language, sorted, each once.
pub(crate) fn keys() -> Vec<&'static str> {
    let (mut names, mut seen) = (Vec::new(), Vec::new());
    for shape in PUBLISHED.into_iter().filter_map(shape_of) {
        walk(shape, &mut seen, &mut |_, key| names.push(key.name));
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn words(ty: Type) -> Vec<(&'static str, &'static str)> {
    match ty {
        Type::Leaf(Leaf::Choice(choices)) => choices.iter().map(|choice| (choice.word, choice.about)).collect(),
        Type::List(item) | Type::ListOrNone(item) => words(*item),
        Type::Or(types) => types.iter().flat_map(|ty| words(*ty)).collect(),
        _ => Vec::new(),
    }
}

/// Visits every key of an object and of the objects below it, each object once.
pub(super) fn walk(
    shape: &'static Shape,
    seen: &mut Vec<&'static str>,
    visit: &mut impl FnMut(&'static Shape, &'static Key),
) {
    if seen.contains(&shape.name) {
        return;
    }
    seen.push(shape.name);
    for key in shape.keys {
        visit(shape, key);
        let mut below = Vec::new();
        shapes(key.ty, &mut below);
        for shape in below {
            walk(shape, seen, visit);
        }
    }
}

fn shapes(ty: Type, into: &mut Vec<&'static Shape>) {
    match ty {
        Type::Object(shape) => into.push(shape),
        Type::List(item) | Type::ListOrNone(item) => shapes(*item, into),
        Type::Map(named) => shapes(named.value, into),
        Type::Or(types) => types.iter().for_each(|ty| shapes(*ty, into)),
        Type::Leaf(_) | Type::Any => {}
    }
}

fn object(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    let supported = || shape.keys.iter().filter(|key| !key.later);
    for key in supported() {
        properties.insert(key.name.to_owned(), property(key, definitions));
    }
    let required: Vec<&str> = supported().filter(|key| key.required).map(|key| key.name).collect();
    // editors offer the required keys at once where they stand beside the properties
    let mut schema = json!({ "description": shape.about, "type": "object", "properties": properties });
    let mut rules: Vec<Value> = Vec::new();
    if let Some(schema) = schema.as_object_mut() {
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        match shape.open {
            Some(ty) => {
                schema.insert("patternProperties".to_owned(), json!({ "^x-": {} }));
                schema.insert("additionalProperties".to_owned(), value(ty, definitions));
            }
            None => rules.extend(nothing_else(shape)),
        }
        exclusions(shape, schema, &mut rules);
        if !rules.is_empty() {
            schema.insert("allOf".to_owned(), Value::Array(rules));
        }
    }
    schema
}

/// No other keys: rules of their own, because a message stands for everything in the schema that it stands in.
fn nothing_else(shape: &'static Shape) -> Vec<Value> {
    let known: Map<String, Value> =
        shape.keys.iter().filter(|key| !key.later).map(|key| (key.name.to_owned(), Value::Bool(true))).collect();
    let mut patterns = Map::from_iter([("^x-".to_owned(), json!({}))]);
    let mut rules = Vec::new();
    for (pattern, ours) in foreign_keys(shape) {
        patterns.insert(pattern.clone(), json!({}));
        let told = format!("This key is called `{ours}` here.");
        rules.push(json!({ "patternProperties": { pattern: false }, "errorMessage": told }));
    }
    rules.push(json!({
        "properties": known,
        "patternProperties": patterns,
        "additionalProperties": false,
        "errorMessage": keys_of(shape),
    }));
    rules
}

/// What an editor says at a key that does not exist.
fn keys_of(shape: &'static Shape) -> String {
    let keys: Vec<&str> = shape.keys.iter().filter(|key| !key.later).map(|key| key.name).collect();
    format!("{} has these keys: {}.", capital(shape.name), keys.join(", "))
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Spellings of other tools, as one pattern for each key of ours that they mean.
fn foreign_keys(shape: &'static Shape) -> Vec<(String, &'static str)> {
    let known = |theirs: &str| shape.key(theirs).is_none();
    let ours = shape.keys.iter().filter(|key| !key.later).map(|key| key.name);
    let spelled = |ours: &'static str| {
        let theirs: Vec<&str> = check::spellings(ours).filter(|theirs| known(theirs)).collect();
        (!theirs.is_empty()).then(|| (format!("^({})$", theirs.join("|")), ours))
    };
    ours.filter_map(spelled).collect()
}

/// Keys that exclude or need each other, told at the extra key: each key forbids the others of its group.
fn exclusions(shape: &'static Shape, schema: &mut Map<String, Value>, rules: &mut Vec<Value>) {
    let supported = |key: &&str| shape.key(key).is_some_and(|key| !key.later);
    let mut dependencies = Map::new();
    for Group { keys, needed, what } in shape.groups {
        let keys: Vec<&str> = keys.iter().copied().filter(supported).collect();
        for key in keys.iter().filter(|_| what.is_exclusive()) {
            let others = keys.iter().filter(|other| *other != key);
            let forbidden: Map<String, Value> = others.map(|other| ((*other).to_owned(), Value::Bool(false))).collect();
            let known = dependencies.get_mut(*key).and_then(|known| known.get_mut("properties")?.as_object_mut());
            match known {
                // of several groups: the first says it
                Some(known) => known.extend(forbidden),
                None if forbidden.is_empty() => {}
                None => {
                    let told = excluded(shape, key, *what, &keys);
                    dependencies.insert((*key).to_owned(), json!({ "properties": forbidden, "errorMessage": told }));
                }
            }
        }
        if *needed {
            let one: Vec<Value> = keys.iter().map(|key| json!({ "required": [key] })).collect();
            rules.push(json!({ "anyOf": one }));
        }
    }
    for key in shape.keys.iter().filter(|key| !key.with.is_empty() && !key.later) {
        let with: Vec<&str> = key.with.iter().copied().filter(supported).collect();
        let told = format!("`{}` goes together with {}.", key.name, with.join(" or "));
        let any: Vec<Value> = with.iter().map(|with| json!({ "required": [with] })).collect();
        // a condition and not a dependency, so that the key itself is marked
        rules.push(json!({
            "if": { "not": { "anyOf": any } },
            "then": { "properties": { key.name: false }, "errorMessage": told },
        }));
    }
    if !dependencies.is_empty() {
        schema.insert("dependencies".to_owned(), Value::Object(dependencies));
    }
}

/// What an editor says at a key that another one forbids.
fn excluded(shape: &'static Shape, key: &str, what: What, keys: &[&str]) -> String {
    match what {
        What::Action => {
            format!("{} does one thing, and `{key}` is one: begin another one for this.", capital(shape.name))
        }
        What::Time => format!("{} is due at one moment, and `{key}` says which.", capital(shape.name)),
        What::Source | What::Form | What::Effect | What::Cause | What::Awaited | What::Several => {
            format!("Write one of {}; `{key}` stands here already.", keys.join(", "))
        }
    }
}

fn property(key: &'static Key, definitions: &mut Map<String, Value>) -> Value {
    let inner = value(key.ty, definitions);
    let markdown = format!("{}\n\n```yaml\n{}: {}\n```", key.about, key.name, key.example);
    let mut schema = Map::new();
    schema.insert("description".to_owned(), json!(key.about));
    schema.insert("markdownDescription".to_owned(), json!(markdown));
    if let Some(example) = example(key) {
        schema.insert("examples".to_owned(), json!([example]));
    }
    match inner {
        // Beside `$ref` draft-07 ignores everything, so that the description needs a wrapper.
        Value::Object(inner) if inner.contains_key("$ref") => {
            schema.insert("allOf".to_owned(), json!([inner]));
        }
        Value::Object(mut inner) => {
            inner.remove("description");
            schema.append(&mut inner);
        }
        _ => {}
    }
    Value::Object(schema)
}

fn value(ty: Type, definitions: &mut Map<String, Value>) -> Value {
    match ty {
        Type::Leaf(leaf) => scalar(leaf),
        Type::List(item) => list(*item, true, definitions),
        Type::ListOrNone(item) => list(*item, false, definitions),
        Type::Map(named) => map(named, definitions),
        Type::Object(shape) => {
            let name = definition(shape);
            if !definitions.contains_key(&name) {
                definitions.insert(name.clone(), Value::Null);
                let schema = object(shape, definitions);
                definitions.insert(name.clone(), schema);
            }
            json!({ "$ref": format!("#/definitions/{name}") })
        }
        // A form that holds nothing which this version can run is not offered.
        Type::Or(types) => {
            let later = |ty: &&Type| ty.shape().is_some_and(|shape| shape.keys.iter().all(|key| key.later));
            let mut forms: Vec<Value> =
                types.iter().filter(|ty| !later(ty)).map(|ty| value(*ty, definitions)).collect();
            if forms.len() == 1 { forms.remove(0) } else { json!({ "anyOf": forms }) }
        }
        Type::Any => json!({}),
    }
}

fn list(item: Type, needs_one: bool, definitions: &mut Map<String, Value>) -> Value {
    let mut items = value(item, definitions);
    if let (Type::Object(shape), Some(snippet)) = (item, item.shape().map(snippet)) {
        items = json!({ "allOf": [items], "defaultSnippets": [{ "label": definition(shape), "body": snippet }] });
    }
    let told = "This is a list: begin each entry with `- `, or put all of them between [ and ].";
    let mut schema = json!({ "type": "array", "items": items, "errorMessage": told });
    if let Some(schema) = schema.as_object_mut().filter(|_| needs_one) {
        schema.insert("minItems".to_owned(), json!(1));
    }
    schema
}

/// The required keys of an object, to be filled in one after the other.
fn snippet(shape: &'static Shape) -> Value {
    let required = shape.keys.iter().filter(|key| key.required && !key.later).enumerate();
    let body: Map<String, Value> =
        required.map(|(at, key)| (key.name.to_owned(), json!(format!("${{{}:{}}}", at + 1, key.name)))).collect();
    if body.is_empty() { json!("$1") } else { Value::Object(body) }
}

/// The example of a key as a value.
fn example(key: &Key) -> Option<Value> {
    let file = FileId::from("example.yaml");
    let tree = parse(&file, &format!("{}: {}\n", key.name, key.example), &mut Sink::new());
    Some(json(tree.root.as_ref()?.map()?.get(key.name)?))
}

/// A node as JSON, as a tool that knows YAML 1.2 sees it.
pub(crate) fn json(node: &Node) -> Value {
    match &node.value {
        tree::Value::Scalar(scalar) if scalar.null => Value::Null,
        tree::Value::Scalar(scalar) => match core_type(&scalar.text).filter(|_| scalar.plain) {
            Some(Core::Bool(value)) => value.into(),
            Some(Core::Integer(value)) => value.into(),
            Some(Core::Number(value)) => value.into(),
            None => scalar.text.as_str().into(),
        },
        tree::Value::List(items) => items.iter().map(json).collect(),
        tree::Value::Map(map) => map.entries.iter().map(|entry| (entry.key.to_string(), json(&entry.value))).collect(),
        tree::Value::Broken => Value::Null,
    }
}

/// `a WhatsApp template` becomes `whatsapp_template`.
fn definition(shape: &Shape) -> String {
    let name = shape.name.to_lowercase();
    let bare = ["an ", "a ", "the "].iter().find_map(|article| name.strip_prefix(article)).unwrap_or(&name);
    bare.replace(' ', "_")
}

fn map(named: &'static Named, definitions: &mut Map<String, Value>) -> Value {
    let mut schema = json!({
        "type": "object",
        "patternProperties": { "^x-": {} },
        "additionalProperties": value(named.value, definitions),
        "propertyNames": { "anyOf": [ { "pattern": named.key.pattern }, { "pattern": "^x-" } ] },
    });
    if let Some(schema) = schema.as_object_mut().filter(|_| named.single) {
        schema.insert("minProperties".to_owned(), json!(1));
        schema.insert("maxProperties".to_owned(), json!(1));
    }
    schema
}

fn scalar(leaf: Leaf) -> Value {
    match leaf {
        // A text is taken as written, so that `title: 2027` is one.
        Leaf::Text | Leaf::Markup | Leaf::Setting | Leaf::Expression => {
            json!({ "type": ["string", "number", "boolean"], "pattern": "\\S", "patternErrorMessage": EMPTY })
        }
        Leaf::Literal => {
            json!({ "type": ["string", "number", "boolean", "null"], "pattern": "\\S", "patternErrorMessage": EMPTY })
        }
        Leaf::Form(form) => formed(form),
        Leaf::Secret => formed(&SECRET),
        Leaf::Integer { least, most } => {
            let told = format!("This is not a whole number from {least} to {most}.");
            variable(json!({ "type": "integer", "minimum": least, "maximum": most }), &told)
        }
        Leaf::Bool => variable(json!({ "type": "boolean" }), "This is neither true nor false."),
        Leaf::Choice(choices) => choice(choices),
    }
}

fn formed(form: &Form) -> Value {
    let pattern = format!("({})|({VARIABLE})", form.pattern);
    let told = format!("This is not {}.", form.wants);
    json!({ "type": "string", "pattern": pattern, "patternErrorMessage": told, "errorMessage": told })
}

/// What an editor says where a text has nothing in it.
const EMPTY: &str = "A text is missing here.";

fn variable(mut schema: Value, told: &str) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        let ty = schema.get("type").cloned().unwrap_or(Value::Null);
        schema.insert("type".to_owned(), json!([ty, "string"]));
        schema.insert("pattern".to_owned(), json!(VARIABLE));
        schema.insert("patternErrorMessage".to_owned(), json!(told));
        schema.insert("errorMessage".to_owned(), json!(told));
    }
    schema
}

fn choice(choices: &'static [Choice]) -> Value {
    let now: Vec<&Choice> = choices.iter().filter(|choice| !choice.later).collect();
    let words: Vec<&str> = now.iter().map(|choice| choice.word).collect();
    let about: Vec<&str> = now.iter().map(|choice| choice.about).collect();
    json!({ "enum": words, "markdownEnumDescriptions": about })
}
