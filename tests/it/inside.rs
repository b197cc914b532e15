//! Changed files and the people inside: from the text of a file to a message of a real database.
use crate::daemon::Daemon;
use crate::project::{change, live};
use std::path::Path;

const FILE: &str = "sequences/lapsed_patient.yaml";

/// The demo's clinic and its person, who enters the two messages of `lapsed_patient`; then both texts and times change.
fn changed_after_entry(how: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let done = |args: &[&str]| {
        let done = live(folder.path(), args);
        assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    };
    done(&["demo", "--day", "0", "--dir", "."]);
    done(&["enroll", "lapsed_patient", "Ana"]);
    change(folder.path(), FILE, "window: daytime", &format!("window: daytime\n{how}"));
    change(folder.path(), FILE, "wait: 5d", "wait: 2d");
    let text = "templates/lapsed/whenever_you_are_ready.md";
    change(folder.path(), text, "Whenever you are ready", "Quite other words");
    folder
}

/// Days fly until the second message went out: what the person read last.
fn last_words(folder: &Path) -> String {
    let mut daemon = Daemon::start_with(folder, &["--speed", "1d=1s"]);
    daemon.line("whenever_you_are_ready");
    assert_eq!(daemon.end("-INT"), Some(0));
    live(folder, &["mailbox", "--limit", "1"]).out
}

#[test]
fn who_is_inside_finishes_what_they_entered_or_follows_as_the_file_says() {
    let pinned = changed_after_entry("on_change: pin");
    let words = last_words(pinned.path());
    assert!(words.contains("Whenever you are ready"), "{words}");
    let following = changed_after_entry("catch_up: now");
    let words = last_words(following.path());
    assert!(words.contains("Quite other words"), "{words}");
}
