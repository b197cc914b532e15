//! The file itself: what survives, who may open it, how it grows from version to version.
use super::OnDisk;
use crate::{
    calendar::Instant,
    engine::{
        Store, Turn,
        conformance::{change, look, record, sample_plan},
    },
    record::{Identity, IdentityKind},
    store::{OpenError, Reader, SqliteStore, open},
};
use std::path::Path;

pub(super) fn reopen(disk: OnDisk) -> (SqliteStore, tempfile::TempDir) {
    let OnDisk { store, path, _folder: folder } = disk;
    drop(store);
    (SqliteStore::open(&path, [9; 32], Instant(1)).unwrap(), folder)
}

fn contact(disk: &mut OnDisk, who: i64, name: &str) {
    let plan = sample_plan();
    change(disk, &plan, who, 1_000 + who, |person, kept, _| {
        let name = crate::value::Value::text(name);
        person.contact.fields.insert(crate::id::FieldName::new("last_name"), name);
        let value = format!("p{who}@example.com");
        kept.identities.push(Identity::new(IdentityKind::Email, value));
        person.identities = kept.identities.clone().into();
        person.contact.email = Some(person.identities[0].value.clone());
    });
}

#[test]
fn every_statement_fits_the_schema() {
    let disk = OnDisk::new();
    let mut count = 0;
    for entry in std::fs::read_dir("src/store/sql").unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let prepared = disk.store.db.prepare(&text);
        assert!(prepared.is_ok(), "{}: {:?}", path.display(), prepared.err());
        count += 1;
    }
    assert!(count > 80, "only {count} statements were found");
}

/// Queries that run for every step or at every tick never read a whole table.
#[test]
fn hot_queries_use_their_indexes() {
    let disk = OnDisk::new();
    let hot = [
        "enrolment_load",
        "enrolment_due",
        "enrolment_next",
        "enrolment_last_end",
        "enrolment_sequences",
        "send_load",
        "send_due",
        "send_next",
        "send_ready",
        "watch_load",
        "watch_due",
        "watch_next",
        "watch_marks",
        "meta_sweeps",
        "contact_page",
        "identity_find",
        "identity_load",
        "booking_load",
        "booking_find",
        "booking_uid_move",
        "event_count",
        "event_last",
        "event_data",
        "contact_load",
        "value_drop",
        "value_known",
        "outcome_done",
        "outcome_was_sent",
        "read_ledger",
        "read_log",
        "read_runs",
        "read_mailbox",
        "read_unknown",
        "read_by_provider",
        "enrolment_move",
        "enrolment_inside",
        "enrolment_inside_stale",
        "event_since",
        "meta_replans",
        "enrolment_settle",
        "enrolment_orphan",
        "read_due_within",
    ];
    for name in hot {
        let text = std::fs::read_to_string(format!("src/store/sql/{name}.sql")).unwrap();
        let mut explain = disk.store.db.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
        let count = explain.parameter_count();
        let nulls = rusqlite::params_from_iter(std::iter::repeat_n(1, count));
        let lines = explain.query_map(nulls, |row| row.get::<_, String>(3)).unwrap();
        for line in lines.map(Result::unwrap) {
            let own = ["inside", "CONSTANT ROW"].iter().any(|part| line.contains(part));
            assert!(own || !line.starts_with("SCAN") || line.contains("USING"), "{name}: {line}");
            // of one person there are few
            let all = ["_due", "_next", "_ready", "_log", "_mailbox"].iter().any(|part| name.ends_with(part));
            assert!(!all || !line.contains("TEMP B-TREE"), "{name} sorts: {line}");
        }
    }
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let plan = sample_plan();
    let mut disk = OnDisk::new();
    disk.publish(&plan, "test", Instant(5)).unwrap();
    contact(&mut disk, 1, "Example");
    let seen = look(&mut disk, &plan);
    let key = disk.key();
    let path = disk.path.clone();
    let (store, folder) = reopen(disk);
    assert!(store.key() == key, "the secret is made once");
    let mut disk = OnDisk { store, path, _folder: folder };
    assert_eq!(look(&mut disk, &plan), seen);
    assert_eq!(disk.publish(&plan, "test", Instant(6)).unwrap(), 1);
}

#[test]
fn a_turn_that_was_cut_off_left_nothing() {
    let plan = sample_plan();
    let mut disk = OnDisk::new();
    contact(&mut disk, 1, "Example");
    let seen = look(&mut disk, &plan);
    let mut turn = disk.store.turn(&plan).unwrap();
    record(&mut turn, 2, 7, |_, _, _| {});
    // the process ends here: nothing of the turn is dropped in order
    std::mem::forget(turn);
    let (folder, path) = (tempfile::tempdir().unwrap(), disk.path.clone());
    let copy = folder.path().join("dripline.db");
    for ending in ["", "-wal"] {
        let (from, to) = (format!("{}{ending}", path.display()), format!("{}{ending}", copy.display()));
        std::fs::copy(from, to).unwrap();
    }
    let store = SqliteStore::open(&copy, [1; 32], Instant(1)).unwrap();
    let mut after = OnDisk { store, path: copy, _folder: folder };
    assert_eq!(look(&mut after, &plan), seen);
}

#[test]
fn a_commit_is_seen_by_readers_at_once_and_a_turn_is_not() {
    let plan = sample_plan();
    let mut disk = OnDisk::new();
    contact(&mut disk, 1, "Example");
    let mut reader = disk.reader();
    let mut turn = disk.store.turn(&plan).unwrap();
    record(&mut turn, 2, 7, |_, _, _| {});
    assert_eq!(reader.cards(None, 9).unwrap().len(), 1);
    turn.commit().unwrap();
    assert_eq!(reader.cards(None, 9).unwrap().len(), 2);
}

#[test]
fn only_one_process_has_it() {
    let disk = OnDisk::new();
    assert!(matches!(SqliteStore::open(&disk.path, [0; 32], Instant(0)), Err(OpenError::Locked)));
    let path = disk.path.clone();
    let (store, _folder) = reopen(disk);
    assert_eq!(store.path, path);
}

#[test]
fn other_files_and_newer_versions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(
        &text,
        "these are notes, and long enough to be looked at as a header of a database file. ".repeat(20),
    )
    .unwrap();
    assert!(matches!(SqliteStore::open(&text, [0; 32], Instant(0)), Err(OpenError::NotADatabase)));
    let foreign = folder.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    assert!(matches!(SqliteStore::open(&foreign, [0; 32], Instant(0)), Err(OpenError::NotADatabase)));
    assert!(matches!(Reader::open(&foreign), Err(OpenError::NotADatabase)));
    assert!(matches!(Reader::open(&folder.path().join("none.db")), Err(OpenError::Missing)));

    let disk = OnDisk::new();
    disk.store.db.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Reader::open(&disk.path), Err(OpenError::Newer { found: 99, .. })));
    let OnDisk { store, path, _folder } = disk;
    drop(store);
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(
        SqliteStore::open(&path, [0; 32], Instant(0)),
        Err(OpenError::Newer { found: 99, known: open::VERSION })
    ));
    assert_eq!(std::fs::read(&path).unwrap(), before, "it was not touched");
}

#[test]
fn a_database_is_copied_before_it_is_changed() {
    let mut disk = OnDisk::new();
    contact(&mut disk, 1, "Example");
    let OnDisk { store, path, _folder: folder } = disk;
    drop(store);
    let more = ["CREATE TABLE extra (a INTEGER) STRICT;", "this is no statement;"];
    let db = rusqlite::Connection::open(&path).unwrap();
    let known = open::MIGRATIONS;
    let grown = [known, &more[..1]].concat();
    open::migrate(&db, &path, Instant(77), &grown).unwrap();
    let copy = folder.path().join(format!("dripline.db.v{}-77", known.len()));
    let mut old = Reader::open(&copy).unwrap();
    assert_eq!(old.cards(None, 9).unwrap().len(), 1, "the copy is whole");
    assert!(db.prepare("SELECT a FROM extra").is_ok());
    assert_eq!(open::version(&db).unwrap() as usize, grown.len());
    // a step that fails leaves the version before it
    let broken = [known, &more[..]].concat();
    assert!(open::migrate(&db, &path, Instant(78), &broken).is_err());
    assert_eq!(open::version(&db).unwrap() as usize, grown.len());
    assert!(db.is_autocommit());
}

#[test]
fn a_copy_is_a_whole_database() {
    let mut disk = OnDisk::new();
    contact(&mut disk, 1, "Example");
    let copy = disk.path.with_file_name("copy.db");
    disk.reader().copy(&copy).unwrap();
    assert!(disk.reader().copy(&copy).is_err(), "nothing is written over");
    let store = SqliteStore::open(&copy, [3; 32], Instant(9)).unwrap();
    assert!(store.key() == disk.key());
    drop(store);
    assert_eq!(Reader::open(&copy).unwrap().cards(None, 9).unwrap(), disk.reader().cards(None, 9).unwrap());
}

#[test]
fn checkpoints_run_beside_the_writer() {
    let mut disk = OnDisk::new();
    let checkpointer = disk.store.checkpointer().unwrap();
    for who in 1..20 {
        contact(&mut disk, who, "Example");
    }
    let moved = std::thread::spawn(move || {
        let first = checkpointer.run().unwrap();
        (first, checkpointer.truncate().unwrap())
    });
    let (first, last) = moved.join().unwrap();
    assert!(first.log > 0 && first.moved == first.log, "{first:?}");
    assert_eq!(last.log, 0);
    contact(&mut disk, 20, "Example");
    assert_eq!(disk.reader().cards(None, 99).unwrap().len(), 20);
}

#[test]
fn files_are_for_their_owner() {
    use std::os::unix::fs::PermissionsExt;
    let disk = OnDisk::new();
    let mode = std::fs::metadata(&disk.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
}

#[test]
fn network_file_systems_are_told_by_their_mount() {
    let mounts = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
                  30 22 0:40 / /mnt/share\\040one rw - nfs4 host:/x rw\n\
                  31 30 0:41 / /mnt/share\\040one/local rw - tmpfs none rw";
    let kind = |path: &str| open::network_mount(mounts, Path::new(path));
    assert_eq!(kind("/srv"), None);
    assert_eq!(kind("/mnt/share one/data"), Some("nfs4".to_owned()));
    assert_eq!(kind("/mnt/share one/local/data"), None);
}

#[test]
fn deleted_texts_leave_the_file() {
    let mut disk = OnDisk::new();
    contact(&mut disk, 1, "Unmistakable-Canary");
    let OnDisk { store, path, _folder } = disk;
    store.db.execute_batch("UPDATE contact SET name = NULL, fields = NULL; DELETE FROM contact_value").unwrap();
    drop(store);
    let bytes = std::fs::read(&path).unwrap();
    let canary = b"Unmistakable-Canary";
    assert!(!bytes.windows(canary.len()).any(|window| window == canary));
}

/// Compiling a statement costs ten times what running it does: none is compiled anew because a value was bound.
#[test]
fn a_statement_is_compiled_once() {
    let disk = OnDisk::new();
    for entry in std::fs::read_dir("src/store/sql").unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut statement = disk.store.db.prepare(&text).unwrap();
        if !statement.readonly() {
            continue;
        }
        for value in 1..4 {
            for at in 1..=statement.parameter_count() {
                statement.raw_bind_parameter(at, value).unwrap();
            }
            let mut rows = statement.raw_query();
            while rows.next().unwrap().is_some() {}
        }
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0, "{}", path.display());
    }
}
