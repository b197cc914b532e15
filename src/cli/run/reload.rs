//! Changed files while the daemon runs: taken on when they compile and strand nobody, else told and left alone.
use super::retire;
use crate::{
    cli::{
        CliError, Session, change,
        daemon::{self, Daemon},
        secrets,
    },
    diag::{Finding, SourceMap},
    plan::Plan,
    report,
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
};

pub(super) struct Reloader {
    root: PathBuf,
    /// The hash of the plan that runs.
    running: String,
}

impl Reloader {
    pub(super) fn new(root: &Path, plan: &Plan) -> Self {
        Self { root: root.to_owned(), running: plan.hash() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Whatever is wrong with the files, the daemon goes on with the plan it has.
    pub(super) async fn reload(&mut self, session: &Session<'_>, daemon: &Daemon) -> Result<(), CliError> {
        let loaded = tokio::task::block_in_place(|| session.load(&self.root));
        let Some(plan) = loaded.plan else {
            return keep(daemon, &loaded.findings, &loaded.sources, "the files have errors");
        };
        if plan.hash() == self.running {
            daemon.outdated.store(false, Ordering::Relaxed);
            tracing::debug!("the files say what runs already");
            return Ok(());
        }
        let compiled = plan.clone();
        let looked = tokio::task::block_in_place(|| -> Result<(Arc<Plan>, Vec<Finding>), CliError> {
            let mut reader = daemon::read(&daemon.database)?;
            let before = reader.plan().map_err(|broken| anyhow::anyhow!(broken.to_string()))?;
            let plan = retire::carry(plan, before.as_ref().map(|(_, plan)| plan));
            let census = reader.census().map_err(|broken| anyhow::anyhow!(broken.to_string()))?;
            let undecided = change::undecided(&plan, &census);
            Ok((plan, undecided))
        });
        let plan = match looked {
            Ok((plan, undecided)) if undecided.is_empty() => plan,
            Ok((_, undecided)) => return keep(daemon, &undecided, &loaded.sources, "people would lose their place"),
            Err(error) => return fail(daemon, &error),
        };
        let secrets = match secrets::resolve(&plan, &self.root, session.env) {
            Ok(secrets) => secrets,
            Err(error) => return fail(daemon, &error),
        };
        match daemon.swap(plan.clone(), secrets, "watch").await {
            Ok(Ok(version)) => {
                self.running = compiled.hash();
                daemon.outdated.store(false, Ordering::Relaxed);
                tracing::info!(plan = version, "took the changed files on");
                Ok(())
            }
            Ok(Err(refused)) => fail(daemon, &CliError::environment(refused.to_string())),
            Err(error) => fail(daemon, &error),
        }
    }
}

fn keep(daemon: &Daemon, findings: &[Finding], sources: &SourceMap, why: &str) -> Result<(), CliError> {
    daemon.outdated.store(true, Ordering::Relaxed);
    let errors: Vec<Finding> = findings.iter().filter(|finding| finding.is_error()).cloned().collect();
    for finding in &errors {
        let line = report::findings::concise(std::slice::from_ref(finding), sources);
        let help = finding.help.as_deref().unwrap_or_default();
        tracing::warn!(help, "{}", line.trim_end());
    }
    tracing::warn!(errors = errors.len(), "{why}: the plan that runs stays");
    Ok(())
}

fn fail(daemon: &Daemon, error: &CliError) -> Result<(), CliError> {
    daemon.outdated.store(true, Ordering::Relaxed);
    tracing::warn!("{error}: the plan that runs stays");
    Ok(())
}
