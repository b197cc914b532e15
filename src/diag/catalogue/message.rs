//! Messages: experiments, texts by a model, and what a text becomes on its channel. Codes of several ranges: DL1xx for what
//! an object lacks, DL2xx for names, DL4xx for texts, DL5xx for law and safety.
use super::rows;

const MODEL: &str = concat!(
    "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\n",
    "clinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n",
    "contact:\n  merge_by: [phone, email]\n  fields: { procedure: { one_of: [botox, filler], type: choice } }\n",
    "sources:\n  own: { provider: events, secret: EVENTS_SECRET }\n",
    "channels:\n  email: { provider: mailbox }\npolicies:\n  preferred: [email]\n",
    "model: { provider: openai, url: MODEL_URL, key: MODEL_KEY, name: small-1, timeout: 30s, may_see: [contact.procedure], spend: { at_most: 5 EUR, per: 1d } }\n"
);
const HEALTH: &str = concat!(
    "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\n",
    "clinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n",
    "contact:\n  merge_by: [phone, email]\n  fields: { procedure: { one_of: [botox, filler], type: choice, sensitive: health } }\n",
    "sources:\n  own: { provider: events, secret: EVENTS_SECRET }\n",
    "channels:\n  email: { provider: mailbox }\npolicies:\n  preferred: [email]\n",
    "model: { provider: openai, url: MODEL_URL, key: MODEL_KEY, name: small-1, timeout: 30s, may_see: [contact.procedure], spend: { at_most: 5 EUR, per: 1d } }\n"
);
const BOLD: &str = "---\nsubject: Hello!\n---\nHello {{ contact.first_name | default('there') }}! {{ booking_link }}\n\n{{ unsubscribe_link }} {{ postal_address }}\n";

rows! {
    ONE_ARM: "DL160" "one-arm" Error,
        "`variants` names fewer than two templates.",
        "With one arm there is nothing to compare, and everybody gets the same.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { variants: { a: welcome }, test: { by: goal, method: fixed, per_arm: 900 } }\n")],
        good &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { variants: { a: welcome, b: bold }, test: { by: goal, method: fixed, per_arm: 900 } }\n"), ("templates/bold.md", BOLD)];
    NO_NUMBER: "DL161" "test-without-number" Error,
        "A test by `fixed` has no number of people.",
        "Whoever looks every day and stops at the first good day finds a winner in a quarter of all comparisons of two equal texts.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { variants: { a: welcome, b: bold }, test: { by: goal, method: fixed } }\n"), ("templates/bold.md", BOLD)],
        good &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { variants: { a: welcome, b: bold }, test: { by: goal, method: always_valid } }\n"), ("templates/bold.md", BOLD)];
    SAME_ARM: "DL162" "same-arm" Warning,
        "Two arms send the same template.",
        "Half of the people are used up for a comparison that cannot show anything.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { variants: { a: welcome, b: welcome }, test: { by: goal, method: fixed, per_arm: 900 } }\n")],
        good &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { variants: { a: welcome, b: bold }, test: { by: goal, method: fixed, per_arm: 900 } }\n"), ("templates/bold.md", BOLD)];
    UNMEASURED: "DL163" "variants-without-test" Warning,
        "Several templates go out, and nothing says how they are compared.",
        "Without it nobody will know which of them was better.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { variants: { a: welcome, b: bold } }\n"), ("templates/bold.md", BOLD)],
        good &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { variants: { a: welcome, b: bold }, test: { by: goal, method: fixed, per_arm: 900 } }\n"), ("templates/bold.md", BOLD)];
    SMALL_TEST: "DL164" "small-test" Warning,
        "A test has too few people to see even a doubling.",
        "A clinic with 300 patients cannot compare texts by bookings: the difference would have to be larger than texts ever make.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { variants: { a: welcome, b: bold }, test: { by: goal, method: fixed, per_arm: 150 } }\n"), ("templates/bold.md", BOLD)],
        good &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { variants: { a: welcome, b: bold }, test: { by: goal, method: fixed, per_arm: 900 } }\n"), ("templates/bold.md", BOLD)];
    WRITE_INCOMPLETE: "DL165" "write-incomplete" Error,
        "A text by a model lacks its fence.",
        "Every such text needs a longest length, somebody who looks, and a reviewed template for when the model fails.",
        bad &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], must_include: [booking_link], never: [prices], fallback: welcome, subject: Good to know }\n")],
        good &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")];
    NO_MODEL: "DL166" "no-model" Error,
        "A model is to write a text, and the project names none.",
        "Only the fallback would ever go out.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.first_name], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")],
        good &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")];
    NO_MONEY: "DL169" "no-amount" Error,
        "An amount of money cannot be read.",
        "The model would have no limit of costs.",
        bad &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  email: { provider: mailbox }\nmodel: { provider: openai, name: small-1, timeout: 30s, spend: { at_most: five, per: 1d } }\n")],
        good &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")];
    UNKNOWN_FACT: "DL264" "unknown-fact" Error,
        "A fact for the model is no field.",
        "The model would write without it, and nobody would know.",
        bad &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedur], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")],
        good &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")];
    UNKNOWN_PLACEHOLDER: "DL265" "unknown-placeholder" Error,
        "`must_include` names a placeholder that there is not.",
        "The program could not fill it.",
        bad &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], must_include: [booking_lnk], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")],
        good &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")];
    UNSEEN_FACT: "DL510" "unseen-fact" Error,
        "A field would be sent to a model that may not see it.",
        "What leaves for another company has to be agreed with it and with the people; `model.may_see` is that list.",
        bad &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.tags], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")],
        good &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")];
    WORDS_OF_CONTACT: "DL513" "words-of-contact" Error,
        "Words that somebody else typed stand among the instructions to a model.",
        "A name or message may hold orders, and models follow them. Facts are handed over apart from the instructions.",
        bad &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: \"Say hello to {{ contact.first_name | default('them') }}\", facts: [contact.procedure], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")],
        good &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.first_name], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")];
    NOTHING_TO_INCLUDE: "DL514" "nothing-to-include" Error,
        "A text by a model has no placeholder that it must hold.",
        "Links, prices and numbers are filled in by the program; a model that may write them itself invents them.",
        bad &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")],
        good &[("dripline.yaml", MODEL), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")];
    UNGUARDED: "DL515" "unguarded-model" Warning,
        "A model writes about health, and nothing is forbidden to it or nobody looks.",
        "Promises of healing and prices are what medical advertising law looks at first.",
        bad &[("dripline.yaml", HEALTH), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], must_include: [booking_link], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")],
        good &[("dripline.yaml", HEALTH), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: { write: Explain how long it lasts, facts: [contact.procedure], must_include: [booking_link], never: [prices], max_chars: 400, approve: first 20, fallback: welcome, subject: Good to know }\n")];
    CORNER: "DL426" "fails-at-a-corner" Error,
        "A text cannot be made, or is empty, for somebody who may well exist.",
        "There is always somebody without a first name, and that person would get nothing, or nonsense.",
        bad &[("templates/welcome.md", "---\nsubject: \"{{ contact.first_name | default('') }}\"\n---\nHello.\n\n{{ unsubscribe_link }} {{ postal_address }}\n")],
        good &[("templates/welcome.md", "---\nsubject: \"{{ contact.first_name | default('Good news') }}\"\n---\nHello.\n\n{{ unsubscribe_link }} {{ postal_address }}\n")];
    LONG_SMS: "DL424" "long-sms" Error,
        "An SMS can become longer than its channel allows.",
        "Each part is paid for, and some carriers drop long ones. Choices count with their longest word, names with 16 to 32 letters, other texts with 30.",
        bad &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\ncontact:\n  merge_by: [phone, email]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  email: { provider: mailbox }\n  sms: { provider: mailbox }\npolicies:\n  preferred: [email]\n  quiet_hours: { from: \"20:00\", to: \"08:00\" }\n"), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    sms: welcome\n"), ("templates/welcome.sms.txt", "{{ clinic.name }}: hello and many more words and many more words and many more words and many more words and many more words and many more words and many more words and many more words and many more words and many more words and many more words and many more words and many more words and many more words and many more words and many more words  {{ contact.first_name | default(\"there\") }}! Book here: {{ booking_link }} {{ opt_out }}\n")],
        good &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\ncontact:\n  merge_by: [phone, email]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  email: { provider: mailbox }\n  sms: { provider: mailbox }\npolicies:\n  preferred: [email]\n  quiet_hours: { from: \"20:00\", to: \"08:00\" }\n"), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    sms: welcome\n"), ("templates/welcome.sms.txt", "{{ clinic.name }}: hello {{ contact.first_name | default(\"there\") }}! Book here: {{ booking_link }} {{ opt_out }}\n")];
    COSTLY_LETTER: "DL425" "costly-letter" Warning,
        "One letter makes an SMS take more parts.",
        "Curly quotes, long dashes and pictures are not in the alphabet of SMS: with one of them a part holds 70 letters instead of 160.",
        bad &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\ncontact:\n  merge_by: [phone, email]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  email: { provider: mailbox }\n  sms: { provider: mailbox }\npolicies:\n  preferred: [email]\n  quiet_hours: { from: \"20:00\", to: \"08:00\" }\n"), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    sms: welcome\n"), ("templates/welcome.sms.txt", "{{ clinic.name }}: it’s good to see you again {{ contact.first_name | default(\"there\") }}! Book here: {{ booking_link }} {{ opt_out }}\n")],
        good &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\ncontact:\n  merge_by: [phone, email]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  email: { provider: mailbox }\n  sms: { provider: mailbox }\npolicies:\n  preferred: [email]\n  quiet_hours: { from: \"20:00\", to: \"08:00\" }\n"), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    sms: welcome\n"), ("templates/welcome.sms.txt", "{{ clinic.name }}: it's good to see you again {{ contact.first_name | default(\"there\") }}! Book here: {{ booking_link }} {{ opt_out }}\n")];
    ANONYMOUS_SMS: "DL516" "anonymous-sms" Error,
        "The first marketing SMS of a sequence does not say who writes or how to end it.",
        "Carriers and law ask for both, and people report numbers that they do not know.",
        bad &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\ncontact:\n  merge_by: [phone, email]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  email: { provider: mailbox }\n  sms: { provider: mailbox }\npolicies:\n  preferred: [email]\n  quiet_hours: { from: \"20:00\", to: \"08:00\" }\n"), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    sms: welcome\n"), ("templates/welcome.sms.txt", "Hello! Book here: {{ booking_link }}\n")],
        good &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\ncontact:\n  merge_by: [phone, email]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  email: { provider: mailbox }\n  sms: { provider: mailbox }\npolicies:\n  preferred: [email]\n  quiet_hours: { from: \"20:00\", to: \"08:00\" }\n"), ("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    sms: welcome\n"), ("templates/welcome.sms.txt", "{{ clinic.name }}: hello {{ contact.first_name | default(\"there\") }}! Book here: {{ booking_link }} {{ opt_out }}\n")];
    STRANGE_TEXT: "DL266" "strange-ending" Warning,
        "A file under templates/ has an ending that is not read.",
        "It looks like a text that goes out, and never does. Texts end in .md, .txt or .html.",
        bad &[],
        good &[];
    UNREACHABLE_TEXT: "DL267" "unreachable-text" Warning,
        "A text is for a channel or language that the project does not have.",
        "Nobody can ever get it, and somebody believes that people do.",
        bad &[("templates/welcome.de.md", "---\nsubject: Welcome\n---\nHallo.\n\n{{ unsubscribe_link }} {{ postal_address }}\n")],
        good &[];
    UNREAD_LANGUAGE: "DL268" "unread-language" Warning,
        "A clinic reads a language that the project does not write.",
        "Its people get another language, and no missing text is found.",
        bad &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { name: Example Clinic, locale: de, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\ncontact:\n  merge_by: [phone, email]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  email: { provider: mailbox }\npolicies:\n  preferred: [email]\n")],
        good &[("dripline.yaml", "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en, de]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { name: Example Clinic, locale: de, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\ncontact:\n  merge_by: [phone, email]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  email: { provider: mailbox }\npolicies:\n  preferred: [email]\n"), ("templates/welcome.de.md", "---\nsubject: Welcome\n---\nHallo.\n\n{{ unsubscribe_link }} {{ postal_address }}\n")];
    EMPTY_TEMPLATE: "DL427" "empty-template" Error,
        "A text is empty.",
        "Nobody would get anything.",
        bad &[("templates/welcome.md", "---\nsubject: Welcome\n---\n\n")],
        good &[];
    FOREIGN: "DL428" "foreign-placeholder" Error,
        "A text holds a placeholder of another tool.",
        "It would go out as it stands: \"Hello *|FNAME|*\".",
        bad &[("templates/welcome.md", "---\nsubject: Welcome\n---\nHello *|FNAME|*.\n\n{{ unsubscribe_link }} {{ postal_address }}\n")],
        good &[("templates/welcome.md", "---\nsubject: Welcome\n---\nHello {{ contact.first_name | default('there') }}.\n\n{{ unsubscribe_link }} {{ postal_address }}\n")];
    SILENT_PICTURE: "DL429" "silent-picture" Error,
        "A picture has no words for people who do not see it.",
        "Many mail programs show no pictures, and some people hear their mail.",
        bad &[("templates/welcome.md", "---\nsubject: Welcome\n---\n![](https://example.com/door.png)\n\n{{ unsubscribe_link }} {{ postal_address }}\n")],
        good &[("templates/welcome.md", "---\nsubject: Welcome\n---\n![Our door](https://example.com/door.png)\n\n{{ unsubscribe_link }} {{ postal_address }}\n")];
}
