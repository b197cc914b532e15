//! DL52x and DL53x: what laws and carriers ask of texts, hours and grounds. Each `why` names the rule and its source.
use super::{names::welcome, rows};

/// The base project with another zone and policies, more channels, and more at its end.
macro_rules! project {
    ($zone:literal, $channels:literal, $policies:literal, $more:literal) => {
        concat!(
            "project: example\nrequires: \">=0.1, <0.2\"\nzone: ",
            $zone,
            "\nlocales: [en]\npublic_url: \"https://drip.example.com\"\n",
            "clinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n",
            "contact:\n  merge_by: [phone, email, whatsapp]\n  fields: { procedure: { type: text, sensitive: health } }\n",
            "sources:\n  own: { provider: events, secret: EVENTS_SECRET }\n",
            "channels:\n  email: { provider: mailbox }\n",
            $channels,
            "policies:\n  preferred: [email]\n",
            $policies,
            $more
        )
    };
}
/// Phones are reached, at hours that are allowed everywhere.
const PHONES: &str = project!(
    "America/Jamaica",
    "  sms: { provider: mailbox }\n  whatsapp: { provider: mailbox }\n",
    "  quiet_hours: { from: \"20:00\", to: \"09:00\" }\n",
    ""
);
/// A sequence with one SMS in place of the base's mails.
macro_rules! sms {
    ($purpose:literal, $text:literal) => {
        concat!(
            "sequence: welcome\npurpose: ",
            $purpose,
            "\nreentry: never\nsteps:\n  - id: hello\n    sms: { text: ",
            $text,
            " }\n  - id: again\n    day: 3\n    purpose: marketing\n    email: welcome\n"
        )
    };
}
/// A mail in place, for an appointment.
macro_rules! mail {
    ($subject:literal, $text:literal) => {
        concat!(
            "sequence: welcome\npurpose: service\nreentry: never\nsteps:\n  - id: hello\n    email: { subject: ",
            $subject,
            ", text: ",
            $text,
            " }\n  - id: again\n    day: 3\n    purpose: marketing\n    email: welcome\n"
        )
    };
}
const MAIL_WITH_OBJECTION: &str =
    "---\nsubject: Welcome\n---\nHello.\n\nYou may object at any time: {{ opt_out }}\n\n{{ postal_address }}\n";
const GOODBYE: &str = "trigger: goodbye\nevent: contact.opted_out\nenroll: goodbye\n";
const CHAT: &str = "trigger: wrote\nevent: message.received\nif: event.channel == 'whatsapp'\nenroll: answer\n";

rows! {
    UNINTRODUCED: "DL520" "unintroduced-sms" Error,
        "Marketing by SMS does not say for a month who writes and how to end it.",
        "Rule C06: people have to know the sender and the way out, and to hear of it again every month (47 CFR 64.1200(a)(10); the carriers' CTIA practice).",
        bad &[("dripline.yaml", PHONES), ("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - { id: hello, sms: { text: \"{{ clinic.name }}: hello. {{ opt_out }}\" } }\n  - { id: later, day: 31, sms: { text: Hello again } }\n  - { id: again, day: 40, email: welcome }\n")],
        good &[("dripline.yaml", PHONES), ("sequences/welcome.yaml", sms!("marketing", "\"{{ clinic.name }}: hello again. {{ opt_out }}\""))];
    PROMOTION: "DL521" "hidden-promotion" Error,
        "A transactional or service message advertises.",
        "Rule C07: with an offer in it a reminder is marketing, and needs what marketing needs (UWG § 7; 45 CFR 164.501; Meta takes the template category away).",
        bad &[("sequences/welcome.yaml", mail!("Your visit", "\"See you soon. This week: 20% off!\""))],
        good &[("sequences/welcome.yaml", mail!("Your visit", "See you soon."))];
    NO_GATE: "DL522" "no-consent-gate" Error,
        "Marketing asks for no consent, or for too little.",
        "Rule C08: phones may carry marketing only with prior agreement (TCPA, 47 CFR 64.1200(a)(2); GDPR Art. 7; WhatsApp's opt-in policy).",
        bad &[("dripline.yaml", project!("America/Jamaica", "", "  consent: { marketing: none }\n", ""))],
        good &[("dripline.yaml", project!("America/Jamaica", "", "  consent: { marketing: opt_in }\n", ""))];
    DOUBLE_OPT_IN: "DL523" "no-double-opt-in" Error,
        "Marketing may reach people in Germany or Austria without a confirmed agreement.",
        "Rule C09: advertising by electronic mail needs express consent that you can prove, and only a confirmed one proves it (UWG § 7(2); exception § 7(3); TKG 2021 § 174).",
        bad &[("dripline.yaml", project!("Europe/Berlin", "", "  consent: { marketing: opt_in }\n", "countries: [DE, CH]\n"))],
        good &[("dripline.yaml", project!("Europe/Berlin", "", "  consent: { marketing: double_opt_in }\n", "countries: [DE, CH]\n"))];
    NO_OBJECTION: "DL524" "no-objection" Error,
        "A message to existing customers does not say how to object.",
        "Rule C11: the exception for existing customers holds only when every message names the right to object (UWG § 7(3) no. 4).",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nbasis: existing_customers\nreentry: never\nsteps:\n  - id: hello\n    letter: { text: Hello }\n  - id: again\n    day: 3\n    email: welcome\n"), ("dripline.yaml", project!("Europe/Berlin", "  letter: { provider: mailbox }\n", "", "countries: [DE]\n"))],
        good &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nbasis: existing_customers\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n"), ("templates/welcome.md", MAIL_WITH_OBJECTION), ("dripline.yaml", project!("Europe/Berlin", "", "", "countries: [DE]\n"))];
    PHONE_HOURS: "DL525" "phone-hours" Error,
        "Marketing could reach phones at night.",
        "Rule C12: 8 to 21 o'clock at the recipient's place, in some states less (47 CFR 64.1200(c)(1); state rules). Built-in hours are dated; `policies.phone_hours` says others inside 8 to 21.",
        bad &[("dripline.yaml", project!("America/Jamaica", "  sms: { provider: mailbox }\n", "", "")), ("sequences/welcome.yaml", sms!("marketing", "\"{{ clinic.name }}: hello. {{ opt_out }}\""))],
        good &[("dripline.yaml", project!("America/Jamaica", "  sms: { provider: mailbox }\n", "  quiet_hours: { from: \"21:00\", to: \"08:00\" }\n", "")), ("sequences/welcome.yaml", sms!("marketing", "\"{{ clinic.name }}: hello. {{ opt_out }}\""))];
    AFTER_OPT_OUT: "DL526" "after-an-opt-out" Error,
        "Somebody who opted out gets more than a short confirmation.",
        "Rule C15: one message within five minutes may confirm an opt-out, and may sell nothing (47 CFR 64.1200(a)(12)).",
        bad &[("sequences/goodbye.yaml", "sequence: goodbye\npurpose: transactional\nreentry: after 1d\nsteps:\n  - id: bye\n    day: 2\n    email: { subject: Goodbye, text: You get no more mails. }\n"), ("triggers/goodbye.yaml", GOODBYE)],
        good &[("sequences/goodbye.yaml", "sequence: goodbye\npurpose: transactional\nreentry: after 1d\nsteps:\n  - id: bye\n    email: { subject: Goodbye, text: You get no more mails. }\n"), ("triggers/goodbye.yaml", GOODBYE)];
    STOP_WORD: "DL527" "stop-word" Error,
        "An SMS asks for a stop word as an answer.",
        "Rule C16: carriers and Twilio act on STOP, END, CANCEL and QUIT themselves: whoever answers so to move an appointment gets nothing any more.",
        bad &[("dripline.yaml", PHONES), ("sequences/welcome.yaml", sms!("service", "Reply CANCEL to cancel your visit."))],
        good &[("dripline.yaml", PHONES), ("sequences/welcome.yaml", sms!("service", "Reply C to cancel your visit. Reply STOP to stop messages."))];
    RESUME_WORD: "DL528" "resume-word" Warning,
        "An SMS asks for YES or START as an answer.",
        "Rule C17: Twilio reads YES, START and UNSTOP as the wish to get messages again, so an answer to a question lifts an opt-out.",
        bad &[("dripline.yaml", PHONES), ("sequences/welcome.yaml", sms!("service", "Reply YES to confirm your visit."))],
        good &[("dripline.yaml", PHONES), ("sequences/welcome.yaml", sms!("service", "Reply OK to confirm your visit."))];
    HEALTH: "DL529" "health-in-the-open" Error,
        "A field about somebody's health stands where others read it.",
        "Rule C19: lock screens, lists of mails and logs of servers show it (GDPR Art. 9; HIPAA's minimum necessary, 45 CFR 164.502(b)).",
        bad &[("dripline.yaml", PHONES), ("sequences/welcome.yaml", mail!("\"Your {{ contact.procedure | default('visit') }}\"", "See you soon."))],
        good &[("dripline.yaml", PHONES), ("sequences/welcome.yaml", mail!("Your visit", "\"See you soon for your {{ contact.procedure | default('visit') }}.\""))];
    UNDISCLOSED: "DL530" "undisclosed-machine" Warning,
        "An automatic answer in a chat does not say that it is one.",
        "Rule C23: who chats with a machine has to be told (AI Act Art. 50; Meta's rules for automated chats, which name Germany and California).",
        bad &[("dripline.yaml", project!("Europe/Berlin", "  whatsapp: { provider: mailbox }\n", "", "")), ("triggers/wrote.yaml", CHAT), ("sequences/answer.yaml", "sequence: answer\npurpose: service\nreentry: after 1d\nsteps:\n  - id: hello\n    whatsapp: { text: We call you back. }\n")],
        good &[("dripline.yaml", project!("Europe/Berlin", "  whatsapp: { provider: mailbox }\n", "", "")), ("triggers/wrote.yaml", CHAT), ("sequences/answer.yaml", "sequence: answer\npurpose: service\nreentry: after 1d\nsteps:\n  - id: hello\n    whatsapp: { text: This is an automatic answer. We call you back. }\n")];
    TREATMENT: "DL531" "treatment-as-ground" Error,
        "Marketing is grounded on a treatment.",
        "Rule C24: what belongs to a treatment needs no authorisation, and what sells one does (45 CFR 164.501 and 164.508(a)(3); GDPR Art. 9).",
        bad &[("sequences/welcome.yaml", welcome!("basis: treatment\nsteps:\n  - id: hello\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("basis: consent\nsteps:\n  - id: hello\n    email: welcome\n"))];
}
