//! A population as somebody declares it: how many, where they live, how they are reached, what their fields hold, what
//! they do with messages. Read from plain data; every fault is told. Knows no file.
use super::{
    conduct::{Deed, Does, share},
    people::{Invented, Reach, Trait},
};
use crate::{calendar::Zone, id::FieldName, plan::Plan, simulate::example, value::Type};
use serde_json::{Map, Value as Json};

/// Invented people and their conduct.
#[derive(Clone, Debug, Default)]
pub(crate) struct Population {
    pub(crate) people: Invented,
    pub(crate) does: Vec<Does>,
    pub(crate) seed: Option<u64>,
}

const KEYS: [&str; 7] = ["people", "seed", "zones", "consent", "has", "fields", "does"];
/// More people than a simulation can count in reasonable time.
const MOST: u64 = 10_000_000;

struct Reading<'a> {
    plan: &'a Plan,
    faults: Vec<String>,
}

impl Population {
    /// # Errors
    /// Everything that is wrong, each in a sentence that begins with its key.
    pub(crate) fn read(plan: &Plan, json: &Json) -> Result<Self, Vec<String>> {
        let Some(map) = json.as_object() else {
            return Err(vec![
                "a population is a map with the keys people, zones, has, consent, fields, does".to_owned(),
            ]);
        };
        let mut reading = Reading { plan, faults: Vec::new() };
        let population = reading.population(map);
        if reading.faults.is_empty() { Ok(population) } else { Err(reading.faults) }
    }
}

impl Reading<'_> {
    fn population(&mut self, map: &Map<String, Json>) -> Population {
        let mut population = Population::default();
        for (key, value) in map {
            match key.as_str() {
                "people" => match value.as_u64().filter(|count| (1..=MOST).contains(count)) {
                    Some(count) => population.people.count = count as usize,
                    None => self.faults.push(format!("people: it is a number from 1 to {MOST}")),
                },
                "seed" => match value.as_u64() {
                    Some(seed) => population.seed = Some(seed),
                    None => self.faults.push("seed: it is a whole number".to_owned()),
                },
                "zones" => population.people.zones = self.zones(value),
                "consent" => population.people.consent = self.share("consent", value),
                "has" => population.people.has = self.has(value),
                "fields" => population.people.fields = self.fields(value),
                "does" => population.does = self.does(value),
                _ => {
                    let near = crate::expr::nearest(key, &KEYS.map(str::to_owned)).map(str::to_owned);
                    let near = near.map_or_else(
                        || format!("the keys are {}", KEYS.join(", ")),
                        |near| format!("did you mean \"{near}\"?"),
                    );
                    self.faults.push(format!("{key}: there is no such key; {near}"));
                }
            }
        }
        if !map.contains_key("people") {
            self.faults.push("people: how many are there?".to_owned());
        }
        population
    }

    fn share(&mut self, key: &str, value: &Json) -> Option<u32> {
        let found = share(&text(value));
        if found.is_none() {
            self.faults.push(format!("{key}: {value} is no share between 0 and 1"));
        }
        found
    }

    fn map<'v>(&mut self, key: &str, value: &'v Json) -> impl Iterator<Item = (&'v String, &'v Json)> + use<'v> {
        let map = value.as_object();
        if map.is_none() {
            self.faults.push(format!("{key}: it is a map"));
        }
        map.into_iter().flatten()
    }

    fn zones(&mut self, value: &Json) -> Vec<(Zone, u32)> {
        let mut zones = Vec::new();
        for (name, weight) in self.map("zones", value) {
            match Zone::parse(name) {
                Some(zone) => zones.extend(self.share(&format!("zones: {name}"), weight).map(|weight| (zone, weight))),
                None => self.faults.push(format!("zones: there is no zone \"{name}\"")),
            }
        }
        zones
    }

    fn has(&mut self, value: &Json) -> Vec<(Reach, u32)> {
        let mut has = Vec::new();
        for (name, value) in self.map("has", value) {
            match Reach::ALL.into_iter().find(|reach| reach.name() == name) {
                Some(reach) => has.extend(self.share(&format!("has: {name}"), value).map(|share| (reach, share))),
                None => {
                    let known = Reach::ALL.map(Reach::name).join(", ");
                    self.faults.push(format!("has: nobody is reached by \"{name}\"; there are {known}"));
                }
            }
        }
        has
    }

    fn fields(&mut self, value: &Json) -> Vec<(FieldName, Trait)> {
        let mut fields = Vec::new();
        for (name, value) in self.map("fields", value) {
            match self.field(name, value) {
                Ok(of) => fields.push((FieldName::new(name), of)),
                Err(why) => self.faults.push(format!("fields: {name}: {why}")),
            }
        }
        fields
    }

    /// A value, `{ value: share … }`, `{ between: [from, to] }`, or `{ days_ago: [from, to] }`.
    fn field(&self, name: &str, value: &Json) -> Result<Trait, String> {
        let of = example::type_of(self.plan, name).ok_or("contacts have no such field")?;
        let read = |json: &Json| example::field(self.plan, name, json).map_err(|fault| fault.to_string());
        let Some(map) = value.as_object() else { return Ok(Trait::Always(read(value)?)) };
        let pair = |value: &Json| -> Result<(i64, i64), String> {
            let ends: Vec<i64> = value.as_array().into_iter().flatten().filter_map(Json::as_i64).collect();
            match ends[..] {
                [from, to] if from <= to => Ok((from, to)),
                _ => Err("it takes two whole numbers, the smaller one first".to_owned()),
            }
        };
        if let Some(between) = map.get("between").filter(|_| matches!(of, Type::Integer | Type::Number)) {
            let (from, to) = pair(between)?;
            return Ok(Trait::Between(from, to));
        }
        if let Some(ago) = map.get("days_ago").filter(|_| matches!(of, Type::Time | Type::Date)) {
            let (from, to) = pair(ago)?;
            return Ok(Trait::DaysAgo { from, to, date: of == Type::Date });
        }
        let mut values = Vec::new();
        for (word, weight) in map {
            let json = match of {
                Type::Integer | Type::Number | Type::Bool => {
                    serde_json::from_str(word).unwrap_or_else(|_| Json::from(word.as_str()))
                }
                _ => Json::from(word.as_str()),
            };
            let weight = share(&text(weight)).ok_or_else(|| format!("{word}: {weight} is no share between 0 and 1"))?;
            values.push((read(&json)?, weight));
        }
        Ok(Trait::OneOf(values))
    }

    fn does(&mut self, value: &Json) -> Vec<Does> {
        let mut does = Vec::new();
        for (word, said) in self.map("does", value) {
            let text = match said.as_object() {
                Some(map) => {
                    let part = |key: &str| map.get(key).map(text);
                    let after = part("after").map(|after| format!(" after {after}")).unwrap_or_default();
                    format!("{}{after}", part("chance").unwrap_or_default())
                }
                None => text(said),
            };
            match Does::parse(Deed::parse(word), &text) {
                Ok(found) => does.push(found),
                Err(fault) => self.faults.push(format!("does: {word}: {fault}")),
            }
        }
        if let Err(fault) = Does::check(&does) {
            self.faults.push(format!("does: {fault}"));
        }
        does
    }
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `America/Jamaica=0.7,Europe/Berlin=0.3`.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn zones(written: &str) -> Result<Vec<(Zone, u32)>, String> {
    let one = |part: &str| {
        let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
        let zone = Zone::parse(name.trim()).ok_or_else(|| format!("there is no zone \"{}\"", name.trim()))?;
        let weight = share(weight).ok_or_else(|| format!("\"{weight}\" is no share between 0 and 1"))?;
        Ok((zone, weight))
    };
    written.split(',').filter(|part| !part.trim().is_empty()).map(one).collect()
}
