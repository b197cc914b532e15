//! Findings as SARIF 2.1.0 (OASIS), which code scanning services and editors read. Columns are UTF-16 units.
use super::{Report, fingerprints};
use crate::diag::{Edit, Finding, Place, Severity, catalogue};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) fn sarif(report: &Report<'_>, version: &str) -> Value {
    let codes: std::collections::BTreeSet<&str> = report.findings.iter().map(|finding| finding.code.0).collect();
    let rows: Vec<&catalogue::Row> = codes.into_iter().filter_map(catalogue::find).collect();
    let index: BTreeMap<&str, usize> = rows.iter().enumerate().map(|(at, row)| (row.code, at)).collect();
    let results = report.findings.iter().zip(fingerprints(report.findings));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "dripline",
                "version": version,
                "rules": rows.iter().map(|row| rule(row)).collect::<Vec<_>>(),
            } },
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": { "PROJECT": { "description": { "text": "The folder with dripline.yaml." } } },
            "results": results.map(|(finding, print)| result(finding, &print, &index, report)).collect::<Vec<_>>(),
        }],
    })
}

fn rule(row: &catalogue::Row) -> Value {
    json!({
        "id": row.code,
        "name": row.name,
        "shortDescription": { "text": row.summary },
        "fullDescription": { "text": row.why },
        "defaultConfiguration": { "level": level(row.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    severity.word()
}

fn result(finding: &Finding, print: &str, index: &BTreeMap<&str, usize>, report: &Report<'_>) -> Value {
    let text = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.code.0,
        "ruleIndex": index.get(finding.code.0),
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [{ "physicalLocation": location(&finding.primary, report) }],
        "partialFingerprints": { "dripline/v1": print },
    });
    let related: Vec<Value> = (finding.labels.iter().enumerate())
        .filter(|(_, (place, _))| *place != finding.primary)
        .map(|(at, (place, text))| {
            json!({ "id": at, "message": { "text": text }, "physicalLocation": location(place, report) })
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    if !finding.edits.is_empty() {
        let help = finding.help.as_deref().unwrap_or("write");
        result["fixes"] =
            json!([{ "description": { "text": help }, "artifactChanges": changes(&finding.edits, report) }]);
    }
    result
}

fn changes(edits: &[Edit], report: &Report<'_>) -> Vec<Value> {
    let mut by_file: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for edit in edits {
        let Some(region) = region(&edit.place, report) else { continue };
        let change = json!({ "deletedRegion": region, "insertedContent": { "text": edit.text } });
        by_file.entry(uri(&report.path_of(&edit.place.file))).or_default().push(change);
    }
    let change = |(uri, all): (String, Vec<Value>)| json!({ "artifactLocation": at(&uri), "replacements": all });
    by_file.into_iter().map(change).collect()
}

fn location(place: &Place, report: &Report<'_>) -> Value {
    let mut location = json!({ "artifactLocation": at(&uri(&report.path_of(&place.file))) });
    if let Some(region) = region(place, report) {
        location["region"] = region;
    }
    location
}

fn at(uri: &str) -> Value {
    json!({ "uri": uri, "uriBaseId": "PROJECT" })
}

fn region(place: &Place, report: &Report<'_>) -> Option<Value> {
    let (start, end) = report.sources.utf16(place)?;
    Some(json!({
        "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column,
    }))
}

/// A relative reference of RFC 3986.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
