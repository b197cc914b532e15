//! A real mail of the clinic through a real mail server: what arrives, and that its unsubscribe link works.
//!
//! `DRIPLINE_SMTPD_PYTHON` names a Python that has `aiosmtpd`; without it there is nothing to talk to, except where `CI` says
//! that it must be there.
use crate::{
    lives::{self, Home, Request},
    project::copy,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const EVENTS_SECRET: &str = "whsec_ZHJpcGxpbmUtc210cC10ZXN0LWtleS0x";
const CAL_SECRET: &str = "secret-of-the-calendar";
const FROM: &str = "Oshun Cosmetic <hello@oshun.example>";
const ANA: Person = Person { email: "ana.baptiste@example.com", name: "Ana", uid: "smtp-1" };
const BEN: Person = Person { email: "ben.clarke@example.com", name: "Ben", uid: "smtp-2" };
const CONFIRMATION: &str = "Your appointment at Oshun Cosmetic";
const FIRST: &str = "We missed you at your appointment";
const SECOND: &str = "Pick a new time";
const PATIENCE: Duration = Duration::from_mins(1);

/// The port is told on the first line; every mail is a file in `new/` of the folder.
const SERVER: &str = r#"
import asyncio, sys
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP

async def serve():
    handler = Mailbox(sys.argv[1])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="mx.example.org"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # its life ends with that of the test, which holds the other end
    await loop.run_in_executor(None, sys.stdin.read)

asyncio.run(serve())
"#;

/// Mails as Python's own parser reads them: a second opinion on our bytes.
const READER: &str = r#"
import email, email.policy, json, sys
with open(sys.argv[1], "rb") as file:
    mail = email.message_from_binary_file(file, policy=email.policy.default)
parts = [[part.get_content_type(), part.get_content()] for part in mail.walk() if not part.is_multipart()]
headers = [[name.lower(), str(text)] for name, text in mail.items()]
print(json.dumps({"type": mail.get_content_type(), "headers": headers, "parts": parts, "defects": len(mail.defects)}))
"#;

struct Server {
    python: String,
    child: Child,
    port: u16,
    mails: PathBuf,
}

impl Server {
    fn start(python: String, mails: PathBuf) -> Self {
        let mut child = Command::new(&python)
            .args(["-c", SERVER])
            .arg(&mails)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { python, child, port: line.trim().parse().unwrap(), mails }
    }

    /// All mails so far, in the order of their names.
    fn mails(&self) -> Vec<Mail> {
        let mut files: Vec<PathBuf> =
            fs::read_dir(self.mails.join("new")).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| self.read(file)).collect()
    }

    fn read(&self, file: &Path) -> Mail {
        let read = Command::new(&self.python).args(["-c", READER]).arg(file).output().unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        Mail(serde_json::from_slice(&read.stdout).unwrap())
    }

    /// Subjects of what somebody got.
    fn subjects(&self, who: Person) -> BTreeSet<String> {
        let mails = self.mails().into_iter().filter(|mail| mail.header("to") == Some(who.email));
        mails.map(|mail| mail.header("subject").unwrap().to_owned()).collect()
    }

    /// The mail with this subject, as soon as it is there.
    #[track_caller]
    fn wait_for(&self, who: Person, subject: &str) -> Mail {
        let end = Instant::now() + PATIENCE;
        loop {
            let is_it = |mail: &Mail| (mail.header("to"), mail.header("subject")) == (Some(who.email), Some(subject));
            if let Some(mail) = self.mails().into_iter().find(is_it) {
                return mail;
            }
            assert!(Instant::now() < end, "no mail with the subject {subject}");
            thread::yield_now();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[derive(Clone, Copy)]
struct Person {
    email: &'static str,
    name: &'static str,
    uid: &'static str,
}

struct Mail(Value);

impl Mail {
    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.0["headers"].as_array().unwrap();
        let mut found = headers.iter().filter(|header| header[0] == name).map(|header| header[1].as_str().unwrap());
        let first = found.next();
        assert!(found.next().is_none(), "{name} stands twice");
        first
    }

    fn part(&self, kind: &str) -> &str {
        let parts = self.0["parts"].as_array().unwrap();
        parts.iter().find(|part| part[0] == kind).and_then(|part| part[1].as_str()).unwrap_or_default()
    }

    /// What every mail of ours has.
    #[track_caller]
    fn check(&self) {
        assert_eq!(self.0["type"], "multipart/alternative");
        let kinds: Vec<&Value> = self.0["parts"].as_array().unwrap().iter().map(|part| &part[0]).collect();
        assert_eq!(kinds, ["text/plain", "text/html"], "the best one last");
        assert_eq!(self.0["defects"], 0);
        assert_eq!((self.header("from"), self.header("to")), (Some(FROM), Some(ANA.email)));
        let key = self.header("x-dripline-send").unwrap();
        assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
        assert_eq!(self.header("message-id"), Some(format!("<{key}@oshun.example>").as_str()));
        assert!(self.header("date").is_some());
        for (kind, marks) in [("text/plain", &["{{", "{%", "](", "<a "][..]), ("text/html", &["{{", "{%"])] {
            let text = self.part(kind);
            assert!(text.contains("Hi Ana,") && text.contains("Hope Road"), "{kind}: {text}");
            assert!(marks.iter().all(|mark| !text.contains(mark)), "{kind}: {text}");
        }
        assert!(self.part("text/html").trim_start().to_ascii_lowercase().starts_with("<!doctype html"));
    }
}

/// The clinic, whose mails leave the house; whose recovery begins at once, so that nobody waits for tomorrow at ten.
fn clinic(folder: &Path, port: u16) -> Home {
    let project = folder.join("clinic");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clinic"), &project);
    let change = |path: &str, changes: &[(&str, &str)]| {
        let mut text = fs::read_to_string(project.join(path)).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "{path} has no {from}");
            text = text.replace(from, to);
        }
        fs::write(project.join(path), text).unwrap();
    };
    let binding = format!(
        "environments:\n  mail:\n    channels:\n      email: {{ provider: smtp, url: SMTP_URL, from: \"{FROM}\" }}\n"
    );
    let changes = [
        ("environments:\n", binding.as_str()),
        // the test runs at any time of any day
        ("for: [marketing, service]\n    then: wait", "for: [service]\n    then: wait"),
        ("at_most: 1, per: 1d", "at_most: 9, per: 1d"),
    ];
    change("dripline.yaml", &changes);
    let changes = [
        ("window: daytime\n", ""),
        ("    day: 1\n    at: \"10:00\"\n", ""),
        ("    day: 4\n    at: \"10:00\"\n", "    wait: 3s\n"),
        // without a window phones must not be reached, and this is about mails
        ("    send: no_show/", "    email: no_show/"),
        ("    whatsapp_template:\n      name: no_show_new_time\n", ""),
        ("      params: [\"{{ contact.first_name | default('there') }}\"]\n", ""),
    ];
    change("sequences/no_show_recovery.yaml", &changes);
    Home {
        project,
        database: folder.join("clinic.db"),
        env: vec![
            ("EVENTS_SECRET", EVENTS_SECRET.to_owned()),
            ("CALCOM_WEBHOOK_SECRET", CAL_SECRET.to_owned()),
            ("SMTP_URL", format!("smtp://127.0.0.1:{port}")),
        ],
        args: vec!["--env", "mail"],
    }
}

fn booking(trigger: &str, payload: &Value) -> Request {
    let at = jiff::Timestamp::now().to_string();
    lives::calcom(CAL_SECRET, &json!({ "triggerEvent": trigger, "createdAt": at, "payload": payload }))
}

/// They agree, book, and do not come.
fn story(who: Person) -> [Request; 3] {
    let Person { email, name, uid } = who;
    let now = jiff::Timestamp::now();
    let hours = |hours: i64| (now + jiff::SignedDuration::from_hours(hours)).to_string();
    let contact = json!({ "email": email, "first_name": name, "zone": "America/Jamaica" });
    let agreed = json!({
        "specversion": "1.0", "id": uid, "source": "https://www.example.com/", "type": "contact.opted_in",
        "subject": email, "time": now.to_string(), "data": { "purpose": "marketing", "contact": contact },
    });
    let attendee = json!({ "email": email, "name": name, "timeZone": "America/Jamaica" });
    let booked = json!({
        "uid": uid, "bookingId": 101, "eventTypeId": 101, "type": "consultation", "title": "Consultation",
        "startTime": hours(1), "endTime": hours(2), "attendees": [attendee], "status": "ACCEPTED",
        "organizer": { "name": "Dr. Grace Campbell", "email": "grace@example.com", "timeZone": "America/Jamaica" },
    });
    let missed = json!({
        "message": "marked as no-show", "attendees": [{ "email": email, "noShow": true }],
        "bookingUid": uid, "bookingId": 101,
    });
    [
        lives::event(EVENTS_SECRET, uid, &agreed),
        booking("BOOKING_CREATED", &booked),
        booking("BOOKING_NO_SHOW_UPDATED", &missed),
    ]
}

fn python() -> Option<String> {
    let python = std::env::var("DRIPLINE_SMTPD_PYTHON").ok().filter(|python| !python.is_empty());
    let must = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(python.is_some() || !must, "DRIPLINE_SMTPD_PYTHON is not set");
    python
}

#[test]
fn a_mail_arrives_whole_and_its_link_ends_the_series() {
    let Some(python) = python() else {
        println!("skipped: DRIPLINE_SMTPD_PYTHON names no Python that has aiosmtpd");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(python, folder.path().join("mails"));
    let home = clinic(folder.path(), server.port);
    let daemon = home.start(&[]);
    let tell = |requests: &[Request]| {
        for request in requests {
            let (status, body) = lives::post(daemon.address(), request, || {}).unwrap();
            assert_eq!(status, 200, "{}: {body}", request.path);
        }
    };
    tell(&story(ANA));

    let confirmation = server.wait_for(ANA, CONFIRMATION);
    confirmation.check();
    assert_eq!((confirmation.header("list-unsubscribe"), confirmation.header("list-unsubscribe-post")), (None, None));

    let first = server.wait_for(ANA, FIRST);
    first.check();
    let path = unsubscribe_path(&first);
    let form = vec![("Content-Type", "application/x-www-form-urlencoded".to_owned())];
    tell(&[Request { path, headers: form, body: b"List-Unsubscribe=One-Click".to_vec() }]);

    // his second mail is due after hers would have been
    tell(&story(BEN));
    server.wait_for(BEN, SECOND);
    assert_eq!(server.subjects(ANA), [CONFIRMATION, FIRST].map(str::to_owned).into(), "nothing came after the click");
    daemon.stop();
    let why = home.json(&["why", ANA.email]);
    let runs = why["runs"].as_array().unwrap();
    let recovery = runs.iter().find(|run| run["sequence"] == "no_show_recovery").unwrap();
    assert_eq!(recovery["phase"]["ended"]["how"], "stopped (opted_out)");
    let steps: Vec<_> =
        recovery["steps"].as_array().unwrap().iter().map(|line| (&line["step"], &line["state"])).collect();
    assert_eq!(steps, [(&json!("sorry_we_missed_you"), &json!("sent"))]);
}

/// The link of one click: in the header, and the same in both texts.
#[track_caller]
fn unsubscribe_path(mail: &Mail) -> String {
    assert_eq!(mail.header("list-unsubscribe-post"), Some("List-Unsubscribe=One-Click"));
    let link = mail.header("list-unsubscribe").unwrap();
    let link = link.strip_prefix('<').and_then(|link| link.strip_suffix('>')).unwrap();
    for kind in ["text/plain", "text/html"] {
        assert!(mail.part(kind).contains(link), "{link} does not stand in the text: {}", mail.part(kind));
    }
    link.strip_prefix("https://drip.oshun.example").unwrap().to_owned()
}
