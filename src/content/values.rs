//! Values of the language as the template engine sees them.
//!
//! A missing value becomes an object that remembers its path, is false, equals nothing and cannot be printed: so
//! `{% if booking.host.email %}` works, `default` works, and a text that needs it says which value is missing.
//! Must not know filters or templates.
use super::render::{Reader, RenderFault};
use super::words;
use crate::calendar::{CivilDate, Instant, Span};
use crate::value::Value;
use minijinja::value::{DynObject, Enumerator, Object, ObjectExt, ObjectRepr, Value as Engine};
use minijinja::{Error, ErrorKind};
use std::{
    cmp::Ordering,
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering as Atomic},
    },
};

/// Name under which filters find the reader; not a name that a template can be checked with.
pub(super) const READER: &str = "_reader";

/// The outermost names of a template.
#[derive(Debug)]
pub(super) struct Root {
    values: Values,
    locale: Arc<str>,
    reader: Engine,
}

/// Who reads, and how many bytes values may still add.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) reader: Reader,
    left: AtomicUsize,
}

/// The values of one text, which all that looks into them shares: a copy per look would cost more than the text.
#[derive(Clone, Debug)]
pub(crate) struct Values(Arc<BTreeMap<Arc<str>, Value>>);

/// A map somewhere below `values`: the names lead to it.
#[derive(Debug)]
struct Parts {
    values: Values,
    names: Vec<Arc<str>>,
    path: String,
}

/// A value nobody filled in.
#[derive(Debug)]
pub(super) struct Nothing(pub(super) String);

/// A value with a look of its own.
#[derive(Debug, PartialEq)]
pub(super) enum Special {
    Time(Instant),
    Date(CivilDate),
    Duration(Span),
    Money(i64, Arc<str>),
}

impl Root {
    pub(super) fn of(values: Values, reader: Reader, at_most: usize) -> Engine {
        let locale = Arc::from(reader.locale.as_str());
        let reader = Engine::from_object(Budget { reader, left: AtomicUsize::new(at_most) });
        Engine::from_object(Self { values, locale, reader })
    }
}

impl Budget {
    /// Takes so many bytes from what may still be written.
    pub(super) fn spend(&self, bytes: usize) -> Result<(), Error> {
        let spent = self.left.fetch_update(Atomic::Relaxed, Atomic::Relaxed, |left| left.checked_sub(bytes));
        spent.map(drop).map_err(|_| fault(RenderFault::TooLong))
    }
}

impl Values {
    /// `roots`: `contact`, `booking`, `booking_link`, …
    pub(crate) fn new(roots: BTreeMap<Arc<str>, Value>) -> Self {
        Self(Arc::new(roots))
    }
}

/// A fault on its way through the engine.
pub(super) fn fault(fault: RenderFault) -> Error {
    Error::new(ErrorKind::InvalidOperation, fault.to_string()).with_source(fault)
}

fn engine(value: &Value, path: &dyn Fn() -> String) -> Engine {
    match value {
        Value::Missing => Engine::from_object(Nothing(path())),
        Value::Bool(yes) => Engine::from(*yes),
        Value::Int(number) => Engine::from(*number),
        Value::Num(number) => Engine::from(*number),
        Value::Text(text) => Engine::from(text.clone()),
        Value::Time(at) => Engine::from_object(Special::Time(*at)),
        Value::Date(date) => Engine::from_object(Special::Date(*date)),
        Value::Duration(span) => Engine::from_object(Special::Duration(*span)),
        Value::Money(minor, currency) => Engine::from_object(Special::Money(*minor, currency.clone())),
        Value::List(items) => {
            let path = path();
            Engine::from(
                items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| engine(item, &|| format!("{path}[{at}]")))
                    .collect::<Vec<_>>(),
            )
        }
        Value::Map(values) => {
            Engine::from_object(Parts { values: Values::new(values.clone()), names: Vec::new(), path: path() })
        }
    }
}

/// As `engine`, for what `names` lead to in `values`: a map there is not copied.
fn engine_below(values: &Values, value: &Value, names: &[&Arc<str>], path: &dyn Fn() -> String) -> Engine {
    if !matches!(value, Value::Map(_)) {
        return engine(value, path);
    }
    let names = names.iter().map(|name| Arc::clone(name)).collect();
    Engine::from_object(Parts { values: values.clone(), names, path: path() })
}

impl Parts {
    fn map(&self) -> &BTreeMap<Arc<str>, Value> {
        self.names.iter().fold(&*self.values.0, |values, name| match values.get(name) {
            Some(Value::Map(below)) => below,
            _ => values,
        })
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Engine) -> Option<Engine> {
        let key = key.as_str()?;
        if key == READER {
            return Some(self.reader.clone());
        }
        match self.values.0.get_key_value(key) {
            Some((name, value)) => Some(engine_below(&self.values, value, &[name], &|| key.to_owned())),
            None if key == "locale" => Some(Engine::from(self.locale.clone())),
            None => None,
        }
    }
}

impl Object for Budget {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

impl Object for Parts {
    fn get_value(self: &Arc<Self>, key: &Engine) -> Option<Engine> {
        let key = key.as_str()?;
        let path = || format!("{}.{key}", self.path);
        Some(match self.map().get_key_value(key) {
            Some((name, value)) => {
                let names: Vec<&Arc<str>> = self.names.iter().chain([name]).collect();
                engine_below(&self.values, value, &names, &path)
            }
            None => engine(&Value::Missing, &path),
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_enumerator(|this| Box::new(this.map().keys().map(|key| Engine::from(key.clone()))))
    }
}

impl Object for Nothing {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Engine) -> Option<Engine> {
        key.as_str().map(|key| Engine::from_object(Self(format!("{}.{key}", self.0))))
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }
}

impl Object for Special {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        match (&**self, other.downcast_ref::<Self>()?) {
            (Self::Time(one), Self::Time(other)) => Some(one.cmp(other)),
            (Self::Date(one), Self::Date(other)) => Some(one.cmp(other)),
            (Self::Duration(one), Self::Duration(other)) => Some(one.nominal_ms().cmp(&other.nominal_ms())),
            (Self::Money(one, unit), Self::Money(other, same)) if unit == same => Some(one.cmp(other)),
            _ => None,
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A value as text for the reader: never `None`, `True` or a dump.
pub(super) fn shown(value: &Engine, reader: &Reader) -> Result<String, Error> {
    if let Some(text) = value.as_str() {
        return Ok(text.to_owned());
    }
    if let Some(nothing) = value.downcast_object_ref::<Nothing>() {
        return Err(fault(RenderFault::Missing { path: nothing.0.clone() }));
    }
    if let Some(special) = value.downcast_object_ref::<Special>() {
        return Ok(match special {
            Special::Time(at) => words::datetime(*at, &reader.zone, &reader.locale),
            Special::Date(date) => words::date(*date, &reader.locale),
            Special::Duration(span) => span.to_string(),
            Special::Money(minor, currency) => words::amount(*minor, currency, &reader.locale),
        });
    }
    if value.is_undefined() || value.is_none() {
        return Err(fault(RenderFault::Missing { path: "a value".to_owned() }));
    }
    if value.is_integer() {
        return Ok(value.to_string());
    }
    if let (true, Ok(number)) = (value.is_number(), f64::try_from(value.clone())) {
        return Ok(words::decimal(number, &reader.locale));
    }
    Err(fault(RenderFault::NotPrintable { what: value.kind().to_string() }))
}

/// Whether nobody filled the value in.
pub(super) fn is_missing(value: &Engine) -> bool {
    value.is_undefined() || value.is_none() || value.downcast_object_ref::<Nothing>().is_some()
}
