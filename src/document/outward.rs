//! What asks other programs or carries something of theirs, as written.
use super::{
    action::{MESSAGE_VALUE, Message},
    fields::Fields,
    leaf::{ID, PATH},
    shape::{Key, Leaf, Shape, Type, choices},
    step::WRITES,
    text::Text,
};

choices! {
    /// Files that go along with an e-mail.
    Attach {
        Ics "ics" "The appointment as a calendar file: an invitation, and a cancellation when the appointment is off. It names the practice and nothing of what the appointment is about.",
    }
}

const ATTACHMENT: Type = Type::Leaf(Leaf::Choice(Attach::CHOICES));

pub(super) const ATTACH: Key = Key::new(
    "attach",
    Type::List(&ATTACHMENT),
    "Files that go along with the e-mail; on other channels the message goes without them.",
    "[ics]",
)
.with(WRITES);

/// A time with somebody, as it is offered.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Appointment {
    pub(crate) kind: Option<Text>,
    pub(crate) host: Option<Text>,
    /// `first`, or a time in the answer of a look-up.
    pub(crate) slot: Option<Text>,
    /// What goes out where nothing can be booked.
    pub(crate) message: Option<Message>,
}

static OFFERED: Shape = Shape::new(
    "an appointment",
    "A time with somebody. This version books nothing in the calendar: it sends the message, and its link is where people book.",
    &[
        Key::new("kind", Type::form(&ID), "The kind of appointment, as the source's `kinds` name it.", "intro")
            .required(),
        Key::new(
            "host",
            Type::TEXT,
            "Who it is with: booking.host, another field, or a name; whoever is free unless said.",
            "booking.host",
        ),
        Key::new(
            "slot",
            Type::form(&PATH),
            "Which time: `first`, the next free one, or a time in the answer of a look-up of this step; first unless said.",
            "slot.start",
        ),
        Key::new(
            "message",
            MESSAGE_VALUE,
            "The template or text that goes out. It holds `{{ booking_link }}`, where people book.",
            "intro/offer",
        )
        .required(),
    ],
);

pub(super) const APPOINTMENT: Key = Key::new(
    "appointment",
    Type::Object(&OFFERED),
    "Offers a time with somebody. This version books nothing in the calendar: it sends the message with the link where people book.",
    "{ kind: intro, host: booking.host, slot: first, message: intro/offer }",
);

pub(super) fn appointment(fields: &Fields<'_>) -> Option<Appointment> {
    let offered = fields.object("appointment")?;
    Some(Appointment {
        kind: offered.text("kind"),
        host: offered.text("host"),
        slot: offered.text("slot"),
        message: offered.node("message").and_then(Message::read),
    })
}
