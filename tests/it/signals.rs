//! Complaints and bounces of providers from outside: in a story, and through the running daemon.
use crate::{cases::lay, daemon::Daemon};
use serde_json::json;

const CASE: &str = r#"
dripline.yaml:
  "email: { provider: mailbox }": "email: { provider: mailbox }\n  letter: { provider: mailbox }"
  "policies:\n": "events: { visit.asked: {} }\npolicies:\n"
sequences/visit.yaml: |
  sequence: visit
  category: booking
  purpose: transactional
  reentry: always
  stop_on: [ { event: message.complained, reason: complained } ]
  steps:
    - { id: confirm, email: { subject: Confirmed, text: See you } }
    - { id: reminder, wait: 1d, via: [email, letter], send: { subject: Tomorrow, text: See you tomorrow } }
    - { id: thanks, wait: 1d, email: { subject: Thanks, text: Thank you } }
triggers/visit.yaml: |
  trigger: visit
  event: visit.asked
  enroll: visit
tests/signals.yaml: |
  suite: signals
  start: 2027-03-22 09:00
  people:
    ana: { first_name: Ana, email: ana@example.test, address: "Hauptstr. 1, 10115 Berlin", consent: [email] }
  scenarios:
    - name: an address that does not exist gets no more
      when: [ { at: 0m, event: visit.asked }, { at: 1h, bounce: confirm } ]
      then:
        - { sent: confirm, via: email }
        - { at: 1d, sent: reminder, via: letter }
        - { at: 2d, skipped: thanks, because: suppressed }
        - { completed: visit }
    - name: a full mailbox is tried again
      when:
        - { at: 0m, event: visit.asked }
        - { at: 1h, event: message.bounced, data: { channel: email, class: soft } }
      then: [ { sent: confirm }, { at: 1d, sent: reminder, via: email }, { at: 2d, sent: thanks }, { completed: visit } ]
    - name: a complaint closes everything
      when: [ { at: 0m, event: visit.asked }, { at: 0m, event: lead.created }, { at: 1h, complain: confirm } ]
      then:
        - { sent: confirm }
        - { sent: hello }
        - { at: 1h, stopped: welcome, because: opted_out }
        - { at: 1h, stopped: visit, because: complained }
        - { never: { sent: reminder } }
    - name: nobody who complained comes in again
      when: [ { at: 0m, event: visit.asked }, { at: 1h, complain: confirm }, { at: 2h, event: lead.created } ]
      then:
        - { sent: confirm }
        - { at: 1h, stopped: visit }
        - { at: 2h, not_entered: welcome, because: no_consent }
"#;

#[test]
fn a_story_bounces_and_complains() {
    let folder = tempfile::tempdir().unwrap();
    lay(CASE, folder.path());
    let checked = crate::project::dripline(folder.path(), &["check"]);
    assert_eq!(checked.code, 0, "{}", checked.out);
    let done = crate::project::dripline(folder.path(), &["test"]);
    assert_eq!(done.code, 0, "{}", done.out);
}

#[test]
fn the_daemon_takes_signals_in_and_why_tells_them() {
    let folder = tempfile::tempdir().unwrap();
    lay(CASE, folder.path());
    let daemon = Daemon::start(folder.path());
    let tells = |id: &str, kind: &str, who: &str, data: &serde_json::Value| {
        let mut data = data.clone();
        data["contact"] = json!({ "email": who });
        let event = json!({ "specversion": "1.0", "id": id, "source": "/test", "type": kind, "data": data });
        let (status, answer) = daemon.event(id, event.to_string().as_bytes());
        assert_eq!(status, 200, "{answer}");
    };
    for (number, who) in ["ana@example.test", "ben@example.test"].into_iter().enumerate() {
        tells(&format!("visit{number}"), "visit.asked", who, &json!({}));
    }
    tells("bounce", "message.bounced", "ana@example.test", &json!({ "channel": "email", "class": "5.1.1" }));
    tells("complaint", "message.complained", "ben@example.test", &json!({ "channel": "email" }));
    assert_eq!(daemon.end("-TERM"), Some(0));
    let why = |who: &str| crate::project::dripline(folder.path(), &["why", who]).out;
    let ana = why("ana@example.test");
    assert!(ana.contains("address suppressed for every purpose on email, basis bounce, by provider"), "{ana}");
    let ben = why("ben@example.test");
    for part in [
        "opted out of every purpose on email, basis provider",
        "opted out of marketing, basis provider",
        "stopped (complained)",
    ] {
        assert!(ben.contains(part), "{part}: {ben}");
    }
}
