//! What steps, exits and triggers do inside our own records: tags, scores, fields, events, tasks, notices.
use super::{Lowering, arc};
use crate::{
    compile::{found, names::Sort, scope::View},
    document::{
        Literal, Spanned, Text,
        action::{self as doc, DataValue, StopSequences},
    },
    expr::Scope,
    id::{ChannelName, FieldName, RoleName, SequenceName},
    plan::{Answer, Exit, Local, Medium, NotifySpec, ScoreChange, SetTo, TaskSpec, To},
    value::{Type, Value},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Fields that the program itself keeps.
pub(in crate::compile) const KEPT: &[(&str, &str)] = &[
    ("id", "it never changes"),
    ("tags", "use `tag: { add: … }`"),
    ("created_at", "the program keeps it"),
    ("last_inbound_at", "the program keeps it"),
    ("last_outbound_at", "the program keeps it"),
    ("next_booking_at", "the program keeps it"),
];

impl<'a> Lowering<'a> {
    /// Everything that a list of local actions says.
    pub(super) fn locals(&mut self, actions: &[Spanned<doc::Local>], view: &View<'a>) -> Exit {
        let mut exit = Exit::default();
        for action in actions {
            match &action.value {
                doc::Local::Task(task) => exit.tasks.push(self.task(task, view)),
                doc::Local::Notify(notify) => exit.notices.extend(self.notify(notify, view)),
                doc::Local::Enroll(to) => {
                    self.known(Sort::Sequence, to);
                    exit.enroll = Some(SequenceName::new(to.as_str()));
                }
                local => exit.acts.extend(self.local(local, view)),
            }
        }
        exit
    }

    /// Changes of our own records; tasks, notices and enrolments are none.
    pub(super) fn local(&mut self, local: &doc::Local, view: &View<'a>) -> Vec<Local> {
        match local {
            doc::Local::Tag(tag) => vec![Local::Tag {
                add: tag.add.iter().map(arc).collect(),
                remove: tag.remove.iter().map(arc).collect(),
            }],
            doc::Local::Score(doc::Score::Add(by)) => vec![Local::Score(ScoreChange::Add(by.value))],
            doc::Local::Score(doc::Score::Set(to)) => vec![Local::Score(ScoreChange::Set(to.value))],
            doc::Local::Set(fields) => fields.iter().filter_map(|field| self.set(field, view)).collect(),
            doc::Local::Emit(emit) => self.emit(emit, view).into_iter().collect(),
            doc::Local::StopSequences(StopSequences::All(_)) => vec![Local::StopSequences(None)],
            doc::Local::StopSequences(StopSequences::These(names)) => {
                for name in names {
                    self.known(Sort::Sequence, name);
                }
                let names = names.iter().map(|name| SequenceName::new(name.as_str())).collect();
                vec![Local::StopSequences(Some(names))]
            }
            doc::Local::Task(_) | doc::Local::Notify(_) | doc::Local::Enroll(_) => Vec::new(),
        }
    }

    fn set(&mut self, set: &doc::SetField, view: &View<'a>) -> Option<Local> {
        let name = set.field.strip_prefix("contact.").unwrap_or(&set.field);
        if let Some((_, why)) = KEPT.iter().find(|(kept, _)| *kept == name) {
            self.sink.push(found::kept_field(&set.field, why));
            return None;
        }
        let Some(slot) = self.base.contact.get(name) else {
            if !self.names.open {
                let near = crate::diag::nearest(name, self.base.contact.keys().map(|name| &**name));
                self.sink.push(found::unknown_field(&set.field, near));
            }
            return None;
        };
        let of = slot.of.clone();
        let to = match &set.to {
            doc::SetTo::Clear(_) => SetTo::Value(Value::Missing),
            doc::SetTo::Value(literal) => SetTo::Value(self.fitting(literal, &of, name)?),
            doc::SetTo::Expression(text) => SetTo::Formula(self.formula(text, Some(&of), view)?),
            doc::SetTo::Change { add, remove } => {
                let Type::List(item) = &of else {
                    self.sink.push(found::not_a_list(&set.field, &of));
                    return None;
                };
                let (item, mut lower) = (item.clone(), Vec::new());
                for literals in [add, remove] {
                    lower.push(literals.iter().filter_map(|literal| self.fitting(literal, &item, name)).collect());
                }
                let remove = lower.pop().unwrap_or_default();
                SetTo::List { add: lower.pop().unwrap_or_default(), remove }
            }
        };
        Some(Local::Set(FieldName::new(name), to))
    }

    fn emit(&mut self, emit: &doc::Emit, view: &View<'a>) -> Option<Local> {
        let name = emit.event.as_ref()?;
        let event = self.event(name);
        if crate::record::built_in(name).is_some_and(|event| event.internal) {
            self.sink.push(found::internal_event(name));
            return None;
        }
        let declared = self.base.event(name).cloned();
        let mut data: BTreeMap<Arc<str>, SetTo> = BTreeMap::new();
        for (field, value) in &emit.data {
            let slot = declared.as_ref().and_then(|fields| fields.get(field.as_str()));
            if let (Some(fields), None, false) = (&declared, slot, self.names.open) {
                let near = crate::diag::nearest(field, fields.keys().map(|name| &**name));
                self.sink.push(found::unknown_event_field(field, name, near));
                continue;
            }
            let of = slot.map_or(Type::Any, |slot| slot.of.clone());
            if let Some(to) = self.data(field, value, &of, view) {
                data.insert(arc(field), to);
            }
        }
        Some(Local::Emit { event, data })
    }

    fn data(&mut self, field: &Text, value: &DataValue, of: &Type, view: &View<'a>) -> Option<SetTo> {
        match value {
            DataValue::Expression(text) => self.formula(text, Some(of), view).map(SetTo::Formula),
            DataValue::Value(Literal::Text(text)) if ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)) => {
                self.filled(field, text, of, view).map(SetTo::Formula)
            }
            DataValue::Value(literal) => self.fitting(literal, of, field).map(SetTo::Value),
        }
    }

    pub(super) fn task(&mut self, task: &doc::Task, view: &View<'a>) -> TaskSpec {
        let to = task.assign.as_ref().and_then(|assign| self.recipient(assign, view));
        if let (Some(assign), Some(To::Contact)) = (&task.assign, to) {
            self.sink.push(found::task_for_contact(assign));
        }
        let due = match &task.due {
            None => None,
            Some(doc::Due::After(span)) => self.span(span).map(Answer::In),
            Some(doc::Due::Expression(text)) => self.moment_formula(text, view).map(Answer::Formula),
        };
        TaskSpec {
            title: task.title.as_ref().map_or_else(|| Arc::from(""), |title| self.markup(title, view)),
            notes: task.notes.as_ref().map(|notes| self.markup(notes, view)),
            assign: task.assign.as_ref().map(arc),
            due,
        }
    }

    /// An expression whose value is a time or a date.
    fn moment_formula(&mut self, text: &Text, view: &View<'a>) -> Option<crate::expr::Formula> {
        let formula = self.formula(text, None, view)?;
        if matches!(formula.gives(), Type::Time | Type::Date | Type::Any) {
            return Some(formula);
        }
        self.sink.push(found::no_moment(text, formula.gives()));
        None
    }

    pub(super) fn notify(&mut self, notify: &doc::Notify, view: &View<'a>) -> Option<NotifySpec> {
        let text = notify.text.as_ref().map(|text| self.markup(text, view));
        match &notify.via {
            Some(via) => {
                self.known(Sort::Channel, via);
            }
            None if !self.names.has(Sort::Channel, "email") && !self.names.open => {
                self.sink.push(found::notice_without_mail(&notify.place));
            }
            None => {
                self.used.insert((Sort::Channel, "email".to_owned()));
            }
        }
        let to = self.recipient(notify.to.as_ref()?, view)?;
        if to == To::Contact {
            self.sink.push(found::notice_to_contact(notify.to.as_ref()?));
            return None;
        }
        let via = notify.via.as_ref().map_or("email", |via| via.as_str());
        if let Some(text) = &notify.to {
            self.reached(text, &to, &[ChannelName::new(via)].into());
        }
        Some(NotifySpec { to, text: text?, via: notify.via.as_ref().map(|via| ChannelName::new(via.as_str())) })
    }

    /// Whether somebody has an address on one of the channels.
    pub(super) fn reached(&mut self, text: &Text, to: &To, channels: &BTreeSet<ChannelName>) {
        let medium = |channel: &ChannelName| Medium::of(channel.as_str());
        let has = |channel: &ChannelName| match to {
            To::Role(role) => self.roles.get(role).is_none_or(|role| role.addresses.contains_key(channel)),
            To::Address(address) if address.contains('@') => medium(channel) == Medium::Email,
            To::Address(_) => matches!(medium(channel), Medium::Sms | Medium::Whatsapp),
            To::Contact | To::BookingHost => true,
        };
        if !channels.is_empty() && !self.names.open && !channels.iter().any(has) {
            let names: Vec<&str> = channels.iter().map(ChannelName::as_str).collect();
            self.sink.push(found::unreached(text, &names));
        }
    }

    /// `contact`, `booking.host`, `role:front_desk` or an address.
    pub(super) fn recipient(&mut self, to: &Text, view: &View<'a>) -> Option<To> {
        match to.as_str() {
            "contact" => Some(To::Contact),
            "booking.host" => {
                if view.resolve(&["booking", "host"]).is_ok() {
                    return Some(To::BookingHost);
                }
                self.sink.push(found::no_booking_here(to, "booking.host"));
                None
            }
            text => match text.strip_prefix("role:") {
                Some(role) => {
                    let name = to.within("role:".len());
                    self.known(Sort::Role, &name).then(|| To::Role(RoleName::new(role)))
                }
                None if is_address(text) => Some(To::Address(Arc::from(text))),
                None => {
                    let roles: Vec<String> = self.names.all(Sort::Role).map(|role| format!("role:{role}")).collect();
                    let known = ["contact", "booking.host"].into_iter().chain(roles.iter().map(String::as_str));
                    let near = crate::diag::nearest(text, known).map(str::to_owned);
                    let role = self.names.has(Sort::Role, text).then(|| format!("role:{text}"));
                    self.sink.push(found::no_recipient(to, role.or(near).as_deref()));
                    None
                }
            },
        }
    }
}

fn is_address(text: &str) -> bool {
    let mail = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let phone =
        text.strip_prefix('+').is_some_and(|digits| digits.len() >= 7 && digits.bytes().all(|b| b.is_ascii_digit()));
    (mail && !text.contains(char::is_whitespace)) || phone
}
