//! Webhooks, events, health.
use super::{Outside, Setting, client, open};
use crate::{
    inbound::{MAX_BODY, sign, tests::fixtures},
    plan::SourceProvider,
    record::Parsed,
};

const NO_SHOW: &str = "calcom/no_show_marked_ana.json";

async fn post_cal(outside: &Outside, secret: &str, body: &[u8]) -> (u16, serde_json::Value) {
    let at = fixtures::at("2026-11-27T09:00:00Z");
    let signed = sign(SourceProvider::Calcom, secret, "1", at, body).unwrap();
    let headers: Vec<(&str, &str)> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (status, text) = outside.post("/hooks/cal", &headers, body).await;
    (status, serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn a_signed_webhook_is_taken_in_once() {
    let outside = open(Setting::default()).await;
    let body = fixtures::body(NO_SHOW);
    let (status, answer) = post_cal(&outside, fixtures::SECRET, body).await;
    assert_eq!((status, answer["status"].as_str()), (200, Some("accepted")));
    let (status, answer) = post_cal(&outside, fixtures::SECRET, body).await;
    assert_eq!((status, answer["status"].as_str()), (200, Some("seen")));
    let passed = outside.passed.lock().unwrap().deliveries.clone();
    assert_eq!(passed.len(), 1);
    assert_eq!(&*passed[0].raw, body);
    assert_eq!(passed[0].received_at, fixtures::at("2026-11-27T09:00:00Z"));
    outside.close().await;
}

#[tokio::test]
async fn what_is_not_signed_leaves_a_number_and_nothing_else() {
    let outside = open(Setting::default()).await;
    let body = fixtures::body(NO_SHOW);
    let (status, answer) = post_cal(&outside, "another secret", body).await;
    assert_eq!((status, answer["status"].as_str()), (401, Some("unauthorised")));
    let (status, _) = outside.post("/hooks/cal", &[], body).await;
    assert_eq!(status, 401);
    let (status, _) = outside.post("/hooks/cal", &[("x-cal-signature-256", "no-secret-provided")], body).await;
    assert_eq!(status, 401);
    assert!(outside.passed.lock().unwrap().deliveries.is_empty());
    let (_, metrics) = outside.get("/metrics").await;
    let counted = "dripline_webhook_requests_total{source=\"cal\",result=\"unauthorised\"} 3\n";
    assert!(metrics.contains(counted), "{metrics}");
    assert!(!metrics.contains("ana.petrescu"));
    outside.close().await;
}

#[tokio::test]
async fn what_is_signed_but_not_understood_is_kept() {
    let outside = open(Setting::default()).await;
    for (body, expected) in [
        (&b"this is no JSON"[..], (202, "quarantined")),
        (b"{}", (202, "quarantined")),
        (fixtures::body("calcom/ping.json"), (200, "ignored")),
        (fixtures::body("calcom/custom_template.json"), (422, "custom_template")),
    ] {
        let (status, answer) = post_cal(&outside, fixtures::SECRET, body).await;
        assert_eq!((status, answer["status"].as_str().unwrap()), expected, "{answer}");
    }
    let kept = outside.passed.lock().unwrap().deliveries.clone();
    assert_eq!(kept.len(), 4);
    let last = &kept[3];
    assert_eq!(&*last.raw, fixtures::body("calcom/custom_template.json"));
    assert!(matches!(last.parsed, Parsed::Quarantined(_)));
    outside.close().await;
}

#[tokio::test]
async fn unknown_sources_and_large_bodies_are_refused() {
    let outside = open(Setting::default()).await;
    let (status, _) = outside.post("/hooks/nobody", &[], "{}").await;
    assert_eq!(status, 404);
    let (status, answer) = post_cal(&outside, fixtures::SECRET, &vec![b' '; MAX_BODY + 1]).await;
    assert_eq!((status, answer["status"].as_str()), (413, Some("too_large")));
    // exactly the limit is read; it is no JSON, so it is kept
    let (status, _) = post_cal(&outside, fixtures::SECRET, &vec![b'x'; MAX_BODY]).await;
    assert_eq!(status, 202);
    assert_eq!(outside.passed.lock().unwrap().deliveries.len(), 1);
    outside.close().await;
}

#[tokio::test]
async fn events_find_the_only_source_that_takes_them() {
    let outside = open(Setting::default()).await;
    let body = fixtures::body("events_api/cloudevent.json");
    let at = fixtures::at("2026-11-27T09:00:00Z");
    let signed = sign(SourceProvider::Events, fixtures::EVENTS_SECRET, "msg_1", at, body).unwrap();
    let mut headers: Vec<(&str, &str)> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.push(("content-type", "application/cloudevents+json"));
    let (status, answer) = outside.post("/v1/events", &headers, body).await;
    assert_eq!(status, 200, "{answer}");
    let (status, answer) = outside.post("/v1/events?source=own", &headers, body).await;
    assert_eq!((status, answer.contains("\"seen\"")), (200, true), "{answer}");
    // a source of another kind is no door for events
    let (status, _) = outside.post("/v1/events?source=cal", &headers, body).await;
    assert_eq!(status, 404);
    let (status, answer) = outside.post("/v1/events", &headers[..2], body).await;
    assert_eq!((status, answer.contains("unauthorised")), (401, true));
    outside.close().await;
}

#[tokio::test]
async fn an_event_that_does_not_fit_is_refused_with_a_hint() {
    let outside = open(Setting::default()).await;
    let at = fixtures::at("2026-11-27T09:00:00Z");
    for (body, expected) in [("{", (400, "malformed")), (r#"{"id":"1","source":"here"}"#, (422, "invalid"))] {
        let signed = sign(SourceProvider::Events, fixtures::EVENTS_SECRET, "msg_1", at, body.as_bytes()).unwrap();
        let headers: Vec<(&str, &str)> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, text) = outside.post("/v1/events", &headers, body).await;
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((status, answer["status"].as_str().unwrap()), expected, "{text}");
        assert!(answer["hint"].is_string());
    }
    outside.close().await;
}

#[tokio::test]
async fn a_broken_store_asks_the_sender_to_come_again() {
    let outside = open(Setting { broken: true, ..Setting::default() }).await;
    let (status, answer) = post_cal(&outside, fixtures::SECRET, fixtures::body(NO_SHOW)).await;
    assert_eq!((status, answer["status"].as_str()), (503, Some("busy")));
    let custom = fixtures::body("calcom/custom_template.json");
    let (status, _) = post_cal(&outside, fixtures::SECRET, custom).await;
    assert_eq!(status, 503, "a body that could not be kept is asked for again");
    assert_eq!(outside.get("/livez").await.0, 200);
    let (status, why) = outside.get("/readyz").await;
    assert_eq!((status, why.as_str()), (503, "not ready: the disk is full\n"));
    outside.close().await;
}

#[tokio::test]
async fn new_secrets_count_from_the_next_request_on() {
    let outside = open(Setting::default()).await;
    let plan = std::sync::Arc::new(fixtures::plan());
    let secrets = [("cal".into(), vec!["newer".to_owned(), fixtures::SECRET.to_owned()])].into();
    outside.api.swap(super::Served { plan, secrets });
    assert_eq!(post_cal(&outside, "newer", fixtures::body(NO_SHOW)).await.0, 200);
    assert_eq!(post_cal(&outside, fixtures::SECRET, b"{}").await.0, 202);
    outside.close().await;
}

#[tokio::test]
async fn answers_carry_guarding_headers_and_strangers_a_list_of_addresses() {
    let outside = open(Setting::default()).await;
    for path in ["/", "/livez", "/metrics"] {
        let answer = client().get(format!("{}{path}", outside.url)).send().await.unwrap();
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["cache-control"], "no-store");
    }
    let (status, text) = outside.get("/").await;
    assert_eq!(status, 404);
    assert!(text.contains("/hooks/<source>"));
    let (_, metrics) = outside.get("/metrics").await;
    assert!(metrics.contains("# TYPE dripline_sends_total counter\n"), "{metrics}");
    assert!(metrics.contains("dripline_sends_total{channel=\"e\\\"mail\\\\\\n\"} 3\n"), "{metrics}");
    outside.close().await;
}
