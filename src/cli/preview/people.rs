//! The people that `--contact` names: files with one, a list of them, or a map of them by their names.
use crate::{
    cli::{CliError, Session, files},
    diag::nearest,
    plan::Plan,
    simulate::Example,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Where people of tests lie in a project.
const FIXTURES: &str = "tests/fixtures";

/// Everybody who was asked for; the invented person where nobody was.
pub(super) fn all(session: &Session<'_>, asked: &[String], plan: &Plan) -> Result<Vec<Example>, CliError> {
    if asked.is_empty() {
        return Ok(vec![Example::default()]);
    }
    let mut people = Vec::new();
    for name in asked {
        let (path, text) = found(session, name)?;
        let read: Value = serde_json::from_str(&text)
            .map_err(|error| CliError::usage(format!("{} is no JSON", path.display())).because(error))?;
        people.extend(of_file(&path, read)?);
    }
    people.iter().try_for_each(|person| fields_known(person, plan))?;
    Ok(people)
}

/// A file, else one of the project's fixtures.
fn found(session: &Session<'_>, name: &str) -> Result<(PathBuf, String), CliError> {
    let path = PathBuf::from(name);
    if let Some(text) = files::read_file(&session.path(&path))? {
        return Ok((path, text));
    }
    let is_name = path.components().count() == 1 && path.extension().is_none();
    let folder = session.project_root()?.join(FIXTURES);
    let own = folder.join(format!("{name}.json"));
    if let Some(text) = if is_name { files::read(&own)? } else { None } {
        return Ok((own, text));
    }
    let missing = CliError::usage(format!("there is no file {name}"));
    let known = if is_name { files::stems(&folder, "json") } else { Vec::new() };
    Err(match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => missing.help(format!("did you mean \"{near}\"?")),
        None if is_name => missing.help(format!("a name stands for a file {FIXTURES}/NAME.json of the project")),
        None => missing,
    })
}

fn of_file(path: &Path, read: Value) -> Result<Vec<Example>, CliError> {
    let wrong = |what: &str| {
        CliError::usage(format!("{} {what}", path.display()))
            .help("for example: { \"first_name\": \"Ana\", \"phone\": \"+18765550147\" }")
    };
    let no_object = "is no JSON object with fields of a contact, no list and no map of such";
    let person = |label: Option<&str>, read: Value| match read {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> = fields.into_iter().collect();
            let own = fields.get("first_name").and_then(Value::as_str);
            let label = label.or(own).unwrap_or("the contact of the file").to_owned();
            Ok(Example { label, fields })
        }
        _ => Err(wrong(no_object)),
    };
    let people: Result<Vec<Example>, CliError> = match read {
        Value::Array(list) => list.into_iter().map(|read| person(None, read)).collect(),
        // fields of a contact hold no objects, so a map of objects is one of people
        Value::Object(map) if !map.is_empty() && map.values().all(Value::is_object) => {
            map.into_iter().map(|(name, read)| person(Some(&name), read)).collect()
        }
        other => person(None, other).map(|one| vec![one]),
    };
    people.and_then(|people| if people.is_empty() { Err(wrong("holds nobody")) } else { Ok(people) })
}

/// The first field that contacts do not have.
fn fields_known(person: &Example, plan: &Plan) -> Result<(), CliError> {
    let own = plan.fields.keys().map(crate::id::FieldName::as_str);
    let known: Vec<&str> = crate::record::CONTACT_FIELDS.iter().map(|(name, ..)| *name).chain(own).collect();
    let Some(odd) = person.fields.keys().find(|field| !known.contains(&field.as_str())) else { return Ok(()) };
    let told = CliError::usage(format!("contact field \"{odd}\": contacts have no such field"));
    Err(match nearest(odd, known.iter().copied()) {
        Some(near) => told.help(format!("did you mean \"{near}\"?")),
        None => told.help(format!(
            "fields of the project's own stand under `fields:` in dripline.yaml; there are: {}",
            known.join(", ")
        )),
    })
}
