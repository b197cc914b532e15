//! The day of an example person on which a trigger without an event fires.
use super::example;
use crate::{
    calendar::{CivilDate, Instant, Span, TimeOfDay, Zone},
    engine::Kept,
    journey::Person,
    plan::{Moment, Plan, Trigger, TriggerSource},
    value::{Type, Value},
};

/// Months end on different days: so much later than meant a moment may come.
const SLACK_MS: i64 = 4 * 24 * 3_600_000;

/// Makes the person so that the trigger fires soon after `start`; until when that is. `None` where nothing can be made up.
pub(super) fn make_due(
    plan: &Plan,
    trigger: &Trigger,
    person: &mut Person,
    kept: &mut Kept,
    zone: &Zone,
    start: Instant,
) -> Option<Instant> {
    match &trigger.source {
        TriggerSource::Every { schedule, .. } => schedule.next_in(zone, start, None).map(|(_, at)| at),
        TriggerSource::Segment { .. } => Some(start),
        TriggerSource::Moment { field, before, span, at, .. } => {
            let fires = at.map_or(start, |at| soon(zone, start, at));
            let base = if *before { zone.add(fires, *span) } else { zone.sub(fires, *span) };
            match field {
                Moment::Contact(name) => {
                    let of = plan.fields.get(name).map(|decl| decl.of.clone());
                    let value = match of {
                        Some(Type::Date) => Value::Date(date_of(zone, base, at.is_some())),
                        _ => Value::Time(base),
                    };
                    person.contact.set(name, value);
                }
                Moment::Booking(name) => {
                    let early = if name.as_str() == "end" { Span::exact(3_600_000) } else { Span::ZERO };
                    let booking = example::booking_at(zone, start, zone.sub(base, early));
                    kept.bookings.insert(booking.id);
                    person.bookings.insert(booking.id, booking);
                }
                Moment::RunEntered | Moment::Event(_) => return None,
            }
            Some(fires.plus_ms(SLACK_MS))
        }
        TriggerSource::Events { .. } | TriggerSource::Campaign { .. } => None,
    }
}

/// Today at that time, or tomorrow when that is over.
fn soon(zone: &Zone, start: Instant, at: TimeOfDay) -> Instant {
    let today = zone.at_time(start, at);
    if today > start { today } else { zone.at_time(zone.add(start, Span::days(1)), at) }
}

/// The day of the field; one whose midnight is over already counts from the next.
fn date_of(zone: &Zone, base: Instant, timed: bool) -> CivilDate {
    let date = zone.date(base);
    if timed { date } else { date.plus(Span::days(1)) }
}
