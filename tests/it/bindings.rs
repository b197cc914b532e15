//! What a project may name and this version cannot talk to, and sequences that are retired. Runs the program.
use crate::daemon::clinic;
use crate::project::live;
use std::{fs, path::Path};

fn edit(folder: &Path, from: &str, to: &str) {
    let path = folder.join("dripline.yaml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "no {from}: {text}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn what_cannot_be_reached_is_named_and_an_environment_helps() {
    let folder = clinic();
    let source =
        "{ provider: chatwoot, secret: EVENTS_SECRET, url: \"https://chat.example.com\", token: TOKEN, account: 1 }";
    edit(folder.path(), "sources:\n", &format!("sources:\n  chat: {source}\n"));
    edit(folder.path(), "whatsapp: { provider: mailbox }", "whatsapp: { provider: chatwoot, source: chat, inbox: 3 }");
    edit(folder.path(), "sms: { provider: mailbox,", "sms: { provider: twilio, account: SID, token: TOKEN,");
    let mailboxes = "channels: { \"*\": { provider: mailbox } }";
    let local = format!("local: {{ {mailboxes}, sources: {{ chat: {{ provider: events }} }} }}");
    edit(folder.path(), &format!("dev: {{ {mailboxes} }}"), &local);
    let checked = live(folder.path(), &["check"]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    let done = live(folder.path(), &["run", "--once"]);
    assert_eq!(done.code, 6, "{}", done.err);
    for named in ["source chat:", "channel whatsapp:", "channel sms:", "`provider: twilio`", "--env"] {
        assert!(done.err.contains(named), "{named}: {}", done.err);
    }
    assert!(!folder.path().join(".dripline").exists(), "nothing was made");
    let done = live(folder.path(), &["-q", "--env", "local", "run", "--once"]);
    assert_eq!(done.code, 0, "{}", done.err);
}

/// A clinic with somebody in a sequence whose file is then taken away.
fn left_behind() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(live(folder.path(), &["demo", "--day", "0", "--dir", "."]).code, 0);
    let (sequence, text) = (folder.path().join("sequences/old.yaml"), folder.path().join("templates/old.md"));
    let steps = "steps:\n  - { id: first, email: old }\n  - { id: second, day: 3, at: \"10:00\", email: old }\n";
    fs::write(&sequence, format!("sequence: old\npurpose: service\nreentry: never\n{steps}")).unwrap();
    fs::write(&text, "---\nsubject: Hello\n---\nHello again.\n").unwrap();
    let run = live(folder.path(), &["-q", "run", "--once"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let entered = live(folder.path(), &["enroll", "old", "Ana"]);
    assert_eq!(entered.code, 0, "{}", entered.err);
    fs::remove_file(sequence).unwrap();
    fs::remove_file(text).unwrap();
    let blocked = live(folder.path(), &["-q", "run", "--once"]);
    assert_eq!(blocked.code, 4, "{}", blocked.err);
    assert!(blocked.err.contains("`retired: { old: finish }`"), "{}", blocked.err);
    folder
}

/// Whether runs of that sequence ended, and why.
fn ends(folder: &Path) -> Vec<(bool, Option<String>)> {
    let db = rusqlite::Connection::open(folder.join(".dripline/dripline.db")).unwrap();
    let of = "(SELECT id FROM name WHERE text = 'old')";
    let sql = format!("SELECT ended_at IS NOT NULL, ended_why FROM enrolment WHERE sequence_id = {of}");
    let mut rows = db.prepare(&sql).unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn people_in_a_retired_sequence_leave_at_once_or_get_the_rest() {
    let folder = left_behind();
    edit(folder.path(), "groups:", "retired: { old: finish }\ngroups:");
    for _ in 0..2 {
        let run = live(folder.path(), &["-q", "run", "--once"]);
        assert_eq!(run.code, 0, "{}", run.err);
        assert_eq!(ends(folder.path()), [(false, None)], "the second step is still to come");
        let status = live(folder.path(), &["status"]);
        assert!(!status.out.contains("not in the plan"), "{}", status.out);
    }
    edit(folder.path(), "old: finish", "old: stop");
    let run = live(folder.path(), &["-q", "run", "--once"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(ends(folder.path()), [(true, Some("{\"rule\":\"retired\"}".to_owned()))]);
}
