//! A project in a folder, what is done to its files, and the commands over it. Knows no test.
use crate::daemon::secrets;
use dripline::{Outcome, run_in_process};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The least of a project: one clinic, its own events, mails into the mailbox.
pub(crate) const PROJECT: &str = r#"project: example
requires: ">=0.1, <0.2"
zone: Europe/Berlin
locales: [en]
public_url: "https://drip.example.com"
clinics:
  main: { name: Example Clinic, address: "Hauptstr. 1, 10115 Berlin", booking_url: "https://cal.example.com/intro" }
sources:
  own: { provider: events, secret: EVENTS_SECRET }
channels:
  email: { provider: mailbox }
policies:
  preferred: [email]
"#;

/// An example that comes with the program.
pub(crate) fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// In the spring of 2027, before clocks change.
pub(crate) fn moment() -> SystemTime {
    UNIX_EPOCH + Duration::from_hours(501_667)
}

/// A command at that moment, in an environment without variables.
pub(crate) fn dripline(folder: &Path, args: &[&str]) -> Outcome {
    run_in_process(args, folder, &BTreeMap::new(), moment())
}

/// A command as of now and with the secrets of the examples, beside a daemon.
pub(crate) fn live(folder: &Path, args: &[&str]) -> Outcome {
    run_in_process(args, folder, &secrets(), SystemTime::now())
}

pub(crate) fn put(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Puts `new` in the place of the first `old`, as editors do: beside the file, then in its place.
pub(crate) fn change(folder: &Path, path: &str, old: &str, new: &str) {
    let path = folder.join(path);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{} has no {old:?}", path.display());
    let beside = folder.join(".edited");
    fs::write(&beside, text.replacen(old, new, 1)).unwrap();
    fs::rename(beside, path).unwrap();
}

/// A folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A command of git by somebody who is nobody.
pub(crate) fn git(folder: &Path, args: &[&str]) {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(["-c", "user.name=Test", "-c", "user.email=test@example.com"]);
    let done = git.args(["-c", "init.defaultBranch=main"]).args(args).env_remove("GIT_DIR").output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
