//! `dripline simulate`: what a whole audience would get, before anybody gets a message.
mod people;

use super::{CliError, Exit, Format, Session, check, files, preview};
use crate::{
    calendar::{Instant, Span},
    compile,
    diag::{Sink, nearest},
    document::{Body, Document},
    id::{ChannelName, EventKind, SequenceName},
    plan::Plan,
    project::{self, Loaded},
    report::audience::{self as report, Simulated},
    simulate::{
        What,
        audience::{self, Ask, AudienceFault, ChannelLimits, Deed, Does, Entry, Numbers},
    },
};
pub(super) use people::is_database;
use people::{Audience, Wanted};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// Show what a whole audience would get, and when
///
/// People go through the sequences on a clock that jumps: windows, quiet hours, caps, consent and channels decide as they
/// will. Campaigns are launched, into other sequences everybody is enrolled; with --event that happens to everybody
/// instead. Nothing is sent and nothing is written.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline simulate monthly_drip --people 5000
  dripline simulate monthly_drip --people patients.csv --start \"2027-03-26 09:00\"
  dripline simulate --event booking.no_show --over 7d --reply 0.05 --book \"0.1 after 1h..3d\"
  dripline simulate winter_recall --people population.yaml --format html > winter.html
  dripline simulate winter_recall --people .dripline/dripline.db --against main
  dripline simulate monthly_drip --zones \"America/Jamaica=0.7,Europe/Berlin=0.3\" --seed 7

People come from a number (they are invented, can be reached everywhere and agreed to everything),
from a table (.csv), from objects (.json with a list, .jsonl), from a database of dripline (.db:
its contacts and what they agreed to, outside of every sequence), or from a population (.yaml or
.json):
  people: 5000
  zones: { America/Jamaica: 0.7, Europe/Berlin: 0.3 }
  has: { email: 0.9, phone: 0.8 }
  consent: 0.6
  fields: { stage: { new: 0.2, maintenance: 0.8 }, score: { between: [0, 100] },
            last_visit_at: { days_ago: [30, 400] } }
  does: { reply: 0.05, book: { chance: 0.1, after: 1h..3d }, opt_out: 0.005 }

Columns of tables are fields of contacts. `consent` says what somebody agreed to on every channel,
`consent.email` on one: yes, marketing, service, or no. Without such a column everybody agreed.")]
pub(super) struct Args {
    /// Sequences and campaigns
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// How many people, or a file with them: .csv, .json, .jsonl, .yaml, .db
    #[arg(long, value_name = "COUNT|FILE", default_value = "1000")]
    people: String,
    /// Where invented people live
    #[arg(long, value_name = "ZONE=SHARE,…")]
    zones: Option<String>,
    /// This happens to everybody, and triggers decide what follows
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
    /// People come in one by one over this time
    #[arg(long, value_name = "TIME", value_parser = span)]
    over: Option<Span>,
    /// When it begins, in the project's time or with an offset; else now, or when the first campaign starts
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// How much time passes at most
    #[arg(long = "for", value_name = "TIME", value_parser = span, default_value = "90d")]
    length: Span,
    /// Share of messages that are answered; in which time may follow
    #[arg(long, value_name = "SHARE [after TIME..TIME]")]
    reply: Option<String>,
    /// Share of messages that make people book
    #[arg(long, value_name = "SHARE [after TIME..TIME]")]
    book: Option<String>,
    /// Share of messages after which people opt out
    #[arg(long, value_name = "SHARE [after TIME..TIME]")]
    opt_out: Option<String>,
    /// Share of messages after which something else happens; may be given several times
    #[arg(long, value_name = "EVENT=SHARE [after TIME..TIME]")]
    does: Vec<String>,
    /// Another seed, other luck
    #[arg(long)]
    seed: Option<u64>,
    /// Write every message as well, so that mistakes in texts show
    #[arg(long)]
    render: bool,
    /// Compare with the project as it was at this commit, branch or tag
    #[arg(long, value_name = "GITREF")]
    against: Option<String>,
}

pub(super) const FORMATS: &[Format] = &[Format::Full, Format::Json, Format::Html];

pub(super) fn span(text: &str) -> Result<Span, String> {
    Span::parse(text).map_err(|_| "it is no time such as 90d or 12h".to_owned())
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(FORMATS)?;
    let root = session.project_root()?;
    let project = session.load(&root);
    let Some(plan) = compiled(project.plan.clone(), &project, None, session)? else { return Ok(Exit::Findings) };
    let past = match &args.against {
        Some(reference) => {
            let past = project::at(&root, reference).map_err(check::past)?;
            let past = session.loaded(past.files);
            let Some(plan) = compiled(past.plan.clone(), &past, Some(reference), session)? else {
                return Ok(Exit::Findings);
            };
            Some((reference.as_str(), past, plan))
        }
        None => None,
    };
    let now = numbers(args, &project, &plan, "", session)?;
    let before = match &past {
        Some((reference, past, plan)) => Some((*reference, numbers(args, past, plan, reference, session)?)),
        None => None,
    };
    let against = before.as_ref().map(|(reference, before)| (*reference, before));
    let simulated = Simulated { now: &now, against };
    let shown = written(format, &simulated, args, session.now())?;
    session.out.write_all(shown.as_bytes())?;
    for to in session.globals.reports.clone() {
        files::write(&session.path(&to.file), &written(to.format, &simulated, args, session.now())?)?;
    }
    Ok(Exit::Fine)
}

fn written(format: Format, of: &Simulated<'_>, args: &Args, made: Instant) -> Result<String, CliError> {
    Ok(match format {
        Format::Json => format!("{:#}\n", report::json(of)),
        Format::Html => report::page::html(of, &command(args), made)
            .map_err(|error| CliError::usage("the page could not be written").because(error))?,
        _ => report::text(of),
    })
}

/// The plan; without one the findings are told.
pub(super) fn compiled(
    plan: Option<Arc<Plan>>,
    project: &Loaded,
    reference: Option<&String>,
    session: &mut Session<'_>,
) -> Result<Option<Arc<Plan>>, CliError> {
    if plan.is_none() {
        let errors: Vec<_> = project.findings.iter().filter(|finding| finding.is_error()).cloned().collect();
        session.err.write_all(crate::report::findings::full(&errors, &project.sources).as_bytes())?;
        let at = reference.map_or_else(String::new, |reference| format!("the project at {reference}: "));
        session.note(format!("{at}{}", crate::report::findings::summary(&errors)))?;
    }
    Ok(plan)
}

fn numbers(
    args: &Args,
    project: &Loaded,
    plan: &Arc<Plan>,
    at: &str,
    session: &mut Session<'_>,
) -> Result<Numbers, CliError> {
    let (enrolled, launched) = named(args, plan, at)?;
    let start = start(args, plan, &launched, session)?;
    let wanted = Wanted { people: &args.people, zones: args.zones.as_deref(), start };
    let Audience { people, does, seed, told } = people::read(&wanted, plan, session)?;
    for line in told.iter().filter(|_| at.is_empty()) {
        session.note(line)?;
    }
    let does = conduct(args, does)?;
    let entry = match &args.event {
        Some(event) => Entry::Event(What { event: EventKind::new(event), data: BTreeMap::new(), after: Span::ZERO }),
        None if enrolled.is_empty() => Entry::Launched,
        None => Entry::Enrolled,
    };
    let ask = Ask {
        people,
        enrolled,
        launched,
        entry,
        start,
        until: plan.zone.add(start, args.length),
        over: args.over.unwrap_or(Span::ZERO),
        does,
        seed: args.seed.or(seed).unwrap_or(1),
        render: args.render,
        zone: plan.zone.clone(),
        limits: limits(project, session.globals.environment.as_deref()),
    };
    let what = if at.is_empty() { "simulating".to_owned() } else { format!("simulating {at}") };
    let quiet = session.globals.quiet || ask.people.len() < MANY;
    let mut tell = progress(what, quiet, session.err);
    audience::simulate(plan, &ask, &mut tell).map_err(|fault| told_fault(&fault))
}

/// Fewer people than these are simulated before anybody wonders.
const MANY: usize = 20_000;

/// A line at every fifth of the way.
pub(super) fn progress(what: String, quiet: bool, err: &mut (dyn std::io::Write + Send)) -> impl FnMut(u32) {
    let mut told = 0;
    move |done: u32| {
        let fifth = done / 200;
        if !quiet && fifth > told {
            told = fifth;
            // nothing is lost when nobody reads it
            let _ = writeln!(err, "{what}: {} %", fifth * 20);
        }
    }
}

/// Which of them people are enrolled into, and which are launched.
fn named(args: &Args, plan: &Plan, at: &str) -> Result<(Vec<SequenceName>, Vec<SequenceName>), CliError> {
    let (mut enrolled, mut launched) = (Vec::new(), Vec::new());
    for id in &args.ids {
        let name = SequenceName::new(id);
        match plan.sequences.get(&name) {
            Some(sequence) if sequence.campaign.is_some() => launched.push(name),
            Some(_) => enrolled.push(name),
            // the other version has none of it: nothing is sent there
            None if !at.is_empty() => {}
            None => {
                let error = CliError::usage(format!("there is no sequence \"{id}\""));
                return Err(match nearest(id, plan.sequences.keys().map(SequenceName::as_str)) {
                    Some(near) => error.help(format!("did you mean \"{near}\"?")),
                    None => error.help(format!("the project has: {}", names(plan))),
                });
            }
        }
    }
    if args.event.is_some() {
        enrolled.clear();
    } else if args.ids.is_empty() {
        return Err(CliError::usage("say which sequences and campaigns, or what happens to people with --event")
            .help(format!("the project has: {}", names(plan))));
    }
    Ok((enrolled, launched))
}

fn names(plan: &Plan) -> String {
    let names: Vec<&str> = plan.sequences.keys().map(SequenceName::as_str).collect();
    names.join(", ")
}

fn start(args: &Args, plan: &Plan, launched: &[SequenceName], session: &Session<'_>) -> Result<Instant, CliError> {
    match &args.start {
        Some(text) => preview::start(text, &plan.zone).ok_or_else(|| {
            CliError::usage(format!("\"{text}\" is no time")).help("for example: --start \"2027-03-26 18:30\"")
        }),
        // a campaign takes nobody in before it starts
        None => {
            let begins = launched.iter().filter_map(|name| plan.sequences.get(name)?.campaign.as_ref()?.start).min();
            Ok(begins.map_or(session.now(), |begins| begins.max(session.now())))
        }
    }
}

/// What flags say of people's conduct stands before what their file says.
fn conduct(args: &Args, declared: Vec<Does>) -> Result<Vec<Does>, CliError> {
    let told = |fault: audience::DoesFault| {
        CliError::usage(fault.to_string()).help("for example: --reply 0.05, or --book \"0.1 after 1h..3d\"")
    };
    let mut all = Vec::new();
    for (deed, said) in [(Deed::Reply, &args.reply), (Deed::Book, &args.book), (Deed::OptOut, &args.opt_out)] {
        if let Some(text) = said {
            all.push(Does::parse(deed, text).map_err(told)?);
        }
    }
    for text in &args.does {
        let (event, share) = text.split_once('=').ok_or_else(|| {
            CliError::usage(format!("\"{text}\" is not of the form EVENT=SHARE"))
                .help("for example: --does \"message.clicked=0.2 after 1m..2h\"")
        })?;
        all.push(Does::parse(Deed::parse(event.trim()), share).map_err(told)?);
    }
    let said: Vec<Deed> = all.iter().map(|does| does.deed.clone()).collect();
    all.extend(declared.into_iter().filter(|does| !said.contains(&does.deed)));
    Does::check(&all).map_err(told)?;
    Ok(all)
}

/// What the project says that channels carry: the environment's word counts more.
fn limits(project: &Loaded, env: Option<&str>) -> BTreeMap<ChannelName, ChannelLimits> {
    let documents = compile::read_all(&project.sources, &mut Sink::new());
    let written = documents.iter().find_map(|document: &Document| match &document.body {
        Body::Project(project) => Some(project),
        _ => None,
    });
    let Some(written) = written else { return BTreeMap::new() };
    let bound = written.environments.iter().filter(|of| env.is_some_and(|env| of.id == *env));
    let bindings = bound.flat_map(|of| &of.channels);
    let mut limits = BTreeMap::new();
    for channel in &written.channels {
        let own = bindings.clone().filter(|binding| *binding.id == *channel.id);
        let all = bindings.clone().filter(|binding| *binding.id == *"*");
        let said = std::iter::once(channel).chain(all).chain(own).filter_map(|said| said.limits.as_ref()).next_back();
        let Some(said) = said else { continue };
        let warm_up = said.warm_up.as_ref().and_then(|warm_up| {
            let days = warm_up.per_day.iter().map(|count| count.value.unsigned_abs()).collect();
            Some((crate::calendar::CivilDate::parse(&warm_up.start)?, days))
        });
        let number = |of: &Option<crate::document::Spanned<i64>>| of.as_ref().map(|of| of.value.unsigned_abs());
        let of = ChannelLimits { per_second: number(&said.per_second), per_day: number(&said.per_day), warm_up };
        limits.insert(ChannelName::new(channel.id.as_str()), of);
    }
    limits
}

fn told_fault(fault: &AudienceFault) -> CliError {
    let error = CliError::usage(fault.to_string());
    match fault {
        AudienceFault::NotLaunched(_) => error.help("an earlier --start shows what it was"),
        _ => error,
    }
}

/// The command line that makes this report again.
fn command(args: &Args) -> String {
    let mut words = vec!["dripline simulate".to_owned()];
    words.extend(args.ids.iter().cloned());
    let quoted = |text: &str| if text.contains(' ') { format!("\"{text}\"") } else { text.to_owned() };
    let mut put = |flag: &str, value: Option<String>| {
        words.extend(value.map(|value| format!("{flag} {}", quoted(&value))));
    };
    // where a file lies on somebody's machine is nobody's business
    let file = Path::new(&args.people).file_name().map(|name| name.to_string_lossy().into_owned());
    put("--people", file);
    put("--zones", args.zones.clone());
    put("--event", args.event.clone());
    put("--over", args.over.map(|over| over.to_string()));
    put("--start", args.start.clone());
    put("--for", (args.length != Span::days(90)).then(|| args.length.to_string()));
    put("--reply", args.reply.clone());
    put("--book", args.book.clone());
    put("--opt-out", args.opt_out.clone());
    args.does.iter().for_each(|does| put("--does", Some(does.clone())));
    put("--seed", args.seed.map(|seed| seed.to_string()));
    put("--against", args.against.clone());
    if args.render {
        words.push("--render".to_owned());
    }
    words.push("--format html".to_owned());
    words.join(" ")
}
