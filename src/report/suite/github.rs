//! Failing scenarios as annotations of GitHub Actions at the expectation that failed, and the whole list as a page for the
//! job's summary: of one step only ten errors are shown, the others are counted.
use super::{Report, coverage, text, title, words};
use crate::{
    plan::Origin,
    report::findings::{PER_STEP, data, property},
    simulate::suite::{Case, Ran},
};

/// Room below the mebibyte that a step may add to the summary.
const MOST: usize = 900_000;

pub(crate) fn github(report: &Report<'_>) -> String {
    let mut out = String::new();
    // one for each scenario: a sweep would fill the list with one place
    let failing: Vec<(&Ran, Vec<&Case>)> = report
        .scenarios()
        .map(|(ran, _, cases)| (ran, cases.into_iter().filter(|case| !case.passed()).collect::<Vec<_>>()))
        .filter(|(_, failing)| !failing.is_empty())
        .collect();
    for (ran, cases) in failing.iter().take(PER_STEP) {
        if let Some(first) = cases.first() {
            out.push_str(&command(report, ran, first, cases.len()));
        }
    }
    match failing.len().saturating_sub(PER_STEP) {
        0 => {}
        1 => out.push_str("::notice title=dripline::and one more failing scenario: the job's summary lists all\n"),
        left => out.push_str(&format!(
            "::notice title=dripline::and {left} more failing scenarios: the job's summary lists all\n"
        )),
    }
    if report.covers_too_little() {
        let line = coverage::line(&report.coverage()).unwrap_or_default();
        let least = report.coverage.least.unwrap_or_default();
        out.push_str(&format!("::error title=dripline coverage::{line}, and {least} % were asked for\n"));
    }
    out
}

fn command(report: &Report<'_>, ran: &Ran, case: &Case, failing: usize) -> String {
    let Origin { file, line } = place(ran, case);
    let file = property(&format!("{}{}", report.prefix, words::clean(&file)));
    let more = if failing > 1 { format!("\n{failing} cases of this scenario fail") } else { String::new() };
    let text = text::plain(&text::failure(report, ran, case));
    format!(
        "::error file={file},line={line},title={}::{}\n",
        property(&title(ran, case)),
        data(&format!("{}{more}\n\n{}", text::headline(ran, case), text.trim_end()))
    )
}

/// Of the first expectation that failed, else of the scenario.
fn place(ran: &Ran, case: &Case) -> Origin {
    let scenario = ran.suite.scenarios.get(case.scenario);
    let failed = text::worst(case).and_then(|row| scenario?.then.get(row.expected?));
    let of_scenario = scenario.map_or(&ran.suite.origin, |scenario| &scenario.origin);
    failed.map_or(of_scenario, |then| &then.origin).clone()
}

/// Markdown for the job's summary.
pub(crate) fn summary_page(report: &Report<'_>) -> String {
    let mark = if report.count().failed > 0 || report.covers_too_little() { "❌" } else { "✅" };
    let mut out = format!("### {mark} dripline test: {}\n\n", text::summary(report));
    let mut written = text::plain(&text::text(report));
    if written.len() > MOST {
        let end = (0..=MOST).rev().find(|at| written.is_char_boundary(*at)).unwrap_or(0);
        written.truncate(end);
        written.push_str("\n…\n");
    }
    let ticks = "`".repeat(longest_run(&written).max(2) + 1);
    out.push_str(&format!("{ticks}text\n{written}{ticks}\n"));
    out
}

/// Of backticks: a longer fence cannot be closed from inside.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
