//! Orders of people to the engine: through the daemon's socket while one runs, else by a runner of the command's own, which
//! sends nothing.
use super::{
    CliError, Exit, Format, Session, daemon,
    desk::{Desk, broken},
    run::short,
};
use crate::{
    channel::Registry,
    engine::{CampaignOrder, Done, Limits, Loaded, Order, Store},
    id::{ChannelName, ContactId, SequenceName},
    plan::Plan,
    runner::{self, Clock, Publication, Refused, Request, Response, RunnerHandle, Setup, WallClock},
};
use std::{io, path::Path, sync::Arc};

/// Something that a person asks for about another.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    Enrol(SequenceName),
    Advance(SequenceName),
    Stop(SequenceName),
    OptOut(Option<ChannelName>),
    Erase,
}

/// Something that a person decides about a campaign.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub(super) name: SequenceName,
    pub(super) order: CampaignOrder,
}

/// Who gives the order, for the record.
fn actor(session: &Session<'_>) -> Arc<str> {
    Arc::from((session.env)("USER").filter(|user| !user.is_empty()).unwrap_or_else(|| "operator".to_owned()))
}

impl Wish {
    fn request(&self, contact: ContactId, actor: Arc<str>) -> Request {
        match self.clone() {
            Self::Enrol(sequence) => Request::Enrol { contact, sequence },
            Self::Advance(sequence) => Request::Advance { contact, sequence },
            Self::Stop(sequence) => Request::Stop { contact, sequence, actor },
            Self::OptOut(channel) => Request::OptOut { contact, channel, purpose: None, actor },
            Self::Erase => Request::Erase { contact, actor },
        }
    }

    fn order(&self, actor: Arc<str>) -> Order {
        match self.clone() {
            Self::Enrol(sequence) => Order::Enrol(sequence),
            Self::Advance(sequence) => Order::Advance(sequence),
            Self::Stop(sequence) => Order::Stop { sequence, actor },
            Self::OptOut(channel) => {
                Order::OptOut { channel, purpose: None, basis: Arc::from("operator"), source: None, actor }
            }
            Self::Erase => Order::Erase { actor },
        }
    }
}

/// Does it, and returns once it is written.
pub(super) fn give(session: &Session<'_>, desk: &Desk, contact: ContactId, wish: &Wish) -> Result<Done, CliError> {
    let request = wish.request(contact, actor(session));
    through(session, desk, &request, async |runner: &RunnerHandle| {
        runner.order(contact, wish.order(actor(session))).await
    })
}

/// Asks the daemon, or stands in for it.
fn through(
    session: &Session<'_>,
    desk: &Desk,
    request: &Request,
    work: impl AsyncFnOnce(&RunnerHandle) -> Result<Done, Refused>,
) -> Result<Done, CliError> {
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = threads.map_err(|error| CliError::environment("no threads to work with").because(error))?;
    runtime.block_on(async {
        let socket = runner::socket_path(&desk.database, &short(session));
        match runner::ask(&socket, request).await {
            Ok(Response::Done) => Ok(Done::Carried),
            Ok(Response::Erased { rows }) => Ok(Done::Erased(rows)),
            Ok(Response::Refused { why }) => Err(CliError::environment(format!("the daemon did not do it: {why}"))),
            Ok(Response::Pong { .. }) => Err(CliError::environment("the daemon answered something else")),
            Err(error) if is_nobody(&error) => alone(session, desk, work).await,
            Err(error) => Err(CliError::environment("the daemon did not answer: whether it was done is not known")
                .because(error)
                .help("`dripline why CONTACT` says")),
        }
    })
}

/// Publishes a plan, unless another one was published since `base`, and returns its version. `why` stands before the name of
/// whoever does it.
pub(super) fn publish(
    session: &Session<'_>,
    database: &Path,
    plan: &Plan,
    what: Publication,
    base: u32,
    why: &str,
) -> Result<u32, CliError> {
    let actor = if why.is_empty() { actor(session) } else { Arc::from(format!("{why}: {}", actor(session))) };
    let request = Request::Publish { what, base, actor: actor.clone() };
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = threads.map_err(|error| CliError::environment("no threads to work with").because(error))?;
    let socket = runner::socket_path(database, &short(session));
    match runtime.block_on(runner::ask(&socket, &request)) {
        Ok(Response::Done) => published(database),
        Ok(Response::Refused { why }) => Err(CliError::environment(format!("the daemon did not do it: {why}"))),
        Ok(Response::Pong { .. } | Response::Erased { .. }) => {
            Err(CliError::environment("the daemon answered something else"))
        }
        Err(error) if is_nobody(&error) => {
            let (mut store, _lock) = daemon::open(database, &WallClock)?;
            // a daemon may have come and gone since it was decided
            let now = daemon::read(database)?.plan().map_err(broken)?.map_or(0, |(version, _)| version);
            if now != base {
                let message = format!("plan {now} was published in the meantime: nothing was done");
                return Err(CliError::new(Exit::StalePlan, message));
            }
            store.publish(plan, &actor, WallClock.now()).map_err(broken)
        }
        Err(error) => Err(CliError::environment("the daemon did not answer: whether it was done is not known")
            .because(error)
            .help("`dripline plan` says")),
    }
}

fn published(database: &Path) -> Result<u32, CliError> {
    Ok(daemon::read(database)?.plan().map_err(broken)?.map_or(0, |(version, _)| version))
}

/// Does it, and returns once it is written.
pub(super) fn decide(session: &Session<'_>, desk: &Desk, about: &Decision) -> Result<Done, CliError> {
    let request = || Request::Campaign { name: about.name.clone(), order: about.order, actor: actor(session) };
    through(session, desk, &request(), async |runner: &RunnerHandle| {
        runner.campaign(about.name.clone(), about.order, actor(session)).await
    })
}

/// What commands that give orders can write.
pub(super) fn format(session: &Session<'_>) -> Result<Format, CliError> {
    session.format(&[Format::Full, Format::Json])
}

/// What became of it: a sentence, or its parts for programs.
pub(super) fn tell(session: &mut Session<'_>, text: &str, parts: &serde_json::Value) -> Result<(), CliError> {
    if format(session)? == Format::Json {
        let mut told = serde_json::json!({ "format_version": 1 });
        if let (Some(told), Some(parts)) = (told.as_object_mut(), parts.as_object()) {
            told.extend(parts.clone());
        }
        writeln!(session.out, "{told:#}")?;
    } else {
        writeln!(session.out, "{text}")?;
    }
    Ok(())
}

/// Nobody listens there.
fn is_nobody(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

/// Without a daemon: takes its place for a moment, on the plan that was published last.
async fn alone(
    session: &Session<'_>,
    desk: &Desk,
    work: impl AsyncFnOnce(&RunnerHandle) -> Result<Done, Refused>,
) -> Result<Done, CliError> {
    let (store, lock) = daemon::open(&desk.database, &WallClock)?;
    let key = store.key();
    let clock: Arc<dyn Clock> = Arc::new(WallClock);
    let runner = runner::start(Setup {
        store,
        loaded: Arc::new(Loaded::new(Arc::new(desk.plan.clone()), key)),
        channels: Registry::new(),
        clock,
        limits: Limits::default(),
        actor: actor(session).to_string(),
        checkpoint: None,
    })
    .map_err(broken)?;
    let done = work(&runner).await;
    runner.stop().await;
    drop(lock);
    if matches!(done, Ok(Done::Ignored)) {
        return Err(CliError::environment("it stands otherwise by now: nothing was done"));
    }
    done.map_err(|refused| CliError::environment(refused.to_string()))
}
