//! DL5xx: consent, law, safety, secrets.
use super::{names::welcome, rows};

const MISSED_TRIGGER: &str = "trigger: missed\nevent: booking.no_show\nif: event.no_show\nenroll: missed\n";

/// A follow-up of no-shows that listens to everything it has to.
macro_rules! missed {
    ($more:literal) => {
        concat!(
            "sequence: missed\npurpose: marketing\nreentry: after 30d\ngoal: { event: booking.created }\nstop_on:\n",
            "  - event: booking.no_show\n    if: not event.no_show\n    reason: unmarked\n",
            $more,
            "steps:\n  - id: hello\n    email: welcome\n"
        )
    };
}

rows! {
    LITERAL_SECRET: "DL501" "literal-secret" Error,
        "A secret stands in a file.",
        "Files are copied, reviewed and kept for ever; whoever reads them could send in your name. Write the name of an environment variable, or file:/run/secrets/x.",
        bad &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\nsources:\n  own: { provider: events, secret: hunter2 }\nchannels:\n  email: { provider: mailbox }\n")],
        good &[];
    NO_UNSUBSCRIBE: "DL503" "no-unsubscribe" Error,
        "Marketing by e-mail has no unsubscribe link in its text.",
        "The law of most countries and every large mail provider ask for it, and people without a way out press the spam button.",
        bad &[("templates/welcome.md", "---\nsubject: Welcome\n---\nHello.\n\n{{ postal_address }}\n")],
        good &[("templates/welcome.md", "---\nsubject: Welcome\n---\nHello.\n\n{{ opt_out }}\n\n{{ postal_address }}\n")];
    NO_ADDRESS: "DL504" "no-postal-address" Error,
        "Marketing by e-mail does not show a postal address.",
        "CAN-SPAM and the imprint duties of many countries ask for it.",
        bad &[("templates/welcome.md", "---\nsubject: Welcome\n---\nHello.\n\n{{ unsubscribe_link }}\n")],
        good &[("templates/welcome.md", "---\nsubject: Welcome\n---\nHello.\n\n{{ unsubscribe_link }}\n\n{{ clinic.address }}\n")];
    MARKETING_TO_STAFF: "DL505" "marketing-to-staff" Error,
        "Marketing goes to staff, hosts or an address.",
        "They never agreed to it; consent, caps and unsubscribe links exist for contacts only.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    to: desk@example.com\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n  - id: desk\n    purpose: service\n    to: desk@example.com\n    email: { subject: New, text: Somebody new }\n"))];
    NO_HTTPS: "DL506" "no-https" Error,
        "Links of messages lead to this daemon, and would not be safe: those to unsubscribe with, and counted ones.",
        "One-click unsubscribing works over https only (RFC 8058). Without TLS everybody on the way reads who opens what, and can lead them elsewhere.",
        bad &[("dripline.yaml", "project: example\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"http://drip.example.com\"\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\nchannels:\n  email: { provider: smtp, url: SMTP_URL }\n")],
        good &[("dripline.yaml", "project: example\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\nchannels:\n  email: { provider: smtp, url: SMTP_URL }\n")];
    UNMARKING_STARTS: "DL507" "unmarking-starts" Error,
        "A follow-up of no-shows also starts for people who came.",
        "booking.no_show happens when the mark is set and when it is taken back; booking.host_no_show is the host's.",
        bad &[("sequences/missed.yaml", missed!("")), ("triggers/missed.yaml", "trigger: missed\nevent: booking.no_show\nenroll: missed\n")],
        good &[("sequences/missed.yaml", missed!("")), ("triggers/missed.yaml", MISSED_TRIGGER)];
    NO_SHOW_GOES_ON: "DL508" "no-show-goes-on" Error,
        "A follow-up of a no-show does not stop when it is no longer true, or no longer needed.",
        "The front desk takes marks back, and people book again by themselves.",
        bad &[("sequences/missed.yaml", "sequence: missed\npurpose: marketing\nreentry: after 30d\nsteps:\n  - id: hello\n    email: welcome\n"), ("triggers/missed.yaml", MISSED_TRIGGER)],
        good &[("sequences/missed.yaml", missed!("")), ("triggers/missed.yaml", MISSED_TRIGGER)];
    GOES_ON_WITHOUT_BOOKING: "DL509" "goes-on-without-booking" Error,
        "A run about a contact counts from a booking and goes on when the booking is cancelled.",
        "A reminder for an appointment that is off. Runs with `about: booking` end by themselves.",
        bad &[("sequences/soon.yaml", "sequence: soon\npurpose: transactional\nreentry: always\nsteps:\n  - id: hello\n    before: { booking.start: 24h }\n    late: 1h\n    email: { subject: Hello, text: Hello }\n"), ("triggers/soon.yaml", "trigger: soon\nevent: booking.created\nenroll: soon\n")],
        good &[("sequences/soon.yaml", "sequence: soon\npurpose: transactional\nabout: booking\nreentry: always\nsteps:\n  - id: hello\n    before: { booking.start: 24h }\n    late: 1h\n    email: { subject: Hello, text: Hello }\n"), ("triggers/soon.yaml", "trigger: soon\nevent: booking.created\nenroll: soon\n")];
    COMPETING: "DL511" "competing-sequences" Error,
        "One event starts two marketing sequences, and nothing says which goes first.",
        "The same person would get both at once.",
        bad &[("sequences/more.yaml", "sequence: more\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n"), ("triggers/more.yaml", "trigger: more\nevent: lead.created\nenroll: more\n")],
        good &[("sequences/more.yaml", "sequence: more\npurpose: marketing\nreentry: never\npriority: 40\nsteps:\n  - id: hello\n    email: welcome\n"), ("triggers/more.yaml", "trigger: more\nevent: lead.created\nenroll: more\n")];
    ALWAYS_AGAIN: "DL512" "always-again" Error,
        "Marketing may start again at any time.",
        "Somebody who fills in a form three times would get the whole series three times.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: always\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: after 30d\nsteps:\n  - id: hello\n    email: welcome\n")];
}
