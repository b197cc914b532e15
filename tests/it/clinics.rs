//! Clinics with people of their own, from outside: an address that names two people, and the question which of them is meant.
use crate::project::dripline;
use crate::{cases::lay, daemon::Daemon};

fn lead(folder: &std::path::Path, daemon: &Daemon, id: &str, clinic: &str) {
    let event = serde_json::json!({
        "specversion": "1.0", "id": id, "source": "site", "type": "lead.created",
        "data": { "contact": { "email": "ana@example.test", "clinic": clinic } },
    });
    let (status, answer) = daemon.event(id, event.to_string().as_bytes());
    assert_eq!(status, 200, "{answer} in {}", folder.display());
}

#[test]
fn an_address_of_two_clinics_is_asked_back_with_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let case = include_str!("../cases/ok/identities_per_clinic.yaml")
        .replace("\\n  north: { provider: events, secret: NORTH_SECRET, clinic: north }", "");
    lay(&case, folder.path());
    let daemon = Daemon::start(folder.path());
    lead(folder.path(), &daemon, "one", "main");
    lead(folder.path(), &daemon, "two", "north");
    lead(folder.path(), &daemon, "three", "main");
    assert_eq!(daemon.end("-TERM"), Some(0));
    let why = dripline(folder.path(), &["why", "ana@example.test"]);
    assert_eq!(why.code, 3, "{}{}", why.out, why.err);
    assert!(why.err.contains("several people"), "{}", why.err);
    let named: Vec<&str> = why.err.lines().filter(|line| line.contains("con_")).collect();
    assert_eq!(named.len(), 2, "{}", why.err);
    assert!(named[0].ends_with("ana@example.test  (main)"), "{}", why.err);
    assert!(named[1].ends_with("ana@example.test  (north)"), "{}", why.err);
    let id = named[1].split_whitespace().next().unwrap();
    let why = dripline(folder.path(), &["why", id]);
    assert_eq!(why.code, 0, "{}", why.err);
}
