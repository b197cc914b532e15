//! `dripline preview`: what one person would get, and when.
mod against;
mod people;

use super::{CliError, Exit, Format, Session, files};
use crate::{
    calendar::{CivilDate, Instant, TimeOfDay, Zone},
    diag::nearest,
    id::{EventKind, SequenceName},
    plan::{Plan, Supposed},
    report::{
        self,
        preview::{Previewed, Previews},
    },
    simulate::{self, Example, Opening, Preview, PreviewFault, What},
    value::Value,
};
use std::{collections::BTreeMap, sync::Arc};

/// Show one person's timeline through a sequence
///
/// The decisions are the daemon's own: windows, quiet hours, caps, conditions and channels as they will be. Without
/// --contact an invented person goes through it who can be reached everywhere and agreed to everything. Nothing leaves
/// the machine.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline preview no_show_recovery
  dripline preview no_show_recovery --start \"2027-03-26 18:30\" --render
  dripline preview no_show_recovery --what-if \"booking.created at +5d\"
  dripline preview no_show_recovery --lookup slot=none
  dripline preview warm_lead_nurture --contact ana.json --contact ben.json
  dripline preview warm_lead_nurture --against main
  dripline preview warm_lead_nurture --format html > preview.html
  dripline preview warm_lead_nurture --report html=preview.html --report markdown=comment.md

Formats: full (default), json, markdown (fits a comment on a pull request) and html (a page that
stands alone, with the mails as they look). `--report FMT=FILE` writes another one beside it.")]
pub(super) struct Args {
    /// The sequence
    id: String,
    /// A JSON file with fields of a contact: { "first_name": "Ana", "phone": "+18765550147" }. A list of such, or a map of
    /// names to such, is several people; NAME stands for tests/fixtures/NAME.json. May be given several times
    #[arg(long, value_name = "FILE|NAME")]
    contact: Vec<String>,
    /// The event that starts it, instead of the one its trigger names
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
    /// When it starts, in the person's time or with an offset; else now
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// Something that happens on the way; may be given several times
    #[arg(long, value_name = "EVENT at +TIME")]
    what_if: Vec<String>,
    /// What a look-up answers, by its name or the name of its answer: none, error, or its fields as JSON; else example
    /// values of the declared types. May be given several times
    #[arg(long, value_name = "NAME=none|error|JSON")]
    lookup: Vec<String>,
    /// Print the whole texts; markdown and html have them anyway, json gets the HTML of mails by it
    #[arg(long)]
    render: bool,
    /// Compare with the files of this commit, branch or tag
    #[arg(long, value_name = "GITREF")]
    against: Option<String>,
}

pub(super) const FORMATS: &[Format] = &[Format::Full, Format::Json, Format::Markdown, Format::Html];

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(FORMATS)?;
    let Some(plan) = session.plan()? else { return Ok(Exit::Findings) };
    let people = people::all(session, &args.contact, &plan)?;
    let past = args.against.as_deref().map(|reference| against::plan(session, reference)).transpose()?;
    let mut shown = Vec::new();
    for contact in people {
        let ask = asked(args, &plan, contact, session)?;
        let now = simulate::preview(&plan, &ask).map_err(|fault| told(&fault))?;
        if let (Some(event), Opening::Enrolled) = (&args.event, &now.opening) {
            session
                .note(format!("no trigger enrolls into {} on {event} at once: shown as enrolled by hand", args.id))?;
        }
        let before = match (&past, &args.against) {
            (Some(past), Some(reference)) => against::timeline(past, ask, reference)?,
            _ => None,
        };
        shown.push(Previewed { now, before });
    }
    let previews = Previews { people: shown, against: args.against.clone(), plan: plan.hash(), full: args.render };
    let made = {
        let (zone, now) = (&plan.zone, session.now());
        format!("{} {} {}", zone.civil(now).strftime("%a %-d %b %Y"), zone.time_of_day(now), zone.name())
    };
    session.out.write_all(written(format, &previews, args, &made)?.as_bytes())?;
    for to in session.globals.reports.clone() {
        let text = written(to.format, &previews, args, &made)?;
        files::write(&session.path(&to.file), &anstream::adapter::strip_str(&text).to_string())?;
    }
    Ok(Exit::Fine)
}

/// What is asked about one person.
fn asked(args: &Args, plan: &Arc<Plan>, contact: Example, session: &Session<'_>) -> Result<Preview, CliError> {
    let event = args.event.as_ref().map(|event| What {
        event: EventKind::new(event),
        data: BTreeMap::new(),
        after: crate::calendar::Span::ZERO,
    });
    let what_if: Result<Vec<What>, _> = args.what_if.iter().map(|text| What::parse(text)).collect();
    let what_if =
        what_if.map_err(|fault| CliError::usage(fault.to_string()).help("for example: booking.created at +5d"))?;
    let start = match &args.start {
        Some(text) => start(text, &zone(plan, &contact)).ok_or_else(|| {
            CliError::usage(format!("\"{text}\" is no time")).help("for example: --start \"2027-03-26 18:30\"")
        })?,
        // a campaign takes nobody in before it starts
        None => {
            let sequence = plan.sequences.get(args.id.as_str());
            let begins = sequence.and_then(|sequence| sequence.campaign.as_ref()?.start);
            begins.map_or(session.now(), |begins| begins.max(session.now()))
        }
    };
    let sequence = SequenceName::new(&args.id);
    let lookups: Result<Vec<_>, _> = args.lookup.iter().map(|text| lookup(text, plan, &sequence)).collect();
    Ok(Preview { sequence, contact, event, what_if, lookups: lookups?, start })
}

fn written(format: Format, previews: &Previews, args: &Args, made: &str) -> Result<String, CliError> {
    Ok(match format {
        Format::Json => format!("{:#}\n", report::preview::json(previews)),
        Format::Markdown => report::preview::markdown(previews),
        Format::Html => report::preview::html(previews, command(args), made.to_owned()).map_err(anyhow::Error::from)?,
        _ => report::preview::text(previews),
    })
}

/// The command line as it would be typed again.
fn command(args: &Args) -> String {
    let quoted = |text: &str| {
        let plain = |char: char| char.is_ascii_alphanumeric() || "_-./=@:+".contains(char);
        if !text.is_empty() && text.chars().all(plain) {
            text.to_owned()
        } else {
            format!("'{}'", text.replace('\'', "'\\''"))
        }
    };
    let mut words = vec!["dripline preview".to_owned(), quoted(&args.id)];
    let mut put = |name: &str, values: &[String]| {
        words.extend(values.iter().map(|value| format!("--{name} {}", quoted(value))));
    };
    put("contact", &args.contact);
    put("event", args.event.as_slice());
    put("start", args.start.as_slice());
    put("what-if", &args.what_if);
    put("lookup", &args.lookup);
    put("against", args.against.as_slice());
    words.join(" ")
}

/// `slot=none`, `slot=error`, `slot={ "start": "2027-03-26T10:00:00Z" }`.
fn lookup(text: &str, plan: &Plan, sequence: &SequenceName) -> Result<(String, Supposed), CliError> {
    let wrong = || {
        CliError::usage(format!("\"{text}\" is no answer of a look-up"))
            .help("for example: --lookup slot=none, slot=error, or 'slot={ \"url\": \"https://example.com/a\" }'")
    };
    let (name, answer) = text.split_once('=').ok_or_else(wrong)?;
    let (name, answer) = (name.trim().to_owned(), answer.trim());
    let supposed = match answer {
        "none" | "null" => Supposed::Nothing,
        "error" => Supposed::Failure,
        json => {
            let fields: BTreeMap<String, serde_json::Value> =
                serde_json::from_str(json).map_err(|error| wrong().because(error))?;
            let steps = plan.sequences.get(sequence).map(|found| found.steps.as_slice()).unwrap_or_default();
            let meant = steps.iter().find_map(|step| step.with.get(name.as_str())).map_or(name.as_str(), |found| found);
            Supposed::Answer(given(meant, &fields, plan)?)
        }
    };
    Ok((name, supposed))
}

/// Fields of an answer, of the types that the look-up declares; whether there is such a look-up is asked later.
fn given(lookup: &str, fields: &BTreeMap<String, serde_json::Value>, plan: &Plan) -> Result<Value, CliError> {
    let mut answer = BTreeMap::new();
    for (field, value) in fields {
        let Some(returns) = plan.lookups.get(lookup).map(|found| &found.returns) else { break };
        let of = returns.get(field.as_str()).ok_or_else(|| {
            let known: Vec<&str> = returns.keys().map(|name| &**name).collect();
            CliError::usage(format!("the look-up \"{lookup}\" returns no \"{field}\""))
                .help(format!("it returns: {}", known.join(", ")))
        })?;
        let value = Value::of_json(value, of).ok_or_else(|| {
            CliError::usage(format!("\"{field}\" of the look-up \"{lookup}\" holds a value of type {of}, not {value}"))
                .help("write times as \"2027-03-26T10:00:00Z\", dates as \"2027-03-26\", money as \"50 EUR\"")
        })?;
        answer.insert(Arc::from(field.as_str()), value);
    }
    Ok(Value::Map(answer))
}

/// The zone in which `--start` is read: the contact's, else the clinic's, else the project's.
fn zone(plan: &Plan, contact: &Example) -> Zone {
    let own = contact.fields.get("zone").and_then(|zone| zone.as_str()).and_then(Zone::parse);
    own.or_else(|| plan.default_clinic().zone.clone()).unwrap_or_else(|| plan.zone.clone())
}

/// `2027-03-26 18:30`, `2027-03-26`, or RFC 3339.
pub(super) fn start(text: &str, zone: &Zone) -> Option<Instant> {
    if let Some(at) = Instant::parse_rfc3339(text) {
        return Some(at);
    }
    let (date, time) = text.split_once(' ').unwrap_or((text, "00:00"));
    let (date, time) = (CivilDate::parse(date)?, TimeOfDay::parse(time)?);
    Some(zone.at_time(zone.start_of(date), time))
}

fn told(fault: &PreviewFault) -> CliError {
    match fault {
        PreviewFault::NoSequence { name, known } => {
            let near = nearest(name, known.iter().map(String::as_str));
            let help = match near {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("the project has: {}", known.join(", ")),
            };
            CliError::usage(fault.to_string()).help(help)
        }
        PreviewFault::NoLookup { name, known } => {
            let help = match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if known.is_empty() => "no step of it has `with:`".to_owned(),
                None => format!("its steps ask: {}", known.join(", ")),
            };
            CliError::usage(fault.to_string()).help(help)
        }
        PreviewFault::Example(_) => CliError::usage(fault.to_string()),
        PreviewFault::Broken(cause) => CliError::usage(cause.to_string()),
    }
}

impl Session<'_> {
    /// The plan of the project; without one the findings are told and there is nothing to do.
    pub(crate) fn plan(&mut self) -> Result<Option<Arc<Plan>>, CliError> {
        let root = self.project_root()?;
        let project = self.load(&root);
        if let Some(plan) = project.plan {
            return Ok(Some(plan));
        }
        let errors: Vec<_> = project.findings.into_iter().filter(crate::diag::Finding::is_error).collect();
        self.err.write_all(report::findings::full(&errors, &project.sources).as_bytes())?;
        self.note(report::findings::summary(&errors))?;
        Ok(None)
    }
}
