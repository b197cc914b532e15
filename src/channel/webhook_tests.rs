//! Calls of other programs against a server of our own, and addresses that are never called.
use super::{Hidden, Reach, Registry, Settings, build};
use crate::{
    content::Message,
    engine::{Permit, Receipt, SIGNED_WITH},
    id::{ChannelName, ContactId, SendId},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Answers each connection with these bytes, the last with silence when they are empty; gives back what it heard.
async fn serve(answers: Vec<&'static str>) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let mut all = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = Vec::new();
            while !whole(&bytes) {
                let mut some = [0; 4096];
                let read = stream.read(&mut some).await.unwrap();
                assert!(read > 0, "the call broke off");
                bytes.extend(&some[..read]);
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            all.push(String::from_utf8(bytes).unwrap());
        }
        all
    });
    (port, heard)
}

/// A request with all of its body.
fn whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    header(head, "content-length").is_none_or(|length| body.len() >= length.parse().unwrap())
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

fn webhooks(url: &str, reach: Reach) -> Registry {
    let named = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), Hidden(value.to_owned()))]);
    let settings = Settings::Webhook { secrets: named("CRM_SECRET", SECRET), addresses: named("CRM_URL", url), reach };
    let (registry, faults) = build(&BTreeMap::from([(ChannelName::new("webhook"), settings)]));
    assert_eq!(faults, []);
    registry
}

fn message(to: &str) -> Message {
    Message {
        to: to.to_owned(),
        text: r#"{"type":"lead.cooled","data":{}}"#.to_owned(),
        headers: [(SIGNED_WITH.to_owned(), "CRM_SECRET".to_owned())].into(),
        ..Message::default()
    }
}

async fn send(registry: &Registry, to: &str, number: u16) -> Receipt {
    let permit = Permit::for_test(SendId(7), ContactId(1), number);
    registry[&ChannelName::new("webhook")].send(permit, &message(to)).await
}

const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";

#[tokio::test]
async fn attempts_are_signed_and_carry_one_id() {
    let (port, heard) = serve(vec!["HTTP/1.1 503 Busy\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n", TAKEN]).await;
    let registry = webhooks(&format!("http://127.0.0.1:{port}/hook?a=1"), Reach::Loopback);
    let first = send(&registry, "CRM_URL", 1).await;
    assert!(matches!(&first, Receipt::NotSent { permanent: false, retry_after_ms: Some(30_000), .. }), "{first:?}");
    assert!(matches!(send(&registry, "CRM_URL", 2).await, Receipt::Accepted { .. }));
    let heard = heard.await.unwrap();
    let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let mut ids = Vec::new();
    for call in &heard {
        let (head, body) = call.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /hook?a=1 HTTP/1.1\r\n"), "{head}");
        assert_eq!(header(head, "content-type"), Some("application/json"));
        assert_eq!(body, message("").text);
        let (id, stamp) = (header(head, "webhook-id").unwrap(), header(head, "webhook-timestamp").unwrap());
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{id}.{stamp}.{body}").as_bytes());
        let wanted = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(header(head, "webhook-signature"), Some(wanted.as_str()));
        ids.push(id.to_owned());
    }
    assert_eq!(ids[0], ids[1], "the receiver knows a repetition by its id");
}

#[tokio::test]
async fn answers_mean_what_they_say() {
    for (answer, permanent) in [
        ("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", true),
        ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", true),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", false),
    ] {
        let (port, _heard) = serve(vec![answer]).await;
        let registry = webhooks(&format!("http://127.0.0.1:{port}/"), Reach::Loopback);
        let receipt = send(&registry, "CRM_URL", 1).await;
        assert!(matches!(&receipt, Receipt::NotSent { permanent: said, .. } if *said == permanent), "{receipt:?}");
    }
    let (port, _heard) = serve(vec![""]).await;
    let registry = webhooks(&format!("http://127.0.0.1:{port}/"), Reach::Loopback);
    assert_eq!(send(&registry, "CRM_URL", 1).await, Receipt::Unknown, "closed without a word: maybe it was taken");
}

#[tokio::test]
async fn our_own_network_is_never_called() {
    let (port, heard) = serve(vec![TAKEN]).await;
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://0x7f000001:{port}/"),
        format!("https://2130706433:{port}/"),
        "https://10.0.0.1/".to_owned(),
        "https://169.254.169.254/latest".to_owned(),
        "https://printer.local/".to_owned(),
        "http://example.com/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "no address".to_owned(),
    ] {
        let receipt = send(&webhooks(&url, Reach::Public), "CRM_URL", 1).await;
        assert!(matches!(&receipt, Receipt::NotSent { permanent: true, .. }), "{url}: {receipt:?}");
    }
    // the allowance is for this machine alone
    for url in ["http://10.0.0.1/", "http://example.com/", "https://192.168.1.1/"] {
        let receipt = send(&webhooks(url, Reach::Loopback), "CRM_URL", 1).await;
        assert!(matches!(&receipt, Receipt::NotSent { permanent: true, .. }), "{url}: {receipt:?}");
    }
    heard.abort();
}

#[test]
fn a_secret_of_the_wrong_size_is_told_without_showing_it() {
    for secret in ["hunter2", "whsec_c2hvcnQ=", ""] {
        let secrets = BTreeMap::from([("CRM_SECRET".to_owned(), Hidden(secret.to_owned()))]);
        let settings = Settings::Webhook { secrets, addresses: BTreeMap::new(), reach: Reach::Public };
        let (_, faults) = build(&BTreeMap::from([(ChannelName::new("webhook"), settings)]));
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("CRM_SECRET") && (secret.is_empty() || !told[0].contains(secret)), "{told:?}");
    }
}
