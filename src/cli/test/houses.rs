//! Stores on disk for stories that are torn down and taken up again: what they hold has really been written and read.
#![expect(clippy::disallowed_methods, reason = "databases lie in a folder of their own, which is taken away again")]
use crate::{
    calendar::Instant,
    engine::{Broken, Did},
    simulate::suite::{House, key},
    store::SqliteStore,
};
use std::{
    env, fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU64, Ordering},
};

/// Several run beside each other in one process.
static FOLDERS: AtomicU64 = AtomicU64::new(0);

pub(super) struct Disk {
    folder: PathBuf,
    seed: u64,
    now: Instant,
    stores: u32,
}

impl Disk {
    pub(super) fn new(seed: u64, now: Instant) -> std::io::Result<Self> {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("dripline-test-{}-{number}", process::id()));
        // what a process of the same number left behind is nobody's any more
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, seed, now, stores: 0 })
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("story{}.db", self.stores))
    }

    fn open(&self) -> Did<SqliteStore> {
        let broken = |error| Broken(Box::new(error));
        SqliteStore::open(&self.path(), key(self.seed).0, self.now).map_err(broken)
    }
}

impl House for Disk {
    type Store = SqliteStore;

    fn fresh(&mut self) -> Did<SqliteStore> {
        self.stores += 1;
        self.open()
    }

    fn reopen(&mut self, store: SqliteStore) -> Did<SqliteStore> {
        drop(store);
        self.open()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // the system clears its temporary folder one day
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Store;

    #[test]
    fn a_store_survives_and_its_folder_does_not() {
        let mut disk = Disk::new(7, Instant(0)).unwrap();
        let mut store = disk.fresh().unwrap();
        let (key_before, epoch) = (store.key().0, store.begin_epoch().unwrap());
        let mut store = disk.reopen(store).unwrap();
        assert!(store.begin_epoch().unwrap() > epoch, "the same file");
        drop(store);
        let mut other = disk.fresh().unwrap();
        assert_eq!(
            (other.begin_epoch().unwrap(), other.key().0),
            (epoch, key_before),
            "an empty one, of the same seed"
        );
        drop(other);
        let folder = disk.folder.clone();
        assert!(folder.is_dir());
        drop(disk);
        assert!(!folder.exists());
    }
}
