//! `dripline backtest`: recorded events, of a file or of a daemon's database, through two versions of a project.
use crate::{
    daemon::{CAL_SECRET, Daemon, clinic},
    project::{PROJECT, change, copy, dripline as at_noon, git, live as now, put},
};
use dripline::Outcome;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::Path};
use tempfile::TempDir;

const WELCOME: &str = "sequence: welcome
category: follow_up
purpose: transactional
reentry: never
steps:
  - id: hello
    email: hello
  - id: shares
    split:
      long:
        weight: 50
        steps:
          - id: more
            wait: 1d
            email: more
      short: { weight: 50, steps: [] }
  - id: second
    wait: 3d
    email: second
";

fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = |name: &str| {
        format!("---\nsubject: {name}\n---\nDear {{{{ contact.first_name | default('you') }}}}, this is {name}.\n")
    };
    for (path, text) in [
        ("dripline.yaml", PROJECT.replace("sources:", "events:\n  form.filled: { fields: { page: text } }\nsources:")),
        ("sequences/welcome.yaml", WELCOME.to_owned()),
        ("triggers/lead.yaml", "trigger: lead\nevent: lead.created\nenroll: welcome\n".to_owned()),
        ("triggers/form.yaml", "trigger: form\nevent: form.filled\nenroll: welcome\n".to_owned()),
        ("templates/hello.md", text("hello")),
        ("templates/more.md", text("more")),
        ("templates/second.md", text("second")),
    ] {
        put(folder.path(), path, &text);
    }
    folder
}

/// The project with its first commit.
fn committed() -> TempDir {
    let folder = project();
    for args in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "-m", "first"]] {
        git(folder.path(), args);
    }
    folder
}

fn event(id: usize, kind: &str, day: usize, who: &str) -> String {
    json!({
        "specversion": "1.0", "id": id.to_string(), "source": "/shop", "type": kind,
        "time": format!("2027-03-{:02}T18:30:00+01:00", day), "subject": format!("{}@example.com", who.to_lowercase()),
        "data": { "contact": { "first_name": who } },
    })
    .to_string()
}

fn events(folder: &Path, lines: &[String]) {
    put(folder, "events.jsonl", &format!("{}\n", lines.join("\n")));
}

fn backtest(folder: &Path, more: &[&str]) -> Outcome {
    at_noon(folder, &[&["backtest", "--events", "events.jsonl"], more].concat())
}

#[track_caller]
fn told(folder: &Path, more: &[&str]) -> Value {
    let done = backtest(folder, &[more, &["--format", "json"]].concat());
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    serde_json::from_str(&done.out).unwrap()
}

#[test]
fn what_would_have_been_sent_differently_is_told_person_by_person() {
    let home = committed();
    let folder = home.path();
    // not in the order of their time
    events(folder, &[event(2, "lead.created", 12, "Ben"), event(1, "lead.created", 10, "Ana"), String::new()]);
    let same = backtest(folder, &["--detailed-exitcode"]);
    assert_eq!((same.code, same.err.as_str()), (0, ""), "{}", same.out);
    assert!(same.out.contains("2 recorded events from Wed 10 Mar 2027 18:30"), "{}", same.out);
    assert!(same.out.contains("against HEAD") && same.out.contains("after: the same"), "{}", same.out);
    assert!(same.out.contains("nobody's messages differ, of 2 who got any and 2 in all"), "{}", same.out);
    change(folder, "sequences/welcome.yaml", "wait: 3d", "wait: 5d");
    change(folder, "templates/hello.md", "this is hello", "this is new");
    change(folder, "sequences/welcome.yaml", "  - id: second", "  - id: extra\n    email: more\n  - id: second");
    let differs = backtest(folder, &["--detailed-exitcode"]);
    assert_eq!(differs.code, 2, "{}", differs.err);
    let lines: Vec<String> =
        differs.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let start = lines.iter().position(|line| line == "Ben").unwrap();
    for line in [
        "other text Fri 12 Mar 18:30 email Fri 12 Mar 18:30 email welcome / hello",
        "moved Mon 15 Mar 18:30 email Wed 17 Mar 18:30 email welcome / second",
    ] {
        assert!(lines[start..].iter().any(|found| found.starts_with(line)), "{line} in {}", differs.out);
    }
    assert!(
        lines[start..].iter().any(|found| found.starts_with("only after – ") && found.ends_with("welcome / extra"))
    );
    assert!(lines.iter().position(|line| line == "Ana").unwrap() < start, "{}", differs.out);

    let json = told(folder, &["--people", "1"]);
    assert_eq!(json["format_version"], 1);
    assert_eq!(json["people"]["differ"], 2);
    assert_eq!(json["people"]["shown"].as_array().unwrap().len(), 1);
    let total = &json["totals"][0];
    let (before, after) = (total["before"].as_u64().unwrap(), total["after"].as_u64().unwrap());
    assert_eq!((total["sequence"].as_str(), total["channel"].as_str()), (Some("welcome"), Some("email")));
    assert_eq!(after, before + 2, "one more for each");
    assert_eq!(total["difference"], 2);
    assert_eq!(json["messages"]["changes"]["only_after"], 2);
    assert_eq!(json["messages"]["changes"]["text"], 2);
    let folded = backtest(folder, &["--people", "1"]).out;
    assert!(folded.contains("and 1 more person whose messages differ: `--people 2` shows all"), "{folded}");
    // a folder stands for a version as well, and the horizon ends it early
    let other = project();
    let named = other.path().to_str().unwrap();
    assert_eq!(told(folder, &["--against", named])["messages"], json["messages"]);
    let short = told(folder, &["--against", named, "--for", "1h"]);
    assert!(short["after"]["inside"].as_u64().unwrap() > 0, "{short}");
}

#[test]
fn bad_lines_are_findings_and_the_others_are_played() {
    let home = committed();
    let folder = home.path();
    let mut untimed: Value = serde_json::from_str(&event(9, "lead.created", 10, "Cy")).unwrap();
    untimed.as_object_mut().unwrap().remove("time");
    let good = event(1, "lead.created", 10, "Ana");
    let lines = [
        "{ not json".to_owned(),
        good.clone(),
        "[1]".to_owned(),
        untimed.to_string(),
        event(3, "lead.creatd", 10, "Dora"),
        good,
        json!({ "received_at": "2027-03-10T18:30:00Z", "source": "nowhere", "body": {} }).to_string(),
    ];
    events(folder, &lines);
    let done = backtest(folder, &[]);
    assert_eq!(done.code, 1, "{}", done.err);
    for line in [
        "events.jsonl:1:1: DL740 ",
        "events.jsonl:3:1: DL740 one JSON object a line is expected",
        "events.jsonl:4:1: DL740 time is missing",
        "events.jsonl:5:1: DL740 this event cannot be played: type: its end names no event",
        "events.jsonl:7:1: DL740 this event cannot be played: there is no source of this name",
        "5 errors in 1 file",
    ] {
        assert!(done.err.contains(line), "{line} in {}", done.err);
    }
    assert!(!done.err.contains("dora@"), "whom a line is about is nobody's business: {}", done.err);
    assert!(done.out.contains("not played: 5 lines that cannot be played (DL740)"), "{}", done.out);
    let json: Value = serde_json::from_str(&backtest(folder, &["--format", "json"]).out).unwrap();
    assert_eq!(json["recorded"]["played"], 2);
    assert_eq!((&json["after"]["events"]["taken_in"], &json["after"]["events"]["came_before"]), (&json!(1), &json!(1)));

    events(folder, &lines[..1]);
    let none = backtest(folder, &[]);
    assert_eq!((none.code, none.out.as_str()), (3, ""));
    assert!(none.err.contains("DL740") && none.err.contains("there is no event in events.jsonl"), "{}", none.err);
    events(folder, &lines[4..5]);
    let none = backtest(folder, &[]);
    assert_eq!((none.code, none.out.as_str()), (3, ""), "{}", none.err);
    events(folder, &[]);
    assert_eq!(backtest(folder, &[]).code, 3);
}

#[test]
fn an_event_that_only_one_version_knows_changes_nothing_for_the_others() {
    let home = committed();
    let folder = home.path();
    let people: Vec<String> = (0..30).map(|number| format!("Person{number}")).collect();
    let mut lines = vec![event(100, "form.filled", 9, "Zoe")];
    lines.extend(people.iter().enumerate().map(|(id, who)| event(id, "lead.created", 10, who)));
    events(folder, &lines);
    change(folder, "dripline.yaml", "events:\n  form.filled: { fields: { page: text } }\n", "");
    fs::remove_file(folder.join("triggers/form.yaml")).unwrap();
    let done = backtest(folder, &["--format", "json"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let warning =
        "events.jsonl:1:1: DL741 only the version at HEAD understands the event; now: type: its end names no event";
    assert!(done.err.contains(warning), "{}", done.err);
    let json: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(json["people"]["all"], 31);
    assert_eq!(json["people"]["differ"], 1, "shares of people hang on their numbers: {json:#}");
    assert_eq!(json["people"]["shown"][0]["person"], "Zoe");
    let arms = json["totals"][0]["after"].as_u64().unwrap();
    assert!((61..90).contains(&arms), "both arms were taken: {arms}");
}

#[test]
fn without_a_version_to_compare_with_it_says_what_to_give() {
    let home = project();
    let folder = home.path();
    events(folder, &[event(1, "lead.created", 10, "Ana")]);
    let none = backtest(folder, &[]);
    assert_eq!((none.code, none.out.as_str()), (3, ""));
    assert!(none.err.contains("in no git repository") && none.err.contains("--against FOLDER"), "{}", none.err);
    let wrong = backtest(folder, &["--against", "elsewhere"]);
    assert!(wrong.code == 3 && wrong.err.contains("\"elsewhere\" is neither a commit nor a folder"), "{}", wrong.err);
    let broken = tempfile::tempdir().unwrap();
    copy(folder, broken.path());
    change(broken.path(), "sequences/welcome.yaml", "email: hello", "email: helo");
    let broken = backtest(folder, &["--against", broken.path().to_str().unwrap()]);
    assert!(broken.code == 1 && broken.err.contains("DL") && broken.out.is_empty(), "{broken:?}");
    let gone = at_noon(folder, &["backtest", "--events", "gone.jsonl", "--against", "."]);
    assert!(gone.code == 3 && gone.err.contains("there is no file gone.jsonl"), "{}", gone.err);
    git(folder, &["init", "--quiet"]);
    let empty = backtest(folder, &[]);
    assert!(empty.code == 3 && empty.err.contains("git has no commit yet"), "{}", empty.err);
}

// --- databases --------------------------------------------------------------------------------------------------------

#[track_caller]
fn json_of(folder: &Path, args: &[&str]) -> Value {
    let done = now(folder, &[args, &["--format", "json"]].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    serde_json::from_str(&done.out).unwrap()
}

fn happened(daemon: &Daemon, id: &str, kind: &str, who: &str, data: &Value) {
    let body = json!({
        "specversion": "1.0", "id": id, "source": "/shop", "type": kind, "subject": who, "data": data,
    });
    let (status, answer) = daemon.event(id, body.to_string().as_bytes());
    assert_eq!(status, 200, "{answer}");
}

/// What a daemon kept of two people, one of whom was erased, and an opt-out by hand.
fn recorded() -> TempDir {
    let folder = clinic();
    let daemon = Daemon::start(folder.path());
    for who in ["ben", "cy"] {
        let mail = format!("{who}@example.com");
        happened(
            &daemon,
            &format!("in-{who}"),
            "contact.opted_in",
            &mail,
            &json!({ "contact": { "first_name": who } }),
        );
    }
    let mut booking: Value = serde_json::from_str(include_str!("../fixtures/calcom/booking_created_ana.json")).unwrap();
    booking["payload"]["eventTypeId"] = 101.into();
    assert_eq!(daemon.calendar(CAL_SECRET, booking.to_string()).0, 200);
    for who in ["ben", "cy"] {
        let uid = format!("uid-{who}");
        let start = "2099-03-26T18:30:00Z";
        let data = json!({ "booking": { "uid": uid, "start": start } });
        happened(&daemon, &format!("book-{who}"), "booking.created", &format!("{who}@example.com"), &data);
        let data = json!({ "no_show": true, "booking": { "uid": uid } });
        happened(&daemon, &format!("gone-{who}"), "booking.no_show", &format!("{who}@example.com"), &data);
    }
    for args in [&["opt-out", "ben@example.com"][..], &["contact", "erase", "cy@example.com", "--yes"]] {
        let done = now(folder.path(), args);
        assert_eq!(done.code, 0, "{args:?}: {}", done.err);
    }
    assert_eq!(daemon.end("-TERM"), Some(0));
    folder
}

#[test]
fn what_a_daemon_recorded_happens_again() {
    let home = recorded();
    let folder = home.path();
    let base = clinic();
    let args = ["backtest", "--events", ".dripline/dripline.db", "--against", base.path().to_str().unwrap()];
    let same = json_of(folder, &args);
    assert_eq!(same["differs"], false, "{same:#}");
    let lost = same["recorded"]["not_played"].as_array().unwrap();
    assert_eq!(lost.len(), 1, "{same:#}");
    assert_eq!(lost[0]["count"], 3, "{lost:?}");
    assert!(lost[0]["why"].as_str().unwrap().contains("bodies are gone"), "{lost:?}");
    // three of Ben, one of the calendar, and his opt-out
    assert_eq!((&same["recorded"]["played"], &same["after"]["events"]["taken_in"]), (&json!(5), &json!(5)), "{same:#}");

    // what the daemon sent at once is what is sent again: the confirmations and the notice to the desk
    let mailbox = json_of(folder, &["mailbox"]);
    let really = mailbox["messages"].as_array().unwrap().len() as u64;
    let again = json_of(folder, &[&args[..], &["--for", "1s"]].concat());
    assert!(really >= 3 && again["messages"]["after"] == really, "{really}: {again:#}");

    change(folder, "templates/booking/confirmation.md", "subject: \"Your", "subject: \"New: your");
    let text = now(folder, &args);
    assert!(text.code == 0 && text.err.is_empty(), "{}", text.err);
    assert!(text.out.contains("not played: 3 requests whose bodies are gone"), "{}", text.out);
    assert!(text.out.contains("0 people were there before"), "{}", text.out);
    assert!(!text.out.contains("cy@") && !text.out.contains("@example.com"), "{}", text.out);
    let differs = json_of(folder, &args);
    assert!(differs["messages"]["changes"]["text"].as_u64().unwrap() > 0, "{differs:#}");
    // after his opt-out Ben gets nothing that needs consent
    let recovery = |json: &Value| json["totals"].to_string().contains("no_show_recovery");
    assert!(!recovery(&differs), "{differs:#}");
    let missing = now(folder, &["backtest", "--events", "other.db", "--against", "."]);
    assert_eq!(missing.code, 6, "{}", missing.err);
}

const OPENED: &str = "sequence: welcome
category: follow_up
purpose: transactional
reentry: never
steps:
  - id: hello
    track: true
    email: hello
  - id: shares
    split:
      long:
        weight: 50
        steps:
          - id: more
            email: more
      short: { weight: 50, steps: [] }
  - id: opened
    wait_for: { event: message.clicked, if: event.step == 'hello', up_to: 3d }
    then:
      - id: warm
        email: warm
    otherwise: []
  - id: second
    wait: 1d
    purpose: marketing
    email: second
";

/// A project whose people are in shares, open links and opt out by one.
fn linked() -> TempDir {
    let folder = project();
    put(folder.path(), "sequences/welcome.yaml", OPENED);
    change(
        folder.path(),
        "dripline.yaml",
        "  preferred: [email]\n",
        "  preferred: [email]\n  consent: { marketing: opt_in }\n",
    );
    let links = "[Read](https://www.example.com/visit).\n\n{{ unsubscribe_link }}\n\n{{ postal_address }}\n";
    for name in ["hello", "second", "warm"] {
        put(folder.path(), &format!("templates/{name}.md"), &format!("---\nsubject: {name}\n---\n{links}"));
    }
    folder
}

/// The path of a link in the mail that somebody got.
fn link(mails: &Value, who: &str, kind: &str) -> String {
    let all = mails["messages"].as_array().unwrap().iter().map(|mail| &mail["message"]);
    let mail = all.filter(|mail| mail["subject"] == "hello").find(|mail| mail["to"].as_str().unwrap().contains(who));
    let text = mail.unwrap()["text"].as_str().unwrap();
    let start = text.find(&format!("https://drip.example.com/{kind}/")).unwrap();
    let url = text[start..].split(|letter: char| letter.is_whitespace() || matches!(letter, ')' | '>')).next().unwrap();
    url.trim_start_matches("https://drip.example.com").trim_end_matches('.').to_owned()
}

#[test]
fn people_of_a_database_have_their_numbers_consent_clicks_and_opt_outs() {
    let home = linked();
    let folder = home.path();
    let daemon = Daemon::start(folder);
    let mail = |number: usize| format!("person{number}@example.com");
    for number in 0..12 {
        let name = json!({ "contact": { "first_name": format!("Person{number}") } });
        happened(&daemon, &format!("in-{number}"), "contact.opted_in", &mail(number), &name);
        happened(&daemon, &format!("lead-{number}"), "lead.created", &mail(number), &json!({}));
    }
    let mails = json_of(folder, &["mailbox", "--limit", "100"]);
    assert_eq!(daemon.leads("GET", &link(&mails, "person1@", "c")).0, 302);
    let form = ("content-type", "application/x-www-form-urlencoded");
    assert_eq!(daemon.post(&link(&mails, "person2@", "u"), &[form], "List-Unsubscribe=One-Click").0, 200);
    assert_eq!(now(folder, &["contact", "erase", "person5@example.com", "--yes"]).code, 0);
    let long: BTreeSet<String> = mails["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| &mail["message"])
        .filter(|mail| mail["subject"] == "more")
        .map(|mail| mail["text"].as_str().unwrap().split([' ', ',']).nth(1).unwrap().to_owned())
        .filter(|name| name != "Person5")
        .collect();
    assert!((1..11).contains(&long.len()), "{long:?}");
    assert_eq!(daemon.end("-TERM"), Some(0));
    // what she agreed to is known from the ledger only
    let db = rusqlite::Connection::open(folder.join(".dripline/dripline.db")).unwrap();
    let dropped = "UPDATE delivery SET body = NULL WHERE id = (SELECT min(id) FROM delivery WHERE body IS NOT NULL)";
    assert_eq!(db.execute(dropped, []).unwrap(), 1);
    drop(db);

    let other = linked();
    change(other.path(), "templates/more.md", "this is more", "this was more");
    for name in ["warm", "second"] {
        change(other.path(), &format!("templates/{name}.md"), "[Read]", "[See]");
    }
    let args = ["backtest", "--events", ".dripline/dripline.db", "--people", "99", "--against"];
    let told = json_of(folder, &[&args[..], &[other.path().to_str().unwrap()]].concat());
    let differing = |step: &str| -> BTreeSet<String> {
        let has = |person: &&Value| {
            let mut pairs = person["messages"].as_array().unwrap().iter();
            pairs.any(|pair| pair["changes"] == json!(["text"]) && pair["after"]["step"] == step)
        };
        let people = told["people"]["shown"].as_array().unwrap().iter();
        people.filter(has).map(|person| person["person"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(differing("more"), long, "the same people in the same shares: {told:#}");
    assert_eq!(differing("warm"), BTreeSet::from(["Person1".to_owned()]), "{told:#}");
    assert_eq!(told["people"]["all"], 11);
    let lost: u64 =
        told["recorded"]["not_played"].as_array().unwrap().iter().map(|lost| lost["count"].as_u64().unwrap()).sum();
    assert_eq!(lost, 3, "two of the erased one, and the one that was dropped: {told:#}");
    assert_eq!(
        told["after"]["events"],
        json!({
            "taken_in": 23, "came_before": 0, "of_no_use": 0, "about_nobody": 0, "not_understood": 0,
        })
    );
    // only who opted out goes without
    let skipped: u64 =
        told["after"]["not_sent"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(skipped, 1, "{told:#}");
    let all: BTreeSet<String> =
        (0..12).filter(|number| ![2, 5].contains(number)).map(|number| format!("Person{number}")).collect();
    assert_eq!(differing("second"), all, "{told:#}");
    assert!(told["notes"][0].as_str().unwrap().starts_with("1 person was there before"), "{told:#}");
}

// --- pages ------------------------------------------------------------------------------------------------------------

#[test]
fn a_page_stands_alone_and_names_change_nothing_around_them() {
    let home = committed();
    let folder = home.path();
    let hostile = "<script>alert(1)</script>\u{202e}";
    let mut lead: Value = serde_json::from_str(&event(1, "lead.created", 10, "Ana")).unwrap();
    lead["data"]["contact"]["first_name"] = hostile.into();
    events(folder, &[lead.to_string(), event(2, "lead.created", 10, "Ben"), "broken".to_owned()]);
    change(folder, "templates/hello.md", "this is hello", "this is <b>new</b>");
    let done = backtest(folder, &["--format", "html", "--report", "json=told.json"]);
    assert_eq!(done.code, 1, "{}", done.err);
    let page = &done.out;
    let (_, body) = page.split_once("</style>").unwrap();
    for odd in ["<script", "<img", " style=", "http://", "src=", "\u{202e}"] {
        assert!(!body.contains(odd), "{odd} in {page}");
    }
    for part in [
        "<code>dripline backtest --events events.jsonl --format html</code>",
        "<h2>Messages by sequence and channel</h2>",
        "<h2>What differs</h2>",
        "Not played: 1 line that cannot be played (DL740).",
        "&lt;script&gt;alert(1)&lt;&#x2f;script&gt;",
        "<h2 dir=\"auto\">Ben</h2>",
        "aria-label=\"other text\"",
        "<del>- Dear Ben, this is hello.</del><ins>+ Dear Ben, this is new.</ins>",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    for tag in ["table", "section", "tr", "td", "details"] {
        let count = |text: &str| body.matches(text).count();
        assert_eq!(count(&format!("<{tag}>")) + count(&format!("<{tag} ")), count(&format!("</{tag}>")), "{tag}");
    }
    let told: Value = serde_json::from_str(&fs::read_to_string(folder.join("told.json")).unwrap()).unwrap();
    assert_eq!(told["people"]["differ"], 2);
}
