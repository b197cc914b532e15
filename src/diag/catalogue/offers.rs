//! DL25x, DL345 and DL346: offers, their codes and limits.
use super::{names::welcome, rows};

/// A sound offer; the base's welcome may bind it.
macro_rules! winter {
    ($rest:literal) => {
        concat!("offer: winter20\ntitle: 20 % off\n", $rest)
    };
}

const SOUND: &str = winter!("code: WINTER20\nvalid: { until: 2027-12-31 }\nlimits: { per_contact: 1, total: 300 }\n");
const BOUND: &str = welcome!("offer: winter20\nsteps:\n  - id: hello\n    email: welcome\n");
const TEXT: &str =
    "---\nsubject: Welcome\n---\nYour code: {{ offer.code }}\n\n{{ unsubscribe_link }}\n\n{{ postal_address }}\n";
const CAMPAIGN: &str = "campaign: winter\noffer: winter20\naudience: { inactive_days: 90 }\nschedule: { start: 2028-01-03, end: 2028-03-01, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n";

rows! {
    UNKNOWN_OFFER: "DL251" "unknown-offer" Error,
        "There is no offer of that name.",
        "Its messages would have no code.",
        bad &[("sequences/welcome.yaml", BOUND)],
        good &[("sequences/welcome.yaml", BOUND), ("offers/winter20.yaml", SOUND)];
    UNBOUND_OFFER: "DL253" "unbound-offer" Error,
        "A text or condition names an offer where none is bound.",
        "Which offer it is stands in the sequence or campaign: `offer: winter20`.",
        bad &[("templates/welcome.md", TEXT)],
        good &[("templates/welcome.md", TEXT), ("sequences/welcome.yaml", BOUND), ("offers/winter20.yaml", SOUND)];
    UNLIMITED_OFFER: "DL252" "unlimited-offer" Warning,
        "An offer has no expiry, no limit per contact, or no limit in all.",
        "A code that never ends gets around, and what it costs cannot be known.",
        bad &[("sequences/welcome.yaml", BOUND), ("offers/winter20.yaml", winter!("code: WINTER20\nvalid: { until: 2027-12-31 }\n"))],
        good &[("sequences/welcome.yaml", BOUND), ("offers/winter20.yaml", SOUND)];
    FEW_CODES: "DL255" "few-codes" Warning,
        "A pattern makes so few codes that they run out or can be guessed.",
        "Every contact gets a code of their own.",
        bad &[("sequences/welcome.yaml", BOUND), ("offers/winter20.yaml", winter!("generate: \"W-???\"\nvalid: { until: 2027-12-31 }\nlimits: { per_contact: 1, total: 300 }\n"))],
        good &[("sequences/welcome.yaml", BOUND), ("offers/winter20.yaml", winter!("generate: \"W-??????\"\nvalid: { until: 2027-12-31 }\nlimits: { per_contact: 1, total: 300 }\n"))];
    SAME_CODE: "DL256" "same-code" Error,
        "Two offers have the same code.",
        "Which of them somebody redeems could not be told.",
        bad &[("sequences/welcome.yaml", BOUND), ("offers/winter20.yaml", SOUND), ("sequences/other.yaml", "sequence: other\npurpose: marketing\nreentry: never\noffer: other\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: welcome\n"), ("triggers/other.yaml", "trigger: other\nevent: form.submitted\nenroll: other\n"), ("offers/other.yaml", "offer: other\ntitle: The same\ncode: winter20\nvalid: { until: 2027-12-31 }\nlimits: { per_contact: 1, total: 300 }\n")],
        good &[];
    OFFER_ENDS_BEFORE: "DL345" "offer-ends-before" Error,
        "An offer is over before the message that names it can go.",
        "The message would be left out for everybody.",
        bad &[("templates/welcome.md", TEXT), ("sequences/welcome.yaml", BOUND), ("campaigns/winter.yaml", CAMPAIGN), ("offers/winter20.yaml", SOUND)],
        good &[("templates/welcome.md", TEXT), ("sequences/welcome.yaml", BOUND), ("campaigns/winter.yaml", CAMPAIGN), ("offers/winter20.yaml", winter!("code: WINTER20\nvalid: { until: 2028-12-31 }\nlimits: { per_contact: 1, total: 300 }\n"))];
    OFFER_IS_OVER: "DL346" "offer-is-over" Warning,
        "An offer that something names is over.",
        "Messages with it do not go out any more.",
        bad &[("sequences/welcome.yaml", BOUND), ("offers/winter20.yaml", winter!("code: WINTER20\nvalid: { until: 2020-12-31 }\nlimits: { per_contact: 1, total: 300 }\n"))],
        good &[("sequences/welcome.yaml", BOUND), ("offers/winter20.yaml", SOUND)];
}
