//! A daemon of several lives over one database: started, talked to over HTTP, ended or killed. Must not know what a story
//! is about.
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// So long may anything take on a busy machine before a test gives it up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A project's folder, its variables and its database: what every life of a daemon has in common.
pub(crate) struct Home {
    pub(crate) project: PathBuf,
    pub(crate) database: PathBuf,
    pub(crate) env: Vec<(&'static str, String)>,
    /// Arguments of every life.
    pub(crate) args: Vec<&'static str>,
}

pub(crate) struct Daemon {
    child: Child,
    said: Arc<Said>,
}

/// What the process wrote to its log.
#[derive(Default)]
struct Said {
    lines: Mutex<Lines>,
    bell: Condvar,
}

#[derive(Default)]
struct Lines {
    all: Vec<String>,
    ended: bool,
}

impl Home {
    /// What a command tells of this home, as JSON.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let mut command = self.command();
        let done = command.args(args).args(["--format", "json", "--db"]).arg(&self.database).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{args:?}: {err}");
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{args:?}: {error}: {out}"))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dripline"));
        command.current_dir(&self.project).env("NO_COLOR", "1");
        command.envs(self.env.iter().map(|(name, text)| (name, text)));
        command
    }

    /// A life of the daemon, on an address of its own.
    pub(crate) fn start(&self, args: &[&str]) -> Daemon {
        let mut command = self.command();
        command.args(["run", "--no-watch", "--listen", "127.0.0.1:0", "--db"]).arg(&self.database);
        command.args(&self.args).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = Arc::new(Said::default());
        let stderr = child.stderr.take().unwrap();
        let hears = said.clone();
        thread::spawn(move || hears.listen(stderr));
        Daemon { child, said }
    }
}

impl Said {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(&self, from: impl Read) {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            self.lines().all.push(line);
            self.bell.notify_all();
        }
        self.lines().ended = true;
        self.bell.notify_all();
    }
}

impl Daemon {
    /// Where it serves, as soon as it does; `None` when it has not said so in time.
    pub(crate) fn address_within(&self, patience: Duration) -> Option<SocketAddr> {
        let end = Instant::now() + patience;
        let mut lines = self.said.lines();
        loop {
            if let Some(address) = lines.all.iter().find_map(|line| address(line)) {
                return Some(address);
            }
            let left = end.checked_duration_since(Instant::now()).filter(|_| !lines.ended)?;
            lines = self.said.bell.wait_timeout(lines, left).unwrap().0;
        }
    }

    #[track_caller]
    pub(crate) fn address(&self) -> SocketAddr {
        self.address_within(PATIENCE).unwrap_or_else(|| panic!("it does not serve: {}", self.log()))
    }

    pub(crate) fn log(&self) -> String {
        self.said.lines().all.join("\n")
    }

    /// Has it ended by itself?
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// SIGKILL: nothing of the process runs any more when this returns.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; it must end in good order.
    #[track_caller]
    pub(crate) fn stop(mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        assert!(self.ends_within(PATIENCE), "it does not end: {}", self.log());
    }

    /// Waits until it ends by itself, which must be in good order. False when it goes on.
    #[track_caller]
    pub(crate) fn ends_within(&mut self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        let mut lines = self.said.lines();
        // its end of the pipe closes when it ends
        while !lines.ended {
            let Some(left) = end.checked_duration_since(Instant::now()) else { return false };
            lines = self.said.bell.wait_timeout(lines, left).unwrap().0;
        }
        drop(lines);
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {}", self.log());
        true
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn address(line: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    let address = line["address"].as_str().filter(|_| line["message"] == "ready")?;
    address.strip_prefix("http://")?.parse().ok()
}

/// One request with its headers; the length is written by [`post`].
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// Sends a request on a connection of its own; `written` is called when it is out, before the answer is read.
pub(crate) fn post(to: SocketAddr, request: &Request, written: impl FnOnce()) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&to, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut head = format!("POST {} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n", request.path);
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", request.body.len()));
    stream.write_all(&[head.as_bytes(), &request.body].concat())?;
    written();
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    Ok((status, body.to_owned()))
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// A CloudEvent, signed by Standard Webhooks now: a repetition has another signature and the same body.
pub(crate) fn event(secret: &str, id: &str, body: &Value) -> Request {
    let body = body.to_string().into_bytes();
    let stamp = jiff::Timestamp::now().as_second().to_string();
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signature = STANDARD.encode(mac(&key, &[format!("{id}.{stamp}.").as_bytes(), &body].concat()));
    let headers = vec![
        ("Content-Type", "application/cloudevents+json".to_owned()),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", stamp),
        ("webhook-signature", format!("v1,{signature}")),
    ];
    Request { path: "/v1/events".to_owned(), headers, body }
}

/// A webhook of Cal.com.
pub(crate) fn calcom(secret: &str, body: &Value) -> Request {
    let body = body.to_string().into_bytes();
    let signature = mac(secret.as_bytes(), &body).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let headers = vec![("Content-Type", "application/json".to_owned()), ("x-cal-signature-256", signature)];
    Request { path: "/hooks/cal".to_owned(), headers, body }
}
