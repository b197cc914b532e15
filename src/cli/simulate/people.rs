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

fn beyond() -> CliError {
    CliError::usage(format!("--people is a whole number from 1 to {MOST}, or a file"))
}

pub(super) fn read(wanted: &Wanted<'_>, plan: &Plan, session: &Session<'_>) -> Result<Audience, CliError> {
    let mut audience = match wanted.people.parse::<usize>() {
        Ok(count) if (1..=MOST).contains(&count) => {
            let people = People::Invented(Invented { count, ..Invented::default() });
            Audience { people, does: Vec::new(), seed: None, told: Vec::new() }
        }
        Ok(_) => return Err(beyond()),
        // a number that is too large, or below zero, is no file
        Err(_) if wanted.people.parse::<f64>().is_ok() => return Err(beyond()),
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
    let faulty = |faults: Vec<RowFault>| of_faults(wanted.people, &ending, &faults);
    let rows = match ending.as_str() {
        "csv" => table(&text).map_err(faulty)?,
        "jsonl" | "ndjson" => {
            let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
            let lines = lines.filter(|(_, line)| !line.trim().is_empty());
            all(lines.map(|(at, line)| object(at + 1, line))).map_err(faulty)?
        }
        "json" => {
            match serde_json::from_str(&text).map_err(|error| broken("it is no JSON".to_owned()).because(error))? {
                Json::Array(items) => {
                    let row = |(at, item): (usize, Json)| cells(at + 1, item);
                    all(items.into_iter().enumerate().map(row)).map_err(faulty)?
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
fn unreadable(file: &str, word: &str, faults: &[RowFault]) -> CliError {
    let lines = faults.iter().take(TOLD).map(|fault| format!("\n  {word} {}: {}", fault.line, fault.why));
    let lines = lines.collect::<Vec<String>>().concat();
    let more = faults.len().saturating_sub(TOLD);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    CliError::usage(format!("{file} cannot be read:{lines}{more}"))
}

/// What is wrong with rows, and what they are.
fn of_faults(file: &str, ending: &str, faults: &[RowFault]) -> CliError {
    unreadable(file, if ending == "json" { "person" } else { "line" }, faults)
        .help("columns are fields of contacts, and `consent` or `consent.CHANNEL` for what they agreed to")
}

/// Every row, or every fault of theirs.
fn all(rows: impl Iterator<Item = Result<Row, RowFault>>) -> Result<Vec<Row>, Vec<RowFault>> {
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Ok(row) => read.push(row),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

fn table(text: &str) -> Result<Vec<Row>, Vec<RowFault>> {
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let first = |why: String| RowFault { line: 1, why };
    let header = reader.headers().map_err(|error| vec![first(error.to_string())])?;
    let header: Vec<String> = header.iter().map(str::to_owned).collect();
    let wrong = |(at, name): (usize, &String)| {
        if name.is_empty() {
            Some(first(format!("column {} has no name", at + 1)))
        } else if header[..at].contains(name) {
            Some(first(format!("the column \"{name}\" stands twice, the second time as column {}", at + 1)))
        } else {
            None
        }
    };
    let faults: Vec<RowFault> = header.iter().enumerate().filter_map(wrong).collect();
    // an empty file has one column without a name, and nobody
    if !faults.is_empty() && !text.trim().is_empty() {
        return Err(faults);
    }
    all(reader.records().map(|record| {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line) as usize;
            let why = match error.kind() {
                csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                    format!("it has {len} columns instead of {expected_len}")
                }
                _ => error.to_string(),
            };
            RowFault { line, why }
        })?;
        let line = record.position().map_or(0, |at| at.line() as usize);
        Ok(Row { line, cells: header.iter().cloned().zip(record.iter().map(Json::from)).collect() })
    }))
}

fn object(line: usize, text: &str) -> Result<Row, RowFault> {
    let item: Json =
        serde_json::from_str(text).map_err(|error| RowFault { line, why: format!("this is no JSON: {error}") })?;
    cells(line, item)
}

fn cells(line: usize, item: Json) -> Result<Row, RowFault> {
    match item {
        Json::Object(map) => Ok(Row { line, cells: map.into_iter().collect() }),
        other => Err(RowFault { line, why: format!("one JSON object with fields is expected, not {other}") }),
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
    let fault = |finding: crate::diag::Finding| {
        let before = text.get(..finding.primary.start).unwrap_or_default();
        RowFault { line: before.matches('\n').count() + 1, why: finding.message }
    };
    let faults: Vec<RowFault> =
        sink.into_findings().into_iter().filter(crate::diag::Finding::is_error).map(fault).collect();
    if !faults.is_empty() {
        return Err(unreadable(file, "line", &faults));
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
