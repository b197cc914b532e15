//! Texts for people: templates, their checks, rendering, and the finished message.
//!
//! Owns which variant of a template a reader gets, how values look in it, and that nothing a person typed becomes markup,
//! a header or template code. Must not know channels' protocols, runs or where values come from.
mod address;
mod check;
mod filters;
mod ics;
#[cfg(test)]
mod ics_tests;
mod links;
#[cfg(test)]
mod links_tests;
mod markdown;
mod message;
mod reads;
mod render;
pub(crate) mod sms;
mod trial;
mod values;
mod way_out;
mod words;

pub(crate) use address::{AddressFault, check_address, is_public, is_public_host};
pub(crate) use check::{Checked, check};
pub(crate) use ics::Invitation;
pub(crate) use links::{Links, host_of};
pub(crate) use message::{Attachment, Message, ProviderTemplate};
pub(crate) use reads::Reads;
pub(crate) use render::{
    Form, LayoutText, PartialText, Reader, RenderFault, Shape, TemplateText, TemplateTexts, Templates, best,
};
pub(crate) use trial::Trial;
pub(crate) use values::Values;
pub(crate) use way_out::opt_out;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
