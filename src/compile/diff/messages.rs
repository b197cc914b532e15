//! Texts in two plans: those that changed, and who still gets them. Renders nothing.
use super::{
    Change, Gate, Kind, Row,
    people::{FINISH, Scene, Three},
    steps::kind_of,
};
use crate::{
    diag::catalogue::change as rows,
    plan::{Act, Body, Plan, Sequence, Step, TemplateText, TextForm},
};
use std::{collections::BTreeMap, sync::Arc};

/// Lines of a text that are shown of one change.
const LINES: usize = 12;

type Key<'p> = (Option<&'p str>, Option<&'p str>, TextForm);

pub(super) fn compare(scene: &Scene<'_>, out: &mut Vec<Change>) {
    let (old, new) = (by_name(scene.old), by_name(scene.new));
    let names: std::collections::BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let none = BTreeMap::new();
    for name in names {
        let (was, is) = (old.get(name).unwrap_or(&none), new.get(name).unwrap_or(&none));
        if let Some(change) = text(scene, name, was, is) {
            out.push(change);
        }
    }
}

fn by_name(plan: &Plan) -> BTreeMap<&str, BTreeMap<Key<'_>, &TemplateText>> {
    let mut found: BTreeMap<&str, BTreeMap<Key<'_>, &TemplateText>> = BTreeMap::new();
    for text in &plan.templates {
        let key = (text.channel.as_ref().map(crate::id::ChannelName::as_str), text.locale.as_deref(), text.form);
        found.entry(text.name.as_str()).or_default().insert(key, text);
    }
    found
}

fn same(a: &TemplateText, b: &TemplateText) -> bool {
    let parts =
        |text: &TemplateText| (text.subject.clone(), text.preheader.clone(), text.layout.clone(), text.body.clone());
    parts(a) == parts(b)
}

fn text(
    scene: &Scene<'_>,
    name: &str,
    was: &BTreeMap<Key<'_>, &TemplateText>,
    is: &BTreeMap<Key<'_>, &TemplateText>,
) -> Option<Change> {
    let mut lines: (Vec<String>, Vec<String>) = Default::default();
    let keys: std::collections::BTreeSet<&Key<'_>> = was.keys().chain(is.keys()).collect();
    let mut changed = Vec::new();
    for key in keys {
        let (a, b) = (was.get(key), is.get(key));
        if matches!((a, b), (Some(a), Some(b)) if same(a, b)) {
            continue;
        }
        changed.extend(b.or(a).copied());
        let (gone, come) =
            differing(&a.map_or_else(Vec::new, |text| shown(text)), &b.map_or_else(Vec::new, |text| shown(text)));
        lines.0.extend(gone);
        lines.1.extend(come);
    }
    let first = changed.first()?;
    let users = users(scene, first);
    // a text that comes or goes with its step is told with the step
    if (was.is_empty() || is.is_empty()) && users.iter().all(|user| !user.lasts) {
        return None;
    }
    let inline = is.is_empty() || was.is_empty() || users.iter().any(|user| user.inline);
    let mut three = scene.census.map(|_| Three::default());
    let mut prepared = 0;
    // whoever finishes what they entered finishes it with its texts
    let lasting = || users.iter().filter(|user| user.lasts);
    let pinned = lasting().next().is_some() && lasting().all(|user| user.sequence.changed.pin);
    for user in lasting().filter(|user| pinned || !user.sequence.changed.pin) {
        let one = scene.three(user.sequence, user.at);
        if let (Some(sum), Some(one)) = (&mut three, one) {
            sum.before.people += one.before.people;
            sum.before.at_most |= one.before.at_most;
            sum.at.people += one.at.people;
            sum.past.people += one.past.people;
        }
        prepared += scene.prepared(&user.sequence.name, &user.step.name);
    }
    let past = match prepared {
        0 => "never resent".to_owned(),
        _ => format!("never resent; {prepared} prepared already go out as they are"),
    };
    let what = match (was.is_empty(), is.is_empty()) {
        (true, _) => "text added",
        (_, true) => "text removed",
        _ => "text changed",
    };
    let owner = users.first().filter(|_| inline && users.len() == 1);
    let of = owner.map_or((Kind::Template, name), |user| (kind_of(user.sequence), user.sequence.name.as_str()));
    let mut change = Change::new(Row::Text, Gate::Note, &rows::TEXT_CHANGED, of, what)
        .lines(shortened(lines.0), shortened(lines.1))
        .people(three.map(|three| {
            if pinned {
                three.says(FINISH, FINISH, FINISH)
            } else {
                three.says("get the new text", "get the new text", &past)
            }
        }));
    if let Some(user) = owner {
        change = change.step(&user.step.name).at(&user.step.origin);
    }
    if change.file.is_empty() {
        (change.file, change.line) = (first.file.to_string(), 1);
    }
    Some(change)
}

struct User<'a> {
    sequence: &'a Sequence,
    at: crate::plan::StepIx,
    step: &'a Step,
    inline: bool,
    /// The step was there before as well.
    lasts: bool,
}

/// Steps that say a text, by its name, in its frame or with it inside.
fn users<'a>(scene: &Scene<'a>, text: &TemplateText) -> Vec<User<'a>> {
    let mut found = Vec::new();
    for (name, sequence) in &scene.new.sequences {
        for (at, step) in (0..).map(crate::plan::StepIx).zip(&sequence.steps) {
            let Act::Message(spec) = &step.act else { continue };
            let (names, inline) = match &spec.body {
                Body::Template(name) => (vec![name], false),
                Body::Inline(name) => (vec![name], true),
                Body::Variants(variants) => (variants.arms.iter().map(|(_, name)| name).collect(), false),
                Body::Write(write) => (vec![&write.fallback], false),
            };
            let texts = scene.new.templates.iter().filter(|one| names.contains(&&one.name));
            let says = match text.form {
                TextForm::Layout => texts.into_iter().any(|one| one.layout.as_deref() == Some(text.name.as_str())),
                TextForm::Partial => {
                    let (quoted, single) = (format!("\"{}\"", text.name.as_str()), format!("'{}'", text.name.as_str()));
                    texts.into_iter().any(|one| one.body.contains(&quoted) || one.body.contains(&single))
                }
                _ => names.contains(&&text.name),
            };
            let old = scene.old.sequences.get(name);
            let lasts = old.is_some_and(|old| old.steps.iter().any(|was| sequence.position(&was.name) == Some(at)));
            if says {
                found.push(User { sequence, at, step, inline, lasts });
            }
        }
    }
    found
}

fn shown(text: &TemplateText) -> Vec<String> {
    let head = |key: &str, value: &Option<Arc<str>>| value.as_ref().map(|value| format!("{key}: {value}"));
    let heads = [head("subject", &text.subject), head("preheader", &text.preheader), head("layout", &text.layout)];
    heads.into_iter().flatten().chain(text.body.lines().map(str::to_owned)).collect()
}

/// What stands between the lines that both begin and end with.
fn differing(was: &[String], is: &[String]) -> (Vec<String>, Vec<String>) {
    let head = was.iter().zip(is).take_while(|(a, b)| a == b).count();
    let (a, b) = (&was[head..], &is[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let full = |lines: &[String]| lines.iter().filter(|line| !line.trim().is_empty()).cloned().collect();
    (full(&a[..a.len() - tail]), full(&b[..b.len() - tail]))
}

fn shortened(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(LINES);
    if more > 0 {
        lines.truncate(LINES);
        lines.push(format!("… and {more} more lines"));
    }
    lines
}
