//! Whom a simulation is about, as the command line names them: a number, a file, a database.
use crate::{
    calendar::Instant,
    cli::{CliError, Session, daemon, desk::broken, files},
    diag::{FileId, Sink},
    document::tree::{Node, Value as Tree},
    plan::Plan,
    simulate::audience::{Does, Invented, Known, People, Population, Row, RowFault, known, zones},
};
use serde_json::{Map, Value as Json};
use std::path::Path;

/// What flags say.
pub(super) struct Wanted<'a> {
    pub(super) people: &'a str,
    pub(super) zones: Option<&'a str>,
    pub(super) start: Instant,
}

pub(super) struct Audience {
    pub(super) people: People,
    pub(super) does: Vec<Does>,
    pub(super) seed: Option<u64>,
    /// What somebody should know about them.
    pub(super) told: Vec<String>,
}

/// Faults of a file that are told; the others are counted.
const TOLD: usize = 20;
/// People are invented up to so many.
const MOST: usize = 10_000_000;

pub(super) fn read(wanted: &Wanted<'_>, plan: &Plan, session: &Session<'_>) -> Result<Audience, CliError> {
    let mut audience = match wanted.people.parse::<usize>() {
        Ok(count) if (1..=MOST).contains(&count) => {
            let people = People::Invented(Invented { count, ..Invented::default() });
            Audience { people, does: Vec::new(), seed: None, told: Vec::new() }
        }
        Ok(_) => return Err(CliError::usage(format!("--people is a number from 1 to {MOST}, or a file"))),
        Err(_) => of_file(wanted, plan, session)?,
    };
    if let Some(written) = wanted.zones {
        let zones = zones(written).map_err(|why| {
            CliError::usage(format!("--zones: {why}"))
                .help("for example: --zones \"America/Jamaica=0.7,Europe/Berlin=0.3\"")
        })?;
        match &mut audience.people {
            People::Invented(invented) => invented.zones = zones,
            People::Known(_) => {
                return Err(CliError::usage("--zones goes with invented people; a file has a column `zone`"));
            }
        }
    }
    if audience.people.len() == 0 {
        return Err(CliError::usage(format!("there is nobody in {}", wanted.people)));
    }
    Ok(audience)
}

fn ending(path: &Path) -> String {
    path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
}

pub(in crate::cli) fn is_database(path: &Path) -> bool {
    matches!(ending(path).as_str(), "db" | "sqlite" | "sqlite3")
}

fn of_file(wanted: &Wanted<'_>, plan: &Plan, session: &Session<'_>) -> Result<Audience, CliError> {
    let path = session.path(Path::new(wanted.people));
    let ending = ending(&path);
    if is_database(&path) {
        return of_database(&path);
    }
    let missing = || {
        CliError::usage(format!("there is no file {}", path.display()))
            .help("--people takes a number, or a file: .csv, .json, .jsonl, .yaml, .db")
    };
    let text = files::read(&path)?.ok_or_else(missing)?;
    let broken = |why: String| CliError::usage(format!("{}: {why}", wanted.people));
    let rows = match ending.as_str() {
        "csv" => table(&text).map_err(broken)?,
        "jsonl" | "ndjson" => {
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            lines.map(|(at, line)| object(at + 1, line)).collect::<Result<_, _>>().map_err(broken)?
        }
        "json" => {
            match serde_json::from_str(&text).map_err(|error| broken("it is no JSON".to_owned()).because(error))? {
                Json::Array(items) => {
                    let row = |(at, item): (usize, Json)| cells(at + 1, item);
                    items.into_iter().enumerate().map(row).collect::<Result<_, _>>().map_err(broken)?
                }
                other => return population(wanted.people, plan, &other),
            }
        }
        "yaml" | "yml" => return population(wanted.people, plan, &yaml(wanted.people, &text)?),
        _ => {
            return Err(broken("this is no kind of file that people come in".to_owned())
                .help(".csv, .json, .jsonl, .yaml, .db"));
        }
    };
    let says = |row: &Row| row.cells.iter().any(|(column, _)| column == "consent" || column.starts_with("consent."));
    let mut told = Vec::new();
    if !rows.iter().any(says) {
        told.push(format!(
            "{} says nothing of consent: everybody is taken to have agreed to everything",
            wanted.people
        ));
    }
    let people = known(plan, &rows, wanted.start).map_err(|faults| of_faults(wanted.people, &ending, &faults))?;
    Ok(Audience { people: People::Known(people), does: Vec::new(), seed: None, told })
}

/// Every fault with its line.
fn of_faults(file: &str, ending: &str, faults: &[RowFault]) -> CliError {
    let word = if ending == "json" { "item" } else { "line" };
    let lines = faults.iter().take(TOLD).map(|fault| format!("\n  {word} {}: {}", fault.line, fault.why));
    let lines = lines.collect::<Vec<String>>().concat();
    let more = faults.len().saturating_sub(TOLD);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    CliError::usage(format!("{file} cannot be read:{lines}{more}"))
        .help("columns are fields of contacts, and `consent` or `consent.CHANNEL` for what they agreed to")
}

fn table(text: &str) -> Result<Vec<Row>, String> {
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header: Vec<String> = reader.headers().map_err(|error| error.to_string())?.iter().map(str::to_owned).collect();
    if let Some(empty) = header.iter().position(String::is_empty) {
        return Err(format!("column {} has no name in line 1", empty + 1));
    }
    if let Some((at, name)) = header.iter().enumerate().find(|(at, name)| header[..*at].contains(name)) {
        return Err(format!("the column \"{name}\" stands twice in line 1, the second time as column {}", at + 1));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| match (error.position(), error.kind()) {
            (Some(at), csv::ErrorKind::UnequalLengths { expected_len, len, .. }) => {
                format!("line {} has {len} columns instead of {expected_len}", at.line())
            }
            (Some(at), _) => format!("line {} cannot be read: {error}", at.line()),
            (None, _) => error.to_string(),
        })?;
        let line = record.position().map_or(0, |at| at.line() as usize);
        let cells = header.iter().cloned().zip(record.iter().map(Json::from)).collect();
        rows.push(Row { line, cells });
    }
    Ok(rows)
}

fn object(line: usize, text: &str) -> Result<Row, String> {
    let item: Json = serde_json::from_str(text).map_err(|error| format!("line {line} is no JSON: {error}"))?;
    cells(line, item)
}

fn cells(line: usize, item: Json) -> Result<Row, String> {
    match item {
        Json::Object(map) => Ok(Row { line, cells: map.into_iter().collect() }),
        other => Err(format!("person {line} is no object with fields: {other}")),
    }
}

fn population(file: &str, plan: &Plan, json: &Json) -> Result<Audience, CliError> {
    let read = Population::read(plan, json).map_err(|faults| {
        CliError::usage(format!("{file} describes no population:\n  {}", faults.join("\n  ")))
            .help("`dripline simulate --help` shows one")
    })?;
    Ok(Audience { people: People::Invented(read.people), does: read.does, seed: read.seed, told: Vec::new() })
}

/// YAML as plain data: numbers, yes and no where they stand without quotes.
fn yaml(file: &str, text: &str) -> Result<Json, CliError> {
    let mut sink = Sink::new();
    let tree = crate::document::parse(&FileId::new(file), text, &mut sink);
    if let Some(finding) = sink.into_findings().into_iter().find(crate::diag::Finding::is_error) {
        let before = text.get(..finding.primary.start).unwrap_or_default();
        let line = before.lines().count().max(1);
        return Err(CliError::usage(format!("{file}: line {line}: {}", finding.message)));
    }
    Ok(tree.root.as_ref().map_or(Json::Null, data))
}

fn data(node: &Node) -> Json {
    match &node.value {
        Tree::Scalar(scalar) if scalar.null => Json::Null,
        Tree::Scalar(scalar) if scalar.plain => match serde_json::from_str::<Json>(&scalar.text) {
            Ok(json @ (Json::Number(_) | Json::Bool(_))) => json,
            _ => Json::from(&*scalar.text),
        },
        Tree::Scalar(scalar) => Json::from(&*scalar.text),
        Tree::List(items) => Json::Array(items.iter().map(data).collect()),
        Tree::Map(map) => {
            let entry = |entry: &crate::document::tree::Entry| (entry.key.to_string(), data(&entry.value));
            Json::Object(map.entries.iter().map(entry).collect::<Map<String, Json>>())
        }
        Tree::Broken => Json::Null,
    }
}

fn of_database(path: &Path) -> Result<Audience, CliError> {
    let mut reader = daemon::read(path)?;
    let people = reader.everybody().map_err(broken)?;
    let people = people.into_iter().map(|(contact, identities, touch)| Known::stored(contact, identities, touch));
    let told = vec!["people of the database begin outside of every sequence, and without their bookings".to_owned()];
    Ok(Audience { people: People::Known(people.collect()), does: Vec::new(), seed: None, told })
}
