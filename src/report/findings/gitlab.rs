//! Findings as a code-quality report of GitLab. A finding keeps its fingerprint when lines above it move, which is how a
//! merge request tells new ones from old ones.
use super::{Report, fingerprints};
use crate::diag::Severity;
use serde_json::{Value, json};

pub(crate) fn gitlab(report: &Report<'_>) -> Value {
    let one = |(finding, fingerprint): (&crate::diag::Finding, String)| {
        let line = report.sources.start(&finding.primary).map_or(1, |start| start.line);
        json!({
            "description": format!("{}: {}", finding.code, finding.message),
            "check_name": report.name(finding),
            "fingerprint": fingerprint,
            "severity": match finding.severity { Severity::Error => "major", Severity::Warning => "minor" },
            "location": { "path": report.path(finding), "lines": { "begin": line } },
        })
    };
    Value::Array(report.findings.iter().zip(fingerprints(report.findings)).map(one).collect())
}
