//! What `plan` counts comes true: for every row of the table of changes and every decision that it offers, people stand
//! before, at and past the place, the plan is published, and what they then do is compared with every number that was said.
mod case;
mod judge;
mod people;

use crate::compile::diff::Row;
use std::collections::{BTreeMap, BTreeSet};

/// What may be decided about a row; `-` where nothing is.
fn decisions(row: Row) -> &'static [&'static str] {
    match row {
        Row::Text => &["-", "pin"],
        Row::WaitLonger => &["-", "pin"],
        Row::WaitShorter => &["-", "allow", "spread", "now", "skip", "keep", "pin"],
        Row::StepAdded => &["-", "pin"],
        Row::StepRemovedEmpty => &["-"],
        Row::StepRemovedPeople => &["undecided", "next", "stop", "jump", "pin"],
        Row::IdChanged => &["undecided", "moved"],
        Row::OrderChanged => &["-"],
        Row::Condition => &["allow", "pin"],
        Row::Entries => &["allow", "backfill"],
        Row::Times => &["-", "spread", "now", "skip", "keep", "pin"],
        Row::Reach => &["allow", "pin"],
        Row::Shares => &["-"],
        Row::SequenceDeleted => &["undecided", "finish", "stop"],
        Row::SequenceAdded => &["-"],
        Row::Switched => &["off", "on", "allow"],
        Row::Offer | Row::Setting => &["-"],
    }
}

fn name(row: Row) -> String {
    serde_json::to_value(row).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn every_row_has_a_case_for_every_decision() {
    let wanted: BTreeSet<(String, String)> =
        Row::ALL.iter().flat_map(|row| decisions(*row).iter().map(|how| (name(*row), (*how).to_owned()))).collect();
    let has: BTreeSet<(String, String)> = case::cases().into_iter().map(|case| (case.row, case.decision)).collect();
    let missing: Vec<_> = wanted.difference(&has).collect();
    let unknown: Vec<_> = has.difference(&wanted).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "without a case: {missing:#?}\nof no row: {unknown:#?}");
}

#[test]
fn what_a_plan_counts_comes_true_for_every_row_and_decision() {
    let mut unchanged: BTreeMap<(case::Project, bool), people::Became> = BTreeMap::new();
    let (mut wrong, mut said) = (Vec::new(), String::new());
    for case in case::cases() {
        let control = unchanged.entry((case.before(), case.flows)).or_insert_with(|| people::unchanged(&case));
        let (changes, became, plans) = people::changed(&case);
        said.push_str(&judge::told(&case, &changes));
        let faults = judge::judge(&case, &changes, control, became.as_ref(), &plans);
        if !faults.is_empty() {
            wrong.push(format!("== {}\n{}", case.name, faults.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n\n"));
    golden(&said);
}

/// The numbers themselves, so that none of them is zero unseen.
#[expect(clippy::disallowed_methods, reason = "a golden file is read and written")]
fn golden(said: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/changes/decisions_told.txt");
    if std::env::var_os("DRIPLINE_UPDATE").is_some() {
        std::fs::write(&path, said).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(known == said, "decisions_told.txt differs; DRIPLINE_UPDATE=1 writes it:\n{said}");
}
