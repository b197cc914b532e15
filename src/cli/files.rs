//! Files and folders as commands meet them: the project's root, paths of arguments, writing so that a reader never sees
//! half a file. Knows nothing of what the files mean.
#![expect(clippy::disallowed_methods, reason = "commands read and write files")]
use super::{CliError, Session, definition};
use crate::{
    compile::Settings,
    diag::Sink,
    project::{self, Loaded},
};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The file that makes a folder a project.
pub(crate) const PROJECT_FILE: &str = "dripline.yaml";

impl Session<'_> {
    /// The folder of the project: the current one (or `-C`), or the nearest above it with a `dripline.yaml`.
    pub(crate) fn project_root(&self) -> Result<PathBuf, CliError> {
        let folder = self.folder();
        let start = fs::canonicalize(&folder)
            .map_err(|error| CliError::usage(format!("there is no folder {}", folder.display())).because(error))?;
        if let Some(root) = project::find_root(&start) {
            return Ok(root);
        }
        let make = definition().find_subcommand("init").map_or("", |_| "; `dripline init` makes one");
        Err(CliError::usage(format!("there is no {PROJECT_FILE} in {} or above it", folder.display()))
            .help(format!("a project is a folder with a {PROJECT_FILE}; `-C DIR` says where it is{make}")))
    }

    /// Reads and compiles the project in `root`, with the bindings of `--env`.
    pub(crate) fn load(&self, root: &Path) -> Loaded {
        project::load(root, &self.settings())
    }

    /// Compiles files that were read elsewhere, such as those of a commit.
    pub(crate) fn loaded(&self, files: project::Files) -> Loaded {
        project::compiled(files, &self.settings(), Sink::new())
    }

    /// Another version of the project in `root`, with the bindings of `--env`.
    pub(crate) fn version(&self, root: &Path, named: &str) -> Result<Loaded, project::GitError> {
        project::version(root, named, &self.settings())
    }

    /// Files that were read elsewhere, under another environment and at another moment.
    pub(crate) fn loaded_as(&self, files: project::Files, env: Option<&str>, now: crate::calendar::Instant) -> Loaded {
        project::compiled(files, &Settings { env, now, ..self.settings() }, Sink::new())
    }

    fn settings(&self) -> Settings<'_> {
        Settings {
            env: self.globals.environment.as_deref(),
            version: env!("CARGO_PKG_VERSION"),
            now: self.now(),
            year: self.now().timestamp().to_zoned(jiff::tz::TimeZone::UTC).year(),
        }
    }

    /// What `PATHS` name inside the project, as its files are named in findings: parts joined by `/`, "" for all of it.
    pub(crate) fn inside(&self, root: &Path, paths: &[PathBuf]) -> Result<Vec<String>, CliError> {
        let name = |written: &PathBuf| {
            let missing = || CliError::usage(format!("there is no {}", written.display()));
            let full = fs::canonicalize(self.path(written)).map_err(|error| missing().because(error))?;
            let outside = || CliError::usage(format!("{} is not in the project {}", written.display(), root.display()));
            let inner = full.strip_prefix(root).map_err(|_| outside())?;
            let parts: Vec<String> = inner.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            Ok(parts.join("/"))
        };
        paths.iter().map(name).collect()
    }
}

/// The release of the zone rules in `dir`, such as `2027a`, as far as it names one; else nothing.
pub(crate) fn zone_release(dir: &Path) -> String {
    let first = |name: &str| fs::read_to_string(dir.join(name)).ok()?.lines().next().map(str::to_owned);
    let written = first("tzdata.zi").or_else(|| first("+VERSION")).unwrap_or_default();
    written.trim_start_matches('#').trim().trim_start_matches("version").trim().to_owned()
}

/// Whether a file of the project is one of `chosen` or below one of them; all are when nothing was chosen.
pub(crate) fn is_chosen(file: &str, chosen: &[String]) -> bool {
    let below = |folder: &String| {
        folder.is_empty()
            || file.strip_prefix(folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    chosen.is_empty() || chosen.iter().any(below)
}

/// Replaces or creates a file in one step, with the permissions of the one it replaces. A link stays a link.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), CliError> {
    replace(path, text)
        .map_err(|error| CliError::usage(format!("{} could not be written", path.display())).because(error))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let beside = target.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = fs::write(&beside, text).and_then(|()| match fs::metadata(&target) {
        Ok(old) => fs::set_permissions(&beside, old.permissions()),
        Err(_) => Ok(()),
    });
    written.and_then(|()| fs::rename(&beside, &target)).inspect_err(|_| drop(fs::remove_file(&beside)))
}

/// The text of a file as [`read`] gives it; a folder of that name is none.
pub(crate) fn read_file(path: &Path) -> Result<Option<String>, CliError> {
    if path.is_dir() { Ok(None) } else { read(path) }
}

/// Names of the files with this ending in a folder, without it, in order; none where there is no folder.
pub(crate) fn stems(folder: &Path, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let chosen = entries.filter(|path| path.extension().is_some_and(|it| it == ending));
    let mut stems: Vec<String> = chosen.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    stems.sort();
    stems
}

pub(crate) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Where the system has such a right.
pub(crate) fn make_executable(path: &Path) -> Result<(), CliError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))
            .map_err(|error| CliError::usage(format!("{} cannot be made executable", path.display())).because(error))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Adds to the end of a file, which is made where it is not there.
pub(crate) fn append(path: &Path, text: &str) -> Result<(), CliError> {
    let open = fs::OpenOptions::new().create(true).append(true).open(path);
    open.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| CliError::usage(format!("{} could not be written", path.display())).because(error))
}

/// The text of a file; nothing when it is not there.
pub(crate) fn read(path: &Path) -> Result<Option<String>, CliError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // what spreadsheets save
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(CliError::usage(format!("{} is not text in UTF-8", path.display()))
                .help("save it again with the encoding UTF-8"))
        }
        Err(error) => Err(CliError::usage(format!("{} could not be read", path.display())).because(error)),
    }
}
