//! `check --watch`: the findings again at every change of the files, until the process is interrupted.
#![expect(clippy::disallowed_methods, reason = "tells how long a check took, which decides nothing")]
use super::{Wanted, show};
use crate::{
    cli::{CliError, Exit, Format, Session},
    project::{self, Patience},
};
use std::{
    path::Path,
    sync::mpsc,
    time::{Duration, Instant},
};

/// An editor writes a file in one go: a short silence tells that it has.
const PATIENCE: Patience = Patience { lull: Duration::from_millis(20), poll: Duration::from_secs(30) };

pub(super) fn run(
    wanted: &Wanted<'_>,
    root: &Path,
    format: Format,
    session: &mut Session<'_>,
) -> Result<Exit, CliError> {
    let (changed, changes) = mpsc::channel();
    let _watch = project::watch(root, PATIENCE, move || {
        // nobody listens any more when the loop below has ended with an error
        let _ = changed.send(Instant::now());
    });
    let mut heard = Instant::now();
    loop {
        let project = session.load(root);
        show(wanted, &project, root, format, session)?;
        if wanted.of(&project).is_empty() {
            session.note("no findings")?;
        }
        let took = heard.elapsed().as_millis();
        session.note(format!("checked in {took} ms; waiting for changes, Ctrl-C ends"))?;
        session.flush()?;
        // several changes while a check ran are one
        match changes.recv() {
            Ok(at) => heard = changes.try_iter().last().unwrap_or(at),
            Err(_) => return Ok(Exit::Fine),
        }
    }
}
