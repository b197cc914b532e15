//! The reference for programs. Shapes here are what others build on: add, never rename.
use super::{List, Topic, text::GUARANTEE};
use crate::{
    diag::{Row, catalogue},
    document::{self, KeyReference},
    expr::{FUNCTIONS, Signature},
    record::{BuiltIn, EVENTS, Guarantee, carries_booking},
};
use serde_json::{Value, json};

const FORMAT_VERSION: u32 = 1;

/// `{format_version, entries}`; each entry says in `kind` what it is.
pub(super) fn of(topics: &[Topic]) -> Value {
    let entries: Vec<Value> = topics.iter().flat_map(entries).collect();
    json!({ "format_version": FORMAT_VERSION, "entries": entries })
}

fn entries(topic: &Topic) -> Vec<Value> {
    match topic {
        Topic::Finding(row) => vec![finding(row)],
        Topic::Function(row) => vec![function(row)],
        Topic::Event(row) => vec![event(row)],
        Topic::Key(places) | Topic::Kind(_, places) => places.iter().map(key).collect(),
        Topic::Guarantee => vec![json!({ "kind": "guarantee", "promises": GUARANTEE })],
        Topic::List(List::Codes) => catalogue::all().into_iter().map(finding).collect(),
        Topic::List(List::Events) => EVENTS.iter().map(event).collect(),
        Topic::List(List::Functions) => FUNCTIONS.iter().map(function).collect(),
        Topic::List(List::Keys) => {
            document::keys().into_iter().flat_map(document::reference).map(|place| key(&place)).collect()
        }
        Topic::List(List::Topics) => {
            let topic = |name| json!({ "kind": "topic", "name": name });
            ["codes", "events", "functions", "keys", "guarantee"].into_iter().map(topic).collect()
        }
    }
}

fn finding(row: &Row) -> Value {
    let files = |files: catalogue::Files| -> Value {
        files.iter().map(|(path, text)| json!({ "path": path, "text": text })).collect()
    };
    json!({
        "kind": "finding",
        "code": row.code,
        "name": row.name,
        "severity": row.severity.word(),
        "summary": row.summary,
        "why": row.why,
        "bad": files(row.bad),
        "good": files(row.good),
    })
}

fn function(row: &Signature) -> Value {
    json!({
        "kind": "function",
        "name": row.name,
        "usage": row.usage,
        "gives": row.gives,
        "description": row.description,
        "example": row.example,
        "call": row.call,
        "filter": row.filter,
    })
}

fn event(row: &BuiltIn) -> Value {
    let field = |field: &crate::record::Field| {
        json!({
            "name": field.name,
            "type": field.of.to_type().to_string(),
            "always": field.there == Guarantee::Always,
        })
    };
    json!({
        "kind": "event",
        "name": row.name,
        "summary": row.summary,
        "fields": row.fields.iter().map(field).collect::<Vec<_>>(),
        "booking": carries_booking(row.name),
        "internal": row.internal,
    })
}

fn key(place: &KeyReference) -> Value {
    let word = |(word, about): &(&str, &str)| json!({ "word": word, "about": about });
    json!({
        "kind": "key",
        "key": place.key,
        "of": place.of,
        "about": place.about,
        "example": place.example,
        "required": place.required,
        "supported": !place.later,
        "words": place.words.iter().map(word).collect::<Vec<_>>(),
    })
}
