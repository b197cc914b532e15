//! Messages that a cap holds back (S04): always, an error; for some people or by several sequences together, a warning.
use super::{
    Seen, SequencePair,
    walk::{Touch, Walker, Way, ways},
};
use crate::{
    calendar::{Instant, Zone},
    compile::found::over_time as found,
    diag::{Place, Sink},
    plan::{Cap, CapThen, Due, Sequence, StepIx},
};
use std::collections::{BTreeMap, BTreeSet};

/// How many days further on a day that fits is looked for.
const LOOK_DAYS: u32 = 60;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let caps = &seen.plan.policies.caps;
    let written = &seen.project.policies.caps;
    // a cap that could not be read was reported, and then the two lists do not go together
    // and a step whose time could not be read may stand anywhere
    if caps.is_empty() || caps.len() != written.len() || seen.broken {
        return;
    }
    let Some(walker) = Walker::new(seen.plan) else { return };
    let active = seen.sequences.iter().filter(|pair| pair.runs.active);
    // walked once for all caps
    let mut walked: Vec<(&SequencePair<'_>, Option<Vec<Walked>>)> = active.map(|pair| (pair, None)).collect();
    for (cap, written) in caps.iter().zip(written) {
        let mut shares: Vec<Share<'_>> = Vec::new();
        for (pair, walks) in &mut walked {
            let pair: &SequencePair<'_> = pair;
            let counted =
                pair.runs.steps.iter().filter(|step| super::writes(step) && cap.purposes.contains(&step.purpose));
            let most = counted.count();
            let alone = most > usize::try_from(cap.at_most).unwrap_or(usize::MAX);
            let together = cap.then == CapThen::Skip && most > 0;
            if !alone && !together {
                continue;
            }
            let walks: &[Walked] = walks.get_or_insert_with(|| walk(&walker, &pair.runs));
            if alone {
                within(&walker, walks, cap, &written.place, pair, sink);
            }
            if together {
                shares.push(Share { pair, most: share(&walker, walks, cap, &pair.runs) });
            }
        }
        across(cap, &written.place, &shares, sink);
    }
}

/// A way, and the messages on it for each entry.
struct Walked {
    way: Way,
    touches: Vec<Vec<Touch>>,
}

fn walk(walker: &Walker<'_>, sequence: &Sequence) -> Vec<Walked> {
    let of = |way: Way| {
        let entries = walker.entries(&way).into_iter();
        let touches = entries.map(|entry| walker.touches(sequence, &way, entry)).collect();
        Walked { way, touches }
    };
    ways(sequence).into_iter().map(of).collect()
}

/// The first message of the way that the cap does not let through, and those that count then.
struct Break {
    at: StepIx,
    counted: Vec<StepIx>,
}

/// When a message sent then stops counting: civil days count today, exact spans roll.
fn leaves(zone: &Zone, cap: &Cap, sent: Instant) -> Instant {
    let from = if cap.per.is_whole_days() { zone.start_of(zone.date(sent)) } else { sent };
    zone.add(from, cap.per)
}

fn counted(sequence: &Sequence, cap: &Cap, touches: &[Touch], sure: bool) -> Vec<Touch> {
    let counts = |touch: &&Touch| {
        let purpose = sequence.step(touch.at).map(|step| step.purpose);
        purpose.is_some_and(|purpose| cap.purposes.contains(&purpose)) && (touch.sure || !sure)
    };
    let mut kept: Vec<Touch> = Vec::new();
    for touch in touches.iter().filter(counts) {
        // of messages with conditions at one moment one is taken to go out
        let alternative = kept.last().is_some_and(|last| !last.sure && !touch.sure && last.moment == touch.moment);
        if !alternative {
            kept.push(*touch);
        }
    }
    kept
}

fn first_break(zone: &Zone, cap: &Cap, touches: &[Touch]) -> Option<Break> {
    touches.iter().enumerate().find_map(|(at, touch)| {
        let before = touches[..at].iter().filter(|sent| leaves(zone, cap, sent.moment) > touch.moment);
        let counted: Vec<StepIx> = before.map(|sent| sent.at).collect();
        let full = counted.len() >= usize::try_from(cap.at_most).unwrap_or(usize::MAX);
        full.then_some(Break { at: touch.at, counted })
    })
}

fn breaks(zone: &Zone, cap: &Cap, sequence: &Sequence, walks: &[Vec<Touch>], sure: bool) -> Vec<Option<Break>> {
    walks.iter().map(|touches| first_break(zone, cap, &counted(sequence, cap, touches, sure))).collect()
}

/// One sequence: an error at the message that never gets through, else a warning at one that is lost to some.
fn within(walker: &Walker<'_>, walks: &[Walked], cap: &Cap, place: &Place, pair: &SequencePair<'_>, sink: &mut Sink) {
    let broken = |walked: &Walked, sure: bool| breaks(walker.zone(), cap, &pair.runs, &walked.touches, sure);
    let mut told: BTreeSet<StepIx> = BTreeSet::new();
    for walked in walks {
        let all = broken(walked, true);
        if all.iter().any(Option::is_none) {
            continue;
        }
        let Some(broken) = all.into_iter().flatten().min_by_key(|broken| broken.at) else { continue };
        if told.insert(broken.at) {
            let fits = fits(walker, cap, &pair.runs, &walked.way, broken.at);
            always(cap, place, pair, &broken, fits, sink);
        }
    }
    if !told.is_empty() || cap.then == CapThen::Wait {
        // a message that waits a day for some is what such a cap is for
        return;
    }
    let some = walks.iter().flat_map(|walked| broken(walked, false)).flatten();
    if let Some(broken) = some.min_by_key(|broken| broken.at)
        && let Some(step) = named(pair, broken.at)
    {
        let mut finding = found::may_be_over(step, cap.at_most, &cap.per.to_string(), place);
        for (name, place) in broken.counted.iter().filter_map(|at| named(pair, *at)) {
            finding = finding.label(place, format!("`{name}` counts"));
        }
        sink.push(finding);
    }
}

fn always(cap: &Cap, place: &Place, pair: &SequencePair<'_>, broken: &Break, fits: Option<Fit>, sink: &mut Sink) {
    let Some(step) = named(pair, broken.at) else { return };
    let mut finding = found::over(step, cap.at_most, &cap.per.to_string(), cap.then == CapThen::Skip, place);
    for (name, place) in broken.counted.iter().filter_map(|at| named(pair, *at)) {
        finding = finding.label(place, format!("`{name}` counts"));
    }
    let written = pair.written.steps.all().get(usize::from(broken.at.0)).copied();
    sink.push(match (fits, written) {
        (Some(fit), Some(written)) => {
            let timing = &written.timing;
            let value = timing.day.as_ref().map(|day| &day.place).or(timing.wait.as_ref().map(|wait| &wait.place));
            let finding = finding.help(format!("`{}: {}` would fit", fit.key, fit.value));
            match value {
                Some(value) => finding.suggest(value, fit.value),
                None => finding,
            }
        }
        _ => finding.help("take a message out, or let the cap allow more"),
    });
}

/// A time key with which the message gets through.
struct Fit {
    key: &'static str,
    value: String,
}

fn fits(walker: &Walker<'_>, cap: &Cap, sequence: &Sequence, way: &Way, at: StepIx) -> Option<Fit> {
    let mut moved = sequence.clone();
    let place = usize::from(at.0);
    let now = sequence.step(at)?.due.clone();
    (1..=LOOK_DAYS).find_map(|more| {
        let (due, fit) = later(&now, more)?;
        moved.steps.get_mut(place)?.due = due;
        let touches: Vec<Vec<Touch>> =
            walker.entries(way).into_iter().map(|entry| walker.touches(&moved, way, entry)).collect();
        let broken = breaks(walker.zone(), cap, &moved, &touches, true);
        broken.iter().flatten().all(|broken| broken.at != at).then_some(fit)
    })
}

fn later(due: &Due, more: u32) -> Option<(Due, Fit)> {
    Some(match due {
        Due::Together => {
            let span = crate::calendar::Span::days(more);
            (Due::Wait { span, at: None }, Fit { key: "wait", value: span.to_string() })
        }
        Due::Wait { span, at } => {
            let span = crate::calendar::Span { days: span.days.saturating_add(more), ..*span };
            (Due::Wait { span, at: *at }, Fit { key: "wait", value: span.to_string() })
        }
        Due::Day { day, at } => {
            let day = day.saturating_add(more);
            (Due::Day { day, at: *at }, Fit { key: "day", value: day.to_string() })
        }
        Due::Bound { .. } => return None,
    })
}

/// Name and time key of a step.
fn named<'a>(pair: &'a SequencePair<'_>, at: StepIx) -> Option<(&'a str, &'a Place)> {
    let step = pair.written.steps.all().get(usize::from(at.0)).copied()?;
    let place = step.timing.key.as_ref().unwrap_or(&step.place);
    Some((step.id.as_ref().map_or("", |id| id.as_str()), place))
}

/// A sequence and the most messages of it that count at one time.
struct Share<'a> {
    pair: &'a SequencePair<'a>,
    most: usize,
}

fn share(walker: &Walker<'_>, walks: &[Walked], cap: &Cap, sequence: &Sequence) -> usize {
    let zone = walker.zone();
    let most = |touches: Vec<Touch>| {
        let at = |touch: &Touch| {
            let counts = |sent: &&Touch| sent.moment <= touch.moment && leaves(zone, cap, sent.moment) > touch.moment;
            touches.iter().filter(counts).count()
        };
        touches.iter().map(at).max().unwrap_or(0)
    };
    let all = walks.iter().flat_map(|walked| &walked.touches);
    all.map(|touches| most(counted(sequence, cap, touches, false))).max().unwrap_or(0)
}

/// Several sequences that a person can be in at one time.
fn across(cap: &Cap, place: &Place, shares: &[Share<'_>], sink: &mut Sink) {
    // a person is in one sequence of a group at a time
    let mut largest: BTreeMap<String, &Share<'_>> = BTreeMap::new();
    for share in shares.iter().filter(|share| share.most > 0) {
        let runs = &share.pair.runs;
        // whoever is in one campaign is left out of the next
        let apart = runs.campaign.as_ref().is_some_and(|campaign| campaign.other_within.is_some());
        let key = match &runs.group {
            Some(group) => format!("group {group}"),
            None if apart => "campaigns".to_owned(),
            None => format!("sequence {}", share.pair.id.as_str()),
        };
        let known = largest.entry(key).or_insert(share);
        if share.most > known.most {
            *known = share;
        }
    }
    let sum: usize = largest.values().map(|share| share.most).sum();
    if largest.len() < 2 || sum <= usize::try_from(cap.at_most).unwrap_or(usize::MAX) {
        return;
    }
    let named: Vec<(&str, usize)> = largest.values().map(|share| (share.pair.id.as_str(), share.most)).collect();
    let mut finding = found::over_together(place, cap.at_most, &cap.per.to_string(), &named, sum);
    for share in largest.values() {
        finding = finding.label(&share.pair.id.place, format!("up to {} here", share.most));
    }
    sink.push(finding);
}
