//! DL563 to DL567: links, senders and subjects. Every row names its rule (R…) and where it comes from.
use super::{names::welcome, rows};

macro_rules! channels {
    ($channels:literal) => {
        concat!(
            "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\n",
            "clinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n",
            "channels:\n",
            $channels,
            "policies:\n  quiet_hours: { from: \"20:00\", to: \"09:00\", for: [marketing] }\n"
        )
    };
}
const SMS: &str = channels!("  email: { provider: mailbox }\n  sms: { provider: mailbox }\n");
const TEXT: &str = "templates/hello.sms.txt";
const STEPS: &str = welcome!("steps:\n  - id: hello\n    email: welcome\n  - id: text\n    sms: hello\n");

rows! {
    FILTERED_LINK: "DL563" "filtered-link" Error,
        "A text message has a link of a public shortener, or one to a bare IP address.",
        "R13. Carriers filter such messages (Twilio 30007), because most of them are fraud.",
        bad &[("dripline.yaml", SMS), ("sequences/welcome.yaml", STEPS), (TEXT, "Example Clinic: book at https://bit.ly/abc {{ opt_out }}\n")],
        good &[("dripline.yaml", SMS), ("sequences/welcome.yaml", STEPS), (TEXT, "Example Clinic: book at {{ booking_link }} {{ opt_out }}\n")];
    SENDER_NOT_VERIFIED: "DL564" "sender-not-verified" Error,
        "Mail goes out from a free-mail address, or from a domain that is not among the verified ones.",
        "R14. Mailbox providers refuse mail whose From is not signed by its own domain (Gmail's rules for senders: SPF, DKIM and DMARC aligned).",
        bad &[("dripline.yaml", channels!("  email: { provider: smtp, url: SMTP_URL, from: \"Example <example@gmail.com>\" }\n"))],
        good &[("dripline.yaml", channels!("  email: { provider: smtp, url: SMTP_URL, from: \"Example <hello@mail.example.com>\", verified: [example.com] }\n"))];
    SENDER_NOT_DECLARED: "DL565" "sender-not-declared" Warning,
        "Nothing says that mail from this sender is signed.",
        "R14. Mail without SPF, DKIM and DMARC of its own domain lands in the spam folder (Gmail's rules for senders). `verified` says that they are set up.",
        bad &[("dripline.yaml", channels!("  email: { provider: smtp, url: SMTP_URL, from: \"Example <hello@example.com>\" }\n"))],
        good &[("dripline.yaml", channels!("  email: { provider: smtp, url: SMTP_URL, from: \"Example <hello@example.com>\", verified: [example.com] }\n"))];
    NOBODY_ANSWERS: "DL566" "nobody-answers" Warning,
        "Mail comes from an address that nobody reads, and names no other for answers.",
        "R15. People answer follow-ups; an answer is the best thing that can happen to one.",
        bad &[("dripline.yaml", channels!("  email: { provider: mailbox, from: \"Example <no-reply@example.com>\" }\n"))],
        good &[("dripline.yaml", channels!("  email: { provider: mailbox, from: \"Example <no-reply@example.com>\" }\n")), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n    reply_to: hello@example.com\n"))];
    PRETENDS_TO_ANSWER: "DL567" "pretends-to-answer" Warning,
        "A subject begins with RE: or FW: and answers nothing.",
        "R15. CAN-SPAM forbids subjects that mislead, and filters know this one.",
        bad &[("templates/welcome.md", "---\nsubject: \"RE: your question\"\n---\nHello.\n\n{{ unsubscribe_link }}\n\n{{ postal_address }}\n")],
        good &[("templates/welcome.md", "---\nsubject: \"Your question\"\n---\nHello.\n\n{{ unsubscribe_link }}\n\n{{ postal_address }}\n")];
}
