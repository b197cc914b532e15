//! What was there before: findings of the same project at a commit.
//!
//! A finding is the same one when its code, file and words are, wherever its line has moved to. Of several alike as many
//! are old as there were.
use crate::{
    cli::{CliError, Exit, Session},
    diag::{FileId, Finding},
    project::{self, GitError},
};
use std::{collections::BTreeMap, path::Path};

type Key = (&'static str, FileId, String);

pub(super) struct Known {
    counts: BTreeMap<Key, usize>,
}

impl Known {
    pub(super) fn at(root: &Path, reference: &str, session: &Session<'_>) -> Result<Self, CliError> {
        let past = project::at(root, reference).map_err(told)?;
        let project = session.loaded(past.files);
        let mut counts = BTreeMap::new();
        for finding in project.findings {
            let file = past.renamed.get(&finding.primary.file).unwrap_or(&finding.primary.file).clone();
            *counts.entry((finding.code.0, file, finding.message)).or_default() += 1;
        }
        Ok(Self { counts })
    }

    pub(super) fn new_among<'f>(&self, findings: impl Iterator<Item = &'f Finding>) -> Vec<Finding> {
        let mut left = self.counts.clone();
        let is_new = |finding: &&Finding| {
            let key = (finding.code.0, finding.primary.file.clone(), finding.message.clone());
            match left.get_mut(&key).filter(|count| **count > 0) {
                Some(count) => {
                    *count -= 1;
                    false
                }
                None => true,
            }
        };
        findings.filter(is_new).cloned().collect()
    }
}

pub(in crate::cli) fn told(error: GitError) -> CliError {
    let help = match &error {
        GitError::NoGit(_) => "a commit is read by git, which has to be in the PATH",
        GitError::NoRepository => "the commit has to be one of the repository that the project is in",
        GitError::UnknownCommit(_) => {
            "a shallow clone has only the newest commits: fetch more (`fetch-depth: 0` in a workflow of GitHub)"
        }
        GitError::Failed(_) => "run the same command with git to see more",
    };
    let code = if matches!(error, GitError::NoGit(_)) { Exit::Environment } else { Exit::CouldNotRun };
    CliError::new(code, error.to_string()).help(help)
}
