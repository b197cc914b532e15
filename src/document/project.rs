//! `dripline.yaml` as written.
use super::{
    action::Purpose,
    bindings::{self, CHANNEL_BINDINGS_KEY, CHANNELS_KEY, Channel, SOURCE_BINDINGS_KEY, SOURCES_KEY, Source},
    fields::{Fields, Literal, text},
    leaf::{COUNTRY, DURATION, EVENT, ID, LOCALE, NAME, TIME},
    shape::{Key, Leaf, Named, Shape, Type, choices},
    text::{Spanned, Text},
    tree::{Map, Node},
    upkeep::{ALERTS_KEY, API_KEY, IDENTITIES_KEY, RETIRED_KEY, Upkeep},
    vars::Vars,
    written::{MODEL_KEY, Model},
};
use crate::diag::Place;

choices! {
    FieldType {
        Text "text" "Any text.",
        Number "number" "A number, with or without decimals.",
        Integer "integer" "A whole number.",
        Bool "bool" "true or false.",
        Time "time" "A moment.",
        Date "date" "A calendar day.",
        Duration "duration" "A length of time.",
        Money "money" "An amount with its currency.",
        List "list" "Several texts.",
        Choice "choice" "One of the words under one_of.",
        Person "person" "A name with address and zone.",
    }
}
choices! {
    Sensitivity {
        Health "health" "About somebody's health; never shown in reports.",
        Personal "personal" "Not for reports.",
    }
}
choices! {
    Day {
        Mon "mon" "Monday.",
        Tue "tue" "Tuesday.",
        Wed "wed" "Wednesday.",
        Thu "thu" "Thursday.",
        Fri "fri" "Friday.",
        Sat "sat" "Saturday.",
        Sun "sun" "Sunday.",
    }
}
choices! {
    /// What happens to a message that a rule stops.
    Then {
        Wait "wait" "It goes out later.",
        Skip "skip" "It is left out.",
    }
}
choices! {
    ConsentRule {
        DoubleOptIn "double_opt_in" "The person agreed and confirmed it.",
        OptIn "opt_in" "The person agreed.",
        Soft "soft" "The person wrote or booked and has not opted out.",
        Nothing "none" "Nothing is needed.",
    }
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Project {
    pub(crate) requires: Option<Text>,
    pub(crate) zone: Option<Text>,
    pub(crate) locales: Vec<Text>,
    pub(crate) public_url: Option<Text>,
    pub(crate) vars: Vec<(Text, Literal)>,
    /// In file order; the first is the default.
    pub(crate) clinics: Vec<Clinic>,
    pub(crate) merge_by: Vec<Text>,
    pub(crate) fields: Vec<Field>,
    pub(crate) events: Vec<EventDecl>,
    pub(crate) sources: Vec<Source>,
    pub(crate) channels: Vec<Channel>,
    pub(crate) policies: Policies,
    pub(crate) groups: Vec<Text>,
    pub(crate) funnels: Vec<Text>,
    /// Stages of people who broke a treatment off.
    pub(crate) dropout_stages: Vec<Text>,
    pub(crate) roles: Vec<Role>,
    pub(crate) environments: Vec<Environment>,
    /// In file order; of two that fit equally well the first is meant.
    pub(crate) intents: Vec<super::intent::Intent>,
    pub(crate) model: Option<Model>,
    /// Where recipients may be; empty when not said.
    pub(crate) countries: Vec<Text>,
    pub(crate) upkeep: Upkeep,
    pub(crate) lookups: Vec<super::lookup::Lookup>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Clinic {
    pub(crate) id: Text,
    pub(crate) name: Option<Text>,
    pub(crate) zone: Option<Text>,
    pub(crate) locale: Option<Text>,
    pub(crate) address: Option<Text>,
    pub(crate) phone: Option<Text>,
    pub(crate) booking_url: Option<Text>,
    pub(crate) from: Option<Text>,
    pub(crate) countries: Vec<Text>,
    /// Fields of the project's own.
    pub(crate) extra: Vec<(Text, Literal)>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Field {
    pub(crate) name: Text,
    /// May be missing where a built-in field is narrowed.
    pub(crate) ty: Option<Spanned<FieldType>>,
    pub(crate) one_of: Vec<Text>,
    pub(crate) label: Option<Text>,
    pub(crate) sensitive: Option<Spanned<Sensitivity>>,
    pub(crate) default: Option<Literal>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct EventDecl {
    pub(crate) name: Text,
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Policies {
    pub(crate) preferred: Vec<Text>,
    pub(crate) windows: Vec<Window>,
    pub(crate) quiet_hours: Option<QuietHours>,
    pub(crate) caps: Vec<Cap>,
    pub(crate) consent: Vec<(Spanned<Purpose>, Spanned<ConsentRule>)>,
    pub(crate) late: Vec<(Spanned<Purpose>, Text)>,
    pub(crate) hands_off: Option<Text>,
    pub(crate) test_recipients: Vec<Text>,
    pub(crate) blast_radius: Option<BlastRadius>,
    /// From and to.
    pub(crate) phone_hours: Option<(Text, Text)>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct BlastRadius {
    pub(crate) people: Option<Spanned<i64>>,
    pub(crate) messages_per_hour: Option<Spanned<i64>>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Window {
    pub(crate) id: Text,
    pub(crate) days: Vec<Spanned<Day>>,
    pub(crate) from: Option<Text>,
    pub(crate) to: Option<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct QuietHours {
    pub(crate) place: Place,
    pub(crate) from: Option<Text>,
    pub(crate) to: Option<Text>,
    pub(crate) for_: Vec<Spanned<Purpose>>,
    pub(crate) then: Option<Spanned<Then>>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Cap {
    pub(crate) place: Place,
    pub(crate) at_most: Option<Spanned<i64>>,
    pub(crate) per: Option<Text>,
    pub(crate) for_: Vec<Spanned<Purpose>>,
    pub(crate) then: Option<Spanned<Then>>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Role {
    pub(crate) id: Text,
    pub(crate) email: Option<Text>,
    pub(crate) phone: Option<Text>,
    pub(crate) name: Option<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Environment {
    pub(crate) id: Text,
    pub(crate) channels: Vec<Channel>,
    pub(crate) model: Option<Model>,
    pub(crate) sources: Vec<Source>,
}

// ---- descriptions ----

const TEXTS: Type = Type::TEXT;
const IDS: Type = Type::form(&ID);
const NAMES: Type = Type::form(&NAME);
const LOCALES: Type = Type::form(&LOCALE);
const LITERALS: Type = Type::LITERAL;
const COUNTRY_CODES: Type = Type::form(&COUNTRY);
const COUNTRIES: Type = Type::List(&COUNTRY_CODES);
const PURPOSE: Type = Type::Leaf(Leaf::Choice(Purpose::CHOICES));
pub(super) const DAYS: Type = Type::List(&DAY);
const DAY: Type = Type::Leaf(Leaf::Choice(Day::CHOICES));
const THEN: Type = Type::Leaf(Leaf::Choice(Then::CHOICES));

static VARS: Named = Named { key: &ID, value: Type::Or(&[Type::LITERAL, Type::List(&LITERALS)]), single: false };
static CLINIC: Shape = Shape::new(
    "a clinic",
    "A place of yours. Texts use it as `clinic.name` and so on.",
    &[
        Key::new("name", Type::TEXT, "Its name, as people know it.", "Oshun Cosmetic"),
        Key::new("zone", Type::TEXT, "Its time zone; the project's unless said.", "Europe/Berlin"),
        Key::new("locale", Type::form(&LOCALE), "Its language; the project's first unless said.", "de"),
        Key::new(
            "address",
            Type::TEXT,
            "Postal address, which marketing messages have to show.",
            "\"12 Hope Road, Kingston\"",
        ),
        Key::new("phone", Type::TEXT, "Phone number with its country code, in quotes.", "\"+18765550100\""),
        Key::new("booking_url", Type::TEXT, "Where people book.", "\"https://cal.example.com/oshun\""),
        Key::new("from", Type::TEXT, "Sender of its e-mails.", "\"Oshun <hello@example.com>\""),
        Key::new(
            "countries",
            COUNTRIES,
            "Countries in which its recipients may be; the project's unless said.",
            "[DE, AT]",
        ),
    ],
)
.open(Type::LITERAL);
static CLINICS: Named = Named { key: &ID, value: Type::Object(&CLINIC), single: false };
static FIELD: Shape = Shape::new(
    "a field",
    "A field of your own, or a narrower built-in one.",
    &[
        Key::new("type", Type::Leaf(Leaf::Choice(FieldType::CHOICES)), "What it holds.", "choice"),
        Key::new("one_of", Type::List(&TEXTS), "The words it can have.", "[botox, filler, laser]"),
        Key::new("label", Type::TEXT, "Its name for people.", "Procedure asked about"),
        Key::new(
            "sensitive",
            Type::Leaf(Leaf::Choice(Sensitivity::CHOICES)),
            "Keeps it out of reports and logs.",
            "health",
        ),
        Key::new("default", Type::LITERAL, "Its value as long as nobody says otherwise.", "unknown"),
    ],
);
const FIELD_VALUE: Type = Type::Or(&[Type::Leaf(Leaf::Choice(FieldType::CHOICES)), Type::Object(&FIELD)]);
static FIELDS: Named = Named { key: &ID, value: FIELD_VALUE, single: false };
static CONTACT: Shape = Shape::new(
    "the contact",
    "What is known about people, and how they are recognised.",
    &[
        Key::new(
            "merge_by",
            Type::List(&IDS),
            "Identifiers, strongest first: two records that share one are the same person.",
            "[phone, email]",
        ),
        Key::new(
            "fields",
            Type::Map(&FIELDS),
            "Fields of your own, and narrower built-in ones.",
            "{ interests: { type: list } }",
        ),
    ],
);
static EVENT_DECL: Shape = Shape::new(
    "an event",
    "An event of your own, or more fields of a built-in one.",
    &[
        Key::new("fields", Type::Map(&FIELDS), "What the event tells.", "{ landing_page: text }"),
        Key::new("description", Type::TEXT, "When it happens.", "Somebody asked for a price"),
    ],
);
static EVENTS: Named = Named { key: &EVENT, value: Type::Object(&EVENT_DECL), single: false };
static WINDOW: Shape = Shape::new(
    "a window",
    "Hours in which messages may go out, in the person's zone.",
    &[
        Key::new("days", Type::List(&DAY), "On these days; every day unless said.", "[mon, tue, wed]"),
        Key::new("from", Type::form(&TIME), "From this time.", "\"09:00\"").required(),
        Key::new("to", Type::form(&TIME), "To this time.", "\"19:00\"").required(),
    ],
);
static WINDOWS: Named = Named { key: &ID, value: Type::Object(&WINDOW), single: false };
static QUIET: Shape = Shape::new(
    "the quiet hours",
    "Hours in which nobody is disturbed, in the person's zone.",
    &[
        Key::new("from", Type::form(&TIME), "From this time.", "\"20:00\"").required(),
        Key::new("to", Type::form(&TIME), "To this time, usually of the next morning.", "\"08:00\"").required(),
        Key::new(
            "for",
            Type::List(&PURPOSE),
            "For messages of these purposes; marketing and service unless said.",
            "[marketing, service]",
        ),
        Key::new("then", THEN, "What happens to a message in these hours; wait unless said.", "wait"),
    ],
);
static CAP: Shape = Shape::new(
    "a cap",
    "How many messages somebody gets in a time.",
    &[
        Key::new("at_most", Type::integer(1, 10_000), "So many messages.", "1").required(),
        Key::new("per", Type::form(&DURATION), "In this time. 1d is a calendar day of the person, 24h rolls.", "1d")
            .required(),
        Key::new(
            "for",
            Type::List(&PURPOSE),
            "Purposes that are counted and stopped; marketing unless said.",
            "[marketing]",
        ),
        Key::new("then", THEN, "What happens to a message beyond it; wait unless said.", "wait"),
    ],
);
const CAPS: Type = Type::Object(&CAP);
const CONSENT_RULE: Type = Type::Leaf(Leaf::Choice(ConsentRule::CHOICES));
static CONSENT: Shape = Shape::new(
    "the consent rules",
    "Which consent a message needs, by its purpose.",
    &[
        Key::new("transactional", CONSENT_RULE, "For transactional messages; none unless said.", "none"),
        Key::new("service", CONSENT_RULE, "For service messages; soft unless said.", "soft"),
        Key::new("marketing", CONSENT_RULE, "For marketing; opt_in unless said.", "opt_in"),
    ],
);
static LATE: Shape = Shape::new(
    "the lateness rules",
    "How late messages may still go out, by their purpose.",
    &[
        Key::new("transactional", Type::form(&DURATION), "For transactional messages.", "24h"),
        Key::new("service", Type::form(&DURATION), "For service messages.", "4h"),
        Key::new("marketing", Type::form(&DURATION), "For marketing.", "1d"),
    ],
);
static PHONE_HOURS: Shape = Shape::new(
    "the phone hours",
    "Hours in which marketing may reach phones, where you know better than the built-in list.",
    &[
        Key::new("from", Type::form(&TIME), "From this time.", "\"08:00\"").required(),
        Key::new("to", Type::form(&TIME), "To this time.", "\"21:00\"").required(),
    ],
);
static POLICIES: Shape = Shape::new(
    "the policies",
    "Rules for every message of the project.",
    &[
        Key::new(
            "preferred",
            Type::List(&NAMES),
            "Channels in order, when nothing is known about the person.",
            "[whatsapp, email]",
        ),
        Key::new(
            "windows",
            Type::Map(&WINDOWS),
            "Named hours in which messages may go out.",
            "{ daytime: { from: \"09:00\", to: \"19:00\" } }",
        ),
        Key::new(
            "quiet_hours",
            Type::Object(&QUIET),
            "Hours in which nobody is disturbed.",
            "{ from: \"20:00\", to: \"08:00\" }",
        ),
        Key::new(
            "caps",
            Type::List(&CAPS),
            "How many messages somebody gets in a time.",
            "[ { at_most: 1, per: 1d } ]",
        ),
        Key::new(
            "phone_hours",
            Type::Object(&PHONE_HOURS),
            "Hours in which SMS and WhatsApp may carry marketing; those of the law unless said.",
            "{ from: \"08:00\", to: \"21:00\" }",
        ),
        Key::new("consent", Type::Object(&CONSENT), "Which consent a message needs.", "{ marketing: opt_in }"),
        Key::new("late", Type::Object(&LATE), "How late messages may still go out.", "{ marketing: 1d }"),
        Key::new(
            "hands_off",
            Type::form(&DURATION),
            "How long marketing and service wait after one of your people wrote.",
            "24h",
        ),
        Key::new("blast_radius", Type::Object(&BLAST_RADIUS), "The most that may happen unasked.", "{ people: 500 }"),
        Key::new(
            "test_recipients",
            Type::List(&TEXTS),
            "Where people marked as tests may be reached; * stands for anything.",
            "[\"*@example.com\"]",
        ),
    ],
);
static BLAST_RADIUS: Shape = Shape::new(
    "the blast radius",
    "The most that may happen unasked, so that a slip does not reach everybody.",
    &[
        Key::new(
            "people",
            Type::integer(1, 10_000_000),
            "How many people one trigger without an event may enrol in 24 hours; the others are held and listed.",
            "500",
        ),
        Key::new(
            "messages_per_hour",
            Type::integer(1, 10_000_000),
            "How many messages to people may begin to go out in one hour; the others wait for the next. Transactional ones go on.",
            "1000",
        ),
    ],
);
static ROLE: Shape = Shape::new(
    "a role",
    "People of yours, as tasks and notices name them.",
    &[
        Key::new("name", Type::TEXT, "Their name.", "Front desk"),
        Key::new("email", Type::TEXT, "Their e-mail address.", "desk@example.com"),
        Key::new("phone", Type::TEXT, "Their phone number with its country code, in quotes.", "\"+18765550100\""),
    ],
);
static ROLES: Named = Named { key: &ID, value: Type::Object(&ROLE), single: false };
static ENVIRONMENT: Shape = Shape::new(
    "an environment",
    "Other bindings for another place to run: never other logic.",
    &[CHANNEL_BINDINGS_KEY, SOURCE_BINDINGS_KEY, MODEL_KEY],
);
static ENVIRONMENTS: Named = Named { key: &ID, value: Type::Object(&ENVIRONMENT), single: false };

pub(crate) static PROJECT: Shape = Shape::new(
    "the project",
    "What holds for every sequence: places, people, channels, rules.",
    &[
        Key::new("project", Type::form(&ID), "Id of the project.", "oshun_clinic").required(),
        Key::new("requires", Type::TEXT, "Versions of the program that the files are for.", "\">=0.1, <0.2\""),
        Key::new("zone", Type::TEXT, "Time zone of people of whom nothing else is known.", "Europe/Berlin").required(),
        Key::new("locales", Type::List(&LOCALES), "Languages of the texts; the first is the default.", "[en]"),
        Key::new(
            "countries",
            COUNTRIES,
            "Countries in which recipients may be, whose laws count; the country of the zone unless said.",
            "[DE, AT]",
        ),
        IDENTITIES_KEY,
        Key::new(
            "public_url",
            Type::TEXT,
            "Address under which the daemon is reached from outside, for unsubscribe links.",
            "\"https://drip.example.com\"",
        ),
        Key::new(
            "vars",
            Type::Map(&VARS),
            "Values that files use as ${vars.name} and texts as {{ vars.name }}.",
            "{ consult_minutes: 20 }",
        ),
        Key::new(
            "clinics",
            Type::Map(&CLINICS),
            "Your places; the first is the default.",
            "{ main: { name: Example Clinic } }",
        ),
        Key::new("contact", Type::Object(&CONTACT), "What is known about people.", "{ merge_by: [phone, email] }"),
        Key::new(
            "events",
            Type::Map(&EVENTS),
            "Events of your own, and more fields of built-in ones.",
            "{ lead.created: { fields: { landing_page: text } } }",
        ),
        SOURCES_KEY,
        CHANNELS_KEY,
        Key::new("policies", Type::Object(&POLICIES), "Rules for every message.", "{ preferred: [email] }"),
        Key::new(
            "dropout_stages",
            Type::List(&Type::TEXT),
            "Stages of people who broke a treatment off, for include_dropouts of campaigns; dropped_out unless said.",
            "[dropped_out]",
        ),
        Key::new("groups", Type::List(&IDS), "A person is in one sequence of a group at a time.", "[recovery]"),
        Key::new(
            "roles",
            Type::Map(&ROLES),
            "Your people, for tasks and notices.",
            "{ front_desk: { email: desk@example.com } }",
        ),
        Key::new(
            "environments",
            Type::Map(&ENVIRONMENTS),
            "Other bindings for other places to run.",
            "{ dev: { channels: { \"*\": { provider: mailbox } } } }",
        ),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
        Key::new(
            "funnels",
            Type::List(&IDS),
            "Ways by which people come in; a sequence names those that lead to it.",
            "[web_form]",
        ),
        ALERTS_KEY,
        MODEL_KEY,
        super::lookup::KEY,
        super::intent::KEY,
        RETIRED_KEY,
        API_KEY,
    ],
);

// ---- reading ----

impl Project {
    pub(crate) fn read(map: &Map) -> Self {
        let fields = Fields::new(map, &PROJECT);
        let contact = fields.object("contact");
        Self {
            requires: fields.text("requires"),
            zone: fields.text("zone"),
            locales: fields.texts("locales"),
            public_url: fields.text("public_url"),
            vars: vars(&fields),
            clinics: fields.named_objects("clinics").into_iter().map(clinic).collect(),
            merge_by: contact.map(|contact| contact.texts("merge_by")).unwrap_or_default(),
            fields: contact.map(|contact| declared(&contact)).unwrap_or_default(),
            events: events(&fields),
            sources: bindings::sources(&fields),
            channels: bindings::channels(&fields),
            policies: fields.object("policies").map(|policies| Policies::read(&policies)).unwrap_or_default(),
            dropout_stages: fields.texts("dropout_stages"),
            groups: fields.texts("groups"),
            funnels: fields.texts("funnels"),
            roles: fields.named_objects("roles").into_iter().map(role).collect(),
            intents: super::intent::read(&fields),
            lookups: super::lookup::read(&fields),
            environments: fields
                .named_objects("environments")
                .into_iter()
                .map(|(id, environment)| Environment {
                    id,
                    channels: bindings::channels(&environment),
                    model: Model::read(&environment),
                    sources: bindings::source_bindings(&environment),
                })
                .collect(),
            model: Model::read(&fields),
            countries: fields.texts("countries"),
            upkeep: Upkeep::read(&fields),
        }
    }
}

/// The variables of a project file that is not filled in yet.
pub(super) fn own_vars(root: &Node, whole: bool) -> Vars {
    let vars = Vars::new(&root.map().map(|map| vars(&Fields::new(map, &PROJECT))).unwrap_or_default());
    if whole { vars } else { vars.or_more() }
}

fn vars(fields: &Fields<'_>) -> Vec<(Text, Literal)> {
    fields.named("vars").into_iter().filter_map(|(name, node, _)| Some((name, Literal::read(node)?))).collect()
}

fn clinic((id, clinic): (Text, Fields<'_>)) -> Clinic {
    Clinic {
        id,
        name: clinic.text("name"),
        zone: clinic.text("zone"),
        locale: clinic.text("locale"),
        address: clinic.text("address"),
        phone: clinic.text("phone"),
        booking_url: clinic.text("booking_url"),
        from: clinic.text("from"),
        countries: clinic.texts("countries"),
        extra: clinic.extra(),
    }
}

/// Fields under `fields:`, in the short form (`name: text`) and the long one.
fn declared(fields: &Fields<'_>) -> Vec<Field> {
    fields.named("fields").into_iter().map(|(name, node, ty)| field(name, node, ty)).collect()
}

fn field(name: Text, node: &Node, ty: Type) -> Field {
    let long = node.map().and_then(|map| Some(Fields::new(map, ty.shape()?)));
    match long {
        Some(long) => Field {
            name,
            ty: long.choice("type", FieldType::of),
            one_of: long.texts("one_of"),
            label: long.text("label"),
            sensitive: long.choice("sensitive", Sensitivity::of),
            default: long.node("default").and_then(Literal::read),
        },
        None => {
            let word = text(node, ty);
            let ty = word.and_then(|word| Some(Spanned::new(FieldType::of(&word)?, &word.place)));
            Field { name, ty, one_of: Vec::new(), label: None, sensitive: None, default: None }
        }
    }
}

fn events(fields: &Fields<'_>) -> Vec<EventDecl> {
    let events = fields.named_objects("events").into_iter();
    events.map(|(name, event)| EventDecl { name, fields: declared(&event) }).collect()
}

fn role((id, role): (Text, Fields<'_>)) -> Role {
    Role { id, email: role.text("email"), phone: role.text("phone"), name: role.text("name") }
}

impl Policies {
    fn read(fields: &Fields<'_>) -> Self {
        Self {
            preferred: fields.texts("preferred"),
            windows: fields.named_objects("windows").into_iter().map(window).collect(),
            quiet_hours: quiet_hours(fields),
            caps: fields.objects("caps").into_iter().map(|(cap, place)| cap_of(&cap, place)).collect(),
            consent: by_purpose(fields, "consent", |consent, purpose| consent.choice(purpose, ConsentRule::of)),
            late: by_purpose(fields, "late", Fields::text),
            hands_off: fields.text("hands_off"),
            test_recipients: fields.texts("test_recipients"),
            blast_radius: fields.object("blast_radius").map(|radius| BlastRadius {
                people: radius.integer("people"),
                messages_per_hour: radius.integer("messages_per_hour"),
            }),
            phone_hours: fields.object("phone_hours").and_then(|hours| Some((hours.text("from")?, hours.text("to")?))),
        }
    }
}

fn window((id, window): (Text, Fields<'_>)) -> Window {
    Window { id, days: window.choices("days", Day::of), from: window.text("from"), to: window.text("to") }
}

fn quiet_hours(fields: &Fields<'_>) -> Option<QuietHours> {
    let quiet = fields.object("quiet_hours")?;
    Some(QuietHours {
        place: fields.node("quiet_hours")?.head(),
        from: quiet.text("from"),
        to: quiet.text("to"),
        for_: quiet.choices("for", Purpose::of),
        then: quiet.choice("then", Then::of),
    })
}

fn cap_of(cap: &Fields<'_>, place: Place) -> Cap {
    Cap {
        place,
        at_most: cap.integer("at_most"),
        per: cap.text("per"),
        for_: cap.choices("for", Purpose::of),
        then: cap.choice("then", Then::of),
    }
}

/// An object with a value for each purpose.
fn by_purpose<'a, T>(
    fields: &Fields<'a>,
    key: &str,
    read: impl Fn(&Fields<'a>, &str) -> Option<T>,
) -> Vec<(Spanned<Purpose>, T)> {
    let Some(object) = fields.object(key) else { return Vec::new() };
    Purpose::CHOICES
        .iter()
        .filter_map(|choice| {
            let place = object.key(choice.word)?;
            Some((Spanned::new(Purpose::of(choice.word)?, &place), read(&object, choice.word)?))
        })
        .collect()
}
