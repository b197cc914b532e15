//! Messages planned for one day or moment against what their channel carries (R19).
//!
//! Only numbers that somebody wrote are compared: people expected by campaigns and segments, limits of triggers, limits of
//! channels. A message counts for the first channel that it tries; the busiest day of a channel is told.
use super::{
    Seen, SequencePair,
    campaign::{Goes, earliest, shown},
    reach::candidates,
    walk::{Part, ways},
    writes,
};
use crate::{
    calendar::{CivilDate, Clear, Instant, Span, next_shut},
    compile::{
        found::{campaign::no_such_date, volume as found},
        lower::bound_to,
    },
    diag::{Place, Sink},
    document::{Body, bindings::Channel, limits::Limits, text::Spanned},
    id::ChannelName,
    plan::{Act, Campaign, Due, Medium, Step},
};
use std::collections::{BTreeMap, BTreeSet};

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// People who get so many messages.
struct Share<'a> {
    name: &'a str,
    place: &'a Place,
    people: i64,
    messages: i64,
}

/// What campaigns send by one channel on one day.
#[derive(Default)]
struct Load<'a> {
    shares: Vec<Share<'a>>,
    /// Hours that the longest open of them has for it.
    hours: i64,
}

type Days<'a> = BTreeMap<CivilDate, Load<'a>>;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let names: Vec<&ChannelName> = seen.plan.channels.keys().collect();
    for name in names {
        let Some(limits) = declared(seen, name, |channel| channel.limits.as_ref()) else { continue };
        let start = limits.warm_up.as_ref().map(|warm_up| (warm_up, CivilDate::parse(&warm_up.start)));
        if let Some((warm_up, None)) = start {
            sink.push(no_such_date(&warm_up.start));
        }
        let mut days = Days::new();
        campaigns(seen, name, limits, &mut days, sink);
        let steady = triggers(seen, name);
        busiest(seen, name, limits, &days, &steady, sink);
    }
}

/// What is said of a channel in the environment, else in the project.
pub(super) fn declared<'a, T>(seen: &Seen<'a>, name: &ChannelName, of: impl Fn(&'a Channel) -> Option<T>) -> Option<T> {
    let env = seen.settings.env;
    let environment =
        seen.project.environments.iter().find(|environment| env.is_some_and(|env| environment.id == *env));
    let own = seen.project.channels.iter().find(|channel| *channel.id == *name.as_str());
    own.into_iter().chain(bound_to(environment, name.as_str())).filter_map(of).last()
}

/// Whether the step's message tries this channel first.
fn goes_by(seen: &Seen<'_>, step: &Step, name: &ChannelName) -> bool {
    let Act::Message(spec) = &step.act else { return false };
    writes(step) && candidates(spec, &seen.plan.policies).first().is_some_and(|first| *first == name)
}

// ---- campaigns ----

fn campaigns<'a>(seen: &'a Seen<'a>, name: &ChannelName, limits: &Limits, days: &mut Days<'a>, sink: &mut Sink) {
    for document in seen.documents {
        let (Body::Campaign(written), Some(id)) =
            (&document.body, document.header.as_ref().and_then(|header| header.id.as_ref()))
        else {
            continue;
        };
        let audience = written.audience.as_ref();
        let own = audience.and_then(|audience| audience.expected.as_ref());
        let segment = audience.and_then(|audience| audience.segment.as_ref());
        let expected = own.or_else(|| segment.and_then(|segment| expected_of(seen, segment)));
        let pair = seen.sequences.iter().find(|pair| std::ptr::eq(pair.written, &raw const written.sequence));
        let (Some(expected), Some(pair)) = (expected, pair) else { continue };
        let Some(runs) = pair.runs.campaign.as_deref().filter(|runs| !runs.is_over(seen.settings.now)) else {
            continue;
        };
        let mut told = false;
        for goes in first_of_each(seen, pair, runs, name) {
            let Some(at) = goes.at else { continue };
            let open = open_for(seen, &goes, at);
            let load = days.entry(goes.zone.date(at)).or_default();
            load.hours = load.hours.max((open + HOUR - 1) / HOUR);
            match load.shares.iter_mut().find(|share| share.name == id.as_str()) {
                Some(share) => share.messages += 1,
                None => {
                    load.shares.push(Share { name: id, place: &expected.place, people: expected.value, messages: 1 });
                }
            }
            if !told {
                told = at_once(seen, name, limits, expected, &goes, (at, open), sink);
            }
        }
    }
}

fn expected_of<'a>(seen: &'a Seen<'_>, segment: &str) -> Option<&'a Spanned<i64>> {
    seen.documents.iter().find_map(|document| match &document.body {
        Body::Segment(found) if document.header.as_ref()?.id.as_ref()?.as_str() == segment => found.expected.as_ref(),
        _ => None,
    })
}

fn first_of_each<'a>(
    seen: &Seen<'a>,
    pair: &'a SequencePair<'a>,
    runs: &Campaign,
    name: &ChannelName,
) -> Vec<Goes<'a>> {
    earliest(seen, pair, runs).into_iter().filter(|goes| goes_by(seen, goes.step, name)).collect()
}

/// How long window and quiet hours leave for a message that begins to go then; a day at the most.
fn open_for(seen: &Seen<'_>, goes: &Goes<'_>, at: Instant) -> i64 {
    let policies = &seen.plan.policies;
    let window = goes.step.window.as_ref().and_then(|name| policies.windows.get(name));
    let quiet = policies.quiet_hours.as_ref().filter(|quiet| quiet.purposes.contains(&goes.step.purpose));
    let rules = Clear { window, quiet: quiet.map(|quiet| quiet.hours) };
    next_shut(at, &goes.zone, rules).map_or(DAY, |shut| shut.since(at).clamp(0, DAY))
}

/// All of them become due at one moment: are there seconds enough until the hours end?
fn at_once(
    seen: &Seen<'_>,
    name: &ChannelName,
    limits: &Limits,
    expected: &Spanned<i64>,
    goes: &Goes<'_>,
    (at, open): (Instant, i64),
    sink: &mut Sink,
) -> bool {
    let Some(per_second) = &limits.per_second else { return false };
    let paced = seen.plan.policies.blast_radius.messages_per_hour;
    let fit = per_second.value.saturating_mul(open / SECOND);
    // what an hour lets go is carried within the hour
    if expected.value <= fit || paced.is_some_and(|paced| i64::from(paced) <= per_second.value.saturating_mul(3_600)) {
        return false;
    }
    let (starts, ends) = (shown(at, &goes.zone), shown(at.plus_ms(open), &goes.zone));
    let what = (expected.value, goes.step.name.as_str(), name.as_str());
    sink.push(found::too_many_at_once(
        &expected.place,
        what,
        (&starts, &ends),
        (per_second.value, fit),
        &per_second.place,
    ));
    true
}

// ---- triggers ----

/// What comes every day, from triggers that say how many people they enrol.
fn triggers<'a>(seen: &'a Seen<'_>, name: &ChannelName) -> Vec<Share<'a>> {
    let mut shares = Vec::new();
    for trigger in seen.triggers.iter().filter(|trigger| trigger.runs.active) {
        let people = trigger.written.limit.as_ref().and_then(|limit| limit.people.as_ref());
        let (Some(limit), Some(written)) = (trigger.runs.limit, people) else { continue };
        let per = limit.per.nominal_ms().max(1);
        let turns = if per < DAY { (DAY + per - 1) / per } else { 1 };
        let days = u32::try_from(per / DAY).unwrap_or(u32::MAX).max(1);
        let reached = seen.starts.reached(trigger.written);
        let most = reached.iter().filter_map(|id| Some((seen.pair(id)?, id)));
        let most = most.filter(|(pair, _)| pair.runs.active).map(|(pair, _)| (peak(seen, pair, name, days), pair));
        if let Some((messages, pair)) = most.max_by_key(|(messages, _)| *messages).filter(|(messages, _)| *messages > 0)
        {
            let people = i64::from(limit.people).saturating_mul(turns);
            shares.push(Share { name: pair.id, place: &written.place, people, messages });
        }
    }
    shares
}

/// The most messages of those who enter every so many days that fall on one day.
fn peak(seen: &Seen<'_>, pair: &SequencePair<'_>, name: &ChannelName, every: u32) -> i64 {
    let of = |way| {
        let mut today = 0_u32;
        let mut days: Vec<u32> = Vec::new();
        for part in way {
            match part {
                Part::Awaits { up_to, to_its_end } => today = if to_its_end { later(today, up_to) } else { today },
                Part::Step(at) => {
                    let Some(step) = pair.runs.step(at) else { continue };
                    match &step.due {
                        Due::Day { day, .. } => today = *day,
                        Due::Wait { span, .. } => today = later(today, *span),
                        Due::Together | Due::Bound { .. } => {}
                    }
                    if goes_by(seen, step, name) {
                        days.push(today);
                    }
                }
            }
        }
        // a tier of WhatsApp counts people
        if Medium::of(name.as_str()) == Medium::Whatsapp {
            days = days.into_iter().collect::<BTreeSet<u32>>().into_iter().collect();
        }
        let mut on: BTreeMap<u32, i64> = BTreeMap::new();
        for day in days {
            *on.entry(day % every).or_default() += 1;
        }
        on.into_values().max().unwrap_or(0)
    };
    ways(&pair.runs).into_iter().map(of).max().unwrap_or(0)
}

fn later(day: u32, span: Span) -> u32 {
    day.saturating_add(u32::try_from(span.nominal_ms() / DAY).unwrap_or(u32::MAX))
}

// ---- days ----

/// What the channel carries on that day, where it is said, and whether that is of its warm-up.
fn carries<'a>(limits: &'a Limits, day: CivilDate) -> Option<(&'a Spanned<i64>, bool)> {
    let of = |warm_up: &'a crate::document::limits::WarmUp| {
        let start = CivilDate::parse(&warm_up.start)?;
        let mut days = (0_u32..).map(|count| start.plus(Span::days(count)));
        warm_up.per_day.iter().find(|_| days.next() == Some(day))
    };
    let new = limits.warm_up.as_ref().and_then(of);
    new.map(|limit| (limit, true)).or(limits.per_day.as_ref().map(|limit| (limit, false)))
}

fn busiest(
    seen: &Seen<'_>,
    name: &ChannelName,
    limits: &Limits,
    days: &Days<'_>,
    steady: &[Share<'_>],
    sink: &mut Sink,
) {
    let today = seen.plan.zone.date(seen.settings.now);
    let warm_up = limits.warm_up.iter().flat_map(|warm_up| {
        let start = CivilDate::parse(&warm_up.start);
        let count = u32::try_from(warm_up.per_day.len()).unwrap_or(0);
        // and the day after it, from which the usual limit holds
        start.into_iter().flat_map(move |start| (0..=count).map(move |day| start.plus(Span::days(day))))
    });
    let all: BTreeSet<CivilDate> = days.keys().copied().chain(warm_up).chain([today]).collect();
    let none = Load::default();
    let mut worst: Option<(i64, found::Planned<'_>, &Spanned<i64>, bool)> = None;
    for day in all.into_iter().filter(|day| *day >= today) {
        let Some((limit, new)) = carries(limits, day) else { continue };
        let load = days.get(&day).unwrap_or(&none);
        let sum =
            |shares: &[Share<'_>]| shares.iter().map(|share| share.people.saturating_mul(share.messages)).sum::<i64>();
        let planned = sum(&load.shares).saturating_add(sum(steady));
        let hours = if load.shares.is_empty() { DAY / HOUR } else { load.hours };
        let paced = seen.plan.policies.blast_radius.messages_per_hour.map(|most| i64::from(most).saturating_mul(hours));
        let goes = paced.map_or(planned, |paced| paced.min(planned));
        let over = goes - limit.value;
        if over <= 0 || worst.as_ref().is_some_and(|(most, ..)| *most >= over) {
            continue;
        }
        let what =
            if Medium::of(name.as_str()) == Medium::Whatsapp { ("person", "people") } else { ("message", "messages") };
        let on = if load.shares.is_empty() && !new { "every day".to_owned() } else { format!("on {day}") };
        let parts = load.shares.iter().map(|share| part(share, "people"));
        let parts = parts.chain(steady.iter().map(|share| part(share, "people a day"))).collect();
        let paced = (goes < planned).then_some(goes);
        worst =
            Some((over, found::Planned { channel: name.as_str(), what, day: on, planned, parts, paced }, limit, new));
    }
    if let Some((_, planned, limit, new)) = worst {
        sink.extend(found::too_many_a_day(&planned, limit.value, &limit.place, new));
    }
}

fn part<'a>(share: &Share<'a>, people: &str) -> (String, &'a Place) {
    let messages = found::many(share.messages, "message", "messages");
    (format!("`{}`: {} {people} × {messages}", share.name, share.people), share.place)
}
