//! A campaign as written: whom it reaches, when its messages go, and the sequence that its messages are.
//!
//! The messages, the goal and the rules that end a run are read as the sequence they become, so that whatever looks at
//! sequences looks at campaigns too.
use super::{
    action::{MESSAGE_VALUE, Purpose},
    fields::{Fields, plain},
    flow::Steps,
    leaf::{DURATION, ID, NAME, TIME},
    limits::EXPECTED,
    offer::{CLINICS, WHEN},
    project::{DAYS, Day},
    sequence::{EXITS, GOAL, STOP_ONS, Sequence, StopOn},
    shape::{Choice, Group, Key, Leaf, Named, Shape, Type, What, choices},
    step::{LATE_VALUE, MESSAGES, RETRIES_VALUE, Step, WHATSAPP_TEMPLATE},
    text::{Spanned, Text},
    tree::Map,
};
use crate::diag::Place;

choices! {
    /// When people are taken in.
    Refresh {
        Daily "daily" "Whoever comes to fit later is taken in too, once a day.",
    }
}
/// The one word of `exclude`.
const NOBODY: &[Choice] = &[Choice { word: "none", about: "Also people whom you wrote to lately.", later: false }];

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Campaign {
    /// What its messages become.
    pub(crate) sequence: Sequence,
    pub(crate) audience: Option<Audience>,
    pub(crate) exclude: Exclude,
    pub(crate) schedule: Schedule,
    pub(crate) responses: Vec<(Text, Vec<Text>)>,
    pub(crate) cost: Vec<(Text, Text)>,
    pub(crate) clinic: Vec<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Audience {
    pub(crate) place: Place,
    pub(crate) inactive_days: Option<Spanned<i64>>,
    pub(crate) stages: Vec<Text>,
    pub(crate) no_shows: Option<Spanned<bool>>,
    pub(crate) dropouts: Option<Spanned<bool>>,
    pub(crate) segment: Option<Text>,
    pub(crate) where_: Option<Text>,
    pub(crate) refresh: Option<Spanned<Refresh>>,
    pub(crate) expected: Option<Spanned<i64>>,
}

/// Whom it leaves out; `None` where nothing is said.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Exclude {
    pub(crate) nobody: bool,
    pub(crate) contacted_within: Option<Text>,
    /// `contacted_within: none`
    pub(crate) contacted_off: bool,
    pub(crate) other_campaign_within: Option<Text>,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Schedule {
    pub(crate) place: Option<Place>,
    pub(crate) start: Option<Text>,
    pub(crate) end: Option<Text>,
    pub(crate) send_times: Vec<Text>,
    pub(crate) days: Vec<Spanned<Day>>,
}

// ---- descriptions ----

const STAGES: Type = Type::TEXT;
static AUDIENCE: Shape = Shape::new(
    "an audience",
    "Whom the campaign reaches. All parts have to hold.",
    &[
        Key::new(
            "inactive_days",
            Type::integer(1, 36_500),
            "People whose last visit is at least that many days ago and who have no booking to come.",
            "90",
        ),
        Key::new(
            "treatment_stages",
            Type::Or(&[Type::TEXT, Type::List(&STAGES)]),
            "People at one of these stages; words of contact.stage.",
            "[completed, maintenance]",
        ),
        Key::new(
            "include_no_shows",
            Type::BOOL,
            "false leaves out people whose last booking was a no-show; true unless said.",
            "true",
        ),
        Key::new(
            "include_dropouts",
            Type::BOOL,
            "false leaves out people at a stage that the project lists under dropout_stages; true unless said.",
            "true",
        ),
        Key::new("segment", Type::form(&ID), "People of this segment.", "speaks_german"),
        Key::new("where", Type::EXPRESSION, "People for whom this holds.", "contact.locale == 'de'"),
        Key::new(
            "refresh",
            Type::Leaf(Leaf::Choice(Refresh::CHOICES)),
            "daily also takes in who comes to fit later. Without it people are taken once, at start or launch, whichever is later.",
            "daily",
        ),
        EXPECTED,
    ],
);
static WITHIN: super::leaf::Form = super::leaf::Form {
    wants: "a duration such as 30d, or none",
    pattern: "^(none|([0-9]+ ?(s|m|h|d|w|mo|seconds?|minutes?|hours?|days?|weeks?|months?) ?)+)$",
    reads: |text| text == "none" || (DURATION.reads)(text),
    kind: super::leaf::FormKind::Duration,
};
static EXCLUDE: Shape = Shape::new(
    "an exclusion",
    "Whom the campaign leaves out, judged when somebody would enter.",
    &[
        Key::new(
            "contacted_within",
            Type::form(&WITHIN),
            "Leaves out people who got a marketing or service message in that time; 30d unless said, none switches it off.",
            "30d",
        ),
        Key::new(
            "other_campaign_within",
            Type::form(&DURATION),
            "Leaves out people who entered another campaign in that time; 30d unless said.",
            "30d",
        ),
    ],
);
const TIMES: Type = Type::form(&TIME);
static SCHEDULE: Shape = Shape::new(
    "a schedule",
    "When the campaign runs and at what times its messages go.",
    &[
        Key::new(
            "start",
            Type::form(&WHEN),
            "When people are taken in, by the clinic's clock; a date means its 00:00. Without it, at launch.",
            "2026-12-01",
        ),
        Key::new(
            "end",
            Type::form(&WHEN),
            "When it ends by itself, by the clinic's clock; a date means its last minute. Messages that are still to come are cancelled.",
            "2027-01-15",
        ),
        Key::new(
            "send_times",
            Type::Or(&[TIMES, Type::List(&TIMES)]),
            "Times of day at which messages go, by the recipient's clock: each goes at the first one that is not before its wait.",
            "[\"09:30\", \"17:00\"]",
        ),
        Key::new("days", DAYS, "On these days; every day unless said.", "[mon, tue, wed, thu]"),
    ],
);
const INTENTS: Type = Type::form(&ID);
static RESPONSES: Shape = Shape::new(
    "the responses",
    "Which intents count as which answer, in the campaign's numbers.",
    &[
        Key::new(
            "interested",
            Type::Or(&[INTENTS, Type::List(&INTENTS)]),
            "Intents that say that somebody is interested.",
            "[booking, price]",
        ),
        Key::new(
            "not_interested",
            Type::Or(&[INTENTS, Type::List(&INTENTS)]),
            "Intents that say that somebody is not.",
            "[no_interest]",
        ),
    ],
);
static MONEY: super::leaf::Form = super::leaf::Form {
    wants: "an amount such as 0.08 EUR",
    pattern: "^[0-9]+(\\.[0-9]+)? ?[A-Z]{3}$",
    reads: |text| {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(0);
        let (number, unit) = text.split_at(end);
        number.parse::<f64>().is_ok()
            && number.starts_with(|c: char| c.is_ascii_digit())
            && unit.trim_start().len() == 3
            && unit.trim_start().bytes().all(|byte| byte.is_ascii_uppercase())
    },
    kind: super::leaf::FormKind::Other,
};
static COST: Named = Named { key: &NAME, value: Type::form(&MONEY), single: false };

macro_rules! message_key {
    ($name:literal, $about:literal) => {
        Key::new($name, MESSAGE_VALUE, $about, "winter/first")
    };
}

static MESSAGE: Shape = Shape::new(
    "a message of a campaign",
    "One message. It goes at the first send time that is not before its wait. It is marketing.",
    &[
        Key::new(
            "id",
            Type::form(&ID),
            "Name of the message in this campaign. People's positions hang on it.",
            "first",
        )
        .required(),
        Key::new("title", Type::TEXT, "A name for people.", "The invitation"),
        Key::new("active", Type::BOOL, "false leaves the message out without removing it.", "false"),
        Key::new(
            "wait",
            Type::form(&DURATION),
            "How long after the message above (the first one: after entry) this one goes at the earliest.",
            "5d",
        ),
        Key::new(
            "if",
            Type::EXPRESSION,
            "The message goes only when this holds; otherwise it is skipped and the reason is kept.",
            "contact.address is defined",
        ),
        message_key!(
            "send",
            "Sends a template or text on the channel given by via, else on the person's preferred one."
        ),
        message_key!("email", "Sends a template or text by e-mail."),
        message_key!("sms", "Sends a template or text by SMS."),
        message_key!("whatsapp", "Sends a template or text on WhatsApp."),
        message_key!("instagram", "Sends a template or text on Instagram."),
        message_key!("letter", "Sends a template or text as a letter."),
        Key::new(
            "via",
            Type::Or(&[Type::form(&NAME), Type::List(&CHANNELS)]),
            "Channels in order of preference: preferred, or names of channels.",
            "[preferred, email]",
        )
        .with(&["send"]),
        Key::new("reply_to", Type::MARKUP, "Where answers to the e-mail go.", "hello@example.com").with(MESSAGES),
        Key::new(
            "whatsapp_template",
            Type::Object(&WHATSAPP_TEMPLATE),
            "The approved template for people who have not written within 24 hours.",
            "{ name: winter_comeback }",
        )
        .with(&["send", "whatsapp"]),
        super::step::TRACK.with(MESSAGES),
        Key::new("late", LATE_VALUE, "How late the message may still go.", "1d"),
        Key::new("retries", RETRIES_VALUE, "How often and how soon a failed message is tried again.", "{ max: 3 }"),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
    ],
)
.groups(&[Group { keys: MESSAGES, what: What::Action, needed: true }]);
const CHANNELS: Type = Type::form(&NAME);
const MESSAGE_LIST: Type = Type::Object(&MESSAGE);

pub(crate) static CAMPAIGN: Shape = Shape::new(
    "a campaign",
    "Messages to an audience, in a time that you state.",
    &[
        Key::new(
            "campaign",
            Type::form(&ID),
            "Id of the campaign. Sequences and campaigns share their ids.",
            "winter_comeback",
        )
        .required(),
        Key::new("title", Type::TEXT, "A name for people.", "Winter comeback"),
        Key::new(
            "description",
            Type::TEXT,
            "What it is for, for your colleagues.",
            "Invites people back before spring.",
        ),
        Key::new("owner", Type::TEXT, "Who looks after it.", "ana@example.com"),
        Key::new("audience", Type::Object(&AUDIENCE), "Whom it reaches.", "{ inactive_days: 90 }").required(),
        Key::new(
            "exclude",
            Type::Or(&[Type::Leaf(Leaf::Choice(NOBODY)), Type::Object(&EXCLUDE)]),
            "Whom it leaves out: people written to within 30 days and people of another campaign within 30 days, unless said. `none` keeps only the second.",
            "{ contacted_within: 30d }",
        ),
        Key::new(
            "schedule",
            Type::Object(&SCHEDULE),
            "When it runs, and at what times messages go.",
            "{ start: 2026-12-01, end: 2027-01-15, send_times: [\"09:30\"] }",
        ),
        Key::new("offer", Type::form(&ID), "The offer whose code and value texts may use.", "winter20"),
        Key::new(
            "goal",
            Type::Object(&GOAL),
            "The event that counts as success.",
            "{ event: booking.created, within: 45d }",
        ),
        Key::new(
            "responses",
            Type::Object(&RESPONSES),
            "Which intents count as which answer.",
            "{ interested: [booking, price] }",
        ),
        Key::new(
            "messages",
            Type::List(&MESSAGE_LIST),
            "The messages, in order.",
            "[ { id: first, email: winter/first } ]",
        )
        .required(),
        Key::new(
            "cost",
            Type::Map(&COST),
            "What it costs: an amount per message of a channel, and `fixed` once.",
            "{ fixed: 120 EUR, sms: 0.08 EUR }",
        ),
        Key::new(
            "clinic",
            CLINICS,
            "The clinic or clinics it belongs to: only their people are reached, and dates are by the first one's clock.",
            "berlin_mitte",
        ),
        Key::new("priority", Type::integer(0, 1000), "Who wins inside a group; 50 unless said.", "60"),
        Key::new(
            "group",
            Type::form(&ID),
            "A person is in one sequence of a group at a time; declared under groups in the project.",
            "recovery",
        ),
        Key::new(
            "window",
            Type::form(&ID),
            "Hours in which messages may go out; a name under policies.windows.",
            "daytime",
        ),
        Key::new(
            "stop_on",
            Type::ListOrNone(&STOP_ONS),
            "Events that end it for a person, beside a reply, which always does; [] keeps it going after a reply.",
            "[ { event: booking.requested, reason: asked } ]",
        ),
        Key::new(
            "exits",
            Type::Object(&EXITS),
            "What happens when it ends for a person.",
            "{ completed: { tag: { add: reached } } }",
        ),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
    ],
);

// ---- reading ----

impl Campaign {
    pub(crate) fn read(map: &Map, head: &Place) -> Self {
        let fields = Fields::new(map, &CAMPAIGN);
        let text = |word: &str| plain(word, head);
        let messages = fields.objects("messages").into_iter();
        let sequence = Sequence {
            title: fields.text("title"),
            description: fields.text("description"),
            owner: fields.text("owner"),
            purpose: Some(Spanned::new(Purpose::Marketing, head)),
            reentry: Some(text("never")),
            group: fields.text("group"),
            priority: fields.integer("priority"),
            offer: fields.text("offer"),
            goal: super::sequence::goal(&fields),
            stop_on: stop_on(&fields, head),
            window: fields.text("window"),
            exits: super::sequence::exits(&fields),
            steps: Steps(messages.map(|(message, place)| Step::read(message.map, &place)).collect()),
            ..Sequence::default()
        };
        let responses = fields.object("responses");
        let outcome = |word: &str| {
            let responses = responses.as_ref()?;
            Some((plain(word, &responses.key(word)?), responses.texts(word)))
        };
        Self {
            sequence,
            audience: audience(&fields),
            exclude: exclude(&fields),
            schedule: schedule(&fields),
            responses: ["interested", "not_interested"].into_iter().filter_map(outcome).collect(),
            cost: fields.named_texts("cost"),
            clinic: fields.texts("clinic"),
        }
    }
}

/// A reply ends it unless `stop_on: []`; a list of its own may say otherwise about replies.
fn stop_on(fields: &Fields<'_>, head: &Place) -> Vec<StopOn> {
    let mut stops: Vec<StopOn> =
        fields.objects("stop_on").into_iter().map(|(stop, place)| super::sequence::stop_on(&stop, place)).collect();
    let none = fields.node("stop_on").and_then(super::tree::Node::list).is_some_and(<[_]>::is_empty);
    let named = stops.iter().any(|stop| stop.event.as_ref().is_some_and(|event| event.as_str() == "message.received"));
    if !none && !named {
        let place = head.clone();
        let (event, reason) = (plain("message.received", head), plain("replied", head));
        stops.push(StopOn { place, event: Some(event), if_: None, reason: Some(reason) });
    }
    stops
}

fn audience(fields: &Fields<'_>) -> Option<Audience> {
    let audience = fields.object("audience")?;
    Some(Audience {
        place: fields.node("audience")?.head(),
        inactive_days: audience.integer("inactive_days"),
        stages: audience.texts("treatment_stages"),
        no_shows: audience.bool("include_no_shows"),
        dropouts: audience.bool("include_dropouts"),
        segment: audience.text("segment"),
        where_: audience.text("where"),
        refresh: audience.choice("refresh", Refresh::of),
        expected: audience.integer("expected"),
    })
}

fn exclude(fields: &Fields<'_>) -> Exclude {
    let Some(exclude) = fields.object("exclude") else {
        return Exclude { nobody: fields.text("exclude").is_some(), ..Exclude::default() };
    };
    let contacted = exclude.text("contacted_within");
    let off = contacted.as_ref().is_some_and(|text| text.as_str() == "none");
    Exclude {
        nobody: false,
        contacted_within: contacted.filter(|_| !off),
        contacted_off: off,
        other_campaign_within: exclude.text("other_campaign_within"),
    }
}

fn schedule(fields: &Fields<'_>) -> Schedule {
    let Some(schedule) = fields.object("schedule") else { return Schedule::default() };
    Schedule {
        place: fields.node("schedule").map(super::tree::Node::head),
        start: schedule.text("start"),
        end: schedule.text("end"),
        send_times: schedule.texts("send_times"),
        days: schedule.choices("days", Day::of),
    }
}
