//! Changed files and published plans while the daemon runs: files are taken on when they compile and nothing has to be
//! decided, else they are told and left alone; a plan that somebody applies is published as it is.
use crate::{
    cli::{
        CliError, Session,
        change::{Base, Beside},
        daemon::{self, Daemon},
        saved::Saved,
        secrets,
    },
    compile::diff::Gate,
    diag::{Finding, SourceMap},
    plan::Plan,
    report,
    runner::{Clock, Publication, Wanted},
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
};

pub(super) struct Reloader {
    root: PathBuf,
    clock: Arc<dyn Clock>,
}

impl Reloader {
    pub(super) fn new(root: &Path, clock: Arc<dyn Clock>) -> Self {
        Self { root: root.to_owned(), clock }
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
        let looked = tokio::task::block_in_place(|| -> Result<Option<Beside>, CliError> {
            let mut reader = daemon::read(&daemon.database)?;
            let now = self.clock.now();
            Ok(Base::read(&mut reader, now)?.map(|base| base.beside(plan.clone(), now)))
        });
        let plan = match looked {
            Ok(Some(beside)) if beside.same => {
                daemon.outdated.store(false, Ordering::Relaxed);
                tracing::debug!("the files say what runs already");
                return Ok(());
            }
            Ok(Some(beside)) if beside.rejected => {
                daemon.outdated.store(true, Ordering::Relaxed);
                tracing::warn!("this plan was taken back: it waits for `dripline apply`, and the plan that runs stays");
                return Ok(());
            }
            Ok(Some(beside)) if beside.changes.waiting(&[]).next().is_some() => {
                return keep(daemon, &waiting(&beside), &loaded.sources, why(&beside));
            }
            Ok(Some(beside)) => beside.plan,
            Ok(None) => plan,
            Err(error) => return fail(daemon, &error),
        };
        match self.swap(session, daemon, plan, "watch").await {
            Ok(version) => tracing::info!(plan = version, "took the changed files on"),
            Err(error) => return fail(daemon, &error),
        }
        Ok(())
    }

    /// Somebody decided on a plan: it is published, unless another one was in the meantime.
    pub(super) async fn publish(
        &mut self,
        session: &Session<'_>,
        daemon: &Daemon,
        wanted: Wanted,
    ) -> Result<(), CliError> {
        let Wanted { what, base, actor, reply } = wanted;
        let done = match tokio::task::block_in_place(|| self.plan_of(session, daemon, &what, base)) {
            Ok(plan) => self.swap(session, daemon, plan, &actor).await,
            Err(error) => Err(error),
        };
        match &done {
            Ok(version) => tracing::info!(plan = version, %actor, "published"),
            Err(why) => tracing::warn!("{why}: the plan that runs stays"),
        }
        let done = done.map_err(|why| why.to_string());
        // whoever asked may have gone
        drop(reply.send(done));
        // whether the files still say something else is seen by looking
        self.reload(session, daemon).await
    }

    fn plan_of(
        &self,
        session: &Session<'_>,
        daemon: &Daemon,
        what: &Publication,
        decided_on: u32,
    ) -> Result<Arc<Plan>, CliError> {
        let mut reader = daemon::read(&daemon.database)?;
        let base = Base::read(&mut reader, self.clock.now())?;
        let running = base.as_ref().map_or(0, |base| base.version);
        if running != decided_on {
            return Err(CliError::environment(format!("plan {running} was published in the meantime")));
        }
        match what {
            Publication::Saved(path) => Saved::read(path)?.plan(session, base.as_ref().map(|base| &*base.plan)),
            Publication::Version(version) => {
                let plan = reader.plan_at(*version).map_err(crate::cli::desk::broken)?;
                plan.map(Arc::new).ok_or_else(|| CliError::environment(format!("there is no plan {version}")))
            }
        }
    }

    async fn swap(
        &self,
        session: &Session<'_>,
        daemon: &Daemon,
        plan: Arc<Plan>,
        actor: &str,
    ) -> Result<u32, CliError> {
        let secrets = secrets::resolve(&plan, &self.root, session.env)?;
        let swapped = daemon.swap(plan, secrets, actor).await?;
        let version = swapped.map_err(|refused| CliError::environment(refused.to_string()))?;
        daemon.outdated.store(false, Ordering::Relaxed);
        Ok(version)
    }
}

/// What has to be decided, as findings.
pub(super) fn waiting(beside: &Beside) -> Vec<Finding> {
    beside.changes.waiting(&[]).map(crate::compile::diff::Change::finding).collect()
}

/// Why it is not taken on.
pub(super) fn why(beside: &Beside) -> &'static str {
    if beside.changes.count(Gate::Block) > 0 {
        "people would lose their place"
    } else {
        "this waits for `dripline apply`, which shows what it does to the people inside"
    }
}

fn keep(daemon: &Daemon, findings: &[Finding], sources: &SourceMap, why: &str) -> Result<(), CliError> {
    daemon.outdated.store(true, Ordering::Relaxed);
    // of a change that waits every line is needed, of files that do not compile only the errors
    let waits = findings.iter().all(|finding| finding.code.0.starts_with("DL6"));
    let told: Vec<&Finding> = findings.iter().filter(|finding| waits || finding.is_error()).collect();
    for finding in &told {
        let line = report::findings::concise(std::slice::from_ref(*finding), sources);
        let help = finding.help.as_deref().unwrap_or_default();
        tracing::warn!(help, "{}", line.trim_end());
    }
    tracing::warn!(errors = told.len(), "{why}: the plan that runs stays");
    Ok(())
}

fn fail(daemon: &Daemon, error: &CliError) -> Result<(), CliError> {
    daemon.outdated.store(true, Ordering::Relaxed);
    tracing::warn!("{error}: the plan that runs stays");
    Ok(())
}
