//! Figures of what proves a project before anybody gets a message: simulations, suites, plans. Knows how they are asked,
//! not how they are done.
#![expect(clippy::disallowed_methods, reason = "measures the real clock and fills a folder of its own")]
use super::{begin, compiled, cpu, enrol, fill, open, sequence, settings};
use crate::{
    calendar::Span,
    cli::{CliError, Session, change::Base, scaffold},
    id::SequenceName,
    plan::{Plan, Suite},
    project,
    simulate::{
        audience::{Ask, Entry, Invented, People, simulate},
        suite::{self, Memory, Project},
    },
};
use std::{collections::BTreeMap, fs, path::Path, process::Command, sync::Arc, time};

const HEAP_LOOP: &str = include_str!("../../../benches/heap_loop.py");
const DAY_MS: f64 = 86_400_000.0;

// --- an audience --------------------------------------------------------------------------------------------------------

/// Five messages with conditions, in a window, under a cap.
fn five_steps() -> String {
    let step = |n: usize| {
        format!(
            "  - id: step_{n}\n    wait: 2d\n    at: \"10:00\"\n    if: contact.score >= 0 and contact.first_name is defined\n    \
             email: m00000\n"
        )
    };
    let steps: String = (1..=5).map(step).collect();
    format!(
        "sequence: s00000\npurpose: marketing\nreentry: after 30d\ngoal: {{ event: booking.created }}\nwindow: daytime\nsteps:\n{steps}"
    )
}

pub(super) fn audience(folder: &Path, people: usize, session: &mut Session<'_>) -> Result<(), CliError> {
    let plan = compiled(folder, &five_steps())?;
    let mut counted = 0.0;
    for (words, render, over) in [
        ("counted, all at one moment", false, Span::ZERO),
        ("written, all at one moment", true, Span::ZERO),
        ("counted, each at their own", false, Span::days(7)),
    ] {
        let ask = Ask {
            people: People::Invented(Invented { count: people, ..Invented::default() }),
            enrolled: vec![SequenceName::new("s00000")],
            launched: Vec::new(),
            entry: Entry::Enrolled,
            start: begin(),
            until: begin().plus_ms(40 * 24 * 3_600_000),
            over,
            does: Vec::new(),
            seed: 1,
            render,
            zone: plan.zone.clone(),
            limits: BTreeMap::new(),
        };
        let (before, wall) = (cpu(), time::Instant::now());
        let numbers = simulate(&plan, &ask, &mut |_| {}).map_err(anyhow::Error::from)?;
        let (used, took) = (cpu() - before, wall.elapsed());
        counted = if counted > 0.0 { counted } else { used };
        let steps = numbers.totals.due.max(1) as f64;
        writeln!(
            session.out,
            "{words:<27} {used:.2} s CPU, {:.2} µs a step, {:.2} s wall ({} steps, {} messages)",
            used * 1e6 / steps,
            took.as_secs_f64(),
            numbers.totals.due,
            numbers.messages
        )?;
    }
    match heap_loop(people) {
        Some(used) => writeln!(
            session.out,
            "a heap loop in Python       {used:.2} s CPU, without gates: the first line is {:.2} times that",
            counted / used
        )?,
        None => writeln!(session.out, "a heap loop in Python       there is no python3 here")?,
    }
    Ok(())
}

/// Seconds of CPU time that five steps of so many people take there, without anything decided.
fn heap_loop(people: usize) -> Option<f64> {
    let ran = Command::new("python3").args(["-c", HEAP_LOOP, &people.to_string(), "5"]).output().ok()?;
    String::from_utf8(ran.stdout).ok()?.split_whitespace().nth(1)?.parse().ok()
}

// --- suites -------------------------------------------------------------------------------------------------------------

/// A suite of an example, on a virtual clock and in memory.
struct Played {
    scenarios: usize,
    cases: usize,
    /// Days that pass in all of them together.
    days: f64,
    used: f64,
}

/// The scenarios of every example. The quickest of the rounds counts: what else runs here makes rounds only slower.
pub(super) fn suites(folder: &Path, rounds: usize, session: &mut Session<'_>) -> Result<(), CliError> {
    for name in scaffold::examples() {
        let (plan, suites) = example(name, folder)?;
        let played = (0..rounds.max(1)).map(|_| play(&plan, &suites)).min_by(|a, b| a.used.total_cmp(&b.used));
        let Some(played) = played.filter(|played| played.cases > 0) else { continue };
        let ms = played.used * 1e3;
        writeln!(
            session.out,
            "{name:<10} {ms:>7.2} ms CPU: {} scenarios, {:.2} ms each; {} cases of {:.1} days, {:.3} ms each",
            played.scenarios,
            ms / played.scenarios as f64,
            played.cases,
            played.days / played.cases as f64,
            ms / played.cases as f64,
        )?;
    }
    Ok(())
}

/// An example as it comes with the program, unpacked.
fn example(name: &str, folder: &Path) -> Result<(Arc<Plan>, Vec<Arc<Suite>>), CliError> {
    let root = folder.join(name);
    for (path, text) in scaffold::example(name).unwrap_or_default() {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&root)).map_err(anyhow::Error::from)?;
        fs::write(path, text).map_err(anyhow::Error::from)?;
    }
    let loaded = project::load(&root, &settings());
    let plan = loaded.plan.ok_or_else(|| CliError::usage(format!("the example {name} does not compile")))?;
    Ok((plan, loaded.suites))
}

fn play(plan: &Arc<Plan>, suites: &[Arc<Suite>]) -> Played {
    let mut played = Played { scenarios: 0, cases: 0, days: 0.0, used: 0.0 };
    let versions = BTreeMap::new();
    let before = cpu();
    for suite in suites {
        for scenario in 0..suite.scenarios.len() {
            let project = Project { plan, versions: &versions, seed: 1 };
            let ran = suite::run(&mut Memory::new(1), &project, suite, scenario);
            played.scenarios += 1;
            played.cases += ran.cases.len();
            played.days += ran.cases.iter().map(|case| case.until.since(case.start) as f64 / DAY_MS).sum::<f64>();
        }
    }
    played.used = cpu() - before;
    played
}

// --- a plan -------------------------------------------------------------------------------------------------------------

/// A text and a wait are changed, and everybody inside is counted from the file.
pub(super) fn plan(folder: &Path, people: usize, session: &mut Session<'_>) -> Result<(), CliError> {
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(folder.join(format!("bench.db{ending}")));
    }
    let before = cpu();
    let mut bench = open(folder)?;
    fill(&mut bench, people)?;
    enrol(&mut bench, people)?;
    bench.store.checkpointer().and_then(|pointer| pointer.truncate()).map_err(anyhow::Error::from)?;
    let now = bench.now;
    drop(bench);
    writeln!(session.out, "{people} people inside         {:.1} s CPU to put them there", cpu() - before)?;
    let changed = sequence(0).replace("wait: 1h", "wait: 2h").replace("wait: 3d", "wait: 4d");
    let plan = compiled(folder, &changed)?;
    for _ in 0..3 {
        let (before, wall) = (cpu(), time::Instant::now());
        let base = Base::of(&folder.join("bench.db"), now)?.ok_or_else(|| CliError::usage("nothing was published"))?;
        let census = cpu() - before;
        let changes = base.beside(plan.clone(), now).changes;
        let (used, took) = (cpu() - before, wall.elapsed());
        writeln!(
            session.out,
            "plan                    {:.0} ms CPU, {:.0} ms wall, {:.0} ms of it for the census of {} groups ({} changes)",
            used * 1e3,
            took.as_secs_f64() * 1e3,
            census * 1e3,
            base.census.inside.len(),
            changes.changes.len(),
        )?;
    }
    Ok(())
}
