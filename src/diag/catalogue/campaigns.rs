//! DL14x, DL250, DL254 and DL34x: campaigns, their schedules and costs.
use super::{names::project, rows};

/// A sound campaign up to its schedule.
macro_rules! winter {
    ($rest:literal) => {
        concat!("campaign: winter\ngoal: { event: booking.created }\naudience: { inactive_days: 90 }\n", $rest)
    };
}

const SOUND: &str = winter!(
    "schedule: { start: 2030-01-07, end: 2030-03-01, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n"
);

rows! {
    NO_SUCH_DATE: "DL140" "no-such-date" Error,
        "A date is not on the calendar.",
        "Nothing could happen on it.",
        bad &[("campaigns/winter.yaml", winter!("schedule: { start: 2030-01-07, end: 2030-02-30, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n"))],
        good &[("campaigns/winter.yaml", SOUND)];
    COSTS_DISAGREE: "DL141" "costs-disagree" Error,
        "Costs of a campaign cannot be added up.",
        "What a campaign cost is compared with what it brought in.",
        bad &[("campaigns/winter.yaml", winter!("cost: { fixed: 120 EUR, email: 0.002 USD }\nschedule: { start: 2030-01-07, end: 2030-03-01, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n"))],
        good &[("campaigns/winter.yaml", winter!("cost: { fixed: 120 EUR, email: 0.002 EUR }\nschedule: { start: 2030-01-07, end: 2030-03-01, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n"))];
    COST_WITHOUT_MESSAGE: "DL142" "cost-without-message" Warning,
        "A campaign states a cost for a channel on which it sends nothing.",
        "It adds nothing to the sum; usually a message is missing, or the line is left over.",
        bad &[("dripline.yaml", project!("  sms: { provider: mailbox }\npolicies:\n  preferred: [sms, email]\n")), ("sequences/texts.yaml", "sequence: texts\npurpose: transactional\nreentry: always\nsteps:\n  - id: hello\n    sms: { text: Hello }\n"), ("triggers/texts.yaml", "trigger: texts\nevent: form.submitted\nenroll: texts\n"), ("campaigns/winter.yaml", winter!("cost: { sms: 0.08 EUR }\nschedule: { start: 2030-01-07, end: 2030-03-01, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n"))],
        good &[("campaigns/winter.yaml", SOUND)];
    CAMPAIGN_AND_SEQUENCE: "DL250" "campaign-and-sequence" Error,
        "A campaign and a sequence have the same id.",
        "A campaign is a sequence to people, statistics and `was_sent`, so their ids are shared.",
        bad &[("campaigns/welcome.yaml", "campaign: welcome\ngoal: { event: booking.created }\naudience: { inactive_days: 90 }\nschedule: { start: 2030-01-07, end: 2030-03-01, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n")],
        good &[("campaigns/winter.yaml", SOUND)];
    UNKNOWN_INTENT: "DL254" "unknown-intent" Error,
        "A campaign counts answers by an intent that the project does not have.",
        "No message would ever count as that answer.",
        bad &[("campaigns/winter.yaml", winter!("responses: { interested: [price] }\nschedule: { start: 2030-01-07, end: 2030-03-01, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n"))],
        good &[("campaigns/winter.yaml", SOUND)];
    NO_SLOT: "DL340" "no-slot" Error,
        "No send time of a campaign lies where its messages may go.",
        "Send times, days, window and quiet hours leave nothing, so the message could never go.",
        bad &[("dripline.yaml", project!("policies:\n  quiet_hours: { from: \"20:00\", to: \"08:00\" }\n")), ("campaigns/winter.yaml", winter!("schedule: { start: 2030-01-07, end: 2030-03-01, send_times: [\"21:00\"] }\nmessages:\n  - { id: first, email: welcome }\n"))],
        good &[("dripline.yaml", project!("policies:\n  quiet_hours: { from: \"20:00\", to: \"08:00\" }\n")), ("campaigns/winter.yaml", winter!("schedule: { start: 2030-01-07, end: 2030-03-01, send_times: [\"21:00\", \"09:30\"] }\nmessages:\n  - { id: first, email: welcome }\n"))];
    AFTER_END: "DL341" "after-end" Error,
        "A message of a campaign would go after its end.",
        "At the end everything that is still to come is cancelled, so it reaches nobody.",
        bad &[("campaigns/winter.yaml", winter!("schedule: { start: 2030-01-07, end: 2030-01-20, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n  - { id: second, wait: 20d, email: welcome }\n"))],
        good &[("campaigns/winter.yaml", winter!("schedule: { start: 2030-01-07, end: 2030-02-20, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n  - { id: second, wait: 20d, email: welcome }\n"))];
    MAY_BE_AFTER_END: "DL342" "may-be-after-end" Warning,
        "A message of a campaign goes at the last send time before its end.",
        "A cap that moves it moves it past the end, and then it reaches nobody.",
        bad &[("campaigns/winter.yaml", winter!("schedule: { start: 2030-01-07, end: 2030-01-17, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n  - { id: second, wait: 10d, email: welcome }\n"))],
        good &[("campaigns/winter.yaml", winter!("schedule: { start: 2030-01-07, end: 2030-01-20, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n  - { id: second, wait: 10d, email: welcome }\n"))];
    END_BEFORE_START: "DL343" "end-before-start" Error,
        "A campaign ends before it starts.",
        "It would reach nobody.",
        bad &[("campaigns/winter.yaml", winter!("schedule: { start: 2030-03-07, end: 2030-01-17, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n"))],
        good &[("campaigns/winter.yaml", SOUND)];
    SCHEDULE_PAST: "DL344" "schedule-past" Warning,
        "The time of a campaign is over.",
        "It cannot be launched any more.",
        bad &[("campaigns/winter.yaml", winter!("schedule: { start: 2020-01-07, end: 2020-03-01, send_times: [\"10:00\"] }\nmessages:\n  - { id: first, email: welcome }\n"))],
        good &[("campaigns/winter.yaml", SOUND)];
}
