//! A real daemon as a child process: started, listened to, asked over HTTP, ended. Knows no test.
use crate::project::copy;
use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

pub(crate) const CAL_SECRET: &str = "secret-of-a-test";
const EVENTS_SECRET: &str = "whsec_ZHJpcGxpbmUtdGVzdC1ldmVudHMtaW4tMzJieXRlcyE=";

/// A daemon that says nothing for so long has failed the test.
const LONG: Duration = Duration::from_secs(30);

/// Variables that the clinic example needs.
pub(crate) fn secrets() -> BTreeMap<String, String> {
    [("CALCOM_WEBHOOK_SECRET", CAL_SECRET), ("EVENTS_SECRET", EVENTS_SECRET)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// The clinic example in a folder of its own.
pub(crate) fn clinic() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clinic"), folder.path());
    folder
}

/// Whatever proxy the machine has: the daemon is on this one.
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub(crate) struct Daemon {
    child: Child,
    lines: Receiver<String>,
    pub(crate) url: String,
    runtime: tokio::runtime::Runtime,
}

impl Daemon {
    /// Ready, on a free port.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    pub(crate) fn start_with(folder: &Path, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dripline"))
            .args(["run", "--listen", "127.0.0.1:0"])
            .args(args)
            .current_dir(folder)
            .envs(secrets())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let (tell, lines) = channel();
        thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut daemon = Self { child, lines, url: String::new(), runtime };
        let ready: serde_json::Value = serde_json::from_str(&daemon.line("\"ready\"")).unwrap();
        ready["address"].as_str().unwrap().clone_into(&mut daemon.url);
        daemon
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line of the log with these words.
    pub(crate) fn line(&mut self, words: &str) -> String {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(LONG) {
                Ok(line) if line.contains(words) => return line,
                Ok(line) => seen.push(line),
                Err(error) => panic!("no line with {words:?} ({error}) but:\n{}", seen.join("\n")),
            }
        }
    }

    /// Sends a signal, and waits for the end.
    pub(crate) fn end(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.child.wait().unwrap().code()
    }

    /// Sends a signal and goes on.
    pub(crate) fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.pid().to_string()]).status().unwrap().success());
    }

    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.ask(client().get(format!("{}{path}", self.url)))
    }

    /// Status of an address and where it leads; nobody goes there.
    pub(crate) fn leads(&self, method: &str, path: &str) -> (u16, Option<String>) {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        self.runtime.block_on(async {
            let request = client.request(method.parse().unwrap(), format!("{}{path}", self.url));
            let answer = request.send().await.unwrap();
            let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
            (answer.status().as_u16(), to)
        })
    }

    fn ask(&self, request: reqwest::RequestBuilder) -> (u16, String) {
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        })
    }

    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> (u16, String) {
        let mut request = client().post(format!("{}{path}", self.url)).body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.ask(request)
    }

    /// An event for `/v1/events`, signed.
    pub(crate) fn event(&self, id: &str, body: &[u8]) -> (u16, serde_json::Value) {
        let base64 = base64::engine::general_purpose::STANDARD;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
        let key = base64.decode(EVENTS_SECRET.trim_start_matches("whsec_")).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(&[format!("{id}.{now}.").as_bytes(), body].concat());
        let signature = format!("v1,{}", base64.encode(mac.finalize().into_bytes()));
        let headers = [
            ("content-type", "application/cloudevents+json"),
            ("webhook-id", id),
            ("webhook-timestamp", &now),
            ("webhook-signature", &signature),
        ];
        let (status, text) = self.post("/v1/events", &headers, body);
        (status, serde_json::from_str(&text).unwrap())
    }

    /// A webhook of the calendar, signed with `secret`.
    pub(crate) fn calendar(&self, secret: &str, body: impl Into<Vec<u8>>) -> (u16, serde_json::Value) {
        let body = body.into();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(&body);
        let signature: String =
            mac.finalize().into_bytes().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let (status, text) = self.post("/hooks/cal", &[("x-cal-signature-256", &signature)], body);
        (status, serde_json::from_str(&text).unwrap())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
