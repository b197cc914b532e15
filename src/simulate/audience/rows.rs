//! People from rows of a file: each column a field of the contact, or what they agreed to. Every fault is told with its
//! line. Knows no format of files.
use super::people::{Known, consent, everything};
use crate::{
    calendar::Instant,
    expr::nearest,
    id::{ChannelName, ContactId, FieldName},
    plan::Plan,
    record::{CONTACT_FIELDS, ConsentEntry, ConsentState, Contact, Identity, IdentityKind, Purpose, Touch},
    simulate::example::{self, ExampleFault},
    value::{Type, Value},
};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

const DAY_MS: i64 = 24 * 3_600_000;
/// People of a file are known since then unless a column `created_at` says it.
const KNOWN_FOR_DAYS: i64 = 90;
const CONSENT: &str = "consent";

/// One row: where it stands, and its cells by column.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) line: usize,
    pub(crate) cells: Vec<(String, Json)>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RowFault {
    pub(crate) line: usize,
    pub(crate) why: String,
}

/// The people of the rows.
///
/// # Errors
/// Every row that cannot be understood, in their order.
pub(crate) fn known(plan: &Plan, rows: &[Row], start: Instant) -> Result<Vec<Known>, Vec<RowFault>> {
    let (mut people, mut faults) = (Vec::with_capacity(rows.len()), Vec::new());
    let mut taken: BTreeMap<Identity, usize> = BTreeMap::new();
    let mut unknown: BTreeSet<&str> = BTreeSet::new();
    for row in rows {
        match one(plan, row, start, &mut unknown) {
            Ok(known) => {
                for identity in &known.identities {
                    if let Some(line) = taken.insert(identity.clone(), row.line) {
                        let kind = identity.kind.name();
                        faults.push(RowFault { line: row.line, why: format!("the {kind} is that of line {line}") });
                    }
                }
                people.push(known);
            }
            Err(why) => faults.extend(why.into_iter().map(|why| RowFault { line: row.line, why })),
        }
    }
    if faults.is_empty() { Ok(people) } else { Err(faults) }
}

fn one<'r>(plan: &Plan, row: &'r Row, start: Instant, unknown: &mut BTreeSet<&'r str>) -> Result<Known, Vec<String>> {
    let before = start.plus_ms(-KNOWN_FOR_DAYS * DAY_MS);
    let mut contact = Contact::new(ContactId(0), before);
    let (mut identities, mut consents, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    let mut says_consent = false;
    for (column, cell) in &row.cells {
        if column == CONSENT || column.starts_with("consent.") {
            says_consent = true;
            match agreed(plan, column, cell, before) {
                Ok(entries) => consents.extend(entries),
                Err(why) => faults.push(why),
            }
            continue;
        }
        if is_empty(cell) {
            continue;
        }
        if let Some(kind) =
            IdentityKind::parse(column).filter(|kind| !matches!(kind, IdentityKind::Phone | IdentityKind::Email))
        {
            identities.push(Identity::new(kind, plain(cell)));
            continue;
        }
        match field(plan, column, cell) {
            Ok(value) => faults.extend(put(&mut contact, &mut identities, column, value)),
            // a column that nobody knows is one mistake, not one a row
            Err(ExampleFault::Field { .. }) if of(plan, column).is_none() => {
                if unknown.insert(column) {
                    faults.push(no_field(plan, column));
                }
            }
            Err(fault) => faults.push(fault.to_string()),
        }
    }
    for identity in identities.iter_mut().filter(|_| plan.per_clinic) {
        identity.clinic.clone_from(&contact.clinic);
    }
    if !says_consent {
        consents = everything(before);
    }
    if faults.is_empty() { Ok(Known { contact, identities, consents, touch: Touch::default() }) } else { Err(faults) }
}

fn put(contact: &mut Contact, identities: &mut Vec<Identity>, column: &str, value: Value) -> Option<String> {
    let text = value.as_text().unwrap_or_default().to_owned();
    match column {
        "email" => match Identity::email(&text) {
            Some(identity) => identities.push(identity),
            None => return Some(format!("email: \"{text}\" is no e-mail address")),
        },
        "phone" => match Identity::phone(&text) {
            Some(identity) => identities.push(identity),
            None => return Some(format!("phone: \"{text}\" is no phone number such as +4915550000001")),
        },
        "created_at" => {
            contact.created_at = value.as_time().unwrap_or(contact.created_at);
            return None;
        }
        _ => {}
    }
    contact.set(&FieldName::new(column), value);
    None
}

fn of(plan: &Plan, column: &str) -> Option<Type> {
    example::type_of(plan, column)
}

fn no_field(plan: &Plan, column: &str) -> String {
    let own = plan.fields.keys().map(|name| name.as_str().to_owned());
    let names: Vec<String> = CONTACT_FIELDS.iter().map(|(name, ..)| (*name).to_owned()).chain(own).collect();
    match nearest(column, &names) {
        Some(near) => format!("contacts have no field \"{column}\", did you mean \"{near}\"?"),
        None => format!("contacts have no field \"{column}\""),
    }
}

/// Cells of tables are texts: they become what the field holds.
fn field(plan: &Plan, column: &str, cell: &Json) -> Result<Value, ExampleFault> {
    let Json::String(text) = cell else { return example::field(plan, column, cell) };
    let text = text.trim();
    let typed = match of(plan, column) {
        Some(Type::Bool) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(Json::Bool(true)),
            "false" | "no" | "0" => Some(Json::Bool(false)),
            _ => None,
        },
        Some(Type::Integer) => text.parse::<i64>().ok().map(Json::from),
        Some(Type::Number) => text.parse::<f64>().ok().map(Json::from),
        Some(Type::List(_)) => {
            let items = text.split([',', ';', '|']).map(str::trim).filter(|item| !item.is_empty());
            Some(Json::Array(items.map(Json::from).collect()))
        }
        Some(Type::Time) if crate::calendar::CivilDate::parse(text).is_some() => {
            Some(Json::String(format!("{text}T00:00:00Z")))
        }
        _ => None,
    };
    example::field(plan, column, &typed.unwrap_or_else(|| Json::from(text)))
}

fn is_empty(cell: &Json) -> bool {
    match cell {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

fn plain(cell: &Json) -> String {
    match cell {
        Json::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

/// `consent` for every channel, or `consent.CHANNEL`: what they agreed to, or `no`.
fn agreed(plan: &Plan, column: &str, cell: &Json, at: Instant) -> Result<Vec<ConsentEntry>, String> {
    let channel = column.strip_prefix("consent.").map(ChannelName::new);
    if let Some(name) = channel.as_ref().filter(|name| !plan.channels.contains_key(*name)) {
        let known: Vec<&str> = plan.channels.keys().map(ChannelName::as_str).collect();
        return Err(format!("{column}: there is no channel \"{name}\"; the project has {}", known.join(", ")));
    }
    let text = plain(cell).to_ascii_lowercase();
    let mut entries = Vec::new();
    let mut add = |purposes: &[Purpose], state: ConsentState| {
        entries.extend(purposes.iter().map(|purpose| consent(channel.clone(), Some(*purpose), state, at)));
    };
    let both = [Purpose::Marketing, Purpose::Service];
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|')).filter(|word| !word.is_empty())
    {
        match word {
            "yes" | "true" | "all" | "both" | "1" => add(&both, ConsentState::Confirmed),
            "marketing" => add(&[Purpose::Marketing], ConsentState::Confirmed),
            "service" => add(&[Purpose::Service], ConsentState::Confirmed),
            "no" | "false" | "opted_out" | "0" => add(&both, ConsentState::OptedOut),
            "null" | "unknown" => {}
            _ => return Err(format!("{column}: \"{word}\" is none of yes, marketing, service, no")),
        }
    }
    Ok(entries)
}
