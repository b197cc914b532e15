//! Counted links: whoever opens one is led on to the address that was sent, and the first opening is an event.
//!
//! The address comes from what was sent, never from the request, so nobody can make this a way to somewhere else. What is
//! asked for without a person, as far as it says so (HEAD, loading ahead), is led on and not counted. Scanners of mail
//! providers that open links like a browser cannot be told apart: they count, once for each link, and therefore an opened
//! link never changes what somebody agreed to.
use super::{Api, Opened};
use crate::{
    id::{DedupeKey, EventKind, SequenceName, SourceName},
    record::{Delivery, News, Parsed, Who},
    value::Value,
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{collections::BTreeMap, fmt::Write, sync::Arc, time::Duration};

/// No source of a project has such a name.
const SOURCE: &str = "@links";
/// A person waits for their page: it comes, counted or not.
const PATIENCE: Duration = Duration::from_secs(3);

const GONE: &str = "\
This link does not work. It may be incomplete: open it again from the message.

Dieser Link funktioniert nicht. Vielleicht ist er unvollständig: Öffnen Sie ihn noch einmal aus der Nachricht.
";
const BUSY: &str = "Please try again in a moment.\n\nBitte gleich noch einmal versuchen.\n";

/// How programs say that they load a page before anybody asked for it.
const AHEAD: [(&str, &[&str]); 4] = [
    ("sec-purpose", &["prefetch", "prerender"]),
    ("purpose", &["prefetch", "preview"]),
    ("x-purpose", &["prefetch", "preview"]),
    ("x-moz", &["prefetch"]),
];

pub(super) async fn follow(State(api): State<Api>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let opened = match open(&api, &token).await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    if is_ahead(&headers) {
        api.count_click("ahead");
    } else {
        count(&api, &opened).await;
    }
    lead(&opened)
}

pub(super) async fn look(State(api): State<Api>, Path(token): Path<String>) -> Response {
    match open(&api, &token).await {
        Ok(opened) => {
            api.count_click("ahead");
            lead(&opened)
        }
        Err(answer) => answer,
    }
}

async fn open(api: &Api, token: &str) -> Result<Opened, Response> {
    match api.0.door.open_click(token).await {
        Ok(Some(opened)) => Ok(opened),
        Ok(None) => {
            api.count_click("unknown_link");
            Err((StatusCode::NOT_FOUND, GONE).into_response())
        }
        Err(busy) => {
            tracing::error!(why = busy.0, "a counted link was not read");
            Err((StatusCode::SERVICE_UNAVAILABLE, BUSY).into_response())
        }
    }
}

pub(super) fn is_ahead(headers: &HeaderMap) -> bool {
    AHEAD.iter().any(|(name, words)| {
        let said = headers.get_all(*name).iter().filter_map(|value| value.to_str().ok());
        said.map(str::to_ascii_lowercase).any(|said| words.iter().any(|word| said.contains(word)))
    })
}

/// What cannot be written down is no reason to keep the person waiting.
async fn count(api: &Api, opened: &Opened) {
    let told = match tokio::time::timeout(PATIENCE, api.0.door.deliver(delivery(api, opened))).await {
        Ok(Ok(crate::engine::Done::Seen)) => "again",
        Ok(Ok(_)) => "counted",
        Ok(Err(busy)) => {
            tracing::error!(why = busy.0, "an opened link could not be written down");
            "lost"
        }
        Err(_) => "late",
    };
    api.count_click(told);
}

fn delivery(api: &Api, opened: &Opened) -> Delivery {
    let now = api.now();
    let text = |name: &str, value: Option<&str>| Some((Arc::from(name), Value::text(value?)));
    let data = [
        text("channel", Some(opened.channel.as_ref().map_or("", |channel| channel.as_str()))),
        text("link", Some(&opened.url)),
        text("sequence", opened.sequence.as_ref().map(SequenceName::as_str)),
        text("step", Some(opened.step.as_str())),
    ];
    let news = News {
        kind: EventKind::new("message.clicked"),
        at: now,
        who: Some(Who { known: Some(opened.contact), ..Who::default() }),
        booking: None,
        data: data.into_iter().flatten().collect(),
        contact: BTreeMap::new(),
    };
    Delivery {
        source: SourceName::new(SOURCE),
        dedupe: DedupeKey::new(&opened.name),
        received_at: now,
        // whose browser it was is nobody's business
        raw: Arc::from(&b""[..]),
        parsed: Parsed::News(vec![news]),
        remarks: Vec::new(),
    }
}

fn lead(opened: &Opened) -> Response {
    let Ok(to) = HeaderValue::from_str(&in_ascii(&opened.url)) else {
        return (StatusCode::NOT_FOUND, GONE).into_response();
    };
    let headers = [
        (header::LOCATION, to),
        (header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    (StatusCode::FOUND, headers).into_response()
}

/// Other letters as a browser writes them.
pub(super) fn in_ascii(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            // writing into a text cannot fail
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
