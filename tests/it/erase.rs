//! `dripline contact erase` from outside, against a running daemon: what it takes, what it says, and what is left in the file.
use crate::daemon::{CAL_SECRET, Daemon, clinic};
use crate::project::live;
use std::{fs, path::Path};

/// One field of each type that a project can declare.
const OWN: &str = "
    own_text: { type: text }
    own_texts: { type: list }
    own_integer: { type: integer }
    own_number: { type: number }
    own_truth: { type: bool }
    own_date: { type: date }
    own_time: { type: time }
    own_money: { type: money }
    own_span: { type: duration }
    own_choice: { type: choice, one_of: [blue, other] }
    procedure:";

/// How often one of the words stands in the database or its log.
fn traces(folder: &Path, words: &[&str]) -> usize {
    let read = |ending: &str| fs::read(folder.join(format!(".dripline/dripline.db{ending}"))).unwrap_or_default();
    let all = [read(""), read("-wal")].concat().to_ascii_lowercase();
    words.iter().map(|word| all.windows(word.len()).filter(|found| *found == word.as_bytes()).count()).sum()
}

fn filled() -> (tempfile::TempDir, Daemon) {
    let folder = clinic();
    let path = folder.path().join("dripline.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\n    procedure:", OWN, 1)).unwrap();
    let daemon = Daemon::start(folder.path());
    let event = serde_json::json!({
        "specversion": "1.0", "id": "e-1", "source": "site", "type": "lead.created",
        "data": {
            "contact": {
                "email": "canary@example.com", "phone": "+18765550142", "first_name": "Canary", "last_name": "O'Canary",
                "own_text": "canary words", "own_texts": ["canary one", "canary two"], "own_integer": 777_000_777_001_i64,
                "own_number": 0.777_000_777, "own_truth": true, "own_date": "1977-07-07",
                "own_time": "1977-07-07T07:07:07Z", "own_money": "77700077.07 EUR", "own_span": "7777h",
                "own_choice": "blue", "procedure": "laser",
            },
            "landing_page": "https://example.com/canary",
        },
    });
    let (status, answer) = daemon.event("e-1", event.to_string().as_bytes());
    assert_eq!(status, 200, "{answer}");
    let mut booking: serde_json::Value =
        serde_json::from_str(include_str!("../fixtures/calcom/booking_created_ana.json")).unwrap();
    booking["payload"]["eventTypeId"] = 101.into();
    let booking = booking.to_string().replace("ana.petrescu@", "canary@").replace("Petrescu", "Canary");
    let booking = booking.replace("+4915550100123", "+18765550142").replace("3aH17DHc5Bzj7nnKK1t9ox", "canaryuid17");
    assert_eq!(daemon.calendar(CAL_SECRET, booking).0, 200);
    (folder, daemon)
}

const WORDS: [&str; 5] = ["canary", "777000777", "1977-07-07", "77700077", "8765550142"];

#[test]
fn erasure_covers_every_field_that_a_project_declares() {
    let (folder, daemon) = filled();
    let here = folder.path();
    assert!(traces(here, &WORDS) > 20, "they are there before");
    for word in WORDS {
        assert!(traces(here, &[word]) > 0, "{word} is there before");
    }
    let asked = live(here, &["contact", "erase", "canary@example.com"]);
    assert_eq!((asked.code, asked.out.contains("--yes")), (4, true), "{}{}", asked.out, asked.err);
    assert!(traces(here, &WORDS) > 20, "nothing was done");
    let done = live(here, &["contact", "erase", "canary@example.com", "--yes"]);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    for part in ["was erased", "2 identity", "contact_value", "booking", "delivery", "backups are yours"] {
        assert!(done.out.contains(part), "{part}: {}", done.out);
    }
    assert_eq!(traces(here, &WORDS), 0);
    assert_eq!(live(here, &["contact", "erase", "canary@example.com", "--yes"]).code, 3, "nobody is known as that");
    assert_eq!(live(here, &["why", "Canary"]).code, 3);
    assert_eq!(daemon.end("-TERM"), Some(0));
    assert_eq!(traces(here, &WORDS), 0);
    let status = live(here, &["status"]);
    assert_eq!(status.code, 0, "{}", status.err);
}

#[test]
fn without_a_daemon_the_command_erases_by_itself() {
    let (folder, daemon) = filled();
    let here = folder.path();
    assert_eq!(daemon.end("-TERM"), Some(0));
    let done = live(here, &["contact", "erase", "canary@example.com", "--yes", "--format", "json"]);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    let told: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    assert!(told["erased"]["contact"] == 1 && told["format_version"] == 1, "{told}");
    assert_eq!(traces(here, &WORDS), 0);
}
