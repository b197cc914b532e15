//! What other programs are told and given: the bytes of a call, the appointment as a calendar file.
use super::prepare::render;
use crate::{
    content::{Attachment, Invitation, Message, Reader, Templates, Values},
    expr::Facts,
    journey::{Fail, Person, RunFacts, Send},
    plan::{BodyPart, Secret, WebhookSpec},
    record::{ICAL_SEQUENCE, ICAL_UID},
    value::Value,
};
use serde_json::{Map, Value as Json, json};

/// Names the secret that signs a call. It is looked up where the call is made, and stands in no database.
pub(crate) const SIGNED_WITH: &str = "Signed-With";

/// `{type, timestamp, data}`, written once: every attempt has the same bytes.
pub(super) fn call(
    templates: &Templates,
    spec: &WebhookSpec,
    reader: &Reader,
    values: &Values,
    facts: &RunFacts<'_>,
) -> Result<Message, Fail> {
    let mut data = Map::new();
    for (name, part) in &spec.body {
        let told = match part {
            BodyPart::Text(text) => Json::String(templates.line(text, reader, values).map_err(|fault| render(&fault))?),
            BodyPart::Value(value) => value.to_json(),
            // what only the history knows was not loaded for texts
            BodyPart::Formula(formula) => formula.eval(facts).unwrap_or_default().to_json(),
        };
        data.insert(name.to_string(), told);
    }
    let body = json!({ "type": &*spec.kind, "timestamp": facts.now().to_string(), "data": data });
    Ok(Message {
        subject: Some(spec.kind.to_string()),
        text: body.to_string(),
        headers: [(SIGNED_WITH.to_owned(), name_of(&spec.secret))].into(),
        ..Message::default()
    })
}

/// What a secret is called.
pub(crate) fn name_of(secret: &Secret) -> String {
    match secret {
        Secret::Variable(name) => name.to_string(),
        Secret::File(path) => format!("file:{path}"),
    }
}

/// The run's appointment as a calendar file; none when it has no time yet. What it is about is nobody's business who looks
/// over a shoulder.
pub(super) fn appointment(person: &Person, send: &Send, facts: &RunFacts<'_>, locale: &str) -> Option<Attachment> {
    let booking = facts.booking()?;
    let clinic = facts.clinic();
    let own = format!("{}@dripline", booking.uids.first()?);
    let uid = booking.fields.get(ICAL_UID).and_then(Value::as_text).unwrap_or(&own);
    let known = match booking.fields.get(ICAL_SEQUENCE) {
        Some(Value::Int(known)) => u64::try_from(*known).unwrap_or(0),
        _ => 0,
    };
    let cancelled = booking.is_gone();
    let summary = match locale.split(['-', '_']).next() {
        Some("de") => format!("Termin: {}", clinic.name),
        Some("en") => format!("Appointment: {}", clinic.name),
        _ => clinic.name.to_string(),
    };
    let sender =
        clinic.from.as_deref().and_then(|from| from.rsplit_once('<')).map(|(_, rest)| rest.trim_end_matches('>'));
    let attendee = person.contact.email.as_deref().or(send.address.as_deref()).unwrap_or_default();
    let host = booking.host.email.as_deref().or(sender).unwrap_or(attendee);
    let host_name = booking.host.name.as_deref().unwrap_or(&clinic.name);
    let name = person.contact.field("name");
    // providers write what kind of place it is where they have no address
    let location = booking.location.as_deref().filter(|place| !place.starts_with("integrations:"));
    let invitation = Invitation {
        uid,
        sequence: known.max(u64::from(booking.generation)) + u64::from(cancelled),
        cancelled,
        written: facts.now(),
        start: booking.start?,
        end: booking.end,
        summary: &summary,
        location: location.or(clinic.address.as_deref()),
        url: booking.video_url.as_deref(),
        organizer: (host_name, host),
        attendee: (name.as_text().unwrap_or(attendee), attendee),
    };
    Some(invitation.attachment())
}
