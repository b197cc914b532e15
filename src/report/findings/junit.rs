//! Findings as JUnit's XML, which every CI server shows as tests: one passing case per clean file, one failing case per
//! error. Warnings fail nothing; they are told in the output of their file's case.
use super::Report;
use crate::diag::{FileId, Finding};
use std::collections::BTreeMap;

pub(crate) fn junit(report: &Report<'_>) -> String {
    let mut by_file: BTreeMap<&FileId, Vec<&Finding>> = report.files.iter().map(|file| (*file, Vec::new())).collect();
    for finding in report.findings {
        by_file.entry(&finding.primary.file).or_default().push(finding);
    }
    let mut cases = String::new();
    let (mut tests, mut failures) = (0, 0);
    for (file, findings) in by_file {
        let path = xml(&report.path_of(file));
        let (errors, warnings): (Vec<&Finding>, Vec<&Finding>) =
            findings.iter().partition(|finding| finding.is_error());
        if errors.is_empty() {
            tests += 1;
            let out = output(&warnings, report);
            cases.push_str(&format!(
                "    <testcase classname=\"check\" name=\"{path}\" file=\"{path}\">{out}</testcase>\n"
            ));
        }
        for error in errors {
            (tests, failures) = (tests + 1, failures + 1);
            cases.push_str(&case(error, &path, report));
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dripline\" tests=\"{tests}\" \
         failures=\"{failures}\">\n  <testsuite name=\"dripline check\" tests=\"{tests}\" failures=\"{failures}\" \
         errors=\"0\" skipped=\"0\">\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

fn case(error: &Finding, path: &str, report: &Report<'_>) -> String {
    let line = report.sources.start(&error.primary).map_or(1, |start| start.line);
    let name = format!("{path}:{line} {}", xml(&format!("{} {}", error.code, report.name(error))));
    let message = xml(&error.message);
    let help = error.help.as_deref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let told = xml(&format!("{}{help}", super::line(error, report)));
    format!(
        "    <testcase classname=\"check\" name=\"{name}\" file=\"{path}\" line=\"{line}\">\n      <failure \
         type=\"{}\" message=\"{message}\">{told}</failure>\n    </testcase>\n",
        error.code
    )
}

fn output(warnings: &[&Finding], report: &Report<'_>) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = warnings.iter().map(|warning| super::line(warning, report)).collect();
    format!("\n      <system-out>{}</system-out>\n    ", xml(&lines.join("\n")))
}

/// Text for element and attribute; characters that XML 1.0 cannot hold become the replacement character.
pub(crate) fn xml(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
