//! How a command ends: the frozen exit codes, and the error that stops one. Knows no command.
use clap::builder::styling::{AnsiColor, Style};
use std::{
    fmt,
    io::{self, Write},
};

/// Frozen: scripts depend on the numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    Fine,
    /// Errors were found (warnings only with `--deny warnings`), or tests fail.
    Findings,
    /// `plan --detailed-exitcode` only.
    Changes,
    /// Usage, a missing file, an internal error.
    CouldNotRun,
    /// A gate wants a decision.
    Blocked,
    StalePlan,
    /// Database, network, credentials.
    Environment,
    Interrupted,
}

/// Printed by `--help`.
pub(super) const TABLE: &str = "\
Exit codes:
    0  fine
    1  errors (warnings only with --deny warnings), failing tests
    2  changes present (plan --detailed-exitcode only)
    3  could not run: usage, missing file, internal error
    4  blocked by a gate
    5  stale plan
    6  environment: database, network, credentials
  130  interrupted";

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
            Self::Changes => 2,
            Self::CouldNotRun => 3,
            Self::Blocked => 4,
            Self::StalePlan => 5,
            Self::Environment => 6,
            Self::Interrupted => 130,
        }
    }
}

/// Why a command could not do its work: one sentence without a full stop, and what would help.
#[derive(Debug)]
pub(crate) struct CliError {
    pub(crate) code: Exit,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// Shown with `-v`.
    cause: Option<anyhow::Error>,
    /// The reader of our output went away, which is its right.
    hung_up: bool,
}

impl CliError {
    pub(crate) fn new(code: Exit, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, cause: None, hung_up: false }
    }
    /// What was asked for makes no sense, or names something that is not there.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::CouldNotRun, message)
    }
    /// Database, network or credentials do not play along.
    pub(crate) fn environment(message: impl Into<String>) -> Self {
        Self::new(Exit::Environment, message)
    }
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
    pub(crate) fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Writes the error and gives the code to end with.
    pub(super) fn tell(&self, err: &mut dyn Write, verbose: bool) -> Exit {
        if self.hung_up {
            return Exit::Fine;
        }
        let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let cyan = Style::new().bold().fg_color(Some(AnsiColor::Cyan.into()));
        // Nothing is left to be done when the error stream itself is closed.
        let _ = writeln!(err, "{red}error{red:#}: {}", self.message);
        if let Some(cause) = &self.cause {
            let causes: Vec<String> = cause.chain().map(ToString::to_string).collect();
            let shown = if verbose { causes.len() } else { 1 };
            for cause in causes.iter().take(shown) {
                let _ = writeln!(err, "  because: {cause}");
            }
        }
        if let Some(help) = &self.help {
            let _ = writeln!(err, "{cyan}help{cyan:#}: {help}");
        }
        let _ = err.flush();
        self.code
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Our own output could not be written. Files have errors of their own.
impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        let hung_up = error.kind() == io::ErrorKind::BrokenPipe;
        Self { hung_up, ..Self::new(Exit::CouldNotRun, "the output could not be written").because(error) }
    }
}

/// Broken machinery, not a mistake of the user.
impl From<anyhow::Error> for CliError {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::CouldNotRun, "something went wrong inside dripline").because(error)
    }
}

/// Help and version are answers; everything else the parser says is a usage error.
pub(super) fn of_clap<'a>(told: &clap::Error, out: &'a mut dyn Write, err: &'a mut dyn Write) -> Exit {
    let text = told.render();
    let (exit, to) = if told.use_stderr() { (Exit::CouldNotRun, err) } else { (Exit::Fine, out) };
    // A closed stream is no reason for another code.
    let _ = write!(to, "{}", text.ansi()).and_then(|()| to.flush());
    exit
}
