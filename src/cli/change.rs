//! How a plan stands to the one that is published: what every command that publishes, and the daemon, goes by. The
//! comparison itself is made below; nothing is written here.
#[cfg(test)]
mod tests;

use super::{CliError, daemon, desk::broken};
use crate::{
    calendar::Instant,
    compile::diff::{self, Changes},
    engine::foresee,
    plan::{Census, Plan},
    store::{OpenError, Reader, SqliteStore},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Who publishes when it is taken back: what was taken back does not come again by itself.
pub(super) const ROLLBACK: &str = "rollback";

/// What is published, and who is inside.
#[derive(Debug)]
pub(super) struct Base {
    /// 0 when nothing was published yet.
    pub(super) version: u32,
    pub(super) hash: String,
    pub(super) plan: Arc<Plan>,
    pub(super) census: Census,
    /// The hash of a plan that was taken back, and nothing published since.
    rejected: Option<String>,
    /// Where the people are.
    database: PathBuf,
}

/// A plan beside the published one.
#[derive(Debug)]
pub(super) struct Beside {
    /// With what it retires.
    pub(super) plan: Arc<Plan>,
    pub(super) changes: Changes,
    /// Equal to what runs.
    pub(super) same: bool,
    /// It was taken back.
    pub(super) rejected: bool,
}

impl Base {
    /// `None` when there is no database, or nothing was published to it.
    pub(super) fn of(database: &Path, now: Instant) -> Result<Option<Self>, CliError> {
        match Reader::open(database) {
            Ok(mut reader) => Self::read(&mut reader, now),
            Err(OpenError::Missing) => Ok(None),
            Err(error) => Err(daemon::unusable(database, &error)),
        }
    }

    /// `None` when nothing was published that this program can read.
    pub(super) fn read(reader: &mut Reader, now: Instant) -> Result<Option<Self>, CliError> {
        let Some((version, plan)) = reader.plan().map_err(broken)? else { return Ok(None) };
        let editions = reader.editions().map_err(broken)?;
        let rejected = match editions.as_slice() {
            [last, before, ..] if last.actor.starts_with(ROLLBACK) => Some(before.hash.clone()),
            _ => None,
        };
        let census = reader.census(now).map_err(broken)?;
        let database = reader.path();
        Ok(Some(Self { version, hash: plan.hash(), plan: Arc::new(plan), census, rejected, database }))
    }

    /// With what only the people themselves can tell. `plan` has what it retires.
    pub(super) fn changes(&self, plan: &Plan, now: Instant) -> Changes {
        // where the database cannot be asked nothing is foreseen, and nothing is said
        let foreseen = SqliteStore::glimpse(&self.database).ok();
        let foreseen = foreseen.and_then(|mut store| foresee(&mut store, &self.plan, plan, now).ok());
        diff::diff(&self.plan, plan, Some(&self.census), foreseen.as_ref(), now)
    }

    pub(super) fn beside(&self, plan: Arc<Plan>, now: Instant) -> Beside {
        let plan = diff::carry(plan, Some(&self.plan));
        let changes = self.changes(&plan, now);
        let hash = plan.hash();
        let rejected = self.rejected.as_ref() == Some(&hash);
        Beside { same: hash == self.hash, rejected, plan, changes }
    }
}
