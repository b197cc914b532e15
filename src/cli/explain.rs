//! `dripline explain`: the reference, offline. Its contents come from the tables that the program itself works by.
mod json;
mod text;

use super::{CliError, Exit, Format, Session};
use crate::{
    diag::{Row, catalogue, nearest},
    document::{self, KeyReference},
    expr::{FUNCTIONS, Signature},
    record::{self, BuiltIn, EVENTS},
};

/// Explain a code, key, function or event
///
/// Without an argument it lists what can be asked for.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline explain DL107              a finding, with a wrong and a right example
  dripline explain reentry            a key, wherever it may stand
  dripline explain suite              the keys of a kind of file
  dripline explain has_booking        a function
  dripline explain booking.no_show    an event and its data
  dripline explain events             all events; also: codes, functions, keys
  dripline explain guarantee          what is promised about sending
  dripline explain events --format json")]
pub(super) struct Args {
    /// A code or name of a finding, a key, a function, an event, or: codes, events, functions, keys, guarantee
    word: Option<String>,
}

/// One thing that can be explained.
enum Topic {
    Finding(&'static Row),
    Function(&'static Signature),
    Event(&'static BuiltIn),
    Key(Vec<KeyReference>),
    /// What may stand in a kind of file.
    Kind(&'static str, Vec<KeyReference>),
    Guarantee,
    List(List),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Codes,
    Events,
    Functions,
    Keys,
    /// What can be asked for.
    Topics,
}

const LISTS: [(&str, List); 4] =
    [("codes", List::Codes), ("events", List::Events), ("functions", List::Functions), ("keys", List::Keys)];

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(&[Format::Full, Format::Json])?;
    let topics = match &args.word {
        Some(word) => topics(word.trim()),
        None => vec![Topic::List(List::Topics)],
    };
    if topics.is_empty() {
        return Err(unknown(args.word.as_deref().unwrap_or_default()));
    }
    let text = match format {
        Format::Json => format!("{:#}\n", json::of(&topics)),
        _ => topics.iter().map(text::of).collect::<Vec<_>>().join("\n"),
    };
    session.out.write_all(text.as_bytes())?;
    Ok(Exit::Fine)
}

/// Everything of that name: a key and a function may share one.
fn topics(word: &str) -> Vec<Topic> {
    let mut found = Vec::new();
    let bare = word.trim_end_matches("()").trim_end_matches(':');
    found.extend(LISTS.iter().filter(|(name, _)| *name == word).map(|(_, list)| Topic::List(*list)));
    if word == "guarantee" {
        found.push(Topic::Guarantee);
    }
    found.extend(catalogue::find(word).map(Topic::Finding));
    found.extend(FUNCTIONS.iter().filter(|row| row.name == bare).map(Topic::Function));
    found.extend(record::built_in(word).map(Topic::Event));
    let keys = document::reference(bare);
    // the first key of a file is called like its kind, and who asks for it means the file
    let kind = keys.iter().map(|key| key.of).find(|of| of.split_once(' ').is_some_and(|(_, kind)| kind == bare));
    if !keys.is_empty() {
        found.push(Topic::Key(keys));
    }
    if let Some(kind) = kind {
        let keys = document::keys().into_iter().flat_map(document::reference);
        found.push(Topic::Kind(kind, keys.filter(|key| key.of == kind && key.key != bare).collect()));
    }
    found
}

fn unknown(word: &str) -> CliError {
    let rows = catalogue::all();
    let codes = rows.iter().flat_map(|row| [row.code, row.name]);
    let functions = FUNCTIONS.iter().map(|row| row.name);
    let events = EVENTS.iter().map(|event| event.name);
    let keys = document::keys();
    let lists = LISTS.iter().map(|(name, _)| *name).chain(["guarantee"]);
    let near = nearest(word, lists.chain(codes).chain(functions).chain(events).chain(keys.iter().copied()));
    let help = near.map_or_else(
        || "`dripline explain` lists what can be asked for".to_owned(),
        |near| format!("did you mean `{near}`? `dripline explain` lists what can be asked for"),
    );
    CliError::usage(format!("there is nothing called `{word}`")).help(help)
}
