//! DL1xx: which keys and values an object may have.
use super::rows;

rows! {
    UNKNOWN_KEY: "DL101" "unknown-key" Error,
        "The key is not part of the language here.",
        "An unknown key would be ignored, and what it was meant to do would not happen. Keys starting with x- and everything under meta: are yours.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nenrol: welcome\ndo: [ { tag: { add: new } } ]\n")],
        good &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nenroll: welcome\nx-ticket: 17\nmeta: { anything: goes }\n")];
    WRONG_TYPE: "DL102" "wrong-type" Error,
        "The value is of another type than the key takes.",
        "A list where one value is meant, or a text where a number is meant, would be guessed at.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: [welcome]\n")],
        good &[];
    MISSING_KEY: "DL103" "missing-key" Error,
        "A required key is missing.",
        "There is no value that would be right for everyone, so it has to be said.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[];
    NOT_A_CHOICE: "DL104" "not-a-choice" Error,
        "The value is none of those the key takes.",
        "The key knows a fixed set of words.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: advertising\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[];
    WRONG_LEVEL: "DL105" "wrong-level" Error,
        "The key belongs one level up, or under another key.",
        "The key exists, but not at this place.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nsteps:\n  - id: hello\n    email: welcome\n    reentry: never\nreentry: never\n")],
        good &[];
    WRONG_KIND: "DL106" "wrong-kind" Error,
        "The key belongs to another kind of file.",
        "The key exists, but not in this kind of object.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nevent: lead.created\nenroll: welcome\nreentry: never\n")],
        good &[];
    BARE_NUMBER: "DL107" "bare-number" Error,
        "A duration has no unit.",
        "90 could be seconds, minutes or days.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n  - id: again\n    wait: 3\n    email: welcome\n")],
        good &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n  - id: again\n    wait: 3d\n    email: welcome\n")];
    SEVERAL_ACTIONS: "DL108" "several-actions" Error,
        "A step does more than one thing.",
        "Each step has one outcome that people, statistics and reports can name. Write two steps; without a time key the second is due together with the first.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n    tag: { add: greeted }\n")],
        good &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n  - id: greeted\n    tag: { add: greeted }\n")];
    SEVERAL_TIMES: "DL109" "several-times" Error,
        "A step has more than one time key.",
        "wait, day, before and after each say when the step is due; two of them can disagree.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    wait: 1d\n    day: 1\n    email: welcome\n")],
        good &[];
    BAD_ID: "DL110" "bad-id" Error,
        "An id has characters that ids cannot have.",
        "Ids appear in expressions, addresses and file names: small letters, digits and underscores, starting with a letter, at most 64.",
        bad &[("sequences/extra.yaml", "sequence: Extra-Mile\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[];
    NO_HEADER: "DL111" "no-header" Error,
        "The file does not say what it is.",
        "The first line names kind and id, for example `sequence: welcome`.",
        bad &[("sequences/extra.yaml", "purpose: marketing\nreentry: never\n")],
        good &[];
    EMPTY_VALUE: "DL112" "empty-value" Error,
        "A key has no value.",
        "An empty value is usually a forgotten one. Leave the key out if you do not need it.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ntitle:\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[];
    OUT_OF_RANGE: "DL113" "out-of-range" Error,
        "A number is outside what the key takes.",
        "The description of the key says which numbers make sense.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\npriority: 1000000\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[];
    WRONG_FOLDER: "DL114" "wrong-folder" Warning,
        "The file stands in the folder of another kind.",
        "People look for sequences in sequences/, triggers in triggers/ and so on.",
        bad &[("sequences/extra.yaml", "trigger: extra\nevent: form.submitted\nenroll: welcome\n")],
        good &[("triggers/extra.yaml", "trigger: extra\nevent: form.submitted\nenroll: welcome\n")];
    FOREIGN_KEY: "DL115" "foreign-key" Error,
        "The key is what another program calls it.",
        "Here the same thing has another name.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    delay: 2d\n    email: welcome\n")],
        good &[];
    EMPTY_LIST: "DL116" "empty-list" Error,
        "A list or object that needs an entry is empty.",
        "Nothing would ever happen.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps: []\n")],
        good &[];
    HEADER_NOT_FIRST: "DL117" "header-not-first" Warning,
        "The line that says what the file is does not come first.",
        "Files are read by people too: the first line says what follows.",
        bad &[("triggers/welcome.yaml", "event: lead.created\ntrigger: welcome\nenroll: welcome\n")],
        good &[];
    SEVERAL_HEADERS: "DL118" "several-headers" Error,
        "The file says that it is two things.",
        "One object per file: whoever looks for the second one would not find it.",
        bad &[("triggers/welcome.yaml", "trigger: welcome\nsequence: somebody\nevent: lead.created\nenroll: welcome\n")],
        good &[];
    BAD_FORM: "DL119" "bad-form" Error,
        "The value is not written the way the key needs it.",
        "Durations, times of day, dates and the like have one spelling that nobody can misread.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    day: 1\n    at: 10am\n    email: welcome\n")],
        good &[];
    COMPANION: "DL120" "companion" Error,
        "A key has no effect without another one.",
        "The key only says more about another key, which is missing.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    via: [email]\n    tag: { add: greeted }\n")],
        good &[];
    NO_SOURCE: "DL121" "trigger-without-source" Error,
        "A trigger does not say what sets it off.",
        "Without a source the trigger would never fire.",
        bad &[("triggers/extra.yaml", "trigger: extra\nenroll: welcome\n")],
        good &[];
    NO_EFFECT: "DL122" "trigger-without-effect" Error,
        "A trigger neither enrols nor does anything.",
        "It would fire and nothing would happen.",
        bad &[("triggers/extra.yaml", "trigger: extra\nevent: form.submitted\n")],
        good &[];
    SEVERAL_FORMS: "DL123" "several-forms" Error,
        "Two keys exclude each other.",
        "Each of the two is a complete answer, and they can disagree.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    score: { add: 5, set: 40 }\n")],
        good &[];
    WAITS_FOR_NOTHING: "DL130" "waits-for-nothing" Error,
        "A wait_for names neither an event nor a condition.",
        "Nobody could say when the waiting is over before its time.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n  - id: reply\n    wait_for: { up_to: 3d }\n    otherwise:\n      - id: again\n        email: welcome\n")],
        good &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n  - id: reply\n    wait_for: { event: message.received, up_to: 3d }\n    otherwise:\n      - id: again\n        email: welcome\n")];
    NOT_SUPPORTED_YET: "DL190" "not-supported-yet" Error,
        "Part of the language that this version cannot run yet.",
        "Better an error now than a step that silently does nothing.",
        bad &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\nmodel: recorded\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")],
        good &[("tests/hello.yaml", "suite: hello\nstart: 2027-03-26 18:30\npeople:\n  ana: { first_name: Ana, email: ana@example.test, consent: [email] }\nscenarios:\n  - name: a lead\n    when: [ { at: 0m, event: lead.created } ]\n    then: [ { at: 0m, sent: hello } ]\n")];
}
