//! The project that the rows' examples are laid over, for the tests that execute them. Must not know any row.
use super::Files;
use std::collections::BTreeMap;

/// A minimal project without findings, under every example of a row.
pub(crate) const BASE: Files = &[
    ("dripline.yaml", BASE_PROJECT),
    ("sequences/welcome.yaml", BASE_SEQUENCE),
    ("triggers/welcome.yaml", BASE_TRIGGER),
    ("templates/welcome.md", BASE_TEMPLATE),
];

pub(crate) const BASE_PROJECT: &str = r#"project: example
requires: ">=0.1, <0.2"
zone: Europe/Berlin
locales: [en]
public_url: "https://drip.example.com"
clinics:
  main: { name: Example Clinic, address: "Hauptstr. 1, 10115 Berlin", booking_url: "https://cal.example.com/intro" }
contact:
  merge_by: [phone, email]
sources:
  own: { provider: events, secret: EVENTS_SECRET }
channels:
  email: { provider: mailbox }
policies:
  preferred: [email]
"#;
pub(crate) const BASE_SEQUENCE: &str = r#"sequence: welcome
category: warm_lead
purpose: marketing
reentry: never
goal: { event: booking.created }
steps:
  - id: hello
    email: welcome
  - id: again
    day: 3
    at: "10:00"
    email: welcome
"#;
const BASE_TRIGGER: &str = "trigger: welcome\nevent: lead.created\nenroll: welcome\n";
const BASE_TEMPLATE: &str = r#"---
subject: Welcome
---
Hello {{ contact.first_name | default("there") }},

book your first visit here: {{ booking_link }}

{{ unsubscribe_link }}

{{ postal_address }}
"#;

/// Files of the base project with `files` laid over them.
pub(crate) fn over_base(files: Files) -> BTreeMap<&'static str, &'static str> {
    BASE.iter().chain(files).copied().collect()
}
