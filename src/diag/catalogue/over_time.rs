//! DL308 to DL329, DL350 to DL359: what comes of times, caps and ways together.
use super::{
    names::{project, welcome},
    rows,
};

rows! {
    OVER: "DL308" "always-over-cap" Error,
        "A message is one too many for a cap whenever it falls due.",
        "Nobody would get it when it says: a cap that skips leaves it out, and one that waits moves it every time.",
        bad &[("dripline.yaml", project!("policies:\n  caps: [ { at_most: 1, per: 7d, then: skip } ]\n")), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    day: 1\n    at: \"10:00\"\n    email: welcome\n  - id: again\n    day: 4\n    at: \"10:00\"\n    email: welcome\n"))],
        good &[("dripline.yaml", project!("policies:\n  caps: [ { at_most: 1, per: 7d, then: skip } ]\n")), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    day: 1\n    at: \"10:00\"\n    email: welcome\n  - id: again\n    day: 8\n    at: \"10:00\"\n    email: welcome\n"))];
    MAY_BE_OVER: "DL309" "sometimes-over-cap" Warning,
        "A message is one too many for a cap that skips, for some people.",
        "Who enters on another day, or for whom every condition holds, never gets it.",
        bad &[("dripline.yaml", project!("policies:\n  caps: [ { at_most: 1, per: 7d, then: skip } ]\n")), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    day: 1\n    at: \"10:00\"\n    email: welcome\n  - id: again\n    day: 4\n    at: \"10:00\"\n    if: contact.warm\n    email: welcome\n"))],
        good &[("dripline.yaml", project!("policies:\n  caps: [ { at_most: 1, per: 7d, then: skip } ]\n")), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    day: 1\n    at: \"10:00\"\n    email: welcome\n  - id: again\n    day: 9\n    at: \"10:00\"\n    if: contact.warm\n    email: welcome\n"))];
    OVER_TOGETHER: "DL310" "together-over-cap" Warning,
        "Sequences that one person can be in together have more messages than a cap that skips lets through.",
        "Which messages are lost hangs on the days on which somebody enters.",
        bad &[("dripline.yaml", project!("policies:\n  caps: [ { at_most: 1, per: 7d, then: skip } ]\n")), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n")), ("sequences/more.yaml", "sequence: more\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n"), ("triggers/more.yaml", "trigger: more\nevent: form.submitted\nenroll: more\n")],
        good &[("dripline.yaml", project!("groups: [leads]\npolicies:\n  caps: [ { at_most: 1, per: 7d, then: skip } ]\n")), ("sequences/welcome.yaml", welcome!("group: leads\nsteps:\n  - id: hello\n    email: welcome\n")), ("sequences/more.yaml", "sequence: more\npurpose: marketing\nreentry: never\ngroup: leads\nsteps:\n  - id: hello\n    email: welcome\n"), ("triggers/more.yaml", "trigger: more\nevent: form.submitted\nenroll: more\n")];
    HOURS_FOR_DAYS: "DL311" "hours-for-days" Warning,
        "A step waits 24 hours, or a multiple of that.",
        "Twice a year a day has 23 or 25 hours, and from then on every later step comes an hour off. Days keep the time of day.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n  - id: again\n    wait: 48h\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    email: welcome\n  - id: again\n    wait: 2d\n    email: welcome\n  - id: soon\n    wait: 36h\n    email: welcome\n"))];
    NEVER_IN_TIME: "DL313" "never-in-time" Error,
        "When the message may go out it is always too late for it.",
        "What is bound to a moment counts its lateness from there, and the hours hold it longer than that on every day.",
        bad &[("dripline.yaml", project!("policies:\n  quiet_hours: { from: \"20:00\", to: \"08:00\", for: [service] }\n")), ("sequences/soon.yaml", "sequence: soon\npurpose: service\nabout: booking\nreentry: always\nsteps:\n  - id: hello\n    after: { booking.end: 1d }\n    at: \"06:00\"\n    if: booking.status != 'no_show'\n    late: 1h\n    email: { subject: Hello, text: Hello }\n"), ("triggers/soon.yaml", "trigger: soon\nevent: booking.created\nenroll: soon\n")],
        good &[("dripline.yaml", project!("policies:\n  quiet_hours: { from: \"20:00\", to: \"08:00\", for: [service] }\n")), ("sequences/soon.yaml", "sequence: soon\npurpose: service\nabout: booking\nreentry: always\nsteps:\n  - id: hello\n    after: { booking.end: 1d }\n    at: \"06:00\"\n    if: booking.status != 'no_show'\n    late: 3h\n    email: { subject: Hello, text: Hello }\n"), ("triggers/soon.yaml", "trigger: soon\nevent: booking.created\nenroll: soon\n")];
    ALWAYS_QUIET: "DL314" "always-quiet" Error,
        "A message is due in quiet hours, and these leave messages out.",
        "Nobody would ever get it.",
        bad &[("dripline.yaml", project!("policies:\n  quiet_hours: { from: \"20:00\", to: \"08:00\", then: skip }\n")), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    day: 1\n    at: \"21:00\"\n    email: welcome\n"))],
        good &[("dripline.yaml", project!("policies:\n  quiet_hours: { from: \"20:00\", to: \"08:00\", then: skip }\n")), ("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    day: 1\n    at: \"19:00\"\n    email: welcome\n"))];
    GOAL_BEFORE_WAIT: "DL317" "goal-before-wait" Warning,
        "A step waits for the event that is the goal of its sequence.",
        "The goal comes first and ends the run, so nobody goes the way of `then`.",
        bad &[("sequences/welcome.yaml", welcome!("goal: { event: booking.created }\nsteps:\n  - id: hello\n    email: welcome\n  - id: booked\n    wait_for: { event: booking.created, up_to: 3d }\n    then: [ { id: thanks, tag: { add: booked } } ]\n    otherwise: [ { id: again, email: welcome } ]\n"))],
        good &[("sequences/welcome.yaml", welcome!("goal: { event: booking.created, stop: false }\nsteps:\n  - id: hello\n    email: welcome\n  - id: booked\n    wait_for: { event: booking.created, up_to: 3d }\n    then: [ { id: thanks, tag: { add: booked } } ]\n    otherwise: [ { id: again, email: welcome } ]\n"))];
    GOAL_BEFORE_STOP: "DL318" "goal-before-stop" Warning,
        "`stop_on` names the event that is the goal of the sequence.",
        "The goal comes first and ends the run as converted, so this never stops it.",
        bad &[("sequences/welcome.yaml", welcome!("goal: { event: booking.created }\nstop_on: [ { event: booking.created, reason: booked } ]\nsteps:\n  - id: hello\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("goal: { event: booking.created }\nstop_on: [ { event: message.received, reason: replied } ]\nsteps:\n  - id: hello\n    email: welcome\n"))];
    HOLDS_HERE: "DL350" "holds-here" Warning,
        "A condition asks what the way to the step has asked at the same moment, so it always holds.",
        "It says nothing; perhaps another one was meant.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: which\n    branch:\n      - if: contact.warm\n        steps: [ { id: hello, if: contact.warm, email: welcome } ]\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: which\n    branch:\n      - if: contact.warm\n        steps: [ { id: hello, wait: 3d, if: contact.warm, email: welcome } ]\n"))];
    FAILS_HERE: "DL351" "fails-here" Warning,
        "A condition asks for the opposite of what the way to the step has asked at the same moment, so it never holds.",
        "The step never happens.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: which\n    branch:\n      - if: contact.warm\n        steps: [ { id: hello, if: not contact.warm, email: welcome } ]\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: which\n    branch:\n      - if: contact.warm\n        steps: [ { id: hello, email: welcome } ]\n    otherwise: [ { id: hi, email: welcome } ]\n"))];
}
