//! Counted links: where they lead, and what is written down about it.
use super::{Outside, Setting, key, open};
use crate::{
    api::clicks::{in_ascii, is_ahead},
    id::{ContactId, SendId},
    record::Parsed,
    value::Value,
};
use axum::http::{HeaderMap, HeaderValue};
use reqwest::{Client, Method, redirect::Policy};

pub(super) const URL: &str = "https://example.com/grüße?a=1&b=2";
const SENT_TO: &str = "https://example.com/gr%C3%BC%C3%9Fe?a=1&b=2";

fn link() -> String {
    format!("/c/{}", key().click(SendId(7), 3))
}

/// Status and where it leads. Nobody is followed: there is no such page.
async fn asked(outside: &Outside, method: Method, path: &str, headers: &[(&str, &str)]) -> (u16, Option<String>) {
    let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let mut request = client.request(method, format!("{}{path}", outside.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let led = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
    if led.is_some() {
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    }
    (answer.status().as_u16(), led)
}

fn leads() -> (u16, Option<String>) {
    (302, Some(SENT_TO.to_owned()))
}

#[tokio::test]
async fn an_opened_link_leads_to_what_was_sent_and_is_told_once() {
    let outside = open(Setting::default()).await;
    for _ in 0..3 {
        assert_eq!(asked(&outside, Method::GET, &link(), &[]).await, leads());
    }
    let other = format!("/c/{}", key().click(SendId(7), 4));
    assert_eq!(asked(&outside, Method::GET, &other, &[]).await, leads());
    {
        let passed = outside.passed.lock().unwrap();
        assert_eq!(passed.deliveries.len(), 2, "once for each link");
        let first = &passed.deliveries[0];
        assert_eq!((first.source.as_str(), first.dedupe.as_str(), &*first.raw), ("@links", "7-3", &b""[..]));
        let Parsed::News(news) = &first.parsed else { panic!("{first:?}") };
        assert_eq!(news[0].kind.as_str(), "message.clicked");
        let who = news[0].who.as_ref().unwrap();
        assert_eq!((who.known, who.identities.len()), (Some(ContactId(42)), 0));
        let told: Vec<_> = news[0].data.iter().map(|(name, value)| (&**name, value.clone())).collect();
        let text = |name, text: &str| (name, Value::text(text));
        let wanted = [text("channel", "email"), text("link", URL), text("sequence", "welcome"), text("step", "hello")];
        assert_eq!(told, wanted);
    }
    let (_, metrics) = outside.get("/metrics").await;
    assert!(metrics.contains("dripline_link_requests_total{result=\"counted\"} 2"), "{metrics}");
    assert!(metrics.contains("dripline_link_requests_total{result=\"again\"} 2"), "{metrics}");
    outside.close().await;
}

#[tokio::test]
async fn what_is_loaded_ahead_is_led_on_and_not_told() {
    let outside = open(Setting::default()).await;
    assert_eq!(asked(&outside, Method::HEAD, &link(), &[]).await, leads());
    for header in [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch"), ("x-moz", "prefetch")] {
        assert_eq!(asked(&outside, Method::GET, &link(), &[header]).await, leads());
    }
    assert!(outside.passed.lock().unwrap().deliveries.is_empty());
    outside.close().await;
}

#[tokio::test]
async fn other_links_lead_nowhere_whatever_the_request_says() {
    let outside = open(Setting::default()).await;
    let forged = link().replacen("7-3-", "7-4-", 1);
    let evil = format!("{forged}?to=https://evil.example&url=https://evil.example");
    let posted = [
        evil.as_str(),
        "/c/",
        "/c/7-3",
        "/c/7-3-",
        "/c/-7-3-00",
        "/c/x-y-z",
        "/c/%F0%9F%92%A3",
        "/c/https://evil.example",
    ];
    for path in posted {
        let (status, led) = asked(&outside, Method::GET, path, &[("host", "evil.example")]).await;
        assert_eq!((status, led), (404, None), "{path}");
    }
    let real = format!("{}?to=https://evil.example", link());
    assert_eq!(asked(&outside, Method::GET, &real, &[("host", "evil.example")]).await, leads());
    assert_eq!(asked(&outside, Method::POST, &link(), &[]).await.0, 405);
    outside.close().await;
}

#[tokio::test]
async fn the_page_comes_also_when_nothing_can_be_written() {
    let outside = open(Setting { broken: true, ..Setting::default() }).await;
    assert_eq!(asked(&outside, Method::GET, &link(), &[]).await, leads());
    outside.close().await;
}

#[test]
fn tokens_belong_to_one_link_of_one_send() {
    let token = key().click(SendId(0x1a2b), 12);
    assert_eq!(token.len(), "1a2b-c-".len() + 20);
    assert_eq!(key().open_click(&token), Some((SendId(0x1a2b), 12)));
    assert_eq!(crate::engine::Key([8; 32]).open_click(&token), None, "another database's");
    assert_eq!(key().open_unsubscribe(&token), None);
    assert_eq!(key().open_click(&key().unsubscribe(ContactId(1)).0), None);
    for other in [
        token.to_uppercase(),
        token.replacen("1a2b", "01a2b", 1),
        token[..token.len() - 1].to_owned(),
        format!("+{token}"),
    ] {
        assert_eq!(key().open_click(&other), None, "{other}");
    }
}

#[test]
fn words_of_browsers_and_letters_of_addresses() {
    let with = |name: &'static str, value| {
        is_ahead(&[(name.parse().unwrap(), HeaderValue::from_static(value))].into_iter().collect::<HeaderMap>())
    };
    assert!(with("sec-purpose", "Prefetch") && with("x-purpose", "preview"));
    assert!(!with("sec-purpose", "") && !with("user-agent", "prefetch"));
    assert_eq!(in_ascii("https://example.com/a b\r\nx: y"), "https://example.com/a%20b%0D%0Ax:%20y");
}
