use crate::runner::{LockFault, acquire};

#[test]
fn a_second_runner_is_told_who_has_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("clinic.db");
    let lock = acquire(&database).unwrap();
    let held = acquire(&database).unwrap_err();
    assert!(matches!(held, LockFault::Held { pid } if pid == Some(std::process::id())), "{held:?}");
    assert!(held.to_string().contains(&format!("another process ({})", std::process::id())));
    drop(lock);
    acquire(&database).unwrap();
    assert!(!database.exists(), "the database itself is never opened");
}

#[test]
fn another_database_has_another_lock() {
    let folder = tempfile::tempdir().unwrap();
    let _one = acquire(&folder.path().join("one.db")).unwrap();
    acquire(&folder.path().join("two.db")).unwrap();
    let nowhere = acquire(&folder.path().join("missing/clinic.db")).unwrap_err();
    assert!(matches!(nowhere, LockFault::Unusable(_)));
}
