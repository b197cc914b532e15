//! A step as written. Knows no template, channel or sequence by name.
use super::{
    action::{self, Local, MESSAGE_VALUE, Message, Purpose},
    fields::Fields,
    flow::{self, Branch, Split, WaitFor},
    leaf::{DURATION, ID, MOMENT, NAME, TIME},
    shape::{Group, Key, Leaf, Named, Shape, Type, What, choices},
    text::{Spanned, Text},
    tree::{Map, Node},
};
use crate::diag::Place;

choices! {
    /// What happens to a step that is late.
    LateThen {
        Skip "skip" "The step is left out; the person goes on.",
        NextWindow "next_window" "The step waits for the next time its window opens.",
        Stop "stop" "The run ends.",
    }
}
choices! {
    OnUnknown {
        Hold "hold" "Waits for a person to decide when nobody knows whether the message went out.",
        Resend "resend" "Sends again, at the risk of sending twice.",
    }
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Step {
    /// The id, else the first key.
    pub(crate) place: Place,
    pub(crate) id: Option<Text>,
    pub(crate) title: Option<Text>,
    pub(crate) active: Option<Spanned<bool>>,
    pub(crate) timing: Timing,
    pub(crate) if_: Option<Text>,
    pub(crate) window: Option<Text>,
    pub(crate) purpose: Option<Spanned<Purpose>>,
    pub(crate) late: Option<Late>,
    pub(crate) once: Option<Spanned<bool>>,
    pub(crate) retries: Option<Retries>,
    pub(crate) on_unknown: Option<Spanned<OnUnknown>>,
    /// With the place of its key; a step without one only waits.
    pub(crate) action: Option<Spanned<Action>>,
    pub(crate) to: Option<Text>,
    pub(crate) via: Vec<Text>,
    pub(crate) reply_to: Option<Text>,
    pub(crate) whatsapp_template: Option<WhatsappTemplate>,
    pub(crate) attach: Vec<Spanned<super::outward::Attach>>,
    pub(crate) track: Option<Spanned<bool>>,
    /// Beside its message, which is the action.
    pub(crate) appointment: Option<super::outward::Appointment>,
    /// Alias and look-up.
    pub(crate) with: Vec<(Text, Text)>,
}

/// The time keys as written; the check leaves at most one of `wait day before after`.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Timing {
    pub(crate) wait: Option<Text>,
    pub(crate) day: Option<Spanned<i64>>,
    pub(crate) before: Option<Bound>,
    pub(crate) after: Option<Bound>,
    pub(crate) at: Option<Text>,
    /// Place of the time key (`wait`, `day`, `before` or `after`).
    pub(crate) key: Option<Place>,
}

/// `before: { booking.start: 24h }`
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Bound {
    pub(crate) moment: Text,
    pub(crate) by: Text,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Late {
    pub(crate) place: Place,
    pub(crate) up_to: Option<LateUpTo>,
    pub(crate) then: Option<Spanned<LateThen>>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum LateUpTo {
    For(Text),
    Moment(Text),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Retries {
    pub(crate) place: Place,
    pub(crate) max: Option<Spanned<i64>>,
    pub(crate) delay: Option<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct WhatsappTemplate {
    pub(crate) place: Place,
    pub(crate) name: Option<Text>,
    pub(crate) language: Option<Text>,
    pub(crate) params: Vec<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Action {
    /// `channel` is the key that was written (`email`, `sms`, …); none for `send`.
    Message {
        channel: Option<Text>,
        message: Message,
    },
    Local(Local),
    Webhook(super::webhook::Webhook),
    Enroll(Text),
    Stop(Text),
    Branch(Branch),
    Split(Split),
    WaitFor(WaitFor),
    /// A part of the language that this version cannot run; it was reported.
    Unsupported,
}

// ---- descriptions ----

/// What a step can do.
pub(crate) const ACTIONS: &[&str] = &[
    "send",
    "email",
    "sms",
    "whatsapp",
    "instagram",
    "letter",
    "task",
    "score",
    "tag",
    "set",
    "appointment",
    "notify",
    "webhook",
    "emit",
    "enroll",
    "branch",
    "split",
    "wait_for",
    "stop",
];
/// Those that write to somebody.
pub(crate) const MESSAGES: &[&str] = &["send", "email", "sms", "whatsapp", "instagram", "letter"];
/// What goes out as a message.
pub(super) const WRITES: &[&str] = &["send", "email", "sms", "whatsapp", "instagram", "letter", "appointment"];
const OWN_CHANNEL: &[&str] = &["email", "sms", "whatsapp", "instagram", "letter"];

const TEXTS: Type = Type::MARKUP;
const CHANNELS: Type = Type::form(&NAME);
static BOUND: Named = Named { key: &MOMENT, value: Type::form(&DURATION), single: true };
static LATE_UP_TO: super::leaf::Form = super::leaf::Form {
    wants: "a duration such as 2h, or a moment such as booking.start",
    pattern: "^(([0-9]+ ?(s|m|h|d|w|mo|seconds?|minutes?|hours?|days?|weeks?|months?) ?)+|(contact|booking|event|run)\\.[a-z_][a-z0-9_]*(\\.[a-z_][a-z0-9_]*)*)$",
    reads: |text| (DURATION.reads)(text) || (MOMENT.reads)(text),
    kind: super::leaf::FormKind::Duration,
};
static LATE: Shape = Shape::new(
    "a lateness rule",
    "How late the step may be, and what happens then.",
    &[
        Key::new(
            "up_to",
            Type::form(&LATE_UP_TO),
            "How late the step may still happen: a duration, or a moment.",
            "2h",
        )
        .required(),
        Key::new(
            "then",
            Type::Leaf(Leaf::Choice(LateThen::CHOICES)),
            "What happens when it is later; skip unless said.",
            "skip",
        ),
    ],
);
pub(crate) const LATE_VALUE: Type = Type::Or(&[Type::form(&DURATION), Type::Object(&LATE)]);
static RETRIES: Shape = Shape::new(
    "retries",
    "How often and how soon a failed step is tried again.",
    &[
        Key::new("max", Type::integer(0, 20), "How often to try again; 3 unless said.", "3"),
        Key::new("delay", Type::form(&DURATION), "How long to wait before trying again; 5m unless said.", "15m"),
    ],
);
pub(crate) const RETRIES_VALUE: Type = Type::Object(&RETRIES);
pub(super) static WHATSAPP_TEMPLATE: Shape = Shape::new(
    "a WhatsApp template",
    "The approved template that is used when the person has not written within 24 hours.",
    &[
        Key::new("name", Type::TEXT, "Its name at WhatsApp.", "no_show_new_time").required(),
        Key::new("language", Type::form(&super::leaf::LOCALE), "Its language; the person's unless said.", "en"),
        Key::new(
            "params",
            Type::ListOrNone(&TEXTS),
            "Texts for its placeholders, in order.",
            "[\"{{ contact.first_name | default('there') }}\"]",
        ),
    ],
);

pub(super) const TRACK: Key = Key::new(
    "track",
    Type::BOOL,
    "Counts which links of a message to the person are opened: they lead over this daemon, and the first opening of each is \
     `message.clicked`. Mail scanners open links too and cannot always be told apart. Ways out and letters stay as they are.",
    "true",
)
.with(WRITES);

macro_rules! message_key {
    ($name:literal, $about:literal) => {
        Key::new($name, MESSAGE_VALUE, $about, "no_show/sorry")
    };
}

pub(crate) static STEP: Shape = Shape::new(
    "a step",
    "One thing that happens at one time. People stand at steps by their ids.",
    &[
        Key::new(
            "id",
            Type::form(&ID),
            "Name of the step in this sequence. People's positions hang on it, so it stays when texts change.",
            "sorry_we_missed_you",
        )
        .required(),
        Key::new("title", Type::TEXT, "A name for people.", "Sorry we missed you"),
        Key::new("active", Type::BOOL, "false leaves the step out without removing it.", "false"),
        Key::new(
            "wait",
            Type::form(&DURATION),
            "How long after the step above (the first step: after entry) this one is due.",
            "3d",
        ),
        Key::new(
            "day",
            Type::integer(0, 3650),
            "Calendar day after entry in the person's zone: 0 is the day of entry, 1 is tomorrow.",
            "4",
        ),
        Key::new(
            "before",
            Type::Map(&BOUND),
            "How long before a moment the step is due. It moves when the moment moves.",
            "{ booking.start: 24h }",
        ),
        Key::new(
            "after",
            Type::Map(&BOUND),
            "How long after a moment the step is due. It moves when the moment moves.",
            "{ booking.end: 10m }",
        ),
        Key::new("at", AT, "Time of day, with day, or with wait, before and after in whole days.", "\"10:00\"")
            .with(&["day", "wait", "before", "after"]),
        Key::new(
            "if",
            Type::EXPRESSION,
            "The step happens only when this holds; otherwise it is skipped and the reason is kept.",
            "contact.phone is defined",
        ),
        Key::new(
            "window",
            Type::form(&ID),
            "Hours in which messages of this step may go out; a name under policies.windows.",
            "daytime",
        ),
        Key::new(
            "purpose",
            Type::Leaf(Leaf::Choice(Purpose::CHOICES)),
            "Why people are written to; that of the sequence unless said.",
            "service",
        ),
        Key::new("late", LATE_VALUE, "How late the step may still happen.", "2h"),
        Key::new("once", Type::BOOL, "true: never again after a reschedule when it was sent for the old time.", "true"),
        Key::new(
            "retries",
            RETRIES_VALUE,
            "How often and how soon a failed step is tried again.",
            "{ max: 3, delay: 15m }",
        ),
        Key::new(
            "on_unknown",
            Type::Leaf(Leaf::Choice(OnUnknown::CHOICES)),
            "What to do when nobody knows whether the message went out.",
            "hold",
        )
        .with(WRITES),
        message_key!(
            "send",
            "Sends a template or text on the channel given by via, else on the person's preferred one."
        ),
        message_key!("email", "Sends a template or text by e-mail."),
        message_key!("sms", "Sends a template or text by SMS."),
        message_key!("whatsapp", "Sends a template or text on WhatsApp."),
        message_key!("instagram", "Sends a template or text on Instagram."),
        message_key!("letter", "Sends a template or text as a letter."),
        action::TASK_KEY,
        action::SCORE_KEY,
        action::TAG_KEY,
        action::SET_KEY,
        action::NOTIFY_KEY,
        action::EMIT_KEY,
        Key::new("enroll", Type::form(&ID), "Puts the person into another sequence as well.", "monthly_drip"),
        Key::new("stop", Type::TEXT, "Ends the run, with this reason.", "not_interested"),
        Key::new(
            "to",
            Type::TEXT,
            "Whom the message goes to: contact, booking.host, role:front_desk or an address.",
            "booking.host",
        )
        .with(WRITES),
        Key::new(
            "via",
            Type::Or(&[Type::form(&NAME), Type::List(&CHANNELS)]),
            "Channels in order of preference: reply, preferred, or names of channels.",
            "[reply, preferred, email]",
        )
        .with(&["send", "appointment"]),
        Key::new("reply_to", Type::MARKUP, "Where answers to the e-mail go.", "hello@example.com").with(WRITES),
        Key::new(
            "whatsapp_template",
            Type::Object(&WHATSAPP_TEMPLATE),
            "The approved template for people who have not written within 24 hours.",
            "{ name: no_show_new_time }",
        )
        .with(&["send", "whatsapp", "appointment"]),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
        super::outward::APPOINTMENT,
        super::webhook::KEY,
        flow::branch_key(),
        flow::split_key(),
        flow::wait_for_key(),
        flow::then_key(),
        flow::otherwise_key(),
        super::lookup::WITH_KEY,
        super::outward::ATTACH,
        TRACK,
    ],
)
.groups(&[
    Group { keys: ACTIONS, what: What::Action, needed: false },
    Group { keys: &["wait", "day", "before", "after"], what: What::Time, needed: false },
]);

static LEARNED: Shape = Shape::new(
    "a learned time",
    "The person's best hour.",
    &[Key::new("learned_or", Type::form(&TIME), "Used until the person's best hour is known.", "\"10:00\"").required()],
);
const AT: Type = Type::Or(&[Type::form(&TIME), Type::Object(&LEARNED)]);

// ---- reading ----

impl Step {
    pub(crate) fn read(map: &Map, head: &Place) -> Self {
        let fields = Fields::new(map, &STEP);
        let id = fields.text("id");
        Self {
            place: id.as_ref().map_or_else(|| head.clone(), |id| id.place.clone()),
            id,
            title: fields.text("title"),
            active: fields.bool("active"),
            timing: Timing::read(&fields),
            if_: fields.text("if"),
            window: fields.text("window"),
            purpose: fields.choice("purpose", Purpose::of),
            late: Late::read(&fields),
            once: fields.bool("once"),
            retries: Retries::read(&fields),
            on_unknown: fields.choice("on_unknown", OnUnknown::of),
            action: action(&fields),
            to: fields.text("to"),
            via: fields.texts("via"),
            reply_to: fields.text("reply_to"),
            whatsapp_template: whatsapp_template(&fields),
            with: fields.named_texts("with"),
            attach: fields.choices("attach", super::outward::Attach::of),
            track: fields.bool("track"),
            appointment: super::outward::appointment(&fields),
        }
    }
}

impl Timing {
    fn read(fields: &Fields<'_>) -> Self {
        let bound = |key: &str| {
            let (moment, by) = fields.named_texts(key).into_iter().next()?;
            Some(Bound { moment, by })
        };
        Self {
            wait: fields.text("wait"),
            day: fields.integer("day"),
            before: bound("before"),
            after: bound("after"),
            at: fields.text("at").or_else(|| fields.object("at")?.text("learned_or")),
            key: ["wait", "day", "before", "after"].iter().find_map(|key| fields.key(key)),
        }
    }
}

impl Late {
    pub(crate) fn read(fields: &Fields<'_>) -> Option<Self> {
        let place = fields.node("late")?.head();
        let Some(late) = fields.object("late") else {
            return Some(Self { place, up_to: Some(LateUpTo::For(fields.text("late")?)), then: None });
        };
        let up_to = late
            .text("up_to")
            .map(|text| if (MOMENT.reads)(&text) { LateUpTo::Moment(text) } else { LateUpTo::For(text) });
        Some(Self { place, up_to, then: late.choice("then", LateThen::of) })
    }
}

impl Retries {
    pub(crate) fn read(fields: &Fields<'_>) -> Option<Self> {
        let retries = fields.object("retries")?;
        let place = fields.node("retries")?.head();
        Some(Self { place, max: retries.integer("max"), delay: retries.text("delay") })
    }
}

fn whatsapp_template(fields: &Fields<'_>) -> Option<WhatsappTemplate> {
    let template = fields.object("whatsapp_template")?;
    Some(WhatsappTemplate {
        place: fields.node("whatsapp_template")?.head(),
        name: template.text("name"),
        language: template.text("language"),
        params: template.texts("params"),
    })
}

/// The first action in file order; a second one was reported.
fn action(fields: &Fields<'_>) -> Option<Spanned<Action>> {
    let entry = fields.map.entries.iter().find(|entry| ACTIONS.contains(&&*entry.key))?;
    let message = |node: &Node, channel: Option<Text>| Some(Action::Message { channel, message: Message::read(node)? });
    let read = match &*entry.key {
        key if fields.shape.key(key).is_some_and(|key| key.later) => Some(Action::Unsupported),
        "send" => message(&entry.value, None),
        key if OWN_CHANNEL.contains(&key) => message(&entry.value, Some(entry.key.clone())),
        "appointment" => super::outward::appointment(fields)
            .and_then(|offered| Some(Action::Message { channel: None, message: offered.message? })),
        "webhook" => super::webhook::read(fields).map(Action::Webhook),
        "enroll" => fields.text("enroll").map(Action::Enroll),
        "stop" => fields.text("stop").map(Action::Stop),
        "branch" => Some(Action::Branch(flow::branch(fields))),
        "split" => flow::split(fields).map(Action::Split),
        "wait_for" => flow::wait_for(fields).map(Action::WaitFor),
        key => action::local(fields, key).map(Action::Local),
    };
    // Written but unreadable: it was reported, and the step is no pure delay.
    Some(Spanned::new(read.unwrap_or(Action::Unsupported), &entry.key.place))
}
