//! The daemon's local socket: other commands of the same user ask the process that owns the database.
//!
//! One JSON object a line in each direction. The socket is for its owner only: its mode says so, and so does a look at who
//! is on the other side.
#![expect(clippy::disallowed_methods, reason = "the shell owns the socket beside the database")]
use super::{
    Publication, Refused, RunnerHandle,
    lock::{Lock, beside},
};
use crate::{
    engine::{CampaignOrder, Done, Order},
    id::{ChannelName, ContactId, SequenceName},
    record::Purpose,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs, io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    },
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    task::JoinHandle,
};

/// Longest request or answer.
const LINE: u64 = 64 * 1024;
/// The kernel's limit for the path of a socket, with its closing zero.
const LONGEST_PATH: usize = 108;
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Request {
    Ping,
    Enrol {
        contact: ContactId,
        sequence: SequenceName,
    },
    Advance {
        contact: ContactId,
        sequence: SequenceName,
    },
    Stop {
        contact: ContactId,
        sequence: SequenceName,
        actor: Arc<str>,
    },
    Campaign {
        name: SequenceName,
        order: CampaignOrder,
        actor: Arc<str>,
    },
    /// `None` closes every channel, or every purpose but transactional.
    OptOut {
        contact: ContactId,
        channel: Option<ChannelName>,
        purpose: Option<Purpose>,
        actor: Arc<str>,
    },
    Publish {
        what: Publication,
        base: u32,
        actor: Arc<str>,
    },
    Erase {
        contact: ContactId,
        actor: Arc<str>,
    },
    StopDaemon,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Response {
    /// Committed.
    Done,
    Pong {
        pid: u32,
        version: String,
        plan: u32,
    },
    /// Committed: rows by table.
    Erased {
        rows: Vec<(String, u64)>,
    },
    /// Nothing has happened.
    Refused {
        why: String,
    },
}

/// Listens until it is dropped.
#[derive(Debug)]
pub(crate) struct Control {
    path: PathBuf,
    listening: JoinHandle<()>,
}

/// Where the socket of this database is: beside it, or under a short name in `short`, a folder of the user's own, when the
/// path would be too long for a socket.
pub(crate) fn socket_path(database: &Path, short: &Path) -> PathBuf {
    let path = beside(database, ".sock");
    // while it is made it has a longer name for a moment
    if path.as_os_str().len() + MAKING.len() < LONGEST_PATH {
        return path;
    }
    let hash = Sha256::digest(database.as_os_str().as_bytes());
    let name = hash.iter().take(8).fold(0_u64, |name, byte| name << 8 | u64::from(*byte));
    short.join(format!("dripline-{name:016x}.sock"))
}

/// Folder in which the socket is made before it appears under its name.
const MAKING: &str = ".new/s";

impl Control {
    /// Listens at `path`. The lock proves that a socket that lies there is nobody's any more.
    pub(crate) fn listen(path: &Path, _lock: &Lock, runner: RunnerHandle) -> io::Result<Self> {
        let (listener, owner) = bind(path)?;
        let listening = tokio::spawn(async move {
            loop {
                // failing to accept one caller is no reason to stop listening to the others
                if let Ok((stream, _)) = listener.accept().await {
                    let peer = stream.peer_cred().map(|peer| peer.uid());
                    if peer.is_ok_and(|peer| peer == owner || peer == 0) {
                        tokio::spawn(serve(stream, runner.clone()));
                    }
                } else {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        });
        Ok(Self { path: path.to_owned(), listening })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.listening.abort();
        drop(fs::remove_file(&self.path));
    }
}

/// A socket that nobody else could ever connect to: made inside a private folder, then moved to its place.
fn bind(path: &Path) -> io::Result<(UnixListener, u32)> {
    let private = beside(path, ".new");
    drop(fs::remove_dir_all(&private));
    fs::DirBuilder::new().mode(0o700).create(&private)?;
    let made = private.join("s");
    let bound = UnixListener::bind(&made).and_then(|listener| {
        fs::set_permissions(&made, fs::Permissions::from_mode(0o600))?;
        let owner = fs::symlink_metadata(&made)?.uid();
        fs::rename(&made, path)?;
        Ok((listener, owner))
    });
    drop(fs::remove_dir_all(&private));
    bound
}

async fn serve(stream: UnixStream, runner: RunnerHandle) {
    let mut stream = BufReader::new(stream);
    loop {
        let line = match read_line(&mut stream).await {
            Ok(Some(line)) => line,
            Ok(None) | Err(_) => return,
        };
        let response = match serde_json::from_str(&line) {
            Ok(request) => answer(&runner, request).await,
            Err(error) => Response::Refused { why: format!("not understood: {error}") },
        };
        if write_line(&mut stream, &response).await.is_err() {
            return;
        }
    }
}

async fn answer(runner: &RunnerHandle, request: Request) -> Response {
    let (contact, order) = match request {
        Request::Ping => {
            let version = env!("CARGO_PKG_VERSION").to_owned();
            return Response::Pong { pid: std::process::id(), version, plan: runner.stats().gauges.plan_version };
        }
        Request::StopDaemon => {
            runner.ask_to_stop();
            return Response::Done;
        }
        Request::Campaign { name, order, actor } => {
            return match runner.campaign(name, order, actor).await {
                Ok(Done::Ignored) => Response::Refused { why: "it stands otherwise by now".to_owned() },
                Ok(_) => Response::Done,
                Err(why) => Response::Refused { why: why.to_string() },
            };
        }
        Request::Publish { what, base, actor } => {
            return match runner.publish(what, base, actor).await {
                Ok(_) => Response::Done,
                Err(why) => Response::Refused { why },
            };
        }
        Request::Enrol { contact, sequence } => (contact, Order::Enrol(sequence)),
        Request::Advance { contact, sequence } => (contact, Order::Advance(sequence)),
        Request::Stop { contact, sequence, actor } => (contact, Order::Stop { sequence, actor }),
        Request::OptOut { contact, channel, purpose, actor } => {
            let basis = Arc::from("operator");
            (contact, Order::OptOut { channel, purpose, basis, source: None, actor })
        }
        Request::Erase { contact, actor } => (contact, Order::Erase { actor }),
    };
    match runner.order(contact, order).await {
        Ok(Done::Erased(rows)) => Response::Erased { rows },
        Ok(_) => Response::Done,
        Err(why @ (Refused::Stopping | Refused::Failed(_))) => Response::Refused { why: why.to_string() },
    }
}

/// Asks the daemon at `path`. An error means that none listens there, or that it went away before it answered.
pub(crate) async fn ask(path: &Path, request: &Request) -> io::Result<Response> {
    let mut stream = BufReader::new(UnixStream::connect(path).await?);
    let asked = async {
        write_line(&mut stream, request).await?;
        let line = read_line(&mut stream).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(serde_json::from_str(&line)?)
    };
    tokio::time::timeout(PATIENCE, asked).await.map_err(|_| io::ErrorKind::TimedOut)?
}

async fn read_line(stream: &mut BufReader<UnixStream>) -> io::Result<Option<String>> {
    let mut line = String::new();
    let read = stream.take(LINE).read_line(&mut line).await?;
    match line.ends_with('\n') {
        true => Ok(Some(line)),
        false if read == 0 => Ok(None),
        false => Err(io::ErrorKind::InvalidData.into()),
    }
}

async fn write_line(stream: &mut BufReader<UnixStream>, what: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.flush().await
}
