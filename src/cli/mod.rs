//! The command line: arguments to settings, one file per command, wiring of clock, files, store and channels.
//!
//! A new command is one file with `Args` (clap, whose text is the help) and `run(&Args, &mut Session) -> Result<Exit,
//! CliError>`, and one line in [`commands!`]. Everything a command reads from outside or writes comes through its
//! [`Session`], so that it can run twice in one process. Must not hold rules of the product: those live in the layers below.
mod advance;
mod apply;
mod backtest;
mod bench;
mod campaign;
mod change;
mod check;
mod compile;
mod completions;
mod contact;
mod daemon;
mod demo;
mod desk;
mod enroll;
mod entry;
mod exit;
mod explain;
mod files;
mod fmt;
mod init;
mod library;
mod log;
mod mailbox;
mod new;
mod opt_out;
mod order;
mod people;
mod plan;
mod preview;
mod rollback;
mod run;
mod saved;
mod scaffold;
mod schema;
mod secrets;
mod session;
mod simulate;
mod snapshot;
mod status;
mod stop;
mod test;
mod why;

pub use entry::Outcome;
pub(crate) use entry::{in_process, of_process};
pub(crate) use exit::{CliError, Exit};
pub(crate) use session::{Format, Io, Session};

use clap::{CommandFactory, Parser, Subcommand};
use session::{Globals, Painted};
use std::ffi::OsString;

/// Declares the subcommands and calls the one that was asked for.
macro_rules! commands {
    ($( $(#[$attribute:meta])* $name:ident => $module:ident, )*) => {
        #[derive(Debug, Subcommand)]
        enum Command {
            $( $(#[$attribute])* $name($module::Args), )*
        }

        fn dispatch(command: &Command, session: &mut Session<'_>) -> Result<Exit, CliError> {
            match command {
                $( Command::$name(args) => $module::run(args, session), )*
            }
        }
    };
}

commands! {
    Demo => demo,
    Init => init,
    New => new,
    Library => library,
    Run => run,
    Status => status,
    Why => why,
    Log => log,
    Mailbox => mailbox,
    Enroll => enroll,
    Advance => advance,
    Stop => stop,
    OptOut => opt_out,
    Campaign => campaign,
    Contact => contact,
    #[command(visible_alias = "validate")]
    Check => check,
    Test => test,
    Fmt => fmt,
    Explain => explain,
    Schema => schema,
    Compile => compile,
    Preview => preview,
    Simulate => simulate,
    Backtest => backtest,
    Plan => plan,
    Apply => apply,
    Rollback => rollback,
    Snapshot => snapshot,
    Completions => completions,
    Bench => bench,
}

/// Help is as wide as this at most; what is written by hand below it stays within.
const WIDTH: usize = 100;

/// Journeys as code: follow-up sequences in YAML, checked like a program, run durably over SQLite.
///
/// A project is a folder with a dripline.yaml; commands look for it from the current folder upwards.
#[derive(Debug, Parser)]
#[command(name = "dripline", version, max_term_width = WIDTH, after_help = exit::TABLE)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// The whole definition, for completions and for tests of the help.
fn definition() -> clap::Command {
    Cli::command()
}

/// Runs one command. What people read goes to `io.out`, what they should know besides to `io.err`.
pub(crate) fn run(args: impl IntoIterator<Item = OsString>, io: &mut Io<'_>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let color = session::color_asked(&args);
    let env = io.env;
    let mut out = Painted::new(io.out, session::colored(color, io.out_is_terminal, env));
    let mut err = Painted::new(io.err, session::colored(color, io.err_is_terminal, env));
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(told) => return exit::of_clap(&told, &mut out, &mut err).code(),
    };
    let verbose = cli.globals.verbose > 0;
    let mut session = Session::new(io.now, env, io.cwd.clone(), cli.globals, &mut out, &mut err);
    session.err_is_terminal = io.err_is_terminal;
    let done = reports_known(&cli.command, &session)
        .and_then(|()| dispatch(&cli.command, &mut session))
        .and_then(|exit| session.flush().map(|()| exit));
    match done {
        Ok(exit) => exit.code(),
        Err(error) => error.tell(&mut err, verbose).code(),
    }
}

/// A report that nobody writes would be missed in silence.
fn reports_known(command: &Command, session: &Session<'_>) -> Result<(), CliError> {
    let known: &[Format] = match command {
        Command::Check(_) => check::FORMATS,
        Command::Test(_) => test::FORMATS,
        Command::Preview(_) => preview::FORMATS,
        Command::Simulate(_) => simulate::FORMATS,
        Command::Backtest(_) => backtest::FORMATS,
        _ => &[],
    };
    match session.globals.reports.iter().find(|report| !known.contains(&report.format)) {
        None => Ok(()),
        Some(_) if known.is_empty() => Err(CliError::usage("this command writes no reports")
            .help("`--report FMT=FILE` goes with `dripline check`, `dripline test`, `dripline preview`, `dripline simulate` and `dripline backtest`")),
        Some(report) => session.known(report.format, known),
    }
}

#[cfg(test)]
mod equality_tests;
#[cfg(test)]
mod reach_tests;
#[cfg(test)]
mod tests;
