//! Counted links from a mail to what follows from opening them, and how a preview shows them. Knows no decision.
use crate::daemon::{Daemon, secrets};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

fn project(folder: &Path) {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ok/message_counted_links.yaml");
    crate::cases::lay(&fs::read_to_string(case).unwrap(), folder);
}

fn json(folder: &Path, args: &[&str]) -> Value {
    let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
    let done = dripline::run_in_process(&args, folder, &secrets(), SystemTime::now());
    assert_eq!(done.code, 0, "{}", done.err);
    serde_json::from_str(&done.out).unwrap()
}

/// How `why` tells about the person: ways taken and how runs ended.
fn why(folder: &Path) -> String {
    let done = dripline::run_in_process(&["why", "ana@example.com"], folder, &secrets(), SystemTime::now());
    assert_eq!(done.code, 0, "{}", done.err);
    done.out
}

/// The paths of all links of a mail that lead over the daemon.
fn counted(message: &Value) -> Vec<String> {
    let parts = [message["text"].as_str().unwrap(), message["html"].as_str().unwrap()];
    let all = parts.into_iter().flat_map(|part| part.split("https://drip.example.com").skip(1));
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '<' | ')' | ',' | '.');
    let paths = all.map(|tail| tail.split(ends).next().unwrap().to_owned()).filter(|path| path.starts_with("/c/"));
    let mut paths: Vec<String> = paths.collect();
    paths.sort();
    paths.dedup();
    paths
}

#[test]
fn an_opened_link_leads_on_is_counted_once_and_moves_the_run() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let daemon = Daemon::start(folder.path());
    let lead = json!({
        "specversion": "1.0", "id": "lead", "source": "/test", "type": "lead.created",
        "data": { "email": "ana@example.com", "first_name": "Ana" },
    });
    assert_eq!(daemon.event("lead", lead.to_string().as_bytes()).0, 200);
    let mails = json(folder.path(), &["mailbox"]);
    let message = &mails["messages"][0]["message"];
    for part in ["text", "html"] {
        let text = message[part].as_str().unwrap();
        assert!(!text.contains("cal.example.com") && !text.contains("www.example.com"), "{text}");
        assert!(text.contains("https://drip.example.com/u/"), "{text}");
    }
    let paths = counted(message);
    let links = message["links"].as_array().unwrap();
    assert_eq!(paths.len(), links.len());
    // what is sent is gone from the outbox; a link leads on all the same
    let opened = |path: &str| {
        let (status, to) = daemon.leads("GET", path);
        assert_eq!(status, 302);
        to.unwrap()
    };
    assert_eq!(daemon.leads("HEAD", &paths[0]), (302, Some("https://cal.example.com/intro".to_owned())));
    assert!(!why(folder.path()).contains("completed"), "asking for the head counts nothing");
    for _ in 0..2 {
        assert_eq!(opened(&paths[0]), "https://cal.example.com/intro");
    }
    let told = why(folder.path());
    assert!(told.contains("completed"), "the run went on by the click: {told}");
    assert!(told.contains("message.clicked came (event.step: hello); arm then"), "{told}");
    let (_, metrics) = daemon.get("/metrics");
    for line in ["{result=\"counted\"} 1", "{result=\"again\"} 1", "{result=\"ahead\"} 1"] {
        assert!(metrics.contains(&format!("dripline_link_requests_total{line}")), "{metrics}");
    }
    let forged = format!("{}0", &paths[0][..paths[0].len() - 1]);
    if forged != paths[0] {
        assert_eq!(daemon.leads("GET", &forged), (404, None));
    }
    assert_eq!(daemon.leads("GET", "/c/https://evil.example"), (404, None));
    // another process, the same links
    assert_eq!(daemon.end("-TERM"), Some(0));
    let daemon = Daemon::start(folder.path());
    assert_eq!(daemon.leads("GET", &paths[0]), (302, Some("https://cal.example.com/intro".to_owned())));
}

#[test]
fn a_preview_shows_where_links_end_and_that_they_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let args = ["preview", "welcome", "--start", "2027-06-01 12:00", "--render", "--color", "never"];
    let done = dripline::run_in_process(&args, folder.path(), &BTreeMap::new(), SystemTime::UNIX_EPOCH);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.contains("https://cal.example.com/intro") && !done.out.contains("/c/"), "{}", done.out);
    let first = done.out.lines().find(|line| line.contains(" hello ")).unwrap();
    assert!(first.contains(" counted"), "{first}");
    let second = done.out.lines().find(|line| line.contains(" again ")).unwrap();
    assert!(!second.contains(" counted"), "{second}");
}
