//! DL4xx: expressions and templates.
use super::{names::welcome, rows};

rows! {
    BAD_EXPRESSION: "DL401" "bad-expression" Error,
        "An expression or text cannot be read.",
        "Conditions are written like `contact.score >= 30 and contact.stage == 'new'`.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: contact.score >=\nenroll: welcome\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: contact.score >= 30\nenroll: welcome\n")];
    UNKNOWN_PATH: "DL402" "unknown-path" Error,
        "An expression or text names something that is not known there.",
        "It would always be missing. Which names are known depends on the place: `event` beside an event, `booking` in runs about bookings.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: contact.scor >= 30\nenroll: welcome\n")],
        good &[];
    UNKNOWN_FUNCTION: "DL403" "unknown-function" Error,
        "There is no function, filter or test of that name.",
        "`dripline explain functions` prints them all.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: days_sinc(contact.created_at) > 3\nenroll: welcome\n")],
        good &[];
    UNKNOWN_ID: "DL404" "unknown-id" Error,
        "A quoted id in an expression names nothing.",
        "The condition would never hold.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: not in_sequence('welcom')\nenroll: welcome\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: not in_sequence('welcome')\nenroll: welcome\n")];
    BAD_ARGUMENT: "DL405" "bad-argument" Error,
        "A function gets something that it cannot use.",
        "Each function says what it takes in `dripline explain functions`.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: days_since(contact.email) > 3\nenroll: welcome\n")],
        good &[];
    WRONG_TYPES: "DL406" "wrong-types" Error,
        "Two things are compared that cannot be equal or ordered.",
        "The comparison would always come out the same way.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: contact.score > '5'\nenroll: welcome\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: contact.score > 5\nenroll: welcome\n")];
    NOT_PART: "DL407" "not-part" Error,
        "The construct is not part of the expression language.",
        "Expressions are small on purpose: they are also run as database queries.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: contact.tags[0] == 'vip'\nenroll: welcome\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: has_tag('vip')\nenroll: welcome\n")];
    IMPOSSIBLE_CHOICE: "DL408" "impossible-choice" Error,
        "A field is compared with a word that it never has.",
        "The condition would never hold.",
        bad &[("sequences/more.yaml", "sequence: more\npurpose: transactional\nabout: booking\nreentry: always\nsteps:\n  - id: hello\n    if: booking.status == 'acepted'\n    email: { subject: Hello, text: Hello }\n"), ("triggers/more.yaml", "trigger: more\nevent: booking.created\nenroll: more\n")],
        good &[("sequences/more.yaml", "sequence: more\npurpose: transactional\nabout: booking\nreentry: always\nsteps:\n  - id: hello\n    if: booking.status == 'accepted'\n    email: { subject: Hello, text: Hello }\n"), ("triggers/more.yaml", "trigger: more\nevent: booking.created\nenroll: more\n")];
    ALWAYS: "DL409" "always" Warning,
        "A condition always comes out the same way.",
        "Usually something else was meant. To switch a thing off, use `active: false`.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nif: contact.score > 5 or contact.score <= 5 or true\nenroll: welcome\n")],
        good &[];
    MAYBE_MISSING: "DL410" "maybe-missing" Error,
        "A text uses a value that may be missing.",
        "Somebody would get a message with a hole in it, or none at all. Say what to write instead.",
        bad &[("templates/welcome.md", "---\nsubject: Welcome\n---\nHello {{ contact.first_name }}. {{ unsubscribe_link }} {{ postal_address }}\n")],
        good &[("templates/welcome.md", "---\nsubject: Welcome\n---\nHello {{ contact.first_name | default('there') }}. {{ unsubscribe_link }} {{ postal_address }}\n")];
    NOT_PRINTABLE: "DL411" "not-printable" Error,
        "A text prints something that people cannot read.",
        "Lists, yes or no, and bare moments need to be put into words.",
        bad &[("templates/welcome.md", "---\nsubject: Welcome\n---\nYou are {{ contact.warm }}. {{ unsubscribe_link }} {{ postal_address }}\n")],
        good &[];
    FORBIDDEN: "DL412" "forbidden" Error,
        "A text uses something that texts cannot use.",
        "Texts are filled for thousands of people without anybody watching, so what they can do is small.",
        bad &[("templates/welcome.md", "---\nsubject: Welcome\n---\n{% macro x() %}{% endmacro %}{{ unsubscribe_link }} {{ postal_address }}\n")],
        good &[];
    UNKNOWN_PARTIAL: "DL413" "unknown-partial" Error,
        "There is no partial of that name.",
        "Partials are files in templates/partials/.",
        bad &[("templates/welcome.md", "---\nsubject: Welcome\n---\n{% include 'foter' %}{{ unsubscribe_link }} {{ postal_address }}\n")],
        good &[];
    NO_SUBJECT: "DL420" "no-subject" Error,
        "An e-mail has no subject.",
        "Mails without a subject are taken for spam.",
        bad &[("templates/welcome.md", "Hello. {{ unsubscribe_link }} {{ postal_address }}\n")],
        good &[];
    NO_CONTENT: "DL423" "no-content" Error,
        "A layout has no `{{ content }}`.",
        "Every mail with this layout would be empty.",
        bad &[("templates/welcome.md", "---\nsubject: Welcome\nlayout: plain\n---\nHello. {{ unsubscribe_link }} {{ postal_address }}\n"), ("templates/layouts/plain.html", "<html><body></body></html>")],
        good &[("templates/welcome.md", "---\nsubject: Welcome\nlayout: plain\n---\nHello. {{ unsubscribe_link }}\n"), ("templates/layouts/plain.html", "<html><body>{{ content }}<p>{{ postal_address }}</p></body></html>")];
    NO_VARIANT: "DL421" "no-variant" Error,
        "A template has no text for a channel or language that a step may use.",
        "Some people would get nothing. The most specific file wins, language before channel: name.email.de, name.de, then the project's language, then name.email, name. A .md file without a channel serves every channel.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n  - id: more\n    email: more\n")), ("templates/more.sms.txt", "Hello\n")],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n  - id: more\n    purpose: service\n    email: more\n")), ("templates/more.email.md", "---\nsubject: More\n---\nHello\n")];
    UNTRANSLATED: "DL422" "untranslated" Warning,
        "A template is not written in one of the project's languages.",
        "Readers of that language get the project's first one.",
        bad &[("dripline.yaml", "project: example\nzone: Europe/Berlin\nlocales: [en, de]\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\nchannels:\n  email: { provider: mailbox }\n")],
        good &[("dripline.yaml", "project: example\nzone: Europe/Berlin\nlocales: [en, de]\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\nchannels:\n  email: { provider: mailbox }\n"), ("templates/welcome.de.md", "---\nsubject: Willkommen\n---\nHallo. {{ unsubscribe_link }} {{ postal_address }}\n")];
}
