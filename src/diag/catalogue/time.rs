//! DL3xx: time, windows, quiet hours, caps.
use super::{names::welcome, rows};

rows! {
    AT_WITH_EXACT: "DL301" "at-with-exact" Error,
        "A time of day stands beside hours or minutes.",
        "`wait: 3h` already says the moment; `at` chooses the time of a day that is counted in whole days.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    wait: 3h\n    at: \"10:00\"\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    wait: 3d\n    at: \"10:00\"\n    email: welcome\n"))];
    NO_MOMENT: "DL306" "no-moment" Error,
        "A step is bound to something that is no moment there.",
        "Only a time or a date can be counted from.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    after: { contact.stage: 1d }\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    after: { contact.last_visit_at: 1d }\n    email: welcome\n"))];
    TOO_LONG: "DL316" "too-long" Error,
        "A length of time is longer than a hundred years.",
        "Usually a digit too many.",
        bad &[("sequences/welcome.yaml", welcome!("steps:\n  - id: hello\n    wait: 99999d\n    email: welcome\n"))],
        good &[];
}
