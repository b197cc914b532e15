//! Findings as Markdown for a comment on a pull request or the summary of a job. Stays under the 65,536 characters that
//! GitHub takes for a comment: what does not fit is counted.
use super::{Count, Report, summary};
use crate::diag::Finding;

/// Room for the closing line below GitHub's limit.
const MOST: usize = 65_000;

pub(crate) fn markdown(report: &Report<'_>) -> String {
    let Count { errors, .. } = Count::of(report.findings);
    let mark = match (errors, report.findings.len()) {
        (_, 0) => "✅",
        (0, _) => "⚠️",
        _ => "❌",
    };
    let mut out = format!("### {mark} dripline check: {}\n", summary(report.findings));
    if report.findings.is_empty() {
        return out;
    }
    out.push_str("\n| | place | finding |\n|---|---|---|\n");
    let mut size = out.chars().count();
    let worst = report.findings.iter().filter(|finding| finding.is_error());
    let rest = report.findings.iter().filter(|finding| !finding.is_error());
    for (at, finding) in worst.chain(rest).enumerate() {
        let row = row(finding, report);
        size += row.chars().count();
        if size > MOST {
            out.push_str(&format!(
                "\n… and {} more: `dripline check` shows all of them.\n",
                report.findings.len() - at
            ));
            break;
        }
        out.push_str(&row);
    }
    out
}

fn row(finding: &Finding, report: &Report<'_>) -> String {
    let line = report.sources.start(&finding.primary).map_or(1, |start| start.line);
    let mark = if finding.is_error() { "❌" } else { "⚠️" };
    let help = finding.help.as_deref().map(|help| format!("<br>_help:_ {}", cell(help))).unwrap_or_default();
    let place = cell(&report.path(finding));
    format!("| {mark} `{}` | {place}:{line} | {}{help} |\n", finding.code, cell(&finding.message))
}

/// One cell of a table: no markup of a file's author takes effect.
pub(crate) fn cell(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        match char {
            '\n' | '\r' => out.push_str("<br>"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '@' | '#' | '!' | '~' => {
                out.push('\\');
                out.push(char);
            }
            other => out.push(other),
        }
    }
    out
}
