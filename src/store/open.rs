//! Opening a database file: the lock beside it, its version, migrations with a copy before each, settings, secrets.
use super::{Numbers, Reader, SqliteStore, names::Names, publish::Objects, values};
use crate::{
    calendar::Instant,
    engine::{Broken, Did, Key},
};
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, config::DbConfig, functions::FunctionFlags, params,
};
use std::{
    ffi::OsString,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

/// Marks a file as ours: `drip` in `PRAGMA application_id`.
const APPLICATION: i32 = 0x6472_6970;

/// Steps from an empty file to the present form, in order; only ever added to.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_arms.sql"),
    include_str!("migrations/0003_values.sql"),
    include_str!("migrations/0004_campaigns.sql"),
    include_str!("migrations/0005_marks.sql"),
    include_str!("migrations/0006_links.sql"),
    include_str!("migrations/0007_clinics.sql"),
    include_str!("migrations/0008_erasure.sql"),
];

/// The newest version that this program knows.
pub(super) const VERSION: u32 = MIGRATIONS.len() as u32;

/// A fence for processes that nobody runs checkpoints for; the daemon runs its own far earlier.
const AUTOCHECKPOINT_PAGES: u32 = 16_384;

/// File systems on which locks of other machines are not to be trusted.
const NETWORK: &[&str] =
    &["nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.glusterfs"];

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("the database has version {found}, this program knows {known}: it was written by a newer one")]
    Newer { found: u32, known: u32 },
    /// Only for readers: whoever writes brings the file up to date.
    #[error("the database has version {found}, this program writes {known}")]
    Older { found: u32, known: u32 },
    #[error("another process has the database open")]
    Locked,
    #[error("the file is not a database of this program")]
    NotADatabase,
    #[error("there is no database at this place")]
    Missing,
    #[error("the database lies on a network file system ({0}), on which locks cannot be trusted")]
    Network(String),
    #[error("{0}")]
    Broken(#[from] Broken),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            _ => Self::Broken(error.into()),
        }
    }
}

impl SqliteStore {
    /// Opens the database, made new where there is none, and brings it to the present version; an existing one is copied
    /// before. `random` becomes the secret of a new database. Nobody else has it until the store is dropped.
    pub(crate) fn open(path: &Path, random: [u8; 32], now: Instant) -> Result<Self, OpenError> {
        if let Some(kind) = network(path) {
            return Err(OpenError::Network(kind));
        }
        no_folder(path)?;
        let lock = lock(&beside(path, ".lock"))?;
        let is_new = !path.exists();
        let db = Connection::open_with_flags(path, OpenFlags::default() & !OpenFlags::SQLITE_OPEN_URI)?;
        // a file that is not ours, or not ours any more, is not even switched to the log
        let found = version(&db)?;
        if found > VERSION {
            return Err(OpenError::Newer { found, known: VERSION });
        }
        settle(&db)?;
        migrate(&db, path, now, MIGRATIONS)?;
        if is_new {
            only_for_owner(path)?;
        }
        let key = secret(&db, random)?;
        let numbers = Numbers::load(&db)?;
        let mut names = Names::load(&db)?;
        values::catch_up(&db, &mut names)?;
        Ok(Self::over(db, path, (key, numbers, names), Some(lock)))
    }

    /// For what is only supposed: nothing can be written by it, and nobody is kept from writing.
    pub(crate) fn glimpse(path: &Path) -> Result<Self, OpenError> {
        let Reader { db, .. } = Reader::open(path)?;
        let known = (secret(&db, [0; 32])?, Numbers::load(&db)?, Names::load(&db)?);
        Ok(Self::over(db, path, known, None))
    }

    fn over(db: Connection, path: &Path, (key, numbers, names): (Key, Numbers, Names), lock: Option<Lock>) -> Self {
        Self {
            db,
            path: path.to_owned(),
            names,
            objects: Objects::default(),
            numbers,
            key,
            log_holds_erased: false,
            #[cfg(test)]
            loads: 0,
            lock,
        }
    }

    /// Its own connection for checkpoints, to be used from another thread.
    pub(crate) fn checkpointer(&self) -> Did<Checkpointer> {
        let db = Connection::open_with_flags(&self.path, OpenFlags::default() & !OpenFlags::SQLITE_OPEN_URI)?;
        settle(&db).map_err(Broken::new)?;
        Ok(Checkpointer { db })
    }
}

/// Moves what was committed from the log into the file, without stopping the writer.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    db: Connection,
}

/// How much stands in the log, and how much of it has been moved, in pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Checkpoint {
    pub(crate) log: i64,
    pub(crate) moved: i64,
}

impl Checkpointer {
    /// Moves what no reader holds back; never waits for anybody.
    pub(crate) fn run(&self) -> Did<Checkpoint> {
        self.with("PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// Waits for readers and empties the log: for quiet moments and the end.
    pub(crate) fn truncate(&self) -> Did<Checkpoint> {
        self.with("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    fn with(&self, pragma: &str) -> Did<Checkpoint> {
        Ok(self.db.query_row(pragma, [], |row| Ok(Checkpoint { log: row.get(1)?, moved: row.get(2)? }))?)
    }
}

/// SQLite calls it an error of the disk.
pub(super) fn no_folder(path: &Path) -> Result<(), OpenError> {
    if path.is_dir() { Err(Broken::new("it is a folder, not a file").into()) } else { Ok(()) }
}

/// What every connection that writes is set to. The size of pages only matters for a new file.
fn settle(db: &Connection) -> Result<(), OpenError> {
    db.busy_timeout(Duration::from_secs(5))?;
    db.pragma_update(None, "page_size", 8192)?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "cache_size", -65_536)?;
    db.pragma_update_and_check(None, "wal_autocheckpoint", AUTOCHECKPOINT_PAGES, |_| Ok(()))?;
    prepare(db)
}

/// What every connection needs, also those that only read.
pub(super) fn prepare(db: &Connection) -> Result<(), OpenError> {
    db.set_prepared_statement_cache_capacity(256);
    // a statement keeps its plan: else SQLite compiles those that could use statistics anew for every value bound
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // SQLite's own knows ASCII only
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    db.create_scalar_function("lower", 1, flags, |context| {
        Ok(context.get::<Option<String>>(0)?.map(|text| text.to_lowercase()))
    })?;
    Ok(())
}

/// The version of an existing database of ours; 0 for an empty file.
pub(super) fn version(db: &Connection) -> Result<u32, OpenError> {
    let application: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, tables) {
        (APPLICATION, _) => Ok(version),
        (0, 0) => Ok(0),
        _ => Err(OpenError::NotADatabase),
    }
}

pub(super) fn migrate(db: &Connection, path: &Path, now: Instant, steps: &[&str]) -> Result<(), OpenError> {
    let found = version(db)?;
    if found > 0 && (found as usize) < steps.len() {
        copy(db, &beside(path, &format!(".v{found}-{}", now.0)))?;
    }
    for (number, migration) in (1..).zip(steps).skip(found as usize) {
        // also in one transaction: the version, so that a migration never runs twice
        let step = format!(
            "BEGIN IMMEDIATE;\n{migration}\nPRAGMA user_version = {number}; PRAGMA application_id = {APPLICATION};\nCOMMIT;"
        );
        if let Err(error) = db.execute_batch(&step) {
            if !db.is_autocommit() {
                db.execute_batch("ROLLBACK")?;
            }
            return Err(error.into());
        }
    }
    Ok(())
}

/// A consistent copy, made by SQLite itself.
pub(super) fn copy(db: &Connection, to: &Path) -> Result<(), OpenError> {
    let to = to.to_str().ok_or_else(|| Broken::new("the path of the database is not Unicode"))?;
    db.execute("VACUUM INTO ?1", params![to])?;
    only_for_owner(Path::new(to))
}

/// The secret of the database, made once.
fn secret(db: &Connection, random: [u8; 32]) -> Result<Key, OpenError> {
    let known: Option<String> = db.query_row(sql!("meta_get"), params!["key"], |row| row.get(0)).optional()?;
    let Some(known) = known else {
        let text = crate::id::hex(&random);
        db.execute(sql!("meta_put"), params!["key", text])?;
        return Ok(Key(random));
    };
    let mut key = [0; 32];
    for (at, byte) in key.iter_mut().enumerate() {
        let pair = known.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        *byte = pair.ok_or_else(|| Broken::new("the secret of the database cannot be read"))?;
    }
    Ok(Key(key))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// The kernel's lock on a file beside the database: it goes when the process does, however it ends.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // closing is not enough: a child that another thread starts just now holds the file, too, until it is a program
        // of its own. What cannot be unlocked is closed all the same.
        let _ = self.0.unlock();
    }
}

fn lock(path: &Path) -> Result<Lock, OpenError> {
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(Broken::new)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked),
        Err(TryLockError::Error(error)) => Err(Broken::new(error).into()),
    }
}

/// Personal data: nobody else on the machine reads it. By name, not by opening: SQLite alone opens the file.
fn only_for_owner(path: &Path) -> Result<(), OpenError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(Broken::new)?;
    }
    Ok(())
}

/// The kind of the network file system that holds this path, where the kernel tells.
fn network(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = std::fs::canonicalize(folder).ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    network_mount(&mounts, &folder)
}

/// The longest mount point above a folder decides.
pub(super) fn network_mount(mounts: &str, folder: &Path) -> Option<String> {
    let mount = |line: &str| {
        let (place, rest) = line.split_once(" - ")?;
        // spaces in names are written as \040
        let point = PathBuf::from(place.split(' ').nth(4)?.replace("\\040", " "));
        Some((point, rest.split(' ').next()?.to_owned()))
    };
    let above = mounts.lines().filter_map(mount).filter(|(point, _)| folder.starts_with(point));
    let (_, kind) = above.max_by_key(|(point, _)| point.components().count())?;
    NETWORK.contains(&kind.as_str()).then_some(kind)
}
