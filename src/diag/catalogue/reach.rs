//! DL55x to DL58x: whom a channel reaches, and when. Every row names its rule (R…) and where it comes from.
use super::{names::welcome, rows};

/// The base project with these channels, and what follows them.
macro_rules! channels {
    ($channels:literal) => {
        concat!(
            "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\n",
            "clinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n",
            "channels:\n  email: { provider: mailbox, from: \"Example <hello@example.com>\" }\n",
            $channels,
            "policies:\n  quiet_hours: { from: \"20:00\", to: \"09:00\", for: [marketing] }\n"
        )
    };
}
const WHATSAPP: &str = channels!("  whatsapp: { provider: mailbox }\n");
const INSTAGRAM: &str = channels!("  instagram: { provider: mailbox }\n");

rows! {
    WHATSAPP_TOO_LATE: "DL550" "whatsapp-too-late" Error,
        "A free text on WhatsApp can be due more than 24 hours after the person's last message.",
        "R01. WhatsApp refuses it then (131047, Twilio 63016). An approved template may go at any time, and so may another channel.",
        bad &[("dripline.yaml", WHATSAPP), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    whatsapp: { text: Hello }\n  - id: more\n    email: welcome\n"))],
        good &[("dripline.yaml", WHATSAPP), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    via: [whatsapp, email]\n    send: welcome\n"))];
    INSTAGRAM_TOO_LATE: "DL551" "instagram-too-late" Error,
        "A message on Instagram can be the first one, or due more than 24 hours after the person's last message.",
        "R08. On Instagram people have to write first, and a day later only a human being may answer (Meta's policy for messaging).",
        bad &[("dripline.yaml", INSTAGRAM), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    instagram: { text: Hello }\n  - id: more\n    email: welcome\n"))],
        good &[("dripline.yaml", INSTAGRAM), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    via: [instagram, email]\n    send: welcome\n"))];
    ONLY_INSTAGRAM: "DL552" "only-instagram" Warning,
        "A series reaches people on Instagram only, and asks for no other address.",
        "R10. After a day of silence there is no way to them any more. Ask for an e-mail address or a number while they write.",
        bad &[("dripline.yaml", INSTAGRAM), ("triggers/talk.yaml", "trigger: talk\nevent: message.received\nif: event.channel == 'instagram'\nenroll: talk\n"), ("sequences/talk.yaml", "sequence: talk\npurpose: service\nreentry: after 30d\nsteps:\n  - id: hello\n    instagram: { text: This is an automatic answer. }\n")],
        good &[("dripline.yaml", INSTAGRAM), ("triggers/talk.yaml", "trigger: talk\nevent: message.received\nif: event.channel == 'instagram'\nenroll: talk\n"), ("sequences/talk.yaml", "sequence: talk\npurpose: service\nreentry: after 30d\nsteps:\n  - id: hello\n    instagram: { text: \"This is an automatic answer. {{ booking_link }}\" }\n")];
}
