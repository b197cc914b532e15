//! The files of a project as they were at a commit, by the `git` that is installed. Changes no repository, reaches no
//! network, and knows nothing of what the files mean.
//!
//! The program is asked and not a library: it is there wherever a repository is worked with, and it knows every kind of
//! storage that one may have (packs, alternates, partial clones, work trees).
use super::files::{self, Files, MAX_FILES};
use crate::{diag::FileId, document::MAX_BYTES};
use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

/// A project at a commit.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) files: Files,
    /// Files that have another name since: the old name and the new one.
    pub(crate) renamed: BTreeMap<FileId, FileId>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum GitError {
    #[error("git cannot be started")]
    NoGit(#[source] io::Error),
    #[error("the project is in no git repository")]
    NoRepository,
    #[error("git knows no commit `{0}`")]
    UnknownCommit(String),
    #[error("git failed: {0}")]
    Failed(String),
}

/// The project in `root` as it was at `reference`: a branch, a tag, a commit, `HEAD~3`.
pub(crate) fn at(root: &Path, reference: &str) -> Result<Past, GitError> {
    prefix(root)?;
    let unknown = || GitError::UnknownCommit(reference.to_owned());
    let asked = format!("{reference}^{{commit}}");
    let found = asked_of(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &asked])?;
    if !found.status.success() {
        return Err(unknown());
    }
    let commit = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    Ok(Past { files: files_at(root, &commit)?, renamed: renamed(root, &commit)? })
}

/// Path from the repository's root to the project, with `/` at its end; empty when they are the same.
pub(crate) fn prefix(root: &Path) -> Result<String, GitError> {
    let said = asked_of(root, &["rev-parse", "--show-prefix"])?;
    if !said.status.success() {
        return Err(GitError::NoRepository);
    }
    Ok(String::from_utf8_lossy(&said.stdout).trim_end_matches('\n').to_owned())
}

fn files_at(root: &Path, commit: &str) -> Result<Files, GitError> {
    let listed = done(asked_of(root, &["ls-tree", "-r", "-z", commit, "."])?)?;
    // `<mode> <type> <object>\t<path>`; links and submodules are no files
    let entry = |line: &str| {
        let (about, path) = line.split_once('\t')?;
        let mut about = about.split(' ');
        let (mode, _, object) = (about.next()?, about.next()?, about.next()?);
        let plain = matches!(mode, "100644" | "100755");
        (plain && files::belongs(path)).then(|| (FileId::new(path), object.to_owned()))
    };
    let text = String::from_utf8_lossy(&listed).into_owned();
    let wanted: Vec<(FileId, String)> = text.split('\0').filter_map(entry).take(MAX_FILES).collect();
    let bytes = objects(root, wanted.iter().map(|(_, object)| object.as_str()).collect())?;
    let mut files = Files::default();
    for ((file, _), bytes) in wanted.into_iter().zip(bytes) {
        files.put(file, bytes);
    }
    Ok(files)
}

/// The contents of objects, in their order.
fn objects(root: &Path, names: Vec<&str>) -> Result<Vec<Vec<u8>>, GitError> {
    let mut child = git(root, &["cat-file", "--batch"]).stdin(Stdio::piped()).spawn().map_err(GitError::NoGit)?;
    let asked = names.join("\n") + "\n";
    // git answers while it is still being asked: both at once, or both wait for ever
    let stdin = child.stdin.take();
    let asking = thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(asked.as_bytes())));
    let said = child.wait_with_output().map_err(GitError::NoGit)?;
    let _ = asking.join();
    let said = done(said)?;
    let mut rest = said.as_slice();
    let mut all = Vec::with_capacity(names.len());
    for name in names {
        let broken = || GitError::Failed(format!("object {name} cannot be read"));
        let line = rest.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
        let head = String::from_utf8_lossy(&rest[..line]).into_owned();
        let size = head.rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()).ok_or_else(broken)?;
        let bytes = rest.get(line + 1..line + 1 + size).ok_or_else(broken)?;
        // one byte beyond the limit is enough to see that it is broken
        all.push(bytes[..bytes.len().min(MAX_BYTES + 1)].to_vec());
        rest = rest.get(line + 2 + size..).unwrap_or_default();
    }
    Ok(all)
}

/// Between the commit and the files that lie there now.
fn renamed(root: &Path, commit: &str) -> Result<BTreeMap<FileId, FileId>, GitError> {
    let args =
        ["diff", "--relative", "--name-status", "-M", "-z", "--diff-filter=R", "--no-ext-diff", commit, "--", "."];
    let said = done(asked_of(root, &args)?)?;
    let text = String::from_utf8_lossy(&said).into_owned();
    let parts: Vec<&str> = text.split('\0').collect();
    let pair = |three: &[&str]| (FileId::new(three[1]), FileId::new(three[2]));
    Ok(parts.chunks_exact(3).map(pair).collect())
}

fn git(root: &Path, args: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(root).args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // answers in one language, no locks, and the repository that the project is in, also when a hook runs us
    git.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE");
    git
}

fn asked_of(root: &Path, args: &[&str]) -> Result<Output, GitError> {
    git(root, args).output().map_err(GitError::NoGit)
}

fn done(said: Output) -> Result<Vec<u8>, GitError> {
    if said.status.success() {
        return Ok(said.stdout);
    }
    let why = String::from_utf8_lossy(&said.stderr).lines().next().unwrap_or("it does not say why").to_owned();
    Err(GitError::Failed(why))
}
