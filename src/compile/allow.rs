//! `# dripline: allow DL304 because …`: which findings the files ask to be silent about. Finds nothing itself.
use super::found;
use crate::{
    diag::{Finding, Severity, catalogue},
    document::{Allow, Document},
};

/// Errors that leave everything else in order, so that an author may take them upon themselves. Others leave holes in the
/// plan, and nobody can allow those.
const TAKEN_ON: &[&str] = &[
    "DL301", "DL302", "DL303", "DL305", "DL312", "DL503", "DL504", "DL506", "DL507", "DL508", "DL509", "DL511", "DL512",
];

/// The findings that remain, with those about the comments themselves.
pub(super) fn apply(documents: &[Document], findings: Vec<Finding>) -> Vec<Finding> {
    let allows: Vec<(&Allow, bool)> =
        documents.iter().flat_map(|document| document.allows.iter().map(|allow| (allow, document.whole))).collect();
    if allows.is_empty() {
        return findings;
    }
    let mut used = vec![false; allows.len()];
    let mut about = Vec::new();
    let mut remaining: Vec<Finding> = Vec::new();
    for finding in findings {
        let asked = allows.iter().position(|(allow, _)| covers(allow, &finding));
        match asked {
            Some(at) if may(&finding) => used[at] = true,
            Some(at) => {
                used[at] = true;
                about.push(found::not_allowable(&allows[at].0.place, finding.code.0));
                remaining.push(finding);
            }
            None => remaining.push(finding),
        }
    }
    for ((allow, whole), used) in allows.into_iter().zip(used) {
        if catalogue::find(&allow.code).is_none() {
            about.push(found::allow_without_code(allow));
        } else if !used && whole {
            about.push(found::unused_allow(allow));
        } else if allow.reason.is_none() {
            about.push(found::allow_without_reason(allow));
        }
    }
    remaining.extend(about);
    remaining.sort_by(|a, b| {
        let key = |finding: &Finding| {
            (finding.primary.file.clone(), finding.primary.start, finding.code, finding.primary.end)
        };
        key(a).cmp(&key(b))
    });
    remaining
}

fn may(finding: &Finding) -> bool {
    finding.severity == Severity::Warning || TAKEN_ON.contains(&finding.code.0)
}

fn covers(allow: &Allow, finding: &Finding) -> bool {
    let code = catalogue::find(&allow.code).is_some_and(|row| row.code == finding.code.0);
    let (line, place) = (&allow.covers, &finding.primary);
    code && line.file == place.file && line.start <= place.start && place.start <= line.end
}
