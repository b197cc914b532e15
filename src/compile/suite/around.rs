//! The world of a suite or scenario: people, faults, answers of look-ups, and what always holds.
use super::{Work, arc};
use crate::{
    calendar::TimeOfDay,
    compile::{found::suite as told, lower, names::Sort},
    diag::{Place, nearest},
    document::{
        Spanned,
        suite::{self as doc, Answer},
    },
    id::{ChannelName, EventKind},
    plan::{
        Supposed,
        suite::{Actor, Always, Fault, Rule},
    },
    value::{Type, Value},
};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Default)]
pub(super) struct World {
    pub(super) faults: BTreeMap<ChannelName, Vec<Fault>>,
    pub(super) lookup_faults: BTreeMap<Arc<str>, Vec<Fault>>,
    pub(super) lookups: BTreeMap<Arc<str>, Vec<Supposed>>,
}

impl Work<'_> {
    pub(super) fn people(&mut self, people: &[doc::Person]) -> Vec<(Actor, Place)> {
        people.iter().map(|person| (self.person(person), person.place.clone())).collect()
    }

    fn person(&mut self, person: &doc::Person) -> Actor {
        let kept = self.worked_out();
        let fields = self.contact_fields(&person.fields, kept);
        let consent = person.consent.iter().map(|channel| self.channel(channel)).collect();
        Actor { name: arc(&person.name), origin: self.origin(&person.place), fields, consent }
    }

    /// People with the same address would be one person.
    pub(super) fn strangers(&mut self, people: &[(Actor, Place)]) {
        for (at, (actor, place)) in people.iter().enumerate() {
            for field in ["email", "phone"] {
                let Some(address) = actor.fields.get(field).and_then(Value::as_text) else { continue };
                let same = |other: &&(Actor, Place)| {
                    let other = other.0.fields.get(field).and_then(Value::as_text);
                    other.is_some_and(|other| alike(field, other, address))
                };
                if let Some((first, where_)) = people[..at].iter().find(same) {
                    self.sink.push(told::same_address(place, address, where_, &first.name));
                }
            }
        }
    }

    pub(super) fn around(&mut self, around: &doc::Around) -> World {
        let mut world = World::default();
        for (name, faults) in &around.faults {
            self.fault(name, faults, &mut world);
        }
        for (name, answers) in &around.lookups {
            if self.known(Sort::Lookup, name) {
                let answers = answers.iter().filter_map(|answer| self.answer(name, answer)).collect();
                world.lookups.insert(arc(name), answers);
            }
        }
        world
    }

    fn fault(&mut self, name: &crate::document::Text, written: &[Spanned<doc::Fault>], world: &mut World) {
        let faults: Vec<Fault> = written.iter().filter_map(|fault| of_word(fault.value.word())).collect();
        let seen = self.seen;
        if seen.names.has(Sort::Channel, name) {
            world.faults.insert(ChannelName::new(name.as_str()), faults);
            return;
        }
        match name.as_str() {
            other if seen.names.has(Sort::Lookup, other) => {}
            "disk" | "model" => return self.sink.push(told::unplayed_fault(name)),
            _ if seen.names.open => return,
            _ => {
                let names = seen.names.all(Sort::Channel).chain(seen.names.all(Sort::Lookup));
                return self.sink.push(told::nothing_to_fail(name, nearest(name, names)));
            }
        }
        for fault in written {
            if of_word(fault.value.word()).is_some_and(|fault| !ASKED.contains(&fault)) {
                let words = Fault::ALL.iter().filter(|(fault, _)| ASKED.contains(fault)).map(|(_, word)| *word);
                let can = crate::diag::quoted_list(words.collect::<Vec<_>>(), 6);
                self.sink.push(told::impossible_fault(&fault.place, fault.value.word(), "a look-up", &can));
            }
        }
        world.lookup_faults.insert(arc(name), faults);
    }

    fn answer(&mut self, lookup: &crate::document::Text, answer: &Answer) -> Option<Supposed> {
        Some(match answer {
            Answer::Word(word) => match word.as_str() {
                "none" => Supposed::Nothing,
                "error" => Supposed::Failure,
                _ => Supposed::Example,
            },
            Answer::Fields(fields) => {
                let seen = self.seen;
                let returns = seen.plan.lookups.get(lookup.as_str()).map(|lookup| &lookup.returns);
                let of = |name: &str| returns.map_or(Some(Type::Any), |returns| returns.get(name).cloned());
                let unknown = |field: &crate::document::Text| {
                    let near = returns.and_then(|returns| nearest(field, returns.keys().map(|name| &**name)));
                    Some(told::unknown_answer(field, lookup, near))
                };
                let mut values = self.fields(fields, of, unknown);
                for name in returns.into_iter().flat_map(BTreeMap::keys) {
                    values.entry(name.clone()).or_insert(Value::Missing);
                }
                Supposed::Answer(Value::Map(values))
            }
        })
    }

    pub(super) fn always(&mut self, always: &doc::Always) -> Option<Always> {
        let rule = match always.rule.as_ref()? {
            doc::Rule::Between(place, times) => {
                let times: Vec<TimeOfDay> = times.iter().filter_map(|time| TimeOfDay::parse(time)).collect();
                match times.as_slice() {
                    [from, to] if from == to => {
                        self.sink.push(told::strange_hours(place, "these are the same time of day twice"));
                        return None;
                    }
                    [from, to] => Rule::NoSendsBetween(*from, *to),
                    _ => {
                        self.sink.push(told::strange_hours(place, "this takes two times of day: from and to"));
                        return None;
                    }
                }
            }
            doc::Rule::After(events) => {
                for event in events {
                    self.known(Sort::Event, event);
                }
                Rule::NoSendsAfter(events.iter().map(|event| EventKind::new(event.as_str())).collect())
            }
            doc::Rule::AtMost { messages, per } => {
                let messages = u32::try_from(messages.as_ref()?.value).ok()?;
                Rule::AtMost { messages, per: self.span(per.as_ref()?)? }
            }
        };
        Some(Always {
            origin: self.origin(&always.place),
            written: Arc::from(always.written.as_str()),
            rule,
            channel: always.channel.as_ref().map(|channel| self.channel(channel)),
            purpose: always.purpose.as_ref().map(|purpose| lower::purpose(purpose.value)),
        })
    }
}

/// Whatever asks and is answered: nothing goes out that could not be taken back.
const ASKED: &[Fault] = &[Fault::Ok, Fault::Timeout, Fault::Http429, Fault::Http500, Fault::Refuse];

fn of_word(word: &str) -> Option<Fault> {
    Fault::ALL.iter().find(|(_, known)| *known == word).map(|(fault, _)| *fault)
}

fn alike(field: &str, one: &str, other: &str) -> bool {
    use crate::record::Identity;
    let of = |text: &str| match field {
        "email" => Identity::email(text).map(|identity| identity.value),
        _ => Identity::phone(text).map(|identity| identity.value),
    };
    one == other || of(one).is_some_and(|value| of(other) == Some(value))
}
