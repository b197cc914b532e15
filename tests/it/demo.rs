//! The first minute: what the demo says, and what can be asked afterwards.
use dripline::{Outcome, run_in_process};
use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Mon 15 Mar 2027, noon in Kingston.
#[expect(clippy::duration_suboptimal_units, reason = "a Unix time is known in seconds")]
fn moment() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_805_130_000)
}

fn dripline(folder: &Path, args: &[&str]) -> Outcome {
    run_in_process(args, folder, &BTreeMap::new(), moment())
}

/// Lines that have to come in this order.
const STORY: &[&str] = &[
    "09:20  → POST /hooks/cal              BOOKING_CREATED            200 accepted",
    "▸ booking_confirmed            Ana enters, by trigger new_booking",
    "✓ confirmation",
    "15:00  ✓ reminder_day_before",
    "13:00  ✓ reminder_two_hours_before",
    "15:40  → POST /hooks/cal              BOOKING_NO_SHOW_UPDATED    200 accepted",
    "▸ no_show_recovery             Ana enters, by trigger no_show",
    "· no_show_recovery             next: sorry_we_missed_you on Wed 10 Mar 10:00",
    "15:41  → POST /hooks/cal              the same again             200 seen before: nothing changes",
    "15:42  → POST /hooks/cal              the same, from a stranger  401 unauthorised",
    "Wed 10 Mar  10:00  ✓ sorry_we_missed_you",
    "Thu 11 Mar  11:05  → POST /hooks/cal              BOOKING_CREATED            200 accepted",
    "■ no_show_recovery             Ana booked: converted, the rest is cancelled",
    "▸ booking_confirmed            Ana enters, by trigger new_booking",
    "■ booking_confirmed            Ana went through all of it",
    "She booked again, so these never went out: pick_a_new_time, last_call.",
];

#[test]
fn the_demo_tells_its_story_and_leaves_a_project_that_answers() {
    let folder = tempfile::tempdir().unwrap();
    let told = dripline(folder.path(), &["demo", "--day", "0", "--dir", "clinic"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    let mut rest = told.out.as_str();
    for line in STORY {
        let at = rest.find(line).unwrap_or_else(|| panic!("{line:?} is missing or comes too early in\n{}", told.out));
        rest = &rest[at + line.len()..];
    }
    assert!(told.out.lines().all(|line| line.chars().count() <= 130), "{}", told.out);

    let clinic = folder.path().join("clinic");
    let why = dripline(&clinic, &["why", "Ana", "last_call"]);
    assert!(why.out.contains("never fell due: converted before  sequences/no_show_recovery.yaml:"), "{}", why.out);
    let why = dripline(&clinic, &["why", "Ana"]);
    assert!(why.out.contains("Tue  9 Mar 2027  18:45  aftercare"), "{}", why.out);
    assert!(why.out.contains("skipped (condition)") && why.out.contains("booking.status: no_show"), "{}", why.out);
    let status = dripline(&clinic, &["status"]);
    assert!(status.out.contains("overdue            nothing"), "{}", status.out);
    let log = dripline(&clinic, &["log", "--format", "json"]);
    let log: serde_json::Value = serde_json::from_str(&log.out).unwrap();
    let sent = log["log"].as_array().unwrap().iter().filter(|line| line["state"] == "sent").count();
    let mailbox = dripline(&clinic, &["mailbox"]);
    assert_eq!(mailbox.out.lines().count(), sent, "{}", mailbox.out);
    let first = dripline(&clinic, &["mailbox", "snd_1"]);
    assert!(first.out.contains("Template: appointment_confirmed (en)"), "{}", first.out);

    let again = dripline(folder.path(), &["demo", "--dir", "clinic"]);
    assert_eq!((again.code, again.err.contains("not empty")), (3, true), "{}", again.err);
}
