//! Conditions that the way to a step has asked already at the same moment: always true there, or never (S01).
//!
//! A moment later the same question may have another answer, and asking again is then what the author wants. So only steps
//! that fall due with the decision count, up to the first one that may change what was asked.
use super::{Seen, writes};
use crate::{
    compile::found::over_time as found,
    diag::Sink,
    document::{Step, Text, flow::Steps, step::Action},
    plan::{self, Act, Due},
};

/// What a way knows when it begins.
struct Known<'a> {
    text: &'a Text,
    holds: bool,
}

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    for pair in &seen.sequences {
        let all = pair.written.steps.all();
        let runs = |step: &Step| {
            let at = all.iter().position(|one| std::ptr::eq(*one, step))?;
            pair.runs.steps.get(at)
        };
        for (_, written, _) in pair.steps() {
            let Some(Action::Branch(branch)) = written.action.as_ref().map(|action| &action.value) else { continue };
            let asked = |upto: usize| branch.cases.iter().take(upto).filter_map(|case| case.if_.as_ref());
            for (at, case) in branch.cases.iter().enumerate() {
                let mut known: Vec<Known<'_>> = asked(at).map(|text| Known { text, holds: false }).collect();
                known.extend(case.if_.as_ref().map(|text| Known { text, holds: true }));
                way(seen, &case.steps, &known, &runs, sink);
            }
            let known: Vec<Known<'_>> = asked(branch.cases.len()).map(|text| Known { text, holds: false }).collect();
            way(seen, &branch.otherwise, &known, &runs, sink);
        }
    }
}

fn way<'a>(
    seen: &Seen<'_>,
    steps: &Steps,
    known: &[Known<'_>],
    runs: &impl Fn(&Step) -> Option<&'a plan::Step>,
    sink: &mut Sink,
) {
    for step in steps.iter() {
        let Some(planned) = runs(step) else { return };
        // a message that hours hold back is judged when they are over
        let held = writes(planned) && (planned.window.is_some() || is_quiet(seen, planned));
        if planned.due != Due::Together || step.timing.key.is_some() || held {
            return;
        }
        if let Some(text) = &step.if_ {
            tell(text, known, sink);
        }
        if let Some(Action::Branch(branch)) = step.action.as_ref().map(|action| &action.value) {
            branch.cases.iter().filter_map(|case| case.if_.as_ref()).for_each(|text| tell(text, known, sink));
        }
        if !matches!(planned.act, Act::Nothing | Act::Message(_)) {
            return;
        }
    }
}

fn is_quiet(seen: &Seen<'_>, step: &plan::Step) -> bool {
    seen.plan.policies.quiet_hours.as_ref().is_some_and(|quiet| quiet.purposes.contains(&step.purpose))
}

fn tell(text: &Text, known: &[Known<'_>], sink: &mut Sink) {
    let (asks, plain) = bare(text);
    let same = known.iter().find_map(|known| {
        let (asked, same) = bare(known.text);
        (plain == same).then_some((known, asked == known.holds))
    });
    if let Some((known, truth)) = same {
        sink.push(found::asked_again(text, &known.text.place, asks == truth));
    }
}

/// Whether it asks for the thing itself or its opposite, and the thing with single spaces.
fn bare(text: &str) -> (bool, String) {
    let (mut asks, mut rest) = (true, text.trim());
    loop {
        if is_wrapped(rest) {
            rest = rest[1..rest.len() - 1].trim();
            continue;
        }
        // `not a and b` is about more than `a`
        let inner = rest.strip_prefix("not ").map(str::trim).filter(|inner| !is_joined(inner));
        let Some(inner) = inner else { break };
        (asks, rest) = (!asks, inner);
    }
    (asks, rest.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn is_joined(text: &str) -> bool {
    !is_wrapped(text) && has_word(text, &["and", "or", "if"])
}

fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
}

/// Whether one pair of parentheses is around all of it.
fn is_wrapped(text: &str) -> bool {
    let text = text.trim();
    let mut depth = 0_usize;
    text.starts_with('(')
        && text.char_indices().all(|(at, sign)| {
            match sign {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth > 0 || at + 1 == text.len()
        })
        && depth == 0
}
