//! Changes in our own records: tags, score, fields, events of the project, ends of other sequences.
use super::{
    Action, End, Happening, StopReason,
    draft::{Draft, View},
};
use crate::{
    calendar::Instant,
    id::{FieldName, RunId},
    plan::{Local, ScoreChange, SetTo},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

impl Draft<'_> {
    /// Does local actions in order. `event` is what a trigger judges; for a step or an exit the run's own is used.
    pub(super) fn do_local(&mut self, acts: &[Local], run: Option<RunId>, event: Option<&Happening>) {
        match run.and_then(|run| self.maker_of(run)) {
            Some(maker) => self.as_maker(maker, |draft| draft.do_each(acts, run, event)),
            None => self.do_each(acts, run, event),
        }
    }

    fn do_each(&mut self, acts: &[Local], run: Option<RunId>, event: Option<&Happening>) {
        let mut changed: Vec<FieldName> = Vec::new();
        for act in acts {
            match act {
                Local::Tag { add, remove } => {
                    let tags = &mut self.person.contact.tags;
                    let before = tags.clone();
                    tags.extend(add.iter().cloned());
                    tags.retain(|tag| !remove.contains(tag));
                    if *tags != before {
                        changed.push(FieldName::new("tags"));
                    }
                }
                Local::Score(change) => {
                    let score = &mut self.person.contact.score;
                    let new = match change {
                        ScoreChange::Add(points) => score.saturating_add(*points),
                        ScoreChange::Set(points) => *points,
                    };
                    if std::mem::replace(score, new) != new {
                        changed.push(FieldName::new("score"));
                    }
                }
                Local::Set(field, to) => {
                    let value = self.value_of(field, to, run, event);
                    if self.person.contact.set(field, value) {
                        changed.push(field.clone());
                    }
                }
                Local::Emit { event: kind, data } => {
                    let data: BTreeMap<Arc<str>, Value> = data
                        .iter()
                        .map(|(name, to)| (name.clone(), self.value_of(&FieldName::new(name), to, run, event)))
                        .collect();
                    let booking = event.and_then(|event| event.booking).or(run.and_then(|run| self.run(run)?.booking));
                    self.emit(kind.as_str(), data, booking, run);
                }
                Local::StopSequences(names) => {
                    let end = End::Stopped(StopReason::Rule(Arc::from("stop_sequences")));
                    self.end_runs(&end, |candidate| {
                        Some(candidate.id) != run
                            && names.as_ref().is_none_or(|names| names.contains(&candidate.sequence.name))
                    });
                }
            }
        }
        self.contact_changed(changed);
    }

    /// Says that fields changed, to the store and to triggers.
    pub(super) fn contact_changed(&mut self, changed: Vec<FieldName>) {
        if changed.is_empty() {
            return;
        }
        self.act(Action::ContactChanged(changed.clone()));
        self.fields_changed(&changed);
    }

    /// Fields changed: triggers hear of it, and what hangs on them is computed anew.
    pub(super) fn fields_changed(&mut self, changed: &[FieldName]) {
        let names = Value::List(changed.iter().map(|name| Value::text(name.as_str())).collect());
        self.emit("contact.updated", BTreeMap::from([(Arc::from("fields"), names)]), None, None);
        self.addresses_changed(changed);
        self.retime(changed);
    }

    fn value_of(&mut self, field: &FieldName, to: &SetTo, run: Option<RunId>, event: Option<&Happening>) -> Value {
        match to {
            SetTo::Value(value) => value.clone(),
            SetTo::Formula(formula) => {
                let view = match (event, run) {
                    (Some(event), _) => View::Event(event),
                    (None, Some(run)) => View::Run(run),
                    (None, None) => View::Person,
                };
                self.value(formula, view)
            }
            SetTo::List { add, remove } => SetTo::listed(self.person.contact.field(field.as_str()), add, remove),
        }
    }

    /// Keeps `next_booking_at` and `last_visit_at` in step with the bookings.
    pub(super) fn refresh_visits(&mut self) {
        use crate::record::BookingStatus::{Accepted, Ended};
        let now = self.now;
        let starts = |want: &dyn Fn(&crate::record::Booking) -> bool| -> Vec<Instant> {
            self.person.bookings.values().filter(|booking| want(booking)).filter_map(|booking| booking.start).collect()
        };
        let next = starts(&|booking| booking.status() == Accepted).into_iter().filter(|start| *start > now).min();
        let visited = starts(&|booking| booking.status() == Ended).into_iter().max();
        let contact = &mut self.person.contact;
        let mut changed = Vec::new();
        if contact.next_booking_at != next {
            contact.next_booking_at = next;
            changed.push(FieldName::new("next_booking_at"));
        }
        if visited.is_some() && visited > contact.last_visit_at {
            contact.last_visit_at = visited;
            changed.push(FieldName::new("last_visit_at"));
        }
        self.contact_changed(changed);
    }
}
