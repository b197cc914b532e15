//! `dripline bench`: the figures of the program on this machine. Hidden: for those who work on it.
//!
//! CPU time is this process's own (user and system), from the kernel; wall times are for orientation.
#![expect(clippy::disallowed_methods, reason = "measures the real clock and fills a folder of its own")]
mod proof;

use super::{CliError, Exit, Session};
use crate::{
    calendar::Instant,
    compile::Settings,
    engine::{Changes, Effect, Kept, Limits, Loaded, Store, Turn, Work, turn},
    id::{ContactId, FieldName, SequenceName},
    journey::{Order, Person, Receipt, World},
    plan::Plan,
    project,
    record::{ConsentEntry, ConsentState, Contact, Identity, Purpose},
    store::SqliteStore,
    value::Value,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time,
};

/// Measure the program on this machine
#[derive(clap::Args, Debug)]
#[command(hide = true)]
#[command(after_help = "Examples:
  dripline bench files --count 10000 --dir /tmp/ten-thousand
  dripline bench step --people 100000
  dripline bench restart --people 500000
  dripline bench audience --people 100000
  dripline bench suite --count 20
  dripline bench plan --people 1000000")]
pub(super) struct Args {
    /// files: write a generated project; step: durable full steps; restart: from opening to the first send; audience:
    /// five steps of everybody on the virtual clock, counted and written; suite: the suites of the examples; plan: a
    /// change that is counted over everybody inside
    what: What,
    /// Files to generate, or rounds of which the quickest counts
    #[arg(long, default_value_t = 50)]
    count: usize,
    #[arg(long, default_value_t = 100_000)]
    people: usize,
    /// Else a folder under the current one
    #[arg(long)]
    dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum What {
    Files,
    Step,
    Restart,
    Audience,
    Suite,
    Plan,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let folder = session.path(args.dir.as_deref().unwrap_or(Path::new("dripline-bench")));
    fs::create_dir_all(&folder).map_err(anyhow::Error::from)?;
    match args.what {
        What::Files => generate(&folder, args.count)?,
        What::Step => step(&folder, args.people, session)?,
        What::Restart => restart(&folder, args.people, session)?,
        What::Audience => proof::audience(&folder, args.people, session)?,
        What::Suite => proof::suites(&folder, args.count, session)?,
        What::Plan => proof::plan(&folder, args.people, session)?,
    }
    Ok(Exit::Fine)
}

const PROJECT: &str = r#"project: bench
requires: ">=0.1"
zone: Europe/Berlin
locales: [en]
public_url: "https://drip.example.com"
clinics:
  main: { name: Example Clinic, address: "Hauptstr. 1, 10115 Berlin", booking_url: "https://cal.example.com/intro" }
contact: { merge_by: [phone, email] }
sources:
  own: { provider: events, secret: EVENTS_SECRET }
channels:
  email: { provider: smtp, url: SMTP_URL, from: "Clinic <hello@example.com>" }
policies:
  preferred: [email]
  windows:
    daytime: { days: [mon, tue, wed, thu, fri, sat, sun], from: "06:00", to: "22:00" }
  quiet_hours: { from: "23:00", to: "05:00", for: [marketing, service], then: wait }
  caps:
    - { at_most: 3, per: 1d, for: [marketing], then: wait }
"#;

fn generate(folder: &Path, count: usize) -> Result<(), CliError> {
    let put = |path: String, text: String| -> anyhow::Result<()> {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        Ok(fs::write(path, text)?)
    };
    put("dripline.yaml".to_owned(), PROJECT.to_owned())?;
    // a third each: a sequence, its trigger, its text
    for n in 0..count.saturating_sub(1).div_ceil(3) {
        put(format!("sequences/s{n:05}.yaml"), sequence(n))?;
        put(
            format!("triggers/t{n:05}.yaml"),
            format!(
                "trigger: t{n:05}\nevent: lead.created\nif: event.source == 'form {n}' and contact.score >= {}\nenroll: s{n:05}\n",
                n % 90
            ),
        )?;
        put(format!("templates/m{n:05}.md"), TEMPLATE.replace("NUMBER", &n.to_string()))?;
    }
    Ok(())
}

const TEMPLATE: &str = "---\nsubject: Hello {{ contact.first_name | default('there') }}\n---\nHi {{ contact.first_name | default('there') }},\n\n\
     this is text NUMBER. [Book a visit]({{ booking_link }}).\n\n{{ postal_address }}\n\n[Unsubscribe]({{ unsubscribe_link }})\n";

fn sequence(n: usize) -> String {
    format!(
        "sequence: s{n:05}\npurpose: marketing\nreentry: after 30d\npriority: {}\ngoal: {{ event: booking.created }}\nwindow: daytime\n\
         steps:\n  - id: first\n    wait: 1h\n    email: m{n:05}\n  - id: second\n    wait: 3d\n    at: \"10:00\"\n    \
         if: contact.score >= 0 and contact.first_name is defined\n    email: m{n:05}\n",
        n % 100
    )
}

// --- durable steps ------------------------------------------------------------------------------------------------------

struct Bench {
    store: SqliteStore,
    loaded: Loaded,
    world: World,
    now: Instant,
}

/// The generated project with this as its first sequence.
fn compiled(folder: &Path, first: &str) -> Result<Arc<Plan>, CliError> {
    generate(folder, 4)?;
    fs::write(folder.join("sequences/s00000.yaml"), first).map_err(anyhow::Error::from)?;
    let plan: Option<Arc<Plan>> = project::load(folder, &settings()).plan;
    plan.ok_or_else(|| CliError::usage("the generated project does not compile"))
}

fn settings() -> Settings<'static> {
    Settings { env: None, version: env!("CARGO_PKG_VERSION"), year: 2026, now: Instant(1_790_000_000_000) }
}

fn begin() -> Instant {
    Instant::parse_rfc3339("2026-11-21T11:00:00Z").unwrap_or(Instant(0))
}

fn open(folder: &Path) -> Result<Bench, CliError> {
    let plan = compiled(folder, &sequence(0))?;
    let now = begin();
    let mut store = SqliteStore::open(&folder.join("bench.db"), [7; 32], now).map_err(anyhow::Error::from)?;
    store.publish(&plan, "bench", now).map_err(anyhow::Error::from)?;
    let epoch = store.begin_epoch().map_err(anyhow::Error::from)?;
    let loaded = Loaded::new(plan.clone(), store.key());
    let slots = plan.channels.keys().map(|name| (name.clone(), u16::MAX)).collect();
    Ok(Bench { store, loaded, world: World { epoch, slots, ..World::default() }, now })
}

fn fill(bench: &mut Bench, people: usize) -> anyhow::Result<()> {
    let sequence = SequenceName::new("s00000");
    for chunk in (0..people).collect::<Vec<_>>().chunks(1_000) {
        let mut turn = bench.store.turn(&bench.loaded.plan)?;
        for _ in chunk {
            let id = turn.new_contact()?;
            let (person, kept) = person(id, bench.now);
            let ids = turn.ids()?;
            turn.record(&Changes { person: &person, kept: &kept, ids, now: bench.now })?;
        }
        turn.commit()?;
    }
    let _ = sequence;
    Ok(())
}

fn enrol(bench: &mut Bench, people: usize) -> anyhow::Result<()> {
    let sequence = SequenceName::new("s00000");
    for chunk in (1..=people).collect::<Vec<_>>().chunks(1_000) {
        let work = chunk
            .iter()
            .map(|id| Work::Ordered(ContactId(i64::try_from(*id).unwrap_or(0)), Order::Enrol(sequence.clone())))
            .collect();
        turn(&mut bench.store, &bench.loaded, &bench.world, work, Limits::default(), bench.now)?;
    }
    Ok(())
}

fn person(id: ContactId, now: Instant) -> (Person, Kept) {
    let mut contact = Contact::new(id, now);
    contact.set(&FieldName::new("first_name"), Value::text("Ana"));
    contact.set(&FieldName::new("email"), Value::text(format!("person{id}@example.com")));
    contact.set(&FieldName::new("zone"), Value::text("Europe/Berlin"));
    let mut person = Person::new(contact);
    let entry = ConsentEntry {
        channel: None,
        purpose: Some(Purpose::Marketing),
        state: ConsentState::Confirmed,
        basis: Arc::from("bench"),
        text_version: None,
        source: None,
        actor: Arc::from("bench"),
        at: now,
    };
    person.touch.permits.fold(&entry);
    person.identities.extend(person.contact.email.as_deref().and_then(Identity::email));
    let identities = person.identities.to_vec();
    (person, Kept { is_new: true, contact: true, touch: true, identities, consents: vec![entry], ..Kept::default() })
}

/// All due work, in turns of 1,000 people; the answers of one turn ride in the next. Returns the number of sends.
fn work_off(bench: &mut Bench, most: usize) -> anyhow::Result<usize> {
    let (mut sent, mut answers) = (0, Vec::new());
    loop {
        let mut work: Vec<Work> = std::mem::take(&mut answers);
        work.push(Work::Tick);
        let asked = turn(&mut bench.store, &bench.loaded, &bench.world, work, Limits::default(), bench.now)?;
        for Effect::Send { permit, .. } in asked.effects {
            sent += 1;
            answers.push(Work::Received {
                contact: permit.contact,
                send: permit.send,
                attempt: permit.attempt,
                receipt: Receipt::Accepted { provider_id: Arc::from(permit.key.0) },
            });
        }
        if answers.is_empty() || sent >= most {
            return Ok(sent);
        }
    }
}

fn step(folder: &Path, people: usize, session: &mut Session<'_>) -> Result<(), CliError> {
    let _ = fs::remove_file(folder.join("bench.db"));
    let mut bench = open(folder)?;
    fill(&mut bench, people)?;
    let size = |bench: &Bench| -> anyhow::Result<u64> {
        bench.store.checkpointer()?.truncate()?;
        Ok(fs::metadata(folder.join("bench.db"))?.len())
    };
    let empty = size(&bench)?;
    let before = cpu();
    enrol(&mut bench, people)?;
    let enrolled = cpu() - before;
    let waiting = size(&bench)?;
    bench.now = bench.now.plus_ms(3_600_000);
    let (before, wall) = (cpu(), time::Instant::now());
    let sent = work_off(&mut bench, usize::MAX)?;
    let (used, took) = (cpu() - before, wall.elapsed());
    let done = size(&bench)?;
    let per = |amount: f64| amount / people as f64;
    writeln!(session.out, "people                  {people}")?;
    writeln!(session.out, "enrolment               {:.1} µs CPU each", per(enrolled * 1e6))?;
    writeln!(session.out, "waiting run             {:.0} bytes on disk each", per((waiting - empty) as f64))?;
    writeln!(session.out, "full durable step       {:.1} µs CPU each ({sent} sends)", per(used * 1e6))?;
    writeln!(session.out, "rate                    {:.0} a second wall", sent as f64 / took.as_secs_f64())?;
    writeln!(
        session.out,
        "executed step           {:.0} bytes on disk each",
        per(done.saturating_sub(waiting) as f64)
    )?;
    Ok(())
}

fn restart(folder: &Path, people: usize, session: &mut Session<'_>) -> Result<(), CliError> {
    let _ = fs::remove_file(folder.join("bench.db"));
    let mut bench = open(folder)?;
    fill(&mut bench, people)?;
    enrol(&mut bench, people)?;
    bench.store.checkpointer().and_then(|pointer| pointer.truncate()).map_err(anyhow::Error::from)?;
    let due = bench.now.plus_ms(3_600_000);
    drop(bench);
    let (before, wall) = (cpu(), time::Instant::now());
    let mut bench = open(folder)?;
    bench.now = due;
    bench.store.in_flight(bench.world.epoch).map_err(anyhow::Error::from)?;
    let limits = Limits { people: 100 };
    let asked = turn(&mut bench.store, &bench.loaded, &bench.world, vec![Work::Tick], limits, bench.now);
    let first = asked.map_err(anyhow::Error::from)?.effects.len();
    let (used, took) = (cpu() - before, wall.elapsed());
    writeln!(session.out, "pending                 {people}")?;
    writeln!(
        session.out,
        "open to first {first} sends    {:.0} ms wall, {:.0} ms CPU (with compiling the project)",
        took.as_secs_f64() * 1e3,
        used * 1e3
    )?;
    Ok(())
}

/// Seconds of user and system time that this process has used.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let sum: f64 = threads
        .filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|stat| stat.split_whitespace().next()?.parse::<f64>().ok())
        .sum();
    if sum > 0.0 {
        sum / 1e9
    } else {
        stat.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
    }
}
