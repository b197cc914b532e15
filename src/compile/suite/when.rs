//! What happens in a scenario, resolved.
use super::{Scene, Work, arc, steps::Does};
use crate::{
    compile::{found, found::suite as told, lower, names::Sort},
    diag::{FileId, nearest},
    document::{
        Text,
        suite::{self as doc, Data, Verb},
    },
    id::{EventKind, SequenceName, SourceName, StepName},
    plan::suite::{What, When},
    record::{Guarantee, built_in, carries_booking},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// Something that happens, and whose step it names.
type Happens = (Option<SequenceName>, What);

impl Work<'_> {
    pub(super) fn when(&mut self, when: &doc::When, scene: &Scene) -> Option<When> {
        let at = when.at.as_ref().and_then(|at| self.at(at, scene));
        let verb = when.verb.as_ref()?;
        let who = self.whom(when, verb, scene);
        let (sequence, what) = self.what(verb, &when.verb_at)?;
        Some(When { at: at?, origin: self.origin(&when.place), who, sequence, what })
    }

    fn whom(&mut self, when: &doc::When, verb: &Verb, scene: &Scene) -> Option<Arc<str>> {
        let nobodys = match verb {
            Verb::Webhook { .. } => {
                let name = when.who.as_ref()?;
                return self.who(Some(name), scene, &when.place, true);
            }
            Verb::Import(_) => "import",
            Verb::Launch(_) => "launch",
            Verb::Restart(_) => "restart",
            Verb::Deploy(_) => "deploy",
            Verb::Clock(_) => "clock",
            _ => return self.who(when.who.as_ref(), scene, &when.verb_at, true),
        };
        if let Some(name) = &when.who {
            self.sink.push(told::concerns_nobody(name, nobodys));
        }
        None
    }

    fn what(&mut self, verb: &Verb, at: &crate::diag::Place) -> Option<Happens> {
        let step = |found: Option<(SequenceName, StepName)>, make: fn(StepName) -> What| {
            found.map(|(sequence, step)| (Some(sequence), make(step)))
        };
        let what = match verb {
            Verb::Click(name) => return step(self.step(name, Does::Message, false), What::Click),
            Verb::Bounce(name) => return step(self.step(name, Does::Message, false), What::Bounce),
            Verb::Complain(name) => return step(self.step(name, Does::Message, false), What::Complain),
            Verb::Approve(name) => return step(self.step(name, Does::Written, false), What::Approve),
            Verb::Refuse(name) => return step(self.step(name, Does::Written, false), What::Refuse),
            Verb::Event { kind, data, booking } => self.event(kind, data, booking),
            Verb::Webhook { fixture, from } => self.webhook(fixture, from.as_ref(), at)?,
            Verb::Reply { text, channel } => {
                let channel = channel.as_ref().map(|channel| self.channel(channel));
                What::Reply { text: arc(text), channel }
            }
            Verb::OptOut(channel) if channel.as_str() == "all" => What::OptOut(None),
            Verb::OptOut(channel) => What::OptOut(Some(self.channel(channel))),
            Verb::Enroll(name) => What::Enroll(self.sequence(name)),
            Verb::Advance(name) => What::Advance(self.sequence(name)),
            Verb::Stop(name) => What::Stop(self.sequence(name)),
            Verb::Set(fields) => {
                self.unless(fields.is_empty(), at, "set");
                What::Set(self.contact_fields(fields, lower::KEPT))
            }
            Verb::Tag { add, remove } => {
                self.unless(add.is_empty() && remove.is_empty(), at, "tag");
                What::Tag { add: add.iter().map(arc).collect(), remove: remove.iter().map(arc).collect() }
            }
            Verb::Import(path) => {
                let bytes = self.fixture(path)?;
                let rows = self.rows(path, &bytes);
                What::Import { fixture: arc(path), rows }
            }
            Verb::Launch(name) => self.launch(name),
            Verb::Restart(yes) => {
                self.unless(!yes.value, at, "restart");
                What::Restart
            }
            Verb::Deploy(version) => self.deploy(version),
            Verb::Clock(by) => {
                let by_ = self.span(by)?;
                self.unless(by_.is_zero(), at, "clock");
                What::Clock(by_)
            }
        };
        Some((None, what))
    }

    fn unless(&mut self, nothing: bool, at: &crate::diag::Place, verb: &str) {
        if nothing {
            self.sink.push(told::nothing_happens(at, verb));
        }
    }

    fn event(&mut self, kind: &Text, data: &[(Text, Data)], booking: &[(Text, Data)]) -> What {
        let seen = self.seen;
        if self.known(Sort::Event, kind) && built_in(kind).is_some_and(|event| event.internal) {
            self.sink.push(told::made_event(kind));
        }
        let declared = seen.base.event(kind);
        let of = |name: &str| declared.and_then(|fields| fields.get(name)).map(|slot| slot.of.clone());
        let unknown = |field: &Text| {
            let fields = declared.filter(|_| !seen.names.open)?;
            Some(found::unknown_event_field(field, kind, nearest(field, fields.keys().map(|name| &**name))))
        };
        let data = self.fields(data, of, unknown);
        if let Some(event) = built_in(kind).filter(|event| !event.internal && !carries_booking(event.name)) {
            let lacks =
                |field: &&crate::record::Field| field.there == Guarantee::Always && !data.contains_key(field.name);
            let missing: Vec<&str> = event.fields.iter().filter(lacks).map(|field| field.name).collect();
            if !missing.is_empty() {
                self.sink.push(told::missing_data(kind, &missing));
            }
        }
        let booking = self.booking(kind, booking);
        What::Event { kind: EventKind::new(kind.as_str()), data, booking }
    }

    fn booking(&mut self, kind: &Text, written: &[(Text, Data)]) -> BTreeMap<Arc<str>, Value> {
        let seen = self.seen;
        if let (Some((field, _)), false) = (written.first(), carries_booking(kind)) {
            self.sink.push(told::no_booking(field, kind));
            return BTreeMap::new();
        }
        if let Some((field, _)) = written.iter().find(|(field, _)| field.as_str() == "status") {
            self.sink.push(told::status_of_booking(field));
        }
        let of = |name: &str| seen.base.booking.get(name).map(|slot| slot.of.clone());
        let unknown = |field: &Text| {
            let near = nearest(field, seen.base.booking.keys().map(|name| &**name));
            (!seen.names.open).then(|| told::unknown_booking_field(field, near))
        };
        let values = self.fields(written, of, unknown);
        if let (Some(Value::Time(start)), Some(Value::Time(end))) = (values.get("start"), values.get("end"))
            && end <= start
            && let Some((_, end)) = written.iter().find(|(field, _)| field.as_str() == "end")
        {
            let text = Text::made("end", crate::document::Style::Plain, end.place());
            self.sink.push(told::impossible_time(&text, "is not after `start`"));
        }
        values
    }

    fn webhook(&mut self, path: &Text, from: Option<&Text>, at: &crate::diag::Place) -> Option<What> {
        let bytes = self.fixture(path);
        let source = match from {
            Some(from) => self.known(Sort::Source, from).then(|| SourceName::new(from.as_str())),
            None => {
                let seen = self.seen;
                let all: Vec<&str> = seen.names.all(Sort::Source).collect();
                match all.as_slice() {
                    [one] => Some(SourceName::new(*one)),
                    _ if seen.names.open => None,
                    all => {
                        self.sink.push(told::which_source(at, all));
                        None
                    }
                }
            }
        };
        Some(What::Webhook { fixture: arc(path), bytes: bytes?, source: source? })
    }

    /// The bytes of a file below `tests/`.
    fn fixture(&mut self, path: &Text) -> Option<Arc<[u8]>> {
        let file = FileId::new(format!("tests/{}", path.as_str()));
        match self.fixtures.get(&file) {
            Some(bytes) => {
                self.used.insert(file);
                Some(bytes.clone())
            }
            None => {
                let all = self.fixtures.keys().filter_map(|file| file.as_str().strip_prefix("tests/"));
                self.sink.push(told::unknown_fixture(path, nearest(path, all)));
                None
            }
        }
    }

    fn launch(&mut self, name: &Text) -> What {
        let names = self.seen.names;
        if !names.has(Sort::Campaign, name) {
            let is_sequence = names.has(Sort::Sequence, name);
            let near = names.near(Sort::Campaign, name).filter(|_| !is_sequence);
            self.sink.push(told::no_campaign(name, is_sequence, near));
        }
        What::Launch(SequenceName::new(name.as_str()))
    }

    /// A folder among the fixtures is looked at here; whether a version is in git only git knows.
    fn deploy(&mut self, version: &Text) -> What {
        if version.starts_with("fixtures/") {
            let folder = format!("tests/{}/", version.trim_end_matches('/'));
            let inside = self.fixtures.keys().filter(|file| file.as_str().starts_with(&folder));
            let inside: Vec<FileId> = inside.cloned().collect();
            if !inside.iter().any(|file| file.as_str() == format!("{folder}dripline.yaml")) {
                self.sink.push(told::unknown_fixture(version, None));
            }
            self.used.extend(inside);
        }
        What::Deploy(arc(version))
    }
}
