//! `dripline check`: every finding of the project, and the edits that put findings right.
mod since;
pub(super) use since::told as past;
mod watch;

use super::{CliError, Exit, Format, Session, files};
use crate::{
    diag::{Edit, FileId, Finding, catalogue, nearest},
    document,
    project::{self, Loaded},
    report::{diff, findings},
};
use clap::ValueEnum;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Show everything that is wrong with the project
///
/// Reads the whole project, offline and without secrets, and prints every finding at once. Silent when there is none.
/// `dripline explain CODE` tells more about a finding.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline check
  dripline check sequences/no_show.yaml --format concise
  dripline check --deny warnings          for continuous integration
  dripline check --diff                   what --fix would change
  dripline check --ignore DL007,DL114
  dripline check --since origin/main      only what is new since then
  dripline check --watch                  again at every save
  dripline check --format github --report sarif=dripline.sarif

Formats: full (default), concise (path:line:col: CODE message), json, jsonl, github (annotations;
the whole list goes to the job's summary), gitlab (code quality), sarif, junit, markdown.
`--report FMT=FILE` writes another one beside it.
Columns count characters from 1; json and jsonl have UTF-16 columns and byte offsets as well,
sarif counts UTF-16 only.")]
pub(super) struct Args {
    /// Show only what is in these files and folders; the whole project is read all the same
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Exit with 1 for warnings as well
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Put right what can be put right without a change of meaning, and show the rest
    #[arg(long)]
    fix: bool,
    /// Show what --fix would change and write nothing; exit code 1 when there is something
    #[arg(long)]
    diff: bool,
    /// Only findings that were not there at this commit, branch or tag
    #[arg(long, value_name = "GITREF", conflicts_with_all = ["fix", "diff"])]
    since: Option<String>,
    /// Stay, and check again whenever files change
    #[arg(long, conflicts_with_all = ["fix", "diff"])]
    watch: bool,
    /// Only these findings: codes, beginnings of codes (DL3) or names
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = code)]
    select: Vec<String>,
    /// Not these findings
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = code)]
    ignore: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Deny {
    Warnings,
}

/// A code, or the beginning of some.
fn code(written: &str) -> Result<String, String> {
    let upper = written.trim().to_ascii_uppercase();
    if let Some(row) = catalogue::find(written.trim()) {
        return Ok(row.code.to_owned());
    }
    let rows = catalogue::all();
    if upper.len() >= 2 && rows.iter().any(|row| row.code.starts_with(&upper)) {
        return Ok(upper);
    }
    let near = nearest(written, rows.iter().flat_map(|row| [row.code, row.name]));
    Err(near.map_or_else(|| "no finding has this code".to_owned(), |near| format!("did you mean `{near}`?")))
}

/// Each round of edits can uncover findings that the ones before it hid.
const MAX_ROUNDS: usize = 10;

pub(super) const FORMATS: &[Format] = &[
    Format::Full,
    Format::Concise,
    Format::Json,
    Format::Jsonl,
    Format::Github,
    Format::Gitlab,
    Format::Sarif,
    Format::Junit,
    Format::Markdown,
];

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(FORMATS)?;
    let root = session.project_root()?;
    let old = args.since.as_deref().map(|reference| since::Known::at(&root, reference, session)).transpose()?;
    let wanted = Wanted { args, paths: session.inside(&root, &args.paths)?, old };
    if args.watch {
        return watch::run(&wanted, &root, format, session);
    }
    let mut project = session.load(&root);
    if args.diff {
        return show_edits(&wanted, &project, session);
    }
    let rounds = if args.fix { MAX_ROUNDS } else { 0 };
    for _ in 0..rounds {
        if !fix(&wanted, &project, &root, session)? {
            break;
        }
        project = session.load(&root);
    }
    show(&wanted, &project, &root, format, session)
}

/// Which findings were asked for.
struct Wanted<'a> {
    args: &'a Args,
    paths: Vec<String>,
    /// Findings that were there before.
    old: Option<since::Known>,
}

impl Wanted<'_> {
    fn has(&self, finding: &Finding) -> bool {
        let any = |codes: &[String]| codes.iter().any(|code| finding.code.0.starts_with(code.as_str()));
        self.is_in(&finding.primary.file)
            && (self.args.select.is_empty() || any(&self.args.select))
            && !any(&self.args.ignore)
    }

    fn is_in(&self, file: &FileId) -> bool {
        files::is_chosen(file.as_str(), &self.paths)
    }

    /// Those of the project that were asked for, in their order.
    fn of(&self, project: &Loaded) -> Vec<Finding> {
        let asked = project.findings.iter().filter(|finding| self.has(finding));
        match &self.old {
            Some(old) => old.new_among(asked),
            None => asked.cloned().collect(),
        }
    }
}

fn show(
    wanted: &Wanted<'_>,
    project: &Loaded,
    root: &Path,
    format: Format,
    session: &mut Session<'_>,
) -> Result<Exit, CliError> {
    let found = wanted.of(project);
    let files: Vec<&FileId> = project.sources.files().map(|(file, _)| file).filter(|file| wanted.is_in(file)).collect();
    // what shows findings beside a change knows the repository's paths, not the project's
    let prefix = project::prefix(root).unwrap_or_default();
    let report = findings::Report { findings: &found, sources: &project.sources, files: &files, prefix: &prefix };
    session.out.write_all(written(format, &report).as_bytes())?;
    for to in session.globals.reports.clone() {
        files::write(&session.path(&to.file), &plain(&written(to.format, &report)))?;
    }
    if format == Format::Github
        && let Some(summary) = (session.env)("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty())
    {
        files::append(Path::new(&summary), &findings::markdown(&report))?;
    }
    if !found.is_empty() || session.verbose() {
        session.out.flush()?;
        let fixable = findings::Count::of(&found).fixable;
        let hint = if fixable > 0 { format!("; `--fix` puts {fixable} of them right") } else { String::new() };
        session.note(format!("{}{hint}", findings::summary(&found)))?;
    }
    let denied = found.iter().any(Finding::is_error) || (wanted.args.deny.is_some() && !found.is_empty());
    Ok(if denied { Exit::Findings } else { Exit::Fine })
}

/// Findings in a form of `check`; a form that it does not have is text.
pub(super) fn written(format: Format, report: &findings::Report<'_>) -> String {
    match format {
        // a page is refused before
        Format::Full | Format::Html => findings::full(report.findings, report.sources),
        Format::Concise => findings::concise(report.findings, report.sources),
        Format::Json => format!("{:#}\n", findings::json(report.findings, report.sources, report.files.len())),
        Format::Jsonl => findings::jsonl(report.findings, report.sources),
        Format::Github => findings::github(report),
        Format::Gitlab => format!("{:#}\n", findings::gitlab(report)),
        Format::Sarif => format!("{:#}\n", findings::sarif(report, env!("CARGO_PKG_VERSION"))),
        Format::Junit => findings::junit(report),
        Format::Markdown => findings::markdown(report),
    }
}

/// Files have no colours.
pub(super) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// The texts that safe edits lead to, each with the one it replaces.
fn edited<'a>(wanted: &Wanted<'_>, project: &'a Loaded) -> Vec<(&'a FileId, &'a str, String)> {
    let mut edits: BTreeMap<&FileId, Vec<Edit>> = BTreeMap::new();
    for finding in project.findings.iter().filter(|finding| wanted.has(finding) && findings::is_fixable(finding)) {
        for edit in &finding.edits {
            edits.entry(&edit.place.file).or_default().push(edit.clone());
        }
    }
    let new = |(file, edits): (&'a FileId, Vec<Edit>)| {
        let text = project.sources.text(file)?;
        let new = document::apply(text, &edits);
        (new != text).then_some((file, text, new))
    };
    edits.into_iter().filter_map(new).collect()
}

fn show_edits(wanted: &Wanted<'_>, project: &Loaded, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let edited = edited(wanted, project);
    for (file, text, new) in &edited {
        session.out.write_all(diff::unified(file.as_str(), text, new).as_bytes())?;
    }
    Ok(if edited.is_empty() { Exit::Fine } else { Exit::Findings })
}

/// Writes one round of edits; whether there were any.
fn fix(wanted: &Wanted<'_>, project: &Loaded, root: &Path, session: &mut Session<'_>) -> Result<bool, CliError> {
    let edited = edited(wanted, project);
    for (file, _, new) in &edited {
        files::write(&root.join(file.as_str()), new)?;
        session.note(format!("fixed {file}"))?;
    }
    Ok(!edited.is_empty())
}
