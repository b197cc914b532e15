//! DL7xx: suites.
use super::rows;

/// The base project with another source, and with a look-up.
const TWO_SOURCES: &str = "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\ncontact:\n  merge_by: [phone, email]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\n  second: { provider: events, secret: SECOND_SECRET }\nchannels:\n  email: { provider: mailbox }\npolicies:\n  preferred: [email]\n";
const LOOKUP: &str = "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\ncontact:\n  merge_by: [phone, email]\nsources:\n  own: { provider: events, secret: EVENTS_SECRET }\nchannels:\n  email: { provider: mailbox }\npolicies:\n  preferred: [email]\nlookups:\n  next_free_slot: { get: \"https://match.example.com/slots\", returns: { start: time, url: text } }\n";
/// Its welcome asks the look-up.
const ASKING: &str = "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    with: { slot: next_free_slot }\n    if: slot.url is defined\n    email: welcome\n";

rows! {
    UNKNOWN_SUBJECT: "DL701" "unknown-subject" Error,
        "`under_test` names something that does not exist.",
        "Nothing would count as covered, and nobody would look at its messages.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nunder_test: [sequence/welcom]\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, entered: welcome } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nunder_test: [sequence/welcome]\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    NO_SCENARIOS: "DL702" "no-scenarios" Error,
        "A suite has no scenario.",
        "It shows nothing and looks like a test that passes.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nscenarios: []\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    EMPTY_SCENARIO: "DL703" "empty-scenario" Error,
        "A scenario in which nothing happens, or that expects nothing.",
        "It cannot fail, so it shows nothing.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [  ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    SAME_SCENARIO: "DL704" "same-scenario" Error,
        "Two scenarios of a suite have the same name.",
        "Names are how scenarios are run one by one and how `like` finds them.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n  - name: another lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    UNKNOWN_SCENARIO: "DL705" "unknown-scenario" Error,
        "`like` names a scenario that the suite does not have.",
        "What happens first would be missing.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n  - name: the next day\n    like: a leed\n    then: [ { at: 0m, entered: welcome } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n  - name: the next day\n    like: a lead\n    then: [ { at: 0m, entered: welcome } ]\n")];
    CIRCLE_OF_SCENARIOS: "DL706" "circle-of-scenarios" Error,
        "Scenarios are like each other in a circle.",
        "None of them says what happens.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - { name: one, like: two, then: [ { at: 0m, sent: hello } ] }\n  - { name: two, like: one, then: [ { at: 0m, sent: hello } ] }\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n  - name: the next day\n    like: a lead\n    then: [ { at: 0m, entered: welcome } ]\n")];
    BEFORE_START: "DL707" "before-start" Error,
        "A moment is before the start.",
        "The clock of a story only goes ahead.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 2027-03-25 18:30, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 2027-03-26 18:30, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    NO_SUCH_MOMENT: "DL708" "no-such-moment" Error,
        "A moment that no calendar has.",
        "What is set for it would never come.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { by: 2027-02-30 10:00, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { by: 2027-03-30 10:00, sent: hello } ]\n")];
    UNKNOWN_PERSON: "DL709" "unknown-person" Error,
        "Somebody is named who does not take part.",
        "People of a story are described under `people`.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created, for: anna } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created, for: ana } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    WHOSE: "DL710" "whose" Error,
        "Several people take part, or nobody, and it is not said whom something is about.",
        "Whom it is about would be a guess.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\n  ben: { first_name: Ben, email: ben@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello, for: ana } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\n  ben: { first_name: Ben, email: ben@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created, for: ana } ]\n    then: [ { at: 0m, sent: hello, for: ana } ]\n")];
    FIXED_IN_SWEEP: "DL711" "fixed-in-sweep" Error,
        "A fixed moment stands in a scenario whose start moves.",
        "It would be right for one of the starts at most.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    each: { start: { every: 1h, for: 1d } }\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 2027-03-26 18:30, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    each: { start: { every: 1h, for: 1d } }\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    UNKNOWN_STEP: "DL712" "unknown-step" Error,
        "Nothing under test has a step of that name.",
        "The expectation could never be met, and `never` would always hold.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: helo } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    AMBIGUOUS_STEP: "DL713" "ambiguous-step" Error,
        "Several sequences under test have a step of that name.",
        "Which of them is meant could not be told.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n"), ("sequences/other.yaml", "sequence: other\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: welcome\n"), ("triggers/other.yaml", "trigger: other\nevent: form.submitted\nenroll: other\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: welcome.hello } ]\n"), ("sequences/other.yaml", "sequence: other\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: welcome\n"), ("triggers/other.yaml", "trigger: other\nevent: form.submitted\nenroll: other\n")];
    NOT_UNDER_TEST: "DL714" "not-under-test" Error,
        "An expectation is about a step of something that is not under test.",
        "Only what is under test is watched.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nunder_test: [sequence/other]\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: welcome.again } ]\n"), ("sequences/other.yaml", "sequence: other\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: welcome\n"), ("triggers/other.yaml", "trigger: other\nevent: form.submitted\nenroll: other\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nunder_test: [sequence/welcome]\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n"), ("sequences/other.yaml", "sequence: other\npurpose: marketing\nreentry: never\ngoal: { event: booking.created }\nsteps:\n  - id: hello\n    email: welcome\n"), ("triggers/other.yaml", "trigger: other\nevent: form.submitted\nenroll: other\n")];
    STEP_OF_ANOTHER_KIND: "DL715" "step-of-another-kind" Error,
        "Something is expected of a step that it never does.",
        "What is expected could never come.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, task: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    UNKNOWN_REASON: "DL716" "unknown-reason" Error,
        "A reason that is never recorded.",
        "The expectation could never be met.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, skipped: hello, because: no_konsent } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, skipped: hello, because: no_consent } ]\n")];
    MADE_EVENT: "DL717" "made-event" Error,
        "An event that only the program itself makes happen.",
        "In a story what leads to it has to happen, or the story shows nothing of it.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: sequence.completed } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    MISSING_DATA: "DL718" "missing-data" Error,
        "An event lacks data that it always has.",
        "Conditions and texts rely on it.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: form.submitted, data: { form: contact } } ]\n    then: [ { never: { sent: hello } } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: form.submitted, data: { form: contact, answers: { budget: 900 } } } ]\n    then: [ { never: { sent: hello } } ]\n")];
    CONCERNS_NOBODY: "DL719" "concerns-nobody" Error,
        "`for` stands beside something that is about nobody in particular.",
        "It would have no effect.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created }, { at: 1d, restart: true, for: ana } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created }, { at: 1d, restart: true } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    UNKNOWN_BOOKING_FIELD: "DL720" "unknown-booking-field" Error,
        "A booking has no such field, or the event is about no booking.",
        "It would have no effect.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: booking.created, booking: { strat: 2027-04-02 10:00 } } ]\n    then: [ { never: { sent: hello } } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: booking.created, booking: { start: 2027-04-02 10:00 } } ]\n    then: [ { never: { sent: hello } } ]\n")];
    UNKNOWN_FIXTURE: "DL721" "unknown-fixture" Error,
        "A file that does not exist.",
        "What a provider sends is kept below tests/fixtures.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, webhook: fixtures/used.json }, { at: 0m, webhook: fixtures/led.json } ]\n    then: [ { at: 0m, sent: hello } ]\n"), ("tests/fixtures/used.json", "{}")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, webhook: fixtures/lead.json } ]\n    then: [ { at: 0m, sent: hello } ]\n"), ("tests/fixtures/lead.json", "{}")];
    UNUSED_FIXTURE: "DL722" "unused-fixture" Warning,
        "No suite uses a file below tests/fixtures.",
        "It is left over, or a test is missing.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n"), ("tests/fixtures/lead.json", "{}")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, webhook: fixtures/lead.json } ]\n    then: [ { at: 0m, sent: hello } ]\n"), ("tests/fixtures/lead.json", "{}")];
    BAD_IMPORT: "DL723" "bad-import" Error,
        "A file of people that cannot be read.",
        "Every column is a field of the contact, and every value fits it.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, import: fixtures/people.csv } ]\n    then: [ { never: { sent: hello } } ]\n"), ("tests/fixtures/people.csv", "first_name,mail\nBen,ben@example.test\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, import: fixtures/people.csv } ]\n    then: [ { never: { sent: hello } } ]\n"), ("tests/fixtures/people.csv", "first_name,email\nBen,ben@example.test\n")];
    WHICH_SOURCE: "DL724" "which-source" Error,
        "A payload of which it is not said what sends it.",
        "Each source has a format and a signature of its own.",
        bad &[("dripline.yaml", TWO_SOURCES), ("tests/fixtures/lead.json", "{}"), ("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, webhook: fixtures/lead.json } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("dripline.yaml", TWO_SOURCES), ("tests/fixtures/lead.json", "{}"), ("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, webhook: fixtures/lead.json, from: own } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    UNKNOWN_ANSWER: "DL725" "unknown-answer" Error,
        "A look-up answers with a field that it does not have.",
        "Its fields are declared under `returns`.",
        bad &[("dripline.yaml", LOOKUP), ("sequences/welcome.yaml", ASKING), ("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nlookups: { next_free_slot: [none, { begin: 2027-03-30 10:00 }] }\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("dripline.yaml", LOOKUP), ("sequences/welcome.yaml", ASKING), ("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nlookups: { next_free_slot: [none, { start: 2027-03-30 10:00, url: \"https://cal.example.com/x\" }] }\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    IMPOSSIBLE_FAULT: "DL726" "impossible-fault" Error,
        "A fault of something that does not exist, or that cannot happen to it.",
        "It would have no effect.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nfaults: { disk: [timeout] }\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nfaults: { email: [timeout, ok] }\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    TOO_MANY_VARIATIONS: "DL727" "too-many-variations" Error,
        "`each` makes more than 10,000 stories of one scenario, or never ends.",
        "They would take longer than anybody waits.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    each: { start: { every: 1m, for: 30d } }\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    each: { start: { every: 1h, for: 7d } }\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    MOMENT_IN_THE_GAP: "DL728" "moment-in-the-gap" Warning,
        "A moment that clocks skip when summer time begins.",
        "Another time of day stands for it, which nobody reads there.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { by: 2027-03-28 02:30, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { by: 2027-03-28 03:30, sent: hello } ]\n")];
    IMPOSSIBLE_TIME: "DL729" "impossible-time" Error,
        "Times that no moment meets.",
        "The expectation could never be met, and `never` would always hold.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { not_before: day 3, by: day 2, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { not_before: day 0, by: day 2, sent: hello } ]\n")];
    NO_CAMPAIGN: "DL730" "no-campaign" Error,
        "Only campaigns are launched.",
        "Sequences are entered by triggers, or by `enroll`.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, launch: welcome } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, enroll: welcome } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    STRANGE_HOURS: "DL731" "strange-hours" Error,
        "Hours that do not have a beginning and an end.",
        "The rule would hold always or never.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nalways: [ { no_sends: { between: [\"20:00\"] } } ]\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nalways: [ { no_sends: { between: [\"20:00\", \"08:00\"] } } ]\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    BAD_ADDRESS: "DL732" "bad-address" Error,
        "An e-mail address, phone number or clinic of a person that is none.",
        "Nobody could be reached there.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana at example, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    SAME_ADDRESS: "DL733" "same-address" Error,
        "Two people of a story have the same address.",
        "People with the same address are one person.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\n  ben: { first_name: Ben, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created, for: ana } ]\n    then: [ { at: 0m, sent: hello, for: ana } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\n  ben: { first_name: Ben, email: ben@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created, for: ana } ]\n    then: [ { at: 0m, sent: hello, for: ana } ]\n")];
    OUT_OF_ORDER: "DL734" "out-of-order" Error,
        "An expectation is earlier than the one above it.",
        "Expectations are met in the order in which they stand.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: day 3, sent: again }, { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello }, { at: day 3, sent: again } ]\n")];
    NOTHING_HAPPENS: "DL735" "nothing-happens" Error,
        "Something of which nothing comes.",
        "It looks as if something had been tried.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created }, { at: 1d, clock: 0m } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created }, { at: 1d, clock: 2h } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
    STATE_AT_ONE_MOMENT: "DL736" "state-at-one-moment" Error,
        "A span of time, or a number, for the fields of a person.",
        "What a person's fields are is looked at once, so it would have no effect.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { after: 1d, state: { first_name: Ana } } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 1d, state: { first_name: Ana } } ]\n")];
}
