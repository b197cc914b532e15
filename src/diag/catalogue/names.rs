//! DL2xx: names that nobody declares, names used twice, names nobody uses.
use super::rows;

/// `dripline.yaml` of the base with more in it.
macro_rules! project {
    ($more:literal) => {
        concat!(
            "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\n",
            "clinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n",
            "channels:\n  email: { provider: mailbox }\n",
            $more
        )
    };
}
/// A sequence `welcome` with these steps.
macro_rules! welcome {
    ($rest:literal) => {
        concat!("sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\n", $rest)
    };
}
pub(super) use {project, welcome};

rows! {
    UNKNOWN_VARIABLE: "DL201" "unknown-variable" Error,
        "${vars.name} names a variable that the project does not have.",
        "Variables are declared under vars: in dripline.yaml.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ntitle: \"${vars.clinic}\"\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[];
    UNKNOWN_SEQUENCE: "DL202" "unknown-sequence" Error,
        "There is no sequence of that name.",
        "Nobody could be enrolled in it.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nenroll: welcom\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nenroll: welcome\n")];
    DUPLICATE_ID: "DL203" "duplicate-id" Error,
        "An id is used twice.",
        "Ids are how files, people's positions and statistics refer to a thing, so they are unique per kind, and steps in their sequence.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n  - id: hello\n    wait: 1d\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n  - id: again\n    wait: 1d\n    email: welcome\n"))];
    UNKNOWN_GROUP: "DL204" "unknown-group" Error,
        "There is no group of that name.",
        "Groups keep sequences apart; one with a slip in its name would keep nothing apart.",
        bad &[("sequences/welcome.yaml", welcome!("group: recovery\nsteps:\n  - id: hello\n    email: welcome\n"))],
        good &[];
    UNKNOWN_WINDOW: "DL205" "unknown-window" Error,
        "There is no window of that name.",
        "Without its window a message could go out at night.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    window: daytme\n    email: welcome\n")],
        good &[];
    UNKNOWN_CHANNEL: "DL206" "unknown-channel" Error,
        "A channel is used that the project does not declare.",
        "Nothing can be sent on it. A channel with `provider: mailbox` needs no account and keeps messages for you to look at.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    sms: welcome\n"))],
        good &[];
    UNKNOWN_ROLE: "DL207" "unknown-role" Error,
        "There is no role of that name.",
        "Nobody would be told.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\ndo:\n  - notify: { to: \"role:desk\", text: Somebody asked }\n")],
        good &[];
    UNKNOWN_EVENT: "DL208" "unknown-event" Error,
        "There is no event of that name.",
        "It would never happen. `dripline explain events` prints the built-in ones; your own are declared in dripline.yaml.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: booking.noshow\nenroll: welcome\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nenroll: welcome\n")];
    UNKNOWN_TEMPLATE: "DL209" "unknown-template" Error,
        "There is no template of that name.",
        "There would be nothing to send.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n  - id: again\n    wait: 1d\n    email: welcom\n"))],
        good &[];
    UNKNOWN_FIELD: "DL210" "unknown-field" Error,
        "There is no field of that name.",
        "Fields of your own are declared in dripline.yaml, so that a slip cannot make a second field.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\ndo:\n  - set: { stag: new }\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\ndo:\n  - set: { stage: new }\n")];
    KEPT_FIELD: "DL211" "kept-field" Error,
        "A field is set that the program keeps itself.",
        "What you write there would be overwritten, or would make the record wrong.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\ndo:\n  - set: { tags: [new] }\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\ndo:\n  - tag: { add: new }\n")];
    UNKNOWN_LAYOUT: "DL212" "unknown-layout" Error,
        "There is no layout of that name.",
        "Layouts are files in templates/layouts/.",
        bad &[("templates/welcome.md", "---\nsubject: Welcome\nlayout: fancy\n---\nHello. {{ unsubscribe_link }} {{ postal_address }}\n")],
        good &[];
    UNKNOWN_ZONE: "DL213" "unknown-zone" Error,
        "There is no time zone of that name.",
        "Every time of day would be wrong.",
        bad &[("dripline.yaml", "project: example\nzone: Europe/Berln\nlocales: [en]\nchannels:\n  email: { provider: mailbox }\npublic_url: \"https://drip.example.com\"\nclinics:\n  main: { address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n")],
        good &[];
    UNKNOWN_IDENTIFIER: "DL214" "unknown-identifier" Error,
        "People cannot be recognised by that.",
        "Two records of one person would never be merged.",
        bad &[("dripline.yaml", project!("contact:\n  merge_by: [phone, mail]\n"))],
        good &[("dripline.yaml", project!("contact:\n  merge_by: [phone, email]\n"))];
    NO_RECIPIENT: "DL215" "no-recipient" Error,
        "A message or notice goes to nobody.",
        "It is `contact`, `booking.host`, a role with `role:` before it, or an address.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\ndo:\n  - notify: { to: frontdesk, text: Somebody asked }\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\ndo:\n  - notify: { to: desk@example.com, text: Somebody asked }\n")];
    NO_BOOKING: "DL216" "no-booking" Error,
        "A booking is used where there is none.",
        "Only runs about a booking, or runs that an event of a booking started, know one.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    before: { booking.start: 24h }\n    late: 1h\n    email: welcome\n"))],
        good &[];
    INTERNAL_EVENT: "DL217" "internal-event" Error,
        "A file makes an event happen that only the program makes.",
        "Statistics and triggers rely on it.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\ndo:\n  - emit: { event: sequence.completed }\n")],
        good &[];
    BAD_FIELD: "DL218" "bad-field" Error,
        "The declaration of a field does not work.",
        "Every field needs a type; a choice needs its words; built-in fields keep their type.",
        bad &[("dripline.yaml", project!("contact:\n  fields:\n    colour: { type: choice }\n"))],
        good &[("dripline.yaml", project!("contact:\n  fields:\n    colour: { type: choice, one_of: [red, blue] }\n"))];
    MISFIT: "DL219" "misfit" Error,
        "A value does not fit the type of its field.",
        "Conditions and texts rely on the type of a field.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\ndo:\n  - set: { warm: hot }\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\ndo:\n  - set: { warm: true }\n")];
    UNUSED_WINDOW: "DL230" "unused-window" Warning,
        "Nothing uses the window.",
        "Often a name was misspelt elsewhere, or the last step that used it is gone.",
        bad &[("dripline.yaml", project!("policies:\n  windows:\n    evening: { from: \"17:00\", to: \"20:00\" }\n"))],
        good &[];
    UNUSED_GROUP: "DL231" "unused-group" Warning,
        "Nothing uses the group.",
        "Often a sequence was meant to be in it.",
        bad &[("dripline.yaml", project!("groups: [recovery]\n"))],
        good &[];
    UNREACHABLE: "DL232" "unreachable-sequence" Warning,
        "No trigger and no sequence leads there.",
        "Nobody enters it by itself. People can still be enrolled by hand.",
        bad &[("sequences/more.yaml", "sequence: more\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[];
    UNUSED_TEMPLATE: "DL233" "unused-template" Warning,
        "No step uses the template.",
        "Often the template was renamed, or its last step is gone.",
        bad &[("templates/more.md", "---\nsubject: More\n---\nHello\n")],
        good &[];
    STILL_THERE: "DL240" "still-there" Error,
        "`moved` or `removed` is about a step that the sequence still has.",
        "People who stand at it stay there, and the entry would never do anything.",
        bad &[("sequences/welcome.yaml", welcome!("removed:\n  - { id: hello, then: next }\nsteps:\n  - id: hello\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("removed:\n  - { id: hi, then: next }\nsteps:\n  - id: hello\n    email: welcome\n"))];
    NO_SUCH_STEP: "DL241" "no-such-step" Error,
        "`moved` or `jump` leads to a step that the sequence does not have.",
        "People would not know where to go on.",
        bad &[("sequences/welcome.yaml", welcome!("moved:\n  - { from: hi, to: helo }\nsteps:\n  - id: hello\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("moved:\n  - { from: hi, to: hello }\nsteps:\n  - id: hello\n    email: welcome\n"))];
    TOLD_TWICE: "DL242" "told-twice" Error,
        "Two entries say what became of one step.",
        "They can disagree, and people can only go one way.",
        bad &[("sequences/welcome.yaml", welcome!("moved:\n  - { from: hi, to: hello }\nremoved:\n  - { id: hi, then: stop }\nsteps:\n  - id: hello\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("moved:\n  - { from: hi, to: hello }\nsteps:\n  - id: hello\n    email: welcome\n"))];
    WEIGHTS: "DL243" "weights" Error,
        "The weights of a split do not add up to 100.",
        "A weight is how many of a hundred people go that way: with another sum nobody can say who goes where.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: share\n    split:\n      hello: { weight: 50, steps: [ { id: hello, email: welcome } ] }\n      nothing: { weight: 40, steps: [] }\n")],
        good &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: share\n    split:\n      hello: { weight: 60, steps: [ { id: hello, email: welcome } ] }\n      nothing: { weight: 40, steps: [] }\n")];
    NO_ARM: "DL244" "no-arm" Error,
        "A split has only one way, or a way that nobody goes.",
        "There is nothing to compare, and the steps of a way without weight would never happen.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: share\n    split:\n      hello: { weight: 100, steps: [ { id: hello, email: welcome } ] }\n      nothing: { weight: 0, steps: [] }\n")],
        good &[];
}
