//! The project a command works on, read once. Decides nothing about it.
use super::{CliError, Session};
use crate::{
    compile::Settings,
    diag::{Finding, SourceMap},
    plan::Plan,
    project,
};
use std::{path::PathBuf, sync::Arc};

/// A project as far as it could be read.
pub(crate) struct Loaded {
    pub(crate) root: PathBuf,
    pub(crate) sources: SourceMap,
    /// Everything that was found, sorted.
    pub(crate) findings: Vec<Finding>,
    /// Missing when there are errors.
    pub(crate) plan: Option<Arc<Plan>>,
}

impl Session<'_> {
    /// Reads and checks the whole project.
    pub(crate) fn load(&self) -> Result<Loaded, CliError> {
        let root = self.project_root()?;
        let project::Loaded { sources, findings, plan, .. } = project::load(&root, &self.settings());
        Ok(Loaded { root, sources, findings, plan })
    }

    /// What a compilation depends on beside the files.
    pub(crate) fn settings(&self) -> Settings<'_> {
        Settings {
            env: self.globals.environment.as_deref(),
            version: env!("CARGO_PKG_VERSION"),
            year: crate::calendar::Zone::UTC.civil(self.now()).year(),
        }
    }
}
