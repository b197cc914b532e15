//! What happens in the demo: one invented person, the moments of her story, and the requests that providers would send.
use crate::{
    calendar::{Instant, Span, TimeOfDay, Weekday, Zone},
    inbound::{Signed, sign},
    plan::SourceProvider,
};
use serde_json::{Value as Json, json};

pub(super) const CAL_SECRET: &str = "demo-secret-of-the-calendar";
/// `whsec_` and base64 of 24 bytes that everybody may know: nothing of the demo can be reached from elsewhere.
pub(super) const EVENTS_SECRET: &str = "whsec_ZHJpcGxpbmUtZGVtby1pcy1wdWJsaWMh";

const EMAIL: &str = "ana.baptiste@example.com";
const PHONE: &str = "+18765550142";
const ZONE: &str = "America/Jamaica";

/// Days that the story takes, and a little more: it lies that far in the past, so that its end is not after today.
const DAYS: u32 = 7;

/// The moments of the story.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Moments {
    pub(super) agreed: Instant,
    pub(super) booked: Instant,
    pub(super) appointment: Instant,
    pub(super) missed: Instant,
    pub(super) repeated: Instant,
    pub(super) forged: Instant,
    pub(super) booked_again: Instant,
    pub(super) second_appointment: Instant,
    /// By then she was there, and the touches that were cancelled would have begun.
    pub(super) end: Instant,
}

/// One request, as it goes over the wire.
pub(super) struct Request {
    pub(super) path: &'static str,
    pub(super) what: &'static str,
    pub(super) headers: Signed,
    pub(super) body: Vec<u8>,
}

impl Moments {
    /// A story that begins on a Monday and is over by `now`.
    pub(super) fn before(now: Instant, zone: &Zone) -> Self {
        let latest = zone.date(now.plus_ms(-i64::from(DAYS) * 86_400_000));
        let back = latest.weekday() as i64 - Weekday::Mon as i64;
        let monday = zone.date(zone.start_of(latest).plus_ms(12 * 3_600_000 - back * 86_400_000));
        let at = |day: u32, hour: u16, minute: u16| {
            let time = TimeOfDay::new(hour, minute).unwrap_or(TimeOfDay::MIDNIGHT);
            zone.at_time(zone.start_of(monday.plus(Span::days(day))), time)
        };
        Self {
            agreed: at(0, 9, 0),
            booked: at(0, 9, 20),
            appointment: at(1, 15, 0),
            missed: at(1, 15, 40),
            repeated: at(1, 15, 41),
            forged: at(1, 15, 42),
            booked_again: at(3, 11, 5),
            second_appointment: at(5, 10, 0),
            end: at(5, 18, 0),
        }
    }

    /// She ticks a box on the website: marketing needs her consent.
    pub(super) fn agree(&self) -> Request {
        let body = json!({
            "specversion": "1.0",
            "id": "evt-1",
            "source": "https://www.example.com/botox",
            "type": "com.example.contact.opted_in",
            "subject": EMAIL,
            "time": self.agreed.to_string(),
            "datacontenttype": "application/json",
            "data": {
                "purpose": "marketing",
                "contact": {
                    "email": EMAIL, "phone": PHONE, "first_name": "Ana", "last_name": "Baptiste",
                    "zone": ZONE, "locale": "en", "procedure": "botox",
                },
            },
        });
        request("/v1/events", "contact.opted_in", SourceProvider::Events, EVENTS_SECRET, "msg_1", self.agreed, &body)
    }

    pub(super) fn book(&self) -> Request {
        let body = booking(self.booked, self.appointment, "first");
        calcom("BOOKING_CREATED", CAL_SECRET, self.booked, &body)
    }

    pub(super) fn miss(&self) -> Request {
        calcom("BOOKING_NO_SHOW_UPDATED", CAL_SECRET, self.missed, &self.mark())
    }

    /// Byte for byte the same: providers repeat themselves.
    pub(super) fn miss_again(&self) -> Request {
        calcom("the same again", CAL_SECRET, self.missed, &self.mark())
    }

    pub(super) fn forge(&self) -> Request {
        calcom("the same, from a stranger", "a secret that the stranger guessed", self.missed, &self.mark())
    }

    pub(super) fn book_again(&self) -> Request {
        let body = booking(self.booked_again, self.second_appointment, "second");
        calcom("BOOKING_CREATED", CAL_SECRET, self.booked_again, &body)
    }

    fn mark(&self) -> Json {
        json!({
            "triggerEvent": "BOOKING_NO_SHOW_UPDATED",
            "createdAt": self.missed.to_string(),
            "payload": {
                "message": format!("{EMAIL} marked as no-show"),
                "attendees": [{ "email": EMAIL, "noShow": true }],
                "bookingUid": "demo-first",
                "bookingId": 101,
            },
        })
    }
}

fn calcom(what: &'static str, secret: &str, at: Instant, body: &Json) -> Request {
    request("/hooks/cal", what, SourceProvider::Calcom, secret, "", at, body)
}

fn request(
    path: &'static str,
    what: &'static str,
    provider: SourceProvider,
    secret: &str,
    id: &str,
    at: Instant,
    body: &Json,
) -> Request {
    let body = body.to_string().into_bytes();
    let headers = sign(provider, secret, id, at, &body).unwrap_or_default();
    Request { path, what, headers, body }
}

/// What Cal.com sends when an appointment is made.
fn booking(at: Instant, start: Instant, which: &str) -> Json {
    let answer = |label: &str, value: &str| json!({ "label": label, "value": value, "isHidden": false });
    let id = if which == "first" { 101 } else { 102 };
    json!({
        "triggerEvent": "BOOKING_CREATED",
        "createdAt": at.to_string(),
        "payload": {
            "type": "consultation",
            "title": "Consultation between Dr. Grace Campbell and Ana Baptiste",
            "eventTypeId": 101,
            "startTime": start.to_string(),
            "endTime": start.plus_ms(45 * 60_000).to_string(),
            "length": 45,
            "organizer": {
                "id": 1, "name": "Dr. Grace Campbell", "email": "grace.campbell@example.com", "username": "grace",
                "timeZone": ZONE, "language": { "locale": "en" }, "timeFormat": "HH:mm", "utcOffset": -300,
            },
            "attendees": [{
                "email": EMAIL, "name": "Ana Baptiste", "firstName": "Ana", "lastName": "Baptiste",
                "timeZone": ZONE, "language": { "locale": "en" }, "utcOffset": -300,
            }],
            "responses": {
                "name": answer("your_name", "Ana Baptiste"),
                "email": answer("email_address", EMAIL),
                "attendeePhoneNumber": answer("phone_number", PHONE),
                "procedure": answer("What is it about?", "botox"),
                "notes": { "label": "additional_notes", "isHidden": false },
            },
            "location": "12 Hope Road, Kingston 10",
            "uid": format!("demo-{which}"),
            "bookingId": id,
            "iCalUID": format!("demo-{which}@example.com"),
            "iCalSequence": 0,
            "price": 0,
            "currency": "usd",
            "metadata": {},
            "status": "ACCEPTED",
        },
    })
}
