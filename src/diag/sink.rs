//! Collects findings: one root cause per place, in a fixed order. Does not decide what is wrong.
use super::{Finding, Place};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(crate) struct Sink {
    by_place: BTreeMap<Place, Vec<Finding>>,
}

impl Sink {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// At one place the most severe findings stay, and of one code the first. Empty places (a whole file, a gap) gather
    /// unrelated findings, so that only repetitions are dropped there.
    pub(crate) fn push(&mut self, finding: Finding) {
        let here = self.by_place.entry(finding.primary.clone()).or_default();
        if finding.primary.is_empty() {
            if !here.iter().any(|known| known.code == finding.code && known.message == finding.message) {
                here.push(finding);
            }
            return;
        }
        if here.iter().any(|known| known.severity > finding.severity || known.code == finding.code) {
            return;
        }
        here.retain(|known| known.severity >= finding.severity);
        here.push(finding);
    }

    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.push(finding);
        }
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.by_place.values().flatten().any(Finding::is_error)
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.by_place.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.by_place.values().flatten()
    }

    /// Sorted by path, offset, code.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        let mut all: Vec<Finding> = self.by_place.into_values().flatten().collect();
        all.sort_by(|a, b| {
            let key = |f: &Finding| (f.primary.file.clone(), f.primary.start, f.code, f.primary.end);
            key(a).cmp(&key(b))
        });
        all
    }
}
