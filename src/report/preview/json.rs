//! Previews for programs. One person alone is an object of their own; several stand in `timelines`.
use super::{Previewed, Previews, compare};
use crate::simulate::Timeline;
use serde_json::{Value, json};

pub(crate) fn json(previews: &Previews) -> Value {
    let full = previews.full;
    if let Some(against) = &previews.against {
        let pairs: Vec<Value> = previews.people.iter().map(|person| pair(person, full)).collect();
        return json!({ "format_version": 1, "against": against, "timelines": pairs });
    }
    match previews.people.as_slice() {
        [one] => timeline(&one.now, full),
        several => {
            let several: Vec<Value> = several.iter().map(|person| timeline(&person.now, full)).collect();
            json!({ "format_version": 1, "timelines": several })
        }
    }
}

fn pair(person: &Previewed, full: bool) -> Value {
    let rows = person.before.as_ref().map(|before| compare::rows(before, &person.now));
    json!({
        "before": person.before.as_ref().map(|before| timeline(before, full)),
        "after": timeline(&person.now, full),
        "lines": rows,
    })
}

/// The timeline, each entry with what stands behind it. The HTML of mails is long and comes with whole texts only.
fn timeline(of: &Timeline, full: bool) -> Value {
    let mut told = json!(of);
    let entries = told.get_mut("entries").and_then(Value::as_array_mut).into_iter().flatten();
    for (entry, detail) in entries.zip(&of.details) {
        let mut detail = json!(detail);
        if let (false, Some(message)) = (full, detail.get_mut("message").and_then(Value::as_object_mut)) {
            message.remove("html");
        }
        if let (Some(entry), Value::Object(detail)) = (entry.as_object_mut(), detail) {
            entry.extend(detail);
        }
    }
    told
}
