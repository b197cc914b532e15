//! The same question asked of another version of the project.
use super::told;
use crate::{
    cli::{CliError, Exit, Session},
    diag::Finding,
    plan::Plan,
    project::{self, GitError},
    simulate::{self, Preview, PreviewFault, Timeline},
};
use std::sync::Arc;

/// The project as it was at a commit.
pub(super) fn plan(session: &Session<'_>, reference: &str) -> Result<Arc<Plan>, CliError> {
    let root = session.project_root()?;
    let past = project::at(&root, reference).map_err(unread)?;
    let loaded = session.loaded(past.files);
    let errors = loaded.findings.iter().filter(|finding| finding.is_error());
    loaded.plan.ok_or_else(|| {
        let first: Option<&Finding> = errors.clone().next();
        let first = first.map_or_else(String::new, |finding| format!(": {}", finding.message));
        let count = errors.clone().count();
        CliError::new(
            Exit::Findings,
            format!("the project has {count} errors at {reference}, so nothing can be played{first}"),
        )
        .help("compare with a version that `dripline check` accepts")
    })
}

/// What the same person got then; nothing where there was no such sequence.
pub(super) fn timeline(plan: &Arc<Plan>, mut ask: Preview, reference: &str) -> Result<Option<Timeline>, CliError> {
    loop {
        match simulate::preview(plan, &ask) {
            Ok(timeline) => return Ok(Some(timeline)),
            Err(PreviewFault::NoSequence { .. }) => return Ok(None),
            // look-ups that are new since then were asked by nobody
            Err(PreviewFault::NoLookup { name, .. }) if ask.lookups.iter().any(|(known, _)| *known == name) => {
                ask.lookups.retain(|(known, _)| *known != name);
            }
            Err(fault) => {
                let mut error = told(&fault);
                error.message = format!("at {reference}: {}", error.message);
                return Err(error);
            }
        }
    }
}

fn unread(error: GitError) -> CliError {
    let help = match &error {
        GitError::NoGit(_) => "`--against` needs git in the PATH",
        GitError::NoRepository => "`--against` compares with a commit of the repository that the project is in",
        GitError::UnknownCommit(_) => {
            "a shallow clone has only the newest commits: fetch more (`fetch-depth: 0` in a workflow of GitHub)"
        }
        GitError::Failed(_) => "run the same command with git to see more",
    };
    let code = if matches!(error, GitError::NoGit(_)) { Exit::Environment } else { Exit::CouldNotRun };
    CliError::new(code, error.to_string()).help(help)
}
