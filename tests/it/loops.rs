//! Circles that only show while they run: a story is stopped with the circle shown, and the daemon says and counts it.
use crate::{cases::lay, daemon::Daemon};
use std::path::Path;

/// Whoever is hot gets warmer with each change, and getting warmer is a change.
const WARMER: &str = r#"
triggers/hot.yaml: |
  trigger: hot
  event: lead.created
  do: [ { tag: { add: hot } } ]
triggers/warmer.yaml: |
  trigger: warmer
  event: contact.updated
  if: has_tag('hot')
  do: [ { emit: { event: lead.warmer } } ]
triggers/count.yaml: |
  trigger: count
  event: lead.warmer
  do: [ { score: { add: 1 } } ]
dripline.yaml:
  "policies:\n": "events: { lead.warmer: {} }\npolicies:\n"
"#;

/// A mail for each mail: each goes out in a turn of its own, all of them at one moment.
const MAILS: &str = r"
sequences/echo.yaml: |
  sequence: echo
  purpose: transactional
  reentry: always
  steps: [ { id: word, email: { subject: Again, text: Again } } ]
triggers/echo.yaml: |
  trigger: echo
  event: [lead.created, message.sent]
  if: contact.email is defined
  enroll: echo
";

const SUITE: &str = r"
tests/loops.yaml: |
  suite: loops
  start: 2027-03-26 09:00
  people:
    ana: { first_name: Ana, email: ana@example.test, consent: [email] }
  scenarios:
    - name: round and round
      when: [ { at: 1h, event: lead.created } ]
      then: [ { at: 1h, tagged: hot } ]
";

fn project(folder: &Path, case: &str) {
    lay(case, folder);
    let checked = crate::project::dripline(folder, &["check"]);
    assert_eq!(checked.code, 0, "nothing that can be seen beforehand: {}", checked.out);
}

/// What is too much in a story that was stopped is not told: it is the circle again and again.
#[test]
fn a_circle_is_told_once() {
    let (code, out) = tested(MAILS);
    assert_eq!(code, 1, "{out}");
    assert!(out.lines().count() < 40 && !out.contains("nothing expected it"), "{out}");
}

fn tested(case: &str) -> (u8, String) {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path(), &format!("{case}{SUITE}"));
    let done = crate::project::dripline(folder.path(), &["test"]);
    (done.code, done.out)
}

#[test]
fn a_story_that_goes_round_within_one_decision_is_stopped_with_the_circle_shown() {
    let (code, told) = tested(WARMER);
    let words = "Fri 26 Mar 10:00 the story goes round without end at this moment, and was stopped: trigger count → \
                 trigger warmer";
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code == 1 && told.contains(words), "{code} {told}");
}

#[test]
fn a_story_that_goes_round_from_turn_to_turn_is_stopped_with_the_circle_shown() {
    let (code, told) = tested(MAILS);
    let words = "Fri 26 Mar 10:00 the story goes round without end at this moment, and was stopped: echo/word → \
                 trigger echo";
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code == 1 && told.contains(words), "{code} {told}");
}

#[test]
fn the_daemon_stops_a_circle_says_who_goes_round_and_counts_it() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path(), WARMER);
    let mut daemon = Daemon::start(folder.path());
    let lead = serde_json::json!({
        "specversion": "1.0", "id": "lead", "source": "/test", "type": "lead.created",
        "data": { "email": "ana@example.com" },
    });
    assert_eq!(daemon.event("lead", lead.to_string().as_bytes()).0, 200);
    let line = daemon.line("went round without end");
    assert!(line.contains("WARN") && line.contains("trigger count") && line.contains("trigger warmer"), "{line}");
    let (_, metrics) = daemon.get("/metrics");
    assert!(metrics.contains("dripline_circles_stopped_total 1\n"), "{metrics}");
    assert_eq!(daemon.end("-TERM"), Some(0));
    let why = crate::project::dripline(folder.path(), &["why", "ana@example.com"]);
    for part in ["endless", "followed: 1000", "round: trigger count", "round: trigger warmer", "triggers/"] {
        assert!(why.out.contains(part), "{part}: {}", why.out);
    }
}
