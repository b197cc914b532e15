//! A sequence as written.
use super::{
    action::{self, EXIT, Local, Purpose},
    changed::{self, CatchUp, Moved, Removed},
    fields::Fields,
    flow::Steps,
    leaf::{DURATION, EVENT, ID, REENTRY},
    shape::{Key, Leaf, Shape, Type, choices},
    step::{LATE_VALUE, Late, RETRIES_VALUE, Retries, STEP},
    text::{Spanned, Text},
    tree::Map,
};
use crate::diag::Place;

choices! {
    /// What a sequence is for, in reports and in `event.category`.
    Category {
        WarmLead "warm_lead" "People who showed interest.",
        ColdLead "cold_lead" "People who have not answered yet.",
        ObjectionHandling "objection_handling" "Answers to doubts.",
        Reactivation "reactivation" "People who went quiet or did not come.",
        FollowUp "follow_up" "After something happened.",
        Booking "booking" "Around an appointment.",
        CarePlan "care_plan" "Before and after a treatment.",
        Custom "custom" "Anything else.",
    }
}
choices! {
    /// Why the law allows writing to these people.
    Basis {
        Consent "consent" "They agreed.",
        ExistingCustomers "existing_customers" "They bought from you, hear of similar things, and may object at any time (UWG § 7(3)).",
        Treatment "treatment" "It belongs to their treatment; no ground for marketing.",
    }
}
choices! {
    /// Whom a run belongs to.
    About {
        Contact "contact" "One run per contact.",
        Booking "booking" "One run per booking and contact.",
    }
}
choices! {
    /// What people inside do when the file changes.
    OnChange {
        Follow "follow" "People inside follow the newest version.",
        Pin "pin" "People inside finish the version they entered, with its texts.",
    }
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Sequence {
    pub(crate) title: Option<Text>,
    pub(crate) description: Option<Text>,
    pub(crate) owner: Option<Text>,
    pub(crate) category: Option<Spanned<Category>>,
    /// Required; missing when it was reported.
    pub(crate) purpose: Option<Spanned<Purpose>>,
    pub(crate) about: Option<Spanned<About>>,
    /// Consent when not said.
    pub(crate) basis: Option<Spanned<Basis>>,
    /// Required: `never`, `always` or `after <duration>`.
    pub(crate) reentry: Option<Text>,
    pub(crate) group: Option<Text>,
    pub(crate) priority: Option<Spanned<i64>>,
    pub(crate) active: Option<Spanned<bool>>,
    pub(crate) offer: Option<Text>,
    pub(crate) goal: Option<Goal>,
    pub(crate) stop_on: Vec<StopOn>,
    pub(crate) fits: Option<Fits>,
    pub(crate) funnels: Vec<Text>,
    pub(crate) clinic: Vec<Text>,
    pub(crate) window: Option<Text>,
    pub(crate) late: Option<Late>,
    pub(crate) retries: Option<Retries>,
    pub(crate) exits: Exits,
    pub(crate) steps: Steps,
    pub(crate) on_change: Option<Spanned<OnChange>>,
    pub(crate) catch_up: Option<CatchUp>,
    pub(crate) moved: Vec<Moved>,
    pub(crate) removed: Vec<Removed>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Goal {
    pub(crate) place: Place,
    pub(crate) event: Option<Text>,
    pub(crate) if_: Option<Text>,
    pub(crate) within: Option<Text>,
    pub(crate) value: Option<Text>,
    pub(crate) stop: Option<Spanned<bool>>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct StopOn {
    pub(crate) place: Place,
    pub(crate) event: Option<Text>,
    pub(crate) if_: Option<Text>,
    pub(crate) reason: Option<Text>,
}

/// Whom it fits, for the best match.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Fits {
    pub(crate) place: Place,
    pub(crate) score: Option<Score>,
    pub(crate) sources: Vec<Text>,
    pub(crate) statuses: Vec<Text>,
    pub(crate) temperatures: Vec<Text>,
    pub(crate) if_: Option<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Score {
    pub(crate) place: Place,
    pub(crate) min: Option<Spanned<i64>>,
    pub(crate) max: Option<Spanned<i64>>,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Exits {
    pub(crate) completed: Vec<Spanned<Local>>,
    pub(crate) converted: Vec<Spanned<Local>>,
    pub(crate) stopped: Vec<Spanned<Local>>,
    pub(crate) displaced: Vec<Spanned<Local>>,
}

// ---- descriptions ----

pub(crate) static GOAL: Shape = Shape::new(
    "a goal",
    "The event that counts as success. It ends the run unless stop is false.",
    &[
        Key::new("event", Type::form(&EVENT), "The event that is the goal.", "booking.created").required(),
        Key::new("if", Type::EXPRESSION, "Only events for which this holds.", "event.booking.kind == 'full_session'"),
        Key::new("within", Type::form(&DURATION), "How long after entry it still counts as converted.", "30d"),
        Key::new(
            "value",
            Type::EXPRESSION,
            "What the success is worth, as an expression that gives money or a number.",
            "event.booking.price",
        ),
        Key::new("stop", Type::BOOL, "false: the run goes on after the goal.", "true"),
    ],
);
static STOP_ON: Shape = Shape::new(
    "a stop rule",
    "An event that ends the run.",
    &[
        Key::new("event", Type::form(&EVENT), "The event that ends the run.", "message.received").required(),
        Key::new("if", Type::EXPRESSION, "Only events for which this holds.", "event.channel == 'whatsapp'"),
        Key::new("reason", Type::form(&ID), "The reason that is recorded; the event's name unless said.", "replied"),
    ],
);
pub(crate) const STOP_ONS: Type = Type::Object(&STOP_ON);
const STEPS: Type = Type::Object(&STEP);
pub(crate) static EXITS: Shape = Shape::new(
    "the exits",
    "What happens when a run ends, by the way it ends.",
    &[
        Key::new("completed", Type::Object(&EXIT), "All steps are done.", "{ enroll: monthly_drip }"),
        Key::new("converted", Type::Object(&EXIT), "The goal was reached.", "{ tag: { add: won_back } }"),
        Key::new(
            "stopped",
            Type::Object(&EXIT),
            "A stop rule, a person or an opt-out ended it.",
            "{ tag: { add: stopped } }",
        ),
        Key::new(
            "displaced",
            Type::Object(&EXIT),
            "Another sequence of the same group took its place; instead of stopped.",
            "{ tag: { add: displaced } }",
        ),
    ],
);

const WORDS: Type = Type::TEXT;
const IDS: Type = Type::form(&ID);
static SCORE: Shape = Shape::new(
    "a range of scores",
    "From the least to the most, both included.",
    &[
        Key::new("min", Type::integer(-1_000_000_000, 1_000_000_000), "The least score.", "30"),
        Key::new("max", Type::integer(-1_000_000_000, 1_000_000_000), "The highest score.", "60"),
    ],
);
static FITS: Shape = Shape::new(
    "whom it fits",
    "Read where a trigger takes the best of several sequences. All parts that are stated have to hold.",
    &[
        Key::new("score", Type::Object(&SCORE), "People with a score in this range.", "{ min: 30, max: 60 }"),
        Key::new("sources", Type::List(&WORDS), "People whose contact.source is one of these.", "[Web Form]"),
        Key::new("statuses", Type::List(&WORDS), "People whose contact.status is one of these.", "[open]"),
        Key::new("temperatures", Type::List(&WORDS), "People whose contact.temperature is one of these.", "[warm]"),
        Key::new("if", Type::EXPRESSION, "People for whom this holds.", "contact.procedure == 'botox'"),
    ],
);

pub(crate) static SEQUENCE: Shape = Shape::new(
    "a sequence",
    "Steps that people go through one after the other.",
    &[
        Key::new(
            "sequence",
            Type::form(&ID),
            "Id of the sequence. Statistics and people hang on it.",
            "no_show_recovery",
        )
        .required(),
        Key::new("title", Type::TEXT, "A name for people.", "No-show recovery"),
        Key::new(
            "description",
            Type::TEXT,
            "What it is for, for your colleagues.",
            "Wins back people who did not come.",
        ),
        Key::new("owner", Type::TEXT, "Who looks after it.", "ana@example.com"),
        Key::new(
            "basis",
            Type::Leaf(Leaf::Choice(Basis::CHOICES)),
            "Why you may write to these people; consent unless said.",
            "existing_customers",
        ),
        Key::new(
            "category",
            Type::Leaf(Leaf::Choice(Category::CHOICES)),
            "What it is for, in reports.",
            "reactivation",
        ),
        Key::new(
            "purpose",
            Type::Leaf(Leaf::Choice(Purpose::CHOICES)),
            "Why people are written to. Consent, quiet hours and caps hang on it.",
            "marketing",
        )
        .required(),
        Key::new(
            "about",
            Type::Leaf(Leaf::Choice(About::CHOICES)),
            "One run per contact, or one per booking.",
            "contact",
        ),
        Key::new(
            "reentry",
            Type::form(&REENTRY),
            "Whether somebody may go through it again: never, always, or after a time since the last run ended.",
            "after 30d",
        )
        .required(),
        Key::new(
            "group",
            Type::form(&ID),
            "A person is in one sequence of a group at a time; declared under groups in the project.",
            "recovery",
        ),
        Key::new(
            "priority",
            Type::integer(0, 1000),
            "Who wins inside a group, and who enters first: higher wins; 50 unless said.",
            "60",
        ),
        Key::new("active", Type::BOOL, "false: nobody enters, and people inside wait.", "false"),
        Key::new(
            "goal",
            Type::Object(&GOAL),
            "The event that counts as success.",
            "{ event: booking.created, within: 30d }",
        ),
        Key::new(
            "stop_on",
            Type::ListOrNone(&STOP_ONS),
            "Events that end the run, with the reason that is recorded.",
            "[ { event: message.received, reason: replied } ]",
        ),
        Key::new(
            "window",
            Type::form(&ID),
            "Hours in which messages may go out; a name under policies.windows.",
            "daytime",
        ),
        Key::new("late", LATE_VALUE, "How late a step may still happen.", "4h"),
        Key::new(
            "retries",
            RETRIES_VALUE,
            "How often and how soon a failed step is tried again.",
            "{ max: 3, delay: 15m }",
        ),
        Key::new(
            "exits",
            Type::Object(&EXITS),
            "What happens when a run ends.",
            "{ completed: { enroll: monthly_drip } }",
        ),
        Key::new("steps", Type::List(&STEPS), "The steps, in order.", "[ { id: hello, email: welcome } ]").required(),
        Key::new(
            "on_change",
            Type::Leaf(Leaf::Choice(OnChange::CHOICES)),
            "What people inside do when the file changes.",
            "follow",
        ),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
        Key::new("offer", Type::form(&ID), "The offer whose code and value texts may use.", "welcome_back"),
        Key::new(
            "fits",
            Type::Object(&FITS),
            "Whom the sequence fits, where a trigger takes the best of several.",
            "{ score: { min: 30 } }",
        ),
        Key::new("funnels", Type::List(&IDS), "Funnels that lead here, for `best_of: funnel`.", "[web_form]"),
        Key::new(
            "clinic",
            Type::Or(&[Type::form(&ID), Type::List(&IDS)]),
            "Only people of this clinic, or of these, enter.",
            "kingston",
        ),
        changed::CATCH_UP_KEY,
        changed::MOVED_KEY,
        changed::REMOVED_KEY,
    ],
);

// ---- reading ----

impl Sequence {
    pub(crate) fn read(map: &Map) -> Self {
        let fields = Fields::new(map, &SEQUENCE);
        Self {
            title: fields.text("title"),
            description: fields.text("description"),
            owner: fields.text("owner"),
            category: fields.choice("category", Category::of),
            purpose: fields.choice("purpose", Purpose::of),
            about: fields.choice("about", About::of),
            basis: fields.choice("basis", Basis::of),
            reentry: fields.text("reentry"),
            group: fields.text("group"),
            priority: fields.integer("priority"),
            offer: fields.text("offer"),
            active: fields.bool("active"),
            goal: goal(&fields),
            stop_on: fields.objects("stop_on").into_iter().map(|(stop, place)| stop_on(&stop, place)).collect(),
            fits: fits(&fields),
            funnels: fields.texts("funnels"),
            clinic: fields.texts("clinic"),
            window: fields.text("window"),
            late: Late::read(&fields),
            retries: Retries::read(&fields),
            exits: exits(&fields),
            steps: Steps::read(&fields, "steps"),
            on_change: fields.choice("on_change", OnChange::of),
            catch_up: CatchUp::read(&fields),
            moved: changed::moved(&fields),
            removed: changed::removed(&fields),
        }
    }
}

pub(super) fn goal(fields: &Fields<'_>) -> Option<Goal> {
    let goal = fields.object("goal")?;
    Some(Goal {
        place: fields.node("goal")?.head(),
        event: goal.text("event"),
        if_: goal.text("if"),
        within: goal.text("within"),
        value: goal.text("value"),
        stop: goal.bool("stop"),
    })
}

fn fits(fields: &Fields<'_>) -> Option<Fits> {
    let fits = fields.object("fits")?;
    let score = fits.object("score").and_then(|score| {
        Some(Score { place: fits.node("score")?.head(), min: score.integer("min"), max: score.integer("max") })
    });
    Some(Fits {
        place: fields.node("fits")?.head(),
        score,
        sources: fits.texts("sources"),
        statuses: fits.texts("statuses"),
        temperatures: fits.texts("temperatures"),
        if_: fits.text("if"),
    })
}

pub(super) fn stop_on(stop: &Fields<'_>, place: Place) -> StopOn {
    StopOn { place, event: stop.text("event"), if_: stop.text("if"), reason: stop.text("reason") }
}

pub(super) fn exits(fields: &Fields<'_>) -> Exits {
    let Some(exits) = fields.object("exits") else { return Exits::default() };
    let of = |key: &str| exits.object(key).map(|exit| action::locals(&exit)).unwrap_or_default();
    Exits { completed: of("completed"), converted: of("converted"), stopped: of("stopped"), displaced: of("displaced") }
}
