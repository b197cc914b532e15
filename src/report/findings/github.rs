//! Findings as workflow commands of GitHub Actions, which become annotations beside the changed lines.
//!
//! GitHub shows at most ten errors and ten warnings of one step and fifty of a job, in the order in which they were
//! written (documented under "workflow commands" and "usage limits"); the rest would vanish silently, so it is counted in
//! a notice and stands in full in the job's summary.
use super::Report;
use crate::diag::{Finding, Severity};

/// Annotations of one severity that one step may make.
pub(crate) const PER_STEP: usize = 10;

pub(crate) fn github(report: &Report<'_>) -> String {
    let mut out = String::new();
    let mut left = 0;
    for severity in [Severity::Error, Severity::Warning] {
        let of = report.findings.iter().filter(|finding| finding.severity == severity);
        for (at, finding) in of.enumerate() {
            if at < PER_STEP {
                out.push_str(&command(finding, report));
            } else {
                left += 1;
            }
        }
    }
    if left > 0 {
        let them = if left == 1 { "one more finding" } else { "more findings" };
        let number = if left == 1 { String::new() } else { format!("{left} ") };
        out.push_str(&format!("::notice title=dripline::and {number}{them}: the job's summary lists all of them\n"));
    }
    out
}

fn command(finding: &Finding, report: &Report<'_>) -> String {
    let mut place = format!("file={}", property(&report.path(finding)));
    if let (Some(start), Some(end)) = (report.sources.start(&finding.primary), report.sources.end(&finding.primary)) {
        place.push_str(&format!(",line={},endLine={}", start.line, end.line));
        // columns over several lines are refused
        if start.line == end.line {
            place.push_str(&format!(",col={},endColumn={}", start.column, end.column));
        }
    }
    let title = property(&format!("{} {}", finding.code, report.name(finding)));
    let text = match &finding.help {
        Some(help) => format!("{}\nhelp: {help}", finding.message),
        None => finding.message.clone(),
    };
    format!("::{} {place},title={title}::{}\n", finding.severity.word(), data(&text))
}

/// The text behind the second `::`.
pub(crate) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value before the second `::`.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
