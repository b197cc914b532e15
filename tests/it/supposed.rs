//! Previews of steps that ask other programs: nobody is asked, and the lines say so.
use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

const PROJECT: &str = "project: example
requires: \">=0.1, <0.2\"
zone: Europe/Berlin
locales: [en]
public_url: \"https://drip.example.com\"
clinics:
  main: { name: Example Clinic, address: \"Hauptstr. 1, 10115 Berlin\", booking_url: \"https://cal.example.com/intro\" }
sources:
  cal: { provider: calcom, secret: CAL_SECRET, kinds: { intro: [101] } }
lookups:
  next_free: { provider: calcom.slots, event_type: intro, returns: { start: time, url: text } }
  others:
    get: \"https://match.example.com/api?of={{ contact.id }}\"
    returns: { found: { list: { name: text, url: text } } }
channels:
  email: { provider: mailbox }
";
const SEQUENCE: &str = "sequence: welcome
category: warm_lead
purpose: service
reentry: never
steps:
  - id: offer
    with: { slot: next_free }
    if: slot.start is defined
    appointment:
      kind: intro
      slot: slot.start
      message: { subject: A time for you, text: \"{% if slot.start %}{{ slot.start | datetime }}{% endif %} at {{ slot.url | default('our desk') }}, or {{ booking_link }}\" }
  - id: choose
    with: { more: others }
    email: { subject: Others, text: \"{% for one in more.found %}{{ one.name | default('') }} <{{ one.url | default('') }}>. {% endfor %}\" }
  - id: talk
    appointment: { kind: intro, host: Dr. Example, message: { subject: A talk, text: \"{{ booking_link }}\" } }
";

fn preview(more: &[&str]) -> (u8, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let root: &Path = folder.path();
    fs::create_dir_all(root.join("sequences")).unwrap();
    fs::write(root.join("dripline.yaml"), PROJECT).unwrap();
    fs::write(root.join("sequences/welcome.yaml"), SEQUENCE).unwrap();
    let mut args = vec!["preview", "welcome", "--start", "2026-12-01 18:30", "--render", "--color", "never"];
    args.extend(more);
    let done = dripline::run_in_process(&args, root, &BTreeMap::new(), SystemTime::UNIX_EPOCH);
    (done.code, done.out, done.err)
}

#[track_caller]
fn shows(more: &[&str], wanted: &[&str]) -> String {
    let (code, out, err) = preview(more);
    assert_eq!(code, 0, "{err}{out}");
    for wanted in wanted {
        assert!(out.contains(wanted), "{wanted}\n{out}");
    }
    out
}

#[test]
fn answers_are_made_up_by_their_types() {
    shows(
        &[],
        &[
            "look-up next_free: example values",
            "look-up others: example values",
            "10:00 am at https://example.com/url, or https://cal.example.com/intro",
            "example name 1 <https://example.com/url/1>",
            "example name 2 <https://example.com/url/2>",
            "offers an appointment intro, at slot.start, by its link",
            "offers an appointment intro with Dr. Example, the first free time, by its link",
        ],
    );
}

#[test]
fn nothing_found_leaves_the_fields_empty() {
    for name in ["slot=none", "next_free=none"] {
        let out = shows(&["--lookup", name], &["skipped (condition)", "look-up next_free: it finds nothing"]);
        assert!(!out.contains("A time for you"), "{out}");
    }
}

#[test]
fn a_look_up_that_fails_fails_its_step() {
    let out = shows(&["--lookup", "slot=error"], &["failed (lookup)", "look-up next_free: it fails", "\"Others\""]);
    assert!(!out.contains("A time for you"), "{out}");
}

#[test]
fn an_answer_may_be_given() {
    let answer = "slot={ \"start\": \"2027-01-07T08:15:00Z\", \"url\": \"https://cal.example.com/seven\" }";
    shows(
        &["--lookup", answer],
        &["9:15 am at https://cal.example.com/seven", "look-up next_free: the answer that you gave"],
    );
}

#[test]
fn what_is_no_answer_is_said() {
    let wrong = [
        ("slot", "is no answer of a look-up"),
        ("slto=none", "did you mean"),
        ("slot={ \"begin\": 1 }", "it returns: start, url"),
        ("slot={ \"start\": \"tomorrow\" }", "holds a value of type time"),
    ];
    for (given, wanted) in wrong {
        let (code, out, err) = preview(&["--lookup", given]);
        assert_eq!((code, out.as_str()), (3, ""), "{given}: {err}");
        assert!(err.contains(wanted), "{given}: {err}");
    }
}
