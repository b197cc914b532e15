//! DL572 and DL573: how much a channel carries, and for how long its provider keeps a message. Every row names its rule (R…).
use super::{names::welcome, rows};

macro_rules! channels {
    ($channels:literal) => {
        concat!(
            "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\n",
            "clinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n",
            "channels:\n",
            $channels,
            "policies:\n  preferred: [email]\n  quiet_hours: { from: \"20:00\", to: \"09:00\", for: [marketing] }\n"
        )
    };
}
macro_rules! winter {
    ($audience:literal) => {
        concat!(
            "campaign: winter\ngoal: { event: booking.created }\naudience: { inactive_days: 90, ",
            $audience,
            " }\nschedule: { start: 2030-01-07, end: 2030-03-01, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n"
        )
    };
}
const TEXTS: &str = welcome!(
    "steps:\n  - id: hello\n    email: welcome\n  - id: text\n    sms: { text: \"Example Clinic: hello. {{ opt_out }}\" }\n"
);
const SMALL: &str = channels!("  email: { provider: mailbox, limits: { per_day: 1000 } }\n");

rows! {
    OUTLIVES_ITS_HOURS: "DL572" "outlives-its-hours" Error,
        "The provider may keep an SMS for longer than the hours in which it may arrive.",
        "R21. A message that waits in the provider's queue arrives when the queue moves, in the night too (Twilio keeps one for up to ten hours). So one goes out only while its `validity` ends within its hours, and one that never fits never goes.",
        bad &[("dripline.yaml", channels!("  email: { provider: mailbox }\n  sms: { provider: mailbox, validity: 12h }\n")), ("sequences/welcome.yaml", TEXTS)],
        good &[("dripline.yaml", channels!("  email: { provider: mailbox }\n  sms: { provider: mailbox, validity: 2h }\n")), ("sequences/welcome.yaml", TEXTS)];
    MORE_THAN_IT_CARRIES: "DL573" "more-than-it-carries" Warning,
        "More messages are planned for a day or a moment than the channel carries.",
        "R19. Providers refuse what is over the tier of a number or its messages a second, and mailbox providers distrust a new sender that begins with thousands. Compared are `expected` people and the `limit` of triggers with the `limits` of channels; where one of them is not said, nothing is.",
        bad &[("dripline.yaml", SMALL), ("campaigns/winter.yaml", winter!("expected: 4000"))],
        good &[("dripline.yaml", SMALL), ("campaigns/winter.yaml", winter!("expected: 900"))];
}
