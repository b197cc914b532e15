//! Bookings whatever order their news arrive in, consent as a truth table, and what a contact learns.
mod bookings;
mod consent;
mod contacts;
