//! Pieces of SQL that keep the two-valued logic of conditions, where a missing value is `NULL`, and the values they bind.
//!
//! What SQL cannot tell portably (what hangs on a person's zone) it tells within limits: a [`Pred`] is a pair of texts, one
//! that holds for everybody who may fit and one that holds only for those who surely do. Knows no table.
use rusqlite::types::Value as Bound;
use std::collections::BTreeMap;

pub(super) const TRUE: &str = "TRUE";
pub(super) const FALSE: &str = "FALSE";

/// Whether something holds of a row. Neither text is ever `NULL`.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Pred {
    /// Holds wherever it holds: a superset.
    pub(super) may: String,
    /// Holds only where it holds: a subset. Equal to `may` where SQL tells exactly.
    pub(super) must: String,
}

/// A value of one kind; `NULL` when it is missing or of another kind.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Val {
    Is(String),
    /// At least the first, at most the second; both are `NULL` or none is.
    Between(String, String),
    /// Nothing is known but that it is missing where this does not hold.
    Vague(String),
}

/// Values for the placeholders, from a number on.
#[derive(Debug)]
pub(super) struct Bindings {
    first: usize,
    values: Vec<Bound>,
}

impl Bindings {
    /// The first value has that number.
    pub(super) fn from(first: usize) -> Self {
        Self { first, values: Vec::new() }
    }

    /// The text with the placeholders that it still has numbered without gaps, and their values.
    pub(super) fn used(self, text: &str) -> (String, Vec<Bound>) {
        let (mut out, mut values, mut numbers) = (String::new(), Vec::new(), BTreeMap::new());
        let mut rest = text;
        while let Some(at) = rest.find('?') {
            let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
            let (before, after) = rest.split_at(at + 1 + digits);
            let number: usize = before[at + 1..].parse().unwrap_or(0);
            let number = match number.checked_sub(self.first).and_then(|at| self.values.get(at)) {
                None => number,
                Some(value) => *numbers.entry(number).or_insert_with(|| {
                    values.push(value.clone());
                    self.first + values.len() - 1
                }),
            };
            out.push_str(&format!("{}?{number}", &before[..at]));
            rest = after;
        }
        out.push_str(rest);
        (out, values)
    }

    /// The placeholder of a value; equal values have one.
    pub(super) fn bind(&mut self, value: Bound) -> String {
        let known = self.values.iter().position(|known| *known == value);
        let at = known.unwrap_or_else(|| {
            self.values.push(value);
            self.values.len() - 1
        });
        format!("?{}", at + self.first)
    }

    pub(super) fn text(&mut self, text: &str) -> String {
        self.bind(Bound::Text(text.to_owned()))
    }

    pub(super) fn whole(&mut self, number: i64) -> String {
        self.bind(Bound::Integer(number))
    }
}

impl Pred {
    pub(super) fn exact(text: String) -> Self {
        Self { may: text.clone(), must: text }
    }

    pub(super) fn sure(holds: bool) -> Self {
        Self::exact(if holds { TRUE } else { FALSE }.to_owned())
    }

    /// Nothing is known but that it does not hold where `may` does not.
    pub(super) fn perhaps(may: String) -> Self {
        Self { may, must: FALSE.to_owned() }
    }

    pub(super) fn is_exact(&self) -> bool {
        self.may == self.must
    }

    /// What may not hold is what does not surely hold, and the other way round.
    pub(super) fn not(self) -> Self {
        Self { may: not(&self.must), must: not(&self.may) }
    }

    pub(super) fn all(preds: Vec<Self>) -> Self {
        Self::joined(preds, " AND ", TRUE, FALSE)
    }

    pub(super) fn any(preds: Vec<Self>) -> Self {
        Self::joined(preds, " OR ", FALSE, TRUE)
    }

    fn joined(preds: Vec<Self>, word: &str, neutral: &str, decides: &str) -> Self {
        let (may, must): (Vec<String>, Vec<String>) = preds.into_iter().map(|pred| (pred.may, pred.must)).unzip();
        Self { may: join(may, word, neutral, decides), must: join(must, word, neutral, decides) }
    }

    /// As a value: 1 or 0.
    pub(super) fn val(&self) -> Val {
        let number = |text: &str| format!("CASE WHEN {text} THEN 1 ELSE 0 END");
        if self.is_exact() { Val::Is(number(&self.may)) } else { Val::Between(number(&self.must), number(&self.may)) }
    }
}

fn not(text: &str) -> String {
    match text {
        TRUE => FALSE.to_owned(),
        FALSE => TRUE.to_owned(),
        text => format!("NOT ({text})"),
    }
}

fn join(texts: Vec<String>, word: &str, neutral: &str, decides: &str) -> String {
    if texts.iter().any(|text| text == decides) {
        return decides.to_owned();
    }
    let mut texts: Vec<String> = texts.into_iter().filter(|text| text != neutral).collect();
    match texts.len() {
        0 => neutral.to_owned(),
        1 => texts.remove(0),
        _ => format!("({})", texts.join(word)),
    }
}

/// False where a part is missing.
pub(super) fn two_valued(text: &str) -> String {
    format!("coalesce({text}, FALSE)")
}

impl Val {
    pub(super) fn missing() -> Self {
        Self::Is("NULL".to_owned())
    }

    /// The two ends; `None` when nothing is known.
    pub(super) fn ends(&self) -> Option<(&str, &str)> {
        match self {
            Self::Is(value) => Some((value, value)),
            Self::Between(low, high) => Some((low, high)),
            Self::Vague(_) => None,
        }
    }

    pub(super) fn present(&self) -> Pred {
        match self {
            Self::Is(value) if value == "NULL" => Pred::sure(false),
            Self::Is(value) => Pred::exact(format!("{value} IS NOT NULL")),
            Self::Between(low, _) => Pred::exact(format!("{low} IS NOT NULL")),
            Self::Vague(may) => Pred::perhaps(may.clone()),
        }
    }

    /// Both ends changed in the same way; `falls` turns them round.
    pub(super) fn map(&self, falls: bool, change: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Is(value) => Self::Is(change(value)),
            Self::Between(low, high) if falls => Self::Between(change(high), change(low)),
            Self::Between(low, high) => Self::Between(change(low), change(high)),
            Self::Vague(may) => Self::Vague(may.clone()),
        }
    }

    /// The first that is there: of two of which at most one is.
    pub(super) fn or(self, other: Self) -> Self {
        let none = Self::missing();
        if other == none {
            return self;
        }
        if self == none {
            return other;
        }
        let both = |one: &str, other: &str| format!("coalesce({one}, {other})");
        match (&self, &other) {
            (Self::Is(one), Self::Is(other)) => Self::Is(both(one, other)),
            (Self::Vague(_), _) | (_, Self::Vague(_)) => {
                Self::Vague(Pred::any(vec![self.present(), other.present()]).may)
            }
            _ => {
                let ends = self.ends().zip(other.ends());
                ends.map_or_else(Self::missing, |(one, other)| {
                    Self::Between(both(one.0, other.0), both(one.1, other.1))
                })
            }
        }
    }

    /// One where a text holds, another where it does not.
    pub(super) fn either(when: &str, one: &Self, other: &Self) -> Self {
        let case = |one: &str, other: &str| format!("CASE WHEN {when} THEN {one} ELSE {other} END");
        match (one, other) {
            (Self::Is(one), Self::Is(other)) => Self::Is(case(one, other)),
            (Self::Vague(_), _) | (_, Self::Vague(_)) => Self::Vague(TRUE.to_owned()),
            _ => one
                .ends()
                .zip(other.ends())
                .map_or_else(Self::missing, |(one, other)| Self::Between(case(one.0, other.0), case(one.1, other.1))),
        }
    }
}

/// The order of two values of one kind. `!=` is the caller's: it holds where `=` does not.
pub(super) fn compared(sign: Order, left: &Val, right: &Val) -> Pred {
    let (Some(left_ends), Some(right_ends)) = (left.ends(), right.ends()) else {
        return Pred::perhaps(Pred::all(vec![left.present(), right.present()]).may);
    };
    let ((l, h), (from, to)) = (left_ends, right_ends);
    let text = |one: &str, sign: &str, other: &str| two_valued(&format!("{one} {sign} {other}"));
    if let (Val::Is(one), Val::Is(other)) = (left, right) {
        return Pred::exact(text(one, sign.sign(), other));
    }
    match sign {
        Order::Lt | Order::Le => Pred { may: text(l, sign.sign(), to), must: text(h, sign.sign(), from) },
        Order::Gt | Order::Ge => Pred { may: text(h, sign.sign(), from), must: text(l, sign.sign(), to) },
        Order::Eq => Pred {
            may: two_valued(&format!("{l} <= {to} AND {from} <= {h}")),
            must: two_valued(&format!("{l} = {h} AND {from} = {to} AND {l} = {from}")),
        },
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    Eq,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Order {
    fn sign(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}
