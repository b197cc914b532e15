//! Experiments that cannot tell anything, and texts by a model without a fence around them (S06, S07, S09, S12).
use super::Seen;
use crate::{
    compile::found::{message as found, receipts::uncounted},
    diag::Sink,
    document::{
        self, Text,
        project::Sensitivity,
        step::Action,
        written::{TestBy, TestMethod, Variants, Write},
    },
};
use std::collections::BTreeMap;

pub(super) fn check(seen: &Seen<'_>, sink: &mut Sink) {
    let steps = seen.sequences.iter().flat_map(|pair| pair.written.steps.all());
    for (step, message) in steps.filter_map(|step| Some((step, message_of(step)?))) {
        if let Some(variants) = &message.variants {
            experiment(variants, sink);
            let by = variants.test.as_ref().and_then(|test| test.by.as_ref()).filter(|by| by.value == TestBy::Click);
            if let Some(by) = by.filter(|_| !step.track.as_ref().is_some_and(|track| track.value)) {
                sink.push(uncounted(&by.place));
            }
        }
        if let Some(write) = &message.write {
            written(seen, write, sink);
        }
    }
}

fn message_of(step: &document::Step) -> Option<&document::action::Message> {
    match &step.action.as_ref()?.value {
        Action::Message { message, .. } => Some(message),
        _ => None,
    }
}

fn experiment(variants: &Variants, sink: &mut Sink) {
    if variants.arms.len() < 2 {
        sink.push(found::one_arm(&variants.place, variants.arms.len()));
    }
    let mut seen: BTreeMap<&str, &Text> = BTreeMap::new();
    for (_, template) in &variants.arms {
        match seen.get(template.as_str()) {
            Some(first) => sink.push(found::same_arm(template, first)),
            None => drop(seen.insert(template, template)),
        }
    }
    let Some(test) = &variants.test else {
        sink.push(found::unmeasured(&variants.place));
        return;
    };
    let Some(per_arm) = &test.per_arm else {
        if test.method.as_ref().is_some_and(|method| method.value == TestMethod::Fixed) {
            sink.push(found::no_number(&test.place));
        }
        return;
    };
    let base = match test.by.as_ref().map(|by| by.value) {
        Some(TestBy::Reply) => 0.10,
        Some(TestBy::Click) => 0.03,
        Some(TestBy::Goal) | None => 0.05,
    };
    let enough = needed(base, 2.0 * base);
    if per_arm.value < i64::from(enough) {
        let seen = detectable(base, per_arm.value).map(percent);
        sink.push(found::small_test(&per_arm.place, per_arm.value, &percent(base), seen.as_deref(), enough));
    }
}

/// People per arm to see the difference of two shares: two-sided at 5 %, with 80 % power.
fn needed(from: f64, to: f64) -> u32 {
    const LEVEL_AND_POWER: f64 = 1.959_964 + 0.841_621;
    let spread = from * (1.0 - from) + to * (1.0 - to);
    (LEVEL_AND_POWER.powi(2) * spread / (to - from).powi(2)).ceil() as u32
}

/// The smallest share above `from` that so many people per arm would tell from it, in steps of a tenth of a percent.
fn detectable(from: f64, per_arm: i64) -> Option<f64> {
    let steps = (1..1000).map(|step| from + f64::from(step) / 1000.0);
    steps.take_while(|to| *to < 1.0).find(|to| i64::from(needed(from, *to)) <= per_arm)
}

fn percent(share: f64) -> String {
    let tenths = (share * 1000.0).round() / 10.0;
    if tenths.fract() == 0.0 { format!("{tenths:.0} %") } else { format!("{tenths:.1} %") }
}

fn written(seen: &Seen<'_>, write: &Write, sink: &mut Sink) {
    if seen.plan.model.is_none() && seen.project.model.is_none() && !seen.names.open {
        sink.push(found::no_model(&write.place));
    }
    let health = |field: &document::project::Field| {
        field.sensitive.as_ref().is_some_and(|sensitive| sensitive.value == Sensitivity::Health)
    };
    if !seen.project.fields.iter().any(health) {
        return;
    }
    if write.never.is_empty() {
        let help = "add `never: [medical_promises, prices]`: what it must not write about";
        sink.push(found::unguarded(&write.place, "nothing is forbidden to it", help));
    }
    if let Some(approve) = write.approve.as_ref().filter(|approve| *approve.as_str() == *"never") {
        sink.push(found::unguarded(
            &approve.place,
            "nobody looks at what it wrote",
            "use `approve: first 20` or `risky`",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_textbook() {
        for (from, to, people) in [(0.03, 0.045, 2515), (0.05, 0.075, 1468), (0.08, 0.12, 880), (0.20, 0.30, 291)] {
            let ours = i64::from(needed(from, to));
            assert!((ours - people).abs() <= 1, "{from} to {to}: {ours}");
        }
        assert_eq!(needed(0.05, 0.10), 432);
        let seen = detectable(0.05, 432).unwrap();
        assert!((seen - 0.10).abs() < 1e-9, "{seen}");
        assert_eq!(detectable(0.05, 0), None);
        assert_eq!(percent(0.05), "5 %");
        assert_eq!(percent(0.075), "7.5 %");
    }
}
