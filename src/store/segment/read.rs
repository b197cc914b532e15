//! What a condition reads, as SQL: columns of a contact, rows of their fields, the clinic, what is the same for everybody.
use super::{
    Asking,
    sql::{Pred, TRUE, Val, two_valued},
};
use crate::{
    expr::{Expr, Function},
    store::values::{self, kind},
    value::Value,
};
use rusqlite::types::Value as Bound;
use std::{collections::BTreeSet, sync::Arc};

/// Values of one kind can be compared; whole numbers and decimals are one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    Bool,
    Number,
    Text,
    Time,
    Date,
    Duration,
    Money,
}

const KINDS: [Kind; 7] = [Kind::Bool, Kind::Number, Kind::Text, Kind::Time, Kind::Date, Kind::Duration, Kind::Money];

/// Something that is read, before it is known as what.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Operand {
    Const(Value),
    Typed(Kind, Val),
    /// A field that is kept by rows, of any kind.
    Field(Arc<str>),
    Tags,
    /// A part of the person's clinic: its value at those that have it.
    Clinic(Vec<(Arc<str>, Value)>),
    /// The second where the first is missing.
    Either(Box<Self>, Box<Self>),
    /// Nothing is known but that it is missing where this does not hold.
    Vague(String),
}

impl Kind {
    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Bool(_) => Self::Bool,
            Value::Int(_) | Value::Num(_) => Self::Number,
            Value::Text(_) => Self::Text,
            Value::Time(_) => Self::Time,
            Value::Date(_) => Self::Date,
            Value::Duration(_) => Self::Duration,
            Value::Money(..) => Self::Money,
            Value::Missing | Value::List(_) | Value::Map(_) => return None,
        })
    }

    /// The column, or columns, that hold it, and the kinds of rows.
    pub(super) fn stored(self) -> (&'static str, String) {
        match self {
            Self::Bool => ("v.whole", kind::BOOL.to_string()),
            Self::Number => ("coalesce(v.whole, v.real)", format!("{}, {}", kind::INT, kind::NUM)),
            Self::Text => ("v.text", kind::TEXT.to_string()),
            Self::Time => ("v.whole", kind::TIME.to_string()),
            Self::Date => ("v.whole", kind::DATE.to_string()),
            Self::Duration => ("v.whole", kind::DURATION.to_string()),
            Self::Money => ("v.whole", kind::MONEY.to_string()),
        }
    }
}

impl Operand {
    pub(super) fn is(kind: Kind, text: &str) -> Self {
        Self::Typed(kind, Val::Is(text.to_owned()))
    }

    pub(super) fn kinds(&self) -> Vec<Kind> {
        match self {
            Self::Const(value) => Kind::of(value).into_iter().collect(),
            Self::Typed(kind, _) => vec![*kind],
            Self::Field(_) | Self::Vague(_) => KINDS.to_vec(),
            Self::Tags => Vec::new(),
            Self::Clinic(values) => {
                let kinds: BTreeSet<Kind> = values.iter().filter_map(|(_, value)| Kind::of(value)).collect();
                kinds.into_iter().collect()
            }
            Self::Either(one, other) => {
                let (one, other) = (one.kinds(), other.kinds());
                KINDS.into_iter().filter(|kind| one.contains(kind) || other.contains(kind)).collect()
            }
        }
    }
}

impl Asking<'_> {
    pub(super) fn operand(&mut self, expr: &Expr) -> Operand {
        if let Some(value) = expr.fixed(self.now) {
            return Operand::Const(value);
        }
        match expr {
            Expr::Path(path) => {
                let parts: Vec<&str> = path.parts().iter().map(|part| &**part).collect();
                self.path(&parts)
            }
            Expr::Civil(civil) => Operand::Typed(Kind::Time, self.civil(*civil)),
            Expr::Arith(sign, left, right) => self.moved(*sign, left, right),
            Expr::Call(function, args) => self.call(*function, args),
            Expr::Ask(ask) => self.asked(ask),
            Expr::Const(_) | Expr::List(_) | Expr::Join(..) => Operand::Vague(TRUE.to_owned()),
            _ => Operand::Typed(Kind::Bool, self.pred(expr).val()),
        }
    }

    fn path(&mut self, parts: &[&str]) -> Operand {
        match parts {
            ["contact", name] => self.contact(name),
            ["vars", name] => Operand::Const(self.plan.vars.get(*name).cloned().unwrap_or_default()),
            ["clinic", part, rest @ ..] => {
                let mut values = Vec::new();
                for clinic in &self.plan.clinics {
                    let value =
                        rest.iter().fold(clinic.to_value().part(part).clone(), |value, part| value.part(part).clone());
                    if !value.is_missing() {
                        values.push((Arc::from(clinic.id.as_str()), value));
                    }
                }
                Operand::Clinic(values)
            }
            // nothing is in view but the person
            ["event" | "booking" | "run", ..] => Operand::Const(Value::Missing),
            _ => Operand::Vague(TRUE.to_owned()),
        }
    }

    fn contact(&self, name: &str) -> Operand {
        let named =
            |column: &str| Operand::is(Kind::Text, &format!("(SELECT n.text FROM name n WHERE n.id = c.{column})"));
        let touched = |column: &str| {
            Operand::is(Kind::Time, &format!("(SELECT t.{column} FROM touch t WHERE t.contact_id = c.id)"))
        };
        let found = match name {
            "id" => Operand::is(Kind::Text, "CAST(c.id AS TEXT)"),
            "email" => Operand::is(Kind::Text, "c.email"),
            "phone" => Operand::is(Kind::Text, "c.phone"),
            "name" => Operand::is(Kind::Text, "c.name"),
            "locale" => named("locale_id"),
            "zone" => named("zone_id"),
            "clinic" => named("clinic_id"),
            "score" => Operand::is(Kind::Number, "c.score"),
            "warm" => Operand::is(Kind::Bool, "c.warm"),
            "is_test" => Operand::is(Kind::Bool, "c.is_test"),
            "created_at" => Operand::is(Kind::Time, "c.created_at"),
            "last_visit_at" => Operand::is(Kind::Time, "c.last_visit_at"),
            "next_booking_at" => Operand::is(Kind::Time, "c.next_booking_at"),
            "last_inbound_at" => return touched("last_in_at"),
            "last_outbound_at" => return touched("last_out_at"),
            values::TAGS => return Operand::Tags,
            other => Operand::Field(Arc::from(other)),
        };
        match self.plan.fields.get(name).and_then(|decl| decl.default.clone()) {
            Some(default) => Operand::Either(Box::new(found), Box::new(Operand::Const(default))),
            None => found,
        }
    }

    fn call(&mut self, function: Function, args: &[Expr]) -> Operand {
        let Some(first) = args.first() else { return Operand::Vague(TRUE.to_owned()) };
        let of = self.operand(first);
        match function {
            Function::DaysSince => Operand::Typed(Kind::Number, self.days(&of, true)),
            Function::DaysUntil => Operand::Typed(Kind::Number, self.days(&of, false)),
            Function::HoursSince => Operand::Typed(Kind::Number, self.hours(&of)),
            Function::Date => Operand::Typed(Kind::Date, self.day(&of)),
            Function::Hour => {
                let there = self.moment(&of);
                let at = |hour: u8| move |text: &str| format!("CASE WHEN {text} IS NULL THEN NULL ELSE {hour} END");
                let (low, high) = (there.map(false, at(0)), there.map(false, at(23)));
                let ends = low.ends().zip(high.ends());
                let hour = ends.map(|(low, high)| Val::Between(low.0.to_owned(), high.1.to_owned()));
                Operand::Typed(Kind::Number, hour.unwrap_or(there))
            }
            Function::Weekday => Operand::Typed(Kind::Text, Val::Vague(self.moment(&of).present().may)),
            Function::Lower => {
                Operand::Typed(Kind::Text, self.read(&of, Kind::Text).map(false, |text| format!("lower({text})")))
            }
            // what SQL knows of blanks and capital letters is not what we know
            Function::Upper | Function::Trim => {
                Operand::Typed(Kind::Text, Val::Vague(self.read(&of, Kind::Text).present().may))
            }
            Function::Length => self.length(&of),
            Function::Default => {
                let other = args.get(1).map_or(Operand::Const(Value::Missing), |other| self.operand(other));
                Operand::Either(Box::new(of), Box::new(other))
            }
            _ => Operand::Vague(TRUE.to_owned()),
        }
    }

    fn length(&mut self, of: &Operand) -> Operand {
        let length = match of {
            Operand::Field(name) => Val::Is(self.row("v.whole", name, &format!("{}, {}", kind::TEXT, kind::LIST))),
            Operand::Tags => {
                let field = self.field(values::TAGS);
                Val::Is(format!("(SELECT count(*) FROM contact_value v WHERE {field} AND v.place > 0)"))
            }
            Operand::Typed(Kind::Text, Val::Is(text)) => Val::Is(format!("length({text})")),
            Operand::Either(one, other) => {
                let there = self.present(one);
                let (Operand::Typed(_, one), Operand::Typed(_, other)) = (self.length(one), self.length(other)) else {
                    return Operand::Vague(TRUE.to_owned());
                };
                if there.is_exact() { Val::either(&there.may, &one, &other) } else { Val::Vague(TRUE.to_owned()) }
            }
            Operand::Const(Value::Text(text)) => self.number(text.chars().count()),
            Operand::Const(Value::List(items)) => self.number(items.len()),
            Operand::Const(_) => Val::missing(),
            _ => Val::Vague(TRUE.to_owned()),
        };
        Operand::Typed(Kind::Number, length)
    }

    fn number(&mut self, number: usize) -> Val {
        Val::Is(self.binds.whole(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    /// The rows of a field of the contact in view.
    pub(super) fn field(&mut self, name: &str) -> String {
        let name = self.binds.text(name);
        format!("v.contact_id = c.id AND v.field_id = (SELECT n.id FROM name n WHERE n.text = {name})")
    }

    fn row(&mut self, column: &str, name: &str, kinds: &str) -> String {
        let field = self.field(name);
        format!("(SELECT {column} FROM contact_value v WHERE {field} AND v.place = 0 AND v.kind IN ({kinds}))")
    }

    /// The clinic of the person in view: their own where the plan has it, else the first.
    fn clinic(&mut self) -> String {
        let plan = self.plan;
        let known: Vec<String> = plan.clinics.iter().map(|clinic| self.binds.text(clinic.id.as_str())).collect();
        let default = self.binds.text(plan.default_clinic().id.as_str());
        let known = known.join(", ");
        format!("coalesce((SELECT n.text FROM name n WHERE n.id = c.clinic_id AND n.text IN ({known})), {default})")
    }

    /// As a value of that kind: missing when it is of another.
    pub(super) fn read(&mut self, of: &Operand, kind: Kind) -> Val {
        match of {
            Operand::Const(value) if Kind::of(value) == Some(kind) => Val::Is(self.constant(value)),
            Operand::Typed(is, value) if *is == kind => value.clone(),
            Operand::Const(_) | Operand::Typed(..) | Operand::Tags => Val::missing(),
            Operand::Field(name) => {
                let (column, kinds) = kind.stored();
                Val::Is(self.row(column, name, &kinds))
            }
            Operand::Clinic(values) => {
                let mut cases = String::new();
                for (id, value) in values.iter().filter(|(_, value)| Kind::of(value) == Some(kind)) {
                    let (id, value) = (self.binds.text(id), self.constant(value));
                    cases.push_str(&format!(" WHEN {id} THEN {value}"));
                }
                if cases.is_empty() {
                    return Val::missing();
                }
                Val::Is(format!("CASE {}{cases} END", self.clinic()))
            }
            Operand::Either(one, other) => {
                let there = self.present(one);
                let (one, other) = (self.read(one, kind), self.read(other, kind));
                if there.is_exact() { Val::either(&there.may, &one, &other) } else { Val::Vague(TRUE.to_owned()) }
            }
            Operand::Vague(may) => Val::Vague(may.clone()),
        }
    }

    /// The currency of an amount.
    pub(super) fn unit(&mut self, of: &Operand) -> String {
        match of {
            Operand::Const(Value::Money(_, unit)) => self.binds.text(unit),
            Operand::Field(name) => self.row("v.text", name, &kind::MONEY.to_string()),
            Operand::Either(one, other) => {
                let there = self.present(one).may;
                format!("CASE WHEN {there} THEN {} ELSE {} END", self.unit(one), self.unit(other))
            }
            _ => "NULL".to_owned(),
        }
    }

    fn constant(&mut self, value: &Value) -> String {
        let bound = match value {
            Value::Bool(yes) => Bound::Integer(i64::from(*yes)),
            Value::Int(number) | Value::Money(number, _) => Bound::Integer(*number),
            Value::Num(number) => Bound::Real(*number),
            Value::Text(text) => Bound::Text(text.to_string()),
            Value::Time(at) => Bound::Integer(at.0),
            Value::Date(date) => Bound::Integer(values::days(*date)),
            Value::Duration(span) => Bound::Integer(span.nominal_ms()),
            Value::Missing | Value::List(_) | Value::Map(_) => Bound::Null,
        };
        self.binds.bind(bound)
    }

    pub(super) fn present(&mut self, of: &Operand) -> Pred {
        match of {
            Operand::Const(value) => Pred::sure(!value.is_missing()),
            Operand::Typed(_, value) => value.present(),
            Operand::Field(name) => {
                let field = self.field(name);
                Pred::exact(format!("EXISTS (SELECT 1 FROM contact_value v WHERE {field} AND v.place = 0)"))
            }
            Operand::Tags => Pred::sure(true),
            Operand::Clinic(values) => {
                let known: BTreeSet<&str> = values.iter().map(|(id, _)| &**id).collect();
                if known.is_empty() {
                    return Pred::sure(false);
                }
                let known: Vec<String> = known.iter().map(|id| self.binds.text(id)).collect();
                Pred::exact(two_valued(&format!("{} IN ({})", self.clinic(), known.join(", "))))
            }
            Operand::Either(one, other) => {
                let preds = vec![self.present(one), self.present(other)];
                Pred::any(preds)
            }
            Operand::Vague(may) => Pred::perhaps(may.clone()),
        }
    }
}
