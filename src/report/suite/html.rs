//! Suites as an HTML document: what fails first, then what passed, beside it what was covered and what always held.
use super::{
    Report, coverage,
    graph::{self, Graph},
    rerun, text, title,
    words::{self, Told, clean, counted},
};
use crate::{
    id::SequenceName,
    plan::{Origin, Plan},
    report::page::{self, Head},
    simulate::suite::{Breach, Case, Coverage, Ran, Row, Verdict},
};
use serde::Serialize;

/// Failing cases that are shown in full: more of them are no help to anybody, and a page has to load.
const MOST: usize = 100;
/// So many graphs stand open; of more, those in which something is missing.
const OPEN: usize = 2;

#[derive(Serialize)]
struct Page {
    lead: String,
    title: String,
    seeds: Vec<u64>,
    failed: usize,
    passed: usize,
    failures: Vec<Failure>,
    left_out: usize,
    passing: Vec<Passing>,
    coverage: Vec<Covered>,
    percent: Option<u32>,
    least: Option<u8>,
    too_little: bool,
    reasons: Option<Reasons>,
    always: Vec<Rule>,
}

/// For skips.
#[derive(Serialize)]
struct Reasons {
    seen: usize,
    all: usize,
    never: Vec<String>,
}

#[derive(Serialize)]
struct Failure {
    title: String,
    suite: String,
    place: String,
    from: String,
    breaches: Vec<(String, String)>,
    rows: Vec<Side>,
    notes: Vec<Note>,
    lines: Vec<(Told, String)>,
    rerun: String,
}

#[derive(Serialize)]
struct Side {
    bad: bool,
    verdict: String,
    expected: Vec<Told>,
    got: Vec<Told>,
}

#[derive(Serialize)]
struct Note {
    what: String,
    verdict: String,
    expected_at: String,
    asked: &'static str,
    why: String,
    place: String,
    gate: String,
    read: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Passing {
    name: String,
    suite: String,
    checks: usize,
    cases: usize,
    length: String,
}

#[derive(Serialize)]
struct Covered {
    sequence: String,
    graph: Option<Graph>,
    /// Few enough to be seen at once, or something is missing.
    open: bool,
    kinds: Vec<Kind>,
}

#[derive(Serialize)]
struct Kind {
    name: &'static str,
    seen: usize,
    all: usize,
    missing: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Rule {
    written: String,
    place: String,
    broken: usize,
}

/// `command` made it, at `made`.
pub(crate) fn html(
    report: &Report<'_>,
    plan: &Plan,
    command: String,
    made: String,
) -> Result<String, minijinja::Error> {
    let count = report.count();
    let answer = answer(report);
    let head = Head { title: answer.clone(), verb: "test", command, made };
    let all_failing = report.failing().count();
    let failing: Vec<(&Ran, &Case)> = failing(report).take(MOST).collect();
    let mut seeds: Vec<u64> = report.ran.iter().map(|ran| ran.seed).collect();
    seeds.dedup();
    let all = report.coverage();
    let (seen, never) = coverage::reasons(&all);
    let about = Page {
        lead: lead(report),
        title: answer,
        seeds,
        failed: count.failed,
        passed: count.scenarios - count.failed,
        failures: failing.iter().map(|(ran, case)| failure(report, ran, case)).collect(),
        left_out: all_failing - failing.len(),
        passing: passing(report),
        coverage: covered(report, plan, &all),
        percent: coverage::percent(&all),
        least: report.coverage.least,
        too_little: report.covers_too_little(),
        reasons: (!all.skips.is_empty()).then_some(Reasons { seen, all: all.skips.len(), never }),
        always: rules(report),
    };
    page::document("suite.html", &head, about)
}

/// One case of each scenario, as those of a sweep are alike; all of them where every line was asked for.
fn failing<'a>(report: &'a Report<'_>) -> impl Iterator<Item = (&'a Ran, &'a Case)> {
    let most = if report.trace { usize::MAX } else { text::ALIKE };
    report.scenarios().flat_map(move |(ran, _, cases)| {
        let failing = cases.into_iter().filter(|case| !case.passed());
        failing.take(most).map(move |case| (ran, case))
    })
}

fn answer(report: &Report<'_>) -> String {
    let count = report.count();
    let scenarios = counted(count.scenarios, "scenario", "scenarios");
    match (count.failed, count.scenarios) {
        (0, 1) => format!("{scenarios} passes"),
        (0, _) => format!("{scenarios} pass"),
        (1, _) => format!("1 of {scenarios} fails"),
        (failed, _) => format!("{failed} of {scenarios} fail"),
    }
}

fn lead(report: &Report<'_>) -> String {
    let [ran] = report.ran else {
        return format!("{}, each on a virtual clock of its own.", counted(report.ran.len(), "suite", "suites"));
    };
    let from = ran.cases.first().map_or_else(String::new, |case| format!(" from {}", words::start(case)));
    format!("Suite {}, on a virtual clock{from}.", clean(&ran.suite.name))
}

fn place(origin: Option<&Origin>) -> String {
    origin.map(words::place).unwrap_or_default()
}

fn failure(report: &Report<'_>, ran: &Ran, case: &Case) -> Failure {
    let scenario = ran.suite.scenarios.get(case.scenario);
    let breach = |breach: &Breach| {
        let (words, origin) = words::breach(breach, ran, case);
        (words, place(origin.as_ref()))
    };
    let trace = if report.trace { "" } else { " --trace" };
    let lines = words::story(ran, case).map(|line| {
        let because = line.because.as_ref().map(|because| clean(&crate::report::reason(because, &line.zone)));
        (words::got(line, ran, case), because.unwrap_or_default())
    });
    Failure {
        title: title(ran, case),
        suite: clean(&ran.suite.name),
        place: place(scenario.map(|scenario| &scenario.origin)),
        from: words::start(case),
        breaches: case.breaches.iter().map(breach).collect(),
        rows: case.rows.iter().map(|row| side(row, ran, case)).collect(),
        notes: case.rows.iter().filter(|row| row.verdict != Verdict::Same).map(|row| note(row, ran, case)).collect(),
        lines: lines.collect(),
        rerun: format!("{}{trace}", rerun(ran, case)),
    }
}

fn side(row: &Row, ran: &Ran, case: &Case) -> Side {
    let (expected, got) = text::cells(row, ran, case);
    Side { bad: row.verdict != Verdict::Same, verdict: words::verdict(row), expected, got }
}

fn note(row: &Row, ran: &Ran, case: &Case) -> Note {
    let then = row.expected.and_then(|index| ran.suite.scenarios.get(case.scenario)?.then.get(index));
    let (expected, got) = text::cells(row, ran, case);
    let what = expected.first().or(got.first()).map(|told| told.what.clone()).unwrap_or_default();
    let why = words::why(row, ran, case).unwrap_or_default();
    Note {
        what,
        verdict: words::verdict(row),
        expected_at: place(then.map(|then| &then.origin)),
        place: place(why.place.as_ref()),
        gate: why.gate.unwrap_or_default().to_owned(),
        asked: why.asked,
        why: why.words,
        read: why.read,
    }
}

fn passing(report: &Report<'_>) -> Vec<Passing> {
    let passed = report.scenarios().filter(|(_, _, cases)| cases.iter().all(|case| case.passed()));
    let of = |(ran, index, cases): (&Ran, usize, Vec<&Case>)| Passing {
        name: ran.suite.scenarios.get(index).map_or_else(String::new, |scenario| clean(&scenario.name)),
        suite: clean(&ran.suite.name),
        checks: cases.iter().map(|case| case.rows.len()).sum(),
        cases: cases.len(),
        length: cases
            .iter()
            .max_by_key(|case| case.until.since(case.start))
            .map_or_else(String::new, |case| words::length(case)),
    };
    passed.map(of).collect()
}

fn covered(report: &Report<'_>, plan: &Plan, all: &Coverage) -> Vec<Covered> {
    let kind = |kind: coverage::Kind<'_>| Kind {
        name: kind.name,
        seen: kind.seen,
        all: kind.all,
        missing: kind.missing.iter().map(|(spot, seen)| (clean(&spot.name), words::place(&seen.origin))).collect(),
    };
    let of = |sequence: &SequenceName| Covered {
        sequence: clean(sequence.as_str()),
        graph: graph::of(sequence, plan, report.ran, all),
        kinds: coverage::kinds(all, sequence).into_iter().map(kind).collect(),
        open: false,
    };
    let mut covered: Vec<Covered> = coverage::sequences(all).into_iter().map(of).collect();
    let few = covered.len() <= OPEN;
    for one in &mut covered {
        one.open = few || one.kinds.iter().any(|kind| kind.seen < kind.all);
    }
    covered
}

fn rules(report: &Report<'_>) -> Vec<Rule> {
    let of_suite = |ran: &Ran| -> Vec<Rule> {
        let rules = ran.suite.always.iter().enumerate();
        rules
            .map(|(index, always)| Rule {
                written: clean(&always.written),
                place: words::place(&always.origin),
                broken: ran
                    .cases
                    .iter()
                    .filter(|case| {
                        case.breaches
                            .iter()
                            .any(|breach| matches!(breach, Breach::Always { rule, .. } if *rule == index))
                    })
                    .count(),
            })
            .collect()
    };
    report.ran.iter().flat_map(of_suite).collect()
}
