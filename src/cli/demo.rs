//! `dripline demo`: the first minute. A real daemon over a real database and real requests; only time is made up.
#![expect(clippy::disallowed_methods, reason = "it unpacks an example into a folder")]
mod clock;
mod story;
mod tell;
#[cfg(test)]
mod tests;

use super::{
    CliError, Exit, Session,
    daemon::{self, Daemon, Start},
    scaffold, secrets,
};
use crate::{
    calendar::{Instant, Zone},
    engine::Note,
    id::ContactId,
    journey::Outcome,
    plan::Plan,
    runner::Clock,
    store::Reader,
};
use clock::StoryClock;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use story::{CAL_SECRET, EVENTS_SECRET, Moments, Request};
use tell::Teller;
use tokio::sync::broadcast::Receiver;

/// Watch one person's week in ten seconds
///
/// Unpacks the clinic scaffold, starts the daemon on a fresh database and sends it signed webhooks over HTTP: Ana books, does
/// not come, and books again. Every decision is printed as it happens. Nothing leaves this machine.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline demo
  dripline demo --dir my-clinic          keep the project there and make it yours
  dripline demo --stay                   keep serving afterwards")]
pub(super) struct Args {
    /// Unpack here instead of a temporary folder; it must be empty or missing
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Keep serving when the story is over, at the pace of real time
    #[arg(long)]
    stay: bool,
    /// Real time that a day takes, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 1_000, hide = true)]
    day: u32,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let root = unpack(args, session)?;
    let loaded = session.load(&root);
    let Some(plan) = loaded.plan else {
        return Err(anyhow::anyhow!("the embedded example does not compile").into());
    };
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = threads.map_err(|error| CliError::environment("no threads to work with").because(error))?;
    runtime.block_on(play(args, session, &root, plan))
}

/// The example in a folder of its own.
fn unpack(args: &Args, session: &Session<'_>) -> Result<PathBuf, CliError> {
    let root = match &args.dir {
        Some(dir) => session.path(dir),
        None => {
            let base = (session.env)("TMPDIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
            base.join(format!("dripline-demo-{}", &uuid::Uuid::now_v7().simple().to_string()[27..]))
        }
    };
    let taken = fs::read_dir(&root).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(CliError::usage(format!("{} is not empty", root.display())));
    }
    for (path, text) in scaffold::example("clinic").unwrap_or_default() {
        let file = root.join(path);
        let made = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&file, text));
        made.map_err(|error| CliError::environment(format!("{} cannot be written", file.display())).because(error))?;
    }
    fs::canonicalize(&root).map_err(|error| CliError::environment("the folder is gone").because(error))
}

async fn play(args: &Args, session: &mut Session<'_>, root: &Path, plan: Arc<Plan>) -> Result<Exit, CliError> {
    let zone = plan.zone.clone();
    let moments = Moments::before(session.now(), &zone);
    let clock = Arc::new(StoryClock::new(moments.agreed));
    let env = |name: &str| match name {
        "CALCOM_WEBHOOK_SECRET" => Some(CAL_SECRET.to_owned()),
        "EVENTS_SECRET" => Some(EVENTS_SECRET.to_owned()),
        _ => None,
    };
    let database = root.join(".dripline/dripline.db");
    let daemon = Daemon::start(Start {
        database: &database,
        short: root,
        secrets: secrets::resolve(&plan, root, &env)?,
        plan: plan.clone(),
        clock: clock.clone(),
        listen: Some("127.0.0.1:0"),
        actor: "demo",
    })
    .await?;
    let address = daemon.address().map_or_else(String::new, |address| format!("http://{address}"));
    let reader = daemon::read(&database)?;
    let notes = daemon.runner.subscribe();
    // no proxy of the machine stands between us and ourselves
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build();
    let client = client.map_err(|error| CliError::environment("no way to speak HTTP").because(error))?;
    let mut stage = Stage {
        day: Duration::from_millis(u64::from(args.day)),
        client,
        teller: Teller::default(),
        names: BTreeMap::new(),
        said: BTreeSet::new(),
        outcomes: BTreeMap::new(),
        session,
        daemon: &daemon,
        address,
        clock: &clock,
        zone,
        reader,
        notes,
    };
    stage.opening(root)?;
    stage.perform(&moments).await?;
    stage.closing(root, &plan)?;
    if args.stay {
        stay(session, &daemon, &clock).await?;
    }
    daemon.stop().await;
    Ok(Exit::Fine)
}

async fn stay(session: &mut Session<'_>, daemon: &Daemon, clock: &StoryClock) -> Result<(), CliError> {
    clock.run_from(session.now());
    daemon.runner.wake();
    writeln!(session.out, "\nStill serving, at the pace of real time. Ctrl-C ends it.")?;
    session.out.flush()?;
    // without a way to hear it, the process is ended by the signal itself
    let _ = tokio::signal::ctrl_c().await;
    Ok(())
}

/// Everything that the story needs at hand.
struct Stage<'a, 's> {
    session: &'a mut Session<'s>,
    daemon: &'a Daemon,
    address: String,
    clock: &'a StoryClock,
    client: reqwest::Client,
    zone: Zone,
    reader: Reader,
    notes: Receiver<Note>,
    teller: Teller,
    names: BTreeMap<ContactId, String>,
    said: BTreeSet<(String, String)>,
    /// Outcomes by name and channel.
    outcomes: BTreeMap<(&'static str, String), u32>,
    /// Real time that a day takes.
    day: Duration,
}

impl Stage<'_, '_> {
    fn opening(&mut self, root: &Path) -> Result<(), CliError> {
        let out = &mut *self.session.out;
        writeln!(out, "Oshun Cosmetic, a clinic in Kingston. Ana books, does not come, and books again.")?;
        writeln!(out, "The journeys are YAML, the webhooks are real and signed; only the clock is fast.\n")?;
        writeln!(out, "  project   {}", root.display())?;
        writeln!(out, "  daemon    {}", self.address)?;
        writeln!(out, "  channels  all of them a mailbox inside the database: nothing leaves this machine\n")?;
        Ok(out.flush()?)
    }

    async fn perform(&mut self, moments: &Moments) -> Result<(), CliError> {
        self.request(moments.agreed, moments.agree()).await?;
        self.request(moments.booked, moments.book()).await?;
        self.request(moments.missed, moments.miss()).await?;
        self.request(moments.repeated, moments.miss_again()).await?;
        self.request(moments.forged, moments.forge()).await?;
        self.request(moments.booked_again, moments.book_again()).await?;
        self.until(moments.end).await?;
        // until today nothing more happens: whoever looks at the database afterwards finds nothing overdue
        self.day = Duration::ZERO;
        self.until(self.session.now()).await
    }

    /// Lets time pass until then, and sends the request.
    async fn request(&mut self, at: Instant, request: Request) -> Result<(), CliError> {
        self.until(at).await?;
        let mut asked = self.client.post(format!("{}{}", self.address, request.path)).body(request.body);
        for (name, value) in &request.headers {
            asked = asked.header(*name, value);
        }
        let lost = |error: reqwest::Error| CliError::environment("the daemon did not answer").because(error);
        let answer = asked.send().await.map_err(lost)?;
        let status = answer.status().as_u16();
        let body: serde_json::Value = answer.json().await.map_err(lost)?;
        let word = body["status"].as_str().unwrap_or_default();
        self.print(at, &tell::request(request.path, request.what, status, word))?;
        self.listen().await
    }

    /// From one due moment to the next, as fast as the story is told.
    async fn until(&mut self, at: Instant) -> Result<(), CliError> {
        let mut before = None;
        loop {
            let due = self.daemon.runner.stats().gauges.next_wake.filter(|due| *due <= at);
            // what stays due although it was looked at waits for something else than time
            let due = due.filter(|due| before != Some(*due));
            self.pass(due.unwrap_or(at)).await;
            self.listen().await?;
            if due.is_none() {
                return Ok(());
            }
            before = due;
        }
    }

    async fn pass(&mut self, next: Instant) {
        let ms = next.since(self.clock.now()).max(0) as f64 / 86_400_000.0 * self.day.as_secs_f64() * 1_000.0;
        tokio::time::sleep(Duration::from_millis(ms as u64)).await;
        self.clock.move_to(next);
        self.daemon.runner.wake();
    }

    /// Prints what was decided, once everything that is due now is done.
    async fn listen(&mut self) -> Result<(), CliError> {
        let idle = self.daemon.runner.until_idle().await;
        idle.map_err(|refused| CliError::environment(refused.to_string()))?;
        let mut notes = Vec::new();
        while let Ok(note) = self.notes.try_recv() {
            notes.push(note);
        }
        notes.sort_by_key(|note| (note.at, tell::looks_ahead(note)));
        for note in notes {
            self.count(&note);
            let name = self.name(note.contact);
            let text = self.text(&note)?;
            let Some(line) = tell::of(&note, &self.zone, &name, text.as_deref()) else { continue };
            // what was said before, word for word, is no news
            if self.said.insert((line.about.clone(), line.words.clone())) || line.mark != '·' {
                self.print(note.at, &line)?;
            }
        }
        Ok(self.session.out.flush()?)
    }

    fn print(&mut self, at: Instant, line: &tell::Line) -> Result<(), CliError> {
        let text = self.teller.line(&self.zone, at, line);
        writeln!(self.session.out, "{text}")?;
        Ok(())
    }

    fn count(&mut self, note: &Note) {
        if let crate::engine::Told::Outcome { outcome, channel: Some(channel), .. } = &note.told {
            let channel = if *outcome == Outcome::Sent { channel.to_string() } else { String::new() };
            *self.outcomes.entry((outcome.name(), channel)).or_default() += 1;
        }
    }

    fn name(&mut self, who: ContactId) -> String {
        if let Some(name) = self.names.get(&who) {
            return name.clone();
        }
        let contact = self.reader.contact(who).ok().flatten();
        let name = contact.and_then(|contact| contact.full_name()).unwrap_or_else(|| "somebody".to_owned());
        self.names.insert(who, name.clone());
        name
    }

    /// The words of the message that a note speaks of.
    fn text(&mut self, note: &Note) -> Result<Option<String>, CliError> {
        let crate::engine::Told::Outcome { send, outcome: Outcome::Sent, .. } = &note.told else { return Ok(None) };
        let row = self.reader.message(*send).map_err(|broken| anyhow::anyhow!(broken.to_string()))?;
        Ok(row.map(|row| row.message.subject.unwrap_or(row.message.text)))
    }

    /// Steps of a journey that never fell due, because it ended before.
    fn spared(&mut self, plan: &Plan, sequence: &str) -> Result<Vec<String>, CliError> {
        let Some(sequence) = plan.sequences.get(sequence) else { return Ok(Vec::new()) };
        let mut begun = BTreeSet::new();
        for who in self.names.keys() {
            let ledger = self.reader.ledger(*who).map_err(|broken| anyhow::anyhow!(broken.to_string()))?;
            begun.extend(
                ledger.into_iter().filter(|row| row.sequence.as_ref() == Some(&sequence.name)).map(|row| row.step),
            );
        }
        let steps = sequence.steps.iter().filter(|step| !begun.contains(&step.name));
        Ok(steps.map(|step| step.name.to_string()).collect())
    }

    fn closing(&mut self, root: &Path, plan: &Plan) -> Result<(), CliError> {
        let program = if (self.session.env)("CARGO").is_some() { "cargo run -q --" } else { "dripline" };
        let sent: Vec<String> = self
            .outcomes
            .iter()
            .filter(|((outcome, _), _)| *outcome == "sent")
            .map(|((_, channel), count)| format!("{count} {channel}"))
            .collect();
        let total: u32 = self.outcomes.iter().filter(|((name, _), _)| *name == "sent").map(|(_, count)| count).sum();
        let spared = self.spared(plan, "no_show_recovery")?;
        let out = &mut *self.session.out;
        writeln!(out, "\nSix days, {total} messages in the mailbox ({}).", sent.join(", "))?;
        writeln!(out, "She booked again, so these never went out: {}.", spared.join(", "))?;
        writeln!(out, "Every step that fell due has one recorded outcome, and every decision its reason. Ask:\n")?;
        let here = format!("{program} -C {}", root.display());
        for (command, what) in [
            ("why Ana", "what she got, what not, and why"),
            ("mailbox", "the messages as they went out"),
            ("status", "who is where"),
            ("preview no_show_recovery", "the same journey for anybody, without running it"),
            ("check", "edit a file under sequences/ and see"),
        ] {
            writeln!(out, "  {here} {command:<26} {what}")?;
        }
        Ok(out.flush()?)
    }
}
