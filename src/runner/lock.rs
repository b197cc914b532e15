//! One runner per database: a kernel lock on a file beside it, which dies with the process.
//!
//! Never on the database file itself: closing any descriptor of it would drop SQLite's own locks.
#![expect(clippy::disallowed_methods, reason = "the shell owns the lock file beside the database")]
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
};

/// Held until it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // closing is not enough: a child that another thread starts just now has the file open, too, until it runs a program
        // of its own. What cannot be unlocked is closed all the same.
        let _ = self.file.unlock();
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum LockFault {
    #[error("another process{} works on this database; ask it, or stop it first", .pid.map(|pid| format!(" ({pid})")).unwrap_or_default())]
    Held { pid: Option<u32> },
    #[error("the lock file beside the database cannot be used: {0}")]
    Unusable(#[from] io::Error),
}

/// Takes the lock of the database at `path`, without waiting.
pub(crate) fn acquire(path: &Path) -> Result<Lock, LockFault> {
    let path = beside(path, ".run");
    let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // the number is a courtesy: without it the answer is the same
            drop(file.take(20).read_to_string(&mut text));
            return Err(LockFault::Held { pid: text.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    // the file stays when the lock goes: removing it would let two processes lock two files of one name
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    Ok(Lock { file })
}

/// `clinic.db` and `.run` → `clinic.db.run`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
