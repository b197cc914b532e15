//! A sequence as a whole in two plans: there, gone, retired, switched, with other rules of entry or other ends. Its steps
//! are compared elsewhere.
use super::{
    Change, Gate, Row,
    people::{FINISH, Scene, Three},
    propose,
    steps::{Both, kind_of},
};
use crate::{
    diag::{catalogue::change as rows, nearest},
    id::{SequenceName, StepName},
    plan::{Campaign, Retire, Sequence, Stop, hash_of},
};

pub(super) fn compare(scene: &Scene<'_>, name: &SequenceName, out: &mut Vec<Change>) {
    match (scene.old.sequences.get(name), scene.new.sequences.get(name)) {
        (None, Some(new)) => out.push(added(scene, new)),
        (Some(old), None) => out.push(deleted(scene, old)),
        (Some(old), Some(new)) => {
            if let (Some(how), false) = (scene.new.retired.get(name), scene.old.retired.contains_key(name)) {
                out.push(retired(scene, old, *how));
            } else if hash_of(old) != hash_of(new) {
                let from = out.len();
                let both = Both { scene, old, new };
                both.settings(out);
                both.steps(out);
                both.changing(from, out);
                if new.changed.pin {
                    pinned(&mut out[from..]);
                }
            }
        }
        (None, None) => {}
    }
}

/// People in sequences that neither plan has.
pub(super) fn strangers(scene: &Scene<'_>, out: &mut Vec<Change>) {
    let known = |name: &SequenceName| scene.old.sequences.contains_key(name) || scene.new.sequences.contains_key(name);
    for name in scene.sequences_inside().filter(|name| !known(name)) {
        let people = scene.inside(name.as_str());
        let what = "no plan at hand has it, and people are inside";
        let change = Change::new(
            Row::SequenceDeleted,
            Gate::Block,
            &rows::SEQUENCE_GONE,
            (super::Kind::Sequence, name.as_str()),
            what,
        );
        let three = Three::of(0, people, 0).says("", "are held", "");
        out.push(change.people(Some(three)).decide(format!("Put \"{name}\" back until nobody is inside"), Vec::new()));
    }
}

/// Nobody inside is touched: they finish the revision that they entered.
fn pinned(changes: &mut [Change]) {
    for change in changes {
        change.gate = if change.row == Row::Entries { change.gate } else { Gate::Note };
        (change.decision, change.shift) = (None, None);
        if let Some(people) = change.people.take() {
            change.people = Some(people.says(FINISH, FINISH, FINISH));
        }
    }
}

fn added(scene: &Scene<'_>, new: &Sequence) -> Change {
    let inside = scene.inside(new.name.as_str());
    let what = match inside {
        0 => "added".to_owned(),
        _ => "is back, and the people who were held inside go on".to_owned(),
    };
    let steps: Vec<String> = new.steps.iter().map(|step| step.name.to_string()).collect();
    Change::new(Row::SequenceAdded, Gate::Note, &rows::SEQUENCE_ADDED, (kind_of(new), new.name.as_str()), what)
        .at(&new.origin)
        .lines([], [format!("steps: {}", steps.join(", "))])
        .people(scene.whole(new).map(|three| three.says("go on", "", "")))
}

fn deleted(scene: &Scene<'_>, old: &Sequence) -> Change {
    let of = (kind_of(old), old.name.as_str());
    let people = scene.inside(old.name.as_str());
    if !scene.concerns(people) {
        return Change::new(Row::SequenceDeleted, Gate::Note, &rows::SEQUENCE_RETIRED, of, "removed, nobody is inside");
    }
    let gate = if scene.census.is_some() { Gate::Block } else { Gate::Ask };
    let names = scene.new.sequences.keys().filter(|name| !scene.old.sequences.contains_key(*name));
    let renamed = nearest(old.name.as_str(), names.map(SequenceName::as_str));
    let renamed = renamed.map_or(String::new(), |near| format!(" (was it renamed to \"{near}\"?)"));
    let demand = format!("Put \"{}\" back{renamed}, or say in dripline.yaml what people inside do", old.name);
    Change::new(Row::SequenceDeleted, gate, &rows::SEQUENCE_GONE, of, "removed")
        .people(scene.census.map(|_| Three::of(0, people, 0).says("", "have no place", "")))
        .decide(demand, propose::retired(&old.name, people))
}

fn retired(scene: &Scene<'_>, old: &Sequence, how: Retire) -> Change {
    let (what, goes) = match how {
        Retire::Finish => ("retired: nobody enters any more", "get the rest"),
        Retire::Stop => ("retired: everybody leaves", "leave"),
    };
    Change::new(Row::SequenceDeleted, Gate::Note, &rows::SEQUENCE_RETIRED, (kind_of(old), old.name.as_str()), what)
        .people(scene.whole(old).map(|three| three.says(goes, "", "nothing changes")))
}

impl Both<'_> {
    fn of(&self, row: Row, gate: Gate, code: &crate::diag::Row, what: impl Into<String>) -> Change {
        Change::new(row, gate, code, (kind_of(self.new), self.new.name.as_str()), what).at(&self.new.origin)
    }

    fn whole(&self, open: &str, over: &str) -> Option<Three> {
        self.scene.whole(self.new).map(|three| three.says(open, "", over))
    }

    fn gate(&self) -> Gate {
        if self.scene.concerns(self.scene.inside(self.new.name.as_str())) { Gate::Ask } else { Gate::Note }
    }

    fn settings(&self, out: &mut Vec<Change>) {
        let (old, new) = (self.old, self.new);
        if old.active != new.active {
            out.push(self.switched());
        }
        if hash_of(&old.goal) != hash_of(&new.goal) || hash_of(&old.stops) != hash_of(&new.stops) {
            let known = |stop: &Stop| old.stops.iter().any(|was| was.event == stop.event && was.cond == stop.cond);
            // a rule that is new is judged by what happened since they entered
            let words = if new.stops.iter().all(known) {
                "leave when such an event comes; nobody leaves at once"
            } else {
                "leave when such an event comes, or at once if it came since they entered"
            };
            let people = self.whole(words, "may still count as converted");
            let change =
                self.of(Row::Condition, self.gate(), &rows::CONDITION_CHANGED, "its goal or `stop_on` changed");
            out.push(change.lines(ends(old), ends(new)).people(people));
        }
        if old.purpose != new.purpose {
            let people = self.whole("are judged by the new purpose", "nothing changes");
            let line = |sequence: &Sequence| [format!("purpose: {}", sequence.purpose.name())];
            let change = self.of(Row::Reach, self.gate(), &rows::REACH_CHANGED, "its purpose changed");
            out.push(change.lines(line(old), line(new)).people(people));
        }
        self.entries(out);
        self.campaign(out);
        let rest = |sequence: &Sequence| {
            [
                ("exits", hash_of(&sequence.exits)),
                ("offer", hash_of(&sequence.offer)),
                ("title", hash_of(&sequence.title)),
            ]
        };
        if let Some(what) = others(&rest(old), &rest(new)) {
            out.push(self.of(Row::Setting, Gate::Note, &rows::SETTING_CHANGED, what));
        }
    }

    /// What the file says about changing it. What was decided by it is told with the step that it is about, and not again.
    fn changing(&self, from: usize, out: &mut Vec<Change>) {
        let (was, is) = (&self.old.changed, &self.new.changed);
        let told = |name: &StepName| out[from..].iter().any(|change| change.step.as_deref() == Some(name.as_str()));
        let moved = is.moved.iter().filter(|one| !was.moved.contains(one)).all(|(_, to)| told(to));
        let removed = is.removed.iter().filter(|one| !was.removed.contains(one)).all(|(gone, _)| told(gone));
        let caught = is.catch_up.is_some() && out[from..].iter().any(|change| change.shift.is_some());
        let parts = |sequence: &Sequence| {
            let changed = &sequence.changed;
            let unless = |told: bool, hash: String| if told { String::new() } else { hash };
            [
                ("on_change", hash_of(&changed.pin)),
                ("catch_up", unless(caught, hash_of(&changed.catch_up))),
                ("moved", unless(moved && is.moved != was.moved, hash_of(&changed.moved))),
                ("removed", unless(removed && is.removed != was.removed, hash_of(&changed.removed))),
            ]
        };
        if let Some(what) = others(&parts(self.old), &parts(self.new)) {
            out.push(self.of(Row::Setting, Gate::Note, &rows::SETTING_CHANGED, what));
        }
    }

    fn switched(&self) -> Change {
        let line = |sequence: &Sequence| [format!("active: {}", sequence.active)];
        let (what, open) = if self.new.active {
            ("switched on", "go on; passed times become the first allowed moment")
        } else {
            ("switched off", "are held, and can still leave")
        };
        let people = self.whole(open, "nothing changes");
        let shift = self.scene.resumed(self.old, self.new);
        let change = self.of(Row::Switched, Gate::Note, &rows::SWITCHED, what);
        change.lines(line(self.old), line(self.new)).shift(shift).people(people)
    }

    /// Who may come in.
    fn entries(&self, out: &mut Vec<Change>) {
        let parts = |sequence: &Sequence| {
            [
                ("about", hash_of(&sequence.about)),
                ("reentry", hash_of(&sequence.reentry)),
                ("group", hash_of(&sequence.group)),
                ("priority", hash_of(&sequence.priority)),
                ("category", hash_of(&sequence.category)),
                ("fits", hash_of(&sequence.fits)),
                ("funnels", hash_of(&sequence.funnels)),
                ("clinic", hash_of(&sequence.clinics)),
                ("audience", hash_of(&sequence.campaign.as_ref().map(|campaign| audience(campaign)))),
            ]
        };
        if let Some(what) = others(&parts(self.old), &parts(self.new)) {
            let gate = if self.scene.knows_anybody() { Gate::Ask } else { Gate::Note };
            let change = self.of(Row::Entries, gate, &rows::ENTRIES_CHANGED, what);
            out.push(change.people(self.whole("stay inside: only new entries", "nothing changes")));
        }
    }

    fn campaign(&self, out: &mut Vec<Change>) {
        let (Some(was), Some(is)) = (&self.old.campaign, &self.new.campaign) else { return };
        if was.slots != is.slots || was.end != is.end {
            let shift = self.scene.shift(self.old, self.new, |_| true, true);
            let people = self.whole("get it at the new times", "nothing changes");
            let change = self.of(Row::Times, Gate::Note, &rows::TIMES_CHANGED, "its times changed");
            out.push(change.shift(shift).people(people));
        }
        let rest =
            |campaign: &Campaign| [("responses", hash_of(&campaign.responses)), ("cost", hash_of(&campaign.cost))];
        if let Some(what) = others(&rest(was), &rest(is)) {
            out.push(self.of(Row::Setting, Gate::Note, &rows::SETTING_CHANGED, what));
        }
    }
}

/// Whom a campaign reaches, beside its trigger.
fn audience(campaign: &Campaign) -> String {
    let parts =
        (&campaign.start, campaign.daily, &campaign.contacted_within, &campaign.other_within, &campaign.clinics);
    hash_of(&parts)
}

fn ends(sequence: &Sequence) -> Vec<String> {
    let cond =
        |cond: &Option<crate::expr::Cond>| cond.as_ref().map_or(String::new(), |cond| format!(", if: {}", cond.text()));
    let goal = sequence.goal.iter().map(|goal| {
        let within = goal.within.map_or(String::new(), |span| format!(", within: {span}"));
        format!("goal: {{ event: {}{}{within} }}", goal.event, cond(&goal.cond))
    });
    let stops = sequence.stops.iter();
    let stops =
        stops.map(|stop| format!("stop_on: {{ event: {}{}, reason: {} }}", stop.event, cond(&stop.cond), stop.reason));
    goal.chain(stops).collect()
}

/// Which of the named parts differ, as a sentence.
pub(super) fn others<const N: usize>(was: &[(&str, String); N], is: &[(&str, String); N]) -> Option<String> {
    let other: Vec<&str> = was.iter().zip(is).filter(|(a, b)| a.1 != b.1).map(|(a, _)| a.0).collect();
    (!other.is_empty()).then(|| format!("{} changed", other.join(", ")))
}
