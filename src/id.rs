//! Newtyped names and keys: no bare integer or text crosses a module border.
//!
//! Names are what people write in files; keys are what a store hands out. Must not know what either refers to.
use serde::{Deserialize, Serialize};
use std::{borrow::Borrow, fmt, sync::Arc};

/// Lower-case hexadecimal: how hashes and made keys are written.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $name(pub(crate) i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )* };
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $name(Arc<str>);

        impl $name {
            pub(crate) fn new(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }
            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
        impl From<Arc<str>> for $name {
            fn from(text: Arc<str>) -> Self {
                Self(text)
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }
    )* };
}

keys! {
    ContactId
    BookingId
    /// One enrolment: a person inside one sequence.
    RunId
    /// One row of the ledger, and the open send that belongs to it.
    SendId
    EventId
    DeliveryId
    /// One compiled document, addressed by its content.
    ObjectId
    /// Start number of the process that owns the database; an attempt carries the epoch it was made under.
    Epoch
}

names! {
    SequenceName
    StepName
    TriggerName
    GroupName
    ChannelName
    SourceName
    ClinicName
    FieldName
    TemplateName
    SegmentName
    CampaignName
    WindowName
    RoleName
    OfferName
    /// Dotted name of an event: `booking.no_show`, `contact.opted_out`, or one the project declares.
    EventKind
    /// Provider's or built key that makes a repeated delivery recognisable.
    DedupeKey
}
