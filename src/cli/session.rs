//! What surrounds one run of a command: streams, clock, settings, folder; and the flags every command takes.
//! Decides nothing about projects.
use super::CliError;
use crate::calendar::Instant;
use anstream::adapter::StripBytes;
use clap::{Args, ValueEnum};
use std::{
    ffi::OsString,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Looks up a setting by the name of its environment variable.
pub(crate) type Env<'a> = &'a (dyn Fn(&str) -> Option<String> + Send + Sync);

/// The outside of one command, handed in so that tests can stand in for it.
pub(crate) struct Io<'a> {
    pub(crate) out: &'a mut (dyn Write + Send),
    pub(crate) err: &'a mut (dyn Write + Send),
    pub(crate) out_is_terminal: bool,
    pub(crate) err_is_terminal: bool,
    /// When the command started.
    pub(crate) now: Instant,
    pub(crate) env: Env<'a>,
    pub(crate) cwd: PathBuf,
}

/// Flags that every command takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Globals {
    /// Work in this folder instead of the current one
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = "Everywhere")]
    pub(crate) directory: Option<PathBuf>,
    /// Take the bindings of this environment from dripline.yaml
    #[arg(long = "env", value_name = "NAME", global = true, help_heading = "Everywhere")]
    pub(crate) environment: Option<String>,
    /// How results are written; not every command knows every format
    #[arg(long, value_name = "FMT", global = true, help_heading = "Everywhere")]
    pub(crate) format: Option<Format>,
    /// Write the result in another format as well, into a file; may be given several times
    #[arg(long = "report", value_name = "FMT=FILE", global = true, value_parser = report_to, help_heading = "Everywhere")]
    pub(crate) reports: Vec<ReportTo>,
    /// Pretend that it is this moment, for example 2027-03-26T18:30:00+01:00
    #[arg(long, value_name = "INSTANT", global = true, value_parser = instant, help_heading = "Everywhere")]
    pub(crate) now: Option<Instant>,
    /// Colours; NO_COLOR switches them off as well
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        default_value = "auto",
        hide_possible_values = true,
        hide_default_value = true,
        help_heading = "Everywhere"
    )]
    pub(crate) color: Color,
    /// Only results, no summaries
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Everywhere")]
    pub(crate) quiet: bool,
    /// Say more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Everywhere")]
    pub(crate) verbose: u8,
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse_rfc3339(text).ok_or_else(|| "it is no instant such as 2027-03-26T18:30:00+01:00".to_owned())
}

/// Formats of results. A command names those it knows; see [`Session::format`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For people: the whole story
    #[value(alias = "text")]
    Full,
    /// One line each
    Concise,
    /// For programs; carries format_version
    Json,
    /// One JSON object a line
    Jsonl,
    /// Annotations of GitHub Actions
    Github,
    /// Code quality report of GitLab
    Gitlab,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// XML that CI servers show as tests
    Junit,
    /// A table for a comment or a summary
    Markdown,
    /// A page that stands alone
    Html,
}

/// `FMT=FILE` of `--report`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ReportTo {
    pub(crate) format: Format,
    pub(crate) file: PathBuf,
}

fn report_to(text: &str) -> Result<ReportTo, String> {
    let (format, file) = text.split_once('=').ok_or("write a format and a file, such as sarif=findings.sarif")?;
    let names: Vec<String> = Format::value_variants()
        .iter()
        .filter_map(Format::to_possible_value)
        .map(|v| v.get_name().to_owned())
        .collect();
    let format = Format::from_str(format, true).map_err(|_| format!("the formats are {}", names.join(", ")))?;
    if file.is_empty() {
        return Err("the name of the file is missing behind the `=`".to_owned());
    }
    Ok(ReportTo { format, file: PathBuf::from(file) })
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// What `--color` says, read before the arguments are parsed: usage errors have colours as well.
pub(super) fn color_asked(args: &[OsString]) -> Color {
    let words: Vec<&str> = args.iter().map_while(|arg| arg.to_str()).take_while(|word| *word != "--").collect();
    let joined = words.iter().filter_map(|word| word.strip_prefix("--color="));
    let apart = words.windows(2).filter(|pair| pair[0] == "--color").map(|pair| pair[1]);
    joined.chain(apart).last().and_then(|word| Color::from_str(word, false).ok()).unwrap_or(Color::Auto)
}

pub(super) fn colored(asked: Color, is_terminal: bool, env: Env<'_>) -> bool {
    let set = |name| env(name).is_some_and(|value| !value.is_empty());
    match asked {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && !set("NO_COLOR") && env("TERM").as_deref() != Some("dumb"),
    }
}

/// A stream to which commands always write with colours; where none are wanted they are taken out again.
pub(super) struct Painted<'a> {
    to: &'a mut (dyn Write + Send),
    strip: Option<StripBytes>,
}

impl<'a> Painted<'a> {
    pub(super) fn new(to: &'a mut (dyn Write + Send), colored: bool) -> Self {
        Self { to, strip: (!colored).then(StripBytes::new) }
    }
}

impl Write for Painted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.strip {
            Some(strip) => {
                for printable in strip.strip_next(bytes) {
                    self.to.write_all(printable)?;
                }
            }
            None => self.to.write_all(bytes)?,
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// One run of a command. Write with colours (`anstyle`): they are taken out where none are wanted.
pub(crate) struct Session<'a> {
    pub(crate) out: &'a mut (dyn Write + Send),
    pub(crate) err: &'a mut (dyn Write + Send),
    pub(crate) env: Env<'a>,
    pub(crate) globals: Globals,
    /// What is told beside the result is read by a person as it comes.
    pub(crate) err_is_terminal: bool,
    started: Instant,
    cwd: PathBuf,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        started: Instant,
        env: Env<'a>,
        cwd: PathBuf,
        globals: Globals,
        out: &'a mut (dyn Write + Send),
        err: &'a mut (dyn Write + Send),
    ) -> Self {
        Self { out, err, env, globals, err_is_terminal: false, started, cwd }
    }

    /// The moment the command speaks of: `--now`, else when it started.
    pub(crate) fn now(&self) -> Instant {
        self.globals.now.unwrap_or(self.started)
    }

    /// The folder that relative paths of arguments start from: `-C`, else the current one.
    pub(crate) fn folder(&self) -> PathBuf {
        self.globals.directory.as_ref().map_or_else(|| self.cwd.clone(), |directory| self.cwd.join(directory))
    }

    /// A path from an argument.
    pub(crate) fn path(&self, written: &Path) -> PathBuf {
        self.folder().join(written)
    }

    /// The format asked for. The first of `known` is the default; others are usage errors.
    pub(crate) fn format(&self, known: &[Format]) -> Result<Format, CliError> {
        let asked = self.globals.format.or(known.first().copied()).unwrap_or(Format::Full);
        self.known(asked, known).map(|()| asked)
    }

    /// A usage error for a format that a command does not write.
    pub(super) fn known(&self, asked: Format, known: &[Format]) -> Result<(), CliError> {
        if known.contains(&asked) {
            return Ok(());
        }
        let name = |format: &Format| format.to_possible_value().map_or(String::new(), |v| v.get_name().to_owned());
        let known: Vec<String> = known.iter().map(name).collect();
        let error = CliError::usage(format!("this command does not write the format `{}`", name(&asked)));
        Err(error.help(format!("it knows: {}", known.join(", "))))
    }

    /// A line for people beside the result; nothing with `-q`.
    pub(crate) fn note(&mut self, text: impl AsRef<str>) -> Result<(), CliError> {
        if !self.globals.quiet {
            writeln!(self.err, "{}", text.as_ref())?;
        }
        Ok(())
    }

    pub(crate) fn verbose(&self) -> bool {
        self.globals.verbose > 0
    }

    pub(crate) fn flush(&mut self) -> Result<(), CliError> {
        self.out.flush()?;
        Ok(self.err.flush()?)
    }
}
