//! One daemon put together: lock, database, runner, local socket, HTTP. `run` and `demo` differ in what they do with it.
#![expect(clippy::disallowed_methods, reason = "it makes the folder of the database")]
use super::{CliError, secrets::Secrets};
use crate::{
    api::{self, Api, Served},
    channel::{self, Registry},
    engine::{Key, Limits, Loaded, Store},
    plan::Plan,
    runner::{self, Clock, Control, Lock, LockFault, RunnerHandle, Setup, Swapped},
    store::{OpenError, Reader, SqliteStore},
};
use sha2::{Digest, Sha256};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// Commits after which the log of the database is moved into it.
const CHECKPOINT_EVERY: u32 = 1_000;

/// What a daemon is started with.
pub(super) struct Start<'a> {
    pub(super) database: &'a Path,
    /// Folder of the user's own for the socket, when its name beside the database would be too long.
    pub(super) short: &'a Path,
    pub(super) plan: Arc<Plan>,
    pub(super) secrets: Secrets,
    pub(super) clock: Arc<dyn Clock>,
    /// Nothing is served without it.
    pub(super) listen: Option<&'a str>,
    /// Who publishes the plan.
    pub(super) actor: &'a str,
}

pub(super) struct Daemon {
    pub(super) runner: RunnerHandle,
    pub(super) database: PathBuf,
    /// Set while the files cannot become the plan that runs.
    pub(super) outdated: Arc<AtomicBool>,
    key: Key,
    http: Option<Http>,
    _control: Control,
    // let go last: whoever waits for it finds everything closed
    _lock: Lock,
}

struct Http {
    api: Api,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Daemon {
    pub(super) async fn start(start: Start<'_>) -> Result<Self, CliError> {
        let Start { database, short, plan, secrets, clock, listen, actor } = start;
        let registry = connect(&secrets)?;
        let listener = match listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let (store, lock) = open(database, clock.as_ref())?;
        let key = store.key();
        let checkpointer = store.checkpointer().map_err(|broken| unusable(database, &broken.into()))?;
        let checkpoint: Box<dyn Fn() + Send> = Box::new(move || {
            if let Err(why) = checkpointer.run() {
                tracing::warn!(%why, "the log of the database could not be moved into it");
            }
        });
        let runner = runner::start(Setup {
            store,
            loaded: Arc::new(Loaded::new(plan.clone(), key.clone())),
            channels: registry,
            clock: clock.clone(),
            limits: Limits::default(),
            actor: actor.to_owned(),
            checkpoint: Some((CHECKPOINT_EVERY, checkpoint)),
        })
        .map_err(|broken| unusable(database, &broken.into()))?;
        let socket = runner::socket_path(database, short);
        let control = Control::listen(&socket, &lock, runner.clone())
            .map_err(|error| CliError::environment(format!("no socket at {}", socket.display())).because(error))?;
        let outdated = Arc::<AtomicBool>::default();
        let mut daemon =
            Self { runner, database: database.to_owned(), outdated, key, http: None, _control: control, _lock: lock };
        if let Some(listener) = listener {
            daemon.http = Some(daemon.serve(listener, clock, plan, secrets)?);
        }
        Ok(daemon)
    }

    fn serve(
        &self,
        listener: TcpListener,
        clock: Arc<dyn Clock>,
        plan: Arc<Plan>,
        secrets: Secrets,
    ) -> Result<Http, CliError> {
        let reader = Arc::new(Mutex::new(read(&self.database)?));
        let links = reader.clone();
        let contact: api::Lookup = Arc::new(move |who| {
            reader.lock().unwrap_or_else(PoisonError::into_inner).contact(who).map_err(|broken| broken.to_string())
        });
        let link: api::LinkLookup = Arc::new(move |send, number| {
            links.lock().unwrap_or_else(PoisonError::into_inner).link(send, number).map_err(|broken| broken.to_string())
        });
        let door = api::Daemon {
            runner: self.runner.clone(),
            clock,
            key: self.key.clone(),
            contact,
            link,
            outdated: self.outdated.clone(),
        };
        let api = Api::new(Arc::new(door), Served { plan, secrets: secrets.sources });
        let address = listener.local_addr().map_err(|error| CliError::environment("no address").because(error))?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = api.clone();
        let served = tokio::spawn(async move {
            let until = async {
                // the other end is dropped with the daemon: that ends it as well
                let _ = stopped.await;
            };
            api::serve(serving, listener, until).await;
        });
        Ok(Http { api, address, stop, served })
    }

    /// Where it answers; `None` when it serves nothing.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.http.as_ref().map(|http| http.address)
    }

    /// Works with another plan from the next turn on.
    pub(super) async fn swap(&self, plan: Arc<Plan>, secrets: Secrets, actor: &str) -> Result<Swapped, CliError> {
        let registry = connect(&secrets)?;
        let swapped = self.runner.swap(Arc::new(Loaded::new(plan.clone(), self.key.clone())), actor).await;
        if swapped.is_ok() {
            self.runner.connect(registry);
            if let Some(http) = &self.http {
                http.api.swap(Served { plan, secrets: secrets.sources });
            }
        }
        Ok(swapped)
    }

    /// Lets requests and attempts under way end, then closes the database.
    pub(super) async fn stop(mut self) {
        if let Some(http) = self.http.take() {
            let _ = http.stop.send(());
            let _ = http.served.await;
        }
        self.runner.stop().await;
    }
}

fn connect(secrets: &Secrets) -> Result<Registry, CliError> {
    let (registry, faults) = channel::build(&secrets.channels);
    if faults.is_empty() {
        return Ok(registry);
    }
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    Err(CliError::environment(faults.join("\n  ")))
}

async fn bind(address: &str) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error| {
        let what = format!("{address} cannot be listened on");
        // no address at all is a mistake of the command, one that is taken is none
        let said =
            if error.kind() == std::io::ErrorKind::InvalidInput { CliError::usage } else { CliError::environment };
        said(what).because(error).help("`--listen ADDR` takes another address; port 0 takes any that is free")
    })
}

/// The database, for the one process that writes it.
pub(super) fn open(database: &Path, clock: &dyn Clock) -> Result<(SqliteStore, Lock), CliError> {
    if let Some(folder) = database.parent().filter(|folder| !folder.exists()) {
        // what is in there is about people: it must not find its way into a repository
        let made = fs::create_dir_all(folder).and_then(|()| fs::write(folder.join(".gitignore"), "*\n"));
        made.map_err(|error| {
            CliError::environment(format!("the folder {} cannot be made", folder.display())).because(error)
        })?;
    }
    let lock = runner::acquire(database).map_err(|fault| match fault {
        LockFault::Held { pid } => held(database, pid),
        LockFault::Unusable(_) => CliError::environment(fault.to_string()),
    })?;
    let store = SqliteStore::open(database, random(), clock.now()).map_err(|error| unusable(database, &error))?;
    Ok((store, lock))
}

/// Brings a database of an older program up to date, so that it can be read; others are left alone.
pub(super) fn renew(database: &Path, clock: &dyn Clock) -> Result<(), CliError> {
    match Reader::open(database) {
        Err(OpenError::Older { .. }) => open(database, clock).map(drop),
        _ => Ok(()),
    }
}

fn held(database: &Path, pid: Option<u32>) -> CliError {
    let who = pid.map_or(String::new(), |pid| format!(" (process {pid})"));
    CliError::environment(format!("another daemon{who} works on {}", database.display()))
        .help("stop it first, or give this one a database of its own with `--db FILE`")
}

/// The database, for reading, beside whoever writes it.
pub(super) fn read(database: &Path) -> Result<Reader, CliError> {
    Reader::open(database).map_err(|error| unusable(database, &error))
}

pub(super) fn unusable(database: &Path, error: &OpenError) -> CliError {
    let told = CliError::environment(format!("the database {} cannot be used: {error}", database.display()));
    match error {
        OpenError::Missing => CliError::environment(format!("there is no database {} yet", database.display()))
            .help("`dripline run` makes one; `--db FILE` says where it is"),
        OpenError::Newer { .. } => told.help("use the newer program, or a copy from before"),
        OpenError::Older { .. } => told.help("`dripline run` brings it up to date, and keeps a copy of it as it was"),
        _ => told,
    }
}

/// 32 bytes that nobody can guess: each identifier brings 74 random bits.
fn random() -> [u8; 32] {
    let mut hash = Sha256::new();
    for _ in 0..8 {
        hash.update(uuid::Uuid::now_v7().as_bytes());
    }
    hash.finalize().into()
}
