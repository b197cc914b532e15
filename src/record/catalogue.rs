//! The catalogue of built-in events and the data each of them carries.
use super::BuiltInType as T;

/// Is a field of an event always there?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Guarantee {
    Always,
    Maybe,
}

/// One field of an event's data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) of: T,
    pub(crate) there: Guarantee,
}

/// One built-in event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BuiltIn {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) fields: &'static [Field],
    /// Made only by the engine: the events API refuses it.
    pub(crate) internal: bool,
}

const fn always(name: &'static str, of: T) -> Field {
    Field { name, of, there: Guarantee::Always }
}
const fn maybe(name: &'static str, of: T) -> Field {
    Field { name, of, there: Guarantee::Maybe }
}
const fn event(name: &'static str, summary: &'static str, fields: &'static [Field]) -> BuiltIn {
    BuiltIn { name, summary, fields, internal: false }
}
const fn own(name: &'static str, summary: &'static str, fields: &'static [Field]) -> BuiltIn {
    BuiltIn { name, summary, fields, internal: true }
}

const OF_SEQUENCE: &[Field] = &[always("sequence", T::Text), always("category", T::Text), maybe("group", T::Text)];
const CONVERTED: &[Field] =
    &[always("sequence", T::Text), always("category", T::Text), maybe("group", T::Text), maybe("value", T::Any)];
const STOPPED: &[Field] =
    &[always("sequence", T::Text), always("category", T::Text), maybe("group", T::Text), always("reason", T::Text)];
const SENT: &[Field] = &[
    always("channel", T::Text),
    always("purpose", T::Text),
    always("by", T::Text),
    maybe("sequence", T::Text),
    maybe("step", T::Text),
];
const OF_MESSAGE: &[Field] = &[always("channel", T::Text), maybe("sequence", T::Text), maybe("step", T::Text)];
const CLICKED: &[Field] =
    &[always("channel", T::Text), always("link", T::Text), maybe("sequence", T::Text), maybe("step", T::Text)];
const FORM: &[Field] = &[always("form", T::Text), always("answers", T::Any)];

/// Every built-in event, in the order the reference prints them.
pub(crate) const EVENTS: &[BuiltIn] = &[
    own("contact.created", "A person became known.", &[]),
    own("contact.updated", "Fields of a person changed.", &[always("fields", T::Texts)]),
    own("contact.merged", "Two records turned out to be one person.", &[]),
    event(
        "contact.opted_out",
        "Somebody wants no more messages.",
        &[maybe("channel", T::Text), maybe("purpose", T::Text)],
    ),
    event(
        "contact.opted_in",
        "Somebody agreed to get messages.",
        &[maybe("channel", T::Text), maybe("purpose", T::Text)],
    ),
    event(
        "message.received",
        "The person wrote to us.",
        &[
            always("channel", T::Text),
            always("text", T::Text),
            maybe("intent", T::Text),
            maybe("sequence", T::Text),
            maybe("step", T::Text),
        ],
    ),
    event("message.sent", "A message was handed to its provider.", SENT),
    event("message.delivered", "The provider delivered a message.", OF_MESSAGE),
    event("message.read", "The person read a message.", OF_MESSAGE),
    event("message.failed", "A message could not be sent.", &[always("channel", T::Text), always("reason", T::Text)]),
    event(
        "message.bounced",
        "A message came back. With the class `hard`, `permanent` or `5.1…` its address gets no more on that channel.",
        &[always("channel", T::Text), always("class", T::Text)],
    ),
    event("message.complained", "A message was marked as spam.", &[always("channel", T::Text)]),
    event("message.clicked", "A link in a message was opened.", CLICKED),
    event(
        "contact.intent",
        "What a message of the person is about.",
        &[always("intent", T::Text), maybe("confidence", T::Number), maybe("text", T::Text), maybe("channel", T::Text)],
    ),
    event(
        "lead.created",
        "Somebody left their details.",
        &[maybe("funnel", T::Text), maybe("source", T::Text), maybe("campaign", T::Text)],
    ),
    event("lead.status_changed", "A lead moved on.", &[maybe("from", T::Text), always("to", T::Text)]),
    event("booking.requested", "An appointment was asked for and waits for the host.", &[]),
    event("booking.created", "An appointment was made.", &[]),
    event(
        "booking.rescheduled",
        "An appointment was moved.",
        &[always("previous_uid", T::Text), maybe("previous_start", T::Time), maybe("by", T::Text)],
    ),
    event(
        "booking.cancelled",
        "An appointment was cancelled.",
        &[maybe("by", T::Text), maybe("reason", T::Text), always("reschedule_requested", T::Bool)],
    ),
    event("booking.rejected", "The host refused an appointment.", &[maybe("reason", T::Text)]),
    event("booking.payment_initiated", "A payment began and is not finished.", &[]),
    event("booking.paid", "An appointment was paid.", &[]),
    event("booking.no_show", "The person did not come, or the mark was taken back.", &[always("no_show", T::Bool)]),
    event("booking.host_no_show", "The host did not come.", &[]),
    event("booking.started", "An appointment began: at its time, or when a provider tells it before.", &[]),
    event("booking.ended", "An appointment was over: at its time, or when a provider tells it before.", &[]),
    event("form.submitted", "A form was filled in.", FORM),
    event("form.abandoned", "A form was filled in and no appointment followed.", FORM),
    event("task.done", "Somebody finished a task.", &[always("task", T::Text), maybe("result", T::Text)]),
    event("offer.redeemed", "An offer was used.", &[always("code", T::Text), maybe("value", T::Money)]),
    own("sequence.entered", "A person entered a sequence.", OF_SEQUENCE),
    own("sequence.completed", "A person went through a whole sequence.", OF_SEQUENCE),
    own("sequence.converted", "A person reached a sequence's goal.", CONVERTED),
    own("sequence.stopped", "A person left a sequence before its end.", STOPPED),
    own("campaign.launched", "A campaign began.", &[]),
    own("campaign.ended", "A campaign is over.", &[]),
    own("approval.granted", "A text was approved.", &[]),
    own("approval.refused", "A text was refused.", &[]),
];

pub(crate) fn built_in(name: &str) -> Option<&'static BuiltIn> {
    EVENTS.iter().find(|event| event.name == name)
}

impl BuiltIn {
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// Built-in events of bookings carry the booking; an event of the project's own does not, whatever its name.
pub(crate) fn carries_booking(name: &str) -> bool {
    name.starts_with("booking.") && built_in(name).is_some()
}
