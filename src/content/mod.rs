//! Templates, rendering, messages. Knows no channel and no run.
mod message;

pub(crate) use message::{Attachment, ContentHash, Message, ProviderTemplate};
