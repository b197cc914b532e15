//! Literals of the files as values of a declared type. Reports nothing.
use crate::{
    calendar::{CivilDate, Instant, Span},
    document::Literal,
    value::{Type, Value},
};
use std::sync::Arc;

/// Why a literal is no value of a type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Misfit {
    Type,
    /// None of the words of a choice; the nearest one.
    Word(Option<String>),
}

pub(super) fn fit(literal: &Literal, of: &Type) -> Result<Value, Misfit> {
    let read = |value: Option<Value>| value.ok_or(Misfit::Type);
    match (of, literal) {
        (Type::Any, literal) => Ok(super::scope::plain_value(literal)),
        (Type::Text, Literal::Text(text)) => Ok(Value::text(text.as_str())),
        (Type::Choice(words), Literal::Text(text)) => {
            if words.iter().any(|word| **word == *text.as_str()) {
                return Ok(Value::text(text.as_str()));
            }
            let near = crate::diag::nearest(text, words.iter().map(|word| &**word));
            Err(Misfit::Word(near.map(str::to_owned)))
        }
        (Type::Integer | Type::Number, Literal::Integer(number)) => Ok(Value::Int(number.value)),
        (Type::Number, Literal::Number(number)) => Ok(Value::Num(number.value)),
        (Type::Bool, Literal::Bool(yes)) => Ok(Value::Bool(yes.value)),
        (Type::Time, Literal::Text(text)) => read(Instant::parse_rfc3339(text).map(Value::Time)),
        (Type::Date, Literal::Text(text)) => read(CivilDate::parse(text).map(Value::Date)),
        (Type::Duration, Literal::Text(text)) => read(Span::parse(text).ok().map(Value::Duration)),
        (Type::Money, Literal::Text(text)) => read(Value::parse_money(text)),
        (Type::List(of), Literal::List(items, _)) => {
            items.iter().map(|item| fit(item, of)).collect::<Result<_, _>>().map(Value::List)
        }
        _ => Err(Misfit::Type),
    }
}

/// The words of a choice, for help.
pub(super) fn words(of: &Type) -> &[Arc<str>] {
    match of {
        Type::Choice(words) => words,
        _ => &[],
    }
}
