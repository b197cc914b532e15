//! The project a command works on, read once. Decides nothing about it.
#![expect(clippy::disallowed_methods, reason = "commands read the project's folder")]
use super::{CliError, Session};
use crate::{
    diag::{FileId, Finding, Sink, SourceMap},
    document::{self, Body, Vars},
    plan::Plan,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A project as far as it could be read.
pub(crate) struct Loaded {
    pub(crate) root: PathBuf,
    pub(crate) sources: SourceMap,
    /// Everything that was found, sorted.
    pub(crate) findings: Vec<Finding>,
    /// Missing when there are errors.
    pub(crate) plan: Option<Plan>,
}

impl Session<'_> {
    /// Reads and checks the whole project.
    pub(crate) fn load(&self) -> Result<Loaded, CliError> {
        let root = self.project_root()?;
        let (mut sources, mut sink) = (SourceMap::default(), Sink::new());
        let mut files = Vec::new();
        collect(&root, "", &mut files)
            .map_err(|error| CliError::usage(format!("{} could not be read", root.display())).because(error))?;
        files.sort_by_key(|file| (file != "dripline.yaml", file.clone()));
        let mut vars = Vars::default();
        for path in files {
            let file = FileId::new(&path);
            let bytes = fs::read(root.join(&path)).map_err(|error| CliError::usage(path).because(error))?;
            let Some(text) = document::decode(&file, bytes, &mut sink) else { continue };
            let read = document::read(&file, &text, &vars, &mut sink);
            if let Some(Body::Project(project)) = read.map(|document| document.body) {
                vars = Vars::new(&project.vars);
            }
            sources.insert(file, text);
        }
        Ok(Loaded { root, sources, findings: sink.into_findings(), plan: None })
    }
}

fn collect(root: &Path, folder: &str, files: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(root, &path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
