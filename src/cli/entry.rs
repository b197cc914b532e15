//! The two doors of the crate: a real process, and a run inside another one with everything handed in.
#![expect(clippy::disallowed_methods, reason = "this is where clock, variables and folder of the process come from")]
use super::{Io, run};
use crate::calendar::Instant;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// What one command did, as `run_in_process` gives it back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The exit code; `dripline --help` prints what each means.
    pub code: u8,
    /// Standard output: the result.
    pub out: String,
    /// Standard error: findings of a command whose result is something else, summaries, errors.
    pub err: String,
}

fn instant(moment: SystemTime) -> Instant {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Runs a command with the streams, clock, variables and folder of the process.
pub(crate) fn of_process(args: impl IntoIterator<Item = OsString>) -> u8 {
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let mut io = Io {
        out_is_terminal: out.is_terminal(),
        err_is_terminal: err.is_terminal(),
        out: &mut out,
        err: &mut err,
        now: instant(SystemTime::now()),
        env: &|name| std::env::var(name).ok(),
        cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
    };
    run(args, &mut io)
}

/// Runs a command on handed-in surroundings and collects what it writes, without colours.
pub(crate) fn in_process(args: &[&str], cwd: &Path, env: &BTreeMap<String, String>, now: SystemTime) -> Outcome {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = std::iter::once("dripline").chain(args.iter().copied()).map(OsString::from);
    let code = run(
        args,
        &mut Io {
            out: &mut out,
            err: &mut err,
            out_is_terminal: false,
            err_is_terminal: false,
            now: instant(now),
            env: &|name| env.get(name).cloned(),
            cwd: cwd.to_owned(),
        },
    );
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Outcome { code, out: text(out), err: text(err) }
}
