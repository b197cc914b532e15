//! A world that does not play along: names that are code, bodies that are bombs, databases that are none, folders that go
//! away. Each ends in a clear answer, and the daemon lives on.
use crate::daemon::{Daemon, clinic};
use crate::project::live;
use serde_json::{Value, json};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    time::Duration,
};

/// The base project of the cases, which writes to everybody at once.
fn greeter() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let base = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases/base");
    crate::project::copy(&base, folder.path());
    let change = |file: &str, from: &str, to: &str| {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(path, text.replace(from, to)).unwrap();
    };
    change("sequences/welcome.yaml", "purpose: marketing", "purpose: transactional");
    change(
        "templates/welcome.md",
        "subject: Welcome",
        "subject: \"Welcome {{ contact.first_name | default('you') }}\"",
    );
    folder
}

fn naughty() -> Vec<String> {
    let mut names: Vec<String> = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](https://evil.example.com/pixel.png)",
        "</p></body></html>",
        "{{ 7 * 7 }} {% for x in range(9) %}x{% endfor %}",
        "${vars.secret} ${7*7} #{7*7} %s %n %x",
        "Ana\r\nBcc: everybody@example.com\r\n\r\nHello",
        "Ana\nX-Injected: yes",
        "Ana\u{2028}Bcc: x@example.com\u{2029}",
        "\u{202e}anA\u{202c}",
        "شيماء בתיה",
        "👩‍👩‍👧‍👦🏳️‍🌈🇯🇲",
        "\u{200b}\u{200d}\u{feff}",
        "Z̷̢̛a̸͝l̴̨g̶̕o̴",
        "\u{0}\u{1}\u{7}\u{8}\u{1b}[31mred\u{1b}[0m",
        "'; DROP TABLE contact; --",
        "../../../../etc/passwd",
        "=cmd|' /C calc'!A0",
        "null",
        "undefined",
        "NaN",
        "  ",
        "*bold* _it_ `code` # head\n- list\n> quote\n---\n",
        "&lt;b&gt; &amp;amp; &#x3C;script&#x3E;",
        "Düsseldorf Ærøskøbing İstanbul ǅ",
    ]
    .map(str::to_owned)
    .into();
    names.push("x".repeat(100_000));
    names.push("\u{1f4a9}".repeat(3_000));
    names
}

#[test]
fn naughty_names_reach_a_mail_as_names_and_nothing_else() {
    let folder = greeter();
    let daemon = Daemon::start(folder.path());
    let names = naughty();
    for (number, name) in names.iter().enumerate() {
        let event = |id: &str, data: Value| {
            let event = json!({
                "specversion": "1.0", "id": id, "source": "/test", "type": "lead.created", "data": data,
            });
            let (status, answer) = daemon.event(id, event.to_string().as_bytes());
            assert!([200, 422].contains(&status), "{name:?}: {status} {answer}");
            status
        };
        let mail = format!("naughty{number}@example.com");
        event(&format!("name-{number}"), json!({ "email": mail, "first_name": name, "last_name": name }));
        event(&format!("mail-{number}"), json!({ "email": format!("{name}@example.com"), "first_name": "Ana" }));
        event(&format!("only-{number}"), json!({ "email": name, "phone": name, "locale": name, "zone": name }));
    }
    assert_eq!(daemon.get("/readyz").0, 200);
    assert_eq!(daemon.end("-TERM"), Some(0));
    assert_eq!(live(folder.path(), &["-q", "run", "--once"]).code, 0);
    let mailbox = live(folder.path(), &["mailbox", "--limit", "1000", "--format", "json"]);
    let mailbox: Value = serde_json::from_str(&mailbox.out).unwrap();
    let messages = mailbox["messages"].as_array().unwrap();
    assert!(messages.len() >= names.len() - 4, "{} mails", messages.len());
    for row in messages {
        harmless(&row["message"]);
    }
    for args in [&["mailbox", "--limit", "1000"][..], &["log"], &["status"], &["why", "naughty16@example.com"]] {
        let told = live(folder.path(), args);
        assert_eq!(told.code, 0, "{args:?}: {}", told.err);
        assert!(!told.out.contains(['\u{1b}', '\u{0}', '\u{7}', '\r']), "{args:?} writes control characters");
    }
}

/// No element that a name brought along, no header, no second line where one belongs.
#[track_caller]
fn harmless(message: &Value) {
    let html = message["html"].as_str().unwrap_or_default().to_lowercase();
    for element in ["<script", "<img", "<svg", "href=\"javascript:", "onerror=alert(1)>"] {
        assert!(!html.contains(element), "{element} in {html}");
    }
    assert_eq!((html.matches("</body>").count(), html.matches("<body").count()), (1, 1), "{html}");
    for line in ["to", "from", "reply_to", "subject"] {
        let text = message[line].as_str().unwrap_or_default();
        assert!(!text.contains(|c: char| c.is_control()), "{line}: {text:?}");
    }
    for (name, value) in message["headers"].as_object().into_iter().flatten() {
        assert!(name.starts_with("List-") || name == "Message-ID" || name == "Auto-Submitted", "the header {name}");
        assert!(!value.as_str().unwrap().contains(['\r', '\n']), "{name}: {value}");
    }
    let text = message["text"].as_str().unwrap();
    assert!(!text.contains("49 x"), "a name was run as a template: {text}");
}

/// Bytes on the wire, and the first line of the answer; nothing when the daemon hangs up or stays silent.
fn wire(daemon: &Daemon, bytes: &[u8]) -> String {
    let mut line = TcpStream::connect(daemon.url.trim_start_matches("http://")).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // it may have hung up in the middle
    let _ = line.write_all(bytes);
    let mut answer = [0; 512];
    let read = line.read(&mut answer).unwrap_or(0);
    String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn bodies_and_requests_of_every_kind_leave_the_daemon_standing() {
    let folder = clinic();
    let daemon = Daemon::start(folder.path());
    let deep = "[".repeat(200_000);
    let nested = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let half = br#"{"triggerEvent":"BOOKING_CREATED","payload":{"#;
    let bodies: [&[u8]; 8] = [b"", b"null", b"[]", b"\"x\"", &[0xff; 4096], deep.as_bytes(), nested.as_bytes(), half];
    for body in bodies {
        let (status, _) = daemon.calendar(crate::daemon::CAL_SECRET, body);
        assert!((200..500).contains(&status), "calendar: {status}");
        let (status, _) = daemon.event("odd", body);
        assert!((400..500).contains(&status), "event: {status}");
    }
    for subject in
        [json!(""), json!(7), json!(null), json!("x".repeat(70_000)), json!("\u{0}"), json!(["a"]), json!({})]
    {
        let event =
            json!({ "specversion": "1.0", "id": "s", "source": "/t", "type": "lead.created", "subject": subject });
        let (status, answer) = daemon.event("s", event.to_string().as_bytes());
        assert!((400..500).contains(&status), "{status} {answer}");
        assert!(answer["hint"].is_string(), "a refusal says why: {answer}");
    }
    for path in [
        "/u/",
        "/u/%00",
        "/u/..%2f..",
        "/u/1-",
        "/u/-",
        "/hooks/",
        "/hooks/%ff",
        "/hooks/cal/x",
        "/u/9999999999999999-00",
    ] {
        let (status, _) = daemon.post(path, &[], "List-Unsubscribe=One-Click");
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    for (request, expected) in [
        (&b"POST /hooks/cal HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"[..], " 401"),
        (b"POST /hooks/cal HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n", " 400"),
        (b"POST /hooks/cal HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", " 400"),
        (b"GET / HTTP/9.9\r\n\r\n", ""),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", ""),
    ] {
        let answer = wire(&daemon, request);
        assert!(answer.contains(expected), "{:?} gave {answer:?}", String::from_utf8_lossy(request));
    }
    assert_eq!((daemon.get("/livez").0, daemon.get("/readyz").0), (200, 200));
    assert_eq!(daemon.end("-TERM"), Some(0));
}

#[test]
fn a_file_that_is_no_database_is_told_and_left_as_it_is() {
    let folder = greeter();
    let at = |name: &str| folder.path().join(name);
    assert_eq!(live(folder.path(), &["-q", "run", "--once", "--db", "good.db"]).code, 0);
    let good = fs::read(at("good.db")).unwrap();
    fs::write(at("text.db"), "a shopping list, longer than the head of a database: ".repeat(10)).unwrap();
    fs::write(at("cut.db"), &good[..3_000]).unwrap();
    let mut torn = good.clone();
    torn[8_192..].fill(0xff);
    fs::write(at("torn.db"), torn).unwrap();
    fs::create_dir(at("folder.db")).unwrap();
    rusqlite::Connection::open(at("other.db")).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    for (name, words) in [
        ("text.db", "not a database of this program"),
        ("other.db", "not a database of this program"),
        ("cut.db", "malformed"),
        ("torn.db", "malformed"),
        ("folder.db", "it is a folder"),
    ] {
        let before = fs::read(at(name)).ok();
        for args in [&["-q", "run", "--once", "--db", name][..], &["status", "--db", name]] {
            let done = live(folder.path(), args);
            assert_eq!(done.code, 6, "{args:?}: {}", done.err);
            assert!(done.err.contains(words) && done.err.contains(name), "{args:?}: {}", done.err);
        }
        assert_eq!(fs::read(at(name)).ok(), before, "{name} was changed");
    }
    assert_eq!(live(folder.path(), &["status", "--db", "nowhere/at/all.db"]).code, 6);
    assert!(!at("nowhere").exists(), "who only reads makes no folder");
    fs::write(at("empty.db"), "").unwrap();
    assert_eq!(live(folder.path(), &["-q", "run", "--once", "--db", "empty.db"]).code, 0, "an empty file is filled");
    let blocked = live(folder.path(), &["-q", "run", "--once", "--db", "text.db/below.db"]);
    assert_eq!(blocked.code, 6, "{}", blocked.err);
}

#[test]
fn a_project_that_goes_away_stops_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (project, database) = (folder.path().join("project"), folder.path().join("clinic.db"));
    crate::project::copy(clinic().path(), &project);
    let mut daemon = Daemon::start_with(&project, &["--db", database.to_str().unwrap()]);
    fs::remove_dir_all(&project).unwrap();
    daemon.line("the plan that runs stays");
    assert_eq!((daemon.get("/livez").0, daemon.get("/readyz").0), (200, 200));
    crate::project::copy(clinic().path(), &project);
    assert_eq!(daemon.end("-TERM"), Some(0));
}

#[test]
fn wrong_arguments_end_with_3_and_name_what_was_meant() {
    let folder = clinic();
    assert_eq!(live(folder.path(), &["-q", "run", "--once"]).code, 0);
    for (args, words) in [
        (&["preview", "no_show_recovry"][..], "no_show_recovery"),
        (&["preview", "no_show_recovery", "--contact", "gone.json"], "gone.json"),
        (&["preview", "no_show_recovery", "--start", "someday"], "someday"),
        (&["preview", "no_show_recovery", "--event", "booking.no_shwo"], "booking.no_show"),
        (&["enroll", "no_show_recovry", "Nobody"], "no_show_recovery"),
        (&["why", "Nobody"], "Nobody"),
        (&["why", ""], "help:"),
        (&["run", "--listen", "nonsense"], "nonsense"),
        (&["run", "--speed", "0d=1s"], "--speed"),
        (&["check", "--select", "DL9999"], "DL9999"),
        (&["check", "--env", "dve"], "dev"),
        (&["mailbox", "99999999999999999999"], "9999"),
    ] {
        let done = live(folder.path(), args);
        assert!([1, 3].contains(&done.code), "{args:?}: {} {}{}", done.code, done.out, done.err);
        assert!(done.err.contains(words) || done.out.contains(words), "{args:?}: {}{}", done.out, done.err);
    }
}
