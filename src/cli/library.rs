//! `dripline library`: the ready sequences that come with the program.
use super::{CliError, Exit, Format, Session, scaffold};
use crate::{
    diag::{FileId, nearest},
    document,
};
use serde_json::{Value, json};

/// List the ready sequences, or show one
///
/// `dripline new sequence ID --from LIBRARY_ID` copies one into the project.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline library
  dripline library no_show_recovery           every file of it
  dripline new sequence won_back --from no_show_recovery")]
pub(super) struct Args {
    /// Show the files of this one
    #[arg(value_name = "LIBRARY_ID")]
    id: Option<String>,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(&[Format::Full, Format::Json])?;
    let Some(id) = &args.id else { return list(format, session) };
    let files = scaffold::entry(id).ok_or_else(|| unknown(id))?;
    if format == Format::Json {
        let files: Vec<Value> = files.iter().map(|(path, text)| json!({ "path": path, "text": text })).collect();
        writeln!(session.out, "{:#}", json!({ "format_version": 1, "id": id, "files": files }))?;
        return Ok(Exit::Fine);
    }
    for (at, (path, text)) in files.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        writeln!(session.out, "{gap}# {path}\n{}", text.trim_end())?;
    }
    Ok(Exit::Fine)
}

/// What is said of an entry in the file that carries its id.
struct About {
    id: &'static str,
    kind: &'static str,
    title: String,
    description: String,
}

fn about(id: &'static str) -> Option<About> {
    let files = scaffold::entry(id)?;
    let outlines = files.iter().filter_map(|(path, text)| document::outline(&FileId::from(path.as_str()), text));
    let own = outlines.into_iter().find(|outline| outline.id == id && outline.description.is_some())?;
    Some(About {
        id,
        kind: own.kind.word(),
        title: own.title.unwrap_or_default(),
        description: own.description.unwrap_or_default(),
    })
}

fn list(format: Format, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let entries: Vec<About> = scaffold::library().into_iter().filter_map(about).collect();
    if format == Format::Json {
        let entry = |about: &About| json!({ "id": about.id, "kind": about.kind, "title": about.title, "description": about.description });
        let entries: Vec<Value> = entries.iter().map(entry).collect();
        writeln!(session.out, "{:#}", json!({ "format_version": 1, "library": entries }))?;
        return Ok(Exit::Fine);
    }
    let wide = entries.iter().map(|about| about.id.len()).max().unwrap_or_default();
    for about in entries {
        writeln!(session.out, "{:<wide$}  {:<8}  {}", about.id, about.kind, about.description)?;
    }
    session.note("`dripline library ID` shows one, `dripline new KIND ID --from LIBRARY_ID` copies it")?;
    Ok(Exit::Fine)
}

pub(super) fn unknown(id: &str) -> CliError {
    let ids = scaffold::library();
    let near = nearest(id, ids.iter().copied()).map(|near| format!("did you mean `{near}`? "));
    let help = format!("{}there are: {}", near.unwrap_or_default(), ids.join(", "));
    CliError::usage(format!("the library has no `{id}`")).help(help)
}
