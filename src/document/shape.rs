//! How objects are described: one description per object drives the reader, the published schema and the reference, so
//! that they cannot disagree. Holds no description itself and looks at no file.
use super::leaf::Form;

/// A value that one scalar holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaf {
    /// Any scalar, taken as written.
    Text,
    /// A text that may hold `{{ … }}`.
    Markup,
    /// A condition or value in the expression language.
    Expression,
    /// A text of a certain form: an id, a duration, a time of day.
    Form(&'static Form),
    Integer {
        least: i64,
        most: i64,
    },
    Bool,
    Choice(&'static [Choice]),
    /// Name of an environment variable, or `file:/…`; never the secret itself.
    Secret,
    /// A plain setting, or the name of an environment variable.
    Setting,
    /// Text, number or truth value, as its type says.
    Literal,
}

/// One word of a fixed set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    pub(crate) word: &'static str,
    pub(crate) about: &'static str,
    /// Part of the language that this version cannot run.
    pub(crate) later: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Type {
    Leaf(Leaf),
    /// At least one entry.
    List(&'static Type),
    /// May be empty.
    ListOrNone(&'static Type),
    Map(&'static Named),
    Object(&'static Shape),
    /// Told apart by what is written: at most one scalar, one list and one object form among them.
    Or(&'static [Type]),
    Any,
}

/// An object whose keys the author chooses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) key: &'static Form,
    pub(crate) value: Type,
    /// Exactly one entry.
    pub(crate) single: bool,
}

#[derive(Debug)]
pub(crate) struct Shape {
    /// With its article: `a step`.
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) keys: &'static [Key],
    pub(crate) groups: &'static [Group],
    /// Type of keys that are not listed; without it they are findings.
    pub(crate) open: Option<Type>,
}

/// Keys that exclude each other, or of which one is needed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) keys: &'static [&'static str],
    pub(crate) what: What,
    /// One of them has to be there.
    pub(crate) needed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    Action,
    Time,
    Source,
    Form,
    /// What comes of it: several may stand together.
    Effect,
    /// What sets it off: one is needed, and some go together.
    Cause,
    /// What is waited for: several may stand together.
    Awaited,
    /// Several may stand together.
    Several,
}

impl What {
    /// One key of the group forbids the others.
    pub(crate) fn is_exclusive(self) -> bool {
        !matches!(self, Self::Effect | Self::Cause | Self::Awaited | Self::Several)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) ty: Type,
    pub(crate) required: bool,
    /// Part of the language that this version cannot run.
    pub(crate) later: bool,
    /// Has an effect only beside one of these keys.
    pub(crate) with: &'static [&'static str],
    /// One sentence for somebody who writes sequences.
    pub(crate) about: &'static str,
    /// What to write behind the colon.
    pub(crate) example: &'static str,
}

impl Key {
    pub(crate) const fn new(name: &'static str, ty: Type, about: &'static str, example: &'static str) -> Self {
        Self { name, ty, required: false, later: false, with: &[], about, example }
    }
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }
    /// Part of the language that this version cannot run.
    pub(crate) const fn later(mut self) -> Self {
        self.later = true;
        self
    }

    pub(crate) const fn with(mut self, keys: &'static [&'static str]) -> Self {
        self.with = keys;
        self
    }
}

impl Shape {
    pub(crate) const fn new(name: &'static str, about: &'static str, keys: &'static [Key]) -> Self {
        Self { name, about, keys, groups: &[], open: None }
    }
    pub(crate) const fn groups(mut self, groups: &'static [Group]) -> Self {
        self.groups = groups;
        self
    }
    pub(crate) const fn open(mut self, ty: Type) -> Self {
        self.open = Some(ty);
        self
    }
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Type {
    pub(crate) const TEXT: Self = Self::Leaf(Leaf::Text);
    pub(crate) const MARKUP: Self = Self::Leaf(Leaf::Markup);
    pub(crate) const EXPRESSION: Self = Self::Leaf(Leaf::Expression);
    pub(crate) const BOOL: Self = Self::Leaf(Leaf::Bool);
    pub(crate) const LITERAL: Self = Self::Leaf(Leaf::Literal);
    pub(crate) const SECRET: Self = Self::Leaf(Leaf::Secret);
    pub(crate) const SETTING: Self = Self::Leaf(Leaf::Setting);

    pub(crate) const fn form(form: &'static Form) -> Self {
        Self::Leaf(Leaf::Form(form))
    }
    pub(crate) const fn integer(least: i64, most: i64) -> Self {
        Self::Leaf(Leaf::Integer { least, most })
    }

    /// The scalar form of a type.
    pub(crate) fn leaf(self) -> Option<Leaf> {
        match self {
            Self::Leaf(leaf) => Some(leaf),
            Self::Or(types) => types.iter().find_map(|ty| ty.leaf()),
            _ => None,
        }
    }
    /// The type of the entries of its list form.
    pub(crate) fn items(self) -> Option<(Self, bool)> {
        match self {
            Self::List(item) => Some((*item, true)),
            Self::ListOrNone(item) => Some((*item, false)),
            Self::Or(types) => types.iter().find_map(|ty| ty.items()),
            _ => None,
        }
    }
    /// Its object form: `Object`, `Map` or `Any`.
    pub(crate) fn object(self) -> Option<Self> {
        match self {
            Self::Object(_) | Self::Map(_) | Self::Any => Some(self),
            Self::Or(types) => types.iter().find_map(|ty| ty.object()),
            _ => None,
        }
    }
    pub(crate) fn shape(self) -> Option<&'static Shape> {
        match self.object() {
            Some(Self::Object(shape)) => Some(shape),
            _ => None,
        }
    }
}

/// Declares an enum of words with their descriptions: `choices! { Purpose "doc" { Marketing "marketing" "…", } }`.
/// A word after `later` is part of the language that this version cannot run.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $( $variant:ident $word:literal $about:literal $($later:ident)? , )* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub(crate) enum $name { $( $variant ),* }

        impl $name {
            pub(crate) const CHOICES: &'static [$crate::document::shape::Choice] = &[
                $( $crate::document::shape::Choice { word: $word, about: $about, later: choices!(@later $($later)?) } ),*
            ];
            pub(crate) fn of(word: &str) -> Option<Self> {
                [$( Self::$variant ),*].into_iter().find(|one| one.word() == word)
            }
            pub(crate) fn word(self) -> &'static str {
                match self { $( Self::$variant => $word ),* }
            }
        }
    };
    (@later later) => { true };
    (@later) => { false };
}
pub(crate) use choices;
