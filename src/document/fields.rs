//! Takes values out of a checked tree. Silent: what does not fit was reported by the check and is simply not there.
use super::{
    leaf::{Core, SECRET, core_type},
    shape::{Leaf, Shape, Type},
    text::{Spanned, Style, Text},
    tree::{Map, Node, Scalar, Value},
};
use crate::diag::Place;

/// A value whose type is in the value: of variables, defaults, `set`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Literal {
    Text(Text),
    Integer(Spanned<i64>),
    Number(Spanned<f64>),
    Bool(Spanned<bool>),
    List(Vec<Literal>, Place),
}

impl Literal {
    pub(crate) fn place(&self) -> &Place {
        match self {
            Self::Text(text) => &text.place,
            Self::Integer(value) => &value.place,
            Self::Number(value) => &value.place,
            Self::Bool(value) => &value.place,
            Self::List(_, place) => place,
        }
    }
    pub(crate) fn read(node: &Node) -> Option<Self> {
        match &node.value {
            Value::Scalar(scalar) if scalar.null => None,
            Value::Scalar(Scalar { text, plain: true, .. }) => Some(match core_type(text) {
                Some(Core::Bool(value)) => Self::Bool(Spanned::new(value, &text.place)),
                // `+49155…` or `010` is a text that somebody forgot to quote, which was said.
                Some(Core::Integer(value)) if value.to_string() == text.as_str() => {
                    Self::Integer(Spanned::new(value, &text.place))
                }
                Some(Core::Number(value)) if super::leaf::other_reading(text).is_none() || text.contains('.') => {
                    Self::Number(Spanned::new(value, &text.place))
                }
                _ => Self::Text(text.clone()),
            }),
            Value::Scalar(scalar) => Some(Self::Text(scalar.text.clone())),
            Value::List(items) => Some(Self::List(items.iter().filter_map(Self::read).collect(), node.place.clone())),
            Value::Map(_) | Value::Broken => None,
        }
    }
}

/// The keys of one object. Asking for a key that its description does not have is a mistake of this program.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub(crate) map: &'a Map,
    pub(crate) shape: &'static Shape,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(map: &'a Map, shape: &'static Shape) -> Self {
        Self { map, shape }
    }

    fn get(&self, key: &str) -> Option<(&'a Node, Type)> {
        let described = self.shape.key(key);
        debug_assert!(described.is_some(), "{} has no key {key}", self.shape.name);
        let described = described?;
        let node = self.map.get(key).filter(|node| !node.is_null() && !matches!(node.value, Value::Broken))?;
        Some((node, described.ty))
    }
    /// Where the key itself stands.
    pub(crate) fn key(&self, key: &str) -> Option<Place> {
        self.map.entry(key).map(|entry| entry.key.place.clone())
    }
    pub(crate) fn has(&self, key: &str) -> bool {
        self.map.entry(key).is_some()
    }
    pub(crate) fn node(&self, key: &str) -> Option<&'a Node> {
        self.get(key).map(|(node, _)| node)
    }
    pub(crate) fn text(&self, key: &str) -> Option<Text> {
        let (node, ty) = self.get(key)?;
        text(node, ty)
    }
    pub(crate) fn integer(&self, key: &str) -> Option<Spanned<i64>> {
        let (node, ty) = self.get(key)?;
        let Some(Leaf::Integer { least, most }) = ty.leaf() else { return None };
        let scalar = node.scalar().filter(|scalar| scalar.plain)?;
        match core_type(&scalar.text) {
            Some(Core::Integer(value)) if (least..=most).contains(&value) => Some(Spanned::new(value, &node.place)),
            _ => None,
        }
    }
    pub(crate) fn bool(&self, key: &str) -> Option<Spanned<bool>> {
        let scalar = self.get(key)?.0.scalar().filter(|scalar| scalar.plain)?;
        match core_type(&scalar.text) {
            Some(Core::Bool(value)) => Some(Spanned::new(value, &scalar.text.place)),
            _ => None,
        }
    }
    /// One word of a fixed set; words that this version cannot run were reported and are read all the same.
    pub(crate) fn choice<T>(&self, key: &str, of: fn(&str) -> Option<T>) -> Option<Spanned<T>> {
        let scalar = self.get(key)?.0.scalar()?;
        of(&scalar.text).map(|value| Spanned::new(value, &scalar.text.place))
    }
    /// Words of a fixed set, as a list or as a single one.
    pub(crate) fn choices<T>(&self, key: &str, of: fn(&str) -> Option<T>) -> Vec<Spanned<T>> {
        let read = |node: &Node| {
            let scalar = node.scalar()?;
            of(&scalar.text).map(|value| Spanned::new(value, &scalar.text.place))
        };
        self.items(key).into_iter().filter_map(read).collect()
    }
    /// Texts, as a list or as a single one.
    pub(crate) fn texts(&self, key: &str) -> Vec<Text> {
        let Some((node, ty)) = self.get(key) else { return Vec::new() };
        match node.list() {
            Some(items) => {
                let Some((item, _)) = ty.items() else { return Vec::new() };
                items.iter().filter_map(|node| text(node, item)).collect()
            }
            None => text(node, ty).into_iter().collect(),
        }
    }
    /// The entries of a list, or the value itself when it stands alone.
    pub(crate) fn items(&self, key: &str) -> Vec<&'a Node> {
        match self.get(key) {
            Some((node, _)) => {
                node.list().map_or_else(|| vec![node], |items| items.iter().filter(|n| !n.is_null()).collect())
            }
            None => Vec::new(),
        }
    }
    /// A nested object with a description.
    pub(crate) fn object(&self, key: &str) -> Option<Fields<'a>> {
        let (node, ty) = self.get(key)?;
        Some(Fields::new(node.map()?, ty.shape()?))
    }
    /// The objects of a list, with the places to point at.
    pub(crate) fn objects(&self, key: &str) -> Vec<(Fields<'a>, Place)> {
        let Some((node, ty)) = self.get(key) else { return Vec::new() };
        let Some(shape) = ty.items().and_then(|(item, _)| item.shape()).or_else(|| ty.shape()) else {
            return Vec::new();
        };
        let nodes = node.list().unwrap_or(std::slice::from_ref(node));
        nodes.iter().filter_map(|node| Some((Fields::new(node.map()?, shape), node.head()))).collect()
    }
    /// Entries of an object whose keys the author chose; keys that begin with `x-` are not among them.
    pub(crate) fn named(&self, key: &str) -> Vec<(Text, &'a Node, Type)> {
        let Some((node, ty)) = self.get(key) else { return Vec::new() };
        let (Some(map), Some(Type::Map(named))) = (node.map(), ty.object()) else { return Vec::new() };
        map.entries
            .iter()
            .filter(|entry| !entry.key.starts_with("x-") && (named.key.reads)(&entry.key))
            .map(|entry| (entry.key.clone(), &entry.value, named.value))
            .collect()
    }
    /// Entries that are themselves objects with a description.
    pub(crate) fn named_objects(&self, key: &str) -> Vec<(Text, Fields<'a>)> {
        self.named(key)
            .into_iter()
            .filter_map(|(name, node, ty)| Some((name, Fields::new(node.map()?, ty.shape()?))))
            .collect()
    }
    /// Entries with a text each.
    pub(crate) fn named_texts(&self, key: &str) -> Vec<(Text, Text)> {
        self.named(key).into_iter().filter_map(|(name, node, ty)| Some((name, text(node, ty)?))).collect()
    }
    /// Keys that the description does not name, where it allows them.
    pub(crate) fn extra(&self) -> Vec<(Text, Literal)> {
        let unnamed = |key: &str| self.shape.key(key).is_none() && !key.starts_with("x-");
        let entries = self.map.entries.iter().filter(|entry| unnamed(&entry.key));
        entries.filter_map(|entry| Some((entry.key.clone(), Literal::read(&entry.value)?))).collect()
    }
}

/// The scalar of a node when it has the form its type asks for.
pub(crate) fn text(node: &Node, ty: Type) -> Option<Text> {
    let scalar = node.scalar().filter(|scalar| !scalar.null)?;
    let fits = match ty.leaf()? {
        Leaf::Form(form) => (form.reads)(&scalar.text),
        Leaf::Secret => (SECRET.reads)(&scalar.text),
        Leaf::Text | Leaf::Markup | Leaf::Expression | Leaf::Literal => !scalar.text.trim().is_empty(),
        Leaf::Choice(choices) => choices.iter().any(|choice| choice.word == scalar.text.as_str()),
        Leaf::Setting => true,
        Leaf::Integer { .. } | Leaf::Bool => false,
    };
    fits.then(|| scalar.text.clone())
}

/// Text of a scalar whatever it is.
pub(crate) fn any_text(node: &Node) -> Option<Text> {
    node.scalar().filter(|scalar| !scalar.null).map(|scalar| scalar.text.clone())
}

/// A text in the plain style, for values that stand in no file.
pub(crate) fn plain(value: &str, place: &Place) -> Text {
    Text::made(value, Style::Plain, place)
}
