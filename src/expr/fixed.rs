//! The value of an expression that is the same for everybody: it reads no person, no history and no zone.
use super::{
    Ask, BookingQuery, Facts,
    eval::{arith, call},
    functions::Function,
    tree::Expr,
};
use crate::{
    calendar::{Instant, Zone},
    value::Value,
};
use std::sync::Arc;

impl Expr {
    /// Its value at that moment; `None` when it hangs on who is asked about.
    pub(crate) fn fixed(&self, now: Instant) -> Option<Value> {
        match self {
            Self::Const(value) => Some(value.clone()),
            Self::List(items) => items.iter().map(|item| item.fixed(now)).collect::<Option<_>>().map(Value::List),
            Self::Arith(sign, left, right) => {
                let (left, right) = (left.fixed(now)?, right.fixed(now)?);
                let moves = matches!((&left, &right), (Value::Time(_), Value::Duration(span)) if span.days > 0 || span.months > 0);
                (!moves).then(|| arith(*sign, &left, &right, &Zone::UTC))
            }
            Self::Call(function, args) if is_plain(*function) => {
                let args = args.iter().map(|arg| arg.fixed(now)).collect::<Option<Vec<_>>>()?;
                let civil = *function == Function::HoursSince && matches!(args.first(), Some(Value::Date(_)));
                (!civil).then(|| call(*function, &args, &Nobody(now)))
            }
            _ => None,
        }
    }
}

/// Looks at its arguments and the moment alone.
fn is_plain(function: Function) -> bool {
    matches!(
        function,
        Function::Now
            | Function::Lower
            | Function::Upper
            | Function::Trim
            | Function::Length
            | Function::Default
            | Function::HoursSince
    )
}

/// The facts of nobody.
struct Nobody(Instant);

impl Facts for Nobody {
    fn now(&self) -> Instant {
        self.0
    }
    fn zone(&self) -> &Zone {
        const UTC: &Zone = &Zone::UTC;
        UTC
    }
    fn get(&self, _: &[Arc<str>]) -> Value {
        Value::Missing
    }
    fn has_tag(&self, _: &str) -> bool {
        false
    }
    fn in_sequence(&self, _: &str) -> bool {
        false
    }
    fn has_booking(&self, _: &BookingQuery) -> bool {
        false
    }
    fn answer(&self, _: &Ask) -> Option<Value> {
        Some(Value::Missing)
    }
}
