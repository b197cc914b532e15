//! Who and what: contacts, identities, consent, bookings and their ordering, and the catalogue of events.
//!
//! Everything here is a fact about a person or an appointment. Must not know a plan, a run or a provider's payload.
mod booking;
mod catalogue;
mod consent;
mod contact;
mod delivery;
mod phone;
#[cfg(test)]
mod tests;

pub(crate) use booking::{Booking, BookingNews, BookingStatus, Folded, Host, ICAL_SEQUENCE, ICAL_UID, NewsKind};
pub(crate) use catalogue::{BuiltIn, EVENTS, Field, Guarantee, built_in, carries_booking};
pub(crate) use consent::{
    ConsentEntry, ConsentLevel, ConsentState, Permits, Purpose, Verdict, is_hard_bounce, is_stop_word,
};
pub(crate) use contact::{
    BuiltInType, CONTACT_FIELDS, Contact, Counted, Identity, IdentityKind, Touch, Who, contact_field, split_name,
};
pub(crate) use delivery::{Delivery, News, Parsed};
#[cfg(test)]
pub(crate) use phone::prefixes;
pub(crate) use phone::{Region, country_of, e164, zone_of_phone};
