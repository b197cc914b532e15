//! One person's story as people read it.
use super::story::{Chapter, Story};
use crate::{
    cli::desk,
    engine::{DueRow, DueWhat, LedgerRow, RunPhase},
    id::StepName,
    journey::{End, Watch},
    plan::{Moment, Origin, TriggerSource},
    record::{ConsentEntry, ConsentState},
};
use std::fmt::Write as _;

/// Why a step has no row and will get none.
const NO_PART: &str = "not part of the run";

pub(super) fn full(story: &Story) -> String {
    let mut out = String::new();
    let card = &story.card;
    let _ = writeln!(out, "{}  {}  {}", desk::name(card), card.public, story.zone);
    if story.asked.is_none() {
        section(&mut out, "consent", story.consents.iter().map(|entry| consent(story, entry)).collect());
    }
    let steps = story.chapters.iter().flat_map(|chapter| {
        chapter.rows.iter().map(|row| row.step.as_str()).chain(chapter.missing.iter().map(StepName::as_str))
    });
    let wide = steps.chain(story.aside.iter().map(|row| row.step.as_str())).map(str::len).max().unwrap_or(0);
    for chapter in &story.chapters {
        told(&mut out, story, chapter, wide);
    }
    section(&mut out, "outside of sequences", story.aside.iter().map(|row| line(story, row, wide)).collect());
    let refusals = story.refusals.iter().map(|row| {
        let refusal = &row.refusal;
        let sequence = refusal.sequence.as_ref().map_or("–", |sequence| sequence.as_str());
        let trigger = refusal.trigger.as_ref().and_then(|name| story.plan.triggers.get(name));
        let by = trigger
            .map_or(String::new(), |trigger| format!("\n      trigger {}  {}", trigger.name, place(&trigger.origin)));
        let because =
            desk::because(refusal.because.as_ref(), &story.zone).map_or(String::new(), |why| format!("\n      {why}"));
        format!("{}  {sequence:<wide$}  {}{because}{by}", desk::moment(&story.zone, row.at), refusal.why.name())
    });
    section(&mut out, "not entered", refusals.collect());
    if let Some((step, never)) = &story.asked {
        let never = never.iter().map(|name| {
            let origin = story.step(name, step).map_or(String::new(), |step| format!("  {}", place(&step.origin)));
            format!("never inside {name}, which has this step{origin}")
        });
        section(&mut out, "not inside", never.collect());
    }
    let due: Vec<String> = story.due.iter().map(|row| next(story, row, wide)).collect();
    if due.is_empty() && story.asked.is_none() {
        out.push_str("\nnext\n  nothing waits for its time\n");
    }
    section(&mut out, "next", due);
    out
}

fn section(out: &mut String, title: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for line in lines {
        let _ = writeln!(out, "  {}", line.trim_end());
    }
}

fn told(out: &mut String, story: &Story, chapter: &Chapter, wide: usize) {
    let run = &chapter.run;
    let by = run.started_by.as_ref().map_or(String::new(), |started| match started.trigger() {
        Some(trigger) => format!(" by trigger {trigger}"),
        None => format!(" by {}", started.kind),
    });
    let state = match &run.phase {
        RunPhase::Active { wait, .. } => format!("active, {}", desk::wait(*wait, &story.zone)),
        RunPhase::Ended { at, end } => format!("{} {}", desk::end(end), desk::inline(&story.zone, *at)),
    };
    let title = format!("{}   entered {}{by}   {state}", run.sequence, desk::inline(&story.zone, run.entered));
    let mut lines = Vec::new();
    if chapter.awaits_plan {
        lines.push(
            "a new plan was published and waits for `dripline run`: times below are of the plan before".to_owned(),
        );
    }
    lines.extend(chapter.rows.iter().map(|row| line(story, row, wide)));
    let next = match &run.phase {
        RunPhase::Active { step, .. } => step.as_ref(),
        RunPhase::Ended { .. } => None,
    };
    for step in &chapter.missing {
        let origin = story.step(&run.sequence, step).map_or(String::new(), |step| place(&step.origin));
        let why = match &run.phase {
            RunPhase::Active { wait, .. } if next == Some(step) => desk::wait(*wait, &story.zone),
            RunPhase::Active { .. } if next.is_some_and(|next| story.is_before(&run.sequence, step, next)) => {
                NO_PART.to_owned()
            }
            RunPhase::Active { .. } => next.map_or("not due".to_owned(), |next| format!("comes after {next}")),
            RunPhase::Ended { end: End::Completed, .. } => NO_PART.to_owned(),
            RunPhase::Ended { end, .. } => format!("never fell due: {} before", desk::end(end)),
        };
        lines.push(format!("{:22}  {:<wide$}  {:<9}  {why}  {origin}", "–", step.as_str(), ""));
    }
    section(out, &title, lines);
}

fn line(story: &Story, row: &LedgerRow, wide: usize) -> String {
    let zone = &story.zone;
    let channel = row.channel.as_ref().map_or("", |channel| channel.as_str());
    let origin = row.sequence.as_ref().and_then(|sequence| story.step(sequence, &row.step));
    let origin = origin.map_or(String::new(), |step| format!("  {}", place(&step.origin)));
    let mut text = format!(
        "{}  {:<wide$}  {channel:<9}  {}{origin}",
        desk::moment(zone, row.at),
        row.step.as_str(),
        desk::state(row, zone)
    );
    if row.at.since(row.planned).abs() >= 60_000 {
        let _ = write!(text, "\n      planned {}", desk::inline(zone, row.planned));
    }
    if let Some(why) = desk::because(row.because.as_ref(), zone) {
        let _ = write!(text, "\n      {why}");
    }
    if row.attempts > 1 {
        let _ = write!(text, "\n      {} attempts", row.attempts);
    }
    text
}

fn place(origin: &Origin) -> String {
    format!("{}:{}", origin.file, origin.line)
}

fn consent(story: &Story, entry: &ConsentEntry) -> String {
    let what = entry.purpose.map_or("every purpose", crate::record::Purpose::name);
    let on = entry.channel.as_ref().map_or(String::new(), |channel| format!(" on {channel}"));
    let state = match entry.state {
        ConsentState::OptedIn => "agreed to",
        ConsentState::Confirmed => "confirmed",
        ConsentState::OptedOut => "opted out of",
        ConsentState::Suppressed => "address suppressed for",
        ConsentState::Reachable => "address works for",
    };
    let by = if entry.actor == entry.basis { String::new() } else { format!(", by {}", entry.actor) };
    format!("{}  {state} {what}{on}, basis {}{by}", desk::moment(&story.zone, entry.at), entry.basis)
}

fn next(story: &Story, row: &DueRow, wide: usize) -> String {
    let what = match &row.what {
        DueWhat::Run { sequence, step, .. } => {
            let step = step.as_ref().map_or("the end", |step| step.as_str());
            format!("{step:<wide$}  {sequence}")
        }
        DueWhat::Send { send } => format!("{:<wide$}  tried again or moved on", desk::send(*send)),
        DueWhat::Watch { trigger, .. } if Watch::appointment(trigger).is_some() => {
            let event = trigger.as_str().trim_start_matches('@');
            format!("{event:<wide$}  by the time of the appointment")
        }
        DueWhat::Watch { trigger, .. } => {
            let awaited = story.plan.triggers.get(trigger).and_then(|trigger| trigger.without());
            let source = story.plan.triggers.get(trigger).map(|trigger| &trigger.source);
            let unless = match (awaited, source) {
                (Some(without), _) => format!("unless {} comes first", without.event),
                (None, Some(source)) => waits_for(source),
                (None, None) => String::new(),
            };
            format!("{:<wide$}  {unless}", format!("trigger {trigger}"))
        }
    };
    format!("{}  {what}", desk::moment(&story.zone, row.at))
}

/// What a trigger without an event waits for.
fn waits_for(source: &TriggerSource) -> String {
    match source {
        TriggerSource::Every { schedule, .. } => format!("comes {schedule}"),
        TriggerSource::Segment { segment, .. } => format!("looks whether they belong to {segment}"),
        TriggerSource::Moment { field, before, span, yearly, .. } => {
            let side = if *before { "before" } else { "after" };
            let field = match field {
                Moment::Contact(field) => format!("contact.{field}"),
                Moment::Booking(field) => format!("booking.{field}"),
                Moment::Event(_) | Moment::RunEntered => String::new(),
            };
            let again = if *yearly { ", every year" } else { "" };
            format!("{span} {side} {field}{again}")
        }
        TriggerSource::Events { .. } | TriggerSource::Campaign { .. } => String::new(),
    }
}
