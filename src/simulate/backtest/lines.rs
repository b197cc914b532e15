//! Recorded events in a text: one JSON object a line. A CloudEvent as the events API takes it, with its `time`; or a request
//! of a provider as it came, with `received_at`, `source` and `body`. Reads no file and asks no version of a project.
use super::{Past, Recorded};
use crate::{
    calendar::Instant,
    id::{ContactId, SourceName},
};
use serde_json::{Map, Value as Json};
use std::{ops::Range, sync::Arc};

/// People whom one request can tell of, before numbers of the next one begin.
const SEATS: i64 = 16;

/// A line of which nothing can be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LineFault {
    /// Bytes of the text.
    pub(crate) place: Range<usize>,
    pub(crate) why: String,
}

/// What a text holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    /// By time; what has the same time as it stands.
    pub(crate) recorded: Vec<Recorded>,
    pub(crate) faults: Vec<LineFault>,
    /// Bytes of each line, from the first.
    pub(crate) places: Vec<Range<usize>>,
}

pub(crate) fn read(text: &str) -> Lines {
    let mut lines = Lines::default();
    let mut from = 0;
    for raw in text.split_inclusive('\n') {
        let bare = raw.trim_end_matches(['\n', '\r']);
        let place = from..from + bare.len();
        from += raw.len();
        lines.places.push(place.clone());
        let bare = bare.trim_start_matches('\u{feff}').trim();
        if bare.is_empty() {
            continue;
        }
        match line(bare) {
            Ok((at, what)) => {
                let line = Some(lines.places.len());
                lines.recorded.push(Recorded { at, line, seat: ContactId(1), what });
            }
            Err(why) => lines.faults.push(LineFault { place, why }),
        }
    }
    lines.recorded.sort_by_key(|recorded| recorded.at);
    for (place, recorded) in lines.recorded.iter_mut().enumerate() {
        recorded.seat = ContactId(1 + place as i64 * SEATS);
    }
    lines
}

fn line(text: &str) -> Result<(Instant, Past), String> {
    let json: Json = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => "this is no JSON: it ends too early".to_owned(),
        _ => format!("this is no JSON, from column {} on", error.column()),
    })?;
    let Json::Object(event) = json else { return Err("one JSON object a line is expected".to_owned()) };
    if event.contains_key("body") && !event.contains_key("specversion") {
        return request(&event);
    }
    let at = moment(&event, "time")?;
    Ok((at, Past::Request { source: None, body: Arc::from(text.as_bytes()) }))
}

fn request(of: &Map<String, Json>) -> Result<(Instant, Past), String> {
    let at = moment(of, "received_at")?;
    let source = of.get("source").and_then(Json::as_str).map(str::trim).filter(|name| !name.is_empty());
    let source = source.ok_or("source: the name of the source that the body came to is expected")?;
    let body = match of.get("body") {
        Some(Json::String(text)) => text.clone(),
        Some(json @ Json::Object(_)) => json.to_string(),
        _ => return Err("body: an object is expected, or the text as it came".to_owned()),
    };
    Ok((at, Past::Request { source: Some(SourceName::new(source)), body: Arc::from(body.into_bytes()) }))
}

fn moment(of: &Map<String, Json>, name: &str) -> Result<Instant, String> {
    let Some(written) = of.get(name) else {
        return Err(format!("{name} is missing: when it happened has to be known"));
    };
    written
        .as_str()
        .and_then(Instant::parse_rfc3339)
        .ok_or_else(|| format!("{name}: RFC 3339 with an offset is expected, like 2027-03-26T18:30:00+01:00"))
}
