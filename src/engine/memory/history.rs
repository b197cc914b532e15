//! Answers that only history gives.
use super::shelf::{Shelf, StoredSend};
use crate::{
    calendar::Instant,
    engine::{SendKind, as_value, matches},
    expr::{Ask, Word},
    id::EventKind,
    journey::{Cancel, Happening, Outcome, Phase, Sending},
    value::Value,
};
use std::sync::Arc;

impl Shelf {
    pub(super) fn answer(&self, ask: &Ask, since: Option<Instant>) -> Value {
        match ask {
            Ask::Count { event, fields, .. } => {
                let count =
                    self.such(event, fields).filter(|found| since.is_none_or(|since| found.at >= since)).count();
                Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
            }
            Ask::Last { event, fields } => {
                self.such(event, fields).map(|found| found.at).max().map_or(Value::Missing, Value::Time)
            }
            Ask::WasSent { what, .. } => Value::Bool(self.was_sent(what, since)),
            // nobody is in a segment that nothing fills
            Ask::InSegment { .. } => Value::Bool(false),
            Ask::LastEnd { sequence, booking } => {
                let ended = self.runs.values().map(|stored| &stored.run).filter_map(|run| match run.phase {
                    Phase::Ended { at, .. }
                        if run.acted && run.sequence.name == *sequence && run.booking == *booking =>
                    {
                        Some(at)
                    }
                    _ => None,
                });
                ended.max().map_or(Value::Missing, Value::Time)
            }
            Ask::LastContact => {
                let sent = self.sends.values().filter(|stored| is_contact(stored));
                sent.filter_map(|stored| stored.send.authorised_at).max().map_or(Value::Missing, Value::Time)
            }
            Ask::LastEntry { sequences } => {
                let runs = self.runs.values().filter(|stored| sequences.contains(&stored.run.sequence.name));
                runs.map(|stored| stored.run.entered).max().map_or(Value::Missing, Value::Time)
            }
            Ask::Since { event, after } => {
                let such = self.such(event, &[]).filter(|found| found.at > *after);
                let mut such: Vec<&Happening> = such.collect();
                such.sort_by_key(|found| (found.at, found.id));
                Value::List(such.into_iter().map(as_value).collect())
            }
            Ask::Done { run } => {
                // what a move cancelled was not done
                let moved = Sending::Closed(Outcome::Cancelled(Cancel::Moved));
                let done = |stored: &&StoredSend| stored.send.run == Some(*run) && stored.send.state != moved;
                let rows = self.sends.values().filter(done);
                Value::List(
                    rows.map(|stored| Value::text(format!("{}#{}", stored.send.step, stored.send.occurrence)))
                        .collect(),
                )
            }
        }
    }

    fn such<'a>(&'a self, event: &'a EventKind, fields: &'a [(Arc<str>, Word)]) -> impl Iterator<Item = &'a Happening> {
        let found = self.events.iter().map(|found| &**found);
        found.filter(move |found| found.kind == *event && matches(&found.data, fields))
    }

    /// Handed over, being sent or unknown.
    fn was_sent(&self, sequence: &str, since: Option<Instant>) -> bool {
        self.sends.values().any(|stored| {
            let send = &stored.send;
            stored.what == SendKind::Message
                && went(send)
                && send.sequence.as_ref().is_some_and(|name| name.as_str() == sequence)
                && since.is_none_or(|since| send.authorised_at.is_some_and(|at| at >= since))
        })
    }
}

fn went(send: &crate::journey::Send) -> bool {
    matches!(send.state, Sending::InFlight(_) | Sending::Closed(Outcome::Sent) | Sending::Closed(Outcome::Unknown))
}

/// A marketing or service message that went to the person.
fn is_contact(stored: &StoredSend) -> bool {
    let purpose = stored.send.purpose;
    stored.what == SendKind::Message && purpose != crate::record::Purpose::Transactional && went(&stored.send)
}
