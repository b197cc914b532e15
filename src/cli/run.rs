//! `dripline run`: the daemon. Compiles, takes the database, serves, watches the files, ends in good order.
mod reload;
mod speed;
#[cfg(test)]
mod tests;

use super::{
    CliError, Exit, Session,
    change::Base,
    daemon::{self, Daemon, Start},
    desk, files, secrets,
};
use crate::{
    calendar::{self, Instant},
    compile::diff::Gate,
    diag::{Finding, SourceMap},
    engine::{Note, Told},
    plan::Plan,
    project::{self, Patience},
    report,
    runner::{Clock, FastClock, WallClock, Wanted},
};
use reload::Reloader;
use speed::Speed;
use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
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
    daemon::renew(&database, &WallClock)?;
    let chosen = choose(plan, &database, WallClock.now())?;
    if chosen.blocked {
        tell(session, chosen.waiting, &loaded.sources)?;
        return Ok(Exit::Blocked);
    }
    let Chosen { plan, .. } = &chosen;
    fast_enough(args, plan)?;
    let secrets = secrets::resolve(plan, &root, session.env)?;
    log_to_stderr(session);
    not_yet(plan);
    left_waiting(&chosen, &loaded.sources);
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
        daemon.outdated.store(!chosen.waiting.is_empty(), Ordering::Relaxed);
        live(args, session, Reloader::new(&root, clock.clone()), daemon, clock).await
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

/// What a daemon starts with.
struct Chosen {
    plan: Arc<Plan>,
    /// What of the files waits for somebody's decision.
    waiting: Vec<Finding>,
    /// People would lose their place.
    blocked: bool,
}

/// The files, unless somebody has to decide on them: then the plan that is published goes on.
fn choose(plan: Arc<Plan>, database: &Path, now: Instant) -> Result<Chosen, CliError> {
    let Some(base) = Base::of(database, now)? else {
        return Ok(Chosen { plan, waiting: Vec::new(), blocked: false });
    };
    let beside = base.beside(plan, now);
    let waiting = reload::waiting(&beside);
    let blocked = beside.changes.count(Gate::Block) > 0;
    if waiting.is_empty() && !beside.rejected {
        return Ok(Chosen { plan: beside.plan, waiting, blocked });
    }
    Ok(Chosen { plan: base.plan, waiting, blocked })
}

/// Says what was not taken on.
fn left_waiting(chosen: &Chosen, sources: &SourceMap) {
    for finding in &chosen.waiting {
        let line = report::findings::concise(std::slice::from_ref(finding), sources);
        tracing::warn!(help = finding.help.as_deref().unwrap_or_default(), "{}", line.trim_end());
    }
    if !chosen.waiting.is_empty() {
        tracing::warn!("the files wait for `dripline apply`: the plan that was published goes on");
    }
}

/// Time flies only where nobody outside is met.
fn fast_enough(args: &Args, plan: &Plan) -> Result<(), CliError> {
    if args.speed.is_none() {
        return Ok(());
    }
    if let Some(only) = plan.channels.values().find(|channel| !channel.is_local()) {
        return Err(CliError::usage(format!("--speed is for mailboxes, and channel {} is none", only.name))
            .help("`--env` names an environment in which every channel is a mailbox"));
    }
    let calls = |step: &crate::plan::Step| matches!(step.act, crate::plan::Act::Webhook(_));
    if !plan.keeps_webhooks && plan.sequences.values().any(|found| found.steps.iter().any(calls)) {
        return Err(CliError::usage("--speed is for mailboxes, and a webhook calls another program")
            .help("`--env` names an environment in which `\"*\"` is a mailbox: calls are kept there as well"));
    }
    Ok(())
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
    Wanted(Wanted),
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
    let mut publications = daemon.runner.publications();
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
            Some(wanted) = publications.recv() => Wake::Wanted(wanted),
        };
        match wake {
            Wake::Changed => reloader.reload(session, &daemon).await?,
            Wake::Wanted(wanted) => reloader.publish(session, &daemon, wanted).await?,
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
            if let Some(round) = note.told.goes_round() {
                let round = round.join(", ");
                tracing::warn!(contact, %round, "stopped: this went round without end at one moment");
            }
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
