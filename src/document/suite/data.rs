//! Values of payloads and fields as written in suites, however deep; and a node on one line, for reports.
use crate::{
    diag::Place,
    document::{
        fields::Literal,
        leaf::NAME,
        shape::{Named, Type},
        text::Text,
        tree::{Node, Value},
    },
};

/// What stands behind a name of a payload.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Data {
    /// `null`: there is nothing.
    Nothing(Place),
    One(Literal),
    List(Vec<Data>, Place),
    Map(Vec<(Text, Data)>, Place),
}

static PARTS: Named = Named { key: &NAME, value: Type::Any, single: false };
const INSIDE: Type = Type::Any;
const VALUE: Type = Type::Or(&[Type::LITERAL, Type::ListOrNone(&INSIDE), Type::Map(&PARTS)]);
/// Names with values of any kind.
pub(super) static DATA: Named = Named { key: &NAME, value: VALUE, single: false };

impl Data {
    pub(crate) fn place(&self) -> &Place {
        match self {
            Self::One(literal) => literal.place(),
            Self::Nothing(place) | Self::List(_, place) | Self::Map(_, place) => place,
        }
    }

    pub(super) fn read(node: &Node) -> Option<Self> {
        Some(match &node.value {
            Value::Scalar(scalar) if scalar.null => Self::Nothing(node.place.clone()),
            Value::Scalar(_) => Self::One(Literal::read(node)?),
            Value::List(items) => Self::List(items.iter().filter_map(Self::read).collect(), node.head()),
            Value::Map(_) => Self::Map(entries(node)?, node.head()),
            Value::Broken => return None,
        })
    }
}

/// The entries of an object; keys that begin with `x-` are not among them.
pub(super) fn entries(node: &Node) -> Option<Vec<(Text, Data)>> {
    let own = node.map()?.entries.iter().filter(|entry| !entry.key.starts_with("x-"));
    Some(own.filter_map(|entry| Some((entry.key.clone(), Data::read(&entry.value)?))).collect())
}

/// `at: day 4, sent: last_call, subject: { has: missed }`
pub(super) fn on_one_line(node: &Node) -> String {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.lines().collect::<Vec<_>>().join(" "),
        Value::List(items) => items.iter().map(inside).collect::<Vec<_>>().join(", "),
        Value::Map(map) => {
            let entry = |entry: &crate::document::tree::Entry| format!("{}: {}", entry.key, inside(&entry.value));
            map.entries.iter().map(entry).collect::<Vec<_>>().join(", ")
        }
        Value::Broken => String::new(),
    }
}

fn inside(node: &Node) -> String {
    match &node.value {
        Value::Map(_) => format!("{{ {} }}", on_one_line(node)),
        Value::List(_) => format!("[{}]", on_one_line(node)),
        Value::Scalar(_) | Value::Broken => on_one_line(node),
    }
}
