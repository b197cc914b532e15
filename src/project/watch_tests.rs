//! Watching real folders. Every wait is for a call that has to come, or for the clock of the poll.
use super::watch::{Patience, Watch, watch};
use std::{
    fs,
    path::Path,
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

/// Long enough for the slowest machine; a test that gets here has failed.
const LONG: Duration = Duration::from_secs(20);

const BY_EVENT: Patience = Patience { lull: Duration::from_millis(10), poll: Duration::from_hours(1) };
const BY_CLOCK: Patience = Patience { lull: Duration::from_millis(10), poll: Duration::from_millis(10) };

fn watched(root: &Path, patience: Patience) -> (Watch, Receiver<()>) {
    let (tell, told) = channel();
    let changed = move || {
        let _ = tell.send(());
    };
    (watch(root, patience, changed), told)
}

/// At once: nobody sees half a file.
fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let beside = path.with_file_name(".beside");
    fs::write(&beside, text).unwrap();
    fs::rename(beside, path).unwrap();
}

#[test]
fn a_change_is_told_and_a_write_of_the_same_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("project");
    write(&root, "dripline.yaml", "project: one");
    let (watch, told) = watched(&root, BY_EVENT);
    write(&root, "dripline.yaml", "project: one");
    write(&root, ".dripline/dripline.db-wal", "not ours");
    write(&root, "notes.tmp", "not ours");
    write(&root, "sequences/new.yaml", "sequence: new");
    told.recv_timeout(LONG).unwrap();
    fs::remove_file(root.join("sequences/new.yaml")).unwrap();
    told.recv_timeout(LONG).unwrap();
    drop(watch);
    assert!(told.recv().is_err(), "nothing more is told, and the callback is gone");
}

#[test]
fn writes_that_change_nothing_are_never_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("project");
    write(&root, "dripline.yaml", "project: one");
    let (watch, told) = watched(&root, BY_CLOCK);
    for _ in 0..20 {
        write(&root, "dripline.yaml", "project: one");
        write(&root, ".git/index", "not ours");
    }
    // the marker comes after all of them: one call means that none of them was told on its own
    write(&root, "marker.yaml", "x");
    told.recv_timeout(LONG).unwrap();
    drop(watch);
    assert!(told.recv().is_err());
}

#[test]
fn a_swapped_folder_is_watched_on() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("project");
    write(&root, "dripline.yaml", "project: one");
    let (tell, told) = channel();
    let (seen, later) = (root.clone(), "sequences/later.yaml");
    let look = move || {
        let text = fs::read_to_string(seen.join("dripline.yaml")).unwrap_or_default();
        let _ = tell.send((text, seen.join(later).exists()));
    };
    let watch = watch(&root, BY_EVENT, look);
    write(folder.path(), "next/dripline.yaml", "project: two");
    fs::rename(&root, folder.path().join("old")).unwrap();
    fs::rename(folder.path().join("next"), &root).unwrap();
    while told.recv_timeout(LONG).unwrap().0 != "project: two" {}
    write(&root, later, "sequence: later");
    while !told.recv_timeout(LONG).unwrap().1 {}
    drop(watch);
}

#[cfg(unix)]
#[test]
fn a_flipped_link_is_noticed_without_an_event() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a/dripline.yaml", "project: one");
    write(folder.path(), "b/dripline.yaml", "project: two");
    let root = folder.path().join("current");
    std::os::unix::fs::symlink(folder.path().join("a"), &root).unwrap();
    let (watch, told) = watched(&root, BY_CLOCK);
    std::os::unix::fs::symlink(folder.path().join("b"), folder.path().join("new")).unwrap();
    fs::rename(folder.path().join("new"), &root).unwrap();
    told.recv_timeout(LONG).unwrap();
    drop(watch);
}
