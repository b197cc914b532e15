//! Runs scenarios beside each other. They share nothing, so the order in which they end decides nothing: what came of them
//! stands in the order of the files.
use super::houses::Disk;
use crate::{
    calendar::Instant,
    cli::{CliError, Session},
    plan::{
        Plan, Suite,
        suite::{Scenario, What},
    },
    simulate::suite::{self, Memory, Project, Ran},
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

/// More workers than this are no help to a machine that does other things as well.
const MOST_WORKERS: usize = 8;
/// From so many scenarios on it is told how far it is.
const LONG: usize = 20;

/// One scenario.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) suite: Arc<Suite>,
    pub(super) scenario: usize,
}

/// What all of them are run against.
#[derive(Clone, Copy)]
pub(super) struct Houses<'a> {
    pub(super) plan: &'a Arc<Plan>,
    pub(super) versions: &'a BTreeMap<Arc<str>, Arc<Plan>>,
    pub(super) seed: u64,
    pub(super) shuffle: bool,
    pub(super) now: Instant,
}

/// One result for each suite.
pub(super) fn run(houses: &Houses<'_>, jobs: &[Job], session: &mut Session<'_>) -> Result<Vec<Ran>, CliError> {
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    if houses.shuffle {
        order.sort_by_cached_key(|job| Sha256::digest(format!("{} {job}", houses.seed).as_bytes()));
    }
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS).min(jobs.len());
    let (done, results) = mpsc::channel();
    let mut ran: Vec<Option<Ran>> = jobs.iter().map(|_| None).collect();
    thread::scope(|scope| {
        for _ in 0..workers {
            let done = done.clone();
            let (next, order) = (&next, &order);
            scope.spawn(move || {
                while let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // nobody listens any more when our output cannot be written
                    let _ = done.send((*index, one(houses, &jobs[*index])));
                }
            });
        }
        drop(done);
        for (count, (index, result)) in results.iter().enumerate() {
            ran[index] = Some(result?);
            progress(count + 1, jobs.len(), session)?;
        }
        Ok::<(), CliError>(())
    })?;
    Ok(joined(ran.into_iter().flatten()))
}

fn one(houses: &Houses<'_>, job: &Job) -> Result<Ran, CliError> {
    let project = Project { plan: houses.plan, versions: houses.versions, seed: houses.seed };
    if !job.suite.scenarios.get(job.scenario).is_some_and(survives) {
        return Ok(suite::run(&mut Memory::new(houses.seed), &project, &job.suite, job.scenario));
    }
    let mut disk = Disk::new(houses.seed, houses.now)
        .map_err(|error| CliError::environment("the folder for temporary files cannot be written").because(error))?;
    Ok(suite::run(&mut disk, &project, &job.suite, job.scenario))
}

/// Something has to be there again after a process has ended.
fn survives(scenario: &Scenario) -> bool {
    scenario.when.iter().any(|when| matches!(when.what, What::Restart | What::Deploy(_)))
}

/// The scenarios of a suite as one.
fn joined(all: impl Iterator<Item = Ran>) -> Vec<Ran> {
    let mut joined: Vec<Ran> = Vec::new();
    for ran in all {
        match joined.last_mut().filter(|last| Arc::ptr_eq(&last.suite, &ran.suite)) {
            Some(last) => {
                last.cases.extend(ran.cases);
                last.coverage.join(&ran.coverage);
            }
            None => joined.push(ran),
        }
    }
    joined
}

/// One line that is written over on a terminal; elsewhere a line at each quarter.
fn progress(done: usize, all: usize, session: &mut Session<'_>) -> Result<(), CliError> {
    if all < LONG {
        return Ok(());
    }
    if session.err_is_terminal {
        let line = format!("\r{done} of {all} scenarios");
        if !session.globals.quiet {
            let end = if done == all { format!("\r{:width$}\r", "", width = line.len()) } else { line };
            write!(session.err, "{end}")?;
            session.err.flush()?;
        }
        return Ok(());
    }
    let quarter = |done: usize| done * 4 / all;
    if quarter(done) > quarter(done - 1) && done < all {
        session.note(format!("{done} of {all} scenarios"))?;
    }
    Ok(())
}
