//! DL245, DL246 and DL330 to DL339: what sets triggers off, and which sequence they choose.
use super::{
    names::{project, welcome},
    rows,
};

rows! {
    UNKNOWN_FUNNEL: "DL245" "unknown-funnel" Error,
        "A sequence names a funnel that the project does not have.",
        "Nobody could come by it.",
        bad &[("sequences/welcome.yaml", welcome!("funnels: [web_fom]\nsteps:\n  - id: hello\n    email: welcome\n")), ("dripline.yaml", project!("funnels: [web_form]\n"))],
        good &[("sequences/welcome.yaml", welcome!("funnels: [web_form]\nsteps:\n  - id: hello\n    email: welcome\n")), ("dripline.yaml", project!("funnels: [web_form]\n"))];
    UNUSED_FUNNEL: "DL246" "unused-funnel" Warning,
        "A funnel leads to no sequence.",
        "People who come by it get what stands under `otherwise`, or nothing.",
        bad &[("dripline.yaml", project!("funnels: [web_form]\n"))],
        good &[("sequences/welcome.yaml", welcome!("funnels: [web_form]\nsteps:\n  - id: hello\n    email: welcome\n")), ("dripline.yaml", project!("funnels: [web_form]\n"))];
    NO_SCHEDULE: "DL330" "no-schedule" Error,
        "The text under `every` is no schedule.",
        "It is days and a time (`mon 09:00`, `mon,thu 18:30`, `09:00`) or the five fields of cron.",
        bad &[("triggers/weekly.yaml", "trigger: weekly\nevery: \"monday 09:00\"\nenroll: welcome\n")],
        good &[("triggers/weekly.yaml", "trigger: weekly\nevery: \"mon 09:00\"\nenroll: welcome\n")];
    NEVER_COMES: "DL331" "never-comes" Error,
        "A schedule never comes.",
        "The calendar has no such day, so the trigger would never fire.",
        bad &[("triggers/weekly.yaml", "trigger: weekly\nevery: \"0 9 31 2 *\"\nenroll: welcome\n")],
        good &[("triggers/weekly.yaml", "trigger: weekly\nevery: \"0 9 28 2 *\"\nenroll: welcome\n")];
    NO_BORDER: "DL332" "no-border" Error,
        "A trigger names a segment and does not say when it fires.",
        "Say `on_entry: true` for those who begin to belong to it, `on_exit: true` for those who cease to, or `every` for all of them at fixed times.",
        bad &[],
        good &[];
    YEARLY_BOOKING: "DL333" "yearly-booking" Error,
        "`yearly` stands beside a time of a booking.",
        "A booking happens once; what comes again every year is a date of the person.",
        bad &[("triggers/recall.yaml", "trigger: recall\nafter: { booking.start: 30d }\nyearly: true\nenroll: welcome\n")],
        good &[("triggers/recall.yaml", "trigger: recall\nafter: { contact.last_visit_at: 30d }\nyearly: true\nenroll: welcome\n")];
    NO_FUNNEL_HERE: "DL334" "no-funnel-here" Error,
        "`best_of: funnel` stands where no funnel is known.",
        "The funnel is a field of the event, as in lead.created.",
        bad &[("triggers/lead.yaml", "trigger: lead\nevent: message.received\nenroll: { best_of: funnel, otherwise: welcome }\n"), ("sequences/welcome.yaml", welcome!("funnels: [web_form]\nsteps:\n  - id: hello\n    email: welcome\n")), ("dripline.yaml", project!("funnels: [web_form]\n"))],
        good &[("triggers/lead.yaml", "trigger: lead\nevent: lead.created\nenroll: { best_of: funnel, otherwise: welcome }\n"), ("sequences/welcome.yaml", welcome!("funnels: [web_form]\nsteps:\n  - id: hello\n    email: welcome\n")), ("dripline.yaml", project!("funnels: [web_form]\n"))];
    NOTHING_TO_CHOOSE: "DL335" "nothing-to-choose" Error,
        "A trigger takes the best of sequences that do not exist.",
        "It could never choose one.",
        bad &[("triggers/lead.yaml", "trigger: lead\nevent: lead.created\nenroll: { best_of: { category: care_plan } }\n")],
        good &[("triggers/lead.yaml", "trigger: lead\nevent: lead.created\nenroll: { best_of: { category: warm_lead } }\n")];
    SWITCHED_OFF: "DL336" "chosen-but-off" Warning,
        "A trigger chooses among sequences of which one is switched off.",
        "It is never chosen while it is off.",
        bad &[("triggers/lead.yaml", "trigger: lead\nevent: lead.created\nenroll: { best_of: [welcome, other] }\n"), ("sequences/other.yaml", "sequence: other\npurpose: marketing\nreentry: never\nactive: false\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[("triggers/lead.yaml", "trigger: lead\nevent: lead.created\nenroll: { best_of: [welcome, other] }\n"), ("sequences/other.yaml", "sequence: other\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")];
    FITS_ALIKE: "DL337" "fits-alike" Warning,
        "Two sequences of a funnel fit the same people equally well.",
        "Then only the order of their names decides who gets which.",
        bad &[("triggers/lead.yaml", "trigger: lead\nevent: lead.created\nenroll: { best_of: funnel }\n"), ("sequences/welcome.yaml", welcome!("funnels: [web_form]\nfits: { score: { min: 0, max: 50 } }\nsteps:\n  - id: hello\n    email: welcome\n")), ("sequences/other.yaml", "sequence: other\npurpose: marketing\nreentry: never\nfunnels: [web_form]\nfits: { score: { min: 30, max: 80 } }\nsteps:\n  - id: hello\n    email: welcome\n"), ("dripline.yaml", project!("funnels: [web_form]\n"))],
        good &[("triggers/lead.yaml", "trigger: lead\nevent: lead.created\nenroll: { best_of: funnel }\n"), ("sequences/welcome.yaml", welcome!("funnels: [web_form]\nfits: { score: { min: 0, max: 50 } }\nsteps:\n  - id: hello\n    email: welcome\n")), ("sequences/other.yaml", "sequence: other\npurpose: marketing\nreentry: never\npriority: 60\nfunnels: [web_form]\nfits: { score: { min: 30, max: 80 } }\nsteps:\n  - id: hello\n    email: welcome\n"), ("dripline.yaml", project!("funnels: [web_form]\n"))];
    ONLY_SWITCHED_OFF: "DL338" "only-switched-off" Warning,
        "Every trigger that leads to a sequence is switched off.",
        "Nobody enters it by itself.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nactive: false\nenroll: other\n"), ("sequences/other.yaml", "sequence: other\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: form.submitted\nenroll: other\n"), ("sequences/other.yaml", "sequence: other\npurpose: marketing\nreentry: never\nsteps:\n  - id: hello\n    email: welcome\n")];
    NOBODY_FITS: "DL339" "nobody-fits" Error,
        "Nobody can ever fit a sequence.",
        "A range of scores is upside down, or a word is none that the field can have.",
        bad &[("sequences/welcome.yaml", welcome!("fits: { score: { min: 60, max: 30 } }\nsteps:\n  - id: hello\n    email: welcome\n"))],
        good &[("sequences/welcome.yaml", welcome!("fits: { score: { min: 30, max: 60 } }\nsteps:\n  - id: hello\n    email: welcome\n"))];
}
