//! HTTP: webhooks, events, unsubscribe links, counted links, health. Reads bytes, asks the runner, answers after the commit.
//!
//! Nothing here decides anything about a person, and nothing is believed that a proxy or a client says of itself: the
//! public address is a setting, never a header. Must not know SQL, YAML or a provider's payload.
mod body;
mod clicks;
mod daemon;
mod door;
mod health;
mod hooks;
mod serve;
#[cfg(test)]
mod tests;
mod unsubscribe;

pub(crate) use daemon::{Daemon, LinkLookup, Lookup};
pub(crate) use door::{Busy, Door, Later, Opened, Reachable};
pub(crate) use health::{Figure, FigureKind};
pub(crate) use serve::serve;

use crate::{calendar::Instant, id::SourceName, plan::Plan};
use axum::{
    Router,
    http::{HeaderValue, header},
    response::Response,
    routing::{get, post},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// What requests are judged by: the plan of now and the texts behind its sources' secrets, newest first.
pub(crate) struct Served {
    pub(crate) plan: Arc<Plan>,
    pub(crate) secrets: BTreeMap<SourceName, Vec<String>>,
}

/// The daemon's addresses. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api(Arc<Inside>);

struct Inside {
    door: Arc<dyn Door>,
    served: RwLock<Arc<Served>>,
    /// Requests by source and result; requests to no source of ours have no name.
    requests: Mutex<BTreeMap<(String, &'static str), u64>>,
    unsubscribes: Mutex<BTreeMap<&'static str, u64>>,
    clicks: Mutex<BTreeMap<&'static str, u64>>,
}

impl Api {
    pub(crate) fn new(door: Arc<dyn Door>, served: Served) -> Self {
        Self(Arc::new(Inside {
            door,
            served: RwLock::new(Arc::new(served)),
            requests: Mutex::default(),
            unsubscribes: Mutex::default(),
            clicks: Mutex::default(),
        }))
    }

    /// From the next request on, this plan and these secrets count.
    pub(crate) fn swap(&self, served: Served) {
        *self.0.served.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(served);
    }

    fn served(&self) -> Arc<Served> {
        self.0.served.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn now(&self) -> Instant {
        self.0.door.now()
    }

    fn count_request(&self, source: &str, result: &'static str) {
        let mut requests = self.0.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((source.to_owned(), result)).or_default() += 1;
    }

    fn count_unsubscribe(&self, result: &'static str) {
        *self.0.unsubscribes.lock().unwrap_or_else(PoisonError::into_inner).entry(result).or_default() += 1;
    }

    fn count_click(&self, result: &'static str) {
        *self.0.clicks.lock().unwrap_or_else(PoisonError::into_inner).entry(result).or_default() += 1;
    }

    /// Every address that there is.
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/hooks/{source}", post(hooks::hook))
            .route("/v1/events", post(hooks::events))
            .route("/u/{token}", get(unsubscribe::show).post(unsubscribe::act))
            .route("/c/{token}", get(clicks::follow).head(clicks::look))
            .route("/livez", get(health::alive))
            .route("/readyz", get(health::ready))
            .route("/metrics", get(health::metrics))
            .fallback(health::nothing_here)
            .layer(axum::middleware::map_response(guarded))
            .with_state(self.clone())
    }
}

/// Headers of every answer. Pages that need a style say so themselves.
async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut usual = |name, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    usual(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    usual(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    usual(header::REFERRER_POLICY, "no-referrer");
    usual(header::CACHE_CONTROL, "no-store");
    response
}
