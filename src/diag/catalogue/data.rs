//! DL275 to DL279 and DL568 to DL571: what providers really tell. Every row names its rule (T… or R…) and where it comes from.
use super::{names::welcome, rows};

macro_rules! cal {
    ($map:literal) => {
        concat!(
            "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\n",
            "clinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n",
            "sources:\n  cal:\n    provider: calcom\n    secret: CAL_SECRET\n    map: { ",
            $map,
            " }\nchannels:\n  email: { provider: mailbox }\n"
        )
    };
}
macro_rules! project {
    ($more:literal) => {
        concat!(
            "project: example\nrequires: \">=0.1, <0.2\"\nzone: Europe/Berlin\nlocales: [en]\npublic_url: \"https://drip.example.com\"\n",
            "clinics:\n  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }\n",
            $more
        )
    };
}
const LOST: &str = "sequence: lost\npurpose: service\nreentry: always\nsteps:\n  - id: hello\n    email: { subject: Hello, text: Hello }\n";
const CARE_TRIGGER: &str = "trigger: care\nevent: booking.created\nenroll: care\n";

rows! {
    NO_SUCH_PATH: "DL275" "no-such-path" Error,
        "A path under map: does not exist in what the provider sends.",
        "T02. A path that is not there is always missing, and nobody notices. Events of Cal.com differ: reasons come with cancellations only, and answers stand under responses.",
        bad &[("dripline.yaml", cal!("booking.procedure: payload.responses.procedure"))],
        good &[("dripline.yaml", cal!("booking.procedure: responses.procedure"))];
    OPENS: "DL276" "opens" Error,
        "Something waits for a mail to be opened.",
        "R18. Mail programs and scanners open mails by themselves (Apple's privacy protection); who counts openings counts machines.",
        bad &[("triggers/more.yaml", "trigger: more\nevent: message.opened\ndo:\n  - tag: { add: reader }\n")],
        good &[("triggers/more.yaml", "trigger: more\nevent: message.clicked\ndo:\n  - tag: { add: reader }\n")];
    NEEDS_A_NUMBER: "DL277" "needs-a-number" Warning,
        "WhatsApp is used, and people are recognised by their number only.",
        "T13. WhatsApp has user names: messages come in without a number, with an id of the person instead.",
        bad &[("dripline.yaml", project!("contact:\n  merge_by: [phone, email]\nchannels:\n  email: { provider: mailbox }\n  whatsapp: { provider: mailbox }\n"))],
        good &[("dripline.yaml", project!("contact:\n  merge_by: [phone, email, whatsapp]\nchannels:\n  email: { provider: mailbox }\n  whatsapp: { provider: mailbox }\n"))];
    NEVER_REPORTED: "DL568" "never-reported" Error,
        "Something waits for a delivery, a reading or an opened link that is never reported.",
        "R17. Instagram reports no delivery, SMS no reading, mail and letters neither (Chatwoot's table of states); links are counted only where a step says `track: true`.",
        bad &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: message.read }\nsteps:\n  - id: hello\n    email: welcome\n")],
        good &[("sequences/welcome.yaml", "sequence: welcome\ncategory: warm_lead\npurpose: marketing\nreentry: never\ngoal: { event: message.clicked }\nsteps:\n  - id: hello\n    email: welcome\n")];
    MAY_NOT_HAVE_COME: "DL569" "may-not-have-come" Warning,
        "A message follows the end of an appointment and also reaches people who did not come.",
        "T07. The end comes at the planned time, also when nobody attended (Cal.com's MEETING_ENDED).",
        bad &[("sequences/care.yaml", "sequence: care\npurpose: service\nabout: booking\nreentry: always\nsteps:\n  - id: thanks\n    after: { booking.end: 3h }\n    email: { subject: Thanks, text: Thanks }\n"), ("triggers/care.yaml", CARE_TRIGGER)],
        good &[("sequences/care.yaml", "sequence: care\npurpose: service\nabout: booking\nreentry: always\nsteps:\n  - id: thanks\n    after: { booking.end: 3h }\n    if: booking.status != 'no_show'\n    email: { subject: Thanks, text: Thanks }\n"), ("triggers/care.yaml", CARE_TRIGGER)];
    HOST_CANCELLED: "DL570" "host-cancelled" Warning,
        "A follow-up of cancellations also starts when the practice cancelled.",
        "T08. Cal.com says who cancelled (cancelledBy), and whether another time was asked for (requestReschedule): neither is a lost booking.",
        bad &[("sequences/lost.yaml", LOST), ("triggers/lost.yaml", "trigger: lost\nevent: booking.cancelled\nenroll: lost\n")],
        good &[("sequences/lost.yaml", LOST), ("triggers/lost.yaml", "trigger: lost\nevent: booking.cancelled\nif: event.by != 'host' and not event.reschedule_requested\nenroll: lost\n")];
    REPLIES: "DL571" "replies-not-heard" Warning,
        "A reply does not end the run on every channel that it writes on, or a message of ours ends it.",
        "T11. `message.received` is only what the person wrote, on any channel; `message.sent` is also the echo of our own.",
        bad &[("dripline.yaml", project!("channels:\n  email: { provider: mailbox }\n  sms: { provider: mailbox }\n")), ("sequences/welcome.yaml", welcome!("stop_on:\n  - { event: message.received, if: event.channel == 'sms' }\nsteps:\n  - id: hello\n    email: welcome\n"))],
        good &[("dripline.yaml", project!("channels:\n  email: { provider: mailbox }\n  sms: { provider: mailbox }\n")), ("sequences/welcome.yaml", welcome!("stop_on:\n  - { event: message.received }\nsteps:\n  - id: hello\n    email: welcome\n"))];
}
