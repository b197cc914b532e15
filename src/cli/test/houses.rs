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
    use crate::{
        compile::{self, Settings},
        diag::{Sink, SourceMap},
        engine::Store,
        simulate::suite::{Breach, LineWord, Project, run},
    };
    use std::{collections::BTreeMap, sync::Arc};

    const SUITE: &str = "suite: hello
start: 2027-03-26 18:30
people:
  ana: { first_name: Ana, email: ana@example.test, consent: [email] }
scenarios:
  - name: a lead
    when: [ { at: 0m, event: lead.created }, { at: 1h, restart: true } ]
    then: [ { at: 0m, sent: hello } ]
";

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

    /// A store that does not come back.
    struct Burnt(Disk);

    impl House for Burnt {
        type Store = SqliteStore;

        fn fresh(&mut self) -> Did<SqliteStore> {
            self.0.fresh()
        }

        fn reopen(&mut self, _: SqliteStore) -> Did<SqliteStore> {
            Err(Broken::new("the file is gone"))
        }
    }

    #[test]
    fn a_restart_that_fails_is_told_with_what_came_before() {
        let mut sources = SourceMap::default();
        let base = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/base");
        for file in ["dripline.yaml", "sequences/welcome.yaml", "triggers/welcome.yaml", "templates/welcome.md"] {
            sources.insert(file, fs::read_to_string(base.join(file)).unwrap());
        }
        sources.insert("tests/hello.yaml", SUITE);
        let mut sink = Sink::new();
        let documents = compile::read_all(&sources, &mut sink);
        let settings = Settings { env: None, version: env!("CARGO_PKG_VERSION"), year: 2027, now: Instant(0) };
        let compiled = compile::compile(&documents, &sources, &compile::Fixtures::new(), &settings, sink);
        let plan = Arc::new(compiled.plan.unwrap());
        let project = Project { plan: &plan, versions: &BTreeMap::new(), seed: 1 };
        let ran = run(&mut Burnt(Disk::new(1, Instant(0)).unwrap()), &project, &compiled.suites[0], 0);
        let [case] = ran.cases.as_slice() else { panic!("{:?}", ran.cases) };
        let Some(Breach::Broken(why)) = case.breaches.first() else { panic!("{:?}", case.breaches) };
        assert!(why.contains("the file is gone") && !case.passed(), "{why}");
        assert!(case.lines.iter().any(|line| line.word == LineWord::Sent), "{:?}", case.lines);
    }
}
