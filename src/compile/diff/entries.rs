//! Triggers, segments and offers in two plans: who will come in, which moves nobody who is inside.
use super::{Change, Gate, Kind, Row, people::Scene, sequence::others};
use crate::{
    diag::catalogue::change as rows,
    plan::{Among, Border, Enrol, Offer, Origin, Plan, Segment, Trigger, TriggerSource, hash_of},
};
use std::{collections::BTreeSet, sync::Arc};

pub(super) fn compare(scene: &Scene<'_>, out: &mut Vec<Change>) {
    triggers(scene, out);
    segments(scene, out);
    offers(scene, out);
}

fn gate(scene: &Scene<'_>) -> Gate {
    if scene.knows_anybody() { Gate::Ask } else { Gate::Note }
}

fn triggers(scene: &Scene<'_>, out: &mut Vec<Change>) {
    let names: BTreeSet<_> = scene.old.triggers.keys().chain(scene.new.triggers.keys()).collect();
    for name in names {
        let (was, is) = (scene.old.triggers.get(name), scene.new.triggers.get(name));
        let what = match (was, is) {
            (None, Some(is)) if is.backfill => "added, and it takes in those who match already".to_owned(),
            (None, Some(_)) => "added: new entries only".to_owned(),
            (Some(_), None) => "removed: nobody enters by it any more".to_owned(),
            (Some(was), Some(is)) => match changed(was, is) {
                Some(what) => format!("{what}: {}", already(scene, is)),
                None => continue,
            },
            (None, None) => continue,
        };
        let Some(one) = is.or(was) else { continue };
        let of = match &one.source {
            TriggerSource::Campaign { campaign } => (Kind::Campaign, campaign.as_str()),
            _ => (Kind::Trigger, name.as_str()),
        };
        // what begins a campaign comes and goes with it
        if of.0 == Kind::Campaign && (was.is_none() || is.is_none()) {
            continue;
        }
        let change = Change::new(Row::Entries, gate(scene), &rows::ENTRIES_CHANGED, of, what).at(&one.origin);
        out.push(change.lines(was.map_or_else(Vec::new, |one| lines(one)), is.map_or_else(Vec::new, |one| lines(one))));
    }
}

fn changed(was: &Trigger, is: &Trigger) -> Option<String> {
    if hash_of(was) == hash_of(is) {
        return None;
    }
    let parts = |one: &Trigger| {
        [
            ("active", hash_of(&one.active)),
            ("what sets it off", hash_of(&one.source)),
            ("if", hash_of(&one.cond)),
            ("enroll", hash_of(&one.enrol)),
            ("do", hash_of(&(&one.acts, &one.tasks, &one.notices))),
            ("clinic", hash_of(&one.clinics)),
            ("limit", hash_of(&one.limit)),
            ("backfill", hash_of(&one.backfill)),
        ]
    };
    others(&parts(was), &parts(is))
}

/// What becomes of those who match already: they are looked at once, when the trigger or what sets it off is new.
fn already(scene: &Scene<'_>, is: &Trigger) -> &'static str {
    let print = |plan: &Plan| {
        let standing = plan.standing().iter().find(|standing| standing.trigger.name == is.name);
        standing.map(|standing| standing.print.clone())
    };
    match is.backfill {
        false => "new entries only",
        true if print(scene.old) != print(scene.new) => "those who match already are taken in",
        true => "new entries only, since `backfill` takes people in when the trigger or what sets it off is new",
    }
}

fn lines(trigger: &Trigger) -> Vec<String> {
    let source = match &trigger.source {
        TriggerSource::Events { events, without } => {
            let names: Vec<&str> = events.iter().map(crate::id::EventKind::as_str).collect();
            let without = without.as_ref().map_or(String::new(), |without| {
                format!(", without: {{ event: {}, within: {} }}", without.event, without.within)
            });
            format!("event: {}{without}", names.join(", "))
        }
        TriggerSource::Segment { segment, on } => {
            format!("segment: {segment}, {}", if *on == Border::Entry { "on_entry" } else { "on_exit" })
        }
        TriggerSource::Moment { before, span, .. } => {
            format!("{span} {} a moment", if *before { "before" } else { "after" })
        }
        TriggerSource::Every { .. } => "every: a schedule".to_owned(),
        TriggerSource::Campaign { campaign } => format!("campaign: {campaign}"),
    };
    let cond = trigger.cond.as_ref().map(|cond| format!("if: {}", cond.text()));
    let enrol = trigger.enrol.as_ref().map(|enrol| match enrol {
        Enrol::One(name) => format!("enroll: {name}"),
        Enrol::FirstOf { options, .. } => format!("enroll: the first of {}", options.len()),
        Enrol::BestOf { among: Among::These(names), .. } => format!("enroll: the best of {}", names.len()),
        Enrol::BestOf { .. } => "enroll: the best that fits".to_owned(),
    });
    let off = (!trigger.active).then(|| "active: false".to_owned());
    [Some(source), cond, enrol, off].into_iter().flatten().collect()
}

fn segments(scene: &Scene<'_>, out: &mut Vec<Change>) {
    let names: BTreeSet<_> = scene.old.segments.keys().chain(scene.new.segments.keys()).collect();
    let line = |one: Option<&Arc<Segment>>| one.map(|one| format!("if: {}", one.cond.text()));
    for name in names {
        let (was, is) = (scene.old.segments.get(name), scene.new.segments.get(name));
        let cond = |one: &Arc<Segment>| hash_of(&one.cond);
        if was.map(cond) == is.map(cond) {
            continue;
        }
        let uses = |trigger: &&Arc<Trigger>| match &trigger.source {
            TriggerSource::Segment { segment, .. } => segment == name,
            TriggerSource::Every { segment, .. } => segment.as_ref() == Some(name),
            _ => false,
        };
        let used: Vec<&str> = scene.new.triggers.values().filter(uses).map(|trigger| trigger.name.as_str()).collect();
        let what = match (was.is_some(), is.is_some(), used.is_empty()) {
            (false, ..) => "added".to_owned(),
            (_, false, _) => "removed".to_owned(),
            (_, _, true) => "changed, and no trigger asks it".to_owned(),
            _ => {
                let taken = |trigger: &&Arc<Trigger>| uses(trigger) && trigger.backfill;
                let taken = scene.new.triggers.values().any(|trigger| taken(&trigger));
                let how = if taken { "those who match already are taken in" } else { "new entries only" };
                format!("who is in it changed: {how}, by {}", used.join(", "))
            }
        };
        // who is asked by nobody lets nobody in, and who asks a new one is told
        let gate = if used.is_empty() || was.is_none() { Gate::Note } else { gate(scene) };
        let origin = is.or(was).map(|one| one.origin.clone()).unwrap_or_default();
        let change = Change::new(Row::Entries, gate, &rows::ENTRIES_CHANGED, (Kind::Segment, name.as_str()), what);
        out.push(change.at(&origin).lines(line(was), line(is)));
    }
}

fn offers(scene: &Scene<'_>, out: &mut Vec<Change>) {
    let names: BTreeSet<_> = scene.old.offers.keys().chain(scene.new.offers.keys()).collect();
    for name in names {
        let (was, is) = (scene.old.offers.get(name), scene.new.offers.get(name));
        let what = match (was, is) {
            (None, Some(_)) => "added".to_owned(),
            (Some(_), None) => "removed".to_owned(),
            (Some(was), Some(is)) => match others(&parts(was), &parts(is)) {
                Some(what) => format!("{what}; codes that were given stay given"),
                None => continue,
            },
            (None, None) => continue,
        };
        let origin = is.or(was).map_or_else(Origin::default, |one| one.origin.clone());
        out.push(
            Change::new(Row::Offer, Gate::Note, &rows::OFFER_CHANGED, (Kind::Offer, name.as_str()), what).at(&origin),
        );
    }
}

fn parts(offer: &Offer) -> [(&'static str, String); 6] {
    [
        ("title", hash_of(&(&offer.title, &offer.details))),
        ("code", hash_of(&offer.code)),
        ("value", hash_of(&offer.value)),
        ("valid", hash_of(&(&offer.valid_from, &offer.valid_until))),
        ("limits", hash_of(&(&offer.per_contact, &offer.total))),
        ("clinic", hash_of(&offer.clinics)),
    ]
}
