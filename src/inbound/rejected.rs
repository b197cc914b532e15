//! Why a request is not taken, and what the sender is told. Must not carry a secret or a person's data in its words.
use crate::record::Delivery;
use std::fmt;

/// Nothing happens because of such a request.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Rejected {
    /// No source of this name.
    UnknownSource,
    /// Not signed, or not with our secret, or long ago.
    Unauthorised,
    TooLarge,
    /// Not even the outer form is right.
    Malformed(String),
    /// Understood, and it cannot be so.
    Invalid(String),
    /// Signed by the provider, but somebody replaced its body by a template. The delivery is there to be kept.
    CustomTemplate(Box<Delivery>),
}

impl Rejected {
    /// Status of the HTTP answer.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::UnknownSource => 404,
            Self::Unauthorised => 401,
            Self::TooLarge => 413,
            Self::Malformed(_) => 400,
            Self::Invalid(_) | Self::CustomTemplate(_) => 422,
        }
    }
}

impl fmt::Display for Rejected {
    /// What the sender reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownSource => f.write_str("there is no source of this name"),
            Self::Unauthorised => f.write_str("the signature is missing, wrong or too old"),
            Self::TooLarge => f.write_str("the body is larger than 1 MiB"),
            Self::Malformed(hint) | Self::Invalid(hint) => f.write_str(hint),
            Self::CustomTemplate(_) => f.write_str(
                "the body has no triggerEvent: it follows a custom payload template. \
                 Remove the template in the webhook's settings so that the standard body is sent",
            ),
        }
    }
}

impl std::error::Error for Rejected {}
