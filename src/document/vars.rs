//! `${vars.name}`: filled in before anything else is read, so that nothing after it knows of variables.
use super::{
    fields::Literal,
    found,
    leaf::core_type,
    text::{Style, Text},
    tree::{Map, Node, Scalar, Value},
};
use crate::diag::{Place, Sink, nearest};
use std::collections::BTreeMap;

/// The variables of the project. Lists can be used whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vars {
    known: BTreeMap<String, Literal>,
    /// There may be more than could be read: unknown names are no findings, their values are missing.
    more: bool,
}

impl Vars {
    pub(crate) fn new(vars: &[(Text, Literal)]) -> Self {
        let known = vars.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        Self { known, more: false }
    }

    /// For a project file that is missing or broken.
    pub(crate) fn or_more(mut self) -> Self {
        self.more = true;
        self
    }

    /// Replaces every `${vars.name}` below a node.
    pub(crate) fn fill(&self, node: &mut Node, sink: &mut Sink) {
        match &mut node.value {
            Value::Scalar(scalar) if !scalar.text.contains("${") => {}
            Value::Scalar(scalar) => {
                if let Some(value) = self.filled(scalar, sink) {
                    node.value = value;
                }
            }
            Value::Broken => {}
            Value::List(items) => items.iter_mut().for_each(|item| self.fill(item, sink)),
            Value::Map(Map { entries, .. }) => entries.iter_mut().for_each(|entry| self.fill(&mut entry.value, sink)),
        }
    }

    fn filled(&self, scalar: &Scalar, sink: &mut Sink) -> Option<Value> {
        let text = &scalar.text;
        if text.contains("{{") {
            sink.push(found::two_markers(&text.place));
            return None;
        }
        let whole = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        if let Some(inner) = whole.filter(|inner| !inner.contains('}')) {
            let value = self.look_up(inner, &text.place, sink).map(|literal| value_of(literal, &text.place));
            return Some(value.unwrap_or(Value::Broken));
        }
        let mut made = String::new();
        let (mut rest, mut at) = (text.as_str(), 0);
        while let Some(open) = rest.find("${") {
            made.push_str(&rest[..open]);
            let Some(close) = rest[open..].find('}') else { break };
            let place = text.inside(at + open..at + open + close + 1);
            let inner = &rest[open + 2..open + close];
            let Some(value) = self.look_up(inner, &place, sink).and_then(word) else { return Some(Value::Broken) };
            made.push_str(&value);
            at += open + close + 1;
            rest = &rest[open + close + 1..];
        }
        made.push_str(rest);
        Some(Value::Scalar(Scalar { text: Text::made(&made, Style::Quoted, &text.place), null: false, plain: false }))
    }

    fn look_up(&self, inner: &str, place: &Place, sink: &mut Sink) -> Option<&Literal> {
        let Some(name) = inner.trim().strip_prefix("vars.") else {
            sink.push(found::bad_variable(place, inner));
            return None;
        };
        let known = self.known.get(name);
        if known.is_none() && !self.more {
            sink.push(found::unknown_variable(place, name, nearest(name, self.known.keys().map(String::as_str))));
        }
        known
    }
}

fn word(literal: &Literal) -> Option<String> {
    // A list has no place inside a text.
    Some(match literal {
        Literal::Text(text) => text.to_string(),
        Literal::Integer(value) => value.value.to_string(),
        Literal::Number(value) => value.value.to_string(),
        Literal::Bool(value) => value.value.to_string(),
        Literal::List(..) => return None,
    })
}

/// A variable that is the whole value keeps its type.
fn value_of(literal: &Literal, place: &Place) -> Value {
    let scalar = |value: &str, plain: bool| {
        let style = if plain { Style::Plain } else { Style::Quoted };
        Value::Scalar(Scalar { text: Text::made(value, style, place), null: false, plain })
    };
    match literal {
        Literal::List(items, _) => {
            let node = |item| Node { place: place.clone(), value: value_of(item, place) };
            Value::List(items.iter().map(node).collect())
        }
        Literal::Text(text) => scalar(text, false),
        other => {
            let value = word(other).unwrap_or_default();
            let plain = core_type(&value).is_some();
            scalar(&value, plain)
        }
    }
}
