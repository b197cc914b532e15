//! One person's timeline through one sequence, by the same turns as the daemon's.
use super::{
    Driver,
    detail::{self, Detail},
    example::{self, Example, ExampleFault, What},
    standing, supposed,
};
use crate::{
    calendar::{Instant, Span, Zone},
    engine::{Broken, MemoryStore, Note, Store, Told, Work},
    id::{ContactId, EventKind, SendId, SequenceName, TriggerName},
    journey::{Because, End, Order, Outcome, StopReason},
    plan::{About, Among, Enrol, Plan, Sequence, Supposed, Trigger},
};
use serde::{Serialize, Serializer};
use std::{collections::BTreeMap, sync::Arc};

/// A preview ends by itself when the run does; one that never ends is cut here.
const HORIZON: Span = Span { months: 30, days: 0, ms: 0 };

/// What to preview.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Preview {
    pub(crate) sequence: SequenceName,
    pub(crate) contact: Example,
    /// Else the first trigger that leads into the sequence says it.
    pub(crate) event: Option<What>,
    pub(crate) what_if: Vec<What>,
    /// What look-ups answer, by their name or the name that a step gives the answer.
    pub(crate) lookups: Vec<(String, Supposed)>,
    pub(crate) start: Instant,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum PreviewFault {
    #[error("there is no sequence \"{name}\"")]
    NoSequence { name: String, known: Vec<String> },
    #[error("no step of the sequence asks a look-up \"{name}\"")]
    NoLookup { name: String, known: Vec<String> },
    #[error(transparent)]
    Example(#[from] ExampleFault),
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// What one person gets, and when.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Timeline {
    pub(crate) format_version: u32,
    pub(crate) sequence: SequenceName,
    pub(crate) title: Option<Arc<str>>,
    pub(crate) person: String,
    /// Fields that were given for the person.
    pub(crate) fields: BTreeMap<String, serde_json::Value>,
    pub(crate) opening: Opening,
    #[serde(serialize_with = "moment")]
    pub(crate) start: Instant,
    pub(crate) zone: Zone,
    /// What was supposed to happen on the way.
    pub(crate) what_if: Vec<Supposition>,
    pub(crate) entries: Vec<Entry>,
    /// What stands behind each entry, in the same order.
    #[serde(skip)]
    pub(crate) details: Vec<Detail>,
    /// Events that end it at once, with what it then is.
    pub(crate) stops: Vec<(EventKind, Arc<str>)>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Supposition {
    #[serde(serialize_with = "moment")]
    pub(crate) at: Instant,
    pub(crate) event: EventKind,
}

/// Moments as every output for programs writes them: RFC 3339.
pub(super) fn moment<S: Serializer>(at: &Instant, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(at)
}

#[expect(clippy::ref_option, reason = "serde hands the field over like this")]
fn perhaps<S: Serializer>(at: &Option<Instant>, to: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.to_string()).serialize(to)
}

/// How the person came in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Opening {
    Event {
        event: EventKind,
        trigger: TriggerName,
    },
    /// The day of a trigger without an event came.
    Trigger {
        trigger: TriggerName,
    },
    /// No event of a single trigger leads there at once: put in by hand.
    Enrolled,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Entry {
    /// When it happens.
    #[serde(serialize_with = "moment")]
    pub(crate) at: Instant,
    /// When the plan means it to; differs from `at` where caps or holds moved it.
    #[serde(serialize_with = "moment")]
    pub(crate) planned: Instant,
    pub(crate) sequence: SequenceName,
    pub(crate) step: Option<Arc<str>>,
    pub(crate) word: Word,
    pub(crate) channel: Option<Arc<str>>,
    pub(crate) subject: Option<String>,
    pub(crate) text: Option<String>,
    /// Approved template of the provider that is sent instead of the text.
    pub(crate) provider_template: Option<String>,
    pub(crate) because: Option<Because>,
    /// What is not as it will be: answers that were made up, and what the message offers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

/// What an entry says.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    Sent,
    Skipped(Arc<str>),
    Failed(Arc<str>),
    Cancelled(Arc<str>),
    Unknown,
    Refused(Arc<str>),
    Completed,
    Converted,
    Stopped(Arc<str>),
    /// The run flows on into another sequence whose first step is due then.
    Enters {
        sequence: SequenceName,
        #[serde(serialize_with = "perhaps")]
        first: Option<Instant>,
    },
    /// The preview's horizon.
    Cut,
}

/// A story as it was played over some store.
pub(crate) struct Played<S> {
    pub(crate) driver: Driver<S>,
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests that read what a story wrote"))]
    pub(crate) contact: ContactId,
    opening: Opening,
    zone: Zone,
}

/// Runs one example person through one sequence.
///
/// # Errors
/// An unknown sequence, or an example contact or event that does not fit the project.
pub(crate) fn preview(plan: &Arc<Plan>, ask: &Preview) -> Result<Timeline, PreviewFault> {
    let plan = &supposed::answers(plan, &ask.sequence, &ask.lookups)?;
    let Played { driver, opening, zone, .. } = story(MemoryStore::new(), plan, ask, true)?;
    let sequence = plan.sequences.get(&ask.sequence);
    let (entries, told): (Vec<Entry>, Vec<usize>) = entries(&driver, &ask.sequence).into_iter().unzip();
    let details = told.into_iter().map(|note| detail::of(&driver, sequence.map(|found| &**found), note, &zone));
    let supposed = |what: &What| Supposition { at: zone.add(ask.start, what.after), event: what.event.clone() };
    let mut what_if: Vec<Supposition> = ask.what_if.iter().map(supposed).collect();
    what_if.sort_by_key(|what| what.at);
    Ok(Timeline {
        format_version: 1,
        sequence: ask.sequence.clone(),
        title: sequence.and_then(|sequence| sequence.title.clone()),
        person: ask.contact.label.clone(),
        fields: ask.contact.fields.clone(),
        opening,
        start: ask.start,
        what_if,
        details: details.collect(),
        entries,
        stops: sequence.map(|sequence| stops(sequence)).unwrap_or_default(),
        zone,
    })
}

/// The story of a preview over any store: what it wrote can be read there.
#[cfg(test)]
pub(crate) fn play<S: Store>(store: S, plan: &Arc<Plan>, ask: &Preview) -> Result<Played<S>, PreviewFault> {
    story(store, plan, ask, false)
}

fn story<S: Store>(store: S, plan: &Arc<Plan>, ask: &Preview, watch: bool) -> Result<Played<S>, PreviewFault> {
    let sequence = plan.sequences.get(&ask.sequence).ok_or_else(|| PreviewFault::NoSequence {
        name: ask.sequence.to_string(),
        known: plan.sequences.keys().map(ToString::to_string).collect(),
    })?;
    let (mut person, mut kept) = ask.contact.person(plan, ask.start)?;
    let zone = person.zone(plan);
    let opening = match &ask.event {
        Some(what) => Some((what.clone(), None)),
        None => leads_to(plan, sequence).map(|(event, trigger)| (event, Some(trigger))),
    };
    if let Some(booking) = opening.as_ref().and_then(|(what, _)| example::booking_before(&what.event, &zone, ask.start))
    {
        kept.bookings.insert(booking.id);
        person.bookings.insert(booking.id, booking);
    }
    let standing = if opening.is_none() { stands_before(plan, sequence) } else { None };
    let until = standing
        .as_ref()
        .and_then(|trigger| standing::make_due(plan, trigger, &mut person, &mut kept, &zone, ask.start));
    let mut driver = Driver::new(store, plan.clone(), ask.start)?;
    driver.seed(&person, &kept)?;
    if watch {
        driver.watch(person.contact.id);
    }
    let mut by = Opening::Enrolled;
    if let Some((what, trigger)) = opening {
        let delivery = example::delivery(plan, &person, &what, &zone, ask.start, true)?;
        driver.work(Work::Delivered(delivery))?;
        if let Some(trigger) = entered_by(&driver.notes, &ask.sequence) {
            by = Opening::Event { event: what.event, trigger: trigger.unwrap_or_else(|| TriggerName::new("")) };
        } else if let Some(trigger) = trigger {
            tracing::debug!(%trigger, "the trigger did not enrol the example contact");
        }
    }
    if let (Some(trigger), Some(until)) = (standing, until) {
        driver.work(Work::Due(person.contact.id))?;
        driver.run_until(until, |notes| entered_by(notes, &ask.sequence).is_some())?;
        if entered_by(&driver.notes, &ask.sequence).is_some() {
            by = Opening::Trigger { trigger: trigger.name.clone() };
        } else {
            driver.now = ask.start.max(driver.now);
        }
    }
    if entered_by(&driver.notes, &ask.sequence).is_none() {
        driver.work(Work::Ordered(person.contact.id, Order::Enrol(ask.sequence.clone())))?;
    }
    let_pass(&mut driver, plan, ask, &person, &zone)?;
    Ok(Played { driver, contact: person.contact.id, opening: by, zone })
}

/// Lets the story run to its end, with the what-ifs at their times.
fn let_pass<S: Store>(
    driver: &mut Driver<S>,
    plan: &Plan,
    ask: &Preview,
    person: &crate::journey::Person,
    zone: &Zone,
) -> Result<(), PreviewFault> {
    let mut events: Vec<(Instant, &What)> =
        ask.what_if.iter().map(|what| (zone.add(ask.start, what.after), what)).collect();
    events.sort_by_key(|(at, _)| *at);
    for (at, what) in events {
        driver.run_until(at, |notes| has_ended(notes, &ask.sequence))?;
        driver.now = driver.now.max(at);
        let delivery = example::delivery(plan, person, what, zone, at, false)?;
        driver.work(Work::Delivered(delivery))?;
    }
    if !has_ended(&driver.notes, &ask.sequence) {
        driver.run_until(zone.add(ask.start, HORIZON), |notes| has_ended(notes, &ask.sequence))?;
    }
    Ok(())
}

fn has_ended(notes: &[Note], sequence: &SequenceName) -> bool {
    notes.iter().any(|note| matches!(&note.told, Told::Ended { sequence: ended, .. } if ended == sequence))
}

/// Who enrolled into the sequence, if anything did: `Some(None)` is another sequence's exit.
fn entered_by(notes: &[Note], sequence: &SequenceName) -> Option<Option<TriggerName>> {
    notes.iter().find_map(|note| match &note.told {
        Told::Entered { sequence: entered, by, .. } if entered == sequence => Some(by.clone()),
        _ => None,
    })
}

/// The event of the first trigger that leads into the sequence at once.
pub(super) fn leads_to(plan: &Plan, sequence: &Sequence) -> Option<(What, TriggerName)> {
    let mut triggers = plan.triggers.values().filter(|trigger| trigger.active && trigger.without().is_none());
    let trigger = triggers.find(|trigger| !trigger.events().is_empty() && leads(trigger, sequence))?;
    let event = trigger.events().iter().find(|event| !event.as_str().starts_with("sequence."))?.clone();
    // who is taken by their funnel came by one of the sequence's
    let by_funnel = matches!(trigger.enrol, Some(Enrol::BestOf { among: Among::Funnel, .. }));
    let funnel = sequence.funnels.first().filter(|_| by_funnel);
    let data = funnel.map(|funnel| ("funnel".to_owned(), serde_json::Value::from(&**funnel))).into_iter().collect();
    Some((What { event, data, after: Span::ZERO }, trigger.name.clone()))
}

/// The first trigger without an event that leads into the sequence.
fn stands_before(plan: &Plan, sequence: &Sequence) -> Option<Arc<Trigger>> {
    let mut triggers = plan.triggers.values().filter(|trigger| trigger.active && trigger.is_standing());
    triggers.find(|trigger| leads(trigger, sequence)).cloned()
}

fn leads(trigger: &Trigger, sequence: &Sequence) -> bool {
    trigger.enrol.as_ref().is_some_and(|enrol| match enrol {
        Enrol::One(name) => *name == sequence.name,
        Enrol::FirstOf { options, otherwise } => {
            options.iter().any(|(_, name)| *name == sequence.name) || otherwise.as_ref() == Some(&sequence.name)
        }
        Enrol::BestOf { among, otherwise } => {
            let chosen = match among {
                Among::Funnel => !sequence.funnels.is_empty(),
                Among::These(names) => names.contains(&sequence.name),
                Among::Category(category) => *category == sequence.category,
            };
            chosen || otherwise.as_ref() == Some(&sequence.name)
        }
    })
}

fn stops(sequence: &Sequence) -> Vec<(EventKind, Arc<str>)> {
    let goal = sequence.goal.iter().filter(|goal| goal.stop).map(|goal| (goal.event.clone(), Arc::from("converted")));
    let named = |event: &str| sequence.stops.iter().any(|stop| stop.event.as_str() == event);
    let gone = ["booking.cancelled", "booking.rejected"].into_iter();
    let gone = gone.filter(|event| sequence.about == About::Booking && !named(event));
    goal.chain(sequence.stops.iter().map(|stop| (stop.event.clone(), stop.reason.clone())))
        .chain(gone.map(|event| (EventKind::new(event), StopReason::BookingGone.name())))
        .collect()
}

/// The lines of the sequence, and into what it flows on; each with the place of its note.
fn entries(driver: &Driver<MemoryStore>, sequence: &SequenceName) -> Vec<(Entry, usize)> {
    let mut entries = Vec::new();
    let mut ended = None;
    let entered = entered_by(&driver.notes, sequence).is_some();
    let mut notes: Vec<(usize, &Note)> = driver.notes.iter().enumerate().collect();
    // at one moment steps stand in the order in which they fell due, and what follows from them after them
    notes.sort_by_key(|(_, note)| match note.told {
        Told::Outcome { send, .. } => (note.at, false, send.0),
        _ => (note.at, true, 0),
    });
    for (place, note) in notes {
        let entry = match &note.told {
            Told::Outcome { sequence: Some(of), .. } if of == sequence => outcome(driver, note),
            Told::Ended { sequence: of, end, .. } if of == sequence => {
                ended = Some(note.at);
                let word = match end {
                    End::Completed => Word::Completed,
                    End::Converted(_) => Word::Converted,
                    End::Stopped(reason) => Word::Stopped(reason.name()),
                };
                bare(note, sequence, word)
            }
            // what enters later than at the end was led there by something else
            Told::Entered { sequence: next, run, .. } if next != sequence && ended == Some(note.at) => {
                let first = driver.notes.iter().find_map(|note| match &note.told {
                    Told::Next { run: of, at, .. } if of == run => *at,
                    _ => None,
                });
                bare(note, sequence, Word::Enters { sequence: next.clone(), first })
            }
            Told::Refused { sequence: Some(of), why, because, .. } if of == sequence && !entered => {
                let mut entry = bare(note, sequence, Word::Refused(Arc::from(why.name())));
                entry.because.clone_from(because);
                entry
            }
            _ => continue,
        };
        entries.push((entry, place));
    }
    if ended.is_none() && !entries.is_empty() {
        let note = Note { at: driver.now, ..driver.notes[driver.notes.len() - 1].clone() };
        entries.push((bare(&note, sequence, Word::Cut), usize::MAX));
    }
    entries
}

fn bare(note: &Note, sequence: &SequenceName, word: Word) -> Entry {
    Entry {
        at: note.at,
        planned: note.at,
        sequence: sequence.clone(),
        step: None,
        word,
        channel: None,
        subject: None,
        text: None,
        provider_template: None,
        because: None,
        notes: Vec::new(),
    }
}

fn outcome(driver: &Driver<MemoryStore>, note: &Note) -> Entry {
    let Told::Outcome { send, step, planned, channel, outcome, because, sequence, .. } = &note.told else {
        unreachable!("called for outcomes only")
    };
    let reason = || outcome.reason().unwrap_or_else(|| Arc::from(""));
    let word = match outcome {
        Outcome::Sent => Word::Sent,
        Outcome::Skipped(_) => Word::Skipped(reason()),
        Outcome::Failed(_) => Word::Failed(reason()),
        Outcome::Cancelled(_) => Word::Cancelled(reason()),
        Outcome::Unknown => Word::Unknown,
    };
    let message = message(driver, *send);
    Entry {
        planned: *planned,
        step: Some(Arc::from(step.as_str())),
        channel: channel.as_ref().map(|channel| Arc::from(channel.as_str())),
        subject: message.as_ref().and_then(|message| message.subject.clone()),
        text: message.as_ref().map(|message| driver.as_written(*send, message)),
        because: because.clone(),
        notes: {
            let notes = sequence.as_ref().map(|of| supposed::notes(driver.plan(), of, step, outcome));
            notes.unwrap_or_default().into_iter().chain(message.as_ref().and_then(counted)).collect()
        },
        provider_template: message.and_then(|message| message.provider_template.map(|template| template.name)),
        ..bare(note, sequence.as_ref().unwrap_or(&SequenceName::new("")), word)
    }
}

/// How many links lead over the daemon: the text shows where they end.
fn counted(message: &crate::content::Message) -> Option<String> {
    match message.links.len() {
        0 => None,
        1 => Some("1 link is counted".to_owned()),
        links => Some(format!("{links} links are counted")),
    }
}

pub(super) fn message(driver: &Driver<MemoryStore>, send: SendId) -> Option<crate::content::Message> {
    driver.left.get(&send).map(|(_, message)| message.clone()).or_else(|| driver.store.kept_message(send))
}
