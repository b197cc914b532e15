//! `dripline run`: the daemon. Compiles, takes the database, serves, watches the files, ends in good order.
mod reload;
mod retire;
mod speed;
#[cfg(test)]
mod tests;

use super::{
    CliError, Exit, Session, change,
    daemon::{self, Daemon, Start},
    desk, files, secrets,
};
use crate::{
    calendar,
    diag::{Finding, SourceMap},
    engine::{Note, Told},
    plan::Plan,
    project::{self, Patience},
    report,
    runner::{Clock, FastClock, WallClock},
    store::OpenError,
};
use reload::Reloader;
use speed::Speed;
use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{broadcast, mpsc};

/// Run the project
///
/// Serves webhooks and unsubscribe links, sends what falls due, and takes changed files on while it runs. One daemon works on
/// a database; commands like `why`, `status` and `enroll` may run beside it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline run
  dripline run --listen 0.0.0.0:8420 --db /var/lib/dripline/clinic.db
  dripline run --once                     from cron, without serving anything
  dripline run --env dev --speed 1d=10s   watch a week go by

It listens on this machine only, unless --listen says otherwise; put a proxy with TLS before it.
DRIPLINE_ALLOW_LOOPBACK=1 lets webhooks and look-ups call programs of this machine, for tests.
Signals: SIGINT and SIGTERM let what is under way end; a second SIGINT does not wait.")]
pub(super) struct Args {
    /// The database [default: .dripline/dripline.db in the project]
    #[arg(long, value_name = "FILE")]
    pub(super) db: Option<PathBuf>,
    /// Address and port to serve on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8420")]
    listen: String,
    /// Do what is due now and end, without serving anything
    #[arg(long, conflicts_with_all = ["until_idle", "speed"])]
    once: bool,
    /// End as soon as nothing waits for its time any more
    #[arg(long)]
    until_idle: bool,
    /// Do not take changed files on
    #[arg(long)]
    no_watch: bool,
    /// Let time fly, for example 1d=10s; only where every channel is a mailbox
    #[arg(long, value_name = "SPAN=SPAN", value_parser = Speed::parse)]
    speed: Option<Speed>,
}

/// The database of a command: `--db`, else the usual place in the project.
pub(super) fn database(session: &Session<'_>, root: &Path, asked: Option<&PathBuf>) -> PathBuf {
    asked.map_or_else(|| root.join(".dripline/dripline.db"), |path| session.path(path))
}

/// Folder for a socket whose name beside the database would be too long.
pub(super) fn short(session: &Session<'_>) -> PathBuf {
    (session.env)("XDG_RUNTIME_DIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from)
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let root = session.project_root()?;
    // before the first zone is read: later the choice has been made
    zone_rules(session);
    let loaded = session.load(&root);
    let Some(plan) = loaded.plan else {
        tell(session, loaded.findings, &loaded.sources)?;
        return Ok(Exit::Findings);
    };
    let database = database(session, &root, args.db.as_ref());
    if let Some(only) = plan.channels.values().find(|channel| args.speed.is_some() && !channel.is_local()) {
        return Err(CliError::usage(format!("--speed is for mailboxes, and channel {} is none", only.name))
            .help("`--env` names an environment in which every channel is a mailbox"));
    }
    let calls = |step: &crate::plan::Step| matches!(step.act, crate::plan::Act::Webhook(_));
    if args.speed.is_some()
        && !plan.keeps_webhooks
        && plan.sequences.values().any(|found| found.steps.iter().any(calls))
    {
        return Err(CliError::usage("--speed is for mailboxes, and a webhook calls another program")
            .help("`--env` names an environment in which `\"*\"` is a mailbox: calls are kept there as well"));
    }
    let secrets = secrets::resolve(&plan, &root, session.env)?;
    let (compiled, plan) = (plan.clone(), retire::carry(plan, published(&database)?.as_ref()));
    let undecided = undecided(&database, &plan)?;
    if !undecided.is_empty() {
        tell(session, undecided, &loaded.sources)?;
        return Ok(Exit::Blocked);
    }
    log_to_stderr(session);
    not_yet(&plan);
    if plan.alerts.is_some() {
        tracing::warn!("this version watches nothing for `alerts` and tells nobody; `dripline status` has the numbers");
    }
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = threads.map_err(|error| CliError::environment("no threads to work with").because(error))?;
    let clock: Arc<dyn Clock> = match &args.speed {
        Some(speed) => Arc::new(FastClock::new(WallClock.now(), speed.factor())),
        None => Arc::new(WallClock),
    };
    let short = short(session);
    let exit = runtime.block_on(async {
        let start = Start {
            database: &database,
            short: &short,
            plan: plan.clone(),
            secrets,
            clock: clock.clone(),
            listen: (!args.once).then_some(args.listen.as_str()),
            actor: "run",
        };
        let daemon = Daemon::start(start).await?;
        live(args, session, Reloader::new(&root, &compiled), daemon, clock).await
    });
    // a blocking read that nobody waits for any more is no reason to stay
    runtime.shutdown_background();
    exit
}

/// Parts of a project that do nothing in this version, and without which it is still sound.
fn not_yet(plan: &Plan) {
    for source in &plan.polled {
        tracing::warn!(%source, "this version does not look for missed bookings (`poll`): only webhooks are heard");
    }
    if plan.intents.iter().any(|intent| intent.model) {
        tracing::warn!("no model decides what messages mean (`model: true`): the words of intents do");
    }
    if plan.intents.iter().any(|intent| !intent.signals.is_empty()) {
        tracing::warn!("this version learns no preferences: the `signals` of intents are read and change nothing yet");
    }
}

/// The newer of the system's zone rules and the built-in ones: a daemon outlives changes to summer time.
fn zone_rules(session: &Session<'_>) {
    let dir = (session.env)("TZDIR").map_or_else(|| PathBuf::from("/usr/share/zoneinfo"), PathBuf::from);
    calendar::prefer_system(&dir, &files::zone_release(&dir));
}

/// The plan that was published last.
fn published(database: &Path) -> Result<Option<Plan>, CliError> {
    match crate::store::Reader::open(database) {
        Ok(reader) => {
            let plan = reader.plan().map_err(|broken| anyhow::anyhow!(broken.to_string()))?;
            Ok(plan.map(|(_, plan)| plan))
        }
        Err(OpenError::Missing | OpenError::Older { .. }) => Ok(None),
        Err(error) => Err(daemon::unusable(database, &error)),
    }
}

/// People whose place the plan on disk does not know any more.
fn undecided(database: &Path, plan: &Plan) -> Result<Vec<Finding>, CliError> {
    match crate::store::Reader::open(database) {
        Ok(mut reader) => {
            let census = reader.census().map_err(|broken| anyhow::anyhow!(broken.to_string()))?;
            Ok(change::undecided(plan, &census))
        }
        // a new one has nobody in it, and an old one is brought up to date first
        Err(OpenError::Missing | OpenError::Older { .. }) => Ok(Vec::new()),
        Err(error) => Err(daemon::unusable(database, &error)),
    }
}

fn tell(session: &mut Session<'_>, findings: Vec<Finding>, sources: &SourceMap) -> Result<(), CliError> {
    let errors: Vec<Finding> = findings.into_iter().filter(Finding::is_error).collect();
    session.err.write_all(report::findings::full(&errors, sources).as_bytes())?;
    session.note(report::findings::summary(&errors))
}

/// For people on a terminal, as JSON elsewhere. Names of steps and reasons; nobody's name, address or words.
fn log_to_stderr(session: &Session<'_>) {
    let level = match (session.globals.quiet, session.verbose()) {
        (true, _) => "dripline=warn",
        (false, true) => "dripline=debug",
        (false, false) => "dripline=info",
    };
    let filter = tracing_subscriber::EnvFilter::new(level);
    let logger = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // a process has one logger: a second daemon in it writes to the first one's
    let _ =
        if std::io::stderr().is_terminal() { logger.try_init() } else { logger.json().flatten_event(true).try_init() };
}

/// Why a daemon ends.
enum Wake {
    Stop(&'static str),
    Drained,
    Changed,
}

async fn live(
    args: &Args,
    session: &mut Session<'_>,
    mut reloader: Reloader,
    daemon: Daemon,
    clock: Arc<dyn Clock>,
) -> Result<Exit, CliError> {
    let mut signals = Signals::new()?;
    let log = tokio::spawn(log(daemon.runner.subscribe()));
    let (changed, mut changes) = mpsc::unbounded_channel::<()>();
    // holds the watch for as long as the daemon lives
    let _watch = (!args.no_watch && !args.once).then(|| {
        // what was written between reading the files and now is looked at first
        let _ = changed.send(());
        project::watch(reloader.root(), Patience::default(), move || {
            let _ = changed.send(());
        })
    });
    let (plan, database) = (daemon.runner.stats().gauges.plan_version, daemon.database.display());
    let zones = calendar::rules_version();
    match daemon.address() {
        Some(address) => tracing::info!(address = %format!("http://{address}"), plan, %database, zones, "ready"),
        None => tracing::info!(plan, %database, zones, "doing what is due"),
    }
    loop {
        let wake = tokio::select! {
            why = signals.stop() => Wake::Stop(why),
            () = daemon.runner.stop_asked() => Wake::Stop("asked to"),
            () = drained(args, &daemon, clock.as_ref()) => Wake::Drained,
            Some(()) = changes.recv() => Wake::Changed,
        };
        match wake {
            Wake::Changed => reloader.reload(session, &daemon).await?,
            Wake::Drained => break,
            Wake::Stop(why) => {
                tracing::info!(why, "stopping");
                break;
            }
        }
    }
    let exit = tokio::select! {
        biased;
        () = daemon.stop() => Exit::Fine,
        () = signals.interrupt() => Exit::Interrupted,
    };
    log.abort();
    tracing::info!("ended");
    Ok(exit)
}

/// Resolves when `--once` or `--until-idle` have what they waited for; never without them.
async fn drained(args: &Args, daemon: &Daemon, clock: &dyn Clock) {
    if !args.once && !args.until_idle {
        std::future::pending::<()>().await;
    }
    // refused means that it ends already
    while daemon.runner.until_idle().await.is_ok() {
        match daemon.runner.stats().gauges.next_wake {
            Some(at) if !args.once => tokio::time::sleep(clock.real_delay(at).min(Duration::from_secs(1))).await,
            _ => return,
        }
    }
}

/// What is decided, in a line each.
async fn log(mut notes: broadcast::Receiver<Note>) {
    loop {
        match notes.recv().await {
            Ok(note) => log_note(&note),
            Err(broadcast::error::RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "too much at once to log it all");
            }
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

fn log_note(note: &Note) {
    let contact = note.contact.0;
    match &note.told {
        Told::Entered { sequence, run, .. } => tracing::info!(contact, %sequence, run = run.0, "entered"),
        Told::Ended { sequence, run, end } => {
            let end = desk::end(end);
            tracing::info!(contact, %sequence, run = run.0, end, "left");
        }
        Told::Outcome { send, step, outcome, channel, .. } => {
            let channel = channel.as_ref().map_or("", |channel| channel.as_str());
            let reason = outcome.reason().unwrap_or_default();
            let (send, outcome) = (send.0, outcome.name());
            match outcome {
                // what did not go out as it should is what somebody has to look at
                "failed" | "unknown" => tracing::warn!(contact, send, %step, channel, outcome, %reason, "outcome"),
                _ => tracing::info!(contact, send, %step, channel, outcome, %reason, "outcome"),
            }
        }
        Told::LimitReached { trigger, most, until } => {
            let until = until.timestamp();
            match trigger {
                Some(trigger) => {
                    tracing::warn!(%trigger, most, %until, "a trigger has enrolled as many people as it may: the others wait");
                }
                None => {
                    tracing::warn!(most, %until, "as many messages as may go out in one hour (blast_radius): the others wait");
                }
            }
        }
        Told::HeldByAnother { kind, holder } => {
            let (kind, holder) = (kind.name(), holder.0);
            tracing::warn!(contact, kind, holder, "an identifier stays with the contact who has it");
        }
        Told::Refused { trigger, sequence, why, .. } => {
            let trigger = trigger.as_ref().map_or("", |trigger| trigger.as_str());
            let sequence = sequence.as_ref().map_or("", |sequence| sequence.as_str());
            tracing::debug!(contact, trigger, sequence, why = why.name(), "not entered");
        }
        _ => {}
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Result<Self, CliError> {
        use tokio::signal::unix::{SignalKind, signal};
        let deaf = |error: std::io::Error| CliError::environment("signals cannot be heard").because(error);
        let interrupt = signal(SignalKind::interrupt()).map_err(deaf)?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate()).map_err(deaf)? })
    }

    async fn stop(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "interrupted",
            _ = self.terminate.recv() => "terminated",
        }
    }

    async fn interrupt(&mut self) {
        self.interrupt.recv().await;
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Result<Self, CliError> {
        Ok(Self)
    }

    async fn stop(&mut self) -> &'static str {
        let _ = tokio::signal::ctrl_c().await;
        "interrupted"
    }

    async fn interrupt(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
