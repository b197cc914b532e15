//! `dripline schema`: the JSON schemas of the files, for editors and other tools.
use super::{CliError, Exit, Session, files};
use crate::{diag::nearest, document};
use std::path::PathBuf;

/// Write the JSON schemas of the files, or check that written ones are fresh
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline schema                     all of them into schemas/
  dripline schema sequence --out -    one of them to standard output
  dripline schema --draft 2020-12 --out newer
  dripline schema --check             exit code 1 when a written one is stale")]
pub(super) struct Args {
    /// Only this kind: project, sequence, trigger, segment, template or whatsapp
    kind: Option<String>,
    /// Which version of JSON Schema: 07 is what editors read
    #[arg(long, value_name = "VERSION", default_value = "07")]
    draft: Draft,
    /// Write nothing; say which schemas are missing or stale
    #[arg(long)]
    check: bool,
    /// Where they stand; `-` is standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Draft {
    #[value(name = "07", alias = "7", alias = "draft-07")]
    Seven,
    #[value(name = "2020-12")]
    Newest,
}

impl From<Draft> for document::Draft {
    fn from(draft: Draft) -> Self {
        match draft {
            Draft::Seven => Self::Seven,
            Draft::Newest => Self::Newest,
        }
    }
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let schemas = schemas(args.kind.as_deref(), args.draft)?;
    if args.out.as_deref().is_some_and(|out| out.as_os_str() == "-") {
        if args.check {
            return Err(CliError::usage("`--check` compares with files, and `--out -` names none"));
        }
        for (_, text) in schemas {
            session.out.write_all(text.as_bytes())?;
        }
        return Ok(Exit::Fine);
    }
    let folder = match &args.out {
        Some(out) => session.path(out),
        // Schemas are of use outside of a project, too.
        None => session.project_root().unwrap_or_else(|_| session.folder()).join("schemas"),
    };
    let mut stale = false;
    for (kind, text) in schemas {
        let path = folder.join(format!("{kind}.schema.json"));
        let known = files::read(&path)?;
        if known.as_deref() == Some(text.as_str()) {
            continue;
        }
        stale = true;
        if args.check {
            let state = if known.is_some() { "stale" } else { "missing" };
            writeln!(session.out, "{}: {state}", path.display())?;
        } else {
            files::write(&path, &text)?;
            session.note(format!("wrote {}", path.display()))?;
        }
    }
    if args.check && stale {
        session.note("`dripline schema` writes them")?;
        return Ok(Exit::Findings);
    }
    Ok(Exit::Fine)
}

/// Kind and text of each schema asked for.
fn schemas(kind: Option<&str>, draft: Draft) -> Result<Vec<(&'static str, String)>, CliError> {
    let asked: Vec<&'static str> =
        document::PUBLISHED.into_iter().filter(|published| kind.is_none_or(|kind| kind == *published)).collect();
    if let Some(kind) = kind.filter(|_| asked.is_empty()) {
        let near = nearest(kind, document::PUBLISHED).map(|near| format!("did you mean `{near}`? "));
        let help = format!("{}kinds with a schema: {}", near.unwrap_or_default(), document::PUBLISHED.join(", "));
        return Err(CliError::usage(format!("there is no schema `{kind}`")).help(help));
    }
    let text = |kind| document::schema(kind, draft.into()).map(|schema| (kind, format!("{schema:#}\n")));
    Ok(asked.into_iter().filter_map(text).collect())
}
