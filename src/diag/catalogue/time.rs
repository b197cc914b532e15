//! DL3xx: time, windows, quiet hours, caps.
use super::{
    names::{project, welcome},
    rows,
};

rows! {
    AT_WITH_EXACT: "DL301" "at-with-exact" Error,
        "A time of day stands beside hours or minutes.",
        "`wait: 3h` already says the moment; `at` chooses the time of a day that is counted in whole days.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    wait: 3h\n    at: \"10:00\"\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    wait: 3d\n    at: \"10:00\"\n    email: welcome\n"))];
    BEFORE_THE_ONE_ABOVE: "DL302" "before-the-one-above" Error,
        "A step is always due before the one above it.",
        "Steps fall due in the order of the file, so it would always be late.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    day: 4\n    email: welcome\n  - id: again\n    day: 2\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    day: 2\n    email: welcome\n  - id: again\n    day: 4\n    email: welcome\n"))];
    MAY_BE_PAST: "DL303" "may-be-past" Error,
        "A reminder can be past already when somebody enters, and does not say what happens then.",
        "Somebody who books for this afternoon is inside the last 24 hours already. Say with `late` how long after its time the reminder is still of use.",
        bad &[("sequences/soon.yaml", "sequence: soon\npurpose: transactional\nabout: booking\nreentry: always\nsteps:\n  - id: hello\n    before: { booking.start: 24h }\n    email: { subject: Hello, text: Hello }\n"), ("triggers/soon.yaml", "trigger: soon\nevent: booking.created\nenroll: soon\n")],
        good &[("sequences/soon.yaml", "sequence: soon\npurpose: transactional\nabout: booking\nreentry: always\nsteps:\n  - id: hello\n    before: { booking.start: 24h }\n    late: 1h\n    email: { subject: Hello, text: Hello }\n"), ("triggers/soon.yaml", "trigger: soon\nevent: booking.created\nenroll: soon\n")];
    LEFT_OUT: "DL304" "left-out-time" Warning,
        "A time of day does not exist on the day on which clocks go forward.",
        "On that day the step is due later by the length of the gap.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    day: 1\n    at: \"02:30\"\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    day: 1\n    at: \"10:00\"\n    email: welcome\n"))];
    NEVER_OPEN: "DL305" "never-open" Error,
        "Window and quiet hours leave no moment for a message.",
        "The step could never happen.",
        bad &[("sequences/welcome.yaml", welcome!("window: evening\nsteps:\n  - id: hello\n    email: welcome\n")), ("dripline.yaml", project!("policies:\n  quiet_hours: { from: \"18:00\", to: \"09:00\" }\n  windows:\n    evening: { from: \"19:00\", to: \"21:00\" }\n"))],
        good &[("sequences/welcome.yaml", welcome!("window: evening\nsteps:\n  - id: hello\n    email: welcome\n")), ("dripline.yaml", project!("policies:\n  quiet_hours: { from: \"20:00\", to: \"09:00\" }\n  windows:\n    evening: { from: \"19:00\", to: \"21:00\" }\n"))];
    NO_MOMENT: "DL306" "no-moment" Error,
        "A step is bound to something that is no moment there.",
        "Only a time or a date can be counted from.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    after: { contact.stage: 1d }\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    after: { contact.last_visit_at: 1d }\n    email: welcome\n"))];
    OUTSIDE_WINDOW: "DL307" "outside-window" Warning,
        "The time of a step is never inside its window.",
        "Every message would wait for the window, which is hardly what the time says.",
        bad &[("sequences/welcome.yaml", welcome!("window: evening\nsteps:\n  - id: hello\n    day: 1\n    at: \"10:00\"\n    email: welcome\n")), ("dripline.yaml", project!("policies:\n  windows:\n    evening: { from: \"17:00\", to: \"19:00\" }\n"))],
        good &[("sequences/welcome.yaml", welcome!("window: evening\nsteps:\n  - id: hello\n    day: 1\n    at: \"17:30\"\n    email: welcome\n")), ("dripline.yaml", project!("policies:\n  windows:\n    evening: { from: \"17:00\", to: \"19:00\" }\n"))];
    CIRCLE: "DL312" "circle" Error,
        "Sequences or triggers lead in a circle without a wait.",
        "A person would go round for ever in one moment.",
        bad &[("sequences/more.yaml", "sequence: more\npurpose: service\nreentry: always\nexits:\n  completed: { enroll: more }\nsteps:\n  - id: note\n    tag: { add: new }\n"), ("triggers/more.yaml", "trigger: more\nevent: form.submitted\nenroll: more\n")],
        good &[("sequences/more.yaml", "sequence: more\npurpose: service\nreentry: always\nexits:\n  completed: { enroll: more }\nsteps:\n  - id: note\n    wait: 30d\n    tag: { add: new }\n"), ("triggers/more.yaml", "trigger: more\nevent: form.submitted\nenroll: more\n")];
    UNREACHABLE_STEP: "DL360" "unreachable-step" Error,
        "Nobody gets to a step.",
        "The run ends above it in any case, so it would never happen.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n  - id: enough\n    stop: enough\n  - id: again\n    wait: 1d\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n  - id: enough\n    if: contact.warm\n    stop: enough\n  - id: again\n    wait: 1d\n    email: welcome\n"))];
    NEVER_TAKEN: "DL361" "never-taken" Error,
        "A way of a branch asks what a way above it asks already.",
        "The first way that holds is taken, so nobody goes the second one.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: which\n    branch:\n      - if: contact.warm\n        steps: [ { id: hello, email: welcome } ]\n      - if: contact.warm\n        steps: [ { id: again, email: welcome } ]\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: which\n    branch:\n      - if: contact.warm\n        steps: [ { id: hello, email: welcome } ]\n      - if: contact.score > 5\n        steps: [ { id: again, email: welcome } ]\n"))];
    NOTHING_TO_DO: "DL362" "nothing-to-do" Warning,
        "No way of a branch, split or wait leads to a step.",
        "Whatever is decided, nothing follows from it.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n  - id: which\n    branch:\n      - { if: contact.warm, steps: [] }\n")],
        good &[("sequences/welcome.yaml", "sequence: welcome\npurpose: marketing\nreentry: never\nsteps:\n  - id: which\n    branch:\n      - { if: contact.warm, steps: [] }\n    otherwise:\n      - id: hello\n        email: welcome\n")];
    TOO_LONG: "DL316" "too-long" Error,
        "A length of time is longer than a hundred years.",
        "Usually a digit too many.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    wait: 99999d\n    email: welcome\n"))],
        good &[];
}
