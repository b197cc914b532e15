//! The daemon from outside: what it refuses, what it answers, how it takes changed files on, how it ends.
use crate::daemon::{CAL_SECRET, Daemon, clinic, secrets};
use crate::project::{change, live};
use dripline::run_in_process;
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::SystemTime,
};

/// A clinic whose database has a person in it: the demo was played there.
fn played() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let done = live(folder.path(), &["demo", "--day", "0", "--dir", "."]);
    assert_eq!(done.code, 0, "{}", done.err);
    folder
}

#[test]
fn unset_secrets_are_told_all_at_once() {
    let folder = clinic();
    let done = run_in_process(&["run"], folder.path(), &BTreeMap::new(), SystemTime::now());
    assert_eq!(done.code, 6, "{}", done.err);
    assert!(done.err.contains("source cal: the variable CALCOM_WEBHOOK_SECRET is not set"), "{}", done.err);
    assert!(done.err.contains("source own: the variable EVENTS_SECRET is not set"), "{}", done.err);
    assert!(!folder.path().join(".dripline").exists(), "nothing was made");
}

#[test]
fn a_secret_that_cannot_sign_is_told_without_repeating_it() {
    let folder = clinic();
    let mut env = secrets();
    env.insert("EVENTS_SECRET".to_owned(), "hunter2".to_owned());
    let done = run_in_process(&["run"], folder.path(), &env, SystemTime::now());
    assert_eq!(done.code, 6);
    assert!(done.err.contains("EVENTS_SECRET must hold") && !done.err.contains("hunter2"), "{}", done.err);
}

#[test]
fn files_with_errors_do_not_run() {
    let folder = clinic();
    change(folder.path(), "sequences/no_show_recovery.yaml", "day: 4", "day: soon");
    let done = live(folder.path(), &["run"]);
    assert_eq!(done.code, 1);
    assert!(done.err.contains("sequences/no_show_recovery.yaml"), "{}", done.err);
}

#[test]
fn time_flies_only_where_every_channel_is_a_mailbox() {
    let folder = clinic();
    assert_eq!(live(folder.path(), &["run", "--speed", "fast"]).code, 3);
    change(folder.path(), "dripline.yaml", "email: { provider: mailbox,", "email: { provider: smtp, url: SMTP_URL,");
    let done = live(folder.path(), &["run", "--speed", "1d=10s"]);
    assert_eq!(done.code, 3, "{}", done.err);
    assert!(done.err.contains("channel email"), "{}", done.err);
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    let folder = clinic();
    assert_eq!(live(folder.path(), &["-q", "run", "--once"]).code, 0);
    let database = folder.path().join(".dripline/dripline.db");
    let set = |version: u32| {
        let db = rusqlite::Connection::open(&database).unwrap();
        db.pragma_update(None, "user_version", version).unwrap();
    };
    set(9_999);
    for args in [&["-q", "run", "--once"][..], &["status"]] {
        let done = live(folder.path(), args);
        assert_eq!(done.code, 6, "{args:?}");
        assert!(done.err.contains("9999") && done.err.contains("newer"), "{}", done.err);
    }
}

#[test]
fn one_daemon_works_on_a_database() {
    let folder = clinic();
    let daemon = Daemon::start(folder.path());
    let done = live(folder.path(), &["run", "--listen", "127.0.0.1:0"]);
    assert_eq!(done.code, 6);
    assert!(done.err.contains(&format!("process {}", daemon.pid())), "{}", done.err);
    assert_eq!(live(folder.path(), &["status"]).code, 0, "readers are welcome");
    assert_eq!(daemon.end("-TERM"), Some(0));
    assert_eq!(live(folder.path(), &["-q", "run", "--once"]).code, 0, "the lock went with the process");
}

#[test]
fn a_second_interrupt_does_not_wait() {
    let folder = clinic();
    let mut daemon = Daemon::start(folder.path());
    // a request whose body never comes: in good order the daemon would wait for it
    let mut socket = TcpStream::connect(daemon.url.trim_start_matches("http://")).unwrap();
    socket
        .write_all(b"POST /hooks/cal HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n")
        .unwrap();
    let mut begun = [0; 12];
    socket.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100", "the daemon waits for the body");
    daemon.signal("-INT");
    daemon.line("\"stopping\"");
    assert_eq!(daemon.end("-INT"), Some(130));
}

#[test]
fn it_ends_when_nothing_waits_any_more() {
    let folder = clinic();
    let done = live(folder.path(), &["-q", "run", "--until-idle", "--listen", "127.0.0.1:0", "--speed", "1d=1s"]);
    assert_eq!(done.code, 0, "{}", done.err);
}

#[test]
fn webhooks_are_judged_by_their_signature_and_their_words() {
    let folder = clinic();
    let daemon = Daemon::start(folder.path());
    assert_eq!(daemon.get("/livez").0, 200);
    assert_eq!(daemon.get("/readyz").0, 200);
    let mut booking: serde_json::Value =
        serde_json::from_str(include_str!("../fixtures/calcom/booking_created_ana.json")).unwrap();
    booking["payload"]["eventTypeId"] = 101.into();
    let booking = booking.to_string();
    let word = |(status, answer): (u16, serde_json::Value)| (status, answer["status"].as_str().unwrap().to_owned());
    assert_eq!(word(daemon.calendar("another", booking.clone())), (401, "unauthorised".to_owned()));
    assert_eq!(word(daemon.calendar(CAL_SECRET, booking.clone())), (200, "accepted".to_owned()));
    assert_eq!(word(daemon.calendar(CAL_SECRET, booking)), (200, "seen".to_owned()));
    assert_eq!(word(daemon.calendar(CAL_SECRET, "not JSON")), (202, "quarantined".to_owned()));
    assert_eq!(word(daemon.calendar(CAL_SECRET, "{}")), (202, "quarantined".to_owned()));
    assert_eq!(word(daemon.calendar(CAL_SECRET, vec![b' '; 1_048_577])), (413, "too_large".to_owned()));
    let template = include_str!("../fixtures/calcom/custom_template.json");
    assert_eq!(word(daemon.calendar(CAL_SECRET, template)), (422, "custom_template".to_owned()));
    assert_eq!(daemon.post("/hooks/nobody", &[], "{}").0, 404);
    let status = live(folder.path(), &["status", "--format", "json"]);
    let status: serde_json::Value = serde_json::from_str(&status.out).unwrap();
    assert_eq!((status["people"].as_i64(), status["quarantined"].as_i64()), (Some(1), Some(3)));
    assert_eq!(daemon.end("-INT"), Some(0));
}

#[test]
fn an_unsubscribe_link_acts_when_it_is_posted() {
    let folder = played();
    let mail = live(folder.path(), &["mailbox", "--contact", "Ana", "--format", "json"]);
    let mail: serde_json::Value = serde_json::from_str(&mail.out).unwrap();
    let link = mail["messages"].as_array().unwrap().iter().find_map(|row| {
        assert!(row["message"].is_object());
        row["message"]["headers"]["List-Unsubscribe"].as_str()
    });
    let link = link.unwrap().trim_matches(['<', '>']);
    let path = &link[link.find("/u/").unwrap()..];
    let opted_out = || {
        let why = live(folder.path(), &["why", "Ana", "--format", "json"]);
        let why: serde_json::Value = serde_json::from_str(&why.out).unwrap();
        let consents = why["consents"].as_array().unwrap().clone();
        consents.iter().any(|line| line["state"] == "opted_out" && line["basis"] == "link")
    };
    let daemon = Daemon::start(folder.path());
    let (status, page) = daemon.get(path);
    assert_eq!((status, page.contains("Oshun Cosmetic")), (200, true), "{page}");
    assert!(!opted_out(), "looking at the page changes nothing");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let (status, page) = daemon.post(path, &form, "List-Unsubscribe=One-Click");
    assert_eq!((status, page.contains("<h1>Done</h1>")), (200, true), "{page}");
    assert!(opted_out());
    let forged = format!("{}0", &path[..path.len() - 1]);
    if forged != path {
        assert_eq!(daemon.post(&forged, &form, "List-Unsubscribe=One-Click").0, 404);
    }
}

#[test]
fn a_bad_edit_keeps_the_plan_that_runs() {
    let folder = clinic();
    let mut daemon = Daemon::start(folder.path());
    let file = "sequences/no_show_recovery.yaml";
    change(folder.path(), file, "day: 4", "day: soon");
    let told = daemon.line(file);
    assert!(told.contains("DL"), "{told}");
    daemon.line("the plan that runs stays");
    let (_, metrics) = daemon.get("/metrics");
    assert!(metrics.contains("dripline_plan_version 1\n"), "{metrics}");
    assert!(metrics.contains("dripline_plan_outdated 1\n"), "{metrics}");
    change(folder.path(), file, "day: soon", "day: 5");
    daemon.line("took the changed files on");
    let (_, metrics) = daemon.get("/metrics");
    assert!(metrics.contains("dripline_plan_version 2\n"), "{metrics}");
    assert!(metrics.contains("dripline_plan_outdated 0\n"), "{metrics}");
}

#[test]
fn nobody_loses_their_place_by_an_edit() {
    let folder = played();
    let mut daemon = Daemon::start(folder.path());
    let entered = live(folder.path(), &["enroll", "lapsed_patient", "Ana"]);
    assert_eq!(entered.code, 0, "{}{}", entered.out, entered.err);
    let file = "sequences/lapsed_patient.yaml";
    change(folder.path(), file, "id: we_miss_you", "id: we_missed_you");
    let told = daemon.line("DL603");
    assert!(told.contains("we_miss_you") && told.contains("one person"), "{told}");
    assert!(told.contains("moved: [{ from: we_miss_you, to: we_missed_you }]"), "{told}");
    daemon.line("the plan that runs stays");
    assert_eq!(daemon.end("-INT"), Some(0));
    let refused = live(folder.path(), &["-q", "run", "--once"]);
    assert_eq!(refused.code, 4, "{}", refused.err);
    assert!(refused.err.contains("its id is \"we_missed_you\" now"), "{}", refused.err);
    fs::remove_file(folder.path().join(file)).unwrap();
    change(folder.path(), "triggers/care_plan_ended.yaml", "enroll: lapsed_patient", "enroll: monthly_drip");
    let refused = live(folder.path(), &["-q", "run", "--once"]);
    assert_eq!(refused.code, 4, "{}", refused.err);
    assert!(refused.err.contains("DL602"), "{}", refused.err);
}

#[test]
fn orders_work_with_a_daemon_and_without() {
    let folder = played();
    let orders = |ended: &str| {
        let enroll = || live(folder.path(), &["enroll", "lapsed_patient", "ana.baptiste@example.com"]);
        let first = enroll();
        assert_eq!(first.code, 0, "{}{}", first.out, first.err);
        assert!(first.out.contains("next is we_miss_you"), "{}", first.out);
        let again = enroll();
        assert_eq!((again.code, again.out.contains("already_in")), (4, true), "{}", again.out);
        let stop = live(folder.path(), &["stop", "lapsed_patient", "Ana"]);
        assert_eq!(stop.code, 0, "{}", stop.err);
        let why = live(folder.path(), &["why", "Ana", "we_miss_you"]);
        assert!(why.out.contains("stopped (operator)"), "{ended}: {}", why.out);
        assert_eq!(live(folder.path(), &["stop", "lapsed_patient", "Ana"]).code, 3, "nobody is inside any more");
    };
    let daemon = Daemon::start(folder.path());
    orders("with a daemon");
    assert_eq!(daemon.end("-TERM"), Some(0));
    orders("without one");
    assert_eq!(live(folder.path(), &["opt-out", "Ana", "--channel", "sms"]).code, 0);
    assert_eq!(live(folder.path(), &["opt-out", "Ana", "--channel", "smss"]).code, 3);
    assert_eq!(live(folder.path(), &["opt-out", "Nobody"]).code, 3);
}
