//! What a project asks and tells other programs, and what it understands of messages: DL25x, DL26x, DL44x, DL56x.
use super::{names::project, rows};

/// A sequence with this step.
macro_rules! step {
    ($step:literal) => {
        &[("sequences/welcome.yaml", concat!("sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n  - id: tell\n", $step))]
    };
}

/// A sequence with this step, which asks.
macro_rules! asking {
    ($step:literal) => {
        concat!("sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n  - id: tell\n", $step)
    };
}
/// A project with a look-up.
macro_rules! lookups {
    () => {
        project!("lookups:\n  others: { get: \"https://match.example.com/api?of={{ contact.id }}\", returns: { best: text } }\n")
    };
}

/// A project whose calendar knows a kind of appointment.
const BOOKABLE: &str = project!("sources:\n  cal: { provider: calcom, secret: CAL_SECRET, kinds: { intro: [101] } }\n");

rows! {
    HISTORY_TOLD: "DL449" "history-told" Error,
        "A question to the history stands in what another program is told.",
        "A call is written down with the facts of its moment, and the history is not among them.",
        bad step!("    webhook: { url: CRM_URL, secret: CRM_SECRET, body: { leads: { value: \"count('lead.created')\" } } }\n"),
        good step!("    webhook: { url: CRM_URL, secret: CRM_SECRET, body: { score: { value: contact.score } } }\n");
    UNKNOWN_LOOKUP: "DL257" "unknown-lookup" Error,
        "There is no look-up of that name.",
        "The step would wait for an answer that nobody gives.",
        bad step!("    with: { slot: free }\n    if: slot.start is defined\n    email: welcome\n"),
        good &[];
    ALIAS_TAKEN: "DL258" "alias-taken" Error,
        "The answer of a look-up is called like something that is always there.",
        "Nobody could tell which of both a text means.",
        bad &[("dripline.yaml", lookups!()), ("sequences/welcome.yaml", asking!("    with: { more: others, contact: others }\n    if: more.best is defined\n    email: welcome\n"))],
        good &[("dripline.yaml", lookups!()), ("sequences/welcome.yaml", asking!("    with: { more: others }\n    email: { subject: More, text: \"{{ more.best | default('none') }} {{ unsubscribe_link }} {{ postal_address }}\" }\n"))];
    UNUSED_ALIAS: "DL259" "unused-answer" Warning,
        "A step asks a look-up and does not use the answer.",
        "The question costs time, and when it fails the step fails.",
        bad &[("dripline.yaml", lookups!()), ("sequences/welcome.yaml", asking!("    with: { more: others }\n    email: welcome\n"))],
        good &[("dripline.yaml", lookups!()), ("sequences/welcome.yaml", asking!("    with: { more: others }\n    if: more.best is defined\n    email: welcome\n"))];
    UNUSED_LOOKUP: "DL260" "unused-lookup" Warning,
        "No step uses a look-up.",
        "It may be left over, or a step forgot it.",
        bad &[("dripline.yaml", lookups!())],
        good &[];
    UNKNOWN_KIND: "DL261" "unknown-kind" Error,
        "No source knows appointments of this kind.",
        "There would never be a free time of it.",
        bad &[("dripline.yaml", project!("sources:\n  cal: { provider: calcom, secret: CAL_SECRET, kinds: { intro: [101] } }\nlookups:\n  others: { provider: calcom.slots, event_type: intor, returns: { start: time } }\n")), ("sequences/welcome.yaml", asking!("    with: { slot: others }\n    if: slot.start is defined\n    email: welcome\n"))],
        good &[("dripline.yaml", project!("sources:\n  cal: { provider: calcom, secret: CAL_SECRET, kinds: { intro: [101] } }\nlookups:\n  others: { provider: calcom.slots, event_type: intro, returns: { start: time } }\n")), ("sequences/welcome.yaml", asking!("    with: { slot: others }\n    if: slot.start is defined\n    email: welcome\n"))];
    NO_SUCH_ANSWER: "DL446" "no-such-answer" Error,
        "A built-in look-up is asked for what it does not answer, or without what it needs.",
        "The field would always be empty.",
        bad &[("dripline.yaml", project!("lookups:\n  others: { provider: calcom.slots, returns: { start: time } }\n")), ("sequences/welcome.yaml", asking!("    with: { slot: others }\n    if: slot.start is defined\n    email: welcome\n"))],
        good &[];
    LONG_TIMEOUT: "DL447" "long-timeout" Error,
        "A look-up may take longer than a step can wait.",
        "Everything else that is due waits behind it.",
        bad &[("dripline.yaml", project!("lookups:\n  others: { get: MATCH_URL, returns: { best: text }, timeout: 2m }\n")), ("sequences/welcome.yaml", asking!("    with: { more: others }\n    if: more.best is defined\n    email: welcome\n"))],
        good &[];
    POLL_WITHOUT_API: "DL448" "poll-without-api" Error,
        "Missed bookings are to be looked for, and nothing says where.",
        "Without the address and key of the API nobody can be asked.",
        bad &[("dripline.yaml", project!("sources:\n  cal: { provider: calcom, secret: CAL_SECRET, poll: 15m }\n"))],
        good &[("dripline.yaml", project!("sources:\n  cal: { provider: calcom, secret: CAL_SECRET, poll: 15m, api: { url: \"https://api.cal.example.com\", key: CAL_KEY } }\n"))];
    RESERVED_CHANNEL: "DL263" "reserved-channel" Error,
        "A channel has the name of one of the program's own ways.",
        "Tasks and calls of other programs are booked under these names.",
        bad &[("dripline.yaml", project!("  webhook: { provider: mailbox }\n"))],
        good &[("dripline.yaml", project!("  widget: { provider: mailbox }\n"))];
    NO_FREE_TIME: "DL454" "no-free-time" Error,
        "An appointment is offered at something that is no time.",
        "Only `first`, or a time in the answer of a look-up that the same step asks, can be booked.",
        bad &[("dripline.yaml", BOOKABLE), ("sequences/welcome.yaml", asking!("    appointment: { kind: intro, slot: frist, message: welcome }\n"))],
        good &[];
    NOWHERE_TO_BOOK: "DL455" "nowhere-to-book" Warning,
        "A message offers an appointment without the link where it is booked.",
        "This version books nothing in the calendar by itself: people do, by the link.",
        bad &[("dripline.yaml", BOOKABLE), ("sequences/welcome.yaml", asking!("    appointment: { kind: intro, message: { subject: Hello, text: \"Come and see us. {{ unsubscribe_link }} {{ postal_address }}\" } }\n"))],
        good &[("dripline.yaml", BOOKABLE), ("sequences/welcome.yaml", asking!("    appointment: { kind: intro, message: { subject: Hello, text: \"Book here: {{ booking_link }} {{ unsubscribe_link }} {{ postal_address }}\" } }\n"))];
    UNKNOWN_HOST: "DL456" "unknown-host" Error,
        "An appointment is offered with somebody who stands in no field.",
        "A name may be written as it is; what looks like a field has to be one.",
        bad &[("dripline.yaml", BOOKABLE), ("sequences/welcome.yaml", asking!("    appointment: { kind: intro, host: contact.therapst, message: { subject: Hello, text: \"Book here: {{ booking_link }} {{ unsubscribe_link }} {{ postal_address }}\" } }\n"))],
        good &[];
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
