//! Finds the files of a project. Reads bytes; knows nothing of what is in them.
use super::found;
use crate::{
    compile::Fixtures,
    diag::{FileId, Sink},
    document::{Kind, MAX_BYTES, registry::REGISTRY},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Beyond this number of files the rest is not read, with a finding.
pub(crate) const MAX_FILES: usize = 10_000;
/// Folders in folders.
const MAX_DEPTH: usize = 32;

/// The files of a project with their bytes, in the order of their paths. Files beyond the size limit are cut one byte
/// after it, which the reader then reports.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    pub(crate) files: BTreeMap<FileId, Vec<u8>>,
    /// What stands below `tests/fixtures`: raw payloads for suites, of any kind.
    pub(crate) fixtures: Fixtures,
}

/// Where raw payloads stand.
pub(super) const FIXTURES: &str = "tests/fixtures";

/// The folder with `dripline.yaml`, from `start` upwards.
pub(crate) fn find_root(start: &Path) -> Option<PathBuf> {
    let start = fs::canonicalize(start).ok()?;
    start.ancestors().find(|folder| folder.join("dripline.yaml").is_file()).map(Path::to_path_buf)
}

impl Files {
    /// Walks the folders of the project; what cannot be read is a finding.
    pub(crate) fn read(root: &Path, sink: &mut Sink) -> Self {
        let mut walk = Walk { root, sink, files: Self::default(), full: false };
        if root.join("dripline.yaml").exists() {
            walk.file("dripline.yaml");
        }
        let folders = Kind::ALL.into_iter().map(Kind::folder).filter(|folder| !folder.is_empty()).chain(["templates"]);
        // the root is above everything, so that a link to it is a circle
        let mut above: BTreeSet<PathBuf> = fs::canonicalize(root).into_iter().collect();
        for folder in folders {
            walk.folder(folder, &mut above);
        }
        if walk.full {
            walk.sink.push(found::too_many_files(MAX_FILES));
        }
        walk.files
    }
}

impl Files {
    /// A file goes to where its kind belongs.
    pub(super) fn put(&mut self, file: FileId, bytes: Vec<u8>) {
        if is_fixture(file.as_str()) {
            self.fixtures.insert(file, Arc::from(bytes));
        } else {
            self.files.insert(file, bytes);
        }
    }
}

struct Walk<'a> {
    root: &'a Path,
    sink: &'a mut Sink,
    files: Files,
    full: bool,
}

impl Walk<'_> {
    /// `above` are the real folders that this one lies in: a link to one of them would never end.
    fn folder(&mut self, path: &str, above: &mut BTreeSet<PathBuf>) {
        let full = self.root.join(path);
        let Ok(real) = fs::canonicalize(&full) else {
            if fs::symlink_metadata(&full).is_ok() {
                self.sink.push(found::unreadable(path, "the link leads nowhere"));
            }
            return;
        };
        if !real.is_dir() || above.len() > MAX_DEPTH || !above.insert(real.clone()) {
            return;
        }
        match fs::read_dir(&full) {
            Ok(entries) => {
                let mut names: Vec<String> = Vec::new();
                for entry in entries.flatten() {
                    match entry.file_name().into_string() {
                        Ok(name) => names.push(name),
                        Err(name) => {
                            let name = format!("{path}/{}", name.to_string_lossy());
                            self.sink.push(found::unreadable(&name, "its name is no text in UTF-8"));
                        }
                    }
                }
                names.sort();
                for name in names.iter().filter(|name| !is_hidden(name)) {
                    self.entry(&format!("{path}/{name}"), above);
                }
            }
            Err(error) => self.sink.push(found::unreadable(path, &why(&error))),
        }
        above.remove(&real);
    }

    fn entry(&mut self, path: &str, above: &mut BTreeSet<PathBuf>) {
        let full = self.root.join(path);
        if full.is_dir() {
            self.folder(path, above);
        } else if is_fixture(path) || is_ours(path) {
            self.file(path);
        } else if let Some(ending) = strange_text(path) {
            self.sink.push(found::strange_text(path, ending));
        }
    }

    fn file(&mut self, path: &str) {
        if self.files.files.len() + self.files.fixtures.len() >= MAX_FILES {
            self.full = true;
            return;
        }
        match read(&self.root.join(path)) {
            Ok(bytes) if is_fixture(path) && bytes.len() > MAX_BYTES => self.sink.push(found::big_fixture(path)),
            Ok(bytes) => self.files.put(FileId::from(path), bytes),
            Err(error) => self.sink.push(found::unreadable(path, &why(&error))),
        }
    }
}

/// At most one byte beyond the limit.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("it is no plain file"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Without numbers of the operating system.
fn why(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Files of editors and tools.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || name.starts_with('#')
}

/// Whether a file of a commit is one that a walk through its folders would find.
pub(super) fn belongs(path: &str) -> bool {
    let folder = path.split_once('/').map(|(folder, _)| folder);
    let known = |folder: &str| folder == "templates" || Kind::ALL.into_iter().any(|kind| kind.folder() == folder);
    let hidden = path.split('/').any(is_hidden);
    path == "dripline.yaml" || (folder.is_some_and(known) && !hidden && (is_fixture(path) || is_ours(path)))
}

fn is_fixture(path: &str) -> bool {
    path.strip_prefix(FIXTURES).is_some_and(|rest| rest.starts_with('/'))
}

/// The ending that a text would be read with, where its own is one of other programs.
fn strange_text(path: &str) -> Option<&'static str> {
    let ending = path.strip_prefix("templates/")?.rsplit_once('.')?.1;
    match ending.to_ascii_lowercase().as_str() {
        "markdown" | "mdown" | "mkd" | "md" | "mdx" => Some("md"),
        "htm" | "xhtml" | "mjml" | "html" => Some("html"),
        "text" | "txt" => Some("txt"),
        _ => None,
    }
}

fn is_ours(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    if path.starts_with("templates/") {
        matches!(ending, "md" | "txt" | "html") || path == REGISTRY
    } else {
        matches!(ending, "yaml" | "yml")
    }
}
