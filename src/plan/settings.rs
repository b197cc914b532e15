//! The project's own settings: clinics, fields, events, sources, channels, policies, texts.
use super::To;
use crate::{
    calendar::{Quiet, Span, Window, Zone},
    id::{ChannelName, ClinicName, FieldName, SourceName, TemplateName, WindowName},
    record::{ConsentLevel, Purpose},
    value::{Type, Value},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Clinic {
    pub(crate) id: ClinicName,
    pub(crate) name: Arc<str>,
    pub(crate) zone: Option<Zone>,
    pub(crate) locale: Option<Arc<str>>,
    pub(crate) address: Option<Arc<str>>,
    pub(crate) phone: Option<Arc<str>>,
    pub(crate) booking_url: Option<Arc<str>>,
    pub(crate) from: Option<Arc<str>>,
    /// Where its recipients may be; empty: the project's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) countries: Vec<Arc<str>>,
    /// The project's own fields of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) fields: BTreeMap<Arc<str>, Value>,
}

/// A field of the contact that the project declares or narrows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct FieldDecl {
    pub(crate) of: Type,
    pub(crate) default: Option<Value>,
    pub(crate) label: Option<Arc<str>>,
    pub(crate) sensitive: Option<Arc<str>>,
}

/// Data of an event that the project declares, or adds to a built-in one.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct EventDecl {
    pub(crate) fields: BTreeMap<Arc<str>, Type>,
}

/// Name of an environment variable, or a file: never the secret itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Secret {
    Variable(Arc<str>),
    File(Arc<str>),
}

/// A plain value, or where it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Setting {
    Plain(Arc<str>),
    Kept(Secret),
}

/// How a provider is asked and told things over its own interface.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) url: Setting,
    pub(crate) token: Secret,
    pub(crate) account: Arc<str>,
}

/// What one message costs, in millionths: providers count in parts of a cent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Price {
    pub(crate) millionths: u64,
    pub(crate) currency: Arc<str>,
}

/// Whom to tell when something looks wrong, and from when on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Alerts {
    pub(crate) to: To,
    /// Percent of the messages of a day that were skipped.
    pub(crate) skipped_over: Option<u8>,
    /// Failed messages of a day.
    pub(crate) errors_over: Option<u64>,
    pub(crate) nothing_sent: Option<Span>,
}

/// What becomes of people inside a sequence whose file is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Retire {
    Finish,
    Stop,
}

/// Who may tell us things.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Source {
    pub(crate) provider: SourceProvider,
    pub(crate) secret: Secret,
    /// Event type id or slug → `booking.kind`.
    pub(crate) kinds: BTreeMap<Arc<str>, Arc<str>>,
    /// Our field ← path in the payload.
    pub(crate) map: BTreeMap<MapTo, Arc<str>>,
    pub(crate) clinic: Option<ClinicName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<Link>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SourceProvider {
    Calcom,
    Events,
    Chatwoot,
}

/// Where a mapped value goes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) enum MapTo {
    Contact(FieldName),
    Booking(FieldName),
}

/// How people are reached.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Channel {
    pub(crate) name: ChannelName,
    pub(crate) medium: Medium,
    pub(crate) provider: ChannelProvider,
    /// Sender, as the provider writes it.
    pub(crate) from: Option<Arc<str>>,
    /// Attempts that may be under way at once.
    pub(crate) slots: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<Price>,
    /// How long the provider may keep a message before it reaches the person; SMS only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) validity: Option<Span>,
}

/// What kind of message a channel carries: which address it needs and which law governs it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Medium {
    Email,
    Sms,
    Whatsapp,
    Instagram,
    Letter,
    /// A chat of the practice's own, reached by any conversation.
    Chat,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChannelProvider {
    /// Keeps the message in the database: a project runs with no account anywhere.
    Mailbox,
    /// The variable holds an `smtp://` or `smtps://` address with user and password.
    Smtp {
        url: Secret,
    },
    /// An inbox of the account that the source names.
    Chatwoot {
        source: SourceName,
        inbox: Arc<str>,
    },
    Twilio {
        account: Setting,
        token: Secret,
    },
    /// Path from the project's root.
    Folder {
        folder: Arc<str>,
    },
    Http {
        url: Setting,
        token: Option<Secret>,
    },
}

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Policies {
    /// Channels in the order in which they are tried when nothing is learned.
    pub(crate) preferred: Vec<ChannelName>,
    pub(crate) windows: BTreeMap<WindowName, Window>,
    pub(crate) quiet_hours: Option<QuietHours>,
    pub(crate) caps: Vec<Cap>,
    pub(crate) consent: BTreeMap<Purpose, ConsentLevel>,
    pub(crate) late: BTreeMap<Purpose, Span>,
    pub(crate) hands_off: Option<Span>,
    /// Patterns like `*@example.org` at which people with `is_test` may be reached.
    pub(crate) test_recipients: Vec<Arc<str>>,
    #[serde(default)]
    pub(crate) blast_radius: BlastRadius,
}

/// The most that may happen unasked; without a number there is no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct BlastRadius {
    /// People that one trigger which no event sets off enrols in 24 hours.
    pub(crate) people: Option<u32>,
    /// Messages to people that begin to go out in one hour.
    pub(crate) messages_per_hour: Option<u32>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct QuietHours {
    pub(crate) hours: Quiet,
    pub(crate) purposes: BTreeSet<Purpose>,
    pub(crate) then: CapThen,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Cap {
    pub(crate) at_most: u32,
    /// Civil days of the person (today included), or rolling hours.
    pub(crate) per: Span,
    /// Counted and stopped.
    pub(crate) purposes: BTreeSet<Purpose>,
    pub(crate) then: CapThen,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CapThen {
    Wait,
    Skip,
}

/// Somebody of the practice: an address per channel.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) addresses: BTreeMap<ChannelName, Arc<str>>,
    pub(crate) zone: Option<Zone>,
    pub(crate) locale: Option<Arc<str>>,
}

/// Who writes texts from instructions.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Model {
    pub(crate) provider: ModelProvider,
    /// Address, or name of the variable with it.
    pub(crate) url: Option<Arc<str>>,
    /// Name of the variable with the key.
    pub(crate) key: Option<Arc<str>>,
    pub(crate) name: Arc<str>,
    pub(crate) timeout: Span,
    /// Fields that it may be told.
    pub(crate) may_see: Vec<Arc<str>>,
    /// The most that it may cost: minor units and currency, in a time.
    pub(crate) at_most: (i64, Arc<str>),
    pub(crate) per: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModelProvider {
    Openai,
    Anthropic,
    Ollama,
}

/// One template file, or a text written in a step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct TemplateText {
    pub(crate) name: TemplateName,
    /// `None` serves every channel.
    pub(crate) channel: Option<ChannelName>,
    pub(crate) locale: Option<Arc<str>>,
    pub(crate) form: TextForm,
    /// E-mail only; templated.
    pub(crate) subject: Option<Arc<str>>,
    pub(crate) preheader: Option<Arc<str>>,
    pub(crate) layout: Option<Arc<str>>,
    pub(crate) body: Arc<str>,
    /// Path from the project's root.
    pub(crate) file: Arc<str>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TextForm {
    Markdown,
    Text,
    Html,
    /// Frame around mails: `templates/layouts/*.html`.
    Layout,
    Partial,
}

impl From<MapTo> for String {
    fn from(to: MapTo) -> Self {
        match to {
            MapTo::Contact(field) => format!("contact.{field}"),
            MapTo::Booking(field) => format!("booking.{field}"),
        }
    }
}

impl TryFrom<String> for MapTo {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.split_once('.') {
            Some(("contact", field)) => Ok(Self::Contact(FieldName::new(field))),
            Some(("booking", field)) => Ok(Self::Booking(FieldName::new(field))),
            _ => Err(format!("{text} is neither contact.… nor booking.…")),
        }
    }
}

impl SourceProvider {
    /// Its word in the project file.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Calcom => "calcom",
            Self::Events => "events",
            Self::Chatwoot => "chatwoot",
        }
    }
}

impl ChannelProvider {
    /// Its word in the project file.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Mailbox => "mailbox",
            Self::Smtp { .. } => "smtp",
            Self::Chatwoot { .. } => "chatwoot",
            Self::Twilio { .. } => "twilio",
            Self::Folder { .. } => "folder",
            Self::Http { .. } => "http",
        }
    }
}

impl Price {
    /// `0.04 USD`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (amount, currency) = text.split_once(' ')?;
        let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
        let part = format!("{part:0<6}");
        let millionths = whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(part.parse().ok()?)?;
        (part.len() == 6).then(|| Self { millionths, currency: Arc::from(currency) })
    }
}

impl Medium {
    /// Its word, for people.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            Self::Sms => "SMS",
            Self::Whatsapp => "WhatsApp",
            Self::Instagram => "Instagram",
            Self::Letter => "letters",
            Self::Chat => "chat",
        }
    }

    /// The five short forms are their own media; another id is a chat.
    pub(crate) fn of(channel: &str) -> Self {
        match channel {
            "email" => Self::Email,
            "sms" => Self::Sms,
            "whatsapp" => Self::Whatsapp,
            "instagram" => Self::Instagram,
            "letter" => Self::Letter,
            _ => Self::Chat,
        }
    }

    /// Free text only within 24 hours of the person's last message.
    pub(crate) fn has_reply_window(self) -> bool {
        matches!(self, Self::Whatsapp | Self::Instagram)
    }
}

impl Channel {
    /// Keeps the message in the same database: delivering it is part of the commit.
    pub(crate) fn is_local(&self) -> bool {
        self.provider == ChannelProvider::Mailbox
    }
}

impl Policies {
    pub(crate) fn consent(&self, purpose: Purpose) -> ConsentLevel {
        self.consent.get(&purpose).copied().unwrap_or(match purpose {
            Purpose::Marketing => ConsentLevel::OptIn,
            Purpose::Service => ConsentLevel::Soft,
            Purpose::Transactional => ConsentLevel::None,
        })
    }

    pub(crate) fn late(&self, purpose: Purpose) -> Span {
        const HOUR: u64 = 3_600_000;
        self.late.get(&purpose).copied().unwrap_or(match purpose {
            Purpose::Transactional => Span::exact(24 * HOUR),
            Purpose::Service => Span::exact(4 * HOUR),
            Purpose::Marketing => Span::days(1),
        })
    }
}
