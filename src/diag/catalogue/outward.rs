//! What a project asks and tells other programs, and what it understands of messages: DL25x, DL26x, DL44x, DL56x.
use super::{names::project, rows};

/// A sequence with this step.
macro_rules! step {
    ($step:literal) => {
        &[("sequences/welcome.yaml", concat!("sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n  - id: tell\n", $step))]
    };
}

rows! {
    HISTORY_TOLD: "DL449" "history-told" Error,
        "A question to the history stands in what another program is told.",
        "A call is written down with the facts of its moment, and the history is not among them.",
        bad step!("    webhook: { url: CRM_URL, secret: CRM_SECRET, body: { leads: { value: \"count('lead.created')\" } } }\n"),
        good step!("    webhook: { url: CRM_URL, secret: CRM_SECRET, body: { score: { value: contact.score } } }\n");
    RESERVED_CHANNEL: "DL263" "reserved-channel" Error,
        "A channel has the name of one of the program's own ways.",
        "Tasks and calls of other programs are booked under these names.",
        bad &[("dripline.yaml", project!("  webhook: { provider: mailbox }\n"))],
        good &[("dripline.yaml", project!("  widget: { provider: mailbox }\n"))];
    ATTACH_WITHOUT_MAIL: "DL444" "attach-without-mail" Error,
        "A calendar file goes along with a message that is no e-mail.",
        "Text messages and chats carry no files; the person would wait for one.",
        bad &[
            ("dripline.yaml", project!("  sms: { provider: mailbox }\n")),
            ("sequences/booked.yaml", "sequence: booked\npurpose: transactional\nabout: booking\nreentry: always\nsteps:\n  - id: confirm\n    sms: { text: See you }\n    attach: [ics]\n"),
            ("triggers/booked.yaml", "trigger: booked\nevent: booking.created\nenroll: booked\n"),
        ],
        good &[
            ("sequences/booked.yaml", "sequence: booked\npurpose: transactional\nabout: booking\nreentry: always\nsteps:\n  - id: confirm\n    email: { subject: Booked, text: See you }\n    attach: [ics]\n"),
            ("triggers/booked.yaml", "trigger: booked\nevent: booking.created\nenroll: booked\n"),
        ];
    ATTACH_WITHOUT_BOOKING: "DL445" "attach-without-booking" Error,
        "A calendar file goes along where there is no appointment.",
        "Nothing would be attached, ever.",
        bad step!("    email: welcome\n    attach: [ics]\n"),
        good &[];
    UNSAFE_ADDRESS: "DL560" "unsafe-address" Error,
        "Data would go to an address that is not safe.",
        "Without TLS everybody on the way can read it, and an address inside your own network opens that to whoever can fill in a form.",
        bad step!("    webhook: { url: \"http://crm.example.com/hook\", secret: CRM_SECRET }\n"),
        good step!("    webhook: { url: \"https://crm.example.com/hook\", secret: CRM_SECRET }\n");
    EVENT_TYPE: "DL561" "event-type" Error,
        "The kind of event of a webhook has signs that receivers refuse.",
        "Standard Webhooks allow letters, digits and underscores, with dots between.",
        bad step!("    webhook: { url: CRM_URL, secret: CRM_SECRET, type: Lead cooled }\n"),
        good step!("    webhook: { url: CRM_URL, secret: CRM_SECRET, type: lead.cooled }\n");
    TOLD_SENSITIVE: "DL562" "told-sensitive" Error,
        "A sensitive field is told to a program that is not allowed to see it.",
        "What is known about somebody's health goes only where you have decided that it may go.",
        bad &[
            ("dripline.yaml", project!("contact:\n  fields:\n    skin: { type: text, sensitive: health }\n")),
            ("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n  - id: tell\n    webhook: { url: CRM_URL, secret: CRM_SECRET, body: { skin: { value: contact.skin } } }\n"),
        ],
        good &[
            ("dripline.yaml", project!("contact:\n  fields:\n    skin: { type: text, sensitive: health }\n")),
            ("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n  - id: tell\n    webhook: { url: CRM_URL, secret: CRM_SECRET, may_see: [contact.skin], body: { skin: { value: contact.skin } } }\n"),
        ];
    STOP_WORD: "DL440" "stop-word-as-intent" Error,
        "An intent claims a word by which people opt out.",
        "Whoever answers STOP wants no more messages, in every country by law. It closes the channel before anything else is understood.",
        bad &[("dripline.yaml", project!("intents:\n  not_now: { words: [later, stop] }\n"))],
        good &[("dripline.yaml", project!("intents:\n  not_now: { words: [later, not now] }\n"))];
    WITHOUT_WORDS: "DL443" "intent-without-words" Error,
        "An intent has no words, and the model may not choose it.",
        "No message could ever mean it, and what waits for it would wait for ever.",
        bad &[("dripline.yaml", project!("intents:\n  price: { examples: [\"How much is it?\"] }\n"))],
        good &[("dripline.yaml", project!("intents:\n  price: { model: true }\n"))];
    SHARED_WORDS: "DL441" "words-of-two-intents" Warning,
        "Two intents claim the same words.",
        "A message with these words always means the first of them; the other one never hears of it.",
        bad &[("dripline.yaml", project!("intents:\n  booking: { words: [book, appointment] }\n  moving: { words: [Appointment, move] }\n"))],
        good &[("dripline.yaml", project!("intents:\n  booking: { words: [book, appointment] }\n  moving: { words: [move my appointment, move] }\n"))];
    EXAMPLE_NOT_UNDERSTOOD: "DL442" "example-not-understood" Warning,
        "An example of an intent is not understood as that intent.",
        "Examples are tried at every check, so that a new word somewhere does not quietly change what messages mean.",
        bad &[("dripline.yaml", project!("intents:\n  price:\n    words: [cost]\n    examples: [\"How much is it?\"]\n"))],
        good &[("dripline.yaml", project!("intents:\n  price:\n    words: [cost, how much]\n    examples: [\"How much is it?\"]\n"))];
}
