//! Who and what: contact, identity, consent, booking and its ordering, and the catalogue of events. Knows no plan.
