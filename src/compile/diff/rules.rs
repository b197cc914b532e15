//! The project's own rules in two plans: windows, quiet hours, caps, consent, channels, and the settings that move nobody.
use super::{
    Change, Gate, Kind, Row, Shift,
    people::{Scene, Spot, Stand, Three, ahead, is_sure, writes},
    sequence::others,
};
use crate::{
    calendar::{Quiet, Window},
    diag::catalogue::change as rows,
    id::ChannelName,
    plan::{Act, Channel, Plan, QuietHours, Step, StepIx, To, Via, hash_of},
    record::Purpose,
};
use std::collections::BTreeSet;

pub(super) fn compare(scene: &Scene<'_>, out: &mut Vec<Change>) {
    windows(scene, out);
    quiet_hours(scene, out);
    caps(scene, out);
    consent(scene, out);
    channels(scene, out);
    preferred(scene, out);
    settings(scene, out);
}

const FILE: &str = "dripline.yaml";

fn change(row: Row, gate: Gate, code: &crate::diag::Row, of: (Kind, &str), what: impl Into<String>) -> Change {
    let mut change = Change::new(row, gate, code, of, what);
    (change.file, change.line) = (FILE.to_owned(), 1);
    change
}

impl Scene<'_> {
    /// Those for whom such a step of the new plan is still to come, over all sequences.
    fn facing(&self, such: impl Fn(&Step) -> bool) -> Option<Three> {
        self.facing_in([self.new, self.old], such)
    }

    /// The same in the first of the plans that has the sequence.
    fn facing_in(&self, plans: [&Plan; 2], such: impl Fn(&Step) -> bool) -> Option<Three> {
        let (mut counts, mut at_most) = ((0, 0, 0), false);
        let names: BTreeSet<_> = self.old.sequences.keys().chain(self.new.sequences.keys()).collect();
        for name in names {
            let Some(sequence) = plans.iter().find_map(|plan| plan.sequences.get(name)) else { continue };
            // whoever finishes what they entered stands in the revision before
            let pinned = self.old.sequences.get(name).filter(|_| sequence.changed.pin);
            let sequence = pinned.unwrap_or(sequence);
            let stands = self.spots(sequence).into_iter().filter(|_| sequence.steps.iter().any(&such));
            for Stand { spot, people, had, .. } in stands {
                let is_such = |at: StepIx| sequence.step(at).is_some_and(&such) && !had.contains(&at);
                match spot {
                    Spot::At(at) if is_such(at) => counts.1 += people,
                    Spot::At(at) if ahead(sequence, at).into_iter().any(is_such) => {
                        counts.0 += people;
                        let sure = |step: StepIx| is_such(step) && is_sure(sequence, at, step);
                        at_most |= people > 0 && !ahead(sequence, at).into_iter().any(sure);
                    }
                    _ => counts.2 += people,
                }
            }
        }
        let mut three = Three::of(counts.0, counts.1, counts.2);
        three.before.at_most = at_most;
        self.census.map(|_| three)
    }

    /// How far those move who wait at such a step.
    fn shift_of(&self, such: impl Fn(&Step) -> bool) -> Option<Shift> {
        let mut sum = Shift::default();
        for (name, new) in &self.new.sequences {
            let Some(old) = self.old.sequences.get(name) else { continue };
            let to = if new.changed.pin { old } else { new };
            let at = |group: &crate::plan::Group| {
                let step = group.step.as_ref().and_then(|step| to.step(to.position(step)?));
                step.is_some_and(&such)
            };
            sum.join(self.shift(old, new, at, hash_of(old) != hash_of(new))?);
        }
        self.census.map(|_| sum)
    }
}

fn times(scene: &Scene<'_>, object: &str, what: &str, such: impl Fn(&Step) -> bool) -> Change {
    let people = scene.facing(&such).map(|three| {
        three.says("get it at moments that the new one allows", "are moved to such a moment", "nothing changes")
    });
    change(Row::Times, Gate::Note, &rows::TIMES_CHANGED, (Kind::Policy, object), what)
        .people(people)
        .shift(scene.shift_of(such))
}

fn windows(scene: &Scene<'_>, out: &mut Vec<Change>) {
    let (old, new) = (&scene.old.policies.windows, &scene.new.policies.windows);
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (was, is) = (old.get(name), new.get(name));
        if was == is {
            continue;
        }
        let what = if was.is_none() {
            "added"
        } else if is.is_none() {
            "removed"
        } else {
            "changed"
        };
        let object = format!("windows.{name}");
        let such = |step: &Step| step.window.as_ref() == Some(name) && writes(&step.act);
        out.push(times(scene, &object, what, such).lines(was.map(window_line), is.map(window_line)));
    }
}

fn window_line(window: &Window) -> String {
    let days: Vec<&str> = window.days.iter().map(|day| day.name()).collect();
    format!("{{ days: [{}], from: \"{}\", to: \"{}\" }}", days.join(", "), window.from, window.to)
}

fn quiet_hours(scene: &Scene<'_>, out: &mut Vec<Change>) {
    let (was, is) = (&scene.old.policies.quiet_hours, &scene.new.policies.quiet_hours);
    if was == is {
        return;
    }
    let line = |quiet: &QuietHours| {
        let Quiet { from, to } = quiet.hours;
        let purposes: Vec<&str> = quiet.purposes.iter().map(|purpose| purpose.name()).collect();
        format!("{{ from: \"{from}\", to: \"{to}\", for: [{}] }}", purposes.join(", "))
    };
    let of = |step: &Step| {
        let holds =
            |quiet: &Option<QuietHours>| quiet.as_ref().is_some_and(|quiet| quiet.purposes.contains(&step.purpose));
        writes(&step.act) && (holds(was) || holds(is))
    };
    let what = if was.is_none() {
        "added"
    } else if is.is_none() {
        "removed"
    } else {
        "changed"
    };
    out.push(times(scene, "quiet_hours", what, of).lines(was.as_ref().map(line), is.as_ref().map(line)));
}

fn caps(scene: &Scene<'_>, out: &mut Vec<Change>) {
    let (was, is) = (&scene.old.policies.caps, &scene.new.policies.caps);
    if was == is {
        return;
    }
    let lines = |caps: &[crate::plan::Cap]| -> Vec<String> {
        let line = |cap: &crate::plan::Cap| {
            let purposes: Vec<&str> = cap.purposes.iter().map(|purpose| purpose.name()).collect();
            format!("{{ at_most: {}, per: {}, for: [{}] }}", cap.at_most, cap.per, purposes.join(", "))
        };
        caps.iter().map(line).collect()
    };
    let such = |step: &Step| writes(&step.act) && was.iter().chain(is).any(|cap| cap.purposes.contains(&step.purpose));
    let people = scene
        .facing(such)
        .map(|three| three.says("are counted by the new caps", "are counted by the new caps", "nothing changes"));
    let change = change(Row::Times, Gate::Note, &rows::TIMES_CHANGED, (Kind::Policy, "caps"), "changed");
    out.push(change.lines(lines(was), lines(is)).people(people));
}

/// A gate where somebody is concerned.
fn reach(scene: &Scene<'_>, of: (Kind, &str), what: &str, such: impl Fn(&Step) -> bool) -> Change {
    reached(scene, of, what, scene.facing(such))
}

fn reached(scene: &Scene<'_>, of: (Kind, &str), what: &str, people: Option<Three>) -> Change {
    let gate = if scene.concerns(people.as_ref().map_or(0, Three::concerned)) { Gate::Ask } else { Gate::Note };
    let people = people.map(|three| {
        let words = "are judged anew: some may fall back, be held or be passed over";
        three.says(words, words, "nothing changes")
    });
    change(Row::Reach, gate, &rows::REACH_CHANGED, of, what).people(people)
}

fn consent(scene: &Scene<'_>, out: &mut Vec<Change>) {
    for purpose in Purpose::ALL {
        let (was, is) = (scene.old.policies.consent(purpose), scene.new.policies.consent(purpose));
        if was == is {
            continue;
        }
        let object = format!("consent.{}", purpose.name());
        let line = |level: crate::record::ConsentLevel| [format!("{}: {}", purpose.name(), level.name())];
        let such = |step: &Step| step.purpose == purpose && writes(&step.act);
        let change = reach(scene, (Kind::Policy, &object), "its ground of consent changed", such);
        out.push(change.lines(line(was), line(is)));
    }
}

/// May the step go out by this channel?
fn goes_by(plan: &Plan, step: &Step, channel: &ChannelName) -> bool {
    let Act::Message(spec) = &step.act else { return false };
    spec.to == To::Contact
        && spec.via.iter().any(|via| match via {
            Via::Channel(name) => name == channel,
            Via::Preferred => plan.policies.preferred.contains(channel),
            Via::Reply => true,
        })
}

fn channels(scene: &Scene<'_>, out: &mut Vec<Change>) {
    let (old, new) = (&scene.old.channels, &scene.new.channels);
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for name in names {
        let of = (Kind::Channel, name.as_str());
        let by = |step: &Step| goes_by(scene.old, step, name) || goes_by(scene.new, step, name);
        match (old.get(name), new.get(name)) {
            (None, Some(_)) => out.push(change(Row::Setting, Gate::Note, &rows::SETTING_CHANGED, of, "added")),
            // its steps go another way in the new files already: whom it concerns stands in the old ones
            (Some(_), None) => {
                let people = scene.facing_in([scene.old, scene.new], |step| goes_by(scene.old, step, name));
                out.push(reached(scene, of, "removed", people));
            }
            (Some(was), Some(is)) => channel(scene, of, (was, is), by, out),
            (None, None) => {}
        }
    }
}

fn channel(
    scene: &Scene<'_>,
    of: (Kind, &str),
    (was, is): (&Channel, &Channel),
    by: impl Fn(&Step) -> bool,
    out: &mut Vec<Change>,
) {
    let line = |channel: &Channel| [format!("provider: {}", channel.provider.word())];
    if was.provider.word() != is.provider.word() || was.medium != is.medium {
        let what = match (was.is_local(), is.is_local()) {
            (true, false) => "its messages leave the mailbox and go out",
            (false, true) => "its messages stay in the mailbox",
            _ => "another provider",
        };
        let mut change = reach(scene, of, what, &by);
        if let Some(people) = change.people.take() {
            let words = "go the new way";
            change.people = Some(people.says(words, words, "nothing changes"));
        }
        out.push(change.lines(line(was), line(is)));
        return;
    }
    let parts = |channel: &Channel| {
        [
            ("provider", hash_of(&channel.provider)),
            ("from", hash_of(&channel.from)),
            ("slots", hash_of(&channel.slots)),
            ("cost", hash_of(&channel.cost)),
        ]
    };
    if let Some(what) = others(&parts(was), &parts(is)) {
        out.push(change(Row::Setting, Gate::Note, &rows::SETTING_CHANGED, of, what));
    }
}

fn preferred(scene: &Scene<'_>, out: &mut Vec<Change>) {
    let (was, is) = (&scene.old.policies.preferred, &scene.new.policies.preferred);
    if was == is {
        return;
    }
    let line = |names: &[ChannelName]| {
        let names: Vec<&str> = names.iter().map(ChannelName::as_str).collect();
        [format!("preferred: [{}]", names.join(", "))]
    };
    let such = |step: &Step| matches!(&step.act, Act::Message(spec) if spec.to == To::Contact && spec.via.contains(&Via::Preferred));
    let change = reach(scene, (Kind::Policy, "preferred"), "the order of channels changed", such);
    out.push(change.lines(line(was), line(is)));
}

/// What holds from the next decision on and moves nobody.
fn settings(scene: &Scene<'_>, out: &mut Vec<Change>) {
    let policies = |plan: &Plan| {
        let policies = &plan.policies;
        [
            ("late", hash_of(&policies.late)),
            ("hands_off", hash_of(&policies.hands_off)),
            ("test_recipients", hash_of(&policies.test_recipients)),
            ("blast_radius", hash_of(&policies.blast_radius)),
        ]
    };
    let mut told = |of: (Kind, &str), what: Option<String>| {
        out.extend(what.map(|what| change(Row::Setting, Gate::Note, &rows::SETTING_CHANGED, of, what)));
    };
    told((Kind::Policy, "policies"), others(&policies(scene.old), &policies(scene.new)));
    // what is retired now is told with the sequence that it is about
    let now = |name: &crate::id::SequenceName| {
        scene.old.sequences.contains_key(name) && !scene.old.retired.contains_key(name)
    };
    let retired = |plan: &Plan| -> Vec<_> {
        plan.retired.iter().filter(|(name, _)| !now(name)).map(|(name, how)| (name.clone(), *how)).collect()
    };
    let parts = |plan: &Plan| {
        [
            ("zone", hash_of(&plan.zone)),
            ("locales", hash_of(&plan.locales)),
            ("public_url", hash_of(&plan.public_url)),
            ("vars", hash_of(&plan.vars)),
            ("clinics", hash_of(&plan.clinics)),
            ("contact", hash_of(&(&plan.merge_by, &plan.fields))),
            ("events", hash_of(&plan.events)),
            ("sources", hash_of(&(&plan.sources, &plan.polled))),
            ("groups", hash_of(&plan.groups)),
            ("funnels", hash_of(&plan.funnels)),
            ("roles", hash_of(&plan.roles)),
            ("intents", hash_of(&plan.intents)),
            ("model", hash_of(&plan.model)),
            ("countries", hash_of(&plan.countries)),
            ("alerts", hash_of(&plan.alerts)),
            ("api", hash_of(&plan.editable)),
            ("lookups", hash_of(&plan.lookups)),
            ("webhooks", hash_of(&plan.keeps_webhooks)),
            ("retired", hash_of(&retired(plan))),
        ]
    };
    told((Kind::Project, &scene.new.project), others(&parts(scene.old), &parts(scene.new)));
}
