//! The typed tree of a checked expression: what plans keep, the evaluator walks and the store turns into SQL.
//!
//! Must not know how it is evaluated. Its JSON form is part of the plan format.
use super::ask::{Ask, Word};
use super::functions::Function;
use super::syntax::{Arith, Comparison};
use crate::calendar::CivilTime;
use crate::value::{Type, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{collections::BTreeSet, fmt, sync::Arc};

/// `contact.stage`: a root and its parts. Written as one dotted text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Path(Arc<[Arc<str>]>);

/// One part of a checked expression. Every comparison is between values of one kind.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Expr {
    Const(Value),
    /// A moment given as civil time: it has an instant only in a person's zone.
    Civil(CivilTime),
    Path(Path),
    List(Vec<Expr>),
    /// A bool value used as a condition: missing counts as false.
    Truth(Box<Expr>),
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// The item equals one of the list's.
    In(Box<Expr>, Box<Expr>),
    /// The text stands somewhere in the other (first in second).
    Within(Box<Expr>, Box<Expr>),
    /// `x is defined`.
    Present(Box<Expr>),
    Arith(Arith, Box<Expr>, Box<Expr>),
    /// Texts joined with `~`; missing when one of them is.
    Join(Box<Expr>, Box<Expr>),
    /// A function of its arguments, the moment and the zone alone.
    Call(Function, Vec<Expr>),
    HasTag(Arc<str>),
    InSequence(Arc<str>),
    HasBooking(Box<BookingAsk>),
    /// Only history can answer.
    Ask(Ask),
}

/// The arguments of `has_booking` before they are evaluated.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct BookingAsk {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<Expr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<Expr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) clinic: Option<Expr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Expr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Expr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Expr>,
}

/// What every checked expression carries beside its tree.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
struct Checked {
    text: Arc<str>,
    tree: Arc<Expr>,
    paths: Arc<BTreeSet<Path>>,
    asks: Arc<BTreeSet<Ask>>,
}

/// The part of [`Checked`] that is kept; the rest follows from it.
#[derive(Clone, Serialize, Deserialize)]
struct Written {
    text: Arc<str>,
    tree: Arc<Expr>,
}

/// A checked condition.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Cond(Checked);

/// A checked value expression and the type of its value.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Formula {
    #[serde(flatten)]
    inner: Checked,
    gives: Type,
}

impl From<Written> for Checked {
    fn from(written: Written) -> Self {
        let (mut paths, mut asks) = (BTreeSet::new(), BTreeSet::new());
        written.tree.visit(&mut |part| match part {
            Expr::Path(path) => {
                paths.insert(path.clone());
            }
            Expr::Ask(ask) => {
                asks.insert(ask.clone());
            }
            _ => {}
        });
        Self { text: written.text, tree: written.tree, paths: Arc::new(paths), asks: Arc::new(asks) }
    }
}

impl From<Checked> for Written {
    fn from(checked: Checked) -> Self {
        Self { text: checked.text, tree: checked.tree }
    }
}

impl Cond {
    pub(super) fn new(text: &str, tree: Expr) -> Self {
        Self(Written { text: Arc::from(text), tree: Arc::new(tree) }.into())
    }

    /// As it was written.
    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    pub(crate) fn tree(&self) -> &Expr {
        &self.0.tree
    }

    /// Everything it reads by name.
    pub(crate) fn paths(&self) -> &BTreeSet<Path> {
        &self.0.paths
    }

    /// Everything it asks of history.
    pub(crate) fn asks(&self) -> &BTreeSet<Ask> {
        &self.0.asks
    }

    /// Can it become true or false while nothing happens?
    pub(crate) fn moves_with_time(&self) -> bool {
        let mut moves = !self.asks().is_empty();
        self.tree().visit(&mut |part| {
            moves |= match part {
                Expr::Call(name, _) => {
                    matches!(name, Function::Now | Function::DaysSince | Function::HoursSince | Function::DaysUntil)
                }
                _ => false,
            };
        });
        moves
    }
}

/// Conditions that the compiler puts together itself.
impl Cond {
    /// All of these; always true when there is none.
    pub(crate) fn all(parts: Vec<Self>) -> Self {
        let texts: Vec<String> = parts.iter().map(Self::as_term).collect();
        let text = if texts.is_empty() { "true".to_owned() } else { texts.join(" and ") };
        let mut trees: Vec<Expr> = parts.into_iter().map(|part| Expr::clone(part.tree())).collect();
        let tree = match trees.len() {
            0 => Expr::Const(Value::Bool(true)),
            1 => trees.remove(0),
            _ => Expr::And(trees),
        };
        Self::new(&text, tree)
    }

    /// The text at that path is one of these.
    pub(crate) fn one_of<'w>(path: &[&str], words: impl IntoIterator<Item = &'w str>) -> Self {
        let words: Vec<&str> = words.into_iter().collect();
        let shown: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let list = Expr::List(words.iter().map(|word| Expr::Const(Value::text(word))).collect());
        let item = Expr::Path(Path::new(path.iter().copied()));
        let text = format!("{} in [{}]", path.join("."), shown.join(", "));
        Self::new(&text, Expr::In(Box::new(item), Box::new(list)))
    }

    pub(crate) fn in_segment(segment: &str) -> Self {
        let ask = Ask::InSegment { segment: Arc::from(segment) };
        Self::new(&format!("in_segment('{segment}')"), Expr::Ask(ask))
    }

    pub(crate) fn not(self) -> Self {
        Self::new(&format!("not {}", self.as_term()), Expr::Not(Box::new(Expr::clone(self.tree()))))
    }

    /// This, or nothing stands at that path.
    pub(crate) fn or_missing(self, path: &[&str]) -> Self {
        let item = Expr::Present(Box::new(Expr::Path(Path::new(path.iter().copied()))));
        let missing = Expr::Not(Box::new(item));
        let text = format!("({} or {} is none)", self.text(), path.join("."));
        Self::new(&text, Expr::Or(vec![Expr::clone(self.tree()), missing]))
    }

    /// Its text as a part of a longer one.
    fn as_term(&self) -> String {
        match self.tree() {
            Expr::And(_) | Expr::Or(_) if !self.text().starts_with('(') || !self.text().ends_with(')') => {
                format!("({})", self.text())
            }
            _ => self.text().to_owned(),
        }
    }
}

impl Formula {
    pub(super) fn new(text: &str, tree: Expr, gives: Type) -> Self {
        Self { inner: Written { text: Arc::from(text), tree: Arc::new(tree) }.into(), gives }
    }

    pub(crate) fn tree(&self) -> &Expr {
        &self.inner.tree
    }

    pub(crate) fn paths(&self) -> &BTreeSet<Path> {
        &self.inner.paths
    }

    pub(crate) fn asks(&self) -> &BTreeSet<Ask> {
        &self.inner.asks
    }

    /// Type of its value, which may still be missing.
    pub(crate) fn gives(&self) -> &Type {
        &self.gives
    }
}

impl Expr {
    /// Every part, parents first.
    pub(crate) fn visit(&self, each: &mut dyn FnMut(&Expr)) {
        each(self);
        match self {
            Self::Const(_) | Self::Civil(_) | Self::Path(_) => {}
            Self::HasTag(_) | Self::InSequence(_) | Self::Ask(_) => {}
            Self::Truth(of) | Self::Not(of) | Self::Present(of) => of.visit(each),
            Self::List(items) | Self::And(items) | Self::Or(items) | Self::Call(_, items) => {
                for item in items {
                    item.visit(each);
                }
            }
            Self::Compare(_, left, right)
            | Self::Arith(_, left, right)
            | Self::In(left, right)
            | Self::Within(left, right)
            | Self::Join(left, right) => {
                left.visit(each);
                right.visit(each);
            }
            Self::HasBooking(ask) => ask.given().for_each(|(_, value)| value.visit(each)),
        }
    }
}

impl BookingAsk {
    /// The arguments that were given, by name.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static str, &Expr)> {
        [
            ("kind", &self.kind),
            ("host", &self.host),
            ("clinic", &self.clinic),
            ("from", &self.from),
            ("to", &self.to),
            ("status", &self.status),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| (name, value)))
    }
}

impl Path {
    pub(crate) fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(parts.into_iter().map(Arc::from).collect())
    }

    pub(crate) fn parts(&self) -> &[Arc<str>] {
        &self.0
    }

    pub(crate) fn root(&self) -> &str {
        self.0.first().map_or("", |root| root)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::new(String::deserialize(from)?.split('.')))
    }
}

fn group<'a>(f: &mut fmt::Formatter<'_>, head: &str, items: impl IntoIterator<Item = &'a Expr>) -> fmt::Result {
    write!(f, "({head}")?;
    items.into_iter().try_for_each(|item| write!(f, " {item}"))?;
    f.write_str(")")
}

impl fmt::Display for Expr {
    /// One bracketed group a node: for golden files and for reading a plan.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Const(Value::Missing) => f.write_str("missing"),
            Self::Const(Value::Text(text)) => write!(f, "{text:?}"),
            Self::Const(Value::Num(number)) => write!(f, "{number:?}"),
            Self::Const(Value::Time(at)) => write!(f, "@{at}"),
            Self::Const(Value::Date(date)) => write!(f, "#{date}"),
            Self::Const(Value::Duration(span)) => write!(f, "~{}", span.to_string().replace(' ', "")),
            Self::Const(Value::Money(minor, unit)) => write!(f, "${minor}{unit}"),
            Self::Const(value) => write!(f, "{value}"),
            Self::Civil(civil) => write!(f, "@{civil}"),
            Self::Path(path) => write!(f, "{path}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index > 0 { " " } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Truth(of) => group(f, "true?", [&**of]),
            Self::Not(of) => group(f, "not", [&**of]),
            Self::And(items) => group(f, "and", items),
            Self::Or(items) => group(f, "or", items),
            Self::Compare(sign, left, right) => group(f, sign.sign(), [&**left, &**right]),
            Self::In(item, list) => group(f, "in", [&**item, &**list]),
            Self::Within(item, text) => group(f, "within", [&**item, &**text]),
            Self::Present(of) => group(f, "present?", [&**of]),
            Self::Arith(sign, left, right) => group(f, sign.sign(), [&**left, &**right]),
            Self::Join(left, right) => group(f, "join", [&**left, &**right]),
            Self::Call(function, args) => group(f, function.name(), args),
            Self::HasTag(tag) => write!(f, "(has_tag {tag:?})"),
            Self::InSequence(name) => write!(f, "(in_sequence {name:?})"),
            Self::HasBooking(ask) => {
                f.write_str("(has_booking")?;
                ask.given().try_for_each(|(name, value)| write!(f, " {name}={value}"))?;
                f.write_str(")")
            }
            Self::Ask(ask) => write!(f, "(ask {ask})"),
        }
    }
}

impl fmt::Display for Cond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Word {
    /// A plain literal as something an ask can hold.
    pub(super) fn of(value: &Expr) -> Option<Self> {
        match value {
            Expr::Const(Value::Bool(yes)) => Some(Self::Bool(*yes)),
            Expr::Const(Value::Int(number)) => Some(Self::Int(*number)),
            Expr::Const(Value::Text(text)) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }
}
