//! Campaigns from outside: their timelines in several zones and over changes of clocks, and the orders of people.
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const CAMPAIGN: &str = r#"campaign: spring
offer: spring
goal: { event: booking.created }
audience: { where: contact.score >= 0 }
schedule: { start: 2027-03-24, end: 2027-04-30, send_times: ["09:30", "17:00"], days: [mon, thu, sun] }
messages:
  - { id: first, email: spring }
  - { id: second, wait: 3d, email: spring }
  - { id: third, wait: 12h, email: spring }
"#;
const OFFER: &str = r#"offer: spring
title: A gift
generate: "W-??????"
valid: { until: 2027-03-29 }
limits: { per_contact: 1, total: 300 }
"#;
const TEXT: &str = "---\nsubject: \"{{ offer.title }}\"\n---\nCode {{ offer.code }}\n\n{{ unsubscribe_link }}\n\n{{ postal_address }}\n";

fn project(folder: &Path) {
    crate::project::copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/base"), folder);
    for (path, text) in
        [("campaigns/spring.yaml", CAMPAIGN), ("offers/spring.yaml", OFFER), ("templates/spring.md", TEXT)]
    {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// 20 March 2027.
fn moment() -> SystemTime {
    UNIX_EPOCH + Duration::from_hours(501_667) - Duration::from_hours(24 * 5)
}

fn run(folder: &Path, args: &[&str]) -> (u8, String, String) {
    let env = BTreeMap::from([("EVENTS_SECRET".to_owned(), format!("whsec_{}", "QUFB".repeat(8)))]);
    let done = dripline::run_in_process(args, folder, &env, moment());
    (done.code, done.out, done.err)
}

/// Slots are by the clock of the person, on both sides of the change on 28 March; what the offer does not outlast is left
/// out.
#[test]
fn a_preview_shows_slots_by_the_persons_clock() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/campaign_preview.txt");
    let mut told = String::new();
    for zone in ["Europe/Berlin", "America/New_York"] {
        let person = format!(r#"{{ "first_name": "Ana", "email": "ana@example.test", "zone": "{zone}" }}"#);
        fs::write(folder.path().join("ana.json"), person).unwrap();
        let args = ["preview", "spring", "--contact", "ana.json", "--start", "2027-03-24 12:00", "--color", "never"];
        let (code, out, err) = run(folder.path(), &args);
        assert_eq!(code, 0, "{err}");
        told += &out;
    }
    if std::env::var("DRIPLINE_UPDATE").is_ok() {
        fs::write(&stored, &told).unwrap();
    }
    assert_eq!(fs::read_to_string(&stored).unwrap_or_default(), told);
}

#[test]
fn orders_of_people_say_what_may_follow() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    // orders are given by the machine's clock, whatever year it shows
    for path in ["campaigns/spring.yaml", "offers/spring.yaml"] {
        let path = folder.path().join(path);
        fs::write(
            &path,
            fs::read_to_string(&path).unwrap().replace("2027-03-29", "2097-06-30").replace("2027", "2097"),
        )
        .unwrap();
    }
    // publishes the plan
    let (code, _, err) = run(folder.path(), &["run", "--once", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 0, "{err}");
    let state = || {
        let (code, out, err) = run(folder.path(), &["status"]);
        assert_eq!(code, 0, "{err}");
        out.lines().find(|line| line.contains("spring  ")).unwrap_or(&out).split_whitespace().last().unwrap().to_owned()
    };
    assert_eq!(state(), "DRAFT");
    assert_eq!(run(folder.path(), &["campaign", "pause", "spring"]).0, 3, "it was never launched");
    assert_eq!(run(folder.path(), &["campaign", "launch", "sprign", "--yes"]).0, 3);
    let (code, out, _) = run(folder.path(), &["campaign", "launch", "spring"]);
    assert_eq!((code, out.contains("--yes")), (4, true), "{out}");
    assert_eq!(state(), "DRAFT");
    let order = |word: &str| {
        let mut args = vec!["campaign", word, "spring"];
        args.extend((word == "launch").then_some("--yes"));
        let (code, out, err) = run(folder.path(), &args);
        assert_eq!(code, 0, "{word}: {out}{err}");
    };
    order("launch");
    assert_eq!(state(), "SCHEDULED");
    order("pause");
    assert_eq!(state(), "PAUSED");
    order("resume");
    assert_eq!(state(), "SCHEDULED");
    order("cancel");
    assert_eq!(state(), "CANCELLED");
    assert_eq!(run(folder.path(), &["campaign", "launch", "spring", "--yes"]).0, 3);
}
