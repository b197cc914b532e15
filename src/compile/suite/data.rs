//! Values written in suites as values of a declared type, and people of a file as rows of fields.
use super::Work;
use crate::{
    calendar::{CivilDate, Instant, Span, Zone},
    compile::{found, found::suite as told, scope::plain_value, values},
    diag::nearest,
    document::{Literal, Text, suite::Data},
    id::FieldName,
    value::{Type, Value},
};
use std::{collections::BTreeMap, sync::Arc};

/// Fields of people that nobody can say: the program works them out.
const WORKED_OUT: &[(&str, &str)] = &[
    ("id", "the program gives it"),
    ("last_inbound_at", "let the person write: `reply`"),
    ("last_outbound_at", "the program keeps it"),
    ("next_booking_at", "let a booking be made: `event: booking.created`"),
];

impl Work<'_> {
    /// Names with values of a declared type; `unknown` tells of a name that is not declared, where that can be told.
    pub(super) fn fields<'t>(
        &mut self,
        written: &[(Text, Data)],
        of: impl Fn(&str) -> Option<Type> + 't,
        unknown: impl Fn(&Text) -> Option<crate::diag::Finding> + 't,
    ) -> BTreeMap<Arc<str>, Value> {
        let mut values = BTreeMap::new();
        for (name, data) in written {
            let bare = name.strip_prefix("contact.").unwrap_or(name);
            let Some(of) = of(bare) else {
                match unknown(name) {
                    Some(finding) => self.sink.push(finding),
                    None => drop(values.insert(Arc::from(bare), untyped(data))),
                }
                continue;
            };
            values.extend(self.fitting(data, &of, bare).map(|value| (Arc::from(bare), value)));
        }
        values
    }

    pub(super) fn fitting(&mut self, data: &Data, of: &Type, name: &str) -> Option<Value> {
        match (of, data) {
            (_, Data::Nothing(_)) => Some(Value::Missing),
            (Type::Any, data) => Some(untyped(data)),
            (Type::Time, Data::One(Literal::Text(text))) => {
                if let Some(at) = time(text, &self.zone) {
                    return Some(Value::Time(at));
                }
                let misfit = found::misfit(&Literal::Text(text.clone()), name, of, &values::Misfit::Type);
                self.sink.push(misfit.help("write a date and a time by the suite's clock: 2026-12-01 14:00"));
                None
            }
            (Type::List(of), Data::List(items, _)) => {
                let items: Vec<Option<Value>> = items.iter().map(|item| self.fitting(item, of, name)).collect();
                items.into_iter().collect::<Option<_>>().map(Value::List)
            }
            (Type::Record(parts), Data::Map(entries, _)) => self.record(parts, entries, name),
            (Type::Person, Data::Map(entries, _)) => Some(self.somebody(entries)),
            (of, Data::One(literal)) => match values::fit(literal, of) {
                Ok(value) => Some(value),
                Err(misfit) => {
                    self.sink.push(found::misfit(literal, name, of, &misfit));
                    None
                }
            },
            (of, data) => {
                self.sink.push(found::misfit(&placed(data), name, of, &values::Misfit::Type));
                None
            }
        }
    }

    fn record(&mut self, parts: &BTreeMap<Arc<str>, Type>, entries: &[(Text, Data)], of: &str) -> Option<Value> {
        let mut values = BTreeMap::new();
        for (name, data) in entries {
            match parts.get(name.as_str()) {
                Some(part) => {
                    let value = self.fitting(data, part, name)?;
                    values.insert(Arc::from(name.as_str()), value);
                }
                None => {
                    let near = nearest(name, parts.keys().map(|name| &**name));
                    self.sink.push(told::unknown_answer(name, of, near));
                }
            }
        }
        Some(Value::Map(values))
    }

    /// Name, e-mail and so on of a host.
    fn somebody(&mut self, entries: &[(Text, Data)]) -> Value {
        let mut person = BTreeMap::new();
        for (part, value) in entries {
            match (Type::Person.part(part), value) {
                (Ok(_), Data::One(Literal::Text(text))) => {
                    person.insert(Arc::from(part.as_str()), Value::text(text.as_str()));
                }
                (Ok(_), other) => {
                    self.sink.push(found::misfit(&placed(other), part, &Type::Text, &values::Misfit::Type));
                }
                (Err(known), _) => {
                    let near = nearest(part, known.iter().map(String::as_str));
                    self.sink.push(told::unknown_booking_field(part, near));
                }
            }
        }
        Value::Map(person)
    }

    /// Fields of a person: of `people`, `set` and `state`. `kept` are those that cannot be said there.
    pub(super) fn contact_fields(
        &mut self,
        written: &[(Text, Data)],
        kept: &[(&str, &str)],
    ) -> BTreeMap<FieldName, Value> {
        let seen = self.seen;
        for (name, _) in written {
            let bare = name.strip_prefix("contact.").unwrap_or(name);
            if let Some((_, why)) = kept.iter().find(|(kept, _)| *kept == bare) {
                self.sink.push(found::kept_field(name, why));
            }
        }
        let of = |name: &str| seen.base.contact.get(name).map(|slot| slot.of.clone());
        let unknown = |name: &Text| {
            let bare = name.strip_prefix("contact.").unwrap_or(name);
            let near = nearest(bare, seen.base.contact.keys().map(|name| &**name));
            (!seen.names.open).then(|| found::unknown_field(name, near))
        };
        let values = self.fields(written, of, unknown);
        for (name, data) in written {
            let bare = name.strip_prefix("contact.").unwrap_or(name);
            if let (Some(value), Data::One(Literal::Text(text))) = (values.get(bare).and_then(Value::as_text), data) {
                self.address(bare, value, text);
            }
        }
        values.into_iter().map(|(name, value)| (FieldName::from(name), value)).collect()
    }

    /// Texts that mean something outside of themselves.
    fn address(&mut self, field: &str, value: &str, text: &Text) {
        use crate::record::Identity;
        let wrong = match field {
            "email" => Identity::email(value).is_none(),
            // numbers that are kept for stories are of no real line, which a plan of numbers would tell
            "phone" => Identity::phone(value).is_none(),
            "clinic" => {
                let clinics = &self.seen.plan.clinics;
                !self.seen.names.open && !clinics.iter().any(|clinic| clinic.id.as_str() == value)
            }
            "zone" if Zone::parse(value).is_none() => {
                self.sink.push(found::unknown_zone(text, near_zone(value).as_deref()));
                false
            }
            _ => false,
        };
        if wrong {
            self.sink.push(told::bad_address(&text.place, field, value));
        }
    }

    pub(super) fn worked_out(&self) -> &'static [(&'static str, &'static str)] {
        WORKED_OUT
    }

    // ---- people of a file ----

    /// Rows of fields; a finding when the file does not say them.
    pub(super) fn rows(&mut self, path: &Text, bytes: &[u8]) -> Vec<BTreeMap<FieldName, Value>> {
        let read = match path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("csv") => self.csv(bytes),
            Some("json") => self.json(bytes),
            _ => Err(vec!["its name ends neither in .csv nor in .json".to_owned()]),
        };
        read.unwrap_or_else(|faults| {
            self.sink.push(told::bad_import(path, &faults));
            Vec::new()
        })
    }

    /// The types of all columns; every name that is no field is told.
    fn columns<'n>(&self, names: impl Iterator<Item = &'n str>) -> Result<Vec<Type>, Vec<String>> {
        let (mut types, mut wrong) = (Vec::new(), Vec::new());
        for name in names {
            match self.column(name) {
                Ok(of) => types.push(of),
                Err(why) => wrong.push(why),
            }
        }
        if wrong.is_empty() { Ok(types) } else { Err(wrong) }
    }

    fn column(&self, name: &str) -> Result<Type, String> {
        let fields = &self.seen.base.contact;
        let bare = name.strip_prefix("contact.").unwrap_or(name);
        match fields.get(bare) {
            Some(slot) => Ok(slot.of.clone()),
            None if self.seen.names.open => Ok(Type::Any),
            None => Err(match nearest(bare, fields.keys().map(|name| &**name)) {
                Some(near) => format!("the contact has no field `{name}`, did you mean `{near}`?"),
                None => format!("the contact has no field `{name}`"),
            }),
        }
    }

    fn csv(&self, bytes: &[u8]) -> Result<Vec<BTreeMap<FieldName, Value>>, Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let told = |error: &csv::Error| match error.kind() {
            csv::ErrorKind::Utf8 { .. } => "it is no text in UTF-8".to_owned(),
            csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
                let line = pos.as_ref().map_or(0, csv::Position::line);
                format!("line {line} has {len} values, and the first line names {expected_len} fields")
            }
            _ => "it is no CSV".to_owned(),
        };
        let names = reader.headers().map_err(|error| vec![told(&error)])?.clone();
        if names.iter().any(|name| name.contains('\n')) {
            return Err(vec!["a quotation mark is opened in line 1, and not closed there".to_owned()]);
        }
        let names: Vec<&str> = names.iter().map(|name| name.trim_start_matches('\u{feff}')).collect();
        let columns = self.columns(names.iter().copied())?;
        let (mut rows, mut wrong) = (Vec::new(), Vec::new());
        for row in reader.records() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    wrong.push(told(&error));
                    continue;
                }
            };
            let mut fields = BTreeMap::new();
            for ((name, of), text) in names.iter().zip(&columns).zip(row.iter()).filter(|(_, text)| !text.is_empty()) {
                let line = row.position().map_or(0, csv::Position::line);
                match of_text(text, of, &self.zone) {
                    Some(value) => {
                        fields.insert(FieldName::new(name.trim_start_matches("contact.")), value);
                    }
                    None => wrong.push(format!("line {line}: `{text}` is no value of `{name}`, which is {of}")),
                }
            }
            rows.push(fields);
        }
        if rows.is_empty() && wrong.is_empty() {
            wrong.push("nobody stands in it".to_owned());
        }
        if wrong.is_empty() { Ok(rows) } else { Err(wrong) }
    }

    fn json(&self, bytes: &[u8]) -> Result<Vec<BTreeMap<FieldName, Value>>, Vec<String>> {
        let json: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| vec![format!("it is no JSON: {error}")])?;
        let Some(people) = json.as_array().filter(|people| !people.is_empty()) else {
            return Err(vec!["it is no list of people".to_owned()]);
        };
        let (mut rows, mut wrong) = (Vec::new(), Vec::new());
        for (at, person) in people.iter().enumerate() {
            let Some(person) = person.as_object() else {
                wrong.push(format!("entry {} is no object", at + 1));
                continue;
            };
            let mut fields = BTreeMap::new();
            for (name, value) in person {
                match self.column(name).map(|of| (self.of_json(value, &of), of)) {
                    Ok((Some(value), _)) => {
                        fields.insert(FieldName::new(name.trim_start_matches("contact.")), value);
                    }
                    Ok((None, of)) => wrong.push(format!("entry {}: `{name}` is {of}", at + 1)),
                    // once, however many have it
                    Err(why) if wrong.contains(&why) => {}
                    Err(why) => wrong.push(why),
                }
            }
            rows.push(fields);
        }
        if wrong.is_empty() { Ok(rows) } else { Err(wrong) }
    }

    fn of_json(&self, value: &serde_json::Value, of: &Type) -> Option<Value> {
        let civil = value.as_str().filter(|_| *of == Type::Time).and_then(|text| time(text, &self.zone));
        civil.map(Value::Time).or_else(|| Value::of_json(value, of))
    }
}

pub(super) fn near_zone(name: &str) -> Option<String> {
    nearest(name, Zone::names().iter().map(String::as_str)).map(str::to_owned)
}

/// With an offset, or by the clock of a zone.
fn time(text: &str, zone: &Zone) -> Option<Instant> {
    Instant::parse_rfc3339(text).or_else(|| super::moments::civil(text).map(|civil| zone.instant(civil)))
}

fn untyped(data: &Data) -> Value {
    match data {
        Data::Nothing(_) => Value::Missing,
        Data::One(literal) => plain_value(literal),
        Data::List(items, _) => Value::List(items.iter().map(untyped).collect()),
        Data::Map(parts, _) => {
            Value::Map(parts.iter().map(|(name, part)| (Arc::from(name.as_str()), untyped(part))).collect())
        }
    }
}

/// Something at the place of a value, to tell what does not fit.
fn placed(data: &Data) -> Literal {
    Literal::List(Vec::new(), data.place().clone())
}

/// A cell of a table.
fn of_text(text: &str, of: &Type, zone: &Zone) -> Option<Value> {
    Some(match of {
        Type::Text | Type::Any => Value::text(text),
        Type::Choice(words) => Value::Text(words.iter().find(|word| ***word == *text)?.clone()),
        Type::Integer => Value::Int(text.parse().ok()?),
        Type::Number => Value::Num(text.parse().ok()?),
        Type::Bool => Value::Bool(text.parse().ok()?),
        Type::Time => Value::Time(time(text, zone)?),
        Type::Date => Value::Date(CivilDate::parse(text)?),
        Type::Duration => Value::Duration(Span::parse(text).ok()?),
        Type::Money => Value::parse_money(text)?,
        Type::List(of) => {
            let items = text.split(';').map(str::trim).filter(|item| !item.is_empty());
            Value::List(items.map(|item| of_text(item, of, zone)).collect::<Option<_>>()?)
        }
        Type::Person | Type::Record(_) => return None,
    })
}
