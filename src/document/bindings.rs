//! Who may tell us things and who carries messages, as written: sources and channels, and what environments bind otherwise.
//! Knows which keys there are, not which of them a provider needs.
use super::{
    fields::{Fields, text},
    leaf::{DURATION, ID, MONEY, NAME, PATH},
    limits::{LIMITS, Limits},
    shape::{Key, Leaf, Named, Shape, Type, choices},
    text::{Spanned, Text},
};

choices! {
    SourceProvider {
        Calcom "calcom" "Bookings from Cal.com.",
        Events "events" "Events of your own programs.",
        Chatwoot "chatwoot" "Messages from Chatwoot.",
    }
}
choices! {
    ChannelProvider {
        Mailbox "mailbox" "Keeps messages in the database and shows them; nothing leaves the machine.",
        Smtp "smtp" "Sends e-mail through a mail server.",
        Chatwoot "chatwoot" "Writes through an inbox of Chatwoot.",
        Twilio "twilio" "Sends SMS and WhatsApp through Twilio.",
        Folder "folder" "Writes each letter into a folder, ready to print.",
        Http "http" "Hands messages to another program.",
    }
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Source {
    pub(crate) id: Text,
    pub(crate) provider: Option<Spanned<SourceProvider>>,
    pub(crate) secret: Option<Text>,
    pub(crate) url: Option<Text>,
    pub(crate) token: Option<Text>,
    pub(crate) account: Option<Text>,
    pub(crate) clinic: Option<Text>,
    /// Keys that stand there, also with a value that was reported.
    pub(crate) said: Vec<&'static str>,
    /// Our kind of booking, and the event types (ids or slugs) that are of it.
    pub(crate) kinds: Vec<(Text, Vec<Text>)>,
    /// Our field, and the path in the payload.
    pub(crate) map: Vec<(Text, Text)>,
    /// Its address, and the place of the key `api`.
    pub(crate) api: Option<(Option<Text>, crate::diag::Place)>,
    pub(crate) poll: Option<Text>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Channel {
    /// `*` stands for every channel, in environments.
    pub(crate) id: Text,
    pub(crate) provider: Option<Spanned<ChannelProvider>>,
    pub(crate) url: Option<Text>,
    pub(crate) from: Option<Text>,
    /// Domains whose mail is signed: SPF, DKIM and DMARC are set up.
    pub(crate) verified: Vec<Text>,
    pub(crate) source: Option<Text>,
    pub(crate) inbox: Option<Text>,
    pub(crate) account: Option<Text>,
    pub(crate) token: Option<Text>,
    pub(crate) folder: Option<Text>,
    pub(crate) cost: Option<Text>,
    /// Parts that one SMS may have.
    pub(crate) segments: Option<Spanned<i64>>,
    /// How long the provider may keep an SMS.
    pub(crate) validity: Option<Text>,
    pub(crate) limits: Option<Limits>,
    /// Keys that stand there, also with a value that was reported.
    pub(crate) said: Vec<&'static str>,
}

impl Source {
    /// Keys that only some providers read, as written.
    pub(crate) fn settings(&self) -> [(&'static str, Option<&Text>); 3] {
        [("url", self.url.as_ref()), ("token", self.token.as_ref()), ("account", self.account.as_ref())]
    }
}

impl Channel {
    /// Keys that only some providers read, as written.
    pub(crate) fn settings(&self) -> [(&'static str, Option<&Text>); 6] {
        [
            ("url", self.url.as_ref()),
            ("source", self.source.as_ref()),
            ("inbox", self.inbox.as_ref()),
            ("account", self.account.as_ref()),
            ("token", self.token.as_ref()),
            ("folder", self.folder.as_ref()),
        ]
    }
}

// ---- descriptions ----

const KIND_IDS: Type = Type::LITERAL;
static KINDS: Named = Named { key: &ID, value: Type::Or(&[Type::LITERAL, Type::List(&KIND_IDS)]), single: false };
static PAYLOAD: Named = Named { key: &PATH, value: Type::form(&PATH), single: false };
const SOURCE_PROVIDER: Key =
    Key::new("provider", Type::Leaf(Leaf::Choice(SourceProvider::CHOICES)), "Which program it is.", "calcom");
const SOURCE_SECRET: Key = Key::new(
    "secret",
    Type::SECRET,
    "Name of the environment variable with the signing secret.",
    "CALCOM_WEBHOOK_SECRET",
);
const SOURCE_URL: Key = Key::new(
    "url",
    Type::SETTING,
    "Address of the provider, or the name of the variable with it.",
    "\"https://chat.example.com\"",
);
const SOURCE_TOKEN: Key =
    Key::new("token", Type::SECRET, "Name of the environment variable with the access token.", "CHATWOOT_TOKEN");
const SOURCE_ACCOUNT: Key = Key::new("account", Type::LITERAL, "Number of your account at the provider.", "1");

static API: Shape = Shape::new(
    "an API",
    "Where the provider is asked, and with which key.",
    &[
        Key::new(
            "url",
            Type::SETTING,
            "Its https address, or the NAME of the environment variable that holds it.",
            "\"https://api.cal.example.com\"",
        )
        .required(),
        Key::new("key", Type::SECRET, "Name of the environment variable with the key.", "CALCOM_API_KEY").required(),
    ],
);
static SOURCE: Shape = Shape::new(
    "a source",
    "Who may tell us things, at one verified address: /hooks/<name>.",
    &[
        SOURCE_PROVIDER.required(),
        SOURCE_SECRET.required(),
        Key::new(
            "kinds",
            Type::Map(&KINDS),
            "Your kinds of booking, each with event type ids or slugs.",
            "{ intro: [101] }",
        ),
        Key::new(
            "map",
            Type::Map(&PAYLOAD),
            "Your field, and where it stands in the payload.",
            "{ booking.procedure: responses.procedure }",
        ),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
        Key::new(
            "api",
            Type::Object(&API),
            "How to ask the provider.",
            "{ url: \"https://api.cal.example.com\", key: CALCOM_API_KEY }",
        ),
        Key::new(
            "poll",
            Type::form(&DURATION),
            "How often to look for bookings whose message never came. Needs `api`. This version does not look yet, and `run` says so when it starts.",
            "15m",
        ),
        SOURCE_URL,
        SOURCE_TOKEN,
        SOURCE_ACCOUNT,
        Key::new(
            "clinic",
            Type::form(&ID),
            "The clinic that its bookings are of, and its people where `identities` is per_clinic.",
            "kingston",
        ),
    ],
);
static SOURCES: Named = Named { key: &NAME, value: Type::Object(&SOURCE), single: false };
/// The key of the project.
pub(super) const SOURCES_KEY: Key = Key::new(
    "sources",
    Type::Map(&SOURCES),
    "Who may tell us things.",
    "{ own: { provider: events, secret: EVENTS_SECRET } }",
);

static SOURCE_BINDING: Shape = Shape::new(
    "another binding of a source",
    "What is different of a source in this environment.",
    &[SOURCE_PROVIDER, SOURCE_SECRET, SOURCE_URL, SOURCE_TOKEN, SOURCE_ACCOUNT],
);
static SOURCE_BINDINGS: Named = Named { key: &NAME, value: Type::Object(&SOURCE_BINDING), single: false };
/// The key of an environment.
pub(super) const SOURCE_BINDINGS_KEY: Key = Key::new(
    "sources",
    Type::Map(&SOURCE_BINDINGS),
    "Sources that are bound otherwise there.",
    "{ cal: { secret: CALCOM_TEST_SECRET } }",
);

const DOMAINS: Type = Type::TEXT;
static CHANNEL: Shape = Shape::new(
    "a channel",
    "A way to reach people.",
    &[
        Key::new(
            "provider",
            Type::Leaf(Leaf::Choice(ChannelProvider::CHOICES)),
            "Who carries the messages.",
            "mailbox",
        )
        .required(),
        Key::new(
            "url",
            Type::SETTING,
            "Address of the mail server or program, or the name of the variable with it.",
            "SMTP_URL",
        ),
        Key::new("from", Type::TEXT, "Sender that people see.", "\"Oshun <hello@example.com>\""),
        Key::new(
            "verified",
            Type::List(&DOMAINS),
            "Domains of senders for which SPF, DKIM and DMARC are set up, so that mail from them is signed as theirs.",
            "[oshun.example]",
        ),
        Key::new("meta", Type::Any, "Your own data; the program does not read it.", "{ ticket: 17 }"),
        Key::new("source", Type::form(&NAME), "The source through which it writes; for chatwoot.", "chatwoot"),
        Key::new(
            "segments",
            Type::integer(1, 10),
            "Parts that one SMS may take at the longest; each is paid for. 2 unless said.",
            "2",
        ),
        Key::new(
            "validity",
            Type::form(&DURATION),
            "How long the provider may keep an SMS that it cannot deliver at once; 1h for twilio unless said. One goes out only while this time ends within its window and before quiet hours.",
            "1h",
        ),
        Key::new("limits", Type::Object(&LIMITS), "What the provider lets this sender carry.", "{ per_day: 1000 }"),
        Key::new("inbox", Type::LITERAL, "Number of the inbox it writes through; for chatwoot.", "3"),
        Key::new(
            "account",
            Type::SETTING,
            "Account at the provider, or the name of its variable; for twilio.",
            "TWILIO_SID",
        ),
        Key::new(
            "token",
            Type::SECRET,
            "Name of the variable with the access token; for twilio and http.",
            "TWILIO_TOKEN",
        ),
        Key::new("folder", Type::TEXT, "Folder for the letters, from the project's root; for folder.", "letters"),
        Key::new("cost", Type::form(&MONEY), "What one message costs, for reports.", "0.04 USD"),
    ],
);
static CHANNELS: Named = Named { key: &NAME, value: Type::Object(&CHANNEL), single: false };
/// The key of the project.
pub(super) const CHANNELS_KEY: Key =
    Key::new("channels", Type::Map(&CHANNELS), "How people are reached.", "{ email: { provider: mailbox } }");
/// The key of an environment.
pub(super) const CHANNEL_BINDINGS_KEY: Key = Key::new(
    "channels",
    Type::Map(&CHANNELS),
    "Channels that differ there; * stands for every one.",
    "{ \"*\": { provider: mailbox } }",
);

// ---- reading ----

/// Sources of the project.
pub(super) fn sources(fields: &Fields<'_>) -> Vec<Source> {
    let sources = fields.named_objects("sources").into_iter();
    sources
        .map(|(id, source)| {
            let kinds = source.named("kinds").into_iter().map(|(kind, node, ty)| {
                let of = match node.list() {
                    Some(items) => items.iter().filter_map(|item| text(item, Type::LITERAL)).collect(),
                    None => text(node, ty).into_iter().collect(),
                };
                (kind, of)
            });
            let kinds = kinds.collect();
            let (clinic, map) = (source.text("clinic"), source.named_texts("map"));
            let api = source.object("api").and_then(|api| Some((api.text("url"), source.key("api")?)));
            Source { kinds, map, clinic, api, poll: source.text("poll"), ..binding(id, &source) }
        })
        .collect()
}

/// Bindings of an environment: without what they mean, which no environment changes.
pub(super) fn source_bindings(fields: &Fields<'_>) -> Vec<Source> {
    fields.named_objects("sources").into_iter().map(|(id, source)| binding(id, &source)).collect()
}

fn binding(id: Text, source: &Fields<'_>) -> Source {
    Source {
        id,
        provider: source.choice("provider", SourceProvider::of),
        secret: source.text("secret"),
        url: source.text("url"),
        token: source.text("token"),
        account: source.text("account"),
        said: said(source, &SOURCE_BINDING),
        clinic: None,
        kinds: Vec::new(),
        map: Vec::new(),
        api: None,
        poll: None,
    }
}

fn said(fields: &Fields<'_>, shape: &'static Shape) -> Vec<&'static str> {
    shape.keys.iter().map(|key| key.name).filter(|name| fields.has(name)).collect()
}

pub(super) fn channels(fields: &Fields<'_>) -> Vec<Channel> {
    let channels = fields.named_objects("channels").into_iter();
    channels
        .map(|(id, channel)| Channel {
            id,
            provider: channel.choice("provider", ChannelProvider::of),
            url: channel.text("url"),
            from: channel.text("from"),
            verified: channel.texts("verified"),
            source: channel.text("source"),
            inbox: channel.text("inbox"),
            account: channel.text("account"),
            token: channel.text("token"),
            folder: channel.text("folder"),
            segments: channel.integer("segments"),
            validity: channel.text("validity"),
            limits: Limits::read(&channel),
            cost: channel.text("cost"),
            said: said(&channel, &CHANNEL),
        })
        .collect()
}
