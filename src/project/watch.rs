//! Watching a project's folder: says that something in it changed, once a burst of writes is over.
//!
//! Events of the file system are hints only. Folders get swapped, links flipped, events lost, so a hint leads to a look at
//! the contents, and without any hint they are looked at every half a minute. Must not know what the files mean.
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Component, Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

/// Endings of files that a project is made of.
const ENDINGS: &[&str] = &["yaml", "yml", "md", "txt", "html", "json"];
/// Folders deeper than this are a loop of links.
const DEPTH: usize = 12;
/// Files larger than this are none of a project.
const SIZE: u64 = 4 * 1024 * 1024;
/// Lulls that a burst of writes may have before it is looked at all the same.
const LULLS: usize = 20;

/// How patient a watch is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Silence after which a burst of writes counts as over.
    pub(crate) lull: Duration,
    /// Without any hint the contents are looked at this often.
    pub(crate) poll: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { lull: Duration::from_millis(150), poll: Duration::from_secs(30) }
    }
}

/// Ends when it is dropped.
pub(crate) struct Watch {
    ends: Sender<Hint>,
    thread: Option<JoinHandle<()>>,
}

enum Hint {
    Look,
    End,
}

/// Calls `changed` whenever files of the project have other contents than before. A folder that cannot be watched is
/// still looked at by the clock.
pub(crate) fn watch(root: &Path, patience: Patience, mut changed: impl FnMut() + Send + 'static) -> Watch {
    let (ends, hints) = channel();
    let root = root.to_owned();
    let hinting = ends.clone();
    // what is there when the call returns is what later looks are compared with
    let mut known = contents(&root);
    let mut armed = Armed::new(&root, hinting);
    let thread = thread::spawn(move || {
        while rest(&hints, patience) {
            armed.again(&root);
            let now = contents(&root);
            if now != known {
                known = now;
                changed();
            }
        }
    });
    Watch { ends, thread: Some(thread) }
}

/// Waits for a hint and the lull after it, or for the poll. False when the watch ends.
fn rest(hints: &Receiver<Hint>, patience: Patience) -> bool {
    match hints.recv_timeout(patience.poll) {
        Ok(Hint::Look) => {}
        Err(RecvTimeoutError::Timeout) => return true,
        Ok(Hint::End) | Err(RecvTimeoutError::Disconnected) => return false,
    }
    for _ in 0..LULLS {
        match hints.recv_timeout(patience.lull) {
            Ok(Hint::Look) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Ok(Hint::End) | Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    true
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.ends.send(Hint::End);
        // a callback that drops its own watch must not wait for itself
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// The watcher of the file system, and which folder it was armed on.
struct Armed {
    watcher: Option<RecommendedWatcher>,
    folder: Option<FolderId>,
}

impl Armed {
    fn new(root: &Path, hints: Sender<Hint>) -> Self {
        let real = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        let heard = move |event: notify::Result<Event>| {
            // an error may mean that events were lost: look
            if event.map_or(true, |event| concerns(&real, &event)) {
                let _ = hints.send(Hint::Look);
            }
        };
        let watcher = notify::recommended_watcher(heard);
        if let Err(error) = &watcher {
            tracing::warn!(%error, "the system cannot tell of changed files: they are looked at from time to time instead");
        }
        let watcher = watcher.ok();
        let mut armed = Self { watcher, folder: None };
        armed.again(root);
        armed
    }

    /// Watches the folder anew where another one took its place.
    fn again(&mut self, root: &Path) {
        let folder = FolderId::of(root);
        let Some(watcher) = self.watcher.as_mut().filter(|_| folder != self.folder) else { return };
        let _ = watcher.unwatch(root);
        // the parent tells when the folder itself is replaced
        if let Some(parent) = root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            let _ = watcher.unwatch(parent);
            let _ = watcher.watch(parent, RecursiveMode::NonRecursive);
        }
        self.folder = folder.filter(|_| watcher.watch(root, RecursiveMode::Recursive).is_ok());
    }
}

/// Which folder stands behind a path now.
#[derive(Clone, PartialEq, Eq, Debug)]
struct FolderId(PathBuf, u64);

impl FolderId {
    fn of(root: &Path) -> Option<Self> {
        let real = fs::canonicalize(root).ok()?;
        let number = number(&fs::metadata(&real).ok()?);
        Some(Self(real, number))
    }
}

#[cfg(unix)]
fn number(of: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(of)
}

#[cfg(not(unix))]
fn number(_: &fs::Metadata) -> u64 {
    0
}

/// Reading a file is an event too, ours above all: those, hidden folders and other people's files are passed over.
fn concerns(root: &Path, event: &Event) -> bool {
    let ours = |path: &PathBuf| {
        let inside = path.strip_prefix(root).unwrap_or(path);
        let ending = path.extension().is_none_or(|_| has_our_ending(path));
        ending && (inside == path || !is_hidden(inside))
    };
    !matches!(event.kind, EventKind::Access(_)) && (event.paths.is_empty() || event.paths.iter().any(ours))
}

fn has_our_ending(path: &Path) -> bool {
    path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| ENDINGS.contains(&ending))
}

fn is_hidden(inside: &Path) -> bool {
    inside.components().any(|part| match part {
        Component::Normal(name) => name.to_str().is_some_and(|name| name.starts_with('.')),
        _ => false,
    })
}

/// SHA-256 over the names and contents of the project's files.
fn contents(root: &Path) -> [u8; 32] {
    let mut files = Vec::new();
    list(root, 0, &mut files);
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let Ok(bytes) = fs::read(&file) else { continue };
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
        for part in [name.as_bytes(), &bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().into()
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Some(entries) = fs::read_dir(folder).ok().filter(|_| depth < DEPTH) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        // links are followed: that is how some platforms put configuration in place
        let Ok(about) = fs::metadata(&path) else { continue };
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if about.is_dir() {
            list(&path, depth + 1, files);
        } else if has_our_ending(&path) && about.len() <= SIZE {
            files.push(path);
        }
    }
}
