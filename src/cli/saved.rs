//! A saved plan: the files of a project as they were decided on, what they were compared with, and who was inside. A JSON
//! file without anybody's data.
#![expect(clippy::disallowed_methods, reason = "commands read and write files")]
use super::{CliError, Exit, Session, change::Base, files};
use crate::{
    calendar::Instant,
    compile::diff,
    diag::FileId,
    plan::{Census, CensusFault, Drift, Plan},
    project::Files,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

pub(super) const SAVED_FORMAT: u32 = 1;
const KIND: &str = "dripline plan";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Saved {
    pub(super) format_version: u32,
    pub(super) kind: String,
    pub(super) made_at: Instant,
    /// Of `--env`, under which it was compiled.
    pub(super) environment: Option<String>,
    pub(super) base: Compared,
    /// Of the plan that is to be published.
    pub(super) hash: String,
    pub(super) census: Option<Census>,
    pub(super) files: BTreeMap<Arc<str>, Arc<str>>,
}

/// What it was compared with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Compared {
    /// `None` when it was no database.
    pub(super) version: Option<u32>,
    pub(super) hash: String,
}

/// Why a saved plan must not go any more.
#[derive(Debug)]
pub(super) enum Stale {
    Published { then: Option<u32>, now: u32 },
    Drifted(Vec<Drift>),
}

impl Saved {
    pub(super) fn of(plan: &Plan, base: Compared, census: Option<Census>, session: &Session<'_>) -> Self {
        Self {
            format_version: SAVED_FORMAT,
            kind: KIND.to_owned(),
            made_at: session.now(),
            environment: session.globals.environment.clone(),
            base,
            hash: plan.hash(),
            census,
            files: plan.files.clone(),
        }
    }

    pub(super) fn read(path: &Path) -> Result<Self, CliError> {
        let missing = |error| CliError::usage(format!("{} cannot be read", path.display())).because(error);
        let text = fs::read_to_string(path).map_err(|error| missing(anyhow::Error::from(error)))?;
        let saved: Self = serde_json::from_str(&text).map_err(|error| {
            CliError::usage(format!("{} is no saved plan", path.display()))
                .because(error)
                .help("`dripline plan --out FILE` saves one")
        })?;
        let fault = if saved.kind != KIND {
            Some(format!("its kind is \"{}\", not \"{KIND}\"", saved.kind))
        } else if saved.format_version != SAVED_FORMAT {
            Some(format!("it has format {}, this program reads {SAVED_FORMAT}", saved.format_version))
        } else {
            saved.census.as_ref().and_then(|census| census.sound().err()).map(|why| format!("its census: {why}"))
        };
        match fault {
            Some(why) => Err(CliError::usage(format!("{} is no saved plan that can be used: {why}", path.display()))
                .help("make it anew with `dripline plan --out FILE`")),
            None => Ok(saved),
        }
    }

    pub(super) fn to_json(&self) -> String {
        format!("{}\n", serde_json::to_string_pretty(self).unwrap_or_default())
    }

    /// Compiled again from the files that it carries, with what it retires of the plan that is published.
    pub(super) fn plan(&self, session: &Session<'_>, published: Option<&Plan>) -> Result<Arc<Plan>, CliError> {
        let bytes = |(path, text): (&Arc<str>, &Arc<str>)| (FileId::new(&**path), text.as_bytes().to_vec());
        let files = Files { files: self.files.iter().map(bytes).collect(), ..Files::default() };
        let compiled = session.loaded_as(files, self.environment.as_deref(), self.made_at).plan;
        let plan = compiled.map(|plan| diff::carry(plan, published));
        plan.filter(|plan| plan.hash() == self.hash).ok_or_else(|| {
            CliError::new(Exit::StalePlan, "the saved plan is stale: this program makes another plan of its files")
                .help("make it anew with `dripline plan --out FILE`")
        })
    }

    /// Was another plan published since, or are the people elsewhere?
    pub(super) fn stale(&self, base: Option<&Base>) -> Option<Stale> {
        let (version, hash) = base.map_or((0, String::new()), |base| (base.version, base.hash.clone()));
        if self.base.version.is_some_and(|then| then != version) || self.base.hash != hash {
            return Some(Stale::Published { then: self.base.version, now: version });
        }
        let drifted = self.census.as_ref()?.drifted_to(&base?.census);
        (!drifted.is_empty()).then_some(Stale::Drifted(drifted))
    }
}

impl Stale {
    /// Which of the two it is, and what drifted.
    pub(super) fn told(&self) -> CliError {
        let again = "make it anew with `dripline plan --out FILE`, and look at it again";
        match self {
            Self::Published { then, now } => {
                let base = then;
                let then = then.map_or("another plan".to_owned(), |then| format!("plan {then}"));
                let now = match *now {
                    0 => "nothing is published".to_owned(),
                    // another database, or one that was begun anew
                    same if base == &Some(same) => format!("the plan {same} of this database is another one"),
                    now => format!("plan {now} is published"),
                };
                CliError::new(
                    Exit::StalePlan,
                    format!("the saved plan is stale: it was made against {then}, and {now}"),
                )
                .help(again)
            }
            Self::Drifted(drifts) => {
                let line = |drift: &Drift| {
                    let step = drift.step.as_ref().map_or("all steps done", |step| step.as_str());
                    format!("\n  {} / {step}: {} then, {} now", drift.sequence, drift.then, drift.now)
                };
                let lines: Vec<String> = drifts.iter().map(line).collect();
                let message = format!("the saved plan is stale: people are elsewhere by now{}", lines.concat());
                CliError::new(Exit::StalePlan, message).help(again)
            }
        }
    }
}

/// A census from a file.
pub(super) fn census(path: &Path) -> Result<Census, CliError> {
    let text = fs::read_to_string(path)
        .map_err(|error| CliError::usage(format!("{} cannot be read", path.display())).because(error))?;
    Census::parse(&text).map_err(|fault| {
        let why = match fault {
            CensusFault::Unreadable(why) => why,
            CensusFault::Format(version) => {
                format!("it has format {version}, this program reads {}", crate::plan::CENSUS_FORMAT)
            }
        };
        CliError::usage(format!("{} is no census: {why}", path.display())).help("`dripline snapshot FILE` writes one")
    })
}

/// A saved plan for a daemon to read, beside the database; gone when it was read.
pub(super) struct Spool(PathBuf);

impl Spool {
    pub(super) fn beside(database: &Path, saved: &Saved) -> Result<Self, CliError> {
        let mut name = database.as_os_str().to_owned();
        name.push(format!(".{}.plan", std::process::id()));
        let path = PathBuf::from(name);
        files::write(&path, &saved.to_json())?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // one that stays behind is replaced by the next
        let _ = fs::remove_file(&self.0);
    }
}

/// As a process in another folder has to name it.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    fs::canonicalize(path).map_err(|error| CliError::usage(format!("{} cannot be read", path.display())).because(error))
}
