//! Is the daemon alive, can it work, what has it counted; and a word for those who knock at the wrong door.
use super::{Api, Inside};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

/// One number of the daemon over its labels, in base units.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Figure {
    /// Without the prefix `dripline_`; counters end in `_total`.
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) kind: FigureKind,
    pub(crate) rows: Vec<(Vec<(&'static str, String)>, f64)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FigureKind {
    Counter,
    Gauge,
}

const ADDRESSES: &str = "\
dripline

  POST /hooks/<source>   webhooks of a source
  POST /v1/events        events, one CloudEvent a request
       /u/<token>        unsubscribe links
  GET  /c/<token>        counted links, led on to where they were sent to
  GET  /livez            the process runs
  GET  /readyz           work can be taken in
  GET  /metrics          numbers for Prometheus
";

pub(super) async fn nothing_here() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, ADDRESSES)
}

pub(super) async fn alive() -> &'static str {
    "alive\n"
}

pub(super) async fn ready(State(api): State<Api>) -> (StatusCode, String) {
    match api.0.door.ready() {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
    }
}

pub(super) async fn metrics(State(api): State<Api>) -> Response {
    let mut figures = api.0.door.figures();
    figures.extend(own(&api.0));
    let text = exposition(&figures);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn own(inside: &Inside) -> [Figure; 3] {
    let requests = inside.requests.lock().unwrap_or_else(PoisonError::into_inner);
    let request = |((source, result), count): (&(String, &'static str), &u64)| {
        (vec![("source", source.clone()), ("result", (*result).to_owned())], *count as f64)
    };
    let requests = Figure {
        name: "webhook_requests_total",
        help: "Requests to webhooks and the events API, by source and result.",
        kind: FigureKind::Counter,
        rows: requests.iter().map(request).collect(),
    };
    let by_result = |name, help, counts: &Mutex<BTreeMap<&'static str, u64>>| {
        let counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = counts.iter().map(|(result, count)| (vec![("result", (*result).to_owned())], *count as f64));
        Figure { name, help, kind: FigureKind::Counter, rows: rows.collect() }
    };
    let unsubscribes =
        by_result("unsubscribe_requests_total", "Requests to unsubscribe links, by result.", &inside.unsubscribes);
    let clicks = by_result("link_requests_total", "Requests to counted links, by result.", &inside.clicks);
    [requests, unsubscribes, clicks]
}

/// Text format of Prometheus, version 0.0.4.
pub(super) fn exposition(figures: &[Figure]) -> String {
    let mut out = String::new();
    for figure in figures {
        let kind = match figure.kind {
            FigureKind::Counter => "counter",
            FigureKind::Gauge => "gauge",
        };
        let name = figure.name;
        let _ = writeln!(out, "# HELP dripline_{name} {}\n# TYPE dripline_{name} {kind}", figure.help);
        for (labels, value) in &figure.rows {
            let labels: Vec<String> =
                labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(text))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(out, "dripline_{name}{labels} {value}");
        }
    }
    out
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
