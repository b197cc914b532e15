//! Unsubscribe links.
use super::{Setting, client, key, open};
use crate::{api::unsubscribe::asks, id::ContactId, journey::Order};
use std::sync::Arc;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn link() -> String {
    format!("/u/{}", key().unsubscribe(ContactId(42)).0)
}

fn opt_out() -> (ContactId, Order) {
    let order = Order::OptOut {
        channel: None,
        purpose: None,
        basis: Arc::from("link"),
        source: None,
        actor: Arc::from("contact"),
    };
    (ContactId(42), order)
}

#[tokio::test]
async fn looking_does_nothing_and_posting_acts() {
    let outside = open(Setting::default()).await;
    for _ in 0..3 {
        let (status, page) = outside.get(&link()).await;
        assert_eq!(status, 200);
        assert!(page.contains("<form method=\"post\">"), "{page}");
    }
    assert!(outside.passed.lock().unwrap().orders.is_empty());
    let (status, page) = outside.post(&link(), &[FORM], "List-Unsubscribe=One-Click").await;
    assert_eq!(status, 200);
    assert!(page.contains("<h1>Done</h1>"), "{page}");
    assert_eq!(outside.passed.lock().unwrap().orders, [opt_out()]);
    outside.close().await;
}

#[tokio::test]
async fn a_mail_client_may_send_multipart() {
    let outside = open(Setting::default()).await;
    let body = "--xyz\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--xyz--\r\n";
    let kind = ("content-type", "multipart/form-data; boundary=xyz");
    assert_eq!(outside.post(&link(), &[kind], body).await.0, 200);
    assert_eq!(outside.passed.lock().unwrap().orders, [opt_out()]);
    outside.close().await;
}

#[tokio::test]
async fn other_posts_and_other_links_change_nothing() {
    let outside = open(Setting::default()).await;
    assert_eq!(outside.post(&link(), &[FORM], "").await.0, 400);
    assert_eq!(outside.post(&link(), &[FORM], "List-Unsubscribe=No").await.0, 400);
    let forged = link().replacen("2a-", "2b-", 1);
    for link in [forged.as_str(), "/u/2a", "/u/x-y", "/u/-1-00", "/u/%F0%9F%92%A3"] {
        let (status, page) = outside.post(link, &[FORM], "List-Unsubscribe=One-Click").await;
        assert_eq!(status, 404, "{link}");
        assert!(page.contains("<h1>Dieser Link funktioniert nicht</h1>"), "the locale of the project: {page}");
        assert_eq!(outside.get(link).await.0, 404);
    }
    assert!(outside.passed.lock().unwrap().orders.is_empty());
    outside.close().await;
}

#[tokio::test]
async fn the_page_speaks_the_persons_language_and_runs_nothing() {
    let outside = open(Setting { locale: "de-AT", ..Setting::default() }).await;
    let answer = client().get(format!("{}{}", outside.url, link())).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"));
    let page = answer.text().await.unwrap();
    assert!(page.contains("<html lang=\"de\">") && page.contains(">Nachrichten stoppen</button>"), "{page}");
    assert!(!page.contains("<script") && !page.contains("http"), "{page}");
    outside.close().await;
}

#[tokio::test]
async fn an_opt_out_that_was_not_written_is_not_called_done() {
    let outside = open(Setting { broken: true, ..Setting::default() }).await;
    let (status, page) = outside.post(&link(), &[FORM], "List-Unsubscribe=One-Click").await;
    assert_eq!(status, 503);
    assert!(page.contains("Nothing has changed yet"), "{page}");
    outside.close().await;
}

#[test]
fn only_the_words_of_the_standard_ask_for_it() {
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    assert!(asks(form, b"List-Unsubscribe=One-Click"));
    assert!(asks(form, b"a=b&List-Unsubscribe=One-Click\r\n"));
    assert!(!asks(form, b"List-Unsubscribe=One-Click-not"));
    assert!(!asks("application/json", b"List-Unsubscribe=One-Click"));
    let part =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; {name}\r\n\r\n{value}\r\n--b--");
    let multipart = "multipart/form-data; boundary=\"b\"";
    assert!(asks(multipart, part("name=\"List-Unsubscribe\"", "One-Click").as_bytes()));
    assert!(asks(multipart, part("name=List-Unsubscribe", "One-Click").replace("\r\n", "\n").as_bytes()));
    assert!(!asks(multipart, part("name=\"other\"", "One-Click").as_bytes()));
    assert!(!asks(multipart, part("name=\"List-Unsubscribe\"", "Two").as_bytes()));
    assert!(!asks("multipart/form-data", part("name=\"List-Unsubscribe\"", "One-Click").as_bytes()));
}
