//! Webhooks and events: bytes in, one delivery to the runner, an answer once it is written.
//!
//! The answer says what became of the delivery in one word and, where somebody can do something about it, a hint.
use super::{Api, Served, body};
use crate::{
    engine::Done,
    id::SourceName,
    inbound::{self, Headers, MAX_BODY, Rejected},
    plan::SourceProvider,
    record::Delivery,
};
use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::time::Duration;

/// The runner commits within milliseconds; a sender is not kept longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
pub(super) struct Named {
    source: Option<String>,
}

/// One answer: status, the word for it, and what to do.
struct Answer {
    status: StatusCode,
    word: &'static str,
    hint: Option<String>,
}

pub(super) async fn hook(
    State(api): State<Api>,
    Path(source): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let served = api.served();
    let source = SourceName::from(source);
    if !served.plan.sources.contains_key(&source) {
        api.count_request("", "unknown_source");
        return Answer::rejected(&Rejected::UnknownSource).into_response();
    }
    take(&api, &served, &source, &headers, body).await
}

pub(super) async fn events(
    State(api): State<Api>,
    Query(named): Query<Named>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let served = api.served();
    match events_source(&served, named.source.as_deref()) {
        Ok(source) => take(&api, &served, &source, &headers, body).await,
        Err(hint) => {
            api.count_request("", "unknown_source");
            Answer::new(StatusCode::NOT_FOUND, "unknown_source").hint(hint).into_response()
        }
    }
}

/// The source that takes events: the one that is named, else the only one.
fn events_source(served: &Served, named: Option<&str>) -> Result<SourceName, &'static str> {
    let takes = |source: &&SourceName| served.plan.sources[*source].provider == SourceProvider::Events;
    let mut able = served.plan.sources.keys().filter(takes);
    match named {
        Some(name) => able.find(|source| source.as_str() == name).cloned().ok_or("no source of this name takes events"),
        None => match (able.next(), able.next()) {
            (Some(only), None) => Ok(only.clone()),
            (None, _) => Err("the project has no source with `provider: events`"),
            _ => Err("several sources take events: name one by ?source="),
        },
    }
}

async fn take(api: &Api, served: &Served, source: &SourceName, headers: &HeaderMap, body: Body) -> Response {
    let answer = match body::read(body, MAX_BODY).await {
        Ok(raw) => judge(api, served, source, headers, &raw).await,
        Err(body::Unread::TooLarge) => Answer::rejected(&Rejected::TooLarge),
        Err(body::Unread::TooSlow) => Answer::new(StatusCode::REQUEST_TIMEOUT, "too_slow"),
        Err(body::Unread::Broken) => Answer::new(StatusCode::BAD_REQUEST, "broken_off"),
    };
    api.count_request(source.as_str(), answer.word);
    tracing::debug!(source = source.as_str(), status = answer.status.as_u16(), result = answer.word, "webhook");
    answer.into_response()
}

async fn judge(api: &Api, served: &Served, source: &SourceName, headers: &HeaderMap, raw: &[u8]) -> Answer {
    let given = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
    let headers = Headers::new(given);
    let secrets = served.secrets.get(source).map_or(&[][..], Vec::as_slice);
    match inbound::receive(&served.plan, source, &headers, raw, secrets, api.now()) {
        Ok(delivery) => deliver(api, delivery).await,
        Err(rejected) => {
            let answer = Answer::rejected(&rejected);
            if let Rejected::CustomTemplate(kept) = rejected {
                let stored = deliver(api, *kept).await;
                if stored.status.is_server_error() {
                    return stored;
                }
            }
            answer
        }
    }
}

async fn deliver(api: &Api, delivery: Delivery) -> Answer {
    for remark in &delivery.remarks {
        tracing::info!(source = delivery.source.as_str(), remark, "a delivery was taken in with a remark");
    }
    let source = delivery.source.clone();
    match tokio::time::timeout(PATIENCE, api.0.door.deliver(delivery)).await {
        Ok(Ok(done)) => {
            if matches!(done, Done::Quarantined) {
                tracing::warn!(source = source.as_str(), "a delivery was kept and not understood: `status` counts it");
            }
            Answer::done(&done)
        }
        Ok(Err(busy)) => {
            tracing::error!(why = busy.0, "a delivery could not be written");
            Answer::busy()
        }
        Err(_) => Answer::busy(),
    }
}

impl Answer {
    fn new(status: StatusCode, word: &'static str) -> Self {
        Self { status, word, hint: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn done(done: &Done) -> Self {
        match done {
            Done::Accepted(_) | Done::Carried | Done::Erased(_) | Done::Ticked { .. } => {
                Self::new(StatusCode::OK, "accepted")
            }
            Done::Seen => Self::new(StatusCode::OK, "seen").hint("taken in before: nothing changed"),
            Done::Ignored => Self::new(StatusCode::OK, "ignored").hint("understood, and of no use here"),
            Done::Quarantined => Self::new(StatusCode::ACCEPTED, "quarantined")
                .hint("kept, but not understood or about nobody we know: somebody will have to look at it"),
        }
    }

    fn rejected(rejected: &Rejected) -> Self {
        let word = match rejected {
            Rejected::UnknownSource => "unknown_source",
            Rejected::Unauthorised => "unauthorised",
            Rejected::TooLarge => "too_large",
            Rejected::Malformed(_) => "malformed",
            Rejected::Invalid(_) => "invalid",
            Rejected::CustomTemplate(_) => "custom_template",
        };
        let status = StatusCode::from_u16(rejected.status()).unwrap_or(StatusCode::BAD_REQUEST);
        Self::new(status, word).hint(rejected.to_string())
    }

    fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy").hint("nothing was written: send it again")
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let body = match self.hint {
            Some(hint) => serde_json::json!({ "status": self.word, "hint": hint }),
            None => serde_json::json!({ "status": self.word }),
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("10"));
        }
        response
    }
}
